"""The wrapper's one way to Cognito, `call`: overridden, mocked, paged, and logged."""

from __future__ import annotations

import inspect
import logging
from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock

import pytest
from botocore.exceptions import ClientError, PaginationError

from cognito_idp_actions import CognitoIdentityProviderWrapper
from test.support.stubbed_calls import CLIENT_ID, POOL_ID
from test.support.wrapper_steps import PASSWORD, USER, wrap

if TYPE_CHECKING:
    from botocore.stub import Stubber
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient


class Recorder(CognitoIdentityProviderWrapper):
    """Notes what is called, and answers by itself."""

    def __init__(self) -> None:
        super().__init__(None, POOL_ID, CLIENT_ID)  # type: ignore[arg-type]  # there is nothing to ask
        self.called: list[tuple[str, dict[str, Any]]] = []

    def call(self, operation: str, /, **fields: Any) -> Any:
        """Answer everything alike."""
        self.called.append((operation, fields))
        return {"Users": [{"Username": USER}]}


def test_a_subclass_sees_every_request() -> None:
    """`call` gets boto3's name of the method and Cognito's names of the fields, from lists too."""
    wrapper = Recorder()

    wrapper.confirm_user_sign_up(USER, "123456")

    assert wrapper.list_users() == [{"Username": USER}]
    assert wrapper.called == [
        ("confirm_sign_up", {"ClientId": CLIENT_ID, "Username": USER, "ConfirmationCode": "123456"}),
        ("list_users", {"UserPoolId": POOL_ID}),
    ]


def test_nothing_goes_past_it() -> None:
    """Only `call` touches the client's methods."""
    source = inspect.getsource(CognitoIdentityProviderWrapper)

    assert source.count("self.cognito_idp_client)") == 0
    assert source.count("self.cognito_idp_client.") == 0
    assert source.count("getattr(self.cognito_idp_client, operation)") == 1


def test_a_mocked_client_is_enough() -> None:
    """A MagicMock in place of the client needs nothing but the answer."""
    client = MagicMock()
    client.list_users.return_value = {"Users": [{"Username": USER}], "ResponseMetadata": {}}

    assert CognitoIdentityProviderWrapper(client, POOL_ID, CLIENT_ID).list_users() == [{"Username": USER}]


def test_a_page_that_leads_to_itself_is_an_error() -> None:
    """A list that would have no end stops, as boto3's paginators do."""
    client = MagicMock()
    client.list_groups.return_value = {"Groups": [], "NextToken": "again"}

    with pytest.raises(PaginationError, match="list_groups"):
        CognitoIdentityProviderWrapper(client, POOL_ID, CLIENT_ID).list_groups()


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("NotAuthorizedException", logging.INFO),
        ("CodeMismatchException", logging.INFO),
        ("TooManyRequestsException", logging.ERROR),
        ("ResourceNotFoundException", logging.ERROR),
    ],
)
def test_a_mistyped_password_is_no_error_in_the_log(
    client: CognitoIdentityProviderClient,
    stubber: Stubber,
    caplog: pytest.LogCaptureFixture,
    code: str,
    level: int,
) -> None:
    """What users get wrong is logged at INFO; what the program or the pool gets wrong, at ERROR."""
    caplog.set_level(logging.INFO, "cognito_idp_actions")
    stubber.add_client_error("initiate_auth", code, f"about {PASSWORD}")

    with pytest.raises(ClientError):
        wrap(client).initiate_auth(USER, PASSWORD)

    ours = [line for line in caplog.record_tuples if line[0] == "cognito_idp_actions"]
    assert ours == [("cognito_idp_actions", level, f"InitiateAuth was refused: {code}")]
