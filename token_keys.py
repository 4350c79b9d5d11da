"""The public keys of a user pool: fetched once for all threads, within a deadline, and again when they age.

`token_verifier` uses it; it needs PyJWT with cryptography, which it loads with the first keys.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jwt import PyJWK
else:
    PyJWK = Any  # for whoever resolves the annotations at run time

Fetch = Callable[[str], "bytes | str"]

ALGORITHM = "RS256"  # the one that Cognito signs with; a token that names another is not Cognito's
FETCH_SECONDS = 10.0  # for the whole answer with the keys, however slowly it trickles
KEYS_SECONDS = 3600.0  # after that long keys are read again, so that a withdrawn one is refused
MOST_KEY_BYTES = 1 << 20
_EARLY = 0.8  # of that time: from then on keys are read in the background, while the old ones still serve
_UNKNOWN_KEY_SECONDS = 10.0  # between two fetches for unknown keys: a token's sender chooses its key ID
_FIRST_BACK_OFF, _LONGEST_BACK_OFF = 1.0, 32.0  # seconds without another attempt after a failed fetch
_CHUNK_BYTES = 1 << 16


class CognitoAuthError(Exception):
    """The base of the errors of `token_keys`, `token_verifier` and `signed_in_user`."""


class KeysUnavailableError(CognitoAuthError):
    """The pool's keys could not be read, so no token can be verified: a server's 503."""


class KeySet:
    """The keys of a JSON Web Key Set (RFC 7517); those for other algorithms and uses are left out.

    Args:
        text: the key set, JSON.

    Raises:
        ValueError: that is not a key set, or it has no key that can be used.
    """

    def __init__(self, text: str | bytes) -> None:
        document = _parsed(text)
        listed = document.get("keys") if isinstance(document, dict) else None
        if not isinstance(listed, list):
            raise ValueError("That is not a JSON Web Key Set.")  # noqa: TRY004 - the text's mistake
        read = {key["kid"]: _public_key(key) for key in listed if _is_for_tokens(key)}
        self._keys = {key_id: key for key_id, key in read.items() if key is not None}
        self._broken = read.keys() - self._keys.keys()
        if not self._keys:
            raise ValueError(f"The JSON Web Key Set has no key for {ALGORITHM}.")

    def find(self, key_id: object) -> PyJWK | None:
        """Return the key with this ID, or None when there is none.

        Raises:
            KeysUnavailableError: there is one, and it can't be read.
        """
        if not isinstance(key_id, str):
            return None
        if key_id in self._broken:
            raise KeysUnavailableError("The pool's key for this token can't be read.")
        return self._keys.get(key_id)


def _parsed(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("The JSON text is nested too deeply.") from None


def _is_for_tokens(key: object) -> bool:
    return (
        isinstance(key, dict)
        and isinstance(key.get("kid"), str)
        and (key.get("kty"), key.get("use", "sig"), key.get("alg", ALGORITHM)) == ("RSA", "sig", ALGORITHM)
    )


def _public_key(key: dict[str, Any]) -> PyJWK | None:
    import jwt  # noqa: PLC0415 - loading it takes longer than all the rest

    try:
        return jwt.PyJWK.from_dict(key, ALGORITHM)
    except (jwt.PyJWTError, ValueError, TypeError):
        return None


class _Attempt:
    """One fetch that threads wait for together."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds
        self.is_over = threading.Event()

    def seconds_left(self) -> float:
        return self.end - time.monotonic()


