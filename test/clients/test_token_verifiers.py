"""Verifiers of tokens by others, set up as docs/verifying-tokens.md says: each block there is run here."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cognito import LocalCognito

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
PAGE = (ROOT / "docs" / "verifying-tokens.md").read_text(encoding="utf-8")
URL, POOL, CLIENT = "http://127.0.0.1:9229", "us-east-1_Example", "1example2client3id"
# What is run after a block: each prints the user's name, or ends badly.
CALLED = "\nimport sys\nprint(verified(sys.argv[1])['username'])\n"
SERVED = """
import sys
from fastapi.testclient import TestClient

answer = TestClient(app).get("/me", headers={"Authorization": f"Bearer {sys.argv[1]}"})
answer.raise_for_status()
print(answer.json()["username"])
"""
NODE_CALLED = "\nconsole.log((await verified(process.argv[1])).username);\n"
PYTHON_VERIFIERS = {
    "TokenVerifier": CALLED,
    "PyJWT": CALLED,
    "joserfc": CALLED,
    "cognitojwt": CALLED,
    "fastapi-cognito": SERVED,
}


def blocks(language: str) -> dict[str, str]:
    """Return each block of a language by the heading above it."""
    sections = re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    found = {
        heading: re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        for heading, text in sections
    }
    return {heading: codes[0] for heading, codes in found.items() if codes}


@pytest.fixture
def issued(admin: Any, make_pool: Callable[..., Any]) -> tuple[dict[str, str], Any]:
    """Return a signed-in user's tokens, and the pool that signed them."""
    pool = make_pool()
    user = {"UserPoolId": pool.pool_id, "Username": "alice"}
    admin.admin_create_user(**user, MessageAction="SUPPRESS")
    admin.admin_set_user_password(**user, Password="Correct-Horse-1!", Permanent=True)
    answer = admin.initiate_auth(
        ClientId=pool.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "alice", "PASSWORD": "Correct-Horse-1!"},
    )
    return answer["AuthenticationResult"], pool


def tampered(tokens: dict[str, str]) -> str:
    """Return the access token with a signature that is another token's."""
    return tokens["AccessToken"].rpartition(".")[0] + "." + tokens["IdToken"].rpartition(".")[2]


def check(command: list[str], folder: Path, tokens: dict[str, str]) -> None:
    """Run a program with tokens: the true one's user is printed, the other one is refused."""

    def run(token: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, token], cwd=folder, capture_output=True, text=True, timeout=60, check=False
        )

    true = run(tokens["AccessToken"])
    assert (true.returncode, true.stdout) == (0, "alice\n"), true.stderr
    false = run(tampered(tokens))
    assert (false.returncode != 0, false.stdout) == (True, ""), false.stdout


def test_every_block_is_run_here() -> None:
    """There is a test for each verifier on the page."""
    assert blocks("python").keys() == PYTHON_VERIFIERS.keys()
    assert blocks("js").keys() == {"aws-jwt-verify"}


@pytest.mark.parametrize("name", PYTHON_VERIFIERS)
def test_python(server: LocalCognito, issued: tuple[dict[str, str], Any], name: str, tmp_path: Path) -> None:
    """It takes an access token of the pool, and refuses one with another signature."""
    python = FOLDER / "verifiers" / ".venv" / "bin" / "python"
    if not python.exists():
        pytest.skip("The verifiers are not installed: run `make clients`.")
    tokens, pool = issued
    ours = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
    program = ours + as_served(blocks("python")[name], server, pool) + PYTHON_VERIFIERS[name]

    check([str(python), "-c", program], tmp_path, tokens)


def test_node(server: LocalCognito, issued: tuple[dict[str, str], Any]) -> None:
    """So does AWS's own verifier."""
    node = shutil.which("node")
    if node is None or not (FOLDER / "node" / "node_modules" / "aws-jwt-verify").exists():
        pytest.skip("Node.js or the JavaScript clients are not installed: run `make clients`.")
    tokens, pool = issued
    program = as_served(blocks("js")["aws-jwt-verify"], server, pool) + NODE_CALLED

    check([node, "--input-type=module", "-e", program, "--"], FOLDER / "node", tokens)


def as_served(code: str, server: LocalCognito, pool: Any) -> str:
    """Return the page's code with the address and the IDs of this pool."""
    return code.replace(URL, server.url).replace(POOL, pool.pool_id).replace(CLIENT, pool.client_id)
