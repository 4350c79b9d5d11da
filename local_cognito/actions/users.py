"""Users as an administrator sees them: finding, listing, creating, changing and removing them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from local_cognito.actions import sign_up
from local_cognito.authentication import tokens
from local_cognito.model import errors
from local_cognito.rules import codes, outbox, paging
from local_cognito.rules.cognito import ALPHANUMERIC
from local_cognito.storage.records import CONFIRMED, FORCE_CHANGE_PASSWORD
from local_cognito.storage.tables import Match
from local_cognito.users import directory, passwords, pending, schema

if TYPE_CHECKING:
    from collections.abc import Iterable

    from local_cognito.rules.cognito import Answer, Cognito, Request
    from local_cognito.storage.records import Client, ListedUser, Pool, User

_FILTER = re.compile(r'\s*"?(?P<name>[\w:]+)"?\s*(?P<type>\^?=)\s*"(?P<value>(?:[^"\\]|\\.)*)"\s*')
_FIELDS = {"username": "username", "sub": "sub", "cognito:user_status": "status"}
_ATTRIBUTES = ("email", "phone_number", "name", "given_name", "family_name", "preferred_username")
_SEARCHABLE = ("status", *_FIELDS, *_ATTRIBUTES)
_TEMPORARY_PASSWORD_LENGTH = 16
_OF_EVERY_KIND = "-Aa1"  # at the end of a temporary password, for whatever the policy asks


def admin_get_user(cognito: Cognito, request: Request) -> Answer:
    """AdminGetUser: a user with their state and MFA settings."""
    _, user = directory.managed_user(cognito, request)
    return described(user, "UserAttributes") | mfa_settings(user)


def list_users(cognito: Cognito, request: Request) -> Answer:
    """ListUsers: a page of at most 60, in order of creation; PaginationToken leads to the next."""
    directory.get_pool(cognito, request["UserPoolId"])
    matches = _matches(request.get("Filter", ""))
    names = ("Limit", "PaginationToken")
    pool_id = request["UserPoolId"]
    found, token = paging.page(cognito.store.listed_users, request, *matches, names=names, pool_id=pool_id)
    wanted = request.get("AttributesToGet")
    return {"Users": [described(user, "Attributes", wanted) for user in found], **token}


def admin_create_user(cognito: Cognito, request: Request) -> Answer:
    """AdminCreateUser: a user who must choose a password at the first sign-in, and the invitation to it."""
    pool = directory.get_pool(cognito, request["UserPoolId"])
    if request.get("MessageAction") == "RESEND":
        return _invite_again(cognito, pool, request)
    attributes = schema.accept(pool, request.get("UserAttributes", []), client=None)
    attributes |= sign_up.attribute_from_name(pool, request["Username"])
    password = request.get("TemporaryPassword") or _temporary_password(cognito)
    passwords.check_policy(pool, password)
    name = request["Username"]
    user = sign_up.new_user(cognito, pool, name, password, attributes, FORCE_CHANGE_PASSWORD)
    directory.add_user(cognito, pool, user)
    if request.get("MessageAction") != "SUPPRESS":
        _invite(cognito, user, password, request)
    return {"User": described(user, "Attributes")}


def admin_set_user_password(cognito: Cognito, request: Request) -> Answer:
    """AdminSetUserPassword: a permanent password, or a temporary one to be replaced at the next sign-in."""
    pool, user = directory.managed_user(cognito, request)
    passwords.check_policy(pool, request["Password"])
    passwords.change(cognito, pool, user, request["Password"])
    user.status = CONFIRMED if request.get("Permanent") else FORCE_CHANGE_PASSWORD
    directory.save_user(cognito, pool, user)
    return {}


def admin_update_user_attributes(cognito: Cognito, request: Request) -> Answer:
    """AdminUpdateUserAttributes: a changed address is unverified unless the administrator says otherwise."""
    pool, user = directory.managed_user(cognito, request)
    changes = schema.accept(pool, request["UserAttributes"], client=None, current=user.attributes)
    waiting = pending.put_off(cognito, pool, user, changes)
    change_attributes(cognito, pool, user, changes)
    for name in waiting:
        pending.send_code(cognito, user, name)
    return {}


def admin_delete_user_attributes(cognito: Cognito, request: Request) -> Answer:
    """AdminDeleteUserAttributes."""
    pool, user = directory.managed_user(cognito, request)
    schema.check_known(pool, request["UserAttributeNames"], errors.UNKNOWN_REMOVED)
    remove_attributes(cognito, pool, user, request["UserAttributeNames"], None)
    return {}


def admin_disable_user(cognito: Cognito, request: Request) -> Answer:
    """AdminDisableUser: no sign-in any more; earlier ones and a code to reset the password end."""
    pool, user = directory.managed_user(cognito, request)
    codes.forget(cognito, user, codes.FORGOTTEN_PASSWORD)
    user.enabled = False
    tokens.revoke_all(cognito, user)
    directory.save_user(cognito, pool, user)
    return {}


def admin_enable_user(cognito: Cognito, request: Request) -> Answer:
    """AdminEnableUser."""
    pool, user = directory.managed_user(cognito, request)
    user.enabled = True
    directory.save_user(cognito, pool, user)
    return {}


def admin_delete_user(cognito: Cognito, request: Request) -> None:
    """AdminDeleteUser: the user and everything that belongs to them."""
    _, user = directory.managed_user(cognito, request)
    cognito.store.delete_user(user)


def described(user: User | ListedUser, attributes_member: str, wanted: list[str] | None = None) -> Answer:
    """Return the user as the API describes one, the attributes in a member of this name."""
    attributes = schema.as_list(user.attributes)
    if wanted is not None:
        attributes = [item for item in attributes if item["Name"] in wanted]
    return {
        "Username": user.username,
        attributes_member: attributes,
        "UserCreateDate": user.created,
        "UserLastModifiedDate": user.modified,
        "Enabled": user.enabled,
        "UserStatus": user.status,
    }


def mfa_settings(user: User) -> Answer:
    """Return the user's active factors and the preferred one, each where there is one."""
    settings: Answer = {}
    if user.mfa.get("enabled"):
        settings["UserMFASettingList"] = user.mfa["enabled"]
    if user.mfa.get("preferred"):
        settings["PreferredMfaSetting"] = user.mfa["preferred"]
    return settings


