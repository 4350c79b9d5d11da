"""A call to Cognito as a line or a few of boto3 code, and an answer as Python would print it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Final

from scenario.labels import Label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

CALL_LINES: Final = 6
ANSWER_LINES: Final = 4
_INDENT: Final = 4
_SAYS_LITTLE: Final = {"TokenType", "ExpiresIn"}
_LONGEST_TEXT: Final = 40  # characters, where there is little room
_BEGINNING: Final = 14
_END: Final = 4
_NO_BREAK: Final = "\N{NO-BREAK SPACE}"
_CUT: Final = " ..."


def call_lines(operation: str, fields: Mapping[str, Any], width: int) -> list[str]:
    """Return a call as code, in at most six lines of that width.

    Args:
        operation: boto3's name of it, such as "sign_up".
        fields: as `CallText.fields` returns them; labels stand without quotes.
        width: in columns.
    """
    arguments = [f"{name}={_code(value)}," for name, value in fields.items()]
    begin = f"cognito.{operation}("
    line = f"{begin}{' '.join(arguments).rstrip(',')})"
    if len(line) <= width:
        return [_plain(line)]
    room = width - _INDENT
    body = [line for argument in arguments for line in _filled(argument, room, CALL_LINES)]
    if len(body) > CALL_LINES - 2:
        body = _packed(arguments, room)
    end = [")"] if len(body) <= CALL_LINES - 2 else []
    if not end:
        body = _cut(body, room)
    return [begin, *(_plain(" " * _INDENT + line) for line in body), *end]


def answer_lines(answer: Mapping[str, Any], width: int) -> list[str]:
    """Return an answer in at most four lines of that width; what does not fit is cut off."""
    return [_plain(line) for line in _filled(_code(answer), width, ANSWER_LINES)]


def is_cut(lines: Sequence[str]) -> bool:
    """Tell whether something was cut off at the end of these lines."""
    return lines[-1].endswith(_CUT)


def compact(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer without what says least in it, and with long texts shortened."""
    return {
        name: compact(value) if isinstance(value, dict) else _shortened(value)
        for name, value in fields.items()
        if name not in _SAYS_LITTLE and value not in ({}, [], "")
    }


def _shortened(value: Any) -> Any:
    if isinstance(value, Label) or not isinstance(value, str) or len(value) <= _LONGEST_TEXT:
        return value
    return f"{value[:_BEGINNING]}…{value[-_END:]}"


def _packed(arguments: Sequence[str], width: int) -> list[str]:
    """Return arguments in as few lines as they take one after the other."""
    lines: list[str] = []
    for argument in arguments:
        if lines and len(lines[-1]) + 1 + len(argument) <= width:
            lines[-1] += f" {argument}"
        else:
            lines += _filled(argument, width, CALL_LINES)
    return lines


def _cut(lines: Sequence[str], width: int) -> list[str]:
    """Return the last lines of a call with its bracket; what does not fit is cut off."""
    most = CALL_LINES - 1
    if len(lines) <= most:
        return [*lines[:-1], f"{lines[-1].rstrip(',')})"]
    last = lines[most - 1]
    while len(last) + len(_CUT) >= width:
        last = last.rpartition(" ")[0]
    return [*lines[: most - 1], f"{last}{_CUT})"]


def _filled(text: str, width: int, most: int) -> list[str]:
    """Break text at its spaces, which follow commas alone, and cut off what does not fit."""
    return textwrap.wrap(
        text,
        max(width, len(_CUT) + 1),
        max_lines=most,
        placeholder=_CUT,
        break_on_hyphens=False,
        subsequent_indent=" ",
    )


def _code(value: Any) -> str:
    """Return a value as Python code; spaces inside texts and labels are no-break spaces until the end."""
    if isinstance(value, dict):
        items = (
            f"{quoted(name)}:{' ' if item and isinstance(item, dict | list) else _NO_BREAK}{_code(item)}"
            for name, item in value.items()
        )
        return "{" + ", ".join(items) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_code, value))}]"
    if isinstance(value, Label):
        return value.replace(" ", _NO_BREAK)
    return quoted(value) if isinstance(value, str) else repr(value)


def quoted(text: str) -> str:
    """Return text as a Python string in double quotes; its spaces are no-break spaces."""
    return python_string(text).replace(" ", _NO_BREAK)


def python_string(text: str) -> str:
    """Return text as a Python string in double quotes."""
    escaped = repr(text)[1:-1].replace("\\'", "'").replace('"', '\\"')
    return f'"{escaped}"'


def _plain(line: str) -> str:
    return line.replace(_NO_BREAK, " ")


def one_line(parts: Iterable[str]) -> str:
    """Return lines of code as one, for outputs without a width."""
    text = " ".join(part.strip() for part in parts)
    return text.replace("( ", "(").replace(",)", ")").replace(", )", ")")
