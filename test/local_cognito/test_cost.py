"""What a request costs: time and answer in proportion to its size, whatever it says."""

from __future__ import annotations

import json
import socket
import time
from typing import TYPE_CHECKING, Any

import pytest

from local_cognito.http import connections
from local_cognito.model import service_model, validation
from test.support.pool_driver import PASSWORD, call_raw

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import HttpAnswer, PoolDriver

MEBIBYTE = 1024 * 1024
MOST_ANSWERED = 100_000  # bytes
MOST_SECONDS = 3.0  # of this process, whatever else the machine does; far more than a slow one takes
MESSAGE = "Member must have length less than or equal to 1000"


def filled(operation: str, make: Callable[[int], dict[str, Any]], unit: str) -> bytes:
    """Return the largest body of a request that has `unit` as often as it can."""
    count = (MEBIBYTE - 2000) // (len(unit.encode()) + 1)
    body = json.dumps(make(count), separators=(",", ":"), ensure_ascii=False).encode()
    assert MEBIBYTE // 3 < len(body) < MEBIBYTE, operation
    return body


def answered(pool: PoolDriver, operation: str, body: bytes) -> HttpAnswer:
    """Send a large request; it must be answered soon, and briefly."""
    begun = time.process_time()
    answer = call_raw(pool.server.url, operation, body)
    assert time.process_time() - begun < MOST_SECONDS
    assert len(answer.body) < MOST_ANSWERED
    assert sum(len(name) + len(value) for name, value in answer.headers.items()) < 2000
    return answer


