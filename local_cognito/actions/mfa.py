"""MFA: enrolling an authenticator app, a user's MFA preference, and the factors of a user."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from local_cognito.authentication import sessions, tokens, totp
from local_cognito.authentication.sign_in import check_state
from local_cognito.choice import offers
from local_cognito.model import errors
from local_cognito.passkeys import options
from local_cognito.rules.factors import (
    EMAIL_OTP,
    PASSWORD_SRP,
    SMS_MFA,
    SOFTWARE_TOKEN_MFA,
    WEB_AUTHN,
    active,
    described,
    is_settable,
    passkeys_are_mfa,
)
from local_cognito.users import directory

if TYPE_CHECKING:
    from local_cognito.model import requests
    from local_cognito.rules.cognito import Answer, Cognito
    from local_cognito.storage.records import Client, Pool, Session
    from local_cognito.storage.user_records import User

    Enrolment = requests.AssociateSoftwareToken | requests.VerifySoftwareToken
    Preference = requests.SetUserMFAPreference | requests.AdminSetUserMFAPreference

_SECRET_BYTES = 32


def associate_software_token(cognito: Cognito, request: requests.AssociateSoftwareToken) -> Answer:
    """AssociateSoftwareToken: hand out a secret, by session or by access token."""
    secret = base64.b32encode(cognito.random_bytes(_SECRET_BYTES)).decode().rstrip("=")
    if _by_access_token(request):
        pool, user, _ = tokens.verify_access(cognito, request["AccessToken"])
        totp.refuse_without_totp(pool)
        user.mfa["pending"] = secret
        directory.save_user(cognito, pool, user)
        return {"SecretCode": secret}
    session, pool, client, user = _enrolment(cognito, request, totp.MFA_SETUP, totp.ASSOCIATED)
    totp.refuse_without_totp(pool)
    sessions.spend(cognito, session)
    return {
        "SecretCode": secret,
        "Session": sessions.begin(
            cognito, client, user, totp.ASSOCIATED, **session.data | {"secret": secret}
        ),
    }


def verify_software_token(cognito: Cognito, request: requests.VerifySoftwareToken) -> Answer:
    """VerifySoftwareToken: take the secret into use once a code shows that the app has it."""
    if _by_access_token(request):
        pool, user, _ = tokens.verify_access(cognito, request["AccessToken"])
        _enrol(cognito, pool, user, user.mfa.pop("pending", None), request)
        return {"Status": "SUCCESS"}
    session, pool, client, user = _enrolment(cognito, request, totp.ASSOCIATED)
    user.mfa["enabled"] = [SOFTWARE_TOKEN_MFA]
    _enrol(cognito, pool, user, session.data["secret"], request)
    sessions.spend(cognito, session)
    return {
        "Status": "SUCCESS",
        "Session": sessions.begin(cognito, client, user, totp.VERIFIED, **session.data),
    }


def set_user_mfa_preference(cognito: Cognito, request: requests.SetUserMFAPreference) -> Answer:
    """SetUserMFAPreference: turn factors on and off, and prefer one of them."""
    pool, user, _ = tokens.verify_access(cognito, request["AccessToken"])
    _set_preference(cognito, pool, user, request)
    return {}


def admin_set_user_mfa_preference(cognito: Cognito, request: requests.AdminSetUserMFAPreference) -> Answer:
    """AdminSetUserMFAPreference: the same by an administrator."""
    _set_preference(cognito, *directory.managed_user(cognito, request), request)
    return {}


def admin_delete_software_token(cognito: Cognito, request: requests.AdminDeleteSoftwareToken) -> Answer:
    """AdminDeleteSoftwareToken: the authenticator app is no factor any more; another can be enrolled."""
    pool, user = directory.managed_user(cognito, request)
    user.totp_secret = user.totp_name = None
    enabled = [factor for factor in user.mfa.get("enabled", []) if factor != SOFTWARE_TOKEN_MFA]
    preferred = user.mfa.get("preferred")
    user.mfa = {"enabled": enabled, "preferred": None if preferred == SOFTWARE_TOKEN_MFA else preferred}
    directory.save_user(cognito, pool, user)
    return {}


def get_user_auth_factors(cognito: Cognito, request: requests.GetUserAuthFactors) -> Answer:
    """GetUserAuthFactors: what the user can sign in with, and the MFA settings."""
    pool, user, _ = tokens.verify_access(cognito, request["AccessToken"])
    return _auth_factors(cognito, pool, user)


def admin_get_user_auth_factors(cognito: Cognito, request: requests.AdminGetUserAuthFactors) -> Answer:
    """AdminGetUserAuthFactors: the same for an administrator."""
    return _auth_factors(cognito, *directory.managed_user(cognito, request))


def _auth_factors(cognito: Cognito, pool: Pool, user: User) -> Answer:
    configured = [factor for factor in offers.of_user(cognito, pool, user) if factor != PASSWORD_SRP]
    if SOFTWARE_TOKEN_MFA in active(pool, user):
        configured.append("SOFTWARE_TOKEN")
    answer = {"Username": user.username, "ConfiguredUserAuthFactors": configured}
    return answer | {name: value for name, value in described(pool, user).items() if name != "MFAOptions"}


def _by_access_token(request: Enrolment) -> bool:
    if "AccessToken" in request and "Session" in request:
        raise errors.SESSION_AND_TOKEN()
    return "AccessToken" in request


def _enrol(
    cognito: Cognito, pool: Pool, user: User, secret: str | None, request: requests.VerifySoftwareToken
) -> None:
    totp.refuse_without_totp(pool)
    step = None if secret is None else totp.matching_step(secret, request["UserCode"], cognito.now())
    if step is None:
        raise errors.TOTP_ENABLE_MISMATCH()
    user.totp_secret, user.totp_name = secret, request.get("FriendlyDeviceName")
    user.mfa["used"] = [step]
    directory.save_user(cognito, pool, user)


def _enrolment(cognito: Cognito, request: Enrolment, *steps: str) -> tuple[Session, Pool, Client, User]:
    """Return the session of an enrolment, its pool, app client and user.

    Raises:
        CognitoError: NotAuthorizedException, also when the user has a second factor by now.
    """
    session = sessions.find(cognito, request.get("Session"), *steps)
    pool, client = directory.get_client(cognito, session.client_id)
    user = cognito.store.users.get(session.pool_id, session.username)
    if user is None or not sessions.is_of(session, user):
        raise errors.SESSION_INVALID()
    check_state(user)
    if user.totp_secret is not None or active(pool, user):
        raise errors.SESSION_INVALID()
    return session, pool, client, user


def _set_preference(cognito: Cognito, pool: Pool, user: User, request: Preference) -> None:
    enabled, preferred = list(user.mfa.get("enabled", [])), user.mfa.get("preferred")
    wishes = {
        SMS_MFA: request.get("SMSMfaSettings"),
        SOFTWARE_TOKEN_MFA: request.get("SoftwareTokenMfaSettings"),
        EMAIL_OTP: request.get("EmailMfaSettings"),
    }
    preferring = [
        wish for wish in wishes.values() if wish and wish.get("Enabled") and wish.get("PreferredMfa")
    ]
    if len(preferring) > 1:
        raise errors.SEVERAL_PREFERRED()
    for factor, wish in wishes.items():
        if wish is None:
            continue
        is_on, is_preferred = wish.get("Enabled", False), wish.get("PreferredMfa", False)
        if is_on and not is_settable(user, factor):
            raise errors.FACTOR_NOT_READY(factor=factor)
        enabled = [other for other in enabled if other != factor] + [factor] * is_on
        if is_on and is_preferred:
            preferred = factor
        elif preferred == factor:
            preferred = None
    turns_on_another = any(wish and wish.get("Enabled") for wish in wishes.values())
    if "WebAuthnMfaSettings" in request:
        enabled = [factor for factor in enabled if factor != WEB_AUTHN]
        if request["WebAuthnMfaSettings"].get("Enabled", False):
            _check_passkey_mfa(cognito, pool, user, beside_another=turns_on_another)
            enabled.append(WEB_AUTHN)
    if enabled == [WEB_AUTHN]:
        raise errors.PASSKEY_NEEDS_ANOTHER()
    user.mfa |= {"enabled": enabled, "preferred": preferred}
    directory.save_user(cognito, pool, user)


def _check_passkey_mfa(cognito: Cognito, pool: Pool, user: User, *, beside_another: bool) -> None:
    """Check that MFA by passkey may be turned on.

    It takes a request that turns on another factor as well, even if that one is on already.

    Raises:
        CognitoError: InvalidParameterException.
    """
    if not passkeys_are_mfa(pool):
        raise errors.PASSKEY_NOT_MFA()
    if not options.of_user(cognito, pool, user):
        raise errors.NO_PASSKEY_FOR_MFA()
    if not beside_another:
        raise errors.PASSKEY_NEEDS_ANOTHER()
