"""Amazon Cognito user pools: one method for each action, from sign-up to the last sign-out.

`CognitoIdentityProviderWrapper` sends requests through a boto3 client and returns what Cognito answers. It
never prints and never asks. It is one file that may be copied: boto3 is all it needs.
"""

# mypy: disable-error-code="no-any-return"
# Each method gives the answer of its action a type; `call` returns JSON.

from __future__ import annotations

import base64
import hmac
import inspect
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, cast

from botocore import UNSIGNED  # type: ignore[import-untyped,unused-ignore]
from botocore.exceptions import (  # type: ignore[import-untyped,unused-ignore]
    ClientError,
    NoCredentialsError,
    PaginationError,
)

if TYPE_CHECKING:
    # boto3-stubs, where it is installed; without it these types are Any, and nothing else is missing.
    from mypy_boto3_cognito_idp import (  # type: ignore[import-not-found,unused-ignore]
        CognitoIdentityProviderClient,
        literals,
        type_defs,
    )
    from mypy_boto3_cognito_idp.type_defs import (  # type: ignore[import-not-found,unused-ignore]
        AuthenticationResultTypeTypeDef,
        DeviceSecretVerifierConfigTypeTypeDef,
    )
    from typing_extensions import Unpack
else:
    import typing

    class _Alike:
        """Has one type by every name: for annotations that are resolved at run time, as by pydantic."""

        def __init__(self, kind: Any) -> None:
            self.kind = kind

        def __getattr__(self, name: str) -> Any:
            return self.kind

        __getitem__ = __getattr__

    literals, type_defs = _Alike(str), _Alike(dict[str, Any])
    AuthenticationResultTypeTypeDef = DeviceSecretVerifierConfigTypeTypeDef = dict[str, Any]
    CognitoIdentityProviderClient = Any
    Unpack = getattr(typing, "Unpack", _Alike(Any))  # since Python 3.11

Attributes = Mapping[str, str]
Metadata = Mapping[str, str]
Json = Mapping[str, Any]
T = TypeVar("T")
MfaSettings = Mapping[str, Any]  # {"Enabled": True, "PreferredMfa": True}; passkeys have no PreferredMfa


class Options(TypedDict, total=False):
    """What many actions take: `client_metadata` is for the pool's Lambda triggers."""

    client_metadata: Metadata | None


class UserOptions(Options, total=False):
    """What the user's own actions take: `{"AnalyticsEndpointId": ...}`, `{"IpAddress": ...}`."""

    analytics_metadata: Metadata | None
    user_context_data: Json | None


class AdminOptions(Options, total=False):
    """What a server's actions take: for Amazon Pinpoint, and for threat protection."""

    analytics_metadata: Metadata | None
    context_data: Json | None


class AuthOptions(UserOptions, total=False):
    """What InitiateAuth takes besides."""

    session: str | None


class AdminAuthOptions(AdminOptions, total=False):
    """What AdminInitiateAuth takes besides."""

    session: str | None


class SignUpOptions(UserOptions, total=False):
    """What SignUp takes besides: `validation_data` is for the pre sign-up trigger alone."""

    validation_data: Attributes | None


class ConfirmSignUpOptions(AuthOptions, total=False):
    """What ConfirmSignUp takes besides: whether it takes an alias over from another user."""

    force_alias_creation: bool | None


class CreateUserOptions(Options, total=False):
    """What AdminCreateUser takes besides.

    Attributes:
        temporary_password: for the first sign-in; without one, Cognito makes it and sends it.
        message_action: "SUPPRESS" sends no invitation, "RESEND" sends it once more.
        desired_delivery_mediums: "EMAIL", "SMS", or both; Cognito's default is SMS.
        force_alias_creation: take over an alias, such as an e-mail address, from another user.
        validation_data: for the pre sign-up trigger alone.
    """

    temporary_password: str | None
    message_action: literals.MessageActionTypeType | None
    desired_delivery_mediums: Sequence[literals.DeliveryMediumTypeType] | None
    force_alias_creation: bool | None
    validation_data: Attributes | None


class GroupOptions(TypedDict, total=False):
    """What a group has besides its name; the lowest precedence gives a user's preferred role."""

    description: str | None
    role_arn: str | None
    precedence: int | None


class RevokeOptions(TypedDict, total=False):
    """What revoking takes besides."""

    revoke_associated_sessions: bool | None


logger = logging.getLogger(__name__)
logger.addHandler(logging.NullHandler())  # silent unless the program that uses this sets up logging

TOKENS = "tokens"  # in place of a challenge name, for the answer that ends a sign-in
_TOTP: literals.ChallengeNameTypeType = "SOFTWARE_TOKEN_MFA"
_PASSWORD_PROOF: literals.ChallengeNameTypeType = "PASSWORD_VERIFIER"  # noqa: S105
_DEVICE_SRP: literals.ChallengeNameTypeType = "DEVICE_SRP_AUTH"
_DEVICE_PROOF: literals.ChallengeNameTypeType = "DEVICE_PASSWORD_VERIFIER"
_NAME_TAKEN = "UsernameExistsException"
_SERVER_VALUES = ("SALT", "SRP_B", "SECRET_BLOCK")
_POOLS_A_PAGE = 60  # the maximum of ListUserPools, which requires MaxResults
# Refusals that users cause every day; they are logged at INFO, all others at ERROR.
_EVERYDAY_REFUSALS = {
    "AliasExistsException",
    "CodeMismatchException",
    "EnableSoftwareTokenMFAException",
    "ExpiredCodeException",
    "InvalidPasswordException",
    "NotAuthorizedException",
    "PasswordHistoryPolicyViolationException",
    "PasswordResetRequiredException",
    "UserNotConfirmedException",
    "UserNotFoundException",
    _NAME_TAKEN,
}

# Advice, by what Cognito answered instead of asking for the device's proof.
_INSTEAD_OF_DEVICE_SRP: dict[str, str] = {
    **dict.fromkeys(
        (_TOTP, "SMS_MFA", "EMAIL_OTP", "SELECT_MFA_TYPE"),
        " The device is not remembered, or this pool does not let a remembered device replace MFA: check"
        " UpdateDeviceStatus, and ChallengeRequiredOnNewDevice in the pool's DeviceConfiguration.",
    ),
    "MFA_SETUP": " Set up MFA and confirm a device first.",
    "NEW_PASSWORD_REQUIRED": " Set a new password first.",
    TOKENS: " No proof was asked for: check that the pool's DeviceConfiguration is set.",
}


class SignInAnswer(TypedDict, total=False):
    """What Cognito answers in the course of a sign-in: the next challenge, or tokens.

    Each field is there only when it says something.

    Attributes:
        ChallengeName: the next challenge; absent, or empty, when the sign-in is over.
        ChallengeParameters: details of the challenge; lists and objects among the values are JSON text.
        Session: stands for this sign-in in the next request; good once, for 3 to 15 minutes.
        AuthenticationResult: the tokens.
        AvailableChallenges: the challenges to choose from, in choice-based sign-in.
        SecretCode: the TOTP secret, which `start_sign_in` adds on MFA_SETUP.
    """

    ChallengeName: literals.ChallengeNameTypeType
    ChallengeParameters: dict[str, str]
    Session: str
    AuthenticationResult: AuthenticationResultTypeTypeDef
    AvailableChallenges: list[literals.ChallengeNameTypeType]
    SecretCode: str


class SignInError(RuntimeError):
    """A sign-in can't go on, although Cognito refused nothing: the base of this module's errors."""


