"""Starting a sign-in with a password: flows, methods, the order of refusals, what comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from test.support.pool_driver import (
    ALICE,
    BOB,
    DISABLED,
    INCORRECT,
    LOCKED_OUT,
    NOT_CONFIRMED,
    PASSWORD,
    SESSION_INVALID,
    USER_NOT_FOUND,
    WRONG_PASSWORD,
    missing,
    refused,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import Api, PoolDriver


CUSTOM = {"DefineAuthChallenge": "arn:aws:lambda:us-east-1:123456789012:function:any"}
INVALID = "InvalidParameterException"
HIDING = {"PreventUserExistenceErrors": "ENABLED"}


@pytest.fixture(params=["app", "server"])
def start(request: pytest.FixtureRequest, pool: PoolDriver) -> Callable[..., dict[str, Any]]:
    """Return each of the two ways to start with a password, by InitiateAuth and by AdminInitiateAuth."""
    return {"app": type(pool).sign_in, "server": type(pool).admin_sign_in}[request.param]


def test_right_password(pool: PoolDriver, start: Callable[..., dict[str, Any]]) -> None:
    """The right password brings tokens where no MFA is due."""
    pool.user()

    answer = start(pool)

    assert answer["ChallengeParameters"] == {}
    assert set(answer["AuthenticationResult"]) == {
        "AccessToken",
        "IdToken",
        "RefreshToken",
        "TokenType",
        "ExpiresIn",
    }
    assert "ChallengeName" not in answer
    assert "Session" not in answer


@pytest.mark.parametrize("password", [WRONG_PASSWORD, PASSWORD.lower(), PASSWORD + "x", PASSWORD[:-1], "x"])
def test_wrong_password(pool: PoolDriver, start: Callable[..., dict[str, Any]], password: str) -> None:
    """Any other password is refused."""
    pool.user()

    with refused(*INCORRECT):
        start(pool, password=password)


def test_password_of_another_user(pool: PoolDriver, start: Callable[..., dict[str, Any]]) -> None:
    """Each user has their own password."""
    pool.user(ALICE)
    pool.user(BOB, password="Bobs-Own-Secret-2!")

    with refused(*INCORRECT):
        start(pool, BOB, PASSWORD)
    assert start(pool, BOB, "Bobs-Own-Secret-2!")["AuthenticationResult"]


class TestOrderOfRefusals:
    """Unknown, disabled, unconfirmed, locked out, wrong password: the first that applies is the answer."""

    def test_unknown(self, pool: PoolDriver, start: Callable[..., dict[str, Any]]) -> None:
        """A LEGACY client learns that the user does not exist."""
        with refused(*USER_NOT_FOUND):
            start(pool, "nobody")

    def test_unknown_but_hidden(
        self, make_pool: Callable[..., PoolDriver], start: Callable[..., dict[str, Any]]
    ) -> None:
        """With PreventUserExistenceErrors an unknown user fails like a wrong password."""
        with refused(*INCORRECT):
            start(make_pool(client=HIDING), "nobody")

    @pytest.mark.parametrize("password", [PASSWORD, WRONG_PASSWORD])
    def test_disabled(self, pool: PoolDriver, start: Callable[..., dict[str, Any]], password: str) -> None:
        """A disabled user is told so whatever the password, even when not confirmed either."""
        pool.sign_up()
        pool.change_user(enabled=False)

        with refused(*DISABLED):
            start(pool, password=password)

    @pytest.mark.parametrize("password", [PASSWORD, WRONG_PASSWORD])
    def test_unconfirmed(self, pool: PoolDriver, start: Callable[..., dict[str, Any]], password: str) -> None:
        """An unconfirmed user is told so whatever the password."""
        pool.sign_up()

        with refused(*NOT_CONFIRMED):
            start(pool, password=password)

    def test_unconfirmed_attempts_do_not_count(
        self, pool: PoolDriver, start: Callable[..., dict[str, Any]]
    ) -> None:
        """Attempts before the confirmation lock nobody out."""
        pool.sign_up()
        for _ in range(6):
            with refused(*NOT_CONFIRMED):
                start(pool, password=WRONG_PASSWORD)
        pool.confirm()

        assert start(pool)["AuthenticationResult"]

    def test_disabled_before_locked_out(self, pool: PoolDriver, start: Callable[..., dict[str, Any]]) -> None:
        """A disabled user hears of that, not of the lock."""
        pool.user()
        for _ in range(5):
            with refused(*INCORRECT):
                start(pool, password=WRONG_PASSWORD)
        with refused(*LOCKED_OUT):
            start(pool)
        pool.change_user(enabled=False)

        with refused(*DISABLED):
            start(pool)


class TestNames:
    """Which names sign in."""

    def test_sub_is_no_name(self, pool: PoolDriver, start: Callable[..., dict[str, Any]]) -> None:
        """The sub signs nobody in where users have names of their own."""
        sub = pool.sign_up()["UserSub"]
        pool.confirm()

        with refused(*USER_NOT_FOUND):
            start(pool, sub)

    def test_user_of_another_pool(
        self, pool: PoolDriver, make_pool: Callable[..., PoolDriver], start: Callable[..., dict[str, Any]]
    ) -> None:
        """A user signs in to their own pool only."""
        pool.user()

        with refused(*USER_NOT_FOUND):
            start(make_pool(), ALICE)

    @pytest.mark.parametrize("name", ["USERNAME", "PASSWORD"])
    @pytest.mark.parametrize("empty", [False, True])
    def test_missing_parameter(self, pool: PoolDriver, name: str, empty: bool) -> None:
        """USERNAME and PASSWORD must be there, and not empty."""
        given = {"USERNAME": ALICE, "PASSWORD": PASSWORD, name: ""}
        if not empty:
            del given[name]

        with refused(*missing(name)):
            pool.api.initiate_auth(
                ClientId=pool.client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=given
            )
        with refused(*missing(name)):
            pool.api.admin_initiate_auth(
                UserPoolId=pool.id,
                ClientId=pool.client_id,
                AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                AuthParameters=given,
            )

    def test_no_parameters(self, pool: PoolDriver) -> None:
        """Without AuthParameters the first that is missed is USERNAME."""
        with refused(*missing("USERNAME")):
            pool.api.initiate_auth(ClientId=pool.client_id, AuthFlow="USER_PASSWORD_AUTH")
        with refused(*missing("USERNAME")):
            pool.api.admin_initiate_auth(
                UserPoolId=pool.id, ClientId=pool.client_id, AuthFlow="ADMIN_USER_PASSWORD_AUTH"
            )


class TestFlows:
    """Which flows an app client may use, and by which call."""

    @pytest.mark.parametrize(
        ("flow", "message"),
        [
            ("USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH flow not enabled for this client"),
            ("USER_SRP_AUTH", "USER_SRP_AUTH is not enabled for the client."),
            ("CUSTOM_AUTH", "CUSTOM_AUTH is not enabled for the client."),
        ],
    )
    def test_not_enabled(self, make_pool: Callable[..., PoolDriver], flow: str, message: str) -> None:
        """InitiateAuth names the flow that the client's settings do not allow."""
        pool = make_pool(client={"ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"]})

        with refused(INVALID, message):
            pool.sign_in(flow=flow)

    @pytest.mark.parametrize("flow", ["ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"])
    def test_not_enabled_for_servers(self, make_pool: Callable[..., PoolDriver], flow: str) -> None:
        """AdminInitiateAuth has one text for all flows."""
        pool = make_pool(client={"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]})

        with refused(INVALID, "Auth flow not enabled for this client"):
            pool.admin_sign_in(flow=flow)

    def test_defaults(self, make_pool: Callable[..., PoolDriver]) -> None:
        """A client whose settings name no flow allows neither password flow, but SRP."""
        pool = make_pool(client={"ExplicitAuthFlows": []})

        with refused(INVALID, "USER_PASSWORD_AUTH flow not enabled for this client"):
            pool.sign_in()
        with refused(INVALID, "Auth flow not enabled for this client"):
            pool.admin_sign_in()
        with refused(*missing("SRP_A")):
            pool.sign_in(flow="USER_SRP_AUTH")

    def test_one_flow_alone(self, make_pool: Callable[..., PoolDriver]) -> None:
        """Each password flow is allowed by its own setting."""
        app = make_pool(client={"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]})
        app.user()
        server = app.other_client(ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"])

        assert app.sign_in()["AuthenticationResult"]
        assert server.admin_sign_in()["AuthenticationResult"]
        assert server.admin_sign_in(flow="ADMIN_NO_SRP_AUTH")["AuthenticationResult"]
        with refused(INVALID, "USER_PASSWORD_AUTH flow not enabled for this client"):
            server.sign_in()

    def test_legacy_settings(self, make_pool: Callable[..., PoolDriver]) -> None:
        """The older names of the settings, without ALLOW_, allow the same flows."""
        pool = make_pool(client={"ExplicitAuthFlows": ["USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"]})
        pool.user()

        assert pool.sign_in()["AuthenticationResult"]
        assert pool.admin_sign_in()["AuthenticationResult"]

    @pytest.mark.parametrize("flow", ["ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"])
    def test_admin_flow_from_an_app(self, pool: PoolDriver, flow: str) -> None:
        """InitiateAuth takes no flow that is for administrators."""
        pool.user()

        with refused(INVALID, "Initiate Auth method not supported."):
            pool.sign_in(flow=flow)

    def test_app_flow_from_a_server(self, pool: PoolDriver) -> None:
        """AdminInitiateAuth does not take the apps' password flow."""
        pool.user()

        with refused(INVALID, "Initiate Auth method not supported."):
            pool.admin_sign_in(flow="USER_PASSWORD_AUTH")

    def test_unknown_flow(self, unchecked_api: Api, pool: PoolDriver) -> None:
        """A flow that Cognito does not have breaks the model's enum."""
        with pytest.raises(unchecked_api.exceptions.InvalidParameterException) as caught:
            unchecked_api.initiate_auth(ClientId=pool.client_id, AuthFlow="MIND_READING")

        message = caught.value.response["Error"]["Message"]
        assert message.startswith(
            "1 validation error detected: Value 'MIND_READING' at 'authFlow' failed to satisfy constraint: "
            "Member must satisfy enum value set: [USER_SRP_AUTH, "
        )


class TestClients:
    """Requests that name no app client, or one of another pool."""

    def test_unknown_client(self, pool: PoolDriver) -> None:
        """An app client that does not exist is named in the refusal, in each public call that takes one."""
        unknown = ("ResourceNotFoundException", "User pool client unknown does not exist.")
        calls = {
            "sign_up": {"Username": ALICE, "Password": PASSWORD},
            "confirm_sign_up": {"Username": ALICE, "ConfirmationCode": "123456"},
            "resend_confirmation_code": {"Username": ALICE},
            "initiate_auth": {"AuthFlow": "USER_PASSWORD_AUTH"},
            "respond_to_auth_challenge": {"ChallengeName": "MFA_SETUP"},
        }
        for call, fields in calls.items():
            with refused(*unknown):
                getattr(pool.api, call)(ClientId="unknown", **fields)

    def test_client_of_another_pool(self, pool: PoolDriver, make_pool: Callable[..., PoolDriver]) -> None:
        """Calls that name pool and client want them to belong together."""
        other = make_pool()
        text = f"User pool client {other.client_id} does not exist in user pool {pool.id}."
        calls = {
            "admin_initiate_auth": {"AuthFlow": "ADMIN_USER_PASSWORD_AUTH"},
            "admin_respond_to_auth_challenge": {"ChallengeName": "MFA_SETUP"},
        }
        for call, fields in calls.items():
            with refused("ResourceNotFoundException", text):
                getattr(pool.api, call)(UserPoolId=pool.id, ClientId=other.client_id, **fields)


class TestAnsweringChallenges:
    """What every answer to a challenge is checked for, before the challenge itself."""

    @pytest.fixture(params=[False, True], ids=["app", "server"])
    def answer(self, request: pytest.FixtureRequest, mfa_pool: PoolDriver) -> Callable[..., Any]:
        """Return the two calls that answer challenges."""

        def call(challenge: str, responses: dict[str, str] | None, **fields: Any) -> Any:
            fields |= {"ClientId": mfa_pool.client_id, "ChallengeName": challenge}
            if responses is not None:
                fields["ChallengeResponses"] = responses
            if request.param:
                return mfa_pool.api.admin_respond_to_auth_challenge(UserPoolId=mfa_pool.id, **fields)
            return mfa_pool.api.respond_to_auth_challenge(**fields)

        return call

    @pytest.mark.parametrize("responses", [None, {}])
    def test_no_responses(self, answer: Callable[..., Any], responses: dict[str, Any] | None) -> None:
        """An answer without responses is refused."""
        with refused(*missing("challenge responses.")):
            answer("SOFTWARE_TOKEN_MFA", responses)

    def test_no_user_name(self, answer: Callable[..., Any]) -> None:
        """An answer must name the user."""
        with refused(*missing("USERNAME")):
            answer("SOFTWARE_TOKEN_MFA", {"SOFTWARE_TOKEN_MFA_CODE": "123456"})

    def test_unknown_user(self, answer: Callable[..., Any]) -> None:
        """An answer in the name of nobody belongs to no session."""
        with refused(*SESSION_INVALID):
            answer("SOFTWARE_TOKEN_MFA", {"USERNAME": "nobody"}, Session="A" * 40)

    @pytest.mark.parametrize("challenge", ["CUSTOM_CHALLENGE", "WEB_AUTHN", "SELECT_CHALLENGE"])
    def test_challenges_that_are_not_there(
        self, mfa_pool: PoolDriver, answer: Callable[..., Any], challenge: str
    ) -> None:
        """No session is open for a challenge that is not implemented."""
        mfa_pool.user()
        _, session = mfa_pool.verified()

        with refused(*missing("Session")):
            answer(challenge, {"USERNAME": ALICE})
        with refused(*SESSION_INVALID):
            answer(challenge, {"USERNAME": ALICE}, Session=session)

    def test_disabled_meanwhile(self, mfa_pool: PoolDriver, answer: Callable[..., Any]) -> None:
        """A user who was disabled after the password does not get through the challenge."""
        mfa_pool.user()
        _, session = mfa_pool.verified()
        mfa_pool.change_user(enabled=False)

        with refused(*DISABLED):
            answer("MFA_SETUP", {"USERNAME": ALICE}, Session=session)

    def test_unconfirmed(self, mfa_pool: PoolDriver, answer: Callable[..., Any]) -> None:
        """A user who is not confirmed is told so at challenges too."""
        mfa_pool.sign_up()

        with refused(*NOT_CONFIRMED):
            answer("MFA_SETUP", {"USERNAME": ALICE}, Session="A" * 40)
