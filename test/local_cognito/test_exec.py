"""`local-cognito exec` and `env`: programs that are led to a pool."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from test.support.server_process import server_process

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "local_cognito"]
LIST = """
import boto3, os
client = boto3.client("cognito-idp")
print(client.describe_user_pool(UserPoolId=os.environ["COGNITO_USER_POOL_ID"])["UserPool"]["Id"])
"""


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    environment = os.environ | variables
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_program_finds_the_pool() -> None:
    """The program's SDK is led to a pool of its own, whatever the environment says."""
    pool = ["--pool-id", "eu-west-1_Example"]
    done = run("exec", *pool, "--", sys.executable, "-c", LIST, AWS_PROFILE="production")

    assert (done.returncode, done.stdout) == (0, "eu-west-1_Example\n"), done.stderr


@pytest.mark.parametrize(
    ("program", "status", "said"),
    [
        (["sh", "-c", "exit 7"], 7, ""),
        (["sh", "-c", "kill -KILL $$"], 137, ""),
        (["no-such-program"], 127, "The program no-such-program was not found.\n"),
        (["/"], 126, "Can't run /: Permission denied.\n"),
    ],
)
def test_ends_with_the_programs_status(program: list[str], status: int, said: str) -> None:
    """The exit status is the program's, or that of a shell which can't run it."""
    done = run("exec", "--", *program)

    assert (done.returncode, done.stdout, done.stderr) == (status, "", said)


def test_says_how_to_call_it() -> None:
    """Without a program it is a usage error."""
    done = run("exec", "--port", "0")

    assert done.returncode == 2
    assert "say what to run, after two dashes: local-cognito exec -- pytest" in done.stderr


def test_passes_a_signal_on() -> None:
    """SIGTERM ends the program, and the command after it."""
    program = (
        "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(5));"
        "print(1, flush=True); signal.pause()"
    )
    command = [*COMMAND, "exec", "--", sys.executable, "-c", program]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "1\n"
        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=30) == 5


def test_env_is_for_a_shell() -> None:
    """What `env` prints leads a shell's programs to the running server."""
    with server_process("--pool-id", "us-east-1_Example", "--client-id", "web") as (_, printed):
        port = printed["URL"].rpartition(":")[2]
        shell = f'eval "$({sys.executable} -m local_cognito env --port {port})"; {sys.executable} -c "$LIST"'
        done = subprocess.run(
            ["sh", "-c", shell],
            cwd=ROOT,
            env=os.environ | {"LIST": LIST},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert done.stdout == "us-east-1_Example\n", done.stderr


def test_env_without_a_server_says_so() -> None:
    """Where no server answers, it is a sentence."""
    done = run("env", "--port", "1")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "No local_cognito answers at http://127.0.0.1:1: start one, or give its --port.\n"
