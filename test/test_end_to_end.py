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
import zxingcpp
from PIL import Image

from test.support.person import EMAIL, PASSWORD, PROGRAM, USER, WAIT, WAY, Person, environment
from test.support.screen import DARK, LIGHT, pixels, scan
from test.support.stage import STEP_SECONDS, totp, wrong_totp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")

AT_ONCE = (  # the real program, but the next code need not be waited for
    "import sys, scenario_signup_user_with_mfa as scenario; from story import authenticator_app; "
    "authenticator_app.seconds_to_next_code = lambda: 0; sys.exit(scenario.main([]))"
)
SIGNED_IN = "signed in from a tracked device, without an MFA code."
HAPPY_END = "is deleted."
BLOCKS = re.compile(r"Scan this with an authenticator app[^\r]*:\r\n(.*?)\r\nCode that", re.DOTALL)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Person]]:
    """Return what starts the program at a terminal; in the end no process of it is left."""
    started: list[Person] = []

    def start(*arguments: str, **changes: str) -> Person:
        started.append(Person(tmp_path, arguments, **changes))
        return started[-1]

    yield start
    for person in started:
        person.child.close(force=True)


def key_in(image: Path) -> tuple[str, str]:
    """Return the URI in a QR code's image, and the key in it."""
    with Image.open(image) as picture:
        uri = zxingcpp.read_barcode(picture).text
    return uri, re.search("secret=([A-Z2-7]+)", uri)[1]


def current_step() -> int:
    """Return the number of the time step that it is now."""
    return int(time.time()) // STEP_SECONDS


class TestPerson:
    """Somebody types everything."""

    def test_whole_story(self, start, tmp_path):
        """With the codes of a phone that scanned the image, the story ends on the tracked device."""
        person = start()
        person.go_on_to("Code that the app shows")
        image = Path(re.search(r"Image +(\S+)", person.text)[1])
        uri, key = key_in(image)

        step = current_step()
        person.child.sendline(totp(key, step))
        person.answer(WAIT, "")
        person.answer("MFA code", totp(key, step + 1))
        person.clean_up()

        assert person.leave() == 0
        assert f"{USER} {SIGNED_IN}" in person.text
        assert person.text.endswith(f"{USER} {HAPPY_END}")
        assert list(tmp_path.iterdir()) == []
        assert PASSWORD not in person.screen
        drawn = BLOCKS.search(person.screen)[1]
        assert [scan(pixels(drawn, background), background) for background in (DARK, LIGHT)] == [uri, uri]

    def test_wrong_answers_everywhere(self, start, tmp_path):
        """Each question that is answered wrongly is asked again with the reason, and the story ends well."""
        person = start()
        for text in (
            "",
            "two words",
            "ali\u00adce",
        ):  # the last one, with a soft hyphen, only Cognito refuses
            person.answer("User name", text)
        for text in ("nope", "alice@example..com"):  # so the last one
            person.answer("E-mail address", text)
        for first, second in ((PASSWORD, "another"), ("short1", "short1")):
            person.answer("Password", first)
            person.answer("Password once more", second)
        person.answer("User name", USER)
        person.answer("E-mail address", EMAIL)
        person.answer("Password", PASSWORD)
        person.answer("Password once more", PASSWORD)
        old_code = person.code_from_mail()
        other = "000000" if old_code != "000000" else "000001"
        for text in (other, "00 00", ""):
            person.answer("Code from the e-mail", text)
        new_code = person.code_from_mail()
        for text in (old_code, new_code):
            person.answer("Code from the e-mail", text)

        (image,) = self.wait_for_image(person, tmp_path)
        _, key = key_in(image)
        for text in ("12345", "open", wrong_totp(key, current_step())):
            person.child.sendline(text)
            person.wait_for("Code that the app shows")
        step = current_step()
        person.child.sendline(totp(key, step))
        person.answer(WAIT, "")
        person.answer("MFA code", wrong_totp(key, current_step()))
        person.answer("MFA code", totp(key, step))
        person.answer(WAIT, "")
        person.answer("MFA code", totp(key, step + 1))
        person.clean_up("maybe")

        assert person.leave() == 0
        assert person.text.endswith(HAPPY_END)
        for reason in (
            "An answer is needed here.",
            "no spaces.",
            "That does not look like an e-mail address.",
            "The two are not the same.",
            "Password did not conform with policy: Password not long enough",
            "at 'username' failed to satisfy constraint",
            "Invalid email address format.",
            "Invalid verification code provided, please try again.",
            "at 'confirmationCode' failed to satisfy constraint",
            "A new code is on its way to a***@e***",
            "A code has six digits.",
            f"It can't be opened here. The image is {image}",
            "That code is not right.",
            "That code was used before.",
            "Answer y (yes) or n (no).",
        ):
            assert reason in person.text

    @staticmethod
    def wait_for_image(person, temporary):
        """Wait until the code of the app is asked for, and return the images that there are."""
        person.wait_for("Code that the app shows")
        return list(temporary.rglob("*.png"))


