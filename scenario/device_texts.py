"""Texts and tables that the device steps show beside their calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenario import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cognito_idp_actions import SignInAnswer
    from scenario.state import Scenario

_SHORTEST = 16  # characters of a value of which a part is shown
_MOST_SHOWN = 4  # characters at each end of it


def explain_missing_device(scenario: Scenario) -> None:
    """Say why a sign-in may have brought no device key, and what changes that."""
    scenario.terminal.warn(
        "Cognito gave no device key: this pool tracks no devices, or only after a second factor."
    )
    scenario.terminal.hint(
        "Turn it on with DeviceConfiguration (ChallengeRequiredOnNewDevice=true), and MFA with it; "
        "then run this again."
    )


def show_exchange(scenario: Scenario, sent: Mapping[str, str], challenge: SignInAnswer) -> None:
    """Show side by side, shortened, the values that device and Cognito have exchanged, and what they do."""
    if scenario.mode.is_quiet:
        return
    received = challenge["ChallengeParameters"]
    scenario.terminal.table(
        "The SRP exchange",
        ("Value", "From", "Begins and ends with"),
        [
            ("A (SRP_A)", "the device", mask(sent["SRP_A"])),
            ("B (SRP_B)", "Cognito", mask(received["SRP_B"])),
            ("Salt", "step 6, by Cognito", mask(received["SALT"])),
            ("Secret block", "Cognito", mask(received["SECRET_BLOCK"])),
        ],
    )
    scenario.explain(words.SRP)


def mask(value: str) -> str:
    """Shorten a value to what tells two of them apart: at most a quarter of it, four characters at each end.

    Of fewer than 16 characters nothing is shown, not even how many there are.
    """
    if len(value) < _SHORTEST:
        return "..."
    shown = min(len(value) // 8, _MOST_SHOWN)
    return f"{value[:shown]}…{value[-shown:]}"
