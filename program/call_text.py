"""What may be told of a call to Cognito: its fields, as text or as JSON, with every secret in them masked.

Which fields are secret is read from botocore's model of the service, from its `sensitive` mark; the few that
lack it are named here. A secret is shown as eight stars, whatever it is.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from botocore.model import ListShape, MapShape, StructureShape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from botocore.model import Shape

MASK: Final = "********"
LONGEST_VALUE = 80  # characters; an ARN still fits
_LONGEST_MESSAGE = 300

# Shapes that the model leaves unmarked. A confirmation code is a secret like the MFA codes that it does mark.
# An SRP verifier and its salt would let anybody try guesses of the device's password.
_ALSO_SECRET = frozenset({"ConfirmationCodeType", "DeviceSecretVerifierConfigType"})
# It marks these, but they are names: an app client's ID tells which one it is, and lets nobody in.
_NOT_SECRET = frozenset({"ClientIdType"})
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
# Request fields whose values are names of the API. All other values come from outside and may be secret.
_NAMES_OF_THE_API = frozenset({"AuthFlow", "ChallengeName", "Name"})


def fields_of(
    shape: StructureShape | None, values: Mapping[str, Any], *, are_lists_counted: bool = False
) -> list[str]:
    """Return "Name=value" for each field of a request or an answer."""
    fields = masked_fields(shape, values, are_lists_counted=are_lists_counted)
    return [f"{name}={_as_text(value)}" for name, value in fields.items()]


def masked_fields(
    shape: StructureShape | None, values: Mapping[str, Any], *, are_lists_counted: bool = False
) -> dict[str, Any]:
    """Return the fields of a request or an answer as values of JSON.

    Args:
        shape: of the request or the answer, in botocore's model.
        values: its fields.
        are_lists_counted: whether of a list there is only the number of items, as text.
    """
    return {
        name: _masked(_member(shape, name), value, are_lists_counted=are_lists_counted)
        for name, value in values.items()
    }


def _masked(shape: Shape | None, value: Any, *, is_secret: bool = False, are_lists_counted: bool) -> Any:
    """Return a value with every secret in it masked, by its shape in the model.

    A value that has no shape, or another type than its shape, is one that nothing is known about.
    """
    is_secret = is_secret or shape is None or _is_marked(shape)

    def inner(shape: Shape | None, value: Any, *, is_secret: bool = is_secret) -> Any:
        return _masked(shape, value, is_secret=is_secret, are_lists_counted=are_lists_counted)

    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {name: inner(_member(shape, name), item) for name, item in value.items()}
    if isinstance(shape, MapShape) and isinstance(value, dict):
        closed = shape.name == _CHALLENGE_PARAMETERS
        return {
            name: inner(shape.value, item, is_secret=is_secret or (closed and name not in _OPEN_PARAMETERS))
            for name, item in value.items()
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        if are_lists_counted:  # what comes back may be a whole user pool
            return count(len(value))
        return [inner(shape.member, item) for item in value]
    is_nested = isinstance(shape, (StructureShape, MapShape, ListShape)) or isinstance(value, (dict, list))
    return MASK if is_secret or is_nested else _plain(value)


def _member(shape: StructureShape | None, name: str) -> Shape | None:
    return shape.members.get(name) if shape else None


def _is_marked(shape: Shape) -> bool:
    is_marked = bool(shape.metadata.get("sensitive")) and shape.name not in _NOT_SECRET
    return is_marked or shape.name in _ALSO_SECRET


def count(number: int) -> str:
    """Say how many items there are."""
    return "(1 item)" if number == 1 else f"({number} items)"


def _plain(value: Any) -> bool | float | str:
    """Return a value that is short enough to be shown, or how long it is."""
    text = str(value)
    if len(text) > LONGEST_VALUE:
        return f"({len(text)} characters)"
    return value if isinstance(value, bool | int | float) else text


def _as_text(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}={_as_text(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_as_text, value))}]"
    return json.dumps(value) if isinstance(value, bool) else str(value)


def masked_refusal(answer: Mapping[str, Any], request: Mapping[str, Any]) -> tuple[str, str]:
    """Return error code and message of a refusal, without the values that it quotes of the request."""
    error = answer.get("Error", {})
    code, message = str(error.get("Code", "")), str(error.get("Message", ""))
    return (
        without_sent_values(code, request)[:LONGEST_VALUE],
        without_sent_values(message, request)[:_LONGEST_MESSAGE],
    )


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
