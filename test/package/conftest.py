"""What the tests of the distributions share: each is built once, without a network."""

from __future__ import annotations

from pathlib import Path

import pytest

from test.package.distributions import CLIENT, POOL, Distribution, build, run_python

ROOT = Path(__file__).parents[2]


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
