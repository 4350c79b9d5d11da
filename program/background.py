"""Work that goes on in a thread of its own while something else is done."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class BackgroundValue(Generic[T]):
    """A value that is being computed.

    The thread keeps no program from ending: leaving early, by Ctrl-C too, waits for nothing.

    Args:
        compute: returns the value.
    """

    def __init__(self, compute: Callable[[], T]) -> None:
        self._future: Future[T] = Future()
        threading.Thread(target=self._run, args=(compute,), daemon=True).start()

    def result(self) -> T:
        """Return the value as soon as it is there, or raise what went wrong."""
        return self._future.result()

    def give_up(self, close: Callable[[T], None]) -> None:
        """Close the value once it is there, as nobody will ask for it."""

        def close_it(future: Future[T]) -> None:
            if future.exception() is None:
                close(future.result())

        self._future.add_done_callback(close_it)

    def _run(self, compute: Callable[[], T]) -> None:
        try:
            self._future.set_result(compute())
        except BaseException as error:  # noqa: BLE001 - raised where the value is asked for
            self._future.set_exception(error)
