"""Forgotten passwords: who gets a code, how long it lasts, and what it opens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from test.support.pool_driver import (
    ALICE,
    ATTEMPT_LIMIT,
    CODE_EXPIRED,
    CODE_MISMATCH,
    COMBINATION_NOT_FOUND,
    DISABLED,
    HOUR,
    INCORRECT,
    LOCKED_OUT,
    WRONG_PASSWORD,
    refused,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import PoolDriver


NEW_PASSWORD = "Another-Horse-2!"
NO_ADDRESS = (
    "InvalidParameterException",
    "Cannot reset password for the user as there is no registered/verified email or phone_number",
)


def forget(pool: PoolDriver, name: str = ALICE) -> dict[str, str]:
    """ForgotPassword."""
    answer = pool.api.forgot_password(**pool.self_service(name, {}))
    details: dict[str, str] = answer["CodeDeliveryDetails"]
    return details


def confirm(
    pool: PoolDriver, code: str | None = None, password: str = NEW_PASSWORD, name: str = ALICE
) -> dict[str, Any]:
    """ConfirmForgotPassword, with the latest code unless another is given."""
    fields = {"ConfirmationCode": code or pool.codes()[-1], "Password": password}
    return pool.api.confirm_forgot_password(**pool.self_service(name, fields))


def test_code_opens_the_way_to_a_new_password(secret_pool: PoolDriver) -> None:
    """The code from the e-mail sets a new password; the old one is gone."""
    secret_pool.user()
    details = forget(secret_pool)
    confirm(secret_pool)

    assert details == {"Destination": "a***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    assert secret_pool.sign_in(password=NEW_PASSWORD)["ChallengeName"] == "MFA_SETUP"
    with refused(*INCORRECT):
        secret_pool.sign_in()


def test_code_works_once(pool: PoolDriver) -> None:
    """A used code has expired."""
    pool.user()
    forget(pool)
    code = pool.codes()[-1]
    confirm(pool, code)

    with refused(*CODE_EXPIRED):
        confirm(pool, code)


def test_code_lasts_an_hour(pool: PoolDriver) -> None:
    """One second before the hour it works, at the hour no longer."""
    pool.user()
    forget(pool)
    pool.clock.advance(HOUR)

    with refused(*CODE_EXPIRED):
        confirm(pool)


def test_wrong_code(pool: PoolDriver) -> None:
    """A wrong code is a mismatch, and the right one stays good."""
    pool.user()
    forget(pool)
    with refused(*CODE_MISMATCH):
        confirm(pool, "wrong")

    confirm(pool)


def test_bad_password_leaves_the_code_good(pool: PoolDriver) -> None:
    """A new password against the policy is refused without using the code up."""
    pool.user()
    forget(pool)
    with refused(
        "InvalidPasswordException", "Password did not conform with policy: Password not long enough"
    ):
        confirm(pool, password="Ab1!")

    confirm(pool)


def test_codes_are_for_one_purpose(pool: PoolDriver) -> None:
    """The code of the sign-up resets no password."""
    pool.sign_up()
    code = pool.codes()[-1]
    pool.confirm(code=code)

    with refused(*CODE_EXPIRED):
        confirm(pool, code)


def test_it_ends_the_lock(pool: PoolDriver) -> None:
    """A new password ends the lock after failed sign-ins."""
    pool.user()
    for _ in range(5):
        with refused(*INCORRECT):
            pool.sign_in(password=WRONG_PASSWORD)
    with refused(*LOCKED_OUT):
        pool.sign_in()
    forget(pool)
    confirm(pool)

    assert pool.sign_in(password=NEW_PASSWORD)["AuthenticationResult"]


def test_limits(pool: PoolDriver) -> None:
    """Five codes and five tries an hour."""
    pool.user()
    for _ in range(5):
        forget(pool)
    with refused(*ATTEMPT_LIMIT):
        forget(pool)
    for _ in range(5):
        with refused(*CODE_MISMATCH):
            confirm(pool, "wrong")
    with refused(*ATTEMPT_LIMIT):
        confirm(pool)


def test_unverified_address_gets_no_code(pool: PoolDriver) -> None:
    """A person whose address was never verified can't reset the password."""
    pool.sign_up()
    pool.api.admin_confirm_sign_up(UserPoolId=pool.id, Username=ALICE)

    with refused(*NO_ADDRESS):
        forget(pool)


def test_temporary_password_cannot_be_reset(pool: PoolDriver) -> None:
    """Who has not chosen a password yet can't have forgotten it."""
    pool.api.admin_create_user(UserPoolId=pool.id, Username=ALICE)

    with refused("NotAuthorizedException", "User password cannot be reset in the current state."):
        forget(pool)


def test_disabled_users_cannot(pool: PoolDriver) -> None:
    """A disabled user gets no code."""
    pool.user()
    pool.api.admin_disable_user(UserPoolId=pool.id, Username=ALICE)

    with refused(*DISABLED):
        forget(pool)


@pytest.mark.parametrize("first", ["email", "phone_number"])
def test_recovery_mechanisms(make_pool: Callable[..., PoolDriver], first: str) -> None:
    """The code goes to the address that the pool prefers."""
    order = [f"verified_{first}", "verified_phone_number" if first == "email" else "verified_email"]
    mechanisms = [{"Name": name, "Priority": number} for number, name in enumerate(order, start=1)]
    pool = make_pool({"AccountRecoverySetting": {"RecoveryMechanisms": mechanisms}})
    pool.user(attributes={"phone_number": "+15555550100"})
    verified = [{"Name": "phone_number_verified", "Value": "true"}]
    pool.api.admin_update_user_attributes(UserPoolId=pool.id, Username=ALICE, UserAttributes=verified)

    assert forget(pool)["AttributeName"] == first


def test_unknown_users_legacy(pool: PoolDriver) -> None:
    """A client without PreventUserExistenceErrors learns that nobody has the name."""
    with refused(*COMBINATION_NOT_FOUND):
        forget(pool, "nobody")
    with refused(*COMBINATION_NOT_FOUND):
        confirm(pool, "123456", name="nobody")


def test_unknown_users_hidden(make_pool: Callable[..., PoolDriver]) -> None:
    """With it, a code seems to be sent, the same address each time, and no code is ever right."""
    pool = make_pool(client={"PreventUserExistenceErrors": "ENABLED"})
    sent = len(pool.codes())

    assert forget(pool, "nobody") == forget(pool, "nobody")
    assert len(pool.codes()) == sent
    with pytest.raises((pool.api.exceptions.CodeMismatchException, pool.api.exceptions.ExpiredCodeException)):
        confirm(pool, "123456", name="nobody")
