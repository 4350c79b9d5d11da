"""HTTP on the loopback interface: bytes in, bytes out, nothing else.

`POST /` is the Cognito API, `GET /` a page for people, `GET /outbox` the mailbox, which `DELETE /outbox`
clears, `GET /confirmUser` the link of a message, `GET /<pool-id>/.well-known/jwks.json` a pool's public keys,
and `openid-configuration` beside it the metadata for OpenID Connect clients; `GET /health` tells that the
server runs; where the clock can be moved, `GET /clock` is its time, and `POST /clock` moves it; the other
routes for programs are in `control`. Requests for other names than the server's, and requests of pages from
elsewhere, are refused; `origins` says which.
"""

from __future__ import annotations

import json
import logging
import socket
import sqlite3
import threading
import time
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from waitress import wasyncore

from local_cognito import __version__
from local_cognito.authentication import tokens
from local_cognito.http import control, origins
from local_cognito.http.connections import Listener
from local_cognito.http.turns import MAY_WAIT, MEMORY, WaitForDatabase, WaitForFunction
from local_cognito.lambdas.journal import FunctionNeeded
from local_cognito.model import errors
from local_cognito.model.wire import TARGET_PREFIX, Response
from local_cognito.rules import outbox
from local_cognito.storage import forks
from local_cognito.storage.database_file import DatabaseBusyError
from local_cognito.storage.failures import log_failure
from local_cognito.triggers.running import RUN, Run
from local_cognito.users import messages

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cognito.http.request_log import RequestLog
    from local_cognito.http.site import Site
    from local_cognito.rules.cognito import Cognito
    from local_cognito.runtime.clock import MovableClock
    from local_cognito.storage.records import Pool

_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to ask for what listens everywhere
MOST_BODY_BYTES = 1024 * 1024
_LONGEST_WAIT = 1.0  # seconds until the connections are tidied, whether anything happens or not
_LAST_SECONDS = 4.0  # for requests received before the stop

# It warns about each urgent byte that a client sends (TCP), which does not concern us.
logging.getLogger("waitress").setLevel(logging.ERROR)

logger = logging.getLogger(__name__)

Environ = dict[str, Any]


def route(site: Site, environ: Environ) -> Response:
    """Answer one WSGI request."""
    access = site.access
    if not access.may_ask(environ):
        return _refusal(HTTPStatus.FORBIDDEN, "This server answers requests to names it knows only.")
    path, is_preflight = environ["PATH_INFO"], origins.is_preflight(environ)
    method = environ["HTTP_ACCESS_CONTROL_REQUEST_METHOD"] if is_preflight else environ["REQUEST_METHOD"]
    if not _is_for_pages(path, method):
        if access.may_look_in(environ) or (_is_page(path) and origins.is_navigation(environ)):
            return _with_headers(_answer(site, environ), _PRIVATE)
        return _refusal(HTTPStatus.FORBIDDEN, "No page from elsewhere may have this.")
    if not access.may_use_api(environ):
        return _refusal(
            HTTPStatus.FORBIDDEN, "This server answers no pages from elsewhere.", {"Vary": "Origin"}
        )
    if is_preflight:
        methods = [name for name in _handlers(site, path) if _is_for_pages(path, name)]
        return Response(HTTPStatus.NO_CONTENT, b"", origins.preflight_permission(environ, methods))
    return _with_headers(_answer(site, environ), origins.permission(environ))


def _is_for_pages(path: str, method: str) -> bool:
    """Tell whether it is the API or the keys, which pages of other origins may use where they are known."""
    return (path == "/" and method == "POST") or "/.well-known/" in path


def _is_page(path: str) -> bool:
    """Tell whether this is for people to look at, who may come by a link from anywhere."""
    return path in ("/", messages.CONFIRMATION_PATH)


