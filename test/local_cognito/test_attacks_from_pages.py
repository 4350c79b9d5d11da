"""Requests from pages in a browser: a page from elsewhere must not use this server."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from test.support.pool_driver import TARGET, call_raw, http

if TYPE_CHECKING:
    from local_cognito import LocalCognito


PATHS = [("POST", "/"), ("GET", "/outbox"), ("GET", "/us-east-1_x/.well-known/jwks.json"), ("OPTIONS", "/")]
FOREIGN_HOSTS = [
    "evil.example",
    "evil.example:9229",
    "127.0.0.1.evil.example",
    "127.0.0.1.nip.io",
    "localhost.evil.example",
    "evil.example#localhost",
    "localhost:9229@evil.example",
    "user@localhost",
    "127.0.0.1:80:evil.example",
    "127.0.0.2",
    "127.1",
    "0.0.0.0",
    "[::]",
    "[::]:9229",
    "[::2]",
    "[::1].evil.example",
    "[::1%25lo]",
    "::1",
    "2130706433",
    "localhost.",
    "localhost:",
    "localhost:abc",
    "localhost:0",
    "localhost:99999",
    "localhost, localhost",
    "localhost evil.example",
    "localhost/evil.example",
    "*",
    "",
]
FOREIGN_ORIGINS = [
    "http://evil.example",
    "https://localhost.evil.example",
    "https://evil.example:9229",
    "http://localhost@evil.example",
    "http://localhost:80@evil.example",
    "http://127.0.0.1.nip.io",
    "http://127.0.0.2",
    "http://0.0.0.0",
    "http://[::1].evil.example",
    "http://[::]",
    "http://localhost:99999",
    "http://localhost:0",
    "http://localhost:",
    "http://localhost.",
    "http://localhost/",
    "http://localhost/evil",
    "http://localhost\tevil.example",
    "http://localhost http://evil.example",
    "http://localhost, http://evil.example",
    "http://localhost,http://localhost",
    "ftp://localhost",
    "file://localhost",
    "chrome-extension://localhost",
    "//localhost",
    "*",
    "null",
    "file://",
    "",
    "localhost",
]
LOOPBACK_ORIGINS = [
    "http://localhost",
    "http://localhost:3000",
    "http://127.0.0.1",
    "http://127.0.0.1:5173",
    "https://localhost",
    "https://localhost:8443",
    "http://[::1]:3000",
]


class TestBrowserPages:
    """A page from elsewhere that a browser shows must not use this server."""

    @pytest.mark.parametrize("host", FOREIGN_HOSTS)
    @pytest.mark.parametrize(("method", "path"), PATHS)
    def test_host(self, server: LocalCognito, method: str, path: str, host: str) -> None:
        """A Host header with any other name is refused: its name was made to lead here."""
        body = b"{}" if method == "POST" else None
        headers = {"Host": host, "X-Amz-Target": f"{TARGET}ListUserPools", "Authorization": "x"}

        assert http(server.url + path, body, headers, method=method).status == 403

    def test_no_host(self, server: LocalCognito) -> None:
        """A request without a Host header is refused too."""
        url = urlsplit(server.url)
        assert url.port
        with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
            connection.sendall(b"GET /outbox HTTP/1.0\r\n\r\n")
            assert b" 403 " in connection.recv(100)

    @pytest.mark.parametrize(
        "host", ["localhost", "localhost:1", "LOCALHOST:80", "127.0.0.1", "[::1]", "[::1]:9229"]
    )
    def test_own_names(self, server: LocalCognito, host: str) -> None:
        """The names of this machine are answered, with any port: a proxy or a container may map it."""
        assert http(f"{server.url}/outbox", headers={"Host": host}).status == 200

    @pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
    @pytest.mark.parametrize(("method", "path"), PATHS)
    def test_origin(self, server: LocalCognito, method: str, path: str, origin: str) -> None:
        """A request that a page from elsewhere makes is refused."""
        body = b"{}" if method == "POST" else None
        headers = {"Origin": origin, "X-Amz-Target": f"{TARGET}ListUserPools", "Authorization": "x"}

        assert http(server.url + path, body, headers, method=method).status == 403

    @pytest.mark.parametrize("origin", LOOPBACK_ORIGINS)
    def test_own_origin(self, server: LocalCognito, origin: str) -> None:
        """Pages of this machine may use the API, on whatever port they are."""
        headers = {"Origin": origin, "X-Amz-Target": f"{TARGET}ListUserPools", "Authorization": "x"}
        answer = http(server.url, b'{"MaxResults": 1}', headers)

        assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, origin)

    def test_no_permission(self, server: LocalCognito) -> None:
        """An answer to a program lets no page read it, and what is no preflight request is refused."""
        for answer in (
            call_raw(server.url, "ListUserPools", {"MaxResults": 1}),
            http(f"{server.url}/outbox"),
            http(server.url, method="OPTIONS", headers={"Access-Control-Request-Method": "POST"}),
        ):
            assert not [name for name in answer.headers if name.startswith("access-control")]
        assert answer.status == 405

    @pytest.mark.parametrize(
        "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
    )
    def test_form(self, server: LocalCognito, kind: str) -> None:
        """What a page can send without asking names no action."""
        answer = http(server.url, b'{"MaxResults": 1}', {"Content-Type": kind})

        assert (answer.status, answer.content["__type"]) == (400, "UnknownOperationException")
