"""`LocalCognito.environment()`: variables for one's own runner, and for programs that are started."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import boto3

if TYPE_CHECKING:
    import pytest

    from local_cognito import LocalCognito


def test_is_set_for_a_block(server: LocalCognito, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the block boto3 finds the pool, whatever was set before; after it all is as it was."""
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("NO_PROXY", "example.com")
    pool = server.create_pool()
    before = dict(os.environ)
    session = boto3.DEFAULT_SESSION
    with server.environment(pool):
        found = boto3.client("cognito-idp").describe_user_pool(UserPoolId=os.environ["COGNITO_USER_POOL_ID"])
        assert os.environ["NO_PROXY"] == "example.com,127.0.0.1,localhost"

    assert found["UserPool"]["Id"] == pool.pool_id
    assert dict(os.environ) == before
    assert boto3.DEFAULT_SESSION is session


def test_is_put_back_after_an_exception(server: LocalCognito) -> None:
    """A block that fails leaves nothing behind."""
    before = dict(os.environ)
    try:
        with server.environment():
            raise LookupError  # noqa: TRY301 - it is what the test is about
    except LookupError:
        pass

    assert dict(os.environ) == before


def test_is_a_dictionary(server: LocalCognito) -> None:
    """A program that is started with it finds the pool."""
    pool = server.create_pool()
    code = (
        "import boto3, os;"
        "boto3.client('cognito-idp').list_users(UserPoolId=os.environ['COGNITO_USER_POOL_ID'])"
    )
    variables = os.environ | server.environment(pool)

    subprocess.run([sys.executable, "-c", code], env=variables, timeout=60, check=True)


def test_has_no_secret_that_there_is_not(server: LocalCognito) -> None:
    """Only a pool has IDs, and only a client with a secret has that."""
    with_secret = server.create_pool(client_secret=True)

    assert not [name for name in server.environment() if name.startswith("COGNITO_")]
    assert "COGNITO_CLIENT_SECRET" not in server.environment(server.create_pool())
    assert server.environment(with_secret)["COGNITO_CLIENT_SECRET"] == with_secret.client_secret
