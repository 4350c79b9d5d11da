"""What each step says of itself, and where the scenario waits for its reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scenario.words import CONFIRM_DEVICE, SET_UP_MFA, SIGN_IN_FROM_DEVICE, STEPS
from test.support.scenario_calls import DEVICE, ENROLLED, SIGNED_IN, SIGNED_UP, TOKENS, Stage, answers

if TYPE_CHECKING:
    from test.support.stage import Script

WHOLE = (*SIGNED_UP, *ENROLLED, *SIGNED_IN, *DEVICE)


@pytest.mark.parametrize("is_quiet", [False, True])
def test_each_step_is_explained(stage: Stage, *, is_quiet: bool) -> None:
    """Every step begins with its sentences; in a quiet run none does."""
    stage.queue(*WHOLE)

    screen = stage.run(answers(), is_quiet=is_quiet)

    assert [step.explanation in screen for step in STEPS] == [not is_quiet] * 9


@pytest.mark.parametrize(("is_reading", "pauses"), [(True, 10), (False, 0)])
def test_pauses_are_for_readers(stage: Stage, pauses: int, *, is_reading: bool) -> None:
    """Where nobody reads along, no question waits for Enter: piped input needs no line for it."""
    stage.queue(*WHOLE)
    script: Script = answers(go_on=[""] * pauses)

    stage.run(script, is_reading=is_reading)

    assert [name for name, _ in script.asked].count("go_on") == pauses


def test_words_that_come_up_first_are_explained() -> None:
    """TOTP, tracked devices and SRP are said in full where they first appear."""
    assert "TOTP, a time-based one-time password" in SET_UP_MFA.explanation
    assert "A tracked device is one that" in CONFIRM_DEVICE.explanation
    assert "SRP, the Secure Remote Password protocol" in SIGN_IN_FROM_DEVICE.explanation


def test_second_tokens_are_shown_beside_the_first(stage: Stage) -> None:
    """Tokens whose claims are the same as before are shown without them."""
    stage.queue(*WHOLE)

    screen = stage.run(answers())

    assert "Signed in. Tokens and their claims" in screen
    second = screen.split("Tokens and the claims that have changed")[1].split("Step 8")[0]
    assert all(name in second for name in TOKENS)
    assert "(opaque)" not in second
