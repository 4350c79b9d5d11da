"""Showing the tokens of a sign-in: each by its label, with the claims that are in it."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from scenario.asking import ask_yesno

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scenario.state import Scenario

    Answer = Mapping[str, Any]

_TOKENS = ("AccessToken", "IdToken", "RefreshToken")
_TIMES = {"iat", "exp", "nbf", "auth_time"}  # claims in seconds since 1970 (RFC 7519, OpenID Connect Core)
_LAST_SECOND = 253_402_300_799  # of the year 9999, the last that datetime knows


def show_tokens(scenario: Scenario, title: str, tokens: Answer, before: Answer | None = None) -> None:
    """Show tokens by their labels, each with its claims below it.

    The claims are read without verifying anything: this is for looking at, not for trusting.

    Args:
        scenario: where they are shown.
        title: what brought them.
        tokens: the authentication result.
        before: the one before it; of the claims only those that have changed since are shown.
    """
    old = {name: claims_of(token) for name, token in (before or {}).items() if name in _TOKENS}
    groups = {}
    for name in _TOKENS:
        if name in tokens:
            claims, known = claims_of(tokens[name]), old.get(name, {})
            changed = {key: claims[key] for key in claims if claims[key] != known.get(key)}
            groups[name] = (scenario.labels.of(name, tokens[name]), changed)
    what = "the claims that have changed" if old else "their claims"
    scenario.terminal.groups(f"{title}. Tokens and {what}", groups)


def offer_access_token(scenario: Scenario, access_token: str) -> None:
    """Show the access token whole to a person who has asked for that, and agrees once more."""
    if scenario.mode.shows_tokens and ask_yesno(
        scenario,
        "Show the access token whole? A person who has it acts as this user.",
        "show_token",
        default=False,
    ):
        scenario.terminal.copyable(access_token)


def show_verified(scenario: Scenario, claims: Mapping[str, Any]) -> None:
    """Show the checks of an access token, claim by claim."""
    scenario.terminal.table(
        "The access token is good",
        ("Checked", "Value", "By"),
        [
            ("signature", "RS256", "the pool's public key"),
            ("iss", str(claims["iss"]), "this user pool"),
            ("client_id", str(claims["client_id"]), "this app client"),
            ("token_use", str(claims["token_use"]), "its kind"),
            ("exp", str(_with_date(claims["exp"])), "the clock"),
        ],
    )


def claims_of(token: str) -> dict[str, object]:
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
