"""SRP proofs: the exchange that PASSWORD_VERIFIER and DEVICE_PASSWORD_VERIFIER have in common.

The secret block identifies an exchange: the server keeps A, b and B for one user, app client and step,
until a proof succeeds or the session expires.
"""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from local_cognito.authentication import sessions
from local_cognito.authentication.flows import PASSWORD_VERIFIER
from local_cognito.model import errors
from local_cognito.rules import srp
from local_cognito.storage.records import MINUTE

if TYPE_CHECKING:
    from local_cognito.authentication.sign_in import SignIn
    from local_cognito.rules.cognito import Answer, Cognito
    from local_cognito.storage.records import Session

MOST_CLOCK_SKEW = 15 * MINUTE
_SECRET_BLOCK_BYTES = 900
_MOST_SHOWN = 40  # characters of a wrong value that its refusal repeats
_HEX_DIGITS_OF_A = 2 * len(srp.padded(srp.N))

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIMESTAMP = re.compile(
    r"([A-Za-z]{3}) ([A-Za-z]{3}) (\d{1,2}) (\d\d):(\d\d):(\d\d) (?:UTC|GMT) (\d{4})", re.ASCII
)


@dataclass(frozen=True)
class Secret:
    """SRP salt and verifier of a password, as hex."""

    salt: str
    verifier: str


@dataclass(frozen=True)
class Claim:
    """A client's proof; `timestamp` is the canonical text of `moment`, which is epoch seconds."""

    timestamp: str
    moment: float
    signature: str
    secret_block: bytes


def parse_public_value(text: str) -> int:
    """Return SRP_A as a number; no proof is right for one that is 0 modulo N, see `is_right`.

    Raises:
        CognitoError: InvalidParameterException when it is not hex, or too long.
    """
    if not re.fullmatch("[0-9a-fA-F]+", text):
        raise errors.BAD_PUBLIC_VALUE(value=text[:_MOST_SHOWN])
    if len(text) > _HEX_DIGITS_OF_A:
        raise errors.PUBLIC_VALUE_TOO_LONG()
    return int(text, 16)


def begin(
    cognito: Cognito, sign_in: SignIn, step: str, secret: Secret, public_a: int, **data: Any
) -> dict[str, str]:
    """Start an exchange and return the parameters SALT, SRP_B (hex) and SECRET_BLOCK (base64)."""
    b = int.from_bytes(cognito.random_bytes(srp.EXPONENT_BYTES), "big")
    public_b = srp.public_value(b, int(secret.verifier, 16))
    secret_block = cognito.random_bytes(_SECRET_BLOCK_BYTES)
    numbers = {"A": f"{public_a:x}", "b": f"{b:x}", "B": f"{public_b:x}"}
    data = sign_in.progress | data | numbers
    sessions.keep(cognito, secret_block, sign_in.client, sign_in.user, step, **data)
    return {
        "SALT": secret.salt,
        "SRP_B": numbers["B"],
        "SECRET_BLOCK": base64.b64encode(secret_block).decode(),
    }


def ask_for_password(cognito: Cognito, sign_in: SignIn, public_a: int) -> Answer:
    """Return the challenge PASSWORD_VERIFIER for the client's A."""
    user = sign_in.user
    challenge = begin(cognito, sign_in, PASSWORD_VERIFIER, Secret(user.salt, user.verifier), public_a)
    names = {"USERNAME": user.username, "USER_ID_FOR_SRP": user.username}
    answer: Answer = {"ChallengeName": PASSWORD_VERIFIER, "ChallengeParameters": challenge | names}
    if sign_in.rounds is not None:  # clients of CUSTOM_AUTH may pass a session from step to step
        answer["Session"] = challenge["SECRET_BLOCK"]
    return answer


def parse_claim(sign_in: SignIn) -> Claim:
    """Parse the proof in ChallengeResponses; problems are reported in Cognito's order.

    Raises:
        CognitoError: InvalidParameterException.
    """
    timestamp = sign_in.require("TIMESTAMP")
    signature = sign_in.require("PASSWORD_CLAIM_SIGNATURE")
    secret_block = sign_in.require("PASSWORD_CLAIM_SECRET_BLOCK")
    moment = _parse_timestamp(timestamp)
    if _decoded(signature) is None:
        raise errors.SIGNATURE_FORMAT()
    return Claim(canonical(moment), moment.timestamp(), signature, _decoded(secret_block) or b"")


def find(cognito: Cognito, sign_in: SignIn, step: str, claim: Claim) -> Session:
    """Return the exchange of the claim's secret block.

    Raises:
        CognitoError: NotAuthorizedException "Incorrect username or password.", for any problem.
    """
    session = cognito.store.sessions.get(sessions.handle_of(claim.secret_block))
    if session is None or (session.step, session.client_id) != (step, sign_in.client.id):
        raise errors.INCORRECT()
    if not sessions.is_of(session, sign_in.user) or session.spent or cognito.now() >= session.expires:
        raise errors.INCORRECT()
    return session


def is_right(cognito: Cognito, session: Session, claim: Claim, verifier: str, identity: str) -> bool:
    """Tell whether the claim proves the password of `verifier`, and is fresh, give or take 15 minutes.

    No claim is right when A is 0 modulo N: anybody could compute its key (RFC 5054, section 2.5.4).
    """
    public_a, b, public_b = (int(session.data[name], 16) for name in ("A", "b", "B"))
    try:
        key = srp.session_key(public_a, b, public_b, int(verifier, 16))
    except srp.UnsafeValueError:
        return False
    expected = srp.signature(key, identity, claim.secret_block, claim.timestamp)
    is_fresh = abs(cognito.now() - claim.moment) <= MOST_CLOCK_SKEW
    return hmac.compare_digest(expected.encode(), claim.signature.encode()) and is_fresh


def canonical(moment: datetime) -> str:
    """Return the timestamp as the signature covers it, such as `Tue Feb 1 03:04:05 UTC 2000`."""
    weekday, month = _WEEKDAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{weekday} {month} {moment.day} {moment:%H:%M:%S} UTC {moment.year}"


def _parse_timestamp(text: str) -> datetime:
    """Parse a TIMESTAMP leniently: a text that is not canonical fails the signature later."""
    match = _TIMESTAMP.fullmatch(text)
    if match is None or match[1].title() not in _WEEKDAYS:
        raise errors.TIMESTAMP_FORMAT()
    day, hour, minute, second, year = (int(match[group]) for group in (3, 4, 5, 6, 7))
    try:
        return datetime(
            year, _MONTHS.index(match[2].title()) + 1, day, hour, minute, second, tzinfo=timezone.utc
        )
    except ValueError:
        raise errors.TIMESTAMP_FORMAT() from None


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None
