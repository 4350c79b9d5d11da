"""Experiments: calls that Cognito refuses, for a person who wants to see how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from scenario.mode import Experiments, Mode
from scenario.refusals import code_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scenario.person import Person

_TRY = "x"


@dataclass(frozen=True)
class Experiment:
    """One call that Cognito refuses.

    Attributes:
        what: a title, such as "Use the code again".
        why: why Cognito refuses it.
        code: the error code to expect.
        call: makes the call.
    """

    what: str
    why: str
    code: str
    call: Callable[[], object]


def try_refusals(person: Person, mode: Mode, experiments: Sequence[Experiment]) -> None:
    """Try experiments as the mode has it: all of them, those that the person asks for, or none.

    Where the person is reading, this is the pause at the end of a step, too.
    """
    if mode.experiments is Experiments.ALL:
        for experiment in experiments:
            run(person, experiment)
        return
    left = list(experiments) if mode.experiments is Experiments.OFFERED else []
    while mode.is_reading and _wants_one(person, has_any=bool(left)):
        run(person, left.pop(0))


def run(person: Person, experiment: Experiment) -> None:
    """Make the call, and say whether Cognito refused it as expected; the call itself shows how."""
    person.terminal.say()
    person.terminal.say(f"Experiment: {experiment.what}.")
    try:
        experiment.call()
    except ClientError as refusal:
        if code_of(refusal) == experiment.code:
            person.terminal.hint(experiment.why)
        else:
            person.terminal.warn(f"{experiment.code} was expected here.")
    else:
        person.terminal.warn(f"Cognito accepted that; {experiment.code} was expected.")


def _wants_one(person: Person, *, has_any: bool) -> bool:
    """Wait for Enter; return whether an experiment is wanted."""
    if not has_any:
        person.ask("Press Enter to go on", name="go_on")
        return False
    answer: str = person.ask("Enter to go on, x to try something that Cognito refuses:", name="go_on")
    return answer.casefold() == _TRY
