"""The wheel: what is in it and what it asks for; its command and its modules work, wherever they are."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_string
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import tomli

from test.package.conftest import ROOT, build

if TYPE_CHECKING:
    from collections.abc import Iterable
    from email.message import Message

MODULES = ["cognito_idp_actions", "cognito_srp", "signed_in_user", "token_keys", "token_verifier"]
# What is imported under another name than that it is installed by.
DISTRIBUTIONS = {"jwt": "pyjwt", "yaml": "pyyaml", "botocore": "boto3"}
# Imported for types alone, and the plug-in's host.
NOT_NEEDED = {"mypy_boto3_cognito_idp", "pytest"}
PROJECT: dict[str, Any] = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def names(wheel: Path) -> set[str]:
    """Return the paths of the wheel's files."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


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


class TestContent:
    """What a wheel and a source distribution hold."""

    def test_is_the_package_the_modules_and_their_stubs(self, wheel: Path) -> None:
        """Every file of the package is there, with the template, and no other name is on the top level."""
        package = ROOT / "local_cognito"
        of_package = {
            path.relative_to(ROOT).as_posix()
            for path in package.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        of_modules = {f"{name}.py" for name in MODULES} | {f"{name}-stubs/__init__.pyi" for name in MODULES}
        found = {name for name in names(wheel) if ".dist-info/" not in name}

        assert "local_cognito/py.typed" in of_package
        assert found == of_package | of_modules | {"local_cognito/user_pool_with_mfa.yaml"}

    def test_of_sources_builds_the_same_wheel(self, wheel: Path, tmp_path: Path) -> None:
        """The source distribution is all that a wheel needs."""
        build(ROOT, tmp_path, "--sdist")
        (made,) = tmp_path.iterdir()
        with tarfile.open(made) as archive:
            archive.extractall(tmp_path / "unpacked", **_only_data())
        (folder,) = (tmp_path / "unpacked").iterdir()

        build(folder, tmp_path / "again", "--wheel")

        (again,) = (tmp_path / "again").iterdir()
        assert again.name == wheel.name
        assert again.read_bytes() == wheel.read_bytes()

    def test_stubs_are_the_modules(self, wheel: Path) -> None:
        """A type checker reads of a module what runs."""
        with zipfile.ZipFile(wheel) as archive:
            for name in MODULES:
                assert archive.read(f"{name}-stubs/__init__.pyi") == archive.read(f"{name}.py")


def _only_data() -> dict[str, Any]:
    # Python 3.12 warns without a filter, and the last releases of 3.10 and 3.11 alone have them.
    return {"filter": "data"} if hasattr(tarfile, "data_filter") else {}


class TestRequirements:
    """What is installed with it."""

    def test_are_what_is_imported(self) -> None:
        """Each dependency is imported by the package or a module, and each import is a dependency."""
        files = [*(ROOT / f"{name}.py" for name in MODULES), *(ROOT / "local_cognito").rglob("*.py")]
        ours = {*MODULES, "local_cognito"}
        imported = {name.partition(".")[0] for path in files for name in _imports(path)}
        foreign = imported - ours - NOT_NEEDED - sys.stdlib_module_names

        assert {DISTRIBUTIONS.get(name, name) for name in foreign} == set(bounds(PROJECT["dependencies"]))

    def test_have_the_bounds_of_the_lessons_file(self) -> None:
        """What the lesson needs too, it needs in the same version; what types need is in the tests' file."""
        lesson, tests = bounds(listed("requirements.txt")), bounds(listed("test/requirements.txt"))
        declared = bounds(PROJECT["dependencies"])

        assert len(declared) == len(PROJECT["dependencies"])
        assert declared.items() <= lesson.items()
        assert bounds(PROJECT["optional-dependencies"]["types"]).items() <= tests.items()

    def test_stand_in_the_wheel(self, wheel: Path) -> None:
        """The wheel asks for what the project's file says, under its name and version."""
        told = metadata(wheel)
        asked = [line for line in told.get_all("Requires-Dist", []) if "extra ==" not in line]

        assert (told["Name"], told["Version"]) == (PROJECT["name"], PROJECT["version"])
        assert sorted(map(str.lower, asked)) == sorted(map(str.lower, PROJECT["dependencies"]))


def _imports(path: Path) -> Iterable[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


class TestInstalled:
    """The wheel, installed into a folder, and used from another one."""

    @pytest.mark.parametrize("module", [*MODULES, "local_cognito"])
    def test_modules_are_found(self, installed: Path, tmp_path: Path, module: str) -> None:
        """A module is imported from where it was installed."""
        program = f"import {module}; print({module}.__file__)"

        printed = run([sys.executable, "-c", program], installed, tmp_path)

        assert Path(printed.strip()).is_relative_to(installed)

    def test_command_is_there(self, installed: Path, tmp_path: Path) -> None:
        """`local-cognito` is the command of the package."""
        program = installed / "bin" / "local-cognito"

        assert "--port" in run([str(program), "--help"], installed, tmp_path)


def run(command: list[str], installed: Path, folder: Path) -> str:
    """Run a command with what is installed on the path; return what it printed."""
    environment = os.environ | {"PYTHONPATH": str(installed)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
