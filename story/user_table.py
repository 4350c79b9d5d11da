"""Showing users of a pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from terminal import Terminal

_COLUMNS = ("User name", "E-mail", "Status", "Created")


def show_users(terminal: Terminal, users: Sequence[Mapping[str, Any]]) -> None:
    """Show users, as ListUsers returns them, in a table; times are local."""
    terminal.table(f"Users: {len(users)}", _COLUMNS, [_row(user) for user in users])


def attribute(attributes: Sequence[Mapping[str, Any]], name: str) -> str:
    """Return an attribute of a user out of Cognito's list of them, or an empty string."""
    return next((str(item.get("Value", "")) for item in attributes if item["Name"] == name), "")


def _row(user: Mapping[str, Any]) -> tuple[str, str, str, str]:
    created = user.get("UserCreateDate")
    return (
        user.get("Username", ""),
        attribute(user.get("Attributes", []), "email"),
        user.get("UserStatus", ""),
        f"{created:%Y-%m-%d %H:%M:%S}" if created else "",
    )
