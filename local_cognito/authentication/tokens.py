"""Tokens: issuing JWTs and opaque refresh tokens, verifying access tokens, publishing the keys.

Issued JWTs are unsigned: who runs the action signs them once its changes are kept, see `rules.jws`.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from local_cognito.authentication import sessions
from local_cognito.model import errors
from local_cognito.rules import jws
from local_cognito.storage.records import Client, Grant, Group, Pool, SigningKey
from local_cognito.storage.user_records import UNCONFIRMED, User
from local_cognito.triggers import events
from local_cognito.triggers.sign_in import TokenRequest, pre_token_generation

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Answer, Cognito

ACCESS, ID = "access", "id"
AUTHENTICATION_SOURCE = "TokenGeneration_Authentication"
ORIGINAL = "ORIGINAL"
_ISSUER_HOSTS = {ORIGINAL: "cognito-idp", "UPDATED": "issuer-cognito-idp"}
_FLAGS = ("email_verified", "phone_number_verified")
SCOPE = "aws.cognito.signin.user.admin"
_REFRESH_HEADER = b'{"cty":"JWT","enc":"A256GCM","alg":"RSA-OAEP"}'
_REFRESH_PARTS = (256, 12, 600, 16)  # bytes of encrypted key, IV, ciphertext and tag of a real one


def issuer(pool: Pool) -> str:
    """Return the `iss` claim of the pool's tokens."""
    return _issuer(pool, pool.settings.get("IssuerConfiguration", {}).get("Type", ORIGINAL))


def _issuer(pool: Pool, type_: str) -> str:
    return f"https://{_ISSUER_HOSTS[type_]}.{pool.region}.amazonaws.com/{pool.id}"


def new_grant(
    cognito: Cognito, pool: Pool, client: Client, user: User, device_key: str | None
) -> tuple[Grant, str]:
    """Store a sign-in of the user and return it with its refresh token."""
    refresh_token = new_refresh_token(cognito)
    now = int(cognito.now())
    grant = Grant(
        origin_jti=cognito.random_uuid(),
        pool_id=pool.id,
        client_id=client.id,
        username=user.username,
        refresh_handle=sessions.handle_of(refresh_token.encode()),
        device_key=device_key,
        auth_time=now,
        expires=now + client.token_seconds("Refresh"),
        event_id=cognito.request_id or cognito.random_uuid(),
        sub=user.sub,
    )
    cognito.store.grants.put(grant)
    return grant, refresh_token


def mint(cognito: Cognito, pool: Pool, client: Client, user: User, grant: Grant, source: str) -> Answer:
    """Return AuthenticationResult with a new access and ID token, as PreTokenGeneration wants them.

    `source` is the trigger source of PreTokenGeneration's event.
    """
    now = int(cognito.now())
    groups = _groups(cognito, user)
    shared = {
        "sub": user.sub,
        "iss": issuer(pool),
        "event_id": grant.event_id or cognito.random_uuid(),
        "auth_time": grant.auth_time,
        "iat": now,
        **({"cognito:groups": [group.name for group in groups]} if groups else {}),
    }
    origin = {"origin_jti": grant.origin_jti if client.rotates else grant.token_jti or grant.origin_jti}
    access = shared | {"jti": cognito.random_uuid(), "exp": now + client.token_seconds("Access")}
    if client.revokes or (client.rotates and grant.token_jti):
        access |= origin
    identity = shared | {"exp": now + client.token_seconds("Id")}
    if client.revokes or client.rotates:
        identity |= origin | {"jti": cognito.random_uuid()}
    access |= _access_claims(client, user, grant.device_key)
    identity |= _identity_claims(client, user) | _role_claims(groups)
    access, identity = _changed(cognito, pool, client, user, source, access, identity)
    return {
        "AccessToken": _unsigned(cognito, pool, ACCESS, access),
        "IdToken": _unsigned(cognito, pool, ID, identity),
        "TokenType": "Bearer",
        "ExpiresIn": client.token_seconds("Access"),
    }


def for_client(cognito: Cognito, pool: Pool, client: Client, scopes: list[str]) -> Answer:
    """Return ClientAuthenticationResult: an access token of the client itself, of no user."""
    now, seconds = int(cognito.now()), client.token_seconds("Access")
    claims = {
        "sub": client.id,
        "token_use": ACCESS,
        "scope": " ".join(scopes),
        "auth_time": now,
        "iss": issuer(pool),
        "exp": now + seconds,
        "iat": now,
        "version": 2,
        "jti": cognito.random_uuid(),
        "client_id": client.id,
    }
    token = _unsigned(cognito, pool, ACCESS, claims)
    return {"AccessToken": token, "ExpiresIn": seconds, "TokenType": "Bearer"}


