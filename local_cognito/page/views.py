"""The page for people: `GET /` in a browser shows the pools, their users, the calls and the mailbox.

Its forms go to `POST /act`, links of messages to `GET /confirmUser`; see `acting`. Whatever is in a record
may come from an attacker under test: it is escaped, set apart from its surroundings, and what has no glyph is
spelled out. The browser is told to run and load nothing but our own files. Requests of other origins' pages
are refused before; see `origins`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlencode

import orjson
import regex

from local_cognito.model.wire import Response
from local_cognito.page import contents
from local_cognito.page.acting import FormError
from local_cognito.page.contents import Contents, NothingThereError, Wanted
from local_cognito.rules import outbox
from local_cognito.triggers.running import RUN
from local_cognito.users import messages

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import Environment

    from local_cognito.calls.log import Call
    from local_cognito.page.acting import Desk

    Environ = dict[str, Any]

_FOLDER = Path(__file__).parent / "web"
_FILES = {
    "/page.css": "text/css; charset=utf-8",
    "/page.js": "text/javascript; charset=utf-8",
    "/page.svg": "image/svg+xml",
}
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # without a referrer, forms would come from the origin "null"
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_MOST_FIELDS = 10
_LONGEST_TEXT = 2048
_ROW_NUMBER = regex.compile(r"[0-9]{1,18}")
# Controls, format characters, what is not assigned, line ends and spaces that look like others; all but the
# joiners within emoji and in the scripts that need them.
_WITHOUT_GLYPH = regex.compile(r"([\p{C}\p{Zl}\p{Zp}\p{Zs}--[ \u200c\u200d]])", regex.VERSION1)


# Where a line may break within names and addresses: before @, and after what divides their parts.
_WORDS = regex.compile(r"(?=@)|(?<=[._:/-])(?=\w)", regex.VERSION1)
FEW_CALLS, MOST_CALLS = 8, 200  # on a page of pools, on the page of calls
_EVERYTHING = Wanted()


def handlers(desk: Desk, path: str) -> dict[str, Callable[[Environ], Response]]:
    """Return the handlers of `path` by HTTP method; empty if the page has no such path."""
    if path == "/":
        return {"GET": partial(_page, desk)}
    if path == "/act":
        return {"POST": partial(_act, desk)}
    if path == messages.CONFIRMATION_PATH:
        return {"GET": partial(_confirm, desk)}
    return {"GET": partial(_file, path)} if path in _FILES else {}


def _file(path: str, _: Environ) -> Response:
    return Response(HTTPStatus.OK, _content(path), _HEADERS | {"Content-Type": _FILES[path]})


@cache
def _content(path: str) -> bytes:
    return (_FOLDER / path.removeprefix("/")).read_bytes()


def _page(desk: Desk, environ: Environ) -> Response:
    try:
        wanted = _wanted(environ.get("QUERY_STRING", ""))
        with desk.cognito.store.transaction(only_reads=True):
            shown = contents.gather(desk.cognito, wanted)
    except NothingThereError as error:
        return _rendered(desk, environ, HTTPStatus.NOT_FOUND, problem=str(error))
    return _rendered(desk, environ, HTTPStatus.OK, wanted=wanted, contents=shown)


def _act(desk: Desk, environ: Environ) -> Response:
    """Do what a form asks for, and lead to the page that shows what came of it."""
    try:
        pool_id, call = desk.act(environ["wsgi.input"].read(), environ.get(RUN))
    except FormError as error:
        return _rendered(desk, environ, HTTPStatus.FORBIDDEN, problem=str(error))
    query = urlencode({name: value for name, value in (("pool", pool_id), ("call", call)) if value})
    return Response(HTTPStatus.SEE_OTHER, b"", _HEADERS | {"Location": f"/?{query}"})


def _confirm(desk: Desk, environ: Environ) -> Response:
    """Confirm the user that the link of a message names, and show how that ended."""
    if environ["REQUEST_METHOD"] == "HEAD":  # a look at a link must not use it up
        return Response(HTTPStatus.METHOD_NOT_ALLOWED, b"", _HEADERS | {"Allow": "GET"})
    try:
        answer = desk.confirm(environ.get("QUERY_STRING", ""), environ.get(RUN))
        problem = None if answer.status is HTTPStatus.OK else orjson.loads(answer.body)["message"]
        status = answer.status
    except FormError as error:
        problem, status = str(error), HTTPStatus.NOT_FOUND
    body = _templates().get_template("confirmation.html").render(problem=problem).encode()
    return Response(status, body, _HEADERS | {"Content-Type": "text/html; charset=utf-8"})


def _rendered(
    desk: Desk,
    environ: Environ,
    status: HTTPStatus,
    *,
    wanted: Wanted = _EVERYTHING,
    contents: Contents | None = None,
    problem: str | None = None,
) -> Response:
    url = f"http://{environ['HTTP_HOST']}"
    calls = [] if problem else _calls(desk, wanted)
    body = (
        _templates()
        .get_template("page.html")
        .render(contents=contents, wanted=wanted, problem=problem, url=url, desk=desk, calls=calls)
    ).encode()
    headers = _HEADERS | {
        "Content-Type": "text/html; charset=utf-8",
        "ETag": f'"{hashlib.sha256(body).hexdigest()}"',
        "X-Pool-Time": f"{desk.cognito.now():.3f}",
    }
    if environ.get("HTTP_IF_NONE_MATCH") == headers["ETag"] and status is HTTPStatus.OK:
        return Response(HTTPStatus.NOT_MODIFIED, b"", headers)
    return Response(status, body, headers)


def _calls(desk: Desk, wanted: Wanted) -> list[Call]:
    """Return the calls that are shown, newest first, and first of all the one that is asked for."""
    kept = desk.calls.calls()
    found = [
        call
        for call in reversed(kept)
        if wanted.pool_id in (None, call.pool_id) and wanted.user in ("", call.user)
    ]
    most = MOST_CALLS if wanted.has_all_calls else FEW_CALLS
    asked = [call for call in kept if call.id == wanted.call]
    return asked + [call for call in found if call not in asked][:most]


def _wanted(query: str) -> Wanted:
    """Return what the part of the URL after the question mark asks for.

    Raises:
        NothingThereError: nobody is led there by a link of the page.
    """
    try:
        given = parse_qs(query, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise NothingThereError("No link leads here.") from None
    before = given.get("before", ["0"])[-1]
    call = given.get("call", ["0"])[-1]
    texts = {name: given.get(name, [""])[-1].strip() for name in ("find", "mail", "user")}
    numbers = (before, call)
    if not all(map(_ROW_NUMBER.fullmatch, numbers)) or max(map(len, texts.values())) > _LONGEST_TEXT:
        raise NothingThereError("No link leads here.")
    return Wanted(
        pool_id=given.get("pool", [None])[-1],
        text=texts["find"],
        before=int(before) or None,
        mail=texts["mail"],
        has_all_calls=given.get("view", [""])[-1] == "calls",
        user=texts["user"],
        call=int(call) or None,
    )


@dataclass(frozen=True)
class Piece:
    """A part of a text: as it is, or the name of a character that shows nothing by itself.

    A line may break after it.
    """

    text: str
    is_name: bool


def pieces(text: str) -> list[Piece]:
    """Return the parts of a text in which every character can be seen."""
    return [
        piece
        for place, part in enumerate(_WITHOUT_GLYPH.split(text))
        if part
        for piece in (
            [Piece(f"U+{ord(part):04X}", is_name=True)]
            if place % 2
            else [Piece(word, is_name=False) for word in _WORDS.split(part)]
        )
    ]


@cache
def _templates() -> Environment:
    import jinja2  # noqa: PLC0415 - who looks at no page need not wait for it

    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    templates.filters |= {
        "pieces": pieces,
        "in_url": partial(quote, safe=""),
        "json": partial(json.dumps, indent=2, ensure_ascii=False),
        "moment": contents.time_of,
        "with_link": outbox.with_link,
    }
    return templates
