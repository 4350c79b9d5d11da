"""The questions about the person: name, address, passwords, and whether to do something."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import question
from question import is_yesno, matches, non_empty, printable
from scenario.pool_facts import join_words

if TYPE_CHECKING:
    from question import Asker, Validator
    from scenario.state import Scenario

user_name_like = matches(r"\S{1,128}", "A user name has 1 to 128 characters and no spaces.")
_NAME_CHARACTERS = "LMSNP"  # first letters of Unicode's categories: Cognito takes these in a user name
email_like = matches(r"[^@\s]+@[^@\s]+\.[^@\s.]+", "That does not look like an e-mail address.")
password_like = matches(r"\S{6,256}", "A password has 6 to 256 characters and no spaces.")


def cognito_name(answer: str) -> tuple[str | None, str]:
    """Refuse what Cognito takes in no user name: control characters, and others that have no shape."""
    odd = next((c for c in answer if unicodedata.category(c)[0] not in _NAME_CHARACTERS), None)
    if odd is None:
        return answer, ""
    return None, f"A user name has letters, digits, symbols and punctuation, but not U+{ord(odd):04X}."


def ask_user_name(scenario: Scenario) -> str:
    """Ask for a user name."""
    name: str = scenario.ask("User name", non_empty, user_name_like, cognito_name, name="user_name")
    return name


def ask_email(scenario: Scenario) -> str:
    """Ask for an e-mail address."""
    email: str = scenario.ask("E-mail address", non_empty, email_like, name="email")
    return email


def ask_new_password(scenario: Scenario, prompt: str = "Password", name: str = "password") -> str:
    """Ask for a new password that keeps the pool's policy, then for the same once more."""
    policy = scenario.pool_facts().password_policy
    if policy and policy.demands:
        scenario.terminal.hint(f"A password of this pool has {join_words(policy.demands)}.")
    return question.ask_twice(
        prompt,
        non_empty,
        printable,
        *([policy.check] if policy else []),
        password_like,
        again=f"{prompt} once more",
        ask=scenario.ask,
        name=name,
    )


def ask_password(scenario: Scenario, prompt: str, *, otherwise: str = "") -> str:
    """Ask for the password of a user who exists; an empty answer stands for `otherwise`, if there is that."""
    validators: list[Validator] = [printable] if otherwise else [non_empty, printable]
    answer: str = scenario.ask(prompt, *validators, hidden=True, name="password")
    return answer or otherwise


def ask_code(scenario: Scenario, prompt: str, name: str, *validators: Validator) -> str:
    """Ask for a code of digits, which may be typed in groups."""
    code: str = scenario.ask(prompt, without_spaces, *validators, name=name)
    return code


def without_spaces(answer: str) -> tuple[str, str]:
    """Take the spaces out of groups of digits; anything else stays as it is."""
    digits = "".join(answer.split())
    return (digits if digits.isdecimal() else answer), ""


def wants_optional_mfa(scenario: Scenario) -> bool:
    """Ask whether to set up an app in a pool that does not ask for it; where there is no TOTP, say that."""
    scenario.terminal.warn("Cognito asked for no second factor: MFA is off or optional in this pool.")
    if not scenario.pool_facts().offers_totp:
        scenario.terminal.hint("It offers no authenticator app (TOTP) either, so none is set up.")
        return False
    prompt = "Set up an authenticator app for this user all the same?"
    return ask_yesno(scenario, prompt, "set_up_mfa")


def ask_yesno(scenario: Scenario, prompt: str, name: str, *, default: bool = True) -> bool:
    """Ask whether to do something; Enter alone takes the default."""
    return yesno(scenario.ask, prompt, name, default=default)


def yesno(ask: Asker, prompt: str, name: str, *, default: bool = True) -> bool:
    """Ask whether to do something; Enter alone takes the default."""

    def or_default(answer: str) -> tuple[str, str]:
        return answer or ("y" if default else "n"), ""

    answer: bool = ask(f"{prompt} ({'Y/n' if default else 'y/N'})", or_default, is_yesno, name=name)
    return answer
