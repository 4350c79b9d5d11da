"""The plug-in's triggers: handlers by the marker, the calls that they got, and what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

HANDLER = """
            def handler(event, context):
                event["response"] = {"claimsAndScopeOverrideDetails": {
                    "idTokenGeneration": {"claimsToAddOrOverride": {"team": "red"}}}}
                return event
"""


def test_later_versions(run_apart: Callable[..., pytest.RunResult]) -> None:
    """PreTokenGenerationV2 is asked with an event of version 2, and calls before the test do not count."""
    result = run_apart(f"""
            import jwt, pytest
            {HANDLER}
            @pytest.mark.cognito_pool(triggers={{"PreTokenGenerationV2": handler}}, users=["alice"])
            def test_it(cognito_pool, cognito_triggers):
                token = cognito_pool.sign_in("alice")["IdToken"]
                assert jwt.decode(token, options={{"verify_signature": False}})["team"] == "red"
                (call,) = cognito_triggers["PreTokenGeneration"]
                assert (call.event["version"], call.error) == ("2", None)
                assert not cognito_triggers["PreSignUp"]
        """)

    result.assert_outcomes(passed=1)


def test_failed_test_shows_the_calls(run_apart: Callable[..., pytest.RunResult]) -> None:
    """The report has each call of a function under the request that caused it, with event and answer."""
    result = run_apart("""
            import pytest

            def refuse(event, context):
                raise ValueError("Not you")

            @pytest.mark.cognito_pool(triggers={"PreSignUp": refuse})
            def test_it(cognito_pool, cognito_client):
                cognito_client.sign_up(
                    ClientId=cognito_pool.client_id, Username="alice", Password="Correct-Horse-1!"
                )
        """)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "SignUp alice 400 UserLambdaValidationException*",
            "    PreSignUp_SignUp (* ms) failed: Not you",
            '        event: {"version": "1", "triggerSource": "PreSignUp_SignUp", *"userName": "alice"*',
            "        answer: null",
        ]
    )


@pytest.mark.parametrize(
    ("triggers", "said"),
    [
        ('{"PreSignup": print}', "Unknown trigger PreSignup: the triggers are PreSignUp, *"),
        ('{"PreSignUp": "handler"}', "triggers is a dict of functions by trigger, not *"),
    ],
)
def test_wrong_options(run_apart: Callable[..., pytest.RunResult], triggers: str, said: str) -> None:
    """What can't be a trigger is an error of the test that says what can."""
    result = run_apart(f"""
            import pytest

            @pytest.mark.cognito_pool(triggers={triggers})
            def test_it(cognito_pool):
                pass
        """)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{said}"])
