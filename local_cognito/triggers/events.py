"""Asking a user pool's function: the event's frame, the check of its answer, and errors in Cognito's words.

Imported by the modules beside it, one for each group of triggers, and by whoever runs a request.
"""

from __future__ import annotations

import copy
import logging
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


def ask(
    cognito: Cognito,
    pool: Pool,
    trigger: str,
    *,
    source: str,
    user_name: str,
    client_id: str | None,
    request: dict[str, Any],
    response: dict[str, Any],
    version: str = "1",
) -> dict[str, Any] | None:
    """Return the `response` that the pool's function for a trigger gives, or None where it has no function.

    Args:
        cognito: the service.
        pool: the user pool.
        trigger: such as `PreSignUp`.
        source: the trigger source, such as `PreSignUp_SignUp`.
        user_name: `userName` of the event.
        client_id: of the app client; None stands for null.
        request: `request` of the event.
        response: `response` of the event, which the function fills in.
        version: of the event.

    Raises:
        CognitoError: UserLambdaValidationException, UnexpectedLambdaException,
            InvalidLambdaResponseException.
    """
    call = prepared(cognito, pool, trigger, source, user_name, client_id, request, response, version=version)
    if call is None or cognito.journal is None:
        return None
    return answered(cognito.journal, call)


def prepared(
    cognito: Cognito,
    pool: Pool,
    trigger: str,
    source: str,
    user_name: str,
    client_id: str | None,
    request: dict[str, Any],
    response: dict[str, Any] | None,
    *,
    version: str = "1",
) -> FunctionCall | None:
    """Return the call of the pool's function for a trigger, or None where it has none; see `ask`."""
    arn = function_of(pool, trigger)
    if arn is None or cognito.journal is None or cognito.journal.is_muted:
        return None
    event = {
        "version": version,
        "triggerSource": source,
        "region": pool.region,
        "userPoolId": pool.id,
        "userName": user_name,
        "callerContext": {"awsSdkVersion": SDK_VERSION, "clientId": client_id},
        "request": request,
        **({} if response is None else {"response": response}),
    }
    return FunctionCall(trigger, arn, copy.deepcopy(event))


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


def log_failure(done: Future[FunctionAnswer]) -> None:
    """Log how a call failed that nothing waited for; a callback of its future."""
    ended = done.result()
    if ended.error is not None:
        logger.warning("%s failed: %s", ended.call.trigger, ended.error)


def with_metadata(cognito: Cognito, trigger: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return an event's `request`, with clientMetadata where this request gives any to this trigger.

    A sign-in's first request gives it as validationData, to some; CreateAuthChallenge never gets any.
    """
    journal = cognito.journal
    if journal is None or journal.metadata is None or journal.operation in _SIGN_IN_STARTS:
        return request
    if journal.operation in _CHALLENGE_ANSWERS and trigger == "CreateAuthChallenge":
        return request
    return request | {"clientMetadata": journal.metadata}


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
