"""The device's verifier and proof, made by the wrapper, against published vectors and the server's formulas.

The vectors in `srp_vectors.json` each name their origin. Symbols are those of RFC 5054.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import importlib
import json
import secrets
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.stub import ANY

from cognito_idp_actions import CognitoIdentityProviderWrapper, secret_hash

if TYPE_CHECKING:
    from types import ModuleType

    from _pytest.mark.structures import MarkDecorator
    from botocore.stub import _ANY, Stubber
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient


DATA = json.loads((Path(__file__).parent / "support" / "srp_vectors.json").read_text(encoding="utf-8"))
VECTORS = {vector["name"]: vector for vector in DATA["vectors"]}
N = int(DATA["group"]["N"], 16)
G = int(DATA["group"]["g"], 16)
K = int(DATA["group"]["k"], 16)
RESULT = {"AccessToken": "access.token.alice"}


def select(prefix: str) -> MarkDecorator:
    """Return the vectors whose names begin so."""
    return pytest.mark.parametrize("name", [name for name in VECTORS if name.startswith(prefix)])


@pytest.fixture
def wrapper(client: CognitoIdentityProviderClient) -> CognitoIdentityProviderWrapper:
    return CognitoIdentityProviderWrapper(client, "eu-west-1_AbCdEf123", "1h57kf5cpq17m0eml12EXAMPLE")


def freeze(monkeypatch: pytest.MonkeyPatch, aws_srp: ModuleType, vector: dict[str, str]) -> None:
    """Make a helper choose the vector's private value a, and read the vector's time from its clock."""
    now = dt.datetime.strptime(vector["TIMESTAMP"], "%a %b %d %H:%M:%S UTC %Y")  # noqa: DTZ007 as utcnow()
    clock = SimpleNamespace(
        datetime=SimpleNamespace(utcnow=lambda: now, now=lambda _zone: now), timezone=dt.timezone
    )
    monkeypatch.setattr(aws_srp, "dt" if hasattr(aws_srp, "dt") else "datetime", clock)
    monkeypatch.setattr(aws_srp.AWSSRP, "generate_random_small_a", lambda self: int(vector["a"], 16))


def expect_sign_in(
    stubber: Stubber, srp_a: str | _ANY, server: dict[str, str], proof: dict[str, Any]
) -> None:
    """Queue the three answers of a sign-in with a tracked device, for exactly this A and this proof."""
    ask = {"ChallengeName": "DEVICE_SRP_AUTH", "ChallengeParameters": {}}
    stubber.add_response("initiate_auth", ask)
    rounds: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        (
            "DEVICE_SRP_AUTH",
            {"SRP_A": srp_a},
            {"ChallengeName": "DEVICE_PASSWORD_VERIFIER", "ChallengeParameters": server},
        ),
        (
            "DEVICE_PASSWORD_VERIFIER",
            {**proof, "PASSWORD_CLAIM_SECRET_BLOCK": server["SECRET_BLOCK"]},
            {"AuthenticationResult": RESULT},
        ),
    ]
    for name, values, answer in rounds:
        responses = {"USERNAME": "alice", "DEVICE_KEY": ANY, **values}
        request = {"ClientId": ANY, "ChallengeName": name, "ChallengeResponses": responses}
        stubber.add_response("respond_to_auth_challenge", answer, request)


def device_of(vector: dict[str, str]) -> tuple[str, str, str]:
    """Return device key, group key and password of a vector."""
    return vector["device_key"], vector["device_group_key"], vector["device_password"]


def sign_in(
    wrapper: CognitoIdentityProviderWrapper, device: tuple[str, str, str], aws_srp: ModuleType
) -> Any:
    return wrapper.sign_in_with_tracked_device("alice", "Correct-Horse-1!", *device, aws_srp)


@select("device-")
def test_the_wrapper_proves_a_device_as_published(
    wrapper: CognitoIdentityProviderWrapper,
    stubber: Stubber,
    aws_srp: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    """With a and the time of a vector, A and the signature are the vector's, with each helper."""
    vector = VECTORS[name]
    freeze(monkeypatch, aws_srp, vector)
    server = {parameter: vector[parameter] for parameter in ("SALT", "SRP_B", "SECRET_BLOCK")}
    proof = {"TIMESTAMP": vector["TIMESTAMP"], "PASSWORD_CLAIM_SIGNATURE": vector["signature"]}
    expect_sign_in(stubber, vector["A"], server, proof)

    assert sign_in(wrapper, device_of(vector), aws_srp) == RESULT


@pytest.mark.parametrize(
    ("name", "salt", "verifier"),
    [
        ("confirm-device-verifier", "Salt", "PasswordVerifier"),
        ("confirm-device-verifier-leading-zero", "Salt", "PasswordVerifier"),
        ("device-two-sided", "ConfirmDevice_Salt", "ConfirmDevice_PasswordVerifier"),
    ],
)
def test_the_wrapper_confirms_a_device_as_published(
    wrapper: CognitoIdentityProviderWrapper,
    stubber: Stubber,
    aws_srp: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    salt: str,
    verifier: str,
) -> None:
    """With the salt of a vector, salt and verifier are sent as the vector has them, sign bytes included."""
    vector = VECTORS[name]
    salt_number = int.from_bytes(base64.b64decode(vector[salt]), "big")
    helper = SimpleNamespace(**{**vars(aws_srp), "get_random": lambda size: salt_number})
    config = {"Salt": vector[salt], "PasswordVerifier": vector[verifier]}
    stubber.add_response(
        "confirm_device",
        {"UserConfirmationNecessary": False},
        {
            "AccessToken": "access.token",
            "DeviceKey": vector["device_key"],
            "DeviceSecretVerifierConfig": config,
        },
    )

    assert not wrapper.confirm_mfa_device("alice", *device_of(vector), "access.token", cast("Any", helper))


