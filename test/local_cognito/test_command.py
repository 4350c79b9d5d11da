"""The command `python -m local_cognito`: what it prints, serves, refuses, and how it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from test.support.pool_driver import ALICE, CODE_EXPIRED, DAY, PASSWORD, call_raw, http

if TYPE_CHECKING:
    from collections.abc import Iterator
    from subprocess import Popen

    from local_cognito import LocalCognito


ROOT = Path(__file__).parents[2]


@contextmanager
def running(*arguments: str) -> Iterator[tuple[Popen[str], dict[str, str]]]:
    """Run the command; give the process and what it printed when it was ready, by name."""
    command = [sys.executable, "-m", "local_cognito", "--port", "0", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            lines = [process.stdout.readline() for _ in range(5 if "--movable-clock" in arguments else 4)]
            yield process, {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
        finally:
            process.kill()


def test_it_prints_what_a_client_needs_and_serves_it() -> None:
    """URL, pool ID, client ID and outbox are printed, and all of them work."""
    with running() as (_, printed):
        request = {"UserPoolId": printed["Pool ID"], "ClientId": printed["Client ID"]}
        client = call_raw(printed["URL"], "DescribeUserPoolClient", request)

        assert client.content["UserPoolClient"]["ClientId"] == printed["Client ID"]
        assert http(printed["Outbox"]).content == []


def test_pool_id_and_database_are_kept(tmp_path: Path) -> None:
    """With a database file, the pool of the given ID and its client are the same after a restart."""
    arguments = ("--pool-id", "eu-west-1_Example", "--database", str(tmp_path / "cognito.sqlite"))
    with running(*arguments) as (_, first):
        pass
    with running(*arguments) as (_, second):
        assert second["Pool ID"] == first["Pool ID"] == "eu-west-1_Example"
        assert second["Client ID"] == first["Client ID"]


def test_database_alone_takes_its_pool_again(tmp_path: Path) -> None:
    """With a database file and no pool ID, the pool that the first start made is taken again."""
    arguments = ("--database", str(tmp_path / "cognito.sqlite"))
    with running(*arguments) as (_, first):
        pass
    with running(*arguments) as (_, second):
        assert (second["Pool ID"], second["Client ID"]) == (first["Pool ID"], first["Client ID"])
        assert first["Pool ID"].startswith("us-east-1_")


def test_database_alone_takes_its_oldest_pool(tmp_path: Path) -> None:
    """Of several pools in the file the oldest is taken; its region is that of new pools too."""
    database = ("--database", str(tmp_path / "cognito.sqlite"))
    with running("--pool-id", "eu-west-1_Old", *database) as (_, old):
        pass
    with running("--pool-id", "us-east-1_New", *database) as (_, new):
        assert new["Pool ID"] == "us-east-1_New"
    with running(*database) as (_, printed):
        made = call_raw(printed["URL"], "CreateUserPool", {"PoolName": "more"}).content["UserPool"]["Id"]

    assert (printed["Pool ID"], printed["Client ID"]) == ("eu-west-1_Old", old["Client ID"])
    assert made.startswith("eu-west-1_")


def test_clock_runs_on_and_can_be_moved() -> None:
    """With --movable-clock the clock is the computer's until it is moved: a code of yesterday has expired."""
    with running("--movable-clock") as (_, printed):
        before = time.time()
        assert before <= http(printed["Clock"]).content["now"] <= time.time()

        request = {
            "ClientId": printed["Client ID"],
            "Username": ALICE,
            "Password": PASSWORD,
            "UserAttributes": [{"Name": "email", "Value": "alice@example.com"}],
        }
        assert call_raw(printed["URL"], "SignUp", request).status == 200
        moved = http(printed["Clock"], json.dumps({"advance": DAY}).encode()).content["now"]
        assert before + DAY <= moved <= time.time() + DAY
        request = {
            "ClientId": printed["Client ID"],
            "Username": ALICE,
            "ConfirmationCode": http(printed["Outbox"]).content[-1]["code"],
        }
        answer = call_raw(printed["URL"], "ConfirmSignUp", request)
        assert (answer.content["__type"], answer.content["message"]) == CODE_EXPIRED


def test_clock_can_not_be_moved_unless_asked_for() -> None:
    """Without --movable-clock there is no such path, to read or to move."""
    with running() as (_, printed):
        for body in (None, b'{"advance": 1}'):
            assert http(f"{printed['URL']}/clock", body).status == 404


def test_ctrl_c_ends_it_well() -> None:
    """Ctrl-C stops the server, with exit status 0."""
    with running() as (process, _):
        process.send_signal(signal.SIGINT)

        assert process.wait(timeout=30) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["--pool-id", "nonsense"],
        ["--pool-id", "us-east-1_with space"],
        ["--port", "text"],
        ["--port", "70000"],
        ["--database", "/nowhere/at/all.sqlite"],
    ],
)
def test_wrong_arguments(arguments: list[str]) -> None:
    """Arguments that can't be right end with status 2 and a sentence, not a traceback."""
    command = [sys.executable, "-m", "local_cognito", *arguments]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert result.returncode == 2
    assert result.stderr
    assert "Traceback" not in result.stderr


def test_port_that_is_taken(server: LocalCognito) -> None:
    """A port that is taken ends with status 2 and a sentence."""
    port = server.url.rpartition(":")[2]
    command = [sys.executable, "-m", "local_cognito", "--port", port]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert result.returncode == 2
    assert f"Port {port} is taken by another program" in result.stderr
    assert "--port 0 takes any free one." in result.stderr
    assert "Traceback" not in result.stderr
