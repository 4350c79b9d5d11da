"""MFA of a pool: what turns it on and off, through which of three actions, and what they refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from test.support.pool_driver import ALICE, refused, totp
from test.support.pools import REQUIRED_TOTP

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import Api, PoolDriver

INVALID = "InvalidParameterException"
OFF_WITH_FACTOR = "Invalid MFA configuration given, can't turn off MFA and configure an MFA together."
SMS: Any = {"SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms", "ExternalId": "x"}}
TOTP: Any = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
PHONE = {"phone_number": "+12065550100"}


def config(pool: PoolDriver) -> dict[str, Any]:
    """Return what GetUserPoolMfaConfig says."""
    answer: dict[str, Any] = {**pool.api.get_user_pool_mfa_config(UserPoolId=pool.id)}
    del answer["ResponseMetadata"]
    return answer


def set_config(pool: PoolDriver, **request: Any) -> None:
    """SetUserPoolMfaConfig."""
    pool.api.set_user_pool_mfa_config(UserPoolId=pool.id, **request)


@pytest.mark.parametrize("mfa", ["ON", "OPTIONAL"])
def test_a_new_pools_sms_is_a_factor(api: Api, mfa: Any) -> None:
    """SmsConfiguration given to CreateUserPool together with MFA configures SMS MFA."""
    message = "Your code is {####}"
    made = api.create_user_pool(
        PoolName="sms", MfaConfiguration=mfa, SmsAuthenticationMessage=message, **SMS
    )["UserPool"]
    answer = api.get_user_pool_mfa_config(UserPoolId=made["Id"])

    assert answer["MfaConfiguration"] == mfa
    assert answer["SmsMfaConfiguration"] == {"SmsAuthenticationMessage": message, **SMS}
    assert made["SmsConfiguration"] == SMS["SmsConfiguration"]


def test_sms_without_mfa_is_no_factor(api: Api) -> None:
    """SmsConfiguration alone serves for verification codes: no factor is shown."""
    pool_id = api.create_user_pool(PoolName="sms", **SMS)["UserPool"]["Id"]

    assert "SmsMfaConfiguration" not in api.get_user_pool_mfa_config(UserPoolId=pool_id)


def test_users_of_such_a_pool_get_a_text_message(make_pool: Callable[..., PoolDriver]) -> None:
    """Where CreateUserPool required MFA, a user with a verified telephone signs in with a code sent there."""
    verified = {"AutoVerifiedAttributes": ["phone_number"]}
    pool = make_pool({"MfaConfiguration": "ON", **SMS, **verified})
    pool.user(attributes=PHONE, email=None)

    first = pool.sign_in()

    assert first["ChallengeName"] == "SMS_MFA"
    answer = pool.answer("SMS_MFA", ALICE, first["Session"], SMS_MFA_CODE=pool.codes()[-1])
    assert "AccessToken" in answer["AuthenticationResult"]


@pytest.mark.parametrize("mfa", [{"MfaConfiguration": "OFF"}, {}])
@pytest.mark.parametrize(
    "factor",
    [
        {"SoftwareTokenMfaConfiguration": {"Enabled": True}},
        {"SoftwareTokenMfaConfiguration": {"Enabled": False}},
        {"EmailMfaConfiguration": {"Subject": "Code"}},
        {"SmsMfaConfiguration": SMS},
    ],
)
def test_off_and_a_factor_exclude_each_other(pool: PoolDriver, mfa: Any, factor: Any) -> None:
    """A factor with MFA off is refused, though it be a factor turned off; not to say anything means off."""
    with refused(INVALID, OFF_WITH_FACTOR):
        set_config(pool, **mfa, **factor)
    assert config(pool) == {"MfaConfiguration": "OFF"}


@pytest.mark.parametrize("mfa", [{"MfaConfiguration": "OFF"}, {}])
def test_off_drops_the_factors(pool: PoolDriver, mfa: Any) -> None:
    """Turning MFA off, also by saying nothing, takes the factors away."""
    set_config(pool, **REQUIRED_TOTP)

    set_config(pool, **mfa)

    assert config(pool) == {"MfaConfiguration": "OFF"}


def test_passkeys_are_no_factor(pool: PoolDriver) -> None:
    """WebAuthnConfiguration goes with MFA off."""
    passkeys: Any = {"RelyingPartyId": "example.com", "UserVerification": "preferred"}

    set_config(pool, MfaConfiguration="OFF", WebAuthnConfiguration=passkeys)

    assert config(pool) == {"MfaConfiguration": "OFF", "WebAuthnConfiguration": passkeys}


@pytest.mark.parametrize("domain", ["https://example.com", "localhost:5173", "127.0.0.1", "EXAMPLE.com"])
def test_a_relying_party_that_browsers_refuse(pool: PoolDriver, domain: str) -> None:
    """RelyingPartyId is a domain: no URL, no port, no IP address."""
    with refused(INVALID, "RelyingPartyId must be a domain, such as example.com."):
        set_config(pool, WebAuthnConfiguration={"RelyingPartyId": domain})


def test_passkeys_and_plans(api: Api) -> None:
    """The plan LITE has no passkeys."""
    made = api.create_user_pool(PoolName="lite", UserPoolTier="LITE")["UserPool"]
    text = "The following features need to be disabled for the LITE pricing tier configured: "

    with refused("FeatureUnavailableInTierException", f"{text}Passwordless Sign-In"):
        api.set_user_pool_mfa_config(
            UserPoolId=made["Id"], WebAuthnConfiguration={"RelyingPartyId": "example.com"}
        )


def test_update_cannot_turn_mfa_on(pool: PoolDriver) -> None:
    """UpdateUserPool does not require MFA in a pool that was made without, with or without SMS."""
    message = "Cannot turn MFA functionality ON, once the user pool has been created."

    with refused(INVALID, message):
        pool.api.update_user_pool(UserPoolId=pool.id, MfaConfiguration="ON")
    with refused(INVALID, message):
        pool.api.update_user_pool(UserPoolId=pool.id, MfaConfiguration="ON", **SMS)


def test_update_makes_mfa_optional(pool: PoolDriver) -> None:
    """UpdateUserPool makes MFA optional if SMS is there for it."""
    message = (
        "SMS configuration and Auto verification for phone_number are required when MFA is required/optional"
    )
    with refused(INVALID, message):
        pool.api.update_user_pool(UserPoolId=pool.id, MfaConfiguration="OPTIONAL")

    pool.api.update_user_pool(UserPoolId=pool.id, MfaConfiguration="OPTIONAL", **SMS)

    assert config(pool) == {"MfaConfiguration": "OPTIONAL", "SmsMfaConfiguration": SMS}


def test_update_may_say_again_what_is_so(pool: PoolDriver) -> None:
    """MfaConfiguration=ON is no change, and no mistake, where MFA is on."""
    set_config(pool, **REQUIRED_TOTP)

    pool.api.update_user_pool(UserPoolId=pool.id, MfaConfiguration="ON")

    assert config(pool) == REQUIRED_TOTP


def test_update_leaves_mfa_and_policies_alone(make_pool: Callable[..., PoolDriver]) -> None:
    """UpdateUserPool forgets what it is not told, AutoVerifiedAttributes, but not MFA and policies."""
    policies: Any = {"Policies": {"PasswordPolicy": {"MinimumLength": 12}}}
    pool = make_pool(policies, REQUIRED_TOTP)

    pool.api.update_user_pool(UserPoolId=pool.id)

    described = pool.api.describe_user_pool(UserPoolId=pool.id)["UserPool"]
    assert described["Policies"]["PasswordPolicy"]["MinimumLength"] == 12
    assert "AutoVerifiedAttributes" not in described
    assert config(pool) == REQUIRED_TOTP


def test_update_turns_mfa_off(pool: PoolDriver) -> None:
    """UpdateUserPool with MfaConfiguration=OFF takes the factors away."""
    set_config(pool, **REQUIRED_TOTP)

    pool.api.update_user_pool(UserPoolId=pool.id, MfaConfiguration="OFF")

    assert config(pool) == {"MfaConfiguration": "OFF"}


def test_an_enrolled_app_outlives_the_pools_mfa(mfa_pool: PoolDriver) -> None:
    """While MFA is off nobody is asked; on again, the app that a user has is asked for."""
    secret = mfa_pool.enrolled()
    set_config(mfa_pool)
    assert "AuthenticationResult" in mfa_pool.sign_in()

    set_config(mfa_pool, **REQUIRED_TOTP)
    session = mfa_pool.sign_in()["Session"]

    code = totp(secret, mfa_pool.clock.now)
    answer = mfa_pool.answer("SOFTWARE_TOKEN_MFA", ALICE, session, SOFTWARE_TOKEN_MFA_CODE=code)
    assert "AccessToken" in answer["AuthenticationResult"]


def test_sms_comes_along(make_pool: Callable[..., PoolDriver]) -> None:
    """In a pool that can send text messages, turning MFA on makes them a factor beside the app."""
    pool = make_pool(SMS)

    set_config(pool, MfaConfiguration="OPTIONAL", **TOTP)

    assert config(pool) == {"MfaConfiguration": "OPTIONAL", "SmsMfaConfiguration": SMS, **TOTP}
