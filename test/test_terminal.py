"""Showing: every terminal stays readable, QR codes scan from what was printed, secrets stay masked."""

import io
import os
import re
import stat
import subprocess
import sys
import threading
import time
import types
from pathlib import Path
from typing import ClassVar

import jwt
import numpy as np
import pexpect
import pytest
import zxingcpp
from PIL import Image
from rich.cells import cell_len
from rich.console import Console

import terminal as terminal_module
from terminal import Terminal, masked, open_image, save_qr_image
from test.support.screen import DARK, LIGHT, cells, pixels, scan

URI = (
    "otpauth://totp/Local%20Cognito:alice?secret=ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRST"
    "&issuer=Local%20Cognito"
)
ROOT = Path(terminal_module.__file__).parent
# An environment of its own: what happens must not depend on who runs the tests.
ENVIRONMENT = {
    "PATH": os.defpath,
    "PYTHONPATH": str(ROOT),
    "PYTHONIOENCODING": "utf-8",
    "TERM": "xterm-256color",
}
HOSTILE = ["[red]x[/red]", "[/]", "[bold", "[link=http://example.com]x[/link]", ":smile:", "\\[x]", "{x} %s"]


class Screen(io.TextIOWrapper):
    """A strict output stream, as a program's own is: what its encoding lacks raises."""

    def __init__(self, encoding="utf-8", *, is_terminal=False):
        super().__init__(io.BytesIO(), encoding=encoding, errors="strict", newline="")
        self.is_terminal = is_terminal

    def isatty(self):
        """Tell what was asked for."""
        return self.is_terminal

    @property
    def shown(self):
        """Everything written so far."""
        self.flush()
        return self.buffer.getvalue().decode(self.encoding)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    """Let no setting of the person who runs the tests decide about colours."""
    for name in (
        "NO_COLOR",
        "FORCE_COLOR",
        "COLORTERM",
        "TTY_COMPATIBLE",
        "TTY_INTERACTIVE",
        "COLUMNS",
        "LINES",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def make_terminal(encoding="utf-8", colours=None, width=80, height=50):
    """Make a terminal and the screen it writes to; `colours` is one of rich's color systems."""
    screen = Screen(encoding)
    console = Console(
        file=screen,
        width=width,
        height=height,
        color_system=colours,
        force_terminal=colours is not None,
        highlight=False,
    )
    return Terminal(console), screen


def show_everything(terminal, text):
    """Call each method that shows text with that text in each place."""
    terminal.heading(3, 7, text)
    for method in (terminal.say, terminal.copyable, terminal.hint, terminal.done, terminal.warn):
        method(text)
    terminal.table(text, [text, "other"], [[text, "x"], ["y", text]])
    terminal.fields(text, {text: text, "nested": {text: [text, None]}})
    terminal.token_table(text, {text: text, "claims": jwt.encode({text: text}, "k" * 32)})
    terminal.wait(0.5, text, clock=iter([0.0, 0.0, 0.5]).__next__, pause=lambda _seconds: False)


def seen(output):
    """Return what a person reads: no escape sequences, no line breaks that wrapping made."""
    return re.sub(r"\s+", "", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output))


