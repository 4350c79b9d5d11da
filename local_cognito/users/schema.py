"""Checks of user attributes: which may be written, and their formats."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from local_cognito.model import errors
from local_cognito.rules import definitions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from local_cognito.model import requests
    from local_cognito.storage.records import Client, Pool

# RFC 5321's Dot-string and Domain, with letters of every script (RFC 6531); a domain has two labels at least.
_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"
_LABEL = r"[^\W_](?:(?:[^\W_]|-){0,61}[^\W_])?"
_EMAIL = re.compile(rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")
_LIKE_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_PHONE = re.compile(r"\+[0-9]{5,15}", re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)
_ADMIN_ONLY = ("email_verified", "phone_number_verified")


def accept(
    pool: Pool,
    given: Sequence[requests.AttributeType],
    *,
    client: Client | None,
    current: dict[str, str] | None = None,
    is_completing: bool = False,
) -> dict[str, str]:
    """Check attributes and return them as they are stored; every write of attributes passes here.

    Args:
        pool: the user pool, for its schema.
        given: names and values; an empty value removes the attribute.
        client: the app client of the user who writes, or None for an administrator.
        current: the user's attributes so far, or None for a new user.
        is_completing: whether the user answers NEW_PASSWORD_REQUIRED, with required attributes.

    Raises:
        CognitoError: InvalidParameterException for an attribute that is unknown, malformed or can't change,
            NotAuthorizedException for one that only an administrator or another client may write.
    """
    known = {definition["Name"]: definition for definition in definitions.of_pool(pool)}
    attributes = {attribute["Name"]: attribute.get("Value", "") for attribute in given}
    refusal = errors.NEW_ATTRIBUTES if current is None or is_completing else errors.CHANGED_ATTRIBUTES
    _check_known(attributes, known, refusal)
    fixed = []
    for name, value in attributes.items():
        definition = known[name]
        _check_writer(definition, client)
        is_due = is_completing and definition["Required"] and current is not None and not current.get(name)
        if current is not None and not definition["Mutable"] and not is_due:
            fixed.append(name)
        if value:
            attributes[name] = _checked(pool, definition, value, refusal)
    if fixed:
        raise errors.IMMUTABLE(name=fixed[0]) if is_completing else refusal(problems=_fixed(fixed))
    return attributes


def check_removable(pool: Pool, names: list[str], client: Client | None) -> None:
    """Check that these attributes may be removed, by an administrator or through an app client.

    Raises:
        CognitoError: InvalidParameterException for an attribute that is unknown, required or can't change,
            NotAuthorizedException for one that only an administrator or another client may write.
    """
    known = {definition["Name"]: definition for definition in definitions.of_pool(pool)}
    for name in names:
        if name not in known:
            raise errors.REMOVED_ATTRIBUTES(problems=_untyped(name))
        _check_writer(known[name], client)
        inner = definitions.inner_name(name)
        if not known[name]["Mutable"]:
            problem = "This attribute does not satisfy the mutability validation defined in the schema."
            raise errors.REMOVED_ATTRIBUTES(problems=f"{inner}: {problem}")
    check_required(pool, {}, errors.REMOVED_ATTRIBUTES, among=names)


def _check_known(
    names: Iterable[str], known: dict[str, definitions.Definition], refusal: errors.Refusal
) -> None:
    """Check that the schema knows attributes of these `names`, which it tells otherwise for a new user."""
    unknown = [name for name in names if name not in known]
    is_new = refusal is errors.NEW_ATTRIBUTES
    own = [name for name in unknown if not is_new or name.startswith(("custom:", "dev:"))]
    if own:
        prefix = "" if is_new else "user."
        problems = (f"{prefix}{name}: Attribute does not exist in the schema.\n" for name in own)
        raise refusal(problems="".join(problems))
    if unknown:
        raise refusal(problems=_untyped(unknown[0]))


def _untyped(name: str) -> str:
    return f"Type for attribute {{{name}}} could not be determined"


def _fixed(names: list[str]) -> str:
    return "".join(f"user.{name}: Attribute cannot be updated.\n" for name in names)


def _check_writer(definition: dict[str, Any], client: Client | None) -> None:
    name = definition["Name"]
    if name == "sub" or (client is not None and name in _ADMIN_ONLY):
        raise errors.IMMUTABLE(name=name)
    if client is None:
        return
    if definition["DeveloperOnlyAttribute"]:
        raise errors.ATTRIBUTE_NOT_WRITABLE()
    writable = client.settings.get("WriteAttributes")
    if writable and name not in writable:
        raise errors.ATTRIBUTE_NOT_WRITABLE()


def _checked(pool: Pool, definition: dict[str, Any], value: str, refusal: errors.Refusal) -> str:
    """Check that a value has its attribute's type and return it as it is stored."""
    name, data_type = definition["Name"], definition["AttributeDataType"]
    if name == "email" and not is_email(value):
        raise errors.BAD_EMAIL()
    if name == "phone_number" and not is_phone(value):
        raise errors.BAD_PHONE()
    if name == "preferred_username" and name in pool.alias_attributes:
        check_is_no_address(pool, value)
    if data_type == "Boolean":
        value = value.lower()
    problem = _PROBLEMS[data_type](definition, value)
    if problem:
        prefix = "" if refusal is errors.NEW_ATTRIBUTES else "user."
        raise refusal(problems=f"{prefix}{name}: {problem}\n")
    return value


