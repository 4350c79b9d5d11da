"""Passwords: the pool's policy, and the SRP salt and verifier that stand for one."""

from __future__ import annotations

import hmac
import string
from typing import TYPE_CHECKING, Any

from local_cognito.model import errors
from local_cognito.rules import srp
from local_cognito.storage.records import PastPassword

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Cognito
    from local_cognito.storage.records import Pool, User

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
    rules = _BARE_POLICY | own | {"TemporaryPasswordValidityDays": days}
    # No history is shown as none at all.
    return {name: rule for name, rule in rules.items() if name != "PasswordHistorySize" or rule}


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
    """Give the user a new password, other than the latest ones if the pool's policy says so.

    It ends the user's running challenges. The caller keeps the user.

    Raises:
        CognitoError: PasswordHistoryPolicyViolationException.
    """
    size = policy(pool).get("PasswordHistorySize", 0)
    if size:
        _refuse_reuse(cognito, pool, user, password, size)
    give(cognito, pool, user, password)


def _refuse_reuse(cognito: Cognito, pool: Pool, user: User, password: str, size: int) -> None:
    """Refuse the present password and those before it, `size` in all; else remember the present one."""
    past = cognito.store.past_passwords.where(pool_id=pool.id, username=user.username)
    present = PastPassword(pool.id, user.username, user.salt, user.verifier)
    for one in [*past, present][-size:]:
        if _matches(pool, user.username, one.salt, one.verifier, password):
            raise errors.PASSWORD_REUSED()
    if size > 1:
        cognito.store.past_passwords.put(present)
    # The new one counts as well, so that no more than size - 1 before it matter from now on.
    for forgotten in past[: max(0, len(past) + 2 - size)]:
        cognito.store.past_passwords.delete(id=forgotten.id)


def give(cognito: Cognito, pool: Pool, user: User, password: str) -> None:
    """Give the user a password, whatever they had before, as `change` does otherwise."""
    user.salt, user.verifier = make(cognito, pool, user.username, password)
    user.password_set = cognito.now()
    cognito.store.delete_sessions(user)


def is_right(pool: Pool, user: User, password: str) -> bool:
    """Tell whether this is the user's password."""
    return _matches(pool, user.username, user.salt, user.verifier, password)


def _matches(pool: Pool, username: str, salt: str, verifier: str, password: str) -> bool:
    found = srp.make_verifier(int(salt, 16), pool.name_for_srp + username, password)
    return hmac.compare_digest(f"{found:x}", verifier)
