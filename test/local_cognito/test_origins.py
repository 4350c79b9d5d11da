"""Names and origins over HTTP, path by path; test_origin_rules.py has the rules one by one."""

from __future__ import annotations

import socket
import subprocess
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from local_cognito import LocalCognito, MovableClock
from test.local_cognito.test_attacks_from_pages import FOREIGN_HOSTS, FOREIGN_ORIGINS
from test.support.pool_driver import TARGET, HttpAnswer, call_raw, http
from test.support.server_process import run_refused, server_process

if TYPE_CHECKING:
    from collections.abc import Iterator

APP = "https://app.example"
# What the AWS SDK for JavaScript and Amplify send.
SENT = (
    "amz-sdk-invocation-id,amz-sdk-request,authorization,cache-control,content-type,x-amz-content-sha256,"
    "x-amz-date,x-amz-security-token,x-amz-target,x-amz-user-agent"
)
PRIVATE = ["/outbox", "/clock", "/health", "/"]


@pytest.fixture(scope="module")
def running() -> Iterator[LocalCognito]:
    """Give a server that answers to some names, and lets pages of some origins use it."""
    with LocalCognito(
        allowed_hosts=["Cognito", "pool.internal", "fd00:0::7", "192.168.7.7"],
        allow_origins=[
            APP,
            "http://App.Example:8080",
            "https://default.example:443",
            "capacitor://localhost",
        ],
        clock=MovableClock(),
    ) as server:
        server.create_pool("us-east-1_Example")
        yield server


def raw(server: LocalCognito, request: bytes) -> bytes:
    """Send bytes as they are, and return the first line of the answer."""
    url = urlsplit(server.url)
    assert url.port is not None
    with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
        connection.sendall(request)
        with connection.makefile("rb") as answer:
            return answer.readline()


def from_page(server: LocalCognito, origin: str, operation: str = "ListUserPools") -> HttpAnswer:
    """Call an action as a page of this origin does."""
    headers = {"Origin": origin, "X-Amz-Target": TARGET + operation, "Authorization": "x"}
    return http(server.url, b'{"MaxResults": 1}', headers)


def preflight(server: LocalCognito, path: str, method: str, **headers: str) -> HttpAnswer:
    """Ask what a page may do."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return http(
        server.url + path, headers={"Access-Control-Request-Method": method, **named}, method="OPTIONS"
    )


class TestHosts:
    """A request must name the server by a name that it knows."""

    def test_allowed(self, running: LocalCognito) -> None:
        """A name that is allowed is answered."""
        assert http(f"{running.url}/health", headers={"Host": "[FD00:0:0::7]:9229"}).status == 200

    @pytest.mark.parametrize("path", ["/health", "/outbox"])
    def test_others(self, running: LocalCognito, path: str) -> None:
        """Whatever else a Host header says is refused, also where some names are allowed."""
        for host in ("cognito.evil.example", *FOREIGN_HOSTS):
            assert http(running.url + path, headers={"Host": host}).status == 403

    @pytest.mark.parametrize(
        ("request_line", "hosts", "status"),
        [
            ("GET /health HTTP/1.1", ["localhost", "evil.example"], 403),
            ("GET /health HTTP/1.1", ["localhost", "localhost"], 403),
            ("GET /health HTTP/1.1", [], 403),
            ("GET http://localhost/health HTTP/1.1", ["localhost"], 200),
            ("GET http://evil.example/health HTTP/1.1", ["localhost"], 403),
            ("GET http://localhost@evil.example/health HTTP/1.1", ["localhost"], 403),
            ("GET http://localhost/health HTTP/1.1", ["evil.example"], 403),
            ("GET http:///health HTTP/1.1", ["localhost"], 403),
            ("GET /health?x=http://evil.example HTTP/1.1", ["localhost"], 200),
        ],
    )
    def test_odd_requests(
        self, running: LocalCognito, request_line: str, hosts: list[str], status: int
    ) -> None:
        """Several Host headers, none, and another name in the request line are refused."""
        lines = [request_line, *(f"Host: {host}" for host in hosts), "Connection: close", "", ""]

        assert f" {status} ".encode() in raw(running, "\r\n".join(lines).encode())

    def test_the_issuer_is_the_same_by_every_name(self, running: LocalCognito) -> None:
        """By another name only the addresses of the keys are others; the issuer is AWS's."""
        path = f"{running.url}/us-east-1_Example/.well-known/openid-configuration"
        by_name = http(path, headers={"Host": "cognito:9229"}).content

        assert by_name["issuer"] == http(path).content["issuer"]
        assert by_name["jwks_uri"] == "http://cognito:9229/us-east-1_Example/.well-known/jwks.json"


