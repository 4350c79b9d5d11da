"""Keeps the latest API calls in memory: who asked for what, and how it ended, with labels for secrets.

To record a call costs a few microseconds; the work of reading it is left to whoever looks at the log. A call
holds all that is known of it in one record, so that a call which it causes can be shown beneath it.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from local_cognito.calls import functions
from local_cognito.calls.functions import MOST_KEPT_BYTES
from local_cognito.calls.labels import Labels
from local_cognito.calls.subject import Subject, made_by, parsed, subject_of
from local_cognito.model import service_model
from local_cognito.rules.identifiers import CLIENT_ID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local_cognito.calls.functions import ShownFunctionCall
    from local_cognito.lambdas.journal import FunctionAnswer
    from local_cognito.rules.cognito import Cognito

MOST_CALLS = 1000
_LONGEST_NAME = 200  # characters of a name that a request makes up


class _Heard(NamedTuple):
    """A call as received; bodies that are too long are None."""

    id: int
    time: float
    action: str
    request: bytes | None
    status: HTTPStatus
    answer: bytes | None
    milliseconds: float
    called: Sequence[FunctionAnswer]


@dataclass(frozen=True)
class Call:
    """A call of the API, without its secrets.

    Attributes:
        id: a number that grows; no two calls have the same.
        time: when it was answered, in epoch seconds of the pool's clock.
        action: such as `SignUp`; a name that Cognito does not know stands as it came.
        pool_id: of the user pool; None where neither the request nor earlier calls tell.
        user: the user name or alias in the request, or the user of its session or token.
        client_id: of the app client.
        status: of HTTP: 200, 400, 500.
        error: the code of a refusal, such as `NotAuthorizedException`.
        message: its text.
        milliseconds: how long the answer took.
        request: its members, with labels in place of secrets; None if it is not a JSON object, or too long.
        answer: likewise; None for a refusal and an empty answer.
        functions: the calls of the pool's functions that the request made, in the order in which they ended;
            a custom sender is added when it ends.
    """

    id: int
    time: float
    action: str
    pool_id: str | None
    user: str | None
    client_id: str | None
    status: int
    error: str | None
    message: str | None
    milliseconds: float
    request: dict[str, Any] | None
    answer: dict[str, Any] | None
    functions: list[ShownFunctionCall]


class CallLog:
    """The latest `MOST_CALLS` calls; any thread may record and read."""

    def __init__(self, cognito: Cognito) -> None:
        self._cognito = cognito
        self._last_id = 0
        self._heard: deque[_Heard] = deque(maxlen=MOST_CALLS)
        self._calls: deque[tuple[Call, Sequence[FunctionAnswer]]] = deque(maxlen=MOST_CALLS)
        self._labels = Labels()
        self._pools: dict[str, str] = {}
        self._reading = threading.Lock()

    def record(
        self,
        action: str,
        request: bytes,
        status: HTTPStatus,
        answer: bytes,
        milliseconds: float,
        called: Sequence[FunctionAnswer] = (),
    ) -> int:
        """Record a call, whose bodies are `request` and `answer`; return its ID.

        `called` are its calls of functions, to which others may be added.
        """
        self._last_id += 1
        self._heard.append(
            _Heard(
                self._last_id,
                self._cognito.now(),
                action,
                request if len(request) <= MOST_KEPT_BYTES else None,
                status,
                answer if len(answer) <= MOST_KEPT_BYTES else None,
                milliseconds,
                called,
            )
        )
        return self._last_id

    @property
    def last_id(self) -> int:
        """The ID of the latest call, 0 before the first."""
        return self._last_id

    def calls(self, after: int = 0) -> list[Call]:
        """Return the calls that came after the one of this ID, oldest first."""
        with self._reading:
            while self._heard:
                heard = self._heard.popleft()
                self._calls.append((self._read(heard), heard.called))
            oldest = self._last_id - MOST_CALLS
            return [_with_functions(*one) for one in self._calls if one[0].id > max(after, oldest)]

    def _read(self, heard: _Heard) -> Call:
        model = service_model.find_operation(heard.action)
        request = None if heard.request is None else parsed(heard.request)
        answer = None if heard.answer is None else parsed(heard.answer)
        refusal = (answer or {}) if heard.status is not HTTPStatus.OK else None
        subject = self._subject(request or {}, {} if refusal else answer or {})
        return Call(
            id=heard.id,
            time=heard.time,
            action=heard.action[:_LONGEST_NAME],
            pool_id=subject.pool_id,
            user=subject.user,
            client_id=subject.client_id,
            status=int(heard.status),
            error=refusal.get("__type") if refusal else None,
            message=refusal.get("message") if refusal else None,
            milliseconds=round(heard.milliseconds, 1),
            request=request and self._labels.labelled(model.request if model else None, request, subject),
            answer=self._labels.labelled(model.answer, answer, subject)
            if model and answer and not refusal
            else None,
            functions=[],
        )

    def _subject(self, request: dict[str, Any], answer: dict[str, Any]) -> Subject:
        """Return the subject of a call: its own names, completed from its answer, earlier calls and state."""
        subject = subject_of(request).completed_by(self._labels.subject_of(request))
        subject = subject.completed_by(made_by(answer))
        client_id, pool_id = subject.client_id, subject.pool_id
        if client_id is None or not CLIENT_ID.fullmatch(client_id):
            return subject
        if pool_id is None:
            pool_id = self._pools.get(client_id) or self._stored_pool(client_id)
        elif answer:
            self._pools[client_id] = pool_id
            if len(self._pools) > MOST_CALLS:
                del self._pools[next(iter(self._pools))]
        return replace(subject, pool_id=pool_id)

    def _stored_pool(self, client_id: str) -> str | None:
        store = self._cognito.store
        try:
            with store.transaction(only_reads=True):
                client = store.clients.get(client_id)
        except sqlite3.Error:  # a full disk, a lock: the log can do without
            return None
        return client.pool_id if client else None


def _with_functions(call: Call, called: Sequence[FunctionAnswer]) -> Call:
    """Return the call with the calls of functions that have ended by now."""
    return replace(call, functions=[functions.shown(ended) for ended in list(called)]) if called else call
