"""CustomMessage, custom senders and the pool's own templates, over HTTP."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from test.support.pool_driver import http, refused

if TYPE_CHECKING:
    import pytest

    from test.local_cognito.triggers.conftest import World


def latest(world: World) -> tuple[str, str]:
    """Return subject and body of the latest message, its code replaced by `#`."""
    message = world.server.outbox()[-1]
    return message["subject"], message["body"].replace(message["code"], "#")


class TestCustomMessage:
    """CustomMessage gives the texts of a message."""

    def test_event(self, world: World) -> None:
        """It gets placeholders in place of code and name."""
        world.make_pool("CustomMessage")
        world.sign_up(ClientMetadata={"lang": "de"})

        event = world.functions.only("CustomMessage")
        assert event["triggerSource"] == "CustomMessage_SignUp"
        assert event["request"]["codeParameter"] == "{####}"
        assert event["request"]["linkParameter"] == "{##Click Here##}"
        assert event["request"]["usernameParameter"] is None
        assert event["request"]["clientMetadata"] == {"lang": "de"}
        assert event["request"]["userAttributes"]["cognito:user_status"] == "UNCONFIRMED"
        assert event["response"] == {"smsMessage": None, "emailMessage": None, "emailSubject": None}

    def test_texts(self, world: World) -> None:
        """Its texts are sent, with the code filled in."""
        world.make_pool("CustomMessage")
        world.functions.answer("CustomMessage", emailSubject="Hallo", emailMessage="Dein Code: {####}")
        world.sign_up()

        assert latest(world) == ("Hallo", "Dein Code: #")

    def test_text_without_the_code(self, world: World) -> None:
        """A text that leaves the code out is refused, and nobody is made."""
        world.make_pool("CustomMessage")
        world.functions.answer("CustomMessage", emailMessage="Welcome")

        with refused("InvalidLambdaResponseException", "Unrecognizable lambda output"):
            world.sign_up()
        with refused("UserNotFoundException", "User does not exist."):
            world.user()

    def test_link(self, world: World) -> None:
        """In a pool that sends links its text has the link; opened, that calls PostConfirmation."""
        world.make_pool(
            *("CustomMessage", "PostConfirmation"),
            VerificationMessageTemplate={"DefaultEmailOption": "CONFIRM_WITH_LINK"},
        )
        world.functions.answer("CustomMessage", emailMessage="Hallo, {##Click Here##}")
        world.sign_up()
        message = world.server.outbox()[-1]
        assert message["body"] == f'Hallo, <a href="{message["link"]}">Click Here</a>'

        assert http(message["link"]).status == 200
        assert world.functions.sources[-1] == "PostConfirmation_ConfirmSignUp"
        world.functions.answer("CustomMessage", emailMessage="Code {####}")
        world.sign_up("bob")
        assert world.server.outbox()[-1]["link"] is None

    def test_link_where_there_is_none(self, world: World) -> None:
        """In a pool that sends codes the placeholder of a link does not stand for one."""
        world.make_pool("CustomMessage")
        world.functions.answer("CustomMessage", emailMessage="{##Click Here##}")

        with refused("InvalidLambdaResponseException", "Unrecognizable lambda output"):
            world.sign_up()

    def test_invitation(self, world: World) -> None:
        """An invitation has the user name beside the password."""
        world.make_pool("CustomMessage")
        world.functions.answer("CustomMessage", emailMessage="{username}: {####}")
        world.api.admin_create_user(
            UserPoolId=world.pool_id,
            Username="alice",
            UserAttributes=[{"Name": "email", "Value": "alice@example.com"}],
        )

        assert latest(world)[1] == "alice: #"
        assert world.functions.only("CustomMessage")["request"]["usernameParameter"] == "{username}"

    def test_sources(self, world: World) -> None:
        """Each occasion has a source of its own."""
        world.make_pool("CustomMessage")
        world.sign_up()
        world.api.resend_confirmation_code(ClientId=world.client_id, Username="alice")
        world.confirm()
        world.api.forgot_password(ClientId=world.client_id, Username="alice")
        token = world.sign_in()["AuthenticationResult"]["AccessToken"]
        world.api.get_user_attribute_verification_code(AccessToken=token, AttributeName="email")
        world.api.update_user_attributes(
            AccessToken=token, UserAttributes=[{"Name": "email", "Value": "other@example.com"}]
        )

        assert [source.partition("_")[2] for source in world.functions.sources] == [
            "SignUp",
            "ResendCode",
            "ForgotPassword",
            "VerifyUserAttribute",
            "UpdateUserAttribute",
        ]

    def test_names_that_lead_nowhere(self, world: World) -> None:
        """Nobody is asked about a user who does not exist."""
        world.make_pool("CustomMessage", hides=True)
        world.api.forgot_password(ClientId=world.client_id, Username="nobody")

        assert world.functions.events == []


class TestSenders:
    """Custom senders are called in place of sending, and nothing waits for them."""

    def wait(self, world: World) -> Any:
        """Return the event of the sender, once it has been called."""
        deadline = time.monotonic() + 10
        while not world.functions.events and time.monotonic() < deadline:
            time.sleep(0.01)
        return world.functions.only("CustomEmailSender")

    def test_event(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        """It gets the code, which the log says, metadata that is null, and no response."""
        world.make_pool("CustomEmailSender")
        world.sign_up()
        event = self.wait(world)

        assert f"{world.pool_id}: CustomEmailSender gets the code in clear." in caplog.text

        assert event["triggerSource"] == "CustomEmailSender_SignUp"
        assert event["request"]["type"] == "customEmailSenderRequestV1"
        assert event["request"]["clientMetadata"] is None
        assert "response" not in event
        assert world.server.outbox() == []
        world.api.confirm_sign_up(
            ClientId=world.client_id, Username="alice", ConfirmationCode=event["request"]["code"]
        )

    def test_failure_is_logged(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        """Its failure refuses nothing."""
        world.make_pool("CustomEmailSender")
        world.functions.fail("CustomEmailSender", ValueError("No mail today"))
        world.sign_up()
        self.wait(world)
        deadline = time.monotonic() + 10
        while "No mail today" not in caplog.text and time.monotonic() < deadline:
            time.sleep(0.01)

        assert "CustomEmailSender failed: No mail today" in caplog.text


def test_name_in_an_invitation(world: World) -> None:
    """An invitation has the name that the user signs in with, which may be the address."""
    world.make_pool(UsernameAttributes=["email"])
    world.api.admin_create_user(UserPoolId=world.pool_id, Username="alice@example.com")

    assert latest(world) == (
        "Your temporary password",
        "Your username is alice@example.com and temporary password is #.",
    )


def test_templates_of_the_pool(world: World) -> None:
    """Without a function the pool's own templates give the texts."""
    world.make_pool(
        VerificationMessageTemplate={"EmailSubject": "Welcome", "EmailMessage": "Code {####}"},
        AdminCreateUserConfig={
            "InviteMessageTemplate": {"EmailSubject": "Come in", "EmailMessage": "{username} {####}"}
        },
    )
    world.sign_up()
    assert latest(world) == ("Welcome", "Code #")
    world.api.admin_create_user(
        UserPoolId=world.pool_id,
        Username="bob",
        UserAttributes=[{"Name": "email", "Value": "bob@example.com"}],
    )

    assert latest(world) == ("Come in", "bob #")
