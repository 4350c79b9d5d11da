"""The person's authenticator app: showing it a QR code, and asking for the codes that it shows."""

from __future__ import annotations

import re
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from question import matches
from scenario.qr_code import TooLongForQrCodeError, draw_qr_code, open_image, save_qr_image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from question import Validator
    from scenario.person import Person
    from scenario.stand_ins import Authenticator

STEP_SECONDS = 30  # that a code is shown for (RFC 6238, section 5.2)
OPEN_IMAGE = "open"
WRONG_CODES_BEFORE_CLOCK_HINT = 2


def key_uri(secret: str, issuer: str, account: str) -> str:
    """Return the `otpauth://` URI of a TOTP secret (Base32), as authenticator apps scan it.

    Issuer and account are percent-encoded; a colon, which would part them, becomes a space. The issuer could
    stand before the account too, for apps from before 2015; once keeps the QR code small. Source: the Key URI
    Format of Google Authenticator's wiki.
    """
    issuer, account = (quote(part.replace(":", " "), safe="") for part in (issuer, account))
    return f"otpauth://totp/{account}?secret={secret}&issuer={issuer}"


def seconds_to_next_code() -> float:
    """Return the seconds until authenticator apps show the next code."""
    return STEP_SECONDS - time.time() % STEP_SECONDS


class AuthenticatorApp:
    """The app on the person's telephone, as far as the scenario has to do with it.

    Args:
        person: who holds the telephone.
        built_in: the built-in authenticator, where there is one; it fills in empty answers.
        qr_image: where the QR code's image is kept; without a path it is gone once it has been used.
    """

    def __init__(
        self, person: Person, built_in: Authenticator | None = None, qr_image: Path | None = None
    ) -> None:
        self._person = person
        self._built_in = built_in
        self._kept_image = qr_image
        self._image: Path | None = None
        self._wrong_codes = 0
        self._has_shown_key = False
        self._has_kept_image = False

    @contextmanager
    def showing_key(self, secret: str, issuer: str, account: str) -> Iterator[None]:
        """Show the QR code, with the key as text and as an image that is gone when the block is left.

        Args:
            secret: the TOTP secret, in Base32.
            issuer: what the app shows above the code.
            account: the user's name, which the app shows too.
        """
        uri = key_uri(secret, issuer, account)
        if self._built_in:
            self._built_in.scan(uri)
        if self._has_shown_key:
            self._person.terminal.hint("This is a new key. Remove the old one from the app.")
        self._has_shown_key = True
        with ExitStack() as stack:
            try:
                self._image = self._saved_image(uri, stack)
            except (OSError, TooLongForQrCodeError) as error:
                why = error.strerror if isinstance(error, OSError) else error
                self._person.terminal.warn(f"There is no image of the QR code: {why}.")
            self._show_key(uri, secret)
            try:
                yield
            finally:
                self._image = None

    def _saved_image(self, uri: str, stack: ExitStack) -> Path:
        """Save the image where the person wants it, replacing an earlier one, or until the stack is left."""
        wanted = self._kept_image
        if wanted is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="cognito-mfa-"))
            image = Path(folder) / "qr-code.png"
        else:
            image = wanted
            if self._has_kept_image:
                image.unlink(missing_ok=True)
        save_qr_image(uri, image)
        self._has_kept_image = wanted is not None
        return image

    def _show_key(self, uri: str, secret: str) -> None:
        """Show the key in text, and below it, right above the prompt, the QR code."""
        terminal = self._person.terminal
        terminal.fields(
            "The key, for an authenticator app",
            {
                "Key": " ".join(re.findall(".{1,4}", secret)),
                "Type": f"time-based, SHA-1, 6 digits, {STEP_SECONDS} seconds",
                **({"Image": str(self._image)} if self._image else {}),
            },
        )
        if terminal.is_plain:
            return
        terminal.say("Scan this with an authenticator app; the key above says the same in text:")
        draw_qr_code(terminal, uri)

    def ask_code(self, prompt: str, name: str) -> str:
        """Ask for six digits, with or without spaces; "open" opens the QR code's image meanwhile."""
        others = self._other_answers()
        question = f"{prompt} ({others}):" if others else prompt
        while True:
            answer: str = self._person.ask(question, _without_spaces, self._validator(), name=name)
            if answer == OPEN_IMAGE and self._image:
                if not open_image(self._image):
                    self._person.terminal.warn(f"It can't be opened here. The image is {self._image}")
            elif not answer and (built_in := self._with_key()):
                code = built_in.code()
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
        self._person.wait(seconds_to_next_code(), "Each code works once: waiting for the next one")

    def hint_at_earlier_key(self) -> None:
        """Say that the built-in authenticator has no key that an earlier run has enrolled."""
        if self._built_in and not self._has_shown_key:
            self._person.terminal.hint(
                "The built-in authenticator has a key of this run alone: take the code from the app that was "
                "enrolled, or leave, delete the user and sign up anew."
            )

    def _with_key(self) -> Authenticator | None:
        """Return the built-in authenticator once it has scanned a key."""
        return self._built_in if self._has_shown_key else None

    def _other_answers(self) -> str:
        others = ["Enter fills it in"] if self._with_key() else []
        if self._image:
            others.append(f'"{OPEN_IMAGE}" opens the image')
        return ", ".join(others)

    def _validator(self) -> Validator:
        accepted = ["[0-9]{6}"]
        if self._image:
            accepted.append(OPEN_IMAGE)
        if self._with_key():
            accepted.append("")
        return matches("|".join(accepted), "A code has six digits.")


def _without_spaces(answer: str) -> tuple[str, str]:
    """Close up a code: apps show six digits as two groups of three."""
    return answer.replace(" ", ""), ""
