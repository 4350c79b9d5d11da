"""Refresh tokens: use, families, rotation and reuse.

A sign-in begins a family of refresh tokens. Where they rotate, each refresh spends a token and issues the
next one. Only the newest token of a family can be used, and, within the grace period, the one before it.
Using the previous token again displaces its first successor. Any other token of the family is reuse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_cognito.authentication import tokens
from local_cognito.authentication.sessions import handle_of
from local_cognito.authentication.sign_in import require
from local_cognito.model import errors
from local_cognito.storage.records import SpentToken
from local_cognito.users import directory

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Answer, Cognito
    from local_cognito.storage.records import Client, Grant, Pool
    from local_cognito.storage.user_records import User


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
    found = cognito.store.grants.first_with(handle, "refresh_handle", "previous_handle")
    if found is not None:
        return found
    spent = cognito.store.spent_tokens.get(handle)
    return None if spent is None else cognito.store.grants.get(spent.origin_jti)


def usable_grant(
    cognito: Cognito, pool: Pool, client: Client, token: str, device_key: str | None
) -> tuple[Grant, User]:
    """Return the grant of a valid refresh token, and its user.

    Raises:
        CognitoError: NotAuthorizedException with the reason; RefreshTokenReuseException.
    """
    grant = grant_of(cognito, token)
    if grant is None or grant.pool_id != pool.id:
        raise errors.REFRESH_INVALID()
    if grant.client_id != client.id:
        raise errors.REFRESH_OF_ANOTHER_CLIENT()
    user = _user_of(cognito, grant)
    if grant.signed_out:
        raise errors.REFRESH_REVOKED()
    if grant.revoked:
        raise errors.FAMILY_REVOKED() if client.rotates else errors.REFRESH_REVOKED()
    if pool.tracks_devices and not _is_its_device(cognito, grant, device_key):
        raise errors.REFRESH_INVALID()
    if cognito.now() >= grant.expires:
        raise errors.REFRESH_EXPIRED()
    _refuse_spent(cognito, client, grant, token)
    return grant, user


def _user_of(cognito: Cognito, grant: Grant) -> User:
    """Return the user who signed in; the sub tells another user of the same name apart."""
    user = cognito.store.users.get(grant.pool_id, grant.username)
    if user is None or grant.sub not in ("", user.sub):
        raise errors.REFRESH_OF_DELETED_USER()
    if not user.enabled:
        raise errors.USER_DISABLED()
    return user


def _refuse_spent(cognito: Cognito, client: Client, grant: Grant, token: str) -> None:
    """Refuse a spent token, unless it is the previous one and its grace period lasts."""
    handle = handle_of(token.encode())
    if handle == grant.refresh_handle:
        return
    if not client.rotates:
        raise errors.REFRESH_REVOKED()
    grace = int(client.settings["RefreshTokenRotation"].get("RetryGracePeriodSeconds", 0))
    if handle != grant.previous_handle or cognito.now() >= (grant.rotated or 0) + grace:
        raise errors.REFRESH_REUSED()


def _is_its_device(cognito: Cognito, grant: Grant, device_key: str | None) -> bool:
    """Tell whether the key is the one of the confirmed device that the grant is bound to."""
    if device_key is None or device_key != grant.device_key:
        return False
    device = cognito.store.devices.get(device_key)
    return device is not None and bool(device.verifier)


def refreshed(cognito: Cognito, pool: Pool, client: Client, user: User, grant: Grant, token: str) -> Answer:
    """Return AuthenticationResult with new tokens, and a new refresh token where the client rotates them."""
    following = {"RefreshToken": _rotate(cognito, grant, token)} if client.rotates else {}
    return tokens.mint(cognito, pool, client, user, grant, "TokenGeneration_RefreshTokens") | following


def _rotate(cognito: Cognito, grant: Grant, token: str) -> str:
    """Spend `token`, which becomes the previous one, and return the new refresh token."""
    following, handle = tokens.new_refresh_token(cognito), handle_of(token.encode())
    # Using the previous token again in its grace period does not extend the period.
    displaced: str | None = grant.refresh_handle
    if handle == grant.refresh_handle:
        displaced = grant.previous_handle
        grant.previous_handle, grant.rotated = handle, cognito.now()
    if displaced:
        spent = SpentToken(displaced, grant.pool_id, grant.client_id, grant.origin_jti, grant.expires)
        cognito.store.spent_tokens.put(spent)
    grant.refresh_handle, grant.token_jti = handle_of(following.encode()), cognito.random_uuid()
    cognito.store.grants.put(grant)
    return following
