"""Playing a scenario on the user pool that is asked for, after a look at its settings."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from cognito_idp_actions import CognitoIdentityProviderWrapper
from program import preflight
from program.background import BackgroundValue
from program.command_line import DEFAULT_EMAIL
from program.endings import DONE, stopped
from program.opening import introduce_target, offer_script, recap, show_pool
from program.output_files import write
from program.people import mode_for, person_for
from program.saved_script import Recorder
from scenario.asking import yesno
from scenario.attended_wrapper import AttendedWrapper
from scenario.authenticator_app import AuthenticatorApp
from scenario.display import CallDisplay
from scenario.pool_facts import PoolFacts
from scenario.stand_ins import Authenticator
from scenario.state import Scenario

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from program.observers import CallObservers
    from program.outline import Outline
    from program.preflight import Report
    from program.targets import Target
    from scenario.labels import Labels
    from scenario.mode import Mode
    from scenario.person import Person
    from terminal import Terminal


@dataclass(frozen=True)
class Run:
    """A run of the program: scenario, target, person and observers.

    Attributes:
        outline: the scenario.
        arguments: the command line.
        target: where it runs.
        person: who plays it.
        mode: how it is played.
        labels: of its secrets.
        observers: trace, diagram and log of its calls.
        recorder: keeps its calls.
    """

    outline: Outline
    arguments: argparse.Namespace
    target: Target
    person: Person
    mode: Mode
    labels: Labels
    observers: CallObservers
    recorder: Recorder = field(default_factory=Recorder)

    @property
    def terminal(self) -> Terminal:
        """The person's terminal."""
        return self.person.terminal

    def wrapper(self, client_secret: str | None, *, is_shown: bool) -> AttendedWrapper:
        """Return a wrapper for the target: its calls are shown and recorded, or only made."""
        display = CallDisplay(self.terminal, self.labels, is_quiet=self.mode.is_quiet)
        return AttendedWrapper(
            self.target.client(),
            self.target.user_pool_id,
            self.target.client_id,
            client_secret,
            person=self.person,
            is_attended=self.mode.is_attended,
            display=display if is_shown else None,
            on_answer=self.recorder.record if is_shown else None,
        )

    def inspect(self) -> Report:
        """Check the settings of the pool."""
        secret = self.target.client_secret
        return preflight.inspect(self.wrapper(secret, is_shown=False), self.outline.checks, secret)


def play_on(
    target: Target,
    outline: Outline,
    arguments: argparse.Namespace,
    terminal: Terminal,
    labels: Labels,
    observers: CallObservers,
) -> int:
    """Run the scenario on that target, write its calls as a program if wanted, return the exit status."""
    person = person_for(outline, arguments, target, terminal)
    run = Run(outline, arguments, target, person, mode_for(arguments), labels, observers)
    with saving_script(run):
        return run_on_target(run)


def saving_script(run: Run) -> AbstractContextManager[None]:
    """Return what writes the calls of the run as a program at its end, where that is wanted."""
    file = run.arguments.save_script
    if not file:
        return nullcontext()
    return write(file, lambda: run.recorder.script(run.target.url, run.target.user_pool_id))


def run_on_target(run: Run) -> int:
    """Run the scenario for a person, or by itself as a test of a given pool; return the exit status."""
    if run.arguments.auto and not run.target.is_own:
        return smoke_test(run)
    run.observers.observe_answers(run.person)
    introduce_target(run.terminal, run.outline, run.target)
    return run_on_own_pool(run) if run.target.is_own else run_on_given_pool(run)


def run_on_own_pool(run: Run) -> int:
    """Run the scenario on a pool that was made for it; boto3 is loaded while the first answers are typed."""
    client = BackgroundValue(run.target.client)
    run = replace(run, target=replace(run.target, client=client.result))

    @cache
    def facts() -> PoolFacts:
        cognito = run.wrapper(None, is_shown=False)
        return PoolFacts.of(cognito.describe_user_pool()["UserPool"], cognito.get_user_pool_mfa_config())

    finish(run, play_scenario(run, facts, None))
    return DONE


def run_on_given_pool(run: Run) -> int:
    """Check the settings, and run the scenario if they allow it; return the exit status."""
    report = run.inspect()
    show_pool(run.terminal, run.target, report)
    preflight.show_briefly(run.terminal, report)
    if not report.can_start:
        return stopped("The pool is not set up for the scenario.", "The lines above say what to change.")
    if report.wrong and run.mode.is_reading and not yesno(run.person.ask, "Go on?", "go_on_anyway"):
        return stopped("Nothing was changed in the pool.")
    finish(run, play_scenario(run, lambda: facts_in(report), report.client_secret))
    if run.target.farewell:
        sentence, command = run.target.farewell
        run.terminal.hint(sentence)
        run.terminal.copyable(command)
    return DONE


def finish(run: Run, left: str) -> None:
    """Show the summary to a person who reads it, and offer the calls as a script."""
    if run.mode.is_reading:
        recap(run.terminal, run.outline, run.recorder.actions, left)
        if not run.arguments.save_script:
            offer_script(run.person, run.recorder, run.target)


def smoke_test(run: Run) -> int:
    """Run the scenario with nobody there, and end with a verdict; return the exit status."""
    from program.smoke_test import SmokeTestUser, verdict  # noqa: PLC0415 - only here

    needs_mail = run.outline.signs_in_by_mail
    mailbox = run.target.mailbox if needs_mail else None
    user = SmokeTestUser((run.arguments.answers or {}).get("email", DEFAULT_EMAIL))
    admin = CognitoIdentityProviderWrapper(
        run.target.client(), run.target.user_pool_id, run.target.client_id, run.target.client_secret
    )
    person = user.person(run.terminal, admin, run.outline.answers, mailbox)
    run.observers.observe_answers(person)
    run = replace(run, person=person, mode=replace(run.mode, reads_mail=bool(mailbox)))

    def play() -> str:
        introduce_target(run.terminal, run.outline, run.target)
        report = run.inspect()
        preflight.show_briefly(run.terminal, report)
        complaints = " ".join(finding.complaint for finding in report.wrong)
        if not report.can_start:
            return f"The pool is not set up for the scenario. {complaints}"
        play_scenario(run, lambda: facts_in(report), report.client_secret)
        return f"Not all steps can be gone through. {complaints}" if report.leaves_out else ""

    played = "all steps but that with a code by e-mail" if needs_mail and not mailbox else "all steps"
    return verdict(run.terminal, admin, user, play, played)


def play_scenario(run: Run, facts: Callable[[], PoolFacts], client_secret: str | None) -> str:
    """Play the scenario; return a sentence on what is left in the pool."""
    built_in = Authenticator() if run.target.is_local or run.arguments.auto else None
    return run.outline.play(
        Scenario(
            connect=lambda: run.wrapper(client_secret, is_shown=True),
            person=run.person,
            app=AuthenticatorApp(run.person, built_in, run.mode.qr_image),
            aws_srp=run.arguments.aws_srp,
            way_to_remove=run.target.way_to_remove,
            steps=len(run.outline.steps),
            mailbox=run.target.mailbox,
            mode=run.mode,
            labels=run.labels,
            on_step=run.observers.step,
            pool_facts=facts,
        )
    )


def facts_in(report: preflight.Report) -> PoolFacts:
    """Return the settings that the pre-flight has read, for the scenario."""
    return PoolFacts.of(report.pool, report.mfa)
