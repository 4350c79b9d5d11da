"""The person's interface: shows, asks and waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import question
from terminal import Terminal

if TYPE_CHECKING:
    from question import Asker


class Person:
    """The person who plays a scenario, by default the one at this terminal.

    Args:
        terminal: shows everything.
        ask: answers the questions.
    """

    def __init__(self, terminal: Terminal | None = None, ask: Asker = question.ask) -> None:
        self.terminal = terminal or Terminal()
        self.ask = ask

    def wait(self, seconds: float, reason: str) -> None:
        """Wait for a reason, such as "Waiting for the lock to end", unless that is skipped."""
        self.terminal.wait(seconds, reason)
