"""The boto3 clients that the program uses: where boto3's settings lead, and for a pool of its own."""

from __future__ import annotations

import json
import logging
import os
from http import HTTPStatus
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError, ReadTimeoutError

from scenario.answer_shape import install_answer_checks
from scenario.endpoint import is_aws
from scenario.refusals import is_attempt_limit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from botocore.config import Config
    from botocore.model import OperationModel
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    Hook = Callable[[CognitoIdentityProviderClient], None]

SERVICE: Final = "cognito-idp"
_ANY_CREDENTIALS: Final[Mapping[str, Any]] = {  # only AWS has accounts
    "aws_access_key_id": "local",
    "aws_secret_access_key": "local",
}
# Three silent attempts, connecting and reading, and the pauses between them (3 s at most) take 30 s.
_CONNECT_SECONDS, _READ_SECONDS, _ATTEMPTS = 3, 6, 3
_ATTEMPT_SECONDS: Final = _CONNECT_SECONDS + _READ_SECONDS  # also when an answer comes a byte at a time
# Done twice, these send two messages; so they are not repeated when only the answer may have got lost.
_SEND_MESSAGES = {"ResendConfirmationCode"}
# botocore's loggers that have whole requests and answers, passwords and tokens too, in their DEBUG records.
_LOG_CONTENT = ("botocore.endpoint", "botocore.parsers")
_NOT_COGNITOS = b'{"message": "That was no answer of Cognito, or not all of it"}'
_ANSWER_LOST = (ReadTimeoutError, ConnectionClosedError)


class SettingsError(BotoCoreError):
    """Settings of AWS, from the environment or its files, that no client can be made with.

    Args:
        what: the defect.
    """

    fmt = "The AWS settings make no sense: {what}"


def aws_client(
    user_pool_id: str, endpoint: str | None = None, hooks: Sequence[Hook] = ()
) -> CognitoIdentityProviderClient:
    """Return a client with boto3's usual settings, in the region of the pool's ID.

    Args:
        user_pool_id: the user pool's ID.
        endpoint: a URL in place of the one that the settings lead to.
        hooks: what observes the client.

    Raises:
        BotoCoreError: environment or files have settings that make no sense.
    """
    return _client(user_pool_id.split("_", 1)[0], endpoint, hooks)


def account_client() -> CognitoIdentityProviderClient:
    """Return a client for a whole account, with boto3's usual credentials and region.

    Raises:
        BotoCoreError: environment or files have settings that make no sense.
    """
    return _client(None)


def _client(
    region: str | None, endpoint: str | None = None, hooks: Sequence[Hook] = ()
) -> CognitoIdentityProviderClient:
    import boto3  # noqa: PLC0415 - it takes longer to load than the first question may

    try:
        session = boto3.Session()
        client = session.client(SERVICE, region_name=region, endpoint_url=endpoint, config=_config())
        if not is_aws(client.meta.endpoint_url) and session.get_credentials() is None:
            client = session.client(
                SERVICE, region_name=region, endpoint_url=endpoint, config=_config(), **_ANY_CREDENTIALS
            )
        url = urlsplit(client.meta.endpoint_url)
        is_endpoint = url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
    except BotoCoreError:
        raise
    except ValueError as error:
        raise SettingsError(what=str(error)) from None
    if not is_endpoint:
        raise SettingsError(what=f"{client.meta.endpoint_url} is not an endpoint URL.")
    return _guarded(client, hooks)


def local_client(url: str, region: str, hooks: Sequence[Hook] = ()) -> CognitoIdentityProviderClient:
    """Return a client for the local pool at `url`, whatever environment and files say of AWS and proxies."""
    import boto3  # noqa: PLC0415 - as above
    import botocore.session  # noqa: PLC0415 - as above

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
        config=_config(proxies={}),
        **_ANY_CREDENTIALS,
    )
    return _guarded(client, hooks)


def _config(**settings: Any) -> Config:
    from botocore.config import Config  # noqa: PLC0415 - as above

    return Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        **settings,
    )


def _guarded(client: CognitoIdentityProviderClient, hooks: Sequence[Hook]) -> CognitoIdentityProviderClient:
    """Make the client retry after invalid answers, never retry unsafe calls, and log no secrets."""
    client.meta.events.register("before-parse.cognito-identity-provider", _check_answer)
    install_answer_checks(client)
    for hook in hooks:
        hook(client)
    client.meta.events.register_first("needs-retry.cognito-identity-provider", _give_up)
    # botocore has limits for silence alone, and no public place for another one.
    endpoint = cast("Any", client)._endpoint  # noqa: SLF001
    endpoint.http_session = _BoundedSession(endpoint.http_session)
    for name in _LOG_CONTENT:
        logging.getLogger(name).addFilter(_is_above_debug)
    return client


class _BoundedSession:
    """An HTTP session of botocore's whose answers have to be there, whole, within a time.

    Requests are sent by a thread that is kept for the next one. When an answer is late, the thread is left to
    wait for it, and another one takes its place.

    Args:
        session: what sends the requests.
    """

    def __init__(self, session: Any) -> None:
        self._session = session
        self._idle: SimpleQueue[_Sender] = SimpleQueue()

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        """Send a request, and return its answer.

        Raises:
            ReadTimeoutError: the answer was not whole in time; nobody waits for the rest of it.
            BotoCoreError: the request could not be sent, or got no answer.
        """
        try:
            sender = self._idle.get_nowait()
        except Empty:
            sender = _Sender(self._session)
        result = sender.send(request)
        self._idle.put(sender)
        if isinstance(result, Exception):
            raise result
        return result

    def close(self) -> None:
        """Close idle connections."""
        self._session.close()


class _Sender:
    """A thread that sends one request after another; it keeps no program from ending.

    Args:
        session: what sends them.
    """

    def __init__(self, session: Any) -> None:
        self._session = session
        self._requests: SimpleQueue[AWSPreparedRequest] = SimpleQueue()
        self._results: SimpleQueue[AWSResponse | Exception] = SimpleQueue()
        Thread(target=self._run, daemon=True).start()

    def send(self, request: AWSPreparedRequest) -> AWSResponse | Exception:
        """Return the answer to a request, or what went wrong.

        Raises:
            ReadTimeoutError: the answer is late. It may still come, so that nothing else may go this way.
        """
        self._requests.put(request)
        try:
            return self._results.get(timeout=_ATTEMPT_SECONDS)
        except Empty:
            raise ReadTimeoutError(endpoint_url=request.url) from None

    def _run(self) -> None:
        while True:
            request = self._requests.get()
            try:
                self._results.put(self._session.send(request))
            except Exception as error:  # noqa: BLE001 - raised again where the answer is waited for
                self._results.put(error)


def _is_above_debug(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG


def _check_answer(operation_model: OperationModel, response_dict: dict[str, Any], **_: object) -> None:
    """Turn an answer that is not Cognito's, or cut off, into a gateway error, so that the call is retried.

    botocore would take half an answer, or a page from a proxy on the way, for an answer with nothing in it.
    """
    body, status = response_dict["body"], response_dict["status_code"]
    is_wordless = not body and status < HTTPStatus.MULTIPLE_CHOICES and operation_model.output_shape is None
    if is_wordless or _is_json_object(body):
        return
    is_cut = "json" in response_dict["headers"].get("Content-Type", "")
    if is_cut or status < HTTPStatus.MULTIPLE_CHOICES:
        response_dict["status_code"] = HTTPStatus.BAD_GATEWAY.value
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
    """Raise the outcome of an attempt that must not be retried; botocore's rules decide on all others."""
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
