"""The README of the local pool: its table of actions is complete, and what it shows to copy runs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from local_cognito import LocalCognito, MovableClock, command_line
from local_cognito.actions import api
from local_cognito.model import service_model, without_effect
from local_cognito.model.service_model import Scalar
from test.support.pool_driver import call_raw, http
from test.support.server_process import server_process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_cognito import PoolIds

ROOT = Path(api.__file__).parents[2]
CLIENTS = ROOT / "test" / "clients"
README = (ROOT / "local_cognito" / "README.md").read_text(encoding="utf-8")
SHOWN_URL, SHOWN_POOL, SHOWN_CLIENT = "http://127.0.0.1:9229", "us-east-1_Example", "1example2client3id"


def section(heading: str) -> str:
    """Return the text between a heading and the next one of any depth."""
    match = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", README, re.MULTILINE | re.DOTALL)
    assert match, heading
    return match[1]


def code(heading: str, language: str) -> str:
    """Return the one code block of a language below a heading."""
    (block,) = re.findall(rf"^```{language}\n(.*?)^```", section(heading), re.MULTILINE | re.DOTALL)
    return str(block)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[LocalCognito, PoolIds]]:
    """Give a server of its own with the pool that the README names."""
    with LocalCognito() as server:
        yield server, server.create_pool(SHOWN_POOL)


def as_served(text: str, served: tuple[LocalCognito, PoolIds]) -> str:
    """Return the README's code with the real address and app client."""
    server, pool = served
    return text.replace(SHOWN_URL, server.url).replace(SHOWN_CLIENT, pool.client_id)


def run(command: list[str], cwd: Path) -> str:
    """Run a command and return what it printed; it must succeed."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_table_lists_every_action() -> None:
    """The table of actions names what the server implements, each once and nothing else."""
    rows = re.findall(r"^\| [^|]+ \| ([A-Z]\w+(?:, \w+)*) \|$", section("Actions"), re.MULTILINE)
    listed = ", ".join(row for row in rows if row != "Actions").split(", ")

    assert sorted(listed) == sorted(api.ACTIONS)


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading, without its head."""
    lines = re.findall(r"^\| (.*) \|$", section(heading), re.MULTILINE)
    return [[cell.strip() for cell in line.split(" | ")] for line in lines[1:]]


def test_the_absent_actions_are_told() -> None:
    """The table of absent actions is that of the server."""
    absent = without_effect.table().absent

    assert rows("Actions that are not there") == [[name, ", ".join(names)] for name, names in absent.items()]


def test_the_members_without_effect_are_told() -> None:
    """The table of members without effect is that of the server."""
    assert rows("Members without effect") == [
        [
            ", ".join(f"`{path}`" for path in kept.members),
            ", ".join(kept.operations) or "all that have them",
            kept.effect,
            kept.moment,
        ]
        for kept in without_effect.table().kept
    ]


@pytest.mark.parametrize(
    ("action", "member", "words"),
    [
        ("InitiateAuth", "AuthFlow", "Sign-in flows"),
        ("RespondToAuthChallenge", "ChallengeName", "Challenges"),
    ],
)
def test_the_flows_and_challenges_are_told(action: str, member: str, words: str) -> None:
    """Each flow and each challenge of the model is named, but those that are refused."""
    shape = service_model.operation(action).request.members[member]
    told = re.search(rf"{words}: ([^.]*)\.", section("Actions"))
    assert told
    assert isinstance(shape, Scalar)

    names = re.findall(r"[A-Z_]{3,}", told[1])
    assert sorted(names) == sorted(set(shape.enum) - set(without_effect.table().refused[member]))


def test_the_fixtures_to_copy_work(tmp_path: Path) -> None:
    """The test file that the README gives passes as it stands."""
    (tmp_path / "test_copied.py").write_text(code("Use it in your tests", "python"), encoding="utf-8")

    printed = run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_copied.py"], tmp_path
    )

    assert "1 passed" in printed


def test_the_python_clients_reach_the_server(served: tuple[LocalCognito, PoolIds], tmp_path: Path) -> None:
    """boto3's snippet, and pycognito's after it, end with a verified ID token."""
    snippets = code("boto3", "python") + code("pycognito", "python")

    assert run([sys.executable, "-c", as_served(snippets, served)], tmp_path) == "alice@example.com\n"


@pytest.mark.parametrize(
    ("heading", "printed"),
    [
        ("amazon-cognito-identity-js", "Destination: 'a***@e***'"),
        ("AWS SDK for JavaScript, version 3", re.compile(r"\d+\n")),
    ],
)
def test_the_javascript_clients_reach_the_server(
    served: tuple[LocalCognito, PoolIds], heading: str, printed: str | re.Pattern[str]
) -> None:
    """Both JavaScript snippets get their answers from the server."""
    node = shutil.which("node")
    if node is None or not (CLIENTS / "node" / "node_modules" / ".package-lock.json").exists():
        pytest.skip("Node.js or the JavaScript clients are not installed: run `make clients`.")
    script = as_served(code(heading, "js"), served)

    output = run([node, "--input-type=module", "-e", script], CLIENTS / "node")

    assert re.search(printed if isinstance(printed, re.Pattern) else re.escape(printed), output)


