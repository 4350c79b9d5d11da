"""Tokens: Cognito's claims, RS256 with the pool's published keys, and every check of an access token."""

from __future__ import annotations

import base64
import json
import uuid
from typing import TYPE_CHECKING, Any

import jwt
import pytest

from test.support.inside import connection_of, store_of
from test.support.pool_driver import (
    ALICE,
    DISABLED,
    HOUR,
    PASSWORD,
    TOKEN_INVALID,
    USER_NOT_FOUND,
    http,
    refused,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from jwt.types import Options

    from test.support.pool_driver import PoolDriver


SIGNATURE_WRONG = ("NotAuthorizedException", "Could not verify signature for Access Token")
EXPIRED = ("NotAuthorizedException", "Access Token has expired")
REVOKED = ("NotAuthorizedException", "Access Token has been revoked")
NO_SCOPE = ("NotAuthorizedException", "Access Token does not have required scopes")
SHARED = {"sub", "iss", "iat", "exp", "auth_time", "jti", "origin_jti", "event_id", "token_use"}


def tokens_of(pool: PoolDriver, name: str = ALICE) -> dict[str, Any]:
    """Sign a new user in to a pool without MFA and return AuthenticationResult."""
    pool.user(name)
    result: dict[str, Any] = pool.sign_in(name)["AuthenticationResult"]
    return result


def key_set(pool: PoolDriver) -> dict[str, Any]:
    """Return the pool's published keys by kid."""
    answer = http(f"{pool.server.url}/{pool.id}/.well-known/jwks.json")
    return {key["kid"]: jwt.PyJWK(key) for key in answer.content["keys"]}


def verified(pool: PoolDriver, token: str, **options: Any) -> dict[str, Any]:
    """Return the claims of a token, verified with the published key that its header names."""
    key = key_set(pool)[jwt.get_unverified_header(token)["kid"]]
    off: Options = {"verify_exp": False, "verify_iat": False, "verify_aud": "audience" in options}
    return jwt.decode(token, key, ["RS256"], options=off, **options)


def use(pool: PoolDriver, token: str) -> dict[str, Any]:
    """Use an access token for an action."""
    return pool.api.associate_software_token(AccessToken=token)


@pytest.fixture
def open_pool(make_pool: Callable[..., PoolDriver]) -> PoolDriver:
    """Return a pool that offers TOTP and does not ask for it."""
    totp_on = {"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": True}}
    return make_pool(mfa=totp_on)


def forged(pool: PoolDriver, **changes: str | None) -> str:
    """Return an access token of a new user, signed with the pool's own key after `changes` to its claims."""
    token = tokens_of(pool)["AccessToken"]
    claims = jwt.decode(token, options={"verify_signature": False}) | changes
    store = store_of(pool.server)
    with store.transaction():
        key = store.keys.get(pool.id, "access")
    assert key
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, key.pem, "RS256", headers={"kid": key.kid})


def test_access_token_has_cognitos_claims(pool: PoolDriver) -> None:
    """An access token says who signed in, through which client, and may do what; it has no audience."""
    claims = verified(pool, tokens_of(pool)["AccessToken"])

    assert set(claims) == SHARED | {"client_id", "username", "scope"}
    assert claims["token_use"] == "access"
    assert claims["iss"] == f"https://cognito-idp.us-east-1.amazonaws.com/{pool.id}"
    assert (claims["client_id"], claims["username"]) == (pool.client_id, ALICE)
    assert claims["scope"] == "aws.cognito.signin.user.admin"
    assert claims["sub"] == pool.described()["attributes"]["sub"]
    assert claims["iat"] == claims["auth_time"] == int(pool.clock.now)
    assert claims["exp"] == claims["iat"] + HOUR


def test_id_token_has_cognitos_claims(pool: PoolDriver) -> None:
    """An ID token carries the attributes, its audience is the client, and verified flags are booleans."""
    claims = verified(pool, tokens_of(pool)["IdToken"], audience=pool.client_id)

    assert set(claims) == SHARED | {"aud", "cognito:username", "email", "email_verified"}
    assert (claims["token_use"], claims["cognito:username"]) == ("id", ALICE)
    assert (claims["email"], claims["email_verified"]) == (f"{ALICE}@example.com", True)


