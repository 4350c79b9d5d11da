"""Regions: a pool is made in the one that the request was signed for, and listed there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import jwt
import pytest

from local_cognito import LocalCognito
from test.support.pool_driver import TARGET, http

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient


@pytest.fixture(scope="module")
def european() -> Iterator[LocalCognito]:
    """Give a server whose own region is in Europe."""
    with LocalCognito(region="eu-west-1") as server:
        yield server


def client_in(server: LocalCognito, region: str) -> CognitoIdentityProviderClient:
    """Return a client that signs for this region."""
    return boto3.client(
        "cognito-idp",
        endpoint_url=server.url,
        region_name=region,
        aws_access_key_id="any",
        aws_secret_access_key="any",
    )


@pytest.mark.parametrize("region", ["eu-west-1", "ap-southeast-2", "us-gov-west-1"])
def test_a_pool_is_made_where_the_request_is_signed_for(european: LocalCognito, region: str) -> None:
    """The pool's ID, ARN and tokens name the region in the credential of the request."""
    api = client_in(european, region)
    pool = api.create_user_pool(PoolName="one")["UserPool"]
    assert pool["Id"].startswith(f"{region}_")
    assert pool["Arn"].startswith(f"arn:aws:cognito-idp:{region}:")

    flows: Any = {"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]}
    app = api.create_user_pool_client(UserPoolId=pool["Id"], ClientName="app", **flows)["UserPoolClient"]
    api.sign_up(ClientId=app["ClientId"], Username="alice", Password="Correct-Horse-1!")
    api.admin_confirm_sign_up(UserPoolId=pool["Id"], Username="alice")
    token = api.initiate_auth(
        ClientId=app["ClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "alice", "PASSWORD": "Correct-Horse-1!"},
    )["AuthenticationResult"]["AccessToken"]

    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["iss"] == f"https://cognito-idp.{region}.amazonaws.com/{pool['Id']}"
    assert api.get_user(AccessToken=token)["Username"] == "alice"


def test_pools_are_listed_in_their_region(european: LocalCognito) -> None:
    """ListUserPools lists the pools of the region that it was signed for, pages too."""
    clients = [client_in(european, region) for region in ("sa-east-1", "ca-central-1")]
    for number in range(4):
        clients[number % 2].create_user_pool(PoolName=f"pool{number}")

    pages = clients[1].get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": 1})

    assert [pool["Name"] for page in pages for pool in page["UserPools"]] == ["pool1", "pool3"]


@pytest.mark.parametrize(
    "authorization",
    [
        "AWS4-HMAC-SHA256 Credential=nobody",
        "AWS4-HMAC-SHA256 Credential=any/20260101/cognito-idp/aws4_request",
        "AWS4-HMAC-SHA256 Credential=any/20260101/us_east/cognito-idp/aws4_request",
        "AWS4-HMAC-SHA256 Credential=any/20260101//cognito-idp/aws4_request",
        f"AWS4-HMAC-SHA256 Credential=any/20260101/{'x' * 60}/cognito-idp/aws4_request",
        "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/s3/aws4_request",
        "Bearer token",
    ],
)
def test_a_signature_without_a_region(european: LocalCognito, authorization: str) -> None:
    """Where the signature names no region of this service, the server's own counts."""
    headers = {"X-Amz-Target": f"{TARGET}CreateUserPool", "Authorization": authorization}

    answer = http(european.url, b'{"PoolName": "one"}', headers)

    assert answer.content["UserPool"]["Id"].startswith("eu-west-1_")
