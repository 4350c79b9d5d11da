"""Showing users of a pool: some of them, however many there are, and the person's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from scenario.refusals import is_access_denied

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from scenario.state import Account, Story
    from terminal import Terminal

MOST_SHOWN = 10
_COLUMNS = ("User name", "E-mail", "Status", "Created")


def show_some_users(story: Story, account: Account, users: Sequence[Mapping[str, Any]]) -> None:
    """Show the first of the users, and the person's own below them when that is a later one.

    Args:
        story: the surroundings.
        account: whose row is shown in any case.
        users: the first ones of ListUsers, one more than are shown when there are that many.
    """
    if len(users) <= MOST_SHOWN:
        show_users(story.terminal, f"Users: {len(users)}", users)
        return
    first = list(users[:MOST_SHOWN])
    if not any(_is_of(account, user) for user in first):
        first.append(story.cognito.admin_get_user(account.user_name))
    show_users(story.terminal, f"Users: {_estimated_total(story)}; the first of them, and yours", first)


def show_users(terminal: Terminal, title: str, users: Sequence[Mapping[str, Any]]) -> None:
    """Show users, as ListUsers or AdminGetUser return them, in a table; times are local."""
    terminal.table(title, _COLUMNS, [_row(user) for user in users])


def attribute(attributes: Sequence[Mapping[str, Any]], name: str) -> str:
    """Return an attribute of a user out of Cognito's list of them, or an empty string."""
    return next((str(item.get("Value", "")) for item in attributes if item["Name"] == name), "")


def _is_of(account: Account, user: Mapping[str, Any]) -> bool:
    # In a pool whose users sign in by address, a made-up name stands in the list in place of the address.
    return account.user_name in {user.get("Username"), attribute(user.get("Attributes", []), "email")}


def _estimated_total(story: Story) -> str:
    try:
        total = story.cognito.describe_user_pool()["UserPool"].get("EstimatedNumberOfUsers")
    except ClientError as refusal:
        if not is_access_denied(refusal):
            raise
        total = None
    return f"more than {MOST_SHOWN}" if total is None else f"about {total}"


def _row(user: Mapping[str, Any]) -> tuple[str, str, str, str]:
    created = user.get("UserCreateDate")
    attributes = user.get("Attributes") or user.get("UserAttributes") or []
    return (
        user.get("Username", ""),
        attribute(attributes, "email"),
        user.get("UserStatus", ""),
        f"{created:%Y-%m-%d %H:%M:%S}" if created else "",
    )
