"""OpenID Connect Discovery: what a pool tells of itself, and that a client finds the keys by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jwt
import pytest

from test.support.pool_driver import http

if TYPE_CHECKING:
    from test.support.pool_driver import PoolDriver

# What OpenID Connect Discovery 1.0, section 3, requires of a provider.
REQUIRED = {
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "response_types_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
}


def test_the_configuration_is_complete(pool: PoolDriver) -> None:
    """Everything is there that the standard requires, as JSON."""
    answer = http(f"{pool.server.url}/{pool.id}/.well-known/openid-configuration")

    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert set(answer.content) >= REQUIRED
    assert answer.content["subject_types_supported"] == ["public"]
    assert answer.content["id_token_signing_alg_values_supported"] == ["RS256"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_client_checks_a_token_by_it(pool: PoolDriver, host: str) -> None:
    """An ID token passes with the issuer and the keys that the configuration names."""
    pool.user()
    token = pool.sign_in()["AuthenticationResult"]["IdToken"]
    url = pool.server.url.replace("127.0.0.1", host)

    found = http(f"{url}/{pool.id}/.well-known/openid-configuration").content

    assert found["jwks_uri"].startswith(url)
    key = jwt.PyJWKClient(found["jwks_uri"]).get_signing_key_from_jwt(token)
    claims = jwt.decode(
        token,
        key.key,
        found["id_token_signing_alg_values_supported"],
        audience=pool.client_id,
        issuer=found["issuer"],
        options={"verify_exp": False, "verify_iat": False},
    )
    assert claims["cognito:username"] == "alice"


def test_the_endpoints_are_on_this_machine(pool: PoolDriver) -> None:
    """No endpoint leads to AWS, and there is nothing behind those of OAuth."""
    found = http(f"{pool.server.url}/{pool.id}/.well-known/openid-configuration").content

    endpoints = [value for name, value in found.items() if name.endswith("_endpoint")]
    assert len(endpoints) == 5
    assert all(url.startswith(f"{pool.server.url}/{pool.id}/") for url in endpoints)
    assert {http(url).status for url in endpoints} == {404}


@pytest.mark.parametrize(
    "path",
    [
        "us-east-1_Unknown/.well-known/openid-configuration",
        ".well-known/openid-configuration",
        "x/.well-known/y",
    ],
)
def test_nothing_is_known_of_another_pool(pool: PoolDriver, path: str) -> None:
    """There is no configuration of a pool that is not there."""
    assert http(f"{pool.server.url}/{path}").status == 404


def test_the_configuration_takes_get(pool: PoolDriver) -> None:
    """A POST is refused."""
    assert http(f"{pool.server.url}/{pool.id}/.well-known/openid-configuration", b"{}").status == 405
