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
from story.qr_code import draw_qr_code, open_image, save_qr_image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from question import Validator
    from story.person import Person

STEP_SECONDS = 30  # that a code is shown for (RFC 6238, section 5.2)
OPEN_IMAGE = "open"
WRONG_CODES_BEFORE_CLOCK_HINT = 2


def key_uri(secret: str, issuer: str, account: str) -> str:
    """Return the ``otpauth://`` URI of a TOTP secret (Base32), as authenticator apps scan it.

    Issuer and account are percent-encoded; a colon, which would part them, becomes a space. Source: the
    Key URI Format of Google Authenticator's wiki.
    """
    issuer, account = (quote(part.replace(":", " "), safe="") for part in (issuer, account))
    return f"otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}"


def seconds_to_next_code() -> float:
    """Return the seconds until authenticator apps show the next code."""
    return STEP_SECONDS - time.time() % STEP_SECONDS


class AuthenticatorApp:
    """The app on the person's telephone, as far as the story has to do with it.

    Args:
        person: who holds the telephone; a built-in authenticator, where there is one, fills in empty answers.
    """

    def __init__(self, person: Person) -> None:
        self._person = person
        self._image: Path | None = None
        self._wrong_codes = 0
        self._has_shown_key = False

    @contextmanager
    def key_shown(self, secret: str, issuer: str, account: str) -> Iterator[None]:
        """Show the QR code, with the key as text and as an image that is gone when the block is left.

        Args:
            secret: the TOTP secret, in Base32.
            issuer: what the app shows above the code.
            account: the user's name, which the app shows too.
        """
        uri = key_uri(secret, issuer, account)
        if self._person.authenticator:
            self._person.authenticator.scan(uri)
        if self._has_shown_key:
            self._person.terminal.hint("This is a new key. Remove the old one from the app.")
        self._has_shown_key = True
        with tempfile.TemporaryDirectory(prefix="cognito-mfa-") as folder:
            self._image = Path(folder) / "qr-code.png"
            save_qr_image(uri, self._image)
            self._show_key(uri, secret)
            try:
                yield
            finally:
                self._image = None

    def _show_key(self, uri: str, secret: str) -> None:
        terminal = self._person.terminal
        terminal.say("Scan this with an authenticator app; the key below it says the same in text:")
        draw_qr_code(terminal, uri)
        terminal.fields(
            "Or type the key in",
            {
                "Key": " ".join(re.findall(".{1,4}", secret)),
                "Type": f"time-based, SHA-1, 6 digits, {STEP_SECONDS} seconds",
                "Image": str(self._image),
            },
        )

    def ask_code(self, prompt: str, name: str) -> str:
        """Ask for six digits, with or without spaces; "open" opens the QR code's image meanwhile."""
        question = prompt + self._other_answers()
        while True:
            answer: str = self._person.ask(question, _without_spaces, self._validator(), name=name)
            if answer == OPEN_IMAGE and self._image:
                if not open_image(self._image):
                    self._person.terminal.warn(f"It can't be opened here. The image is {self._image}")
            elif not answer and self._person.authenticator:
                code = self._person.authenticator.code()
                self._person.terminal.say(f"The built-in authenticator shows {code}.")
                return code
            else:
                return answer

    def say_code_was_wrong(self) -> None:
        """Say that a code was wrong, and after some of them that the clock may be."""
        self._wrong_codes += 1
        self._person.terminal.warn("That code is not right.")
        if self._wrong_codes >= WRONG_CODES_BEFORE_CLOCK_HINT:
            self._person.terminal.hint(
                f"Codes depend on the time, and here it is {time.strftime('%H:%M:%S')}: is the phone's clock "
                "right, and is it the newest key in the app?"
            )

    def wait_for_next_code(self) -> None:
        """Wait until the app shows a code that was not used yet."""
        self._person.pause(seconds_to_next_code(), "Each code works once: waiting for the next one")

    def _other_answers(self) -> str:
        others = [f'"{OPEN_IMAGE}" opens the image'] if self._image else []
        if self._person.authenticator:
            others.append("Enter has one filled in")
        return f" ({', '.join(others)})" if others else ""

    def _validator(self) -> Validator:
        accepted = ["[0-9]{6}"]
        if self._image:
            accepted.append(OPEN_IMAGE)
        if self._person.authenticator:
            accepted.append("")
        return matches("|".join(accepted), "A code has six digits.")


def _without_spaces(answer: str) -> tuple[str, str]:
    """Close up a code: apps show six digits as two groups of three."""
    return answer.replace(" ", ""), ""
