"""Pools and app clients: what is set comes back, and settings that exclude each other are refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from test.support.pool_driver import ALICE, refused
from test.support.pools import REQUIRED_TOTP

if TYPE_CHECKING:
    from test.support.pool_driver import Api, PoolDriver


FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


def unknown_pool(pool_id: str = "us-east-1_nowhere") -> tuple[str, str]:
    """Return the refusal for a pool that does not exist."""
    return ("ResourceNotFoundException", f"User pool {pool_id} does not exist.")


def test_new_pool_has_cognitos_defaults(api: Api) -> None:
    """A pool that is created with nothing but a name has Cognito's defaults, and no device tracking."""
    created = api.create_user_pool(PoolName="bare")["UserPool"]
    pool = api.describe_user_pool(UserPoolId=created["Id"])["UserPool"]

    assert {name for name in pool if pool[name] != created.get(name)} == {"SchemaAttributes", "UserPoolTags"}
    assert re.fullmatch(r"us-east-1_[0-9a-zA-Z]{9}", pool["Id"])
    assert pool["Arn"].endswith(f":userpool/{pool['Id']}")
    assert (pool["Name"], pool["MfaConfiguration"], pool["EstimatedNumberOfUsers"]) == ("bare", "OFF", 0)
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is False
    assert pool["Policies"]["PasswordPolicy"] == {
        "MinimumLength": 8,
        "RequireUppercase": True,
        "RequireLowercase": True,
        "RequireNumbers": True,
        "RequireSymbols": True,
        "TemporaryPasswordValidityDays": 7,
    }
    assert "DeviceConfiguration" not in pool


def test_settings_come_back(api: Api) -> None:
    """DescribeUserPool gives what CreateUserPool was given."""
    settings = {
        "AutoVerifiedAttributes": ["email"],
        "AliasAttributes": ["email"],
        "DeviceConfiguration": {
            "ChallengeRequiredOnNewDevice": True,
            "DeviceOnlyRememberedOnUserPrompt": True,
        },
        "UsernameConfiguration": {"CaseSensitive": False},
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True, "UnusedAccountValidityDays": 7},
    }
    pool = api.create_user_pool(PoolName="settings", **settings)["UserPool"]

    assert {name: pool[name] for name in settings} == settings


def test_mail_is_sent_by_cognito_itself(api: Api) -> None:
    """Unless a pool says otherwise, also where it says something else about e-mail."""
    default, reply = {"EmailSendingAccount": "COGNITO_DEFAULT"}, {"ReplyToEmailAddress": "reply@example.com"}
    plain = api.create_user_pool(PoolName="mail")["UserPool"]
    replied = api.create_user_pool(PoolName="mail", EmailConfiguration=reply)["UserPool"]

    assert plain["EmailConfiguration"] == default
    assert replied["EmailConfiguration"] == default | reply


def test_schema_lists_standard_and_custom_attributes(api: Api) -> None:
    """SchemaAttributes has sub, the standard attributes with the pool's changes, and custom ones."""
    schema = [
        {"Name": "email", "AttributeDataType": "String", "Required": True, "Mutable": True},
        {"Name": "team", "AttributeDataType": "String"},
    ]
    pool = api.create_user_pool(PoolName="schema", Schema=schema)["UserPool"]
    attributes = {attribute["Name"]: attribute for attribute in pool["SchemaAttributes"]}

    assert attributes["email"]["Required"] is True
    assert attributes["given_name"]["Required"] is False
    assert attributes["sub"]["Mutable"] is False
    assert "custom:team" in attributes


def test_users_are_counted(pool: PoolDriver) -> None:
    """DescribeUserPool tells how many users there are."""
    pool.sign_up(ALICE)

    assert pool.api.describe_user_pool(UserPoolId=pool.id)["UserPool"]["EstimatedNumberOfUsers"] == 1


@pytest.mark.parametrize("mfa", ["ON", "OPTIONAL"])
def test_mfa_at_creation_needs_sms(api: Api, mfa: str) -> None:
    """CreateUserPool can set SMS MFA only."""
    message = (
        "SMS configuration and Auto verification for phone_number are required when MFA is required/optional"
    )

    with refused("InvalidParameterException", message):
        api.create_user_pool(PoolName="mfa", MfaConfiguration=mfa)


def test_aliases_exclude_username_attributes(api: Api) -> None:
    """A pool has aliases or attributes in place of user names, not both."""
    message = "Only one of the aliasAttributes or usernameAttributes can be set in a User pool."

    with refused("InvalidParameterException", message):
        api.create_user_pool(PoolName="both", AliasAttributes=["email"], UsernameAttributes=["email"])


def test_mfa_config(pool: PoolDriver) -> None:
    """SetUserPoolMfaConfig turns TOTP on; factors that were never configured are absent."""
    assert without_metadata(pool.api.get_user_pool_mfa_config(UserPoolId=pool.id)) == {
        "MfaConfiguration": "OFF"
    }

    answer = pool.api.set_user_pool_mfa_config(UserPoolId=pool.id, **REQUIRED_TOTP)

    assert without_metadata(answer) == REQUIRED_TOTP
    assert without_metadata(pool.api.get_user_pool_mfa_config(UserPoolId=pool.id)) == REQUIRED_TOTP
    described = pool.api.describe_user_pool(UserPoolId=pool.id)["UserPool"]
    assert described["MfaConfiguration"] == "ON"
    assert "SoftwareTokenMfaConfiguration" not in described


