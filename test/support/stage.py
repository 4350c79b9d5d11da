"""What tests put around the scenario: a script to answer from, a quiet terminal, a pocket TOTP."""

from __future__ import annotations

import base64
import hmac
import io
from typing import TYPE_CHECKING, Any

from rich.console import Console

from question import EndOfInput, checked
from terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from question import Validator

STEP_SECONDS = 30


class Script:
    """Answers by the name of the question, each list from its beginning.

    What a validator refuses is asked again at once, as `question.ask` does. An answer may be a function that
    is called when its turn comes.

    Attributes:
        asked: (name, hidden) of each question, also of those that were asked again.
        questions: their texts.
        complaints: why validators refused an answer.
    """

    def __init__(self, **answers: list[str | Callable[[], str]]) -> None:
        self.left = {name: list(texts) for name, texts in answers.items()}
        self.asked: list[tuple[str | None, bool]] = []
        self.questions: list[str] = []
        self.complaints: list[str] = []

    def __call__(
        self, question: str, *validators: Validator, hidden: bool = False, name: str | None = None
    ) -> Any:
        """Return the next answer that the validators accept."""
        while True:
            self.asked.append((name, hidden))
            self.questions.append(question)
            if not self.left.get(name or ""):
                raise EndOfInput(question, name)
            answer = self.left[name or ""].pop(0)
            value, complaint = checked(answer() if callable(answer) else answer, validators)
            if value is not None:
                return value
            self.complaints.append(complaint)

    @property
    def unused(self) -> dict[str, list[str | Callable[[], str]]]:
        """The answers that no question asked for."""
        return {name: answers for name, answers in self.left.items() if answers}


def quiet_terminal(width: int = 200) -> Terminal:
    """Return a terminal that shows plain text to nobody; see `shown`."""
    return Terminal(Console(file=io.StringIO(), width=width, color_system=None, highlight=False))


def shown(terminal: Terminal) -> str:
    """Return everything that a quiet terminal showed, in one line."""
    return " ".join(output_of(terminal).split())


def output_of(terminal: Terminal) -> str:
    """Return everything that a quiet terminal showed, as it is."""
    output = terminal.console.file
    assert isinstance(output, io.StringIO)
    return output.getvalue()


def totp(secret: str, step: int) -> str:
    """Return the code of a time step (RFC 6238; RFC 4226, section 5.3), computed apart from the product."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, step.to_bytes(8, "big"), "sha1")
    start = digest[-1] & 0xF
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def wrong_totp(secret: str, step: int) -> str:
    """Return six digits that are the code of no time step around that one."""
    near = {totp(secret, step + offset) for offset in range(-2, 4)}
    return next(code for code in map(str, range(731_905, 731_920)) if code not in near)
