"""The calls that a failed test made, as lines of its report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HEADING = "Cognito calls of this test"
_MOST_LINES = 50
_LONGEST_FIELDS = 110  # characters
_SAID = frozenset({"ClientId", "UserPoolId", "Username", "USERNAME", "SecretHash", "SECRET_HASH"})


def lines(calls: list[dict[str, Any]]) -> str:
    """Return a line a call: action, user, status, error, milliseconds, and what was sent, without secrets."""
    shown = [_line(call) for call in calls[-_MOST_LINES:]]
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