class TestStyle:
    """What each line looks like."""

    def test_heading_is_a_rule(self):
        """A step begins with its number and title in a rule as wide as the terminal."""
        terminal, screen = make_terminal()

        terminal.heading(3, 7, "List the users")

        assert screen.shown == "\nStep 3 of 7 · List the users " + "─" * 51 + "\n"

    @pytest.mark.parametrize(
        ("encoding", "term", "text"),
        [("ascii", "xterm", "Step 3 of 7 - Users"), ("utf-8", "dumb", "Step 3 of 7 · Users")],
    )
    def test_heading_is_plain_text_where_no_rule_can_be(self, monkeypatch, encoding, term, text):
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
    def test_marks_tell_without_colour(self, method, utf_8, ascii_):
        """Without colours, and in ASCII, each kind of line has a mark of its own and aligns below it."""
        text = "word " * 18 + "end"
        for encoding, mark in (("utf-8", utf_8), ("ascii", ascii_)):
            terminal, screen = make_terminal(encoding)

            getattr(terminal, method)(text)

            first, second = screen.shown.splitlines()
            assert first.startswith(f"{mark}word word")
            assert second.startswith(" " * len(mark) + "word")
            assert len(first) <= 80

    def test_copyable_has_no_line_break(self):
        """A long line to be copied stays one line."""
        terminal, screen = make_terminal()

        terminal.copyable(URI * 3)

        assert screen.shown == URI * 3 + "\n"

    @pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
    def test_table_cuts_nothing(self, encoding):
        """Names that are too long for 80 columns are folded, all of their characters are there."""
        terminal, screen = make_terminal(encoding)
        rows = [["a" * 70, "CONFIRMED", "b" * 50], ["carol", "UNCONFIRMED", "carol@example.com"]]

        terminal.table("Users", ["Name", "Status", "E-mail"], rows)

        assert screen.shown.count("a") - "Name Status E-mail carol carol@example.com".count("a") == 70
        assert "b" * 50 in "".join(re.findall("b+", screen.shown))
        assert re.search(r"carol\W+UNCONFIRMED\W+carol@example\.com", screen.shown)

    def test_table_without_rows_says_so(self):
        """An empty table is no empty frame."""
        terminal, screen = make_terminal()

        terminal.table("Users", ["Name"], iter([]))

        assert screen.shown == "\nUsers\n(none)\n"

    def test_fields_show_values_as_json(self):
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
    def test_80_columns_are_enough(self, encoding):
        """No line is wider than 80 columns, except those that are there to be copied."""
        terminal, screen = make_terminal(encoding)
        terminal.copyable = terminal.say

        show_everything(terminal, "漢字 wide and narrow words, then averyveryverylongone" + "x" * 90)

        assert max(cell_len(line) for line in screen.shown.splitlines()) == 80


class TestForeignText:
    """Text that someone else chose."""

    @pytest.mark.parametrize("colours", [None, "standard"])
    @pytest.mark.parametrize("text", HOSTILE)
    def test_markup_is_shown_literally(self, text, colours):
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
    def test_control_characters_are_shown_as_escapes(self, text, shown):
        """Nobody's name can clear the screen, go back over a line or turn the writing direction."""
        terminal, screen = make_terminal(width=200)

        show_everything(terminal, text)

        assert shown in screen.shown
        assert not {"\x1b", "\x9b", "\r", "\x08", "\u202e"} & set(screen.shown)

    @pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437", "utf-8"])
    @pytest.mark.parametrize("text", ["Zoë …·✓→", "漢字 😀", "\udce9 surrogate"])
    def test_no_encoding_error(self, encoding, text):
        """What the output can't encode is replaced by escapes, and never raises."""
        terminal, screen = make_terminal(encoding)

        show_everything(terminal, text)

        assert screen.shown

    @pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
    def test_our_own_signs_are_replaced(self, encoding):
        """Where one of this module's signs is lacking, all become words and dashes, not escapes."""
        terminal, screen = make_terminal(encoding)

        terminal.say("wait … then · go → ✓")

        assert screen.shown == "wait ... then - go -> [ok]\n"

    def test_c_locale_program_ends_well(self):
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
    def test_environment_then_terminal_decide(self, monkeypatch, no_color, force, is_terminal):
        """NO_COLOR comes before FORCE_COLOR, and that before being a terminal; empty ones don't count."""
        monkeypatch.setenv("NO_COLOR", no_color)
        monkeypatch.setenv("FORCE_COLOR", force)
        screen = Screen(is_terminal=is_terminal)
        monkeypatch.setattr(sys, "stdout", screen)

        Terminal().done("well")

        coloured = re.search(r"\x1b\[([0-9;]*;)?[349]\d[;m]", screen.shown) is not None
        assert coloured == (not no_color and (bool(force) or is_terminal))

    @pytest.mark.parametrize("error_is_terminal", [True, False])
    def test_standard_error_decides_for_itself(self, monkeypatch, error_is_terminal):
        """What goes to standard error has colours when that is a terminal, whatever standard output is."""
        output, errors = Screen(is_terminal=not error_is_terminal), Screen(is_terminal=error_is_terminal)
        monkeypatch.setattr(sys, "stdout", output)
        monkeypatch.setattr(sys, "stderr", errors)

        Terminal(stderr=True).warn("Stopped.")

        assert ("\x1b" in errors.shown) == error_is_terminal
        assert "Stopped." in errors.shown
        assert output.shown == ""

    def test_dumb_terminal_has_no_escape_sequences(self, monkeypatch):
        """TERM=dumb gets plain text alone."""
        monkeypatch.setenv("TERM", "dumb")
        screen = Screen(is_terminal=True)
        monkeypatch.setattr(sys, "stdout", screen)

        show_everything(Terminal(), "text")

        assert "\x1b" not in screen.shown


