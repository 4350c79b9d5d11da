"""The options of the command, and the environment variables that set some of them."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from local_cognito import __version__
from local_cognito.rules.identifiers import POOL_ID

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DEFAULT_PORT = 9229
MOST_PORTS = 65536
SECRET_VARIABLE = "LOCAL_COGNITO_CLIENT_SECRET"  # noqa: S105 - the name of the variable


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line; a wrong one ends the program with status 2 and a sentence.

    `command` is `serve`, `exec` or `env`; `program` the command line that `exec` runs.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    command = words.pop(0) if words and words[0] in _COMMANDS else "serve"
    program: list[str] = []
    if command == "exec" and "--" in words:
        place = words.index("--")
        words, program = words[:place], words[place + 1 :]
    parser = _COMMANDS[command]()
    given = parser.parse_args(words, argparse.Namespace(command=command, program=program))
    if given.port not in range(MOST_PORTS):
        parser.error(f"--port must lie between 0 and {MOST_PORTS - 1}")
    if command == "exec" and not program:
        parser.error("say what to run, after two dashes: local-cognito exec -- pytest")
    if command != "env":
        _complete(parser, given)
    return given


def _complete(parser: argparse.ArgumentParser, given: argparse.Namespace) -> None:
    """Settle the region by the pool's ID, and take the client's secret from the environment."""
    if given.pool_id is not None:
        if not POOL_ID.fullmatch(given.pool_id):
            parser.error(
                "--pool-id must look like us-east-1_Example: a region, an underscore, letters and digits"
            )
        region = given.pool_id.split("_")[0]
        if given.region not in (None, region):
            parser.error(f"--region {given.region} and --pool-id {given.pool_id} are of different regions")
        given.region = region
    if given.client_secret is None:
        given.client_secret = os.environ.get(SECRET_VARIABLE) or None


def _serve_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_name(),
        usage=f"{_name()} [options], {_name()} exec [options] -- PROGRAM..., or {_name()} env [--port N]",
        description="A strict Amazon Cognito user pool on this machine, for learning and for tests.",
        epilog=f"The variable {SECRET_VARIABLE} gives the secret where --client-secret does not. "
        "exec runs a program with a server of its own, env prints the variables that lead to a running one.",
    )
    parser.add_argument("--version", action="version", version=f"local_cognito {__version__}")
    _add_server(parser, DEFAULT_PORT)
    return parser


def _exec_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"{_name()} exec",
        usage=f"{_name()} exec [options] -- PROGRAM [ARGUMENT...]",
        description="Start a server, run a program with the variables that lead to it, end with its status.",
    )
    _add_server(parser, 0)
    return parser


def _env_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"{_name()} env",
        description="Print the variables that lead SDKs to a running server, for a shell: "
        f'eval "$({_name()} env)"',
    )
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help=f"of the server; default {DEFAULT_PORT}"
    )
    return parser


def _add_server(parser: argparse.ArgumentParser, port: int) -> None:
    _add_place(parser, port)
    _add_content(parser)
    parser.add_argument(
        "--movable-clock", action="store_true", help="for tests: the clock can be moved forward at /clock"
    )
    parser.add_argument("--read-only", action="store_true", help="let the page only show, and change nothing")
    parser.add_argument(
        "--log", action="store_true", help="write a line per request to stderr, without names and secrets"
    )


def _add_place(parser: argparse.ArgumentParser, port: int) -> None:
    add = parser.add_argument_group("where it is, and who may use it").add_argument
    add("--port", type=int, default=port, help=f"default {port}; 0 takes any free one")
    add(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="listen there; default 127.0.0.1. Others than loopback addresses need --allowed-host",
    )
    add(
        "--allowed-host",
        action="append",
        default=[],
        metavar="NAME",
        help="answer requests for this name too, on any port; may be given more than once",
    )
    add(
        "--allow-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="let web pages of this origin use the API, such as https://app.example; may be given more than "
        "once. Those of loopback names may anyway",
    )


def _add_content(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("contents").add_argument
    add("--database", default=":memory:", metavar="FILE", help="keep the state in FILE")
    add(
        "--snapshot",
        metavar="FILE",
        help="write snapshots (POST /snapshot) to FILE, and start from its contents",
    )
    add(
        "--seed",
        metavar="FILE",
        help="fill it, once, with the pools, app clients, groups and users in FILE (.json, .yaml)",
    )
    add(
        "--trigger",
        action="append",
        default=[],
        metavar="NAME=MODULE:HANDLER",
        help="run a Python handler as the Lambda function of this name or ARN; may be given more than once",
    )
    add(
        "--lambda-endpoint",
        metavar="URL",
        help="find other Lambda functions there, at the API that sam local start-lambda and others speak",
    )
    add(
        "--kms-endpoint",
        metavar="URL",
        help="encrypt codes for custom senders under the pool's KMSKeyID there: moto's server, LocalStack",
    )
    add(
        "--pool-id",
        metavar="ID",
        help="such as us-east-1_Example; default: the oldest pool in the database, or a random one",
    )
    add("--region", help="of the pool; default: that of --pool-id or of the oldest pool, or us-east-1")
    add(
        "--client-id", metavar="ID", help="of the pool's app client; default: the oldest one, or a random one"
    )
    add(
        "--client-secret",
        metavar="SECRET",
        help="of the app client. Others on this machine can see it, so let it be a throw-away",
    )


_COMMANDS: dict[str, Callable[[], argparse.ArgumentParser]] = {
    "serve": _serve_parser,
    "exec": _exec_parser,
    "env": _env_parser,
}


def _name() -> str:
    """Return the name that the command was called by: local-cognito, or python -m local_cognito."""
    called = Path(sys.argv[0]).stem
    return called if called == "local-cognito" else "python -m local_cognito"
