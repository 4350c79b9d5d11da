"""Enrolling an authenticator app where it does not go smoothly, and in pools that don't ask for one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from scenario import advice
from scenario.advice import UnknownChallengeError
from scenario.asking import ask_yesno
from scenario.refusals import is_session_over, is_token_expired, is_totp_off, is_wrong_mfa_code, message_of
from scenario.sign_in import (
    answer_challenge,
    finish_sign_in,
    is_known,
    is_signed_in,
    sign_in,
    with_access_token,
)

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from mypy_boto3_cognito_idp.type_defs import SoftwareTokenMfaSettingsTypeTypeDef

    from scenario.state import Account, Answer, Story

_FIRST_CHOICE: Final[SoftwareTokenMfaSettingsTypeTypeDef] = {"Enabled": True, "PreferredMfa": True}


def key_shown(story: Story, account: Account, secret: str) -> AbstractContextManager[None]:
    """Show the key of an authenticator app, a TOTP secret in Base32, for as long as the block lasts."""
    return story.app.key_shown(secret, f"Cognito {story.cognito.user_pool_id}", account.user_name)


def try_other_codes(story: Story, answer: Answer, refusal: ClientError | None = None) -> bool:
    """Go on after the first code was wrong; see `try_codes`.

    Args:
        story: the surroundings.
        answer: what has the `Session` to go on in.
        refusal: what Cognito said, or None when it merely answered that the code was wrong.
    """
    if refusal is None:
        story.app.say_code_was_wrong()
    elif not explain_refusal(story, refusal):
        return False
    return try_codes(story, answer["Session"])


def set_up_otherwise(story: Story, account: Account, answer: Answer) -> Answer | None:
    """Set up MFA, whatever Cognito answered to a sign-in.

    Returns:
        Cognito's answer to a sign-in that is not finished, or None when the next sign-in has to begin one.

    Raises:
        UnknownChallengeError: Cognito asks for something that the story has no answer to.
    """
    while True:
        name = answer.get("ChallengeName")
        if name == "MFA_SETUP":
            if enrol_app(story, account, answer["SecretCode"], answer["Session"]):
                return None
            answer = sign_in(story, account)
        elif name == "NEW_PASSWORD_REQUIRED":
            answer = answer_challenge(story, account, answer)
        elif is_signed_in(answer):
            finish_sign_in(story, account, answer)
            return None if offer_mfa(story, account) else answer
        elif is_known(answer):
            story.terminal.done("This user has a second factor already: there is nothing to set up.")
            return answer
        else:
            raise UnknownChallengeError(answer)


def enrol_app(
    story: Story, account: Account, secret: str, session: str | None, access_token: str | None = None
) -> bool:
    """Show the key and ask for codes until one is right; return False when the session ran out meanwhile.

    Args:
        story: the surroundings.
        account: who enrols the app.
        secret: the TOTP secret, in Base32.
        session: of the MFA_SETUP challenge, or None with an access token.
        access_token: of a user who is signed in already.
    """
    with key_shown(story, account, secret):
        is_enrolled = try_codes(story, session, access_token)
    if is_enrolled:
        story.terminal.done("The app is enrolled.")
    return is_enrolled


def try_codes(story: Story, session: str | None, access_token: str | None = None) -> bool:
    """Ask for codes of the app until one is right; return False when session or token ran out meanwhile."""
    while True:
        code = story.app.ask_code("Code that the app shows", "set_up_code")
        try:
            verified = story.cognito.verify_mfa(session, code, access_token)
        except ClientError as refusal:
            if not explain_refusal(story, refusal):
                return False
            continue
        if verified.get("Status") == "SUCCESS":
            return True
        session = verified.get("Session", session)
        story.app.say_code_was_wrong()


def explain_refusal(story: Story, refusal: ClientError) -> bool:
    """Say why a code was refused; return whether another code can be tried in the same session.

    Raises:
        ClientError: the refusal, when neither another code nor another session would help.
    """
    if is_session_over(refusal) or is_token_expired(refusal):
        story.terminal.warn("The session ran out; signing in again.")
        return False
    if not is_wrong_mfa_code(refusal):
        raise refusal
    story.app.say_code_was_wrong()
    return True


def offer_mfa(story: Story, account: Account) -> bool:
    """Offer an app to a user whom the pool lets in without one; return whether MFA is on from now on."""
    story.terminal.warn("Cognito asked for no second factor: MFA is off or optional in this pool.")
    if not story.pool.offers_totp:
        story.terminal.hint("It offers no authenticator app (TOTP) either, so none is set up.")
        return False
    if not ask_yesno(story, "Set up an authenticator app for this user all the same?", "set_up_mfa"):
        return False
    try:
        while not enrol_app_with_token(story, account):
            finish_sign_in(story, account, sign_in(story, account))
        with_access_token(
            story, account, lambda token: story.cognito.set_user_mfa_preference(token, _FIRST_CHOICE)
        )
    except ClientError as refusal:
        if not is_totp_off(refusal):
            raise
        story.terminal.warn(f"{message_of(refusal)} Going on without.")
        story.terminal.hint(advice.for_refusal(refusal) or "The pool must offer TOTP for it.")
        return False
    story.terminal.done("From now on Cognito asks this user for a code (SetUserMFAPreference).")
    return True


def enrol_app_with_token(story: Story, account: Account) -> bool:
    """Enrol an app of a user who is signed in; return False when the sign-in expired meanwhile."""
    associated = story.cognito.get_mfa_secret(access_token=account.access_token)
    return enrol_app(story, account, associated["SecretCode"], None, account.access_token)
