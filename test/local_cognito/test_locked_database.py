"""A database that another program has locked: who waits, for how long, and who does not wait at all."""

from __future__ import annotations

import signal
import socket
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from hypothesis import HealthCheck, given, settings

from local_cognito import LocalCognito
from local_cognito.actions import api
from local_cognito.model import service_model
from local_cognito.storage.database_file import DatabaseBusyError
from local_cognito.storage.retention import Retention
from test.support.hostile_requests import right_requests
from test.support.inside import connection_of, listener_of
from test.support.known_world import World
from test.support.pool_driver import ALICE, PASSWORD, TARGET, call_raw, http
from test.support.server_process import server_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POOL_ID = "us-east-1_Kept"
MOST_SECONDS = 2.0
SLACK = 1.0  # of a busy machine
FEW_EXAMPLES = settings(
    max_examples=20,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
UNAVAILABLE = {"__type": "ServiceUnavailable", "message": "Another program has locked the database."}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the database is."""
    return tmp_path / "pool.db"


@pytest.fixture
def server(path: Path) -> Iterator[LocalCognito]:
    """Give a server with a pool in a file."""
    with LocalCognito(database=str(path)) as running:
        running.create_pool(POOL_ID)
        yield running


@contextmanager
def locked(path: Path) -> Iterator[sqlite3.Connection]:
    """Hold the lock for writing, as another program may."""
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


def sign_up_request(server: LocalCognito, name: str = ALICE) -> dict[str, Any]:
    """Return a request that writes."""
    pool = server.default_pool(POOL_ID)
    return {"ClientId": pool.client_id, "Username": name, "Password": PASSWORD}


def raw(operation: str, body: bytes) -> bytes:
    """Return the bytes of a request."""
    head = f"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: {TARGET}{operation}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def connected(server: LocalCognito) -> socket.socket:
    """Return a connection of a client."""
    return socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=30)


def users(server: LocalCognito) -> list[str]:
    """Return the names of the pool's users."""
    listed = call_raw(server.url, "ListUsers", {"UserPoolId": POOL_ID}).content["Users"]
    return [user["Username"] for user in listed]


def seconds_of(begun: float) -> float:
    """Return how long ago a monotonic time was."""
    return time.monotonic() - begun


def test_what_writes_waits_two_seconds(server: LocalCognito, path: Path) -> None:
    """Twenty requests at once are all answered after two seconds, with an error that SDKs try again."""
    request = sign_up_request(server)
    with locked(path), ThreadPoolExecutor(20) as threads:
        begun = time.monotonic()
        answers = list(threads.map(lambda _: call_raw(server.url, "SignUp", request), range(20)))
        took = seconds_of(begun)

    assert {answer.status for answer in answers} == {503}
    assert [answer.content for answer in answers] == [UNAVAILABLE] * 20
    assert MOST_SECONDS <= took < MOST_SECONDS + SLACK
    assert users(server) == []


def test_what_reads_waits_for_nobody(server: LocalCognito, path: Path) -> None:
    """Meanwhile everything that only reads is answered at once, and /health too."""
    request = sign_up_request(server)
    paths = ("/health", "/page.css", "/", "/outbox", f"/{POOL_ID}/.well-known/jwks.json")
    assert [http(server.url + one).status for one in paths] == [200] * len(
        paths
    )  # makes keys, loads templates
    with locked(path), ThreadPoolExecutor(4) as threads:
        waiting = [threads.submit(call_raw, server.url, "SignUp", request) for _ in range(4)]
        begun = time.monotonic()
        pages = [http(server.url + one).status for one in paths]
        described = call_raw(server.url, "DescribeUserPool", {"UserPoolId": POOL_ID})
        took = seconds_of(begun)
        assert not any(one.done() for one in waiting)

    assert (pages, described.status) == ([200] * len(paths), 200)
    assert took < MOST_SECONDS / 2


def test_the_page_of_elsewhere_says_so(server: LocalCognito, path: Path) -> None:
    """What is no API is told in the words of HTTP."""
    with locked(path):
        answer = http(f"{server.url}/outbox", method="DELETE")

    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert answer.content == {"message": UNAVAILABLE["message"]}


def test_a_lock_that_is_let_go(server: LocalCognito, path: Path) -> None:
    """A request that waits is answered as soon as the lock is free, body and all."""
    request = sign_up_request(server)
    with locked(path) as other, ThreadPoolExecutor(1) as threads:
        answer = threads.submit(call_raw, server.url, "SignUp", request)
        http(f"{server.url}/health")
        other.execute("COMMIT")
        assert answer.result().status == 200
    assert users(server) == [ALICE]


def test_sdks_try_again(server: LocalCognito, path: Path) -> None:
    """boto3 with its default settings gets through when the lock is free after three seconds."""
    client = boto3.client(
        "cognito-idp",
        region_name="us-east-1",
        endpoint_url=server.url,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"mode": "standard"}),
    )
    request = sign_up_request(server)
    with locked(path) as other, ThreadPoolExecutor(1) as threads:
        answer = threads.submit(client.sign_up, **request)
        assert call_raw(server.url, "SignUp", sign_up_request(server, "bob")).status == 503
        other.execute("COMMIT")
        assert answer.result()["UserSub"]
    client.close()


