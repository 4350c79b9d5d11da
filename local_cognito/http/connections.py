"""Connections: as many as there are file descriptors for, and nothing that one waits for holds up others.

waitress stops accepting when it is full, and waits for clients that do not read. Here nobody is shut
out: a new connection takes the place of the one that has waited longest without asking for anything,
and no thread ever waits for a client.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.server import TcpWSGIServer

from local_cognito.http.turns import Connection, Turns

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from local_cognito.model.wire import Response

try:
    import resource
except ImportError:  # Windows, where sockets have no such limit
    resource = None  # type: ignore[assignment]

MOST_CONNECTIONS = 1000
SPARE_DESCRIPTORS = 16  # for the database and for whatever else the process opens
FEWEST_CONNECTIONS = 4
MOST_HEADER_BYTES = 64 * 1024
MOST_HELD_BYTES = 256 * 1024 * 1024  # of memory for half requests and unread answers, of all connections
_MEMORY_PER_BYTE = 4 / 3  # buffers grow by an eighth at a time, and freed memory is not all given back
PATIENCE = 120.0  # seconds for a request to arrive, or an answer to be read
PAUSE = 0.5  # seconds before the next attempt to accept, when there is no descriptor for it
_TIDY_SECONDS = 0.1
_QUIET_SECONDS = 0.02  # without anything from a client: then all that was sent before the end has arrived
_UNREAD_SECONDS = 1.0  # the same while a client leaves its answer unread
_ACCEPTS = 8  # at a time, before others give way to them; fewer than `SPARE_DESCRIPTORS`
_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)

logger = logging.getLogger(__name__)


def most_connections() -> int:
    """Return how many connections the process has file descriptors for, at most `MOST_CONNECTIONS`."""
    if resource is None:
        return MOST_CONNECTIONS
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    in_use = sum(1 for _ in os.scandir("/dev/fd"))
    return max(FEWEST_CONNECTIONS, min(MOST_CONNECTIONS, soft - in_use - SPARE_DESCRIPTORS))


class Listener(TcpWSGIServer):  # type: ignore[misc]  # waitress has no types
    """waitress's server, with room for new connections at any time."""

    channel_class = Connection
    is_ending = False

    def __init__(
        self,
        application: Callable[[dict[str, Any]], Response],
        channels: dict[int, Any],
        host: str,
        port: int,
        body: int,
        listener: socket.socket | None = None,
    ) -> None:
        """Listen on `host` and `port`, or take a `listener`; requests may have up to `body` bytes.

        The application takes a WSGI environment and returns a `Response`.
        """
        self._limit = most_connections()
        self._tidy_at = self._resume_at = 0.0
        self._warned_at = -PATIENCE
        self._turns = Turns(self.wake)
        super().__init__(
            application,
            map=channels,
            _sock=listener,
            bind_socket=listener is None,
            dispatcher=self._turns,
            host=host,
            port=port,
            ident="local_cognito",
            clear_untrusted_proxy_headers=False,  # nothing looks at them
            log_socket_errors=False,  # a client that disconnects is not an error of ours
            max_request_body_size=body,
            max_request_header_size=MOST_HEADER_BYTES,
            # Neither files, which take descriptors, nor threads that wait until a client has read.
            inbuf_overflow=2 * body,
            outbuf_overflow=sys.maxsize,
            outbuf_high_watermark=sys.maxsize,
        )
        self.adj.send_bytes = sys.maxsize  # a part of an answer is not sent before the rest is there

    def add_task(self, channel: Connection) -> None:
        """Have the channel's next request answered, but not before the client has read the last answer."""
        channel.waiting_since = time.monotonic()
        if channel.total_outbufs_len:
            channel.is_held_back = True
        else:
            super().add_task(channel)

    def serve(self, seconds: float) -> None:
        """Accept, read, answer and send what can be done at once; wait up to so long if that is nothing."""
        wasyncore.loop(self._turns.seconds(seconds), use_poll=True, map=self._map, count=1)
        self._turns.take()

    def finish(self, seconds: float) -> None:
        """Answer the requests received so far, within so many seconds, and accept no more."""
        self.is_ending = True
        deadline = time.monotonic() + seconds
        while len(self.active_channels) < self._limit and self._accept():
            pass
        wasyncore.dispatcher.close(self)
        quiet = 0.0
        while quiet < (_UNREAD_SECONDS if self._has_unsent() else _QUIET_SECONDS):
            began, began_at = time.monotonic(), time.time()
            if began >= deadline:
                return
            self.serve(_QUIET_SECONDS)
            is_quiet = not any(self._turns) and not self._has_heard(began_at)
            quiet = quiet + time.monotonic() - began if is_quiet else 0.0

    def _has_heard(self, since: float) -> bool:
        return any(channel.last_activity >= since for channel in self.active_channels.values())

    def _has_unsent(self) -> bool:
        return any(channel.total_outbufs_len for channel in self.active_channels.values())

    def pull_trigger(self) -> None:
        """Wake nobody: the thread that has answered a request sends the answer."""

    def wake(self) -> None:
        """End the wait for clients; other threads may call this."""
        self.trigger.pull_trigger()

    def tidy(self) -> None:
        """Close the connections of clients that wait for nothing, send half a request, or do not read."""
        now = time.monotonic()
        if now < self._tidy_at:
            return
        self._tidy_at = now + _TIDY_SECONDS
        self._turns.drop_left()
        for channel in list(self.active_channels.values()):
            if not channel.is_served and channel.waiting_since < now - PATIENCE:
                channel.handle_close()
        self._limit_held_bytes()

    def readable(self) -> bool:
        """Tell waitress whether to accept, before each wait for the sockets."""
        if not self.accepting or (self._resume_at and time.monotonic() < self._resume_at):
            return False
        channels = self.active_channels
        return len(channels) < self._limit or not all(channel.is_served for channel in channels.values())

    def handle_accept(self) -> None:
        """Accept new connections, and close as many as there are too many then.

        Not the other way round: a new connection would get the number of a closed one, for which
        there may be events still to be handled.
        """
        for _ in range(_ACCEPTS):
            if not self._accept():
                break
        while len(self.active_channels) > self._limit and self._make_room():
            pass

    def _accept(self) -> bool:
        """Accept a new connection; return whether there was one and a descriptor for it."""
        try:
            connection, address = self.socket.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return False
        except OSError as error:
            if error.errno not in _EXHAUSTED:
                raise
            self._do_without_descriptors(error)
            return False
        self._connect(connection, address)
        return True

    def _connect(self, connection: socket.socket, address: Any) -> None:
        try:
            self.set_socket_options(connection)
            self.channel_class(self, connection, address, self.adj, map=self._map)
        except OSError:
            connection.close()  # the client went away in the meantime

    def _do_without_descriptors(self, error: OSError) -> None:
        now = time.monotonic()
        if not self._make_room():
            self._resume_at = now + PAUSE
        if now - self._warned_at >= PATIENCE:
            self._warned_at = now
            logger.warning("No new connection for now: %s", error)

    def _make_room(self) -> bool:
        longest = self._longest_waiting()
        if longest is not None:
            longest.handle_close()
        return longest is not None

    def _longest_waiting(self) -> Connection | None:
        waiting = [channel for channel in self.active_channels.values() if not channel.is_served]
        return min(waiting, key=lambda channel: channel.waiting_since, default=None)

    def _limit_held_bytes(self) -> None:
        """Close the connections that hold the most memory, until the rest fits the limit."""
        held = {channel: channel.held_bytes for channel in list(self.active_channels.values())}
        total = sum(held.values())
        while total * _MEMORY_PER_BYTE > MOST_HELD_BYTES and len(held) > 1:
            largest = max(held, key=lambda channel: held[channel])
            total -= held.pop(largest)
            largest.handle_close()
