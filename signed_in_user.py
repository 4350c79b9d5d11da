"""A user who signed in to an Amazon Cognito user pool: tokens that stay fresh, are verified, and end.

    user = SignedInUser.sign_in(cognito, "alice", password)
    requests.get(url, auth=TokenAuth(user), timeout=10)
    user.sign_out()

Nothing here prints, prompts, or logs. A refusal by Cognito raises botocore's `ClientError`, as in the
wrapper; every other failure is a `SignedInUserError`, or the wrapper's `SignInError` during a sign-in.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped,unused-ignore]

import cognito_srp
import token_verifier
from client_keys import verifier_of
from cognito_idp_actions import (
    AuthenticationResult,
    CodeDelivery,
    CognitoIdentityProviderWrapper,
    attributes_of,
)
from new_device import NewDevice, NoDeviceError
from sign_in_flow import Answer, AnswerChallenge, Challenge, ChallengeRequired, Flow, SignIn, TrackedDevice
from token_auth import TokenAuth
from token_renewal import (
    ClientSetupError,
    NoRefreshTokenError,
    Renewal,
    SignInOverError,
    Storage,
    Tokens,
    renew_apart,
    renewal_error,
)
from token_verifier import *  # noqa: F403 - programs import its errors from here, too
from token_verifier import CognitoAuthError, MalformedTokenError, TokenVerifier, Use, unverified_claims

__all__ = [
    "Challenge",
    "ChallengeRequired",
    "ClientSetupError",
    "NoDeviceError",
    "NoRefreshTokenError",
    "NoTokenError",
    "SignInOverError",
    "SignedInUser",
    "SignedInUserError",
    "StoredTokensError",
    "TokenAuth",
    "TrackedDevice",
    "verifier_of",
]
__all__ += token_verifier.__all__

SignedInUserError = CognitoAuthError  # the base of this module's errors, and of the token's
OnRenewed = Callable[["SignedInUser"], object]


class NoTokenError(CognitoAuthError):
    """There is only a refresh token so far: call `renew()` or read `access_token` first."""


class StoredTokensError(CognitoAuthError):
    """The stored data is not a sign-in, or is one of another pool or app client."""


class SignedInUser:
    """A signed-in user and the tokens of the sign-in; threads may share one.

    `access_token`, `id_token` and the claims may send a request, when a token is old; all other properties
    never do. In the last minute of a token it is renewed in the background, and nobody waits; in its last
    seconds, and afterwards, all threads wait for one request.

    Args:
        cognito: the pool, the app client, and its secret if it has one.
        result: the authentication result of a sign-in, with `AccessToken` or `RefreshToken` at least.
        device_key: key of the device that signed in, unless `NewDeviceMetadata` has a new one; by default the
            one that the access token names. Pools that track devices renew only a confirmed device's tokens.
        received: when the tokens came, in epoch seconds of this machine's clock, if that is known: their time
            counts from then, so that the clock need not be right.
        jwks_url: where the pool's keys are; by default AWS's place or, where the boto3 client has an endpoint
            of another kind, below that.
        verifier: verifies the tokens; by default one that the users of one boto3 client share.
        on_renewed: is called with this user after each renewal, in the thread that renewed.
        clock: returns the time, in epoch seconds.

    Raises:
        MalformedTokenError: a token can't be read.
    """

    def __init__(
        self,
        cognito: CognitoIdentityProviderWrapper,
        result: AuthenticationResult,
        *,
        device_key: str | None = None,
        received: float | None = None,
        jwks_url: str | None = None,
        verifier: TokenVerifier | None = None,
        on_renewed: OnRenewed | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.on_renewed = on_renewed
        self._cognito = cognito
        self._clock = clock
        self._given_verifier, self._jwks_url = verifier, jwks_url
        tokens = Tokens.received(result, received)
        self._renewal = Renewal(tokens, self._request_tokens, clock, self._tell_renewed)
        self._device = NewDevice.of(result)
        named = unverified_claims(tokens.access).get("device_key") if tokens.access else None
        self._device_key = self._device.key or device_key or named

    # Signing in

    @classmethod
    def sign_in(
        cls,
        cognito: CognitoIdentityProviderWrapper,
        user_name: str,
        password: str | None = None,
        *,
        flow: Flow = "USER_SRP_AUTH",
        preferred_challenge: str | None = None,
        session: str | None = None,
        device: TrackedDevice | None = None,
        answer_challenge: AnswerChallenge | None = None,
        client_metadata: Mapping[str, str] | None = None,
        aws_srp: ModuleType = cognito_srp,
        **options: Any,
    ) -> SignedInUser:
        """Sign in, by default with an SRP proof of the password, and of a tracked device's if one is given.

        Args:
            cognito: the pool, the app client, and its secret if it has one.
            user_name: the name to sign in with, or an alias.
            password: the user's password; it stays here, but in USER_PASSWORD_AUTH.
            flow: USER_AUTH for a choice of passwords, codes and passkeys; CUSTOM_AUTH for the pool's own
                triggers, which begins with the proof of a password if there is one.
            preferred_challenge: the first challenge of USER_AUTH, such as "EMAIL_OTP" or "WEB_AUTHN".
            session: `Session` of `confirm_sign_up`, with which USER_AUTH needs nothing more.
            device: the device that `remember_device` returned.
            answer_challenge: takes each challenge and returns its answer: one value, such as a code, or a
                mapping of all responses. On MFA_SETUP the challenge has a `secret_code` to show, and
                the value is the app's first code.
            client_metadata: for the pool's Lambda triggers.
            aws_srp: an SRP helper.
            options: `jwks_url`, `verifier`, `on_renewed` and `clock`, as for the class.

        Raises:
            ChallengeRequired: Cognito sets a challenge, and there is no `answer_challenge`.
            ClientError: Cognito refuses: the password, an answer, a device that was forgotten.
            cognito_idp_actions.SignInError: an answer of Cognito is unexpected or unsafe.
            TypeError: the flow needs a password, and it is not a str.
        """
        key = device.key if device else None
        steps = SignIn(cognito, aws_srp, password, device, key, answer_challenge, client_metadata)
        return cls._of(
            cognito, steps.start(user_name, flow, preferred_challenge, session), key, device, options
        )

    @classmethod
    def answer(
        cls,
        cognito: CognitoIdentityProviderWrapper,
        challenge: Challenge | ChallengeRequired,
        responses: Answer,
        *,
        password: str | None = None,
        device: TrackedDevice | None = None,
        answer_challenge: AnswerChallenge | None = None,
        client_metadata: Mapping[str, str] | None = None,
        aws_srp: ModuleType = cognito_srp,
        **options: Any,
    ) -> SignedInUser:
        """Continue a sign-in from a challenge; other arguments and errors are as in `sign_in`.

        The responses are the one value that the challenge asks for, such as a code, or a mapping. After a
        wrong code the same challenge may be answered again. The answer to MFA_SETUP is the first code of the
        app that got the challenge's `secret_code`. DEVICE_SRP_AUTH wants the device, and an empty mapping;
        the choice of PASSWORD or PASSWORD_SRP wants the password.
        """
        asked = challenge.challenge if isinstance(challenge, ChallengeRequired) else challenge
        key = asked.device_key
        steps = SignIn(cognito, aws_srp, password, device, key, answer_challenge, client_metadata)
        result = steps.go_on(steps.respond(asked, responses), asked.user_name)
        return cls._of(cognito, result, key, device, options)

    @classmethod
    def _of(
        cls,
        cognito: CognitoIdentityProviderWrapper,
        result: AuthenticationResult,
        device_key: str | None,
        device: TrackedDevice | None,
        options: dict[str, Any],
    ) -> SignedInUser:
        received = options.get("clock", time.time)()
        user = cls(cognito, result, device_key=device_key, received=received, **options)
        if device is not None and not user._device.key:
            user._device = NewDevice.known(device)
        return user

    @classmethod
    def from_tokens(
        cls,
        cognito: CognitoIdentityProviderWrapper,
        *,
        access_token: str | None = None,
        id_token: str | None = None,
        refresh_token: str | None = None,
        device_key: str | None = None,
        **options: Any,
    ) -> SignedInUser:
        """Return the user of stored tokens, without a request and without verifying them yet.

        `access_claims` and `id_claims` verify. An access token that has expired, or is not given, is renewed
        when it is needed: a refresh token alone is enough, and the device key in pools that track devices.

        Args:
            cognito: the pool, the app client, and its secret if it has one.
            access_token: `AccessToken` of a sign-in.
            id_token: `IdToken`.
            refresh_token: `RefreshToken`.
            device_key: as for the class.
            options: `jwks_url`, `verifier`, `on_renewed` and `clock`, as for the class.

        Raises:
            MalformedTokenError: a token can't be read, or there is none.
        """
        result = Tokens(access_token, id_token, refresh_token, {}).to_result()
        return cls(cognito, result, device_key=device_key, **options)

    # Storing

    def to_dict(self) -> dict[str, Any]:
        """Return the whole sign-in as a JSON-serializable dict; store it like a password.

        Raises:
            SignInOverError: the user signed out.
        """
        self._renewal.refuse_if_over()
        return {
            "user_pool_id": self._cognito.user_pool_id,
            "client_id": self._cognito.client_id,
            **self._renewal.tokens.to_dict(),
            "device_key": self._device_key,
            "device": self._device.to_dict(),
        }

    @classmethod
    def from_dict(
        cls, cognito: CognitoIdentityProviderWrapper, stored: Mapping[str, Any], **options: Any
    ) -> SignedInUser:
        """Return the user of a stored `to_dict`, without a request.

        Args:
            cognito: the pool and the app client of that sign-in.
            stored: the result of `to_dict`, through JSON or not.
            options: `jwks_url`, `verifier`, `on_renewed` and `clock`, as for the class.

        Raises:
            StoredTokensError: that is something else, or the sign-in of another pool or app client.
        """
        try:
            names, device_key = (stored["user_pool_id"], stored["client_id"]), stored["device_key"]
            tokens, device = Tokens.from_dict(stored), NewDevice.from_dict(stored["device"])
        except (KeyError, TypeError, ValueError, AttributeError, MalformedTokenError) as error:
            raise StoredTokensError(f"That is not a stored sign-in ({type(error).__name__}).") from None
        if names != (cognito.user_pool_id, cognito.client_id):
            raise StoredTokensError("The stored sign-in is one of another user pool or app client.")
        user = cls(cognito, tokens.to_result(), device_key=device_key, **options)
        user._renewal.tokens, user._device = tokens, device
        return user

    def share(self, storage: Storage) -> None:
        """Renew through a storage that processes share, such as `token_file.TokenFile`."""
        self._renewal.storage = storage

    # Tokens

    @property
    def access_token(self) -> str:
        """The access token, renewed if need be: reading it may send a request.

        Raises:
            ExpiredTokenError: it has expired, and there is no refresh token.
            SignInOverError: Cognito no longer renews it, or the user signed out.
            ClientSetupError: Cognito refuses the app client, not the user.
            ClientError: the renewal failed now; it is tried again when the token is read again.
        """
        return self._renewal.fresh("access")

    @property
    def id_token(self) -> str:
        """The ID token, renewed like the access token; also when there is none, but a refresh token.

        Raises:
            NoRefreshTokenError: there is no ID token, and no refresh token to get one with.
            ExpiredTokenError, SignInOverError, ClientSetupError, ClientError: as `access_token`.
        """
        return self._renewal.fresh("id")

    def fresh_token(self, use: Use = "access", instead_of: str | None = None) -> str:
        """Return the token for a use, as `access_token` and `id_token` do.

        Given a token that was refused, it is another one: renewed now, unless that has happened.
        """
        tokens = self._renewal.tokens
        if instead_of is not None and tokens.text(use) == instead_of:
            self._renewal.renew(tokens)
        return self._renewal.fresh(use)

    async def fresh_token_async(self, use: Use = "access", instead_of: str | None = None) -> str:
        """Return `fresh_token` without blocking the event loop: renewal runs in a thread."""
        is_wanted = instead_of is None or self._renewal.tokens.text(use) != instead_of
        if is_wanted and self._renewal.is_fresh(use):
            return self.fresh_token(use)
        import asyncio  # noqa: PLC0415 - only those who await need it

        begun = await asyncio.wrap_future(renew_apart(self.fresh_token, use, instead_of))
        return await asyncio.wrap_future(begun)

    async def access_token_async(self) -> str:
        """Return `access_token` without blocking the event loop."""
        return await self.fresh_token_async("access")

    async def id_token_async(self) -> str:
        """Return `id_token` without blocking the event loop."""
        return await self.fresh_token_async("id")

    @property
    def refresh_token(self) -> str | None:
        """The refresh token that is good now: app clients that rotate them replace it at each renewal."""
        self._renewal.refuse_if_over()
        return self._renewal.tokens.refresh

    @property
    def access_claims(self) -> dict[str, Any]:
        """The claims of the access token, verified: may send a request for a token, and one for the keys."""
        return self._verifier().verify(self.access_token, "access")

    @property
    def id_claims(self) -> dict[str, Any]:
        """The claims of the ID token, verified as `access_claims`: attributes as of its last renewal."""
        return self._verifier().verify(self.id_token, "id")

    def _verifier(self) -> TokenVerifier:
        return self._given_verifier or verifier_of(self._cognito, self._jwks_url)

    @property
    def user_name(self) -> str:
        """The real user name, as the tokens have it, unverified; no request.

        Raises:
            NoTokenError: there is only a refresh token yet.
        """
        claims = self._unverified()
        return str(claims.get("username") or claims.get("cognito:username"))

    @property
    def sub(self) -> str:
        """The user's immutable ID (UUID), as the tokens have it, unverified; no request. See `user_name`."""
        return str(self._unverified().get("sub"))

    @property
    def expires_at(self) -> float:
        """When the access token ends, in epoch seconds of this machine's clock; no request.

        Without an access token it is 0: it has ended.
        """
        return self._renewal.tokens.ends.get("access", 0.0)

    @property
    def token_type(self) -> str:
        """The type of the tokens, for the Authorization header; no request."""
        return "Bearer"

    def _unverified(self) -> dict[str, Any]:
        self._renewal.refuse_if_over()
        token = self._renewal.tokens.access or self._renewal.tokens.id
        if token is None:
            raise NoTokenError("There is only a refresh token yet: renew() first.")
        return unverified_claims(token)

    def renew(self) -> None:
        """Renew the tokens now, even if they are still good.

        Raises:
            NoRefreshTokenError: there is nothing to renew them with.
            SignInOverError: Cognito no longer renews them, or the user signed out; it is not asked again.
            ClientSetupError: Cognito refuses the app client, not the user.
            ClientError: it failed now, and may work later.
        """
        self._renewal.refuse_if_over()
        self._renewal.renew(self._renewal.tokens)

    def _request_tokens(self, old: Tokens) -> Tokens:
        if old.refresh is None:
            raise NoRefreshTokenError("Tokens are renewed with a refresh token, and there is none.")
        try:
            result = self._cognito.get_tokens_from_refresh_token(old.refresh, self._device_key)
        except ClientError as refusal:
            error = renewal_error(refusal)
            if error is refusal:
                raise
            raise error from refusal
        return Tokens.received(result, self._clock(), old)

    def _tell_renewed(self) -> None:
        if self.on_renewed is not None:
            self.on_renewed(self)

    # Signing out

    def sign_out(self) -> None:
        """Sign out here (RevokeToken): the refresh token, and the access tokens that it brought, end.

        Raises:
            NoRefreshTokenError: there is no refresh token to revoke; `sign_out_everywhere` needs none.
            SignInOverError: the user signed out before.
        """
        token = self.refresh_token
        if token is None:
            raise NoRefreshTokenError("Without a refresh token, only sign_out_everywhere() signs out.")
        self._cognito.revoke_token(token)
        self._end()

    def sign_out_everywhere(self) -> None:
        """Sign out on every device (GlobalSignOut): all tokens of the user end."""
        self._cognito.global_sign_out(self.access_token)
        self._end()

    def _end(self) -> None:
        self._renewal.end("The user signed out: sign in again.")
        if self._renewal.storage is not None:
            self._renewal.storage.forget()

    # The device, and the account

    @property
    def device(self) -> TrackedDevice | None:
        """The device of this sign-in with its password, once that is known; no request."""
        return self._device.tracked

    def prepare_device(self) -> TrackedDevice:
        """Return the device that `remember_device` will confirm, to be kept before; no request.

        Raises:
            NoDeviceError: as `remember_device`.
        """
        return self._device.prepare()

    def remember_device(self, name: str | None = None) -> TrackedDevice:
        """Confirm the device of this sign-in and have it remembered; return the device, to be stored.

        From then on the tokens can be renewed, in pools that track devices, and where the pool lets a
        remembered device replace MFA, `sign_in(..., device=...)` needs no code. A call that failed goes on
        where it was when it is made again; `device`, `to_dict` and a storage have the password before
        Cognito is asked.

        Args:
            name: the name of the device in lists.

        Raises:
            NoDeviceError: Cognito gave no device key: the pool tracks no devices, or this one is tracked.
        """
        self._renewal.refuse_if_over()
        device, access_token = self._device.prepare(), self.access_token
        self._renewal.keep()
        try:
            self._device.remember(self._cognito, access_token, name)
        finally:
            self._renewal.keep()
        return device

    def forget_device(self) -> None:
        """Have Cognito forget the device of this sign-in; its tokens can then no longer be renewed.

        Raises:
            NoDeviceError: there is no device.
        """
        if self._device_key is None:
            raise NoDeviceError("There is no device to forget: this sign-in is not from a tracked device.")
        self._cognito.forget_device(self.access_token, self._device_key)

    def profile(self) -> dict[str, str]:
        """Return the user's attributes as Cognito has them now (GetUser)."""
        return attributes_of(self._cognito.get_user(self.access_token))

    def update_profile(self, attributes: Mapping[str, str]) -> list[CodeDelivery]:
        """Change attributes; return where the codes that verify new addresses were sent.

        The ID token has the change after `renew()`.
        """
        answer = self._cognito.update_user_attributes(self.access_token, attributes)
        sent: list[CodeDelivery] = answer.get("CodeDeliveryDetailsList", [])
        return sent
