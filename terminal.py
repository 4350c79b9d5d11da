"""Showing things at a terminal: headings, tables, code, pictures, a wait that can be skipped.

Everything stays readable without colour, at 80 columns and without UTF-8. On a dumb terminal (`TERM=dumb`)
there are no rules, bars, tables or pictures, but one fact a line: for screen readers and logs. Text from
elsewhere is shown literally: it brings no markup and no control sequences with it. This module knows nothing
of what it shows.
"""

from __future__ import annotations

import json
import math
import os
import select
import shutil
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from itertools import cycle
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

if sys.platform != "win32":
    import termios
    import tty

Pause = Callable[[float], bool]
"""Waits that many seconds at most; True when the person pressed Enter meanwhile."""

_ASCII = str.maketrans({"…": "...", "·": "-", "✓": "[ok]", "→": "->"})
_FRAME_SECONDS = 0.1  # of a spinner
_ROOM_FOR_A_PROMPT = 3  # lines
_DUMB = {"dumb", "unknown"}  # names of terminals that only print
_PLAIN_MARKS = {"→": "Note: ", "✓": "Done: ", "!": "Warning: "}
_LONGEST_TEXT = 4000  # characters of one text; more would only hide what is around it


class _Console(Console):
    """A console whose output may break off, which is an error like any other of a file."""

    def on_broken_pipe(self) -> None:
        """Let the BrokenPipeError pass on, in place of ending the program here."""
        raise  # noqa: PLE0704 - rich calls this where it has caught the error


