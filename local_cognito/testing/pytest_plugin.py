"""The pytest plug-in: a user pool for each test, on one server, and the environment that leads code to it.

    def test_signs_up(cognito_pool, cognito_client, cognito_outbox):
        ...

pytest loads this at every start, in projects that do not use it too: boto3 and the server are loaded by the
first fixture that is used.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

from local_cognito.testing.pytest_pool import CognitoPool, OptionError, PoolOptions, PoolUser, make_pool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from local_cognito import LocalCognito, MovableClock

__all__ = ["CognitoPool", "Message", "Outbox", "PoolUser"]

MARKER = "cognito_pool"
ENDPOINT = "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
# What would lead an SDK to somebody's account, or away from this machine.
TAKEN_AWAY = (
    "AWS_DEFAULT_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
)
FILES = ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
LOOPBACK = "127.0.0.1,localhost"


class _ComputersTime:
    """Epoch seconds, less what tests that are over have moved the pool's clock forward."""

    def __init__(self) -> None:
        self._behind = 0.0

    def __call__(self) -> float:
        return time.time() - self._behind

    def take_back(self, seconds: float) -> None:
        self._behind += seconds


class _Running:
    """The server of this process, and what belongs to it."""

    def __init__(self) -> None:
        from local_cognito import LocalCognito, MovableClock  # noqa: PLC0415 - only for those who use a fixture

        self._time = _ComputersTime()
        self.clock: MovableClock = MovableClock(self._time)
        self.server: LocalCognito = LocalCognito(clock=self.clock).start()

    @cached_property
    def client(self) -> Any:
        """A boto3 client, made where the environment is a test's already."""
        from botocore.config import Config  # noqa: PLC0415 - as the server

        once = Config(retries={"total_max_attempts": 1})
        return self.session().client("cognito-idp", config=once)

    def session(self) -> Any:
        """Return a new boto3 session, which shares with others only what botocore reads of its own files.

        Reading these is most of what the first client of a session costs.
        """
        import boto3  # noqa: PLC0415 - as the server
        from botocore.session import Session  # noqa: PLC0415

        session = Session()
        session.register_component("data_loader", self._loader)
        made = boto3.Session(botocore_session=session)
        # boto3 adds its own folder, once more with each session.
        self._loader.search_paths[:] = dict.fromkeys(self._loader.search_paths)
        return made

    @cached_property
    def _loader(self) -> Any:
        from botocore.session import Session  # noqa: PLC0415 - as the server

        return Session().get_component("data_loader")

    def restore_time(self) -> None:
        """Let the clock show the computer's time again."""
        self._time.take_back(self.clock() - time.time())

    def latest_message(self) -> int:
        """Return the ID of the latest message, 0 if there is none."""
        return max((message["id"] for message in self.server.outbox()), default=0)


@dataclass(frozen=True)
class Message:
    """What Cognito would have sent; `time` is in epoch seconds of the pool's clock."""

    id: int
    time: float
    to: str
    subject: str
    body: str
    code: str


