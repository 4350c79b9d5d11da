"""Whether an answer has the shape that the service model gives it: every test's answers go through this."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import regex

from local_cognito.model.service_model import Collection, Scalar, Structure, operation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from local_cognito.model.service_model import Shape

PYTHON_TYPES = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "timestamp": (int, float),
    "list": list,
    "map": dict,
    "structure": dict,
    "document": dict,  # any JSON by the model; the only ones in answers are options of WebAuthn
}
ERROR_MEMBERS = {"__type", "message"}
# At most 20 characters, says the model, but AWS itself answers phone_number_verified, which has 21.
TOO_TIGHT = {"CustomAttributeNameType"}


def request_members(name: str) -> Mapping[str, Shape]:
    """Return the shapes of the members that a request for an action may have, by name."""
    return operation(name).request.members


def check_answer(name: str, status: int, body: bytes) -> None:
    """Fail unless `body` is an answer of this action by the model."""
    answer = operation(name).answer
    if status != 200:
        assert set(json.loads(body)) == ERROR_MEMBERS
    elif answer is None:
        assert body == b""
    else:
        problems = list(_problems(answer, json.loads(body), name))
        assert not problems, problems


def _problems(shape: Shape, value: Any, where: str) -> Iterator[str]:
    expected: Any = PYTHON_TYPES[shape.type]
    if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
        yield f"{where} is a {type(value).__name__} instead of a {shape.type}"
        return
    if shape.name not in TOO_TIGHT:
        yield from _limits(shape, value, where)
    if isinstance(shape, Structure):
        yield from (f"{where} has an unknown member {name}" for name in set(value) - set(shape.members))
        yield from (f"{where} lacks {name}" for name in set(shape.required) - set(value))
        for name in set(value) & set(shape.members):
            yield from _problems(shape.members[name], value[name], f"{where}.{name}")
    elif isinstance(shape, Collection) and shape.type == "list":
        for item in value:
            yield from _problems(shape.item, item, f"{where}[]")
    elif isinstance(shape, Collection):
        for item in value.values():
            yield from _problems(shape.item, item, f"{where}{{}}")


def _limits(shape: Shape, value: Any, where: str) -> Iterator[str]:
    measured = value if isinstance(value, (int, float)) else len(value)
    least = measured if shape.minimum is None else shape.minimum
    most = measured if shape.maximum is None else shape.maximum
    if not least <= measured <= most:
        yield f"{where} is too short or too long, too small or too large"
    if not isinstance(shape, Scalar):
        return
    if shape.enum and value not in shape.enum:
        yield f"{where} is none of its enum"
    if shape.pattern and not regex.fullmatch(shape.pattern, value):
        yield f"{where} does not match its pattern"