def test_the_command_line_reaches_the_server(served: tuple[LocalCognito, PoolIds], tmp_path: Path) -> None:
    """The AWS CLI's lines, typed into a shell, list the pool's users."""
    programs = CLIENTS / "aws" / ".venv" / "bin"
    if not (programs / "aws").exists():
        pytest.skip("The AWS CLI is not installed: run `make clients`.")
    typed = re.findall(r"^\$ (.*)", code("AWS CLI", "console"), re.MULTILINE)
    script = f"PATH={programs}:$PATH\n" + as_served("\n".join(typed), served)

    assert '"Users"' in run(["sh", "-ec", script], tmp_path)


def test_curl_moves_the_clock(tmp_path: Path) -> None:
    """The line for curl moves the clock, and is answered in the form that is shown."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed.")
    typed, shown = code("Let time pass", "console").splitlines()

    with LocalCognito(clock=MovableClock(lambda: 1_750_000_000.5)) as server:
        printed = run(["sh", "-ec", typed.removeprefix("$ ").replace(SHOWN_URL, server.url)], tmp_path)

    assert json.loads(printed) == {"now": 1_750_000_000.5 + 24 * 60 * 60}
    assert json.loads(printed).keys() == json.loads(shown).keys()


def test_python_moves_the_clock(tmp_path: Path) -> None:
    """After the lines for Python the clock is a day ahead of the computer's."""
    check = "import time; print(round(clock() - time.time()))"

    assert run([sys.executable, "-c", code("Let time pass", "python") + check], tmp_path) == "86400\n"


def test_every_option_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The table of options names each option of the command, and no other."""
    told = set(
        re.findall(r"--[a-z][a-z-]+", section("Start it").partition("| Option |")[2].partition("\n\n")[0])
    )
    monkeypatch.setenv("COLUMNS", "1000")  # no name is broken
    with pytest.raises(SystemExit):
        command_line.arguments(["--help"])

    assert told == set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out))


def test_the_seed_to_copy_works(tmp_path: Path) -> None:
    """The seed that is shown makes what it names: alice signs in with her app, bob has a code to confirm."""
    (tmp_path / "seed.yaml").write_text(code("Fill it", "yaml"), encoding="utf-8")
    seed = yaml.safe_load(code("Fill it", "yaml"))
    with LocalCognito(seed=tmp_path / "seed.yaml") as server:
        parameters = {"USERNAME": "alice", "PASSWORD": seed["Pools"][0]["Users"][0]["Password"]}
        request = {"ClientId": "web", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
        answer = call_raw(server.url, "InitiateAuth", request).content

        assert answer["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
        assert [message["to"] for message in server.outbox()] == ["bob@example.com"]
    with LocalCognito(seed=seed) as server:
        assert server.oldest_pool_id() == SHOWN_POOL


def test_the_seeds_members_are_told() -> None:
    """The table names each member that is not the API's own."""
    told = re.findall(r"^\| (`.*?`) \|", section("Fill it"), re.MULTILINE)
    own = {
        "Id",
        "ClientId",
        "Username",
        "Password",
        "Attributes",
        "Status",
        "Groups",
        "SecretCode",
        "Enabled",
    }

    assert set(re.findall(r"`(\w+)`", " ".join(told))) == own


def test_the_seeds_error_is_as_shown(tmp_path: Path) -> None:
    """A password that is too short is refused with the words that are shown."""
    typed, said = code("Fill it", "console").splitlines()
    pool = {"PoolName": "p", "Users": [{"Username": "alice", "Password": "short"}]}
    (tmp_path / "wrong.json").write_text(json.dumps({"Pools": [pool]}), encoding="utf-8")
    command = [sys.executable, *typed.removeprefix("$ python ").split()]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{said}\n")


def test_others_are_let_in_as_shown(tmp_path: Path) -> None:
    """The line for containers serves, under the name that it allows."""
    (typed,) = code("Let others in", "console").splitlines()
    with server_process(
        *typed.removeprefix("$ python -m local_cognito ").split(), stderr=subprocess.DEVNULL
    ) as (_, printed):
        assert printed["URL"].startswith("http://127.0.0.1:")
        assert http(f"{printed['URL']}/health", headers={"Host": "cognito:9229"}).status == 200


def test_the_outbox_is_as_shown(served: tuple[LocalCognito, PoolIds], tmp_path: Path) -> None:
    """A message has the members that are shown, and the lines for curl ask for it and delete it."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed.")
    server, pool = served
    email = [{"Name": "email", "Value": "alice@example.com"}]
    request = {"UserPoolId": pool.pool_id, "Username": "erin", "UserAttributes": email}
    assert call_raw(server.url, "AdminCreateUser", request).status == 200
    (shown,) = json.loads(code("The outbox", "json"))
    ask, delete = (
        as_served(line.removeprefix("$ "), served) for line in code("The outbox", "console").splitlines()
    )

    listed = json.loads(run(["sh", "-ec", ask], tmp_path))
    assert [list(message) for message in listed] == [list(shown)] * len(listed) != []
    assert run(["sh", "-ec", delete], tmp_path) == ""
    assert server.outbox() == []


def test_the_server_prints_what_the_readme_shows(tmp_path: Path) -> None:
    """The labels of the start-up lines are those of the command."""
    shown = code("Start it", "console").splitlines()
    command = [sys.executable, "-u", *shown[0].removeprefix("$ python ").split(), "--port", "0"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}

    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout
        printed = [server.stdout.readline() for _ in shown[1:]]
        server.terminate()

    assert [line.split(":")[0] for line in printed] == [line.split(":")[0] for line in shown[1:]]
    assert printed[1] == f"{shown[2]}\n"
