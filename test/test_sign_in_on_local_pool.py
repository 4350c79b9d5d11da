"""The flows of today, USER_AUTH and CUSTOM_AUTH, by `SignedInUser` on the pool of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from cognito_idp_actions import error_code
from local_cognito import LocalCognito
from local_cognito.authenticator.passkey import Passkey
from signed_in_user import Challenge, ChallengeRequired, SignedInUser
from test.support import quiz
from test.support.client_pool import EMAIL, PASSWORD, USER, ClientPool, Clock, make_client_pool
from test.support.pools import SMS, TRACKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PHONE = "+12065550100"
FLOWS = [f"ALLOW_{flow}" for flow in ("USER_AUTH", "CUSTOM_AUTH", "USER_PASSWORD_AUTH", "REFRESH_TOKEN_AUTH")]


@pytest.fixture(scope="module")
def server() -> Iterator[LocalCognito]:
    """Give the server that these tests share."""
    with LocalCognito(triggers=quiz.HANDLERS) as running:
        yield running


@pytest.fixture
def make_pool(server: LocalCognito, signing_keys: dict[str, str]) -> Callable[..., ClientPool]:
    """Return the maker of pools with these first factors, whose app client has a secret, and one user.

    The user signs in by the alias, so that each secret hash goes by the name that Cognito gave.
    """

    def make(*factors: str, app: dict[str, Any] | None = None, **settings: Any) -> ClientPool:
        policy = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", *factors]}}
        given = {"AliasAttributes": ["email"], "Policies": policy, **SMS, **settings}
        flows = {"ExplicitAuthFlows": FLOWS, **(app or {})}
        pool = make_client_pool(server, Clock(), signing_keys, secret=True, app=flows, **given)
        pool.add_user(phone_number=PHONE, phone_number_verified="true")
        return pool

    return make


def sign_in(pool: ClientPool, *arguments: str, **options: Any) -> SignedInUser:
    """Sign in by the alias."""
    user = SignedInUser.sign_in(pool.wrapper(), EMAIL, *arguments, jwks_url=pool.jwks_url, **options)
    assert user.access_claims["username"] == USER
    return user


def latest_code(pool: ClientPool) -> str:
    """Return the code that was sent last."""
    return str(pool.server.outbox()[-1]["code"])


class TestChoice:
    """USER_AUTH."""

    def test_a_password_is_proved(self, make_pool: Callable[..., ClientPool]) -> None:
        """By SRP, in two requests; a wrong one is refused as such."""
        pool = make_pool()
        sign_in(pool, PASSWORD, flow="USER_AUTH")

        assert pool.requests[-2:] == ["InitiateAuth", "RespondToAuthChallenge"]
        with pytest.raises(ClientError, match="Incorrect username or password"):
            sign_in(pool, "Wrong-Horse-1!", flow="USER_AUTH")

    def test_a_password_is_sent(self, make_pool: Callable[..., ClientPool]) -> None:
        """Where the program prefers that."""
        sign_in(make_pool(), PASSWORD, flow="USER_AUTH", preferred_challenge="PASSWORD")

    @pytest.mark.parametrize("factor", ["EMAIL_OTP", "SMS_OTP"])
    def test_a_code(self, make_pool: Callable[..., ClientPool], factor: str) -> None:
        """It is one value, by e-mail or text message; after a wrong one the right one is good."""
        pool = make_pool(factor)
        with pytest.raises(ChallengeRequired) as asked:
            sign_in(pool, flow="USER_AUTH", preferred_challenge=factor)
        assert asked.value.name == factor

        with pytest.raises(ClientError) as refusal:
            SignedInUser.answer(pool.wrapper(), asked.value, "00000000")
        assert error_code(refusal.value) == "CodeMismatchException"
        user = SignedInUser.answer(pool.wrapper(), asked.value, latest_code(pool))
        assert user.user_name == USER

    @pytest.mark.parametrize("chosen", ["PASSWORD", "PASSWORD_SRP", "EMAIL_OTP"])
    def test_a_choice(self, make_pool: Callable[..., ClientPool], chosen: str) -> None:
        """The challenge names what there is, and the answer to it is one of those."""
        pool = make_pool("EMAIL_OTP")
        with pytest.raises(ChallengeRequired) as asked:
            sign_in(pool, flow="USER_AUTH")
        choice = asked.value.challenge

        assert choice.name == "SELECT_CHALLENGE"
        assert set(choice.available) == {"PASSWORD", "PASSWORD_SRP", "EMAIL_OTP"}
        user = SignedInUser.answer(
            pool.wrapper(),
            choice,
            chosen,
            password=PASSWORD,
            answer_challenge=lambda _: latest_code(pool),
        )
        assert user.user_name == USER

    @pytest.mark.parametrize("preferred", ["WEB_AUTHN", None])
    def test_a_passkey(self, make_pool: Callable[..., ClientPool], preferred: str | None) -> None:
        """The callback gets the options of the browser's call, and gives what the browser gave."""
        pool = make_pool("WEB_AUTHN")
        pool.client.set_user_pool_mfa_config(
            UserPoolId=pool.id, WebAuthnConfiguration={"RelyingPartyId": "example.com"}
        )
        token = sign_in(pool, PASSWORD, flow="USER_PASSWORD_AUTH").access_token
        options = pool.wrapper().start_web_authn_registration(token)["CredentialCreationOptions"]
        passkey = Passkey.create(options)
        pool.wrapper().complete_web_authn_registration(token, passkey.registration)

        def answer(challenge: Challenge) -> str:
            if challenge.name == "SELECT_CHALLENGE":
                return "WEB_AUTHN"
            return passkey.sign(challenge.parameters["CREDENTIAL_REQUEST_OPTIONS"])

        sign_in(pool, flow="USER_AUTH", preferred_challenge=preferred, answer_challenge=answer)

    def test_straight_in_after_a_sign_up(self, make_pool: Callable[..., ClientPool]) -> None:
        """The session of the confirmation is all that it takes."""
        pool = make_pool("EMAIL_OTP")
        wrapper = pool.wrapper()
        session = wrapper.sign_up("bob", None, {"email": "bob@example.com"}).get("Session")
        confirmed = wrapper.confirm_sign_up("bob", latest_code(pool), session=session)

        user = SignedInUser.sign_in(wrapper, "bob", flow="USER_AUTH", session=confirmed["Session"])

        assert user.user_name == "bob"

    def test_a_remembered_device_is_no_hindrance(self, make_pool: Callable[..., ClientPool]) -> None:
        """USER_AUTH takes the device's key, and its tokens are renewed."""
        pool = make_pool("EMAIL_OTP", DeviceConfiguration=TRACKING)
        device = sign_in(pool, PASSWORD, flow="USER_AUTH").remember_device("hers")

        user = sign_in(pool, PASSWORD, flow="USER_AUTH", device=device)

        user.renew()


