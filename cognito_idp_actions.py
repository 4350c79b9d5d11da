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
from itertools import islice
from typing import TYPE_CHECKING, Any, TypedDict, cast

from botocore.exceptions import ClientError, PaginationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from types import ModuleType

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.literals import (
        ChallengeNameTypeType,
        DeliveryMediumTypeType,
        DeviceRememberedStatusTypeType,
        MessageActionTypeType,
    )
    from mypy_boto3_cognito_idp.type_defs import (
        AdminCreateUserResponseTypeDef,
        AdminGetUserResponseTypeDef,
        AssociateSoftwareTokenResponseTypeDef,
        AttributeTypeTypeDef,
        AuthenticationResultTypeTypeDef,
        CodeDeliveryDetailsTypeTypeDef,
        ConfirmDeviceResponseTypeDef,
        CreateGroupResponseTypeDef,
        DescribeUserPoolClientResponseTypeDef,
        DescribeUserPoolResponseTypeDef,
        DeviceSecretVerifierConfigTypeTypeDef,
        DeviceTypeTypeDef,
        EmailMfaSettingsTypeTypeDef,
        EmptyResponseMetadataTypeDef,
        ForgotPasswordResponseTypeDef,
        GetDeviceResponseTypeDef,
        GetGroupResponseTypeDef,
        GetUserAttributeVerificationCodeResponseTypeDef,
        GetUserPoolMfaConfigResponseTypeDef,
        GetUserResponseTypeDef,
        GroupTypeTypeDef,
        ResendConfirmationCodeResponseTypeDef,
        SignUpResponseTypeDef,
        SMSMfaSettingsTypeTypeDef,
        SoftwareTokenMfaSettingsTypeTypeDef,
        UpdateUserAttributesResponseTypeDef,
        UserPoolDescriptionTypeTypeDef,
        UserTypeTypeDef,
        VerifySoftwareTokenResponseTypeDef,
    )

logger = logging.getLogger(__name__)
logger.addHandler(logging.NullHandler())  # silent unless the program that uses this sets up logging

TOKENS = "tokens"  # stands where a challenge name would, for the answer that ends a sign-in
_TOTP: ChallengeNameTypeType = "SOFTWARE_TOKEN_MFA"
_PASSWORD_PROOF: ChallengeNameTypeType = "PASSWORD_VERIFIER"  # noqa: S105
_DEVICE_SRP: ChallengeNameTypeType = "DEVICE_SRP_AUTH"
_DEVICE_PROOF: ChallengeNameTypeType = "DEVICE_PASSWORD_VERIFIER"
_SERVER_VALUES = ("SALT", "SRP_B", "SECRET_BLOCK")
_NAME_TAKEN = "UsernameExistsException"
_POOLS_A_PAGE = 60  # the most that ListUserPools gives, which wants to be told
# Refusals that users cause every day, by a mistake or a late answer; all others are for the log's reader.
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

# What to do when Cognito answers with this instead of asking for the device's proof.
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
        ChallengeName: what Cognito asks for next; absent, or empty, when the sign-in is over.
        ChallengeParameters: what the challenge comes with; lists and objects among the values are JSON text.
        Session: stands for this sign-in in the next request; good once, for 3 to 15 minutes.
        AuthenticationResult: the tokens.
        AvailableChallenges: what a user may choose from, in choice-based sign-in.
        SecretCode: the TOTP secret, which `start_sign_in` adds on MFA_SETUP.
    """

    ChallengeName: ChallengeNameTypeType
    ChallengeParameters: dict[str, str]
    Session: str
    AuthenticationResult: AuthenticationResultTypeTypeDef
    AvailableChallenges: list[ChallengeNameTypeType]
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
        names = ", ".join(sorted(parameter_names)) or "none"
        advice = _INSTEAD_OF_DEVICE_SRP.get(received or "", "") if expected == _DEVICE_SRP else ""
        super().__init__(
            f"Expected {expected}, but Cognito answered with {received or 'no challenge'}"
            f" (challenge parameters: {names}).{advice}"
        )
        self.expected = expected
        self.received = received


class SoftwareTokenNotOfferedError(SignInError):
    """The user must set up MFA, and the user pool offers no authenticator app (TOTP) for it."""


class UnsafeSrpValueError(SignInError, ValueError):
    """An SRP value is missing, malformed, or one that RFC 5054 (sections 2.5.3 and 2.5.4) says to refuse."""


class DeviceProof:
    """One SRP exchange of a device, in which it proves that it knows its password and does not send it.

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