def _answer(site: Site, environ: Environ) -> Response:
    path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    handlers = _handlers(site, path)
    if not handlers:
        return _refusal(HTTPStatus.NOT_FOUND, f"{path} was not found on this server.")
    handler = handlers.get("GET" if method == "HEAD" else method)
    if handler is None:
        taken = " and ".join(handlers)
        return _refusal(
            HTTPStatus.METHOD_NOT_ALLOWED, f"{path} takes {taken} requests.", {"Allow": ", ".join(handlers)}
        )
    run = environ[RUN] = environ.get(MEMORY, {}).setdefault(RUN, Run())
    try:
        return handler(environ)
    except FunctionNeeded as needed:
        raise WaitForFunction(run.begin(site.cognito, needed)) from None
    except DatabaseBusyError:
        if _may_wait(environ):
            raise
        return _unavailable()
    except Exception as error:  # noqa: BLE001 - a full disk, a damaged database, a mistake of ours
        log_failure(logger, path, error)
        is_database = isinstance(error, sqlite3.Error)
        said = "The database can't be used." if is_database else "Something went wrong."
        return _refusal(HTTPStatus.INTERNAL_SERVER_ERROR, said)


def _may_wait(environ: Environ) -> bool:
    """Tell whether the request can be answered later; one that comes from no connection of ours can't."""
    return MAY_WAIT in environ and bool(environ[MAY_WAIT]())


def _unavailable() -> Response:
    refusal = errors.UNAVAILABLE()
    return _refusal(refusal.status, refusal.message, {"Retry-After": "1"})


def _handlers(site: Site, path: str) -> dict[str, Callable[[Environ], Response]]:
    """Return who answers the requests to `path`, by their method."""
    cognito = site.cognito
    if path == "/":
        return {"POST": partial(_call, site), "GET": partial(_show_page, site)}
    if path == "/outbox":
        return {"GET": partial(_outbox, cognito), "DELETE": partial(_clear_outbox, cognito)}
    if path == "/health":
        return {"GET": _health}
    if path == "/clock" and site.clock is not None:
        return {"GET": partial(_show_time, cognito), "POST": partial(_advance, cognito, site.clock)}
    pool_id, is_well_known, name = path.removeprefix("/").partition("/.well-known/")
    if is_well_known and name in _WELL_KNOWN:
        return {"GET": partial(_well_known, cognito, pool_id, _WELL_KNOWN[name])}
    return control.handlers(site, path) or site.page(path)


def _show_page(site: Site, environ: Environ) -> Response:
    return site.page("/")["GET"](environ)  # not before somebody looks: a request to the API must not load it


def _call(site: Site, environ: Environ) -> Response:
    target, authorization = environ.get("HTTP_X_AMZ_TARGET", ""), environ.get("HTTP_AUTHORIZATION")
    body = environ["wsgi.input"].read()
    run: Run = environ[RUN]
    try:
        response = site.handle(site.cognito, target, authorization, body, run)
    except DatabaseBusyError:
        if _may_wait(environ):
            raise
        response = site.unavailable(site.cognito)
    milliseconds = (time.perf_counter() - run.began) * 1000
    action = target.removeprefix(TARGET_PREFIX)
    site.calls.record(action, body, response.status, response.body, milliseconds, run.functions)
    return response


def _health(_: Environ) -> Response:
    return _json(HTTPStatus.OK, {"status": "ok", "version": __version__})


def _outbox(cognito: Cognito, environ: Environ) -> Response:
    try:
        wanted = outbox.wanted(environ["QUERY_STRING"])
    except ValueError as error:
        return _refusal(HTTPStatus.BAD_REQUEST, str(error))
    with cognito.store.transaction(only_reads=True):
        return _json(HTTPStatus.OK, outbox.read(cognito, f"http://{environ['HTTP_HOST']}", wanted))


def _clear_outbox(cognito: Cognito, environ: Environ) -> Response:
    if environ["QUERY_STRING"]:
        return _refusal(
            HTTPStatus.BAD_REQUEST, "DELETE /outbox takes no parameters: it deletes every message."
        )
    with cognito.store.transaction():
        outbox.clear(cognito)
    return Response(HTTPStatus.NO_CONTENT, b"")


def _show_time(cognito: Cognito, _: Environ) -> Response:
    return _json(HTTPStatus.OK, {"now": cognito.now()})


