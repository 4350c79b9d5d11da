"""The story's pool has the settings of the CloudFormation template, and needs neither it nor YAML."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import local_cognito
from local_cognito.setup import default_pool
from test.support import template
from test.support.template import properties

# What the template says of MFA, and CreateUserPool does not take.
MFA = ("MfaConfiguration", "EnabledMfas")


def without(settings: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return the settings but those of these names."""
    return {name: value for name, value in settings.items() if name not in names}


@pytest.mark.parametrize("on_request", [False, True])
def test_the_pool_is_the_templates(on_request: bool) -> None:
    """CreateUserPool is asked for every property of the template's pool, MFA aside, and nothing else."""
    said = properties(template.POOL, RememberDevicesOnRequest="true" if on_request else "false")

    assert default_pool.pool_settings(remember_on_request=on_request) == without(said, *MFA)


@pytest.mark.parametrize("secret", [False, True])
def test_the_client_is_the_templates(secret: bool) -> None:
    """CreateUserPoolClient is asked for every property of the template's client, and nothing else."""
    said = properties(template.CLIENT, ClientHasSecret="true" if secret else "false")

    assert default_pool.client_settings(secret=secret) == without(said, "UserPoolId")


def test_mfa_is_the_templates() -> None:
    """SetUserPoolMfaConfig is asked for what the template says of MFA."""
    said = properties(template.POOL)
    (factor,) = said["EnabledMfas"]
    assert factor == "SOFTWARE_TOKEN_MFA"

    assert default_pool.mfa_settings() == {
        "MfaConfiguration": said["MfaConfiguration"],
        "SoftwareTokenMfaConfiguration": {"Enabled": True},
    }


def test_the_tests_know_every_parameter() -> None:
    """A parameter that the template gets, or a value of one, must be added to the tests above."""
    parameters = template.template()["Parameters"]
    values = {name: told.get("AllowedValues") for name, told in parameters.items()}

    assert values == {
        "UserPoolName": None,
        "ClientHasSecret": ["true", "false"],
        "RememberDevicesOnRequest": ["true", "false"],
    }


def test_settings_are_the_callers_own() -> None:
    """Who changes what was returned changes nothing for the next caller."""
    default_pool.pool_settings()["AutoVerifiedAttributes"].clear()
    default_pool.client_settings()["ExplicitAuthFlows"].clear()
    default_pool.mfa_settings()["SoftwareTokenMfaConfiguration"].clear()

    assert default_pool.pool_settings()["AutoVerifiedAttributes"] == ["email"]
    assert default_pool.client_settings()["ExplicitAuthFlows"]
    assert default_pool.mfa_settings()["SoftwareTokenMfaConfiguration"] == {"Enabled": True}


def test_the_package_alone_makes_the_pool(tmp_path: Path) -> None:
    """A copy of the package, with nothing beside it, serves the story's pool and loads no YAML."""
    shutil.copytree(Path(local_cognito.__file__).parent, tmp_path / "local_cognito")
    program = (
        "import sys, local_cognito\n"
        "with local_cognito.LocalCognito() as server:\n"
        "    print(server.create_pool('us-east-1_Alone').pool_id, 'yaml' in sys.modules)\n"
        "print(local_cognito.__file__)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout.split() == [
        "us-east-1_Alone",
        "False",
        str(tmp_path / "local_cognito" / "__init__.py"),
    ]
