"""New users, and how the API describes a user."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from local_cognito.model import errors
from local_cognito.storage.records import User
from local_cognito.users import directory, passwords, schema

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Answer, Cognito
    from local_cognito.storage.records import ListedUser, Pool


def new_user(
    cognito: Cognito, pool: Pool, name: str, password: str, attributes: dict[str, str], status: str
) -> User:
    """Return a new user in this `status`, not kept yet."""
    sub = cognito.random_uuid()
    # Where an attribute takes the place of the user name, Cognito's own name for the user is the sub. Where
    # case does not count, a name is kept in one spelling: no answer tells how its user wrote it.
    username = sub if pool.username_attributes else directory.fold(pool, name)
    attributes = {"sub": sub} | attributes
    salt, verifier = passwords.make(cognito, pool, username, password)
    now = cognito.now()
    return User(pool.id, username, sub, status, attributes, salt, verifier, now, now, now)


def attribute_from_name(pool: Pool, name: str) -> dict[str, str]:
    """Return the attribute that the given user name stands for, in pools where it does."""
    is_email, is_phone = schema.is_email(name), schema.is_phone(name)
    allowed = pool.username_attributes
    if "email" in allowed and is_email:
        return {"email": name}
    if "phone_number" in allowed and is_phone:
        return {"phone_number": name}
    if allowed == ["email"]:
        raise errors.USERNAME_NOT_EMAIL()
    if allowed == ["phone_number"]:
        raise errors.USERNAME_NOT_PHONE()
    if allowed:
        raise errors.USERNAME_NOT_EITHER()
    if "email" in pool.alias_attributes and re.fullmatch(r"[^@\s]+@[^@\s]+", name):
        raise errors.USERNAME_IS_EMAIL()
    if "phone_number" in pool.alias_attributes and is_phone:
        raise errors.USERNAME_IS_PHONE()
    return {}


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
