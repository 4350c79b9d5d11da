"""The questions that features.py asks each server: a function a feature, which fails where it is missing."""

from __future__ import annotations

import base64
import hmac
import json
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import jwt
import pyotp
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from endpoint_servers import PASSWORD, REGION, ROOT, SIGNATURE
from pycognito.aws_srp import AWSSRP

sys.path.insert(0, str(ROOT))

import cognito_srp
from cognito_idp_actions import CognitoIdentityProviderWrapper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocore.model import Shape

CODE = "123456"
WRONG_CODE = "654321"
NEW_PASSWORD = "Other-Horse-7"  # noqa: S105 - of users who live as long as the run
WEAK_PASSWORD = "letters-only"  # noqa: S105 - as above
DEVICE_PASSWORD = "device-password"  # noqa: S105 - as above
NEXT_STEP = 30  # seconds: the code of the step before has been used
FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"]
TOTP = {"Enabled": True}
DEVICES = {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": False}
PROBLEMS = (ClientError, BotoCoreError, OSError, KeyError, ValueError, AssertionError, jwt.PyJWTError)


class Subject:
    """A server that is asked."""

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self.url = url
        self.api: Any = boto3.client(
            "cognito-idp",
            endpoint_url=url,
            region_name=REGION,
            config=Config(retries={"total_max_attempts": 1}, read_timeout=20),
            aws_access_key_id="any",
            aws_secret_access_key="any",  # noqa: S106 - of nobody
        )

    def tried(self, probe: Callable[[Subject], None]) -> str | None:
        """Return what the probe failed with, or None."""
        try:
            probe(self)
        except PROBLEMS as error:
            return f"{type(error).__name__}: {str(error)[:150]}".replace("\n", " ")
        return None

    def mailed(self, address: str) -> str:
        """Return the latest code that was sent to the address.

        Raises:
            OSError, KeyError: the server shows no message.
        """
        if self.name == "cognito-local":
            return CODE
        with urllib.request.urlopen(f"{self.url}/outbox") as answer:  # noqa: S310 - our own loopback
            codes = [message["code"] for message in json.load(answer) if message["to"] == address]
        assert codes, "no message"  # noqa: S101 - what a probe finds out
        return str(codes[-1])


class Authenticator:
    """An authenticator app; where the secret is none that can be used, its codes are any digits."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def code(self, seconds: int = 0) -> str:
        """Return the code of so many seconds from now."""
        try:
            return str(pyotp.TOTP(self._secret).at(int(time.time()) + seconds))
        except ValueError:
            return CODE


@dataclass(frozen=True)
class App:
    """A pool of the subject's, and an app client of it."""

    subject: Subject
    pool_id: str
    client_id: str
    secret: str | None = None

    @property
    def api(self) -> Any:
        """boto3's client."""
        return self.subject.api

    @property
    def wrapper(self) -> CognitoIdentityProviderWrapper:
        """Our client, for what boto3 does not do: SRP."""
        return CognitoIdentityProviderWrapper(self.api, self.pool_id, self.client_id, self.secret)

    def add(self, name: str = "alice") -> str:
        """Make a confirmed user and return the name."""
        email = {"Name": "email", "Value": f"{name}@example.com"}
        user = {"UserPoolId": self.pool_id, "Username": name}
        self.api.admin_create_user(**user, MessageAction="SUPPRESS", UserAttributes=[email])
        self.api.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)
        return name

    def sign_in(self, name: str = "alice", password: str = PASSWORD, **parameters: str) -> dict[str, Any]:
        """Return the answer to USER_PASSWORD_AUTH."""
        answer: dict[str, Any] = self.api.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": password, **parameters},
        )
        return answer

    def tokens(self, name: str = "alice") -> dict[str, str]:
        """Return the tokens of a sign-in."""
        result: dict[str, str] = self.sign_in(name)["AuthenticationResult"]
        return result

    def srp(self, password: str = PASSWORD) -> dict[str, Any]:
        """Return the answer to a proof of the password, in the words of a client that many use."""
        client: Any = object()  # pycognito makes one of boto3 otherwise; only its arithmetic is needed
        srp = AWSSRP("alice", password, self.pool_id, self.client_id, client=client)
        parameters = srp.get_auth_params()
        challenge = self.api.initiate_auth(
            ClientId=self.client_id, AuthFlow="USER_SRP_AUTH", AuthParameters=parameters
        )
        answer: dict[str, Any] = self.api.respond_to_auth_challenge(
            ClientId=self.client_id,
            ChallengeName="PASSWORD_VERIFIER",
            ChallengeResponses=srp.process_challenge(challenge["ChallengeParameters"], parameters),
            **{name: challenge[name] for name in ("Session",) if name in challenge},
        )
        return answer

    def enrol(self, access_token: str) -> Authenticator:
        """Return the app that was enrolled, as a user who must use it from now on."""
        app = Authenticator(self.api.associate_software_token(AccessToken=access_token)["SecretCode"])
        self.api.verify_software_token(AccessToken=access_token, UserCode=app.code())
        preferred = {"Enabled": True, "PreferredMfa": True}
        self.api.set_user_mfa_preference(AccessToken=access_token, SoftwareTokenMfaSettings=preferred)
        return app

    def answer_totp(self, session: str, code: str) -> dict[str, Any]:
        """Return the answer to a code of the app."""
        answer: dict[str, Any] = self.api.respond_to_auth_challenge(
            ClientId=self.client_id,
            ChallengeName="SOFTWARE_TOKEN_MFA",
            Session=session,
            ChallengeResponses={"USERNAME": "alice", "SOFTWARE_TOKEN_MFA_CODE": code},
        )
        return answer


