"""Guessing codes and passwords: the limits stop it, and nothing goes around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from test.support.password_srp import PasswordSrp, other_code
from test.support.pool_driver import (
    ALICE,
    ATTEMPT_LIMIT,
    CODE_MISMATCH,
    HOUR,
    INCORRECT,
    LOCKED_OUT,
    PASSWORD,
    WRONG_PASSWORD,
    refused,
    totp,
)
from test.support.pools import OWN_EMAIL, REQUIRED_TOTP

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import PoolDriver


USER_GONE = ("UserNotFoundException", "User does not exist.")


class Guessing:
    """The three actions that take a code out of a message: how to ask for one and how to give it."""

    def __init__(self, pool: PoolDriver, action: str) -> None:
        """Sign Alice up; a code is on its way to her."""
        self.pool, self.action = pool, action
        if action == "ConfirmSignUp":
            pool.sign_up()
        else:
            pool.user()
            self.token = pool.sign_in()["AuthenticationResult"]["AccessToken"]
            self.send()
        self.code = pool.codes()[-1]

    def send(self) -> None:
        """Ask for another code."""
        if self.action == "ConfirmSignUp":
            self.pool.resend()
        elif self.action == "ConfirmForgotPassword":
            self.pool.api.forgot_password(ClientId=self.pool.client_id, Username=ALICE)
        else:
            self.pool.api.get_user_attribute_verification_code(AccessToken=self.token, AttributeName="email")
        self.code = self.pool.codes()[-1]

    def give(self, code: str) -> None:
        """Give a code."""
        if self.action == "ConfirmSignUp":
            self.pool.confirm(code=code)
        elif self.action == "ConfirmForgotPassword":
            self.pool.api.confirm_forgot_password(
                ClientId=self.pool.client_id,
                Username=ALICE,
                ConfirmationCode=code,
                Password="Another-Horse-2!",
            )
        else:
            self.pool.api.verify_user_attribute(AccessToken=self.token, AttributeName="email", Code=code)

    def guess(self, times: int) -> int:
        """Guess wrong so often; return how many guesses were looked at."""
        looked_at = 0
        for _ in range(times):
            with pytest.raises(ClientError) as caught:
                self.give(other_code(self.code))
            error = caught.value.response["Error"]
            looked_at += (error["Code"], error["Message"]) == CODE_MISMATCH
        return looked_at


@pytest.mark.parametrize("action", ["ConfirmSignUp", "ConfirmForgotPassword", "VerifyUserAttribute"])
class TestGuessingSentCodes:
    """A million codes, a handful of guesses."""

    def test_right(self, pool: PoolDriver, action: str) -> None:
        """The right code after a few wrong ones is taken."""
        guessing = Guessing(pool, action)
        guessing.guess(3)
        guessing.give(guessing.code)

    def test_limit(self, pool: PoolDriver, action: str) -> None:
        """The limit stops a guesser; then even the right code is not looked at."""
        guessing = Guessing(pool, action)

        assert guessing.guess(40) <= 15
        with refused(*ATTEMPT_LIMIT):
            guessing.give(guessing.code)

    def test_new_code(self, pool: PoolDriver, action: str) -> None:
        """A new code brings no new guesses."""
        guessing = Guessing(pool, action)
        guesses = guessing.guess(20)
        guessing.send()

        assert guesses + guessing.guess(20) <= 15

    def test_another_client(self, pool: PoolDriver, action: str) -> None:
        """Nor does another app client."""
        guessing = Guessing(pool, action)
        guesses = guessing.guess(20)
        guessing.pool = pool.other_client()

        assert guesses + guessing.guess(20) <= 15


class Factor:
    """A second factor, and an attacker who knows Alice's password."""

    def __init__(self, make_pool: Callable[..., PoolDriver], challenge: str) -> None:
        """Make Alice, whose second factor it is."""
        self.challenge = challenge
        if challenge == "SOFTWARE_TOKEN_MFA":
            self.pool = make_pool({}, REQUIRED_TOTP)
            self.secret = self.pool.enrolled()
        else:
            by_mail = {"MfaConfiguration": "ON", "EmailMfaConfiguration": {}}
            self.pool = make_pool(OWN_EMAIL, by_mail)
            self.pool.user()

    def code(self) -> str:
        """Return the right code."""
        if self.challenge == "EMAIL_OTP":
            return self.pool.codes()[-1]
        return totp(self.secret, self.pool.clock.now)

    def answer(self, session: str, code: str) -> dict[str, Any]:
        """Answer the challenge."""
        values: dict[str, Any] = {f"{self.challenge}_CODE": code}
        return self.pool.answer(self.challenge, ALICE, session, **values)

    def far(self) -> str:
        """Return a code that is wrong now and in the steps around."""
        near = (
            {totp(self.secret, self.pool.clock.now, step) for step in range(-2, 3)}
            if self.by_app
            else {self.code()}
        )
        digits = 6 if self.by_app else 8
        return next(code for code in (str(number).zfill(digits) for number in range(10)) if code not in near)

    @property
    def by_app(self) -> bool:
        """Whether the code comes from an authenticator app."""
        return self.challenge == "SOFTWARE_TOKEN_MFA"


