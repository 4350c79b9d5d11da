"""The server as an object within a program: start it, stop it, create pools, read its outbox."""

from __future__ import annotations

import logging
import re
import secrets
import sqlite3
import time
from contextlib import ExitStack, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from local_cognito.actions import api
from local_cognito.calls.log import CallLog
from local_cognito.http import origins
from local_cognito.http.request_log import RequestLog
from local_cognito.http.server import Server
from local_cognito.http.site import Site
from local_cognito.lambdas.encryption import CodeEncryption
from local_cognito.lambdas.functions import Functions
from local_cognito.page.acting import Desk
from local_cognito.rules import outbox
from local_cognito.rules.cognito import Cognito
from local_cognito.runtime.clock import KeptClock, MovableClock
from local_cognito.runtime.environment import Environment, endpoint_variables, id_variables, private_variables
from local_cognito.runtime.snapshots import Snapshots
from local_cognito.setup import seed_file, seeding, shortcuts
from local_cognito.setup.default_pool import PoolIds, ensure_pool, find_pool
from local_cognito.setup.fixed_client import FixedClient
from local_cognito.setup.seed_shapes import Part
from local_cognito.storage import key_stock
from local_cognito.storage.database_file import MEMORY, START_SECONDS
from local_cognito.storage.store import ForkedError, Store
from local_cognito.storage.tables import Match
from local_cognito.triggers.running import perform_now
from local_cognito.users import directory

if TYPE_CHECKING:
    import os
    import socket
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType

    from local_cognito.lambdas.functions import Handler
    from local_cognito.model.wire import Response

DEFAULT_REGION = "us-east-1"
_REGION = re.compile(r"[a-z]{2,8}(-[a-z]{2,12}){1,3}-[0-9]{1,2}|local", re.ASCII)

logger = logging.getLogger(__name__)


def _page(desk: Desk, path: str) -> dict[str, Callable[[dict[str, Any]], Response]]:
    """Return the page's handlers; loaded with the first look, so that the server starts sooner."""
    from local_cognito.page import views  # noqa: PLC0415

    return views.handlers(desk, path)


