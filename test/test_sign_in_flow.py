"""Every flow of a sign-in, challenge by challenge, against answers of Cognito's shapes."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock

import pytest
from botocore.exceptions import ClientError

from cognito_idp_actions import CognitoIdentityProviderWrapper, UnexpectedChallengeError
from signed_in_user import (
    Challenge,
    ChallengeRequired,
    NoDeviceError,
    SignedInUser,
    TrackedDevice,
)
from test.support.signed_tokens import CLIENT_ID, POOL_ID, access_token

if TYPE_CHECKING:
    from collections.abc import Mapping

USER, PASSWORD = "alice", "Correct-Horse-1!"
TOKENS = {"AuthenticationResult": {"AccessToken": access_token()}, "ChallengeParameters": {}}
SERVER = {
    "USERNAME": USER,
    "USER_ID_FOR_SRP": USER,
    "SALT": "8a02",
    "SRP_B": "499602d2",
    "SECRET_BLOCK": "AAAA",
}
VERIFIER = {"ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": SERVER, "Session": "s1"}
EVERY_FACTOR = ["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"]
SELECT = {"ChallengeName": "SELECT_CHALLENGE", "ChallengeParameters": {}, "Session": "s1"}
CHOICE = {**SELECT, "AvailableChallenges": EVERY_FACTOR}
MFA_SETUP = {
    "ChallengeName": "MFA_SETUP",
    "ChallengeParameters": {"MFAS_CAN_SETUP": '["SOFTWARE_TOKEN_MFA"]', "USER_ID_FOR_SRP": USER},
    "Session": "s1",
}
DEVICE = {"DeviceKey": "eu-west-1_0f9e", "DeviceGroupKey": "-AbCd"}


class Cognito(CognitoIdentityProviderWrapper):
    """Gives the answers that it was told, one after another, and keeps the requests."""

    def __init__(self, *answers: Any) -> None:
        super().__init__(MagicMock(), POOL_ID, CLIENT_ID)
        self.answers = list(answers)
        self.requests: list[tuple[str, dict[str, Any]]] = []

    def call(self, operation: str, /, **fields: Any) -> Any:
        """Answer, or refuse."""
        self.requests.append((operation, fields))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def sent(self, number: int) -> dict[str, str]:
        """Return the parameters or responses of a request, without those that differ each time."""
        fields = self.requests[number][1]
        given = fields.get("AuthParameters") or fields.get("ChallengeResponses") or fields
        changing = {"SRP_A", "TIMESTAMP", "PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK"}
        return {name: "..." if name in changing else value for name, value in given.items()}


PROOF = {
    "USERNAME": USER,
    "TIMESTAMP": "...",
    "PASSWORD_CLAIM_SECRET_BLOCK": "...",
    "PASSWORD_CLAIM_SIGNATURE": "...",
}


def challenge(name: str, **parameters: str) -> dict[str, Any]:
    """Return an answer that asks for a challenge."""
    return {"ChallengeName": name, "ChallengeParameters": parameters, "Session": "s2"}


class TestCustomAuth:
    """The pool's own triggers, after a proof of the password or without."""

    def test_without_a_password(self) -> None:
        """The custom challenge comes at once, and again after a wrong answer."""
        asked = challenge("CUSTOM_CHALLENGE", question="2 + 2?")
        cognito = Cognito(asked, asked, TOKENS)
        answers = iter(["5", "4"])

        user = SignedInUser.sign_in(
            cognito,
            USER,
            flow="CUSTOM_AUTH",
            answer_challenge=lambda _: next(answers),
            client_metadata={"from": "here"},
        )

        assert user.user_name == USER
        assert [cognito.sent(number) for number in range(3)] == [
            {"USERNAME": USER},
            {"USERNAME": USER, "ANSWER": "5"},
            {"USERNAME": USER, "ANSWER": "4"},
        ]
        assert all(fields["ClientMetadata"] == {"from": "here"} for _, fields in cognito.requests)

    def test_with_a_password_first(self) -> None:
        """The proof of the password comes before the custom challenge."""
        cognito = Cognito(VERIFIER, challenge("CUSTOM_CHALLENGE"), TOKENS)

        SignedInUser.sign_in(cognito, USER, PASSWORD, flow="CUSTOM_AUTH", answer_challenge=lambda _: "4")

        assert [cognito.sent(number) for number in range(3)] == [
            {"USERNAME": USER, "CHALLENGE_NAME": "SRP_A", "SRP_A": "..."},
            PROOF,
            {"USERNAME": USER, "ANSWER": "4"},
        ]


