"""Clients: for the pool's own region in AWS, and for this machine alone."""

from __future__ import annotations

import socketserver
import threading
import time
from contextlib import suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from program import clients
from program.clients import account_client, aws_client, local_client

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from local_cognito import LocalCognito
    from local_cognito.setup.default_pool import PoolIds


BROKEN_FILE = "[default\nretry_mode = junk"
JUNK = {
    "profile": {"AWS_PROFILE": "missing", "AWS_DEFAULT_PROFILE": "missing"},
    "region": {"AWS_REGION": "?", "AWS_DEFAULT_REGION": "?"},
    "retries": {"AWS_RETRY_MODE": "junk", "AWS_MAX_ATTEMPTS": "many"},
    "endpoint": {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_USE_FIPS_ENDPOINT": "true"},
    "mode": {"AWS_DEFAULTS_MODE": "junk", "AWS_ACCOUNT_ID_ENDPOINT_MODE": "junk"},
}
PROXY = "http://127.0.0.1:9"  # the discard port: nothing listens there


def users(server: LocalCognito, pool: PoolIds) -> list[Any]:
    """Ask the pool for its users, by a client that is made now."""
    return local_client(server.url, server.region).list_users(UserPoolId=pool.pool_id)["Users"]


class TestLocalClient:
    """The client for the pool on this machine."""

    @pytest.mark.parametrize("environment", JUNK.values(), ids=JUNK)
    def test_settings_of_aws_do_not_matter(
        self,
        server: LocalCognito,
        pool: PoolIds,
        monkeypatch: pytest.MonkeyPatch,
        environment: dict[str, str],
    ) -> None:
        """Whatever variables say of AWS, the local pool answers."""
        for name, value in environment.items():
            monkeypatch.setenv(name, value)

        assert users(server, pool) == []

    @pytest.mark.parametrize("variable", ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
    @pytest.mark.parametrize("content", [BROKEN_FILE, "[default]\nretry_mode = junk\n"])
    def test_files_of_aws_do_not_matter(
        self,
        server: LocalCognito,
        pool: PoolIds,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
        variable: Any,
        content: Any,
    ) -> None:
        """Neither a file of settings that is wrong nor one that is no such file at all is read."""
        (tmp_path / "file").write_text(content)
        monkeypatch.setenv(variable, str(tmp_path / "file"))

        assert users(server, pool) == []

    @pytest.mark.parametrize("name", ["config", "credentials"])
    def test_files_at_home_do_not_matter(
        self,
        server: LocalCognito,
        pool: PoolIds,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
        name: str,
    ) -> None:
        """Nor is one of the files read that are at home by default."""
        for variable in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            monkeypatch.delenv(variable)
        monkeypatch.setenv("HOME", str(tmp_path))
        (tmp_path / ".aws").mkdir()
        (tmp_path / ".aws" / name).write_text(BROKEN_FILE)

        assert users(server, pool) == []

    def test_proxies_do_not_matter(
        self, server: LocalCognito, pool: PoolIds, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A request to this machine never goes through a proxy."""
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, PROXY)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name)

        assert users(server, pool) == []


class _TricklingServer(socketserver.ThreadingTCPServer):
    """Listens until it is over.

    Args:
        at_once: what is sent at once.
    """

    def __init__(self, at_once: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Trickling)
        self.at_once, self.is_over = at_once, threading.Event()


class _Trickling(socketserver.BaseRequestHandler):
    """Sends one byte of an answer after the other, as long as a person takes them."""

    server: _TricklingServer

    def handle(self) -> None:
        """Answer a request, be it a byte at a time from the first line on or in the body."""
        self.request.recv(65536)
        with suppress(OSError):
            self.request.sendall(self.server.at_once)
            while not self.server.is_over.wait(0.02):
                self.request.sendall(b"a")


@pytest.mark.parametrize("at_once", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"])
def test_answer_that_trickles(monkeypatch: pytest.MonkeyPatch, at_once: bytes) -> None:
    """An answer has to be there whole within a time, however often a byte of it comes."""
    monkeypatch.setattr("program.clients._ATTEMPT_SECONDS", 0.2)
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)
    with _TricklingServer(at_once) as trickling:
        threading.Thread(target=trickling.serve_forever, kwargs={"poll_interval": 0.02}).start()
        client = local_client(f"http://127.0.0.1:{trickling.server_address[1]}", "eu-west-1")
        begin = time.monotonic()
        try:
            with pytest.raises(ReadTimeoutError):
                client.list_user_pools(MaxResults=1)
        finally:
            trickling.is_over.set()
            trickling.shutdown()

    assert 0.5 < time.monotonic() - begin < 5


class TestAwsClient:
    """The client for a pool in AWS; nothing is sent."""

    @pytest.mark.parametrize("region", ["eu-west-1", "us-gov-west-1"])
    def test_region_is_the_pools(self, monkeypatch: pytest.MonkeyPatch, region: str) -> None:
        """The region comes from the pool ID, not from the environment."""
        monkeypatch.setenv("AWS_REGION", "sa-east-1")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "sa-east-1")

        client = aws_client(f"{region}_AbCdEf123")

        assert client.meta.region_name == region
        assert f".{region}." in client.meta.endpoint_url

    def test_waits_are_bounded(self) -> None:
        """All attempts, when none is answered, and the pauses between them keep nobody longer than 30 s."""
        config: Any = aws_client("eu-west-1_AbCdEf123").meta.config

        attempts = config.retries["total_max_attempts"]
        pauses = sum(2**retry for retry in range(attempts - 1))  # in standard mode, at most
        assert config.retries["mode"] == "standard"
        assert attempts >= 2
        assert attempts * clients._ATTEMPT_SECONDS + pauses <= 30  # noqa: SLF001 - nothing public tells it
        assert max(config.connect_timeout, config.read_timeout) <= clients._ATTEMPT_SECONDS  # noqa: SLF001 - nothing public tells it


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Any]]:
    """Return a function that has a client get these answers, and nothing from anywhere else."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)

    def prepare(client: CognitoIdentityProviderClient, *given: Any) -> list[Any]:
        left = list(given)

        def answer(**_: Any) -> Any:
            next_one = left.pop(0)
            if isinstance(next_one, Exception):
                raise next_one
            status, text = next_one
            headers: Any = {"Content-Type": "application/x-amz-json-1.1"}
            body: Any = SimpleNamespace(stream=lambda: iter([text.encode(errors="surrogateescape")]))
            return AWSResponse(client.meta.endpoint_url, status, headers, body)

        client.meta.events.register("before-send.cognito-identity-provider", answer)
        return left

    return prepare


ENDPOINT = {"endpoint_url": "https://cognito-idp.eu-west-1.amazonaws.com/"}
ANSWER_LOST = [ReadTimeoutError(**ENDPOINT), ConnectionClosedError(**ENDPOINT)]
NEVER_SENT = [ConnectTimeoutError(**ENDPOINT), EndpointConnectionError(**ENDPOINT, error="no")]
LIMIT = (400, '{"__type": "LimitExceededException", "message": "Attempt limit exceeded."}')
THROTTLED = (400, '{"__type": "TooManyRequestsException", "message": "Rate exceeded"}')
SERVER_ERROR = (500, '{"__type": "InternalErrorException", "message": "no"}')
FINE = (200, "{}")
NAMES: dict[str, Any] = {"ClientId": "1h57kf5cpq17m0eml12EXAMPLE", "Username": "alice"}
CALLS: dict[str, dict[str, Any]] = {
    "resend_confirmation_code": NAMES,
    "confirm_sign_up": NAMES | {"ConfirmationCode": "123456"},
}


@pytest.mark.parametrize("make", [lambda: aws_client("eu-west-1_AbCdEf123"), account_client, None])
class TestAttempts:
    """What is tried again in silence, and what is not."""

    @pytest.fixture
    def client(
        self, make: Callable[..., Any] | None, monkeypatch: pytest.MonkeyPatch
    ) -> CognitoIdentityProviderClient:
        """Make one of the program's clients."""
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        return make() if make else local_client("http://127.0.0.1:9", "eu-west-1")

    @pytest.mark.parametrize("failure", [*ANSWER_LOST, *NEVER_SENT, THROTTLED, SERVER_ERROR])
    def test_twice(
        self, client: CognitoIdentityProviderClient, answers: Callable[..., list[Any]], failure: Any
    ) -> None:
        """Two failures that may pass are followed by a third attempt, whatever they are."""
        left = answers(client, failure, failure, FINE)

        client.confirm_sign_up(**CALLS["confirm_sign_up"])

        assert left == []

    @pytest.mark.parametrize("failure", [*ANSWER_LOST, *NEVER_SENT, THROTTLED, SERVER_ERROR])
    def test_not_more_than_that(
        self, client: CognitoIdentityProviderClient, answers: Callable[..., list[Any]], failure: Any
    ) -> None:
        """The third failure is raised."""
        left = answers(client, failure, failure, failure, FINE)

        with pytest.raises((BotoCoreError, ClientError)):
            client.confirm_sign_up(**CALLS["confirm_sign_up"])

        assert left == [FINE]

    @pytest.mark.parametrize("failure", [*ANSWER_LOST, SERVER_ERROR])
    def test_a_message_is_sent_once(
        self,
        client: CognitoIdentityProviderClient,
        answers: Callable[..., list[Any]],
        failure: ConnectionClosedError | ReadTimeoutError | tuple[int, str],
    ) -> None:
        """When the message may have been sent, it is not for botocore to have it sent again."""
        left = answers(client, failure, FINE)

        with pytest.raises((BotoCoreError, ClientError)):
            client.resend_confirmation_code(**NAMES)

        assert left == [FINE]

    @pytest.mark.parametrize("failure", [*NEVER_SENT, THROTTLED])
    def test_a_message_that_was_not_sent(
        self,
        client: CognitoIdentityProviderClient,
        answers: Callable[..., list[Any]],
        failure: ConnectTimeoutError | EndpointConnectionError | tuple[int, str],
    ) -> None:
        """When it was certainly not sent, the next attempt does that."""
        left = answers(client, failure, FINE)

        client.resend_confirmation_code(**NAMES)

        assert left == []

    @pytest.mark.parametrize("call", CALLS)
    def test_limits_are_not_tried_again(
        self, client: CognitoIdentityProviderClient, answers: Callable[..., list[Any]], call: str
    ) -> None:
        """A limit on a user's attempts is raised at once, as Cognito words it."""
        left = answers(client, LIMIT, FINE)

        with pytest.raises(ClientError, match="Attempt limit exceeded") as refusal:
            getattr(client, call)(**CALLS[call])

        assert left == [FINE]
        assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


WHOLE = (200, '{"CodeDeliveryDetails": {"DeliveryMedium": "EMAIL"}}')
NOT_COGNITOS = {
    "half an answer": (200, WHOLE[1][:20]),
    "half a refusal": (400, '{"__type": "CodeMismatchExc'),
    "a page": (200, "<html>Sign in to this network</html>"),
    "nothing": (200, ""),
    "no object": (200, "[]"),
    "no text": (200, "\udcff"),
}


@pytest.mark.parametrize("answer", NOT_COGNITOS.values(), ids=NOT_COGNITOS)
class TestAnswersOfOthers:
    """Answers that Cognito did not give, or not whole."""

    def test_are_repeated(self, answers: Callable[..., list[Any]], answer: tuple[int, str]) -> None:
        """Such an answer is as good as none: another attempt follows."""
        client = aws_client("eu-west-1_AbCdEf123")
        left = answers(client, answer, FINE)

        client.confirm_sign_up(**CALLS["confirm_sign_up"])

        assert left == []

    def test_are_raised(self, answers: Callable[..., list[Any]], answer: tuple[int, str]) -> None:
        """When there is nothing else, it is a gateway's error, with a sentence."""
        client = aws_client("eu-west-1_AbCdEf123")
        answers(client, *[answer] * 3)

        with pytest.raises(ClientError, match="no answer of Cognito") as refusal:
            client.confirm_sign_up(**CALLS["confirm_sign_up"])

        assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 502


def test_answer_without_words(answers: Callable[..., list[Any]]) -> None:
    """An action that answers nothing, such as DeleteUser, is right to do so."""
    client = aws_client("eu-west-1_AbCdEf123")
    left = answers(client, (200, ""), FINE)

    client.delete_user(AccessToken="token")

    assert left == [FINE]
