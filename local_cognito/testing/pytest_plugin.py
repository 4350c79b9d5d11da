"""The pytest plug-in: a user pool for each test, on one server, and the environment that leads code to it.

    def test_signs_up(cognito_pool, cognito_client, cognito_outbox):
        ...

pytest loads this at every start, in projects that do not use it too: boto3 and the server are loaded by the
first fixture or request.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from local_cognito.runtime.environment import TAKEN_AWAY, Environment, endpoint_variables, private_variables
from local_cognito.testing import guard, keys, project, report
from local_cognito.testing.options import OptionError, PoolOptions
from local_cognito.testing.outbox import Outbox
from local_cognito.testing.pool import CognitoPool, make_pool, remove_pool
from local_cognito.testing.running import RunningServer
from local_cognito.testing.triggers import Triggers

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from local_cognito import LocalCognito, MovableClock

MARKER = "cognito_pool"


class _Run:
    """The state of a run that uses the plug-in, from before the collection to its end."""

    def __init__(self, config: pytest.Config) -> None:
        self.server = RunningServer(config.getini("cognito_region"))
        self._ending = ExitStack()
        self._ending.callback(self.server.stop)
        variables = endpoint_variables(self.server.url, self.server.region)
        self._ending.enter_context(Environment(variables | private_variables()))
        self._ending.enter_context(guard.watching())
        if hasattr(os, "register_at_fork"):
            # A server that started in a forked process would be another one, at the same address.
            os.register_at_fork(before=self._start_before_fork)
        self._is_over = False

    def _start_before_fork(self) -> None:
        if not self._is_over:
            self.server.start()

    def end(self) -> None:
        self._is_over = True
        self._ending.close()


_RUN = pytest.StashKey[_Run]()
_SERVER = pytest.StashKey[RunningServer]()
_CALL_BEFORE = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the settings."""
    project.add_settings(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Lead clients to the pool that the project's modules make when they are imported."""
    options = early_config.known_args_namespace
    hands_out = getattr(options, "numprocesses", None) and "PYTEST_XDIST_WORKER" not in os.environ
    mode = project.guard_mode(early_config)
    if mode == "on" or (mode == "auto" and not hands_out and project.seems_to_use_fixtures(early_config)):
        early_config.stash[_RUN] = run = _Run(early_config)
        early_config.stash[_SERVER] = run.server


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    options = ", ".join(PoolOptions.__dataclass_fields__)
    config.addinivalue_line("markers", f"{MARKER}({options}): what the pool of the test is like")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Give a test with the marker its pool, and one that uses the server its environment."""
    names = getattr(item, "fixturenames", None)
    if names is None:
        return
    if item.get_closest_marker(MARKER) and MARKER not in names:
        names.append(MARKER)
    if "_local_cognito" in names or MARKER in names:
        wanted = ["cognito_environment", *(["cognito_keys"] if item.config.getini("cognito_keys") else [])]
        names.extend(name for name in wanted if name not in names)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Leave the environment alone again where no test uses the server."""
    is_used = any("cognito_environment" in getattr(item, "fixturenames", ()) for item in session.items)
    if not is_used and project.guard_mode(session.config) == "auto":
        _end(session.config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, and put the environment back."""
    _end(config)


def _end(config: pytest.Config) -> None:
    run = config.stash.get(_RUN, None)
    if run is not None:
        del config.stash[_RUN], config.stash[_SERVER]
        run.end()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note which calls were made before the test."""
    server = item.config.stash.get(_SERVER, None)
    item.stash[_CALL_BEFORE] = server.last_call() if server else 0


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the calls of a failed test to its report."""
    made = yield
    server = item.config.stash.get(_SERVER, None)
    if made.failed and server is not None and server.has_started:
        calls = server.calls_of_test(item.stash.get(_CALL_BEFORE, 0))
        if calls:
            made.sections.append((report.HEADING, report.lines(calls)))
    return made


@pytest.fixture(scope="session")
def _local_cognito(pytestconfig: pytest.Config) -> Iterator[RunningServer]:
    if _SERVER in pytestconfig.stash:
        yield pytestconfig.stash[_SERVER]
        return
    pytestconfig.stash[_SERVER] = server = RunningServer(pytestconfig.getini("cognito_region"))
    yield server
    del pytestconfig.stash[_SERVER]
    server.stop()


@pytest.fixture(scope="session")
def cognito(_local_cognito: RunningServer) -> LocalCognito:
    """A Cognito on this machine, in memory, for the whole session (of each worker of pytest-xdist)."""
    return _local_cognito.start()


@pytest.fixture
def _cognito_options(request: pytest.FixtureRequest) -> PoolOptions:
    marker = request.node.get_closest_marker(MARKER)
    args, options = (marker.args, marker.kwargs) if marker else ((), {})
    return _options(request.config, args, options)


@pytest.fixture
def cognito_environment(
    _local_cognito: RunningServer, _cognito_options: PoolOptions, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Lead AWS SDKs to `cognito` by environment variables, for this test and the programs that it starts."""
    region = _cognito_options.region or _local_cognito.leading_region
    for name in TAKEN_AWAY:
        monkeypatch.delenv(name, raising=False)
    for name, value in (endpoint_variables(_local_cognito.url, region) | private_variables()).items():
        monkeypatch.setenv(name, value)
    if find_spec("boto3"):
        # The one that there may be keeps what it read of a profile.
        monkeypatch.setattr("boto3.DEFAULT_SESSION", _local_cognito.session())
    yield
    _local_cognito.restore_time()


@pytest.fixture
def cognito_client(
    _local_cognito: RunningServer, _cognito_options: PoolOptions, cognito_environment: None
) -> CognitoIdentityProviderClient:
    """A boto3 client of `cognito`, without retries."""
    client: CognitoIdentityProviderClient = _local_cognito.client(_cognito_options.region)
    return client


@pytest.fixture
def cognito_clock(_local_cognito: RunningServer, cognito_environment: None) -> MovableClock:
    """The clock of `cognito`: `advance(seconds)` moves it forward until the test is over."""
    return _local_cognito.clock


@pytest.fixture
def cognito_outbox(_local_cognito: RunningServer, cognito_environment: None) -> Outbox:
    """The messages sent since the test began: `codes(to)`, `latest(to)`, `messages(to)`."""
    return Outbox(_local_cognito)


@pytest.fixture
def cognito_triggers(_local_cognito: RunningServer, cognito_environment: None) -> Triggers:
    """The calls of functions since the test began: `cognito_triggers["PreSignUp"][-1].event`."""
    return Triggers(_local_cognito)


@pytest.fixture
def cognito_keys(_local_cognito: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer AWS's address of a pool's keys from the pool, in whichever HTTP library asks for it."""
    keys.install(_local_cognito, monkeypatch)


@pytest.fixture
def cognito_pool(
    request: pytest.FixtureRequest,
    _local_cognito: RunningServer,
    _cognito_options: PoolOptions,
    cognito_client: CognitoIdentityProviderClient,
    cognito_outbox: Outbox,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[CognitoPool]:
    """A new pool with an app client, for this test; `@pytest.mark.cognito_pool(...)` takes its options.

    Its IDs are in COGNITO_USER_POOL_ID, COGNITO_CLIENT_ID and COGNITO_CLIENT_SECRET too.
    """
    pool = _made(_local_cognito, _cognito_options)
    variables: dict[str, str | None] = {**endpoint_variables(pool.url, pool.region)}
    for name, value in (variables | project.pool_variables(request.config, pool)).items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    yield pool
    remove_pool(cognito_client, pool.pool_id)


@pytest.fixture(scope="session")
def cognito_pool_factory(
    pytestconfig: pytest.Config, _local_cognito: RunningServer
) -> Iterator[Callable[..., CognitoPool]]:
    """Makes pools that last as long as the session: `cognito_pool_factory(mfa="ON", users=["alice"])`.

    It takes the options of the marker. The environment leads to the pool that was made last.
    """
    with ExitStack() as ending:

        def make(**options: Any) -> CognitoPool:
            pool = _made(_local_cognito, _options(pytestconfig, (), options))
            ending.callback(remove_pool, _local_cognito.client(pool.region), pool.pool_id)
            variables = endpoint_variables(pool.url, pool.region) | private_variables()
            ids = {name: value for name, value in project.pool_variables(pytestconfig, pool).items() if value}
            ending.enter_context(Environment(variables | ids))
            _local_cognito.leading_region = pool.region
            return pool

        yield make


def _options(config: pytest.Config, args: tuple[object, ...], options: dict[str, Any]) -> PoolOptions:
    try:
        return PoolOptions.of(args, options, project.default_options(config))
    except OptionError as error:
        pytest.fail(str(error), pytrace=False)


def _made(server: RunningServer, options: PoolOptions) -> CognitoPool:
    """Make a pool; the calls for that are not among those that a failed test shows."""
    before = server.last_call()
    try:
        return make_pool(server.client(options.region), options, server.start())
    except OptionError as error:
        pytest.fail(str(error), pytrace=False)
    finally:
        server.made_by_plugin.append((before, server.last_call()))
