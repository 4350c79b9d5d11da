"""Answers the fixed addresses of AWS at which a pool's public keys are, for the pools of the test run.

Code that verifies tokens has `https://cognito-idp.REGION.amazonaws.com/POOL/.well-known/jwks.json` written
into it. While this is on, HTTP libraries get the local pool's answer there, whether moto, with keys of its
own, is on or not. Every other request goes its way.
"""

from __future__ import annotations

import io
import re
from email.message import Message
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from local_cognito.testing.running import RunningServer

    Fetch = Callable[[str], bytes | None]

_ADDRESS = re.compile(
    r"https://cognito-idp\.[a-z0-9-]+\.amazonaws\.com(?::443)?"
    r"(/[a-z0-9-]+_[0-9A-Za-z]+/\.well-known/(?:jwks\.json|openid-configuration))(?:[?#].*)?"
)
_HEADERS = {"Content-Type": "application/json"}
_OK = 200


def install(running: RunningServer, patch: pytest.MonkeyPatch) -> None:
    """Have the keys of living pools answered by them, until the patch is undone."""

    def fetch(url: str) -> bytes | None:
        """Return the document at an address of AWS, or None where it is none of a living pool."""
        found = _ADDRESS.fullmatch(url)
        status, body = running.fetch(found[1]) if found else (0, b"")
        return body if status == _OK else None

    for name, lead in _LIBRARIES.items():
        if find_spec(name):
            lead(fetch, running, patch)


def _lead_urllib(fetch: Fetch, _: RunningServer, patch: pytest.MonkeyPatch) -> None:
    from urllib.request import OpenerDirector, Request  # noqa: PLC0415 - as every library here
    from urllib.response import addinfourl  # noqa: PLC0415

    ask = OpenerDirector.open

    def answered(self: OpenerDirector, fullurl: Any, *arguments: Any, **options: Any) -> Any:
        url = fullurl.full_url if isinstance(fullurl, Request) else fullurl
        body = fetch(url)
        if body is None:
            return ask(self, fullurl, *arguments, **options)
        headers = Message()
        headers["Content-Type"] = _HEADERS["Content-Type"]
        return addinfourl(io.BytesIO(body), headers, url, _OK)

    patch.setattr(OpenerDirector, "open", answered)


def _lead_urllib3(fetch: Fetch, _: RunningServer, patch: pytest.MonkeyPatch) -> None:
    import urllib3  # noqa: PLC0415

    ask = urllib3.PoolManager.urlopen

    def answered(self: Any, method: str, url: str, *arguments: Any, **options: Any) -> Any:
        body = fetch(url) if method == "GET" else None
        if body is None:
            return ask(self, method, url, *arguments, **options)
        return urllib3.HTTPResponse(
            io.BytesIO(body), _HEADERS, _OK, preload_content=options.get("preload_content", True)
        )

    patch.setattr(urllib3.PoolManager, "urlopen", answered)


def _lead_requests(fetch: Fetch, _: RunningServer, patch: pytest.MonkeyPatch) -> None:
    import requests  # noqa: PLC0415
    import urllib3  # noqa: PLC0415

    choose = requests.Session.get_adapter

    class Keys(requests.adapters.HTTPAdapter):
        """Answers from the pool; of its own, since moto and responses change HTTPAdapter.send for all."""

        def __init__(self, body: bytes) -> None:
            super().__init__()
            self._body = body

        def send(self, request: Any, *_: Any, **__: Any) -> Any:
            raw = urllib3.HTTPResponse(io.BytesIO(self._body), _HEADERS, _OK, preload_content=False)
            return self.build_response(request, raw)

    def chosen(self: Any, url: str) -> Any:
        body = fetch(url)
        return choose(self, url) if body is None else Keys(body)

    patch.setattr(requests.Session, "get_adapter", chosen)


def _lead_httpx(fetch: Fetch, _: RunningServer, patch: pytest.MonkeyPatch) -> None:
    import httpx  # noqa: PLC0415

    ask, ask_async = httpx.HTTPTransport.handle_request, httpx.AsyncHTTPTransport.handle_async_request

    def answered(self: Any, request: httpx.Request) -> httpx.Response:
        body = fetch(str(request.url))
        return ask(self, request) if body is None else httpx.Response(_OK, headers=_HEADERS, content=body)

    async def answered_async(self: Any, request: httpx.Request) -> httpx.Response:
        body = fetch(str(request.url))
        if body is None:
            return await ask_async(self, request)
        return httpx.Response(_OK, headers=_HEADERS, content=body)

    patch.setattr(httpx.HTTPTransport, "handle_request", answered)
    patch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", answered_async)


def _lead_aiohttp(fetch: Fetch, running: RunningServer, patch: pytest.MonkeyPatch) -> None:
    import aiohttp  # noqa: PLC0415

    ask = aiohttp.ClientSession._request  # noqa: SLF001 - aiohttp has no public way in front of a session

    async def answered(self: Any, method: str, str_or_url: Any, **options: Any) -> Any:
        found = _ADDRESS.fullmatch(str(str_or_url))
        if found and fetch(str(str_or_url)) is not None:
            str_or_url = running.url + found[1]
        return await ask(self, method, str_or_url, **options)

    patch.setattr(aiohttp.ClientSession, "_request", answered)


_LIBRARIES: dict[str, Callable[[Fetch, RunningServer, pytest.MonkeyPatch], None]] = {
    "urllib": _lead_urllib,
    "urllib3": _lead_urllib3,
    "requests": _lead_requests,
    "httpx": _lead_httpx,
    "aiohttp": _lead_aiohttp,
}
