"""The page for people in a real browser: what can be seen, how it stays up to date, what does not run."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from pyotp import TOTP
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from local_cognito import LocalCognito
from local_cognito.page import views as page
from local_cognito.storage.records import Message
from local_cognito.storage.user_records import CONFIRMED, User
from test.support.browser import site, until
from test.support.inside import store_of
from test.support.pool_driver import ALICE, BOB

if TYPE_CHECKING:
    from test.support.browser import Browser
    from test.support.pool_driver import PoolDriver

RUN = "window.ran = true"
STACKED = "Z\u0335"  # marks on marks on a letter, which are kept from the texts around it
SCRIPTS = [
    f"<script>{RUN}</script>",
    f'"><img src=x onerror="{RUN}">',
    f"<svg onload='{RUN}'>",
    "<iframe srcdoc='<script>parent.ran = true</script>'></iframe>",
    f"<a href='javascript:{RUN}'>here</a>",
    "<img src=//evil.example/image><link rel=stylesheet href=//evil.example/style>",
]
HOSTILE = [
    *SCRIPTS,
    "<form action='https://evil.example'><input name=find><button>Go</button></form>",
    "<base href='https://evil.example/'><meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<style>body { background: url(https://evil.example/x) }</style>",
    "{{7*7}}",
    "\u202e\u2066upside down",
    "w" * 2048,
    "مرحبا " * 300,
    STACKED + "\u0335\u0321\u0489" * 300,
    "👩🏽\u200d🚀" * 300,
    "",
]


def fill(pool: PoolDriver, hostile: list[str] = HOSTILE) -> None:
    """Give every text of the page a hostile value."""
    store = store_of(pool.server)
    with store.transaction():
        record, client = store.pools.get(pool.id), store.clients.get(pool.client_id)
        assert record
        assert client
        record.settings["PoolName"] = "".join(hostile[:8])
        client.settings |= {"ClientName": "".join(hostile[:8]), "ExplicitAuthFlows": hostile}
        store.pools.put(record)
        store.clients.put(client)
        for number, text in enumerate(hostile):
            attributes = {"email": text, "name": text, f"custom:{text}": "value"}
            store.users.put(User(pool.id, text, text, CONFIRMED, attributes, "", "", number, number))
            store.messages.put(Message(pool.id, text, text, "", text[:100], float(number)))


class TestWhatCanBeSeen:
    """The page as a person sees it."""

    def test_all_of_a_pool(self, browser: Browser, pool: PoolDriver) -> None:
        """Pool, app client, users with their state, device and mailbox stand on one page."""
        secret = pool.enrolled()
        pool.track(pool.sign_in_with_mfa(secret), name="phone")
        pool.sign_up(BOB)
        browser.open(pool.server.url)

        assert browser.driver.title == "local_cognito"
        assert all(text in browser.text for text in (pool.server.url, pool.id, pool.client_id))
        assert (
            f"{ALICE} Copy Act on {ALICE} {ALICE}@example.com Copy verified more CONFIRMED SOFTWARE_TOKEN_MFA"
            in browser.text
        )
        assert f"{BOB}@example.com Copy not verified more UNCONFIRMED none none none" in browser.text
        assert f"{pool.codes()[-1]} Copy {BOB}@example.com" in browser.text
        assert browser.complaints() == []

    def test_without_scripts(self, browser: Browser, pool: PoolDriver) -> None:
        """Without scripts everything can be read, what needs one is not offered, and a reload renews it."""
        pool.sign_up()
        browser.command("Emulation.setScriptExecutionDisabled", value=True)
        browser.open(pool.server.url)
        assert all(text in browser.text for text in (pool.id, pool.client_id, ALICE, pool.codes()[-1]))
        assert "Reload the page" in browser.text
        assert "Copy" not in browser.text

        pool.sign_up(BOB)
        browser.driver.refresh()
        assert pool.codes()[-1] in browser.text

    @pytest.mark.parametrize("width", [320, 360, 800, 1300, 1440])
    def test_every_width(self, browser: Browser, pool: PoolDriver, width: int) -> None:
        """Nothing runs out of the page or is cut off, whatever is on it, and however narrow it is."""
        fill(pool)
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
        browser.command("Emulation.setDeviceMetricsOverride", **size)
        browser.open(pool.server.url)
        browser.open_details()
        widest = browser.run(
            "return Math.max(...[...document.body.querySelectorAll('*:not(thead, thead *)')]"
            ".map((one) => one.getBoundingClientRect().right))"
        )

        assert browser.run("return document.documentElement.scrollWidth") <= width
        assert widest <= width
        assert [text for text in browser.run(CUT_OFF) if STACKED not in text] == []

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_contrast(self, browser: Browser, pool: PoolDriver, scheme: str) -> None:
        """In light and in dark, every text stands out from what is behind it by 4.5 to 1 or more."""
        pool.enrolled()
        pool.sign_up(BOB)
        pool.api.admin_disable_user(UserPoolId=pool.id, Username=BOB)
        with pool.changed("users", pool.id, BOB) as user:
            user.attributes["name"] = "\u202e"
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.command("Emulation.setEmulatedMedia", features=features)
        browser.open(pool.server.url)
        browser.open_details()
        colours = browser.run(COLOURS)

        assert len(colours) > 30
        assert [pair for pair in colours if contrast(pair["ink"], pair["ground"]) < 4.5] == []
        ground = luminance(browser.run("return getComputedStyle(document.documentElement).backgroundColor"))
        assert (ground > 0.5) == (scheme == "light")

    def test_structure(self, browser: Browser, pool: PoolDriver) -> None:
        """Headings go down a level at a time, tables have headers, and all that takes input has a name."""
        fill(pool)
        browser.open(f"{pool.server.url}/?pool={pool.id}&find=w")
        for details in browser.driver.find_elements(By.TAG_NAME, "summary"):
            details.click()
        levels = browser.run(
            "return [...document.querySelectorAll('h1,h2,h3')].map((one) => +one.tagName[1])"
        )
        headers = browser.run("return [...document.querySelectorAll('th')].map((one) => one.scope)")
        controls = browser.driver.find_elements(
            By.CSS_SELECTOR, "button, a, summary, select, input:not([type=hidden])"
        )

        assert browser.run("return document.documentElement.lang") == "en"
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))
        assert set(headers) == {"col", "row"}
        assert [one.get_attribute("outerHTML") for one in controls if not one.accessible_name] == []

    def test_finding_a_user(self, browser: Browser, pool: PoolDriver) -> None:
        """Where not all users fit, one is found by how the name begins."""
        store = store_of(pool.server)
        with store.transaction():
            for number in range(150):
                name = f"user{number}"
                store.users.put(User(pool.id, name, name, CONFIRMED, {}, "", "", 1.0, 1.0))
        browser.open(pool.server.url)
        assert "150 users in all, newest first: 100 on this page." in browser.text
        browser.driver.find_element(By.NAME, "find").send_keys("user14\n")
        browser.wait_for("found: 11 on this page.")
        browser.click(By.LINK_TEXT, "All users")
        browser.wait_for("newest first: 100 on this page.")
        browser.click(By.LINK_TEXT, "Older users")
        browser.wait_for("newest first: 50 on this page.")

        assert browser.complaints() == []


class TestActing:
    """Forms in a browser: what is done is shown, and the person stays where they are."""

    def test_by_keyboard_alone(self, browser: Browser, pool: PoolDriver) -> None:
        """A person gets to a form by Tab, opens it by Enter, types, and sends it; the page is not left."""
        pool.sign_up()
        browser.open(pool.server.url)
        browser.wait_for("Live")
        browser.run("window.isSamePage = true")
        row = f"[data-key='{ALICE}'] .acting"
        browser.run("document.querySelector(given[0] + ' summary').focus()", row)
        ActionChains(browser.driver).send_keys(Keys.ENTER).perform()
        ActionChains(browser.driver).send_keys(Keys.TAB, Keys.ENTER).perform()
        browser.wait_for("AdminConfirmSignUp: done")
        browser.wait_for(f"AdminConfirmSignUp {ALICE} 200")

        assert pool.described()["UserStatus"] == "CONFIRMED"
        assert browser.run("return document.querySelector(given[0]).open", row)
        assert browser.run("return window.isSamePage")
        assert browser.complaints() == []

    def test_says_what_is_refused(self, browser: Browser, pool: PoolDriver) -> None:
        """Cognito's refusal is on the page, and what was typed in another form stays."""
        pool.sign_up()
        browser.open(pool.server.url)
        browser.wait_for("Live")
        for details in browser.driver.find_elements(By.CSS_SELECTOR, ".acting > summary"):
            details.click()
        browser.driver.find_element(By.NAME, "GroupName").send_keys("staff")
        browser.driver.find_element(By.NAME, "Password").send_keys("short", Keys.ENTER)
        browser.wait_for("AdminSetUserPassword: InvalidPasswordException")

        assert browser.run("return document.querySelector('[name=GroupName]').value") == "staff"
        assert browser.complaints() == []

    def test_without_scripts(self, browser: Browser, pool: PoolDriver) -> None:
        """Forms work without scripts, too."""
        pool.sign_up()
        browser.command("Emulation.setScriptExecutionDisabled", value=True)
        browser.open(pool.server.url)
        browser.driver.find_element(By.CSS_SELECTOR, f"[data-key='{ALICE}'] .acting summary").click()
        browser.driver.find_element(By.CSS_SELECTOR, "[title=AdminConfirmSignUp]").click()
        browser.wait_for("AdminConfirmSignUp: done")

    def test_of_another_origin_does_nothing(self, browser: Browser, pool: PoolDriver) -> None:
        """A form on another page, with a person's click, is refused."""
        pool.sign_up()
        fields = {"action": "AdminDeleteUser", "UserPoolId": pool.id, "Username": ALICE}
        inputs = "".join(f"<input name={name} value={value}>" for name, value in fields.items())
        form = f"<form method=post action={pool.server.url}/act>{inputs}<button>Go</button></form>"
        with site({"/": ("text/html", form.encode())}) as url:
            browser.open(url)
            browser.driver.find_element(By.TAG_NAME, "button").click()
            browser.wait_for("No page from elsewhere may have this.")

        assert pool.described()

    def test_focus_stays(self, browser: Browser, pool: PoolDriver) -> None:
        """What has the focus keeps it, and what is typed, while calls and users come in."""
        pool.sign_up()
        browser.open(pool.server.url)
        browser.wait_for("Live")
        browser.run(
            "const acting = document.querySelector(`[data-key='${given[0]}'] .acting`); acting.open = true;"
            "acting.querySelector('[name=Password]').focus()",
            ALICE,
        )
        ActionChains(browser.driver).send_keys("half").perform()
        pool.sign_up(BOB)
        browser.wait_for(f"{BOB}@example.com")
        ActionChains(browser.driver).send_keys("-typed").perform()

        assert browser.run("return document.activeElement.value") == "half-typed"

    def test_copies_for_programs(self, browser: Browser, pool: PoolDriver) -> None:
        """The button that was pressed says so, and the clipboard has the lines for a program."""
        browser.command(
            "Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"]
        )
        browser.open(pool.server.url)
        browser.wait_for("Live")
        button = browser.driver.find_element(By.XPATH, "//button[.='environment']")
        button.click()
        until(browser, lambda: button.text == "Copied")

        copied = browser.run("return await navigator.clipboard.readText()")
        assert f"COGNITO_USER_POOL_ID={pool.id}\nCOGNITO_CLIENT_ID={pool.client_id}" in copied
        until(browser, lambda: button.text == "environment")

    def test_code_of_the_app(self, browser: Browser, pool: PoolDriver) -> None:
        """The code that a user's app shows, and how long it is good."""
        secret = pool.enrolled()
        browser.open(pool.server.url)
        browser.wait_for("Live")

        browser.wait_for(f"{TOTP(secret).at(pool.clock())} Copy")
        seconds = browser.driver.find_element(By.CLASS_NAME, "until").text
        assert 0 <= int(seconds.removesuffix(" s")) <= 30


