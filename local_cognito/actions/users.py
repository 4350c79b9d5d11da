"""User administration: finding, listing, creating, changing and deleting users."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from local_cognito.authentication import tokens
from local_cognito.model import errors
from local_cognito.rules import codes, factors, paging
from local_cognito.rules.cognito import ALPHANUMERIC
from local_cognito.storage.tables import Match
from local_cognito.storage.user_records import CONFIRMED, FORCE_CHANGE_PASSWORD, RESET_REQUIRED
from local_cognito.triggers import registration
from local_cognito.users import accounts, attributes, directory, messages, passwords, recovery, schema

if TYPE_CHECKING:
    from local_cognito.model import requests
    from local_cognito.rules.cognito import Answer, Cognito
    from local_cognito.storage.records import Pool
    from local_cognito.storage.user_records import User

_FILTER = re.compile(r'\s*"?(?P<name>[\w:]+)"?\s*(?P<type>\^?=)\s*"(?P<value>(?:[^"\\]|\\.)*)"\s*')
_FIELDS = {"username": "username", "sub": "sub", "cognito:user_status": "status"}
_ATTRIBUTES = ("email", "phone_number", "name", "given_name", "family_name", "preferred_username")
_SEARCHABLE = ("status", *_FIELDS, *_ATTRIBUTES)
_TEMPORARY_PASSWORD_LENGTH = 16
_OF_EVERY_KIND = "-Aa1"  # ends a temporary password, to satisfy every policy


def admin_get_user(cognito: Cognito, request: requests.AdminGetUser) -> Answer:
    """AdminGetUser: a user with their state and MFA settings."""
    pool, user = directory.managed_user(cognito, request)
    return accounts.described(user, "UserAttributes") | factors.described(pool, user)


def list_users(cognito: Cognito, request: requests.ListUsers) -> Answer:
    """ListUsers: a page of at most 60, in order of creation; PaginationToken leads to the next."""
    directory.get_pool(cognito, request["UserPoolId"])
    matches = _matches(request.get("Filter", ""))
    found, token = paging.page(
        cognito.store.listed_users,
        request.get("Limit"),
        request.get("PaginationToken"),
        *matches,
        next_page="PaginationToken",
        pool_id=request["UserPoolId"],
    )
    wanted = request.get("AttributesToGet")
    return {"Users": [accounts.described(user, "Attributes", wanted) for user in found], **token}


def admin_create_user(cognito: Cognito, request: requests.AdminCreateUser) -> Answer:
    """AdminCreateUser: create a user with a temporary password, and send the invitation.

    Where users sign in by codes, one without TemporaryPassword has no password, and is confirmed.
    """
    pool = directory.get_pool(cognito, request["UserPoolId"])
    if request.get("MessageAction") == "RESEND":
        return _invite_again(cognito, pool, request)
    accepted = schema.accept(pool, request.get("UserAttributes", []), client=None)
    accepted |= accounts.attribute_from_name(pool, request["Username"])
    password = _first_password(cognito, pool, accepted, request)
    status = CONFIRMED if password is None else FORCE_CHANGE_PASSWORD
    user = accounts.new_user(cognito, pool, request["Username"], password, accepted, status)
    data = registration.validation_data(request.get("ValidationData", []))
    asked = registration.Registration(
        "PreSignUp_AdminCreateUser", user.username, messages.NO_CLIENT, accepted, data
    )
    registration.pre_sign_up(cognito, pool, asked)
    directory.add_user(cognito, pool, user, errors.USER_EXISTS_FOR_ADMIN)
    if request.get("MessageAction") != "SUPPRESS" and password is not None:
        _invite(cognito, pool, user, password, request)
    return {"User": accounts.described(user, "Attributes")}


def admin_set_user_password(cognito: Cognito, request: requests.AdminSetUserPassword) -> Answer:
    """AdminSetUserPassword: a permanent password, or one to be replaced at the next sign-in."""
    pool, user = directory.managed_user(cognito, request)
    passwords.check_policy(pool, request["Password"], errors.NEW_PASSWORD_POLICY)
    passwords.change(cognito, pool, user, request["Password"])
    user.status = CONFIRMED if request.get("Permanent") else FORCE_CHANGE_PASSWORD
    directory.save_user(cognito, pool, user)
    return {}


def admin_reset_user_password(cognito: Cognito, request: requests.AdminResetUserPassword) -> Answer:
    """AdminResetUserPassword: end the password and send a code to set another."""
    pool, user = directory.managed_user(cognito, request)
    if not user.enabled:
        raise errors.USER_DISABLED()
    if user.status not in (CONFIRMED, RESET_REQUIRED):
        raise errors.RESET_NOT_POSSIBLE()
    attribute = recovery.verified_address(pool, user)
    if attribute is None:
        raise errors.NO_RECOVERY()
    user.status = RESET_REQUIRED
    cognito.store.delete_sessions(user)
    directory.save_user(cognito, pool, user)
    occasion = messages.Occasion("ForgotPassword", messages.NO_CLIENT)
    messages.send_code(cognito, pool, user, codes.FORGOTTEN_PASSWORD, attribute, occasion, recovery.LIFETIME)
    return {}


def admin_update_user_attributes(cognito: Cognito, request: requests.AdminUpdateUserAttributes) -> Answer:
    """AdminUpdateUserAttributes: new addresses are unverified unless the request says otherwise."""
    pool, user = directory.managed_user(cognito, request)
    changes = schema.accept(pool, request["UserAttributes"], client=None, current=user.attributes)
    waiting = attributes.defer_unverified_addresses(cognito, pool, user, changes)
    attributes.change(cognito, pool, user, changes)
    for name in waiting:
        occasion = messages.Occasion("UpdateUserAttribute", messages.NO_CLIENT)
        attributes.send_verification(cognito, pool, user, name, occasion)
    return {}


def admin_delete_user_attributes(cognito: Cognito, request: requests.AdminDeleteUserAttributes) -> Answer:
    """AdminDeleteUserAttributes."""
    pool, user = directory.managed_user(cognito, request)
    attributes.remove(cognito, pool, user, request["UserAttributeNames"], None)
    return {}


def admin_disable_user(cognito: Cognito, request: requests.AdminDisableUser) -> Answer:
    """AdminDisableUser: end every sign-in and a reset code; the user cannot sign in."""
    pool, user = directory.managed_user(cognito, request)
    codes.forget(cognito, user, codes.FORGOTTEN_PASSWORD)
    user.enabled = False
    tokens.revoke_all(cognito, user)
    directory.save_user(cognito, pool, user)
    return {}


def admin_enable_user(cognito: Cognito, request: requests.AdminEnableUser) -> Answer:
    """AdminEnableUser."""
    pool, user = directory.managed_user(cognito, request)
    user.enabled = True
    directory.save_user(cognito, pool, user)
    return {}


def admin_delete_user(cognito: Cognito, request: requests.AdminDeleteUser) -> None:
    """AdminDeleteUser: the user and all their records."""
    _, user = directory.managed_user(cognito, request)
    cognito.store.delete_user(user)


def _first_password(
    cognito: Cognito, pool: Pool, attributes: dict[str, str], request: requests.AdminCreateUser
) -> str | None:
    """Return the temporary password of a new user, or None for a user who signs in by codes.

    Raises:
        CognitoError: InvalidPasswordException; InvalidParameterException when codes have no address.
    """
    password = request.get("TemporaryPassword")
    if not password and factors.takes_codes(pool):
        if not factors.can_receive_codes(pool, attributes):
            raise errors.NO_ADDRESS_FOR_CODES()
        return None
    password = password or _temporary_password(cognito)
    passwords.check_policy(pool, password, errors.TEMPORARY_PASSWORD_POLICY)
    return password


def _invite(
    cognito: Cognito, pool: Pool, user: User, password: str, request: requests.AdminCreateUser
) -> None:
    """Send the temporary password by the DesiredDeliveryMediums, by default to every address."""
    media = request.get("DesiredDeliveryMediums", ["EMAIL", "SMS"])
    for attribute, medium in (("email", "EMAIL"), ("phone_number", "SMS")):
        if medium in media and user.attributes.get(attribute):
            occasion = messages.Occasion("AdminCreateUser", messages.NO_CLIENT)
            messages.send(cognito, pool, user, attribute, occasion, password)


def _invite_again(cognito: Cognito, pool: Pool, request: requests.AdminCreateUser) -> Answer:
    user = directory.find_user(cognito, pool, request["Username"])
    if user is None:
        raise errors.USER_NOT_FOUND()
    if user.status != FORCE_CHANGE_PASSWORD:
        raise errors.CANNOT_INVITE_AGAIN(status=user.status)
    password = request.get("TemporaryPassword") or _temporary_password(cognito)
    passwords.check_policy(pool, password, errors.TEMPORARY_PASSWORD_POLICY)
    passwords.give(cognito, pool, user, password)
    directory.save_user(cognito, pool, user)
    _invite(cognito, pool, user, password, request)
    return {"User": accounts.described(user, "Attributes")}


def _temporary_password(cognito: Cognito) -> str:
    return cognito.random_text(_TEMPORARY_PASSWORD_LENGTH, ALPHANUMERIC) + _OF_EVERY_KIND


def _matches(filter_text: str) -> list[Match]:
    """Parse the filter of ListUsers.

    Raises:
        CognitoError: InvalidParameterException, when it is malformed.
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
