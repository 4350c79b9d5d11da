"""A pool's password policy: which characters count, and what DescribeUserPool shows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from test.support.pool_driver import refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import PoolDriver


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Éorrect-horse-1!", "Password must have uppercase characters"),
        ("CÖRRECT-HORSE-1é", "Password must have lowercase characters"),
        ("Correct-Horse-٣٤", "Password must have numeric characters"),
        ("CorrectHorse1€§", "Password must have symbol characters"),
    ],
)
def test_only_basic_latin_counts(pool: PoolDriver, password: str, reason: str) -> None:
    """Letters, digits and symbols beyond ASCII may stand in a password, but satisfy no rule."""
    with refused("InvalidPasswordException", f"Password did not conform with policy: {reason}"):
        pool.sign_up(password=password)


def test_other_scripts_may_stand_in_a_password(pool: PoolDriver) -> None:
    """A password that keeps to the rules can have anything besides."""
    password = "Correct-Horse-1!é٣€"
    pool.user(password=password)

    assert "AuthenticationResult" in pool.sign_in(password=password)


def test_a_rule_that_is_not_given_is_off(make_pool: Callable[..., PoolDriver]) -> None:
    """A policy of one rule is shown with the others turned off, and demands nothing else."""
    policies: Any = {"Policies": {"PasswordPolicy": {"MinimumLength": 6}}}
    pool = make_pool(policies)

    assert pool.api.describe_user_pool(UserPoolId=pool.id)["UserPool"]["Policies"]["PasswordPolicy"] == {
        "MinimumLength": 6,
        "RequireUppercase": False,
        "RequireLowercase": False,
        "RequireNumbers": False,
        "RequireSymbols": False,
        "TemporaryPasswordValidityDays": 7,
    }
    pool.user(password="horses")


def test_no_days_are_seven_days(make_pool: Callable[..., PoolDriver]) -> None:
    """TemporaryPasswordValidityDays=0 stands for the default, seven."""
    policies: Any = {"Policies": {"PasswordPolicy": {"TemporaryPasswordValidityDays": 0}}}
    pool = make_pool(policies)

    shown = pool.api.describe_user_pool(UserPoolId=pool.id)["UserPool"]["Policies"]["PasswordPolicy"]
    assert shown["TemporaryPasswordValidityDays"] == 7
