"""Connections: as many as there are descriptors for, nobody shut out, and nothing that waits for a client."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import resource
import socket
import sqlite3
import subprocess
import time
from contextlib import ExitStack, closing, suppress
from typing import TYPE_CHECKING, Any

import pytest

from local_cognito import LocalCognito
from local_cognito.http import connections, turns
from local_cognito.storage.records import Message
from test.support.inside import listener_of, store_of
from test.support.pool_driver import call_raw, http
from test.support.server_process import server_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HALF_REQUESTS = {
    "nothing": b"",
    "half a header": b"POST / HTTP/1.1\r\nHost: loc",
    "half a body": b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n" + b"x" * 50000,
    "half a chunk": b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nx",
    "an answer left unread": b"GET /outbox HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20,
}


def limited(descriptors: int) -> Callable[[], None]:
    """Return what sets the limit in a new process."""
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))


def address(url: str) -> tuple[str, int]:
    """Return host and port of a URL."""
    host, _, port = url.removeprefix("http://").partition(":")
    return host, int(port)


def reluctant(url: str) -> socket.socket:
    """Return a connection whose own buffer is so small that what is not read stays with the server."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(10)
    client.connect(address(url))
    return client


def is_answered(url: str) -> bool:
    """Tell whether a new client gets an answer."""
    return call_raw(url, "ListUserPools", {"MaxResults": 1}).status == 200


@pytest.fixture
def server() -> Iterator[LocalCognito]:
    """Give a server of the test's own."""
    with LocalCognito() as running:
        yield running


def open_channels(server: LocalCognito) -> list[turns.Connection]:
    """Return the server's side of its connections."""
    return list(listener_of(server).active_channels.values())


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for what happens in another thread; fail after a while."""
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("descriptors", "sent"),
    [*((64, sent) for sent in HALF_REQUESTS.values()), (256, HALF_REQUESTS["half a header"])],
    ids=[*HALF_REQUESTS, "more of them"],
)
def test_more_connections_than_descriptors(descriptors: int, sent: bytes) -> None:
    """Clients that take every descriptor and ask for nothing shut nobody out, and make no noise."""
    with (
        server_process(preexec_fn=limited(descriptors), stderr=subprocess.PIPE) as (process, printed),
        ExitStack() as opened,
    ):
        for number in range(descriptors + 50):
            client = opened.enter_context(socket.create_connection(address(printed["URL"]), timeout=10))
            client.sendall(sent)
            if number % 50 == 0:
                assert is_answered(printed["URL"])
        assert is_answered(printed["URL"])
        process.terminate()
        _, said = process.communicate(timeout=30)

    assert (process.returncode, said) == (0, "")


def test_the_longest_idle_gives_way(server: LocalCognito, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection that has waited longest without a request is closed; one in use stays."""
    monkeypatch.setattr(listener_of(server), "_limit", 3)
    request = b"GET /outbox HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with ExitStack() as opened:

        def ask(client: socket.socket) -> None:
            client.sendall(request)
            answer = b""
            while not answer.endswith(b"[]"):
                answer += client.recv(1000)
            assert answer.startswith(b"HTTP/1.1 200")

        def connect() -> socket.socket:
            client = opened.enter_context(socket.create_connection(address(server.url), timeout=10))
            ask(client)
            return client

        first, second, third = connect(), connect(), connect()
        ask(first)
        connect()

        assert second.recv(1000) == b""
        ask(first)
        ask(third)


def test_descriptors_that_run_out_later(tmp_path: Path) -> None:
    """Where even fewer descriptors are left than there were at the start, the oldest connections go."""
    if not hasattr(resource, "prlimit"):
        pytest.skip("no prlimit here")
    with (
        server_process(stderr=subprocess.PIPE) as (process, printed),
        ExitStack() as opened,
    ):
        assert is_answered(printed["URL"])
        in_use = sum(1 for _ in os.scandir(f"/proc/{process.pid}/fd"))
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (in_use + 5, in_use + 5))
        for _ in range(30):
            opened.enter_context(socket.create_connection(address(printed["URL"]), timeout=10))
        assert is_answered(printed["URL"])
        process.terminate()
        _, said = process.communicate(timeout=30)

    assert re.fullmatch(r"No new connection for now: .*Too many open files\n", said)


