"""Snapshots: the state of all pools, kept and brought back, in memory and in a file."""

from __future__ import annotations

import sqlite3
import stat
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from local_cognito import LocalCognito, MovableClock, NoSnapshotError, SeedError, UnusableDatabaseError
from local_cognito.storage import snapshot_file
from local_cognito.storage.database_file import DatabaseBusyError
from local_cognito.storage.store import Store
from local_cognito.storage.user_records import CONFIRMED, User
from test.local_cognito.conftest import client_of
from test.support.inside import store_of
from test.support.pool_driver import http

if TYPE_CHECKING:
    from pathlib import Path


def put_users(server: LocalCognito, pool_id: str, count: int) -> None:
    """Put so many users into a pool, past the API."""
    store = store_of(server)
    with store.transaction():
        for number in range(count):
            name = f"user{number}"
            attributes = {"email": f"{name}@example.com"}
            store.users.put(User(pool_id, name, f"sub {number}", CONFIRMED, attributes, "", "", 1.0, 1.0))


def users(server: LocalCognito, pool_id: str) -> list[str]:
    """Return the names of a pool's users."""
    listed = client_of(server.url).list_users(UserPoolId=pool_id)["Users"]
    return [user["Username"] for user in listed]


@pytest.mark.parametrize("in_file", [False, True], ids=["memory", "file"])
def test_brings_the_state_back(tmp_path: Path, *, in_file: bool) -> None:
    """Users who came and pools that went are as they were, again and again, whatever the state is kept in."""
    database = str(tmp_path / "pools.db") if in_file else ":memory:"
    with LocalCognito(database=database) as server:
        pool_id = server.create_pool().pool_id
        put_users(server, pool_id, 2)
        assert http(f"{server.url}/snapshot", method="POST", body=b"").status == 204
        for _ in range(2):
            put_users(server, pool_id, 3)
            client_of(server.url).create_user_pool(PoolName="other")
            assert http(f"{server.url}/restore", method="POST", body=b"").status == 204
            assert len(users(server, pool_id)) == 2
            assert len(client_of(server.url).list_user_pools(MaxResults=9)["UserPools"]) == 1
        client_of(server.url).delete_user_pool(UserPoolId=pool_id)
        server.restore()

        assert len(users(server, pool_id)) == 2


def test_takes_a_movable_clock_along() -> None:
    """The clock is as far ahead as it was."""
    clock = MovableClock()
    with LocalCognito(clock=clock) as server:
        clock.advance(1000)
        server.snapshot()
        clock.advance(1000)
        server.restore()

    assert clock.lead == 1000


def test_without_a_snapshot_says_how() -> None:
    """There is nothing to bring back before the first."""
    with LocalCognito() as server:
        answer = http(f"{server.url}/restore", method="POST", body=b"")
        with pytest.raises(NoSnapshotError):
            server.restore()

    assert (answer.status, answer.content) == (
        409,
        {"message": "No snapshot has been taken yet: POST /snapshot takes one."},
    )


def test_is_kept_in_a_file(tmp_path: Path) -> None:
    """A server that starts with the file begins with its state; the file is its owner's, and alone."""
    file = tmp_path / "state"
    with LocalCognito(snapshot=file, database=str(tmp_path / "pools.db")) as server:
        pool_id = server.create_pool().pool_id
        put_users(server, pool_id, 2)
        server.snapshot()
        put_users(server, pool_id, 5)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"state", "pools.db"}
    with LocalCognito(snapshot=file) as server:
        assert len(users(server, pool_id)) == 2
        put_users(server, pool_id, 5)
        server.restore()
        assert len(users(server, pool_id)) == 2


def test_does_not_take_the_place_of_a_database(tmp_path: Path) -> None:
    """A database that has pools starts with them; the file's state comes when it is asked for."""
    file, database = tmp_path / "state", str(tmp_path / "pools.db")
    with LocalCognito(snapshot=file) as server:
        server.create_pool("us-east-1_Snapshot1")
        server.snapshot()
    with LocalCognito(snapshot=file, database=database) as server:
        assert server.oldest_pool_id() == "us-east-1_Snapshot1"
        client_of(server.url).delete_user_pool(UserPoolId="us-east-1_Snapshot1")
        server.create_pool("us-east-1_Database1")
    with LocalCognito(snapshot=file, database=database) as server:
        assert server.oldest_pool_id() == "us-east-1_Database1"
        server.restore()
        assert server.oldest_pool_id() == "us-east-1_Snapshot1"


