"""Pools on this machine for the tests of the client: made over HTTP, with users who are confirmed already."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
import pyotp
from botocore.config import Config

from cognito_idp_actions import CognitoIdentityProviderWrapper
from local_cognito.storage.records import SigningKey
from test.support.inside import store_of
from test.support.pools import ALL_FLOWS, TOTP, TRACKING, make_pool

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.literals import UserPoolMfaTypeType

    from local_cognito import LocalCognito

USER, EMAIL, PASSWORD = "alice", "alice@example.com", "Correct-Horse-1!"
STEP_SECONDS = 30
TRACKING_ON_REQUEST = {**TRACKING, "DeviceOnlyRememberedOnUserPrompt": True}
ROTATION = {"RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}}
REFRESH = "ALLOW_REFRESH_TOKEN_AUTH"


class Clock:
    """The time of this machine, or so many seconds off."""

    def __init__(self) -> None:
        self.offset = 0.0

    def __call__(self) -> float:
        """Return the epoch seconds."""
        return time.time() + self.offset


def client_of(url: str) -> CognitoIdentityProviderClient:
    """Return a boto3 client of a server, which never retries."""
    return boto3.client(
        "cognito-idp",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"total_max_attempts": 1}, max_pool_connections=100),
    )


@dataclass
class ClientPool:
    """One pool with one app client.

    Attributes:
        requests: the names of the actions that were sent to the pool by its own client, in order.
    """

    server: LocalCognito
    clock: Clock
    client: CognitoIdentityProviderClient
    id: str
    client_id: str
    secret: str | None
    requests: list[str] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        """What the tokens name as their issuer."""
        return f"https://cognito-idp.us-east-1.amazonaws.com/{self.id}"

    @property
    def jwks_url(self) -> str:
        """Where the keys are."""
        return f"{self.server.url}/{self.id}/.well-known/jwks.json"

    def wrapper(self) -> CognitoIdentityProviderWrapper:
        """Return a wrapper, as a program makes it."""
        return CognitoIdentityProviderWrapper(self.client, self.id, self.client_id, self.secret)

    def add_user(self, name: str = USER, **attributes: str) -> str:
        """Make a user who has a password; return the real user name."""
        verified = {"email": EMAIL, "email_verified": "true", **attributes}
        wrapper = self.wrapper()
        made = wrapper.admin_create_user(name, verified, message_action="SUPPRESS")["User"]["Username"]
        wrapper.admin_set_user_password(made, PASSWORD, permanent=True)
        return made

    def enrol(self, name: str = USER) -> str:
        """Set an authenticator app up for a user who has none yet; return its secret."""
        wrapper = self.wrapper()
        answer = wrapper.initiate_auth(name, PASSWORD)
        if "AuthenticationResult" in answer:  # MFA is optional here
            token = answer["AuthenticationResult"]["AccessToken"]
            secret = wrapper.get_mfa_secret(access_token=token)["SecretCode"]
            wrapper.verify_mfa(None, self.code(secret, -1), token)
            wrapper.set_user_mfa_preference(token, {"Enabled": True, "PreferredMfa": True})
            return secret
        setup = wrapper.get_mfa_secret(answer["Session"])
        wrapper.verify_mfa(setup["Session"], self.code(setup["SecretCode"], -1))
        return setup["SecretCode"]

    def code(self, secret: str, steps: int = 0) -> str:
        """Return what the app shows now, or so many time steps later."""
        return pyotp.TOTP(secret).at(int(self.clock()) + steps * STEP_SECONDS)


def manual_names(pool: ClientPool, app: str) -> dict[str, Any]:
    """Return what the manuals take as given, for a user with an authenticator app of this secret."""
    steps = iter((0, 1))
    return {
        "user_pool_id": pool.id,
        "client_id": pool.client_id,
        "password": PASSWORD,
        "api_url": f"{pool.server.url}/outbox",
        # The app's next code, each time: Cognito takes one ahead of its time, and none twice.
        "input": lambda _prompt: pool.code(app, next(steps)),
    }


def make_client_pool(
    server: LocalCognito,
    clock: Clock,
    keys: dict[str, str],
    *,
    secret: bool = False,
    mfa: UserPoolMfaTypeType = "OFF",
    app: dict[str, Any] | None = None,
    **settings: Any,
) -> ClientPool:
    """Make a pool and its app client with these settings; `keys` are the PEMs that it signs with."""
    client = client_of(server.url)
    # A client that rotates refresh tokens must not allow the flow that can't.
    flows = [flow for flow in ALL_FLOWS if not (app and "RefreshTokenRotation" in app and flow == REFRESH)]
    wanted = None if mfa == "OFF" else {"MfaConfiguration": mfa, **TOTP}
    made = make_pool(
        client, settings, wanted, {"GenerateSecret": secret, "ExplicitAuthFlows": flows, **(app or {})}
    )
    store = store_of(server)
    with store.transaction():
        for use, pem in keys.items():
            store.keys.put(SigningKey(made.pool_id, use, f"{made.pool_id} {use}", pem))
    pool = ClientPool(server, clock, client, made.pool_id, made.client_id, made.client_secret)
    client.meta.events.register(
        "provide-client-params.cognito-idp", lambda model, **_: pool.requests.append(model.name)
    )
    return pool
