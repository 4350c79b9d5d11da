"""A copy of a whole database: in memory, and in a file of its own."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from local_cognito.storage import database_file
from local_cognito.storage.database_file import DatabaseBusyError

_FREE = (0, 101)  # what SQLite says of a step: SQLITE_OK, SQLITE_DONE


def copy(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Put all that is in one database in the place of all that is in another.

    Raises:
        DatabaseBusyError: another program holds the lock of one of them; nothing has been done.
    """

    def check(status: int, *_: int) -> None:
        if status not in _FREE:  # SQLite would wait, for as long as it takes
            raise DatabaseBusyError("another program has locked the database")

    source.backup(target, progress=check)


def copied(source: sqlite3.Connection) -> sqlite3.Connection:
    """Return a copy of a database in memory, which any thread may use.

    Raises:
        DatabaseBusyError: another program holds the lock.
    """
    target = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    try:
        copy(source, target)
    except BaseException:
        target.close()
        raise
    return target


def read(path: Path) -> sqlite3.Connection:
    """Return the contents of a file as a database in memory.

    Raises:
        UnusableDatabaseError: the file is of another program or a newer version.
        OSError, sqlite3.Error: it can't be read.
    """
    with closing(database_file.open_to_read(path)) as source:
        return copied(source)


def write(snapshot: sqlite3.Connection, path: Path) -> None:
    """Write a database to a file, which only its owner can read; at any time it is the old or the new one.

    Raises:
        OSError, sqlite3.Error: it can't be written.
    """
    path = Path(os.path.realpath(path))
    from tempfile import NamedTemporaryFile  # noqa: PLC0415 - it loads every kind of compression

    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as made:  # 0600
        new = Path(made.name)
    try:
        with closing(sqlite3.connect(new)) as target:
            copy(snapshot, target)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
