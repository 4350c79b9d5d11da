"""Beginning ahead: work that goes on in a thread of its own while something else is done."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cognito_idp_actions import CognitoIdentityProviderWrapper

T = TypeVar("T")


class Ahead(Generic[T]):
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


def later(value: Callable[[], T]) -> T:
    """Return what looks like that value, which is only asked for with the first look at it."""
    return cast("T", _Later(value))


class _Later:
    """Has the attributes of a value that is not there yet; a look at one of them waits for it."""

    def __init__(self, value: Callable[[], object]) -> None:
        self._value = value

    def __getattr__(self, name: str) -> Any:
        return getattr(self._value(), name)


class BegunCalls:
    """Looks like the wrapper, some of whose calls were begun ahead, side by side.

    Args:
        cognito: the wrapper.
        names: methods to call at once, without arguments; each gives that answer the first time.
    """

    def __init__(self, cognito: CognitoIdentityProviderWrapper, names: Iterable[str]) -> None:
        self._cognito = cognito
        self._begun: dict[str, Ahead[Any]] = {name: Ahead(getattr(cognito, name)) for name in names}

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._cognito, name)
        if name not in self._begun:
            return attribute

        def call() -> Any:
            begun = self._begun.pop(name, None)
            return begun.result() if begun else attribute()

        return call
