"""Smaller options: the version, another SRP helper, the whole access token."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import cognito_srp
import program
import scenario_signup_user_with_mfa as scenario
from cognito_idp_actions import CognitoIdentityProviderWrapper
from program.command_line import SRP_HELPERS, parse_arguments
from test.support.scenario_calls import (
    DEVICE,
    ENROLLED,
    SIGNED_IN,
    SIGNED_UP,
    TOKENS,
    Stage,
    answers,
)

if TYPE_CHECKING:
    from types import ModuleType


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """--version is the project's."""
    with pytest.raises(SystemExit) as end:
        scenario.main(["--version"])

    text = (Path(scenario.__file__).parent / "pyproject.toml").read_text()
    assert re.search(r'(?m)^version = "(.*)"$', text)[1] == program.__version__  # type: ignore[index]
    assert end.value.code == 0
    assert capsys.readouterr().out.endswith(f" {program.__version__}\n")


@pytest.mark.parametrize("helper", SRP_HELPERS)
def test_scenario_with_each_srp_helper(
    helper: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scenario ends well with either helper, and that one computes both halves of the device's proof."""
    used: list[ModuleType] = []
    for name in ("device_verifier", "device_proof"):
        real = getattr(CognitoIdentityProviderWrapper, name)

        def note(self: object, *args: Any, real: Any = real) -> Any:
            used.append(args[0])
            return real(self, *args)

        monkeypatch.setattr(CognitoIdentityProviderWrapper, name, note)

    assert scenario.main(["--auto", "--srp-helper", helper]) == 0

    assert [module.__name__ for module in used] == [SRP_HELPERS[helper]] * 2
    assert "signed in from a tracked device" in " ".join(capsys.readouterr().out.split())


def test_default_srp_helper() -> None:
    """Without the option it is our own."""
    assert parse_arguments([]).aws_srp is cognito_srp


def test_srp_helper_that_is_not_installed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that can't be loaded is a wrong command line, which names it."""
    monkeypatch.setitem(sys.modules, "warrant.aws_srp", None)

    with pytest.raises(SystemExit) as end:
        scenario.main(["--srp-helper", "warrant"])

    assert end.value.code == 2
    errors = capsys.readouterr().err
    assert "the SRP helper warrant can't be loaded" in errors
    assert "pip install -r requirements-warrant.txt" in errors


@pytest.mark.parametrize(("answer", "is_shown"), [("y", True), ("", False)])
def test_whole_access_token(stage: Stage, answer: str, *, is_shown: bool) -> None:
    """The access token alone is shown whole, after the person has agreed; Enter alone is a no."""
    stage.queue(*SIGNED_UP, *ENROLLED, *SIGNED_IN, *DEVICE)

    screen = stage.run(answers(show_token=[answer]), shows_tokens=True)

    assert {name: token in screen for name, token in TOKENS.items()} == {
        "AccessToken": is_shown,
        "IdToken": False,
        "RefreshToken": False,
    }


@pytest.mark.parametrize(
    ("arguments", "option"), [(["--chek"], "--check"), (["check"], "--check"), (["--trase"], "--trace")]
)
def test_option_that_was_meant(arguments: list[str], option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A word that looks like an option brings up that option."""
    with pytest.raises(SystemExit):
        scenario.main(arguments)

    assert f"did you mean {option}?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--qr-image", "x.jpg"], "must end in .png"),
        (["--endpoint", "http://127.0.0.1:1"], "--endpoint needs both IDs"),
        (["--endpoint", "127.0.0.1"], "is not a URL"),
        (["--endpoint", "http://[::1"], "is not a URL"),
    ],
)
def test_option_that_makes_no_sense(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is a wrong command line, and a sentence says why."""
    with pytest.raises(SystemExit) as end:
        scenario.main(arguments)

    assert end.value.code == 2
    assert complaint in capsys.readouterr().err
