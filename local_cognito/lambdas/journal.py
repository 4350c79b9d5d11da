"""Running one request around the functions that it calls.

A function is never called while a transaction is open: it may call the pool itself, and other requests go on
meanwhile. So an action that needs a function's answer ends by `FunctionNeeded`, which undoes what it wrote;
the function is called; and the action runs again from its start with the answer at hand. What it drew at
random the first time it gets once more, so that it does the same again.

Imported by the API, which runs actions, and by the rules, which ask functions.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


_LONGEST_ERROR = 2**16  # characters; a refusal holds the text


class FunctionError(Exception):
    """The function was invoked and failed; the text is its errorMessage, cut, without unpaired surrogates."""

    def __init__(self, text: str) -> None:
        super().__init__(text[:_LONGEST_ERROR].encode(errors="replace").decode())


class InvocationError(Exception):
    """The function was not invoked, or did not answer in time.

    The text is Lambda's error code, or a sentence that ends in a full stop.
    """


@dataclass(frozen=True)
class FunctionCall:
    """One call of a function.

    Attributes:
        trigger: the trigger's name, as LambdaConfig has it.
        arn: of the function.
        event: the event that the function gets.
        in_background: whether nothing waits for it, so that it may take its time.
        kms_key: the ARN of the key under which the code in the event is encrypted first, or None.
    """

    trigger: str
    arn: str
    event: dict[str, Any]
    in_background: bool = False
    kms_key: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What two runs of one request must have in common for the answer to serve both."""
        return self.trigger, str(self.event["triggerSource"]), str(self.event["userName"])


@dataclass(frozen=True)
class FunctionAnswer:
    """How a call ended: with the function's answer, or an error."""

    call: FunctionCall
    answer: Any = None
    error: FunctionError | InvocationError | ValueError | None = None
    milliseconds: float = 0.0


class FunctionNeeded(Exception):  # noqa: N818 - no failure: the request goes on once the function has answered
    """An action can't go on before a function has been called."""

    def __init__(self, call: FunctionCall) -> None:
        super().__init__(call.trigger)
        self.call = call


@dataclass
class Journal:
    """What one request drew at random, and what functions answered, over all its runs.

    Attributes:
        source: *source(n)* gives n random bytes.
        operation: the API's name of the action.
        metadata: ClientMetadata of the request, or None.
        answers: how the calls of functions ended, oldest first.
        afterwards: calls to be made once the request's changes are kept; the answer waits for them.
        in_background: calls to be made then, too, for which nothing waits.
        is_muted: whether no function is called: what happens now is undone, and is not to be noticed.
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
        """Begin another run of the request."""
        self._next_drawn = self._next_answer = 0
        self.is_muted = False
        self.afterwards.clear()
        self.in_background.clear()

    @contextmanager
    def muted(self) -> Iterator[None]:
        """Call no function in a block."""
        self.is_muted = True
        yield
        self.is_muted = False

    def random_bytes(self, count: int) -> bytes:
        """Return random bytes: the same ones in each run, as long as the runs draw alike."""
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
            FunctionNeeded: it has not been called yet.
            FunctionError, InvocationError, ValueError: how the call failed.
        """
        at = self._next_answer
        self._next_answer += 1
        if at >= len(self.answers) or self.answers[at].call.key != call.key:
            del self.answers[at:]  # what other requests did meanwhile has led this one another way
            raise FunctionNeeded(call)
        found = self.answers[at]
        if found.error is not None:
            raise found.error
        return found.answer

    def keep(self, ended: FunctionAnswer) -> None:
        """Keep how a call ended, for the next run."""
        self.answers.append(ended)
