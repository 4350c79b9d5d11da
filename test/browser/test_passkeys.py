"""Passkeys in a real browser: what Chromium's own authenticator makes and signs, the pool takes."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from selenium.webdriver.common.virtual_authenticator import Credential

from scenario.passkey_page import PasskeyPage
from test.support.browser import PATIENCE, PageError, site, until
from test.support.pool_driver import ALICE, BOB, PASSWORD, refused, totp
from test.support.pools import ALL_FLOWS, TOTP, make_pool
from test.support.stage import output_of, quiet_terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from test.support.browser import Browser
    from test.support.pool_driver import PoolDriver

PAGE = b"<!DOCTYPE html><title>app</title><input autocomplete='username webauthn'>"
CREATE = """
const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(given[0]);
return (await navigator.credentials.create({ publicKey })).toJSON();
"""
GET = """
const [options, how] = given;
const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
return (await navigator.credentials.get({ publicKey, ...how })).toJSON();
"""
REQUIRED = {"UserVerification": "required"}
REFUSED = ("NotAuthorizedException", "Invalid passkey for the user.")
MULTI_FACTOR = {"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}
HERE, ELSEWHERE = "app.localhost", "evil.localhost"


@pytest.fixture
def page() -> Iterator[str]:
    """Serve a page with a form, and give its URL on localhost."""
    with site({"/": ("text/html", PAGE)}) as url:
        yield url.replace("127.0.0.1", "localhost")


@pytest.fixture
def authenticated(browser: Browser, page: str) -> Iterator[Browser]:
    """Give the browser with the page and an authenticator that verifies its user."""
    browser.open(page)
    with browser.authenticator():
        yield browser


def passkey_pool(
    pool: PoolDriver, passkeys: dict[str, str], settings: dict[str, Any] | None = None
) -> PoolDriver:
    """Make one more pool with these members of WebAuthnConfiguration; its passkeys are for localhost."""
    policy = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
    mfa = {
        "MfaConfiguration": "OPTIONAL",
        "WebAuthnConfiguration": {"RelyingPartyId": "localhost"} | passkeys,
    } | TOTP
    flows = {"ExplicitAuthFlows": [*ALL_FLOWS, "ALLOW_USER_AUTH"]}
    made = make_pool(pool.api, {"Policies": policy} | (settings or {}), mfa, flows)
    return replace(pool, id=made.pool_id, client_id=made.client_id, secret=made.client_secret)


@pytest.fixture
def passkeys(pool: PoolDriver) -> PoolDriver:
    """Return a pool whose passkeys are for localhost, verify their user, and count as MFA."""
    return passkey_pool(pool, REQUIRED | MULTI_FACTOR)


def token_of(pool: PoolDriver, name: str = ALICE) -> str:
    """Make a user, and return an access token of theirs."""
    pool.user(name, email=name if "@" in name else "")
    return str(pool.sign_in(name)["AuthenticationResult"]["AccessToken"])


def register(browser: Browser, pool: PoolDriver, token: str, **changed: Any) -> Any:
    """Have the browser make a passkey, by options that the page may have changed, and register it."""
    options = pool.api.start_web_authn_registration(AccessToken=token)["CredentialCreationOptions"]
    made = browser.run(CREATE, options | changed)
    pool.api.complete_web_authn_registration(AccessToken=token, Credential=made)
    return made


def sign(browser: Browser, asked: dict[str, Any], **changed: Any) -> str:
    """Have the browser sign a challenge, by options that the page may have changed."""
    options = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    return json.dumps(browser.run(GET, options | changed))


def begin(pool: PoolDriver, name: str = ALICE) -> dict[str, Any]:
    """USER_AUTH with a preference for the passkey."""
    return pool.api.initiate_auth(
        ClientId=pool.client_id,
        AuthFlow="USER_AUTH",
        AuthParameters={"USERNAME": name, "PREFERRED_CHALLENGE": "WEB_AUTHN"},
    )


def answer(pool: PoolDriver, asked: dict[str, Any], credential: str, name: str = ALICE) -> Any:
    """Answer WEB_AUTHN, and return the access token."""
    answered = pool.answer("WEB_AUTHN", name, asked["Session"], CREDENTIAL=credential)
    return answered["AuthenticationResult"]["AccessToken"]


def test_the_life_of_a_passkey(authenticated: Browser, passkeys: PoolDriver) -> None:
    """It is registered, listed as the browser's own, and signs in, more than once."""
    token = token_of(passkeys)

    made = register(authenticated, passkeys, token)

    (listed,) = passkeys.api.list_web_authn_credentials(AccessToken=token)["Credentials"]
    assert listed["CredentialId"] == made["id"]
    assert listed["AuthenticatorTransports"] == ["internal"]
    for _ in range(2):
        asked = begin(passkeys)
        assert answer(passkeys, asked, sign(authenticated, asked))


