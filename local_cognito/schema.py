"""User attributes: the standard ones of OpenID Connect, the pool's own, and what they must look like."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from . import errors

if TYPE_CHECKING:
    from .records import Pool, User

_STRINGS = (
    "name given_name family_name middle_name nickname preferred_username profile picture website email "
    "gender birthdate zoneinfo locale phone_number address"
)
_TYPES = dict.fromkeys(_STRINGS.split(), "String") | {
    "email_verified": "Boolean",
    "phone_number_verified": "Boolean",
    "updated_at": "Number",
}
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_PHONE = re.compile(r"\+[0-9]{5,15}", re.ASCII)
_ADMIN_ONLY = ("sub", "email_verified", "phone_number_verified")


def describe(pool: Pool) -> list[dict[str, Any]]:
    """Return the pool's SchemaAttributes: sub, the standard attributes, then custom ones."""
    own = {attribute["Name"]: attribute for attribute in pool.settings.get("Schema", [])}
    sub = {"Name": "sub", "AttributeDataType": "String", "Mutable": False, "Required": True}
    standard = [
        {"Name": name, "AttributeDataType": type_, "Mutable": True, "Required": False} | own.pop(name, {})
        for name, type_ in _TYPES.items()
    ]
    custom = [
        {"AttributeDataType": "String", "Mutable": True, "Required": False}
        | attribute
        | {"Name": f"custom:{name}"}
        for name, attribute in own.items()
    ]
    return [{"DeveloperOnlyAttribute": False} | attribute for attribute in [sub, *standard, *custom]]


def read_attributes(pool: Pool, given: list[dict[str, str]], *, by_admin: bool = False) -> dict[str, str]:
    """Return the attributes that a user gives of themselves, or an administrator of them, as a dictionary.

    Raises:
        CognitoError: InvalidParameterException for an attribute that is unknown or malformed,
            NotAuthorizedException for one that only an administrator may set.
    """
    known = {attribute["Name"] for attribute in describe(pool)}
    attributes = {attribute["Name"]: attribute.get("Value", "") for attribute in given}
    for name in attributes:
        if name not in known:
            raise errors.ATTRIBUTE_UNKNOWN(name=name)
        if name in _ADMIN_ONLY and not (by_admin and name != "sub"):
            raise errors.ATTRIBUTE_NOT_WRITABLE()
    if attributes.get("email") and not is_email(attributes["email"]):
        raise errors.BAD_EMAIL()
    if attributes.get("phone_number") and not is_phone(attributes["phone_number"]):
        raise errors.BAD_PHONE()
    return attributes


def check_required(pool: Pool, attributes: dict[str, str]) -> None:
    """Check that nothing is missing that the pool's schema requires.

    Raises:
        CognitoError: InvalidParameterException.
    """
    for name in required(pool):
        if not attributes.get(name):
            raise errors.ATTRIBUTE_REQUIRED(name=name)


def required(pool: Pool) -> list[str]:
    """Return the attributes that the pool's schema requires."""
    return [attribute["Name"] for attribute in pool.settings.get("Schema", []) if attribute.get("Required")]


def check_mutable(pool: Pool, changes: dict[str, str]) -> None:
    """Check that the pool's schema lets these attributes change.

    Raises:
        CognitoError: InvalidParameterException.
    """
    fixed = {attribute["Name"] for attribute in describe(pool) if not attribute["Mutable"]}
    for name in changes:
        if name in fixed:
            raise errors.IMMUTABLE(name=name)


def as_list(user: User) -> list[dict[str, str]]:
    """Return the user's attributes as the API lists them."""
    return [{"Name": name, "Value": value} for name, value in user.attributes.items()]


def is_email(text: str) -> bool:
    """Tell whether *text* looks like an e-mail address."""
    return _EMAIL.fullmatch(text) is not None


def is_phone(text: str) -> bool:
    """Tell whether *text* is a telephone number in E.164 form."""
    return _PHONE.fullmatch(text) is not None
