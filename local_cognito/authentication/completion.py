"""The rest of a sign-in after a passed step: new password, device or second factor, and the tokens.

After the password every sign-in goes the same way: NEW_PASSWORD_REQUIRED where it was temporary, the proof of
the device where that may replace MFA, otherwise the MFA challenge if the pool requires one, then tokens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_cognito.authentication import custom_auth, devices, second_factors, tokens
from local_cognito.authentication.flows import ATTRIBUTE_PREFIX, NEW_PASSWORD_REQUIRED
from local_cognito.model import errors, without_effect
from local_cognito.rules import attempts
from local_cognito.rules.cognito import as_text
from local_cognito.storage.records import DAY
from local_cognito.storage.user_records import FORCE_CHANGE_PASSWORD, RESET_REQUIRED
from local_cognito.triggers.sign_in import post_authentication
from local_cognito.users import directory, passwords, schema

if TYPE_CHECKING:
    from local_cognito.authentication.sign_in import SignIn
    from local_cognito.rules.cognito import Answer, Cognito
    from local_cognito.storage.records import Device

_APPLIED_BY_AWS = (
    "UserPoolAddOns.AdvancedSecurityMode=AUDIT",
    "UserPoolAddOns.AdvancedSecurityMode=ENFORCED",
    "UserPoolAddOns.AdvancedSecurityAdditionalFlows",
)


_SOURCES = {
    NEW_PASSWORD_REQUIRED: "TokenGeneration_NewPasswordChallenge",
    devices.DEVICE_PASSWORD_VERIFIER: "TokenGeneration_AuthenticateDevice",
}


def after_password(cognito: Cognito, sign_in: SignIn) -> Answer:
    """Return the next challenge after a correct password, or the tokens.

    Raises:
        CognitoError: PasswordResetRequiredException; NotAuthorizedException for a temporary password that
            has expired; ResourceNotFoundException for an unknown device.
    """
    if sign_in.user.status == RESET_REQUIRED:
        refusal = errors.RESET_REQUIRED()
        refusal.keeps_changes = sign_in.session is None  # the user may just have been migrated
        raise refusal
    device = _named_device(cognito, sign_in)
    if sign_in.user.status == FORCE_CHANGE_PASSWORD:
        return _ask_for_new_password(cognito, sign_in)
    return _second_factor(cognito, sign_in, device)


def after_first_factor(cognito: Cognito, sign_in: SignIn) -> Answer:
    """Return the next challenge after a first factor that is no password, or the tokens.

    Raises:
        CognitoError: ResourceNotFoundException for an unknown device.
    """
    return _second_factor(cognito, sign_in, _named_device(cognito, sign_in))


def _named_device(cognito: Cognito, sign_in: SignIn) -> Device | None:
    if not (sign_in.named_device and sign_in.pool.tracks_devices):
        return None
    return devices.known_device(cognito, sign_in.user, sign_in.named_device)


def _second_factor(cognito: Cognito, sign_in: SignIn, device: Device | None) -> Answer:
    sign_in.device_key = device.key if device and devices.is_tracked(device) else None
    return (
        devices.challenge(cognito, sign_in)
        or second_factors.challenge(cognito, sign_in)
        or finish(cognito, sign_in)
    )


def _ask_for_new_password(cognito: Cognito, sign_in: SignIn) -> Answer:
    pool, user = sign_in.pool, sign_in.user
    valid_days = passwords.policy(pool)["TemporaryPasswordValidityDays"]
    if cognito.now() >= user.password_set + valid_days * DAY:
        raise errors.TEMPORARY_PASSWORD_EXPIRED()
    missing = schema.missing(pool, user.attributes)
    shown = sign_in.client.readable(user.attributes)
    shown = {name: value for name, value in shown.items() if name != "sub"}  # clients send the others back
    parameters = {
        "USER_ID_FOR_SRP": user.username,
        "requiredAttributes": as_text([ATTRIBUTE_PREFIX + name for name in missing]),
        "userAttributes": as_text(shown),
    }
    return sign_in.challenge(cognito, NEW_PASSWORD_REQUIRED, parameters, named_device=sign_in.named_device)


def finish(cognito: Cognito, sign_in: SignIn) -> Answer:
    """Return the tokens, and a new device key for an unknown device; in CUSTOM_AUTH, maybe a challenge first.

    Raises:
        CognitoError: see `custom_auth.next_challenge`.
    """
    following = custom_auth.next_challenge(cognito, sign_in)
    if following is not None:
        return following
    pool, client, user = sign_in.pool, sign_in.client, sign_in.user
    attempts.forget_failures(cognito, sign_in.counted)
    without_effect.report(pool.id, pool.settings, *_APPLIED_BY_AWS)
    metadata = _new_device(cognito, sign_in)
    post_authentication(cognito, pool, client, user, new_device_used=metadata is not None)
    grant, refresh_token = tokens.new_grant(cognito, pool, client, user, sign_in.device_key)
    result = tokens.mint(cognito, pool, client, user, grant, _source(sign_in))
    result["RefreshToken"] = refresh_token
    if metadata:
        result["NewDeviceMetadata"] = metadata
    return {"ChallengeParameters": {}, "AuthenticationResult": result}


def _new_device(cognito: Cognito, sign_in: SignIn) -> dict[str, str] | None:
    """Store a device for a sign-in from an unknown one and return NewDeviceMetadata.

    There is no device after a password in clear without MFA, nor in CUSTOM_AUTH.
    """
    may_be_tracked = sign_in.rounds is None and (sign_in.passed_mfa or sign_in.by_srp)
    if sign_in.device_key is not None or not sign_in.pool.tracks_devices or not may_be_tracked:
        return None
    return devices.hand_out_key(cognito, sign_in, by_alias=sign_in.passed_mfa and _is_by_alias(sign_in))


def _source(sign_in: SignIn) -> str:
    """Return the trigger source of PreTokenGeneration, which tells how the sign-in ended."""
    step = sign_in.session.step if sign_in.session else ""
    return _SOURCES.get(step, tokens.AUTHENTICATION_SOURCE)


def _is_by_alias(sign_in: SignIn) -> bool:
    """Tell whether the request names the user by an alias, not by the user name."""
    named = directory.fold(sign_in.pool, sign_in.parameters["USERNAME"])
    return named != directory.fold(sign_in.pool, sign_in.user.username)
