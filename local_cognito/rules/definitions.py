"""The attribute definitions of a pool: standard ones of OpenID Connect, custom ones, and their limits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from local_cognito.model import errors

if TYPE_CHECKING:
    from local_cognito.storage.records import Pool

MOST_CUSTOM = 50
_LONGEST = 2048
_CUSTOM, _DEVELOPER_ONLY = "custom:", "dev:"
_CONSTRAINTS = {"String": "StringAttributeConstraints", "Number": "NumberAttributeConstraints"}
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_ANY_TEXT = {"MinLength": "0", "MaxLength": str(_LONGEST)}

# In the order in which DescribeUserPool has them: name, type, default constraints.
_STANDARD: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("sub", "String", {"MinLength": "1", "MaxLength": str(_LONGEST)}),
    *((name, "String", _ANY_TEXT) for name in ("name", "given_name", "family_name", "middle_name")),
    *((name, "String", _ANY_TEXT) for name in ("nickname", "preferred_username", "profile", "picture")),
    *((name, "String", _ANY_TEXT) for name in ("website", "email")),
    ("email_verified", "Boolean", {}),
    ("gender", "String", _ANY_TEXT),
    ("birthdate", "String", {"MinLength": "10", "MaxLength": "10"}),
    *((name, "String", _ANY_TEXT) for name in ("zoneinfo", "locale", "phone_number")),
    ("phone_number_verified", "Boolean", {}),
    ("address", "String", _ANY_TEXT),
    ("updated_at", "Number", {"MinValue": "0"}),
)
# The order in which DescribeUserPool has them; those that are not named here are the pool's own.
_DESCRIBED_FIRST = (
    *("profile", "address", "birthdate", "gender", "preferred_username", "updated_at", "website", "picture"),
    *("identities", "sub", "email_verified", "phone_number_verified", "phone_number", "zoneinfo"),
)
_DESCRIBED_LAST = (*("locale", "email", "given_name", "family_name", "middle_name", "name", "nickname"),)
# The order of a user's attributes, before the pool's own and the sub.
_SHOWN_FIRST = (
    *("email", "email_verified", "phone_number", "phone_number_verified", "family_name", "given_name"),
    *("middle_name", "name", "nickname", "preferred_username", "profile", "picture", "website", "gender"),
    *("birthdate", "zoneinfo", "locale", "address", "updated_at"),
)
_PLACES = {name: place for place, name in enumerate(_SHOWN_FIRST)}
# The names of attributes in refusals: those of SCIM's user schema (RFC 7643, section 4.1).
_INNER_NAMES = {
    "name": "name.formatted",
    "given_name": "name.givenName",
    "family_name": "name.familyName",
    "middle_name": "name.middleName",
    "email": "emails",
    "phone_number": "phoneNumbers",
    "address": "addresses",
}
STANDARD_TYPES = {name: type_ for name, type_, _ in _STANDARD}
_OF_SUB = {"sub": {"Mutable": False, "Required": True}}

Definition = dict[str, Any]

_BY_NAME: dict[str, Definition] = {
    name: {
        "Name": name,
        "AttributeDataType": type_,
        "DeveloperOnlyAttribute": False,
        "Mutable": True,
        "Required": False,
        **_OF_SUB.get(name, {}),
        **({_CONSTRAINTS[type_]: constraints} if type_ in _CONSTRAINTS else {}),
    }
    for name, type_, constraints in _STANDARD
}


_IDENTITIES: Definition = {
    "Name": "identities",
    "AttributeDataType": "String",
    "DeveloperOnlyAttribute": False,
    "Mutable": True,
    "Required": False,
    "StringAttributeConstraints": {},
}


def of_pool(pool: Pool) -> list[Definition]:
    """Return the pool's SchemaAttributes: sub, the standard attributes, then custom ones."""
    given = _without_identities(pool.settings.get("Schema", []))
    standard, own = dict(_BY_NAME), []
    for one in given:
        if one["Name"] in standard:
            changed = standard[one["Name"]] | one
            # A Schema cannot change the sub.
            standard[one["Name"]] = _without_foreign_constraints(changed | _OF_SUB.get(one["Name"], {}))
        else:
            own.append(one)
    added = pool.settings.get("CustomAttributes", [])
    return [*standard.values(), *(_custom(one) for one in (*own, *added))]


def described(pool: Pool) -> list[Definition]:
    """Return SchemaAttributes as DescribeUserPool has them: with `identities`, and in another order."""
    known = {definition["Name"]: definition for definition in of_pool(pool)} | {"identities": _IDENTITIES}
    own = [name for name in known if name not in (*_DESCRIBED_FIRST, *_DESCRIBED_LAST)]
    return [known[name] for name in (*_DESCRIBED_FIRST, *own, *_DESCRIBED_LAST)]


