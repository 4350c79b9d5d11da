"""Signing in straight after a sign-up: the code that confirmed the user is the first factor.

Three sessions follow each other: SignUp hands out one, ConfirmSignUp takes it and hands out the next, and
InitiateAuth takes that. ConfirmSignUp hands out its own without one, too: Amplify sends none. Imported by the
actions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_cognito.authentication import flows, sessions
from local_cognito.model import errors
from local_cognito.triggers.sign_in import pre_authentication

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cognito.authentication.sign_in import SignIn
    from local_cognito.rules.cognito import Answer, Cognito
    from local_cognito.storage.records import Client
    from local_cognito.storage.user_records import User

_SIGNED_UP, _CONFIRMED = "SignUp", "ConfirmSignUp"


def after_sign_up(cognito: Cognito, client: Client, user: User) -> Answer:
    """Return the Session of SignUp's answer, where the app client allows USER_AUTH."""
    return _session(cognito, client, user, _SIGNED_UP)


def after_confirmation(
    cognito: Cognito, client: Client, user: User, bearer: str | None
) -> Callable[[User], Answer]:
    """Check ConfirmSignUp's Session, if there is one; return what makes the answer for the confirmed user.

    Raises:
        CognitoError: NotAuthorizedException.
    """
    if bearer is not None:
        sessions.spend(cognito, sessions.find_for(cognito, bearer, client, user, _SIGNED_UP))
    return lambda confirmed: _session(cognito, client, confirmed, _CONFIRMED)


def _session(cognito: Cognito, client: Client, user: User, step: str) -> Answer:
    """Return a new Session as a member of an answer, where the app client allows USER_AUTH."""
    if not flows.is_enabled(client, flows.USER_AUTH):
        return {}
    return {"Session": sessions.begin(cognito, client, user, step)}


def resume(cognito: Cognito, begun: SignIn, bearer: str) -> None:
    """Take ConfirmSignUp's session as the first factor of a sign-in: only MFA still stands before the tokens.

    Raises:
        CognitoError: NotAuthorizedException, also for a user who has signed in before.
    """
    session = sessions.find_for(cognito, bearer, begun.client, begun.user, _CONFIRMED)
    begun.check_user(cognito)
    if cognito.store.grants.count(pool_id=begun.pool.id, username=begun.user.username):
        raise errors.SESSION_INVALID()
    pre_authentication(cognito, begun.pool, begun.client, begun.user)
    sessions.spend(cognito, session)
