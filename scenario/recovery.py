"""Recovery from refusals: for each kind of call, the function that decides how its step continues.

Each takes the refusal, corrects the value or asks for another one, and returns the state to continue from; or
it raises the refusal when no other answer can help. The wrapper has shown the refusal by then. No function
here calls a step.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Final

import question
from scenario import advice
from scenario.asking import ask_email, ask_new_password, ask_password, ask_user_name
from scenario.refusals import (
    is_about_email,
    is_about_password,
    is_about_user_name,
    is_after_lost_answer,
    is_attempt_limit,
    is_confirmation_limit,
    is_confirmed_already,
    is_device_known,
    is_gone,
    is_locked,
    is_malformed,
    is_name_taken,
    is_refresh_refused,
    is_session_over,
    is_token_expired,
    is_totp_off,
    is_transient,
    is_used_mfa_code,
    is_used_proof,
    is_wrong_mfa_code,
    is_wrong_password,
    is_wrong_sent_code,
    says,
)
from scenario.state import UserState
from scenario.user_table import attribute

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_cognito_idp.type_defs import ConfirmDeviceResponseTypeDef

    from cognito_idp_actions import SignInAnswer
    from scenario.state import Account, Scenario

GO_ON_WITH_USER, ANOTHER_NAME = "Go on with this user", "Choose another user name"
# The fifth failure locks a user for a second, each further one for twice as long as the one before.
FAILURES_BEFORE_LOCK: Final = 5
MOST_RESTARTS: Final = 5  # of sign-ins, by themselves, in a run
LONGEST_LOCK_SECONDS: Final = 15 * 60
_MOST_DOUBLINGS: Final = 10  # more would be above the longest lock
_SENT_CODES: Final = {"SMS_MFA", "EMAIL_OTP"}


# Signing up


def recover_sign_up(scenario: Scenario, account: Account, refusal: ClientError) -> None:
    """Ask again for what Cognito refused at sign-up, or go on with the user of that name who exists.

    Raises:
        ClientError: the refusal, when it was about nothing that the person typed.
    """
    if is_transient(refusal):  # the sign-up may have been accepted all the same
        raise refusal
    account.state = UserState.ABSENT
    if is_name_taken(refusal):
        _choose_user(scenario, account, refusal)
    elif is_about_password(refusal):
        account.password = ask_new_password(scenario)
    elif is_about_user_name(refusal):
        account.user_name = ask_user_name(scenario)
    elif is_about_email(refusal):
        account.email = ask_email(scenario)
    else:
        raise refusal


def _choose_user(scenario: Scenario, account: Account, refusal: ClientError) -> None:
    """Offer to go on with the user who exists, or to take another name."""
    if is_after_lost_answer(refusal):
        scenario.terminal.hint(
            "The connection broke meanwhile: it may be the user that you have just signed up."
        )
    choices = (GO_ON_WITH_USER, ANOTHER_NAME)
    picked = question.choose(
        "What now?", choices, ask=scenario.ask, name="existing_user", default=GO_ON_WITH_USER
    )
    if picked == GO_ON_WITH_USER:
        _go_on_with_user(scenario, account)
        return
    account.user_name = ask_user_name(scenario)
    if says(refusal, "email"):
        account.email = ask_email(scenario)


def _go_on_with_user(scenario: Scenario, account: Account) -> None:
    """Take state and address of a user who exists from Cognito, and the password from the person."""
    user = scenario.cognito.admin_get_user(account.user_name)
    account.email = attribute(user.get("UserAttributes", []), "email") or account.email
    prompt = f"Password of {account.user_name} (Enter alone takes the one above)"
    account.password = ask_password(scenario, prompt, otherwise=account.password)
    account.is_new = False
    is_unconfirmed = user.get("UserStatus") == "UNCONFIRMED"
    account.state = UserState.NOT_CONFIRMED if is_unconfirmed else UserState.CONFIRMED


def recover_confirmation(scenario: Scenario, account: Account, refusal: ClientError, code: str) -> None:
    """Say whether another code helps, where one was refused, or a new one was not sent.

    Raises:
        ClientError: the refusal, when neither helps.
    """
    if is_confirmed_already(refusal):
        account.state = UserState.CONFIRMED
    elif code and is_confirmation_limit(refusal):
        scenario.terminal.hint(
            "Cognito takes no code for this user, not even the right one, until the hour is over. "
            "Wait here, or leave with Ctrl-C and run this again later with the same user name."
        )
    elif not code and is_attempt_limit(refusal):
        scenario.terminal.hint("The code that was sent last is still good.")
    elif not (code and (is_wrong_sent_code(refusal) or is_malformed(refusal))):
        raise refusal


# Signing in


def recover_sign_in(
    scenario: Scenario, account: Account, challenge: SignInAnswer | None, refusal: ClientError
) -> SignInAnswer | None:
    """Put right what a sign-in was refused for: ask for the password again, wait, or count a wrong code.

    Args:
        scenario: the surroundings.
        account: whose password may be asked for, and whose failures are counted.
        challenge: the answer to which the refused call was, or None when it began the sign-in.
        refusal: what Cognito said.

    Returns:
        The challenge to answer again, or None when the sign-in has to begin again.

    Raises:
        ClientError: the refusal, when no other answer would help.
    """
    if is_locked(refusal):
        _wait_out_lock(scenario, account)
        return challenge
    if challenge is None:
        _recover_password(scenario, account, refusal)
        return None
    if is_session_over(refusal):
        scenario.terminal.hint("The session ran out; signing in again.")
        return None
    name = challenge["ChallengeName"]
    if name == "SOFTWARE_TOKEN_MFA":
        _recover_mfa_code(scenario, account, refusal)
    elif name in _SENT_CODES and is_wrong_sent_code(refusal):
        account.count_failure()
    else:
        raise refusal
    return challenge


def _recover_password(scenario: Scenario, account: Account, refusal: ClientError) -> None:
    if not is_wrong_password(refusal):
        raise refusal
    account.count_failure()
    scenario.terminal.hint("That is not the password of this user.")
    account.password = ask_password(scenario, "Password")


def _recover_mfa_code(scenario: Scenario, account: Account, refusal: ClientError) -> None:
    if is_used_mfa_code(refusal):
        scenario.terminal.hint("That code was used before.")
        scenario.app.wait_for_next_code()
    elif is_wrong_mfa_code(refusal):
        account.count_failure()
        scenario.app.say_code_was_wrong()
    else:
        raise refusal


def lock_seconds(failures: int, locks: int) -> int:
    """Return how long a user is locked after so many failures in a row.

    Others may have failed with the same name too: so the wait doubles with each one that was not long enough.
    Source: Amazon Cognito Developer Guide, on lockout behavior of failed sign-in attempts.

    Args:
        failures: the wrong answers that are known of.
        locks: waits since the last of them.
    """
    doublings = max(failures - FAILURES_BEFORE_LOCK, 0) + locks
    return min(1 << min(doublings, _MOST_DOUBLINGS), LONGEST_LOCK_SECONDS)


def _wait_out_lock(scenario: Scenario, account: Account) -> None:
    seconds = lock_seconds(account.failures, account.locks)
    account.locks += 1
    scenario.terminal.hint(
        f"Too many wrong answers: Cognito has locked {account.user_name} for {seconds} s, even to right ones."
    )
    scenario.person.wait(seconds, "Waiting for the lock to end")


# Setting up MFA


def recover_app_code(scenario: Scenario, refusal: ClientError) -> None:
    """Say that a code of the app was wrong, so that another one is asked for in the same session.

    Raises:
        ClientError: the refusal, when it was about something else.
    """
    if not is_wrong_mfa_code(refusal):
        raise refusal
    scenario.app.say_code_was_wrong()


def recover_enrolment(scenario: Scenario, account: Account, refusal: ClientError) -> bool:
    """Return whether the app can be enrolled after a new sign-in; False when a pool needs and offers none.

    Raises:
        ClientError: the refusal, when that would not help, or has not helped.
    """
    if account.tokens and is_totp_off(refusal):
        scenario.terminal.hint(advice.for_refusal(refusal) or "The pool must offer TOTP for it.")
        return False
    if not (is_session_over(refusal) or is_token_expired(refusal)):
        raise refusal
    count_restart(account, refusal)
    scenario.terminal.hint("The session ran out; signing in again.")
    return True


def count_restart(account: Account, refusal: ClientError) -> None:
    """Count a sign-in that has to begin again; after a number of them raise the refusal."""
    account.restarts += 1
    if account.restarts > MOST_RESTARTS:
        raise refusal


# Devices, tokens, removing things


def recover_device(refusal: ClientError) -> ConfirmDeviceResponseTypeDef:
    """Return the answer to go on from where an earlier attempt, its answer lost, has confirmed the device.

    Raises:
        ClientError: the refusal, when it was about something else.
    """
    if not is_device_known(refusal):
        raise refusal
    answer: ConfirmDeviceResponseTypeDef = {"UserConfirmationNecessary": True}  # type: ignore[typeddict-item]
    return answer


def recover_device_sign_in(scenario: Scenario, account: Account, refusal: ClientError) -> None:
    """Let the device sign in once more where a lost answer has used up its session or its proof.

    Raises:
        ClientError: the refusal, when that would not help.
    """
    if is_after_lost_answer(refusal) and (is_session_over(refusal) or is_used_proof(refusal)):
        count_restart(account, refusal)
        scenario.terminal.hint("The answer got lost; signing in again.")
        return
    if is_wrong_password(refusal):
        now = f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M:%S} UTC"
        scenario.terminal.hint(
            f"The proof carries the time, and here it is {now}: is this computer's clock right?"
        )
    raise refusal


def recover_renewal(scenario: Scenario, refusal: ClientError) -> None:
    """Say why tokens may not be renewed, where the scenario can go on with those that there are.

    Raises:
        ClientError: the refusal, when it was about something else.
    """
    if not is_refresh_refused(refusal):
        raise refusal
    scenario.terminal.hint(
        "In a pool that tracks devices a refresh token works only together with a confirmed device; and an "
        "app client has to allow it. Going on without new tokens."
    )


def recover_expired_token(scenario: Scenario, account: Account, refusal: ClientError) -> None:
    """Say that the access token has expired, so that signing in again helps.

    Raises:
        ClientError: the refusal, when that would not help.
    """
    if not is_token_expired(refusal):
        raise refusal
    count_restart(account, refusal)
    scenario.terminal.hint("The sign-in has expired; signing in again.")


def recover_removal(scenario: Scenario, account: Account, refusal: ClientError) -> bool:
    """Return whether what was to be removed is gone already; False when signing in again helps.

    Raises:
        ClientError: the refusal, when neither is so.
    """
    if is_gone(refusal):
        return True
    recover_expired_token(scenario, account, refusal)
    return False
