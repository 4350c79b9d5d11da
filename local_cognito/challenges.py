"""Answers to challenges; reading AuthParameters and ChallengeResponses, which the model leaves free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import errors

if TYPE_CHECKING:
    from .records import Client, Pool, User


@dataclass(frozen=True)
class Reply:
    """A response to a challenge, its user name resolved and its secret hash checked."""

    pool: Pool
    client: Client
    user: User
    responses: dict[str, str]
    session: str | None


@dataclass(frozen=True)
class Entry:
    """A sign-in on its way: whose it is, and how far it came.

    Attributes:
        device_key: the known device that it comes from, or None.
        by_srp: whether the password was proven by SRP, so that a new device key comes even without MFA.
    """

    pool: Pool
    client: Client
    user: User
    device_key: str | None = None
    by_srp: bool = False

    @property
    def data(self) -> dict[str, Any]:
        """What the sessions of the following steps carry on."""
        return {"device_key": self.device_key, "by_srp": self.by_srp}


def require(parameters: dict[str, str], name: str) -> str:
    """Return the parameter.

    Raises:
        CognitoError: InvalidParameterException, when it is absent or empty.
    """
    value = parameters.get(name)
    if not value:
        raise errors.MISSING_PARAMETER(name=name)
    return value
