"""Signing in: lock-outs, sessions that were spent, and every challenge that the scenario can answer."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from scenario.recovery import MOST_RESTARTS, lock_seconds
from test.support.scenario_calls import (
    EMAIL,
    ENROLLED,
    EXPIRED,
    LIST,
    LOCKED_OUT,
    MFA_CODE,
    MFA_MISMATCH,
    OTHER_PASSWORD,
    PASSWORD,
    POLICY,
    SESSION_EXPIRED,
    SESSION_SPENT,
    SET_UP_CODE,
    SIGNED_UP,
    THE_END,
    TOKEN_EXPIRED,
    TOKENS,
    USED,
    USER,
    WRONG_CODE,
    WRONG_PASSWORD,
    answers,
    asks_code,
    associate,
    challenge,
    confirm_device,
    delete,
    mfa,
    password,
    renew,
    response,
    session,
    set_up,
    sign_up,
    tokens,
    verify,
)
from test.support.stubbed_calls import (
    Call,
)

if TYPE_CHECKING:
    from test.support.scenario_calls import Stage
    from test.support.stage import Script


NOT_THE_CODE = ("CodeMismatchException", "Invalid code or auth state for the user.")
SENT_CODE = "12345678"
NO_TOTP = ("SoftwareTokenMFANotFoundException", "Software Token MFA has not been enabled by the userPool.")
NO_PREFERENCE = ("InvalidParameterException", "User does not have delivery config set.")


def run_to_the_end(stage: Stage, script: Script) -> dict[str, Any]:
    """Run a scenario that ends at a refusal which the test has queued; every answer must have been used."""
    with pytest.raises(ClientError, match=THE_END[1]):
        stage.run(script)
    return {
        name: left for name, left in script.unused.items() if name not in ("forget_device", "delete_user")
    }


def after_sign_in(stage: Stage) -> None:
    """Have a signed-in person's device refused, which ends the scenario."""
    stage.refuse(confirm_device(), *THE_END)


class TestLocks:
    """Too many wrong answers."""

    @pytest.mark.parametrize(
        ("failures", "locks", "seconds"),
        [
            (0, 0, 1),
            (5, 0, 1),
            (6, 0, 2),
            (9, 0, 16),
            (0, 3, 8),
            (7, 2, 16),
            (14, 0, 512),
            (15, 0, 900),
            (99, 9, 900),
        ],
    )
    def test_how_long(self, failures: int, locks: int, seconds: int) -> None:
        """The fifth miss locks for a second, each further one twice as long, for 15 minutes at most."""
        assert lock_seconds(failures, locks) == seconds

    def test_password(self, stage: Stage) -> None:
        """The lock is told, waited out, and the same password tried again without a question."""
        stage.queue(sign_up(is_confirmed=True), LIST)
        for _ in range(6):
            stage.refuse(password({}), *WRONG_PASSWORD)
        stage.refuse(password({}, password=OTHER_PASSWORD), *LOCKED_OUT)
        stage.refuse(password({}, password=OTHER_PASSWORD), *LOCKED_OUT)
        stage.refuse(password({}, password=OTHER_PASSWORD), *THE_END)
        wrong = [PASSWORD] * 7
        script = answers(password=[*wrong, OTHER_PASSWORD], confirmation_code=[], set_up_code=[], mfa_code=[])

        assert run_to_the_end(stage, script) == {}
        assert [seconds for seconds, _ in stage.waits] == [2, 4]
        assert f"Cognito has locked {USER} for 2 s, even to right ones." in stage.shown

    def test_sign_in_that_brought_tokens(self, stage: Stage) -> None:
        """Cognito forgets wrong answers then, and so does the scenario."""
        stage.queue(sign_up(is_confirmed=True), LIST)
        for _ in range(4):
            stage.refuse(password({}), *WRONG_PASSWORD)
        stage.queue(NO_MFA, ASSOCIATE, VERIFY, PREFER, password(asks_code()))
        for _ in range(5):
            stage.refuse(mfa(WRONG_CODE), *MFA_MISMATCH)
        stage.refuse(mfa(), *LOCKED_OUT)
        stage.queue(mfa())
        after_sign_in(stage)
        script = answers(
            password=[PASSWORD] * 6,
            confirmation_code=[],
            set_up_mfa=["y"],
            mfa_code=[WRONG_CODE] * 5 + [MFA_CODE] * 2,
        )

        assert run_to_the_end(stage, script) == {}
        assert [seconds for seconds, reason in stage.waits if "lock" in reason] == [1]

    def test_code(self, stage: Stage) -> None:
        """At the question for a code it is the same: a wait, then the question again."""
        stage.queue(sign_up(is_confirmed=True), LIST, password(asks_code()))
        for _ in range(6):
            stage.refuse(mfa(WRONG_CODE), *MFA_MISMATCH)
        for _ in range(2):
            stage.refuse(mfa(), *LOCKED_OUT)
        stage.refuse(mfa(WRONG_CODE), *MFA_MISMATCH)
        stage.refuse(mfa(), *LOCKED_OUT)
        stage.queue(mfa())
        after_sign_in(stage)
        codes = [WRONG_CODE] * 6 + [MFA_CODE] * 2 + [WRONG_CODE] + [MFA_CODE] * 2
        script = answers(mfa_code=codes, confirmation_code=[], set_up_code=[])

        assert run_to_the_end(stage, script) == {}
        assert [seconds for seconds, _ in stage.waits] == [2, 4, 4]


