"""What the program costs beside the least that the same work can cost, as ratios from one run.

    python benchmarks/lesson.py

Both sides of a row take turns on the same machine, with the same interpreter and packages, and swap every
round who goes first. `ours` and `other` are medians of the rounds, and tell little about another machine.
`ratio`, ours divided by the other, tells more: 1.00 is as much, above 1 is dearer. `rounds` is where the
middle half of the single rounds' ratios lies: when it is wide, the machine was busy; when it includes 1.00,
the run shows no difference.

Start to first prompt
    Seconds from the start of the process until "User name" appears in a pseudo-terminal, of
    `scenario_signup_user_with_mfa.py` on its local pool. Beside it: a Python process that imports boto3 and
    pycognito, makes a `cognito-idp` client and prints a word, which any such program has to pay.

Device, client's CPU
    Milliseconds of CPU time that ConfirmDevice and a sign-in from the tracked device take the client, user
    and system time of all its threads, through `CognitoIdentityProviderWrapper`. Beside it: the same four
    requests made with boto3, with pycognito's own SRP functions for devices. Both use one and the same boto3
    client. The local pool runs in a process of its own, so its half of SRP is not counted; neither are
    sign-up and MFA set-up, which each turn does for a new user, because every turn needs a new device.
"""

from __future__ import annotations

import base64
import os
import platform
import re
import secrets
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect
import pyotp
from pycognito import aws_srp

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from cognito_idp_actions import CognitoIdentityProviderWrapper  # noqa: E402 - found only from here on
from program.clients import local_client  # noqa: E402
from story.stand_ins import Mailbox  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_cognito_idp.type_defs import AuthenticationResultTypeTypeDef

    ConfirmAndSignIn = Callable[["LocalPool", "Device"], AuthenticationResultTypeTypeDef]

START_ROUNDS = 9
DEVICE_ROUNDS = 25
TIMEOUT_SECONDS = 60
LEAST_PROGRAM = """
import boto3, pycognito
boto3.client("cognito-idp", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
print("User name")
"""


@dataclass
class Row:
    """One line of the table: what was measured, and each round's figure of both sides."""

    name: str
    ours: list[float]
    other: list[float]

    def __str__(self) -> str:
        ratios = [ours / other for ours, other in zip(self.ours, self.other, strict=True)]
        lower, _, upper = statistics.quantiles(ratios, n=4)
        ours, other = statistics.median(self.ours), statistics.median(self.other)
        return f"{self.name:<31}{ours:>8.2f}{other:>8.2f}{ours / other:>8.2f}   {lower:.2f} to {upper:.2f}"


def main() -> None:
    """Measure and print."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("boto3", "pycognito"))
    print(f"Python {platform.python_version()}, {packages}\n")
    print(f"{'':<31}{'ours':>8}{'other':>8}{'ratio':>8}   rounds")
    print(start_row())
    print(device_row())


def take_turns(rounds: int, ours: Callable[[], float], other: Callable[[], float], name: str) -> Row:
    """Measure both sides in every round, and swap each time who goes first; one round before is not kept."""
    row = Row(name, [], [])
    for number in range(rounds + 1):
        sides = [(ours, row.ours), (other, row.other)]
        for measure, figures in sides if number % 2 else reversed(sides):
            figures.append(measure())
    return Row(name, row.ours[1:], row.other[1:])


# Start to first prompt


def start_row() -> Row:
    """Measure the time from start to first prompt."""
    return take_turns(
        START_ROUNDS,
        lambda: seconds_to_prompt([str(ROOT / "scenario_signup_user_with_mfa.py")]),
        lambda: seconds_to_prompt(["-c", LEAST_PROGRAM]),
        "Start to first prompt, s",
    )


def seconds_to_prompt(arguments: list[str]) -> float:
    """Start Python with *arguments* in a pseudo-terminal; return the seconds until it asks for the name."""
    start = time.perf_counter()
    child: pexpect.spawn[bytes] = pexpect.spawn(
        sys.executable, arguments, env=environment(), timeout=TIMEOUT_SECONDS
    )
    child.expect_exact("User name")
    seconds = time.perf_counter() - start
    child.close(force=True)
    return seconds


def environment() -> dict[str, str]:
    """Return the environment without settings for AWS, which would change what is done at the start."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


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
            "Device, client's CPU, ms",
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
    pool.wrapper.confirm_mfa_device(device.user_name, *about, device.access_token, aws_srp)
    return pool.wrapper.sign_in_with_tracked_device(device.user_name, device.password, *about, aws_srp)


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
