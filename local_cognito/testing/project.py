"""The settings of a project that tests with the plug-in, and whether it does at all."""

from __future__ import annotations

import fnmatch
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local_cognito.runtime.environment import CLIENT_ID, CLIENT_SECRET, POOL_ID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_cognito.testing.pool import CognitoPool

_FIXTURES = re.compile(rb"\bcognito_(?:pool|client|outbox|clock|environment|keys|pool_factory)\b")
_FIXTURES_OF_THEIRS = re.compile(rb"^\s*(?:async\s+)?def\s+(cognito\w*)\(", re.MULTILINE)
_SERVER_FIXTURE = re.compile(rb"^\s*(?:async\s+)?def\s+\w+\([^)]*\bcognito\b", re.MULTILINE)
_MODES = {"auto": "auto", "on": "on", "true": "on", "1": "on", "off": "off", "false": "off", "0": "off"}
_OPTIONS = ("mfa", "devices")
_VARIABLES = {"pool_id": POOL_ID, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


def add_settings(parser: pytest.Parser) -> None:
    """Declare the plug-in's settings in pytest's configuration file."""
    add = parser.addini
    add(
        "cognito_guard",
        "whether the environment leads to the pool from the start, and requests to AWS fail: auto, on, off",
        default="auto",
    )
    add(
        "cognito_keys",
        "answer the addresses of AWS with the pools' keys in every test",
        "bool",
        default=False,
    )
    add("cognito_region", "of every pool, such as eu-central-1", default="us-east-1")
    add("cognito_mfa", "of every pool: OFF, OPTIONAL, ON", default="OFF")
    add("cognito_devices", "of every pool: OFF, ALWAYS, OPT_IN", default="OFF")
    add("cognito_client_secret", "whether every pool's app client has a secret", "bool", default=False)
    add("cognito_users", "names of the users in every pool, a line each", "linelist", default=[])
    for member, variable in _VARIABLES.items():
        add(f"cognito_{member}_variables", "environment variables for it", "args", default=[variable])


def default_options(config: pytest.Config) -> dict[str, Any]:
    """Return the options that pools have in this project, unless a marker says otherwise."""
    options = {name: config.getini(f"cognito_{name}") for name in _OPTIONS}
    return options | {
        "client_secret": config.getini("cognito_client_secret"),
        "users": config.getini("cognito_users"),
    }


def pool_variables(config: pytest.Config, pool: CognitoPool) -> dict[str, str | None]:
    """Return the environment variables with a pool's IDs; None for those that it must not have."""
    return {
        variable: getattr(pool, member)
        for member in _VARIABLES
        for variable in config.getini(f"cognito_{member}_variables")
    }


def guard_mode(config: pytest.Config) -> str:
    """Return `on`, `off` or `auto`.

    Raises:
        UsageError: the setting is none of these.
    """
    given = str(config.getini("cognito_guard"))
    if given.lower() not in _MODES:
        raise pytest.UsageError(f"cognito_guard is auto, on or off, not {given!r}.")
    return _MODES[given.lower()]


def seems_to_use_fixtures(config: pytest.Config) -> bool:
    """Tell whether test files or conftest files name the plug-in's fixtures; nothing is imported for that."""
    used: set[bytes] = set()
    theirs: set[bytes] = set()
    for path in _files(config):
        text = path.read_bytes() if path.is_file() else b""
        if b"cognito" not in text:
            continue
        used |= set(_FIXTURES.findall(text))
        used |= {b"cognito"} if _SERVER_FIXTURE.search(text) else set()
        theirs |= set(_FIXTURES_OF_THEIRS.findall(text))
    return bool(used - theirs)


def _files(config: pytest.Config) -> Iterator[Path]:
    """Yield the files that pytest will take tests from, and those that it takes fixtures from."""
    patterns = [*config.getini("python_files"), "conftest.py", "*fixture*.py"]
    skipped = [*config.getini("norecursedirs"), "node_modules", "__pycache__"]
    start = config.invocation_params.dir
    given = config.known_args_namespace.file_or_dir or config.getini("testpaths") or [str(start)]
    for argument in given:
        root = start / str(argument).split("::")[0]
        if not root.is_dir():
            yield root
            root = root.parent
            yield root / "conftest.py"
        else:
            yield from _below(root, patterns, skipped)
        for parent in root.parents:
            yield parent / "conftest.py"
            if parent == config.rootpath:
                break


def _below(root: Path, patterns: list[str], skipped: list[str]) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not any(fnmatch.fnmatch(name, one) for one in skipped)]
        for name in files:
            if name.endswith(".py") and any(fnmatch.fnmatch(name, pattern) for pattern in patterns):
                yield Path(folder, name)
