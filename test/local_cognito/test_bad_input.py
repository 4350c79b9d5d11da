"""Bad input: whatever is sent, right or wrong, the answer is one that the service model knows."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import socket
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from local_cognito.actions import api
from local_cognito.model import service_model
from test.support.conformity import check_answer
from test.support.hostile_requests import CLIENT, POOL, SECRET_CLIENT, hostile_requests, right_requests
from test.support.inside import connection_of
from test.support.known_world import World
from test.support.pool_driver import TARGET, call_raw
from test.support.pool_driver import http as plain_http

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_cognito import LocalCognito
    from local_cognito.model.wire import Response

# What any action of AWS may answer.
COMMON = {"SerializationException", "UnknownOperationException", "MissingAuthenticationTokenException"}
NOT_IMPLEMENTED = "local_cognito does not implement "
# The same in each run: more of them find nothing more once they have passed.
EXAMPLES = settings(
    max_examples=25,
    derandomize=True,
    database=None,
    deadline=timedelta(seconds=10),
    suppress_health_check=list(HealthCheck),
)
# To find a request that succeeds, where none of the first ones does.
MORE = settings(EXAMPLES, max_examples=2000, phases=[Phase.generate])


@pytest.fixture(scope="module")
def world(signing_keys: dict[str, str]) -> Iterator[World]:
    """Give the world that every example finds as it was."""
    made = World(signing_keys)
    yield made
    made.stop()


def check_conforms(operation: str, answer: Response) -> None:
    """Fail unless the answer is a modelled success, or a refusal that the action or every action knows."""
    content = json.loads(answer.body or b"null")
    assert answer.headers["x-amzn-RequestId"]
    if answer.status == 200:
        check_answer(operation, 200, answer.body)
        return
    assert answer.status == 400, content
    modelled = service_model.operation(operation).errors if operation in api.ACTIONS else frozenset()
    assert set(content) == {"__type", "message"}
    if not content["message"].startswith(NOT_IMPLEMENTED):  # a flow or challenge that is not there
        assert content["__type"] in modelled | COMMON, content
    assert answer.headers["x-amzn-ErrorType"] == content["__type"] + ":"
    header = answer.headers["x-amzn-ErrorMessage"]
    assert header.isascii()
    assert header.isprintable()


@pytest.mark.parametrize("operation", api.ACTIONS)
def test_right_requests(world: World, operation: str) -> None:
    """A request that keeps to the model gets a modelled answer; with some, the action succeeds."""
    reached = set()

    @EXAMPLES
    @given(request=right_requests(service_model.operation(operation)))
    def check(request: Any) -> None:
        answer = world.send(operation, request)
        check_conforms(operation, answer)
        reached.add(answer.status)

    check()

    if 200 not in reached:
        requests = right_requests(service_model.operation(operation))
        find(requests, lambda request: world.send(operation, request).status == 200, settings=MORE)


@pytest.mark.parametrize("operation", api.ACTIONS)
def test_hostile_requests(world: World, operation: str) -> None:
    """A request with junk in any place gets a modelled answer, signed or not."""

    @EXAMPLES
    @given(request=hostile_requests(service_model.operation(operation)), signed=st.booleans())
    def check(request: Any, *, signed: bool) -> None:
        check_conforms(operation, world.send(operation, request, signed=signed))

    check()


@EXAMPLES
@given(
    name=st.one_of(
        st.text(st.characters(codec="ascii")).filter(lambda text: text not in api.ACTIONS),
        st.sampled_from(["", "signup", "SignUp ", "__init__"]),
    )
)
def test_unknown_actions(world: World, name: str) -> None:
    """A name that no action has gets UnknownOperationException."""
    answer = world.handle(name, b"{}")

    check_conforms("", answer)
    assert json.loads(answer.body)["__type"] == "UnknownOperationException"


def test_actions_that_are_not_there(world: World) -> None:
    """An action of Cognito's that is not implemented is refused by name; no SDK retries that."""
    for name in sorted(service_model.operation_names() - {*api.ACTIONS}):
        answer = world.handle(name, b"{}")

        assert answer.status == 400
        assert json.loads(answer.body) == {
            "__type": "UnknownOperationException",
            "message": NOT_IMPLEMENTED + name + ".",
        }


