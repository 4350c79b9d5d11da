"""Confirmation codes: random, for a time, one at a time, and not for guessing."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest

from test.support.pool_driver import (
    ALICE,
    ATTEMPT_LIMIT,
    BOB,
    CODE_EXPIRED,
    CODE_MISMATCH,
    COMBINATION_NOT_FOUND,
    DAY,
    HOUR,
    USER_NOT_FOUND,
    refused,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import PoolDriver


def wrong(code: str) -> str:
    """Return another code of the same form."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_codes_are_random(pool: PoolDriver) -> None:
    """Codes are six decimal digits, and those of ten users are not alike."""
    for number in range(10):
        pool.sign_up(f"user{number}")

    codes = pool.codes()[-10:]

    assert all(len(code) == 6 and code.isdecimal() for code in codes)
    assert len(set(codes)) > 5


def test_message_in_the_outbox(pool: PoolDriver) -> None:
    """A message names recipient and subject, and has the code in its text."""
    pool.sign_up(ALICE, email="inbox@example.com")

    message = pool.server.outbox()[-1]

    assert set(message) == {"id", "time", "to", "subject", "body", "code", "user", "link"}
    assert message["to"] == "inbox@example.com"
    assert message["subject"] == "Your confirmation code"
    assert message["body"] == f"Your confirmation code is {message['code']}"


def test_messages_are_oldest_first(pool: PoolDriver) -> None:
    """The outbox lists messages in the order in which they were sent."""
    for name in (BOB, ALICE):
        pool.sign_up(name)
    pool.resend(BOB)

    assert [message["to"] for message in pool.server.outbox()[-3:]] == [
        "bob@example.com",
        "alice@example.com",
        "bob@example.com",
    ]


@pytest.mark.parametrize("given", ["x", "", None])
def test_wrong_code(pool: PoolDriver, given: str | None) -> None:
    """A wrong code is refused; the user stays unconfirmed and the right one stays valid."""
    pool.sign_up(ALICE)
    code = pool.codes()[-1]
    attempt = {"x": wrong(code), "": code + "0", None: "códe"}[given]

    with refused(*CODE_MISMATCH):
        pool.confirm(ALICE, attempt)

    assert pool.described(ALICE)["UserStatus"] == "UNCONFIRMED"
    pool.confirm(ALICE, code)


def test_code_of_another_user(pool: PoolDriver) -> None:
    """A code confirms only the user for whom it was made."""
    pool.sign_up(ALICE)
    pool.sign_up(BOB)
    first, second = pool.codes()[-2:]
    assert first != second

    with refused(*CODE_MISMATCH):
        pool.confirm(BOB, first)
    pool.confirm(BOB, second)


@pytest.mark.parametrize(("age", "is_valid"), [(DAY - 1, True), (DAY, False)])
def test_lifetime(pool: PoolDriver, age: int, is_valid: bool) -> None:
    """A code is valid for 24 hours."""
    pool.sign_up(ALICE)
    pool.clock.advance(age)

    if is_valid:
        pool.confirm(ALICE)
    else:
        with refused(*CODE_EXPIRED):
            pool.confirm(ALICE)


def test_resend_restarts_the_clock(pool: PoolDriver) -> None:
    """A code that was sent again is valid for 24 hours from then on."""
    pool.sign_up(ALICE)
    pool.clock.advance(DAY - 1)
    pool.resend(ALICE)
    pool.clock.advance(DAY - 1)

    pool.confirm(ALICE)


