"""The lock after failed sign-ins: 2^(n-5) seconds after the n-th failure, for passwords and MFA codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from test.support.pool_driver import (
    ALICE,
    BOB,
    INCORRECT,
    LOCKED_OUT,
    MINUTE,
    TOTP_MISMATCH,
    TOTP_USED,
    WRONG_PASSWORD,
    refused,
    totp,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import PoolDriver


def fail(pool: PoolDriver, times: int = 1) -> None:
    """Give a wrong password so many times, each as soon as the lock lets it through."""
    for _ in range(times):
        with refused(*INCORRECT):
            pool.sign_in(password=WRONG_PASSWORD)


def fail_through_locks(pool: PoolDriver, failures: int) -> None:
    """Fail until the count is `failures`, waiting out each lock."""
    fail(pool, 5)
    for number in range(5, failures):
        pool.clock.advance(2 ** (number - 5))
        fail(pool)


def test_four_failures_are_free(pool: PoolDriver) -> None:
    """After four wrong passwords the right one is accepted at once."""
    pool.user()
    fail(pool, 4)

    assert pool.sign_in()["AuthenticationResult"]


@pytest.mark.parametrize("failures", [5, 6, 7, 10])
def test_lock_doubles(pool: PoolDriver, failures: int) -> None:
    """The n-th failure locks for 2^(n-5) seconds, against the right password too."""
    pool.user()
    fail_through_locks(pool, failures)
    lock = 2 ** (failures - 5)

    with refused(*LOCKED_OUT):
        pool.sign_in()
    pool.clock.advance(lock - 0.01)
    with refused(*LOCKED_OUT):
        pool.sign_in()
    with refused(*LOCKED_OUT):
        pool.admin_sign_in()
    pool.clock.advance(0.01)

    assert pool.sign_in()["AuthenticationResult"]


def test_lock_is_capped(pool: PoolDriver) -> None:
    """No lock is longer than 15 minutes: the 15th failure would lock for 17."""
    pool.user()
    fail_through_locks(pool, 15)

    pool.clock.advance(15 * MINUTE - 0.01)
    with refused(*LOCKED_OUT):
        pool.sign_in()
    pool.clock.advance(0.01)

    assert pool.sign_in()["AuthenticationResult"]


def test_attempts_while_locked_do_not_count(pool: PoolDriver) -> None:
    """Wrong passwords during the lock neither prolong nor deepen it."""
    pool.user()
    fail(pool, 5)
    for _ in range(10):
        with refused(*LOCKED_OUT):
            pool.sign_in(password=WRONG_PASSWORD)

    pool.clock.advance(1)
    fail(pool)
    with refused(*LOCKED_OUT):
        pool.sign_in()
    pool.clock.advance(2)

    assert pool.sign_in()["AuthenticationResult"]


def test_success_starts_anew(pool: PoolDriver) -> None:
    """After a successful sign-in four failures are free again."""
    pool.user()
    fail(pool, 4)
    pool.sign_in()
    fail(pool, 4)

    assert pool.sign_in()["AuthenticationResult"]


def test_quarter_of_an_hour_starts_anew(pool: PoolDriver) -> None:
    """15 minutes after the latest failure all are forgotten, even if nobody signed in."""
    pool.user()
    fail(pool, 4)
    pool.clock.advance(15 * MINUTE)
    fail(pool, 4)

    assert pool.sign_in()["AuthenticationResult"]


def test_failures_are_kept_for_less_than_that(pool: PoolDriver) -> None:
    """A failure just under 15 minutes after the others makes five."""
    pool.user()
    fail(pool, 4)
    pool.clock.advance(15 * MINUTE - 1)
    fail(pool)

    with refused(*LOCKED_OUT):
        pool.sign_in()


def test_both_calls_count(pool: PoolDriver) -> None:
    """Failures by InitiateAuth and AdminInitiateAuth add up."""
    pool.user()
    fail(pool, 3)
    for _ in range(2):
        with refused(*INCORRECT):
            pool.admin_sign_in(password=WRONG_PASSWORD)

    with refused(*LOCKED_OUT):
        pool.sign_in()


def test_lock_is_the_users_own(pool: PoolDriver, make_pool: Callable[..., PoolDriver]) -> None:
    """One user's lock does not concern another, nor a namesake in another pool."""
    elsewhere = make_pool()
    elsewhere.user()
    pool.user(BOB)
    pool.user(ALICE)
    fail(pool, 5)

    assert pool.sign_in(BOB)["AuthenticationResult"]
    assert elsewhere.sign_in(ALICE)["AuthenticationResult"]


def give_code(pool: PoolDriver, session: str, code: str) -> dict[str, Any]:
    """Answer the MFA challenge with a code."""
    return pool.answer("SOFTWARE_TOKEN_MFA", ALICE, session, SOFTWARE_TOKEN_MFA_CODE=code)


class TestMfaCodes:
    """Wrong MFA codes feed the same count."""

    @pytest.fixture
    def waiting(self, mfa_pool: PoolDriver) -> tuple[str, str]:
        """Return session and TOTP secret of a sign-in that waits for a code; four wrong ones were given."""
        secret = mfa_pool.enrolled()
        session = mfa_pool.sign_in()["Session"]
        for _ in range(4):
            with refused(*TOTP_MISMATCH):
                give_code(mfa_pool, session, "wrong")
        return session, secret

    def test_wrong_codes_lock(self, mfa_pool: PoolDriver, waiting: tuple[str, str]) -> None:
        """After five wrong codes neither the right code nor the right password is accepted for a while."""
        session, secret = waiting
        with refused(*TOTP_MISMATCH):
            give_code(mfa_pool, session, "wrong")

        with refused(*LOCKED_OUT):
            give_code(mfa_pool, session, totp(secret, mfa_pool.clock.now))
        with refused(*LOCKED_OUT):
            mfa_pool.sign_in()
        mfa_pool.clock.advance(1)
        assert give_code(mfa_pool, session, totp(secret, mfa_pool.clock.now))["AuthenticationResult"]

    def test_codes_and_passwords_add_up(self, mfa_pool: PoolDriver, waiting: tuple[str, str]) -> None:
        """Four wrong codes and a wrong password lock."""
        fail(mfa_pool)

        with refused(*LOCKED_OUT):
            mfa_pool.sign_in()

    def test_right_password_alone_does_not_reset(
        self, mfa_pool: PoolDriver, waiting: tuple[str, str]
    ) -> None:
        """The count starts again with tokens, not with the password that precedes the code."""
        mfa_pool.sign_in()
        fail(mfa_pool)

        with refused(*LOCKED_OUT):
            mfa_pool.sign_in()

    def test_right_code_resets(self, mfa_pool: PoolDriver, waiting: tuple[str, str]) -> None:
        """After a sign-in that went all the way four failures are free again."""
        session, secret = waiting
        give_code(mfa_pool, session, totp(secret, mfa_pool.clock.now))
        fail(mfa_pool, 4)

        assert mfa_pool.sign_in()["ChallengeName"] == "SOFTWARE_TOKEN_MFA"

    def test_used_code_is_no_failure(self, mfa_pool: PoolDriver, waiting: tuple[str, str]) -> None:
        """A right code that was used before does not count as a wrong one."""
        session, secret = waiting
        with refused(*TOTP_USED):
            give_code(mfa_pool, session, totp(secret, mfa_pool.clock.now, -1))

        assert mfa_pool.sign_in()["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
