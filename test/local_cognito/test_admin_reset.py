"""AdminResetUserPassword: the old password is good no more, and a code leads to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from test.support.pool_driver import (
    ALICE,
    CODE_EXPIRED,
    DISABLED,
    HOUR,
    INCORRECT,
    PASSWORD,
    SESSION_INVALID,
    USER_NOT_FOUND,
    WRONG_PASSWORD,
    refused,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import PoolDriver

NEW_PASSWORD = "Another-Horse-1!"
REQUIRED = ("PasswordResetRequiredException", "Password reset required for the user")
STATE = ("NotAuthorizedException", "User password cannot be reset in the current state.")
NO_RECOVERY = (
    "InvalidParameterException",
    "Cannot reset password for the user as there is no registered/verified email or phone_number",
)


def reset(pool: PoolDriver, name: str = ALICE) -> None:
    """AdminResetUserPassword."""
    pool.api.admin_reset_user_password(UserPoolId=pool.id, Username=name)


def choose(pool: PoolDriver, code: str, password: str = NEW_PASSWORD) -> None:
    """ConfirmForgotPassword."""
    request: Any = {"ClientId": pool.client_id, "Username": ALICE, "ConfirmationCode": code}
    pool.api.confirm_forgot_password(**request, Password=password)


@pytest.mark.parametrize("existence", ["LEGACY", "ENABLED"])
def test_the_code_leads_to_another_password(make_pool: Callable[..., PoolDriver], existence: str) -> None:
    """The user gets a code, and with it a new password; in between the old one leads nowhere."""
    pool = make_pool(client={"PreventUserExistenceErrors": existence})
    pool.user()
    before = len(pool.codes())

    reset(pool)

    assert pool.described()["UserStatus"] == "RESET_REQUIRED"
    assert len(pool.codes()) == before + 1
    with refused(*REQUIRED):
        pool.sign_in()
    with refused(*INCORRECT):
        pool.sign_in(password=WRONG_PASSWORD)
    choose(pool, pool.codes()[-1])
    assert pool.described()["UserStatus"] == "CONFIRMED"
    assert "AuthenticationResult" in pool.sign_in(password=NEW_PASSWORD)
    with refused(*INCORRECT):
        pool.sign_in()


def test_again(pool: PoolDriver) -> None:
    """A user can be reset once more: the latest code counts, and so does one that the user asks for."""
    pool.user()
    for _ in range(3):
        reset(pool)
        assert pool.described()["UserStatus"] == "RESET_REQUIRED"

    pool.api.forgot_password(ClientId=pool.client_id, Username=ALICE)
    choose(pool, pool.codes()[-1])

    assert "AuthenticationResult" in pool.sign_in(password=NEW_PASSWORD)


def test_the_code_is_good_for_an_hour(pool: PoolDriver) -> None:
    """Later than that it has expired."""
    pool.user()
    reset(pool)

    pool.clock.advance(HOUR)

    with refused(*CODE_EXPIRED):
        choose(pool, pool.codes()[-1])


def test_the_old_password_changes_nothing(pool: PoolDriver) -> None:
    """Neither is it good for ChangePassword, in a session that was open before."""
    pool.user()
    token = pool.sign_in()["AuthenticationResult"]["AccessToken"]
    reset(pool)

    with refused(*REQUIRED):
        pool.api.change_password(AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword=NEW_PASSWORD)


def test_running_challenges_end(mfa_pool: PoolDriver) -> None:
    """A sign-in that was under way does not go on."""
    mfa_pool.enrolled()
    session = mfa_pool.sign_in()["Session"]

    reset(mfa_pool)

    with refused(*SESSION_INVALID):
        mfa_pool.answer("SOFTWARE_TOKEN_MFA", ALICE, session, SOFTWARE_TOKEN_MFA_CODE="000000")


def test_an_earlier_code_is_worthless(pool: PoolDriver) -> None:
    """A code that was asked for before the reset leads nowhere."""
    pool.user()
    pool.api.forgot_password(ClientId=pool.client_id, Username=ALICE)
    earlier = pool.codes()[-1]
    reset(pool)

    with pytest.raises(pool.api.exceptions.CodeMismatchException):
        choose(pool, earlier)


def test_an_administrator_may_set_one_instead(pool: PoolDriver) -> None:
    """AdminSetUserPassword ends the reset."""
    pool.user()
    reset(pool)

    pool.api.admin_set_user_password(
        UserPoolId=pool.id, Username=ALICE, Password=NEW_PASSWORD, Permanent=True
    )

    assert pool.described()["UserStatus"] == "CONFIRMED"
    with refused(*CODE_EXPIRED):
        choose(pool, pool.codes()[-1])


def test_who_cannot_be_reset(pool: PoolDriver) -> None:
    """Unconfirmed, invited, disabled and unknown users have no password to reset; nothing is sent."""
    pool.sign_up()
    pool.api.admin_create_user(UserPoolId=pool.id, Username="invited", MessageAction="SUPPRESS")
    pool.user("off")
    pool.api.admin_disable_user(UserPoolId=pool.id, Username="off")
    before = len(pool.codes())

    for name, refusal in ((ALICE, STATE), ("invited", STATE), ("off", DISABLED), ("x", USER_NOT_FOUND)):
        with refused(*refusal):
            reset(pool, name)
    assert len(pool.codes()) == before
    assert pool.described("invited")["UserStatus"] == "FORCE_CHANGE_PASSWORD"


def test_a_user_without_a_verified_address(pool: PoolDriver) -> None:
    """Where no code can be sent, the password stays."""
    pool.sign_up()
    pool.api.admin_confirm_sign_up(UserPoolId=pool.id, Username=ALICE)

    with refused(*NO_RECOVERY):
        reset(pool)
    assert "AuthenticationResult" in pool.sign_in()


@pytest.mark.parametrize("existence", ["LEGACY", "ENABLED"])
def test_where_only_administrators_help(make_pool: Callable[..., PoolDriver], existence: str) -> None:
    """A pool with admin_only tells everybody who forgot a password the same."""
    mechanisms = [{"Name": "admin_only", "Priority": 1}]
    settings = {"AccountRecoverySetting": {"RecoveryMechanisms": mechanisms}}
    pool = make_pool(settings, client={"PreventUserExistenceErrors": existence})
    pool.user()

    for name in (ALICE, "nobody"):
        with refused("NotAuthorizedException", "Contact administrator to reset password."):
            pool.api.forgot_password(ClientId=pool.client_id, Username=name)
    with refused(*NO_RECOVERY):
        reset(pool)
