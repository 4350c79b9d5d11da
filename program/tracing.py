"""Following the calls of a run, as far as the command line asks for it."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from program.output_files import lines_written, write
from terminal import Terminal

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from program.call_log import CallLog
    from program.trace import Trace
    from scenario.person import Person


class Followers:
    """Everything that follows a run.

    Args:
        trace: shows and draws its calls, if that is wanted.
        log: writes a line for each of them, if that is wanted.
    """

    def __init__(self, trace: Trace | None, log: CallLog | None) -> None:
        self._trace = trace
        self._log = log

    @property
    def are_there(self) -> bool:
        """Whether anything follows."""
        return bool(self._trace or self._log)

    def attach(self, client: CognitoIdentityProviderClient) -> None:
        """Follow the calls of this client from now on."""
        if self._trace:
            self._trace.attach(client)
        if self._log:
            self._log.attach(client)

    def step(self, number: int, title: str) -> None:
        """Take notice of a step of the story that begins."""
        if self._trace:
            self._trace.step(number, title)
        if self._log:
            self._log.step(number)

    def heard(self, person: Person) -> Person:
        """Return this person, whose answers are taken notice of."""
        return replace(person, ask=self._trace.heard(person.ask)) if self._trace else person


@contextmanager
def traced(arguments: argparse.Namespace) -> Iterator[Followers]:
    """Give what follows the run, and write at its end what is left to be written.

    Raises:
        OSError: a file that is wanted can't be written.
    """
    with ExitStack() as files:
        yield Followers(_trace(arguments, files), _log(arguments, files))


def _trace(arguments: argparse.Namespace, files: ExitStack) -> Trace | None:
    if not (arguments.trace or arguments.diagram):
        return None
    from program.trace import Trace  # noqa: PLC0415 - it loads much of botocore

    trace = Trace(Terminal(stderr=True) if arguments.trace else None)
    files.callback(trace.finish_pages)
    if arguments.diagram:
        files.enter_context(write(arguments.diagram, lambda: trace.diagram("The run")))
    return trace


def _log(arguments: argparse.Namespace, files: ExitStack) -> CallLog | None:
    if not arguments.trace_json:
        return None
    from program.call_log import CallLog  # noqa: PLC0415 - as above

    log = CallLog(files.enter_context(lines_written(arguments.trace_json)).write)
    files.callback(log.close)
    return log
