"""Checking requests against AWS's own model of the service, which ships with botocore.

A wrong JSON type is a SerializationException, as in all of AWS; everything else that the model
forbids is collected into one InvalidParameterException, whose text names each member.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import regex
from botocore.loaders import Loader
from botocore.model import ServiceModel

from . import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

SERVICE = "cognito-idp"
_MOST_REMEMBERED = 256  # models of actions, or patterns: more than there are, but not every name that is sent
_JSON_TYPES: dict[str, type | tuple[type, ...]] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "timestamp": (int, float),
}


@lru_cache(maxsize=1)
def service_model() -> ServiceModel:
    """Return botocore's model of Cognito user pools."""
    # A loader of our own: botocore's session would read the user's AWS profile, and fail over a wrong one.
    return ServiceModel(Loader().load_service_model(SERVICE, "service-2"), SERVICE)


@lru_cache(maxsize=_MOST_REMEMBERED)
def operation_model(name: str) -> OperationModel | None:
    """Return the model of an action, or None when there is no such action."""
    model = service_model()
    return model.operation_model(name) if name in model.operation_names else None


def check(operation: OperationModel, request: Any) -> dict[str, Any]:
    """Check a request and return it without members that the model does not know, or that are null.

    Raises:
        CognitoError: SerializationException or InvalidParameterException.
    """
    shape: Shape = operation.input_shape  # type: ignore[assignment]  # every action of the model has one
    cleaned = _converted(shape, request)
    problems = list(_problems(shape, cleaned, ""))
    if problems:
        noun = "error" if len(problems) == 1 else "errors"
        raise errors.VALIDATION(problems=f"{len(problems)} validation {noun} detected: {'; '.join(problems)}")
    checked: dict[str, Any] = cleaned
    return checked


def _converted(shape: Shape, value: Any) -> Any:
    """Return *value* with only what the model knows; a wrong JSON type is refused."""
    if not _has_type(shape, value):
        raise errors.SERIALIZATION(problem=_type_problem(shape, value))
    if shape.type_name == "structure":
        members = _members(shape)
        return {
            name: _converted(members[name], item)
            for name, item in value.items()
            if name in members and item is not None
        }
    if shape.type_name == "map":
        return {name: _converted(_value_of(shape), item) for name, item in value.items() if item is not None}
    if shape.type_name == "list":
        return [_converted(_member_of(shape), item) for item in value]
    return value


def _has_type(shape: Shape, value: Any) -> bool:
    expected = _JSON_TYPES[shape.type_name]
    return isinstance(value, expected) and (expected is bool or not isinstance(value, bool))


def _type_problem(shape: Shape, value: Any) -> str:
    if shape.type_name in ("structure", "map"):
        return "Expected map or null"
    if shape.type_name == "list":
        return "Expected list or null"
    if isinstance(value, (dict, list)):
        return "Start of structure or map found where not expected."
    kind = {bool: "Boolean", str: "String"}.get(type(value), "Number")
    return f"{kind} can not be converted to a {shape.type_name.title()}"


def _problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """Yield a sentence for each constraint that *value* breaks, at *path* or below."""
    if shape.type_name == "structure":
        yield from _problems_of_structure(shape, value, path)
        return
    shown = (
        f"Value at '{path}'" if shape.metadata.get("sensitive") else f"Value '{_as_text(value)}' at '{path}'"
    )
    for constraint in _broken_constraints(shape, value):
        yield f"{shown} failed to satisfy constraint: {constraint}"
    if shape.type_name == "list":
        for number, item in enumerate(value, start=1):
            yield from _problems(_member_of(shape), item, f"{path}.{number}.member")
    elif shape.type_name == "map":
        for name, item in value.items():
            yield from _problems(_value_of(shape), item, f"{path}.{name}.member")


def _problems_of_structure(shape: Shape, value: dict[str, Any], path: str) -> Iterator[str]:
    required = shape.metadata.get("required", [])
    for name, member in _members(shape).items():
        where = f"{path}.{_lower_camel(name)}" if path else _lower_camel(name)
        if name in value:
            yield from _problems(member, value[name], where)
        elif name in required:
            yield f"Value null at '{where}' failed to satisfy constraint: Member must not be null"


def _broken_constraints(shape: Shape, value: Any) -> Iterator[str]:
    limits = shape.metadata
    is_number = shape.type_name in ("integer", "long")
    measured = value if is_number else len(value) if isinstance(value, (str, list, dict)) else None
    what = "value" if is_number else "length"
    if measured is not None and measured < limits.get("min", measured):
        yield f"Member must have {what} greater than or equal to {limits['min']}"
    if measured is not None and measured > limits.get("max", measured):
        yield f"Member must have {what} less than or equal to {limits['max']}"
    if "pattern" in limits and not _pattern(limits["pattern"]).fullmatch(value):
        yield f"Member must satisfy regular expression pattern: {limits['pattern']}"
    if "enum" in limits and value not in limits["enum"]:
        yield f"Member must satisfy enum value set: [{', '.join(limits['enum'])}]"


@lru_cache(maxsize=_MOST_REMEMBERED)
def _pattern(pattern: str) -> regex.Pattern[str]:
    r"""Compile a pattern of the model as Java reads it: \p{..} knows all of Unicode, \w and \S do not."""
    return regex.compile(pattern if r"\p{" in pattern else f"(?a){pattern}")


def _members(shape: Shape) -> dict[str, Shape]:
    structure: StructureShape = shape  # type: ignore[assignment]
    return structure.members


def _member_of(shape: Shape) -> Shape:
    list_shape: ListShape = shape  # type: ignore[assignment]
    return list_shape.member


def _value_of(shape: Shape) -> Shape:
    map_shape: MapShape = shape  # type: ignore[assignment]
    return map_shape.value


def _lower_camel(name: str) -> str:
    return name[:1].lower() + name[1:]


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_as_text(item) for item in value)}]"
    return str(value)
