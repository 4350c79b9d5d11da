"""The scenario against botocore's Stubber: its calls, the places where it can stop, other pools."""

from __future__ import annotations

import base64
import dataclasses
import stat
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from cognito_idp_actions import (
    CognitoIdentityProviderWrapper,
    SoftwareTokenNotOfferedError,
    UnexpectedChallengeError,
)
from question import EndOfInput
from scenario.authenticator_app import key_uri
from test.support.scenario_calls import (
    CLEAN_UP,
    CONFIRMED,
    DEVICE,
    EMAIL,
    ENROLLED,
    LIST,
    MFA_CODE,
    NAME_TAKEN,
    OTHER_EMAIL,
    OTHER_PASSWORD,
    PASSWORD,
    REAL_NAME,
    SECRET_CODE,
    SESSION_SPENT,
    SET_UP_CODE,
    SIGNED_IN,
    SIGNED_UP,
    THE_END,
    TOKEN_EXPIRED,
    TOKENS,
    USER,
    WHOLE_SCENARIO,
    WRONG_PASSWORD,
    answers,
    asks_code,
    associate,
    challenge,
    confirm,
    confirm_device,
    delete,
    look_up,
    mfa,
    password,
    remember,
    renew,
    resend,
    response,
    session,
    set_up,
    sign_up,
    tokens,
    tracked,
    verify,
    with_resend,
)
from test.support.screen import qr_text
from test.support.stubbed_calls import (
    CLIENT_SECRET,
    DEVICE_GROUP_KEY,
    DEVICE_KEY,
    POOL_ID,
    SECRET_BLOCK,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

    from test.support.scenario_calls import Stage
    from test.support.stubbed_calls import Call


class TestWholeScenario:
    """From sign-up to the tracked device."""

    @pytest.mark.parametrize("client_secret", [None, CLIENT_SECRET], ids=["no-secret", "secret"])
    def test_makes_exactly_these_calls(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch, aws_srp: ModuleType, client_secret: str | None
    ) -> None:
        """With either SRP helper, with and without a client secret, each request is as it should be."""
        helpers = []
        for name in ("device_verifier", "device_proof"):
            spy(monkeypatch, name, lambda args: helpers.append(args[0]))
        stage.client_secret = client_secret
        stage.queue(*WHOLE_SCENARIO)
        script = with_resend()

        stage.run(script, aws_srp=aws_srp)

        assert script.unused == {}
        assert helpers == [aws_srp, aws_srp]

    def test_asks_in_this_order(self, stage: Stage) -> None:
        """Each answer is asked once, and passwords alone are hidden."""
        stage.queue(*WHOLE_SCENARIO)
        script = with_resend()

        stage.run(script)

        assert script.asked == [
            ("user_name", False),
            ("email", False),
            ("password", True),
            ("password", True),
            ("confirmation_code", False),
            ("confirmation_code", False),
            ("set_up_code", False),
            ("mfa_code", False),
            ("remember_device", False),
            ("forget_device", False),
            ("delete_user", False),
        ]

    def test_shows_nine_steps_and_what_cognito_said(self, stage: Stage) -> None:
        """Headings in their order, users, challenges, tokens and device; at the end that it worked."""
        stage.queue(*WHOLE_SCENARIO)

        screen = stage.run(with_resend())

        headings = [screen.index(f"Step {number} of 9 · ") for number in range(1, 10)]
        assert headings == sorted(headings)
        for part in (
            "2 users User name E-mail Status Created",
            f"{USER} {EMAIL} CONFIRMED 2025-11-21 01:02:03 bob Step 4",
            '{"ChallengeName": "MFA_SETUP", "Session": <session 1>, "ChallengeParameters": {',
            '{"ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": <session 4>, "ChallengeParameters": {',
            f"A new code is on its way to {EMAIL};",
            f'{{"DeviceKey": "{DEVICE_KEY}", "DeviceGroupKey": "{DEVICE_GROUP_KEY}"}}',
            f'DeviceKey="{DEVICE_KEY}", DeviceRememberedStatus="remembered")',
            f"✓ {USER} signed in from a tracked device, without an MFA code.",
        ):
            assert part in screen
        assert screen.endswith(f"✓ {USER} is deleted.")

    def test_shows_no_secret(self, stage: Stage) -> None:
        """Of passwords, tokens, sessions and the client secret the screen shows nothing whole."""
        stage.client_secret = CLIENT_SECRET
        stage.queue(*WHOLE_SCENARIO)

        screen = stage.run(with_resend())

        for secret in (PASSWORD, CLIENT_SECRET, *TOKENS.values(), *map(session, range(7)), SECRET_BLOCK):
            assert secret not in screen

    def test_waits_once_for_a_code_that_is_not_used(self, stage: Stage) -> None:
        """Between the code of the set-up and that of the sign-in the next one is waited for."""
        stage.queue(*WHOLE_SCENARIO)

        stage.run(with_resend())

        ((seconds, reason),) = stage.waits
        assert 0 < seconds <= 30
        assert "Each code works once" in reason

    @pytest.mark.parametrize("number", range(len(WHOLE_SCENARIO)))
    def test_stops_where_cognito_refuses(self, stage: Stage, temporary: Path, number: int) -> None:
        """A refusal that no answer can put right is raised as it is; nothing is called after it."""
        stage.queue(*WHOLE_SCENARIO[:number])
        stage.refuse(WHOLE_SCENARIO[number], "TestException", "Not today.")

        with pytest.raises(ClientError) as refusal:
            stage.run(with_resend())

        assert refusal.value.response["Error"] == {"Code": "TestException", "Message": "Not today."}
        assert list(temporary.iterdir()) == []

    def test_device_password_is_random(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        """The device's password has 40 random bytes, the same ones in both steps, others in each run."""
        passwords = []
        for name in ("device_verifier", "device_proof"):
            spy(monkeypatch, name, lambda args: passwords.append(args[3]))

        for _ in range(2):
            stage.queue(*WHOLE_SCENARIO)
            stage.run(with_resend())

        first, same, second, same_again = passwords
        assert first == same != second == same_again
        assert len(base64.b64decode(first)) == 40


def spy(monkeypatch: pytest.MonkeyPatch, name: str, note: Callable[..., Any]) -> None:
    """Have the arguments of a wrapper's method noted, each time that it is called."""
    real = getattr(CognitoIdentityProviderWrapper, name)
    monkeypatch.setattr(
        CognitoIdentityProviderWrapper, name, lambda self, *args: (note(args), real(self, *args))[1]
    )


GO_ON = {"existing_user": ["1"], "password": [PASSWORD, PASSWORD, ""]}


class TestAccountsThatExist:
    """Names that are taken, and users who are confirmed already."""

    def test_confirmed_user_with_app_goes_straight_to_the_code(self, stage: Stage) -> None:
        """An enrolled user is asked for no e-mail code and gets no QR code; one sign-in is enough."""
        stage.refuse(sign_up(), *NAME_TAKEN)
        stage.queue(look_up("CONFIRMED"), LIST, *SIGNED_IN, *DEVICE)
        script = answers(confirmation_code=[], set_up_code=[], **GO_ON)

        screen = stage.run(script)

        assert script.unused == {}
        assert stage.waits == []
        assert f"! {NAME_TAKEN[0]}: {NAME_TAKEN[1]}" in screen
        assert "confirmed already" in screen
        assert "nothing to set up" in screen
        assert "Scan this" not in screen

    def test_confirmed_user_without_app_sets_it_up(self, stage: Stage) -> None:
        """A confirmed user who has no authenticator app yet goes on with its set-up."""
        stage.refuse(sign_up(), *NAME_TAKEN)
        stage.queue(look_up("CONFIRMED"), LIST, *ENROLLED, *SIGNED_IN, *DEVICE)
        script = answers(confirmation_code=[], **GO_ON)

        stage.run(script)

        assert script.unused == {}

    def test_unconfirmed_user_is_asked_for_the_code(self, stage: Stage) -> None:
        """A user whose sign-up was left half-way confirms it now, with mail to the address on record."""
        stage.refuse(sign_up(email=OTHER_EMAIL), *NAME_TAKEN)
        stage.queue(look_up("UNCONFIRMED"), confirm(), *CONFIRMED, LIST, *ENROLLED, *SIGNED_IN, *DEVICE)
        script = answers(email=[OTHER_EMAIL], **GO_ON)

        screen = stage.run(script)

        assert script.unused == {}
        assert f"Cognito has sent a code to {EMAIL}." in screen

    def test_user_without_an_address_on_record(self, stage: Stage) -> None:
        """Where Cognito knows none, mail is looked for at the address that was typed."""
        nobody = dataclasses.replace(look_up(""), answer={"Username": USER, "UserStatus": "UNCONFIRMED"})
        stage.refuse(sign_up(), *NAME_TAKEN)
        stage.queue(nobody)
        stage.refuse(confirm(), *THE_END)

        with pytest.raises(ClientError, match="Not today"):
            stage.run(answers(**GO_ON))

        assert f"Cognito has sent a code to {EMAIL}." in stage.shown

    @pytest.mark.parametrize("attempts", [0, 1])
    def test_user_who_may_be_ones_own(self, stage: Stage, attempts: int) -> None:
        """After a repeated attempt the user may be the one that the first of them made, and that is said."""
        stage.stubber.add_client_error("sign_up", *NAME_TAKEN, response_meta={"RetryAttempts": attempts})
        stage.refuse(look_up("CONFIRMED"), *THE_END)

        with pytest.raises(ClientError, match="Not today"):
            stage.run(answers(**GO_ON))

        assert ("you have just signed up" in stage.shown) == bool(attempts)

    def test_password_of_an_existing_user(self, stage: Stage) -> None:
        """It is asked for, hidden, and used in place of the one that the sign-up was tried with."""
        stage.refuse(sign_up(), *NAME_TAKEN)
        stage.queue(look_up("CONFIRMED"), LIST)
        stage.refuse(password({}, password=OTHER_PASSWORD), *THE_END)
        script = answers(existing_user=["1"], password=[PASSWORD, PASSWORD, OTHER_PASSWORD])

        with pytest.raises(ClientError, match="Not today"):
            stage.run(script)

        assert script.asked[-1] == ("password", True)

    def test_user_with_a_temporary_password_needs_no_confirmation(self, stage: Stage) -> None:
        """A person who was made by an administrator has a password to set, and no code to type."""
        stage.refuse(sign_up(), *NAME_TAKEN)
        stage.queue(look_up("FORCE_CHANGE_PASSWORD"), LIST)
        stage.refuse(password({}), *THE_END)

        with pytest.raises(ClientError, match="Not today"):
            stage.run(answers(**GO_ON))

    def test_another_name(self, stage: Stage) -> None:
        """Who takes another name is asked for that alone, and signs up again."""
        stage.refuse(sign_up(), *NAME_TAKEN)
        stage.queue(sign_up("bob"))
        stage.refuse(confirm(user_name="bob"), *THE_END)
        script = answers(user_name=[USER, "bob"], existing_user=["2"])

        with pytest.raises(ClientError, match="Not today"):
            stage.run(script)

        assert [name for name, _ in script.asked[4:]] == ["existing_user", "user_name", "confirmation_code"]

    def test_another_address(self, stage: Stage) -> None:
        """Where the address is taken, that is asked for too."""
        taken = ("UsernameExistsException", "An account with the given email already exists.")
        stage.refuse(sign_up(EMAIL), *taken)
        stage.queue(sign_up(OTHER_EMAIL, email=OTHER_EMAIL))
        stage.refuse(confirm(user_name=OTHER_EMAIL), *THE_END)
        script = answers(
            user_name=[EMAIL, OTHER_EMAIL],
            email=[EMAIL, OTHER_EMAIL],
            existing_user=["Choose another user name"],
        )

        with pytest.raises(ClientError, match="Not today"):
            stage.run(script)

        assert [name for name, _ in script.asked[5:]] == ["user_name", "email", "confirmation_code"]

    def test_user_who_is_confirmed_at_once(self, stage: Stage) -> None:
        """A pool that confirms by itself sends no code, so none is asked for."""
        stage.queue(sign_up(is_confirmed=True), LIST, *ENROLLED, *SIGNED_IN, *DEVICE)
        script = answers(confirmation_code=[])

        stage.run(script)

        assert script.unused == {}

    def test_user_who_was_confirmed_meanwhile(self, stage: Stage) -> None:
        """An administrator may be faster than the e-mail: the scenario goes on."""
        status = ("NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED")
        stage.queue(sign_up())
        stage.refuse(confirm(), *status)
        stage.queue(*CONFIRMED, LIST, *ENROLLED, *SIGNED_IN, *DEVICE)

        assert "signed in from a tracked device" in stage.run(answers())

    def test_user_who_was_confirmed_meanwhile_needs_no_other_code(self, stage: Stage) -> None:
        """So is Enter, which asks for another code: the scenario goes on without one."""
        stage.queue(sign_up())
        stage.refuse(resend(), "InvalidParameterException", "User is already confirmed.")
        stage.queue(*CONFIRMED, LIST, *ENROLLED, *SIGNED_IN, *DEVICE)

        assert "signed in from a tracked device" in stage.run(answers(confirmation_code=[""]))

    @pytest.mark.parametrize("client_secret", [None, CLIENT_SECRET], ids=["no-secret", "secret"])
    def test_name_that_cognito_gave_is_used_from_there_on(
        self, stage: Stage, client_secret: str | None
    ) -> None:
        """Who signs up by e-mail address is, after the first answer, the user whom Cognito names."""
        stage.client_secret = client_secret
        name: dict[str, Any] = {"user_name": REAL_NAME}
        stage.queue(sign_up(EMAIL), confirm(user_name=EMAIL), look_up("CONFIRMED", EMAIL), LIST)
        stage.queue(password(set_up(**name), EMAIL), associate(), verify())
        stage.queue(
            password(asks_code(**name), **name),
            mfa(**name),
            confirm_device(),
            *tracked(**name),
            renew(),
            *CLEAN_UP,
        )

        screen = stage.run(answers(user_name=[EMAIL]))

        assert f"{REAL_NAME} signed in from a tracked device, without an MFA code." in screen


class TestQrCode:
    """The QR code's image, which holds the secret of the authenticator app."""

    def test_exists_while_the_code_is_asked_for(self, stage: Stage, temporary: Path) -> None:
        """It is on the screen by its path, for the owner alone, it scans, and it is gone afterwards."""

        def look() -> str:
            (image,) = temporary.rglob("*.png")
            assert str(image) in stage.shown
            assert stat.S_IMODE(image.stat().st_mode) == 0o600
            assert qr_text(image) == key_uri(SECRET_CODE, f"Cognito {POOL_ID}", USER)
            return SET_UP_CODE

        def gone() -> str:
            assert list(temporary.iterdir()) == []
            return MFA_CODE

        stage.queue(*SIGNED_UP, *ENROLLED, *SIGNED_IN, *DEVICE)
        script = answers(set_up_code=[look], mfa_code=[gone])

        stage.run(script)

        assert script.unused == {}

    @pytest.mark.parametrize("ending", [KeyboardInterrupt, EndOfInput("Code that the app shows")])
    def test_is_gone_when_the_person_leaves(
        self, stage: Stage, temporary: Path, ending: EndOfInput | type[KeyboardInterrupt]
    ) -> None:
        """Leaving at that very question leaves no image behind."""

        def leave() -> None:
            assert list(temporary.rglob("*.png"))
            raise ending

        stage.queue(*SIGNED_UP, *ENROLLED[:2])

        with pytest.raises((KeyboardInterrupt, EndOfInput)):
            stage.run(answers(set_up_code=[leave]))
        assert list(temporary.iterdir()) == []


class TestOtherPools:
    """Pools that are set up differently."""

    @pytest.mark.parametrize("calls", [SIGNED_UP, [*SIGNED_UP, *ENROLLED]], ids=["step 4", "step 5"])
    def test_unknown_challenge_is_named(self, stage: Stage, calls: list[Call]) -> None:
        """A challenge that the scenario can't answer is named, with its parameters."""
        unknown = challenge("CUSTOM_CHALLENGE", 1, riddle="What walks on four legs?")
        stage.queue(*calls, password(unknown))

        with pytest.raises(UnexpectedChallengeError) as error:
            stage.run(answers())

        assert error.value.received == "CUSTOM_CHALLENGE"
        assert "CUSTOM_CHALLENGE (challenge parameters: riddle)" in str(error.value)
        assert '"ChallengeName": "CUSTOM_CHALLENGE"' in stage.shown
        assert '"riddle": <riddle>' in stage.shown

    def test_pool_without_totp(self, stage: Stage) -> None:
        """A pool that requires MFA and offers no authenticator app is told to be one."""
        stage.queue(*SIGNED_UP, password(set_up(offered='["SMS_MFA"]')))

        with pytest.raises(SoftwareTokenNotOfferedError, match="SMS_MFA"):
            stage.run(answers())

    def test_pool_without_device_tracking(self, stage: Stage) -> None:
        """Without a device key it says how to turn tracking on, leaves the rest out, and ends well."""
        stage.queue(*SIGNED_UP, *ENROLLED, SIGNED_IN[0], mfa(metadata=False), renew(None), delete())

        screen = stage.run(answers(forget_device=[]))

        assert "DeviceConfiguration" in screen
        assert "There is no tracked device to sign in from, so this step is left out." in screen

    def test_device_that_is_not_to_be_remembered(self, stage: Stage) -> None:
        """Without the person's agreement no device signs in; it exists all the same, and can be forgotten."""
        stage.queue(*SIGNED_UP, *ENROLLED, *SIGNED_IN, confirm_device(must_agree=True))
        stage.queue(renew(), *CLEAN_UP)
        script = answers(remember_device=["n"])

        screen = stage.run(script)

        assert script.unused == {}
        assert "There is no tracked device to sign in from" in screen

    def test_agreement_that_took_too_long(self, stage: Stage) -> None:
        """Once the sign-in has expired another one brings the token that remembers the device."""
        new = "another-access-token"
        stage.queue(*SIGNED_UP, *ENROLLED, *SIGNED_IN, confirm_device(must_agree=True))
        stage.refuse(remember(), *TOKEN_EXPIRED)
        stage.queue(password(asks_code(8)))
        stage.queue(
            response("SOFTWARE_TOKEN_MFA", 8, tokens(access_token=new), SOFTWARE_TOKEN_MFA_CODE=MFA_CODE)
        )
        stage.queue(remember(new), *tracked(), renew(), *CLEAN_UP)

        assert "signed in from a tracked device" in stage.run(
            answers(remember_device=["y"], mfa_code=[MFA_CODE] * 2)
        )

    def test_device_that_was_confirmed_by_a_lost_attempt(self, stage: Stage) -> None:
        """A device that exists is the one that was just confirmed: the scenario goes on with it."""
        stage.queue(*SIGNED_UP, *ENROLLED, *SIGNED_IN)
        stage.refuse(confirm_device(), "DeviceKeyExistsException", "Device already exists.")
        stage.queue(remember(), *tracked(), renew(), *CLEAN_UP)

        assert "signed in from a tracked device" in stage.run(answers(remember_device=["y"]))

    def test_pool_whose_devices_do_not_replace_mfa(self, stage: Stage) -> None:
        """Where MFA is asked all the same, it is said what to change, and the clean-up follows."""
        first, *_ = tracked()
        instead = dataclasses.replace(first, answer=asks_code(5))
        stage.queue(*SIGNED_UP, *ENROLLED, *SIGNED_IN, confirm_device(), instead)
        stage.queue(renew(), *CLEAN_UP)
        script = answers()

        screen = stage.run(script)

        assert script.unused == {}
        assert "ChallengeRequiredOnNewDevice" in screen

    @pytest.mark.parametrize(("refusal", "is_hinted"), [(WRONG_PASSWORD, True), (THE_END, False)])
    def test_proof_that_is_refused(self, stage: Stage, refusal: tuple[str, str], is_hinted: bool) -> None:
        """A wrong proof may be due to the clock, which is in it: that is said, and the refusal raised."""
        stage.queue(*SIGNED_UP, *ENROLLED, *SIGNED_IN, confirm_device(), *tracked()[:2])
        stage.refuse(tracked()[2], *refusal)

        with pytest.raises(ClientError, match=refusal[1]):
            stage.run(answers())

        assert ("is this computer's clock right?" in stage.shown) == is_hinted

    def test_proof_whose_answer_was_lost(self, stage: Stage) -> None:
        """When a repeated request finds its session spent, the sign-in is made again, once."""
        stage.queue(*SIGNED_UP, *ENROLLED, *SIGNED_IN, confirm_device(), *tracked()[:2])
        stage.stubber.add_client_error(
            tracked()[2].operation, *SESSION_SPENT, response_meta={"RetryAttempts": 1}
        )
        stage.queue(*tracked(), renew(), *CLEAN_UP)

        assert "signed in from a tracked device" in stage.run(answers())

    def test_pool_that_remembers_at_once(self, stage: Stage) -> None:
        """Where Cognito needs no agreement, UpdateDeviceStatus is not called."""
        stage.queue(*SIGNED_UP, *ENROLLED, *SIGNED_IN, *DEVICE)

        assert "update_device_status" not in stage.run(answers())
