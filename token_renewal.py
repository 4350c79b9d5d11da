"""The tokens of a sign-in, and their renewal: once for all threads, ahead of time where possible.

As in botocore's own credentials, wanting new tokens and needing them are two things. In a token's last
minute they are wanted: a thread in the background renews them, nobody waits, and a failure is kept quiet. In
its last seconds they are needed: all callers wait for one request, and get its error.
"""

from __future__ import annotations

import copy
import functools
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, cast

from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped,unused-ignore]

from cognito_idp_actions import AuthenticationResult, error_code
from token_verifier import (
    CognitoAuthError,
    ExpiredTokenError,
    MalformedTokenError,
    Use,
    unverified_claims,
)

T = TypeVar("T")

RENEWAL_SECONDS = 60  # with less time left than this, a new token is wanted
NEEDED_SECONDS = 10  # and with less than this it is needed
_BACK_OFF_SECONDS = 10  # between attempts in the background, after one that failed
_THREADS = 32  # that renew at once; each waits for one answer
_PACE_SECONDS = 0.004  # between two that begin in the background: about the CPU time of a request
_OVER = {"NotAuthorizedException", "RefreshTokenReuseException", "UserNotFoundException"}
_SET_UP_WRONGLY = {"ResourceNotFoundException", "InvalidParameterException", "UnsupportedOperationException"}
_ABOUT_THE_CLIENT = re.compile(r"\bsecret\b|different Client", re.IGNORECASE)


class SignInOverError(CognitoAuthError):
    """The user signed out, or Cognito no longer renews the tokens: sign in again."""


class ClientSetupError(CognitoAuthError):
    """Cognito refuses the app client and not the user: its secret, its ID, or its settings are wrong."""


class NoRefreshTokenError(CognitoAuthError):
    """The operation needs a refresh token, and there is none."""