class TestChoice:
    """USER_AUTH: passwords, codes and passkeys."""

    def test_a_password_is_proved(self) -> None:
        """With a password and no other wish, its proof is what is preferred."""
        cognito = Cognito(VERIFIER, TOKENS)

        SignedInUser.sign_in(cognito, USER, PASSWORD, flow="USER_AUTH")

        assert cognito.sent(0) == {
            "USERNAME": USER,
            "PREFERRED_CHALLENGE": "PASSWORD_SRP",
            "SRP_A": "...",
        }
        assert cognito.sent(1) == PROOF

    @pytest.mark.parametrize(
        ("available", "chosen"),
        [
            (EVERY_FACTOR, {"ANSWER": "PASSWORD_SRP", "SRP_A": "..."}),
            (["PASSWORD"], {"ANSWER": "PASSWORD", "PASSWORD": PASSWORD}),
        ],
    )
    def test_a_password_is_chosen(self, available: list[str], chosen: dict[str, str]) -> None:
        """Where Cognito asks for a choice all the same, the proof is chosen before the password itself."""
        follow_up = [VERIFIER, TOKENS] if chosen["ANSWER"] == "PASSWORD_SRP" else [TOKENS]
        cognito = Cognito({**CHOICE, "AvailableChallenges": available}, *follow_up)

        SignedInUser.sign_in(cognito, USER, PASSWORD, flow="USER_AUTH")

        assert cognito.sent(1) == {"USERNAME": USER, **chosen}

    @pytest.mark.parametrize(
        ("factor", "field"), [("EMAIL_OTP", "EMAIL_OTP_CODE"), ("SMS_OTP", "SMS_OTP_CODE")]
    )
    def test_a_code(self, factor: str, field: str) -> None:
        """The code that was sent is put into the field of its challenge."""
        cognito = Cognito(challenge(factor, CODE_DELIVERY_DESTINATION="m***@h***"), TOKENS)

        SignedInUser.sign_in(
            cognito, USER, flow="USER_AUTH", preferred_challenge=factor, answer_challenge=lambda _: "12345678"
        )

        assert cognito.sent(0) == {"USERNAME": USER, "PREFERRED_CHALLENGE": factor}
        assert cognito.sent(1) == {"USERNAME": USER, field: "12345678"}

    @pytest.mark.parametrize("answered", [CHOICE, {"AvailableChallenges": EVERY_FACTOR, "Session": "s1"}])
    def test_a_choice_and_a_passkey(self, answered: dict[str, Any]) -> None:
        """The choice may come without a challenge's name; the credential goes out as JSON text."""
        options = json.dumps({"challenge": "AAAA", "rpId": "example.com"})
        cognito = Cognito(answered, challenge("WEB_AUTHN", CREDENTIAL_REQUEST_OPTIONS=options), TOKENS)
        seen: list[Challenge] = []

        def answer(asked: Challenge) -> str | Mapping[str, Any]:
            seen.append(asked)
            return "WEB_AUTHN" if asked.name == "SELECT_CHALLENGE" else asked.answer({"id": "credential"})

        SignedInUser.sign_in(cognito, USER, flow="USER_AUTH", answer_challenge=answer)

        assert seen[0].available == tuple(EVERY_FACTOR)
        assert seen[1].parameters["CREDENTIAL_REQUEST_OPTIONS"] == options
        assert cognito.requests[1][1]["ChallengeName"] == "SELECT_CHALLENGE"
        assert cognito.sent(1) == {"USERNAME": USER, "ANSWER": "WEB_AUTHN"}
        assert cognito.sent(2) == {"USERNAME": USER, "CREDENTIAL": '{"id": "credential"}'}

    def test_a_choice_in_another_process(self) -> None:
        """It survives JSON; the password's proof begins where the choice is made."""
        with pytest.raises(ChallengeRequired) as required:
            SignedInUser.sign_in(Cognito(CHOICE), USER, flow="USER_AUTH")
        kept = json.dumps(dataclasses.asdict(required.value.challenge))
        again = Challenge(**json.loads(kept))
        cognito = Cognito(VERIFIER, TOKENS)

        SignedInUser.answer(cognito, again, "PASSWORD_SRP", password=PASSWORD)

        assert again == required.value.challenge
        assert cognito.sent(0) == {"USERNAME": USER, "ANSWER": "PASSWORD_SRP", "SRP_A": "..."}

    def test_straight_in_after_a_sign_up(self) -> None:
        """The session of ConfirmSignUp needs no challenge, not even with a password at hand."""
        cognito = Cognito(TOKENS)

        SignedInUser.sign_in(cognito, USER, PASSWORD, flow="USER_AUTH", session="of the sign-up")

        assert cognito.requests[0][1]["Session"] == "of the sign-up"
        assert cognito.sent(0) == {"USERNAME": USER}


