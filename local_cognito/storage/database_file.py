"""Opening a database file: whose it is, which version wrote it, and that only its owner can read it.

A file says in its header who wrote it (`application_id`) and in which layout (`user_version`). One
of another program, or of a newer version, is refused before anything is written, beside it either.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")

MEMORY = ":memory:"
APPLICATION_ID = 0x436F676E  # "Cogn"
VERSION = 7  # of the layout: one more whenever a table or an index is added or gets another column

_OWNER_ONLY = 0o600
_BESIDE = ("-wal", "-shm", "-journal")
_SMALLEST = 512  # bytes of a page; SQLite takes anything smaller for an empty database
START_SECONDS = 10.0  # to wait for other programs that use the file, before the server starts
_RETRY_SECONDS = 0.01
_CHECKPOINT_PAGES = 10_000  # 40 MB; each checkpoint waits for the disk

# The first version marked nothing; these are the tables and columns that it made.
_UNMARKED = {
    "pools": "id settings created modified",
    "signingkeys": "pool_id use kid pem",
    "clients": "id pool_id settings secret created modified",
    "users": "pool_id username sub status attributes salt verifier created modified password_set enabled "
    "totp_secret totp_name mfa",
    "signinnames": "pool_id kind name username",
    "codes": "pool_id username purpose code expires",
    "attempts": "pool_id username kind at id",
    "sessions": "handle pool_id client_id username step expires data spent",
    "devices": "key pool_id username group_key created modified by_alias name salt verifier remembered "
    "last_authenticated",
    "grants": "origin_jti pool_id client_id username refresh_handle device_key auth_time expires revoked "
    "previous_handle rotated",
    "messages": "pool_id to subject body code sent id",
    "groups": "pool_id name settings created modified",
    "memberships": "pool_id group_name username",
}

# SQLite's locks are the process's: a file that is opened and closed here would lose those of its other users.
_opening = threading.Lock()


class UnusableDatabaseError(Exception):
    """The file can't be taken as a database; the text says why."""


class DatabaseBusyError(sqlite3.OperationalError):
    """Another program holds a lock of the database; the same may succeed a moment later."""


def is_busy(error: sqlite3.Error) -> bool:
    """Tell whether the error is that another connection holds a lock."""
    return str(error) == "database is locked"  # the text of SQLITE_BUSY, whose code only Python 3.11 gives


def when_free(action: Callable[[], Result], seconds: float = START_SECONDS) -> Result:
    """Run the action, and again for up to so many seconds while another program holds a lock.

    The wait is Python's and not SQLite's, so that signals are handled meanwhile.

    Raises:
        DatabaseBusyError: the lock was held all the time.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return action()
        except sqlite3.OperationalError as error:
            if not is_busy(error):
                raise
        if time.monotonic() >= deadline:
            raise DatabaseBusyError("another program has locked the database")
        time.sleep(_RETRY_SECONDS)


def connect(database: str) -> sqlite3.Connection:
    """Open the file, or make an empty one.

    Args:
        database: a path, or `MEMORY`.

    Raises:
        UnusableDatabaseError: it is of another program or a newer version, or no file.
        OSError: it can't be read and written.
        sqlite3.Error: SQLite can't use it; a `DatabaseBusyError` if another program does not let go of it.
    """
    if database == MEMORY:
        return _connection(MEMORY)
    path = _target(Path(database))
    with _opening:
        _check_beside(path)
        _check(path)
        _make_private(path)
        connection = _connection(str(path))
        try:
            when_free(lambda: _write_ahead(connection))
            _check_beside(path)
        except BaseException:
            connection.close()
            raise
    return connection


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a file that no program uses, and leave nothing beside it.

    Raises:
        UnusableDatabaseError: it is of another program or a newer version, or no file.
        OSError, sqlite3.Error: it can't be read.
    """
    if not path.exists() or not path.stat().st_size:
        raise UnusableDatabaseError("there is nothing in it")
    _check(path)
    return _connection(f"file:{quote(os.fsencode(path))}?mode=ro&immutable=1")


def is_current(connection: sqlite3.Connection) -> bool:
    """Tell whether the database has the tables and columns of this version."""
    return _marks(connection) == (APPLICATION_ID, VERSION)


def mark_current(connection: sqlite3.Connection) -> None:
    """Write down that the database has the tables and columns of this version."""
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """Return the names of a table's columns, in their order; empty if the table does not exist."""
    return [str(row[1]) for row in connection.execute(f'PRAGMA table_info("{table}")')]


def only_grows(connection: sqlite3.Connection, table: str) -> bool:
    """Tell whether the number that is a table's primary key is never given twice."""
    row = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", [table]).fetchone()
    return "AUTOINCREMENT" in row[0]


