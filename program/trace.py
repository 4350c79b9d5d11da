"""Following the calls of a boto3 client to Cognito: each shown as it is made, all of them as a diagram.

Nothing secret is in either: `program/call_text.py` masks it.
"""

from __future__ import annotations

import logging
import re
import textwrap
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.validate import ParamValidator

from program.call_text import LONGEST_VALUE, count, fields_of, without_sent_values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.awsrequest import AWSRequest, AWSResponse
    from botocore.model import OperationModel, StructureShape
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from terminal import Terminal

logger = logging.getLogger(__name__)
logger.addHandler(logging.NullHandler())

_LONGEST_MESSAGE = 300
_OUT, _BACK = "->", "<-"
_NO_BREAK = "\N{NO-BREAK SPACE}"
_CALL = "cognito_trace"  # where a call is kept in botocore's context of it
_PAGE_TOKENS = ("PaginationToken", "NextToken")  # in a request and in the answer before it

# Fields whose values tell the story: the diagram has these. Of all others it has at most the names.
_TELLING = frozenset(
    {
        "AuthFlow",
        "ChallengeName",
        "DeviceRememberedStatus",
        "MfaConfiguration",
        "Status",
        "UserConfirmationNecessary",
        "UserConfirmed",
        "UserStatus",
    }
)
_DIAGRAM = """\
# {title}

Each solid arrow is a call of the program to Amazon Cognito, each dashed one what came back, and after how
long. Passwords, codes, tokens, user names and other secrets are left out.

```mermaid
sequenceDiagram
    participant P as The program
    participant C as Amazon Cognito
{lines}
```
"""


class _Outcome(NamedTuple):
    """What came of an attempt: in words, in short for the diagram with its arrow there, the HTTP status."""

    shown: str
    drawn: str
    arrow: str = "C-->>P"
    status: int | None = None


@dataclass
class _Call:
    """A call under way."""

    model: OperationModel
    sent: Mapping[str, Any] = field(repr=False)
    started: float
    attempts: int = 0
    seconds: float | None = None
    outcome: _Outcome | None = None
    is_next_page: bool = False  # of the list that the call before this one began


@dataclass
class _Pages:
    """The pages of a list after its first, and what asks for the next of them."""

    action: str
    token: str
    number: int = 0
    items: int = 0
    seconds: float = 0


