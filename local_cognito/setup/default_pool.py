"""A pool for the sign-up scenario, with the settings of the CloudFormation template for AWS.

The template is `user_pool_with_mfa.yaml`. Settings that it lacks are missing here too, so that a local run
fails where AWS would.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from local_cognito.actions import user_pools
from local_cognito.setup.fixed_client import ANY_CLIENT, FixedClient

if TYPE_CHECKING:
    from local_cognito.model import requests
    from local_cognito.rules.cognito import Cognito

NAME = "sign-up-with-mfa"


@dataclass(frozen=True)
class PoolIds:
    """The IDs of a pool and an app client, and the client secret if there is one."""

    pool_id: str
    client_id: str
    client_secret: str | None


def pool_settings(*, remember_on_request: bool = False) -> dict[str, Any]:
    """Return a CreateUserPool request; devices are remembered always or only if the user agrees."""
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
    """Return a SetUserPoolMfaConfig request without UserPoolId: an authenticator app is required."""
    return {"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": True}}


def client_settings(*, secret: bool = False) -> dict[str, Any]:
    """Return a CreateUserPoolClient request without UserPoolId."""
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
    client = fixed.find_in(cognito, pool_id)
    return None if client is None else PoolIds(pool_id, client.id, client.secret)


def ensure_pool(
    cognito: Cognito, pool_id: str | None, *, client_secret: bool, fixed: FixedClient = ANY_CLIENT
) -> PoolIds:
    """Return the pool and its app client, which are created if they do not exist.

    Raises:
        ValueError: the `fixed` app client belongs to another pool, or has another secret.
    """
    if pool_id is None or cognito.store.pools.get(pool_id) is None:
        new = cast("requests.CreateUserPool", pool_settings())
        pool_id = user_pools.add_pool(cognito, pool_id or user_pools.new_pool_id(cognito), new).id
        mfa = cast("requests.SetUserPoolMfaConfig", {"UserPoolId": pool_id} | mfa_settings())
        user_pools.set_user_pool_mfa_config(cognito, mfa)
    client = fixed.find_in(cognito, pool_id)
    if client is None:
        settings = {"UserPoolId": pool_id} | client_settings(secret=client_secret)
        client = fixed.add(cognito, settings)
    return PoolIds(pool_id, client.id, client.secret)
