"""What installs warrant, which asks for a package that no supported Python can import."""

from __future__ import annotations

import zipfile
from email.parser import Parser
from pathlib import Path

from test.stand_in import build

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = (ROOT / "requirements-warrant.txt").read_text(encoding="utf-8").splitlines()
(WHEEL,) = (ROOT / "test" / "stand_in").glob("*.whl")


def test_the_stand_in_is_empty_and_brings_python_jose() -> None:
    """The wheel has metadata and no code, and depends on the package that is imported in its place."""
    with zipfile.ZipFile(WHEEL) as wheel:
        names = wheel.namelist()
        (metadata,) = (name for name in names if name.endswith("METADATA"))
        fields = Parser().parsestr(wheel.read(metadata).decode())

    assert all(".dist-info/" in name for name in names)
    assert (fields["Name"], fields["Requires-Dist"]) == ("python-jose-cryptodome", "python-jose")
    assert f"python-jose-cryptodome=={fields['Version']}" in REQUIREMENTS


def test_the_stand_in_is_found_where_the_file_says() -> None:
    """Beside the requirements file, so that it does not matter where pip is started."""
    assert f"--find-links {WHEEL.parent.relative_to(ROOT)}" in REQUIREMENTS


def test_the_stand_in_is_what_its_script_builds() -> None:
    """The wheel has nothing in it that can't be read in the script."""
    assert build.WHEEL == WHEEL
    assert build.content() == WHEEL.read_bytes()
