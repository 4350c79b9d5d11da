"""The page for people: what it shows, what it never shows, and whom it answers."""

from __future__ import annotations

import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyotp import TOTP

from local_cognito import LocalCognito
from local_cognito.page.contents import MESSAGES, POOLS, USERS_OF_ONE_POOL
from local_cognito.storage.records import Device, Message, Pool
from local_cognito.storage.user_records import CONFIRMED, SignInName, User
from test.support.inside import store_of
from test.support.pool_driver import ALICE, BOB, PASSWORD, TARGET, http
from test.support.pools import REQUIRED_TOTP, TRACKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from test.support.pool_driver import HttpAnswer, PoolDriver

ROOT = Path(__file__).parents[2]
PATHS = ["/", "/page.css", "/page.js", "/page.svg"]
HOSTILE = [
    "<script>window.ran=1</script>",
    '"><img/src=x/onerror=window.ran=1>',
    "'/onmouseover='window.ran=1",
    "</title></main><iframe/src=//evil.example>",
    "javascript:window.ran=1",
    "{{7*7}}{%raw%}${7*7}",
    "&lt;b&gt;&#60;b",
    "مرحبا",
    "👩🏽🚀",
]


class Shown(HTMLParser):
    """What a page shows: its text, and its elements with their attributes."""

    def __init__(self, answer: HttpAnswer) -> None:
        super().__init__()
        self.text = ""
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(answer.body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element; where it begins, words do not run together."""
        self.elements.append((tag, dict(attrs)))
        if tag not in {"bdi", "span", "wbr"}:
            self.text += " "

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.text += data

    @property
    def rows(self) -> list[str]:
        """The keys of the rows of all tables."""
        return [str(attributes.get("data-key")) for tag, attributes in self.elements if tag == "tr"][1:]

    def link(self, text: str) -> str:
        """Return where the link with a text in its address leads."""
        (found,) = [
            str(attributes["href"])
            for tag, attributes in self.elements
            if tag == "a" and text in str(attributes["href"])
        ]
        return found


def shown(pool: PoolDriver, query: str = "") -> Shown:
    """Return what the page shows of one pool."""
    return Shown(http(f"{pool.server.url}/?pool={pool.id}{query}"))


def put_users(server: LocalCognito, pool_id: str, count: int) -> None:
    """Put so many users into a pool, past the API, which would take a password's time for each."""
    store = store_of(server)
    with store.transaction():
        for number in range(count):
            name = f"user{number:05}"
            address = {"email": f"{number:05}@example.com"}
            store.users.put(User(pool_id, name, f"sub {number}", CONFIRMED, address, "", "", 1.0, 1.0))
            store.names.put(SignInName(pool_id, "sub", f"sub {number}", name))


class TestWhatItShows:
    """Pools, app clients, users, groups and the mailbox."""

    def test_pool_and_its_clients(self, pool: PoolDriver) -> None:
        """A pool is shown with its ID, its settings, and each app client with ID and flows."""
        other = pool.other_client(ClientName="backend", GenerateSecret=True)
        page = shown(pool)

        assert all(text in page.text for text in (pool.id, pool.client_id, other.client_id, "backend"))
        assert "ADMIN_USER_PASSWORD_AUTH" in page.text
        assert "DescribeUserPoolClient" in page.text
        assert {pool.id, pool.client_id, pool.server.url} <= {
            attributes["value"] for tag, attributes in page.elements if attributes.get("class") == "copy"
        }

    def test_user(self, mfa_pool: PoolDriver) -> None:
        """A user is shown with status, attributes, factors, devices and groups."""
        secret = mfa_pool.enrolled(attributes={"given_name": "Alice"})
        device = mfa_pool.track(mfa_pool.sign_in_with_mfa(secret), name="phone")
        mfa_pool.api.create_group(UserPoolId=mfa_pool.id, GroupName="staff", Description="All of us")
        group = {"UserPoolId": mfa_pool.id, "Username": ALICE, "GroupName": "staff"}
        mfa_pool.api.admin_add_user_to_group(**group)
        text = " ".join(shown(mfa_pool).text.split())

        assert f"{ALICE}@example.com Copy verified" in text
        assert f"CONFIRMED SOFTWARE_TOKEN_MFA {TOTP(secret).at(mfa_pool.clock())} Copy until" in text
        assert "1 device phone, remembered" in text
        assert device.key in text
        assert "given_name Alice" in text
        assert text.count(mfa_pool.described()["attributes"]["sub"]) == 1
        assert "staff All of us 1" in text

    def test_states_of_users_and_devices(self, mfa_pool: PoolDriver) -> None:
        """Who is not confirmed or was disabled is shown so, and what became of each device."""
        mfa_pool.sign_up()
        mfa_pool.api.admin_disable_user(UserPoolId=mfa_pool.id, Username=ALICE)
        store = store_of(mfa_pool.server)
        with store.transaction():
            for verifier in ("", "1"):
                key = f"{mfa_pool.id} device{verifier}"
                store.devices.put(Device(key, mfa_pool.id, ALICE, "", 1.0, 1.0, verifier=verifier))
        text = " ".join(shown(mfa_pool).text.split())

        assert "not verified" in text
        assert "UNCONFIRMED disabled none 2 devices not remembered" in text
        assert "not confirmed" in text

    def test_preferred_factor(self, make_pool: Callable[..., PoolDriver]) -> None:
        """Of several factors, the preferred one is marked."""
        pool = make_pool(mfa=REQUIRED_TOTP | {"MfaConfiguration": "OPTIONAL"})
        pool.user()
        with pool.changed("users", pool.id, ALICE) as user:
            user.totp_secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
            user.mfa = {"enabled": ["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"], "preferred": "EMAIL_OTP"}
        with pool.changed("pools", pool.id) as record:
            record.settings["EmailMfaConfiguration"] = {}

        assert "SOFTWARE_TOKEN_MFA EMAIL_OTP preferred" in " ".join(shown(pool).text.split())

    @pytest.mark.parametrize(
        ("settings", "mfa", "facts"),
        [
            ({}, None, ["Sign in with user name", "MFA OFF", "Verified by code email", "not tracked"]),
            (
                {"UsernameAttributes": ["email"], "AutoVerifiedAttributes": []},
                REQUIRED_TOTP,
                ["Sign in with email", "MFA ON: SOFTWARE_TOKEN_MFA", "Verified by code nothing"],
            ),
            (
                {"AliasAttributes": ["email"], "DeviceConfiguration": TRACKING},
                None,
                ["Sign in with user name, email", "Devices tracked, and stand in for MFA"],
            ),
            ({"DeviceConfiguration": TRACKING | {"ChallengeRequiredOnNewDevice": False}}, None, ["tracked"]),
        ],
    )
    def test_settings(
        self,
        make_pool: Callable[..., PoolDriver],
        settings: dict[str, Any],
        mfa: dict[str, Any] | None,
        facts: list[str],
    ) -> None:
        """What decides how users sign in is told in words."""
        text = " ".join(shown(make_pool(settings, mfa)).text.split())

        assert [fact for fact in facts if fact not in text] == []

    def test_mailbox_is_newest_first(self, pool: PoolDriver) -> None:
        """Messages stand newest first, each with its code, address and time."""
        pool.sign_up(ALICE)
        pool.sign_up(BOB)
        text = shown(pool).text
        newest, oldest = pool.codes(f"{BOB}@example.com")[-1], pool.codes(f"{ALICE}@example.com")[-1]

        assert text.index(newest) < text.index(f"{BOB}@example.com") < text.index(oldest)
        assert f"{BOB}@example.com" in text

    def test_mailbox_of_many(self, pool: PoolDriver) -> None:
        """Of many messages the newest are shown, and how many there are."""
        store = store_of(pool.server)
        with store.transaction():
            for number in range(MESSAGES + 1):
                store.messages.put(Message(pool.id, "to", "Your code", "", f"code-{number}-", 1.0))
        text = shown(pool).text

        assert f"The newest {MESSAGES} of {MESSAGES + 1}." in text
        assert "code-50-" in text
        assert "code-0-" not in text

    def test_empty_server(self) -> None:
        """Where there is nothing, the page says what makes it."""
        with LocalCognito() as server:
            text = Shown(http(server.url)).text

        assert "CreateUserPool makes one." in text
        assert "Nothing was sent yet." in text

    def test_secrets_are_not_shown(self, make_pool: Callable[..., PoolDriver]) -> None:
        """No password, client secret, TOTP secret, token or what is kept of them is on the page."""
        pool = make_pool({"DeviceConfiguration": TRACKING}, REQUIRED_TOTP, {"GenerateSecret": True})
        totp_secret = pool.enrolled()
        result = pool.sign_in_with_mfa(totp_secret)
        device = pool.track(result)
        session = pool.sign_in()["Session"]
        store = store_of(pool.server)
        with store.transaction():
            user = store.users.get(pool.id, ALICE)
            kept = store.devices.get(device.key)
        assert user
        assert kept
        page = http(f"{pool.server.url}/?pool={pool.id}").body.decode()

        secrets = [PASSWORD, pool.secret, totp_secret, session, user.salt, user.verifier]
        secrets += [kept.salt, kept.verifier, device.password, device.group_key]
        secrets += [result[name] for name in ("AccessToken", "IdToken", "RefreshToken")]
        assert [secret for secret in secrets if not secret or secret in page] == []


class TestHostileText:
    """Names and values that would be markup, script or disorder anywhere else."""

    @pytest.fixture
    def page(self, pool: PoolDriver) -> Shown:
        """Return the page of a pool in which every name is hostile."""
        for name in HOSTILE:
            attributes = [{"Name": "email", "Value": "a@example.com"}, {"Name": "name", "Value": name}]
            pool.api.admin_create_user(UserPoolId=pool.id, Username=name, UserAttributes=attributes)
            pool.api.create_group(UserPoolId=pool.id, GroupName=name, Description=name)
        with pool.changed("pools", pool.id) as record:
            record.settings["PoolName"] = "".join(HOSTILE)
        with pool.changed("clients", pool.client_id) as client:
            client.settings |= {"ClientName": "".join(HOSTILE), "ExplicitAuthFlows": HOSTILE}
        store = store_of(pool.server)
        with store.transaction():
            store.messages.put(Message(pool.id, "".join(HOSTILE), HOSTILE[0], "", HOSTILE[1], 1.0))
            store.devices.put(
                Device(HOSTILE[0] + pool.id, pool.id, HOSTILE[0], "", 1.0, 1.0, name=HOSTILE[1])
            )
        return shown(pool)

    def test_is_text(self, page: Shown) -> None:
        """All of it can be read as it is."""
        assert [name for name in HOSTILE if page.text.count(name) < 3] == []

    def test_is_no_markup(self, page: Shown, mfa_pool: PoolDriver) -> None:
        """None of it makes an element or an attribute that a page of harmless names lacks."""
        mfa_pool.user()
        mfa_pool.track(mfa_pool.sign_in_with_mfa(mfa_pool.enrolled(BOB), BOB))
        mfa_pool.api.create_group(UserPoolId=mfa_pool.id, GroupName="staff")
        harmless = shown(mfa_pool, f"&find={BOB}")

        assert {tag for tag, _ in page.elements} <= {tag for tag, _ in harmless.elements} | {"bdi", "span"}
        assert {name for _, attributes in page.elements for name in attributes} <= {
            name for _, attributes in harmless.elements for name in attributes
        }
        assert sum(tag == "script" for tag, _ in page.elements) == 1

    def test_links_lead_to_this_server(self, page: Shown) -> None:
        """Every link and every source is a path of this server."""
        places = [
            str(attributes[name])
            for _, attributes in page.elements
            for name in ("href", "src", "action")
            if name in attributes
        ]

        assert places
        assert [place for place in places if not place.startswith("/") or place.startswith("//")] == []

    @pytest.mark.parametrize(
        ("value", "reads"),
        [
            ("\u202egnp.exe\u202c", "U+202Egnp.exeU+202C"),
            ("a\x00\x07\x1b[31m\x7f\x85", "aU+0000U+0007U+001B[31mU+007FU+0085"),
            ("a\r\nb\tc", "aU+000DU+000AbU+0009c"),
            ("a\u200b\ufeff\u00ad\u2066b", "aU+200BU+FEFFU+00ADU+2066b"),
            ("a\u00a0\u3000\u2028b", "aU+00A0U+3000U+2028b"),
            ("a\U000e0041\ue000\U0010fffeb", "aU+E0041U+E000U+10FFFEb"),
            ("a b", "a b"),
            ("👩\u200d🚀 ن\u200cی", "👩\u200d🚀 ن\u200cی"),
        ],
    )
    def test_every_character_can_be_seen(self, pool: PoolDriver, value: str, reads: str) -> None:
        """What has no glyph or changes the order is spelled out; joiners within emoji and words stay."""
        pool.user()
        with pool.changed("users", pool.id, ALICE) as user:
            user.attributes["nickname"] = f"({value})"

        assert f"({reads})" in shown(pool).text

    def test_question_is_escaped_too(self, pool: PoolDriver) -> None:
        """What was looked for comes back as a value; a pool that is not there, as text."""
        put_users(pool.server, pool.id, 1)
        page = Shown(http(f"{pool.server.url}/?pool={pool.id}&find=%22%3E%3Cscript%3E"))
        unknown = Shown(http(f"{pool.server.url}/?pool=%3Cscript%3E%E2%80%AE"))

        assert [
            attributes["value"] for _, attributes in page.elements if attributes.get("name") == "find"
        ] == ['"><script>']
        assert "User pool <script>U+202E was not found on this server." in unknown.text
        assert sum(tag == "script" for tag, _ in (*page.elements, *unknown.elements)) == 2


@pytest.fixture(scope="module")
def crowd() -> Iterator[tuple[LocalCognito, str]]:
    """Give a server with a pool of many users beside further pools than fit on a page."""
    with LocalCognito() as server:
        store = store_of(server)
        with store.transaction():
            for number in range(POOLS + 3):
                settings = {"PoolName": f"pool {number}"}
                store.pools.put(Pool(f"us-east-1_P{number}", settings, 1.0, 1.0))
        put_users(server, "us-east-1_P0", USERS_OF_ONE_POOL + 5)
        yield server, f"{server.url}/?pool=us-east-1_P0"


class TestMany:
    """Pages, finding, and more pools than fit."""

    def test_pages_of_users(self, crowd: tuple[LocalCognito, str]) -> None:
        """A pool's users come newest first, a page at a time, each user on one page."""
        server, url = crowd
        first = Shown(http(url))
        second = Shown(http(server.url + first.link("before=")))
        names = [row for page in (first, second) for row in page.rows if row.startswith("user")]

        assert names == [f"user{number:05}" for number in reversed(range(USERS_OF_ONE_POOL + 5))]
        assert "105 users in all" in first.text
        assert "All users" in second.text

    @pytest.mark.parametrize(
        "text", ["user0001", "USER0001", "0001", "sub 17", "%20user00017%20", "00017@example.com"]
    )
    def test_finding_a_user(self, crowd: tuple[LocalCognito, str], text: str) -> None:
        """A user is found by how the user name or the e-mail address begins, or by any whole name."""
        _, url = crowd
        found = Shown(http(f"{url}&find={text.replace(' ', '%20')}")).rows

        assert "user00017" in found
        assert len(found) < 20

    def test_finding_nobody(self, crowd: tuple[LocalCognito, str]) -> None:
        """Where nobody is called so, the page says it."""
        _, url = crowd

        assert "No user of this pool has that in name or address." in Shown(http(f"{url}&find=nobody")).text

    def test_pages_of_pools(self, crowd: tuple[LocalCognito, str]) -> None:
        """Pools come newest first, a page at a time, and the form finds users where not all are shown."""
        server, _ = crowd
        first = Shown(http(server.url))
        second = Shown(http(server.url + first.link("/?before=")))

        assert "13 user pools, newest first." in first.text
        assert ("pool 12" in first.text, "pool 2 " in first.text) == (True, False)
        assert ("pool 2" in second.text, "pool 3" in second.text) == (True, False)
        assert sum(attributes.get("name") == "find" for _, attributes in first.elements) == 0
        assert sum(attributes.get("name") == "find" for _, attributes in second.elements) == 1

    @pytest.mark.parametrize(
        "query",
        [
            *("pool=us-east-1_Nowhere", "before=x", "before=-1", f"before={'9' * 20}"),
            *("find=%ff", f"find={'x' * 3000}"),
            "&".join(f"a{number}=1" for number in range(20)),
        ],
    )
    def test_where_no_link_leads(self, crowd: tuple[LocalCognito, str], query: str) -> None:
        """A query that no link of the page makes is not found, and the answer leads back."""
        server, _ = crowd
        answer = http(f"{server.url}/?{query}")

        assert answer.status == 404
        assert "All user pools" in Shown(answer).text


class TestHttp:
    """Headers, methods, and requests from elsewhere."""

    @pytest.mark.parametrize("path", PATHS)
    def test_headers(self, server: LocalCognito, path: str) -> None:
        """Every answer forbids what the page does not need, and lets no other origin read it."""
        headers = http(server.url + path).headers
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))

        assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
        assert {policy[f"{kind}-src"] for kind in ("script", "style", "img", "connect")} == {"'self'"}
        assert policy["form-action"] == "'self'"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert not [name for name in headers if name.startswith("access-control")]

    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "http://localhost:3000"},
            {"Origin": "null"},
            {"Origin": "https://evil.example"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
            {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"},
            {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
        ],
    )
    def test_pages_of_other_origins(self, pool: PoolDriver, path: str, headers: dict[str, str]) -> None:
        """A page of another origin, even of this machine, gets nothing: not read, included or framed."""
        answer = http(pool.server.url + path, headers=headers)

        assert answer.status == 403
        assert pool.id.encode() not in answer.body
        assert not [name for name in answer.headers if name.startswith("access-control")]

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
            {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
            {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
            {"Accept": "application/json"},
        ],
    )
    def test_people_are_answered(self, server: LocalCognito, headers: dict[str, str]) -> None:
        """Who types the address or follows a link gets the page, and so do its script and curl."""
        answer = http(server.url, headers=headers)

        assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")

    def test_its_own_origin(self, server: LocalCognito) -> None:
        """A request that names the page's own origin is answered."""
        assert http(server.url, headers={"Origin": server.url}).status == 200

    def test_says_when_nothing_changed(self, pool: PoolDriver) -> None:
        """Asked for a page that is still the same, it says just that; a sign-up makes it another."""
        url = f"{pool.server.url}/?pool={pool.id}"
        tag = http(url).headers["etag"]
        same = http(url, headers={"If-None-Match": tag})
        pool.sign_up()
        other = http(url, headers={"If-None-Match": tag})

        assert (same.status, same.body) == (304, b"")
        assert other.status == 200
        assert other.headers["etag"] != tag

    def test_idle_page_fills_no_log(self, caplog: pytest.LogCaptureFixture) -> None:
        """A page that asks whether anything has changed leaves a line in the log only when something has."""
        with LocalCognito(log=True) as server, caplog.at_level("INFO", "local_cognito.request_log"):
            tag = http(server.url).headers["etag"]
            statuses = [http(server.url, headers={"If-None-Match": tag}).status for _ in range(3)]
            server.create_pool()
            statuses.append(http(server.url, headers={"If-None-Match": tag}).status)

        assert statuses == [304, 304, 304, 200]
        assert len(caplog.messages) == 2

    @pytest.mark.parametrize("path", PATHS)
    def test_head(self, server: LocalCognito, path: str) -> None:
        """HEAD gives the headers of GET and no body, and the connection stays usable."""
        head, got = http(server.url + path, method="HEAD"), http(server.url + path)

        assert (head.status, head.body) == (200, b"")
        assert head.headers["content-length"] == str(len(got.body))

    def test_api_is_where_it_was(self, server: LocalCognito) -> None:
        """POST to the same address is the API, and nothing is changed by other methods."""
        headers = {"X-Amz-Target": f"{TARGET}ListUserPools", "Authorization": "x"}

        assert http(server.url, b'{"MaxResults": 1}', headers).status == 200
        assert http(server.url, method="DELETE").status == 405
        assert http(f"{server.url}/page.css", method="POST", body=b"").status == 405

    def test_nobody_waits_for_it(self) -> None:
        """The start loads no page, patterns or big numbers, and an API request no template library."""
        program = """
import json, sys, urllib.request
from local_cognito import LocalCognito
def loaded(*names):
    return [name for name in names if name in sys.modules]
with LocalCognito() as server:
    at_start = loaded("local_cognito.page.views", "regex", "gmpy2", "jinja2")
    headers = {"X-Amz-Target": "AWSCognitoIdentityProviderService.ListUserPools", "Authorization": "x"}
    urllib.request.urlopen(urllib.request.Request(server.url, b'{"MaxResults": 1}', headers)).read()
    before = loaded("jinja2")
    urllib.request.urlopen(server.url).read()
    print(json.dumps([at_start, before, loaded("jinja2")]))
"""
        result = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
        )

        assert json.loads(result.stdout) == [[], [], ["jinja2"]]
