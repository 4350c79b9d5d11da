"""Observing the calls of a boto3 client to Cognito: each shown as it is made, all of them as a diagram.

Labels stand for the secrets in both: `scenario/call_text.py` puts them there.
"""

from __future__ import annotations

import textwrap
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from program.diagram import Diagram, HeardAsker, drawn_answer, drawn_call
from program.events import is_refused_by_boto3, log_errors_of
from scenario.call_text import CallText, as_words, count

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.awsrequest import AWSRequest, AWSResponse
    from botocore.model import OperationModel
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from question import Asker
    from scenario.labels import Labels
    from terminal import Terminal

_OUT, _BACK = "->", "<-"
_NO_BREAK = "\N{NO-BREAK SPACE}"
_CALL = "cognito_trace"  # where a call is kept in botocore's context of it
_PAGE_TOKENS = ("PaginationToken", "NextToken")  # in a request and in the answer before it


class _Outcome(NamedTuple):
    """The outcome of an attempt: in words, in short for the diagram with its arrow there, the HTTP status."""

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
    """Observes the Cognito calls of boto3 clients.

    It only looks on: requests stay as they are, and what goes wrong in here never makes a call fail.

    Args:
        labels: of the run's secrets.
        terminal: where each call is shown as it is made; None to keep calls for the diagram alone.
        clock: seconds that only ever grow.
    """

    def __init__(
        self,
        labels: Labels,
        terminal: Terminal | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._text = CallText(labels)
        self._terminal = terminal
        self._clock = clock
        self._diagram = Diagram()
        self._pages: _Pages | None = None

    def attach(self, client: CognitoIdentityProviderClient) -> None:
        """Observe the calls of this client from now on."""
        events = client.meta.events
        events.register("before-parameter-build", log_errors_of(self._begin))
        events.register("request-created", log_errors_of(self._attempt))
        events.register("response-received", log_errors_of(self._receive))
        events.register("after-call", log_errors_of(self._answer))
        events.register("after-call-error", log_errors_of(self._fail))

    def step(self, number: int, title: str) -> None:
        """Begin a step of the scenario in the diagram."""
        self.finish_pages()
        self._diagram.step(number, title)

    def observe_answers(self, ask: Asker) -> Asker:
        """Return an asker that answers as this one, while the diagram tells of it."""
        return HeardAsker(ask, self._diagram)

    def diagram(self, title: str) -> str:
        """Return the calls so far as a Mermaid sequence diagram, in Markdown."""
        self.finish_pages()
        return self._diagram.markdown(title)

    def finish_pages(self) -> None:
        """Show the pages of a list that were only counted until now, in one line."""
        pages, self._pages = self._pages, None
        if pages is None or not pages.number:
            return
        more = "1 more page" if pages.number == 1 else f"{pages.number} more pages"
        text, took = f"{more} of {pages.action}: {count(pages.items)}", _duration(pages.seconds)
        self._diagram.draw("C-->>P", f"{text} ({took})")
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
        refused = is_refused_by_boto3(model, params)
        fields = self._text.fields(model.input_shape, params)
        self._diagram.lead_up(params)
        self._diagram.draw(
            "P-xC" if refused else "P->>C", drawn_call(model, fields, "not sent" if refused else "")
        )
        self._show(_OUT, model.name, *as_words(fields))
        if refused:
            self._show(_BACK, "not sent: boto3 refuses the parameters")

    def _attempt(self, *, request: AWSRequest, **_: Any) -> None:
        call: _Call = request.context[_CALL]
        call.attempts += 1
        if call.outcome:
            self._single_out(call)
            again = f"attempt {call.attempts}"
            self._end(call, call.outcome, f"; {again} follows")
            self._diagram.draw(
                "P->>C", drawn_call(call.model, self._text.fields(call.model.input_shape, call.sent), again)
            )
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
            call.outcome = self._answered(call, response_dict["status_code"], parsed_response)
        elif exception is not None:
            call.outcome = _unanswered(exception)

    def _answer(
        self, *, http_response: AWSResponse, parsed: dict[str, Any], context: dict[str, Any], **_: Any
    ) -> None:
        call: _Call = context[_CALL]
        if http_response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
            self._single_out(call)
        if not call.is_next_page:
            self._end(call, self._answered(call, http_response.status_code, parsed))
            self._diagram.follow_up(parsed)
        self._turn_page(call, parsed)

    def _answered(self, call: _Call, status: int, parsed: Mapping[str, Any]) -> _Outcome:
        if status >= HTTPStatus.MULTIPLE_CHOICES:  # as botocore, which raises from there on
            code, message = self._text.refusal(parsed, call.sent)
            return _Outcome(f"refused: {code}: {message}", f"refused, {code}", status=status)
        answer = {name: value for name, value in parsed.items() if name != "ResponseMetadata"}
        fields = self._text.fields(call.model.output_shape, answer, are_lists_counted=True)
        words = "  ".join(as_words(fields))
        return _Outcome(words or "an empty answer", drawn_answer(fields), status=status)

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
        self._diagram.draw(outcome.arrow, f"{outcome.drawn} ({took})")
        note = f"({outcome.status}, {took})" if outcome.status else f"({took})"
        self._show(_BACK, outcome.shown, note=note.replace(" ", _NO_BREAK) + what_follows)

    def _seconds(self, call: _Call) -> float:
        # No attempt was timed when a stub answers, or when the request could not even be made.
        return self._clock() - call.started if call.seconds is None else call.seconds

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


def _unanswered(exception: Exception) -> _Outcome:
    name = type(exception).__name__  # the text may have a proxy's password in it
    return _Outcome(f"no answer: {name}", f"no answer, {name}", arrow="C--xP")
