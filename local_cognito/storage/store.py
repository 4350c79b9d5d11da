"""The state: all tables, and the operations that need one transaction."""

from __future__ import annotations

import ctypes
import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from local_cognito.storage import database_file, forks, records, snapshot_file, user_records
from local_cognito.storage.credentials import Credential
from local_cognito.storage.database_file import DatabaseBusyError
from local_cognito.storage.key_stock import KeyStock
from local_cognito.storage.retention import Retention
from local_cognito.storage.tables import Table, fold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


_KEPT_EVERY = 1.0  # seconds; to write the time with each request would cost one percent
_ROW = 1  # of the latest time


class ForkedError(RuntimeError):
    """The pool belongs to the process that this one was forked from."""


class Store(forks.Owner):
    """All tables of one database file, or of one in memory, behind one connection and one lock.

    Attributes:
        latest_time: the latest time that the file is known to have seen, in epoch seconds.
    """

    def __init__(self, database: str = database_file.MEMORY, *, key_folder: Path | None = None) -> None:
        """Open the database; `database_file.connect` says which files are refused.

        Args:
            database: a path, or `:memory:`.
            key_folder: where the user's stocks of signing keys are, for a database in memory. A file keeps
                its pools, so their keys come from no stock.
        """
        self.key_stock = KeyStock(key_folder if database == database_file.MEMORY else None)
        self._lock = threading.RLock()
        self._is_left = False
        self._is_file = database != database_file.MEMORY
        self.latest_time = self._kept_time = 0.0
        self._counted: list[user_records.Attempt] = []
        self._connection = database_file.connect(database)
        self._connection.create_function("fold", 1, fold, deterministic=True)
        self.pools = Table(self._connection, records.Pool, "id")
        self.keys = Table(self._connection, records.SigningKey, "pool_id", "use")
        self.clients = Table(self._connection, records.Client, "id")
        self.users = Table(self._connection, user_records.User, "pool_id", "username")
        self.listed_users = Table(
            self._connection, user_records.ListedUser, "pool_id", "username", view_of=user_records.User
        )
        self.past_passwords = Table(self._connection, user_records.PastPassword, "id")
        pending_key = ("pool_id", "username", "attribute")
        self.pending_values = Table(self._connection, user_records.PendingValue, *pending_key)
        self.names = Table(self._connection, user_records.SignInName, "pool_id", "kind", "name")
        self.codes = Table(self._connection, user_records.Code, "pool_id", "username", "purpose")
        self.attempts = Table(self._connection, user_records.Attempt, "id")
        self.sessions = Table(self._connection, records.Session, "handle")
        self.devices = Table(self._connection, records.Device, "key")
        self.credentials = Table(self._connection, Credential, "pool_id", "id")
        self.grants = Table(self._connection, records.Grant, "origin_jti")
        self.spent_tokens = Table(self._connection, records.SpentToken, "handle")
        self.messages = Table(self._connection, records.Message, "id", only_grows=True)
        self.resource_servers = Table(self._connection, records.ResourceServer, "pool_id", "identifier")
        self.groups = Table(self._connection, records.Group, "pool_id", "name")
        self.memberships = Table(self._connection, records.Membership, "pool_id", "group_name", "username")
        self.seeds = Table(self._connection, records.AppliedSeed, "digest", name="seeds")
        self.times = Table(self._connection, records.LatestTime, "id")
        self.retention = Retention(self)
        try:
            self._prepare()
        except BaseException:
            self._connection.close()
            raise
        self._find_latest_time()
        forks.register(self)

    def _prepare(self) -> None:
        """Make tables and indexes, or bring those of an earlier version up to this one's."""
        if database_file.when_free(lambda: database_file.is_current(self._connection)):
            return
        with self.transaction(patience=database_file.START_SECONDS):
            if database_file.is_current(self._connection):  # another server has just made them
                return
            for table in (*self._of_pools, self.pools, self.seeds, self.times):
                table.make()
            self._make_indexes()
            database_file.mark_current(self._connection)

    def _make_indexes(self) -> None:
        self.users.index("pool_id")
        self.clients.index("pool_id")
        self.groups.index("pool_id")
        self.memberships.index("pool_id", "username")
        self.past_passwords.index("pool_id", "username")
        self.names.index("pool_id", "username")
        self.attempts.index("pool_id", "username", "kind")
        self.sessions.index("pool_id", "username")
        self.sessions.index("expires")
        self.devices.index("pool_id", "username")
        self.credentials.index("pool_id", "username")
        self.grants.index("pool_id", "username")
        self.grants.index("refresh_handle")
        self.grants.index("previous_handle")
        self.grants.index("event_id")
        self.spent_tokens.index("client_id")
        # Tables whose records expire.
        self.attempts.index("at")
        self.codes.index("expires")
        self.grants.index("expires")
        self.spent_tokens.index("expires")
        self.devices.index("created", empty="verifier")

    @property
    def _of_users(self) -> tuple[Table[Any], ...]:
        return (
            self.past_passwords,
            self.pending_values,
            self.names,
            self.codes,
            self.attempts,
            self.sessions,
            self.devices,
            self.credentials,
            self.memberships,
            self.users,
        )

    @property
    def _of_pools(self) -> tuple[Table[Any], ...]:
        return (
            *self._of_users,
            self.keys,
            self.clients,
            self.grants,
            self.spent_tokens,
            self.groups,
            self.resource_servers,
            self.messages,
        )

    @contextmanager
    def transaction(self, *, only_reads: bool = False, patience: float = 0.0) -> Iterator[bool]:
        """Run the block alone and all or nothing: an exception that leaves it undoes what it wrote.

        Args:
            only_reads: whether the block can do without the lock for writing when another program holds it.
            patience: how many seconds to wait for other programs that hold the lock of the database.

        Yields:
            Whether the block may write.

        Raises:
            DatabaseBusyError: another program holds the lock; nothing has been done.
            ForkedError: this process was forked from the one whose store it is.
        """
        if self._is_left:
            raise ForkedError(
                "The pool runs in the process that this one was forked from: ask it by its URL."
            )
        if patience:
            may_write = database_file.when_free(lambda: self._begin(only_reads=only_reads), patience)
        else:
            may_write = self._begin(only_reads=only_reads)
        try:
            yield may_write
            self._connection.execute("COMMIT")
        except BaseException as error:
            # A full disk fails the COMMIT too, and some failures have made SQLite roll back already.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError) and database_file.is_busy(error):
                raise DatabaseBusyError(*error.args) from error
            raise
        finally:
            self._lock.release()

    def _begin(self, *, only_reads: bool) -> bool:
        """Take this process's lock and then the database's, or neither; return whether to write."""
        self._lock.acquire()
        try:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if not database_file.is_busy(error):
                    raise
                if not only_reads:
                    raise DatabaseBusyError(*error.args) from None
                self._connection.execute("BEGIN")
                return False
        except BaseException:
            self._lock.release()
            raise
        return True

    @contextmanager
    def rollback_keeping_counts(self) -> Iterator[None]:
        """Undo, in a running transaction, what the block wrote if an exception leaves it, but for `count`."""
        self._counted.clear()
        self._connection.execute("SAVEPOINT block")
        try:
            yield
        except Exception:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK TO block")
                for attempt in self._counted:
                    self.attempts.put(attempt)
            raise

    @contextmanager
    def rolled_back(self) -> Iterator[None]:
        """Run a part of a transaction that ends well and leaves nothing behind."""
        self._connection.execute("SAVEPOINT rolled_back")
        yield
        self._connection.execute("ROLLBACK TO rolled_back")

    def count(self, attempt: user_records.Attempt) -> None:
        """Keep an attempt, even if the transaction is rolled back; see `rollback_keeping_counts`."""
        self._counted.append(attempt)
        self.attempts.put(attempt)

    def delete_sessions(self, user: user_records.User) -> None:
        """End every running challenge of a user."""
        self.sessions.delete(pool_id=user.pool_id, username=user.username)

    def keep_time(self, now: float, *, at_once: bool = False) -> None:
        """Write down in a file, in the caller's transaction, how late it is, once a second or at once.

        Where another server on the file knows of a later time, that becomes the latest one here.
        """
        if not self._is_file or not (at_once or now - self._kept_time >= _KEPT_EVERY):
            return
        self._find_latest_time()
        if self.latest_time <= now:
            self.times.put(records.LatestTime(_ROW, now))
        self._kept_time = max(now, self.latest_time)

    def _find_latest_time(self) -> None:
        kept = self.times.get(_ROW)
        if kept is not None:
            self.latest_time = max(self.latest_time, kept.at)

    def scopes(self, pool: records.Pool) -> set[str]:
        """Return the scopes of the pool's resource servers, as app clients and tokens name them."""
        return {
            f"{server.identifier}/{scope['ScopeName']}"
            for server in self.resource_servers.where(pool_id=pool.id)
            for scope in server.settings["Scopes"]
        }

    def delete_user(self, user: user_records.User) -> None:
        """Delete a user and everything that belongs to them; messages stay in the outbox.

        Grants stay until they are over: a refresh token tells for good that its user was deleted.
        """
        for table in self._of_users:
            table.delete(pool_id=user.pool_id, username=user.username)

    def delete_pool(self, pool: records.Pool) -> None:
        """Delete a pool and everything in it, its messages too."""
        for table in self._of_pools:
            table.delete(pool_id=pool.id)
        self.pools.delete(id=pool.id)

    def snapshot(self) -> sqlite3.Connection:
        """Return a copy of all that is in the database, in memory.

        Raises:
            DatabaseBusyError: another program holds the lock.
        """
        with self._lock:
            return snapshot_file.copied(self._connection)

    def restore(self, snapshot: sqlite3.Connection) -> None:
        """Put a copy in the place of all that is in the database; it may be of an earlier version.

        Raises:
            DatabaseBusyError: another program holds the lock; nothing has been done.
        """
        with self._lock:
            snapshot_file.copy(snapshot, self._connection)
            self._prepare()
            self.latest_time = self._kept_time = 0.0
            self._find_latest_time()

    def before_fork(self) -> None:
        """Wait for the end of the running transaction."""
        self._lock.acquire()

    def after_fork(self) -> None:
        """Go on."""
        self._lock.release()

    def after_fork_in_child(self) -> None:
        """Never use the connection again, and never close it: SQLite forbids both."""
        self._lock.release()
        self._is_left = True
        self.key_stock.close()
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._connection))

    def close(self) -> None:
        """Close the database; nothing can be done with the store afterwards."""
        if self._is_left:
            return
        with self._lock:
            self._connection.close()
            self.key_stock.close()
