"""Secrets of app clients, resource servers, and tokens of the client itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jwt
import pytest

from test.support.pool_driver import ALICE, call_raw, refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import HttpAnswer, PoolDriver

INVALID = "InvalidParameterException"
GIVEN = "given" * 6
SCOPES: Any = [
    {"ScopeName": "read", "ScopeDescription": "Read"},
    {"ScopeName": "write", "ScopeDescription": "Write"},
]


@pytest.fixture
def secret_pool(make_pool: Callable[..., PoolDriver]) -> PoolDriver:
    """Return a pool with a user, seen through an app client with a secret."""
    pool = make_pool(client={"GenerateSecret": True})
    pool.user()
    return pool


def send(pool: PoolDriver, operation: str, **fields: Any) -> HttpAnswer:
    """Send a request about the pool and its app client, which not every SDK knows."""
    return call_raw(pool.server.url, operation, {"UserPoolId": pool.id, "ClientId": pool.client_id, **fields})


def secret_ids(pool: PoolDriver) -> list[str]:
    """Return the IDs of the client's secrets."""
    listed = send(pool, "ListUserPoolClientSecrets").content["ClientSecrets"]
    assert all(set(one) == {"ClientSecretId", "ClientSecretCreateDate"} for one in listed)
    return [one["ClientSecretId"] for one in listed]


def with_secret(pool: PoolDriver, secret: str) -> Any:
    """Sign in with the hash by another secret."""
    vars(pool)["secret"] = secret
    return pool.sign_in()["AuthenticationResult"]


class TestSecrets:
    """Two secrets of one client."""

    def test_either_is_good(self, secret_pool: PoolDriver) -> None:
        """A second secret is shown once, works beside the first, and is not in DescribeUserPoolClient."""
        first = str(secret_pool.secret)
        added = send(secret_pool, "AddUserPoolClientSecret").content["ClientSecretDescriptor"]

        for secret in (first, added["ClientSecretValue"]):
            assert with_secret(secret_pool, secret)
        assert len(secret_ids(secret_pool)) == 2
        assert secret_ids(secret_pool)[1] == added["ClientSecretId"]
        described = send(secret_pool, "DescribeUserPoolClient").content["UserPoolClient"]
        assert described["ClientSecret"] == first

    def test_given(self, secret_pool: PoolDriver) -> None:
        """A secret that the caller chooses is not repeated."""
        added = send(secret_pool, "AddUserPoolClientSecret", ClientSecret=GIVEN).content

        assert set(added["ClientSecretDescriptor"]) == {"ClientSecretId", "ClientSecretCreateDate"}
        assert with_secret(secret_pool, GIVEN)

    def test_third(self, secret_pool: PoolDriver) -> None:
        """There is no third one."""
        send(secret_pool, "AddUserPoolClientSecret")

        answer = send(secret_pool, "AddUserPoolClientSecret")

        assert (answer.status, answer.content["__type"]) == (400, "LimitExceededException")

    @pytest.mark.parametrize("place", [0, 1])
    def test_deleted(self, secret_pool: PoolDriver, place: int) -> None:
        """A deleted secret is good no more, whichever it is; the last one stays."""
        first = str(secret_pool.secret)
        send(secret_pool, "AddUserPoolClientSecret", ClientSecret=GIVEN)
        deleted = secret_ids(secret_pool)[place]
        assert send(secret_pool, "DeleteUserPoolClientSecret", ClientSecretId=deleted).body == b"{}"

        gone, kept = (first, GIVEN) if place == 0 else (GIVEN, first)
        assert with_secret(secret_pool, kept)
        wrong = f"Unable to verify secret hash for client {secret_pool.client_id}"
        with refused("NotAuthorizedException", wrong):
            with_secret(secret_pool, gone)
        (last,) = secret_ids(secret_pool)
        answer = send(secret_pool, "DeleteUserPoolClientSecret", ClientSecretId=last)
        assert (answer.status, answer.content["__type"]) == (400, INVALID)

    def test_public_client(self, pool: PoolDriver) -> None:
        """A public client gets none."""
        answer = send(pool, "AddUserPoolClientSecret")

        assert (answer.status, answer.content["__type"]) == (400, INVALID)


