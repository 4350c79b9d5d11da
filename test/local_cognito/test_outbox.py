"""The mailbox: ids and times of messages, asking for some of them, and clearing it."""

from __future__ import annotations

import socket
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import pytest

from local_cognito import LocalCognito, __version__
from test.support.inside import cognito_of
from test.support.pool_driver import Clock, call_raw, http

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local_cognito import PoolIds

NOW = 1_750_000_000.25
ADDRESSES = [
    "alice@example.com",
    "al+ice@example.com",
    "jürgen@example.com",
    "+15551234567",
    "a&b=c@d.example",
]


@pytest.fixture
def clock() -> Clock:
    """Return a clock that the test moves."""
    return Clock(NOW)


@pytest.fixture
def server(clock: Clock) -> Iterator[LocalCognito]:
    """Give a server of the test's own."""
    with LocalCognito(clock=clock) as running:
        yield running


@pytest.fixture
def pool(server: LocalCognito) -> PoolIds:
    """Return a pool of the server."""
    return server.create_pool()


def send(server: LocalCognito, pool_id: str, to: str) -> None:
    """Have a message sent to an address: the invitation of a user."""
    name = "phone_number" if to.startswith("+") else "email"
    count = len(server.outbox())
    request = {
        "UserPoolId": pool_id,
        "Username": f"user{count}{cognito_of(server).random_text(6, 'abc')}",
        "UserAttributes": [{"Name": name, "Value": to}],
    }
    answer = call_raw(server.url, "AdminCreateUser", request)
    assert answer.status == 200, answer.body


def test_ids_grow_and_times_are_the_pools(server: LocalCognito, pool: PoolIds, clock: Clock) -> None:
    """Each message has a larger id than the one before, and the time by the pool's clock."""
    for _ in range(3):
        send(server, pool.pool_id, "alice@example.com")
        clock.advance(10)
    messages = http(f"{server.url}/outbox").content

    assert [message["time"] for message in messages] == [NOW, NOW + 10, NOW + 20]
    ids = [message["id"] for message in messages]
    assert ids == sorted(set(ids))
    assert messages == server.outbox()


@pytest.mark.parametrize("way", ["clear", "pool"])
def test_no_id_comes_again(server: LocalCognito, pool: PoolIds, way: str) -> None:
    """What is deleted, with the mailbox or with its pool, leaves its ids to nobody."""
    send(server, pool.pool_id, "alice@example.com")
    before = server.outbox()[-1]["id"]
    if way == "clear":
        server.clear_outbox()
    else:
        assert call_raw(server.url, "DeleteUserPool", {"UserPoolId": pool.pool_id}).status == 200
    assert server.outbox() == []
    send(server, server.create_pool().pool_id, "bob@example.com")

    assert server.outbox()[-1]["id"] > before


def test_file_of_the_version_before(tmp_path: Path) -> None:
    """A file whose ids could come again keeps its messages, and gives no id again from then on."""
    database = tmp_path / "pool.db"
    with LocalCognito(database=str(database)) as server:
        pool = server.create_pool()
        for _ in range(3):
            send(server, pool.pool_id, "alice@example.com")
        before = server.outbox()
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute(
            "CREATE TABLE old (pool_id, 'to', subject, body, code, sent, id INTEGER PRIMARY KEY)"
        )
        connection.execute(
            'INSERT INTO old SELECT pool_id, "to", subject, body, code, sent, id FROM messages'
        )
        connection.execute("DROP TABLE messages")
        connection.execute("ALTER TABLE old RENAME TO messages")
        connection.execute("DELETE FROM sqlite_sequence")
        connection.execute("DROP TABLE seeds")
        connection.execute("PRAGMA user_version = 1")

    with LocalCognito(database=str(database)) as server:
        assert server.outbox() == [message | {"user": ""} for message in before]
        server.clear_outbox()
        send(server, pool.pool_id, "bob@example.com")
        assert server.outbox()[0]["id"] > before[-1]["id"]


@pytest.mark.parametrize("to", ADDRESSES)
def test_of_one_recipient(server: LocalCognito, pool: PoolIds, to: str) -> None:
    """`to` gives the messages to exactly this address, also where a plus sign is not encoded."""
    for address in ADDRESSES:
        send(server, pool.pool_id, address)
    (wanted,) = [message for message in server.outbox() if message["to"] == to]

    assert http(f"{server.url}/outbox?to={quote(to, safe='')}").content == [wanted]
    assert http(f"{server.url}/outbox?to={quote(to, safe='+@')}").content == [wanted]
    assert server.outbox(to=to) == [wanted]


