"""Running one request: its transaction, the functions that it calls, and what is called once it is kept.

Imported by the API, and by the server, which answers other requests while a function runs.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local_cognito.lambdas.journal import FunctionAnswer, FunctionCall, FunctionNeeded, Journal
from local_cognito.model import errors
from local_cognito.rules import jws
from local_cognito.triggers import events

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from local_cognito.rules.cognito import Answer, Cognito

    Action = Callable[[Cognito, Any], Answer | None]


RUN = "local_cognito.run"  # in the environment of a request: its `Run`


@dataclass
class _Kept:
    """What is left to do once the request's changes are kept.

    Attributes:
        answer: what the action answered.
        journal: of the functions that are called now.
        calls: those that the answer waits for.
    """

    answer: Answer | None
    journal: Journal
    calls: list[FunctionCall]


@dataclass
class Run:
    """One request on its way to its answer.

    Attributes:
        functions: how the calls of functions ended that the answer waited for, oldest first.
        began: when it began, on the clock of `time.perf_counter`.
    """

    functions: list[FunctionAnswer] = field(default_factory=list)
    began: float = field(default_factory=time.perf_counter)
    _journal: Journal | None = None
    _kept: _Kept | None = None

    def perform(
        self, cognito: Cognito, operation: str, action: Action, request: dict[str, Any], *, reads: bool
    ) -> Answer | None:
        """Run an action, or run it again with what functions have answered meanwhile.

        Whatever is raised undoes what the action did; what a refusal counted (an attempt, a failure) is kept.

        Raises:
            CognitoError: whatever Cognito would refuse with.
            FunctionNeeded: `finish` or `begin` the call, then call this again.
            DatabaseBusyError: another program holds the lock of the database.
        """
        if self._kept is None:
            if self._journal is None:
                self._journal = Journal(cognito.random_bytes, operation, request.get("ClientMetadata"))
            journal = self._journal
            journal.begin()
            cognito = cognito.with_journal(journal)
            answer = _changed(cognito, action, request, reads=reads)
            if answer is not None:
                jws.sign(answer)
            if not journal.afterwards and not journal.in_background:
                return answer
            later = Journal(cognito.random_bytes, operation)
            self._kept = _Kept(answer, later, list(journal.afterwards))
            for call in journal.in_background:
                cognito.functions.begin(call).add_done_callback(events.log_failure)
        self._kept.journal.begin()
        for call in self._kept.calls:
            events.answered(self._kept.journal, call)
        return self._kept.answer

    def begin(self, cognito: Cognito, needed: FunctionNeeded) -> Future[FunctionAnswer]:
        """Call a function; when the future is done, `perform` can go on."""
        future = cognito.functions.begin(needed.call)
        future.add_done_callback(lambda done: self._keep(done.result()))
        return future

    def finish(self, cognito: Cognito, needed: FunctionNeeded) -> None:
        """Call a function and wait for it."""
        self._keep(cognito.functions.begin(needed.call).result())

    def _keep(self, ended: FunctionAnswer) -> None:
        journal = self._journal if self._kept is None else self._kept.journal
        if journal is not None:
            journal.keep(ended)
            self.functions.append(ended)


def perform_now(
    cognito: Cognito, operation: str, action: Action, request: dict[str, Any], *, reads: bool = False
) -> Answer | None:
    """Run an action and wait for the functions that it calls; see `Run.perform`."""
    run = Run()
    while True:
        try:
            return run.perform(cognito, operation, action, request, reads=reads)
        except FunctionNeeded as needed:
            run.finish(cognito, needed)


def _changed(cognito: Cognito, action: Action, request: dict[str, Any], *, reads: bool) -> Answer | None:
    """Run an action in a transaction and return its answer."""
    with cognito.store.transaction(only_reads=reads) as may_write:
        if may_write:
            now = cognito.now()
            cognito.store.keep_time(now)
            cognito.store.retention.step(now)
        try:
            with cognito.store.rollback_keeping_counts():
                try:
                    return action(cognito, request)
                except errors.CognitoError as error:
                    if not error.keeps_changes:
                        raise
                    refusal = error
        except errors.CognitoError as error:
            refusal = error
        if refusal.cleanup is not None:
            refusal.cleanup()
    raise refusal
