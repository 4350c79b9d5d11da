"""Following the calls of a boto3 client to Cognito: each shown as it is made, all of them as a diagram.

Nothing secret is in either. Which fields are secret is read from botocore's model of the service, from its
`sensitive` mark; the few that lack it are named here. A secret is shown as eight stars, whatever it is.
"""

from __future__ import annotations

import json
import logging
import re
import textwrap
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from botocore.model import ListShape, MapShape, StructureShape
from botocore.validate import ParamValidator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from botocore.awsrequest import AWSRequest, AWSResponse
    from botocore.model import OperationModel, Shape
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from terminal import Terminal

logger = logging.getLogger(__name__)
logger.addHandler(logging.NullHandler())

MASK: Final = "********"
_LONGEST_VALUE = 80  # characters; an ARN still fits
_LONGEST_MESSAGE = 300
_OUT, _BACK = "->", "<-"
_NO_BREAK = "\N{NO-BREAK SPACE}"
_CALL = "cognito_trace"  # where a call is kept in botocore's context of it

# Shapes that the model leaves unmarked. A confirmation code is a secret like the MFA codes that it does mark.
# An SRP verifier and its salt would let anybody try guesses of the device's password.
_ALSO_SECRET = frozenset({"ConfirmationCodeType", "DeviceSecretVerifierConfigType"})
# Neither are challenge parameters marked, though user names, attributes and SRP values are among them. These
# are settings, and a destination that Cognito has masked itself; all others count as secret.
_CHALLENGE_PARAMETERS = "ChallengeParametersType"
_OPEN_PARAMETERS = frozenset(
    {
        "CODE_DELIVERY_DELIVERY_MEDIUM",
        "CODE_DELIVERY_DESTINATION",
        "MFAS_CAN_CHOOSE",
        "MFAS_CAN_SETUP",
        "requiredAttributes",
    }
)
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
# Request fields whose values are names of the API. All other values come from outside and may be secret.
_NAMES_OF_THE_API = frozenset({"AuthFlow", "ChallengeName", "Name"})

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
        self._lines.append(f"Note over P,C: {_label(f'Step {number}. {title}')}")

    def diagram(self, title: str) -> str:
        """Return the calls so far as a Mermaid sequence diagram, in Markdown."""
        return _DIAGRAM.format(title=_label(title), lines=textwrap.indent("\n".join(self._lines), "    "))

    def _begin(
        self, *, model: OperationModel, params: Mapping[str, Any], context: dict[str, Any], **_: Any
    ) -> None:
        call = context[_CALL] = _Call(model, params, self._clock())
        refused = _is_refused_by_boto3(model, params)
        self._draw("P-xC" if refused else "P->>C", _drawn_call(call, "not sent" if refused else ""))
        self._show(_OUT, model.name, *_fields(model.input_shape, params))
        if refused:
            self._show(_BACK, "not sent: boto3 refuses the parameters")

    def _attempt(self, *, request: AWSRequest, **_: Any) -> None:
        call: _Call = request.context[_CALL]
        call.attempts += 1
        if call.outcome:
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
        self._end(call, _answered(call, http_response.status_code, parsed))

    def _fail(self, *, exception: Exception, context: dict[str, Any], **_: Any) -> None:
        self._end(context[_CALL], _unanswered(exception))

    def _end(self, call: _Call, outcome: _Outcome, what_follows: str = "") -> None:
        # No attempt was timed when a stub answers, or when the request could not even be made.
        seconds = self._clock() - call.started if call.seconds is None else call.seconds
        took = f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
        self._draw(outcome.arrow, f"{outcome.drawn} ({took})")
        note = f"({outcome.status}, {took})" if outcome.status else f"({took})"
        self._show(_BACK, outcome.shown, note=note.replace(" ", _NO_BREAK) + what_follows)

    def _draw(self, arrow: str, text: str) -> None:
        self._lines.append(f"{arrow}: {_label(text)}")

    def _show(self, arrow: str, *texts: str, note: str = "") -> None:
        if self._terminal is None:
            return
        # What can't be printed would be escaped only after it was wrapped, and the lines be too long then.
        text = "".join(c if c.isprintable() else " " for c in f"{arrow} {'  '.join(texts)}")
        lines = textwrap.wrap(
            f"{text}  {note}", self._terminal.console.width, subsequent_indent="   ", break_on_hyphens=False
        )
        self._terminal.say("\n".join(lines).replace(_NO_BREAK, " "))


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
        code = without_sent_values(str(error.get("Code", "")), call.sent)[:_LONGEST_VALUE]
        message = without_sent_values(str(error.get("Message", "")), call.sent)[:_LONGEST_MESSAGE]
        return _Outcome(f"refused: {code}: {message}", f"refused, {code}", status=status)
    shape = call.model.output_shape
    answer = {name: value for name, value in parsed.items() if name != "ResponseMetadata"}
    fields = "  ".join(_fields(shape, answer, are_lists_counted=True))
    return _Outcome(fields or "an empty answer", _drawn_answer(shape, answer), status=status)


