"""Make the pool's API model, local_cognito/model/service_model.json, from the model that ships with botocore.

Run it after an update of botocore: python -m scripts.make_service_model
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.loaders import Loader

if TYPE_CHECKING:
    from collections.abc import Iterator

    Json = dict[str, Any]

TARGET = Path(__file__).parents[1] / "local_cognito" / "model" / "service_model.json"
_LIMITS = ("min", "max", "pattern", "enum", "sensitive")
_INDENT = " "


def main() -> None:
    """Write the file anew."""
    TARGET.write_text(as_text(reduced(botocore_model())), encoding="utf-8")


def botocore_model() -> Json:
    """Return the model of Cognito user pools that the installed botocore has."""
    model: Json = Loader().load_service_model("cognito-idp", "service-2")
    return model


def reduced(model: Json) -> Json:
    """Return the parts of botocore's model that the pool reads, without documentation, in a stable order.

    Operations and shapes are sorted by name. Members keep their order: Cognito reports problems in it.
    Shapes that no request and no answer uses are left out; of errors the names are kept.
    """
    operations = {name: _operation(model["operations"][name]) for name in sorted(model["operations"])}
    shapes = {name: _shape(shape) for name, shape in model["shapes"].items()}
    used: set[str] = set()
    for operation in operations.values():
        for use in ("input", "output"):
            if use in operation:
                used.update(_reached(operation[use], shapes))
    return {
        "api": model["metadata"]["apiVersion"],
        "botocore": version("botocore"),
        "operations": operations,
        "shapes": {name: shapes[name] for name in sorted(used)},
    }


def as_text(reduced_model: Json) -> str:
    """Return the file's text: JSON with a line for each operation and each shape, so that diffs are short."""
    parts = []
    for name, value in reduced_model.items():
        if isinstance(value, dict):
            lines = ",\n".join(f"{_INDENT * 2}{_json(key)}: {_json(item)}" for key, item in value.items())
            parts.append(f"{_INDENT}{_json(name)}: {{\n{lines}\n{_INDENT}}}")
        else:
            parts.append(f"{_INDENT}{_json(name)}: {_json(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _operation(operation: Json) -> Json:
    found: Json = {use: operation[use]["shape"] for use in ("input", "output") if use in operation}
    public = {"public": True} if operation.get("authtype") == "none" else {}
    return {**found, **public, "errors": sorted(error["shape"] for error in operation["errors"])}


def _shape(shape: Json) -> Json:
    found: Json = {"type": "document" if shape.get("document") else shape["type"]}
    if found["type"] == "structure":
        found["members"] = {name: member["shape"] for name, member in shape["members"].items()}
        if shape.get("required"):
            found["required"] = shape["required"]
    elif shape["type"] in ("list", "map"):
        found["item"] = shape["member" if shape["type"] == "list" else "value"]["shape"]
    return found | {name: shape[name] for name in _LIMITS if name in shape}


def _reached(name: str, shapes: dict[str, Json]) -> Iterator[str]:
    """Yield the name of a shape, and the names of all shapes that it is made of."""
    yield name
    shape = shapes[name]
    inner = shape["members"].values() if "members" in shape else [shape["item"]] if "item" in shape else []
    for one in inner:
        yield from _reached(one, shapes)


if __name__ == "__main__":
    main()
