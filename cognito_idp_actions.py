"""Cognito user pool actions: sign-up, TOTP set-up, MFA sign-in, sign-in from a tracked device.

`CognitoIdentityProviderWrapper` has one method for each step. It sends requests through a boto3 client and
returns what Cognito answers. It never prints and never asks.
"""

from __future__ import annotations

import base64
import hmac
import inspect
import logging
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from types import ModuleType

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.literals import DeviceRememberedStatusTypeType
    from mypy_boto3_cognito_idp.type_defs import (
        AuthenticationResultTypeTypeDef,
        CodeDeliveryDetailsTypeTypeDef,
        DeviceSecretVerifierConfigTypeTypeDef,
        EmailMfaSettingsTypeTypeDef,
        SMSMfaSettingsTypeTypeDef,
        SoftwareTokenMfaSettingsTypeTypeDef,
        UserTypeTypeDef,
    )

logger = logging.getLogger(__name__)
logger.addHandler(logging.NullHandler())  # silent unless the program that uses this sets up logging

TOKENS = "tokens"  # stands where a challenge name would, for the answer that ends a sign-in
_TOTP = "SOFTWARE_TOKEN_MFA"
_DEVICE_SRP = "DEVICE_SRP_AUTH"
_DEVICE_PROOF = "DEVICE_PASSWORD_VERIFIER"
_SERVER_VALUES = ("SALT", "SRP_B", "SECRET_BLOCK")
_NAME_TAKEN = "UsernameExistsException"

# What to do when Cognito answers with this instead of asking for the device's proof.
_INSTEAD_OF_DEVICE_SRP = {
    **dict.fromkeys(
        (_TOTP, "SMS_MFA", "EMAIL_OTP", "SELECT_MFA_TYPE"),
        " The device is not remembered, or this pool does not let a remembered device replace MFA: check"
        " UpdateDeviceStatus, and ChallengeRequiredOnNewDevice in the pool's DeviceConfiguration.",
    ),
    "MFA_SETUP": " Set up MFA and confirm a device first.",
    "NEW_PASSWORD_REQUIRED": " Set a new password first.",
    TOKENS: " No proof was asked for: check that the pool's DeviceConfiguration is set.",
}


class SignInError(RuntimeError):
    """A sign-in can't go on, although Cognito refused nothing: the base of this module's errors."""


