"""The wrapper and the scenario on local pools over HTTP: real codes, real proofs, real tokens."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from botocore.exceptions import ClientError

from cognito_idp_actions import CognitoIdentityProviderWrapper, challenge_user_name
from program.clients import local_client
from program.people import UnattendedPerson
from scenario.stand_ins import Authenticator, Mailbox
from scenario_signup_user_with_mfa import run_scenario
from test.support.pools import REQUIRED_TOTP, STORY_FLOWS, TRACKING, make_pool
from test.support.stage import STEP_SECONDS, Script, quiet_terminal, shown, totp, wrong_totp

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from mypy_boto3_cognito_idp.type_defs import AuthenticationResultTypeTypeDef

    from local_cognito import LocalCognito

USER, EMAIL, PASSWORD = "alice", "alice@example.com", "Correct-Horse-1!"
DEVICE_PASSWORD = base64.b64encode(bytes(range(40))).decode()
# How a user is called at sign-up and at sign-in, and what makes the pool so.
NAMES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "name": (USER, USER, {}),
    "alias": (USER, EMAIL, {"AliasAttributes": ["email"]}),
    "address": (EMAIL, EMAIL, {"UsernameAttributes": ["email"]}),
}


@dataclass
class Pool:
    """A pool, an app client of it, and a client that reaches it."""

    client: Any
    url: str
    id: str
    client_id: str
    secret: str | None

    def wrapper(self) -> CognitoIdentityProviderWrapper:
        """Return a wrapper for the app client."""
        return CognitoIdentityProviderWrapper(self.client, self.id, self.client_id, self.secret)

    def claims(self, result: AuthenticationResultTypeTypeDef) -> dict[str, Any]:
        """Return the claims of an access token, after its signature and issuer were verified."""
        token = result["AccessToken"]
        key = jwt.PyJWKClient(f"{self.url}/{self.id}/.well-known/jwks.json").get_signing_key_from_jwt(token)
        issuer = f"https://cognito-idp.us-east-1.amazonaws.com/{self.id}"
        claims: dict[str, Any] = jwt.decode(token, key, algorithms=["RS256"], issuer=issuer)
        return claims


def strict_pool(
    server: LocalCognito, *, with_secret: bool = False, on_request: bool = False, **settings: Any
) -> Pool:
    """Make a pool that requires TOTP and tracks devices, and an app client."""
    client = local_client(server.url, server.region)
    devices = TRACKING | {"DeviceOnlyRememberedOnUserPrompt": on_request}
    made = make_pool(
        client,
        {"DeviceConfiguration": devices} | settings,
        REQUIRED_TOTP,
        {"GenerateSecret": with_secret, "ExplicitAuthFlows": STORY_FLOWS},
    )
    return Pool(client, server.url, made.pool_id, made.client_id, made.client_secret)


def sign_up(server: LocalCognito, wrapper: CognitoIdentityProviderWrapper, name: str) -> None:
    """Sign a user up and confirm with the code that was sent last."""
    assert wrapper.sign_up_user(name, PASSWORD, EMAIL) is False
    first = server.outbox()[-1]["code"]
    assert wrapper.resend_confirmation(name)["Destination"] == "a***@e***"
    second = server.outbox()[-1]["code"]
    if first != second:
        refused("CodeMismatchException", wrapper.confirm_user_sign_up, name, first)
    assert wrapper.confirm_user_sign_up(name, second) is True


def newest_code(mailbox: Mailbox) -> str:
    """Return the code in the newest message to the user."""
    message = mailbox.latest(EMAIL)
    assert message
    return message["code"]


def refused(code: str, method: Callable[..., Any], *args: str | ModuleType) -> None:
    """Expect that Cognito refuses this call with that code."""
    with pytest.raises(ClientError) as refusal:
        method(*args)
    assert refusal.value.response["Error"]["Code"] == code


def enrol(wrapper: CognitoIdentityProviderWrapper, name: str) -> tuple[str, int]:
    """Set TOTP up, with a wrong code first; return the secret and the time step whose code was used."""
    answer = wrapper.start_sign_in(name, PASSWORD)
    assert answer["ChallengeName"] == "MFA_SETUP"
    step = int(time.time()) // STEP_SECONDS
    code = totp(answer["SecretCode"], step)
    wrong = wrong_totp(answer["SecretCode"], step)
    refused("EnableSoftwareTokenMFAException", wrapper.verify_mfa, answer["Session"], wrong)
    assert wrapper.verify_mfa(answer["Session"], code)["Status"] == "SUCCESS"
    return answer["SecretCode"], step


def sign_in(
    wrapper: CognitoIdentityProviderWrapper, name: str, secret: str, step: int
) -> AuthenticationResultTypeTypeDef:
    """Sign in with the code of that step, after a used one was refused."""
    answer = wrapper.start_sign_in(name, PASSWORD)
    assert answer["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    name = challenge_user_name(answer, name)
    used = totp(secret, step - 1)
    refused("ExpiredCodeException", wrapper.respond_to_mfa_challenge, name, answer["Session"], used)
    return wrapper.respond_to_mfa_challenge(name, answer["Session"], totp(secret, step))


@pytest.mark.parametrize(
    ("aws_srp", "with_secret", "kind"),
    [
        *(("cognito_srp", with_secret, kind) for with_secret in (False, True) for kind in NAMES),
        *((f"{helper}.aws_srp", True, "alias") for helper in ("pycognito", "warrant")),
    ],
    indirect=["aws_srp"],
)
def test_wrapper(server: LocalCognito, aws_srp: ModuleType, with_secret: bool, kind: str) -> None:
    """From sign-up to the tracked device each method does its work, whatever the user is called."""
    first_name, later_name, settings = NAMES[kind]
    pool = strict_pool(server, with_secret=with_secret, **settings)
    wrapper = pool.wrapper()

    sign_up(server, wrapper, first_name)
    (listed,) = wrapper.list_users()
    secret, step = enrol(wrapper, later_name)
    tokens = sign_in(wrapper, later_name, secret, step + 1)
    device = tokens["NewDeviceMetadata"]["DeviceKey"], tokens["NewDeviceMetadata"]["DeviceGroupKey"]
    must_agree = wrapper.confirm_mfa_device(
        later_name, *device, DEVICE_PASSWORD, tokens["AccessToken"], aws_srp
    )
    again = wrapper.sign_in_with_tracked_device(later_name, PASSWORD, *device, DEVICE_PASSWORD, aws_srp)

    assert must_agree is False
    for result in (tokens, again):
        claims = pool.claims(result)
        assert (claims["username"], claims["device_key"]) == (listed["Username"], device[0])
    assert "NewDeviceMetadata" not in again
    wrong = "A" + DEVICE_PASSWORD[1:] + "A"
    refused(
        "NotAuthorizedException",
        wrapper.sign_in_with_tracked_device,
        *(later_name, PASSWORD, *device, wrong, aws_srp),
    )


@pytest.mark.parametrize(
    ("aws_srp", "with_secret"),
    [("cognito_srp", False), ("cognito_srp", True), ("pycognito.aws_srp", True), ("warrant.aws_srp", True)],
    indirect=["aws_srp"],
)
def test_scenario_of_an_address_on_a_pool_that_asks_first(
    server: LocalCognito, aws_srp: ModuleType, with_secret: bool
) -> None:
    """Where an address is the name, and devices are remembered on request alone, the scenario is the same."""
    pool = strict_pool(server, with_secret=with_secret, on_request=True, UsernameAttributes=["email"])
    mailbox = Mailbox(server.url)
    terminal = quiet_terminal()
    script = Script(
        user_name=[EMAIL],
        email=[EMAIL],
        password=[PASSWORD, PASSWORD],
        confirmation_code=[lambda: newest_code(mailbox)],
        set_up_code=[""],
        mfa_code=[""],
        remember_device=["y"],
        forget_device=["y"],
        delete_user=["n"],
    )

    run_scenario(
        pool.client,
        pool.id,
        pool.client_id,
        client_secret=pool.secret,
        aws_srp=aws_srp,
        person=UnattendedPerson(terminal, script),
        mailbox=mailbox,
        authenticator=Authenticator(),
    )

    (listed,) = pool.wrapper().list_users()
    assert listed["Username"] != EMAIL
    assert "cognito.update_device_status(" in shown(terminal)
    name = listed["Username"]
    assert f"{name} signed in from a tracked device, without an MFA code." in shown(terminal)
    assert shown(terminal).endswith(f'"Username": "{name}"}}\'')
