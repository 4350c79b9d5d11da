"""HTTP on the loopback interface: bytes in, bytes out, nothing else.

`POST /` is the Cognito API, `GET /outbox` the mailbox, `GET /<pool-id>/.well-known/jwks.json`
a pool's public keys, and `openid-configuration` beside it what OpenID Connect clients look up;
where the clock can be moved, `GET /clock` is its time, and `POST /clock` moves it. A request
whose Host header names another machine comes from a page in a browser that was led here (DNS
rebinding), and is refused; so is one whose Origin is another machine.
"""

from __future__ import annotations

import json
import logging
import re
import sqlite3
import threading
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from waitress import wasyncore

from . import api, outbox, tokens
from .clock import MOST_SECONDS, MovableClock
from .connections import Listener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .cognito import Cognito
    from .records import Pool

HOST = "127.0.0.1"
MOST_BODY_BYTES = 1024 * 1024
_LONGEST_WAIT = 1.0  # seconds until the connections are tidied, whether anything happens or not
_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?", re.IGNORECASE)

# It warns of requests that wait for others, which is how this server works, or that the end cuts off.
logging.getLogger("waitress").setLevel(logging.ERROR)

logger = logging.getLogger(__name__)

Environ = dict[str, Any]


def route(cognito: Cognito, environ: Environ) -> api.Response:
    """Answer one WSGI request."""
    if not _LOOPBACK.fullmatch(environ.get("HTTP_HOST", "")):
        return _json(
            HTTPStatus.FORBIDDEN, {"message": "This server answers requests to loopback names only."}
        )
    if "HTTP_ORIGIN" in environ and not _is_loopback_origin(environ["HTTP_ORIGIN"]):
        return _json(HTTPStatus.FORBIDDEN, {"message": "This server answers no pages from elsewhere."})
    path = environ["PATH_INFO"]
    handlers = _handlers(cognito, path)
    if not handlers:
        return _json(HTTPStatus.NOT_FOUND, {"message": f"There is no {path} here."})
    handler = handlers.get(environ["REQUEST_METHOD"])
    if handler is None:
        taken = " and ".join(handlers)
        return _json(HTTPStatus.METHOD_NOT_ALLOWED, {"message": f"{path} takes {taken} requests."})
    try:
        return handler(environ)
    except sqlite3.OperationalError as error:
        logger.error("%s failed: %s", path, error)  # noqa: TRY400 - the trace would say no more
        return _json(HTTPStatus.INTERNAL_SERVER_ERROR, {"message": "The database can't be used."})


def _is_loopback_origin(origin: str) -> bool:
    scheme, _, host = origin.partition("://")
    return scheme in ("http", "https") and _LOOPBACK.fullmatch(host) is not None


def _handlers(cognito: Cognito, path: str) -> dict[str, Callable[[Environ], api.Response]]:
    """Return who answers the requests to `path`, by their method."""
    if path == "/":
        return {"POST": partial(_call, cognito)}
    if path == "/outbox":
        return {"GET": partial(_outbox, cognito)}
    if path == "/clock" and isinstance(cognito.now, MovableClock):
        return {"GET": partial(_show_time, cognito.now), "POST": partial(_advance, cognito.now)}
    pool_id, is_well_known, name = path.removeprefix("/").partition("/.well-known/")
    if is_well_known and name in _WELL_KNOWN:
        return {"GET": partial(_well_known, cognito, pool_id, _WELL_KNOWN[name])}
    return {}


def _call(cognito: Cognito, environ: Environ) -> api.Response:
    return api.handle(cognito, _headers(environ), environ["wsgi.input"].read())


def _outbox(cognito: Cognito, _: Environ) -> api.Response:
    with cognito.store.transaction():
        return _json(HTTPStatus.OK, outbox.read(cognito))


def _show_time(clock: MovableClock, _: Environ) -> api.Response:
    return _json(HTTPStatus.OK, {"now": clock()})


def _advance(clock: MovableClock, environ: Environ) -> api.Response:
    try:
        now = clock.advance(json.loads(environ["wsgi.input"].read())["advance"])
    except (ValueError, TypeError, KeyError, RecursionError):
        expected = f'The body must be {{"advance": SECONDS}}, a number from 0 to {MOST_SECONDS}.'
        return _json(HTTPStatus.BAD_REQUEST, {"message": expected})
    return _json(HTTPStatus.OK, {"now": now})


def _well_known(
    cognito: Cognito, pool_id: str, tell: Callable[[Cognito, Pool, Environ], Any], environ: Environ
) -> api.Response:
    with cognito.store.transaction():
        pool = cognito.store.pools.get(pool_id)
        if pool is None:
            return _json(HTTPStatus.NOT_FOUND, {"message": f"There is no user pool {pool_id} here."})
        return _json(HTTPStatus.OK, tell(cognito, pool, environ))


def _keys(cognito: Cognito, pool: Pool, _: Environ) -> dict[str, Any]:
    return tokens.key_set(cognito, pool)


def _openid_configuration(_: Cognito, pool: Pool, environ: Environ) -> dict[str, Any]:
    return tokens.openid_configuration(pool, f"http://{environ['HTTP_HOST']}/{pool.id}")


_WELL_KNOWN = {"jwks.json": _keys, "openid-configuration": _openid_configuration}


def _headers(environ: Environ) -> dict[str, str]:
    return {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }


def _json(status: HTTPStatus, content: Any) -> api.Response:
    return api.Response(status, json.dumps(content).encode(), {"Content-Type": "application/json"})


class Server:
    """A running HTTP server; it accepts connections from the moment it is constructed."""

    def __init__(self, cognito: Cognito, port: int) -> None:
        """Bind to `port`; 0 takes any that is free."""
        self._cognito = cognito
        self._channels: dict[int, Any] = {}
        self._is_stopping = threading.Event()
        try:
            self._server = Listener(self._answer, self._channels, HOST, port, MOST_BODY_BYTES)
        except OSError:
            # waitress leaves its socket open when the port is taken.
            wasyncore.close_all(self._channels)
            raise
        self.url = f"http://{HOST}:{self._server.effective_port}"
        self._thread = threading.Thread(target=self._serve, name="local_cognito", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._is_stopping.is_set():
            self._server.tidy()
            self._server.serve(_LONGEST_WAIT)

    def _answer(self, environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
        response = route(self._cognito, environ)
        headers = response.headers | {"Content-Length": str(len(response.body))}
        start_response(f"{response.status.value} {response.status.phrase}", list(headers.items()))
        return [response.body]

    def stop(self) -> None:
        """Close every connection and end the server's threads."""
        self._is_stopping.set()
        self._server.wake()
        self._thread.join()
        # Only now: closed any sooner, the trigger would be pulled on a file descriptor of something else.
        wasyncore.close_all(self._channels)
