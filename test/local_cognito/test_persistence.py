"""Persistence: with a database file everything outlives a restart, and what was acknowledged a kill."""

from __future__ import annotations

import http.client as http_client
import re
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from botocore.exceptions import ClientError

from local_cognito import LocalCognito
from test.support.pool_driver import (
    ALICE,
    BOB,
    LOCKED_OUT,
    PASSWORD,
    WRONG_PASSWORD,
    Clock,
    PoolDriver,
    call_raw,
    http,
    refused,
    totp,
)
from test.support.pools import ALL_FLOWS, REQUIRED_TOTP, TRACKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jwt.types import Options

    from test.support.pool_driver import Api


ROOT = Path(__file__).parents[2]
NOW = 1_750_000_020.0


class Restartable:
    """A pool in a file, whose server can be stopped and started again."""

    def __init__(self, database: Path, connect: Callable[..., Api]) -> None:
        """Start, and make a pool with everything on."""
        self.database, self.connect, self.clock = database, connect, Clock(NOW)
        self.start()
        settings = {"PoolName": "kept", "AutoVerifiedAttributes": ["email"], "DeviceConfiguration": TRACKING}
        pool_id = self.api.create_user_pool(**settings)["UserPool"]["Id"]
        self.api.set_user_pool_mfa_config(UserPoolId=pool_id, **REQUIRED_TOTP)
        self.pool = PoolDriver(self.server, self.api, self.clock, pool_id, "none yet").other_client(
            GenerateSecret=True, ExplicitAuthFlows=ALL_FLOWS
        )

    def start(self) -> None:
        """Start the server on the file."""
        self.server = LocalCognito(database=str(self.database), clock=self.clock).start()
        self.api = self.connect(self.server.url)

    def restart(self) -> PoolDriver:
        """Stop and start; return the pool as it is then."""
        self.api.close()
        self.server.stop()
        self.start()
        pool = self.pool
        self.pool = PoolDriver(self.server, self.api, self.clock, pool.id, pool.client_id, pool.secret)
        return self.pool


@pytest.fixture
def kept(tmp_path: Path, connect: Callable[..., Api]) -> Iterator[Restartable]:
    """Give a pool in a file."""
    made = Restartable(tmp_path / "pool.sqlite", connect)
    yield made
    made.api.close()
    made.server.stop()


