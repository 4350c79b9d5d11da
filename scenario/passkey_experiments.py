"""The experiments of the sign-in without a password: what Cognito refuses after each step, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from scenario.experiments import Experiment
from scenario.passkeys import BrowserPasskey

if TYPE_CHECKING:
    from cognito_idp_actions import SignInAnswer
    from scenario.passkeys import MakePasskey, Passkey, PasskeyAccount
    from scenario.state import Scenario

_REFUSED: Final = "NotAuthorizedException"
_ANOTHER_ORIGIN: Final = "https://login.example"
_WEB_AUTHN: Final = {"PREFERRED_CHALLENGE": "WEB_AUTHN"}


def same_address_again(scenario: Scenario, account: PasskeyAccount) -> Experiment:
    """Sign up once more with the same address."""
    return Experiment(
        "Sign up once more with the same address",
        "The address is the user's name, and a pool has each name once.",
        "UsernameExistsException",
        lambda: scenario.cognito.sign_up(account.user_name, attributes={"email": account.email}),
    )


def straight_in_again(scenario: Scenario, account: PasskeyAccount, session: str | None) -> list[Experiment]:
    """Sign in once more with the session of ConfirmSignUp, if there was one."""
    experiment = Experiment(
        "Sign in once more with the session of ConfirmSignUp",
        "A session is good once. From here on it takes a factor to sign in.",
        _REFUSED,
        lambda: scenario.cognito.initiate_auth(account.user_name, auth_flow="USER_AUTH", session=session),
    )
    return [experiment] if session else []


def foreign_registration(
    scenario: Scenario, account: PasskeyAccount, make_passkey: MakePasskey
) -> Experiment:
    """Register a passkey that was made on a page of another origin."""

    def call() -> object:
        answer = scenario.cognito.start_web_authn_registration(account.access_token)
        made = make_passkey(answer["CredentialCreationOptions"], origin=_ANOTHER_ORIGIN)
        return scenario.cognito.complete_web_authn_registration(account.access_token, made.registration)

    return Experiment(
        f"Register a passkey that a page of {_ANOTHER_ORIGIN} had made",
        "The browser's data has that origin, which is none of the relying party's.",
        "WebAuthnOriginNotAllowedException",
        call,
    )


def passkey_attacks(scenario: Scenario, account: PasskeyAccount) -> list[Experiment]:
    """Replay an assertion, and sign for a page of another origin."""
    _, responses = account.answered
    replay = Experiment(
        "Begin another sign-in, and replay what was signed for the one before",
        "It is signed, but not over the challenge of this sign-in: a recorded answer is worth nothing.",
        _REFUSED,
        lambda: _answer(scenario, account, _begin(scenario, account), responses["CREDENTIAL"]),
    )
    return [replay, *_forged(scenario, account, "origin", _ANOTHER_ORIGIN)]


def unverified_user(scenario: Scenario, account: PasskeyAccount) -> list[Experiment]:
    """Sign without having verified the user."""
    return _forged(scenario, account, "verifies_user", value=False)


_FORGERIES: Final = {
    "origin": (
        f"Sign for a page of {_ANOTHER_ORIGIN}",
        "A page that only looks like yours gets signatures with its own origin in them: Cognito refuses.",
    ),
    "verifies_user": (
        "Sign without having verified the user",
        "What counts as MFA has to say that the authenticator has asked for PIN, finger or face.",
    ),
}


def _forged(scenario: Scenario, account: PasskeyAccount, name: str, value: object) -> list[Experiment]:
    """Return the experiment with a passkey that lies about one thing; a browser can't be made to."""
    passkey: Any = account.passkey
    if passkey is None or isinstance(passkey, BrowserPasskey):
        return []

    def call() -> object:
        challenge = _begin(scenario, account)
        liar: Passkey = replace(passkey, **{name: value})
        signed = liar.sign(challenge["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
        return _answer(scenario, account, challenge, signed)

    what, why = _FORGERIES[name]
    return [Experiment(what, why, _REFUSED, call)]


def _begin(scenario: Scenario, account: PasskeyAccount) -> SignInAnswer:
    name = account.user_name
    return scenario.cognito.initiate_auth(name, auth_flow="USER_AUTH", auth_parameters=_WEB_AUTHN)


def _answer(
    scenario: Scenario, account: PasskeyAccount, challenge: SignInAnswer, credential: str
) -> SignInAnswer:
    return scenario.cognito.respond_to_auth_challenge(
        account.user_name, "WEB_AUTHN", challenge["Session"], {"CREDENTIAL": credential}
    )


def code_again(scenario: Scenario, account: PasskeyAccount) -> Experiment:
    """Send the code once more."""
    challenge, responses = account.answered
    return Experiment(
        "Send the code once more",
        "Code and session are used up: who reads the mail later can't sign in with it.",
        _REFUSED,
        lambda: scenario.cognito.respond_to_auth_challenge(
            account.user_name, "EMAIL_OTP", challenge["Session"], responses
        ),
    )


def not_available(scenario: Scenario, account: PasskeyAccount) -> Experiment:
    """Choose a factor that the user does not have."""

    def call() -> object:
        challenge = scenario.cognito.initiate_auth(account.user_name, auth_flow="USER_AUTH")
        return scenario.cognito.respond_to_auth_challenge(
            account.user_name, "SELECT_CHALLENGE", challenge["Session"], {"ANSWER": "SMS_OTP"}
        )

    return Experiment(
        "Choose a text message, which this user can't get",
        "Only what AvailableChallenges lists can be chosen.",
        "InvalidParameterException",
        call,
    )
