"""An app with AWS Amplify, version 6, in a real browser; a page of the test's own serves it."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from test.support.browser import site, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from test.support.browser import Browser
    from test.support.pools import AppClient

BUNDLE = Path(__file__).parents[1] / "clients" / "browser" / "bundle" / "app.js"
PAGE = b"<!DOCTYPE html><title>app</title><script src=/app.js></script>"
NAME, ADDRESS = "alice", "alice@example.com"
PASSWORD = "Correct-Horse-1!"
SIGNED_IN = {"isSignedIn": True, "nextStep": {"signInStep": "DONE"}}
needs_bundle = pytest.mark.skipif(
    not BUNDLE.exists(), reason="The app with Amplify is not built: run `make clients`."
)


@contextmanager
def app_site() -> Iterator[str]:
    """Serve the app on a port of its own, as a developer's server does, and give its URL."""
    pages = {"/": ("text/html", PAGE), "/app.js": ("text/javascript", BUNDLE.read_bytes())}
    with site(pages) as url:
        yield url


class App:
    """The app in the browser, for one app client of a pool."""

    def __init__(self, browser: Browser, endpoint: str, pool: AppClient) -> None:
        self._browser = browser
        until(browser, lambda: browser.run("return 'app' in window"))
        browser.run("app.configure(...given)", endpoint, pool.pool_id, pool.client_id)

    def call(self, name: str, **options: Any) -> Any:
        """Call a function of `aws-amplify/auth`, and return what it resolves to."""
        return self._browser.run("return await app[given[0]](given[1])", name, options)

    def access_token(self, **options: Any) -> str:
        """Return the access token of the session."""
        script = "return (await app.fetchAuthSession(given[0])).tokens.accessToken.toString()"
        return str(self._browser.run(script, options))

    def sign_up(self, code: Callable[[str], str]) -> None:
        """Sign a user up and confirm with the code that `code` finds for an address."""
        attributes = {"userAttributes": {"email": ADDRESS}}
        signed_up = self.call("signUp", username=NAME, password=PASSWORD, options=attributes)
        assert signed_up["nextStep"]["signUpStep"] == "CONFIRM_SIGN_UP"
        confirmed = self.call("confirmSignUp", username=NAME, confirmationCode=code(ADDRESS))
        assert confirmed["nextStep"]["signUpStep"] == "DONE"

    def sign_in(self, password: str = PASSWORD) -> dict[str, Any]:
        """Sign in by SRP, which is Amplify's own choice; return the next step."""
        step: dict[str, Any] = self.call("signIn", username=NAME, password=password)["nextStep"]
        return step
