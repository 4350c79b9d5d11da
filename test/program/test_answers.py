"""Answers from outside: the file, the environment's password, and who answers the rest."""

from __future__ import annotations

import json
import os
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

import pytest

from program.answers import PreparedAnswers, Unattended, read_answers
from question import EndOfInput, ask_twice, is_yesno, matches, non_empty
from scenario.stand_ins import Mailbox
from test.support.stage import Script, quiet_terminal, shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


PASSWORD = "Correct-Horse-1!"


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., str]:
    """Return a function that writes a file and returns its path."""

    def write(text: bytes | str) -> str:
        path = tmp_path / "answers.json"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


class TestFile:
    """The JSON file."""

    @pytest.mark.parametrize(
        "answers",
        [
            {"user_name": "alice", "email": "alice@example.com"},
            {"email": "é@example.com"},
            {"user_pool_id": "us-east-1_a", "client_id": "b", "region": "us-east-1"},
            {},
        ],
    )
    def test_what_it_may_hold(self, file: Callable[..., str], answers: dict[str, str]) -> None:
        """User name and address, or either of them, or nothing."""
        assert read_answers(file(json.dumps(answers, ensure_ascii=False))) == answers

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            ("user_name: alice", "not JSON text"),
            (b"\xff\xfe", "not JSON text"),
            ("[" * 50_000, "not JSON text"),
            ('{"user_name": "\\ud83d"}', "JSON object, with text"),
            ('{"\\u001b[2J": "x"}', r"nothing asks for: \\x1b\[2J"),
            (" " * 70_000, "far too many"),
            ('["alice"]', "JSON object"),
            ('{"user_name": 1}', "JSON object, with text"),
            ('{"user_name": "alice", "phone": "1", "age": "2"}', "nothing asks for: age, phone"),
            (json.dumps({"password": PASSWORD}), "COGNITO_PASSWORD"),
        ],
    )
    def test_what_it_may_not_hold(self, file: Callable[..., str], text: bytes | str, complaint: str) -> None:
        """Anything else is refused with a sentence, which shows no value."""
        with pytest.raises(ArgumentTypeError, match=complaint) as error:
            read_answers(file(text))

        assert PASSWORD not in str(error.value)

    def test_byte_order_mark(self, file: Callable[..., str]) -> None:
        """Editors that begin every file with U+FEFF do no harm."""
        assert read_answers(file('\ufeff{"user_name": "alice"}')) == {"user_name": "alice"}

    def test_pipe(self, tmp_path: Path) -> None:
        """A pipe is refused at once, where reading from it would wait for ever."""
        os.mkfifo(tmp_path / "pipe")

        with pytest.raises(ArgumentTypeError, match="pipe is not a file"):
            read_answers(str(tmp_path / "pipe"))

    @pytest.mark.parametrize(("name", "reason"), [("missing", "No such file"), ("", "directory")])
    def test_what_cannot_be_read(self, tmp_path: Path, name: str, reason: str) -> None:
        """A file that can't be read is named, with the reason."""
        with pytest.raises(ArgumentTypeError, match=reason) as error:
            read_answers(str(tmp_path / name))

        assert str(tmp_path / name) in str(error.value)


