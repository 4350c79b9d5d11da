"""Amazon Cognito user pools: one method for each action, from sign-up to the last sign-out.

`CognitoIdentityProviderWrapper` sends requests through a boto3 client and returns Cognito's answers. It never
prints and never prompts. It is one file that may be copied: boto3 is its only dependency.
"""

# mypy: disable-error-code="no-any-return"
# Each method gives the answer of its action a type; `call` returns JSON.

from __future__ import annotations

import base64
import hmac
import inspect
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict, cast

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
else:

    class _Alike:
        """Has one type by every name: for annotations that are resolved at run time, as by pydantic."""

        def __init__(self, kind: Any) -> None:
            self.kind = kind

        def __getattr__(self, name: str) -> Any:
            return self.kind

    literals, type_defs = _Alike(str), _Alike(dict[str, Any])
    CognitoIdentityProviderClient = Any

AuthenticationResult: TypeAlias = type_defs.AuthenticationResultTypeTypeDef
ChallengeName: TypeAlias = literals.ChallengeNameTypeType
CodeDelivery: TypeAlias = type_defs.CodeDeliveryDetailsTypeTypeDef
Attributes = Mapping[str, str]  # of a user: {"email": "alice@example.com", "custom:tenant": "wonderland"}
Metadata = Mapping[str, str] | None  # client_metadata: for the pool's Lambda triggers
Json = Mapping[str, Any]
Answer = dict[str, Any]  # of actions without a type of their own in boto3-stubs 1.38, or with none of note
MfaSettings = Mapping[str, Any] | None  # {"Enabled": True, "PreferredMfa": True}

logger = logging.getLogger(__name__)
logger.addHandler(logging.NullHandler())  # silent unless the program that uses this sets up logging

TOKENS = "tokens"  # in place of a challenge name, for the answer that ends a sign-in
_TOTP: ChallengeName = "SOFTWARE_TOKEN_MFA"
_PASSWORD_PROOF: ChallengeName = "PASSWORD_VERIFIER"  # noqa: S105
_DEVICE_SRP: ChallengeName = "DEVICE_SRP_AUTH"
_DEVICE_PROOF: ChallengeName = "DEVICE_PASSWORD_VERIFIER"
_NAME_TAKEN = "UsernameExistsException"
_POOLS_A_PAGE = 60  # the maximum of ListUserPools, which requires MaxResults
# Field names that are not the argument's name in CamelCase.
_FIELD_NAMES = {
    "attribute_names": "UserAttributeNames",
    "attributes": "UserAttributes",
    "sms_mfa_settings": "SMSMfaSettings",
    "status": "DeviceRememberedStatus",
    "user_name": "Username",
}
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

