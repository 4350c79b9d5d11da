"""Second factors: what there is, and which of them a user can pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local_cognito.storage.records import Pool, User

SMS_MFA = "SMS_MFA"
SOFTWARE_TOKEN_MFA = "SOFTWARE_TOKEN_MFA"  # noqa: S105 - Cognito's name of the factor, no secret
EMAIL_OTP = "EMAIL_OTP"

ADDRESSES = {SMS_MFA: "phone_number", EMAIL_OTP: "email"}
POOL_FIELDS = {
    SMS_MFA: "SmsMfaConfiguration",
    SOFTWARE_TOKEN_MFA: "SoftwareTokenMfaConfiguration",
    EMAIL_OTP: "EmailMfaConfiguration",
}


def active(pool: Pool, user: User) -> list[str]:
    """Return the factors that the user can pass; where MFA is required, they need no turning on."""
    enabled = user.mfa.get("enabled", [])
    return [
        factor
        for factor in POOL_FIELDS
        if is_ready(pool, user, factor) and (pool.mfa == "ON" or factor in enabled)
    ]


def is_ready(pool: Pool, user: User, factor: str) -> bool:
    """Tell whether the user has what the factor needs; an enrolled app stays good if the pool drops TOTP."""
    if factor == SOFTWARE_TOKEN_MFA:
        return user.totp_secret is not None
    attribute = ADDRESSES[factor]
    return POOL_FIELDS[factor] in pool.settings and user.attributes.get(f"{attribute}_verified") == "true"
