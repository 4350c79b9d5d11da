"""Terminal output as a camera sees it: drawn as a picture, and QR codes read from that."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import zxingcpp
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Colours = tuple[int | None, int | None]

DARK, LIGHT = 0, 255
# SGR parameters of the two colours that QR codes are drawn in: 16 colours, 256 colours, full RGB.
COLOURS = {"0": 0, "7": 170, "5;16": 0, "5;231": 255, "2;0;0;0": 0, "2;255;255;255": 255}
HALVES = {" ": (1, 1), "█": (0, 0), "▀": (0, 1), "▄": (1, 0)}  # 0: ink, 1: background


def apply_sgr(parameters: str, colours: Colours) -> Colours:
    """Return (ink, background) after an SGR sequence; None is the terminal's own colour."""
    ink, background = colours
    for ground, value in re.findall(r"\b(9|10|3|4)(?:8;)?(5;\d+|2;\d+;\d+;\d+|\d)(?![\d])", parameters):
        bright = ground in {"9", "10"}
        level = 255 if bright and value == "7" else COLOURS[value]
        ink, background = (level, background) if ground in {"3", "9"} else (ink, level)
    return (None, None) if parameters in {"", "0"} else (ink, background)


def cells(line: str) -> Iterator[tuple[str, int | None, int | None]]:
    """Yield (character, ink, background) for each cell of a line of terminal output."""
    colours: Colours = (None, None)
    for parameters, character in re.findall(r"\x1b\[([\d;]*)m|(.)", line):
        if character:
            yield character, *colours
        else:
            colours = apply_sgr(parameters, colours)


def pixels(output: str, background: int) -> np.ndarray:
    """Draw terminal output as a picture, each cell one pixel wide and two high, on that background."""
    rows = []
    for line in output.splitlines():
        own = (255 - background, background)
        halves = []
        for character, ink, behind in cells(line):
            pair = (own[0] if ink is None else ink, own[1] if behind is None else behind)
            halves.append([pair[half] for half in HALVES[character]])
        rows.extend(np.array(halves).T)
    return np.array(rows, dtype=np.uint8)


def qr_text(image: Path) -> str:
    """Read the QR code in an image file, which must have one."""
    with Image.open(image) as picture:
        code = zxingcpp.read_barcode(picture)
    assert code, image
    return code.text


def found(pattern: str | re.Pattern[str], text: str) -> str:
    """Return what the first group of a pattern matches in a text, which must have it."""
    match = re.search(pattern, text)
    assert match, pattern
    return match[1]


def scan(picture: np.ndarray, background: int, *, inverted: bool = False) -> str:
    """Read the QR code in a picture with what surrounds it on the screen; '' when there is none."""
    on_screen = np.pad(np.kron(picture, np.ones((8, 8), dtype=np.uint8)), 40, constant_values=background)
    results = zxingcpp.read_barcodes(
        on_screen, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode), try_invert=inverted
    )
    return results[0].text if results else ""
