"""The settings of a user pool: their defaults, and every rule between them.

`check` looks at a pool as it is after a change, whichever action made it: actions store, this module
refuses. A new rule is a function of `_RULES`, or a row of `features`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from local_cognito.model import errors
from local_cognito.rules.factors import (
    EMAIL_OTP,
    PASSWORD,
    SMS_OTP,
    WEB_AUTHN,
    allowed_first,
    passkeys_are_mfa,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cognito.storage.records import Pool

    Settings = dict[str, Any]

FACTORS = ("SmsMfaConfiguration", "SoftwareTokenMfaConfiguration", "EmailMfaConfiguration")
MFA_FIELDS = (*FACTORS, "WebAuthnConfiguration")
MOST_TAGS = 50
FIRST_FACTORS = (PASSWORD, EMAIL_OTP, SMS_OTP, WEB_AUTHN)
LITE = "LITE"
ESSENTIALS = "ESSENTIALS"
PLUS = "PLUS"
_DOMAIN = re.compile(r"(?=.*[a-z])[a-z0-9-]+(?:\.[a-z0-9-]+)*")  # with a letter, unlike IP addresses
_CUSTOM_SENDERS = ("CustomEmailSender", "CustomSMSSender")


def sms_factor(settings: Settings) -> Settings:
    """Return the pool settings that SmsConfiguration implies where MFA is on: the SMS factor."""
    if settings.get("MfaConfiguration", "OFF") == "OFF" or "SmsConfiguration" not in settings:
        return {}
    members = ("SmsAuthenticationMessage", "SmsConfiguration")
    return {"SmsMfaConfiguration": {name: settings[name] for name in members if name in settings}}


def without_factors(settings: Settings) -> Settings:
    """Return a pool's settings without its second factors."""
    return {name: value for name, value in settings.items() if name not in FACTORS}


def has_factor(pool: Pool) -> bool:
    """Tell whether the pool has a second factor."""
    return pool.offers_totp or not {"SmsMfaConfiguration", "EmailMfaConfiguration"}.isdisjoint(pool.settings)


def tier(pool: Pool) -> str:
    """Return the pool's feature plan: `LITE`, `ESSENTIALS` or `PLUS`."""
    return str(pool.settings.get("UserPoolTier", ESSENTIALS))


def check(
    pool: Pool,
    *,
    no_factor: errors.Refusal = errors.SMS_NOT_CONFIGURED,
    unavailable: errors.Refusal = errors.FEATURE_UNAVAILABLE,
) -> None:
    """Check a pool's settings as a whole.

    Args:
        pool: as it is after a change.
        no_factor: refuses MFA without a factor that users can pass.
        unavailable: refuses what the pool's tier does not have.

    Raises:
        CognitoError: InvalidParameterException, FeatureUnavailableInTierException.
    """
    if pool.mfa != "OFF" and not has_factor(pool):
        raise no_factor()
    for rule in _RULES:
        rule(pool)
    check_tier(pool, features(pool), unavailable)


def check_tier(
    pool: Pool, used: dict[str, str], unavailable: errors.Refusal = errors.FEATURE_UNAVAILABLE
) -> None:
    """Check that the pool's tier has the features that are `used`, each with the lowest tier that has it.

    Raises:
        CognitoError: `unavailable`, which lists those that it has not.
    """
    tiers = (LITE, ESSENTIALS, PLUS)
    missing = [name for name, lowest in used.items() if tiers.index(lowest) > tiers.index(tier(pool))]
    if missing:
        raise unavailable(tier=tier(pool), features=", ".join(missing))


def features(pool: Pool) -> dict[str, str]:
    """Return the features that the pool uses, as refusals name them, each with its lowest tier."""
    settings = pool.settings
    version = (
        settings.get("LambdaConfig", {}).get("PreTokenGenerationConfig", {}).get("LambdaVersion", "V1_0")
    )
    threats = settings.get("UserPoolAddOns", {}).get("AdvancedSecurityMode", "OFF")
    history = settings.get("Policies", {}).get("PasswordPolicy", {}).get("PasswordHistorySize")
    used = {
        "Passwordless Sign-In": allowed_first(pool) != [PASSWORD] or "WebAuthnConfiguration" in settings,
        f"Token Customization with Pre-Token Generation Lambda {version}": version != "V1_0",
        "Email MFA": "EmailMfaConfiguration" in settings,
        "Password History": bool(history),
    }
    lowest = {name: ESSENTIALS for name, is_used in used.items() if is_used}
    return lowest | ({} if threats == "OFF" else {"Threat Protection": PLUS})