class TestCustomAuth:
    """CUSTOM_AUTH, with functions in this process."""

    @pytest.fixture
    def pool(self, make_pool: Callable[..., ClientPool]) -> ClientPool:
        """Return a pool whose functions ask for a colour."""
        return make_pool(LambdaConfig=quiz.LAMBDA_CONFIG)

    @pytest.mark.parametrize("password", [[], [PASSWORD]], ids=["alone", "after-a-password"])
    def test_the_question_of_the_pool(self, pool: ClientPool, password: list[str]) -> None:
        """Its parameters come to the callback; a wrong answer brings the question again."""
        answers = iter(("red", quiz.COLOUR))
        asked: list[Challenge] = []

        def answer(challenge: Challenge) -> str:
            asked.append(challenge)
            return next(answers)

        sign_in(
            pool,
            *password,
            flow="CUSTOM_AUTH",
            answer_challenge=answer,
            client_metadata=quiz.METADATA,
        )

        assert [one.name for one in asked] == ["CUSTOM_CHALLENGE"] * 2
        assert asked[0].parameters["question"] == "colour?"

    def test_a_device_between(self, make_pool: Callable[..., ClientPool]) -> None:
        """After the password the device is proved, and the functions get every round."""
        pool = make_pool(LambdaConfig=quiz.LAMBDA_CONFIG, DeviceConfiguration=TRACKING)
        device = sign_in(pool, PASSWORD, flow="USER_AUTH").remember_device("hers")
        options = {"answer_challenge": lambda _: quiz.COLOUR, "client_metadata": quiz.METADATA}
        sign_in(pool, PASSWORD, flow="CUSTOM_AUTH", device=device, **options)

        decided = [one for one in pool.server.functions.ended if one.call.trigger == "DefineAuthChallenge"]
        assert [entry["challengeName"] for entry in decided[-1].call.event["request"]["session"]] == [
            *("SRP_A", "PASSWORD_VERIFIER", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER"),
            "CUSTOM_CHALLENGE",
        ]

    def test_a_wrong_password_first(self, pool: ClientPool) -> None:
        """The question is not asked then."""
        with pytest.raises(ClientError, match="Incorrect username or password"):
            sign_in(pool, "Wrong-Horse-1!", flow="CUSTOM_AUTH", answer_challenge=lambda _: quiz.COLOUR)

    def test_the_answer_comes_in_another_request(self, pool: ClientPool) -> None:
        """As in a web service: the challenge is kept between the two."""
        with pytest.raises(ChallengeRequired) as asked:
            sign_in(pool, PASSWORD, flow="CUSTOM_AUTH")

        user = SignedInUser.answer(
            pool.wrapper(), asked.value.challenge, quiz.COLOUR, client_metadata=quiz.METADATA
        )
        assert user.user_name == USER
