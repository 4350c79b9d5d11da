"""The locks: one exact version, on every supported Python, of all that the requirements files ask for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
# The requirements files behind each lock.
LOCKS = {
    "requirements.lock": ("requirements.txt", "requirements-warrant.txt", "test/requirements.txt"),
    "test/clients/aws/requirements.lock": ("test/clients/aws/requirements.txt",),
    "test/clients/verifiers/requirements.lock": ("test/clients/verifiers/requirements.txt",),
}
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")


def requirements(path: str) -> list[Requirement]:
    """Return the requirements of a file, without its comments and options."""
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]


def locked(lock: str, python: str) -> list[Requirement]:
    """Return what a lock has for one version of Python on this platform."""
    environment = {"python_version": python, "python_full_version": f"{python}.4"}
    return [one for one in requirements(lock) if one.marker is None or one.marker.evaluate(environment)]


@pytest.mark.parametrize("lock", LOCKS)
def test_holds_exact_versions_and_no_address(lock: str) -> None:
    """Each line is a name, one version and at most a marker, so that no index is named."""
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if not re.match(r"#|[\w.-]+==[\w.+]+( ; [\w.*()<>=!' ]+)?$", line)] == []


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", LOCKS)
def test_fits_each_python(lock: str, python: str) -> None:
    """There is one version of each package, and it is at least the lower bound of the requirements file."""
    names = [canonicalize_name(one.name) for one in locked(lock, python)]
    assert sorted(names) == sorted(set(names))
    versions = dict(zip(names, (str(one.specifier)[2:] for one in locked(lock, python)), strict=True))

    for wanted in (one for path in LOCKS[lock] for one in requirements(path)):
        version = versions.get(canonicalize_name(wanted.name))
        assert version, f"{wanted.name} is not in {lock}: run `make update`"
        assert wanted.specifier.contains(version), f"{wanted} is not met by {lock}: run `make update`"


@pytest.mark.parametrize("client", ["node", "browser"])
def test_of_npm_names_no_registry(client: str) -> None:
    """`npm ci` takes the packages from whichever registry is set up where it runs."""
    text = (ROOT / "test" / "clients" / client / "package-lock.json").read_text(encoding="utf-8")

    assert '"integrity"' in text
    assert '"resolved"' not in text
