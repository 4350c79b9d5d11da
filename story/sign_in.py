"""Signing in with whatever Cognito asks for: password, second factors, a new password; enrolling an app."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

import question
from cognito_idp_actions import UnexpectedChallengeError, challenge_user_name
from question import matches
from story.advice import SECOND_FACTOR
from story.asking import ask_new_password, ask_password
from story.authenticator_app import key_uri, seconds_to_next_code
from story.state import code_and_message, is_session_over, is_token_over

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from story.state import Account, Answer, Story

    Handler = Callable[[Story, Account, Answer], Answer]

WRONG_PASSWORD = ("NotAuthorizedException", "Incorrect username or password.")
WRONG_CODE = {"CodeMismatchException", "EnableSoftwareTokenMFAException"}
# The fifth wrong answer locks a user for a second, each further one for twice as long as the one before.
FREE_MISSES = 5
LONGEST_LOCK_SECONDS = 15 * 60
_APP = "Authenticator app (TOTP)"
_FACTORS = {"SOFTWARE_TOKEN_MFA": _APP, "SMS_MFA": "Text message (SMS)"}
_E_MAIL = "E-mail"


def sign_in(story: Story, account: Account) -> Answer:
    """Sign in with the password, asking for it again while it is wrong; return what Cognito asks for next.

    A lock after too many wrong answers is waited out.
    """
    while True:
        try:
            answer: Answer = repeated_once(
                story, story.cognito.start_sign_in, account.user_name, account.password
            )
        except ClientError as error:
            if is_lock(error):
                wait_out_lock(story, account)
            elif code_and_message(error) == WRONG_PASSWORD:
                account.count_miss()
                story.terminal.warn("That is not the password of this user.")
                account.password = ask_password(story, "Password")
            else:
                raise
        else:
            account.user_name = challenge_user_name(answer, account.user_name)
            show_challenge(story, answer)
            return answer


def repeated_once(story: Story, method: Callable[..., Any], *args: Any) -> Any:
    """Call a method that signs in by several calls; once more when a session in their midst was over.

    That is how a lost answer shows: the call was repeated, and the first attempt had used the session up.
    """
    try:
        return story.call(method, *args)
    except ClientError as error:
        if not is_session_over(error) and not is_used_proof(error):
            raise
        return story.call(method, *args)


def is_used_proof(error: ClientError) -> bool:
    """Tell whether a device's proof was refused that an attempt before, its answer lost, had used up."""
    was_repeated = error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0) > 0
    return was_repeated and (error.operation_name, code_and_message(error)) == (
        "RespondToAuthChallenge",
        WRONG_PASSWORD,
    )


def finish_sign_in(story: Story, account: Account, answer: Answer) -> Answer:
    """Pass every challenge that follows on an answer of a sign-in; return the tokens."""
    while not is_signed_in(answer):
        answer = pass_challenge(story, account, answer)
    account.misses = account.locks = 0
    tokens: Answer = answer["AuthenticationResult"]
    story.access_token = tokens["AccessToken"]
    return tokens


def call_with_token(story: Story, account: Account, method: Callable[..., object], *args: Any) -> None:
    """Call a method whose first argument is the access token; sign in again when that has expired."""
    try:
        story.call(method, story.access_token, *args)
    except ClientError as error:
        if not is_token_over(error):
            raise
        story.terminal.warn("The sign-in has expired; signing in again.")
        finish_sign_in(story, account, sign_in(story, account))
        story.call(method, story.access_token, *args)


def show_challenge(story: Story, answer: Answer) -> None:
    """Show what Cognito asks for."""
    name = answer.get("ChallengeName", "none")
    story.terminal.fields(f"Cognito's challenge: {name}", answer.get("ChallengeParameters", {}))


def is_signed_in(answer: Answer) -> bool:
    """Tell whether a sign-in is over and brought tokens."""
    return "AuthenticationResult" in answer


def is_lock(error: ClientError) -> bool:
    """Tell whether Cognito refuses every answer for a while, after too many wrong ones."""
    code, message = code_and_message(error)
    return code == "NotAuthorizedException" and "attempts exceeded" in message


def lock_seconds(misses: int, locks: int) -> int:
    """Return how long a user is locked after so many wrong answers in a row.

    Others may have given wrong answers too: so the wait doubles with each one that was not long enough.
    Source: Amazon Cognito Developer Guide, on lockout behavior of failed sign-in attempts.

    Args:
        misses: the wrong answers that are known of.
        locks: waits since the last of them.
    """
    exponent = max(misses - FREE_MISSES, 0) + locks
    return min(1 << min(exponent, 10), LONGEST_LOCK_SECONDS)


def wait_out_lock(story: Story, account: Account) -> None:
    """Say for how long the user is locked, and wait."""
    seconds = lock_seconds(account.misses, account.locks)
    account.locks += 1
    story.terminal.warn(
        f"Too many wrong answers: Cognito has locked {account.user_name} for {seconds} s, even to right ones."
    )
    story.wait(seconds, "Waiting for the lock to end")


# Second factors


