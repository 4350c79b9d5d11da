"""Fixtures of the client tests: a local pool in real time, pools that fit a story, and what was asked."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from local_cognito import LocalCognito
from local_cognito.calls.log import CallLog
from test.support import pools, quiz
from test.support.pools import TOTP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from test.support.pools import AppClient


@pytest.fixture(scope="session")
def server() -> Iterator[LocalCognito]:
    """Give the server that the client tests share; its clock is the real one, as the clients' is."""
    with LocalCognito() as running:
        yield running


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put made-up credentials and the server's region where every AWS client looks for them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_REGION", "us-east-1")


@pytest.fixture
def admin(server: LocalCognito, credentials: None) -> CognitoIdentityProviderClient:
    """Return boto3's client as it comes, for what the client under test leaves to an administrator."""
    return boto3.client("cognito-idp", endpoint_url=server.url)


@pytest.fixture
def make_pool(admin: CognitoIdentityProviderClient) -> Callable[..., AppClient]:
    """Return the maker of pools that verify e-mail addresses, with an app client for every flow."""

    def make(*, mfa: str = "OFF", secret: bool = False, **settings: Any) -> AppClient:
        app_mfa = {"MfaConfiguration": mfa} | TOTP if mfa != "OFF" else None
        return pools.make_pool(admin, settings, app_mfa, {"GenerateSecret": secret})

    return make


@pytest.fixture
def quiz_pool(server: LocalCognito, admin: CognitoIdentityProviderClient) -> AppClient:
    """Return a pool whose functions ask for a colour in CUSTOM_AUTH."""
    server.functions.handlers |= quiz.HANDLERS
    client = {"ExplicitAuthFlows": ["ALLOW_CUSTOM_AUTH", pools.REFRESH]}
    return pools.make_pool(admin, {"LambdaConfig": quiz.LAMBDA_CONFIG}, client=client)


@pytest.fixture
def mail(server: LocalCognito) -> Callable[[str], str]:
    """Return the reader of the mailbox: the latest code that was sent to an address."""

    def latest(to: str) -> str:
        with urllib.request.urlopen(f"{server.url}/outbox", timeout=10) as answer:
            return str([message["code"] for message in json.load(answer) if message["to"] == to][-1])

    return latest


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list to which the server adds the action of every request that it answers."""
    actions: list[str] = []
    record = CallLog.record

    def recorded(log: CallLog, action: str, *answered: Any) -> None:
        actions.append(action)
        record(log, action, *answered)

    monkeypatch.setattr(CallLog, "record", recorded)
    return actions
