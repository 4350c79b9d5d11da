"""Ctrl-C and SIGTERM: at any moment, and with requests under way."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from local_cognito import LocalCognito
from test.support.pool_driver import PASSWORD, TARGET
from test.support.server_process import ROOT, server_process

if TYPE_CHECKING:
    from pathlib import Path

STATUSES = {signal.SIGINT: 130, signal.SIGTERM: 143}
CLIENTS = 64


def request(client_id: str, number: int) -> bytes:
    """Return a sign-up, which takes the server a while."""
    body = json.dumps({"ClientId": client_id, "Username": f"user{number}", "Password": PASSWORD}).encode()
    head = f"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: {TARGET}SignUp\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def test_what_was_received_is_answered() -> None:
    """Each of 64 clients that have sent a request by SIGTERM gets its answer, the last of its connection."""
    with server_process() as (process, printed), ExitStack() as opened:
        port = int(printed["URL"].rpartition(":")[2])
        clients = [
            opened.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            for _ in range(CLIENTS)
        ]
        for number, client in enumerate(clients):
            client.sendall(request(printed["Client ID"], number))
        process.terminate()
        answers = [opened.enter_context(client.makefile("rb")).read() for client in clients]
        began = time.monotonic()
        status = process.wait(timeout=30)

    assert {answer.partition(b"\r\n")[0] for answer in answers} == {b"HTTP/1.1 200 OK"}
    assert sum(b"\r\nConnection: close\r\n" in answer for answer in answers) > 0
    assert (status, time.monotonic() - began < 5) == (0, True)


def test_clients_that_never_finish(tmp_path: Path) -> None:
    """Half a request, or an answer that is not read, holds up no end."""
    with server_process("--database", str(tmp_path / "pool.db")) as (process, printed), ExitStack() as opened:
        port = int(printed["URL"].rpartition(":")[2])
        for sent in (
            b"",
            b"POST / HTTP/1.1\r\nHost: loc",
            b"GET /page.css HTTP/1.1\r\nHost: localhost\r\n\r\n" * 200,
        ):
            client = opened.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", port))
            client.sendall(sent)
        began = time.monotonic()
        process.terminate()

        assert process.wait(timeout=30) == 0
        assert time.monotonic() - began < 5


@pytest.mark.parametrize("number", STATUSES)
def test_during_a_large_seed(tmp_path: Path, number: signal.Signals) -> None:
    """A start that takes long ends at once, without a traceback, and nothing of the seed is kept."""
    users = [{"Username": f"user{number}", "Password": PASSWORD} for number in range(8000)]
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps({"Pools": [{"PoolName": "large", "Users": users}]}))
    command = [sys.executable, "-m", "local_cognito", "--port", "0", "--seed", str(seed)]
    database = tmp_path / "pool.db"
    command += ["--database", str(database)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while not database.exists():
            assert process.poll() is None
            time.sleep(0.01)
        began = time.monotonic()
        process.send_signal(number)
        said = process.communicate(timeout=30)
        took = time.monotonic() - began

    assert (process.returncode, said) == (STATUSES[number], ("", ""))
    assert took < 2
    with LocalCognito(database=str(database)) as server:
        assert server.oldest_pool_id() is None
