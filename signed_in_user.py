"""A user who signed in to an Amazon Cognito user pool: tokens that stay fresh, are verified, and end.

    user = SignedInUser.sign_in(cognito, "alice", password)
    requests.get(url, auth=TokenAuth(user), timeout=10)
    user.sign_out()

Nothing in here prints, asks, or logs. What Cognito refuses raises botocore's `ClientError`, as the wrapper
does; all else that goes wrong is a `SignedInUserError`, or the wrapper's `SignInError` during a sign-in.
"""

from __future__ import annotations

import base64
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from botocore.exceptions import ClientError, HTTPClientError

import cognito_srp
from cognito_idp_actions import (
    CognitoIdentityProviderWrapper,
    SignInAnswer,
    attributes_of,
    authentication_result,
    challenge_user_name,
)
from token_keys import FETCH_SECONDS, Fetch, read_all
from token_verifier import (
    CognitoAuthError,
    ExpiredTokenError,
    ForeignTokenError,
    InsufficientScopeError,
    KeysUnavailableError,
    MalformedTokenError,
    TamperedTokenError,
    TokenAlgorithmError,
    TokenError,
    TokenUseError,
    TokenVerifier,
    Use,
    dns_suffix,
    unverified_claims,
)

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import literals, type_defs
else:
    from cognito_idp_actions import literals, type_defs

AnswerChallenge = Callable[["Challenge"], Mapping[str, str]]

__all__ = [
    "Challenge",
    "ChallengeRequired",
    "CognitoAuthError",
    "ExpiredTokenError",
    "ForeignTokenError",
    "InsufficientScopeError",
    "KeysUnavailableError",
    "MalformedTokenError",
    "NoDeviceError",
    "NoRefreshTokenError",
    "SignInOverError",
    "SignedInUser",
    "SignedInUserError",
    "TamperedTokenError",
    "TokenAlgorithmError",
    "TokenAuth",
    "TokenError",
    "TokenUseError",
    "TokenVerifier",
    "TrackedDevice",
    "verifier_of",
]

RENEWAL_SECONDS = 60  # with less time left than this, a token is renewed
DEVICE_PASSWORD_BYTES = 40
_DEVICE_SRP = "DEVICE_SRP_AUTH"
_NOT_TO_ANSWER = {"MFA_SETUP", _DEVICE_SRP}  # an answer alone passes neither
_OVER = {"NotAuthorizedException", "RefreshTokenReuseException", "UserNotFoundException"}


SignedInUserError = CognitoAuthError  # the base of this module's errors, and of the token's


class SignInOverError(SignedInUserError):
    """The user signed out, or Cognito renews the tokens no more: sign in again."""


class NoRefreshTokenError(SignedInUserError):
    """What was asked for needs a refresh token, and none was given."""


class NoDeviceError(SignedInUserError):
    """There is no device to remember or to forget."""


@dataclass(frozen=True)
class Challenge:
    """What Cognito asks for before it signs a user in: plain data, which another process may answer.

    Attributes:
        name: such as SOFTWARE_TOKEN_MFA, SMS_MFA, EMAIL_OTP, SELECT_MFA_TYPE or NEW_PASSWORD_REQUIRED.
        parameters: what Cognito says about it; lists and objects among the values are JSON text.
        session: stands for this sign-in, 3 to 15 minutes; a secret.
        user_name: the real user name, under which the answer goes.
        device_key: the device that signs in, if one does.
    """

    name: literals.ChallengeNameTypeType
    parameters: Mapping[str, str] = field(repr=False)
    session: str | None = field(repr=False)
    user_name: str = field(repr=False)
    device_key: str | None = None


class ChallengeRequired(SignedInUserError):  # noqa: N818 - a question, not a failure
    """Cognito asks for something: answer the `challenge` with `SignedInUser.answer`."""

    def __init__(self, challenge: Challenge) -> None:
        super().__init__(challenge)
        self.challenge = challenge

    def __str__(self) -> str:
        return (
            f"Cognito asks for {self.name}: answer it with SignedInUser.answer(), or give answer_challenge."
        )

    @property
    def name(self) -> literals.ChallengeNameTypeType:
        """Name of the challenge."""
        return self.challenge.name

    @property
    def parameters(self) -> Mapping[str, str]:
        """What Cognito says about it."""
        return self.challenge.parameters

    @property
    def session(self) -> str | None:
        """The session of this sign-in; a secret."""
        return self.challenge.session