class TestPages:
    """Pages of known origins may use the API and read the keys."""

    @pytest.mark.parametrize("origin", [APP, "http://localhost:3000"])
    def test_known(self, running: LocalCognito, origin: str) -> None:
        """They may read every answer, and of its headers those that SDKs look at."""
        keys = {"Origin": origin}
        answers = [
            from_page(running, origin),
            from_page(running, origin, "MakeCoffee"),
            http(f"{running.url}/us-east-1_Example/.well-known/jwks.json", headers=keys),
            http(f"{running.url}/us-east-1_Nowhere/.well-known/jwks.json", headers=keys),
        ]

        assert [answer.status for answer in answers] == [200, 400, 200, 404]
        for answer in answers:
            assert answer.headers["access-control-allow-origin"] == origin
            assert answer.headers["vary"] == "Origin"
            shown = answer.headers["access-control-expose-headers"]
            assert shown == "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"
            assert "access-control-allow-credentials" not in answer.headers

    @pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
    def test_unknown(self, running: LocalCognito, origin: str) -> None:
        """A page of any other origin is refused, whatever it asks for, and may not even read that."""
        keys = "/us-east-1_Example/.well-known/jwks.json"
        answers = [
            from_page(running, origin),
            http(running.url + keys, headers={"Origin": origin}),
            preflight(running, "/", "POST", Origin=origin),
            preflight(running, keys, "GET", Origin=origin, Access_Control_Request_Private_Network="true"),
            *(http(running.url + path, headers={"Origin": origin}) for path in PRIVATE),
        ]

        for answer in answers:
            assert answer.status == 403
            assert not [name for name in answer.headers if name.startswith("access-control")]

    @pytest.mark.parametrize("origin", [APP, "http://localhost:3000"])
    def test_preflight(self, running: LocalCognito, origin: str) -> None:
        """What SDKs ask for before a request is granted, to known pages, without a body."""
        answer = preflight(running, "/", "POST", Origin=origin, Access_Control_Request_Headers=SENT)

        assert (answer.status, answer.body) == (204, b"")
        assert answer.headers["access-control-allow-origin"] == origin
        assert answer.headers["access-control-allow-methods"] == "POST"
        assert answer.headers["access-control-allow-headers"].split(", ") == SENT.split(",")
        assert int(answer.headers["access-control-max-age"]) > 0
        assert answer.headers["vary"] == "Origin"
        assert "access-control-allow-private-network" not in answer.headers

    def test_preflight_for_keys(self, running: LocalCognito) -> None:
        """The keys may be read with headers of the page's own, and from a public network."""
        answer = preflight(
            running,
            "/us-east-1_Example/.well-known/jwks.json",
            "GET",
            Origin=APP,
            Access_Control_Request_Private_Network="true",
        )

        assert (answer.status, answer.headers["access-control-allow-methods"]) == (204, "GET")
        assert answer.headers["access-control-allow-private-network"] == "true"

    def test_odd_header_names(self, running: LocalCognito) -> None:
        """Only what has the form of a header's name is granted."""
        asked = "X-Amz-Target, x y, *, , x:y, x-ok, " + "x" * 200
        answer = preflight(running, "/", "POST", Origin=APP, Access_Control_Request_Headers=asked)

        assert answer.headers["access-control-allow-headers"] == "X-Amz-Target, x-ok"

    def test_caches_keep_answers_apart(self, running: LocalCognito) -> None:
        """The keys' answer to a program says that pages get others."""
        answer = http(f"{running.url}/us-east-1_Example/.well-known/jwks.json")

        assert answer.headers["vary"] == "Origin"


