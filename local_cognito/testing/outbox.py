"""The messages of a test: what Cognito would have sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local_cognito.testing.running import RunningServer


@dataclass(frozen=True)
class Message:
    """A message that Cognito would have sent.

    `user` is a user name, `time` epoch seconds of the pool's clock, `link` confirms the user where the pool
    sends links.
    """

    id: int
    time: float
    to: str
    subject: str
    body: str
    code: str
    user: str
    link: str | None


class Outbox:
    """The messages that were sent since the test began."""

    def __init__(self, running: RunningServer) -> None:
        self._running = running
        self._after = max((message.id for message in self._all()), default=0)

    def _all(self) -> list[Message]:
        return [Message(**message) for message in self._running.ask("/outbox")]

    def messages(self, to: str | None = None) -> list[Message]:
        """Return the messages to an address, or all of them, oldest first."""
        return [message for message in self._all() if message.id > self._after and to in (None, message.to)]

    def codes(self, to: str | None = None) -> list[str]:
        """Return the codes in these messages, oldest first."""
        return [message.code for message in self.messages(to)]

    def latest(self, to: str | None = None) -> Message:
        """Return the last of these messages.

        Raises:
            LookupError: there is none.
        """
        messages = self.messages(to)
        if not messages:
            others = ", ".join(dict.fromkeys(message.to for message in self.messages())) or "nobody"
            raise LookupError(f"This test has sent no message to {to or 'anybody'}, only to {others}.")
        return messages[-1]
