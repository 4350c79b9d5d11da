"""Account recovery: codes to reset a password."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from local_cognito.model import errors
from local_cognito.rules import attempts, codes
from local_cognito.storage.records import HOUR
from local_cognito.storage.user_records import FORCE_CHANGE_PASSWORD
from local_cognito.users import messages

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Cognito
    from local_cognito.storage.records import Pool
    from local_cognito.storage.user_records import User
    from local_cognito.users.directory import RequestedUser

LIFETIME = HOUR
_MECHANISMS = {"verified_email": "email", "verified_phone_number": "phone_number"}


def send_code(cognito: Cognito, pool: Pool, user: User, client_id: str) -> dict[str, str]:
    """Send a reset code and return CodeDeliveryDetails; every refusal comes before anything is written."""
    if not user.enabled:
        raise errors.USER_DISABLED()
    if user.status == FORCE_CHANGE_PASSWORD:
        raise errors.RESET_NOT_POSSIBLE()
    attribute = verified_address(pool, user)
    if attribute is None:
        raise errors.NO_RECOVERY()
    attempts.count_against_quota(cognito, user, "ForgotPassword")
    occasion = messages.Occasion("ForgotPassword", client_id)
    return messages.send_code(cognito, pool, user, codes.FORGOTTEN_PASSWORD, attribute, occasion, LIFETIME)


def check_code(cognito: Cognito, pool: Pool, user: User, code: str) -> None:
    """Count an attempt and check a reset code.

    Raises:
        CognitoError: LimitExceededException, CodeMismatchException, ExpiredCodeException.
    """
    attempts.count_against_quota(cognito, user, "ConfirmForgotPassword")
    codes.check(cognito, user, codes.FORGOTTEN_PASSWORD, verified_address(pool, user), code)


def user_with_code(cognito: Cognito, named: RequestedUser, code: str) -> User:
    """Return the user who has this code.

    Raises:
        CognitoError: the same as for a name that nobody has: CodeMismatchException, or
            ExpiredCodeException if no code was requested.
    """
    with suppress(errors.CognitoError):
        check_code(cognito, named.pool, named.user_or_placeholder, code)
        if named.user and named.user.enabled:
            return named.user
    codes.check(cognito, named.counter_user, codes.FORGOTTEN_PASSWORD, None, "")
    raise errors.CODE_MISMATCH()


def addresses(pool: Pool) -> list[str]:
    """Return the attributes that the pool's reset codes may go to, the preferred one first."""
    mechanisms = pool.settings.get("AccountRecoverySetting", {}).get("RecoveryMechanisms", [])
    if not mechanisms:
        return list(codes.MEDIA)
    names = [mechanism["Name"] for mechanism in sorted(mechanisms, key=lambda one: int(one["Priority"]))]
    return [_MECHANISMS[name] for name in names if name in _MECHANISMS]


def verified_address(pool: Pool, user: User) -> str | None:
    """Return the attribute that the user's reset code goes to: the first one that is verified, or None."""
    verified = (name for name in addresses(pool) if user.attributes.get(f"{name}_verified") == "true")
    return next((name for name in verified if user.attributes.get(name)), None)
