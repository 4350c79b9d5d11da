"""The wheels: what is in them and what they ask for; command and modules work, wherever they are."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_string
from typing import TYPE_CHECKING, Any

import pytest

from test.package.distributions import CLIENT, POOL, ROOT, Distribution, build

if TYPE_CHECKING:
    from collections.abc import Iterable
    from email.message import Message
    from pathlib import Path

# What is imported under another name than that it is installed by.
PACKAGES = {
    "jwt": "pyjwt",
    "yaml": "pyyaml",
    "botocore": "boto3",
    "aws_encryption_sdk": "aws-encryption-sdk",
}
# Imported for types alone; the plug-in's host, and libraries that it answers where they are installed.
NOT_NEEDED = {
    *("mypy_boto3_cognito_idp", "typing_extensions", "pytest"),
    *("aiohttp", "httpx", "requests", "urllib3"),
}
# What is there for those who build the pool, or in the wheel's own metadata.
OF_THE_BUILD = {"LICENSE", "README.md", "pyproject.toml"}


def names(wheel: Path) -> set[str]:
    """Return the paths of the wheel's files, less its metadata."""
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def metadata(wheel: Path) -> Message:
    """Return the wheel's metadata."""
    with zipfile.ZipFile(wheel) as archive:
        (path,) = (name for name in archive.namelist() if name.endswith("dist-info/METADATA"))
        return message_from_string(archive.read(path).decode())


def bounds(requirements: Iterable[str]) -> dict[str, str]:
    """Return each requirement's lowest version, by its name in lower case."""
    found = (re.fullmatch(r"([\w.-]+)(?:\[.*\])?>=([\w.]+)", line) for line in requirements)
    return {match[1].lower(): match[2] for match in found if match}


def listed(path: str) -> list[str]:
    """Return the lines of a requirements file."""
    return (ROOT / path).read_text(encoding="utf-8").splitlines()


def packages(distribution: Distribution) -> set[str]:
    """Return the packages of others that the modules of a distribution import, if only for one function."""
    imported = {name.partition(".")[0] for path in distribution.sources for name in imports(path)}
    foreign = imported - set(distribution.modules) - NOT_NEEDED - sys.stdlib_module_names
    return {PACKAGES.get(name, name) for name in foreign}


