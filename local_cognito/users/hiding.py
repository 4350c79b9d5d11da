"""Hiding who exists: what answers in place of a user for a name that may lead to none."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING

from local_cognito.model import errors
from local_cognito.rules import attempts, codes, srp
from local_cognito.rules.cognito import DIGITS
from local_cognito.storage.records import CONFIRMED, NEVER, SigningKey, User
from local_cognito.users import directory, schema

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
    """Return bytes that are never given out and that stay the same for the pool's life."""
    kept = cognito.store.keys.get(pool.id, HIDING)
    if kept is None:
        kept = SigningKey(pool.id, HIDING, "", cognito.random_bytes(_SECRET_BYTES).hex())
        cognito.store.keys.put(kept)
    return kept.pem.encode()


def user_or_simulated(cognito: Cognito, pool: Pool, client: Client, name: str) -> User:
    """Return the user whom `name` leads to, or a simulated one, for whom `exists` is false.

    Where the client hides who exists, one is simulated in any case: it takes as long for a user who exists.
    """
    user = directory.find_user(cognito, pool, name)
    if user is not None and not client.hides_existence:
        return user
    simulated = simulated_user(cognito, pool, name)
    return user or simulated


def simulated_user(cognito: Cognito, pool: Pool, name: str) -> User:
    """Return a user for a name that nobody has, the same one each time, whose password nobody knows.

    The verifier is a number without a password, which takes no power of g to make.
    """
    folded = directory.fold(pool, name)
    whose = f"{pool.id} {folded}".encode()
    seed = hmac.digest(_secret(cognito, pool), whose, "sha512")
    salt = srp.new_salt(lambda count: seed[:count])
    sub = str(uuid.UUID(bytes=seed[16:32], version=4))
    verifier = int.from_bytes(hashlib.shake_256(seed).digest(_VERIFIER_BYTES), "big") % srp.N
    names = (*pool.username_attributes, *pool.alias_attributes)
    is_alias = ("email" in names and schema.is_email(name)) or (
        "phone_number" in names and schema.is_phone(name)
    )
    username = sub if is_alias else folded
    return User(pool.id, username, sub, CONFIRMED, {}, f"{salt:x}", f"{verifier:x}", NEVER, NEVER)


def simulated_details(cognito: Cognito, pool: Pool, name: str, attributes: list[str]) -> dict[str, str]:
    """Return CodeDeliveryDetails that tell nothing but what was asked: they are the same for every user.

    Args:
        cognito: what every action works with.
        pool: whose settings count.
        name: as it was asked for; an address is masked, for any other name one is made up.
        attributes: where the pool may send codes of this kind, the preferred one first.
    """
    if "email" in attributes and schema.is_email(name):
        return codes.delivery_details("email", name)
    if "phone_number" in attributes and schema.is_phone(name):
        return codes.delivery_details("phone_number", name)
    # A secret goes in, so that the made-up letters can't be computed elsewhere.
    digest = hmac.digest(_secret(cognito, pool), f"{pool.id} {directory.fold(pool, name)}".encode(), "sha256")
    if attributes[0] == "email":
        first, second = (_LETTERS[byte % len(_LETTERS)] for byte in digest[:2])
        return codes.delivery_details("email", f"{first}@{second}")
    digits = "".join(DIGITS[byte % len(DIGITS)] for byte in digest[:_PHONE_DIGITS])
    return codes.delivery_details("phone_number", f"+{digits}")


def send_unheard(
    cognito: Cognito, pool: Pool, attribute: str, user: User | None, send_to: Callable[[User], object]
) -> None:
    """Send a code by `send_to` if the user gets one at all, which the time that it takes does not tell.

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
    nobody = User(pool.id, " ", "", CONFIRMED, {attribute: _NOWHERE}, "", "", NEVER, NEVER)
    with cognito.store.rolled_back():
        attempts.count_against_quota(cognito, nobody, "ForgotPassword")
        codes.send(cognito, nobody, codes.FORGOTTEN_PASSWORD, attribute)
