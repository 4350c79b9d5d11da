"""Local pools in a process of their own, and a person who runs the program on one as if it were in AWS."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cognito_idp_actions import CognitoIdentityProviderWrapper
from program.clients import local_client
from test.support import pools
from test.support.person import EMAIL, PASSWORD, PROGRAM, USER, WAIT, Person
from test.support.pools import STORY_FLOWS, TOTP, TRACKING
from test.support.stage import STEP_SECONDS, totp, wrong_totp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

WRONG_PASSWORD = "Wrong-Horse-1!"
SENT_CODES = {
    "SmsMfaConfiguration": {"SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms"}},
    "EmailMfaConfiguration": {},
}
FAILURES_BEFORE_LOCK = 5


class Server:
    """A local pool's server, whose clock can be moved.

    Args:
        url: its endpoint URL.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = local_client(url, "us-east-1")

    def now(self) -> float:
        """Return its time in epoch seconds."""
        return float(self._read("clock")["now"])

    def advance(self, seconds: float) -> None:
        """Move its clock forward."""
        self._read("clock", json.dumps({"advance": seconds}).encode())

    def newest_code(self, to: str) -> str:
        """Return the code in the newest message to an address."""
        return str([message["code"] for message in self._read("outbox") if message["to"] == to][-1])

    def make_pool(
        self,
        *,
        mfa: str = "ON",
        factors: Mapping[str, Any] = TOTP,
        devices: Mapping[str, bool] | None = TRACKING,
        **client_settings: Any,
    ) -> Pool:
        """Make a pool and an app client of it; unless told otherwise, for the whole scenario."""
        made = pools.make_pool(
            self.client,
            ({"DeviceConfiguration": devices} if devices else {}) | pools.OWN_EMAIL,
            {"MfaConfiguration": mfa, **factors},
            {"ExplicitAuthFlows": STORY_FLOWS, **client_settings},
        )
        return Pool(self, made.pool_id, made.client_id, made.client_secret)

    def _read(self, path: str, body: bytes | None = None) -> Any:
        with urllib.request.urlopen(f"{self.url}/{path}", body, timeout=10) as answer:
            return json.load(answer)