def in_order(pool: Pool, attributes: dict[str, str]) -> dict[str, str]:
    """Return a user's attributes in the order in which answers show them: the sub comes last."""
    given = (*pool.settings.get("Schema", []), *pool.settings.get("CustomAttributes", []))
    places = _PLACES | {_custom_name(one): len(_PLACES) + place for place, one in enumerate(given)}
    last = len(places)
    return dict(sorted(attributes.items(), key=lambda item: places.get(item[0], last)))


def inner_name(name: str) -> str:
    """Return what refusals call an attribute: the name within the user's record."""
    if name.startswith((_CUSTOM, _DEVELOPER_ONLY)):
        return f"Custom.User.{name.rpartition(':')[2]}"
    return _INNER_NAMES.get(name, name)


def check(given: list[Definition]) -> None:
    """Check the Schema of a new pool.

    Raises:
        CognitoError: InvalidParameterException.
    """
    given = _without_identities(given)
    for one in given:
        if one.get("Name") in STANDARD_TYPES:
            _check_standard(one)
            _check_constraints(one["Name"], STANDARD_TYPES[one["Name"]], one)
    check_custom([], [one for one in given if one.get("Name") not in STANDARD_TYPES])


def check_custom(existing: list[str], given: list[Definition]) -> None:
    """Check definitions of custom attributes that are added to those with the names `existing`.

    Raises:
        CognitoError: InvalidParameterException.
    """
    names = set(existing)
    for one in given:
        if "Name" not in one:
            raise errors.MISSING_PARAMETER(name="Schema.Name")
        if "AttributeDataType" not in one:
            raise errors.ATTRIBUTE_TYPE_MISSING()
        if one.get("Required"):
            raise errors.CUSTOM_ATTRIBUTE_REQUIRED()
        name = _custom_name(one)
        if name in names:
            raise errors.ATTRIBUTE_EXISTS(given=_CUSTOM + one["Name"], name=name)
        _check_constraints(name, one["AttributeDataType"], one)
        names.add(name)
    if sum(name.startswith((_CUSTOM, _DEVELOPER_ONLY)) for name in names) > MOST_CUSTOM:
        raise errors.TOO_MANY_ATTRIBUTES(most=MOST_CUSTOM)


def _without_identities(given: list[Definition]) -> list[Definition]:
    """Return a Schema without the attribute that Cognito shows, and that a Schema does not make."""
    return [one for one in given if one.get("Name") != _IDENTITIES["Name"]]


def _custom(given: Definition) -> Definition:
    definition: Definition = {
        "AttributeDataType": "String",
        "DeveloperOnlyAttribute": False,
        "Mutable": True,
        **given,
        "Name": _custom_name(given),
        "Required": False,
    }
    type_ = definition["AttributeDataType"]
    if type_ == "String":
        definition.setdefault(_CONSTRAINTS[type_], {})
    return _without_foreign_constraints(definition)


def _without_foreign_constraints(definition: Definition) -> Definition:
    """Return a definition without limits that belong to another type."""
    own = _CONSTRAINTS.get(definition["AttributeDataType"])
    foreign = [member for member in _CONSTRAINTS.values() if member != own]
    return {name: value for name, value in definition.items() if name not in foreign}


def _custom_name(given: Definition) -> str:
    name = _CUSTOM + str(given["Name"])
    return _DEVELOPER_ONLY + name if given.get("DeveloperOnlyAttribute") else name


def _check_standard(given: Definition) -> None:
    type_ = STANDARD_TYPES[given["Name"]]
    if given.get("AttributeDataType", type_) != type_ or given.get("DeveloperOnlyAttribute"):
        raise errors.STANDARD_ATTRIBUTE_FIXED(name=given["Name"])


def _check_constraints(name: str, type_: str, given: Definition) -> None:
    """Check the limits that belong to the attribute's type; Cognito ignores those of the other type."""
    member = _CONSTRAINTS.get(type_)
    if member is None:
        return
    limits = given.get(member, {})
    if member == "StringAttributeConstraints":
        least, most = (_limit(name, member, limits.get(key), least=0) for key in ("MinLength", "MaxLength"))
        if max(least or 0, most or 0) > _LONGEST:
            raise errors.ATTRIBUTE_TOO_LONG(name=name, most=_LONGEST)
        what = "length"
    else:
        least, most = (_limit(name, member, limits.get(key)) for key in ("MinValue", "MaxValue"))
        what = "value"
    if least is not None and most is not None and least > most:
        raise errors.ATTRIBUTE_LIMITS_CROSSED(name=name, what=what)


def _limit(name: str, member: str, given: str | None, least: int | None = None) -> int | None:
    if given is None:
        return None
    if not _WHOLE_NUMBER.fullmatch(given) or (least is not None and int(given) < least):
        raise errors.ATTRIBUTE_LIMIT(member=member, name=name)
    return int(given)
