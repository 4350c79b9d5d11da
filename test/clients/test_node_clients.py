"""The JavaScript clients as they come: amazon-cognito-identity-js, and version 3 of the AWS SDK.

The stories are told in node/*.js, which print one JSON line for each step; what they must say stands here.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from test.support.pools import TRACKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from local_cognito import LocalCognito

SCRIPTS = Path(__file__).parent / "node"
ON_PROMPT = TRACKING | {"DeviceOnlyRememberedOnUserPrompt": True}
TEMPORARY_PASSWORD = "Temporary-1!"

# Refusals as steps report them: the error's name and its text.
INCORRECT = ("NotAuthorizedException", "Incorrect username or password.")
WRONG_CODE = ("CodeMismatchException", "Invalid verification code provided, please try again.")
WEAK_PASSWORD = (
    "InvalidPasswordException",
    "Password did not conform with policy: Password not long enough",
)
WEAK_NEW_PASSWORD = (  # in a challenge
    "InvalidPasswordException",
    "Password does not conform to policy: Password not long enough",
)
DELIVERY = {"Destination": "a***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}


class Told:
    """What a story printed, by step."""

    def __init__(self, output: str) -> None:
        self.steps = {line["step"]: line for line in map(json.loads, output.splitlines())}

    def answer(self, step: str) -> Any:
        """Return what the step answered, which must be no error."""
        assert "answer" in self.steps[step], self.steps[step]
        return self.steps[step]["answer"]

    def refusal(self, step: str) -> tuple[str, str]:
        """Return the name and the text of the step's error."""
        assert "error" in self.steps[step], self.steps[step]
        return self.steps[step]["error"], self.steps[step]["message"]

    def attempts(self) -> set[int]:
        """Return how often the SDK says that it tried what was refused."""
        return {line["attempts"] for line in self.steps.values() if "attempts" in line}


