"""The package as a stranger gets it: installed by pip with nothing but its own dependencies, used elsewhere.

Installing needs the network, so that these tests are run by `make package` alone, which makes the
environment, and names its folder in FRESH_ENVIRONMENT.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from test.package.conftest import ROOT

BIN = Path(os.environ["FRESH_ENVIRONMENT"]).resolve() / "bin"
PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
TESTS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
# Of the lesson, and of the project itself.
NOT_INSTALLED = ["question", "terminal", "scenario", "program", "benchmarks", "hello_cognito", "hatch_build"]
NOT_NEEDED = ["PIL", "qrcode", "rich", "pycognito", "hatchling"]
TYPED = """
from cognito_idp_actions import CognitoIdentityProviderWrapper
from cognito_srp import AWSSRP
from local_cognito import LocalCognito, PoolIds
from local_cognito.testing.pytest_plugin import CognitoPool
from signed_in_user import SignedInUser

def use(wrapper: CognitoIdentityProviderWrapper, pool: CognitoPool) -> dict[str, str]:
    user: SignedInUser = SignedInUser.sign_in(wrapper, "alice", "secret")
    made: PoolIds = LocalCognito().create_pool()
    reveal_type(user.access_token)
    reveal_type(wrapper.confirm_user_sign_up)
    reveal_type(made.client_secret)
    reveal_type(pool.users)
    reveal_type(AWSSRP.get_auth_params)
    return user.access_token
"""


def run(*command: str, folder: Path, succeeds: bool = True) -> str:
    """Run a program of the environment in a folder; return what it printed."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))
    }
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode == 0) == succeeds, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "name",
    ["local_cognito", "cognito_idp_actions", "cognito_srp", "signed_in_user", "token_keys", "token_verifier"],
)
def test_modules_are_installed(name: str, tmp_path: Path) -> None:
    """Each is imported from the environment."""
    printed = run("python", "-c", f"import {name}; print({name}.__file__)", folder=tmp_path)

    assert Path(printed.strip()).is_relative_to(BIN.parent)


@pytest.mark.parametrize("name", [*NOT_INSTALLED, *NOT_NEEDED])
def test_nothing_else_is(name: str, tmp_path: Path) -> None:
    """Neither the lesson's modules nor what only the lesson needs."""
    printed = run(
        "python", "-c", f"import importlib.util as u; print(u.find_spec({name!r}))", folder=tmp_path
    )

    assert printed == "None\n"


def test_what_is_installed_fits(tmp_path: Path) -> None:
    """There is nothing missing, and nothing that does not go together, says pip."""
    assert "No broken requirements found." in run("python", "-m", "pip", "check", folder=tmp_path)


def test_command_serves(tmp_path: Path) -> None:
    """`local-cognito` serves until it is told to end, and leaves nothing behind."""
    command = [str(BIN / "local-cognito"), "--port", "0", "--pool-id", "us-east-1_Example"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("URL:       http://127.0.0.1:")
        assert process.stdout.readline() == "Pool ID:   us-east-1_Example\n"
        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=30) == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "options", [[], ["-n2"], ["--import-mode=importlib"]], ids=["alone", "xdist", "mode"]
)
def test_plug_in_is_registered(tmp_path: Path, options: list[str]) -> None:
    """The tests of docs/testing.md pass in an empty folder, with warnings as errors and strict markers."""
    for number, block in enumerate(TESTS):
        (tmp_path / f"test_{number}.py").write_text(block, encoding="utf-8")

    printed = run("pytest", "-W", "error", "--strict-markers", *options, folder=tmp_path)

    assert f" {sum(block.count('def test_') for block in TESTS)} passed" in printed


def test_plug_in_can_be_left_out(tmp_path: Path) -> None:
    """`-p no:local_cognito` is the way."""
    (tmp_path / "test_it.py").write_text("def test_it(cognito_pool): pass\n")

    printed = run("pytest", "-p", "no:local_cognito", folder=tmp_path, succeeds=False)

    assert "fixture 'cognito_pool' not found" in printed


def test_plug_in_loads_little(tmp_path: Path) -> None:
    """A project that does not use it gets neither boto3 nor the server loaded."""
    (tmp_path / "test_it.py").write_text(
        "import sys\ndef test_it(): assert not {'boto3', 'botocore', 'waitress'} & sys.modules.keys()\n"
    )

    assert " 1 passed" in run("pytest", folder=tmp_path)


def test_types_are_found(tmp_path: Path) -> None:
    """mypy, strictly, reads the types of the package and of all modules, and finds the one mistake."""
    (tmp_path / "use.py").write_text(TYPED)

    printed = run("mypy", "--strict", "use.py", folder=tmp_path, succeeds=False)

    revealed = re.findall(r'Revealed type is "(.*)"', printed)
    assert [text.replace("builtins.", "") for text in revealed] == [
        "str",
        "def (user_name: str, confirmation_code: str) -> bool",
        "str | None",
        "typing.Mapping[str, local_cognito.testing.pytest_pool.PoolUser]",
        "def (self: cognito_srp.AWSSRP) -> dict[str, str]",
    ]
    assert re.findall(r"error: (.*)", printed) == [
        'Incompatible return value type (got "str", expected "dict[str, str]")  [return-value]'
    ]


def test_template_is_installed(tmp_path: Path) -> None:
    """The CloudFormation template comes with the package."""
    (installed,) = BIN.parent.glob("lib/python*/site-packages/local_cognito/user_pool_with_mfa.yaml")

    assert installed.read_bytes() == (ROOT / "resources" / "user_pool_with_mfa.yaml").read_bytes()


def test_a_script_in_node_reaches_it(tmp_path: Path) -> None:
    """The script of docs/other-languages.md signs a user up, with the command beside it."""
    modules = ROOT / "test" / "clients" / "node" / "node_modules"
    node = shutil.which("node")
    if node is None or not modules.exists():
        pytest.skip("Node.js or the JavaScript clients are not installed: run `make clients`.")
    page = (ROOT / "docs" / "other-languages.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"^```js\n(import \{\n  AdminGet.*?)^```", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "node_modules").symlink_to(modules)
    (tmp_path / "sign-up.mjs").write_text(script)
    ids = ["--pool-id", "us-east-1_Example", "--client-id", "1example2client3id"]
    command = [str(BIN / "local-cognito"), "--port", "0", *ids]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        variables = {
            "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": process.stdout.readline().split()[1],
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "any",
        }
        try:
            done = subprocess.run(
                [node, "sign-up.mjs"],
                cwd=tmp_path,
                env=os.environ | variables,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        finally:
            process.terminate()

    assert done.stdout == "CONFIRMED\n", done.stderr
