"""The end of the program: its last message, its exit status, and the signals that end it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from program.early_interrupt import INTERRUPTED
from scenario.advice import explained
from terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.exceptions import BotoCoreError, ClientError

    from cognito_idp_actions import SignInError
    from question import EndOfInput

DONE, STOPPED = 0, 1
_BY_SIGNAL = 128  # plus the signal's number is the exit status, as shells have it
# By default these end a process on the spot, and would leave the QR code's image behind; Ctrl-\\ is SIGQUIT.
_ENDING_SIGNALS = ("SIGTERM", "SIGHUP", "SIGQUIT")


def stopped(what: str, what_to_do: str = "", status: int = STOPPED) -> int:
    """Say on standard error what stopped the program, and what to do about it; return the exit status."""
    with suppress(OSError):  # nobody is there any more to read it
        screen = Terminal(stderr=True)
        screen.say()
        screen.warn(what)
        if what_to_do:
            screen.hint(what_to_do)
    return status


def stopped_by(error: ClientError | BotoCoreError | SignInError | EndOfInput, status: int = STOPPED) -> int:
    """Say which error stopped the program, and what to do about it; return the exit status."""
    return stopped(*explained(error), status=status)


def stopped_by_system(error: OSError) -> int:
    """Report an error of the system, such as a full disk; return the exit status."""
    return stopped(system_failure(error))


def system_failure(error: OSError) -> str:
    """Return the text of an error of the system, in a sentence."""
    if isinstance(error, BrokenPipeError):
        return "The output was closed before everything was said."
    return f"{error.filename or 'Input or output'}: {error.strerror or error}."


def interrupted() -> int:
    """Say that Ctrl-C stopped the program; return the exit status."""
    return stopped("Stopped.", status=INTERRUPTED)


@contextmanager
def flush_output() -> Iterator[None]:
    """Have all that is shown in the block written at its end, so that what goes wrong then can be said.

    Python itself would find out only while it ends, and show a traceback. Streams that are closed from the
    beginning lead nowhere.

    Raises:
        OSError: it could not be written; the rest of it is given up.
    """
    nowhere = os.open(os.devnull, os.O_RDWR)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(nowhere, "w", encoding="utf-8", closefd=False))  # noqa: SIM115
    try:
        yield
    finally:
        try:
            sys.stdout.flush()
        except OSError:
            os.dup2(nowhere, sys.stdout.fileno())
            raise


@contextmanager
def handling_signals() -> Iterator[None]:
    """Have signals end the program by an exception while the block lasts, so that it can clean up."""
    if threading.current_thread() is not threading.main_thread():  # only that one gets signals
        yield
        return
    before = {number: signal.getsignal(number) for number in _ending_signals()}
    for number in before:
        signal.signal(number, lambda received, _: sys.exit(_BY_SIGNAL + received))
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ending_signals() -> list[signal.Signals]:
    return [signal.Signals[name] for name in _ENDING_SIGNALS if hasattr(signal, name)]