def app_of(subject: Subject, *, secret: bool = False, mfa: str = "OFF", **settings: Any) -> App:
    """Make a pool and an app client."""
    api = subject.api
    pool_id = api.create_user_pool(PoolName="probe", **settings)["UserPool"]["Id"]
    if mfa != "OFF":
        api.set_user_pool_mfa_config(
            UserPoolId=pool_id, SoftwareTokenMfaConfiguration=TOTP, MfaConfiguration=mfa
        )
    client = api.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="probe",
        GenerateSecret=secret,
        ExplicitAuthFlows=[*FLOWS, "ALLOW_REFRESH_TOKEN_AUTH"],
        PreventUserExistenceErrors="ENABLED",
    )["UserPoolClient"]
    return App(subject, pool_id, client["ClientId"], client.get("ClientSecret"))


@contextmanager
def refused(*codes: str) -> Iterator[None]:
    """Fail unless the block is refused, with one of these error codes."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] not in codes:
            raise
    else:
        raise AssertionError("accepted")


def _sign_up(subject: Subject) -> None:
    app = app_of(subject, AutoVerifiedAttributes=["email"])
    attributes = [{"Name": "email", "Value": "alice@example.com"}]
    user = {"ClientId": app.client_id, "Username": "alice"}
    app.api.sign_up(**user, Password=PASSWORD, UserAttributes=attributes)
    app.api.confirm_sign_up(**user, ConfirmationCode=subject.mailed("alice@example.com"))
    app.tokens()


def _wrong_confirmation_code(subject: Subject) -> None:
    app = app_of(subject, AutoVerifiedAttributes=["email"])
    attributes = [{"Name": "email", "Value": "alice@example.com"}]
    user = {"ClientId": app.client_id, "Username": "alice"}
    app.api.sign_up(**user, Password=PASSWORD, UserAttributes=attributes)
    with refused("CodeMismatchException"):
        app.api.confirm_sign_up(**user, ConfirmationCode=WRONG_CODE)


def _password_policy(subject: Subject) -> None:
    app = app_of(subject)
    with refused("InvalidPasswordException"):
        app.api.sign_up(ClientId=app.client_id, Username="alice", Password=WEAK_PASSWORD)


def _secret_hash(subject: Subject) -> None:
    app = app_of(subject, secret=True)
    app.add()
    with refused("NotAuthorizedException", "InvalidParameterException"):
        app.sign_in()
    assert app.secret  # noqa: S101
    digest = hmac.digest(app.secret.encode(), f"alice{app.client_id}".encode(), "sha256")
    app.sign_in(SECRET_HASH=base64.b64encode(digest).decode())["AuthenticationResult"]


def _wrong_password(subject: Subject) -> None:
    app = app_of(subject)
    app.add()
    with refused("NotAuthorizedException"):
        app.sign_in(password=NEW_PASSWORD)


def _lock(subject: Subject) -> None:
    app = app_of(subject)
    app.add()
    for _ in range(12):
        with refused("NotAuthorizedException"):
            app.sign_in(password=NEW_PASSWORD)
    with refused("NotAuthorizedException"):
        app.sign_in()


def _existence(subject: Subject) -> None:
    app = app_of(subject)
    app.add()
    texts = []
    for name in ("alice", "nobody"):
        try:
            app.sign_in(name, NEW_PASSWORD)
        except ClientError as error:
            texts.append(error.response["Error"])
    assert len(texts) == 2 and texts[0] == texts[1], "told apart"  # noqa: S101, PLR2004, PT018


def _srp(subject: Subject) -> None:
    app = app_of(subject)
    app.add()
    app.srp()["AuthenticationResult"]["AccessToken"]


def _wrong_srp_proof(subject: Subject) -> None:
    app = app_of(subject)
    app.add()
    with refused("NotAuthorizedException"):
        app.srp(NEW_PASSWORD)


def _tokens(subject: Subject) -> None:
    app = app_of(subject)
    app.add()
    token = app.tokens()["IdToken"]
    key = jwt.PyJWKClient(f"{subject.url}/{app.pool_id}/.well-known/jwks.json").get_signing_key_from_jwt(
        token
    )
    jwt.decode(token, key, algorithms=["RS256"], audience=app.client_id)


def _new_password(subject: Subject) -> None:
    app = app_of(subject)
    app.api.admin_create_user(
        UserPoolId=app.pool_id, Username="alice", TemporaryPassword=PASSWORD, MessageAction="SUPPRESS"
    )
    challenge = app.sign_in()
    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"  # noqa: S101
    app.api.respond_to_auth_challenge(
        ClientId=app.client_id,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=challenge["Session"],
        ChallengeResponses={"USERNAME": "alice", "NEW_PASSWORD": NEW_PASSWORD},
    )["AuthenticationResult"]


def _forgotten_password(subject: Subject) -> None:
    app = app_of(subject, AutoVerifiedAttributes=["email"])
    app.add()
    app.api.admin_update_user_attributes(
        UserPoolId=app.pool_id,
        Username="alice",
        UserAttributes=[{"Name": "email_verified", "Value": "true"}],
    )
    app.api.forgot_password(ClientId=app.client_id, Username="alice")
    app.api.confirm_forgot_password(
        ClientId=app.client_id,
        Username="alice",
        ConfirmationCode=subject.mailed("alice@example.com"),
        Password=NEW_PASSWORD,
    )
    app.sign_in(password=NEW_PASSWORD)["AuthenticationResult"]


def _enrolled(subject: Subject, **settings: Any) -> tuple[App, Authenticator]:
    app = app_of(subject, mfa="OPTIONAL", **settings)
    app.add()
    return app, app.enrol(app.tokens()["AccessToken"])


def _totp(subject: Subject) -> None:
    app, authenticator = _enrolled(subject)
    challenge = app.sign_in()
    assert challenge["ChallengeName"] == "SOFTWARE_TOKEN_MFA"  # noqa: S101
    app.answer_totp(challenge["Session"], authenticator.code(NEXT_STEP))["AuthenticationResult"]


def _wrong_totp_when_enrolling(subject: Subject) -> None:
    app = app_of(subject, mfa="OPTIONAL")
    app.add()
    token = app.tokens()["AccessToken"]
    app.api.associate_software_token(AccessToken=token)
    with refused("EnableSoftwareTokenMFAException", "CodeMismatchException"):
        app.api.verify_software_token(AccessToken=token, UserCode="000000")


def _wrong_totp(subject: Subject) -> None:
    app, _ = _enrolled(subject)
    with refused("CodeMismatchException"):
        app.answer_totp(app.sign_in()["Session"], "000000")


def _used_totp(subject: Subject) -> None:
    app, authenticator = _enrolled(subject)
    code = authenticator.code(NEXT_STEP)
    app.answer_totp(app.sign_in()["Session"], code)["AuthenticationResult"]
    with refused("ExpiredCodeException", "CodeMismatchException"):
        app.answer_totp(app.sign_in()["Session"], code)


def _tracked(subject: Subject, device_password: str) -> dict[str, Any]:
    app, authenticator = _enrolled(subject, DeviceConfiguration=DEVICES)
    result = app.answer_totp(app.sign_in()["Session"], authenticator.code(NEXT_STEP))["AuthenticationResult"]
    device = result["NewDeviceMetadata"]
    keys = device["DeviceKey"], device["DeviceGroupKey"]
    token = result["AccessToken"]
    app.wrapper.confirm_mfa_device("alice", *keys, DEVICE_PASSWORD, token, cognito_srp)
    answer: Any = app.wrapper.sign_in_with_tracked_device(
        "alice", PASSWORD, *keys, device_password, cognito_srp
    )
    found: dict[str, Any] = answer
    return found


def _device(subject: Subject) -> None:
    _tracked(subject, DEVICE_PASSWORD)["AccessToken"]


def _wrong_device_proof(subject: Subject) -> None:
    with refused("NotAuthorizedException"):
        _tracked(subject, "another password")


def _refresh(subject: Subject) -> None:
    app = app_of(subject)
    app.add()
    app.api.initiate_auth(
        ClientId=app.client_id,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": app.tokens()["RefreshToken"]},
    )["AuthenticationResult"]["AccessToken"]


def _revoked(subject: Subject) -> None:
    app = app_of(subject)
    app.add()
    token = app.tokens()["RefreshToken"]
    app.api.revoke_token(ClientId=app.client_id, Token=token)
    with refused("NotAuthorizedException"):
        app.api.initiate_auth(
            ClientId=app.client_id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters={"REFRESH_TOKEN": token}
        )


def _signed_out(subject: Subject) -> None:
    app = app_of(subject)
    app.add()
    token = app.tokens()["AccessToken"]
    app.api.global_sign_out(AccessToken=token)
    with refused("NotAuthorizedException"):
        app.api.get_user(AccessToken=token)


def _groups(subject: Subject) -> None:
    app = app_of(subject)
    app.add()
    group = {"UserPoolId": app.pool_id, "GroupName": "staff"}
    app.api.create_group(**group)
    app.api.admin_add_user_to_group(**group, Username="alice")
    claims = jwt.decode(app.tokens()["AccessToken"], options={"verify_signature": False})
    assert claims["cognito:groups"] == ["staff"]  # noqa: S101


def _filter(subject: Subject) -> None:
    app = app_of(subject)
    for name in ("alice", "alan", "bob"):
        app.add(name)
    found = app.api.list_users(UserPoolId=app.pool_id, Filter='username ^= "al"')["Users"]
    assert sorted(user["Username"] for user in found) == ["alan", "alice"]  # noqa: S101


def _immutable(subject: Subject) -> None:
    level = {"Name": "level", "AttributeDataType": "Number", "Mutable": False}
    app = app_of(subject, Schema=[level])
    user = {"UserPoolId": app.pool_id, "Username": "alice"}
    app.api.admin_create_user(**user, UserAttributes=[{"Name": "custom:level", "Value": "1"}])
    with refused("InvalidParameterException", "NotAuthorizedException"):
        app.api.admin_update_user_attributes(**user, UserAttributes=[{"Name": "custom:level", "Value": "2"}])


def _unknown_client(subject: Subject) -> None:
    app = app_of(subject)
    with refused("ResourceNotFoundException"):
        app.api.sign_up(ClientId="a" * 26, Username="alice", Password=PASSWORD)


def _constraints(subject: Subject) -> None:
    app = app_of(subject)
    loose: Any = boto3.client(
        "cognito-idp",
        endpoint_url=subject.url,
        region_name=REGION,
        config=Config(parameter_validation=False, signature_version=UNSIGNED),
    )
    with refused("InvalidParameterException"):
        loose.sign_up(ClientId=app.client_id, Username="with space", Password=PASSWORD)


def _preflight(subject: Subject, origin: str) -> str | None:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-amz-target",
    }
    request = urllib.request.Request(f"{subject.url}/", method="OPTIONS", headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own loopback
            allowed: str | None = answer.headers.get("Access-Control-Allow-Origin")
    except urllib.error.HTTPError as error:
        allowed = error.headers.get("Access-Control-Allow-Origin")
    return allowed


def _browser_apps(subject: Subject) -> None:
    origin = "http://localhost:3000"
    assert _preflight(subject, origin) in ("*", origin), "not allowed"  # noqa: S101


def _strange_pages(subject: Subject) -> None:
    origin = "https://evil.example"
    assert _preflight(subject, origin) not in ("*", origin), "allowed"  # noqa: S101


def _managed_login(subject: Subject) -> None:
    app = app_of(subject)
    app.api.create_user_pool_domain(Domain="probe", UserPoolId=app.pool_id)


def _identity_providers(subject: Subject) -> None:
    app = app_of(subject)
    app.api.create_identity_provider(
        UserPoolId=app.pool_id,
        ProviderName="other",
        ProviderType="OIDC",
        ProviderDetails={
            "client_id": "a",
            "client_secret": "b",
            "attributes_request_method": "GET",
            "oidc_issuer": "https://example.com",
            "authorize_scopes": "openid",
        },
    )


def _resource_servers(subject: Subject) -> None:
    app = app_of(subject)
    app.api.create_resource_server(UserPoolId=app.pool_id, Identifier="https://example.com", Name="api")


def _choice_of_factor(subject: Subject) -> None:
    app = app_of(subject)
    client = app.api.create_user_pool_client(
        UserPoolId=app.pool_id, ClientName="choice", ExplicitAuthFlows=["ALLOW_USER_AUTH"]
    )
    app.add()
    app.api.initiate_auth(
        ClientId=client["UserPoolClient"]["ClientId"],
        AuthFlow="USER_AUTH",
        AuthParameters={"USERNAME": "alice"},
    )["ChallengeName"]


@dataclass(frozen=True)
class Feature:
    """A line of the table."""

    name: str
    probe: Callable[[Subject], None]


FEATURES = [
    Feature("sign-up with the code that was sent", _sign_up),
    Feature("a wrong confirmation code is refused", _wrong_confirmation_code),
    Feature("a forgotten password is reset with the code that was sent", _forgotten_password),
    Feature("the password policy is checked", _password_policy),
    Feature("the secret hash is checked", _secret_hash),
    Feature("a wrong password is refused", _wrong_password),
    Feature("many wrong passwords lock", _lock),
    Feature("nobody can tell who exists (PreventUserExistenceErrors)", _existence),
    Feature("SRP sign-in", _srp),
    Feature("a wrong SRP proof is refused", _wrong_srp_proof),
    Feature("tokens verify with the pool's published keys", _tokens),
    Feature("a temporary password must be replaced", _new_password),
    Feature("TOTP at sign-in", _totp),
    Feature("a wrong TOTP code is refused when enrolling", _wrong_totp_when_enrolling),
    Feature("a wrong TOTP code is refused at sign-in", _wrong_totp),
    Feature("a TOTP code works once", _used_totp),
    Feature("a tracked device replaces the code", _device),
    Feature("a wrong device proof is refused", _wrong_device_proof),
    Feature("refresh tokens", _refresh),
    Feature("a revoked refresh token is refused", _revoked),
    Feature("GlobalSignOut ends access tokens", _signed_out),
    Feature("groups, also in tokens", _groups),
    Feature("ListUsers with a filter", _filter),
    Feature("immutable attributes stay", _immutable),
    Feature("an unknown app client is refused", _unknown_client),
    Feature("the model's patterns and lengths are checked", _constraints),
    Feature("browser apps of this machine may call it (CORS)", _browser_apps),
    Feature("web pages from elsewhere may not", _strange_pages),
    Feature("domains, for managed login", _managed_login),
    Feature("identity providers", _identity_providers),
    Feature("resource servers", _resource_servers),
    Feature("USER_AUTH, the choice of a first factor", _choice_of_factor),
]


def actions(subject: Subject) -> int:
    """Return how many actions of the service's model the server answers otherwise than one that is none."""
    model = subject.api.meta.service_model
    unknown = _kind_of_answer(subject, "NoSuchAction", {})
    return sum(
        _kind_of_answer(subject, name, _least(model.operation_model(name).input_shape)) != unknown
        for name in model.operation_names
    )


