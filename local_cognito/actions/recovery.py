"""Forgotten passwords: ForgotPassword and ConfirmForgotPassword."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_cognito import attempts, codes, directory, errors, passwords
from local_cognito.records import CONFIRMED, FORCE_CHANGE_PASSWORD, HOUR

if TYPE_CHECKING:
    from local_cognito.cognito import Answer, Cognito, Request
    from local_cognito.records import Pool, User

PURPOSE = "forgotten password"
LIFETIME = HOUR
_MECHANISMS = {"verified_email": "email", "verified_phone_number": "phone_number"}


def forgot_password(cognito: Cognito, request: Request) -> Answer:
    """ForgotPassword: send a code to a verified address, good for one hour."""
    pool, user = directory.named_user(cognito, request)
    if user.is_nobody:
        attempts.count_against_quota(cognito, user, "ForgotPassword")
        # Nobody learns this code, but from now on any other is a wrong one, as it is for users who exist.
        codes.make(cognito, user, PURPOSE, LIFETIME)
        return {"CodeDeliveryDetails": codes.simulated_details(pool, request["Username"])}
    if not user.enabled:
        raise errors.USER_DISABLED()
    if user.status == FORCE_CHANGE_PASSWORD:
        raise errors.RESET_NOT_POSSIBLE()
    attribute = _verified_address(pool, user)
    if attribute is None:
        raise errors.NO_RECOVERY()
    attempts.count_against_quota(cognito, user, "ForgotPassword")
    return {"CodeDeliveryDetails": codes.send(cognito, user, PURPOSE, attribute, LIFETIME)}


def confirm_forgot_password(cognito: Cognito, request: Request) -> Answer:
    """ConfirmForgotPassword: the right code and a good new password; earlier failures are forgotten."""
    pool, user = directory.named_user(cognito, request)
    if user.is_nobody:
        attempts.count_against_quota(cognito, user, "ConfirmForgotPassword")
        codes.check(cognito, user, PURPOSE, request["ConfirmationCode"])
        raise errors.CODE_MISMATCH()
    if not user.enabled:
        raise errors.USER_DISABLED()
    attempts.count_against_quota(cognito, user, "ConfirmForgotPassword")
    codes.check(cognito, user, PURPOSE, request["ConfirmationCode"])
    passwords.check_policy(pool, request["Password"])
    passwords.change(cognito, pool, user, request["Password"])
    user.status = CONFIRMED
    codes.forget(cognito, user, PURPOSE)
    attempts.forget_failures(cognito, user)
    directory.save_user(cognito, pool, user)
    return {}


def _verified_address(pool: Pool, user: User) -> str | None:
    """Return where a reset code goes: the pool's first recovery mechanism that the user has verified."""
    mechanisms = pool.settings.get("AccountRecoverySetting", {}).get("RecoveryMechanisms", [])
    names = [mechanism["Name"] for mechanism in sorted(mechanisms, key=lambda one: int(one["Priority"]))]
    attributes = [_MECHANISMS[name] for name in names if name in _MECHANISMS]
    if not names:
        attributes = list(reversed(codes.MEDIA))
    verified = (name for name in attributes if user.attributes.get(f"{name}_verified") == "true")
    return next((name for name in verified if user.attributes.get(name)), None)
