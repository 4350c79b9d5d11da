"""Whom and what the steps work with: the surroundings, which stay, and one account, which changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

import question
from terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import ModuleType

    from cognito_idp_actions import CognitoIdentityProviderWrapper
    from question import Asker
    from story.authenticator_app import AuthenticatorApp
    from story.leftovers import WayToRemove
    from story.stand_ins import Authenticator, Mailbox

    Answer = Mapping[str, Any]
    Wait = Callable[[float, str], bool]

STEPS = 8


class UserState(Enum):
    """What is known of a user in the pool; the value is its label on the screen."""

    ABSENT = "not in the pool"
    MAYBE_SIGNED_UP = "perhaps signed up"
    NOT_CONFIRMED = "not confirmed"
    CONFIRMED = "confirmed"
    MAYBE_DELETED = "perhaps deleted"


@dataclass
class Device:
    """What a device keeps to sign in without an MFA code, and whether Cognito lets it."""

    key: str
    group_key: str
    password: str = field(repr=False)
    is_remembered: bool = True


@dataclass
class Account:
    """All that changes while the story goes on: the user, what signs the user in, and what that brought.

    Attributes:
        user_name: what the user is called; from the first sign-in on, the name that Cognito gave.
        email: where the confirmation code goes.
        password: what signs the user in.
        state: what is known of the user in the pool.
        is_new: whether this run of the story made the user.
        access_token: of the latest sign-in that brought tokens.
        device: the confirmed device, while there is one.
        failures: wrong passwords and MFA codes since the latest sign-in that brought tokens.
        locks: how often the user was found locked since the latest failure.
    """

    user_name: str = ""
    email: str = ""
    password: str = field(default="", repr=False)
    state: UserState = UserState.ABSENT
    is_new: bool = True
    access_token: str = field(default="", repr=False)
    device: Device | None = None
    failures: int = 0
    locks: int = 0

    @property
    def exists(self) -> bool:
        """Whether the user is in the pool, or may be."""
        return self.state is not UserState.ABSENT

    @property
    def is_confirmed(self) -> bool:
        """Whether the user needs no confirmation code any more."""
        return self.state is UserState.CONFIRMED

    def count_failure(self) -> None:
        """Count a wrong password or MFA code; a lock that it may have brought has not been met yet."""
        self.failures += 1
        self.locks = 0

    def keep_tokens(self, tokens: Answer) -> None:
        """Keep what later calls need of an authentication result; its success ends a row of failures."""
        self.access_token = tokens["AccessToken"]
        self.failures = self.locks = 0


@dataclass(frozen=True)
class Person:
    """Who goes through the story, by default the person at this terminal; and what stands in for the world.

    Attributes:
        terminal: where everything is shown.
        ask: answers the questions.
        mailbox: a mailbox whose messages can be shown, where there is one.
        authenticator: an authenticator that gives codes for empty answers, where there is one.
        wait: waits so many seconds for a reason, in place of the terminal; returns False when skipped.
        qr_image: where the QR code's image is kept; by default it is gone once it has been used.
        is_attended: whether questions that only come up when something goes wrong can be answered.
    """

    terminal: Terminal = field(default_factory=Terminal)
    ask: Asker = question.ask
    mailbox: Mailbox | None = None
    authenticator: Authenticator | None = None
    wait: Wait | None = None
    is_attended: bool = True
    qr_image: Path | None = None

    def pause(self, seconds: float, reason: str) -> None:
        """Wait for a reason, unless that is skipped."""
        (self.wait or self.terminal.wait)(seconds, reason)


@dataclass(frozen=True)
class Story:
    """The surroundings of every step.

    Attributes:
        cognito: the wrapper; its calls are repeated, where that helps, while the person waits.
        person: who goes through the story.
        app: the person's authenticator app.
        aws_srp: the SRP helper, such as `pycognito.aws_srp`.
        way_to_remove: how what this run made can be removed later.
        on_step: is told number and title of each step that begins.
    """

    cognito: CognitoIdentityProviderWrapper
    person: Person
    app: AuthenticatorApp
    aws_srp: ModuleType
    way_to_remove: WayToRemove
    on_step: Callable[[int, str], None]

    @property
    def terminal(self) -> Terminal:
        """Where everything is shown."""
        return self.person.terminal

    @property
    def ask(self) -> Asker:
        """What answers the questions."""
        return self.person.ask

    def begin_step(self, number: int, title: str, actions: str) -> None:
        """Show the heading of a step, and the Cognito actions that it calls."""
        self.terminal.heading(number, STEPS, title)
        self.terminal.hint(f"Cognito actions: {actions}")
        self.on_step(number, title)

    def show_mail(self, email: str) -> None:
        """Show the newest message to that address, where there is a mailbox on this machine."""
        message = self.person.mailbox.latest(email) if self.person.mailbox else None
        if message:
            self.terminal.fields(
                "Mail, as the local pool would have sent it",
                {"To": message["to"], "Subject": message["subject"], "Text": message["body"]},
            )