# Advice, by the challenge that came instead of the one for the device's proof.
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
    """Cognito's answer during a sign-in: the next challenge, or tokens.

    Each field is present only if it has a value.

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
    AuthenticationResult: type_defs.AuthenticationResultTypeTypeDef
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


class SrpProof:
    """One SRP exchange that proves a password without sending it, for one sign-in.

    `password_proof` and `device_proof` of `CognitoIdentityProviderWrapper` make it.
    """

    def __init__(self, srp: Any, user_name: str, device_key: str = "", device_group_key: str = "") -> None:
        self._srp = srp
        self._user_name = user_name
        self._device = {"DEVICE_KEY": device_key} if device_key else {}
        self._device_identity = device_group_key + device_key

    def public_value(self, challenge: SignInAnswer | None = None) -> dict[str, str]:
        """Return `SRP_A` (A = g^a mod N, hexadecimal): parameters of a sign-in, or responses to a challenge.

        A device answers DEVICE_SRP_AUTH with it; any other challenge is an UnexpectedChallengeError.
        """
        if challenge is not None:
            _check_challenge(challenge, _DEVICE_SRP)
        return {**self._device, "SRP_A": self._srp.get_auth_params()["SRP_A"]}

    def claim(self, challenge: SignInAnswer) -> dict[str, str]:
        """Return the responses to PASSWORD_VERIFIER or DEVICE_PASSWORD_VERIFIER: the signature and its data.

        Raises:
            UnexpectedChallengeError: `challenge` is another one.
            UnsafeSrpValueError: Cognito's SRP values must not be used.
        """
        _check_challenge(challenge, _DEVICE_PROOF if self._device else _PASSWORD_PROOF)
        user_id = self._device_identity or challenge_user_name(challenge, self._user_name)
        return {**_proof(self._srp, challenge, user_id), **self._device}


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


class CognitoIdentityProviderWrapper:
    """The actions of one user pool, for one app client.

    A method with boto3's name takes the fields of that action and returns Cognito's answer; the others say
    which actions they combine. Pool ID, client ID, client secret and secret hash are filled in; an argument
    of None is not sent. Answers are of mypy_boto3_cognito_idp's types, without `ResponseMetadata`; lists have
    the items of all pages. Attributes go in as a mapping, such as `{"email": ..., "custom:tenant": ...}`, and
    come out as one by `attributes_of`. Arguments that many actions share: `client_metadata` for the pool's
    Lambda triggers, `validation_data` for the pre sign-up trigger alone; `user_context_data` or
    `context_data`, such as `{"IpAddress": ...}`, for threat protection; `analytics_metadata`,
    `{"AnalyticsEndpointId": ...}`, for Amazon Pinpoint.

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
        events = getattr(getattr(cognito_idp_client, "meta", None), "events", None)
        if events is not None:  # older boto3 signs this action, which needs no credentials
            event = "choose-signer.cognito-idp.GetTokensFromRefreshToken"
            events.register(event, _not_signed, unique_id=event)

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
            TypeError: the client is for asyncio, and its methods have to be awaited.
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
            raise TypeError("This is an asyncio client (aioboto3, aiobotocore): pass a client of boto3.")
        return {field: value for field, value in answer.items() if field != "ResponseMetadata"}

    # The pool

    def describe_user_pool(self) -> type_defs.DescribeUserPoolResponseTypeDef:
        """Return the pool's settings, in `UserPool`; whether TOTP is on is not among them."""
        return self._send("describe_user_pool", UserPoolId=self.user_pool_id)

    def get_user_pool_mfa_config(self) -> type_defs.GetUserPoolMfaConfigResponseTypeDef:
        """Return whether MFA is off, optional or on, and the factors that were ever configured."""
        return self._send("get_user_pool_mfa_config", UserPoolId=self.user_pool_id)

    def describe_user_pool_client(self) -> type_defs.DescribeUserPoolClientResponseTypeDef:
        """Return the app client's settings, in `UserPoolClient`; its secret is among them if it has one."""
        return self._send("describe_user_pool_client", **self._client())

    def list_user_pools(self) -> list[type_defs.UserPoolDescriptionTypeTypeDef]:
        """Return the pools of the account in this region: `Id`, `Name`, and more."""
        return list(self._items("list_user_pools", "UserPools", MaxResults=_POOLS_A_PAGE))

    def add_user_pool_client_secret(self, *, client_secret: str | None = None) -> Answer:
        """Give the app client a second secret; `ClientSecretDescriptor` has it if Cognito made it."""
        return self._send("add_user_pool_client_secret", locals(), **self._client())

    def list_user_pool_client_secrets(self) -> list[Answer]:
        """Return the app client's secrets: `ClientSecretId` and dates, not the secrets themselves."""
        return list(self._items("list_user_pool_client_secrets", "ClientSecrets", **self._client()))

    def delete_user_pool_client_secret(self, client_secret_id: str) -> Answer:
        """Delete one of the app client's two secrets."""
        return self._send("delete_user_pool_client_secret", locals(), **self._client())

    def get_client_token(
        self, *, scopes: Sequence[str] | None = None, client_metadata: Metadata = None
    ) -> Answer:
        """Return an access token of the app client itself, not of a user, in `ClientAuthenticationResult`."""
        return self._send("get_client_token", locals(), ClientId=self.client_id, Secret=self.client_secret)

    # Signing up

    def sign_up_user(
        self,
        user_name: str,
        password: str,
        user_email: str,
        *,
        existing_ok: bool = True,
        attributes: Attributes | None = None,
        client_metadata: Metadata = None,
    ) -> bool:
        """Sign up a user (SignUp), and return whether the account is confirmed already.

        A name that exists is not an error, AdminGetUser tells its state; with `existing_ok=False`, or without
        AWS credentials, it is one, UsernameExistsException.
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
        *,
        validation_data: Attributes | None = None,
        client_metadata: Metadata = None,
        analytics_metadata: Metadata = None,
        user_context_data: Json | None = None,
    ) -> type_defs.SignUpResponseTypeDef:
        """Sign up a user; return `UserConfirmed`, `UserSub`, `CodeDeliveryDetails` when a code was sent.

        The password may be left out in pools that let users sign in by a code or a passkey.
        """
        return self._send("sign_up", locals(), **self._account(user_name))

    def resend_confirmation(self, user_name: str) -> CodeDelivery:
        """Send a new confirmation code; return where it went (`DeliveryMedium`, masked `Destination`)."""
        return self.resend_confirmation_code(user_name).get("CodeDeliveryDetails", {})

    def resend_confirmation_code(
        self,
        user_name: str,
        *,
        client_metadata: Metadata = None,
        analytics_metadata: Metadata = None,
        user_context_data: Json | None = None,
    ) -> type_defs.ResendConfirmationCodeResponseTypeDef:
        """Send a new confirmation code; `CodeDeliveryDetails` says where it went."""
        return self._send("resend_confirmation_code", locals(), **self._account(user_name))

    def confirm_user_sign_up(self, user_name: str, confirmation_code: str) -> bool:
        """Confirm a sign-up with the code that the user received (ConfirmSignUp); return True."""
        self.confirm_sign_up(user_name, confirmation_code)
        return True

    def confirm_sign_up(
        self,
        user_name: str,
        confirmation_code: str,
        *,
        session: str | None = None,
        force_alias_creation: bool | None = None,
        client_metadata: Metadata = None,
        analytics_metadata: Metadata = None,
        user_context_data: Json | None = None,
    ) -> Answer:
        """Confirm a sign-up with the code that the user received.

        Given the session of `sign_up`, the answer has a `Session` too: it signs in by USER_AUTH, once.
        """
        return self._send("confirm_sign_up", locals(), **self._account(user_name))

    def list_users(
        self,
        *,
        limit: int | None = None,
        filter: str | None = None,  # noqa: A002 - the field's own name
        attributes_to_get: Sequence[str] | None = None,
    ) -> list[type_defs.UserTypeTypeDef]:
        """Return all users of the pool, or the first `limit`; the arguments are those of `iter_users`."""
        return list(self.iter_users(limit, filter, attributes_to_get))

    def iter_users(
        self,
        limit: int | None = None,
        filter: str | None = None,  # noqa: A002 - the field's own name
        attributes_to_get: Sequence[str] | None = None,
    ) -> Iterator[type_defs.UserTypeTypeDef]:
        """Yield the users of the pool (ListUsers); a page is requested when its first user is needed.

        `limit` is how many users at most; a filter is such as `email ^= "alice@"`, attributes `["email"]`.
        """
        wanted = {"filter": filter, "attributes_to_get": attributes_to_get}
        return islice(self._items("list_users", "Users", wanted, UserPoolId=self.user_pool_id), limit)

    # Signing in, with AWS credentials, from a server

    def start_sign_in(self, user_name: str, password: str) -> SignInAnswer:
        """Sign in with a password (ADMIN_USER_PASSWORD_AUTH), and return the next challenge, or tokens.

        On MFA_SETUP this goes on to AssociateSoftwareToken, and the answer has its `SecretCode` (TOTP secret,
        Base32 without padding) and its newer `Session` too.

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
        session: str | None = None,
        client_metadata: Metadata = None,
        analytics_metadata: Metadata = None,
        context_data: Json | None = None,
    ) -> SignInAnswer:
        """Begin a sign-in; return the next challenge, or tokens. The arguments are `initiate_auth`'s."""
        auth_parameters = self._parameters(user_name, auth_parameters, password, device_key)
        del user_name, password, device_key  # these are parameters, not fields
        return self._send("admin_initiate_auth", locals(), **self._client())

    def get_mfa_secret(
        self, session: str | None = None, access_token: str | None = None
    ) -> type_defs.AssociateSoftwareTokenResponseTypeDef:
        """Return a new TOTP secret: `SecretCode` (Base32 without padding), and the next `Session`.

        AssociateSoftwareToken takes the session of an MFA_SETUP challenge or, for a user who is signed in, an
        access token; with a token there is no next session.
        """
        return self.associate_software_token(session, access_token)

    def associate_software_token(
        self, session: str | None = None, access_token: str | None = None
    ) -> type_defs.AssociateSoftwareTokenResponseTypeDef:
        """Return a new TOTP secret; see `get_mfa_secret`."""
        return self._send("associate_software_token", locals())

    def verify_mfa(
        self, session: str | None, user_code: str, access_token: str | None = None
    ) -> type_defs.VerifySoftwareTokenResponseTypeDef:
        """Prove with a code (6 digits, RFC 6238) that an app has the secret; return `Status`, next `Session`.

        VerifySoftwareToken takes the newest session or, for a user who is signed in, None and an access
        token. A wrong code raises EnableSoftwareTokenMFAException.
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
        return self._send("verify_software_token", locals())

    def admin_respond_to_auth_challenge(
        self,
        user_name: str,
        challenge_name: ChallengeName,
        session: str | None,
        responses: Mapping[str, str],
        *,
        client_metadata: Metadata = None,
        analytics_metadata: Metadata = None,
        context_data: Json | None = None,
    ) -> SignInAnswer:
        """Answer any challenge of a sign-in; the arguments are `respond_to_auth_challenge`'s."""
        session, challenge_responses = session or None, self._parameters(user_name, responses)
        del user_name, responses
        return self._send("admin_respond_to_auth_challenge", locals(), **self._client())

    def respond_to_mfa_challenge(self, user_name: str, session: str, mfa_code: str) -> AuthenticationResult:
        """Answer SOFTWARE_TOKEN_MFA with a code (6 digits), and return the authentication result.

        A wrong code raises CodeMismatchException, a used one ExpiredCodeException; another challenge after it
        raises UnexpectedChallengeError.
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
        session: str | None = None,
        client_metadata: Metadata = None,
        analytics_metadata: Metadata = None,
        user_context_data: Json | None = None,
    ) -> SignInAnswer:
        """Begin a sign-in, by default with the password itself; return the next challenge, or tokens.

        Other flows take other parameters, such as `{"PREFERRED_CHALLENGE": "EMAIL_OTP"}` for USER_AUTH, which
        also takes the session of `confirm_sign_up`. The device key identifies a tracked device.
        """
        auth_parameters = self._parameters(user_name, auth_parameters, password, device_key)
        del user_name, password, device_key  # these are parameters, not fields
        return self._send("initiate_auth", locals(), ClientId=self.client_id)

    def start_srp_sign_in(
        self,
        user_name: str,
        password: str,
        aws_srp: ModuleType,
        *,
        device_key: str | None = None,
        auth_flow: literals.AuthFlowTypeType = "USER_SRP_AUTH",
        client_metadata: Metadata = None,
    ) -> SignInAnswer:
        """Sign in with a proof of the password, which stays here; return the next challenge, or tokens.

        InitiateAuth (USER_SRP_AUTH, or CUSTOM_AUTH where the pool's triggers want the proof first), then
        RespondToAuthChallenge (PASSWORD_VERIFIER). `aws_srp` is an SRP helper: the module `cognito_srp`, or
        one like it. With the key of a tracked device, Cognito asks for the device's proof next
        (`respond_to_device_challenge`), where it would ask for an MFA code.

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
        responses = {**proof.claim(answer), **({"DEVICE_KEY": device_key} if device_key else {})}
        name, session = challenge_user_name(answer, user_name), answer.get("Session")
        return self.respond_to_auth_challenge(
            name, _PASSWORD_PROOF, session, responses, client_metadata=client_metadata
        )

    def password_proof(self, aws_srp: ModuleType, user_name: str, password: str) -> SrpProof:
        """Begin the proof that a user knows the password; the arguments are as in `start_srp_sign_in`."""
        return SrpProof(self._exchange(aws_srp, user_name, password, self.user_pool_id), user_name)

    def respond_to_auth_challenge(
        self,
        user_name: str,
        challenge_name: ChallengeName,
        session: str | None,
        responses: Mapping[str, str],
        *,
        client_metadata: Metadata = None,
        analytics_metadata: Metadata = None,
        user_context_data: Json | None = None,
    ) -> SignInAnswer:
        """Answer any challenge of a sign-in; return the next challenge, or tokens.

        `user_name` is the one that Cognito gave (`challenge_user_name`), `session` came with the challenge.
        Responses are such as `{"SMS_MFA_CODE": ...}` or `{"ANSWER": ...}`; name and secret hash are added.
        """
        session, challenge_responses = session or None, self._parameters(user_name, responses)
        del user_name, responses
        return self._send("respond_to_auth_challenge", locals(), ClientId=self.client_id)

    def refresh_tokens(
        self, refresh_token: str, user_name: str, device_key: str | None = None
    ) -> AuthenticationResult:
        """Return new access and ID tokens (InitiateAuth with REFRESH_TOKEN_AUTH).

        `user_name` is the real one, `username` of the access token's claims; the secret hash needs it. App
        clients that rotate refresh tokens refuse this: they want `get_tokens_from_refresh_token`.
        """
        parameters = self._parameters(user_name, {"REFRESH_TOKEN": refresh_token}, None, device_key)
        del parameters["USERNAME"]
        fields = {"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": parameters}
        return authentication_result(self._send("initiate_auth", ClientId=self.client_id, **fields))

    def get_tokens_from_refresh_token(
        self, refresh_token: str, device_key: str | None = None, *, client_metadata: Metadata = None
    ) -> AuthenticationResult:
        """Return new access and ID tokens, and a new refresh token where the app client rotates them.

        Pools that track devices need the key of the device that signed in; it must be confirmed.
        """
        answer = self._send("get_tokens_from_refresh_token", locals(), **self._credentials())
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

        The keys come from `NewDeviceMetadata`. The device password is random text to keep on the device,
        where it stands in for the user's MFA codes: ConfirmDevice gives Cognito an SRP verifier of it, with a
        random salt. `aws_srp` is an SRP helper: `cognito_srp`, `pycognito.aws_srp`, or one like them.
        """
        verifier = self.device_verifier(aws_srp, device_key, device_group_key, device_password)
        answer = self.confirm_device(access_token, device_key, verifier, device_name=device_name)
        return bool(answer.get("UserConfirmationNecessary", False))

    def confirm_device(
        self,
        access_token: str,
        device_key: str,
        device_secret_verifier_config: type_defs.DeviceSecretVerifierConfigTypeTypeDef,
        *,
        device_name: str | None = None,
    ) -> type_defs.ConfirmDeviceResponseTypeDef:
        """Confirm a device by the salt and the verifier that `device_verifier` makes."""
        return self._send("confirm_device", locals())

    def update_device_status(
        self, access_token: str, device_key: str, status: literals.DeviceRememberedStatusTypeType
    ) -> Answer:
        """Set a confirmed device's status, for pools that wait for the user to agree."""
        return self._send("update_device_status", locals())

    def sign_in_with_tracked_device(
        self,
        user_name: str,
        password: str,
        device_key: str,
        device_group_key: str,
        device_password: str,
        aws_srp: ModuleType,
    ) -> AuthenticationResult:
        """Sign in with password and confirmed device, without an MFA code; return the authentication result.

        USER_PASSWORD_AUTH, then `respond_to_device_challenge`, with the same arguments and errors.
        """
        answer = self.initiate_auth(user_name, password, device_key=device_key)
        device = (device_key, device_group_key, device_password)
        return authentication_result(self.respond_to_device_challenge(answer, user_name, *device, aws_srp))

    def respond_to_device_challenge(
        self,
        challenge: SignInAnswer,
        user_name: str,
        device_key: str,
        device_group_key: str,
        device_password: str,
        aws_srp: ModuleType,
        *,
        client_metadata: Metadata = None,
    ) -> SignInAnswer:
        """Answer DEVICE_SRP_AUTH with an SRP proof of the device's password; return the next answer.

        Two calls of RespondToAuthChallenge. The arguments about the device are those of `confirm_mfa_device`,
        the errors UnexpectedChallengeError and UnsafeSrpValueError; with either, no proof was sent.
        """
        proof = self.device_proof(aws_srp, device_key, device_group_key, device_password)
        name, responses = challenge_user_name(challenge, user_name), proof.public_value(challenge)
        answer = self.respond_to_auth_challenge(
            name, _DEVICE_SRP, challenge.get("Session"), responses, client_metadata=client_metadata
        )
        name, responses = challenge_user_name(answer, name), proof.claim(answer)
        return self.respond_to_auth_challenge(
            name, _DEVICE_PROOF, answer.get("Session"), responses, client_metadata=client_metadata
        )

    def device_proof(
        self, aws_srp: ModuleType, device_key: str, device_group_key: str, device_password: str
    ) -> SrpProof:
        """Begin the proof that a device knows its password; the arguments are as in `confirm_mfa_device`."""
        # The helpers hash pool name || user ID, and the pool name of "_" is empty: with device group key ||
        # device key as the user ID, their formulas for users give the device's.
        srp = self._exchange(aws_srp, device_group_key + device_key, device_password, "_")
        return SrpProof(srp, "", device_key, device_group_key)

    def device_verifier(
        self, aws_srp: ModuleType, device_key: str, device_group_key: str, device_password: str
    ) -> type_defs.DeviceSecretVerifierConfigTypeTypeDef:
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
        return list(self._items("list_devices", "Devices", locals()))

    def get_device(self, access_token: str, device_key: str) -> type_defs.GetDeviceResponseTypeDef:
        """Return one of the user's devices, in `Device`."""
        return self._send("get_device", locals())

    def forget_device(self, access_token: str, device_key: str) -> Answer:
        """Forget a device, so that it can't stand in for an MFA code any more."""
        return self._send("forget_device", locals())

    # Passkeys, and how else a user may sign in

    def start_web_authn_registration(self, access_token: str) -> Answer:
        """Return `CredentialCreationOptions`, to be given to `navigator.credentials.create` as JSON."""
        return self._send("start_web_authn_registration", locals())

    def complete_web_authn_registration(self, access_token: str, credential: Json) -> Answer:
        """Add the passkey that the browser made; `credential` is its RegistrationResponseJSON (WebAuthn)."""
        return self._send("complete_web_authn_registration", locals())

    def list_web_authn_credentials(self, access_token: str) -> list[Answer]:
        """Return the user's passkeys: `CredentialId`, `FriendlyCredentialName`, `CreatedAt` and more."""
        return list(self._items("list_web_authn_credentials", "Credentials", locals()))

    def delete_web_authn_credential(self, access_token: str, credential_id: str) -> Answer:
        """Delete one of the user's passkeys."""
        return self._send("delete_web_authn_credential", locals())

    def get_user_auth_factors(self, access_token: str) -> Answer:
        """Return the user's sign-in factors, in `ConfiguredUserAuthFactors`, and MFA settings."""
        return self._send("get_user_auth_factors", locals())

    # The user's own account

    def get_user(self, access_token: str) -> type_defs.GetUserResponseTypeDef:
        """Return the user of an access token: `Username`, `UserAttributes`, and MFA settings."""
        return self._send("get_user", locals())

    def update_user_attributes(
        self, access_token: str, attributes: Attributes, *, client_metadata: Metadata = None
    ) -> type_defs.UpdateUserAttributesResponseTypeDef:
        """Change attributes; `CodeDeliveryDetailsList` says where codes went that verify new addresses."""
        return self._send("update_user_attributes", locals())

    def delete_user_attributes(self, access_token: str, attribute_names: Sequence[str]) -> Answer:
        """Delete attributes, such as `["nickname", "custom:tenant"]`."""
        return self._send("delete_user_attributes", locals())

    def get_user_attribute_verification_code(
        self, access_token: str, attribute_name: str, *, client_metadata: Metadata = None
    ) -> type_defs.GetUserAttributeVerificationCodeResponseTypeDef:
        """Send a code that verifies `email` or `phone_number`; `CodeDeliveryDetails` says where it went."""
        return self._send("get_user_attribute_verification_code", locals())

    def verify_user_attribute(self, access_token: str, attribute_name: str, code: str) -> Answer:
        """Verify `email` or `phone_number` with the code that was sent there."""
        return self._send("verify_user_attribute", locals())

    def set_user_mfa_preference(
        self,
        access_token: str,
        software_token_mfa_settings: MfaSettings = None,
        sms_mfa_settings: MfaSettings = None,
        email_mfa_settings: MfaSettings = None,
        web_authn_mfa_settings: MfaSettings = None,
    ) -> Answer:
        """Choose how a user proves a second factor, in pools in which MFA is optional.

        Each of the settings is such as `{"Enabled": True, "PreferredMfa": True}`; None leaves a factor as it
        is. An authenticator app must have been verified before. Passkeys have no `PreferredMfa`.
        """
        return self._send("set_user_mfa_preference", locals())

    def change_password(
        self, access_token: str, previous_password: str | None, proposed_password: str
    ) -> Answer:
        """Change the password of a user who is signed in; `previous_password` is None if there is none."""
        return self._send("change_password", locals())

    def forgot_password(
        self,
        user_name: str,
        *,
        client_metadata: Metadata = None,
        analytics_metadata: Metadata = None,
        user_context_data: Json | None = None,
    ) -> type_defs.ForgotPasswordResponseTypeDef:
        """Send a code that sets a new password; `CodeDeliveryDetails` says where it went."""
        return self._send("forgot_password", locals(), **self._account(user_name))

    def confirm_forgot_password(
        self,
        user_name: str,
        confirmation_code: str,
        password: str,
        *,
        client_metadata: Metadata = None,
        analytics_metadata: Metadata = None,
        user_context_data: Json | None = None,
    ) -> Answer:
        """Set a new password with the code that `forgot_password` sent."""
        return self._send("confirm_forgot_password", locals(), **self._account(user_name))

    # Signing out

    def revoke_token(self, refresh_token: str, *, revoke_associated_sessions: bool | None = None) -> Answer:
        """Sign out here: end a refresh token, and the access tokens that it brought."""
        fields = {"Token": refresh_token, "RevokeAssociatedSessions": revoke_associated_sessions}
        return self._send("revoke_token", **fields, **self._credentials())

    def global_sign_out(self, access_token: str) -> Answer:
        """Sign out everywhere: end every refresh and access token of the user."""
        return self._send("global_sign_out", locals())

    def list_user_sessions(self, access_token: str) -> list[Answer]:
        """Return the sessions of the user, in pools that track them."""
        return list(self._items("list_user_sessions", "Sessions", locals()))

    def revoke_user_session(
        self, access_token: str, session_id: str, *, revoke_associated_sessions: bool | None = None
    ) -> Answer:
        """End one of the user's sessions."""
        return self._send("revoke_user_session", locals())

    def delete_user(self, access_token: str) -> Answer:
        """Delete the user of an access token, with all devices."""
        return self._send("delete_user", locals())

    # Administration of users

    def admin_create_user(
        self,
        user_name: str,
        attributes: Attributes | None = None,
        *,
        temporary_password: str | None = None,
        message_action: literals.MessageActionTypeType | None = None,
        desired_delivery_mediums: Sequence[literals.DeliveryMediumTypeType] | None = None,
        force_alias_creation: bool | None = None,
        validation_data: Attributes | None = None,
        client_metadata: Metadata = None,
    ) -> type_defs.AdminCreateUserResponseTypeDef:
        """Create a user, who sets a new password at the first sign-in; return it, in `User`.

        Without a temporary password Cognito makes one. The message action "SUPPRESS" sends no invitation,
        "RESEND" sends it once more; the delivery mediums are "EMAIL", "SMS" (the default), or both. With
        `force_alias_creation` an alias, such as an e-mail address, is taken over from another user.
        """
        return self._send("admin_create_user", locals(), UserPoolId=self.user_pool_id)

    def admin_get_user(self, user_name: str) -> type_defs.AdminGetUserResponseTypeDef:
        """Return a user: `Username`, `UserStatus`, `UserAttributes` and more."""
        return self._send("admin_get_user", locals(), UserPoolId=self.user_pool_id)

    def admin_confirm_sign_up(self, user_name: str, *, client_metadata: Metadata = None) -> Answer:
        """Confirm a sign-up without a code; addresses stay unverified."""
        return self._send("admin_confirm_sign_up", locals(), UserPoolId=self.user_pool_id)

    def admin_set_user_password(self, user_name: str, password: str, *, permanent: bool = False) -> Answer:
        """Set a password: one to be replaced at the next sign-in or, when permanent, one that stays."""
        return self._send("admin_set_user_password", locals(), UserPoolId=self.user_pool_id)

    def admin_reset_user_password(self, user_name: str, *, client_metadata: Metadata = None) -> Answer:
        """Make the present password useless, and send a code that sets a new one."""
        return self._send("admin_reset_user_password", locals(), UserPoolId=self.user_pool_id)

    def admin_update_user_attributes(
        self, user_name: str, attributes: Attributes, *, client_metadata: Metadata = None
    ) -> Answer:
        """Change attributes of a user; `email_verified` and `phone_number_verified` may be among them."""
        return self._send("admin_update_user_attributes", locals(), UserPoolId=self.user_pool_id)

    def admin_delete_user_attributes(self, user_name: str, attribute_names: Sequence[str]) -> Answer:
        """Delete attributes of a user, such as `["nickname", "custom:tenant"]`."""
        return self._send("admin_delete_user_attributes", locals(), UserPoolId=self.user_pool_id)

    def admin_disable_user(self, user_name: str) -> Answer:
        """Disable a user: sign-ins are refused, and the present ones end."""
        return self._send("admin_disable_user", locals(), UserPoolId=self.user_pool_id)

    def admin_enable_user(self, user_name: str) -> Answer:
        """Enable a user who was disabled."""
        return self._send("admin_enable_user", locals(), UserPoolId=self.user_pool_id)

    def admin_user_global_sign_out(self, user_name: str) -> Answer:
        """Sign a user out everywhere."""
        return self._send("admin_user_global_sign_out", locals(), UserPoolId=self.user_pool_id)

    def admin_list_user_sessions(self, user_name: str) -> list[Answer]:
        """Return the sessions of a user, in pools that track them."""
        return list(
            self._items("admin_list_user_sessions", "Sessions", locals(), UserPoolId=self.user_pool_id)
        )

    def admin_revoke_user_session(
        self, user_name: str, session_id: str, *, revoke_associated_sessions: bool | None = None
    ) -> Answer:
        """End one of a user's sessions."""
        return self._send("admin_revoke_user_session", locals(), UserPoolId=self.user_pool_id)

    def admin_delete_software_token(self, user_name: str) -> Answer:
        """Remove a user's authenticator app, for a user who has lost it."""
        return self._send("admin_delete_software_token", locals(), UserPoolId=self.user_pool_id)

    def admin_get_user_auth_factors(self, user_name: str) -> Answer:
        """Return a user's sign-in factors, in `ConfiguredUserAuthFactors`, and MFA settings."""
        return self._send("admin_get_user_auth_factors", locals(), UserPoolId=self.user_pool_id)

    def admin_link_provider_for_user(self, destination_user: Json, source_user: Json) -> Answer:
        """Link the user of an identity provider (source) to one of the pool's own (destination).

        Each is such as `{"ProviderName": ..., "ProviderAttributeName": ..., "ProviderAttributeValue": ...}`.
        """
        return self._send("admin_link_provider_for_user", locals(), UserPoolId=self.user_pool_id)

    def admin_disable_provider_for_user(self, user: Json) -> Answer:
        """End the link of a user of an identity provider; `user` is as in `admin_link_provider_for_user`."""
        return self._send("admin_disable_provider_for_user", locals(), UserPoolId=self.user_pool_id)

    def admin_delete_user(self, user_name: str) -> Answer:
        """Delete a user."""
        return self._send("admin_delete_user", locals(), UserPoolId=self.user_pool_id)

    # Groups

    def create_group(
        self,
        group_name: str,
        *,
        description: str | None = None,
        role_arn: str | None = None,
        precedence: int | None = None,
    ) -> type_defs.CreateGroupResponseTypeDef:
        """Make a group, and return it, in `Group`; the lowest precedence gives a user's preferred role."""
        return self._send("create_group", locals(), UserPoolId=self.user_pool_id)

    def get_group(self, group_name: str) -> type_defs.GetGroupResponseTypeDef:
        """Return a group, in `Group`."""
        return self._send("get_group", locals(), UserPoolId=self.user_pool_id)

    def delete_group(self, group_name: str) -> Answer:
        """Delete a group; its users stay."""
        return self._send("delete_group", locals(), UserPoolId=self.user_pool_id)

    def list_groups(self) -> list[type_defs.GroupTypeTypeDef]:
        """Return all groups of the pool."""
        return list(self._items("list_groups", "Groups", UserPoolId=self.user_pool_id))

    def list_users_in_group(self, group_name: str) -> list[type_defs.UserTypeTypeDef]:
        """Return all users of a group."""
        return list(self._items("list_users_in_group", "Users", locals(), UserPoolId=self.user_pool_id))

    def admin_list_groups_for_user(self, user_name: str) -> list[type_defs.GroupTypeTypeDef]:
        """Return all groups of a user."""
        return list(
            self._items("admin_list_groups_for_user", "Groups", locals(), UserPoolId=self.user_pool_id)
        )

    def admin_add_user_to_group(self, user_name: str, group_name: str) -> Answer:
        """Put a user into a group; tokens from then on have it in `cognito:groups`."""
        return self._send("admin_add_user_to_group", locals(), UserPoolId=self.user_pool_id)

    def admin_remove_user_from_group(self, user_name: str, group_name: str) -> Answer:
        """Take a user out of a group."""
        return self._send("admin_remove_user_from_group", locals(), UserPoolId=self.user_pool_id)

    # Helpers

    def _send(self, operation: str, arguments: Json | None = None, /, **filled_in: Any) -> Any:
        """Send the fields that are filled in, and a method's own arguments, its `locals()`."""
        given = {name: value for name, value in (arguments or {}).items() if name != "self"}
        fields = filled_in | {_field_name(name): value for name, value in given.items()}
        for name in ("UserAttributes", "ValidationData"):
            if fields.get(name) is not None:
                fields[name] = [{"Name": key, "Value": value} for key, value in fields[name].items()]
        return self.call(operation, **{name: value for name, value in fields.items() if value is not None})

    def _items(
        self, operation: str, items: str, arguments: Json | None = None, /, **filled_in: Any
    ) -> Iterator[Any]:
        """Yield the items of a list, page by page."""
        page: dict[str, Any] = {}
        while True:
            answer = self._send(operation, arguments, **filled_in, **page)
            yield from answer.get(items) or ()
            following = {name: answer[name] for name in ("NextToken", "PaginationToken") if answer.get(name)}
            if not following:
                return
            if following == page:
                raise PaginationError(message=f"{operation} leads from a page to the same page.")
            page = following

    def _client(self) -> dict[str, str]:
        return {"UserPoolId": self.user_pool_id, "ClientId": self.client_id}

    def _credentials(self) -> dict[str, str | None]:
        return {"ClientId": self.client_id, "ClientSecret": self.client_secret or None}

    def _account(self, user_name: str) -> dict[str, str]:
        return {"ClientId": self.client_id, **self._hash_over("SecretHash", user_name)}

    def _parameters(
        self,
        user_name: str,
        parameters: Mapping[str, str] | None,
        password: str | None = None,
        device_key: str | None = None,
    ) -> dict[str, str]:
        # Name and hash are made in one place, because the hash is only right over the name beside it.
        name = {"USERNAME": user_name}  # first, as it is read; and last, as `parameters` may have another one
        known = {"PASSWORD": password, "DEVICE_KEY": device_key}
        given = {key: value for key, value in known.items() if value is not None}
        return {**name, **(parameters or {}), **given, **name, **self._hash_over("SECRET_HASH", user_name)}

    def _hash_over(self, field: str, user_name: str) -> dict[str, str]:
        secret = self.client_secret
        return {field: secret_hash(user_name, self.client_id, secret)} if secret else {}

    def _exchange(self, aws_srp: ModuleType, user_name: str, password: str, user_pool_id: str) -> Any:
        if not isinstance(password, str):
            raise TypeError("The password must be a str.")
        client = {"client_id": self.client_id, "client": self.cognito_idp_client}
        return aws_srp.AWSSRP(username=user_name, password=password, pool_id=user_pool_id, **client)

    def _srp_group(self, aws_srp: ModuleType) -> tuple[int, int]:
        # The module's constants, by pycognito's names: to make an AWSSRP costs a modular exponentiation.
        n, g = getattr(aws_srp, "N_HEX", None), getattr(aws_srp, "G_HEX", None)
        if isinstance(n, str) and isinstance(g, str):
            return int(n, 16), int(g, 16)
        srp = self._exchange(aws_srp, "", "", "_")
        return srp.big_n, srp.val_g if hasattr(srp, "val_g") else srp.g


def _field_name(argument: str) -> str:
    """Return Cognito's name of a field: `client_metadata` is `ClientMetadata`."""
    return _FIELD_NAMES.get(argument) or "".join(part.title() for part in argument.split("_"))


def _not_signed(**_: Any) -> Any:
    return UNSIGNED


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


def authentication_result(answer: SignInAnswer) -> AuthenticationResult:
    """Return the tokens of an answer.

    Raises:
        UnexpectedChallengeError: Cognito asks for something else first.
    """
    _check_challenge(answer, TOKENS)
    return answer.get("AuthenticationResult", {})


def _proof(srp: Any, answer: SignInAnswer, user_id: str) -> dict[str, str]:
    challenge = {**(answer.get("ChallengeParameters") or {}), "USER_ID_FOR_SRP": user_id}
    # pycognito's second argument is the request to take the user name from; warrant has none. Both put a user
    # name into the proof, not the same one; `_parameters` puts the right one in its place.
    arguments = (challenge, {"USERNAME": ""}) if _takes_two(srp.process_challenge) else (challenge,)
    try:
        _refuse_multiple_of_n(srp, challenge)
        proof: dict[str, str] = srp.process_challenge(*arguments)
    except UnsafeSrpValueError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        name = answer.get("ChallengeName")
        raise UnsafeSrpValueError(f"No proof was sent: {name} came with unusable SRP values.") from error
    return proof


def _refuse_multiple_of_n(srp: Any, challenge: Mapping[str, str]) -> None:
    if "SRP_B" in challenge and int(challenge["SRP_B"], 16) % srp.big_n == 0:
        raise UnsafeSrpValueError(
            "No proof was sent: SRP_B is a multiple of N, so its sender need not know the password. Check"
            " which endpoint answers."
        )


def _takes_two(method: Callable[..., Any]) -> bool:
    try:
        inspect.signature(method).bind({}, {})
    except TypeError:
        return False
    return True
