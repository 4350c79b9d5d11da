"""The boto3 clients that the program uses: for a pool in AWS, and for the one on this machine."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any, Final, cast

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

if TYPE_CHECKING:
    from botocore.model import OperationModel
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

SERVICE: Final = "cognito-idp"
# Three silent attempts and the pauses between them (3 s at most) take less than 30 s.
_PATIENCE: Final = Config(
    connect_timeout=5, read_timeout=8, retries={"mode": "standard", "total_max_attempts": 3}
)
# Done twice, these send two messages; so they are not repeated when only the answer may have got lost.
_SEND_MESSAGES = {"ResendConfirmationCode"}
# botocore's loggers that have whole requests and answers, passwords and tokens too, in their DEBUG records.
_LOG_CONTENT = ("botocore.endpoint", "botocore.parsers")
_ANSWER_LOST = (ReadTimeoutError, ConnectionClosedError)


def aws_client(user_pool_id: str) -> CognitoIdentityProviderClient:
    """Return a client for a pool in AWS, with boto3's usual credentials, in the region of the pool's ID."""
    client = boto3.Session().client(SERVICE, region_name=user_pool_id.split("_", 1)[0], config=_PATIENCE)
    return _guarded(client)


def account_client() -> CognitoIdentityProviderClient:
    """Return a client for a whole account, with boto3's usual credentials and region."""
    return _guarded(boto3.Session().client(SERVICE, config=_PATIENCE))


def local_client(url: str, region: str) -> CognitoIdentityProviderClient:
    """Return a client for the local pool at *url*, whatever environment and files say of AWS and proxies."""
    # botocore's settings, each without the places that it would be read from: only the default is left.
    settings: dict[str, Any] = {
        name: (None, None, default, convert)
        for name, (_, _, default, convert) in botocore.session.Session.SESSION_VARIABLES.items()
    }
    settings |= dict.fromkeys(("config_file", "credentials_file"), (None, None, os.devnull, None))
    session = botocore.session.Session(settings)
    client = boto3.Session(botocore_session=session).client(
        SERVICE,
        endpoint_url=url,
        region_name=region,
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106 - the local pool has no accounts
        config=_PATIENCE.merge(Config(proxies={})),
    )
    return _guarded(client)


def _guarded(client: CognitoIdentityProviderClient) -> CognitoIdentityProviderClient:
    """Have the client make no second attempt where one could only do harm, and log no secret."""
    client.meta.events.register_first("needs-retry.cognito-identity-provider", _give_up)
    for name in _LOG_CONTENT:
        logging.getLogger(name).addFilter(_is_above_debug)
    return client


def _is_above_debug(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG


def _give_up(
    operation: OperationModel,
    response: tuple[object, dict[str, Any]] | None,
    caught_exception: Exception | None,
    **_: object,
) -> None:
    """Raise what came of an attempt that must not be repeated; botocore's own rules decide on all others."""
    if operation.name in _SEND_MESSAGES and isinstance(caught_exception, _ANSWER_LOST):
        raise caught_exception
    # A limit on a user's attempts lasts up to an hour; botocore takes it for throttling, which lasts seconds.
    if response and response[1].get("Error", {}).get("Code") == "LimitExceededException":
        raise ClientError(cast("Any", response[1]), operation.name)
