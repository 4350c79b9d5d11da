"""Machine-to-machine authorization: app clients' secrets, resource servers, and clients' own tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_cognito.authentication import tokens
from local_cognito.model import errors
from local_cognito.rules import paging
from local_cognito.rules.client_settings import CLIENT_TOKEN_AUTH
from local_cognito.rules.cognito import LOWER_BASE36, milliseconds
from local_cognito.rules.identifiers import SECRET_LENGTH
from local_cognito.storage.records import ResourceServer
from local_cognito.users import directory

if TYPE_CHECKING:
    from local_cognito.model import requests
    from local_cognito.rules.cognito import Answer, Cognito
    from local_cognito.storage.records import Client

MOST_SECRETS = 2
_MOST_SERVERS = 50  # in a page


def add_user_pool_client_secret(cognito: Cognito, request: requests.AddUserPoolClientSecret) -> Answer:
    """AddUserPoolClientSecret: a second secret; its value is shown once, and only if it was generated."""
    _, client = directory.managed_client(cognito, request["UserPoolId"], request["ClientId"])
    kept = _created(client)
    if not kept:
        raise errors.CLIENT_NOT_CONFIDENTIAL()
    if len(kept) >= MOST_SECRETS:
        raise errors.TOO_MANY_SECRETS(most=MOST_SECRETS)
    given, now = request.get("ClientSecret"), cognito.now()
    moment = int(now * 1000)
    while f"{client.id}--{moment}" in kept:
        moment += 1
    secret_id = f"{client.id}--{moment}"
    value = given or cognito.random_text(SECRET_LENGTH, LOWER_BASE36)
    client.added_secrets[secret_id] = {"value": value, "created": now}
    cognito.store.clients.put(client)
    shown = {} if given else {"ClientSecretValue": value}
    return {"ClientSecretDescriptor": _described_secret(secret_id, now) | shown}


def list_user_pool_client_secrets(cognito: Cognito, request: requests.ListUserPoolClientSecrets) -> Answer:
    """ListUserPoolClientSecrets: all of the client's secrets, without their values; no page follows."""
    if "NextToken" in request:
        raise errors.BAD_PAGINATION_TOKEN()
    _, client = directory.managed_client(cognito, request["UserPoolId"], request["ClientId"])
    return {"ClientSecrets": [_described_secret(*secret) for secret in _created(client).items()]}


def delete_user_pool_client_secret(cognito: Cognito, request: requests.DeleteUserPoolClientSecret) -> Answer:
    """DeleteUserPoolClientSecret: the last secret stays."""
    _, client = directory.managed_client(cognito, request["UserPoolId"], request["ClientId"])
    kept, secret_id = _created(client), request["ClientSecretId"]
    if secret_id not in kept:
        raise errors.SECRET_UNKNOWN()
    if len(kept) == 1:
        raise errors.LAST_SECRET()
    if secret_id in client.added_secrets:
        del client.added_secrets[secret_id]
    else:
        client.secret = None
    cognito.store.clients.put(client)
    return {}


def get_client_token(cognito: Cognito, request: requests.GetClientToken) -> Answer:
    """GetClientToken: an access token of the client itself, for scopes of resource servers."""
    pool, client = directory.get_client(cognito, request["ClientId"])
    if CLIENT_TOKEN_AUTH not in client.settings.get("ExplicitAuthFlows", []):
        raise errors.FLOW_NOT_ENABLED(flow="CLIENT_TOKEN_AUTH")
    if not directory.knows_secret(client, request["Secret"]):
        raise errors.SECRET_HASH_WRONG(client_id=client.id)
    own = client.settings.get("AllowedOAuthScopes", [])
    there = cognito.store.scopes(pool)
    for scope in request.get("Scopes", []):
        if scope not in own or scope not in there:
            raise errors.SCOPE_NOT_ALLOWED(scope=scope)
    wanted = request.get("Scopes") or [scope for scope in own if scope in there]
    return {"ClientAuthenticationResult": tokens.for_client(cognito, pool, client, wanted)}


def create_resource_server(cognito: Cognito, request: requests.CreateResourceServer) -> Answer:
    """CreateResourceServer."""
    pool = directory.get_pool(cognito, request["UserPoolId"])
    identifier = request["Identifier"]
    if cognito.store.resource_servers.get(pool.id, identifier) is not None:
        raise errors.RESOURCE_SERVER_EXISTS(identifier=identifier, pool_id=pool.id)
    server = ResourceServer(pool.id, identifier, _server_settings(request))
    cognito.store.resource_servers.put(server)
    return {"ResourceServer": _described_server(server)}


def describe_resource_server(cognito: Cognito, request: requests.DescribeResourceServer) -> Answer:
    """DescribeResourceServer."""
    return {
        "ResourceServer": _described_server(_server(cognito, request["UserPoolId"], request["Identifier"]))
    }


def list_resource_servers(cognito: Cognito, request: requests.ListResourceServers) -> Answer:
    """ListResourceServers: a page of the pool's resource servers."""
    pool = directory.get_pool(cognito, request["UserPoolId"])
    limit = request.get("MaxResults", _MOST_SERVERS)
    found, token = paging.page(
        cognito.store.resource_servers, limit, request.get("NextToken"), pool_id=pool.id
    )
    return {"ResourceServers": [_described_server(server) for server in found], **token}


def update_resource_server(cognito: Cognito, request: requests.UpdateResourceServer) -> Answer:
    """UpdateResourceServer: replace the name and the scopes."""
    server = _server(cognito, request["UserPoolId"], request["Identifier"])
    server.settings = _server_settings(request)
    cognito.store.resource_servers.put(server)
    return {"ResourceServer": _described_server(server)}


def delete_resource_server(cognito: Cognito, request: requests.DeleteResourceServer) -> None:
    """DeleteResourceServer: app clients keep its scopes, and tokens no longer have them."""
    server = _server(cognito, request["UserPoolId"], request["Identifier"])
    cognito.store.resource_servers.delete(pool_id=server.pool_id, identifier=server.identifier)


def _created(client: Client) -> dict[str, float]:
    """Return when each secret was created, by its ID: the client's own first."""
    own = {} if client.secret is None else {f"{client.id}--{int(client.created * 1000)}": client.created}
    return own | {secret_id: secret["created"] for secret_id, secret in client.added_secrets.items()}


def _described_secret(secret_id: str, created: float) -> Answer:
    return {"ClientSecretId": secret_id, "ClientSecretCreateDate": milliseconds(created)}


def _server(cognito: Cognito, pool_id: str, identifier: str) -> ResourceServer:
    pool = directory.get_pool(cognito, pool_id)
    server = cognito.store.resource_servers.get(pool.id, identifier)
    if server is None:
        raise errors.RESOURCE_SERVER_UNKNOWN(identifier=identifier)
    return server


def _server_settings(
    request: requests.CreateResourceServer | requests.UpdateResourceServer,
) -> dict[str, object]:
    return {"Name": request["Name"], "Scopes": request.get("Scopes", [])}


def _described_server(server: ResourceServer) -> Answer:
    return {"UserPoolId": server.pool_id, "Identifier": server.identifier, **server.settings}
