"""Writes a line per request: time, action, pool, user, status and duration; and one per function it invoked.

The page's asking whether anything has changed is left out while nothing has.

Nothing in it is secret: of a user's name there is the first letter, of bodies, queries and headers only
what has the form of an action, a pool or an app client. So nobody can write a line of their own either.
"""

from __future__ import annotations

import io
import logging
import re
import sqlite3
import time
from datetime import datetime, timezone
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from local_cognito.authentication import sessions
from local_cognito.calls.subject import NOBODY, Subject, parsed, subject_of
from local_cognito.rules.identifiers import CLIENT_ID
from local_cognito.triggers.running import RUN

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cognito.model.wire import Response
    from local_cognito.rules.cognito import Cognito
    from local_cognito.triggers.running import Run

_WORD = re.compile(r"[A-Za-z]{1,64}", re.ASCII)
_POOL_ID = re.compile(r"[\w-]{1,40}_[0-9A-Za-z]{1,55}", re.ASCII)
_NOT_SHOWN = re.compile(r"[^!-~]", re.ASCII)
_LONGEST_PATH = 100
_NONE = "-"

logger = logging.getLogger("local_cognito.request_log")  # documented: wherever this module stands

Environ = dict[str, Any]


class RequestLog:
    """Writes to the logger `local_cognito.request_log`, at the level INFO."""

    def __init__(self, cognito: Cognito) -> None:
        self._cognito = cognito
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.INFO)

    def logged(self, route: Callable[[Environ], Response], environ: Environ) -> Response:
        """Return the answer of `route`, after writing a line about it; see the module for what gets none."""
        body = environ["wsgi.input"].read()
        given = environ | {"wsgi.input": io.BytesIO(body)}
        began = time.perf_counter()
        response = route(given)
        run: Run | None = given.get(RUN)  # of all the times that a request was answered around functions
        if response.status is HTTPStatus.NOT_MODIFIED:  # the page asks every second, and nothing has changed
            return response
        milliseconds = (time.perf_counter() - (run.began if run else began)) * 1000
        moment = datetime.fromtimestamp(self._cognito.now(), timezone.utc).isoformat(timespec="milliseconds")
        logger.info(
            "%s %s %s %s %.1f ms",
            moment,
            _what(environ),
            self._where_and_who(environ, body),
            _end(response),
            milliseconds,
        )
        for ended in list(run.functions) if run else []:
            source = ended.call.event["triggerSource"]
            logger.info("    %s %.1f ms%s", source, ended.milliseconds, " failed" if ended.error else "")
        return response

    def _where_and_who(self, environ: Environ, body: bytes) -> str:
        """Return the pool and the masked user of a request to the API, `-` where it names none."""
        request = parsed(body) if _is_api(environ) else {}
        subject = subject_of(request).completed_by(self._known(request))
        return f"{_shown(_POOL_ID, subject.pool_id or '')} {mask(subject.user or '')}"

    def _known(self, request: dict[str, Any]) -> Subject:
        """Return pool and user of the request's session, or the pool of its app client."""
        session, client_id = request.get("Session"), request.get("ClientId")
        if session is None and client_id is None:
            return NOBODY
        store = self._cognito.store
        try:
            with store.transaction(only_reads=True):
                if isinstance(session, str) and session.isascii():
                    begun = store.sessions.get(sessions.handle_of(session.encode()))
                    if begun is not None:
                        return Subject(begun.pool_id, begun.username)
                if isinstance(client_id, str) and CLIENT_ID.fullmatch(client_id):
                    client = store.clients.get(client_id)
                    return Subject(None if client is None else client.pool_id)
        except sqlite3.Error:  # the answer has reported it already
            return NOBODY
        return NOBODY


def mask(user: str) -> str:
    """Return what a log may show of a user's name: its first letter, and not even how long it is."""
    if not user:
        return _NONE
    return f"{user[0] if user[0].isprintable() and not user[0].isspace() else '?'}***"


def _what(environ: Environ) -> str:
    """Return the action, or else the method and the path."""
    if _is_api(environ):
        return _shown(_WORD, environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2])
    path = _NOT_SHOWN.sub("?", environ["PATH_INFO"])[:_LONGEST_PATH]
    return f"{_shown(_WORD, environ['REQUEST_METHOD'])} {path}"


def _end(response: Response) -> str:
    """Return the status, and of a refusal by the API its code."""
    code = response.headers.get("x-amzn-ErrorType", "").rstrip(":")
    return f"{response.status.value} {code}" if code else str(response.status.value)


def _is_api(environ: Environ) -> bool:
    return (environ["REQUEST_METHOD"], environ["PATH_INFO"]) == ("POST", "/")


def _shown(pattern: re.Pattern[str], text: str) -> str:
    return text if pattern.fullmatch(text) else _NONE
