"""The scenario's calls: each request as it must be, Cognito's answer, and a stage that plays them."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from botocore.stub import ANY

import scenario_signup_user_with_mfa as scenario
from scenario.mode import Mode
from scenario.person import Person
from test.support.stage import Script, quiet_terminal, shown
from test.support.stubbed_calls import (
    CLIENT_ID,
    DELIVERY,
    DEVICE_GROUP_KEY,
    DEVICE_KEY,
    METADATA,
    POOL_ID,
    SECRET_BLOCK,
    Call,
)

if TYPE_CHECKING:
    from terminal import Terminal

USER, REAL_NAME = "alice", "0b1c2d3e-sub-of-alice"
EMAIL, OTHER_EMAIL = "alice@example.com", "a.liddell@example.com"
PASSWORD, OTHER_PASSWORD = "Correct-Horse-1!", "Better-Battery-2?"
CODE, WRONG_CODE, SET_UP_CODE, MFA_CODE = "918273", "000000", "111222", "333444"
SECRET_CODE = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
OTHER_SECRET_CODE = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
TOKENS = {name: f"{name}-that-nobody-may-see" for name in ("AccessToken", "IdToken", "RefreshToken")}
LISTED = [
    {
        "Username": USER,
        "Attributes": [{"Name": "sub", "Value": REAL_NAME}, {"Name": "email", "Value": EMAIL}],
        "UserStatus": "CONFIRMED",
        "UserCreateDate": datetime(2025, 11, 21, 1, 2, 3, tzinfo=timezone.utc),
    },
    {"Username": "bob"},
]

# Refusals, as Cognito words them; and one that ends any run.
THE_END = ("TestException", "Not today.")
POLICY = ("InvalidPasswordException", "Password did not conform with policy: Password not long enough")
WRONG_PASSWORD = ("NotAuthorizedException", "Incorrect username or password.")
LOCKED_OUT = ("NotAuthorizedException", "Password attempts exceeded")
MISMATCH = ("CodeMismatchException", "Invalid verification code provided, please try again.")
EXPIRED = ("ExpiredCodeException", "Invalid code provided, please request a code again.")
LIMIT = ("LimitExceededException", "Attempt limit exceeded, please try after some time.")
NAME_TAKEN = ("UsernameExistsException", "User already exists")
NOT_ENABLED = ("EnableSoftwareTokenMFAException", "Code mismatch and fail enable Software Token MFA")
MFA_MISMATCH = ("CodeMismatchException", "Invalid code received for user")
USED = ("ExpiredCodeException", "Your software token has already been used once.")
SESSION_EXPIRED = ("NotAuthorizedException", "Invalid session for the user, session is expired.")
TOKEN_EXPIRED = ("NotAuthorizedException", "Access Token has expired")
SESSION_SPENT = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")


def session(number: int) -> str:
    """Return the session text of the answer with this number."""
    return f"AYABsession-that-nobody-may-see-{number}"


def challenge(name: str, number: int, **parameters: Any) -> dict[str, Any]:
    """Return an answer that asks for a challenge, with the session of that number."""
    return {"ChallengeName": name, "Session": session(number), "ChallengeParameters": parameters}


def sign_up(
    user_name: str = USER, password: str = PASSWORD, email: str = EMAIL, *, is_confirmed: bool = False
) -> Call:
    request = {
        "ClientId": CLIENT_ID,
        "Username": user_name,
        "Password": password,
        "UserAttributes": [{"Name": "email", "Value": email}],
    }
    return Call("sign_up", request, {"UserConfirmed": is_confirmed, "UserSub": REAL_NAME}, "SecretHash")


def look_up(status: str, user_name: str = USER) -> Call:
    request = {"UserPoolId": POOL_ID, "Username": user_name}
    attributes = [{"Name": "email", "Value": EMAIL}]
    return Call(
        "admin_get_user", request, {"Username": USER, "UserStatus": status, "UserAttributes": attributes}
    )


def resend(user_name: str = USER) -> Call:
    request = {"ClientId": CLIENT_ID, "Username": user_name}
    return Call("resend_confirmation_code", request, {"CodeDeliveryDetails": DELIVERY}, "SecretHash")


def confirm(code: str = CODE, user_name: str = USER) -> Call:
    request = {"ClientId": CLIENT_ID, "Username": user_name, "ConfirmationCode": code}
    return Call("confirm_sign_up", request, {}, "SecretHash")


def password(answer: dict[str, Any], user_name: str = USER, password: str = PASSWORD) -> Call:
    request = {
        "UserPoolId": POOL_ID,
        "ClientId": CLIENT_ID,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": user_name, "PASSWORD": password},
    }
    return Call("admin_initiate_auth", request, answer, "AuthParameters")


def response(name: str, number: int, answer: dict[str, Any], user_name: str = USER, **responses: Any) -> Call:
    """Return the call that answers a challenge of the password sign-in."""
    request = {
        "UserPoolId": POOL_ID,
        "ClientId": CLIENT_ID,
        "ChallengeName": name,
        "Session": session(number),
        "ChallengeResponses": {"USERNAME": user_name, **responses},
    }
    return Call("admin_respond_to_auth_challenge", request, answer, "ChallengeResponses")


def set_up(number: int = 1, user_name: str = USER, offered: str = '["SOFTWARE_TOKEN_MFA"]') -> dict[str, Any]:
    return challenge("MFA_SETUP", number, MFAS_CAN_SETUP=offered, USER_ID_FOR_SRP=user_name)


def asks_code(number: int = 4, user_name: str = USER) -> dict[str, Any]:
    return challenge("SOFTWARE_TOKEN_MFA", number, USER_ID_FOR_SRP=user_name)


def associate(number: int = 1, secret: str = SECRET_CODE) -> Call:
    answer = {"SecretCode": secret, "Session": session(number + 1)}
    return Call("associate_software_token", {"Session": session(number)}, answer)


def verify(code: str = SET_UP_CODE, number: int = 2, **answer: Any) -> Call:
    answer = answer or {"Status": "SUCCESS", "Session": session(3)}
    return Call("verify_software_token", {"Session": session(number), "UserCode": code}, answer)


def tokens(*, metadata: bool = True, access_token: str = TOKENS["AccessToken"]) -> dict[str, Any]:
    """Return the answer that ends a sign-in, with a new device or without."""
    device = {"NewDeviceMetadata": {"DeviceKey": DEVICE_KEY, "DeviceGroupKey": DEVICE_GROUP_KEY}}
    result = TOKENS | {"AccessToken": access_token} | (device if metadata else {})
    return {"AuthenticationResult": result}


def mfa(code: str = MFA_CODE, number: int = 4, user_name: str = USER, metadata: bool = True) -> Call:  # noqa: FBT002 - a test's switch
    answer = tokens(metadata=metadata)
    return response("SOFTWARE_TOKEN_MFA", number, answer, user_name, SOFTWARE_TOKEN_MFA_CODE=code)


def confirm_device(*, must_agree: bool = False) -> Call:
    config = {"PasswordVerifier": ANY, "Salt": ANY}  # the device's password and the salt are random
    request = {
        "AccessToken": TOKENS["AccessToken"],
        "DeviceKey": DEVICE_KEY,
        "DeviceSecretVerifierConfig": config,
    }
    return Call("confirm_device", request, {"UserConfirmationNecessary": must_agree})


def remember(access_token: str = TOKENS["AccessToken"]) -> Call:
    request = {
        "AccessToken": access_token,
        "DeviceKey": DEVICE_KEY,
        "DeviceRememberedStatus": "remembered",
    }
    return Call("update_device_status", request, {})


def forget(access_token: str = TOKENS["AccessToken"]) -> Call:
    request = {"AccessToken": access_token, "DeviceKey": DEVICE_KEY}
    return Call("forget_device", request, {})


def delete(access_token: str = TOKENS["AccessToken"]) -> Call:
    return Call("delete_user", {"AccessToken": access_token}, {})


def tracked(user_name: str = USER, password: str = PASSWORD) -> list[Call]:
    """Return the three calls of the sign-in from the tracked device."""
    parameters = {"USERNAME": user_name, "PASSWORD": password, "DEVICE_KEY": DEVICE_KEY}
    initiate = {"ClientId": CLIENT_ID, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
    answer = challenge("DEVICE_SRP_AUTH", 5, USERNAME=user_name)
    server = {"SALT": "8a02", "SRP_B": "499602d2", "SECRET_BLOCK": SECRET_BLOCK, "USERNAME": user_name}
    claim = {
        "TIMESTAMP": ANY,
        "PASSWORD_CLAIM_SECRET_BLOCK": SECRET_BLOCK,
        "PASSWORD_CLAIM_SIGNATURE": ANY,  # A, and with it the proof, is random
    }
    return [
        Call("initiate_auth", initiate, answer, "AuthParameters"),
        respond(
            "DEVICE_SRP_AUTH",
            5,
            user_name,
            {"SRP_A": ANY},
            challenge("DEVICE_PASSWORD_VERIFIER", 6, **server),
        ),
        respond("DEVICE_PASSWORD_VERIFIER", 6, user_name, claim, {"AuthenticationResult": TOKENS}),
    ]


def renew(device_key: str | None = DEVICE_KEY) -> Call:
    """Return the call that renews the tokens; it answers an access token of another look."""
    request = {"RefreshToken": TOKENS["RefreshToken"], "ClientId": CLIENT_ID}
    request |= {"DeviceKey": device_key} if device_key else {}
    answer = {"AuthenticationResult": {"AccessToken": TOKENS["AccessToken"], "IdToken": TOKENS["IdToken"]}}
    return Call("get_tokens_from_refresh_token", request, answer, "ClientSecret")


def respond(
    name: str, number: int, user_name: str, responses: dict[str, Any], answer: dict[str, Any]
) -> Call:
    request = {
        "ClientId": CLIENT_ID,
        "ChallengeName": name,
        "Session": session(number),
        "ChallengeResponses": {"USERNAME": user_name, "DEVICE_KEY": DEVICE_KEY, **responses},
    }
    return Call("respond_to_auth_challenge", request, answer, "ChallengeResponses")


LIST = Call("list_users", {"UserPoolId": POOL_ID}, {"Users": LISTED})
CONFIRMED = [look_up("CONFIRMED")]  # what is asked after a user was confirmed
SIGNED_UP = [sign_up(), confirm(), *CONFIRMED, LIST]
ENROLLED = [password(set_up()), associate(), verify()]
SIGNED_IN = [password(asks_code()), mfa()]
CLEAN_UP = [forget(), delete()]
DEVICE = [confirm_device(), *tracked(), renew(), *CLEAN_UP]
WHOLE_SCENARIO = [
    sign_up(),
    resend(),
    confirm(),
    *CONFIRMED,
    LIST,
    *ENROLLED,
    *SIGNED_IN,
    confirm_device(must_agree=True),
    remember(),
    *tracked(),
    renew(),
    *CLEAN_UP,
]


def answers(**changed: list[Any]) -> Script:
    """Return a person who answers as DEVICE needs it; some answers changed, an empty list has none."""
    usual = {
        "user_name": [USER],
        "email": [EMAIL],
        "password": [PASSWORD, PASSWORD],
        "confirmation_code": [CODE],
        "set_up_code": [SET_UP_CODE],
        "mfa_code": [MFA_CODE],
        "forget_device": ["y"],
        "delete_user": ["y"],
    }
    return Script(**{name: texts for name, texts in (usual | changed).items() if texts})


def with_resend() -> Script:
    """Return the person of WHOLE_SCENARIO."""
    return answers(confirmation_code=["", CODE], remember_device=["y"])


class TimedPerson(Person):
    """A person whose waits are noted, and over at once."""

    def __init__(self, terminal: Terminal, script: Script, waits: list[tuple[float, str]]) -> None:
        super().__init__(terminal, script)
        self._waits = waits

    def wait(self, seconds: float, reason: str) -> None:
        """Note the wait."""
        self._waits.append((seconds, reason))


_MODE = {field.name for field in fields(Mode)}


@dataclass
class Stage:
    """A stubbed Cognito, a quiet terminal, and a clock that never needs waiting for."""

    client: Any
    stubber: Any
    client_secret: str | None = None
    terminal: Any = field(default_factory=quiet_terminal)
    waits: list[tuple[float, str]] = field(default_factory=list)

    def queue(self, *calls: Call) -> None:
        """Let Cognito answer these, each only to exactly the request that is expected."""
        for call in calls:
            expected = call.expected_request(self.client_secret)
            self.stubber.add_response(call.operation, {**call.answer, **METADATA}, expected)

    def refuse(self, call: Call, code: str, message: str) -> None:
        """Let Cognito refuse this one."""
        expected = call.expected_request(self.client_secret)
        self.stubber.add_client_error(call.operation, code, message, expected_params=expected)

    def run(self, script: Script, **options: Any) -> str:
        """Run the scenario with that person and return what the screen showed.

        Args:
            script: the person's answers.
            options: of `Mode` and of `run_scenario`.
        """
        mode = Mode(**{name: options.pop(name) for name in list(options) if name in _MODE})
        person = TimedPerson(self.terminal, script, self.waits)
        options = {"client_secret": self.client_secret} | options
        scenario.run_scenario(self.client, POOL_ID, CLIENT_ID, person=person, mode=mode, **options)
        return self.shown

    @property
    def shown(self) -> str:
        """What the screen shows, in one line."""
        return shown(self.terminal)
