"""Passwords: the pool's policy, and the SRP salt and verifier that stand for one."""

from __future__ import annotations

import hmac
import string
from typing import TYPE_CHECKING, Any

from . import errors, sessions, srp

if TYPE_CHECKING:
    from .cognito import Cognito
    from .records import Pool, User

DEFAULT_POLICY = {
    "MinimumLength": 8,
    "RequireUppercase": True,
    "RequireLowercase": True,
    "RequireNumbers": True,
    "RequireSymbols": True,
    "TemporaryPasswordValidityDays": 7,
}
_BARE_POLICY = {name: False if rule is True else rule for name, rule in DEFAULT_POLICY.items()}
# Letters, digits and symbols of other scripts count for nothing.
_KINDS = {
    "Uppercase": frozenset(string.ascii_uppercase),
    "Lowercase": frozenset(string.ascii_lowercase),
    "Numbers": frozenset(string.digits),
    "Symbols": frozenset("^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+- "),
}
_NAMES = {"Uppercase": "uppercase", "Lowercase": "lowercase", "Numbers": "numeric", "Symbols": "symbol"}


def policy(pool: Pool) -> dict[str, Any]:
    """Return the pool's PasswordPolicy; a rule that the pool's own policy leaves out is off."""
    own: dict[str, Any] | None = pool.settings.get("Policies", {}).get("PasswordPolicy")
    if own is None:
        return DEFAULT_POLICY
    days = own.get("TemporaryPasswordValidityDays") or DEFAULT_POLICY["TemporaryPasswordValidityDays"]
    return _BARE_POLICY | own | {"TemporaryPasswordValidityDays": days}


def check_policy(pool: Pool, password: str) -> None:
    """Check a new password, one reason at a time, its length first.

    Raises:
        CognitoError: InvalidPasswordException.
    """
    rules = policy(pool)
    kept = {"Password not long enough": len(password) >= rules["MinimumLength"]}
    for kind, characters in _KINDS.items():
        is_kept = not rules[f"Require{kind}"] or not characters.isdisjoint(password)
        kept[f"Password must have {_NAMES[kind]} characters"] = is_kept
    for reason, is_kept in kept.items():
        if not is_kept:
            raise errors.PASSWORD_POLICY(reason=reason)


def make(cognito: Cognito, pool: Pool, username: str, password: str) -> tuple[str, str]:
    """Return salt and verifier for a new password, as hex."""
    salt = srp.new_salt(cognito.random_bytes)
    return f"{salt:x}", f"{srp.make_verifier(salt, pool.name_for_srp + username, password):x}"


def change(cognito: Cognito, pool: Pool, user: User, password: str) -> None:
    """Give the user a new password, which ends their running challenges; the caller keeps the user."""
    user.salt, user.verifier = make(cognito, pool, user.username, password)
    user.password_set = cognito.now()
    sessions.end_all(cognito, user)


def is_right(pool: Pool, user: User, password: str) -> bool:
    """Tell whether this is the user's password."""
    verifier = srp.make_verifier(int(user.salt, 16), pool.name_for_srp + user.username, password)
    return hmac.compare_digest(f"{verifier:x}", user.verifier)
