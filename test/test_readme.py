"""What README.md and docs/scenario.md show: Python runs, commands and options exist, links lead somewhere."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from local_cognito import LocalCognito
from program.command_line import parse_arguments
from test.support.client_pool import Clock, make_client_pool, manual_names
from test.support.pools import TRACKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MANUAL = (ROOT / "docs" / "scenario.md").read_text(encoding="utf-8")
CLIENT, POOL = "Use the client", "Test with the pool"
MODEL = ServiceModel(Loader().load_service_model("cognito-idp", "service-2"), "cognito-idp")


def section(heading: str, text: str = README) -> str:
    """Return the text below a heading of the second depth."""
    (found,) = re.findall(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return str(found)


def blocks(language: str, text: str = README) -> list[str]:
    """Return the code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


COMMANDS = [
    line[2:]
    for block in blocks("console", README + MANUAL)
    for line in block.splitlines()
    if line.startswith("$ ")
]
COMMANDS += re.findall(r"`((?:make|python) [^`]+)`", README + MANUAL)


def words_of(command: str) -> list[str]:
    """Return a command's words as a shell splits them, without a comment."""
    return shlex.split(command, comments=True)


def commands(program: str) -> list[str]:
    """Return the commands that begin with this program."""
    return [command for command in COMMANDS if words_of(command)[0] == program]


def test_every_python_block_is_run_here() -> None:
    """Python stands in two sections, which the tests below run."""
    assert blocks("python") == blocks("python", section(CLIENT)) + blocks("python", section(POOL))


def test_client_blocks(lead_to: Callable[[str], None]) -> None:
    """They sign a user in by password and code."""
    clock = Clock()
    with LocalCognito(clock=clock) as server:
        lead_to(server.url)
        pool = make_client_pool(server, clock, {}, mfa="ON", DeviceConfiguration=TRACKING)
        pool.add_user()
        names = manual_names(pool, pool.enrol())
        for block in blocks("python", section(CLIENT)):
            exec(compile(block, "README.md", "exec"), names)

    assert names["tokens"]["AccessToken"]


def test_pool_block(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a test that passes with the plug-in."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (block,) = blocks("python", section(POOL))
    pytester.makepyfile(block)

    pytester.runpytest_subprocess("-p", "local_cognito.testing.pytest_plugin").assert_outcomes(passed=1)


def test_all_commands_are_of_known_programs() -> None:
    """Each is checked by one of the tests below."""
    assert {words_of(command)[0] for command in COMMANDS} == {"make", "python", "aws", "local-cognito"}


@pytest.mark.parametrize("command", commands("make"))
def test_make(command: str) -> None:
    """The target exists; what it hands on is a right command line."""
    (target, *settings) = [word for word in words_of(command)[1:] if not word.startswith("PYTHON=")]
    phony = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert target in phony[0].split()
    for setting in settings:
        name, _, value = setting.partition("=")
        assert target == "run"
        assert name in {"ARGS", "SCENARIO"}
        if name == "ARGS":
            parse_arguments(shlex.split(value))
        else:
            assert (ROOT / value).exists()


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_lists_the_scenarios() -> None:
    """Each is a line, which begins with the command that runs it."""
    listed = subprocess.run(["make", "scenarios"], cwd=ROOT, capture_output=True, text=True, check=True)

    found = dict(re.findall(r"^make run SCENARIO=(\S+) {2}(\S.*)$", listed.stdout, re.MULTILINE))
    assert sorted(found) == sorted(path.name for path in ROOT.glob("scenario_*.py"))


@pytest.mark.parametrize("command", commands("python"))
def test_python(command: str) -> None:
    """The program exists, and takes these arguments."""
    _, program, *arguments = words_of(command)
    if program == "-m":
        assert (ROOT / arguments[0] / "__main__.py").exists()
    else:
        assert (ROOT / program).exists()
        if program != "hello_cognito.py":
            parse_arguments(arguments)


@pytest.mark.parametrize("command", commands("aws"))
def test_aws(command: str) -> None:
    """It names a region; an action of Cognito has these parameters, and a file that is named exists."""
    _, option, region, service, action, *options = words_of(command)
    assert (option, region) == ("--region", "us-east-1")
    values = dict(zip(options[::2], options[1::2], strict=True))

    if service == "cognito-idp":
        (name,) = (known for known in MODEL.operation_names if known.lower() == action.replace("-", ""))
        shape = MODEL.operation_model(name).input_shape
        assert shape
        known = {member.lower() for member in shape.members}
        assert {option.removeprefix("--").replace("-", "") for option in values} <= known
    assert all((ROOT / path).exists() for option, path in values.items() if option == "--template-file")


@pytest.mark.parametrize("path", re.findall(r"pip install -r ([\w./-]+)", README + MANUAL))
def test_requirements(path: str) -> None:
    """A requirements file that is named exists."""
    assert (ROOT / path).exists()


def test_options(capsys: pytest.CaptureFixture[str]) -> None:
    """Every option in the table is one of the command line."""
    rows = [line for line in section("Options", MANUAL).splitlines() if line.startswith("| `--")]
    named = set(re.findall(r"`(--[a-z-]+)", "".join(rows)))

    with pytest.raises(SystemExit):
        parse_arguments(["--help"])

    assert named
    assert named <= set(re.findall(r"--[a-z-]+", capsys.readouterr().out))


@pytest.mark.parametrize(
    ("folder", "target"),
    [
        (folder, target)
        for folder, text in ((ROOT, README), (ROOT / "docs", MANUAL))
        for target in re.findall(r"\]\(((?!http)[^)#]+)\)", text)
    ],
)
def test_links(folder: Path, target: str) -> None:
    """A link to a file leads to one."""
    assert (folder / target).exists()


def test_quick_starts_come_first() -> None:
    """The three of them stand within a screen and a half, each with at most ten lines of code."""
    headings = re.findall(r"^## (.*)$", README, re.MULTILINE)

    assert headings[:3] == ["Learn", CLIENT, POOL]
    assert README[: README.index("## By topic")].count("\n") <= 60
    for heading in headings[:3]:
        assert all(
            block.count("\n") <= 10 for block in re.findall(r"```\w+\n(.*?)```", section(heading), re.DOTALL)
        )


@pytest.mark.parametrize("name", re.findall(r"^(\S+) {2,}", blocks("", section("Map"))[0], re.MULTILINE))
def test_map(name: str) -> None:
    """Everything on the map is there."""
    assert all((ROOT / one).exists() for one in name.split(",") if one)
