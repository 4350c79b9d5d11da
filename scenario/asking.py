"""The story's questions about the person: name, address, passwords, and whether to do something."""

from __future__ import annotations

from typing import TYPE_CHECKING

import question
from question import is_yesno, matches, non_empty, printable
from scenario.pool_facts import listed

if TYPE_CHECKING:
    from question import Asker, Validator
    from scenario.state import Story

user_name_like = matches(r"\S{1,128}", "A user name has 1 to 128 characters and no spaces.")
email_like = matches(r"[^@\s]+@[^@\s]+\.[^@\s.]+", "That does not look like an e-mail address.")
password_like = matches(r"\S{6,256}", "A password has 6 to 256 characters and no spaces.")


def ask_user_name(story: Story) -> str:
    """Ask for a user name."""
    name: str = story.ask("User name", non_empty, user_name_like, name="user_name")
    return name


def ask_email(story: Story) -> str:
    """Ask for an e-mail address."""
    email: str = story.ask("E-mail address", non_empty, email_like, name="email")
    return email


def ask_new_password(story: Story, prompt: str = "Password", name: str = "password") -> str:
    """Ask for a new password that keeps the pool's policy, then for the same once more."""
    policy = story.pool.password_policy
    if policy and policy.demands:
        story.terminal.hint(f"A password of this pool has {listed(policy.demands)}.")
    return question.ask_twice(
        prompt,
        non_empty,
        printable,
        *([policy.check] if policy else []),
        password_like,
        again=f"{prompt} once more",
        ask=story.ask,
        name=name,
    )


def ask_password(story: Story, prompt: str, *, otherwise: str = "") -> str:
    """Ask for the password of a user who exists; an empty answer stands for `otherwise`, if there is that."""
    validators: list[Validator] = [printable] if otherwise else [non_empty, printable]
    answer: str = story.ask(prompt, *validators, hidden=True, name="password")
    return answer or otherwise


def ask_code(story: Story, prompt: str, name: str, *validators: Validator) -> str:
    """Ask for a code of digits, which may be typed in groups."""
    code: str = story.ask(prompt, without_spaces, *validators, name=name)
    return code


def without_spaces(answer: str) -> tuple[str, str]:
    """Take the spaces out of groups of digits; anything else stays as it is."""
    digits = "".join(answer.split())
    return (digits if digits.isdecimal() else answer), ""


def ask_yesno(story: Story, prompt: str, name: str, *, default: bool = True) -> bool:
    """Ask whether to do something; Enter alone takes the default."""
    return yesno(story.ask, prompt, name, default=default)


def yesno(ask: Asker, prompt: str, name: str, *, default: bool = True) -> bool:
    """Ask whether to do something; Enter alone takes the default."""

    def or_default(answer: str) -> tuple[str, str]:
        return answer or ("y" if default else "n"), ""

    answer: bool = ask(f"{prompt} ({'Y/n' if default else 'y/N'})", or_default, is_yesno, name=name)
    return answer
