"""Database files: for their owner alone, of this program and version, whole after every kind of end."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from local_cognito import LocalCognito, UnusableDatabaseError
from local_cognito.storage import database_file
from local_cognito.storage.store import Store
from local_cognito.storage.tables import Table
from test.support.inside import connection_of, store_of
from test.support.pool_driver import ALICE, PASSWORD, call_raw, http
from test.support.server_process import run_refused, server_process

if TYPE_CHECKING:
    from pathlib import Path

ODD_NAMES = ["a?mode=ro", "b#c", "d%20e", "file:f", "g h", "ü名", "i\nj", ":memory:x"]
POOL_ID = "us-east-1_Kept"


def names_in(folder: Path) -> set[str]:
    """Return the names of the files in a folder."""
    return {file.name for file in folder.iterdir()}


def make_file(path: Path) -> str:
    """Write a database with a pool and a user; return the client's ID."""
    with LocalCognito(database=str(path)) as server:
        pool = server.create_pool(POOL_ID)
        request = {"ClientId": pool.client_id, "Username": ALICE, "Password": PASSWORD}
        assert call_raw(server.url, "SignUp", request).status == 200
    return pool.client_id


def user_in(path: Path) -> Any:
    """Open the file and return its user, as it describes her."""
    with LocalCognito(database=str(path)) as server:
        return call_raw(server.url, "AdminGetUser", {"UserPoolId": POOL_ID, "Username": ALICE}).content


def execute(path: Path, *statements: str) -> None:
    """Change a database behind the pool's back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


class TestPermissions:
    """What is stored is for the owner's eyes."""

    @pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o277])
    def test_new_files(self, tmp_path: Path, umask: int) -> None:
        """The file and what SQLite puts beside it are 0600, whatever the umask."""
        before = os.umask(umask)
        try:
            with LocalCognito(database=str(tmp_path / "pool.db")) as server:
                server.create_pool()
                modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
        finally:
            os.umask(before)

        assert modes == dict.fromkeys(["pool.db", "pool.db-wal", "pool.db-shm"], 0o600)

    def test_existing_files(self, tmp_path: Path) -> None:
        """Files that an earlier start left readable for others are no longer so after the next."""
        path = tmp_path / "pool.db"
        with server_process("--database", str(path)) as (process, _):
            process.kill()
        for file in tmp_path.iterdir():
            file.chmod(0o666)
        with LocalCognito(database=str(path)):
            modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}

        assert modes == {0o600}

    def test_write_protection(self, tmp_path: Path) -> None:
        """A file that its owner may only read is not made writable."""
        path = tmp_path / "pool.db"
        make_file(path)
        path.chmod(0o444)
        with suppress(UnusableDatabaseError), LocalCognito(database=str(path)):  # root may write it
            pass

        assert stat.S_IMODE(path.stat().st_mode) == 0o400


