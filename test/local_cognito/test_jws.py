"""Signatures: of two tokens side by side, outside of transactions, and in whatever process asks for them."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, cast

import jwt
import pytest

from local_cognito.lambdas.functions import Functions
from local_cognito.rules import jws
from local_cognito.rules.cognito import Cognito
from local_cognito.storage.key_stock import make_key
from local_cognito.storage.store import Store
from local_cognito.triggers.running import perform_now
from test.support.pool_driver import ALICE, call_raw, refused

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric import rsa

    from test.support.pool_driver import PoolDriver

NOW = 1_750_000_020.0
KEYS = [make_key(), make_key()]


def two_tokens() -> dict[str, Any]:
    """Return an answer with two tokens, to be signed with a key each."""
    first, second = (jws.unsigned(key.pem, key.kid, {"sub": key.kid}) for key in KEYS)
    return {"AuthenticationResult": {"AccessToken": first, "IdToken": second, "TokenType": "Bearer"}}


def check(answer: dict[str, Any]) -> None:
    """Check that each token bears the signature of its key."""
    result = answer["AuthenticationResult"]
    for token, key in zip((result["AccessToken"], result["IdToken"]), KEYS, strict=True):
        public = jws.private_key(key.pem).public_key()
        assert jwt.decode(token, public, [jws.ALGORITHM]) == {"sub": key.kid}


class BrokenKey:
    """A key that can't sign."""

    def sign(self, *_: object) -> bytes:
        """Fail."""
        raise OSError("no entropy")


class Observed:
    """A key that looks at the database while it signs."""

    def __init__(self, other: Store) -> None:
        self._other = other

    def sign(self, *_: object) -> bytes:
        """Take the lock for writing, as another program might."""
        with self._other.transaction():
            return b"signed"


def unsigned(key: object) -> jws.UnsignedToken:
    """Return a token with a key of the tests'."""
    return jws.UnsignedToken(cast("rsa.RSAPrivateKey", key), b"header.claims")


def test_each_token_is_signed_with_its_own_key() -> None:
    """Two tokens of an answer bear the signatures of two keys."""
    check(jws.sign(two_tokens()))


def test_many_who_sign_at_once_get_their_own_tokens() -> None:
    """Signatures that several threads ask for are not mixed up."""
    answers: list[dict[str, Any]] = [two_tokens() for _ in range(8)]
    threads = [threading.Thread(target=jws.sign, args=(answer,)) for answer in answers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for answer in answers:
        check(answer)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_signs_without_the_thread() -> None:
    """A child process, which has inherited no thread, makes both signatures itself."""
    jws.sign(two_tokens())
    child = os.fork()
    if not child:
        status = 1
        try:
            check(jws.sign(two_tokens()))
            status = 0
        finally:
            os._exit(status)

    _, status = os.waitpid(child, 0)
    assert status == 0


@pytest.mark.parametrize("place", [0, 1])
def test_a_signature_that_fails_is_raised(place: int) -> None:
    """If either of two signatures fails, the caller gets its error, and the next ones succeed."""
    keys: list[object] = [jws.private_key(KEYS[0].pem)] * 2
    keys[place] = BrokenKey()

    with pytest.raises(OSError, match="no entropy"):
        jws.sign({"AuthenticationResult": {str(number): unsigned(key) for number, key in enumerate(keys)}})
    check(jws.sign(two_tokens()))


def test_tokens_are_signed_once_the_changes_are_kept(tmp_path: Path) -> None:
    """While a token is signed, other programs can write to the database."""
    file = str(tmp_path / "pools.db")
    store, other = Store(file), Store(file)
    cognito = Cognito(store, lambda: NOW, os.urandom, "us-east-1", Functions())

    def sign_in(_: Cognito, __: dict[str, Any]) -> dict[str, Any]:
        return {"AuthenticationResult": {"AccessToken": unsigned(Observed(other))}}

    answer = perform_now(cognito, "InitiateAuth", sign_in, {})
    other.close()
    store.close()

    assert answer == {"AuthenticationResult": {"AccessToken": "header.claims.c2lnbmVk"}}


def test_a_damaged_key_leaves_no_sign_in_behind(pool: PoolDriver) -> None:
    """A sign-in whose ID token has no usable key is undone: there is no session of it."""
    pool.user()
    pool.sign_in()
    with pool.changed("keys", pool.id, "id") as key:
        key.pem = "-----BEGIN PRIVATE KEY-----"
    with refused("InternalErrorException", "Something went wrong", 500):
        pool.sign_in()

    named = {"UserPoolId": pool.id, "Username": ALICE}
    listed = call_raw(pool.server.url, "AdminListUserSessions", named).content
    assert len(listed["Sessions"]) == 1
