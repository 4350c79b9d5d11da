"""Calling Cognito while a person waits: a sign that it takes long, and another attempt where that may help.

`retrying` gives the steps a wrapper that does this by itself, so that nothing stands around their calls.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import BotoCoreError, ClientError

from question import printable
from scenario import advice
from scenario.answer_shape import check_answers
from scenario.asking import yesno
from scenario.refusals import (
    RefusedAfterFailuresError,
    is_needless_client_secret,
    is_session_over,
    is_transient,
    is_used_proof,
    is_wrong_client_secret,
    message_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from cognito_idp_actions import CognitoIdentityProviderWrapper
    from scenario.person import Person

# Methods that make several calls, each with the session of the one before it.
_IN_ONE_SESSION = {"start_sign_in", "sign_in_with_tracked_device"}


def retrying(cognito: CognitoIdentityProviderWrapper, person: Person) -> CognitoIdentityProviderWrapper:
    """Return the wrapper with methods that are called again where that may help.

    A method raises what the wrapper's own raises (`ClientError`, `BotoCoreError`, `SignInError`) when another
    attempt would not help, is not wanted, or when the person is not there to be asked. A refusal that follows
    on failed attempts of the same call is a `RefusedAfterFailuresError`, an answer that can't be used an
    `UnusableAnswerError`.

    Args:
        cognito: the wrapper; its client secret is asked for when Cognito wants a secret hash.
        person: who waits, and is asked.
    """
    return cast("CognitoIdentityProviderWrapper", _Retrying(cognito, person))


class _Retrying:
    """Looks like the wrapper, and calls it."""

    def __init__(self, cognito: CognitoIdentityProviderWrapper, person: Person) -> None:
        self._cognito = cognito
        self._person = person

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._cognito, name)
        if not callable(attribute):
            return attribute
        call = partial(self._call, attribute)
        return partial(_begin_again_once, call) if name in _IN_ONE_SESSION else call

    def _call(self, method: Callable[..., Any], *args: Any, **options: Any) -> Any:
        has_failed = False
        while True:
            try:
                with self._person.terminal.busy("Waiting for Cognito"):
                    check_answers(self._cognito.cognito_idp_client)
                    return method(*args, **options)
            except (ClientError, BotoCoreError) as error:
                if not self._person.is_attended or not self._prepare_retry(error):
                    if has_failed and isinstance(error, ClientError):
                        raise RefusedAfterFailuresError(error) from error
                    raise
                has_failed = has_failed or is_transient(error)

    def _prepare_retry(self, error: ClientError | BotoCoreError) -> bool:
        """Change what was wrong, or ask whether to retry; return whether the call shall be made again."""
        if is_transient(error):
            return self._offer_retry(error)
        if not isinstance(error, ClientError):
            return False
        terminal = self._person.terminal
        if is_wrong_client_secret(error):
            terminal.warn(message_of(error))
            self._cognito.client_secret = self._person.ask(
                "The app client's secret", printable, hidden=True, name="client_secret"
            )
            return True
        if is_needless_client_secret(error) and self._cognito.client_secret:
            terminal.warn(f"{message_of(error)}. Going on without the secret.")
            self._cognito.client_secret = None
            return True
        return False

    def _offer_retry(self, error: ClientError | BotoCoreError) -> bool:
        what, what_to_do = advice.explained(error)
        self._person.terminal.warn(what)
        self._person.terminal.hint(what_to_do)
        return yesno(self._person.ask, "Try this once more?", "try_again")


def _begin_again_once(call: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Call; once more when a session in the midst of it was over.

    That is how a lost answer shows: the call was repeated, and the first attempt had used the session up.
    """
    try:
        return call(*args, **options)
    except ClientError as error:
        if not is_session_over(error) and not is_used_proof(error):
            raise
        return call(*args, **options)
