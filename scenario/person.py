"""The person's interface: what shows, asks and waits, and what stands in for mail and telephone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import question
from terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from question import Asker
    from scenario.stand_ins import Authenticator, Mailbox

    Wait = Callable[[float, str], bool]


@dataclass(frozen=True)
class Person:
    """The person who plays a scenario, by default the one at this terminal, or a stand-in.

    Attributes:
        terminal: shows everything.
        ask: answers the questions.
        mailbox: has the messages that were sent, where they can be read.
        authenticator: gives MFA codes for empty answers, where there is a built-in one.
        wait: waits so many seconds for a reason, in place of the terminal; returns False when skipped.
        reads_mail: whether anybody reads the mail with the confirmation code.
    """

    terminal: Terminal = field(default_factory=Terminal)
    ask: Asker = question.ask
    mailbox: Mailbox | None = None
    authenticator: Authenticator | None = None
    wait: Wait | None = None
    reads_mail: bool = True

    def pause(self, seconds: float, reason: str) -> None:
        """Wait for a reason, unless that is skipped."""
        (self.wait or self.terminal.wait)(seconds, reason)
