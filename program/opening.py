"""The introduction of a run, with its target, and the summary at its end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from program.output_files import agree_to_write, write_text
from scenario.endpoint import is_aws

if TYPE_CHECKING:
    from collections.abc import Sequence

    from program.outline import Outline
    from program.preflight import Report
    from program.saved_script import Recorder
    from program.targets import Target
    from scenario.person import Person
    from terminal import Terminal

_CALLS = "Each call to Cognito is shown as the boto3 code that makes it, then what came back."
_OWN = "The user pool is on this machine, and ends with the program: make anything up."
_GIVEN = "User pool {user_pool_id}: its settings are checked first."


def welcome(terminal: Terminal, outline: Outline, user_pool_id: str | None) -> None:
    """Say what will happen; without an ID it is on a pool of this machine."""
    terminal.say(outline.what)
    terminal.say(_CALLS)
    terminal.say(_GIVEN.format(user_pool_id=user_pool_id) if user_pool_id else _OWN)


def introduce_target(terminal: Terminal, outline: Outline, target: Target) -> None:
    """Say where the calls go, how long it takes there and what it needs."""
    if target.is_own:
        terminal.say(f"User pool {target.user_pool_id}, {target.where}, made for this run.")
    else:
        terminal.say(f"The calls go to user pool {target.user_pool_id} {target.where}.")
    if target.is_local:
        terminal.say(f"Watch it at {target.url}/ in a browser. {outline.takes_here}")
    elif is_aws(target.url):
        terminal.say(outline.takes_in_aws)


def show_pool(terminal: Terminal, target: Target, report: Report) -> None:
    """Show name, size and app client of the pool, as far as these may be read."""
    name, users = report.pool.get("Name"), report.pool.get("EstimatedNumberOfUsers")
    facts = [f"User pool {name} ({target.user_pool_id})" if name else f"User pool {target.user_pool_id}"]
    if users is not None:
        facts.append(f"about {users} user{'s' if users > 1 else ''}" if users else "no users yet")
    facts.append("an app client with a secret" if report.client_secret else "an app client without a secret")
    terminal.say(f"{', '.join(facts)}.")


def recap(terminal: Terminal, outline: Outline, actions: Sequence[str], left: str) -> None:
    """Summarize the calls, the remaining user, and the next things to read or run.

    Args:
        terminal: where that is shown.
        outline: the scenario.
        actions: of the calls that Cognito did not refuse, in their order.
        left: what is left in the pool, in a sentence.
    """
    terminal.say()
    terminal.done(
        f"That was all, in {len(actions)} calls of {len(set(actions))} actions: "
        f"{', '.join(dict.fromkeys(actions))}."
    )
    terminal.hint(left)
    terminal.hint(f"Read next: {outline.file}, from `tell` downwards, step by step.")
    terminal.hint("Run next: with --diagram run.md for a picture of all calls, or on a pool of your own.")
    terminal.hint("In your program: cognito_idp_actions.py is one file to copy; README.md shows how.")


def offer_script(person: Person, recorder: Recorder, target: Target) -> None:
    """Offer the whole run as a program that makes the same calls."""
    prompt = "Save these calls as a Python program? File name, or Enter for none:"
    while name := person.ask(prompt, name="save_script"):
        file = Path(name)
        try:
            if agree_to_write(file):
                write_text(file, recorder.script(target.url, target.user_pool_id))
                person.terminal.done(f"{file} makes these calls again; its first lines say what it needs.")
                return
        except OSError as error:
            person.terminal.warn(f"{file} can't be written: {error.strerror}.")
