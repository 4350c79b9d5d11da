"""A log that holds nothing up: written by a thread of its own, and cut short where nobody reads it."""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_WAITING = 1000
_LAST_SECONDS = 1.0  # for unwritten lines at the end


class BackgroundLog(logging.Handler):
    """Writes to a file descriptor; what comes while `MOST_WAITING` lines wait to be written is dropped."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._lines: queue.Queue[bytes | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._write_all, name="local_cognito log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Have a record written; never wait for it."""
        with suppress(queue.Full):
            self._lines.put_nowait((self.format(record) + "\n").encode(errors="backslashreplace"))

    def close(self) -> None:
        """Write the remaining lines, if somebody reads them."""
        with suppress(queue.Full):
            self._lines.put_nowait(None)
        self._thread.join(_LAST_SECONDS)
        super().close()

    def _write_all(self) -> None:
        while line := self._lines.get():
            try:
                # Past Python's own buffers, whose locks would be held while nobody reads.
                while line:
                    line = line[os.write(self._descriptor, line) :]
            except OSError:
                return  # the reader has gone


@contextmanager
def to_standard_error() -> Iterator[None]:
    """Have everything that is logged while the block runs written to stderr in this way, if there is one."""
    if sys.stderr is None:
        yield
        return
    handler = BackgroundLog(sys.stderr.fileno())
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
