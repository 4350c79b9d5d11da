"""AWS Amplify, version 6, in a real browser: the app of a page on another port signs its users up and in."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pyotp
import pytest

from local_cognito import LocalCognito
from test.support import quiz
from test.support.amplify import ADDRESS, NAME, PASSWORD, SIGNED_IN, App, app_site, needs_bundle
from test.support.browser import FOREIGN_NAME, Browser, PageError
from test.support.pools import TRACKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from test.support.pools import AppClient

ON_PROMPT = TRACKING | {"DeviceOnlyRememberedOnUserPrompt": True}
NEW_PASSWORD = "Better-Horse-2?"
TOTP_STEP = 30
pytestmark = needs_bundle


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """Serve the app on another port than the pool's, and give its URL."""
    with app_site() as url:
        yield url


@pytest.fixture
def open_app(browser: Browser, origin: str, server: LocalCognito) -> Callable[[AppClient], App]:
    """Return what opens the app for an app client of the shared server."""

    def opened(pool: AppClient) -> App:
        browser.open(origin)
        return App(browser, server.url, pool)

    return opened


def test_lives_a_users_life(
    open_app: Callable[[AppClient], App],
    make_pool: Callable[..., AppClient],
    mail: Callable[[str], str],
    asked: list[str],
) -> None:
    """A user signs up, sets TOTP up, has the device remembered, and needs no code there from then on."""
    app = open_app(make_pool(mfa="ON", DeviceConfiguration=ON_PROMPT))
    app.sign_up(mail)

    set_up = app.sign_in()
    assert set_up["signInStep"] == "CONTINUE_SIGN_IN_WITH_TOTP_SETUP"
    totp = pyotp.TOTP(set_up["totpSetupDetails"]["sharedSecret"])
    assert app.call("confirmSignIn", challengeResponse=totp.now()) == SIGNED_IN
    app.call("signOut")

    # A code is good once, so that this is the next one already.
    assert app.sign_in()["signInStep"] == "CONFIRM_SIGN_IN_WITH_TOTP_CODE"
    assert app.call("confirmSignIn", challengeResponse=totp.at(time.time() + TOTP_STEP)) == SIGNED_IN
    assert app.call("fetchDevices") == []
    app.call("rememberDevice")
    (device,) = app.call("fetchDevices")
    assert device["id"].startswith("us-east-1_")
    app.call("signOut")

    asked.clear()
    assert app.sign_in()["signInStep"] == "DONE"
    assert asked[:4] == ["InitiateAuth", *["RespondToAuthChallenge"] * 3]
    first = app.access_token()
    assert app.access_token() == first
    assert app.access_token(forceRefresh=True) != first
    assert app.call("fetchUserAttributes")["email_verified"] == "true"

    app.call("forgetDevice")
    app.call("signOut", **{"global": True})
    with pytest.raises(PageError, match="UserUnAuthenticatedException"):
        app.call("getCurrentUser")
    assert app.sign_in()["signInStep"] == "CONFIRM_SIGN_IN_WITH_TOTP_CODE"


def test_reads_refusals(
    open_app: Callable[[AppClient], App], make_pool: Callable[..., AppClient], mail: Callable[[str], str]
) -> None:
    """The page learns why it was refused: the error's name and its text come through to it."""
    app = open_app(make_pool())
    app.sign_up(mail)

    for attempt, refusal in (
        (lambda: app.sign_in("Wrong-Horse-1!"), "NotAuthorizedException: Incorrect username or password."),
        (lambda: app.sign_up(mail), "UsernameExistsException: User already exists"),
        (lambda: app.call("resetPassword", username="nobody"), "UserNotFoundException: "),
    ):
        with pytest.raises(PageError, match=refusal):
            attempt()


def test_recovers_a_forgotten_password(
    open_app: Callable[[AppClient], App], make_pool: Callable[..., AppClient], mail: Callable[[str], str]
) -> None:
    """The mailed code sets a new password, with which the user signs in; the account can be deleted then."""
    app = open_app(make_pool())
    app.sign_up(mail)
    app.call("resetPassword", username=NAME)
    app.call("confirmResetPassword", username=NAME, newPassword=NEW_PASSWORD, confirmationCode=mail(ADDRESS))

    assert app.sign_in(NEW_PASSWORD)["signInStep"] == "DONE"
    app.call("deleteUser")
    with pytest.raises(PageError, match="UserNotFoundException"):
        app.sign_in(NEW_PASSWORD)


@pytest.mark.parametrize("flow", ["CUSTOM_WITHOUT_SRP", "CUSTOM_WITH_SRP"])
def test_answers_the_pools_own_question(
    open_app: Callable[[AppClient], App], quiz_pool: AppClient, mail: Callable[[str], str], flow: str
) -> None:
    """A custom challenge is asked without the password or after it; a wrong answer may be tried again."""
    app = open_app(quiz_pool)
    app.sign_up(mail)
    password = {"password": PASSWORD} if flow == "CUSTOM_WITH_SRP" else {}

    def answer(colour: str) -> Any:
        return app.call("confirmSignIn", challengeResponse=colour, options={"clientMetadata": quiz.METADATA})

    asked = app.call("signIn", username=NAME, **password, options={"authFlowType": flow})["nextStep"]
    assert asked["signInStep"] == "CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE"
    assert asked["additionalInfo"]["question"] == "colour?"
    assert answer("red")["nextStep"]["signInStep"] == "CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE"
    assert answer(quiz.COLOUR) == SIGNED_IN


@pytest.mark.parametrize("is_allowed", [True, False])
def test_app_of_another_name(browser: Browser, origin: str, *, is_allowed: bool) -> None:
    """An app whose name is none of this machine's is served where its origin is allowed, and only there."""
    foreign = origin.replace("127.0.0.1", FOREIGN_NAME)
    with LocalCognito(allow_origins=[foreign] if is_allowed else []) as server:
        pool: Any = server.create_pool()
        browser.open(foreign)
        app = App(browser, server.url, pool)
        if is_allowed:
            app.sign_up(lambda _: str(server.outbox()[-1]["code"]))
        else:
            with pytest.raises(PageError, match="NetworkError"):
                app.sign_up(lambda _: "")
