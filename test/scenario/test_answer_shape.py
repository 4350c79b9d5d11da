"""Answers that make no sense: which field it is, for any client of boto3."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from scenario.answer_shape import UnusableAnswerError, install_answer_checks
from test.support.scenario_calls import SECRET_CODE, TOKENS, session

if TYPE_CHECKING:
    from collections.abc import Callable

SESSION = session(1)
SENSELESS: dict[str, tuple[str, Any, str]] = {
    "another type": ("sign_up", {"UserConfirmed": "yes"}, "UserConfirmed is not a boolean"),
    "missing": ("sign_up", {}, "UserConfirmed is missing"),
    "no status": ("admin_get_user", {"Username": "x", "UserAttributes": []}, "UserStatus is missing"),
    "null": ("sign_up", {"UserConfirmed": None}, "UserConfirmed is missing"),
    "text for a list": ("list_users", {"Users": "x"}, "Users is not a list"),
    "null in a list": ("list_users", {"Users": [None]}, "Users[] is not a JSON object"),
    "deep inside": (
        "list_users",
        {"Users": [{"Attributes": [{"Name": 5}]}]},
        "Users[].Attributes[].Name is not text",
    ),
    "no time": ("list_users", {"Users": [{"UserCreateDate": "x"}]}, "Users[].UserCreateDate is not a time"),
    "a time of the far future": (
        "list_users",
        {"Users": [{"UserCreateDate": 1e30}]},
        "Users[].UserCreateDate is not a time",
    ),
    "half a character": (
        "list_users",
        {"Users": [{"Username": "\ud83d"}]},
        "Users[].Username contains an unpaired surrogate",
    ),
    "no key": ("associate_software_token", {"SecretCode": "no key!"}, "SecretCode is not a TOTP secret"),
    "half a key": (
        "associate_software_token",
        {"SecretCode": SECRET_CODE + "A"},
        "SecretCode is not a TOTP secret",
    ),
    "no session": ("initiate_auth", {"ChallengeName": "SMS_MFA"}, "Session is missing"),
    "a short session": (
        "initiate_auth",
        {"ChallengeName": "SMS_MFA", "Session": "x"},
        "Session is too short",
    ),
    "no token": (
        "initiate_auth",
        {"AuthenticationResult": {}},
        "AuthenticationResult.AccessToken is missing",
    ),
    "half a device": (
        "initiate_auth",
        {"AuthenticationResult": {**TOKENS, "NewDeviceMetadata": {"DeviceKey": "x"}}},
        "AuthenticationResult.NewDeviceMetadata.DeviceGroupKey is missing",
    ),
    "nothing to choose": (
        "initiate_auth",
        {
            "ChallengeName": "SELECT_MFA_TYPE",
            "Session": SESSION,
            "ChallengeParameters": {"MFAS_CAN_CHOOSE": "[]"},
        },
        "ChallengeParameters.MFAS_CAN_CHOOSE is not a list of names",
    ),
    "no list": (
        "initiate_auth",
        {
            "ChallengeName": "NEW_PASSWORD_REQUIRED",
            "Session": SESSION,
            "ChallengeParameters": {"requiredAttributes": '{"a": 1}'},
        },
        "ChallengeParameters.requiredAttributes is not a list of names",
    ),
    "no object": ("sign_up", [], "it is not a JSON object"),
}
REQUESTS: dict[str, dict[str, Any]] = {
    "sign_up": {"ClientId": "x", "Username": "x", "Password": "Correct-Horse-1!"},
    "admin_get_user": {"UserPoolId": "eu-west-1_x", "Username": "x"},
    "list_users": {"UserPoolId": "eu-west-1_x"},
    "associate_software_token": {"Session": SESSION},
    "initiate_auth": {"ClientId": "x", "AuthFlow": "USER_PASSWORD_AUTH"},
}


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Any, int], dict[str, Any]]:
    """Return what calls an action of a client that is not the program's own, and gets that answer."""
    client: Any = boto3.client(
        "cognito-idp", region_name="eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    install_answer_checks(client)
    install_answer_checks(client)  # twice, as the program and the scenario do

    def ask(action: str, answer: Any, status: int = 200) -> dict[str, Any]:
        def send(**_: Any) -> AWSResponse:
            headers: Any = {}
            response = AWSResponse("http://127.0.0.1/", status, headers, raw=None)
            vars(response)["_content"] = json.dumps(answer).encode()
            return response

        client.meta.events.register("before-send", send)
        result: dict[str, Any] = getattr(client, action)(**REQUESTS[action])
        return result

    return ask


@pytest.mark.parametrize(("action", "answer", "what"), SENSELESS.values(), ids=SENSELESS)
def test_senseless(ask: Callable[..., dict[str, Any]], action: str, answer: Any, what: str) -> None:
    """The error names action and field, and nothing of what is in it."""
    with pytest.raises(UnusableAnswerError) as error:
        ask(action, answer)

    name = "".join(part.capitalize() for part in action.split("_"))
    assert str(error.value).startswith(f"Cognito's answer to {name} makes no sense: {what}")


@pytest.mark.parametrize("field", ["__type", "message", "Message"])
@pytest.mark.parametrize("value", [5, [], {}, True])
def test_senseless_refusals(ask: Callable[..., dict[str, Any]], field: str, value: Any) -> None:
    """A refusal has a code and a message, both text."""
    with pytest.raises(UnusableAnswerError, match=f"SignUp makes no sense: {field} is not text"):
        ask("sign_up", {"__type": "TestException", "message": "x"} | {field: value}, 400)


@pytest.mark.parametrize(
    ("action", "answer"),
    [
        ("sign_up", {"UserConfirmed": False, "Unknown": [5]}),
        ("list_users", {"Users": [{"UserCreateDate": "2025-11-21T01:02:03Z", "Attributes": None}]}),
        ("list_users", {}),
        ("associate_software_token", {"SecretCode": SECRET_CODE.lower(), "Session": None}),
        ("initiate_auth", {"ChallengeName": "A_NEW_ONE", "Session": SESSION}),
        ("initiate_auth", {"AuthenticationResult": TOKENS}),
    ],
)
def test_sense(ask: Callable[..., dict[str, Any]], action: str, answer: Any) -> None:
    """Fields that are unknown, missing where nothing needs them, or null do no harm."""
    assert ask(action, answer).keys() <= {*answer, "ResponseMetadata"}