def test_no_descriptor_at_all(server: LocalCognito, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a descriptor to be had, the server rests between its attempts to accept."""
    listener = listener_of(server)
    attempts = []

    class Exhausted:
        def accept(self) -> None:
            attempts.append(time.monotonic())
            raise OSError(errno.EMFILE, "Too many open files")

        def __getattr__(self, name: str) -> Any:
            return getattr(listening, name)

    listening = listener.socket
    with monkeypatch.context() as changed:
        changed.setattr(listener, "socket", Exhausted())
        with socket.create_connection(address(server.url), timeout=10):
            wait_until(lambda: len(attempts) >= 2)
    assert attempts[1] - attempts[0] >= connections.PAUSE
    assert is_answered(server.url)


def test_limit_follows_the_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some descriptors are left for other things; there are never more than a thousand connections."""
    in_use = sum(1 for _ in os.scandir("/dev/fd"))
    found = []
    for soft in (10, in_use + 100, 10**6, resource.RLIM_INFINITY):
        monkeypatch.setattr(resource, "getrlimit", lambda _, soft=soft: (soft, soft))
        found.append(connections.most_connections())

    fewest, some, most, unlimited = found
    assert (fewest, most, unlimited) == (connections.FEWEST_CONNECTIONS, 1000, 1000)
    assert some == pytest.approx(100 - connections.SPARE_DESCRIPTORS, abs=3)


def test_requests_sent_ahead(server: LocalCognito) -> None:
    """Requests that come all at once are answered one after the other."""
    with socket.create_connection(address(server.url), timeout=10) as client:
        client.sendall(b"GET /outbox HTTP/1.1\r\nHost: localhost\r\n\r\n" * 100)
        answers = b""
        while answers.count(b"[]") < 100:
            answers += client.recv(10000)
    assert answers.count(b"HTTP/1.1 200") == 100


def test_who_asks_much_gives_way(server: LocalCognito) -> None:
    """A client that sent many requests at once is not answered all of them before another's only one."""
    listed = b'{"MaxResults": 1}'
    request = (
        b"POST / HTTP/1.1\r\nHost: localhost\r\n"
        b"X-Amz-Target: AWSCognitoIdentityProviderService.ListUserPools\r\n"
        b"Authorization: Credential=any\r\nContent-Length: %d\r\n\r\n%s" % (len(listed), listed)
    )
    with ExitStack() as opened:
        eager = opened.enter_context(closing(socket.create_connection(address(server.url), timeout=30)))
        eager.sendall(request * 1000)
        modest = opened.enter_context(closing(socket.create_connection(address(server.url), timeout=30)))
        modest.sendall(request)
        assert modest.recv(65536).startswith(b"HTTP/1.1 200")
        eager.setblocking(False)  # noqa: FBT003 - the socket's own way
        answered = b""
        with suppress(BlockingIOError):
            while len(answered) < 10_000_000:
                answered += eager.recv(65536)
        assert answered.count(b"HTTP/1.1 200") < 1000


def test_failing_connection(
    server: LocalCognito, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Where answering fails for a reason of the server's own, that connection is closed and told of."""
    with closing(socket.create_connection(address(server.url), timeout=30)) as client:
        with monkeypatch.context() as patched:
            patched.setattr(turns.Connection, "service", lambda _: 1 / 0)
            client.sendall(b"GET /outbox HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert client.recv(100) == b""
        assert "ZeroDivisionError" in caplog.text
        assert is_answered(server.url)


class TestClientsThatDoNotRead:
    """An answer that is not read is held once, within limits, and by no thread."""

    @pytest.fixture
    def large(self, server: LocalCognito) -> LocalCognito:
        """Return a server whose outbox is some megabytes."""
        store = store_of(server)
        with store.transaction():
            for _ in range(8):
                store.messages.put(Message("pool", "to", "subject", "x" * 1024 * 1024, "1", 0.0))
        return server

    def test_further_requests_wait(self, large: LocalCognito) -> None:
        """Requests sent ahead are answered when the client has read what came before."""
        request = b"GET /outbox HTTP/1.1\r\nHost: localhost\r\n\r\n"
        size = len(http(f"{large.url}/outbox").body)
        with ExitStack() as opened:
            clients = [opened.enter_context(reluctant(large.url)) for _ in range(5)]
            for client in clients:
                client.sendall(request * 4)
            wait_until(lambda: sum(channel.is_held_back for channel in open_channels(large)) == 5)
            assert is_answered(large.url)
            held = [channel.held_bytes for channel in open_channels(large)]
            assert max(held) < size + 1000

            with clients[0].makefile("rb") as answers:
                for _ in range(4):
                    assert answers.readline().startswith(b"HTTP/1.1 200")
                    while (line := answers.readline()) != b"\r\n":
                        if line.lower().startswith(b"content-length"):
                            length = int(line.split()[1])
                    assert len(json.loads(answers.read(length))) == 8

    def test_what_is_held_is_limited(self, large: LocalCognito, monkeypatch: pytest.MonkeyPatch) -> None:
        """Of answers that are not read, only so much is held in all; then connections are closed."""
        monkeypatch.setattr(connections, "MOST_HELD_BYTES", 4 * 1024 * 1024)
        with ExitStack() as opened:
            for _ in range(6):
                client = opened.enter_context(reluctant(large.url))
                client.sendall(b"GET /outbox HTTP/1.1\r\nHost: localhost\r\n\r\n")
            wait_until(lambda: 0 < len(open_channels(large)) <= 3)
            assert is_answered(large.url)

    def test_impatience(self, large: LocalCognito, monkeypatch: pytest.MonkeyPatch) -> None:
        """Who sends half a request, or does not read, is disconnected after a while."""
        with ExitStack() as opened:
            for sent in HALF_REQUESTS.values():
                client = opened.enter_context(reluctant(large.url))
                client.sendall(sent)
            wait_until(lambda: len(open_channels(large)) == len(HALF_REQUESTS))
            monkeypatch.setattr(connections, "PATIENCE", 0.1)
            wait_until(lambda: not open_channels(large))


def test_stderr_that_nobody_reads(tmp_path: Path) -> None:
    """A server whose error messages nobody takes goes on answering, and ends when it is told to."""
    database = str(tmp_path / "pool.db")
    reading, writing = os.pipe()
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    try:
        with server_process("--database", database, stderr=writing) as (process, printed):
            with closing(sqlite3.connect(database)) as connection:
                connection.execute("DROP TABLE groups")
            request = {"UserPoolId": printed["Pool ID"]}
            statuses = {call_raw(printed["URL"], "ListGroups", request).status for _ in range(1300)}
            assert statuses == {500}
            assert is_answered(printed["URL"])
            process.terminate()
            assert process.wait(20) == 0
        said = os.read(reading, 100)
    finally:
        os.close(reading)
        os.close(writing)

    assert said.startswith(b"ListGroups failed: no such table: groups\n")


def test_error_messages_are_written_before_the_end(tmp_path: Path) -> None:
    """What was logged last is there when the server has ended."""
    database = str(tmp_path / "pool.db")
    with server_process("--database", database, stderr=subprocess.PIPE) as (process, printed):
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("DROP TABLE groups")
        for _ in range(200):
            call_raw(printed["URL"], "ListGroups", {"UserPoolId": printed["Pool ID"]})
        process.terminate()
        _, said = process.communicate(timeout=30)

    assert said == "ListGroups failed: no such table: groups\n" * 200