def _connection(database: str) -> sqlite3.Connection:
    return sqlite3.connect(
        database,
        timeout=0,
        check_same_thread=False,
        isolation_level=None,
        uri=database.startswith("file:"),
    )


def _target(path: Path) -> Path:
    """Return the file that a name leads to, if not by a link that somebody else has put there.

    Raises:
        UnusableDatabaseError: it is such a link.
    """
    if path.is_symlink() and path.lstat().st_uid not in _own_ids(path.parent):
        raise UnusableDatabaseError("it is a symbolic link of another user")
    return Path(os.path.realpath(path))


def _own_ids(folder: Path) -> set[int]:
    """Return whose files are trusted: the user's, the system's, and those of the folder's owner."""
    user = os.geteuid() if hasattr(os, "geteuid") else 0  # Windows knows no such numbers
    return {user, 0, folder.stat().st_uid}


def _check_beside(path: Path) -> None:
    """Refuse a link, or another user's file, where SQLite writes beside the database.

    Raises:
        UnusableDatabaseError: there is one; it has not been touched.
    """
    for suffix in _BESIDE:
        beside = Path(f"{path}{suffix}")
        try:
            found = beside.lstat()
        except FileNotFoundError:
            continue
        owners = _own_ids(path.parent) | ({path.stat().st_uid} if path.exists() else set())
        if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1 or found.st_uid not in owners:
            raise UnusableDatabaseError(
                f"{beside.name}, which SQLite needs, is a link, no file, or another user's"
            )


def _check(path: Path) -> None:
    """Refuse a file of another program, without writing anything."""
    if not path.exists():
        return
    if not path.is_file():
        raise UnusableDatabaseError(f"it is {'a folder' if path.is_dir() else 'no regular file'}")
    if not os.access(path, os.R_OK | os.W_OK):
        raise UnusableDatabaseError("it may not be read and written")
    if not os.access(path.parent, os.W_OK):
        raise UnusableDatabaseError("SQLite needs files beside it, and nothing may be written to its folder")
    deadline = time.monotonic() + START_SECONDS
    while True:
        seen = _state(path)
        try:
            when_free(lambda: _check_content(path))
        except UnusableDatabaseError:
            if _state(path) != seen and time.monotonic() < deadline:
                continue  # another server is just making it
            raise
        return


def _state(path: Path) -> list[tuple[int, int] | None]:
    """Return what changes whenever the file is written, or its log."""
    return [_written(path), _written(Path(f"{path}-wal"))]


def _written(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size


def _check_content(path: Path) -> None:
    size = path.stat().st_size
    if not size:
        return
    if size < _SMALLEST:
        raise UnusableDatabaseError("it is not an SQLite database")
    # Without a log beside it the file is all there is. Opened in the usual way it would be given one.
    mode = "mode=ro" if Path(f"{path}-wal").exists() else "mode=ro&immutable=1"
    uri = f"file:{quote(os.fsencode(path))}?{mode}"
    try:
        with closing(_connection(uri)) as connection:
            connection.execute("BEGIN")  # so that all is read as of one moment, whatever others write
            _check_marks(connection)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        raise UnusableDatabaseError(f"it is not an SQLite database ({error})") from error


def _check_marks(connection: sqlite3.Connection) -> None:
    application, version = _marks(connection)
    if application == APPLICATION_ID:
        if version > VERSION:
            layouts = f"its layout is {version}, this version knows {VERSION}"
            raise UnusableDatabaseError(f"a newer version of local_cognito wrote it: {layouts}")
        return
    if application or version or not _is_unmarked_one_of_ours(connection):
        raise UnusableDatabaseError("it is the database of another program")


def _is_unmarked_one_of_ours(connection: sqlite3.Connection) -> bool:
    """Tell whether the first version made this, or began to; an empty database will do as well."""
    rows = connection.execute("SELECT type, name FROM sqlite_master WHERE type <> 'index'").fetchall()
    return all(
        kind == "table" and columns(connection, name) == _UNMARKED.get(name, "").split()
        for kind, name in rows
        if not name.startswith("sqlite_")  # what SQLite itself keeps
    )


def _marks(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return who wrote the database, and in which layout."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return application, version


def _make_private(path: Path) -> None:
    """Make the file if there is none, and let nobody but the owner read it or what SQLite puts beside it."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, _OWNER_ONLY))
        path.chmod(_OWNER_ONLY)  # the umask may have taken away what the owner needs
    for file in (path, *(Path(f"{path}{suffix}") for suffix in _BESIDE)):
        if file.exists():
            mode = stat.S_IMODE(file.stat().st_mode)
            if mode & ~_OWNER_ONLY:
                file.chmod(mode & _OWNER_ONLY)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Set how SQLite writes: into a log first, which outlives a kill -9.

    Only when the machine itself stops can the last moments be lost.
    """
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
