"""A service in memory whose pools, users, sessions and tokens are known, and that forgets each request."""

from __future__ import annotations

import base64
import json
import random
from typing import TYPE_CHECKING, Any

from local_cognito import LocalCognito
from local_cognito.actions import api, user_pools
from local_cognito.authentication import devices, flows, proofs, second_factors, sessions, tokens, totp
from local_cognito.authentication.sign_in import SignIn
from local_cognito.authenticator.passkey import Passkey
from local_cognito.rules import codes, jws, srp
from local_cognito.rules.factors import ADDRESSES, EMAIL_OTP, SMS_MFA, SOFTWARE_TOKEN_MFA
from local_cognito.storage.records import Client, Device, ResourceServer, SigningKey
from local_cognito.storage.user_records import Code
from test.support.hostile_requests import (
    CLIENT,
    CODE,
    DEVICE,
    EMAIL,
    MACHINE_CLIENT,
    PHONE,
    POOL,
    SECRET_CLIENT,
    TWIN,
)
from test.support.inside import cognito_of, connection_of, store_of
from test.support.pool_driver import MINUTE, PASSWORD, TARGET
from test.support.pool_driver import totp as code_at
from test.support.pools import ALL_FLOWS, OWN_EMAIL, SMS

if TYPE_CHECKING:
    from local_cognito.model.wire import Response
    from local_cognito.storage.user_records import User

