"""Checking requests against AWS's own model of the service, which ships with botocore.

A wrong JSON type is a SerializationException, as in all of AWS; everything else that the model
forbids is collected into one InvalidParameterException, whose text names each member, up to
`MOST_PROBLEMS`: what a request may cost is in proportion to its size.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

import regex

from local_cognito.model import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

SERVICE = "cognito-idp"
MOST_PROBLEMS = 20  # that one answer tells
MOST_MEMBERS = 1000  # of a list or map to which the model sets no limit
MOST_CHARACTERS = 131_072  # of a text to which it sets none; the highest that it sets to any
_LONGEST_SHOWN = 1000  # characters of a value in a message
_QUICKLY_MATCHED = 200  # characters
_MATCHING_SECONDS = 0.1  # thousands of times what a text of the largest size takes that fits
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
_BITS = {"integer": 32, "long": 64}


@lru_cache(maxsize=1)
def service_model() -> ServiceModel:
    """Return botocore's model of Cognito user pools."""
    from botocore.loaders import Loader  # noqa: PLC0415 - it loads much, which a start need not wait for
    from botocore.model import ServiceModel  # noqa: PLC0415 - as above

    # A loader of our own: botocore's session would read the user's AWS profile, and fail over a wrong one.
    return ServiceModel(Loader().load_service_model(SERVICE, "service-2"), SERVICE)


def operation_model(name: str) -> OperationModel | None:
    """Return the model of an action, or None when there is no such action."""
    return _operation_model(name) if name in _operation_names() else None


@lru_cache(maxsize=1)
def _operation_names() -> frozenset[str]:
    return frozenset(service_model().operation_names)


@lru_cache(maxsize=_MOST_REMEMBERED)
def _operation_model(name: str) -> OperationModel:
    return service_model().operation_model(name)


def check(operation: OperationModel, request: Any) -> dict[str, Any]:
    """Check a request and return it without members that the model does not know, or that are null.

    Raises:
        CognitoError: SerializationException or InvalidParameterException.
    """
    shape: Shape = operation.input_shape  # type: ignore[assignment]  # every action of the model has one
    cleaned = _converted(shape, request)
    problems = list(islice(_problems(shape, cleaned, ""), MOST_PROBLEMS))
    if problems:
        noun = "error" if len(problems) == 1 else "errors"
        raise errors.VALIDATION(problems=f"{len(problems)} validation {noun} detected: {'; '.join(problems)}")
    checked: dict[str, Any] = cleaned
    return checked


def _converted(shape: Shape, value: Any) -> Any:
    """Return `value` with only what the model knows; a wrong JSON type is refused."""
    if not has_type(shape, value):
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


def has_type(shape: Shape, value: Any) -> bool:
    """Tell whether a value is of the JSON type that the shape has."""
    expected = _JSON_TYPES[shape.type_name]
    if isinstance(value, bool):
        return expected is bool
    if isinstance(value, int) and shape.type_name in _BITS:
        return -1 <= value >> (_BITS[shape.type_name] - 1) <= 0
    return isinstance(value, expected)


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
    """Yield a sentence for each constraint that `value` breaks, at `path` or below."""
    if shape.type_name == "structure":
        yield from _problems_of_structure(shape, value, path)
        return
    broken = list(broken_constraints(shape, value))
    if broken:
        what = "Value" if shape.metadata.get("sensitive") else f"Value '{_shortened(_as_text(value))}'"
        yield from (f"{what} at '{path}' failed to satisfy constraint: {constraint}" for constraint in broken)
    if shape.type_name == "list" and len(value) <= MOST_MEMBERS:
        for number, item in enumerate(value, start=1):
            yield from _problems(_member_of(shape), item, f"{path}.{number}.member")
    elif shape.type_name == "map" and len(value) <= MOST_MEMBERS:
        for name, item in value.items():
            yield from _problems(_value_of(shape), item, f"{path}.{_shortened(name)}.member")


def _problems_of_structure(shape: Shape, value: dict[str, Any], path: str) -> Iterator[str]:
    required = shape.metadata.get("required", [])
    for name, member in _members(shape).items():
        if name in value:
            yield from _problems(member, value[name], _below(path, name))
        elif name in required:
            where = _below(path, name)
            yield f"Value null at '{where}' failed to satisfy constraint: Member must not be null"


def broken_constraints(shape: Shape, value: Any) -> Iterator[str]:
    """Yield a sentence for each constraint of the shape that a value itself breaks, not what is in it."""
    limits = shape.metadata
    is_number = shape.type_name in ("integer", "long")
    measured = value if is_number else len(value) if isinstance(value, (str, list, dict)) else None
    what = "value" if is_number else "length"
    if measured is not None and measured < limits.get("min", measured):
        yield f"Member must have {what} greater than or equal to {limits['min']}"
    most = limits.get("max", _most(value))
    if measured is not None and most is not None and measured > most:
        yield f"Member must have {what} less than or equal to {most}"
    if "pattern" in limits and not _fits(limits["pattern"], value):
        yield f"Member must satisfy regular expression pattern: {limits['pattern']}"
    if "enum" in limits and value not in limits["enum"]:
        yield f"Member must satisfy enum value set: [{', '.join(limits['enum'])}]"


def _most(value: Any) -> int | None:
    """Return the greatest length of a value to which the model sets none, or None for a number."""
    if isinstance(value, str):
        return MOST_CHARACTERS
    return MOST_MEMBERS if isinstance(value, (list, dict)) else None


def _fits(pattern: str, value: str) -> bool:
    """Tell whether the whole value fits; some patterns of the model take ages over one that does not."""
    try:
        limit = (
            None if len(value) <= _QUICKLY_MATCHED else _MATCHING_SECONDS
        )  # to look at the clock takes time
        return _pattern(pattern).fullmatch(value, timeout=limit) is not None
    except TimeoutError:
        return False


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


def _below(path: str, name: str) -> str:
    """Return where a member of a structure is: its name begins with a small letter there."""
    member = name[:1].lower() + name[1:]
    return f"{path}.{member}" if path else member


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_as_text(item) for item in value)}]"
    return str(value)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
