"""What the tests of the distribution and of the plug-in share: the wheels, and runs of test files."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import boto3
import pytest

from local_cognito import LocalCognito
from local_cognito.testing import pytest_plugin
from local_cognito.testing.options import PoolOptions
from local_cognito.testing.pool import make_pool
from test.package.distributions import CLIENT, POOL, ROOT, Distribution, build, run_python

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PLUGIN = pytest_plugin.__name__
STRICT = """
[pytest]
addopts = --strict-markers --strict-config
filterwarnings = error
"""


@pytest.fixture(scope="session", params=[CLIENT, POOL], ids=lambda one: one.name)
def distribution(request: pytest.FixtureRequest) -> Distribution:
    """Return each distribution in turn."""
    made: Distribution = request.param
    return made


@pytest.fixture(scope="session")
def wheel(distribution: Distribution, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built from the sources as they are."""
    return build(distribution.folder, tmp_path_factory.mktemp("wheel"), "--wheel")


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder into which the wheel alone was installed; its dependencies are this environment's."""
    folder = tmp_path_factory.mktemp("installed")
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", "--target", str(folder)]
    run_python(folder, "-m", "pip", "install", *options, str(wheel))
    return folder


@pytest.fixture(scope="session")
def everything_loaded() -> None:
    """Load what a sign-in loads: a run in this process forgets it, and some modules can't be loaded twice."""
    with LocalCognito() as server:
        session = boto3.Session("any", "any", region_name=server.region)
        client = session.client("cognito-idp", endpoint_url=server.url)
        pool = make_pool(client, PoolOptions.of((), {"users": ["alice"]}), server)
        assert pool.sign_in("alice")


@pytest.fixture
def run(
    everything_loaded: None, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., pytest.RunResult]:
    """Return what runs a test file, strictly, with the plug-in, settings and all that is loaded."""
    # The runs have the plug-ins that they name, whatever is installed: that of this project, too.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)

    def run(source: str, *settings: str) -> pytest.RunResult:
        pytester.makeini("\n".join((STRICT, *settings)))
        pytester.makepyfile(textwrap.dedent(source))
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", plugins=[pytest_plugin])

    return run


@pytest.fixture
def run_apart(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pytest.RunResult]:
    """Return what does so in a process of its own, with options of pytest."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def run(
        source: str, *options: str, plugins: tuple[str, ...] = ("-p", PLUGIN), settings: str = ""
    ) -> pytest.RunResult:
        pytester.makeini(STRICT + settings)
        pytester.makepyfile(textwrap.dedent(source))
        return pytester.runpytest_subprocess(*plugins, *options, timeout=60)

    return run
