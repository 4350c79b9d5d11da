"""The files that the program writes at a person's wish: asking before one is overwritten, and writing it."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import contextmanager, suppress
from threading import Lock
from typing import TYPE_CHECKING

import question
from program.endings import stopped_by_system
from scenario.asking import yesno

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
_OWNERS_ALONE = 0o600


def agree_to_write(path: Path) -> bool:
    """Return whether a file shall be written: of one that exists, a person at a terminal is asked that."""
    if not path.is_file() or sys.stdin is None or not sys.stdin.isatty():
        return True
    return yesno(question.ask, f"{path} exists. Overwrite it?", "overwrite", default=False)


@contextmanager
def write(path: Path, content: Callable[[], str]) -> Iterator[None]:
    """Write the content to the file when the block is left, in whatever way.

    Raises:
        OSError: it can't be written. When an error has ended the block that one is raised, after a sentence.
    """
    with _finished(lambda: write_text(path, content())):
        yield


@contextmanager
def lines_written(path: Path) -> Iterator[LineFile]:
    """Give a file of lines that is closed when the block is left, in whatever way.

    Raises:
        OSError: it can't be made or, at the end of the block, not all of it could be written. When an error
            has ended the block that one is raised, after a sentence.
    """
    file = LineFile(path)
    with _finished(file.close):
        yield file


class LineFile:
    """A file of whole lines for its owner alone (mode 0600), each written at once; what was there is gone.

    Args:
        path: of the file.

    Raises:
        OSError: it can't be made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._length = 0
        self._error: OSError | None = None
        with _named(path):
            self._file = os.open(path, _FLAGS, _OWNERS_ALONE)
            if stat.S_ISREG(os.fstat(self._file).st_mode) and hasattr(os, "fchmod"):
                os.fchmod(self._file, _OWNERS_ALONE)  # it may have been there, for all to read

    def write(self, line: str) -> None:
        """Write a line. After one that can't be written there are no more; `close` raises the error."""
        with self._lock:
            if self._error:
                return
            try:
                self._write(f"{line}\n".encode())
            except OSError as error:
                self._error = error
                with suppress(OSError):  # only files can be cut
                    os.ftruncate(self._file, self._length)

    def close(self) -> None:
        """Close the file.

        Raises:
            OSError: a line could not be written.
        """
        with _named(self._path):
            os.close(self._file)
            if self._error:
                raise self._error

    def _write(self, data: bytes) -> None:
        written = 0
        while written < len(data):
            written += os.write(self._file, data[written:])
        self._length += len(data)


@contextmanager
def _finished(finish: Callable[[], None]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        try:
            finish()
        except OSError as error:
            stopped_by_system(error)
        raise
    finish()


def write_text(path: Path, text: str) -> None:
    """Write a text file, in place of what was there; no link is followed.

    Raises:
        OSError: it can't be written.
    """
    with _named(path), open(os.open(path, _FLAGS, _OPEN_TO_ALL), "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(text)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Let errors bear the file's name, which they lack once it is open."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
