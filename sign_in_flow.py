"""Runs a sign-in: answers the challenges that Cognito sets, until there are tokens.

Programs import `signed_in_user`, which exports the names of this module.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any, Literal

from cognito_idp_actions import (
    AuthenticationResult,
    ChallengeName,
    CognitoIdentityProviderWrapper,
    SignInAnswer,
    SrpProof,
    authentication_result,
    challenge_user_name,
)
from token_verifier import CognitoAuthError

Flow = Literal["USER_SRP_AUTH", "USER_PASSWORD_AUTH", "CUSTOM_AUTH", "USER_AUTH"]
Answer = Mapping[str, Any] | str
AnswerChallenge = Callable[["Challenge"], Answer]

USER_CODE = "USER_CODE"  # answers MFA_SETUP: the first code of the app, which VerifySoftwareToken gets
_NOT_TEXT = "The password must be a str."
_TOTP = "SOFTWARE_TOKEN_MFA"
_MFA_SETUP = "MFA_SETUP"
_SELECT: ChallengeName = "SELECT_CHALLENGE"
_DEVICE_SRP = "DEVICE_SRP_AUTH"
# The field of its answer that a challenge wants.
_FIELDS = {
    _TOTP: "SOFTWARE_TOKEN_MFA_CODE",
    "SMS_MFA": "SMS_MFA_CODE",
    "SMS_OTP": "SMS_OTP_CODE",
    "EMAIL_OTP": "EMAIL_OTP_CODE",
    "NEW_PASSWORD_REQUIRED": "NEW_PASSWORD",
    "PASSWORD": "PASSWORD",
    "WEB_AUTHN": "CREDENTIAL",
    _MFA_SETUP: USER_CODE,
    _SELECT: "ANSWER",
    "SELECT_MFA_TYPE": "ANSWER",
    "CUSTOM_CHALLENGE": "ANSWER",
}


@dataclass(frozen=True)
class Challenge:
    """A challenge of a sign-in: plain data, which another process may answer.

    Attributes:
        name: such as SOFTWARE_TOKEN_MFA, SMS_MFA, EMAIL_OTP, SELECT_CHALLENGE or NEW_PASSWORD_REQUIRED.
        parameters: details from Cognito; lists and objects among the values are JSON text.
        session: stands for this sign-in, 3 to 15 minutes; a secret.
        user_name: the real user name, under which the answer goes.
        device_key: the device that signs in, if one does.
        available: the challenges that a user may choose from, in USER_AUTH.
        secret_code: on MFA_SETUP the new TOTP secret (Base32 without padding), to be shown to the user.
    """

    name: ChallengeName
    parameters: Mapping[str, str] = field(repr=False)
    session: str | None = field(repr=False)
    user_name: str = field(repr=False)
    device_key: str | None = None
    available: tuple[str, ...] = ()
    secret_code: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "available", tuple(self.available))  # JSON has lists

    def answer(self, value: str | Mapping[str, Any]) -> dict[str, str]:
        """Return the responses to this challenge that hold a value, in the field that the challenge wants.

        Args:
            value: the code, the new password, the choice; for WEB_AUTHN the credential that the browser gave
                (AuthenticationResponseJSON of WebAuthn), as JSON text or as a mapping.

        Raises:
            ValueError: this challenge has no field of its own; give a mapping of responses.
        """
        if self.name not in _FIELDS:
            raise ValueError(f"{self.name} is not answered with one value: give its responses as a mapping.")
        return {_FIELDS[self.name]: value if isinstance(value, str) else json.dumps(value)}


class ChallengeRequired(CognitoAuthError):  # noqa: N818 - a question, not a failure
    """Cognito asks for something: answer the `challenge` with `SignedInUser.answer`."""

    def __init__(self, challenge: Challenge) -> None:
        super().__init__(challenge)
        self.challenge = challenge

    def __str__(self) -> str:
        return (
            f"Cognito asks for {self.name}: answer it with SignedInUser.answer(), or give answer_challenge."
        )

    @property
    def name(self) -> ChallengeName:
        """Name of the challenge."""
        return self.challenge.name

    @property
    def parameters(self) -> Mapping[str, str]:
        """Details from Cognito."""
        return self.challenge.parameters

    @property
    def session(self) -> str | None:
        """The session of this sign-in; a secret."""
        return self.challenge.session


@dataclass(frozen=True)
class TrackedDevice:
    """A confirmed device, to be kept like a password: with it the user signs in without an MFA code.

    Attributes:
        key: `DeviceKey`, a region and a UUID.
        group_key: `DeviceGroupKey`.
        password: random text of which Cognito has a verifier.
    """

    key: str
    group_key: str
    password: str = field(repr=False)


@dataclass
class SignIn:
    """A sign-in under way.

    Attributes:
        cognito: the pool and the app client.
        aws_srp: an SRP helper.
        password: the user's, if the flow has one.
        device: the tracked device that signs in.
        device_key: its key, where the device itself is not known here.
        answer_challenge: answers each challenge.
        client_metadata: for the pool's Lambda triggers.
    """

    cognito: CognitoIdentityProviderWrapper
    aws_srp: ModuleType
    password: str | None = field(default=None, repr=False)
    device: TrackedDevice | None = None
    device_key: str | None = None
    answer_challenge: AnswerChallenge | None = None
    client_metadata: Mapping[str, str] | None = None
    _proof: SrpProof | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.password, str | None):
            raise TypeError(_NOT_TEXT)

    def start(
        self, user_name: str, flow: Flow, preferred: str | None = None, session: str | None = None
    ) -> AuthenticationResult:
        """Begin, and answer challenges until there are tokens.

        Raises:
            ChallengeRequired: nobody answers a challenge.
        """
        if flow == "USER_AUTH":
            answer = self._start_by_choice(user_name, preferred, session)
        elif flow == "CUSTOM_AUTH" and self.password is None:
            answer = self.cognito.initiate_auth(
                user_name, auth_flow=flow, device_key=self.device_key, client_metadata=self.client_metadata
            )
        elif self.password is None:
            raise TypeError(_NOT_TEXT)
        elif flow == "USER_PASSWORD_AUTH":
            answer = self.cognito.initiate_auth(
                user_name, self.password, device_key=self.device_key, client_metadata=self.client_metadata
            )
        else:
            answer = self.cognito.start_srp_sign_in(
                user_name,
                self.password,
                self.aws_srp,
                device_key=self.device_key,
                auth_flow=flow,
                client_metadata=self.client_metadata,
            )
        return self.go_on(answer, user_name)

    def _start_by_choice(self, user_name: str, preferred: str | None, session: str | None) -> SignInAnswer:
        if preferred is None and self.password is not None and session is None:
            preferred = "PASSWORD_SRP"
        parameters = {"PREFERRED_CHALLENGE": preferred} if preferred else {}
        return self.cognito.initiate_auth(
            user_name,
            auth_flow="USER_AUTH",
            auth_parameters={**parameters, **self._password_fields(preferred, user_name)},
            device_key=self.device_key,
            session=session,
            client_metadata=self.client_metadata,
        )

    def _password_fields(self, chosen: str | None, user_name: str) -> dict[str, str]:
        """Return the fields of a choice that come from the password: itself, or SRP_A."""
        if self.password is None or chosen not in {"PASSWORD", "PASSWORD_SRP"}:
            return {}
        if chosen == "PASSWORD":
            return {"PASSWORD": self.password}
        self._proof = self.cognito.password_proof(self.aws_srp, user_name, self.password)
        return self._proof.public_value()

    def go_on(self, answer: SignInAnswer, user_name: str) -> AuthenticationResult:
        """Answer challenges until there are tokens; see `start`."""
        while True:
            user_name = challenge_user_name(answer, user_name)
            challenge = self._challenge_of(answer, user_name)
            if challenge is None:
                return authentication_result(answer)
            answer = self._answer(challenge)

    def _challenge_of(self, answer: SignInAnswer, user_name: str) -> Challenge | None:
        available = tuple(answer.get("AvailableChallenges") or ())
        # An answer may list the choices alone, without the challenge to choose.
        to_choose = _SELECT if available and "AuthenticationResult" not in answer else None
        name = answer.get("ChallengeName") or to_choose
        if not name:
            return None
        return Challenge(
            name,
            answer.get("ChallengeParameters") or {},
            answer.get("Session"),
            user_name,
            self.device_key,
            available,
            answer.get("SecretCode"),
        )

    def _answer(self, challenge: Challenge) -> SignInAnswer:
        if challenge.name == _DEVICE_SRP and self.device:
            return self.respond(challenge, {})
        if challenge.name == "PASSWORD_VERIFIER" and self._proof:
            return self._respond(challenge, self._proof.claim(_answer_of(challenge)))
        if challenge.name == _MFA_SETUP:
            challenge = self._with_secret(challenge)
        if self.answer_challenge is not None and challenge.name != _DEVICE_SRP:
            responses = self.answer_challenge(challenge)
            if responses or challenge.name != _MFA_SETUP:
                return self.respond(challenge, responses)
        elif challenge.name == _SELECT and self.password is not None:
            return self.respond(
                challenge, "PASSWORD_SRP" if "PASSWORD_SRP" in challenge.available else "PASSWORD"
            )
        raise ChallengeRequired(challenge)

    def _with_secret(self, challenge: Challenge) -> Challenge:
        """Return MFA_SETUP with a TOTP secret, where the pool offers TOTP and there is none yet."""
        if challenge.secret_code or _TOTP not in challenge.parameters.get("MFAS_CAN_SETUP", ""):
            return challenge
        made = self.cognito.associate_software_token(challenge.session)
        return replace(challenge, session=made.get("Session"), secret_code=made.get("SecretCode"))

    def respond(self, challenge: Challenge, responses: Answer) -> SignInAnswer:
        """Answer one challenge: with a mapping of responses, or with the one value that it wants.

        DEVICE_SRP_AUTH is answered by the device's proof, MFA_SETUP after VerifySoftwareToken.
        """
        if challenge.name == _DEVICE_SRP and self.device:
            device = self.device
            return self.cognito.respond_to_device_challenge(
                _answer_of(challenge),
                challenge.user_name,
                device.key,
                device.group_key,
                device.password,
                self.aws_srp,
                client_metadata=self.client_metadata,
            )
        given = dict(challenge.answer(responses) if isinstance(responses, str) else responses)
        if challenge.name == _MFA_SETUP and USER_CODE in given:
            return self._set_up_totp(challenge, given.pop(USER_CODE))
        if challenge.name == _SELECT:
            given = {**self._password_fields(given.get("ANSWER"), challenge.user_name), **given}
        return self._respond(challenge, given)

    def _set_up_totp(self, challenge: Challenge, code: str) -> SignInAnswer:
        verified = self.cognito.verify_software_token(challenge.session, code)
        challenge = replace(challenge, session=verified.get("Session") or challenge.session)
        if verified.get("Status") != "SUCCESS":
            return _answer_of(challenge)  # the same challenge again, with the session that is good now
        return self._respond(challenge, {})

    def _respond(self, challenge: Challenge, responses: Mapping[str, str]) -> SignInAnswer:
        key = {"DEVICE_KEY": challenge.device_key} if challenge.device_key else {}
        return self.cognito.respond_to_auth_challenge(
            challenge.user_name,
            challenge.name,
            challenge.session,
            {**responses, **key},
            client_metadata=self.client_metadata,
        )


def _answer_of(challenge: Challenge) -> SignInAnswer:
    """Return the answer of Cognito that a challenge was made of."""
    answer: SignInAnswer = {
        "ChallengeName": challenge.name,
        "ChallengeParameters": dict(challenge.parameters),
    }
    if challenge.session:
        answer["Session"] = challenge.session
    if challenge.secret_code:
        answer["SecretCode"] = challenge.secret_code
    return answer