@pytest.mark.parametrize("challenge", ["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"])
class TestGuessingSecondFactors:
    """Wrong codes of a second factor lock like wrong passwords."""

    def test_right(self, make_pool: Callable[..., PoolDriver], challenge: str) -> None:
        """The right code after a few wrong ones is taken."""
        factor = Factor(make_pool, challenge)
        session = factor.pool.sign_in()["Session"]
        for _ in range(3):
            with pytest.raises(ClientError, match="CodeMismatchException"):
                factor.answer(session, factor.far())

        assert factor.answer(session, factor.code())["AuthenticationResult"]

    def test_lock(self, make_pool: Callable[..., PoolDriver], challenge: str) -> None:
        """After five wrong codes the right one is refused too, and the password that begins again."""
        factor = Factor(make_pool, challenge)
        session = factor.pool.sign_in()["Session"]
        for _ in range(5):
            with pytest.raises(ClientError, match="CodeMismatchException"):
                factor.answer(session, factor.far())

        with refused(*LOCKED_OUT):
            factor.answer(session, factor.code())
        with refused(*LOCKED_OUT):
            factor.pool.sign_in()

    def test_patient_guesser(self, make_pool: Callable[..., PoolDriver], challenge: str) -> None:
        """Who tries whenever the lock is open, signing in again each time, gets few guesses in an hour."""
        factor = Factor(make_pool, challenge)
        guesses, end = 0, factor.pool.clock.now + HOUR
        while factor.pool.clock.now < end:
            try:
                factor.answer(factor.pool.sign_in()["Session"], factor.far())
            except ClientError as error:
                guesses += "CodeMismatch" in str(error)
                factor.pool.clock.advance(0 if "CodeMismatch" in str(error) else 10)

        assert 5 <= guesses <= 40


class TestDodgingTheLock:
    """The lock is the user's, by whatever name and way they are asked for."""

    def fail(self, call: Callable[..., Any], times: int) -> None:
        """Fail so often."""
        for _ in range(times):
            with refused(*INCORRECT):
                call()

    def test_names(self, make_pool: Callable[..., PoolDriver]) -> None:
        """Neither aliases nor another case give more attempts."""
        pool = make_pool({"AliasAttributes": ["email"], "UsernameConfiguration": {"CaseSensitive": False}})
        pool.user()
        names = [ALICE, "ALICE", "alice@example.com", "Alice@Example.com", "aLiCe"]
        for name in names:
            self.fail(lambda name=name: pool.sign_in(name, WRONG_PASSWORD), 1)

        for name in names:
            with refused(*LOCKED_OUT):
                pool.sign_in(name)

    def test_names_that_look_alike(self, make_pool: Callable[..., PoolDriver]) -> None:
        """Names with something added are nobody's."""
        pool = make_pool({"UsernameConfiguration": {"CaseSensitive": False}})
        pool.user()
        for name in (
            "alice ",
            " alice",
            "alice\x00",
            "alice\u200b",
            "\uff41lice",
            "alice%",
            "a_ice",
            "'alice'",
        ):
            with refused(*USER_GONE):
                pool.sign_in(name)

    def test_flows(self, pool: PoolDriver) -> None:
        """Every way in counts, and every way in is locked."""
        pool.user()
        token = pool.sign_in()["AuthenticationResult"]["AccessToken"]
        srp_sign_in = PasswordSrp(pool, password=WRONG_PASSWORD)
        ways = [
            lambda: pool.sign_in(password=WRONG_PASSWORD),
            lambda: pool.admin_sign_in(password=WRONG_PASSWORD),
            lambda: pool.other_client().sign_in(password=WRONG_PASSWORD),
            lambda: srp_sign_in.answer(srp_sign_in.claim(srp_sign_in.begin())),
            lambda: pool.api.change_password(
                AccessToken=token, PreviousPassword=WRONG_PASSWORD, ProposedPassword=PASSWORD
            ),
        ]
        for way in ways:
            self.fail(way, 1)

        for way in ways:
            with refused(*LOCKED_OUT):
                way()

    def test_proof_of_before(self, pool: PoolDriver) -> None:
        """An exchange that was begun before the lock does not end during it."""
        pool.user()
        sign_in = PasswordSrp(pool)
        claim = sign_in.claim(sign_in.begin())
        self.fail(lambda: pool.sign_in(password=WRONG_PASSWORD), 5)

        with refused(*LOCKED_OUT):
            sign_in.answer(claim)
