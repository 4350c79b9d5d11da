"""Refresh tokens: use, rotation and reuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_cognito.authentication import tokens
from local_cognito.authentication.sessions import handle_of
from local_cognito.authentication.sign_in import require
from local_cognito.model import errors
from local_cognito.users import directory

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Answer, Cognito
    from local_cognito.storage.records import Client, Grant, Pool, User


def refresh_flow(cognito: Cognito, pool: Pool, client: Client, parameters: dict[str, str]) -> Answer:
    """Answer REFRESH_TOKEN_AUTH; the refresh token is checked before the secret hash."""
    token = require(parameters, "REFRESH_TOKEN")
    grant, user = usable_grant(cognito, pool, client, token, parameters.get("DEVICE_KEY"))
    directory.check_secret_hash(client, user.username, parameters.get("SECRET_HASH"), in_challenge=True)
    result = refreshed(cognito, pool, client, user, grant, token)
    return {"ChallengeParameters": {}, "AuthenticationResult": result}


def grant_of(cognito: Cognito, token: str) -> Grant | None:
    """Return the grant of a refresh token, or of one that was replaced by rotation, or None."""
    handle = handle_of(token.encode())
    return cognito.store.grants.first_with(handle, "refresh_handle", "previous_handle")


def usable_grant(
    cognito: Cognito, pool: Pool, client: Client, token: str, device_key: str | None
) -> tuple[Grant, User]:
    """Return the grant of a valid refresh token, and its user.

    Raises:
        CognitoError: NotAuthorizedException with the reason; RefreshTokenReuseException.
    """
    grant = grant_of(cognito, token)
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
    """Refuse a token that was replaced by rotation, once its grace period is over."""
    if grant.refresh_handle == handle_of(token.encode()):
        return
    grace = int(client.settings.get("RefreshTokenRotation", {}).get("RetryGracePeriodSeconds", 0))
    if cognito.now() >= (grant.rotated or 0) + grace:
        raise errors.REFRESH_REUSED()


def _is_its_device(cognito: Cognito, grant: Grant, device_key: str | None) -> bool:
    """Tell whether the key is the one of the confirmed device that the grant is bound to."""
    if device_key is None or device_key != grant.device_key:
        return False
    device = cognito.store.devices.get(device_key)
    return device is not None and bool(device.verifier)


def refreshed(cognito: Cognito, pool: Pool, client: Client, user: User, grant: Grant, token: str) -> Answer:
    """Return AuthenticationResult with new tokens, and a new refresh token where the client rotates them."""
    result = tokens.mint(cognito, pool, client, user, grant)
    if client.settings.get("RefreshTokenRotation", {}).get("Feature") == "ENABLED":
        result["RefreshToken"] = tokens.new_refresh_token(cognito)
        # Using the previous token again in its grace period does not extend the period.
        if grant.refresh_handle == handle_of(token.encode()):
            grant.previous_handle, grant.rotated = grant.refresh_handle, cognito.now()
        grant.refresh_handle = handle_of(result["RefreshToken"].encode())
        cognito.store.grants.put(grant)
    return result
