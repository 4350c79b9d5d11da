"""Calling Cognito while a person waits: a sign that it takes long, and another chance after what passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError

from program.clients import SERVER_ERROR
from question import is_yesno, printable
from story import advice
from story.advice import message_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from cognito_idp_actions import CognitoIdentityProviderWrapper
    from question import Asker
    from terminal import Terminal

P = ParamSpec("P")
T = TypeVar("T")

_THROTTLED = {"TooManyRequestsException", "ThrottlingException", "RequestLimitExceeded"}
# Parts of what Cognito says about the secret hash of a request.
_NO_HASH, _WRONG_HASH, _NO_SECRET = (
    "SECRET_HASH was not received",
    "Unable to verify secret hash",
    "is not configured for secret",
)


class Patience:
    """Calls methods of the wrapper.

    Args:
        terminal: where everything is shown.
        ask: whoever answers.
        cognito: the wrapper; its client secret is asked for when Cognito wants a secret hash.
        is_attended: whether somebody is there to answer a question that is not the story's own.
    """

    def __init__(
        self, terminal: Terminal, ask: Asker, cognito: CognitoIdentityProviderWrapper, *, is_attended: bool
    ) -> None:
        self._terminal = terminal
        self._ask = ask
        self._cognito = cognito
        self._is_attended = is_attended

    def call(self, method: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
        """Call a method; a failure that passes, or a wrong client secret, may be followed by another attempt.

        Raises:
            ClientError: Cognito refused, and another attempt would not help or is not wanted.
            BotoCoreError: likewise, when Cognito could not be reached.
        """
        failures = 0
        while True:
            try:
                with self._terminal.busy("Waiting for Cognito"):
                    return method(*args, **options)
            except (ClientError, BotoCoreError) as error:
                _add_attempts(error, failures)
                failures += 1
                if not self._is_attended or not self._may_be_mended(error):
                    raise

    def _may_be_mended(self, error: ClientError | BotoCoreError) -> bool:
        if is_passing(error):
            return self._wants_another_attempt(error)
        message = message_of(error) if isinstance(error, ClientError) else ""
        if _NO_HASH in message or _WRONG_HASH in message:
            self._ask_client_secret(message)
            return True
        if _NO_SECRET in message and self._cognito.client_secret:
            self._terminal.warn(f"{message}. Going on without the secret.")
            self._cognito.client_secret = None
            return True
        return False

    def _wants_another_attempt(self, error: ClientError | BotoCoreError) -> bool:
        what, what_to_do = advice.explained(error)
        self._terminal.warn(what)
        self._terminal.hint(what_to_do)
        wanted: bool = self._ask("Try this once more? (y/n)", is_yesno, name="try_again")
        return wanted

    def _ask_client_secret(self, message: str) -> None:
        self._terminal.warn(message)
        self._cognito.client_secret = self._ask(
            "The app client's secret", printable, hidden=True, name="client_secret"
        )


def is_passing(error: ClientError | BotoCoreError) -> bool:
    """Tell whether the same call may go well later: after no answer, throttling, or a server's error."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= SERVER_ERROR or error.response["Error"]["Code"] in _THROTTLED
    return isinstance(error, exceptions.ConnectionError | exceptions.HTTPClientError)


def _add_attempts(error: ClientError | BotoCoreError, failures: int) -> None:
    """Count earlier attempts as botocore counts its own: one whose answer got lost may have been accepted."""
    if isinstance(error, ClientError):
        metadata: Any = error.response.setdefault("ResponseMetadata", cast("Any", {}))
        metadata["RetryAttempts"] = metadata.get("RetryAttempts", 0) + failures
