"""Passwords: the pool's policy, and the SRP salt and verifier that stand for one."""

from __future__ import annotations

import hmac
import string
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from local_cognito.model import errors
from local_cognito.rules import srp
from local_cognito.storage.user_records import PastPassword

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Cognito
    from local_cognito.storage.records import Pool
    from local_cognito.storage.user_records import User

DEFAULT_POLICY = {
    "MinimumLength": 8,
    "RequireUppercase": True,
    "RequireLowercase": True,
    "RequireNumbers": True,
    "RequireSymbols": True,
    "TemporaryPasswordValidityDays": 7,
}
_BARE_POLICY = {name: False if rule is True else rule for name, rule in DEFAULT_POLICY.items()}
# Letters, digits and symbols of other scripts do not count.
_KINDS = {
    "Uppercase": frozenset(string.ascii_uppercase),
    "Lowercase": frozenset(string.ascii_lowercase),
    "Numbers": frozenset(string.digits),
    "Symbols": frozenset("^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+- "),
}
# The x of SRP, of the latest passwords that were right, by the user's verifier.
_proven: OrderedDict[str, bytes] = OrderedDict()
_MOST_REMEMBERED = 1000
_NOTHING = bytes(srp.EXPONENT_BYTES)
_NAMES = {"Uppercase": "uppercase", "Lowercase": "lowercase", "Numbers": "numeric", "Symbols": "symbol"}


def policy(pool: Pool) -> dict[str, Any]:
    """Return the pool's PasswordPolicy; rules that it leaves out are off."""
    own: dict[str, Any] | None = pool.settings.get("Policies", {}).get("PasswordPolicy")
    if own is None:
        return DEFAULT_POLICY | {"TemporaryPasswordValidityDays": _default_days(pool)}
    days = own.get("TemporaryPasswordValidityDays") or _default_days(pool)
    rules = _BARE_POLICY | own | {"TemporaryPasswordValidityDays": days}
    # PasswordHistorySize 0 is not shown.
    return {name: rule for name, rule in rules.items() if name != "PasswordHistorySize" or rule}


def _default_days(pool: Pool) -> int:
    """Return the validity of temporary passwords where the policy has none: the older setting's, or 7."""
    days = pool.settings.get("AdminCreateUserConfig", {}).get("UnusedAccountValidityDays")
    return int(days or DEFAULT_POLICY["TemporaryPasswordValidityDays"])


def check_policy(pool: Pool, password: str, refusal: errors.Refusal = errors.PASSWORD_POLICY) -> None:
    """Check a new password against the pool's policy, its length first; `refusal` has the first problem.

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
            raise refusal(reason=reason)


def make(cognito: Cognito, pool: Pool, username: str, password: str) -> tuple[str, str]:
    """Return salt and verifier for a new password, as hex."""
    salt = srp.new_salt(cognito.random_bytes)
    return f"{salt:x}", f"{srp.make_verifier(salt, pool.name_for_srp + username, password):x}"


def change(cognito: Cognito, pool: Pool, user: User, password: str) -> None:
    """Set the user's password; where the policy asks for it, it must differ from the latest ones.

    The user's running challenges end. The caller saves the user.

    Raises:
        CognitoError: PasswordHistoryPolicyViolationException.
    """
    size = policy(pool).get("PasswordHistorySize", 0)
    if size:
        _refuse_reuse(cognito, pool, user, password, size)
    give(cognito, pool, user, password)


def _refuse_reuse(cognito: Cognito, pool: Pool, user: User, password: str, size: int) -> None:
    """Refuse any of the latest `size` passwords; otherwise add the present one to the history."""
    past = cognito.store.past_passwords.where(pool_id=pool.id, username=user.username)
    present = PastPassword(pool.id, user.username, user.salt, user.verifier)
    for one in [*past, present][-size:]:
        if _matches(pool, user.username, one.salt, one.verifier, password):
            raise errors.PASSWORD_REUSED()
    if size > 1:
        cognito.store.past_passwords.put(present)
    # With the new password, only size - 1 earlier ones count from now on.
    for forgotten in past[: max(0, len(past) + 2 - size)]:
        cognito.store.past_passwords.delete(id=forgotten.id)


def give(cognito: Cognito, pool: Pool, user: User, password: str) -> None:
    """Set the user's password without a look at the history; see `change`."""
    user.salt, user.verifier = make(cognito, pool, user.username, password)
    user.password_set = cognito.now()
    cognito.store.delete_sessions(user)


def is_right(pool: Pool, user: User, password: str) -> bool:
    """Tell whether this is the user's password.

    One that is remembered is compared by its x, which saves the power of g. Any other takes the same work,
    whoever is asked for.
    """
    remembered = _proven.get(user.verifier, _NOTHING)
    if hmac.compare_digest(remembered, _private_value(pool, user, password)):
        return True
    return _matches(pool, user.username, user.salt, user.verifier, password)


def remember(pool: Pool, user: User, password: str) -> None:
    """Remember the password of a user who has just signed in with it."""
    _proven[user.verifier] = _private_value(pool, user, password)
    if len(_proven) > _MOST_REMEMBERED:
        _proven.popitem(last=False)


def forget(user: User) -> None:
    """Forget the user's password after a wrong one, so that no time tells a locked-out client a right one."""
    _proven.pop(user.verifier, None)


def _private_value(pool: Pool, user: User, password: str) -> bytes:
    x = srp.private_value(int(user.salt, 16), pool.name_for_srp + user.username, password)
    return x.to_bytes(srp.EXPONENT_BYTES, "big")


def _matches(pool: Pool, username: str, salt: str, verifier: str, password: str) -> bool:
    found = srp.make_verifier(int(salt, 16), pool.name_for_srp + username, password)
    return hmac.compare_digest(f"{found:x}", verifier)
