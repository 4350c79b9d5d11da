"""Showing: every terminal stays readable, whatever is shown."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import threading
import types
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len
from rich.console import Console

from terminal import Terminal
from test.support.pseudo_terminal import in_terminal, seen_before
from test.support.terminals import ENVIRONMENT, URI, Screen, make_terminal, seen

if TYPE_CHECKING:
    from collections.abc import Callable

    import pexpect

    from test.support.terminals import Colours


pytestmark = pytest.mark.usefixtures("plain_environment")

HOSTILE = ["[red]x[/red]", "[/]", "[bold", "[link=http://example.com]x[/link]", ":smile:", "\\[x]", "{x} %s"]


def show_everything(terminal: Terminal, text: str) -> None:
    """Call each method that shows text with that text in each place."""
    terminal.heading(3, 7, text)
    for method in (terminal.say, terminal.copyable, terminal.hint, terminal.done, terminal.warn):
        method(text)
    terminal.table(text, [text, "other"], [[text, "x"], ["y", text]])
    terminal.fields(text, {text: text, "nested": {text: [text, None]}})
    terminal.groups(text, {text: (text, {text: text, "nested": [text]})})
    terminal.wait(0.5, text, clock=iter([0.0, 0.0, 0.5]).__next__, pause=lambda _seconds: False)


class TestStyle:
    """What each line looks like."""

    def test_heading_is_a_rule(self) -> None:
        """A step begins with its number and title in a rule as wide as the terminal."""
        terminal, screen = make_terminal()

        terminal.heading(3, 7, "List the users")

        assert screen.shown == "\nStep 3 of 7 · List the users " + "─" * 51 + "\n"

    @pytest.mark.parametrize(
        ("encoding", "term", "text"),
        [("ascii", "xterm", "Step 3 of 7 - Users"), ("utf-8", "dumb", "Step 3 of 7: Users")],
    )
    def test_heading_is_plain_text_where_no_rule_can_be(
        self, monkeypatch: pytest.MonkeyPatch, encoding: str, term: str, text: str
    ) -> None:
        """Without UTF-8, and on a dumb terminal, a heading is a line of text."""
        monkeypatch.setenv("TERM", term)
        screen = Screen(encoding)

        Terminal(Console(file=screen, force_terminal=True, no_color=True, color_system=None)).heading(
            3, 7, "Users"
        )

        assert screen.shown == f"\n{text}\n"

    @pytest.mark.parametrize(
        ("method", "utf_8", "ascii_"),
        [("say", "", ""), ("hint", "→ ", "-> "), ("done", "✓ ", "[ok] "), ("warn", "! ", "! ")],
    )
    def test_marks_tell_without_colour(self, method: str, utf_8: str, ascii_: str) -> None:
        """Without colours, and in ASCII, each kind of line has a mark of its own and aligns below it."""
        text = "word " * 18 + "end"
        for encoding, mark in (("utf-8", utf_8), ("ascii", ascii_)):
            terminal, screen = make_terminal(encoding)

            getattr(terminal, method)(text)

            first, second = screen.shown.splitlines()
            assert first.startswith(f"{mark}word word")
            assert second.startswith(" " * len(mark) + "word")
            assert len(first) <= 80

    def test_copyable_has_no_line_break(self) -> None:
        """A long line to be copied stays one line."""
        terminal, screen = make_terminal()

        terminal.copyable(URI * 3)

        assert screen.shown == URI * 3 + "\n"

    @pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
    def test_table_cuts_nothing(self, encoding: str) -> None:
        """Names that are too long for 80 columns are folded, all of their characters are there."""
        terminal, screen = make_terminal(encoding)
        rows = [["a" * 70, "CONFIRMED", "b" * 50], ["carol", "UNCONFIRMED", "carol@example.com"]]

        terminal.table("Users", ["Name", "Status", "E-mail"], rows)

        assert screen.shown.count("a") - "Name Status E-mail carol carol@example.com".count("a") == 70
        assert "b" * 50 in "".join(re.findall("b+", screen.shown))
        assert re.search(r"carol\W+UNCONFIRMED\W+carol@example\.com", screen.shown)

    def test_table_without_rows_says_so(self) -> None:
        """An empty table is no empty frame."""
        terminal, screen = make_terminal()

        terminal.table("Users", ["Name"], iter([]))

        assert screen.shown == "\nUsers\n(none)\n"

    def test_fields_show_values_as_json(self) -> None:
        """Text is shown as it is, every other value as JSON."""
        terminal, screen = make_terminal()

        terminal.fields("Answer", {"Name": "MFA_SETUP", "Confirmed": False, "Parameters": {"a": ["é"]}})

        assert [line.rstrip() for line in screen.shown.splitlines()] == [
            "",
            "Answer",
            "Name        MFA_SETUP",
            "Confirmed   false",
            'Parameters  {"a": ["é"]}',
        ]

    @pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
    def test_80_columns_are_enough(self, monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
        """No line is wider than 80 columns, except those that are there to be copied."""
        terminal, screen = make_terminal(encoding)
        monkeypatch.setattr(terminal, "copyable", terminal.say)

        show_everything(terminal, "漢字 wide and narrow words, then averyveryverylongone" + "x" * 90)

        assert max(cell_len(line) for line in screen.shown.splitlines()) == 80


class TestForeignText:
    """Text that someone else chose."""

    @pytest.mark.parametrize("colours", [None, "standard"])
    @pytest.mark.parametrize("text", HOSTILE)
    def test_markup_is_shown_literally(self, text: str, colours: Colours | None) -> None:
        """Square brackets and emoji codes in user names and messages mean nothing anywhere."""
        terminal, screen = make_terminal(colours=colours, width=200)

        show_everything(terminal, text)

        assert seen(screen.shown).count(seen(text)) >= 17
        assert "\x1b]8" not in screen.shown

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("\x1b[2J", r"\x1b[2J"),
            ("\x9b31m", r"\x9b31m"),
            ("a\rb\x08", r"a\rb\x08"),
            ("\u202eabc", r"\u202eabc"),
        ],
    )
    def test_control_characters_are_shown_as_escapes(self, text: str, shown: str) -> None:
        """Nobody's name can clear the screen, go back over a line or turn the writing direction."""
        terminal, screen = make_terminal(width=200)

        show_everything(terminal, text)

        assert shown in screen.shown
        assert not {"\x1b", "\x9b", "\r", "\x08", "\u202e"} & set(screen.shown)

    @pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437", "utf-8"])
    @pytest.mark.parametrize("text", ["Zoë …·✓→", "漢字 😀", "\udce9 surrogate"])
    def test_no_encoding_error(self, encoding: str, text: str) -> None:
        """What the output can't encode is replaced by escapes, and never raises."""
        terminal, screen = make_terminal(encoding)

        show_everything(terminal, text)

        assert screen.shown

    @pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
    def test_our_own_signs_are_replaced(self, encoding: str) -> None:
        """Where one of this module's signs is lacking, all become words and dashes, not escapes."""
        terminal, screen = make_terminal(encoding)

        terminal.say("wait … then · go → ✓")

        assert screen.shown == "wait ... then - go -> [ok]\n"

    def test_c_locale_program_ends_well(self) -> None:
        """A real program in the C locale with ASCII output shows all of it."""
        program = "from terminal import *; Terminal().heading(1, 7, 'Zoë'); Terminal().done('漢')"
        environment = ENVIRONMENT | {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}

        result = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, timeout=30, check=True
        )

        assert result.stdout == b"\nStep 1 of 7 - Zo\\xeb\n[ok] \\u6f22\n"


