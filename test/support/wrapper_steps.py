"""One step of a wrapper's method as botocore's Stubber sees it: the exact request, and Cognito's answer."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cognito_idp_actions import CognitoIdentityProviderWrapper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from logging import LogRecord

    from botocore.stub import Stubber
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

POOL_ID = "eu-west-1_AbCdEf123"
CLIENT_ID = "1h57kf5cpq17m0eml12EXAMPLE"
CLIENT_SECRET = "client-secret-that-nobody-may-see"
USER = "alice"
EMAIL = "a.liddell@example.com"
PASSWORD = "Correct-Horse-1!"
CODE = "918273"
SESSION = "AYABsession-of-the-first-answer"
NEXT_SESSION = "AYABsession-of-the-second-answer"
LAST_SESSION = "AYABsession-of-the-third-answer"
SECRET_CODE = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
ACCESS_TOKEN = "access.token.alice"
DEVICE_KEY = "eu-west-1_0f9e8d7c-1234-4abc-8def-001122334455"
DEVICE_GROUP_KEY = "-AbCdEfGh"
DEVICE_PASSWORD = "7yYOmqPGc68kDReiZgSANhqOCB0f/soqXtDjIZ/BhWcxMjM0NTY3OA=="
DEVICE = (DEVICE_KEY, DEVICE_GROUP_KEY, DEVICE_PASSWORD)
SECRET_BLOCK = base64.b64encode(b"opaque to clients").decode()
RESULT = {"AccessToken": ACCESS_TOKEN, "ExpiresIn": 3600, "TokenType": "Bearer"}
DELIVERY = {"Destination": "a***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
METADATA = {"ResponseMetadata": {"HTTPStatusCode": 200}}


@dataclass(frozen=True)
class Step:
    """One request as it is without a client secret, where its secret hash goes, and Cognito's answer."""

    operation: str
    request: dict[str, Any]
    answer: dict[str, Any]
    hash_in: str = ""  # "SecretHash", "AuthParameters", "ChallengeResponses"

    def expected_request(self, client_secret: str | None) -> dict[str, Any]:
        """Return the request that a client with or without a secret must send."""
        request = copy.deepcopy(self.request)
        if client_secret and self.hash_in == "SecretHash":
            request["SecretHash"] = expected_hash(request["Username"])
        elif client_secret and self.hash_in:
            request[self.hash_in]["SECRET_HASH"] = expected_hash(request[self.hash_in]["USERNAME"])
        return request


@dataclass(frozen=True)
class Case:
    """One method call, the requests that it makes, and what it returns."""

    call: Callable[[CognitoIdentityProviderWrapper], Any]
    steps: list[Step]
    result: Any


def expected_hash(user_name: str) -> str:
    """Return the secret hash, computed apart from the code under test."""
    digest = hmac.new(CLIENT_SECRET.encode(), f"{user_name}{CLIENT_ID}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def wrap(
    client: CognitoIdentityProviderClient, client_secret: str | None = None
) -> CognitoIdentityProviderWrapper:
    """Return a wrapper around the client."""
    return CognitoIdentityProviderWrapper(client, POOL_ID, CLIENT_ID, client_secret)


def queue(stubber: Stubber, steps: Iterable[Step], client_secret: str | None = None) -> None:
    """Queue the answers of the steps, each good only for exactly the request that is expected."""
    for step in steps:
        stubber.add_response(
            step.operation, {**step.answer, **METADATA}, step.expected_request(client_secret)
        )


def queue_refusal(stubber: Stubber, step: Step, code: str, message: str = "no") -> None:
    """Queue a refusal of a request without a client secret."""
    stubber.add_client_error(step.operation, code, message, expected_params=step.expected_request(None))


def is_ours(record: LogRecord) -> bool:
    """Tell whether the wrapper wrote a line of the log."""
    return record.name == "cognito_idp_actions"
