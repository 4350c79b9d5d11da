"""PreAuthentication, PostAuthentication and PreTokenGeneration, over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jwt
import pytest
from botocore.exceptions import ClientError

from test.support.inside import store_of
from test.support.pool_driver import INCORRECT, PASSWORD, SESSION_SPENT, WRONG_PASSWORD, refused

if TYPE_CHECKING:
    from test.local_cognito.triggers.conftest import World


def claims(answer: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the claims of the access and of the ID token in an answer."""
    result = answer["AuthenticationResult"]
    access, identity = (
        jwt.decode(result[name], options={"verify_signature": False}) for name in ("AccessToken", "IdToken")
    )
    return access, identity


class TestPreAuthentication:
    """PreAuthentication is asked before the password is looked at."""

    def test_event(self, world: World) -> None:
        """It gets InitiateAuth's metadata as validation data, and says nothing of a user being found."""
        world.make_pool("PreAuthentication")
        world.add_user()
        world.sign_in(ClientMetadata={"a": "b"})

        event = world.functions.only("PreAuthentication")
        assert event["triggerSource"] == "PreAuthentication_Authentication"
        assert event["request"] == {
            "userAttributes": {
                "sub": event["request"]["userAttributes"]["sub"],
                "cognito:user_status": "CONFIRMED",
                "email": "alice@example.com",
                "email_verified": "true",
            },
            "validationData": {"a": "b"},
        }
        assert event["response"] == {}

    def test_refuses_whatever_the_password(self, world: World) -> None:
        """Its error comes before the password is checked."""
        world.make_pool("PreAuthentication")
        world.add_user()
        world.functions.fail("PreAuthentication", ValueError("Not today"))

        with refused("UserLambdaValidationException", "PreAuthentication failed with error Not today."):
            world.api.initiate_auth(
                ClientId=world.client_id,
                AuthFlow="USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": "alice", "PASSWORD": WRONG_PASSWORD},
            )

    @pytest.mark.parametrize("hides", [False, True])
    def test_unknown_user(self, world: World, hides: bool) -> None:
        """Only where the app client hides who exists it hears of a name without a user."""
        world.make_pool("PreAuthentication", hides=hides)

        with pytest.raises(ClientError):
            world.sign_in("nobody")
        assert [event["request"].get("userNotFound") for _, event in world.functions.events] == [True] * hides

    def test_wrong_passwords_count_all_the_same(self, world: World) -> None:
        """A request that is run again after the function counts one failed attempt, not two."""
        world.make_pool("PreAuthentication")
        world.add_user()
        for _ in range(5):
            with refused(*INCORRECT):
                world.api.initiate_auth(
                    ClientId=world.client_id,
                    AuthFlow="USER_PASSWORD_AUTH",
                    AuthParameters={"USERNAME": "alice", "PASSWORD": WRONG_PASSWORD},
                )

        store = store_of(world.server)
        with store.transaction():
            assert store.attempts.count(pool_id=world.pool_id, username="alice") == 5


class TestPostAuthentication:
    """PostAuthentication is told of a sign-in that has passed every step."""

    def test_order_and_metadata(self, world: World) -> None:
        """It comes after PreAuthentication and before the tokens, without InitiateAuth's metadata."""
        world.make_pool("PreAuthentication", "PostAuthentication", "PreTokenGeneration")
        world.add_user()
        world.sign_in(ClientMetadata={"a": "b"})

        assert world.functions.sources == [
            "PreAuthentication_Authentication",
            "PostAuthentication_Authentication",
            "TokenGeneration_Authentication",
        ]
        assert "clientMetadata" not in world.functions.only("PostAuthentication")["request"]
        assert "newDeviceUsed" not in world.functions.only("PostAuthentication")["request"]

    def test_new_device(self, world: World) -> None:
        """Where devices are tracked it hears whether this one is new."""
        world.make_pool("PostAuthentication", DeviceConfiguration={"DeviceOnlyRememberedOnUserPrompt": False})
        world.add_user()
        world.sign_in()

        assert world.functions.only("PostAuthentication")["request"]["newDeviceUsed"] is False

    def test_error_gives_no_tokens_and_spends_the_session(self, world: World) -> None:
        """After its error the session is spent, and the new password of the refused request is undone."""
        world.make_pool("PostAuthentication")
        world.api.admin_create_user(
            UserPoolId=world.pool_id, Username="alice", TemporaryPassword=PASSWORD, MessageAction="SUPPRESS"
        )
        session = world.sign_in()["Session"]
        world.functions.fail("PostAuthentication", ValueError("No"))
        request: dict[str, Any] = {
            "ClientId": world.client_id,
            "ChallengeName": "NEW_PASSWORD_REQUIRED",
            "Session": session,
            "ChallengeResponses": {"USERNAME": "alice", "NEW_PASSWORD": "Another-Horse-2!"},
        }

        with refused("UserLambdaValidationException", "PostAuthentication failed with error No."):
            world.api.respond_to_auth_challenge(**request)
        world.functions.behaviour.clear()
        with refused(*SESSION_SPENT):
            world.api.respond_to_auth_challenge(**request)
        assert world.user()["UserStatus"] == "FORCE_CHANGE_PASSWORD"