def test_wrong_password(stage: Stage) -> None:
    """It is asked again, hidden and once; the right one is used from there on."""
    stage.queue(*SIGNED_UP)
    stage.refuse(password({}), *WRONG_PASSWORD)
    stage.queue(password(asks_code(), password=OTHER_PASSWORD), mfa())
    after_sign_in(stage)
    script = answers(password=[PASSWORD, PASSWORD, OTHER_PASSWORD], set_up_code=[])

    assert run_to_the_end(stage, script) == {}
    assert script.asked[-2:] == [("password", True), ("mfa_code", False)]
    assert "That is not the password of this user." in stage.shown


def test_session_spent_by_a_lost_attempt(stage: Stage) -> None:
    """When the secret was asked for in vain the sign-in is made again, a few times and not for ever."""
    stage.queue(*SIGNED_UP)
    for _ in range(MOST_RESTARTS + 1):
        stage.queue(password(set_up()))
        stage.refuse(associate(), *SESSION_SPENT)

    with pytest.raises(ClientError, match="only be used once"):
        stage.run(answers())


SENT = {
    "SMS_MFA": ({"CODE_DELIVERY_DESTINATION": "+*******9088"}, "SMS_MFA_CODE", "text message"),
    "EMAIL_OTP": ({"CODE_DELIVERY_DESTINATION": "a***@e***"}, "EMAIL_OTP_CODE", "e-mail"),
}


