"""Ctrl-C while the modules of the program are loaded ends it with no traceback, once this is imported."""

from __future__ import annotations

import os
import signal

INTERRUPTED = 130  # the exit status after Ctrl-C, as shells have it


def _end(_number: int, _frame: object) -> None:
    os._exit(INTERRUPTED)


if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, _end)
