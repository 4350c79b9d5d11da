"""A line of JSON for each call of boto3 clients to Cognito, for scripts and for later.

Labels stand for the secrets in it: `scenario/call_text.py` puts them there.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from program.events import is_refused_by_boto3, log_errors_of
from scenario.call_text import CallText

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.model import OperationModel
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from scenario.labels import Labels

_CALL = "cognito_call_log"  # where a call is kept in botocore's context of it
_NOT_ENDED = {"code": "Interrupted", "message": "The run ended before there was an answer."}
_UNANSWERED = "There was no answer that can be used."
_NOT_SENT = {"code": "ParamValidationError", "message": "boto3 refuses the parameters: nothing was sent."}


@dataclass
class _Call:
    """A call under way: its model, what its line has already, and when it began."""

    model: OperationModel
    line: dict[str, Any]
    sent: Mapping[str, Any]
    began: float
    attempts: int = 0


class CallLog:
    """Observes the Cognito calls of boto3 clients; each is a line once it is over, in this order.

    A line has `time` (ISO 8601, UTC, when the call began), `step` (null outside of the steps), `action`,
    `request`, `status` (HTTP; null without an answer), `answer` (null when there is none), `error` (null, or
    `code` and `message`), `seconds` (all attempts and the pauses between them) and `attempts`.

    Args:
        write: takes a line, without its end.
        labels: of the run's secrets.
        clock: seconds that only ever grow.
    """

    def __init__(
        self, write: Callable[[str], None], labels: Labels, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._write = write
        self._text = CallText(labels)
        self._clock = clock
        self._step: int | None = None
        self._open: dict[int, _Call] = {}

    def attach(self, client: CognitoIdentityProviderClient) -> None:
        """Observe the calls of this client from now on."""
        events = client.meta.events
        events.register("before-parameter-build", log_errors_of(self._begin))
        events.register("request-created", log_errors_of(self._attempt))
        events.register("after-call", log_errors_of(self._answer))
        events.register("after-call-error", log_errors_of(self._fail))

    def step(self, number: int) -> None:
        """Let the lines from now on bear the number of a step."""
        self._step = number

    def close(self) -> None:
        """Write a line for each call that was not over when the run ended."""
        for call in list(self._open.values()):
            self._end(call, error=_NOT_ENDED)

    def _begin(
        self, *, model: OperationModel, params: Mapping[str, Any], context: dict[str, Any], **_: Any
    ) -> None:
        line = {
            "time": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
            "step": self._step,
            "action": model.name,
            "request": self._text.fields(model.input_shape, params),
        }
        call = context[_CALL] = _Call(model, line, dict(params), self._clock())
        self._open[id(call)] = call
        if is_refused_by_boto3(model, params):
            self._end(call, error=_NOT_SENT)

    @staticmethod
    def _attempt(*, request: Any, **_: Any) -> None:
        request.context[_CALL].attempts += 1

    def _answer(self, *, http_response: Any, parsed: Mapping[str, Any], context: Any, **_: Any) -> None:
        call: _Call = context[_CALL]
        status: int = http_response.status_code
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            code, message = self._text.refusal(parsed, call.sent)
            self._end(call, status, error={"code": code, "message": message})
            return
        answer = {name: value for name, value in parsed.items() if name != "ResponseMetadata"}
        self._end(call, status, self._text.fields(call.model.output_shape, answer, are_lists_counted=True))

    def _fail(self, *, exception: Exception, context: Any, **_: Any) -> None:
        # Its name alone: the text may have a proxy's password in it.
        self._end(context[_CALL], error={"code": type(exception).__name__, "message": _UNANSWERED})

    def _end(
        self,
        call: _Call,
        status: int | None = None,
        answer: dict[str, Any] | None = None,
        error: dict[str, str] | None = None,
    ) -> None:
        if self._open.pop(id(call), None) is None:
            return
        seconds = round(self._clock() - call.began, 6)
        came_back = {"status": status, "answer": answer, "error": error}
        self._write(json.dumps({**call.line, **came_back, "seconds": seconds, "attempts": call.attempts}))
