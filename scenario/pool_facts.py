"""Settings of a user pool that are known before the first question, its password policy above all."""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# The setting, what it demands, and the characters that count: letters and digits of ASCII alone.
# Source: Amazon Cognito Developer Guide, "Adding user pool password requirements".
_KINDS = (
    ("RequireUppercase", "an upper-case letter", frozenset(string.ascii_uppercase)),
    ("RequireLowercase", "a lower-case letter", frozenset(string.ascii_lowercase)),
    ("RequireNumbers", "a digit", frozenset(string.digits)),
    ("RequireSymbols", "a symbol", frozenset("^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+- ")),
)


@dataclass(frozen=True)
class PasswordPolicy:
    """The rules for a new password of a pool.

    Attributes:
        least_length: in characters.
        kinds: the settings of the policy that demand a kind of character.
    """

    least_length: int
    kinds: frozenset[str]

    @classmethod
    def of(cls, pool: Mapping[str, Any]) -> PasswordPolicy | None:
        """Return the policy in the answer of DescribeUserPool (its `UserPool`), or None when it has none."""
        settings = pool.get("Policies", {}).get("PasswordPolicy")
        if not settings:
            return None
        kinds = frozenset(setting for setting, _, _ in _KINDS if settings.get(setting))
        return cls(settings.get("MinimumLength", 0), kinds)

    @property
    def demands(self) -> list[str]:
        """Everything that is demanded, in words."""
        return self._demands("")

    def check(self, password: str) -> tuple[str | None, str]:
        """Accept what keeps every rule; the complaint lists all broken ones: a `Validator`."""
        broken = self._demands(password)
        return (None if broken else password), f"This pool wants {join_words(broken)} in it."

    def _demands(self, password: str) -> list[str]:
        """Return the demands that this password does not meet."""
        length = [f"{self.least_length} characters or more"] if len(password) < self.least_length else []
        return length + [
            words
            for setting, words, characters in _KINDS
            if setting in self.kinds and characters.isdisjoint(password)
        ]


@dataclass(frozen=True)
class PoolFacts:
    """Known settings of a pool; each may be unknown.

    Attributes:
        password_policy: its rules for passwords, if known.
        offers_totp: whether its users may set up an authenticator app; unless it is known not to, it does.
        estimated_users: about how many there are, or None.
        relying_party: the domain of its passkeys, where it has one of its own.
    """

    password_policy: PasswordPolicy | None = None
    offers_totp: bool = True
    estimated_users: int | None = None
    relying_party: str | None = None

    @classmethod
    def of(cls, pool: Mapping[str, Any], mfa: Mapping[str, Any]) -> PoolFacts:
        """Return the settings in answers of DescribeUserPool and GetUserPoolMfaConfig; each may be empty."""
        totp = mfa.get("SoftwareTokenMfaConfiguration", {}).get("Enabled", False)
        domain = mfa.get("WebAuthnConfiguration", {}).get("RelyingPartyId")
        users = pool.get("EstimatedNumberOfUsers")
        return cls(PasswordPolicy.of(pool), bool(totp) if mfa else True, users, domain)


def join_words(parts: list[str]) -> str:
    """Join parts of a sentence: "a, b and c"."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