class TestPreTokenGeneration:
    """PreTokenGeneration changes the tokens' claims."""

    def make_pool(self, world: World, version: str) -> None:
        """Make a pool with a function for events of a version."""
        arn = "arn:aws:lambda:us-east-1:000000000000:function:PreTokenGeneration"
        config = {"PreTokenGenerationConfig": {"LambdaVersion": version, "LambdaArn": arn}}
        if version == "V1_0":
            config["PreTokenGeneration"] = arn  # type: ignore[assignment]
        world.make_pool(LambdaConfig=config)
        world.add_user()

    def test_event(self, world: World) -> None:
        """Version 1 gets the groups, and no scopes."""
        world.make_pool("PreTokenGeneration")
        world.add_user()
        world.api.create_group(UserPoolId=world.pool_id, GroupName="staff")
        world.api.admin_add_user_to_group(UserPoolId=world.pool_id, Username="alice", GroupName="staff")
        world.sign_in()

        event = world.functions.only("PreTokenGeneration")
        assert event["version"] == "1"
        assert event["request"]["groupConfiguration"] == {
            "groupsToOverride": ["staff"],
            "iamRolesToOverride": [],
            "preferredRole": None,
        }
        assert "scopes" not in event["request"]
        assert event["response"] == {"claimsOverrideDetails": None}

    @pytest.mark.parametrize(("version", "number"), [("V2_0", "2"), ("V3_0", "3")])
    def test_event_of_later_versions(self, world: World, version: str, number: str) -> None:
        """Versions 2 and 3 get the scopes, and another member for the answer."""
        self.make_pool(world, version)
        world.sign_in()

        event = world.functions.only("PreTokenGeneration")
        assert event["version"] == number
        assert event["request"]["scopes"] == ["aws.cognito.signin.user.admin"]
        assert event["response"] == {"claimsAndScopeOverrideDetails": None}

    def test_version_1_changes_the_id_token(self, world: World) -> None:
        """Claims are added, overridden and suppressed; suppression wins, and the access token stays."""
        world.make_pool("PreTokenGeneration")
        world.add_user()
        world.functions.answer(
            "PreTokenGeneration",
            claimsOverrideDetails={
                "claimsToAddOrOverride": {"team": "red", "email": "hidden", "gone": "x"},
                "claimsToSuppress": ["email_verified", "gone"],
            },
        )
        access, identity = claims(world.sign_in())

        assert (identity["team"], identity["email"]) == ("red", "hidden")
        assert not {"email_verified", "gone"} & set(identity)
        assert "team" not in access

    @pytest.mark.parametrize("value", [1, True, ["a"], {"a": "b"}, None])
    def test_version_1_takes_texts_only(self, world: World, value: Any) -> None:
        """A claim that is no text is not the answer of a version 1 function."""
        world.make_pool("PreTokenGeneration")
        world.add_user()
        details = {"claimsToAddOrOverride": {"team": value}}
        world.functions.answer("PreTokenGeneration", claimsOverrideDetails=details)

        with refused("InvalidLambdaResponseException", "Unrecognizable lambda output"):
            world.sign_in()

    def test_version_2_changes_both(self, world: World) -> None:
        """Any JSON may be a claim, of either token, and scopes come and go."""
        self.make_pool(world, "V2_0")
        world.functions.answer(
            "PreTokenGeneration",
            claimsAndScopeOverrideDetails={
                "idTokenGeneration": {"claimsToAddOrOverride": {"team": {"name": "red"}}},
                "accessTokenGeneration": {
                    "claimsToAddOrOverride": {"level": 3},
                    "scopesToAdd": ["orders/read"],
                    "scopesToSuppress": ["aws.cognito.signin.user.admin"],
                },
            },
        )
        access, identity = claims(world.sign_in())

        assert identity["team"] == {"name": "red"}
        assert (access["level"], access["scope"]) == (3, "orders/read")

    def test_claims_that_stay(self, world: World) -> None:
        """What identifies token, user and client can't be changed or taken away."""
        self.make_pool(world, "V2_0")
        names = ["sub", "iss", "exp", "iat", "jti", "token_use", "auth_time", "origin_jti"]
        change = {"claimsToAddOrOverride": dict.fromkeys(names, "x"), "claimsToSuppress": names}
        world.functions.answer(
            "PreTokenGeneration",
            claimsAndScopeOverrideDetails={"idTokenGeneration": change, "accessTokenGeneration": change},
        )

        for token in claims(world.sign_in()):
            assert set(names) <= set(token)
            assert "x" not in token.values()

    @pytest.mark.parametrize(
        ("override", "groups"), [({"groupsToOverride": ["a", "b"]}, ["a", "b"]), ({}, None), (None, None)]
    )
    def test_groups(self, world: World, override: Any, groups: Any) -> None:
        """Groups are replaced in both tokens; an empty override takes them away."""
        world.make_pool("PreTokenGeneration")
        world.add_user()
        world.api.create_group(UserPoolId=world.pool_id, GroupName="staff")
        world.api.admin_add_user_to_group(UserPoolId=world.pool_id, Username="alice", GroupName="staff")
        world.functions.answer("PreTokenGeneration", claimsOverrideDetails={"groupOverrideDetails": override})

        assert [token.get("cognito:groups") for token in claims(world.sign_in())] == [groups, groups]

    def test_at_each_refresh(self, world: World) -> None:
        """Both refresh operations ask it again, GetTokensFromRefreshToken with its metadata."""
        world.make_pool("PreTokenGeneration")
        world.add_user()
        token = world.sign_in()["AuthenticationResult"]["RefreshToken"]
        world.functions.events.clear()
        world.functions.answer(
            "PreTokenGeneration", claimsOverrideDetails={"claimsToAddOrOverride": {"again": "yes"}}
        )
        answer = world.api.initiate_auth(
            ClientId=world.client_id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters={"REFRESH_TOKEN": token}
        )
        world.api.get_tokens_from_refresh_token(
            ClientId=world.client_id, RefreshToken=token, ClientMetadata={"a": "b"}
        )

        assert claims(answer)[1]["again"] == "yes"
        assert world.functions.sources == ["TokenGeneration_RefreshTokens"] * 2
        assert [event["request"].get("clientMetadata") for _, event in world.functions.events] == [
            None,
            {"a": "b"},
        ]

    def test_after_a_new_password(self, world: World) -> None:
        """Tokens at the end of NEW_PASSWORD_REQUIRED have a source of their own."""
        world.make_pool("PreTokenGeneration")
        world.api.admin_create_user(
            UserPoolId=world.pool_id, Username="alice", TemporaryPassword=PASSWORD, MessageAction="SUPPRESS"
        )
        world.api.respond_to_auth_challenge(
            ClientId=world.client_id,
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session=world.sign_in()["Session"],
            ChallengeResponses={"USERNAME": "alice", "NEW_PASSWORD": "Another-Horse-2!"},
            ClientMetadata={"a": "b"},
        )

        event = world.functions.only("PreTokenGeneration")
        assert event["triggerSource"] == "TokenGeneration_NewPasswordChallenge"
        assert event["request"]["clientMetadata"] == {"a": "b"}
