"""Programs in a pseudo-terminal, as a person finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pexpect

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 90  # seconds; only where something is wrong does anything take that long, on a busy machine, too


def in_terminal(
    *command: str, environment: Mapping[str, str], size: tuple[int, int] = (24, 80)
) -> pexpect.spawn[str]:
    """Start a command in a pseudo-terminal.

    Args:
        command: the program and its arguments.
        environment: all of it.
        size: lines and columns.
    """
    program, *arguments = command
    return pexpect.spawn(
        program, arguments, env=environment, encoding="utf-8", timeout=LONGEST, dimensions=size
    )


def seen_before(child: pexpect.spawn[str]) -> str:
    """Return what was on the screen between the last two things that were waited for."""
    assert isinstance(child.before, str)
    return child.before
