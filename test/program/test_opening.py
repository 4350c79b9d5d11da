"""The first words: which pool it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest

import scenario_sign_in_without_password as second_scenario
from program.opening import introduce_target, show_pool, welcome
from program.preflight import Report
from program.targets import Target
from scenario_signup_user_with_mfa import OUTLINE
from test.support.stage import output_of, quiet_terminal, shown

if TYPE_CHECKING:
    from program.outline import Outline


@pytest.mark.parametrize(
    ("pool", "secret", "words"),
    [
        ({}, None, "User pool us-east-1_A, an app client without a secret."),
        (
            {"Name": "mine", "EstimatedNumberOfUsers": 0},
            "x",
            "User pool mine (us-east-1_A), no users yet, an app client with a secret.",
        ),
        (
            {"EstimatedNumberOfUsers": 1},
            None,
            "User pool us-east-1_A, about 1 user, an app client without a secret.",
        ),
        (
            {"EstimatedNumberOfUsers": 50_001},
            None,
            "User pool us-east-1_A, about 50001 users, an app client without a secret.",
        ),
    ],
)
def test_pool(pool: dict[str, Any], secret: str | None, words: str) -> None:
    """What may be read of the pool is one sentence."""
    terminal = quiet_terminal()

    show_pool(terminal, target("https://cognito-idp.us-east-1.amazonaws.com"), Report([], True, secret, pool))  # noqa: FBT003

    assert shown(terminal) == words


def target(url: str, **facts: Any) -> Target:
    """Return a pool at that address."""
    return Target(Mock(), "us-east-1_A", "client", url, **facts)


@pytest.mark.parametrize(
    ("where", "words", "not_said"),
    [
        (
            target("https://cognito-idp.us-east-1.amazonaws.com"),
            "The calls go to user pool us-east-1_A in AWS, region us-east-1. It takes ten minutes, your mail",
            "browser",
        ),
        (
            target("http://127.0.0.1:4566", is_local=True),
            "The calls go to user pool us-east-1_A at http://127.0.0.1:4566. Watch it at http://127.0.0.1:4566/",
            "your mail",
        ),
        (target("https://proxy.example"), "pool us-east-1_A at https://proxy.example.", "AWS"),
        (
            target("http://127.0.0.1:4566", is_local=True, is_own=True),
            "at http://127.0.0.1:4566, made for this run. Watch it at http://127.0.0.1:4566/ in a browser.",
            "AWS",
        ),
    ],
    ids=["AWS", "local pool", "elsewhere", "own pool"],
)
def test_target(where: Target, words: str, not_said: str) -> None:
    """Where the calls go is what the client says; the page is named where there is one."""
    terminal = quiet_terminal()

    introduce_target(terminal, OUTLINE, where)

    assert words in shown(terminal)
    assert not_said not in shown(terminal)


@pytest.mark.parametrize("outline", [OUTLINE, second_scenario.OUTLINE], ids=["first", "second"])
@pytest.mark.parametrize("user_pool_id", [None, "us-east-1_AbCdEf123", "ap-southeast-2_AbCdEf123"])
def test_welcome_fits(user_pool_id: str | None, outline: Outline) -> None:
    """What will happen, how it is shown and on which pool: four lines on a terminal of 80 columns."""
    terminal = quiet_terminal(80)

    welcome(terminal, outline, user_pool_id)

    assert len(output_of(terminal).splitlines()) == 4
