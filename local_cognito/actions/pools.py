"""User pools: creating, describing, changing and deleting them, and configuring MFA."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local_cognito import directory, errors, paging, passwords, schema
from local_cognito.cognito import ALPHANUMERIC
from local_cognito.records import Pool

if TYPE_CHECKING:
    from local_cognito.cognito import Answer, Cognito, Request

_ACCOUNT = "000000000000"
_POOL_ID_LENGTH = 9
_UNUSED_ACCOUNT_DAYS = 7
_FIXED = ("PoolName", "AliasAttributes", "UsernameAttributes", "UsernameConfiguration", "Schema")
_MFA_FIELDS = (
    "SmsMfaConfiguration",
    "SoftwareTokenMfaConfiguration",
    "EmailMfaConfiguration",
    "WebAuthnConfiguration",
)


def create_user_pool(cognito: Cognito, request: Request) -> Answer:
    """CreateUserPool: only SMS MFA can be set here, TOTP needs SetUserPoolMfaConfig."""
    return {"UserPool": _described_pool(cognito, add_pool(cognito, new_pool_id(cognito), request))}


def new_pool_id(cognito: Cognito) -> str:
    """Return an unused pool ID in the region."""
    return f"{cognito.region}_{cognito.random_text(_POOL_ID_LENGTH, ALPHANUMERIC)}"


def add_pool(cognito: Cognito, pool_id: str, request: Request) -> Pool:
    """Keep a new pool under an ID of the caller's choice.

    Raises:
        CognitoError: InvalidParameterException for settings that exclude each other.
    """
    if request.get("MfaConfiguration", "OFF") != "OFF" and "SmsConfiguration" not in request:
        raise errors.SMS_NOT_CONFIGURED()
    if request.get("AliasAttributes") and request.get("UsernameAttributes"):
        raise errors.ALIASES_AND_USERNAMES()
    if not all("Name" in attribute for attribute in request.get("Schema", [])):
        raise errors.MISSING_PARAMETER(name="Schema.Name")
    now = cognito.now()
    pool = Pool(pool_id, request, now, now)
    cognito.store.pools.put(pool)
    return pool


def describe_user_pool(cognito: Cognito, request: Request) -> Answer:
    """DescribeUserPool: the pool's settings, but not whether TOTP is on."""
    return {"UserPool": _described_pool(cognito, directory.get_pool(cognito, request["UserPoolId"]))}


def set_user_pool_mfa_config(cognito: Cognito, request: Request) -> Answer:
    """SetUserPoolMfaConfig: which factors there are, and whether MFA is off, optional or on."""
    pool = directory.get_pool(cognito, request["UserPoolId"])
    given = {name: request[name] for name in _MFA_FIELDS if name in request}
    settings = pool.settings | given | {"MfaConfiguration": request.get("MfaConfiguration", pool.mfa)}
    changed = Pool(pool.id, settings, pool.created, cognito.now())
    if changed.mfa != "OFF" and not (
        changed.offers_totp or {"SmsMfaConfiguration", "EmailMfaConfiguration"} & set(given)
    ):
        raise errors.NO_MFA_METHOD()
    cognito.store.pools.put(changed)
    return _mfa_config(changed)


def get_user_pool_mfa_config(cognito: Cognito, request: Request) -> Answer:
    """GetUserPoolMfaConfig: what SetUserPoolMfaConfig set; factors never configured are absent."""
    return _mfa_config(directory.get_pool(cognito, request["UserPoolId"]))


def list_user_pools(cognito: Cognito, request: Request) -> Answer:
    """ListUserPools: a page of the pools."""
    found, token = paging.page(cognito.store.pools, request, names=("MaxResults", "NextToken"))
    listed = [
        {
            "Id": pool.id,
            "Name": pool.settings["PoolName"],
            "LambdaConfig": {},
            "CreationDate": pool.created,
            "LastModifiedDate": pool.modified,
        }
        for pool in found
    ]
    return {"UserPools": listed, **token}


def update_user_pool(cognito: Cognito, request: Request) -> Answer:
    """UpdateUserPool: what is not given goes back to its default, except what can't change."""
    pool = directory.get_pool(cognito, request["UserPoolId"])
    kept = {name: pool.settings[name] for name in (*_FIXED, *_MFA_FIELDS) if name in pool.settings}
    given = {name: value for name, value in request.items() if name != "UserPoolId"}
    changed = Pool(pool.id, kept | given, pool.created, cognito.now())
    if changed.mfa != "OFF" and not any(
        name in changed.settings for name in (*_MFA_FIELDS, "SmsConfiguration")
    ):
        raise errors.SMS_NOT_CONFIGURED()
    cognito.store.pools.put(changed)
    return {}


def delete_user_pool(cognito: Cognito, request: Request) -> None:
    """DeleteUserPool: the pool and everything in it."""
    pool = directory.get_pool(cognito, request["UserPoolId"])
    if pool.settings.get("DeletionProtection") == "ACTIVE":
        raise errors.DELETION_PROTECTED()
    cognito.store.delete_pool(pool)


def _described_pool(cognito: Cognito, pool: Pool) -> dict[str, Any]:
    settings = {
        name: value
        for name, value in pool.settings.items()
        if name not in (*_MFA_FIELDS, "PoolName", "Schema")
    }
    region = pool.id.split("_", 1)[0]
    return {
        "DeletionProtection": "INACTIVE",
        "LambdaConfig": {},
        "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
        "AdminCreateUserConfig": {
            "AllowAdminCreateUserOnly": False,
            "UnusedAccountValidityDays": _UNUSED_ACCOUNT_DAYS,
        },
        "UserPoolTags": {},
        "UserPoolTier": "ESSENTIALS",
        **settings,
        "Id": pool.id,
        "Name": pool.settings["PoolName"],
        "Policies": {**pool.settings.get("Policies", {}), "PasswordPolicy": passwords.policy(pool)},
        "MfaConfiguration": pool.mfa,
        "SchemaAttributes": schema.describe(pool),
        "EstimatedNumberOfUsers": cognito.store.users.count(pool_id=pool.id),
        "Arn": f"arn:aws:cognito-idp:{region}:{_ACCOUNT}:userpool/{pool.id}",
        "CreationDate": pool.created,
        "LastModifiedDate": pool.modified,
    }


def _mfa_config(pool: Pool) -> Answer:
    configured = {name: pool.settings[name] for name in _MFA_FIELDS if name in pool.settings}
    return configured | {"MfaConfiguration": pool.mfa}
