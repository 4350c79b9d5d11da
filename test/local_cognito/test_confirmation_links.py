"""CONFIRM_WITH_LINK: the link in a message confirms the user when a person opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from local_cognito import LocalCognito
from test.local_cognito.conftest import client_of
from test.support.pool_driver import (
    ATTEMPT_LIMIT,
    CODE_EXPIRED,
    CODE_MISMATCH,
    PASSWORD,
    Clock,
    HttpAnswer,
    http,
    refused,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

EMAIL = "alice@example.com"
NAVIGATION = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


class Links:
    """A server with a pool that sends links, and a client of it."""

    def __init__(self, server: LocalCognito, clock: Clock) -> None:
        self.server, self.clock = server, clock
        self.api = client_of(server.url)
        self.pool_id = self.client_id = ""

    def make_pool(self, *, secret: bool = False, **template: str) -> None:
        """Make the pool that the test is about, and an app client."""
        template = {"DefaultEmailOption": "CONFIRM_WITH_LINK", **template}
        pool = self.api.create_user_pool(
            PoolName="pool", AutoVerifiedAttributes=["email"], VerificationMessageTemplate=template
        )
        self.pool_id = pool["UserPool"]["Id"]
        client = self.api.create_user_pool_client(
            UserPoolId=self.pool_id,
            ClientName="app",
            GenerateSecret=secret,
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        )
        self.client_id = client["UserPoolClient"]["ClientId"]

    def sign_up(self, name: str = "alice", client_id: str = "") -> dict[str, Any]:
        """Sign a user up and return the message."""
        self.api.sign_up(
            ClientId=client_id or self.client_id,
            Username=name,
            Password=PASSWORD,
            UserAttributes=[{"Name": "email", "Value": EMAIL}],
        )
        return self.server.outbox()[-1]

    def user(self, name: str = "alice") -> tuple[str, str]:
        """Return status and email_verified of a user."""
        found = self.api.admin_get_user(UserPoolId=self.pool_id, Username=name)
        attributes = {item["Name"]: item["Value"] for item in found["UserAttributes"]}
        return found["UserStatus"], attributes["email_verified"]


@pytest.fixture(scope="module")
def running() -> Iterator[Links]:
    """Give a server with a clock that tests move."""
    clock = Clock(1_750_000_000.0)
    with LocalCognito(clock=clock) as server:
        yield Links(server, clock)


@pytest.fixture
def links(running: Links) -> Links:
    """Give a pool that sends links."""
    running.server.clear_outbox()
    running.make_pool()
    return running


def text(answer: HttpAnswer) -> str:
    """Return a page without its marks for line breaks."""
    return answer.body.decode().replace("<wbr>", "")


def test_opening_confirms(links: Links) -> None:
    """The message has a link that looks like AWS's; opened, it confirms the user and verifies the address."""
    message = links.sign_up()
    parts = urlsplit(message["link"])

    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{links.server.url}/confirmUser"
    assert parse_qs(parts.query) == {
        "client_id": [links.client_id],
        "user_name": ["alice"],
        "confirmation_code": [message["code"]],
    }
    assert f'<a href="{message["link"]}">Click Here</a>' in message["body"]
    assert links.user() == ("UNCONFIRMED", "false")
    answer = http(message["link"], headers=NAVIGATION)
    assert (answer.status, "Your registration has been confirmed!" in text(answer)) == (200, True)
    assert links.user() == ("CONFIRMED", "true")


def test_one_use(links: Links) -> None:
    """A link that was opened says so, and changes nothing."""
    link = links.sign_up()["link"]
    http(link)
    answer = http(link)

    assert answer.status == 400
    assert "User cannot be confirmed. Current status is CONFIRMED" in text(answer)


def test_expiry(links: Links) -> None:
    """A link expires when its code does."""
    link = links.sign_up()["link"]
    links.clock.advance(24 * 60 * 60)

    assert CODE_EXPIRED[1] in text(http(link))
    assert links.user()[0] == "UNCONFIRMED"


def test_resent(links: Links) -> None:
    """ResendConfirmationCode sends a link, which replaces the one before."""
    first = links.sign_up()["link"]
    links.api.resend_confirmation_code(ClientId=links.client_id, Username="alice")

    assert CODE_MISMATCH[1] in text(http(first))
    assert http(links.server.outbox()[-1]["link"]).status == 200


def test_other_messages_have_a_code(links: Links) -> None:
    """Changed addresses and forgotten passwords are proved by a code, as AWS has it."""
    http(links.sign_up()["link"])
    token = links.api.initiate_auth(
        ClientId=links.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "alice", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]["AccessToken"]
    links.api.forgot_password(ClientId=links.client_id, Username="alice")
    links.api.get_user_attribute_verification_code(AccessToken=token, AttributeName="email")

    for message in links.server.outbox()[1:]:
        assert message["link"] is None
        assert message["code"] in message["body"]


