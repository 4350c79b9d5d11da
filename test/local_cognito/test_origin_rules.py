"""The rules about names and origins, asked as functions: which requests are answered, and of which pages."""

from __future__ import annotations

import pytest

from local_cognito.http.origins import access_policy

ALLOWED_HOSTS = ["Cognito", "pool.internal", "fd00:0::7", "192.168.7.7"]
ALLOWED_ORIGINS = [
    "https://app.example",
    "http://App.Example:8080",
    "https://default.example:443",
    "capacitor://localhost",
]
FOREIGN_HOSTS = [
    "cognito.",
    "cognito.evil.example",
    "evil.cognito",
    "cognito@evil.example",
    "evil.example@cognito",
    "fd00::7",
    "[fd00::8]",
    "192.168.7.70",
    "cognito:",
    "cognito:x",
    "cognito,evil.example",
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
    "http://app.example",
    "https://app.example:8080",
    "https://app.example.evil.example",
    "https://evil.app.example",
    "https://app.example@evil.example",
    "https://app.example/",
    "https://default.example:444",
    "http://capacitor",
    "http://cognito",
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
KNOWN_ORIGINS = [
    "https://app.example",
    "http://app.example:8080",
    "https://default.example",
    "capacitor://localhost",
    *LOOPBACK_ORIGINS,
]
POLICY = access_policy("127.0.0.1", ALLOWED_HOSTS, ALLOWED_ORIGINS)
OWN_HOSTS = ["localhost:9229", "127.0.0.1", "cognito:8000", "[::1]:9229"]


class TestHosts:
    """A request must name the server by a name that it knows."""

    @pytest.mark.parametrize("host", ["localhost", "localhost:1", "LOCALHOST:80", "127.0.0.1", "[::1]:9229"])
    def test_loopback_names(self, host: str) -> None:
        """The names of this machine are known, with any port."""
        assert POLICY.may_ask({"HTTP_HOST": host})

    @pytest.mark.parametrize(
        "host",
        [
            *("cognito", "COGNITO", "cognito:9229", "pool.internal:1"),
            *("[fd00::7]", "[FD00:0:0::7]:9229", "192.168.7.7", "192.168.7.7:80"),
        ],
    )
    def test_allowed(self, host: str) -> None:
        """A name that is allowed is known in any case, with any port, and only where it is allowed."""
        assert POLICY.may_ask({"HTTP_HOST": host})
        assert not access_policy("127.0.0.1", [], []).may_ask({"HTTP_HOST": host})

    @pytest.mark.parametrize("host", FOREIGN_HOSTS)
    def test_others(self, host: str) -> None:
        """Whatever else a Host header says is refused, also where some names are allowed."""
        assert not POLICY.may_ask({"HTTP_HOST": host})

    def test_own_address(self) -> None:
        """The address at which the server listens is what it may be called, so that its URL works."""
        access = access_policy("192.0.2.1", ["cognito"], [])

        assert access.may_ask({"HTTP_HOST": "192.0.2.1:9229"})
        assert not access.may_ask({"HTTP_HOST": "192.0.2.2:9229"})


class TestOrigins:
    """Which pages may use the API, and which may look into the mailbox."""

    @pytest.mark.parametrize("origin", KNOWN_ORIGINS)
    def test_known(self, origin: str) -> None:
        """A known page may use the API, but never look in."""
        asked = {"HTTP_HOST": "127.0.0.1:9229", "HTTP_ORIGIN": origin}

        assert POLICY.may_use_api(asked)
        assert not POLICY.may_look_in(asked)

    @pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
    def test_unknown(self, origin: str) -> None:
        """Any other page may do neither."""
        asked = {"HTTP_HOST": "127.0.0.1:9229", "HTTP_ORIGIN": origin}

        assert not POLICY.may_use_api(asked)
        assert not POLICY.may_look_in(asked)

    @pytest.mark.parametrize("host", OWN_HOSTS)
    def test_own_page(self, host: str) -> None:
        """The server's own page may do both, by whichever name it was opened."""
        asked = {"HTTP_HOST": host, "HTTP_ORIGIN": f"http://{host}", "HTTP_SEC_FETCH_SITE": "same-origin"}

        assert POLICY.may_use_api(asked)
        assert POLICY.may_look_in(asked)

    @pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense", ""])
    def test_site(self, site: str) -> None:
        """Where a browser says that another site's page asks, without an Origin, it may not look in."""
        asked = {"HTTP_HOST": "localhost", "HTTP_SEC_FETCH_SITE": site}

        assert not POLICY.may_look_in(asked)

    def test_no_page(self) -> None:
        """A program, or a person who types the address, may do both."""
        for told in ({}, {"HTTP_SEC_FETCH_SITE": "none"}):
            asked = {"HTTP_HOST": "localhost", **told}

            assert POLICY.may_use_api(asked)
            assert POLICY.may_look_in(asked)
