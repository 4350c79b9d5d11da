"""Runs one request: its transaction, and the functions that it invokes during and after the transaction.

Imported by the API, and by the server, which answers other requests while a function runs.
"""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local_cognito.lambdas.journal import FunctionAnswer, FunctionCall, FunctionNeeded, Journal
from local_cognito.model import errors
from local_cognito.rules import jws
from local_cognito.triggers import events

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from local_cognito.rules.cognito import Answer, Cognito

    Action = Callable[[Cognito, Any], Answer | None]


logger = logging.getLogger(__name__)

RUN = "local_cognito.run"  # in the environment of a request: its `Run`


@dataclass
class _Committed:
    """A request whose transaction is committed, with the functions that its answer still waits for.

    Attributes:
        answer: the answer of the action.
        journal: the journal of the calls after the commit.
        calls: the calls that the answer waits for.
    """

    answer: Answer | None
    journal: Journal
    calls: list[FunctionCall]


@dataclass
class Run:
    """One request until its answer, over all runs of its action.

    Attributes:
        functions: the ended calls of functions; those in the background are added when they end.
        began: the start of the request, on the clock of `time.perf_counter`.
    """

    functions: list[FunctionAnswer] = field(default_factory=list)
    began: float = field(default_factory=time.perf_counter)
    _journal: Journal | None = None
    _committed: _Committed | None = None

    def perform(
        self, cognito: Cognito, operation: str, action: Action, request: dict[str, Any], *, reads: bool
    ) -> Answer | None:
        """Run an action, or run it again with the answers of functions that have come meanwhile.

        An error rolls the transaction back; attempts and failures that a refusal counted are committed.

        Raises:
            CognitoError: a refusal in Cognito's words.
            FunctionNeeded: `finish` or `begin` the call, then call this again.
            DatabaseBusyError: another program holds the lock of the database.
        """
        if self._committed is None:
            if self._journal is None:
                self._journal = Journal(cognito.random_bytes, operation, request.get("ClientMetadata"))
            journal = self._journal
            journal.begin()
            cognito = cognito.with_journal(journal)
            with _transaction(cognito, reads=reads):
                answer = action(cognito, request)
            if answer is not None:
                jws.sign(answer)
            if not journal.afterwards and not journal.in_background:
                return answer
            later = Journal(cognito.random_bytes, operation)
            self._committed = _Committed(answer, later, list(journal.afterwards))
            for call in journal.in_background:
                cognito.functions.begin(call).add_done_callback(self._end_in_background)
        self._committed.journal.begin()
        for call in self._committed.calls:
            events.response_of(self._committed.journal, call)
        return self._committed.answer

    def begin(self, cognito: Cognito, needed: FunctionNeeded) -> Future[FunctionAnswer]:
        """Start the call of a function; once the future is done, call `perform` again."""
        future = cognito.functions.begin(needed.call)
        future.add_done_callback(lambda done: self._keep(done.result()))
        return future

    def finish(self, cognito: Cognito, needed: FunctionNeeded) -> None:
        """Call a function and wait for it."""
        self._keep(cognito.functions.begin(needed.call).result())

    def _end_in_background(self, done: Future[FunctionAnswer]) -> None:
        ended = done.result()
        self.functions.append(ended)
        if ended.error is not None:
            logger.warning("%s failed: %s", ended.call.trigger, ended.error)

    def _keep(self, ended: FunctionAnswer) -> None:
        journal = self._journal if self._committed is None else self._committed.journal
        if journal is not None:
            journal.keep(ended)
            self.functions.append(ended)


def perform_now(
    cognito: Cognito, operation: str, action: Action, request: dict[str, Any], *, reads: bool = False
) -> Answer | None:
    """Run an action, waiting for the functions that it invokes; see `Run.perform`."""
    run = Run()
    while True:
        try:
            return run.perform(cognito, operation, action, request, reads=reads)
        except FunctionNeeded as needed:
            run.finish(cognito, needed)


@contextmanager
def _transaction(cognito: Cognito, *, reads: bool) -> Iterator[None]:
    """Run a block in a transaction; a refusal with `keeps_changes` commits the changes before it."""
    with cognito.store.transaction(only_reads=reads) as may_write:
        if may_write:
            now = cognito.now()
            cognito.store.keep_time(now)
            cognito.store.retention.step(now)
        try:
            with nullcontext() if reads else cognito.store.rollback_keeping_counts():
                try:
                    yield
                except errors.CognitoError as error:
                    if not error.keeps_changes:
                        raise
                    refusal = error
                else:
                    return
        except errors.CognitoError as error:
            refusal = error
        if refusal.cleanup is not None:
            refusal.cleanup()
    raise refusal