NOT_JSON = {
    "text": b"hello",
    "cut off": b'{"ClientId": "x"',
    "two values": b"{} {}",
    "invalid UTF-8": b'{"ClientId": "\xff\xfe"}',
    "UTF-16 cut off": b'\xff\xfe{\x00"',
    "half a surrogate pair": rb'{"ClientId": "\ud800"}',
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"ClientId": ' + b'{"a": ' * 50_000 + b"1" + b"}" * 50_001,
    "an endless number": b'{"Limit": ' + b"9" * 5_000 + b"}",
    "a NUL": b'{"ClientId": "\x00"}',
    "single quotes": b"{'ClientId': 'x'}",
}
NOT_AN_OBJECT = {
    "null": b"null",
    "a list": b"[]",
    "text": b'"text"',
    "a number": b"17",
    "true": b"true",
    "NaN": b"NaN",
    "minus infinity": b"-Infinity",
    "a large number": b"9" * 4_000,
}


@pytest.mark.parametrize("operation", ["SignUp", "ListUsers", "AdminCreateUser"])
@pytest.mark.parametrize(
    "body", [*NOT_JSON.values(), *NOT_AN_OBJECT.values()], ids=[*NOT_JSON, *NOT_AN_OBJECT]
)
def test_body_is_no_json_object(server: LocalCognito, operation: str, body: bytes) -> None:
    """A body that is no JSON object is a SerializationException."""
    answer = call_raw(server.url, operation, body)

    assert answer.status == 400
    assert answer.content["__type"] == "SerializationException"


@pytest.mark.parametrize(
    "number", [b"NaN", b"Infinity", b"-Infinity", b"1e400", b"1.5", b"9" * 400, b"-1", b"true"]
)
def test_number_that_no_limit_can_be(server: LocalCognito, number: bytes) -> None:
    """Numbers that JSON or the model does not know are refused where a page size is expected."""
    answer = call_raw(server.url, "ListUserPools", b'{"MaxResults": ' + number + b"}")

    assert answer.status == 400
    assert answer.content["__type"] in {"SerializationException", "InvalidParameterException"}


def test_utf_8_with_a_mark(server: LocalCognito) -> None:
    """A byte-order mark before the JSON does no harm."""
    answer = call_raw(server.url, "ListUserPools", b'\xef\xbb\xbf{"MaxResults": 1}')

    assert answer.status == 200


def test_too_large_a_body(server: LocalCognito) -> None:
    """A body over 1 MiB is refused with 413, and the server lives on."""
    answer = raw(server, "POST", {"Content-Length": str(2**21)})

    assert answer.status == 413
    assert call_raw(server.url, "ListUserPools", {"MaxResults": 1}).status == 200


def test_largest_body(server: LocalCognito) -> None:
    """A body of almost 1 MiB is read and answered."""
    frame = {"ClientId": "x", "Username": "y", "Password": ""}
    filling = "x" * (2**20 - 1 - len(json.dumps(frame)))
    answer = call_raw(server.url, "SignUp", frame | {"Password": filling})

    assert answer.status == 400
    assert answer.content["__type"] == "InvalidParameterException"


def test_too_large_in_chunks(server: LocalCognito) -> None:
    """A chunked body counts as much: 413."""
    connection = http.client.HTTPConnection(*address_of(server), timeout=10)
    chunks = (b"x" * 65_536 for _ in range(40))
    headers = {"X-Amz-Target": f"{TARGET}SignUp"}
    with contextlib.closing(connection):
        # The server may answer and hang up before the last chunk is sent.
        with contextlib.suppress(ConnectionError):
            connection.request("POST", "/", chunks, headers, encode_chunked=True)
        assert connection.getresponse().status == 413


def test_chunked(server: LocalCognito) -> None:
    """A chunked body is read like any other."""
    connection = http.client.HTTPConnection(*address_of(server), timeout=10)
    headers = {"X-Amz-Target": f"{TARGET}ListUserPools", "Authorization": "x"}
    with contextlib.closing(connection):
        connection.request("POST", "/", iter([b'{"Max', b'Results": ', b"1}"]), headers, encode_chunked=True)
        answer = connection.getresponse()
        assert (answer.status, "UserPools" in json.loads(answer.read())) == (200, True)


@pytest.mark.parametrize(
    "target",
    [
        *("", "SignUp", "Nonsense.SignUp", "AWSCognitoIdentityProviderService", TARGET, f"x{TARGET}SignUp"),
        *(
            f"{TARGET}Sign Up",
            f"{TARGET}{TARGET}SignUp",
            f"{TARGET}SignUp\xe9",
            "DynamoDB_20120810.ListTables",
        ),
    ],
)
def test_wrong_target(server: LocalCognito, target: str) -> None:
    """A target that is no action of Cognito's gets UnknownOperationException."""
    answer = plain_http(server.url, b"{}", {"X-Amz-Target": target})

    assert answer.status == 400
    assert answer.content["__type"] == "UnknownOperationException"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "NONSENSE"])
