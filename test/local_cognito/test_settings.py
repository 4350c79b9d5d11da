"""Rules between the settings of a pool, and of an app client: each as a function, each action once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from local_cognito.model.errors import CognitoError
from local_cognito.rules import client_settings, pool_settings
from local_cognito.storage.records import Client, Pool
from test.support.pool_driver import refused
from test.support.pools import OWN_EMAIL, SMS, TOTP

if TYPE_CHECKING:
    from test.support.pool_driver import Api, PoolDriver

INVALID, OAUTH = "InvalidParameterException", "InvalidOAuthFlowException"
UNAVAILABLE = "FeatureUnavailableInTierException"
WITH_MFA = "Only PASSWORD and WEB_AUTHN (if configured) can be enabled as an auth factor if MFA is enabled"
SINGLE_FACTOR = (
    "Cannot set WebAuthn factor configuration to SINGLE_FACTOR if MFA is required and "
    "WebAuthn is an allowed first auth factor"
)
NO_SENDER = (
    "Cannot set EmailMfaConfiguration when user pool EmailConfiguration contains an "
    "EmailSendingAccount of COGNITO_DEFAULT"
)
OAUTH_INCOMPLETE = (
    "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows."
)
NO_SMS = "SMS configuration is required when phone_number is selected for auto verification"
ON = {"MfaConfiguration": "ON", **TOTP}
MULTI_FACTOR = {"WebAuthnConfiguration": {"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}}


def first(*factors: str) -> dict[str, Any]:
    """Return a policy of what a sign-in may begin with."""
    return {"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": [*factors]}}}


def unavailable(tier: str, feature: str) -> tuple[str, str]:
    """Return the refusal of a feature that a tier does not have."""
    text = f"The following features need to be disabled for the {tier} pricing tier configured: {feature}"
    return (UNAVAILABLE, text)


def pool_of(settings: dict[str, Any]) -> Pool:
    """Return a pool with these settings."""
    return Pool("us-east-1_Example", {"PoolName": "p"} | settings, 0, 0)


def client_of(settings: dict[str, Any]) -> Client:
    """Return an app client with these settings; `secret` is none of them."""
    secret = settings.pop("secret", None)
    return Client("client", "us-east-1_Example", {"ClientName": "c"} | settings, secret, 0, 0)


GOOD_POOLS: list[dict[str, Any]] = [
    first("PASSWORD", "EMAIL_OTP") | {"MfaConfiguration": "OPTIONAL", **TOTP},
    first("PASSWORD", "SMS_OTP") | SMS,
    first("PASSWORD", "WEB_AUTHN"),
    first("PASSWORD", "WEB_AUTHN") | ON | MULTI_FACTOR,
    {"MfaConfiguration": "ON", "EmailMfaConfiguration": {}} | OWN_EMAIL,
    {"AutoVerifiedAttributes": ["phone_number"]} | SMS,
    {"AdminCreateUserConfig": {"UnusedAccountValidityDays": 3}},
    {"LambdaConfig": {"PreTokenGeneration": "a", "PreTokenGenerationConfig": {"LambdaArn": "a"}}},
    {"LambdaConfig": {"CustomSMSSender": {"LambdaArn": "a"}, "KMSKeyID": "k"}},
    {"UserPoolTier": "LITE"} | first("PASSWORD"),
    {"UserPoolTier": "PLUS", "UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"}},
    {"UserPoolAddOns": {"AdvancedSecurityMode": "OFF"}},
]
BAD_POOLS: list[tuple[dict[str, Any], str, str]] = [
    (first("PASSWORD", "EMAIL_OTP") | ON, INVALID, WITH_MFA),
    (first("PASSWORD", "SMS_OTP") | ON | SMS, INVALID, WITH_MFA),
    (first("PASSWORD", "WEB_AUTHN") | ON, INVALID, SINGLE_FACTOR),
    (
        first("WEB_AUTHN"),
        INVALID,
        "Password should be configured as one of the allowed first auth factors.",
    ),
    (
        first("PASSWORD", "SOFTWARE_TOKEN"),
        INVALID,
        "SOFTWARE_TOKEN is not supported as an allowed first auth factor.",
    ),
    (
        first("PASSWORD", "SMS_OTP"),
        INVALID,
        "SMS_OTP can not be configured as AuthFactor as user pool is missing valid SMS configuration",
    ),
    ({"MfaConfiguration": "ON", "EmailMfaConfiguration": {}}, INVALID, NO_SENDER),
    (
        {"EmailConfiguration": {"EmailSendingAccount": "DEVELOPER"}},
        INVALID,
        "Source ARN is required to use DEVELOPER email sending owner",
    ),
    (
        {"AutoVerifiedAttributes": ["phone_number"]},
        INVALID,
        NO_SMS,
    ),
    (
        {
            "AdminCreateUserConfig": {"UnusedAccountValidityDays": 3},
            "Policies": {"PasswordPolicy": {"TemporaryPasswordValidityDays": 3}},
        },
        INVALID,
        "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays",
    ),
    (
        {"LambdaConfig": {"PreTokenGeneration": "a", "PreTokenGenerationConfig": {"LambdaArn": "b"}}},
        INVALID,
        "Cannot use PreTokenGenerationLambda and PreTokenGeneration with different Lambda function ARN's",
    ),
    (
        {"LambdaConfig": {"CustomEmailSender": {"LambdaArn": "a"}}},
        INVALID,
        "KMSKeyId parameter is required when Custom SMS/Email Lambda trigger is used.",
    ),
    ({"UserPoolTier": "LITE"} | first("PASSWORD", "EMAIL_OTP"), *unavailable("LITE", "Passwordless Sign-In")),
    (
        {
            "UserPoolTier": "LITE",
            "LambdaConfig": {"PreTokenGenerationConfig": {"LambdaArn": "a", "LambdaVersion": "V2_0"}},
        },
        *unavailable("LITE", "Token Customization with Pre-Token Generation Lambda V2_0"),
    ),
    (
        {"UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"}},
        *unavailable("ESSENTIALS", "Threat Protection"),
    ),
]


@pytest.mark.parametrize("settings", GOOD_POOLS)
def test_good_pools(settings: dict[str, Any]) -> None:
    """What fits together is taken."""
    pool_settings.check(pool_of(settings))


@pytest.mark.parametrize(("settings", "code", "text"), BAD_POOLS)
def test_bad_pools(settings: dict[str, Any], code: str, text: str) -> None:
    """What does not is refused with its reason."""
    with pytest.raises(CognitoError) as caught:
        pool_settings.check(pool_of(settings))

    assert (caught.value.code, caught.value.message) == (code, text)


CODE_FLOW = {
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthFlows": ["code"],
    "AllowedOAuthScopes": ["openid", "own/read"],
    "CallbackURLs": ["https://app.example/in", "http://localhost:3000", "myapp://in"],
    "DefaultRedirectURI": "http://localhost:3000",
}
MACHINE = {
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthFlows": ["client_credentials"],
    "AllowedOAuthScopes": ["own/read"],
}
GOOD_CLIENTS: list[dict[str, Any]] = [
    CODE_FLOW,
    MACHINE | {"secret": "s"},
    {"SupportedIdentityProviders": ["COGNITO"]},
    {"LogoutURLs": ["http://127.0.0.1/out", "http://[::1]:80/out"]},
]
BAD_CLIENTS: list[tuple[dict[str, Any], str, str]] = [
    (
        {"AllowedOAuthFlowsUserPoolClient": True, "AllowedOAuthFlows": ["code"]},
        INVALID,
        OAUTH_INCOMPLETE,
    ),
    (
        MACHINE | {"AllowedOAuthFlows": ["client_credentials", "code"], "secret": "s"},
        OAUTH,
        "client_credentials flow can not be selected along with code flow or implicit flow.",
    ),
    (
        MACHINE,
        OAUTH,
        "client_credentials flow can not be selected if client does not have a client secret.",
    ),
    (
        CODE_FLOW | {"CallbackURLs": []},
        OAUTH,
        "CallbackUrls can not be empty when code flow or implicit flow is selected",
    ),
    (
        CODE_FLOW | {"AllowedOAuthScopes": ["openid", "own/write"]},
        "ScopeDoesNotExistException",
        "Invalid scope requested: own/write",
    ),
    (
        {"CallbackURLs": ["http://app.example/in"]},
        INVALID,
        "http://app.example/in cannot use the HTTP protocol.",
    ),
    (
        {"CallbackURLs": ["http://localhost.example/in"]},
        INVALID,
        "http://localhost.example/in cannot use the HTTP protocol.",
    ),
    ({"LogoutURLs": ["https://app.example/#out"]}, INVALID, "https://app.example/#out cannot use fragment"),
    ({"CallbackURLs": ["/in"]}, INVALID, "/in is not an absolute URI."),
    (
        CODE_FLOW | {"DefaultRedirectURI": "https://other.example"},
        INVALID,
        "The default redirect URI https://other.example is not in the callback URIs list.",
    ),
    (
        {"SupportedIdentityProviders": ["COGNITO", "Google"]},
        INVALID,
        "The provider Google does not exist for User Pool us-east-1_Example.",
    ),
]


@pytest.mark.parametrize("settings", GOOD_CLIENTS)
def test_good_clients(settings: dict[str, Any]) -> None:
    """What fits together is taken."""
    client_settings.check(pool_of({}), client_of(dict(settings)), "creating", ["own/read"])


@pytest.mark.parametrize(("settings", "code", "text"), BAD_CLIENTS)
def test_bad_clients(settings: dict[str, Any], code: str, text: str) -> None:
    """What does not is refused with its reason."""
    with pytest.raises(CognitoError) as caught:
        client_settings.check(pool_of({}), client_of(dict(settings)), "creating", ["own/read"])

    assert (caught.value.code, caught.value.message) == (code, text)


def test_each_action_looks_at_the_whole(api: Api, pool: PoolDriver) -> None:
    """Creating a pool, updating it, and configuring MFA: what each leaves behind must fit together."""
    otp: Any = first("PASSWORD", "EMAIL_OTP")
    with refused(INVALID, NO_SMS):
        api.create_user_pool(PoolName="p", AutoVerifiedAttributes=["phone_number"])
    api.update_user_pool(UserPoolId=pool.id, **otp)
    with refused(INVALID, WITH_MFA):
        api.set_user_pool_mfa_config(UserPoolId=pool.id, MfaConfiguration="ON", **TOTP)
    api.set_user_pool_mfa_config(UserPoolId=pool.id, MfaConfiguration="OPTIONAL", **TOTP)
    with refused(INVALID, WITH_MFA):
        api.update_user_pool(UserPoolId=pool.id, MfaConfiguration="ON")

    shown = api.describe_user_pool(UserPoolId=pool.id)["UserPool"]
    assert (shown["MfaConfiguration"], shown["Policies"]["SignInPolicy"]) == (
        "OPTIONAL",
        otp["Policies"]["SignInPolicy"],
    )


def test_passkeys_alone_are_no_second_factor(pool: PoolDriver) -> None:
    """WebAuthnConfiguration does not make up for a missing factor, and the refusal says so."""
    text = "Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA must be enabled."
    passkeys: Any = {"RelyingPartyId": "example.com", "UserVerification": "preferred"}

    with refused(INVALID, text):
        pool.api.set_user_pool_mfa_config(
            UserPoolId=pool.id, MfaConfiguration="OPTIONAL", WebAuthnConfiguration=passkeys
        )


def test_unused_accounts(pool: PoolDriver) -> None:
    """UnusedAccountValidityDays counts for temporary passwords where the policy does not say."""
    pool.api.update_user_pool(UserPoolId=pool.id, AdminCreateUserConfig={"UnusedAccountValidityDays": 3})

    shown = pool.api.describe_user_pool(UserPoolId=pool.id)["UserPool"]

    assert shown["AdminCreateUserConfig"]["UnusedAccountValidityDays"] == 3
    assert shown["Policies"]["PasswordPolicy"]["TemporaryPasswordValidityDays"] == 3
