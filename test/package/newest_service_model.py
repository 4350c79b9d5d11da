"""What the newest botocore has that the pool's API model does not: run by `make test-newest` alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from scripts import make_service_model

if TYPE_CHECKING:
    from collections.abc import Iterator


def facts(model: dict[str, Any]) -> dict[str, Any]:
    """Return each operation, member, value and limit of a model under a name of its own."""
    return dict([*_operations(model["operations"]), *_shapes(model["shapes"])])


def _operations(operations: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, operation in operations.items():
        yield f"the action {name}", operation


def _shapes(shapes: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, shape in shapes.items():
        for key, value in shape.items():
            if key == "members":
                yield from ((f"the member {name}.{member}", inner) for member, inner in value.items())
            elif key == "enum":
                yield from ((f"the value {name}={one}", True) for one in value)
            else:
                yield f"{key} of {name}", value


def test_the_service_model_is_the_newest() -> None:
    """Nothing was added, changed or removed since the file was made; `make model` makes it anew."""
    ours = json.loads(make_service_model.TARGET.read_text(encoding="utf-8"))
    newest = make_service_model.reduced(make_service_model.botocore_model())
    before, after = facts(ours), facts(newest)

    differences = [
        *(f"new: {name}" for name in sorted(after.keys() - before.keys())),
        *(f"gone: {name}" for name in sorted(before.keys() - after.keys())),
        *(f"changed: {name}" for name in sorted(before) if name in after and before[name] != after[name]),
    ]
    if differences:
        versions = f"botocore {newest['botocore']} against the file's {ours['botocore']}"
        pytest.fail("\n".join([versions, *differences]), pytrace=False)
