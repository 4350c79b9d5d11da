"""docs/other-languages.md: its scripts and commands do what the page says, where a test can run them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from local_cognito.command_line import arguments
from test.support.server_process import server_process

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
PAGE = (ROOT / "docs" / "other-languages.md").read_text(encoding="utf-8")
URL = "http://127.0.0.1:9229"
PROGRAM = "local-cognito"
AMPLIFY = FOLDER / "browser"


def block(heading: str, language: str) -> str:
    """Return the first block of a language below a heading."""
    (section,) = re.findall(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return str(re.findall(rf"^```{language}\n(.*?)^```", section, re.MULTILINE | re.DOTALL)[0])


def options(command: str) -> list[str]:
    """Return what is handed to `local-cognito` in a command line."""
    words = shlex.split(command)
    return words[words.index(PROGRAM) + 1 :]


def compose() -> dict[str, Any]:
    """Return the services of the compose file."""
    services: dict[str, Any] = yaml.safe_load(block("docker compose", "yaml"))["services"]
    return services


def in_shell(command: str) -> list[str]:
    """Return the options of `local-cognito` in `sh -c "..."`."""
    return options(shlex.split(command)[2])


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Give the address of a server that was started as the page says."""
    lines = block("Start the server", "console").splitlines()
    (command,) = (line for line in lines if line.startswith(f"$ {PROGRAM} "))
    with server_process(*options(command)) as (_, printed):
        assert (printed["Pool ID"], printed["Client ID"]) == ("us-east-1_Example", "1example2client3id")
        yield printed["URL"]


def run_node(script: str, folder: Path, **environment: str) -> str:
    """Run a module; return what it printed."""
    node = shutil.which("node")
    if node is None or not (folder / "node_modules").exists():
        pytest.skip("Node.js or the JavaScript clients are not installed: run `make clients`.")
    done = subprocess.run(
        [node, "--input-type=module", "-e", script],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def variables(url: str) -> dict[str, str]:
    """Return the variables of the page, which lead to a server."""
    lines = block("By environment alone", "console").replace(URL, url).splitlines()
    words = [word for line in lines for word in line.removeprefix("$ export ").split()]
    return dict(word.split("=", maxsplit=1) for word in words)


def test_the_sdk_for_javascript(url: str) -> None:
    """With the variables of the page, and nothing else, the script signs a user up."""
    printed = run_node(block("JavaScript: AWS SDK 3", "js"), FOLDER / "node", **variables(url))

    assert printed == "CONFIRMED\n"


def test_passkeys_from_node(url: str, tmp_path: Path) -> None:
    """The script registers a passkey of the command's, and signs in with it."""
    script = block("Passkeys without a browser", "js")
    script = script.replace("'python3'", repr(sys.executable))
    script = script.replace("'alice.passkey'", repr(str(tmp_path / "alice.passkey")))

    printed = run_node(script, FOLDER / "node", **variables(url), PYTHONPATH=str(ROOT))

    assert printed == "Bearer\n"


def test_amplify() -> None:
    """The script gets as far as the page says."""
    with server_process("--pool-id", "us-east-1_Example", "--client-id", "1example2client3id") as (
        _,
        printed,
    ):
        script = block("JavaScript: Amplify", "js").replace(URL, printed["URL"])

        assert "CONTINUE_SIGN_IN_WITH_TOTP_SETUP\n" in run_node(script, AMPLIFY)


def test_compose() -> None:
    """The service's command answers whoever calls it by the service's name, and nobody by another."""
    service = compose()["cognito"]
    endpoint = compose()["app"]["environment"]["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"]
    assert endpoint == "http://cognito:9229"

    with server_process(*in_shell(service["command"]), stderr=subprocess.PIPE) as (_, printed):
        url = f"http://127.0.0.1:{printed['URL'].rpartition(':')[2]}"

        assert status(url, "cognito:9229") == 200
        assert status(url, "another:9229") == 403
        probe = [word.replace(URL, url) for word in service["healthcheck"]["test"][1:]]
        subprocess.run([sys.executable, *probe[1:]], timeout=60, check=True)


def status(url: str, host: str) -> int:
    """Return the status of the answer to a request under this host name."""
    request = urllib.request.Request(f"{url}/health", headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_github_actions(tmp_path: Path) -> None:
    """The lines of the step start the server, and wait until it is healthy."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed.")
    steps = yaml.safe_load(block("GitHub Actions", "yaml"))["steps"]
    (step,) = (step["run"] for step in steps if step.get("name") == "Start Cognito")
    installing, *lines = step.splitlines()
    assert installing.startswith("pip install")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = tmp_path / PROGRAM
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m local_cognito --port {port} "$@"\n')
    program.chmod(0o700)
    script = "\n".join(lines).replace(":9229", f":{port}") + "\nkill $!"
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"

    done = subprocess.run(
        ["sh", "-ec", script],
        cwd=tmp_path,
        env=os.environ | {"PATH": path, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "{" in done.stdout


def test_every_option_is_one_of_the_commands() -> None:
    """What the page hands to the command, it takes."""
    commands = [line for line in PAGE.splitlines() if f"$ {PROGRAM} " in line]

    for handed in [*map(options, commands), in_shell(compose()["cognito"]["command"])]:
        arguments(handed)
    sources = ("command_line.py", "authenticator/__main__.py")
    known = "".join((ROOT / "local_cognito" / name).read_text(encoding="utf-8") for name in sources)
    for option in re.findall(r"`(--[a-z-]+)", PAGE):
        assert option in known