class LocalCognito:
    """A server with any number of user pools.

    Args:
        port: where to listen; 0 takes any free port.
        database: a SQLite file that keeps the state, or `:memory:`.
        region: the region of `create_pool`, and of requests that name none; by default the region of the
            oldest pool in the database.
        clock: returns the time in epoch seconds; a `MovableClock` is also served at `/clock`.
        random_bytes: the source of randomness, like `secrets.token_bytes`.
        host: the address or name to listen at. Where other machines can reach it, `allowed_hosts` must say
            what they call this one; it is not for real users there either.
        allowed_hosts: names that a Host header may have, beside `host` and loopback names.
        client_id: the ID of the app client of `default_pool` and `create_pool`.
        client_secret: its secret.
        allow_origins: origins of the web pages that may use the API, such as `https://app.example`, beside
            those of loopback names.
        seed: pools, app clients, users and groups that the database is filled with, once: a JSON or YAML
            file, or the same as a dictionary.
        triggers: Python handlers of Lambda functions, by the function's name or its whole ARN.
        lambda_endpoint: a URL that speaks Lambda's API, for functions that are not among `triggers`.
        kms_endpoint: a URL that speaks KMS's API: custom senders get their codes encrypted under the pool's
            KMSKeyID there. It needs the extra `kms`; without an endpoint senders get codes in clear.
        log: whether to log each request to the logger `local_cognito.request_log`.
        read_only: whether the page has no forms; the API is as ever.
        snapshot: a file that snapshots are written to; an empty database is filled from it.

    Raises:
        ValueError: an argument is invalid; `SeedError`, a subclass, for the seed.
        UnusableDatabaseError: `database` belongs to another program or a newer version, or is not a file.
        OSError, sqlite3.Error: the database cannot be read or written.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        database: str = ":memory:",
        region: str | None = None,
        clock: Callable[[], float] = time.time,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
        host: str = "127.0.0.1",
        allowed_hosts: Iterable[str] = (),
        client_id: str | None = None,
        client_secret: str | None = None,
        allow_origins: Iterable[str] = (),
        seed: str | os.PathLike[str] | Mapping[str, Any] | None = None,
        log: bool = False,
        snapshot: str | os.PathLike[str] | None = None,
        read_only: bool = False,
        triggers: Mapping[str, Handler] | None = None,
        lambda_endpoint: str | None = None,
        kms_endpoint: str | None = None,
    ) -> None:
        self._host, self._port = host.lower().removeprefix("[").removesuffix("]"), port
        self._visitors = origins.access_policy(self._host, allowed_hosts, allow_origins)
        self._client = FixedClient(client_id, client_secret)
        if region is not None and not _REGION.fullmatch(region):
            raise ValueError(f"{region!r} is not a region: it must look like us-east-1.")
        self._asked_region = region
        content = None if seed is None else seed_file.read(seed)
        mapped = {} if content is None else seeding.handlers(content)
        encryption = None if kms_endpoint is None else CodeEncryption(kms_endpoint)
        functions = Functions(mapped | dict(triggers or {}), lambda_endpoint, encryption)
        with ExitStack() as opened:
            store = Store(database, key_folder=key_stock.default_folder())
            opened.callback(store.close)
            now = clock if database == MEMORY else KeptClock(clock, store)
            self._cognito = Cognito(store, now, random_bytes, region or DEFAULT_REGION, functions)
            self._snapshots = Snapshots(self._cognito, snapshot)
            opened.callback(self._snapshots.close)
            if self._snapshots.is_there and self.oldest_pool_id() is None:
                self._snapshots.restore()
            self._settle(content)
            self._opened = opened.pop_all()
        self._log = RequestLog(self._cognito) if log else None
        calls = CallLog(self._cognito)
        movable = clock if isinstance(clock, MovableClock) else None
        desk = Desk(self._cognito, calls, api.handle, movable, is_read_only=read_only)
        self._site = Site(
            cognito=self._cognito,
            access=self._visitors,
            calls=calls,
            page=partial(_page, desk),
            snapshots=self._snapshots,
            clock=movable,
            handle=api.handle,
            unavailable=api.unavailable,
        )
        self._server: Server | None = None

    def _settle(self, seed: seed_file.Seed | None) -> None:
        """Seed the database, and choose the region of requests that name none."""
        with self._cognito.store.transaction(only_reads=seed is None, patience=START_SECONDS):
            self._settle_region()
            if seed is not None:
                seeding.apply_once(self._cognito, seed)
                self._settle_region()

    def _settle_region(self) -> None:
        oldest = self._oldest_pool_id()
        if self._asked_region is None and oldest is not None:
            self._cognito = self._cognito._replace(region=oldest.split("_")[0])

    def start(self, listener: socket.socket | None = None) -> LocalCognito:
        """Listen; when this returns, requests are answered.

        Args:
            listener: a socket that listens already, in place of one at `host` and `port`.

        Raises:
            OSError: the port is taken, or the host is not an address of this machine.
        """
        if not origins.is_loopback(self._host):
            logger.warning("Other machines can reach this pool at %s. It is not for real users.", self._host)
        try:
            self._server = Server(self._site, self._host, self._port, self._log, listener)
        except BaseException:
            self._opened.close()
            raise
        return self

    @property
    def functions(self) -> Functions:
        """The Lambda functions that triggers call; handlers may be added, and its calls be looked at."""
        return self._cognito.functions

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

    def now(self) -> float:
        """Return the pool's time in epoch seconds."""
        return self._cognito.now()

    def outbox(self, to: str | None = None, since: float | None = None) -> list[dict[str, Any]]:
        """Return the messages that Cognito would have sent, oldest first.

        Args:
            to: only messages to this e-mail address or telephone number.
            since: only messages from this time on, in epoch seconds of the pool's clock.

        Returns:
            For each message `id`, a growing number, `time`, in epoch seconds, `to`, `subject`, `body`,
            `code`, `user`, the user name, and `link`, which confirms the user, or None.
        """
        url = "" if self._server is None else self._server.url
        with self._cognito.store.transaction(only_reads=True):
            return outbox.read(self._cognito, url, outbox.Wanted(to, 0.0 if since is None else since))

    def clear_outbox(self) -> None:
        """Delete every message."""
        with self._cognito.store.transaction(patience=START_SECONDS):
            outbox.clear(self._cognito)

    def last_call(self) -> int:
        """Return the ID of the latest call of the API, 0 before the first; see `/calls?after=`."""
        return self._site.calls.last_id

    def oldest_pool_id(self) -> str | None:
        """Return the ID of the oldest pool, or None."""
        with self._cognito.store.transaction(only_reads=True):
            return self._oldest_pool_id()

    def _oldest_pool_id(self, region: str | None = None) -> str | None:
        in_region = [] if region is None else [Match("id", f"{region}_", is_prefix=True)]
        found, _ = self._cognito.store.pools.page(*in_region, after=-1, limit=1)
        return found[0].id if found else None

    def create_pool(self, pool_id: str | None = None, *, client_secret: bool = False) -> PoolIds:
        """Create a pool and an app client for the sign-up scenario; an existing pool is used as it is.

        Raises:
            ValueError: the app client `client_id` belongs to another pool, or has another secret.
        """
        with self._cognito.store.transaction(patience=START_SECONDS):
            return ensure_pool(self._cognito, pool_id, client_secret=client_secret, fixed=self._client)

    def default_pool(self, pool_id: str | None = None) -> PoolIds:
        """Return the pool of this ID, by default the oldest (of the region, if one was given).

        It is created if there is none. Servers that start on one file at the same time get the same pool.

        Raises:
            ValueError: as `create_pool`.
        """
        with self._cognito.store.transaction(only_reads=True):
            taken = pool_id or self._oldest_pool_id(self._asked_region)
            found = find_pool(self._cognito, taken, fixed=self._client)
        if found is not None:
            return found
        with self._cognito.store.transaction(patience=START_SECONDS):
            taken = pool_id or self._oldest_pool_id(self._asked_region)
            return ensure_pool(self._cognito, taken, client_secret=False, fixed=self._client)

    def environment(self, pool: PoolIds | None = None) -> Environment:
        """Return the variables that lead AWS SDKs here: a dictionary, and a context manager that sets them.

        Args:
            pool: whose IDs are among them, as COGNITO_USER_POOL_ID, COGNITO_CLIENT_ID, COGNITO_CLIENT_SECRET.
        """
        ids = {} if pool is None else id_variables(pool.pool_id, pool.client_id, pool.client_secret)
        return Environment(endpoint_variables(self.url, self.region) | private_variables() | ids)

    def start_sign_in(self, pool_id: str, client_id: str, username: str) -> dict[str, Any]:
        """Return the answer that InitiateAuth would give to the right password: a challenge or tokens.

        Raises:
            CognitoError: the user may not sign in, or user, app client or pool do not exist.
        """

        def start(cognito: Cognito, _: dict[str, Any]) -> dict[str, Any]:
            return shortcuts.start_sign_in(cognito, pool_id, client_id, username)

        answer: dict[str, Any] = perform_now(self._cognito, "AdminInitiateAuth", start, {}) or {}
        return answer

    def set_totp_secret(self, pool_id: str, username: str, secret: str) -> None:
        """Give a user an authenticator app with this secret, in Base32, as the second factor from now on.

        Raises:
            SeedError: it is not a secret, or the pool offers no TOTP.
            CognitoError: user or pool do not exist.
        """
        with self._cognito.store.transaction(patience=START_SECONDS):
            pool = directory.get_pool(self._cognito, pool_id)
            user = shortcuts.find_user(self._cognito, pool, username)
            seeding.enrol(self._cognito, pool, user, Part(secret, "SecretCode"))

    def totp_code(self, pool_id: str, username: str) -> str | None:
        """Return a code that the pool takes from the user now, however often; None for a user without an app.

        Raises:
            CognitoError: user or pool do not exist.
        """
        with self._cognito.store.transaction(patience=START_SECONDS):
            return shortcuts.usable_totp_code(self._cognito, pool_id, username)

    def snapshot(self) -> None:
        """Keep the state of all pools as it is now, for `restore`, in place of the snapshot before.

        Raises:
            OSError, sqlite3.Error: the file can't be written.
        """
        self._snapshots.save()

    def restore(self) -> None:
        """Bring back the state of the latest snapshot; a `MovableClock` goes back with it.

        Raises:
            NoSnapshotError: none was taken.
        """
        self._snapshots.restore()

    def stop(self) -> None:
        """Stop listening and close the database."""
        if self._server is not None:
            self._server.stop()
            self._server = None
        with suppress(sqlite3.Error, ForkedError), self._cognito.store.transaction():
            self._cognito.store.keep_time(self._cognito.now(), at_once=True)
        self._opened.close()

    def __enter__(self) -> LocalCognito:  # noqa: PYI034 - typing.Self came with Python 3.11
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
