"""State that the steps share: the fixed surroundings and the account, which changes."""

from __future__ import annotations

import base64
import json
import secrets
import shlex
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, cast

from scenario.endpoint import jwks_url
from scenario.experiments import try_refusals
from scenario.labels import Labels
from scenario.mode import Mode
from scenario.pool_facts import PoolFacts

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from mypy_boto3_cognito_idp.type_defs import AuthenticationResultTypeTypeDef

    from cognito_idp_actions import CognitoIdentityProviderWrapper
    from question import Asker
    from scenario.authenticator_app import AuthenticatorApp
    from scenario.experiments import Experiment
    from scenario.person import Person
    from scenario.stand_ins import Mailbox
    from scenario.steps import Step
    from terminal import Terminal

_DEVICE_PASSWORD_BYTES = 40


class UserState(Enum):
    """The state of a user in the pool; the value is its label on the screen."""

    ABSENT = "not in the pool"
    MAYBE_SIGNED_UP = "perhaps signed up"
    NOT_CONFIRMED = "not confirmed"
    CONFIRMED = "confirmed"
    MAYBE_DELETED = "perhaps deleted"


@dataclass
class Device:
    """A tracked device: its keys, its password, and whether Cognito remembers it."""

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
    """All that changes while a scenario runs: the user, what signs the user in, and what that brought.

    Attributes:
        user_name: the user's name; from the first sign-in on, the name that Cognito gave.
        email: where the confirmation code goes.
        password: what signs the user in.
        state: whether the user is in the pool, and confirmed.
        is_new: whether this run of the scenario made the user.
        tokens: of the latest sign-in; renewed ones replace those that they renew.
        device: the confirmed device, while there is one.
        failures: wrong passwords and MFA codes since the latest sign-in that brought tokens.
        locks: how often the user was found locked since the latest failure.
        restarts: how often a sign-in had to begin again, without the person's doing.
    """

    user_name: str = ""
    email: str = ""
    password: str = field(default="", repr=False)
    state: UserState = UserState.ABSENT
    is_new: bool = True
    tokens: AuthenticationResultTypeTypeDef = field(
        default_factory=lambda: cast("AuthenticationResultTypeTypeDef", {}), repr=False
    )
    device: Device | None = None
    failures: int = 0
    locks: int = 0
    restarts: int = 0

    @property
    def access_token(self) -> str:
        """The newest access token."""
        return self.tokens["AccessToken"]

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

    def keep_tokens(self, tokens: AuthenticationResultTypeTypeDef) -> None:
        """Keep what later calls need of an authentication result; its success ends a row of failures."""
        self.tokens = tokens
        self.failures = self.locks = 0

    def keep_renewed_tokens(self, tokens: AuthenticationResultTypeTypeDef) -> None:
        """Keep new tokens, and of the ones before whatever has not been renewed."""
        self.tokens = {**self.tokens, **tokens}


@dataclass(frozen=True)
class WayToRemove:
    """How the user of a run can be removed later.

    Attributes:
        sentence: says it in words.
        command: returns a command that does it, given the user's name, where there is one.
    """

    sentence: str
    command: Callable[[str], str] | None = None

    @classmethod
    def by_aws_cli(cls, user_pool_id: str, endpoint: str | None = None) -> WayToRemove:
        """Return the way for a pool in AWS, or at another endpoint, in a command that can be pasted as it is.

        The name is an endpoint's text: as JSON it can be neither an option nor a file to the AWS CLI, and
        quoted it is one word to the shell.
        """
        region = user_pool_id.split("_", 1)[0]
        where = f"--endpoint-url {shlex.quote(endpoint)} " if endpoint else ""

        def command(user_name: str) -> str:
            request = json.dumps({"UserPoolId": user_pool_id, "Username": user_name})
            prefix = f"aws --region {region} {where}cognito-idp admin-delete-user"
            return f"{prefix} --cli-input-json {shlex.quote(request)}"

        return cls("To remove the user (to go on instead, run this again with the same user name):", command)


@dataclass(frozen=True)
class Scenario:
    """The surroundings of every step.

    Attributes:
        connect: returns the wrapper, once it is there; its calls are shown while the person waits.
        person: who plays the scenario.
        app: the person's authenticator app.
        aws_srp: the SRP helper, such as `cognito_srp`.
        way_to_remove: how what this run made can be removed later.
        steps: how many there are.
        mailbox: has the messages that were sent, where they can be read.
        mode: how it is played.
        labels: of the run's secrets.
        on_step: is told number and title of each step that begins.
        pool_facts: returns the pool's known settings, once they have been read.
    """

    connect: Callable[[], CognitoIdentityProviderWrapper]
    person: Person
    app: AuthenticatorApp
    aws_srp: ModuleType
    way_to_remove: WayToRemove
    steps: int
    mailbox: Mailbox | None = None
    mode: Mode = field(default_factory=Mode)
    labels: Labels = field(default_factory=Labels)
    on_step: Callable[[int, str], None] = lambda _number, _title: None
    pool_facts: Callable[[], PoolFacts] = PoolFacts

    @cached_property
    def cognito(self) -> CognitoIdentityProviderWrapper:
        """The wrapper; the first use waits until boto3 has been loaded."""
        return self.connect()

    @property
    def terminal(self) -> Terminal:
        """The person's terminal."""
        return self.person.terminal

    @property
    def ask(self) -> Asker:
        """The asker of the questions."""
        return self.person.ask

    def begin(self, step: Step) -> None:
        """Show the heading of a step, and its explanation."""
        self.terminal.heading(step.number, self.steps, step.title)
        self.on_step(step.number, step.title)
        self.explain(step.explanation)
        self.terminal.hint(f"Cognito actions: {', '.join(step.actions)}")

    def explain(self, text: str) -> None:
        """Show a paragraph that explains something, to a person who wants that."""
        if not self.mode.is_quiet:
            self.terminal.say(text)

    def end(self, *experiments: Experiment | None) -> None:
        """End a step: wait for the reader, and let calls be tried that Cognito refuses; None is left out."""
        try_refusals(self.person, self.mode, [one for one in experiments if one])

    def jwks_url(self) -> str | None:
        """Return where the pool's public keys are; see `scenario/endpoint.py`."""
        return jwks_url(self.cognito.cognito_idp_client, self.cognito.user_pool_id)
