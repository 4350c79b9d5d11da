"""Showing things at a terminal: headings, tables, tokens, a QR code, a wait that can be skipped.

Everything stays readable without colour, at 80 columns and without UTF-8. Text from elsewhere is shown
literally: it brings no markup and no control sequences with it. This module knows nothing of what it shows.
"""

import json
import math
import os
import select
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime, timezone
from itertools import cycle, groupby
from pathlib import Path
from typing import Any

import jwt
import qrcode
from rich import box
from rich.console import Console
from rich.rule import Rule
from rich.style import Style
from rich.table import Column, Table
from rich.text import Text

if sys.platform != "win32":
    import termios
    import tty

Pause = Callable[[float], bool]
"""Waits that many seconds at most; True when the person pressed Enter meanwhile."""

_ASCII = str.maketrans({"…": "...", "·": "-", "✓": "[ok]", "→": "->"})
_SHORTEST_SHOWN = 16  # characters of a secret
_FRAME_SECONDS = 0.1  # of a spinner
_QUIET_ZONE = 4  # light modules around a QR code, by ISO/IEC 18004
_TIMES = {"iat", "exp", "nbf", "auth_time"}  # claims in seconds since 1970 (RFC 7519, OpenID Connect Core)
_LAST_SECOND = 253_402_300_799  # of the year 9999, the last that datetime knows
_INK = {True: "#000000", False: "#ffffff"}
"""Of dark and light modules. Rich turns these into the nearest that the terminal has: with 16 colours that is
bright white (107), not the "white" (47) that many colour schemes make grey."""