class TestMfaSetUp:
    """An authenticator app, set up on the way."""

    def test_in_one_callback(self) -> None:
        """The challenge has the secret to show; the code that comes back is verified."""
        setup = {"SecretCode": "BASE32", "Session": "s2"}
        cognito = Cognito(VERIFIER, MFA_SETUP, setup, {"Status": "SUCCESS", "Session": "s3"}, TOKENS)
        shown: list[str | None] = []

        def answer(asked: Challenge) -> str:
            shown.append(asked.secret_code)
            return "123456"

        SignedInUser.sign_in(cognito, USER, PASSWORD, answer_challenge=answer)

        assert shown == ["BASE32"]
        assert cognito.requests[3] == ("verify_software_token", {"Session": "s2", "UserCode": "123456"})
        assert (cognito.requests[4][1]["Session"], cognito.sent(4)) == ("s3", {"USERNAME": USER})

    def test_in_two_requests(self) -> None:
        """What is raised has the secret already; the code answers it."""
        cognito = Cognito(VERIFIER, MFA_SETUP, {"SecretCode": "BASE32", "Session": "s2"})
        with pytest.raises(ChallengeRequired) as required:
            SignedInUser.sign_in(cognito, USER, PASSWORD)
        later = Cognito({"Status": "SUCCESS", "Session": "s3"}, TOKENS)

        SignedInUser.answer(later, required.value, "123456")

        assert required.value.challenge.secret_code == "BASE32"
        assert "BASE32" not in repr(required.value.challenge)
        assert [operation for operation, _ in later.requests] == [
            "verify_software_token",
            "respond_to_auth_challenge",
        ]

    def test_a_code_that_was_not_right_is_asked_again(self) -> None:
        """With the same secret, and each time with the session that is good now."""
        setup = {"SecretCode": "BASE32", "Session": "s2"}
        wrong = [{"Status": "ERROR", "Session": session} for session in ("s3", "s4")]
        cognito = Cognito(VERIFIER, MFA_SETUP, setup, *wrong, {"Status": "SUCCESS", "Session": "s5"}, TOKENS)
        secrets: list[str | None] = []

        def answer(asked: Challenge) -> str:
            secrets.append(asked.secret_code)
            return "123456"

        SignedInUser.sign_in(cognito, USER, PASSWORD, answer_challenge=answer)

        assert secrets == ["BASE32"] * 3
        assert [request["Session"] for _, request in cognito.requests[3:]] == ["s2", "s3", "s4", "s5"]

    @pytest.mark.parametrize("first", ["SMS_MFA", "NEW_PASSWORD_REQUIRED"])
    def test_a_pool_without_totp(self, first: str) -> None:
        """No secret is asked for where TOTP is not offered, after another challenge neither."""
        without = {**MFA_SETUP, "ChallengeParameters": {"MFAS_CAN_SETUP": '["SMS_MFA"]'}}
        cognito = Cognito(VERIFIER, challenge(first), without)

        with pytest.raises(ChallengeRequired) as required:
            SignedInUser.sign_in(
                cognito,
                USER,
                PASSWORD,
                answer_challenge=lambda asked: "x" if asked.name == first else {},
            )

        assert (required.value.name, required.value.challenge.secret_code) == ("MFA_SETUP", None)


class TestAnswers:
    """Which field a challenge wants."""

    @pytest.mark.parametrize(
        ("name", "field"),
        [
            ("SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA_CODE"),
            ("SMS_MFA", "SMS_MFA_CODE"),
            ("EMAIL_OTP", "EMAIL_OTP_CODE"),
            ("NEW_PASSWORD_REQUIRED", "NEW_PASSWORD"),
            ("SELECT_MFA_TYPE", "ANSWER"),
            ("PASSWORD", "PASSWORD"),
        ],
    )
    def test_it_is_known(self, name: Any, field: str) -> None:
        """A challenge puts one value where it belongs."""
        assert Challenge(name, {}, None, USER).answer("value") == {field: "value"}

    def test_what_is_not_one_value(self) -> None:
        """A device's proof has several."""
        with pytest.raises(ValueError, match="mapping"):
            Challenge("DEVICE_SRP_AUTH", {}, None, USER).answer("value")


@pytest.mark.parametrize(
    ("flow", "password"),
    [
        *((flow, None) for flow in ("USER_SRP_AUTH", "USER_PASSWORD_AUTH")),
        *((flow, b"bytes") for flow in ("USER_SRP_AUTH", "USER_PASSWORD_AUTH", "CUSTOM_AUTH", "USER_AUTH")),
    ],
)
def test_a_flow_that_needs_a_password_says_so(flow: Any, password: Any) -> None:
    """Nothing is sent without one."""
    cognito = Cognito()

    with pytest.raises(TypeError, match="password"):
        SignedInUser.sign_in(cognito, USER, password, flow=flow, preferred_challenge="PASSWORD")

    assert cognito.requests == []