def without_sent_values(message: str, request: Mapping[str, Any]) -> str:
    """Return Cognito's message, in one line, with *** in place of every value of the request.

    Validation errors quote what was sent, which may be a password typed at the wrong prompt.
    """
    # The longest value goes first, so that one that is a part of another leaves nothing of it.
    for value in sorted(filter(None, _sent_values(request)), key=len, reverse=True):
        message = re.sub(re.escape(value), "***", message, flags=re.IGNORECASE)
    return " ".join(message.split())


def _sent_values(fields: Any) -> Iterator[str]:
    if isinstance(fields, str):
        yield fields
    elif isinstance(fields, dict):
        for field, value in fields.items():
            if field not in _NAMES_OF_THE_API:
                yield from _sent_values(value)
    elif isinstance(fields, list):
        for value in fields:
            yield from _sent_values(value)


def _unanswered(exception: Exception) -> _Outcome:
    name = type(exception).__name__  # the text may have a proxy's password in it
    return _Outcome(f"no answer: {name}", f"no answer, {name}", arrow="C--xP")


def _fields(
    shape: StructureShape | None, values: Mapping[str, Any], *, are_lists_counted: bool = False
) -> list[str]:
    """Return "Name=value" for each field of a request or an answer."""
    return [
        f"{name}={_shown(_member(shape, name), value, are_lists_counted=are_lists_counted)}"
        for name, value in values.items()
    ]


def _shown(shape: Shape | None, value: Any, *, is_secret: bool = False, are_lists_counted: bool) -> str:
    """Return a value with every secret in it masked, by its shape in the model.

    A value that has no shape, or another type than its shape, is one that nothing is known about.
    """
    is_secret = is_secret or shape is None or _is_marked(shape)

    def inner(shape: Shape | None, value: Any, *, is_secret: bool = is_secret) -> str:
        return _shown(shape, value, is_secret=is_secret, are_lists_counted=are_lists_counted)

    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return _braced((name, inner(_member(shape, name), item)) for name, item in value.items())
    if isinstance(shape, MapShape) and isinstance(value, dict):
        closed = shape.name == _CHALLENGE_PARAMETERS
        return _braced(
            (name, inner(shape.value, item, is_secret=is_secret or (closed and name not in _OPEN_PARAMETERS)))
            for name, item in value.items()
        )
    if isinstance(shape, ListShape) and isinstance(value, list):
        if are_lists_counted:  # what comes back may be a whole user pool
            return _count(value)
        return f"[{', '.join(inner(shape.member, item) for item in value)}]"
    is_nested = isinstance(shape, (StructureShape, MapShape, ListShape)) or isinstance(value, (dict, list))
    return MASK if is_secret or is_nested else _plain(value)


def _member(shape: StructureShape | None, name: str) -> Shape | None:
    return shape.members.get(name) if shape else None


def _is_marked(shape: Shape) -> bool:
    return bool(shape.metadata.get("sensitive")) or shape.name in _ALSO_SECRET


def _braced(items: Iterable[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{name}={text}" for name, text in items) + "}"


def _count(items: list[Any]) -> str:
    return "(1 item)" if len(items) == 1 else f"({len(items)} items)"


def _plain(value: Any) -> str:
    text = json.dumps(value) if isinstance(value, bool) else str(value)
    return text if len(text) <= _LONGEST_VALUE else f"({len(text)} characters)"


def _drawn_call(call: _Call, note: str = "") -> str:
    notes = _telling(call.model.input_shape, call.sent)
    notes += [note] if note else []
    return f"{call.model.name} ({', '.join(notes)})" if notes else call.model.name


def _drawn_answer(shape: StructureShape | None, answer: Mapping[str, Any]) -> str:
    if "AuthenticationResult" in answer:
        return "tokens, device key" if "NewDeviceMetadata" in answer["AuthenticationResult"] else "tokens"
    names = [f"{name} {_count(value)}" if isinstance(value, list) else name for name, value in answer.items()]
    return ", ".join(_telling(shape, answer) or names) or "empty answer"


def _telling(shape: StructureShape | None, values: Mapping[str, Any]) -> list[str]:
    return _fields(shape, {name: value for name, value in values.items() if name in _TELLING})


def _label(text: str) -> str:
    """Return text for one line of the diagram, without anything that Mermaid or Markdown gives a meaning."""
    return " ".join(re.sub(r"[^\w.,=()/+-]", " ", text).split())
