"""Rules for the settings of a user pool: its second factors and its tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local_cognito.model import errors

if TYPE_CHECKING:
    from local_cognito.storage.records import Pool

FACTORS = ("SmsMfaConfiguration", "SoftwareTokenMfaConfiguration", "EmailMfaConfiguration")
MFA_FIELDS = (*FACTORS, "WebAuthnConfiguration")
MOST_TAGS = 50


def sms_factor(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the pool settings that SmsConfiguration implies where MFA is on: the SMS factor."""
    if settings.get("MfaConfiguration", "OFF") == "OFF" or "SmsConfiguration" not in settings:
        return {}
    members = ("SmsAuthenticationMessage", "SmsConfiguration")
    return {"SmsMfaConfiguration": {name: settings[name] for name in members if name in settings}}


def without_factors(settings: dict[str, Any]) -> dict[str, Any]:
    """Return a pool's settings without its second factors."""
    return {name: value for name, value in settings.items() if name not in FACTORS}


def has_factor(pool: Pool) -> bool:
    """Tell whether the pool has a second factor."""
    return pool.offers_totp or not {"SmsMfaConfiguration", "EmailMfaConfiguration"}.isdisjoint(pool.settings)


def check_tags(tags: dict[str, str]) -> None:
    """Check that there are not too many tags.

    Raises:
        CognitoError: InvalidParameterException.
    """
    if len(tags) > MOST_TAGS:
        raise errors.TOO_MANY_TAGS(most=MOST_TAGS)
