"""The lines of JSON: what each tells of a call, and that nothing secret is in them."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError, ReadTimeoutError

from program.call_log import CallLog
from scenario.labels import Labels
from test.program.test_trace import ACCOUNT, CONFIRMATION, Ticks, answer_with, http, retrying_client
from test.support.scenario_calls import CODE, EMAIL, PASSWORD, TOKENS, USER
from test.support.stubbed_calls import CLIENT_ID, POOL_ID

if TYPE_CHECKING:
    from botocore.stub import Stubber
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient


def follow(client: Any) -> tuple[CallLog, list[str]]:
    """Follow that client; return the log and the lines that it writes."""
    lines: list[str] = []
    log = CallLog(lines.append, Labels(), Ticks(0.034))
    log.attach(client)
    return log, lines


def test_call_and_answer(client: CognitoIdentityProviderClient, stubber: Stubber) -> None:
    """A line has when, in which step, what was sent and what came back: as JSON, with labels for secrets."""
    request: dict[str, Any] = {
        **ACCOUNT,
        "Password": PASSWORD,
        "UserAttributes": [{"Name": "email", "Value": EMAIL}],
    }
    details = {"Destination": "a***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    answer = {"UserConfirmed": False, "CodeDeliveryDetails": details, "UserSub": "0b1c"}
    stubber.add_response("sign_up", answer, request)
    log, lines = follow(client)
    log.step(1)

    client.sign_up(**request)

    (line,) = map(json.loads, lines)
    time = datetime.fromisoformat(line.pop("time"))
    assert time.utcoffset() == timedelta(0)
    assert line == {
        "step": 1,
        "action": "SignUp",
        "request": {
            "ClientId": CLIENT_ID,
            "Username": USER,
            "Password": "<password>",
            "UserAttributes": [{"Name": "email", "Value": EMAIL}],
        },
        "status": 200,
        "answer": {**answer, "UserSub": "0b1c"},
        "error": None,
        "seconds": 0.034,
        "attempts": 0,  # a stub answers before there is one
    }


def test_lists_are_counted(client: CognitoIdentityProviderClient, stubber: Stubber) -> None:
    """Of a list in an answer there is the number of items: it may be a whole pool. Each page is a line."""
    stubber.add_response("list_users", {"Users": [{"Username": USER}] * 60, "PaginationToken": "p1"})
    stubber.add_response("list_users", {"Users": [{"Username": USER}] * 7})
    _, lines = follow(client)

    list(client.get_paginator("list_users").paginate(UserPoolId=POOL_ID))

    assert [json.loads(line)["answer"]["Users"] for line in lines] == ["(60 items)", "(7 items)"]


def test_refusal_that_quotes_what_was_sent(client: CognitoIdentityProviderClient, stubber: Stubber) -> None:
    """A refusal has code and message, without the secrets of the request."""
    stubber.add_client_error("confirm_sign_up", "CodeMismatchException", f"Invalid code {CODE}.", 400)
    _, lines = follow(client)

    with pytest.raises(ClientError):
        client.confirm_sign_up(**CONFIRMATION)

    (line,) = map(json.loads, lines)
    assert line["error"] == {"code": "CodeMismatchException", "message": "Invalid code <code>."}
    assert (line["status"], line["answer"], line["step"]) == (400, None, None)


def test_attempts_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts of one call are one line, with their number and the time that all of them took."""
    client = retrying_client()
    broken = http(500, __type="InternalErrorException", message="Something broke.")
    answer_with(client, ReadTimeoutError(endpoint_url="https://x"), broken, http(200, Users=[]))
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    _, lines = follow(client)

    client.list_users(UserPoolId=POOL_ID)

    (line,) = map(json.loads, lines)
    assert (line["attempts"], line["status"], line["error"]) == (3, 200, None)


def test_no_answer(client: CognitoIdentityProviderClient) -> None:
    """Without an answer there is the kind of failure alone: its text may have a proxy's password in it."""
    failure = ReadTimeoutError(endpoint_url="https://alice:secret@proxy.example")
    answer_with(client, failure)
    _, lines = follow(client)

    with pytest.raises(ReadTimeoutError):
        client.list_users(UserPoolId=POOL_ID)

    (line,) = map(json.loads, lines)
    assert line["error"]["code"] == "ReadTimeoutError"
    assert (line["status"], line["answer"], line["attempts"]) == (None, None, 1)
    assert "secret" not in lines[0]


def test_parameters_that_boto3_refuses(client: CognitoIdentityProviderClient) -> None:
    """What is not even sent is a line too."""
    _, lines = follow(client)

    with pytest.raises(ParamValidationError):
        client.list_users(UserPoolId="")

    (line,) = map(json.loads, lines)
    assert (line["error"]["code"], line["attempts"]) == ("ParamValidationError", 0)


def test_interrupted_call(client: CognitoIdentityProviderClient) -> None:
    """A call that was under way when the run ended is a line that says so, once."""

    def interrupt(**_: object) -> None:
        raise KeyboardInterrupt

    client.meta.events.register("before-send", interrupt)
    log, lines = follow(client)

    with pytest.raises(KeyboardInterrupt):
        client.list_users(UserPoolId=POOL_ID)
    assert lines == []
    log.close()
    log.close()

    (line,) = map(json.loads, lines)
    assert line["error"]["code"] == "Interrupted"


def test_tokens_are_labelled(client: CognitoIdentityProviderClient, stubber: Stubber) -> None:
    """Of an authentication result the line has names, the type and when it expires."""
    stubber.add_response("initiate_auth", {"AuthenticationResult": {**TOKENS, "ExpiresIn": 3600}})
    _, lines = follow(client)

    client.initiate_auth(AuthFlow="USER_AUTH", ClientId=CLIENT_ID)

    result = json.loads(lines[0])["answer"]["AuthenticationResult"]
    assert (result["AccessToken"], result["RefreshToken"]) == ("<access token 1>", "<refresh token 1>")
    assert result["ExpiresIn"] == 3600
    assert not re.search("|".join(map(re.escape, map(str, TOKENS.values()))), lines[0])


def test_failure_of_the_log(client: CognitoIdentityProviderClient, stubber: Stubber) -> None:
    """When a line can't be written, the call goes on all the same."""

    def fail(_line: str) -> None:
        raise ValueError

    CallLog(fail, Labels()).attach(client)
    stubber.add_response("list_users", {"Users": []})

    assert client.list_users(UserPoolId=POOL_ID)["Users"] == []
