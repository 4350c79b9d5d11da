"""User pools: creating, describing, changing and deleting them; their attributes, second factors and tags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from local_cognito.model import errors
from local_cognito.rules import definitions, paging, pool_settings
from local_cognito.rules.cognito import ALPHANUMERIC
from local_cognito.storage.records import Pool
from local_cognito.storage.tables import Match
from local_cognito.users import directory, passwords

if TYPE_CHECKING:
    from local_cognito.model import requests
    from local_cognito.rules.cognito import Answer, Cognito

_POOL_ID_LENGTH = 9
_UNUSED_ACCOUNT_DAYS = 7
_FIXED = ("PoolName", "AliasAttributes", "UsernameAttributes", "UsernameConfiguration", "Schema")
_KEPT = (*_FIXED, "CustomAttributes", "MfaConfiguration", "Policies", *pool_settings.MFA_FIELDS)
_MESSAGES = {
    "SmsVerificationMessage": "SmsMessage",
    "EmailVerificationMessage": "EmailMessage",
    "EmailVerificationSubject": "EmailSubject",
}
_POOL_ARN = re.compile(r"arn:[^:]+:cognito-idp:[^:]*:[0-9]+:userpool/[^:/]+")
_NOT_DESCRIBED = ("PoolName", "Schema", "CustomAttributes", *pool_settings.MFA_FIELDS)


def create_user_pool(cognito: Cognito, request: requests.CreateUserPool) -> Answer:
    """CreateUserPool: only SMS MFA can be set here, TOTP needs SetUserPoolMfaConfig."""
    return {"UserPool": _described_pool(cognito, add_pool(cognito, new_pool_id(cognito), request))}


def new_pool_id(cognito: Cognito) -> str:
    """Return an unused pool ID in the region."""
    return f"{cognito.region}_{cognito.random_text(_POOL_ID_LENGTH, ALPHANUMERIC)}"


def add_pool(cognito: Cognito, pool_id: str, request: requests.CreateUserPool) -> Pool:
    """Store a new pool with this ID.

    Raises:
        CognitoError: InvalidParameterException for settings that exclude each other.
    """
    if request.get("MfaConfiguration", "OFF") != "OFF" and "SmsConfiguration" not in request:
        raise errors.SMS_NOT_CONFIGURED()
    if request.get("AliasAttributes") and request.get("UsernameAttributes"):
        raise errors.ALIASES_AND_USERNAMES()
    definitions.check([dict(one) for one in request.get("Schema", [])])
    pool_settings.check_tags(request.get("UserPoolTags", {}))
    now, settings = cognito.now(), dict(request)
    pool = Pool(pool_id, settings | pool_settings.sms_factor(settings), now, now)
    cognito.store.pools.put(pool)
    return pool


def describe_user_pool(cognito: Cognito, request: requests.DescribeUserPool) -> Answer:
    """DescribeUserPool: the pool's settings, but not whether TOTP is on."""
    return {"UserPool": _described_pool(cognito, directory.get_pool(cognito, request["UserPoolId"]))}


def list_user_pools(cognito: Cognito, request: requests.ListUserPools) -> Answer:
    """ListUserPools: a page of the region's pools."""
    of_region = Match("id", f"{cognito.region}_", is_prefix=True)
    found, token = paging.page(
        cognito.store.pools, request["MaxResults"], request.get("NextToken"), of_region
    )
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


def update_user_pool(cognito: Cognito, request: requests.UpdateUserPool) -> Answer:
    """UpdateUserPool: settings that are not given return to defaults, except MFA, policies and fixed ones."""
    pool = directory.get_pool(cognito, request["UserPoolId"])
    kept = {name: pool.settings[name] for name in _KEPT if name in pool.settings}
    given = {name: value for name, value in request.items() if name != "UserPoolId"}
    if request.get("MfaConfiguration") == "OFF":
        kept = pool_settings.without_factors(kept)
    if request.get("MfaConfiguration") == "ON" and pool.mfa == "OFF":
        raise errors.MFA_CANNOT_TURN_ON()
    policies = pool.settings.get("Policies", {}) | request.get("Policies", {})
    settings = kept | given | ({"Policies": policies} if policies else {})
    changed = Pool(pool.id, settings | pool_settings.sms_factor(settings), pool.created, cognito.now())
    if changed.mfa != "OFF" and not pool_settings.has_factor(changed):
        raise errors.SMS_NOT_CONFIGURED()
    pool_settings.check_tags(changed.settings.get("UserPoolTags", {}))
    cognito.store.pools.put(changed)
    return {}


def add_custom_attributes(cognito: Cognito, request: requests.AddCustomAttributes) -> Answer:
    """AddCustomAttributes: attributes cannot be removed again."""
    pool = directory.get_pool(cognito, request["UserPoolId"])
    existing = [definition["Name"] for definition in definitions.of_pool(pool)]
    given = [dict(one) for one in request["CustomAttributes"]]
    definitions.check_custom(existing, given)
    added = pool.settings.get("CustomAttributes", []) + given
    settings = pool.settings | {"CustomAttributes": added}
    cognito.store.pools.put(Pool(pool.id, settings, pool.created, cognito.now()))
    return {}


