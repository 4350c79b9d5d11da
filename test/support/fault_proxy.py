"""Faults on the wire: a proxy in front of the local pool that delays, cuts, throttles or answers 500."""

from __future__ import annotations

import http.client
import threading
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from types import TracebackType

LONGEST = 60  # seconds; only where something is wrong with a test does anything take that long
_OF_THE_CONNECTION = {"connection", "content-length", "host", "transfer-encoding"}
_JSON, _HTML = {"Content-Type": "application/x-amz-json-1.1"}, {"Content-Type": "text/html"}
# In Latin-1, as old gateways write: no UTF-8 text, so that it can't be decoded as JSON must be.
_PAGE = (
    "<html>\n<head><title>Passerelle</title></head>\n<body>Indisponible, réessayez.</body>\n</html>\n".encode(
        "latin-1"
    )
)
_ERROR = b'{"__type": "InternalErrorException", "message": "Something went wrong"}'
_THROTTLED = b'{"__type": "TooManyRequestsException", "message": "Rate exceeded"}'


class Fault(Enum):
    """What can happen to a request or to its answer."""

    DELAY = "delay"  # the answer comes when nobody waits for it any more
    CUT_BEFORE = "cut before"  # the connection is closed, and the pool never gets the request
    CUT_AFTER = "cut after"  # the connection is closed in place of the answer
    CUT_MIDWAY = "cut midway"  # the connection is closed in the middle of the answer
    THROTTLE = "throttle"
    ERROR = "500"
    ERROR_AFTER = "500 after"  # the pool has done what was asked, and yet the answer is a 500
    UNAVAILABLE = "503"  # a page from a gateway
    OTHER_PAGE = "page"  # a page in place of the answer, with status 200, as on a Wi-Fi that wants a sign-in
    NOTHING = "nothing"  # status 200 in place of the answer, and nothing more
    REDIRECT = "redirect"


SPARING = {Fault.CUT_BEFORE, Fault.THROTTLE, Fault.ERROR, Fault.UNAVAILABLE, Fault.REDIRECT}
"""Faults that strike before the pool gets the request; with all others it has done what was asked."""


@dataclass(frozen=True)
class Answer:
    """An answer over HTTP."""

    status: int
    headers: dict[str, str]
    body: bytes


_INSTEAD = {
    Fault.THROTTLE: Answer(400, _JSON, _THROTTLED),
    Fault.ERROR: Answer(500, _JSON, _ERROR),
    Fault.ERROR_AFTER: Answer(500, _JSON, _ERROR),
    Fault.UNAVAILABLE: Answer(503, _HTML, _PAGE),
    Fault.OTHER_PAGE: Answer(200, _HTML, _PAGE),
    Fault.NOTHING: Answer(200, {}, b""),
    Fault.REDIRECT: Answer(302, _HTML | {"Location": "http://127.0.0.1:9/"}, _PAGE),
}


@dataclass
class Request:
    """A request that came to the proxy.

    Attributes:
        action: Cognito's name for it, or its first line where it is for no action.
        fault: what struck it, if anything did.
        status: what the pool answered; 0 when the request did not reach it.
    """

    action: str
    fault: Fault | None = None
    status: int = 0

    @property
    def is_accepted(self) -> bool:
        """Whether the pool did what was asked, whatever the client got to know of it."""
        return self.status == http.client.OK


class FaultProxy:
    """A proxy on a free port of 127.0.0.1; a context manager.

    Args:
        pool_url: where the local pool listens.

    Attributes:
        url: where the proxy listens.
        requests: every request since `begin`, in the order of their arrival.
    """

    def __init__(self, pool_url: str) -> None:
        self._pool = urlsplit(pool_url).netloc
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.begin()

    def begin(self, fault: Fault | None = None, number: int = 0, *, is_lasting: bool = False) -> None:
        """Count again, and let `fault` strike request `number`, the first being 1.

        With `is_lasting` it also strikes every later request for the same action, until `lift`.
        """
        self._is_over.set()  # whatever is still delayed may go
        self._is_over = threading.Event()
        self._fault, self._number, self._is_lasting = fault, number, is_lasting
        self.requests: list[Request] = []

    def lift(self) -> None:
        """Let nothing be struck any more."""
        self._fault = None

    def pass_on(self, action: str, method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
        """Return what the client gets for a request: an answer as it is written, or a part of one.

        What is no action of Cognito, such as the keys or the mailbox, is neither counted nor struck.
        """
        if method == "GET":
            answer = self._ask_pool(method, path, headers, body)
            return _head(answer) + answer.body
        is_over = self._is_over
        request = self._arrived(action)
        instead = _INSTEAD.get(request.fault) if request.fault else None
        if request.fault not in SPARING:
            from_pool = self._ask_pool(method, path, headers, body)
            request.status = from_pool.status
            instead = instead or from_pool
        if request.fault is Fault.DELAY:
            is_over.wait(LONGEST)
        if instead is None or request.fault is Fault.CUT_AFTER:
            return b""
        half = len(instead.body) // 2 if request.fault is Fault.CUT_MIDWAY else len(instead.body)
        return _head(instead) + instead.body[:half]

    def _arrived(self, action: str) -> Request:
        """Take down a request, and what strikes it."""
        with self._lock:
            request = Request(action)
            self.requests.append(request)
            number = len(self.requests)
        is_later = number > self._number > 0 and action == self.requests[self._number - 1].action
        if number == self._number or (self._is_lasting and is_later):
            request.fault = self._fault
        return request

    def _ask_pool(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Return what the pool answers."""
        connection = http.client.HTTPConnection(self._pool, timeout=LONGEST)
        try:
            connection.request(method, path, body, _end_to_end(headers))
            answer = connection.getresponse()
            return Answer(answer.status, _end_to_end(dict(answer.getheaders())), answer.read())
        finally:
            connection.close()

    def __enter__(self) -> FaultProxy:  # noqa: PYI034 - typing.Self came with Python 3.11
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _end_to_end(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _OF_THE_CONNECTION}


def _head(answer: Answer) -> bytes:
    """Return everything of an answer that comes before its body."""
    headers = answer.headers | {"Content-Length": str(len(answer.body)), "Connection": "close"}
    lines = [f"HTTP/1.1 {answer.status} {http.client.responses[answer.status]}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing it waits for all of them
    proxy: FaultProxy


class _Handler(BaseHTTPRequestHandler):
    """Answers one request; the connection ends with it, so that each fault is one of its own."""

    server: _Server

    def do_POST(self) -> None:
        """Pass on a call of an action."""
        target: str = self.headers.get("X-Amz-Target", "")
        self._pass_on(target.rpartition(".")[2] or self.requestline)

    def do_GET(self) -> None:
        """Pass on a request for the mailbox, the keys or the time."""
        self._pass_on(self.requestline)

    def _pass_on(self, action: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = (action, self.command, self.path, dict(self.headers), body)
        with suppress(ConnectionError):  # the client has stopped waiting
            self.wfile.write(self.server.proxy.pass_on(*request))

    def log_message(self, *_: object) -> None:
        """Write no access log."""
