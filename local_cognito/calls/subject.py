"""Reads the subject of a request from its body: pool, user and app client, none of it verified.

For the logs of calls, which must name what a request names, whether Cognito accepts it or not.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True)
class Subject:
    """The names in a request; None for absent ones.

    Attributes:
        pool_id: from `UserPoolId`, an ARN, or the issuer of an access token.
        user: the user name, or the alias that stands in its place.
        client_id: of the app client.
    """

    pool_id: str | None = None
    user: str | None = None
    client_id: str | None = None

    def completed_by(self, other: Subject) -> Subject:
        """Return this, completed by the names in `other`."""
        return Subject(
            self.pool_id or other.pool_id, self.user or other.user, self.client_id or other.client_id
        )


NOBODY = Subject()


def parsed(body: bytes) -> dict[str, Any]:
    """Return the JSON object that a body is, or an empty one."""
    try:
        request = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return request if isinstance(request, dict) else {}


def subject_of(request: dict[str, Any]) -> Subject:
    """Return what the members of a request name, and the claims of its access token."""
    token = _claims(request.get("AccessToken"))
    ids = (request.get("UserPoolId"), request.get("ResourceArn"), token.get("iss"))
    named = (_member(request, name) for name in ("AuthParameters", "ChallengeResponses"))
    names = (request.get("Username"), *(one.get("USERNAME") for one in named), token.get("username"))
    clients = (request.get("ClientId"), token.get("client_id"))
    return Subject(
        (_first_text(ids) or "").rpartition("/")[2] or None, _first_text(names), _first_text(clients)
    )


def made_by(answer: dict[str, Any]) -> Subject:
    """Return the pool or the app client that an answer describes."""
    pool_id = _member(answer, "UserPool").get("Id")
    client_id = _member(answer, "UserPoolClient").get("ClientId")
    return Subject(_first_text((pool_id,)), None, _first_text((client_id,)))


def _first_text(values: tuple[Any, ...]) -> str | None:
    return next((one for one in values if isinstance(one, str) and one), None)


def _member(request: dict[str, Any], name: str) -> dict[str, Any]:
    member = request.get(name)
    return member if isinstance(member, dict) else {}


def _claims(token: Any) -> dict[str, Any]:
    """Return the claims of an access token, which nobody has verified: good enough to name a pool."""
    parts = token.split(".") if isinstance(token, str) and token.isascii() else []
    try:
        return parsed(base64.urlsafe_b64decode(parts[1] + "==")) if len(parts) > 1 else {}
    except ValueError:
        return {}
