"""Both packages as a stranger gets them: installed by pip with only what they ask for, and used elsewhere.

Installing needs the network, so that these tests are run by `make package` alone. It makes three
environments in the folder FRESH_ENVIRONMENTS: `client`, `pool`, and `plugin`, the pool with pytest and boto3.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from test.package.distributions import CLIENT, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(os.environ["FRESH_ENVIRONMENTS"]).resolve()
CLIENT_BIN, POOL_BIN, PLUGIN_BIN = (FOLDER / name / "bin" for name in ("client", "pool", "plugin"))
PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
TESTS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
OF_THE_SCENARIOS = [
    *("question", "terminal", "scenario", "program", "benchmarks", "hello_cognito", "hatch_build", "scripts"),
    *("PIL", "qrcode", "rich", "pycognito", "hatchling"),
]
OF_THE_POOL = [
    *("local_cognito", "waitress", "jinja2", "orjson", "regex", "yaml", "pyotp", "gmpy2", "fido2", "pytest"),
]
OF_THE_CLIENT = [*CLIENT.modules, "boto3", "botocore", "pytest"]
# As another program has it: the wrapper signs up, the user signs in by SRP.
SIGN_IN = """
import json, sys, urllib.request
import boto3
from cognito_idp_actions import CognitoIdentityProviderWrapper
from signed_in_user import SignedInUser

url, pool_id, client_id = sys.argv[1:]
client = boto3.client(
    "cognito-idp", "us-east-1", endpoint_url=url, aws_access_key_id="any", aws_secret_access_key="any"
)
cognito = CognitoIdentityProviderWrapper(client, pool_id, client_id)
cognito.sign_up_user("alice", "Correct-Horse-1!", "alice@example.com")
with urllib.request.urlopen(url + "/outbox") as outbox:
    cognito.confirm_user_sign_up("alice", json.load(outbox)[-1]["code"])
client.set_user_pool_mfa_config(UserPoolId=pool_id, MfaConfiguration="OFF")
print(SignedInUser.sign_in(cognito, "alice", "Correct-Horse-1!").access_claims["username"])
"""
TYPED_CLIENT = """
from cognito_idp_actions import CognitoIdentityProviderWrapper
from cognito_srp import AWSSRP
from signed_in_user import SignedInUser

def use(wrapper: CognitoIdentityProviderWrapper) -> dict[str, str]:
    user: SignedInUser = SignedInUser.sign_in(wrapper, "alice", "secret")
    reveal_type(user.access_token)
    reveal_type(wrapper.confirm_user_sign_up)
    reveal_type(AWSSRP.get_auth_params)
    return user.access_token
"""
TYPED_POOL = """
from local_cognito import LocalCognito, PoolIds
from local_cognito.testing import CognitoPool

def use(pool: CognitoPool) -> dict[str, str]:
    made: PoolIds = LocalCognito().create_pool()
    reveal_type(made.client_secret)
    reveal_type(pool.users["alice"].sub)
    return made.pool_id