def test_clients_that_have_left(server: LocalCognito, path: Path) -> None:
    """A request whose client does not wait for the answer is forgotten."""
    request = sign_up_request(server, "left")
    body = f'{{"ClientId": "{request["ClientId"]}", "Username": "left", "Password": "{PASSWORD}"}}'.encode()
    listener = listener_of(server)
    with locked(path) as other:
        with connected(server) as client:
            client.sendall(raw("SignUp", body))
            wait_for(lambda: any(listener._turns))  # noqa: SLF001 - nothing public tells it
        wait_for(lambda: not any(listener._turns))  # noqa: SLF001 - nothing public tells it
        other.execute("COMMIT")

    assert users(server) == []


def wait_for(is_so: Any) -> None:
    """Wait for what happens in another thread, less long than a request waits."""
    deadline = time.monotonic() + MOST_SECONDS / 2
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_stop(path: Path) -> None:
    """A stop does not wait for the lock: who waits is told so, and the server is gone."""
    server = LocalCognito(database=str(path)).start()
    server.create_pool(POOL_ID)
    request = sign_up_request(server)
    with locked(path), ThreadPoolExecutor(1) as threads:
        answer = threads.submit(call_raw, server.url, "SignUp", request)
        listener = listener_of(server)
        wait_for(lambda: any(listener._turns))  # noqa: SLF001 - nothing public tells it
        begun = time.monotonic()
        server.stop()
        took = seconds_of(begun)

    assert answer.result().status == 503
    assert took < MOST_SECONDS / 2


def test_a_frozen_server(path: Path) -> None:
    """A second server on the file that is stopped (SIGSTOP) at any moment does not stop the first."""
    with LocalCognito(database=str(path)) as first, server_process("--database", str(path)) as (second, said):
        pool = first.default_pool()
        with ThreadPoolExecutor(4) as threads:
            sent = [threads.submit(_sign_up, said["URL"], pool.client_id, number) for number in range(20)]
            sent[3].result()
            second.send_signal(signal.SIGSTOP)
            begun = time.monotonic()
            assert http(f"{first.url}/health").status == 200
            assert call_raw(first.url, "ListUsers", {"UserPoolId": pool.pool_id}).status == 200
            assert seconds_of(begun) < MOST_SECONDS / 2
            assert _sign_up(first.url, pool.client_id, 99) in (200, 503)
            second.send_signal(signal.SIGCONT)
            assert {one.result() for one in sent} == {200}
        assert _sign_up(first.url, pool.client_id, 100) == 200


def _sign_up(url: str, client_id: str, number: int) -> int:
    request = {"ClientId": client_id, "Username": f"user{number}", "Password": PASSWORD}
    return call_raw(url, "SignUp", request).status


def test_in_the_same_program(server: LocalCognito, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program that runs the server reads without a wait, and is told when it can't write."""
    monkeypatch.setattr("local_cognito.service.START_SECONDS", 0.1)
    with locked(path):
        assert server.outbox() == []
        assert server.default_pool(POOL_ID).pool_id == POOL_ID
        with pytest.raises(DatabaseBusyError, match="another program has locked the database"):
            server.clear_outbox()


def test_a_start_waits_where_it_has_to(path: Path, server: LocalCognito) -> None:
    """A further server starts on a locked file that has everything already."""
    with locked(path), LocalCognito(database=str(path)) as second:
        assert second.oldest_pool_id() == POOL_ID


@pytest.fixture(scope="module")
def world(signing_keys: dict[str, str]) -> Iterator[World]:
    """Give the world whose every action has a right request."""
    made = World(signing_keys)
    yield made
    made.stop()


@pytest.mark.parametrize("operation", [*filter(api.only_reads, api.ACTIONS)])
def test_reading_actions_only_read(world: World, monkeypatch: pytest.MonkeyPatch, operation: str) -> None:
    """An action that does without the lock for writing writes nothing."""
    monkeypatch.setattr(Retention, "step", lambda *_: None)
    executed: list[str] = []
    connection_of(world.store).set_trace_callback(executed.append)

    @FEW_EXAMPLES
    @given(request=right_requests(service_model.operation(operation)))
    def check(request: Any) -> None:
        world.send(operation, request)

    check()
    connection_of(world.store).set_trace_callback(None)

    assert any(statement.startswith("SELECT") for statement in executed)
    writing = ("INSERT", "UPDATE", "DELETE", "REPLACE")
    assert [statement for statement in executed if statement.startswith(writing)] == []
