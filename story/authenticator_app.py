"""The person's authenticator app: showing it a QR code, and asking for the codes that it shows."""

from __future__ import annotations

import re
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from question import matches
from terminal import open_image, save_qr_image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from question import Asker, Validator
    from story.stand_ins import Authenticator
    from terminal import Terminal

STEP_SECONDS = 30
OPEN_IMAGE = "open"
MISSES_BEFORE_CLOCK_HINT = 2


def key_uri(secret: str, issuer: str, account: str) -> str:
    """Return the ``otpauth://`` URI of a TOTP secret (Base32), as authenticator apps scan it.

    Issuer and account are percent-encoded; a colon, which would part them, becomes a space. Source: the
    Key URI Format of Google Authenticator's wiki.
    """
    issuer, account = (quote(part.replace(":", " "), safe="") for part in (issuer, account))
    return f"otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}"


class CodePrompt:
    """Asks for the codes of an authenticator app.

    Args:
        terminal: where everything is shown.
        ask: whoever answers.
        stand_in: a built-in authenticator that fills in empty answers, where there is one.
    """

    def __init__(self, terminal: Terminal, ask: Asker, stand_in: Authenticator | None = None) -> None:
        self._terminal = terminal
        self._ask = ask
        self._stand_in = stand_in
        self._image: Path | None = None
        self._misses = 0
        self._has_shown_key = False

    @contextmanager
    def qr_code(self, uri: str, secret: str) -> Iterator[None]:
        """Show the QR code, with the key as text and as an image that is gone when the block is left."""
        if self._stand_in:
            self._stand_in.scan(uri)
        if self._has_shown_key:
            self._terminal.hint("This is a new key. Remove the old one from the app.")
        self._has_shown_key = True
        with tempfile.TemporaryDirectory(prefix="cognito-mfa-") as folder:
            self._image = Path(folder) / "qr-code.png"
            save_qr_image(uri, self._image)
            self._terminal.say("Scan this with an authenticator app; the key below it says the same in text:")
            self._terminal.qr_code(uri)
            key = " ".join(re.findall(".{1,4}", secret))
            self._terminal.fields(
                "Or type the key in",
                {"Key": key, "Type": "time-based, SHA-1, 6 digits, 30 seconds", "Image": str(self._image)},
            )
            try:
                yield
            finally:
                self._image = None

    def code(self, prompt: str, name: str) -> str:
        """Ask for six digits, with or without spaces; "open" opens the QR code's image meanwhile."""
        while True:
            answer: str = self._ask(prompt + self._others(), _without_spaces, self._validator(), name=name)
            if answer == OPEN_IMAGE and self._image:
                if not open_image(self._image):
                    self._terminal.warn(f"It can't be opened here. The image is {self._image}")
            elif not answer and self._stand_in:
                code = self._stand_in.code()
                self._terminal.say(f"The built-in authenticator shows {code}.")
                return code
            else:
                return answer

    def was_wrong(self) -> None:
        """Say that a code was wrong, and after some of them that the clock may be."""
        self._misses += 1
        self._terminal.warn("That code is not right.")
        if self._misses >= MISSES_BEFORE_CLOCK_HINT:
            self._terminal.hint(
                f"Codes depend on the time, and here it is {time.strftime('%H:%M:%S')}: is the phone's clock "
                "right, and is it the newest key in the app?"
            )

    def _others(self) -> str:
        others = [f'"{OPEN_IMAGE}" opens the image'] if self._image else []
        if self._stand_in:
            others.append("Enter has one filled in")
        return f" ({', '.join(others)})" if others else ""

    def _validator(self) -> Validator:
        accepted = ["[0-9]{6}"] + [OPEN_IMAGE] * bool(self._image) + [""] * bool(self._stand_in)
        return matches("|".join(accepted), "A code has six digits.")


def _without_spaces(answer: str) -> tuple[str, str]:
    """Close up a code: apps show six digits as two groups of three."""
    return answer.replace(" ", ""), ""


def seconds_to_next_code() -> float:
    """Return the seconds until authenticator apps show the next code."""
    return STEP_SECONDS - time.time() % STEP_SECONDS
