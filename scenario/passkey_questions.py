"""The questions about first and second factors, and about a present password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import question
from question import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cognito_idp_actions import SignInAnswer
    from scenario.passkeys import PasskeyAccount
    from scenario.state import Scenario

_FIRST: Final = {
    "WEB_AUTHN": "Passkey",
    "EMAIL_OTP": "Code from an e-mail",
    "PASSWORD": "Password",
}
_SECOND: Final = {"WEB_AUTHN": "Passkey", "SOFTWARE_TOKEN_MFA": "Authenticator app (TOTP)"}


def ask_factor(scenario: Scenario, challenge: SignInAnswer) -> str:
    """Ask for the first factor, one of AvailableChallenges; return "" when the scenario supports none."""
    offered = challenge.get("AvailableChallenges", [])
    return _chosen(scenario, "How do you want to sign in?", _FIRST, offered, "first_factor")


def ask_second_factor(scenario: Scenario, account: PasskeyAccount, offered: Sequence[str]) -> str:
    """Ask for the second factor, one of those offered; return "" when the user can pass none."""
    usable = [factor for factor in offered if factor != "WEB_AUTHN" or account.passkey]
    return _chosen(scenario, "Which second factor?", _SECOND, usable, "factor")


def _chosen(
    scenario: Scenario, prompt: str, names: dict[str, str], offered: Sequence[str], question_name: str
) -> str:
    known = {name: factor for factor, name in names.items() if factor in offered}
    if not known:
        return ""
    choices = list(known)
    if len(choices) == 1:
        scenario.terminal.hint(f"That leaves one way: {choices[0]}.")
        return known[choices[0]]
    return known[question.choose(prompt, choices, ask=scenario.ask, name=question_name, default=choices[0])]


def ask_previous_password(scenario: Scenario, account: PasskeyAccount) -> str | None:
    """Return the present password of the user, or None; ask when the user existed before this run."""
    if account.is_new:
        return account.password or None
    prompt = "Present password (Enter alone when there is none)"
    return scenario.ask(prompt, printable, hidden=True, name="previous_password") or None