class TestRestart:
    """Everything survives a restart, running challenges too."""

    def test_running_challenge(self, kept: Restartable) -> None:
        """A challenge that was asked before is answered after."""
        secret = kept.pool.enrolled()
        session = kept.pool.sign_in()["Session"]
        pool = kept.restart()

        code = totp(secret, kept.clock.now)
        answer = pool.answer("SOFTWARE_TOKEN_MFA", ALICE, session, SOFTWARE_TOKEN_MFA_CODE=code)

        assert answer["AuthenticationResult"]["AccessToken"]

    def test_settings(self, kept: Restartable) -> None:
        """Pool, MFA configuration and app client are as they were."""
        names = ("describe_user_pool", "get_user_pool_mfa_config")

        def described() -> list[dict[str, Any]]:
            answers = [getattr(kept.api, name)(UserPoolId=kept.pool.id) for name in names]
            client = {"UserPoolId": kept.pool.id, "ClientId": kept.pool.client_id}
            answers.append(kept.api.describe_user_pool_client(**client))
            return [
                {name: value for name, value in answer.items() if name != "ResponseMetadata"}
                for answer in answers
            ]

        before = described()
        kept.restart()

        assert described() == before

    def test_users(self, kept: Restartable) -> None:
        """Users are listed as they were, and in the same order."""
        for name in (BOB, ALICE, "carol"):
            kept.pool.sign_up(name, attributes={"name": f"{name} O'Hara, née Ünal"})
        before = kept.api.list_users(UserPoolId=kept.pool.id)["Users"]
        kept.restart()

        assert kept.api.list_users(UserPoolId=kept.pool.id)["Users"] == before
        assert [user["Username"] for user in before] == [BOB, ALICE, "carol"]

    def test_password_and_authenticator_app(self, kept: Restartable) -> None:
        """Who signed up before signs in after, with password and TOTP code."""
        secret = kept.pool.enrolled()
        pool = kept.restart()

        assert pool.sign_in_with_mfa(secret)["AccessToken"]

    def test_used_code(self, kept: Restartable) -> None:
        """A TOTP code that was used before is not good again after."""
        secret = kept.pool.enrolled()
        kept.pool.sign_in_with_mfa(secret)
        pool = kept.restart()
        session = pool.sign_in()["Session"]
        with pytest.raises(ClientError, match="already been used once"):
            pool.answer(
                "SOFTWARE_TOKEN_MFA", ALICE, session, SOFTWARE_TOKEN_MFA_CODE=totp(secret, kept.clock.now)
            )

    def test_device(self, kept: Restartable) -> None:
        """A remembered device still stands in for the code."""
        secret = kept.pool.enrolled()
        device = kept.pool.track(kept.pool.sign_in_with_mfa(secret))
        pool = kept.restart()
        client, second = pool.begin_device_proof(device)
        claim = client.claim(second["ChallengeParameters"])
        answer = pool.answer("DEVICE_PASSWORD_VERIFIER", ALICE, second["Session"], **claim)

        assert answer["AuthenticationResult"]["AccessToken"]

    def test_tokens(self, kept: Restartable) -> None:
        """Tokens of before open the account after, and verify against the keys that are served then."""
        result = kept.pool.sign_in_with_mfa(kept.pool.enrolled())
        pool = kept.restart()

        assert kept.api.get_user(AccessToken=result["AccessToken"])["Username"] == ALICE
        keys = http(f"{kept.server.url}/{pool.id}/.well-known/jwks.json").content["keys"]
        public = {key["kid"]: jwt.PyJWK(key) for key in keys}
        for token in (result["AccessToken"], result["IdToken"]):
            kid = jwt.get_unverified_header(token)["kid"]
            options: Options = {"verify_exp": False, "verify_iat": False, "verify_aud": False}
            assert jwt.decode(token, public[kid], ["RS256"], options)["sub"]

    def test_refresh(self, kept: Restartable) -> None:
        """A refresh token of before brings tokens after, and is revoked for good."""
        result = kept.pool.sign_in_with_mfa(kept.pool.enrolled())
        device = kept.pool.track(result)
        pool = kept.restart()
        client = {"ClientId": pool.client_id, "ClientSecret": pool.secret}
        token = {"RefreshToken": result["RefreshToken"], "DeviceKey": device.key}
        assert kept.api.get_tokens_from_refresh_token(**client, **token)["AuthenticationResult"][
            "AccessToken"
        ]

        kept.api.revoke_token(**client, Token=result["RefreshToken"])
        kept.restart()
        with refused("NotAuthorizedException", "Refresh Token has been revoked"):
            kept.api.get_tokens_from_refresh_token(**client, **token)

    def test_groups(self, kept: Restartable) -> None:
        """Groups and who is in them are as they were."""
        kept.pool.user()
        kept.api.create_group(UserPoolId=kept.pool.id, GroupName="staff", Precedence=3)
        kept.api.admin_add_user_to_group(UserPoolId=kept.pool.id, GroupName="staff", Username=ALICE)
        pool = kept.restart()

        listed = kept.api.admin_list_groups_for_user(UserPoolId=pool.id, Username=ALICE)["Groups"]
        assert [(group["GroupName"], group["Precedence"]) for group in listed] == [("staff", 3)]

    def test_confirmation_code_and_outbox(self, kept: Restartable) -> None:
        """A code that was sent before confirms after, and stays in the outbox."""
        kept.pool.sign_up()
        before = kept.server.outbox()
        pool = kept.restart()

        assert kept.server.outbox() == before
        pool.confirm(code=before[-1]["code"])
        assert pool.described()["UserStatus"] == "CONFIRMED"

    def test_lock(self, kept: Restartable) -> None:
        """A restart opens no lock."""
        kept.pool.user()
        for _ in range(5):
            with pytest.raises(ClientError, match="Incorrect username or password"):
                kept.pool.sign_in(password=WRONG_PASSWORD)
        pool = kept.restart()
        with refused(*LOCKED_OUT):
            pool.sign_in()

    def test_deleted_user(self, kept: Restartable) -> None:
        """Who was deleted stays deleted."""
        kept.pool.user()
        kept.api.admin_delete_user(UserPoolId=kept.pool.id, Username=ALICE)
        pool = kept.restart()

        assert kept.api.list_users(UserPoolId=pool.id)["Users"] == []


