"""Showing the tokens of a sign-in: masked, each with the claims that are in it."""

from __future__ import annotations

import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from scenario.asking import ask_yesno

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scenario.state import Answer, Story
    from terminal import Terminal

    _Group = tuple[str, Mapping[str, object]]  # a token, masked, and its claims

_TOKENS = ("AccessToken", "IdToken", "RefreshToken")
_SHORTEST_SHOWN = 16  # characters of a secret
_MOST_SHOWN = 4  # characters at each end of it
_TIMES = {"iat", "exp", "nbf", "auth_time"}  # claims in seconds since 1970 (RFC 7519, OpenID Connect Core)
_LINES_AROUND = 5  # of a table: an empty line, the title, the prompt, and values that take two lines
_LAST_SECOND = 253_402_300_799  # of the year 9999, the last that datetime knows


def show_tokens(
    terminal: Terminal,
    tokens: Answer,
    before: Answer | None = None,
    let_read: Callable[[], object] = lambda: None,
) -> None:
    """Show the tokens of an authentication result, masked, each with its claims below it.

    The claims are read without verifying anything: this is for looking at, not for trusting.

    Args:
        terminal: where they are shown.
        tokens: the authentication result.
        before: the one before it; of the claims only those that have changed since are shown.
        let_read: is called before more is shown than a screen has room for.
    """
    old = {name: _claims(token) for name, token in (before or {}).items() if name in _TOKENS}
    groups = {}
    for name in _TOKENS:
        if name in tokens:
            claims, known = _claims(tokens[name]), old.get(name, {})
            groups[name] = (
                masked(tokens[name]),
                {key: claims[key] for key in claims if claims[key] != known.get(key)},
            )
    what = "the claims that have changed" if old else "their claims"
    title = f"Signed in. Tokens (masked) and {what}"
    for number, page in enumerate(_pages(groups, terminal.height or sys.maxsize)):
        if number:
            let_read()
        terminal.groups(f"{title} (continued)" if number else title, page)


def _pages(groups: Mapping[str, _Group], height: int) -> list[dict[str, _Group]]:
    """Part tokens, each with its claims, so that none but a very long one scrolls away while it is read."""
    pages: list[dict[str, _Group]] = [{}]
    used = 0
    for name, group in groups.items():
        lines = 1 + len(group[1])
        if pages[-1] and used + lines > height - _LINES_AROUND:
            pages.append({})
            used = 0
        pages[-1][name] = group
        used += lines
    return pages


def offer_access_token(story: Story, tokens: Answer) -> None:
    """Show the access token whole to a person who has asked for that, and agrees once more."""
    if story.person.shows_tokens and ask_yesno(
        story,
        "Show the access token whole? A person who has it acts as this user.",
        "show_token",
        default=False,
    ):
        story.terminal.copyable(tokens["AccessToken"])


def masked(secret: str) -> str:
    """Shorten a secret to what tells two of them apart: at most a quarter of it, four characters at each end.

    Of fewer than 16 characters nothing is shown, not even how many there are.
    """
    if len(secret) < _SHORTEST_SHOWN:
        return "********"
    shown = min(len(secret) // 8, _MOST_SHOWN)
    return f"{secret[:shown]}…{secret[-shown:]} ({len(secret)} characters)"


def _claims(token: str) -> dict[str, object]:
    """Read a token's claims for display; one that can't be read is opaque to anybody but its issuer."""
    import jwt  # noqa: PLC0415 - it loads much of cryptography, which nothing needs before

    try:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        return {"(opaque)": "for its issuer alone to read"}
    return {name: _with_date(value) if name in _TIMES else value for name, value in claims.items()}


def _with_date(value: object) -> object:
    """Add the date to seconds since 1970; other values stay as they are."""
    if not isinstance(value, int | float) or not 0 <= value <= _LAST_SECOND:
        return value
    return f"{value} ({datetime.fromtimestamp(value, timezone.utc):%Y-%m-%d %H:%M:%S} UTC)"
