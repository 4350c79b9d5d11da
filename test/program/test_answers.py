"""Answers from outside: the file, the environment's password, and who answers the rest."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError

import pytest

from program.answers import PreparedAnswers, read_answers
from question import ask_twice, is_yesno, matches, non_empty
from test.support.stage import Script, quiet_terminal, shown

PASSWORD = "Correct-Horse-1!"


@pytest.fixture
def file(tmp_path):
    """Return a function that writes a file and returns its path."""

    def write(text):
        path = tmp_path / "answers.json"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


class TestFile:
    """The JSON file."""

    @pytest.mark.parametrize(
        "answers", [{"user_name": "alice", "email": "alice@example.com"}, {"email": "é@example.com"}, {}]
    )
    def test_what_it_may_hold(self, file, answers):
        """User name and address, or either of them, or nothing."""
        assert read_answers(file(json.dumps(answers, ensure_ascii=False))) == answers

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            ("user_name: alice", "no JSON text"),
            (b"\xff\xfe", "no JSON text"),
            ('["alice"]', "JSON object"),
            ('{"user_name": 1}', "JSON object, with text"),
            ('{"user_name": "alice", "phone": "1", "age": "2"}', "nothing asks for: age, phone"),
            (json.dumps({"password": PASSWORD}), "COGNITO_PASSWORD"),
        ],
    )
    def test_what_it_may_not_hold(self, file, text, complaint):
        """Anything else is refused with a sentence, which shows no value."""
        with pytest.raises(ArgumentTypeError, match=complaint) as error:
            read_answers(file(text))

        assert PASSWORD not in str(error.value)

    @pytest.mark.parametrize(("name", "reason"), [("missing", "No such file"), ("", "directory")])
    def test_what_cannot_be_read(self, tmp_path, name, reason):
        """A file that can't be read is named, with the reason."""
        with pytest.raises(ArgumentTypeError, match=reason) as error:
            read_answers(str(tmp_path / name))

        assert str(tmp_path / name) in str(error.value)


class TestAnswering:
    """Each prepared answer stands in once; a person answers everything else."""

    def test_prepared_and_not(self):
        """What is prepared is answered and shown, what is not is asked with everything that belongs to it."""
        person, terminal = Script(delete_user=["maybe", "y"]), quiet_terminal()
        ask = PreparedAnswers(person, terminal, {"user_name": "alice"})

        assert ask("User name", non_empty, name="user_name") == "alice"
        assert ask("Delete?", is_yesno, name="delete_user") is True
        assert shown(terminal) == "User name: alice"
        assert person.asked == [("delete_user", False)] * 2

    def test_second_time(self):
        """A question that comes back, as its answer was refused later, is asked of the person."""
        ask = PreparedAnswers(Script(email=["b@example.com"]), quiet_terminal(), {"email": "a@example.com"})

        answers = [ask("E-mail address", name="email") for _ in range(2)]

        assert answers == ["a@example.com", "b@example.com"]

    def test_answer_that_is_refused_at_once(self):
        """A validator's complaint is shown, and the person is asked."""
        terminal = quiet_terminal()
        ask = PreparedAnswers(Script(user_name=["alice"]), terminal, {"user_name": "two words"})

        assert ask("User name", matches(r"\S+", "No spaces."), name="user_name") == "alice"
        assert "! No spaces." in shown(terminal)

    def test_password_and_its_repetition(self):
        """A password answers both questions of a new one; it is not shown; asked again, both are asked."""
        terminal = quiet_terminal()
        person = Script(password=["other", "other"])
        ask = PreparedAnswers(person, terminal, {"password": PASSWORD})

        passwords = [ask_twice("Password", again="Once more", ask=ask, name="password") for _ in range(2)]

        assert passwords == [PASSWORD, "other"]
        assert person.asked == [("password", True)] * 2
        assert shown(terminal) == "Password: (hidden) Once more: (hidden)"

    def test_question_without_a_name(self):
        """A question that has no name has no prepared answer."""
        with pytest.raises(SystemExit):
            PreparedAnswers(Script(), quiet_terminal(), {"user_name": "alice"})("Who are you?")
