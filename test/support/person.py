"""A person at a terminal: the real program in a pseudo-terminal, and what is typed there."""

from __future__ import annotations

import io
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pexpect

import scenario_signup_user_with_mfa as scenario
from test.support.pseudo_terminal import in_terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from signal import Signals

PROGRAM = Path(scenario.__file__)
USER, EMAIL, PASSWORD = "alice", "alice@example.com", "Correct-Horse-1!"
CODE_FROM_MAIL = object()
UNNOTICED_SECONDS = 10  # after which a Ctrl-C or another signal was not seen
WAIT = r"m (\d+) s"  # the bar, from when on keys are read
# Enter goes on from these.
PAUSE = (
    r"(?:Press Enter to (?:begin|go on)|Enter to go on, x to try something that Cognito refuses"
    r"|Save these calls as a Python program\? File name, or Enter for none|Go on\? \(Y/n\)):? "
)
# Each question in its order, and what is typed there.
WAY: dict[str, Any] = {
    "User name": USER,
    "E-mail address": EMAIL,
    "Password": PASSWORD,
    "Password once more": PASSWORD,
    "Code from the e-mail": CODE_FROM_MAIL,
    "Code that the app shows": "",
    WAIT: "",
    "MFA code": "",
    "Forget the device?": "y",
    f"Delete the user {USER}?": "y",
}


def environment(temporary: Path, **changes: str) -> dict[str, str]:
    """Return an environment in which nothing is set up, and temporary files go to that folder."""
    plain = {
        "PATH": os.defpath,
        "HOME": str(temporary / "nowhere"),
        "TMPDIR": str(temporary),
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm-256color",
    }
    return plain | changes


class Person:
    """A person who runs the program, reads the screen and types.

    Args:
        temporary: where the program's temporary files go.
        arguments: of the command line.
        size: of the terminal, in lines and columns.
        changes: to the environment.

    Attributes:
        keys: how long the screen's text was at each Enter.
    """

    def __init__(
        self,
        temporary: Path,
        arguments: Iterable[str] = (),
        size: tuple[int, int] = (60, 200),  # wide enough for paths of temporary files
        **changes: str,
    ) -> None:
        self.keys: list[int] = []
        self.child = in_terminal(
            *(sys.executable, str(PROGRAM), *arguments),
            environment=environment(temporary, **changes),
            size=size,
        )
        self.child.delaybeforesend = None  # a prompt that is on the screen can be answered at once
        self._seen = self.child.logfile_read = io.StringIO()

    @property
    def screen(self) -> str:
        """Everything that was on the screen so far."""
        return self._seen.getvalue()

    @property
    def text(self) -> str:
        """The same as it reads: without escape sequences, line breaks as spaces."""
        return " ".join(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.screen).split())

    def wait_for(self, question: str) -> None:
        """Wait until this is asked, or for the bar."""
        asked = rf"{re.escape(question)}(?: \([^)]*\))?(?:\r\n>|:) "
        self.read_on_to(WAIT if question == WAIT else asked)

    def read_on_to(self, pattern: Any) -> None:
        """Wait for this, and press Enter wherever the program waits for a reader meanwhile."""
        while self.child.expect([PAUSE, pattern]) == 0:
            self.type("")

    def answer(self, question: str, text: str) -> None:
        """Wait until this is asked and type the answer."""
        self.wait_for(question)
        if question != WAIT or self._is_worth_skipping():
            self.type(text)

    def type(self, text: str) -> None:
        """Type this, and press Enter."""
        self.keys.append(len(self.screen))
        self.child.sendline(text)

    def go_on_to(self, question: str) -> None:
        """Answer everything that comes before this question, and wait until it is asked."""
        for earlier, answer in WAY.items():
            if earlier == question:
                break
            self.answer(earlier, self.code_from_mail() if answer is CODE_FROM_MAIL else answer)
        self.wait_for(question)

    def clean_up(self, *first: str) -> None:
        """Answer the questions of the last step; the first of them with something else before."""
        forget, delete = list(WAY)[-2:]
        for answer in (*first, WAY[forget]):
            self.answer(forget, answer)
        self.answer(delete, WAY[delete])

    def code_from_mail(self) -> str:
        """Read the newest code from the mail on the screen."""
        self.read_on_to(r"confirmation code is (\d{6})")
        return self._matched()

    def interrupt(self) -> None:
        """Press Ctrl-C; once more when the program takes no notice.

        CPython's readline sees one that comes between a prompt and the wait for keys only with the next key.
        """
        self._repeat_unless_noticed(self.child.sendintr)

    def kill(self, number: Signals) -> None:
        """Send the program a signal that ends it; once more when it takes no notice, as with Ctrl-C."""
        self._repeat_unless_noticed(lambda: self.child.kill(number))

    def leave(self) -> int:
        """Read on until the program has ended, and return its exit status."""
        self.read_on_to(pexpect.EOF)
        self.child.close()
        assert self.child.exitstatus is not None, f"ended by signal {self.child.signalstatus}"
        return self.child.exitstatus

    def _repeat_unless_noticed(self, interrupt: Callable[[], None]) -> None:
        interrupt()
        if self.child.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=UNNOTICED_SECONDS):
            interrupt()

    def _is_worth_skipping(self) -> bool:
        # With less time left, Enter could come after the end and answer the next question.
        return int(self._matched()) > 3

    def _matched(self) -> str:
        assert isinstance(self.child.match, re.Match)
        return self.child.match[1]