# ---- What a file's oldest pool decides


def test_oldest_pool(tmp_path: Path) -> None:
    """The oldest pool gives the region, unless another is named; changing it does not make it younger."""
    database = str(tmp_path / "pool.sqlite")
    with LocalCognito(database=database) as first:
        assert (first.region, first.oldest_pool_id()) == ("us-east-1", None)
        for pool_id in ("eu-west-1_Old", "us-east-1_New"):
            first.create_pool(pool_id)
        call_raw(first.url, "UpdateUserPool", {"UserPoolId": "eu-west-1_Old", "MfaConfiguration": "OFF"})
    with LocalCognito(database=database) as second:
        assert (second.region, second.oldest_pool_id()) == ("eu-west-1", "eu-west-1_Old")
        call_raw(second.url, "DeleteUserPool", {"UserPoolId": "eu-west-1_Old"})
        assert second.oldest_pool_id() == "us-east-1_New"
    with LocalCognito(database=database, region="ap-south-1") as third:
        assert (third.region, third.oldest_pool_id()) == ("ap-south-1", "us-east-1_New")


# ---- kill -9


class Process:
    """`python -m local_cognito --database FILE`."""

    def __init__(self, database: Path) -> None:
        """Start it, and wait until it says where it listens."""
        command = [sys.executable, "-m", "local_cognito", "--port", "0", "--pool-id", "us-east-1_Kept"]
        self.process = subprocess.Popen(
            [*command, "--database", str(database)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout
        self.output = self.process.stdout
        said = "".join(self.output.readline() for _ in range(4))
        (self.url,) = re.findall(r"URL: +(\S+)", said)
        (self.client_id,) = re.findall(r"Client ID: +(\S+)", said)

    def sign_up(self, name: str) -> bool:
        """Return whether the server acknowledged a sign-up."""
        request = {
            "ClientId": self.client_id,
            "Username": name,
            "Password": PASSWORD,
            "UserAttributes": [{"Name": "email", "Value": f"{name}@example.com"}],
        }
        try:
            return call_raw(self.url, "SignUp", request).status == 200
        except (OSError, http_client.HTTPException):  # cut off
            return False

    def wait(self) -> None:
        """Wait until SIGKILL has ended it."""
        assert self.process.wait(10) == -signal.SIGKILL
        self.output.close()


@pytest.mark.parametrize("moment", [1, 10, 40, 70])
def test_killed_among_sign_ups(tmp_path: Path, moment: int) -> None:
    """Killed in the middle of a hundred sign-ups, the server loses none that it acknowledged."""
    database = tmp_path / "pool.sqlite"
    server = Process(database)
    acknowledged = []

    def sign_up(number: int) -> None:
        name = f"user{number}"
        if server.sign_up(name):
            acknowledged.append(name)
        if len(acknowledged) >= moment:
            server.process.kill()

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(sign_up, range(100)))
    server.wait()

    assert moment <= len(acknowledged) < 100
    check_whole(database)
    again = Process(database)
    try:
        check_all_there(again, acknowledged)
        assert again.sign_up("another-new")
    finally:
        again.process.kill()
        again.wait()


def check_whole(database: Path) -> None:
    """Fail unless the file is a sound database whose users have all their names and their code."""
    connection = sqlite3.connect(database)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        counts = [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("users", "codes", "messages", "signinnames WHERE kind = 'username'")
        ]
        assert len(set(counts)) == 1, counts
    finally:
        connection.close()


def check_all_there(server: Process, names: list[str]) -> None:
    """Fail unless each of the users is there and can confirm with the code that was sent."""
    codes = {message["to"]: message["code"] for message in http(f"{server.url}/outbox").content}
    for name in names:
        request = {
            "ClientId": server.client_id,
            "Username": name,
            "ConfirmationCode": codes[f"{name}@example.com"],
        }
        assert call_raw(server.url, "ConfirmSignUp", request).status == 200
