"""The program's command line."""

from __future__ import annotations

import argparse
import errno
import os
import re
import sys
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from program import __version__
from program.answers import read_answers
from program.check_result import NOTHING_FOUND, print_result
from question import escaped

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from types import ModuleType

SRP_HELPERS = {
    "cognito_srp": "cognito_srp",
    "pycognito": "pycognito.aws_srp",
    "warrant": "warrant.aws_srp",
}
MISSING_HELPERS = {
    "pycognito": "pip install pycognito",
    "warrant": "pip install -r requirements-warrant.txt",
}
DEFAULT_EMAIL = "visitor@example.com"
EXAMPLES = """examples:
  python %(prog)s                                  on a pool on this machine
  python %(prog)s --auto                           the same, with nobody to answer
  python %(prog)s us-east-1_AbCdEf123 1example2id  on a pool in AWS
  python %(prog)s ... --check                      only check the pool's settings
  python %(prog)s ... --endpoint http://127.0.0.1:4566   on a pool that is served there
  python %(prog)s --auto --answers ci.json         a smoke test of a pool
  python %(prog)s --auto --experiments             with calls that Cognito refuses
  python %(prog)s --trace --diagram run.md         see every call that it makes
  python %(prog)s --save-script run.py             its calls as a program of your own

environment:
  COGNITO_CLIENT_SECRET  the app client's secret, if it has one
  COGNITO_PASSWORD       the password to sign up and in with, in place of typing it
  AWS_PROFILE, ...       boto3's usual credentials; the region is the pool's own

exit status:
  0 done, or with --check: ready    1 stopped, or not ready    2 wrong command line
  3 with --check: it could not be checked    130 Ctrl-C

answers (JSON):
  {"user_name": "alice", "email": "alice@example.com",
   "user_pool_id": "us-east-1_AbCdEf123", "client_id": "1example2id", "region": "us-east-1"}"""


class _Parser(argparse.ArgumentParser):
    """A parser that reports errors in JSON too, where that is wanted.

    Args:
        words: of the command line.
        is_json: whether it is.
        **options: of the parser.
    """

    def __init__(self, words: Sequence[str], *, is_json: bool, **options: Any) -> None:
        super().__init__(**options)
        self._words = words
        self._is_json = is_json

    def error(self, message: str) -> NoReturn:
        """Report the error, and end the program with status 2."""
        if self._is_json:
            print_result(None, None, NOTHING_FOUND, {"code": "Usage", "message": message, "advice": ""})
        super().error(f"{message}{self._suggestion(message)}")

    def _suggestion(self, message: str) -> str:
        """Return a question about an option that may have been meant, or an empty string."""
        for word in self._words if "unrecognized" in message or "both IDs" in message else ():
            close = get_close_matches(f"--{word.strip('-')}", self._option_string_actions, n=1, cutoff=0.7)
            if close and word not in self._option_string_actions:
                return f" (did you mean {close[0]}?)"
        return ""


def parse_arguments(
    argv: Sequence[str] | None,
    prog: str | None = None,
    description: str | None = None,
    without: Collection[str] = (),
) -> argparse.Namespace:
    """Read the command line; a wrong one ends the program with status 2.

    Args:
        argv: the words, by default those of the process.
        prog: the name of the program.
        description: what it does.
        without: options that it does not have.
    """
    words = sys.argv[1:] if argv is None else argv
    is_json = {"--check", "--json"} <= set(words)
    parser = _parser(words, without, prog=prog, description=description, is_json=is_json)
    arguments = parser.parse_args(words)
    arguments.aws_srp = _loaded(parser, arguments.srp_helper)
    if arguments.json and not arguments.check:
        parser.error("--json goes with --check")
    _take_ids(parser, arguments)
    if (arguments.user_pool_id is None) != (arguments.client_id is None):
        parser.error("give both IDs, user pool and app client, or neither to run on a pool of this machine")
    if arguments.endpoint and arguments.user_pool_id is None:
        parser.error("--endpoint needs both IDs: those of the pool that is served there")
    if arguments.user_pool_id is not None:
        _check_ids(parser, arguments)
    outputs = (arguments.diagram, arguments.trace_json, arguments.qr_image, arguments.save_script)
    files = [path for path in outputs if path]
    if len({path.resolve() for path in files}) < len(files):
        parser.error("give each file a name of its own")
    if arguments.auto and not arguments.check:
        _check_auto(parser, arguments)
    return arguments


def _loaded(parser: argparse.ArgumentParser, helper: str) -> ModuleType:
    try:
        return import_module(SRP_HELPERS[helper])
    except ImportError as error:
        advice = f"; install it: {MISSING_HELPERS[helper]}" if helper in MISSING_HELPERS else ""
        parser.error(f"the SRP helper {helper} can't be loaded: {error}{advice}")


