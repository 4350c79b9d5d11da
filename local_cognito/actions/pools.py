"""User pools: creating, describing, changing and deleting them, and giving them attributes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from local_cognito.actions import mfa_config, tags
from local_cognito.model import errors
from local_cognito.rules import definitions, paging
from local_cognito.rules.cognito import ALPHANUMERIC
from local_cognito.storage.records import Pool
from local_cognito.storage.tables import Match
from local_cognito.users import directory, passwords

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Answer, Cognito, Request

POOL_ID = re.compile(r"[a-z0-9-]{1,40}_[0-9a-zA-Z]{1,14}", re.ASCII)
_POOL_ID_LENGTH = 9
_UNUSED_ACCOUNT_DAYS = 7
_FIXED = ("PoolName", "AliasAttributes", "UsernameAttributes", "UsernameConfiguration", "Schema")
_KEPT = (*_FIXED, "CustomAttributes", "MfaConfiguration", "Policies", *mfa_config.FIELDS)
_MESSAGES = {
    "SmsVerificationMessage": "SmsMessage",
    "EmailVerificationMessage": "EmailMessage",
    "EmailVerificationSubject": "EmailSubject",
}
_NOT_DESCRIBED = ("PoolName", "Schema", "CustomAttributes", *mfa_config.FIELDS)


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
    definitions.check(request.get("Schema", []))
    tags.check(request.get("UserPoolTags", {}))
    now = cognito.now()
    pool = Pool(pool_id, request | mfa_config.sms_factor(request), now, now)
    cognito.store.pools.put(pool)
    return pool


def describe_user_pool(cognito: Cognito, request: Request) -> Answer:
    """DescribeUserPool: the pool's settings, but not whether TOTP is on."""
    return {"UserPool": _described_pool(cognito, directory.get_pool(cognito, request["UserPoolId"]))}


def list_user_pools(cognito: Cognito, request: Request) -> Answer:
    """ListUserPools: a page of the region's pools."""
    of_region = Match("id", f"{cognito.region}_", is_prefix=True)
    found, token = paging.page(cognito.store.pools, request, of_region, names=("MaxResults", "NextToken"))
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
    """UpdateUserPool: what is not given goes back to its default, except MFA, policies and what is fixed."""
    pool = directory.get_pool(cognito, request["UserPoolId"])
    kept = {name: pool.settings[name] for name in _KEPT if name in pool.settings}
    given = {name: value for name, value in request.items() if name != "UserPoolId"}
    if given.get("MfaConfiguration") == "OFF":
        kept = mfa_config.without_factors(kept)
    if given.get("MfaConfiguration") == "ON" and pool.mfa == "OFF":
        raise errors.MFA_CANNOT_TURN_ON()
    policies = pool.settings.get("Policies", {}) | given.get("Policies", {})
    settings = kept | given | ({"Policies": policies} if policies else {})
    changed = Pool(pool.id, settings | mfa_config.sms_factor(settings), pool.created, cognito.now())
    if changed.mfa != "OFF" and not mfa_config.has_factor(changed):
        raise errors.SMS_NOT_CONFIGURED()
    tags.check(changed.settings.get("UserPoolTags", {}))
    cognito.store.pools.put(changed)
    return {}


def add_custom_attributes(cognito: Cognito, request: Request) -> Answer:
    """AddCustomAttributes: more attributes for the pool's users; none goes away again."""
    pool = directory.get_pool(cognito, request["UserPoolId"])
    existing = [definition["Name"] for definition in definitions.of_pool(pool)]
    definitions.check_custom(existing, request["CustomAttributes"])
    added = pool.settings.get("CustomAttributes", []) + request["CustomAttributes"]
    settings = pool.settings | {"CustomAttributes": added}
    cognito.store.pools.put(Pool(pool.id, settings, pool.created, cognito.now()))
    return {}


def delete_user_pool(cognito: Cognito, request: Request) -> None:
    """DeleteUserPool: the pool and everything in it."""
    pool = directory.get_pool(cognito, request["UserPoolId"])
    if pool.settings.get("DeletionProtection") == "ACTIVE":
        raise errors.DELETION_PROTECTED()
    cognito.store.delete_pool(pool)


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
    """Return the texts of verification messages: three of them go by two names each, one in the template."""
    template = {"DefaultEmailOption": "CONFIRM_WITH_CODE"}
    template |= {inner: settings[name] for name, inner in _MESSAGES.items() if name in settings}
    template |= settings.get("VerificationMessageTemplate", {})
    outer = {name: template[inner] for name, inner in _MESSAGES.items() if inner in template}
    return {"VerificationMessageTemplate": template, **outer}