def delete_user_pool(cognito: Cognito, request: requests.DeleteUserPool) -> None:
    """DeleteUserPool: the pool and everything in it."""
    pool = directory.get_pool(cognito, request["UserPoolId"])
    if pool.settings.get("DeletionProtection") == "ACTIVE":
        raise errors.DELETION_PROTECTED()
    cognito.store.delete_pool(pool)


def set_user_pool_mfa_config(cognito: Cognito, request: requests.SetUserPoolMfaConfig) -> Answer:
    """SetUserPoolMfaConfig: without MfaConfiguration, MFA and every factor are turned off."""
    pool = directory.get_pool(cognito, request["UserPoolId"])
    mfa = request.get("MfaConfiguration", "OFF")
    given = {name: value for name, value in request.items() if name in pool_settings.MFA_FIELDS}
    if mfa == "OFF" and set(given) & set(pool_settings.FACTORS):
        raise errors.MFA_OFF_WITH_FACTOR()
    kept = pool_settings.without_factors(pool.settings) if mfa == "OFF" else pool.settings
    settings = kept | {"MfaConfiguration": mfa}
    changed = Pool(
        pool.id, settings | pool_settings.sms_factor(settings) | given, pool.created, cognito.now()
    )
    if mfa != "OFF" and not pool_settings.has_factor(changed):
        raise errors.NO_MFA_METHOD()
    cognito.store.pools.put(changed)
    return _described_mfa(changed)


def get_user_pool_mfa_config(cognito: Cognito, request: requests.GetUserPoolMfaConfig) -> Answer:
    """GetUserPoolMfaConfig: the settings of SetUserPoolMfaConfig; unconfigured factors are absent."""
    return _described_mfa(directory.get_pool(cognito, request["UserPoolId"]))


def tag_resource(cognito: Cognito, request: requests.TagResource) -> Answer:
    """TagResource: add tags, or replace their values."""
    pool = _tagged_pool(cognito, request["ResourceArn"])
    _keep(cognito, pool, _tags(pool) | request["Tags"])
    return {}


def untag_resource(cognito: Cognito, request: requests.UntagResource) -> Answer:
    """UntagResource: unknown tags are ignored."""
    pool = _tagged_pool(cognito, request["ResourceArn"])
    _keep(cognito, pool, {key: value for key, value in _tags(pool).items() if key not in request["TagKeys"]})
    return {}


def list_tags_for_resource(cognito: Cognito, request: requests.ListTagsForResource) -> Answer:
    """ListTagsForResource."""
    return {"Tags": _tags(_tagged_pool(cognito, request["ResourceArn"]))}


def _described_pool(cognito: Cognito, pool: Pool) -> dict[str, Any]:
    settings = {name: value for name, value in pool.settings.items() if name not in _NOT_DESCRIBED}
    return {
        "DeletionProtection": "INACTIVE",
        "LambdaConfig": {},
        "AdminCreateUserConfig": {
            "AllowAdminCreateUserOnly": False,
            "UnusedAccountValidityDays": _UNUSED_ACCOUNT_DAYS,
        },
        "UserPoolTags": {},
        "UserPoolTier": "ESSENTIALS",
        **settings,
        **_verification_messages(settings),
        "EmailConfiguration": {
            "EmailSendingAccount": "COGNITO_DEFAULT",
            **settings.get("EmailConfiguration", {}),
        },
        "Id": pool.id,
        "Name": pool.settings["PoolName"],
        "Policies": {**pool.settings.get("Policies", {}), "PasswordPolicy": passwords.policy(pool)},
        "MfaConfiguration": pool.mfa,
        "SchemaAttributes": definitions.of_pool(pool),
        "EstimatedNumberOfUsers": cognito.store.users.count(pool_id=pool.id),
        "Arn": pool.arn,
        "CreationDate": pool.created,
        "LastModifiedDate": pool.modified,
    }


def _verification_messages(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the texts of verification messages; three have two names each, one inside the template."""
    template = {"DefaultEmailOption": "CONFIRM_WITH_CODE"}
    template |= {inner: settings[name] for name, inner in _MESSAGES.items() if name in settings}
    template |= settings.get("VerificationMessageTemplate", {})
    outer = {name: template[inner] for name, inner in _MESSAGES.items() if inner in template}
    return {"VerificationMessageTemplate": template, **outer}


def _described_mfa(pool: Pool) -> Answer:
    configured = {name: pool.settings[name] for name in pool_settings.MFA_FIELDS if name in pool.settings}
    return configured | {"MfaConfiguration": pool.mfa}


def _tagged_pool(cognito: Cognito, arn: str) -> Pool:
    """Return the pool with this ARN, of this account and region.

    Raises:
        CognitoError: InvalidParameterException for an ARN of something else, ResourceNotFoundException.
    """
    if not _POOL_ARN.fullmatch(arn):
        raise errors.NOT_A_POOL_ARN(arn=arn)
    pool = directory.get_pool(cognito, arn.rpartition("/")[2])
    if pool.arn != arn:
        raise errors.UNKNOWN_POOL(pool_id=pool.id)
    return pool


def _tags(pool: Pool) -> dict[str, str]:
    return dict(pool.settings.get("UserPoolTags", {}))


def _keep(cognito: Cognito, pool: Pool, tags: dict[str, str]) -> None:
    pool_settings.check_tags(tags)
    pool.settings["UserPoolTags"] = tags
    cognito.store.pools.put(pool)
