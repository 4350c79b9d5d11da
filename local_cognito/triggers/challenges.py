"""The triggers of CUSTOM_AUTH: DefineAuthChallenge, CreateAuthChallenge and VerifyAuthChallengeResponse.

Imported by `authentication.custom_auth`, which runs the flow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local_cognito.model import errors
from local_cognito.triggers import events

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Cognito
    from local_cognito.storage.records import Client, Pool
    from local_cognito.storage.user_records import User

DEFINE = "DefineAuthChallenge"
CREATE = "CreateAuthChallenge"
VERIFY = "VerifyAuthChallengeResponse"
Round = dict[str, Any]  # challengeName, challengeResult, challengeMetadata


@dataclass(frozen=True)
class Subject:
    """The user, the pool and the app client of a sign-in."""

    pool: Pool
    client: Client
    user: User

    def invoke(
        self, cognito: Cognito, trigger: str, request: dict[str, Any], *members: str
    ) -> dict[str, Any]:
        """Invoke a trigger's function and return its response, whose members are null in the event.

        Raises:
            CognitoError: InvalidParameterException if the pool has no such function; see `events.invoke`.
        """
        is_known = self.user.exists
        request = {
            "userAttributes": events.attributes_of(self.pool, self.user) if is_known else {},
            **request,
            **({} if is_known else {"userNotFound": True}),
        }
        event = events.TriggerEvent(
            trigger,
            f"{trigger}_Authentication",
            self.user.username,
            self.client.id,
            request,
            dict.fromkeys(members),
        )
        answer = events.invoke(cognito, self.pool, event)
        if answer is None:
            raise errors.NO_CUSTOM_AUTH()
        return answer


@dataclass(frozen=True)
class NextStep:
    """The decision of DefineAuthChallenge: tokens, failure, or the name of a challenge."""

    issues_tokens: bool
    fails: bool
    challenge: str | None


def define(cognito: Cognito, subject: Subject, rounds: list[Round]) -> NextStep:
    """Invoke DefineAuthChallenge and return its decision after these rounds."""
    members = ("challengeName", "issueTokens", "failAuthentication")
    response = subject.invoke(cognito, DEFINE, {"session": rounds}, *members)
    challenge = response.get("challengeName")
    if not isinstance(challenge, (str, type(None))):
        raise errors.FUNCTION_ANSWER()
    return NextStep(
        events.flag(response, "issueTokens"), events.flag(response, "failAuthentication"), challenge or None
    )


@dataclass(frozen=True)
class Created:
    """A challenge of CreateAuthChallenge: parameters for the client and for Verify, and its metadata."""

    public: dict[str, str]
    private: dict[str, str]
    metadata: str | None


def create(cognito: Cognito, subject: Subject, name: str, rounds: list[Round]) -> Created:
    """Invoke CreateAuthChallenge for a challenge of this name and return the challenge."""
    members = ("publicChallengeParameters", "privateChallengeParameters", "challengeMetadata")
    response = subject.invoke(cognito, CREATE, {"challengeName": name, "session": rounds}, *members)
    public, private, metadata = (response.get(name) for name in members)
    if not isinstance(metadata, (str, type(None))):
        raise errors.FUNCTION_ANSWER()
    return Created(_texts(public), _texts(private), metadata)


def verify(cognito: Cognito, subject: Subject, private: dict[str, str], answer: str) -> bool:
    """Invoke VerifyAuthChallengeResponse and return whether the answer is right."""
    request = {"privateChallengeParameters": private, "challengeAnswer": answer}
    response = subject.invoke(cognito, VERIFY, request, "answerCorrect")
    return events.flag(response, "answerCorrect")


def _texts(parameters: Any) -> dict[str, str]:
    """Return challenge parameters, whose values must be strings.

    Raises:
        CognitoError: InvalidLambdaResponseException.
    """
    if parameters is None:
        return {}
    if not isinstance(parameters, dict) or not all(isinstance(value, str) for value in parameters.values()):
        raise errors.FUNCTION_ANSWER()
    return parameters
