"""Reading a seed: a file of JSON or YAML as plain data, whatever else may be in its place.

No text from the file is in an error, since there are passwords in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local_cognito.setup.seed_error import SeedError, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_BYTES = 1024 * 1024
_LONGEST_NUMBER = 18
_YAML = (".yaml", ".yml")
_JSON = (".json",)


@dataclass(frozen=True)
class Seed:
    """A seed: the pools, app clients and users that a database is filled with.

    Attributes:
        name: what errors call it.
        content: the plain data, unchecked.
        digest: the SHA-256 of the content, as hex; layout and comments of the file do not count.
    """

    name: str
    content: Any = field(repr=False)
    digest: str


def read(seed: str | os.PathLike[str] | Mapping[str, Any]) -> Seed:
    """Return the seed in a file, or in a dictionary of the same layout.

    Raises:
        SeedError: the file does not exist or can't be read.
    """
    if isinstance(seed, (str, os.PathLike)):
        name, content = str(seed), _of_file(Path(seed))
    else:
        name, content = "seed", dict(seed)
    try:
        text = json.dumps(content, sort_keys=True, default=repr)
    except (TypeError, ValueError, RecursionError):
        raise SeedError(f"{name}: its keys must be text, and nothing may be in itself") from None
    return Seed(name, content, hashlib.sha256(text.encode()).hexdigest())


def _of_file(path: Path) -> Any:
    kind = path.suffix.lower()
    if kind not in (*_JSON, *_YAML):
        raise SeedError(f"{path}: the name must end in .json, .yaml or .yml")
    try:
        text = _bytes_of(path).decode("utf-8-sig")
    except OSError as error:
        raise SeedError(f"{path}: it can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SeedError(f"{path}: it is not UTF-8") from None
    return _of_json(path, text) if kind in _JSON else _of_yaml(path, text)


def _bytes_of(path: Path) -> bytes:
    # A pipe that nobody writes to would be waited for.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with open(descriptor, "rb") as file:  # noqa: PTH123 - it is open already
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise SeedError(f"{path}: it is not a regular file")
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise SeedError(f"{path}: it is larger than {MOST_BYTES} bytes")
    return content


def _of_json(path: Path, text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_without_repetition, parse_int=_whole_number)
    except SeedError as error:
        raise SeedError(f"{path}: {error}") from None
    except json.JSONDecodeError as error:
        raise SeedError(f"{path}: it is not JSON, see line {error.lineno}, column {error.colno}") from None
    except (ValueError, RecursionError):
        raise SeedError(f"{path}: it is not JSON that can be read") from None


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise SeedError(f"{shown(name)} is there twice in the same place")
        found[name] = value
    return found


def _whole_number(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError("This number is not allowed in a seed.")
    return int(text)


def _of_yaml(path: Path, text: str) -> Any:
    try:
        from local_cognito.setup import seed_yaml  # noqa: PLC0415 - JSON must do without PyYAML
    except ImportError:
        raise SeedError(f"{path}: YAML needs PyYAML: pip install PyYAML, or write the seed as JSON") from None
    try:
        return seed_yaml.load(text)
    except SeedError as error:
        raise SeedError(f"{path}: {error}") from None
