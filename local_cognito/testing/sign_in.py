"""Signing in for a test: whatever the pool asks for after the password is answered."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from local_cognito import LocalCognito
    from local_cognito.testing.pool import CognitoPool

_SENT = ("SMS_MFA", "EMAIL_OTP")
_APP = "SOFTWARE_TOKEN_MFA"
_MOST_CHALLENGES = 5  # a choice, a setting up and a code are three


@dataclass(frozen=True)
class SignIn:
    """The sign-in of one user: `client` is a boto3 client of the pool's region."""

    pool: CognitoPool
    client: Any
    server: LocalCognito
    username: str

    def finish(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Return Cognito's AuthenticationResult; `answer` is the answer to the right password.

        Raises:
            RuntimeError: Cognito asks for something that is not known here, such as a new password.
        """
        for _ in range(_MOST_CHALLENGES):
            if "AuthenticationResult" in answer:
                break
            answer = self._respond(answer)
        result: dict[str, Any] = answer["AuthenticationResult"]
        return result

    def _respond(self, asked: dict[str, Any]) -> dict[str, Any]:
        challenge, session = asked["ChallengeName"], asked["Session"]
        responses = {"USERNAME": self.username, **self.pool.secret_hash(self.username)}
        if challenge == _APP:
            responses[f"{_APP}_CODE"] = self.pool.totp(self.username)
        elif challenge in _SENT:
            responses[f"{challenge}_CODE"] = self.server.outbox()[-1]["code"]
        elif challenge == "SELECT_MFA_TYPE":
            offered = json.loads(asked["ChallengeParameters"]["MFAS_CAN_CHOOSE"])
            responses["ANSWER"] = _APP if _APP in offered else offered[0]
        elif challenge == "MFA_SETUP" and _APP in asked["ChallengeParameters"].get("MFAS_CAN_SETUP", ""):
            session = self._set_up_app(session)
        else:
            raise RuntimeError(
                f"sign_in answers what comes after the password, and Cognito asks for {challenge} "
                f"of {self.username}."
            )
        answer: dict[str, Any] = self.client.respond_to_auth_challenge(
            ClientId=self.pool.client_id,
            ChallengeName=challenge,
            Session=session,
            ChallengeResponses=responses,
        )
        return answer

    def _set_up_app(self, session: str) -> str:
        """Set up an authenticator app; return the session with which the sign-in goes on."""
        import pyotp  # noqa: PLC0415 - needed only here

        key = self.client.associate_software_token(Session=session)
        code = pyotp.TOTP(key["SecretCode"]).at(int(self.server.now()))
        verified = self.client.verify_software_token(Session=key["Session"], UserCode=code)
        return str(verified["Session"])
