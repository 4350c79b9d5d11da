"""PreSignUp, PostConfirmation and UserMigration, over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from test.local_cognito.triggers.conftest import arn_of
from test.support.pool_driver import PASSWORD, USER_EXISTS, refused

if TYPE_CHECKING:
    from test.local_cognito.triggers.conftest import World

FOUND: dict[str, Any] = {
    "userAttributes": {"email": "alice@example.com", "email_verified": "true"},
    "finalUserStatus": "CONFIRMED",
    "messageAction": "SUPPRESS",
}
UNKNOWN = ("UserNotFoundException", "User does not exist.")


class TestPreSignUp:
    """PreSignUp is asked before a user is stored."""

    def test_event(self, world: World) -> None:
        """It gets the attributes as they were given, without sub, and both kinds of data."""
        world.make_pool("PreSignUp")
        world.sign_up(
            ValidationData=[{"Name": "captcha", "Value": "42"}], ClientMetadata={"campaign": "spring"}
        )

        assert world.functions.only("PreSignUp") == {
            "version": "1",
            "triggerSource": "PreSignUp_SignUp",
            "region": "us-east-1",
            "userPoolId": world.pool_id,
            "userName": "alice",
            "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": world.client_id},
            "request": {
                "userAttributes": {"email": "alice@example.com"},
                "validationData": {"captcha": "42"},
                "clientMetadata": {"campaign": "spring"},
            },
            "response": {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False},
        }

    def test_members_that_were_not_sent(self, world: World) -> None:
        """Validation data that was not sent is null, client metadata is absent."""
        world.make_pool("PreSignUp")
        world.sign_up()

        request = world.functions.only("PreSignUp")["request"]
        assert request["validationData"] is None
        assert "clientMetadata" not in request

    def test_error_refuses(self, world: World) -> None:
        """Its error is told with a full stop, and no user and no message remain."""
        world.make_pool("PreSignUp")
        world.functions.fail("PreSignUp", ValueError("No sign-ups from here"))

        with refused("UserLambdaValidationException", "PreSignUp failed with error No sign-ups from here."):
            world.sign_up()
        with refused(*UNKNOWN):
            world.user()
        assert world.server.outbox() == []

    def test_confirms_and_verifies(self, world: World) -> None:
        """A user whom it confirms and verifies gets no code, and PostConfirmation is called."""
        world.make_pool("PreSignUp", "PostConfirmation")
        world.functions.answer("PreSignUp", autoConfirmUser=True, autoVerifyEmail=True)

        answer = world.sign_up()

        assert answer["UserConfirmed"]
        assert "CodeDeliveryDetails" not in answer
        assert world.user()["UserStatus"] == "CONFIRMED"
        assert {"Name": "email_verified", "Value": "true"} in world.user()["UserAttributes"]
        assert world.functions.sources == ["PreSignUp_SignUp", "PostConfirmation_ConfirmSignUp"]

    def test_verifies_nothing_that_there_is_not(self, world: World) -> None:
        """To verify a telephone number that was not given is an error."""
        world.make_pool("PreSignUp")
        world.functions.answer("PreSignUp", autoVerifyPhone=True)

        with pytest.raises(ClientError, match="InvalidLambdaResponseException"):
            world.sign_up()

    def test_takes_an_alias_over(self, world: World) -> None:
        """An address that it verifies leads to the new user, and is unverified for the old one."""
        world.make_pool("PreSignUp", AliasAttributes=["email"])
        world.add_user("bob")
        world.functions.answer("PreSignUp", autoConfirmUser=True, autoVerifyEmail=True)
        world.sign_up("alice", UserAttributes=[{"Name": "email", "Value": "bob@example.com"}])

        assert world.user("bob@example.com")["Username"] == "alice"
        assert {"Name": "email_verified", "Value": "false"} in world.user("bob")["UserAttributes"]

    def test_administrators_users(self, world: World) -> None:
        """AdminCreateUser asks without an app client, and what it says is ignored."""
        world.make_pool("PreSignUp")
        world.functions.answer("PreSignUp", autoConfirmUser=True)
        user = world.api.admin_create_user(
            UserPoolId=world.pool_id,
            Username="alice",
            MessageAction="SUPPRESS",
            ValidationData=[{"Name": "by", "Value": "hand"}],
            ClientMetadata={"a": "b"},
        )["User"]

        event = world.functions.only("PreSignUp")
        assert user["UserStatus"] == "FORCE_CHANGE_PASSWORD"
        assert event["triggerSource"] == "PreSignUp_AdminCreateUser"
        assert event["callerContext"]["clientId"] == "CLIENT_ID_NOT_APPLICABLE"
        assert event["request"]["validationData"] == {"by": "hand"}
        assert event["request"]["clientMetadata"] == {"a": "b"}

    def test_name_in_pools_of_addresses(self, world: World) -> None:
        """Where an address is the user name, the event's user name is the sub of the user to be."""
        world.make_pool("PreSignUp", UsernameAttributes=["email"])
        sub = world.sign_up("alice@example.com", UserAttributes=[])["UserSub"]

        assert world.functions.only("PreSignUp")["userName"] == sub

    def test_existing_name(self, world: World) -> None:
        """It is asked about a name that is taken, too; the refusal comes afterwards."""
        world.make_pool("PreSignUp")
        world.sign_up()

        with refused(*USER_EXISTS):
            world.sign_up()
        assert len(world.functions.events) == 2


