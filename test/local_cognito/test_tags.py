"""Tags of user pools: hung on when a pool is made or later, listed, taken off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from test.support.pool_driver import refused

if TYPE_CHECKING:
    from test.support.pool_driver import PoolDriver

STAGE, OWNER = {"stage": "test"}, {"owner": "Ada"}
UNKNOWN = "ResourceNotFoundException"


def arn_of(pool: PoolDriver) -> str:
    """Return the pool's ARN."""
    return str(pool.api.describe_user_pool(UserPoolId=pool.id)["UserPool"]["Arn"])


def tags_of(pool: PoolDriver) -> dict[str, str]:
    """Return the pool's tags as ListTagsForResource gives them."""
    return dict(pool.api.list_tags_for_resource(ResourceArn=arn_of(pool))["Tags"])


def test_a_pool_has_no_tags(pool: PoolDriver) -> None:
    """A pool that was made without tags has none."""
    assert tags_of(pool) == {}


def test_tags_from_the_beginning(pool: PoolDriver) -> None:
    """What CreateUserPool calls UserPoolTags are the pool's tags."""
    made = pool.api.create_user_pool(PoolName="tagged", UserPoolTags=STAGE)["UserPool"]

    assert made["UserPoolTags"] == STAGE
    assert pool.api.list_tags_for_resource(ResourceArn=made["Arn"])["Tags"] == STAGE


def test_tags_come_and_go(pool: PoolDriver) -> None:
    """TagResource adds tags and changes values; UntagResource takes off what it names, if it is there."""
    arn = arn_of(pool)

    pool.api.tag_resource(ResourceArn=arn, Tags=STAGE | OWNER)
    pool.api.tag_resource(ResourceArn=arn, Tags={"stage": "live"})
    assert tags_of(pool) == {"stage": "live"} | OWNER
    assert pool.api.describe_user_pool(UserPoolId=pool.id)["UserPool"]["UserPoolTags"] == tags_of(pool)

    pool.api.untag_resource(ResourceArn=arn, TagKeys=["stage", "unknown"])
    assert tags_of(pool) == OWNER


def test_a_pool_has_fifty_tags_at_most(pool: PoolDriver) -> None:
    """The fifty-first tag is refused, and nothing changes."""
    pool.api.tag_resource(ResourceArn=arn_of(pool), Tags={f"t{number}": "" for number in range(50)})

    with refused("InvalidParameterException", "A user pool can have 50 tags at most."):
        pool.api.tag_resource(ResourceArn=arn_of(pool), Tags=STAGE)
    assert len(tags_of(pool)) == 50


@pytest.mark.parametrize("old", ["us-east-1", "000000000000"])
def test_another_arn_leads_nowhere(pool: PoolDriver, old: str) -> None:
    """The ARN must be the pool's own: the ID alone at its end is not enough."""
    arn = arn_of(pool).replace(old, "1" * len(old), 1)

    with refused(UNKNOWN, f"User pool {arn.rpartition('/')[2]} does not exist."):
        pool.api.list_tags_for_resource(ResourceArn=arn)


@pytest.mark.parametrize(("old", "new"), [("cognito-idp", "sqs"), ("userpool/", "identitypool/")])
def test_an_arn_of_something_else(pool: PoolDriver, old: str, new: str) -> None:
    """What is the name of no user pool at all is refused as such."""
    arn = arn_of(pool).replace(old, new)

    with refused("InvalidParameterException", f"Invalid resource ARN: {arn}"):
        pool.api.list_tags_for_resource(ResourceArn=arn)


def test_tags_of_a_deleted_pool(pool: PoolDriver) -> None:
    """A pool that is gone has no tags to list."""
    arn = arn_of(pool)
    pool.api.delete_user_pool(UserPoolId=pool.id)

    with refused(UNKNOWN, f"User pool {pool.id} does not exist."):
        pool.api.list_tags_for_resource(ResourceArn=arn)
