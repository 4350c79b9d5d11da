"""Codes for custom senders, encrypted by the AWS Encryption SDK under a key of a KMS."""

from __future__ import annotations

import base64
import json
import secrets
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from local_cognito import LocalCognito
from local_cognito.lambdas.encryption import CodeEncryption
from local_cognito.lambdas.functions import Functions
from local_cognito.lambdas.journal import FunctionCall

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "arn:aws:kms:eu-west-1:000000000000:key/00000000-0000-0000-0000-000000000000"
POOL_ID = "eu-west-1_Example"
EVENT = {
    "triggerSource": "CustomEmailSender_SignUp",
    "userName": "alice",
    "userPoolId": POOL_ID,
    "request": {"type": "customEmailSenderRequestV1", "code": "123456"},
}
CALL = FunctionCall("CustomEmailSender", "sender", EVENT, kms_key=KEY)


class Kms(BaseHTTPRequestHandler):
    """The two actions of KMS that the SDK calls, for one key; a blob is good in its context alone."""

    blobs: dict[str, tuple[Any, str]] = {}  # noqa: RUF012 - of the one server

    def do_POST(self) -> None:
        """Answer a request of the JSON protocol."""
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        regional = "/eu-west-1/kms/" in self.headers["Authorization"]
        if not regional or request.get("KeyId", KEY) != KEY:
            self._send(400, {"__type": "NotFoundException", "message": "no such key"})
        elif self.headers["X-Amz-Target"] == "TrentService.GenerateDataKey":
            plain = base64.b64encode(secrets.token_bytes(32)).decode()
            blob = base64.b64encode(secrets.token_bytes(16)).decode()
            self.blobs[blob] = request["EncryptionContext"], plain
            self._send(200, {"KeyId": KEY, "Plaintext": plain, "CiphertextBlob": blob})
        else:
            context, plain = self.blobs[request["CiphertextBlob"]]
            assert context == request["EncryptionContext"]
            self._send(200, {"KeyId": KEY, "Plaintext": plain})

    def _send(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def kms() -> Iterator[str]:
    """Give the URL of a KMS; skip what needs the SDK where it is not installed."""
    pytest.importorskip("aws_encryption_sdk")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Kms)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def decrypted(kms: str, code: str) -> tuple[str, Any]:
    """Return the code and the header of a message, as a handler decrypts it."""
    from aws_encryption_sdk import CommitmentPolicy, EncryptionSDKClient  # noqa: PLC0415 - optional
    from aws_encryption_sdk.key_providers.kms import KMSMasterKey  # noqa: PLC0415 - optional
    from boto3.session import Session  # noqa: PLC0415 - beside them

    client = EncryptionSDKClient(commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT)
    keys = Session("any", "any", region_name="eu-west-1").client("kms", endpoint_url=kms)
    plain, header = client.decrypt(
        source=base64.b64decode(code), key_provider=KMSMasterKey(key_id=KEY, client=keys)
    )
    return plain.decode(), header


def test_handler_decrypts(kms: str) -> None:
    """A sender gets a message that the SDK decrypts, of Cognito's form: for this pool, without commitment."""
    seen: list[Any] = []
    functions = Functions({"sender": lambda event, _: seen.append(event)}, encryption=CodeEncryption(kms))
    ended = functions.begin(CALL).result()
    code, header = decrypted(kms, seen[0]["request"]["code"])

    assert code == "123456"
    assert header.encryption_context["userpool-id"] == POOL_ID
    assert (header.version.value, header.algorithm.algorithm_id) == (1, 0x0378)
    assert ended.call.event == seen[0] == EVENT | {"request": seen[0]["request"]}


def test_key_that_is_not_there(kms: str) -> None:
    """Under a key that KMS lacks nothing is encrypted, and the sender is not called."""
    functions = Functions({"sender": lambda event, _: event}, encryption=CodeEncryption(kms))
    other = replace(CALL, kms_key=KEY.replace("eu-west-1", "us-east-1"))
    ended = functions.begin(other).result()

    assert ended.answer is None
    assert str(ended.error).startswith(f"The code can't be encrypted under {other.kms_key}: ")


def test_malformed_url(kms: str) -> None:
    """A URL that is none is refused at the start."""
    with pytest.raises(ValueError, match="Invalid endpoint: nowhere"):
        LocalCognito(kms_endpoint="nowhere")


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the SDK is not installed the start says what to install."""
    monkeypatch.setitem(sys.modules, "aws_encryption_sdk", None)

    with pytest.raises(ValueError, match=r"pip install 'local-cognito\[kms\]'"):
        LocalCognito(kms_endpoint="http://127.0.0.1:1")


def test_without_kms(caplog: pytest.LogCaptureFixture) -> None:
    """Without a KMS a sender gets the code in clear, and the log says so."""
    seen: list[Any] = []
    Functions({"sender": lambda event, _: seen.append(event)}).begin(CALL).result()

    assert seen == [EVENT]
    assert f"{POOL_ID}: CustomEmailSender gets the code in clear." in caplog.text
    assert "123456" not in caplog.text
