"""Tags: names and values that an administrator hangs on a user pool."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from local_cognito.model import errors
from local_cognito.users import directory

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Answer, Cognito, Request
    from local_cognito.storage.records import Pool

MOST_TAGS = 50
_POOL_ARN = re.compile(r"arn:[^:]+:cognito-idp:[^:]*:[0-9]+:userpool/[^:/]+")


def tag_resource(cognito: Cognito, request: Request) -> Answer:
    """TagResource: new tags, and new values of those that are there."""
    pool = _tagged_pool(cognito, request)
    _keep(cognito, pool, _tags(pool) | request["Tags"])
    return {}


def untag_resource(cognito: Cognito, request: Request) -> Answer:
    """UntagResource: tags that are not there are no mistake."""
    pool = _tagged_pool(cognito, request)
    _keep(cognito, pool, {key: value for key, value in _tags(pool).items() if key not in request["TagKeys"]})
    return {}


def list_tags_for_resource(cognito: Cognito, request: Request) -> Answer:
    """ListTagsForResource."""
    return {"Tags": _tags(_tagged_pool(cognito, request))}


def check(tags: dict[str, str]) -> None:
    """Check that there are not too many tags.

    Raises:
        CognitoError: InvalidParameterException.
    """
    if len(tags) > MOST_TAGS:
        raise errors.TOO_MANY_TAGS(most=MOST_TAGS)


def _tagged_pool(cognito: Cognito, request: Request) -> Pool:
    """Return the pool whose ARN this is: that of another account or region leads nowhere.

    Raises:
        CognitoError: InvalidParameterException for an ARN of something else, ResourceNotFoundException.
    """
    if not _POOL_ARN.fullmatch(request["ResourceArn"]):
        raise errors.NOT_A_POOL_ARN(arn=request["ResourceArn"])
    pool = directory.get_pool(cognito, request["ResourceArn"].rpartition("/")[2])
    if pool.arn != request["ResourceArn"]:
        raise errors.UNKNOWN_POOL(pool_id=pool.id)
    return pool


def _tags(pool: Pool) -> dict[str, str]:
    return dict(pool.settings.get("UserPoolTags", {}))


def _keep(cognito: Cognito, pool: Pool, tags: dict[str, str]) -> None:
    check(tags)
    pool.settings["UserPoolTags"] = tags
    cognito.store.pools.put(pool)