@dataclass(frozen=True)
class Tokens:
    """An immutable set of tokens, replaced as a whole, so that threads never see a mixture.

    Attributes:
        access: the access token, if it is known.
        id: the ID token, if it is known.
        refresh: the refresh token, if there is one.
        ends: when access and ID token end, in epoch seconds of this machine's clock.
    """

    access: str | None = field(repr=False)
    id: str | None = field(repr=False)
    refresh: str | None = field(repr=False)
    ends: Mapping[str, float]

    def text(self, use: Use) -> str | None:
        """Return the token for a use."""
        return self.access if use == "access" else self.id

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-serializable dict."""
        return {
            "access_token": self.access,
            "id_token": self.id,
            "refresh_token": self.refresh,
            "ends": dict(self.ends),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Tokens:
        """Return the tokens of a `to_dict`.

        Raises:
            AttributeError, KeyError, MalformedTokenError, TypeError, ValueError: `stored` is something else.
        """
        ends = {use: float(end) for use, end in stored["ends"].items()}
        tokens = cls(stored["access_token"], stored["id_token"], stored["refresh_token"], ends)
        cls.received(tokens.to_result(), None)  # which reads them
        return tokens

    def to_result(self) -> AuthenticationResult:
        """Return an authentication result with these tokens."""
        given = {"AccessToken": self.access, "IdToken": self.id, "RefreshToken": self.refresh}
        return cast("AuthenticationResult", {name: text for name, text in given.items() if text is not None})

    @classmethod
    def received(
        cls,
        result: AuthenticationResult,
        received: float | None,
        before: Tokens | None = None,
    ) -> Tokens:
        """Return the tokens of an authentication result; a missing one is taken from the tokens before.

        Args:
            result: the answer; without tokens before it, it may have a refresh token alone.
            received: when, in epoch seconds: their time counts from then, so that this machine's clock need
                not be right. None if it is not known.
            before: the tokens that were renewed.

        Raises:
            MalformedTokenError: a token can't be read, or there is none.
        """
        access, identity = result.get("AccessToken"), result.get("IdToken")
        refresh = result.get("RefreshToken") or (before.refresh if before else None)
        if access is None and (before is not None or refresh is None):
            raise MalformedTokenError("Cognito's answer has no access token.")
        ends = {
            use: _end(token, received)
            for use, token in (("access", access), ("id", identity))
            if token is not None
        }
        if identity is None and before is not None and before.id is not None:
            identity, ends["id"] = before.id, before.ends["id"]
        return cls(access, identity, refresh, ends)


def _end(token: str, received: float | None) -> float:
    claims = unverified_claims(token)
    try:
        end = float(claims["exp"])
        return end if received is None else received + end - float(claims["iat"])
    except (KeyError, TypeError, ValueError, OverflowError):
        raise MalformedTokenError("The token does not say when it ends.") from None


class Storage(Protocol):
    """A store of a sign-in that processes share, such as `token_file.TokenFile`."""

    def locked(self) -> AbstractContextManager[None]:
        """Keep other processes from renewing until it is left."""
        raise NotImplementedError

    def newer_than(self, tokens: Tokens) -> Tokens | None:
        """Return the stored tokens if another process renewed them."""
        raise NotImplementedError

    def keep(self) -> None:
        """Store the sign-in as it is now; the lock is held."""

    def forget(self) -> None:
        """Delete the stored sign-in: the user signed out."""


class _Attempt:
    """One renewal that threads wait for together."""

    def __init__(self) -> None:
        self.is_over = threading.Event()
        self.error: Exception | None = None


class Renewal:
    """Keeps the tokens of one sign-in fresh; threads share it.

    Args:
        tokens: those to begin with.
        request: asks Cognito for new tokens, given those before.
        clock: returns the time, in epoch seconds.
        on_renewed: is called after each renewal.
    """

    def __init__(
        self,
        tokens: Tokens,
        request: Callable[[Tokens], Tokens],
        clock: Callable[[], float],
        on_renewed: Callable[[], None],
    ) -> None:
        self.tokens = tokens
        self.storage: Storage | None = None
        self._request = request
        self._clock = clock
        self._on_renewed = on_renewed
        self._lock = threading.Lock()
        self._pending: _Attempt | None = None
        self._over = ""
        self._failed_at: float | None = None

    def end(self, reason: str) -> None:
        """End the sign-in: no token is returned from now on."""
        with self._lock:
            self._over, self.tokens = reason, Tokens(None, None, None, {})

    def keep(self) -> None:
        """Write the sign-in to its storage, if it has one."""
        if self.storage is not None:
            with self.storage.locked():
                self.storage.keep()

    def refuse_if_over(self) -> None:
        """Raise SignInOverError when the user signed out."""
        if self._over and self.tokens.refresh is None and self.tokens.access is None:
            raise SignInOverError(self._over)

    def is_fresh(self, use: Use) -> bool:
        """Tell whether `fresh` would return without a request."""
        return self.tokens.text(use) is not None and self._left(self.tokens, use) >= NEEDED_SECONDS

    def fresh(self, use: Use) -> str:
        """Return a valid token; see `SignedInUser.access_token`."""
        self.refuse_if_over()
        tokens = self.tokens
        token, left = tokens.text(use), self._left(tokens, use)
        if token is not None and tokens.refresh is None and left <= 0:
            raise ExpiredTokenError(
                f"The {use} token has expired, and there is no refresh token: sign in again."
            )
        if token is not None and (left >= NEEDED_SECONDS or tokens.refresh is None):
            if left < RENEWAL_SECONDS and tokens.refresh is not None:
                self._renew_in_background(tokens)
            return token
        self.renew(tokens)
        renewed = self.tokens.text(use)
        if renewed is None:
            raise MalformedTokenError(f"Cognito renewed the tokens without an {use} token.")
        return renewed

    def renew(self, old: Tokens) -> None:
        """Renew these tokens, unless that has happened; wait for a renewal that is under way.

        Raises:
            NoRefreshTokenError, SignInOverError, ClientSetupError: as `SignedInUser.renew` says.
            ClientError, BotoCoreError: it failed now, and may work later.
        """
        while (attempt := self._begin(old)) is not None:  # more than once where an attempt was interrupted
            attempt.is_over.wait()
            if attempt.error is not None:
                raise copy.copy(attempt.error) from attempt.error

    def _begin(self, old: Tokens) -> _Attempt | None:
        """Renew in this thread and return None, or return the attempt of another thread."""
        with self._lock:
            if self.tokens is not old:
                return None
            if self._over:
                raise SignInOverError(self._over)
            if old.refresh is None:
                raise NoRefreshTokenError("Tokens are renewed with a refresh token, and there is none.")
            if self._pending is not None:
                return self._pending
            self._pending = attempt = _Attempt()
        self._run(attempt, old)
        return None

    def _renew_in_background(self, old: Tokens) -> None:
        with self._lock:
            waits = self._failed_at is not None and 0 <= self._clock() - self._failed_at < _BACK_OFF_SECONDS
            if self._pending is not None or self._over or waits or self.tokens is not old:
                return
            self._pending = attempt = _Attempt()
        try:
            renew_apart(self._run_quietly, attempt, old)
        except RuntimeError:  # as in `_begin`
            self._run_quietly(attempt, old)

    def _run_quietly(self, attempt: _Attempt, old: Tokens) -> None:
        try:
            self._run(attempt, old)
        except (ClientError, BotoCoreError, CognitoAuthError):
            self._failed_at = self._clock()  # the old token is still good; whoever needs another one is told
        except Exception:  # noqa: BLE001 - of `on_renewed` or a storage; reported as of any other thread
            threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))

    def _run(self, attempt: _Attempt, old: Tokens) -> None:
        try:
            self._exchange(old)
        except Exception as error:
            attempt.error = error
            if isinstance(error, SignInOverError):
                self._over = str(error)  # for good: it is not asked again
            raise
        finally:
            with self._lock:
                self._pending = None
            attempt.is_over.set()

    def _exchange(self, old: Tokens) -> None:
        with self.storage.locked() if self.storage else nullcontext():
            kept = self.storage.newer_than(old) if self.storage else None
            if kept is not None and self._left(kept, "access") >= RENEWAL_SECONDS:
                self.tokens = kept
                return
            self.tokens = self._request(kept or old)
            self._failed_at = None
            if self.storage:
                self.storage.keep()
        self._on_renewed()

    def _left(self, tokens: Tokens, use: Use) -> float:
        return tokens.ends.get(use, 0.0) - self._clock()


def renewal_error(refusal: ClientError) -> Exception:
    """Classify a refused renewal: over for good, set up wrongly, or failed now (the refusal itself)."""
    code, message = error_code(refusal), str(refusal.response.get("Error", {}).get("Message", ""))
    if code in _SET_UP_WRONGLY or (code in _OVER and _ABOUT_THE_CLIENT.search(message)):
        return ClientSetupError(
            f"Cognito refuses the app client ({code}): check its ID, its secret and its settings. The sign-in"
            " may still be good."
        )
    if code in _OVER:
        return SignInOverError(
            "Cognito no longer renews the tokens: sign in again. A pool that tracks devices renews only the"
            " tokens of a confirmed device (remember_device), given its device_key."
        )
    error: Exception = refusal
    return error


@functools.cache
def renewers() -> Executor:
    """Return the threads that renew tokens in the background, and for event loops."""
    return ThreadPoolExecutor(_THREADS, "token renewal")


@functools.cache
def _starter() -> Executor:
    return ThreadPoolExecutor(1, "token renewal starter")


def renew_apart(call: Callable[..., T], *args: object) -> Future[Future[T]]:
    """Call something in a background thread that another thread starts; return its future's future.

    Many renewals begin one after another: threads that all prepare requests at once would keep an event loop
    waiting for the interpreter's lock, and starting a thread takes a while, too.
    """
    return _starter().submit(_begin, call, *args)


def _begin(call: Callable[..., T], *args: object) -> Future[T]:
    try:
        future = renewers().submit(call, *args)
    except RuntimeError:  # the interpreter is ending, and begins no threads
        future = Future()
        future.set_result(call(*args))
    time.sleep(_PACE_SECONDS)
    return future


def _forget_threads() -> None:
    renewers.cache_clear()
    _starter.cache_clear()


if hasattr(os, "register_at_fork"):  # a child process has none of its parent's threads
    os.register_at_fork(after_in_child=_forget_threads)
