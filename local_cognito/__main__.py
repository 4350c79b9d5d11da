"""python -m local_cognito: serve the Cognito API on this machine until Ctrl-C or SIGTERM."""

from __future__ import annotations

import queue
import signal
import sqlite3
import sys
import time
from typing import TYPE_CHECKING

from local_cognito import LocalCognito, MovableClock, UnusableDatabaseError, command_line
from local_cognito.background_log import to_standard_error

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

USAGE_ERROR = 2
ENDING_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C or SIGTERM; return the exit status."""
    arguments = command_line.arguments(argv)
    end = _end()
    try:
        with to_standard_error(), _server(arguments) as server:
            pool = server.default_pool(arguments.pool_id)
            print(f"URL:       {server.url}\nPool ID:   {pool.pool_id}\nClient ID: {pool.client_id}")
            print(f"Outbox:    {server.url}/outbox", flush=True)
            if arguments.movable_clock:
                print(f"Clock:     {server.url}/clock", flush=True)
            end.get()
    except (OSError, OverflowError, sqlite3.Error, UnusableDatabaseError) as error:
        print(f"Can't serve on port {arguments.port} with {arguments.database}: {error}", file=sys.stderr)
        return USAGE_ERROR
    except ValueError as error:
        print(f"Can't serve with these options: {error}", file=sys.stderr)
        return USAGE_ERROR
    return 0


def _server(arguments: argparse.Namespace) -> LocalCognito:
    return LocalCognito(
        host=arguments.host,
        port=arguments.port,
        allowed_hosts=arguments.allowed_host,
        allow_origins=arguments.allow_origin,
        database=arguments.database,
        seed=arguments.seed,
        region=arguments.region,
        client_id=arguments.client_id,
        client_secret=arguments.client_secret,
        clock=MovableClock() if arguments.movable_clock else time.time,
        log=arguments.log,
    )


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