class TestForeignFiles:
    """A file that is not ours is refused, and nothing of it is touched."""

    @pytest.mark.parametrize(
        "statements",
        [
            ["CREATE TABLE bookmarks (id, url)"],
            ["CREATE TABLE users (id, name)"],
            ["CREATE TABLE users (id, name)", "PRAGMA journal_mode = WAL"],
            ["PRAGMA application_id = 252006674"],
            ["PRAGMA application_id = 252006674", "PRAGMA journal_mode = WAL"],
            ["PRAGMA user_version = 7"],
            ["CREATE TABLE pools (id, settings, created, modified)", "CREATE TABLE more (id)"],
            ["CREATE VIEW pools AS SELECT 1 id, 2 settings, 3 created, 4 modified"],
        ],
    )
    def test_other_programs(self, tmp_path: Path, statements: list[str]) -> None:
        """The database of another program is left as it is, byte for byte, with nothing beside it."""
        path = tmp_path / "other.db"
        execute(path, *statements)
        path.chmod(0o644)
        before = path.read_bytes()

        with pytest.raises(UnusableDatabaseError, match="another program"):
            LocalCognito(database=str(path))
        assert path.read_bytes() == before
        assert stat.S_IMODE(path.stat().st_mode) == 0o644
        assert names_in(tmp_path) == {"other.db"}

    def test_other_program_that_has_it_open(self, tmp_path: Path) -> None:
        """A foreign database is refused as well while its log holds what is in it."""
        path = tmp_path / "other.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("PRAGMA journal_mode = WAL")
            other.execute("CREATE TABLE bookmarks (id, url)")
            before = [file.read_bytes() for file in (path, tmp_path / "other.db-wal")]
            with pytest.raises(UnusableDatabaseError, match="another program"):
                LocalCognito(database=str(path))
            assert [file.read_bytes() for file in (path, tmp_path / "other.db-wal")] == before
            other.execute("INSERT INTO bookmarks VALUES (1, 2)")

    @pytest.mark.parametrize(
        "content", [b"not a database\n" * 100, b"\0", b"SQLite format 3\0" + b"\xff" * 200]
    )
    def test_no_database(self, tmp_path: Path, content: bytes) -> None:
        """A file that SQLite does not know is left as it is."""
        path = tmp_path / "notes.txt"
        path.write_bytes(content)

        with pytest.raises((UnusableDatabaseError, sqlite3.Error)):
            LocalCognito(database=str(path))
        assert path.read_bytes() == content
        assert names_in(tmp_path) == {"notes.txt"}

    def test_newer_version(self, tmp_path: Path) -> None:
        """A file of a newer version is refused with both numbers, and left as it is."""
        path = tmp_path / "pool.db"
        make_file(path)
        execute(path, f"PRAGMA user_version = {database_file.VERSION + 1}")
        before = path.read_bytes()

        with pytest.raises(UnusableDatabaseError, match=f"newer version.* {database_file.VERSION + 1}, "):
            LocalCognito(database=str(path))
        assert path.read_bytes() == before
        assert names_in(tmp_path) == {"pool.db"}

    def test_folders_and_pipes(self, tmp_path: Path) -> None:
        """What is no regular file is refused at once, also a pipe that nobody writes to."""
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        for path, reason in (
            (tmp_path, "a folder"),
            (pipe, "no regular file"),
            ("/dev/null", "no regular file"),
        ):
            with pytest.raises(UnusableDatabaseError, match=reason):
                LocalCognito(database=str(path))

    @pytest.mark.parametrize(
        ("forbidden", "reason"),
        [("pool.db", "read and written"), (".", "nothing may be written to its folder")],
    )
    def test_what_may_not_be_written(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forbidden: str, reason: str
    ) -> None:
        """A file or a folder that this user may not write is refused before the first request."""
        path = tmp_path / "pool.db"
        make_file(path)
        monkeypatch.setattr(os, "access", lambda asked, _: asked != tmp_path / forbidden)

        with pytest.raises(UnusableDatabaseError, match=reason):
            LocalCognito(database=str(path))
        assert names_in(tmp_path) == {"pool.db"}

    def test_the_command_says_so(self, tmp_path: Path) -> None:
        """The command ends with status 2 and a sentence that names the file and the reason."""
        path = tmp_path / "other.db"
        execute(path, "CREATE TABLE bookmarks (id, url)")

        said = run_refused("--database", str(path))
        assert said == f"Can't serve on port 0 with {path}: it is the database of another program\n"
        assert "it is a folder" in run_refused("--database", str(tmp_path))

    @pytest.mark.parametrize("name", ODD_NAMES)
    def test_odd_names(self, tmp_path: Path, name: str) -> None:
        """A file name means itself, whatever it is to SQLite, to the shell or in a URI."""
        path = tmp_path / name
        make_file(path)

        assert names_in(tmp_path) == {name}
        assert user_in(path)["Username"] == ALICE
        execute(path, "PRAGMA application_id = 1")
        with pytest.raises(UnusableDatabaseError, match="another program"):
            LocalCognito(database=str(path))

    def test_relative_name_and_link(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A name may be relative, look like a URI or be a link to a file that is not there yet."""
        monkeypatch.chdir(tmp_path)
        (tmp_path / "link").symlink_to("file:target?mode=memory")
        with LocalCognito(database="link"):
            assert names_in(tmp_path) >= {"link", "file:target?mode=memory"}
            assert stat.S_IMODE((tmp_path / "file:target?mode=memory").stat().st_mode) == 0o600


class TestMigration:
    """A file of an earlier version is taken over."""

    @pytest.fixture
    def unmarked(self, tmp_path: Path) -> Path:
        """Return a file as the first version wrote it, with a user."""
        path = tmp_path / "pool.db"
        make_file(path)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA application_id = 0")
            connection.execute("PRAGMA user_version = 0")
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'index'"
            ).fetchall():
                if not name.startswith("sqlite_"):
                    connection.execute(f"DROP INDEX {name}")
            tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
            for (name,) in connection.execute(tables).fetchall():
                if name not in database_file._UNMARKED and not name.startswith("sqlite_"):  # noqa: SLF001 - nothing public tells it
                    connection.execute(f"DROP TABLE {name}")
            for table, listed in database_file._UNMARKED.items():  # noqa: SLF001 - nothing public tells it
                columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
                for column in columns:
                    if column not in listed.split():
                        connection.execute(f'ALTER TABLE {table} DROP COLUMN "{column}"')
        return path

    def test_file_without_marks(self, unmarked: Path) -> None:
        """A file of the first version, which marked nothing, keeps its users and is marked from then on."""
        count = "SELECT count(*) FROM sqlite_master WHERE type = 'index'"
        assert user_in(unmarked)["Username"] == ALICE
        with closing(sqlite3.connect(unmarked)) as connection:
            assert database_file.is_current(connection)
            indexes = connection.execute(count).fetchone()
        fresh = Store()
        made = connection_of(fresh).execute(count).fetchone()
        fresh.close()
        assert indexes == made

    def test_file_without_marks_and_its_log(self, unmarked: Path, tmp_path: Path) -> None:
        """A file of the first version that a kill -9 left behind is taken with its log."""
        with closing(sqlite3.connect(unmarked, isolation_level=None)) as connection:
            connection.execute("UPDATE users SET sub = 'in the log'")
            copy = tmp_path / "copy.db"
            for suffix in ("", "-wal"):
                shutil.copy(f"{unmarked}{suffix}", f"{copy}{suffix}")
        attributes = user_in(copy)
        assert attributes["Username"] == ALICE
        with closing(sqlite3.connect(copy)) as connection:
            assert connection.execute("SELECT sub FROM users").fetchone() == ("in the log",)

    def test_start_that_was_cut_off(self, tmp_path: Path) -> None:
        """An empty database, or one with the first of our tables, is taken for a start that was cut off."""
        for name, statements in {
            "empty": ["PRAGMA journal_mode = WAL"],
            "begun": [
                "CREATE TABLE pools (id TEXT, settings TEXT, created REAL, modified REAL, PRIMARY KEY (id))"
            ],
        }.items():
            execute(tmp_path / name, *statements)
            make_file(tmp_path / name)
            assert user_in(tmp_path / name)["Username"] == ALICE

    def test_new_columns_get_their_defaults(self) -> None:
        """Fields that a version adds have their defaults in the records of the version before."""

        @dataclass
        class Thing:
            name: str
            size: int

        before = Thing

        @dataclass
        class Thing:  # type: ignore[no-redef]
            name: str
            size: int
            count: int = 3
            flag: bool = True
            note: str | None = None
            more: dict[str, Any] = field(default_factory=dict)

        with closing(database_file.connect(":memory:")) as connection:
            old = Table(connection, before, "name")
            old.make()
            old.put(before("first", 1))
            new = Table(connection, Thing, "name")
            new.make()
            new.put(Thing("second", 2, 4))  # type: ignore[call-arg]

            assert new.where() == [Thing("first", 1), Thing("second", 2, 4)]  # type: ignore[call-arg]

    def test_column_without_default(self) -> None:
        """A field without a default can't be added: the file is refused as it is."""

        @dataclass
        class Thing:
            name: str
            size: int

        before = Thing

        @dataclass
        class Thing:  # type: ignore[no-redef]
            name: str
            size: int
            count: int

        with closing(database_file.connect(":memory:")) as connection:
            Table(connection, before, "name").make()
            with pytest.raises(TypeError, match="count without a default"):
                Table(connection, Thing, "name").make()

    def test_layout_has_its_number(self) -> None:
        """Who changes the layout gives it a new number: `VERSION`, and then what is written here."""
        made = Store()
        rows = connection_of(made).execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
        made.close()
        layout = hashlib.sha256(repr(rows).encode()).hexdigest()[:12]

        assert (database_file.VERSION, layout) == (7, "346eb389cb39")


class TestStartAndEnd:
    """How several begin at once, and how one ends."""

    def test_first_starts_at_once(self, tmp_path: Path) -> None:
        """Of servers that start on a new file at the same time, one makes the pool and all serve it."""
        database = str(tmp_path / "pool.db")

        def start(number: int) -> tuple[str, str]:
            with server_process("--database", database) as (_, printed):
                return printed["Pool ID"], printed["Client ID"]

        with ThreadPoolExecutor(4) as threads:
            printed = set(threads.map(start, range(4)))
        assert len(printed) == 1
        with closing(sqlite3.connect(database)) as connection:
            assert connection.execute("SELECT count(*) FROM pools").fetchone() == (1,)
            assert connection.execute("SELECT count(*) FROM clients").fetchone() == (1,)

    def test_first_starts_at_once_in_one_process(self, tmp_path: Path) -> None:
        """The same holds for servers in the threads of one process."""
        together = threading.Barrier(8)

        def start(number: int) -> str:
            together.wait()
            with LocalCognito(database=str(tmp_path / "pool.db")) as server:
                return server.default_pool().pool_id

        with ThreadPoolExecutor(8) as threads:
            assert len(set(threads.map(start, range(8)))) == 1

    def test_looking_while_another_start_makes_the_database(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What seems to be another program's is looked at again, if it has been written since."""
        path, made, look = tmp_path / "pool.db", tmp_path / "made.db", database_file._check_marks  # noqa: SLF001 - nothing public tells it
        execute(path, "PRAGMA journal_mode = WAL")
        make_file(made)

        def look_too_early(connection: sqlite3.Connection) -> None:
            monkeypatch.setattr(database_file, "_check_marks", look)
            shutil.copyfile(made, path)
            raise UnusableDatabaseError("half of it was there")

        monkeypatch.setattr(database_file, "_check_marks", look_too_early)
        assert user_in(path)["Username"] == ALICE

    def test_marks_are_read_as_of_one_moment(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A start that marks the database between two looks of another does not mislead it."""
        path, marks = tmp_path / "pool.db", database_file._marks  # noqa: SLF001 - nothing public tells it
        seen: list[tuple[int, int]] = []
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("PRAGMA journal_mode = WAL")
            other.execute("PRAGMA user_version = 0")  # the log is there from now on

            def marks_and_another_start(connection: sqlite3.Connection) -> tuple[int, int]:
                seen.append(marks(connection))
                database_file.mark_current(other)
                seen.append(marks(connection))
                return seen[0]

            monkeypatch.setattr(database_file, "_marks", marks_and_another_start)
            database_file._check(path)  # noqa: SLF001 - nothing public tells it
        assert seen == [(0, 0), (0, 0)]

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_signals_close_the_file(self, tmp_path: Path, number: signal.Signals) -> None:
        """Ctrl-C, SIGTERM and the terminal's end leave a file with everything in it and nothing beside it."""
        path = tmp_path / "pool.db"
        arguments = ("--pool-id", POOL_ID, "--database", str(path))
        with server_process(*arguments, stderr=subprocess.PIPE) as (process, printed):
            request = {"ClientId": printed["Client ID"], "Username": ALICE, "Password": PASSWORD}
            assert call_raw(printed["URL"], "SignUp", request).status == 200
            process.send_signal(number)
            process.send_signal(number)
            _, said = process.communicate(timeout=30)

        assert (process.returncode, said) == (0, "")
        assert names_in(tmp_path) == {"pool.db"}
        assert user_in(path)["Username"] == ALICE

    def test_ignored_signal_stays_ignored(self, tmp_path: Path) -> None:
        """Under nohup the terminal's end does not end the server."""

        def ignore() -> None:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

        with server_process(preexec_fn=ignore) as (process, printed):
            process.send_signal(signal.SIGHUP)
            assert call_raw(printed["URL"], "ListUserPools", {"MaxResults": 1}).status == 200
            assert process.poll() is None


class TestFailures:
    """What the machine is to blame for is said in a sentence, and over when it is over."""

    @pytest.fixture
    def server(self, tmp_path: Path) -> Any:
        """Give a server on a file."""
        with LocalCognito(database=str(tmp_path / "pool.db")) as running:
            running.create_pool(POOL_ID)
            yield running

    def test_full_disk(self, server: LocalCognito, caplog: pytest.LogCaptureFixture) -> None:
        """A write that finds the disk full is undone, and the next one works when there is room again."""
        connection = connection_of(store_of(server))
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
        group = {"UserPoolId": POOL_ID, "Description": "x" * 2000}
        statuses = [
            call_raw(server.url, "CreateGroup", group | {"GroupName": f"group{number}"}).status
            for number in range(20)
        ]
        assert statuses[-2:] == [500, 500]
        assert re.search(r"CreateGroup failed: database or disk is full", caplog.text)
        assert "Traceback" not in caplog.text

        connection.execute("PRAGMA max_page_count = 1000000")
        assert call_raw(server.url, "CreateGroup", group | {"GroupName": "last"}).status == 200
        listed = call_raw(server.url, "ListGroups", {"UserPoolId": POOL_ID}).content["Groups"]
        assert len(listed) == statuses.count(200) + 1

    def test_commit_that_fails(self, server: LocalCognito) -> None:
        """A transaction whose COMMIT is refused is undone, and does not stay open."""
        store = store_of(server)
        connection_of(store).execute("CREATE TABLE parents (id PRIMARY KEY)")
        connection_of(store).execute(
            "CREATE TABLE children (parent REFERENCES parents DEFERRABLE INITIALLY DEFERRED)"
        )
        connection_of(store).execute("PRAGMA foreign_keys = ON")

        def orphan() -> None:
            with store.transaction():
                connection_of(store).execute("INSERT INTO children VALUES (1)")

        with pytest.raises(sqlite3.IntegrityError):
            orphan()
        with store.transaction():
            assert connection_of(store).execute("SELECT * FROM children").fetchall() == []

    def test_outbox_of_a_database_that_fails(
        self, server: LocalCognito, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The other paths say in a sentence too that the database can't be used."""
        connection_of(store_of(server)).execute("DROP TABLE messages")
        outbox = http(f"{server.url}/outbox")
        assert (outbox.status, outbox.content) == (500, {"message": "The database can't be used."})
        assert "/outbox failed: no such table: messages" in caplog.text
