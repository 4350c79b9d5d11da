"""What an ID token says of a user's groups and their roles, and which attributes are booleans in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jwt
import pytest

from test.support.pool_driver import ALICE

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import PoolDriver

READER, WRITER = (f"arn:aws:iam::123456789012:role/{name}" for name in ("reader", "writer"))
NONE = "none"


def claims_of(pool: PoolDriver) -> dict[str, Any]:
    """Return what the ID token of a new sign-in claims."""
    token = pool.sign_in()["AuthenticationResult"]["IdToken"]
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def join(pool: PoolDriver, name: str, role: str | None = None, precedence: int | None = None) -> None:
    """Put the user into a new group."""
    given = {"RoleArn": role, "Precedence": precedence}
    fields: Any = {key: value for key, value in given.items() if value is not None}
    pool.api.create_group(UserPoolId=pool.id, GroupName=name, **fields)
    pool.api.admin_add_user_to_group(UserPoolId=pool.id, GroupName=name, Username=ALICE)


def test_a_group_without_a_role(pool: PoolDriver) -> None:
    """Groups without roles give no claims of roles."""
    pool.user()
    join(pool, "readers")

    claims = claims_of(pool)

    assert claims["cognito:groups"] == ["readers"]
    assert not {"cognito:roles", "cognito:preferred_role"} & set(claims)


@pytest.mark.parametrize(
    ("groups", "roles", "preferred"),
    [
        ([(READER, None)], [READER], NONE),
        ([(READER, 5), (WRITER, 1)], [READER, WRITER], WRITER),
        ([(READER, None), (WRITER, 9)], [READER, WRITER], WRITER),
        ([(READER, 0), (WRITER, None)], [READER, WRITER], READER),
        ([(READER, 1), (READER, 1)], [READER], READER),
        ([(READER, 1), (WRITER, 1)], [READER, WRITER], NONE),
        ([(READER, None), (WRITER, None)], [READER, WRITER], NONE),
        ([(READER, 1), (WRITER, 1), (READER, 0)], [READER, WRITER], READER),
        ([(None, 0), (WRITER, 1)], [WRITER], WRITER),
    ],
)
def test_roles_of_groups(pool: PoolDriver, groups: Any, roles: list[str], preferred: str) -> None:
    """The role of the group with the lowest precedence is preferred, none where different roles tie."""
    pool.user()
    for number, (role, precedence) in enumerate(groups):
        join(pool, f"g{number}", role, precedence)

    claims = claims_of(pool)

    assert claims["cognito:groups"] == [f"g{number}" for number in range(len(groups))]
    assert claims["cognito:roles"] == roles
    assert claims.get("cognito:preferred_role", NONE) == preferred


def test_an_access_token_has_no_roles(pool: PoolDriver) -> None:
    """Roles stand in the ID token only."""
    pool.user()
    join(pool, "readers", READER)

    token = pool.sign_in()["AuthenticationResult"]["AccessToken"]

    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["cognito:groups"] == ["readers"]
    assert not {"cognito:roles", "cognito:preferred_role"} & set(claims)


def test_custom_flags_are_text(make_pool: Callable[..., PoolDriver]) -> None:
    """Only Cognito's own flags become booleans; a custom attribute stays a string, whatever its name."""
    schema = [
        {"Name": "id_verified", "AttributeDataType": "String", "Mutable": True},
        {"Name": "agreed", "AttributeDataType": "Boolean", "Mutable": True},
    ]
    pool = make_pool({"Schema": schema})
    pool.user(attributes={"custom:id_verified": "true", "custom:agreed": "true"})

    claims = claims_of(pool)

    assert (claims["custom:id_verified"], claims["custom:agreed"]) == ("true", "true")
    assert claims["email_verified"] is True
