"""Shortcuts for tests: what takes a person or a password through the API, done at once.

Only the test plug-in and `LocalCognito` may use them; no request over HTTP leads here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_cognito.authentication import completion
from local_cognito.authentication.sign_in import SignIn, check_state
from local_cognito.authentication.totp import STEP_SECONDS, code_at
from local_cognito.model import errors
from local_cognito.users import directory

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Answer, Cognito
    from local_cognito.storage.records import Pool
    from local_cognito.storage.user_records import User


def start_sign_in(cognito: Cognito, pool_id: str, client_id: str, username: str) -> Answer:
    """Return the answer that InitiateAuth would give to the right password, whatever flows the client allows.

    Raises:
        CognitoError: the user may not sign in, or user, app client or pool do not exist.
    """
    pool, client = directory.get_client(cognito, client_id, pool_id)
    user = find_user(cognito, pool, username)
    check_state(user)
    return completion.after_password(cognito, SignIn(pool, client, user, user.username, {}))


def usable_totp_code(cognito: Cognito, pool_id: str, username: str) -> str | None:
    """Return a code that the pool takes from the user now; None for a user without an authenticator app.

    A code is good once. When those of now, half a minute ago and in half a minute are used up, the pool
    forgets that the current one was used.

    Raises:
        CognitoError: user or pool do not exist.
    """
    pool = directory.get_pool(cognito, pool_id)
    user = find_user(cognito, pool, username)
    if user.totp_secret is None:
        return None
    current = int(cognito.now()) // STEP_SECONDS
    used = user.mfa.get("used", [])
    step = next((one for one in (current, current + 1, current - 1) if one not in used), current)
    if step in used:
        user.mfa["used"] = [one for one in used if one != step]
        directory.save_user(cognito, pool, user)
    return code_at(user.totp_secret, step)


def find_user(cognito: Cognito, pool: Pool, username: str) -> User:
    """Return the user with this user name or alias.

    Raises:
        CognitoError: the user does not exist.
    """
    user = directory.find_user(cognito, pool, username, directory.ALL_KINDS)
    if user is None:
        raise errors.USER_NOT_FOUND()
    return user