class TestQrCode:
    """QR codes, read back from what was written to the terminal."""

    @pytest.mark.parametrize("background", [DARK, LIGHT])
    @pytest.mark.parametrize("colours", ["standard", "256", "truecolor"])
    @pytest.mark.parametrize("encoding", ["utf-8", "cp437", "ascii"])
    def test_coloured_code_scans_on_any_background(self, encoding, colours, background):
        """With colours it is dark on light on every background, in half blocks and in spaces."""
        terminal, screen = make_terminal(encoding, colours, width=120)

        assert terminal.qr_code(URI) is True

        assert scan(pixels(screen.shown, background), background) == URI

    @pytest.mark.parametrize("colours", ["standard", "256", "truecolor"])
    @pytest.mark.parametrize(("encoding", "module"), [("utf-8", 1), ("ascii", 2)])
    def test_quiet_zone_is_complete_and_white(self, encoding, module, colours):
        """Four modules on each side are white by themselves, no cell is left to the terminal's colours."""
        terminal, screen = make_terminal(encoding, colours, width=120)

        terminal.qr_code(URI)

        picture = pixels(screen.shown, DARK)
        edge = 4 * module
        inside = picture[edge:-edge, edge:-edge]
        assert np.array_equal(pixels(screen.shown, DARK), pixels(screen.shown, LIGHT))
        assert (np.pad(inside, edge, constant_values=255)[: len(picture)] == picture).all()
        assert (inside[0, : 7 * module] == 0).all()
        assert set(np.unique(picture)) == {0, 255}

    def test_blocks_without_colour_scan_on_dark_and_inverted_on_light(self):
        """Without colours light modules are drawn: right on a dark background, a negative on a light one."""
        terminal, screen = make_terminal()

        assert terminal.qr_code(URI) is True

        code, hint = screen.shown.split("→")
        assert scan(pixels(code.rstrip(), DARK), DARK) == URI
        assert scan(pixels(code.rstrip(), LIGHT), LIGHT) == ""
        assert scan(pixels(code.rstrip(), LIGHT), LIGHT, inverted=True) == URI
        assert "dark background" in hint

    def test_no_color_is_respected(self):
        """With NO_COLOR the code comes without any escape sequence."""
        screen = Screen()
        console = Console(
            file=screen, width=80, height=50, force_terminal=True, color_system="256", no_color=True
        )

        assert Terminal(console).qr_code(URI) is True

        code = screen.shown.split("\n")[:23]
        assert "\x1b" not in "".join(code)
        assert scan(pixels("\n".join(code), DARK), DARK) == URI

    @pytest.mark.parametrize(
        ("encoding", "colours", "width", "drawn"),
        [
            ("utf-8", "256", 45, True),
            ("utf-8", "256", 44, False),
            ("utf-8", None, 44, False),
            ("ascii", "256", 90, True),
            ("ascii", "256", 89, False),
            ("ascii", None, 200, False),
        ],
    )
    def test_what_would_not_scan_is_not_drawn(self, encoding, colours, width, drawn):
        """Too narrow, or with neither colours nor blocks, a sentence says so instead of a broken code."""
        terminal, screen = make_terminal(encoding, colours, width=width)

        assert terminal.qr_code(URI) is drawn

        assert ("use the text instead" in " ".join(screen.shown.split())) is not drawn

    def test_an_otpauth_uri_fits_80_by_24(self):
        """The code of a usual URI leaves a line free on 80 by 24, and nothing is said about its height."""
        terminal, screen = make_terminal(colours="256", height=24)

        terminal.qr_code(URI)

        assert len(screen.shown.splitlines()) == 23
        assert max(len(list(cells(line))) for line in screen.shown.splitlines()) == 45

    def test_a_window_too_low_is_noticed(self):
        """When the code is higher than the window, a hint says how high it has to be."""
        terminal, screen = make_terminal(colours="256", height=23)

        terminal.qr_code(URI)

        assert "23 lines high" in screen.shown


