"""The client's half of SRP as Amazon Cognito uses it, for users and for devices.

A drop-in for the helpers that `warrant.aws_srp` and `pycognito.aws_srp` are: the same functions, and a class
`AWSSRP` that is made and used the same way. It makes no request; `CognitoIdentityProviderWrapper` does.

Symbols are those of RFC 5054. H is SHA-256, || joins bytes, and P(n) is the
encoding of `pad_hex`: the shortest big-endian bytes whose top bit is clear.

    N, g  the 3072-bit group of RFC 3526 (group 15), with generator 2
    k     H(P(N) || P(g))
    x     H(P(salt) || H(identity ":" password)), the identity being pool name || user ID, or device group
          key || device key
    a, A  the client's secret exponent, and A = g^a mod N
    B     the server's public value, made with v = g^x mod N
    u     H(P(A) || P(B))
    S     (B - k * g^x)^(a + u * x) mod N
    K     16 bytes of HKDF (RFC 5869) with salt P(u), input P(S), info "Caldera Derived Key"

The proof is HMAC-SHA256 with K over identity || secret block || timestamp. Source: RFC 5054, sections 2.4 to
2.6, and the JavaScript client of Cognito, which settles the details that the guide leaves open.

With gmpy2 the powers are GMP's, by its function for secret exponents, whose time does not depend on them.
Without it they are Python's own: right, some five times as slow, and not of constant time.
"""

from __future__ import annotations

import base64
import datetime as dt
import functools
import hashlib
import hmac
import importlib
import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from cognito_idp_actions import UnsafeSrpValueError, secret_hash

logger = logging.getLogger(__name__)
logger.addHandler(logging.NullHandler())  # silent unless the program that uses this sets up logging

