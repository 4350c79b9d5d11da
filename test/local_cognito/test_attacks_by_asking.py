"""Asking who exists: where an app client hides it, no answer tells."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from local_cognito.rules import srp
from test.support.hostile_requests import DEVICE
from test.support.password_srp import other_code
from test.support.pool_driver import (
    ALICE,
    ATTEMPT_LIMIT,
    CODE_EXPIRED,
    CODE_MISMATCH,
    LOCKED_OUT,
    PASSWORD,
    WRONG_PASSWORD,
    call_raw,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import PoolDriver


class Asking:
    """Calls that would tell who exists, each twice: of a user, and of nobody."""

    def __init__(self, make_pool: Callable[..., PoolDriver], *names: str, **settings: Any) -> None:
        """Make a pool whose app client hides who exists, and Alice."""
        self.pool = make_pool(settings, client={"PreventUserExistenceErrors": "ENABLED"})
        self.names = names or (ALICE, "nobody")

    def raw(self, operation: str, **fields: Any) -> tuple[int, str]:
        """Return status and body of an answer."""
        answer = call_raw(self.pool.server.url, operation, {"ClientId": self.pool.client_id} | fields)
        return answer.status, answer.body.decode()

    def answers(self, call: Callable[[str], tuple[int, str]], times: int = 1) -> list[list[tuple[int, str]]]:
        """Return what `call` brings for each of the two names, without what names the user."""
        return [[self.neutral(call(name), name) for _ in range(times)] for name in self.names]

    def neutral(self, answer: tuple[int, str], name: str) -> tuple[int, str]:
        """Return an answer without names, identifiers and random values."""
        status, body = answer
        body = re.sub(re.escape(name), "NAME", body, flags=re.IGNORECASE)
        body = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "NAME", body)
        body = re.sub(r'"[0-9a-f]{31,32}"', '"SALT"', body)
        body = re.sub(r'"[0-9a-f]{765,768}"', '"B"', body)
        body = re.sub(r'"[A-Za-z0-9+/=]{1200}"', '"BLOCK"', body)
        return status, re.sub(r"[a-z]\*\*\*@[a-z]\*\*\*", "DESTINATION", body)


def of_both(asking: Asking, call: Callable[[str], tuple[int, str]], times: int = 1) -> list[tuple[int, str]]:
    """Return the answers that both names bring, which must be the same."""
    of_user, of_nobody = asking.answers(call, times)
    assert of_user == of_nobody
    return of_user


class TestAskingWhoExists:
    """Where an app client hides who exists, no answer tells, however often one asks."""

    @pytest.mark.parametrize(
        "names", [(ALICE, "nobody"), ("ALICE", "NoBody"), ("alice@example.com", "n@example.com")]
    )
    @pytest.mark.parametrize("flow", ["USER_PASSWORD_AUTH", "USER_SRP_AUTH"])
    def test_sign_in(self, make_pool: Callable[..., PoolDriver], flow: str, names: tuple[str, str]) -> None:
        """Wrong passwords bring the same, up to and including the lock."""
        aliases = {"AliasAttributes": ["email"], "UsernameConfiguration": {"CaseSensitive": False}}
        asking = Asking(make_pool, *names, **aliases)
        # A user name of the form that Cognito gives, so that it does not tell by itself.
        asking.pool.user(
            "11111111-2222-4333-8444-555555555555" if "@" in names[0] else ALICE, email="alice@example.com"
        )

        def sign_in(name: str) -> tuple[int, str]:
            values = {"USERNAME": name, "PASSWORD": WRONG_PASSWORD}
            if flow == "USER_SRP_AUTH":
                values["SRP_A"] = f"{srp.G:x}"
            return asking.raw("InitiateAuth", AuthFlow=flow, AuthParameters=values)

        def prove(name: str) -> tuple[int, str]:
            status, body = sign_in(name)
            if status != 200:
                return status, body
            parameters = json.loads(body)["ChallengeParameters"]
            claim = {
                "USERNAME": parameters["USERNAME"],
                "TIMESTAMP": asking.pool.clock.timestamp(),
                "PASSWORD_CLAIM_SECRET_BLOCK": parameters["SECRET_BLOCK"],
                "PASSWORD_CLAIM_SIGNATURE": "AAAA",
            }
            return asking.raw(
                "RespondToAuthChallenge", ChallengeName="PASSWORD_VERIFIER", ChallengeResponses=claim
            )

        of_both(asking, sign_in, 2 if flow == "USER_SRP_AUTH" else 7)
        answers = of_both(asking, prove, 7)
        assert LOCKED_OUT[1] in answers[-1][1]

    def test_salt(self, make_pool: Callable[..., PoolDriver]) -> None:
        """The salt of nobody's is theirs: the same each time, another one for another name."""
        asking = Asking(make_pool)
        salts = [
            json.loads(
                asking.raw(
                    "InitiateAuth", AuthFlow="USER_SRP_AUTH", AuthParameters={"USERNAME": name, "SRP_A": "2"}
                )[1]
            )["ChallengeParameters"]["SALT"]
            for name in ("nobody", "nobody", "nobody else")
        ]

        assert salts[0] == salts[1] != salts[2]

    @pytest.mark.parametrize(
        "challenge",
        ["SOFTWARE_TOKEN_MFA", "MFA_SETUP", "NEW_PASSWORD_REQUIRED", "EMAIL_OTP", "DEVICE_SRP_AUTH"],
    )
    @pytest.mark.parametrize("session", [{}, {"Session": "x" * 40}])
    def test_challenge(
        self, make_pool: Callable[..., PoolDriver], challenge: str, session: dict[str, str]
    ) -> None:
        """Nor do challenges that nobody was asked."""
        asking = Asking(make_pool)
        asking.pool.user()

        def answer(name: str) -> tuple[int, str]:
            responses = {"USERNAME": name, f"{challenge}_CODE": "123456", "NEW_PASSWORD": PASSWORD}
            responses |= {"SRP_A": "2", "DEVICE_KEY": DEVICE}
            return asking.raw(
                "RespondToAuthChallenge", ChallengeName=challenge, ChallengeResponses=responses, **session
            )

        of_both(asking, answer, 2)

    def test_forgotten_password(self, make_pool: Callable[..., PoolDriver]) -> None:
        """ForgotPassword says where a code went, or that it was asked for too often, and that is all."""
        asking = Asking(make_pool)
        asking.pool.user()
        answers = of_both(asking, lambda name: asking.raw("ForgotPassword", Username=name), 7)

        assert [status for status, _ in answers] == [200] * 5 + [400] * 2

    def test_confirming_a_forgotten_password(self, make_pool: Callable[..., PoolDriver]) -> None:
        """Nor does ConfirmForgotPassword tell when no code was asked for."""
        asking = Asking(make_pool)
        asking.pool.user()
        fields = {"ConfirmationCode": "123456", "Password": PASSWORD}
        answers = of_both(
            asking, lambda name: asking.raw("ConfirmForgotPassword", Username=name, **fields), 17
        )

        assert CODE_EXPIRED[1] in answers[0][1]
        assert ATTEMPT_LIMIT[1] in answers[-1][1]

    def test_another_code(self, make_pool: Callable[..., PoolDriver]) -> None:
        """ResendConfirmationCode says the same of one who signed up."""
        asking = Asking(make_pool)
        asking.pool.sign_up()
        answers = of_both(asking, lambda name: asking.raw("ResendConfirmationCode", Username=name), 7)

        assert [status for status, _ in answers] == [200] * 5 + [400] * 2

    def test_wrong_confirmation_code(self, make_pool: Callable[..., PoolDriver]) -> None:
        """ConfirmSignUp says the same of one who signed up, when the code is wrong."""
        asking = Asking(make_pool)
        asking.pool.sign_up()
        code = other_code(asking.pool.codes()[-1])
        answers = of_both(
            asking, lambda name: asking.raw("ConfirmSignUp", Username=name, ConfirmationCode=code), 17
        )

        assert CODE_MISMATCH[1] in answers[0][1]
        assert ATTEMPT_LIMIT[1] in answers[-1][1]