class TestQrImage:
    """The image file."""

    def test_image_scans(self, tmp_path):
        """The image reads back as the same URI and has a white border of four modules."""
        save_qr_image(URI, tmp_path / "code.png")

        with Image.open(tmp_path / "code.png") as image:
            grey = np.array(image.convert("L"))
        assert zxingcpp.read_barcode(grey, try_invert=False).text == URI
        assert grey.shape[0] >= 300
        assert (grey[:40] == 255).all()
        assert (grey[:, :40] == 255).all()

    def test_image_is_the_owners_alone_from_the_start(self, tmp_path, monkeypatch):
        """The file is created with mode 0600, also with an umask of 0, so nobody has a moment to open it."""
        modes = []
        real_open = os.open
        monkeypatch.setattr(
            os, "open", lambda *arguments: modes.append(arguments[2]) or real_open(*arguments)
        )
        before = os.umask(0)
        try:
            save_qr_image(URI, tmp_path / "code.png")
        finally:
            os.umask(before)

        assert modes == [0o600]
        assert stat.S_IMODE((tmp_path / "code.png").stat().st_mode) == 0o600

    @pytest.mark.parametrize("kind", ["file", "link"])
    def test_nothing_is_overwritten(self, tmp_path, kind):
        """A file or a link that someone put there is left alone."""
        target = tmp_path / "target"
        target.write_text("mine")
        path = target
        if kind == "link":
            path = tmp_path / "link"
            path.symlink_to(target)

        with pytest.raises(FileExistsError):
            save_qr_image(URI, path)
        assert target.read_text() == "mine"


class TestMasked:
    """Secrets, shortened."""

    @pytest.mark.parametrize("length", [16, 17, 23, 24, 31, 32, 33, 52, 344, 2000])
    def test_shows_a_quarter_at_most(self, length):
        """Both ends are shown, together no more than eight characters and a quarter of the secret."""
        secret = "".join(chr(ord("A") + position % 58) for position in range(length))

        head, tail = masked(secret).removesuffix(f" ({length} characters)").split("…")

        assert secret.startswith(head)
        assert secret.endswith(tail)
        assert 4 <= len(head) + len(tail) <= min(8, length / 4)

    @pytest.mark.parametrize("length", range(16))
    def test_short_secrets_are_hidden_whole(self, length):
        """Below 16 characters the result is the same for every secret, whatever its length."""
        assert masked(("Sx9" * 5)[:length]) == masked("other")
        assert masked("a" * length) == "********"


class TestTokenTable:
    """Tokens with their claims."""

    CLAIMS: ClassVar = {
        "sub": "e3b0c442-98fc-1c14-9afb-f4c8996fb924",
        "iat": 1763690000,
        "exp": 1763693600,
        "auth_time": 0,
        "token_use": "access",
        "cognito:groups": ["admins"],
        "email_verified": True,
    }

    @pytest.mark.parametrize("width", [40, 80, 2000])
    def test_shows_claims_but_no_token(self, width):
        """Every claim is there; the token, its payload and its signature are not, at any width."""
        token = jwt.encode(self.CLAIMS, "k" * 32, algorithm="HS256")
        terminal, screen = make_terminal(width=width)

        terminal.token_table("Tokens", {"AccessToken": token})

        shown = seen(screen.shown)
        assert seen(masked(token)) in shown
        for part in (token, *token.split(".")):
            assert part not in shown
            assert part[6:-6] not in shown
        for value in ('["admins"]', "true", "access"):
            assert value in shown

    @pytest.fixture
    def far_east(self, monkeypatch):
        """Let local time be nine hours ahead of UTC."""
        with monkeypatch.context() as patch:
            patch.setenv("TZ", "JST-9")
            time.tzset()
            yield
        time.tzset()

    @pytest.mark.parametrize(
        ("name", "value", "shown"),
        [
            ("iat", 1763690000, "1763690000 (2025-11-21 01:53:20 UTC)"),
            ("exp", 1763693600, "1763693600 (2025-11-21 02:53:20 UTC)"),
            ("auth_time", 0, "0 (1970-01-01 00:00:00 UTC)"),
            ("nbf", 253402300799, "253402300799 (9999-12-31 23:59:59 UTC)"),
            ("exp", 253402300800, "253402300800"),
            ("exp", -1, "-1"),
            ("exp", "soon", "soon"),
            ("version", 1763690000, "1763690000"),
        ],
    )
    def test_times_are_readable(self, far_east, name, value, shown):
        """Claims that are times have the time in UTC beside them; absurd ones are shown as they are."""
        terminal, screen = make_terminal()

        terminal.token_table("Tokens", {"IdToken": jwt.encode({name: value}, "k" * 32)})

        assert screen.shown.rstrip().splitlines()[-1].split(maxsplit=1) == [name, shown]

    @pytest.mark.parametrize(
        "token",
        ["eyJjdHkiOiJKV1QifQ.a2V5a2V5.aXZpdg.dGV4dA.dGFndGFn", "opaque-token-of-some-length", "a.b.c", ""],
    )
    def test_others_are_opaque(self, token):
        """A token that is no JWT, as an encrypted refresh token, is shown masked and called opaque."""
        terminal, screen = make_terminal()

        terminal.token_table("Tokens", {"RefreshToken": token})

        assert "opaque" in screen.shown.replace(masked(token), "")
        assert not token or token not in screen.shown