@pytest.mark.parametrize("to", ["ALICE@example.com", "alice", "alice@example.co", "%25", "bob@example.com"])
def test_of_nobody(server: LocalCognito, pool: PoolIds, to: str) -> None:
    """An address to which nothing went, or a part of one, gives an empty list."""
    send(server, pool.pool_id, "alice@example.com")

    assert http(f"{server.url}/outbox?to={to}").content == []
    assert server.outbox(to=to) == []


def test_since(server: LocalCognito, pool: PoolIds, clock: Clock) -> None:
    """`since` gives what was sent at that moment or later; together with `to`, both must hold."""
    for to in ("alice@example.com", "bob@example.com", "alice@example.com"):
        send(server, pool.pool_id, to)
        clock.advance(10)
    first, second, third = server.outbox()

    for since, expected in {
        "0": [first, second, third],
        "1750000000.25": [first, second, third],
        "1750000000.26": [second, third],
        "1750000020.25": [third],
        "1750000021": [],
    }.items():
        assert http(f"{server.url}/outbox?since={since}").content == expected
        assert server.outbox(since=float(since)) == expected
    assert http(f"{server.url}/outbox?since=1750000001&to=alice@example.com").content == [third]
    assert server.outbox("alice@example.com", 1_750_000_001) == [third]


@pytest.mark.parametrize(
    "query",
    [
        *("since=", "since=yesterday", "since=nan", "since=inf", "since=-1", "since=1e9", "since=1,5"),
        *(
            "since=1%00",
            "since=%201",
            "since=" + "9" * 400,
            "since=1.",
            "since=.5",
            "since=0x10",
            "since=\N{ARABIC-INDIC DIGIT ONE}",
        ),
        *(
            "to=",
            "to",
            "to=%ff",
            "to=a&to=b",
            "since=1&since=1",
            "from=1",
            "TO=a",
            "to=a&",
            "&",
            "limit=1",
            "%74o=a",
        ),
    ],
)
def test_wrong_parameters(server: LocalCognito, query: str) -> None:
    """A parameter that is unknown, repeated or malformed is a 400 and a sentence."""
    answer = http(f"{server.url}/outbox?{quote(query, safe='=&%,.-+')}")

    assert answer.status == 400
    assert answer.content["message"].endswith(".")


def test_clearing(server: LocalCognito, pool: PoolIds) -> None:
    """DELETE empties the mailbox; clearing an empty one is no error."""
    send(server, pool.pool_id, "alice@example.com")
    for _ in range(2):
        answer = http(f"{server.url}/outbox", method="DELETE")
        assert (answer.status, answer.body) == (204, b"")
    assert http(f"{server.url}/outbox").content == []


def test_clearing_takes_no_parameters(server: LocalCognito, pool: PoolIds) -> None:
    """Who wants to delete some of the messages is told that all would go."""
    send(server, pool.pool_id, "alice@example.com")

    assert http(f"{server.url}/outbox?to=bob@example.com", method="DELETE").status == 400
    assert len(server.outbox()) == 1


def test_head(server: LocalCognito) -> None:
    """HEAD answers as GET does, without the body."""
    url = urlsplit(server.url)
    assert url.port is not None
    request = " /outbox HTTP/1.1\r\nHost: localhost\r\n"
    with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
        connection.sendall(f"HEAD{request}\r\nGET{request}Connection: close\r\n\r\n".encode())
        with connection.makefile("rb") as answers:
            head, get, rest = answers.read().decode().split("\r\n\r\n")

    assert "Content-Length: 2" in head
    assert (get.splitlines()[0], rest) == ("HTTP/1.1 200 OK", "[]")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_health(method: str) -> None:
    """A server without any pool says that it runs, and which version it is."""
    with LocalCognito() as server:
        answer = http(f"{server.url}/health", method=method)

    assert answer.status == 200
    assert method == "HEAD" or answer.content == {"status": "ok", "version": __version__}


def test_names_the_user(server: LocalCognito, pool: PoolIds) -> None:
    """Each message tells which user it is for, by the user name; two users may share an address."""
    for name in ("alice", "bob"):
        request = {
            "UserPoolId": pool.pool_id,
            "Username": name,
            "UserAttributes": [{"Name": "email", "Value": "office@example.com"}],
        }
        assert call_raw(server.url, "AdminCreateUser", request).status == 200

    assert [message["user"] for message in server.outbox()] == ["alice", "bob"]
