"""The API model: the operations of Cognito user pools, and the shapes of their requests and answers.

It is read at the first look-up, from service_model.json, which scripts/make_service_model.py makes from
botocore's model, and from overlay.json, which lists known differences between that model and AWS, each with
its evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, eq=False)
class Shape:
    """The form of a value.

    Attributes:
        name: the shape's name in the model, such as `UsernameType`.
        type: string, boolean, integer, long, timestamp, blob, document (any JSON), structure, list or map.
        minimum: the least value of a number, the least length of anything else; None sets no limit.
        maximum: likewise the greatest.
        is_sensitive: whether values are secret, and stay out of messages and logs.
    """

    name: str
    type: str
    minimum: int | None
    maximum: int | None
    is_sensitive: bool


@dataclass(frozen=True, eq=False)
class Scalar(Shape):
    """A single value.

    Attributes:
        pattern: the regular expression, in Java's dialect, that the whole text must match; empty for none.
        enum: the texts that are allowed; empty for any.
        pattern_first: whether Cognito reports the pattern before the length.
        may_be_empty: whether the empty text is allowed, whatever the pattern says.
    """

    pattern: str
    enum: tuple[str, ...]
    pattern_first: bool
    may_be_empty: bool


@dataclass(frozen=True, eq=False)
class Structure(Shape):
    """An object with members of known names.

    Attributes:
        members: the members' shapes by name, in the order in which Cognito reports problems.
        required: the names of the members that must be there, in the model's order.
        reported_as: the names of members in Cognito's messages, where they differ from the API's names.
    """

    members: Mapping[str, Shape]
    required: tuple[str, ...]
    reported_as: Mapping[str, str]

    @cached_property
    def needed(self) -> frozenset[str]:
        """The names in `required`, as a set."""
        return frozenset(self.required)


@dataclass(frozen=True, eq=False)
class Collection(Shape):
    """A list, or a map from texts.

    Attributes:
        item: the shape of a list's elements or a map's values.
    """

    item: Shape


@dataclass(frozen=True, eq=False)
class Operation:
    """An action of the API.

    Attributes:
        name: such as `SignUp`.
        request: the shape of requests.
        answer: the shape of answers; None for an answer without a body.
        is_public: whether a request needs no signature.
        errors: the error codes that belong to this action; the common errors of AWS come on top.
    """

    name: str
    request: Structure
    answer: Structure | None
    is_public: bool
    errors: frozenset[str]


def operation_names() -> frozenset[str]:
    """Return the names of all actions of the API, also of those that the pool does not implement."""
    return frozenset(_data()["operations"])


def find_operation(name: str) -> Operation | None:
    """Return the action of this name, or None if Cognito has no such action."""
    return operation(name) if name in _data()["operations"] else None


@cache
def operation(name: str) -> Operation:
    """Return the action of this name.

    Raises:
        KeyError: Cognito has no such action.
    """
    found = _data()["operations"][name]
    answer = structure(found["output"]) if "output" in found else None
    is_public = found.get("public", False)
    return Operation(name, structure(found["input"]), answer, is_public, frozenset(found["errors"]))


def structure(name: str) -> Structure:
    """Return the structure of this name.

    Raises:
        KeyError: the model has no shape of this name.
        TypeError: the shape is not a structure.
    """
    found = _shape(name)
    if not isinstance(found, Structure):
        raise TypeError(f"{name} is a {found.type}, not a structure.")
    return found


@cache
def _data() -> dict[str, Any]:
    """Return the model with the changes of the overlay, which may also add operations and shapes."""
    data: dict[str, Any] = _read("service_model.json")
    for part, entries in _read("overlay.json").items():
        for name, entry in entries.items():
            changed = data[part].setdefault(name, {})
            for key, value in entry["change"].items():
                changed[key] = {**changed.get(key, {}), **value} if isinstance(value, dict) else value
    return data


def _read(file: str) -> dict[str, Any]:
    content: dict[str, Any] = orjson.loads(Path(__file__).with_name(file).read_bytes())
    return content


@cache
def _shape(name: str) -> Shape:
    found = _data()["shapes"][name]
    common = (name, found["type"], found.get("min"), found.get("max"), found.get("sensitive", False))
    if found["type"] == "structure":
        members = {member: _shape(inner) for member, inner in found["members"].items()}
        required = tuple(found.get("required", ()))
        return Structure(*common, members, required, found.get("reported_as", {}))
    if found["type"] in ("list", "map"):
        return Collection(*common, _shape(found["item"]))
    return Scalar(
        *common,
        found.get("pattern", ""),
        tuple(found.get("enum", ())),
        found.get("pattern_first", False),
        found.get("may_be_empty", False),
    )
