"""A user who signed in, on the pool of this machine: sign-in, devices, renewal, verification, signing out."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import logging
import pickle
import subprocess
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock

import boto3
import httpx
import jwt
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError
from pycognito import aws_srp as pycognito_srp
from warrant import aws_srp as warrant_srp

import client_keys
import cognito_srp
import signed_in_user
from cognito_idp_actions import CognitoIdentityProviderWrapper
from local_cognito import LocalCognito
from signed_in_user import (
    Challenge,
    ChallengeRequired,
    ExpiredTokenError,
    KeysUnavailableError,
    MalformedTokenError,
    NoDeviceError,
    NoRefreshTokenError,
    SignedInUser,
    SignedInUserError,
    SignInOverError,
    TokenAlgorithmError,
    TokenAuth,
    TrackedDevice,
    verifier_of,
)
from test.support.client_pool import (
    EMAIL,
    PASSWORD,
    ROTATION,
    TRACKING_ON_REQUEST,
    USER,
    ClientPool,
    Clock,
    make_client_pool,
)
from test.support.pools import TRACKING
from test.support.signed_tokens import SetClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import ModuleType

    from token_verifier import Use

    MakePool = Callable[..., ClientPool]

ROOT = Path(__file__).resolve().parent.parent
HOUR = 3600
NEW_PASSWORD = "Better-Horse-2?"


@pytest.fixture(scope="module")
def clock() -> Clock:
    """Return the server's clock."""
    return Clock()


@pytest.fixture(scope="module")
def server(clock: Clock) -> Iterator[LocalCognito]:
    """Give the server that these tests share."""
    with LocalCognito(clock=clock) as running:
        yield running


@pytest.fixture
def make_pool(server: LocalCognito, clock: Clock, signing_keys: dict[str, str]) -> Iterator[MakePool]:
    """Return the maker of pools; afterwards the clock is right again."""
    yield lambda **settings: make_client_pool(server, clock, signing_keys, **settings)
    clock.offset = 0.0


@pytest.fixture
def pool(make_pool: MakePool) -> ClientPool:
    """Return a pool without MFA, with a client secret, that has one user."""
    made = make_pool(secret=True)
    made.add_user()
    return made


@pytest.fixture(params=[False, True], ids=["no-secret", "secret"])
def either_pool(request: pytest.FixtureRequest, make_pool: MakePool) -> ClientPool:
    """Return such a pool of either kind of app client, for what sends the secret or its hash."""
    made = make_pool(secret=request.param)
    made.add_user()
    return made


@pytest.fixture
def tracking_pool(make_pool: MakePool) -> ClientPool:
    """Return a pool that requires TOTP and tracks devices, with a client secret, that has one user."""
    made = make_pool(secret=True, mfa="ON", DeviceConfiguration=TRACKING)
    made.add_user()
    return made


def send_twice(pool: ClientPool, action: str) -> None:
    """Let boto3 send the action's requests once more, as it does when the first answer is lost."""

    def once_more(attempts: int, **_: Any) -> int | None:
        return 0 if attempts == 1 else None  # seconds to wait before the next attempt; None for no other

    events: Any = pool.client.meta.events  # its type has no place for what a handler returns
    events.register_first(f"needs-retry.cognito-idp.{action}", once_more)


def sign_in(pool: ClientPool, name: str = USER, **options: Any) -> SignedInUser:
    """Sign in to a pool."""
    return SignedInUser.sign_in(pool.wrapper(), name, PASSWORD, **options)


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    """Return the code of a refusal."""
    return error.value.response["Error"]["Code"]


def shown_by_app(pool: ClientPool, secret: str, steps: int = 0) -> Callable[[Challenge], Mapping[str, str]]:
    """Return what answers TOTP challenges with the app's code."""
    return lambda _challenge: {"SOFTWARE_TOKEN_MFA_CODE": pool.code(secret, steps)}