def _kind_of_answer(subject: Subject, action: str, request: Any) -> tuple[int, str]:
    """Return the status of the answer and the error's code."""
    headers = {
        "X-Amz-Target": f"AWSCognitoIdentityProviderService.{action}",
        "Content-Type": "application/x-amz-json-1.1",
        "Authorization": SIGNATURE,
    }
    asked = urllib.request.Request(f"{subject.url}/", json.dumps(request).encode(), headers)  # noqa: S310
    try:
        with urllib.request.urlopen(asked) as answer:  # noqa: S310 - our own loopback
            return answer.status, ""
    except urllib.error.HTTPError as error:
        body = error.read()
        return error.code, str(json.loads(body).get("__type")) if body.startswith(b"{") else ""


def _least(shape: Shape | None) -> Any:
    """Return a value that has all that the shape requires, and nothing else."""
    if shape is None:
        return {}
    kind, limits = shape.type_name, shape.metadata
    if kind == "structure":
        members: dict[str, Shape] = shape.members  # type: ignore[attr-defined]
        return {name: _least(members[name]) for name in limits.get("required", [])}
    if kind == "list":
        return [_least(shape.member)]  # type: ignore[attr-defined]
    if kind == "string":
        special = {
            "UserPoolIdType": f"{REGION}_nothere00",
            "ArnType": f"arn:aws:cognito-idp:{REGION}:1:userpool/a",
        }
        named = limits.get("enum", [None])[0]
        return named or special.get(shape.name) or "a" * max(limits.get("min", 1), 1)
    return {"map": {}, "boolean": False, "timestamp": 0, "blob": ""}.get(kind, max(limits.get("min", 1), 1))
