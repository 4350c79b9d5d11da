"""A QR code: drawn at a terminal so that a camera reads it, saved as an image, opened in a viewer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from itertools import groupby
from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import qrcode

    from terminal import Terminal

    Matrix = list[list[bool]]

_QUIET_ZONE = 4  # light modules around a QR code, by ISO/IEC 18004
_PIXELS = 10  # of a module in the image, each way
_VIEWER_SECONDS = 2  # within which a viewer has failed, if it does
_INK = {True: "#000000", False: "#ffffff"}
"""Of dark and light modules. Rich turns these into the nearest that the terminal has: with 16 colours that is
bright white (107), not the "white" (47) that many colour schemes make grey."""


def draw_qr_code(terminal: Terminal, text: str) -> bool:
    """Draw a QR code (error correction L, so that it stays small) and return whether it was drawn.

    With colours it is black on white whatever the terminal's own colours are: in half blocks, two modules
    to a character, or without UTF-8 in spaces, two characters to a module. Without colours the light
    modules are drawn in blocks: right for light text on a dark background, inverted on a light one. With
    neither there is nothing that a camera could read. Then, and when it is too wide, a sentence says so.
    """
    matrix = _code(text, "L").get_matrix()
    has_blocks = terminal.shows("█▀▄")
    width = len(matrix) if has_blocks else 2 * len(matrix)
    if not (terminal.is_coloured or has_blocks):
        terminal.warn("The QR code can't be drawn here, without colours and UTF-8: use the text instead.")
        return False
    if width > terminal.width:
        terminal.warn(
            f"The QR code takes {width} columns and this terminal has {terminal.width}: widen it, "
            "or use the text instead."
        )
        return False
    if terminal.is_coloured:
        terminal.picture(list(_half_blocks(matrix) if has_blocks else _double_spaces(matrix)))
    else:
        terminal.picture(list(_plain_blocks(matrix)))
        terminal.hint("This is for a dark background: on a light one, few apps can read it.")
    return True


def save_qr_image(text: str, path: str | Path) -> None:
    """Write a QR code as a PNG image, ten pixels to a module, that only its owner may read (mode 0600).

    Raises:
        FileExistsError: there is something at this path already; it is left alone, a link too.
        OSError: the file can't be written.
    """
    image = _code(text, "M").make_image()
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        image.save(file, "PNG")


def open_image(path: str | Path) -> bool:
    """Open an image in the desktop's own viewer and return whether that went well.

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
        return process.wait(timeout=_VIEWER_SECONDS) == 0
    except subprocess.TimeoutExpired:  # some openers last as long as the viewer does
        return True


def _code(text: str, level: str) -> qrcode.QRCode:
    import qrcode  # noqa: PLC0415 - it loads Pillow, which nothing needs before the first QR code

    code = qrcode.QRCode(
        error_correction=getattr(qrcode, f"ERROR_CORRECT_{level}"), box_size=_PIXELS, border=_QUIET_ZONE
    )
    code.add_data(text)
    return code


def _row_pairs(matrix: Matrix) -> Iterator[list[tuple[bool, bool]]]:
    """Yield two rows of modules at a time as (upper, lower) pairs; they are odd: a light one is added."""
    light = [False] * len(matrix)
    for upper, lower in zip(matrix[::2], [*matrix[1::2], light], strict=True):
        yield list(zip(upper, lower, strict=True))


def _half_blocks(matrix: Matrix) -> Iterator[Text]:
    """Draw the upper module as the character's ink and the lower one as its background.

    Two equal ones are background alone, which fills the cell in every font.
    """
    for pairs in _row_pairs(matrix):
        line = Text()
        for (upper, lower), run in groupby(pairs):
            character = " " if upper == lower else "▀"
            line.append(character * len(list(run)), Style(color=_INK[upper], bgcolor=_INK[lower]))
        yield line


def _double_spaces(matrix: Matrix) -> Iterator[Text]:
    for row in matrix:
        line = Text()
        for dark, run in groupby(row):
            line.append("  " * len(list(run)), Style(bgcolor=_INK[dark]))
        yield line


def _plain_blocks(matrix: Matrix) -> Iterator[Text]:
    characters = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
    for pairs in _row_pairs(matrix):
        yield Text("".join(characters[pair] for pair in pairs))
