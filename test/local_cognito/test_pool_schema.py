"""The attributes that a pool defines: standard ones with limits, custom ones, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from test.support.pool_driver import refused

if TYPE_CHECKING:
    from test.support.pool_driver import Api, PoolDriver

INVALID = "InvalidParameterException"
STANDARD = (
    "sub name given_name family_name middle_name nickname preferred_username profile picture website email "
    "email_verified gender birthdate zoneinfo locale phone_number phone_number_verified address updated_at"
)
DESCRIBED = (
    "profile address birthdate gender preferred_username updated_at website picture identities sub "
    "email_verified phone_number_verified phone_number zoneinfo custom:team locale email given_name "
    "family_name middle_name name nickname"
)
LEVEL: Any = {"Name": "level", "AttributeDataType": "Number"}


def schema_of(api: Api, pool_id: str) -> dict[str, Any]:
    """Return SchemaAttributes by their names, in their order."""
    described: Any = api.describe_user_pool(UserPoolId=pool_id)["UserPool"]["SchemaAttributes"]
    return by_name(described)


def by_name(described: list[dict[str, Any]]) -> dict[str, Any]:
    """Return SchemaAttributes by their names, in their order."""
    return {attribute["Name"]: attribute for attribute in described}


def made_schema(api: Api, *given: Any) -> dict[str, Any]:
    """Return SchemaAttributes of a new pool with this Schema."""
    pool = api.create_user_pool(PoolName="schema", Schema=[*given])["UserPool"]
    return schema_of(api, pool["Id"])


def test_standard_attributes_in_their_order(api: Api) -> None:
    """CreateUserPool tells them in one order, and DescribeUserPool in another, with identities."""
    own: Any = [{"Name": "team", "AttributeDataType": "String"}]
    made = api.create_user_pool(PoolName="schema", Schema=own)["UserPool"]

    assert list(by_name(made["SchemaAttributes"])) == [*STANDARD.split(), "custom:team"]
    assert list(schema_of(api, made["Id"])) == DESCRIBED.split()


def test_standard_attributes_have_limits(pool: PoolDriver) -> None:
    """Strings have up to 2048 characters, the sub at least one, a birthdate ten; updated_at starts at 0."""
    schema = schema_of(pool.api, pool.id)

    limits = {name: one.get("StringAttributeConstraints") for name, one in schema.items()}
    assert limits["sub"] == {"MinLength": "1", "MaxLength": "2048"}
    assert limits["email"] == limits["address"] == {"MinLength": "0", "MaxLength": "2048"}
    assert limits["birthdate"] == {"MinLength": "10", "MaxLength": "10"}
    assert limits["email_verified"] is limits["updated_at"] is None
    assert schema["updated_at"]["NumberAttributeConstraints"] == {"MinValue": "0"}
    assert not {"NumberAttributeConstraints", "Required"} <= set(schema["email_verified"])


def test_a_standard_attribute_keeps_its_type(api: Api) -> None:
    """A Schema may name a standard attribute without its type, and change what may change."""
    schema = made_schema(api, {"Name": "email", "Required": True, "Mutable": False})

    assert schema["email"] == {
        "Name": "email",
        "AttributeDataType": "String",
        "DeveloperOnlyAttribute": False,
        "Mutable": False,
        "Required": True,
        "StringAttributeConstraints": {"MinLength": "0", "MaxLength": "2048"},
    }


def test_a_described_schema_makes_a_pool(api: Api, pool: PoolDriver) -> None:
    """The Schema of one pool, as DescribeUserPool gives it, makes another with the same attributes."""
    schema = schema_of(api, pool.id)
    allowed = [one for name, one in schema.items() if len(name) <= 20]  # what SDKs let through

    assert made_schema(api, *allowed) == schema


def test_custom_attributes_have_prefixes(api: Api) -> None:
    """A custom attribute is named custom:, one for developers only dev:custom:; limits may be empty."""
    booleans = {"Name": "agreed", "AttributeDataType": "Boolean"}
    limited = {
        "Name": "team",
        "AttributeDataType": "String",
        "StringAttributeConstraints": {"MinLength": "1", "MaxLength": "9"},
    }
    secret = {"Name": "note", "AttributeDataType": "String", "DeveloperOnlyAttribute": True}
    schema = made_schema(api, LEVEL, limited, secret, booleans)

    own = [name for name in schema if "custom:" in name]
    assert own == ["custom:level", "custom:team", "dev:custom:note", "custom:agreed"]
    assert "NumberAttributeConstraints" not in schema["custom:level"]
    assert schema["custom:team"]["StringAttributeConstraints"] == {"MinLength": "1", "MaxLength": "9"}
    assert schema["dev:custom:note"]["DeveloperOnlyAttribute"] is True
    assert schema["dev:custom:note"]["StringAttributeConstraints"] == {}
    assert "StringAttributeConstraints" not in schema["custom:agreed"]


def text_limits(**limits: str) -> dict[str, Any]:
    """Return a custom attribute with limits of its length."""
    return {"Name": "a", "AttributeDataType": "String", "StringAttributeConstraints": limits}


def number_limits(**limits: str) -> dict[str, Any]:
    """Return a custom attribute with limits of its value."""
    return {"Name": "a", "AttributeDataType": "Number", "NumberAttributeConstraints": limits}


FIXED = (
    "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute email"
)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"Name": "a", "AttributeDataType": "String", "Required": True},
            "Required custom attributes are not supported currently.",
        ),
        (
            {"Name": "a"},
            "Invalid AttributeDataType input, consider using the provided AttributeDataType enum.",
        ),
        ({"AttributeDataType": "String"}, "Missing required parameter Schema.Name"),
        ({"Name": "email", "AttributeDataType": "Number"}, FIXED),
        ({"Name": "email", "DeveloperOnlyAttribute": True}, FIXED),
        (
            text_limits(MaxLength="2049"),
            "user.custom:a: String attributes cannot have a length of more than 2048",
        ),
        (
            text_limits(MinLength="2049"),
            "user.custom:a: String attributes cannot have a length of more than 2048",
        ),
        (
            text_limits(MinLength="3", MaxLength="2"),
            "user.custom:a: Max length cannot be less than min length.",
        ),
        (text_limits(MinLength="-1"), "Invalid StringAttributeConstraints for schema attribute custom:a"),
        (text_limits(MaxLength="many"), "Invalid StringAttributeConstraints for schema attribute custom:a"),
        (
            number_limits(MinValue="3", MaxValue="2"),
            "user.custom:a: Max value cannot be less than min value.",
        ),
        (
            number_limits(MinValue="\u0661"),
            "Invalid NumberAttributeConstraints for schema attribute custom:a",
        ),
    ],
)
def test_what_a_schema_cannot_say(api: Api, pool: PoolDriver, given: Any, message: str) -> None:
    """CreateUserPool refuses a definition that makes no sense, and AddCustomAttributes a custom one."""
    with refused(INVALID, message):
        api.create_user_pool(PoolName="schema", Schema=[given])
    if given.get("Name") != "email":
        with refused(INVALID, message):
            api.add_custom_attributes(UserPoolId=pool.id, CustomAttributes=[given])


def test_negative_numbers_are_numbers(api: Api) -> None:
    """A Number may lie below zero, and limits that belong to strings don't matter to it."""
    given = number_limits(MinValue="-5", MaxValue="-1") | {"StringAttributeConstraints": {"MinLength": "x"}}

    assert made_schema(api, given)["custom:a"]["NumberAttributeConstraints"] == {
        "MinValue": "-5",
        "MaxValue": "-1",
    }


