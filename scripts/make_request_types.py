"""Make local_cognito/model/requests.pyi from the API model: a TypedDict for the request of each action.

Run it after a change of the model, or when an action is added: python -m scripts.make_request_types
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from local_cognito.model import service_model, without_effect
from local_cognito.model.service_model import Collection, Scalar, Structure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from local_cognito.model.service_model import Shape

TARGET = Path(service_model.__file__).with_name("requests.pyi")
_HEAD = """# The requests of the API: made from service_model.json by scripts/make_request_types.py.
# Each has the name of its action. There is no module behind these types; import it under TYPE_CHECKING.
from typing import Any, Literal, TypeAlias

from typing_extensions import Required, TypedDict
"""
# What the requests of several actions have in common, each with an action that has it.
_COMMON = {
    "OfUser": ("AdminGetUser", ("UserPoolId", "Username")),
    "OfGroup": ("GetGroup", ("GroupName", "UserPoolId")),
    "OfSelfService": ("ForgotPassword", ("ClientId", "SecretHash", "Username")),
}
_TYPES = {
    "string": "str",
    "blob": "str",
    "boolean": "bool",
    "integer": "int",
    "long": "int",
    "timestamp": "float",
    "document": "Any",
}


def main() -> None:
    """Write the file anew."""
    TARGET.write_text(text(), encoding="utf-8")


def text() -> str:
    """Return the file's text."""
    absent = {name for names in without_effect.table().absent.values() for name in names}
    requests = {
        name: service_model.operation(name).request for name in service_model.operation_names() - absent
    }
    inner = (member for request in requests.values() for member in request.members.values())
    shapes = {shape.name: shape for member in inner for shape in _reached(member)}
    enums = [shape for shape in shapes.values() if isinstance(shape, Scalar) and shape.enum]
    structures = [shape for shape in shapes.values() if isinstance(shape, Structure)]
    parts = [
        _HEAD,
        "".join(f"{shape.name}: TypeAlias = {_literal(shape)}\n" for shape in sorted(enums, key=_name)),
    ]
    for name, (operation, members) in _COMMON.items():
        parts.append(_typed_dict(name, service_model.operation(operation).request, members))
    parts += [_typed_dict(name, requests[name], requests[name].members) for name in sorted(requests)]
    parts += [_typed_dict(shape.name, shape, shape.members) for shape in sorted(structures, key=_name)]
    return "\n".join(parts)


def _name(shape: Shape) -> str:
    return shape.name


def _reached(shape: Shape) -> Iterator[Shape]:
    """Yield a shape and all shapes that it is made of."""
    yield shape
    if isinstance(shape, Structure):
        for member in shape.members.values():
            yield from _reached(member)
    elif isinstance(shape, Collection):
        yield from _reached(shape.item)


def _literal(shape: Scalar) -> str:
    values = ", ".join(json.dumps(value) for value in shape.enum)
    return f"Literal[{values}]"


def _typed_dict(name: str, shape: Structure, members: Iterable[str]) -> str:
    lines = [f"    {member}: {_member_type(shape, member)}\n" for member in members]
    return f"class {name}(TypedDict, total=False):\n" + ("".join(lines) or "    pass\n")


def _member_type(shape: Structure, member: str) -> str:
    inner = _type(shape.members[member])
    return f"Required[{inner}]" if member in shape.required else inner


def _type(shape: Shape) -> str:
    if isinstance(shape, Structure):
        return shape.name
    if isinstance(shape, Collection):
        item = _type(shape.item)
        return f"list[{item}]" if shape.type == "list" else f"dict[str, {item}]"
    return shape.name if isinstance(shape, Scalar) and shape.enum else _TYPES[shape.type]


if __name__ == "__main__":
    main()
