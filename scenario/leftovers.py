"""Leftovers of a run in the pool: which exist, and how to remove them."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from scenario.pool_facts import join_words
from terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scenario.state import Account, Scenario

_LONGEST_NAME = 128  # characters, of a user in the API


def what_is_left(account: Account) -> str:
    """Say in a sentence what of this run is in the pool."""
    if not account.exists:
        return "Nothing of this run is left in the pool."
    return f"Left in the pool: {join_words(_things(account))}."


def show_what_exists(scenario: Scenario, account: Account, terminal: Terminal | None = None) -> None:
    """Say what of this run is in the pool, and how to remove it; by default at the scenario's terminal."""
    terminal = terminal or scenario.terminal
    if not account.exists:
        terminal.hint("Nothing of this run exists in the pool.")
        return
    terminal.hint(f"In the pool by now: {', '.join(_things(account))}.")
    terminal.hint(scenario.way_to_remove.sentence)
    command = scenario.way_to_remove.command
    if command and len(account.user_name) > _LONGEST_NAME:
        terminal.warn("No command is shown: the name is longer than one of Cognito's, and would be cut off.")
    elif command:
        terminal.copyable(command(account.user_name))


def _things(account: Account) -> list[str]:
    before = "" if account.is_new else ", who was there before this run"
    user = f"the user {account.user_name} ({account.state.value}{before})"
    return [user, f"the device {account.device.key}"] if account.device else [user]


@contextmanager
def announcing_leftovers(scenario: Scenario, account: Account) -> Iterator[None]:
    """Say what exists in the pool when the block is left early, in whatever way: by an error, by a signal."""
    try:
        yield
    except BaseException:
        try:
            scenario.terminal.say()
            show_what_exists(scenario, account)
        except OSError:  # the output is what is gone
            with suppress(OSError):
                show_what_exists(scenario, account, Terminal(stderr=True))
        raise
