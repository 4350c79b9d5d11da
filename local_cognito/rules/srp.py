"""The server's half of Cognito's SRP-6a.

Symbols, as RFC 5054 names them (`H` is SHA-256, `P(n)` the minimal big-endian two's-complement
bytes of a non-negative integer, so one 0x00 is prepended when the top bit is set):

=====  ==========================================================================================
N, g   the 3072-bit group of RFC 3526 (group 15) with generator 2
k      H(P(N) || P(g))
x      H(P(salt) || H(identity ":" password)), identity being pool name and user name, or device
       group key and device key
v      the verifier, g^x mod N: all that is kept of a password
a, A   the client's secret exponent, and A = g^a mod N
b, B   the server's secret exponent, and B = (k*v + g^b) mod N
u      H(P(A) || P(B))
S      the shared secret, (A * v^u)^b mod N
K      16 bytes of HKDF (RFC 5869) with salt P(u), input P(S), info "Caldera Derived Key"
=====  ==========================================================================================
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gmpy2 import mpz

N = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
G = 2
SALT_BYTES = 16
EXPONENT_BYTES = 32  # RFC 5054, 2.5.3: at least 256 bits; as long as x, which is a SHA-256
_INFO = b"Caldera Derived Key\x01"
_KEY_BYTES = 16
_BYTE_VALUES = 256


class UnsafeValueError(ValueError):
    """A public value with which the exchange would prove nothing (RFC 5054, 2.5.4 and 2.6)."""


def padded(number: int) -> bytes:
    """Return P(number): minimal big-endian bytes whose first bit is 0, one 0x00 byte for zero."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _hash(data: bytes) -> int:
    return int.from_bytes(hashlib.sha256(data).digest(), "big")


K_MULTIPLIER = _hash(padded(N) + padded(G))


def new_salt(random_bytes: Callable[[int], bytes]) -> int:
    """Return a random salt of 16 bytes as a number; P(salt) has 16 bytes too.

    Client libraries differ over a leading 0x00, so the first byte lies between 0x01 and 0x7f.
    """
    salt = bytearray(random_bytes(SALT_BYTES))
    salt[0] = 1 + salt[0] % 0x7F
    return int.from_bytes(salt, "big")


def private_value(salt: int, identity: str, password: str) -> int:
    """Return x for `identity`, the pool name followed by the user name, and `password`."""
    inner = hashlib.sha256(f"{identity}:{password}".encode()).digest()
    return _hash(padded(salt) + inner)


def make_verifier(salt: int, identity: str, password: str) -> int:
    """Return v for `identity`, the pool name followed by the user name, and `password`."""
    return _power_of_g(private_value(salt, identity, password))


def public_value(b: int, verifier: int) -> int:
    """Return B for the server's secret exponent `b`."""
    return (K_MULTIPLIER * verifier + _power_of_g(b)) % N


@lru_cache(maxsize=1)
def _powers_of_g() -> list[list[mpz]]:
    """Return g^(d * 256^place) mod N for each byte d at each place of an exponent."""
    from gmpy2 import mpz  # noqa: PLC0415 - it takes longer to load than the server does to start

    table, base = [], mpz(G)
    for _ in range(EXPONENT_BYTES):
        row = [mpz(1)]
        for _ in range(_BYTE_VALUES):
            row.append(row[-1] * base % N)
        base = row.pop()
        table.append(row)
    return table


def _power_of_g(exponent: int) -> int:
    """Return g^exponent mod N; up to EXPONENT_BYTES, the table makes it several times as fast as powmod."""
    if exponent.bit_length() > 8 * EXPONENT_BYTES:
        return _power(G, exponent)
    product: mpz | int = 1
    for row, byte in zip(_powers_of_g(), exponent.to_bytes(EXPONENT_BYTES, "little"), strict=True):
        product = product * row[byte] % N
    return int(product)


def _power(base: int, exponent: int) -> int:
    """Return base^exponent mod N."""
    from gmpy2 import powmod  # noqa: PLC0415 - as above

    return int(powmod(base, exponent, N))


def session_key(public_a: int, b: int, public_b: int, verifier: int) -> bytes:
    """Return the 16-byte key K that both sides share if the client knew the password.

    Raises:
        UnsafeValueError: A is 0 modulo N, or u is 0.
    """
    if public_a % N == 0:
        raise UnsafeValueError("A is 0 modulo N")
    u = _hash(padded(public_a) + padded(public_b))
    if u == 0:
        raise UnsafeValueError("u is 0")
    shared = _power(public_a * _power(verifier, u), b)
    key_material = hmac.digest(padded(u), padded(shared), "sha256")
    return hmac.digest(key_material, _INFO, "sha256")[:_KEY_BYTES]


def signature(key: bytes, identity: str, secret_block: bytes, timestamp: str) -> str:
    """Return the base64 proof that the client sends as PASSWORD_CLAIM_SIGNATURE."""
    message = identity.encode() + secret_block + timestamp.encode()
    return base64.b64encode(hmac.digest(key, message, "sha256")).decode()