def _changed(
    cognito: Cognito,
    pool: Pool,
    client: Client,
    user: User,
    source: str,
    access: dict[str, Any],
    identity: dict[str, Any],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the claims of both tokens as PreTokenGeneration changes them."""
    if not events.is_configured(pool, "PreTokenGeneration"):
        return access, identity
    asked = TokenRequest(
        source,
        groups=identity.get("cognito:groups", []),
        roles=identity.get("cognito:roles", []),
        preferred_role=identity.get("cognito:preferred_role"),
        scopes=access["scope"].split(),
    )
    changes = pre_token_generation(cognito, pool, client, user, asked)
    if changes.groups is not None:
        access, identity = _without_groups(access), _without_groups(identity) | changes.groups
        if "cognito:groups" in changes.groups:
            access["cognito:groups"] = changes.groups["cognito:groups"]
    return changes.access.applied(access, is_access=True), changes.id.applied(identity, is_access=False)


def _without_groups(claims: dict[str, Any]) -> dict[str, Any]:
    names = ("cognito:groups", "cognito:roles", "cognito:preferred_role")
    return {name: value for name, value in claims.items() if name not in names}


def _groups(cognito: Cognito, user: User) -> list[Group]:
    memberships = cognito.store.memberships.where(pool_id=user.pool_id, username=user.username)
    found = (cognito.store.groups.get(user.pool_id, membership.group_name) for membership in memberships)
    return [group for group in found if group]


def revoke_all(cognito: Cognito, user: User) -> None:
    """End every sign-in of the user: running challenges, refresh tokens and their access tokens."""
    cognito.store.delete_sessions(user)
    for grant in cognito.store.grants.where(pool_id=user.pool_id, username=user.username):
        grant.signed_out = True
        cognito.store.grants.put(grant)


def _access_claims(client: Client, user: User, device_key: str | None) -> dict[str, Any]:
    claims = {"token_use": ACCESS, "client_id": client.id, "username": user.username, "scope": SCOPE}
    return claims if device_key is None else claims | {"device_key": device_key}


def _identity_claims(client: Client, user: User) -> dict[str, Any]:
    attributes = {
        name: value == "true" if name in _FLAGS else value
        for name, value in client.readable(user.attributes).items()
    }
    return attributes | {"token_use": ID, "aud": client.id, "cognito:username": user.username}


def _role_claims(groups: list[Group]) -> dict[str, Any]:
    """Return cognito:roles and cognito:preferred_role, the role of the group with the lowest Precedence.

    There is no preferred role when groups share the lowest Precedence and their roles differ, or when no
    group has a Precedence.
    """
    with_role = [group.settings for group in groups if "RoleArn" in group.settings]
    roles = [settings["RoleArn"] for settings in with_role]
    ranks = {settings["Precedence"] for settings in with_role if "Precedence" in settings}
    first = {
        settings["RoleArn"] for settings in with_role if ranks and settings.get("Precedence") == min(ranks)
    }
    preferred = {"cognito:preferred_role": first.pop()} if len(first) == 1 else {}
    return {"cognito:roles": list(dict.fromkeys(roles)), **preferred} if roles else {}


def verify_access(cognito: Cognito, token: str) -> tuple[Pool, User, dict[str, Any]]:
    """Verify an access token and return its pool, user and claims.

    Raises:
        CognitoError: NotAuthorizedException with the reason, ResourceNotFoundException when the app client is
            gone, UserNotFoundException, UserNotConfirmedException.
    """
    pool, claims = _verified_claims(cognito, token)
    if cognito.now() >= claims["exp"]:
        raise errors.TOKEN_EXPIRED()
    if SCOPE not in claims["scope"].split():
        raise errors.TOKEN_SCOPES()
    if cognito.store.clients.get(claims["client_id"]) is None:
        raise errors.UNKNOWN_CLIENT(client_id=claims["client_id"])
    user = _user_of(cognito, pool, claims)
    grant = _grant_of(cognito, claims)
    if grant is None or grant.signed_out or (grant.revoked and claims.get("origin_jti") == grant.origin_jti):
        raise errors.TOKEN_REVOKED()
    return pool, user, claims


def _user_of(cognito: Cognito, pool: Pool, claims: dict[str, Any]) -> User:
    """Return the user to whom a token was given; another of the same name is told apart by the sub."""
    user = cognito.store.users.get(pool.id, claims["username"])
    if user is None:
        raise errors.USER_NOT_FOUND()
    if not user.enabled:
        raise errors.USER_DISABLED()
    if user.status == UNCONFIRMED:
        raise errors.USER_NOT_CONFIRMED()
    if user.sub != claims["sub"]:
        raise errors.TOKEN_OF_ANOTHER_USER()
    return user


def _grant_of(cognito: Cognito, claims: dict[str, Any]) -> Grant | None:
    """Return the sign-in that a token comes from; not every token names its family."""
    named = cognito.store.grants.get(claims.get("origin_jti"))
    return named or next(iter(cognito.store.grants.where(event_id=claims["event_id"], limit=1)), None)


def _verified_claims(cognito: Cognito, token: str) -> tuple[Pool, dict[str, Any]]:
    """Verify an access token's signature and return its pool and claims; the caller checks the times."""
    import jwt  # noqa: PLC0415 - it loads much of cryptography, which a start need not wait for

    try:
        unverified = jwt.decode(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, RecursionError):
        raise errors.TOKEN_INVALID() from None
    named = str(unverified.get("iss"))
    # JSON may contain an unpaired surrogate, which SQLite refuses.
    pool = cognito.store.pools.get(named.rpartition("/")[2]) if named.isascii() else None
    if pool is None or named not in _issuers(pool) or unverified.get("token_use") != ACCESS:
        raise errors.TOKEN_INVALID()
    key = cognito.store.keys.get(pool.id, ACCESS)
    if key is None:  # the pool has not signed any token yet
        raise errors.TOKEN_SIGNATURE()
    options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}
    try:
        return pool, jwt.decode(token, jws.private_key(key.pem).public_key(), [jws.ALGORITHM], options)  # type: ignore[arg-type]
    except jwt.InvalidTokenError:
        raise errors.TOKEN_SIGNATURE() from None


