"""The real program as a process of its own, at a terminal and without one, on the pool that it starts."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from test.support.person import EMAIL, PASSWORD, PAUSE, PROGRAM, USER, WAIT, Person, environment
from test.support.screen import DARK, LIGHT, found, pixels, qr_text, scan
from test.support.stage import STEP_SECONDS, totp, wrong_totp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from signal import Signals
    from subprocess import Popen

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")

AT_ONCE = (  # the real program, but the next code need not be waited for
    "import sys, scenario_signup_user_with_mfa as scenario; from scenario import authenticator_app; "
    "authenticator_app.seconds_to_next_code = lambda: 0; sys.exit(scenario.main([]))"
)
SIGNED_IN = "signed in from a tracked device, without an MFA code."
HAPPY_END = "is deleted."
RECAP = "✓ That was all, in "  # for a person at a terminal
BLOCKS = re.compile(
    r"Scan this with an authenticator app[^\r]*:\r\n(?:Press Enter to go on: \r\n)?(.*?)\r\nCode that",
    re.DOTALL,
)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Person]]:
    """Return what starts the program at a terminal; in the end no process of it is left."""
    started: list[Person] = []

    def start(*arguments: str, size: tuple[int, int] = (60, 200), **changes: str) -> Person:
        started.append(Person(tmp_path, arguments, size, **changes))
        return started[-1]

    yield start
    for person in started:
        person.child.close(force=True)


def key_in(image: Path) -> tuple[str, str]:
    """Return the URI in a QR code's image, and the key in it."""
    uri = qr_text(image)
    return uri, found("secret=([A-Z2-7]+)", uri)


