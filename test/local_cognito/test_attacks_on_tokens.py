"""Attacks with tokens that are forged, spent, or meant for something else: each is refused."""

from __future__ import annotations

import base64
import hmac
import json
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from local_cognito.actions import api as local_api
from local_cognito.storage.records import SigningKey
from test.support.conformity import request_members
from test.support.hostile_requests import DEVICE
from test.support.inside import store_of
from test.support.pool_driver import ALICE, BOB, HOUR, PASSWORD, TOKEN_INVALID, call_raw, refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cognito import LocalCognito
    from test.support.pool_driver import PoolDriver


SIGNATURE = ("NotAuthorizedException", "Could not verify signature for Access Token")
EXPIRED = ("NotAuthorizedException", "Access Token has expired")
REVOKED = ("NotAuthorizedException", "Access Token has been revoked")
REFRESH_INVALID = ("NotAuthorizedException", "Invalid Refresh Token")
USER_DISABLED = ("NotAuthorizedException", "User is disabled.")
USER_GONE = ("UserNotFoundException", "User does not exist.")


ANY_DEVICE = {"DeviceKey": DEVICE}
WITH_TOKEN: dict[str, dict[str, Any]] = {
    "GetUser": {},
    "GlobalSignOut": {},
    "DeleteUser": {},
    "AssociateSoftwareToken": {},
    "ListDevices": {},
    "SetUserMFAPreference": {},
    "ChangePassword": {"PreviousPassword": PASSWORD, "ProposedPassword": "Another-Horse-2!"},
    "UpdateUserAttributes": {"UserAttributes": [{"Name": "name", "Value": "Mallory"}]},
    "DeleteUserAttributes": {"UserAttributeNames": ["name"]},
    "GetUserAttributeVerificationCode": {"AttributeName": "email"},
    "VerifyUserAttribute": {"AttributeName": "email", "Code": "123456"},
    "VerifySoftwareToken": {"UserCode": "123456"},
    "ConfirmDevice": ANY_DEVICE,
    "UpdateDeviceStatus": ANY_DEVICE,
    "ForgetDevice": ANY_DEVICE,
    "GetDevice": ANY_DEVICE,
    "GetUserAuthFactors": {},
    "ListUserSessions": {},
    "RevokeUserSession": {"SessionId": "tkn" + "0" * 25},
    "StartWebAuthnRegistration": {},
    "CompleteWebAuthnRegistration": {"Credential": {}},
    "ListWebAuthnCredentials": {},
    "DeleteWebAuthnCredential": {"CredentialId": "any"},
}


def part(content: bytes | list[Any] | dict[str, Any]) -> str:
    """Return JSON as a part of a JWT."""
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def unsigned(claims: dict[str, Any], algorithm: str = "none", signature: str = "") -> str:
    """Return a token whose header promises `algorithm`."""
    return f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(claims)}.{signature}"


def public_pem(pem: str) -> bytes:
    """Return the public half of a private key."""
    key = serialization.load_pem_private_key(pem.encode(), None).public_key()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


class Forger:
    """A person with Alice's tokens, the pool's public keys and a key of their own."""

    def __init__(self, pool: PoolDriver, keys: dict[str, str]) -> None:
        """Sign Alice in."""
        self.pool, self.keys = pool, keys
        self.result = pool.sign_in()["AuthenticationResult"]
        self.token = self.result["AccessToken"]
        self.header, self.payload, self.signature = self.token.split(".")
        self.claims = jwt.decode(self.token, options={"verify_signature": False})
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def hmac_signed(self, algorithm: str) -> str:
        """Return a token signed with the public key as a shared secret."""
        name = {"HS256": "sha256", "HS512": "sha512"}[algorithm]
        text = (
            f"{part({'alg': algorithm, 'kid': jwt.get_unverified_header(self.token)['kid']})}.{self.payload}"
        )
        return f"{text}.{part(hmac.digest(public_pem(self.keys['access']), text.encode(), name))}"

    def forged(self) -> dict[str, str]:
        """Return every forgery, by name."""
        jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        headers = {"kid": jwt.get_unverified_header(self.token)["kid"]}
        claims = self.claims | {"username": BOB, "sub": "00000000-0000-4000-8000-000000000000"}
        return {
            **{f"alg {name}": unsigned(self.claims, name) for name in ("none", "None", "nOnE", "NONE", "")},
            "alg none with the signature": unsigned(self.claims, "none", self.signature),
            "no signature": f"{self.header}.{self.payload}.",
            "another signature": f"{self.header}.{self.payload}.{part(bytes(256))}",
            "other claims": f"{self.header}.{part(claims)}.{self.signature}",
            "other lifetime": f"{self.header}.{part(self.claims | {'exp': 2**40})}.{self.signature}",
            "HS256 with the public key": self.hmac_signed("HS256"),
            "HS512 with the public key": self.hmac_signed("HS512"),
            "another key": jwt.encode(self.claims, self.key, "RS256", headers=headers),
            "another key in the header": jwt.encode(
                self.claims, self.key, "RS256", headers=headers | {"jwk": jwk}
            ),
            "RS512 of the right key": jwt.encode(self.claims, self.keys["access"], "RS512", headers=headers),
            "the ID token's key": jwt.encode(self.claims, self.keys["id"], "RS256", headers=headers),
        }


