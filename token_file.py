"""A sign-in in a file that the processes of one machine share, for commands and small services."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cognito_idp_actions import CognitoIdentityProviderWrapper
from signed_in_user import CognitoAuthError, SignedInUser, StoredTokensError
from token_renewal import Tokens

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class TokenFile:
    """Keeps a sign-in in a file of mode 0600, and every renewal of it.

    Processes that loaded the same file renew once: each holds a lock while it renews, first reads the file
    again, and replaces it as a whole. The lock is a file of its own beside it, `.lock`.

    Args:
        path: where the file is, or will be; its folder is made if need be.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def save(self, user: SignedInUser) -> None:
        """Write the user's tokens, device included, now and after each renewal from now on."""
        with self._locked():
            self._write(user)
        user.share(_Kept(self, user))

    def load(self, cognito: CognitoIdentityProviderWrapper, **options: Any) -> SignedInUser:
        """Return the user that was saved; each renewal is saved from now on.

        Args:
            cognito: the pool and the app client of the sign-in.
            options: those of `SignedInUser.from_dict`.

        Raises:
            FileNotFoundError: no sign-in was saved, or the user signed out.
            StoredTokensError: the file holds something else, or the sign-in of another app client.
        """
        user = SignedInUser.from_dict(cognito, self._read(), **options)
        user.share(_Kept(self, user))
        return user

    def delete(self) -> None:
        """Delete the file, as `sign_out` of a saved or loaded user does too."""
        with self._locked():
            self.path.unlink(missing_ok=True)

    def _read(self) -> dict[str, Any]:
        try:
            kept = json.loads(self.path.read_bytes())
        except (ValueError, RecursionError):
            raise StoredTokensError(f"{self.path} does not hold a sign-in.") from None
        if not isinstance(kept, dict):
            raise StoredTokensError(f"{self.path} does not hold a sign-in.")
        return kept

    def _write(self, user: SignedInUser) -> None:
        # mkstemp makes the file for its owner alone; replacing it leaves readers the old one or the new one.
        number, name = tempfile.mkstemp(prefix=f".{self.path.name}-", dir=self.path.parent)
        try:
            with os.fdopen(number, "w", encoding="utf-8") as file:
                json.dump(user.to_dict(), file)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        name = self.path.with_name(f"{self.path.name}.lock")
        with open(name, "ab", opener=lambda path, flags: os.open(path, flags, 0o600)) as lock:
            _lock(lock.fileno())
            try:
                yield
            finally:
                _unlock(lock.fileno())


class _Kept:
    """The file as the storage of one user's renewals."""

    def __init__(self, file: TokenFile, user: SignedInUser) -> None:
        self._file = file
        self._user = user

    def locked(self) -> contextlib.AbstractContextManager[None]:
        return self._file._locked()  # noqa: SLF001 - of this module

    def newer_than(self, tokens: Tokens) -> Tokens | None:
        try:
            kept = Tokens.from_dict(self._file._read())  # noqa: SLF001 - of this module
        except (FileNotFoundError, CognitoAuthError, KeyError, TypeError, ValueError, AttributeError):
            return None  # it holds no sign-in, and will hold the one that is renewed
        return None if (kept.refresh, kept.access) == (tokens.refresh, tokens.access) else kept

    def keep(self) -> None:
        self._file._write(self._user)  # noqa: SLF001 - of this module

    def forget(self) -> None:
        self._file.delete()


if sys.platform == "win32":

    def _lock(number: int) -> None:
        os.lseek(number, 0, os.SEEK_SET)
        msvcrt.locking(number, msvcrt.LK_LOCK, 1)

    def _unlock(number: int) -> None:
        os.lseek(number, 0, os.SEEK_SET)
        msvcrt.locking(number, msvcrt.LK_UNLCK, 1)

else:

    def _lock(number: int) -> None:
        fcntl.flock(number, fcntl.LOCK_EX)

    def _unlock(number: int) -> None:
        fcntl.flock(number, fcntl.LOCK_UN)