class TestLive:
    """The page without a reload."""

    def test_shows_what_is_new(self, browser: Browser, pool: PoolDriver) -> None:
        """A new user and the code appear, a change of state too, and who is deleted goes."""
        browser.open(pool.server.url)
        browser.run("window.isSamePage = true")
        browser.wait_for("Live")
        pool.sign_up()
        browser.wait_for(pool.codes()[-1])
        browser.wait_for(f"{ALICE}@example.com Copy not verified more UNCONFIRMED")
        pool.confirm()
        browser.wait_for(f"{ALICE}@example.com Copy verified more CONFIRMED")
        pool.api.admin_delete_user(UserPoolId=pool.id, Username=ALICE)
        browser.wait_for("None yet.")

        assert browser.run("return window.isSamePage")
        assert browser.complaints() == []

    def test_leaves_the_person_alone(self, browser: Browser, pool: PoolDriver) -> None:
        """What is selected, focused, opened, typed and scrolled to stays while rows come and go around it."""
        store = store_of(pool.server)
        with store.transaction():
            for number in range(120):
                name = f"user{number}"
                store.users.put(User(pool.id, name, name, CONFIRMED, {}, "", "", 1.0, 1.0))
        pool.sign_up()
        code = pool.codes()[-1]
        browser.open(pool.server.url)
        browser.wait_for("Live")
        browser.run(
            "const row = document.querySelector(`[data-key='${given[0]}']`);"
            "row.querySelector('details').open = true; row.scrollIntoView();"
            "document.querySelector('[name=find]').value = 'typed';"
            "window.pressed = row.querySelector('summary'); window.pressed.focus();"
            "getSelection().selectAllChildren(document.querySelector('.messages li code'));",
            ALICE,
        )
        before = browser.run("return Math.round(scrollY)")
        pool.sign_up(BOB)
        browser.wait_for(f"{BOB}@example.com")

        assert browser.run("return getSelection().toString()") == code
        assert browser.run("return document.querySelector(`[data-key='${given[0]}'] details`).open", ALICE)
        assert browser.run("return document.querySelector('[name=find]').value") == "typed"
        assert abs(browser.run("return Math.round(scrollY)") - before) < 200
        # A click goes to the element that the button was pressed on, which must still be there.
        assert browser.run("return window.pressed.isConnected && document.activeElement === window.pressed")

    def test_rests_while_nobody_looks(self, browser: Browser, pool: PoolDriver) -> None:
        """In a hidden tab it asks for nothing, and at once when the tab is seen again."""
        browser.open(pool.server.url)
        browser.wait_for("Live")
        browser.run(
            "window.asked = 0; const send = XMLHttpRequest.prototype.send;"
            "XMLHttpRequest.prototype.send = function () { window.asked += 1; return send.call(this); };"
            "const later = setTimeout; window.setTimeout = (call, time) => later(call, time / 50);"
        )
        assert until(browser, lambda: browser.run("return window.asked > 5"))
        while_hidden = browser.run(
            "Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });"
            "const before = window.asked; await new Promise((resolve) => setTimeout(resolve, 20000));"
            "return window.asked - before"
        )
        browser.run(
            "delete document.hidden; window.asked = 0; document.dispatchEvent(new Event('visibilitychange'))"
        )

        assert while_hidden == 0
        assert until(browser, lambda: browser.run("return window.asked > 0"))

    def test_says_when_the_server_is_gone(self, browser: Browser) -> None:
        """While the server does not answer the page says so, and goes on when there is one again."""
        with LocalCognito() as first:
            url = first.url
            browser.open(url)
            browser.wait_for("Live")
        browser.wait_for("The server does not answer.")
        with LocalCognito(port=int(url.rpartition(":")[2])) as second:
            second.create_pool("us-east-1_Second")
            browser.wait_for("us-east-1_Second")
            browser.wait_for("The server does not answer.", is_there=False)


