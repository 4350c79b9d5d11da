"""The CloudFormation templates of pools that fit, as requests of the API would say it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[2] / "resources"
WITH_MFA, WITHOUT_PASSWORD = "user_pool_with_mfa.yaml", "user_pool_without_password.yaml"
POOL, CLIENT = "UserPool", "UserPoolClient"
_RENAMED = {"UserPoolName": "PoolName"}  # properties that CreateUserPool names otherwise


@lru_cache
def template(name: str = WITH_MFA) -> dict[str, Any]:
    """Return a whole template."""
    read: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return read


def properties(resource: str, name: str = WITH_MFA, **parameters: str) -> dict[str, Any]:
    """Return a resource's properties, its parameters filled in: their defaults, or the ones given."""
    content = template(name)
    defaults = {key: str(parameter["Default"]) for key, parameter in content["Parameters"].items()}
    filled = _filled(content["Resources"][resource]["Properties"], defaults | parameters)
    return {_RENAMED.get(key, key): value for key, value in filled.items()}


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
