"""docs/other-runners.md: what it does not mark as "not run here" runs as it stands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from test.package.distributions import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAGE = (ROOT / "docs" / "other-runners.md").read_text(encoding="utf-8")
MODULES = ROOT / "test" / "clients" / "node" / "node_modules"


def block(heading: str, language: str) -> str:
    """Return the code in a section."""
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    (code,) = re.findall(rf"^```{language}\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    return str(code)


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a program beside the code of the page."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_unittest(tmp_path: Path) -> None:
    """Both tests pass, in whichever order."""
    (tmp_path / "test_sign_up.py").write_text(block("unittest", "python"))

    done = run(tmp_path, sys.executable, "-W", "error", "-m", "unittest", "test_sign_up")

    assert done.returncode == 0, done.stderr
    assert "Ran 2 tests" in done.stderr


def test_node(tmp_path: Path) -> None:
    """Node's runner passes under `exec`, and begins each test from the same state."""
    node = shutil.which("node")
    if node is None or not MODULES.exists():
        pytest.skip("Node.js or the JavaScript clients are not installed: run `make clients`.")
    (tmp_path / "node_modules").symlink_to(MODULES)
    (tmp_path / "sign-up.test.mjs").write_text(block("Node's own runner", "js"))

    command = [sys.executable, "-m", "local_cognito", "exec", "--", node, "--test", "sign-up.test.mjs"]
    done = run(tmp_path, *command)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "pass 2" in done.stdout


@pytest.mark.parametrize("language", ["python", "java", "go"])
def test_other_code_says_that_it_is_not_run(language: str) -> None:
    """What is not run here says so in its first line, but for the code above."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    runs = [code for code in blocks if "not run here" not in code.partition("\n")[0]]

    assert runs == ([block("unittest", "python")] if language == "python" else [])
