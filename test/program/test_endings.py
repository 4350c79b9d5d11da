"""The ways out: full disks, closed pipes, settings and files that make no sense. A sentence each."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import scenario_signup_user_with_mfa as scenario
from test.support.person import PROGRAM, environment
from test.support.stubbed_calls import CLIENT_ID, POOL_ID

FULL = Path("/dev/full")
needs_full_disk = pytest.mark.skipif(not FULL.exists(), reason="this system has no disk that is always full")


def run(temporary: Path, *arguments: str, stdout: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run the program with nothing to read, and its output there."""
    return subprocess.run(
        [sys.executable, str(PROGRAM), *arguments],
        env=environment(temporary),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if stdout is None else stdout,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


class TestOutput:
    """Output that can't be written."""

    @needs_full_disk
    @pytest.mark.parametrize("argument", ["--help", "--check"])
    def test_full_disk(self, tmp_path: Path, argument: str) -> None:
        """What can't be written is an error with a sentence, even when that only shows at the very end."""
        with FULL.open("w") as full:
            result = run(tmp_path, argument, stdout=full.fileno())

        assert result.returncode == 1
        assert result.stderr == "\n! Input or output: No space left on device.\n"

    def test_closed_pipe(self, tmp_path: Path) -> None:
        """A reader that has left, such as `head`, ends the program without a traceback."""
        reading, writing = os.pipe()
        os.close(reading)
        try:
            result = run(tmp_path, "--check", stdout=writing)
        finally:
            os.close(writing)

        assert result.returncode == 1
        assert result.stderr == "\n! The output was closed before everything was said.\n"

    def test_closed_from_the_beginning(self, tmp_path: Path) -> None:
        """Without any standard output the program runs all the same."""
        result = subprocess.run(
            ["/bin/sh", "-c", f'"{sys.executable}" "{PROGRAM}" --check >&-'],
            env=environment(tmp_path),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

        assert (result.returncode, result.stderr) == (0, "")

    @needs_full_disk
    @pytest.mark.parametrize("option", ["--diagram", "--trace-json"])
    def test_full_disk_for_a_file(self, tmp_path: Path, option: str) -> None:
        """A file that can't be written is said at the end of the run, and is its exit status."""
        result = run(tmp_path, "--auto", option, str(FULL))

        assert result.returncode == 1
        assert "visitor is deleted." in result.stdout
        assert result.stderr == "\n! /dev/full: No space left on device.\n"


@pytest.mark.parametrize(
    "url",
    ["junk", "http://", "ftp://127.0.0.1/", "http://127.0.0.1:99999", "http://127.0.0.1:x", "http://[::1"],
)
def test_endpoint_url_that_is_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    """A sentence says that the setting is wrong, before anything is sent."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")

    assert scenario.main([POOL_ID, CLIENT_ID]) == 1

    assert "! The AWS settings make no sense: " in capsys.readouterr().err