@dataclass(frozen=True)
class TrackedDevice:
    """A confirmed device, to be kept like a password: with it the user signs in without an MFA code.

    Attributes:
        key: `DeviceKey`, a region and a UUID.
        group_key: `DeviceGroupKey`.
        password: random text of which Cognito has a verifier.
    """

    key: str
    group_key: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class _Tokens:
    """Tokens as they came, all at once, so that threads never see halves; `ends` has epoch seconds."""

    access: str = field(repr=False)
    id: str | None = field(repr=False)
    refresh: str | None = field(repr=False)
    ends: Mapping[Use, float]

    def text(self, use: Use) -> str | None:
        return self.access if use == "access" else self.id


class SignedInUser:
    """A user who signed in, and the tokens that show it; threads may share one.

    Args:
        cognito: the pool, the app client, and its secret if it has one.
        result: the authentication result of a sign-in, with `AccessToken` at least.
        device_key: key of the device that signed in, unless `NewDeviceMetadata` has a new one; by default the
            one that the access token names. Pools that track devices renew only a confirmed device's tokens.
        received: when the tokens came, in epoch seconds of this machine's clock, if that is known: their time
            counts from then, so that the clock need not be right.
        jwks_url: where the pool's keys are; by default AWS's place or, where the boto3 client has an endpoint
            of another kind, below that.
        verifier: verifies the tokens; users of one app client may share one, and its keys.

    Raises:
        MalformedTokenError: a token can't be read.
    """

    def __init__(
        self,
        cognito: CognitoIdentityProviderWrapper,
        result: type_defs.AuthenticationResultTypeTypeDef,
        *,
        device_key: str | None = None,
        received: float | None = None,
        jwks_url: str | None = None,
        verifier: TokenVerifier | None = None,
    ) -> None:
        self._cognito = cognito
        self._verifier = verifier or verifier_of(cognito, jwks_url)
        self._lock = threading.RLock()
        self._new_device = result.get("NewDeviceMetadata", {})
        self._is_signed_out = False
        self._tokens = _received(result, received)
        named = device_key or unverified_claims(self._tokens.access).get("device_key")
        self._device_key = self._new_device.get("DeviceKey") or named

    # Signing in

    @classmethod
    def sign_in(
        cls,
        cognito: CognitoIdentityProviderWrapper,
        user_name: str,
        password: str,
        *,
        device: TrackedDevice | None = None,
        answer_challenge: AnswerChallenge | None = None,
        aws_srp: ModuleType = cognito_srp,
        jwks_url: str | None = None,
        verifier: TokenVerifier | None = None,
    ) -> SignedInUser:
        """Sign in with a proof of the password and, given a tracked device, with the device's own.

        Args:
            cognito: the pool, the app client, and its secret if it has one.
            user_name: the name to sign in with, or an alias.
            password: the user's password; it stays here.
            device: what `remember_device` returned.
            answer_challenge: Is given each challenge, and returns the answer's fields, such as
                `{"SOFTWARE_TOKEN_MFA_CODE": "123456"}`. MFA_SETUP is raised all the same, as an answer alone
                sets up nothing.
            aws_srp: an SRP helper.
            jwks_url: as for the class.
            verifier: as for the class.

        Raises:
            ChallengeRequired: Cognito asks for something, and there is nobody to answer.
            ClientError: Cognito refuses: the password, an answer, a device that was forgotten.
            cognito_idp_actions.SignInError: Cognito's answers make no sense, or are not safe to go on with.
        """
        key = device.key if device else None
        answer = cognito.start_srp_sign_in(user_name, password, aws_srp, device_key=key)
        steps = _SignIn(cognito, key, device, answer_challenge, aws_srp)
        result = steps.go_on(answer, user_name)
        return cls(
            cognito,
            result,
            device_key=key,
            received=time.time(),
            jwks_url=jwks_url,
            verifier=verifier,
        )

    @classmethod
    def answer(
        cls,
        cognito: CognitoIdentityProviderWrapper,
        challenge: Challenge | ChallengeRequired,
        responses: Mapping[str, str],
        *,
        device: TrackedDevice | None = None,
        answer_challenge: AnswerChallenge | None = None,
        aws_srp: ModuleType = cognito_srp,
        jwks_url: str | None = None,
        verifier: TokenVerifier | None = None,
    ) -> SignedInUser:
        """Go on with a sign-in from a challenge. The arguments and errors are those of `sign_in`.

        After a wrong code the same challenge may be answered again. For MFA_SETUP, `get_mfa_secret` and
        `verify_mfa` of the wrapper come first, and their last `Session` goes into the challenge:
        `dataclasses.replace(challenge, session=...)`, with no responses. DEVICE_SRP_AUTH wants the device,
        and no responses either.
        """
        asked = challenge.challenge if isinstance(challenge, ChallengeRequired) else challenge
        steps = _SignIn(cognito, asked.device_key, device, answer_challenge, aws_srp)
        result = steps.go_on(steps.respond(asked, responses), asked.user_name)
        return cls(
            cognito,
            result,
            device_key=asked.device_key,
            received=time.time(),
            jwks_url=jwks_url,
            verifier=verifier,
        )

    @classmethod
    def from_tokens(
        cls,
        cognito: CognitoIdentityProviderWrapper,
        *,
        access_token: str,
        id_token: str | None = None,
        refresh_token: str | None = None,
        device_key: str | None = None,
        jwks_url: str | None = None,
        verifier: TokenVerifier | None = None,
    ) -> SignedInUser:
        """Return the user of tokens that were kept; nothing is sent, and nothing verified yet.

        `access_claims` and `id_claims` verify. An access token that has expired is renewed when it is needed.

        Raises:
            MalformedTokenError: a token can't be read.
        """
        result: type_defs.AuthenticationResultTypeTypeDef = {"AccessToken": access_token}
        if id_token is not None:
            result["IdToken"] = id_token
        if refresh_token is not None:
            result["RefreshToken"] = refresh_token
        return cls(cognito, result, device_key=device_key, jwks_url=jwks_url, verifier=verifier)

    # Tokens

    @property
    def access_token(self) -> str:
        """The access token, renewed when less than a minute is left.

        Raises:
            ExpiredTokenError: it has expired, and there is no refresh token.
            SignInOverError: Cognito renews it no more, or the user signed out.
        """
        return self._fresh("access")

    @property
    def id_token(self) -> str:
        """The ID token, renewed like the access token; also when there is none, but a refresh token.

        Raises:
            NoRefreshTokenError: there is no ID token, and no refresh token to get one with.
            ExpiredTokenError: it has expired, and there is no refresh token.
            SignInOverError: Cognito renews it no more, or the user signed out.
        """
        return self._fresh("id")

    @property
    def refresh_token(self) -> str | None:
        """The refresh token that is good now: app clients that rotate them replace it at each renewal."""
        self._refuse_signed_out()
        return self._tokens.refresh

    @property
    def access_claims(self) -> dict[str, Any]:
        """The claims of the access token, verified; `TokenVerifier.verify` says how."""
        return self._verifier.verify(self.access_token, "access")

    @property
    def id_claims(self) -> dict[str, Any]:
        """The claims of the ID token, verified: who the user is, and attributes as of its last renewal."""
        return self._verifier.verify(self.id_token, "id")

    def renew(self) -> None:
        """Get new tokens now, whatever time is left.

        Raises:
            NoRefreshTokenError: there is nothing to renew them with.
            SignInOverError: Cognito renews them no more, or the user signed out.
        """
        with self._lock:
            self._refuse_signed_out()
            old = self._tokens
            if old.refresh is None:
                raise NoRefreshTokenError("Tokens are renewed with a refresh token, and there is none.")
            try:
                result = self._cognito.get_tokens_from_refresh_token(old.refresh, self._device_key)
            except ClientError as error:
                if error.response["Error"]["Code"] in _OVER:
                    raise SignInOverError(
                        "Cognito renews the tokens no more: sign in again. A pool that tracks devices renews"
                        " those of a confirmed device (remember_device) alone, given its device_key."
                    ) from error
                raise
            self._tokens = _received(result, time.time(), old)

    # Signing out

    def sign_out(self) -> None:
        """Sign out here (RevokeToken): the refresh token, and the access tokens that it brought, end.

        Raises:
            NoRefreshTokenError: there is no refresh token to revoke; `sign_out_everywhere` needs none.
            SignInOverError: the user signed out before.
        """
        with self._lock:
            token = self.refresh_token
            if token is None:
                raise NoRefreshTokenError("Without a refresh token, only sign_out_everywhere() signs out.")
            self._cognito.revoke_token(token)
            self._is_signed_out = True

    def sign_out_everywhere(self) -> None:
        """Sign out on every device (GlobalSignOut): all tokens of the user end."""
        with self._lock:
            self._cognito.global_sign_out(self.access_token)
            self._is_signed_out = True

    # The device, and the account

    def remember_device(self, name: str | None = None) -> TrackedDevice:
        """Confirm the device that this sign-in is from, and have it remembered; return what to keep of it.

        From then on the tokens can be renewed, in pools that track devices, and where the pool lets a
        remembered device replace MFA, `sign_in(..., device=...)` needs no code.

        Args:
            name: what the device is called in lists.

        Raises:
            NoDeviceError: Cognito gave no device key: the pool tracks no devices, or this one is tracked.
        """
        with self._lock:
            key, group_key = self._new_device.get("DeviceKey"), self._new_device.get("DeviceGroupKey")
            if not key or not group_key:
                raise NoDeviceError(
                    "This sign-in brought no new device: the pool tracks none, or it is known already."
                )
            password = base64.b64encode(secrets.token_bytes(DEVICE_PASSWORD_BYTES)).decode()
            device = TrackedDevice(key, group_key, password)
            token = self.access_token
            if self._confirm(device, token, name):
                self._cognito.update_device_status(token, key, "remembered")
            self._new_device = {}
        return device

    def _confirm(self, device: TrackedDevice, token: str, name: str | None) -> bool:
        """Confirm the device; return whether Cognito may wait for the user to have it remembered."""
        try:
            return self._cognito.confirm_mfa_device(
                "", device.key, device.group_key, device.password, token, cognito_srp, device_name=name
            )
        except ClientError as error:
            is_known = error.response["Error"]["Code"] == "DeviceKeyExistsException"
            if is_known and error.response["ResponseMetadata"].get("RetryAttempts"):
                return True  # an attempt before got through, and its answer was lost
            raise

    def forget_device(self) -> None:
        """Have Cognito forget the device of this sign-in, whose tokens are then renewed no more.

        Raises:
            NoDeviceError: there is no device.
        """
        if self._device_key is None:
            raise NoDeviceError("There is no device to forget: this sign-in is from none that is tracked.")
        self._cognito.forget_device(self.access_token, self._device_key)

    def profile(self) -> dict[str, str]:
        """Return the user's attributes as Cognito has them now (GetUser)."""
        return attributes_of(self._cognito.get_user(self.access_token))

    def update_profile(self, attributes: Mapping[str, str]) -> list[type_defs.CodeDeliveryDetailsTypeTypeDef]:
        """Change attributes; return where codes went that verify new addresses.

        The ID token has the change after `renew()`.
        """
        answer = self._cognito.update_user_attributes(self.access_token, attributes)
        return answer.get("CodeDeliveryDetailsList", [])

    # What the tokens are kept fresh with

    def _refuse_signed_out(self) -> None:
        if self._is_signed_out:
            raise SignInOverError("The user signed out: sign in again.")

    def _fresh(self, use: Use) -> str:
        self._refuse_signed_out()
        tokens = self._tokens
        token, left = tokens.text(use), tokens.ends.get(use, 0.0) - time.time()
        if token is not None and (left >= RENEWAL_SECONDS or (tokens.refresh is None and left > 0)):
            return token
        if token is not None and tokens.refresh is None:
            raise ExpiredTokenError(
                f"The {use} token has expired, and there is no refresh token: sign in again."
            )
        with self._lock:
            if self._tokens is tokens:  # else another thread renewed them while this one waited
                self.renew()
            renewed = self._tokens.text(use)
        if renewed is None:
            raise MalformedTokenError(f"Cognito renewed the tokens without an {use} token.")
        return renewed


