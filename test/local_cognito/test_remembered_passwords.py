"""Passwords that were right: the next sign-in with one saves a power of g, and a wrong one never does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local_cognito.rules import srp
from test.support.pool_driver import ALICE, PASSWORD, refused

if TYPE_CHECKING:
    from test.support.pool_driver import PoolDriver

WRONG = ("NotAuthorizedException", "Incorrect username or password.")


@pytest.fixture
def powers(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the list to which each verifier that is made, by a power of g, is added."""
    made: list[int] = []
    make_verifier = srp.make_verifier

    def counted(salt: int, identity: str, password: str) -> int:
        made.append(1)
        return make_verifier(salt, identity, password)

    monkeypatch.setattr(srp, "make_verifier", counted)
    return made


def test_the_second_sign_in_takes_no_power(pool: PoolDriver, powers: list[int]) -> None:
    """A password that has just been right is compared without a power of g."""
    pool.user()
    pool.sign_in()
    powers.clear()

    assert "AuthenticationResult" in pool.sign_in()
    assert not powers


def test_a_wrong_password_takes_all_the_work(pool: PoolDriver, powers: list[int]) -> None:
    """A wrong password takes its power, however often the right one was given, which is forgotten then."""
    pool.user()
    pool.sign_in()
    for _ in range(2):
        powers.clear()
        with refused(*WRONG):
            pool.sign_in(password="Wrong-Horse-1")
        assert powers == [1]
    powers.clear()
    pool.sign_in()

    assert powers == [1]


def test_a_changed_password_is_not_remembered(pool: PoolDriver) -> None:
    """Once the password has changed, the one before is wrong."""
    pool.user()
    pool.sign_in()
    pool.api.admin_set_user_password(
        UserPoolId=pool.id, Username=ALICE, Password="Other-Horse-1", Permanent=True
    )

    with refused(*WRONG):
        pool.sign_in(password=PASSWORD)
