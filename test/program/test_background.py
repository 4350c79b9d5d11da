"""Work that is begun ahead: its value, its errors, and what becomes of it when nobody waits any more."""

from __future__ import annotations

import threading

import pytest

from program.background import BackgroundValue

SECONDS = 30  # only where something is wrong does anything take that long


def test_value_and_error() -> None:
    """A result is the value that was computed, or raises what that raised."""

    def fail() -> None:
        raise KeyError("gone")

    assert BackgroundValue(lambda: 7).result() == 7
    with pytest.raises(KeyError, match="gone"):
        BackgroundValue(fail).result()


def test_value_that_nobody_wants_any_more() -> None:
    """It is closed as soon as it is there; a failure has nothing to close."""
    go_on, closed = threading.Event(), threading.Event()
    ahead = BackgroundValue(lambda: go_on.wait(SECONDS))
    ahead.give_up(lambda _value: closed.set())

    assert not closed.is_set()
    go_on.set()
    assert closed.wait(SECONDS)


def test_failure_that_nobody_asks_for() -> None:
    """Where nothing came of it, there is nothing to close."""
    done, closed = threading.Event(), threading.Event()

    def fail() -> None:
        done.set()
        raise ValueError

    ahead = BackgroundValue(fail)
    assert done.wait(SECONDS)
    ahead.give_up(lambda _value: closed.set())

    assert not closed.is_set()
