"""What the tests of the distribution share: it is built once, without a network."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def build(source: Path, into: Path, *options: str) -> None:
    """Build a distribution of the project in `source`, with what this environment has."""
    command = [sys.executable, "-m", "build", "--no-isolation", *options, "--outdir", str(into), str(source)]
    _run(command, into)


def _run(command: list[str], folder: Path) -> None:
    """Run a program with a home beside `folder`: pip asks rustc for its version, and that writes there."""
    home = {**os.environ, "HOME": str(folder.parent / "home")}
    done = subprocess.run(command, env=home, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built from the sources as they are."""
    folder = tmp_path_factory.mktemp("wheel")
    build(ROOT, folder, "--wheel")
    (made,) = folder.iterdir()
    return made


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder into which the wheel alone was installed; its dependencies are this environment's."""
    folder = tmp_path_factory.mktemp("installed")
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", "--target", str(folder)]
    _run([sys.executable, "-m", "pip", "install", *options, str(wheel)], folder)
    return folder
