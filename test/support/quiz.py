"""Functions for CUSTOM_AUTH that ask for a colour: after the proof of a password if the client begins so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

COLOUR = "blue"
METADATA = {"shop": "north"}  # that a client gives with its answers
_ARN = "arn:aws:lambda:us-east-1:000000000000:function:{}"


def _define(event: Any, _: Any) -> Any:
    rounds = event["request"]["session"]
    if rounds and rounds[-1]["challengeName"] == "SRP_A":
        event["response"] = {"challengeName": "PASSWORD_VERIFIER"}
    elif rounds and rounds[-1]["challengeName"] == "CUSTOM_CHALLENGE" and rounds[-1]["challengeResult"]:
        event["response"] = {"issueTokens": True, "failAuthentication": False}
    else:
        event["response"] = {"challengeName": "CUSTOM_CHALLENGE"}
    return event


def _create(event: Any, _: Any) -> Any:
    event["response"] = {
        "publicChallengeParameters": {"question": "colour?"},
        "privateChallengeParameters": {"colour": COLOUR},
    }
    return event


def _verify(event: Any, _: Any) -> Any:
    """Compare the answer, and see the metadata that the client gave."""
    request = event["request"]
    is_right = request["privateChallengeParameters"]["colour"] == request["challengeAnswer"]
    event["response"] = {"answerCorrect": is_right and request["clientMetadata"] == METADATA}
    return event


HANDLERS: dict[str, Callable[[Any, Any], Any]] = {
    "DefineAuthChallenge": _define,
    "CreateAuthChallenge": _create,
    "VerifyAuthChallengeResponse": _verify,
}
LAMBDA_CONFIG = {name: _ARN.format(name) for name in HANDLERS}
