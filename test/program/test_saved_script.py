"""The saved script: it makes the same calls again, and has no secret in it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import boto3
import pytest

import scenario_signup_user_with_mfa as scenario
from local_cognito import LocalCognito
from program.saved_script import Recorder
from test.support.person import environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "Correct-Horse-1!"


@pytest.fixture
def server() -> Iterator[LocalCognito]:
    """Run a local pool."""
    with LocalCognito() as running:
        yield running


@pytest.mark.parametrize("with_secret", [False, True], ids=["no-secret", "secret"])
def test_it_runs_again(server: LocalCognito, tmp_path: Path, *, with_secret: bool) -> None:
    """On the same pool the script signs up, enrols an app, proves a device, renews and deletes."""
    pool = server.create_pool(client_secret=with_secret)
    script = tmp_path / "run.py"
    options = ["--endpoint", server.url, "--auto", "--save-script", str(script)]
    assert scenario.main([pool.pool_id, pool.client_id, *options]) == 0
    before = len(server.outbox())
    secrets = {"COGNITO_PASSWORD": PASSWORD, "COGNITO_CLIENT_SECRET": pool.client_secret or ""}

    result = subprocess.run(
        [sys.executable, str(script)],
        env=environment(tmp_path, **secrets),
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )

    assert (result.returncode, result.stderr) == (0, "")
    assert len(server.outbox()) == before + 1
    assert not pool.client_secret or pool.client_secret not in script.read_text()
    assert "get_tokens_from_refresh_token" in script.read_text()


@pytest.mark.parametrize("name", ['"; import os; "', "x\nimport os\n", "{USER}", "'''", "\\"])
def test_hostile_names(name: str) -> None:
    """Names from elsewhere stay texts: the program has the same statements whatever they are."""
    client: Any = boto3.client("cognito-idp", region_name="eu-west-1")
    model = client.meta.service_model.operation_model("AdminRespondToAuthChallenge")
    recorder = Recorder()
    fields = {"ChallengeResponses": {"USERNAME": name, name: name}, "Session": name, "ClientId": name}
    recorder.record(model, "admin_respond_to_auth_challenge", fields, {"Session": name})

    code = compile(recorder.script("http://127.0.0.1:1", "us-east-1_A"), "run.py", "exec")

    imports = {"base64", "hashlib", "hmac", "os", "secrets", "time", "boto3"}
    assert imports <= set(code.co_names)
    assert set(code.co_names) <= imports | {
        *("USER_NAME", "CLIENT_ID", "ENDPOINT", "cognito", "client", "partition", "USER_POOL_ID", "environ"),
        *("admin_respond_to_auth_challenge", "SESSION", "__doc__", "input"),
    } | {found for found in code.co_names if found.isupper()}
