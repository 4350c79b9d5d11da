"""Reading Cognito's refusals: the only place of the program that compares error codes and messages.

Each function answers one question about a `ClientError`; what follows from the answer is decided elsewhere.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from botocore import exceptions
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError

_INCORRECT = ("NotAuthorizedException", "Incorrect username or password.")
# Cognito writes: Value 'what was sent' at 'password' failed to satisfy constraint
_QUOTED_VALUE = "Value '"
_QUOTED_VALUE_END = re.compile(r"' at (?='\w+' failed to satisfy)")
_LONGEST_MESSAGE = 2000  # characters; Cognito's own have a few hundred at most
_THROTTLED = {"TooManyRequestsException", "ThrottlingException", "RequestLimitExceeded"}


class RefusedAfterFailuresError(ClientError):
    """A refusal that came after attempts of the same call had failed.

    The answer to one of them may have got lost, so what is refused now may have been done already.
    """

    def __init__(self, refusal: ClientError) -> None:
        super().__init__(refusal.response, refusal.operation_name)


def code_of(error: ClientError) -> str:
    """Return the error code, such as `NotAuthorizedException`."""
    return error.response["Error"]["Code"]


def message_of(error: ClientError) -> str:
    """Return Cognito's message without the values that it quotes: one may be a password, typed too early."""
    message = error.response["Error"].get("Message") or ""
    parts, done, searched = [], 0, 0
    # No part of the message is searched twice: what is sent as one may be long, and made to take long.
    for end in _QUOTED_VALUE_END.finditer(message):
        begin = message.find(_QUOTED_VALUE, searched, end.start())
        searched = max(end.start() - len(_QUOTED_VALUE), searched)
        if begin >= 0:
            parts += [message[done:begin], "Value at "]
            done = searched = end.end()
    text = "".join([*parts, message[done:]])
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[:_LONGEST_MESSAGE]} ..."


def says(error: ClientError, part: str) -> bool:
    """Tell whether Cognito's message has these words in it, in any case."""
    return part.casefold() in (error.response["Error"].get("Message") or "").casefold()


def fits(error: ClientError, code: str, part: str) -> bool:
    """Tell whether an error has a code that begins like this, and these words in its message."""
    return code_of(error).startswith(code) and says(error, part)


# Whether another attempt helps


def is_transient(error: ClientError | BotoCoreError) -> bool:
    """Tell whether the same call may go well later: after no answer, throttling, or a server's error."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= HTTPStatus.INTERNAL_SERVER_ERROR or code_of(error) in _THROTTLED
    return isinstance(error, exceptions.ConnectionError | exceptions.HTTPClientError)


def is_after_lost_answer(error: ClientError) -> bool:
    """Tell whether an earlier attempt of the call, its answer lost, may have been accepted."""
    attempts = error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0)
    return isinstance(error, RefusedAfterFailuresError) or attempts > 0


def is_attempt_limit(error: ClientError) -> bool:
    """Tell whether something was asked for too often; that lasts up to an hour."""
    return code_of(error) == "LimitExceededException"


def is_access_denied(error: ClientError) -> bool:
    """Tell whether IAM does not let the caller use an action."""
    return code_of(error) in {"AccessDeniedException", "AccessDenied"}


def is_no_answer_of_cognito(error: ClientError) -> bool:
    """Tell whether a proxy or the like answered: botocore then takes the HTTP status for the error code."""
    return code_of(error).isdigit()


# The app client's secret


def is_wrong_client_secret(error: ClientError) -> bool:
    """Tell whether the app client has a secret that was not sent, or another one."""
    return says(error, "SECRET_HASH was not received") or says(error, "Unable to verify secret hash")


def is_needless_client_secret(error: ClientError) -> bool:
    """Tell whether a secret hash was sent for an app client that has no secret."""
    return says(error, "is not configured for secret")


# Signing up


def is_name_taken(error: ClientError) -> bool:
    """Tell whether a user of that name, or with that alias, exists."""
    return code_of(error) == "UsernameExistsException"


def is_about_password(error: ClientError) -> bool:
    """Tell whether the password was refused."""
    return code_of(error) == "InvalidPasswordException" or fits(error, "InvalidParameter", "password")


def is_about_user_name(error: ClientError) -> bool:
    """Tell whether the user name was refused."""
    return fits(error, "InvalidParameterException", "username")


def is_about_email(error: ClientError) -> bool:
    """Tell whether the e-mail address was refused, or belongs to another user."""
    return fits(error, "InvalidParameterException", "email") or says(error, "given email")


def is_confirmed_already(error: ClientError) -> bool:
    """Tell whether the user needs no confirmation any more."""
    return says(error, "Current status is CONFIRMED") or says(error, "already confirmed")


def is_confirmation_limit(error: ClientError) -> bool:
    """Tell whether Cognito takes no confirmation code for a while, not even the right one."""
    return is_attempt_limit(error) or code_of(error) == "TooManyFailedAttemptsException"


def is_wrong_sent_code(error: ClientError) -> bool:
    """Tell whether a code that Cognito had sent was wrong, or has expired."""
    return code_of(error) in {"CodeMismatchException", "ExpiredCodeException"}


def is_malformed(error: ClientError) -> bool:
    """Tell whether the value was malformed."""
    return code_of(error) == "InvalidParameterException"


# Signing in


def is_wrong_password(error: ClientError) -> bool:
    """Tell whether user name and password, or a device's proof, don't belong together."""
    return (code_of(error), message_of(error)) == _INCORRECT


def is_used_proof(error: ClientError) -> bool:
    """Tell whether a device's proof was refused that an attempt before, its answer lost, had used up."""
    is_proof = error.operation_name == "RespondToAuthChallenge"
    return is_proof and is_wrong_password(error) and is_after_lost_answer(error)


