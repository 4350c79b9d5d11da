"""Passwords: the pool's policy, and the SRP salt and verifier that stand for one."""

from __future__ import annotations

import hmac
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
SYMBOLS = frozenset("^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+- ")


def policy(pool: Pool) -> dict[str, Any]:
    """Return the pool's PasswordPolicy; a rule that the pool's own policy leaves out is off."""
    own = pool.settings.get("Policies", {}).get("PasswordPolicy")
    return DEFAULT_POLICY if own is None else own


def check_policy(pool: Pool, password: str) -> None:
    """Check a new password, one reason at a time, its length first.

    Raises:
        CognitoError: InvalidPasswordException.
    """
    rules = policy(pool)
    kept = {
        "Password not long enough": len(password)
        >= rules.get("MinimumLength", DEFAULT_POLICY["MinimumLength"]),
        "Password must have uppercase characters": not rules.get("RequireUppercase")
        or _any(password, str.isupper),
        "Password must have lowercase characters": not rules.get("RequireLowercase")
        or _any(password, str.islower),
        "Password must have numeric characters": not rules.get("RequireNumbers")
        or _any(password, str.isdecimal),
        "Password must have symbol characters": not rules.get("RequireSymbols")
        or bool(SYMBOLS & set(password)),
    }
    for reason, is_kept in kept.items():
        if not is_kept:
            raise errors.PASSWORD_POLICY(reason=reason)


def _any(password: str, is_of_kind: Any) -> bool:
    return any(is_of_kind(character) for character in password)


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