class TestSigningIn:
    """From a password to tokens."""

    @pytest.mark.parametrize(
        "helper", [cognito_srp, pycognito_srp, warrant_srp], ids=lambda module: module.__name__
    )
    def test_the_password_is_proved_and_not_sent(self, either_pool: ClientPool, helper: ModuleType) -> None:
        """Two requests bring the tokens, with each helper, and the password is in neither."""
        sent: list[Any] = []
        either_pool.client.meta.events.register(
            "provide-client-params.cognito-idp", lambda params, **_: sent.append(params)
        )

        user = sign_in(either_pool, aws_srp=helper)

        assert either_pool.requests[-2:] == ["InitiateAuth", "RespondToAuthChallenge"]
        assert PASSWORD not in str(sent)
        assert user.access_claims["username"] == user.id_claims["cognito:username"] == USER
        assert user.id_claims["email"] == EMAIL

    @pytest.mark.parametrize("settings", [{"AliasAttributes": ["email"]}, {"UsernameAttributes": ["email"]}])
    @pytest.mark.parametrize("secret", [False, True], ids=["no-secret", "secret"])
    def test_an_alias_signs_in(self, make_pool: MakePool, settings: dict[str, Any], *, secret: bool) -> None:
        """Who signs in with an e-mail address is known by the real name from there on, renewal included."""
        pool = make_pool(secret=secret, **settings)
        name = pool.add_user(EMAIL if "UsernameAttributes" in settings else USER)

        user = sign_in(pool, EMAIL)
        user.renew()

        assert user.access_claims["username"] == name
        assert user.profile()["email"] == EMAIL

    def test_a_wrong_password_is_cognitos_refusal(self, pool: ClientPool) -> None:
        """The wrapper's ClientError arrives unchanged."""
        with pytest.raises(ClientError) as refusal:
            SignedInUser.sign_in(pool.wrapper(), USER, "Wrong-Horse-1!")

        assert code_of(refusal) == "NotAuthorizedException"

    def test_mfa_is_answered_by_the_caller(self, tracking_pool: ClientPool) -> None:
        """answer_challenge is given the challenge, and its answer brings the tokens."""
        secret = tracking_pool.enrol()
        asked: list[Challenge] = []

        def answer(challenge: Challenge) -> Mapping[str, str]:
            asked.append(challenge)
            return {"SOFTWARE_TOKEN_MFA_CODE": tracking_pool.code(secret)}

        user = sign_in(tracking_pool, answer_challenge=answer)

        assert [(challenge.name, challenge.user_name) for challenge in asked] == [
            ("SOFTWARE_TOKEN_MFA", USER)
        ]
        assert user.access_claims["username"] == USER

    def test_a_challenge_is_raised_and_answered_in_another_process(self, tracking_pool: ClientPool) -> None:
        """Without answer_challenge it is raised as plain data, which survives JSON and pickle."""
        secret = tracking_pool.enrol()
        with pytest.raises(ChallengeRequired) as required:
            sign_in(tracking_pool)
        kept = json.dumps(dataclasses.asdict(required.value.challenge))
        pickled = pickle.loads(pickle.dumps(required.value))

        challenge = Challenge(**json.loads(kept))
        responses = {"SOFTWARE_TOKEN_MFA_CODE": tracking_pool.code(secret)}
        user = SignedInUser.answer(tracking_pool.wrapper(), challenge, responses)

        assert (required.value.name, required.value.session) == (challenge.name, challenge.session)
        assert pickled.challenge == challenge
        assert pickled.parameters == challenge.parameters
        assert user.access_claims["username"] == USER

    def test_a_wrong_code_can_be_put_right(self, tracking_pool: ClientPool) -> None:
        """After CodeMismatchException the same challenge is answered again."""
        secret = tracking_pool.enrol()
        with pytest.raises(ChallengeRequired) as required:
            sign_in(tracking_pool)
        wrong = {"SOFTWARE_TOKEN_MFA_CODE": tracking_pool.code(secret, 100)}
        with pytest.raises(ClientError) as refusal:
            SignedInUser.answer(tracking_pool.wrapper(), required.value, wrong)

        responses = {"SOFTWARE_TOKEN_MFA_CODE": tracking_pool.code(secret)}
        user = SignedInUser.answer(tracking_pool.wrapper(), required.value, responses)

        assert code_of(refusal) == "CodeMismatchException"
        assert user.access_claims["username"] == USER

    def test_a_new_password_is_set_on_the_way(self, either_pool: ClientPool) -> None:
        """NEW_PASSWORD_REQUIRED is a challenge like any other."""
        wrapper = either_pool.wrapper()
        wrapper.admin_create_user(
            "bob", {"email": "bob@example.com"}, temporary_password=PASSWORD, message_action="SUPPRESS"
        )

        user = sign_in(either_pool, "bob", answer_challenge=lambda _: {"NEW_PASSWORD": NEW_PASSWORD})

        assert user.access_claims["username"] == "bob"
        assert SignedInUser.sign_in(wrapper, "bob", NEW_PASSWORD).access_claims["username"] == "bob"

    def test_mfa_is_set_up_on_the_way(self, tracking_pool: ClientPool) -> None:
        """MFA_SETUP is raised all the same; the session of VerifySoftwareToken goes into the challenge."""
        wrapper = tracking_pool.wrapper()
        with pytest.raises(ChallengeRequired, match="MFA_SETUP") as required:
            sign_in(tracking_pool, answer_challenge=lambda _: {})
        setup = wrapper.get_mfa_secret(required.value.session)
        verified = wrapper.verify_mfa(setup["Session"], tracking_pool.code(setup["SecretCode"]))

        challenge = dataclasses.replace(required.value.challenge, session=verified["Session"])
        user = SignedInUser.answer(wrapper, challenge, {})

        assert user.access_claims["username"] == USER


