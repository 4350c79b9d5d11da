"""A table of records in SQLite: all the SQL there is, but for the transactions in `store`.

A `Table` keeps the records of one dataclass, a column a field. Dictionaries are stored as JSON text,
booleans as 0 and 1.
"""

from __future__ import annotations

import math
import sqlite3
from dataclasses import MISSING, dataclass, fields
from operator import attrgetter
from types import NoneType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_args, get_origin, get_type_hints

import orjson

from local_cognito.storage import database_file

if TYPE_CHECKING:
    from dataclasses import Field

Record = TypeVar("Record")

MOST_ROWS = 2**63 - 1  # what SQLite can count
_PYTHON_TYPES: dict[type, type] = {str: str, float: float, int: int, bool: int, dict: str}
_SQL_TYPES = {str: "TEXT", float: "REAL", int: "INTEGER", bool: "INTEGER", dict: "TEXT"}


class DamagedRecordError(sqlite3.DatabaseError):
    """A record holds something else than this program writes."""


def _column_type(hint: Any) -> type:
    """Return the type behind a field's annotation: without `None` and without what a dictionary holds.

    Raises:
        TypeError: no column can hold it.
    """
    given = [choice for choice in get_args(hint) if choice is not NoneType]
    if NoneType in get_args(hint) and len(given) == 1:
        hint = given[0]
    column_type = get_origin(hint) or hint
    if column_type not in _SQL_TYPES:
        raise TypeError(f"No column can hold a {hint}")
    plain: type = column_type
    return plain


def fold(text: str | None) -> str | None:
    """Return the text as it is compared where case does not count; SQLite calls this too."""
    return text and text.casefold()


@dataclass(frozen=True)
class Match:
    """A condition on one field of a record, apart from the ones that name a value for a field.

    Attributes:
        field: the name of the field.
        value: what it must be.
        key: of a field that is a dictionary, whose value is compared.
        is_prefix: whether it is enough that the field begins with `value`.
        is_part: whether it is enough that `value` is anywhere in the field.
        ignores_case: whether letters in upper and lower case are the same, in every script.
    """

    field: str
    value: Any
    key: str | None = None
    is_prefix: bool = False
    is_part: bool = False
    ignores_case: bool = False

    def as_sql(self) -> tuple[str, list[Any]]:
        """Return an SQL condition and the values for its marks."""
        column, path = f'"{self.field}"', []
        if self.key is not None:
            column, path = f"json_extract({column}, ?)", [f'$."{self.key}"']
        value = self.value
        if self.ignores_case:
            column, value = f"fold({column})", fold(value)
        if self.is_part:
            return f"instr({column}, ?) > 0", [*path, value]
        if self.is_prefix:
            return f"substr({column}, 1, ?) = ?", [*path, len(value), value]
        return f"{column} = ?", [*path, value]


