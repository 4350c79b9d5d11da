"""The page for people: `GET /` in a browser shows the pools, their users and the mailbox.

It only reads. Whatever stands in a record may come from an attacker under test, so it is escaped, set apart
from its surroundings, and what has no glyph is spelled out; besides, the browser is told to run and load
nothing but our own files. Requests of other origins' pages do not get here; `origins` sees to it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote

import regex

from local_cognito.model.wire import Response
from local_cognito.page import contents
from local_cognito.page.contents import NothingThereError, Wanted

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import Environment

    from local_cognito.rules.cognito import Cognito

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
    "Referrer-Policy": "no-referrer",
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


def handlers(cognito: Cognito, path: str) -> dict[str, Callable[[Environ], Response]]:
    """Return who answers the requests to `path`, by their method; nobody where it is no part of the page."""
    if path == "/":
        return {"GET": partial(_page, cognito)}
    return {"GET": partial(_file, path)} if path in _FILES else {}


def _file(path: str, _: Environ) -> Response:
    return Response(HTTPStatus.OK, _content(path), _HEADERS | {"Content-Type": _FILES[path]})


@cache
def _content(path: str) -> bytes:
    return (_FOLDER / path.removeprefix("/")).read_bytes()


def _page(cognito: Cognito, environ: Environ) -> Response:
    status = HTTPStatus.OK
    problem = shown = None
    wanted = Wanted()
    try:
        wanted = _wanted(environ.get("QUERY_STRING", ""))
        with cognito.store.transaction(only_reads=True):
            shown = contents.gather(cognito, wanted)
    except NothingThereError as error:
        status, problem = HTTPStatus.NOT_FOUND, str(error)
    template = _templates().get_template("page.html")
    url = f"http://{environ['HTTP_HOST']}"
    body = template.render(contents=shown, wanted=wanted, problem=problem, url=url).encode()
    headers = _HEADERS | {"Content-Type": "text/html; charset=utf-8", "ETag": _tag(body)}
    if environ.get("HTTP_IF_NONE_MATCH") == headers["ETag"]:
        return Response(HTTPStatus.NOT_MODIFIED, b"", headers)
    return Response(status, body, headers)


def _tag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()}"'


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
    text = given.get("find", [""])[-1].strip()
    if not _ROW_NUMBER.fullmatch(before) or len(text) > _LONGEST_TEXT:
        raise NothingThereError("No link leads here.")
    return Wanted(given.get("pool", [None])[-1], text, int(before) or None)


@dataclass(frozen=True)
class Piece:
    """A part of a text: as it is, or the name of a character that shows nothing by itself."""

    text: str
    is_name: bool


def pieces(text: str) -> list[Piece]:
    """Return the parts of a text in which every character can be seen."""
    return [
        Piece(f"U+{ord(part):04X}", is_name=True) if place % 2 else Piece(part, is_name=False)
        for place, part in enumerate(_WITHOUT_GLYPH.split(text))
        if part
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
    templates.filters |= {"pieces": pieces, "in_url": partial(quote, safe="")}
    return templates
