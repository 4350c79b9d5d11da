"""Attributes: every action that writes one keeps to the schema, to who may write, and to lists of clients."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from botocore.exceptions import ClientError

from test.support.pool_driver import ALICE, PASSWORD, PoolDriver, refused

if TYPE_CHECKING:
    from collections.abc import Callable

TEMPORARY = "Temporary-Horse-2!"
SCHEMA = [
    {"Name": "level", "AttributeDataType": "Number", "Mutable": True}
    | {"NumberAttributeConstraints": {"MinValue": "1", "MaxValue": "10"}},
    {"Name": "team", "AttributeDataType": "String", "Mutable": True}
    | {"StringAttributeConstraints": {"MinLength": "2", "MaxLength": "5"}},
    {"Name": "born", "AttributeDataType": "DateTime", "Mutable": True},
    {"Name": "vip", "AttributeDataType": "Boolean", "Mutable": True},
    {"Name": "tenant", "AttributeDataType": "String", "Mutable": False},
    {"Name": "secret", "AttributeDataType": "String", "Mutable": True, "DeveloperOnlyAttribute": True},
]
UNAUTHORIZED = ("NotAuthorizedException", "A client attempted to write unauthorized attribute")
INVALID = "InvalidParameterException"
NOT_MUTABLE = "Cannot modify the non-mutable attribute"
NOT_REMOVED = (
    "Invalid user attributes: Custom.User.tenant: "
    "This attribute does not satisfy the mutability validation defined in the schema."
)


def listed(attributes: dict[str, str]) -> list[dict[str, str]]:
    """Return attributes as the API lists them."""
    return [{"Name": name, "Value": value} for name, value in attributes.items()]


def new_name(pool: PoolDriver) -> str:
    """Return a user name that is free."""
    return f"user{len(pool.api.list_users(UserPoolId=pool.id)['Users'])}"


def sign_up(pool: PoolDriver, attributes: dict[str, str]) -> dict[str, str]:
    """SignUp with the attributes; return what is kept."""
    name = new_name(pool)
    pool.sign_up(name, attributes=attributes, email=None if "email" in attributes else "")
    return kept(pool, name)


def admin_create(pool: PoolDriver, attributes: dict[str, str]) -> dict[str, str]:
    """AdminCreateUser."""
    name = new_name(pool)
    pool.api.admin_create_user(UserPoolId=pool.id, Username=name, UserAttributes=listed(attributes))
    return kept(pool, name)


def update(pool: PoolDriver, attributes: dict[str, str]) -> dict[str, str]:
    """UpdateUserAttributes."""
    name = pool.user(new_name(pool))
    token = pool.sign_in(name)["AuthenticationResult"]["AccessToken"]
    pool.api.update_user_attributes(AccessToken=token, UserAttributes=listed(attributes))
    return kept(pool, name)


def admin_update(pool: PoolDriver, attributes: dict[str, str]) -> dict[str, str]:
    """AdminUpdateUserAttributes."""
    name = pool.user(new_name(pool))
    pool.api.admin_update_user_attributes(
        UserPoolId=pool.id, Username=name, UserAttributes=listed(attributes)
    )
    return kept(pool, name)


def new_password(pool: PoolDriver, attributes: dict[str, str]) -> dict[str, str]:
    """Answer NEW_PASSWORD_REQUIRED with the attributes."""
    name = new_name(pool)
    pool.api.admin_create_user(UserPoolId=pool.id, Username=name, TemporaryPassword=TEMPORARY)
    session = pool.sign_in(name, TEMPORARY)["Session"]
    values: dict[str, Any] = {f"userAttributes.{key}": value for key, value in attributes.items()}
    pool.answer("NEW_PASSWORD_REQUIRED", name, session, NEW_PASSWORD=PASSWORD, **values)
    return kept(pool, name)


def kept(pool: PoolDriver, name: str) -> dict[str, str]:
    """Return the attributes that the pool has of a user."""
    attributes: dict[str, str] = pool.described(name)["attributes"]
    return attributes


BY_USERS = [sign_up, update, new_password]
BY_ADMINISTRATORS = [admin_create, admin_update]
EVERY_WAY = [*BY_USERS, *BY_ADMINISTRATORS]


@pytest.fixture
def schema_pool(make_pool: Callable[..., PoolDriver]) -> PoolDriver:
    """Return a pool with attributes of every type."""
    return make_pool({"Schema": SCHEMA})


def definition_name(pool: PoolDriver, name: str) -> str:
    """Return the whole name of one of the pool's own attributes."""
    described = pool.api.describe_user_pool(UserPoolId=pool.id)["UserPool"]["SchemaAttributes"]
    names: list[str] = [each["Name"] for each in described]
    return next(each for each in names if each.endswith(f"custom:{name}"))


