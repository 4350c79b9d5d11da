"""A pool for the sign-up scenario, with the settings of the CloudFormation template of one in AWS.

The template is `user_pool_with_mfa.yaml`. What it lacks is lacking here too, so that it shows on this
machine first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local_cognito.actions import user_pools
from local_cognito.setup.fixed_client import ANY_CLIENT, FixedClient

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Cognito

NAME = "sign-up-with-mfa"


@dataclass(frozen=True)
class PoolIds:
    """What a client must know of a pool."""

    pool_id: str
    client_id: str
    client_secret: str | None


def pool_settings(*, remember_on_request: bool = False) -> dict[str, Any]:
    """Return a CreateUserPool request; devices are remembered always, or when the user agrees."""
    return {
        "PoolName": NAME,
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False},
        "AutoVerifiedAttributes": ["email"],
        "UsernameConfiguration": {"CaseSensitive": False},
        "DeviceConfiguration": {
            "ChallengeRequiredOnNewDevice": True,
            "DeviceOnlyRememberedOnUserPrompt": remember_on_request,
        },
        "AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]},
    }


def mfa_settings() -> dict[str, Any]:
    """Return a SetUserPoolMfaConfig request, but for the pool's ID: an authenticator app is required."""
    return {"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": True}}


def client_settings(*, secret: bool = False) -> dict[str, Any]:
    """Return a CreateUserPoolClient request, but for the pool's ID."""
    return {
        "ClientName": NAME,
        "GenerateSecret": secret,
        "ExplicitAuthFlows": [
            "ALLOW_ADMIN_USER_PASSWORD_AUTH",
            "ALLOW_USER_PASSWORD_AUTH",
            "ALLOW_USER_SRP_AUTH",
            "ALLOW_REFRESH_TOKEN_AUTH",
        ],
        "PreventUserExistenceErrors": "ENABLED",
        "EnableTokenRevocation": True,
        "AuthSessionValidity": 15,
        "AccessTokenValidity": 15,
        "IdTokenValidity": 15,
        "RefreshTokenValidity": 24,
        "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "hours"},
    }


def find_pool(cognito: Cognito, pool_id: str | None, *, fixed: FixedClient = ANY_CLIENT) -> PoolIds | None:
    """Return the pool and its app client if both are there."""
    if pool_id is None or cognito.store.pools.get(pool_id) is None:
        return None
    client = fixed.found_in(cognito, pool_id)
    return None if client is None else PoolIds(pool_id, client.id, client.secret)


def ensure_pool(
    cognito: Cognito, pool_id: str | None, *, client_secret: bool, fixed: FixedClient = ANY_CLIENT
) -> PoolIds:
    """Make the pool and its app client, or return those that a database file has already.

    Raises:
        ValueError: the app client that is `fixed` can't be the pool's.
    """
    if pool_id is None or cognito.store.pools.get(pool_id) is None:
        pool_id = user_pools.add_pool(cognito, pool_id or user_pools.new_pool_id(cognito), pool_settings()).id
        user_pools.set_user_pool_mfa_config(cognito, {"UserPoolId": pool_id} | mfa_settings())
    client = fixed.found_in(cognito, pool_id)
    if client is None:
        settings = {"UserPoolId": pool_id} | client_settings(secret=client_secret)
        client = fixed.added(cognito, settings)
    return PoolIds(pool_id, client.id, client.secret)
