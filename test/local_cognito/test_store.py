"""The state: transactions, records that come back as they went in, and files that survive."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from local_cognito.storage.records import Client, Device, Message
from local_cognito.storage.store import Store
from local_cognito.storage.tables import Table
from local_cognito.storage.user_records import User

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def store() -> Iterator[Store]:
    """Give a store in memory."""
    store = Store()
    yield store
    store.close()


def a_user(name: str = "alice", **fields: Any) -> User:
    """Return a user of a pool."""
    values: dict[str, Any] = {
        "sub": f"sub-{name}",
        "status": "CONFIRMED",
        "attributes": {"email": "a@b.c"},
    } | fields
    return User("pool", name, salt="1f", verifier="2f", created=1.5, modified=2.5, **values)


def test_records_come_back_as_they_went_in(store: Store) -> None:
    """Numbers, texts, None, booleans and dictionaries keep their types."""
    user = a_user(enabled=False, mfa={"used": [1, 2]})

    store.users.put(user)

    assert store.users.get("pool", "alice") == user


def test_putting_again_replaces_and_keeps_the_order(store: Store) -> None:
    """A record with the same primary key takes the place of the earlier one, in place."""
    for name in ("alice", "bob"):
        store.users.put(a_user(name))

    store.users.put(a_user("alice", status="UNCONFIRMED"))

    assert [(user.username, user.status) for user in store.users.where(pool_id="pool")] == [
        ("alice", "UNCONFIRMED"),
        ("bob", "CONFIRMED"),
    ]


def test_records_with_an_id_are_numbered(store: Store) -> None:
    """A record without an ID gets the next one."""
    for code in ("1", "2"):
        store.messages.put(Message("pool", "to", "subject", "body", code, 1.0))

    assert [(message.id, message.code) for message in store.messages.where()] == [(1, "1"), (2, "2")]


def test_an_exception_undoes_the_transaction(store: Store) -> None:
    """What a block wrote before it failed is not kept."""

    def fail() -> None:
        with store.transaction():
            store.users.put(a_user())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert store.users.get("pool", "alice") is None


def test_a_database_file_keeps_the_state(tmp_path: Path) -> None:
    """A store that is opened again on the same file has what was put."""
    database = str(tmp_path / "cognito.sqlite")
    first = Store(database)
    with first.transaction():
        first.users.put(a_user())
    first.close()

    second = Store(database)

    assert second.users.get("pool", "alice") == a_user()
    second.close()


def test_a_closed_store_is_closed(store: Store) -> None:
    """Nothing can be done with a store after close()."""
    closed = Store()
    closed.close()

    with pytest.raises(sqlite3.ProgrammingError):
        closed.users.put(a_user())


def test_deleting_a_user_leaves_others_alone(store: Store) -> None:
    """Only what belongs to the user goes."""
    for name in ("alice", "bob"):
        store.users.put(a_user(name))
        store.devices.put(Device(f"key-{name}", "pool", name, "-group", 1.0, 1.0))
    store.clients.put(Client("client", "pool", {}, None, 1.0, 1.0))

    store.delete_user(a_user("alice"))

    assert [user.username for user in store.users.where()] == ["bob"]
    assert [device.key for device in store.devices.where()] == ["key-bob"]
    assert store.clients.get("client")


@dataclass
class Listed:
    """A record with a field that no column can hold."""

    id: str
    names: list[str]


def test_a_field_that_no_column_can_hold_is_refused() -> None:
    """A record's fields are texts, numbers, booleans and dictionaries."""
    with closing(sqlite3.connect(":memory:")) as connection, pytest.raises(TypeError, match="list"):
        Table(connection, Listed, "id")
