"""The outbox: messages that Cognito would have sent by e-mail or SMS."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from local_cognito.storage.records import MOST_MESSAGES, Message

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Cognito
    from local_cognito.storage.user_records import User

_SECONDS = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?", re.ASCII)


@dataclass(frozen=True)
class Wanted:
    """A selection of messages.

    Attributes:
        to: the e-mail address or telephone number that they went to; None for all of them.
        since: the epoch seconds at which, or after which, they were sent.
    """

    to: str | None = None
    since: float = 0.0


EVERYTHING = Wanted()


def wanted(query: str) -> Wanted:
    """Parse the query of a URL, such as `to=alice@example.com&since=1750000000`.

    A plus sign stands for itself, since telephone numbers begin with one.

    Raises:
        ValueError: a parameter is unknown, repeated, or malformed.
    """
    given: dict[str, str] = {}
    for part in query.split("&") if query else []:
        name, _, value = part.partition("=")
        if name not in ("to", "since") or name in given:
            raise ValueError("The outbox takes the parameters to and since, each once at most.")
        given[name] = _decoded(value)
    if given.get("to") == "":
        raise ValueError("to must be an e-mail address or a telephone number.")
    if not _SECONDS.fullmatch(given.get("since", "0")):
        raise ValueError("since must be a time in epoch seconds, such as 1750000000.5.")
    return Wanted(given.get("to"), float(given.get("since", "0")))


def _decoded(value: str) -> str:
    try:
        return unquote_to_bytes(value.encode("latin-1")).decode()  # WSGI has bytes as Latin-1
    except UnicodeDecodeError:
        raise ValueError("The parameters of the outbox must be UTF-8.") from None


def put(
    cognito: Cognito, user: User, to: str, subject: str, body: str, code: str, link: str | None = None
) -> None:
    """Put a message to a user into the outbox.

    Args:
        cognito: the service.
        user: the receiver.
        to: their e-mail address or telephone number.
        subject: the subject.
        body: the text.
        code: the code or the temporary password in the text.
        link: the path and the query of the link in the text, or None.
    """
    message = Message(
        user.pool_id, to, subject, body, code, cognito.now(), username=user.username, link=link or ""
    )
    cognito.store.messages.put(message)


def read(cognito: Cognito, url: str, wanted: Wanted = EVERYTHING) -> list[dict[str, Any]]:
    """Return the wanted ones of the latest `MOST_MESSAGES` messages, oldest first.

    Each has `id`, a growing number that is never reused, `time`, in epoch seconds, `to`,
    `subject`, `body`, `code`, `user`, the user name, and `link`, which confirms the user, or None.
    Links lead to the server at `url`.
    """
    return [
        {
            "id": message.id,
            "time": message.sent,
            "to": message.to,
            "subject": message.subject,
            "body": with_link(message, url),
            "code": message.code,
            "user": message.username,
            "link": f"{url}{message.link}" if message.link else None,
        }
        for message in cognito.store.messages.latest(MOST_MESSAGES)
        if wanted.to in (None, message.to) and message.sent >= wanted.since
    ]


def with_link(message: Message, url: str) -> str:
    """Return the text of a message, whose link leads to the server at `url`."""
    return message.body.replace(message.link, f"{url}{message.link}") if message.link else message.body


def clear(cognito: Cognito) -> None:
    """Delete every message."""
    cognito.store.messages.delete()
