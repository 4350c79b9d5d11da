"""Labels that stand for secrets wherever a call is shown: on the screen, in the trace, in the diagram.

The same secret has the same label in all of them, and two secrets never share one.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import secrets
from collections import Counter
from threading import Lock
from typing import Final

# What each field is called; a field that is not here goes by its own name.
_KINDS: Final = {
    **dict.fromkeys(("Password", "PASSWORD", "NEW_PASSWORD", "TemporaryPassword"), "password"),
    **dict.fromkeys(("PreviousPassword", "ProposedPassword"), "password"),
    **dict.fromkeys(("SecretHash", "SECRET_HASH"), "secret hash"),
    **dict.fromkeys(("RefreshToken", "REFRESH_TOKEN", "Token"), "refresh token"),
    **dict.fromkeys(("ConfirmationCode", "Code", "UserCode", "SOFTWARE_TOKEN_MFA_CODE"), "code"),
    **dict.fromkeys(("SMS_MFA_CODE", "EMAIL_OTP_CODE", "SMS_OTP_CODE"), "code"),
    **dict.fromkeys(("SECRET_BLOCK", "PASSWORD_CLAIM_SECRET_BLOCK"), "secret block"),
    **dict.fromkeys(("Salt", "SALT"), "salt"),
    "AccessToken": "access token",
    "CREDENTIAL": "assertion",
    "CREDENTIAL_REQUEST_OPTIONS": "request options",
    "CredentialId": "credential ID",
    "ClientSecret": "client secret",
    "IdToken": "ID token",
    "PASSWORD_CLAIM_SIGNATURE": "signature",
    "PasswordVerifier": "verifier",
    "SecretCode": "TOTP key",
    "Session": "session",
}
# There is always more than one of these, so that the first one has a number too.
_NUMBERED: Final = {
    *("session", "access token", "ID token", "refresh token"),
    *("assertion", "challenge", "credential ID", "request options"),
}
_HEXADECIMAL: Final = {"SRP_A", "SRP_B", "SALT"}
_BASE_64: Final = {"PasswordVerifier", "Salt", "SECRET_BLOCK", "PASSWORD_CLAIM_SECRET_BLOCK"} | {
    "PASSWORD_CLAIM_SIGNATURE"
}
_LONGEST_KIND: Final = 40  # characters; names of fields may come from the endpoint


class Label(str):
    """Text that stands for a secret, such as `<session 2>`."""

    __slots__ = ()


class Labels:
    """The labels of one run. It keeps a keyed digest of each secret, not the secret."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._labels: dict[bytes, Label] = {}
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def of(self, field: str, value: object) -> Label:
        """Return the label of a secret; a new one is named after the field that it is first seen in."""
        digest = self._digest(_bytes_of(field, str(value)).lstrip(b"\0") or value)
        with self._lock:
            if digest not in self._labels:
                self._labels[digest] = self._new(field, str(value))
            return self._labels[digest]

    def known(self, value: str) -> Label | None:
        """Return the label of a text that was a secret before, or None."""
        return self._labels.get(self._digest(value))

    def _digest(self, value: object) -> bytes:
        content = value if isinstance(value, bytes) else str(value).encode(errors="surrogatepass")
        return hmac.digest(self._key, content, "sha256")

    def _new(self, field: str, value: str) -> Label:
        kind = _KINDS.get(field) or re.sub(r"[^\w:.-]", " ", field)[:_LONGEST_KIND]
        self._counts[kind] += 1
        number = self._counts[kind]
        name = f"{kind} {number}" if number > 1 or kind in _NUMBERED else kind
        size = len(_bytes_of(field, value))
        return Label(f"<{name}, {size} bytes>" if size else f"<{name}>")


def _bytes_of(field: str, value: str) -> bytes:
    """Return an SRP value's bytes, whatever it is encoded in; nothing for others, and for what is not one."""
    try:
        if field in _HEXADECIMAL:
            return bytes.fromhex(value if len(value) % 2 == 0 else f"0{value}")
        return base64.b64decode(value, validate=True) if field in _BASE_64 else b""
    except (binascii.Error, ValueError):
        return b""