@pytest.fixture(scope="session")
def node() -> str:
    """Return the path of Node; skip where it or the clients are not installed."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("Node.js is not installed.")
    if not (SCRIPTS / "node_modules" / ".package-lock.json").exists():
        pytest.skip("The JavaScript clients are not installed: run `make clients`.")
    return program


@pytest.fixture
def tell(node: str, server: LocalCognito) -> Callable[..., Told]:
    """Return what tells a story of a script on a pool."""

    def told(script: str, story: str, pool: Any) -> Told:
        settings = {
            "endpoint": server.url,
            "poolId": pool.pool_id,
            "clientId": pool.client_id,
            "clientSecret": pool.client_secret,
            "temporaryPassword": TEMPORARY_PASSWORD,
        }
        command = [node, script, story, json.dumps(settings)]
        done = subprocess.run(command, cwd=SCRIPTS, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return Told(done.stdout)

    return told


class TestIdentityLibrary:
    """amazon-cognito-identity-js."""

    SCRIPT = "identity.js"

    @pytest.fixture
    def story(self, tell: Callable[..., Told], make_pool: Callable[..., Any]) -> Callable[..., Told]:
        """Return what tells a story on a pool with these settings."""
        return lambda name, **settings: tell(self.SCRIPT, name, make_pool(**settings))

    def test_signs_up(self, story: Callable[..., Told]) -> None:
        """Only a good password and the mailed code lead to a user who can sign in."""
        told = story("signingUp")

        assert told.refusal("weak password") == WEAK_PASSWORD
        assert told.answer("sign up") == told.answer("resend") == DELIVERY
        assert told.refusal("sign up again") == ("UsernameExistsException", "User already exists")
        assert told.refusal("sign in too early") == ("UserNotConfirmedException", "User is not confirmed.")
        assert told.refusal("wrong code") == WRONG_CODE
        assert told.answer("confirm") == "SUCCESS"
        assert told.answer("sign in")["claims"]["username"] == "alice"

    def test_serves_a_signed_in_user(self, story: Callable[..., Told]) -> None:
        """A signed-in user reads and changes attributes and password, refreshes, and signs out everywhere."""
        told = story("account")

        assert told.refusal("wrong password") == INCORRECT
        assert told.answer("sign in")["identity"]["email"] == "alice@example.com"
        assert told.answer("attributes")["email_verified"] == "true"
        assert told.answer("update") == "SUCCESS"
        assert told.refusal("wrong old password") == INCORRECT
        assert told.answer("change password") == "SUCCESS"
        assert told.answer("refresh") is True
        assert told.answer("sign in with the new password")["identity"]["name"] == "Alice"
        assert told.answer("global sign-out")["answer"] == "SUCCESS"
        assert told.answer("sign out with revocation") is None
        assert told.refusal("revoked token")[0] == "NotAuthorizedException"
        assert told.answer("delete") == "SUCCESS"
        assert told.refusal("sign in to nothing") == ("UserNotFoundException", "User does not exist.")

    def test_recovers_a_forgotten_password(self, story: Callable[..., Told]) -> None:
        """The mailed code and a good password are both needed to set a new password."""
        told = story("forgotten")

        assert told.answer("forgot") == DELIVERY
        assert told.refusal("wrong code") == WRONG_CODE
        assert told.refusal("weak password") == WEAK_PASSWORD
        assert told.answer("new password")["answer"] == "SUCCESS"
        assert told.answer("sign in")["claims"]["username"] == "alice"

    def test_sets_totp_up_and_remembers_the_device(self, story: Callable[..., Told]) -> None:
        """TOTP is set up, asked for, and no longer asked for on the device that the library confirmed."""
        told = story("device", mfa="ON", DeviceConfiguration=TRACKING)

        assert told.answer("sign in to set up")["challenge"] == "mfaSetup"
        assert told.refusal("wrong first code")[0] == "EnableSoftwareTokenMFAException"
        assert told.answer("set up")["claims"]["token_use"] == "access"
        assert told.answer("sign in with code")["values"][1]["FRIENDLY_DEVICE_NAME"] == "phone"
        assert told.refusal("wrong code")[0] == "CodeMismatchException"
        key = told.answer("code")["claims"]["device_key"]
        assert (told.answer("device"), told.answer("devices")) == (key, 1)
        assert told.answer("sign in from device")["claims"]["device_key"] == key
        assert told.answer("refresh from device") is True

    def test_signs_in_anew_where_the_device_was_forgotten(self, story: Callable[..., Told]) -> None:
        """The library sends its proof again without the forgotten device, and is asked for a code."""
        told = story("device", mfa="ON", DeviceConfiguration=TRACKING)

        assert told.answer("sign in from forgotten device")["challenge"] == "totpRequired"

    def test_asks_before_it_remembers_a_device(self, story: Callable[..., Told]) -> None:
        """Where the pool wants the user asked, the library is told so, and the device counts after that."""
        told = story("prompted", DeviceConfiguration=ON_PROMPT)

        assert told.answer("sign in")["mustAskUser"] is True
        assert (told.answer("before"), told.answer("after")) == (0, 1)
        key = told.answer("sign in")["claims"]["device_key"]
        assert told.answer("sign in from device")["claims"]["device_key"] == key

    def test_replaces_a_temporary_password(
        self, tell: Callable[..., Told], make_pool: Callable[..., Any], admin: CognitoIdentityProviderClient
    ) -> None:
        """An invited user must choose a password, and may send back the attributes that were shown."""
        pool = make_pool()
        attributes = {"email": "alice@example.com", "email_verified": "True", "given_name": "Alice"}
        admin.admin_create_user(
            UserPoolId=pool.pool_id,
            Username="alice",
            TemporaryPassword=TEMPORARY_PASSWORD,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
        )

        told = tell(self.SCRIPT, "invited", pool)

        assert told.answer("temporary password")["challenge"] == "newPasswordRequired"
        assert "sub" not in told.answer("temporary password")["values"][0]
        assert told.refusal("weak password") == WEAK_NEW_PASSWORD
        assert told.answer("new password")["identity"]["name"] == "Alice"
        assert told.answer("new password")["identity"]["email_verified"] is True
        assert told.answer("password flow")["claims"]["username"] == "alice"

    def test_answers_the_pools_own_question(self, tell: Callable[..., Told], quiz_pool: Any) -> None:
        """A custom challenge is asked without a password and after one; a wrong answer may be tried again."""
        told = tell(self.SCRIPT, "custom", quiz_pool)

        for asked in ("question", "wrong answer", "question after the password"):
            assert told.answer(asked)["challenge"] == "customChallenge"
            assert told.answer(asked)["values"][0]["question"] == "colour?"
        assert told.refusal("wrong password") == INCORRECT
        assert told.answer("answer")["claims"]["username"] == "alice"
        assert told.answer("answer after the password")["claims"]["username"] == "alice"

    def test_turns_optional_mfa_on(self, story: Callable[..., Told]) -> None:
        """A signed-in user enrols an app, prefers it, and is asked for its code from then on."""
        told = story("preference", mfa="OPTIONAL")

        assert told.answer("verify")["answer"]["Status"] == "SUCCESS"
        assert told.answer("prefer") == "SUCCESS"
        assert told.answer("sign in")["challenge"] == "totpRequired"
        assert told.answer("code")["claims"]["username"] == "alice"


class TestSdk:
    """The AWS SDK for JavaScript, version 3, with the retries that it comes with."""

    SCRIPT = "sdk.js"

    @pytest.mark.parametrize("secret", [False, True])
    def test_lives_a_users_life(
        self, tell: Callable[..., Told], make_pool: Callable[..., Any], *, secret: bool
    ) -> None:
        """From sign-up over MFA, refreshing and revoking to deletion, each step answers as AWS does."""
        told = tell(self.SCRIPT, "life", make_pool(mfa="ON", secret=secret))

        assert told.answer("sign up")["UserConfirmed"] is False
        assert told.refusal("wrong code") == WRONG_CODE
        assert told.refusal("wrong password") == INCORRECT
        assert told.answer("sign in")["ChallengeName"] == "MFA_SETUP"
        assert told.answer("verify")["Status"] == "SUCCESS"
        assert told.answer("set up")["AuthenticationResult"]["TokenType"] == "Bearer"
        assert told.answer("code")["AuthenticationResult"]["ExpiresIn"] == 3600
        assert told.answer("user")["UserMFASettingList"] == ["SOFTWARE_TOKEN_MFA"]
        assert told.answer("user by administrator")["UserStatus"] == "CONFIRMED"
        assert "RefreshToken" not in told.answer("refresh")["AuthenticationResult"]
        assert told.refusal("revoked")[0] == "NotAuthorizedException"
        assert told.refusal("disabled") == ("NotAuthorizedException", "User is disabled.")
        (user,) = told.answer("filter")["Users"]
        assert user["Attributes"] == [{"Name": "name", "Value": "Alice"}]
        assert told.refusal("deleted")[0] == "UserNotFoundException"
        assert told.attempts() == {1}

    def test_administers(self, tell: Callable[..., Told], make_pool: Callable[..., Any]) -> None:
        """Users, groups and pages by an administrator come back as they were made."""
        told = tell(self.SCRIPT, "administration", make_pool())

        assert told.answer("create")["User"]["UserStatus"] == "FORCE_CHANGE_PASSWORD"
        assert told.answer("temporary")["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
        assert "AccessToken" in told.answer("new password")["AuthenticationResult"]
        assert told.refusal("group again")[0] == "GroupExistsException"
        assert [user["Username"] for user in told.answer("in group")["Users"]] == ["alice"]
        assert told.answer("pages") == [["staff", "readers"], ["writers"]]
        assert told.answer("pool")["UserPool"]["AutoVerifiedAttributes"] == ["email"]
        assert told.answer("app client")["UserPoolClient"]["ClientName"] == "app"

    def test_does_not_try_a_refusal_again(
        self, tell: Callable[..., Told], make_pool: Callable[..., Any], asked: list[str]
    ) -> None:
        """A modelled error arrives as its own class, a missing action by name, after one attempt each."""
        pool = make_pool()
        asked.clear()

        told = tell(self.SCRIPT, "refusals", pool)

        assert [told.refusal(name)[0] for name in told.steps if name != "missing"] == [
            name for name in told.steps if name != "missing"
        ]
        missing = "local_cognito does not implement DescribeRiskConfiguration."
        assert told.refusal("missing") == ("UnknownOperationException", missing)
        assert told.attempts() == {1}
        preparations = 3
        assert len(asked) == preparations + len(told.steps)