def _problem_of_string(definition: dict[str, Any], value: str) -> str | None:
    limits = definition.get("StringAttributeConstraints", {})
    if len(value) < int(limits.get("MinLength", 0)):
        return f"String must be no shorter than {limits['MinLength']} characters"
    if len(value) > int(limits.get("MaxLength", len(value))):
        return f"String must be no longer than {limits['MaxLength']} characters"
    return None


def _problem_of_number(definition: dict[str, Any], value: str) -> str | None:
    if not _NUMBER.fullmatch(value):
        return "The value is not a number"
    limits = definition.get("NumberAttributeConstraints", {})
    from decimal import Decimal  # noqa: PLC0415 - a start need not wait for it

    number = Decimal(value)
    if number < Decimal(limits.get("MinValue", value)):
        return f"Number must be no less than {limits['MinValue']}"
    if number > Decimal(limits.get("MaxValue", value)):
        return f"Number must be no greater than {limits['MaxValue']}"
    return None


def _problem_of_boolean(_: dict[str, Any], value: str) -> str | None:
    return None if value in ("true", "false") else "The value is neither true nor false"


def _problem_of_date_time(_: dict[str, Any], value: str) -> str | None:
    """Return the problem of a time that is neither ISO 8601 nor epoch seconds, or None."""
    if _NUMBER.fullmatch(value):
        return None
    try:
        datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return "The value is not a date and time"
    return None


_PROBLEMS: dict[str, Callable[[dict[str, Any], str], str | None]] = {
    "String": _problem_of_string,
    "Number": _problem_of_number,
    "Boolean": _problem_of_boolean,
    "DateTime": _problem_of_date_time,
}


def check_required(
    pool: Pool,
    attributes: dict[str, str],
    refusal: errors.Refusal,
    among: Iterable[str] | None = None,
) -> None:
    """Check that all required attributes are there, or those `among` some names.

    Raises:
        CognitoError: the `refusal`, which lists all that are missing.
    """
    inner = [
        definitions.inner_name(name) for name in missing(pool, attributes) if among is None or name in among
    ]
    if inner:
        raise refusal(problems=", ".join(f"{name}: The attribute {name} is required" for name in inner))


def check_is_no_address(pool: Pool, name: str) -> None:
    """Check that a name does not have the form of an address that is an alias in this pool.

    Raises:
        CognitoError: InvalidParameterException.
    """
    if "email" in pool.alias_attributes and _LIKE_EMAIL.fullmatch(name):
        raise errors.USERNAME_IS_EMAIL()
    if "phone_number" in pool.alias_attributes and is_phone(name):
        raise errors.USERNAME_IS_PHONE()


def missing(pool: Pool, attributes: dict[str, str]) -> list[str]:
    """Return the required attributes that a user's `attributes` lack."""
    return [name for name in required(pool) if not attributes.get(name)]


def required(pool: Pool) -> list[str]:
    """Return the attributes that users must have by the pool's schema, without the sub."""
    given = pool.settings.get("Schema", [])
    return [one["Name"] for one in given if one.get("Required") and one["Name"] != "sub"]


def as_list(attributes: dict[str, str]) -> list[dict[str, str]]:
    """Return a user's attributes as a list of AttributeType."""
    return [{"Name": name, "Value": value} for name, value in attributes.items()]


def is_email(text: str) -> bool:
    """Tell whether `text` is an e-mail address in the plain form of RFC 5321, without quotes and comments."""
    return _EMAIL.fullmatch(text) is not None


def is_phone(text: str) -> bool:
    """Tell whether `text` is a telephone number in E.164 form."""
    return _PHONE.fullmatch(text) is not None