@pytest.mark.parametrize("write", EVERY_WAY)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("custom:level", "not a number"),
        ("custom:level", "0"),
        ("custom:level", "11"),
        ("custom:level", "1e1"),
        ("custom:level", "\u0664"),
        ("custom:level", "NaN"),
        ("custom:team", "x"),
        ("custom:team", "longer"),
        ("custom:born", "yesterday"),
        ("custom:vip", "maybe"),
        ("birthdate", "x" * 2048),
        ("birthdate", "1.2.2000"),
        ("updated_at", "now"),
        ("updated_at", "-1"),
        ("email", "no address"),
        ("phone_number", "0800"),
    ],
)
def test_types(
    schema_pool: PoolDriver,
    write: Callable[[PoolDriver, dict[str, str]], dict[str, str]],
    name: str,
    value: str,
) -> None:
    """A value that its attribute's type and limits do not allow is refused."""
    with pytest.raises(ClientError, match="InvalidParameterException"):
        write(schema_pool, {name: value})


@pytest.mark.parametrize("write", EVERY_WAY)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("custom:level", "10"),
        ("custom:level", "1.5"),
        ("custom:team", "blues"),
        ("custom:born", "2000-02-01T03:04:05Z"),
        ("custom:born", "949374245"),
        ("custom:vip", "true"),
        ("birthdate", "2000-02-01"),
        ("updated_at", "949374245"),
    ],
)
def test_good_values(
    schema_pool: PoolDriver,
    write: Callable[[PoolDriver, dict[str, str]], dict[str, str]],
    name: str,
    value: str,
) -> None:
    """Any other is kept as it is."""
    assert write(schema_pool, {name: value})[name] == value


@pytest.mark.parametrize("write", BY_ADMINISTRATORS)
@pytest.mark.parametrize("value", ["True", "TRUE", "true"])
def test_booleans(
    schema_pool: PoolDriver, write: Callable[[PoolDriver, dict[str, str]], dict[str, str]], value: str
) -> None:
    """A Boolean is read without regard to case."""
    attributes = write(schema_pool, {"email": "a@example.com", "email_verified": value})

    assert attributes["email_verified"] == "true"


@pytest.mark.parametrize("write", BY_USERS)
@pytest.mark.parametrize("name", ["email_verified", "phone_number_verified", "secret"])
def test_written_by_administrators_only(
    schema_pool: PoolDriver, write: Callable[[PoolDriver, dict[str, str]], dict[str, str]], name: str
) -> None:
    """What says who a user is, and what is for developers only, no user writes."""
    whole = definition_name(schema_pool, name) if name == "secret" else name

    with refused(*UNAUTHORIZED) if name == "secret" else refused(INVALID, f"{NOT_MUTABLE} {name}"):
        write(schema_pool, {whole: "true"})


@pytest.mark.parametrize("write", [*BY_USERS, *BY_ADMINISTRATORS])
def test_nobody_writes_the_sub(
    schema_pool: PoolDriver, write: Callable[[PoolDriver, dict[str, str]], dict[str, str]]
) -> None:
    """It is Cognito's own, for a new user as well."""
    with refused(INVALID, f"{NOT_MUTABLE} sub"):
        write(schema_pool, {"sub": "00000000-0000-4000-8000-000000000000"})


@pytest.mark.parametrize("write", BY_ADMINISTRATORS)
def test_developer_only(
    schema_pool: PoolDriver, write: Callable[[PoolDriver, dict[str, str]], dict[str, str]]
) -> None:
    """An administrator writes what is for developers only."""
    name = definition_name(schema_pool, "secret")

    assert write(schema_pool, {name: "s"})[name] == "s"


class TestImmutable:
    """What can't change is given with the user, and never again."""

    @pytest.mark.parametrize("write", [update, admin_update, new_password])
    @pytest.mark.parametrize("value", ["other", ""])
    def test_refused(
        self,
        schema_pool: PoolDriver,
        write: Callable[[PoolDriver, dict[str, str]], dict[str, str]],
        value: str,
    ) -> None:
        """No action sets or removes it afterwards."""
        is_update = write is not new_password
        text = "user.custom:tenant: Attribute cannot be updated.\n"
        with refused(INVALID, text if is_update else f"{NOT_MUTABLE} custom:tenant"):
            write(schema_pool, {"custom:tenant": value})

    @pytest.mark.parametrize("write", [sign_up, admin_create])
    def test_given(
        self, schema_pool: PoolDriver, write: Callable[[PoolDriver, dict[str, str]], dict[str, str]]
    ) -> None:
        """A person who makes the user gives it."""
        assert write(schema_pool, {"custom:tenant": "mine"})["custom:tenant"] == "mine"

    def test_deleted(self, schema_pool: PoolDriver) -> None:
        """Neither the user nor an administrator deletes it."""
        schema_pool.user(attributes={"custom:tenant": "mine"})
        token = schema_pool.sign_in()["AuthenticationResult"]["AccessToken"]
        names = ["custom:tenant"]

        with refused(INVALID, NOT_REMOVED):
            schema_pool.api.delete_user_attributes(AccessToken=token, UserAttributeNames=names)
        with refused(INVALID, NOT_REMOVED):
            schema_pool.api.admin_delete_user_attributes(
                UserPoolId=schema_pool.id, Username=ALICE, UserAttributeNames=names
            )

    def test_required_and_due(self, make_pool: Callable[..., PoolDriver]) -> None:
        """What the pool asks for before the first sign-in is given then, though it can't change later."""
        pool = make_pool({"Schema": [{"Name": "given_name", "Required": True, "Mutable": False}]})

        assert new_password(pool, {"given_name": "Alice"})["given_name"] == "Alice"