def test_a_registered_authenticator_makes_no_second_passkey(
    authenticated: Browser, passkeys: PoolDriver
) -> None:
    """The browser understands excludeCredentials."""
    token = token_of(passkeys)
    register(authenticated, passkeys, token)

    with pytest.raises(PageError, match="InvalidStateError"):
        register(authenticated, passkeys, token)


def test_a_signature_of_another_challenge(authenticated: Browser, passkeys: PoolDriver) -> None:
    """The browser's signature answers no other session."""
    register(authenticated, passkeys, token_of(passkeys))
    signed = sign(authenticated, begin(passkeys))

    with refused(*REFUSED):
        answer(passkeys, begin(passkeys), signed)


def test_both_algorithms(authenticated: Browser, passkeys: PoolDriver) -> None:
    """Keys of RSA and of an elliptic curve sign in, one of Edwards curves is not registered."""
    for name, algorithm in ((ALICE, -257), (BOB, -7)):
        wanted = [{"type": "public-key", "alg": algorithm}]
        made = register(authenticated, passkeys, token_of(passkeys, name), pubKeyCredParams=wanted)
        asked = begin(passkeys, name)

        assert made["response"]["publicKeyAlgorithm"] == algorithm
        assert answer(passkeys, asked, sign(authenticated, asked), name)

    edwards = [{"type": "public-key", "alg": -8}]
    with pytest.raises(ClientError, match="WebAuthnCredentialNotSupportedException"):
        register(authenticated, passkeys, token_of(passkeys, "carol"), pubKeyCredParams=edwards)


def test_user_verification(browser: Browser, page: str, pool: PoolDriver) -> None:
    """An authenticator that verifies nobody is enough where verification is preferred, not where required.

    A page that asks the authenticator for less than the pool wants is refused by the pool.
    """
    passkeys = passkey_pool(pool, {})
    token, bobs = token_of(passkeys), token_of(passkeys, BOB)
    browser.open(page)
    with browser.authenticator(verifies_user=False):
        register(browser, passkeys, token)
        asked = begin(passkeys)
        assert answer(passkeys, asked, sign(browser, asked))

        configuration = {"RelyingPartyId": "localhost"} | REQUIRED
        passkeys.api.set_user_pool_mfa_config(UserPoolId=passkeys.id, WebAuthnConfiguration=configuration)
        asked = begin(passkeys)
        with pytest.raises(PageError, match="NotAllowedError"):
            sign(browser, asked)
        with refused(*REFUSED):
            answer(passkeys, asked, sign(browser, asked, userVerification="discouraged"))
        less = {"authenticatorSelection": {"residentKey": "required", "userVerification": "discouraged"}}
        with pytest.raises(ClientError, match="WebAuthnCredentialNotSupportedException"):
            register(browser, passkeys, bobs, **less)


def test_a_copied_authenticator(authenticated: Browser, passkeys: PoolDriver) -> None:
    """A copy, whose counter stands where the original's did, signs nobody in."""
    register(authenticated, passkeys, token_of(passkeys))
    driver: Any = authenticated.driver
    (original,) = driver.get_credentials()
    asked = begin(passkeys)
    assert answer(passkeys, asked, sign(authenticated, asked))

    driver.remove_all_credentials()
    driver.add_credential(Credential.from_dict(original.to_dict()))

    asked = begin(passkeys)
    with refused(*REFUSED):
        answer(passkeys, asked, sign(authenticated, asked))


