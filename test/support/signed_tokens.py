"""Tokens and key sets as a pool's, signed here, and a clock that stands still until it is set."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

POOL_ID, CLIENT_ID = "eu-west-1_AbCdEf123", "1example2client3id"
ISSUER = f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL_ID}"
UPDATED_ISSUER = f"https://issuer-cognito-idp.eu-west-1.amazonaws.com/{POOL_ID}"
NOW = 1_780_000_000
KEY_ID = "the pool's"


class SetClock:
    """Returns the time that was set."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        """Return it, in epoch seconds."""
        return self.now


@cache
def signing_key(name: str = KEY_ID) -> rsa.RSAPrivateKey:
    """Return the private key of this name, the same for a whole run."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_key(name: str = KEY_ID) -> dict[str, Any]:
    """Return its public half as Cognito publishes it."""
    key = jwt.algorithms.RSAAlgorithm.to_jwk(signing_key(name).public_key(), as_dict=True)
    return {"kty": "RSA", "n": key["n"], "e": key["e"], "kid": name, "alg": "RS256", "use": "sig"}


def key_set(*names: str) -> dict[str, Any]:
    """Return the key set with these keys."""
    return {"keys": [public_key(name) for name in names or (KEY_ID,)]}


def access_token(key: str = KEY_ID, **changed: Any) -> str:
    """Return an access token with these claims changed; those that are None are left out."""
    claims = {
        "iss": ISSUER,
        "client_id": CLIENT_ID,
        "token_use": "access",
        "exp": NOW + 3600,
        "iat": NOW,
        "auth_time": NOW,
        "sub": "5f6c",
        "username": "alice",
        "scope": "aws.cognito.signin.user.admin",
        **changed,
    }
    return signed({name: value for name, value in claims.items() if value is not None}, key)


def id_token(**changed: Any) -> str:
    """Return an ID token with these claims changed."""
    identity = {"token_use": "id", "aud": CLIENT_ID, "client_id": None, "cognito:username": "alice"}
    return access_token(**{**identity, "username": None, "scope": None, **changed})


def signed(claims: Any, key: str = KEY_ID, **header: Any) -> str:
    """Return the JWT of anything, signed with a key, and with its ID unless the header has another."""
    text = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    return jwt.PyJWS().encode(text, signing_key(key), algorithm="RS256", headers={"kid": key, **header})


def unsigned(header: bytes, claims: bytes, signature: bytes = b"signature") -> str:
    """Return three parts of anything."""
    parts = (header, claims, signature)
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
