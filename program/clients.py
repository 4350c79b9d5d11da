"""The boto3 clients that the program uses: for a pool in AWS, and for the one on this machine."""

from __future__ import annotations

import json
import logging
import os
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from story.refusals import is_attempt_limit

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from botocore.model import OperationModel
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

SERVICE: Final = "cognito-idp"
# Three silent attempts, connecting and reading, and the pauses between them (3 s at most) take 30 s.
_CONNECT_SECONDS, _READ_SECONDS, _ATTEMPTS = 3, 6, 3
_CONFIG: Final = Config(
    connect_timeout=_CONNECT_SECONDS,
    read_timeout=_READ_SECONDS,
    retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
)
# Done twice, these send two messages; so they are not repeated when only the answer may have got lost.
_SEND_MESSAGES = {"ResendConfirmationCode"}
# botocore's loggers that have whole requests and answers, passwords and tokens too, in their DEBUG records.
_LOG_CONTENT = ("botocore.endpoint", "botocore.parsers")
_NOT_COGNITOS = b'{"message": "That was no answer of Cognito, or not all of it"}'
_ANSWER_LOST = (ReadTimeoutError, ConnectionClosedError)


def aws_client(user_pool_id: str) -> CognitoIdentityProviderClient:
    """Return a client for a pool in AWS, with boto3's usual credentials, in the region of the pool's ID."""
    client = boto3.Session().client(SERVICE, region_name=user_pool_id.split("_", 1)[0], config=_CONFIG)
    return _guarded(client)


def account_client() -> CognitoIdentityProviderClient:
    """Return a client for a whole account, with boto3's usual credentials and region."""
    return _guarded(boto3.Session().client(SERVICE, config=_CONFIG))


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
        config=_CONFIG.merge(Config(proxies={})),
    )
    return _guarded(client)


def _guarded(client: CognitoIdentityProviderClient) -> CognitoIdentityProviderClient:
    """Have the client repeat what is no answer, repeat nothing that could do harm, and log no secret."""
    client.meta.events.register("before-parse.cognito-identity-provider", _check_answer)
    client.meta.events.register_first("needs-retry.cognito-identity-provider", _give_up)
    for name in _LOG_CONTENT:
        logging.getLogger(name).addFilter(_is_above_debug)
    return client


def _is_above_debug(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG


def _check_answer(operation_model: OperationModel, response_dict: dict[str, Any], **_: object) -> None:
    """Make a gateway's error of what is no answer of Cognito, or only a part of one, so that it is repeated.

    botocore would take half an answer, or a page from a proxy on the way, for an answer with nothing in it.
    """
    body, status = response_dict["body"], response_dict["status_code"]
    is_wordless = not body and status < HTTPStatus.MULTIPLE_CHOICES and operation_model.output_shape is None
    if is_wordless or _is_json_object(body):
        return
    is_cut = "json" in response_dict["headers"].get("Content-Type", "")
    if is_cut or status < HTTPStatus.MULTIPLE_CHOICES:
        response_dict["status_code"] = HTTPStatus.BAD_GATEWAY
    response_dict["body"] = _NOT_COGNITOS


def _is_json_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body.decode()), dict)
    except (ValueError, RecursionError):
        return False


def _give_up(
    operation: OperationModel,
    response: tuple[AWSResponse, dict[str, Any]] | None,
    caught_exception: Exception | None,
    **_: object,
) -> None:
    """Raise what came of an attempt that must not be repeated; botocore's own rules decide on all others."""
    sends_message = operation.name in _SEND_MESSAGES
    if response is None:
        if sends_message and isinstance(caught_exception, _ANSWER_LOST):
            raise caught_exception
        return
    http_response, answer = response
    # botocore's rules look at the first of these, `_check_answer` changed the second.
    http_response.status_code = answer["ResponseMetadata"]["HTTPStatusCode"]
    if "Error" not in answer:
        return
    refusal = ClientError(cast("Any", answer), operation.name)
    # A limit on a user's attempts lasts up to an hour; botocore takes it for throttling, which lasts seconds.
    is_server_error = http_response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
    if is_attempt_limit(refusal) or (sends_message and is_server_error):
        raise refusal