def is_locked(error: ClientError) -> bool:
    """Tell whether Cognito refuses every answer for a while, after too many wrong ones."""
    return fits(error, "NotAuthorizedException", "attempts exceeded")


def is_session_over(error: ClientError) -> bool:
    """Tell whether a challenge's session expired or was used up, so that signing in again helps."""
    return code_of(error) == "NotAuthorizedException" and message_of(error).startswith("Invalid session")


def is_token_expired(error: ClientError) -> bool:
    """Tell whether an access token expired, so that signing in again helps."""
    return (code_of(error), message_of(error)) == ("NotAuthorizedException", "Access Token has expired")


def is_refresh_refused(error: ClientError) -> bool:
    """Tell whether a refresh token, its device, or refreshing as such was refused."""
    is_unsupported = code_of(error) in {"UnsupportedOperationException", "InvalidParameterException"}
    return is_unsupported or fits(error, "NotAuthorizedException", "refresh")


def is_wrong_mfa_code(error: ClientError) -> bool:
    """Tell whether a code was not the one that the authenticator app shows."""
    return code_of(error) in {"CodeMismatchException", "EnableSoftwareTokenMFAException"}


def is_used_mfa_code(error: ClientError) -> bool:
    """Tell whether a code of the authenticator app was used before; each works once."""
    return code_of(error) == "ExpiredCodeException"


def is_totp_off(error: ClientError) -> bool:
    """Tell whether the pool lets nobody enrol an authenticator app."""
    return code_of(error) in {"SoftwareTokenMFANotFoundException", "InvalidParameterException"}


# Passkeys


def is_registration_over(error: ClientError) -> bool:
    """Tell whether the challenge of a registration expired or was used up."""
    return code_of(error) == "WebAuthnChallengeNotFoundException"


def is_passkey_refused(error: ClientError) -> bool:
    """Tell whether an answer to WEB_AUTHN was refused for its signed data or its signer."""
    is_about_answer = code_of(error) == "NotAuthorizedException" and not is_session_over(error)
    return is_about_answer and not is_locked(error)


def is_choice_refused(error: ClientError) -> bool:
    """Tell whether the chosen challenge is not one that the user can pass."""
    return says(error, "selected challenge is not available")


# Devices, and removing things


def is_device_known(error: ClientError) -> bool:
    """Tell whether the device was confirmed before."""
    return code_of(error) == "DeviceKeyExistsException"


def is_gone(error: ClientError) -> bool:
    """Tell whether the user or device does not exist any more."""
    return code_of(error) in {"ResourceNotFoundException", "UserNotFoundException"}
