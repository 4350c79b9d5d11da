"""Terminals of any encoding and width, and what a person reads on them."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path
from typing import Literal

from rich.console import Console

import terminal as terminal_module
from terminal import Terminal

Colours = Literal["auto", "standard", "256", "truecolor", "windows"]
URI = (
    "otpauth://totp/Local%20Cognito:alice?secret=ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRST"
    "&issuer=Local%20Cognito"
)
# An environment of its own: what happens must not depend on who runs the tests.
ENVIRONMENT = {
    "PATH": os.defpath,
    "PYTHONPATH": str(Path(terminal_module.__file__).parent),
    "PYTHONIOENCODING": "utf-8",
    "TERM": "xterm-256color",
}


class Screen(io.TextIOWrapper):
    """A strict output stream, as a program's own is: what its encoding lacks raises."""

    def __init__(self, encoding: str = "utf-8", *, is_terminal: bool = False) -> None:
        self._bytes = io.BytesIO()
        super().__init__(self._bytes, encoding=encoding, errors="strict", newline="")
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        """Tell what was asked for."""
        return self.is_terminal

    @property
    def shown(self) -> str:
        """Everything written so far."""
        self.flush()
        return self._bytes.getvalue().decode(self.encoding)


def make_terminal(
    encoding: str = "utf-8",
    colours: Colours | None = None,
    width: int = 80,
    height: int = 50,
) -> tuple[Terminal, Screen]:
    """Make a terminal and the screen it writes to; `colours` is one of rich's color systems."""
    screen = Screen(encoding)
    console = Console(
        file=screen,
        width=width,
        height=height,
        color_system=colours,
        force_terminal=colours is not None,
        highlight=False,
    )
    return Terminal(console), screen


def seen(output: str) -> str:
    """Return what a person reads: no escape sequences, no line breaks that wrapping made."""
    return re.sub(r"\s+", "", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output))