class Time:
    """A clock that only a pause moves; Enter can be pressed at a moment of it."""

    def __init__(self, enter_at=None):
        self.now = 1000.0
        self.enter_at = enter_at
        self.pauses = []

    def clock(self):
        """Return the time."""
        return self.now

    def pause(self, seconds):
        """Let time pass until Enter or the end of the pause."""
        self.pauses.append(seconds)
        until = self.now + seconds
        pressed = self.enter_at is not None and self.enter_at <= until
        self.now = self.enter_at if pressed else until
        return pressed


class TestWait:
    """Waiting, with a clock that stands still by itself."""

    @pytest.fixture
    def interactive(self, monkeypatch):
        """Make a terminal with a person at it, and its screen."""
        monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(isatty=lambda: True))

        def make(encoding="utf-8"):
            screen = Screen(encoding, is_terminal=True)
            return Terminal(Console(file=screen, width=80, force_terminal=True, color_system="256")), screen

        return make

    @pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
    def test_counts_whole_seconds_down_to_zero(self, interactive, encoding):
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
    def test_bar_fills_and_goes_away(self, interactive, encoding, bars):
        """The bar grows with the time, readable without colour, and in the end its line is blank."""
        terminal, screen = interactive(encoding)
        timer = Time()

        terminal.wait(2, "Waiting", clock=timer.clock, pause=timer.pause)

        *drawn, last, end = re.sub(r"\x1b\[[0-9;]*m", "", screen.shown.split("\n")[1]).split("\r")
        assert drawn == [f"{bar} {left} s  " for bar, left in zip(bars, (2, 1, 0), strict=True)]
        assert (last.strip(), end) == ("", "")
        assert len(last) >= len(drawn[0])

    def test_bar_fits_a_narrow_terminal(self, interactive):
        """Where 40 columns and the seconds don't fit on one line, the bar is shorter."""
        terminal, screen = interactive()
        terminal.console.width = 30
        timer = Time()

        terminal.wait(999, "Waiting", clock=timer.clock, pause=timer.pause)

        assert max(len(line) for line in re.sub(r"\x1b\[[0-9;]*m", "", screen.shown).split("\r")[1:]) == 29

    def test_ctrl_c_blanks_the_line(self, interactive):
        """Ctrl-C comes out as KeyboardInterrupt, and the bar goes away."""
        terminal, screen = interactive()

        def interrupted(_seconds):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            terminal.wait(30, "Waiting", pause=interrupted)

        assert screen.shown.endswith("\r" + " " * 79 + "\r")

    def test_enter_skips_the_rest(self, interactive):
        """False tells that Enter was pressed, and no more time passes."""
        terminal, _ = interactive()
        timer = Time(enter_at=1002.5)

        assert terminal.wait(30, "Waiting", clock=timer.clock, pause=timer.pause) is False
        assert timer.now == 1002.5

    @pytest.mark.parametrize(("stdin", "stdout"), [(True, False), (False, True), (False, False)])
    def test_without_a_person_one_line_tells(self, monkeypatch, stdin, stdout):
        """When either end is no terminal, one line says why and how long, also with FORCE_COLOR."""
        monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(isatty=lambda: stdin))
        screen = Screen(is_terminal=stdout)
        timer = Time()

        terminal = Terminal(Console(file=screen, force_terminal=True, color_system=None))

        assert terminal.wait(7.2, "Waiting for the next code", clock=timer.clock, pause=timer.pause) is True
        assert screen.shown == "Waiting for the next code (8 s).\n"
        assert timer.now == pytest.approx(1007.2)

    def test_without_a_person_it_sleeps(self, monkeypatch):
        """By default the time without a terminal is spent in time.sleep."""
        terminal, _ = make_terminal()
        timer = Time()
        monkeypatch.setattr(terminal_module.time, "sleep", timer.pause)

        assert terminal.wait(2, "Waiting", clock=timer.clock) is True
        assert timer.now == 1002

    @pytest.mark.parametrize("seconds", [0, -3])
    def test_no_time_is_no_wait(self, seconds):
        """When there is nothing to wait for, nothing is shown."""
        terminal, screen = make_terminal()

        assert terminal.wait(seconds, "Waiting") is True
        assert screen.shown == ""


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
class TestKeyboard:
    """Waiting in a real pseudo-terminal."""

    @staticmethod
    def spawn(program):
        """Run a program that has `terminal` and `echoes()`, which tells whether typing is shown."""
        setup = (
            "import select, sys, termios\nfrom terminal import Terminal\nterminal = Terminal()\n"
            "def echoes(): return bool(termios.tcgetattr(0)[3] & termios.ECHO)\n"
        )
        return pexpect.spawn(
            sys.executable, ["-c", setup + program], env=ENVIRONMENT, encoding="utf-8", timeout=30, echo=True
        )

    def test_enter_skips_and_is_used_up(self):
        """Enter ends the wait at once; what was typed is neither shown nor an answer to the next question."""
        child = self.spawn("print('passed', terminal.wait(600, 'Waiting'))\nprint(repr(input('next? ')))")

        child.expect_exact("m 600 s")
        child.send("jumble\r\r")
        child.expect_exact("next? ")
        before = child.before
        child.sendline("answer")
        child.expect_exact("'answer'")

        assert "passed False" in before
        assert "jumble" not in before

    def test_other_keys_do_not_skip(self):
        """Letters and arrow keys leave the wait alone: it lasts until its time has passed."""
        child = self.spawn("print('passed', terminal.wait(1, 'Waiting'), echoes())")

        child.expect_exact("m 1 s")
        child.send("x \x1b[A")

        child.expect_exact("passed True True")

    def test_enter_typed_ahead_does_not_skip(self):
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

    def test_keys_at_the_last_moment_are_dropped(self):
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

    def test_ctrl_c_restores_the_terminal(self):
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

    def __init__(self, encoding="utf-8", *, is_terminal=False):
        super().__init__(encoding, is_terminal=is_terminal)
        self.has_written = threading.Condition()

    def write(self, text):
        """Write, and wake up whoever waits."""
        with self.has_written:
            written = super().write(text)
            self.has_written.notify_all()
        return written

    def wait_for(self, text):
        """Wait until this is on the screen."""
        with self.has_written:
            assert self.has_written.wait_for(lambda: text in self.shown, timeout=30)


