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
    from collections.abc import Sequence

DEFAULT_PORT = 9229
MOST_PORTS = 65536
SECRET_VARIABLE = "LOCAL_COGNITO_CLIENT_SECRET"  # noqa: S105 - the name of the variable


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line; a wrong one ends the program with status 2 and a sentence."""
    parser = _parser()
    given = parser.parse_args(argv)
    if given.port not in range(MOST_PORTS):
        parser.error(f"--port must lie between 0 and {MOST_PORTS - 1}")
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
    return given


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_name(),
        description="A strict Amazon Cognito user pool on this machine, for learning and for tests.",
        epilog=f"The variable {SECRET_VARIABLE} gives the secret where --client-secret does not.",
    )
    parser.add_argument("--version", action="version", version=f"local_cognito {__version__}")
    _add_place(parser)
    _add_content(parser)
    parser.add_argument(
        "--movable-clock", action="store_true", help="for tests: the clock can be moved forward at /clock"
    )
    parser.add_argument(
        "--log", action="store_true", help="write a line per request to stderr, without names and secrets"
    )
    return parser


def _add_place(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("where it is, and who may use it").add_argument
    add("--port", type=int, default=DEFAULT_PORT, help=f"default {DEFAULT_PORT}; 0 takes any free one")
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
    add = parser.add_argument_group("what is in it").add_argument
    add("--database", default=":memory:", metavar="FILE", help="keep the state in FILE")
    add(
        "--seed",
        metavar="FILE",
        help="fill it, once, with the pools, app clients, groups and users in FILE (.json, .yaml)",
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


def _name() -> str:
    """Return the command as it was called: local-cognito, or python -m local_cognito."""
    called = Path(sys.argv[0]).stem
    return called if called == "local-cognito" else "python -m local_cognito"