class Terminal:
    """Shows text in one style throughout; the only place that knows about colour and encoding.

    Colours: none if NO_COLOR is set and not empty; else if FORCE_COLOR is, or if the output is a terminal.

    Args:
        console: where it goes, by default to standard output.
        stderr: whether the default is standard error instead.
    """

    def __init__(self, console: Console | None = None, *, stderr: bool = False) -> None:
        stream = sys.stderr if stderr else sys.stdout
        self.console = console or Console(
            stderr=stderr,
            highlight=False,
            no_color=bool(os.environ.get("NO_COLOR")),
            force_terminal=bool(os.environ.get("FORCE_COLOR")) or stream.isatty(),
        )

    def heading(self, step: int, total: int, title: str) -> None:
        """Begin a step: "Step 3 of 8 · Title", in a rule where the terminal can draw one."""
        text = self._text(f"Step {step} of {total} · {title}", "bold")
        self.say()
        if self._shows("─") and not self.console.is_dumb_terminal:
            self.console.print(Rule(text, align="left", style="dim"))
        else:
            self.console.print(text)

    def say(self, text: str = "") -> None:
        """Show a paragraph."""
        self.console.print(self._text(text))

    def copyable(self, text: str) -> None:
        """Show a line that is there to be copied: the terminal may wrap it, but it gets no line break."""
        self.console.print(self._text(text, "bold"), soft_wrap=True)

    def hint(self, text: str) -> None:
        """Show what the person can do next."""
        self._marked("→", "dim", text, "dim")

    def done(self, text: str) -> None:
        """Show that something worked."""
        self._marked("✓", "bold green", text)

    def warn(self, text: str) -> None:
        """Show that something did not work, or not as it should."""
        self._marked("!", "bold yellow", text)

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Show rows of text under column headings; long text is folded, never cut."""
        headings = (Column(self._text(column), overflow="fold") for column in columns)
        table = Table(*headings, box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
        for row in rows:
            table.add_row(*(self._text(cell) for cell in row))
        self._titled(title, table)

    def fields(self, title: str, mapping: Mapping[str, object]) -> None:
        """Show names and values in two columns; values other than text as JSON."""
        grid = _grid()
        for name, value in mapping.items():
            grid.add_row(self._text(name, "cyan"), self._text(_as_text(value)))
        self._titled(title, grid)

    def token_table(self, title: str, tokens: Mapping[str, str]) -> None:
        """Show tokens by name, masked, each with its claims below it.

        The claims are read without verifying anything: this is for looking at, not for trusting.
        """
        grid = _grid()
        for name, token in tokens.items():
            grid.add_row(self._text(name, "bold"), self._text(masked(token), "bold"))
            for claim, value in _claims(token).items():
                grid.add_row(self._text(f"  {claim}", "cyan"), self._text(_claim_text(claim, value)))
        self._titled(title, grid)

    def qr_code(self, uri: str) -> bool:
        """Draw a QR code (error correction L, so that it stays small) and tell whether it was drawn.

        With colours it is black on white whatever the terminal's own colours are: in half blocks, two modules
        to a character, or without UTF-8 in spaces, two characters to a module. Without colours the light
        modules are drawn in blocks: right for light text on a dark background, inverted on a light one. With
        neither there is nothing that a camera could read. Then, and when it is too wide, a sentence says so.
        """
        matrix = _code(uri, qrcode.ERROR_CORRECT_L).get_matrix()
        coloured = self.console.color_system is not None and not self.console.no_color
        blocks = self._shows("█▀▄")
        width = len(matrix) if blocks else 2 * len(matrix)
        if not (coloured or blocks):
            self.warn("The QR code can't be drawn here, without colours and UTF-8: use the text instead.")
        elif width > self.console.width:
            self.warn(
                f"The QR code takes {width} columns and this terminal has {self.console.width}: widen it, "
                "or use the text instead."
            )
        else:
            draw = (_half_blocks if blocks else _double_spaces) if coloured else _plain_blocks
            self._draw(list(draw(matrix)))
            if not coloured:
                self.hint("This is for a dark background: on a light one, few apps can read it.")
            return True
        return False

    def wait(
        self,
        seconds: float,
        reason: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        pause: Pause | None = None,
    ) -> bool:
        """Wait, with a bar that counts the seconds down at a terminal, where Enter skips the rest.

        What is typed meanwhile is not shown, and not left over for the next question.

        Args:
            seconds: how long; nothing happens when it is not above 0.
            reason: what it is for, without an end mark ("Each code works once: waiting for the next").
            clock: seconds that only ever grow.
            pause: waits for Enter or for time to pass; by default the keyboard, or sleep without a terminal.

        Returns:
            True when the time has passed, False when it was skipped.
        """
        if seconds <= 0:
            return True
        whole = f"{math.ceil(seconds)} s"
        if not self._is_interactive():
            self.say(f"{reason} ({whole}).")
            return _count_down(seconds, clock, pause or _sleep, lambda _left: None)
        self.say(f"{reason} ({whole}; Enter skips).")
        with nullcontext(pause) if pause else _keyboard() as enter, self._bar(seconds) as show:
            return _count_down(seconds, clock, enter, show)

    @contextmanager
    def busy(self, reason: str, *, after: float = 1.0) -> Iterator[None]:
        """Show that something takes its time, once it took some: a spinner at a terminal, else one line.

        Args:
            reason: what is waited for, without an end mark ("Waiting for Cognito").
            after: how many seconds nothing is shown.
        """
        is_over = threading.Event()
        spinner = threading.Thread(target=self._spin, args=(reason, after, is_over), daemon=True)
        spinner.start()
        try:
            yield
        finally:
            is_over.set()
            spinner.join()

    def _spin(self, reason: str, after: float, is_over: threading.Event) -> None:
        if is_over.wait(after):
            return
        if not self.console.file.isatty() or self.console.is_dumb_terminal:
            self.say(f"{reason} ...")
            return
        frames = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏" if self._shows("⠋") else "|/-\\"
        begin = time.monotonic()
        for frame in cycle(frames):
            seconds = after + time.monotonic() - begin
            self.console.print(Text(f"{frame} {reason}, {seconds:.0f} s "), end="\r")
            if is_over.wait(_FRAME_SECONDS):
                break
        self._clear_line()

    def _clear_line(self) -> None:
        self.console.print(" " * (self.console.width - 1), end="\r")

    def _is_interactive(self) -> bool:
        """Tell whether both ends are a terminal with keys that can be read, whatever FORCE_COLOR says."""
        real = sys.stdin is not None and sys.stdin.isatty() and self.console.file.isatty()
        return real and sys.platform != "win32" and not self.console.is_dumb_terminal

    @contextmanager
    def _bar(self, seconds: float) -> Iterator[Callable[[float], None]]:
        full, empty = "█░" if self._shows("█░") else "#."
        width = min(40, self.console.width - len(" 1000 s  "))

        def show(left: float) -> None:
            rest = math.ceil(width * left / seconds)
            filled = Text(full * (width - rest), "green")
            line = Text.assemble(filled, (empty * rest, "dim"), f" {math.ceil(left)} s  ")
            self.console.print(line, end="\r")

        try:
            yield show
        finally:
            self._clear_line()

    def _shows(self, characters: str) -> bool:
        try:
            characters.encode(self.console.encoding)
        except UnicodeEncodeError:
            return False
        return True

    def _text(self, content: str, style: str = "") -> Text:
        """Make text that is shown as it is: no markup, no control characters, all of it in the encoding."""
        if not self._shows("…·✓→"):
            content = content.translate(_ASCII)
        lines = "\n".join(_escaped(line) for line in content.split("\n"))
        encoding = self.console.encoding
        return Text(lines.encode(encoding, errors="backslashreplace").decode(encoding), style)

    def _marked(self, mark: str, mark_style: str, content: str, style: str = "") -> None:
        sign = self._text(f"{mark} ", mark_style)
        lines = self._text(content, style).wrap(self.console, max(self.console.width - len(sign), 1))
        self.console.print(sign, Text("\n" + " " * len(sign)).join(lines), sep="")

    def _titled(self, title: str, table: Table) -> None:
        self.say()
        self.console.print(self._text(title, "bold"))
        self.console.print(table if table.row_count else self._text("(none)", "dim"))

    def _draw(self, lines: Sequence[Text]) -> None:
        for line in lines:
            self.console.print(line, soft_wrap=True)
        if self.console.is_terminal and len(lines) >= self.console.height:
            self.hint(f"Not all of it visible? It is {len(lines)} lines high: make the window higher.")


def _grid() -> Table:
    return Table.grid(Column(overflow="fold"), Column(overflow="fold"), padding=(0, 2))


def masked(secret: str) -> str:
    """Shorten a secret to what tells two of them apart: at most a quarter of it, four characters at each end.

    Of fewer than 16 characters nothing is shown, not even how many there are.
    """
    if len(secret) < _SHORTEST_SHOWN:
        return "********"
    shown = min(len(secret) // 8, 4)
    return f"{secret[:shown]}…{secret[-shown:]} ({len(secret)} characters)"


def save_qr_image(uri: str, path: str | Path) -> None:
    """Write a QR code as a PNG image, ten pixels to a module, that only its owner may read (mode 0600).

    Raises:
        FileExistsError: there is something at this path already; it is left alone, a link too.
        OSError: the file can't be written.
    """
    image = _code(uri, qrcode.ERROR_CORRECT_M).make_image()
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        image.save(file, "PNG")


def open_image(path: str | Path) -> bool:
    """Open an image in the desktop's own viewer and tell whether that went well.

    Without a desktop nothing is started. A viewer gets neither the input nor the output of this terminal:
    what stands in for one on some systems, a text browser, could not run inside it.
    """
    if sys.platform == "win32":
        os.startfile(path)  # noqa: S606 - our own image
        return True
    has_screen = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    opener = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    if not (has_screen and opener):
        return False
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen(  # noqa: S603 - our own image, and no shell
        [opener, os.fspath(path)], stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True
    )
    try:
        return process.wait(timeout=2) == 0
    except subprocess.TimeoutExpired:  # some openers last as long as the viewer does
        return True


def _code(uri: str, error_correction: int) -> qrcode.QRCode:
    code = qrcode.QRCode(error_correction=error_correction, box_size=10, border=_QUIET_ZONE)
    code.add_data(uri)
    return code


def _row_pairs(matrix: list[list[bool]]) -> Iterator[list[tuple[bool, bool]]]:
    """Yield two rows of modules at a time as (upper, lower) pairs; they are odd: a light one is added."""
    light = [False] * len(matrix)
    for upper, lower in zip(matrix[::2], [*matrix[1::2], light], strict=True):
        yield list(zip(upper, lower, strict=True))


def _half_blocks(matrix: list[list[bool]]) -> Iterator[Text]:
    """Draw the upper module as the character's ink and the lower one as its background.

    Two equal ones are background alone, which fills the cell in every font.
    """
    for pairs in _row_pairs(matrix):
        line = Text()
        for (upper, lower), run in groupby(pairs):
            character = " " if upper == lower else "▀"
            line.append(character * len(list(run)), Style(color=_INK[upper], bgcolor=_INK[lower]))
        yield line


def _double_spaces(matrix: list[list[bool]]) -> Iterator[Text]:
    for row in matrix:
        line = Text()
        for dark, run in groupby(row):
            line.append("  " * len(list(run)), Style(bgcolor=_INK[dark]))
        yield line


def _plain_blocks(matrix: list[list[bool]]) -> Iterator[Text]:
    characters = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
    for pairs in _row_pairs(matrix):
        yield Text("".join(characters[pair] for pair in pairs))


def _claims(token: str) -> dict[str, Any]:
    """Read a token's claims for display; one that can't be read is opaque to anybody but its issuer."""
    try:
        return jwt.decode(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, UnicodeError):
        return {"(opaque)": "for its issuer alone to read"}


def _claim_text(name: str, value: object) -> str:
    if name in _TIMES and isinstance(value, int | float) and 0 <= value <= _LAST_SECOND:
        return f"{value} ({datetime.fromtimestamp(value, timezone.utc):%Y-%m-%d %H:%M:%S} UTC)"
    return _as_text(value)


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)


def _escaped(line: str) -> str:
    """Write control characters, and others that have no shape, as Python's escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


def _count_down(
    seconds: float, clock: Callable[[], float], pause: Pause, show: Callable[[float], None]
) -> bool:
    """Show the time left at each whole second; True at its end, False when a pause was ended by Enter."""
    end = clock() + seconds
    while (left := end - clock()) > 0:
        show(left)
        if pause(left % 1 or 1.0):
            return False
    show(0)
    return True


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False


@contextmanager
def _keyboard() -> Iterator[Pause]:
    """Read keys when they are pressed, without showing them; drop those from before and what is left."""
    keys = sys.stdin.fileno()
    before = termios.tcgetattr(keys)

    def enter_within(seconds: float) -> bool:
        ready, _, _ = select.select([keys], [], [], seconds)
        return bool(ready) and not set(os.read(keys, 1024)).isdisjoint(b"\r\n")

    tty.setcbreak(keys, termios.TCSAFLUSH)
    try:
        yield enter_within
    finally:
        termios.tcsetattr(keys, termios.TCSAFLUSH, before)
