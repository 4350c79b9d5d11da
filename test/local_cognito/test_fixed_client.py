"""An app client and a region of the user's choice, on a database that has others too."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from local_cognito import LocalCognito, __version__
from local_cognito.command_line import SECRET_VARIABLE, arguments
from test.support.pool_driver import call_raw
from test.support.server_process import run_refused, server_process

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "a+secret_for_nobody_but_tests"


def clients_in(server: LocalCognito, pool_id: str) -> list[str]:
    """Return the IDs of a pool's app clients."""
    answer = call_raw(server.url, "ListUserPoolClients", {"UserPoolId": pool_id, "MaxResults": 60})
    return [client["ClientId"] for client in answer.content["UserPoolClients"]]


class TestClient:
    """The app client that `default_pool` gives."""

    def test_new_pool(self) -> None:
        """A new pool has this one app client, with the flows of the story's."""
        with LocalCognito(client_id="web", client_secret=SECRET) as server:
            pool = server.default_pool()
            request = {"UserPoolId": pool.pool_id, "ClientId": "web"}
            client = call_raw(server.url, "DescribeUserPoolClient", request).content["UserPoolClient"]

            assert (pool.client_id, pool.client_secret) == ("web", SECRET)
            assert client["ClientSecret"] == SECRET
            assert "ALLOW_USER_SRP_AUTH" in client["ExplicitAuthFlows"]
            assert clients_in(server, pool.pool_id) == ["web"]

    def test_id_alone_has_no_secret(self) -> None:
        """Without a secret the app client is a public one."""
        with LocalCognito(client_id="web") as server:
            assert server.default_pool().client_secret is None

    def test_secret_alone(self, tmp_path: Path) -> None:
        """A secret without an ID is that of a client with a random one, the same at the next start."""
        database = str(tmp_path / "pool.db")
        with LocalCognito(database=database, client_secret=SECRET) as server:
            first = server.default_pool()
        with LocalCognito(database=database, client_secret=SECRET) as server:
            assert server.default_pool() == first
        assert first.client_secret == SECRET

    def test_next_start(self, tmp_path: Path) -> None:
        """At the next start the same client is taken, also where its secret is not given."""
        database = str(tmp_path / "pool.db")
        with LocalCognito(database=database, client_id="web", client_secret=SECRET) as server:
            first = server.default_pool()
        for secret in (SECRET, None):
            with LocalCognito(database=database, client_id="web", client_secret=secret) as server:
                assert server.default_pool() == first
                assert clients_in(server, first.pool_id) == ["web"]

    def test_another_id_is_added(self, tmp_path: Path) -> None:
        """An ID that the pool does not have is added to those that it has."""
        database = str(tmp_path / "pool.db")
        with LocalCognito(database=database) as server:
            before = server.default_pool()
        with LocalCognito(database=database, client_id="web") as server:
            pool = server.default_pool()
            assert (pool.pool_id, pool.client_id) == (before.pool_id, "web")
            assert clients_in(server, pool.pool_id) == [before.client_id, "web"]

    @pytest.mark.parametrize("secret", [SECRET, None])
    def test_another_secret(self, tmp_path: Path, secret: str | None) -> None:
        """A client that is there with another secret, or none, is not changed; the error tells no secret."""
        database = str(tmp_path / "pool.db")
        with LocalCognito(database=database, client_id="web", client_secret=secret) as server:
            server.default_pool()
        with LocalCognito(database=database, client_id="web", client_secret="x" * 24) as server:
            with pytest.raises(
                ValueError, match="web is already there, with another secret or none"
            ) as caught:
                server.default_pool()
            assert "x" * 24 not in str(caught.value)
            assert SECRET not in str(caught.value)

    def test_client_of_another_pool(self) -> None:
        """An ID that is another pool's is refused, and no pool is made."""
        with LocalCognito(client_id="web") as server:
            first = server.create_pool("us-east-1_First")
            with pytest.raises(ValueError, match=f"web is already there, in the user pool {first.pool_id}"):
                server.create_pool("us-east-1_Second")
            assert call_raw(server.url, "DescribeUserPool", {"UserPoolId": "us-east-1_Second"}).status == 400

    @pytest.mark.parametrize("client_id", ["", "a b", "web-app", "web\n", "x" * 129, "ü", "web.app"])
    def test_wrong_ids(self, client_id: str) -> None:
        """What Cognito would not take as an ID is refused in a sentence."""
        with pytest.raises(ValueError, match="The client ID must be 1 to 128 characters"):
            LocalCognito(client_id=client_id)

    @pytest.mark.parametrize(
        "secret", ["", "short", "x" * 23, "x" * 65, "x" * 24 + "\n", "x y" * 10, "ü" * 30]
    )
    def test_wrong_secrets(self, secret: str) -> None:
        """What Cognito would not take as a secret is refused in a sentence, which does not repeat it."""
        with pytest.raises(ValueError, match="The client secret must be 24 to 64 characters") as caught:
            LocalCognito(client_secret=secret)
        assert not secret.strip() or secret not in str(caught.value)