def imports(path: Path) -> Iterable[str]:
    """Return the modules that a file imports anywhere."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


class TestContent:
    """What wheels and source distributions hold."""

    def test_of_sources_builds_the_same_wheel(
        self, distribution: Distribution, wheel: Path, tmp_path: Path
    ) -> None:
        """The source distribution is all that a wheel needs."""
        with tarfile.open(build(distribution.folder, tmp_path / "sources", "--sdist")) as archive:
            archive.extractall(tmp_path / "unpacked", **_only_data())
        (folder,) = (tmp_path / "unpacked").iterdir()

        again = build(folder, tmp_path / "again", "--wheel")

        assert again.name == wheel.name
        assert again.read_bytes() == wheel.read_bytes()

    def test_licence_is_the_same(self, wheel: Path) -> None:
        """Each wheel has the licence of the repository; a project can take none from the folder above."""
        with zipfile.ZipFile(wheel) as archive:
            (path,) = (name for name in archive.namelist() if name.endswith("licenses/LICENSE"))

            assert archive.read(path) == (ROOT / "LICENSE").read_bytes()

    @pytest.mark.parametrize("distribution", [CLIENT], indirect=True, scope="session")
    def test_of_the_client_is_its_modules_and_their_stubs(self, wheel: Path) -> None:
        """Nothing else is in the wheel, and a type checker reads of a module what runs."""
        stubs = {name: f"{name}-stubs/__init__.pyi" for name in CLIENT.modules}
        assert names(wheel) == {f"{name}.py" for name in CLIENT.modules} | set(stubs.values())

        with zipfile.ZipFile(wheel) as archive:
            for name, stub in stubs.items():
                assert archive.read(stub) == archive.read(f"{name}.py")

    @pytest.mark.parametrize("distribution", [POOL], indirect=True, scope="session")
    def test_of_the_pool_is_the_package(self, wheel: Path) -> None:
        """Every file of the package is there, under its name, and nothing that only the build needs."""
        files = {
            path.relative_to(POOL.folder).as_posix()
            for path in POOL.folder.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }

        assert "py.typed" in files
        assert names(wheel) == {f"local_cognito/{name}" for name in files - OF_THE_BUILD}


def _only_data() -> dict[str, Any]:
    # Python 3.12 warns without a filter, and the last releases of 3.10 and 3.11 alone have them.
    return {"filter": "data"} if hasattr(tarfile, "data_filter") else {}


class TestRequirements:
    """What is installed with each."""

    def test_are_what_is_imported(self, distribution: Distribution) -> None:
        """Each package that is imported is a dependency or an extra, and each dependency is imported."""
        needed = set(bounds(distribution.project["dependencies"]))
        extras = distribution.project["optional-dependencies"].values()
        optional = set(bounds(one for extra in extras for one in extra))

        # PyJWT is what uses cryptography in the client.
        assert needed <= packages(distribution) | {"cryptography"}
        assert packages(distribution) <= needed | optional

    def test_of_the_pool_have_no_sdk(self) -> None:
        """Only the plug-in's fixtures and the optional encryption use boto3; the server runs without."""
        files = [
            path for path in POOL.sources if path.parent.name != "testing" and path.name != "encryption.py"
        ]

        assert {"boto3", "botocore"}.isdisjoint(
            name.partition(".")[0] for path in files for name in imports(path)
        )

    def test_have_the_bounds_of_the_requirements_files(self, distribution: Distribution) -> None:
        """What the scenarios need too, they need in the same version; extras may be the tests' alone.

        The second scenario needs a newer boto3 than the packages: `make test-lowest` runs with both.
        """
        project = distribution.project
        extras = project["optional-dependencies"].values()
        declared = [*project["dependencies"], *(one for extra in extras for one in extra)]
        files = bounds(listed("requirements.txt")) | bounds(listed("test/requirements.txt"))

        assert len(bounds(declared)) == len(declared)
        assert bounds(declared).items() <= (files | {"boto3": "1.38.0"}).items()

    def test_stand_in_the_wheel(self, distribution: Distribution, wheel: Path) -> None:
        """The wheel asks for what the project's file says, under its name."""
        told = metadata(wheel)
        asked = [line for line in told.get_all("Requires-Dist", []) if "extra ==" not in line]

        assert told["Name"] == distribution.project["name"] == distribution.name
        assert sorted(map(str.lower, asked)) == sorted(map(str.lower, distribution.project["dependencies"]))


class TestInstalled:
    """A wheel, installed into a folder, and used from another one."""

    def test_modules_are_found(self, distribution: Distribution, installed: Path, tmp_path: Path) -> None:
        """A module is imported from where it was installed."""
        for module in distribution.modules:
            program = f"import {module}; print({module}.__file__)"

            printed = run([sys.executable, "-c", program], installed, tmp_path)

            assert printed.startswith(f"{installed}/")

    @pytest.mark.parametrize("distribution", [POOL], indirect=True, scope="session")
    def test_command_is_there(self, wheel: Path, installed: Path, tmp_path: Path) -> None:
        """`local-cognito` is the command of the pool, and knows the wheel's version."""
        program = installed / "bin" / "local-cognito"

        printed = run([str(program), "--version"], installed, tmp_path)

        assert printed == f"local_cognito {metadata(wheel)['Version']}\n"


def run(command: list[str], installed: Path, folder: Path) -> str:
    """Run a command with what is installed on the path; return what it printed."""
    environment = os.environ | {"PYTHONPATH": str(installed)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
