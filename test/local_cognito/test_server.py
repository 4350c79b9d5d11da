"""The HTTP server and the wire format: headers, errors, odd requests, transactions, stopping."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from local_cognito import LocalCognito
from local_cognito.actions import api, sign_up
from test.support.inside import store_of
from test.support.pool_driver import ALICE, CODE_MISMATCH, PASSWORD, call_raw, http, refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local_cognito.model import requests
    from local_cognito.rules.cognito import Cognito
    from test.support.pool_driver import PoolDriver


@pytest.fixture
def own_server() -> Iterator[LocalCognito]:
    """Give a server of the test's own."""
    with LocalCognito() as running:
        yield running


def test_success_on_the_wire(pool: PoolDriver) -> None:
    """An answer is AWS JSON 1.1 with a request ID; empty outputs are an empty object."""
    pool.sign_up()
    request = {"ClientId": pool.client_id, "Username": ALICE, "ConfirmationCode": pool.codes()[-1]}
    answer = call_raw(pool.server.url, "ConfirmSignUp", request)

    assert (answer.status, answer.body) == (200, b"{}")
    assert answer.headers["content-type"] == "application/x-amz-json-1.1"
    assert len(answer.headers["x-amzn-requestid"]) == 36


def test_operation_without_output_has_an_empty_body(pool: PoolDriver) -> None:
    """An action without an output shape answers with nothing."""
    pool.user()
    token = pool.sign_in()["AuthenticationResult"]["AccessToken"]

    assert call_raw(pool.server.url, "DeleteUser", {"AccessToken": token}).body == b""


def test_refusal_on_the_wire(pool: PoolDriver) -> None:
    """A refusal carries its code and text in the body and in two headers."""
    request = {"ClientId": "1nowhere", "Username": ALICE, "Password": PASSWORD}
    answer = call_raw(pool.server.url, "SignUp", request)
    text = "User pool client 1nowhere does not exist."

    assert answer.status == 400
    assert answer.content == {"__type": "ResourceNotFoundException", "message": text}
    assert answer.headers["x-amzn-errortype"] == "ResourceNotFoundException:"
    assert answer.headers["x-amzn-errormessage"] == text


def test_error_header_is_one_ascii_line(pool: PoolDriver) -> None:
    """What can't stand in a header is replaced there, not in the body."""
    answer = call_raw(pool.server.url, "DescribeUserPool", {"UserPoolId": "ü\r\nX-Evil: 1"})

    assert "ü" in answer.content["message"]
    assert answer.headers["x-amzn-errormessage"].isascii()
    assert "x-evil" not in answer.headers


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ("MakeCoffee", "MakeCoffee is not an action of this user pool."),
        ("", "a request without X-Amz-Target is not an action of this user pool."),
        ("ListIdentityProviders", "local_cognito does not implement ListIdentityProviders."),
    ],
)
def test_missing_actions_are_named(pool: PoolDriver, operation: str, message: str) -> None:
    """Actions that do not exist, in AWS or here, say so in a way that no SDK retries."""
    answer = call_raw(pool.server.url, operation, {})

    assert answer.status == 400
    assert answer.content == {"__type": "UnknownOperationException", "message": message}


@pytest.mark.parametrize("operation", ["ListUsers", "AdminGetUser", "CreateUserPool", "DescribeUserPool"])
def test_administrators_requests_are_signed(pool: PoolDriver, operation: str) -> None:
    """An action that needs IAM refuses a request without a signature."""
    answer = call_raw(pool.server.url, operation, {"UserPoolId": pool.id}, signed=False)

    assert answer.status == 400
    assert answer.content["__type"] == "MissingAuthenticationTokenException"


def test_refreshing_needs_no_signature(pool: PoolDriver) -> None:
    """Refreshing by the newer action needs no signature."""
    request = {"ClientId": pool.client_id, "RefreshToken": "unknown"}
    answer = call_raw(pool.server.url, "GetTokensFromRefreshToken", request, signed=False)

    assert answer.content["__type"] == "NotAuthorizedException"


