"""Observing the calls of a run, as far as the command line asks for it."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from program.output_files import lines_written, write
from terminal import Terminal

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from program.call_log import CallLog
    from program.trace import Trace
    from scenario.labels import Labels
    from scenario.person import Person


class CallObservers:
    """Everything that observes a run.

    Args:
        trace: shows and draws its calls, if that is wanted.
        log: writes a line for each of them, if that is wanted.
    """

    def __init__(self, trace: Trace | None, log: CallLog | None) -> None:
        self._trace = trace
        self._log = log

    def attach(self, client: CognitoIdentityProviderClient) -> None:
        """Observe the calls of this client from now on."""
        if self._trace:
            self._trace.attach(client)
        if self._log:
            self._log.attach(client)

    def step(self, number: int, title: str) -> None:
        """Take notice of a step that begins."""
        if self._trace:
            self._trace.step(number, title)
        if self._log:
            self._log.step(number)

    def observe_answers(self, person: Person) -> None:
        """Observe the answers of this person from now on."""
        if self._trace:
            person.ask = self._trace.observe_answers(person.ask)


@contextmanager
def observing(arguments: argparse.Namespace, labels: Labels) -> Iterator[CallObservers]:
    """Give the observers of the run, and write their files at its end.

    Raises:
        OSError: a file that is wanted can't be written.
    """
    with ExitStack() as files:
        yield CallObservers(_trace(arguments, labels, files), _log(arguments, labels, files))


def _trace(arguments: argparse.Namespace, labels: Labels, files: ExitStack) -> Trace | None:
    if not (arguments.trace or arguments.diagram):
        return None
    from program.trace import Trace  # noqa: PLC0415 - it loads much of botocore

    trace = Trace(labels, Terminal(stderr=True) if arguments.trace else None)
    files.callback(trace.finish_pages)
    if arguments.diagram:
        files.enter_context(write(arguments.diagram, lambda: trace.diagram("The run")))
    return trace


def _log(arguments: argparse.Namespace, labels: Labels, files: ExitStack) -> CallLog | None:
    if not arguments.trace_json:
        return None
    from program.call_log import CallLog  # noqa: PLC0415 - as above

    log = CallLog(files.enter_context(lines_written(arguments.trace_json)).write, labels)
    files.callback(log.close)
    return log