def test_wrong_method(server: LocalCognito, method: str) -> None:
    """The API takes POST only, and people look with GET: anything else is a 405."""
    answer = plain_http(server.url, method=method, headers={"X-Amz-Target": f"{TARGET}ListUserPools"})

    assert answer.status == 405


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/%00/.well-known/jwks.json", 404),
        ("GET", "/%ff%fe/.well-known/jwks.json", 404),
        ("GET", "/us-east-1_Unknown/.well-known/jwks.json", 404),
        ("GET", "/.well-known/jwks.json", 404),
        ("GET", "/../../etc/passwd", 404),
        ("GET", "/" + "x" * 4000, 404),
        ("POST", "/outbox", 405),
        ("POST", "/nothing", 404),
        ("PUT", "/outbox", 405),
        ("POST", "/health", 405),
    ],
)
def test_wrong_path(server: LocalCognito, method: str, path: str, status: int) -> None:
    """A path that is not there is a 404, one that is not for this method a 405."""
    body = b"{}" if method == "POST" else None

    assert plain_http(server.url + path, body, method=method).status == status


@pytest.mark.parametrize(
    "sent",
    [
        b"\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"POST / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: " + b"x" * 300_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100) + b"\r\n\r\n",
    ],
)
def test_broken_http(server: LocalCognito, sent: bytes) -> None:
    """What is no HTTP request gets a 4xx or a closed connection, and the server lives on."""
    with socket.create_connection(address_of(server), timeout=10) as connection:
        # The server may hang up before all is sent: reset by peer, broken pipe, or no longer connected.
        with contextlib.suppress(OSError):
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
        answer = first_bytes(connection)

    assert answer == b"" or answer.startswith((b"HTTP/1.0 4", b"HTTP/1.1 4"))
    assert call_raw(server.url, "ListUserPools", {"MaxResults": 1}).status == 200


def first_bytes(connection: socket.socket) -> bytes:
    """Return the start of what the server sends, nothing when it just closes the connection."""
    try:
        return connection.recv(4096)
    except ConnectionError:
        return b""


def address_of(server: LocalCognito) -> tuple[str, int]:
    """Return host and port of the server."""
    url = urlsplit(server.url)
    assert url.hostname
    assert url.port
    return url.hostname, url.port


def raw(server: LocalCognito, method: str, headers: dict[str, str]) -> http.client.HTTPResponse:
    """Send the head of a request and no body; return the answer."""
    connection = http.client.HTTPConnection(*address_of(server), timeout=10)
    with contextlib.closing(connection):
        connection.putrequest(method, "/")
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        return connection.getresponse()


TOO_FAR = base64.urlsafe_b64encode(b"9" * 30).decode()
NAMELESS = {"PoolName": "p", "Schema": [{"AttributeDataType": "String"}]}


@pytest.mark.parametrize(
    ("operation", "request_", "code"),
    [
        ("CreateUserPool", NAMELESS, "InvalidParameterException"),
        ("ListUserPools", {"MaxResults": 1, "NextToken": TOO_FAR}, "InvalidParameterException"),
        ("ListUsers", {"UserPoolId": POOL, "PaginationToken": TOO_FAR}, "InvalidParameterException"),
        ("RevokeToken", {"ClientId": "unknownclient", "Token": "x"}, "UnauthorizedException"),
        ("RevokeToken", {"ClientId": SECRET_CLIENT, "Token": "x"}, "UnauthorizedException"),
        ("AdminListDevices", {"UserPoolId": POOL, "Username": "nobody"}, "ResourceNotFoundException"),
    ],
)
def test_found_once(world: World, operation: str, request_: dict[str, Any], code: str) -> None:
    """What once was an internal error, or a refusal that the model does not know, stays right."""
    answer = world.send(operation, request_)

    check_conforms(operation, answer)
    assert json.loads(answer.body)["__type"] == code


def test_refresh_without_confirming_the_device(world: World) -> None:
    """Where devices are tracked, a sign-in whose device was never confirmed can't be refreshed."""
    request = {"ClientId": CLIENT, "RefreshToken": "@access, refresh@", "DeviceKey": "@device@"}
    assert world.send("GetTokensFromRefreshToken", request).status == 200
    connection_of(world.store).execute("UPDATE devices SET verifier = ''")
    body = json.dumps(world.replaced(request)).encode()

    assert (
        json.loads(world.handle("GetTokensFromRefreshToken", body).body)["message"] == "Invalid Refresh Token"
    )
