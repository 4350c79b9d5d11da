"""RS256 signatures on tokens (RFC 7515), made outside of transactions, and two of them side by side.

Two signatures take as long as the rest of a sign-in. An action leaves the tokens in its answer unsigned, and
`sign` completes the answer once the changes are kept, when nobody waits for the database any more. A
signature releases Python's lock, so another thread makes one of two.
"""

from __future__ import annotations

import base64
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

from local_cognito.rules.cognito import as_text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

    from local_cognito.rules.cognito import Answer

ALGORITHM = "RS256"
_MOST_KEYS_IN_MEMORY = 256


@dataclass(frozen=True)
class UnsignedToken:
    """A JSON Web Token without its signature.

    Attributes:
        key: signs it.
        content: what the signature covers: header and claims, each in base64url, with a point between.
    """

    key: rsa.RSAPrivateKey
    content: bytes

    def signed(self) -> str:
        """Return the token."""
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - a start need not wait for it
        from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415 - as above

        signature = self.key.sign(self.content, padding.PKCS1v15(), hashes.SHA256())
        return f"{self.content.decode()}.{_base64url(signature).decode()}"


def unsigned(pem: str, key_id: str, claims: dict[str, Any]) -> UnsignedToken:
    """Return a token that is still to be signed, with the private key in PEM.

    Raises:
        ValueError: `pem` is not a key.
    """
    header = _base64url(as_text({"kid": key_id, "alg": ALGORITHM}).encode())
    return UnsignedToken(private_key(pem), header + b"." + _base64url(as_text(claims).encode()))


def sign(answer: Answer) -> Answer:
    """Sign the tokens in an answer, which are members of one of its objects, and return it."""
    for result in answer.values():
        if type(result) is dict:
            names = [name for name, value in result.items() if type(value) is UnsignedToken]
            result.update(zip(names, _signed([result[name] for name in names]), strict=True))
    return answer


@lru_cache(maxsize=_MOST_KEYS_IN_MEMORY)
def private_key(pem: str) -> rsa.RSAPrivateKey:
    """Return the private key in a text of PEM.

    Raises:
        ValueError: it is not a key.
    """
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - as above

    # The key is our own: its primes need not be tested on each load.
    key = serialization.load_pem_private_key(pem.encode(), None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("The key is not an RSA key.")  # noqa: TRY004 - the text is wrong, not its type
    return key


class _Helper:
    """A thread that makes signatures for others.

    What it has not begun when the caller has nothing else to do, the caller takes back: a process that was
    forked has no such thread, and on a busy machine it may come late.
    """

    def __init__(self) -> None:
        self._tasks: SimpleQueue[tuple[UnsignedToken, SimpleQueue[str | Exception]]] = SimpleQueue()
        self._is_started = False

    def signed(self, mine: UnsignedToken, other: UnsignedToken) -> list[str]:
        """Sign one token here, and let the thread sign the other."""
        if not self._is_started:
            self._is_started = True
            Thread(target=self._serve, name="local_cognito signatures", daemon=True).start()
        reply: SimpleQueue[str | Exception] = SimpleQueue()
        self._tasks.put((other, reply))
        own = mine.signed()
        with suppress(Empty):  # the thread has begun
            self._make(*self._tasks.get_nowait())
        made = reply.get()
        if isinstance(made, Exception):
            raise made
        return [own, made]

    def _serve(self) -> None:
        while True:
            self._make(*self._tasks.get())

    @staticmethod
    def _make(token: UnsignedToken, reply: SimpleQueue[str | Exception]) -> None:
        try:
            reply.put(token.signed())
        except Exception as error:  # noqa: BLE001 - raised where the signature is waited for
            reply.put(error)


_helper = _Helper()


def _signed(tokens: list[UnsignedToken]) -> list[str]:
    if len(tokens) == 2:  # noqa: PLR2004 - access and ID token
        return _helper.signed(*tokens)
    return [token.signed() for token in tokens]


def _base64url(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")
