"""One step of a wrapper's method as botocore's Stubber sees it: the exact request, and Cognito's answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from cognito_idp_actions import CognitoIdentityProviderWrapper
from test.support.stubbed_calls import (
    CLIENT_ID,
    CLIENT_SECRET,
    DEVICE_GROUP_KEY,
    DEVICE_KEY,
    METADATA,
    POOL_ID,
    Call,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from logging import LogRecord

    from botocore.stub import Stubber
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

USER = "alice"
EMAIL = "a.liddell@example.com"
PASSWORD = "Correct-Horse-1!"
CODE = "918273"
SESSION = "AYABsession-of-the-first-answer"
NEXT_SESSION = "AYABsession-of-the-second-answer"
LAST_SESSION = "AYABsession-of-the-third-answer"
SECRET_CODE = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
ACCESS_TOKEN = "access.token.alice"
DEVICE_PASSWORD = "7yYOmqPGc68kDReiZgSANhqOCB0f/soqXtDjIZ/BhWcxMjM0NTY3OA=="
DEVICE = (DEVICE_KEY, DEVICE_GROUP_KEY, DEVICE_PASSWORD)
RESULT = {"AccessToken": ACCESS_TOKEN, "ExpiresIn": 3600, "TokenType": "Bearer"}


@dataclass(frozen=True)
class Case:
    """One method call, the requests that it makes, and what it returns."""

    call: Callable[[CognitoIdentityProviderWrapper], Any]
    steps: list[Call]
    result: Any


def wrap(
    client: CognitoIdentityProviderClient, client_secret: str | None = None
) -> CognitoIdentityProviderWrapper:
    """Return a wrapper around the client."""
    return CognitoIdentityProviderWrapper(client, POOL_ID, CLIENT_ID, client_secret)


def with_and_without_secret(cases: Mapping[str, Case]) -> list[Any]:
    """Return the cases as parameters of a test: with a client secret, too, where one makes a difference."""
    return [
        pytest.param(case, secret, id=name if secret is None else f"{name}, secret")
        for name, case in cases.items()
        for secret in (None, CLIENT_SECRET)
        if secret is None or any(step.hash_in for step in case.steps)
    ]


def queue(stubber: Stubber, steps: Iterable[Call], client_secret: str | None = None) -> None:
    """Queue the answers of the steps, each good only for exactly the request that is expected."""
    for step in steps:
        stubber.add_response(
            step.operation, {**step.answer, **METADATA}, step.expected_request(client_secret)
        )


def queue_refusal(stubber: Stubber, step: Call, code: str, message: str = "no") -> None:
    """Queue a refusal of a request without a client secret."""
    stubber.add_client_error(step.operation, code, message, expected_params=step.expected_request(None))


def is_ours(record: LogRecord) -> bool:
    """Tell whether the wrapper wrote a line of the log."""
    return record.name == "cognito_idp_actions"
