"""The end of the story: what exists in the pool by then, and removing it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from story.asking import agrees
from story.sign_in import call_with_token
from story.state import code_and_message

if TYPE_CHECKING:
    from collections.abc import Callable

    from story.state import Account, Story

GONE = {"ResourceNotFoundException", "UserNotFoundException"}


def show_what_exists(story: Story, how_to_remove: str) -> None:
    """Say what of this run is in the pool, and how to remove it.

    *how_to_remove* is a sentence and, in lines of their own, commands for ``{user_name}``.
    """
    account, device = story.account, story.device
    if account is None or not account.state:
        story.terminal.hint("Nothing of this run exists in the pool.")
        return
    before = "" if account.is_new else ", who was there before this run"
    things = [f"the user {account.user_name} ({account.state}{before})"]
    if device:
        things.append(f"the device {device.key}")
    story.terminal.hint(f"In the pool by now: {', '.join(things)}.")
    sentence, *commands = how_to_remove.splitlines()
    story.terminal.hint(sentence)
    for command in commands:
        story.terminal.copyable(command.format(user_name=shlex.quote(account.user_name)))


def clean_up(story: Story, account: Account, how_to_remove: str) -> None:
    """Offer to forget the device and to delete the user; say how to remove what stays."""
    story.begin_step(8, "Clean up", "ForgetDevice, DeleteUser")
    if story.device and agrees(story, "Forget the device?", "forget_device"):
        remove(story, account, story.cognito.forget_device, story.device.key)
        story.terminal.done("The device is forgotten: it can't stand in for an MFA code any more.")
        story.device = None
    whom = account.user_name if account.is_new else f"{account.user_name}, who was there before this run"
    if agrees(story, f"Delete the user {whom}?", "delete_user"):
        account.state = "perhaps deleted"
        remove(story, account, story.cognito.delete_user)
        story.terminal.done(f"{account.user_name} is deleted.")
    else:
        show_what_exists(story, how_to_remove)


def remove(story: Story, account: Account, method: Callable[..., object], *args: str) -> None:
    """Call a method that removes something; it is no error when that is gone already."""
    try:
        call_with_token(story, account, method, *args)
    except ClientError as error:
        if code_and_message(error)[0] not in GONE:
            raise
