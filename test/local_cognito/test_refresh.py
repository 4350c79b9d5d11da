"""Staying signed in: refresh tokens and their rotation. Signing out: RevokeToken and GlobalSignOut."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jwt
import pytest

from test.support.pool_driver import ALICE, BOB, DAY, HOUR, MINUTE, USER_NOT_FOUND, missing, refused
from test.support.pools import TRACKING
from test.support.user_srp import srp_sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import PoolDriver


INVALID = ("NotAuthorizedException", "Invalid Refresh Token")
EXPIRED = ("NotAuthorizedException", "Refresh Token has expired")
REVOKED = ("NotAuthorizedException", "Refresh Token has been revoked")
REUSED = ("RefreshTokenReuseException", "Refresh token reuse detected")
ACCESS_REVOKED = ("NotAuthorizedException", "Access Token has been revoked")
ACCESS_EXPIRED = ("NotAuthorizedException", "Access Token has expired")
UNAUTHORIZED = ("UnauthorizedException", "Invalid client or secret")
WRONG_TOKEN = ("UnsupportedTokenTypeException", "Only refresh tokens can be revoked.")
ROTATION = {"RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}}

WAYS = ["REFRESH_TOKEN_AUTH", "REFRESH_TOKEN", "AdminInitiateAuth", "GetTokensFromRefreshToken"]


def refresh(
    pool: PoolDriver,
    token: str,
    way: str = "GetTokensFromRefreshToken",
    *,
    hashed: str = ALICE,
    device_key: str | None = None,
) -> dict[str, Any]:
    """Take a refresh token in one of the four ways; `hashed` is the name that the secret hash covers."""
    result: dict[str, Any]
    fields: dict[str, Any]
    if way == "GetTokensFromRefreshToken":
        fields = {"ClientSecret": pool.secret} if pool.secret else {}
        fields |= {"DeviceKey": device_key} if device_key else {}
        answer = pool.api.get_tokens_from_refresh_token(ClientId=pool.client_id, RefreshToken=token, **fields)
        result = answer["AuthenticationResult"]
        return result
    parameters = {"REFRESH_TOKEN": token}
    if pool.secret:
        parameters["SECRET_HASH"] = pool.secret_hash(hashed)
    if device_key:
        parameters["DEVICE_KEY"] = device_key
    fields = {"ClientId": pool.client_id, "AuthParameters": parameters}
    if way == "AdminInitiateAuth":
        answer = pool.api.admin_initiate_auth(UserPoolId=pool.id, AuthFlow="REFRESH_TOKEN_AUTH", **fields)
    else:
        answer = pool.api.initiate_auth(AuthFlow=way, **fields)
    assert answer["ChallengeParameters"] == {}
    result = answer["AuthenticationResult"]
    return result


def claims(token: str) -> dict[str, Any]:
    """Return what a JWT says."""
    return jwt.decode(token, options={"verify_signature": False})


def signed_in(pool: PoolDriver) -> dict[str, Any]:
    """Return the tokens of a new user."""
    pool.user()
    result: dict[str, Any] = pool.sign_in()["AuthenticationResult"]
    return result


class TestRefreshing:
    """New tokens for a refresh token."""

    @pytest.mark.parametrize("way", WAYS)
    def test_right_token(self, pool: PoolDriver, way: str) -> None:
        """New access and ID tokens come back, no refresh token; the old one stays good."""
        first = signed_in(pool)

        second = refresh(pool, first["RefreshToken"], way)
        refresh(pool, first["RefreshToken"], way)

        assert set(second) == {"AccessToken", "IdToken", "TokenType", "ExpiresIn"}
        assert pool.api.get_user(AccessToken=second["AccessToken"])["Username"] == ALICE

    def test_claims(self, pool: PoolDriver) -> None:
        """auth_time, origin_jti and event_id stay those of the sign-in; iat, exp and jti are new."""
        first = signed_in(pool)
        pool.clock.advance(2 * HOUR)

        second = refresh(pool, first["RefreshToken"])

        for kind in ("AccessToken", "IdToken"):
            old, new = claims(first[kind]), claims(second[kind])
            for name in ("auth_time", "origin_jti", "event_id", "sub", "iss", "token_use"):
                assert old[name] == new[name]
            assert new["iat"] == old["iat"] + 2 * HOUR
            assert new["exp"] == old["exp"] + 2 * HOUR
            assert old["jti"] != new["jti"]
        assert claims(second["AccessToken"])["auth_time"] == int(pool.clock.now) - 2 * HOUR

    def test_present_attributes(self, pool: PoolDriver) -> None:
        """The new ID token says what the user is like now, in groups as in attributes."""
        first = signed_in(pool)
        pool.api.create_group(UserPoolId=pool.id, GroupName="staff")
        pool.api.admin_add_user_to_group(UserPoolId=pool.id, GroupName="staff", Username=ALICE)
        named = [{"Name": "nickname", "Value": "Al"}]
        pool.api.admin_update_user_attributes(UserPoolId=pool.id, Username=ALICE, UserAttributes=named)

        identity = claims(refresh(pool, first["RefreshToken"])["IdToken"])

        assert identity["nickname"] == "Al"
        assert identity["cognito:groups"] == ["staff"]

    @pytest.mark.parametrize("way", WAYS)
    def test_expiry(self, pool: PoolDriver, way: str) -> None:
        """After thirty days the user must sign in again."""
        token = signed_in(pool)["RefreshToken"]

        pool.clock.advance(30 * DAY - 1)
        refresh(pool, token, way)
        pool.clock.advance(1)
        with refused(*EXPIRED):
            refresh(pool, token, way)

    def test_validity_setting(self, make_pool: Callable[..., PoolDriver]) -> None:
        """The app client says how long refresh tokens are good; refreshing does not prolong that."""
        units = {"TokenValidityUnits": {"RefreshToken": "minutes"}}
        pool = make_pool(client={"RefreshTokenValidity": 90} | units)
        token = signed_in(pool)["RefreshToken"]

        pool.clock.advance(90 * MINUTE - 1)
        refresh(pool, token)
        pool.clock.advance(1)
        with refused(*EXPIRED):
            refresh(pool, token)

    @pytest.mark.parametrize("way", WAYS)
    def test_other_client(self, pool: PoolDriver, way: str) -> None:
        """A refresh token is good only for the app client that got it."""
        token = signed_in(pool)["RefreshToken"]

        with refused("NotAuthorizedException", "Refresh Token has different Client"):
            refresh(pool.other_client(), token, way)

    @pytest.mark.parametrize("way", WAYS)
    @pytest.mark.parametrize("kind", ["AccessToken", "IdToken", "none of them"])
    def test_no_refresh_token(self, pool: PoolDriver, way: str, kind: str) -> None:
        """Any other token, or text, is no refresh token."""
        result = signed_in(pool)

        with refused(*INVALID):
            refresh(pool, result.get(kind, "garbage"), way)

    @pytest.mark.parametrize("way", WAYS)
    def test_disabled_user(self, pool: PoolDriver, way: str) -> None:
        """Disabled users are refused, and their earlier sign-ins stay ended when they are enabled again."""
        token = signed_in(pool)["RefreshToken"]
        pool.api.admin_disable_user(UserPoolId=pool.id, Username=ALICE)

        with refused("NotAuthorizedException", "User is disabled."):
            refresh(pool, token, way)
        pool.api.admin_enable_user(UserPoolId=pool.id, Username=ALICE)
        with refused(*REVOKED):
            refresh(pool, token, way)

    def test_missing(self, pool: PoolDriver) -> None:
        """The flow names the parameter that is missing."""
        with refused(*missing("REFRESH_TOKEN")):
            pool.api.initiate_auth(
                ClientId=pool.client_id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters={"USERNAME": ALICE}
            )

    def test_unknown_client(self, pool: PoolDriver) -> None:
        """An app client that does not exist is named."""
        token = signed_in(pool)["RefreshToken"]
        elsewhere = replace(pool, client_id="nowhere")

        for way in ("REFRESH_TOKEN_AUTH", "GetTokensFromRefreshToken"):
            with refused("ResourceNotFoundException", "User pool client nowhere does not exist."):
                refresh(elsewhere, token, way)

    @pytest.mark.parametrize("way", ["REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"])
    def test_flow_not_enabled(self, make_pool: Callable[..., PoolDriver], way: str) -> None:
        """An app client without ALLOW_REFRESH_TOKEN_AUTH refuses the flow."""
        pool = make_pool(client={"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]})
        token = signed_in(pool)["RefreshToken"]

        with refused("InvalidParameterException", f"{way} flow not enabled for this client"):
            refresh(pool, token, way)


class TestSecrets:
    """App clients with a secret: a hash in AuthParameters, the secret in clear elsewhere."""

    @pytest.fixture
    def pool(self, make_pool: Callable[..., PoolDriver]) -> PoolDriver:
        """Return a pool whose users have an e-mail address for a name, its app client with a secret."""
        pool = make_pool({"UsernameAttributes": ["email"]}, client={"GenerateSecret": True})
        pool.sign_up("alice@example.com", email=None)
        pool.confirm("alice@example.com")
        return pool

    @pytest.fixture
    def token(self, pool: PoolDriver) -> str:
        """Return the user's refresh token."""
        return str(pool.sign_in("alice@example.com")["AuthenticationResult"]["RefreshToken"])

    @pytest.mark.parametrize("way", WAYS)
    def test_over_the_user_name(self, pool: PoolDriver, token: str, way: str) -> None:
        """The hash is over the real user name, which here is the sub."""
        sub = pool.described("alice@example.com")["Username"]

        assert "AccessToken" in refresh(pool, token, way, hashed=sub)

    @pytest.mark.parametrize("way", WAYS[:3])
    def test_over_the_alias(self, pool: PoolDriver, token: str, way: str) -> None:
        """A hash over the address that the user typed is wrong."""
        text = f"Unable to verify secret hash for client {pool.client_id}"

        with refused("NotAuthorizedException", text):
            refresh(pool, token, way, hashed="alice@example.com")

    @pytest.mark.parametrize("way", WAYS[:3])
    def test_missing_hash(self, pool: PoolDriver, token: str, way: str) -> None:
        """Without a hash the refresh is refused."""
        text = f"Client {pool.client_id} is configured with secret but SECRET_HASH was not received"

        with refused("NotAuthorizedException", text):
            refresh(replace(pool, secret=None), token, way)

    @pytest.mark.parametrize("way", WAYS[:3])
    def test_token_first(self, pool: PoolDriver, way: str) -> None:
        """The refresh token is checked before the hash."""
        with refused(*INVALID):
            refresh(pool, "garbage", way, hashed="anybody")

    @pytest.mark.parametrize("secret", [None, "another"])
    def test_client_secret(self, pool: PoolDriver, token: str, secret: str | None) -> None:
        """GetTokensFromRefreshToken wants the secret itself."""
        fields = {} if secret is None else {"ClientSecret": secret * 4}

        text = (
            f"Unable to verify secret hash for client {pool.client_id}"
            if secret
            else f"Client {pool.client_id} is configured for secret but secret was not received"
        )
        with refused("NotAuthorizedException", text):
            pool.api.get_tokens_from_refresh_token(ClientId=pool.client_id, RefreshToken=token, **fields)

    def test_nobody_asked(self, pool: PoolDriver) -> None:
        """A hash for a client without a secret is ignored."""
        bare = pool.other_client()
        token = bare.sign_in("alice@example.com")["AuthenticationResult"]["RefreshToken"]

        answer = bare.api.initiate_auth(
            ClientId=bare.client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": token, "SECRET_HASH": "c2VjcmV0"},
        )

        assert "AccessToken" in answer["AuthenticationResult"]


