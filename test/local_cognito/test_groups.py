"""Groups: made, filled, listed both ways, and named in tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jwt
import pytest

from test.support.pool_driver import ALICE, BOB, USER_NOT_FOUND, refused

if TYPE_CHECKING:
    from test.support.pool_driver import PoolDriver


UNKNOWN = ("ResourceNotFoundException", "Group not found.")


def group(pool: PoolDriver, name: str = "admins", **fields: Any) -> dict[str, Any]:
    """CreateGroup."""
    made: dict[str, Any] = pool.api.create_group(UserPoolId=pool.id, GroupName=name, **fields)["Group"]
    return made


def add(pool: PoolDriver, name: str, group_name: str) -> None:
    """AdminAddUserToGroup."""
    pool.api.admin_add_user_to_group(UserPoolId=pool.id, Username=name, GroupName=group_name)


def groups_of(pool: PoolDriver, name: str = ALICE) -> list[str]:
    """Return the names of the user's groups."""
    listed = pool.api.admin_list_groups_for_user(UserPoolId=pool.id, Username=name)["Groups"]
    return [one["GroupName"] for one in listed]


def members(pool: PoolDriver, name: str = "admins", **fields: Any) -> list[str]:
    """Return the members' user names."""
    listed = pool.api.list_users_in_group(UserPoolId=pool.id, GroupName=name, **fields)["Users"]
    return [user["Username"] for user in listed]


def test_group_comes_back_as_it_was_made(pool: PoolDriver) -> None:
    """GetGroup gives what CreateGroup was given, and dates."""
    made = group(pool, Description="those who may", Precedence=3)
    got = pool.api.get_group(UserPoolId=pool.id, GroupName="admins")["Group"]

    assert got == made
    assert (got["Description"], got["Precedence"], got["UserPoolId"]) == ("those who may", 3, pool.id)


def test_group_exists_once(pool: PoolDriver) -> None:
    """A second group of the same name is refused."""
    group(pool)

    with refused("GroupExistsException", "A group with the name already exists."):
        group(pool)


def test_update_keeps_what_is_not_given(pool: PoolDriver) -> None:
    """UpdateGroup changes only what it is given."""
    group(pool, Description="old", Precedence=3)
    changed = pool.api.update_group(UserPoolId=pool.id, GroupName="admins", Description="new")["Group"]

    assert (changed["Description"], changed["Precedence"]) == ("new", 3)


@pytest.mark.parametrize("action", ["get_group", "update_group", "delete_group", "list_users_in_group"])
def test_unknown_group(pool: PoolDriver, action: str) -> None:
    """A group that does not exist is not found."""
    with refused(*UNKNOWN):
        getattr(pool.api, action)(UserPoolId=pool.id, GroupName="nobody")


def test_users_come_and_go(pool: PoolDriver) -> None:
    """Members are listed from both sides; adding twice changes nothing, removing ends it."""
    group(pool)
    for name in (ALICE, BOB):
        pool.user(name)
    add(pool, ALICE, "admins")
    add(pool, ALICE, "admins")
    add(pool, BOB, "admins")

    assert (members(pool), groups_of(pool)) == ([ALICE, BOB], ["admins"])
    pool.api.admin_remove_user_from_group(UserPoolId=pool.id, Username=ALICE, GroupName="admins")
    assert (members(pool), groups_of(pool)) == ([BOB], [])


def test_unknown_user_or_group(pool: PoolDriver) -> None:
    """Both must exist."""
    group(pool)
    pool.user()

    with refused(*USER_NOT_FOUND):
        add(pool, "nobody", "admins")
    with refused(*UNKNOWN):
        add(pool, ALICE, "nobodies")


def test_deleted_group_leaves_no_members(pool: PoolDriver) -> None:
    """Deleting a group ends its memberships, not its users; a new one of the name starts empty."""
    group(pool)
    pool.user()
    add(pool, ALICE, "admins")
    pool.api.delete_group(UserPoolId=pool.id, GroupName="admins")

    assert groups_of(pool) == []
    group(pool)
    assert members(pool) == []


def test_deleted_user_is_no_member(pool: PoolDriver) -> None:
    """Deleting a user ends the memberships."""
    group(pool)
    pool.user()
    add(pool, ALICE, "admins")
    pool.api.admin_delete_user(UserPoolId=pool.id, Username=ALICE)

    assert members(pool) == []


def test_tokens_name_the_groups(pool: PoolDriver) -> None:
    """Both tokens list the user's groups; without any, the claim is absent."""
    pool.user()
    bare = pool.sign_in()["AuthenticationResult"]
    for name in ("admins", "readers"):
        group(pool, name)
        add(pool, ALICE, name)
    result = pool.sign_in()["AuthenticationResult"]

    for token in ("AccessToken", "IdToken"):
        assert "cognito:groups" not in jwt.decode(bare[token], options={"verify_signature": False})
        claims = jwt.decode(result[token], options={"verify_signature": False})
        assert claims["cognito:groups"] == ["admins", "readers"]


def test_every_list_has_pages(pool: PoolDriver) -> None:
    """Groups, a user's groups and a group's members come in pages."""
    names = [f"group{number}" for number in range(3)]
    pool.user()
    pool.user(BOB)
    for name in names:
        group(pool, name)
        add(pool, ALICE, name)
    add(pool, BOB, names[0])

    for action, fields, member, expected in (
        ("list_groups", {}, "Groups", 3),
        ("admin_list_groups_for_user", {"Username": ALICE}, "Groups", 3),
        ("list_users_in_group", {"GroupName": names[0]}, "Users", 2),
    ):
        pages = list(
            pool.api.get_paginator(action).paginate(
                UserPoolId=pool.id, PaginationConfig={"PageSize": 1}, **fields
            )
        )
        assert [len(page[member]) for page in pages] == [1] * expected
