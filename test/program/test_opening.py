"""The first words: which pool it is."""

from __future__ import annotations

from typing import Any

import pytest

from program.opening import show_pool, welcome
from program.preflight import Report
from scenario.person import Person
from test.support.stage import output_of, quiet_terminal, shown


@pytest.mark.parametrize(
    ("pool", "secret", "words"),
    [
        ({}, None, "User pool us-east-1_A, region us-east-1, an app client without a secret."),
        (
            {"Name": "mine", "EstimatedNumberOfUsers": 0},
            "x",
            "User pool mine (us-east-1_A), region us-east-1, no users yet, an app client with a secret.",
        ),
        (
            {"EstimatedNumberOfUsers": 1},
            None,
            "User pool us-east-1_A, region us-east-1, about 1 user, an app client without a secret.",
        ),
        (
            {"EstimatedNumberOfUsers": 50_001},
            None,
            "User pool us-east-1_A, region us-east-1, about 50001 users, an app client without a secret.",
        ),
    ],
)
def test_pool(pool: dict[str, Any], secret: str | None, words: str) -> None:
    """What may be read of the pool is one sentence."""
    person = Person(quiet_terminal())

    show_pool(person, "us-east-1_A", "region us-east-1", Report([], True, secret, pool))  # noqa: FBT003

    assert shown(person.terminal) == words


@pytest.mark.parametrize("user_pool_id", [None, "us-east-1_AbCdEf123", "ap-southeast-2_AbCdEf123"])
def test_welcome_has_three_lines(user_pool_id: str | None) -> None:
    """What will happen, how long it takes and where: a line each, on a terminal of 80 columns."""
    terminal = quiet_terminal(80)

    welcome(terminal, user_pool_id)

    assert len(output_of(terminal).splitlines()) == 3
