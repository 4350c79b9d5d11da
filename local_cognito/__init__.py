"""A strict Amazon Cognito user pool on this machine, for learning and for tests, not for real users.

    with LocalCognito() as cognito:
        client = boto3.client("cognito-idp", endpoint_url=cognito.url, ...)

It speaks the Cognito API over HTTP on 127.0.0.1 and checks what Cognito checks: codes, password
policy, TOTP, SRP proofs, sessions and tokens.
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

from . import outbox
from .clock import MovableClock
from .cognito import Cognito
from .database_file import UnusableDatabaseError
from .server import Server
from .store import Store
from .story_pool import StoryPool, make_story_pool

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

__all__ = ["DEFAULT_REGION", "LocalCognito", "MovableClock", "StoryPool", "UnusableDatabaseError"]

DEFAULT_REGION = "us-east-1"


class LocalCognito:
    """A server with any number of user pools.

    Args:
        port: where to listen on 127.0.0.1; 0 takes any free port.
        database: a SQLite file that keeps the state, or `:memory:`.
        region: where requests belong that were signed for no region, and the pools of `add_story_pool`;
            without it, the region of the oldest pool in the database.
        clock: gives the time in epoch seconds; a `MovableClock` is also served at `/clock`.
        random_bytes: gives so many random bytes.

    Raises:
        UnusableDatabaseError: `database` is of another program or a newer version, or no file.
        OSError, sqlite3.Error: it can't be read or written.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        database: str = ":memory:",
        region: str | None = None,
        clock: Callable[[], float] = time.time,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._port = port
        store = Store(database)
        with store.transaction():
            oldest = _oldest_pool_id(store)
        of_oldest = oldest.split("_")[0] if oldest else DEFAULT_REGION
        self._cognito = Cognito(store, clock, random_bytes, region or of_oldest)
        self._server: Server | None = None

    def start(self) -> LocalCognito:
        """Listen; when this returns, requests are answered.

        Raises:
            OSError: the port is taken.
        """
        try:
            self._server = Server(self._cognito, self._port)
        except BaseException:
            self._cognito.store.close()
            raise
        return self

    @property
    def url(self) -> str:
        """The endpoint URL for SDKs; the server must be running."""
        if self._server is None:
            raise RuntimeError("LocalCognito is not running: call start() first")
        return self._server.url

    @property
    def region(self) -> str:
        """The region that pool IDs and tokens name."""
        return self._cognito.region

    def outbox(self) -> list[dict[str, Any]]:
        """Return what Cognito would have sent, oldest first: `to`, `subject`, `body`, `code`."""
        with self._cognito.store.transaction():
            return outbox.read(self._cognito)

    def oldest_pool_id(self) -> str | None:
        """Return the ID of the pool that was made first, or None when there is none."""
        with self._cognito.store.transaction():
            return _oldest_pool_id(self._cognito.store)

    def add_story_pool(self, pool_id: str | None = None, *, client_secret: bool = False) -> StoryPool:
        """Make a pool and an app client that fit the story; an existing `pool_id` is taken as it is."""
        with self._cognito.store.transaction():
            return make_story_pool(self._cognito, pool_id, client_secret=client_secret)

    def take_story_pool(self, pool_id: str | None = None) -> StoryPool:
        """Return the pool of this ID, or without one the oldest; it is made if there is none.

        Servers that start on one file at the same time take the same pool.
        """
        with self._cognito.store.transaction():
            oldest = _oldest_pool_id(self._cognito.store)
            return make_story_pool(self._cognito, pool_id or oldest, client_secret=False)

    def stop(self) -> None:
        """Stop listening and close the database."""
        if self._server is not None:
            self._server.stop()
            self._server = None
        self._cognito.store.close()

    def __enter__(self) -> LocalCognito:  # noqa: PYI034 - typing.Self came with Python 3.11
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _oldest_pool_id(store: Store) -> str | None:
    found = store.pools.where(limit=1)
    return found[0].id if found else None