class UnexpectedChallengeError(SignInError):
    """Cognito answered with another challenge than the one that the step expects.

    Attributes:
        expected: Name of the challenge that would have been right, or `"tokens"`.
        received: Name of the challenge that came, `"tokens"` when the sign-in ended with tokens instead, None
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


class CognitoIdentityProviderWrapper:
    """The actions of one user pool, for one app client.

    When Cognito refuses, every method raises botocore's `ClientError` unchanged, after one log line with the
    action and the error code; Cognito's message, which may quote a secret, is in the exception alone. Answers
    carry no `ResponseMetadata`.

    A person may sign in with an alias, such as an e-mail address. Cognito's first answer then gives the real
    user name, and only that one is right from there on: `challenge_user_name` reads it from the answer.

    Args:
        cognito_idp_client: A boto3 `cognito-idp` client. `list_users`, `start_sign_in`,
            `respond_to_mfa_challenge`, and `sign_up_user` when the name exists, need AWS credentials.
        user_pool_id: ID of the user pool, such as `eu-west-1_AbCdEf123`.
        client_id: ID of an app client of that pool.
        client_secret: Secret of that app client, if it has one. It may be set later, by its attribute.
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

    def sign_up_user(
        self, user_name: str, password: str, user_email: str, *, existing_ok: bool = True
    ) -> bool:
        """Sign up a user, and return whether the account is confirmed already.

        A user name that exists is no error here: AdminGetUser tells its state. With `existing_ok=False` it is
        one, UsernameExistsException.
        """
        try:
            answer = _call(
                self.cognito_idp_client.sign_up,
                expected_code=_NAME_TAKEN,
                **self._account(user_name),
                Password=password,
                UserAttributes=[{"Name": "email", "Value": user_email}],
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != _NAME_TAKEN or not existing_ok:
                raise
            return bool(self.admin_get_user(user_name).get("UserStatus") == "CONFIRMED")
        return bool(answer["UserConfirmed"])

    def admin_get_user(self, user_name: str) -> dict[str, Any]:
        """Return a user: `Username`, `UserStatus`, `UserAttributes` and more."""
        admin_get_user = self.cognito_idp_client.admin_get_user
        return _call(admin_get_user, UserPoolId=self.user_pool_id, Username=user_name)

    def resend_confirmation(self, user_name: str) -> CodeDeliveryDetailsTypeTypeDef:
        """Send a new confirmation code; return where it went (`DeliveryMedium`, masked `Destination`)."""
        answer = _call(self.cognito_idp_client.resend_confirmation_code, **self._account(user_name))
        delivery: CodeDeliveryDetailsTypeTypeDef = answer.get("CodeDeliveryDetails", {})
        return delivery

    def confirm_user_sign_up(self, user_name: str, confirmation_code: str) -> bool:
        """Confirm a sign-up with the code that the user received; return True."""
        account = self._account(user_name)
        _call(self.cognito_idp_client.confirm_sign_up, **account, ConfirmationCode=confirmation_code)
        return True

    def describe_user_pool(self) -> dict[str, Any]:
        """Return the pool's settings, in `UserPool`; whether TOTP is on is not among them."""
        return _call(self.cognito_idp_client.describe_user_pool, UserPoolId=self.user_pool_id)

    def get_user_pool_mfa_config(self) -> dict[str, Any]:
        """Return whether MFA is off, optional or on, and the factors that were ever configured."""
        return _call(self.cognito_idp_client.get_user_pool_mfa_config, UserPoolId=self.user_pool_id)

    def describe_user_pool_client(self) -> dict[str, Any]:
        """Return the app client's settings, in `UserPoolClient`; its secret is among them if it has one."""
        describe = self.cognito_idp_client.describe_user_pool_client
        return _call(describe, UserPoolId=self.user_pool_id, ClientId=self.client_id)

    def list_users(self) -> list[UserTypeTypeDef]:
        """Return all users of the pool: every page of ListUsers, at most 60 users each."""
        paginator = self.cognito_idp_client.get_paginator("list_users")
        with _refusal_logged():
            pages = paginator.paginate(UserPoolId=self.user_pool_id)
            return [user for page in pages for user in page.get("Users", [])]

    def start_sign_in(self, user_name: str, password: str) -> dict[str, Any]:
        """Sign in with a password (ADMIN_USER_PASSWORD_AUTH), and return what Cognito asks for next.

        The answer has `ChallengeName`, `ChallengeParameters` and `Session`, or `AuthenticationResult` when
        nothing more is asked. On MFA_SETUP this goes on to AssociateSoftwareToken, and the answer has its
        `SecretCode` (TOTP secret, Base32 without padding) and its newer `Session` too.

        Raises:
            SoftwareTokenNotOfferedError: MFA must be set up, and the pool offers no TOTP.
        """
        answer = _call(
            self.cognito_idp_client.admin_initiate_auth,
            UserPoolId=self.user_pool_id,
            ClientId=self.client_id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters=self._parameters(user_name, PASSWORD=password),
        )
        if answer.get("ChallengeName") != "MFA_SETUP":
            return answer
        check_totp_offered(answer)
        return {**answer, **self.get_mfa_secret(answer["Session"])}

    def get_mfa_secret(self, session: str | None = None, access_token: str | None = None) -> dict[str, Any]:
        """Return a new TOTP secret: `SecretCode` (Base32 without padding), and the next `Session`.

        Give either the session of an MFA_SETUP challenge or, for a user who is signed in, an access token;
        with a token there is no next session.
        """
        associate = self.cognito_idp_client.associate_software_token
        return _call(associate, **_given({"Session": session, "AccessToken": access_token}))

    def verify_mfa(
        self, session: str | None, user_code: str, access_token: str | None = None
    ) -> dict[str, Any]:
        """Prove with a code (6 digits, RFC 6238) that an app has the secret; return `Status`, next `Session`.

        `session` comes from `start_sign_in` or `get_mfa_secret`; it is None for a user who is signed in, and
        gives an access token. A wrong code raises EnableSoftwareTokenMFAException; boto3 refuses fewer than 6
        characters by itself (`botocore.exceptions.ParamValidationError`).
        """
        verify = self.cognito_idp_client.verify_software_token
        return _call(verify, **_given({"Session": session, "AccessToken": access_token}), UserCode=user_code)

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
        settings = {
            "SoftwareTokenMfaSettings": software_token_mfa_settings,
            "SMSMfaSettings": sms_mfa_settings,
            "EmailMfaSettings": email_mfa_settings,
        }
        set_preference = self.cognito_idp_client.set_user_mfa_preference
        return _call(set_preference, AccessToken=access_token, **_given(settings))

    def admin_respond_to_auth_challenge(
        self, user_name: str, challenge_name: str, session: str, responses: Mapping[str, str]
    ) -> dict[str, Any]:
        """Answer any challenge of a sign-in, and return what Cognito asks for next, or tokens.

        Args:
            user_name: The name that Cognito gave (`challenge_user_name`).
            challenge_name: Such as SMS_MFA, EMAIL_OTP, SELECT_MFA_TYPE or NEW_PASSWORD_REQUIRED.
            session: `Session` of the answer that held the challenge.
            responses: What the challenge asks for, such as `SMS_MFA_CODE`, `EMAIL_OTP_CODE`, `ANSWER` or
                `NEW_PASSWORD`; user name and secret hash are added.
        """
        return _call(
            self.cognito_idp_client.admin_respond_to_auth_challenge,
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
            user_name: The name that Cognito gave (`challenge_user_name`).
            session: `Session` of the answer that held the challenge.
            mfa_code: What the authenticator app shows. Cognito takes each code once.

        Raises:
            UnexpectedChallengeError: Cognito asks for something else before it gives tokens.
        """
        responses = {"SOFTWARE_TOKEN_MFA_CODE": mfa_code}
        answer = self.admin_respond_to_auth_challenge(user_name, _TOTP, session, responses)
        return _authentication_result(answer)

    def confirm_mfa_device(
        self,
        user_name: str,  # noqa: ARG002 - public; the access token says whose device it is
        device_key: str,
        device_group_key: str,
        device_password: str,
        access_token: str,
        aws_srp: ModuleType,
    ) -> bool:
        """Confirm a device, so that Cognito tracks it; return whether the user must still agree to that.

        Cognito gets a random salt and an SRP verifier, never the device password.

        Args:
            user_name: Name of the user.
            device_key: `DeviceKey` of `NewDeviceMetadata`.
            device_group_key: `DeviceGroupKey` of `NewDeviceMetadata`.
            device_password: Random text to keep on the device: it stands in for the user's MFA codes.
            access_token: `AccessToken` of the user.
            aws_srp: An SRP helper: the module `pycognito.aws_srp`, `warrant.aws_srp`, or one like them.
        """
        identity = f"{device_group_key}{device_key}:{device_password}"
        answer = _call(
            self.cognito_idp_client.confirm_device,
            AccessToken=access_token,
            DeviceKey=device_key,
            DeviceSecretVerifierConfig=self._device_verifier(aws_srp, identity),
        )
        return bool(answer.get("UserConfirmationNecessary", False))

    def update_device_status(
        self, access_token: str, device_key: str, status: DeviceRememberedStatusTypeType
    ) -> dict[str, Any]:
        """Set a confirmed device's status, "remembered" or "not_remembered".

        Pools that wait for the user to agree need it.
        """
        return _call(
            self.cognito_idp_client.update_device_status,
            AccessToken=access_token,
            DeviceKey=device_key,
            DeviceRememberedStatus=status,
        )

    def forget_device(self, access_token: str, device_key: str) -> dict[str, Any]:
        """Forget a device, so that it can't stand in for an MFA code any more."""
        return _call(self.cognito_idp_client.forget_device, AccessToken=access_token, DeviceKey=device_key)

    def delete_user(self, access_token: str) -> dict[str, Any]:
        """Delete the user whose access token this is, with all devices."""
        return _call(self.cognito_idp_client.delete_user, AccessToken=access_token)

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
        srp = self._srp_helper(aws_srp, user_name, device_password)
        if srp.large_a_value % srp.big_n == 0:
            raise UnsafeSrpValueError("The SRP helper made a value A that is a multiple of N.")
        answer = _call(
            self.cognito_idp_client.initiate_auth,
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters=self._parameters(user_name, PASSWORD=password, DEVICE_KEY=device_key),
        )
        _check_challenge(answer, _DEVICE_SRP)
        name = challenge_user_name(answer, user_name)
        srp_a = srp.get_auth_params()["SRP_A"]
        answer = self._respond(answer, self._parameters(name, DEVICE_KEY=device_key, SRP_A=srp_a))
        _check_challenge(answer, _DEVICE_PROOF)
        name = challenge_user_name(answer, name)
        proof = _device_proof(aws_srp, srp, answer, device_group_key + device_key)
        answer = self._respond(answer, self._parameters(name, **{**proof, "DEVICE_KEY": device_key}))
        return _authentication_result(answer)

    def _account(self, user_name: str) -> dict[str, str]:
        fields = {"ClientId": self.client_id, "Username": user_name}
        if self.client_secret:
            fields["SecretHash"] = secret_hash(user_name, self.client_id, self.client_secret)
        return fields

    def _parameters(self, user_name: str, **parameters: str) -> dict[str, str]:
        # Name and hash are made in one place, because the hash is only right over the name beside it.
        parameters["USERNAME"] = user_name
        if self.client_secret:
            parameters["SECRET_HASH"] = secret_hash(user_name, self.client_id, self.client_secret)
        return parameters

    def _respond(self, challenge: Mapping[str, Any], responses: dict[str, str]) -> dict[str, Any]:
        session = {"Session": challenge["Session"]} if challenge.get("Session") else {}
        return _call(
            self.cognito_idp_client.respond_to_auth_challenge,
            ClientId=self.client_id,
            ChallengeName=challenge["ChallengeName"],
            ChallengeResponses=responses,
            **session,
        )

    def _srp_helper(self, aws_srp: ModuleType, user_name: str, device_password: str) -> Any:
        # The helpers hash pool name || user ID, and the pool name of "_" is empty: with device group key ||
        # device key as the user ID, their formulas for users give the device's.
        return aws_srp.AWSSRP(
            username=user_name,
            password=device_password,
            pool_id="_",
            client_id=self.client_id,
            client=self.cognito_idp_client,
        )

    def _device_verifier(self, aws_srp: ModuleType, identity: str) -> DeviceSecretVerifierConfigTypeTypeDef:
        # v = g^x mod N with x = H(salt || H(identity)) (RFC 5054, section 2.4). On the wire it is standard
        # Base64 of the big-endian bytes, which a zero byte precedes when the top bit is set.
        salt = aws_srp.pad_hex(aws_srp.get_random(16))
        x = aws_srp.hex_to_long(aws_srp.hex_hash(salt + aws_srp.hash_sha256(identity.encode())))
        modulus, generator = self._srp_group(aws_srp)
        verifier = aws_srp.pad_hex(pow(generator, x, modulus))
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
        srp = self._srp_helper(aws_srp, "", "")
        return srp.big_n, srp.val_g if hasattr(srp, "val_g") else srp.g


@contextmanager
def _refusal_logged(expected_code: str | None = None) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code != expected_code:
            # A traceback would repeat Cognito's message, which may quote a secret.
            logger.error("%s was refused: %s", error.operation_name, code)  # noqa: TRY400
        raise


def _call(
    operation: Callable[..., Mapping[str, Any]], *, expected_code: str | None = None, **request: Any
) -> dict[str, Any]:
    with _refusal_logged(expected_code):
        answer = operation(**request)
    return {field: value for field, value in answer.items() if field != "ResponseMetadata"}


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def check_totp_offered(answer: Mapping[str, Any]) -> None:
    """Raise SoftwareTokenNotOfferedError when MFA_SETUP does not let the user set up an authenticator app."""
    offered = (answer.get("ChallengeParameters") or {}).get("MFAS_CAN_SETUP") or "nothing"
    if _TOTP not in offered:  # in Cognito's JSON text, or in the list or the bare name that emulators send
        raise SoftwareTokenNotOfferedError(
            "The user must set up MFA, but this user pool offers no authenticator app (TOTP). It offers: "
            f"{offered}. Turn TOTP on with SetUserPoolMfaConfig"
            " (SoftwareTokenMfaConfiguration, Enabled=true), then sign in again."
        )


def _check_challenge(answer: Mapping[str, Any], expected: str) -> None:
    received = answer.get("ChallengeName") or (TOKENS if "AuthenticationResult" in answer else None)
    if received != expected:
        raise UnexpectedChallengeError(expected, received, answer.get("ChallengeParameters") or {})


def _authentication_result(answer: Mapping[str, Any]) -> AuthenticationResultTypeTypeDef:
    _check_challenge(answer, TOKENS)
    result: AuthenticationResultTypeTypeDef = answer["AuthenticationResult"]
    return result


def _device_proof(aws_srp: ModuleType, srp: Any, answer: Mapping[str, Any], device: str) -> dict[str, str]:
    parameters = answer.get("ChallengeParameters") or {}
    _check_server_values(aws_srp, srp, parameters)
    challenge = {**parameters, "USERNAME": device, "USER_ID_FOR_SRP": device}
    # pycognito's second argument is the request to take the user name from; warrant has none. Both put a user
    # name into the proof, not the same one; `_parameters` puts the right one in its place.
    arguments = (challenge, {"USERNAME": device}) if _takes_two(srp.process_challenge) else (challenge,)
    try:
        proof: dict[str, str] = srp.process_challenge(*arguments)
    except KeyError:
        missing = ", ".join(name for name in _SERVER_VALUES if name not in parameters)
        raise UnsafeSrpValueError(f"{_DEVICE_PROOF} came without {missing}; no proof was sent.") from None
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
            "SRP_B is a multiple of N, so whoever sent it need not know the device; no proof was sent."
            " Check which endpoint answers."
        )
    both = aws_srp.pad_hex(srp.large_a_value) + aws_srp.pad_hex(server_b)
    if aws_srp.hex_to_long(aws_srp.hex_hash(both)) == 0:
        raise UnsafeSrpValueError("The SRP value u is 0; no proof was sent. Sign in again.")
