"""The pool's password policy: what it says, and what it lets through before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from scenario.pool_facts import PasswordPolicy, PoolFacts, join_words
from test.support.scenario_calls import OTHER_PASSWORD, POLICY, THE_END, Stage, answers, sign_up

if TYPE_CHECKING:
    from collections.abc import Mapping

ALL = {
    "MinimumLength": 8,
    "RequireUppercase": True,
    "RequireLowercase": True,
    "RequireNumbers": True,
    "RequireSymbols": True,
    "TemporaryPasswordValidityDays": 7,
}


def policy(**rules: object) -> PasswordPolicy:
    """Return a policy of these rules."""
    found = PasswordPolicy.of({"Policies": {"PasswordPolicy": rules}})
    assert found is not None
    return found


@pytest.mark.parametrize("pool", [{}, {"Policies": {}}, {"Policies": {"PasswordPolicy": {}}}])
def test_policy_that_is_not_known(pool: Mapping[str, object]) -> None:
    """A description without a policy, or none at all, makes none."""
    assert PasswordPolicy.of(pool) is None


@pytest.mark.parametrize(
    ("password", "complaint"),
    [
        ("Correct-Horse-1!", ""),
        ("Short1!", "This pool wants 8 characters or more in it."),
        ("correct-horse-1", "This pool wants an upper-case letter in it."),
        ("CORRECT-HORSE-1", "This pool wants a lower-case letter in it."),
        ("Correct-Horse", "This pool wants a digit in it."),
        ("CorrectHorse1", "This pool wants a symbol in it."),
        ("héllo", "This pool wants 8 characters or more, an upper-case letter, a digit and a symbol in it."),
        (
            "Éé١§ÉÉÉÉÉ",
            "This pool wants an upper-case letter, a lower-case letter, a digit and a symbol in it.",
        ),
    ],
)
def test_every_rule_that_is_broken(password: str, complaint: str) -> None:
    """All that a password lacks is listed at once; letters, digits and symbols beyond ASCII don't count."""
    value, said = policy(**ALL).check(password)

    assert (value, said if value is None else "") == (None if complaint else password, complaint)


def test_rules_that_are_off() -> None:
    """A pool that demands a length alone says so, and gets no more."""
    weak = policy(**{**dict.fromkeys(ALL, False), "MinimumLength": 6})

    assert weak.demands == ["6 characters or more"]
    assert weak.check("aaaaaa")[0] == "aaaaaa"


@pytest.mark.parametrize(
    ("parts", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_join_words(parts: list[str], text: str) -> None:
    """Parts are joined as in a sentence."""
    assert join_words(parts) == text


def test_repetition_is_asked_only_after_the_rules(stage: Stage) -> None:
    """A password that breaks rules is asked again at once, and neither repeated nor sent."""
    stage.refuse(sign_up(password=OTHER_PASSWORD), *THE_END)
    script = answers(password=["short", OTHER_PASSWORD, OTHER_PASSWORD])

    with pytest.raises(ClientError, match=THE_END[1]):
        stage.run(script, pool_facts=PoolFacts(policy(**ALL)))

    assert script.unused.keys().isdisjoint({"password"})
    assert [question for question in script.questions if "assword" in question] == [
        *("Password", "Password", "Password once more")
    ]
    hint = (
        "A password of this pool has 8 characters or more, an upper-case letter, a lower-case letter, a digit"
    )
    assert f"{hint} and a symbol." in stage.shown
    assert script.complaints == [
        "This pool wants 8 characters or more, an upper-case letter, a digit and a symbol in it."
    ]


def test_unknown_policy_claims_nothing(stage: Stage) -> None:
    """Without the policy there is no hint; what Cognito refuses is asked again."""
    stage.refuse(sign_up(), *POLICY)
    stage.refuse(sign_up(password=OTHER_PASSWORD), *THE_END)
    script = answers()
    script.left["password"] += [OTHER_PASSWORD] * 2

    with pytest.raises(ClientError, match=THE_END[1]):
        stage.run(script)

    assert "characters or more" not in stage.shown
    assert POLICY[1] in stage.shown
