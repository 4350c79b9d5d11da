"""Work that is begun ahead: its value, its errors, and what becomes of it when nobody waits any more."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from program.ahead import Ahead, BegunCalls, later

if TYPE_CHECKING:
    from collections.abc import Callable

    from cognito_idp_actions import CognitoIdentityProviderWrapper

SECONDS = 30  # only where something is wrong does anything take that long


def test_value_and_error() -> None:
    """A result is the value that was computed, or raises what that raised."""

    def fail() -> None:
        raise KeyError("gone")

    assert Ahead(lambda: 7).result() == 7
    with pytest.raises(KeyError, match="gone"):
        Ahead(fail).result()


def test_look_at_a_value_waits_for_it() -> None:
    """What stands for a value asks for it when an attribute is looked at, and not before."""
    looks: list[str] = []

    def value() -> SimpleNamespace:
        looks.append("asked")
        return SimpleNamespace(colour="red")

    promised = later(value)

    assert looks == []
    assert promised.colour == "red"
    assert looks == ["asked"]


def test_look_at_a_value_that_never_comes() -> None:
    """What went wrong is raised with the look."""

    def fail() -> SimpleNamespace:
        raise KeyError("gone")

    with pytest.raises(KeyError, match="gone"):
        later(Ahead(fail).result).colour  # noqa: B018 - the look is what raises


def test_value_that_nobody_wants_any_more() -> None:
    """It is closed as soon as it is there; a failure has nothing to close."""
    go_on, closed = threading.Event(), threading.Event()
    ahead = Ahead(lambda: go_on.wait(SECONDS))
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

    ahead = Ahead(fail)
    assert done.wait(SECONDS)
    ahead.give_up(lambda _value: closed.set())

    assert not closed.is_set()


def wrapper(**methods: Callable[[], Any]) -> CognitoIdentityProviderWrapper:
    """Return a stand-in that has these methods."""
    return cast("CognitoIdentityProviderWrapper", SimpleNamespace(**methods))


def test_calls_are_made_side_by_side() -> None:
    """All of them are under way before the first answer is asked for."""
    meeting = threading.Barrier(3, timeout=SECONDS)
    names = ("first", "second", "third")

    begun = BegunCalls(wrapper(**dict.fromkeys(names, meeting.wait)), names)

    assert sorted(getattr(begun, name)() for name in names) == [0, 1, 2]


def test_second_time() -> None:
    """A call that is made once more is made again; other attributes are the wrapper's own."""
    answers = iter(("first", "second"))

    begun = BegunCalls(wrapper(ask=lambda: next(answers), other=lambda: "other"), ["ask"])

    assert (begun.ask(), begun.ask(), begun.other()) == ("first", "second", "other")