def rows_of(text: str, columns: int) -> int:
    """Return how many rows of the screen a text takes."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).rstrip("\r\n")
    rows = [line.rsplit("\r", 1)[-1] for line in plain.split("\r\n")]
    return sum(max(1, -(-len(row) // columns)) for row in rows)


def current_step() -> int:
    """Return the number of the time step that it is now."""
    return int(time.time()) // STEP_SECONDS


class TestPerson:
    """A person types everything."""

    def test_whole_scenario(self, start: Callable[..., Person], tmp_path: Path) -> None:
        """With the codes of a phone that scanned the image, the scenario ends on the tracked device."""
        person = start()
        person.go_on_to("Code that the app shows")
        image = Path(found(r"Image +(\S+)", person.text))
        uri, key = key_in(image)

        step = current_step()
        person.type(totp(key, step))
        person.answer(WAIT, "")
        person.answer("MFA code", totp(key, step + 1))
        person.clean_up()

        assert person.leave() == 0
        assert f"{USER} {SIGNED_IN}" in person.text
        assert f"{USER} {HAPPY_END}" in person.text
        assert RECAP in person.text
        assert list(tmp_path.iterdir()) == []
        assert PASSWORD not in person.screen
        drawn = found(BLOCKS, person.screen)
        assert [scan(pixels(drawn, background), background) for background in (DARK, LIGHT)] == [uri, uri]

    def test_wrong_answers_everywhere(self, start: Callable[..., Person], tmp_path: Path) -> None:
        """Each question that is answered wrongly is asked again with the reason, and the run ends well."""
        person = start()
        for text in ("", "two words", "ali\u00adce", USER):  # one with a soft hyphen
            person.answer("User name", text)
        for text in ("nope", "alice@example..com"):  # the last one only Cognito refuses
            person.answer("E-mail address", text)
        person.answer("Password", "short1")
        person.answer("Password", PASSWORD)
        person.answer("Password once more", "another")
        person.answer("Password", PASSWORD)
        person.answer("Password once more", PASSWORD)
        person.answer("E-mail address", EMAIL)
        old_code = person.code_from_mail()
        other = "000000" if old_code != "000000" else "000001"
        for text in (other, "00 0x", ""):
            person.answer("Code from the e-mail", text)
        new_code = person.code_from_mail()
        for text in (old_code, new_code):
            person.answer("Code from the e-mail", text)

        (image,) = self.wait_for_image(person, tmp_path)
        _, key = key_in(image)
        for text in ("12345", "open", wrong_totp(key, current_step())):
            person.type(text)
            person.wait_for("Code that the app shows")
        step = current_step()
        person.type(totp(key, step))
        person.answer(WAIT, "")
        person.answer("MFA code", wrong_totp(key, current_step()))
        person.answer("MFA code", totp(key, step))
        person.answer(WAIT, "")
        person.answer("MFA code", totp(key, step + 1))
        person.clean_up("maybe")

        assert person.leave() == 0
        assert RECAP in person.text.partition(HAPPY_END)[2]
        for reason in (
            "An answer is needed here.",
            "no spaces.",
            "That does not look like an e-mail address.",
            "The two are not the same.",
            "This pool wants 8 characters or more, an upper-case letter and a symbol in it.",
            "but not U+00AD.",
            "InvalidParameterException: Invalid email address format.",
            "CodeMismatchException: Invalid verification code provided, please try again.",
            "at 'confirmationCode' failed to satisfy constraint",
            "A new code is on its way to ",
            "A code has six digits.",
            f"It can't be opened here. The image is {image}",
            "That code is not right.",
            "That code was used before.",
            "Answer y (yes) or n (no).",
        ):
            assert reason in person.text

    @staticmethod
    def wait_for_image(person: Person, temporary: Path) -> list[Path]:
        """Wait until the code of the app is asked for, and return the images that there are."""
        person.wait_for("Code that the app shows")
        return list(temporary.rglob("*.png"))


class TestReading:
    """A person reads what is shown, or wants none of it."""

    @pytest.mark.parametrize(("size", "codes"), [((24, 80), 1), ((20, 60), 0)], ids=["80x24", "60x20"])
    def test_nothing_scrolls_away(
        self, tmp_path: Path, start: Callable[..., Person], size: tuple[int, int], codes: int
    ) -> None:
        """Between two keys there is never more than a screen; a QR code that is higher is not drawn."""
        person = start(size=size)
        person.go_on_to("Forget the device?")
        person.type("y")
        person.answer(f"Delete the user {USER}?", "y")
        assert person.leave() == 0

        ends = [*person.keys, len(person.screen)]
        shown = [person.screen[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]
        new = [text.removeprefix("\r\n") for text in shown]  # the key ends the line of its prompt
        assert [text for text in new if rows_of(text, size[1]) > size[0]] == []
        assert sum("▀▀▀▀▀" in text for text in shown) == codes

    def test_experiments(self, start: Callable[..., Person]) -> None:
        """With an x at a pause Cognito refuses something, and why is said; then it goes on as before."""
        person = start()
        person.answer("User name", USER)
        person.answer("E-mail address", EMAIL)
        person.answer("Password", PASSWORD)
        person.answer("Password once more", PASSWORD)
        person.child.expect("Enter to go on, x to try")
        person.type("x")
        person.child.expect("UsernameExistsException")
        person.wait_for("Code from the e-mail")

        assert "A pool has each user name once." in person.text

    def test_quiet(self, start: Callable[..., Person]) -> None:
        """With --quiet there is neither welcome nor explanation, no pause and no recap."""
        person = start("--quiet")
        person.go_on_to("Forget the device?")
        person.child.sendline("")
        person.answer(f"Delete the user {USER}?", "")

        assert person.leave() == 0
        assert person.text.startswith("User pool us-east-1_")
        assert person.text.endswith(HAPPY_END)
        for part in ("Press Enter", "A user pool is Cognito's list", RECAP):
            assert part not in person.text

    @pytest.mark.parametrize(
        ("delete", "calls", "left"),
        [
            ("y", "16 calls of 14", "Nothing of this run is left in the pool."),
            ("n", "15 calls of 13", f"Left in the pool: the user {USER} (confirmed)."),
        ],
    )
    def test_recap(self, start: Callable[..., Person], delete: str, calls: str, left: str) -> None:
        """In the end it says which calls were made, what is left of them, and what to read or run next."""
        person = start()
        person.go_on_to("Forget the device?")
        person.child.sendline("y")
        person.answer(f"Delete the user {USER}?", delete)

        assert person.leave() == 0
        recap = person.text.split(RECAP)[1]
        assert recap.startswith(f"{calls} actions: SignUp, ConfirmSignUp, AdminGetUser, ListUsers, ")
        for part in (left, "from `tell` downwards", "--diagram run.md", "cognito_idp_actions.py is one file"):
            assert part in recap


class TestLeaving:
    """A person has enough."""

    @pytest.mark.parametrize("question", ["Password", "Code that the app shows", WAIT, "Forget the device?"])
    def test_ctrl_c(self, start: Callable[..., Person], tmp_path: Path, question: str) -> None:
        """At each kind of question, and at the wait, Ctrl-C ends it: status 130, no traceback, no file."""
        person = start()
        person.go_on_to(question)
        if question == "Code that the app shows":
            assert list(tmp_path.rglob("*.png"))
        person.interrupt()

        assert person.leave() == 130
        assert person.text.endswith("! Stopped.")
        assert "exists in the pool" in person.text or "In the pool by now: the user alice" in person.text
        assert "Traceback" not in person.screen
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("question", ["Password", "Code that the app shows", "Forget the device?"])
    def test_ctrl_d(self, start: Callable[..., Person], tmp_path: Path, question: str) -> None:
        """At each kind of question Ctrl-D ends it with status 1 and says which one had no answer."""
        person = start()
        person.go_on_to(question)
        person.child.sendeof()

        assert person.leave() == 1
        assert f'The input ended before this question had an answer: "{question}' in person.text
        assert "Traceback" not in person.screen
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
    def test_terminal_that_is_closed(
        self, start: Callable[..., Person], tmp_path: Path, number: Signals
    ) -> None:
        """However a terminal ends the program, no image is left behind, and it says what exists."""
        person = start()
        person.go_on_to("Code that the app shows")
        assert list(tmp_path.rglob("*.png"))
        person.kill(number)

        assert person.leave() == 128 + number
        assert "In the pool by now: the user alice (confirmed)" in person.text
        assert "Traceback" not in person.screen
        assert list(tmp_path.iterdir()) == []

    def test_ctrl_c_while_it_is_loading(self, tmp_path: Path) -> None:
        """Before there is anything on the screen Ctrl-C ends it without a traceback too."""
        result = self.run_with(
            tmp_path, "rich.py", "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n"
        )

        assert (result.returncode, result.stdout, result.stderr) == (130, "", "")

    def test_ctrl_c_while_the_rest_is_loading(self, tmp_path: Path) -> None:
        """After the first words, while a thread loads boto3, it ends as everywhere else."""
        result = self.run_with(
            tmp_path,
            "boto3.py",
            "import os, signal, threading\nos.kill(os.getpid(), signal.SIGINT)\nthreading.Event().wait()\n",
        )

        assert (result.returncode, result.stderr) == (130, "\n! Stopped.\n")
        assert result.stdout.startswith("The life of an Amazon Cognito user")

    @staticmethod
    def run_with(folder: Path, name: str, content: str) -> subprocess.CompletedProcess[str]:
        """Run the program with a module in place of an installed one, and with no input."""
        (folder / name).write_text(content)
        return subprocess.run(
            [sys.executable, str(PROGRAM)],
            env=environment(folder, PYTHONPATH=str(folder)),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )


class TestFirstWords:
    """What is on the screen before anything heavy is loaded."""

    @pytest.mark.parametrize("ids", [(), ("us-east-1_AbCdEf123", "1example2id")], ids=["here", "AWS"])
    def test_are_there_while_boto3_is_loading(
        self, start: Callable[..., Person], tmp_path: Path, ids: tuple[str, ...]
    ) -> None:
        """Although loading never ends, the welcome can be read; Ctrl-C then leaves at once."""
        modules = tmp_path / "modules"
        modules.mkdir()
        (modules / "boto3.py").write_text("import threading\nthreading.Event().wait()\n")
        person = start(*ids, PYTHONPATH=str(modules))

        person.child.expect(PAUSE)
        person.child.sendline("")
        person.child.expect("\n")
        person.interrupt()

        assert person.leave() == 130
        assert person.text.startswith("The life of an Amazon Cognito user in nine steps")
        assert person.text.endswith("! Stopped.")

    def test_failure_while_it_is_loading(self, start: Callable[..., Person]) -> None:
        """What goes wrong in the thread is said as everywhere else, once Enter was pressed."""
        person = start("us-east-1_AbCdEf123", "1example2id", AWS_PROFILE="missing")

        assert person.leave() == 1
        assert "! The config profile (missing) could not be found" in person.text
        assert "Traceback" not in person.screen


class TestAuto:
    """Nobody is there."""

    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {
                "AWS_PROFILE": "missing",
                "HTTP_PROXY": "http://127.0.0.1:9",
                "http_proxy": "http://127.0.0.1:9",
            },
            {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "COLUMNS": "40"},
        ],
        ids=["plain", "aws-and-proxy", "ascii-and-narrow"],
    )
    def test_without_a_terminal(self, tmp_path: Path, changes: dict[str, str]) -> None:
        """It ends well, complains of nothing and leaves nothing behind, whatever the environment says."""
        result = subprocess.run(
            [sys.executable, str(PROGRAM), "--auto"],
            env=environment(tmp_path, **changes),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

        assert (result.returncode, result.stderr) == (0, "")
        assert " ".join(result.stdout.split()).endswith(HAPPY_END)
        assert list(tmp_path.iterdir()) == []

    def test_without_colours(self, start: Callable[..., Person]) -> None:
        """With NO_COLOR there is no colour in it, and the QR code scans on a dark background."""
        person = start("--auto", NO_COLOR="1")

        assert person.leave() == 0
        assert person.text.endswith(HAPPY_END)
        assert not re.search(r"\x1b\[(?:[\d;]*;)?(?:[349]\d|10\d)[;m]", person.screen)
        drawn = found(BLOCKS, person.screen).partition("\r\n")[2]
        assert scan(pixels(drawn, DARK), DARK).startswith("otpauth://totp/visitor?secret=")

    def test_on_a_dumb_terminal(self, start: Callable[..., Person]) -> None:
        """With TERM=dumb there is no escape sequence in it."""
        person = start("--auto", TERM="dumb")

        assert person.leave() == 0
        assert person.text.endswith(HAPPY_END)
        assert "\x1b" not in person.screen

    def test_in_ascii(self, start: Callable[..., Person]) -> None:
        """Without UTF-8 all of it is ASCII, and the QR code is drawn in coloured spaces and scans."""
        person = start("--auto", PYTHONIOENCODING="ascii")

        assert person.leave() == 0
        assert person.text.endswith(HAPPY_END)
        assert person.screen.isascii()
        drawn = found(BLOCKS, person.screen)
        assert scan(pixels(drawn, LIGHT), LIGHT).startswith("otpauth://totp/visitor?secret=")


@pytest.fixture
def piped(tmp_path: Path) -> Iterator[Callable[..., Popen[str]]]:
    """Return what starts the program with its input and output piped; in the end it does not run any more."""
    started = []

    def start(*arguments: str) -> Popen[str]:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env=environment(tmp_path, PYTHONPATH=str(PROGRAM.parent)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with process:
            process.kill()


class TestPiped:
    """One line of input for each question."""

    def test_whole_scenario(self, piped: Callable[..., Popen[str]]) -> None:
        """It completes; the output reads as a transcript, in which the passwords are missing."""
        process = piped("-c", AT_ONCE)
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write("".join(f"{line}\n" for line in (USER, EMAIL, PASSWORD, PASSWORD)))
        process.stdin.flush()
        lines: list[str] = []
        while not lines or "confirmation code is" not in lines[-1]:
            lines.append(process.stdout.readline())
            assert lines[-1], process.stderr.read()
        code = found(r"(\d{6})", lines[-1])
        rest, errors = process.communicate(f"{code}\n\n\ny\ny\n", timeout=60)

        transcript = " ".join(("".join(lines) + rest).split())
        assert (process.returncode, errors) == (0, "")
        assert f"User name: {USER} E-mail address: {EMAIL}" in transcript
        assert transcript.endswith(HAPPY_END)
        assert PASSWORD not in transcript

    @pytest.mark.parametrize(("count", "question"), [(0, "User name"), (3, "Password once more")])
    def test_input_that_ends_too_early(
        self, piped: Callable[..., Popen[str]], tmp_path: Path, count: int, question: str
    ) -> None:
        """The question that had no answer is named on standard error, with what to do."""
        process = piped(str(PROGRAM))
        lines = (USER, EMAIL, PASSWORD, PASSWORD)[:count]

        _, errors = process.communicate("".join(f"{line}\n" for line in lines), timeout=60)

        assert process.returncode == 1
        assert " ".join(errors.split()) == (
            f'! The input ended before this question had an answer: "{question}" '
            "→ Answer it at a terminal, or give one line of input for each question."
        )
        assert list(tmp_path.iterdir()) == []

    def test_output_that_nobody_reads(self, piped: Callable[..., Popen[str]]) -> None:
        """When the reader of the output goes away the program ends, without a traceback."""
        process = piped(str(PROGRAM), "--auto")
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()

        assert "Traceback" not in process.stderr.read()
        assert process.wait(timeout=60) == 1
