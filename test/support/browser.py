"""Debian's Chromium, driven by its own driver; it reaches nothing but this machine."""

from __future__ import annotations

import json
import os
import shutil
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    JavascriptException,
    StaleElementReferenceException,
)
from selenium.webdriver.common.virtual_authenticator import VirtualAuthenticatorOptions
from selenium.webdriver.support.ui import WebDriverWait

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

PATIENCE = 20  # seconds
LOOKS = 0.05  # seconds from one look at the page to the next
# The page was being replaced, or renewed itself, at that very moment: another look is all it takes.
PASSING = (ElementClickInterceptedException, JavascriptException, StaleElementReferenceException)
PROGRAMS = ("chromium", "chromedriver")
FOREIGN_NAME = "app.test"  # leads to this machine, and is no name of it
LOOPBACK_NAMES = "MAP *.localhost 127.0.0.1, EXCLUDE 127.0.0.1, EXCLUDE localhost"
ARGUMENTS = (
    "--headless",
    "--no-sandbox",  # which root can't have
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    f"--host-resolver-rules=MAP {FOREIGN_NAME} 127.0.0.1, {LOOPBACK_NAMES}, MAP * ~NOTFOUND",
)


@contextmanager
def chromium(folder: Path) -> Iterator[Browser]:
    """Run the browser with an empty profile in `folder`; skip the test where it is not installed."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        pytest.skip(
            f"{' and '.join(missing)} not installed: Debian's packages are chromium, chromium-driver."
        )
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for argument in (*ARGUMENTS, f"--user-data-dir={folder}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    home = {**os.environ, "HOME": str(folder)}  # where it writes, too; the tests' own is not to exist
    driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver"), env=home))
    try:
        driver.set_script_timeout(PATIENCE)
        driver.set_page_load_timeout(PATIENCE)
        yield Browser(driver)
    finally:
        driver.quit()


class Browser:
    """A browser with one tab."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def reset(self) -> None:
        """Leave the page, and forget what it kept, what was emulated and what was noted."""
        self.driver.get("about:blank")
        self.command("Storage.clearDataForOrigin", origin="*", storageTypes="all")
        self.command("Emulation.setEmulatedMedia", media="", features=[])
        self.command("Emulation.setScriptExecutionDisabled", value=False)
        self.command("Emulation.clearDeviceMetricsOverride")
        self.complaints()
        self.requested()

    def command(self, name: str, **parameters: Any) -> Any:
        """Send a command of the Chrome DevTools Protocol."""
        return self.driver.execute_cdp_cmd(name, parameters)

    def open(self, url: str) -> None:
        """Open a page and wait until it is loaded and its scripts have run."""
        self.driver.get(url)
        until(self, lambda: self.driver.execute_script("return document.readyState") == "complete")

    @contextmanager
    def authenticator(self, *, verifies_user: bool = True) -> Iterator[None]:
        """Give the browser a built-in authenticator without passkeys, which may verify its user."""
        options = VirtualAuthenticatorOptions(
            protocol=VirtualAuthenticatorOptions.Protocol.CTAP2,
            transport=VirtualAuthenticatorOptions.Transport.INTERNAL,
            has_resident_key=True,
            has_user_verification=verifies_user,
            is_user_verified=verifies_user,
        )
        self.driver.add_virtual_authenticator(options)
        # A passkey is for the page that has the focus, which another test's page may have taken.
        self.command("Page.bringToFront")
        self.command("Emulation.setFocusEmulationEnabled", enabled=True)
        try:
            yield
        finally:
            self.command("Emulation.setFocusEmulationEnabled", enabled=False)
            self.driver.remove_virtual_authenticator()

    def click(self, by: str, value: str) -> None:
        """Click on the element that is there, also while the page renews itself."""

        def clicked() -> bool:
            self.driver.find_element(by, value).click()
            return True

        until(self, clicked)

    def open_details(self) -> None:
        """Open all that can be opened, at once: the page may renew itself from one click to the next."""
        self.driver.execute_script("for (const one of document.querySelectorAll('details')) one.open = true")

    def run(self, script: str, *given: Any) -> Any:
        """Run a script's body in the page; it may wait for promises, and finds what is `given` in `given`."""
        wrapped = (
            "const done = arguments[arguments.length - 1]; const given = [...arguments].slice(0, -1);"
            f"(async () => {{ {script} }})().then((value) => done({{ value }}),"
            "(error) => done({ error: { name: error.name, message: error.message } }));"
        )
        answer = self.driver.execute_async_script(wrapped, *given)
        if "error" in answer:
            raise PageError(f"{answer['error']['name']}: {answer['error']['message']}")
        return answer.get("value")

    @property
    def text(self) -> str:
        """The text that can be seen, in one line; asked for in one step, in which no page changes."""
        seen: str = self.driver.execute_script("return document.body?.innerText ?? ''")
        return " ".join(seen.split())

    def wait_for(self, text: str, *, is_there: bool = True) -> None:
        """Wait until a text can be seen, or no longer."""
        problem = f"{text!r} {'missing' if is_there else 'still'} there"
        until(self, lambda: (text in self.text) is is_there, problem)

    def complaints(self) -> list[str]:
        """Return what the browser has complained of since it was asked last: errors, breaches of policy."""
        log: Any = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [entry["message"] for entry in log if entry["level"] in {"WARNING", "SEVERE"}]

    def requested(self) -> list[str]:
        """Return the URL of each request since it was asked last, less those that the policy stopped."""
        log: Any = self.driver.get_log("performance")  # type: ignore[no-untyped-call]
        events = [json.loads(entry["message"])["message"] for entry in log]
        sent = [event["params"] for event in events if event["method"] == "Network.requestWillBeSent"]
        stopped = {
            event["params"]["requestId"]
            for event in events
            if event["method"] == "Network.loadingFailed" and event["params"].get("blockedReason") == "csp"
        }
        return [request["request"]["url"] for request in sent if request["requestId"] not in stopped]


class PageError(Exception):
    """What a script in a page threw: its name and its message."""


@contextmanager
def site(pages: Mapping[str, tuple[str, bytes]]) -> Iterator[str]:
    """Serve pages, by path their type and content, on another port of this machine; give the URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, content = pages.get(self.path, ("", b""))
            self.send_response(200 if kind else 404)
            self.send_header("Content-Type", kind or "text/plain")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def until(browser: Browser, condition: Callable[[], Any], problem: str = "") -> Any:
    """Wait until a condition gives something true, and return that; `problem` is what is said otherwise."""
    patient = WebDriverWait(browser.driver, PATIENCE, LOOKS, ignored_exceptions=PASSING)
    return patient.until(lambda _: condition(), problem)
