"""Apps of other origins in a real browser: which may use the API, and that none sees the mailbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from local_cognito import LocalCognito
from test.support.browser import FOREIGN_NAME, site
from test.support.pool_driver import TARGET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from test.support.browser import Browser
    from test.support.pool_driver import PoolDriver

# What an app can read of a URL: status and text of the answer, or nothing.
READ = """
const [url, options] = given;
try {
  const answer = await fetch(url, options);
  return { status: answer.status, text: await answer.text(), id: answer.headers.get('x-amzn-RequestId') };
} catch (error) {
  return null;
}
"""
SIGN_UP = {
    "method": "POST",
    "headers": {"X-Amz-Target": f"{TARGET}SignUp", "Content-Type": "application/x-amz-json-1.1"},
    "body": "{}",
}


@pytest.fixture
def app() -> Iterator[str]:
    """Serve an app on another port, and give its URL."""
    with site({"/": ("text/html", b"<!DOCTYPE html><title>app</title>")}) as url:
        yield url


def test_loopback_app_uses_the_api(browser: Browser, pool: PoolDriver, app: str) -> None:
    """An app on another port reads the API's refusals and the keys."""
    browser.open(app)
    refusal = browser.run(READ, pool.server.url, SIGN_UP)
    keys = browser.run(READ, f"{pool.server.url}/{pool.id}/.well-known/jwks.json", {})

    assert (refusal["status"], "InvalidParameterException" in refusal["text"]) == (400, True)
    assert refusal["id"]
    assert '"kid"' in keys["text"]


@pytest.mark.parametrize("path", ["/outbox", "/outbox?to=alice%40example.com", "/", "/page.js"])
def test_loopback_app_reads_no_mail(browser: Browser, pool: PoolDriver, app: str, path: str) -> None:
    """It reads neither the mailbox nor the page, however it asks."""
    pool.sign_up()
    browser.open(app)

    ways: list[dict[str, Any]] = [{}, {"headers": {"X-Any": "1"}}, {"credentials": "include"}]
    assert [browser.run(READ, pool.server.url + path, options) for options in ways] == [None] * 3


def test_loopback_app_clears_no_mail(browser: Browser, pool: PoolDriver, app: str) -> None:
    """It can't clear the mailbox either, not even blindly, where it would not read the answer."""
    pool.sign_up()
    browser.open(app)
    for options in ({"method": "DELETE"}, {"method": "POST", "mode": "no-cors"}):
        browser.run(READ, f"{pool.server.url}/outbox", options)

    assert len(pool.codes()) == 1


@pytest.mark.parametrize("is_allowed", [True, False])
def test_app_of_another_name(browser: Browser, app: str, *, is_allowed: bool) -> None:
    """Where its origin is allowed, an app of another name uses the API, but never reads the mailbox."""
    foreign = app.replace("127.0.0.1", FOREIGN_NAME)
    with LocalCognito(allow_origins=[foreign] if is_allowed else []) as server:
        pool = server.create_pool()
        browser.open(foreign)
        answers = [
            browser.run(READ, server.url, SIGN_UP),
            browser.run(READ, f"{server.url}/{pool.pool_id}/.well-known/jwks.json", {}),
        ]
        mail = browser.run(READ, f"{server.url}/outbox", {})

    assert [answer is not None for answer in answers] == [is_allowed] * 2
    assert mail is None


def test_name_that_was_made_to_lead_here(browser: Browser, server: LocalCognito) -> None:
    """Under a name that is not the server's, its own page is refused: that is how rebinding begins."""
    browser.open(server.url.replace("127.0.0.1", FOREIGN_NAME))

    assert "This server answers requests to names it knows only." in browser.text
