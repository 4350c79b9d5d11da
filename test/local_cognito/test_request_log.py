"""The line that each request leaves in the log: what is in it, and what never is."""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from local_cognito import LocalCognito
from local_cognito.http.request_log import RequestLog, mask
from test.support.pool_driver import PASSWORD, TARGET, call_raw, http
from test.support.server_process import server_process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_cognito import PoolIds

LINE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00 (?P<what>[!-~]+( [!-~]+)?) (?P<where>\S+) (?P<who>\S+) "
    r"(?P<status>[1-5]\d\d)( (?P<code>\w+))? \d+\.\d ms"
)
POOL = "us-east-1_Logged"
HOSTILE = [
    "alice\n2026-01-01T00:00:00.000+00:00 SignUp - b*** 200 0.1 ms",
    "\r\nforged",
    "\x1b[2Jred",
    "\u202eecila",
    "\x00",
    "\ud800",
    " alice",
    "\u2028x",
]


@pytest.fixture
def server() -> Iterator[LocalCognito]:
    """Give a server that logs its requests."""
    with LocalCognito(log=True, client_id="web") as running:
        yield running


@pytest.fixture
def pool(server: LocalCognito) -> PoolIds:
    """Return its pool."""
    return server.create_pool(POOL)


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """Give the list to which each line is added as it is written."""
    written: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    handler = Kept()
    logger = logging.getLogger("local_cognito.request_log")
    logger.addHandler(handler)
    yield written
    logger.removeHandler(handler)


def last(lines: list[str]) -> dict[str, Any]:
    """Return the parts of the latest line."""
    match = LINE.fullmatch(lines[-1])
    assert match, lines[-1]
    return match.groupdict()


def test_line_of_an_action(server: LocalCognito, pool: PoolIds, lines: list[str]) -> None:
    """Action, pool, the masked user and the status are in a line; no name, address, password or code is."""
    email = [{"Name": "email", "Value": "alice@example.com"}]
    request = {"ClientId": "web", "Username": "alice", "Password": PASSWORD, "UserAttributes": email}
    call_raw(server.url, "SignUp", request)
    found = last(lines)
    assert (found["what"], found["where"], found["who"]) == ("SignUp", POOL, "a***")
    assert (found["status"], found["code"]) == ("200", None)

    request = {"ClientId": "web", "Username": "alice", "ConfirmationCode": "123456"}
    call_raw(server.url, "ConfirmSignUp", request)
    assert (last(lines)["status"], last(lines)["code"]) == ("400", "CodeMismatchException")
    call_raw(server.url, "AdminGetUser", {"UserPoolId": POOL, "Username": "alice"})
    assert (last(lines)["what"], last(lines)["where"], last(lines)["who"]) == ("AdminGetUser", POOL, "a***")
    for secret in (PASSWORD, "alice", "123456", server.outbox()[-1]["code"]):
        assert secret not in "".join(lines)


def test_a_line_has_the_time_of_the_pool(lines: list[str]) -> None:
    """A line begins with the time of the pool's clock, which its messages and tokens have too."""
    with LocalCognito(log=True, clock=lambda: 1_750_000_000.25) as running:
        call_raw(running.url, "ListUserPools", {"MaxResults": 1})

    assert lines[-1].startswith("2025-06-15T15:06:40.250+00:00 ListUserPools ")


