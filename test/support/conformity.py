"""Whether an answer has the shape that the service model gives it: every test's answers go through this."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import regex

from local_cognito.model import validation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import OperationModel, Shape

PYTHON_TYPES = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "timestamp": (int, float),
    "list": list,
    "map": dict,
    "structure": dict,
}
ERROR_MEMBERS = {"__type", "message"}
# At most 20 characters, says the model, but AWS itself answers phone_number_verified, which has 21.
TOO_TIGHT = {"CustomAttributeNameType"}


def model_of(operation: str) -> OperationModel:
    """Return the service model of an action that is there."""
    model = validation.operation_model(operation)
    assert model, operation
    return model


def request_members(operation: str) -> dict[str, Any]:
    """Return the shapes of what a request for an action may have, by name."""
    shape = model_of(operation).input_shape
    return shape.members if shape else {}


def check_answer(operation: OperationModel, status: int, body: bytes) -> None:
    """Fail unless `body` is what the model says the operation answers."""
    if status != 200:
        assert set(json.loads(body)) == ERROR_MEMBERS
    elif operation.output_shape is None:
        assert body == b""
    else:
        problems = list(_problems(operation.output_shape, json.loads(body), operation.name))
        assert not problems, problems


# Shapes are Any where members are read: botocore's stubs know them of the subclasses alone.
def _problems(shape: Any, value: Any, where: str) -> Iterator[str]:
    expected: Any = PYTHON_TYPES[shape.type_name]
    if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
        yield f"{where} is a {type(value).__name__} instead of a {shape.type_name}"
        return
    if shape.name not in TOO_TIGHT:
        yield from _limits(shape, value, where)
    if shape.type_name == "structure":
        yield from (f"{where} has an unknown member {name}" for name in set(value) - set(shape.members))
        yield from (f"{where} lacks {name}" for name in set(shape.required_members) - set(value))
        for name in set(value) & set(shape.members):
            yield from _problems(shape.members[name], value[name], f"{where}.{name}")
    elif shape.type_name == "list":
        for item in value:
            yield from _problems(shape.member, item, f"{where}[]")
    elif shape.type_name == "map":
        for item in value.values():
            yield from _problems(shape.value, item, f"{where}{{}}")


def _limits(shape: Shape, value: Any, where: str) -> Iterator[str]:
    limits = shape.metadata
    measured = value if isinstance(value, (int, float)) else len(value)
    if not limits.get("min", measured) <= measured <= limits.get("max", measured):
        yield f"{where} is too short or too long, too small or too large"
    if "enum" in limits and value not in limits["enum"]:
        yield f"{where} is none of its enum"
    if "pattern" in limits and not regex.fullmatch(limits["pattern"], value):
        yield f"{where} does not match its pattern"
