"""Advice: each thing that can stop the scenario has its own next step."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any, cast

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError

from cognito_idp_actions import TOKENS, SoftwareTokenNotOfferedError, UnexpectedChallengeError
from scenario import advice
from scenario.advice import UnknownChallengeError
from scenario.answer_shape import UnusableAnswerError
from scenario.refusals import message_of

ROOT = Path(advice.__file__).parents[1]
COMMAND = re.compile(r"aws (--\S+ \S+ )*(cognito-idp|cloudformation)\b")
NOT_AUTHORIZED, INVALID = "NotAuthorizedException", "InvalidParameterException"

# What Cognito says, and a word of the advice that only the right row has.
REFUSALS = [
    ("ResourceNotFoundException", "User pool client 1h57kf5 does not exist.", "client ID"),
    ("ResourceNotFoundException", "User pool eu-west-1_AbC does not exist.", "user pool ID"),
    ("ResourceNotFoundException", "Device does not exist.", "confirm a new one"),
    (
        NOT_AUTHORIZED,
        "Client 1h57kf5 is configured with secret but SECRET_HASH was not received",
        "Set COGNITO_CLIENT_SECRET",
    ),
    (NOT_AUTHORIZED, "Unable to verify secret hash for client 1h57kf5", "Check COGNITO_CLIENT_SECRET"),
    (
        INVALID,
        "App client 1h57kf5 is not configured for secret but secret hash was received",
        "Unset COGNITO_CLIENT_SECRET",
    ),
    (NOT_AUTHORIZED, "SignUp is not permitted for this user pool", "AllowAdminCreateUserOnly=false"),
    (NOT_AUTHORIZED, "Password attempts exceeded", "wait 15 minutes"),
    (INVALID, "USER_AUTH flow not enabled for this client", "Add ALLOW_USER_AUTH"),
    (INVALID, "Password Challenge is Required to SignIn", "take another address"),
    ("WebAuthnNotEnabledException", "", "AllowedFirstAuthFactors"),
    ("WebAuthnConfigurationMissingException", "", "WebAuthnConfiguration"),
    ("WebAuthnOriginNotAllowedException", "", "is not one of"),
    (INVALID, "Auth flow not enabled for this client", "ExplicitAuthFlows"),
    (INVALID, "USER_PASSWORD_AUTH flow not enabled for this client", "ExplicitAuthFlows"),
    (INVALID, "Cannot resend codes. Auto verification not turned on.", "AutoVerifiedAttributes"),
    ("UserNotConfirmedException", "User is not confirmed.", "confirm it with the code"),
    ("PasswordResetRequiredException", "Password reset required for the user", "admin-set-user-password"),
    (NOT_AUTHORIZED, "User is disabled.", "admin-enable-user"),
    (NOT_AUTHORIZED, "Access Token has expired", "since the sign-in"),
    (NOT_AUTHORIZED, "Invalid session for the user, session is expired.", "answers got lost"),
    ("UserNotFoundException", "User does not exist.", "user was deleted"),
    (
        NOT_AUTHORIZED,
        "Temporary password has expired and must be reset by an administrator.",
        "Have a new one set",
    ),
    ("AliasExistsException", "An account with the given email already exists.", "a different one"),
    ("CodeDeliveryFailureException", "", "EmailConfiguration"),
    (
        "LimitExceededException",
        "Exceeded daily email limit for the operation or the account.",
        "tomorrow",
    ),
    ("LimitExceededException", "Attempt limit exceeded, please try after some time.", "wait an hour"),
    ("TooManyRequestsException", "Rate exceeded", "throttling"),
    (
        "SoftwareTokenMFANotFoundException",
        "Software Token MFA has not been enabled by the userPool.",
        "SoftwareTokenMfaConfiguration",
    ),
    ("AccessDeniedException", "User: arn is not authorized to perform this", "cognito-idp:SignUp"),
    ("UnrecognizedClientException", "The security token included in the request is invalid.", "aws sts"),
    ("ExpiredTokenException", "The security token included in the request is expired", "sign in to AWS"),
    ("InvalidSignatureException", "Signature expired: ...", "computer's clock"),
    ("MissingAuthenticationTokenException", "Missing Authentication Token", "aws configure"),
    ("InternalErrorException", "Something went wrong", "on its side"),
]
ENDPOINT = {"endpoint_url": "https://cognito-idp.eu-west-1.amazonaws.com/"}
FAILURES = [
    (exceptions.NoRegionError(), "AWS_DEFAULT_REGION"),
    (exceptions.NoCredentialsError(), "aws configure"),
    (exceptions.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"), "aws configure"),
    (exceptions.CredentialRetrievalError(provider="sso", error_msg="no"), "aws configure"),
    (exceptions.ProfileNotFound(profile="missing"), "AWS_PROFILE"),
    (exceptions.EndpointConnectionError(**ENDPOINT, error="no"), "region"),
    (exceptions.ConnectTimeoutError(**ENDPOINT), "region"),
    (exceptions.ReadTimeoutError(**ENDPOINT), "connection broke"),
    (exceptions.ConnectionClosedError(**ENDPOINT), "connection broke"),
    (exceptions.SSLError(**ENDPOINT, error=OSError("no")), "connection broke"),
    (exceptions.ProxyConnectionError(proxy_url="http://127.0.0.1:9"), "connection broke"),
    (exceptions.ParamValidationError(report="Unknown parameter"), "--upgrade boto3"),
    (UnusableAnswerError(action="SignUp", what="UserConfirmed is missing"), "check the endpoint"),
]


def refusal(code: str, message: str) -> ClientError:
    """Return a refusal as botocore raises it."""
    return ClientError({"Error": {"Code": code, "Message": message}}, "SignUp")


@pytest.mark.parametrize(("code", "message", "word"), REFUSALS)
def test_refusals(code: str, message: str, word: str) -> None:
    """Each refusal gets the advice of the first row that fits it."""
    assert word in advice.for_refusal(refusal(code, message))


def test_every_row_is_reached() -> None:
    """No row stands behind one that always wins: each advice is of use."""
    given = {advice.for_refusal(refusal(code, message)) for code, message, _ in REFUSALS}

    rows = [text for texts in advice._FOR_REFUSALS.values() for text in texts.values()]  # noqa: SLF001
    assert given == {text.format(action="SignUp") for text in rows}


SOURCES = [
    path for folder in ("scenario", "program", ".") for path in sorted(ROOT.joinpath(folder).glob("*.py"))
]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_commands_can_be_pasted(path: Path) -> None:
    """Wherever a command of the AWS CLI is shown that concerns a region, it says which."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    texts = [ast.unparse(node) for node in nodes if isinstance(node, ast.JoinedStr)]
    texts += [
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts
    ]

    commands = [text for text in texts if COMMAND.search(text)]

    assert [text for text in commands if "aws --region " not in text] == []
    if path.name in {"targets.py", "checks.py"}:  # where the commands are
        assert commands