class Table(Generic[Record]):
    """The records of one type.

    Args:
        connection: the database.
        record: the dataclass.
        key: the columns that make the primary key.
        name: the table's, if it is not the dataclass's with an s.
        view_of: whose table it is, where `record` has only some of the fields.
        only_grows: whether no record gets a number as its key that another had, not even a deleted one.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        record: type[Record],
        *key: str,
        name: str | None = None,
        view_of: type[Any] | None = None,
        only_grows: bool = False,
    ) -> None:
        self._connection = connection
        self._record = record
        self._only_grows = only_grows
        self._name = name or f"{(view_of or record).__name__.lower()}s"
        hints = get_type_hints(record)
        types = {name: _column_type(hint) for name, hint in hints.items()}
        self._values = attrgetter(*types)
        self._json = [place for place, type_ in enumerate(types.values()) if type_ is dict]
        self._floats = [place for place, type_ in enumerate(types.values()) if type_ is float]
        self._flags = [place for place, type_ in enumerate(types.values()) if type_ is bool]
        self._definitions = {name: f'"{name}" {_SQL_TYPES[type_]}' for name, type_ in types.items()}
        # By name, because columns that a later version added come last in a file of an earlier one.
        self._columns = ", ".join(f'"{name}"' for name in types)
        self._allowed = [_allowed_types(hint) for hint in hints.values()]
        self._seen: set[tuple[type, ...]] = set()
        self._keys = ", ".join(f'"{name}"' for name in key)
        updates = ", ".join(f'"{name}" = excluded."{name}"' for name in types)
        marks = ", ".join("?" * len(key))
        self._imitated: tuple[Any, ...] = ()
        self._imitate = f"SELECT {', '.join('?' * len(types))}"
        self._get = f"SELECT {self._columns} FROM {self._name} WHERE ({self._keys}) = ({marks})"
        self._put = (
            f"INSERT INTO {self._name} ({self._columns}) VALUES ({', '.join('?' * len(types))}) "
            f"ON CONFLICT ({self._keys}) DO UPDATE SET {updates}"
        )

    def make(self) -> None:
        """Make the table, or add what an earlier version's lacks: columns for fields that have a default."""
        existing = database_file.columns(self._connection, self._name)
        if not existing:
            self._create()
            return
        for field in fields(self._record):  # type: ignore[arg-type]  # it is a dataclass
            if field.name not in existing:
                definition = self._definitions[field.name]
                self._connection.execute(f"ALTER TABLE {self._name} ADD COLUMN {definition}")
                self._connection.execute(f'UPDATE {self._name} SET "{field.name}" = ?', [_default_of(field)])

        if self._only_grows and not database_file.only_grows(self._connection, self._name):
            self._connection.execute(f"ALTER TABLE {self._name} RENAME TO earlier")
            self._create()
            self._connection.execute(
                f"INSERT INTO {self._name} ({self._columns}) SELECT {self._columns} FROM earlier"
            )
            self._connection.execute("DROP TABLE earlier")

    def _create(self) -> None:
        columns = ", ".join(self._definitions.values())
        primary_key = f"PRIMARY KEY ({self._keys}{' AUTOINCREMENT' if self._only_grows else ''})"
        self._connection.execute(f"CREATE TABLE {self._name} ({columns}, {primary_key})")

    def index(self, *columns: str, empty: str | None = None) -> None:
        """Make look-ups by `columns` quick; `empty` names a text that is empty in all that are looked up."""
        name = f"{self._name}_by_{'_'.join(columns)}"
        condition = f" WHERE {_is_empty(empty)}" if empty else ""
        self._connection.execute(
            f"CREATE INDEX IF NOT EXISTS {name} ON {self._name} ({', '.join(columns)}){condition}"
        )

    def get(self, *key: Any) -> Record | None:
        """Return the record with this primary key, or None.

        Raises:
            DamagedRecordError: it holds something else than this program writes; so for all that read.
        """
        row = self._connection.execute(self._get, key).fetchone()
        return None if row is None else self._from_row(row)

    def imitate(self, record: Record) -> Record:
        """Read a record that is in no table, which takes about as long as to read one that is.

        Each table has one such record: the first that is asked for.
        """
        if not self._imitated:
            values = self._as_row(record)
            self._imitated = tuple(int(value) if isinstance(value, bool) else value for value in values)
        return self._from_row(self._connection.execute(self._imitate, self._imitated).fetchone())

    def put(self, record: Record) -> None:
        """Insert the record, or replace the one with its primary key."""
        self._connection.execute(self._put, self._as_row(record))

    def _as_row(self, record: Record) -> list[Any]:
        values = list(self._values(record))
        for place in self._json:
            values[place] = orjson.dumps(values[place]).decode()
        return values

    def where(self, *, limit: int = -1, **equal: Any) -> list[Record]:
        """Return the records whose fields have these values, oldest first; a tuple stands for any in it."""
        condition, values = _condition(equal)
        return self._select(f"{condition} ORDER BY rowid LIMIT ?", [*values, limit])

    def latest(self, count: int) -> list[Record]:
        """Return the `count` latest records, oldest first."""
        return self._select("1 ORDER BY rowid DESC LIMIT ?", [count])[::-1]

    def first_with(self, value: Any, *names: str) -> Record | None:
        """Return the oldest record that has this `value` in any of the fields, or None."""
        condition = " OR ".join(f'"{name}" = ?' for name in names)
        found = self._select(f"{condition} ORDER BY rowid LIMIT 1", [value] * len(names))
        return found[0] if found else None

    def page(self, *matches: Match, after: int, limit: int, **equal: Any) -> tuple[list[Record], int | None]:
        """Return up to `limit` records past the row number `after`, and the last one's if more follow."""
        condition, values = _condition(equal, *matches)
        return self._part(f"{condition} AND rowid > ? ORDER BY rowid", [*values, after], limit)

    def newest(
        self, *, before: int | None = None, limit: int, **equal: Any
    ) -> tuple[list[Record], int | None]:
        """Return up to `limit` records, newest first, and the last one's row number if there are older ones.

        `before` is such a row number: only older records count then.
        """
        condition, values = _condition(equal)
        last = MOST_ROWS if before is None else before
        return self._part(f"{condition} AND rowid < ? ORDER BY rowid DESC", [*values, last], limit)

    def _part(self, condition: str, values: list[Any], limit: int) -> tuple[list[Record], int | None]:
        """Return up to `limit` records, and the row number of the last one if there are more."""
        rows = self._connection.execute(
            f"SELECT {self._columns}, rowid FROM {self._name} WHERE {condition} LIMIT ?", [*values, limit + 1]
        ).fetchall()
        if not rows:
            return [], None
        *columns, numbers = zip(*rows[:limit], strict=True)
        return self._from_columns(columns), numbers[-1] if len(rows) > limit else None

    def count(self, *, later_than: tuple[str, float] | None = None, **equal: Any) -> int:
        """Count the records with these values; `later_than` is a time column and its lower limit."""
        condition, values = _condition(equal)
        if later_than is not None:
            condition, values = f'{condition} AND "{later_than[0]}" > ?', [*values, later_than[1]]
        row = self._connection.execute(
            f"SELECT count(*) FROM {self._name} WHERE {condition}", values
        ).fetchone()
        return int(row[0])

    def delete(self, **equal: Any) -> None:
        """Delete the records whose fields have these values."""
        condition, values = _condition(equal)
        self._connection.execute(f"DELETE FROM {self._name} WHERE {condition}", values)

    def delete_older(self, name: str, moment: float, *, limit: int, empty: str | None = None) -> None:
        """Delete up to `limit` records whose time of this `name` lies before `moment`, the oldest first.

        `empty` names a text that must be empty in them.
        """
        condition = f" AND {_is_empty(empty)}" if empty else ""
        self._delete_some(f'"{name}" < ?{condition} ORDER BY "{name}"', [moment], limit)

    def delete_all_but_latest(self, count: int, *, limit: int) -> None:
        """Delete up to `limit` of the records that are not among the `count` latest."""
        latest = f"SELECT rowid FROM {self._name} ORDER BY rowid DESC LIMIT 1 OFFSET ?"
        self._delete_some(f"rowid <= ({latest})", [count], limit)

    def _delete_some(self, condition: str, values: list[Any], limit: int) -> None:
        rows = f"SELECT rowid FROM {self._name} WHERE {condition} LIMIT ?"
        self._connection.execute(f"DELETE FROM {self._name} WHERE rowid IN ({rows})", [*values, limit])

    def _select(self, condition: str, values: list[Any]) -> list[Record]:
        rows = self._connection.execute(f"SELECT {self._columns} FROM {self._name} WHERE {condition}", values)
        return [self._from_row(row) for row in rows]

    def _from_row(self, row: tuple[Any, ...]) -> Record:
        if tuple(map(type, row)) not in self._seen:
            self._check_types(row)
        values = list(row)
        try:
            for place in self._json:
                values[place] = content = orjson.loads(values[place])
                if type(content) is not dict:
                    raise self._damaged_json()
        except orjson.JSONDecodeError:
            raise self._damaged_json() from None
        for place in self._flags:
            values[place] = bool(values[place])
        return self._record(*values)

    def _from_columns(self, columns: list[Any]) -> list[Record]:
        """Return the records of many rows, a column at a time: half the work of `_from_row` for each."""
        for column, allowed in zip(columns, self._allowed, strict=True):
            if not allowed.issuperset(map(type, column)):
                raise self._wrong_type()
        if not all(math.isfinite(sum(filter(None, columns[place]))) for place in self._floats):
            raise self._infinite()
        try:
            for place in self._json:
                contents = orjson.loads(f"[{','.join(columns[place])}]")
                if len(contents) != len(columns[place]) or set(map(type, contents)) != {dict}:
                    raise self._damaged_json()
                columns[place] = contents
        except orjson.JSONDecodeError:
            raise self._damaged_json() from None
        for place in self._flags:
            columns[place] = map(bool, columns[place])
        return list(map(self._record, *columns))

    def _check_types(self, row: tuple[Any, ...]) -> None:
        """Refuse values of types that are never written; others are not looked at again."""
        if not all(type(value) in allowed for value, allowed in zip(row, self._allowed, strict=True)):
            raise self._wrong_type()
        if not all(-math.inf < value < math.inf for value in row if isinstance(value, float)):
            raise self._infinite()
        self._seen.add(tuple(map(type, row)))

    def _wrong_type(self) -> DamagedRecordError:
        return DamagedRecordError(f"the table {self._name} has a value of a wrong type")

    def _infinite(self) -> DamagedRecordError:
        return DamagedRecordError(f"the table {self._name} has a number without end")

    def _damaged_json(self) -> DamagedRecordError:
        return DamagedRecordError(f"the table {self._name} has a value that is not a JSON object")


