"""Validation of Cognito's answers against the service model, before any of them is used.

botocore parses whatever it gets, and fails with errors of its own on unexpected values. After
`install_answer_checks` a client refuses such an answer, by an `UnusableAnswerError` that names the field.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.model import OperationModel
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

_LONGEST_TEXT: Final = 131_072  # characters; no field of the model may have more
_LONGEST_TIME: Final = 64  # characters of a time that comes as text
_INT_32, _INT_64 = 1 << 31, 1 << 63
_SHORTEST_SESSION: Final = 20  # characters; botocore sends none that is shorter
_SECRET: Final = re.compile("[A-Za-z2-7]{16,256}=*")

# Required fields, by action. A field is required only where its parent is present;
# [] stands for each item of a list.
_TOKENS: Final = (
    "AuthenticationResult.AccessToken",
    "AuthenticationResult.NewDeviceMetadata.DeviceKey",
    "AuthenticationResult.NewDeviceMetadata.DeviceGroupKey",
)
_SIGN_IN_ACTIONS: Final = frozenset(
    {"AdminInitiateAuth", "AdminRespondToAuthChallenge", "InitiateAuth", "RespondToAuthChallenge"}
)
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys((*_SIGN_IN_ACTIONS, "GetTokensFromRefreshToken"), _TOKENS),
    "AdminGetUser": ("UserStatus", "UserAttributes[].Name"),
    "AssociateSoftwareToken": ("SecretCode",),
    "DescribeUserPool": ("UserPool",),
    "DescribeUserPoolClient": ("UserPoolClient",),
    "ListUserPoolClients": ("UserPoolClients", "UserPoolClients[].ClientId"),
    "ListUserPools": ("UserPools", "UserPools[].Id"),
    "ListUsers": ("Users[].Attributes[].Name",),
    "SignUp": ("UserConfirmed",),
    "StartWebAuthnRegistration": ("CredentialCreationOptions",),
    "VerifySoftwareToken": ("Status",),
}
# Challenge parameters that are lists in JSON text, and how many items they have at least.
_LISTS: Final[Mapping[str, tuple[str, int]]] = {
    "SELECT_MFA_TYPE": ("MFAS_CAN_CHOOSE", 1),
    "NEW_PASSWORD_REQUIRED": ("requiredAttributes", 0),
}


# Challenge parameters that are needed as they are.
_TEXTS: Final[Mapping[str, str]] = {"WEB_AUTHN": "CREDENTIAL_REQUEST_OPTIONS"}


class UnusableAnswerError(BotoCoreError):
    """An answer that can't be Cognito's: a field is missing or invalid.

    Args:
        action: the action that was called.
        what: the field, and what is wrong with it; nothing of its content.
    """

    fmt = "Cognito's answer to {action} makes no sense: {what}."


class _WrongError(Exception):
    """A defect of an answer; `UnusableAnswerError` takes over its text."""


def install_answer_checks(client: CognitoIdentityProviderClient) -> None:
    """Have a client raise `UnusableAnswerError` for every answer that can't be used; twice does no harm."""
    events = client.meta.events
    events.register("before-parse.cognito-identity-provider", _check_body, unique_id="answer-shape-body")
    # Last, so that what follows the calls has seen the answer.
    events.register_last("after-call", _check_content, unique_id="answer-shape-content")


def _check_body(operation_model: OperationModel, response_dict: Mapping[str, Any], **_: object) -> None:
    """Compare an answer's JSON text with the model, before botocore makes values of it."""
    is_refusal = response_dict["status_code"] >= HTTPStatus.MULTIPLE_CHOICES
    try:
        content = _json(response_dict["body"], is_page_fine=is_refusal)
        if is_refusal:
            for name in ("__type", "message", "Message", "reasonCode"):
                if content.get(name) is not None:
                    _check_text(name, content[name])
        elif operation_model.output_shape is not None:
            _check_shape("", operation_model.output_shape, content)
    except _WrongError as wrong:
        raise UnusableAnswerError(action=operation_model.name, what=str(wrong)) from None


def _json(body: bytes, *, is_page_fine: bool) -> dict[str, Any]:
    """Return the parsed body; botocore takes a refusal that is not JSON for a message."""
    try:
        text = body.decode()
        content = json.loads(text) if text else {}
    except UnicodeDecodeError:
        raise _WrongError("it is not text") from None
    except (ValueError, RecursionError) as error:
        if is_page_fine and isinstance(error, json.JSONDecodeError):
            return {}
        raise _WrongError("it is not JSON text") from None
    if not isinstance(content, dict):
        raise _WrongError("it is not a JSON object")
    return content


