"""Password history: a pool can refuse the latest passwords, whichever action would set one again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from test.support.pool_driver import ALICE, BOB, HOUR, PASSWORD, refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import PoolDriver

REUSED = ("PasswordHistoryPolicyViolationException", "Password has been used before; choose another one.")
NEXT = [f"Another-Horse-{number}!" for number in range(5)]


@pytest.fixture
def pool(make_pool: Callable[..., PoolDriver]) -> PoolDriver:
    """Return a pool that refuses the latest three passwords."""
    return with_history(make_pool, 3)


def with_history(make_pool: Callable[..., PoolDriver], size: int) -> PoolDriver:
    """Return a pool that refuses so many passwords."""
    rules = {"MinimumLength": 6, "PasswordHistorySize": size}
    return make_pool({"Policies": {"PasswordPolicy": rules}})


def set_password(pool: PoolDriver, password: str, name: str = ALICE) -> None:
    """AdminSetUserPassword, for good."""
    pool.api.admin_set_user_password(UserPoolId=pool.id, Username=name, Password=password, Permanent=True)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_so_many_passwords_are_refused(make_pool: Callable[..., PoolDriver], size: int) -> None:
    """The present password and those before it are refused, so many in all; the one before them is not."""
    pool = with_history(make_pool, size)
    pool.user()
    used = [PASSWORD, *NEXT[:4]]
    for password in used[1:]:
        set_password(pool, password)

    for password in used[-size:]:
        with refused(*REUSED):
            set_password(pool, password)
    set_password(pool, used[-size - 1])


def test_the_window_moves_on(pool: PoolDriver) -> None:
    """Passwords that were refused for a while come free in their order."""
    pool.user()
    for password in [*NEXT[:3], PASSWORD, *NEXT[:3], PASSWORD]:
        set_password(pool, password)

    assert "AuthenticationResult" in pool.sign_in()


def test_a_shorter_history_counts_at_once(pool: PoolDriver) -> None:
    """When the rule is eased, passwords that are no longer covered come free."""
    pool.user()
    for password in NEXT[:2]:
        set_password(pool, password)

    policies: Any = {"PasswordPolicy": {"MinimumLength": 6, "PasswordHistorySize": 1}}
    pool.api.update_user_pool(UserPoolId=pool.id, Policies=policies)

    with refused(*REUSED):
        set_password(pool, NEXT[1])
    set_password(pool, PASSWORD)


@pytest.mark.parametrize("rules", [{}, {"PasswordHistorySize": 0}])
def test_no_history_unless_asked_for(make_pool: Callable[..., PoolDriver], rules: Any) -> None:
    """Without the rule a user may keep the password, and DescribeUserPool does not mention it."""
    pool = make_pool({"Policies": {"PasswordPolicy": {"MinimumLength": 6} | rules}})
    pool.user()

    set_password(pool, PASSWORD)

    shown = pool.api.describe_user_pool(UserPoolId=pool.id)["UserPool"]["Policies"]["PasswordPolicy"]
    assert "PasswordHistorySize" not in shown


def test_change_password(pool: PoolDriver) -> None:
    """ChangePassword refuses the present password as a new one, and nothing changes."""
    pool.user()
    token = pool.sign_in()["AuthenticationResult"]["AccessToken"]

    with refused(*REUSED):
        pool.api.change_password(AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword=PASSWORD)
    pool.api.change_password(AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword=NEXT[0])


def test_a_forgotten_password(pool: PoolDriver) -> None:
    """ConfirmForgotPassword refuses an earlier password; the code stays good for another."""
    pool.user()
    set_password(pool, NEXT[0])
    pool.api.forgot_password(ClientId=pool.client_id, Username=ALICE)
    request: Any = {"ClientId": pool.client_id, "Username": ALICE, "ConfirmationCode": pool.codes()[-1]}

    with refused(*REUSED):
        pool.api.confirm_forgot_password(**request, Password=PASSWORD)
    pool.api.confirm_forgot_password(**request, Password=NEXT[1])

    assert "AuthenticationResult" in pool.sign_in(password=NEXT[1])


def test_a_temporary_password(pool: PoolDriver) -> None:
    """The password chosen at the first sign-in is another than the temporary one; the session stays."""
    pool.api.admin_create_user(UserPoolId=pool.id, Username=BOB, TemporaryPassword=PASSWORD)
    session = pool.sign_in(BOB)["Session"]

    with refused(*REUSED):
        pool.answer("NEW_PASSWORD_REQUIRED", BOB, session, NEW_PASSWORD=PASSWORD)
    answer = pool.answer("NEW_PASSWORD_REQUIRED", BOB, session, NEW_PASSWORD=NEXT[0])

    assert "AuthenticationResult" in answer


def test_an_invitation_again(pool: PoolDriver) -> None:
    """AdminCreateUser may send the same temporary password again."""
    pool.api.admin_create_user(UserPoolId=pool.id, Username=BOB, TemporaryPassword=PASSWORD)

    pool.api.admin_create_user(
        UserPoolId=pool.id, Username=BOB, TemporaryPassword=PASSWORD, MessageAction="RESEND"
    )

    assert pool.sign_in(BOB)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


def test_histories_are_apart(pool: PoolDriver) -> None:
    """What one user had is free for another, and for a later user of the same name."""
    pool.user()
    set_password(pool, NEXT[0])
    pool.user(BOB, password=NEXT[1])
    set_password(pool, PASSWORD, BOB)

    pool.api.admin_delete_user(UserPoolId=pool.id, Username=ALICE)
    pool.clock.advance(HOUR)
    pool.user(password=NEXT[1])
    set_password(pool, PASSWORD)

    assert "AuthenticationResult" in pool.sign_in()
