"""The settings of pools and app clients, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local_cognito.rules import factors
from local_cognito.users import passwords, schema

if TYPE_CHECKING:
    from local_cognito.storage.records import Client, Pool

_KINDS = {
    "RequireLowercase": "a lower-case letter",
    "RequireUppercase": "an upper-case letter",
    "RequireNumbers": "a number",
    "RequireSymbols": "a symbol",
}
_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


def facts(pool: Pool) -> list[tuple[str, str]]:
    """Return what decides how users sign in, by subject."""
    offered = [name for name in factors.POOL_FIELDS if _is_configured(pool, name)]
    names = pool.username_attributes or ["user name", *pool.alias_attributes]
    devices = "tracked, and stand in for MFA" if pool.device_replaces_mfa else "tracked"
    first = factors.allowed_first(pool)
    return [
        ("Sign in with", ", ".join(names)),
        *([] if first == [factors.PASSWORD] else [("First factors", ", ".join(first))]),
        ("MFA", f"{pool.mfa}: {', '.join(offered)}" if offered else pool.mfa),
        ("Verified by code", ", ".join(pool.verifies) or "nothing"),
        ("Devices", devices if pool.tracks_devices else "not tracked"),
    ]


def _is_configured(pool: Pool, factor: str) -> bool:
    if factor == factors.SOFTWARE_TOKEN_MFA:
        return pool.offers_totp
    return factors.POOL_FIELDS[factor] in pool.settings


def details(pool: Pool) -> list[tuple[str, str]]:
    """Return the other settings of a pool, by subject."""
    creating = pool.settings.get("AdminCreateUserConfig", {})
    triggers = {name: _arn(value) for name, value in pool.settings.get("LambdaConfig", {}).items()}
    own = [one for one in pool.settings.get("Schema", []) if str(one.get("Name", "")).startswith("custom:")]
    return [
        ("Passwords", _policy(passwords.policy(pool))),
        (
            "Signing up",
            "by administrators" if creating.get("AllowAdminCreateUserOnly") else "open to everybody",
        ),
        ("User names", "differ by case" if pool.case_sensitive else "are the same in either case"),
        ("Required attributes", ", ".join(schema.required(pool)) or "none"),
        (
            "Custom attributes",
            ", ".join(f"{one['Name']} ({one.get('AttributeDataType')})" for one in own) or "none",
        ),
        ("Passkeys", _passkeys(pool.settings.get("WebAuthnConfiguration", {}))),
        ("Triggers", ", ".join(f"{name}: {value}" for name, value in triggers.items()) or "none"),
        ("Deletion", "protected" if pool.settings.get("DeletionProtection") == "ACTIVE" else "not protected"),
    ]


def _passkeys(configuration: dict[str, str]) -> str:
    if "RelyingPartyId" not in configuration:
        return "none"
    factor = configuration.get("FactorConfiguration", "SINGLE_FACTOR")
    verification = configuration.get("UserVerification", "preferred")
    return f"for {configuration['RelyingPartyId']}, {factor}, user verification {verification}"


def _arn(value: Any) -> str:
    return str(value.get("LambdaArn", "")) if isinstance(value, dict) else str(value)


def _policy(policy: dict[str, Any]) -> str:
    kinds = [words for name, words in _KINDS.items() if policy.get(name)]
    needed = f", with {', '.join(kinds)}" if kinds else ""
    days = policy["TemporaryPasswordValidityDays"]
    return (
        f"{policy['MinimumLength']} characters or more{needed}; temporary ones last {duration(days * 86400)}"
    )


def lifetimes(client: Client) -> str:
    """Return how long the tokens of an app client and the sessions of its sign-ins last."""
    tokens = [
        f"{name.lower()} {duration(client.token_seconds(name))}" for name in ("Access", "Id", "Refresh")
    ]
    return f"{', '.join(tokens)}; sessions {duration(client.session_seconds)}"


def duration(seconds: int) -> str:
    """Return a time in the largest unit that it is a whole number of."""
    unit, size = next((unit, size) for unit, size in _UNITS if seconds % size == 0)
    count = seconds // size
    return f"{count} {unit}{'' if count == 1 else 's'}"
