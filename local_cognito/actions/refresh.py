"""Staying signed in and signing out: refresh tokens, RevokeToken, GlobalSignOut."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from local_cognito.authentication import tokens
from local_cognito.authentication.challenges import require
from local_cognito.authentication.sessions import handle_of
from local_cognito.model import errors
from local_cognito.users import directory

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Answer, Cognito, Request
    from local_cognito.storage.records import Client, Grant, Pool, User


def refresh_flow(cognito: Cognito, pool: Pool, client: Client, parameters: dict[str, str]) -> Answer:
    """Answer REFRESH_TOKEN_AUTH; the refresh token is checked before the secret hash."""
    token = require(parameters, "REFRESH_TOKEN")
    grant, user = _usable_grant(cognito, pool, client, token, parameters.get("DEVICE_KEY"))
    directory.check_secret_hash(client, user.username, parameters.get("SECRET_HASH"), in_challenge=True)
    result = _refreshed(cognito, pool, client, user, grant, token)
    return {"ChallengeParameters": {}, "AuthenticationResult": result}


def get_tokens_from_refresh_token(cognito: Cognito, request: Request) -> Answer:
    """GetTokensFromRefreshToken: the same with the client secret in clear."""
    pool, client = directory.get_client(cognito, request["ClientId"])
    if not _knows_secret(client, request):
        raise errors.CLIENT_SECRET_WRONG()
    token = request["RefreshToken"]
    grant, user = _usable_grant(cognito, pool, client, token, request.get("DeviceKey"))
    return {"AuthenticationResult": _refreshed(cognito, pool, client, user, grant, token)}


def revoke_token(cognito: Cognito, request: Request) -> Answer:
    """RevokeToken: end one sign-in, its refresh token and its access tokens; others live on."""
    client = cognito.store.clients.get(request["ClientId"])
    if client is None or not _knows_secret(client, request):
        raise errors.CLIENT_UNAUTHORIZED()
    if not client.settings.get("EnableTokenRevocation", True):
        raise errors.REVOCATION_OFF()
    grant = _grant_of(cognito, request["Token"])
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


def _knows_secret(client: Client, request: Request) -> bool:
    given = request.get("ClientSecret", "")
    return client.secret is None or hmac.compare_digest(client.secret.encode(), given.encode())


def _grant_of(cognito: Cognito, token: str) -> Grant | None:
    handle = handle_of(token.encode())
    return cognito.store.grants.first_with(handle, "refresh_handle", "previous_handle")


def _usable_grant(
    cognito: Cognito, pool: Pool, client: Client, token: str, device_key: str | None
) -> tuple[Grant, User]:
    grant = _grant_of(cognito, token)
    if grant is None or grant.client_id != client.id:
        raise errors.REFRESH_INVALID()
    if grant.revoked:
        raise errors.REFRESH_REVOKED()
    if pool.tracks_devices and not _is_its_device(cognito, grant, device_key):
        raise errors.REFRESH_INVALID()
    if cognito.now() >= grant.expires:
        raise errors.REFRESH_EXPIRED()
    _refuse_reuse(cognito, client, grant, token)
    user = cognito.store.users.get(pool.id, grant.username)
    if user is None:
        raise errors.REFRESH_INVALID()
    if not user.enabled:
        raise errors.USER_DISABLED()
    return grant, user


def _refuse_reuse(cognito: Cognito, client: Client, grant: Grant, token: str) -> None:
    """Refuse a token that was rotated away, once its grace period is over."""
    if grant.refresh_handle == handle_of(token.encode()):
        return
    grace = int(client.settings.get("RefreshTokenRotation", {}).get("RetryGracePeriodSeconds", 0))
    if cognito.now() >= (grant.rotated or 0) + grace:
        raise errors.REFRESH_REUSED()


def _is_its_device(cognito: Cognito, grant: Grant, device_key: str | None) -> bool:
    """Tell whether the key is that of the confirmed device to which the sign-in is tied."""
    if device_key is None or device_key != grant.device_key:
        return False
    device = cognito.store.devices.get(device_key)
    return device is not None and bool(device.verifier)


def _refreshed(cognito: Cognito, pool: Pool, client: Client, user: User, grant: Grant, token: str) -> Answer:
    result = tokens.mint(cognito, pool, client, user, grant)
    if client.settings.get("RefreshTokenRotation", {}).get("Feature") == "ENABLED":
        result["RefreshToken"] = tokens.new_refresh_token(cognito)
        # A token that is used again in its grace period stays the previous one: nothing prolongs the period.
        if grant.refresh_handle == handle_of(token.encode()):
            grant.previous_handle, grant.rotated = grant.refresh_handle, cognito.now()
        grant.refresh_handle = handle_of(result["RefreshToken"].encode())
        cognito.store.grants.put(grant)
    return result