@contextmanager
def running_server() -> Iterator[Server]:
    """Run a server in a process of its own."""
    command = [sys.executable, "-m", "local_cognito", "--port", "0", "--movable-clock"]
    with subprocess.Popen(command, cwd=PROGRAM.parent, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            printed = [process.stdout.readline() for _ in range(5)]  # with the last of them it is ready
            server = Server(printed[0].split()[-1])
            yield server
            server.client.close()
        finally:
            process.kill()


@dataclass
class Pool:
    """A user pool and an app client of it."""

    server: Server
    id: str
    client_id: str
    secret: str | None

    @property
    def environment(self) -> dict[str, str]:
        """What has to be set for the program to find the pool where it expects AWS."""
        return {
            "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": self.server.url,
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "any",
        }

    def wrapper(self) -> CognitoIdentityProviderWrapper:
        """Return a wrapper for the app client."""
        return CognitoIdentityProviderWrapper(self.server.client, self.id, self.client_id, self.secret)

    def has_user(self) -> bool:
        """Tell whether the user exists."""
        try:
            self.wrapper().admin_get_user(USER)
        except self.server.client.exceptions.UserNotFoundException:
            return False
        return True

    def add_user(self, *, is_temporary: bool = False, **attributes: str) -> None:
        """Make a confirmed user, or with a temporary password one who has to change it."""
        attributes = {"email": EMAIL, "email_verified": "true"} | attributes
        self.server.client.admin_create_user(
            UserPoolId=self.id,
            Username=USER,
            TemporaryPassword=PASSWORD,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
        )
        if not is_temporary:
            self.server.client.admin_set_user_password(
                UserPoolId=self.id, Username=USER, Password=PASSWORD, Permanent=True
            )

    def add_enrolled_user(self) -> Phone:
        """Make a confirmed user with an authenticator app, and return that."""
        self.add_user()
        challenge = self.wrapper().start_sign_in(USER, PASSWORD)
        phone = Phone(self.server, challenge["SecretCode"])
        self.wrapper().verify_mfa(challenge["Session"], phone.code())
        return phone

    def miss(self, count: int, before: int) -> None:
        """Give wrong passwords, each as soon as the lock for those before is over."""
        for failures in range(before, before + count):
            self.server.advance(lock_seconds(failures))
            with suppress(self.server.client.exceptions.NotAuthorizedException):
                self.wrapper().start_sign_in(USER, WRONG_PASSWORD)


def lock_seconds(failures: int) -> int:
    """Return how long a user is locked after so many wrong answers."""
    return 0 if failures < FAILURES_BEFORE_LOCK else 2 ** (failures - FAILURES_BEFORE_LOCK)


class Phone:
    """An authenticator app that goes by the pool's clock.

    Args:
        server: whose clock it is.
        key: the TOTP secret, in Base32.
    """

    def __init__(self, server: Server, key: str) -> None:
        self.key = key
        self._server = server
        self._last_step = 0

    def code(self) -> str:
        """Return the current code, or the next one if the current one was given already."""
        self._last_step = max(self._step(), self._last_step + 1)
        return self.used_code()

    def next_code(self) -> str:
        """Return the code of the next time step, which the pool takes now and knows for a minute."""
        self._last_step = max(self._step(), self._last_step) + 1
        return self.used_code()

    def used_code(self) -> str:
        """Return the code that was given last."""
        return totp(self.key, self._last_step)

    def wrong_code(self) -> str:
        """Return another code."""
        return wrong_totp(self.key, self._step())

    def _step(self) -> int:
        return int(self._server.now()) // STEP_SECONDS


class Customer(Person):
    """A person with mailbox and phone at hand, who runs the program on a pool that is not its own.

    Args:
        pool: where.
        temporary: where the program's temporary files go.
        arguments: of the command line, after the IDs.
        columns: how wide the terminal is.
        changes: to the environment.
    """

    def __init__(
        self, pool: Pool, temporary: Path, *arguments: str, columns: int = 200, **changes: str
    ) -> None:
        ids = [pool.id, pool.client_id]
        super().__init__(temporary, [*ids, *arguments], (60, 200), **pool.environment | changes)
        self.child.setwinsize(60, columns)  # the program looks only when it shows something
        self._server = pool.server

    def wait_for(self, question: str) -> None:
        """Wait until this is asked, with a question mark or without, or for the bar."""
        if question.endswith("?"):
            self.read_on_to(rf"{re.escape(question)}(?: \((?:[yY]/[nN]|Enter takes \d)\)(?:\r\n>|:))? ")
        else:
            super().wait_for(question)

    def sign_up(self, *passwords: str) -> None:
        """Answer the questions of the first step; the last of the passwords alone keeps the pool's policy."""
        self.answer("User name", USER)
        self.answer("E-mail address", EMAIL)
        for password in passwords or (PASSWORD,):
            self.answer("Password", password)
        self.answer("Password once more", (passwords or (PASSWORD,))[-1])

    def go_on_as_user(self, password: str = "") -> None:
        """Sign up by the name of a user who exists, and go on with that user; the right password is there."""
        self.sign_up()
        self.answer("What now?", "1")
        self.answer(f"Password of {USER}", password)

    def confirm(self) -> None:
        """Answer with the code from the newest mail."""
        self.wait_for("Code from the e-mail")
        self.type(self._server.newest_code(EMAIL))

    def scan(self) -> Phone:
        """Wait for the question after a QR code; return an app with the key that is written beside it."""
        self.wait_for("Code that the app shows")
        key = re.findall(r"Key:? +((?:[A-Z2-7]{1,4} )+)", self.text)[-1]
        return Phone(self._server, key.replace(" ", ""))

    def enrol(self) -> None:
        """Set an app up, and sign in with it."""
        phone = self.scan()
        self.type(phone.code())
        self.answer(WAIT, "")
        self.answer("MFA code", phone.code())

    def end(self, *, delete: str, forget: str | None = None) -> int:
        """Answer the questions of the last step, and return the exit status."""
        if forget:
            self.answer("Forget the device?", forget)
        self.read_on_to(
            rf"Delete the user {USER}(?:, who was there before this run)?\? \([yY]/[nN]\)(?:\r\n>|:) "
        )
        self.type(delete)
        return self.leave()
