"""USER_AUTH: what is offered, what is preferred, what is chosen, and what follows each first factor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from test.local_cognito.choice.conftest import SMS
from test.support.pool_driver import (
    ALICE,
    DISABLED,
    INCORRECT,
    LOCKED_OUT,
    MINUTE,
    NOT_CONFIRMED,
    PASSWORD,
    SESSION_EXPIRED,
    SESSION_INVALID,
    SESSION_SPENT,
    USER_NOT_FOUND,
    WRONG_PASSWORD,
    call_raw,
    missing,
    refused,
    totp,
)
from test.support.pools import ALL_FLOWS, TOTP
from test.support.user_srp import UserSrp

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import PoolDriver

PASSWORDS = ["PASSWORD_SRP", "PASSWORD"]
PHONE = "+15551239088"
NOT_AVAILABLE = ("InvalidParameterException", "The selected challenge is not available.")
WRONG_CODE = ("CodeMismatchException", "Invalid code or auth state for the user.")
PASSWORD_REQUIRED = ("InvalidParameterException", "Password Challenge is Required to SignIn")
RESET = ("PasswordResetRequiredException", "Password reset required for the user")
VERIFIED_PHONE = [
    {"Name": "phone_number", "Value": PHONE},
    {"Name": "phone_number_verified", "Value": "true"},
]


def begin(pool: PoolDriver, name: str = ALICE, *, admin: bool = False, **values: str) -> dict[str, Any]:
    """Begin USER_AUTH, by InitiateAuth or AdminInitiateAuth."""
    fields = {
        "ClientId": pool.client_id,
        "AuthFlow": "USER_AUTH",
        "AuthParameters": pool.in_map(name, values),
    }
    if admin:
        return pool.api.admin_initiate_auth(UserPoolId=pool.id, **fields)
    return pool.api.initiate_auth(**fields)


def choose(pool: PoolDriver, session: str, factor: str, name: str = ALICE, **values: Any) -> dict[str, Any]:
    """Answer SELECT_CHALLENGE."""
    return pool.answer("SELECT_CHALLENGE", name, session, ANSWER=factor, **values)


def by_code(pool: PoolDriver, name: str = ALICE) -> dict[str, Any]:
    """Sign in by the code that an e-mail brings."""
    asked = begin(pool, name, PREFERRED_CHALLENGE="EMAIL_OTP")
    return pool.answer("EMAIL_OTP", name, asked["Session"], EMAIL_OTP_CODE=pool.codes()[-1])


@pytest.mark.parametrize("admin", [False, True], ids=["user", "admin"])
def test_without_preference_the_user_chooses(pool: PoolDriver, admin: bool) -> None:
    """SELECT_CHALLENGE lists what the pool allows and the user can pass, with empty parameters."""
    pool.user()

    answer = begin(pool, admin=admin)

    assert answer["ChallengeName"] == "SELECT_CHALLENGE"
    assert answer["AvailableChallenges"] == [*PASSWORDS, "EMAIL_OTP"]
    assert answer["ChallengeParameters"] == {}


def test_a_preferred_code_is_sent_at_once(pool: PoolDriver) -> None:
    """EMAIL_OTP comes with the delivery, without USER_ID_FOR_SRP, and with all that could be chosen."""
    pool.user()

    answer = begin(pool, PREFERRED_CHALLENGE="EMAIL_OTP")

    assert answer["ChallengeName"] == "EMAIL_OTP"
    assert answer["AvailableChallenges"] == [*PASSWORDS, "EMAIL_OTP"]
    assert answer["ChallengeParameters"] == {
        "CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL",
        "CODE_DELIVERY_DESTINATION": "a***@e***",
    }
    assert len(pool.codes("alice@example.com")[-1]) == len("12345678")


def test_the_code_signs_in(pool: PoolDriver) -> None:
    """The right code is followed by the tokens, and works once."""
    pool.user()
    asked = begin(pool, PREFERRED_CHALLENGE="EMAIL_OTP")
    code = pool.codes()[-1]

    answer = pool.answer("EMAIL_OTP", ALICE, asked["Session"], EMAIL_OTP_CODE=code)

    assert answer["ChallengeParameters"] == {}
    assert answer["AuthenticationResult"]["AccessToken"]
    with refused(*SESSION_SPENT):
        pool.answer("EMAIL_OTP", ALICE, asked["Session"], EMAIL_OTP_CODE=code)


def test_a_wrong_code_leaves_the_session_open(pool: PoolDriver) -> None:
    """After CodeMismatchException the right code still works; without any code nothing does."""
    pool.user()
    session = begin(pool, PREFERRED_CHALLENGE="EMAIL_OTP")["Session"]
    code = pool.codes()[-1]

    with refused(*missing("EMAIL_OTP_CODE")):
        pool.answer("EMAIL_OTP", ALICE, session)
    with refused(*WRONG_CODE):
        pool.answer("EMAIL_OTP", ALICE, session, EMAIL_OTP_CODE="x" + code[1:])

    assert pool.answer("EMAIL_OTP", ALICE, session, EMAIL_OTP_CODE=code)["AuthenticationResult"]


def test_wrong_codes_lock_nobody_out(pool: PoolDriver) -> None:
    """After six of them, as on AWS, the right one signs in; but wrong passwords lock codes, too."""
    pool.user()
    session = begin(pool, PREFERRED_CHALLENGE="EMAIL_OTP")["Session"]
    code = pool.codes()[-1]
    for _ in range(6):
        with refused(*WRONG_CODE):
            pool.answer("EMAIL_OTP", ALICE, session, EMAIL_OTP_CODE="00000000x")

    assert pool.answer("EMAIL_OTP", ALICE, session, EMAIL_OTP_CODE=code)["AuthenticationResult"]
    session = begin(pool, PREFERRED_CHALLENGE="EMAIL_OTP")["Session"]
    for _ in range(5):
        with refused(*INCORRECT):
            pool.sign_in(password=WRONG_PASSWORD)
    with refused(*LOCKED_OUT):
        pool.answer("EMAIL_OTP", ALICE, session, EMAIL_OTP_CODE=pool.codes()[-1])


def test_a_code_expires_with_its_session(pool: PoolDriver) -> None:
    """The code is good for AuthSessionValidity."""
    pool.user()
    session = begin(pool, PREFERRED_CHALLENGE="EMAIL_OTP")["Session"]
    pool.clock.advance(3 * MINUTE)

    with refused(*SESSION_EXPIRED):
        pool.answer("EMAIL_OTP", ALICE, session, EMAIL_OTP_CODE=pool.codes()[-1])


def test_a_code_is_for_its_own_session(pool: PoolDriver) -> None:
    """A newer code does not open an older session, nor a session of a choice."""
    pool.user()
    older = begin(pool, PREFERRED_CHALLENGE="EMAIL_OTP")["Session"]
    choice = begin(pool)["Session"]
    begin(pool, PREFERRED_CHALLENGE="EMAIL_OTP")

    with refused(*WRONG_CODE):
        pool.answer("EMAIL_OTP", ALICE, older, EMAIL_OTP_CODE=pool.codes()[-1])
    with refused(*SESSION_INVALID):
        pool.answer("EMAIL_OTP", ALICE, choice, EMAIL_OTP_CODE=pool.codes()[-1])


def test_a_changed_address_ends_its_code(pool: PoolDriver) -> None:
    """Who lost the address can't sign in by the code that went there."""
    pool.user()
    session = begin(pool, PREFERRED_CHALLENGE="EMAIL_OTP")["Session"]
    code = pool.codes()[-1]
    new = [{"Name": "email", "Value": "new@example.com"}, {"Name": "email_verified", "Value": "true"}]
    pool.api.admin_update_user_attributes(UserPoolId=pool.id, Username=ALICE, UserAttributes=new)

    with refused(*SESSION_INVALID):
        pool.answer("EMAIL_OTP", ALICE, session, EMAIL_OTP_CODE=code)


