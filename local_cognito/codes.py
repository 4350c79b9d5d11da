"""Confirmation codes: random, one at a time for each purpose, and for a limited time."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from . import errors, outbox
from .cognito import DIGITS
from .records import DAY, Code, User

if TYPE_CHECKING:
    from .cognito import Cognito
    from .records import Pool

LENGTH = 6
LIFETIME = DAY
LETTERS = "abcdefghijklmnopqrstuvwxyz"
MEDIA = {"email": "EMAIL", "phone_number": "SMS"}
SIGN_UP = "sign-up"


def send(
    cognito: Cognito, user: User, purpose: str, attribute: str, lifetime: int = LIFETIME
) -> dict[str, str]:
    """Send a new code to the user's *attribute*, in place of an earlier one for this *purpose*.

    Returns:
        CodeDeliveryDetails: ``Destination`` (masked), ``DeliveryMedium``, ``AttributeName``.
    """
    code = make(cognito, user, purpose, lifetime)
    destination = user.attributes[attribute]
    outbox.send_code(cognito, user.pool_id, destination, "Your confirmation code", code)
    return delivery_details(attribute, destination)


def make(cognito: Cognito, user: User, purpose: str, lifetime: int = LIFETIME) -> str:
    """Return a new code, in place of an earlier one for this *purpose*."""
    code = cognito.random_text(LENGTH, DIGITS)
    cognito.store.codes.put(Code(user.pool_id, user.username, purpose, code, cognito.now() + lifetime))
    return code


def check(cognito: Cognito, user: User, purpose: str, given: str) -> None:
    """Check a code; it stays valid until `forget` or a newer one.

    Raises:
        CognitoError: CodeMismatchException; ExpiredCodeException when there is none (any more).
    """
    expected = cognito.store.codes.get(user.pool_id, user.username, purpose)
    if expected is None or cognito.now() >= expected.expires:
        raise errors.CODE_EXPIRED()
    if not hmac.compare_digest(expected.code.encode(), given.encode()):
        raise errors.CODE_MISMATCH()


def verification(attribute: str) -> str:
    """Return the purpose of codes that verify a user's *attribute*."""
    return f"verify {attribute}"


def forget(cognito: Cognito, user: User, purpose: str) -> None:
    """Make the code worthless, once it has done its work."""
    cognito.store.codes.delete(pool_id=user.pool_id, username=user.username, purpose=purpose)


def delivery_details(attribute: str, destination: str) -> dict[str, str]:
    """Return CodeDeliveryDetails with the destination masked as Cognito masks it."""
    if attribute == "email":
        local, _, domain = destination.partition("@")
        masked = f"{local[:1]}***@{domain[:1]}***"
    else:
        masked = "+" + "*" * (len(destination) - 5) + destination[-4:]
    return {"Destination": masked, "DeliveryMedium": MEDIA[attribute], "AttributeName": attribute}


def simulated_details(pool: Pool, name: str) -> dict[str, str]:
    """Return CodeDeliveryDetails for a user who does not exist: the same each time, as for one who does."""
    digest = hashlib.sha256(f"{pool.id} {name}".encode()).digest()
    first, second = (LETTERS[byte % len(LETTERS)] for byte in digest[:2])
    return delivery_details("email", f"{first}@{second}")
