"""Answers that need no person: from a file and the environment, or all of them for a run on its own."""

from __future__ import annotations

import json
import os
import secrets
import stat
from argparse import ArgumentTypeError
from collections import Counter
from typing import TYPE_CHECKING, Any

from question import checked, escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from question import Asker, Validator
    from scenario.stand_ins import Mailbox
    from terminal import Terminal

    Answers = Mapping[str, Callable[[], str]]  # by the names of the questions

IDS = ("user_pool_id", "client_id", "region")
NAMES = ("user_name", "email", *IDS)
_MOST_TIMES = 5  # that nobody answers a question; it comes up again when the answer was refused
_LONGEST = 65_536  # bytes of the file
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)  # a pipe that nobody writes to would be waited for


def read_answers(path: str) -> dict[str, str]:
    """Read a JSON object with `user_name`, `email` and the IDs, any of which may be missing.

    Raises:
        ArgumentTypeError: the file can't be read, is no such object, or has anything else in it.
    """
    try:
        content = json.loads(_content(path).decode("utf-8-sig"))
    except OSError as error:
        raise ArgumentTypeError(f"{path} can't be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise ArgumentTypeError(f"{path} is not JSON text.") from None
    if not isinstance(content, dict) or not all(_is_text(value) for value in content.values()):
        raise ArgumentTypeError(f"{path} must hold a JSON object, with text as its values.")
    if "password" in content:
        raise ArgumentTypeError(
            f"{path} holds a password, which belongs in no file: set COGNITO_PASSWORD instead."
        )
    unknown = escaped(", ".join(sorted(set(content) - set(NAMES))))
    if unknown:
        raise ArgumentTypeError(f"{path} has answers that nothing asks for: {unknown}.")
    return content


def _content(path: str) -> bytes:
    """Return what a file holds; anything else than a file may have no end, and is refused."""
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | _NO_WAIT)) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ArgumentTypeError(f"{path} is not a file.")
        content = file.read(_LONGEST + 1)
    if len(content) > _LONGEST:
        raise ArgumentTypeError(f"{path} has more than {_LONGEST} bytes, far too many for a few answers.")
    return content


def _is_text(value: object) -> bool:
    """Tell whether a value is text that can be sent: JSON may have halves of surrogate pairs."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


class NobodyThereError(RuntimeError):
    """A question came up that only a person could answer."""


class PreparedAnswers:
    """An asker that answers what it can, each question once, and passes all others on.

    A question whose answer is refused, at once or by Cognito later, is passed on like any other.

    Args:
        ask: what answers everything else.
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
        self._terminal.say(f"{question.rstrip(':')}: {'(hidden)' if hidden else self._answers[name]}")
        value, complaint = checked(self._answers[name], validators)
        if value is None:
            # It answers no other question either, such as the one for the repetition of a password.
            self._answers = {key: text for key, text in self._answers.items() if key != name}
            self._terminal.warn(complaint)
            return self._ask(question, *validators, hidden=hidden, name=name)
        return value


class Unattended:
    """An asker that answers by itself, out of what a person would know, and shows each answer.

    An empty answer to an MFA prompt leaves the code to the built-in authenticator.

    Args:
        terminal: where questions and answers are shown.
        mailbox: where codes arrive, if anybody can read them there.
        answers: by the names of the questions, in place of the usual ones.
    """

    def __init__(
        self,
        terminal: Terminal,
        mailbox: Mailbox | None,
        answers: Answers | None = None,
    ) -> None:
        self._terminal = terminal
        self._mailbox = mailbox
        self._times: Counter[str] = Counter()
        password = f"{secrets.token_urlsafe(12)}-Aa1"
        self._answers: Answers = {
            "user_name": lambda: "visitor",
            "email": lambda: "visitor@example.com",
            "password": lambda: password,
            **dict.fromkeys(("confirmation_code", "sent_code"), self._newest_code),
            "set_up_code": str,
            "mfa_code": str,
            **dict.fromkeys(("remember_device", "forget_device", "delete_user"), lambda: "y"),
            **(answers or {}),
        }

    def __call__(
        self, question: str, *validators: Validator, hidden: bool = False, name: str | None = None
    ) -> Any:
        """Answer the question called `name`.

        Raises:
            NobodyThereError: there is no answer to this question, or it was refused at once, or too often.
        """
        if name is None or name not in self._answers:
            raise NobodyThereError(f'Nobody is there to answer "{question}".')
        self._times[question] += 1
        if self._times[question] > _MOST_TIMES:
            raise NobodyThereError(f'No answer to "{question}" was right, {_MOST_TIMES} times in a row.')
        answer = self._answers[name]()
        self._terminal.say(f"{question.rstrip(':')}: {'********' if hidden else answer or '(Enter)'}")
        value, complaint = checked(answer, validators)
        if value is None:
            raise NobodyThereError(f'The answer to "{question}" was refused: {complaint}')
        return value

    def _newest_code(self) -> str:
        message = self._mailbox.latest(self._answers["email"]()) if self._mailbox else None
        return message["code"] if message else ""