@dataclass(frozen=True)
class _SignIn:
    """A sign-in under way: who answers what Cognito asks for."""

    cognito: CognitoIdentityProviderWrapper
    device_key: str | None
    device: TrackedDevice | None
    answer_challenge: AnswerChallenge | None
    aws_srp: ModuleType

    def go_on(self, answer: SignInAnswer, user_name: str) -> type_defs.AuthenticationResultTypeTypeDef:
        """Answer challenges until there are tokens."""
        while answer.get("ChallengeName"):
            user_name = challenge_user_name(answer, user_name)
            parameters, session = answer.get("ChallengeParameters") or {}, answer.get("Session")
            challenge = Challenge(answer["ChallengeName"], parameters, session, user_name, self.device_key)
            if challenge.name == _DEVICE_SRP and self.device:
                answer = self.respond(challenge, {})
            elif self.answer_challenge is None or challenge.name in _NOT_TO_ANSWER:
                raise ChallengeRequired(challenge)
            else:
                answer = self.respond(challenge, self.answer_challenge(challenge))
        return authentication_result(answer)

    def respond(self, challenge: Challenge, responses: Mapping[str, str]) -> SignInAnswer:
        """Answer one challenge, the device's own with its proof."""
        if challenge.name == _DEVICE_SRP and self.device:
            asked: SignInAnswer = {"ChallengeName": challenge.name}
            if challenge.session:
                asked["Session"] = challenge.session
            device = self.device
            return self.cognito.respond_to_device_challenge(
                asked, challenge.user_name, device.key, device.group_key, device.password, self.aws_srp
            )
        key = {"DEVICE_KEY": challenge.device_key} if challenge.device_key else {}
        return self.cognito.respond_to_auth_challenge(
            challenge.user_name, challenge.name, challenge.session, {**responses, **key}
        )


