"""Passkeys in a real browser: what Chromium's own authenticator makes and signs, the pool takes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from selenium.webdriver.common.virtual_authenticator import VirtualAuthenticatorOptions

from test.support.browser import PageError, site
from test.support.pool_driver import ALICE
from test.support.pools import ALL_FLOWS, TOTP, make_pool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from test.support.browser import Browser
    from test.support.pool_driver import PoolDriver

CREATE = """
const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(given[0]);
return (await navigator.credentials.create({ publicKey })).toJSON();
"""
GET = """
const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(given[0]);
return (await navigator.credentials.get({ publicKey })).toJSON();
"""


@pytest.fixture
def page(browser: Browser) -> Iterator[str]:
    """Open a page on localhost in a browser whose authenticator verifies its user."""
    options = VirtualAuthenticatorOptions(
        protocol=VirtualAuthenticatorOptions.Protocol.CTAP2,
        transport=VirtualAuthenticatorOptions.Transport.INTERNAL,
        has_resident_key=True,
        has_user_verification=True,
        is_user_verified=True,
    )
    browser.driver.add_virtual_authenticator(options)
    with site({"/": ("text/html", b"<!DOCTYPE html><title>app</title>")}) as url:
        here = url.replace("127.0.0.1", "localhost")
        browser.open(here)
        # A passkey is for the page that has the focus, which another test's page may have taken.
        browser.command("Page.bringToFront")
        browser.command("Emulation.setFocusEmulationEnabled", enabled=True)
        yield here
    browser.command("Emulation.setFocusEmulationEnabled", enabled=False)
    browser.driver.remove_virtual_authenticator()


@pytest.fixture
def passkeys(pool: PoolDriver) -> PoolDriver:
    """Return one more pool, whose passkeys are for localhost, verify their user, and count as MFA."""
    policy = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
    passkeys = {
        "RelyingPartyId": "localhost",
        "UserVerification": "required",
        "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION",
    }
    mfa = {"MfaConfiguration": "OPTIONAL", "WebAuthnConfiguration": passkeys} | TOTP
    flows = {"ExplicitAuthFlows": [*ALL_FLOWS, "ALLOW_USER_AUTH"]}
    made = make_pool(pool.api, {"Policies": policy}, mfa, flows)
    return replace(pool, id=made.pool_id, client_id=made.client_id, secret=made.client_secret)


def register(browser: Browser, pool: PoolDriver, token: str) -> Any:
    """Have the browser make a passkey, and register it."""
    options = pool.api.start_web_authn_registration(AccessToken=token)["CredentialCreationOptions"]
    made = browser.run(CREATE, options)
    pool.api.complete_web_authn_registration(AccessToken=token, Credential=made)
    return made


def sign(browser: Browser, asked: dict[str, Any]) -> str:
    """Have the browser sign a challenge."""
    options = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    return json.dumps(browser.run(GET, options))


def begin(pool: PoolDriver) -> dict[str, Any]:
    """USER_AUTH with a preference for the passkey."""
    return pool.api.initiate_auth(
        ClientId=pool.client_id,
        AuthFlow="USER_AUTH",
        AuthParameters={"USERNAME": ALICE, "PREFERRED_CHALLENGE": "WEB_AUTHN"},
    )


@pytest.mark.usefixtures("page")
def test_the_life_of_a_passkey(browser: Browser, passkeys: PoolDriver) -> None:
    """It is registered, listed as the browser's own, and signs in, more than once."""
    passkeys.user()
    token = passkeys.sign_in()["AuthenticationResult"]["AccessToken"]

    made = register(browser, passkeys, token)

    (listed,) = passkeys.api.list_web_authn_credentials(AccessToken=token)["Credentials"]
    assert listed["CredentialId"] == made["id"]
    assert listed["AuthenticatorTransports"] == ["internal"]
    for _ in range(2):
        asked = begin(passkeys)
        answer = passkeys.answer("WEB_AUTHN", ALICE, asked["Session"], CREDENTIAL=sign(browser, asked))
        assert answer["AuthenticationResult"]["AccessToken"]


@pytest.mark.usefixtures("page")
def test_a_registered_authenticator_makes_no_second_passkey(browser: Browser, passkeys: PoolDriver) -> None:
    """The browser understands excludeCredentials."""
    passkeys.user()
    token = passkeys.sign_in()["AuthenticationResult"]["AccessToken"]
    register(browser, passkeys, token)

    with pytest.raises(PageError, match="InvalidStateError"):
        register(browser, passkeys, token)


@pytest.mark.usefixtures("page")
def test_a_signature_of_another_challenge(browser: Browser, passkeys: PoolDriver) -> None:
    """The browser's signature answers no other session."""
    passkeys.user()
    token = passkeys.sign_in()["AuthenticationResult"]["AccessToken"]
    register(browser, passkeys, token)
    signed = sign(browser, begin(passkeys))

    with pytest.raises(ClientError, match="Invalid passkey"):
        passkeys.answer("WEB_AUTHN", ALICE, begin(passkeys)["Session"], CREDENTIAL=signed)
