"""Users without a password: signing up and being in, and the users that an administrator makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from test.local_cognito.choice.conftest import SMS
from test.local_cognito.choice.test_user_auth import begin, by_code
from test.support.pool_driver import (
    ALICE,
    BOB,
    CODE_MISMATCH,
    INCORRECT,
    MINUTE,
    PASSWORD,
    SESSION_EXPIRED,
    SESSION_INVALID,
    SESSION_SPENT,
    missing,
    refused,
)
from test.support.pools import ALL_FLOWS

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import PoolDriver

NO_ADDRESS = (
    "InvalidParameterException",
    "A user without a password needs an address for one-time passwords.",
)
EMAIL = [{"Name": "email", "Value": "alice@example.com"}]


def sign_up(pool: PoolDriver, name: str = ALICE, attributes: list[dict[str, str]] = EMAIL) -> dict[str, Any]:
    """SignUp without a password."""
    return pool.api.sign_up(**pool.self_service(name, {"UserAttributes": attributes}))


def go_on(pool: PoolDriver, session: str, name: str = ALICE, **values: str) -> dict[str, Any]:
    """InitiateAuth with the session of ConfirmSignUp."""
    return pool.api.initiate_auth(
        ClientId=pool.client_id,
        AuthFlow="USER_AUTH",
        AuthParameters=pool.in_map(name, values),
        Session=session,
    )


@pytest.mark.parametrize("secret", [False, True], ids=["public client", "client with a secret"])
def test_signing_up_and_being_in(make_choice: Callable[..., PoolDriver], secret: bool) -> None:
    """The code that confirms the user is the only one that is sent."""
    pool = make_choice("PASSWORD", "EMAIL_OTP", GenerateSecret=secret)
    sent = len(pool.codes())
    signed_up = sign_up(pool)
    confirmed = pool.confirm(Session=signed_up["Session"])

    answer = go_on(pool, confirmed["Session"])

    assert signed_up["CodeDeliveryDetails"]["Destination"] == "a***@e***"
    assert answer["AuthenticationResult"]["AccessToken"]
    assert len(pool.codes()) == sent + 1


def test_a_blank_password_is_none(pool: PoolDriver) -> None:
    """SignUp and AdminCreateUser take an empty password for none; one with a blank in it is refused."""
    pool.sign_up(password="")
    pool.confirm()
    made = pool.api.admin_create_user(
        UserPoolId=pool.id, Username=BOB, UserAttributes=EMAIL, TemporaryPassword=""
    )

    assert begin(pool)["AvailableChallenges"] == ["EMAIL_OTP"]
    assert made["User"]["UserStatus"] == "CONFIRMED"
    with pytest.raises(pool.api.exceptions.InvalidParameterException, match="regular expression pattern"):
        pool.sign_up("carol", password="Correct Horse 1!")


def test_users_with_a_password_go_straight_in_too(pool: PoolDriver) -> None:
    """The sessions do not depend on there being no password."""
    session = pool.sign_up()["Session"]

    assert go_on(pool, pool.confirm(Session=session)["Session"])["AuthenticationResult"]


def test_there_is_no_session_without_the_flow(pool: PoolDriver) -> None:
    """Neither SignUp nor ConfirmSignUp of a client without ALLOW_USER_AUTH answers one."""
    client = pool.other_client(ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"])

    assert "Session" not in client.sign_up()
    assert "Session" not in client.confirm()


def test_the_code_alone_is_enough(pool: PoolDriver) -> None:
    """ConfirmSignUp hands out a session also when it got none, as Amplify 6 needs it."""
    sign_up(pool)

    assert go_on(pool, pool.confirm()["Session"])["AuthenticationResult"]


def test_each_session_opens_the_next_step_alone(pool: PoolDriver) -> None:
    """SignUp's session does not sign in, ConfirmSignUp's signs in once, and neither helps another user."""
    first = sign_up(pool)["Session"]
    other = sign_up(pool, BOB, [{"Name": "email", "Value": "bob@example.com"}])["Session"]
    alices_code = pool.codes("alice@example.com")[-1]

    with refused(*SESSION_INVALID):
        go_on(pool, first)
    with refused(*SESSION_INVALID):
        pool.confirm(code=alices_code, Session=other)
    second = pool.confirm(code=alices_code, Session=first)["Session"]
    with refused(*SESSION_INVALID):
        go_on(pool, second, BOB)
    assert go_on(pool, second)["AuthenticationResult"]
    with refused(*SESSION_SPENT):
        go_on(pool, second)


def test_a_wrong_code_gives_no_session(pool: PoolDriver) -> None:
    """Nobody is in who did not get the code."""
    session = sign_up(pool)["Session"]

    with refused(*CODE_MISMATCH):
        pool.confirm(code="x00000", Session=session)

    assert pool.confirm(Session=session)["Session"]


def test_the_session_expires(pool: PoolDriver) -> None:
    """ConfirmSignUp's session lives as long as AuthSessionValidity."""
    session = pool.confirm(Session=sign_up(pool)["Session"])["Session"]
    pool.clock.advance(3 * MINUTE)

    with refused(*SESSION_EXPIRED):
        go_on(pool, session)