class TestRegion:
    """The region of requests that were signed for none, and of new pools."""

    def test_new_pool(self) -> None:
        """A new pool is made in the region."""
        with LocalCognito(region="ap-southeast-2") as server:
            assert server.default_pool().pool_id.startswith("ap-southeast-2_")

    def test_oldest_pool_of_the_region(self, tmp_path: Path) -> None:
        """Where a region is asked for, the oldest pool of that region is taken, or one is made."""
        database = str(tmp_path / "pool.db")
        with LocalCognito(database=database) as server:
            server.create_pool("us-east-1_Old")
        with LocalCognito(database=database, region="eu-west-1") as server:
            made = server.default_pool().pool_id
        for region, expected in {
            "eu-west-1": made,
            "us-east-1": "us-east-1_Old",
            None: "us-east-1_Old",
        }.items():
            with LocalCognito(database=database, region=region) as server:
                assert server.default_pool().pool_id == expected
        assert made.startswith("eu-west-1_")

    @pytest.mark.parametrize("region", ["us-gov-west-1", "us-isob-east-1", "cn-north-1", "local"])
    def test_odd_regions(self, region: str) -> None:
        """Regions of other partitions, and one that is nowhere, will do."""
        with LocalCognito(region=region) as server:
            assert server.region == region

    @pytest.mark.parametrize(
        "region", ["", "nonsense", "us_east_1", "US-EAST-1", "us-east", "us-east-1 ", "us-east-1\n", "../x-1"]
    )
    def test_wrong_regions(self, region: str) -> None:
        """What can't be a region is refused in a sentence."""
        with pytest.raises(ValueError, match="is not a region: it must look like us-east-1"):
            LocalCognito(region=region)


class TestCommand:
    """The options of the command."""

    def test_client(self) -> None:
        """--client-id is the printed client; its secret, from the environment here, is not printed."""
        environment = os.environ | {SECRET_VARIABLE: SECRET}
        options = ("--client-id", "web", "--region", "eu-west-1")
        with server_process(*options, env=environment) as (_, printed):
            request = {"UserPoolId": printed["Pool ID"], "ClientId": "web"}
            client = call_raw(printed["URL"], "DescribeUserPoolClient", request).content["UserPoolClient"]

        assert printed["Client ID"] == "web"
        assert printed["Pool ID"].startswith("eu-west-1_")
        assert client["ClientSecret"] == SECRET
        assert SECRET not in str(printed)

    def test_which_secret(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The option goes before the variable; an empty variable is none."""
        monkeypatch.setenv(SECRET_VARIABLE, SECRET)
        assert arguments(["--client-secret", "x" * 24]).client_secret == "x" * 24
        assert arguments([]).client_secret == SECRET
        monkeypatch.setenv(SECRET_VARIABLE, "")
        assert arguments([]).client_secret is None

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (["--client-id", "we b"], "The client ID must be"),
            (["--client-secret", "short"], "The client secret must be"),
            (["--region", "nowhere"], "'nowhere' is not a region"),
            (["--region", "us-east-1", "--pool-id", "eu-west-1_X"], "are of different regions"),
            (["--host", "0.0.0.0"], "--allowed-host"),
            (["--host", "0.0.0.0", "--allowed-host", "*"], "'*' is not a host name"),
            (["--allow-origin", "*"], "'*' is not an origin"),
            (["--allow-origin", "null"], "'null' is not an origin"),
            (["--seed", "nowhere.yaml"], "nowhere.yaml: it can't be read"),
            (["--pool-id", ""], "--pool-id must look like"),
            (["--port", "-1"], "--port must lie between"),
        ],
    )
    def test_wrong_options(self, options: list[str], said: str) -> None:
        """An option that can't be ends with status 2 and a sentence."""
        assert said in run_refused(*options)

    def test_same_region_twice(self) -> None:
        """The region of --pool-id may be said again."""
        given = arguments(["--region", "eu-west-1", "--pool-id", "eu-west-1_X"])

        assert (given.region, given.pool_id) == ("eu-west-1", "eu-west-1_X")

    def test_version(self, capsys: pytest.CaptureFixture[str]) -> None:
        """--version tells the version, and ends well."""
        with pytest.raises(SystemExit) as ended:
            arguments(["--version"])

        assert (ended.value.code, capsys.readouterr().out) == (0, f"local_cognito {__version__}\n")
