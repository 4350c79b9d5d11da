"""App clients: what they show unasked, how long tokens may live, and attributes that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from test.support.pool_driver import refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import PoolDriver

INVALID = "InvalidParameterException"
SECRET: Any = {"Name": "note", "AttributeDataType": "String", "DeveloperOnlyAttribute": True}


def create(pool: PoolDriver, **settings: Any) -> Any:
    """CreateUserPoolClient."""
    return pool.api.create_user_pool_client(UserPoolId=pool.id, ClientName="one", **settings)[
        "UserPoolClient"
    ]


def update(pool: PoolDriver, **settings: Any) -> Any:
    """UpdateUserPoolClient of the pool's own client."""
    return pool.api.update_user_pool_client(UserPoolId=pool.id, ClientId=pool.client_id, **settings)[
        "UserPoolClient"
    ]


def test_what_a_client_shows_unasked(pool: PoolDriver) -> None:
    """A new client shows its empty token units, and the switches that are off."""
    shown = create(pool)

    assert shown["TokenValidityUnits"] == {}
    assert shown["AllowedOAuthFlowsUserPoolClient"] is False
    assert shown["EnablePropagateAdditionalUserContextData"] is False
    described = pool.api.describe_user_pool_client(UserPoolId=pool.id, ClientId=shown["ClientId"])
    assert described["UserPoolClient"] == shown
    assert update(pool)["TokenValidityUnits"] == {}


VALIDITIES = [
    ({"AccessTokenValidity": 1}, True),
    ({"AccessTokenValidity": 24}, True),
    ({"AccessTokenValidity": 25}, False),
    ({"IdTokenValidity": 5, "TokenValidityUnits": {"IdToken": "minutes"}}, True),
    ({"IdTokenValidity": 4, "TokenValidityUnits": {"IdToken": "minutes"}}, False),
    ({"IdTokenValidity": 299, "TokenValidityUnits": {"IdToken": "seconds"}}, False),
    ({"AccessTokenValidity": 1, "TokenValidityUnits": {"AccessToken": "days"}}, True),
    ({"AccessTokenValidity": 2, "TokenValidityUnits": {"AccessToken": "days"}}, False),
    ({"RefreshTokenValidity": 0}, True),
    ({"RefreshTokenValidity": 3650}, True),
    ({"RefreshTokenValidity": 3651}, False),
    ({"RefreshTokenValidity": 60, "TokenValidityUnits": {"RefreshToken": "minutes"}}, True),
    ({"RefreshTokenValidity": 59, "TokenValidityUnits": {"RefreshToken": "minutes"}}, False),
]


@pytest.mark.parametrize(("settings", "is_allowed"), VALIDITIES)
@pytest.mark.parametrize("keep", [create, update])
def test_how_long_tokens_live(
    pool: PoolDriver, keep: Callable[..., Any], settings: Any, *, is_allowed: bool
) -> None:
    """Access and ID tokens live five minutes to a day, refresh tokens an hour to ten years, in any unit."""
    if is_allowed:
        shown = {name: value or 30 for name, value in settings.items()}
        assert shown.items() <= keep(pool, **settings).items()
    else:
        with refused(INVALID, "Invalid range for token validity."):
            keep(pool, **settings)


def test_a_client_names_attributes(make_pool: Callable[..., PoolDriver]) -> None:
    """A client may read every attribute of the pool, and write those that a user can write."""
    pool = make_pool({"Schema": [{"Name": "team", "AttributeDataType": "String"}, SECRET]})
    settings = {
        "ReadAttributes": ["email", "email_verified", "custom:team", "dev:custom:note"],
        "WriteAttributes": ["email", "custom:team", "updated_at"],
    }

    shown = create(pool, **settings)

    assert {name: shown[name] for name in settings} == settings


@pytest.mark.parametrize("name", ["custom:unknown", "nonsense", "custom:note"])
def test_a_client_names_no_unknown_attribute(make_pool: Callable[..., PoolDriver], name: str) -> None:
    """An attribute that the pool does not have can be neither read nor written."""
    pool = make_pool({"Schema": [SECRET]})
    for access in ("read", "write"):
        for doing, keep in (("creating", create), ("updating", update)):
            message = f"Invalid {access} attributes specified while {doing} a client"
            with refused(INVALID, message):
                keep(pool, **{f"{access.title()}Attributes": ["email", name]})


@pytest.mark.parametrize("name", ["sub", "email_verified", "phone_number_verified", "dev:custom:note"])
def test_what_no_client_writes(make_pool: Callable[..., PoolDriver], name: str) -> None:
    """What only Cognito or an administrator sets can't be among a client's WriteAttributes."""
    pool = make_pool({"Schema": [SECRET]})

    with refused(INVALID, "Invalid write attributes specified while creating a client"):
        create(pool, WriteAttributes=[name])


def test_a_refused_update_changes_nothing(pool: PoolDriver) -> None:
    """A client that an update would spoil stays as it was."""
    before = pool.api.describe_user_pool_client(UserPoolId=pool.id, ClientId=pool.client_id)["UserPoolClient"]

    with refused(INVALID, "Invalid range for token validity."):
        update(pool, AccessTokenValidity=48)

    after = pool.api.describe_user_pool_client(UserPoolId=pool.id, ClientId=pool.client_id)["UserPoolClient"]
    assert after == before