class TestCopying:
    """The buttons beside IDs and codes."""

    def test_copies(self, browser: Browser, pool: PoolDriver) -> None:
        """A button copies the whole ID."""
        browser.open(pool.server.url)
        permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"]
        browser.command("Browser.grantPermissions", origin=pool.server.url, permissions=permissions)
        browser.run(NOTE_WHAT_IS_SAID)
        browser.click(By.CSS_SELECTOR, "[aria-label='Copy the pool ID']")
        assert until(browser, lambda: "Copied" in browser.run("return window.said"))
        copied = browser.run("return navigator.clipboard.readText()")
        browser.command("Browser.resetPermissions")

        assert copied == pool.id

    def test_selects_where_it_may_not_copy(self, browser: Browser, pool: PoolDriver) -> None:
        """Where the browser lets no script copy, the text is selected for the person."""
        browser.open(pool.server.url)
        browser.run("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
        browser.run(NOTE_WHAT_IS_SAID)
        browser.click(By.CSS_SELECTOR, "[aria-label='Copy the client ID']")
        assert until(browser, lambda: "Selected" in browser.run("return window.said"))

        assert browser.run("return getSelection().toString()") == pool.client_id


class TestHostileText:
    """Names that would run as a script, load something, or lead away."""

    def test_is_text(self, browser: Browser, pool: PoolDriver) -> None:
        """Nothing of it runs or is loaded, on the page as it comes and when it is renewed."""
        browser.open(pool.server.url)
        browser.wait_for("Live")
        fill(pool)
        browser.wait_for("<script>")
        browser.driver.refresh()
        browser.wait_for("Live")

        assert browser.run("return window.ran") is None
        assert browser.complaints() == []
        assert browser.run("return document.querySelectorAll('iframe, img, svg, style, base').length") == 0
        assert "U+202EU+2066upside down" in browser.text

    def test_nothing_is_asked_elsewhere(self, browser: Browser, pool: PoolDriver) -> None:
        """All that the page asks for, it asks of its own server."""
        fill(pool)
        browser.open(pool.server.url)
        browser.wait_for("Live")
        asked = [url for url in browser.requested() if url != "about:blank"]

        assert len(asked) >= 4
        assert [url for url in asked if not url.startswith(f"{pool.server.url}/")] == []

    def test_policy_holds_where_escaping_fails(
        self, browser: Browser, pool: PoolDriver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Were the text not escaped, the policy would keep it from running, loading and sending anything."""
        careless = page._templates().overlay(autoescape=False)  # noqa: SLF001 - nothing public tells it
        monkeypatch.setattr(page, "_templates", lambda: careless)
        fill(pool, SCRIPTS)
        browser.open(pool.server.url)
        asked = [url for url in browser.requested() if "evil.example" in url]

        assert browser.driver.find_elements(By.TAG_NAME, "iframe")
        assert browser.run("return window.ran") is None
        assert any("Content Security Policy" in complaint for complaint in browser.complaints())
        assert asked == []

    def test_scripts_make_no_markup(self, browser: Browser, pool: PoolDriver) -> None:
        """Not even the page's own script may turn text into markup or code."""
        browser.open(pool.server.url)
        refused = browser.run(
            "const refused = []; for (const attempt of ["
            "() => { document.body.innerHTML = '<b>x</b>'; },"
            "() => { document.createElement('script').text = '1'; }]) {"
            "try { attempt(); } catch (error) { refused.push(error.name); } } return refused;"
        )

        assert refused == ["TypeError", "TypeError"]


class TestOtherOrigins:
    """What a page on another port of this machine gets of the page and of the mailbox: nothing."""

    @pytest.mark.parametrize("path", ["/", "/outbox", "/page.js"])
    def test_reads_nothing(self, browser: Browser, pool: PoolDriver, path: str) -> None:
        """It can neither fetch, nor include, nor frame, nor open it and look in."""
        pool.sign_up()
        with site({"/": ("text/html", b"<title>other</title>")}) as other:
            browser.open(other)
            got = browser.run(SPY, pool.server.url + path)

        assert got == dict.fromkeys(("fetch", "blind fetch", "script", "frame", "window"), "refused")


def luminance(colour: str) -> float:
    """Return the relative luminance of a CSS colour, as WCAG 2 defines it."""
    parts = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two CSS colours, as WCAG 2 defines it."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


# The line of the page's state says other things too, a second later.
NOTE_WHAT_IS_SAID = """
window.said = [];
const state = document.getElementById('state');
new MutationObserver(() => window.said.push(state.textContent)).observe(state, { childList: true });
"""

# Each element with text of its own: its colour, and the nearest colour behind it.
COLOURS = """
const behind = (element) => {
  const colour = getComputedStyle(element).backgroundColor;
  return colour === 'rgba(0, 0, 0, 0)' ? behind(element.parentElement) : colour;
};
return [...document.body.querySelectorAll('*')]
  .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  .filter((one) => one.checkVisibility())
  .map((one) => ({ text: one.textContent, ink: getComputedStyle(one).color, ground: behind(one) }));
"""

CUT_OFF = """
return [...document.querySelectorAll('bdi')]
  .filter((one) => one.scrollWidth > one.clientWidth + 1)
  .map((one) => one.textContent);
"""

# Tries every way in which a page can get at a URL of another origin.
SPY = """
const [url] = given;
const seen = {};
const tried = async (name, attempt) => {
  try {
    seen[name] = (await attempt()) ? 'READ' : 'refused';
  } catch {
    seen[name] = 'refused';
  }
};
const loaded = (element, place) =>
  new Promise((resolve) => {
    element.onload = () => resolve(true);
    element.onerror = () => resolve(false);
    document.body.append(element);
  });
await tried('fetch', async () => (await fetch(url)).text());
await tried('blind fetch', async () => (await fetch(url, { mode: 'no-cors' })).text());
await tried('script', () => loaded(Object.assign(document.createElement('script'), { src: url })));
await tried('frame', async () => {
  const frame = Object.assign(document.createElement('iframe'), { src: url });
  await loaded(frame);
  return frame.contentDocument.body.textContent;
});
await tried('window', async () => {
  const opened = window.open(url);
  await new Promise((resolve) => setTimeout(resolve, 300));
  try {
    return opened.document.body.textContent;
  } finally {
    opened.close();
  }
});
return seen;
"""
