"""The parts of a seed, each with its path: errors name the exact place, and never a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from local_cognito.model import service_model, validation
from local_cognito.model.service_model import Collection, Structure
from local_cognito.setup.seed_error import SeedError, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from local_cognito.model.service_model import Shape

_NOUNS = {
    "structure": "an object of named values",
    "map": "an object of named values",
    "list": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "long": "a whole number",
}
_TEXT = "text, in quotes if it looks like a number or a date"


@dataclass(frozen=True)
class Part:
    """A value in a seed.

    Attributes:
        given: the value.
        path: where it is, such as `Pools[0].Users[2]`; empty for the whole seed.
    """

    given: Any
    path: str

    def refuse(self, why: str) -> NoReturn:
        """Raise the error for this place."""
        raise SeedError(f"{self.path}: {why}" if self.path else why)

    def has(self, name: str) -> bool:
        """Tell whether there is a member of this name, whatever it is."""
        return name in self.members

    @property
    def members(self) -> dict[str, Any]:
        """The members of an object."""
        if not isinstance(self.given, dict):
            self.refuse(f"it must be {_NOUNS['structure']}")
        for name in self.given:
            if not isinstance(name, str):
                self.refuse("the names in it must be text, in quotes if they look like a number")
        members: dict[str, Any] = self.given
        return members

    def only(self, *known: str) -> None:
        """Refuse members of other names."""
        for name in self.members:
            if name not in known:
                raise SeedError(
                    f"{self._below(shown(name))}: it is unknown here; known are {', '.join(known)}"
                )

    def member(self, name: str) -> Part:
        """Return a member; it is refused if there is none."""
        if not self.has(name):
            raise SeedError(f"{self._below(name)}: it is missing")
        return Part(self.members[name], self._below(name))

    def list_of(self, name: str) -> list[Part]:
        """Return the items of a member that is a list; empty if the member is absent."""
        if not self.has(name):
            return []
        part = self.member(name)
        if not isinstance(part.given, list):
            part.refuse("it must be a list")
        return [Part(value, f"{part.path}[{number}]") for number, value in enumerate(part.given)]

    def text(self) -> str:
        """Return a value that is text."""
        if not isinstance(self.given, str):
            self.refuse(f"it must be {_TEXT}")
        if not _is_unicode(self.given):
            self.refuse("it holds half a character")
        return self.given

    def flag(self) -> bool:
        """Return a value that is true or false."""
        if not isinstance(self.given, bool):
            self.refuse("it must be true or false")
        return self.given

    def request(self, operation: str, names: Iterable[str], **others: Any) -> Any:
        """Return the request to an action that these members and `others` make, checked against the model."""
        shape = service_model.operation(operation).request
        for name in names:
            if self.has(name):
                self.member(name).check(shape.members[name])
        for name in shape.required:
            if name not in others:
                self.member(name)
        return {name: self.members[name] for name in names if self.has(name)} | others

    def _below(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def check(self, shape: Shape) -> None:
        """Check the value against a shape of the service model, and all that is in it."""
        if not validation.has_type(shape, self.given):
            self.refuse(f"it must be {_NOUNS.get(shape.type, _TEXT)}")
        if shape.type == "string":
            self.text()
        for constraint in validation.broken_constraints(shape, self.given):
            self.refuse(constraint)
        self._check_inside(shape)

    def _check_inside(self, shape: Shape) -> None:
        if isinstance(shape, Structure):
            self.only(*shape.members)
            for name in shape.required:
                self.member(name)
            for name in self.members:
                self.member(name).check(shape.members[name])
        elif isinstance(shape, Collection) and shape.type == "map":
            for name in self.members:
                Part(name, self.path).text()
                self.member(name).check(shape.item)
        elif isinstance(shape, Collection):
            for number, value in enumerate(self.given):
                Part(value, f"{self.path}[{number}]").check(shape.item)


def members_of(operation: str) -> tuple[str, ...]:
    """Return the names that a request to an action can have."""
    return tuple(service_model.operation(operation).request.members)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
