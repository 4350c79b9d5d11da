"""Rate limits: hourly quotas of a user's actions, and the lock-out after failed sign-ins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_cognito.model import errors
from local_cognito.storage.records import HOUR, MINUTE
from local_cognito.storage.user_records import Attempt, User

if TYPE_CHECKING:
    from collections.abc import Iterable

    from local_cognito.rules.cognito import Cognito

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
WRONG_PASSWORD = "failed sign-in"  # noqa: S105 - a kind of attempt, no secret
WRONG_CODE = "wrong MFA code"


def count_against_quota(cognito: Cognito, user: User, action: str) -> None:
    """Count one `action` of the user against the hourly quota, whether it succeeds or not.

    Raises:
        CognitoError: LimitExceededException, when the quota of this hour is used up.
    """
    now = cognito.now()
    used = cognito.store.attempts.count(
        later_than=("at", now - HOUR), pool_id=user.pool_id, username=user.username, kind=action
    )
    if used >= PER_HOUR[action]:
        raise errors.ATTEMPT_LIMIT()
    cognito.store.count(Attempt(user.pool_id, user.username, action, now))


def refuse_while_locked(cognito: Cognito, user: User) -> None:
    """Refuse a sign-in of a user who is locked out.

    Raises:
        CognitoError: NotAuthorizedException.
    """
    if is_locked(cognito, user):
        raise errors.LOCKED_OUT()


def is_locked(cognito: Cognito, user: User) -> bool:
    """Tell whether the user is locked out: for 2^(n-5) seconds after the n-th failure, from the fifth on.

    Counting starts anew after 15 minutes without a failure, so no lock lasts longer.
    """
    times = [failure.at for failure in _failures(cognito, user)]
    latest = cognito.now()
    count = 0
    for at in reversed(times):
        if latest - at >= LONGEST_LOCK:
            break
        latest, count = at, count + 1
    return count >= FREE_FAILURES and cognito.now() - times[-1] < 2 ** (count - FREE_FAILURES)


def count_failure(cognito: Cognito, users: Iterable[User], kind: str) -> None:
    """Count a `WRONG_PASSWORD` or a `WRONG_CODE` against each of the `users`."""
    for user in users:
        cognito.store.count(Attempt(user.pool_id, user.username, kind, cognito.now()))


def forget_failures(cognito: Cognito, users: Iterable[User]) -> None:
    """Reset the failure counters of the users, after a complete sign-in."""
    for user in users:
        forget(cognito, user, WRONG_PASSWORD, WRONG_CODE)


def forget(cognito: Cognito, user: User, *kinds: str) -> None:
    """Forget the user's failures of these kinds."""
    cognito.store.attempts.delete(pool_id=user.pool_id, username=user.username, kind=kinds)


def _failures(cognito: Cognito, user: User) -> list[Attempt]:
    return cognito.store.attempts.where(
        pool_id=user.pool_id, username=user.username, kind=(WRONG_PASSWORD, WRONG_CODE)
    )