N_HEX = (
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF"
)
G_HEX = "2"
INFO_BITS = b"Caldera Derived Key"
EXPONENT_BYTES = 32  # RFC 5054, section 2.5.4: a has at least 256 bits
KEY_BYTES = 16
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def hash_sha256(buf: bytes | bytearray) -> str:
    """Return SHA-256 of bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(buf).hexdigest()


def hex_hash(hex_string: str) -> str:
    """Return SHA-256 of bytes that are given as hexadecimal digits, as 64 of them."""
    return hash_sha256(bytes.fromhex(hex_string))


def hex_to_long(hex_string: str) -> int:
    """Parse hexadecimal digits as an integer."""
    return int(hex_string, 16)


def long_to_hex(long_num: int) -> str:
    """Return a number as hexadecimal digits in lower case, without padding, as Cognito has A and B."""
    return f"{long_num:x}"


def get_random(nbytes: int) -> int:
    """Return a cryptographically random integer of `nbytes` bytes."""
    return int.from_bytes(secrets.token_bytes(nbytes), "big")


def pad_hex(long_int: int | str) -> str:
    """Return P(n) of a number, or of its hexadecimal digits: whole bytes, 00 before a top bit that is set."""
    digits = long_int if isinstance(long_int, str) else long_to_hex(long_int)
    if len(digits) % 2:
        return f"0{digits}"
    return f"00{digits}" if digits[0] in "89abcdefABCDEF" else digits


def compute_hkdf(ikm: bytes | bytearray, salt: bytes | bytearray) -> bytes:
    """Return the 16-byte key K: HKDF-SHA256 (RFC 5869) of P(S), `ikm`, with P(u) as `salt`."""
    extracted = hmac.digest(salt, ikm, "sha256")
    return hmac.digest(extracted, INFO_BITS + b"\x01", "sha256")[:KEY_BYTES]


def calculate_u(big_a: int, big_b: int) -> int:
    """Return u, the hash of both public values."""
    return hex_to_long(hex_hash(pad_hex(big_a) + pad_hex(big_b)))


def powmod(base: int, exponent: int, modulus: int) -> int:
    """Return base^exponent mod modulus, for an odd modulus and an exponent above 0 that is secret."""
    return int(_power()(base, exponent, modulus))


@functools.cache  # loaded lazily; the fallback is logged once
def _power() -> Callable[[int, int, int], int]:
    try:
        power: Callable[[int, int, int], int] = importlib.import_module("gmpy2").powmod_sec
    except ImportError:
        logger.debug("gmpy2 is not installed: SRP works with Python's own pow, which is slower.")
        return pow
    return power


_N = hex_to_long(N_HEX)
_G = hex_to_long(G_HEX)
_K = hex_to_long(hex_hash(pad_hex(_N) + pad_hex(_G)))


class AWSSRP:
    """One exchange of a user, or of a device, with Cognito.

    Args:
        username: the name to sign in with.
        password: the user's password; for a device without the three parameters below, the device's.
        pool_id: ID of the user pool, such as `eu-west-1_AbCdEf123`; its name follows the underscore.
        client_id: ID of the app client.
        pool_region: not used; here because the other helpers have it.
        client: not used either: no request is made from here.
        client_secret: secret of the app client; with it, answers have a SECRET_HASH.
        device_key: `DeviceKey` of a tracked device, `eu-west-1_` and a UUID.
        device_group_key: its `DeviceGroupKey`.
        device_password: the password whose verifier `ConfirmDevice` got.

    Attributes:
        big_n: N, the modulus.
        val_g: g, the generator; `g` too.
        val_k: k, the multiplier; `k` too.
        small_a_value: a, the secret exponent, of 256 random bits.
        large_a_value: A, the public value g^a mod N.

    Raises:
        ValueError: some of the three device values are given, but not all.
        TypeError: the password is not a str.
    """

    def __init__(
        self,
        username: str,
        password: str,
        pool_id: str,
        client_id: str,
        pool_region: str | None = None,
        client: Any = None,
        client_secret: str | None = None,
        device_key: str | None = None,
        device_group_key: str | None = None,
        device_password: str | None = None,
    ) -> None:
        device = (device_key, device_group_key, device_password)
        if None in device and device != (None, None, None):
            raise ValueError("Give device_key, device_group_key and device_password, or none of the three.")
        if not isinstance(password, str):
            raise TypeError("The password must be a str.")
        self.username = username
        self.password = password
        self.pool_id = pool_id
        self.client_id = client_id
        self.pool_region = pool_region
        self.client = client
        self.client_secret = client_secret
        self.device_key = device_key
        self.device_group_key = device_group_key
        self.device_password = device_password
        self.big_n = _N
        self.val_g = self.g = _G
        self.val_k = self.k = _K
        self.small_a_value = self.generate_random_small_a()
        self.large_a_value = self.calculate_a()

    def generate_random_small_a(self) -> int:
        """Return a new a, a random number of 256 bits."""
        return get_random(EXPONENT_BYTES) or 1

    def calculate_a(self) -> int:
        """Return A = g^a mod N."""
        return powmod(self.val_g, self.small_a_value, self.big_n)

    def get_auth_params(self) -> dict[str, str]:
        """Return the AuthParameters of USER_SRP_AUTH; SECRET_HASH and DEVICE_KEY only where there are any."""
        return {"SRP_A": long_to_hex(self.large_a_value), **self._sender(self.username)}

    def process_challenge(
        self, challenge_parameters: Mapping[str, str], request_parameters: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """Return the ChallengeResponses to PASSWORD_VERIFIER, from its ChallengeParameters.

        Args:
            challenge_parameters: USER_ID_FOR_SRP, SALT and SRP_B (hexadecimal), SECRET_BLOCK (Base64).
            request_parameters: the AuthParameters that were sent; USERNAME is taken from there when Cognito
                gave none.

        Raises:
            UnsafeSrpValueError: a value is missing, malformed, or one that must be refused.
        """
        _refuse_missing(challenge_parameters, "USER_ID_FOR_SRP")
        user_id = challenge_parameters["USER_ID_FOR_SRP"]
        user_name = challenge_parameters.get("USERNAME") or (request_parameters or {}).get("USERNAME")
        identity = self.pool_id.partition("_")[2] + user_id
        return {
            **self._proof(challenge_parameters, identity, self.password),
            **self._sender(user_name or user_id),
        }

    def process_device_challenge(self, challenge_parameters: Mapping[str, str]) -> dict[str, str]:
        """Return the ChallengeResponses to DEVICE_PASSWORD_VERIFIER, from its ChallengeParameters.

        Raises:
            ValueError: the object was made without a device.
            UnsafeSrpValueError: a value is missing, malformed, or one that must be refused.
        """
        if not (self.device_key and self.device_group_key and self.device_password):
            raise ValueError("There is no device: give AWSSRP its key, group key and password.")
        identity = self.device_group_key + self.device_key
        user_name = challenge_parameters.get("USERNAME") or self.username
        return {
            **self._proof(challenge_parameters, identity, self.device_password),
            **self._sender(user_name),
        }

    def get_password_authentication_key(
        self, username: str, password: str, server_b_value: int, salt: str | int
    ) -> bytes:
        """Return K for a user, by user ID and password; `salt` is a number or hexadecimal."""
        return self._key(self.pool_id.partition("_")[2] + username, password, server_b_value, salt)

    def get_device_authentication_key(
        self,
        device_group_key: str,
        device_key: str,
        device_password: str,
        server_b_value: int,
        salt: str | int,
    ) -> bytes:
        """Return K for a device; `salt` is a number or hexadecimal."""
        return self._key(device_group_key + device_key, device_password, server_b_value, salt)

    @staticmethod
    def get_secret_hash(username: str, client_id: str, client_secret: str) -> str:
        """Return the secret hash for a user name."""
        return secret_hash(username, client_id, client_secret)

    @staticmethod
    def get_cognito_formatted_timestamp(input_datetime: dt.datetime) -> str:
        """Return a time in UTC as Cognito reads it, `Tue Feb 1 03:04:05 UTC 2000`; no locale changes it."""
        weekday, month = _WEEKDAYS[input_datetime.weekday()], _MONTHS[input_datetime.month - 1]
        return f"{weekday} {month} {input_datetime.day} {input_datetime:%H:%M:%S} UTC {input_datetime.year}"

    def _sender(self, user_name: str) -> dict[str, str]:
        fields = {"USERNAME": user_name}
        if self.client_secret:
            fields["SECRET_HASH"] = secret_hash(user_name, self.client_id, self.client_secret)
        if self.device_key:
            fields["DEVICE_KEY"] = self.device_key
        return fields

    def _proof(self, challenge: Mapping[str, str], identity: str, password: str) -> dict[str, str]:
        _refuse_missing(challenge, "SALT", "SRP_B", "SECRET_BLOCK")
        key = self._key(identity, password, _number(challenge, "SRP_B"), _number(challenge, "SALT"))
        timestamp = self.get_cognito_formatted_timestamp(dt.datetime.now(dt.timezone.utc))
        message = identity.encode() + _secret_block(challenge) + timestamp.encode()
        return {
            "TIMESTAMP": timestamp,
            "PASSWORD_CLAIM_SECRET_BLOCK": challenge["SECRET_BLOCK"],
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(hmac.digest(key, message, "sha256")).decode(),
        }

    def _key(self, identity: str, password: str, server_b: int, salt: str | int) -> bytes:
        if server_b % self.big_n == 0:
            raise UnsafeSrpValueError("SRP_B is a multiple of N: its sender need not know the password.")
        u = calculate_u(self.large_a_value, server_b)
        if u == 0:
            raise UnsafeSrpValueError("The SRP value u is 0; no proof was made. Sign in again.")
        x = hex_to_long(hex_hash(pad_hex(salt) + hash_sha256(f"{identity}:{password}".encode())))
        base = (server_b - self.val_k * powmod(self.val_g, x, self.big_n)) % self.big_n
        shared = powmod(base, self.small_a_value + u * x, self.big_n)
        return compute_hkdf(bytes.fromhex(pad_hex(shared)), bytes.fromhex(pad_hex(u)))


def _refuse_missing(challenge: Mapping[str, str], *names: str) -> None:
    values = {name: challenge.get(name) for name in names}
    missing = [name for name, value in values.items() if not (value and isinstance(value, str))]
    if missing:
        raise UnsafeSrpValueError(f"The challenge came without {', '.join(missing)}; no proof was made.")


def _number(challenge: Mapping[str, str], name: str) -> int:
    digits = challenge[name]
    if set(digits) - set("0123456789abcdefABCDEF"):
        raise UnsafeSrpValueError(f"{name} is not hexadecimal text; no proof was made.")
    return hex_to_long(digits)


def _secret_block(challenge: Mapping[str, str]) -> bytes:
    try:
        return base64.b64decode(challenge["SECRET_BLOCK"], validate=True)
    except ValueError:
        raise UnsafeSrpValueError("SECRET_BLOCK is not Base64 text; no proof was made.") from None
