"""Who goes through the story: the person at the terminal, and what stands in for the world around them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import question
from terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from question import Asker
    from scenario.stand_ins import Authenticator, Mailbox

    Wait = Callable[[float, str], bool]


@dataclass(frozen=True)
class Person:
    """Who goes through the story, by default the person at this terminal; and what stands in for the world.

    Attributes:
        terminal: where everything is shown.
        ask: answers the questions.
        mailbox: a mailbox whose messages can be shown, where there is one.
        authenticator: an authenticator that gives codes for empty answers, where there is one.
        wait: waits so many seconds for a reason, in place of the terminal; returns False when skipped.
        is_attended: whether questions that only come up when something goes wrong can be answered.
        is_reading: whether what is shown is left on the screen until the person presses Enter.
        is_quiet: whether the steps are not explained.
        shows_tokens: whether the person may see the access token whole.
        confirm: confirms the sign-up of a user, where nobody reads the mail with the code.
        qr_image: where the QR code's image is kept; by default it is gone once it has been used.
    """

    terminal: Terminal = field(default_factory=Terminal)
    ask: Asker = question.ask
    mailbox: Mailbox | None = None
    authenticator: Authenticator | None = None
    wait: Wait | None = None
    is_attended: bool = True
    is_reading: bool = False
    is_quiet: bool = False
    shows_tokens: bool = False
    confirm: Callable[[str], object] | None = None
    qr_image: Path | None = None

    def let_read(self, prompt: str = "Press Enter to go on") -> None:
        """Go on when the person has pressed Enter; where nobody sits at a terminal, at once."""
        if self.is_reading:
            self.ask(prompt, name="go_on")

    def pause(self, seconds: float, reason: str) -> None:
        """Wait for a reason, unless that is skipped."""
        (self.wait or self.terminal.wait)(seconds, reason)