def test_users_of_sign_ins_and_tokens(server: LocalCognito, lines: list[str]) -> None:
    """A sign-in names the user elsewhere than other requests, and a token does too; neither is shown."""
    made = call_raw(server.url, "CreateUserPool", {"PoolName": "plain"}).content["UserPool"]["Id"]
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    request: dict[str, Any] = {"UserPoolId": made, "ClientName": "x", "ExplicitAuthFlows": flows}
    client = call_raw(server.url, "CreateUserPoolClient", request).content["UserPoolClient"]["ClientId"]
    request = {"UserPoolId": made, "Username": "bob", "MessageAction": "SUPPRESS"}
    call_raw(server.url, "AdminCreateUser", request)
    request = {"UserPoolId": made, "Username": "bob", "Password": PASSWORD, "Permanent": True}
    call_raw(server.url, "AdminSetUserPassword", request)
    parameters = {"USERNAME": "bob", "PASSWORD": PASSWORD}
    request = {"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
    tokens = call_raw(server.url, "InitiateAuth", request).content["AuthenticationResult"]
    assert (last(lines)["what"], last(lines)["where"], last(lines)["who"]) == ("InitiateAuth", made, "b***")
    call_raw(server.url, "GetUser", {"AccessToken": tokens["AccessToken"]})
    assert (last(lines)["where"], last(lines)["who"]) == (made, "b***")
    call_raw(server.url, "TagResource", {"ResourceArn": f"arn:aws:x:userpool/{made}", "Tags": {}})
    assert (last(lines)["where"], last(lines)["who"]) == (made, "-")
    for secret in (PASSWORD, *tokens.values()):
        assert str(secret) not in "".join(lines) or secret in ("Bearer", 3600)


def test_session_without_a_name(lines: list[str]) -> None:
    """A request that has only a session is its user's, in its pool."""
    flows = {"ClientName": "c", "ClientId": "mfa", "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]}
    with LocalCognito(
        log=True,
        seed={
            "Pools": [
                {
                    "Id": POOL,
                    "PoolName": "p",
                    "MfaConfiguration": "ON",
                    "SoftwareTokenMfaConfiguration": {"Enabled": True},
                    "Clients": [flows],
                    "Users": [{"Username": "bob", "Password": PASSWORD}],
                }
            ]
        },
    ) as seeded:
        parameters = {"USERNAME": "bob", "PASSWORD": PASSWORD}
        request = {"ClientId": "mfa", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
        session = call_raw(seeded.url, "InitiateAuth", request).content["Session"]
        answer = call_raw(seeded.url, "AssociateSoftwareToken", {"Session": session})
        found = last(lines)

    assert (answer.status, found["where"], found["who"]) == (200, POOL, "b***")
    assert not [line for line in lines if session in line or answer.content["SecretCode"] in line]


@pytest.mark.parametrize("name", HOSTILE)
def test_forged_lines(server: LocalCognito, pool: PoolIds, lines: list[str], name: str) -> None:
    """Whatever a request says, it leaves one line of the form."""
    claims = base64.urlsafe_b64encode(json.dumps({"iss": name, "username": name}).encode()).decode()
    requests: list[Any] = [
        {"ClientId": "web", "Username": name, "Password": PASSWORD},
        {"ClientId": name, "Username": name},
        {"UserPoolId": name, "Username": name},
        {"AccessToken": f"a.{claims}.b"},
        {"ClientId": "web", "AuthParameters": {"USERNAME": name}},
        {"ClientId": "web", "AuthParameters": name, "ChallengeResponses": [name]},
        [name],
        name,
    ]
    before = len(lines)
    for request in requests:
        call_raw(server.url, "SignUp", request)

    assert len(lines) == before + len(requests)
    for line in lines[before:]:
        assert LINE.fullmatch(line), line


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"null", b"[" * 100_000, b"7"])
def test_bodies_that_are_no_request(server: LocalCognito, lines: list[str], body: bytes) -> None:
    """A body that can't be read leaves a line without pool and user, and the answer is the same."""
    answer = call_raw(server.url, "SignUp", body)

    assert answer.status == 400
    assert (last(lines)["where"], last(lines)["who"], last(lines)["status"]) == ("-", "-", "400")


@pytest.mark.parametrize(
    ("path", "headers", "what", "status"),
    [
        ("/outbox?to=alice@example.com", {}, "GET /outbox", "200"),
        ("/outbox?password=secret", {}, "GET /outbox", "400"),
        ("/health", {"Host": "evil.example"}, "GET /health", "403"),
        ("/%0aforged%1b", {}, "GET /?forged?", "404"),
        ("/" + "x" * 500, {}, "GET /" + "x" * 99, "404"),
    ],
)
def test_other_paths(
    server: LocalCognito,
    lines: list[str],
    path: str,
    headers: dict[str, str],
    what: str,
    status: str,
) -> None:
    """What is not the API leaves method and path, without parameters and without control characters."""
    http(server.url + path, headers=headers)

    assert (last(lines)["what"], last(lines)["status"]) == (what, status)


def test_actions_that_are_none(server: LocalCognito, lines: list[str]) -> None:
    """An action that is no word is not shown."""
    http(server.url, b"{}", {"X-Amz-Target": f"{TARGET}Sign Up 200"})

    assert last(lines)["what"] == "-"


def test_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the option nothing is logged, or even looked at."""
    with LocalCognito() as server:
        monkeypatch.setattr(RequestLog, "logged", lambda *_: pytest.fail("It was looked at."))
        assert http(server.url + "/health").status == 200


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("alice", "a***"),
        ("a", "a***"),
        ("", "-"),
        ("\n", "?***"),
        ("\u202e", "?***"),
        (" a", "?***"),
        ("ü", "ü***"),
    ],
)
def test_masks(name: str, shown: str) -> None:
    """A mask shows the first letter, if it is one, and not how long the name is."""
    assert mask(name) == shown


def test_the_command_writes_it_to_stderr() -> None:
    """--log writes a line per request to stderr."""
    with server_process("--log", "--pool-id", POOL, stderr=subprocess.PIPE) as (process, printed):
        for _ in range(3):
            call_raw(printed["URL"], "ListUsers", {"UserPoolId": POOL})
        process.terminate()
        _, said = process.communicate(timeout=30)

    written = [LINE.fullmatch(line) for line in said.splitlines()]
    assert [match and (match["what"], match["where"], match["status"]) for match in written] == [
        ("ListUsers", POOL, "200")
    ] * 3


def test_stderr_that_nobody_reads() -> None:
    """A log that nobody reads holds no request up."""
    reading, writing = os.pipe()
    try:
        with server_process("--log", stderr=writing) as (process, printed):
            for _ in range(2000):
                assert http(f"{printed['URL']}/health").status == 200
            process.terminate()
            assert process.wait(20) == 0
    finally:
        os.close(reading)
        os.close(writing)


def test_functions(lines: list[str]) -> None:
    """A function that a request invoked has a line below it, whose time counts, and shows nothing else."""

    def fail(_: Any, __: Any) -> None:
        raise ValueError(PASSWORD)

    arn = "arn:aws:lambda:us-east-1:000000000000:function:{}"
    handlers = {"pre": lambda event, _: event, "message": fail}
    config = {"PreSignUp": arn.format("pre"), "CustomMessage": arn.format("message")}
    with LocalCognito(log=True, triggers=handlers) as server:
        pool = {"PoolName": "x", "AutoVerifiedAttributes": ["email"], "LambdaConfig": config}
        made = call_raw(server.url, "CreateUserPool", pool).content["UserPool"]["Id"]
        client = {"UserPoolId": made, "ClientName": "app"}
        app = call_raw(server.url, "CreateUserPoolClient", client).content["UserPoolClient"]
        email = [{"Name": "email", "Value": "alice@example.com"}]
        request = {"ClientId": app["ClientId"], "Username": "alice", "Password": PASSWORD}
        call_raw(server.url, "SignUp", request | {"UserAttributes": email})

    request_line, pre, message = lines[-3:]
    assert " 400 UserLambdaValidationException " in request_line
    assert re.fullmatch(r"    PreSignUp_SignUp \d+\.\d ms", pre)
    assert re.fullmatch(r"    CustomMessage_SignUp \d+\.\d ms failed", message)
    took = [float(line.split(" ms")[0].split()[-1]) for line in (request_line, pre, message)]
    assert took[0] > took[1] + took[2]