class TestLeaving:
    """Somebody has enough."""

    @pytest.mark.parametrize("question", WAY)
    def test_ctrl_c(self, start, tmp_path, question):
        """At every question, and at the wait, Ctrl-C ends it with status 130, without traceback or files."""
        person = start()
        person.go_on_to(question)
        if question == "Code that the app shows":
            assert list(tmp_path.rglob("*.png"))
        person.child.sendintr()

        assert person.leave() == 130
        assert person.text.endswith("! Stopped.")
        assert "exists in the pool" in person.text or "In the pool by now: the user alice" in person.text
        assert "Traceback" not in person.screen
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("question", [question for question in WAY if question != WAIT])
    def test_ctrl_d(self, start, tmp_path, question):
        """At every question Ctrl-D ends it with status 1 and says which question had no answer."""
        person = start()
        person.go_on_to(question)
        person.child.sendeof()

        assert person.leave() == 1
        assert f'The input ended before this question had an answer: "{question}' in person.text
        assert "Traceback" not in person.screen
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
    def test_terminal_that_is_closed(self, start, tmp_path, number):
        """However a terminal ends the program, no image is left behind, and it says what exists."""
        person = start()
        person.go_on_to("Code that the app shows")
        assert list(tmp_path.rglob("*.png"))
        person.child.kill(number)

        assert person.leave() == 128 + number
        assert "In the pool by now: the user alice (confirmed)" in person.text
        assert "Traceback" not in person.screen
        assert list(tmp_path.iterdir()) == []

    def test_ctrl_c_while_it_is_loading(self, tmp_path):
        """Whoever presses it before there is anything on the screen gets no traceback either."""
        (tmp_path / "boto3.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")

        result = subprocess.run(
            [sys.executable, str(PROGRAM)],
            env=environment(tmp_path, PYTHONPATH=str(tmp_path)),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

        assert (result.returncode, result.stdout, result.stderr) == (130, "", "")


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
    def test_without_a_terminal(self, tmp_path, changes):
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

    def test_without_colours(self, start):
        """With NO_COLOR there is no colour in it, and the QR code scans on a dark background."""
        person = start("--auto", NO_COLOR="1")

        assert person.leave() == 0
        assert person.text.endswith(HAPPY_END)
        assert not re.search(r"\x1b\[(?:[\d;]*;)?(?:[349]\d|10\d)[;m]", person.screen)
        drawn = BLOCKS.search(person.screen)[1].partition("\r\n")[2]
        assert scan(pixels(drawn, DARK), DARK).startswith("otpauth://totp/visitor?secret=")

    def test_on_a_dumb_terminal(self, start):
        """With TERM=dumb there is no escape sequence in it."""
        person = start("--auto", TERM="dumb")

        assert person.leave() == 0
        assert person.text.endswith(HAPPY_END)
        assert "\x1b" not in person.screen

    def test_in_ascii(self, start):
        """Without UTF-8 all of it is ASCII, and the QR code is drawn in coloured spaces and scans."""
        person = start("--auto", PYTHONIOENCODING="ascii")

        assert person.leave() == 0
        assert person.text.endswith(HAPPY_END)
        assert person.screen.isascii()
        drawn = BLOCKS.search(person.screen)[1]
        assert scan(pixels(drawn, LIGHT), LIGHT).startswith("otpauth://totp/visitor?secret=")


@pytest.fixture
def piped(tmp_path):
    """Return what starts the program with its input and output piped; in the end it does not run any more."""
    started = []

    def start(*arguments):
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

    def test_whole_story(self, piped):
        """It completes; the output reads as a transcript, in which the passwords are missing."""
        process = piped("-c", AT_ONCE)
        process.stdin.write("".join(f"{line}\n" for line in (USER, EMAIL, PASSWORD, PASSWORD)))
        process.stdin.flush()
        lines = []
        while not lines or "confirmation code is" not in lines[-1]:
            lines.append(process.stdout.readline())
            assert lines[-1], process.stderr.read()
        code = re.search(r"\d{6}", lines[-1])[0]
        rest, errors = process.communicate(f"{code}\n\n\ny\ny\n", timeout=60)

        transcript = " ".join(("".join(lines) + rest).split())
        assert (process.returncode, errors) == (0, "")
        assert f"User name: {USER} E-mail address: {EMAIL}" in transcript
        assert transcript.endswith(HAPPY_END)
        assert PASSWORD not in transcript

    @pytest.mark.parametrize(("count", "question"), [(0, "User name"), (3, "Password once more")])
    def test_input_that_ends_too_early(self, piped, tmp_path, count, question):
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

    def test_output_that_nobody_reads(self, piped):
        """When the reader of the output goes away the program ends, without a traceback."""
        process = piped(str(PROGRAM), "--auto")
        process.stdout.readline()
        process.stdout.close()

        assert "Traceback" not in process.stderr.read()
        assert process.wait(timeout=60) == 1
