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
# What comes over the wire is as odd as what the rules are asked: test_origin_rules.py has all of it.
FOREIGN_HOSTS = ["evil.example", "localhost:9229@evil.example", "localhost evil.example", "[::1%25lo]", ""]
FOREIGN_ORIGINS = ["http://evil.example", "http://localhost, http://evil.example", "null", ""]


class TestBrowserPages:
    """A page from elsewhere that a browser shows must not use this server."""

    @pytest.mark.parametrize(("method", "path"), PATHS)
    def test_host(self, server: LocalCognito, method: str, path: str) -> None:
        """A Host header with any other name is refused on every path: its name was made to lead here."""
        body = b"{}" if method == "POST" else None
        headers = {"X-Amz-Target": f"{TARGET}ListUserPools", "Authorization": "x"}
        for host in FOREIGN_HOSTS:
            answer = http(server.url + path, body, {**headers, "Host": host}, method=method)
            assert answer.status == 403, host

    def test_no_host(self, server: LocalCognito) -> None:
        """A request without a Host header is refused too."""
        url = urlsplit(server.url)
        assert url.port
        with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
            connection.sendall(b"GET /outbox HTTP/1.0\r\n\r\n")
            assert b" 403 " in connection.recv(100)

    def test_own_names(self, server: LocalCognito) -> None:
        """A name of this machine is answered, with any port: a proxy or a container may map it."""
        assert http(f"{server.url}/outbox", headers={"Host": "[::1]:1"}).status == 200

    @pytest.mark.parametrize(("method", "path"), PATHS)
    def test_origin(self, server: LocalCognito, method: str, path: str) -> None:
        """A request that a page from elsewhere makes is refused on every path."""
        body = b"{}" if method == "POST" else None
        headers = {"X-Amz-Target": f"{TARGET}ListUserPools", "Authorization": "x"}
        for origin in FOREIGN_ORIGINS:
            answer = http(server.url + path, body, {**headers, "Origin": origin}, method=method)
            assert answer.status == 403, origin

    def test_own_origin(self, server: LocalCognito) -> None:
        """A page of this machine may use the API, on whatever port it is."""
        origin = "http://localhost:3000"
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
