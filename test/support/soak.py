"""A long life of two pools: requests that leave something behind, and the time that takes it away again."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local_cognito.actions import api
from local_cognito.model.wire import TARGET_PREFIX
from local_cognito.storage.retention import BATCH, ROUND
from test.support.inside import cognito_of, store_of
from test.support.pool_driver import (
    DAY,
    MINUTE,
    PASSWORD,
    WRONG_PASSWORD,
    Clock,
    totp,
)
from test.support.pools import ALL_FLOWS, REQUIRED_TOTP, TRACKING

if TYPE_CHECKING:
    from local_cognito import LocalCognito

USERS = 20
REGIONS = ("us-east-1", "eu-west-1")  # of the server, and one for which only requests are signed
POOL: dict[str, Any] = {
    "PoolName": "soak",
    "AutoVerifiedAttributes": ["email"],
    "DeviceConfiguration": TRACKING,
}
CLIENT: dict[str, Any] = {
    "ClientName": "soak",
    "ExplicitAuthFlows": ALL_FLOWS,
    "PreventUserExistenceErrors": "ENABLED",
    "RefreshTokenValidity": 10,
}


@dataclass
class Soak:
    """Requests to pools of its own in `REGIONS`, straight to the API, on a server whose clock is `clock`.

    The users with even numbers are in the first pool, the others in the second.
    """

    server: LocalCognito
    clock: Clock
    requests: int = 0
    secrets: dict[str, str] = field(default_factory=dict)
    numbers: itertools.count[int] = field(default_factory=itertools.count)
    pools: list[tuple[str, str]] = field(default_factory=list)
    place: int = 0

    def __post_init__(self) -> None:
        """Make the pools and their users."""
        for self.place in range(len(REGIONS)):
            self.make_pool()
        for number in range(USERS):
            self.go_to(number)
            self.sign_up(f"user{number}", "AdminConfirmSignUp")
            self.enrol(f"user{number}")
        self.clock.to_next_step()
        for _ in REGIONS:
            self.round(next(self.numbers))
        self.rest(400)
        self.requests = 0

    def make_pool(self) -> None:
        """Make a pool and its app client where the requests go."""
        pool_id = self.call("CreateUserPool", **POOL)["UserPool"]["Id"]
        mfa: dict[str, Any] = REQUIRED_TOTP
        self.call("SetUserPoolMfaConfig", UserPoolId=pool_id, **mfa)
        made = self.call("CreateUserPoolClient", UserPoolId=pool_id, **CLIENT)
        self.pools.append((pool_id, made["UserPoolClient"]["ClientId"]))

    def go_to(self, number: int) -> None:
        """Send the requests that follow to the pool of the user of this number, signed for its region."""
        self.place = number % len(REGIONS)

    @property
    def pool_id(self) -> str:
        """The ID of the pool to which the requests go."""
        return self.pools[self.place][0]

    @property
    def client_id(self) -> str:
        """The ID of the app client through which they go."""
        return self.pools[self.place][1]

    def call(self, operation: str, *, is_refused: bool = False, **request: Any) -> dict[str, Any]:
        """Send one request, which must be answered as expected."""
        body = json.dumps(request).encode()
        signed = f"AWS4-HMAC-SHA256 Credential=any/20260101/{REGIONS[self.place]}/cognito-idp/aws4_request"
        answer = api.handle(cognito_of(self.server), TARGET_PREFIX + operation, signed, body)
        self.requests += 1
        assert answer.status == (400 if is_refused else 200), (operation, answer.body)
        content: dict[str, Any] = json.loads(answer.body or b"{}")
        return content

    def sign_up(self, name: str, confirm: str) -> None:
        """Sign a user up, and confirm or delete them."""
        email = [{"Name": "email", "Value": f"{name}@example.com"}]
        self.call("SignUp", ClientId=self.client_id, Username=name, Password=PASSWORD, UserAttributes=email)
        self.call(confirm, UserPoolId=self.pool_id, Username=name)

    def enrol(self, name: str) -> None:
        """Give a user an authenticator app."""
        session = self.password_step(name)["Session"]
        associated = self.call("AssociateSoftwareToken", Session=session)
        self.secrets[name] = associated["SecretCode"]
        code = totp(self.secrets[name], self.clock.now)
        self.call("VerifySoftwareToken", Session=associated["Session"], UserCode=code)

    def password_step(
        self, name: str, password: str = PASSWORD, *, is_refused: bool = False
    ) -> dict[str, Any]:
        """Begin to sign in with a password."""
        return self.call(
            "InitiateAuth",
            is_refused=is_refused,
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": password},
        )

    def sign_in(self, name: str) -> dict[str, Any]:
        """Sign in with password and authenticator app; a new device comes along."""
        responses = {"USERNAME": name, "SOFTWARE_TOKEN_MFA_CODE": totp(self.secrets[name], self.clock.now)}
        answer = self.call(
            "RespondToAuthChallenge",
            ClientId=self.client_id,
            ChallengeName="SOFTWARE_TOKEN_MFA",
            Session=self.password_step(name)["Session"],
            ChallengeResponses=responses,
        )
        result: dict[str, Any] = answer["AuthenticationResult"]
        return result

    def round(self, number: int) -> None:
        """Do what leaves sessions, grants, devices, codes, attempts and messages behind."""
        name = f"user{number % USERS}"
        self.go_to(number)
        self.sign_up(f"guest{number}", "AdminDeleteUser")
        self.password_step(name, WRONG_PASSWORD, is_refused=True)
        self.password_step(name)
        access = self.sign_in(name)["AccessToken"]
        self.call("GetUser", AccessToken=access)
        self.call("GetUserAttributeVerificationCode", AccessToken=access, AttributeName="email")
        for unknown in (f"nobody{number}", f"nobody{number}a"):
            self.call("ForgotPassword", ClientId=self.client_id, Username=unknown)
        self.clock.advance(MINUTE)

    def run(self, requests: int) -> None:
        """Go on in rounds until there were so many requests."""
        while self.requests < requests:
            self.round(next(self.numbers))

    def rest(self, days: int) -> None:
        """Let time pass, and then as many requests that leave nothing behind as take everything away.

        They are all signed for the second region.
        """
        self.place = 1
        self.clock.advance(days * DAY)
        for _ in range(ROUND * (max(self.counts().values()) // BATCH + 2)):
            self.call("ListUserPools", MaxResults=1)

    def counts(self) -> dict[str, int]:
        """Return how many records of each kind there are."""
        store = store_of(self.server)
        with store.transaction():
            return {
                name: table.count() for name, table in vars(store).items() if type(table).__name__ == "Table"
            }