def test_template(links: Links) -> None:
    """The pool's texts for links are sent, with its words as the link."""
    links.make_pool(
        EmailMessageByLink="Hello {username}, {##verify now##}. Not a placeholder: {##} {#",
        EmailSubjectByLink="Welcome",
        EmailMessage="Code {####}",
    )
    message = links.sign_up()

    assert message["subject"] == "Welcome"
    assert message["body"] == (
        f'Hello alice, <a href="{message["link"]}">verify now</a>. Not a placeholder: {{##}} {{#'
    )


def test_client_with_a_secret() -> None:
    """A link needs no secret hash: who sends it knows the secret."""
    seed = {
        "Pools": [
            {
                "PoolName": "seeded",
                "AutoVerifiedAttributes": ["email"],
                "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_LINK"},
                "Clients": [{"ClientName": "app", "GenerateSecret": True}],
                "Users": [
                    {
                        "Username": "alice",
                        "Password": PASSWORD,
                        "Status": "UNCONFIRMED",
                        "Attributes": {"email": EMAIL},
                    }
                ],
            }
        ]
    }
    with LocalCognito(seed=seed) as server:
        [message] = server.outbox()
        assert http(message["link"]).status == 200


@pytest.mark.parametrize("name", ['a"><script>&code=1#x', "ä€😀+%41?=", "{####}{username}{##x##}"])
def test_hostile_names(links: Links, name: str) -> None:
    """A user name stays what it is in the link, and adds nothing to the message or to the page."""
    message = links.sign_up(name)

    assert "<script>" not in message["body"]
    assert parse_qs(urlsplit(message["link"]).query)["user_name"] == [name]
    assert message["body"].count("<a ") == 1
    assert http(message["link"]).status == 200
    assert links.user(name)[0] == "CONFIRMED"


def test_hostile_links(links: Links) -> None:
    """A link that nobody was sent confirms nobody, and its page shows text as text."""
    client = "client_id=%3Cscript%3E&user_name=alice&confirmation_code=1"
    unknown = f"client_id={links.client_id}&user_name=nobody&confirmation_code=1"
    for query, status in (
        ("", 404),
        ("client_id=x", 404),
        ("client_id=%FF&user_name=a&confirmation_code=1", 404),
        (client, 400),
        (unknown, 400),
        (f"client_id={links.client_id}&user_name=alice&confirmation_code=", 404),
    ):
        answer = http(f"{links.server.url}/confirmUser?{query}")
        assert answer.status == status, query
        assert b"<script" not in answer.body
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_guessing(links: Links) -> None:
    """Guesses count as those of ConfirmSignUp do, by whichever way they come."""
    message = links.sign_up()
    guess = message["link"].replace(message["code"], f"{(int(message['code']) + 1) % 10**6:06}")
    for _ in range(15):
        assert CODE_MISMATCH[1] in text(http(guess))

    assert ATTEMPT_LIMIT[1] in text(http(message["link"]))
    with refused(*ATTEMPT_LIMIT):
        links.api.confirm_sign_up(
            ClientId=links.client_id, Username="alice", ConfirmationCode=message["code"]
        )
    assert links.user()[0] == "UNCONFIRMED"


def test_what_does_not_open_it(links: Links) -> None:
    """A look at the link alone, or a page that loads it, confirms nobody."""
    link = links.sign_up()["link"]

    assert http(link, method="HEAD").status == 405
    assert http(link, b"").status == 405
    for mode, kind in (("no-cors", "image"), ("navigate", "iframe")):
        headers = {**NAVIGATION, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": kind}
        assert http(link, headers=headers).status == 403
    assert links.user()[0] == "UNCONFIRMED"


def test_among_the_calls(links: Links) -> None:
    """Opening a link is a call of ConfirmSignUp, whose code is a label."""
    message = links.sign_up()
    http(message["link"])
    call = http(f"{links.server.url}/calls").content[-1]

    assert (call["action"], call["user"], call["status"]) == ("ConfirmSignUp", "alice", 200)
    assert message["code"] not in str(call["request"])


def test_mailbox_of_the_page(links: Links) -> None:
    """The page's mailbox has the link."""
    link = links.sign_up()["link"]
    page = text(http(links.server.url, headers={"Accept": "text/html"}))

    path = link.removeprefix(links.server.url).replace("&", "&amp;")
    assert f'<a href="{path}">Open the link</a>' in page
