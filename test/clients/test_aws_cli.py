"""The AWS CLI as it comes, pointed here with `--endpoint-url`: each test is a few command lines."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cognito import LocalCognito

PROGRAM = Path(__file__).parent / "aws" / ".venv" / "bin" / "aws"
PASSWORD, NEW_PASSWORD = "Correct-Horse-1!", "Better-Horse-2?"
ADDRESS = "alice@example.com"
SERVICE_ERROR = 255  # of version 1, which is what there is to install; version 2 has 254


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    status: int
    output: str
    error: str

    @property
    def json(self) -> Any:
        """What it printed, where it succeeded."""
        assert self.status == 0, self.error
        return json.loads(self.output)


@pytest.fixture
def aws(server: LocalCognito, credentials: None) -> Callable[..., Done]:
    """Return what runs `aws cognito-idp` with an action and its options; skip without the CLI."""
    if not PROGRAM.exists():
        pytest.skip("The AWS CLI is not installed: run `make clients`.")

    def run(action: str, *words: str, **options: str) -> Done:
        named = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
        command = [str(PROGRAM), "--endpoint-url", server.url, "cognito-idp", action, *words, *named]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return Done(done.returncode, done.stdout, done.stderr.strip())

    return run


def test_takes_a_user_from_sign_up_to_sign_out(
    aws: Callable[..., Done], make_pool: Callable[..., Any], mail: Callable[[str], str]
) -> None:
    """sign-up, confirm-sign-up, both sign-ins, get-user, refreshing and global-sign-out work together."""
    pool = make_pool()
    app = {"client_id": pool.client_id}
    password = f"USERNAME=alice,PASSWORD={PASSWORD}"

    signed_up = aws(
        "sign-up",
        **app,
        username="alice",
        password=PASSWORD,
        user_attributes=f"Name=email,Value={ADDRESS}",
    ).json
    assert signed_up["CodeDeliveryDetails"]["Destination"] == "a***@e***"
    aws("confirm-sign-up", **app, username="alice", confirmation_code=mail(ADDRESS))

    flow = {"auth_flow": "USER_PASSWORD_AUTH", "auth_parameters": password}
    result = aws("initiate-auth", **app, **flow).json["AuthenticationResult"]
    flow = {"auth_flow": "REFRESH_TOKEN_AUTH", "auth_parameters": f"REFRESH_TOKEN={result['RefreshToken']}"}
    refreshed = aws("initiate-auth", **app, **flow).json["AuthenticationResult"]
    assert aws("get-user", access_token=refreshed["AccessToken"]).json["Username"] == "alice"
    flow = {"auth_flow": "ADMIN_USER_PASSWORD_AUTH", "auth_parameters": password}
    admin_result = aws("admin-initiate-auth", **app, user_pool_id=pool.pool_id, **flow).json
    assert admin_result["AuthenticationResult"]["TokenType"] == "Bearer"

    assert aws("global-sign-out", access_token=result["AccessToken"]).status == 0
    assert aws("get-user", access_token=refreshed["AccessToken"]).status == SERVICE_ERROR


def test_makes_a_pool_and_all_that_is_in_it(aws: Callable[..., Done]) -> None:
    """What create-user-pool, -client, create-group and admin-create-user make is described and deleted."""
    pool_id = aws(
        "create-user-pool", pool_name="from the CLI", policies="PasswordPolicy={MinimumLength=12}"
    ).json["UserPool"]["Id"]
    inside = {"user_pool_id": pool_id}
    aws("create-user-pool-client", "--generate-secret", **inside, client_name="app")
    aws("create-group", **inside, group_name="staff")
    aws("admin-create-user", **inside, username="alice", message_action="SUPPRESS")
    aws("admin-add-user-to-group", **inside, username="alice", group_name="staff")

    described = aws("describe-user-pool", **inside).json["UserPool"]
    assert described["Policies"]["PasswordPolicy"]["MinimumLength"] == 12
    (client,) = aws("list-user-pool-clients", **inside).json["UserPoolClients"]
    named = {"client_id": client["ClientId"]}
    assert "ClientSecret" in aws("describe-user-pool-client", **inside, **named).json["UserPoolClient"]
    (member,) = aws("list-users-in-group", **inside, group_name="staff").json["Users"]
    assert member["UserStatus"] == "FORCE_CHANGE_PASSWORD"

    aws("add-custom-attributes", **inside, custom_attributes="Name=team,AttributeDataType=String")
    aws("tag-resource", resource_arn=described["Arn"], tags="stage=test")
    described = aws("describe-user-pool", **inside).json["UserPool"]
    assert "custom:team" in [attribute["Name"] for attribute in described["SchemaAttributes"]]
    tags = aws("list-tags-for-resource", resource_arn=described["Arn"]).json["Tags"]
    assert tags == described["UserPoolTags"] == {"stage": "test"}

    assert aws("delete-user-pool", **inside).status == 0
    assert aws("describe-user-pool", **inside).status == SERVICE_ERROR


def test_follows_pages(aws: Callable[..., Done], make_pool: Callable[..., Any], asked: list[str]) -> None:
    """list-users goes through every page, stops where it is told to, and goes on from its own token."""
    inside = {"user_pool_id": make_pool().pool_id}
    for name in ("one", "two", "three"):
        aws("admin-create-user", **inside, username=name, message_action="SUPPRESS")
    asked.clear()

    names = aws("list-users", **inside, page_size="1", query="Users[].Username").json
    assert names == ["one", "two", "three"]
    assert asked == ["ListUsers"] * 3

    first = aws("list-users", **inside, max_items="2").json
    rest = aws("list-users", **inside, starting_token=first["NextToken"]).json
    assert [user["Username"] for user in first["Users"] + rest["Users"]] == ["one", "two", "three"]
    assert "NextToken" not in rest


def test_finds_users(aws: Callable[..., Done], make_pool: Callable[..., Any]) -> None:
    """A filter and a choice of attributes reach list-users as the CLI writes them."""
    inside = {"user_pool_id": make_pool().pool_id}
    for name in ("alice", "bob"):
        address = f"Name=email,Value={name}@example.com"
        aws("admin-create-user", **inside, username=name, user_attributes=address)

    options = {"filter": 'email ^= "bob@"', "attributes_to_get": "email"}
    (found,) = aws("list-users", **inside, **options).json["Users"]

    assert found["Attributes"] == [{"Name": "email", "Value": "bob@example.com"}]


@pytest.mark.parametrize(
    ("action", "options", "code", "message"),
    [
        ("admin-get-user", {"username": "nobody"}, "UserNotFoundException", "User does not exist."),
        (
            "admin-create-user",
            {"username": "alice", "temporary_password": "short"},
            "InvalidPasswordException",
            "Password did not conform with password policy: Password not long enough",
        ),
        (
            "describe-risk-configuration",
            {},
            "UnknownOperationException",
            "local_cognito does not implement DescribeRiskConfiguration.",
        ),
    ],
)
def test_shows_refusals(
    aws: Callable[..., Done],
    make_pool: Callable[..., Any],
    asked: list[str],
    action: str,
    options: dict[str, str],
    code: str,
    message: str,
) -> None:
    """A refusal is shown with code and text, after one request; the status is that of a service error."""
    inside = {"user_pool_id": make_pool().pool_id}
    asked.clear()

    done = aws(action, **inside, **options)

    (operation,) = asked
    assert (done.status, done.output) == (SERVICE_ERROR, "")
    assert f"An error occurred ({code}) when calling the {operation} operation: {message}" in done.error


def test_takes_the_endpoint_from_the_environment(
    aws: Callable[..., Done],
    server: LocalCognito,
    make_pool: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER does instead of --endpoint-url."""
    pool = make_pool()
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", server.url)
    command = [str(PROGRAM), "cognito-idp", "describe-user-pool", "--user-pool-id", pool.pool_id]

    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)

    assert json.loads(done.stdout)["UserPool"]["Id"] == pool.pool_id