def _issuers(pool: Pool) -> list[str]:
    """Return both issuers that a pool can have: tokens stay good when the setting changes."""
    return [_issuer(pool, type_) for type_ in _ISSUER_HOSTS]


def key_set(cognito: Cognito, pool: Pool) -> dict[str, Any]:
    """Return the pool's JSON Web Key Set (RFC 7517): one key for ID tokens, one for access tokens."""
    from jwt.algorithms import RSAAlgorithm  # noqa: PLC0415 - as above

    keys = []
    for use in (ID, ACCESS):
        key = _signing_key(cognito, pool, use)
        jwk = RSAAlgorithm.to_jwk(jws.private_key(key.pem).public_key(), as_dict=True)
        keys.append(
            {"kty": "RSA", "alg": jws.ALGORITHM, "use": "sig", "kid": key.kid, "n": jwk["n"], "e": jwk["e"]}
        )
    return {"keys": keys}


def openid_configuration(pool: Pool, url: str) -> dict[str, Any]:
    """Return the document of OpenID Connect Discovery 1.0 for a pool without a domain, served under `url`.

    The issuer is the tokens', an address of AWS. Of the endpoints only `jwks_uri` is served.
    """
    return {
        "authorization_endpoint": f"{url}/authorize",
        "end_session_endpoint": f"{url}/logout",
        "id_token_signing_alg_values_supported": [jws.ALGORITHM],
        "issuer": issuer(pool),
        "jwks_uri": f"{url}/.well-known/jwks.json",
        "response_types_supported": ["code", "token"],
        "revocation_endpoint": f"{url}/revoke",
        "scopes_supported": ["openid", "email", "phone", "profile"],
        "subject_types_supported": ["public"],
        "token_endpoint": f"{url}/token",
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "userinfo_endpoint": f"{url}/userInfo",
    }


def _unsigned(cognito: Cognito, pool: Pool, use: str, claims: dict[str, Any]) -> jws.UnsignedToken:
    key = _signing_key(cognito, pool, use)
    return jws.unsigned(key.pem, key.kid, claims)


def _signing_key(cognito: Cognito, pool: Pool, use: str) -> SigningKey:
    """Return the pool's key for `use`, made when it is first needed: making one takes a while."""
    key = cognito.store.keys.get(pool.id, use)
    if key is None:
        stored = cognito.store.key_stock.take(lambda kid: bool(cognito.store.keys.where(kid=kid, limit=1)))
        key = SigningKey(pool.id, use, stored.kid, stored.pem)
        cognito.store.keys.put(key)
    return key


def new_refresh_token(cognito: Cognito) -> str:
    """Return a refresh token: random text in the five parts of a JWE, opaque to clients."""
    parts = [_REFRESH_HEADER, *(cognito.random_bytes(length) for length in _REFRESH_PARTS)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