def test_identifiers_are_fresh(pool: PoolDriver) -> None:
    """Every token has a jti of its own; the tokens of one sign-in share origin_jti, other sign-ins do not."""
    first = tokens_of(pool)
    second = pool.sign_in()["AuthenticationResult"]
    claims = [
        verified(pool, result[name]) for result in (first, second) for name in ("AccessToken", "IdToken")
    ]

    assert len({claim["jti"] for claim in claims}) == 4
    assert claims[0]["origin_jti"] == claims[1]["origin_jti"] != claims[2]["origin_jti"]
    assert str(uuid.UUID(claims[0]["jti"])) == claims[0]["jti"]


def test_keys_differ_by_use_and_are_public_only(pool: PoolDriver) -> None:
    """Access and ID tokens name different keys, both RS256 and without their private half."""
    result = tokens_of(pool)
    kids = [jwt.get_unverified_header(result[name])["kid"] for name in ("AccessToken", "IdToken")]
    keys = http(f"{pool.server.url}/{pool.id}/.well-known/jwks.json").content["keys"]

    assert sorted(kids) == sorted(key["kid"] for key in keys)
    assert all(set(key) == {"kty", "alg", "use", "kid", "n", "e"} for key in keys)


def test_result_says_type_and_lifetime(pool: PoolDriver) -> None:
    """AuthenticationResult tells the type, and the seconds that the access token lasts."""
    result = tokens_of(pool)

    assert (result["TokenType"], result["ExpiresIn"]) == ("Bearer", HOUR)


def test_refresh_token_is_an_opaque_jwe(pool: PoolDriver) -> None:
    """A refresh token has five parts, and a header that says encrypted."""
    parts = tokens_of(pool)["RefreshToken"].split(".")
    header = json.loads(base64.urlsafe_b64decode(parts[0] + "=="))

    assert len(parts) == 5
    assert header == {"cty": "JWT", "enc": "A256GCM", "alg": "RSA-OAEP"}


def test_token_lifetimes_are_the_clients(make_pool: Callable[..., PoolDriver]) -> None:
    """The app client says how long tokens last, in units of its choice."""
    units = {"AccessToken": "minutes", "IdToken": "hours"}
    client = {"AccessTokenValidity": 10, "IdTokenValidity": 2, "TokenValidityUnits": units}
    pool = make_pool(client=client)
    result = tokens_of(pool)
    access, identity = (verified(pool, result[name]) for name in ("AccessToken", "IdToken"))

    assert result["ExpiresIn"] == access["exp"] - access["iat"] == 600
    assert identity["exp"] - identity["iat"] == 2 * HOUR


def test_a_good_access_token_works(open_pool: PoolDriver) -> None:
    """The token of a sign-in opens the user's own actions."""
    assert use(open_pool, tokens_of(open_pool)["AccessToken"])["SecretCode"]


@pytest.mark.parametrize("text", ["no.jwt.atall", "x", "a.b", "...."])
def test_garbage_is_no_access_token(open_pool: PoolDriver, text: str) -> None:
    """Text that is no JWT is refused."""
    with refused(*TOKEN_INVALID):
        use(open_pool, text)


@pytest.mark.parametrize("name", ["IdToken", "RefreshToken"])
def test_other_tokens_are_no_access_tokens(open_pool: PoolDriver, name: str) -> None:
    """ID and refresh tokens do not open what access tokens open."""
    with refused(*TOKEN_INVALID):
        use(open_pool, tokens_of(open_pool)[name])


def test_unsigned_token_is_refused(open_pool: PoolDriver) -> None:
    """The algorithm none proves nothing."""
    claims = jwt.decode(tokens_of(open_pool)["AccessToken"], options={"verify_signature": False})

    with refused(*SIGNATURE_WRONG):
        use(open_pool, jwt.encode(claims, "", "none", headers={"kid": f"{open_pool.id} access"}))


def test_token_of_another_algorithm_is_refused(open_pool: PoolDriver) -> None:
    """A token signed with HMAC is refused, even under the right kid."""
    claims = jwt.decode(tokens_of(open_pool)["AccessToken"], options={"verify_signature": False})

    with refused(*SIGNATURE_WRONG):
        use(open_pool, jwt.encode(claims, "k" * 32, "HS256", headers={"kid": f"{open_pool.id} access"}))


