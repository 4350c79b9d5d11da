"""The players of a scenario, and their mode: the person at the terminal, or an unattended stand-in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import question
from program.answers import PreparedAnswers, Unattended
from program.command_line import is_attended, is_reading
from scenario.mode import Experiments, Mode
from scenario.person import Person

if TYPE_CHECKING:
    import argparse

    from program.outline import Outline
    from program.targets import Target
    from question import Asker, Validator
    from terminal import Terminal


def mode_for(arguments: argparse.Namespace) -> Mode:
    """Return how the command line has the scenario played."""
    reading = is_reading(arguments)
    experiments = Experiments.OFFERED if reading else Experiments.NONE
    return Mode(
        is_attended=is_attended(arguments),
        is_reading=reading,
        is_quiet=arguments.quiet,
        shows_tokens=arguments.show_tokens,
        experiments=Experiments.ALL if arguments.experiments else experiments,
        qr_image=arguments.qr_image,
    )


class UnattendedPerson(Person):
    """Stands in for a person where nobody is, and waits for nothing."""

    def wait(self, _seconds: float, _reason: str) -> None:
        """Go on at once."""


def person_for(outline: Outline, arguments: argparse.Namespace, target: Target, terminal: Terminal) -> Person:
    """Return the person at the terminal or, with `--auto` on a local pool, one who waits for nothing."""
    if arguments.auto:
        return UnattendedPerson(terminal, Unattended(terminal, target.mailbox, outline.answers))
    ask: Asker = question.ask
    if is_reading(arguments):
        ask = KeyNotingAsker(ask, terminal)
        terminal.pause_when_full(lambda: ask("Press Enter to go on", name="go_on"))
    return Person(terminal, prepared(arguments, terminal, ask))


def prepared(arguments: argparse.Namespace, terminal: Terminal, ask: Asker) -> Asker:
    """Return who answers: the person, apart from what a file and the environment answer already."""
    answers: dict[str, str] = dict(arguments.answers or {})
    if os.environ.get("COGNITO_PASSWORD"):
        answers["password"] = os.environ["COGNITO_PASSWORD"]
    return PreparedAnswers(ask, terminal, answers)


class KeyNotingAsker:
    """An asker that lets the terminal know of each answer: what is above it has been read.

    Args:
        ask: what answers.
        terminal: counts the lines since the last answer.
    """

    def __init__(self, ask: Asker, terminal: Terminal) -> None:
        self._ask = ask
        self._terminal = terminal

    def __call__(
        self, question: str, *validators: Validator, hidden: bool = False, name: str | None = None
    ) -> Any:
        """Return the answer."""
        answer = self._ask(question, *validators, hidden=hidden, name=name)
        self._terminal.note_key()
        return answer
