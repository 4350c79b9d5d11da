"""Asking a user pool's function: the event's frame, the check of its answer, and errors in Cognito's words.

Imported by the modules beside it, one for each group of triggers, and by whoever runs a request.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from local_cognito.lambdas.journal import FunctionCall, FunctionError, InvocationError
from local_cognito.model import errors

if TYPE_CHECKING:
    from concurrent.futures import Future

    from local_cognito.lambdas.journal import FunctionAnswer, Journal
    from local_cognito.rules.cognito import Cognito
    from local_cognito.storage.records import Pool
    from local_cognito.storage.user_records import User

NO_CLIENT = "CLIENT_ID_NOT_APPLICABLE"  # of an administrator's request
SDK_VERSION = "aws-sdk-unknown-unknown"
_FRAME = ("version", "triggerSource", "region", "userPoolId", "userName", "callerContext")
_SIGN_IN_STARTS = {"InitiateAuth", "AdminInitiateAuth"}
_CHALLENGE_ANSWERS = {"RespondToAuthChallenge", "AdminRespondToAuthChallenge"}

logger = logging.getLogger(__name__)


def function_of(pool: Pool, trigger: str) -> str | None:
    """Return the ARN of the function that the pool's LambdaConfig has for a trigger, or None."""
    config: dict[str, Any] = pool.settings.get("LambdaConfig", {})
    if trigger == "PreTokenGeneration":
        arn = config.get("PreTokenGenerationConfig", {}).get("LambdaArn") or config.get(trigger)
        return str(arn) if arn else None
    found = config.get(trigger)
    if isinstance(found, dict):
        found = found.get("LambdaArn")
    return str(found) if found else None


def is_configured(pool: Pool, trigger: str) -> bool:
    """Tell whether the pool has a function for a trigger."""
    return function_of(pool, trigger) is not None


@dataclass(frozen=True)
class Question:
    """An event for a trigger's function, without the part that is the same for every trigger.

    Attributes:
        trigger: the member of LambdaConfig, such as `PreSignUp`.
        source: the trigger source, such as `PreSignUp_SignUp`.
        user_name: `userName` of the event.
        client_id: the ID of the app client; None stands for null.
        request: `request` of the event, to which the request's ClientMetadata is added.
        response: `response` of the event, which the function fills in; None for an event without one.
        version: the version of the event.
    """

    trigger: str
    source: str
    user_name: str
    client_id: str | None
    request: dict[str, Any]
    response: dict[str, Any] | None
    version: str = "1"


def ask(cognito: Cognito, pool: Pool, question: Question) -> dict[str, Any] | None:
    """Return the `response` of the pool's function, or None where it has no function for the trigger.

    Raises:
        CognitoError: UserLambdaValidationException, UnexpectedLambdaException,
            InvalidLambdaResponseException.
    """
    call = _prepare(cognito, pool, question)
    return None if call is None or cognito.journal is None else answered(cognito.journal, call)


def call_afterwards(cognito: Cognito, pool: Pool, question: Question) -> None:
    """Call the pool's function once the request's changes are stored; the answer waits for it."""
    call = _prepare(cognito, pool, question)
    if call is not None and cognito.journal is not None:
        cognito.journal.afterwards.append(call)


def call_in_background(cognito: Cognito, pool: Pool, question: Question) -> bool:
    """Call the pool's function once the request's changes are stored, without waiting for it.

    Returns:
        Whether there is a function, and this is a request that calls functions.
    """
    call = _prepare(cognito, pool, question)
    if call is None or cognito.journal is None:
        return False
    key = pool.settings["LambdaConfig"].get("KMSKeyID")
    cognito.journal.in_background.append(replace(call, in_background=True, kms_key=key))
    return True


def _prepare(cognito: Cognito, pool: Pool, question: Question) -> FunctionCall | None:
    """Return the call of the pool's function, or None where no function is to be called."""
    arn = function_of(pool, question.trigger)
    if arn is None or cognito.journal is None or cognito.journal.is_muted:
        return None
    event = {
        "version": question.version,
        "triggerSource": question.source,
        "region": pool.region,
        "userPoolId": pool.id,
        "userName": question.user_name,
        "callerContext": {"awsSdkVersion": SDK_VERSION, "clientId": question.client_id},
        "request": question.request | _client_metadata(cognito.journal, question.trigger),
        **({} if question.response is None else {"response": question.response}),
    }
    return FunctionCall(question.trigger, arn, event)


def _client_metadata(journal: Journal, trigger: str) -> dict[str, Any]:
    """Return the member clientMetadata, where this request passes its ClientMetadata to this trigger.

    The first request of a sign-in passes it as validationData, if at all; CreateAuthChallenge never gets it.
    """
    if journal.metadata is None or journal.operation in _SIGN_IN_STARTS:
        return {}
    if journal.operation in _CHALLENGE_ANSWERS and trigger == "CreateAuthChallenge":
        return {}
    return {"clientMetadata": journal.metadata}


def answered(journal: Journal, call: FunctionCall) -> dict[str, Any]:
    """Return the `response` in a function's answer, which must be the whole event.

    Raises:
        FunctionNeeded: the function has not been called yet.
        CognitoError: see `ask`.
    """
    try:
        answer = journal.ask(call)
    except FunctionError as error:
        raise errors.FUNCTION_FAILED(trigger=call.trigger, error=error) from error
    except InvocationError as error:
        reason = str(error) if str(error).endswith(".") else f"{error}."
        raise errors.FUNCTION_NOT_INVOKED(trigger=call.trigger, reason=reason) from error
    except ValueError as error:
        raise errors.FUNCTION_ANSWER() from error
    if not _is_answer(call.event, answer):
        raise errors.FUNCTION_ANSWER()
    response: dict[str, Any] = answer["response"]
    return response


def _is_answer(event: dict[str, Any], answer: Any) -> bool:
    """Tell whether it is the event with a response filled in."""
    if not isinstance(answer, dict) or any(answer.get(name) != event[name] for name in _FRAME):
        return False
    request = answer.get("request")
    if not isinstance(request, dict) or not isinstance(answer.get("response"), dict):
        return False
    return "clientMetadata" in event["request"] or "clientMetadata" not in request


def flag(response: dict[str, Any], name: str) -> bool:
    """Return a member of an answer that is true or false; null, or none at all, is false.

    Raises:
        CognitoError: InvalidLambdaResponseException for any other value.
    """
    value = response.get(name)
    if not isinstance(value, (bool, type(None))):
        raise errors.FUNCTION_ANSWER()
    return bool(value)


def log_failure(done: Future[FunctionAnswer]) -> None:
    """Log how a call failed that nothing waited for; a callback of its future."""
    ended = done.result()
    if ended.error is not None:
        logger.warning("%s failed: %s", ended.call.trigger, ended.error)


def metadata_as_validation_data(cognito: Cognito) -> dict[str, str] | None:
    """Return the ClientMetadata of a request that starts a sign-in; some triggers get it by another name."""
    journal = cognito.journal
    return journal.metadata if journal and journal.operation in _SIGN_IN_STARTS else None


def attributes_of(pool: Pool, user: User) -> dict[str, str]:
    """Return userAttributes of an event: the user's attributes, `sub`, and what Cognito says of the user."""
    said = {"cognito:user_status": user.status}
    if user.mfa.get("enabled") or user.totp_secret:
        said["cognito:mfa_enabled"] = "true"
    for name in pool.username_attributes:
        if user.attributes.get(name):
            said[f"cognito:{name.removesuffix('_number')}_alias"] = user.attributes[name]
    return {"sub": user.sub, **said, **user.attributes}