class TestResourceServers:
    """Resource servers and their scopes."""

    def test_life(self, pool: PoolDriver) -> None:
        """A server is made, shown, listed, replaced and deleted."""
        api, whose = pool.api, {"UserPoolId": pool.id, "Identifier": "books"}
        made = api.create_resource_server(Name="Books", Scopes=SCOPES, **whose)["ResourceServer"]
        assert made == {**whose, "Name": "Books", "Scopes": SCOPES}
        assert api.describe_resource_server(**whose)["ResourceServer"] == made
        assert api.list_resource_servers(UserPoolId=pool.id, MaxResults=5)["ResourceServers"] == [made]
        with refused(INVALID, f"books already exists in user pool {pool.id}."):
            api.create_resource_server(Name="Books", **whose)

        changed = api.update_resource_server(Name="All books", **whose)["ResourceServer"]
        assert changed == {**whose, "Name": "All books", "Scopes": []}

        api.delete_resource_server(**whose)
        with refused("ResourceNotFoundException", "Resource server books does not exist."):
            api.describe_resource_server(**whose)


class TestClientTokens:
    """GetClientToken."""

    @pytest.fixture
    def machine(self, pool: PoolDriver) -> tuple[PoolDriver, dict[str, Any]]:
        """Return a pool with a resource server, and an app client of a program that has one of its scopes."""
        pool.api.create_resource_server(UserPoolId=pool.id, Identifier="books", Name="B", Scopes=SCOPES)
        settings = {
            "UserPoolId": pool.id,
            "ClientName": "machine",
            "GenerateSecret": True,
            "ExplicitAuthFlows": ["ALLOW_CLIENT_TOKEN_AUTH"],
            "AllowedOAuthScopes": ["books/read"],
        }
        made = call_raw(pool.server.url, "CreateUserPoolClient", settings).content["UserPoolClient"]
        return pool, made

    def token(self, pool: PoolDriver, client: dict[str, Any], **fields: Any) -> HttpAnswer:
        """GetClientToken, without a signature."""
        request = {"ClientId": client["ClientId"], "Secret": client["ClientSecret"], **fields}
        return call_raw(pool.server.url, "GetClientToken", request, signed=False)

    def test_claims(self, machine: tuple[PoolDriver, dict[str, Any]]) -> None:
        """The token is the client's, has its scopes, and opens no account of a user."""
        pool, client = machine
        answer = self.token(pool, client).content["ClientAuthenticationResult"]
        claims = jwt.decode(answer["AccessToken"], options={"verify_signature": False})

        assert (answer["ExpiresIn"], answer["TokenType"]) == (3600, "Bearer")
        assert claims["sub"] == claims["client_id"] == client["ClientId"]
        assert (claims["scope"], claims["token_use"], claims["version"]) == ("books/read", "access", 2)
        assert not {"username", "event_id", "origin_jti"} & set(claims)
        with refused("NotAuthorizedException", "Access Token does not have required scopes"):
            pool.api.get_user(AccessToken=answer["AccessToken"])

    @pytest.mark.parametrize("scope", ["books/write", "books/none", "openid"])
    def test_other_scopes(self, machine: tuple[PoolDriver, dict[str, Any]], scope: str) -> None:
        """Scopes that the client does not have are refused."""
        answer = self.token(*machine, Scopes=[scope])

        assert (answer.status, answer.content["__type"]) == (400, INVALID)

    def test_deleted_scope(self, machine: tuple[PoolDriver, dict[str, Any]]) -> None:
        """A scope whose server is gone stays with the client, and is in no token."""
        pool, client = machine
        pool.api.delete_resource_server(UserPoolId=pool.id, Identifier="books")

        answer = self.token(pool, client).content["ClientAuthenticationResult"]

        claims = jwt.decode(answer["AccessToken"], options={"verify_signature": False})
        assert claims["scope"] == ""

    def test_wrong_secret(self, machine: tuple[PoolDriver, dict[str, Any]]) -> None:
        """A wrong secret brings no token."""
        answer = self.token(*machine, Secret=GIVEN)

        assert (answer.status, answer.content["__type"]) == (400, "NotAuthorizedException")

    def test_client_of_users(self, pool: PoolDriver) -> None:
        """An app client for users gets none, and the flow stands alone."""
        answer = self.token(pool, {"ClientId": pool.client_id, "ClientSecret": GIVEN})
        assert (answer.status, answer.content["__type"]) == (400, INVALID)
        flows = ["ALLOW_CLIENT_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]
        answer = send(pool, "UpdateUserPoolClient", ExplicitAuthFlows=flows)
        assert (answer.status, answer.content["__type"]) == (400, INVALID)


def test_csv_header(make_pool: Callable[..., PoolDriver]) -> None:
    """GetCSVHeader names every attribute but the sub, and the two columns of Cognito's own."""
    pool = make_pool({"Schema": [{"Name": "team", "AttributeDataType": "String"}]})

    header = pool.api.get_csv_header(UserPoolId=pool.id)["CSVHeader"]

    assert header[0] == "name"
    assert header[-3:] == ["custom:team", "cognito:mfa_enabled", "cognito:username"]
    assert "sub" not in header
    assert ALICE not in header