NOW = 1_750_000_020.0
TOTP_SECRET = base64.b32encode(b"a secret of twenty B").decode()
OTHER_POOL = "us-east-1_Other"
SETTINGS: Any = {
    "PoolName": "known",
    "AutoVerifiedAttributes": ["email", "phone_number"],
    "AliasAttributes": ["email", "preferred_username"],
    "UsernameConfiguration": {"CaseSensitive": False},
    "Schema": [{"Name": "team", "AttributeDataType": "String", "Mutable": True}],
    "DeviceConfiguration": {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": False},
    "MfaConfiguration": "OPTIONAL",
    **SMS,
    **OWN_EMAIL,
    "SoftwareTokenMfaConfiguration": {"Enabled": True},
    "EmailMfaConfiguration": {},
    "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}},
    "WebAuthnConfiguration": {"RelyingPartyId": "localhost"},
}
STEPS = {
    "alice": (flows.PASSWORD_VERIFIER, devices.DEVICE_SRP_AUTH, devices.DEVICE_PASSWORD_VERIFIER),
    "carol": (flows.NEW_PASSWORD_REQUIRED, totp.MFA_SETUP, totp.ASSOCIATED, totp.VERIFIED),
    "dave": (SOFTWARE_TOKEN_MFA, EMAIL_OTP, SMS_MFA, second_factors.SELECT_MFA_TYPE),
}


class World:
    """A service in memory that goes back to the same state before each request.

    Args:
        keys: a PEM for each use of a pool's keys.
    """

    def __init__(self, keys: dict[str, str]) -> None:
        self.random = random.Random(3)
        self.now = NOW
        self.running = LocalCognito(clock=lambda: self.now, random_bytes=self.random.randbytes)
        self.cognito, self.store = cognito_of(self.running), store_of(self.running)
        self.known: dict[str, str] = {"@code@": CODE, "@totp@": code_at(TOTP_SECRET, NOW)}
        self._make_pools(keys)
        self._make_users()
        with self.store.transaction():
            self._make_tokens()
            self._make_sessions()
        listed = self.call("AdminListUserSessions", UserPoolId=POOL, Username="dave")["Sessions"]
        self.known["@session of dave@"] = listed[-1]["SessionId"]
        self._make_passkeys()
        self.beginning = LocalCognito()
        connection_of(self.store).backup(connection_of(store_of(self.beginning)))

    def send(self, operation: str, request: Any, *, signed: bool = True) -> Response:
        """Send one request to the world as it was in the beginning."""
        connection_of(store_of(self.beginning)).backup(connection_of(self.store))
        self.random.seed(4)
        return self.handle(operation, json.dumps(self.replaced(request)).encode(), signed=signed)

    def handle(self, operation: str, body: bytes, *, signed: bool = True) -> Response:
        """Answer a request as the server would."""
        return api.handle(self.cognito, TARGET + operation, "x" if signed else None, body)

    def call(self, operation: str, **request: Any) -> Any:
        """Call an action that must succeed."""
        answer = self.handle(operation, json.dumps(self.replaced(request)).encode())
        assert answer.status == 200, answer.body
        return json.loads(answer.body or b"null")

    def stop(self) -> None:
        """Close both databases."""
        self.running.stop()
        self.beginning.stop()

    def replaced(self, value: Any) -> Any:
        """Return a request with created values in place of the names between @ signs."""
        if isinstance(value, dict):
            return {name: self.replaced(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.replaced(item) for item in value]
        return self.known.get(value, value) if isinstance(value, str) else value

    def _make_pools(self, keys: dict[str, str]) -> None:
        with self.store.transaction():
            for pool_id in (POOL, OTHER_POOL):
                user_pools.add_pool(self.cognito, pool_id, SETTINGS)
                for use, pem in keys.items():
                    self.store.keys.put(SigningKey(pool_id, use, use, pem))
            settings = {"ClientName": "app", "ExplicitAuthFlows": ALL_FLOWS}
            for client_id, pool_id, secret in (
                (CLIENT, POOL, None),
                (TWIN, POOL, None),
                (SECRET_CLIENT, POOL, "s" * 24),
                ("otherclient", OTHER_POOL, None),
            ):
                self.store.clients.put(Client(client_id, pool_id, settings, secret, NOW, NOW))
            self._make_machines()

    def _make_machines(self) -> None:
        """Add what programs sign in with: a resource server, a second secret, an app client of their own."""
        self.store.resource_servers.put(ResourceServer(POOL, "books", {"Name": "Books", "Scopes": []}))
        second = {"second": {"value": "t" * 24, "created": NOW}}
        settings = {"ClientName": "app", "ExplicitAuthFlows": ALL_FLOWS}
        self.store.clients.put(Client(SECRET_CLIENT, POOL, settings, "s" * 24, NOW, NOW, second))
        settings = {"ClientName": "machine", "ExplicitAuthFlows": ["ALLOW_CLIENT_TOKEN_AUTH"]}
        self.store.clients.put(Client(MACHINE_CLIENT, POOL, settings, "s" * 24, NOW, NOW))

    def _make_users(self) -> None:
        for pool_id in (POOL, OTHER_POOL):
            self.call("CreateGroup", UserPoolId=pool_id, GroupName="known")
            for name in ("alice", "carol", "dave", "erin"):
                fields = {"UserPoolId": pool_id, "Username": name}
                attributes = {
                    "email": EMAIL.replace("alice", name),
                    "email_verified": "true",
                    "phone_number": PHONE,
                }
                listed = [{"Name": key, "Value": value} for key, value in attributes.items()]
                self.call("AdminCreateUser", TemporaryPassword=PASSWORD, UserAttributes=listed, **fields)
                self.call("AdminAddUserToGroup", GroupName="known", **fields)
                if name != "carol":
                    self.call("AdminSetUserPassword", Password=PASSWORD, Permanent=True, **fields)
        self.call("AdminDisableUser", UserPoolId=POOL, Username="erin")
        listed = [{"Name": "email", "Value": "bob@example.com"}]
        self.call("SignUp", ClientId=CLIENT, Username="bob", Password=PASSWORD, UserAttributes=listed)
        with self.store.transaction():
            for name in ("alice", "bob", "dave"):
                user = self._user(name)
                for purpose, attribute in (
                    (codes.SIGN_UP, "email"),
                    (codes.FORGOTTEN_PASSWORD, "email"),
                    ("verify email", "email"),
                    ("verify phone_number", "phone_number"),
                ):
                    bound = codes.bound_to(user, purpose, attribute)
                    self.store.codes.put(Code(POOL, name, purpose, CODE, NOW + MINUTE, bound))
            for name in ("alice", "dave"):
                user = self._user(name)
                user.mfa["pending"] = TOTP_SECRET
                user.totp_secret = TOTP_SECRET if name == "dave" else None
                self.store.users.put(user)

    def _user(self, name: str, pool_id: str = POOL) -> User:
        user = self.store.users.get(pool_id, name)
        assert user is not None
        return user

    def _make_tokens(self) -> None:
        self.known["@sub@"] = self._user("alice").sub
        verifier = srp.make_verifier(258, "a device", PASSWORD)
        for key, kept in (("@device@", f"{verifier:x}"), ("@new device@", "")):
            self.known[key] = DEVICE.replace("1111", "2222" if kept else "3333", 1)
            self.store.devices.put(
                Device(
                    self.known[key],
                    POOL,
                    "alice",
                    "-group",
                    NOW,
                    NOW,
                    salt="102",
                    verifier=kept,
                    remembered=True,
                )
            )
        for name, pool_id, user, device in (
            ("access", POOL, "alice", self.known["@device@"]),
            ("access of dave", POOL, "dave", None),
            ("access of another pool", OTHER_POOL, "alice", None),
            ("other of dave", POOL, "dave", None),
            ("expired", POOL, "alice", None),
        ):
            self.now = NOW - 2 * 60 * MINUTE if name == "expired" else NOW
            client_id = CLIENT if pool_id == POOL else "otherclient"
            pool, client = self.store.pools.get(pool_id), self.store.clients.get(client_id)
            assert pool
            assert client
            signs_in = self._user(user, pool_id)
            grant, refresh_token = tokens.new_grant(self.cognito, pool, client, signs_in, device)
            source = tokens.AUTHENTICATION_SOURCE
            unsigned = tokens.mint(self.cognito, pool, client, signs_in, grant, source)
            result = jws.sign({"": unsigned})[""]
            self.known[f"@{name}@"] = result["AccessToken"]
            self.known[f"@{name}, ID@"] = result["IdToken"]
            self.known[f"@{name}, refresh@"] = refresh_token
        self.now = NOW

    def _make_passkeys(self) -> None:
        """Register a passkey of Alice's, and begin the registration of another."""
        for is_registered in (True, False):
            started = self.call("StartWebAuthnRegistration", AccessToken="@access@")
            made = Passkey.create(started["CredentialCreationOptions"])
            if is_registered:
                credential = made.registration
                self.call("CompleteWebAuthnRegistration", AccessToken="@access@", Credential=credential)
                self.known["@passkey@"] = made.id
                continue
            self.known["@new passkey@"] = made.id
            for member in ("clientDataJSON", "attestationObject"):
                self.known[f"@{member}@"] = made.registration["response"][member]

    def _make_sessions(self) -> None:
        client = self.store.clients.get(CLIENT)
        assert client
        block = b"a secret block" * 60
        self.known["@secret block@"] = base64.b64encode(block).decode()
        data = {
            "asked": "alice",
            "by_srp": False,
            "device_key": None,
            "named_device": None,
            "code": CODE,
            "secret": TOTP_SECRET,
        }
        for name, steps in STEPS.items():
            user = self._user(name)
            for step in steps:
                extra: dict[str, Any] = {}
                if step.startswith("DEVICE"):
                    extra = {"device_key": self.known["@device@"]}
                elif step in ADDRESSES:
                    extra = {"to": user.attributes[ADDRESSES[step]]}
                elif step == totp.VERIFIED:
                    extra = {"secret": user.totp_secret}
                bearer = sessions.begin(self.cognito, client, user, step, **data | extra)
                self.known[f"@{step}@"] = bearer
        secret = proofs.Secret(self._user("alice").salt, self._user("alice").verifier)
        pool = self.store.pools.get(POOL)
        assert pool
        sign_in = SignIn(pool, client, self._user("alice"), "alice", {})
        exchange = proofs.begin(self.cognito, sign_in, flows.PASSWORD_VERIFIER, secret, 5)
        self.known["@secret block@"] = exchange["SECRET_BLOCK"]