def check_tags(tags: dict[str, str]) -> None:
    """Check that there are not too many tags.

    Raises:
        CognitoError: InvalidParameterException.
    """
    if len(tags) > MOST_TAGS:
        raise errors.TOO_MANY_TAGS(most=MOST_TAGS)


def _check_names(pool: Pool) -> None:
    if pool.alias_attributes and pool.username_attributes:
        raise errors.ALIASES_AND_USERNAMES()


def _check_first_factors(pool: Pool) -> None:
    factors = allowed_first(pool)
    unknown = [factor for factor in factors if factor not in FIRST_FACTORS]
    if unknown:
        raise errors.FIRST_FACTOR_UNSUPPORTED(factor=unknown[0])
    if PASSWORD not in factors:
        raise errors.PASSWORD_NOT_ALLOWED_FIRST()
    if SMS_OTP in factors and "SmsConfiguration" not in pool.settings:
        raise errors.SMS_OTP_NOT_CONFIGURED()
    if pool.mfa == "ON":
        _check_first_factors_with_mfa(pool, factors)


def _check_first_factors_with_mfa(pool: Pool, factors: list[str]) -> None:
    if not {EMAIL_OTP, SMS_OTP}.isdisjoint(factors):
        raise errors.FIRST_FACTORS_WITH_MFA()
    if WEB_AUTHN in factors and not passkeys_are_mfa(pool):
        raise errors.SINGLE_FACTOR_WITH_MFA()


def _check_relying_party(pool: Pool) -> None:
    """Check that browsers take the relying party ID as one: as a domain without scheme and port."""
    domain = pool.settings.get("WebAuthnConfiguration", {}).get("RelyingPartyId")
    if domain is not None and not _DOMAIN.fullmatch(domain):
        raise errors.RELYING_PARTY_NOT_A_DOMAIN()


def _check_senders(pool: Pool) -> None:
    """Check that there is what messages need: to verify telephones, and for MFA by e-mail."""
    email = pool.settings.get("EmailConfiguration", {})
    is_own = email.get("EmailSendingAccount") == "DEVELOPER"
    if is_own and "SourceArn" not in email:
        raise errors.SOURCE_ARN_MISSING()
    if "EmailMfaConfiguration" in pool.settings and not is_own:
        raise errors.EMAIL_MFA_WITHOUT_SENDER()
    if "phone_number" in pool.verifies and "SmsConfiguration" not in pool.settings:
        raise errors.PHONE_VERIFICATION_WITHOUT_SMS()


def _check_temporary_passwords(pool: Pool) -> None:
    policy = pool.settings.get("Policies", {}).get("PasswordPolicy", {})
    unused = pool.settings.get("AdminCreateUserConfig", {}).get("UnusedAccountValidityDays")
    if unused and policy.get("TemporaryPasswordValidityDays"):
        raise errors.UNUSED_ACCOUNT_DAYS()


def _check_triggers(pool: Pool) -> None:
    triggers = pool.settings.get("LambdaConfig", {})
    configured = triggers.get("PreTokenGenerationConfig", {}).get("LambdaArn")
    if configured and triggers.get("PreTokenGeneration", configured) != configured:
        raise errors.TWO_PRE_TOKEN_GENERATIONS()
    if "KMSKeyID" not in triggers and not set(_CUSTOM_SENDERS).isdisjoint(triggers):
        raise errors.SENDER_WITHOUT_KEY()


def _check_pool_tags(pool: Pool) -> None:
    check_tags(pool.settings.get("UserPoolTags", {}))


_RULES: tuple[Callable[[Pool], None], ...] = (
    _check_names,
    _check_first_factors,
    _check_relying_party,
    _check_senders,
    _check_temporary_passwords,
    _check_triggers,
    _check_pool_tags,
)
