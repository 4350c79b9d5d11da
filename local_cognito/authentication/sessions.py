"""Running challenges: each step of a sign-in hands out a session that opens only the next one.

A session belongs to one user, one app client and one step. It expires after the client's
AuthSessionValidity, and a successful answer spends it; a wrong code does not. A change of the user's
password or status, and signing out, end it.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from local_cognito.model import errors
from local_cognito.storage.records import Client, Session

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Cognito
    from local_cognito.storage.user_records import User

_BYTES = 96
_STATE = "state"
_PREFIX = b"\x01\x80\x01"  # in base64 the text starts AYAB, as Cognito's does


def handle_of(bearer: bytes) -> str:
    """Return the SHA-256 of a session or secret block, as hex: the store keeps no bearer texts."""
    return hashlib.sha256(bearer).hexdigest()


def new_bearer(cognito: Cognito) -> str:
    """Return a new session text."""
    return base64.b64encode(_PREFIX + cognito.random_bytes(_BYTES)).decode()


def begin(cognito: Cognito, client: Client, user: User, step: str, **data: Any) -> str:
    """Start `step` for the user and return its session text."""
    bearer = new_bearer(cognito)
    keep(cognito, bearer.encode(), client, user, step, **data)
    return bearer


def keep(
    cognito: Cognito,
    bearer: bytes,
    client: Client,
    user: User,
    step: str,
    *,
    until: float | None = None,
    **data: Any,
) -> None:
    """Store a session of the user for `step`, which `bearer` opens, by default for AuthSessionValidity."""
    now = cognito.now()
    cognito.store.sessions.put(
        Session(
            handle_of(bearer),
            client.pool_id,
            client.id,
            user.username,
            step,
            now + client.session_seconds if until is None else until,
            data | {_STATE: user.state},
        )
    )


def find(cognito: Cognito, bearer: str | None, *steps: str) -> Session:
    """Return the session that `bearer` opens, which must be for one of the `steps`.

    Raises:
        CognitoError: InvalidParameterException when there is none; NotAuthorizedException when it
            is unknown, for another step, expired or spent.
    """
    if bearer is None:
        raise errors.MISSING_PARAMETER(name="Session")
    session = cognito.store.sessions.get(handle_of(bearer.encode()))
    if session is None or session.step not in steps:
        raise errors.SESSION_INVALID()
    check_usable(cognito, session)
    return session


def find_for(cognito: Cognito, bearer: str | None, client: Client, user: User, *steps: str) -> Session:
    """Return the session like `find`; it must also belong to this client, and to this user as they are."""
    session = find(cognito, bearer, *steps)
    if session.client_id != client.id or not is_of(session, user):
        raise errors.SESSION_INVALID()
    return session


def is_of(session: Session, user: User) -> bool:
    """Tell whether this is the user's session, and their password and status have not changed since."""
    return (session.username, session.data.get(_STATE)) == (user.username, user.state)


def check_usable(cognito: Cognito, session: Session) -> None:
    """Refuse a session that is spent or expired.

    Raises:
        CognitoError: NotAuthorizedException.
    """
    if session.spent:
        raise errors.SESSION_SPENT()
    if cognito.now() >= session.expires:
        raise errors.SESSION_EXPIRED()


def spend(cognito: Cognito, session: Session) -> None:
    """Mark the session as spent."""
    session.spent = True
    cognito.store.sessions.put(session)
