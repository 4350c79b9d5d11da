"""Verifies the access and ID tokens of an Amazon Cognito user pool, in a server that receives them.

    verifier = TokenVerifier("eu-west-1_AbCdEf123", client_ids="1example2client3id")
    claims = verifier.verify(token)

It may be copied together with `token_keys.py`: PyJWT with cryptography is all that the two need, and they
load it with the first token, or in `warm_up`. It needs no AWS credentials, and makes one kind of request: for
the pool's public keys.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, Literal

from token_keys import (
    ALGORITHM,
    FETCH_SECONDS,
    KEYS_SECONDS,
    CognitoAuthError,
    Fetch,
    FetchedKeys,
    KeySet,
    KeysUnavailableError,
    download,
)

if TYPE_CHECKING:
    from jwt import PyJWK
else:
    PyJWK = Any  # for whoever resolves the annotations at run time

__all__ = [
    "CognitoAuthError",
    "ExpiredTokenError",
    "ForeignTokenError",
    "InsufficientScopeError",
    "KeysUnavailableError",
    "MalformedTokenError",
    "TamperedTokenError",
    "TokenAlgorithmError",
    "TokenError",
    "TokenUseError",
    "TokenVerifier",
    "dns_suffix",
    "issuers_of",
    "unverified_claims",
]

Use = Literal["access", "id"]

_FAR_FUTURE = 1 << 53  # seconds; a number from here on is not a time
_POOL_ID = re.compile(r"([a-z]+(?:-[a-z]+)+-\d+)_[0-9A-Za-z]+")
# The DNS suffixes of the partitions that do not have "amazonaws.com", by the start of their regions' names.
_DNS_SUFFIXES = {
    "cn-": "amazonaws.com.cn",
    "eusc-": "amazonaws.eu",
    "us-iso-": "c2s.ic.gov",
    "us-isob-": "sc2s.sgov.gov",
    "eu-isoe-": "cloud.adc-e.uk",
    "us-isof-": "csp.hci.ic.gov",
}


class TokenError(CognitoAuthError):
    """A token must not be trusted, a server's 401: the base of the errors that say why."""


class MalformedTokenError(TokenError):
    """The text is not a JWT with the claims of Cognito's tokens."""


class TokenAlgorithmError(TokenError):
    """The token's header names an algorithm other than RS256, or none."""


class TamperedTokenError(TokenError):
    """The token's signature is wrong."""


class ForeignTokenError(TokenError):
    """The token is from another key or user pool, or for another app client."""


class TokenUseError(TokenError):
    """The token is an ID token where an access token is required, or the reverse."""


class ExpiredTokenError(TokenError):
    """The token has expired, or is not valid yet."""


class InsufficientScopeError(TokenError):
    """The token is valid, but lacks a scope or a group that the request needs: a server's 403."""


def issuers_of(user_pool_id: str, replica_regions: Collection[str] = ()) -> tuple[str, ...]:
    """Return the issuers of a pool's tokens: the original form and the updated one.

    Source: IssuerConfigurationType in the API reference of Amazon Cognito user pools.

    Args:
        user_pool_id: ID of the user pool, such as `eu-west-1_AbCdEf123`.
        replica_regions: further regions with a replica of the pool, such as `["eu-central-1"]`.

    Raises:
        ValueError: that is not a user pool ID.
    """
    match = _POOL_ID.fullmatch(user_pool_id)
    if not match:
        raise ValueError("A user pool ID is a region, an underscore, and letters or digits.")
    return tuple(
        f"https://{service}.{region}.{dns_suffix(region)}/{user_pool_id}"
        for region in (match[1], *replica_regions)
        for service in ("cognito-idp", "issuer-cognito-idp")
    )


def dns_suffix(region: str) -> str:
    """Return the DNS suffix of a region's partition, such as `amazonaws.com.cn` for `cn-north-1`."""
    suffixes = (suffix for start, suffix in _DNS_SUFFIXES.items() if region.startswith(start))
    return next(suffixes, "amazonaws.com")


