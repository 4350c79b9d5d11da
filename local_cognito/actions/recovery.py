"""Forgotten passwords, and those that an administrator wants to be replaced: codes for choosing another."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, cast

from local_cognito.model import errors
from local_cognito.rules import attempts, codes
from local_cognito.storage.records import CONFIRMED, FORCE_CHANGE_PASSWORD, HOUR, RESET_REQUIRED
from local_cognito.users import directory, hiding, passwords

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Answer, Cognito, Request
    from local_cognito.storage.records import Pool, User
    from local_cognito.users.directory import Named

LIFETIME = HOUR
_MECHANISMS = {"verified_email": "email", "verified_phone_number": "phone_number"}


def forgot_password(cognito: Cognito, request: Request) -> Answer:
    """ForgotPassword: send a code to a verified address, good for one hour.

    Where the client hides who exists, the answer is the same for every name.
    """
    pool, _ = directory.public_request(cognito, request)
    if not _recovery_attributes(pool):
        raise errors.RECOVERY_BY_ADMINISTRATOR()
    named = directory.named_user(cognito, request)
    if not named.client.hides_existence:
        return {"CodeDeliveryDetails": _send_code(cognito, named.pool, cast("User", named.user))}
    attributes = sorted(_recovery_attributes(pool), key=lambda name: name not in pool.verifies)
    attempts.count_against_quota(cognito, named.stand_in, "ForgotPassword")
    # From now on any code for this name is a wrong one, unless its user got the right one.
    codes.make(cognito, named.stand_in, codes.FORGOTTEN_PASSWORD, LIFETIME)
    hiding.send_unheard(
        cognito, pool, attributes[0], named.user, lambda user: _send_code(cognito, pool, user)
    )
    return {"CodeDeliveryDetails": hiding.simulated_details(cognito, pool, named.name, attributes)}


def _send_code(cognito: Cognito, pool: Pool, user: User) -> dict[str, str]:
    """Send a code and return where it went; nothing is written before the last refusal."""
    if not user.enabled:
        raise errors.USER_DISABLED()
    if user.status == FORCE_CHANGE_PASSWORD:
        raise errors.RESET_NOT_POSSIBLE()
    attribute = _verified_address(pool, user)
    if attribute is None:
        raise errors.NO_RECOVERY()
    attempts.count_against_quota(cognito, user, "ForgotPassword")
    return codes.send(cognito, user, codes.FORGOTTEN_PASSWORD, attribute, LIFETIME)


def confirm_forgot_password(cognito: Cognito, request: Request) -> Answer:
    """ConfirmForgotPassword: the right code and a good new password; wrong passwords are forgotten."""
    named = directory.named_user(cognito, request)
    code = request["ConfirmationCode"]
    if named.client.hides_existence:
        attempts.count_against_quota(cognito, named.stand_in, "ConfirmForgotPassword")
        user = _user_with_code(cognito, named, code)
        codes.forget(cognito, named.stand_in, codes.FORGOTTEN_PASSWORD)
    else:
        user = cast("User", named.user)
        if not user.enabled:
            raise errors.USER_DISABLED()
        _check_code(cognito, named.pool, user, code)
    passwords.check_policy(named.pool, request["Password"])
    passwords.change(cognito, named.pool, user, request["Password"])
    user.status = CONFIRMED
    codes.forget(cognito, user, codes.FORGOTTEN_PASSWORD)
    for counted in (user, named.stand_in):
        attempts.forget(cognito, counted, attempts.WRONG_PASSWORD)
    directory.save_user(cognito, named.pool, user)
    return {}


def admin_reset_user_password(cognito: Cognito, request: Request) -> Answer:
    """AdminResetUserPassword: the password is good no more; a code to choose another is sent."""
    pool, user = directory.managed_user(cognito, request)
    if not user.enabled:
        raise errors.USER_DISABLED()
    if user.status not in (CONFIRMED, RESET_REQUIRED):
        raise errors.RESET_NOT_POSSIBLE()
    attribute = _verified_address(pool, user)
    if attribute is None:
        raise errors.NO_RECOVERY()
    user.status = RESET_REQUIRED
    cognito.store.delete_sessions(user)
    directory.save_user(cognito, pool, user)
    codes.send(cognito, user, codes.FORGOTTEN_PASSWORD, attribute, LIFETIME)
    return {}


def _check_code(cognito: Cognito, pool: Pool, user: User, code: str) -> None:
    attempts.count_against_quota(cognito, user, "ConfirmForgotPassword")
    codes.check(cognito, user, codes.FORGOTTEN_PASSWORD, _verified_address(pool, user), code)


def _user_with_code(cognito: Cognito, named: Named, code: str) -> User:
    """Return the user who has this code.

    Raises:
        CognitoError: what every other name would bring: CodeMismatchException, or ExpiredCodeException
            where no code was asked for.
    """
    with suppress(errors.CognitoError):
        _check_code(cognito, named.pool, named.user_or_double, code)
        if named.user and named.user.enabled:
            return named.user
    codes.check(cognito, named.stand_in, codes.FORGOTTEN_PASSWORD, None, "")
    raise errors.CODE_MISMATCH()


def _recovery_attributes(pool: Pool) -> list[str]:
    """Return where the pool's reset codes may go, the preferred one first."""
    mechanisms = pool.settings.get("AccountRecoverySetting", {}).get("RecoveryMechanisms", [])
    if not mechanisms:
        return list(reversed(codes.MEDIA))
    names = [mechanism["Name"] for mechanism in sorted(mechanisms, key=lambda one: int(one["Priority"]))]
    return [_MECHANISMS[name] for name in names if name in _MECHANISMS]


def _verified_address(pool: Pool, user: User) -> str | None:
    """Return where a reset code goes: the pool's first recovery mechanism that the user has verified."""
    verified = (
        name for name in _recovery_attributes(pool) if user.attributes.get(f"{name}_verified") == "true"
    )
    return next((name for name in verified if user.attributes.get(name)), None)
