"""Running a scenario: on a user pool in AWS or on one on this machine, after a look at its settings.

`main` is the program. It is handed the scenario, and knows nothing of its steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

import question
from program import preflight
from program.ahead import Ahead, BegunCalls
from program.command_line import is_reading, parse_arguments
from program.endings import DONE, interrupted, signals_handled, stopped, stopped_by
from program.opening import show_pool, welcome
from program.tracing import traced
from story.advice import STOPPING
from story.password_policy import PasswordPolicy
from story.retrying import retrying
from terminal import Terminal

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence
    from contextlib import ExitStack

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from cognito_idp_actions import CognitoIdentityProviderWrapper
    from program.places import Place
    from program.trace import Trace
    from story.person import Person
    from story.state import WayToRemove


class Scenario(Protocol):
    """What `main` runs: see `run_scenario` in the lesson."""

    def __call__(
        self,
        cognito_idp_client: CognitoIdentityProviderClient,
        user_pool_id: str,
        client_id: str,
        *,
        client_secret: str | None,
        person: Person,
        way_to_remove: WayToRemove,
        on_step: Callable[[int, str], None],
        password_policy: PasswordPolicy | None,
    ) -> None:
        """Run to the end, or raise one of `STOPPING`."""


def main(scenario: Scenario, argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status: 0 done, 1 stopped, 2 usage, 3 unknown, 130 Ctrl-C."""
    try:
        with signals_handled():
            arguments = parse_arguments(argv)
            if arguments.check:
                return check(arguments)
            return play(scenario, arguments)
    except KeyboardInterrupt:
        return interrupted()
    except STOPPING as error:
        return stopped_by(error)


def check(arguments: argparse.Namespace) -> int:
    """Check the settings alone; see `program/checking.py`."""
    from program.checking import check  # noqa: PLC0415 - it loads boto3

    return check(arguments)


def play(scenario: Scenario, arguments: argparse.Namespace) -> int:
    """Say what will happen and, while that is read, load what is heavy; then run the scenario."""
    opened = Ahead(lambda: open_place(arguments))
    try:
        welcome(Terminal(), arguments.user_pool_id)
        if is_reading(arguments):
            question.ask("Press Enter to begin.", name="go_on")
    except BaseException:
        opened.give_up(lambda it: it[1].close())
        raise
    place, closing = opened.result()
    with closing, traced(arguments) as trace:
        trace.attach(place.cognito.cognito_idp_client)
        is_followed = bool(arguments.trace or arguments.diagram)
        return run(scenario, place, trace, is_side_by_side=not is_followed)


def open_place(arguments: argparse.Namespace) -> tuple[Place, ExitStack]:
    """Load boto3, and the local pool where that is needed, and open the place that is asked for."""
    from program.places import opened_place  # noqa: PLC0415 - it takes longer than the first words may

    return opened_place(arguments)


def run(scenario: Scenario, place: Place, trace: Trace, *, is_side_by_side: bool) -> int:
    """Check the settings, and run the scenario if they allow it; return the exit status.

    Args:
        scenario: what to run.
        place: where.
        trace: is told of the steps.
        is_side_by_side: whether the settings are read all at once. A trace tells more of one after another.
    """
    person, cognito = place.person, place.cognito
    report = preflight.inspect(read_by(place, is_side_by_side=is_side_by_side), cognito.client_secret)
    show_pool(person, cognito.user_pool_id, place.where, report)
    preflight.show_briefly(person.terminal, report)
    if not report.can_start:
        return stopped("The pool is not set up for the story.", "The lines above say what to change.")
    scenario(
        cognito.cognito_idp_client,
        cognito.user_pool_id,
        cognito.client_id,
        client_secret=report.client_secret,
        person=person,
        way_to_remove=place.way_to_remove,
        on_step=trace.step,
        password_policy=PasswordPolicy.of(report.pool),
    )
    if place.farewell:
        sentence, command = place.farewell
        person.terminal.hint(sentence)
        person.terminal.copyable(command)
    return DONE


def read_by(place: Place, *, is_side_by_side: bool) -> CognitoIdentityProviderWrapper:
    """Return a wrapper to read the settings by, which offers another attempt for each call that fails."""
    cognito = place.cognito
    if is_side_by_side:
        cognito = cast("CognitoIdentityProviderWrapper", BegunCalls(cognito, preflight.READERS))
    return retrying(cognito, place.person)
