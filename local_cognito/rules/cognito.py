"""The service context of every action: the state, the clock, and the source of randomness."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cognito.lambdas.functions import Functions
    from local_cognito.lambdas.journal import Journal
    from local_cognito.storage.store import Store

Answer = dict[str, Any]

LOWER_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
ALPHANUMERIC = LOWER_BASE36 + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
_BYTE_VALUES = 256
_UUID_BYTES = 16

_encoded = json.JSONEncoder(separators=(",", ":")).encode


def as_text(value: Any) -> str:
    """Return a list or an object within an answer or a token as JSON text, without blanks."""
    return _encoded(value)


def milliseconds(moment: float) -> float:
    """Return a time as answers show it: epoch seconds with at most three decimals."""
    return int(moment * 1000 + 0.5) / 1000  # a third of the time that round() takes


def uuid_text(drawn: bytes) -> str:
    """Return 16 random bytes as a version 4 UUID (RFC 9562, section 5.4)."""
    octets = bytearray(drawn)
    octets[6] = octets[6] & 0x0F | 0x40  # the version
    octets[8] = octets[8] & 0x3F | 0x80  # the variant
    text = octets.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class Cognito(NamedTuple):
    """The service in one region, as one request sees it.

    It is copied for each request, so lasting state belongs in the store. A copy of a tuple takes a quarter of
    the time that one of a frozen dataclass takes.

    Attributes:
        store: the state.
        now: gives epoch seconds.
        random_bytes: gives so many random bytes.
        region: the region that the request was signed for.
        functions: the Lambda functions that triggers can call.
        request_id: the ID of the request; empty outside of requests.
        journal: the random values and function answers of the request so far; None outside of requests,
            where no function is called.
    """

    store: Store
    now: Callable[[], float]
    random_bytes: Callable[[int], bytes]
    region: str
    functions: Functions
    request_id: str = ""
    journal: Journal | None = None

    def of_request(self, region: str, request_id: str) -> Cognito:
        """Return the service as a request sees it."""
        return Cognito(
            self.store, self.now, self.random_bytes, region, self.functions, request_id, self.journal
        )

    def with_journal(self, journal: Journal) -> Cognito:
        """Return the service of one run of a request, with the random values of the first."""
        return Cognito(
            self.store,
            self.now,
            journal.random_bytes,
            self.region,
            self.functions,
            self.request_id,
            journal,
        )

    def random_text(self, length: int, alphabet: str) -> str:
        """Return `length` characters, each drawn evenly from `alphabet`."""
        text = ""
        limit = _BYTE_VALUES - _BYTE_VALUES % len(alphabet)
        while len(text) < length:
            text += "".join(
                alphabet[byte % len(alphabet)] for byte in self.random_bytes(length) if byte < limit
            )
        return text[:length]

    def random_uuid(self) -> str:
        """Return a random (version 4) UUID."""
        return uuid_text(self.random_bytes(_UUID_BYTES))