class TestDevices:
    """A device that is confirmed, signs in without a code, keeps its tokens fresh, and is forgotten."""

    @pytest.mark.parametrize("tracking", [TRACKING, TRACKING_ON_REQUEST], ids=["always", "on request"])
    @pytest.mark.parametrize("secret", [False, True], ids=["no-secret", "secret"])
    @pytest.mark.parametrize("name", [USER, EMAIL], ids=["name", "alias"])
    def test_a_tracked_device_needs_no_code(
        self, make_pool: MakePool, tracking: dict[str, bool], name: str, *, secret: bool
    ) -> None:
        """What remember_device returned signs in by itself, whether or not the pool waits for a yes."""
        pool = make_pool(secret=secret, mfa="ON", DeviceConfiguration=tracking, AliasAttributes=["email"])
        pool.add_user()
        app = pool.enrol()
        first = sign_in(pool, name, answer_challenge=shown_by_app(pool, app))
        device = first.remember_device("her telephone")
        first.renew()

        second = sign_in(pool, name, device=device)
        second.renew()

        assert first.access_claims["device_key"] == second.access_claims["device_key"] == device.key
        (listed,) = pool.wrapper().list_devices(second.access_token)
        assert listed["DeviceKey"] == device.key
        assert {"Name": "device_name", "Value": "her telephone"} in listed["DeviceAttributes"]

    def test_a_challenge_for_the_device_is_answered_with_it(self, tracking_pool: ClientPool) -> None:
        """A sign-in that another process began goes on with the device alone; without it, it is raised."""
        app = tracking_pool.enrol()
        user = sign_in(tracking_pool, answer_challenge=shown_by_app(tracking_pool, app))
        device, wrapper = user.remember_device(), tracking_pool.wrapper()
        answer = wrapper.initiate_auth(USER, PASSWORD, device_key=device.key)
        session = answer.get("Session")
        challenge = Challenge(answer["ChallengeName"], {}, session, USER, device.key)

        again = SignedInUser.answer(wrapper, challenge, {}, device=device)

        assert again.access_claims["device_key"] == device.key

    def test_kept_tokens_are_renewed_for_their_device(self, tracking_pool: ClientPool) -> None:
        """The device key may be given, and is read from the access token otherwise."""
        app = tracking_pool.enrol()
        user = sign_in(tracking_pool, answer_challenge=shown_by_app(tracking_pool, app))
        device = user.remember_device()

        for key in (None, device.key):
            again = SignedInUser.from_tokens(
                tracking_pool.wrapper(),
                access_token=user.access_token,
                refresh_token=user.refresh_token,
                device_key=key,
            )
            again.renew()

            assert again.access_claims["device_key"] == device.key

    def test_a_new_device_takes_the_place_of_the_one_that_was_given(self, pool: ClientPool) -> None:
        """Where Cognito takes a device for a new one, the tokens are tied to the key that it gives."""
        result = pool.wrapper().initiate_auth(USER, PASSWORD)["AuthenticationResult"]
        result["NewDeviceMetadata"] = {"DeviceKey": "us-east-1_0f9e", "DeviceGroupKey": "-AbCdEfGh"}
        user = SignedInUser(pool.wrapper(), result, device_key="us-east-1_1d2c")
        sent: list[Any] = []
        pool.client.meta.events.register(
            "provide-client-params.cognito-idp", lambda params, **_: sent.append(params.get("DeviceKey"))
        )

        user.renew()

        assert sent == ["us-east-1_0f9e"]

    def test_tokens_of_an_unconfirmed_device_are_not_renewed(self, tracking_pool: ClientPool) -> None:
        """The error says what to do about it."""
        app = tracking_pool.enrol()
        user = sign_in(tracking_pool, answer_challenge=shown_by_app(tracking_pool, app))

        with pytest.raises(SignInOverError, match="remember_device"):
            user.renew()

    def test_a_forgotten_device_signs_in_no_more(self, tracking_pool: ClientPool) -> None:
        """Cognito refuses its key, and the tokens of its sign-in are renewed no more."""
        app = tracking_pool.enrol()
        user = sign_in(tracking_pool, answer_challenge=shown_by_app(tracking_pool, app))
        device = user.remember_device()

        user.forget_device()

        with pytest.raises(ClientError) as refusal:
            sign_in(tracking_pool, device=device)
        assert code_of(refusal) == "ResourceNotFoundException"
        with pytest.raises(SignInOverError):
            user.renew()

    def test_another_password_of_the_device_is_refused(self, tracking_pool: ClientPool) -> None:
        """Nobody signs in with a device's key alone."""
        app = tracking_pool.enrol()
        user = sign_in(tracking_pool, answer_challenge=shown_by_app(tracking_pool, app))
        device = dataclasses.replace(user.remember_device(), password="guess")

        with pytest.raises(ClientError) as refusal:
            sign_in(tracking_pool, device=device)

        assert code_of(refusal) == "NotAuthorizedException"

    def test_without_a_device_there_is_none_to_remember_or_forget(self, pool: ClientPool) -> None:
        """A pool that tracks no devices gives no key, and that is what the error says."""
        user = sign_in(pool)

        with pytest.raises(NoDeviceError, match="tracks none"):
            user.remember_device()
        with pytest.raises(NoDeviceError, match="no device to forget"):
            user.forget_device()

    def test_a_device_is_remembered_once(self, tracking_pool: ClientPool) -> None:
        """A second call would lose the first one's password, so it is refused."""
        app = tracking_pool.enrol()
        user = sign_in(tracking_pool, answer_challenge=shown_by_app(tracking_pool, app))
        first, second = user.remember_device(), None

        with pytest.raises(NoDeviceError):
            second = user.remember_device()

        assert second is None
        assert sign_in(tracking_pool, device=first).access_claims["username"] == USER

    @pytest.mark.parametrize("tracking", [TRACKING, TRACKING_ON_REQUEST], ids=["at once", "on request"])
    def test_a_lost_answer_does_not_lose_the_device(
        self, make_pool: MakePool, tracking: dict[str, bool]
    ) -> None:
        """Where boto3 sends ConfirmDevice again, since no answer came, the refusal means that it was done."""
        pool = make_pool(mfa="ON", DeviceConfiguration=tracking)
        pool.add_user()
        app = pool.enrol()
        user = sign_in(pool, answer_challenge=shown_by_app(pool, app))
        send_twice(pool, "ConfirmDevice")

        device = user.remember_device()

        assert sign_in(pool, device=device).access_claims["device_key"] == device.key

    def test_a_device_that_another_has_confirmed_is_not_taken(self, tracking_pool: ClientPool) -> None:
        """The same refusal at the first attempt says that somebody else's verifier is there."""
        app = tracking_pool.enrol()
        user = sign_in(tracking_pool, answer_challenge=shown_by_app(tracking_pool, app))
        named = user.to_dict()["device"]
        wrapper = tracking_pool.wrapper()
        wrapper.confirm_mfa_device(
            "", named["key"], named["group_key"], "another", user.access_token, cognito_srp
        )

        with pytest.raises(ClientError) as refusal:
            user.remember_device()

        assert code_of(refusal) == "DeviceKeyExistsException"

    def test_the_device_is_plain_data_that_hides_its_password(self) -> None:
        """It survives JSON, and its repr has no password."""
        device = TrackedDevice("eu-west-1_0f9e", "-AbCdEfGh", "the password")

        assert TrackedDevice(**json.loads(json.dumps(dataclasses.asdict(device)))) == device
        assert "the password" not in repr(device)


