"""Running a scenario: on a user pool in AWS or on one on this machine, after a look at its settings.

`main` is the program. It is handed the scenario, and knows nothing of its steps.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import question
from cognito_idp_actions import CognitoIdentityProviderWrapper
from program import preflight
from program.answers import PreparedAnswers, Unattended
from program.clients import aws_client, local_client
from program.command_line import parse_arguments
from program.diagram_file import agree_to_write, write
from program.endings import (
    DONE,
    STOPPED,
    interrupted,
    output_finished,
    signals_handled,
    stopped,
    stopped_by,
    stopped_by_system,
)
from program.trace import Trace
from story.advice import STOPPING
from story.leftovers import WayToRemove
from story.retrying import retrying
from story.stand_ins import Authenticator, Mailbox
from story.state import Person
from terminal import Terminal

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from question import Asker

REMOVE_STACK = "aws --region {region} cloudformation delete-stack --stack-name sign-up-with-mfa"
NOTHING_STAYS = WayToRemove(
    "That pool is on this machine, and ends with the program: nothing has to be removed."
)


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
    ) -> None:
        """Run to the end, or raise one of `STOPPING`."""


@dataclass(frozen=True)
class Place:
    """Where a scenario runs, and who goes through it.

    Attributes:
        cognito: the user pool and its app client.
        person: who goes through the scenario.
        way_to_remove: how to remove what it makes.
        welcome: sentences to begin with.
        farewell: a sentence and a command to end with, where there are any.
    """

    cognito: CognitoIdentityProviderWrapper
    person: Person
    way_to_remove: WayToRemove
    welcome: Sequence[str] = ()
    farewell: tuple[str, str] | None = None


def main(scenario: Scenario, argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status: 0 done, 1 stopped, 2 usage, 130 Ctrl-C."""
    try:
        with signals_handled(), output_finished():
            arguments = parse_arguments(argv)
            if arguments.diagram and not (arguments.auto or agree_to_write(arguments.diagram)):
                return stopped(f"{arguments.diagram} stays as it is.", "Name another file for the diagram.")
            with traced(arguments) as trace, place_for(arguments) as place:
                trace.attach(place.cognito.cognito_idp_client)
                return run(scenario, place, trace, arguments)
    except KeyboardInterrupt:
        return interrupted()
    except STOPPING as error:
        return stopped_by(error)
    except OSError as error:
        return stopped_by_system(error)


def run(scenario: Scenario, place: Place, trace: Trace, arguments: argparse.Namespace) -> int:
    """Check the settings, and run the scenario if they allow it; return the exit status."""
    terminal, cognito = place.person.terminal, place.cognito
    report = preflight.inspect(retrying(cognito, place.person), cognito.client_secret)
    if arguments.check:
        return show_report(report, as_json=arguments.json)
    for sentence in place.welcome:
        terminal.say(sentence)
    preflight.show(terminal, report)
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
    )
    if place.farewell:
        sentence, command = place.farewell
        terminal.hint(sentence)
        terminal.copyable(command)
    return DONE


def show_report(report: preflight.Report, *, as_json: bool) -> int:
    """Show the pre-flight report alone; return 0 when the whole story can run, else 1."""
    if as_json:
        print(json.dumps(report.as_json(), indent=2))  # noqa: T201 - for scripts, so without any decoration
    else:
        preflight.show(Terminal(), report)
    return DONE if report.ready else STOPPED


@contextmanager
def traced(arguments: argparse.Namespace) -> Iterator[Trace]:
    """Give a trace that shows calls if that is wanted, and write its diagram when the run is over."""
    trace = Trace(Terminal(stderr=True) if arguments.trace else None)
    with write(arguments.diagram, lambda: trace.diagram("The run")) if arguments.diagram else nullcontext():
        yield trace


def place_for(arguments: argparse.Namespace) -> AbstractContextManager[Place]:
    """Return the place that the command line asks for."""
    return in_aws(arguments) if arguments.user_pool_id else on_this_machine(arguments)


@contextmanager
def in_aws(arguments: argparse.Namespace) -> Iterator[Place]:
    """Give the user pool in AWS that the command line names."""
    terminal = Terminal()
    client = aws_client(arguments.user_pool_id)
    secret = os.environ.get("COGNITO_CLIENT_SECRET") or None
    yield Place(
        CognitoIdentityProviderWrapper(client, arguments.user_pool_id, arguments.client_id, secret),
        Person(
            terminal,
            prepared(arguments, terminal),
            is_attended=is_attended(arguments),
            qr_image=arguments.qr_image,
        ),
        WayToRemove.by_aws_cli(arguments.user_pool_id),
        farewell=(
            "If the pool came from the template, this removes it:",
            REMOVE_STACK.format(region=client.meta.region_name),
        ),
    )


@contextmanager
def on_this_machine(arguments: argparse.Namespace) -> Iterator[Place]:
    """Give a user pool on this machine; nothing of it is left afterwards."""
    from local_cognito import LocalCognito  # noqa: PLC0415 - against AWS it need not be loaded

    terminal = Terminal()
    with LocalCognito() as server:
        pool = server.add_story_pool()
        client = local_client(server.url, server.region)
        yield Place(
            CognitoIdentityProviderWrapper(client, pool.pool_id, pool.client_id),
            person_on_this_machine(arguments, terminal, Mailbox(server.url)),
            NOTHING_STAYS,
            welcome=(
                f"No IDs were given, so this runs on a user pool of its own at {server.url}.",
                "It exists only while the program runs: any name and any address will do.",
            ),
        )


def person_on_this_machine(arguments: argparse.Namespace, terminal: Terminal, mailbox: Mailbox) -> Person:
    """Return the person at the terminal or, with ``--auto``, one who answers and waits for nothing."""
    if not arguments.auto:
        ask = prepared(arguments, terminal)
        return Person(
            terminal,
            ask,
            mailbox,
            Authenticator(),
            is_attended=is_attended(arguments),
            qr_image=arguments.qr_image,
        )
    return Person(
        terminal,
        Unattended(terminal, mailbox),
        mailbox,
        Authenticator(),
        wait=lambda _seconds, _reason: False,
        is_attended=False,
        qr_image=arguments.qr_image,
    )


def prepared(arguments: argparse.Namespace, terminal: Terminal) -> Asker:
    """Return who answers: the person, apart from what a file and the environment answer already."""
    answers: dict[str, str] = dict(arguments.answers or {})
    if os.environ.get("COGNITO_PASSWORD"):
        answers["password"] = os.environ["COGNITO_PASSWORD"]
    return PreparedAnswers(question.ask, terminal, answers)


def is_attended(arguments: argparse.Namespace) -> bool:
    """Tell whether questions that can't be foreseen have a person to answer them."""
    return sys.stdin is not None and sys.stdin.isatty() and not arguments.check