class Trace:
    """Follows the Cognito calls of boto3 clients.

    It only looks on: requests stay as they are, and what goes wrong in here never makes a call fail.

    Args:
        terminal: where each call is shown as it is made; None to keep calls for the diagram alone.
        clock: seconds that only ever grow.
    """

    def __init__(self, terminal: Terminal | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._terminal = terminal
        self._clock = clock
        self._lines: list[str] = []  # of the diagram; with no secret in them from the beginning
        self._pages: _Pages | None = None

    def attach(self, client: CognitoIdentityProviderClient) -> None:
        """Follow the calls of this client from now on."""
        events = client.meta.events
        events.register("before-parameter-build", _harmless(self._begin))
        events.register("request-created", _harmless(self._attempt))
        events.register("response-received", _harmless(self._receive))
        events.register("after-call", _harmless(self._answer))
        events.register("after-call-error", _harmless(self._fail))

    def step(self, number: int, title: str) -> None:
        """Begin a step of the story in the diagram."""
        self.finish_pages()
        self._lines.append(f"Note over P,C: {_label(f'Step {number}. {title}')}")

    def diagram(self, title: str) -> str:
        """Return the calls so far as a Mermaid sequence diagram, in Markdown."""
        self.finish_pages()
        return _DIAGRAM.format(title=_label(title), lines=textwrap.indent("\n".join(self._lines), "    "))

    def finish_pages(self) -> None:
        """Show the pages of a list that were only counted until now, in one line."""
        pages, self._pages = self._pages, None
        if pages is None or not pages.number:
            return
        more = "1 more page" if pages.number == 1 else f"{pages.number} more pages"
        text, took = f"{more} of {pages.action}: {count(pages.items)}", _duration(pages.seconds)
        self._draw("C-->>P", f"{text} ({took})")
        self._show(_BACK, text, note=f"({took})".replace(" ", _NO_BREAK))

    def _begin(
        self, *, model: OperationModel, params: Mapping[str, Any], context: dict[str, Any], **_: Any
    ) -> None:
        call = context[_CALL] = _Call(model, params, self._clock())
        pages = self._pages
        if pages and (pages.action, pages.token) == (model.name, _page_token(params)):
            call.is_next_page = True
            return
        self.finish_pages()
        self._show_call(call)

    def _show_call(self, call: _Call) -> None:
        model, params = call.model, call.sent
        refused = _is_refused_by_boto3(model, params)
        self._draw("P-xC" if refused else "P->>C", _drawn_call(call, "not sent" if refused else ""))
        self._show(_OUT, model.name, *fields_of(model.input_shape, params))
        if refused:
            self._show(_BACK, "not sent: boto3 refuses the parameters")

    def _attempt(self, *, request: AWSRequest, **_: Any) -> None:
        call: _Call = request.context[_CALL]
        call.attempts += 1
        if call.outcome:
            self._single_out(call)
            again = f"attempt {call.attempts}"
            self._end(call, call.outcome, f"; {again} follows")
            self._draw("P->>C", _drawn_call(call, again))
        call.started, call.seconds, call.outcome = self._clock(), None, None

    def _receive(
        self,
        *,
        response_dict: dict[str, Any] | None,
        parsed_response: dict[str, Any] | None,
        exception: Exception | None,
        context: dict[str, Any],
        **_: Any,
    ) -> None:
        call: _Call = context[_CALL]
        call.seconds = self._clock() - call.started
        if response_dict is not None and parsed_response is not None:
            call.outcome = _answered(call, response_dict["status_code"], parsed_response)
        elif exception is not None:
            call.outcome = _unanswered(exception)

    def _answer(
        self, *, http_response: AWSResponse, parsed: dict[str, Any], context: dict[str, Any], **_: Any
    ) -> None:
        call: _Call = context[_CALL]
        if http_response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
            self._single_out(call)
        if not call.is_next_page:
            self._end(call, _answered(call, http_response.status_code, parsed))
        self._turn_page(call, parsed)

    def _fail(self, *, exception: Exception, context: dict[str, Any], **_: Any) -> None:
        self._single_out(context[_CALL])
        self._end(context[_CALL], _unanswered(exception))

    def _single_out(self, call: _Call) -> None:
        """Show a page by itself after all, as it does not go like the ones before."""
        if call.is_next_page:
            self.finish_pages()
            call.is_next_page = False
            self._show_call(call)

    def _turn_page(self, call: _Call, parsed: Mapping[str, Any]) -> None:
        """Count a page that was not shown; after any page, remember what asks for the next one."""
        pages = self._pages
        if call.is_next_page and pages:
            pages.number += 1
            pages.items += sum(len(value) for value in parsed.values() if isinstance(value, list))
            pages.seconds += self._seconds(call)
        token = _page_token(parsed)
        if not token:
            self.finish_pages()
        elif pages:
            pages.token = token
        else:
            self._pages = _Pages(call.model.name, token)

    def _end(self, call: _Call, outcome: _Outcome, what_follows: str = "") -> None:
        took = _duration(self._seconds(call))
        self._draw(outcome.arrow, f"{outcome.drawn} ({took})")
        note = f"({outcome.status}, {took})" if outcome.status else f"({took})"
        self._show(_BACK, outcome.shown, note=note.replace(" ", _NO_BREAK) + what_follows)

    def _seconds(self, call: _Call) -> float:
        # No attempt was timed when a stub answers, or when the request could not even be made.
        return self._clock() - call.started if call.seconds is None else call.seconds

    def _draw(self, arrow: str, text: str) -> None:
        self._lines.append(f"{arrow}: {_label(text)}")

    def _show(self, arrow: str, *texts: str, note: str = "") -> None:
        if self._terminal is None:
            return
        # What can't be printed would be escaped only after it was wrapped, and the lines be too long then.
        text = "".join(
            c if c.isprintable() or c == _NO_BREAK else " " for c in f"{arrow} {'  '.join((*texts, note))}"
        )
        if not self._terminal.console.is_terminal:  # a file has no width, and is searched by line
            self._terminal.copyable(text.replace(_NO_BREAK, " ").rstrip())
            return
        lines = textwrap.wrap(
            text, self._terminal.console.width, subsequent_indent="   ", break_on_hyphens=False
        )
        self._terminal.say("\n".join(lines).replace(_NO_BREAK, " "))


def _page_token(fields: Mapping[str, Any]) -> str | None:
    return next((fields[name] for name in _PAGE_TOKENS if fields.get(name)), None)


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _harmless(handler: Callable[..., None]) -> Callable[..., None]:
    def guarded(**event: Any) -> None:
        try:
            handler(**event)
        except Exception as error:  # noqa: BLE001 - the call is worth more than its trace
            logger.warning("A call could not be followed: %s", type(error).__name__)

    return guarded


def _is_refused_by_boto3(model: OperationModel, params: Mapping[str, Any]) -> bool:
    # botocore emits no event when it refuses parameters, which it does right after they were shown. A client
    # made with `parameter_validation=False` would send them, and nothing public tells that it is one.
    return model.input_shape is not None and ParamValidator().validate(params, model.input_shape).has_errors()


def _answered(call: _Call, status: int, parsed: Mapping[str, Any]) -> _Outcome:
    if status >= HTTPStatus.MULTIPLE_CHOICES:  # as botocore, which raises from there on
        error = parsed.get("Error", {})
        code = without_sent_values(str(error.get("Code", "")), call.sent)[:LONGEST_VALUE]
        message = without_sent_values(str(error.get("Message", "")), call.sent)[:_LONGEST_MESSAGE]
        return _Outcome(f"refused: {code}: {message}", f"refused, {code}", status=status)
    shape = call.model.output_shape
    answer = {name: value for name, value in parsed.items() if name != "ResponseMetadata"}
    fields = "  ".join(fields_of(shape, answer, are_lists_counted=True))
    return _Outcome(fields or "an empty answer", _drawn_answer(shape, answer), status=status)


def _unanswered(exception: Exception) -> _Outcome:
    name = type(exception).__name__  # the text may have a proxy's password in it
    return _Outcome(f"no answer: {name}", f"no answer, {name}", arrow="C--xP")


def _drawn_call(call: _Call, note: str = "") -> str:
    notes = _telling(call.model.input_shape, call.sent)
    notes += [note] if note else []
    return f"{call.model.name} ({', '.join(notes)})" if notes else call.model.name


def _drawn_answer(shape: StructureShape | None, answer: Mapping[str, Any]) -> str:
    if "AuthenticationResult" in answer:
        return "tokens, device key" if "NewDeviceMetadata" in answer["AuthenticationResult"] else "tokens"
    names = [
        f"{name} {count(len(value))}" if isinstance(value, list) else name for name, value in answer.items()
    ]
    return ", ".join(_telling(shape, answer) or names) or "empty answer"


def _telling(shape: StructureShape | None, values: Mapping[str, Any]) -> list[str]:
    return fields_of(shape, {name: value for name, value in values.items() if name in _TELLING})


def _label(text: str) -> str:
    """Return text for one line of the diagram, without anything that Mermaid or Markdown gives a meaning."""
    return " ".join(re.sub(r"[^\w.,=()/+-]", " ", text).split())