class TestBusy:
    """Something that takes its time."""

    @staticmethod
    def make(encoding="utf-8", *, is_terminal=True):
        """Return a terminal and its screen."""
        screen = WatchedScreen(encoding, is_terminal=is_terminal)
        return Terminal(Console(file=screen, width=80, force_terminal=is_terminal, color_system=None)), screen

    @pytest.mark.parametrize(("encoding", "frames"), [("utf-8", ["⠋", "⠙", "⠹"]), ("ascii", ["|", "/", "-"])])
    def test_spinner(self, encoding, frames):
        """At a terminal something turns and says for how long already; in the end the line is blank."""
        terminal, screen = self.make(encoding)

        with terminal.busy("Waiting for Cognito", after=0):
            for frame in frames:
                screen.wait_for(f"{frame} Waiting for Cognito, 0 s")

        assert screen.shown.endswith("\r" + " " * 79 + "\r")
        assert "\n" not in screen.shown

    @pytest.mark.parametrize("kind", ["piped", "dumb"])
    def test_one_line(self, monkeypatch, kind):
        """Where nothing can turn, one line says what is waited for."""
        if kind == "dumb":
            monkeypatch.setenv("TERM", "dumb")
        terminal, screen = self.make(is_terminal=kind == "dumb")

        with terminal.busy("Waiting for Cognito", after=0):
            screen.wait_for("Waiting for Cognito ...")

        assert screen.shown == "Waiting for Cognito ...\n"

    def test_what_is_quick_shows_nothing(self):
        """Within a second there is nothing to see, and no thread is left."""
        terminal, screen = self.make()
        before = threading.active_count()

        with terminal.busy("Waiting for Cognito"):
            assert threading.active_count() == before + 1

        assert screen.shown == ""
        assert threading.active_count() == before

    @pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
    def test_errors_pass(self, error):
        """What ends the wait by an error ends the spinner too, and is raised."""
        terminal, screen = self.make()

        def wait_and_fail():
            with terminal.busy("Waiting", after=0):
                screen.wait_for("Waiting")
                raise error

        with pytest.raises(error):
            wait_and_fail()
        assert screen.shown.endswith(" " * 79 + "\r")