@pytest.mark.parametrize(
    ("name", "parameters", "field", "medium"), [(name, *rest) for name, rest in SENT.items()]
)
class TestSentCodes:
    """Codes by text message and by e-mail."""

    def test_wrong_then_right(
        self, stage: Stage, name: str, parameters: dict[str, str], field: str, medium: str
    ) -> None:
        """A wrong code is asked again with Cognito's reason and the same session; the right one signs in."""
        stage.queue(*SIGNED_UP, password(challenge(name, 4, **parameters)))
        stage.refuse(response(name, 4, {}, **{field: WRONG_CODE}), *NOT_THE_CODE)
        stage.queue(response(name, 4, tokens(), **{field: SENT_CODE}))
        after_sign_in(stage)
        script = answers(sent_code=["my code", WRONG_CODE, SENT_CODE], set_up_code=[], mfa_code=[])

        assert run_to_the_end(stage, script) == {}
        assert script.complaints == ["A code has digits only."]
        assert f"! {NOT_THE_CODE[0]}: {NOT_THE_CODE[1]}" in stage.shown
        assert parameters["CODE_DELIVERY_DESTINATION"] in stage.shown
        assert any(f"Code from the {medium}" in question for question in script.questions)

    @pytest.mark.parametrize("refusal", [NOT_THE_CODE, EXPIRED])
    def test_codes_that_do_not_work(
        self,
        stage: Stage,
        name: str,
        parameters: dict[str, str],
        field: str,
        medium: str,
        refusal: tuple[str, str],
    ) -> None:
        """Each of them is asked again with Cognito's reason, and counts towards the lock."""
        stage.queue(*SIGNED_UP, password(challenge(name, 4, **parameters)))
        for _ in range(7):
            stage.refuse(response(name, 4, {}, **{field: WRONG_CODE}), *refusal)
        stage.refuse(response(name, 4, {}, **{field: SENT_CODE}), *LOCKED_OUT)
        stage.queue(response(name, 4, tokens(), **{field: SENT_CODE}))
        after_sign_in(stage)
        script = answers(sent_code=[WRONG_CODE] * 7 + [SENT_CODE] * 2, set_up_code=[], mfa_code=[])

        assert run_to_the_end(stage, script) == {}
        assert stage.shown.count(f"! {refusal[0]}: {refusal[1]}") == 7
        assert [seconds for seconds, _ in stage.waits] == [4]

    def test_mail_is_shown_where_there_is_a_mailbox(
        self, stage: Stage, name: str, parameters: dict[str, str], field: str, medium: str
    ) -> None:
        """On the local pool the message is on the screen."""
        stage.queue(sign_up(is_confirmed=True), LIST, password(challenge(name, 4, **parameters)))
        stage.refuse(response(name, 4, {}, **{field: SENT_CODE}), *THE_END)
        letter = {"to": EMAIL, "subject": "Your authentication code", "body": "It is 12345678"}
        mailbox = SimpleNamespace(latest=lambda to: letter if to == EMAIL else None)

        with pytest.raises(ClientError, match=THE_END[1]):
            stage.run(answers(sent_code=[SENT_CODE]), mailbox=mailbox)

        assert letter["body"] in stage.shown

    def test_another_code(
        self, stage: Stage, name: str, parameters: dict[str, str], field: str, medium: str
    ) -> None:
        """Enter alone signs in again, which sends another code."""
        stage.queue(*SIGNED_UP, password(challenge(name, 4, **parameters)))
        stage.queue(
            password(challenge(name, 5, **parameters)), response(name, 5, tokens(), **{field: SENT_CODE})
        )
        after_sign_in(stage)
        script = answers(sent_code=["", SENT_CODE], set_up_code=[], mfa_code=[])

        assert run_to_the_end(stage, script) == {}

    def test_session_that_ran_out(
        self, stage: Stage, name: str, parameters: dict[str, str], field: str, medium: str
    ) -> None:
        """It signs in again by itself, and asks for the code that was sent again."""
        stage.queue(*SIGNED_UP, password(challenge(name, 4, **parameters)))
        stage.refuse(response(name, 4, {}, **{field: SENT_CODE}), *SESSION_EXPIRED)
        stage.queue(
            password(challenge(name, 5, **parameters)), response(name, 5, tokens(), **{field: SENT_CODE})
        )
        after_sign_in(stage)
        script = answers(sent_code=[SENT_CODE] * 2, set_up_code=[], mfa_code=[])

        assert run_to_the_end(stage, script) == {}
        assert "The session ran out; signing in again." in stage.shown


