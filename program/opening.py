"""The first words, on what will happen and to which pool, and the last ones, on what has happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from program.preflight import Report
    from scenario.person import Person
    from terminal import Terminal

# Three lines of 80 columns.
_WHAT = "The life of an Amazon Cognito user in eight steps, with MFA and device tracking."
_TAKES_HERE = "It takes three minutes and an authenticator app; Enter uses a built-in one."
_TAKES_IN_AWS = "It takes five minutes, your mail and an authenticator app."
_HERE = "The user pool is on this machine, and ends with the program: any name will do."
_IN_AWS = "It runs on {user_pool_id} in AWS, whose settings are checked first."


def welcome(terminal: Terminal, user_pool_id: str | None) -> None:
    """Say what will happen, how long it takes and what it needs; without an ID on a pool of this machine."""
    terminal.say(_WHAT)
    terminal.say(_TAKES_IN_AWS if user_pool_id else _TAKES_HERE)
    terminal.say(_IN_AWS.format(user_pool_id=user_pool_id) if user_pool_id else _HERE)


def show_pool(person: Person, user_pool_id: str, where: str, report: Report) -> None:
    """Say which pool it is, as far as that may be read.

    Args:
        person: who is told.
        user_pool_id: the pool's ID.
        where: its region, or the URL that it is at.
        report: what the pre-flight has read.
    """
    name, users = report.pool.get("Name"), report.pool.get("EstimatedNumberOfUsers")
    facts = [f"User pool {name} ({user_pool_id})" if name else f"User pool {user_pool_id}", where]
    if users is not None:
        facts.append(f"about {users} user{'s' if users > 1 else ''}" if users else "no users yet")
    facts.append("an app client with a secret" if report.client_secret else "an app client without a secret")
    person.terminal.say(f"{', '.join(facts)}.")


def recap(terminal: Terminal, actions: Sequence[str], left: str) -> None:
    """Say what was done, by which calls, what is left of it, and what to read or run next.

    Args:
        terminal: where that is shown.
        actions: the calls that the story has made, in their order.
        left: what is left in the pool, in a sentence.
    """
    terminal.say()
    terminal.done(
        f"That was the whole life of a user, in {len(actions)} calls of {len(set(actions))} actions: "
        f"{', '.join(dict.fromkeys(actions))}."
    )
    terminal.hint(left)
    terminal.hint("Read next: scenario_signup_user_with_mfa.py, from `tell` downwards, step by step.")
    terminal.hint("Run next: with --diagram run.md for a picture of all calls, or on a pool of your own.")
    terminal.hint("In your program: cognito_idp_actions.py is one file to copy; README.md shows how.")
