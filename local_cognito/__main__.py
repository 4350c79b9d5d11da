"""python -m local_cognito: serve the Cognito API on this machine until Ctrl-C or SIGTERM.

Signals count from the first moment, so what takes time is loaded once they are handled.
"""

from __future__ import annotations

import queue
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ENDING_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
_BY_SIGNAL = 128  # plus the signal's number is the exit status, as shells have it


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C or SIGTERM; return the exit status."""
    ending = Ending()
    from local_cognito.command import serve  # noqa: PLC0415 - see the module

    return serve(argv, ending)


class Ending:
    """The signals that end the program: at once while it starts, by a note from when it serves."""

    def __init__(self) -> None:
        """Handle the signals, but for those that whoever started the program wants ignored."""
        self._noted: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._is_at_once = True
        for name in ENDING_SIGNALS:
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._handle)

    def note(self) -> None:
        """Make a note of signals from now on, for `wait`."""
        self._is_at_once = False

    def wait(self) -> None:
        """Wait for a signal, one that came before included."""
        self._noted.get()

    def _handle(self, number: int, _: object) -> None:
        self._noted.put(number)
        if self._is_at_once:
            sys.exit(_BY_SIGNAL + number)


if __name__ == "__main__":
    sys.exit(main())