def change_attributes(cognito: Cognito, pool: Pool, user: User, changes: dict[str, str]) -> list[str]:
    """Change attributes, or remove those that get an empty value, and keep the user.

    Returns:
        Which addresses are new: unverified unless `changes` says otherwise, and codes that went to the
        old ones are worthless.

    Raises:
        CognitoError: InvalidParameterException, when the pool requires what would go away;
            AliasExistsException, when a name belongs to another user by now.
    """
    for name in schema.required(pool):
        if not changes.get(name, True):
            raise errors.ATTRIBUTE_REQUIRED(name=name)
    old = user.attributes
    addresses = [name for name in codes.MEDIA if changes.get(name, old.get(name)) != old.get(name)]
    user.attributes = old | {f"{name}_verified": "false" for name in addresses} | changes
    for name in [name for name, value in changes.items() if not value]:
        user.attributes.pop(name, None)
        user.attributes.pop(f"{name}_verified", None)
    directory.save_user(cognito, pool, user)
    for name in addresses:
        codes.forget(cognito, user, codes.SIGN_UP)
        _forget_new_address(cognito, user, name)
    return [name for name in addresses if changes[name]]


def remove_attributes(
    cognito: Cognito, pool: Pool, user: User, names: Iterable[str], client: Client | None
) -> None:
    """Remove attributes, with what is known of their verification.

    Raises:
        CognitoError: InvalidParameterException, when the pool requires one of them; what `schema.accept`
            refuses to `client`, or to an administrator if it is None.
    """
    removed = [{"Name": name, "Value": ""} for name in names]
    for name in schema.accept(pool, removed, client=client, current=user.attributes):
        user.attributes.pop(name, None)
        user.attributes.pop(f"{name}_verified", None)
        _forget_new_address(cognito, user, name)
    schema.check_required(pool, user.attributes)
    directory.save_user(cognito, pool, user)


def _forget_new_address(cognito: Cognito, user: User, name: str) -> None:
    pending.forget(cognito, user, name)
    codes.forget(cognito, user, codes.verification(name))


def _invite(cognito: Cognito, user: User, password: str, request: Request) -> None:
    """Send the temporary password; without a wish for a medium, wherever there is an address."""
    media = request.get("DesiredDeliveryMediums", ["EMAIL", "SMS"])
    for attribute, medium in (("email", "EMAIL"), ("phone_number", "SMS")):
        if medium in media and user.attributes.get(attribute):
            to = user.attributes[attribute]
            outbox.send_code(cognito, user.pool_id, to, "Your temporary password", password)


def _invite_again(cognito: Cognito, pool: Pool, request: Request) -> Answer:
    user = directory.find_user(cognito, pool, request["Username"])
    if user is None:
        raise errors.USER_NOT_FOUND()
    if user.status != FORCE_CHANGE_PASSWORD:
        raise errors.CANNOT_INVITE_AGAIN(status=user.status)
    password = request.get("TemporaryPassword") or _temporary_password(cognito)
    passwords.check_policy(pool, password)
    passwords.give(cognito, pool, user, password)
    directory.save_user(cognito, pool, user)
    _invite(cognito, user, password, request)
    return {"User": described(user, "Attributes")}


def _temporary_password(cognito: Cognito) -> str:
    return cognito.random_text(_TEMPORARY_PASSWORD_LENGTH, ALPHANUMERIC) + _OF_EVERY_KIND


def _matches(filter_text: str) -> list[Match]:
    """Return what a ListUsers filter asks of a user.

    Raises:
        CognitoError: InvalidParameterException, when it can't be read.
    """
    if not filter_text.strip():
        return []
    match = _FILTER.fullmatch(filter_text)
    if match and match["name"].startswith(("custom:", "dev:")):
        raise errors.NOT_SEARCHABLE(name=match["name"])
    if match is None or match["name"] not in _SEARCHABLE:
        raise errors.BAD_FILTER()
    value = re.sub(r"\\(.)", r"\1", match["value"])
    if match["name"] == "status":
        return [Match("enabled", {"Enabled": True, "Disabled": False}.get(value))]
    field = _FIELDS.get(match["name"])
    return [
        Match(
            field or "attributes",
            value,
            key=None if field else match["name"],
            is_prefix=match["type"] == "^=",
            ignores_case=match["name"] != "username",
        )
    ]