class TestAnswering:
    """Each prepared answer stands in once; a person answers everything else."""

    def test_prepared_and_not(self) -> None:
        """What is prepared is answered and shown, what is not is asked with everything that belongs to it."""
        person, terminal = Script(delete_user=["maybe", "y"]), quiet_terminal()
        ask = PreparedAnswers(person, terminal, {"user_name": "alice"})

        assert ask("User name", non_empty, name="user_name") == "alice"
        assert ask("Delete?", is_yesno, name="delete_user") is True
        assert shown(terminal) == "User name: alice"
        assert person.asked == [("delete_user", False)] * 2

    def test_second_time(self) -> None:
        """A question that comes back, as its answer was refused later, is asked of the person."""
        ask = PreparedAnswers(Script(email=["b@example.com"]), quiet_terminal(), {"email": "a@example.com"})

        answers = [ask("E-mail address", name="email") for _ in range(2)]

        assert answers == ["a@example.com", "b@example.com"]

    def test_answer_that_is_refused_at_once(self) -> None:
        """A validator's complaint is shown, and the person is asked."""
        terminal = quiet_terminal()
        ask = PreparedAnswers(Script(user_name=["alice"]), terminal, {"user_name": "two words"})

        assert ask("User name", matches(r"\S+", "No spaces."), name="user_name") == "alice"
        assert "! No spaces." in shown(terminal)

    def test_password_and_its_repetition(self) -> None:
        """A password answers both questions of a new one; it is not shown; asked again, both are asked."""
        terminal = quiet_terminal()
        person = Script(password=["other", "other"])
        ask = PreparedAnswers(person, terminal, {"password": PASSWORD})

        passwords = [ask_twice("Password", again="Once more", ask=ask, name="password") for _ in range(2)]

        assert passwords == [PASSWORD, "other"]
        assert person.asked == [("password", True)] * 2
        assert shown(terminal) == "Password: (hidden) Once more: (hidden)"

    def test_password_that_is_refused_at_once(self) -> None:
        """Once the person has to type another one, its repetition is the person's too."""
        person = Script(password=["other", "other"])
        ask = PreparedAnswers(person, quiet_terminal(), {"password": "short"})

        typed = ask_twice(
            "Password", matches("other", "Too short."), again="Once more", ask=ask, name="password"
        )

        assert (typed, person.asked) == ("other", [("password", True)] * 2)

    def test_question_without_a_name(self) -> None:
        """A question that has no name has no prepared answer."""
        with pytest.raises(EndOfInput):
            PreparedAnswers(Script(), quiet_terminal(), {"user_name": "alice"})("Who are you?")


class Letters(Mailbox):
    """A mailbox that always has the same message, or none."""

    def __init__(self, code: str | None = None) -> None:
        super().__init__("http://127.0.0.1:9")  # nobody asks there
        self.code = code
        self.asked: list[str] = []

    def latest(self, to: str) -> dict[str, str] | None:
        """Return the message."""
        self.asked.append(to)
        return {"to": to, "code": self.code} if self.code else None


class TestUnattended:
    """The person who is not there."""

    def test_answers_what_the_story_asks(self) -> None:
        """Names get the same answer each time, codes come from the mail, MFA codes are left to the app."""
        letters = Letters("123456")
        person = Unattended(quiet_terminal(), letters)

        names = ["user_name", "email", "confirmation_code", "set_up_code", "mfa_code"]
        answers = {name: person("?", name=name) for name in names}

        assert answers == {
            "user_name": "visitor",
            "email": "visitor@example.com",
            "confirmation_code": "123456",
            "set_up_code": "",
            "mfa_code": "",
        }
        assert letters.asked == ["visitor@example.com"]

    def test_without_mail_there_is_no_code(self) -> None:
        """No message is an empty answer, which has a new code sent."""
        assert Unattended(quiet_terminal(), Letters())("?", name="confirmation_code") == ""

    def test_password_is_random_and_hidden(self) -> None:
        """Each person repeats a password of its own, which the screen does not show."""
        terminal = quiet_terminal()
        first, second = (Unattended(terminal, Letters()) for _ in range(2))

        passwords = [person("Password", hidden=True, name="password") for person in (first, first, second)]

        assert passwords[0] == passwords[1] != passwords[2]
        assert shown(terminal) == "Password: ******** " * 2 + "Password: ********"

    def test_shows_question_and_answer(self) -> None:
        """What is asked and answered is on the screen, an empty answer too."""
        terminal = quiet_terminal()
        person = Unattended(terminal, Letters())

        person("User name", name="user_name")
        person("MFA code", name="mfa_code")

        assert shown(terminal) == "User name: visitor MFA code: (Enter)"

    @pytest.mark.parametrize("name", [None, "captcha"])
    def test_unknown_questions_are_refused(self, name: str | None) -> None:
        """A question that is not of the scenario ends the run, and is named."""
        with pytest.raises(RuntimeError, match=r'answer "Who are you\?"'):
            Unattended(quiet_terminal(), Letters())("Who are you?", name=name)

    def test_validators_change_the_answer(self) -> None:
        """The answer is what the last validator returned."""
        person = Unattended(quiet_terminal(), Letters())

        assert person("?", non_empty, lambda answer: (answer.upper(), ""), name="user_name") == "VISITOR"

    def test_refused_answer_ends_the_run(self) -> None:
        """An answer that a validator refuses would be refused for ever: it is said which and why."""
        with pytest.raises(RuntimeError, match=r'The answer to "Name" was refused: Digits only\.'):
            Unattended(quiet_terminal(), Letters())(
                "Name", matches("[0-9]+", "Digits only."), name="user_name"
            )