def test_self_service_needs_no_signature(pool: PoolDriver) -> None:
    """What users do themselves needs no AWS credentials."""
    request = {"ClientId": pool.client_id, "Username": ALICE, "Password": PASSWORD}

    assert call_raw(pool.server.url, "SignUp", request, signed=False).status == 200


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"{'a': 1}"])
def test_body_that_is_no_json(pool: PoolDriver, body: bytes) -> None:
    """A body that is no JSON is a SerializationException."""
    answer = call_raw(pool.server.url, "SignUp", body)

    assert (answer.status, answer.content["__type"]) == (400, "SerializationException")


def test_large_bodies_are_refused(pool: PoolDriver) -> None:
    """A body over a mebibyte is refused before it is read."""
    port = int(pool.server.url.rpartition(":")[2])
    head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head.encode())
        with connection.makefile("rb") as answer:
            status_line = answer.readline()

    assert b" 413 " in status_line


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/", "PUT", 405),
        ("/outbox", "POST", 405),
        ("/elsewhere", "GET", 404),
        ("/us-east-1_nowhere/.well-known/jwks.json", "GET", 404),
    ],
)
def test_other_paths_and_methods(pool: PoolDriver, path: str, method: str, status: int) -> None:
    """What is not served here is answered with a clear 4xx and a sentence."""
    answer = http(pool.server.url + path, method=method)

    assert answer.status == status
    assert answer.content["message"]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
def test_foreign_hosts_are_refused(pool: PoolDriver, host: str) -> None:
    """A Host header that names another machine is a browser that was led here."""
    for path in ("/", "/outbox"):
        assert http(pool.server.url + path, headers={"Host": host}).status == 403


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_loopback_names_are_served(pool: PoolDriver, host: str) -> None:
    """The names of this machine are served, with any port."""
    for name in (host, f"{host}:80"):
        assert http(f"{pool.server.url}/outbox", headers={"Host": name}).status == 200


def test_server_is_on_loopback_only(own_server: LocalCognito) -> None:
    """Other addresses of this machine do not answer."""
    port = int(own_server.url.rpartition(":")[2])

    assert own_server.url.startswith("http://127.0.0.1:")
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.2", port), timeout=5):
        pass


def test_outbox(pool: PoolDriver) -> None:
    """The outbox lists what was sent, oldest first, each with its code in the text."""
    pool.sign_up()
    pool.resend()
    messages = [one for one in http(f"{pool.server.url}/outbox").content if one["code"] in pool.codes()[-2:]]

    assert pool.server.outbox() == http(f"{pool.server.url}/outbox").content
    members = {"id", "time", "to", "subject", "body", "code", "user", "link"}
    assert [set(message) for message in messages] == [members] * 2
    assert all(message["code"] in message["body"] for message in messages)