def test_answer_of_another_user() -> None:
    """A refusal that has a number for its code is not Cognito's, but of something on the way."""
    assert "the proxy" in advice.for_refusal(refusal("502", "That was no answer of Cognito"))


def test_case_does_not_matter() -> None:
    """The words are found in Cognito's message however they are capitalised."""
    assert "SECRET" in advice.for_refusal(refusal(NOT_AUTHORIZED, "unable to verify SECRET HASH"))


@pytest.mark.parametrize(
    "error",
    [
        refusal("NobodyKnowsException", "User pool client SECRET_HASH"),
        refusal(NOT_AUTHORIZED, "Incorrect username or password."),
        refusal("ResourceNotFoundException", "Group not found."),
        ClientError({"Error": {"Code": INVALID}}, "SignUp"),
        ClientError(cast("Any", {"Error": {"Code": INVALID, "Message": None}}), "SignUp"),
    ],
)
def test_unknown_refusals_have_no_advice(error: ClientError) -> None:
    """Nothing is made up for a refusal that is in no row, or that has no message."""
    assert advice.for_refusal(error) == ""
    assert advice.explained(error)[0].endswith("(SignUp was refused)")


@pytest.mark.parametrize(("error", "word"), FAILURES, ids=lambda value: type(value).__name__)
def test_failures(error: Any, word: str) -> None:
    """Each way of not reaching Cognito gets its advice, the more special one first."""
    assert word in advice.for_failure(error)


def test_every_kind_of_failure_is_reached() -> None:
    """No kind of failure stands behind one that always wins."""
    assert {advice.for_failure(error) for error, _ in FAILURES} == {
        row[-1]
        for row in advice._FOR_CONNECTIONS  # noqa: SLF001 - nothing public tells it
    }


def test_unknown_failures_have_no_advice() -> None:
    """Nothing is made up for a failure that is in no row."""
    unknown = exceptions.UnknownServiceError(service_name="x", known_service_names="y")

    assert advice.for_failure(unknown) == ""


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("1 validation error detected: Value 'x' at 'code' failed to satisfy: y", "Value at 'code' failed"),
        (
            "Value 'a; 'b' at 'c'\n' at 'user' failed to satisfy: d; Value 'e' at 'f' failed to satisfy: g",
            "Value at 'user' failed to satisfy: d; Value at 'f' failed to satisfy: g",
        ),
        ("Value at 'password' failed to satisfy", "Value at 'password' failed to satisfy"),
        ("User already exists", "User already exists"),
    ],
)
def test_values_that_cognito_quotes_are_not_repeated(message: str, shown: str) -> None:
    """What was typed, perhaps a password at the wrong prompt, is in nothing that is said."""
    error = refusal(INVALID, message)

    assert shown in message_of(error)
    assert message_of(error) in advice.explained(error)[0]
    for value in ("'x'", "'a; ", "'e'"):
        assert value not in message_of(error)


def test_unknown_challenge() -> None:
    """A challenge that the scenario can't answer is named."""
    error = UnknownChallengeError({"ChallengeName": "CUSTOM_CHALLENGE"})

    assert "CUSTOM_CHALLENGE" in advice.for_sign_in(error)


@pytest.mark.parametrize(
    "error",
    [UnexpectedChallengeError("DEVICE_SRP_AUTH", TOKENS), SoftwareTokenNotOfferedError("Turn TOTP on.")],
)
def test_other_sign_in_errors_speak_for_themselves(
    error: SoftwareTokenNotOfferedError | UnexpectedChallengeError,
) -> None:
    """Nothing is added to an error whose own text says what to do."""
    assert advice.for_sign_in(error) == ""
