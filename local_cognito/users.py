"""Users: AdminGetUser, ListUsers and DeleteUser."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

from . import directory, errors, schema, tokens

if TYPE_CHECKING:
    from .cognito import Answer, Cognito, Request
    from .records import User

PAGE = 60
_FILTER = re.compile(r'\s*"?(?P<name>[\w:]+)"?\s*(?P<type>\^?=)\s*"(?P<value>(?:[^"\\]|\\.)*)"\s*')
_COLUMNS = {"username": "username", "sub": "sub", "cognito:user_status": "status"}
_ATTRIBUTES = ("email", "phone_number", "name", "given_name", "family_name", "preferred_username")
_SEARCHABLE = ("status", *_COLUMNS, *_ATTRIBUTES)


def admin_get_user(cognito: Cognito, request: Request) -> Answer:
    """AdminGetUser: a user with their state and MFA settings."""
    _, user = directory.managed_user(cognito, request)
    answer = _described(user, "UserAttributes")
    if user.mfa.get("enabled"):
        answer["UserMFASettingList"] = user.mfa["enabled"]
    if user.mfa.get("preferred"):
        answer["PreferredMfaSetting"] = user.mfa["preferred"]
    return answer


def list_users(cognito: Cognito, request: Request) -> Answer:
    """ListUsers: a page of at most 60, in order of creation; PaginationToken leads to the next."""
    directory.get_pool(cognito, request["UserPoolId"])
    limit = request.get("Limit") or PAGE
    condition, values = _condition(request["UserPoolId"], request.get("Filter", ""))
    if "PaginationToken" in request:
        condition += " AND (created, username) > (?, ?)"
        values += _position(request["PaginationToken"])
    found = cognito.store.users.select(condition, values, order="created, username", limit=limit + 1)
    wanted = request.get("AttributesToGet")
    answer: Answer = {"Users": [_described(user, "Attributes", wanted) for user in found[:limit]]}
    if len(found) > limit:
        answer["PaginationToken"] = _token(found[limit - 1])
    return answer


def delete_user(cognito: Cognito, request: Request) -> None:
    """DeleteUser: a user deletes themselves."""
    _, user, _ = tokens.verify_access(cognito, request["AccessToken"])
    cognito.store.delete_user(user)


def _described(user: User, attributes_member: str, wanted: list[str] | None = None) -> Answer:
    attributes = schema.as_list(user)
    return {
        "Username": user.username,
        attributes_member: [item for item in attributes if wanted is None or item["Name"] in wanted],
        "UserCreateDate": user.created,
        "UserLastModifiedDate": user.modified,
        "Enabled": user.enabled,
        "UserStatus": user.status,
    }


def _condition(pool_id: str, filter_text: str) -> tuple[str, list[Any]]:
    """Return SQL condition and values for the pool's users that a ListUsers filter lets through."""
    if not filter_text.strip():
        return "pool_id = ?", [pool_id]
    match = _FILTER.fullmatch(filter_text)
    if match is None or match["name"] not in _SEARCHABLE:
        raise errors.BAD_FILTER()
    value = re.sub(r"\\(.)", r"\1", match["value"])
    if match["name"] == "status":
        return "pool_id = ? AND enabled = ?", [pool_id, value == "Enabled"]
    column = _COLUMNS.get(match["name"], f"json_extract(attributes, '$.{match['name']}')")
    if match["name"] == "cognito:user_status":
        value = value.upper()
    if match["type"] == "=":
        return f"pool_id = ? AND {column} = ?", [pool_id, value]
    return f"pool_id = ? AND substr({column}, 1, ?) = ?", [pool_id, len(value), value]


def _token(last: User) -> str:
    # A position rather than a name: the user may be deleted before the next page is asked for.
    return base64.urlsafe_b64encode(json.dumps([last.created, last.username]).encode()).decode()


def _position(token: str) -> list[Any]:
    try:
        created, username = json.loads(base64.urlsafe_b64decode(token))
        return [float(created), str(username)]
    except (TypeError, ValueError):
        raise errors.BAD_PAGINATION_TOKEN() from None
