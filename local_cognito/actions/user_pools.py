"""User pools: creating, describing, changing and deleting them; their attributes, second factors and tags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from local_cognito.model import errors
from local_cognito.rules import client_settings, definitions, factors, paging, pool_settings
from local_cognito.rules.cognito import ALPHANUMERIC, milliseconds
from local_cognito.storage.records import Pool
from local_cognito.storage.tables import Match
from local_cognito.users import directory, passwords

if TYPE_CHECKING:
    from local_cognito.model import requests
    from local_cognito.rules.cognito import Answer, Cognito

_POOL_ID_LENGTH = 9
# What a pool shows that was made without these settings.
_DEFAULTS = {
    "AccountRecoverySetting": {
        "RecoveryMechanisms": [
            {"Name": "verified_email", "Priority": 1},
            {"Name": "verified_phone_number", "Priority": 2},
        ]
    },
    "DeletionProtection": "INACTIVE",
    "IssuerConfiguration": {"Type": "ORIGINAL"},
    "KeyConfiguration": {"KeyType": "AWS_OWNED_KEY"},
    "LambdaConfig": {},
    "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": []},
}
# Settings of which a request may leave out members.
_DEFAULT_MEMBERS: dict[str, dict[str, Any]] = {
    "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False, "UnusedAccountValidityDays": 7},
    "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
}
_FIXED = ("PoolName", "AliasAttributes", "UsernameAttributes", "UsernameConfiguration", "Schema")
_KEPT = (*_FIXED, "CustomAttributes", "MfaConfiguration", "Policies", *pool_settings.MFA_FIELDS)
_MESSAGES = {
    "SmsVerificationMessage": "SmsMessage",
    "EmailVerificationMessage": "EmailMessage",
    "EmailVerificationSubject": "EmailSubject",
}
_POOL_ARN = re.compile(r"arn:[^:]+:cognito-idp:[^:]*:[0-9]+:userpool/[^:/]+")
_NOT_DESCRIBED = ("PoolName", "Schema", "CustomAttributes", "UserPoolTags", *pool_settings.MFA_FIELDS)


def create_user_pool(cognito: Cognito, request: requests.CreateUserPool) -> Answer:
    """CreateUserPool: only SMS MFA can be set here, TOTP needs SetUserPoolMfaConfig."""
    pool = add_pool(cognito, new_pool_id(cognito), request)
    own = {"SchemaAttributes": definitions.of_pool(pool)}
    tags = {"UserPoolTags": _tags(pool)} if _tags(pool) else {}
    return {"UserPool": _described_pool(cognito, pool) | own | tags}


def new_pool_id(cognito: Cognito) -> str:
    """Return an unused pool ID in the region."""
    return f"{cognito.region}_{cognito.random_text(_POOL_ID_LENGTH, ALPHANUMERIC)}"


def add_pool(cognito: Cognito, pool_id: str, request: requests.CreateUserPool) -> Pool:
    """Store a new pool with this ID.

    Raises:
        CognitoError: InvalidParameterException for settings that exclude each other.
    """
    definitions.check([dict(one) for one in request.get("Schema", [])])
    now, settings = cognito.now(), dict(request)
    pool = Pool(pool_id, settings | pool_settings.sms_factor(settings), now, now)
    pool_settings.check(pool)
    cognito.store.pools.put(pool)
    return pool


def describe_user_pool(cognito: Cognito, request: requests.DescribeUserPool) -> Answer:
    """DescribeUserPool: the pool's settings, but not whether TOTP is on."""
    pool = directory.get_pool(cognito, request["UserPoolId"])
    own = {"SchemaAttributes": definitions.described(pool), "UserPoolTags": _tags(pool)}
    return {"UserPool": _described_pool(cognito, pool) | own}


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
            "LambdaConfig": pool.settings.get("LambdaConfig", {}),
            "CreationDate": milliseconds(pool.created),
            "LastModifiedDate": milliseconds(pool.modified),
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
    if pool_settings.tier(changed) == pool_settings.tier(pool):
        pool_settings.check(changed)
    else:
        pool_settings.check(changed, unavailable=errors.TIER_CHANGE_NOT_ALLOWED)
        _check_clients(cognito, changed)
    cognito.store.pools.put(changed)
    return {}


def get_csv_header(cognito: Cognito, request: requests.GetCSVHeader) -> Answer:
    """GetCSVHeader: the columns of a file of users to import."""
    pool = directory.get_pool(cognito, request["UserPoolId"])
    names = [definition["Name"] for definition in definitions.of_pool(pool) if definition["Name"] != "sub"]
    return {"UserPoolId": pool.id, "CSVHeader": [*names, "cognito:mfa_enabled", "cognito:username"]}


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
    has_web_authn = "WebAuthnConfiguration" in given
    pool_settings.check(
        changed, no_factor=errors.NO_MFA_BUT_WEB_AUTHN if has_web_authn else errors.NO_MFA_METHOD
    )
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


def _check_clients(cognito: Cognito, pool: Pool) -> None:
    """Check that the pool's new tier has what its app clients use."""
    for client in cognito.store.clients.where(pool_id=pool.id):
        pool_settings.check_tier(pool, client_settings.features(client), errors.TIER_CHANGE_NOT_ALLOWED)


def _described_pool(cognito: Cognito, pool: Pool) -> dict[str, Any]:
    """Return what CreateUserPool and DescribeUserPool tell alike: not the schema, and no tags."""
    settings = {name: value for name, value in pool.settings.items() if name not in _NOT_DESCRIBED}
    policies = {
        "SignInPolicy": {"AllowedFirstAuthFactors": factors.allowed_first(pool)},
        "PasswordPolicy": passwords.policy(pool),
    }
    with_defaults = {name: default | settings.get(name, {}) for name, default in _DEFAULT_MEMBERS.items()}
    return {
        **_DEFAULTS,
        **settings,
        **with_defaults,
        **_verification_messages(settings),
        "Id": pool.id,
        "Name": pool.settings["PoolName"],
        "Policies": policies,
        "MfaConfiguration": pool.mfa,
        "UserPoolTier": pool_settings.tier(pool),
        "EstimatedNumberOfUsers": cognito.store.users.count(pool_id=pool.id),
        "Arn": pool.arn,
        "CreationDate": milliseconds(pool.created),
        "LastModifiedDate": milliseconds(pool.modified),
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
