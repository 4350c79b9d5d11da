"""Experiments: each is refused with the code that it expects, at the moment when it is offered."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

import scenario_signup_user_with_mfa as scenario
from scenario.experiments import Experiment, run, try_refusals
from scenario.mode import Experiments, Mode
from scenario.sign_up_experiments import with_changed_letter
from test.support.stage import Script, quiet_terminal, shown


def person(**answers: list[Any]) -> Any:
    """Return a person with these answers."""
    return SimpleNamespace(terminal=quiet_terminal(), ask=Script(**answers))


def experiment(code: str | None = "CodeMismatchException") -> Experiment:
    """Return an experiment that ends in this refusal, or in none."""

    def call() -> None:
        if code:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "ConfirmSignUp")

    return Experiment("Try it", "Because.", "CodeMismatchException", call)


def test_all_of_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    """With nobody there all of them are refused as expected, and the run ends well."""
    assert scenario.main(["--auto", "--experiments"]) == 0

    screen = " ".join(capsys.readouterr().out.split())
    parts = screen.split("Experiment: ")[1:]
    codes = [re.findall(r"! (\w+):", part)[0] for part in parts]
    assert codes == [
        *("UsernameExistsException", "NotAuthorizedException", "UserNotFoundException"),
        *("NotAuthorizedException", "NotAuthorizedException", "DeviceKeyExistsException"),
        *("NotAuthorizedException", "NotAuthorizedException", "ResourceNotFoundException"),
        "NotAuthorizedException",
    ]
    assert "was expected" not in screen


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("CodeMismatchException", "Because."),
        ("LimitExceededException", "CodeMismatchException was expected here."),
        (None, "Cognito accepted that; CodeMismatchException was expected."),
    ],
)
def test_outcome(code: str | None, words: str) -> None:
    """Why it was refused is said, or that something else came of it."""
    somebody = person()

    run(somebody, experiment(code))

    assert words in shown(somebody.terminal)


def test_offered_one_by_one() -> None:
    """An x tries the next one; Enter goes on, and so does everything when none is left."""
    somebody = person(go_on=["x", "X", ""])

    try_refusals(somebody, Mode(is_reading=True, experiments=Experiments.OFFERED), [experiment()] * 2)

    assert shown(somebody.terminal).count("Experiment: Try it.") == 2
    assert somebody.ask.unused == {}


@pytest.mark.parametrize("mode", [Mode(), Mode(experiments=Experiments.OFFERED)])
def test_nobody_at_a_terminal(mode: Mode) -> None:
    """Nothing is tried, and nothing asked."""
    somebody = person()

    try_refusals(somebody, mode, [experiment()])

    assert (shown(somebody.terminal), somebody.ask.asked) == ("", [])


@pytest.mark.parametrize("token", ["a.b.ABCD", "opaque", "x.y.A"])
def test_changed_letter(token: str) -> None:
    """Exactly one letter is another one, in the signature where there is one."""
    changed = with_changed_letter(token)

    places = [place for place, pair in enumerate(zip(token, changed, strict=True)) if pair[0] != pair[1]]
    assert len(places) == 1
    assert places[0] > token.rfind(".")
