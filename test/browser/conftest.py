"""Fixtures of the browser's tests: a server and a pool for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import boto3
import pytest

from local_cognito import LocalCognito
from test.support.pool_driver import Api, Clock, PoolDriver

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def clock() -> Clock:
    """Return the clock of the server."""
    return Clock(1_750_000_020.0)


@pytest.fixture
def server(clock: Clock) -> Iterator[LocalCognito]:
    """Give a server of the test's own, so that all it shows is the test's."""
    with LocalCognito(clock=clock) as running:
        yield running


@pytest.fixture
def pool(server: LocalCognito, clock: Clock) -> PoolDriver:
    """Return the server's only pool; it requires TOTP and tracks devices."""
    made = server.create_pool("us-east-1_Example")
    api = boto3.client(
        "cognito-idp",
        region_name="us-east-1",
        endpoint_url=server.url,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    return PoolDriver(server, cast("Api", api), clock, made.pool_id, made.client_id)
