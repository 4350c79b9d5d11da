"""The journal of one request: answers of functions and random bytes, for running its action again.

A function never runs while a transaction is open: it may call the pool itself, and other requests go on
meanwhile. An action that needs a function's answer raises `FunctionNeeded`, which rolls its transaction back;
the function is invoked; and the action runs again from its start, with the answer and the same random bytes.

Imported by the code that runs actions, and by the triggers.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


_LONGEST_ERROR = 2**16  # characters; a refusal holds the text


class FunctionError(Exception):
    """The function failed; the text is its errorMessage, truncated and without unpaired surrogates."""

    def __init__(self, text: str) -> None:
        super().__init__(text[:_LONGEST_ERROR].encode(errors="replace").decode())


class InvocationError(Exception):
    """The function was not invoked, or timed out.

    The text is Lambda's error code, or a sentence that ends in a full stop.
    """


@dataclass(frozen=True)
class FunctionCall:
    """One call of a function.

    Attributes:
        trigger: the trigger's name in LambdaConfig.
        arn: the function's ARN.
        event: the event.
        in_background: whether no request waits for the answer.
        kms_key: the ARN of the key under which the code in the event is encrypted first, or None.
    """

    trigger: str
    arn: str
    event: dict[str, Any]
    in_background: bool = False
    kms_key: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """The part of a call that must be equal in two runs of a request for its answer to be used again."""
        return self.trigger, str(self.event["triggerSource"]), str(self.event["userName"])


@dataclass(frozen=True)
class FunctionAnswer:
    """The outcome of a call: the function's answer, or an error."""

    call: FunctionCall
    answer: Any = None
    error: FunctionError | InvocationError | ValueError | None = None
    milliseconds: float = 0.0


class FunctionNeeded(Exception):  # noqa: N818 - no failure: the request goes on once the function has answered
    """An action needs the answer of a function that has not been invoked."""

    def __init__(self, call: FunctionCall) -> None:
        super().__init__(call.trigger)
        self.call = call


@dataclass
class Journal:
    """The random bytes and the answers of functions that all runs of one request share.

    Attributes:
        source: *source(n)* returns n random bytes.
        operation: the name of the API's action.
        metadata: ClientMetadata of the request, or None.
        answers: the outcomes of the calls of functions, oldest first.
        afterwards: calls to make after the commit; the answer waits for them.
        in_background: calls to make after the commit; the answer does not wait for them.
        is_muted: whether no function is invoked, because the present block is rolled back.
    """

    source: Callable[[int], bytes]
    operation: str = ""
    metadata: dict[str, str] | None = None
    answers: list[FunctionAnswer] = field(default_factory=list)
    afterwards: list[FunctionCall] = field(default_factory=list)
    in_background: list[FunctionCall] = field(default_factory=list)
    is_muted: bool = False
    _drawn: list[bytes] = field(default_factory=list)
    _next_drawn: int = 0
    _next_answer: int = 0

    def begin(self) -> None:
        """Start another run of the request."""
        self._next_drawn = self._next_answer = 0
        self.is_muted = False
        self.afterwards.clear()
        self.in_background.clear()

    @contextmanager
    def muted(self) -> Iterator[None]:
        """Invoke no function in a block."""
        self.is_muted = True
        yield
        self.is_muted = False

    def random_bytes(self, count: int) -> bytes:
        """Return random bytes, the same in each run as long as the runs request equal lengths."""
        at = self._next_drawn
        self._next_drawn += 1
        if at < len(self._drawn) and len(self._drawn[at]) == count:
            return self._drawn[at]
        del self._drawn[at:]
        self._drawn.append(self.source(count))
        return self._drawn[at]

    def ask(self, call: FunctionCall) -> Any:
        """Return a function's answer.

        Raises:
            FunctionNeeded: the function has not been invoked yet.
            FunctionError, InvocationError, ValueError: the call failed.
        """
        at = self._next_answer
        self._next_answer += 1
        if at >= len(self.answers) or self.answers[at].call.key != call.key:
            del self.answers[at:]  # other requests changed the state, and this run took another path
            raise FunctionNeeded(call)
        found = self.answers[at]
        if found.error is not None:
            raise found.error
        return found.answer

    def keep(self, ended: FunctionAnswer) -> None:
        """Keep the outcome of a call for the next run."""
        self.answers.append(ended)