def challenge_user_name(answer: Mapping[str, Any], user_name: str) -> str:
    """Return the user name to go on with after an answer of a sign-in; `user_name` when it gives none."""
    parameters = answer.get("ChallengeParameters") or {}
    return str(parameters.get("USER_ID_FOR_SRP") or parameters.get("USERNAME") or user_name)


def attributes_of(answer: Mapping[str, Any]) -> dict[str, str]:
    """Return a user's attributes, `{"email": ..., "custom:tenant": ...}`, or a device's.

    Args:
        answer: what GetUser or AdminGetUser answered, a user of ListUsers, or a device of ListDevices.
    """
    lists = (answer.get(name) for name in ("UserAttributes", "Attributes", "DeviceAttributes"))
    return {item["Name"]: item.get("Value", "") for attributes in lists for item in attributes or ()}


class CognitoIdentityProviderWrapper:
    """The actions of one user pool, for one app client.

    Methods whose names are boto3's take that action's values and return what Cognito answered; the others say
    which actions they take together. Pool ID, client ID and secret hash are filled in. Answers are of
    mypy_boto3_cognito_idp's types, without `ResponseMetadata`; lists have what all pages have. Attributes go
    in as a mapping, such as `{"email": ..., "custom:tenant": ...}`, and come out as one by `attributes_of`.

    When Cognito refuses, every method raises botocore's `ClientError` unchanged, after one log line with the
    action and the error code; Cognito's message, which may quote a secret, is in the exception alone.

    A person may sign in with an alias, such as an e-mail address. Cognito's first answer then gives the real
    user name, and only that one is right from there on: `challenge_user_name` reads it from the answer.

    Args:
        cognito_idp_client: a boto3 `cognito-idp` client. `admin_...`, `describe_...`, `list_...` (but
            `list_devices`), the methods for groups, `start_sign_in`, `respond_to_mfa_challenge`, and
            `sign_up_user` when the name exists, need AWS credentials.
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
        """
        try:
            answer = getattr(self.cognito_idp_client, operation)(**fields)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            level = logging.INFO if code in _EVERYDAY_REFUSALS else logging.ERROR
            # A traceback would repeat Cognito's message, which may quote a secret.
            logger.log(level, "%s was refused: %s", error.operation_name, code)
            raise
        return {field: value for field, value in answer.items() if field != "ResponseMetadata"}

    # The pool

    def describe_user_pool(self) -> DescribeUserPoolResponseTypeDef:
        """Return the pool's settings, in `UserPool`; whether TOTP is on is not among them."""
        return self.call("describe_user_pool", UserPoolId=self.user_pool_id)

    def get_user_pool_mfa_config(self) -> GetUserPoolMfaConfigResponseTypeDef:
        """Return whether MFA is off, optional or on, and the factors that were ever configured."""
        return self.call("get_user_pool_mfa_config", UserPoolId=self.user_pool_id)

    def describe_user_pool_client(self) -> DescribeUserPoolClientResponseTypeDef:
        """Return the app client's settings, in `UserPoolClient`; its secret is among them if it has one."""
        return self.call("describe_user_pool_client", UserPoolId=self.user_pool_id, ClientId=self.client_id)

    def list_user_pools(self) -> list[UserPoolDescriptionTypeTypeDef]:
        """Return the pools of the account in this region: `Id`, `Name`, and more."""
        return list(self._items("list_user_pools", "UserPools", MaxResults=_POOLS_A_PAGE))

    # Signing up

    def sign_up_user(
        self,
        user_name: str,
        password: str,
        user_email: str,
        *,
        existing_ok: bool = True,
        attributes: Mapping[str, str] | None = None,
        client_metadata: Mapping[str, str] | None = None,
    ) -> bool:
        """Sign up a user, and return whether the account is confirmed already.

        Args:
            user_name: the name to sign in with.
            password: what the pool's password policy accepts.
            user_email: where the confirmation code goes.
            existing_ok: a user name that exists is no error: AdminGetUser tells its state. With False it is
                one, UsernameExistsException.
            attributes: attributes beside `email`, such as `{"name": ..., "custom:tenant": ...}`.
            client_metadata: what the pool's Lambda triggers are given.
        """
        try:
            answer = self.sign_up(
                user_name,
                password,
                {"email": user_email, **(attributes or {})},
                client_metadata=client_metadata,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != _NAME_TAKEN or not existing_ok:
                raise
            return self.admin_get_user(user_name).get("UserStatus") == "CONFIRMED"
        return answer["UserConfirmed"]

    def sign_up(
        self,
        user_name: str,
        password: str,
        attributes: Mapping[str, str],
        *,
        client_metadata: Mapping[str, str] | None = None,
    ) -> SignUpResponseTypeDef:
        """Sign up a user: return `UserConfirmed`, `UserSub`, and `CodeDeliveryDetails` when a code was sent.

        The arguments are those of `sign_up_user`, with `email` among the attributes.
        """
        return self.call(
            "sign_up",
            **self._account(user_name),
            Password=password,
            UserAttributes=_attribute_list(attributes),
            **_given(ClientMetadata=client_metadata),
        )

    def resend_confirmation(self, user_name: str) -> CodeDeliveryDetailsTypeTypeDef:
        """Send a new confirmation code; return where it went (`DeliveryMedium`, masked `Destination`)."""
        return self.resend_confirmation_code(user_name).get("CodeDeliveryDetails", {})

    def resend_confirmation_code(self, user_name: str) -> ResendConfirmationCodeResponseTypeDef:
        """Send a new confirmation code; `CodeDeliveryDetails` says where it went."""
        return self.call("resend_confirmation_code", **self._account(user_name))

    def confirm_user_sign_up(self, user_name: str, confirmation_code: str) -> bool:
        """Confirm a sign-up with the code that the user received; return True."""
        self.confirm_sign_up(user_name, confirmation_code)
        return True

    def confirm_sign_up(self, user_name: str, confirmation_code: str) -> dict[str, Any]:
        """Confirm a sign-up with the code that the user received."""
        account = self._account(user_name)
        return self.call("confirm_sign_up", **account, ConfirmationCode=confirmation_code)

    def list_users(self, *, limit: int | None = None) -> list[UserTypeTypeDef]:
        """Return all users of the pool, or the first `limit`: pages of ListUsers, at most 60 users each."""
        return list(self.iter_users(limit))

    def iter_users(
        self,
        limit: int | None = None,
        filter: str | None = None,  # noqa: A002 - the field's own name
    ) -> Iterator[UserTypeTypeDef]:
        """Give the users of the pool one by one; a page is asked for when a user of it is wanted.

        Args:
            limit: how many users at most, from 1; without it all of them.
            filter: which users, such as `email ^= "alice@"`; ListUsers says what it takes.
        """
        fields = {"UserPoolId": self.user_pool_id, **_given(Filter=filter)}
        return islice(self._items("list_users", "Users", "PaginationToken", **fields), limit)

    # Signing in, with AWS credentials, from a server

    def start_sign_in(self, user_name: str, password: str) -> SignInAnswer:
        """Sign in with a password (ADMIN_USER_PASSWORD_AUTH), and return what Cognito asks for next.

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
        return cast("SignInAnswer", {**answer, **self.get_mfa_secret(answer["Session"])})

    def admin_initiate_auth(self, user_name: str, password: str) -> SignInAnswer:
        """Sign in with a password (ADMIN_USER_PASSWORD_AUTH); return what is asked for next, or tokens."""
        return self.call(
            "admin_initiate_auth",
            UserPoolId=self.user_pool_id,
            ClientId=self.client_id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters=self._parameters(user_name, PASSWORD=password),
        )

    def get_mfa_secret(
        self, session: str | None = None, access_token: str | None = None
    ) -> AssociateSoftwareTokenResponseTypeDef:
        """Return a new TOTP secret: `SecretCode` (Base32 without padding), and the next `Session`.

        Give either the session of an MFA_SETUP challenge or, for a user who is signed in, an access token;
        with a token there is no next session. The action is AssociateSoftwareToken.
        """
        return self.associate_software_token(session, access_token)

    def associate_software_token(
        self, session: str | None = None, access_token: str | None = None
    ) -> AssociateSoftwareTokenResponseTypeDef:
        """Return a new TOTP secret; see `get_mfa_secret`."""
        return self.call("associate_software_token", **_given(Session=session, AccessToken=access_token))

    def verify_mfa(
        self, session: str | None, user_code: str, access_token: str | None = None
    ) -> VerifySoftwareTokenResponseTypeDef:
        """Prove with a code (6 digits, RFC 6238) that an app has the secret; return `Status`, next `Session`.

        `session` comes from `start_sign_in` or `get_mfa_secret`; it is None for a user who is signed in, and
        gives an access token. A wrong code raises EnableSoftwareTokenMFAException; boto3 refuses fewer than 6
        characters by itself (`botocore.exceptions.ParamValidationError`). The action is VerifySoftwareToken.
        """
        return self.verify_software_token(session, user_code, access_token)

    def verify_software_token(
        self, session: str | None, user_code: str, access_token: str | None = None
    ) -> VerifySoftwareTokenResponseTypeDef:
        """Prove with a code that an app has the secret; see `verify_mfa`."""
        return self.call(
            "verify_software_token", **_given(Session=session, AccessToken=access_token), UserCode=user_code
        )

    def admin_respond_to_auth_challenge(
        self,
        user_name: str,
        challenge_name: ChallengeNameTypeType,
        session: str,
        responses: Mapping[str, str],
    ) -> SignInAnswer:
        """Answer any challenge of a sign-in, and return what Cognito asks for next, or tokens.

        Args:
            user_name: the name that Cognito gave (`challenge_user_name`).
            challenge_name: such as SMS_MFA, EMAIL_OTP, SELECT_MFA_TYPE or NEW_PASSWORD_REQUIRED.
            session: `Session` of the answer that held the challenge.
            responses: what the challenge asks for, such as `SMS_MFA_CODE`, `EMAIL_OTP_CODE`, `ANSWER` or
                `NEW_PASSWORD`; user name and secret hash are added.
        """
        return self.call(
            "admin_respond_to_auth_challenge",
            UserPoolId=self.user_pool_id,
            ClientId=self.client_id,
            ChallengeName=challenge_name,
            Session=session,
            ChallengeResponses=self._parameters(user_name, **responses),
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
            mfa_code: what the authenticator app shows. Cognito takes each code once.

        Raises:
            UnexpectedChallengeError: Cognito asks for something else before it gives tokens.
        """
        responses = {"SOFTWARE_TOKEN_MFA_CODE": mfa_code}
        answer = self.admin_respond_to_auth_challenge(user_name, _TOTP, session, responses)
        return authentication_result(answer)

    # Signing in, without credentials, from a client

    def start_srp_sign_in(
        self, user_name: str, password: str, aws_srp: ModuleType, *, device_key: str | None = None
    ) -> SignInAnswer:
        """Sign in with a proof of the password, which itself stays here; return what Cognito asks for next.

        InitiateAuth (USER_SRP_AUTH), then RespondToAuthChallenge (PASSWORD_VERIFIER).

        Args:
            user_name: the name to sign in with.
            password: the user's password.
            aws_srp: an SRP helper: the module `cognito_srp`, or one like it.
            device_key: `DeviceKey` of a tracked device: Cognito then asks for its proof (DEVICE_SRP_AUTH,
                `respond_to_device_challenge`) where it would ask for an MFA code.

        Raises:
            UnexpectedChallengeError: Cognito asks for something else than the password's proof.
            UnsafeSrpValueError: Cognito's SRP values must not be used; no proof was sent.
        """
        device = _given(DEVICE_KEY=device_key)
        srp = self._srp_exchange(aws_srp, user_name, password, self.user_pool_id)
        srp_a = srp.get_auth_params()["SRP_A"]
        answer = self._initiate("USER_SRP_AUTH", self._parameters(user_name, SRP_A=srp_a, **device))
        _check_challenge(answer, _PASSWORD_PROOF)
        name = challenge_user_name(answer, user_name)
        proof = _proof(aws_srp, srp, answer, {"USER_ID_FOR_SRP": name})
        return self._respond(answer, name, {**proof, **device})

    def initiate_auth(self, user_name: str, password: str, *, device_key: str | None = None) -> SignInAnswer:
        """Sign in with the password itself (USER_PASSWORD_AUTH); return what is asked for next, or tokens."""
        parameters = self._parameters(user_name, PASSWORD=password, **_given(DEVICE_KEY=device_key))
        return self._initiate("USER_PASSWORD_AUTH", parameters)

    def respond_to_auth_challenge(
        self,
        user_name: str,
        challenge_name: ChallengeNameTypeType,
        session: str | None,
        responses: Mapping[str, str],
    ) -> SignInAnswer:
        """Answer any challenge, as `admin_respond_to_auth_challenge` does, without AWS credentials."""
        return self.call(
            "respond_to_auth_challenge",
            ClientId=self.client_id,
            ChallengeName=challenge_name,
            ChallengeResponses=self._parameters(user_name, **responses),
            **_given(Session=session or None),
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
        parameters = {"REFRESH_TOKEN": refresh_token, **_given(DEVICE_KEY=device_key)}
        if self.client_secret:
            parameters["SECRET_HASH"] = secret_hash(user_name, self.client_id, self.client_secret)
        return authentication_result(self._initiate("REFRESH_TOKEN_AUTH", parameters))

    def get_tokens_from_refresh_token(
        self, refresh_token: str, device_key: str | None = None
    ) -> AuthenticationResultTypeTypeDef:
        """Return new access and ID tokens, and a new refresh token where the app client rotates them.

        `device_key` is that of the sign-in, in pools that track devices; the device must be confirmed.
        """
        answer = self.call(
            "get_tokens_from_refresh_token",
            RefreshToken=refresh_token,
            ClientId=self.client_id,
            **_given(ClientSecret=self.client_secret or None, DeviceKey=device_key),
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
            device_name: what the device is called in lists.
        """
        verifier = self.device_verifier(aws_srp, device_key, device_group_key, device_password)
        answer = self.confirm_device(access_token, device_key, verifier, device_name=device_name)
        return bool(answer.get("UserConfirmationNecessary", False))

    def confirm_device(
        self,
        access_token: str,
        device_key: str,
        verifier: DeviceSecretVerifierConfigTypeTypeDef,
        *,
        device_name: str | None = None,
    ) -> ConfirmDeviceResponseTypeDef:
        """Confirm a device by the salt and the verifier that `device_verifier` makes."""
        return self.call(
            "confirm_device",
            AccessToken=access_token,
            DeviceKey=device_key,
            DeviceSecretVerifierConfig=verifier,
            **_given(DeviceName=device_name),
        )

    def update_device_status(
        self, access_token: str, device_key: str, status: DeviceRememberedStatusTypeType
    ) -> dict[str, Any]:
        """Set a confirmed device's status, "remembered" or "not_remembered".

        Pools that wait for the user to agree need it.
        """
        return self.call(
            "update_device_status",
            AccessToken=access_token,
            DeviceKey=device_key,
            DeviceRememberedStatus=status,
        )

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
    ) -> SignInAnswer:
        """Answer DEVICE_SRP_AUTH, in any sign-in, with the device's proof; return what comes next.

        Two calls of RespondToAuthChallenge. The arguments about the device are those of `confirm_mfa_device`.

        Raises:
            UnexpectedChallengeError: `challenge` is another one, or another one came before the proof.
            UnsafeSrpValueError: Cognito's SRP values must not be used; no proof was sent.
        """
        proof = self.device_proof(aws_srp, device_key, device_group_key, device_password)
        return self._prove_device(challenge, user_name, proof)

    def device_proof(
        self, aws_srp: ModuleType, device_key: str, device_group_key: str, device_password: str
    ) -> DeviceProof:
        """Begin the proof that a device knows its password; the arguments are as in `confirm_mfa_device`."""
        # The helpers hash pool name || user ID, and the pool name of "_" is empty: with device group key ||
        # device key as the user ID, their formulas for users give the device's.
        srp = self._srp_exchange(aws_srp, device_group_key + device_key, device_password)
        return DeviceProof(aws_srp, srp, device_key, device_group_key)

    def list_devices(self, access_token: str) -> list[DeviceTypeTypeDef]:
        """Return the user's devices that are remembered: `DeviceKey`, `DeviceAttributes`, dates."""
        fields = {"AccessToken": access_token}
        return list(self._items("list_devices", "Devices", "PaginationToken", **fields))

    def get_device(self, access_token: str, device_key: str) -> GetDeviceResponseTypeDef:
        """Return one of the user's devices, in `Device`."""
        return self.call("get_device", AccessToken=access_token, DeviceKey=device_key)

    def forget_device(self, access_token: str, device_key: str) -> EmptyResponseMetadataTypeDef:
        """Forget a device, so that it can't stand in for an MFA code any more."""
        return self.call("forget_device", AccessToken=access_token, DeviceKey=device_key)

    # The user's own account

    def get_user(self, access_token: str) -> GetUserResponseTypeDef:
        """Return the user whose access token this is: `Username`, `UserAttributes`, and MFA settings."""
        return self.call("get_user", AccessToken=access_token)

    def update_user_attributes(
        self, access_token: str, attributes: Mapping[str, str]
    ) -> UpdateUserAttributesResponseTypeDef:
        """Change attributes; `CodeDeliveryDetailsList` says where codes went that verify new addresses."""
        changed = _attribute_list(attributes)
        return self.call("update_user_attributes", AccessToken=access_token, UserAttributes=changed)

    def delete_user_attributes(self, access_token: str, attribute_names: Sequence[str]) -> dict[str, Any]:
        """Delete attributes, such as `["nickname", "custom:tenant"]`."""
        names = list(attribute_names)
        return self.call("delete_user_attributes", AccessToken=access_token, UserAttributeNames=names)

    def get_user_attribute_verification_code(
        self, access_token: str, attribute_name: str
    ) -> GetUserAttributeVerificationCodeResponseTypeDef:
        """Send a code that verifies `email` or `phone_number`; `CodeDeliveryDetails` says where it went."""
        return self.call(
            "get_user_attribute_verification_code", AccessToken=access_token, AttributeName=attribute_name
        )

    def verify_user_attribute(self, access_token: str, attribute_name: str, code: str) -> dict[str, Any]:
        """Verify `email` or `phone_number` with the code that was sent there."""
        return self.call(
            "verify_user_attribute", AccessToken=access_token, AttributeName=attribute_name, Code=code
        )

    def set_user_mfa_preference(
        self,
        access_token: str,
        software_token_mfa_settings: SoftwareTokenMfaSettingsTypeTypeDef | None = None,
        sms_mfa_settings: SMSMfaSettingsTypeTypeDef | None = None,
        email_mfa_settings: EmailMfaSettingsTypeTypeDef | None = None,
    ) -> dict[str, Any]:
        """Choose how a user proves a second factor, in pools in which MFA is optional.

        Each of the settings is such as `{"Enabled": True, "PreferredMfa": True}`; None leaves a factor as it
        is. An authenticator app must have been verified before.
        """
        return self.call(
            "set_user_mfa_preference",
            AccessToken=access_token,
            **_given(
                SoftwareTokenMfaSettings=software_token_mfa_settings,
                SMSMfaSettings=sms_mfa_settings,
                EmailMfaSettings=email_mfa_settings,
            ),
        )

    def change_password(
        self, access_token: str, previous_password: str, proposed_password: str
    ) -> dict[str, Any]:
        """Change the password of a user who is signed in and knows the present one."""
        return self.call(
            "change_password",
            AccessToken=access_token,
            PreviousPassword=previous_password,
            ProposedPassword=proposed_password,
        )

    def forgot_password(self, user_name: str) -> ForgotPasswordResponseTypeDef:
        """Send a code that sets a new password; `CodeDeliveryDetails` says where it went."""
        return self.call("forgot_password", **self._account(user_name))

    def confirm_forgot_password(
        self, user_name: str, confirmation_code: str, password: str
    ) -> dict[str, Any]:
        """Set a new password with the code that `forgot_password` sent."""
        return self.call(
            "confirm_forgot_password",
            **self._account(user_name),
            ConfirmationCode=confirmation_code,
            Password=password,
        )

    # Signing out

    def revoke_token(self, refresh_token: str) -> dict[str, Any]:
        """Sign out here: end a refresh token, and the access tokens that it brought."""
        secret = _given(ClientSecret=self.client_secret or None)
        return self.call("revoke_token", Token=refresh_token, ClientId=self.client_id, **secret)

    def global_sign_out(self, access_token: str) -> dict[str, Any]:
        """Sign out everywhere: end every refresh and access token of the user."""
        return self.call("global_sign_out", AccessToken=access_token)

    def delete_user(self, access_token: str) -> EmptyResponseMetadataTypeDef:
        """Delete the user whose access token this is, with all devices."""
        return self.call("delete_user", AccessToken=access_token)

    # Administration of users

    def admin_create_user(
        self,
        user_name: str,
        attributes: Mapping[str, str] | None = None,
        *,
        temporary_password: str | None = None,
        message_action: MessageActionTypeType | None = None,
        desired_delivery_mediums: Sequence[DeliveryMediumTypeType] | None = None,
        client_metadata: Mapping[str, str] | None = None,
    ) -> AdminCreateUserResponseTypeDef:
        """Make a user, who sets a password of their own at the first sign-in; return it, in `User`.

        Args:
            user_name: the name to sign in with.
            attributes: such as `{"email": ..., "email_verified": "true"}`.
            temporary_password: for the first sign-in; without one, Cognito makes it and sends it.
            message_action: "SUPPRESS" sends no invitation, "RESEND" sends it once more.
            desired_delivery_mediums: "EMAIL", "SMS", or both; Cognito's default is SMS.
            client_metadata: what the pool's Lambda triggers are given.
        """
        return self.call(
            "admin_create_user",
            **self._managed(user_name),
            **_given(
                UserAttributes=None if attributes is None else _attribute_list(attributes),
                TemporaryPassword=temporary_password,
                MessageAction=message_action,
                DesiredDeliveryMediums=desired_delivery_mediums,
                ClientMetadata=client_metadata,
            ),
        )

    def admin_get_user(self, user_name: str) -> AdminGetUserResponseTypeDef:
        """Return a user: `Username`, `UserStatus`, `UserAttributes` and more."""
        return self.call("admin_get_user", **self._managed(user_name))

    def admin_confirm_sign_up(self, user_name: str) -> dict[str, Any]:
        """Confirm a sign-up without a code; addresses stay unverified."""
        return self.call("admin_confirm_sign_up", **self._managed(user_name))

    def admin_set_user_password(
        self, user_name: str, password: str, *, permanent: bool = False
    ) -> dict[str, Any]:
        """Set a password: one to be replaced at the next sign-in or, when permanent, one that stays."""
        return self.call(
            "admin_set_user_password", **self._managed(user_name), Password=password, Permanent=permanent
        )

    def admin_reset_user_password(self, user_name: str) -> dict[str, Any]:
        """Make the present password useless, and send a code that sets a new one."""
        return self.call("admin_reset_user_password", **self._managed(user_name))

    def admin_update_user_attributes(self, user_name: str, attributes: Mapping[str, str]) -> dict[str, Any]:
        """Change attributes of a user; `email_verified` and `phone_number_verified` may be among them."""
        changed = _attribute_list(attributes)
        return self.call("admin_update_user_attributes", **self._managed(user_name), UserAttributes=changed)

    def admin_disable_user(self, user_name: str) -> dict[str, Any]:
        """Keep a user from signing in, and end what they are signed in to."""
        return self.call("admin_disable_user", **self._managed(user_name))

    def admin_enable_user(self, user_name: str) -> dict[str, Any]:
        """Let a user sign in who was disabled."""
        return self.call("admin_enable_user", **self._managed(user_name))

    def admin_user_global_sign_out(self, user_name: str) -> dict[str, Any]:
        """Sign a user out everywhere."""
        return self.call("admin_user_global_sign_out", **self._managed(user_name))

    def admin_delete_user(self, user_name: str) -> EmptyResponseMetadataTypeDef:
        """Delete a user."""
        return self.call("admin_delete_user", **self._managed(user_name))

    # Groups

    def create_group(
        self,
        group_name: str,
        *,
        description: str | None = None,
        role_arn: str | None = None,
        precedence: int | None = None,
    ) -> CreateGroupResponseTypeDef:
        """Make a group, and return it, in `Group`; the lowest precedence gives a user's preferred role."""
        return self.call(
            "create_group",
            **self._group(group_name),
            **_given(Description=description, RoleArn=role_arn, Precedence=precedence),
        )

    def get_group(self, group_name: str) -> GetGroupResponseTypeDef:
        """Return a group, in `Group`."""
        return self.call("get_group", **self._group(group_name))

    def list_groups(self) -> list[GroupTypeTypeDef]:
        """Return all groups of the pool."""
        return list(self._items("list_groups", "Groups", UserPoolId=self.user_pool_id))

    def list_users_in_group(self, group_name: str) -> list[UserTypeTypeDef]:
        """Return all users of a group."""
        return list(self._items("list_users_in_group", "Users", **self._group(group_name)))

    def admin_list_groups_for_user(self, user_name: str) -> list[GroupTypeTypeDef]:
        """Return all groups of a user."""
        return list(self._items("admin_list_groups_for_user", "Groups", **self._managed(user_name)))

    def admin_add_user_to_group(self, user_name: str, group_name: str) -> EmptyResponseMetadataTypeDef:
        """Put a user into a group; tokens from then on have it in `cognito:groups`."""
        return self.call("admin_add_user_to_group", **self._managed(user_name), GroupName=group_name)

    def admin_remove_user_from_group(self, user_name: str, group_name: str) -> EmptyResponseMetadataTypeDef:
        """Take a user out of a group."""
        return self.call("admin_remove_user_from_group", **self._managed(user_name), GroupName=group_name)

    # What the methods are made of

    def _items(
        self, operation: str, items: str, next_page: str = "NextToken", **fields: Any
    ) -> Iterator[Any]:
        """Give the items of a list one by one; `next_page` is the field that leads to the next page."""
        page: dict[str, Any] = {}
        while True:
            answer = self.call(operation, **fields, **page)
            yield from answer.get(items) or ()
            following = _given(**{next_page: answer.get(next_page) or None})
            if not following:
                return
            if following == page:
                raise PaginationError(message=f"{operation} leads from a page to the same page.")
            page = following

    def _account(self, user_name: str) -> dict[str, str]:
        fields = {"ClientId": self.client_id, "Username": user_name}
        if self.client_secret:
            fields["SecretHash"] = secret_hash(user_name, self.client_id, self.client_secret)
        return fields

    def _managed(self, user_name: str) -> dict[str, str]:
        return {"UserPoolId": self.user_pool_id, "Username": user_name}

    def _group(self, group_name: str) -> dict[str, str]:
        return {"UserPoolId": self.user_pool_id, "GroupName": group_name}

    def _parameters(self, user_name: str, **parameters: str) -> dict[str, str]:
        # Name and hash are made in one place, because the hash is only right over the name beside it.
        parameters["USERNAME"] = user_name
        if self.client_secret:
            parameters["SECRET_HASH"] = secret_hash(user_name, self.client_id, self.client_secret)
        return parameters

    def _initiate(self, auth_flow: str, parameters: Mapping[str, str]) -> SignInAnswer:
        return self.call(
            "initiate_auth", ClientId=self.client_id, AuthFlow=auth_flow, AuthParameters=parameters
        )

    def _respond(self, challenge: SignInAnswer, user_name: str, responses: Mapping[str, str]) -> SignInAnswer:
        name, session = challenge["ChallengeName"], challenge.get("Session")
        return self.respond_to_auth_challenge(user_name, name, session, responses)

    def _prove_device(self, challenge: SignInAnswer, user_name: str, proof: DeviceProof) -> SignInAnswer:
        name = challenge_user_name(challenge, user_name)
        answer = self._respond(challenge, name, proof.public_value(challenge))
        return self._respond(answer, challenge_user_name(answer, name), proof.claim(answer))

    def _srp_exchange(
        self, aws_srp: ModuleType, user_name: str, password: str, user_pool_id: str = "_"
    ) -> Any:
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

    def device_verifier(
        self, aws_srp: ModuleType, device_key: str, device_group_key: str, device_password: str
    ) -> DeviceSecretVerifierConfigTypeTypeDef:
        """Return a random salt and the SRP verifier of a device's password, as ConfirmDevice takes them."""
        identity = f"{device_group_key}{device_key}:{device_password}"
        # v = g^x mod N with x = H(salt || H(identity)) (RFC 5054, section 2.4). On the wire it is standard
        # Base64 of the big-endian bytes, which a zero byte precedes when the top bit is set.
        salt = aws_srp.pad_hex(aws_srp.get_random(16))
        x = aws_srp.hex_to_long(aws_srp.hex_hash(salt + aws_srp.hash_sha256(identity.encode())))
        modulus, generator = self._srp_group(aws_srp)
        power = getattr(aws_srp, "powmod", pow)  # a helper may bring a faster one, of constant time
        verifier = aws_srp.pad_hex(power(generator, x, modulus))
        return {
            "PasswordVerifier": base64.b64encode(bytes.fromhex(verifier)).decode(),
            "Salt": base64.b64encode(bytes.fromhex(salt)).decode(),
        }

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


def _attribute_list(attributes: Mapping[str, str]) -> list[AttributeTypeTypeDef]:
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
    return answer["AuthenticationResult"]


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
