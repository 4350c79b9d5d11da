"""Time-based one-time passwords: enrolling an authenticator app, and checking its codes (RFC 6238)."""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING

import pyotp

from local_cognito.authentication import sessions, tokens
from local_cognito.authentication.challenges import check_state
from local_cognito.authentication.second_factors import SOFTWARE_TOKEN_MFA, active
from local_cognito.model import errors
from local_cognito.users import directory

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Answer, Cognito, Request
    from local_cognito.storage.records import Client, Pool, Session, User

MFA_SETUP = "MFA_SETUP"
ASSOCIATED = "MFA_SETUP, secret handed out"
VERIFIED = "MFA_SETUP, secret verified"

STEP_SECONDS = 30
_SECRET_BYTES = 32


def associate_software_token(cognito: Cognito, request: Request) -> Answer:
    """AssociateSoftwareToken: hand out a secret, by session or by access token."""
    secret = base64.b32encode(cognito.random_bytes(_SECRET_BYTES)).decode().rstrip("=")
    if _by_access_token(request):
        pool, user, _ = tokens.verify_access(cognito, request["AccessToken"])
        _refuse_without_totp(pool)
        user.mfa["pending"] = secret
        directory.save_user(cognito, pool, user)
        return {"SecretCode": secret}
    session, pool, client, user = _enrolment(cognito, request, MFA_SETUP, ASSOCIATED)
    _refuse_without_totp(pool)
    sessions.spend(cognito, session)
    return {
        "SecretCode": secret,
        "Session": sessions.begin(cognito, client, user, ASSOCIATED, **session.data | {"secret": secret}),
    }


def verify_software_token(cognito: Cognito, request: Request) -> Answer:
    """VerifySoftwareToken: take the secret into use once a code shows that the app has it."""
    if _by_access_token(request):
        pool, user, _ = tokens.verify_access(cognito, request["AccessToken"])
        _enrol(cognito, pool, user, user.mfa.pop("pending", None), request)
        return {"Status": "SUCCESS"}
    session, pool, client, user = _enrolment(cognito, request, ASSOCIATED)
    user.mfa["enabled"] = [SOFTWARE_TOKEN_MFA]
    _enrol(cognito, pool, user, session.data["secret"], request)
    sessions.spend(cognito, session)
    return {"Status": "SUCCESS", "Session": sessions.begin(cognito, client, user, VERIFIED, **session.data)}


def check_code(cognito: Cognito, user: User, code: str) -> None:
    """Check the code of an enrolled user and use up its time step; the caller keeps the user.

    Raises:
        CognitoError: CodeMismatchException; ExpiredCodeException for a code that was used before;
            SoftwareTokenMFANotFoundException when nothing is enrolled.
    """
    if user.totp_secret is None:
        raise errors.TOTP_NOT_ENROLLED()
    step = matching_step(user.totp_secret, code, cognito.now())
    if step is None:
        raise errors.TOTP_MISMATCH()
    used = user.mfa.get("used", [])
    if step in used:
        raise errors.TOTP_USED()
    # Only steps that could still be accepted need remembering.
    user.mfa["used"] = [other for other in used if other >= step - 2] + [step]


def matching_step(secret: str, code: str, now: float) -> int | None:
    """Return the time step whose code this is: the one at `now`, or one step either side."""
    totp = pyotp.TOTP(secret)
    current = int(now) // STEP_SECONDS
    matches = [
        step
        for step in (current - 1, current, current + 1)
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())
    ]
    return max(matches, default=None)


def _by_access_token(request: Request) -> bool:
    if "AccessToken" in request and "Session" in request:
        raise errors.SESSION_AND_TOKEN()
    return "AccessToken" in request


def _enrol(cognito: Cognito, pool: Pool, user: User, secret: str | None, request: Request) -> None:
    _refuse_without_totp(pool)
    step = None if secret is None else matching_step(secret, request["UserCode"], cognito.now())
    if step is None:
        raise errors.TOTP_ENABLE_MISMATCH()
    user.totp_secret, user.totp_name = secret, request.get("FriendlyDeviceName")
    user.mfa["used"] = [step]
    directory.save_user(cognito, pool, user)


def _refuse_without_totp(pool: Pool) -> None:
    if not pool.offers_totp:
        raise errors.TOTP_NOT_ENABLED_IN_POOL()


def _enrolment(cognito: Cognito, request: Request, *steps: str) -> tuple[Session, Pool, Client, User]:
    """Return the session of an enrolment, and whose it is.

    Raises:
        CognitoError: NotAuthorizedException, also when the user has got a second factor meanwhile.
    """
    session = sessions.find(cognito, request.get("Session"), *steps)
    pool, client = directory.get_client(cognito, session.client_id)
    user = cognito.store.users.get(session.pool_id, session.username)
    if user is None or not sessions.is_of(session, user):
        raise errors.SESSION_INVALID()
    check_state(user)
    if user.totp_secret is not None or active(pool, user):
        raise errors.SESSION_INVALID()
    return session, pool, client, user
