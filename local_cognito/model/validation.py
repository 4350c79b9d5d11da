"""Validation of requests against the API model.

A wrong JSON type raises SerializationException, as everywhere in AWS. All other violations go into one
InvalidParameterException, whose message names each member, up to `MOST_PROBLEMS`: the cost of a refusal stays
proportional to the size of the request.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from types import NoneType
from typing import TYPE_CHECKING, Any

from local_cognito.model import errors
from local_cognito.model.service_model import Collection, Scalar, Structure

if TYPE_CHECKING:
    from collections.abc import Iterator

    import regex

    from local_cognito.model.service_model import Shape

MOST_PROBLEMS = 20  # that one answer reports
MOST_MEMBERS = 1000  # of a list or map to which the model sets no limit
MOST_CHARACTERS = 131_072  # of a text to which it sets no limit; the highest that it sets to any
_LONGEST_SHOWN = 1000  # characters of a value in a message
_QUICKLY_MATCHED = 200  # characters; up to here no time limit is set, since looking at the clock takes time
_MATCHING_SECONDS = 0.1  # thousands of times the time that a matching text of the largest size takes
_MOST_PATTERNS = 256  # compiled patterns in the cache; the model has fewer
# The types that the values of a shape may have; a document may have any.
_JSON_TYPES: dict[str, frozenset[type]] = {
    "structure": frozenset({dict}),
    "map": frozenset({dict}),
    "list": frozenset({list}),
    "string": frozenset({str}),
    "blob": frozenset({str}),
    "boolean": frozenset({bool}),
    "integer": frozenset({int}),
    "long": frozenset({int}),
    "timestamp": frozenset({int, float}),
    "document": frozenset({dict, list, str, bool, int, float, NoneType}),
}
_BITS = {"integer": 32, "long": 64}
_MOST: dict[type, int] = {str: MOST_CHARACTERS, list: MOST_MEMBERS, dict: MOST_MEMBERS}


def check(shape: Structure, request: Any) -> dict[str, Any]:
    """Check a request and return it without members that are null or unknown to the model.

    Raises:
        CognitoError: SerializationException or InvalidParameterException.
    """
    cleaned: dict[str, Any] = _converted(shape, request)
    if _fits(shape, cleaned):
        return cleaned
    problems = list(islice(_problems(shape, cleaned, ""), MOST_PROBLEMS))
    noun = "error" if len(problems) == 1 else "errors"
    raise errors.VALIDATION(problems=f"{len(problems)} validation {noun} detected: {'; '.join(problems)}")


def _converted(shape: Shape, value: Any) -> Any:
    """Return `value` with only the members that the model knows; refuse a wrong JSON type."""
    if not has_type(shape, value):
        raise errors.SERIALIZATION(problem=_type_problem(shape, value))
    if type(shape) is Structure:
        members = shape.members
        return {
            name: _converted(members[name], item)
            for name, item in value.items()
            if name in members and item is not None
        }
    if type(shape) is Collection:
        if shape.type == "list":
            return [_converted(shape.item, item) for item in value]
        return {name: _converted(shape.item, item) for name, item in value.items() if item is not None}
    return value


def has_type(shape: Shape, value: Any) -> bool:
    """Tell whether a value has the JSON type of the shape."""
    if type(value) not in _JSON_TYPES[shape.type]:
        return False
    return shape.type not in _BITS or -1 <= value >> (_BITS[shape.type] - 1) <= 0


def _type_problem(shape: Shape, value: Any) -> str:
    if shape.type in ("structure", "map"):
        return "Expected map or null"
    if shape.type == "list":
        return "Expected list or null"
    if isinstance(value, (dict, list)):
        return "Start of structure or map found where not expected."
    kind = {bool: "Boolean", str: "String"}.get(type(value), "Number")
    return f"{kind} can not be converted to a {shape.type.title()}"


def _fits(shape: Shape, value: Any) -> bool:
    """Tell whether there are no `_problems`, in a third of the time that it takes to look for their order."""
    if type(shape) is Structure:
        members = shape.members
        return shape.needed <= value.keys() and all(
            _fits(members[name], item) for name, item in value.items()
        )
    if broken_constraints(shape, value):
        return False
    if type(shape) is Collection:
        items = value if shape.type == "list" else value.values()
        return all(_fits(shape.item, item) for item in items)
    return True


def _problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """Yield a sentence for each constraint that `value` breaks, at `path` or below."""
    if isinstance(shape, Structure):
        yield from _problems_of_structure(shape, value, path)
        return
    broken = broken_constraints(shape, value)
    if broken:
        what = "Value" if shape.is_sensitive else f"Value '{_shortened(_as_text(value))}'"
        yield from (f"{what} at '{path}' failed to satisfy constraint: {constraint}" for constraint in broken)
    if isinstance(shape, Collection) and len(value) <= MOST_MEMBERS:
        if shape.type == "list":
            for number, item in enumerate(value, start=1):
                yield from _problems(shape.item, item, f"{path}.{number}.member")
        else:
            for name, item in value.items():
                yield from _problems(shape.item, item, f"{path}.{_shortened(name)}.member")


def _problems_of_structure(shape: Structure, value: dict[str, Any], path: str) -> Iterator[str]:
    for name, member in shape.members.items():
        if name in value:
            yield from _problems(member, value[name], _below(path, shape, name))
        elif name in shape.required:
            where = _below(path, shape, name)
            yield f"Value null at '{where}' failed to satisfy constraint: Member must not be null"


def broken_constraints(shape: Shape, value: Any) -> list[str]:
    """Return a sentence for each constraint that a value itself breaks; its members are not looked at."""
    sizes = _broken_limits(shape, value)
    if type(shape) is not Scalar:
        return sizes
    texts = []
    is_allowed_empty = shape.may_be_empty and value == ""
    if shape.pattern and not is_allowed_empty and not _matches(shape.pattern, value):
        texts.append(f"Member must satisfy regular expression pattern: {shape.pattern}")
    if shape.enum and value not in shape.enum:
        texts.append(f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
    return texts + sizes if shape.pattern_first else sizes + texts


def _broken_limits(shape: Shape, value: Any) -> list[str]:
    kind, least, most = type(value), shape.minimum, shape.maximum
    if kind is int and shape.type in _BITS:
        what, size = "value", value
    elif kind in _MOST:
        what, size = "length", len(value)
        most = _MOST[kind] if most is None else most
    else:
        return []
    broken = []
    if least is not None and size < least:
        broken.append(f"Member must have {what} greater than or equal to {least}")
    if most is not None and size > most:
        broken.append(f"Member must have {what} less than or equal to {most}")
    return broken


def _matches(pattern: str, value: str) -> bool:
    """Tell whether the whole text matches; a pattern that takes too long over it counts as no match."""
    limit = None if len(value) <= _QUICKLY_MATCHED else _MATCHING_SECONDS
    try:
        return _compiled(pattern).fullmatch(value, timeout=limit) is not None
    except TimeoutError:
        return False


@lru_cache(maxsize=_MOST_PATTERNS)
def _compiled(pattern: str) -> regex.Pattern[str]:
    r"""Compile a pattern of the model as Java reads it: \p{..} covers all of Unicode, \w and \S do not."""
    import regex  # noqa: PLC0415 - with the first request, so that the server starts sooner

    return regex.compile(pattern if r"\p{" in pattern else f"(?a){pattern}")


def _below(path: str, shape: Structure, name: str) -> str:
    """Return the place of a structure's member as messages give it: its name begins with a small letter."""
    member = shape.reported_as.get(name) or name[:1].lower() + name[1:]
    return f"{path}.{member}" if path else member


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_as_text(item) for item in value)}]"
    return str(value)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
