"""What the client costs beside pycognito, as ratios from one run.

    python benchmarks/client.py

Both sides of a row take turns on the same machine, with the same interpreter and packages, and swap every
round who goes first. `ours` and `other` are medians of the rounds, and tell little about another machine.
`ratio`, ours divided by the other, tells more: 1.00 is as much, below 1 is cheaper. `rounds` is where the
middle half of the single rounds' ratios lies: when it is wide, the machine was busy.

SRP alone, CPU
    Milliseconds of CPU time for the arithmetic of a ConfirmDevice and a sign-in from the tracked device: a
    verifier, A, and a proof, with `cognito_srp` and with `pycognito.aws_srp`.

Device, CPU
    The same with its four requests: milliseconds of CPU time, user and system, of all the client's threads,
    through `CognitoIdentityProviderWrapper` with `cognito_srp`. Beside it: the same requests made with boto3,
    with pycognito's own SRP functions for devices. Both use one and the same boto3 client. The local pool
    runs in a process of its own, so its half of SRP is not counted; neither are sign-up and MFA set-up, which
    each turn does for a new user, because every turn needs a new device.

Import
    Milliseconds until `signed_in_user` is imported, in a process that has not imported anything; beside it,
    pycognito. Neither makes a client of boto3's.

Verifier
    Milliseconds until `token_verifier` is imported; beside it, PyJWT, which it loads with the first token.
"""

from __future__ import annotations

import base64
import platform
import re
import secrets
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pyotp
from measuring import HEADING, Row, take_turns
from pycognito import aws_srp

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cognito_srp  # noqa: E402 - found only from here on
from cognito_idp_actions import CognitoIdentityProviderWrapper  # noqa: E402
from program.clients import local_client  # noqa: E402
from scenario.stand_ins import Mailbox  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from mypy_boto3_cognito_idp.type_defs import AuthenticationResultTypeTypeDef

    ConfirmAndSignIn = Callable[["LocalPool", "Device"], AuthenticationResultTypeTypeDef]

SRP_ROUNDS = 25
DEVICE_ROUNDS = 25
IMPORT_ROUNDS = 9
# What a server sends; the number B is of the usual length.
CHALLENGE = {"USER_ID_FOR_SRP": "device", "SALT": "7f" * 16, "SRP_B": "7" * 768, "SECRET_BLOCK": "AAAA"}
TIMED_IMPORT = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"


def main() -> None:
    """Measure and print."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("boto3", "gmpy2", "pycognito"))
    print(f"Python {platform.python_version()}, {packages}\n")
    print(HEADING)
    print(srp_row())
    print(device_row())
    print(import_row())
    print(verifier_import_row())


# SRP alone


def srp_row() -> Row:
    """Measure the CPU time of the arithmetic."""
    return take_turns(
        SRP_ROUNDS,
        lambda: srp_milliseconds(cognito_srp, cognito_srp.powmod),
        lambda: srp_milliseconds(aws_srp, pow),
        "SRP alone, CPU, ms",
    )


def srp_milliseconds(helper: ModuleType, power: Callable[[int, int, int], int]) -> float:
    """Return the CPU time for a device's verifier, A and proof."""
    start = time.process_time()
    salt = helper.pad_hex(helper.get_random(16))
    x = helper.hex_to_long(helper.hex_hash(salt + helper.hash_sha256(b"group-and-key:password")))
    helper.pad_hex(power(2, x, helper.hex_to_long(helper.N_HEX)))
    srp = helper.AWSSRP("device", "password", "_", "client", client=object())
    srp.process_challenge(CHALLENGE, srp.get_auth_params())
    return (time.process_time() - start) * 1000


# The imports


def import_row() -> Row:
    """Measure the time of the imports."""
    return take_turns(
        IMPORT_ROUNDS,
        lambda: import_milliseconds("signed_in_user"),
        lambda: import_milliseconds("pycognito"),
        "Import, ms",
    )


def verifier_import_row() -> Row:
    """Measure the time of the imports that a server needs which verifies tokens."""
    return take_turns(
        IMPORT_ROUNDS,
        lambda: import_milliseconds("token_verifier"),
        lambda: import_milliseconds("jwt"),
        "Verifier, ms",
    )


def import_milliseconds(module: str) -> float:
    """Return how long a new process takes to import a module."""
    command = [sys.executable, "-c", TIMED_IMPORT.format(module)]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return float(printed) * 1000


# ConfirmDevice and the sign-in from the tracked device


@dataclass
class Device:
    """A user of the local pool, signed in, with a device that is still to be confirmed."""

    user_name: str
    password: str = field(repr=False)
    key: str
    group_key: str
    access_token: str = field(repr=False)


