"""`--auto` on a given pool: the whole scenario with nobody there, as a test of the pool; nothing stays.

An administrator's AdminConfirmSignUp stands in for the code from the mail where that can't be read, and
AdminSetUserPassword for codes that sign in; the built-in authenticator stands in for the app, and
AdminDeleteUser removes the user wherever the scenario has stopped.
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from program.answers import NobodyThereError, Unattended
from program.endings import DONE, STOPPED
from program.people import UnattendedPerson
from scenario.advice import STOPPING, explained
from scenario.refusals import is_gone

if TYPE_CHECKING:
    from collections.abc import Callable

    from cognito_idp_actions import CognitoIdentityProviderWrapper
    from program.answers import Answers
    from scenario.person import Person
    from scenario.stand_ins import Mailbox
    from terminal import Terminal

_PASSWORD_BYTES = 72  # as text longer than the longest that a policy can demand, 99 characters


class SmokeTestUser:
    """The user of a smoke test: who that is, and whether it has to be removed.

    Args:
        email: an address that may get the mail of the sign-up.
    """

    def __init__(self, email: str) -> None:
        self.name = f"smoke-test-{secrets.token_hex(6)}"  # with an address it fits a line of 80 columns
        self._is_made = self._may_be_made = False
        self._email = email
        self._password = f"{secrets.token_urlsafe(_PASSWORD_BYTES)}-Aa1"
        self._has_answered_name = False

    def person(
        self,
        terminal: Terminal,
        cognito: CognitoIdentityProviderWrapper,
        further_answers: Answers,
        mailbox: Mailbox | None,
    ) -> Person:
        """Return who plays the scenario.

        Args:
            terminal: shows everything.
            cognito: the pool.
            further_answers: by the names of the questions.
            mailbox: where codes can be read, if that is needed.
        """
        events = cognito.cognito_idp_client.meta.events
        events.register("provide-client-params.cognito-identity-provider.SignUp", self._note_attempt)
        events.register("after-call.cognito-identity-provider.SignUp", self._note_sign_up)
        answers = {
            "user_name": self._answer_name,
            "email": lambda: self._email,
            "password": lambda: self._password,
            "set_up_mfa": lambda: "y",
        }
        return UnattendedPerson(terminal, Unattended(terminal, mailbox, {**further_answers, **answers}))

    def remove(self, cognito: CognitoIdentityProviderWrapper) -> str:
        """Delete the user if this run made it and it is still there; return what stays, if that fails."""
        is_own_name = self.name != self._email  # nobody else's user can be called by that
        if not (self._is_made or (self._may_be_made and is_own_name)):
            return ""
        try:
            cognito.admin_delete_user(self.name)
        except ClientError as refusal:
            return "" if is_gone(refusal) else f" The user {self.name} stays: {explained(refusal)[0]}"
        except BotoCoreError as error:
            return f" The user {self.name} stays: {error}"
        return ""

    def _answer_name(self) -> str:
        if self._has_answered_name:  # and the pool has refused it: its users are called by their address
            self.name = self._email
        self._has_answered_name = True
        return self.name

    def _note_attempt(self, params: dict[str, Any], **_: Any) -> None:
        self.name = params["Username"]
        self._may_be_made = True  # the answer may get lost

    def _note_sign_up(self, parsed: dict[str, Any], **_: Any) -> None:
        self._is_made = self._is_made or "Error" not in parsed


def verdict(
    terminal: Terminal,
    cognito: CognitoIdentityProviderWrapper,
    user: SmokeTestUser,
    play: Callable[[], str],
    played: str = "all steps",
) -> int:
    """Play the scenario, remove the user, and say in one last line how it went; return the exit status.

    Args:
        terminal: where that line is shown.
        cognito: the pool.
        user: who plays the scenario.
        play: plays it; returns its problem, if there was one.
        played: the steps that were played, for the verdict without a problem.
    """
    start = time.monotonic()
    failure = ""
    try:
        failure = play()
    except STOPPING as error:
        failure = " ".join(explained(error))
    except NobodyThereError as error:
        failure = str(error)
    finally:
        failure += user.remove(cognito)
    seconds = f"{time.monotonic() - start:.0f} s"
    terminal.say()
    if failure:
        terminal.copyable(f"FAILED after {seconds}, {cognito.user_pool_id}: {' '.join(failure.split())}")
        return STOPPED
    terminal.copyable(f"OK in {seconds}, {cognito.user_pool_id}: {played}, and nothing stays behind.")
    return DONE