def test_the_salt_has_sixteen_random_bytes(
    wrapper: CognitoIdentityProviderWrapper,
    stubber: Stubber,
    aws_srp: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The wrapper asks the helper for 16 random bytes of salt, once."""
    asked = []

    def get_random(size: int) -> int:
        asked.append(size)
        return 1

    monkeypatch.setattr(aws_srp.AWSSRP, "generate_random_small_a", lambda self: 2)
    monkeypatch.setattr(aws_srp, "get_random", get_random)
    stubber.add_response("confirm_device", {})

    wrapper.confirm_mfa_device("alice", "key", "group", "password", "access.token", aws_srp)

    assert asked == [16]


@select("user-")
def test_the_helpers_prove_a_user_as_published(
    client: CognitoIdentityProviderClient, aws_srp: ModuleType, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The helpers, whose formulas for users the wrapper builds on, agree with the vectors for users."""
    vector = VECTORS[name]
    freeze(monkeypatch, aws_srp, vector)
    user, password = vector["USER_ID_FOR_SRP"], vector["password"]
    srp = aws_srp.AWSSRP(user, password, vector["pool_id"], "client", client=client)
    request = [{"USERNAME": user}] if aws_srp.__name__ == "pycognito.aws_srp" else []

    proof = srp.process_challenge(vector, *request)

    assert srp.get_auth_params()["SRP_A"] == vector["A"]
    assert proof["TIMESTAMP"] == vector["TIMESTAMP"]
    assert proof["PASSWORD_CLAIM_SIGNATURE"] == vector["signature"]


def test_the_secret_hash_is_the_published_one() -> None:
    """The secret hash of the vector comes out."""
    vector = VECTORS["user-tiny-B"]

    computed = secret_hash(vector["USER_ID_FOR_SRP"], vector["client_id"], vector["client_secret"])

    assert computed == vector["secret_hash_for_test"]


def signed(number: int) -> bytes:
    """Return P(number): the shortest big-endian bytes whose top bit is clear."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def server_signature(sent: dict[str, str], verifier: int, b: int, server: dict[str, str], device: str) -> str:
    """Return the signature that the server expects, from what it knows alone: v, b, and what was sent."""
    a_public, b_public = int(sent["SRP_A"], 16), int(server["SRP_B"], 16)
    u = int.from_bytes(hashlib.sha256(signed(a_public) + signed(b_public)).digest(), "big")
    shared = pow(a_public * pow(verifier, u, N), b, N)
    extracted = hmac.digest(signed(u), signed(shared), "sha256")
    key = hmac.digest(extracted, b"Caldera Derived Key\x01", "sha256")[:16]
    block = base64.b64decode(server["SECRET_BLOCK"])
    signature = hmac.digest(key, device.encode() + block + sent["TIMESTAMP"].encode(), "sha256")
    return base64.b64encode(signature).decode()


@pytest.mark.parametrize("confirming", ["cognito_srp", "pycognito.aws_srp", "warrant.aws_srp"])
@pytest.mark.parametrize("right", [True, False], ids=["right-password", "wrong-password"])
def test_a_server_accepts_the_proof_of_the_right_device_password_only(
    wrapper: CognitoIdentityProviderWrapper,
    stubber: Stubber,
    aws_srp: ModuleType,
    confirming: str,
    right: bool,
) -> None:
    """A server that has verifier and salt accepts the proof of every helper, and not that of a guess."""
    key, group = "eu-west-1_0f9e8d7c-1234-4abc-8def-001122334455", "-Ab_dEfGh"
    password, guess = secrets.token_urlsafe(40), secrets.token_urlsafe(40)
    requests = []
    stubber.client.meta.events.register(
        "provide-client-params.cognito-idp", lambda params, **_: requests.append(params)
    )
    stubber.add_response("confirm_device", {})
    wrapper.confirm_mfa_device(
        "alice", key, group, password, "access.token", importlib.import_module(confirming)
    )
    config = requests.pop()["DeviceSecretVerifierConfig"]
    verifier = int.from_bytes(base64.b64decode(config["PasswordVerifier"]), "big")
    b = secrets.randbits(2048)
    server = {
        "SALT": base64.b64decode(config["Salt"]).hex(),
        "SRP_B": f"{(K * verifier + pow(G, b, N)) % N:x}",
        "SECRET_BLOCK": base64.b64encode(secrets.token_bytes(900)).decode(),
    }
    expect_sign_in(stubber, ANY, server, {"TIMESTAMP": ANY, "PASSWORD_CLAIM_SIGNATURE": ANY})

    sign_in(wrapper, (key, group, password if right else guess), aws_srp)

    sent = {**requests[1]["ChallengeResponses"], **requests[2]["ChallengeResponses"]}
    expected = server_signature(sent, verifier, b, server, group + key)
    assert (sent["PASSWORD_CLAIM_SIGNATURE"] == expected) is right
