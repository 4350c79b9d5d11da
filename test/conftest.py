"""Fixtures of all tests: no credentials, no home, no network but loopback; a stubbed client; a browser."""

from __future__ import annotations

import functools
import importlib
import ipaddress
import os
import signal
import socket
from typing import TYPE_CHECKING, Any

import boto3
import coverage
import gmpy2
import pytest
from botocore.config import Config
from botocore.loaders import JSONFileLoader
from botocore.stub import Stubber
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pycognito import aws_srp as pycognito_srp
from warrant import aws_srp as warrant_srp

from local_cognito import LocalCognito
from test.support.scenario_calls import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import ModuleType

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from local_cognito.setup.default_pool import PoolIds
    from test.support.browser import Browser


@pytest.fixture(scope="session", autouse=True)
def guarded_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Take credentials and settings of the tests' user out of the environment, for subprocesses too.

    Lasts the whole session, so that fixtures of every scope are covered. Gives the home that does not exist.
    """
    nowhere = tmp_path_factory.mktemp("guard") / "nowhere"
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("AWS_", "BOTO_", "COGNITO_")):
                patch.delenv(name)
        patch.setenv("HOME", str(nowhere))
        patch.setenv("AWS_CONFIG_FILE", str(nowhere / "config"))
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(nowhere / "credentials"))
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        # A proxy would take loopback requests off the machine.
        for name in ("NO_PROXY", "no_proxy"):
            patch.setenv(name, "localhost,127.0.0.1")
        yield nowhere


@pytest.fixture(scope="session")
def signing_keys() -> dict[str, str]:
    """Return a PEM for each use of a pool's keys."""
    made = {use: rsa.generate_private_key(public_exponent=65537, key_size=2048) for use in ("access", "id")}
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return {
        use: key.private_bytes(encoding, form, serialization.NoEncryption()).decode()
        for use, key in made.items()
    }


@pytest.fixture(scope="session", autouse=True)
def models_are_read_once() -> Iterator[None]:
    """Let all boto3 sessions share what botocore reads from JSON files: most of what a client costs."""
    read_once = functools.cache(JSONFileLoader().load_file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", staticmethod(read_once))
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_powers() -> Iterator[None]:
    """Let the SRP helpers of others compute powers with gmpy2: most of what a sign-in with them costs."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (pycognito_srp, warrant_srp):
            patch.setattr(module, "pow", lambda *numbers: int(gmpy2.powmod(*numbers)), raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def working_signals() -> None:
    """Let Ctrl-C and the terminal's end reach programs that tests start.

    A suite in the background is born ignoring the one, and under nohup the other. Those that it starts do not
    inherit a handler, so that one which does nothing keeps this process as it is.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)


@pytest.fixture(scope="session", autouse=True)
def guarded_network() -> Iterator[None]:
    """Fail the test that connects a socket of this process, or looks up a name, beyond loopback."""
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _refuse_beyond_loopback(address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_beyond_loopback(address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *args: Any, **options: Any) -> Any:
        _refuse_beyond_loopback((host,))
        return getaddrinfo(host, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
        yield


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Save the coverage of a worker of pytest-xdist while it lives: ten seconds from now it may be killed."""
    measuring = coverage.Coverage.current()
    if measuring is not None:
        measuring.save()


def _refuse_beyond_loopback(address: Any) -> None:
    # An address that is no tuple is the path of a Unix socket. No host, or an empty one, means this machine.
    host = address[0] if isinstance(address, tuple) else None
    host = host.decode() if isinstance(host, bytes) else host
    if host in {None, "", "localhost"}:
        return
    try:
        allowed = ipaddress.ip_address(host).is_loopback
    except ValueError:
        allowed = False
    if not allowed:
        pytest.fail(f"A test tried to reach {host}, which is beyond loopback.")


@pytest.fixture
def client() -> CognitoIdentityProviderClient:
    """Return a Cognito client with made-up credentials that never retries."""
    return boto3.client(
        "cognito-idp",
        region_name="eu-west-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.fixture
def stubber(client: CognitoIdentityProviderClient) -> Iterator[Stubber]:
    """Give the stubber of `client`, activated; at the end every queued response must have been used."""
    with Stubber(client) as active:
        yield active
        active.assert_no_pending_responses()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that temporary files go to."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no setting of the person who runs the tests decide about colours."""
    for name in (
        "NO_COLOR",
        "FORCE_COLOR",
        "COLORTERM",
        "TTY_COMPATIBLE",
        "TTY_INTERACTIVE",
        "COLUMNS",
        "LINES",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture
def lead_to(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return what leads the program, as it runs against AWS, to another endpoint."""

    def lead_to(url: str) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")

    return lead_to


@pytest.fixture
def stage(client: CognitoIdentityProviderClient, stubber: Stubber, temporary: Path) -> Stage:
    """Return the scenario's stage, for a client without secret; its temporary files are the test's."""
    return Stage(client, stubber)


@pytest.fixture(params=["cognito_srp", "pycognito.aws_srp", "warrant.aws_srp"])
def aws_srp(request: pytest.FixtureRequest) -> ModuleType:
    """Return each of the three SRP helper modules in turn."""
    return importlib.import_module(request.param)


@pytest.fixture(scope="module")
def server() -> Iterator[LocalCognito]:
    """Run a local pool server."""
    with LocalCognito() as running:
        yield running


@pytest.fixture(scope="module")
def pool(server: LocalCognito) -> PoolIds:
    """Return a pool that fits the first scenario."""
    return server.create_pool()


@pytest.fixture(scope="session")
def running_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Give the browser that tests share."""
    from test.support.browser import chromium  # noqa: PLC0415 - few tests need Selenium

    with chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def browser(running_browser: Browser) -> Browser:
    """Return the browser as if it had just been started."""
    running_browser.reset()
    return running_browser