@pytest.mark.parametrize("type_", ["String", "Number", "Boolean", "DateTime"])
def test_limits_are_those_of_the_type(api: Api, type_: str) -> None:
    """Limits that don't belong to an attribute's type are not kept."""
    limits: Any = {
        "StringAttributeConstraints": {"MinLength": "1", "MaxLength": "2"},
        "NumberAttributeConstraints": {"MinValue": "3", "MaxValue": "4"},
    }
    schema = made_schema(api, {"Name": "a", "AttributeDataType": type_} | limits)

    kept = {name: value for name, value in schema["custom:a"].items() if name in limits}
    own = f"{type_}AttributeConstraints"
    assert kept == ({own: limits[own]} if own in limits else {})


def test_attributes_are_added(pool: PoolDriver) -> None:
    """AddCustomAttributes adds to the schema, and users can have the attribute from then on."""
    pool.user()
    before = pool.api.describe_user_pool(UserPoolId=pool.id)["UserPool"]["LastModifiedDate"]
    pool.clock.advance(1)

    pool.api.add_custom_attributes(UserPoolId=pool.id, CustomAttributes=[LEVEL, LEVEL | {"Name": "email"}])

    added = [name for name in schema_of(pool.api, pool.id) if name.startswith("custom:")]
    assert added == ["custom:level", "custom:email"]
    described = pool.api.describe_user_pool(UserPoolId=pool.id)["UserPool"]
    assert described["LastModifiedDate"] > before
    attributes: Any = [{"Name": "custom:level", "Value": "7"}]
    pool.api.admin_update_user_attributes(UserPoolId=pool.id, Username="alice", UserAttributes=attributes)
    assert pool.described()["attributes"]["custom:level"] == "7"


