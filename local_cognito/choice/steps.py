"""The sessions of USER_AUTH's steps. Imported by the other modules of this room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_cognito.authentication import sessions
from local_cognito.rules import attempts

if TYPE_CHECKING:
    from local_cognito.authentication.sign_in import SignIn, Step
    from local_cognito.rules.cognito import Answer, Cognito
    from local_cognito.storage.records import Session


def as_first(challenge: str) -> str:
    """Return the step of a challenge that is a first factor: EMAIL_OTP and WEB_AUTHN are MFA, too."""
    return f"first {challenge}"


def first_or_second(challenge: str, first: Step, second: Step) -> Step:
    """Return the answer to a challenge that is a first factor in one session and MFA in another."""

    def step(cognito: Cognito, sign_in: SignIn) -> Answer:
        session = cognito.store.sessions.get(sessions.handle_of((sign_in.bearer or "").encode()))
        is_first = session is not None and session.step == as_first(challenge)
        return (first if is_first else second)(cognito, sign_in)

    return step


def open_step(cognito: Cognito, sign_in: SignIn, *steps: str) -> Session:
    """Resume from the request's session like `SignIn.open`, and hide in the same way who exists.

    Raises:
        CognitoError: see `SignIn.open`.
    """
    if not sign_in.client.hides_existence:
        session = sign_in.open(cognito, *steps)
    else:
        session = sessions.find_for(cognito, sign_in.bearer, sign_in.client, sign_in.user, *steps)
        sign_in.resume(session)
        attempts.refuse_while_locked(cognito, sign_in.counted[0])
    sign_in.named_device = sign_in.named_device or session.data.get("named_device")
    return session
