"""Answers that are there before their questions: name and address from a file, the password from outside."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from pathlib import Path
from typing import TYPE_CHECKING, Any

from question import checked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from question import Asker, Validator
    from terminal import Terminal

NAMES = ("user_name", "email")


def read_answers(path: str) -> dict[str, str]:
    """Read a JSON object with ``user_name`` and ``email``, either of which may be missing.

    Raises:
        ArgumentTypeError: the file can't be read, is no such object, or has anything else in it.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ArgumentTypeError(f"{path} can't be read: {error.strerror}.") from None
    except ValueError:
        raise ArgumentTypeError(f"{path} is no JSON text.") from None
    if not isinstance(content, dict) or not all(isinstance(value, str) for value in content.values()):
        raise ArgumentTypeError(f"{path} must hold a JSON object, with text as its values.")
    if "password" in content:
        raise ArgumentTypeError(
            f"{path} holds a password, which belongs in no file: set COGNITO_PASSWORD instead."
        )
    unknown = ", ".join(sorted(set(content) - set(NAMES)))
    if unknown:
        raise ArgumentTypeError(f"{path} has answers that nothing asks for: {unknown}.")
    return content


class PreparedAnswers:
    """An asker that answers what it can, each question once, and leaves all others to somebody else.

    An answer that is refused, at once or by Cognito later, is asked of that somebody like any other.

    Args:
        ask: who answers everything else.
        terminal: where prepared answers are shown.
        answers: by the names of the questions.
    """

    def __init__(self, ask: Asker, terminal: Terminal, answers: Mapping[str, str]) -> None:
        self._ask = ask
        self._terminal = terminal
        self._answers = answers
        self._answered: set[str] = set()

    def __call__(
        self, question: str, *validators: Validator, hidden: bool = False, name: str | None = None
    ) -> Any:
        """Answer the question, or have it answered."""
        if name is None or name not in self._answers or question in self._answered:
            return self._ask(question, *validators, hidden=hidden, name=name)
        self._answered.add(question)
        self._terminal.say(f"{question}: {'(hidden)' if hidden else self._answers[name]}")
        value, complaint = checked(self._answers[name], validators)
        if value is None:
            self._terminal.warn(complaint)
            return self._ask(question, *validators, hidden=hidden, name=name)
        return value
