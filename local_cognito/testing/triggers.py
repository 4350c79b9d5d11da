"""The triggers of a test's pool: its Python handlers, and the calls that the pool made of them.

Imported by the plug-in. Nothing here loads the server before a test has asked for it.
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
    """Map functions of new names to the handlers, and return the LambdaConfig of a pool that has them."""
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
        event: what the function got.
        answer: what it gave, None after an error.
        error: what it raised, or why it was not called, as text; None for neither.
        milliseconds: how long it took.
    """

    event: dict[str, Any]
    answer: Any
    error: str | None
    milliseconds: float


class Triggers:
    """The calls of functions since the test began: `cognito_triggers["PreSignUp"][-1].event`."""

    def __init__(self, running: RunningServer) -> None:
        self._server = running.start()
        self._before = set(map(id, self._server.functions.ended))

    def __getitem__(self, trigger: str) -> list[TriggerCall]:
        """Return the calls of a trigger, by the name that LambdaConfig has for it, oldest first."""
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
