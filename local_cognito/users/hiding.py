"""Hiding which users exist: simulated users and deliveries for names that nobody has."""

from __future__ import annotations

import hashlib
import hmac
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING

from local_cognito.model import errors
from local_cognito.rules import attempts, codes, srp
from local_cognito.rules.cognito import DIGITS, uuid_text
from local_cognito.storage.records import SigningKey
from local_cognito.storage.user_records import CONFIRMED, NEVER, User
from local_cognito.users import directory, messages, schema

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cognito.rules.cognito import Cognito
    from local_cognito.storage.records import Client, Pool

HIDING = "hiding"
_SECRET_BYTES = 32
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_NOWHERE = "nobody@example.com"
_PHONE_DIGITS = 11
_VERIFIER_BYTES = len(srp.padded(srp.N))


def _secret(cognito: Cognito, pool: Pool) -> bytes:
    """Return the pool's secret, from which simulated users are derived; it never changes."""
    kept = cognito.store.keys.get(pool.id, HIDING)
    if kept is None:
        kept = SigningKey(pool.id, HIDING, "", cognito.random_bytes(_SECRET_BYTES).hex())
        cognito.store.keys.put(kept)
    return kept.pem.encode()


def user_or_simulated(cognito: Cognito, pool: Pool, client: Client, name: str) -> User:
    """Return the user with this name, or a simulated one, whose `exists` is false.

    Where the client hides existence, a user is simulated in any case, so that both take as long.
    """
    user = directory.find_user(cognito, pool, name)
    if user is not None and not client.hides_existence:
        return user
    simulated = simulated_user(cognito, pool, name)
    return user or simulated


def simulated_user(cognito: Cognito, pool: Pool, name: str) -> User:
    """Return a user for a name that nobody has: always the same one, without a password.

    The verifier is derived from the pool's secret, not from a password, which saves a power of g.
    """
    folded = directory.fold(pool, name)
    whose = f"{pool.id} {folded}".encode()
    seed = hmac.digest(_secret(cognito, pool), whose, "sha512")
    salt = srp.new_salt(lambda count: seed[:count])
    sub = uuid_text(seed[16:32])
    verifier = int.from_bytes(hashlib.shake_256(seed).digest(_VERIFIER_BYTES), "big") % srp.N
    names = (*pool.username_attributes, *pool.alias_attributes)
    is_alias = ("email" in names and schema.is_email(name)) or (
        "phone_number" in names and schema.is_phone(name)
    )
    username = sub if is_alias else folded
    return User(pool.id, username, sub, CONFIRMED, {}, f"{salt:x}", f"{verifier:x}", NEVER, NEVER)


def simulated_details(cognito: Cognito, pool: Pool, name: str, attributes: list[str]) -> dict[str, str]:
    """Return CodeDeliveryDetails that depend on the requested name alone, not on whether a user has it.

    Args:
        cognito: the service.
        pool: the user pool.
        name: the name in the request; an address is masked, for any other name one is made up.
        attributes: the addresses that the pool may send such codes to, the preferred one first.
    """
    if "email" in attributes and schema.is_email(name):
        return codes.delivery_details("email", name)
    if "phone_number" in attributes and schema.is_phone(name):
        return codes.delivery_details("phone_number", name)
    # The secret keeps clients from computing the made-up letters.
    digest = hmac.digest(_secret(cognito, pool), f"{pool.id} {directory.fold(pool, name)}".encode(), "sha256")
    if attributes[0] == "email":
        first, second = (_LETTERS[byte % len(_LETTERS)] for byte in digest[:2])
        return codes.delivery_details("email", f"{first}@{second}")
    digits = "".join(DIGITS[byte % len(DIGITS)] for byte in digest[:_PHONE_DIGITS])
    return codes.delivery_details("phone_number", f"+{digits}")


def send_or_simulate(
    cognito: Cognito, pool: Pool, attribute: str, user: User | None, send_to: Callable[[User], object]
) -> None:
    """Send a code if the user may get one; otherwise do the same work and roll it back.

    Args:
        cognito: the service.
        pool: the user pool.
        attribute: an address that the pool may send the code to.
        user: the requested user, or None.
        send_to: sends the code, or refuses before it writes anything.
    """
    if user is not None:
        with suppress(errors.CognitoError):
            send_to(user)
            return
    nobody = User(pool.id, " ", "", CONFIRMED, {attribute: _NOWHERE}, "", "", NEVER, NEVER)
    muted = nullcontext() if cognito.journal is None else cognito.journal.muted()
    with cognito.store.rolled_back(), muted:
        attempts.count_against_quota(cognito, nobody, "ForgotPassword")
        occasion = messages.Occasion("ForgotPassword", messages.NO_CLIENT)
        messages.send_code(cognito, pool, nobody, codes.FORGOTTEN_PASSWORD, attribute, occasion)
