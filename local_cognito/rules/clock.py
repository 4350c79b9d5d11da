"""A clock that tests can move forward, so that codes, sessions and tokens expire without waiting."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from local_cognito.storage.records import DAY

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_SECONDS = 10 * 365 * DAY  # the longest validity of a refresh token


class MovableClock:
    """The time in epoch seconds: the time of `clock`, plus the seconds it was moved forward."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._ahead = 0.0
        self._lock = threading.Lock()

    def __call__(self) -> float:
        """Return the epoch seconds."""
        return self._clock() + self._ahead

    @property
    def lead(self) -> float:
        """The seconds by which it was moved."""
        return self._ahead

    def restore(self, lead: float) -> None:
        """Be as far ahead as it was at another moment, when this was its `lead`."""
        with self._lock:
            self._ahead = lead

    def advance(self, seconds: float) -> float:
        """Move forward and return the epoch seconds then.

        Raises:
            ValueError: `seconds` does not lie between 0 and `MOST_SECONDS`.
        """
        if isinstance(seconds, bool) or not 0 <= seconds <= MOST_SECONDS:
            raise ValueError(f"A clock moves forward by 0 to {MOST_SECONDS} seconds at a time")
        with self._lock:
            self._ahead += seconds
        return self()
