"""Asking: every validator, asking again, piped input, the end of input, and secrets that stay hidden."""

from __future__ import annotations

import getpass
import hmac
import os
import subprocess
import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pexpect
import pytest

import question
from question import (
    EndOfInput,
    Validator,
    ask,
    ask_twice,
    choose,
    in_range,
    is_float,
    is_int,
    is_letter,
    is_yesno,
    matches,
    non_empty,
    one_of,
    printable,
    re_match,
    same_as,
)
from test.support.pseudo_terminal import in_terminal, seen_before

if TYPE_CHECKING:
    from collections.abc import Callable

    from question import Validator


SECRET = "Correct-Horse-9"
ROOT = Path(question.__file__).parent
# An environment of its own: what happens must not depend on who runs the tests.
ENVIRONMENT = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "TERM": "xterm"}


class TypedAnswers:
    """Stands in for input() and getpass(): gives its answers in turn, then ends; keeps the prompts."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.prompts: list[str] = []

    def __call__(self, prompt: str) -> str:
        """Answer, or be at the end."""
        self.prompts.append(prompt)
        if not self.answers:
            raise EOFError
        return self.answers.pop(0)


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., TypedAnswers]:
    """Let a person type these answers to visible and hidden questions."""

    def start(*answers: str, terminal: bool = True) -> TypedAnswers:
        person = TypedAnswers(*answers)
        monkeypatch.setattr("builtins.input", person)
        monkeypatch.setattr(getpass, "getpass", person)
        monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(isatty=lambda: terminal))
        return person

    return start


# How a program that asks uses the module; the end of input is an error like any other, which it catches.
CALLER = """
import sys
from question import *
try:
    {program}
except EndOfInput as error:
    sys.exit(str(error))
