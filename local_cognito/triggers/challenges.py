"""The triggers of CUSTOM_AUTH: DefineAuthChallenge, CreateAuthChallenge and VerifyAuthChallengeResponse.

Imported by `authentication.custom_auth`, which leads a sign-in through them.
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
    """Whose sign-in the functions are asked about."""

    pool: Pool
    client: Client
    user: User

    def ask(self, cognito: Cognito, trigger: str, request: dict[str, Any], *response: str) -> dict[str, Any]:
        """Return the response of a trigger's function, whose members are null before.

        Raises:
            CognitoError: InvalidParameterException where the pool has no such function; see `events.ask`.
        """
        is_known = self.user.exists
        request = {
            "userAttributes": events.attributes_of(self.pool, self.user) if is_known else {},
            **request,
            **({} if is_known else {"userNotFound": True}),
        }
        question = events.Question(
            trigger,
            f"{trigger}_Authentication",
            self.user.username,
            self.client.id,
            request,
            dict.fromkeys(response),
        )
        answer = events.ask(cognito, self.pool, question)
        if answer is None:
            raise errors.NO_CUSTOM_AUTH()
        return answer


@dataclass(frozen=True)
class NextStep:
    """What DefineAuthChallenge says: tokens, failure, or the name of a challenge."""

    issues_tokens: bool
    fails: bool
    challenge: str | None


def define(cognito: Cognito, subject: Subject, rounds: list[Round]) -> NextStep:
    """Ask DefineAuthChallenge what comes after these rounds."""
    members = ("challengeName", "issueTokens", "failAuthentication")
    said = subject.ask(cognito, DEFINE, {"session": rounds}, *members)
    challenge = said.get("challengeName")
    if not isinstance(challenge, (str, type(None))):
        raise errors.FUNCTION_ANSWER()
    return NextStep(
        events.flag(said, "issueTokens"), events.flag(said, "failAuthentication"), challenge or None
    )


@dataclass(frozen=True)
class Created:
    """What CreateAuthChallenge says: parameters for the client and for Verify, and a note for later."""

    public: dict[str, str]
    private: dict[str, str]
    metadata: str | None


def create(cognito: Cognito, subject: Subject, name: str, rounds: list[Round]) -> Created:
    """Ask CreateAuthChallenge for a challenge of this name."""
    members = ("publicChallengeParameters", "privateChallengeParameters", "challengeMetadata")
    said = subject.ask(cognito, CREATE, {"challengeName": name, "session": rounds}, *members)
    public, private, metadata = (said.get(name) for name in members)
    if not isinstance(metadata, (str, type(None))):
        raise errors.FUNCTION_ANSWER()
    return Created(_texts(public), _texts(private), metadata)


def verify(cognito: Cognito, subject: Subject, private: dict[str, str], answer: str) -> bool:
    """Ask VerifyAuthChallengeResponse whether an answer is right."""
    request = {"privateChallengeParameters": private, "challengeAnswer": answer}
    said = subject.ask(cognito, VERIFY, request, "answerCorrect")
    return events.flag(said, "answerCorrect")


def _texts(parameters: Any) -> dict[str, str]:
    """Return challenge parameters, which must be texts.

    Raises:
        CognitoError: InvalidLambdaResponseException.
    """
    if parameters is None:
        return {}
    if not isinstance(parameters, dict) or not all(isinstance(value, str) for value in parameters.values()):
        raise errors.FUNCTION_ANSWER()
    return parameters
