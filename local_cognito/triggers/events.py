"""Invokes a user pool's functions: builds the event, checks the answer, and raises Cognito's errors.

Imported by the modules beside it, one for each group of triggers, and by the code that runs requests.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from local_cognito.lambdas.journal import FunctionCall, FunctionError, InvocationError
from local_cognito.model import errors

if TYPE_CHECKING:
    from local_cognito.lambdas.journal import Journal
    from local_cognito.rules.cognito import Cognito
    from local_cognito.storage.records import Pool
    from local_cognito.storage.user_records import User

NO_CLIENT = "CLIENT_ID_NOT_APPLICABLE"  # of an administrator's request
SDK_VERSION = "aws-sdk-unknown-unknown"
_FRAME = ("version", "triggerSource", "region", "userPoolId", "userName", "callerContext")
_SIGN_IN_STARTS = {"InitiateAuth", "AdminInitiateAuth"}
_CHALLENGE_ANSWERS = {"RespondToAuthChallenge", "AdminRespondToAuthChallenge"}


def function_of(pool: Pool, trigger: str) -> str | None:
    """Return the ARN of a trigger's function in the pool's LambdaConfig, or None."""
    config: dict[str, Any] = pool.settings.get("LambdaConfig", {})
    if trigger == "PreTokenGeneration":
        arn = config.get("PreTokenGenerationConfig", {}).get("LambdaArn") or config.get(trigger)
        return str(arn) if arn else None
    found = config.get(trigger)
    if isinstance(found, dict):
        found = found.get("LambdaArn")
    return str(found) if found else None


def is_configured(pool: Pool, trigger: str) -> bool:
    """Return whether the pool has a function for a trigger."""
    return function_of(pool, trigger) is not None


@dataclass(frozen=True)
class TriggerEvent:
    """The part of an event that differs between triggers.

    Attributes:
        trigger: the member of LambdaConfig, such as `PreSignUp`.
        source: the trigger source, such as `PreSignUp_SignUp`.
        user_name: `userName` of the event.
        client_id: the ID of the app client; None stands for null.
        request: `request` of the event, to which the request's ClientMetadata is added.
        response: `response` of the event, with the defaults that the function replaces; None omits it.
        version: the version of the event.
    """

    trigger: str
    source: str
    user_name: str
    client_id: str | None
    request: dict[str, Any]
    response: dict[str, Any] | None
    version: str = "1"


def invoke(cognito: Cognito, pool: Pool, event: TriggerEvent) -> dict[str, Any] | None:
    """Invoke the trigger's function and return its `response`, or None if the pool has no such function.

    Raises:
        CognitoError: UserLambdaValidationException, UnexpectedLambdaException,
            InvalidLambdaResponseException.
    """
    call = _prepare(cognito, pool, event)
    return None if call is None or cognito.journal is None else response_of(cognito.journal, call)


def invoke_after_commit(cognito: Cognito, pool: Pool, event: TriggerEvent) -> None:
    """Invoke the trigger's function after the request's transaction commits; the answer waits for it."""
    call = _prepare(cognito, pool, event)
    if call is not None and cognito.journal is not None:
        cognito.journal.afterwards.append(call)


def invoke_in_background(cognito: Cognito, pool: Pool, event: TriggerEvent) -> bool:
    """Invoke the trigger's function after the request's transaction commits, without waiting for it.

    Returns:
        Whether a function will be invoked.
    """
    call = _prepare(cognito, pool, event)
    if call is None or cognito.journal is None:
        return False
    key = pool.settings["LambdaConfig"].get("KMSKeyID")
    cognito.journal.in_background.append(replace(call, in_background=True, kms_key=key))
    return True


def _prepare(cognito: Cognito, pool: Pool, event: TriggerEvent) -> FunctionCall | None:
    """Return the call of the trigger's function, or None if no function is to be invoked."""
    arn = function_of(pool, event.trigger)
    if arn is None or cognito.journal is None or cognito.journal.is_muted:
        return None
    content = {
        "version": event.version,
        "triggerSource": event.source,
        "region": pool.region,
        "userPoolId": pool.id,
        "userName": event.user_name,
        "callerContext": {"awsSdkVersion": SDK_VERSION, "clientId": event.client_id},
        "request": event.request | _client_metadata(cognito.journal, event.trigger),
        **({} if event.response is None else {"response": event.response}),
    }
    return FunctionCall(event.trigger, arn, content)


def _client_metadata(journal: Journal, trigger: str) -> dict[str, Any]:
    """Return the member clientMetadata, or nothing if this trigger does not get it from this request.

    Requests that start a sign-in pass it as validationData, if at all; CreateAuthChallenge never gets it.
    """
    if journal.metadata is None or journal.operation in _SIGN_IN_STARTS:
        return {}
    if journal.operation in _CHALLENGE_ANSWERS and trigger == "CreateAuthChallenge":
        return {}
    return {"clientMetadata": journal.metadata}


def response_of(journal: Journal, call: FunctionCall) -> dict[str, Any]:
    """Return the `response` of a function's answer, which must be the whole event.

    Raises:
        FunctionNeeded: the function has not been called yet.
        CognitoError: see `invoke`.
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
    """Return whether an answer is the event with a response."""
    if not isinstance(answer, dict) or any(answer.get(name) != event[name] for name in _FRAME):
        return False
    request = answer.get("request")
    if not isinstance(request, dict) or not isinstance(answer.get("response"), dict):
        return False
    return "clientMetadata" in event["request"] or "clientMetadata" not in request


def flag(response: dict[str, Any], name: str) -> bool:
    """Return a Boolean member of a response; null and an absent member are False.

    Raises:
        CognitoError: InvalidLambdaResponseException for any other value.
    """
    value = response.get(name)
    if not isinstance(value, (bool, type(None))):
        raise errors.FUNCTION_ANSWER()
    return bool(value)


def metadata_as_validation_data(cognito: Cognito) -> dict[str, str] | None:
    """Return the ClientMetadata of a request that starts a sign-in, which becomes validationData."""
    journal = cognito.journal
    return journal.metadata if journal and journal.operation in _SIGN_IN_STARTS else None


def attributes_of(pool: Pool, user: User) -> dict[str, str]:
    """Return userAttributes of an event: the attributes, `sub`, and `cognito:` entries such as the status."""
    computed = {"cognito:user_status": user.status}
    if user.mfa.get("enabled") or user.totp_secret:
        computed["cognito:mfa_enabled"] = "true"
    for name in pool.username_attributes:
        if user.attributes.get(name):
            computed[f"cognito:{name.removesuffix('_number')}_alias"] = user.attributes[name]
    return {"sub": user.sub, **computed, **user.attributes}
