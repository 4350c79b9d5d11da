"""Filters of ListUsers: which of them care for upper and lower case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from test.support.pool_driver import ALICE, BOB, refused

if TYPE_CHECKING:
    from test.support.pool_driver import PoolDriver


@pytest.fixture
def people(pool: PoolDriver) -> PoolDriver:
    """Return a pool with Alice Öhman, confirmed, and bob, disabled."""
    pool.user(email="Alice@Example.com", attributes={"name": "Alice Öhman", "given_name": "Alice"})
    pool.sign_up(BOB)
    pool.api.admin_disable_user(UserPoolId=pool.id, Username=BOB)
    return pool


def found(pool: PoolDriver, text: str) -> list[str]:
    """Return the names of the users whom a filter lets through."""
    users = pool.api.list_users(UserPoolId=pool.id, Filter=text)["Users"]
    return [user["Username"] for user in users]


@pytest.mark.parametrize(
    "text",
    [
        'email = "alice@EXAMPLE.com"',
        'email ^= "ALICE@"',
        'name = "alice öhman"',
        'name = "ALICE ÖHMAN"',
        'name ^= "alice Ö"',
        'given_name = "aLICE"',
        'cognito:user_status = "confirmed"',
        'cognito:user_status ^= "Conf"',
        'username = "alice"',
        'username ^= "al"',
        'status = "Enabled"',
    ],
)
def test_alice_is_found(people: PoolDriver, text: str) -> None:
    """Attributes and the user's status match in upper and lower case alike, in every alphabet."""
    assert found(people, text) == [ALICE]


@pytest.mark.parametrize("text", ['username = "Alice"', 'username ^= "AL"', 'name = "alice ohman"'])
def test_alice_is_not_found(people: PoolDriver, text: str) -> None:
    """A user name matches only as it is written, and another letter is another letter."""
    assert found(people, text) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [('status = "Enabled"', [ALICE]), ('status = "Disabled"', [BOB]), ('status = "enabled"', [])],
)
def test_status_tells_who_is_enabled(people: PoolDriver, text: str, names: list[str]) -> None:
    """A status is Enabled or Disabled, written like that."""
    assert found(people, text) == names


def test_a_sub_in_capitals(people: PoolDriver) -> None:
    """A sub is found in capitals as well."""
    sub = people.described()["attributes"]["sub"]

    assert found(people, f'sub = "{sub.upper()}"') == [ALICE]


def test_a_user_without_the_attribute(people: PoolDriver) -> None:
    """A user who lacks the attribute is not found by it, not even by nothing at all."""
    assert found(people, 'name = ""') == []


@pytest.mark.parametrize("name", ["custom:team", "dev:custom:note"])
def test_own_attributes_are_not_searchable(people: PoolDriver, name: str) -> None:
    """Only standard attributes can be searched for, and the refusal says so."""
    with refused("InvalidParameterException", f"Invalid search attribute: {name}"):
        found(people, f'{name} = "x"')