class _Request(Protocol):
    headers: Any


Request = TypeVar("Request", bound=_Request)


class TokenAuth:
    """Puts a user's token into HTTP requests: `auth=` of requests, and of httpx, sync and async.

    Each request gets a token that is fresh. In async code, the renewal that is due about once an hour holds
    the event loop up for one request.

    Args:
        user: whose token.
        use: "access" for the access token, "id" for the ID token.
        header: name of the header. Another than Authorization is not taken off when a server redirects to
            another host.
        prefix: what stands before the token; some gateways want none.
    """

    def __init__(
        self,
        user: SignedInUser,
        use: Use = "access",
        header: str = "Authorization",
        prefix: str = "Bearer ",
    ) -> None:
        if use not in {"access", "id"}:
            raise ValueError('use is "access" or "id".')
        self._user = user
        self._use = use
        self._header = header
        self._prefix = prefix

    def __call__(self, request: Request) -> Request:
        """Set the header of a request, and return it."""
        token = self._user.access_token if self._use == "access" else self._user.id_token
        request.headers[self._header] = f"{self._prefix}{token}"
        return request


# The verifiers of the pools, whose keys users of one boto3 client share.
_verifiers: WeakKeyDictionary[object, dict[tuple[str, ...], TokenVerifier]] = WeakKeyDictionary()


