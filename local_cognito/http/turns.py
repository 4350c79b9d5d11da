"""The order in which requests are answered, and the wait for a database that another program has locked."""

from __future__ import annotations

import socket
import time
from collections import deque
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from waitress.channel import HTTPChannel
from waitress.task import WSGITask
from waitress.utilities import build_http_date

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from local_cognito.model.wire import Response

DATABASE_SECONDS = 2.0  # for other programs to let go of the database, from when a request was received
# In a request's environment:
MAY_WAIT = "local_cognito.may_wait"  # tells whether it may raise `WaitForDatabase`
MEMORY = "local_cognito.memory"  # a dictionary that lasts until the request is answered
_RETRY_SECONDS = 0.005  # between two attempts to get the database
_ANSWERS = 8  # at a time, before requests that arrived meanwhile are queued
_WITHOUT_BODY = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)

_date = lru_cache(maxsize=1)(build_http_date)


class Unfinished(BaseException):  # waitress takes an `Exception` for a failure of the application
    """A request can't be answered yet.

    The application raises it before it has begun its answer; it will be asked again.
    """


class WaitForDatabase(Unfinished):
    """Another program holds the lock of the database."""


class WaitForFunction(Unfinished):
    """A Lambda function has not answered yet.

    Attributes:
        future: is done when it has.
    """

    def __init__(self, future: Future[Any]) -> None:
        super().__init__()
        self.future = future


