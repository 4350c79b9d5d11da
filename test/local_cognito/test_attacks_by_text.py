"""SQL in every text field: it is text."""

from __future__ import annotations

import base64
import string
from typing import TYPE_CHECKING, Any

import pytest

from local_cognito.actions import api as local_api
from local_cognito.model.service_model import Collection, Structure
from test.support.conformity import request_members
from test.support.hostile_requests import CLIENT, CODE, POOL, SQL
from test.support.inside import connection_of
from test.support.known_world import World
from test.support.pool_driver import ALICE, BOB, PASSWORD, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from local_cognito.model.service_model import Shape
    from test.support.pool_driver import PoolDriver


@pytest.fixture(scope="module")
def world(signing_keys: dict[str, str]) -> Iterator[World]:
    """Give the world that each request finds as it was."""
    made = World(signing_keys)
    yield made
    made.stop()


def texts(members: Mapping[str, Shape], path: tuple[int | str, ...] = ()) -> Iterator[tuple[int | str, ...]]:
    """Yield the path of each text field of a request."""
    for name, member in members.items():
        inner = member.item if isinstance(member, Collection) and member.type == "list" else member
        if isinstance(inner, Structure):
            yield from texts(inner.members, (*path, name, *([0] if member is not inner else [])))
        elif inner.type in {"string", "map"}:
            yield (
                *path,
                name,
                *([0] if member is not inner else []),
                *(["USERNAME"] * (inner.type == "map")),
            )


def put(request: dict[Any, Any], path: Sequence[int | str], value: str) -> Any:
    """Return the request with `value` at `path`."""
    key, *rest = path
    if key == 0:
        return [put({}, rest, value) if rest else value]
    inner = request.get(key, {})
    return request | {key: put(inner if isinstance(inner, dict) else {}, rest, value) if rest else value}


def everything(world: World) -> tuple[list[Any], list[Any], list[Any]]:
    """Return the tables' definitions and all that the other pool and the keys consist of."""
    connection = connection_of(world.store)
    of_other = [
        tuple(row)
        for table in ("users", "signinnames", "clients", "groups", "codes", "grants")
        for row in connection.execute(f"SELECT * FROM {table} WHERE pool_id != ? ORDER BY 1, 2, 3", [POOL])
    ]
    tables = connection.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
    keys = connection.execute("SELECT * FROM signingkeys ORDER BY pool_id, use").fetchall()
    return of_other, [tuple(row) for row in tables], [tuple(row) for row in keys]


@pytest.mark.parametrize("operation", local_api.ACTIONS)
def test_sql_in_every_text_field(world: World, operation: str) -> None:
    """SQL in any text field of any action is text: it changes and shows nothing of what it asks for."""
    members = request_members(operation)
    known: dict[str, Any] = {
        "UserPoolId": POOL,
        "ClientId": CLIENT,
        "Username": ALICE,
        "AccessToken": "@access@",
        "Password": PASSWORD,
    }
    known |= {"GroupName": "known", "DeviceKey": "@device@", "ConfirmationCode": CODE, "MaxResults": 10}
    known |= {"PoolName": "p", "ClientName": "c"}
    request = {name: value for name, value in known.items() if name in members}
    before = everything(world)
    for path in texts(members):
        for text in SQL:
            answer = world.send(operation, put(request, path, text))
            assert answer.status in {200, 400}, answer.body
            assert b"PRIVATE KEY" not in answer.body
            if not operation.startswith("ListUserPool"):
                assert b"us-east-1_Other" not in answer.body
            assert everything(world) == before, path


class TestSqlAsText:
    """Names and values that are SQL are kept and found as what they are."""

    @pytest.mark.parametrize(
        "name", ["x'||'", "O'Brien", '"quoted"', "a;--", "%", "_", "$.name", "?1", ":name"]
    )
    def test_user_name(self, pool: PoolDriver, name: str) -> None:
        """A user of such a name signs up, is found by it alone, and goes."""
        pool.user()
        pool.sign_up(name, email="other@example.com")

        assert pool.described(name)["Username"] == name
        pool.api.admin_delete_user(UserPoolId=pool.id, Username=name)
        assert pool.described()["Username"] == ALICE

    @pytest.mark.parametrize("value", SQL)
    def test_attribute(self, pool: PoolDriver, value: str) -> None:
        """A value is kept letter for letter, and a filter for it finds its owner only."""
        pool.user(BOB)
        pool.sign_up(attributes={"name": value})
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        found = pool.api.list_users(UserPoolId=pool.id, Filter=f'name = "{quoted}"')["Users"]

        assert pool.described()["attributes"]["name"] == value
        assert [user["Username"] for user in found] == [ALICE]

    @pytest.mark.parametrize("value", ["%", "_", "a%", "*", "?", "\\", "'", "a' OR 'a'='a", "[a-z]"])
    def test_prefix(self, pool: PoolDriver, value: str) -> None:
        """In a filter for a beginning nothing is a wildcard."""
        pool.user()
        quoted = value.replace("\\", "\\\\")

        assert pool.api.list_users(UserPoolId=pool.id, Filter=f'username ^= "{quoted}"')["Users"] == []

    @pytest.mark.parametrize(
        "text",
        [
            'username = "a" OR 1=1',
            "1=1",
            'password = "x"',
            'verifier ^= ""',
            'pool_id = "x"',
            'name\') OR 1=1 --  = "x"',
            "username = 'alice'",
            'username = "alice',
            'username LIKE "%"',
            "custom:x'),'$.y = \"1\"",
        ],
    )
    def test_filter(self, pool: PoolDriver, text: str) -> None:
        """A filter that is anything but a known attribute, an operator and a value is refused."""
        pool.user()
        with refused("InvalidParameterException", "Error while parsing filter."):
            pool.api.list_users(UserPoolId=pool.id, Filter=text)

    @pytest.mark.parametrize("number", ["0 OR 1=1", "1; DROP TABLE users", "1e3", "0x10", "9" * 30, "", "٣ "])
    def test_pagination_token(self, pool: PoolDriver, number: str) -> None:
        """A token that was not given out is refused, or leads to no more than a page of one's own."""
        pool.user()
        token = base64.urlsafe_b64encode(number.encode()).decode() or "x"
        with refused("InvalidParameterException", "Invalid pagination token."):
            pool.api.list_users(UserPoolId=pool.id, PaginationToken=token)

    def test_pagination_token_of_another_pool(
        self, pool: PoolDriver, make_pool: Callable[..., PoolDriver]
    ) -> None:
        """A token from elsewhere shows nobody of elsewhere."""
        other = make_pool()
        for name in string.ascii_lowercase[:3]:
            other.sign_up(name)
            pool.sign_up(name.upper())
        token = other.api.list_users(UserPoolId=other.id, Limit=1)["PaginationToken"]
        found = pool.api.list_users(UserPoolId=pool.id, PaginationToken=token)["Users"]

        assert {user["Username"] for user in found} <= {"A", "B", "C"}