def test_tokens_without_a_proof_are_refused() -> None:
    """Whoever gives tokens for SRP before the proof need not know the password."""
    with pytest.raises(UnexpectedChallengeError):
        SignedInUser.sign_in(Cognito(TOKENS), USER, PASSWORD)


class TestNewDevice:
    """A device whose password is never lost."""

    def sign_in(self, *answers: Any) -> tuple[Cognito, SignedInUser]:
        """Return a user whose sign-in brought a new device."""
        result = {**TOKENS["AuthenticationResult"], "NewDeviceMetadata": DEVICE}
        cognito = Cognito(VERIFIER, {"AuthenticationResult": result}, *answers)
        return cognito, SignedInUser.sign_in(cognito, USER, PASSWORD)

    def test_a_failure_between_the_calls_can_be_made_good(self) -> None:
        """ConfirmDevice went through, UpdateDeviceStatus did not: the next call does what is left."""
        throttled = ClientError({"Error": {"Code": "TooManyRequestsException"}}, "UpdateDeviceStatus")
        cognito, user = self.sign_in({"UserConfirmationNecessary": True}, throttled, {})
        with pytest.raises(ClientError):
            user.remember_device()
        in_hands = user.device

        assert user.remember_device() == in_hands
        assert [operation for operation, _ in cognito.requests[2:]] == [
            "confirm_device",
            "update_device_status",
            "update_device_status",
        ]

    def test_it_goes_on_in_another_request(self) -> None:
        """What was stored in between knows the password and how far it was."""
        throttled = ClientError({"Error": {"Code": "TooManyRequestsException"}}, "UpdateDeviceStatus")
        _, user = self.sign_in({"UserConfirmationNecessary": True}, throttled)
        with pytest.raises(ClientError):
            user.remember_device()
        later = Cognito({})
        again = SignedInUser.from_dict(later, json.loads(json.dumps(user.to_dict())))

        assert again.remember_device() == user.device
        assert [operation for operation, _ in later.requests] == ["update_device_status"]

    def test_a_sign_in_that_was_stored_remembers_its_device(self) -> None:
        """The metadata of an unconfirmed device is stored too."""
        _, user = self.sign_in()
        later = Cognito({"UserConfirmationNecessary": False})
        again = SignedInUser.from_dict(later, user.to_dict())

        device = again.remember_device()

        assert isinstance(device, TrackedDevice)
        assert (device.key, later.requests[0][0]) == (DEVICE["DeviceKey"], "confirm_device")
        with pytest.raises(NoDeviceError):
            again.remember_device()

    def test_the_password_can_be_kept_before(self) -> None:
        """prepare_device asks nobody, and gives what remember_device confirms."""
        cognito, user = self.sign_in({"UserConfirmationNecessary": False})
        before = len(cognito.requests)

        device = user.prepare_device()

        assert len(cognito.requests) == before
        assert user.remember_device() == user.device == device

    def test_an_answer_that_was_lost(self) -> None:
        """After a lost connection the refusal of the same device means that it was confirmed."""
        known = ClientError({"Error": {"Code": "DeviceKeyExistsException"}}, "ConfirmDevice")
        cognito, user = self.sign_in(ConnectionResetError(), known, {})
        with pytest.raises(ConnectionResetError):
            user.remember_device()

        assert user.remember_device() == user.device
        assert cognito.requests[-1][0] == "update_device_status"

    def test_a_process_that_ended_in_the_middle(self) -> None:
        """The stored password is enough to go on, although the device is confirmed by now."""
        known = ClientError({"Error": {"Code": "DeviceKeyExistsException"}}, "ConfirmDevice")
        _, user = self.sign_in()
        user.prepare_device()
        later = Cognito(known, {})
        again = SignedInUser.from_dict(later, user.to_dict())

        assert again.remember_device() == user.device
        assert [operation for operation, _ in later.requests] == ["confirm_device", "update_device_status"]

    def test_a_device_that_signed_in_is_known(self) -> None:
        """It comes back from `device` and from what is stored."""
        device = TrackedDevice("eu-west-1_0f9e", "-AbCd", "its password")
        user = SignedInUser.sign_in(Cognito(VERIFIER, TOKENS), USER, PASSWORD, device=device)

        assert user.device == SignedInUser.from_dict(Cognito(), user.to_dict()).device == device
