"""docs/testing.md: its test files pass as they stand, and its tables say what there is."""

from __future__ import annotations

import dataclasses
import inspect
import re
from typing import TYPE_CHECKING

from local_cognito.testing import CognitoPool, PoolUser, pytest_plugin
from local_cognito.testing.options import PoolOptions, WantedUser
from test.package.distributions import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
TRIGGERS_PAGE = (ROOT / "docs" / "triggers.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = [
    block
    for text in (PAGE, README, TRIGGERS_PAGE)
    for block in re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    if "def test_" in block
]


def rows(heading: str) -> set[str]:
    """Return the first cells, in code, of the tables in a section."""
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    cells = re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_every_test_file_passes(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """A block with tests is a file that passes."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini("[pytest]\naddopts = --strict-markers\nfilterwarnings = error\n")
    pytester.makepyfile(**{f"test_block_{number}": block for number, block in enumerate(BLOCKS)})

    result = pytester.runpytest_subprocess("-p", "local_cognito.testing.pytest_plugin", timeout=60)

    result.assert_outcomes(passed=sum(block.count("def test_") for block in BLOCKS))


def test_every_block_is_a_test_file() -> None:
    """No Python on the page is left out; the README and the page on triggers have a block each."""
    assert PAGE.count("```python") == len(BLOCKS) - 2


def test_fixtures_are_those_of_the_plug_in() -> None:
    """The table names each fixture once."""
    fixtures = {name for name in vars(pytest_plugin) if re.fullmatch(r"cognito(_\w+)?", name)}

    assert rows("Fixtures") == fixtures


def test_options_are_those_of_the_marker() -> None:
    """The tables name each option, and each member of a user."""
    options = {field.name for field in dataclasses.fields(PoolOptions)}
    members = {field.name for field in dataclasses.fields(WantedUser)}

    assert rows("Options") == options | members - {"Username"}


def test_the_pools_members_are_named() -> None:
    """What a test may read of its pool and of a user stands below the fixtures."""
    members = {name for kind in (CognitoPool, PoolUser) for name, _ in inspect.getmembers(kind)}
    members |= {field.name for kind in (CognitoPool, PoolUser) for field in dataclasses.fields(kind)}

    for name in members:
        assert name.startswith("_") or re.search(rf"`{name}(\(\w+\))?`", PAGE), name


def test_variables_are_those_that_are_set(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The table of variables is what a test finds changed."""
    changed = tmp_path / "changed"
    pytester.makepyfile(f"""
        import os, pathlib, pytest

        BEFORE = dict(os.environ)

        @pytest.mark.cognito_pool(client_secret=True)
        def test_it(cognito_pool):
            changed = [name for name, value in os.environ.items() if BEFORE.get(name) != value]
            pathlib.Path({str(changed)!r}).write_text(" ".join(changed))
    """)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("NO_PROXY", "example.com")

    pytester.runpytest_subprocess(
        "-p", "local_cognito.testing.pytest_plugin", "-o", "cognito_guard=off"
    ).assert_outcomes(passed=1)

    found = set(changed.read_text(encoding="utf-8").split()) - {"PYTEST_CURRENT_TEST", "no_proxy"}
    assert found == rows("The environment")
