"""The needs of the sign-in without a password: a suitable pool, its checks, and software passkeys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from program.checks import CHECKS, CLIENT, MFA, POOL, Check, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from program.checks import Settings
    from scenario.passkeys import Passkey

_NAME: Final = "sign-in-without-password"
_VERIFIED: Final = "MULTI_FACTOR_WITH_USER_VERIFICATION"

# The pool of a run on this machine, with the settings of `user_pool_without_password.yaml`.
SEED: Final[Mapping[str, Any]] = {
    "Pools": [
        {
            "PoolName": _NAME,
            "UserPoolTier": "ESSENTIALS",
            "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False},
            "UsernameAttributes": ["email"],
            "AutoVerifiedAttributes": ["email"],
            "UsernameConfiguration": {"CaseSensitive": False},
            "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]}},
            "MfaConfiguration": "OPTIONAL",
            "SoftwareTokenMfaConfiguration": {"Enabled": True},
            "WebAuthnConfiguration": {
                "RelyingPartyId": "localhost",
                "UserVerification": "required",
                "FactorConfiguration": _VERIFIED,
            },
            "AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]},
            "Clients": [
                {
                    "ClientName": _NAME,
                    "ExplicitAuthFlows": ["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
                    "PreventUserExistenceErrors": "ENABLED",
                    "EnableTokenRevocation": True,
                    "AuthSessionValidity": 15,
                }
            ],
        }
    ]
}


def make_passkey(options: Mapping[str, Any], *, origin: str | None = None) -> Passkey:
    """Create a software passkey, for a page of the relying party or of another origin.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: the options make no sense.
    """
    from local_cognito.authenticator.passkey import Passkey  # noqa: PLC0415 - it loads fido2

    return Passkey.create(options, origin=origin)


def _allows_factor(factor: str) -> Callable[[Settings], bool]:
    def read(pool: Settings) -> bool:
        policy = pool.get("Policies", {}).get("SignInPolicy", {})
        return factor in policy.get("AllowedFirstAuthFactors", [])

    return read


def _factor_check(check_id: str, factor: str) -> Check:
    return Check(
        check_id,
        f"AllowedFirstAuthFactors has {factor}",
        source=POOL,
        read=_allows_factor(factor),
        wanted=True,
        otherwise=Verdict.STOPS,
        change="Console: Sign-in, Options for choice-based sign-in, Edit",
    )


def _named_by_email(pool: Settings) -> bool:
    return "email" in pool.get("UsernameAttributes", [])


def _refuses_addresses_as_names(pool: Settings) -> bool:
    return "email" in pool.get("AliasAttributes", [])


def _passkeys(config: Settings) -> Mapping[str, str]:
    settings: Mapping[str, str] = config.get("WebAuthnConfiguration", {})
    return settings


_PASSKEY_PATH: Final = "Console: Sign-in, Passkey, Edit"
_SHARED: Final = {check.id: check for check in CHECKS}
PASSWORDLESS_CHECKS: Final[Sequence[Check]] = (
    _SHARED["self_sign_up"],
    _SHARED["verified_email"],
    Check(
        "email_is_name",
        "UsernameAttributes has email",
        source=POOL,
        read=_named_by_email,
        wanted=True,
        otherwise=Verdict.WARNING,
        change="It can't be changed: make another pool, whose users sign in with their e-mail address.",
        whole=False,
        stops_if=_refuses_addresses_as_names,
    ),
    _factor_check("email_codes", "EMAIL_OTP"),
    _factor_check("passkeys", "WEB_AUTHN"),
    Check(
        "relying_party",
        "WebAuthnConfiguration has RelyingPartyId",
        source=MFA,
        read=lambda config: bool(_passkeys(config).get("RelyingPartyId")),
        wanted=True,
        otherwise=Verdict.WARNING,
        change=f"{_PASSKEY_PATH} (without it, it is the pool's domain)",
        whole=False,
    ),
    Check(
        "mfa_optional",
        "MfaConfiguration",
        source=MFA,
        read=lambda config: str(config.get("MfaConfiguration", "OFF")),
        wanted="OPTIONAL",
        otherwise=Verdict.WARNING,
        change="Console: Sign-in, Multi-factor authentication, Edit",
    ),
    _SHARED["totp"],
    Check(
        "passkey_mfa",
        "A passkey counts as MFA",
        source=MFA,
        read=lambda config: _passkeys(config).get("FactorConfiguration") == _VERIFIED,
        wanted=True,
        otherwise=Verdict.WARNING,
        change=f"{_PASSKEY_PATH} (FactorConfiguration={_VERIFIED})",
    ),
    Check(
        "user_auth_flow",
        "ExplicitAuthFlows has ALLOW_USER_AUTH",
        source=CLIENT,
        read=lambda client: "ALLOW_USER_AUTH" in client.get("ExplicitAuthFlows", []),
        wanted=True,
        otherwise=Verdict.STOPS,
        change="Console: App clients, your client, Edit, Authentication flows",
    ),
    _SHARED["session_minutes"],
    _SHARED["existence_errors"],
)