class TestRotation:
    """App clients with RefreshTokenRotation."""

    def test_grace(self, make_pool: Callable[..., PoolDriver]) -> None:
        """For the grace period a client whose answer got lost may try again with the same token."""
        rotation = {"RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 30}}
        pool = make_pool(client=rotation)
        first = signed_in(pool)["RefreshToken"]

        refresh(pool, first)
        refresh(pool, first)
        pool.clock.advance(29)
        second = refresh(pool, first)["RefreshToken"]
        pool.clock.advance(1)

        with refused(*REUSED):
            refresh(pool, first)
        refresh(pool, second)

    def test_same_end(self, make_pool: Callable[..., PoolDriver]) -> None:
        """A rotated token ends when the first one would have ended."""
        pool = make_pool(client=ROTATION)
        first = signed_in(pool)["RefreshToken"]
        pool.clock.advance(29 * DAY)
        second = refresh(pool, first)["RefreshToken"]

        pool.clock.advance(DAY)
        with refused(*EXPIRED):
            refresh(pool, second)


class TestDevices:
    """Pools that track devices: a refresh token is tied to the device of its sign-in."""

    @pytest.fixture
    def pool(self, make_pool: Callable[..., PoolDriver]) -> PoolDriver:
        """Return a pool that tracks devices and knows no MFA."""
        pool = make_pool({"DeviceConfiguration": TRACKING})
        pool.user()
        return pool

    @pytest.mark.parametrize("way", WAYS)
    def test_confirmed_device(self, pool: PoolDriver, way: str) -> None:
        """With the key of the confirmed device the refresh goes through, and its tokens name the device."""
        result = srp_sign_in(pool)["AuthenticationResult"]
        device = pool.track(result)

        refreshed = refresh(pool, result["RefreshToken"], way, device_key=device.key)

        assert claims(refreshed["AccessToken"])["device_key"] == device.key

    @pytest.mark.parametrize("way", WAYS)
    def test_key_left_out(self, pool: PoolDriver, way: str) -> None:
        """Without the key it is refused."""
        result = srp_sign_in(pool)["AuthenticationResult"]
        pool.track(result)

        with refused(*INVALID):
            refresh(pool, result["RefreshToken"], way)

    def test_unconfirmed_device(self, pool: PoolDriver) -> None:
        """The key of a device that was never confirmed does not help."""
        result = srp_sign_in(pool)["AuthenticationResult"]

        with refused(*INVALID):
            refresh(pool, result["RefreshToken"], device_key=result["NewDeviceMetadata"]["DeviceKey"])

    def test_other_device(self, pool: PoolDriver) -> None:
        """Nor does the key of another device of the same user."""
        result, other = (srp_sign_in(pool)["AuthenticationResult"] for _ in range(2))
        pool.track(result)
        device = pool.track(other)

        with refused(*INVALID):
            refresh(pool, result["RefreshToken"], device_key=device.key)

    def test_no_device(self, pool: PoolDriver) -> None:
        """A sign-in that got no device key, as with a password sent in clear, can't be refreshed."""
        token = pool.sign_in()["AuthenticationResult"]["RefreshToken"]
        device = pool.track(srp_sign_in(pool)["AuthenticationResult"])

        for key in (None, device.key):
            with refused(*INVALID):
                refresh(pool, token, device_key=key)

    @pytest.mark.parametrize("admin", [False, True], ids=["user", "administrator"])
    def test_forgotten_device(self, pool: PoolDriver, admin: bool) -> None:
        """ForgetDevice ends the refreshing on that device, and on no other."""
        results = [srp_sign_in(pool)["AuthenticationResult"] for _ in range(2)]
        devices = [pool.track(result) for result in results]
        if admin:
            pool.api.admin_forget_device(UserPoolId=pool.id, Username=ALICE, DeviceKey=devices[0].key)
        else:
            pool.api.forget_device(AccessToken=results[0]["AccessToken"], DeviceKey=devices[0].key)

        with refused(*INVALID):
            refresh(pool, results[0]["RefreshToken"], device_key=devices[0].key)
        refresh(pool, results[1]["RefreshToken"], device_key=devices[1].key)


class TestRevokeToken:
    """RevokeToken."""

    def test_one_sign_in(self, pool: PoolDriver) -> None:
        """It ends one sign-in: its refresh token and every access token from it; others live on."""
        first = signed_in(pool)
        refreshed = refresh(pool, first["RefreshToken"])
        other = pool.sign_in()["AuthenticationResult"]

        assert pool.api.revoke_token(ClientId=pool.client_id, Token=first["RefreshToken"])

        with refused(*REVOKED):
            refresh(pool, first["RefreshToken"])
        for result in (first, refreshed):
            with refused(*ACCESS_REVOKED):
                pool.api.get_user(AccessToken=result["AccessToken"])
        refresh(pool, other["RefreshToken"])
        pool.api.get_user(AccessToken=other["AccessToken"])

    def test_again(self, pool: PoolDriver) -> None:
        """Revoking once more changes nothing and is no error."""
        token = signed_in(pool)["RefreshToken"]

        for _ in range(2):
            pool.api.revoke_token(ClientId=pool.client_id, Token=token)

    @pytest.mark.parametrize("kind", ["AccessToken", "IdToken", "none of them"])
    def test_other_tokens(self, pool: PoolDriver, kind: str) -> None:
        """Only refresh tokens can be revoked."""
        result = signed_in(pool)

        with refused(*WRONG_TOKEN):
            pool.api.revoke_token(ClientId=pool.client_id, Token=result.get(kind, "garbage"))
        pool.api.get_user(AccessToken=result["AccessToken"])

    def test_other_client(self, pool: PoolDriver) -> None:
        """Another app client can't revoke it."""
        token = signed_in(pool)["RefreshToken"]

        with refused("UnauthorizedException", "The token was not issued to this client."):
            pool.api.revoke_token(ClientId=pool.other_client().client_id, Token=token)
        refresh(pool, token)

    def test_turned_off(self, make_pool: Callable[..., PoolDriver]) -> None:
        """An app client may have revocation turned off."""
        pool = make_pool(client={"EnableTokenRevocation": False})
        token = signed_in(pool)["RefreshToken"]

        with refused("UnsupportedOperationException", "This feature is not enabled for this client"):
            pool.api.revoke_token(ClientId=pool.client_id, Token=token)
        refresh(pool, token)

    def test_secret(self, make_pool: Callable[..., PoolDriver]) -> None:
        """An app client with a secret gives it in clear."""
        pool = make_pool(client={"GenerateSecret": True})
        token = signed_in(pool)["RefreshToken"]

        assert pool.secret
        for wrong in ({}, {"ClientSecret": pool.secret[::-1]}):
            with refused(*UNAUTHORIZED):
                pool.api.revoke_token(ClientId=pool.client_id, Token=token, **wrong)
        pool.api.revoke_token(ClientId=pool.client_id, Token=token, ClientSecret=pool.secret)
        with refused(*REVOKED):
            refresh(pool, token)

    def test_unknown_client(self, pool: PoolDriver) -> None:
        """An app client that does not exist may revoke nothing."""
        token = signed_in(pool)["RefreshToken"]

        with refused(*UNAUTHORIZED):
            pool.api.revoke_token(ClientId="nowhere", Token=token)

    def test_file_of_an_earlier_version(self, pool: PoolDriver) -> None:
        """A sign-in that an earlier version kept, which had no event ID, refreshes and is revoked."""
        first = signed_in(pool)
        with pool.changed("grants", claims(first["AccessToken"])["origin_jti"]) as grant:
            grant.event_id = grant.sub = ""
        refreshed = refresh(pool, first["RefreshToken"])
        pool.api.get_user(AccessToken=refreshed["AccessToken"])

        pool.api.revoke_token(ClientId=pool.client_id, Token=first["RefreshToken"])

        for result in (first, refreshed):
            with refused(*ACCESS_REVOKED):
                pool.api.get_user(AccessToken=result["AccessToken"])


class TestGlobalSignOut:
    """GlobalSignOut and AdminUserGlobalSignOut."""

    @pytest.mark.parametrize("admin", [False, True], ids=["user", "administrator"])
    def test_every_sign_in(self, pool: PoolDriver, admin: bool) -> None:
        """It ends all sign-ins of the user, through every app client, and nobody else's."""
        results = [(pool, signed_in(pool))]
        other = pool.other_client()
        results.append((other, other.sign_in()["AuthenticationResult"]))
        pool.user(BOB)
        bobs = pool.sign_in(BOB)["AuthenticationResult"]

        if admin:
            pool.api.admin_user_global_sign_out(UserPoolId=pool.id, Username=ALICE)
        else:
            pool.api.global_sign_out(AccessToken=results[0][1]["AccessToken"])

        for seen, result in results:
            with refused(*REVOKED):
                refresh(seen, result["RefreshToken"])
            with refused(*ACCESS_REVOKED):
                pool.api.get_user(AccessToken=result["AccessToken"])
        refresh(pool, bobs["RefreshToken"])
        pool.api.get_user(AccessToken=bobs["AccessToken"])

    def test_signing_in_again(self, pool: PoolDriver) -> None:
        """The user may sign in again at once."""
        token = signed_in(pool)["AccessToken"]
        pool.api.global_sign_out(AccessToken=token)

        again = pool.sign_in()["AuthenticationResult"]

        assert pool.api.get_user(AccessToken=again["AccessToken"])["Username"] == ALICE
        with refused(*ACCESS_REVOKED):
            pool.api.global_sign_out(AccessToken=token)

    def test_expired_access_token(self, pool: PoolDriver) -> None:
        """Signing out takes an access token that is still good."""
        token = signed_in(pool)["AccessToken"]
        pool.clock.advance(HOUR)

        with refused(*ACCESS_EXPIRED):
            pool.api.global_sign_out(AccessToken=token)

    def test_unknown_user(self, pool: PoolDriver) -> None:
        """Administrators are told when there is no such user."""
        with refused(*USER_NOT_FOUND):
            pool.api.admin_user_global_sign_out(UserPoolId=pool.id, Username="nobody")
