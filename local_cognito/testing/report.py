"""The calls that a failed test made, as lines of its report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HEADING = "Cognito calls of this test"
_MOST_LINES = 50
_LONGEST_FIELDS = 110  # characters
_LONGEST_EVENT = 2000
_SAID = frozenset({"ClientId", "UserPoolId", "Username", "USERNAME", "SecretHash", "SECRET_HASH"})


def lines(calls: list[dict[str, Any]]) -> str:
    """Return a line per call, without secrets, and below it three for each function that it invoked."""
    latest = calls[-_MOST_LINES:]
    shown = [
        line
        for call in latest
        for line in (_line(call), *(line for one in call["functions"] for line in _function(one)))
    ]
    if len(calls) > _MOST_LINES:
        shown.insert(0, f"({len(calls) - _MOST_LINES} calls before)")
    return "\n".join(shown)


def _line(call: Mapping[str, Any]) -> str:
    error = f" {call['error']}: {call['message']}" if call["error"] else ""
    sent = ", ".join(_fields(call["request"] or {}))
    sent = sent if len(sent) <= _LONGEST_FIELDS else f"{sent[: _LONGEST_FIELDS - 1]}…"
    user = call["user"] or "-"
    return _plain(
        f"{call['action']} {user} {call['status']}{error} ({call['milliseconds']:.0f} ms) {sent}"
    ).rstrip()


def _function(function: Mapping[str, Any]) -> list[str]:
    failed = f" failed: {function['error']}" if function["error"] else ""
    event, answer = (_cut(json.dumps(function[name])) for name in ("event", "answer"))
    called = f"    {function['source']} ({function['milliseconds']:.0f} ms){failed}"
    return list(map(_plain, (called, f"        event: {event}", f"        answer: {answer}")))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_EVENT else f"{text[: _LONGEST_EVENT - 1]}…"


def _fields(request: Mapping[str, Any]) -> Iterable[str]:
    for name, value in request.items():
        if name in _SAID:
            continue
        if isinstance(value, dict):
            yield from _fields(value)
        elif isinstance(value, list):
            yield f"{name}=[{len(value)}]"
        else:
            yield f"{name}={value}"


def _plain(text: str) -> str:
    """Return the text with characters that a terminal would obey written out."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)
