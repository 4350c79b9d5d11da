"""Answers with one thing changed in each: what a broken or hostile endpoint may send."""

from __future__ import annotations

import copy
import json
import math
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from test.support.scenario_calls import EMAIL, REAL_NAME, SECRET_CODE, TOKENS, USER, session
from test.support.stubbed_calls import CLIENT_ID, DEVICE_GROUP_KEY, DEVICE_KEY, POOL_ID, SECRET_BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Path = tuple[str | int, ...]

ODD_TEXT = "\x1b[2J\x1b]0;owned\x07\r\x08\x9b31m\u202eevil\u2066\u200f\u2028\x00{}%s[bold]é漢🙂"
CONTROLS = frozenset("\x1b\x07\r\x08\x9b\u202e\u2066\u200f\u2028\x00")
CHANGES: Mapping[str, Any] = {
    "null": None,
    "number": 17,
    "negative": -1,
    "huge number": 10**30,
    "fraction": 0.5,
    "endless": math.inf,
    "no number": math.nan,
    "true": True,
    "empty": "",
    "text": "x",
    "odd": ODD_TEXT,
    "half a pair": "\ud83d",
    "long": "x" * 3000,
    "huge": "é " * 100_000,
    "list": [],
    "list of null": [None],
    "list of lists": [[["x"]]],
    "object": {},
    "object of null": {"x": None, "Name": None},
    "object of objects": {"Name": {"Value": {}}},
}
"""What stands in place of a field, by a name for it."""


def _tokens(**more: Any) -> dict[str, Any]:
    return {"AuthenticationResult": {**TOKENS, "ExpiresIn": 3600, "TokenType": "Bearer", **more}}


def _challenge(name: str, number: int, **parameters: str) -> dict[str, Any]:
    return {"ChallengeName": name, "Session": session(number), "ChallengeParameters": parameters}


_SERVER = {"SALT": "8a02", "SRP_B": "499602d2", "SECRET_BLOCK": SECRET_BLOCK, "USERNAME": USER}
# Each call of the scenario in its order, and what Cognito answers to it.
SCENARIO: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "DescribeUserPool",
        {
            "UserPool": {
                "Id": POOL_ID,
                "Name": "pool",
                "CreationDate": 1763687000.5,
                "AutoVerifiedAttributes": ["email"],
                "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False, "UnusedAccountValidityDays": 7},
                "DeviceConfiguration": {
                    "ChallengeRequiredOnNewDevice": True,
                    "DeviceOnlyRememberedOnUserPrompt": True,
                },
                "Policies": {"PasswordPolicy": {"MinimumLength": 8, "RequireSymbols": True}},
                "EstimatedNumberOfUsers": 2,
                "UserPoolTags": {"stage": "test"},
            }
        },
    ),
    (
        "GetUserPoolMfaConfig",
        {"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": True}},
    ),
    (
        "DescribeUserPoolClient",
        {
            "UserPoolClient": {
                "ClientId": CLIENT_ID,
                "ClientSecret": None,
                "ExplicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_PASSWORD_AUTH"],
                "AuthSessionValidity": 15,
                "PreventUserExistenceErrors": "ENABLED",
            }
        },
    ),
    (
        "SignUp",
        {"UserConfirmed": False, "UserSub": REAL_NAME, "CodeDeliveryDetails": {"Destination": "a***@e***"}},
    ),
    ("ResendConfirmationCode", {"CodeDeliveryDetails": {"Destination": "a***", "DeliveryMedium": "EMAIL"}}),
    ("ConfirmSignUp", {}),
    (
        "AdminGetUser",
        {
            "Username": USER,
            "UserAttributes": [{"Name": "sub", "Value": REAL_NAME}, {"Name": "email", "Value": EMAIL}],
            "UserStatus": "CONFIRMED",
            "UserCreateDate": 1763687000.5,
        },
    ),
    (
        "ListUsers",
        {
            "Users": [
                {
                    "Username": USER,
                    "Attributes": [{"Name": "sub", "Value": REAL_NAME}, {"Name": "email", "Value": EMAIL}],
                    "UserStatus": "CONFIRMED",
                    "Enabled": True,
                    "UserCreateDate": 1763687000.5,
                }
            ],
            "PaginationToken": None,
        },
    ),
    (
        "AdminInitiateAuth",
        _challenge("MFA_SETUP", 1, MFAS_CAN_SETUP='["SOFTWARE_TOKEN_MFA"]', USER_ID_FOR_SRP=USER),
    ),
    ("AssociateSoftwareToken", {"SecretCode": SECRET_CODE, "Session": session(2)}),
    ("VerifySoftwareToken", {"Status": "SUCCESS", "Session": session(3)}),
    ("AdminInitiateAuth", _challenge("SOFTWARE_TOKEN_MFA", 4, USER_ID_FOR_SRP=USER)),
    (
        "AdminRespondToAuthChallenge",
        _tokens(NewDeviceMetadata={"DeviceKey": DEVICE_KEY, "DeviceGroupKey": DEVICE_GROUP_KEY}),
    ),
    ("ConfirmDevice", {"UserConfirmationNecessary": True}),
    ("UpdateDeviceStatus", {}),
    ("InitiateAuth", _challenge("DEVICE_SRP_AUTH", 5, USERNAME=USER)),
    ("RespondToAuthChallenge", _challenge("DEVICE_PASSWORD_VERIFIER", 6, **_SERVER)),
    ("RespondToAuthChallenge", _tokens()),
    ("GetTokensFromRefreshToken", {"AuthenticationResult": {"AccessToken": TOKENS["AccessToken"]}}),
    ("ForgetDevice", {}),
    ("DeleteUser", {}),
)
REFUSAL = {"__type": "com.amazonaws#TestException", "message": "Not today.", "reasonCode": "x"}


