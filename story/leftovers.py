"""What a run leaves in the pool: saying what exists, and removing it."""

from __future__ import annotations

import shlex
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from story.advice import STOPPING
from story.refusals import is_gone
from story.sign_in import with_access_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from story.state import Account, Story


def show_what_exists(story: Story, account: Account) -> None:
    """Say what of this run is in the pool, and how to remove it."""
    if not account.exists:
        story.terminal.hint("Nothing of this run exists in the pool.")
        return
    before = "" if account.is_new else ", who was there before this run"
    things = [f"the user {account.user_name} ({account.state.value}{before})"]
    if account.device:
        things.append(f"the device {account.device.key}")
    story.terminal.hint(f"In the pool by now: {', '.join(things)}.")
    story.terminal.hint(story.way_to_remove.sentence)
    if story.way_to_remove.command:
        story.terminal.copyable(f"{story.way_to_remove.command} {shlex.quote(account.user_name)}")


@contextmanager
def announced_leftovers(story: Story, account: Account) -> Iterator[None]:
    """Say what exists in the pool when the block is left early: when the story is stopped, or by Ctrl-C."""
    try:
        yield
    except (KeyboardInterrupt, *STOPPING):
        story.terminal.say()
        show_what_exists(story, account)
        raise


def remove(story: Story, account: Account, call: Callable[[str], object]) -> None:
    """Make a call with the access token that removes something; it is no error when that is gone already."""
    try:
        with_access_token(story, account, call)
    except ClientError as refusal:
        if not is_gone(refusal):
            raise
