"""A program that is stopped and goes on while a secret is typed, under shells with job control."""

from __future__ import annotations

import re
import shutil
import sys

import pytest

from test.support.pseudo_terminal import in_terminal
from test.support.terminals import ENVIRONMENT

SECRET = "Correct-Horse-1!"
PROGRAM = "from question import ask; print('answered', ask('Password', hidden=True)[::-1])"
READY = "ready% "


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_ctrl_z(shell: str) -> None:
    """After Ctrl-Z and fg the question is asked once more, and nothing that is typed is shown."""
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell}")
    options = ["--norc", "--noprofile"] if shell == "bash" else []
    child = in_terminal(
        *(shell, *options, "-i"), environment=ENVIRONMENT | {"PS1": READY, "ENV": "", "HISTFILE": ""}
    )
    child.expect_exact(READY)
    child.sendline(f'{sys.executable} -c "{PROGRAM}"')
    child.expect_exact("Password: ")
    child.delaybeforesend = None

    for _ in range(2):
        child.send("Corr")  # the beginning of it, which is given up
        child.sendcontrol("z")
        child.expect_exact(READY)
        child.sendline("echo sh'own'")
        child.expect_exact("shown")  # the terminal of the shell is as it was
        child.expect_exact(READY)
        child.sendline("fg")
        child.expect_exact("Password: ")
    child.sendline(SECRET)
    child.expect_exact(READY)

    shown = child.before or ""
    assert f"answered {SECRET[::-1]}" in shown
    assert SECRET not in shown


def test_ctrl_z_at_a_visible_answer() -> None:
    """After fg the question stands there again, and what was typed before it is not a part of the answer."""
    child = in_terminal("bash", "--norc", "--noprofile", "-i", environment=ENVIRONMENT | {"PS1": READY})
    child.expect_exact(READY)
    child.sendline(f"{sys.executable} -c \"from question import ask; print('answered', ask('Name')[::-1])\"")
    child.expect_exact("Name: ")
    child.send("Corr")
    child.expect_exact("Corr")  # so that the wait for keys has begun
    child.sendcontrol("z")
    child.expect_exact(READY)
    child.sendline("fg")
    child.expect_exact("Name: ")
    child.sendline("alice")
    child.expect_exact(READY)

    assert "answered ecila" in (child.before or "")


def test_stop_that_nobody_can_catch() -> None:
    """After SIGSTOP, too, the question comes again, as the shell has set the terminal to show everything."""
    child = in_terminal("bash", "--norc", "--noprofile", "-i", environment=ENVIRONMENT | {"PS1": READY})
    child.expect_exact(READY)
    child.sendline(f'{sys.executable} -c "import os; print(os.getpid(), flush=True); {PROGRAM}"')
    child.expect(r"(\d+)\r\n")
    assert isinstance(child.match, re.Match)
    process = child.match[1]
    child.expect_exact("Password: ")
    killer = in_terminal("kill", "-STOP", process, environment=ENVIRONMENT)
    killer.wait()

    child.expect_exact(READY)
    child.sendline("fg")
    child.expect_exact("Password: ")
    child.sendline(SECRET)
    child.expect_exact(READY)

    assert f"answered {SECRET[::-1]}" in (child.before or "")
    assert SECRET not in (child.before or "")