def test_resend_replaces_the_code(pool: PoolDriver) -> None:
    """After a resend the earlier code is wrong and the new one right; the answer says where it went."""
    pool.sign_up(ALICE)

    details = pool.resend(ALICE)["CodeDeliveryDetails"]

    old, new = pool.codes("alice@example.com")[-2:]
    assert old != new
    assert details == {"Destination": "a***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    with refused(*CODE_MISMATCH):
        pool.confirm(ALICE, old)
    pool.confirm(ALICE, new)


def test_no_code_was_ever_sent(make_pool: Callable[..., PoolDriver]) -> None:
    """Where no code was sent, any code counts as expired."""
    pool = make_pool({"AutoVerifiedAttributes": []})
    pool.sign_up(ALICE)

    with refused(*CODE_EXPIRED):
        pool.confirm(ALICE, "123456")


class TestQuotas:
    """How often a user may try in an hour."""

    def test_fifteen_tries(self, pool: PoolDriver) -> None:
        """After 15 wrong codes in an hour even the right one is refused, until the hour is over."""
        pool.sign_up(ALICE)
        code = pool.codes()[-1]
        for _ in range(15):
            with refused(*CODE_MISMATCH):
                pool.confirm(ALICE, wrong(code))
            pool.clock.advance(1)

        with refused(*ATTEMPT_LIMIT):
            pool.confirm(ALICE, code)
        pool.clock.advance(HOUR - 16)
        with refused(*ATTEMPT_LIMIT):
            pool.confirm(ALICE, code)
        pool.clock.advance(1)
        pool.confirm(ALICE, code)

    def test_fifteenth_try_counts_as_any(self, pool: PoolDriver) -> None:
        """The 15th try of an hour still succeeds with the right code."""
        pool.sign_up(ALICE)
        code = pool.codes()[-1]
        for _ in range(14):
            with refused(*CODE_MISMATCH):
                pool.confirm(ALICE, wrong(code))

        pool.confirm(ALICE, code)

    def test_refused_tries_do_not_prolong(self, pool: PoolDriver) -> None:
        """A try that was refused for the quota is not counted itself."""
        pool.sign_up(ALICE)
        for _ in range(15):
            with refused(*CODE_MISMATCH):
                pool.confirm(ALICE, "0")
        pool.clock.advance(HOUR / 2)
        with refused(*ATTEMPT_LIMIT):
            pool.confirm(ALICE)

        pool.clock.advance(HOUR / 2)

        pool.confirm(ALICE)

    def test_quota_is_the_users_own(self, pool: PoolDriver, make_pool: Callable[..., PoolDriver]) -> None:
        """One user's tries leave another user, and a namesake in another pool, unaffected."""
        elsewhere = make_pool()
        pool.sign_up(BOB)
        bobs = pool.codes()[-1]
        elsewhere.sign_up(ALICE)
        namesakes = pool.codes()[-1]
        pool.sign_up(ALICE)
        for _ in range(15):
            with refused(*CODE_MISMATCH):
                pool.confirm(ALICE, "0")

        pool.confirm(BOB, bobs)
        elsewhere.confirm(ALICE, namesakes)

    def test_resend_does_not_reset_the_tries(self, pool: PoolDriver) -> None:
        """A new code brings no new tries."""
        pool.sign_up(ALICE)
        for _ in range(15):
            with refused(*CODE_MISMATCH):
                pool.confirm(ALICE, "0")

        pool.resend(ALICE)

        with refused(*ATTEMPT_LIMIT):
            pool.confirm(ALICE)

    def test_five_resends(self, pool: PoolDriver) -> None:
        """Five codes an hour are sent again, and no sixth; sign-up itself does not count."""
        pool.sign_up(ALICE)
        for _ in range(5):
            pool.resend(ALICE)
        sent = len(pool.codes())

        with refused(*ATTEMPT_LIMIT):
            pool.resend(ALICE)
        assert len(pool.codes()) == sent
        pool.confirm(ALICE)

    def test_resending_after_an_hour(self, pool: PoolDriver) -> None:
        """An hour after the first of five resends there is one more."""
        pool.sign_up(ALICE)
        for _ in range(5):
            pool.resend(ALICE)

        pool.clock.advance(HOUR)

        pool.resend(ALICE)


class TestUnknownUsers:
    """Calls that name nobody: LEGACY clients are told, others get what a known user could get."""

    @pytest.mark.parametrize("client", [{}, {"PreventUserExistenceErrors": "LEGACY"}])
    def test_legacy(self, make_pool: Callable[..., PoolDriver], client: dict[str, str]) -> None:
        """A client without PreventUserExistenceErrors learns that the combination does not exist."""
        pool = make_pool(client=client)

        with refused(*COMBINATION_NOT_FOUND):
            pool.confirm("nobody", "123456")
        with refused(*COMBINATION_NOT_FOUND):
            pool.resend("nobody")

    def test_hidden(self, make_pool: Callable[..., PoolDriver]) -> None:
        """With it, confirming fails like a wrong code, and a resend seems to go through."""
        pool = make_pool(client={"PreventUserExistenceErrors": "ENABLED"})
        sent = len(pool.codes())

        with refused(*CODE_MISMATCH):
            pool.confirm("nobody", "123456")
        details = pool.resend("nobody")["CodeDeliveryDetails"]

        assert details["DeliveryMedium"] == "EMAIL"
        assert details["AttributeName"] == "email"
        assert re.fullmatch(r"[a-z]\*{3}@[a-z]\*{3}", details["Destination"])
        assert pool.resend("nobody")["CodeDeliveryDetails"] == details
        assert len(pool.codes()) == sent

    def test_sign_up_still_says_who_exists(self, make_pool: Callable[..., PoolDriver]) -> None:
        """Hiding who exists does not extend to SignUp."""
        pool = make_pool(client={"PreventUserExistenceErrors": "ENABLED"})
        pool.sign_up(ALICE)

        with pytest.raises(pool.api.exceptions.UsernameExistsException):
            pool.sign_up(ALICE)

    def test_administrators_are_always_told(self, make_pool: Callable[..., PoolDriver]) -> None:
        """AdminConfirmSignUp and AdminGetUser say that a user does not exist."""
        pool = make_pool(client={"PreventUserExistenceErrors": "ENABLED"})

        with refused(*USER_NOT_FOUND):
            pool.api.admin_confirm_sign_up(UserPoolId=pool.id, Username="nobody")
        with refused(*USER_NOT_FOUND):
            pool.described("nobody")


def test_times_are_epoch_seconds(pool: PoolDriver) -> None:
    """The times that Cognito gives are those of its clock."""
    pool.sign_up(ALICE)

    created = pool.described(ALICE)["UserCreateDate"]

    assert created == datetime.fromtimestamp(pool.clock.now, timezone.utc)
