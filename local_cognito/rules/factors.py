"""First and second factors: their names, what a pool allows, and which of them a user can pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Answer
    from local_cognito.storage.records import Pool
    from local_cognito.storage.user_records import User

SMS_MFA = "SMS_MFA"
SOFTWARE_TOKEN_MFA = "SOFTWARE_TOKEN_MFA"  # noqa: S105 - Cognito's name of the factor, no secret
EMAIL_OTP = "EMAIL_OTP"
WEB_AUTHN = "WEB_AUTHN"
PASSWORD = "PASSWORD"  # noqa: S105 - Cognito's name of the factor, no secret
PASSWORD_SRP = "PASSWORD_SRP"  # noqa: S105 - as above
SMS_OTP = "SMS_OTP"

ADDRESSES = {SMS_MFA: "phone_number", EMAIL_OTP: "email"}
POOL_FIELDS = {
    SMS_MFA: "SmsMfaConfiguration",
    SOFTWARE_TOKEN_MFA: "SoftwareTokenMfaConfiguration",
    EMAIL_OTP: "EmailMfaConfiguration",
}
CODE_ADDRESSES = {EMAIL_OTP: "email", SMS_OTP: "phone_number"}  # of first factors
_SETTING_NAMES = {WEB_AUTHN: "WEB_AUTHN_MFA"}  # in UserMFASettingList, where they differ from the factor's
_VERIFIED_PASSKEY = "MULTI_FACTOR_WITH_USER_VERIFICATION"


def active(pool: Pool, user: User) -> list[str]:
    """Return the user's active factors; where the pool requires MFA, ready ones are active by themselves."""
    enabled = user.mfa.get("enabled", [])
    return [
        factor
        for factor in (*POOL_FIELDS, WEB_AUTHN)
        if is_ready(pool, user, factor) and (pool.mfa == "ON" or factor in enabled)
    ]


def needs_mfa(pool: Pool, user: User) -> bool:
    """Tell whether a password is not enough for the user: MFA is required, or a second factor is active."""
    return pool.mfa == "ON" or (pool.mfa == "OPTIONAL" and bool(active(pool, user)))


def offered(pool: Pool) -> list[str]:
    """Return the factors that the pool has turned on."""
    return [
        factor
        for factor, member in POOL_FIELDS.items()
        if (pool.offers_totp if factor == SOFTWARE_TOKEN_MFA else member in pool.settings)
    ]


def is_settable(user: User, factor: str) -> bool:
    """Tell whether the user may turn the factor on: there is an app, or an address, verified or not.

    Whether the pool offers the factor does not count.
    """
    if factor == SOFTWARE_TOKEN_MFA:
        return user.totp_secret is not None
    return bool(user.attributes.get(ADDRESSES[factor]))


def described(pool: Pool, user: User) -> Answer:
    """Return the MFA settings in answers about a user: the active factors, and the preferred one.

    MFAOptions tells of SMS where the pool requires MFA and the user has turned nothing on.
    """
    settings: Answer = {}
    if user.mfa.get("enabled"):
        settings["UserMFASettingList"] = [_SETTING_NAMES.get(name, name) for name in user.mfa["enabled"]]
    elif pool.mfa == "ON" and SMS_MFA in active(pool, user):
        settings["MFAOptions"] = [{"AttributeName": ADDRESSES[SMS_MFA], "DeliveryMedium": "SMS"}]
    if user.mfa.get("preferred"):
        settings["PreferredMfaSetting"] = user.mfa["preferred"]
    return settings


def is_ready(pool: Pool, user: User, factor: str) -> bool:
    """Tell whether the user can use the factor; an enrolled app still works if the pool drops TOTP."""
    if factor == SOFTWARE_TOKEN_MFA:
        return user.totp_secret is not None
    if factor == WEB_AUTHN:
        return passkeys_are_mfa(pool) and WEB_AUTHN in user.mfa.get("enabled", [])
    attribute = ADDRESSES[factor]
    return POOL_FIELDS[factor] in pool.settings and user.attributes.get(f"{attribute}_verified") == "true"


def passkeys_are_mfa(pool: Pool) -> bool:
    """Tell whether a passkey counts as MFA in the pool."""
    configuration = pool.settings.get("WebAuthnConfiguration", {})
    return bool(configuration.get("FactorConfiguration") == _VERIFIED_PASSKEY)


def allowed_first(pool: Pool) -> list[str]:
    """Return what a sign-in may begin with: AllowedFirstAuthFactors, by default the password alone."""
    policy = pool.settings.get("Policies", {}).get("SignInPolicy", {})
    return list(policy.get("AllowedFirstAuthFactors") or [PASSWORD])


def takes_codes(pool: Pool) -> bool:
    """Tell whether users may sign in by a code alone, and so be without a password."""
    return not set(CODE_ADDRESSES).isdisjoint(allowed_first(pool))


def can_receive_codes(pool: Pool, attributes: dict[str, str]) -> bool:
    """Tell whether a user with these attributes has an address that the pool sends such codes to."""
    allowed = allowed_first(pool)
    return any(attributes.get(address) for factor, address in CODE_ADDRESSES.items() if factor in allowed)


def has_password(user: User) -> bool:
    """Tell whether the user has a password; others have one that nobody knows."""
    return bool(user.password_set)
