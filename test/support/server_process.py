"""`python -m local_cognito` in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
LINES = 4


@contextmanager
def server_process(*arguments: str, **options: Any) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """Run the command; give the process and what it printed when it was ready, by name.

    `options` are `subprocess.Popen`'s.
    """
    command = [sys.executable, "-m", "local_cognito", "--port", "0", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, **options) as process:
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(LINES)]
            yield process, {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
        finally:
            process.kill()


def run_refused(*arguments: str, **options: Any) -> str:
    """Run the command, which must end with status 2 and no traceback; return what it said on stderr."""
    command = [sys.executable, "-m", "local_cognito", "--port", "0", *arguments]
    result = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False, **options
    )
    assert (result.returncode, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr
    said: str = result.stderr
    return said
