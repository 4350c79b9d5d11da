"""The CloudFormation template of a pool that fits, as requests of the API would say it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

PATH = Path(__file__).parents[2] / "resources" / "user_pool_with_mfa.yaml"
POOL, CLIENT = "UserPool", "UserPoolClient"
_RENAMED = {"UserPoolName": "PoolName"}  # properties that CreateUserPool names otherwise


@lru_cache(maxsize=1)
def template() -> dict[str, Any]:
    """Return the whole template."""
    read: dict[str, Any] = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return read


def properties(resource: str, **parameters: str) -> dict[str, Any]:
    """Return a resource's properties, its parameters filled in: their defaults, or the ones given."""
    defaults = {name: str(parameter["Default"]) for name, parameter in template()["Parameters"].items()}
    filled = _filled(template()["Resources"][resource]["Properties"], defaults | parameters)
    return {_RENAMED.get(name, name): value for name, value in filled.items()}


def _filled(value: Any, parameters: dict[str, str]) -> Any:
    """Return `value` with each Ref to a parameter replaced; CloudFormation reads "true" as a boolean."""
    if isinstance(value, list):
        return [_filled(item, parameters) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"}:
        text = parameters.get(str(value["Ref"]), "")
        return text == "true" if text in ("true", "false") else text
    return {name: _filled(item, parameters) for name, item in value.items()}