def test_added_attributes_outlive_an_update(pool: PoolDriver) -> None:
    """UpdateUserPool leaves the attributes as they are."""
    pool.api.add_custom_attributes(UserPoolId=pool.id, CustomAttributes=[LEVEL])

    pool.api.update_user_pool(UserPoolId=pool.id)

    assert "custom:level" in schema_of(pool.api, pool.id)


def test_an_attribute_is_added_once(pool: PoolDriver) -> None:
    """A name that is taken is refused, also a second time in one request, and nothing is added."""
    message = "custom:level: Existing attribute already has name custom:level."

    with refused(INVALID, message):
        pool.api.add_custom_attributes(UserPoolId=pool.id, CustomAttributes=[LEVEL, LEVEL])
    assert "custom:level" not in schema_of(pool.api, pool.id)

    pool.api.add_custom_attributes(UserPoolId=pool.id, CustomAttributes=[LEVEL])
    with refused(INVALID, message):
        pool.api.add_custom_attributes(UserPoolId=pool.id, CustomAttributes=[LEVEL])


def test_the_name_of_a_developers_attribute(api: Api) -> None:
    """The refusal names the attribute that is there with its whole prefix."""
    given: Any = {"Name": "note", "AttributeDataType": "String", "DeveloperOnlyAttribute": True}
    pool_id = api.create_user_pool(PoolName="dev", Schema=[given])["UserPool"]["Id"]

    with refused(INVALID, "custom:note: Existing attribute already has name dev:custom:note."):
        api.add_custom_attributes(UserPoolId=pool_id, CustomAttributes=[given])


def test_fifty_custom_attributes(pool: PoolDriver) -> None:
    """A pool has fifty custom attributes at most."""
    many: Any = [{"Name": f"a{number}", "AttributeDataType": "String"} for number in range(50)]
    pool.api.add_custom_attributes(UserPoolId=pool.id, CustomAttributes=many[:25])
    pool.api.add_custom_attributes(UserPoolId=pool.id, CustomAttributes=many[25:])

    with refused(INVALID, "A user pool can have 50 custom attributes at most."):
        pool.api.add_custom_attributes(UserPoolId=pool.id, CustomAttributes=[LEVEL])


def test_attributes_of_a_pool_that_is_not_there(api: Api) -> None:
    """An unknown pool gets no attributes."""
    with refused("ResourceNotFoundException", "User pool us-east-1_nowhere does not exist."):
        api.add_custom_attributes(UserPoolId="us-east-1_nowhere", CustomAttributes=[LEVEL])