class Endpoint:
    """What answers in place of Cognito: the scenario's answers, one of them changed.

    Attributes:
        calls: the actions that were called, in their order.
        client: the client whose requests come here, once there is one.
    """

    client: Any = None

    def __init__(self) -> None:
        self.begin()

    def begin(self, number: int = -1, answer: Any = None, status: int = 200) -> None:
        """Begin the scenario, with another answer to the call of that number, the first being 0."""
        self._number, self._answer, self._status = number, answer, status
        self.calls: list[str] = []

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        """Answer a request, as botocore's HTTP session does."""
        target = request.headers["X-Amz-Target"]
        action = (target.decode() if isinstance(target, bytes) else target).partition(".")[2]
        # By how often it was called, and not by the order of all calls: some are made side by side.
        numbers = [number for number, (name, _) in enumerate(SCENARIO) if name == action]
        calls = self.calls.count(action)
        self.calls.append(action)
        status = 200
        answer: Any = SCENARIO[numbers[min(calls, len(numbers) - 1)]][1]
        if self._number in numbers[calls : calls + 1]:
            status, answer = self._status, self._answer
        headers: Any = {"Content-Type": "application/x-amz-json-1.1"}
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return AWSResponse(str(request.url), status, headers, _Body(body))


class _Body:
    """The body of an answer, as urllib3 gives it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        """Yield the whole of it."""
        yield self._content


def changed(content: Any) -> Iterator[tuple[str, Any]]:
    """Yield a content with one field missing or replaced, in every way, and a name for what was changed."""
    for path in _paths(content):
        shown = ".".join(map(str, path))
        if isinstance(path[-1], str):
            yield f"{shown} missing", _with(content, path, None, is_missing=True)
        for name, value in CHANGES.items():
            yield f"{shown} {name}", _with(content, path, value)


def _paths(content: Any, before: Path = ()) -> Iterator[Path]:
    items = content.items() if isinstance(content, dict) else enumerate(content)
    for name, value in items:
        yield (*before, name)
        if isinstance(value, dict | list):
            yield from _paths(value, (*before, name))


def _with(content: Any, path: Path, value: Any, *, is_missing: bool = False) -> Any:
    result = copy.deepcopy(content)
    inner = result
    for name in path[:-1]:
        inner = inner[name]
    if is_missing:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return result
