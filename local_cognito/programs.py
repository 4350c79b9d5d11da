"""The commands beside serving: `exec` runs a program with a pool, `env` tells a shell of a running server."""

from __future__ import annotations

import http.client
import json
import os
import shlex
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from local_cognito.runtime.environment import TAKEN_AWAY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HOST = "127.0.0.1"
NOT_EXECUTABLE, NOT_FOUND, KILLED = 126, 127, 128  # exit statuses, as shells have them; KILLED and the signal
USAGE_ERROR = 2
_PATIENCE = 10  # seconds
_FORWARDED = ("SIGTERM", "SIGHUP")
_LEFT_TO_THE_PROGRAM = ("SIGINT", "SIGQUIT")  # a terminal sends them to both


def run(program: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run a program with these variables on top of the environment; return its exit status."""
    environment = {name: value for name, value in os.environ.items() if name not in TAKEN_AWAY}
    try:
        process = subprocess.Popen(program, env=environment | dict(variables))  # noqa: S603 - it is what is asked for
    except FileNotFoundError:
        print(f"The program {program[0]} was not found.", file=sys.stderr)
        return NOT_FOUND
    except OSError as error:
        print(f"Can't run {program[0]}: {error.strerror}.", file=sys.stderr)
        return NOT_EXECUTABLE
    with _signals_passed_to(process):
        status = process.wait()
    return status if status >= 0 else KILLED - status


@contextmanager
def _signals_passed_to(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Let the program end by signals, and this one after it."""

    def pass_on(received: int, _: object) -> None:
        process.send_signal(received)

    def ignore(*_: object) -> None:
        """Do nothing; the program would inherit SIG_IGN."""

    before = {}
    for name in (*_FORWARDED, *_LEFT_TO_THE_PROGRAM):
        number = getattr(signal, name, None)  # Windows has neither SIGHUP nor SIGQUIT
        if number is not None:
            before[number] = signal.signal(number, pass_on if name in _FORWARDED else ignore)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def print_environment(port: int) -> int:
    """Print the variables that lead to the server at a port, for a shell's `eval`; return the exit status."""
    connection = http.client.HTTPConnection(HOST, port, timeout=_PATIENCE)
    try:
        connection.request("GET", "/environment")
        variables = json.loads(connection.getresponse().read())
        lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    except (OSError, http.client.HTTPException, ValueError, AttributeError, TypeError):
        where = f"http://{HOST}:{port}"
        print(f"No local_cognito answers at {where}: start one, or give its --port.", file=sys.stderr)
        return USAGE_ERROR
    finally:
        connection.close()
    print("\n".join(lines))
    return 0
