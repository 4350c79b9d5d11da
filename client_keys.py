"""The verifier of a pool's tokens that the users of one boto3 client share, keys included."""

from __future__ import annotations

import time
from http import HTTPStatus
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from botocore.exceptions import HTTPClientError  # type: ignore[import-untyped,unused-ignore]

from cognito_idp_actions import CognitoIdentityProviderWrapper
from token_keys import FETCH_SECONDS, Fetch, read_all
from token_verifier import TokenVerifier, dns_suffix

# Verifiers by boto3 client, so that its users share the pool's keys.
_verifiers: WeakKeyDictionary[object, dict[tuple[str, ...], TokenVerifier]] = WeakKeyDictionary()


def verifier_of(cognito: CognitoIdentityProviderWrapper, jwks_url: str | None = None) -> TokenVerifier:
    """Return the verifier of a pool's tokens, the same for all users of one boto3 client and app client.

    It fetches keys as that client sends requests: with its CA bundle, proxies and time-outs.

    Args:
        cognito: the pool and the app client.
        jwks_url: where the keys are; by default AWS's place or, where the client has an endpoint of another
            kind, below that.
    """
    client = cognito.cognito_idp_client
    place = jwks_url or _jwks_url(cognito)
    shared = _verifiers.setdefault(client, {})
    name = (cognito.user_pool_id, cognito.client_id, place or "")
    if name not in shared:
        shared[name] = TokenVerifier(
            cognito.user_pool_id, client_ids=cognito.client_id, jwks_url=place, fetch=_fetch_by(client)
        )
    return shared[name]


def _jwks_url(cognito: CognitoIdentityProviderWrapper) -> str | None:
    endpoint = cognito.cognito_idp_client.meta.endpoint_url.rstrip("/")
    host, region = urlsplit(endpoint).hostname or "", cognito.user_pool_id.partition("_")[0]
    if host.endswith(f".{dns_suffix(region)}"):
        return None
    return f"{endpoint}/{cognito.user_pool_id}/.well-known/jwks.json"


def _fetch_by(client: object) -> Fetch | None:
    # botocore has no public way to another address; without this one urllib has the usual settings.
    http_session = getattr(getattr(client, "_endpoint", None), "http_session", None)
    if http_session is None:
        return None

    def fetch(url: str) -> bytes:
        from botocore.awsrequest import (  # type: ignore[import-untyped,unused-ignore] # noqa: PLC0415 - it is slow
            AWSRequest,
        )

        request = AWSRequest("GET", url, stream_output=True).prepare()
        end = time.monotonic() + FETCH_SECONDS
        answer = http_session.send(request)
        if answer.status_code != HTTPStatus.OK:
            raise HTTPClientError(error=f"status {answer.status_code}")
        return read_all(answer.raw.stream(), end)

    return fetch
