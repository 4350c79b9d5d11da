"""Sessions of users: the sign-ins whose tokens are good, listed and ended one by one."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from local_cognito.authentication import tokens
from local_cognito.model import errors
from local_cognito.rules import paging
from local_cognito.rules.cognito import LOWER_BASE36
from local_cognito.users import directory

if TYPE_CHECKING:
    from local_cognito.model import requests
    from local_cognito.rules.cognito import Answer, Cognito
    from local_cognito.storage.records import Grant
    from local_cognito.storage.user_records import User

_PREFIX = "tkn"  # of a session of tokens, which every sign-in by the API is
_ID_LENGTH = 25


def list_user_sessions(cognito: Cognito, request: requests.ListUserSessions) -> Answer:
    """ListUserSessions: a page of the signed-in user's sessions, and which of them the token is of."""
    _, user, claims = tokens.verify_access(cognito, request["AccessToken"])
    return _listed(cognito, user, request.get("NextToken"), claims["event_id"])


def admin_list_user_sessions(cognito: Cognito, request: requests.AdminListUserSessions) -> Answer:
    """AdminListUserSessions: a page of a user's sessions."""
    _, user = directory.managed_user(cognito, request)
    return _listed(cognito, user, request.get("NextToken"))


def revoke_user_session(cognito: Cognito, request: requests.RevokeUserSession) -> Answer:
    """RevokeUserSession: end another session of the signed-in user, with all its tokens."""
    _, user, claims = tokens.verify_access(cognito, request["AccessToken"])
    grant = _session(cognito, user, request["SessionId"])
    if grant.event_id == claims["event_id"]:
        raise errors.CURRENT_SESSION()
    return _end(cognito, grant)


def admin_revoke_user_session(cognito: Cognito, request: requests.AdminRevokeUserSession) -> Answer:
    """AdminRevokeUserSession: end a session of a user, with all its tokens."""
    _, user = directory.managed_user(cognito, request)
    return _end(cognito, _session(cognito, user, request["SessionId"]))


def _listed(cognito: Cognito, user: User, token: str | None, current: str | None = None) -> Answer:
    found, following = paging.page(
        cognito.store.grants,
        None,
        token,
        pool_id=user.pool_id,
        username=user.username,
        sub=user.sub,
        revoked=False,
        signed_out=False,
    )
    sessions = [_described(grant, current) for grant in found if cognito.now() < grant.expires]
    return {"Sessions": sessions, **following}


def _session(cognito: Cognito, user: User, session_id: str) -> Grant:
    grants = cognito.store.grants.where(
        pool_id=user.pool_id, username=user.username, sub=user.sub, revoked=False, signed_out=False
    )
    for grant in grants:
        if _session_id(grant) == session_id and cognito.now() < grant.expires:
            return grant
    raise errors.USER_SESSION_UNKNOWN()


def _end(cognito: Cognito, grant: Grant) -> Answer:
    grant.signed_out = True
    cognito.store.grants.put(grant)
    return {}


def _described(grant: Grant, current: str | None) -> Answer:
    return {
        "SessionId": _session_id(grant),
        "SessionType": "TOKEN",
        "ClientId": grant.client_id,
        "CreateDate": grant.auth_time,
        "LastActiveDate": int(grant.rotated or grant.auth_time),
        "DeviceType": "unknown",
        "LastIPAddress": "127.0.0.1",
        "IsCurrentSession": current is not None and grant.event_id == current,
    }


def _session_id(grant: Grant) -> str:
    """Return the ID of a sign-in's session; nothing can be concluded from it to its tokens."""
    number = int.from_bytes(hashlib.sha256(grant.origin_jti.encode()).digest(), "big")
    text = ""
    for _ in range(_ID_LENGTH):
        number, digit = divmod(number, len(LOWER_BASE36))
        text += LOWER_BASE36[digit]
    return _PREFIX + text
