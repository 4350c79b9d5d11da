"""Whom and what the steps work with: the surroundings, which stay, and one account, which changes."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from scenario.words import EXPLANATIONS, PAUSES_BEFORE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    from cognito_idp_actions import CognitoIdentityProviderWrapper
    from question import Asker
    from scenario.authenticator_app import AuthenticatorApp
    from scenario.person import Person
    from scenario.pool_facts import PoolFacts
    from terminal import Terminal

    Answer = Mapping[str, Any]

STEPS = 8
_DEVICE_PASSWORD_BYTES = 40


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

    @classmethod
    def with_random_password(cls, key: str, group_key: str) -> Device:
        """Return a device of these keys; nobody has to remember its password, 40 random bytes in Base64."""
        return cls(key, group_key, base64.b64encode(secrets.token_bytes(_DEVICE_PASSWORD_BYTES)).decode())


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
        tokens: all that this sign-in brought.
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
    tokens: Answer = field(default_factory=dict, repr=False)
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
        self.tokens = tokens
        self.failures = self.locks = 0


@dataclass(frozen=True)
class WayToRemove:
    """How the user of a run can be removed later.

    Attributes:
        sentence: says it in words.
        command: a command that does it when the user's name is put behind it, where there is one.
    """

    sentence: str
    command: str | None = None

    @classmethod
    def by_aws_cli(cls, user_pool_id: str) -> WayToRemove:
        """Return the way for a pool in AWS, in a command that can be pasted as it is."""
        region = user_pool_id.split("_", 1)[0]
        return cls(
            "To remove the user (to go on instead, run this again with the same user name):",
            f"aws --region {region} cognito-idp admin-delete-user --user-pool-id {user_pool_id} --username",
        )


@dataclass(frozen=True)
class Story:
    """The surroundings of every step.

    Attributes:
        cognito: the wrapper; its calls are repeated, where that helps, while the person waits.
        person: who goes through the story.
        app: the person's authenticator app.
        aws_srp: the SRP helper, such as `cognito_srp`.
        way_to_remove: how what this run made can be removed later.
        on_step: is told number and title of each step that begins.
        pool: what is known of the pool.
    """

    cognito: CognitoIdentityProviderWrapper
    person: Person
    app: AuthenticatorApp
    aws_srp: ModuleType
    way_to_remove: WayToRemove
    on_step: Callable[[int, str], None]
    pool: PoolFacts

    @property
    def terminal(self) -> Terminal:
        """Where everything is shown."""
        return self.person.terminal

    @property
    def ask(self) -> Asker:
        """What answers the questions."""
        return self.person.ask

    def begin_step(self, number: int, title: str, actions: str) -> None:
        """Show the heading of a step, what it is about, and the Cognito actions that it calls."""
        if number in PAUSES_BEFORE:
            self.person.let_read()
        self.terminal.heading(number, STEPS, title)
        if not self.person.is_quiet:
            self.terminal.say(EXPLANATIONS[number])
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
        elif not self.person.mailbox:
            self.terminal.hint("It may have landed in the spam folder.")