class TestMailboxAndClock:
    """What is for people and tests alone is no page's of another origin, not even a known one's."""

    @pytest.mark.parametrize("origin", [APP, "http://localhost:3000"])
    @pytest.mark.parametrize(
        ("method", "path"),
        [("GET", "/outbox"), ("DELETE", "/outbox"), ("GET", "/clock"), ("POST", "/clock"), ("GET", "/")],
    )
    def test_other_origin(self, running: LocalCognito, method: str, path: str, origin: str) -> None:
        """A page of another origin gets nothing and changes nothing, on this machine or elsewhere."""
        pool = running.create_pool()
        call_raw(running.url, "AdminCreateUser", invitation(pool.pool_id))
        before = running.outbox()
        body = b'{"advance": 1000000}' if method == "POST" else None
        answers = [
            http(running.url + path, body, {"Origin": origin}, method=method),
            preflight(running, path, method if path != "/" else "PUT", Origin=origin),
        ]

        for answer in answers:
            assert answer.status == 403
            assert not [name for name in answer.headers if name.startswith("access-control")]
        assert running.outbox() == before

    @pytest.mark.parametrize("path", ["/outbox", "/clock"])
    def test_fetch_metadata(self, running: LocalCognito, path: str) -> None:
        """Where a browser says that another site's page asks, without an Origin, it is refused as well."""
        for mode, destination in (("no-cors", "script"), ("navigate", "document"), ("navigate", "iframe")):
            headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": destination}
            assert http(running.url + path, headers=headers).status == 403

    def test_own_page(self, running: LocalCognito) -> None:
        """The server's own page may look into the mailbox and clear it."""
        host = "cognito:8000"
        headers = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}

        assert http(f"{running.url}/outbox", headers=headers).status == 200
        assert http(f"{running.url}/outbox", headers=headers, method="DELETE").status == 204

    def test_typed_address(self, running: LocalCognito) -> None:
        """A person may open the mailbox in a browser."""
        headers = {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}

        assert http(f"{running.url}/outbox", headers=headers).status == 200

    def test_link(self, running: LocalCognito) -> None:
        """A link from elsewhere leads to the page for people, but can't embed it or send it anything."""
        link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}

        assert http(f"{running.url}/", headers=link).status != 403
        assert http(f"{running.url}/", headers={**link, "Sec-Fetch-Dest": "iframe"}).status == 403
        assert http(f"{running.url}/", headers={**link, "Origin": APP}).status == 403

    @pytest.mark.parametrize("path", ["/outbox", "/clock", "/health"])
    def test_answers_stay_where_they_are(self, running: LocalCognito, path: str) -> None:
        """No cache keeps such an answer, and no page of another origin can embed it."""
        headers = http(running.url + path).headers

        assert headers["cache-control"] == "no-store"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"


def invitation(pool_id: str) -> dict[str, object]:
    """Return the request that makes a user and sends them a message."""
    email = {"Name": "email", "Value": "alice@example.com"}
    return {"UserPoolId": pool_id, "Username": "alice", "UserAttributes": [email]}


