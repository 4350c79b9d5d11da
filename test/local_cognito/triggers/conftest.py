"""A pool whose triggers are Python handlers that tests replace, and a record of what they were asked."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from local_cognito import LocalCognito
from local_cognito.storage.records import SigningKey
from test.local_cognito.conftest import client_of
from test.support.inside import store_of
from test.support.pool_driver import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TRIGGERS = (
    "PreSignUp",
    "PostConfirmation",
    "PreAuthentication",
    "PostAuthentication",
    "PreTokenGeneration",
    "UserMigration",
    "CustomMessage",
    "DefineAuthChallenge",
    "CreateAuthChallenge",
    "VerifyAuthChallengeResponse",
)
SENDERS = ("CustomEmailSender", "CustomSMSSender")
FLOWS = [
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_USER_SRP_AUTH",
    "ALLOW_CUSTOM_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
]


def arn_of(trigger: str) -> str:
    """Return the ARN of a trigger's function, which bears the trigger's name."""
    return f"arn:aws:lambda:us-east-1:000000000000:function:{trigger}"


@dataclass
class Functions:
    """The handlers of all triggers; `events` has what each was asked, oldest first, as (trigger, event)."""

    behaviour: dict[str, Callable[[Any], Any]] = field(default_factory=dict)
    events: list[tuple[str, Any]] = field(default_factory=list)

    def handler(self, trigger: str) -> Callable[[Any, Any], Any]:
        """Return the handler of a trigger: it does what `behaviour` says, or gives the event back."""

        def handle(event: Any, _: Any) -> Any:
            self.events.append((trigger, copy.deepcopy(event)))
            behave = self.behaviour.get(trigger)
            return event if behave is None else behave(event)

        return handle

    @property
    def sources(self) -> list[str]:
        """The trigger sources of all events, oldest first."""
        return [event["triggerSource"] for _, event in self.events]

    def only(self, trigger: str) -> Any:
        """Return the event of a trigger that was asked once."""
        [event] = [event for name, event in self.events if name == trigger]
        return event

    def answer(self, trigger: str, **response: Any) -> None:
        """Have a trigger's function fill in its response with these members."""

        def behave(event: Any) -> Any:
            event["response"] |= response
            return event

        self.behaviour[trigger] = behave

    def fail(self, trigger: str, error: BaseException) -> None:
        """Have a trigger's function raise an error."""

        def behave(_: Any) -> Any:
            raise error

        self.behaviour[trigger] = behave


@dataclass
class World:
    """A server with functions, and a client of it."""

    server: LocalCognito
    functions: Functions
    api: Any
    pool_id: str = ""
    client_id: str = ""

    def make_pool(
        self, *triggers: str, flows: list[str] = FLOWS, hides: bool = False, **settings: Any
    ) -> None:
        """Make the pool that the test is about, with functions for these triggers, and an app client."""
        config: dict[str, Any] = {name: arn_of(name) for name in triggers if name not in SENDERS}
        for name in set(triggers) & set(SENDERS):
            config[name] = {"LambdaVersion": "V1_0", "LambdaArn": arn_of(name)}
            config["KMSKeyID"] = "arn:aws:kms:us-east-1:000000000000:key/00000000-0000-0000-0000-000000000000"
        settings = {"AutoVerifiedAttributes": ["email"], "LambdaConfig": config, **settings}
        self.pool_id = self.api.create_user_pool(PoolName="pool", **settings)["UserPool"]["Id"]
        client = self.api.create_user_pool_client(
            UserPoolId=self.pool_id,
            ClientName="app",
            ExplicitAuthFlows=flows,
            PreventUserExistenceErrors="ENABLED" if hides else "LEGACY",
        )
        self.client_id = client["UserPoolClient"]["ClientId"]
        store = store_of(self.server)
        with store.transaction():
            for use in ("access", "id"):
                store.keys.put(SigningKey(self.pool_id, use, use, PEM))
        self.functions.events.clear()

    def sign_up(self, name: str = "alice", **fields: Any) -> Any:
        """Sign a user up with an e-mail address."""
        attributes = [{"Name": "email", "Value": f"{name}@example.com"}]
        request = {"Username": name, "Password": PASSWORD, "UserAttributes": attributes, **fields}
        return self.api.sign_up(ClientId=self.client_id, **request)

    def confirm(self, name: str = "alice", **fields: Any) -> Any:
        """Confirm a user with the latest code."""
        code = self.server.outbox()[-1]["code"]
        return self.api.confirm_sign_up(
            ClientId=self.client_id, Username=name, ConfirmationCode=code, **fields
        )

    def add_user(self, name: str = "alice") -> None:
        """Make a confirmed user with a password, and forget what functions were asked for that."""
        self.api.admin_create_user(
            UserPoolId=self.pool_id,
            Username=name,
            MessageAction="SUPPRESS",
            UserAttributes=[
                {"Name": "email", "Value": f"{name}@example.com"},
                {"Name": "email_verified", "Value": "true"},
            ],
        )
        self.api.admin_set_user_password(
            UserPoolId=self.pool_id, Username=name, Password=PASSWORD, Permanent=True
        )
        self.functions.events.clear()

    def sign_in(self, name: str = "alice", **fields: Any) -> Any:
        """Start a sign-in with a password and return the answer."""
        return self.api.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
            **fields,
        )

    def user(self, name: str = "alice") -> Any:
        """Return a user as an administrator sees them."""
        return self.api.admin_get_user(UserPoolId=self.pool_id, Username=name)


PEM = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    .private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    .decode()
)


@pytest.fixture(scope="module")
def running() -> Iterator[World]:
    """Give a server that waits for its functions for a minute: this machine may be busy."""
    functions = Functions()
    handlers = {name: functions.handler(name) for name in (*TRIGGERS, *SENDERS)}
    with LocalCognito(triggers=handlers) as server, pytest.MonkeyPatch.context() as patch:
        patch.setattr(server.functions, "_attempt_seconds", 60.0)
        yield World(server, functions, client_of(server.url))


@pytest.fixture
def world(running: World) -> World:
    """Give the server with functions that give each event back as it is."""
    running.functions.behaviour.clear()
    running.functions.events.clear()
    running.server.clear_outbox()
    return running