def test_a_code_by_sms(make_choice: Callable[..., PoolDriver]) -> None:
    """SMS_OTP goes to the telephone, and its answer is SMS_OTP_CODE."""
    pool = make_choice("PASSWORD", "SMS_OTP", settings={"SmsConfiguration": SMS})
    pool.user()
    pool.api.admin_update_user_attributes(UserPoolId=pool.id, Username=ALICE, UserAttributes=VERIFIED_PHONE)

    asked = begin(pool, PREFERRED_CHALLENGE="SMS_OTP")
    answer = pool.answer("SMS_OTP", ALICE, asked["Session"], SMS_OTP_CODE=pool.codes(PHONE)[-1])

    assert asked["ChallengeParameters"]["CODE_DELIVERY_DELIVERY_MEDIUM"] == "SMS"
    assert answer["AuthenticationResult"]


def test_an_unverified_address_gets_no_code(pool: PoolDriver) -> None:
    """A user with a password is offered codes only at a verified address."""
    pool.user()
    unverified = [{"Name": "email_verified", "Value": "false"}]
    pool.api.admin_update_user_attributes(UserPoolId=pool.id, Username=ALICE, UserAttributes=unverified)

    assert begin(pool)["AvailableChallenges"] == PASSWORDS


@pytest.mark.parametrize("preferred", ["WEB_AUTHN", "SMS_OTP", "NONE_SUCH"])
def test_an_unavailable_preference_gives_the_choice(pool: PoolDriver, preferred: str) -> None:
    """The user who can't pass the preferred challenge gets SELECT_CHALLENGE."""
    pool.user()

    assert begin(pool, PREFERRED_CHALLENGE=preferred)["ChallengeName"] == "SELECT_CHALLENGE"