@pytest.fixture
def forger(pool: PoolDriver, signing_keys: dict[str, str]) -> Forger:
    """Return the attacker."""
    pool.user()
    return Forger(pool, signing_keys)


class TestTokens:
    """Only the pool's own access token opens an account, while it lasts."""

    def test_right(self, forger: Forger) -> None:
        """The token itself is good."""
        assert forger.pool.api.get_user(AccessToken=forger.token)["Username"] == ALICE

    def test_forged(self, forger: Forger) -> None:
        """A token that is unsigned, or signed in any other way, opens nothing."""
        forged = forger.forged()
        for name, token in forged.items():
            with refused(*SIGNATURE):
                forger.pool.api.get_user(AccessToken=token)
                pytest.fail(name)

    @pytest.mark.parametrize("operation", WITH_TOKEN)
    def test_every_action(self, forger: Forger, operation: str) -> None:
        """Every action that takes an access token checks its signature."""
        request = {"AccessToken": forger.forged()["another key"], **WITH_TOKEN[operation]}
        answer = call_raw(forger.pool.server.url, operation, request)

        assert (answer.status, answer.content["__type"], answer.content["message"]) == (400, *SIGNATURE)

    def test_every_action_is_listed(self) -> None:
        """No action that takes an access token is left out above."""
        assert set(WITH_TOKEN) == {
            name for name in local_api.ACTIONS if "AccessToken" in request_members(name)
        }

    def test_expired(self, forger: Forger) -> None:
        """An hour later it is over."""
        forger.pool.clock.advance(HOUR)
        with refused(*EXPIRED):
            forger.pool.api.get_user(AccessToken=forger.token)

    @pytest.mark.parametrize("member", ["IdToken", "RefreshToken"])
    def test_other_token(self, forger: Forger, member: str) -> None:
        """ID and refresh tokens are no access tokens."""
        with refused(*TOKEN_INVALID):
            forger.pool.api.get_user(AccessToken=forger.result[member])

    @pytest.mark.parametrize("member", ["IdToken", "AccessToken"])
    def test_no_refresh_token(self, forger: Forger, member: str) -> None:
        """ID and access tokens are no refresh tokens."""
        pool = forger.pool
        with refused(*REFRESH_INVALID):
            pool.api.initiate_auth(
                ClientId=pool.client_id,
                AuthFlow="REFRESH_TOKEN_AUTH",
                AuthParameters={"REFRESH_TOKEN": forger.result[member]},
            )

    def test_refresh_token_of_another_client(self, forger: Forger) -> None:
        """A refresh token works through the app client that it was issued to only."""
        other = forger.pool.other_client()
        with refused("NotAuthorizedException", "Refresh Token has different Client"):
            other.api.get_tokens_from_refresh_token(
                ClientId=other.client_id, RefreshToken=forger.result["RefreshToken"]
            )

    def test_of_another_pool(self, forger: Forger, make_pool: Callable[..., PoolDriver]) -> None:
        """A pool takes no token that another signed in its name."""
        other = make_pool()
        own = forger.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        with store_of(other.server).transaction():
            store_of(other.server).keys.put(SigningKey(other.id, "access", "own", own))
        issuer = forger.claims["iss"].replace(forger.pool.id, other.id)
        token = jwt.encode(forger.claims | {"iss": issuer}, forger.keys["access"], "RS256")
        with refused(*SIGNATURE):
            other.api.get_user(AccessToken=token)

    @pytest.mark.parametrize(
        "issuer", ["{0}", "https://evil.example/{0}", "https://cognito-idp.eu-west-1.amazonaws.com/{0}", ""]
    )
    def test_of_another_issuer(self, forger: Forger, issuer: str) -> None:
        """The issuer is the pool's URL and nothing else, even under the right signature."""
        claims = forger.claims | {"iss": issuer.format(forger.pool.id)}
        with refused(*TOKEN_INVALID):
            forger.pool.api.get_user(AccessToken=jwt.encode(claims, forger.keys["access"], "RS256"))

    def test_of_a_deleted_pool(self, forger: Forger) -> None:
        """With its pool a token ends."""
        forger.pool.api.delete_user_pool(UserPoolId=forger.pool.id)
        with refused(*TOKEN_INVALID):
            forger.pool.api.get_user(AccessToken=forger.token)

    @pytest.mark.parametrize(
        "token",
        [
            "a",
            "a.b.c",
            "...",
            f"{part({'alg': 'RS256'})}.{part([])}.AAAA",
            f"{part({'alg': 'RS256'})}.{part(b'[' * 20_000)}.AAAA",
            f"{part(b'[' * 20_000)}.{part({})}.AAAA",
            f"{part({'alg': 'RS256'})}.{part(b'1' * 5_000)}.AAAA",
            f"{part({'alg': ['RS256']})}.{part({'token_use': 'access'})}.AAAA",
            unsigned({"iss": "https://x/\ud800", "token_use": "access"}),
            unsigned({"iss": {"a": 1}, "token_use": "access"}),
            unsigned({"iss": "https://x/a\x00b", "token_use": "access"}),
            unsigned({"iss": "https://x/' OR 1=1 --", "token_use": "access"}),
            "A" * 100_000,
        ],
        ids=range(13),
    )
    def test_garbage(self, server: LocalCognito, token: str) -> None:
        """What is no JWT, or one that says nothing sensible, is an invalid token."""
        answer = call_raw(server.url, "GetUser", {"AccessToken": token})

        assert (answer.status, answer.content["__type"], answer.content["message"]) == (400, *TOKEN_INVALID)


