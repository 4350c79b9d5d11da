"""`--check --json`: one JSON object whatever happens, with stable names, and an exit status that tells."""

from __future__ import annotations

import errno
import json
import os
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

import scenario_signup_user_with_mfa as scenario
from cognito_idp_actions import CognitoIdentityProviderWrapper
from program.clients import local_client
from terminal import Terminal
from test.support.pools import REQUIRED_TOTP, STORY_FLOWS, TRACKING, AppClient, make_pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from local_cognito import LocalCognito

NO_POOL = ["us-east-1_nowhere", "1example2id"]
# What scripts go by: the check of each ID, and the value that it finds in a pool that fits.
CHECKS = {
    "self_sign_up": True,
    "verified_email": True,
    "mfa": "ON",
    "totp": True,
    "device_tracking": True,
    "device_replaces_mfa": True,
    "admin_password_flow": True,
    "password_flow": True,
    "session_minutes": 15,
    "existence_errors": "ENABLED",
    "client_secret": False,
}
FITTING = {
    "AuthSessionValidity": 15,
    "PreventUserExistenceErrors": "ENABLED",
    "ExplicitAuthFlows": STORY_FLOWS,
}


@pytest.fixture
def pool(server: LocalCognito, lead_to: Callable[[str], None]) -> AppClient:
    """Lead the program, as it runs against AWS, to a pool that fits."""
    lead_to(server.url)
    api = local_client(server.url, server.region)
    return make_pool(api, {"DeviceConfiguration": TRACKING}, REQUIRED_TOTP, FITTING)


def checked(capsys: pytest.CaptureFixture[str], *ids: str) -> tuple[int, dict[str, Any]]:
    """Run `--check --json`, which must print nothing else; return the exit status and the object."""
    status = scenario.main([*ids, "--check", "--json"])
    output, errors = capsys.readouterr()
    assert errors == ""
    found: dict[str, Any] = json.loads(output)
    assert found.keys() == {*("user_pool_id", "client_id", "region", "ready", "can_start", "checks", "error")}
    return status, found


def test_pool_that_fits(pool: AppClient, capsys: pytest.CaptureFixture[str]) -> None:
    """Each check has its ID and the setting's own value, and the object says which pool that was."""
    status, found = checked(capsys, pool.pool_id, pool.client_id)

    assert {one["id"]: one["now"] for one in found.pop("checks")} == CHECKS
    assert (status, found) == (
        0,
        {
            "user_pool_id": pool.pool_id,
            "client_id": pool.client_id,
            "region": "us-east-1",
            "ready": True,
            "can_start": True,
            "error": None,
        },
    )


def test_pool_of_this_machine(capsys: pytest.CaptureFixture[str]) -> None:
    """Without IDs it is the program's own pool, whose IDs are told."""
    status, found = checked(capsys)

    assert (status, found["ready"], found["error"]) == (0, True, None)
    assert found["user_pool_id"].startswith("us-east-1_")


def test_unknown_pool(pool: AppClient, capsys: pytest.CaptureFixture[str]) -> None:
    """A pool that does not exist could not be checked: the refusal, and what to do about it, are told."""
    status, found = checked(capsys, *NO_POOL)

    assert (status, found["ready"], found["can_start"], found["checks"]) == (3, False, False, [])
    assert found["error"]["code"] == "ResourceNotFoundException"
    assert "DescribeUserPool was refused" in found["error"]["message"]
    assert found["error"]["advice"].startswith("Check the user pool ID")


def test_no_credentials(capsys: pytest.CaptureFixture[str]) -> None:
    """Without credentials nothing is checked."""
    status, found = checked(capsys, *NO_POOL)

    assert (status, found["error"]["code"]) == (3, "NoCredentialsError")


