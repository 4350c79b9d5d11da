"""A QR code: drawn at a terminal so that a camera reads it, saved as an image, opened in a viewer."""

from __future__ import annotations

import os
import re
import shutil
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
_DRAWN_ZONES = (4, 3, 2)  # the widest that leaves room for a prompt is drawn; cameras do with the least, too
_PIXELS = 10  # of a module in the image, each way
_FOR_VIEWERS = re.compile(
    "DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|XDG_[A-Z_]+|DBUS_SESSION_BUS_ADDRESS|DESKTOP_SESSION|KDE_[A-Z_]+|"
    "GNOME_[A-Z_]+|GDK_[A-Z_]+|GTK_[A-Z_]+|QT_[A-Z_]+|WSL_[A-Z_]+|HOME|USER|LOGNAME|SHELL|PATH|TMPDIR|"
    "LANG|LANGUAGE|LC_[A-Z]+|TZ"
)
_VIEWER_SECONDS = 2  # within which a viewer has failed, if it does
_INK = {True: "#000000", False: "#ffffff"}
"""Of dark and light modules. Rich turns these into the nearest that the terminal has: with 16 colours that is
bright white (107), not the "white" (47) that many colour schemes make grey."""


class TooLongForQrCodeError(ValueError):
    """The text does not fit into the largest QR code."""


def draw_qr_code(terminal: Terminal, text: str) -> bool:
    """Draw a QR code (error correction L, so that it stays small) and return whether it was drawn.

    With colours it is black on white whatever the terminal's own colours are: in half blocks, two modules
    to a character, or without UTF-8 in spaces, two characters to a module. Without colours the light
    modules are drawn in blocks: right for light text on a dark background, inverted on a light one. With
    neither there is nothing that a camera could read. Then, and when it is too wide or high, a sentence says
    so first: for what is too high, the screen can be made higher.
    """
    has_blocks = terminal.shows("█▀▄")
    if not (terminal.is_coloured or has_blocks):
        terminal.warn("The QR code can't be drawn here, without colours and UTF-8: use the text instead.")
        return False
    try:
        matrix = _fitting_matrix(terminal, text, modules_a_line=2 if has_blocks else 1)
    except TooLongForQrCodeError as error:
        terminal.warn(f"{error} Use the key instead.")
        return False
    width = len(matrix) if has_blocks else 2 * len(matrix)
    if width > terminal.width:
        terminal.warn(
            f"The QR code takes {width} columns and this terminal has {terminal.width}: widen it, "
            "or use the text instead."
        )
        return False
    lines = list(_lines(matrix, has_blocks=has_blocks, is_coloured=terminal.is_coloured))
    if not terminal.is_coloured:
        terminal.hint("This is for a dark background: on a light one, few apps can read it.")
    if terminal.height is not None and len(lines) >= terminal.height:
        terminal.warn(
            f"The QR code takes {len(lines)} lines and one for the prompt, and this terminal has "
            f"{terminal.height}: make it higher, or use the key or the image."
        )
    return terminal.picture(lines)


def _viewer_environment() -> dict[str, str]:
    """Return what a viewer needs of the environment: it may hold passwords and keys, which are not for it."""
    return {name: value for name, value in os.environ.items() if _FOR_VIEWERS.fullmatch(name)}


def _fitting_matrix(terminal: Terminal, text: str, modules_a_line: int) -> Matrix:
    """Return the modules, with the widest border that leaves a line of the screen for the prompt."""
    for border in _DRAWN_ZONES:
        matrix: Matrix = _code(text, "L", border).get_matrix()
        lines = -(-len(matrix) // modules_a_line)
        if terminal.height is None or lines < terminal.height:
            break
    return matrix


def _lines(matrix: Matrix, *, has_blocks: bool, is_coloured: bool) -> Iterator[Text]:
    if not is_coloured:
        return _plain_blocks(matrix)
    return _half_blocks(matrix) if has_blocks else _double_spaces(matrix)


def save_qr_image(text: str, path: str | Path) -> None:
    """Write a QR code as a PNG image, ten pixels to a module, that only its owner may read (mode 0600).

    Raises:
        FileExistsError: there is something at this path already; it is left alone, a link too.
        OSError: the file can't be written.
        TooLongForQrCodeError: the text is too long.
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
    import subprocess  # noqa: PLC0415 - few open the image

    nowhere = subprocess.DEVNULL
    process = subprocess.Popen(  # noqa: S603 - our own image, and no shell
        [opener, os.fspath(path)],
        stdin=nowhere,
        stdout=nowhere,
        stderr=nowhere,
        start_new_session=True,
        env=_viewer_environment(),
    )
    try:
        return process.wait(timeout=_VIEWER_SECONDS) == 0
    except subprocess.TimeoutExpired:  # some openers last as long as the viewer does
        return True


def _code(text: str, level: str, border: int = _QUIET_ZONE) -> qrcode.QRCode:
    import qrcode  # noqa: PLC0415 - it loads Pillow, which nothing needs before the first QR code
    from qrcode.exceptions import DataOverflowError  # noqa: PLC0415 - that too

    correction = getattr(qrcode, f"ERROR_CORRECT_{level}")
    code = qrcode.QRCode(error_correction=correction, box_size=_PIXELS, border=border)
    code.add_data(text)
    try:
        code.make()
    except (ValueError, DataOverflowError):
        raise TooLongForQrCodeError("That is too long for a QR code.") from None
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