class UnexpectedChallengeError(SignInError):
    """Cognito answered with another challenge than the one that the step expects.

    Attributes:
        expected: name of the challenge that would have been right, or `"tokens"`.
        received: name of the challenge that came, `"tokens"` when the sign-in ended with tokens instead, None
            when the answer held neither.
    """

    def __init__(self, expected: str, received: str | None, parameter_names: Iterable[str] = ()) -> None:
        self._parameter_names = tuple(sorted(parameter_names))
        names = ", ".join(self._parameter_names) or "none"
        advice = _INSTEAD_OF_DEVICE_SRP.get(received or "", "") if expected == _DEVICE_SRP else ""
        super().__init__(
            f"Expected {expected}, but Cognito answered with {received or 'no challenge'}"
            f" (challenge parameters: {names}).{advice}"
        )
        self.expected = expected
        self.received = received

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.expected, self.received, self._parameter_names)


class SoftwareTokenNotOfferedError(SignInError):
    """The user must set up MFA, and the user pool offers no authenticator app (TOTP) for it."""


class UnsafeSrpValueError(SignInError, ValueError):
    """An SRP value is missing, malformed, or one that RFC 5054 (sections 2.5.3 and 2.5.4) says to refuse."""


class PasswordProof:
    """One SRP exchange that proves a user's password without sending it.

    `CognitoIdentityProviderWrapper.password_proof` makes it; each is good for one sign-in.
    """

    def __init__(self, aws_srp: ModuleType, srp: Any, user_name: str) -> None:
        self._aws_srp = aws_srp
        self._srp = srp
        self._user_name = user_name

    def public_value(self) -> dict[str, str]:
        """Return `SRP_A` (A = g^a mod N, hexadecimal), for AuthParameters or a SELECT_CHALLENGE."""
        return {"SRP_A": self._srp.get_auth_params()["SRP_A"]}

    def claim(self, challenge: SignInAnswer) -> dict[str, str]:
        """Return the responses to PASSWORD_VERIFIER: the signature, its time, and the secret block.

        Raises:
            UnexpectedChallengeError: `challenge` is another one.
            UnsafeSrpValueError: Cognito's SRP values must not be used.
        """
        _check_challenge(challenge, _PASSWORD_PROOF)
        name = challenge_user_name(challenge, self._user_name)
        return _proof(self._aws_srp, self._srp, challenge, {"USER_ID_FOR_SRP": name})


class DeviceProof:
    """One SRP exchange that proves a device's password without sending it.

    `CognitoIdentityProviderWrapper.device_proof` makes it; each is good for one sign-in.
    """

    def __init__(self, aws_srp: ModuleType, srp: Any, device_key: str, device_group_key: str) -> None:
        self._aws_srp = aws_srp
        self._srp = srp
        self._device_key = device_key
        self._device_group_key = device_group_key

    def public_value(self, challenge: SignInAnswer) -> dict[str, str]:
        """Return the responses to DEVICE_SRP_AUTH: `SRP_A` (A = g^a mod N, hexadecimal) and `DEVICE_KEY`.

        Raises:
            UnexpectedChallengeError: `challenge` is another one.
        """
        _check_challenge(challenge, _DEVICE_SRP)
        return {"DEVICE_KEY": self._device_key, "SRP_A": self._srp.get_auth_params()["SRP_A"]}

    def claim(self, challenge: SignInAnswer) -> dict[str, str]:
        """Return the responses to DEVICE_PASSWORD_VERIFIER: the signature, its time, and the secret block.

        Raises:
            UnexpectedChallengeError: `challenge` is another one.
            UnsafeSrpValueError: Cognito's SRP values must not be used.
        """
        _check_challenge(challenge, _DEVICE_PROOF)
        device = self._device_group_key + self._device_key
        proof = _proof(self._aws_srp, self._srp, challenge, {"USERNAME": device, "USER_ID_FOR_SRP": device})
        return {**proof, "DEVICE_KEY": self._device_key}


def secret_hash(user_name: str, client_id: str, client_secret: str) -> str:
    """Return the secret hash that an app client with a secret must send.

    Base64 of HMAC-SHA256, keyed with the client secret, over user name and client ID, all UTF-8. Source:
    Amazon Cognito Developer Guide, "Computing secret hash values". `user_name` must be the very name that the
    same request sends as `Username` or `USERNAME`.
    """
    digest = hmac.digest(client_secret.encode(), (user_name + client_id).encode(), "sha256")
    return base64.b64encode(digest).decode()


def error_code(error: BaseException) -> str:
    """Return the code of a refusal, such as "NotAuthorizedException"; empty text for any other exception."""
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""


def challenge_user_name(answer: Mapping[str, Any], user_name: str) -> str:
    """Return the user name to go on with after an answer of a sign-in; `user_name` when it gives none."""
    parameters = answer.get("ChallengeParameters") or {}
    return str(parameters.get("USER_ID_FOR_SRP") or parameters.get("USERNAME") or user_name)


def attributes_of(answer: Mapping[str, Any]) -> dict[str, str]:
    """Return a user's attributes, `{"email": ..., "custom:tenant": ...}`, or a device's.

    Args:
        answer: the answer of GetUser or AdminGetUser, a user of ListUsers, or a device of ListDevices.
    """
    lists = (answer.get(name) for name in ("UserAttributes", "Attributes", "DeviceAttributes"))
    return {item["Name"]: item.get("Value", "") for attributes in lists for item in attributes or ()}


def _showing_options(cls: type[T]) -> type[T]:
    """Let `help` and `inspect.signature` show the keywords that a method takes as its options."""
    for method in vars(cls).values():
        kind = getattr(method, "__annotations__", {}).get("options", "")
        if kind:
            options = globals()[kind.removeprefix("Unpack[").removesuffix("]")].__annotations__
            shown = inspect.signature(method)
            named = [shown.parameters[name] for name in shown.parameters if name != "options"]
            named += [
                inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=type_)
                for name, type_ in options.items()
            ]
            method.__signature__ = shown.replace(parameters=named)
    return cls


