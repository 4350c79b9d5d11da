"""boto3 with the retries that it comes with: a refusal is final, and each request reaches the server once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from local_cognito import LocalCognito

MODEL = botocore.session.get_session().get_service_model("cognito-idp")
MODES = (None, "legacy", "standard", "adaptive")
PASSWORD = "Correct-Horse-1!"

# An action, what it is called with beside the app client or the pool, and the refusal that must come back.
REFUSALS = [
    ("sign_up", {"Username": "bob", "Password": "short"}, "InvalidPasswordException"),
    ("sign_up", {"Username": "alice", "Password": PASSWORD}, "UsernameExistsException"),
    (
        "confirm_forgot_password",
        {"Username": "alice", "ConfirmationCode": "000000", "Password": PASSWORD},
        "ExpiredCodeException",
    ),
    ("confirm_sign_up", {"Username": "nobody", "ConfirmationCode": "1"}, "UserNotFoundException"),
    (
        "initiate_auth",
        {
            "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": "alice", "PASSWORD": PASSWORD + "?"},
        },
        "NotAuthorizedException",
    ),
    (
        "initiate_auth",
        {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": "alice"}},
        "InvalidParameterException",
    ),
    ("describe_user_pool_client", {"ClientId": "unknown1"}, "ResourceNotFoundException"),
    ("admin_get_user", {"Username": "nobody"}, "UserNotFoundException"),
    ("get_user", {"AccessToken": "a.b.c"}, "NotAuthorizedException"),
    ("create_group", {"GroupName": "staff"}, "GroupExistsException"),
]


@pytest.fixture(params=MODES)
def default_client(
    request: pytest.FixtureRequest, server: LocalCognito, credentials: None
) -> CognitoIdentityProviderClient:
    """Return a client with no word about retries, and one in each mode with its own number of attempts."""
    config = Config(retries={"mode": request.param}) if request.param else None
    return boto3.client("cognito-idp", endpoint_url=server.url, config=config)


@pytest.fixture
def known(make_pool: Callable[..., Any], admin: CognitoIdentityProviderClient) -> dict[str, str]:
    """Return pool and app client, as parameters, where `alice` and the group `staff` exist."""
    pool = make_pool()
    admin.admin_create_user(UserPoolId=pool.pool_id, Username="alice", MessageAction="SUPPRESS")
    admin.admin_set_user_password(
        UserPoolId=pool.pool_id, Username="alice", Password=PASSWORD, Permanent=True
    )
    admin.create_group(UserPoolId=pool.pool_id, GroupName="staff")
    return {"UserPoolId": pool.pool_id, "ClientId": pool.client_id}


def required_parameters(action: str, known: dict[str, str]) -> dict[str, str]:
    """Return those of the known parameters that an action can't do without."""
    operation = next(name for name in MODEL.operation_names if name.lower() == action.replace("_", ""))
    shape = MODEL.operation_model(operation).input_shape
    assert shape
    return {name: value for name, value in known.items() if name in shape.required_members}


@pytest.mark.parametrize(("action", "given", "code"), REFUSALS)
def test_a_refusal_is_not_tried_again(
    default_client: CognitoIdentityProviderClient,
    known: dict[str, str],
    asked: list[str],
    action: str,
    given: dict[str, Any],
    code: str,
) -> None:
    """Every modelled error ends the call at the first attempt, as an exception class of its own."""
    exception = getattr(default_client.exceptions, code)

    with pytest.raises(exception) as refused:
        getattr(default_client, action)(**required_parameters(action, known) | given)

    assert refused.value.response["ResponseMetadata"]["RetryAttempts"] == 0
    assert len(asked) == 1


def test_a_missing_action_says_so_once(
    default_client: CognitoIdentityProviderClient, asked: list[str]
) -> None:
    """An action that is not there is named by an error that boto3 does not try again."""
    with pytest.raises(ClientError, match="does not implement ListIdentityProviders") as refused:
        default_client.list_identity_providers(UserPoolId="us-east-1_Example")

    assert refused.value.response["Error"]["Code"] == "UnknownOperationException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert asked == ["ListIdentityProviders"]


def test_an_answer_takes_one_request(
    default_client: CognitoIdentityProviderClient, known: dict[str, str], asked: list[str]
) -> None:
    """A call that succeeds reaches the server once too."""
    answer = default_client.describe_user_pool(UserPoolId=known["UserPoolId"])

    assert answer["ResponseMetadata"]["RetryAttempts"] == 0
    assert asked == ["DescribeUserPool"]


def test_pages_are_followed_by_the_paginator(
    default_client: CognitoIdentityProviderClient, known: dict[str, str], asked: list[str]
) -> None:
    """boto3's own paginators find every item, with one request for each page."""
    for number in range(5):
        default_client.create_group(UserPoolId=known["UserPoolId"], GroupName=f"group{number}")
    asked.clear()

    pages = default_client.get_paginator("list_groups").paginate(
        UserPoolId=known["UserPoolId"], PaginationConfig={"PageSize": 2}
    )
    names = [group["GroupName"] for page in pages for group in page["Groups"]]

    assert sorted(names) == [*(f"group{number}" for number in range(5)), "staff"]
    assert asked == ["ListGroups"] * 3
