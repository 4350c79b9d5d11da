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

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import ModuleType

MOST_BYTES = 1024 * 1024
MOST_DEPTH = 20
_LONGEST_NAME = 100
_YAML = (".yaml", ".yml")
_JSON = (".json",)


class SeedError(ValueError):
    """A seed can't be applied; the text says where in it, and why."""


@dataclass(frozen=True)
class Seed:
    """What a database is to be filled with.

    Attributes:
        name: what errors call it.
        content: the plain data, unchecked.
        digest: the SHA-256 of the content, as hex; layout and comments of the file do not count.
    """

    name: str
    content: Any = field(repr=False)
    digest: str


def read(seed: str | os.PathLike[str] | Mapping[str, Any]) -> Seed:
    """Return what is in a file, or in a dictionary that is laid out like one.

    Raises:
        SeedError: there is no such file, or it is none that can be read.
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
            raise SeedError(f"{path}: it is no regular file")
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise SeedError(f"{path}: it is larger than {MOST_BYTES} bytes")
    return content


def _of_json(path: Path, text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_without_repetition)
    except SeedError as error:
        raise SeedError(f"{path}: {error}") from None
    except json.JSONDecodeError as error:
        raise SeedError(f"{path}: it is not JSON, see line {error.lineno}, column {error.colno}") from None
    except (ValueError, RecursionError):
        raise SeedError(f"{path}: it is not JSON that can be read") from None


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    _check_repetition(name for name, _ in pairs)
    return dict(pairs)


def _check_repetition(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise SeedError(f"{name[:_LONGEST_NAME]!r} is there twice in the same place")
        seen.add(name)


def _of_yaml(path: Path, text: str) -> Any:
    try:
        import yaml  # noqa: PLC0415 - JSON must do without
    except ImportError:
        raise SeedError(f"{path}: YAML needs PyYAML: pip install PyYAML, or write the seed as JSON") from None
    kind = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's takes a tenth of the time
    try:
        _check_events(yaml, yaml.parse(text, kind))
        loader = kind(text)
        node = loader.get_single_node()
        if node is None:
            return None
        _check_keys(yaml, node)
        return loader.construct_document(node)
    except SeedError as error:
        raise SeedError(f"{path}: {error}") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f", see line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise SeedError(f"{path}: it is not YAML{where}") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise SeedError(f"{path}: it is not YAML that can be read") from None


def _check_events(yaml: ModuleType, events: Iterable[Any]) -> None:
    """Refuse, before anything is built, what may become much larger than the file."""
    depth = 0
    for event in events:
        if isinstance(event, yaml.AliasEvent):
            raise SeedError(f"line {event.start_mark.line + 1}: aliases (*name) are not taken")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH:
            raise SeedError(f"line {event.start_mark.line + 1}: it is nested too deep")


def _check_keys(yaml: ModuleType, node: Any) -> None:
    if isinstance(node, yaml.MappingNode):
        _check_repetition(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        for _, value in node.value:
            _check_keys(yaml, value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _check_keys(yaml, value)
