"""The triggers around a new account: PreSignUp, PostConfirmation and UserMigration.

Imported by the actions that create and confirm users, and by the flows that may migrate one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local_cognito.model import errors
from local_cognito.storage.user_records import CONFIRMED, RESET_REQUIRED
from local_cognito.triggers import events

if TYPE_CHECKING:
    from local_cognito.model.requests import AttributeType
    from local_cognito.rules.cognito import Cognito
    from local_cognito.storage.records import Pool
    from local_cognito.storage.user_records import User

_PRE_SIGN_UP = ("autoConfirmUser", "autoVerifyEmail", "autoVerifyPhone")
_MIGRATION = (
    "userAttributes",
    "forceAliasCreation",
    "enableSMSMFA",
    "finalUserStatus",
    "messageAction",
    "desiredDeliveryMediums",
)
_AUTHENTICATION = "UserMigration_Authentication"
_FORGOT_PASSWORD = "UserMigration_ForgotPassword"  # noqa: S105 - a trigger source, no secret


@dataclass(frozen=True)
class Registration:
    """A new user that PreSignUp decides about; nothing of it is stored yet.

    Attributes:
        source: `PreSignUp_SignUp` or `PreSignUp_AdminCreateUser`.
        name: the user name.
        client_id: the ID of the app client, or `events.NO_CLIENT`.
        attributes: the attributes in the request.
        validation_data: ValidationData of the request, or None.
    """

    source: str
    name: str
    client_id: str
    attributes: dict[str, str]
    validation_data: dict[str, str] | None = None


def validation_data(items: list[AttributeType]) -> dict[str, str] | None:
    """Return the ValidationData of a request in the form of events."""
    return {item["Name"]: item.get("Value", "") for item in items} or None


def pre_sign_up(cognito: Cognito, pool: Pool, registration: Registration) -> set[str]:
    """Invoke PreSignUp for a new user.

    Returns:
        The names among `autoConfirmUser`, `autoVerifyEmail` and `autoVerifyPhone` that the function set.

    Raises:
        CognitoError: the function refuses or fails, or verifies an address that the user does not have.
    """
    if not events.is_configured(pool, "PreSignUp"):
        return set()
    request = {"userAttributes": registration.attributes, "validationData": registration.validation_data}
    event = events.TriggerEvent(
        "PreSignUp",
        registration.source,
        registration.name,
        registration.client_id,
        request,
        dict.fromkeys(_PRE_SIGN_UP, False),
    )
    response = events.invoke(cognito, pool, event)
    if response is None:
        return set()
    chosen = {name for name in _PRE_SIGN_UP if events.flag(response, name)}
    for flag, attribute in (("autoVerifyEmail", "email"), ("autoVerifyPhone", "phone_number")):
        if flag in chosen and not registration.attributes.get(attribute):
            raise errors.NOTHING_TO_AUTO_VERIFY(attribute=attribute)
    return chosen


def post_confirmation(cognito: Cognito, pool: Pool, user: User, client_id: str | None, source: str) -> None:
    """Invoke PostConfirmation after the confirmation is committed; its failure undoes nothing.

    Args:
        cognito: the service.
        pool: the user pool.
        user: the confirmed user.
        client_id: the ID of the app client; None if an administrator confirms.
        source: `PostConfirmation_ConfirmSignUp` or `PostConfirmation_ConfirmForgotPassword`.
    """
    if not events.is_configured(pool, "PostConfirmation"):
        return
    request = {"userAttributes": events.attributes_of(pool, user)}
    event = events.TriggerEvent("PostConfirmation", source, user.username, client_id, request, {})
    events.invoke_after_commit(cognito, pool, event)


@dataclass(frozen=True)
class Migration:
    """A user that UserMigration found elsewhere.

    Attributes:
        attributes: the attributes of the new user.
        status: CONFIRMED or RESET_REQUIRED.
        forces_alias: whether an alias of another user moves to this one.
        has_sms_mfa: whether the user signs in with a code by SMS as the second factor.
    """

    attributes: dict[str, str]
    status: str
    forces_alias: bool
    has_sms_mfa: bool


def migrate(
    cognito: Cognito, pool: Pool, client_id: str, name: str, password: str | None
) -> Migration | None:
    """Invoke UserMigration for a user who is not in the pool; return None if the pool has no such function.

    Args:
        cognito: the service.
        pool: the user pool.
        client_id: the ID of the app client.
        name: the user name in the request.
        password: the password in the request; None for a forgotten one.

    Raises:
        CognitoError: UserNotFoundException, when the function fails or returns no user.
    """
    if not events.is_configured(pool, "UserMigration"):
        return None
    request = {
        **({} if password is None else {"password": password}),
        "validationData": events.metadata_as_validation_data(cognito),
        "userAttributes": None,
    }
    source = _FORGOT_PASSWORD if password is None else _AUTHENTICATION
    event = events.TriggerEvent("UserMigration", source, name, client_id, request, dict.fromkeys(_MIGRATION))
    try:
        response = events.invoke(cognito, pool, event)
        return None if response is None else _migration(response)
    except errors.CognitoError:
        raise errors.MIGRATION_FAILED(client_id=client_id) from None


def _migration(response: dict[str, Any]) -> Migration:
    """Return the user in an answer of UserMigration.

    Raises:
        CognitoError: the answer has no user, or is not valid.
    """
    attributes, status = response.get("userAttributes"), response.get("finalUserStatus") or RESET_REQUIRED
    if not isinstance(attributes, dict) or not attributes or status not in (CONFIRMED, RESET_REQUIRED):
        raise errors.FUNCTION_ANSWER()
    has_sms_mfa = events.flag(response, "enableSMSMFA")
    if has_sms_mfa and not attributes.get("phone_number"):
        raise errors.FUNCTION_ANSWER()
    texts = {str(name): _text(value) for name, value in attributes.items()}
    return Migration(texts, status, events.flag(response, "forceAliasCreation"), has_sms_mfa)


def _text(value: Any) -> str:
    """Return the value of an attribute as text.

    Raises:
        CognitoError: it is a list, an object, or null.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, (str, int, float)):
        raise errors.FUNCTION_ANSWER()
    return str(value)