class TestChoiceOfFactors:
    """SELECT_MFA_TYPE."""

    @pytest.mark.parametrize(
        ("picked", "factor"),
        [("1", "SOFTWARE_TOKEN_MFA"), ("2", "SMS_MFA"), ("E-mail", "EMAIL_OTP"), ("NEW_KIND", "NEW_KIND")],
    )
    def test_choice(self, stage: Stage, picked: str, factor: str) -> None:
        """Cognito gets its own name of the factor that was picked."""
        offered = '["SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_OTP", "NEW_KIND"]'
        stage.queue(*SIGNED_UP, password(challenge("SELECT_MFA_TYPE", 4, MFAS_CAN_CHOOSE=offered)))
        stage.refuse(response("SELECT_MFA_TYPE", 4, {}, ANSWER=factor), *THE_END)

        assert run_to_the_end(stage, answers(factor=[picked], set_up_code=[], mfa_code=[])) == {}

    def test_what_follows(self, stage: Stage) -> None:
        """The factor's own challenge follows, with its own session."""
        offered = '["SOFTWARE_TOKEN_MFA", "SMS_MFA"]'
        stage.queue(*SIGNED_UP, password(challenge("SELECT_MFA_TYPE", 3, MFAS_CAN_CHOOSE=offered)))
        stage.queue(response("SELECT_MFA_TYPE", 3, asks_code(), ANSWER="SOFTWARE_TOKEN_MFA"), mfa())
        after_sign_in(stage)

        assert run_to_the_end(stage, answers(factor=["1"], set_up_code=[])) == {}
        assert '"ChallengeName": "SOFTWARE_TOKEN_MFA"' in stage.shown


class TestNewPassword:
    """NEW_PASSWORD_REQUIRED."""

    REQUIRED = challenge("NEW_PASSWORD_REQUIRED", 1, requiredAttributes='["userAttributes.name"]')

    def test_policy_and_attributes(self, stage: Stage) -> None:
        """The policy's reason is shown, attributes are asked once, and the new password signs in later."""
        refused, right = (
            {"NEW_PASSWORD": text, "userAttributes.name": "Alice"} for text in (PASSWORD, OTHER_PASSWORD)
        )
        stage.queue(*SIGNED_UP, password(self.REQUIRED))
        stage.refuse(response("NEW_PASSWORD_REQUIRED", 1, {}, **refused), *POLICY)
        stage.queue(response("NEW_PASSWORD_REQUIRED", 1, set_up(), **right), associate(), verify())
        stage.refuse(password({}, password=OTHER_PASSWORD), *THE_END)
        script = answers(
            **{"new_password": [PASSWORD] * 2 + [OTHER_PASSWORD] * 2, "userAttributes.name": ["Alice"]},
            mfa_code=[],
        )

        assert run_to_the_end(stage, script) == {}
        assert [hidden for name, hidden in script.asked if name == "new_password"] == [True] * 4
        assert f"! {POLICY[0]}: {POLICY[1]}" in stage.shown
        assert "name" in script.questions

    def test_nothing_else_required(self, stage: Stage) -> None:
        """Without the list of attributes there are none to ask for."""
        stage.queue(*SIGNED_UP, password(challenge("NEW_PASSWORD_REQUIRED", 1)))
        stage.refuse(response("NEW_PASSWORD_REQUIRED", 1, {}, NEW_PASSWORD=OTHER_PASSWORD), *THE_END)
        script = answers(new_password=[OTHER_PASSWORD] * 2, set_up_code=[], mfa_code=[])

        assert run_to_the_end(stage, script) == {}

    def test_session_that_ran_out(self, stage: Stage) -> None:
        """A person who thought too long about the new password starts with the temporary one again."""
        stage.queue(*SIGNED_UP, password(challenge("NEW_PASSWORD_REQUIRED", 1)))
        stage.refuse(response("NEW_PASSWORD_REQUIRED", 1, {}, NEW_PASSWORD=OTHER_PASSWORD), *SESSION_EXPIRED)
        stage.refuse(password({}), *THE_END)
        script = answers(new_password=[OTHER_PASSWORD] * 2, set_up_code=[], mfa_code=[])

        assert run_to_the_end(stage, script) == {}


