"""Seeds: what they make, that they do it once and wholly, and where they say an error is."""

from __future__ import annotations

import copy
import json
import os
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from local_cognito import LocalCognito, SeedError
from local_cognito.setup import seed_yaml
from local_cognito.setup.seed_file import MOST_BYTES, read
from test.support.inside import cognito_of
from test.support.pool_driver import call_raw, totp
from test.support.server_process import run_refused, server_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PASSWORD = "Correct-Horse-1!"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
SEED: dict[str, Any] = {
    "Pools": [
        {
            "Id": "eu-west-1_Seeded",
            "PoolName": "seeded",
            "AutoVerifiedAttributes": ["email"],
            "MfaConfiguration": "OPTIONAL",
            "SoftwareTokenMfaConfiguration": {"Enabled": True},
            "Schema": [{"Name": "team", "AttributeDataType": "String"}],
            "Policies": {"PasswordPolicy": {"MinimumLength": 12, "PasswordHistorySize": 2}},
            "Clients": [
                {"ClientId": "web", "ClientName": "web", "ExplicitAuthFlows": FLOWS},
                {"ClientName": "server", "ClientSecret": "s" * 30},
            ],
            "Groups": [{"GroupName": "admins", "Precedence": 1}, {"GroupName": "staff"}],
            "Users": [
                {
                    "Username": "alice",
                    "Password": PASSWORD,
                    "Attributes": {"email": "alice@example.com", "email_verified": True, "custom:team": "a"},
                    "Groups": ["admins", "staff"],
                    "SecretCode": SECRET,
                },
                {"Username": "bob", "Password": PASSWORD, "Status": "FORCE_CHANGE_PASSWORD"},
                {
                    "Username": "carol",
                    "Password": PASSWORD,
                    "Attributes": {"email": "carol@example.com", "email_verified": "true"},
                    "Status": "RESET_REQUIRED",
                },
                {
                    "Username": "dave",
                    "Password": PASSWORD,
                    "Attributes": {"email": "dave@example.com"},
                    "Status": "UNCONFIRMED",
                },
                {"Username": "erin", "Password": PASSWORD, "Enabled": False},
                {"Username": "frank", "Password": PASSWORD},
            ],
        },
        {
            "Id": "eu-west-1_Plain",
            "PoolName": "plain",
            "Clients": [{"ClientName": "app", "GenerateSecret": True}],
        },
    ]
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the seed with another value at a path such as `Pools.0.Users.2.Password`; `...` takes it out."""
    seed = copy.deepcopy(SEED)
    *way, last = [int(step) if step.isdecimal() else step for step in path.split("/")]
    place: Any = seed
    for step in way:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return seed


def sign_in(server: LocalCognito, name: str) -> dict[str, Any]:
    """Sign in with the password through the seed's first client."""
    request = {
        "ClientId": "web",
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": name, "PASSWORD": PASSWORD},
    }
    answer: dict[str, Any] = call_raw(server.url, "InitiateAuth", request).content
    return answer


@pytest.fixture(scope="module")
def server() -> Iterator[LocalCognito]:
    """Give a server that was filled from the seed."""
    with LocalCognito(seed=SEED) as running:
        yield running


class TestWhatItMakes:
    """Pools, app clients, groups and users, as the API would have made them."""

    def test_pools(self, server: LocalCognito) -> None:
        """The pools are there, the first one's region is the server's, and each has its MFA."""
        described = call_raw(server.url, "DescribeUserPool", {"UserPoolId": "eu-west-1_Seeded"}).content
        mfa = call_raw(server.url, "GetUserPoolMfaConfig", {"UserPoolId": "eu-west-1_Seeded"}).content

        assert (server.region, described["UserPool"]["Name"]) == ("eu-west-1", "seeded")
        assert mfa == {
            "MfaConfiguration": "OPTIONAL",
            "SoftwareTokenMfaConfiguration": {"Enabled": True},
        }
        assert server.default_pool().pool_id == "eu-west-1_Seeded"
        assert server.default_pool().client_id == "web"

    def test_clients(self, server: LocalCognito) -> None:
        """App clients have the IDs and secrets that the seed gives, or made-up ones."""
        request = {"UserPoolId": "eu-west-1_Seeded"}
        listed = call_raw(server.url, "ListUserPoolClients", request).content["UserPoolClients"]
        secret = call_raw(
            server.url, "DescribeUserPoolClient", {**request, "ClientId": listed[1]["ClientId"]}
        ).content["UserPoolClient"]["ClientSecret"]

        assert [client["ClientName"] for client in listed] == ["web", "server"]
        assert (listed[0]["ClientId"], secret) == ("web", "s" * 30)

    @pytest.mark.parametrize(
        ("name", "status", "is_enabled"),
        [
            ("alice", "CONFIRMED", True),
            ("bob", "FORCE_CHANGE_PASSWORD", True),
            ("carol", "RESET_REQUIRED", True),
            ("dave", "UNCONFIRMED", True),
            ("erin", "CONFIRMED", False),
        ],
    )
    def test_users(self, server: LocalCognito, name: str, status: str, is_enabled: bool) -> None:
        """Users have the status that the seed gives, CONFIRMED if it gives none."""
        request = {"UserPoolId": "eu-west-1_Seeded", "Username": name}
        user = call_raw(server.url, "AdminGetUser", request).content

        assert (user["UserStatus"], user["Enabled"]) == (status, is_enabled)

    def test_attributes_and_groups(self, server: LocalCognito) -> None:
        """Attributes are kept as the API has them, flags too, and groups have their members."""
        request = {"UserPoolId": "eu-west-1_Seeded", "Username": "alice"}
        user = call_raw(server.url, "AdminGetUser", request).content
        attributes = {one["Name"]: one["Value"] for one in user["UserAttributes"]}
        groups = call_raw(server.url, "AdminListGroupsForUser", request).content["Groups"]

        assert attributes.pop("sub")
        assert attributes == {"email": "alice@example.com", "email_verified": "true", "custom:team": "a"}
        assert [group["GroupName"] for group in groups] == ["admins", "staff"]

    def test_signing_in(self, server: LocalCognito) -> None:
        """Users sign in with what the seed gives: password, authenticator app, a password to be changed."""
        assert sign_in(server, "frank")["AuthenticationResult"]["AccessToken"]
        assert sign_in(server, "bob")["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
        assert sign_in(server, "carol")["__type"] == "PasswordResetRequiredException"
        assert sign_in(server, "dave")["__type"] == "UserNotConfirmedException"
        assert sign_in(server, "erin")["message"] == "User is disabled."
        begun = sign_in(server, "alice")
        request = {
            "ClientId": "web",
            "ChallengeName": begun["ChallengeName"],
            "Session": begun["Session"],
            "ChallengeResponses": {
                "USERNAME": "alice",
                "SOFTWARE_TOKEN_MFA_CODE": totp(SECRET, cognito_of(server).now()),
            },
        }
        answer = call_raw(server.url, "RespondToAuthChallenge", request).content
        assert answer["AuthenticationResult"]["IdToken"]

    def test_messages(self, server: LocalCognito) -> None:
        """Nobody is invited; the codes of an unconfirmed sign-up and of a reset wait in the mailbox."""
        assert [message["to"] for message in server.outbox()] == ["carol@example.com", "dave@example.com"]


def test_sign_up_with_a_secret() -> None:
    """Where the first app client has a secret, an unconfirmed user signs up with its hash."""
    pool = {
        "Id": "us-east-1_Secret",
        "PoolName": "p",
        "Clients": [{"ClientName": "c", "GenerateSecret": True}],
        "Users": [{"Username": "dave", "Password": PASSWORD, "Status": "UNCONFIRMED"}],
    }
    with LocalCognito(seed={"Pools": [pool]}) as server:
        request = {"UserPoolId": "us-east-1_Secret", "Username": "dave"}
        assert call_raw(server.url, "AdminGetUser", request).content["UserStatus"] == "UNCONFIRMED"


APP_USER = {"Username": "grace", "Password": PASSWORD, "SecretCode": SECRET}


@pytest.mark.parametrize("status", ["CONFIRMED", "UNCONFIRMED", "FORCE_CHANGE_PASSWORD"])
def test_users_who_are_named_by_their_address(status: str) -> None:
    """Where e-mail addresses are user names, the seed's users get the random names that Cognito gives."""
    user = {"Username": "alice@example.com", "Password": PASSWORD, "Status": status, "Groups": ["g"]}
    pool = {
        "Id": "us-east-1_Email",
        "PoolName": "p",
        "UsernameAttributes": ["email"],
        "Clients": [{"ClientName": "c"}],
        "Groups": [{"GroupName": "g"}],
        "Users": [user],
    }
    with LocalCognito(seed={"Pools": [pool]}) as server:
        request = {"UserPoolId": "us-east-1_Email", "GroupName": "g"}
        (found,) = call_raw(server.url, "ListUsersInGroup", request).content["Users"]

    assert (found["UserStatus"], len(found["Username"])) == (status, 36)
    assert {"Name": "email", "Value": "alice@example.com"} in found["Attributes"]


# Where the seed above is changed, into what, and what is said of it.
WRONG: list[tuple[str, Any, str]] = [
    ("Pools", {}, "Pools: it must be a list"),
    ("Pools", None, "Pools: it must be a list"),
    ("Pools/0", "seeded", "Pools[0]: it must be an object of named values"),
    ("pools", [], "pools: it is unknown here; known are Pools"),
    ("Pools/0/PoolName", ..., "Pools[0].PoolName: it is missing"),
    ("Pools/0/PoolName", "", "Pools[0].PoolName: Member must have length greater than or equal to 1"),
    ("Pools/0/PoolName", 7, "Pools[0].PoolName: it must be text, in quotes if"),
    ("Pools/0/PoolNam", "x", "Pools[0].PoolNam: it is unknown here; known are Id, PoolName, "),
    ("Pools/0/a\nb", "x", "Pools[0].'a\\nb': it is unknown here"),
    ("Pools/0/Id", "Seeded", "Pools[0].Id: it must look like us-east-1_Example"),
    ("Pools/0/Id", "us-east-1_x\n", "Pools[0].Id: it must look like us-east-1_Example"),
    ("Pools/0/Id", 1, "Pools[0].Id: it must be text"),
    ("Pools/1/Id", "eu-west-1_Seeded", "Pools[1].Id: there is a user pool of this ID already"),
    ("Pools/0/MfaConfiguration", "MAYBE", "Pools[0].MfaConfiguration: Member must satisfy enum value set"),
    ("Pools/0/MfaConfiguration", True, "Pools[0].MfaConfiguration: it must be text"),
    ("Pools/0/MfaConfiguration", "OFF", "Pools[0]: Invalid MFA configuration given"),
    ("Pools/1/MfaConfiguration", "ON", "Pools[1]: SMS configuration and Auto verification"),
    ("Pools/0/AutoVerifiedAttributes", "email", "Pools[0].AutoVerifiedAttributes: it must be a list"),
    (
        "Pools/0/AutoVerifiedAttributes/0",
        "fax",
        "Pools[0].AutoVerifiedAttributes[0]: Member must satisfy enum",
    ),
    (
        "Pools/0/Policies/PasswordPolicy/MinimumLength",
        "12",
        "Pools[0].Policies.PasswordPolicy.MinimumLength: it must be a whole number",
    ),
    (
        "Pools/0/Policies/PasswordPolicy/Minimum",
        12,
        "Pools[0].Policies.PasswordPolicy.Minimum: it is unknown here",
    ),
    (
        "Pools/0/Schema/0/AttributeDataType",
        "Text",
        "Pools[0].Schema[0].AttributeDataType: Member must satisfy enum",
    ),
    ("Pools/0/UserPoolId", "x", "Pools[0].UserPoolId: it is unknown here"),
    ("Pools/0/Clients/0/ClientName", ..., "Pools[0].Clients[0].ClientName: it is missing"),
    ("Pools/0/Clients/0/ClientId", "we b", "Pools[0].Clients[0].ClientId: The client ID must be 1 to 128"),
    ("Pools/0/Clients/1/ClientId", "web", "Pools[0].Clients[1].ClientId: there is an app client of this ID"),
    ("Pools/1/Clients/0/ClientId", "web", "Pools[1].Clients[0].ClientId: there is an app client of this ID"),
    (
        "Pools/0/Clients/1/ClientSecret",
        "short-secret",
        "Pools[0].Clients[1].ClientSecret: Member must have length",
    ),
    ("Pools/0/Clients/0/ExplicitAuthFlows/0", "ANY", "Pools[0].Clients[0].ExplicitAuthFlows[0]: Member must"),
    ("Pools/0/Clients/0/ReadAttributes", ["x"], "Pools[0].Clients[0]: Invalid read attributes specified"),
    ("Pools/0/Clients", {"web": {}}, "Pools[0].Clients: it must be a list"),
    ("Pools/0/Groups/1/GroupName", "admins", "Pools[0].Groups[1].GroupName: A group with the name already"),
    ("Pools/0/Groups/0", "admins", "Pools[0].Groups[0]: it must be an object of named values"),
    ("Pools/0/Groups/0/Precedence", -1, "Pools[0].Groups[0].Precedence: Member must have value greater"),
    ("Pools/0/Users/0/Username", ..., "Pools[0].Users[0].Username: it is missing"),
    ("Pools/0/Users/0/Username", "a b", "Pools[0].Users[0].Username: Member must satisfy regular expression"),
    ("Pools/0/Users/0/Username", "\ud800", "Pools[0].Users[0].Username: it holds half a character"),
    ("Pools/0/Users/1/Username", "alice", "Pools[0].Users[1].Username: User account already exists"),
    ("Pools/0/Users/2/Password", ..., "Pools[0].Users[2].Password: it is missing"),
    (
        "Pools/0/Users/2/Password",
        "Sesame-1!",
        "Pools[0].Users[2].Password: Password did not conform with password policy",
    ),
    (
        "Pools/0/Users/3/Password",
        "Sesame-1!",
        "Pools[0].Users[3].Password: Password did not conform with policy",
    ),
    ("Pools/0/Users/2/Password", "Sesame open 1!", "Pools[0].Users[2].Password: Member must satisfy regular"),
    ("Pools/0/Users/2/Password", 1234567890123, "Pools[0].Users[2].Password: it must be text, in quotes if"),
    ("Pools/0/Users/2/Password", ["Sesame-1!"], "Pools[0].Users[2].Password: it must be text"),
    ("Pools/0/Users/2/Password", None, "Pools[0].Users[2].Password: it must be text"),
    ("Pools/0/Users/0/Status", "ARCHIVED", "Pools[0].Users[0].Status: it must be one of CONFIRMED, "),
    ("Pools/0/Users/0/Enabled", "no", "Pools[0].Users[0].Enabled: it must be true or false"),
    ("Pools/0/Users/0/Attributes", [], "Pools[0].Users[0].Attributes: it must be an object"),
    (
        "Pools/0/Users/0/Attributes/email",
        "nowhere",
        "Pools[0].Users[0].Attributes: Invalid email address format.",
    ),
    (
        "Pools/0/Users/0/Attributes/phone_number",
        15551234567,
        "Pools[0].Users[0].Attributes.phone_number: it must",
    ),
    ("Pools/0/Users/0/Attributes/name", None, "Pools[0].Users[0].Attributes.name: it must be text"),
    (
        "Pools/0/Users/0/Attributes/shoe_size",
        "44",
        "Pools[0].Users[0].Attributes: Attributes did not conform",
    ),
    (
        "Pools/0/Users/0/Attributes/sub",
        "x",
        "Pools[0].Users[0].Attributes: Cannot modify the non-mutable attribute sub",
    ),
    ("Pools/0/Users/0/Groups/1", "nobody", "Pools[0].Users[0].Groups[1]: Group not found."),
    ("Pools/0/Users/0/Groups", "admins", "Pools[0].Users[0].Groups: it must be a list"),
    ("Pools/0/Users/0/Groups/1", 1, "Pools[0].Users[0].Groups[1]: it must be text"),
    (
        "Pools/0/Users/0/SecretCode",
        "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PX1",
        "Pools[0].Users[0].SecretCode: it must be Base32",
    ),
    (
        "Pools/0/Users/0/SecretCode",
        "JBSWY3DPEHPK3PXPJBSWY3D",
        "Pools[0].Users[0].SecretCode: it must be Base32",
    ),
    (
        "Pools/0/Users/0/SecretCode",
        "jbswy3dpehpk3pxpjbswy3dpehpk3pxp",
        "Pools[0].Users[0].SecretCode: it must be Base32",
    ),
    (
        "Pools/0/Users/0/SecretCode",
        "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PÜP",
        "Pools[0].Users[0].SecretCode: it must be Base32",
    ),
    (
        "Pools/0/Users/0/UserAttributes",
        [],
        "Pools[0].Users[0].UserAttributes: it is unknown here; known are ",
    ),
    ("Pools/0/Users/2/Attributes", ..., "Pools[0].Users[2]: "),
    ("Pools/0/Users/3/Attributes/email_verified", True, "Pools[0].Users[3]: Cannot modify the non-mutable"),
    ("Pools/0/Clients", [], "Pools[0].Users[3].Status: to sign up, a user needs an app client"),
    ("Pools/1/Users", [APP_USER], "Pools[1].Users[0].SecretCode: Software Token MFA has not been enabled"),
]


class TestErrors:
    """What is wrong is said of the exact place; the seed's secrets never are."""

    @pytest.mark.parametrize(("path", "value", "said"), WRONG, ids=range(len(WRONG)))
    def test_where(self, path: str, value: Any, said: str) -> None:
        """The error begins with the path to what is wrong, and tells no password."""
        with pytest.raises(SeedError) as caught:
            LocalCognito(seed=changed(path, value))

        assert str(caught.value).startswith(f"seed: {said}")
        for secret in (PASSWORD, "Sesame", SECRET, "short-secret", "JBSWY", "jbswy"):
            assert secret not in str(caught.value)

    @pytest.mark.parametrize("seed", [{}, {"Pools": []}])
    def test_nothing(self, seed: dict[str, Any]) -> None:
        """A seed with nothing in it makes nothing."""
        with LocalCognito(seed=seed) as server:
            assert server.oldest_pool_id() is None

    @pytest.mark.parametrize(
        "seed", [{1: []}, {"Pools": [{1: "x"}]}, {"Pools": [{"PoolName": "x", True: 1}]}]
    )
    def test_names_that_are_no_text(self, seed: dict[Any, Any]) -> None:
        """Names must be text."""
        with pytest.raises(SeedError, match="must be text"):
            LocalCognito(seed=seed)

    def test_seed_in_itself(self) -> None:
        """A dictionary that is in itself is refused."""
        seed: dict[str, Any] = {}
        seed["Pools"] = [seed]
        with pytest.raises(SeedError, match="nothing may be in itself"):
            LocalCognito(seed=seed)

    def test_all_or_nothing(self, tmp_path: Path) -> None:
        """After an error nothing of the seed is in the file, and the right seed can still be applied."""
        database = str(tmp_path / "pool.db")
        for wrong in ("Pools/1/PoolName", "Pools/0/Users/5/Password"):
            with pytest.raises(SeedError):
                LocalCognito(database=database, seed=changed(wrong, ...))
            with LocalCognito(database=database) as server:
                assert (server.oldest_pool_id(), server.outbox()) == (None, [])
        with LocalCognito(database=database, seed=SEED) as server:
            assert server.oldest_pool_id() == "eu-west-1_Seeded"


class TestOnce:
    """A database is filled once."""

    def test_second_start(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        """The same seed is not applied again: what was changed since stays so, and that is no error."""
        database = str(tmp_path / "pool.db")
        with LocalCognito(database=database, seed=SEED) as server:
            request = {"UserPoolId": "eu-west-1_Seeded", "Username": "frank"}
            assert call_raw(server.url, "AdminDeleteUser", request).status == 200
        with LocalCognito(database=database, seed=copy.deepcopy(SEED)) as server:
            assert call_raw(server.url, "AdminGetUser", request).status == 400
            pools = call_raw(server.url, "ListUserPools", {"MaxResults": 10}).content["UserPools"]
            assert [pool["Name"] for pool in pools] == ["seeded", "plain"]
        assert caplog.text == ""

    def test_another_seed(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        """Another seed is not applied either, and a warning says so."""
        database = str(tmp_path / "pool.db")
        with LocalCognito(database=database, seed=SEED):
            pass
        with LocalCognito(database=database, seed=changed("Pools/1/PoolName", "other")):
            pass

        assert "seed is not applied: the database was filled from another seed before." in caplog.text

    def test_memory(self) -> None:
        """A database in memory is filled at each start."""
        for _ in range(2):
            with LocalCognito(seed=SEED) as server:
                assert server.oldest_pool_id() == "eu-west-1_Seeded"


def as_json(path: Path, text: str) -> Path:
    """Write a seed into a JSON file."""
    file = path / "seed.json"
    file.write_text(text, encoding="utf-8")
    return file


class TestFiles:
    """A seed in a file, and what else may be in its place."""

    @pytest.mark.parametrize(
        ("name", "write"),
        [
            ("seed.json", json.dumps),
            ("SEED.JSON", lambda seed: "\ufeff" + json.dumps(seed, indent=2)),
            ("seed.yaml", yaml.safe_dump),
            ("seed.yml", lambda seed: "\ufeff# a comment\n" + yaml.safe_dump(seed, indent=4)),
        ],
    )
    def test_forms(self, tmp_path: Path, name: str, write: Callable[[Any], str]) -> None:
        """JSON and YAML mean the same, with a byte order mark too."""
        (tmp_path / name).write_text(write(SEED), encoding="utf-8")
        with LocalCognito(seed=tmp_path / name) as server:
            assert sign_in(server, "frank")["AuthenticationResult"]

    def test_layout_does_not_count(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        """A file with other comments and spaces is the same seed."""
        for text in (json.dumps(SEED), json.dumps(SEED, indent=4, sort_keys=True)):
            with LocalCognito(database=str(tmp_path / "pool.db"), seed=as_json(tmp_path, text)):
                pass
        assert caplog.text == ""

    def test_json_needs_no_yaml(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without PyYAML a JSON file will do, and a YAML file is refused in a sentence."""
        file = as_json(tmp_path, json.dumps({"Pools": []}))
        monkeypatch.setitem(sys.modules, "yaml", None)
        monkeypatch.setitem(sys.modules, "local_cognito.setup.seed_yaml", None)
        monkeypatch.delattr("local_cognito.setup.seed_yaml")
        LocalCognito(seed=file).stop()
        with pytest.raises(SeedError, match="pip install PyYAML"):
            LocalCognito(seed=renamed(file, "seed.yaml"))

    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("seed.txt", b"{}", "the name must end in .json, .yaml or .yml"),
            ("seed", b"{}", "the name must end in"),
            ("seed.json", b"", "it is not JSON, see line 1, column 1"),
            ("seed.json", b'{"Pools": [}', "it is not JSON, see line 1, column 12"),
            ("seed.json", b"[]", "it must be an object of named values"),
            ("seed.json", b"null", "it must be an object of named values"),
            ("seed.json", b"[" * 100_000, "it is not JSON that can be read"),
            ("seed.json", b"1" * 10_000, "it is not JSON that can be read"),
            ("seed.json", b'{"Pools": [], "Pools": []}', "Pools is there twice in the same place"),
            ("seed.json", b'{"Pools": "\xff"}', "it is not UTF-8"),
            ("seed.json", b'{"%s": 1, "%s": 1}' % (b"x" * 9999, b"x" * 9999), f"{'x' * 100} is there"),
            ("seed.json", '{"Pools": []}'.encode("utf-16"), "it is not UTF-8"),
            ("seed.json", b" " * (MOST_BYTES + 1), "it is larger than"),
            ("seed.json", b'{"Pools": [{"PoolName": NaN}]}', "Pools[0].PoolName: it must be text"),
            ("seed.yaml", b"", "it must be an object of named values"),
            ("seed.yaml", b"# nothing\n", "it must be an object of named values"),
            ("seed.yaml", b"Pools: [", "it is not YAML, see line "),
            ("seed.yaml", b"Pools: []\n---\nPools: []\n", "it is not YAML, see line"),
            ("seed.yaml", b"Pools:\n  - Password: Sesame: 1\n", "it is not YAML, see line 2"),
            ("seed.yaml", b"Pools: !!python/object/apply:os.getcwd []\n", "Pools: tags such as"),
            ("seed.yaml", b"Pools: !Sesame []\n", "Pools: tags such as"),
            ("seed.yaml", b"a: &a [x]\nPools: *a\n", "line 2: aliases (*name) are not taken"),
            ("seed.yaml", b"Pools: *Sesame\n", "line 1: aliases (*name) are not taken"),
            ("seed.yaml", b"a: &a {b: c}\nPools: {<<: [*a, *a]}\n", "Pools: it must be text"),
            ("seed.yaml", b"Pools: " + b"[" * 900, "line 1: it is nested too deep"),
            ("seed.yaml", b"Pools: " + b"[" * 500_000, ""),  # since PyYAML 6.0.4 its own limit comes first
            ("seed.yaml", b"? " * 100 + b"x", "the names in it must be text"),
            ("seed.yaml", b"Pools: []\nPools: []\n", "Pools is there twice in the same place"),
            ("seed.yaml", b"Pools: []\n1: 2\n", "the names in it must be text"),
            ("seed.yaml", b"1: 2\n", "the names in it must be text"),
            ("seed.yaml", b"? [a]\n: b\n", "the names in it must be text"),
            (
                "seed.yaml",
                b"Pools:\n  - PoolName: 2026-01-01\n",
                "Pools[0].PoolName: it must be text in quotes, true or false, or a plain number",
            ),
            ("seed.yaml", b"Pools:\n  - PoolName: !!binary YQ==\n", "Pools[0].PoolName: tags"),
            ("seed.yaml", b"Pools: !!set {a}\n", "Pools: tags such as !!set are not taken"),
            ("seed.yaml", b"Pools: \x00\n", "it is not YAML that can be read"),
        ],
    )
    def test_wrong_files(self, tmp_path: Path, name: str, content: bytes, said: str) -> None:
        """What can't be a seed is refused in a sentence with the file's name, and nothing that is in it."""
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SeedError) as caught:
            LocalCognito(seed=str(tmp_path / name))

        assert str(caught.value).startswith(f"{tmp_path / name}: {said}")
        assert "Sesame" not in str(caught.value)

    @pytest.mark.parametrize(
        "value",
        [
            '!!int ""',
            '!!timestamp "Sesame"',
            "!!bool Sesame",
            "!!float [1]",
            "!!null Sesame",
            "yes",
            "0x1F",
            "1_000",
            "1:59:59",
            "2026-01-01",
            ".inf",
            "007",
            "=",
            "<<",
            "123456789012345678901",
        ],
    )
    def test_scalars_that_are_not_plain(self, value: str) -> None:
        """What YAML's own constructors would make of a scalar, or fail to, is an error by its path."""
        with pytest.raises(SeedError, match=r"^Pools\[0\]\.Users\[1\]\.Password: ") as caught:
            seed_yaml.load(f"Pools: [{{Users: [a, {{Password: {value}}}]}}]")
        assert "Sesame" not in str(caught.value)

    def test_scalars(self) -> None:
        """Text, true and false, plain numbers and nothing are taken, and text in quotes is always text."""
        text = (
            "{a: no code, b: 'yes', c: !!str 12, d: true, e: FALSE, f: -12, g: 1.5, h: ~, i: , j: '', k: 1e5}"
        )

        assert seed_yaml.load(text) == {
            "a": "no code",
            "b": "yes",
            "c": "12",
            "d": True,
            "e": False,
            "f": -12,
            "g": 1.5,
            "h": None,
            "i": None,
            "j": "",
            "k": "1e5",
        }

    @pytest.mark.parametrize(
        "unit",
        [
            "- a\n",
            "[],",
            "1:59",
            "%TAG !a! b\n",
            "&a ",
            "- !!int 1\n",
            "? ",
            "{a: ",
            "a\n",
            "1",
            "- |\n a\n",
            "# a\n",
        ],
    )
    def test_any_file_is_read_within_a_second(self, tmp_path: Path, unit: str) -> None:
        """As much as a file may have of anything is taken or refused soon."""
        (tmp_path / "seed.yaml").write_text(unit * (MOST_BYTES // len(unit)))
        began = time.process_time()
        with suppress(SeedError):
            read(tmp_path / "seed.yaml")

        assert time.process_time() - began < 1

    def test_what_is_no_file(self, tmp_path: Path) -> None:
        """A folder, a pipe without a writer and a missing file are refused, without waiting."""
        (tmp_path / "folder.json").mkdir()
        os.mkfifo(tmp_path / "pipe.yaml")
        for name, said in {
            "folder.json": "it can't be read: Is a directory",
            "pipe.yaml": "it is not a regular file",
            "nowhere.json": "it can't be read: No such file or directory",
        }.items():
            with pytest.raises(SeedError) as caught:
                LocalCognito(seed=tmp_path / name)
            assert str(caught.value) == f"{tmp_path / name}: {said}"


def renamed(file: Path, name: str) -> Path:
    """Return the file under another name."""
    return file.rename(file.with_name(name))


class TestCommand:
    """The option of the command."""

    def test_option(self, tmp_path: Path) -> None:
        """--seed fills the database, whose first pool and app client are printed."""
        with server_process("--seed", str(as_json(tmp_path, json.dumps(SEED)))) as (_, printed):
            assert (printed["Pool ID"], printed["Client ID"]) == ("eu-west-1_Seeded", "web")

    def test_error(self, tmp_path: Path) -> None:
        """An error ends the command with status 2 and the path."""
        file = as_json(tmp_path, json.dumps(changed("Pools/0/Users/2/Password", "Sesame-1!")))
        said = run_refused("--seed", str(file))

        assert said.startswith(f"Can't serve with these options: {file}: Pools[0].Users[2].Password: ")
        assert "Sesame" not in said