"""


def run(program: Path, *arguments: str, folder: Path, succeeds: bool = True) -> str:
    """Run a program of an environment in a folder; return what it printed."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))
    }
    done = subprocess.run(
        [str(program), *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode == 0) == succeeds, done.stdout + done.stderr
    return done.stdout


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run the command of the pool's environment; give the URL and the process."""
    ids = ["--pool-id", "us-east-1_Example", "--client-id", "1example2client3id"]
    command = [str(POOL_BIN / "local-cognito"), "--port", "0", *ids]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[1], process
        finally:
            process.terminate()


def found(binaries: Path, folder: Path, names: list[str]) -> list[str]:
    """Return which of these modules an environment has."""
    program = f"import importlib.util as u; print(*(n for n in {names!r} if u.find_spec(n)))"
    return run(binaries / "python", "-c", program, folder=folder).split()


class TestClient:
    """`pip install .`: the client, and only what it needs."""

    def test_is_installed_alone(self, tmp_path: Path) -> None:
        """All its modules are there, and neither the pool nor what only the scenarios need."""
        modules = list(CLIENT.modules)

        assert found(CLIENT_BIN, tmp_path, modules + OF_THE_POOL + OF_THE_SCENARIOS) == modules

    def test_signs_in_to_the_pool(self, tmp_path: Path) -> None:
        """A program of its environment signs up and in to the pool that another environment serves."""
        with serving(tmp_path) as (url, _):
            arguments = [url, "us-east-1_Example", "1example2client3id"]
            printed = run(CLIENT_BIN / "python", "-c", SIGN_IN, *arguments, folder=tmp_path)

        assert printed == "alice\n"

    def test_types_are_found(self, tmp_path: Path) -> None:
        """mypy, strictly, reads the types of all modules, and finds the one mistake."""
        assert checked(CLIENT_BIN, TYPED_CLIENT, tmp_path) == [
            "str",
            "def (user_name: str, confirmation_code: str) -> bool",
            "def (self: cognito_srp.AWSSRP) -> dict[str, str]",
        ]


class TestPool:
    """`pip install ./local_cognito`: the pool and its command, without the client and without an AWS SDK."""

    def test_is_installed_alone(self, tmp_path: Path) -> None:
        """The package is there, and nothing of the rest of the repository."""
        names = ["local_cognito", *OF_THE_CLIENT, *OF_THE_SCENARIOS]

        assert found(POOL_BIN, tmp_path, names) == ["local_cognito"]

    def test_command_serves(self, tmp_path: Path) -> None:
        """`local-cognito` serves until it is told to end, and leaves nothing behind."""
        with serving(tmp_path) as (url, process):
            assert url.startswith("http://127.0.0.1:")
            process.send_signal(signal.SIGTERM)

            assert process.wait(timeout=30) == 0
        assert list(tmp_path.iterdir()) == []

    def test_a_script_in_node_reaches_it(self, tmp_path: Path) -> None:
        """The script of docs/other-languages.md signs a user up, with the command beside it."""
        modules = ROOT / "test" / "clients" / "node" / "node_modules"
        node = shutil.which("node")
        if node is None or not modules.exists():
            pytest.skip("Node.js or the JavaScript clients are not installed: run `make clients`.")
        page = (ROOT / "docs" / "other-languages.md").read_text(encoding="utf-8")
        (script,) = re.findall(r"^```js\n(import \{\n  AdminGet.*?)^```", page, re.MULTILINE | re.DOTALL)
        (tmp_path / "node_modules").symlink_to(modules)
        (tmp_path / "sign-up.mjs").write_text(script)
        with serving(tmp_path) as (url, _):
            variables = {
                "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": url,
                "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "any",
                "AWS_SECRET_ACCESS_KEY": "any",
            }
            done = subprocess.run(
                [node, "sign-up.mjs"],
                cwd=tmp_path,
                env=os.environ | variables,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )

        assert done.stdout == "CONFIRMED\n", done.stderr


class TestPlugIn:
    """`pip install "./local_cognito[boto3]"`: the fixtures, in an environment that has pytest."""

    @pytest.mark.parametrize(
        "options", [[], ["-n2"], ["--import-mode=importlib"]], ids=["alone", "xdist", "mode"]
    )
    def test_is_registered(self, tmp_path: Path, options: list[str]) -> None:
        """The tests of docs/testing.md pass in an empty folder, with warnings as errors."""
        for number, block in enumerate(TESTS):
            (tmp_path / f"test_{number}.py").write_text(block, encoding="utf-8")

        printed = run(PLUGIN_BIN / "pytest", "-W", "error", "--strict-markers", *options, folder=tmp_path)

        assert f" {sum(block.count('def test_') for block in TESTS)} passed" in printed

    def test_can_be_left_out(self, tmp_path: Path) -> None:
        """`-p no:local_cognito` is the way."""
        (tmp_path / "test_it.py").write_text("def test_it(cognito_pool): pass\n")

        printed = run(PLUGIN_BIN / "pytest", "-p", "no:local_cognito", folder=tmp_path, succeeds=False)

        assert "fixture 'cognito_pool' not found" in printed

    def test_loads_little(self, tmp_path: Path) -> None:
        """A project that does not use it gets neither boto3 nor the server loaded."""
        (tmp_path / "test_it.py").write_text(
            "import sys\ndef test_it(): assert not {'boto3', 'botocore', 'waitress'} & sys.modules.keys()\n"
        )

        assert " 1 passed" in run(PLUGIN_BIN / "pytest", folder=tmp_path)

    def test_types_are_found(self, tmp_path: Path) -> None:
        """mypy, strictly, reads the types of the package, and finds the one mistake."""
        assert checked(PLUGIN_BIN, TYPED_POOL, tmp_path) == ["str | None", "str"]


@pytest.mark.parametrize("name", ["client", "pool", "plugin"])
def test_what_is_installed_fits(name: str, tmp_path: Path) -> None:
    """There is nothing missing, and nothing that does not go together, says pip."""
    printed = run(FOLDER / name / "bin" / "python", "-m", "pip", "check", folder=tmp_path)

    assert "No broken requirements found." in printed


def checked(binaries: Path, program: str, folder: Path) -> list[str]:
    """Check a program whose one mistake is its return; return the types that mypy reveals."""
    (folder / "use.py").write_text(program)
    printed = run(binaries / "mypy", "--strict", "use.py", folder=folder, succeeds=False)

    assert re.findall(r"error: (.*)", printed) == [
        'Incompatible return value type (got "str", expected "dict[str, str]")  [return-value]'
    ]
    revealed = re.findall(r'Revealed type is "(.*)"', printed)
    return [text.replace("builtins.", "") for text in revealed]
