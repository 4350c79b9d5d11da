"""Confirmation codes: random, one at a time for each purpose, and for a limited time."""

from __future__ import annotations

import hashlib
import hmac
import json
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from . import attempts, directory, errors, outbox, schema
from .cognito import DIGITS
from .records import CONFIRMED, DAY, Code, User

if TYPE_CHECKING:
    from collections.abc import Callable

    from .cognito import Cognito
    from .records import Pool

LENGTH = 6
LIFETIME = DAY
LETTERS = "abcdefghijklmnopqrstuvwxyz"
MEDIA = {"email": "EMAIL", "phone_number": "SMS"}
SIGN_UP = "sign-up"
USED_SIGN_UP = "sign-up, done"
FORGOTTEN_PASSWORD = "forgotten password"  # noqa: S105 - a purpose, no secret
NOWHERE = "nobody@example.com"
_PHONE_DIGITS = 11


def send(
    cognito: Cognito, user: User, purpose: str, attribute: str, lifetime: int = LIFETIME
) -> dict[str, str]:
    """Send a new code to the user's *attribute*, in place of an earlier one for this *purpose*.

    Returns:
        CodeDeliveryDetails: ``Destination`` (masked), ``DeliveryMedium``, ``AttributeName``.
    """
    destination = user.attributes[attribute]
    code = make(cognito, user, purpose, lifetime, attribute)
    outbox.send_code(cognito, user.pool_id, destination, "Your confirmation code", code)
    return delivery_details(attribute, destination)


def make(
    cognito: Cognito, user: User, purpose: str, lifetime: int = LIFETIME, attribute: str | None = None
) -> str:
    """Return a new code for the user's *attribute*, in place of an earlier one for this *purpose*."""
    bound = bound_to(user, purpose, attribute)
    code = cognito.random_text(LENGTH, DIGITS)
    expires = cognito.now() + lifetime
    cognito.store.codes.put(Code(user.pool_id, user.username, purpose, code, expires, bound))
    return code


def bound_to(user: User, purpose: str, attribute: str | None) -> str:
    """Return a digest of what a code for this *purpose* is worth something for: the address that it went to.

    A code that replaces a password hangs also on the one to replace, on the user's status, and on the
    address still being verified.
    """
    parts = [attribute, user.attributes.get(attribute or "")]
    if purpose == FORGOTTEN_PASSWORD:
        parts += [user.state, user.attributes.get(f"{attribute}_verified")]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def check(cognito: Cognito, user: User, purpose: str, attribute: str | None, given: str) -> None:
    """Check a code that went to the user's *attribute*; it stays valid until `forget` or a newer one.

    Raises:
        CognitoError: CodeMismatchException; ExpiredCodeException when there is none (any more).
    """
    expected = cognito.store.codes.get(user.pool_id, user.username, purpose)
    if expected is None or cognito.now() >= expected.expires:
        raise errors.CODE_EXPIRED()
    if expected.bound_to != bound_to(user, purpose, attribute):
        raise errors.CODE_EXPIRED()
    if not hmac.compare_digest(expected.code.encode(), given.encode()):
        raise errors.CODE_MISMATCH()


def was_sent(cognito: Cognito, user: User, purpose: str, given: str) -> bool:
    """Tell whether this is the latest code for the *purpose*, however old: who knows it owns the address."""
    sent = cognito.store.codes.get(user.pool_id, user.username, purpose)
    return sent is not None and hmac.compare_digest(sent.code.encode(), given.encode())


def send_unheard(
    cognito: Cognito, pool: Pool, attribute: str, user: User | None, send_to: Callable[[User], object]
) -> None:
    """Send a code by *send_to* if the user gets one at all, which the time that it takes does not tell.

    Args:
        cognito: what every action works with.
        pool: whose user is asked for.
        attribute: where a code could go.
        user: who asked for it, if there is such a user.
        send_to: what sends the code, and refuses before it writes anything.
    """
    if user is not None:
        with suppress(errors.CognitoError):
            send_to(user)
            return
    nobody = User(pool.id, " ", "", CONFIRMED, {attribute: NOWHERE}, "", "", 0, 0)
    with cognito.store.pretence():
        attempts.count_against_quota(cognito, nobody, "ForgotPassword")
        send(cognito, nobody, FORGOTTEN_PASSWORD, attribute)


def keep_used(cognito: Cognito, user: User) -> None:
    """Remember a sign-up code that did its work: who sends it again may hear that the user is confirmed."""
    used = cognito.store.codes.get(user.pool_id, user.username, SIGN_UP)
    if used:
        cognito.store.codes.put(replace(used, purpose=USED_SIGN_UP))


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


def simulated_details(secret: bytes, pool: Pool, name: str, attributes: list[str]) -> dict[str, str]:
    """Return CodeDeliveryDetails that tell nothing but what was asked: they are the same for every user.

    Args:
        secret: the pool's own, so that the made-up letters can't be computed elsewhere.
        pool: whose settings count.
        name: as it was asked for; an address is masked, for any other name one is made up.
        attributes: where the pool may send codes of this kind, the preferred one first.
    """
    if "email" in attributes and schema.is_email(name):
        return delivery_details("email", name)
    if "phone_number" in attributes and schema.is_phone(name):
        return delivery_details("phone_number", name)
    digest = hmac.digest(secret, f"{pool.id} {directory.fold(pool, name)}".encode(), "sha256")
    if attributes[0] == "email":
        first, second = (LETTERS[byte % len(LETTERS)] for byte in digest[:2])
        return delivery_details("email", f"{first}@{second}")
    digits = "".join(DIGITS[byte % len(DIGITS)] for byte in digest[:_PHONE_DIGITS])
    return delivery_details("phone_number", f"+{digits}")