class FetchedKeys:
    """The keys at one URL; threads share them, and each fetch.

    Args:
        url: where they are.
        fetch: is given the URL and returns the JSON text there, or raises anything.
        keys_seconds: how old they may get.
        fetch_seconds: how long one fetch may take in all.
        clock: returns the time in seconds.
    """

    def __init__(
        self,
        url: str,
        fetch: Fetch,
        keys_seconds: float = KEYS_SECONDS,
        fetch_seconds: float = FETCH_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.url = url
        self._fetch = fetch
        self._keys_seconds = keys_seconds
        self._fetch_seconds = fetch_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: KeySet | None = None
        self._read_at = 0.0
        self._sought_at: float | None = None  # when an unknown key was last looked for
        self._pending: _Attempt | None = None
        self._failure: Exception | None = None
        self._failed_at = 0.0
        self._back_off = 0.0

    def find(self, key_id: object) -> PyJWK | None:
        """Return the key with this ID, or None when the pool has none; fetch keys that are missing or old.

        Raises:
            KeysUnavailableError: the keys could not be read, now or in the last attempt.
        """
        had = self._keys
        keys = self.load()
        found = keys.find(key_id)
        if found is None and keys is had and isinstance(key_id, str):
            found = self._newer_than(keys).find(key_id)
        return found

    def load(self) -> KeySet:
        """Return the keys, fetched when there are none or only old ones.

        Raises:
            KeysUnavailableError: as `find`.
        """
        keys, age = self._keys, self._clock() - self._read_at
        if keys is None or not 0 <= age < self._keys_seconds:
            return self._wait(self._begin())
        if age >= self._keys_seconds * _EARLY and not self._is_backing_off():
            self._begin()
        return keys

    def _newer_than(self, keys: KeySet) -> KeySet:
        """Return keys that were read after these, or these when an unknown key was looked for just now."""
        now = self._clock()
        with self._lock:
            if self._keys is not keys and self._keys is not None:
                return self._keys
            is_recent = self._sought_at is not None and 0 <= now - self._sought_at < _UNKNOWN_KEY_SECONDS
            if is_recent and self._pending is None:
                return keys
            self._sought_at = now
        return self._wait(self._begin())

    def _begin(self) -> _Attempt:
        """Return the fetch that is under way, or begin one."""
        with self._lock:
            if self._pending is not None and self._pending.seconds_left() > 0:
                return self._pending
            if self._is_backing_off():
                raise self._unavailable()
            self._pending = attempt = _Attempt(self._fetch_seconds)
        threading.Thread(target=self._run, args=(attempt,), name="token keys", daemon=True).start()
        return attempt

    def _run(self, attempt: _Attempt) -> None:
        try:
            keys = KeySet(self._fetch(self.url))
        except Exception as error:  # noqa: BLE001 - fetch may be the caller's; `_unavailable` raises it
            self._end(attempt, error)
        else:
            self._end(attempt, keys)

    def _end(self, attempt: _Attempt, outcome: KeySet | Exception) -> None:
        """Record the outcome of a fetch, unless it was given up."""
        with self._lock:
            if self._pending is attempt:
                self._pending = None
                self._keep(outcome)
        attempt.is_over.set()

    def _keep(self, outcome: KeySet | Exception) -> None:
        if isinstance(outcome, KeySet):
            self._keys, self._read_at = outcome, self._clock()
            self._failure, self._back_off = None, 0.0
        else:
            self._failure, self._failed_at = outcome, self._clock()
            self._back_off = min(self._back_off * 2 or _FIRST_BACK_OFF, _LONGEST_BACK_OFF)

    def _wait(self, attempt: _Attempt) -> KeySet:
        if not attempt.is_over.wait(max(attempt.seconds_left(), 0)):
            self._end(attempt, TimeoutError())
        with self._lock:
            if self._keys is None or self._failure is not None:
                raise self._unavailable()
            return self._keys

    def _is_backing_off(self) -> bool:
        return self._failure is not None and 0 <= self._clock() - self._failed_at < self._back_off

    def _unavailable(self) -> KeysUnavailableError:
        reason = type(self._failure).__name__
        error = KeysUnavailableError(
            f"The pool's keys could not be read ({reason}); check jwks_url and the network."
        )
        error.__cause__ = self._failure
        return error


def download(url: str) -> bytes:
    """Return the body at an HTTP URL, at most 1 MiB within ten seconds; raise OSError or ValueError."""
    import urllib.request  # noqa: PLC0415 - as jwt

    end = time.monotonic() + FETCH_SECONDS
    with urllib.request.urlopen(url, timeout=FETCH_SECONDS) as response:  # noqa: S310 - TokenVerifier checks it
        return read_all(iter(lambda: response.read1(_CHUNK_BYTES), b""), end)


def read_all(chunks: Iterable[bytes], end: float) -> bytes:
    """Join the chunks of an answer, at most 1 MiB of them, until `end` on the monotonic clock.

    Raises:
        ValueError: there is more.
        TimeoutError: it takes longer.
    """
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > MOST_KEY_BYTES:
            raise ValueError("The answer is too long for a key set.")
        if time.monotonic() > end:
            raise TimeoutError("The answer takes too long.")
    return bytes(body)
