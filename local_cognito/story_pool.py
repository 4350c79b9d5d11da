"""A pool whose settings fit the sign-up story: TOTP required, e-mail verified, devices tracked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import app_clients, pools

if TYPE_CHECKING:
    from .cognito import Cognito

POOL: dict[str, Any] = {
    "PoolName": "sign-up-with-mfa",
    "AutoVerifiedAttributes": ["email"],
    "DeviceConfiguration": {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": False},
    "UsernameConfiguration": {"CaseSensitive": False},
}
MFA: dict[str, Any] = {"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": True}}
CLIENT: dict[str, Any] = {
    "ClientName": "sign-up-with-mfa",
    "ExplicitAuthFlows": [
        "ALLOW_ADMIN_USER_PASSWORD_AUTH",
        "ALLOW_USER_PASSWORD_AUTH",
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
    ],
    "PreventUserExistenceErrors": "ENABLED",
    "AuthSessionValidity": 15,
}


@dataclass(frozen=True)
class StoryPool:
    """What a client must know of a pool."""

    pool_id: str
    client_id: str
    client_secret: str | None


def make_story_pool(cognito: Cognito, pool_id: str | None, *, client_secret: bool) -> StoryPool:
    """Make the pool and its app client, or return those that a database file has already."""
    if pool_id is None or cognito.store.pools.get(pool_id) is None:
        pool_id = pools.add_pool(cognito, pool_id or pools.new_pool_id(cognito), POOL).id
        pools.set_user_pool_mfa_config(cognito, {"UserPoolId": pool_id, **MFA})
    existing = cognito.store.clients.where(pool_id=pool_id, limit=1)
    if not existing:
        app_clients.create_user_pool_client(
            cognito, {"UserPoolId": pool_id, "GenerateSecret": client_secret, **CLIENT}
        )
        existing = cognito.store.clients.where(pool_id=pool_id, limit=1)
    client = existing[0]
    return StoryPool(pool_id, client.id, client.secret)
