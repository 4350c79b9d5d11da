"""The file that a diagram is written to: asking before it is overwritten, and writing it."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import question
from program.endings import stopped_by_system
from question import is_yesno

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# A link could lead anywhere, and a pipe that nobody reads would be waited for.
_FLAGS = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_TRUNC
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
)
_OPEN_TO_ALL = 0o666  # less what the umask takes: nothing in a diagram is secret


def agree_to_write(path: Path) -> bool:
    """Return whether a file shall be written: of one that exists, a person at a terminal is asked that."""
    if not path.is_file() or sys.stdin is None or not sys.stdin.isatty():
        return True
    wanted: bool = question.ask(f"{path} exists. Overwrite it? (y/n)", is_yesno)
    return wanted


@contextmanager
def write(path: Path, content: Callable[[], str]) -> Iterator[None]:
    """Write the content to the file when the block is left, in whatever way.

    Raises:
        OSError: it can't be written. When an error has ended the block that one is raised, after a sentence.
    """
    try:
        yield
    except BaseException:
        try:
            _write(path, content())
        except OSError as error:
            stopped_by_system(error)
        raise
    _write(path, content())


def _write(path: Path, text: str) -> None:
    try:
        with open(os.open(path, _FLAGS, _OPEN_TO_ALL), "w", encoding="utf-8") as file:  # noqa: PTH123
            file.write(text)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
