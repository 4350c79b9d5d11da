"""Which second factors a pool has, and whether its users must pass one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local_cognito.model import errors
from local_cognito.storage.records import Pool
from local_cognito.users import directory

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Answer, Cognito, Request

FACTORS = ("SmsMfaConfiguration", "SoftwareTokenMfaConfiguration", "EmailMfaConfiguration")
FIELDS = (*FACTORS, "WebAuthnConfiguration")


def set_user_pool_mfa_config(cognito: Cognito, request: Request) -> Answer:
    """SetUserPoolMfaConfig: MFA is off unless the request says otherwise, and with it every factor."""
    pool = directory.get_pool(cognito, request["UserPoolId"])
    mfa = request.get("MfaConfiguration", "OFF")
    given = {name: request[name] for name in FIELDS if name in request}
    if mfa == "OFF" and set(given) & set(FACTORS):
        raise errors.MFA_OFF_WITH_FACTOR()
    kept = without_factors(pool.settings) if mfa == "OFF" else pool.settings
    settings = kept | {"MfaConfiguration": mfa}
    changed = Pool(pool.id, settings | sms_factor(settings) | given, pool.created, cognito.now())
    if mfa != "OFF" and not has_factor(changed):
        raise errors.NO_MFA_METHOD()
    cognito.store.pools.put(changed)
    return _described(changed)


def get_user_pool_mfa_config(cognito: Cognito, request: Request) -> Answer:
    """GetUserPoolMfaConfig: what SetUserPoolMfaConfig set; factors never configured are absent."""
    return _described(directory.get_pool(cognito, request["UserPoolId"]))


def sms_factor(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the SMS factor that SmsConfiguration brings along where MFA is on, as settings of a pool."""
    if settings.get("MfaConfiguration", "OFF") == "OFF" or "SmsConfiguration" not in settings:
        return {}
    members = ("SmsAuthenticationMessage", "SmsConfiguration")
    return {"SmsMfaConfiguration": {name: settings[name] for name in members if name in settings}}


def without_factors(settings: dict[str, Any]) -> dict[str, Any]:
    """Return a pool's settings less its second factors."""
    return {name: value for name, value in settings.items() if name not in FACTORS}


def has_factor(pool: Pool) -> bool:
    """Tell whether there is a second factor that users can pass."""
    return pool.offers_totp or not {"SmsMfaConfiguration", "EmailMfaConfiguration"}.isdisjoint(pool.settings)


def _described(pool: Pool) -> Answer:
    configured = {name: pool.settings[name] for name in FIELDS if name in pool.settings}
    return configured | {"MfaConfiguration": pool.mfa}