class LocalPool:
    """A client of a local pool in another process."""

    def __init__(self, url: str, pool_id: str, client_id: str) -> None:
        self.client_id = client_id
        self.client = local_client(url, pool_id.split("_", maxsplit=1)[0])
        self.wrapper = CognitoIdentityProviderWrapper(self.client, pool_id, client_id)
        self._mailbox = Mailbox(url)

    def new_device(self) -> Device:
        """Sign up a new user, set up MFA and finish the sign-in, which gives a device key."""
        name, password = f"user-{secrets.token_hex(8)}", f"{secrets.token_urlsafe(12)}-Aa1"
        address = f"{name}@example.com"
        self.wrapper.sign_up_user(name, password, address)
        message = self._mailbox.latest(address)
        if message is None:
            raise RuntimeError("The local pool sent no confirmation code.")
        self.wrapper.confirm_user_sign_up(name, message["code"])
        challenge = self.wrapper.start_sign_in(name, password)
        code = pyotp.TOTP(challenge["SecretCode"]).now()
        verified = self.wrapper.verify_mfa(challenge["Session"], code)
        tokens = self.client.admin_respond_to_auth_challenge(
            UserPoolId=self.wrapper.user_pool_id,
            ClientId=self.client_id,
            ChallengeName="MFA_SETUP",
            Session=verified["Session"],
            ChallengeResponses={"USERNAME": name},
        )["AuthenticationResult"]
        new = tokens["NewDeviceMetadata"]
        return Device(name, password, new["DeviceKey"], new["DeviceGroupKey"], tokens["AccessToken"])


def device_row() -> Row:
    """Measure the client's CPU time for the device."""
    with local_pool() as pool:
        return take_turns(
            DEVICE_ROUNDS,
            lambda: cpu_milliseconds(pool, with_wrapper),
            lambda: cpu_milliseconds(pool, with_pycognito_alone),
            "Device, CPU, ms",
        )


@contextmanager
def local_pool() -> Iterator[LocalPool]:
    """Give a local pool that runs in a process of its own as long as the block."""
    command = [sys.executable, "-m", "local_cognito", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            url, pool_id, client_id = (server_line(server) for _ in range(3))
            yield LocalPool(url, pool_id, client_id)
        finally:
            server.terminate()


def server_line(server: subprocess.Popen[str]) -> str:
    """Return the value in the next line that the server prints, such as "Pool ID:   us-east-1_a"."""
    line = server.stdout.readline() if server.stdout else ""
    return re.split(r":\s+", line.strip(), maxsplit=1)[1]


def cpu_milliseconds(pool: LocalPool, confirm_and_sign_in: ConfirmAndSignIn) -> float:
    """Make a device, then return the CPU time that this process takes to confirm it and sign in from it."""
    device = pool.new_device()
    start = time.process_time()
    confirm_and_sign_in(pool, device)
    return (time.process_time() - start) * 1000


def with_wrapper(pool: LocalPool, device: Device) -> AuthenticationResultTypeTypeDef:
    """Confirm the device and sign in from it through the wrapper."""
    device_password = base64.b64encode(secrets.token_bytes(40)).decode()
    about = (device.key, device.group_key, device_password)
    pool.wrapper.confirm_mfa_device(device.user_name, *about, device.access_token, cognito_srp)
    return pool.wrapper.sign_in_with_tracked_device(device.user_name, device.password, *about, cognito_srp)


def with_pycognito_alone(pool: LocalPool, device: Device) -> AuthenticationResultTypeTypeDef:
    """Make the same requests with boto3 and pycognito."""
    device_password, verifier = aws_srp.generate_hash_device(device.group_key, device.key)
    pool.client.confirm_device(
        AccessToken=device.access_token, DeviceKey=device.key, DeviceSecretVerifierConfig=verifier
    )
    srp = aws_srp.AWSSRP(
        device.user_name,
        device.password,
        pool.wrapper.user_pool_id,
        pool.client_id,
        client=pool.client,
        device_key=device.key,
        device_group_key=device.group_key,
        device_password=device_password,
    )
    pool.client.initiate_auth(
        ClientId=pool.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={
            "USERNAME": device.user_name,
            "PASSWORD": device.password,
            "DEVICE_KEY": device.key,
        },
    )
    challenge = pool.client.respond_to_auth_challenge(
        ClientId=pool.client_id,
        ChallengeName="DEVICE_SRP_AUTH",
        ChallengeResponses=srp.get_auth_params(),
    )
    answer = pool.client.respond_to_auth_challenge(
        ClientId=pool.client_id,
        ChallengeName="DEVICE_PASSWORD_VERIFIER",
        ChallengeResponses=srp.process_device_challenge(challenge["ChallengeParameters"]),
    )
    return answer["AuthenticationResult"]


if __name__ == "__main__":
    main()
