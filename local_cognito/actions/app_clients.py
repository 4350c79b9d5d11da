"""App clients: creating, describing, listing, changing and deleting them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local_cognito.rules import client_settings, paging
from local_cognito.rules.cognito import LOWER_BASE36, milliseconds
from local_cognito.rules.identifiers import SECRET_LENGTH
from local_cognito.storage.records import SESSION_MINUTES, TOKEN_VALIDITY, Client
from local_cognito.users import directory

if TYPE_CHECKING:
    from local_cognito.model import requests
    from local_cognito.rules.cognito import Answer, Cognito

_ID_LENGTH = 26
_NOT_SETTINGS = (
    *("UserPoolId", "ClientId", "GenerateSecret", "ClientSecret"),
    "PublishSecretsInAWSSecretsManager",
)


def create_user_pool_client(cognito: Cognito, request: requests.CreateUserPoolClient) -> Answer:
    """CreateUserPoolClient: an app client, with a secret if GenerateSecret says so."""
    return {"UserPoolClient": _described_client(add_client(cognito, new_client_id(cognito), request))}


def new_client_id(cognito: Cognito) -> str:
    """Return an unused app client ID."""
    return cognito.random_text(_ID_LENGTH, LOWER_BASE36)


def add_client(cognito: Cognito, client_id: str, request: requests.CreateUserPoolClient) -> Client:
    """Store a new app client with this unused ID.

    Raises:
        CognitoError: ResourceNotFoundException; InvalidParameterException for invalid settings.
    """
    pool = directory.get_pool(cognito, request["UserPoolId"])
    secret = cognito.random_text(SECRET_LENGTH, LOWER_BASE36) if request.get("GenerateSecret") else None
    now = cognito.now()
    secret = request.get("ClientSecret", secret)
    client = Client(client_id, pool.id, _settings(request), secret, now, now)
    client_settings.check(pool, client, "creating", cognito.store.scopes(pool))
    cognito.store.clients.put(client)
    return client


def describe_user_pool_client(cognito: Cognito, request: requests.DescribeUserPoolClient) -> Answer:
    """DescribeUserPoolClient: the client's settings, and its secret if it has one."""
    _, client = directory.managed_client(cognito, request["UserPoolId"], request["ClientId"])
    return {"UserPoolClient": _described_client(client)}


def list_user_pool_clients(cognito: Cognito, request: requests.ListUserPoolClients) -> Answer:
    """ListUserPoolClients: a page of the pool's app clients."""
    pool = directory.get_pool(cognito, request["UserPoolId"])
    found, token = paging.page(
        cognito.store.clients, request.get("MaxResults"), request.get("NextToken"), pool_id=pool.id
    )
    listed = [
        {"ClientId": client.id, "UserPoolId": pool.id, "ClientName": client.settings["ClientName"]}
        for client in found
    ]
    return {"UserPoolClients": listed, **token}


def update_user_pool_client(cognito: Cognito, request: requests.UpdateUserPoolClient) -> Answer:
    """UpdateUserPoolClient: settings that are not given return to their defaults; the secret stays."""
    pool, client = directory.managed_client(cognito, request["UserPoolId"], request["ClientId"])
    client.settings = {"ClientName": client.settings["ClientName"], **_settings(request)}
    client.modified = cognito.now()
    client_settings.check(pool, client, "updating", cognito.store.scopes(pool))
    cognito.store.clients.put(client)
    return {"UserPoolClient": _described_client(client)}


def delete_user_pool_client(cognito: Cognito, request: requests.DeleteUserPoolClient) -> None:
    """DeleteUserPoolClient: the client, and every sign-in through it."""
    _, client = directory.managed_client(cognito, request["UserPoolId"], request["ClientId"])
    for table in (cognito.store.sessions, cognito.store.grants, cognito.store.spent_tokens):
        table.delete(pool_id=client.pool_id, client_id=client.id)
    cognito.store.clients.delete(id=client.id)


def _settings(request: requests.CreateUserPoolClient | requests.UpdateUserPoolClient) -> dict[str, Any]:
    return client_settings.kept({name: value for name, value in request.items() if name not in _NOT_SETTINGS})


def _described_client(client: Client) -> dict[str, Any]:
    described = {
        "RefreshTokenValidity": TOKEN_VALIDITY["Refresh"][0],
        "EnableTokenRevocation": True,
        "AuthSessionValidity": SESSION_MINUTES,
        "TokenValidityUnits": {},
        "AllowedOAuthFlowsUserPoolClient": False,
        "EnablePropagateAdditionalUserContextData": False,
        **client.settings,
        "UserPoolId": client.pool_id,
        "ClientId": client.id,
        "CreationDate": milliseconds(client.created),
        "LastModifiedDate": milliseconds(client.modified),
    }
    return described if client.secret is None else described | {"ClientSecret": client.secret}