ACCESS = {"AccessToken": TOKENS["AccessToken"]}
ASSOCIATE = Call("associate_software_token", ACCESS, {"SecretCode": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"})
VERIFY = Call("verify_software_token", {**ACCESS, "UserCode": SET_UP_CODE}, {"Status": "SUCCESS"})
PREFER = Call(
    "set_user_mfa_preference",
    {**ACCESS, "SoftwareTokenMfaSettings": {"Enabled": True, "PreferredMfa": True}},
    {},
)
NO_MFA = password(tokens(metadata=False))


class TestPoolsThatAskForNoMfa:
    """MFA off or optional: the password alone signs in."""

    def test_enrolment_with_the_access_token(self, stage: Stage) -> None:
        """Who wants an app gets one, and is asked for its code from then on."""
        stage.queue(*SIGNED_UP, NO_MFA, ASSOCIATE, VERIFY, PREFER, password(asks_code()), mfa())
        after_sign_in(stage)

        assert run_to_the_end(stage, answers(set_up_mfa=["y"])) == {}
        assert "MFA is off or optional" in stage.shown
        assert "Scan this" in stage.shown
        assert len(stage.waits) == 1

    def test_enrolment_that_took_too_long(self, stage: Stage) -> None:
        """Once the sign-in has expired another one follows by itself, with a new key."""
        new = "another-access-token"
        again = {"AccessToken": new}
        stage.queue(*SIGNED_UP, NO_MFA, ASSOCIATE)
        stage.refuse(VERIFY, *TOKEN_EXPIRED)
        stage.queue(password(tokens(metadata=False, access_token=new)))
        stage.queue(
            *(replace(call, request=call.request | again) for call in (ASSOCIATE, VERIFY, PREFER)),
            *(password(asks_code()), mfa()),
        )
        after_sign_in(stage)

        assert run_to_the_end(stage, answers(set_up_mfa=["y"], set_up_code=[SET_UP_CODE] * 2)) == {}
        assert "This is a new key." in stage.shown

    def test_who_wants_none(self, stage: Stage) -> None:
        """The scenario goes on with the tokens that it has, without another sign-in."""
        stage.queue(*SIGNED_UP, NO_MFA, renew(None), delete())
        script = answers(set_up_mfa=["n"], set_up_code=[], mfa_code=[], forget_device=[])

        screen = stage.run(script)

        assert script.unused == {}
        assert "Cognito asked for the password alone" in screen
        assert screen.endswith(f"{USER} is deleted.")

    @pytest.mark.parametrize(
        ("before", "refused", "refusal"),
        [([], ASSOCIATE, NO_TOTP), ([ASSOCIATE, VERIFY], PREFER, NO_PREFERENCE)],
        ids=["no TOTP", "no preference"],
    )
    def test_pool_that_does_not_let_them(
        self, stage: Stage, before: list[Call], refused: Call, refusal: tuple[str, str]
    ) -> None:
        """Cognito's reason is shown, and the scenario goes on without the app."""
        stage.queue(*SIGNED_UP, NO_MFA, *before)
        stage.refuse(refused, *refusal)
        stage.queue(renew(None), delete())
        script = answers(
            set_up_mfa=["y"], set_up_code=[SET_UP_CODE] * bool(before), mfa_code=[], forget_device=[]
        )

        screen = stage.run(script)

        assert script.unused == {}
        assert f"! {refusal[0]}: {refusal[1]}" in screen

    def test_pool_that_asks_for_none_even_so(self, stage: Stage) -> None:
        """Where MFA is off, the enrolled app is not asked for; the scenario says so and goes on."""
        stage.queue(*SIGNED_UP, NO_MFA, ASSOCIATE, VERIFY, PREFER, NO_MFA, renew(None), delete())
        script = answers(set_up_mfa=["y"], mfa_code=[], forget_device=[])

        screen = stage.run(script)

        assert script.unused == {}
        assert "Cognito asked for the password alone" in screen
        assert stage.waits == []


def test_used_code_in_a_scenario_with_enrolment(stage: Stage) -> None:
    """The code of the enrolment does not sign in: the next one is waited for, twice if it must be."""
    stage.queue(*SIGNED_UP, *ENROLLED, password(asks_code()))
    stage.refuse(mfa(SET_UP_CODE), *USED)
    stage.queue(mfa())
    after_sign_in(stage)

    assert run_to_the_end(stage, answers(mfa_code=[SET_UP_CODE, MFA_CODE])) == {}
    assert len(stage.waits) == 2
    assert session(4) not in stage.shown
