"""Driving a local pool in tests: a clock to move, requests with secret hashes, whole sign-ins in one call."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Protocol

import pyotp
import pytest
from botocore.exceptions import ClientError
from pycognito.aws_srp import AWSSRP, generate_hash_device

from test.support.inside import store_of
from test.support.pools import make_client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local_cognito import LocalCognito

ALICE, BOB = "alice", "bob"
PASSWORD = "Correct-Horse-1!"
WRONG_PASSWORD = "Incorrect-Horse-1!"
TARGET = "AWSCognitoIdentityProviderService."
MINUTE, HOUR, DAY = 60, 3600, 86400
TOTP_STEP = 30

# One for all requests: making an opener makes a TLS context, which is slow and takes OpenSSL's lock; a child
# that is forked while another thread has that lock never gets it.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))

# What Cognito says, literally: code and message. All of these are HTTP 400.
INCORRECT = ("NotAuthorizedException", "Incorrect username or password.")
LOCKED_OUT = ("NotAuthorizedException", "Password attempts exceeded")
DISABLED = ("NotAuthorizedException", "User is disabled.")
NOT_CONFIRMED = ("UserNotConfirmedException", "User is not confirmed.")
USER_NOT_FOUND = ("UserNotFoundException", "User does not exist.")
COMBINATION_NOT_FOUND = ("UserNotFoundException", "Username/client id combination not found.")
USER_EXISTS = ("UsernameExistsException", "User already exists")
CODE_MISMATCH = ("CodeMismatchException", "Invalid verification code provided, please try again.")
CODE_EXPIRED = ("ExpiredCodeException", "Invalid code provided, please request a code again.")
ATTEMPT_LIMIT = ("LimitExceededException", "Attempt limit exceeded, please try after some time.")
TOTP_MISMATCH = ("CodeMismatchException", "Invalid code received for user")
TOTP_USED = ("ExpiredCodeException", "Your software token has already been used once.")
TOTP_NOT_ENABLED = (
    "EnableSoftwareTokenMFAException",
    "Code mismatch and fail enable Software Token MFA",
)
SESSION_INVALID = ("NotAuthorizedException", "Invalid session for the user.")
SESSION_EXPIRED = ("NotAuthorizedException", "Invalid session for the user, session is expired.")
SESSION_SPENT = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")
DEVICE_UNKNOWN = ("ResourceNotFoundException", "Device does not exist.")
DEVICE_KEY_INVALID = ("InvalidParameterException", "Invalid device key given.")
TOKEN_INVALID = ("NotAuthorizedException", "Invalid Access Token")


def missing(name: str) -> tuple[str, str]:
    """Return the refusal of a request that lacks a parameter."""
    return ("InvalidParameterException", f"Missing required parameter {name}")


@contextmanager
def refused(code: str, message: str, status: int = 400) -> Iterator[None]:
    """Expect that the block ends with this refusal, exactly."""
    with pytest.raises(ClientError) as caught:
        yield
    answer = caught.value.response
    error = (answer["Error"]["Code"], answer["Error"]["Message"])
    assert (*error, answer["ResponseMetadata"]["HTTPStatusCode"]) == (code, message, status)


class Api(Protocol):
    """A boto3 client as these tests see it: every action takes JSON, right or wrong, and answers JSON."""

    meta: Any
    exceptions: Any

    def get_paginator(self, action: str) -> Any:
        """Return what walks through the pages of an action's answers."""

    def __getattr__(self, action: str) -> Callable[..., dict[str, Any]]:
        """Return the method of an action."""


class Clock:
    """Time that stands still until a test moves it, forward only."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        """Return the epoch seconds."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Move on."""
        self.now += seconds

    def to_next_step(self) -> None:
        """Move to the start of the next TOTP time step."""
        self.now += TOTP_STEP - self.now % TOTP_STEP

    def timestamp(self) -> str:
        """Return TIMESTAMP as SRP clients write it."""
        return str(AWSSRP.get_cognito_formatted_timestamp(datetime.fromtimestamp(self.now, timezone.utc)))


