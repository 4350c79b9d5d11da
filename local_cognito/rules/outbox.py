"""The outbox: messages that Cognito would have sent by e-mail or SMS."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from local_cognito.model import without_effect
from local_cognito.storage.records import MOST_MESSAGES, Message

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Cognito

CONFIRMATION = "Your confirmation code"
INVITATION = "Your temporary password"
AUTHENTICATION = "Your authentication code"
# The pool's settings for a message, by what it is for and whether it goes by e-mail. None has an effect here.
_SETTINGS = {
    (CONFIRMATION, True): (
        "EmailVerificationMessage",
        "EmailVerificationSubject",
        "VerificationMessageTemplate.EmailMessage",
        "VerificationMessageTemplate.EmailSubject",
        "VerificationMessageTemplate.DefaultEmailOption=CONFIRM_WITH_LINK",
    ),
    (CONFIRMATION, False): ("SmsVerificationMessage", "VerificationMessageTemplate.SmsMessage"),
    (INVITATION, True): ("AdminCreateUserConfig.InviteMessageTemplate",),
    (INVITATION, False): ("AdminCreateUserConfig.InviteMessageTemplate",),
    (AUTHENTICATION, True): ("EmailMfaConfiguration.Message", "EmailMfaConfiguration.Subject"),
    (AUTHENTICATION, False): ("SmsAuthenticationMessage", "SmsMfaConfiguration.SmsAuthenticationMessage"),
}
_SENDERS = {True: "LambdaConfig.CustomEmailSender", False: "LambdaConfig.CustomSMSSender"}
_SECONDS = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?", re.ASCII)


@dataclass(frozen=True)
class Wanted:
    """Which messages to read.

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


def send_code(cognito: Cognito, pool_id: str, to: str, subject: str, code: str) -> None:
    """Put a message with `code` into the outbox; `subject` is one of those above."""
    pool, is_email = cognito.store.pools.get(pool_id), "@" in to
    if pool:
        settings = (*_SETTINGS[subject, is_email], _SENDERS[is_email], "LambdaConfig.CustomMessage")
        without_effect.report(pool_id, pool.settings, *settings)
    body = f"{subject} is {code}"
    cognito.store.messages.put(Message(pool_id, to, subject, body, code, cognito.now()))


def read(cognito: Cognito, wanted: Wanted = EVERYTHING) -> list[dict[str, Any]]:
    """Return the wanted ones of the latest `MOST_MESSAGES` messages, oldest first.

    Each has `id`, a growing number that is never reused, `time`, in epoch seconds, `to`,
    `subject`, `body` and `code`.
    """
    return [
        {
            "id": message.id,
            "time": message.sent,
            "to": message.to,
            "subject": message.subject,
            "body": message.body,
            "code": message.code,
        }
        for message in cognito.store.messages.latest(MOST_MESSAGES)
        if wanted.to in (None, message.to) and message.sent >= wanted.since
    ]


def clear(cognito: Cognito) -> None:
    """Delete every message."""
    cognito.store.messages.delete()