def test_pages_of_another_origin(browser: Browser, page: str, pool: PoolDriver) -> None:
    """The browser gives them no passkey of the pool's domain, and the pool takes none of theirs."""
    passkeys = passkey_pool(pool, {"RelyingPartyId": HERE})
    token = token_of(passkeys)
    theirs = {"rp": {"id": ELSEWHERE, "name": ELSEWHERE}}
    browser.open(page.replace("localhost", HERE))
    with browser.authenticator():
        register(browser, passkeys, token)
        browser.open(page.replace("localhost", ELSEWHERE))

        with pytest.raises(PageError, match="SecurityError"):
            register(browser, passkeys, token)
        with pytest.raises(ClientError, match="WebAuthnOriginNotAllowedException"):
            register(browser, passkeys, token, **theirs, excludeCredentials=[])
        asked = begin(passkeys)
        with refused(*REFUSED):
            answer(passkeys, asked, sign(browser, asked, rpId=ELSEWHERE, allowCredentials=[]))


def test_autofill(authenticated: Browser, pool: PoolDriver) -> None:
    """Without a name, autofill finds the passkey, whose user handle is the name to begin with.

    The pool's challenge wants a user name before: the first signature, of a challenge of the page's, only
    tells whose passkey it is. The second one may come from the form, too.
    """
    passkeys = passkey_pool(pool, {}, {"UsernameAttributes": ["email"]})
    register(authenticated, passkeys, token_of(passkeys, "alice@example.com"))
    conditional = {"mediation": "conditional"}
    anyone = {"challenge": "AAAAAAAAAAAAAAAAAAAAAA", "rpId": "localhost", "allowCredentials": []}

    found = authenticated.run(GET, anyone, conditional)

    name = base64.urlsafe_b64decode(found["response"]["userHandle"] + "==").decode()
    asked = begin(passkeys, name)
    options = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    signed = authenticated.run(GET, options, conditional)
    assert answer(passkeys, asked, json.dumps(signed), name)


def test_a_second_factor(authenticated: Browser, passkeys: PoolDriver) -> None:
    """After the password the user may choose the passkey in place of the app."""
    token = token_of(passkeys)
    register(authenticated, passkeys, token)
    secret = passkeys.api.associate_software_token(AccessToken=token)["SecretCode"]
    passkeys.api.verify_software_token(AccessToken=token, UserCode=totp(secret, passkeys.clock.now))
    on = {"Enabled": True}
    passkeys.api.set_user_mfa_preference(
        AccessToken=token, SoftwareTokenMfaSettings=on, WebAuthnMfaSettings=on
    )

    choice = passkeys.sign_in(password=PASSWORD)
    asked = passkeys.answer("SELECT_MFA_TYPE", ALICE, choice["Session"], ANSWER="WEB_AUTHN")

    assert answer(passkeys, asked, sign(authenticated, asked))


def test_the_page_of_the_scenario(browser: Browser, passkeys: PoolDriver) -> None:
    """What the page has the browser make and sign, the pool takes; it says then that it is done."""
    token = token_of(passkeys)
    options = passkeys.api.start_web_authn_registration(AccessToken=token)["CredentialCreationOptions"]

    with browser.authenticator():
        made = on_page(browser, lambda page: page.create(options))
        passkeys.api.complete_web_authn_registration(AccessToken=token, Credential=made)
        asked = begin(passkeys)
        challenge = asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"]
        signed = on_page(browser, lambda page: page.sign(challenge))

    assert answer(passkeys, asked, signed)
    assert [one for one in browser.complaints() if "favicon" not in one] == []


def on_page(browser: Browser, ask: Callable[[PasskeyPage], Any]) -> Any:
    """Have the scenario's page ask the browser, and press its button; return what it brought."""
    terminal = quiet_terminal()
    with ThreadPoolExecutor(1) as pool:
        brought = pool.submit(ask, PasskeyPage(terminal))
        until(browser, lambda: "http://localhost:" in output_of(terminal))
        browser.open(next(word for word in output_of(terminal).split() if word.startswith("http://")))
        browser.click("id", "go")
        until(browser, lambda: browser.driver.find_element("id", "said").text.startswith("Done."))
        return brought.result(PATIENCE)
