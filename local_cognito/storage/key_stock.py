"""A stock of RSA signing keys: made once, leased from a private file, and used again by later pools.

Making a key takes some 40 ms, and a test run may make a thousand pools. A stock belongs to one server at a
time, which holds a lock on its file, and hands out no key that a living pool has: no two living pools share
a key. Only databases in memory use one, because their pools end with the process.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable

try:
    import fcntl
except ImportError:  # Windows: every pool makes its keys
    fcntl = None  # type: ignore[assignment]

KEY_BITS = 2048
MOST_KEYS = 256
_PUBLIC_EXPONENT = 65537
_KEY_ID_BYTES = 32
_FILES = 8  # as many servers at a time find one that is free
_TRIES = 8  # keys that are looked at before another one is made
_OWNER_ONLY = 0o600


@dataclass(frozen=True)
class StockKey:
    """An RSA key: its ID as JWKS and token headers show it, and the private key as PKCS #8 in PEM."""

    kid: str
    pem: str


def default_folder() -> Path | None:
    """Return `local_cognito` in `$XDG_CACHE_HOME` or `~/.cache`, or None for a user without a home."""
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - Path would raise
    return Path(caches, "local_cognito") if os.path.isabs(caches) else None  # noqa: PTH117 - it is text here


class KeyStock:
    """Hands out signing keys; a stock without a folder makes each of them anew.

    Args:
        folder: holds the stocks. It is created if needed; without a usable folder no stock is kept.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        if fcntl is None:
            self._folder = None
        self._file: int | None = None
        self._keys: deque[StockKey] = deque()

    def take(self, is_in_use: Callable[[str], bool]) -> StockKey:
        """Return a key that no pool has.

        Args:
            is_in_use: whether a living pool has the key of this ID.
        """
        if self._folder is not None:
            self._lease(self._folder)
        for _ in range(min(_TRIES, len(self._keys))):
            self._keys.rotate(-1)
            key = self._keys[-1]
            if is_usable(key) and not is_in_use(key.kid):
                return key
        key = make_key()
        self._add(key)
        return key

    def close(self) -> None:
        """Let another server have the stock."""
        self._folder = None
        self._keys.clear()
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _lease(self, folder: Path) -> None:
        """Take the first stock that no other server has; afterwards there is nothing more to look for."""
        self._folder = None
        for number in range(_FILES):
            file = _open(folder / f"keys-{number}.jsonl")
            if file is None:
                return
            if _is_locked(file):
                self._file = file
                self._keys = _read(file)
                return
            os.close(file)

    def _add(self, key: StockKey) -> None:
        if self._file is None or len(self._keys) >= MOST_KEYS:
            return
        os.write(self._file, orjson.dumps(key) + b"\n")
        self._keys.append(key)


def make_key() -> StockKey:
    """Return a new RSA key of 2,048 bits."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - a start need not wait for it
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - as above

    private = rsa.generate_private_key(public_exponent=_PUBLIC_EXPONENT, key_size=KEY_BITS)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return StockKey(base64.b64encode(secrets.token_bytes(_KEY_ID_BYTES)).decode(), pem.decode())


def is_usable(key: StockKey) -> bool:
    """Tell whether the PEM text can be read: the file may have been damaged."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - as above

    try:
        serialization.load_pem_private_key(key.pem.encode(), None, unsafe_skip_rsa_key_validation=True)
    except ValueError:
        return False
    return True


def _open(path: Path) -> int | None:
    """Open a stock that is the user's own and nobody else's to read, or return None."""
    try:
        for folder in (path.parent.parent, path.parent):  # no home is made for a user who has none
            folder.mkdir(mode=0o700, exist_ok=True)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.open(path, flags, _OWNER_ONLY)
    except OSError:  # a read-only home, a symbolic link: keys are made, which takes longer
        return None
    found = os.fstat(file)
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        os.close(file)
        return None
    return file


def _is_locked(file: int) -> bool:
    """Lock the file until it is closed, and tell whether no other server had done so."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _read(file: int) -> deque[StockKey]:
    """Read the keys; a file with a broken line, left by a full disk or a crash, is started anew."""
    content = b"".join(iter(lambda: os.read(file, 1 << 20), b""))
    try:
        keys = [StockKey(**orjson.loads(line)) for line in content.splitlines()]
        for key in keys:
            _check(key)
    except (ValueError, TypeError, binascii.Error):
        os.ftruncate(file, 0)
        return deque()
    return deque(keys)


def _check(key: StockKey) -> None:
    """Refuse what does not look like one of our keys; `is_usable` looks closer, at one that is taken.

    Raises:
        ValueError, TypeError: it does not.
    """
    if len(base64.b64decode(key.kid, validate=True)) != _KEY_ID_BYTES:
        raise ValueError("That is not a key ID.")
    if not key.pem.startswith("-----BEGIN PRIVATE KEY-----"):
        raise ValueError("That is not a private key in PEM.")
