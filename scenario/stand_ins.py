"""Stand-ins for mail and telephone on the local pool: a mailbox and an authenticator app.

Against AWS the mail arrives in a real mailbox and codes come from a real telephone. On the local pool both
can be stood in for, so that a scenario runs anywhere.
"""

from __future__ import annotations

import errno
import http.client
import json
import time
import urllib.request
from typing import TYPE_CHECKING

import pyotp

if TYPE_CHECKING:
    from collections.abc import Callable

MAILBOX_SECONDS = 10  # that the local pool has to answer in
LOCAL_SECONDS = 2  # in which it says what it is
_LONGEST_MAILBOX = 1 << 24  # bytes
_FIELDS = ("to", "subject", "body", "code")


def _http_opener() -> urllib.request.OpenerDirector:
    """Return an opener for plain HTTP, without proxies: a local pool is on this machine and has no TLS.

    From Python 3.12 on `build_opener` first reads all certificates of the system, for a tenth of a second.
    """
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.HTTPHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


class Mailbox:
    """The mailbox of the local pool, read over HTTP.

    Args:
        url: the local pool's endpoint URL.
    """

    def __init__(self, url: str) -> None:
        self._url = f"{url}/outbox"
        self._opener = _http_opener()

    def latest(self, to: str) -> dict[str, str] | None:
        """Return the newest message to an address (`to`, `subject`, `body`, `code`), or None.

        Raises:
            OSError: nothing answered, or something else than a mailbox.
        """
        with self._opener.open(self._url, timeout=MAILBOX_SECONDS) as answer:
            text = answer.read(_LONGEST_MAILBOX)
        try:
            messages = json.loads(text)
            found = (message for message in reversed(messages) if message["to"] == to)
            return next(({field: str(message[field] or "") for field in _FIELDS} for message in found), None)
        except (ValueError, TypeError, KeyError, RecursionError):
            raise OSError(errno.EBADMSG, "This is not the mailbox of a local pool", self._url) from None


def is_local_pool(url: str) -> bool:
    """Tell whether a `local_cognito` answers at this URL: it says so in the Server header of each answer."""
    try:
        with _http_opener().open(f"{url.rstrip('/')}/outbox", timeout=LOCAL_SECONDS) as answer:
            return str(answer.headers.get("Server")) == "local_cognito"
    except (OSError, ValueError, http.client.HTTPException):
        return False


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
