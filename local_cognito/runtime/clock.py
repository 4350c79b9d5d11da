"""The pool's time: tests can move it forward, and in a database file it never goes back; times in answers."""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from local_cognito.storage.records import DAY, HOUR

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cognito.storage.store import Store

MOST_SECONDS = 10 * 365 * DAY  # the longest validity of a refresh token

logger = logging.getLogger(__name__)


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
            ValueError: `seconds` does not lie between 0 and `MOST_SECONDS`, or all moves together are more.
        """
        if isinstance(seconds, bool) or not 0 <= seconds <= MOST_SECONDS:
            raise ValueError(f"A clock moves forward by 0 to {MOST_SECONDS} seconds at a time")
        with self._lock:
            if self._ahead + seconds > MOST_SECONDS:
                raise ValueError(f"A clock moves forward by {MOST_SECONDS} seconds in all")
            self._ahead += seconds
        return self()

    @property
    def room(self) -> float:
        """The seconds that it can still be moved forward."""
        return max(0.0, MOST_SECONDS - self.lead)

    def catch_up(self, moment: float) -> None:
        """Move forward to a moment in epoch seconds, unless it is later already."""
        with self._lock:
            self._ahead += max(0.0, moment - self())


class KeptClock:
    """The time of `clock`, but never earlier than the latest time that a database file has seen.

    What is stored hangs on the time: a lock of a user, or a code, that was made in the future would outlast
    its time for as long as the clock was set back.
    """

    def __init__(self, clock: Callable[[], float], store: Store) -> None:
        """Go on from the latest time in the file; say so if that is more than an hour away."""
        self.movable = clock if isinstance(clock, MovableClock) else MovableClock(clock)
        self._store = store
        ahead = store.latest_time - self.movable()
        self.movable.catch_up(store.latest_time)
        if ahead > HOUR:
            logger.warning(
                "The pool's time is %s ahead of this machine's: it goes on from the latest in the file.",
                timedelta(seconds=round(ahead)),
            )

    def __call__(self) -> float:
        """Return the epoch seconds."""
        now = self.movable()
        if now < self._store.latest_time:
            self.movable.catch_up(self._store.latest_time)
            return self._store.latest_time
        self._store.latest_time = now
        return now

    @property
    def lead(self) -> float:
        """The seconds by which it is ahead of the clock below."""
        return self.movable.lead

    def restore(self, lead: float) -> None:
        """Be as far ahead as it was at another moment, once the file is as it was then."""
        self.movable.restore(lead)