class TestColour:
    """When there are colours."""

    @pytest.mark.parametrize("is_terminal", [True, False])
    @pytest.mark.parametrize("force", ["", "1"])
    @pytest.mark.parametrize("no_color", ["", "1"])
    def test_environment_then_terminal_decide(
        self, monkeypatch: pytest.MonkeyPatch, no_color: str, force: str, is_terminal: bool
    ) -> None:
        """NO_COLOR comes before FORCE_COLOR, and that before being a terminal; empty ones don't count."""
        monkeypatch.setenv("NO_COLOR", no_color)
        monkeypatch.setenv("FORCE_COLOR", force)
        screen = Screen(is_terminal=is_terminal)
        monkeypatch.setattr(sys, "stdout", screen)

        Terminal().done("well")

        coloured = re.search(r"\x1b\[([0-9;]*;)?[349]\d[;m]", screen.shown) is not None
        assert coloured == (not no_color and (bool(force) or is_terminal))

    @pytest.mark.parametrize("error_is_terminal", [True, False])
    def test_standard_error_decides_for_itself(
        self, monkeypatch: pytest.MonkeyPatch, error_is_terminal: bool
    ) -> None:
        """What goes to standard error has colours when that is a terminal, whatever standard output is."""
        output, errors = Screen(is_terminal=not error_is_terminal), Screen(is_terminal=error_is_terminal)
        monkeypatch.setattr(sys, "stdout", output)
        monkeypatch.setattr(sys, "stderr", errors)

        Terminal(stderr=True).warn("Stopped.")

        assert ("\x1b" in errors.shown) == error_is_terminal
        assert "Stopped." in errors.shown
        assert output.shown == ""

    def test_dumb_terminal_has_no_escape_sequences(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """TERM=dumb gets plain text alone."""
        monkeypatch.setenv("TERM", "dumb")
        screen = Screen(is_terminal=True)
        monkeypatch.setattr(sys, "stdout", screen)

        show_everything(Terminal(), "text")

        assert "\x1b" not in screen.shown


class Time:
    """A clock that only a pause moves; Enter can be pressed at a moment of it."""

    def __init__(self, enter_at: float | None = None) -> None:
        self.now = 1000.0
        self.enter_at = enter_at
        self.pauses: list[float] = []

    def clock(self) -> float:
        """Return the time."""
        return self.now

    def pause(self, seconds: float) -> bool:
        """Let time pass until Enter or the end of the pause."""
        self.pauses.append(seconds)
        until = self.now + seconds
        if self.enter_at is not None and self.enter_at <= until:
            self.now = self.enter_at
            return True
        self.now = until
        return False


class TestWait:
    """Waiting, with a clock that stands still by itself."""

    @pytest.fixture
    def interactive(self, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Terminal, Screen]]:
        """Make a terminal with a person at it, and its screen."""
        monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(isatty=lambda: True))

        def make(encoding: str = "utf-8") -> tuple[Terminal, Screen]:
            screen = Screen(encoding, is_terminal=True)
            return Terminal(Console(file=screen, width=80, force_terminal=True, color_system="256")), screen

        return make

    @pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
    def test_counts_whole_seconds_down_to_zero(
        self, interactive: Callable[..., tuple[Terminal, Screen]], encoding: str
    ) -> None:
        """The bar shows each whole second once, ends with 0, and True tells that the time has passed."""
        terminal, screen = interactive(encoding)
        timer = Time()

        assert terminal.wait(3.4, "Waiting for the next code", clock=timer.clock, pause=timer.pause) is True

        counted = [int(second) for second in re.findall(r"(\d+) s\b(?!;)", screen.shown)]
        assert list(dict.fromkeys(counted)) == [4, 3, 2, 1, 0]
        assert sum(timer.pauses) == pytest.approx(3.4)
        assert screen.shown.startswith("Waiting for the next code (4 s; Enter skips).")

    @pytest.mark.parametrize(
        ("encoding", "bars"),
        [
            ("utf-8", ["░" * 40, "█" * 20 + "░" * 20, "█" * 40]),
            ("ascii", ["." * 40, "#" * 20 + "." * 20, "#" * 40]),
        ],
    )
    def test_bar_fills_and_goes_away(
        self, interactive: Callable[..., tuple[Terminal, Screen]], encoding: str, bars: list[str]
    ) -> None:
        """The bar grows with the time, readable without colour, and in the end its line is blank."""
        terminal, screen = interactive(encoding)
        timer = Time()

        terminal.wait(2, "Waiting", clock=timer.clock, pause=timer.pause)

        *drawn, last, end = re.sub(r"\x1b\[[0-9;]*m", "", screen.shown.split("\n")[1]).split("\r")
        assert drawn == [f"{bar} {left} s  " for bar, left in zip(bars, (2, 1, 0), strict=True)]
        assert (last.strip(), end) == ("", "")
        assert len(last) >= len(drawn[0])

    def test_bar_fits_a_narrow_terminal(self, interactive: Callable[..., tuple[Terminal, Screen]]) -> None:
        """Where 40 columns and the seconds don't fit on one line, the bar is shorter."""
        terminal, screen = interactive()
        terminal.console.width = 30
        timer = Time()

        terminal.wait(999, "Waiting", clock=timer.clock, pause=timer.pause)

        assert max(len(line) for line in re.sub(r"\x1b\[[0-9;]*m", "", screen.shown).split("\r")[1:]) == 29

    def test_ctrl_c_blanks_the_line(self, interactive: Callable[..., tuple[Terminal, Screen]]) -> None:
        """Ctrl-C comes out as KeyboardInterrupt, and the bar goes away."""
        terminal, screen = interactive()

        def interrupted(_seconds: float) -> bool:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            terminal.wait(30, "Waiting", pause=interrupted)

        assert screen.shown.endswith("\r" + " " * 79 + "\r")

    def test_enter_skips_the_rest(self, interactive: Callable[..., tuple[Terminal, Screen]]) -> None:
        """False tells that Enter was pressed, and no more time passes."""
        terminal, _ = interactive()
        timer = Time(enter_at=1002.5)

        assert terminal.wait(30, "Waiting", clock=timer.clock, pause=timer.pause) is False
        assert timer.now == 1002.5

    @pytest.mark.parametrize(("stdin", "stdout"), [(True, False), (False, True), (False, False)])
    def test_without_a_person_one_line_tells(
        self, monkeypatch: pytest.MonkeyPatch, stdin: bool, stdout: bool
    ) -> None:
        """When either end is no terminal, one line says why and how long, also with FORCE_COLOR."""
        monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(isatty=lambda: stdin))
        screen = Screen(is_terminal=stdout)
        timer = Time()

        terminal = Terminal(Console(file=screen, force_terminal=True, color_system=None))

        assert terminal.wait(7.2, "Waiting for the next code", clock=timer.clock, pause=timer.pause) is True
        assert screen.shown == "Waiting for the next code (8 s).\n"
        assert timer.now == pytest.approx(1007.2)

    def test_without_a_person_it_sleeps(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """By default the time without a terminal is spent in time.sleep."""
        terminal, _ = make_terminal()
        timer = Time()
        monkeypatch.setattr("terminal.time.sleep", timer.pause)

        assert terminal.wait(2, "Waiting", clock=timer.clock) is True
        assert timer.now == 1002

    @pytest.mark.parametrize("seconds", [0, -3])
    def test_no_time_is_no_wait(self, seconds: int) -> None:
        """When there is nothing to wait for, nothing is shown."""
        terminal, screen = make_terminal()

        assert terminal.wait(seconds, "Waiting") is True
        assert screen.shown == ""


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
class TestKeyboard:
    """Waiting in a real pseudo-terminal."""

    @staticmethod
    def spawn(program: str) -> pexpect.spawn[str]:
        """Run a program that has `terminal` and `echoes()`, which tells whether typing is shown."""
        setup = (
            "import select, sys, termios\nfrom terminal import Terminal\nterminal = Terminal()\n"
            "def echoes(): return bool(termios.tcgetattr(0)[3] & termios.ECHO)\n"
        )
        return in_terminal(sys.executable, "-c", setup + program, environment=ENVIRONMENT)

    def test_enter_skips_and_is_used_up(self) -> None:
        """Enter ends the wait at once; what was typed is neither shown nor an answer to the next question."""
        child = self.spawn("print('passed', terminal.wait(600, 'Waiting'))\nprint(repr(input('next? ')))")

        child.expect_exact("m 600 s")
        child.send("jumble\r\r")
        child.expect_exact("next? ")
        before = seen_before(child)
        child.sendline("answer")
        child.expect_exact("'answer'")

        assert "passed False" in before
        assert "jumble" not in before

    def test_other_keys_do_not_skip(self) -> None:
        """Letters and arrow keys leave the wait alone: it lasts until its time has passed."""
        child = self.spawn("print('passed', terminal.wait(1, 'Waiting'), echoes())")

        child.expect_exact("m 1 s")
        child.send("x \x1b[A")

        child.expect_exact("passed True True")

    def test_enter_typed_ahead_does_not_skip(self) -> None:
        """An Enter from before the wait neither skips it nor answers what comes after it."""
        child = self.spawn(
            "print('type ahead')\nselect.select([0], [], [])\n"
            "print('passed', terminal.wait(0.2, 'Waiting'))\nprint(repr(input('next? ')))"
        )

        child.expect_exact("type ahead")
        child.sendline("")
        child.expect_exact("passed True")
        child.expect_exact("next? ")
        child.sendline("answer")

        child.expect_exact("'answer'")

    def test_keys_at_the_last_moment_are_dropped(self) -> None:
        """What is typed too late to be read by the wait isn't left for the next question either."""
        child = self.spawn(
            "from terminal import _keyboard\nwith _keyboard():\n    print('now')\n"
            "    select.select([0], [], [])\nprint(repr(input('next? ')))"
        )

        child.expect_exact("now")
        child.send("late\r")
        child.expect_exact("next? ")
        child.sendline("answer")

        child.expect_exact("'answer'")

    def test_ctrl_c_restores_the_terminal(self) -> None:
        """Ctrl-C comes out as KeyboardInterrupt, and typing is shown again."""
        child = self.spawn(
            "try:\n    terminal.wait(600, 'Waiting')\n"
            "except KeyboardInterrupt:\n    print('stopped', echoes())"
        )

        child.expect_exact("m 600 s")
        child.sendintr()

        child.expect_exact("stopped True")


class WatchedScreen(Screen):
    """A screen on which something can be waited for."""

    def __init__(self, encoding: str = "utf-8", *, is_terminal: bool = False) -> None:
        super().__init__(encoding, is_terminal=is_terminal)
        self.has_written = threading.Condition()

    def write(self, text: str) -> int:
        """Write, and wake up what waits."""
        with self.has_written:
            written = super().write(text)
            self.has_written.notify_all()
        return written

    def wait_for(self, text: str) -> None:
        """Wait until this is on the screen."""
        with self.has_written:
            assert self.has_written.wait_for(lambda: text in self.shown, timeout=30)


class TestBusy:
    """Something that takes its time."""

    @staticmethod
    def make(encoding: str = "utf-8", *, is_terminal: bool = True) -> tuple[Terminal, WatchedScreen]:
        """Return a terminal and its screen."""
        screen = WatchedScreen(encoding, is_terminal=is_terminal)
        return Terminal(Console(file=screen, width=80, force_terminal=is_terminal, color_system=None)), screen

    @pytest.mark.parametrize(("encoding", "frames"), [("utf-8", ["⠋", "⠙", "⠹"]), ("ascii", ["|", "/", "-"])])
    def test_spinner(self, encoding: str, frames: list[str]) -> None:
        """At a terminal something turns and says for how long already; in the end the line is blank."""
        terminal, screen = self.make(encoding)

        with terminal.busy("Waiting for Cognito", after=0):
            for frame in frames:
                screen.wait_for(f"{frame} Waiting for Cognito, 0 s")

        assert screen.shown.endswith("\r" + " " * 79 + "\r")
        assert "\n" not in screen.shown

    @pytest.mark.parametrize("kind", ["piped", "dumb"])
    def test_one_line(self, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
        """Where nothing can turn, one line says what is waited for."""
        if kind == "dumb":
            monkeypatch.setenv("TERM", "dumb")
        terminal, screen = self.make(is_terminal=kind == "dumb")

        with terminal.busy("Waiting for Cognito", after=0):
            screen.wait_for("Waiting for Cognito ...")

        assert screen.shown == "Waiting for Cognito ...\n"

    def test_what_is_quick_shows_nothing(self) -> None:
        """Within a second there is nothing to see, and no call has a thread of its own."""
        terminal, screen = self.make()
        with terminal.busy("Waiting for Cognito"):
            before = set(threading.enumerate())

        for _ in range(3):
            with terminal.busy("Waiting for Cognito"):
                assert set(threading.enumerate()) <= before

        assert screen.shown == ""

    def test_screen_that_is_full(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nobody is asked for a key while something is waited for: another thread would be asking."""
        monkeypatch.setenv("TERM", "dumb")
        terminal, screen = self.make()
        terminal.pause_when_full(lambda: screen.write("Press Enter"))
        for _ in range(terminal.height or 0):
            terminal.say("A line")
        shown = screen.shown

        with terminal.busy("Waiting for Cognito", after=0):
            screen.wait_for("Waiting for Cognito ...")

        assert screen.shown == f"{shown}Waiting for Cognito ...\n"

    @pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
    def test_errors_pass(self, error: type[KeyboardInterrupt | ValueError]) -> None:
        """What ends the wait by an error ends the spinner too, and is raised."""
        terminal, screen = self.make()

        def wait_and_fail() -> None:
            with terminal.busy("Waiting", after=0):
                screen.wait_for("Waiting")
                raise error

        with pytest.raises(error):
            wait_and_fail()
        assert screen.shown.endswith(" " * 79 + "\r")


class _Gone(io.StringIO):
    """An output that nothing can be written to."""

    def __init__(self) -> None:
        super().__init__()
        self.tried = threading.Event()

    def isatty(self) -> bool:
        """Pass for a terminal."""
        return True

    def write(self, _text: str) -> int:
        """Note that it was tried, and fail."""
        self.tried.set()
        raise OSError


def test_busy_on_an_output_that_is_gone() -> None:
    """A spinner that can't be shown ends without a thread's traceback, and what it waits for goes on."""
    file = _Gone()

    with Terminal(Console(file=file, force_terminal=True)).busy("Waiting", after=0):
        assert file.tried.wait(30)


class TestPlain:
    """A dumb terminal: one fact a line."""

    @pytest.fixture
    def plain(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
        """Return a terminal that only prints."""
        monkeypatch.setenv("TERM", "dumb")
        return Terminal()

    def test_small_screen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A dumb terminal has the size that it has: what is wider takes more of its lines."""
        monkeypatch.setenv("TERM", "dumb")
        monkeypatch.setenv("COLUMNS", "30")
        monkeypatch.setenv("LINES", "8")
        terminal = Terminal(Console(file=Screen(is_terminal=True), force_terminal=True))
        pauses: list[str] = []
        terminal.pause_when_full(lambda: pauses.append("full"))

        for _ in range(3):
            terminal.copyable("x" * 50)

        assert (terminal.width, terminal.height, pauses) == (30, 8, ["full"])

    def test_facts(self, plain: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
        """Tables, fields and groups are lines of a name and a value; marks are words."""
        plain.table("Users", ("Name", "Status"), [("alice", "CONFIRMED"), ("bob", "")])
        plain.fields("Key", {"Type": "TOTP"})
        plain.groups("Tokens", {"AccessToken": ("<access token 1>", {"sub": "0b1c"})})
        plain.done("It worked.")
        plain.warn("It did not.")
        plain.hint("Try this.")

        lines = [line for line in capsys.readouterr().out.splitlines() if line]
        assert lines == [
            *("Users:", "Name: alice", "Status: CONFIRMED", "Name: bob", "Status: "),
            *("Key:", "Type: TOTP", "Tokens:", "AccessToken: <access token 1>", "AccessToken, sub: 0b1c"),
            *("Done: It worked.", "Warning: It did not.", "Note: Try this."),
        ]

    def test_empty_table(self, plain: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
        """A table without rows says that there are none."""
        plain.table("Users", ("Name",), [])

        assert capsys.readouterr().out.split() == ["Users:", "none"]


class TestPager:
    """Never more than a screen since the last key."""

    def pages(self, show: Callable[[Terminal], object], height: int = 10) -> list[int]:
        """Show something on a screen of that height; return how many rows there were at each pause."""
        screen = Screen("utf-8")
        terminal = Terminal(Console(file=screen, force_terminal=True, width=40, height=height))
        rows: list[int] = []

        def pause() -> None:
            rows.append(screen.shown.count("\n") - sum(rows))
            terminal.note_key()

        terminal.pause_when_full(pause)
        show(terminal)
        return rows

    def test_blocks_are_kept_together(self) -> None:
        """A block that does not fit below the others waits for a key."""

        def show(terminal: Terminal) -> None:
            for _ in range(5):
                terminal.say("a\nb\nc")

        assert self.pages(show) == [6, 6]

    def test_long_block_is_parted(self) -> None:
        """What is higher than the screen is shown in parts that fit."""
        assert self.pages(lambda terminal: terminal.output(list("abcdefghijklmnopqrst"))) == [7, 7]

    def test_wide_line_takes_rows(self) -> None:
        """A line that the terminal wraps counts as the rows that it takes."""

        def show(terminal: Terminal) -> None:
            for _ in range(2):
                terminal.copyable("x" * 130)

        assert self.pages(show) == [1]

    def test_key_counts_anew(self) -> None:
        """After a key there is room for a whole screen again."""

        def show(terminal: Terminal) -> None:
            for _ in range(4):
                terminal.say("a\nb\nc")
                terminal.note_key()

        assert self.pages(show) == []


@pytest.mark.parametrize(("length", "is_cut"), [(4000, False), (4001, True)])
def test_longest_text(length: int, is_cut: bool) -> None:
    """A text that would hide what is around it is cut, and says how long it is."""
    screen = Screen("utf-8")

    Terminal(Console(file=screen, width=10_000)).say("x" * length)

    assert screen.shown.count("x") == 4000
    assert (f"... ({length} characters)" in screen.shown) == is_cut