def test_altered_token_is_refused(open_pool: PoolDriver) -> None:
    """Claims that were changed after signing do not pass."""
    header, payload, signature = tokens_of(open_pool)["AccessToken"].split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "==")) | {"exp": 9_999_999_999}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")

    with refused(*SIGNATURE_WRONG):
        use(open_pool, f"{header}.{payload}.{signature}")


def test_token_under_the_other_key_is_refused(open_pool: PoolDriver) -> None:
    """An access token signed with the key of ID tokens is refused."""
    claims = jwt.decode(tokens_of(open_pool)["AccessToken"], options={"verify_signature": False})
    store = store_of(open_pool.server)
    with store.transaction():
        key = store.keys.get(open_pool.id, "id")
    assert key

    with refused(*SIGNATURE_WRONG):
        use(open_pool, jwt.encode(claims, key.pem, "RS256", headers={"kid": key.kid}))


@pytest.mark.parametrize(
    "issuer", ["https://cognito-idp.us-east-1.amazonaws.com/us-east-1_nowhere", "{id}", None]
)
def test_token_of_another_issuer_is_refused(open_pool: PoolDriver, issuer: str | None) -> None:
    """A token counts only with the whole issuer of a pool that is here."""
    text = issuer and issuer.format(id=open_pool.id)

    with refused(*TOKEN_INVALID):
        use(open_pool, forged(open_pool, iss=text))


def test_access_token_expires(open_pool: PoolDriver) -> None:
    """An access token works until its last second and not after it."""
    token = tokens_of(open_pool)["AccessToken"]
    open_pool.clock.advance(HOUR - 1)
    use(open_pool, token)
    open_pool.clock.advance(1)

    with refused(*EXPIRED):
        use(open_pool, token)


def test_scope_is_needed(open_pool: PoolDriver) -> None:
    """A token without the scope for the user's own account does not open it."""
    with refused(*NO_SCOPE):
        use(open_pool, forged(open_pool, scope="openid aws.cognito.signin.user.administrator"))


def test_unknown_sign_in_counts_as_revoked(open_pool: PoolDriver) -> None:
    """A token of a sign-in that the pool does not know is refused."""
    with refused(*REVOKED):
        use(open_pool, forged(open_pool, origin_jti=str(uuid.uuid4()), event_id=str(uuid.uuid4())))


def test_revoked_sign_in_is_refused(open_pool: PoolDriver) -> None:
    """Once its sign-in is revoked, an access token is worthless."""
    token = tokens_of(open_pool)["AccessToken"]
    origin = jwt.decode(token, options={"verify_signature": False})["origin_jti"]
    with open_pool.changed("grants", origin) as grant:
        grant.revoked = True

    with refused(*REVOKED):
        use(open_pool, token)


def test_token_of_a_deleted_user_is_refused(open_pool: PoolDriver) -> None:
    """The token of a person who is gone says so."""
    token = tokens_of(open_pool)["AccessToken"]
    open_pool.api.delete_user(AccessToken=token)

    with refused(*USER_NOT_FOUND):
        use(open_pool, token)


def test_token_of_a_recreated_user_is_refused(open_pool: PoolDriver) -> None:
    """A new user of the same name has nothing to do with the old one's token."""
    token = tokens_of(open_pool)["AccessToken"]
    open_pool.api.delete_user(AccessToken=token)
    open_pool.user(ALICE, password=PASSWORD)

    with refused("NotAuthorizedException", "Invalid access token."):
        use(open_pool, token)


def test_token_of_a_disabled_user_is_refused(open_pool: PoolDriver) -> None:
    """A disabled user's token opens nothing."""
    token = tokens_of(open_pool)["AccessToken"]
    open_pool.change_user(enabled=False)

    with refused(*DISABLED):
        use(open_pool, token)


def test_refresh_token_is_not_kept(pool: PoolDriver) -> None:
    """The state holds a hash of the refresh token, not the token."""
    token = tokens_of(pool)["RefreshToken"]
    store = store_of(pool.server)

    assert token not in "".join(connection_of(store).iterdump())
