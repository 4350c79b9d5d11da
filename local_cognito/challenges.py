"""Answers to challenges; reading AuthParameters and ChallengeResponses, which the model leaves free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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


def require(parameters: dict[str, str], name: str) -> str:
    """Return the parameter.

    Raises:
        CognitoError: InvalidParameterException, when it is absent or empty.
    """
    value = parameters.get(name)
    if not value:
        raise errors.MISSING_PARAMETER(name=name)
    return value
