"""Groups: creating, changing and deleting them, their members, and the groups of a user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from local_cognito.model import errors
from local_cognito.rules import paging
from local_cognito.rules.cognito import milliseconds
from local_cognito.storage.records import Group, Membership
from local_cognito.users import accounts, directory

if TYPE_CHECKING:
    from local_cognito.model import requests
    from local_cognito.rules.cognito import Answer, Cognito
    from local_cognito.storage.tables import Table

Record = TypeVar("Record")
_FIELDS = ("Description", "RoleArn", "Precedence")


def create_group(cognito: Cognito, request: requests.CreateGroup) -> Answer:
    """CreateGroup."""
    pool = directory.get_pool(cognito, request["UserPoolId"])
    if cognito.store.groups.get(pool.id, request["GroupName"]):
        raise errors.GROUP_EXISTS()
    now = cognito.now()
    group = Group(pool.id, request["GroupName"], _settings(request), now, now)
    cognito.store.groups.put(group)
    return {"Group": _described(group)}


def get_group(cognito: Cognito, request: requests.GetGroup) -> Answer:
    """GetGroup."""
    return {"Group": _described(_group(cognito, request))}


def update_group(cognito: Cognito, request: requests.UpdateGroup) -> Answer:
    """UpdateGroup: change what is given, keep the rest, with its date if nothing is given."""
    group = _group(cognito, request)
    given = _settings(request)
    if given:
        group.settings |= given
        group.modified = cognito.now()
        cognito.store.groups.put(group)
    return {"Group": _described(group)}


def delete_group(cognito: Cognito, request: requests.DeleteGroup) -> None:
    """DeleteGroup: the group and its memberships; the users stay."""
    group = _group(cognito, request)
    cognito.store.memberships.delete(pool_id=group.pool_id, group_name=group.name)
    cognito.store.groups.delete(pool_id=group.pool_id, name=group.name)


def list_groups(cognito: Cognito, request: requests.ListGroups) -> Answer:
    """ListGroups: a page of the pool's groups."""
    pool = directory.get_pool(cognito, request["UserPoolId"])
    groups, token = _page(cognito.store.groups, request, pool_id=pool.id)
    return {"Groups": [_described(group) for group in groups], **token}


def admin_add_user_to_group(cognito: Cognito, request: requests.AdminAddUserToGroup) -> None:
    """AdminAddUserToGroup: adding a member again changes nothing."""
    _, user = directory.managed_user(cognito, request)
    group = _group(cognito, request)
    cognito.store.memberships.put(Membership(group.pool_id, group.name, user.username))


def admin_remove_user_from_group(cognito: Cognito, request: requests.AdminRemoveUserFromGroup) -> None:
    """AdminRemoveUserFromGroup: removing a user from an absent group succeeds."""
    pool, user = directory.managed_user(cognito, request)
    name = request["GroupName"]
    cognito.store.memberships.delete(pool_id=pool.id, group_name=name, username=user.username)


def admin_list_groups_for_user(cognito: Cognito, request: requests.AdminListGroupsForUser) -> Answer:
    """AdminListGroupsForUser: a page of the groups that a user is in."""
    pool, user = directory.managed_user(cognito, request)
    memberships, token = _page(cognito.store.memberships, request, pool_id=pool.id, username=user.username)
    found = (cognito.store.groups.get(pool.id, membership.group_name) for membership in memberships)
    return {"Groups": [_described(group) for group in found if group], **token}


def list_users_in_group(cognito: Cognito, request: requests.ListUsersInGroup) -> Answer:
    """ListUsersInGroup: a page of a group's members."""
    group = _group(cognito, request)
    memberships, token = _page(
        cognito.store.memberships,
        request,
        errors.BAD_MEMBER_TOKEN,
        pool_id=group.pool_id,
        group_name=group.name,
    )
    found = (cognito.store.listed_users.get(group.pool_id, membership.username) for membership in memberships)
    return {"Users": [accounts.described(user, "Attributes") for user in found if user], **token}


def _page(
    table: Table[Record],
    request: requests.ListGroups | requests.AdminListGroupsForUser | requests.ListUsersInGroup,
    bad_token: errors.Refusal = errors.BAD_GROUP_TOKEN,
    **equal: str,
) -> tuple[list[Record], dict[str, str]]:
    """Return one page of groups or memberships."""
    return paging.page(table, request.get("Limit"), request.get("NextToken"), bad_token=bad_token, **equal)


def _group(cognito: Cognito, request: requests.OfGroup) -> Group:
    pool = directory.get_pool(cognito, request["UserPoolId"])
    group = cognito.store.groups.get(pool.id, request["GroupName"])
    if group is None:
        raise errors.GROUP_UNKNOWN()
    return group


def _settings(request: requests.CreateGroup | requests.UpdateGroup) -> dict[str, Any]:
    """Return the group's settings in the request; an empty description says nothing."""
    return {name: value for name, value in request.items() if name in _FIELDS and value != ""}


def _described(group: Group) -> dict[str, Any]:
    return {
        "GroupName": group.name,
        "UserPoolId": group.pool_id,
        **group.settings,
        "CreationDate": milliseconds(group.created),
        "LastModifiedDate": milliseconds(group.modified),
    }
