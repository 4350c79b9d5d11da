"""The state, in SQLite: the only module that knows tables.

A `Table` keeps the records of one dataclass, a column a field. Fields annotated as dict are stored
as JSON text, booleans as 0 and 1.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import contextmanager
from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from . import records

if TYPE_CHECKING:
    from collections.abc import Iterator

Record = TypeVar("Record")

_decode = json.JSONDecoder().raw_decode  # json.loads without looking for white space, of which we write none
_SQL_TYPES = {"float": "REAL", "int": "INTEGER", "bool": "INTEGER"}


class Table(Generic[Record]):
    """The records of one type; *key* names the columns that make the primary key."""

    def __init__(self, connection: sqlite3.Connection, record: type[Record], *key: str) -> None:
        self._connection = connection
        self._record = record
        self._name = f"{record.__name__.lower()}s"
        self._key = key
        types = {field.name: str(field.type).removesuffix(" | None") for field in fields(cast("Any", record))}
        self._values = attrgetter(*types)
        self._json = [place for place, type_ in enumerate(types.values()) if type_.startswith("dict")]
        self._flags = [place for place, type_ in enumerate(types.values()) if type_ == "bool"]
        columns = ", ".join(f'"{name}" {_SQL_TYPES.get(type_, "TEXT")}' for name, type_ in types.items())
        keys = ", ".join(f'"{name}"' for name in key)
        updates = ", ".join(f'"{name}" = excluded."{name}"' for name in types)
        connection.execute(f"CREATE TABLE IF NOT EXISTS {self._name} ({columns}, PRIMARY KEY ({keys}))")
        self._put = (
            f"INSERT INTO {self._name} VALUES ({', '.join('?' * len(types))}) "
            f"ON CONFLICT ({keys}) DO UPDATE SET {updates}"
        )

    def index(self, *columns: str) -> None:
        """Make look-ups by *columns* quick."""
        name = f"{self._name}_by_{'_'.join(columns)}"
        self._connection.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {self._name} ({', '.join(columns)})")

    def get(self, *key: Any) -> Record | None:
        """Return the record with this primary key, or None."""
        found = self.where(**dict(zip(self._key, key, strict=True)))
        return found[0] if found else None

    def put(self, record: Record) -> None:
        """Insert the record, or replace the one with its primary key."""
        values = list(self._values(record))
        for place in self._json:
            values[place] = json.dumps(values[place])
        self._connection.execute(self._put, values)

    def where(self, *, limit: int = -1, **equal: Any) -> list[Record]:
        """Return the records whose columns have these values, oldest first."""
        return self.select(_condition(equal), list(equal.values()), limit=limit)

    def select(
        self, condition: str, values: list[Any], *, order: str = "rowid", limit: int = -1
    ) -> list[Record]:
        """Return the records for which the SQL *condition*, with *values* for its marks, holds.

        Oldest first, unless *order* names other columns.
        """
        rows = self._connection.execute(
            f"SELECT * FROM {self._name} WHERE {condition} ORDER BY {order} LIMIT ?", [*values, limit]
        )
        return [self._from_row(row) for row in rows]

    def page(
        self, condition: str, values: list[Any], *, after: int, limit: int
    ) -> tuple[list[Record], int | None]:
        """Return up to *limit* records past the row number *after*, and the last one's if more follow."""
        rows = self._connection.execute(
            f"SELECT *, rowid FROM {self._name} WHERE {condition} AND rowid > ? ORDER BY rowid LIMIT ?",
            [*values, after, limit + 1],
        ).fetchall()
        records = [self._from_row(row[:-1]) for row in rows[:limit]]
        return records, rows[limit - 1][-1] if len(rows) > limit else None

    def count(self, condition: str, values: list[Any]) -> int:
        """Return how many records there are for which the SQL *condition* holds."""
        row = self._connection.execute(
            f"SELECT count(*) FROM {self._name} WHERE {condition}", values
        ).fetchone()
        return int(row[0])

    def delete(self, **equal: Any) -> None:
        """Delete the records whose columns have these values."""
        self._connection.execute(f"DELETE FROM {self._name} WHERE {_condition(equal)}", list(equal.values()))

    def delete_older(self, column: str, moment: float) -> None:
        """Delete the records whose *column*, a time, lies before *moment*."""
        self._connection.execute(f"DELETE FROM {self._name} WHERE {column} < ?", [moment])

    def _from_row(self, row: tuple[Any, ...]) -> Record:
        values = list(row)
        for place in self._json:
            values[place], _ = _decode(values[place])
        for place in self._flags:
            values[place] = bool(values[place])
        return self._record(*values)


def _condition(equal: dict[str, Any]) -> str:
    return " AND ".join(f'"{name}" = ?' for name in equal) or "1"


class Store:
    """All tables of one database file, or of one in memory, behind one connection and one lock."""

    def __init__(self, database: str = ":memory:") -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(database, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        # Outlives a kill -9; only when the machine itself stops can the last moments be lost.
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA wal_autocheckpoint = 10000")  # 40 MB; each one waits for the disk
        self.pools = Table(self._connection, records.Pool, "id")
        self.keys = Table(self._connection, records.SigningKey, "pool_id", "use")
        self.clients = Table(self._connection, records.Client, "id")
        self.users = Table(self._connection, records.User, "pool_id", "username")
        self.names = Table(self._connection, records.SignInName, "pool_id", "kind", "name")
        self.codes = Table(self._connection, records.Code, "pool_id", "username", "purpose")
        self.attempts = Table(self._connection, records.Attempt, "id")
        self.sessions = Table(self._connection, records.Session, "handle")
        self.devices = Table(self._connection, records.Device, "key")
        self.grants = Table(self._connection, records.Grant, "origin_jti")
        self.messages = Table(self._connection, records.Message, "id")
        self.groups = Table(self._connection, records.Group, "pool_id", "name")
        self.memberships = Table(self._connection, records.Membership, "pool_id", "group_name", "username")
        self.users.index("pool_id")
        self.clients.index("pool_id")
        self.groups.index("pool_id")
        self.memberships.index("pool_id", "username")
        self.names.index("pool_id", "username")
        self.attempts.index("pool_id", "username", "kind")
        self.sessions.index("pool_id", "username")
        self.sessions.index("expires")
        self.devices.index("pool_id", "username")
        self.grants.index("pool_id", "username")
        self.grants.index("refresh_handle")
        self.grants.index("previous_handle")

    @property
    def _of_users(self) -> tuple[Table[Any], ...]:
        return (
            self.names,
            self.codes,
            self.attempts,
            self.sessions,
            self.devices,
            self.grants,
            self.memberships,
            self.users,
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the block alone and all or nothing: an exception that leaves it undoes what it wrote."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def delete_user(self, user: records.User) -> None:
        """Delete a user and everything that belongs to them; the outbox keeps what was sent."""
        for table in self._of_users:
            table.delete(pool_id=user.pool_id, username=user.username)

    def delete_pool(self, pool: records.Pool) -> None:
        """Delete a pool and everything in it, its messages too."""
        for table in (*self._of_users, self.keys, self.clients, self.groups, self.messages):
            table.delete(pool_id=pool.id)
        self.pools.delete(id=pool.id)

    def close(self) -> None:
        """Close the database; nothing can be done with the store afterwards."""
        with self._lock:
            self._connection.close()
