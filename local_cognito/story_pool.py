"""A pool for the sign-up story, made from the same CloudFormation template as one in AWS.

What the template lacks is lacking here too, so that it shows on this machine first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from .actions import app_clients, mfa_config, pools

if TYPE_CHECKING:
    from .cognito import Cognito

TEMPLATE = Path(__file__).parents[1] / "resources" / "user_pool_with_mfa.yaml"
POOL, CLIENT = "UserPool", "UserPoolClient"

# Properties of the template that CreateUserPool names otherwise, or leaves to SetUserPoolMfaConfig.
_RENAMED = {"UserPoolName": "PoolName"}
_MFA_PROPERTIES = ("MfaConfiguration", "EnabledMfas")
_FACTORS = {"SOFTWARE_TOKEN_MFA": {"SoftwareTokenMfaConfiguration": {"Enabled": True}}}


@dataclass(frozen=True)
class StoryPool:
    """What a client must know of a pool."""

    pool_id: str
    client_id: str
    client_secret: str | None


def make_story_pool(cognito: Cognito, pool_id: str | None, *, client_secret: bool) -> StoryPool:
    """Make the pool and its app client, or return those that a database file has already."""
    if pool_id is None or cognito.store.pools.get(pool_id) is None:
        settings = properties(POOL)
        mfa = {name: settings.pop(name) for name in _MFA_PROPERTIES}
        pool_id = pools.add_pool(cognito, pool_id or pools.new_pool_id(cognito), settings).id
        factors = {key: value for name in mfa["EnabledMfas"] for key, value in _FACTORS[name].items()}
        request = {"UserPoolId": pool_id, "MfaConfiguration": mfa["MfaConfiguration"], **factors}
        mfa_config.set_user_pool_mfa_config(cognito, request)
    existing = cognito.store.clients.where(pool_id=pool_id, limit=1)
    if not existing:
        secret = "true" if client_secret else "false"
        settings = properties(CLIENT, ClientHasSecret=secret) | {"UserPoolId": pool_id}
        app_clients.create_user_pool_client(cognito, settings)
        existing = cognito.store.clients.where(pool_id=pool_id, limit=1)
    client = existing[0]
    return StoryPool(pool_id, client.id, client.secret)


def properties(resource: str, **parameters: str) -> dict[str, Any]:
    """Return a resource's properties, its parameters filled in: their defaults, or the ones given."""
    template = _template()
    defaults = {name: str(parameter["Default"]) for name, parameter in template["Parameters"].items()}
    filled = _filled(template["Resources"][resource]["Properties"], defaults | parameters)
    return {_RENAMED.get(name, name): value for name, value in filled.items()}


@lru_cache(maxsize=1)
def _template() -> dict[str, Any]:
    template: dict[str, Any] = yaml.safe_load(TEMPLATE.read_text())
    return template


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