def pass_challenge(story: Story, account: Account, challenge: Answer) -> Answer:
    """Answer a challenge; return Cognito's next answer, or that of a new sign-in when the session ran out.

    Raises:
        UnexpectedChallengeError: nothing here knows this challenge.
    """
    handler = _HANDLERS.get(challenge.get("ChallengeName", ""))
    if handler is None:
        raise unexpected_answer(challenge)
    while True:
        try:
            return handler(story, account, challenge)
        except ClientError as error:
            if is_lock(error):
                wait_out_lock(story, account)
            elif is_session_over(error):
                story.terminal.warn("The session ran out; signing in again.")
                return sign_in(story, account)
            else:
                raise


def is_known(challenge: Answer) -> bool:
    """Tell whether `pass_challenge` can answer this challenge."""
    return challenge.get("ChallengeName") in _HANDLERS


def answer_with_app(story: Story, account: Account, challenge: Answer) -> Answer:
    """Answer SOFTWARE_TOKEN_MFA."""
    while True:
        code = story.codes.code("MFA code", "mfa_code")
        try:
            tokens = story.call(
                story.cognito.respond_to_mfa_challenge, account.user_name, challenge["Session"], code
            )
        except ClientError as error:
            refusal, _ = code_and_message(error)
            if refusal == "ExpiredCodeException":
                story.terminal.warn("That code was used before.")
                wait_for_next_code(story)
            elif refusal in WRONG_CODE:
                account.count_miss()
                story.codes.was_wrong()
            else:
                raise
        else:
            return {"AuthenticationResult": tokens}


def wait_for_next_code(story: Story) -> None:
    """Wait until the app shows a code that was not used yet."""
    story.wait(seconds_to_next_code(), "Each code works once: waiting for the next one")


def answer_with_sent_code(story: Story, account: Account, challenge: Answer) -> Answer:
    """Answer SMS_MFA or EMAIL_OTP; an empty answer signs in again, so that another code is sent."""
    by_sms = challenge["ChallengeName"] == "SMS_MFA"
    where = challenge.get("ChallengeParameters", {}).get("CODE_DELIVERY_DESTINATION", "you")
    story.terminal.say(f"Cognito has sent a code to {where}.")
    story.show_mail(account.email)
    medium = "text message" if by_sms else "e-mail"
    is_code = matches("[0-9]*", "A code has digits only.")
    while True:
        prompt = f"Code from the {medium} (Enter alone sends a new one)"
        code = story.ask(prompt, is_code, name="sent_code")
        if not code:
            return sign_in(story, account)
        try:
            return respond(story, account, challenge, {"SMS_MFA_CODE" if by_sms else "EMAIL_OTP_CODE": code})
        except ClientError as error:
            refusal, message = code_and_message(error)
            if refusal not in {"CodeMismatchException", "ExpiredCodeException"}:
                raise
            account.count_miss()
            story.terminal.warn(message)


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
        except ClientError as error:
            refusal, message = code_and_message(error)
            if refusal != "InvalidPasswordException":
                raise
            story.terminal.warn(message)
        else:
            account.password = password
            return answer


def respond(story: Story, account: Account, challenge: Answer, responses: Mapping[str, str]) -> Answer:
    """Answer a challenge, and show the one that follows."""
    name, session = challenge["ChallengeName"], challenge["Session"]
    answer: Answer = story.call(
        story.cognito.admin_respond_to_auth_challenge, account.user_name, name, session, responses
    )
    if answer.get("ChallengeName") == "MFA_SETUP":
        answer = {**answer, **story.call(story.cognito.get_mfa_secret, answer["Session"])}
    if not is_signed_in(answer):
        show_challenge(story, answer)
    return answer


_HANDLERS: Mapping[str, Handler] = {
    "SOFTWARE_TOKEN_MFA": answer_with_app,
    "SMS_MFA": answer_with_sent_code,
    "EMAIL_OTP": answer_with_sent_code,
    "SELECT_MFA_TYPE": choose_factor,
    "NEW_PASSWORD_REQUIRED": set_new_password,
}


def unexpected_answer(answer: Answer) -> UnexpectedChallengeError:
    """Return the error for a challenge that nothing here can answer."""
    return UnexpectedChallengeError(
        SECOND_FACTOR, answer.get("ChallengeName"), answer.get("ChallengeParameters", {})
    )


# Enrolling an authenticator app


def is_enrolled(story: Story, account: Account, associated: Answer, access_token: str | None = None) -> bool:
    """Show the QR code and ask for a code until one is right; False when the session ran out meanwhile.

    Args:
        story: what every step works with.
        account: who enrols the app.
        associated: the answer that has the `SecretCode` and, without access token, the `Session`.
        access_token: of a user who is signed in already.
    """
    secret, session = associated["SecretCode"], associated.get("Session")
    issuer = f"Cognito {story.cognito.user_pool_id}"
    with story.codes.qr_code(key_uri(secret, issuer, account.user_name), secret):
        while True:
            code = story.codes.code("Code that the app shows", "set_up_code")
            try:
                answer = story.call(story.cognito.verify_mfa, session, code, access_token)
            except ClientError as error:
                if is_session_over(error) or is_token_over(error):
                    story.terminal.warn("The session ran out; signing in again.")
                    return False
                if code_and_message(error)[0] not in WRONG_CODE:
                    raise
                story.codes.was_wrong()
            else:
                if answer.get("Status") == "SUCCESS":
                    story.terminal.done("The app is enrolled.")
                    return True
                session = answer.get("Session", session)
                story.codes.was_wrong()