ENDINGS = {
    "GlobalSignOut": REVOKED,
    "AdminUserGlobalSignOut": REVOKED,
    "RevokeToken": REVOKED,
    "AdminDisableUser": USER_DISABLED,
    "AdminDeleteUser": USER_GONE,
    "DeleteUser": USER_GONE,
}


@pytest.mark.parametrize("operation", ENDINGS)
def test_after_the_end(pool: PoolDriver, operation: str) -> None:
    """Access and refresh tokens end with the sign-in, however that ended."""
    pool.user()
    result = pool.sign_in()["AuthenticationResult"]
    fields = {
        "UserPoolId": pool.id,
        "Username": ALICE,
        "ClientId": pool.client_id,
        "Token": result["RefreshToken"],
        "AccessToken": result["AccessToken"],
    }
    members = request_members(operation)
    getattr(pool.api, xform_name(operation))(**{name: fields[name] for name in fields if name in members})

    with refused(*ENDINGS[operation]):
        pool.api.get_user(AccessToken=result["AccessToken"])
    with pytest.raises(ClientError, match="NotAuthorizedException"):
        pool.api.get_tokens_from_refresh_token(ClientId=pool.client_id, RefreshToken=result["RefreshToken"])


def test_user_who_comes_after(pool: PoolDriver) -> None:
    """Tokens of a deleted user are no good for another one of the same name."""
    pool.user()
    result = pool.sign_in()["AuthenticationResult"]
    pool.api.admin_delete_user(UserPoolId=pool.id, Username=ALICE)
    pool.user()

    with refused("NotAuthorizedException", "Invalid access token."):
        pool.api.get_user(AccessToken=result["AccessToken"])
    deleted = "The user has been deleted for the associated refresh token"
    with refused("NotAuthorizedException", deleted):
        pool.api.get_tokens_from_refresh_token(ClientId=pool.client_id, RefreshToken=result["RefreshToken"])
