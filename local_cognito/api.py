"""One request, no sockets: find the action, check the request, run it in a transaction, shape the answer.

The wire format is AWS JSON 1.1: the action's name stands in the X-Amz-Target header, the request in
the body; an error's code stands in ``__type`` and its text in ``message``.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import devices, errors, mfa, pools, sign_in, sign_up, users, validation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .cognito import Answer, Cognito, Request

    Action = Callable[[Cognito, Request], Answer | None]

TARGET_PREFIX = "AWSCognitoIdentityProviderService."
CONTENT_TYPE = "application/x-amz-json-1.1"
_LONGEST_HEADER = 1000

ACTIONS: dict[str, Action] = {
    "CreateUserPool": pools.create_user_pool,
    "DescribeUserPool": pools.describe_user_pool,
    "SetUserPoolMfaConfig": pools.set_user_pool_mfa_config,
    "GetUserPoolMfaConfig": pools.get_user_pool_mfa_config,
    "CreateUserPoolClient": pools.create_user_pool_client,
    "DescribeUserPoolClient": pools.describe_user_pool_client,
    "SignUp": sign_up.sign_up,
    "ResendConfirmationCode": sign_up.resend_confirmation_code,
    "ConfirmSignUp": sign_up.confirm_sign_up,
    "AdminConfirmSignUp": sign_up.admin_confirm_sign_up,
    "InitiateAuth": sign_in.initiate_auth,
    "AdminInitiateAuth": sign_in.admin_initiate_auth,
    "RespondToAuthChallenge": sign_in.respond_to_auth_challenge,
    "AdminRespondToAuthChallenge": sign_in.admin_respond_to_auth_challenge,
    "AssociateSoftwareToken": mfa.associate_software_token,
    "VerifySoftwareToken": mfa.verify_software_token,
    "ConfirmDevice": devices.confirm_device,
    "UpdateDeviceStatus": devices.update_device_status,
    "ForgetDevice": devices.forget_device,
    "AdminGetUser": users.admin_get_user,
    "ListUsers": users.list_users,
    "DeleteUser": users.delete_user,
}

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Response:
    """An HTTP answer."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def handle(cognito: Cognito, headers: Mapping[str, str], body: bytes) -> Response:
    """Answer one request; *headers* have lower-case names."""
    request_id = {"x-amzn-RequestId": cognito.random_uuid(), "Content-Type": CONTENT_TYPE}
    operation = headers.get("x-amz-target", "").partition(TARGET_PREFIX)[2]
    try:
        answer = call(cognito, operation, _parsed(body), signed="authorization" in headers)
    except errors.CognitoError as error:
        return _refusal(error, request_id)
    except Exception:
        logger.exception("%s failed", operation)
        return _refusal(errors.INTERNAL(), request_id)
    return Response(200, b"" if answer is None else json.dumps(answer).encode(), request_id)


def call(cognito: Cognito, operation: str, request: Any, *, signed: bool) -> Answer | None:
    """Run one action.

    A refusal is an answer too: what it counted (an attempt, a failure) is kept. Any other exception
    undoes the whole request.

    Raises:
        CognitoError: whatever Cognito would refuse with.
    """
    model = validation.operation_model(operation)
    if model is None:
        raise errors.UNKNOWN_OPERATION(operation=operation or "a request without X-Amz-Target")
    action = ACTIONS.get(operation)
    if action is None:
        raise errors.NOT_IMPLEMENTED(operation=operation)
    if model.auth_type != "none" and not signed:
        raise errors.MISSING_AUTHENTICATION()
    checked = validation.check(model, request)
    with cognito.store.transaction():
        try:
            return action(cognito, checked)
        except errors.CognitoError as error:
            refusal = error
    raise refusal


def _parsed(body: bytes) -> Any:
    try:
        request = json.loads(body or b"{}")
        json.dumps(request, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        raise errors.SERIALIZATION(problem="The request body is not JSON.") from None
    return request


def _refusal(error: errors.CognitoError, headers: dict[str, str]) -> Response:
    named = {"x-amzn-ErrorType": f"{error.code}:", "x-amzn-ErrorMessage": _header_text(error.message)}
    body = json.dumps({"__type": error.code, "message": error.message})
    return Response(error.status, body.encode(), headers | named)


def _header_text(text: str) -> str:
    """Return *text* as it may stand in an HTTP header: one line of ASCII that is not too long for clients."""
    return " ".join(text.encode("ascii", "replace").decode().split())[:_LONGEST_HEADER]
