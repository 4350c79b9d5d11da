"""What a run leaves in the pool: saying what exists, and removing it."""

from __future__ import annotations

import shlex
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from scenario.pool_facts import listed
from scenario.refusals import is_gone
from scenario.sign_in import with_access_token
from terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scenario.state import Account, Story


def what_is_left(account: Account) -> str:
    """Say in a sentence what of this run is in the pool."""
    if not account.exists:
        return "Nothing of this run is left in the pool."
    return f"Left in the pool: {listed(_things(account))}."


def show_what_exists(story: Story, account: Account, terminal: Terminal | None = None) -> None:
    """Say what of this run is in the pool, and how to remove it; by default at the story's terminal."""
    terminal = terminal or story.terminal
    if not account.exists:
        terminal.hint("Nothing of this run exists in the pool.")
        return
    terminal.hint(f"In the pool by now: {', '.join(_things(account))}.")
    terminal.hint(story.way_to_remove.sentence)
    if story.way_to_remove.command:
        terminal.copyable(f"{story.way_to_remove.command} {shlex.quote(account.user_name)}")


def _things(account: Account) -> list[str]:
    before = "" if account.is_new else ", who was there before this run"
    user = f"the user {account.user_name} ({account.state.value}{before})"
    return [user, f"the device {account.device.key}"] if account.device else [user]


@contextmanager
def announced_leftovers(story: Story, account: Account) -> Iterator[None]:
    """Say what exists in the pool when the block is left early, in whatever way: by an error, by a signal."""
    try:
        yield
    except BaseException:
        try:
            story.terminal.say()
            show_what_exists(story, account)
        except OSError:  # the output is what is gone
            with suppress(OSError):
                show_what_exists(story, account, Terminal(stderr=True))
        raise


def remove(story: Story, account: Account, call: Callable[[str], object]) -> None:
    """Make a call with the access token that removes something; it is no error when that is gone already."""
    try:
        with_access_token(story, account, call)
    except ClientError as refusal:
        if not is_gone(refusal):
            raise