def test_a_preferred_password(pool: PoolDriver) -> None:
    """PASSWORD takes the password with the first request."""
    pool.user()

    with refused(*missing("PASSWORD")):
        begin(pool, PREFERRED_CHALLENGE="PASSWORD")
    with refused(*INCORRECT):
        begin(pool, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=WRONG_PASSWORD)

    answer = begin(pool, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD)
    assert "AvailableChallenges" not in answer
    assert answer["AuthenticationResult"]


def test_chosen_password(pool: PoolDriver) -> None:
    """A wrong password leaves the choice open, the right one spends it."""
    pool.user()
    session = begin(pool)["Session"]

    with refused(*INCORRECT):
        choose(pool, session, "PASSWORD", PASSWORD=WRONG_PASSWORD)

    assert choose(pool, session, "PASSWORD", PASSWORD=PASSWORD)["AuthenticationResult"]
    with refused(*SESSION_SPENT):
        choose(pool, session, "PASSWORD", PASSWORD=PASSWORD)


def test_password_as_a_challenge_of_its_own(pool: PoolDriver) -> None:
    """RespondToAuthChallenge takes PASSWORD as the name of the challenge, too."""
    pool.user()

    answer = pool.answer("PASSWORD", ALICE, begin(pool)["Session"], PASSWORD=PASSWORD)

    assert answer["AuthenticationResult"]


@pytest.mark.parametrize("is_chosen", [False, True], ids=["preferred", "chosen"])
def test_srp_inside(pool: PoolDriver, is_chosen: bool) -> None:
    """PASSWORD_SRP is followed by PASSWORD_VERIFIER as ever."""
    pool.user()
    srp = UserSrp(pool)
    if is_chosen:
        asked = choose(pool, begin(pool)["Session"], "PASSWORD_SRP", SRP_A=srp.public_a)
    else:
        asked = begin(pool, PREFERRED_CHALLENGE="PASSWORD_SRP", SRP_A=srp.public_a)
        assert asked["AvailableChallenges"] == [*PASSWORDS, "EMAIL_OTP"]

    assert asked["ChallengeName"] == "PASSWORD_VERIFIER"
    answer = pool.answer("PASSWORD_VERIFIER", ALICE, None, **srp.claim(asked["ChallengeParameters"]))
    assert answer["AuthenticationResult"]


def test_a_chosen_code(pool: PoolDriver) -> None:
    """EMAIL_OTP as ANSWER sends the code."""
    pool.user()

    asked = choose(pool, begin(pool)["Session"], "EMAIL_OTP")

    assert asked["ChallengeName"] == "EMAIL_OTP"
    assert pool.answer("EMAIL_OTP", ALICE, asked["Session"], EMAIL_OTP_CODE=pool.codes()[-1])


@pytest.mark.parametrize("factor", ["SMS_OTP", "WEB_AUTHN", "EMAIL", "password"])
def test_another_choice_is_refused(pool: PoolDriver, factor: str) -> None:
    """What AvailableChallenges does not list can't be chosen."""
    pool.user()

    with refused(*NOT_AVAILABLE):
        choose(pool, begin(pool)["Session"], factor)


def test_the_policy_is_enforced(make_choice: Callable[..., PoolDriver]) -> None:
    """A code is no first factor of a pool that leaves it out."""
    pool = make_choice("PASSWORD")
    pool.user()

    asked = begin(pool, PREFERRED_CHALLENGE="EMAIL_OTP")

    assert (asked["ChallengeName"], asked["AvailableChallenges"]) == ("SELECT_CHALLENGE", PASSWORDS)


def test_the_policy_may_change_meanwhile(pool: PoolDriver) -> None:
    """A code that the pool no longer takes signs nobody in."""
    pool.user()
    session = begin(pool, PREFERRED_CHALLENGE="EMAIL_OTP")["Session"]
    policies = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}}
    pool.api.update_user_pool(UserPoolId=pool.id, Policies=policies, AutoVerifiedAttributes=["email"])

    with refused(*SESSION_INVALID):
        pool.answer("EMAIL_OTP", ALICE, session, EMAIL_OTP_CODE=pool.codes()[-1])


