"""`cognito_keys`: verifiers that ask AWS for a pool's keys get the pool's own, whatever they ask with."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

WAYS = {
    "urllib": "json.load(urllib.request.urlopen(url))",
    "urllib.request.Request": "json.load(urllib.request.urlopen(urllib.request.Request(url)))",
    "urllib.request.build_opener": "json.load(urllib.request.build_opener().open(url, timeout=5))",
    "urllib3": "json.loads(urllib3.PoolManager().request('GET', url).data)",
    "requests": "requests.get(url, timeout=5).json()",
    "requests.Session": "requests.Session().get(url).json()",
    "httpx": "httpx.get(url).json()",
    "httpx.AsyncClient": "asyncio.run(by_httpx(url))",
    "aiohttp": "asyncio.run(by_aiohttp(url))",
    "jwt": "jwt.PyJWKClient(url).fetch_data()",
}
HELPERS = """
import asyncio, importlib.util, json, urllib.request
import jwt, pytest, requests, urllib3, httpx

async def by_httpx(url):
    async with httpx.AsyncClient() as client:
        return (await client.get(url)).json()

async def by_aiohttp(url):
    import aiohttp
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return await answer.json()
"""


def test_keys_are_the_pools(run_apart: Callable[..., pytest.RunResult]) -> None:
    """At AWS's address the keys are those that the pool serves itself, whatever asks for them."""
    result = run_apart(f"""{HELPERS}
@pytest.mark.parametrize("way", {list(WAYS.values())})
def test_it(cognito_keys, cognito_pool, way):
    url = cognito_pool.issuer + "/.well-known/jwks.json"
    keys = eval(way, globals() | {{"url": url}})
    assert keys == json.load(urllib.request.urlopen(cognito_pool.jwks_url))
    assert len(keys["keys"]) == 2
""")

    result.assert_outcomes(passed=len(WAYS))


def test_verifies_a_token(run_apart: Callable[..., pytest.RunResult]) -> None:
    """A verifier with a fixed address accepts the pool's tokens, in every test where the setting says so."""
    result = run_apart(
        """
        import jwt, pytest

        @pytest.mark.cognito_pool(users=["alice"], region="eu-central-1")
        def test_it(cognito_pool):
            token = cognito_pool.sign_in("alice")["IdToken"]
            issuer = f"https://cognito-idp.eu-central-1.amazonaws.com/{cognito_pool.pool_id}"
            key = jwt.PyJWKClient(f"{issuer}/.well-known/jwks.json").get_signing_key_from_jwt(token)
            claims = jwt.decode(
                token, key, algorithms=["RS256"], audience=cognito_pool.client_id, issuer=issuer
            )
            assert claims["cognito:username"] == "alice"
        """,
        settings="cognito_keys = true\n",
    )

    result.assert_outcomes(passed=1)


@pytest.mark.skipif(not find_spec("moto"), reason="moto is not installed.")
def test_beside_moto(run_apart: Callable[..., pytest.RunResult]) -> None:
    """Moto goes on for other services, and does not put its key in the place of the pool's."""
    result = run_apart(
        """
        import boto3, jwt, pytest, requests
        from moto import mock_aws

        @pytest.mark.cognito_pool(users=["alice"])
        def test_it(cognito_keys, cognito_pool):
            with mock_aws():
                boto3.client("s3").create_bucket(Bucket="theirs")
                token = cognito_pool.sign_in("alice")["IdToken"]
                keys = requests.get(f"{cognito_pool.issuer}/.well-known/jwks.json", timeout=5).json()
                found = {key["kid"] for key in keys["keys"]}
                assert jwt.get_unverified_header(token)["kid"] in found
                assert [one["Name"] for one in boto3.client("s3").list_buckets()["Buckets"]] == ["theirs"]
        """,
        "-W",
        "ignore::DeprecationWarning",
    )

    result.assert_outcomes(passed=1)


def test_nothing_else_is_touched(run_apart: Callable[..., pytest.RunResult]) -> None:
    """Other addresses, those of pools that are gone, and all of them in the next test go their way."""
    result = run_apart("""
        import pytest, requests, urllib.request

        class Sent(Exception): pass

        @pytest.fixture(autouse=True)
        def no_network(monkeypatch):
            def refuse(*_, **__): raise Sent
            monkeypatch.setattr("requests.adapters.HTTPAdapter.send", refuse)

        def asked(url):
            with pytest.raises(Sent):
                requests.get(url, timeout=5)

        def test_others(cognito_keys, cognito_pool, cognito_client):
            asked("https://example.com/.well-known/jwks.json")
            asked(cognito_pool.issuer + "/.well-known/other")
            asked("https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Absent000/.well-known/jwks.json")
            keys = cognito_pool.issuer + "/.well-known/jwks.json"
            assert requests.get(keys, timeout=5).json()["keys"]
            cognito_client.delete_user_pool(UserPoolId=cognito_pool.pool_id)
            asked(keys)

        def test_next(cognito_pool):
            asked(cognito_pool.issuer + "/.well-known/jwks.json")
    """)

    result.assert_outcomes(passed=2)