def test_only_the_first_sign_in_is_straight(pool: PoolDriver) -> None:
    """A user who has signed in otherwise must pass a factor."""
    session = pool.confirm(Session=sign_up(pool)["Session"])["Session"]
    by_code(pool)

    with refused(*SESSION_INVALID):
        go_on(pool, session)


@pytest.mark.parametrize("flow", ["USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH"])
def test_no_password_is_right_for_a_user_without_one(pool: PoolDriver, flow: str) -> None:
    """Such a user is offered codes alone."""
    sign_up(pool)
    pool.confirm()

    asked = begin(pool)

    assert (asked["ChallengeName"], asked["AvailableChallenges"]) == ("EMAIL_OTP", ["EMAIL_OTP"])
    with refused(*INCORRECT):
        (pool.sign_in if flow == "USER_PASSWORD_AUTH" else pool.admin_sign_in)(ALICE, PASSWORD)


def test_a_user_without_a_password_may_set_one(pool: PoolDriver) -> None:
    """ChangePassword asks for no previous one, then always for the previous one."""
    sign_up(pool)
    pool.confirm()
    token = by_code(pool)["AuthenticationResult"]["AccessToken"]

    pool.api.change_password(AccessToken=token, ProposedPassword=PASSWORD)

    assert pool.sign_in()["AuthenticationResult"]
    with refused(*missing("OldPassword")):
        pool.api.change_password(AccessToken=token, ProposedPassword=PASSWORD)


def test_signing_up_needs_a_password_where_no_codes_are_taken(
    make_choice: Callable[..., PoolDriver],
) -> None:
    """A pool of passwords alone refuses to be without."""
    with refused(*missing("PASSWORD")):
        sign_up(make_choice("PASSWORD"))


def test_a_user_without_password_needs_the_address_of_the_codes(
    make_choice: Callable[..., PoolDriver],
) -> None:
    """An e-mail address does not help where codes go by SMS."""
    pool = make_choice("PASSWORD", "SMS_OTP", settings={"SmsConfiguration": SMS})

    with refused(*NO_ADDRESS):
        sign_up(pool)
    with refused(*NO_ADDRESS):
        pool.api.admin_create_user(UserPoolId=pool.id, Username=BOB, UserAttributes=EMAIL)


def test_an_administrator_makes_a_user_without_password(pool: PoolDriver) -> None:
    """The user is confirmed, is sent no invitation, and verifies the address with the first code."""
    sent = len(pool.codes())
    made = pool.api.admin_create_user(UserPoolId=pool.id, Username=ALICE, UserAttributes=EMAIL)

    assert made["User"]["UserStatus"] == "CONFIRMED"
    assert len(pool.codes()) == sent
    assert by_code(pool)["AuthenticationResult"]
    assert pool.described()["attributes"]["email_verified"] == "true"


def test_an_administrator_may_give_a_password_all_the_same(pool: PoolDriver) -> None:
    """With TemporaryPassword the user must replace it."""
    made = pool.api.admin_create_user(
        UserPoolId=pool.id, Username=ALICE, UserAttributes=EMAIL, TemporaryPassword=PASSWORD
    )

    assert made["User"]["UserStatus"] == "FORCE_CHANGE_PASSWORD"


def test_no_session_goes_around_a_disabled_user(pool: PoolDriver) -> None:
    """Disabling a user ends the sessions of their sign-up."""
    session = pool.confirm(Session=sign_up(pool)["Session"])["Session"]
    pool.api.admin_disable_user(UserPoolId=pool.id, Username=ALICE)
    hidden = pool.other_client(ExplicitAuthFlows=[*ALL_FLOWS, "ALLOW_USER_AUTH"])

    for client in (pool, hidden):
        with refused(*SESSION_INVALID):
            go_on(client, session)