class _Task(WSGITask):  # type: ignore[misc]  # waitress has no types
    """The answering of one request: a WSGI environment in, a `Response` out."""

    def get_environment(self) -> dict[str, Any]:
        """Return the WSGI environment of the request."""
        environ: dict[str, Any] = super().get_environment()
        channel = self.channel
        environ[MAY_WAIT] = channel.may_wait
        environ[MEMORY] = channel.memory
        if channel.server.is_ending and len(channel.requests) == 1:
            self.close_on_finish = True
        return environ

    def execute(self) -> None:
        """Send the application's answer, all at once.

        Raises:
            ValueError: a header has a line break.
        """
        environ = self.get_environment()
        response: Response = self.channel.server.application(environ)
        has_body = response.status not in _WITHOUT_BODY
        headers = response.headers | {
            "Date": _date(int(self.start_time)),
            "Server": self.channel.server.adj.ident,
        }
        if has_body:
            headers["Content-Length"] = str(len(response.body))
        self._settle_connection(headers)
        lines = [f"HTTP/{self.version} {response.status.value} {response.status.phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join(lines)
        if not head.count("\r") == head.count("\n") == len(headers):
            raise ValueError("There is a line break in a header.")
        body = response.body if has_body and environ["REQUEST_METHOD"] != "HEAD" else b""
        self.wrote_header = True
        self.channel.write_soon(head.encode("latin-1") + b"\r\n\r\n" + body)

    def _settle_connection(self, headers: dict[str, str]) -> None:
        """Decide whether the connection stays open (RFC 9112, section 9.3)."""
        asked = self.request.headers.get("CONNECTION", "").lower()
        if asked == "close" or (self.version == "1.0" and asked != "keep-alive"):
            self.close_on_finish = True
        if self.close_on_finish:
            headers["Connection"] = "close"
        elif self.version == "1.0":
            headers["Connection"] = "Keep-Alive"


class Connection(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A client's connection.

    Attributes:
        waiting_since: when its latest request came, or else when it was opened; monotonic seconds.
        is_held_back: whether a further request waits until the client has read the answer before.
        memory: what the application keeps until its request is answered.
    """

    task_class = _Task

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.waiting_since = time.monotonic()
        self.is_held_back = False
        self.memory: dict[str, Any] = {}
        super().__init__(*arguments, **options)

    def handle_write(self) -> None:
        """Send what the client takes; once it has read everything, its next request can be answered."""
        if self.requests:  # waitress would leave it to the thread that answers them
            self._flush_exception(self._flush_some)
        super().handle_write()
        if self.is_held_back and self.connected and not self.total_outbufs_len:
            self.is_held_back = False
            self.server.add_task(self)

    def may_wait(self) -> bool:
        """Tell whether the request that is being answered still has time to wait for the database."""
        return not self.server.is_ending and time.monotonic() < self.waiting_since + DATABASE_SECONDS

    @property
    def has_left(self) -> bool:
        """Whether a client that waits for an answer has closed its end in the meantime."""
        if not self.connected:
            return True
        try:
            return not self.socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def service(self) -> None:
        """Answer one request.

        Raises:
            Unfinished: the request is unchanged and must be answered again.
        """
        try:
            super().service()
        except Unfinished:
            self.requests[0].get_body_stream().seek(0)
            raise
        self.memory = {}

    @property
    def is_served(self) -> bool:
        """Whether a request of this client is being answered, or about to be."""
        return bool(self.requests) and not self.is_held_back

    @property
    def held_bytes(self) -> int:
        """The memory that the client makes us hold: incomplete requests and unread answers, in bytes."""
        requests = self.requests if self.request is None else [*self.requests, self.request]
        received = sum(request.header_bytes_received + request.body_bytes_received for request in requests)
        return int(self.total_outbufs_len + received)


class Turns:
    """The connections with a request to answer, in the order in which those came: waitress's task dispatcher.

    Requests are answered in the thread that reads them, one after the other: an action has the database to
    itself, so that threads would only wait for each other, and for Python's lock. While another program has
    locked the database, the requests that need it wait aside, and are tried again. A request that waits for a
    Lambda function is answered once that is done.

    Args:
        wake: ends the wait for clients; called from other threads.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._suspended: set[Connection] = set()
        self._resumed: deque[Connection] = deque()
        self._next: deque[Connection] = deque()
        self._aside: deque[Connection] = deque()
        self._retry_at = 0.0

    def __iter__(self) -> Iterator[Connection]:
        """Give all that wait for an answer."""
        yield from self._suspended
        yield from self._aside
        yield from self._next

    def seconds(self, most: float) -> float:
        """Return how long clients may be waited for until there is something to answer."""
        if self._next or self._resumed:
            return 0
        return min(most, _RETRY_SECONDS) if self._aside else most

    def add_task(self, connection: Connection) -> None:
        """Have a request of this connection answered when it is its turn."""
        self._next.append(connection)

    def take(self) -> None:
        """Answer one request each of the connections that have waited longest, and send the answers."""
        if self._aside:
            self._take_aside()
        while self._resumed:
            self._resume(self._resumed.popleft())
        for _ in range(min(len(self._next), _ANSWERS)):
            connection = self._next.popleft()
            if not self._answer(connection):
                self._aside.append(connection)

    def _suspend(self, connection: Connection, future: Future[Any]) -> None:
        """Have a connection's request answered once the future is done, in this thread."""

        def resume(_: Future[Any]) -> None:
            self._resumed.append(connection)
            self._wake()

        self._suspended.add(connection)
        future.add_done_callback(resume)

    def _resume(self, connection: Connection) -> None:
        self._suspended.discard(connection)
        if connection.has_left:
            connection.handle_close()
        else:
            connection.waiting_since = time.monotonic()
            self._next.append(connection)

    def _take_aside(self) -> None:
        now = time.monotonic()
        if now < self._retry_at:
            return
        self._retry_at = now + _RETRY_SECONDS
        for _ in range(len(self._aside)):
            if not self._answer(self._aside[0]):
                return
            self._aside.popleft()

    def drop_left(self) -> None:
        """Forget the requests that wait for the database and whose clients have left."""
        for connection in [one for one in self._aside if one.has_left]:
            self._aside.remove(connection)
            connection.handle_close()

    def _answer(self, connection: Connection) -> bool:
        """Answer the connection's next request; return whether the database was free."""
        try:
            connection.service()
            if connection.writable():
                connection.handle_write()
        except WaitForDatabase:
            return False
        except WaitForFunction as waiting:
            self._suspend(connection, waiting.future)
        except Exception:  # noqa: BLE001 - as waitress does it around each of its own calls
            connection.handle_error()
        return True