def test_failure_of_ours_is_a_500_and_undone(
    own_server: LocalCognito, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An exception inside an action is InternalErrorException, and nothing of the request is kept."""
    pool = own_server.create_pool()

    def fails(cognito: Cognito, request: requests.SignUp) -> None:
        sign_up.sign_up(cognito, request)
        raise ZeroDivisionError

    monkeypatch.setitem(api.ACTIONS, "SignUp", fails)
    request = {"ClientId": pool.client_id, "Username": ALICE, "Password": PASSWORD}
    answer = call_raw(own_server.url, "SignUp", request)

    assert answer.status == 500
    assert answer.content == {"__type": "InternalErrorException", "message": "Something went wrong"}
    users = call_raw(own_server.url, "ListUsers", {"UserPoolId": pool.pool_id}).content["Users"]
    assert (users, own_server.outbox()) == ([], [])
    assert "ZeroDivisionError" in caplog.text
    assert PASSWORD not in caplog.text


def test_refusal_keeps_what_it_counted(pool: PoolDriver) -> None:
    """A wrong code is refused and counted."""
    pool.sign_up()
    with refused(*CODE_MISMATCH):
        pool.confirm(code="wrong")
    store = store_of(pool.server)
    with store.transaction():
        attempts = store.attempts.where(pool_id=pool.id, username=ALICE)

    assert [attempt.kind for attempt in attempts] == ["ConfirmSignUp"]


def test_concurrent_sign_ups_all_land(pool: PoolDriver) -> None:
    """Sign-ups at the same time do not lose each other."""
    names = [f"user{number}" for number in range(24)]
    together = threading.Barrier(8)

    def sign_up(name: str) -> int:
        together.wait()
        request = {"ClientId": pool.client_id, "Username": name, "Password": PASSWORD}
        return call_raw(pool.server.url, "SignUp", request).status

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(sign_up, names))

    assert statuses == [200] * len(names)
    users = pool.api.list_users(UserPoolId=pool.id)["Users"]
    assert sorted(user["Username"] for user in users) == sorted(names)


def test_same_name_at_the_same_time_is_taken_once(pool: PoolDriver) -> None:
    """Of simultaneous sign-ups under one name, one wins."""
    together = threading.Barrier(4)

    def sign_up(_: int) -> int:
        together.wait()
        request = {"ClientId": pool.client_id, "Username": ALICE, "Password": PASSWORD}
        return call_raw(pool.server.url, "SignUp", request).status

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(sign_up, range(4))) == [200, 400, 400, 400]


def test_stop_frees_the_port() -> None:
    """A stopped server answers nothing, and another one can take its place."""
    first = LocalCognito().start()
    url = first.url
    assert http(f"{url}/outbox").status == 200
    first.stop()

    with LocalCognito(port=int(url.rpartition(":")[2])) as second:
        assert second.url == url


def test_port_that_is_taken(own_server: LocalCognito) -> None:
    """Starting on a port that is taken fails at once."""
    with pytest.raises(OSError, match="in use"):
        LocalCognito(port=int(own_server.url.rpartition(":")[2])).start()


def test_url_needs_a_running_server() -> None:
    """There is no URL before the start."""
    stopped = LocalCognito()

    with pytest.raises(RuntimeError, match="start"):
        _ = stopped.url
    stopped.stop()


def test_state_survives_in_a_file(tmp_path: Path) -> None:
    """A pool, its users and its keys are there again when the file is opened again."""
    database = str(tmp_path / "cognito.sqlite")
    with LocalCognito(database=database) as first:
        pool = first.create_pool("us-east-1_Example")
        request = {"ClientId": pool.client_id, "Username": ALICE, "Password": PASSWORD}
        sub = call_raw(first.url, "SignUp", request).content["UserSub"]
        keys = http(f"{first.url}/us-east-1_Example/.well-known/jwks.json").content

    with LocalCognito(database=database) as second:
        assert second.create_pool("us-east-1_Example") == pool
        request = {"UserPoolId": pool.pool_id, "Username": ALICE}
        attributes = call_raw(second.url, "AdminGetUser", request).content["UserAttributes"]
        assert {"Name": "sub", "Value": sub} in attributes
        assert http(f"{second.url}/us-east-1_Example/.well-known/jwks.json").content == keys


def test_a_created_pool_fits_the_scenario(own_server: LocalCognito) -> None:
    """The story's pool requires TOTP, verifies e-mail and tracks devices; its client has the flows."""
    pool = own_server.create_pool(client_secret=True)
    described = call_raw(own_server.url, "DescribeUserPool", {"UserPoolId": pool.pool_id}).content["UserPool"]
    request = {"UserPoolId": pool.pool_id, "ClientId": pool.client_id}
    client = call_raw(own_server.url, "DescribeUserPoolClient", request).content["UserPoolClient"]

    assert (described["MfaConfiguration"], described["AutoVerifiedAttributes"]) == ("ON", ["email"])
    assert described["DeviceConfiguration"]["ChallengeRequiredOnNewDevice"] is True
    assert {"ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_PASSWORD_AUTH"} <= set(client["ExplicitAuthFlows"])
    assert client["ClientSecret"] == pool.client_secret
    assert own_server.create_pool().client_secret is None
