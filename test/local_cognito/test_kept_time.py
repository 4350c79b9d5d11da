"""The time of a database file: it goes on from the latest that the file has seen, and never back."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from local_cognito import LocalCognito, MovableClock
from test.support.pool_driver import DAY, PASSWORD, WRONG_PASSWORD, Clock, call_raw, http
from test.support.server_process import server_process

if TYPE_CHECKING:
    from pathlib import Path

    from test.support.pool_driver import HttpAnswer

NOW = 1_750_000_020.0
YEAR = 365 * DAY
MOST_SECONDS = 10 * YEAR


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return where the database is."""
    return str(tmp_path / "pool.db")


def move(url: str, seconds: float) -> HttpAnswer:
    """Move the clock of a server."""
    return http(f"{url}/clock", json.dumps({"advance": seconds}).encode())


def time_of(server: LocalCognito) -> float:
    """Return the server's time as an action stores it: when a new group was created."""
    pool_id = server.default_pool().pool_id
    request = {"UserPoolId": pool_id, "GroupName": "group"}
    call_raw(server.url, "DeleteGroup", request)
    created: float = call_raw(server.url, "CreateGroup", request).content["Group"]["CreationDate"]
    return created


def test_killed_after_a_move(path: str) -> None:
    """A move outlives a kill -9: a user who was locked after it is not locked for a year."""
    with server_process("--database", path, "--movable-clock") as (process, printed):
        moved = move(printed["URL"], YEAR).content["now"]
        user = {"ClientId": printed["Client ID"], "Username": "alice"}
        attributes = [{"Name": "email", "Value": "alice@example.com"}]
        sign_up = user | {"Password": PASSWORD, "UserAttributes": attributes}
        assert call_raw(printed["URL"], "SignUp", sign_up).status == 200
        confirm = {"UserPoolId": printed["Pool ID"], "Username": "alice"}
        assert call_raw(printed["URL"], "AdminConfirmSignUp", confirm).status == 200
        sign_in = {"ClientId": printed["Client ID"], "AuthFlow": "USER_PASSWORD_AUTH"}
        for _ in range(6):
            wrong = {"USERNAME": "alice", "PASSWORD": WRONG_PASSWORD}
            assert call_raw(printed["URL"], "InitiateAuth", sign_in | {"AuthParameters": wrong}).status == 400
        process.send_signal(signal.SIGKILL)
        process.wait()

    clock = MovableClock()
    with LocalCognito(database=path, clock=clock) as again:
        assert moved <= time_of(again) < moved + DAY
        clock.advance(60)
        right = {"USERNAME": "alice", "PASSWORD": PASSWORD}
        assert call_raw(again.url, "InitiateAuth", sign_in | {"AuthParameters": right}).status == 200


def test_machine_whose_clock_is_set_back(path: str, caplog: pytest.LogCaptureFixture) -> None:
    """The pool's time stays as late as it was, goes on from there, and a start says how far it is ahead."""
    clock = Clock(NOW)
    with LocalCognito(database=path, clock=clock) as first:
        assert time_of(first) == NOW
        clock.now -= YEAR
        assert time_of(first) == NOW
        clock.now += 10
        assert time_of(first) == NOW + 10
    clock.now -= DAY
    with LocalCognito(database=path, clock=clock) as second:
        clock.now += 5
        assert time_of(second) == NOW + 15

    assert "The pool's time is 366 days, 0:00:00 ahead of this machine's" in caplog.text


def test_time_moves_on_as_usual(path: str, caplog: pytest.LogCaptureFixture) -> None:
    """A start after a while has the machine's time, and nothing to say about it."""
    clock = Clock(NOW)
    with LocalCognito(database=path, clock=clock) as first:
        time_of(first)
    clock.now += DAY
    with LocalCognito(database=path, clock=clock) as second:
        assert time_of(second) == NOW + DAY
    assert caplog.text == ""


def test_other_servers_on_the_file(path: str) -> None:
    """Another server on the file follows a move with its next request."""
    moved, other = MovableClock(lambda: NOW), Clock(NOW)
    with (
        LocalCognito(database=path, clock=moved) as first,
        LocalCognito(database=path, clock=other) as second,
    ):
        assert time_of(second) == NOW
        assert move(first.url, YEAR).status == 200
        other.now += 1
        time_of(second)
        assert time_of(second) == NOW + YEAR


def test_all_moves_together(path: str) -> None:
    """The moves of a file are ten years at most, restarts or not."""
    with LocalCognito(database=path, clock=MovableClock(lambda: NOW)) as first:
        assert move(first.url, MOST_SECONDS - 100).status == 200
        assert move(first.url, 101).status == 400
    with LocalCognito(database=path, clock=MovableClock(lambda: NOW)) as second:
        assert move(second.url, 101).status == 400
        assert move(second.url, 100).content["now"] == NOW + MOST_SECONDS


def test_state_that_is_brought_back(path: str) -> None:
    """With the state of another moment comes its time."""
    with LocalCognito(database=path, clock=MovableClock(lambda: NOW)) as server:
        server.default_pool()
        assert http(f"{server.url}/snapshot", b"").status in (200, 204)
        assert move(server.url, YEAR).status == 200
        assert time_of(server) == NOW + YEAR
        assert http(f"{server.url}/restore", b"").status in (200, 204)
        assert time_of(server) == NOW


def test_moves_in_memory() -> None:
    """Without a file too, and what was moved can be taken back."""
    clock = MovableClock(lambda: NOW)
    clock.advance(MOST_SECONDS)
    with pytest.raises(ValueError, match="in all"):
        clock.advance(1)
    clock.restore(0)

    assert clock.advance(1) == NOW + 1