@pytest.mark.parametrize(
    ("operation", "make", "unit"),
    [
        ("DeleteUserAttributes", lambda n: {"AccessToken": "a", "UserAttributeNames": [""] * n}, '""'),
        ("DeleteUserAttributes", lambda n: {"AccessToken": "a", "UserAttributeNames": ["x"] * n}, '"x"'),
        ("SignUp", lambda n: {"ClientId": "a", "Username": "b", "UserAttributes": [{}] * n}, "{}"),
        ("SignUp", lambda n: {"ClientId": "a", "Username": "b", "ClientMetadata": {"x" * n: ""}}, ""),
        (
            "SignUp",
            lambda n: {"ClientId": "a", "Username": "b", "ClientMetadata": {str(i): "" for i in range(n)}},
            '"123456":""',
        ),
        ("SignUp", lambda n: {"ClientId": "a", "Username": " " * n}, ""),
        ("SignUp", lambda n: {"ClientId": "\U0001f642" * n, "Username": "b"}, "abc"),
        ("InitiateAuth", lambda n: {"ClientId": "a", "AuthFlow": "x" * n}, ""),
        (
            "InitiateAuth",
            lambda n: {"AuthFlow": "USER_AUTH", "AuthParameters": {"\n" * n: "x" * 200_000}},
            "\\n",
        ),
        ("CreateUserPool", lambda n: {"PoolName": "a", "Schema": [{"Name": ""}] * n}, '{"Name":""}'),
        ("CreateUserPool", lambda n: {"PoolName": "a", "AliasAttributes": ["email"] * n}, '"email"'),
        ("CreateUserPool", lambda n: {"PoolName": "a", "UserPoolTags": {"x" * n: "y" * 300}}, ""),
        (
            "CreateUserPool",
            lambda n: {"PoolName": "a", "EmailConfiguration": {"ReplyToEmailAddress": "@" * n + " "}},
            "",
        ),
        ("ListUserPools", lambda n: {"MaxResults": 1, "NextToken": "x" * n}, ""),
        ("GetUser", lambda n: {"AccessToken": "a." * (n // 2)}, ""),
        ("RevokeToken", lambda n: {"Token": "." * n, "ClientId": "a"}, ""),
    ],
)
def test_large_requests(
    pool: PoolDriver, operation: str, make: Callable[[int], dict[str, Any]], unit: str
) -> None:
    """A mebibyte of what the model forbids, or leaves open, is answered soon and in a few words."""
    assert answered(pool, operation, filled(operation, make, unit)).status == 400


@pytest.mark.parametrize(
    ("member", "unit"),
    [
        ("EmailMessageByLink", "{####}"),
        ("EmailMessageByLink", "{##"),
        ("EmailMessageByLink", "##}"),
        ("EmailMessage", "{####}"),
    ],
)
def test_patterns_that_take_ages(pool: PoolDriver, member: str, unit: str) -> None:
    """A message template of permitted length is not matched for longer than a moment."""
    text = (unit * 20000)[:19999] + "\0"
    body = json.dumps({"PoolName": "a", "VerificationMessageTemplate": {member: text}}).encode()
    answer = answered(pool, "CreateUserPool", body)

    assert "must satisfy regular expression pattern" in answer.content["message"]


def test_long_values_that_fit(pool: PoolDriver) -> None:
    """A message template of the greatest length is taken."""
    text = "Your code is {####}. " + "Bye! " * 3990
    pool.api.create_user_pool(PoolName="a", VerificationMessageTemplate={"EmailMessage": text[:20000]})


def test_problems_are_capped(pool: PoolDriver) -> None:
    """Of many problems the first are told, and how many that are."""
    request = {"AccessToken": "a", "UserAttributeNames": [""] * 50}
    message = call_raw(pool.server.url, "DeleteUserAttributes", request).content["message"]

    assert message.startswith(f"{validation.MOST_PROBLEMS} validation errors detected: ")
    assert message.count("; ") == validation.MOST_PROBLEMS - 1


def test_open_lists_end_somewhere(pool: PoolDriver) -> None:
    """A list or map without a limit in the model has one here, told as the model's own are."""
    request: dict[str, Any] = {"AccessToken": "a", "UserAttributeNames": ["x"] * 1001}
    refusal = call_raw(pool.server.url, "DeleteUserAttributes", request).content
    assert refusal["__type"] == "InvalidParameterException"
    assert refusal["message"].startswith("1 validation error detected: Value '[x, x, ")
    assert refusal["message"].endswith(
        f"...' at 'userAttributeNames' failed to satisfy constraint: {MESSAGE}"
    )
    metadata = {str(number): "x" for number in range(1000)}
    request = {"ClientId": pool.client_id, "Username": "many", "Password": PASSWORD}
    answer = call_raw(pool.server.url, "SignUp", request | {"ClientMetadata": metadata})
    assert answer.status == 200
    answer = call_raw(pool.server.url, "SignUp", request | {"ClientMetadata": metadata | {"one": "more"}})
    assert (answer.status, MESSAGE in answer.content["message"]) == (400, True)


def test_unknown_operations_are_not_remembered(pool: PoolDriver) -> None:
    """Names of actions that do not exist take no memory."""
    before = service_model.operation.cache_info().currsize
    for number in range(20):
        call_raw(pool.server.url, f"NoSuchAction{number}", {})

    assert service_model.operation.cache_info().currsize == before


def test_wanted_attributes_are_looked_up(pool: PoolDriver) -> None:
    """ListUsers takes no longer for a long list of attributes."""
    for number in range(30):
        pool.sign_up(f"user{number}")
    names = [f"custom:{number}" for number in range(1000)]
    body = json.dumps({"UserPoolId": pool.id, "AttributesToGet": names}).encode()

    answered(pool, "ListUsers", body)


def test_long_headers_are_refused(pool: PoolDriver) -> None:
    """Header lines are taken up to 64 KiB in all: joining them takes the square of their number."""
    head = b"GET /outbox HTTP/1.1\r\nHost: localhost\r\n"
    host, _, port = pool.server.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(head + b"a:\r\n" * ((connections.MOST_HEADER_BYTES - len(head)) // 4 + 1))
        assert client.recv(100).startswith(b"HTTP/1.0 431 ")
