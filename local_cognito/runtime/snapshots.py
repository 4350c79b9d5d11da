"""The state of all pools, saved and brought back, so that each test of a suite begins from the same one."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from local_cognito.runtime.clock import KeptClock, MovableClock
from local_cognito.storage import snapshot_file

if TYPE_CHECKING:
    import os
    import sqlite3

    from local_cognito.rules.cognito import Cognito


class NoSnapshotError(LookupError):
    """There is nothing to bring back yet."""


class _Snapshot(NamedTuple):
    database: sqlite3.Connection
    lead: float  # of the movable clock


class Snapshots:
    """The latest snapshot: in memory, and in a file if one is named.

    With the users, pools and tokens a movable clock goes back to where it was ahead of the computer's.
    The calls that were heard stay.
    """

    def __init__(self, cognito: Cognito, file: str | os.PathLike[str] | None = None) -> None:
        """Take what is in the file for the latest snapshot, if there is such a file.

        Raises:
            UnusableDatabaseError: the file is of another program or a newer version.
            OSError, sqlite3.Error: it can't be read.
        """
        self._cognito = cognito
        self._file = None if file is None else Path(file)
        self._latest: _Snapshot | None = None
        self._lock = threading.Lock()
        if self._file is not None and self._file.exists():
            self._latest = _Snapshot(snapshot_file.read(self._file), 0.0)

    @property
    def is_there(self) -> bool:
        """Whether there is one to bring back."""
        return self._latest is not None

    def save(self) -> None:
        """Keep the state as it is now, in place of the snapshot before.

        Raises:
            DatabaseBusyError: another program holds the lock of the database.
            OSError, sqlite3.Error: the file can't be written.
        """
        with self._lock:
            made = _Snapshot(self._cognito.store.snapshot(), self._lead())
            try:
                if self._file is not None:
                    snapshot_file.write(made.database, self._file)
            except BaseException:
                made.database.close()
                raise
            before, self._latest = self._latest, made
            if before is not None:
                before.database.close()

    def restore(self) -> None:
        """Bring back the state of the latest snapshot; it can be brought back again.

        Raises:
            NoSnapshotError: none was taken.
            DatabaseBusyError: another program holds the lock of the database.
        """
        with self._lock:
            if self._latest is None:
                raise NoSnapshotError("No snapshot has been taken yet: POST /snapshot takes one.")
            self._cognito.store.restore(self._latest.database)
            if isinstance(self._cognito.now, (MovableClock, KeptClock)):
                self._cognito.now.restore(self._latest.lead)

    def close(self) -> None:
        """Forget the snapshot; a file stays."""
        with self._lock:
            if self._latest is not None:
                self._latest.database.close()
                self._latest = None

    def _lead(self) -> float:
        return self._cognito.now.lead if isinstance(self._cognito.now, (MovableClock, KeptClock)) else 0.0
