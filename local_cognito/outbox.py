"""The mailbox: what Cognito would have sent by e-mail or SMS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .records import Message
from .retention import MOST_MESSAGES

if TYPE_CHECKING:
    from .cognito import Cognito


def send_code(cognito: Cognito, pool_id: str, to: str, subject: str, code: str) -> None:
    """Put a message with `code` into the outbox."""
    body = f"{subject} is {code}"
    cognito.store.messages.put(Message(pool_id, to, subject, body, code, cognito.now()))


def read(cognito: Cognito) -> list[dict[str, Any]]:
    """Return the latest `MOST_MESSAGES`, oldest first, as `to`, `subject`, `body` and `code`."""
    return [
        {"to": message.to, "subject": message.subject, "body": message.body, "code": message.code}
        for message in cognito.store.messages.latest(MOST_MESSAGES)
    ]
