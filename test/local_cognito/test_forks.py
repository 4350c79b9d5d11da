"""Processes that are forked from one with a running server: they neither hang nor harm it."""

from __future__ import annotations

import os
import socket
import sqlite3
import threading
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from local_cognito import LocalCognito
from local_cognito.storage.store import ForkedError
from test.support.pool_driver import PASSWORD, call_raw, http

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CHILDREN = 40
PATIENCE = 20  # seconds until a child is taken to hang

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]


def fork(run: Callable[[], object]) -> int:
    """Run a function in a child process, which ends as Python does; return its process ID."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        run()
        status = 0
    finally:
        os._exit(status)


def status_of(child: int) -> int | None:
    """Return the exit status of a child, None if it hangs, which ends it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return None


@contextmanager
def sign_ups(server: LocalCognito) -> Iterator[list[str]]:
    """Sign users up from other threads all the time; give the names of those who are there."""
    pool = server.default_pool()
    acknowledged: list[str] = []
    is_over = threading.Event()

    def sign_up(first: int) -> None:
        number = first
        while not is_over.is_set():
            number += 2
            request = {"ClientId": pool.client_id, "Username": f"user{number}", "Password": PASSWORD}
            if call_raw(server.url, "SignUp", request).status == 200:
                acknowledged.append(f"user{number}")

    threads = [threading.Thread(target=sign_up, args=[first]) for first in range(2)]
    for thread in threads:
        thread.start()
    yield acknowledged
    is_over.set()
    for thread in threads:
        thread.join()


def test_children_of_a_busy_server(tmp_path: Path) -> None:
    """However busy the server is, a child asks it over HTTP, is told that it has no pool itself, and ends."""
    path = tmp_path / "pool.db"
    with LocalCognito(database=str(path)) as server:

        def run() -> None:
            assert http(f"{server.url}/outbox").status == 200
            with pytest.raises(ForkedError, match="by its URL"):
                server.outbox()
            server.stop()

        with sign_ups(server) as acknowledged:
            statuses = [status_of(fork(run)) for _ in range(CHILDREN)]
        pool_id = server.oldest_pool_id()
        assert {
            call_raw(server.url, "AdminGetUser", {"UserPoolId": pool_id, "Username": name}).status
            for name in acknowledged
        } == {200}

    assert statuses == [0] * CHILDREN
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_child_that_lives_on(tmp_path: Path) -> None:
    """A child keeps neither the port nor the clients of a server that has stopped."""
    server = LocalCognito(database=str(tmp_path / "pool.db")).start()
    address = ("127.0.0.1", int(server.url.rpartition(":")[2]))
    read, write = os.pipe()
    with closing(socket.create_connection(address, timeout=PATIENCE)) as client:
        client.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert client.recv(1000)
        child = fork(lambda: os.read(read, 1))
        server.stop()
        assert client.recv(1000) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)
    os.write(write, b"x")
    assert status_of(child) == 0
    os.close(read)
    os.close(write)
