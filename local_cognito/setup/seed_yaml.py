"""Reading YAML as plain data: objects, lists, text, true and false, and plain numbers.

PyYAML only splits the text into events. What they mean is decided here, because its own constructors take
dates, numbers in base 60 and much else that no seed has, fail on some of them with a traceback that shows
the value, and take quadratic time for others. Whatever is not plain data is refused by its path.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn

import yaml

from local_cognito.setup.seed_error import SeedError, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_DEPTH = 20
MOST_VALUES = 100_000
MOST_BYTES_WITHOUT_LIBYAML = 64 * 1024  # which takes ten times as long
_PREFIX = "tag:yaml.org,2002:"
_DIRECTIVE = re.compile(r"^%", re.MULTILINE)
_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]{0,16})(\.[0-9]{1,16})?", re.ASCII)
_TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_IS_FAST = hasattr(yaml, "CSafeLoader")
_Loader: Any = yaml.CSafeLoader if _IS_FAST else yaml.SafeLoader


def load(text: str) -> Any:
    """Return what the text holds, None if that is nothing.

    Raises:
        SeedError: it is not YAML, not one document, or not plain data.
    """
    if not _IS_FAST and len(text) > MOST_BYTES_WITHOUT_LIBYAML:
        raise SeedError(f"without libyaml, PyYAML may read {MOST_BYTES_WITHOUT_LIBYAML} bytes only; use JSON")
    directive = _DIRECTIVE.search(text)
    if directive:  # libyaml compares each of them with all others
        line = text.count("\n", 0, directive.start()) + 1
        raise SeedError(f"line {line}: directives (lines that begin with %) are not taken")
    try:
        return _Reader(text).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f", see line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise SeedError(f"it is not YAML{where}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, SeedError):
            raise
        raise SeedError("it is not YAML that can be read") from None


class _Reader:
    """Makes plain data of YAML's events."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[Any] = yaml.parse(text, _Loader)
        self._resolver = yaml.resolver.Resolver()
        self._path: list[str | int] = []
        self._values = 0

    def document(self) -> Any:
        """Return what the only document holds."""
        next(self._events)  # the start of the stream
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return None
        value = self._value(next(self._events))
        next(self._events)  # the end of the document
        more = next(self._events)
        if not isinstance(more, yaml.StreamEndEvent):
            raise SeedError(
                f"it is not YAML, see line {more.start_mark.line + 1}: there is a second document"
            )
        return value

    def _value(self, event: Any) -> Any:
        self._values += 1
        if self._values > MOST_VALUES:
            raise SeedError(f"it has more than {MOST_VALUES} values")
        if isinstance(event, yaml.AliasEvent):
            raise SeedError(f"line {_line(event)}: aliases (*name) are not taken")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if len(self._path) >= MOST_DEPTH:
            raise SeedError(f"line {_line(event)}: it is nested too deep")
        kind = "map" if isinstance(event, yaml.MappingStartEvent) else "seq"
        if event.tag not in (None, "!", _PREFIX + kind):
            self._refuse("tags such as !!set are not taken")
        return self._object() if kind == "map" else self._list()

    def _object(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if isinstance(event, yaml.AliasEvent):
                raise SeedError(f"line {_line(event)}: aliases (*name) are not taken")
            name = self._scalar(event) if isinstance(event, yaml.ScalarEvent) else None
            if not isinstance(name, str):
                self._refuse("the names in it must be text, in quotes if they look like something else")
            if name in found:
                self._refuse(f"{shown(name)} is there twice in the same place")
            self._path.append(name)
            found[name] = self._value(next(self._events))
            self._path.pop()
        return found

    def _list(self) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            self._path.append(len(found))
            found.append(self._value(event))
            self._path.pop()
        return found

    def _scalar(self, event: Any) -> Any:
        if event.tag not in (None, "!", f"{_PREFIX}str"):
            self._refuse("tags such as !!int are not taken")
        if event.tag or not event.implicit[0]:  # it is said to be text, or is in quotes
            return event.value
        return self._plain(event.value)

    def _plain(self, text: str) -> Any:
        """Return what a scalar without quotes stands for."""
        tag = self._resolver.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
        if tag == f"{_PREFIX}str":
            return text
        if tag == f"{_PREFIX}null":
            return None
        if text in _TRUTHS:
            return _TRUTHS[text]
        if not _NUMBER.fullmatch(text):
            self._refuse("it must be text in quotes, true or false, or a plain number")
        return float(text) if "." in text else int(text)

    def _refuse(self, why: str) -> NoReturn:
        """Raise the error for the place that is read."""
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{shown(part)}" for part in self._path)
        raise SeedError(f"{path.removeprefix('.')}: {why}" if path else why)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
