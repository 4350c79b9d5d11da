"""What goes wrong while a user signs in, and what else Cognito may ask for than the story's good way.

The steps make the calls of the good way themselves. `sign_in_after` and `finish_sign_in_after` take over when
Cognito refuses one of them: they ask again for what was wrong, wait locks out, and sign in again when a
session ran out. `finish_sign_in` answers every other challenge: codes by text message or e-mail, a choice
between factors, a new password.
"""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import ClientError

import question
from cognito_idp_actions import challenge_user_name, check_totp_offered
from question import matches
from scenario.advice import UnknownChallengeError
from scenario.asking import ask_code, ask_new_password, ask_password
from scenario.refusals import (
    is_about_password,
    is_locked,
    is_session_over,
    is_token_expired,
    is_used_mfa_code,
    is_wrong_mfa_code,
    is_wrong_password,
    is_wrong_sent_code,
    message_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scenario.state import Account, Answer, Story

    Responder = Callable[[Story, Account, Answer], Answer]

T = TypeVar("T")

# The fifth failure locks a user for a second, each further one for twice as long as the one before.
FAILURES_BEFORE_LOCK = 5
LONGEST_LOCK_SECONDS = 15 * 60
_MOST_DOUBLINGS = 10  # more would be above the longest lock
_FACTORS = {"SOFTWARE_TOKEN_MFA": "Authenticator app (TOTP)", "SMS_MFA": "Text message (SMS)"}
_E_MAIL = "E-mail"


def is_signed_in(answer: Answer) -> bool:
    """Tell whether a sign-in is over and brought tokens."""
    return "AuthenticationResult" in answer


# The password


def sign_in(story: Story, account: Account) -> Answer:
    """Sign in with the password, and return what Cognito asks for next, whatever it takes to get there.

    Raises:
        ClientError: Cognito refused for another reason than a wrong password or a lock.
    """
    while True:
        try:
            answer: Answer = story.cognito.start_sign_in(account.user_name, account.password)
        except ClientError as refusal:
            ask_password_or_wait(story, account, refusal)
        else:
            note_challenge(story, account, answer)
            return answer


def sign_in_after(story: Story, account: Account, refusal: ClientError) -> Answer:
    """Put right what Cognito refused the sign-in for, then sign in; see `sign_in`."""
    ask_password_or_wait(story, account, refusal)
    return sign_in(story, account)


def ask_password_or_wait(story: Story, account: Account, refusal: ClientError) -> None:
    """Ask for the password again when it was wrong; wait when the user is locked; else raise the refusal."""
    if is_locked(refusal):
        wait_out_lock(story, account)
    elif is_wrong_password(refusal):
        account.count_failure()
        story.terminal.warn("That is not the password of this user.")
        account.password = ask_password(story, "Password")
    else:
        raise refusal


def note_challenge(story: Story, account: Account, answer: Answer) -> None:
    """Show what Cognito asks for, and go by the user name that it gave."""
    account.user_name = challenge_user_name(answer, account.user_name)
    show_challenge(story, answer)


def show_challenge(story: Story, answer: Answer) -> None:
    """Show what Cognito asks for, if it asks for anything."""
    if answer.get("ChallengeName"):
        title = f"Cognito's challenge: {answer['ChallengeName']}"
        story.terminal.fields(title, answer.get("ChallengeParameters", {}))


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


def wait_out_lock(story: Story, account: Account) -> None:
    """Say for how long the user is locked, and wait."""
    seconds = lock_seconds(account.failures, account.locks)
    account.locks += 1
    story.terminal.warn(
        f"Too many wrong answers: Cognito has locked {account.user_name} for {seconds} s, even to right ones."
    )
    story.person.pause(seconds, "Waiting for the lock to end")


# The challenges after the password


def finish_sign_in(story: Story, account: Account, answer: Answer) -> Answer:
    """Answer every challenge that follows on an answer of a sign-in; return the tokens.

    Raises:
        UnknownChallengeError: nothing here has an answer to a challenge.
    """
    while not is_signed_in(answer):
        answer = answer_challenge(story, account, answer)
    tokens: Answer = answer["AuthenticationResult"]
    account.keep_tokens(tokens)
    return tokens


def finish_sign_in_after(story: Story, account: Account, challenge: Answer, refusal: ClientError) -> Answer:
    """Put right what Cognito refused a code of the authenticator app for, and go on; see `finish_sign_in`."""
    if is_interrupted(refusal):
        challenge = resume(story, account, challenge, refusal)
    else:
        explain_refused_mfa_code(story, account, refusal)
    return finish_sign_in(story, account, challenge)


def answer_challenge(story: Story, account: Account, challenge: Answer) -> Answer:
    """Answer a challenge; return Cognito's next answer, or that of a new sign-in when the session ran out."""
    if not is_known(challenge):
        raise UnknownChallengeError(challenge)
    try:
        return _RESPONDERS[challenge["ChallengeName"]](story, account, challenge)
    except ClientError as refusal:
        return resume(story, account, challenge, refusal)


def is_known(challenge: Answer) -> bool:
    """Tell whether `answer_challenge` can answer this challenge."""
    return challenge.get("ChallengeName") in _RESPONDERS


def is_interrupted(refusal: ClientError) -> bool:
    """Tell whether a challenge was refused whatever the answer to it was."""
    return is_locked(refusal) or is_session_over(refusal)


def resume(story: Story, account: Account, challenge: Answer, refusal: ClientError) -> Answer:
    """Return the challenge to answer after a lock was waited out, or from a new sign-in; else raise."""
    if is_locked(refusal):
        wait_out_lock(story, account)
        return challenge
    if is_session_over(refusal):
        story.terminal.warn("The session ran out; signing in again.")
        return sign_in(story, account)
    raise refusal


def answer_with_app(story: Story, account: Account, challenge: Answer) -> Answer:
    """Answer SOFTWARE_TOKEN_MFA."""
    while True:
        code = story.app.ask_code("MFA code", "mfa_code")
        try:
            tokens = story.cognito.respond_to_mfa_challenge(account.user_name, challenge["Session"], code)
        except ClientError as refusal:
            explain_refused_mfa_code(story, account, refusal)
        else:
            return {"AuthenticationResult": tokens}


def explain_refused_mfa_code(story: Story, account: Account, refusal: ClientError) -> None:
    """Say what was wrong with a code of the authenticator app, and wait for the next one if it was used."""
    if is_used_mfa_code(refusal):
        story.terminal.warn("That code was used before.")
        story.app.wait_for_next_code()
    elif is_wrong_mfa_code(refusal):
        account.count_failure()
        story.app.say_code_was_wrong()
    else:
        raise refusal


def answer_with_sent_code(story: Story, account: Account, challenge: Answer) -> Answer:
    """Answer SMS_MFA or EMAIL_OTP; an empty answer signs in again, so that another code is sent."""
    is_sms = challenge["ChallengeName"] == "SMS_MFA"
    medium, response = ("text message", "SMS_MFA_CODE") if is_sms else ("e-mail", "EMAIL_OTP_CODE")
    where = challenge.get("ChallengeParameters", {}).get("CODE_DELIVERY_DESTINATION", "you")
    story.terminal.say(f"Cognito has sent a code to {where}.")
    story.show_mail(account.email)
    is_code = matches("[0-9]*", "A code has digits only.")
    while True:
        prompt = f"Code from the {medium} (Enter alone sends a new one)"
        code = ask_code(story, prompt, "sent_code", is_code)
        if not code:
            return sign_in(story, account)
        try:
            return respond(story, account, challenge, {response: code})
        except ClientError as refusal:
            if not is_wrong_sent_code(refusal):
                raise
            account.count_failure()
            story.terminal.warn(message_of(refusal))


def choose_factor(story: Story, account: Account, challenge: Answer) -> Answer:
    """Answer SELECT_MFA_TYPE with one of the factors that the user has."""
    offered: list[str] = json.loads(challenge["ChallengeParameters"]["MFAS_CAN_CHOOSE"])
    names = {_FACTORS.get(factor, _E_MAIL if "EMAIL" in factor else factor): factor for factor in offered}
    picked = question.choose("Which second factor?", list(names), ask=story.ask, name="factor")
    return respond(story, account, challenge, {"ANSWER": names[picked]})


def set_new_password(story: Story, account: Account, challenge: Answer) -> Answer:
    """Answer NEW_PASSWORD_REQUIRED: a new password, and the attributes that the pool requires."""
    story.terminal.say("The password was a temporary one; Cognito wants a new one before anything else.")
    required: list[str] = json.loads(challenge["ChallengeParameters"].get("requiredAttributes") or "[]")
    attributes = {name: story.ask(name.removeprefix("userAttributes."), name=name) for name in required}
    while True:
        password = ask_new_password(story, "New password", "new_password")
        try:
            answer = respond(story, account, challenge, {"NEW_PASSWORD": password, **attributes})
        except ClientError as refusal:
            if not is_about_password(refusal):
                raise
            story.terminal.warn(message_of(refusal))
        else:
            account.password = password
            return answer


def respond(story: Story, account: Account, challenge: Answer, responses: Mapping[str, str]) -> Answer:
    """Answer a challenge, and show the one that follows."""
    answer: Answer = story.cognito.admin_respond_to_auth_challenge(
        account.user_name, challenge["ChallengeName"], challenge["Session"], responses
    )
    if answer.get("ChallengeName") == "MFA_SETUP":
        check_totp_offered(answer)
        answer = {**answer, **story.cognito.get_mfa_secret(answer["Session"])}
    if not is_signed_in(answer):
        show_challenge(story, answer)
    return answer


_RESPONDERS: Mapping[str, Responder] = {
    "SOFTWARE_TOKEN_MFA": answer_with_app,
    "SMS_MFA": answer_with_sent_code,
    "EMAIL_OTP": answer_with_sent_code,
    "SELECT_MFA_TYPE": choose_factor,
    "NEW_PASSWORD_REQUIRED": set_new_password,
}


# Devices and access tokens


def explain_missing_device(story: Story) -> None:
    """Say why a sign-in may have brought no device key, and what changes that."""
    story.terminal.warn(
        "Cognito gave no device key: this pool tracks no devices, or only after a second factor."
    )
    story.terminal.hint(
        "Turn it on with DeviceConfiguration (ChallengeRequiredOnNewDevice=true), and MFA with it; "
        "then run this again."
    )


def hint_at_clock(story: Story, refusal: ClientError) -> None:
    """Say what the time is here, where a device's proof was refused."""
    if is_wrong_password(refusal):
        now = f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M:%S} UTC"
        story.terminal.hint(
            f"The proof carries the time, and here it is {now}: is this computer's clock right?"
        )


def with_access_token(story: Story, account: Account, call: Callable[[str], T]) -> T:
    """Return what a call with the access token returns; when that has expired, sign in and call once more."""
    try:
        return call(account.access_token)
    except ClientError as refusal:
        if not is_token_expired(refusal):
            raise
        story.terminal.warn("The sign-in has expired; signing in again.")
        finish_sign_in(story, account, sign_in(story, account))
        return call(account.access_token)