class Terminal:
    """Shows text in one style throughout; the only place that knows about colour and encoding.

    Colours: none if NO_COLOR is set and not empty; else if FORCE_COLOR is, or if the output is a terminal.

    Args:
        console: where it goes, by default to standard output.
        stderr: whether the default is standard error instead.
    """

    def __init__(self, console: Console | None = None, *, stderr: bool = False) -> None:
        stream = sys.stderr if stderr else sys.stdout
        self.console = console or _Console(
            stderr=stderr,
            highlight=False,
            no_color=bool(os.environ.get("NO_COLOR")),
            force_terminal=bool(os.environ.get("FORCE_COLOR")) or stream.isatty(),
        )
        is_dumb = os.environ.get("TERM", "").lower() in _DUMB
        self.is_plain = self.console.is_dumb_terminal if console else is_dumb
        self._pause: Callable[[], object] | None = None
        self._rows = 0  # shown since the last key

    def pause_when_full(self, pause: Callable[[], object]) -> None:
        """Call this, from now on, before more is shown than fits on the screen since `note_key`."""
        self._pause = pause

    def note_key(self) -> None:
        """Count lines anew: the person has pressed a key, so that all before has been read."""
        self._rows = 0

    def heading(self, step: int, total: int, title: str) -> None:
        """Begin a step: "Step 3 of 8 · Title", in a rule where the terminal can draw one."""
        self.say()
        if self.is_plain:
            self.say(f"Step {step} of {total}: {title}")
            return
        from rich.rule import Rule  # noqa: PLC0415 - after the first words

        text = self._text(f"Step {step} of {total} · {title}", "bold")
        self._print(Rule(text, align="left", style="dim") if self.shows("─") else text)

    def say(self, text: str = "") -> None:
        """Show a paragraph."""
        self._print(self._text(text), soft_wrap=self.is_plain)

    def copyable(self, text: str, style: str = "bold") -> None:
        """Show a line that is there to be copied: the terminal may wrap it, but it gets no line break."""
        self._print(self._text(text, style), soft_wrap=True)

    def code(self, lines: Sequence[str], caption: str = "") -> None:
        """Show lines of Python as they stand at its prompt, below an empty line and one about them."""
        marks = [">>> ", *["... "] * (len(lines) - 1)]
        marked = [
            Text.assemble((mark, "dim"), self._text(line, "cyan"))
            for mark, line in zip(marks, lines, strict=True)
        ]
        above = [Text(), *([self._text(caption, "dim")] if caption else [])]
        self._print(Text("\n").join([*above, *marked]), soft_wrap=True)

    def output(self, lines: Sequence[str]) -> None:
        """Show lines that code has given back; they are as wide as they are."""
        self._print(Text("\n").join(self._text(line) for line in lines), soft_wrap=True)

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
        if self.is_plain:
            facts = [
                f"{column}: {cell}"
                for row in rows
                for column, cell in zip(columns, row, strict=True)
                if column or cell
            ]
            self._facts(title, facts)
            return
        from rich import box  # noqa: PLC0415 - whoever shows no table need not load this
        from rich.table import Column, Table  # noqa: PLC0415 - as above

        headings = (Column(self._text(column), overflow="fold") for column in columns)
        table = Table(*headings, box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
        for row in rows:
            table.add_row(*(self._text(cell) for cell in row))
        self._titled(title, table)

    def fields(self, title: str, mapping: Mapping[str, object]) -> None:
        """Show names and values in two columns; values other than text as JSON."""
        if self.is_plain:
            self._facts(title, [f"{name}: {_as_text(value)}" for name, value in mapping.items()])
            return
        grid = _grid()
        for name, value in mapping.items():
            grid.add_row(self._text(name, "cyan"), self._text(_as_text(value)))
        self._titled(title, grid)

    def groups(self, title: str, groups: Mapping[str, tuple[str, Mapping[str, object]]]) -> None:
        """Show, under one title, named values that each have names and values of their own below them."""
        if self.is_plain:
            facts = []
            for name, (value, details) in groups.items():
                facts.append(f"{name}: {value}")
                facts += [f"{name}, {detail}: {_as_text(text)}" for detail, text in details.items()]
            self._facts(title, facts)
            return
        grid = _grid()
        for name, (value, details) in groups.items():
            grid.add_row(self._text(name, "bold"), self._text(value, "bold"))
            for detail, text in details.items():
                grid.add_row(self._text(f"  {detail}", "cyan"), self._text(_as_text(text)))
        self._titled(title, grid)

    @property
    def is_coloured(self) -> bool:
        """Whether text can have colours here."""
        return self.console.color_system is not None and not self.console.no_color

    @property
    def width(self) -> int:
        """How many columns there are."""
        return self._size()[0]

    @property
    def height(self) -> int | None:
        """How many lines the screen has; None where there is no screen, but a file or a pipe."""
        return self._size()[1] if self.console.is_terminal else None

    def _size(self) -> tuple[int, int]:
        """Return columns and lines, also those of a dumb terminal, which rich takes for one of 80 by 25."""
        size = self.console.size
        return shutil.get_terminal_size(size) if self.is_plain and self.console.is_terminal else size

    def shows(self, characters: str) -> bool:
        """Tell whether these characters can be shown."""
        try:
            characters.encode(self.console.encoding)
        except UnicodeEncodeError:
            return False
        return True

    def picture(self, lines: Sequence[Text]) -> bool:
        """Draw a picture, line by line, each as wide as it is, and return whether it was drawn.

        It is not parted when the screen is full. Where somebody reads, one that is higher than the screen is
        left out, unless the screen is made higher when a key is waited for.
        """
        if self._pause and self._rows and self._rows + len(lines) >= self._size()[1] - 1:
            self._pause()
        if self._pause and len(lines) >= self._size()[1]:
            return False
        self._rows += len(lines)
        for line in lines:
            self.console.print(line, soft_wrap=True)
        return True

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
        if not self._has_keys():
            self.say(f"{reason} ({whole}).")
            return _count_down(seconds, clock, pause or _sleep, _show_nothing)
        self.say(f"{reason} ({whole}; Enter skips).")
        bar = nullcontext(_show_nothing) if self.is_plain else self._bar(seconds)
        with nullcontext(pause) if pause else _keyboard() as enter, bar as show:
            return _count_down(seconds, clock, enter, show)

    @contextmanager
    def busy(self, reason: str, *, after: float = 1.0) -> Iterator[None]:
        """Show that something takes its time, once it took some: a spinner at a terminal, else one line.

        Args:
            reason: what is waited for, without an end mark ("Waiting for Cognito").
            after: how many seconds nothing is shown.
        """
        with _ticker.drawing(self._spinner(reason, after)):
            yield

    def _spinner(self, reason: str, after: float) -> Generator[float, None, None]:
        """Draw frame by frame, and yield the seconds until the next one."""
        yield after
        if not self.console.file.isatty() or self.is_plain:
            self._rows += 1
            self.console.print(self._text(f"{reason} ..."))  # no pause here: this is not the main thread
            return
        frames = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏" if self.shows("⠋") else "|/-\\"
        begin = time.monotonic()
        try:
            for frame in cycle(frames):
                seconds = after + time.monotonic() - begin
                self.console.print(Text(f"{frame} {reason}, {seconds:.0f} s "), end="\r")
                yield _FRAME_SECONDS
        finally:
            self._clear_line()

    def _clear_line(self) -> None:
        self.console.print(" " * (self.console.width - 1), end="\r")

    def _has_keys(self) -> bool:
        """Tell whether both ends are a terminal with keys that can be read, whatever FORCE_COLOR says."""
        real = sys.stdin is not None and sys.stdin.isatty() and self.console.file.isatty()
        return real and sys.platform != "win32"

    @contextmanager
    def _bar(self, seconds: float) -> Iterator[Callable[[float], None]]:
        full, empty = "█░" if self.shows("█░") else "#."
        width = min(40, self.width - len(" 1000 s  "))

        def show(left: float) -> None:
            rest = math.ceil(width * left / seconds)
            filled = Text(full * (width - rest), "green")
            line = Text.assemble(filled, (empty * rest, "dim"), f" {math.ceil(left)} s  ")
            self.console.print(line, end="\r")

        try:
            yield show
        finally:
            self._clear_line()

    def _text(self, content: str, style: str = "") -> Text:
        """Make text that is shown as it is: no markup, no control characters, all of it in the encoding."""
        if len(content) > _LONGEST_TEXT:
            content = f"{content[:_LONGEST_TEXT]} ... ({len(content)} characters)"
        if not self.shows("…·✓→"):
            content = content.translate(_ASCII)
        encoding = self.console.encoding
        return Text(_escaped(content).encode(encoding, errors="backslashreplace").decode(encoding), style)

    def _marked(self, mark: str, mark_style: str, content: str, style: str = "") -> None:
        if self.is_plain:
            self.copyable(f"{_PLAIN_MARKS[mark]}{content}")
            return
        sign = self._text(f"{mark} ", mark_style)
        lines = self._text(content, style).wrap(self.console, max(self.width - len(sign), 1))
        self._print(Text.assemble(sign, Text("\n" + " " * len(sign)).join(lines)))

    def _titled(self, title: str, table: Table) -> None:
        content = table if table.row_count else self._text("(none)", "dim")
        self._print(Group("", self._text(title, "bold"), content))

    def _facts(self, title: str, facts: Sequence[str]) -> None:
        self.say()
        for line in (f"{title}:", *(facts or ["none"])):
            self.copyable(line)

    def _print(self, content: RenderableType, *, soft_wrap: bool = False) -> None:
        """Print; where there is a pager, block by block, and a block that is too high line by line."""
        if self._pause is None or not self.console.is_terminal:
            self.console.print(content, soft_wrap=soft_wrap)
            return
        with self.console.capture() as capture:
            self.console.print(content, soft_wrap=soft_wrap)
        lines = capture.get().splitlines(keepends=True)
        room = self._size()[1] - _ROOM_FOR_A_PROMPT
        rows = [self._rows_of(line) for line in lines]
        blocks = [(sum(rows), "".join(lines))] if sum(rows) <= room else zip(rows, lines, strict=True)
        for height, text in blocks:
            if self._rows and self._rows + height > room:
                self._pause()
            self._rows += height
            self.console.file.write(text)
            self.console.file.flush()

    def _rows_of(self, line: str) -> int:
        """Return how many rows of the screen a line takes, which may be wider than that."""
        return max(1, -(-Text.from_ansi(line.rstrip("\n")).cell_len // self.width))


class _Ticker:
    """Draws things that move, in one thread for the whole run; it sleeps while there are none."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._drawing: Generator[float, None, None] | None = None
        self._thread: threading.Thread | None = None

    @contextmanager
    def drawing(self, frames: Generator[float, None, None]) -> Iterator[None]:
        """Have frames drawn while the block lasts, as long as the output is there."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        self._begin(frames)
        try:
            yield
        finally:
            self._begin(None)
            with suppress(OSError):  # of a closed output; the next write will report it
                frames.close()

    def _begin(self, frames: Generator[float, None, None] | None) -> None:
        with self._changed:
            self._drawing = frames
            self._changed.notify()

    def _run(self) -> None:
        with self._changed:  # given up only while this waits, so that no frame is drawn after its block
            while True:
                self._changed.wait_for(lambda: self._drawing is not None)
                self._draw(self._drawing)

    def _draw(self, frames: Generator[float, None, None] | None) -> None:
        with suppress(OSError):  # as above
            for seconds in frames or ():
                if self._changed.wait_for(lambda: self._drawing is not frames, seconds):
                    return
        self._changed.wait_for(lambda: self._drawing is not frames)


_ticker = _Ticker()


def _grid() -> Table:
    from rich.table import Column, Table  # noqa: PLC0415 - as above

    return Table.grid(Column(overflow="fold"), Column(overflow="fold"), padding=(0, 2))


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, default=str, ensure_ascii=False)
    except RecursionError:
        return "(too deeply nested)"


def _escaped(text: str) -> str:
    """Write control characters but line ends, and others that have no shape, as Python's escapes."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


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


def _show_nothing(_left: float) -> None:
    """Stand in for the bar."""


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
