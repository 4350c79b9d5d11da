"""Fixtures of the local pool's tests: one server, its clock, and a pool for each test.

RSA keys are made once: every pool that a fixture makes is given the same two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.config import Config

from local_cognito import LocalCognito
from local_cognito.storage.records import MOST_MESSAGES, SigningKey
from test.support import pools
from test.support.conformity import check_answer
from test.support.inside import store_of
from test.support.later_members import send_later_members
from test.support.pool_driver import Clock, PoolDriver
from test.support.pools import REQUIRED_TOTP, TRACKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from test.support.pool_driver import Api


@pytest.fixture(scope="session")
def clock() -> Clock:
    """Return the clock of the shared server; it starts with a TOTP time step."""
    return Clock(1_750_000_020.0)


@pytest.fixture(scope="session")
def server(clock: Clock) -> Iterator[LocalCognito]:
    """Give the server that tests share; each makes a pool of its own."""
    with LocalCognito(clock=clock) as running:
        yield running


@pytest.fixture(autouse=True)
def room_in_outbox(server: LocalCognito) -> None:
    """Empty the shared outbox before it is full: tests count what they find in it."""
    store = store_of(server)
    with store.transaction():
        if store.messages.count() > MOST_MESSAGES // 2:
            store.messages.delete()


def client_of(url: str, **config: Any) -> Api:
    """Return a boto3 client that never retries and checks the shape of every answer."""
    client = boto3.client(
        "cognito-idp",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"total_max_attempts": 1}, **config),
    )
    client.meta.events.register("before-parse.cognito-idp", _check_shape)
    send_later_members(client)
    return cast("Api", client)


def _check_shape(operation_model: Any, response_dict: dict[str, Any], **_: Any) -> None:
    check_answer(operation_model.name, response_dict["status_code"], response_dict["body"])


@pytest.fixture(scope="session")
def connect() -> Callable[..., Api]:
    """Return the maker of clients, for tests that start a server of their own."""
    return client_of


@pytest.fixture(scope="session")
def api(server: LocalCognito) -> Api:
    """Return a client of the shared server."""
    return client_of(server.url)


@pytest.fixture(scope="session")
def unchecked_api(server: LocalCognito) -> Api:
    """Return a client that sends what the model forbids."""
    return client_of(server.url, parameter_validation=False)


@pytest.fixture(scope="session")
def make_pool(
    server: LocalCognito, api: Api, clock: Clock, signing_keys: dict[str, str]
) -> Callable[..., PoolDriver]:
    """Return the maker of pools: settings of CreateUserPool, SetUserPoolMfaConfig and the app client."""

    def make(
        settings: dict[str, Any] | None = None,
        mfa: dict[str, Any] | None = None,
        client: dict[str, Any] | None = None,
    ) -> PoolDriver:
        made = pools.make_pool(api, settings, mfa, client)
        store = store_of(server)
        with store.transaction():
            for use, pem in signing_keys.items():
                store.keys.put(SigningKey(made.pool_id, use, f"{made.pool_id} {use}", pem))
        return PoolDriver(server, api, clock, made.pool_id, made.client_id, made.client_secret)

    return make


@pytest.fixture
def pool(make_pool: Callable[..., PoolDriver]) -> PoolDriver:
    """Return a pool that verifies e-mail addresses and knows neither MFA nor devices."""
    return make_pool()


@pytest.fixture
def mfa_pool(make_pool: Callable[..., PoolDriver]) -> PoolDriver:
    """Return a pool that requires TOTP and tracks devices."""
    return make_pool({"DeviceConfiguration": TRACKING}, REQUIRED_TOTP)


@pytest.fixture
def secret_pool(make_pool: Callable[..., PoolDriver]) -> PoolDriver:
    """Return the same pool, its app client with a secret."""
    return make_pool({"DeviceConfiguration": TRACKING}, REQUIRED_TOTP, {"GenerateSecret": True})
