"""Running challenges: each step of a sign-in hands out a session that opens only the next one.

A session belongs to one user, one app client and one step, ends after the client's
AuthSessionValidity, and is spent by the answer that succeeds; a wrong code leaves it usable. It is
worth what it was given for: another password or status of the user, and signing out, end it.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from local_cognito.model import errors
from local_cognito.storage.records import Client, Session, User

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Cognito

_BYTES = 96
_STATE = "state"
_PREFIX = b"\x01\x80\x01"  # in base64 the text starts AYAB, as Cognito's does


def handle_of(bearer: bytes) -> str:
    """Return what is kept of a session or secret block: its SHA-256."""
    return hashlib.sha256(bearer).hexdigest()


def new_bearer(cognito: Cognito) -> str:
    """Return a new session text."""
    return base64.b64encode(_PREFIX + cognito.random_bytes(_BYTES)).decode()


def begin(cognito: Cognito, client: Client, user: User, step: str, **data: Any) -> str:
    """Start `step` for the user and return the session text for it."""
    bearer = new_bearer(cognito)
    keep(cognito, bearer.encode(), client, user, step, **data)
    return bearer


def keep(cognito: Cognito, bearer: bytes, client: Client, user: User, step: str, **data: Any) -> None:
    """Remember that `bearer` opens `step` for the user."""
    now = cognito.now()
    cognito.store.sessions.put(
        Session(
            handle_of(bearer),
            client.pool_id,
            client.id,
            user.username,
            step,
            now + client.session_seconds,
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
    """Tell whether the session was given to this user, with the password and status that they have now."""
    return (session.username, session.data.get(_STATE)) == (user.username, user.state)


def check_usable(cognito: Cognito, session: Session) -> None:
    """Refuse a session whose time is over or whose step is done."""
    if session.spent:
        raise errors.SESSION_SPENT()
    if cognito.now() >= session.expires:
        raise errors.SESSION_EXPIRED()


def spend(cognito: Cognito, session: Session) -> None:
    """Mark the session's step as done."""
    session.spent = True
    cognito.store.sessions.put(session)
