"""CUSTOM_AUTH over HTTP: rounds that functions decide, alone and after an SRP proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pycognito.aws_srp import AWSSRP

from test.support.pool_driver import INCORRECT, NOT_CONFIRMED, PASSWORD, refused

if TYPE_CHECKING:
    from test.local_cognito.triggers.conftest import World

CUSTOM = ("DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse")
ANSWER = "blue"


@pytest.fixture
def quiz(world: World) -> World:
    """Give a pool whose functions ask a question, three times at most."""

    def define(event: Any) -> Any:
        session = event["request"]["session"]
        rounds = [entry for entry in session if entry["challengeName"] == "CUSTOM_CHALLENGE"]
        if rounds and rounds[-1]["challengeResult"]:
            event["response"] = {"issueTokens": True, "failAuthentication": False}
        elif len(rounds) == 3:
            event["response"] = {"issueTokens": False, "failAuthentication": True}
        elif session and session[-1]["challengeName"] == "SRP_A":
            event["response"] = {"challengeName": "PASSWORD_VERIFIER"}
        else:
            event["response"] = {"challengeName": "CUSTOM_CHALLENGE"}
        return event

    def create(event: Any) -> Any:
        event["response"] = {
            "publicChallengeParameters": {"question": "colour?"},
            "privateChallengeParameters": {"answer": ANSWER},
            "challengeMetadata": f"round {len(event['request']['session'])}",
        }
        return event

    def verify(event: Any) -> Any:
        request = event["request"]
        right = request["privateChallengeParameters"]["answer"] == request["challengeAnswer"]
        event["response"] = {"answerCorrect": right}
        return event

    world.make_pool(*CUSTOM)
    world.add_user()
    world.functions.behaviour |= {CUSTOM[0]: define, CUSTOM[1]: create, CUSTOM[2]: verify}
    return world


def start(world: World, name: str = "alice", **parameters: str) -> Any:
    """Start a sign-in."""
    return world.api.initiate_auth(
        ClientId=world.client_id, AuthFlow="CUSTOM_AUTH", AuthParameters={"USERNAME": name, **parameters}
    )


def respond(world: World, challenge: Any, answer: str, name: str = "alice", **fields: Any) -> Any:
    """Answer CUSTOM_CHALLENGE."""
    return world.api.respond_to_auth_challenge(
        ClientId=world.client_id,
        ChallengeName="CUSTOM_CHALLENGE",
        Session=challenge["Session"],
        ChallengeResponses={"USERNAME": name, "ANSWER": answer},
        **fields,
    )


def test_right_answer(quiz: World) -> None:
    """The challenge has the public parameters and the user name; the right answer gives tokens."""
    challenge = start(quiz)

    assert challenge["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert challenge["ChallengeParameters"] == {"question": "colour?", "USERNAME": "alice"}
    assert respond(quiz, challenge, ANSWER)["AuthenticationResult"]
    assert quiz.functions.sources == [
        "DefineAuthChallenge_Authentication",
        "CreateAuthChallenge_Authentication",
        "VerifyAuthChallengeResponse_Authentication",
        "DefineAuthChallenge_Authentication",
    ]


def test_events(quiz: World) -> None:
    """Rounds, private parameters, the answer, and metadata for all but CreateAuthChallenge."""
    challenge = respond(quiz, start(quiz), "red", ClientMetadata={"a": "b"})
    first, created, verified, second, again = (event for _, event in quiz.functions.events)

    assert challenge["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert first["request"]["session"] == []
    assert first["response"] == {"challengeName": None, "issueTokens": None, "failAuthentication": None}
    assert created["request"]["challengeName"] == "CUSTOM_CHALLENGE"
    assert created["response"] == dict.fromkeys(
        ["publicChallengeParameters", "privateChallengeParameters", "challengeMetadata"]
    )
    assert verified["request"]["privateChallengeParameters"] == {"answer": ANSWER}
    assert verified["request"]["challengeAnswer"] == "red"
    assert second["request"]["session"] == [
        {"challengeName": "CUSTOM_CHALLENGE", "challengeResult": False, "challengeMetadata": "round 0"}
    ]
    assert [event["request"].get("clientMetadata") for event in (verified, second, again)] == [
        {"a": "b"},
        {"a": "b"},
        None,
    ]


def test_wrong_answers(quiz: World) -> None:
    """DefineAuthChallenge decides how often a wrong answer may be tried again."""
    challenge = start(quiz)
    challenge = respond(quiz, challenge, "red")
    challenge = respond(quiz, challenge, "green")

    with refused(*INCORRECT):
        respond(quiz, challenge, "black")


def test_after_srp(quiz: World) -> None:
    """With SRP_A first the password is proved before the question, and Define hears of both."""
    client: Any = object()
    srp = AWSSRP("alice", PASSWORD, quiz.pool_id, quiz.client_id, client=client)
    proof = start(quiz, CHALLENGE_NAME="SRP_A", SRP_A=srp.get_auth_params()["SRP_A"])
    assert proof["ChallengeName"] == "PASSWORD_VERIFIER"
    challenge = quiz.api.respond_to_auth_challenge(
        ClientId=quiz.client_id,
        ChallengeName="PASSWORD_VERIFIER",
        Session=proof["Session"],
        ChallengeResponses=srp.process_challenge(proof["ChallengeParameters"], {"USERNAME": "alice"}),
    )

    assert challenge["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert respond(quiz, challenge, ANSWER)["AuthenticationResult"]
    last = quiz.functions.events[-1][1]["request"]["session"]
    assert [entry["challengeName"] for entry in last] == ["SRP_A", "PASSWORD_VERIFIER", "CUSTOM_CHALLENGE"]
    assert all(entry["challengeResult"] for entry in last)


def test_second_factor_between(quiz: World) -> None:
    """After the proof of the password comes MFA, then the question; without the proof there is no MFA."""
    quiz.api.set_user_pool_mfa_config(
        UserPoolId=quiz.pool_id, MfaConfiguration="ON", SoftwareTokenMfaConfiguration={"Enabled": True}
    )
    quiz.server.set_totp_secret(quiz.pool_id, "alice", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    client: Any = object()
    srp = AWSSRP("alice", PASSWORD, quiz.pool_id, quiz.client_id, client=client)
    proof = start(quiz, CHALLENGE_NAME="SRP_A", SRP_A=srp.get_auth_params()["SRP_A"])
    asked = quiz.api.respond_to_auth_challenge(
        ClientId=quiz.client_id,
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses=srp.process_challenge(proof["ChallengeParameters"], {"USERNAME": "alice"}),
    )
    code = quiz.server.totp_code(quiz.pool_id, "alice")
    challenge = quiz.api.respond_to_auth_challenge(
        ClientId=quiz.client_id,
        ChallengeName=asked["ChallengeName"],
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": "alice", "SOFTWARE_TOKEN_MFA_CODE": code},
    )

    assert challenge["ChallengeName"] == "CUSTOM_CHALLENGE"
    names = [entry["challengeName"] for entry in quiz.functions.events[-1][1]["request"]["session"]]
    assert names == ["SRP_A", "PASSWORD_VERIFIER", "SOFTWARE_TOKEN_MFA"]
    assert respond(quiz, start(quiz), ANSWER)["AuthenticationResult"]


def test_without_triggers(world: World) -> None:
    """A pool without the functions says so."""
    world.make_pool()
    world.add_user()

    with refused(
        "InvalidParameterException", "Custom auth lambda trigger is not configured for the user pool."
    ):
        start(world)


def test_client_that_does_not_allow_it(world: World) -> None:
    """An app client without the flow is refused first."""
    world.make_pool(*CUSTOM, flows=["ALLOW_USER_SRP_AUTH"])

    with refused("InvalidParameterException", "CUSTOM_AUTH is not enabled for the client."):
        start(world)


@pytest.mark.parametrize("flow", ["ADMIN_NO_SRP_AUTH", "USER_PASSWORD_AUTH", "CUSTOM_AUTH_FLOW_ONLY"])
def test_older_settings_of_a_client(quiz: World, flow: str) -> None:
    """Where ExplicitAuthFlows has the older names, custom authentication is always on."""
    quiz.make_pool(*CUSTOM, flows=[flow])
    quiz.add_user()

    assert start(quiz)["ChallengeName"] == "CUSTOM_CHALLENGE"


def test_empty_answer(quiz: World) -> None:
    """An empty answer is for the function to judge; none at all is refused."""
    challenge = start(quiz)
    with refused("InvalidParameterException", "Missing required parameter ANSWER"):
        quiz.api.respond_to_auth_challenge(
            ClientId=quiz.client_id,
            ChallengeName="CUSTOM_CHALLENGE",
            Session=challenge["Session"],
            ChallengeResponses={"USERNAME": "alice"},
        )
    respond(quiz, challenge, "")

    assert [e["request"]["challengeAnswer"] for name, e in quiz.functions.events if name == CUSTOM[2]] == [""]


def test_pre_authentication_is_not_asked(quiz: World) -> None:
    """PreAuthentication has no say in CUSTOM_AUTH; PostAuthentication has."""
    quiz.make_pool(*CUSTOM, "PreAuthentication", "PostAuthentication")
    quiz.add_user()
    respond(quiz, start(quiz), ANSWER)

    assert "PreAuthentication_Authentication" not in quiz.functions.sources
    assert quiz.functions.sources[-1] == "PostAuthentication_Authentication"


def test_users_who_may_not(quiz: World) -> None:
    """An unconfirmed user hears so before any function is asked."""
    quiz.sign_up("bob")
    quiz.functions.events.clear()

    with refused(*NOT_CONFIRMED):
        start(quiz, "bob")
    assert quiz.functions.events == []


def test_temporary_password(quiz: World) -> None:
    """Who has a temporary password signs in without it."""
    quiz.api.admin_create_user(UserPoolId=quiz.pool_id, Username="bob", MessageAction="SUPPRESS")

    assert respond(quiz, start(quiz, "bob"), ANSWER, "bob")["AuthenticationResult"]


def test_unknown_user(quiz: World) -> None:
    """Where the client hides who exists, the functions are asked, and even tokens end in a refusal."""
    quiz.make_pool(*CUSTOM, hides=True)
    challenge = start(quiz, "nobody")
    assert all(event["request"]["userNotFound"] for _, event in quiz.functions.events)
    assert quiz.functions.events[0][1]["request"]["userAttributes"] == {}

    with refused(*INCORRECT):
        respond(quiz, challenge, ANSWER, "nobody")


@pytest.mark.parametrize(
    "response",
    [{}, {"challengeName": "OTHER"}, {"challengeName": "PASSWORD_VERIFIER"}, {"issueTokens": "true"}],
)
def test_define_that_says_nothing(quiz: World, response: dict[str, Any]) -> None:
    """An answer of DefineAuthChallenge that leads nowhere is not an answer."""
    quiz.functions.answer("DefineAuthChallenge", **response)

    with refused("InvalidLambdaResponseException", "Unrecognizable lambda output"):
        start(quiz)


@pytest.mark.parametrize("private", [{"answer": 4}, ["x"], "x"])
def test_parameters_that_are_no_texts(quiz: World, private: Any) -> None:
    """Challenge parameters are texts."""
    quiz.functions.answer("CreateAuthChallenge", privateChallengeParameters=private)

    with refused("InvalidLambdaResponseException", "Unrecognizable lambda output"):
        start(quiz)


def test_private_parameters_stay_private(quiz: World) -> None:
    """The client never sees what only Verify may know."""
    assert ANSWER not in str(start(quiz))


def test_by_an_administrator(quiz: World) -> None:
    """AdminInitiateAuth and AdminRespondToAuthChallenge do the same."""
    challenge = quiz.api.admin_initiate_auth(
        UserPoolId=quiz.pool_id,
        ClientId=quiz.client_id,
        AuthFlow="CUSTOM_AUTH",
        AuthParameters={"USERNAME": "alice"},
    )
    answer = quiz.api.admin_respond_to_auth_challenge(
        UserPoolId=quiz.pool_id,
        ClientId=quiz.client_id,
        ChallengeName="CUSTOM_CHALLENGE",
        Session=challenge["Session"],
        ChallengeResponses={"USERNAME": "alice", "ANSWER": ANSWER},
    )

    assert answer["AuthenticationResult"]
