"""Signing in and out: starting a sign-in, answering its challenges, renewing and revoking its tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_cognito.authentication import flows, refresh, tokens
from local_cognito.model import errors
from local_cognito.users import directory

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Answer, Cognito, Request


def initiate_auth(cognito: Cognito, request: Request) -> Answer:
    """InitiateAuth: start a sign-in from an app."""
    pool, client = directory.get_client(cognito, request["ClientId"])
    flow = request["AuthFlow"]
    if flow in flows.ADMIN_FLOWS:
        raise errors.METHOD_NOT_SUPPORTED()
    if not flows.is_enabled(client, flow):
        raise errors.SRP_NOT_ENABLED() if flow == flows.USER_SRP_AUTH else errors.FLOW_NOT_ENABLED(flow=flow)
    return flows.start(cognito, pool, client, request)


def admin_initiate_auth(cognito: Cognito, request: Request) -> Answer:
    """AdminInitiateAuth: start a sign-in from a server with IAM credentials."""
    pool, client = directory.get_client(cognito, request["ClientId"], request["UserPoolId"])
    flow = request["AuthFlow"]
    if flow == flows.USER_PASSWORD_AUTH:
        raise errors.METHOD_NOT_SUPPORTED()
    if not flows.is_enabled(client, flow):
        raise errors.ADMIN_FLOW_NOT_ENABLED()
    return flows.start(cognito, pool, client, request)


def respond_to_auth_challenge(cognito: Cognito, request: Request) -> Answer:
    """RespondToAuthChallenge: answer a challenge; the next one or tokens come back."""
    return flows.respond(cognito, *directory.get_client(cognito, request["ClientId"]), request)


def admin_respond_to_auth_challenge(cognito: Cognito, request: Request) -> Answer:
    """AdminRespondToAuthChallenge: the same from a server with IAM credentials."""
    return flows.respond(
        cognito, *directory.get_client(cognito, request["ClientId"], request["UserPoolId"]), request
    )


def get_tokens_from_refresh_token(cognito: Cognito, request: Request) -> Answer:
    """GetTokensFromRefreshToken: the same with the client secret in clear."""
    pool, client = directory.get_client(cognito, request["ClientId"])
    if not directory.knows_secret(client, request.get("ClientSecret", "")):
        raise errors.CLIENT_SECRET_WRONG()
    token = request["RefreshToken"]
    grant, user = refresh.usable_grant(cognito, pool, client, token, request.get("DeviceKey"))
    return {"AuthenticationResult": refresh.refreshed(cognito, pool, client, user, grant, token)}


def revoke_token(cognito: Cognito, request: Request) -> Answer:
    """RevokeToken: end one sign-in, its refresh token and its access tokens; others live on."""
    client = cognito.store.clients.get(request["ClientId"])
    if client is None or not directory.knows_secret(client, request.get("ClientSecret", "")):
        raise errors.CLIENT_UNAUTHORIZED()
    if not client.settings.get("EnableTokenRevocation", True):
        raise errors.REVOCATION_OFF()
    grant = refresh.grant_of(cognito, request["Token"])
    if grant is None:
        raise errors.TOKEN_TYPE()
    if grant.client_id != client.id:
        raise errors.TOKEN_OF_ANOTHER_CLIENT()
    grant.revoked = True
    cognito.store.grants.put(grant)
    return {}


def global_sign_out(cognito: Cognito, request: Request) -> Answer:
    """GlobalSignOut: end every sign-in of the user."""
    _, user, _ = tokens.verify_access(cognito, request["AccessToken"])
    tokens.revoke_all(cognito, user)
    return {}


def admin_user_global_sign_out(cognito: Cognito, request: Request) -> Answer:
    """AdminUserGlobalSignOut: the same by an administrator."""
    _, user = directory.managed_user(cognito, request)
    tokens.revoke_all(cognito, user)
    return {}
