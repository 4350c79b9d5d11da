"""The server's half of SRP, against published vectors and against the values that RFC 5054 refuses."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from local_cognito.rules import srp

VECTORS = json.loads((Path(__file__).parents[1] / "support" / "srp_vectors.json").read_text())
GROUP = VECTORS["group"]
BY_NAME = {vector["name"]: vector for vector in VECTORS["vectors"]}
A = int(BY_NAME["user-two-sided"]["A"], 16)


def identity_of(vector: dict[str, str]) -> str:
    """Return what stands before the colon in the hash of the password."""
    if "device_key" in vector:
        return vector["device_group_key"] + vector["device_key"]
    return vector["pool_name"] + vector["USER_ID_FOR_SRP"]


def test_the_group_is_the_published_one() -> None:
    """N, g and k have their published values."""
    assert (int(GROUP["N"], 16), int(GROUP["g"], 16)) == (srp.N, srp.G)
    assert f"{srp.K_MULTIPLIER:x}" == GROUP["k"]


@pytest.mark.parametrize(
    ("number", "bytes_"), [(0, b"\0"), (1, b"\x01"), (0x7F, b"\x7f"), (0x80, b"\0\x80"), (0x1FF, b"\x01\xff")]
)
def test_padding_keeps_the_top_bit_clear(number: int, bytes_: bytes) -> None:
    """P(n) is minimal, with one 0x00 before a byte whose top bit is set."""
    assert srp.padded(number) == bytes_


@pytest.mark.parametrize("name", ["user-two-sided", "device-two-sided"])
def test_two_sided_vectors_replay(name: str) -> None:
    """From the vector's password, salt, A and b come its verifier, B, key and signature."""
    vector = BY_NAME[name]
    identity = identity_of(vector)
    b, public_a = int(vector["b"], 16), int(vector["A"], 16)
    password = vector.get("password") or vector["device_password"]

    verifier = srp.make_verifier(int(vector["SALT"], 16), identity, password)
    public_b = srp.public_value(b, verifier)
    key = srp.session_key(public_a, b, public_b, verifier)
    block = base64.b64decode(vector["SECRET_BLOCK"])

    assert f"{verifier:x}" == vector["verifier"].lstrip("0")
    assert f"{public_b:x}" == vector["SRP_B"].lstrip("0")
    assert key.hex() == vector["hkdf_key"]
    assert srp.signature(key, identity, block, vector["TIMESTAMP"]) == vector["signature"]


@pytest.mark.parametrize(
    "name",
    [
        "user-real-pool-shape",
        "user-tiny-B",
        "confirm-device-verifier",
        "confirm-device-verifier-leading-zero",
    ],
)
def test_verifiers_are_those_of_the_client_libraries(name: str) -> None:
    """Verifiers that client libraries published come out of our formula."""
    vector = BY_NAME[name]
    salt = vector.get("SALT")
    number = int(salt, 16) if salt else int.from_bytes(base64.b64decode(vector["Salt"]), "big")
    password = vector.get("password") or vector["device_password"]
    expected = vector.get("verifier")
    if expected is None:
        expected = base64.b64decode(vector["PasswordVerifier"]).hex()

    verifier = srp.make_verifier(number, identity_of(vector), password)

    assert f"{verifier:x}" == expected.lstrip("0")


@pytest.mark.parametrize("multiple", [0, 1, 2])
def test_a_public_value_that_is_0_modulo_n_is_refused(multiple: int) -> None:
    """A = 0, N or 2N would make the shared secret 0 for everybody."""
    with pytest.raises(srp.UnsafeValueError):
        srp.session_key(multiple * srp.N, 5, 7, 9)


def test_u_of_0_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A u of 0 would leave the verifier out of the shared secret."""
    monkeypatch.setattr(srp, "_hash", lambda _data: 0)

    with pytest.raises(srp.UnsafeValueError):
        srp.session_key(A, 5, 7, 9)


@pytest.mark.parametrize("byte", [0x00, 0x7E, 0x7F, 0x80, 0xFF])
def test_salts_are_the_same_as_number_and_as_bytes(byte: int) -> None:
    """Whatever the random bytes, a salt has 16 bytes, no leading zero and a clear top bit."""
    salt = srp.new_salt(lambda count: bytes([byte]) * count)

    assert len(srp.padded(salt)) == srp.SALT_BYTES
    assert srp.padded(salt)[0]