class TestRenewal:
    """Tokens that stay fresh."""

    def test_a_fresh_token_is_left_alone(self, pool: ClientPool) -> None:
        """While more than a minute is left, nothing is sent."""
        user = sign_in(pool)
        pool.requests.clear()

        assert user.access_token == user.access_token
        assert user.id_token == user.id_token
        assert pool.requests == []

    @pytest.mark.parametrize("use", ["access", "id"])
    def test_a_token_that_is_about_to_end_is_renewed(self, pool: ClientPool, use: Use) -> None:
        """Nine seconds before its end another one takes its place."""
        user = kept(pool, left=9)
        before = user.to_dict()

        renewed = user.fresh_token(use)

        assert pool.requests == ["GetTokensFromRefreshToken"]
        assert renewed not in before.values()
        assert user.fresh_token(use) == renewed
        assert user.access_claims["username"] == USER

    def test_in_its_last_minute_a_token_is_renewed_in_the_background(self, pool: ClientPool) -> None:
        """Whoever reads it gets the old one at once, and later the new one."""
        user = kept(pool, left=59)
        renewed = threading.Event()
        user.on_renewed = lambda _: renewed.set()
        before = user.to_dict()["access_token"]

        assert user.access_token == before
        assert renewed.wait(10)
        assert user.access_token != before
        assert pool.requests == ["GetTokensFromRefreshToken"]

    def test_a_token_with_more_than_a_minute_left_is_left_alone(self, pool: ClientPool) -> None:
        """61 seconds before its end nothing happens yet."""
        user = kept(pool, left=61)

        assert user.access_token == user.to_dict()["access_token"]
        assert pool.requests == []

    def test_an_id_token_that_was_not_kept_is_fetched(self, either_pool: ClientPool) -> None:
        """Access and refresh token are enough to keep: they bring the ID token back."""
        signed_in = sign_in(either_pool)
        user = SignedInUser.from_tokens(
            either_pool.wrapper(), access_token=signed_in.access_token, refresh_token=signed_in.refresh_token
        )

        assert user.id_claims["cognito:username"] == USER

    def test_a_rotated_refresh_token_takes_the_old_ones_place(self, make_pool: MakePool) -> None:
        """Each renewal uses the token of the one before; a token that was used up ends the sign-in."""
        pool = make_pool(app=ROTATION)
        pool.add_user()
        user = sign_in(pool)
        first = user.refresh_token
        assert first is not None

        user.renew()
        user.renew()
        stale = SignedInUser.from_tokens(pool.wrapper(), access_token=user.access_token, refresh_token=first)

        assert user.refresh_token != first
        with pytest.raises(SignInOverError):
            stale.renew()

    @pytest.mark.parametrize("off", [-2 * HOUR, 2 * HOUR], ids=["slow", "fast"])
    def test_the_clock_of_this_machine_may_be_wrong(self, pool: ClientPool, off: float) -> None:
        """Tokens count from when they came: a wrong clock neither renews at every call nor too late."""
        clock = SetClock(time.time() + off)
        user = sign_in(pool, clock=clock)
        pool.requests.clear()

        early = user.access_token
        clock.now += HOUR - 5
        late = user.access_token

        assert early != late
        assert pool.requests == ["GetTokensFromRefreshToken"]

    @pytest.mark.parametrize("left", [30, 1])
    def test_without_a_refresh_token_a_token_is_used_to_its_end(self, pool: ClientPool, left: float) -> None:
        """In its last minute, and its last second, it is still given out."""
        user = kept(pool, left=left, refresh=False)

        assert user.access_token == user.to_dict()["access_token"]

    def test_at_its_end_the_error_says_so(self, pool: ClientPool) -> None:
        """There is nothing to renew it with."""
        user = kept(pool, left=0, refresh=False)

        for read in (lambda: user.access_token, lambda: user.access_claims, lambda: user.id_token):
            with pytest.raises(ExpiredTokenError, match="sign in again"):
                read()

    def test_what_needs_a_refresh_token_says_so(self, pool: ClientPool) -> None:
        """Renewing, signing out here, and an ID token that is not there."""
        user = SignedInUser.from_tokens(pool.wrapper(), access_token=sign_in(pool).access_token)

        for action in (user.renew, user.sign_out, lambda: user.id_token):
            with pytest.raises(NoRefreshTokenError):
                action()
        assert user.refresh_token is None

    @pytest.mark.parametrize(
        "result",
        [{}, {"AccessToken": "no token"}, {"AccessToken": 5}, {"IdToken": "x"}, {"AccessToken": "a.b.c"}],
        ids=["empty", "text", "number", "id alone", "no base64"],
    )
    def test_an_answer_without_sense_is_refused_and_changes_nothing(
        self, pool: ClientPool, monkeypatch: pytest.MonkeyPatch, result: dict[str, Any]
    ) -> None:
        """A renewal that brings no token leaves the old ones as they were."""
        tokens = sign_in(pool)
        wrapper = pool.wrapper()
        monkeypatch.setattr(wrapper, "get_tokens_from_refresh_token", lambda *_: result)
        user = SignedInUser.from_dict(wrapper, tokens.to_dict())

        with pytest.raises(MalformedTokenError):
            user.renew()

        assert user.to_dict() == tokens.to_dict()


