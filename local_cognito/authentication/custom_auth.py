"""CUSTOM_AUTH: a sign-in whose challenges the pool's functions choose, optionally after SRP.

Imported by the table of flows, and by `completion`, which returns to the functions after each step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_cognito.authentication import proofs, sessions
from local_cognito.authentication.flows import PASSWORD_VERIFIER
from local_cognito.model import errors
from local_cognito.triggers import challenges
from local_cognito.triggers.challenges import Round, Subject
from local_cognito.triggers.events import is_configured

if TYPE_CHECKING:
    from local_cognito.authentication.sign_in import SignIn
    from local_cognito.rules.cognito import Answer, Cognito

CUSTOM_CHALLENGE = "CUSTOM_CHALLENGE"
SRP_A = "SRP_A"
_FIRST = ("CHALLENGE_NAME", "ChallengeName")  # the guide and clients, and the API reference


def start(cognito: Cognito, sign_in: SignIn) -> None:
    """Start the flow, with the round SRP_A if the client begins with it.

    Raises:
        CognitoError: InvalidParameterException in a pool without the functions; see `SignIn.check_user`.
    """
    if not is_configured(sign_in.pool, challenges.DEFINE):
        raise errors.NO_CUSTOM_AUTH()
    sign_in.check_user(cognito)
    sign_in.rounds = []
    first = next((sign_in.parameters[name] for name in _FIRST if name in sign_in.parameters), None)
    if first == SRP_A:
        proofs.parse_public_value(sign_in.require(SRP_A))
        sign_in.rounds.append(_round(SRP_A))


def next_challenge(cognito: Cognito, sign_in: SignIn) -> Answer | None:
    """Invoke DefineAuthChallenge and return the challenge that it wants, or None if it wants the tokens.

    In flows other than CUSTOM_AUTH, return None.

    Raises:
        CognitoError: NotAuthorizedException if DefineAuthChallenge fails the sign-in;
            InvalidLambdaResponseException if it decides nothing.
    """
    rounds = sign_in.rounds
    if rounds is None:
        return None
    subject = _subject(sign_in)
    following = challenges.define(cognito, subject, rounds)
    if following.fails:
        raise errors.INCORRECT()
    if following.issues_tokens:
        if not sign_in.user.exists:
            raise errors.INCORRECT()
        return None
    if following.challenge == PASSWORD_VERIFIER and rounds and rounds[-1]["challengeName"] == SRP_A:
        return proofs.ask_for_password(cognito, sign_in, proofs.parse_public_value(sign_in.require(SRP_A)))
    if following.challenge != CUSTOM_CHALLENGE:
        raise errors.FUNCTION_ANSWER()
    created = challenges.create(cognito, subject, CUSTOM_CHALLENGE, rounds)
    parameters = {**created.public, "USERNAME": sign_in.user.username}
    return sign_in.challenge(
        cognito, CUSTOM_CHALLENGE, parameters, private=created.private, metadata=created.metadata
    )


def judge_answer(cognito: Cognito, sign_in: SignIn) -> None:
    """Answer CUSTOM_CHALLENGE; after a wrong answer, too, DefineAuthChallenge decides how to go on."""
    session = sign_in.open(cognito, CUSTOM_CHALLENGE)
    given = sign_in.parameters.get("ANSWER")
    if given is None:  # an empty one is for the function to judge
        raise errors.MISSING_PARAMETER(name="ANSWER")
    is_right = challenges.verify(cognito, _subject(sign_in), session.data["private"], given)
    rounds = [*(sign_in.rounds or []), _round(CUSTOM_CHALLENGE, session.data["metadata"], is_right=is_right)]
    sign_in.rounds = rounds
    sessions.spend(cognito, session)


def _round(name: str, metadata: str | None = None, *, is_right: bool = True) -> Round:
    return {"challengeName": name, "challengeResult": is_right, "challengeMetadata": metadata}


def _subject(sign_in: SignIn) -> Subject:
    return Subject(sign_in.pool, sign_in.client, sign_in.user)