@dataclass(frozen=True)
class HttpAnswer:
    """What came back over HTTP; `headers` have lower-case names."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def http(
    url: str, body: bytes | None = None, headers: dict[str, str] | None = None, *, method: str | None = None
) -> HttpAnswer:
    """Send a plain HTTP request, with no SDK between; POST when there is a body."""
    request = urllib.request.Request(url, body, headers or {}, method=method)
    try:
        answer = _OPENER.open(request, timeout=10)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        names = {name.lower(): value for name, value in answer.headers.items()}
        return HttpAnswer(answer.status, names, answer.read())


def call_raw(url: str, operation: str, request: Any, *, signed: bool = True) -> HttpAnswer:
    """Call an action with a request that no SDK would send; bytes go as they are."""
    headers = {"X-Amz-Target": TARGET + operation}
    if signed:
        headers["Authorization"] = "AWS4-HMAC-SHA256 Credential=nobody"
    body = request if isinstance(request, bytes) else json.dumps(request).encode()
    return http(url, body, headers)


def totp(secret: str, now: float, steps: int = 0) -> str:
    """Return the code that an authenticator app shows, so many time steps away from now."""
    return pyotp.TOTP(secret).at(int(now) + TOTP_STEP * steps)


@dataclass(frozen=True)
class TrackedDevice:
    """What a client keeps of a device."""

    key: str
    group_key: str
    password: str


class DeviceSrp:
    """A client's half of the device's SRP exchange, computed by pycognito."""

    def __init__(self, pool: PoolDriver, device: TrackedDevice) -> None:
        self.pool, self.device = pool, device
        self.srp = AWSSRP(
            username="unused",
            password="unused",
            pool_id=pool.id,
            client_id=pool.client_id,
            client=pool.api,
            device_key=device.key,
            device_group_key=device.group_key,
            device_password=device.password,
        )
        self.public_a = f"{self.srp.large_a_value:x}"

    def claim(
        self, parameters: dict[str, str], timestamp: str | None = None, signed: str | None = None
    ) -> dict[str, Any]:
        """Return the responses to DEVICE_PASSWORD_VERIFIER; `signed` is the text that the proof covers."""
        timestamp = timestamp or self.pool.clock.timestamp()
        device = self.device
        key = self.srp.get_device_authentication_key(
            device.group_key, device.key, device.password, int(parameters["SRP_B"], 16), parameters["SALT"]
        )
        block = base64.b64decode(parameters["SECRET_BLOCK"])
        message = (device.group_key + device.key).encode() + block + (signed or timestamp).encode()
        return {
            "DEVICE_KEY": device.key,
            "TIMESTAMP": timestamp,
            "PASSWORD_CLAIM_SECRET_BLOCK": parameters["SECRET_BLOCK"],
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(hmac.digest(key, message, "sha256")).decode(),
        }


@dataclass(frozen=True)
class PoolDriver:
    """A pool and one of its app clients, as a person who uses them sees them."""

    server: LocalCognito
    api: Api
    clock: Clock
    id: str
    client_id: str
    secret: str | None = None

    def other_client(self, **settings: Any) -> PoolDriver:
        """Return the same pool seen through one more app client."""
        made = make_client(self.api, self.id, **settings)
        return replace(self, client_id=made.client_id, secret=made.client_secret)

    def secret_hash(self, name: str) -> str:
        """Return the secret hash over `name`."""
        assert self.secret
        digest = hmac.digest(self.secret.encode(), (name + self.client_id).encode(), hashlib.sha256)
        return base64.b64encode(digest).decode()

    def self_service(self, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Return a user's request through the app client, with the secret hash where there is a secret."""
        hashed = {"SecretHash": self.secret_hash(name)} if self.secret else {}
        return {"ClientId": self.client_id, "Username": name} | hashed | fields

    def in_map(self, name: str, values: dict[str, str]) -> dict[str, Any]:
        """Return parameters of a sign-in, with the secret hash where there is a secret."""
        hashed = {"SECRET_HASH": self.secret_hash(name)} if self.secret else {}
        return {"USERNAME": name} | hashed | values

    def sign_up(
        self, name: str = ALICE, password: str = PASSWORD, email: str | None = "", **fields: Any
    ) -> dict[str, Any]:
        """SignUp with an e-mail address made from the name; None gives none."""
        attributes = dict(fields.pop("attributes", {}))
        if email is not None:
            attributes["email"] = email or f"{name}@example.com"
        listed = [{"Name": key, "Value": value} for key, value in attributes.items()]
        fields = {"Password": password, "UserAttributes": listed} | fields
        return self.api.sign_up(**self.self_service(name, fields))

    def codes(self, to: str | None = None) -> list[str]:
        """Return every code that was sent, oldest first, to everybody or to one address."""
        return [message["code"] for message in self.server.outbox() if to in (None, message["to"])]

    def confirm(self, name: str = ALICE, code: str | None = None, **fields: Any) -> dict[str, Any]:
        """ConfirmSignUp, with the latest code that was sent unless another is given."""
        fields = {"ConfirmationCode": code or self.codes()[-1]} | fields
        return self.api.confirm_sign_up(**self.self_service(name, fields))

    def resend(self, name: str = ALICE, **fields: Any) -> dict[str, Any]:
        """ResendConfirmationCode."""
        return self.api.resend_confirmation_code(**self.self_service(name, fields))

    def user(self, name: str = ALICE, **fields: Any) -> str:
        """Make a confirmed user and return the name."""
        self.sign_up(name, **fields)
        self.confirm(name)
        return name

    def described(self, name: str = ALICE) -> dict[str, Any]:
        """AdminGetUser, with the attributes as a dictionary."""
        answer = self.api.admin_get_user(UserPoolId=self.id, Username=name)
        return answer | {"attributes": {item["Name"]: item["Value"] for item in answer["UserAttributes"]}}

    def sign_in(
        self, name: str = ALICE, password: str = PASSWORD, *, flow: str = "USER_PASSWORD_AUTH", **values: Any
    ) -> dict[str, Any]:
        """InitiateAuth with a password."""
        return self.api.initiate_auth(
            ClientId=self.client_id,
            AuthFlow=flow,
            AuthParameters=self.in_map(name, {"PASSWORD": password} | values),
        )

    def admin_sign_in(
        self,
        name: str = ALICE,
        password: str = PASSWORD,
        *,
        flow: str = "ADMIN_USER_PASSWORD_AUTH",
        **values: Any,
    ) -> dict[str, Any]:
        """AdminInitiateAuth with a password."""
        return self.api.admin_initiate_auth(
            UserPoolId=self.id,
            ClientId=self.client_id,
            AuthFlow=flow,
            AuthParameters=self.in_map(name, {"PASSWORD": password} | values),
        )

    def answer(
        self, challenge: str, name: str, session: str | None, *, admin: bool = False, **values: Any
    ) -> dict[str, Any]:
        """RespondToAuthChallenge, or its Admin variant."""
        fields = {
            "ClientId": self.client_id,
            "ChallengeName": challenge,
            "ChallengeResponses": self.in_map(name, values),
        } | ({} if session is None else {"Session": session})
        if admin:
            return self.api.admin_respond_to_auth_challenge(UserPoolId=self.id, **fields)
        return self.api.respond_to_auth_challenge(**fields)

    def verified(self, name: str = ALICE, **fields: str) -> tuple[str, str]:
        """Sign in to a pool that requires MFA and set TOTP up; return its secret and the session."""
        first = self.sign_in(name)
        assert first["ChallengeName"] == "MFA_SETUP"
        associated = self.api.associate_software_token(Session=first["Session"])
        answer = self.api.verify_software_token(
            Session=associated["Session"],
            UserCode=totp(associated["SecretCode"], self.clock.now),
            **fields,
        )
        return associated["SecretCode"], answer["Session"]

    def enrolled(self, name: str = ALICE, **fields: Any) -> str:
        """Make a user with TOTP and return its secret; the code of the next time step is unused."""
        self.user(name, **fields)
        secret, _ = self.verified(name)
        self.clock.to_next_step()
        return secret

    def sign_in_with_mfa(self, secret: str, name: str = ALICE, **values: Any) -> dict[str, Any]:
        """Sign in with password and a new TOTP code; return AuthenticationResult."""
        self.clock.to_next_step()
        session = self.sign_in(name, **values)["Session"]
        code = totp(secret, self.clock.now)
        answer = self.answer("SOFTWARE_TOKEN_MFA", name, session, SOFTWARE_TOKEN_MFA_CODE=code, **values)
        result: dict[str, Any] = answer["AuthenticationResult"]
        return result

    def track(self, result: dict[str, Any], *, name: str | None = None) -> TrackedDevice:
        """ConfirmDevice for the device that AuthenticationResult brought."""
        metadata = result["NewDeviceMetadata"]
        key, group_key = metadata["DeviceKey"], metadata["DeviceGroupKey"]
        password, config = generate_hash_device(group_key, key)
        fields = {} if name is None else {"DeviceName": name}
        self.api.confirm_device(
            AccessToken=result["AccessToken"], DeviceKey=key, DeviceSecretVerifierConfig=config, **fields
        )
        return TrackedDevice(key, group_key, password)

    def begin_device_proof(
        self, device: TrackedDevice, name: str = ALICE
    ) -> tuple[DeviceSrp, dict[str, Any]]:
        """Sign in with password and device as far as DEVICE_PASSWORD_VERIFIER."""
        srp = DeviceSrp(self, device)
        first = self.sign_in(name, DEVICE_KEY=device.key)
        assert first["ChallengeName"] == "DEVICE_SRP_AUTH"
        second = self.answer(
            "DEVICE_SRP_AUTH", name, first["Session"], DEVICE_KEY=device.key, SRP_A=srp.public_a
        )
        return srp, second

    @contextmanager
    def changed(self, table: str, *key: str) -> Iterator[Any]:
        """Change a record behind the API's back; it is written back at the end of the block."""
        store = store_of(self.server)
        with store.transaction():
            record = getattr(store, table).get(*key)
            yield record
            getattr(store, table).put(record)

    def change_user(self, name: str = ALICE, **values: Any) -> None:
        """Set fields of the user's record that no implemented action sets."""
        with self.changed("users", self.id, name) as user:
            vars(user).update(values)
