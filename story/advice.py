"""What to do next, for whatever stopped the story: one sentence for each error that a person can meet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from botocore import exceptions
from botocore.exceptions import ClientError

from cognito_idp_actions import SignInError, UnexpectedChallengeError
from question import EndOfInput
from terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from botocore.exceptions import BotoCoreError

# (error code, part of its message, what to do); the first row that fits is taken.
_FOR_REFUSALS: Sequence[tuple[str, str, str]] = (
    (
        "ResourceNotFoundException",
        "client",
        "Check the client ID, and that it belongs to this pool and region.",
    ),
    ("ResourceNotFoundException", "pool", "Check the user pool ID; the part before the _ is its region."),
    (
        "ResourceNotFoundException",
        "Device",
        "The device was forgotten: run the story again to confirm a new one.",
    ),
    ("NotAuthorizedException", "SECRET_HASH", "Set COGNITO_CLIENT_SECRET to the app client's secret."),
    (
        "NotAuthorizedException",
        "secret hash",
        "Check COGNITO_CLIENT_SECRET: it is not this app client's secret.",
    ),
    (
        "InvalidParameterException",
        "not configured for secret",
        "Unset COGNITO_CLIENT_SECRET: this client has none.",
    ),
    (
        "NotAuthorizedException",
        "SignUp is not permitted",
        "Turn on self-service sign-up: AdminCreateUserConfig, AllowAdminCreateUserOnly=false.",
    ),
    (
        "NotAuthorizedException",
        "attempts exceeded",
        "Too many wrong answers: wait 15 minutes, then run it again.",
    ),
    (
        "InvalidParameterException",
        "not enabled for",
        "Add ALLOW_ADMIN_USER_PASSWORD_AUTH and ALLOW_USER_PASSWORD_AUTH to the client's ExplicitAuthFlows.",
    ),
    (
        "InvalidParameterException",
        "Auto verification",
        "Let the pool verify e-mail addresses: add email to its AutoVerifiedAttributes.",
    ),
    (
        "NotAuthorizedException",
        "Invalid session",
        "The sign-in took too long, or its answers got lost: run the story again with the same user name.",
    ),
    (
        "UserNotConfirmedException",
        "",
        "Run the story again with this user name, and confirm it with the code.",
    ),
    (
        "PasswordResetRequiredException",
        "",
        "Set a new password first (aws cognito-idp admin-set-user-password).",
    ),
    (
        "NotAuthorizedException",
        "Access Token has expired",
        "Too much time has passed since the sign-in: run the story again with the same user name.",
    ),
    ("UserNotFoundException", "", "Somebody deleted the user meanwhile: run the story again."),
    ("NotAuthorizedException", "User is disabled", "Enable the user (aws cognito-idp admin-enable-user)."),
    (
        "NotAuthorizedException",
        "Temporary password has expired",
        "Have a new one set (aws cognito-idp admin-set-user-password).",
    ),
    ("AliasExistsException", "", "Another user has this e-mail address: sign up with a different one."),
    ("CodeDeliveryFailureException", "", "Cognito can't send e-mail: check the pool's EmailConfiguration."),
    (
        "LimitExceededException",
        "email limit",
        "Cognito's own sender allows 50 messages a day: try again tomorrow.",
    ),
    ("LimitExceededException", "", "That was tried too often: wait an hour, then run the story again."),
    ("TooManyRequestsException", "", "Cognito is throttling this account: wait a minute."),
    (
        "SoftwareTokenMFANotFoundException",
        "",
        "Turn TOTP on for the pool: SetUserPoolMfaConfig, SoftwareTokenMfaConfiguration Enabled=true.",
    ),
    (
        "AccessDenied",
        "",
        "Allow your IAM identity cognito-idp:{action}; resources/iam_policy.json has all that is needed.",
    ),
    (
        "UnrecognizedClientException",
        "",
        "Your AWS credentials are not valid: run `aws sts get-caller-identity` to see.",
    ),
    ("ExpiredToken", "", "Your AWS credentials have expired: sign in to AWS again."),
    ("InvalidSignatureException", "", "Check your AWS secret key, and this computer's clock."),
    ("MissingAuthenticationToken", "", "Set up AWS credentials: run `aws configure`."),
    ("InternalErrorException", "", "Cognito failed on its side: wait a minute."),
)

SECOND_FACTOR = "a second factor"  # what is expected where the story can answer several challenges

_FOR_CONNECTIONS: Sequence[tuple[tuple[type[BotoCoreError], ...], str]] = (
    (
        (
            exceptions.NoCredentialsError,
            exceptions.PartialCredentialsError,
            exceptions.CredentialRetrievalError,
        ),
        "Set up AWS credentials: run `aws configure`. Without IDs the story runs locally and needs none.",
    ),
    (
        (exceptions.NoRegionError,),
        "Set a region: run `aws configure`, or set AWS_DEFAULT_REGION.",
    ),
    ((exceptions.ProfileNotFound,), "Check AWS_PROFILE: `aws configure list-profiles` shows what there is."),
    (
        (exceptions.EndpointConnectionError, exceptions.ConnectTimeoutError),
        "Check the network, and the region: it is the part of the user pool ID before the _.",
    ),
    (
        (exceptions.ConnectionError, exceptions.HTTPClientError),
        "The connection broke: check the network.",
    ),
)


def explained(error: ClientError | BotoCoreError | SignInError | EndOfInput) -> tuple[str, str]:
    """Return what stopped the story, in one line, and what to do about it."""
    if isinstance(error, ClientError):
        details = error.response["Error"]
        what = f"{error.operation_name} was refused: {details['Code']}: {message_of(error)}"
        return what, for_refusal(error)
    if isinstance(error, EndOfInput):
        return str(error), "Answer it at a terminal, or give one line of input for each question."
    if isinstance(error, SignInError):
        return str(error), for_sign_in(error)
    return str(error), for_failure(error)


def message_of(error: ClientError) -> str:
    """Return Cognito's message without the values that it quotes: one may be a password, typed too early."""
    message = error.response["Error"].get("Message") or ""
    return re.sub(r"Value '.*?' at (?='\w+' failed to satisfy)", "Value at ", message, flags=re.DOTALL)


def stopped(what: str, what_to_do: str = "", status: int = 1) -> int:
    """Say on standard error what stopped the program, and what to do about it; return the exit status."""
    screen = Terminal(stderr=True)
    screen.say()
    screen.warn(what)
    if what_to_do:
        screen.hint(what_to_do)
    return status


def for_refusal(error: ClientError) -> str:
    """Return what to do after Cognito refused something, or an empty string when nothing is known."""
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message") or ""
    for row_code, part, advice in _FOR_REFUSALS:
        if code.startswith(row_code) and part.casefold() in message.casefold():
            return advice.format(action=error.operation_name)
    if code.isdigit():  # an HTTP status: the answer was not Cognito's
        return "Somebody between here and Cognito answered: check the network, and the proxy if there is one."
    return ""


def for_failure(error: BotoCoreError) -> str:
    """Return what to do when Cognito could not be asked, or an empty string when nothing is known."""
    for kinds, advice in _FOR_CONNECTIONS:
        if isinstance(error, kinds):
            return advice
    return ""


def for_sign_in(error: SignInError) -> str:
    """Return what to do about an answer that the story can't go on with, where its text doesn't say that."""
    if isinstance(error, UnexpectedChallengeError) and error.expected == SECOND_FACTOR:
        return f"The story has no answer to {error.received}: choose a user or an app client without it."
    return ""