class TestPostConfirmation:
    """PostConfirmation is called once the user is confirmed, and undoes nothing."""

    def test_confirm_sign_up(self, world: World) -> None:
        """It gets the user as they are now, and the metadata of ConfirmSignUp."""
        world.make_pool("PostConfirmation")
        sub = world.sign_up(ClientMetadata={"not": "this"})["UserSub"]
        world.confirm(ClientMetadata={"this": "one"})

        event = world.functions.only("PostConfirmation")
        assert event["triggerSource"] == "PostConfirmation_ConfirmSignUp"
        assert event["request"] == {
            "userAttributes": {
                "sub": sub,
                "cognito:user_status": "CONFIRMED",
                "email": "alice@example.com",
                "email_verified": "true",
            },
            "clientMetadata": {"this": "one"},
        }
        assert event["response"] == {}

    def test_error_is_told_and_undoes_nothing(self, world: World) -> None:
        """The caller hears of its failure, and the user stays confirmed."""
        world.make_pool("PostConfirmation")
        world.sign_up()
        world.functions.fail("PostConfirmation", RuntimeError("callback is not a function"))

        with refused(
            "UserLambdaValidationException",
            "PostConfirmation failed with error callback is not a function.",
        ):
            world.confirm()
        assert world.user()["UserStatus"] == "CONFIRMED"

    def test_sees_the_confirmed_user(self, world: World) -> None:
        """A handler that asks the pool sees what is kept already."""
        world.make_pool("PostConfirmation")
        world.sign_up()
        seen: list[str] = []

        def look(event: Any) -> Any:
            seen.append(world.user()["UserStatus"])
            return event

        world.functions.behaviour["PostConfirmation"] = look
        world.confirm()

        assert seen == ["CONFIRMED"]

    def test_administrators_confirmation(self, world: World) -> None:
        """AdminConfirmSignUp calls it with a client ID of null."""
        world.make_pool("PostConfirmation")
        world.sign_up()
        world.api.admin_confirm_sign_up(UserPoolId=world.pool_id, Username="alice")

        assert world.functions.only("PostConfirmation")["callerContext"]["clientId"] is None

    def test_forgotten_password(self, world: World) -> None:
        """ConfirmForgotPassword calls it by a source of its own."""
        world.make_pool("PostConfirmation")
        world.add_user()
        world.api.forgot_password(ClientId=world.client_id, Username="alice")
        world.api.confirm_forgot_password(
            ClientId=world.client_id,
            Username="alice",
            ConfirmationCode=world.server.outbox()[-1]["code"],
            Password="Another-Horse-2!",
        )

        assert world.functions.sources == ["PostConfirmation_ConfirmForgotPassword"]

    def test_not_for_administrators_users(self, world: World) -> None:
        """A permanent password by an administrator confirms a user without calling it."""
        world.make_pool("PostConfirmation")
        world.api.admin_create_user(UserPoolId=world.pool_id, Username="alice", MessageAction="SUPPRESS")
        world.api.admin_set_user_password(
            UserPoolId=world.pool_id, Username="alice", Password=PASSWORD, Permanent=True
        )

        assert world.functions.events == []


