"""Calls of Lambda functions in the log of calls, with labels in place of secrets.

Imported by the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from local_cognito.lambdas.journal import FunctionAnswer

MOST_KEPT_BYTES = 32 * 1024  # of a request, an answer, or the answer of a function
TOO_LARGE = "<too large>"
# The members of an event's request that are secret.
_SECRETS = {
    "password": "<password>",
    "code": "<code>",
    "challengeAnswer": "<answer>",
    "privateChallengeParameters": "<private challenge parameters>",
}


@dataclass(frozen=True)
class ShownFunctionCall:
    """A call of a function, without secrets.

    Attributes:
        trigger: the trigger's name in LambdaConfig, such as `PreSignUp`.
        source: the trigger source, such as `PreSignUp_SignUp`.
        milliseconds: the duration.
        event: the event.
        answer: the `response` of the answer, or the whole answer if it is not an event; None after an error.
        error: the error, or None.
    """

    trigger: str
    source: str
    milliseconds: float
    event: dict[str, Any]
    answer: Any
    error: str | None


def shown(ended: FunctionAnswer) -> ShownFunctionCall:
    """Return a call for the log, without the secrets in its event and its answer."""
    event, answer = ended.call.event, ended.answer
    if isinstance(answer, dict) and "response" in answer:
        answer = answer["response"]
    return ShownFunctionCall(
        ended.call.trigger,
        str(event["triggerSource"]),
        round(ended.milliseconds, 1),
        event | {"request": _labelled(event["request"])},
        _labelled(answer) if _is_showable(answer) else TOO_LARGE,
        None if ended.error is None else str(ended.error),
    )


def _is_showable(answer: Any) -> bool:
    """Return whether an answer is short enough for the log and can be encoded as JSON."""
    try:
        return len(orjson.dumps(answer)) <= MOST_KEPT_BYTES
    except orjson.JSONEncodeError:
        return False


def _labelled(members: Any) -> Any:
    if not isinstance(members, dict):
        return members
    return {name: _SECRETS[name] if value and name in _SECRETS else value for name, value in members.items()}