def _take_ids(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Take the IDs from the answers where the command line has none."""
    answers = arguments.answers or {}
    if arguments.user_pool_id is None and arguments.client_id is None:
        arguments.user_pool_id, arguments.client_id = answers.get("user_pool_id"), answers.get("client_id")
    region = (arguments.user_pool_id or "").split("_")[0]
    if answers.get("region", region) != region:
        parser.error(f"the answers name the region {answers['region']}, but the pool's ID another one")


def _check_auto(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    if arguments.user_pool_id is None and arguments.answers is not None:
        parser.error("--auto answers by itself on the local pool: leave out --answers")
    has_email = arguments.endpoint or "email" in (arguments.answers or {})
    if arguments.user_pool_id is not None and not has_email:
        parser.error("--auto on a given pool needs an e-mail address: give --answers with one")


def _parser(
    words: Sequence[str], without: Collection[str], *, is_json: bool, **names: str | None
) -> argparse.ArgumentParser:
    parser = _Parser(
        words,
        is_json=is_json,
        **names,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "user_pool_id", nargs="?", help="a user pool's ID; without IDs the pool is on this machine"
    )
    parser.add_argument("client_id", nargs="?", help="the ID of an app client of that pool")
    parser.add_argument(
        "--auto",
        action="store_true",
        help="run with nobody to answer; in AWS --answers must have an e-mail address",
    )
    parser.add_argument("--check", action="store_true", help="only check whether the pool fits")
    parser.add_argument("--json", action="store_true", help="with --check: print the result as JSON")
    parser.add_argument(
        "--answers",
        type=read_answers,
        metavar="FILE",
        help="take user name, e-mail and IDs from this",
    )
    parser.add_argument("--endpoint", type=endpoint, metavar="URL", help="send the calls there, not to AWS")
    parser.add_argument(
        "--experiments", action="store_true", help="try, after each step, what Cognito refuses"
    )
    parser.add_argument(
        "--quiet", action="store_true", help="explain nothing, show no calls, and wait for no reader"
    )
    parser.add_argument(
        "--plain", action="store_true", help="one fact a line, without rules, bars, tables and QR blocks"
    )
    parser.add_argument(
        "--show-tokens",
        action="store_true",
        help="show the access token whole, once that is asked and agreed",
    )
    if "--srp-helper" not in without:
        parser.add_argument(
            "--srp-helper",
            choices=list(SRP_HELPERS),
            help="what computes the device's proof, by default cognito_srp",
        )
    parser.set_defaults(srp_helper="cognito_srp")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    _add_outputs(parser)
    return parser


def _add_outputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--trace", action="store_true", help="show each Cognito call, on standard error")
    parser.add_argument(
        "--trace-json",
        type=writable,
        metavar="FILE",
        help="write each Cognito call as a line of JSON, for you alone to read",
    )
    parser.add_argument(
        "--diagram", type=writable, metavar="FILE.md", help="write the run as a Mermaid sequence diagram"
    )
    parser.add_argument(
        "--save-script",
        type=writable,
        metavar="FILE.py",
        help="write the calls of the run as a Python program that makes them again",
    )
    parser.add_argument(
        "--qr-image",
        type=png,
        metavar="FILE.png",
        help="keep the QR code's image, for you alone to read",
    )


def endpoint(url: str) -> str:
    """Return the URL of an endpoint, without a slash at its end.

    Raises:
        ArgumentTypeError: it is not an HTTP URL.
    """
    try:
        parts = urlsplit(url)
        is_url = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_url = False
    if not is_url:
        raise argparse.ArgumentTypeError(f"{escaped(url)} is not a URL such as http://127.0.0.1:4566")
    return url.rstrip("/")


def png(path: str) -> Path:
    """Return the path of a PNG image that can be written.

    Raises:
        ArgumentTypeError: it can't be, or the name is that of another kind of file.
    """
    if Path(path).suffix.lower() != ".png":
        raise argparse.ArgumentTypeError(f"{path} must end in .png: the image is a PNG")
    return writable(path)


def writable(path: str) -> Path:
    """Return the path of a file that can be written; nothing is made of it yet.

    Raises:
        ArgumentTypeError: it can't be.
    """
    file = Path(path)
    try:
        why = _obstacle(file)
    except OSError as error:  # such as a name that is too long
        why = error.errno
    if why:
        raise argparse.ArgumentTypeError(f"{path} can't be written: {os.strerror(why)}")
    return file


def _obstacle(file: Path) -> int | None:
    """Return the number of the error that writing the file would end in, if any."""
    place = file if file.exists() else file.parent
    if file.is_symlink():
        return errno.ELOOP
    if file.is_dir():
        return errno.EISDIR
    if not place.exists():
        return errno.ENOENT
    if not (place.is_dir() or file.exists()):
        return errno.ENOTDIR
    return None if os.access(place, os.W_OK) else errno.EACCES


def _check_ids(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    if not re.fullmatch(r"[\w-]+_[0-9a-zA-Z]+", arguments.user_pool_id):
        parser.error("a user pool ID looks like us-east-1_AbCdEf123")
    if not re.fullmatch(r"[\w+]{1,128}", arguments.client_id):
        parser.error("a client ID has letters and digits only")


def is_attended(arguments: argparse.Namespace) -> bool:
    """Tell whether questions that can't be foreseen have a person to answer them."""
    return sys.stdin is not None and sys.stdin.isatty() and not (arguments.check or arguments.auto)


def is_reading(arguments: argparse.Namespace) -> bool:
    """Tell whether a person sits at a terminal, and reads what is shown before it scrolls away."""
    return is_attended(arguments) and sys.stdout.isatty() and not arguments.quiet
