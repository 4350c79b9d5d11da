"""What the local pool has in place of the world: a mailbox and an authenticator app.

Against AWS the mail arrives in a real mailbox and codes come from a real telephone. On the local pool both
can be stood in for, so that the story runs anywhere.
"""

from __future__ import annotations

import json
import time
import urllib.request
from typing import TYPE_CHECKING

import pyotp

if TYPE_CHECKING:
    from collections.abc import Callable

MAILBOX_SECONDS = 10  # that the local pool has to answer in


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
        """Return the newest message to an address (`to`, `subject`, `body`, `code`), or None."""
        with self._opener.open(self._url, timeout=MAILBOX_SECONDS) as answer:
            messages: list[dict[str, str]] = json.load(answer)
        return next((message for message in reversed(messages) if message["to"] == to), None)


class Authenticator:
    """An authenticator app: scans an `otpauth://` URI, then gives codes (RFC 6238), each one once.

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
            ValueError: this is no `otpauth://totp` URI.
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
        self._last_step = max(int(self._clock()) // self._totp.interval, self._last_step + 1)
        return self._totp.generate_otp(self._last_step)
