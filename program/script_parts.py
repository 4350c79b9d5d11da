"""The fixed parts of the program that `program/saved_script.py` writes."""

from __future__ import annotations

from typing import Final

HEADER: Final = '''\
"""The calls of a run, made again against the same user pool, in the same order.

It needs boto3 alone; only where there are passkeys, the package local_cognito makes them. The values below
may be changed. Secrets come from the environment; codes that were sent are asked for.
"""

import base64
import hashlib
import hmac
import os
import secrets
import time

import boto3

{variables}
ENDPOINT = {endpoint}

cognito = boto3.client(
    "cognito-idp",
    region_name=USER_POOL_ID.partition("_")[0],
    endpoint_url=ENDPOINT,{credentials}
)
{helpers}

{calls}
'''
# Lines before the call that needs them, by the name in it that shows the need.
PREPARED: Final = {
    "device_verifier": (
        "device = {group_key} + {device_key}\n"
        "password_bytes = secrets.token_bytes(40)\n"
        "device_password = base64.b64encode(password_bytes).decode()"
    ),
    "device_a": "device_a = secrets.randbits(256)",
    "passkey.registration": 'passkey = Passkey.create({challenge}["CredentialCreationOptions"])',
    "device_proof": (
        "device_proof = proof_of_device(\n"
        '    device, device_password, device_a, {challenge}["ChallengeParameters"]\n'
        ")"
    ),
}
HELPERS: Final = {
    "secret_hash": '''\
def secret_hash(user_name):
    """Return what an app client with a secret sends beside a user name."""
    digest = hmac.digest(CLIENT_SECRET.encode(), (user_name + CLIENT_ID).encode(), "sha256")
    return base64.b64encode(digest).decode()''',
    "totp": '''\
last_step = 0


def totp(key):
    """Return a code of the key that was not used yet (RFC 6238); Cognito takes it up to 30 seconds early."""
    global last_step
    last_step = max(int(time.time()) // 30, last_step + 1)
    secret = base64.b32decode(key + "=" * (-len(key) % 8))
    digest = hmac.digest(secret, last_step.to_bytes(8, "big"), "sha1")
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"''',
    "Passkey.create": "from local_cognito.authenticator.passkey import Passkey",
    "device_verifier": '''\
# SRP, by the names of RFC 5054; the group is number 15 of RFC 3526.
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


def padded(number):
    """Return the shortest big-endian bytes of a number whose first bit is 0."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def hashed(*parts):
    """Return the SHA-256 of bytes as a number."""
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")


def secret_exponent(salt, device, password):
    """Return x, which stands for a device's password; the device is group key and key."""
    return hashed(salt, hashlib.sha256(f"{device}:{password}".encode()).digest())


def device_verifier(device, password):
    """Return a salt, and the verifier that Cognito can check proofs with."""
    salt = padded(secrets.randbits(128))
    verifier = padded(pow(G, secret_exponent(salt, device, password), N))
    return {
        "PasswordVerifier": base64.b64encode(verifier).decode(),
        "Salt": base64.b64encode(salt).decode(),
    }


def proof_of_device(device, password, a, challenge):
    """Return the proof that a device knows its password, which is not sent."""
    public_a, public_b = pow(G, a, N), int(challenge["SRP_B"], 16)
    if public_b % N == 0:
        raise ValueError("B is 0 modulo N: nothing must be proved with it.")
    u = hashed(padded(public_a), padded(public_b))
    x = secret_exponent(padded(int(challenge["SALT"], 16)), device, password)
    k = hashed(padded(N), padded(G))
    shared = pow(public_b - k * pow(G, x, N), a + u * x, N)
    key = hmac.digest(padded(u), padded(shared), "sha256")
    key = hmac.digest(key, b"Caldera Derived Key\\x01", "sha256")[:16]
    now = time.gmtime()
    timestamp = f"{time.strftime('%a %b', now)} {now.tm_mday} {time.strftime('%H:%M:%S UTC %Y', now)}"
    message = device.encode() + base64.b64decode(challenge["SECRET_BLOCK"]) + timestamp.encode()
    return {
        "TIMESTAMP": timestamp,
        "PASSWORD_CLAIM_SECRET_BLOCK": challenge["SECRET_BLOCK"],
        "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(hmac.digest(key, message, "sha256")).decode(),
    }''',
}
