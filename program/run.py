"""Running a scenario: on a user pool in AWS or on one on this machine, after a look at its settings.

`main` is the program. It is handed the scenario, and knows nothing of its steps.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

import question
from program import preflight
from program.ahead import Ahead, BegunCalls, later
from program.answers import NobodyThereError
from program.command_line import is_reading, parse_arguments
from program.endings import (
    DONE,
    interrupted,
    output_finished,
    signals_handled,
    stopped,
    stopped_by,
    stopped_by_system,
)
from program.opening import recap, show_pool, welcome
from program.output_files import agree_to_write
from program.tracing import traced
from scenario.advice import STOPPING
from scenario.asking import yesno
from scenario.pool_facts import PoolFacts
from scenario.retrying import retrying
from terminal import Terminal

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence
    from contextlib import ExitStack
    from types import ModuleType

    from botocore.model import OperationModel
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from cognito_idp_actions import CognitoIdentityProviderWrapper
    from program.places import Place
    from program.preflight import Report
    from program.smoke_test import Visitor
    from program.tracing import Followers
    from scenario.person import Person
    from scenario.state import WayToRemove


class Scenario(Protocol):
    """What `main` runs: see `run_scenario` in the lesson."""

    def __call__(
        self,
        cognito_idp_client: CognitoIdentityProviderClient,
        user_pool_id: str,
        client_id: str,
        *,
        client_secret: str | None,
        aws_srp: ModuleType,
        person: Person,
        way_to_remove: WayToRemove,
        on_step: Callable[[int, str], None],
        pool: PoolFacts,
    ) -> str:
        """Run to the end, and say what is left in the pool; or raise one of `STOPPING`."""


def main(scenario: Scenario, argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status: 0 done, 1 stopped, 2 usage, 3 unknown, 130 Ctrl-C."""
    try:
        with signals_handled(), output_finished():
            arguments = parse_arguments(argv)
            for file in (arguments.diagram, arguments.trace_json):
                if file and not (arguments.auto or arguments.json or agree_to_write(file)):
                    return stopped(f"{file} stays as it is.", "Name another file.")
            return check(arguments) if arguments.check else play(scenario, arguments)
    except KeyboardInterrupt:
        return interrupted()
    except STOPPING as error:
        return stopped_by(error)
    except NobodyThereError as error:
        return stopped(str(error), "Run it at a terminal, without --auto.")
    except OSError as error:
        return stopped_by_system(error)


def check(arguments: argparse.Namespace) -> int:
    """Check the settings alone; see `program/checking.py`."""
    from program.checking import check  # noqa: PLC0415 - it loads boto3

    return check(arguments)


def play(scenario: Scenario, arguments: argparse.Namespace) -> int:
    """Say what will happen and, while that is read, load what is heavy; then run the scenario."""
    if not arguments.quiet:
        welcome(Terminal(), arguments.user_pool_id)
    opened = Ahead(lambda: open_place(arguments))
    try:
        if is_reading(arguments):
            question.ask("Press Enter to begin", name="go_on")
    except BaseException:
        opened.give_up(lambda it: it[1].close())
        raise
    place, closing = opened.result()
    with closing, traced(arguments) as followers:
        if place.is_new and place.person.is_reading and not followers.are_there:
            return run_at_once(scenario, place)
        followers.attach(place.cognito.cognito_idp_client)
        place = replace(place, person=followers.heard(place.person))
        read_by = all_at_once if not (arguments.trace or arguments.diagram) else one_by_one
        if place.visitor:
            return smoke_test(scenario, place, place.visitor, followers, read_by(place))
        return run(scenario, place, followers, read_by(place))


def open_place(arguments: argparse.Namespace) -> tuple[Place, ExitStack]:
    """Load boto3, and the local pool where that is needed, and open the place that is asked for."""
    from program.places import opened_place  # noqa: PLC0415 - it takes longer than the first words may

    return opened_place(arguments)