class Outbox:
    """The messages that were sent since the test began."""

    def __init__(self, server: LocalCognito, after: int) -> None:
        self._server = server
        self._after = after

    def messages(self, to: str | None = None) -> list[Message]:
        """Return the messages to an address, or all of them, oldest first."""
        sent = [Message(**message) for message in self._server.outbox()]
        return [message for message in sent if message.id > self._after and to in (None, message.to)]

    def codes(self, to: str | None = None) -> list[str]:
        """Return the codes in these messages, oldest first."""
        return [message.code for message in self.messages(to)]

    def latest(self, to: str | None = None) -> Message:
        """Return the last of these messages.

        Raises:
            LookupError: there is none.
        """
        messages = self.messages(to)
        if not messages:
            others = ", ".join(dict.fromkeys(message.to for message in self.messages())) or "nobody"
            raise LookupError(f"This test has sent no message to {to or 'anybody'}, only to {others}.")
        return messages[-1]


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    options = "mfa, devices, client_secret, users, pool, client"
    config.addinivalue_line("markers", f"{MARKER}({options}): what the pool of the test is like")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Give a test with the marker its pool, and one that uses the server its environment."""
    names = getattr(item, "fixturenames", None)
    if names is None:
        return
    if item.get_closest_marker(MARKER) and MARKER not in names:
        names.append(MARKER)
    if "_local_cognito" in names and "cognito_environment" not in names:
        names.append("cognito_environment")


@pytest.fixture(scope="session")
def _local_cognito() -> Iterator[_Running]:
    running = _Running()
    yield running
    running.server.stop()


@pytest.fixture(scope="session")
def cognito(_local_cognito: _Running) -> LocalCognito:
    """A Cognito on this machine, in memory, for the whole session (of each worker of pytest-xdist)."""
    return _local_cognito.server


@pytest.fixture
def cognito_environment(_local_cognito: _Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lead AWS SDKs to `cognito` by environment variables, for this test and the programs that it starts."""
    import boto3  # noqa: PLC0415 - only for those who use a fixture

    for name in TAKEN_AWAY:
        monkeypatch.delenv(name, raising=False)
    for name in FILES:
        monkeypatch.setenv(name, os.devnull)
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.setenv(name, _local_cognito.server.region)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, ",".join(filter(None, (os.environ.get(name), LOOPBACK))))
    for name, value in (CREDENTIALS | {ENDPOINT: _local_cognito.server.url}).items():
        monkeypatch.setenv(name, value)
    # The one that there may be keeps what it read of a profile.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", _local_cognito.session())
    yield
    _local_cognito.restore_time()


@pytest.fixture
def cognito_client(_local_cognito: _Running, cognito_environment: None) -> CognitoIdentityProviderClient:
    """A boto3 client of `cognito`; it never tries again what was refused."""
    client: CognitoIdentityProviderClient = _local_cognito.client
    return client


@pytest.fixture
def cognito_clock(_local_cognito: _Running, cognito_environment: None) -> MovableClock:
    """The clock of `cognito`: `advance(seconds)` moves it forward until the test is over."""
    return _local_cognito.clock


@pytest.fixture
def cognito_outbox(_local_cognito: _Running, cognito_environment: None) -> Outbox:
    """What was sent since the test began: `codes(to)`, `latest(to)`, `messages(to)`."""
    return Outbox(_local_cognito.server, _local_cognito.latest_message())


@pytest.fixture
def cognito_pool(
    request: pytest.FixtureRequest,
    _local_cognito: _Running,
    cognito_client: CognitoIdentityProviderClient,
    cognito_outbox: Outbox,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[CognitoPool]:
    """A new pool with an app client, for this test; `@pytest.mark.cognito_pool(...)` says what it is like.

    Its IDs are in COGNITO_USER_POOL_ID, COGNITO_CLIENT_ID and COGNITO_CLIENT_SECRET too.
    """
    marker = request.node.get_closest_marker(MARKER)
    try:
        options = PoolOptions.of(marker.args, marker.kwargs) if marker else PoolOptions()
    except OptionError as error:
        pytest.fail(str(error), pytrace=False)
    pool = make_pool(cognito_client, options, _local_cognito.server.region, _local_cognito.server.url)
    monkeypatch.setenv("COGNITO_USER_POOL_ID", pool.pool_id)
    monkeypatch.setenv("COGNITO_CLIENT_ID", pool.client_id)
    if pool.client_secret is None:
        monkeypatch.delenv("COGNITO_CLIENT_SECRET", raising=False)
    else:
        monkeypatch.setenv("COGNITO_CLIENT_SECRET", pool.client_secret)
    yield pool
    _remove(cognito_client, pool.pool_id)


def _remove(client: CognitoIdentityProviderClient, pool_id: str) -> None:
    """Delete a pool, protected or not, that the test may have deleted already."""
    try:
        protection = client.describe_user_pool(UserPoolId=pool_id)["UserPool"].get("DeletionProtection")
    except client.exceptions.ResourceNotFoundException:
        return
    if protection == "ACTIVE":
        client.update_user_pool(UserPoolId=pool_id, DeletionProtection="INACTIVE")
    client.delete_user_pool(UserPoolId=pool_id)
