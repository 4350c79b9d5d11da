"""The command: starts a server with the options of the command line, and prints its address."""

from __future__ import annotations

import errno
import sqlite3
import sys
import time
from typing import TYPE_CHECKING

from local_cognito import LocalCognito, MovableClock, PoolIds, UnusableDatabaseError, command_line
from local_cognito.background_log import to_standard_error
from local_cognito.lambdas.functions import imported_handler

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from local_cognito.__main__ import Ending
    from local_cognito.lambdas.functions import Handler

USAGE_ERROR = 2


def serve(argv: Sequence[str] | None, ending: Ending) -> int:
    """Serve until a signal ends it, or do what another command says; return the exit status."""
    arguments = command_line.arguments(argv)
    if arguments.command == "env":
        from local_cognito import programs  # noqa: PLC0415 - a server does without

        return programs.print_environment(arguments.port)
    try:
        with to_standard_error(), _server(arguments) as server:
            pool = server.default_pool(arguments.pool_id)
            if arguments.command == "exec":
                from local_cognito import programs  # noqa: PLC0415 - as above

                return programs.run(arguments.program, server.environment(pool))
            ending.note()
            _announce(server, pool, arguments)
            ending.wait()
    except (OSError, OverflowError, sqlite3.Error, UnusableDatabaseError) as error:
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            taken = f"Port {arguments.port} is taken by another program, perhaps by another local_cognito."
            print(f"{taken} --port 0 takes any free one.", file=sys.stderr)
        else:
            where = f"port {arguments.port} with {arguments.database}"
            print(f"Can't serve on {where}: {error}", file=sys.stderr)
        return USAGE_ERROR
    except ValueError as error:
        print(f"Can't serve with these options: {error}", file=sys.stderr)
        return USAGE_ERROR
    return 0


def _announce(server: LocalCognito, pool: PoolIds, arguments: argparse.Namespace) -> None:
    print(f"URL:       {server.url}\nPool ID:   {pool.pool_id}\nClient ID: {pool.client_id}")
    print(f"Outbox:    {server.url}/outbox")
    if arguments.movable_clock:
        print(f"Clock:     {server.url}/clock")
    print(f"Look at it in a browser: {server.url} (Ctrl-C stops it)", flush=True)


def _handlers(mapped: list[str]) -> dict[str, Handler]:
    """Return the handlers that `NAME=package.module:handler` options name; modules may be in this folder.

    Raises:
        ValueError: one can't be found.
    """
    if mapped and "" not in sys.path:
        sys.path.insert(0, "")
    handlers = {}
    for option in mapped:
        name, is_there, path = option.partition("=")
        if not is_there:
            raise ValueError(f"--trigger {option}: it must look like NAME=package.module:handler")
        handlers[name] = imported_handler(path)
    return handlers


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
        snapshot=arguments.snapshot,
        read_only=arguments.read_only,
        triggers=_handlers(arguments.trigger),
        lambda_endpoint=arguments.lambda_endpoint,
        kms_endpoint=arguments.kms_endpoint,
    )
