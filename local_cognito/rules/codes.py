"""Confirmation codes: random, limited in time, one per user and purpose."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from local_cognito.model import errors
from local_cognito.rules.cognito import DIGITS
from local_cognito.storage.records import DAY
from local_cognito.storage.user_records import Code, User

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Cognito

LENGTH = 6
LIFETIME = DAY
MEDIA = {"email": "EMAIL", "phone_number": "SMS"}
SIGN_UP = "sign-up"
_NO_CODE = Code("", "", "", "no code", 0.0, "0" * 64)  # longer than a code, and expired
USED_SIGN_UP = "sign-up, done"
FORGOTTEN_PASSWORD = "forgotten password"  # noqa: S105 - a purpose, no secret


def make(
    cognito: Cognito, user: User, purpose: str, lifetime: int = LIFETIME, attribute: str | None = None
) -> str:
    """Return a new code, bound to the user's `attribute`; it replaces an earlier one for this `purpose`."""
    bound = bound_to(user, purpose, attribute)
    code = cognito.random_text(LENGTH, DIGITS)
    expires = cognito.now() + lifetime
    cognito.store.codes.put(Code(user.pool_id, user.username, purpose, code, expires, bound))
    return code


def bound_to(user: User, purpose: str, attribute: str | None) -> str:
    """Return a digest of the state that a code for this `purpose` depends on: the address that it went to.

    A code to reset a password also depends on the present password, on the user's status, and on the
    address still being verified.
    """
    parts = [attribute, user.attributes.get(attribute or "")]
    if purpose == FORGOTTEN_PASSWORD:
        parts += [user.state, user.attributes.get(f"{attribute}_verified")]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def check(cognito: Cognito, user: User, purpose: str, attribute: str | None, given: str) -> None:
    """Check a code that went to the user's `attribute`; it stays valid until `forget` or a newer one.

    Raises:
        CognitoError: CodeMismatchException; ExpiredCodeException without a valid code.
    """
    expected = _sent(cognito, user, purpose)
    is_bound = expected.bound_to == bound_to(user, purpose, attribute)
    is_right = hmac.compare_digest(expected.code.encode(), given.encode())
    if cognito.now() >= expected.expires or not is_bound:
        raise errors.CODE_EXPIRED()
    if not is_right:
        raise errors.CODE_MISMATCH()


def was_sent(cognito: Cognito, user: User, purpose: str, given: str) -> bool:
    """Tell whether this is the latest code for the `purpose`, however old: its sender owns the address."""
    return hmac.compare_digest(_sent(cognito, user, purpose).code.encode(), given.encode())


def _sent(cognito: Cognito, user: User, purpose: str) -> Code:
    """Return the latest code for the purpose; where there is none, one that nobody can send back.

    Either takes as long, and so does every check of it.
    """
    sent = cognito.store.codes.get(user.pool_id, user.username, purpose)
    return sent or cognito.store.codes.imitate(_NO_CODE)


def keep_used(cognito: Cognito, user: User) -> None:
    """Keep a used sign-up code: a client that sends it again may learn that the user is confirmed."""
    used = cognito.store.codes.get(user.pool_id, user.username, SIGN_UP)
    if used:
        cognito.store.codes.put(replace(used, purpose=USED_SIGN_UP))


def verification(attribute: str) -> str:
    """Return the purpose of codes that verify a user's `attribute`."""
    return f"verify {attribute}"


def forget(cognito: Cognito, user: User, purpose: str) -> None:
    """Delete the user's code for this purpose."""
    cognito.store.codes.delete(pool_id=user.pool_id, username=user.username, purpose=purpose)


def delivery_details(attribute: str, destination: str) -> dict[str, str]:
    """Return CodeDeliveryDetails with the destination masked as Cognito masks it."""
    if attribute == "email":
        local, _, domain = destination.partition("@")
        masked = f"{local[:1]}***@{domain[:1]}***"
    else:
        masked = "+" + "*" * (len(destination) - 5) + destination[-4:]
    return {"Destination": masked, "DeliveryMedium": MEDIA[attribute], "AttributeName": attribute}
