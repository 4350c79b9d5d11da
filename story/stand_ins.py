"""What the local pool has in place of the world: a mailbox, an authenticator app, and a person.

Against AWS the mail arrives in a real mailbox, codes come from a real telephone and answers from a
real person. On the local pool each of them can be stood in for, so that the story runs anywhere.
"""

from __future__ import annotations

import json
import secrets
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pyotp

from question import checked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from question import Validator
    from terminal import Terminal

STEP_SECONDS = 30


class Mailbox:
    """What the local pool has sent, read over HTTP.

    Args:
        url: the local pool's endpoint URL.
    """

    def __init__(self, url: str) -> None:
        self._url = f"{url}/outbox"
        # No proxy: the mailbox is on this machine, whatever the environment says of the network.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def latest(self, to: str) -> dict[str, str] | None:
        """Return the newest message to an address (``to``, ``subject``, ``body``, ``code``), or None."""
        with self._opener.open(self._url, timeout=10) as answer:
            messages: list[dict[str, str]] = json.load(answer)
        return next((message for message in reversed(messages) if message["to"] == to), None)


class Authenticator:
    """An authenticator app: scans an ``otpauth://`` URI, then gives codes (RFC 6238), each one once.

    Args:
        clock: gives the time in epoch seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._totp: pyotp.TOTP | None = None
        self._last_step = 0

    def scan(self, uri: str) -> None:
        """Take in the key of a QR code, in place of any before.

        Raises:
            ValueError: this is no ``otpauth://totp`` URI.
        """
        otp = pyotp.parse_uri(uri)
        if not isinstance(otp, pyotp.TOTP):
            raise ValueError("The URI is not for time-based codes.")  # noqa: TRY004 - the value is what is wrong
        self._totp = otp
        self._last_step = 0

    def code(self) -> str:
        """Return the current code, or the next one if the current one was given already.

        Cognito takes a code up to 30 seconds before its time, so the next one works too.

        Raises:
            RuntimeError: nothing was scanned yet.
        """
        if self._totp is None:
            raise RuntimeError("The authenticator has scanned no QR code yet.")
        self._last_step = max(int(self._clock()) // STEP_SECONDS, self._last_step + 1)
        return self._totp.generate_otp(self._last_step)


class Unattended:
    """An asker that answers by itself, out of what a person would know, and shows each answer.

    An empty answer to an MFA prompt leaves the code to the built-in authenticator.

    Args:
        terminal: where questions and answers are shown.
        mailbox: where the confirmation code arrives.
    """

    def __init__(self, terminal: Terminal, mailbox: Mailbox) -> None:
        self._terminal = terminal
        self._mailbox = mailbox
        self._email = "visitor@example.com"
        password = f"{secrets.token_urlsafe(12)}-Aa1"
        self._answers: Mapping[str, Callable[[], str]] = {
            "user_name": lambda: "visitor",
            "email": lambda: self._email,
            "password": lambda: password,
            "confirmation_code": self._confirmation_code,
            "set_up_code": str,
            "mfa_code": str,
            **dict.fromkeys(("remember_device", "forget_device", "delete_user"), lambda: "y"),
        }

    def __call__(
        self, question: str, *validators: Validator, hidden: bool = False, name: str | None = None
    ) -> Any:
        """Answer the question called *name*.

        Raises:
            RuntimeError: there is no answer to this question, or it was refused.
        """
        if name is None or name not in self._answers:
            raise RuntimeError(f'Nobody is there to answer "{question}".')
        answer = self._answers[name]()
        self._terminal.say(f"{question}: {'********' if hidden else answer or '(Enter)'}")
        value, complaint = checked(answer, validators)
        if value is None:
            raise RuntimeError(f'The answer to "{question}" was refused: {complaint}')
        return value

    def _confirmation_code(self) -> str:
        message = self._mailbox.latest(self._email)
        return message["code"] if message else ""