@_showing_options
class CognitoIdentityProviderWrapper:
    """The actions of one user pool, for one app client.

    A method with boto3's name takes the fields of that action and returns Cognito's answer; the others say
    which actions they combine. Pool ID, client ID, client secret and secret hash are filled in; an argument
    of None is not sent. Answers are of mypy_boto3_cognito_idp's types, without `ResponseMetadata`; lists have
    the items of all pages. Attributes go in as a mapping, such as `{"email": ..., "custom:tenant": ...}`, and
    come out as one by `attributes_of`.

    Many methods take further keywords, their action's other fields: `client_metadata` for the pool's Lambda
    triggers; `user_context_data` or `context_data`, such as `{"IpAddress": ...}`, for threat protection;
    `analytics_metadata`, `{"AnalyticsEndpointId": ...}`. `help` shows which.

    When Cognito refuses, every method raises botocore's `ClientError` unchanged, after one log line with the
    action and the error code; Cognito's message, which may quote a secret, is in the exception alone.

    A person may sign in with an alias, such as an e-mail address. Cognito's first answer then gives the real
    user name, and only that one is right from there on: `challenge_user_name` reads it from the answer.

    Args:
        cognito_idp_client: a boto3 `cognito-idp` client. Actions with an access token, those of sign-up, of
            InitiateAuth and of forgotten passwords need no AWS credentials; all others do, and so do
            `start_sign_in`, `respond_to_mfa_challenge`, and `sign_up_user` for a name that exists.
        user_pool_id: ID of the user pool, such as `eu-west-1_AbCdEf123`.
        client_id: ID of an app client of that pool.
        client_secret: secret of that app client, if it has one. It may be set later, by its attribute.
    """

    def __init__(
        self,
        cognito_idp_client: CognitoIdentityProviderClient,
        user_pool_id: str,
        client_id: str,
        client_secret: str | None = None,
    ) -> None:
        self.cognito_idp_client = cognito_idp_client
        self.user_pool_id = user_pool_id
        self.client_id = client_id
        self.client_secret = client_secret

    def call(self, operation: str, /, **fields: Any) -> Any:
        """Send one request, and return Cognito's answer without `ResponseMetadata`.

        Every request of every method goes through here: override it in a subclass to observe, retry, show, or
        answer them. A refusal is logged in one line: at level INFO where users cause it (a wrong password, a
        name that exists), else at level ERROR.

        Args:
            operation: the client's method, such as "admin_initiate_auth".
            fields: the request's fields by Cognito's names, such as `UserPoolId`.

        Raises:
            ClientError: Cognito refused the request.
            TypeError: the client is one for asyncio, whose methods are awaited.
        """
        try:
            answer = getattr(self.cognito_idp_client, operation)(**fields)
        except ClientError as error:
            code = error_code(error)
            level = logging.INFO if code in _EVERYDAY_REFUSALS else logging.ERROR
            # A traceback would repeat Cognito's message, which may quote a secret.
            logger.log(level, "%s was refused: %s", error.operation_name, code)
            raise
        if inspect.isawaitable(answer):
            if inspect.iscoroutine(answer):
                answer.close()
            raise TypeError("This client has to be awaited (aioboto3, aiobotocore): give a client of boto3.")
        return {field: value for field, value in answer.items() if field != "ResponseMetadata"}

    # The pool

    def describe_user_pool(self) -> type_defs.DescribeUserPoolResponseTypeDef:
        """Return the pool's settings, in `UserPool`; whether TOTP is on is not among them."""
        return self._send("describe_user_pool", **self._pool())

    def get_user_pool_mfa_config(self) -> type_defs.GetUserPoolMfaConfigResponseTypeDef:
        """Return whether MFA is off, optional or on, and the factors that were ever configured."""
        return self._send("get_user_pool_mfa_config", **self._pool())

    def describe_user_pool_client(self) -> type_defs.DescribeUserPoolClientResponseTypeDef:
        """Return the app client's settings, in `UserPoolClient`; its secret is among them if it has one."""
        return self._send("describe_user_pool_client", **self._client())

    def list_user_pools(self) -> list[type_defs.UserPoolDescriptionTypeTypeDef]:
        """Return the pools of the account in this region: `Id`, `Name`, and more."""
        return list(self._items("list_user_pools", "UserPools", MaxResults=_POOLS_A_PAGE))

    def add_user_pool_client_secret(self, *, client_secret: str | None = None) -> dict[str, Any]:
        """Give the app client a second secret; `ClientSecretDescriptor` has it if Cognito made it."""
        return self._send("add_user_pool_client_secret", **self._client(), ClientSecret=client_secret)

    def list_user_pool_client_secrets(self) -> list[dict[str, Any]]:
        """Return the app client's secrets: `ClientSecretId` and dates, not the secrets themselves."""
        return list(self._items("list_user_pool_client_secrets", "ClientSecrets", **self._client()))

    def delete_user_pool_client_secret(self, client_secret_id: str) -> dict[str, Any]:
        """Delete one of the app client's two secrets."""
        fields = self._client()
        return self._send("delete_user_pool_client_secret", **fields, ClientSecretId=client_secret_id)

    def get_client_token(
        self, *, scopes: Sequence[str] | None = None, client_metadata: Metadata | None = None
    ) -> dict[str, Any]:
        """Return an access token of the app client itself, not of a user, in `ClientAuthenticationResult`."""
        return self._send(
            "get_client_token",
            ClientId=self.client_id,
            Secret=self.client_secret,
            Scopes=scopes,
            ClientMetadata=client_metadata,
        )

    # Signing up

    def sign_up_user(
        self,
        user_name: str,
        password: str,
        user_email: str,
        *,
        existing_ok: bool = True,
        attributes: Attributes | None = None,
        client_metadata: Metadata | None = None,
    ) -> bool:
        """Sign up a user, and return whether the account is confirmed already.

        Args:
            user_name: the name to sign in with.
            password: a password that meets the pool's password policy.
            user_email: where the confirmation code goes.
            existing_ok: a user name that exists is not an error: AdminGetUser tells its state. With False, or
                without AWS credentials, it is one, UsernameExistsException.
            attributes: attributes beside `email`, such as `{"name": ..., "custom:tenant": ...}`.
            client_metadata: for the pool's Lambda triggers.
        """
        given = {"email": user_email, **(attributes or {})}
        try:
            answer = self.sign_up(user_name, password, given, client_metadata=client_metadata)
        except ClientError as error:
            if error_code(error) != _NAME_TAKEN or not existing_ok:
                raise
            try:
                return self.admin_get_user(user_name).get("UserStatus") == "CONFIRMED"
            except NoCredentialsError:
                raise error from None
        return answer["UserConfirmed"]

    def sign_up(
        self,
        user_name: str,
        password: str | None = None,
        attributes: Attributes | None = None,
        **options: Unpack[SignUpOptions],
    ) -> type_defs.SignUpResponseTypeDef:
        """Sign up a user; return `UserConfirmed`, `UserSub`, `CodeDeliveryDetails` when a code was sent.

        The password may be left out in pools that let users sign in by a code or a passkey. Attributes are
        such as `{"phone_number": "+12065550100"}`.
        """
        return self._send(
            "sign_up",
            **self._account(user_name),
            Password=password,
            UserAttributes=_attribute_list(attributes),
            **_fields(options),
        )

    def resend_confirmation(self, user_name: str) -> type_defs.CodeDeliveryDetailsTypeTypeDef:
        """Send a new confirmation code; return where it went (`DeliveryMedium`, masked `Destination`)."""
        return self.resend_confirmation_code(user_name).get("CodeDeliveryDetails", {})

    def resend_confirmation_code(
        self, user_name: str, **options: Unpack[UserOptions]
    ) -> type_defs.ResendConfirmationCodeResponseTypeDef:
        """Send a new confirmation code; `CodeDeliveryDetails` says where it went."""
        return self._send("resend_confirmation_code", **self._account(user_name), **_fields(options))

    def confirm_user_sign_up(self, user_name: str, confirmation_code: str) -> bool:
        """Confirm a sign-up with the code that the user received; return True."""
        self.confirm_sign_up(user_name, confirmation_code)
        return True

    def confirm_sign_up(
        self, user_name: str, confirmation_code: str, **options: Unpack[ConfirmSignUpOptions]
    ) -> dict[str, Any]:
        """Confirm a sign-up with the code that the user received.

        Given the session of `sign_up`, the answer has a `Session` too: it signs in by USER_AUTH, once.
        """
        return self._send(
            "confirm_sign_up",
            **self._account(user_name),
            ConfirmationCode=confirmation_code,
            **_fields(options),
        )

    def list_users(
        self,
        *,
        limit: int | None = None,
        filter: str | None = None,  # noqa: A002 - the field's own name
        attributes_to_get: Sequence[str] | None = None,
    ) -> list[type_defs.UserTypeTypeDef]:
        """Return all users of the pool, or the first `limit`: pages of ListUsers, at most 60 users each."""
        return list(self.iter_users(limit, filter, attributes_to_get))

    def iter_users(
        self,
        limit: int | None = None,
        filter: str | None = None,  # noqa: A002 - the field's own name
        attributes_to_get: Sequence[str] | None = None,
    ) -> Iterator[type_defs.UserTypeTypeDef]:
        """Yield the users of the pool; a page is requested when its first user is needed.

        Args:
            limit: how many users at most, from 1; without it all of them.
            filter: which users, such as `email ^= "alice@"`; ListUsers says what it takes.
            attributes_to_get: which attributes, such as `["email"]`; without it all of them.
        """
        fields = {**self._pool(), "Filter": filter, "AttributesToGet": attributes_to_get}
        return islice(self._items("list_users", "Users", "PaginationToken", **fields), limit)

    # Signing in, with AWS credentials, from a server

    def start_sign_in(self, user_name: str, password: str) -> SignInAnswer:
        """Sign in with a password (ADMIN_USER_PASSWORD_AUTH), and return the next challenge, or tokens.

        The answer has `ChallengeName`, `ChallengeParameters` and `Session`, or `AuthenticationResult` when
        nothing more is asked. On MFA_SETUP this goes on to AssociateSoftwareToken, and the answer has its
        `SecretCode` (TOTP secret, Base32 without padding) and its newer `Session` too.

        Raises:
            SoftwareTokenNotOfferedError: MFA must be set up, and the pool offers no TOTP.
        """
        answer = self.admin_initiate_auth(user_name, password)
        if answer.get("ChallengeName") != "MFA_SETUP":
            return answer
        check_totp_offered(answer)
        return cast("SignInAnswer", {**answer, **self.get_mfa_secret(answer.get("Session"))})

    def admin_initiate_auth(
        self,
        user_name: str,
        password: str | None = None,
        *,
        auth_flow: literals.AuthFlowTypeType = "ADMIN_USER_PASSWORD_AUTH",
        auth_parameters: Mapping[str, str] | None = None,
        device_key: str | None = None,
        **options: Unpack[AdminAuthOptions],
    ) -> SignInAnswer:
        """Begin a sign-in; return the next challenge, or tokens. The arguments are `initiate_auth`'s."""
        return self._send(
            "admin_initiate_auth",
            **self._client(),
            AuthFlow=auth_flow,
            AuthParameters=self._parameters(
                user_name, auth_parameters, PASSWORD=password, DEVICE_KEY=device_key
            ),
            **_fields(options),
        )

    def get_mfa_secret(
        self, session: str | None = None, access_token: str | None = None
    ) -> type_defs.AssociateSoftwareTokenResponseTypeDef:
        """Return a new TOTP secret: `SecretCode` (Base32 without padding), and the next `Session`.

        Give either the session of an MFA_SETUP challenge or, for a user who is signed in, an access token;
        with a token there is no next session. The action is AssociateSoftwareToken.
        """
        return self.associate_software_token(session, access_token)

    def associate_software_token(
        self, session: str | None = None, access_token: str | None = None
    ) -> type_defs.AssociateSoftwareTokenResponseTypeDef:
        """Return a new TOTP secret; see `get_mfa_secret`."""
        return self._send("associate_software_token", Session=session, AccessToken=access_token)

    def verify_mfa(
        self, session: str | None, user_code: str, access_token: str | None = None
    ) -> type_defs.VerifySoftwareTokenResponseTypeDef:
        """Prove with a code (6 digits, RFC 6238) that an app has the secret; return `Status`, next `Session`.

        `session` comes from `start_sign_in` or `get_mfa_secret`; it is None for a user who is signed in, and
        gives an access token. A wrong code raises EnableSoftwareTokenMFAException; boto3 refuses fewer than 6
        characters by itself (`botocore.exceptions.ParamValidationError`). The action is VerifySoftwareToken.
        """
        return self.verify_software_token(session, user_code, access_token)

    def verify_software_token(
        self,
        session: str | None,
        user_code: str,
        access_token: str | None = None,
        *,
        friendly_device_name: str | None = None,
    ) -> type_defs.VerifySoftwareTokenResponseTypeDef:
        """Prove with a code that an app has the secret; see `verify_mfa`."""
        return self._send(
            "verify_software_token",
            Session=session,
            AccessToken=access_token,
            UserCode=user_code,
            FriendlyDeviceName=friendly_device_name,
        )

    def admin_respond_to_auth_challenge(
        self,
        user_name: str,
        challenge_name: literals.ChallengeNameTypeType,
        session: str | None,
        responses: Mapping[str, str],
        **options: Unpack[AdminOptions],
    ) -> SignInAnswer:
        """Answer any challenge of a sign-in, and return the next challenge, or tokens.

        Args:
            user_name: the name that Cognito gave (`challenge_user_name`).
            challenge_name: such as SMS_MFA, EMAIL_OTP, SELECT_MFA_TYPE or NEW_PASSWORD_REQUIRED.
            session: `Session` of the answer that held the challenge.
            responses: the fields of the answer, such as `SMS_MFA_CODE`, `EMAIL_OTP_CODE`, `ANSWER` or
                `NEW_PASSWORD`; user name and secret hash are added.
            options: as for the class.
        """
        return self._send(
            "admin_respond_to_auth_challenge",
            **self._client(),
            ChallengeName=challenge_name,
            Session=session or None,
            ChallengeResponses=self._parameters(user_name, responses),
            **_fields(options),
        )

    def respond_to_mfa_challenge(
        self, user_name: str, session: str, mfa_code: str
    ) -> AuthenticationResultTypeTypeDef:
        """Answer SOFTWARE_TOKEN_MFA with a code (6 digits), and return the authentication result.

        It has `AccessToken`, `IdToken`, `RefreshToken`, `ExpiresIn` (seconds), and `NewDeviceMetadata` when
        the pool tracks devices. A wrong code raises CodeMismatchException, a used one ExpiredCodeException.

        Args:
            user_name: the name that Cognito gave (`challenge_user_name`).
            session: `Session` of the answer that held the challenge.
            mfa_code: the code in the authenticator app. Cognito accepts each code once.

        Raises:
            UnexpectedChallengeError: Cognito asks for something else before it gives tokens.
        """
        responses = {"SOFTWARE_TOKEN_MFA_CODE": mfa_code}
        answer = self.admin_respond_to_auth_challenge(user_name, _TOTP, session, responses)
        return authentication_result(answer)

    # Signing in, without credentials, from a client

    def initiate_auth(
        self,
        user_name: str,
        password: str | None = None,
        *,
        auth_flow: literals.AuthFlowTypeType = "USER_PASSWORD_AUTH",
        auth_parameters: Mapping[str, str] | None = None,
        device_key: str | None = None,
        **options: Unpack[AuthOptions],
    ) -> SignInAnswer:
        """Begin a sign-in, by default with the password itself; return the next challenge, or tokens.

        Other flows take other parameters, such as `{"PREFERRED_CHALLENGE": "EMAIL_OTP"}` for USER_AUTH, which
        also takes the session of `confirm_sign_up`. A device key is that of a tracked device.
        """
        return self._send(
            "initiate_auth",
            ClientId=self.client_id,
            AuthFlow=auth_flow,
            AuthParameters=self._parameters(
                user_name, auth_parameters, PASSWORD=password, DEVICE_KEY=device_key
            ),
            **_fields(options),
        )

    def start_srp_sign_in(
        self,
        user_name: str,
        password: str,
        aws_srp: ModuleType,
        *,
        device_key: str | None = None,
        auth_flow: literals.AuthFlowTypeType = "USER_SRP_AUTH",
        client_metadata: Metadata | None = None,
    ) -> SignInAnswer:
        """Sign in with a proof of the password, which stays here; return the next challenge, or tokens.

        InitiateAuth (USER_SRP_AUTH), then RespondToAuthChallenge (PASSWORD_VERIFIER).

        Args:
            user_name: the name to sign in with.
            password: the user's password.
            aws_srp: an SRP helper: the module `cognito_srp`, or one like it.
            device_key: `DeviceKey` of a tracked device: Cognito then asks for its proof (DEVICE_SRP_AUTH,
                `respond_to_device_challenge`) where it would ask for an MFA code.
            auth_flow: CUSTOM_AUTH for pools whose triggers ask for a proof of the password first.
            client_metadata: for the pool's Lambda triggers.

        Raises:
            UnexpectedChallengeError: Cognito asks for something else than the password's proof.
            UnsafeSrpValueError: Cognito's SRP values must not be used; no proof was sent.
            TypeError: the password is not a str.
        """
        proof = self.password_proof(aws_srp, user_name, password)
        first = {"CHALLENGE_NAME": "SRP_A"} if auth_flow == "CUSTOM_AUTH" else {}
        answer = self.initiate_auth(
            user_name,
            auth_flow=auth_flow,
            auth_parameters={**first, **proof.public_value()},
            device_key=device_key,
            client_metadata=client_metadata,
        )
        responses = {**proof.claim(answer), **_given(DEVICE_KEY=device_key)}
        name = challenge_user_name(answer, user_name)
        return self._respond(_PASSWORD_PROOF, answer, name, responses, client_metadata)

    def password_proof(self, aws_srp: ModuleType, user_name: str, password: str) -> PasswordProof:
        """Begin the proof that a user knows the password; the arguments are as in `start_srp_sign_in`."""
        srp = self._srp_exchange(aws_srp, user_name, password, self.user_pool_id)
        return PasswordProof(aws_srp, srp, user_name)

    def respond_to_auth_challenge(
        self,
        user_name: str,
        challenge_name: literals.ChallengeNameTypeType,
        session: str | None,
        responses: Mapping[str, str],
        **options: Unpack[UserOptions],
    ) -> SignInAnswer:
        """Answer any challenge, as `admin_respond_to_auth_challenge` does, without AWS credentials."""
        return self._send(
            "respond_to_auth_challenge",
            ClientId=self.client_id,
            ChallengeName=challenge_name,
            Session=session or None,
            ChallengeResponses=self._parameters(user_name, responses),
            **_fields(options),
        )

    def refresh_tokens(
        self, refresh_token: str, user_name: str, device_key: str | None = None
    ) -> AuthenticationResultTypeTypeDef:
        """Return new access and ID tokens (InitiateAuth with REFRESH_TOKEN_AUTH).

        App clients that rotate refresh tokens refuse it: they want `get_tokens_from_refresh_token`.

        Args:
            refresh_token: `RefreshToken` of a sign-in.
            user_name: the real user name, `username` of the access token's claims; the secret hash needs it.
            device_key: the device of that sign-in, in pools that track devices; it must be confirmed.
        """
        parameters = self._parameters(user_name, REFRESH_TOKEN=refresh_token, DEVICE_KEY=device_key)
        del parameters["USERNAME"]
        fields = {"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": parameters}
        return authentication_result(self._send("initiate_auth", ClientId=self.client_id, **fields))

    def get_tokens_from_refresh_token(
        self,
        refresh_token: str,
        device_key: str | None = None,
        *,
        client_metadata: Metadata | None = None,
    ) -> AuthenticationResultTypeTypeDef:
        """Return new access and ID tokens, and a new refresh token where the app client rotates them.

        `device_key` is that of the sign-in, in pools that track devices; the device must be confirmed.
        """
        self._send_unsigned("GetTokensFromRefreshToken")
        answer = self._send(
            "get_tokens_from_refresh_token",
            RefreshToken=refresh_token,
            ClientId=self.client_id,
            ClientSecret=self.client_secret or None,
            DeviceKey=device_key,
            ClientMetadata=client_metadata,
        )
        return authentication_result(answer)

    # Devices

    def confirm_mfa_device(
        self,
        user_name: str,  # noqa: ARG002 - public; the access token says whose device it is
        device_key: str,
        device_group_key: str,
        device_password: str,
        access_token: str,
        aws_srp: ModuleType,
        *,
        device_name: str | None = None,
    ) -> bool:
        """Confirm a device, so that Cognito tracks it; return whether the user must still agree to that.

        ConfirmDevice gives Cognito a random salt and an SRP verifier, never the device password.

        Args:
            user_name: name of the user.
            device_key: `DeviceKey` of `NewDeviceMetadata`.
            device_group_key: `DeviceGroupKey` of `NewDeviceMetadata`.
            device_password: random text to keep on the device: it stands in for the user's MFA codes.
            access_token: `AccessToken` of the user.
            aws_srp: an SRP helper: the module `cognito_srp`, `pycognito.aws_srp`, or one like them.
            device_name: the name of the device in lists.
        """
        verifier = self.device_verifier(aws_srp, device_key, device_group_key, device_password)
        answer = self.confirm_device(access_token, device_key, verifier, device_name=device_name)
        return bool(answer.get("UserConfirmationNecessary", False))

    def confirm_device(
        self,
        access_token: str,
        device_key: str,
        device_secret_verifier_config: DeviceSecretVerifierConfigTypeTypeDef,
        *,
        device_name: str | None = None,
    ) -> type_defs.ConfirmDeviceResponseTypeDef:
        """Confirm a device by the salt and the verifier that `device_verifier` makes."""
        return self._send(
            "confirm_device",
            AccessToken=access_token,
            DeviceKey=device_key,
            DeviceSecretVerifierConfig=device_secret_verifier_config,
            DeviceName=device_name,
        )

    def update_device_status(
        self, access_token: str, device_key: str, status: literals.DeviceRememberedStatusTypeType
    ) -> dict[str, Any]:
        """Set a confirmed device's status, "remembered" or "not_remembered".

        Pools that wait for the user to agree need it.
        """
        fields = {"AccessToken": access_token, "DeviceKey": device_key, "DeviceRememberedStatus": status}
        return self._send("update_device_status", **fields)

    def sign_in_with_tracked_device(
        self,
        user_name: str,
        password: str,
        device_key: str,
        device_group_key: str,
        device_password: str,
        aws_srp: ModuleType,
    ) -> AuthenticationResultTypeTypeDef:
        """Sign in with password and confirmed device, without an MFA code; return the authentication result.

        USER_PASSWORD_AUTH, then the SRP proof that the device password is known (DEVICE_SRP_AUTH,
        DEVICE_PASSWORD_VERIFIER). The arguments about the device are those of `confirm_mfa_device`.

        Raises:
            UnexpectedChallengeError: Cognito asks for something else than this proof.
            UnsafeSrpValueError: Cognito's SRP values must not be used; no proof was sent.
        """
        proof = self.device_proof(aws_srp, device_key, device_group_key, device_password)
        answer = self.initiate_auth(user_name, password, device_key=device_key)
        return authentication_result(self._prove_device(answer, user_name, proof))

    def respond_to_device_challenge(
        self,
        challenge: SignInAnswer,
        user_name: str,
        device_key: str,
        device_group_key: str,
        device_password: str,
        aws_srp: ModuleType,
        *,
        client_metadata: Metadata | None = None,
    ) -> SignInAnswer:
        """Answer DEVICE_SRP_AUTH with the device's proof; return the next challenge, or tokens.

        Two calls of RespondToAuthChallenge. The arguments about the device are those of `confirm_mfa_device`.

        Raises:
            UnexpectedChallengeError: `challenge` is another one, or another one came before the proof.
            UnsafeSrpValueError: Cognito's SRP values must not be used; no proof was sent.
        """
        proof = self.device_proof(aws_srp, device_key, device_group_key, device_password)
        return self._prove_device(challenge, user_name, proof, client_metadata)

    def device_proof(
        self, aws_srp: ModuleType, device_key: str, device_group_key: str, device_password: str
    ) -> DeviceProof:
        """Begin the proof that a device knows its password; the arguments are as in `confirm_mfa_device`."""
        # The helpers hash pool name || user ID, and the pool name of "_" is empty: with device group key ||
        # device key as the user ID, their formulas for users give the device's.
        srp = self._srp_exchange(aws_srp, device_group_key + device_key, device_password)
        return DeviceProof(aws_srp, srp, device_key, device_group_key)

    def device_verifier(
        self, aws_srp: ModuleType, device_key: str, device_group_key: str, device_password: str
    ) -> DeviceSecretVerifierConfigTypeTypeDef:
        """Return a random salt and the SRP verifier of a device's password, as ConfirmDevice takes them."""
        # v = g^x mod N with x = H(salt || H(identity)) (RFC 5054, section 2.4). On the wire it is standard
        # Base64 of the big-endian bytes, which a zero byte precedes when the top bit is set.
        identity = f"{device_group_key}{device_key}:{device_password}"
        salt = aws_srp.pad_hex(aws_srp.get_random(16))
        x = aws_srp.hex_to_long(aws_srp.hex_hash(salt + aws_srp.hash_sha256(identity.encode())))
        modulus, generator = self._srp_group(aws_srp)
        power = getattr(aws_srp, "powmod", pow)  # a helper may bring a faster one, of constant time
        verifier = aws_srp.pad_hex(power(generator, x, modulus))
        return {
            "PasswordVerifier": base64.b64encode(bytes.fromhex(verifier)).decode(),
            "Salt": base64.b64encode(bytes.fromhex(salt)).decode(),
        }

    def list_devices(self, access_token: str) -> list[type_defs.DeviceTypeTypeDef]:
        """Return the user's devices that are remembered: `DeviceKey`, `DeviceAttributes`, dates."""
        return list(self._items("list_devices", "Devices", "PaginationToken", AccessToken=access_token))

    def get_device(self, access_token: str, device_key: str) -> type_defs.GetDeviceResponseTypeDef:
        """Return one of the user's devices, in `Device`."""
        return self._send("get_device", AccessToken=access_token, DeviceKey=device_key)

    def forget_device(self, access_token: str, device_key: str) -> type_defs.EmptyResponseMetadataTypeDef:
        """Forget a device, so that it can't stand in for an MFA code any more."""
        return self._send("forget_device", AccessToken=access_token, DeviceKey=device_key)

    # Passkeys, and how else a user may sign in

    def start_web_authn_registration(self, access_token: str) -> dict[str, Any]:
        """Return `CredentialCreationOptions`, to be given to `navigator.credentials.create` as JSON."""
        return self._send("start_web_authn_registration", AccessToken=access_token)

    def complete_web_authn_registration(self, access_token: str, credential: Json) -> dict[str, Any]:
        """Add the passkey that the browser made; `credential` is its RegistrationResponseJSON (WebAuthn)."""
        fields = {"AccessToken": access_token, "Credential": credential}
        return self._send("complete_web_authn_registration", **fields)

    def list_web_authn_credentials(self, access_token: str) -> list[dict[str, Any]]:
        """Return the user's passkeys: `CredentialId`, `FriendlyCredentialName`, `CreatedAt` and more."""
        return list(self._items("list_web_authn_credentials", "Credentials", AccessToken=access_token))

    def delete_web_authn_credential(self, access_token: str, credential_id: str) -> dict[str, Any]:
        """Delete one of the user's passkeys."""
        fields = {"AccessToken": access_token, "CredentialId": credential_id}
        return self._send("delete_web_authn_credential", **fields)

    def get_user_auth_factors(self, access_token: str) -> dict[str, Any]:
        """Return the user's sign-in factors, in `ConfiguredUserAuthFactors`, and MFA settings."""
        return self._send("get_user_auth_factors", AccessToken=access_token)

    # The user's own account

    def get_user(self, access_token: str) -> type_defs.GetUserResponseTypeDef:
        """Return the user whose access token this is: `Username`, `UserAttributes`, and MFA settings."""
        return self._send("get_user", AccessToken=access_token)

    def update_user_attributes(
        self, access_token: str, attributes: Attributes, **options: Unpack[Options]
    ) -> type_defs.UpdateUserAttributesResponseTypeDef:
        """Change attributes; `CodeDeliveryDetailsList` says where codes went that verify new addresses."""
        return self._send(
            "update_user_attributes",
            AccessToken=access_token,
            UserAttributes=_attribute_list(attributes),
            **_fields(options),
        )

    def delete_user_attributes(self, access_token: str, attribute_names: Sequence[str]) -> dict[str, Any]:
        """Delete attributes, such as `["nickname", "custom:tenant"]`."""
        fields = {"AccessToken": access_token, "UserAttributeNames": list(attribute_names)}
        return self._send("delete_user_attributes", **fields)

    def get_user_attribute_verification_code(
        self, access_token: str, attribute_name: str, **options: Unpack[Options]
    ) -> type_defs.GetUserAttributeVerificationCodeResponseTypeDef:
        """Send a code that verifies `email` or `phone_number`; `CodeDeliveryDetails` says where it went."""
        return self._send(
            "get_user_attribute_verification_code",
            AccessToken=access_token,
            AttributeName=attribute_name,
            **_fields(options),
        )

    def verify_user_attribute(self, access_token: str, attribute_name: str, code: str) -> dict[str, Any]:
        """Verify `email` or `phone_number` with the code that was sent there."""
        fields = {"AccessToken": access_token, "AttributeName": attribute_name, "Code": code}
        return self._send("verify_user_attribute", **fields)

    def set_user_mfa_preference(
        self,
        access_token: str,
        software_token_mfa_settings: MfaSettings | None = None,
        sms_mfa_settings: MfaSettings | None = None,
        email_mfa_settings: MfaSettings | None = None,
        web_authn_mfa_settings: MfaSettings | None = None,
    ) -> dict[str, Any]:
        """Choose how a user proves a second factor, in pools in which MFA is optional.

        Each of the settings is such as `{"Enabled": True, "PreferredMfa": True}`; None leaves a factor as it
        is. An authenticator app must have been verified before. Passkeys have no `PreferredMfa`.
        """
        return self._send(
            "set_user_mfa_preference",
            AccessToken=access_token,
            SoftwareTokenMfaSettings=software_token_mfa_settings,
            SMSMfaSettings=sms_mfa_settings,
            EmailMfaSettings=email_mfa_settings,
            WebAuthnMfaSettings=web_authn_mfa_settings,
        )

    def change_password(
        self, access_token: str, previous_password: str | None, proposed_password: str
    ) -> dict[str, Any]:
        """Change the password of a user who is signed in; `previous_password` is None if there is none."""
        fields = {"PreviousPassword": previous_password, "ProposedPassword": proposed_password}
        return self._send("change_password", AccessToken=access_token, **fields)

    def forgot_password(
        self, user_name: str, **options: Unpack[UserOptions]
    ) -> type_defs.ForgotPasswordResponseTypeDef:
        """Send a code that sets a new password; `CodeDeliveryDetails` says where it went."""
        return self._send("forgot_password", **self._account(user_name), **_fields(options))

    def confirm_forgot_password(
        self, user_name: str, confirmation_code: str, password: str, **options: Unpack[UserOptions]
    ) -> dict[str, Any]:
        """Set a new password with the code that `forgot_password` sent."""
        return self._send(
            "confirm_forgot_password",
            **self._account(user_name),
            ConfirmationCode=confirmation_code,
            Password=password,
            **_fields(options),
        )

    # Signing out

    def revoke_token(self, refresh_token: str, **options: Unpack[RevokeOptions]) -> dict[str, Any]:
        """Sign out here: end a refresh token, and the access tokens that it brought."""
        return self._send(
            "revoke_token",
            Token=refresh_token,
            ClientId=self.client_id,
            ClientSecret=self.client_secret or None,
            **_fields(options),
        )

    def global_sign_out(self, access_token: str) -> dict[str, Any]:
        """Sign out everywhere: end every refresh and access token of the user."""
        return self._send("global_sign_out", AccessToken=access_token)

    def list_user_sessions(self, access_token: str) -> list[dict[str, Any]]:
        """Return the sessions of the user, in pools that track them."""
        return list(self._items("list_user_sessions", "Sessions", AccessToken=access_token))

    def revoke_user_session(
        self, access_token: str, session_id: str, **options: Unpack[RevokeOptions]
    ) -> dict[str, Any]:
        """End one of the user's sessions."""
        return self._send(
            "revoke_user_session", AccessToken=access_token, SessionId=session_id, **_fields(options)
        )

    def delete_user(self, access_token: str) -> type_defs.EmptyResponseMetadataTypeDef:
        """Delete the user whose access token this is, with all devices."""
        return self._send("delete_user", AccessToken=access_token)

    # Administration of users

    def admin_create_user(
        self, user_name: str, attributes: Attributes | None = None, **options: Unpack[CreateUserOptions]
    ) -> type_defs.AdminCreateUserResponseTypeDef:
        """Create a user, who sets a new password at the first sign-in; return it, in `User`.

        Args:
            user_name: the name to sign in with.
            attributes: such as `{"email": ..., "email_verified": "true"}`.
            options: as `CreateUserOptions` says.
        """
        return self._send(
            "admin_create_user",
            **self._managed(user_name),
            UserAttributes=_attribute_list(attributes),
            **_fields(options),
        )

    def admin_get_user(self, user_name: str) -> type_defs.AdminGetUserResponseTypeDef:
        """Return a user: `Username`, `UserStatus`, `UserAttributes` and more."""
        return self._send("admin_get_user", **self._managed(user_name))

    def admin_confirm_sign_up(self, user_name: str, **options: Unpack[Options]) -> dict[str, Any]:
        """Confirm a sign-up without a code; addresses stay unverified."""
        return self._send("admin_confirm_sign_up", **self._managed(user_name), **_fields(options))

    def admin_set_user_password(
        self, user_name: str, password: str, *, permanent: bool = False
    ) -> dict[str, Any]:
        """Set a password: one to be replaced at the next sign-in or, when permanent, one that stays."""
        fields = {"Password": password, "Permanent": permanent}
        return self._send("admin_set_user_password", **self._managed(user_name), **fields)

    def admin_reset_user_password(self, user_name: str, **options: Unpack[Options]) -> dict[str, Any]:
        """Make the present password useless, and send a code that sets a new one."""
        return self._send("admin_reset_user_password", **self._managed(user_name), **_fields(options))

    def admin_update_user_attributes(
        self, user_name: str, attributes: Attributes, **options: Unpack[Options]
    ) -> dict[str, Any]:
        """Change attributes of a user; `email_verified` and `phone_number_verified` may be among them."""
        return self._send(
            "admin_update_user_attributes",
            **self._managed(user_name),
            UserAttributes=_attribute_list(attributes),
            **_fields(options),
        )

    def admin_delete_user_attributes(self, user_name: str, attribute_names: Sequence[str]) -> dict[str, Any]:
        """Delete attributes of a user, such as `["nickname", "custom:tenant"]`."""
        fields = {**self._managed(user_name), "UserAttributeNames": list(attribute_names)}
        return self._send("admin_delete_user_attributes", **fields)

    def admin_disable_user(self, user_name: str) -> dict[str, Any]:
        """Disable a user: sign-ins are refused, and the present ones end."""
        return self._send("admin_disable_user", **self._managed(user_name))

    def admin_enable_user(self, user_name: str) -> dict[str, Any]:
        """Enable a user who was disabled."""
        return self._send("admin_enable_user", **self._managed(user_name))

    def admin_user_global_sign_out(self, user_name: str) -> dict[str, Any]:
        """Sign a user out everywhere."""
        return self._send("admin_user_global_sign_out", **self._managed(user_name))

    def admin_list_user_sessions(self, user_name: str) -> list[dict[str, Any]]:
        """Return the sessions of a user, in pools that track them."""
        return list(self._items("admin_list_user_sessions", "Sessions", **self._managed(user_name)))

    def admin_revoke_user_session(
        self, user_name: str, session_id: str, **options: Unpack[RevokeOptions]
    ) -> dict[str, Any]:
        """End one of a user's sessions."""
        return self._send(
            "admin_revoke_user_session", **self._managed(user_name), SessionId=session_id, **_fields(options)
        )

    def admin_delete_software_token(self, user_name: str) -> dict[str, Any]:
        """Remove a user's authenticator app, for a user who has lost it."""
        return self._send("admin_delete_software_token", **self._managed(user_name))

    def admin_get_user_auth_factors(self, user_name: str) -> dict[str, Any]:
        """Return a user's sign-in factors, in `ConfiguredUserAuthFactors`, and MFA settings."""
        return self._send("admin_get_user_auth_factors", **self._managed(user_name))

    def admin_link_provider_for_user(self, destination_user: Json, source_user: Json) -> dict[str, Any]:
        """Link the user of an identity provider (source) to one of the pool's own (destination).

        Each is such as `{"ProviderName": ..., "ProviderAttributeName": ..., "ProviderAttributeValue": ...}`.
        """
        fields = {"DestinationUser": destination_user, "SourceUser": source_user}
        return self._send("admin_link_provider_for_user", **self._pool(), **fields)

    def admin_disable_provider_for_user(self, user: Json) -> dict[str, Any]:
        """End the link of a user of an identity provider; `user` is as in `admin_link_provider_for_user`."""
        return self._send("admin_disable_provider_for_user", **self._pool(), User=user)

    def admin_delete_user(self, user_name: str) -> type_defs.EmptyResponseMetadataTypeDef:
        """Delete a user."""
        return self._send("admin_delete_user", **self._managed(user_name))

    # Groups

    def create_group(
        self, group_name: str, **options: Unpack[GroupOptions]
    ) -> type_defs.CreateGroupResponseTypeDef:
        """Make a group, and return it, in `Group`; the lowest precedence gives a user's preferred role."""
        return self._send("create_group", **self._group(group_name), **_fields(options))

    def get_group(self, group_name: str) -> type_defs.GetGroupResponseTypeDef:
        """Return a group, in `Group`."""
        return self._send("get_group", **self._group(group_name))

    def delete_group(self, group_name: str) -> type_defs.EmptyResponseMetadataTypeDef:
        """Delete a group; its users stay."""
        return self._send("delete_group", **self._group(group_name))

    def list_groups(self) -> list[type_defs.GroupTypeTypeDef]:
        """Return all groups of the pool."""
        return list(self._items("list_groups", "Groups", **self._pool()))

    def list_users_in_group(self, group_name: str) -> list[type_defs.UserTypeTypeDef]:
        """Return all users of a group."""
        return list(self._items("list_users_in_group", "Users", **self._group(group_name)))

    def admin_list_groups_for_user(self, user_name: str) -> list[type_defs.GroupTypeTypeDef]:
        """Return all groups of a user."""
        return list(self._items("admin_list_groups_for_user", "Groups", **self._managed(user_name)))

    def admin_add_user_to_group(
        self, user_name: str, group_name: str
    ) -> type_defs.EmptyResponseMetadataTypeDef:
        """Put a user into a group; tokens from then on have it in `cognito:groups`."""
        return self._send("admin_add_user_to_group", **self._managed(user_name), GroupName=group_name)

    def admin_remove_user_from_group(
        self, user_name: str, group_name: str
    ) -> type_defs.EmptyResponseMetadataTypeDef:
        """Take a user out of a group."""
        return self._send("admin_remove_user_from_group", **self._managed(user_name), GroupName=group_name)

    # Helpers

    def _send(self, operation: str, /, **fields: Any) -> Any:
        return self.call(operation, **_given(**fields))

    def _items(
        self, operation: str, items: str, next_page: str = "NextToken", **fields: Any
    ) -> Iterator[Any]:
        """Yield the items of a list, page by page; `next_page` is the field with the next page's token."""
        page: dict[str, Any] = {}
        while True:
            answer = self._send(operation, **fields, **page)
            yield from answer.get(items) or ()
            following = {next_page: answer.get(next_page)}
            if not answer.get(next_page):
                return
            if following == page:
                raise PaginationError(message=f"{operation} leads from a page to the same page.")
            page = following

    def _send_unsigned(self, action: str) -> None:
        # Older boto3 signs this action, which needs no credentials.
        meta = getattr(self.cognito_idp_client, "meta", None)
        if meta is not None:
            meta.events.register(
                f"choose-signer.cognito-idp.{action}", _not_signed, unique_id=f"unsigned-{action}"
            )

    def _pool(self) -> dict[str, str]:
        return {"UserPoolId": self.user_pool_id}

    def _client(self) -> dict[str, str]:
        return {"UserPoolId": self.user_pool_id, "ClientId": self.client_id}

    def _account(self, user_name: str) -> dict[str, str]:
        fields = {"ClientId": self.client_id, "Username": user_name}
        if self.client_secret:
            fields["SecretHash"] = secret_hash(user_name, self.client_id, self.client_secret)
        return fields

    def _managed(self, user_name: str) -> dict[str, str]:
        return {"UserPoolId": self.user_pool_id, "Username": user_name}

    def _group(self, group_name: str) -> dict[str, str]:
        return {"UserPoolId": self.user_pool_id, "GroupName": group_name}

    def _parameters(
        self, user_name: str, parameters: Mapping[str, str] | None = None, **further: str | None
    ) -> dict[str, str]:
        # Name and hash are made in one place, because the hash is only right over the name beside it.
        name = {"USERNAME": user_name}  # first, as it is read; and last, as `parameters` may have another one
        fields = name | dict(parameters or {}) | _given(**further) | name
        if self.client_secret:
            fields["SECRET_HASH"] = secret_hash(user_name, self.client_id, self.client_secret)
        return fields

    def _respond(
        self,
        name: literals.ChallengeNameTypeType,
        challenge: SignInAnswer,
        user_name: str,
        responses: Mapping[str, str],
        client_metadata: Metadata | None = None,
    ) -> SignInAnswer:
        session = challenge.get("Session")
        return self.respond_to_auth_challenge(
            user_name, name, session, responses, client_metadata=client_metadata
        )

    def _prove_device(
        self,
        challenge: SignInAnswer,
        user_name: str,
        proof: DeviceProof,
        client_metadata: Metadata | None = None,
    ) -> SignInAnswer:
        name = challenge_user_name(challenge, user_name)
        responses = proof.public_value(challenge)
        answer = self._respond(_DEVICE_SRP, challenge, name, responses, client_metadata)
        name, responses = challenge_user_name(answer, name), proof.claim(answer)
        return self._respond(_DEVICE_PROOF, answer, name, responses, client_metadata)

    def _srp_exchange(
        self, aws_srp: ModuleType, user_name: str, password: str, user_pool_id: str = "_"
    ) -> Any:
        if not isinstance(password, str):
            raise TypeError("The password must be a str.")
        srp = aws_srp.AWSSRP(
            username=user_name,
            password=password,
            pool_id=user_pool_id,
            client_id=self.client_id,
            client=self.cognito_idp_client,
        )
        if srp.large_a_value % srp.big_n == 0:
            raise UnsafeSrpValueError("The SRP helper made a value A that is a multiple of N.")
        return srp

    def _srp_group(self, aws_srp: ModuleType) -> tuple[int, int]:
        # The module's constants, by pycognito's names or warrant's. An AWSSRP object has N and g too, but
        # making one costs a modular exponentiation, for a value A that is of no use here.
        for names in (("N_HEX", "G_HEX"), ("n_hex", "g_hex")):
            n, g = (getattr(aws_srp, name, None) for name in names)
            if isinstance(n, str) and isinstance(g, str):
                return int(n, 16), int(g, 16)
        srp = self._srp_exchange(aws_srp, "", "")
        return srp.big_n, srp.val_g if hasattr(srp, "val_g") else srp.g


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _fields(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return keywords by Cognito's names: `client_metadata` as `ClientMetadata`."""
    fields = {"".join(part.title() for part in name.split("_")): value for name, value in options.items()}
    if "ValidationData" in fields:
        fields["ValidationData"] = _attribute_list(fields["ValidationData"])
    return fields


def _not_signed(**_: Any) -> Any:
    return UNSIGNED


def _attribute_list(attributes: Attributes | None) -> list[dict[str, str]] | None:
    if attributes is None:
        return None
    return [{"Name": name, "Value": value} for name, value in attributes.items()]


def check_totp_offered(answer: Mapping[str, Any]) -> None:
    """Raise SoftwareTokenNotOfferedError when MFA_SETUP does not let the user set up an authenticator app."""
    offered = (answer.get("ChallengeParameters") or {}).get("MFAS_CAN_SETUP") or "nothing"
    if _TOTP not in offered:  # in Cognito's JSON text, or in the list or the bare name that emulators send
        raise SoftwareTokenNotOfferedError(
            "The user must set up MFA, but this user pool offers no authenticator app (TOTP). It offers: "
            f"{offered}. Turn TOTP on with SetUserPoolMfaConfig"
            " (SoftwareTokenMfaConfiguration, Enabled=true), then sign in again."
        )


def _check_challenge(answer: SignInAnswer, expected: str) -> None:
    received = answer.get("ChallengeName") or (TOKENS if "AuthenticationResult" in answer else None)
    if received != expected:
        raise UnexpectedChallengeError(expected, received, answer.get("ChallengeParameters") or {})


def authentication_result(answer: SignInAnswer) -> AuthenticationResultTypeTypeDef:
    """Return the tokens of an answer.

    Raises:
        UnexpectedChallengeError: Cognito asks for something else first.
    """
    _check_challenge(answer, TOKENS)
    return answer.get("AuthenticationResult", {})


def _proof(
    aws_srp: ModuleType, srp: Any, answer: SignInAnswer, identity: Mapping[str, str]
) -> dict[str, str]:
    parameters = answer.get("ChallengeParameters") or {}
    _check_server_values(aws_srp, srp, parameters)
    challenge = {**parameters, **identity}
    # pycognito's second argument is the request to take the user name from; warrant has none. Both put a user
    # name into the proof, not the same one; `_parameters` puts the right one in its place.
    arguments = (challenge, {"USERNAME": ""}) if _takes_two(srp.process_challenge) else (challenge,)
    try:
        proof: dict[str, str] = srp.process_challenge(*arguments)
    except KeyError:
        missing = ", ".join(name for name in _SERVER_VALUES if name not in parameters)
        asked = answer.get("ChallengeName")
        raise UnsafeSrpValueError(f"{asked} came without {missing}; no proof was sent.") from None
    return proof


def _takes_two(method: Callable[..., Any]) -> bool:
    try:
        inspect.signature(method).bind({}, {})
    except TypeError:
        return False
    return True


def _check_server_values(aws_srp: ModuleType, srp: Any, parameters: Mapping[str, Any]) -> None:
    # What is missing stops the helper itself, by a KeyError.
    for name in ("SALT", "SRP_B"):
        value = parameters.get(name, "0")
        if not (isinstance(value, str) and re.fullmatch("[0-9a-fA-F]+", value)):
            raise UnsafeSrpValueError(f"{name} is not hexadecimal text; no proof was sent.")
    try:
        base64.b64decode(parameters.get("SECRET_BLOCK", ""), validate=True)
    except (TypeError, ValueError):
        raise UnsafeSrpValueError("SECRET_BLOCK is not Base64 text; no proof was sent.") from None
    if "SRP_B" in parameters:
        _check_server_b(aws_srp, srp, int(parameters["SRP_B"], 16))


def _check_server_b(aws_srp: ModuleType, srp: Any, server_b: int) -> None:
    if server_b % srp.big_n == 0:
        raise UnsafeSrpValueError(
            "SRP_B is a multiple of N, so its sender need not know the password; no proof was sent."
            " Check which endpoint answers."
        )
    both = aws_srp.pad_hex(srp.large_a_value) + aws_srp.pad_hex(server_b)
    if aws_srp.hex_to_long(aws_srp.hex_hash(both)) == 0:
        raise UnsafeSrpValueError("The SRP value u is 0; no proof was sent. Sign in again.")
