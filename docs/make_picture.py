# ruff: noqa: INP001 - a script, not a package
"""Draw `docs/run.svg`, the README's picture, from a real run of the program.

    python docs/make_picture.py

The program runs unattended on its local pool, in a pseudo-terminal of 80 columns. Parts of what it shows are
drawn line by line, in its own colours; a line with dots stands for whatever lies between them.

The picture has no fonts in it: on a page it gets the viewer's own monospaced font, and `textLength` keeps
every run of characters in its columns. Backgrounds, half blocks and rules are drawn as shapes, not as
characters, since fonts leave gaps between those. So the QR code can be scanned from the picture, too.
"""

from __future__ import annotations

import os
import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import pexpect
from rich.ansi import AnsiDecoder
from rich.color import blend_rgb
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import SVG_EXPORT_THEME
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.color_triplet import ColorTriplet

    Cell = tuple[str, Style]

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "run.svg"
PROGRAM = "scenario_signup_user_with_mfa.py"
COMMAND = f"python {PROGRAM} --auto"
COLUMNS = 80
ROWS = 60  # higher than the QR code, so that no hint about its height is shown
TIMEOUT_SECONDS = 60

# What the picture shows: from a line that begins with the first text to one that begins with the second.
PARTS = (
    ("Step 1 of", "✓ visitor is signed up"),
    ("Step 4 of", "→ Cognito actions"),
    (">>> cognito.admin_initiate_auth", ' {"MFAS_CAN_SETUP"'),
    (">>> cognito.associate_software_token", "✓ The app is enrolled"),
    ("Step 7 of", "→ Cognito actions"),
    (">>> cognito.initiate_auth", "exchange again"),
    ("✓ visitor signed in", "✓ visitor signed in"),
)
DOTS = Text.styled("[...]", "yellow")

# In the SVG's units. A cell is twice as high as it is wide, which makes the QR code's modules square.
WIDTH, HEIGHT = 8, 16
MARGIN = 16
BASELINE = 12
FONT = "font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"
THEME = SVG_EXPORT_THEME
SHEET = f'fill="{THEME.background_color.hex}" stroke="#808080"'
DIM = 0.3  # how much of the background shows through dim text
SHAPES = {  # characters that are drawn as rectangles: the distance from the cell's top, and the height
    "▀": (0, HEIGHT // 2),
    "─": (HEIGHT // 2, 1),
}


def main() -> None:
    """Run the program and draw it."""
    decode = AnsiDecoder().decode_line
    shown = [row for line in output_of_a_run().split("\r\n") for row in rows(decode(line))]
    lines = [Text.styled(f"$ {COMMAND}", "bold"), *chosen(shown)]
    PICTURE.write_text(drawing(lines), encoding="utf-8")


def output_of_a_run() -> str:
    """Run the program to its end in a pseudo-terminal; return what it wrote, control sequences and all."""
    child: pexpect.spawn[str] = pexpect.spawn(
        sys.executable,
        [PROGRAM, "--auto"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONUTF8": "1", "TERM": "xterm-256color"},
        dimensions=(ROWS, COLUMNS),
        encoding="utf-8",
        timeout=TIMEOUT_SECONDS,
    )
    child.expect_exact(pexpect.EOF)
    output: str = child.before or ""
    child.close()
    if child.exitstatus != 0:
        raise SystemExit(f"{output}\nThe program ended with {child.exitstatus}: nothing was drawn.")
    return output


def rows(line: Text) -> list[Text]:
    """Break a line that is wider than the terminal as a terminal does."""
    return list(line.divide(range(COLUMNS, len(line), COLUMNS)))


def chosen(lines: Sequence[Text]) -> Iterator[Text]:
    """Give the lines of the parts, and dots wherever lines are left out."""
    end = 0
    for first, last in PARTS:
        start = index_of(first, lines, end)
        if start > end:
            yield DOTS
        end = index_of(last, lines, start) + 1
        yield from lines[start:end]


def index_of(beginning: str, lines: Sequence[Text], start: int) -> int:
    """Return the index of the first line from `start` on that has this beginning."""
    for index in range(start, len(lines)):
        if lines[index].plain.startswith(beginning):
            return index
    raise SystemExit(f'No line begins with "{beginning}" there: PARTS must follow what the program shows.')


def drawing(lines: Sequence[Text]) -> str:
    """Return the lines as an SVG document."""
    width, height = COLUMNS * WIDTH + 2 * MARGIN, len(lines) * HEIGHT + 2 * MARGIN
    console = Console()
    shapes = [shape for row, line in enumerate(lines) for shape in line_shapes(cells(line, console), row)]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img">',
        f"<title>A run of {PROGRAM} in a terminal</title>",
        f"<style>text{{{FONT};white-space:pre}}.b{{font-weight:bold}}</style>",
        f'<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="8" {SHEET}/>',
        f'<g transform="translate({MARGIN},{MARGIN})" shape-rendering="crispEdges">',
    )
    return "\n".join((*head, *shapes, "</g>", "</svg>", ""))


def cells(line: Text, console: Console) -> list[Cell]:
    """Return the characters of a line, each with its style."""
    segments = line.render(console)
    return [(character, style or Style.null()) for text, style, _ in segments for character in text]


def line_shapes(line: Sequence[Cell], row: int) -> Iterator[str]:
    """Draw a line: the background of each run of one style, and on it shapes or text."""
    runs = groupby(enumerate(line), key=lambda item: (item[1][1], item[1][0] in SHAPES and item[1][0]))
    for (style, shape), run in runs:
        columns, run_cells = zip(*run, strict=True)
        text = "".join(character for character, _ in run_cells)
        if style.bgcolor:
            yield rectangle(columns[0], row, len(text), (0, HEIGHT), background(style))
        if shape:
            yield rectangle(columns[0], row, len(text), SHAPES[shape], ink(style))
        elif text.strip():
            yield words(columns[0], row, text, style)


def rectangle(column: int, row: int, length: int, extent: tuple[int, int], colour: ColorTriplet) -> str:
    """Draw a rectangle over so many cells, or over the slice of them that `extent` gives (top, height)."""
    top, height = extent
    place = f'x="{column * WIDTH}" y="{row * HEIGHT + top}" width="{length * WIDTH}" height="{height}"'
    return f'<rect {place} fill="{colour.hex}"/>'


def words(column: int, row: int, text: str, style: Style) -> str:
    """Draw text, stretched to the cells that it takes."""
    column += len(text) - len(text.lstrip())
    text = text.strip()
    place = f'x="{column * WIDTH}" y="{row * HEIGHT + BASELINE}" textLength="{len(text) * WIDTH}"'
    weight = ' class="b"' if style.bold else ""
    return f'<text {place}{weight} fill="{ink(style).hex}">{escape(text)}</text>'


def background(style: Style) -> ColorTriplet:
    """Return the colour behind the characters."""
    return style.bgcolor.get_truecolor(THEME, foreground=False) if style.bgcolor else THEME.background_color


def ink(style: Style) -> ColorTriplet:
    """Return the colour of the characters."""
    colour = style.color.get_truecolor(THEME) if style.color else THEME.foreground_color
    return blend_rgb(colour, background(style), DIM) if style.dim else colour


if __name__ == "__main__":
    main()