def without_metadata(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the answer without what boto3 adds."""
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


@pytest.mark.parametrize("factors", [{}, {"SoftwareTokenMfaConfiguration": {"Enabled": False}}])
def test_mfa_needs_a_factor(pool: PoolDriver, factors: dict[str, Any]) -> None:
    """MFA can't be turned on without any factor."""
    message = (
        "Invalid MFA configuration given, can't disable all MFAs with a required or optional configuration."
    )

    with refused("InvalidParameterException", message):
        pool.api.set_user_pool_mfa_config(UserPoolId=pool.id, MfaConfiguration="ON", **factors)


def test_new_client(pool: PoolDriver) -> None:
    """A client without a secret shows none, and gets Cognito's defaults."""
    client = pool.api.create_user_pool_client(UserPoolId=pool.id, ClientName="app")["UserPoolClient"]

    assert re.fullmatch(r"[0-9a-z]{26}", client["ClientId"])
    assert (client["UserPoolId"], client["ClientName"]) == (pool.id, "app")
    assert (client["AuthSessionValidity"], client["RefreshTokenValidity"]) == (3, 30)
    assert client["EnableTokenRevocation"] is True
    assert "ClientSecret" not in client


def test_client_with_a_secret(pool: PoolDriver) -> None:
    """GenerateSecret gives a secret, which DescribeUserPoolClient shows."""
    fields = {"ClientName": "app", "GenerateSecret": True, "ExplicitAuthFlows": FLOWS}
    created = pool.api.create_user_pool_client(UserPoolId=pool.id, **fields)["UserPoolClient"]
    described = pool.api.describe_user_pool_client(UserPoolId=pool.id, ClientId=created["ClientId"])

    assert re.fullmatch(r"[0-9a-z]{51}", created["ClientSecret"])
    assert described["UserPoolClient"] == created
    assert created["ExplicitAuthFlows"] == FLOWS


def test_legacy_flows_do_not_mix(pool: PoolDriver) -> None:
    """The older flow names and the ALLOW_ ones exclude each other."""
    message = "Cannot mix legacy ExplicitAuthFlows with the ALLOW_ ones."

    with refused("InvalidParameterException", message):
        pool.api.create_user_pool_client(
            UserPoolId=pool.id, ClientName="app", ExplicitAuthFlows=["ADMIN_NO_SRP_AUTH", *FLOWS]
        )


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("describe_user_pool", {}),
        ("get_user_pool_mfa_config", {}),
        ("set_user_pool_mfa_config", {"MfaConfiguration": "OFF"}),
        ("create_user_pool_client", {"ClientName": "app"}),
        ("describe_user_pool_client", {"ClientId": "1"}),
        ("list_users", {}),
        ("admin_get_user", {"Username": ALICE}),
        ("admin_confirm_sign_up", {"Username": ALICE}),
        ("admin_initiate_auth", {"ClientId": "1", "AuthFlow": "ADMIN_USER_PASSWORD_AUTH"}),
    ],
)
def test_unknown_pools_do_not_exist(api: Api, action: str, fields: dict[str, str]) -> None:
    """Every action on a pool says when there is no such pool."""
    with refused(*unknown_pool()):
        getattr(api, action)(UserPoolId="us-east-1_nowhere", **fields)


def test_unknown_client_does_not_exist(api: Api) -> None:
    """A request with a client ID that nobody has says so."""
    with refused("ResourceNotFoundException", "User pool client 1nowhere does not exist."):
        api.initiate_auth(ClientId="1nowhere", AuthFlow="USER_PASSWORD_AUTH")


@pytest.mark.parametrize("is_template", [True, False])
def test_verification_messages_have_two_names(api: Api, *, is_template: bool) -> None:
    """Three texts are shown in the template and beside it, whichever way they were given."""
    names = {
        "SmsVerificationMessage": "SmsMessage",
        "EmailVerificationMessage": "EmailMessage",
        "EmailVerificationSubject": "EmailSubject",
    }
    texts = {name: f"{name}: {{####}}" for name in names}
    template = {"DefaultEmailOption": "CONFIRM_WITH_LINK"} | {names[name]: texts[name] for name in names}
    given = {"VerificationMessageTemplate": template} if is_template else texts

    shown = api.create_user_pool(PoolName="texts", **given)["UserPool"]

    assert {name: shown[name] for name in names} == texts
    option = {} if is_template else {"DefaultEmailOption": "CONFIRM_WITH_CODE"}
    assert shown["VerificationMessageTemplate"] == template | option


def test_a_pool_without_messages_of_its_own(api: Api) -> None:
    """A pool that was given no texts shows that it sends codes, and no texts."""
    shown = api.create_user_pool(PoolName="texts")["UserPool"]

    assert shown["VerificationMessageTemplate"] == {"DefaultEmailOption": "CONFIRM_WITH_CODE"}
    assert not {"SmsVerificationMessage", "EmailVerificationMessage"} & set(shown)
