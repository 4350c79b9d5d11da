"""The boto3 clients that the program uses: for a pool in AWS, and for the one on this machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

import boto3
import botocore.session
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

SERVICE: Final = "cognito-idp"
# Three silent attempts and the pauses between them (3 s at most) take less than 30 s.
_CONNECT_SECONDS = 5
_READ_SECONDS = 8
_ATTEMPTS = 3


def aws_client(user_pool_id: str) -> CognitoIdentityProviderClient:
    """Return a client for a pool in AWS, with boto3's usual credentials, in the region of the pool's ID."""
    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
    )
    return boto3.Session().client(SERVICE, region_name=user_pool_id.split("_", 1)[0], config=config)


def account_client() -> CognitoIdentityProviderClient:
    """Return a client for a whole account, with boto3's usual credentials and region."""
    return boto3.Session().client(SERVICE)


def local_client(url: str, region: str) -> CognitoIdentityProviderClient:
    """Return a client for the local pool at *url*, whatever environment and files say of AWS and proxies."""
    # botocore's settings, each without the places that it would be read from: only the default is left.
    settings: dict[str, Any] = {
        name: (None, None, default, convert)
        for name, (_, _, default, convert) in botocore.session.Session.SESSION_VARIABLES.items()
    }
    settings |= dict.fromkeys(("config_file", "credentials_file"), (None, None, os.devnull, None))
    session = botocore.session.Session(settings)
    return boto3.Session(botocore_session=session).client(
        SERVICE,
        endpoint_url=url,
        region_name=region,
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106 - the local pool has no accounts
        config=Config(proxies={}),
    )