def kept(pool: ClientPool, *, left: float = HOUR, refresh: bool = True) -> SignedInUser:
    """Return a user whose kept access token has so many seconds left; forget the requests so far."""
    tokens = pool.wrapper().initiate_auth(USER, PASSWORD)["AuthenticationResult"]
    end = jwt.decode(tokens["AccessToken"], options={"verify_signature": False})["exp"]
    clock = SetClock(end - left)
    user = SignedInUser.from_tokens(
        pool.wrapper(),
        access_token=tokens["AccessToken"],
        id_token=tokens["IdToken"],
        refresh_token=tokens["RefreshToken"] if refresh else None,
        clock=clock,
    )
    pool.requests.clear()
    return user


class TestVerification:
    """Tokens that must not be trusted, each refused by its own error."""

    def test_claims_of_both_tokens_are_returned(self, pool: ClientPool) -> None:
        """The verifier says what Cognito says, from a URL that is given or the endpoint's own."""
        user = sign_in(pool)
        by_url = SignedInUser.from_tokens(
            pool.wrapper(), access_token=user.access_token, jwks_url=pool.jwks_url
        )

        assert user.access_claims == by_url.access_claims
        assert user.access_claims["client_id"] == user.id_claims["aud"] == pool.client_id

    def test_a_users_own_tokens_are_refused_likewise(self, pool: ClientPool) -> None:
        """access_claims of tokens that were kept are verified like any other."""
        claims = jwt.decode(sign_in(pool).access_token, options={"verify_signature": False})
        unsigned = jwt.encode(claims, "", algorithm="none", headers={"kid": f"{pool.id} access"})
        user = SignedInUser.from_tokens(pool.wrapper(), access_token=unsigned)

        with pytest.raises(TokenAlgorithmError):
            _ = user.access_claims

    @pytest.mark.parametrize(
        ("endpoint", "place"),
        [
            ("https://cognito-idp.eu-west-1.amazonaws.com", None),
            ("https://cognito-idp-fips.us-east-1.amazonaws.com", None),
            ("http://127.0.0.1:9229", "http://127.0.0.1:9229/eu-west-1_A/.well-known/jwks.json"),
            (
                "https://proxy.example.com/idp/",
                "https://proxy.example.com/idp/eu-west-1_A/.well-known/jwks.json",
            ),
        ],
    )
    def test_a_user_looks_for_the_keys_at_the_clients_endpoint(
        self, monkeypatch: pytest.MonkeyPatch, endpoint: str, place: str | None
    ) -> None:
        """At AWS's endpoints of every kind the keys are in AWS's place, at others below them."""
        client = MagicMock()
        client.meta.endpoint_url = endpoint
        fetched: list[str] = []
        monkeypatch.setattr(client_keys, "_fetch_by", lambda _client: fetched.append)
        wrapper = CognitoIdentityProviderWrapper(client, "eu-west-1_A", "client")

        with pytest.raises(KeysUnavailableError):
            verifier_of(wrapper).warm_up()

        assert fetched == [
            place or "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A/.well-known/jwks.json"
        ]