class TestOpenImage:
    """The desktop's viewer, stood in for by a script."""

    @pytest.fixture
    def desktop(self, tmp_path, monkeypatch):
        """Make a desktop on which xdg-open is the given shell script."""
        monkeypatch.setattr(sys, "platform", "linux")
        monkeypatch.setenv("DISPLAY", ":0")
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.defpath}")

        def install(script):
            (tmp_path / "xdg-open").write_text(f"#!/bin/sh\n{script}\n")
            (tmp_path / "xdg-open").chmod(0o700)

        return install

    @pytest.mark.parametrize(("status", "opened"), [(0, True), (3, False)])
    def test_tells_whether_it_could(self, desktop, tmp_path, status, opened):
        """The opener gets the path as its one argument, and its exit status is the answer."""
        desktop(f'printf "%s|" "$#" "$1" > "{tmp_path}/called"\nexit {status}')

        assert open_image(tmp_path / "a code.png") is opened
        assert (tmp_path / "called").read_text() == f"1|{tmp_path}/a code.png|"

    def test_viewer_that_stays_counts_as_opened(self, desktop, monkeypatch):
        """An opener that lasts as long as its window doesn't hold the program up."""
        desktop("exit 1")
        limits = []

        def wait(_process, timeout):
            limits.append(timeout)
            raise subprocess.TimeoutExpired("xdg-open", timeout)

        real_wait = subprocess.Popen.wait
        started = []
        real_init = subprocess.Popen.__init__

        def remember(process, *arguments, **options):
            started.append(process)
            real_init(process, *arguments, **options)

        monkeypatch.setattr(subprocess.Popen, "__init__", remember)
        monkeypatch.setattr(subprocess.Popen, "wait", wait)

        assert open_image("code.png") is True
        assert limits == [2]
        real_wait(started[0])

    @pytest.mark.parametrize("missing", ["screen", "opener"])
    def test_without_a_desktop_nothing_is_started(self, desktop, tmp_path, monkeypatch, missing):
        """No display, or nothing to open images with: False at once, and no process."""
        desktop("exit 0")
        if missing == "screen":
            monkeypatch.delenv("DISPLAY")
            monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        else:
            monkeypatch.setenv("PATH", str(tmp_path / "empty"))
        monkeypatch.setattr(subprocess, "Popen", None)

        assert open_image("code.png") is False

    @pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
    def test_viewer_cannot_use_this_terminal(self, desktop, tmp_path):
        """A text browser that some systems start instead could neither read nor write at the prompt."""
        desktop(
            "[ -t 0 ] && exit 3\necho INTRUDER\necho INTRUDER >&2\n"
            "{ echo INTRUDER > /dev/tty; } 2> /dev/null\nexit 0"
        )
        child = pexpect.spawn(
            sys.executable,
            ["-c", "from terminal import *; print('opened', open_image('code.png'))"],
            env=ENVIRONMENT | {"DISPLAY": ":0", "PATH": f"{tmp_path}:{os.defpath}"},
            encoding="utf-8",
            timeout=30,
        )

        child.expect(pexpect.EOF)

        assert child.before == "opened True\r\n"