def test_the_client_must_allow_the_flow(pool: PoolDriver) -> None:
    """Without ALLOW_USER_AUTH the flow is refused; with it alone, passwords need no flow of their own."""
    pool.user()

    with refused("InvalidParameterException", "USER_AUTH flow not enabled for this client"):
        begin(pool.other_client(ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"]))

    alone = pool.other_client(ExplicitAuthFlows=["ALLOW_USER_AUTH"])
    assert begin(alone, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD)["AuthenticationResult"]


def test_mfa_leaves_passwords(make_choice: Callable[..., PoolDriver]) -> None:
    """A user with an active second factor signs in by the password, which it follows; no code is sent."""
    pool = make_choice("PASSWORD", "EMAIL_OTP", mfa={"MfaConfiguration": "OPTIONAL"} | TOTP)
    pool.user()
    early = begin(pool, PREFERRED_CHALLENGE="EMAIL_OTP")
    token = by_code(pool)["AuthenticationResult"]["AccessToken"]
    secret = pool.api.associate_software_token(AccessToken=token)["SecretCode"]
    pool.api.verify_software_token(AccessToken=token, UserCode=totp(secret, pool.clock.now))
    settings = {"SoftwareTokenMfaSettings": {"Enabled": True}}
    pool.api.set_user_mfa_preference(AccessToken=token, **settings)
    sent = pool.codes()

    with refused(*PASSWORD_REQUIRED):
        begin(pool, PREFERRED_CHALLENGE="EMAIL_OTP")
    asked = begin(pool)

    assert asked["AvailableChallenges"] == PASSWORDS
    answer = choose(pool, asked["Session"], "PASSWORD", PASSWORD=PASSWORD)
    assert answer["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert pool.codes() == sent
    with refused(*SESSION_INVALID):
        pool.answer("EMAIL_OTP", ALICE, early["Session"], EMAIL_OTP_CODE=sent[-2])


def test_required_mfa_follows_the_password(make_choice: Callable[..., PoolDriver]) -> None:
    """MFA is asked for after the password that USER_AUTH took."""
    pool = make_choice("PASSWORD", mfa={"MfaConfiguration": "ON"} | TOTP)
    pool.user()

    answer = begin(pool, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD)

    assert answer["ChallengeName"] == "MFA_SETUP"


def test_a_temporary_password_is_the_only_factor(pool: PoolDriver) -> None:
    """Until it is replaced, no code stands in for it."""
    address = [{"Name": "email", "Value": "a@example.com"}, {"Name": "email_verified", "Value": "true"}]
    pool.api.admin_create_user(
        UserPoolId=pool.id, Username=ALICE, TemporaryPassword=PASSWORD, UserAttributes=address
    )

    with refused(*PASSWORD_REQUIRED):
        begin(pool, PREFERRED_CHALLENGE="EMAIL_OTP")
    asked = begin(pool)

    assert asked["AvailableChallenges"] == PASSWORDS
    assert choose(pool, asked["Session"], "PASSWORD", PASSWORD=PASSWORD)["ChallengeName"] == (
        "NEW_PASSWORD_REQUIRED"
    )


@pytest.mark.parametrize("hiding", ["LEGACY", "ENABLED"])
def test_an_unconfirmed_user_must_confirm_first(pool: PoolDriver, hiding: str) -> None:
    """No code to sign in goes to an address that is not confirmed."""
    client = pool.other_client(
        PreventUserExistenceErrors=hiding, ExplicitAuthFlows=[*ALL_FLOWS, "ALLOW_USER_AUTH"]
    )
    client.sign_up()
    sent = len(pool.codes())

    with refused(*NOT_CONFIRMED):
        begin(client, PREFERRED_CHALLENGE="EMAIL_OTP")
    assert len(pool.codes()) == sent


def test_no_code_goes_around_the_confirmation(hiding: PoolDriver) -> None:
    """Nor does a preferred password, for a user who has none, bring a code to an unconfirmed address."""
    attributes = [{"Name": "email", "Value": "alice@example.com"}]
    hiding.api.sign_up(ClientId=hiding.client_id, Username=ALICE, UserAttributes=attributes)
    sent = len(hiding.codes())

    with refused(*NOT_CONFIRMED):
        begin(hiding, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD)
    assert len(hiding.codes()) == sent


def test_a_user_who_must_reset_the_password(pool: PoolDriver) -> None:
    """No code goes around PasswordResetRequiredException."""
    pool.user()
    pool.api.admin_reset_user_password(UserPoolId=pool.id, Username=ALICE)

    with refused(*RESET):
        begin(pool, PREFERRED_CHALLENGE="EMAIL_OTP")


def test_who_is_not_there_or_disabled_is_told_so(pool: PoolDriver) -> None:
    """A client that hides nothing refuses both at once."""
    with refused(*USER_NOT_FOUND):
        begin(pool, "nobody")
    pool.user()
    pool.api.admin_disable_user(UserPoolId=pool.id, Username=ALICE)
    with refused(*DISABLED):
        begin(pool)


@pytest.fixture
def hiding(make_choice: Callable[..., PoolDriver]) -> PoolDriver:
    """Return a pool of every first factor that is about codes, seen through a client that hides."""
    return make_choice("PASSWORD", "EMAIL_OTP", PreventUserExistenceErrors="ENABLED")


def test_an_unknown_name_gets_one_of_the_simulated_answers(hiding: PoolDriver) -> None:
    """Each name always gets the same answer, and nothing is sent."""
    sent, kinds = len(hiding.codes()), set()
    for number in range(12):
        name = f"nobody{number}@example.com"
        answers = [_simulated(hiding, name) for _ in range(2)]
        assert answers[0] == answers[1]
        kinds.add(answers[0][0])

    assert kinds == {"EMAIL_OTP", RESET[0]}
    assert len(hiding.codes()) == sent


def _simulated(pool: PoolDriver, name: str) -> tuple[str, Any]:
    try:
        answer = begin(pool, name, PREFERRED_CHALLENGE="EMAIL_OTP")
    except pool.api.exceptions.PasswordResetRequiredException:
        return RESET[0], None
    return answer["ChallengeName"], (answer["ChallengeParameters"], answer["AvailableChallenges"])


def test_no_code_is_right_for_an_unknown_name(hiding: PoolDriver) -> None:
    """A simulated code is refused as a wrong one is, and a password as well."""
    name = next(name for name in map(str, range(99)) if _simulated(hiding, name)[0] == "EMAIL_OTP")
    session = begin(hiding, name, PREFERRED_CHALLENGE="EMAIL_OTP")["Session"]

    with refused(*WRONG_CODE):
        hiding.answer("EMAIL_OTP", name, session, EMAIL_OTP_CODE="12345678")
    with refused(*INCORRECT):
        choose(hiding, begin(hiding, name)["Session"], "PASSWORD", name, PASSWORD=PASSWORD)


def test_a_disabled_user_looks_unknown(hiding: PoolDriver) -> None:
    """Where existence is hidden, no code goes to a disabled user, and none is right."""
    name = next(name for name in map(str, range(99)) if _simulated(hiding, name)[0] == "EMAIL_OTP")
    hiding.user(name)
    hiding.api.admin_disable_user(UserPoolId=hiding.id, Username=name)
    sent = len(hiding.codes())

    session = begin(hiding, name, PREFERRED_CHALLENGE="EMAIL_OTP")["Session"]

    assert len(hiding.codes()) == sent
    with refused(*WRONG_CODE):
        hiding.answer("EMAIL_OTP", name, session, EMAIL_OTP_CODE="12345678")


def test_a_known_user_of_a_hiding_client_signs_in(hiding: PoolDriver) -> None:
    """Hiding does not get in the way of a user."""
    hiding.user()

    assert by_code(hiding)["AuthenticationResult"]


def test_the_factors_of_a_user(pool: PoolDriver) -> None:
    """GetUserAuthFactors and its Admin variant list what the user can choose, without MFA members."""
    pool.user()
    token = pool.sign_in()["AuthenticationResult"]["AccessToken"]

    own = pool.api.get_user_auth_factors(AccessToken=token)
    named = {"UserPoolId": pool.id, "Username": ALICE}  # the lowest boto3 lacks the action
    seen = call_raw(pool.server.url, "AdminGetUserAuthFactors", named).content

    expected = {"Username": ALICE, "ConfiguredUserAuthFactors": ["PASSWORD", "EMAIL_OTP"]}
    assert {name: own[name] for name in own if name != "ResponseMetadata"} == expected
    assert seen == expected


def test_a_password_for_an_unknown_name_is_incorrect(hiding: PoolDriver) -> None:
    """Whatever the simulated answer is, a preferred password is refused as a wrong one is."""
    hiding.user()
    for name in (ALICE, *(f"nobody{number}" for number in range(6))):
        with refused(*INCORRECT):
            begin(hiding, name, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=WRONG_PASSWORD)