def test_unknown_profile(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A failure before there is a client is told as well, with the IDs as they were given."""
    monkeypatch.setenv("AWS_PROFILE", "missing")

    status, found = checked(capsys, *NO_POOL)

    assert (status, found["error"]["code"]) == (3, "ProfileNotFound")
    assert (found["user_pool_id"], found["region"]) == (NO_POOL[0], "us-east-1")


def test_region_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    """So is a pool ID whose first part can't be a region."""
    status, found = checked(capsys, "é_AbC", NO_POOL[1])

    assert (status, found["error"]["code"], found["region"]) == (3, "InvalidRegionError", "é")


def test_no_network(
    lead_to: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """So is an endpoint that nothing listens at."""
    monkeypatch.setattr(
        "botocore.endpoint.time.sleep", lambda _seconds: None
    )  # as long as chance would have it
    with socket.socket() as taken:  # bound, but it does not listen
        taken.bind(("127.0.0.1", 0))
        lead_to(f"http://127.0.0.1:{taken.getsockname()[1]}")
        status, found = checked(capsys, *NO_POOL)

    assert (status, found["error"]["code"]) == (3, "EndpointConnectionError")


FILES = ["--diagram", "--trace-json"]


@pytest.mark.parametrize("option", FILES)
@pytest.mark.parametrize(("is_ready", "status"), [(True, 3), (False, 1)])
def test_file_that_can_not_be_written(
    pool: AppClient,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    option: str,
    *,
    is_ready: bool,
    status: int,
) -> None:
    """A full disk is told in the object, beside what was found; a file that is wanted and missing is no 0."""
    if not is_ready:
        monkeypatch.setenv("COGNITO_CLIENT_SECRET", "none of this client")

    ended = scenario.main([pool.pool_id, pool.client_id, "--check", "--json", option, "/dev/full"])

    found = json.loads(capsys.readouterr().out)
    assert (ended, found["ready"], len(found["checks"])) == (status, is_ready, len(CHECKS))
    assert found["error"] == {
        "code": "ENOSPC",
        "message": "/dev/full: No space left on device.",
        "advice": "",
    }


def test_file_that_can_not_be_made(
    pool: AppClient, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """So is one that can't even be opened, although the command line looked fine: a pipe without a reader."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    ended = scenario.main([pool.pool_id, pool.client_id, "--check", "--json", "--trace-json", str(pipe)])

    found = json.loads(capsys.readouterr().out)
    assert (ended, found["checks"], found["error"]["code"]) == (3, [], "ENXIO")


def test_slow_answer(
    pool: AppClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """That Cognito takes its time is said on standard error, and the object stands alone."""

    @contextmanager
    def busy_at_once(self: Terminal, reason: str) -> Iterator[None]:
        self.say(reason)
        yield

    monkeypatch.setattr(Terminal, "busy", busy_at_once)

    assert scenario.main([pool.pool_id, pool.client_id, "--check", "--json"]) == 0

    output, errors = capsys.readouterr()
    assert json.loads(output)["ready"] is True
    assert "Waiting for Cognito" in errors


def test_file_without_json(pool: AppClient, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --json the table is shown all the same, and a sentence says what could not be written."""
    ended = scenario.main([pool.pool_id, pool.client_id, "--check", "--diagram", "/dev/full"])

    output, errors = capsys.readouterr()
    assert ended == 3
    assert "Pre-flight" in output
    assert "/dev/full: No space left on device." in errors


def test_pool_of_this_machine_that_can_not_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A local pool that finds no room is an object, too, with no IDs in it."""

    def fail(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("local_cognito.service.Server", fail)

    status, found = checked(capsys)

    assert (status, found["error"]["code"]) == (3, "ENOSPC")
    assert (found["user_pool_id"], found["region"]) == (None, None)


@pytest.mark.parametrize("option", FILES)
@pytest.mark.parametrize("name", ["/nowhere/run.md", "x" * 300])
def test_wrong_command_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, option: str, name: str
) -> None:
    """What the command line has wrong is an object on standard output, beside the usage and status 2."""
    arguments = ["--check", "--json", option, name]
    monkeypatch.setattr("sys.argv", ["scenario", *arguments])

    for argv in (arguments, None):
        with pytest.raises(SystemExit) as end:
            scenario.main(argv)

        output, errors = capsys.readouterr()
        found = json.loads(output)
        assert end.value.code == 2
        assert found["error"]["code"] == "Usage"
        assert f"{name} can't be written" in found["error"]["message"]
        assert (found["ready"], found["checks"], found["region"]) == (False, [], None)
        assert errors.startswith("usage: ")


@pytest.mark.parametrize(("tracked", "status"), [(True, 3), (False, 1)])
def test_settings_that_may_not_be_read(
    server: LocalCognito,
    lead_to: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    tracked: bool,
    status: int,
) -> None:
    """A pool that is right as far as it may be read is not known to be ready; a wrong one is known not to."""
    lead_to(server.url)
    api = local_client(server.url, server.region)
    ids = make_pool(api, {"DeviceConfiguration": TRACKING} if tracked else {}, REQUIRED_TOTP, FITTING)
    refusal = api.exceptions.ClientError(
        {"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "DescribeUserPoolClient"
    )

    def refuse(_self: object) -> None:
        raise refusal

    monkeypatch.setattr(CognitoIdentityProviderWrapper, "describe_user_pool_client", refuse)

    ended, found = checked(capsys, ids.pool_id, ids.client_id)

    assert (ended, found["ready"], found["can_start"]) == (status, False, True)
    assert "cognito-idp:DescribeUserPoolClient" in found["error"]["advice"]
    unread = [one for one in found["checks"] if one["verdict"] == "not checked"]
    assert [one["now"] for one in unread] == [None] * 5