def _allowed_types(hint: Any) -> frozenset[type]:
    """Return the types of the values that a column of such a field may hold."""
    found = {_PYTHON_TYPES[_column_type(hint)]}
    if float in found:
        found.add(int)  # SQLite gives whole numbers back as they are wanted
    return frozenset(found | ({NoneType} if NoneType in get_args(hint) else set()))


def _is_empty(name: str) -> str:
    """Return the condition that a text is empty: literally, as in the index of such records."""
    return f"\"{name}\" = ''"


def _default_of(field: Field[Any]) -> Any:
    """Return the value, as a column holds it, of a field that a record of an earlier version lacks.

    Raises:
        TypeError: the field has no default, so the earlier version's file can't be taken.
    """
    value = field.default if field.default_factory is MISSING else field.default_factory()
    if value is MISSING:
        raise TypeError(f"A record can't get a field {field.name} without a default")
    return orjson.dumps(value).decode() if isinstance(value, dict) else value


def _condition(equal: dict[str, Any], *matches: Match) -> tuple[str, list[Any]]:
    """Return the SQL condition that all of this holds, and the values for its marks."""
    parts: list[str] = []
    values: list[Any] = []
    for name, value in equal.items():
        if isinstance(value, tuple):
            parts.append(f'"{name}" IN ({", ".join("?" * len(value))})')
            values += value
        else:
            parts.append(f'"{name}" = ?')
            values.append(value)
    for match in matches:
        part, more = match.as_sql()
        parts.append(part)
        values += more
    return " AND ".join(parts) or "1", values