"""


def run_piped(program: str, stdin: bytes | None, **environment: Any) -> subprocess.CompletedProcess[bytes]:
    """Run a part of a program with `from question import *` and piped input."""
    return subprocess.run(
        [sys.executable, "-c", CALLER.format(program=program)],
        input=stdin,
        stdin=None if stdin is not None else subprocess.DEVNULL,
        env=ENVIRONMENT | environment,
        capture_output=True,
        timeout=30,
        check=False,
    )


def run_typed(program: str) -> pexpect.spawn[str]:
    """Run a part of a program with `from question import *` in a pseudo-terminal."""
    return in_terminal(sys.executable, "-c", CALLER.format(program=program), environment=ENVIRONMENT)


class TestAsk:
    """One question, with the person stood in for."""

    @pytest.mark.parametrize(("typed", "expected"), [("  alice \t", "alice"), ("", ""), ("  ", "")])
    def test_visible_answer_is_stripped(
        self, typing: Callable[..., TypedAnswers], typed: str, expected: str
    ) -> None:
        """Without validators a visible answer comes back without the white space around it, also empty."""
        typing(typed)

        assert ask("User name") == expected

    def test_hidden_answer_is_not_stripped(self, typing: Callable[..., TypedAnswers]) -> None:
        """A secret typed at a terminal is read by getpass and keeps its spaces."""
        person = typing(f" {SECRET} ")

        assert ask("Password", hidden=True) == f" {SECRET} "
        assert person.prompts == ["Password: "]

    def test_asks_again_until_accepted(
        self, typing: Callable[..., TypedAnswers], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Each refusal shows its complaint and asks the same question again."""
        person = typing("", "maybe", "YES")

        assert ask("Go on?", non_empty, is_yesno) is True
        assert person.prompts == ["Go on? "] * 3
        assert capsys.readouterr().out == "An answer is needed here.\nAnswer y (yes) or n (no).\n"

    def test_complaint_ends_lines_between_words(
        self,
        typing: Callable[..., TypedAnswers],
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """At a terminal a long reason is wrapped as text is; in a file it is one line."""
        reason = "This pool wants an upper-case letter in it."
        for is_terminal, lines in (
            (True, ["This pool wants an", "upper-case letter in it."]),
            (False, [reason]),
        ):
            typing("x", "ab")
            monkeypatch.setenv("COLUMNS", "24")
            monkeypatch.setattr("sys.stdout.isatty", lambda is_terminal=is_terminal: is_terminal)

            ask("Password", matches("..", reason))

            assert capsys.readouterr().out.splitlines()[-len(lines) :] == lines

    def test_false_is_an_answer(self, typing: Callable[..., TypedAnswers]) -> None:
        """Only None is a refusal: False, 0 and '' are accepted."""
        typing("no", "zero", "nothing")

        assert ask("Go on?", is_yesno) is False
        assert ask("How many?", lambda _answer: (0, "complaint")) == 0
        assert ask("What?", lambda _answer: ("", "complaint")) == ""

    def test_validators_form_a_chain(self, typing: Callable[..., TypedAnswers]) -> None:
        """Each validator gets what the one before it returned, and the last one's value is the result."""
        typing("41")

        assert ask("Number", lambda a: (int(a), ""), lambda number: (number + 1, "")) == 42

    def test_chain_ends_at_the_first_refusal(
        self, typing: Callable[..., TypedAnswers], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Nothing after the validator that refused sees the answer, and its complaint is the one shown."""
        typing("abc", "12")
        seen: list[str] = []

        def note(answer: str) -> tuple[str, str]:
            seen.append(answer)
            return answer, "unused"

        ask("Number", matches(r"\d+", "Digits only."), note)

        assert seen == ["12"]
        assert capsys.readouterr().out == "Digits only.\n"

    @pytest.mark.parametrize(
        ("text", "prompt"),
        [
            ("User name", "User name: "),
            ("Go on (y/n)?", "Go on (y/n)? "),
            ("E-mail:", "E-mail: "),
            ("Your choice> ", "Your choice> "),
            (
                "The six digits that the app shows for this user: ",
                "The six digits that the app shows for this user: ",
            ),
            (
                "Shall the user who has just been made be deleted?",
                "Shall the user who has just been made be deleted? ",
            ),
            (
                "The six digits that the app shows for this user",
                "The six digits that the app shows for this user\n> ",
            ),
        ],
    )
    def test_prompt_leaves_room_for_the_answer(
        self, typing: Callable[..., TypedAnswers], text: str, prompt: str
    ) -> None:
        """Short questions are answered on their own line, long ones on the next."""
        person = typing("x")

        ask(text)

        assert person.prompts == [prompt]

    @pytest.mark.parametrize("hidden", [False, True])
    def test_end_of_input_names_the_question(
        self, typing: Callable[..., TypedAnswers], capsys: pytest.CaptureFixture[str], hidden: bool
    ) -> None:
        """When input ends, the error is an EOFError that carries question and name, and says so."""
        typing()

        with pytest.raises(EndOfInput) as caught:
            ask("User name", hidden=hidden, name="user_name")

        assert (caught.value.question, caught.value.name) == ("User name", "user_name")
        assert isinstance(caught.value, EOFError)
        assert str(caught.value) == 'The input ended before this question had an answer: "User name"'
        assert capsys.readouterr().out == "\n"

    @pytest.mark.parametrize("hidden", [False, True])
    def test_ctrl_c_is_left_to_the_caller(
        self,
        typing: Callable[..., TypedAnswers],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        hidden: bool,
    ) -> None:
        """Ctrl-C comes out as KeyboardInterrupt, with the cursor on a new line."""
        typing()

        def interrupted(_prompt: str) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("builtins.input", interrupted)
        monkeypatch.setattr(getpass, "getpass", interrupted)

        with pytest.raises(KeyboardInterrupt):
            ask("User name", hidden=hidden)
        assert capsys.readouterr().out == "\n"

    def test_error_in_a_validator_is_not_taken_for_input(self, typing: Callable[..., TypedAnswers]) -> None:
        """What a validator raises reaches the caller: it is neither an end of input nor unreadable text."""
        typing("x", "x")

        def failing(_answer: str) -> tuple[str, str]:
            raise UnicodeEncodeError("ascii", "é", 0, 1, "a mistake in the validator")

        with pytest.raises(UnicodeEncodeError):
            ask("User name", failing)


class TestPiped:
    """Programs that read their answers from a pipe."""

    def test_each_line_answers_one_question(self) -> None:
        """Piped input gives one line to each question, asked again or hidden, and reads as a transcript."""
        program = (
            "print([ask('User name', non_empty), ask('Password', hidden=True), ask('Go on?', is_yesno)])"
        )

        result = run_piped(program, b"\n alice \n pass word \nmaybe\r\nn\r\n")

        assert result.stdout.decode().splitlines() == [
            "User name: ",
            "An answer is needed here.",
            "User name: alice",
            "Password: (hidden)",
            "Go on? maybe",
            "Answer y (yes) or n (no).",
            "Go on? n",
            "['alice', ' pass word ', False]",
        ]
        assert (result.stderr, result.returncode) == (b"", 0)

    @pytest.mark.parametrize(
        "validators",
        [
            "non_empty, printable, is_yesno",
            r"matches('[a-z]+', 'Small letters only.')",
            "one_of(['alpha', 'beta'])",
            "same_as('something else')",
        ],
    )
    def test_hidden_answer_appears_nowhere(self, validators: str) -> None:
        """A piped secret is neither echoed nor repeated by a complaint or by the sentence at the end."""
        result = run_piped(f"ask('Password', {validators}, hidden=True)", f"{SECRET}\n".encode())

        assert SECRET not in (result.stdout + result.stderr).decode()
        assert result.stdout.decode().count("Password: ") == 2

    @pytest.mark.parametrize("hidden", [False, True])
    @pytest.mark.parametrize("stdin", [b"", None])
    def test_end_of_input_is_one_line(self, hidden: bool, stdin: bytes | None) -> None:
        """The prompt gets a line end, and what a program says of the end of input is a line of its own."""
        result = run_piped(f"ask('User name', hidden={hidden})", stdin)

        assert result.stdout == b"User name: \n"
        assert result.stderr == b'The input ended before this question had an answer: "User name"\n'
        assert result.returncode == 1

    def test_closed_standard_input_is_the_end_of_input(self) -> None:
        """A program started with standard input closed says which question had no answer."""
        result = subprocess.run(
            [
                "/bin/sh",
                "-c",
                'exec "$0" -c "$1" <&-',
                sys.executable,
                CALLER.format(program="ask('User name')"),
            ],
            env=ENVIRONMENT,
            capture_output=True,
            timeout=30,
            check=False,
        )

        assert (result.returncode, result.stderr.count(b"\n")) == (1, 1)
        assert b'"User name"' in result.stderr

    def test_last_line_may_lack_its_end(self) -> None:
        """A last line without a line end is an answer like any other."""
        result = run_piped("print(ask('A'), ask('B', hidden=True) == 'b')", b"a\nb")

        assert result.stdout.decode().splitlines()[-1] == "a True"

    @pytest.mark.parametrize("hidden", [False, True])
    def test_bytes_that_are_no_text_are_asked_again(self, hidden: bool) -> None:
        """An answer that isn't text in the terminal's encoding is refused with the reason, not passed on."""
        result = run_piped(
            f"print(ask('User name', hidden={hidden}))",
            b"al\xe9\nbob\n",
            PYTHONIOENCODING="utf-8:surrogateescape",
        )

        assert result.stdout.decode().splitlines()[-1] == "bob"
        assert b"could not be read as text" in result.stdout
        assert result.returncode == 0

    def test_input_that_cannot_be_decoded_is_no_traceback(self) -> None:
        """Where decoding itself fails, the person reads the same reason."""
        result = run_piped("ask('User name')", b"al\xe9\n", PYTHONIOENCODING="utf-8:strict")

        assert b"could not be read as text" in result.stdout
        assert b"Traceback" not in result.stderr
        assert result.returncode == 1

    @pytest.mark.parametrize("hidden", [False, True])
    def test_ascii_output_shows_any_question(self, hidden: bool) -> None:
        """A letter that the output can't encode is written as an escape, in questions and in answers."""
        result = run_piped(
            f"ask('Größe', hidden={hidden}), choose('Wo?', ['Zürich'])",
            "é\nZürich\n".encode(),
            PYTHONIOENCODING="ascii:surrogateescape",
            PYTHONUTF8="0",
        )

        assert result.stdout.startswith(rb"Gr\xf6\xdfe: ")
        assert b"UnicodeEncodeError" not in result.stderr


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
class TestTerminal:
    """Programs in a real pseudo-terminal."""

    def test_hidden_answer_is_never_echoed(self) -> None:
        """What is typed at a hidden question isn't on the screen; the program gets it whole."""
        child = run_typed(
            f"print('right' if ask('Password', hidden=True) == {SECRET[::-1]!r}[::-1] else 'wrong')"
        )

        child.expect_exact("Password: ")
        child.sendline(SECRET)
        child.expect(pexpect.EOF)

        assert "right" in seen_before(child)
        assert SECRET not in seen_before(child)

    def test_piped_secret_is_not_asked_at_the_controlling_terminal(self) -> None:
        """With a terminal around, a hidden question still reads its line from the pipe."""
        program = "from question import *; print(len(ask('Password', hidden=True)))"
        child = in_terminal(
            *("/bin/sh", "-c", 'printf "12345\\n" | "$0" -c "$1"', sys.executable, program),
            environment=ENVIRONMENT,
        )

        child.expect(pexpect.EOF)

        assert seen_before(child).splitlines() == ["Password: (hidden)", "5"]

    def test_visible_answer_can_be_edited(self) -> None:
        """At a terminal a visible answer has line editing: Ctrl-A goes to its beginning."""
        pytest.importorskip("readline")
        child = run_typed("print(f'<{ask(str(\"User name\"))}>')")

        child.expect_exact("User name: ")
        child.sendline("lice\x01a")

        child.expect_exact("<alice>")

    @pytest.mark.parametrize("hidden", [False, True])
    def test_ctrl_c_leaves_a_clean_line(self, hidden: bool) -> None:
        """After Ctrl-C the next output begins on a line of its own, and the terminal echoes again."""
        child = run_typed(
            f"try:\n        ask('Answer', hidden={hidden})\n"
            "    except KeyboardInterrupt:\n        print(input('left; next? '))"
        )

        child.expect_exact("Answer: ")
        child.sendintr()
        if child.expect([r"\nleft; next\? ", pexpect.TIMEOUT], timeout=10):
            # A signal between the prompt and the read that follows it is noticed only after that read.
            child.sendintr()
            child.expect(r"\nleft; next\? ")
        child.sendline("echoed")
        child.expect(pexpect.EOF)

        assert seen_before(child).count("echoed") == 2

    @pytest.mark.parametrize("hidden", [False, True])
    def test_ctrl_d_ends_the_program(self, hidden: bool) -> None:
        """Ctrl-D at an empty prompt ends with the sentence on its own line and status 1."""
        child = run_typed(f"ask('User name', hidden={hidden})")

        child.expect_exact("User name: ")
        child.sendeof()
        child.expect(pexpect.EOF)
        child.close()

        assert seen_before(child).replace("\x1b[?2004l", "").strip("\r\n") == (
            'The input ended before this question had an answer: "User name"'
        )
        assert child.exitstatus == 1


class TestValidators:
    """Validators by themselves."""

    @pytest.mark.parametrize(("answer", "value"), [("x", "x"), (" ", " "), ("", None)])
    def test_non_empty(self, answer: str, value: str | None) -> None:
        """Anything but '' is accepted as it is."""
        assert non_empty(answer) == (value, "An answer is needed here.")

    @pytest.mark.parametrize(
        ("answer", "value"),
        [("y", True), ("Yes", True), ("YES", True), ("n", False), ("No", False), ("nO", False)]
        + [(other, None) for other in ("", "yep", "ye", "1", "true", "y n", "j")],
    )
    def test_is_yesno(self, answer: str, value: bool | None) -> None:
        """Only y, yes, n and no, in any case, have a meaning."""
        assert is_yesno(answer)[0] is value

    @pytest.mark.parametrize(
        ("answer", "accepted"),
        [("123456", True), ("12345", False), ("1234567", False), ("123456\n", False), ("x123456", False)],
    )
    def test_matches_from_beginning_to_end(self, answer: str, accepted: bool) -> None:
        """A regular expression has to match the whole answer, its complaint is the given one."""
        value, complaint = matches(r"\d{6}", "Six digits.")(answer)

        assert value == (answer if accepted else None)
        assert complaint == "Six digits."

    @pytest.mark.parametrize(
        ("answer", "value"),
        [("beta", "beta"), ("BETA", "beta"), ("Alpha", "Alpha"), ("alpha", "Alpha"), ("b", None)],
    )
    def test_one_of(self, answer: str, value: str | None) -> None:
        """A choice is accepted in any case and comes back as it is spelled in the list."""
        assert one_of(["Alpha", "beta"])(answer) == (value, "Choose one of: Alpha, beta.")

    def test_one_of_prefers_the_exact_spelling(self) -> None:
        """Two choices that differ in case alone can both be chosen."""
        validate = one_of(["a", "A"])

        assert [validate("a")[0], validate("A")[0]] == ["a", "A"]

    def test_one_of_nothing_is_a_mistake(self) -> None:
        """Without choices no answer could ever be accepted: that is refused at once."""
        with pytest.raises(ValueError, match="nothing to choose"):
            one_of([])

    @pytest.mark.parametrize(
        ("answer", "accepted"),
        [
            ("Pass wörd 9 €", True),
            ("", True),
            ("abc\x1b[D", False),
            ("a\0", False),
            ("a\x7f", False),
            ("\x9b", False),
        ],
    )
    def test_printable_refuses_control_characters(self, answer: str, accepted: bool) -> None:
        """Keys that leave control characters in a hidden answer are noticed; letters of any kind are fine."""
        assert printable(answer)[0] == (answer if accepted else None)

    def test_same_as(self) -> None:
        """Only the same text is accepted, and the complaint contains neither of the two."""
        validate = same_as("Größe 9", "They differ.")

        assert validate("Größe 9") == ("Größe 9", "They differ.")
        assert [validate(other)[0] for other in ("Größe 9 ", "größe 9", "")] == [None] * 3

    def test_same_as_compares_in_constant_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The comparison is hmac.compare_digest's, over UTF-8."""
        compared = []

        def compare(one: bytes, other: bytes) -> bool:
            compared.append({one, other})
            return True

        monkeypatch.setattr(hmac, "compare_digest", compare)

        assert same_as("é")("e")[0] == "e"
        assert compared == [{b"\xc3\xa9", b"e"}]


class TestAskTwice:
    """A new secret and its repetition."""

    def test_returns_what_was_typed_twice(self, typing: Callable[..., TypedAnswers]) -> None:
        """Both questions are hidden ones, with prompts of their own."""
        person = typing(SECRET, SECRET)

        assert ask_twice("New password", non_empty) == SECRET
        assert person.prompts == ["New password: ", "The same once more: "]

    def test_a_mistake_in_the_first_one_is_no_dead_end(
        self, typing: Callable[..., TypedAnswers], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """After a mismatch both are asked again, and nothing of them is shown."""
        typing("Typo-Horse-9", SECRET, SECRET, SECRET)

        assert ask_twice("New password") == SECRET
        assert capsys.readouterr().out == "The two are not the same.\n"

    def test_validators_are_for_the_first(self, typing: Callable[..., TypedAnswers]) -> None:
        """An answer that a validator refuses isn't asked for twice."""
        person = typing("", SECRET, SECRET)

        ask_twice("New password", non_empty)

        assert person.prompts == ["New password: "] * 2 + ["The same once more: "]

    def test_another_asker_can_answer(self) -> None:
        """A stand-in with the signature of ask gets both questions, hidden and with the name."""
        calls = []

        def stand_in(
            question: str, *validators: Validator, hidden: bool = False, name: str | None = None
        ) -> Any:
            calls.append((question, hidden, name))
            return SECRET

        assert ask_twice("New password", ask=stand_in, name="password") == SECRET
        assert calls == [("New password", True, "password"), ("The same once more", True, "password")]


class TestChoose:
    """A choice from a list."""

    CHOICES = ("SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA")

    @pytest.mark.parametrize(
        ("typed", "chosen"), [("1", "SMS_MFA"), ("3", "SOFTWARE_TOKEN_MFA"), ("email_otp", "EMAIL_OTP")]
    )
    def test_takes_number_or_text(self, typing: Callable[..., TypedAnswers], typed: str, chosen: str) -> None:
        """A choice is picked by its number, from 1 on, or by its text."""
        typing(typed)

        assert choose("Which factor?", self.CHOICES) == chosen

    @pytest.mark.parametrize("wrong", ["0", "4", "-1", "", "1.", "²", "9" * 5000])
    def test_anything_else_is_asked_again(
        self, typing: Callable[..., TypedAnswers], capsys: pytest.CaptureFixture[str], wrong: str
    ) -> None:
        """Numbers outside of the list and other texts are refused with the choices."""
        typing(wrong, "2")

        assert choose("Which factor?", self.CHOICES) == "EMAIL_OTP"
        assert capsys.readouterr().out == (
            "  1) SMS_MFA\n  2) EMAIL_OTP\n  3) SOFTWARE_TOKEN_MFA\n"
            "Answer a number from 1 to 3, or one of: SMS_MFA, EMAIL_OTP, SOFTWARE_TOKEN_MFA.\n"
        )

    def test_enter_takes_the_default(self, typing: Callable[..., TypedAnswers]) -> None:
        """An empty answer picks it, and the prompt says its number."""
        answers = typing("")

        assert choose("Which factor?", self.CHOICES, default="EMAIL_OTP") == "EMAIL_OTP"
        assert answers.prompts == ["Which factor? (Enter takes 2): "]

    def test_text_wins_over_number(self, typing: Callable[..., TypedAnswers]) -> None:
        """Where the choices are numbers themselves, the one that is spelled so is meant."""
        typing("1")

        assert choose("How many?", ["2", "1"]) == "1"

    def test_another_asker_can_answer(self) -> None:
        """A stand-in gets question, validators and name, and its answer is validated by them."""

        def stand_in(
            question: str, *validators: Validator, hidden: bool = False, name: str | None = None
        ) -> Any:
            assert (question, hidden, name) == ("Which factor?", False, "factor")
            answer = "2"
            for validator in validators:
                answer, _ = validator(answer)
            return answer

        assert choose("Which factor?", self.CHOICES, ask=stand_in, name="factor") == "EMAIL_OTP"

    def test_no_choices_is_a_mistake(self) -> None:
        """Without choices there is nothing to ask."""
        with pytest.raises(ValueError, match="nothing to choose"):
            choose("Which factor?", [])


@pytest.mark.parametrize(
    ("validator", "answer", "value"),
    [
        (is_int, "42", 42),
        (is_int, "-7", -7),
        (is_int, "0", 0),
        (is_int, "4.2", None),
        (is_int, "", None),
        (is_int, "9" * 5000, None),
        (is_float, "4.5", 4.5),
        (is_float, "1e3", 1000.0),
        (is_float, "four", None),
        (is_letter, "a", "A"),
        (is_letter, "abc", "ABC"),
        (is_letter, "1", None),
        (is_letter, "", None),
        (in_range(1, 5), 1, 1),
        (in_range(1, 5), 5, 5),
        (in_range(1, 5), 6, None),
        (in_range(0, 5), 0, 0),
        (in_range("a", "f"), "c", "c"),
        (re_match(r"\d{2}"), "12ab", "12ab"),
        (re_match(r"\d{2}$"), "12ab", None),
        (re_match(r"\d{2}"), "a12", None),
    ],
)
def test_validators_of_the_published_sample(validator: Validator, answer: object, value: object) -> None:
    """They return what those of the same names return there; a complaint does not have the answer in it."""
    accepted, complaint = validator(answer)

    assert (accepted, type(accepted)) == (value, type(value))
    assert value is not None or (complaint and (not answer or str(answer) not in complaint))


def test_validators_in_a_row(typing: Callable[..., TypedAnswers], capsys: pytest.CaptureFixture[str]) -> None:
    """A number is made of the answer, and asked again until it is in its range; 0 is an answer."""
    typing("x", "11", "0")

    assert ask("How many? ", is_int, in_range(0, 10)) == 0
    assert capsys.readouterr().out == "Answer a whole number.\nIt must be between 0 and 10.\n"


@pytest.mark.parametrize("odd", ["\x1b[2J", "\u202e", "\r", "\x9b31m", "\x07", "\u2066"])
def test_prompt_shows_no_control_characters(
    typing: Callable[..., TypedAnswers], capsys: pytest.CaptureFixture[str], odd: str
) -> None:
    """What came from elsewhere moves no cursor, in prompts, choices and complaints."""
    person = typing("", "1")

    choose(f"Password of {odd}", [f"one {odd}", "two"])

    assert odd not in "".join(person.prompts) + capsys.readouterr().out
