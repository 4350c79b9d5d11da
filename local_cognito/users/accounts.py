"""New users, and how the API describes a user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_cognito.model import errors
from local_cognito.rules import factors
from local_cognito.rules.cognito import milliseconds
from local_cognito.storage.user_records import User
from local_cognito.triggers import registration
from local_cognito.triggers.events import metadata_as_validation_data
from local_cognito.users import directory, passwords, schema

if TYPE_CHECKING:
    from local_cognito.model.requests import AttributeType
    from local_cognito.rules.cognito import Answer, Cognito
    from local_cognito.storage.records import Client, Pool
    from local_cognito.storage.user_records import ListedUser


def new_user(
    cognito: Cognito, pool: Pool, name: str, password: str | None, attributes: dict[str, str], status: str
) -> User:
    """Return a new user in this `status`, not yet in the store; without a password if that is None."""
    sub = cognito.random_uuid()
    # Where users sign up with an address, the user name is the sub. Where names are case-insensitive, the
    # name is stored in lower case.
    username = sub if pool.username_attributes else directory.fold(pool, name)
    attributes = {"sub": sub} | attributes
    # Nobody knows the password of a user without one.
    salt, verifier = passwords.make(cognito, pool, username, password or cognito.random_uuid())
    now = cognito.now()
    password_set = 0 if password is None else now
    return User(pool.id, username, sub, status, attributes, salt, verifier, now, now, password_set)


def attribute_from_name(pool: Pool, name: str) -> dict[str, str]:
    """Return the attribute that the user name is, in pools where users sign up with an address.

    Raises:
        CognitoError: InvalidParameterException, when the name has the wrong form for the pool.
    """
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
    schema.check_is_no_address(pool, name)
    return {}


def migrated_user(
    cognito: Cognito, pool: Pool, client: Client, name: str, password: str | None
) -> User | None:
    """Create and return the user that UserMigration finds for a name; None without such a function.

    The password is not checked against the pool's policy. PreSignUp is asked, too.

    Args:
        cognito: the service.
        pool: the user pool, which has no such user.
        client: the app client.
        name: as it was typed.
        password: likewise; None when it was forgotten.

    Raises:
        CognitoError: UserNotFoundException, when the function fails or finds nobody; what a new user's names
            and attributes are refused with.
    """
    found = registration.migrate(cognito, pool, client.id, name, password)
    if found is None:
        return None
    items: list[AttributeType] = [{"Name": key, "Value": value} for key, value in found.attributes.items()]
    given = schema.accept(pool, items, client=None) | attribute_from_name(pool, name)
    user = new_user(cognito, pool, name, password or cognito.random_uuid(), given, found.status)
    data = metadata_as_validation_data(cognito)
    asked = registration.Registration("PreSignUp_SignUp", user.username, client.id, given, data)
    registration.pre_sign_up(cognito, pool, asked)
    if found.has_sms_mfa:
        user.mfa = {"enabled": [factors.SMS_MFA], "preferred": factors.SMS_MFA}
    if found.forces_alias:
        directory.claim_aliases(cognito, pool, user, force=True)
    directory.add_user(cognito, pool, user)
    return user


def described(user: User | ListedUser, attributes_member: str, wanted: list[str] | None = None) -> Answer:
    """Return a UserType, with its attributes in `attributes_member`, all of them or only the `wanted`."""
    shown = user.attributes
    if wanted is not None:
        shown = {name: value for name, value in shown.items() if name in wanted}
    return {
        attributes_member: [{"Name": name, "Value": value} for name, value in shown.items()],
        "Enabled": user.enabled,
        "UserCreateDate": milliseconds(user.created),
        "UserLastModifiedDate": milliseconds(user.modified),
        "UserStatus": user.status,
        "Username": user.username,
    }