class TestKeys:
    """How users come by the pool's keys."""

    def test_users_of_one_client_share_them(self, pool: ClientPool) -> None:
        """Whoever makes a user for each request fetches the keys once."""
        access_token = sign_in(pool).access_token
        users = [SignedInUser.from_tokens(pool.wrapper(), access_token=access_token) for _ in range(10)]

        assert {user.access_claims["username"] for user in users} == {USER}
        assert len({id(verifier_of(pool.wrapper())) for _ in range(10)}) == 1

    def test_they_are_fetched_as_the_client_sends_requests(self, pool: ClientPool) -> None:
        """The client's proxy is used, and so are its CA bundle and time-outs."""
        asked: list[str] = []
        keys = urllib.request.urlopen(pool.jwks_url, timeout=10).read()

        class Proxy(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(keys)

            def log_message(self, *_: object) -> None:
                """Stay silent."""

        with HTTPServer(("127.0.0.1", 0), Proxy) as proxy:
            threading.Thread(target=proxy.handle_request).start()
            proxies = {"http": f"http://127.0.0.1:{proxy.server_port}"}
            client: Any = boto3.client("cognito-idp", "us-east-1", config=Config(proxies=proxies))
            wrapper = CognitoIdentityProviderWrapper(client, pool.id, pool.client_id)
            verifier = verifier_of(wrapper, "http://keys.example.com/all")
            claims = verifier.verify(sign_in(pool).access_token)

        assert claims["username"] == USER
        assert asked == ["http://keys.example.com/all"]

    def test_a_failure_there_is_a_failure_of_the_keys(self, pool: ClientPool) -> None:
        """An endpoint without keys says nothing about a token."""
        wrapper = pool.wrapper()

        with pytest.raises(KeysUnavailableError, match="HTTPClientError"):
            verifier_of(wrapper, f"{pool.server.url}/nothing/here").verify(sign_in(pool).access_token)


class TestSigningOut:
    """The end, here and everywhere."""

    def test_signing_out_here_ends_this_sign_in_alone(self, either_pool: ClientPool) -> None:
        """Its tokens are refused from then on; those of another sign-in are not."""
        here, there = sign_in(either_pool), sign_in(either_pool)
        token, refresh = here.access_token, here.refresh_token

        here.sign_out()

        kept = SignedInUser.from_tokens(either_pool.wrapper(), access_token=token, refresh_token=refresh)
        with pytest.raises(ClientError):
            kept.profile()
        with pytest.raises(SignInOverError):
            kept.renew()
        assert there.profile()["email"] == EMAIL

    def test_signing_out_everywhere_ends_all(self, pool: ClientPool) -> None:
        """The tokens of every sign-in are refused, and none is renewed."""
        here, there = sign_in(pool), sign_in(pool)

        here.sign_out_everywhere()

        with pytest.raises(ClientError):
            there.profile()
        with pytest.raises(SignInOverError):
            there.renew()

    @pytest.mark.parametrize("sign_out", ["sign_out", "sign_out_everywhere"])
    def test_afterwards_there_are_no_tokens(self, pool: ClientPool, sign_out: str) -> None:
        """The object says to sign in again, and sends nothing."""
        user = sign_in(pool)
        getattr(user, sign_out)()
        pool.requests.clear()

        for action in (
            lambda: user.access_token,
            lambda: user.id_token,
            lambda: user.refresh_token,
            lambda: user.access_claims,
            user.renew,
            user.profile,
            user.sign_out,
            user.sign_out_everywhere,
        ):
            with pytest.raises(SignInOverError, match="signed out"):
                action()
        assert pool.requests == []


class TestProfile:
    """The account, over the wrapper."""

    def test_attributes_go_in_and_come_out_as_a_mapping(self, pool: ClientPool) -> None:
        """A change shows at once in the profile, and in the ID token after a renewal."""
        user = sign_in(pool)

        sent = user.update_profile({"given_name": "Alice", "email": "new@example.com"})
        profile = user.profile()
        user.renew()

        assert (profile["given_name"], profile["email"]) == ("Alice", "new@example.com")
        assert [details["AttributeName"] for details in sent] == ["email"]
        assert user.id_claims["given_name"] == "Alice"


class TestTokenAuth:
    """Tokens in the requests of requests and httpx."""

    @pytest.mark.parametrize(
        ("options", "name", "expected"),
        [
            ({}, "Authorization", "Bearer {access}"),
            ({"use": "id"}, "Authorization", "Bearer {id}"),
            ({"header": "X-Token", "prefix": ""}, "X-Token", "{access}"),
        ],
        ids=["access", "id", "bare"],
    )
    @pytest.mark.parametrize("library", ["requests", "httpx", "httpx async"])
    def test_each_library_takes_it(
        self, pool: ClientPool, library: str, options: dict[str, Any], name: str, expected: str
    ) -> None:
        """The header is set as asked for, in all three."""
        user = sign_in(pool)
        auth = TokenAuth(user, **options)
        url = f"{pool.server.url}/outbox"

        if library == "requests":
            sent = dict(requests.get(url, auth=auth, timeout=10).request.headers)
        elif library == "httpx":
            sent = dict(httpx.get(url, auth=auth).request.headers)
        else:
            sent = asyncio.run(headers_of_async_request(url, auth))

        value = expected.format(access=user.access_token, id=user.id_token)
        assert {key.lower(): text for key, text in sent.items()}[name.lower()] == value

    def test_each_request_gets_a_fresh_token(self, pool: ClientPool) -> None:
        """A session that lives longer than a token goes on with the next one."""
        user = kept(pool, left=5)
        old = user.to_dict()["access_token"]
        with requests.Session() as session:
            session.auth = TokenAuth(user)
            sent = session.get(f"{pool.server.url}/outbox", timeout=10).request.headers["Authorization"]

        assert sent == f"Bearer {user.access_token}" != f"Bearer {old}"

    def test_a_use_that_there_is_not_is_refused(self, pool: ClientPool) -> None:
        """A misspelt use shows when the object is made."""
        with pytest.raises(ValueError, match="access"):
            TokenAuth(sign_in(pool), use="refresh")  # type: ignore[arg-type]


async def headers_of_async_request(url: str, auth: TokenAuth) -> dict[str, str]:
    """Return what httpx's client for async code sent."""
    async with httpx.AsyncClient() as client:
        return dict((await client.get(url, auth=auth)).request.headers)


class TestSecrets:
    """What must not be seen."""

    def test_no_secret_is_logged_or_shown(
        self, tracking_pool: ClientPool, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """At DEBUG, neither loggers nor reprs nor errors have a token, a session, a code or a password."""
        for name in ("cognito_idp_actions", "cognito_srp", "signed_in_user"):
            caplog.set_level(logging.DEBUG, name)
        app = tracking_pool.enrol()
        with pytest.raises(ChallengeRequired) as required:
            sign_in(tracking_pool)
        code = tracking_pool.code(app)
        wrong = tracking_pool.code(app, 100)
        with pytest.raises(ClientError):
            SignedInUser.answer(tracking_pool.wrapper(), required.value, {"SOFTWARE_TOKEN_MFA_CODE": wrong})
        responses = {"SOFTWARE_TOKEN_MFA_CODE": code}
        user = SignedInUser.answer(tracking_pool.wrapper(), required.value, responses)
        stored = user.to_dict()
        device = user.remember_device()
        user.renew()
        user.sign_out()
        with pytest.raises(SignInOverError) as over:
            user.renew()

        ours = [
            record for record in caplog.records if record.name in {"cognito_idp_actions", "signed_in_user"}
        ]
        shown = [record.getMessage() for record in ours]
        shown += [f"{thing!r} {thing}" for thing in (user, device, required.value, over.value)]
        shown += [repr(required.value.challenge), *capfd.readouterr()]
        session = required.value.session
        for secret in (
            *(PASSWORD, code, wrong, session, app, device.password, tracking_pool.secret),
            *(stored["access_token"], stored["id_token"], stored["refresh_token"]),
        ):
            assert secret is None or secret not in "\n".join(shown)
        assert "RespondToAuthChallenge was refused: CodeMismatchException" in "\n".join(shown)

    def test_errors_have_one_base(self) -> None:
        """A caller catches all of them as SignedInUserError."""
        things = [getattr(signed_in_user, name) for name in signed_in_user.__all__]
        errors = [thing for thing in things if isinstance(thing, type) and issubclass(thing, Exception)]

        assert len(errors) > 15
        assert all(issubclass(error, SignedInUserError) for error in errors)

    def test_nothing_heavy_is_loaded_at_first(self) -> None:
        """Neither boto3 nor PyJWT, requests or httpx are loaded before they are needed."""
        program = """if True:
            import sys, signed_in_user
            print(sorted({"boto3", "jwt", "requests", "httpx", "gmpy2", "urllib.request"} & set(sys.modules)))
        """

        printed = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout

        assert printed == "[]\n"