def verifier_of(cognito: CognitoIdentityProviderWrapper, jwks_url: str | None = None) -> TokenVerifier:
    """Return the verifier of a pool's tokens, the same for all users of one boto3 client and app client.

    It fetches keys as that client sends requests: with its CA bundle, proxies and time-outs.

    Args:
        cognito: the pool and the app client.
        jwks_url: where the keys are; by default AWS's place or, where the client has an endpoint of another
            kind, below that.
    """
    client = cognito.cognito_idp_client
    place = jwks_url or _jwks_url(cognito)
    shared = _verifiers.setdefault(client, {})
    name = (cognito.user_pool_id, cognito.client_id, place or "")
    if name not in shared:
        shared[name] = TokenVerifier(
            cognito.user_pool_id, client_ids=cognito.client_id, jwks_url=place, fetch=_fetch_by(client)
        )
    return shared[name]


def _jwks_url(cognito: CognitoIdentityProviderWrapper) -> str | None:
    endpoint = cognito.cognito_idp_client.meta.endpoint_url.rstrip("/")
    host, region = urlsplit(endpoint).hostname or "", cognito.user_pool_id.partition("_")[0]
    if host.endswith(f".{dns_suffix(region)}"):
        return None
    return f"{endpoint}/{cognito.user_pool_id}/.well-known/jwks.json"


def _fetch_by(client: object) -> Fetch | None:
    # botocore has no public way to another address; without this one urllib has the usual settings.
    http_session = getattr(getattr(client, "_endpoint", None), "http_session", None)
    if http_session is None:
        return None

    def fetch(url: str) -> bytes:
        from botocore.awsrequest import AWSRequest  # noqa: PLC0415 - it loads an HTTP library

        request = AWSRequest("GET", url, stream_output=True).prepare()
        end = time.monotonic() + FETCH_SECONDS
        answer = http_session.send(request)
        if answer.status_code != HTTPStatus.OK:
            raise HTTPClientError(error=f"status {answer.status_code}")
        return read_all(answer.raw.stream(), end)

    return fetch


def _received(
    result: type_defs.AuthenticationResultTypeTypeDef, received: float | None, before: _Tokens | None = None
) -> _Tokens:
    """Return the tokens of a result, and of those before it where it has none."""
    access = result.get("AccessToken")
    if access is None:
        raise MalformedTokenError("Cognito's answer has no access token.")
    identity = result.get("IdToken")
    ends: dict[Use, float] = {"access": _end(access, received)}
    if identity is not None:
        ends["id"] = _end(identity, received)
    elif before is not None and before.id is not None:
        identity, ends["id"] = before.id, before.ends["id"]
    return _Tokens(access, identity, result.get("RefreshToken") or (before.refresh if before else None), ends)


def _end(token: str, received: float | None) -> float:
    claims = unverified_claims(token)
    try:
        end = float(claims["exp"])
        return end if received is None else received + end - float(claims["iat"])
    except (KeyError, TypeError, ValueError):
        raise MalformedTokenError("The token does not say when it ends.") from None
