"""Advice for each error that can stop the scenario, in one sentence."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError

from cognito_idp_actions import SignInError, UnexpectedChallengeError
from question import EndOfInput
from scenario.answer_shape import UnusableAnswerError
from scenario.refusals import code_of, fits, is_no_answer_of_cognito, message_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

STOPPING = (EndOfInput, ClientError, BotoCoreError, SignInError)  # the errors that can stop the scenario

# The refusals: by error code, or how it begins, and a part of the message; the first row that fits is taken.
_FOR_REFUSALS: Final[Mapping[str, Mapping[str, str]]] = {
    "ResourceNotFoundException": {
        "client": "Check the client ID, and that it belongs to this pool and region.",
        "pool": "Check the user pool ID; the part before the _ is its region.",
        "Device": "The device was forgotten: run the scenario again to confirm a new one.",
    },
    "NotAuthorizedException": {
        "SECRET_HASH": "Set COGNITO_CLIENT_SECRET to the app client's secret.",
        "secret hash": "Check COGNITO_CLIENT_SECRET: it is not this app client's secret.",
        "SignUp is not permitted": "Turn on self-service sign-up: AdminCreateUserConfig, "
        "AllowAdminCreateUserOnly=false.",
        "attempts exceeded": "Too many wrong answers: wait 15 minutes, then run it again.",
        "Invalid session": "The sign-in took too long, or its answers got lost: run the scenario again with "
        "the same user name.",
        "Access Token has expired": "Too much time has passed since the sign-in: run the scenario again "
        "with the same user name.",
        "User is disabled": "Enable the user: in the console, or with admin-enable-user of the AWS CLI.",
        "Temporary password has expired": "Have a new one set: in the console, or with "
        "admin-set-user-password of the AWS CLI.",
    },
    "InvalidParameterException": {
        "not configured for secret": "Unset COGNITO_CLIENT_SECRET: this client has none.",
        "USER_AUTH flow not enabled": "Add ALLOW_USER_AUTH to the client's ExplicitAuthFlows.",
        "Password Challenge is Required": "This user has a second factor, and signs in by password: take "
        "another address, or turn that off.",
        "not enabled for": "Add ALLOW_ADMIN_USER_PASSWORD_AUTH and ALLOW_USER_PASSWORD_AUTH to the client's "
        "ExplicitAuthFlows.",
        "Auto verification": "Let the pool verify e-mail addresses: add email to its AutoVerifiedAttributes.",
    },
    "WebAuthnNotEnabledException": {
        "": "Let users sign in by passkeys: add WEB_AUTHN to the pool's AllowedFirstAuthFactors.",
    },
    "WebAuthnConfigurationMissingException": {
        "": "Give the pool a RelyingPartyId: SetUserPoolMfaConfig, WebAuthnConfiguration.",
    },
    "WebAuthnOriginNotAllowedException": {
        "": "The page that made the passkey is not one of the pool's RelyingPartyId: check that setting.",
    },
    "UserNotConfirmedException": {
        "": "Run the scenario again with this user name, and confirm it with the code.",
    },
    "PasswordResetRequiredException": {
        "": "Set a new password first: in the console, or with admin-set-user-password of the AWS CLI.",
    },
    "UserNotFoundException": {
        "": "The user was deleted meanwhile: run the scenario again.",
    },
    "AliasExistsException": {
        "": "Another user has this e-mail address: sign up with a different one.",
    },
    "CodeDeliveryFailureException": {
        "": "Cognito can't send e-mail: check the pool's EmailConfiguration.",
    },
    "LimitExceededException": {
        "email limit": "Cognito's own sender allows 50 messages a day: try again tomorrow.",
        "": "That was tried too often: wait an hour, then run the scenario again.",
    },
    "TooManyRequestsException": {
        "": "Cognito is throttling this account: wait a minute.",
    },
    "SoftwareTokenMFANotFoundException": {
        "": "Turn TOTP on for the pool: SetUserPoolMfaConfig, SoftwareTokenMfaConfiguration Enabled=true.",
    },
    "AccessDenied": {
        "": "Allow your IAM identity cognito-idp:{action}; resources/iam_policy.json has all that is needed.",
    },
    "UnrecognizedClientException": {
        "": "Your AWS credentials are not valid: run `aws sts get-caller-identity` to see.",
    },
    "ExpiredToken": {
        "": "Your AWS credentials have expired: sign in to AWS again.",
    },
    "InvalidSignatureException": {
        "": "Check your AWS secret key, and this computer's clock.",
    },
    "MissingAuthenticationToken": {
        "": "Set up AWS credentials: run `aws configure`.",
    },
    "InternalErrorException": {
        "": "Cognito failed on its side: wait a minute.",
    },
}

_FOR_CONNECTIONS: Sequence[tuple[tuple[type[BotoCoreError], ...], str]] = (
    (
        (
            exceptions.NoCredentialsError,
            exceptions.PartialCredentialsError,
            exceptions.CredentialRetrievalError,
        ),
        "Set up AWS credentials: run `aws configure`. Without IDs the scenario runs locally and needs none.",
    ),
    (
        (exceptions.NoRegionError,),
        "Set a region: run `aws configure`, or set AWS_DEFAULT_REGION.",
    ),
    ((exceptions.ProfileNotFound,), "Check AWS_PROFILE: `aws configure list-profiles` shows what there is."),
    (
        (exceptions.ParamValidationError,),
        "This boto3 may be older than that parameter: pip install --upgrade boto3",
    ),
    (
        (UnusableAnswerError,),
        "Something other than Cognito may have answered: check the endpoint and the network.",
    ),
    (
        (exceptions.EndpointConnectionError, exceptions.ConnectTimeoutError),
        "Check the network, and the region: it is the part of the user pool ID before the _.",
    ),
    (
        (exceptions.ConnectionError, exceptions.HTTPClientError),
        "The connection broke: check the network.",
    ),
)


class UnknownChallengeError(UnexpectedChallengeError):
    """Cognito asks for something that the scenario has no answer to.

    Args:
        answer: Cognito's answer to the sign-in.
    """

    def __init__(self, answer: Mapping[str, Any]) -> None:
        parameters = answer.get("ChallengeParameters", {})
        super().__init__("a second factor", answer.get("ChallengeName"), parameters)


def explained(error: ClientError | BotoCoreError | SignInError | EndOfInput) -> tuple[str, str]:
    """Return what stopped the scenario, in one line, and what to do about it."""
    if isinstance(error, ClientError):
        message = f": {message_of(error)}" if message_of(error) else ""
        return f"{code_of(error)}{message} ({error.operation_name} was refused)", for_refusal(error)
    if isinstance(error, EndOfInput):
        is_at_terminal = sys.stdin is not None and sys.stdin.isatty()
        otherwise = "Answer it at a terminal, or give one line of input for each question."
        return str(error), "Run it again, and answer the question." if is_at_terminal else otherwise
    if isinstance(error, SignInError):
        return str(error), for_sign_in(error)
    return str(error), for_failure(error)


def for_refusal(error: ClientError) -> str:
    """Return what to do after Cognito refused something, or an empty string when nothing is known."""
    for code, rows in _FOR_REFUSALS.items():
        for part, advice in rows.items():
            if fits(error, code, part):
                return advice.format(action=error.operation_name)
    if is_no_answer_of_cognito(error):
        return "Something on the way to Cognito answered: check the network, and the proxy if there is one."
    return ""


def for_failure(error: BotoCoreError) -> str:
    """Return what to do when Cognito could not be asked, or an empty string when nothing is known."""
    for kinds, advice in _FOR_CONNECTIONS:
        if isinstance(error, kinds):
            return advice
    return ""


def for_sign_in(error: SignInError) -> str:
    """Return what to do about an answer that the scenario can't go on with, unless its text says so."""
    if isinstance(error, UnknownChallengeError):
        return f"The scenario has no answer to {error.received}: choose a user or an app client without it."
    return ""