class TestListsOfClients:
    """WriteAttributes and ReadAttributes of an app client say what its users write and see."""

    @pytest.fixture
    def narrow(self, make_pool: Callable[..., PoolDriver]) -> PoolDriver:
        """Return a pool whose client writes the address and the name, and reads the name."""
        lists = {"WriteAttributes": ["email", "name"], "ReadAttributes": ["name"]}
        return make_pool({"Schema": SCHEMA}, client=lists)

    @pytest.mark.parametrize("write", BY_USERS)
    @pytest.mark.parametrize("name", ["custom:team", "nickname"])
    def test_not_listed(
        self, narrow: PoolDriver, write: Callable[[PoolDriver, dict[str, str]], dict[str, str]], name: str
    ) -> None:
        """What is not in the list is refused."""
        with refused(*UNAUTHORIZED):
            write(narrow, {name: "blues"})

    @pytest.mark.parametrize("write", EVERY_WAY)
    def test_listed(
        self, narrow: PoolDriver, write: Callable[[PoolDriver, dict[str, str]], dict[str, str]]
    ) -> None:
        """What is in it is taken."""
        assert write(narrow, {"name": "Alice"})["name"] == "Alice"

    @pytest.mark.parametrize("write", BY_ADMINISTRATORS)
    def test_administrators(
        self, narrow: PoolDriver, write: Callable[[PoolDriver, dict[str, str]], dict[str, str]]
    ) -> None:
        """Administrators write through no client."""
        assert write(narrow, {"nickname": "Al"})["nickname"] == "Al"

    def test_deleting(self, narrow: PoolDriver) -> None:
        """Deleting an attribute is writing it."""
        narrow.user()
        token = narrow.sign_in()["AuthenticationResult"]["AccessToken"]

        with refused(*UNAUTHORIZED):
            narrow.api.delete_user_attributes(AccessToken=token, UserAttributeNames=["nickname"])

    def test_reading(self, narrow: PoolDriver) -> None:
        """GetUser and the ID token show what the client may read, and the sub."""
        sub = narrow.sign_up(attributes={"name": "Alice"})["UserSub"]
        narrow.confirm()
        result = narrow.sign_in()["AuthenticationResult"]

        shown = narrow.api.get_user(AccessToken=result["AccessToken"])["UserAttributes"]
        claims = jwt.decode(result["IdToken"], options={"verify_signature": False})
        assert {item["Name"]: item["Value"] for item in shown} == {"sub": sub, "name": "Alice"}
        assert (claims["sub"], claims["name"]) == (sub, "Alice")
        assert not {"email", "email_verified"} & set(claims)

    def test_reading_after_refresh(self, narrow: PoolDriver) -> None:
        """A token that is refreshed shows no more."""
        narrow.user()
        token = narrow.sign_in()["AuthenticationResult"]["RefreshToken"]
        answer = narrow.api.initiate_auth(
            ClientId=narrow.client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": token},
        )

        claims = jwt.decode(answer["AuthenticationResult"]["IdToken"], options={"verify_signature": False})
        assert "email" not in claims

    def test_reading_before_the_first_sign_in(self, narrow: PoolDriver) -> None:
        """NEW_PASSWORD_REQUIRED shows no more either."""
        attributes: dict[str, Any] = {"name": "Alice", "email": "alice@example.com"}
        narrow.api.admin_create_user(
            UserPoolId=narrow.id,
            Username=ALICE,
            TemporaryPassword=TEMPORARY,
            UserAttributes=listed(attributes),
        )
        parameters = narrow.sign_in(password=TEMPORARY)["ChallengeParameters"]

        assert "email" not in json.loads(parameters["userAttributes"])
        assert json.loads(parameters["userAttributes"])["name"] == "Alice"


@pytest.mark.parametrize("write", EVERY_WAY)
def test_a_refused_attribute_takes_the_others_along(
    schema_pool: PoolDriver, write: Callable[[PoolDriver, dict[str, str]], dict[str, str]]
) -> None:
    """One bad attribute and none of them is kept."""
    with pytest.raises(ClientError, match="InvalidParameterException"):
        write(schema_pool, {"name": "Mallory", "custom:level": "many"})

    users = schema_pool.api.list_users(UserPoolId=schema_pool.id)["Users"]
    names = [item for user in users for item in user["Attributes"] if item["Name"] == "name"]
    assert names == []
