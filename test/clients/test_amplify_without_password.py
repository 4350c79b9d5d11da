"""AWS Amplify, version 6, in a real browser: users without a password, and users who choose a factor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyotp
import pytest

from test.support import pools
from test.support.amplify import ADDRESS, NAME, PASSWORD, SIGNED_IN, App, app_site, needs_bundle
from test.support.browser import PageError
from test.support.pools import ALL_FLOWS, TOTP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from local_cognito import LocalCognito
    from test.support.browser import Browser
    from test.support.pools import AppClient

FIRST_FACTORS = {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]}
PASSKEYS = {
    "RelyingPartyId": "localhost",
    "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION",
}
CHOICE = "CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION"
CODE_SENT = "CONFIRM_SIGN_IN_WITH_EMAIL_CODE"
# Amplify has no function for these: a call of the API, and a passkey's signature.
ASK = """
const [url, action, body] = given;
const headers = {
  'X-Amz-Target': `AWSCognitoIdentityProviderService.${action}`,
  'Content-Type': 'application/x-amz-json-1.1',
};
const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
return answer.ok ? await answer.json() : Promise.reject(new Error(await answer.text()));
"""
SIGN = """
const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(given[0]));
return JSON.stringify((await navigator.credentials.get({ publicKey })).toJSON());
"""
pytestmark = needs_bundle


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """Serve the app on localhost, a name that passkeys can be for, and give its URL."""
    with app_site() as url:
        yield url.replace("127.0.0.1", "localhost")


@pytest.fixture
def pool(admin: CognitoIdentityProviderClient) -> AppClient:
    """Return a pool of every first factor that needs no telephone, where users may turn MFA on."""
    mfa = {"MfaConfiguration": "OPTIONAL", "WebAuthnConfiguration": PASSKEYS} | TOTP
    flows = {"ExplicitAuthFlows": [*ALL_FLOWS, "ALLOW_USER_AUTH"]}
    return pools.make_pool(admin, {"Policies": {"SignInPolicy": FIRST_FACTORS}}, mfa, flows)


@pytest.fixture
def app(browser: Browser, origin: str, server: LocalCognito, pool: AppClient) -> Iterator[App]:
    """Open the app in a browser with an authenticator."""
    browser.open(origin)
    with browser.authenticator():
        yield App(browser, server.url, pool)


def begin(app: App, preferred: str | None = None, **given: Any) -> Any:
    """Sign in by USER_AUTH."""
    options = {"authFlowType": "USER_AUTH"} | ({"preferredChallenge": preferred} if preferred else {})
    return app.call("signIn", username=NAME, options=options, **given)


def test_a_life_without_a_password(
    app: App, browser: Browser, mail: Callable[[str], str], asked: list[str]
) -> None:
    """A user signs up and is in, registers a passkey, signs in in each way there is, loses it, deletes it."""
    options = {"userAttributes": {"email": ADDRESS}, "autoSignIn": {"authFlowType": "USER_AUTH"}}
    signed_up = app.call("signUp", username=NAME, options=options)
    code = mail(ADDRESS)
    confirmed = app.call("confirmSignUp", username=NAME, confirmationCode=code)
    assert signed_up["nextStep"]["signUpStep"] == "CONFIRM_SIGN_UP"
    assert confirmed["nextStep"]["signUpStep"] == "COMPLETE_AUTO_SIGN_IN"
    assert app.call("autoSignIn") == SIGNED_IN
    assert mail(ADDRESS) == code

    app.call("associateWebAuthnCredential")
    (listed,) = app.call("listWebAuthnCredentials")["credentials"]
    assert (listed["relyingPartyId"], listed["authenticatorAttachment"]) == ("localhost", "platform")
    app.call("signOut")

    asked.clear()
    assert begin(app, "WEB_AUTHN") == SIGNED_IN
    assert asked[:2] == ["InitiateAuth", "RespondToAuthChallenge"]
    app.call("signOut")

    assert begin(app, "EMAIL_OTP")["nextStep"]["signInStep"] == CODE_SENT
    assert app.call("confirmSignIn", challengeResponse=mail(ADDRESS)) == SIGNED_IN
    app.call("signOut")

    choice = begin(app)["nextStep"]
    assert (choice["signInStep"], choice["availableChallenges"]) == (CHOICE, ["EMAIL_OTP", "WEB_AUTHN"])
    assert app.call("confirmSignIn", challengeResponse="WEB_AUTHN") == SIGNED_IN
    app.call("signOut")

    browser.driver.remove_all_credentials()
    begin(app)
    with pytest.raises(PageError, match="PasskeyAuthenticationCanceled"):
        app.call("confirmSignIn", challengeResponse="WEB_AUTHN")
    chosen = app.call("confirmSignIn", challengeResponse="EMAIL_OTP")
    assert chosen["nextStep"]["signInStep"] == CODE_SENT
    assert app.call("confirmSignIn", challengeResponse=mail(ADDRESS)) == SIGNED_IN

    app.call("deleteWebAuthnCredential", credentialId=listed["credentialId"])
    assert app.call("listWebAuthnCredentials")["credentials"] == []
    app.call("signOut")
    assert begin(app, "WEB_AUTHN")["nextStep"]["signInStep"] == CODE_SENT


def test_a_choice_with_a_password(app: App, mail: Callable[[str], str]) -> None:
    """A user with a password may choose it, sent or proved, or a code; a wrong one leaves the choice."""
    app.sign_up(mail)
    steps = dict.fromkeys(["PASSWORD_SRP", "PASSWORD"], "CONFIRM_SIGN_IN_WITH_PASSWORD")

    for factor, step in (steps | {"EMAIL_OTP": CODE_SENT}).items():
        choice = begin(app)["nextStep"]
        assert (choice["signInStep"], choice["availableChallenges"]) == (CHOICE, [*steps, "EMAIL_OTP"])
        chosen = app.call("confirmSignIn", challengeResponse=factor)["nextStep"]
        assert chosen["signInStep"] == step
        if factor == "PASSWORD":
            with pytest.raises(PageError, match="NotAuthorizedException"):
                app.call("confirmSignIn", challengeResponse="Wrong-Horse-1!")
        given = mail(ADDRESS) if factor == "EMAIL_OTP" else PASSWORD
        assert app.call("confirmSignIn", challengeResponse=given) == SIGNED_IN
        app.call("signOut")

    for factor in ("PASSWORD", "PASSWORD_SRP"):
        assert begin(app, factor, password=PASSWORD) == SIGNED_IN
        app.call("signOut")


def test_a_passkey_as_second_factor(
    app: App, browser: Browser, server: LocalCognito, pool: AppClient, mail: Callable[[str], str]
) -> None:
    """A passkey that counts as MFA needs no code, and may follow the password.

    Amplify can neither turn MFA by passkey on, nor choose it after a password: there the page calls the API.
    """
    app.sign_up(mail)
    begin(app, "PASSWORD", password=PASSWORD)
    app.call("associateWebAuthnCredential")
    totp = pyotp.TOTP(app.call("setUpTOTP")["sharedSecret"])
    app.call("verifyTOTPSetup", code=totp.now())
    on = {"Enabled": True}
    wish = {"SoftwareTokenMfaSettings": on, "WebAuthnMfaSettings": on, "AccessToken": app.access_token()}
    browser.run(ASK, server.url, "SetUserMFAPreference", wish)
    assert app.call("fetchMFAPreference")["enabled"] == ["TOTP"]
    app.call("signOut")

    assert begin(app, "WEB_AUTHN") == SIGNED_IN
    app.call("signOut")
    step = begin(app, "PASSWORD", password=PASSWORD)["nextStep"]
    assert (step["signInStep"], step["allowedMFATypes"]) == ("CONTINUE_SIGN_IN_WITH_MFA_SELECTION", ["TOTP"])

    def answer(asked: Any, **value: str) -> Any:
        responses = {"ChallengeResponses": {"USERNAME": NAME} | value}
        fields = {name: asked[name] for name in ("ChallengeName", "Session")} | responses
        return browser.run(ASK, server.url, "RespondToAuthChallenge", {"ClientId": pool.client_id} | fields)

    parameters = {"AuthParameters": {"USERNAME": NAME, "PASSWORD": PASSWORD}}
    start = {"ClientId": pool.client_id, "AuthFlow": "USER_PASSWORD_AUTH"} | parameters
    asked = answer(browser.run(ASK, server.url, "InitiateAuth", start), ANSWER="WEB_AUTHN")
    signed = browser.run(SIGN, asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    assert answer(asked, CREDENTIAL=signed)["AuthenticationResult"]["AccessToken"]
