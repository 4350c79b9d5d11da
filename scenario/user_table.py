"""Showing users of a pool: some of them, however many there are, and the person's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from terminal import Terminal

MOST_SHOWN = 10
_COLUMNS = ("User name", "E-mail", "Status", "Created")


def show_users(
    terminal: Terminal,
    users: Sequence[Mapping[str, Any]],
    own: Mapping[str, Any] | None = None,
    total: int | None = None,
) -> None:
    """Show users, as ListUsers or AdminGetUser return them, in a table; times are local.

    Args:
        terminal: where they are shown.
        users: of these, the first `MOST_SHOWN`.
        own: the person's own, to be shown below the others.
        total: about how many there are, if that is known.
    """
    title = "1 user" if len(users) == 1 else f"{len(users)} users"
    if len(users) > MOST_SHOWN:
        there_are = f"More than {MOST_SHOWN}" if total is None else f"About {total}"
        title = f"{there_are} users; the first of them, and yours"
    shown = [*users[:MOST_SHOWN], *([own] if own else [])]
    terminal.table(title, _COLUMNS, [_row(user) for user in shown])


def is_among(users: Sequence[Mapping[str, Any]], user_name: str) -> bool:
    """Tell whether a user of that name, or with that address, is among those that are shown."""
    # In a pool whose users sign in by address, a made-up name stands in the list in place of the address.
    return any(
        user_name in {user.get("Username"), attribute(user.get("Attributes", []), "email")}
        for user in users[:MOST_SHOWN]
    )


def attribute(attributes: Sequence[Mapping[str, Any]], name: str) -> str:
    """Return an attribute of a user out of Cognito's list of them, or an empty string."""
    return next((str(item.get("Value", "")) for item in attributes if item["Name"] == name), "")


def _row(user: Mapping[str, Any]) -> tuple[str, str, str, str]:
    created = user.get("UserCreateDate")
    attributes = user.get("Attributes") or user.get("UserAttributes") or []
    return (
        user.get("Username", ""),
        attribute(attributes, "email"),
        user.get("UserStatus", ""),
        f"{created:%Y-%m-%d %H:%M:%S}" if created else "",
    )