def test_of_another_program_is_refused(tmp_path: Path) -> None:
    """What is no snapshot stays as it is."""
    file = tmp_path / "state"
    file.write_text("x" * 5000)

    with pytest.raises(UnusableDatabaseError):
        LocalCognito(snapshot=file)
    assert file.read_text() == "x" * 5000


def test_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    """The state stays, the snapshot before too, and the answer is a sentence."""
    folder = tmp_path / "folder"
    folder.mkdir()
    with LocalCognito(snapshot=folder / "state") as server:
        server.snapshot()
        (folder / "state").unlink()
        folder.rmdir()
        answer = http(f"{server.url}/snapshot", method="POST", body=b"")
        server.restore()

    assert answer.status == 500
    assert "The snapshot can't be written: " in answer.content["message"]


def test_takes_50_milliseconds_for_1000_users() -> None:
    """Saving and bringing back a thousand users takes less than 50 ms each, the best of three."""
    with LocalCognito() as server:
        put_users(server, server.create_pool().pool_id, 1000)
        took = []
        for action in (server.snapshot, server.restore) * 3:
            began = time.perf_counter()
            action()
            took.append(time.perf_counter() - began)

    assert min(took[::2]) < 0.05
    assert min(took[1::2]) < 0.05


def test_of_an_earlier_version_is_brought_up() -> None:
    """A snapshot without an index or a table of this version gets it."""
    with closing(Store()) as store:
        snapshot = store.snapshot()
        snapshot.execute("PRAGMA user_version = 1")
        snapshot.execute("DROP TABLE seeds")
        store.restore(snapshot)
        snapshot.close()

        assert store.seeds.where(limit=1) == []


class TestOpenDatabases:
    """Whatever fails, no database stays open after it."""

    @pytest.fixture
    def opened(self, monkeypatch: pytest.MonkeyPatch) -> list[sqlite3.Connection]:
        """Return the list in which each database that is opened will stand."""
        connections: list[sqlite3.Connection] = []
        connect = sqlite3.connect

        def remembering(*arguments: Any, **options: Any) -> sqlite3.Connection:
            connections.append(connect(*arguments, **options))
            return connections[-1]

        monkeypatch.setattr(sqlite3, "connect", remembering)
        return connections

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        """Return a file with a snapshot in it."""
        path = tmp_path / "state"
        with LocalCognito(snapshot=path) as server:
            server.create_pool()
            server.snapshot()
        return path

    @staticmethod
    def check_closed(opened: list[sqlite3.Connection]) -> None:
        """Fail unless some were opened and none is open."""
        assert opened
        for connection in opened:
            with pytest.raises(sqlite3.ProgrammingError, match="closed"):
                connection.execute("SELECT 1")

    def test_unwritable_file(self, tmp_path: Path, opened: list[sqlite3.Connection]) -> None:
        """A snapshot that can't be written is closed."""
        with (
            LocalCognito(snapshot=tmp_path / "absent" / "state") as server,
            pytest.raises(OSError, match="absent"),
        ):
            server.snapshot()

        self.check_closed(opened)

    def test_locked_database(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[sqlite3.Connection]
    ) -> None:
        """A copy that fails is closed."""

        def failing(*_: Any) -> None:
            raise DatabaseBusyError("another program has locked the database")

        with LocalCognito(database=str(tmp_path / "pools.db")) as server:
            monkeypatch.setattr(snapshot_file, "copy", failing)
            with pytest.raises(DatabaseBusyError):
                server.snapshot()

        self.check_closed(opened)

    def test_failing_seed(self, file: Path, opened: list[sqlite3.Connection]) -> None:
        """A server that can't be made closes the snapshot that it has read."""
        with pytest.raises(SeedError):
            LocalCognito(snapshot=file, seed={"Pools": [{"PoolName": 4}]})

        self.check_closed(opened)

    def test_port_that_is_taken(self, file: Path, opened: list[sqlite3.Connection]) -> None:
        """A server that can't listen closes the snapshot that it has read."""
        with LocalCognito() as other, pytest.raises(OSError, match="in use"):
            LocalCognito(snapshot=file, port=int(other.url.rpartition(":")[2])).start()

        self.check_closed(opened)
