"""The records of users, one dataclass per table. Times are epoch seconds, big integers hex text."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

UNCONFIRMED = "UNCONFIRMED"
CONFIRMED = "CONFIRMED"
FORCE_CHANGE_PASSWORD = "FORCE_CHANGE_PASSWORD"  # noqa: S105 - Cognito's name of the state, no secret
RESET_REQUIRED = "RESET_REQUIRED"
NEVER = -1.0  # creation time of users who do not exist


@dataclass
class User:
    """A user; the password is kept as SRP `salt` and `verifier` only.

    `password_set` is 0 for a user without a password, whose salt and verifier are of one that nobody knows.
    `mfa` holds `enabled` (factors), `pending` (a TOTP secret that is not verified yet) and `used`
    (the latest time steps whose code was accepted), each when there is one.
    """

    pool_id: str
    username: str
    sub: str
    status: str
    attributes: dict[str, str]
    salt: str
    verifier: str
    created: float
    modified: float
    password_set: float = 0
    enabled: bool = True
    totp_secret: str | None = None
    totp_name: str | None = None
    mfa: dict[str, Any] = field(default_factory=dict)

    @property
    def exists(self) -> bool:
        """Whether this is a real user, not a simulated one or a placeholder."""
        return self.created >= 0

    @property
    def state(self) -> str:
        """A digest of the password and the status; running challenges and codes depend on it."""
        if not self.exists:
            return ""
        return hashlib.sha256(f"{self.salt} {self.status}".encode()).hexdigest()


@dataclass(slots=True)
class ListedUser:
    """The part of a `User` that lists show, without the long numbers."""

    username: str
    status: str
    attributes: dict[str, str]
    created: float
    modified: float
    enabled: bool


@dataclass
class PastPassword:
    """A password that a user had before, as SRP salt and verifier."""

    pool_id: str
    username: str
    salt: str
    verifier: str
    id: int | None = None


@dataclass
class PendingValue:
    """A new address for a user's `attribute`, which takes effect once it is verified."""

    pool_id: str
    username: str
    attribute: str
    value: str


@dataclass
class SignInName:
    """A name that a user can be found by: user name, sub, or verified alias, folded for comparison."""

    pool_id: str
    kind: str
    name: str
    username: str


@dataclass
class Code:
    """The one valid confirmation code of a user for a `purpose`.

    It is invalid once `bound_to`, a digest of the user's state, no longer matches; see `codes.bound_to`.
    """

    pool_id: str
    username: str
    purpose: str
    code: str
    expires: float
    bound_to: str = ""


@dataclass
class Attempt:
    """An attempt that counts against a limit."""

    pool_id: str
    username: str
    kind: str
    at: float
    id: int | None = None