class TestOptions:
    """What the options may be."""

    @pytest.mark.parametrize(
        "origin",
        [
            *("*", "null", "", "app.example", "//app.example", "https://", "https://app.example/"),
            *("https://app.example/path", "https://app.example?x", "https://app.example#x"),
            *("https://*.example", "https://user@app.example", "https://app.example:0"),
            *("https://app.example:99999", "https://app.example:x", "https://app.example:", "file://"),
            *("https://app.example ", " https://app.example", "https://app.example\n", "https://a b.example"),
            *(
                "https://app.example,https://b.example",
                "https://[::g]",
                "https://[::1",
                "https://bücher.example",
            ),
        ],
    )
    def test_no_origin(self, origin: str) -> None:
        """A malformed origin is refused in a sentence."""
        with pytest.raises(ValueError, match="is not an origin: it must look like"):
            LocalCognito(allow_origins=[origin])

    @pytest.mark.parametrize(
        "name",
        [
            *(
                "",
                "*",
                "*.example",
                "http://cognito",
                "cognito:9229",
                "cognito:80",
                "cognito/path",
                "user@cognito",
            ),
            *("[::g]", "[fd00::7]:80", "a b", "a\n", ".", "-", "bücher", "a,b", "::1%lo"),
        ],
    )
    def test_no_host_name(self, name: str) -> None:
        """A malformed host name is refused in a sentence."""
        with pytest.raises(ValueError, match="is not a host name: it must be"):
            LocalCognito(allowed_hosts=[name])

    @pytest.mark.parametrize("name", ["allowed_hosts", "allow_origins"])
    def test_no_list(self, name: str) -> None:
        """A text in place of a list is not taken for a list of its letters."""
        options: dict[str, Any] = {name: "cognito"}
        with pytest.raises(ValueError, match="must be lists of names"):
            LocalCognito(**options)

    @pytest.mark.parametrize("name", ["0.0.0.0", "::", "[::]", "0:0::0"])
    def test_name_of_every_machine(self, name: str) -> None:
        """An address that stands for every one is no name: a browser may be led to it."""
        with pytest.raises(ValueError, match="is the name of no machine"):
            LocalCognito(allowed_hosts=[name])

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "cognito", "0", "10.0.0.1", "128.0.0.1"])
    def test_open_host_needs_a_name(self, host: str) -> None:
        """Where other machines can reach the server, the name that they call it must be given."""
        with pytest.raises(ValueError, match=f"Other machines can reach {host}"):
            LocalCognito(host=host)

    @pytest.mark.parametrize("host", ["", "*", "http://localhost", "localhost:9229", "a b", "[]"])
    def test_no_host(self, host: str) -> None:
        """What can't be listened at is refused, also where a name is allowed."""
        with pytest.raises(ValueError, match="is not a host name"):
            LocalCognito(host=host, allowed_hosts=["cognito"])

    @pytest.mark.parametrize(
        ("host", "shown"),
        [
            *(("127.0.0.1", "127.0.0.1"), ("localhost", "127.0.0.1"), ("LOCALHOST", "127.0.0.1")),
            *(("127.0.0.2", "127.0.0.2"), ("::1", "[::1]"), ("[::1]", "[::1]")),
        ],
    )
    def test_loopback_hosts(self, host: str, shown: str, caplog: pytest.LogCaptureFixture) -> None:
        """Loopback addresses need no name, and no warning; the URL that is shown works."""
        if ":" in host and not has_ipv6():
            pytest.skip("no IPv6 here")
        with LocalCognito(host=host) as server:
            assert server.url.startswith(f"http://{shown}:")
            assert http(f"{server.url}/health").status == 200
        assert caplog.text == ""

    @pytest.mark.parametrize(
        ("host", "shown"), [("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("0", "127.0.0.1")]
    )
    def test_every_address(self, host: str, shown: str) -> None:
        """A server at every address shows the loopback one, and warns; it answers allowed names alone."""
        if ":" in host and not has_ipv6():
            pytest.skip("no IPv6 here")
        names = {"cognito:80": 200, "localhost": 200, "0.0.0.0": 403, "[::]": 403, "evil.example": 403}
        options = ("--host", host, "--allowed-host", "cognito")
        with server_process(*options, stderr=subprocess.PIPE) as (process, printed):
            assert printed["URL"].startswith(f"http://{shown}:")
            for name, status in names.items():
                assert http(f"{printed['URL']}/health", headers={"Host": name}).status == status
            process.terminate()
            _, said = process.communicate(timeout=30)

        assert said == f"Other machines can reach this pool at {host}. It is not for real users.\n"

    @pytest.mark.parametrize("host", ["192.0.2.1", "nowhere.invalid"])
    def test_address_of_no_machine_here(self, host: str) -> None:
        """An address that is not this machine's ends the command as a taken port does."""
        assert "Can't serve on port 0 with :memory:" in run_refused(
            "--host", host, "--allowed-host", "cognito"
        )


def has_ipv6() -> bool:
    """Tell whether there is an IPv6 loopback address."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