class TestUserMigration:
    """UserMigration is asked for a user who is not in the pool."""

    def test_event(self, world: World) -> None:
        """It gets the password, null for attributes, and a response of nulls."""
        world.make_pool("UserMigration")
        world.functions.answer("UserMigration", **FOUND)
        world.sign_in(ClientMetadata={"a": "b"})

        event = world.functions.only("UserMigration")
        assert event["triggerSource"] == "UserMigration_Authentication"
        assert event["userName"] == "alice"
        assert event["request"] == {
            "password": PASSWORD,
            "validationData": {"a": "b"},
            "userAttributes": None,
        }
        assert event["response"] == dict.fromkeys(
            [
                *("userAttributes", "forceAliasCreation", "enableSMSMFA", "finalUserStatus"),
                *("messageAction", "desiredDeliveryMediums"),
            ]
        )

    def test_user_is_kept(self, world: World) -> None:
        """The user signs in at once, and from then on without the function."""
        world.make_pool("UserMigration")
        world.functions.answer("UserMigration", **FOUND)

        assert world.sign_in()["AuthenticationResult"]
        assert world.sign_in()["AuthenticationResult"]
        assert world.user()["UserStatus"] == "CONFIRMED"
        assert len(world.functions.events) == 1

    def test_password_may_be_weak(self, world: World) -> None:
        """The pool's policy does not count for a password from elsewhere."""
        world.make_pool("UserMigration")
        world.functions.answer("UserMigration", **FOUND)
        answer = world.api.initiate_auth(
            ClientId=world.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "alice", "PASSWORD": "weak"},
        )

        assert answer["AuthenticationResult"]

    def test_reset_required(self, world: World) -> None:
        """Without a final status the password must be reset; the user is kept all the same."""
        world.make_pool("UserMigration")
        world.functions.answer("UserMigration", userAttributes=FOUND["userAttributes"])

        with pytest.raises(ClientError, match="PasswordResetRequiredException"):
            world.sign_in()
        assert world.user()["UserStatus"] == "RESET_REQUIRED"

    @pytest.mark.parametrize("hides", [False, True])
    @pytest.mark.parametrize(
        "response",
        [
            {},
            {"userAttributes": {}},
            {"userAttributes": "x"},
            {"userAttributes": {"email": None}},
            FOUND | {"finalUserStatus": "UNCONFIRMED"},
            FOUND | {"forceAliasCreation": "yes"},
            FOUND | {"enableSMSMFA": True},
        ],
    )
    def test_nobody_found(self, world: World, response: dict[str, Any], hides: bool) -> None:
        """No user in the answer, or half a one, is told by the app client's ID, whether it hides or not."""
        world.make_pool("UserMigration", hides=hides)
        world.functions.answer("UserMigration", **response)

        with refused("UserNotFoundException", f"Exception migrating user in app client {world.client_id}"):
            world.sign_in()

    def test_second_factor(self, world: World) -> None:
        """A migrated user may have SMS as the second factor, and attributes that are not text in JSON."""
        world.make_pool("UserMigration")
        attributes = {"phone_number": "+15555550100", "phone_number_verified": True}
        world.functions.answer(
            "UserMigration", userAttributes=attributes, finalUserStatus="CONFIRMED", enableSMSMFA=True
        )
        world.sign_in()

        user = world.user()
        assert user["UserMFASettingList"] == ["SMS_MFA"]
        assert {"Name": "phone_number_verified", "Value": "true"} in user["UserAttributes"]

    def test_error(self, world: World) -> None:
        """An error of the function is told in the same way."""
        world.make_pool("UserMigration")
        world.functions.fail("UserMigration", ValueError("Bad password"))

        with refused("UserNotFoundException", f"Exception migrating user in app client {world.client_id}"):
            world.sign_in()

    def test_never_by_srp(self, world: World) -> None:
        """SRP shows no password, so nobody is migrated."""
        world.make_pool("UserMigration")

        with refused(*UNKNOWN):
            world.api.initiate_auth(
                ClientId=world.client_id,
                AuthFlow="USER_SRP_AUTH",
                AuthParameters={"USERNAME": "alice", "SRP_A": "2" * 64},
            )
        assert world.functions.events == []

    def test_forgotten_password(self, world: World) -> None:
        """ForgotPassword asks without a password, and sends the code to the migrated user."""
        world.make_pool("UserMigration")
        world.functions.answer("UserMigration", **FOUND)
        answer = world.api.forgot_password(ClientId=world.client_id, Username="alice")

        assert answer["CodeDeliveryDetails"]["Destination"] == "a***@e***"
        assert world.functions.sources == ["UserMigration_ForgotPassword"]
        assert "password" not in world.functions.only("UserMigration")["request"]

    def test_pre_sign_up_is_asked_too(self, world: World) -> None:
        """A migrated user is a new user; both functions get the metadata as validation data."""
        world.make_pool("UserMigration", "PreSignUp")
        world.functions.answer("UserMigration", **FOUND)
        world.sign_in(ClientMetadata={"a": "b"})

        assert world.functions.sources == ["UserMigration_Authentication", "PreSignUp_SignUp"]
        assert [event["request"]["validationData"] for _, event in world.functions.events] == [{"a": "b"}] * 2


def test_missing_function(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A function that is not mapped is refused in AWS's words, and the log says how to map it."""
    world.make_pool(LambdaConfig={"PreSignUp": arn_of("elsewhere")})

    with refused(
        "UnexpectedLambdaException", "PreSignUp invocation failed due to error ResourceNotFoundException."
    ):
        world.sign_up()
    assert "--trigger elsewhere=package.module:handler" in caplog.text