def _advance(cognito: Cognito, clock: MovableClock, environ: Environ) -> Response:
    try:
        seconds = json.loads(environ["wsgi.input"].read())["advance"]
        with cognito.store.transaction():  # a move that is not kept is not made
            clock.advance(seconds)
            cognito.store.keep_time(cognito.now(), at_once=True)
    except (ValueError, TypeError, KeyError, RecursionError):
        expected = f'The body must be {{"advance": SECONDS}}, a number from 0 to {clock.room:.0f}.'
        return _refusal(HTTPStatus.BAD_REQUEST, expected)
    return _json(HTTPStatus.OK, {"now": cognito.now()})


def _well_known(
    cognito: Cognito, pool_id: str, tell: Callable[[Cognito, Pool, Environ], Any], environ: Environ
) -> Response:
    with cognito.store.transaction(only_reads=True):
        pool = cognito.store.pools.get(pool_id)
        if pool is None:
            return _refusal(HTTPStatus.NOT_FOUND, f"User pool {pool_id} was not found on this server.")
        return _json(HTTPStatus.OK, tell(cognito, pool, environ))


def _keys(cognito: Cognito, pool: Pool, _: Environ) -> dict[str, Any]:
    return tokens.key_set(cognito, pool)


def _openid_configuration(_: Cognito, pool: Pool, environ: Environ) -> dict[str, Any]:
    return tokens.openid_configuration(pool, f"http://{environ['HTTP_HOST']}/{pool.id}")


# For answers that pages of other origins must not use: do not store, embed or sniff them.
_PRIVATE = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_WELL_KNOWN = {"jwks.json": _keys, "openid-configuration": _openid_configuration}


def _json(status: HTTPStatus, content: Any) -> Response:
    return Response(status, json.dumps(content).encode(), {"Content-Type": "application/json"})


def _refusal(status: HTTPStatus, message: str, headers: dict[str, str] | None = None) -> Response:
    return _with_headers(_json(status, {"message": message}), headers or {})


def _with_headers(response: Response, headers: dict[str, str]) -> Response:
    """Return the answer with `headers` for those that it has not itself."""
    return Response(response.status, response.body, headers | response.headers)


class Server(forks.Owner):
    """A running HTTP server; it accepts connections from the moment it is constructed.

    Attributes:
        url: where it is reached from this machine: at the loopback address, if it listens at every one.
    """

    def __init__(
        self,
        site: Site,
        host: str,
        port: int,
        log: RequestLog | None = None,
        listener: socket.socket | None = None,
    ) -> None:
        """Bind to `port` of `host`, an address or a name; 0 takes any port that is free.

        A `listener` is a socket that listens already, and is taken in place of a new one.
        """
        self._route = partial(route, site)
        self._log = log
        self._channels: dict[int, Any] = {}
        self._is_stopping = threading.Event()
        self._is_left = False
        address = _address(host, port)
        try:
            self._server = Listener(self._answer, self._channels, address, port, MOST_BODY_BYTES, listener)
        except OSError:
            # waitress leaves its socket open when the port is taken.
            wasyncore.close_all(self._channels)
            raise
        here = _ANYWHERE.get(address, address)
        self.url = f"http://{f'[{here}]' if ':' in here else here}:{self._server.effective_port}"
        self._thread = threading.Thread(target=self._serve, name="local_cognito", daemon=True)
        self._thread.start()
        forks.register(self)

    def _serve(self) -> None:
        while not self._is_stopping.is_set():
            self._server.tidy()
            self._server.serve(_LONGEST_WAIT)
        self._server.finish(_LAST_SECONDS)

    def _answer(self, environ: Environ) -> Response:
        try:
            return self._route(environ) if self._log is None else self._log.logged(self._route, environ)
        except DatabaseBusyError:
            raise WaitForDatabase from None

    def after_fork_in_child(self) -> None:
        """Close the sockets here: clients wait for the end of a connection until every process has."""
        self._is_left = True
        wasyncore.close_all(self._channels)

    def stop(self) -> None:
        """Answer the requests that were received, end the server's thread and close every connection.

        It takes 5 seconds at most, whatever clients do.
        """
        if self._is_left:
            return
        self._is_stopping.set()
        self._server.wake()
        self._thread.join()
        # Only now: closed any sooner, the trigger would be pulled on a file descriptor of something else.
        wasyncore.close_all(self._channels)


def _address(host: str, port: int) -> str:
    """Return the IP address of a host, IPv4 if it has one: which comes first depends on the machine."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    *_, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    return str(address[0])
