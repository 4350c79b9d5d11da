"""What the steps of the story share: whom and what they work with, and how they read Cognito's refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from story.advice import message_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import ModuleType

    from botocore.exceptions import ClientError

    from cognito_idp_actions import CognitoIdentityProviderWrapper
    from program.trace import Trace
    from question import Asker
    from story.authenticator_app import CodePrompt
    from story.retrying import Patience
    from story.stand_ins import Mailbox
    from terminal import Terminal

    Answer = Mapping[str, Any]

STEPS = 8
P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class Account:
    """The person who signs up; *user_name* becomes the one that Cognito gave, once it gave one.

    Attributes:
        user_name: what the person is called at sign-in.
        email: where the confirmation code goes.
        password: what signs the person in.
        state: what is known of the user in the pool, to be shown; empty while there is none.
        is_new: whether this run of the story made the user.
        misses: wrong passwords and MFA codes since the last sign-in that brought tokens.
        locks: how often the user was found locked since the last miss.
    """

    user_name: str
    email: str
    password: str = field(repr=False)
    state: str = ""
    is_new: bool = True
    misses: int = 0
    locks: int = 0

    def count_miss(self) -> None:
        """Count a wrong password or MFA code; that the user is locked is found out anew."""
        self.misses += 1
        self.locks = 0


@dataclass
class Device:
    """What a device must keep to sign in without MFA code, and whether Cognito lets it."""

    key: str
    group_key: str
    password: str = field(repr=False)
    is_remembered: bool = True


@dataclass
class Story:
    """What every step works with: Cognito, the screen, whoever answers, and what exists by now."""

    cognito: CognitoIdentityProviderWrapper
    terminal: Terminal
    ask: Asker
    wait: Callable[[float, str], bool]
    aws_srp: ModuleType
    mailbox: Mailbox | None
    codes: CodePrompt
    patience: Patience
    trace: Trace | None = None
    access_token: str = field(default="", repr=False)
    account: Account | None = None
    device: Device | None = None

    def begin_step(self, number: int, title: str, actions: str) -> None:
        """Show the heading of a step, and the Cognito actions that it calls."""
        self.terminal.heading(number, STEPS, title)
        self.terminal.hint(f"Cognito actions: {actions}")
        if self.trace:
            self.trace.step(number, title)

    def call(self, method: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
        """Call a method of the wrapper; see `Patience.call`."""
        return self.patience.call(method, *args, **options)

    def show_mail(self, email: str) -> None:
        """Show the newest message to that address, where there is a mailbox on this machine."""
        message = self.mailbox.latest(email) if self.mailbox else None
        if message:
            self.terminal.fields(
                "Mail, as the local pool would have sent it",
                {"To": message["to"], "Subject": message["subject"], "Text": message["body"]},
            )


def code_and_message(error: ClientError) -> tuple[str, str]:
    """Return the error code and the text of a refusal, without values that the text quotes."""
    return error.response["Error"]["Code"], message_of(error)


def is_session_over(error: ClientError) -> bool:
    """Tell whether a challenge's session expired or was used up, so that signing in again helps."""
    code, message = code_and_message(error)
    return code == "NotAuthorizedException" and message.startswith("Invalid session")


def is_token_over(error: ClientError) -> bool:
    """Tell whether an access token expired, so that signing in again helps."""
    return code_and_message(error) == ("NotAuthorizedException", "Access Token has expired")


def attribute(attributes: Sequence[Answer], name: str) -> str:
    """Return an attribute of a user out of Cognito's list of them, or an empty string."""
    return next((str(item.get("Value", "")) for item in attributes if item["Name"] == name), "")
