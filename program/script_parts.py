"""The fixed parts of the program that `program/saved_script.py` writes."""

from __future__ import annotations

from typing import Final

HEADER: Final = '''\
"""The calls of a run, made again against the same user pool, in the same order.

It needs boto3 and, where a device proves that it knows its password, cognito_srp.py beside this file; where
there are passkeys, the package local_cognito makes them. The values below may be changed. Secrets come from
the environment; codes that were sent are asked for.
"""

import base64
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
    "device_srp": (
        "device_srp = cognito_srp.AWSSRP(\n"
        '    username=device, password=device_password, pool_id="_", client_id=CLIENT_ID, client=cognito\n'
        ")"
    ),
    "passkey.registration": 'passkey = Passkey.create({challenge}["CredentialCreationOptions"])',
    "device_proof": (
        "device_proof = device_srp.process_challenge(\n"
        '    {{**{challenge}["ChallengeParameters"], "USERNAME": device, "USER_ID_FOR_SRP": device}},\n'
        '    {{"USERNAME": ""}},\n'
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
import cognito_srp


def device_verifier(device, password):
    """Return a salt and the SRP verifier of a device's password; its name is group key and key."""
    salt = cognito_srp.pad_hex(cognito_srp.get_random(16))
    identity = f"{device}:{password}".encode()
    x = int(cognito_srp.hex_hash(salt + cognito_srp.hash_sha256(identity)), 16)
    verifier = cognito_srp.pad_hex(pow(int(cognito_srp.G_HEX, 16), x, int(cognito_srp.N_HEX, 16)))
    return {
        "PasswordVerifier": base64.b64encode(bytes.fromhex(verifier)).decode(),
        "Salt": base64.b64encode(bytes.fromhex(salt)).decode(),
    }''',
}
