"""The questions of features.py about sign-ins without a password: codes, passkeys, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from feature_probes import WRONG_CODE, App, Feature, refused

from local_cognito.authenticator.passkey import Passkey

if TYPE_CHECKING:
    from feature_probes import Subject

ADDRESS = "alice@example.com"
DOMAIN = "localhost"
FACTORS = ["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]
FLOWS = ["ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


def _app(subject: Subject) -> App:
    """Return a pool that allows every first factor but SMS, and an app client of it."""
    api = subject.api
    pool_id = api.create_user_pool(
        PoolName="passwordless",
        AutoVerifiedAttributes=["email"],
        Policies={"SignInPolicy": {"AllowedFirstAuthFactors": FACTORS}},
    )["UserPool"]["Id"]
    api.set_user_pool_mfa_config(UserPoolId=pool_id, WebAuthnConfiguration={"RelyingPartyId": DOMAIN})
    made = api.create_user_pool_client(UserPoolId=pool_id, ClientName="app", ExplicitAuthFlows=FLOWS)
    return App(subject, pool_id, made["UserPoolClient"]["ClientId"])


def _begin(app: App, preferred: str) -> dict[str, Any]:
    answer: dict[str, Any] = app.api.initiate_auth(
        ClientId=app.client_id,
        AuthFlow="USER_AUTH",
        AuthParameters={"USERNAME": "alice", "PREFERRED_CHALLENGE": preferred},
    )
    return answer


def _answer(app: App, asked: dict[str, Any], **responses: str) -> dict[str, Any]:
    answer: dict[str, Any] = app.api.respond_to_auth_challenge(
        ClientId=app.client_id,
        ChallengeName=asked["ChallengeName"],
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": "alice", **responses},
    )
    return answer


def _verified(app: App) -> None:
    app.add()
    verified = [{"Name": "email_verified", "Value": "true"}]
    app.api.admin_update_user_attributes(UserPoolId=app.pool_id, Username="alice", UserAttributes=verified)


def _code(subject: Subject) -> None:
    app = _app(subject)
    _verified(app)
    asked = _begin(app, "EMAIL_OTP")
    with refused("CodeMismatchException"):
        _answer(app, asked, EMAIL_OTP_CODE=WRONG_CODE)
    _answer(app, asked, EMAIL_OTP_CODE=subject.mailed(ADDRESS))["AuthenticationResult"]["AccessToken"]


def _straight_in(subject: Subject) -> None:
    app = _app(subject)
    user = {"ClientId": app.client_id, "Username": "alice"}
    email = [{"Name": "email", "Value": ADDRESS}]
    first = app.api.sign_up(**user, UserAttributes=email)["Session"]
    code = subject.mailed(ADDRESS)
    second = app.api.confirm_sign_up(**user, ConfirmationCode=code, Session=first)["Session"]
    app.api.initiate_auth(
        ClientId=app.client_id, AuthFlow="USER_AUTH", AuthParameters={"USERNAME": "alice"}, Session=second
    )["AuthenticationResult"]["AccessToken"]


def _registered(app: App) -> Passkey:
    app.add()
    token = app.tokens()["AccessToken"]
    options = app.api.start_web_authn_registration(AccessToken=token)["CredentialCreationOptions"]
    passkey = Passkey.create(options)
    app.api.complete_web_authn_registration(AccessToken=token, Credential=passkey.registration)
    return passkey


def _signed(app: App, passkey: Passkey) -> tuple[dict[str, Any], str]:
    asked = _begin(app, "WEB_AUTHN")
    return asked, passkey.sign(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])


def _passkey(subject: Subject) -> None:
    app = _app(subject)
    asked, signed = _signed(app, _registered(app))
    _answer(app, asked, CREDENTIAL=signed)["AuthenticationResult"]["AccessToken"]


def _forged_passkey(subject: Subject) -> None:
    app = _app(subject)
    passkey = _registered(app)
    asked, signed = _signed(app, replace(passkey, origin="https://evil.example"))
    with refused("NotAuthorizedException"):
        _answer(app, asked, CREDENTIAL=signed)
    _, signed = _signed(app, passkey)
    with refused("NotAuthorizedException"):
        _answer(app, _begin(app, "WEB_AUTHN"), CREDENTIAL=signed)


def _foreign_registration(subject: Subject) -> None:
    app = _app(subject)
    app.add()
    token = app.tokens()["AccessToken"]
    options = app.api.start_web_authn_registration(AccessToken=token)["CredentialCreationOptions"]
    made = Passkey.create(options, origin="https://evil.example").registration
    with refused("WebAuthnOriginNotAllowedException"):
        app.api.complete_web_authn_registration(AccessToken=token, Credential=made)


PASSWORDLESS = [
    Feature("sign-in by a code that was sent (EMAIL_OTP), a wrong one is refused", _code),
    Feature("sign-up without a password, and straight in", _straight_in),
    Feature("sign-in by passkey", _passkey),
    Feature("a passkey on another origin, or for another challenge, is refused", _forged_passkey),
    Feature("a passkey made on another origin is not registered", _foreign_registration),
]
