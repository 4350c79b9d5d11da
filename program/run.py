"""Running a scenario: on a user pool in AWS or on one on this machine, after a look at its settings.

`main` is the program. It is handed the scenario, and knows nothing of its steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from program import preflight
from program.checking import check
from program.command_line import parse_arguments
from program.endings import DONE, interrupted, signals_handled, stopped, stopped_by
from program.places import place_for
from program.tracing import traced
from story.advice import STOPPING
from story.password_policy import PasswordPolicy
from story.retrying import retrying

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

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
            with traced(arguments) as trace, place_for(arguments) as place:
                trace.attach(place.cognito.cognito_idp_client)
                return run(scenario, place, trace)
    except KeyboardInterrupt:
        return interrupted()
    except STOPPING as error:
        return stopped_by(error)


def run(scenario: Scenario, place: Place, trace: Trace) -> int:
    """Check the settings, and run the scenario if they allow it; return the exit status."""
    terminal, cognito = place.person.terminal, place.cognito
    report = preflight.inspect(retrying(cognito, place.person), cognito.client_secret)
    for sentence in place.welcome:
        terminal.say(sentence)
    preflight.show_briefly(terminal, report)
    if not report.can_start:
        return stopped("The pool is not set up for the story.", "The lines above say what to change.")
    scenario(
        cognito.cognito_idp_client,
        cognito.user_pool_id,
        cognito.client_id,
        client_secret=report.client_secret,
        person=place.person,
        way_to_remove=place.way_to_remove,
        on_step=trace.step,
        password_policy=PasswordPolicy.of(report.pool),
    )
    if place.farewell:
        sentence, command = place.farewell
        terminal.hint(sentence)
        terminal.copyable(command)
    return DONE