def run(
    scenario: Scenario, place: Place, followers: Followers, reader: CognitoIdentityProviderWrapper
) -> int:
    """Check the settings, and run the scenario if they allow it; return the exit status.

    Args:
        scenario: what to run.
        place: where.
        followers: are told of the steps.
        reader: what to read the settings by.
    """
    report = preflight.inspect(reader, place.cognito.client_secret)
    show_pool(place.person, place.cognito.user_pool_id, place.where, report)
    preflight.show_briefly(place.person.terminal, report)
    if not report.can_start:
        return stopped("The pool is not set up for the story.", "The lines above say what to change.")
    if report.wrong and place.person.is_reading and not yesno(place.person.ask, "Go on?", "go_on_anyway"):
        return stopped("Nothing was changed in the pool.")
    actions = noted_actions(place.cognito.cognito_idp_client)
    left = run_scenario(scenario, place, facts_in(report), report.client_secret, followers.step)
    if place.person.is_reading:
        recap(place.person.terminal, actions, left)
    if place.farewell:
        sentence, command = place.farewell
        place.person.terminal.hint(sentence)
        place.person.terminal.copyable(command)
    return DONE


def run_at_once(scenario: Scenario, place: Place) -> int:
    """Run the scenario on a pool that was made for it, while client and settings are still on their way.

    They are waited for, and the pool is shown, when the scenario first needs a fact of it: by then the person
    has typed an answer or two.
    """

    def look() -> tuple[Report, list[str]]:
        report = preflight.inspect(place.cognito, None)
        return report, noted_actions(place.cognito.cognito_idp_client)

    looked = Ahead(look)

    @cache
    def facts() -> PoolFacts:
        report, _ = looked.result()
        show_pool(place.person, place.cognito.user_pool_id, place.where, report)
        preflight.show_briefly(place.person.terminal, report)
        return facts_in(report)

    left = run_scenario(scenario, place, later(facts))
    recap(place.person.terminal, looked.result()[1], left)
    return DONE


def smoke_test(
    scenario: Scenario,
    place: Place,
    visitor: Visitor,
    followers: Followers,
    reader: CognitoIdentityProviderWrapper,
) -> int:
    """Run the scenario with nobody there, and end with a verdict; return the exit status."""
    from program.smoke_test import verdict  # noqa: PLC0415 - only here

    def play() -> str:
        report = preflight.inspect(reader, place.cognito.client_secret)
        preflight.show_briefly(place.person.terminal, report)
        complaints = " ".join(finding.complaint for finding in report.wrong)
        if not report.can_start:
            return f"The pool is not set up for the story. {complaints}"
        run_scenario(scenario, place, facts_in(report), report.client_secret, followers.step)
        return f"Not all steps can be gone through. {complaints}" if report.leaves_out else ""

    return verdict(place.person.terminal, place.cognito, visitor, play)


def run_scenario(
    scenario: Scenario,
    place: Place,
    pool: PoolFacts,
    client_secret: str | None = None,
    on_step: Callable[[int, str], None] = lambda _number, _title: None,
) -> str:
    """Run the scenario on that pool; return what it leaves there."""
    return scenario(
        place.cognito.cognito_idp_client,
        place.cognito.user_pool_id,
        place.cognito.client_id,
        client_secret=client_secret,
        aws_srp=place.aws_srp,
        person=place.person,
        way_to_remove=place.way_to_remove,
        on_step=on_step,
        pool=pool,
    )


def facts_in(report: Report) -> PoolFacts:
    """Return what the pre-flight has found that the scenario may know beforehand."""
    return PoolFacts.of(report.pool, report.mfa)


def noted_actions(client: CognitoIdentityProviderClient) -> list[str]:
    """Return a list that each call of the client from now on is added to, by the name of its action."""
    actions: list[str] = []

    def note(model: OperationModel, **_: object) -> None:
        actions.append(model.name)

    client.meta.events.register("before-call.cognito-identity-provider", note)
    return actions


def one_by_one(place: Place) -> CognitoIdentityProviderWrapper:
    """Return a wrapper to read the settings by, which offers another attempt for each call that fails."""
    return retrying(place.cognito, place.person)


def all_at_once(place: Place) -> CognitoIdentityProviderWrapper:
    """Return such a wrapper that has begun to read all of them. A trace tells more of one after another."""
    begun = BegunCalls(place.cognito, preflight.READERS)
    return retrying(cast("CognitoIdentityProviderWrapper", begun), place.person)
