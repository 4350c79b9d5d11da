"""Limits on trying: hourly quotas of a user's actions, and the lock after failed sign-ins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import errors
from .records import HOUR, MINUTE, Attempt, User

if TYPE_CHECKING:
    from .cognito import Cognito

PER_HOUR = {
    "ConfirmSignUp": 15,
    "ResendConfirmationCode": 5,
    "GetUserAttributeVerificationCode": 5,
    "VerifyUserAttribute": 15,
    "ChangePassword": 5,
    "ForgotPassword": 5,
    "ConfirmForgotPassword": 5,
}

FREE_FAILURES = 5
LONGEST_LOCK = 15 * MINUTE
_FAILURE = "failed sign-in"


def count_against_quota(cognito: Cognito, user: User, action: str) -> None:
    """Count one more *action* of the user; right and wrong ones count alike.

    Raises:
        CognitoError: LimitExceededException, when the hour's quota is used up.
    """
    now = cognito.now()
    used = cognito.store.attempts.count(
        later_than=("at", now - HOUR), pool_id=user.pool_id, username=user.username, kind=action
    )
    if used >= PER_HOUR[action]:
        raise errors.ATTEMPT_LIMIT()
    cognito.store.attempts.put(Attempt(user.pool_id, user.username, action, now))


def refuse_while_locked(cognito: Cognito, user: User) -> None:
    """Refuse a sign-in while the lock lasts: 2^(n-5) seconds after the n-th failure, n from 5 on.

    A quarter of an hour after the latest failure all of them are forgotten, which caps the lock.

    Raises:
        CognitoError: NotAuthorizedException.
    """
    failures = _failures(cognito, user)
    if not failures:
        return
    elapsed = cognito.now() - failures[-1].at
    if elapsed >= LONGEST_LOCK:
        forget_failures(cognito, user)
        return
    if len(failures) >= FREE_FAILURES and elapsed < 2 ** (len(failures) - FREE_FAILURES):
        raise errors.LOCKED_OUT()


def count_failure(cognito: Cognito, user: User) -> None:
    """Count a wrong password or MFA code."""
    cognito.store.attempts.put(Attempt(user.pool_id, user.username, _FAILURE, cognito.now()))


def forget_failures(cognito: Cognito, user: User) -> None:
    """Start counting from zero again, after a sign-in that went all the way."""
    cognito.store.attempts.delete(pool_id=user.pool_id, username=user.username, kind=_FAILURE)


def _failures(cognito: Cognito, user: User) -> list[Attempt]:
    return cognito.store.attempts.where(pool_id=user.pool_id, username=user.username, kind=_FAILURE)
