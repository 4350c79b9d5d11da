"""Time-based one-time passwords: the codes of an authenticator app (RFC 6238)."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from local_cognito.model import errors

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Cognito
    from local_cognito.storage.records import Pool
    from local_cognito.storage.user_records import User

MFA_SETUP = "MFA_SETUP"
ASSOCIATED = "MFA_SETUP, secret handed out"
VERIFIED = "MFA_SETUP, secret verified"

STEP_SECONDS = 30


def check_code(cognito: Cognito, user: User, code: str) -> None:
    """Check the code of an enrolled user and mark its time step as used; the caller saves the user.

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
    # Keep only steps that could still be accepted.
    user.mfa["used"] = [other for other in used if other >= step - 2] + [step]


def matching_step(secret: str, code: str, now: float) -> int | None:
    """Return the time step of the code, which may be one step before or after `now`, or None."""
    current = int(now) // STEP_SECONDS
    matches = [
        step
        for step in (current - 1, current, current + 1)
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode())
    ]
    return max(matches, default=None)


def code_at(secret: str, step: int) -> str:
    """Return the code of a secret, in Base32, for a time step."""
    from pyotp import TOTP  # noqa: PLC0415 - a start need not wait for it

    return TOTP(secret).generate_otp(step)


def refuse_without_totp(pool: Pool) -> None:
    """Refuse to enrol an authenticator app in a pool without this factor.

    Raises:
        CognitoError: SoftwareTokenMFANotFoundException.
    """
    if not pool.offers_totp:
        raise errors.TOTP_NOT_ENABLED_IN_POOL()
