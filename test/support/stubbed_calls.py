"""A call as botocore's Stubber sees it: the exact request, and Cognito's answer."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

POOL_ID = "eu-west-1_AbCdEf123"
CLIENT_ID = "1h57kf5cpq17m0eml12EXAMPLE"
CLIENT_SECRET = "client-secret-that-nobody-may-see"
DEVICE_KEY, DEVICE_GROUP_KEY = "eu-west-1_0f9e8d7c-1234-4abc-8def-001122334455", "-AbCdEfGh"
SECRET_BLOCK = base64.b64encode(b"opaque to clients").decode()
DELIVERY = {"Destination": "a***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
METADATA = {"ResponseMetadata": {"HTTPStatusCode": 200}}


@dataclass(frozen=True)
class Call:
    """One request as it is without a client secret, Cognito's answer, and where the secret hash goes.

    Args:
        operation: the name of boto3's method.
        request: every parameter.
        answer: what the method returns, without `ResponseMetadata`.
        hash_in: `SecretHash`, `ClientSecret` for the secret itself, or the map that has `SECRET_HASH` in
            it; empty where none is sent.
    """

    operation: str
    request: dict[str, Any]
    answer: dict[str, Any]
    hash_in: str = ""

    def expected_request(self, client_secret: str | None) -> dict[str, Any]:
        """Return the request that a client with or without a secret must send."""
        request = copy.deepcopy(self.request)
        if client_secret and self.hash_in == "ClientSecret":
            request["ClientSecret"] = client_secret
        elif client_secret and self.hash_in == "SecretHash":
            request["SecretHash"] = expected_hash(request["Username"])
        elif client_secret and self.hash_in:
            request[self.hash_in]["SECRET_HASH"] = expected_hash(request[self.hash_in]["USERNAME"])
        return request


def expected_hash(user_name: str) -> str:
    """Return the secret hash, computed apart from the code under test."""
    digest = hmac.digest(CLIENT_SECRET.encode(), f"{user_name}{CLIENT_ID}".encode(), hashlib.sha256)
    return base64.b64encode(digest).decode()
