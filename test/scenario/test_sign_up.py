"""The questions of the sign-up, answered wrongly: each is asked again, and nothing done is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError

from scenario.stand_ins import Authenticator
from test.support.scenario_calls import (
    CODE,
    CONFIRMED,
    DEVICE,
    EMAIL,
    ENROLLED,
    EXPIRED,
    LIMIT,
    LIST,
    MFA_CODE,
    MFA_MISMATCH,
    MISMATCH,
    NOT_ENABLED,
    OTHER_EMAIL,
    OTHER_PASSWORD,
    OTHER_SECRET_CODE,
    PASSWORD,
    POLICY,
    SECRET_CODE,
    SESSION_EXPIRED,
    SESSION_SPENT,
    SET_UP_CODE,
    SIGNED_IN,
    SIGNED_UP,
    THE_END,
    USED,
    USER,
    WRONG_CODE,
    answers,
    asks_code,
    associate,
    confirm,
    mfa,
    password,
    resend,
    session,
    set_up,
    sign_up,
    verify,
    with_resend,
)
from test.support.screen import qr_text
from test.support.stage import Script

if TYPE_CHECKING:
    from pathlib import Path

    from test.support.scenario_calls import Stage
    from test.support.stubbed_calls import Call


SIGN_UP_REFUSALS = {
    "password, policy": (POLICY, {"password": [OTHER_PASSWORD] * 2}, sign_up(password=OTHER_PASSWORD)),
    "password, length": (
        (
            "InvalidParameterException",
            "1 validation error detected: Value at 'password' failed to satisfy constraint: ...",
        ),
        {"password": [OTHER_PASSWORD] * 2},
        sign_up(password=OTHER_PASSWORD),
    ),
    "e-mail, format": (
        ("InvalidParameterException", "Invalid email address format."),
        {"email": [OTHER_EMAIL]},
        sign_up(email=OTHER_EMAIL),
    ),
    "e-mail, taken": (
        (
            "UserLambdaValidationException",
            "PreSignUp failed with error An account with the given email already exists..",
        ),
        {"email": [OTHER_EMAIL]},
        sign_up(email=OTHER_EMAIL),
    ),
    "user name, pattern": (
        (
            "InvalidParameterException",
            "1 validation error detected: Value at 'username' failed to satisfy constraint: ...",
        ),
        {"user_name": ["bob"]},
        sign_up("bob"),
    ),
    "user name, must be an address": (
        ("InvalidParameterException", "Username should be an email."),
        {"user_name": ["bob"]},
        sign_up("bob"),
    ),
    "user name, must be none": (
        (
            "InvalidParameterException",
            "Username cannot be of email format, since user pool is configured for email alias.",
        ),
        {"user_name": ["bob"]},
        sign_up("bob"),
    ),
}


class EnoughSeenError(Exception):
    """Ends a scenario of which the rest does not matter."""


def enough() -> str:
    """Stand where the next answer would."""
    raise EnoughSeenError


class TestSignUpAskedAgain:
    """Answers at sign-up that something is wrong with."""

    @pytest.mark.parametrize(
        ("refusal", "more", "call"), SIGN_UP_REFUSALS.values(), ids=SIGN_UP_REFUSALS.keys()
    )
    def test_what_cognito_refuses(
        self, stage: Stage, refusal: tuple[str, str], more: dict[str, Any], call: Call
    ) -> None:
        """Only what was refused is asked again, after Cognito's reason; the other answers are kept."""
        stage.refuse(sign_up(), *refusal)
        stage.queue(call)
        first = {"user_name": [USER], "email": [EMAIL], "password": [PASSWORD] * 2}
        script = Script(
            confirmation_code=[enough], **{name: texts + more.get(name, []) for name, texts in first.items()}
        )

        with pytest.raises(EnoughSeenError):
            stage.run(script)

        assert " ".join(refusal[1].split()) in stage.shown
        assert script.unused == {}

    @pytest.mark.parametrize(
        "refusal",
        [
            ("NotAuthorizedException", "SignUp is not permitted for this user pool"),
            ("InvalidParameterException", "Attributes did not conform to the schema: family_name"),
            ("TestException", "Not today, whatever the username, the password and the email"),
        ],
    )
    def test_what_no_answer_can_mend(self, stage: Stage, refusal: tuple[str, str]) -> None:
        """Other refusals end the scenario, whatever words they have in them."""
        stage.refuse(sign_up(), *refusal)
        script = answers(password=[PASSWORD] * 4, user_name=[USER] * 2, email=[EMAIL] * 2)

        with pytest.raises(ClientError, match=refusal[0]):
            stage.run(script)

        assert len(script.asked) == 4

    @pytest.mark.parametrize(
        ("name", "wrong", "right", "complaint"),
        [
            ("user_name", "", [USER], "needed"),
            ("user_name", "two words", [USER], "no spaces"),
            ("user_name", "x" * 129, [USER], "128"),
            ("email", "", [EMAIL], "needed"),
            ("email", "alice", [EMAIL], "e-mail address"),
            ("email", "alice@example", [EMAIL], "e-mail address"),
            ("email", "a@b@example.com", [EMAIL], "e-mail address"),
            ("password", "", [PASSWORD] * 2, "needed"),
            ("password", "short", [PASSWORD] * 2, "6 to 256"),
            ("password", "x" * 257, [PASSWORD] * 2, "6 to 256"),
            ("password", "two words", [PASSWORD] * 2, "no spaces"),
            ("password", "arrow\x1b[A", [PASSWORD] * 2, "control characters"),
        ],
    )
    def test_what_is_no_such_thing(
        self, stage: Stage, name: str, wrong: str, right: list[str], complaint: str
    ) -> None:
        """What can't be a name, an address or a password is asked again before Cognito is."""
        stage.queue(sign_up())
        script = answers(confirmation_code=[enough], **{name: [wrong, *right]})

        with pytest.raises(EnoughSeenError):
            stage.run(script)

        assert len(script.complaints) == 1
        assert complaint in script.complaints[0]

    def test_password_that_is_repeated_wrongly(
        self, stage: Stage, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Two different passwords are asked for again, both of them."""
        stage.queue(sign_up())
        script = answers(confirmation_code=[enough], password=[PASSWORD, OTHER_PASSWORD, PASSWORD, PASSWORD])

        with pytest.raises(EnoughSeenError):
            stage.run(script)

        assert "The two are not the same." in capsys.readouterr().out


class TestConfirmationAskedAgain:
    """The code from the e-mail."""

    @pytest.mark.parametrize(
        "refusal", [MISMATCH, EXPIRED, ("InvalidParameterException", "1 validation error detected: ...")]
    )
    def test_wrong_code(self, stage: Stage, refusal: tuple[str, str]) -> None:
        """A wrong, expired or malformed code is asked again, with Cognito's reason."""
        stage.queue(sign_up())
        stage.refuse(confirm(WRONG_CODE), *refusal)
        stage.queue(confirm(), *CONFIRMED, LIST)
        stage.refuse(password({}), *THE_END)
        script = answers(confirmation_code=[WRONG_CODE, CODE])

        with pytest.raises(ClientError, match="Not today"):
            stage.run(script)

        assert f"! {refusal[0]}: {refusal[1]}" in stage.shown
        assert script.left["confirmation_code"] == []

    def test_too_many_resends(self, stage: Stage) -> None:
        """When no more codes are sent the reason is said, and the last code still does."""
        stage.queue(sign_up())
        stage.refuse(resend(), *LIMIT)
        stage.queue(confirm(), *CONFIRMED, LIST)
        stage.refuse(password({}), *THE_END)

        with pytest.raises(ClientError, match="Not today"):
            stage.run(with_resend())

        assert f"! {LIMIT[0]}: {LIMIT[1]} → The code that was sent last is still good." in stage.shown
        assert "is confirmed" in stage.shown

    @pytest.mark.parametrize("refusal", [LIMIT, ("TooManyFailedAttemptsException", "Too many attempts.")])
    def test_too_many_codes(self, stage: Stage, refusal: tuple[str, str]) -> None:
        """When no more codes are checked it is said for how long, and the same question waits meanwhile."""
        stage.queue(sign_up())
        stage.refuse(confirm(WRONG_CODE), *refusal)
        stage.queue(confirm(), *CONFIRMED, LIST)
        stage.refuse(password({}), *THE_END)

        with pytest.raises(ClientError, match="Not today"):
            stage.run(answers(confirmation_code=[WRONG_CODE, CODE]))

        assert f"! {refusal[0]}: {refusal[1]}" in stage.shown
        assert "until the hour is over" in stage.shown

    def test_mail_is_shown_where_there_is_a_mailbox(self, stage: Stage) -> None:
        """The newest message to the address is shown before the code is asked for, after a resend again."""
        texts = iter(["first", "second"])

        class Box:
            def latest(self, to: str) -> dict[str, str]:
                return {"to": to, "subject": "Your code", "body": f"the {next(texts)} one", "code": CODE}

        stage.queue(sign_up(), resend())
        script = answers(confirmation_code=["", enough])

        with pytest.raises(EnoughSeenError):
            stage.run(script, mailbox=Box())

        first = stage.shown.index(f"To {EMAIL} Subject Your code Text the first one")
        assert first < stage.shown.index("A new code is on its way")
        assert f"To {EMAIL} Subject Your code Text the second one" in stage.shown

    def test_mailbox_without_mail(self, stage: Stage) -> None:
        """Before the message has arrived nothing is shown in its place."""

        class Box:
            def latest(self, to: str) -> None:
                return None

        stage.queue(sign_up())

        with pytest.raises(EnoughSeenError):
            stage.run(answers(confirmation_code=[enough]), mailbox=Box())

        assert "Subject" not in stage.shown


class TestSetUpAskedAgain:
    """The first code of the authenticator app."""

    @pytest.mark.parametrize("refusal", [NOT_ENABLED, MISMATCH])
    def test_wrong_code(self, stage: Stage, refusal: tuple[str, str]) -> None:
        """A wrong code is asked again, for the same key and with the same session."""
        stage.queue(*SIGNED_UP, *ENROLLED[:2])
        stage.refuse(verify(WRONG_CODE), *refusal)
        stage.queue(verify(), *SIGNED_IN, *DEVICE)
        script = answers(set_up_code=[WRONG_CODE, SET_UP_CODE])

        screen = stage.run(script)

        assert script.unused == {}
        assert "! That code is not right." in screen
        assert screen.count("Scan this") == 1

    def test_status_error(self, stage: Stage) -> None:
        """An answer that says ERROR is a wrong code too; the last session that came goes on."""
        stage.queue(*SIGNED_UP, *ENROLLED[:2])
        stage.queue(
            verify(WRONG_CODE, Status="ERROR"),
            verify(WRONG_CODE, Status="ERROR", Session=session(7)),
            verify(WRONG_CODE, 7, Status="ERROR", Session=session(8)),
            verify(WRONG_CODE, 8, Status="ERROR"),
            verify(number=8),
        )
        stage.queue(*SIGNED_IN, *DEVICE)

        screen = stage.run(answers(set_up_code=[WRONG_CODE] * 4 + [SET_UP_CODE]))

        assert screen.count("That code is not right.") == 4

    @pytest.mark.parametrize("refusal", [SESSION_EXPIRED, SESSION_SPENT])
    def test_session_that_ran_out(self, stage: Stage, temporary: Path, refusal: tuple[str, str]) -> None:
        """It signs in again by itself and shows the new key, which a built-in authenticator takes in."""
        seen = []

        def look() -> str:
            (image,) = temporary.rglob("*.png")
            seen.append(qr_text(image))
            return SET_UP_CODE

        stage.queue(*SIGNED_UP, *ENROLLED[:2])
        stage.refuse(verify(), *refusal)
        stage.queue(password(set_up(5)), associate(5, OTHER_SECRET_CODE), verify(number=6))
        stage.queue(*SIGNED_IN, *DEVICE)
        authenticator = Authenticator(clock=lambda: 59)

        screen = stage.run(answers(set_up_code=[look, look]), authenticator=authenticator)

        assert [parse_qs(urlsplit(uri).query)["secret"] for uri in seen] == [
            [SECRET_CODE],
            [OTHER_SECRET_CODE],
        ]
        assert "Remove the old one from the app." in screen
        reference = Authenticator(clock=lambda: 59)
        reference.scan(seen[1])
        assert authenticator.code() == reference.code()

    def test_code_for_the_other_authenticator(self, stage: Stage) -> None:
        """An empty answer takes the built-in authenticator's code, which is of the key on the screen."""
        stage.queue(*SIGNED_UP, *ENROLLED[:2], verify("287082"))  # RFC 6238 at 59 s
        stage.refuse(password({}), *THE_END)

        with pytest.raises(ClientError, match="Not today"):
            stage.run(answers(set_up_code=[""]), authenticator=Authenticator(clock=lambda: 59))

        assert "The app is enrolled." in stage.shown


class TestMfaAskedAgain:
    """The code of the sign-in."""

    def test_wrong_code(self, stage: Stage) -> None:
        """A wrong code is asked again, with the same session and without a wait."""
        stage.queue(*SIGNED_UP, *ENROLLED, SIGNED_IN[0])
        stage.refuse(mfa(WRONG_CODE), *MFA_MISMATCH)
        stage.queue(mfa(), *DEVICE)
        script = answers(mfa_code=[WRONG_CODE, MFA_CODE])

        screen = stage.run(script)

        assert script.unused == {}
        assert "! That code is not right." in screen
        assert len(stage.waits) == 1

    def test_used_code(self, stage: Stage) -> None:
        """A used code is called that, and the next one is waited for before it is asked again."""
        stage.queue(*SIGNED_UP, *ENROLLED, SIGNED_IN[0])
        stage.refuse(mfa(SET_UP_CODE), *USED)
        stage.queue(mfa(), *DEVICE)

        screen = stage.run(answers(mfa_code=[SET_UP_CODE, MFA_CODE]))

        assert "→ That code was used before." in screen
        assert len(stage.waits) == 2

    @pytest.mark.parametrize("refusal", [SESSION_EXPIRED, SESSION_SPENT])
    def test_session_that_ran_out(self, stage: Stage, refusal: tuple[str, str]) -> None:
        """It signs in again by itself, and comes back to the same question with the new session."""
        stage.queue(*SIGNED_UP, *ENROLLED, SIGNED_IN[0])
        stage.refuse(mfa(), *refusal)
        stage.queue(password(asks_code(7)), mfa(number=7), *DEVICE)
        script = answers(mfa_code=[MFA_CODE, MFA_CODE])

        screen = stage.run(script)

        assert script.unused == {}
        assert "The session ran out; signing in again." in screen
        assert len(stage.waits) == 1
