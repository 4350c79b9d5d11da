"""Triggers in tests: the LambdaConfig for Python handlers, and the fixture that records calls.

Imported by the plug-in. The server is loaded only when a test needs it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local_cognito import LocalCognito
    from local_cognito.testing.running import RunningServer

_ARN = "arn:aws:lambda:{region}:000000000000:function:{name}"
_KEY = "arn:aws:kms:{region}:000000000000:key/00000000-0000-0000-0000-000000000000"
_LATER = {"PreTokenGenerationV2": "V2_0", "PreTokenGenerationV3": "V3_0"}
_SENDERS = ("CustomEmailSender", "CustomSMSSender")


def lambda_config(
    server: LocalCognito, region: str, triggers: Mapping[str, Callable[[Any, Any], Any]]
) -> dict[str, Any]:
    """Register handlers under new function names and return the LambdaConfig that refers to them."""
    config: dict[str, Any] = {}
    for trigger, handler in triggers.items():
        arn = _ARN.format(region=region, name=f"{trigger}-{secrets.token_hex(8)}")
        server.functions.handlers[arn] = handler
        if trigger in _LATER:
            config["PreTokenGenerationConfig"] = {"LambdaVersion": _LATER[trigger], "LambdaArn": arn}
        elif trigger in _SENDERS:
            config |= {
                trigger: {"LambdaVersion": "V1_0", "LambdaArn": arn},
                "KMSKeyID": _KEY.format(region=region),
            }
        else:
            config[trigger] = arn
    return config


@dataclass(frozen=True)
class TriggerCall:
    """A call of a function.

    Attributes:
        event: the event that the function got.
        answer: the answer of the function; None after an error.
        error: the text of the error, or None.
        milliseconds: the duration.
    """

    event: dict[str, Any]
    answer: Any
    error: str | None
    milliseconds: float


class Triggers:
    """The calls of functions since the start of the test: `cognito_triggers["PreSignUp"][-1].event`."""

    def __init__(self, running: RunningServer) -> None:
        self._server = running.start()
        self._before = set(map(id, self._server.functions.ended))

    def __getitem__(self, trigger: str) -> list[TriggerCall]:
        """Return the calls of a trigger, given its name in LambdaConfig, oldest first."""
        return [
            TriggerCall(
                ended.call.event,
                ended.answer,
                None if ended.error is None else str(ended.error),
                ended.milliseconds,
            )
            for ended in list(self._server.functions.ended)
            if ended.call.trigger == trigger and id(ended) not in self._before
        ]
