"""A pool for the sign-up story, made from the same CloudFormation template as one in AWS.

What the template lacks is lacking here too, so that it shows on this machine first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from .actions import mfa_config, pools
from .fixed_client import ANY_CLIENT, FixedClient

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


def make_story_pool(
    cognito: Cognito, pool_id: str | None, *, client_secret: bool, fixed: FixedClient = ANY_CLIENT
) -> StoryPool:
    """Make the pool and its app client, or return those that a database file has already.

    Raises:
        ValueError: the app client that is `fixed` can't be the pool's.
    """
    if pool_id is None or cognito.store.pools.get(pool_id) is None:
        settings = properties(POOL)
        mfa = {name: settings.pop(name) for name in _MFA_PROPERTIES}
        pool_id = pools.add_pool(cognito, pool_id or pools.new_pool_id(cognito), settings).id
        factors = {key: value for name in mfa["EnabledMfas"] for key, value in _FACTORS[name].items()}
        request = {"UserPoolId": pool_id, "MfaConfiguration": mfa["MfaConfiguration"], **factors}
        mfa_config.set_user_pool_mfa_config(cognito, request)
    client = fixed.found_in(cognito, pool_id)
    if client is None:
        secret = "true" if client_secret else "false"
        settings = properties(CLIENT, ClientHasSecret=secret) | {"UserPoolId": pool_id}
        client = fixed.added(cognito, settings)
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