class TokenVerifier:
    """Verifies the tokens of one user pool; threads may share it, and should.

    The keys are fetched with the first token, and again when they are an hour old or when a token names an
    unknown one. However many threads wait, there is one fetch. After a failed fetch the next attempts wait
    for 1, 2, 4, ... 32 seconds, and tokens are answered at once with KeysUnavailableError meanwhile.

    Args:
        user_pool_id: ID of the user pool, such as `eu-west-1_AbCdEf123`.
        client_ids: the app client that tokens must be for, or several; None for any app client of the pool.
        jwks: the keys themselves, as `{"keys": [...]}` or as JSON text; nothing is fetched then.
        jwks_url: where the keys of every issuer are, an HTTP URL; by default below the token's issuer.
        fetch: is given a URL and returns the JSON text there; by default urllib.request.
        issuer: the one issuer to accept, in place of the pool's own two.
        replica_regions: further regions with a replica of the pool, whose tokens are accepted too.
        leeway: seconds by which the clocks of this machine and of Cognito may differ.
        keys_seconds: how old keys may get before they are read again.
        fetch_seconds: how long one fetch may take in all.
        clock: returns the time, in epoch seconds.

    Raises:
        ValueError: an argument is not of the form above.
    """

    def __init__(
        self,
        user_pool_id: str,
        *,
        client_ids: str | Collection[str] | None,
        jwks: Mapping[str, Any] | str | bytes | None = None,
        jwks_url: str | None = None,
        fetch: Fetch | None = None,
        issuer: str | None = None,
        replica_regions: Collection[str] = (),
        leeway: float = 0,
        keys_seconds: float = KEYS_SECONDS,
        fetch_seconds: float = FETCH_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.user_pool_id = user_pool_id
        self.client_ids = None if client_ids is None else frozenset(_several(client_ids))
        self.issuers = (issuer,) if issuer else issuers_of(user_pool_id, replica_regions)
        self.leeway = leeway
        self._clock = clock
        if jwks is not None and (jwks_url or fetch):
            raise ValueError("Give jwks, or where and how to fetch it, not both.")
        if jwks_url is not None and not jwks_url.startswith(("https://", "http://")):
            raise ValueError("jwks_url must be an HTTP URL.")
        urls = {name: jwks_url or f"{name}/.well-known/jwks.json" for name in self.issuers}
        if jwks is not None:
            self._keys: dict[str, KeySet | FetchedKeys] = dict.fromkeys(self.issuers, _static(jwks))
            return
        sources = {
            url: FetchedKeys(url, fetch or download, keys_seconds, fetch_seconds, clock)
            for url in urls.values()
        }
        self._keys = {name: sources[url] for name, url in urls.items()}

    def warm_up(self) -> None:
        """Load the libraries and the keys of the first issuer now, so that the first token need not wait.

        Raises:
            KeysUnavailableError: the keys could not be read.
        """
        self._keys[self.issuers[0]].find(None)

    def verify(
        self, token: str, use: Use = "access", scopes: Collection[str] = (), groups: Collection[str] = ()
    ) -> dict[str, Any]:
        """Return a token's claims, after signature, issuer, app client, use, and time were checked.

        Args:
            token: the JWT, without "Bearer ".
            use: "access" for an access token, "id" for an ID token.
            scopes: each of these must be in the token's `scope`.
            groups: one of these must be in the token's `cognito:groups`.

        Raises:
            TokenError: a subclass names the first fault found; no text raises anything else.
            KeysUnavailableError: the keys could not be read.
            ValueError: `use` is neither.
        """
        if use not in {"access", "id"}:
            raise ValueError('use is "access" or "id".')
        header, claims = _unverified(token)
        if header.get("alg") != ALGORITHM:
            raise TokenAlgorithmError(f"The token is not signed with {ALGORITHM}; do not trust it.")
        issuer = claims.get("iss")
        if not isinstance(issuer, str) or issuer not in self._keys:
            raise ForeignTokenError("Another user pool issued the token; do not trust it.")
        key = self._keys[issuer].find(header.get("kid"))
        if key is None:
            raise ForeignTokenError("The token is signed with a key that is not the pool's; do not trust it.")
        _check_signature(token, key)
        self._check_client(claims, use)
        self._check_time(claims, use)
        _check_permissions(claims, _several(scopes), _several(groups))
        return claims

    def _check_client(self, claims: Mapping[str, Any], use: Use) -> None:
        if claims.get("token_use") != use:
            raise TokenUseError(f"This is not an {use} token.")
        client = claims.get("client_id" if use == "access" else "aud")
        if not isinstance(client, str):
            raise MalformedTokenError("The token does not name its app client.")
        if self.client_ids is not None and client not in self.client_ids:
            raise ForeignTokenError("The token is for another app client; do not trust it.")

    def _check_time(self, claims: Mapping[str, Any], use: Use) -> None:
        # `iat` may be to come: the clocks of this machine and of Cognito may differ.
        now = self._clock()
        if now >= _seconds(claims, "exp") + self.leeway:
            raise ExpiredTokenError(f"The {use} token has expired: renew it, or sign in again.")
        if "nbf" in claims and now < _seconds(claims, "nbf") - self.leeway:
            raise ExpiredTokenError(f"The {use} token is not valid yet.")


def _static(jwks: Mapping[str, Any] | str | bytes) -> KeySet:
    return KeySet(jwks if isinstance(jwks, str | bytes) else json.dumps(jwks))


def _several(names: str | Collection[str]) -> Collection[str]:
    return (names,) if isinstance(names, str) else names


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _FAR_FUTURE:
        raise MalformedTokenError(f"The token's {name} is not a time.")
    return value


def _check_permissions(claims: Mapping[str, Any], scopes: Collection[str], groups: Collection[str]) -> None:
    held = claims.get("scope")
    if not set(scopes) <= set(held.split() if isinstance(held, str) else ()):
        raise InsufficientScopeError("The token does not have every scope that is needed.")
    member_of = claims.get("cognito:groups")
    names = [name for name in member_of if isinstance(name, str)] if isinstance(member_of, list) else []
    if groups and not set(groups) & set(names):
        raise InsufficientScopeError("The token's user is in none of the groups that are needed.")


def _unverified(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims of a JWT (RFC 7519) without checking them."""
    try:
        header, claims, _ = token.split(".")
        parts = (_json_object(header), _json_object(claims))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise MalformedTokenError(f"That is not a token of Cognito ({type(error).__name__}).") from None
    return parts


def _json_object(part: str) -> dict[str, Any]:
    value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    if not isinstance(value, dict):
        raise TypeError("That is not a JSON object.")
    return value


def unverified_claims(token: str) -> dict[str, Any]:
    """Return a token's claims without checking them: for its bearer, never for a server.

    Raises:
        MalformedTokenError: that is not a JWT.
    """
    return _unverified(token)[1]


def _check_signature(token: str, key: PyJWK) -> None:
    import jwt  # noqa: PLC0415 - loading it takes longer than all the rest

    try:
        jwt.PyJWS().decode(token, key, algorithms=[ALGORITHM])
    except jwt.InvalidSignatureError:
        raise TamperedTokenError("The token's signature is wrong; do not trust it.") from None
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
        raise MalformedTokenError(f"That is not a token of Cognito ({type(error).__name__}).") from None
