"""Saying hello: every pool with its app clients, and a sentence for whatever is in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import hello_cognito
from local_cognito import LocalCognito
from program.clients import local_client

if TYPE_CHECKING:
    from botocore.stub import Stubber
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient


@pytest.fixture
def listed(client: CognitoIdentityProviderClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program use the stubbed client."""
    monkeypatch.setattr(hello_cognito, "account_client", lambda: client)


def test_every_page_is_listed(listed: None, stubber: Stubber, capsys: pytest.CaptureFixture[str]) -> None:
    """Pools and app clients of all pages stand in one table."""
    pools = [{"Id": f"eu-west-1_Pool{number}", "Name": f"pool {number}"} for number in (1, 2)]
    stubber.add_response("list_user_pools", {"UserPools": pools[:1], "NextToken": "n"}, {"MaxResults": 60})
    first = {"UserPoolId": "eu-west-1_Pool1", "MaxResults": 60}
    app = {"UserPoolClients": [{"ClientId": "app1", "ClientName": "web"}], "NextToken": "c"}
    stubber.add_response("list_user_pool_clients", app, first)
    more = {"UserPoolClients": [{"ClientId": "app2", "ClientName": "phone"}]}
    stubber.add_response("list_user_pool_clients", more, first | {"NextToken": "c"})
    stubber.add_response("list_user_pools", {"UserPools": pools[1:]}, {"MaxResults": 60, "NextToken": "n"})
    none: dict[str, Any] = {"UserPoolClients": []}
    stubber.add_response("list_user_pool_clients", none, {"UserPoolId": "eu-west-1_Pool2", "MaxResults": 60})

    assert hello_cognito.main([]) == 0

    shown = capsys.readouterr().out
    for part in (
        "User pools in eu-west-1: 2",
        "pool 1",
        "eu-west-1_Pool2",
        "app1 (web)",
        "app2 (phone)",
        "none",
    ):
        assert part in shown


def test_account_without_pools(listed: None, stubber: Stubber, capsys: pytest.CaptureFixture[str]) -> None:
    """No pool is a sentence, and where to read on."""
    stubber.add_response("list_user_pools", {"UserPools": []}, {"MaxResults": 60})

    assert hello_cognito.main([]) == 0

    assert "There is no user pool in eu-west-1." in capsys.readouterr().out


def test_no_permission(listed: None, stubber: Stubber, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing permission is a sentence with what to do."""
    message = "User: x is not authorized to perform: cognito-idp:ListUserPools"
    stubber.add_client_error("list_user_pools", "AccessDeniedException", message)

    assert hello_cognito.main([]) == 1

    errors = " ".join(capsys.readouterr().err.split())
    assert message in errors
    assert "Allow your IAM identity cognito-idp:ListUserPools" in errors


@pytest.mark.parametrize(
    ("region", "advice"), [(None, "Set a region"), ("eu-west-1", "Set up AWS credentials")]
)
def test_nothing_set_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], region: str | None, advice: str
) -> None:
    """Without a region, or without credentials, there is a sentence for each."""
    if region:
        monkeypatch.setenv("AWS_DEFAULT_REGION", region)

    assert hello_cognito.main([]) == 1

    assert advice in " ".join(capsys.readouterr().err.split())


def test_local(capsys: pytest.CaptureFixture[str]) -> None:
    """--local lists the pool of the scenario."""
    assert hello_cognito.main(["--local"]) == 0

    assert "sign-up-with-mfa" in capsys.readouterr().out


def test_more_than_a_page_on_a_real_server() -> None:
    """Against a server, every one of 61 pools is found."""
    with LocalCognito() as server:
        client = local_client(server.url, server.region)
        made = {client.create_user_pool(PoolName="many")["UserPool"]["Id"] for _ in range(61)}

        assert {pool_id for _, pool_id in hello_cognito.user_pools(client)} == made
