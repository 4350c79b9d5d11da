"""python -m local_cognito: serve the Cognito API on 127.0.0.1 until Ctrl-C or SIGTERM."""

from __future__ import annotations

import argparse
import queue
import re
import signal
import sqlite3
import sys
import time
from typing import TYPE_CHECKING

from . import LocalCognito, MovableClock, UnusableDatabaseError
from .background_log import to_standard_error

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_PORT = 9229
MOST_PORTS = 65536
USAGE_ERROR = 2
ENDING_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local_cognito",
        description="A strict Amazon Cognito user pool on this machine, for learning and for tests.",
    )
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help=f"default {DEFAULT_PORT}; 0 takes any free one"
    )
    parser.add_argument("--database", default=":memory:", metavar="FILE", help="keep the state in FILE")
    parser.add_argument(
        "--pool-id",
        metavar="ID",
        help="such as us-east-1_Example; default: the oldest pool in FILE, or a random one",
    )
    parser.add_argument(
        "--movable-clock", action="store_true", help="for tests: the clock can be moved forward at /clock"
    )
    arguments = parser.parse_args(argv)
    if arguments.port not in range(MOST_PORTS):
        parser.error(f"--port must lie between 0 and {MOST_PORTS - 1}")
    if arguments.pool_id and not re.fullmatch(r"[a-z0-9-]+_[0-9a-zA-Z]+", arguments.pool_id):
        parser.error(
            "--pool-id must look like us-east-1_Example: a region, an underscore, letters and digits"
        )
    return arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C or SIGTERM; return the exit status."""
    arguments = _arguments(argv)
    region = arguments.pool_id.split("_")[0] if arguments.pool_id else None
    clock = MovableClock() if arguments.movable_clock else time.time
    place = {"port": arguments.port, "database": arguments.database}
    end = _end()
    try:
        with to_standard_error(), LocalCognito(**place, region=region, clock=clock) as server:
            pool = server.take_story_pool(arguments.pool_id)
            print(f"URL:       {server.url}\nPool ID:   {pool.pool_id}\nClient ID: {pool.client_id}")
            print(f"Outbox:    {server.url}/outbox", flush=True)
            if arguments.movable_clock:
                print(f"Clock:     {server.url}/clock", flush=True)
            end.get()
    except (OSError, OverflowError, sqlite3.Error, UnusableDatabaseError) as error:
        print(f"Can't serve on port {arguments.port} with {arguments.database}: {error}", file=sys.stderr)
        return USAGE_ERROR
    return 0


def _end() -> queue.SimpleQueue[int]:
    """Return a queue into which each signal to end is put, and interrupts nothing."""
    end: queue.SimpleQueue[int] = queue.SimpleQueue()
    for name in ENDING_SIGNALS:
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda received, _: end.put(received))
    return end


if __name__ == "__main__":
    sys.exit(main())