def _check_shape(name: str, shape: Any, value: Any) -> None:
    """Compare a value with its shape, and all that is in it; null members of objects count as missing."""
    # By their names: the classes would be loaded before the first word is on the screen.
    if shape.type_name == "structure":
        for field, item in _typed(name, value, dict, "a JSON object").items():
            if item is not None and field in shape.members:
                _check_shape(f"{name}.{field}" if name else field, shape.members[field], item)
    elif shape.type_name == "map":
        for key, item in _typed(name, value, dict, "a JSON object").items():
            _check_text(f"a name in {name}", key)
            _check_shape(f"a value in {name}", shape.value, item)
    elif shape.type_name == "list":
        for item in _typed(name, value, list, "a list"):
            _check_shape(f"{name}[]", shape.member, item)
    else:
        _CHECKS.get(shape.type_name, _check_text)(name, value)


def _typed(name: str, value: Any, kind: type, called: str) -> Any:
    if not isinstance(value, kind):
        raise _WrongError(f"{name} is not {called}")
    return value


def _check_text(name: str, value: Any) -> None:
    text: str = _typed(name, value, str, "text")
    if len(text) > _LONGEST_TEXT:
        raise _WrongError(f"{name} has {len(text)} characters")
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        raise _WrongError(f"{name} contains an unpaired surrogate") from None


def _check_boolean(name: str, value: Any) -> None:
    _typed(name, value, bool, "a boolean")


def _check_integer(name: str, value: Any, limit: int = _INT_32) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not -limit <= value < limit:
        raise _WrongError(f"{name} is not an integer of the API")


def _check_long(name: str, value: Any) -> None:
    _check_integer(name, value, _INT_64)


def _check_number(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _WrongError(f"{name} is not a number")


def _check_time(name: str, value: Any) -> None:
    from botocore.utils import parse_timestamp  # noqa: PLC0415 - it loads much; who has an answer has it by then

    is_time = not isinstance(value, bool) and len(str(value)) <= _LONGEST_TIME
    try:
        is_time = is_time and bool(parse_timestamp(value).isoformat())
    except (ValueError, TypeError, AttributeError, OverflowError, OSError, RuntimeError):
        is_time = False
    if not is_time:
        raise _WrongError(f"{name} is not a time")


_CHECKS: Final[Mapping[str, Callable[[str, Any], None]]] = {
    "boolean": _check_boolean,
    "integer": _check_integer,
    "long": _check_long,
    "float": _check_number,
    "double": _check_number,
    "timestamp": _check_time,
}


def _check_content(http_response: Any, parsed: Mapping[str, Any], model: OperationModel, **_: object) -> None:
    """Check a successful answer for the fields that the program needs."""
    if http_response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
        return
    try:
        _check_answer(model.name, parsed)
    except _WrongError as wrong:
        raise UnusableAnswerError(action=model.name, what=str(wrong)) from None


def _check_answer(action: str, answer: Mapping[str, Any]) -> None:
    for path in _NEEDED.get(action, ()):
        _check_needed(answer, path.split("."), path)
    if action in _SIGN_IN_ACTIONS and answer.get("ChallengeName"):
        _check_challenge(answer)
    if action == "AssociateSoftwareToken":
        _check_secret(answer["SecretCode"])
    if 0 < len(answer.get("Session") or "") < _SHORTEST_SESSION:
        raise _WrongError("Session is too short")


def _check_needed(content: Mapping[str, Any], names: list[str], path: str) -> None:
    """Require the field at a path; where a part of the path is absent, nothing is required."""
    first, *rest = names
    if not rest:
        value = content.get(first)
        if value is None or value == "":
            raise _WrongError(f"{path} is missing")
        return
    inner = content.get(first.removesuffix("[]"))
    for item in inner if isinstance(inner, list) else [inner]:
        if item is not None:
            _check_needed(item, rest, path)


def _check_challenge(answer: Mapping[str, Any]) -> None:
    if not answer.get("Session"):
        raise _WrongError("Session is missing")
    text = _TEXTS.get(answer["ChallengeName"])
    if text:
        _check_needed(answer, ["ChallengeParameters", text], f"ChallengeParameters.{text}")
    name, least = _LISTS.get(answer["ChallengeName"], ("", 0))
    names = _names_in((answer.get("ChallengeParameters") or {}).get(name) or "[]")
    if names is None or len(names) < least:
        raise _WrongError(f"ChallengeParameters.{name} is not a list of names")
    for item in names:
        _check_text(f"ChallengeParameters.{name}", item)


def _names_in(text: str) -> list[str] | None:
    """Return the names in a list that is JSON text, or None for other text."""
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        return None
    is_list = isinstance(items, list) and all(isinstance(item, str) and item for item in items)
    return items if is_list else None


def _check_secret(secret: str) -> None:
    """Refuse a TOTP secret that is not Base32 (RFC 4648, section 6; the padding may be missing)."""
    bare = secret.rstrip("=").upper()
    try:
        key = base64.b32decode(bare + "=" * (-len(bare) % 8)) if _SECRET.fullmatch(secret) else b""
    except binascii.Error:
        key = b""
    if not key:
        raise _WrongError("SecretCode is not a TOTP secret")
