"""`--auto` on a pool in AWS: the whole scenario with nobody there, a verdict, and nothing left behind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

import scenario_signup_user_with_mfa as scenario
from cognito_idp_actions import CognitoIdentityProviderWrapper
from program.clients import local_client
from test.support.pools import REQUIRED_TOTP, STORY_FLOWS, TRACKING, AppClient, make_pool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from local_cognito import LocalCognito

EMAIL, PASSWORD = "ci@example.com", "Correct-Horse-1!"
FITTING = {
    "AuthSessionValidity": 15,
    "PreventUserExistenceErrors": "ENABLED",
    "ExplicitAuthFlows": STORY_FLOWS,
}
BY_ADDRESS = {"UsernameAttributes": ["email"]}


@pytest.fixture
def api(server: LocalCognito, lead_to: Callable[[str], None]) -> Any:
    """Lead the program, as it runs against AWS, to the server; return a client of it."""
    lead_to(server.url)
    return local_client(server.url, server.region)


def fitting_pool(api: Any, **settings: Any) -> AppClient:
    """Make a pool that fits the scenario."""
    return make_pool(api, {"DeviceConfiguration": TRACKING} | settings, REQUIRED_TOTP, FITTING)


def run(folder: Path, pool: AppClient) -> int:
    """Run the smoke test of a pool that the answers name; return the exit status."""
    file = folder / "ci.json"
    names = {"user_pool_id": pool.pool_id, "client_id": pool.client_id, "region": "us-east-1"}
    file.write_text(json.dumps(names | {"email": EMAIL}))
    return scenario.main(["--auto", "--answers", str(file)])


def users(api: Any, pool: AppClient) -> list[str]:
    """Return the names of the users in the pool."""
    return [user["Username"] for user in api.list_users(UserPoolId=pool.pool_id)["Users"]]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        BY_ADDRESS,
        {"Policies": {"PasswordPolicy": {"MinimumLength": 99, "RequireSymbols": True}}},
        {"DeviceConfiguration": TRACKING | {"DeviceOnlyRememberedOnUserPrompt": True}},
    ],
    ids=["plain", "address as the name", "longest policy", "devices on request"],
)
def test_pool_that_fits(
    api: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: dict[str, Any]
) -> None:
    """The whole scenario is played, the last line says so, and the pool is as empty as before."""
    pool = fitting_pool(api, **settings)

    assert run(tmp_path, pool) == 0

    output, errors = capsys.readouterr()
    last = output.splitlines()[-1]
    assert last.startswith("OK in ")
    assert last.endswith(f" s, {pool.pool_id}: all steps, and nothing stays behind.")
    assert "signed in from a tracked device, without an MFA code." in " ".join(output.split())
    assert (errors, users(api, pool)) == ("", [])


@pytest.mark.parametrize(
    ("method", "code"),
    [("confirm_device", "InternalErrorException"), ("admin_confirm_sign_up", "AccessDeniedException")],
)
def test_scenario_that_is_stopped(
    api: Any,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    code: str,
) -> None:
    """Wherever it is stopped, the last line says why, the status is 1, and the user is deleted."""
    pool = fitting_pool(api)

    def refuse(*_: object, **_fields: object) -> None:
        assert len(users(api, pool)) == 1
        raise ClientError({"Error": {"Code": code, "Message": "Not today."}}, "AnAction")

    monkeypatch.setattr(CognitoIdentityProviderWrapper, method, refuse)

    assert run(tmp_path, pool) == 1

    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("FAILED after ")
    assert f"{pool.pool_id}: {code}: Not today. (AnAction was refused)" in last
    assert users(api, pool) == []


def test_question_that_only_a_person_could_answer(
    api: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A user who is there already is none of the test's: it fails, and lets that user alone."""
    pool = fitting_pool(api, **BY_ADDRESS)
    api.sign_up(ClientId=pool.client_id, Username=EMAIL, Password=PASSWORD)

    assert run(tmp_path, pool) == 1

    assert 'Nobody is there to answer "What now?' in capsys.readouterr().out.splitlines()[-1]
    assert len(users(api, pool)) == 1


def test_pool_that_does_not_fit_all_of_it(
    api: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A scenario with steps left out is no good end."""
    pool = make_pool(api, {}, REQUIRED_TOTP, FITTING)

    assert run(tmp_path, pool) == 1

    last = capsys.readouterr().out.splitlines()[-1]
    assert "Not all steps can be gone through. Devices are tracked: no, should be yes." in last
    assert users(api, pool) == []


def test_user_who_cannot_be_deleted(
    api: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stays behind is said in the last line."""
    pool = fitting_pool(api)

    def refuse(*_: object, **_fields: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "AdminDeleteUser")

    monkeypatch.setattr(CognitoIdentityProviderWrapper, "confirm_device", refuse)
    monkeypatch.setattr(CognitoIdentityProviderWrapper, "admin_delete_user", refuse)

    assert run(tmp_path, pool) == 1

    (left,) = users(api, pool)
    assert (
        f"The user {left} stays: AccessDeniedException: no (AdminDeleteUser"
        in capsys.readouterr().out.splitlines()[-1]
    )


@pytest.mark.parametrize(
    ("answers", "complaint"),
    [
        ({}, "needs an e-mail address"),
        ({"email": EMAIL, "region": "eu-west-1"}, "name the region eu-west-1, but the pool's ID another one"),
    ],
)
def test_answers_that_will_not_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], answers: dict[str, str], complaint: str
) -> None:
    """Without an address, or with a region that is not the pool's, it is a wrong command line."""
    file = tmp_path / "ci.json"
    file.write_text(json.dumps(answers))

    with pytest.raises(SystemExit) as end:
        scenario.main(["us-east-1_AbCdEf123", "1example2id", "--auto", "--answers", str(file)])

    assert end.value.code == 2
    assert complaint in capsys.readouterr().err
