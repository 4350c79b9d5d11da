"""The pytest plug-in, in test files as its users write them."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import pytest

from local_cognito.testing.options import OptionError, PoolOptions
from test.package.conftest import PLUGIN

if TYPE_CHECKING:
    from collections.abc import Callable


class TestPool:
    """`cognito_pool` and its marker."""

    def test_signs_a_new_user_up(self, run: Callable[..., pytest.RunResult]) -> None:
        """Without a marker the pool verifies addresses, and asks for a password alone."""
        result = run("""
            def test_it(cognito_pool, cognito_client, cognito_outbox):
                app = {"ClientId": cognito_pool.client_id, "Username": "alice"}
                email = {"Name": "email", "Value": "alice@example.com"}
                cognito_client.sign_up(**app, Password="Correct-Horse-1!", UserAttributes=[email])
                (code,) = cognito_outbox.codes("alice@example.com")
                cognito_client.confirm_sign_up(**app, ConfirmationCode=code)
                answer = cognito_client.initiate_auth(
                    ClientId=cognito_pool.client_id,
                    AuthFlow="USER_PASSWORD_AUTH",
                    AuthParameters={"USERNAME": "alice", "PASSWORD": "Correct-Horse-1!"},
                )
                assert answer["AuthenticationResult"]["AccessToken"]
                assert cognito_pool.client_secret is None
                assert dict(cognito_pool.users) == {}
        """)

        result.assert_outcomes(passed=1)

    def test_has_the_users_who_are_asked_for(self, run: Callable[..., pytest.RunResult]) -> None:
        """By name alone a user is confirmed, with a verified address; a dict says what else they are."""
        result = run("""
            import pytest

            @pytest.mark.cognito_pool(users=["alice", {
                "Username": "bob",
                "Password": "Better-Horse-2?",
                "Attributes": {"email": "robert@example.com", "email_verified": False, "name": "Bob"},
                "Groups": ["staff", "readers"],
            }])
            def test_it(cognito_pool, cognito_client):
                listed = cognito_client.list_users(UserPoolId=cognito_pool.pool_id)["Users"]
                assert {user["UserStatus"] for user in listed} == {"CONFIRMED"}
                attributes = {
                    user["Username"]: {one["Name"]: one["Value"] for one in user["Attributes"]}
                    for user in listed
                }
                assert attributes == {
                    "alice": {
                        "sub": cognito_pool.users["alice"].sub,
                        "email": "alice@example.com",
                        "email_verified": "true",
                    },
                    "bob": {
                        "sub": cognito_pool.users["bob"].sub,
                        "email": "robert@example.com",
                        "email_verified": "false",
                        "name": "Bob",
                    },
                }
                groups = cognito_client.admin_list_groups_for_user(
                    UserPoolId=cognito_pool.pool_id, Username="bob"
                )
                assert {group["GroupName"] for group in groups["Groups"]} == {"staff", "readers"}
                assert cognito_pool.users["bob"].password == "Better-Horse-2?"
                assert cognito_pool.sign_in("alice")["AccessToken"]
                assert cognito_pool.sign_in("bob")["AccessToken"]
        """)

        result.assert_outcomes(passed=1)

    def test_has_users_of_each_status(self, run: Callable[..., pytest.RunResult]) -> None:
        """An unconfirmed user's code is in the outbox; who must choose a password is asked for one."""
        result = run("""
            import pytest

            @pytest.mark.parametrize("secret", [False, True])
            @pytest.mark.cognito_pool(users=[
                {"Username": "alice", "Status": "UNCONFIRMED"},
                {"Username": "bob", "Status": "FORCE_CHANGE_PASSWORD"},
                {"Username": "eve", "Status": "RESET_REQUIRED"},
            ])
            def test_it(cognito_pool, cognito_client, cognito_outbox, secret):
                listed = cognito_client.list_users(UserPoolId=cognito_pool.pool_id)["Users"]
                status = {user["Username"]: user["UserStatus"] for user in listed}
                assert status == {
                    "alice": "UNCONFIRMED", "bob": "FORCE_CHANGE_PASSWORD", "eve": "RESET_REQUIRED"
                }
                told = [message.to for message in cognito_outbox.messages()]
                assert told == ["alice@example.com", "eve@example.com"]
                subs = {
                    user["Username"]: one["Value"]
                    for user in listed
                    for one in user["Attributes"]
                    if one["Name"] == "sub"
                }
                assert subs == {name: user.sub for name, user in cognito_pool.users.items()}
                with pytest.raises(RuntimeError, match="NEW_PASSWORD_REQUIRED"):
                    cognito_pool.sign_in("bob")

            @pytest.mark.cognito_pool(
                client_secret=True, users=[{"Username": "alice", "Status": "UNCONFIRMED"}]
            )
            def test_secret(cognito_pool, cognito_outbox):
                assert cognito_outbox.latest("alice@example.com").code
        """)

        result.assert_outcomes(passed=3)

    def test_has_what_the_options_say(self, run: Callable[..., pytest.RunResult]) -> None:
        """MFA, devices, a client secret, and members of the two requests."""
        result = run("""
            import pytest

            def described(client, pool):
                mine = {"UserPoolId": pool.pool_id}
                return (
                    client.describe_user_pool(**mine)["UserPool"],
                    client.describe_user_pool_client(**mine, ClientId=pool.client_id)["UserPoolClient"],
                )

            @pytest.mark.parametrize("unused", [1])
            def test_default(cognito_pool, cognito_client, unused):
                pool, client = described(cognito_client, cognito_pool)
                assert pool["MfaConfiguration"] == "OFF"
                assert "DeviceConfiguration" not in pool
                assert "ClientSecret" not in client

            @pytest.mark.cognito_pool(mfa="ON", devices="ALWAYS", client_secret=True, users=["alice"])
            def test_on(cognito_pool, cognito_client):
                pool, client = described(cognito_client, cognito_pool)
                assert pool["MfaConfiguration"] == "ON"
                assert pool["DeviceConfiguration"]["DeviceOnlyRememberedOnUserPrompt"] is False
                assert client["ClientSecret"] == cognito_pool.client_secret
                assert cognito_pool.client_secret not in repr(cognito_pool)
                assert cognito_pool.users["alice"].password not in repr(cognito_pool)
                assert cognito_pool.sign_in("alice")["IdToken"]

            @pytest.mark.cognito_pool(mfa="OPTIONAL", devices="OPT_IN", client_secret=True, users=["alice"])
            def test_optional(cognito_pool, cognito_client):
                pool, _ = described(cognito_client, cognito_pool)
                assert pool["MfaConfiguration"] == "OPTIONAL"
                assert pool["DeviceConfiguration"]["DeviceOnlyRememberedOnUserPrompt"] is True
                assert cognito_pool.sign_in("alice")["IdToken"]

            @pytest.mark.cognito_pool(
                pool={"PoolName": "mine", "UsernameAttributes": ["email"], "DeletionProtection": "ACTIVE"},
                client={"AccessTokenValidity": 5},
                users=["alice@example.org"],
            )
            def test_requests(cognito_pool, cognito_client):
                pool, client = described(cognito_client, cognito_pool)
                assert (pool["Name"], client["AccessTokenValidity"]) == ("mine", 5)
                assert cognito_pool.sign_in("alice@example.org")["ExpiresIn"] == 300

            def test_all_are_gone_but_mine(cognito_pool, cognito_client):
                (listed,) = cognito_client.list_user_pools(MaxResults=60)["UserPools"]
                assert listed["Id"] == cognito_pool.pool_id

            def test_may_be_deleted_by_the_test(cognito_pool, cognito_client):
                cognito_client.delete_user_pool(UserPoolId=cognito_pool.pool_id)
        """)

        result.assert_outcomes(passed=6)

    def test_takes_the_closest_marker(self, run: Callable[..., pytest.RunResult]) -> None:
        """That of the test is taken before that of the class, and this before that of the module."""
        result = run("""
            import pytest

            pytestmark = pytest.mark.cognito_pool(users=["module"])

            def test_module(cognito_pool):
                assert list(cognito_pool.users) == ["module"]

            @pytest.mark.cognito_pool(users=["class"])
            class TestClass:
                def test_class(self, cognito_pool):
                    assert list(cognito_pool.users) == ["class"]

                @pytest.mark.cognito_pool(client_secret=True)
                def test_own(self, cognito_pool):
                    assert list(cognito_pool.users) == []
        """)

        result.assert_outcomes(passed=3)

    def test_is_there_for_a_marker_alone(self, run: Callable[..., pytest.RunResult]) -> None:
        """A test with the marker has a pool in its environment, whether it names the fixture or not."""
        result = run("""
            import os, unittest, boto3, pytest

            @pytest.mark.cognito_pool(users=["alice"])
            @pytest.mark.parametrize("number", [1, 2])
            def test_it(number):
                listed = boto3.client("cognito-idp").list_users(UserPoolId=os.environ["COGNITO_USER_POOL_ID"])
                assert [user["Username"] for user in listed["Users"]] == ["alice"]

            @pytest.mark.cognito_pool
            class TestOld(unittest.TestCase):
                def test_it(self):
                    assert os.environ["COGNITO_CLIENT_ID"]
        """)

        result.assert_outcomes(passed=3)

    def test_says_which_options_there_are(self, run: Callable[..., pytest.RunResult]) -> None:
        """A marker that can't be is an error of the test, in one sentence."""
        result = run("""
            import pytest

            @pytest.mark.cognito_pool(mfs="ON")
            def test_it(cognito_pool):
                pass
        """)

        result.assert_outcomes(errors=1)
        sentence = (
            "cognito_pool has no mfs: there are mfa, devices, client_secret, users, pool, client, "
            "first_factors, region, triggers."
        )
        assert f"\n{sentence}\n" in result.stdout.str()
        assert "Traceback" not in result.stdout.str()

    @pytest.mark.parametrize(
        ("args", "options", "message"),
        [
            (
                ("ON",),
                {},
                "client_secret, users, pool, client, first_factors, region, triggers.",
            ),
            ((), {"mfa": "on"}, "mfa is one of OFF, OPTIONAL, ON, not 'on'."),
            ((), {"mfa": ["ON"]}, "mfa is one of OFF, OPTIONAL, ON, not ['ON']."),
            (
                (),
                {"first_factors": ["EMAIL"]},
                "first_factors is a list of PASSWORD, EMAIL_OTP, SMS_OTP, WEB_AUTHN, not ['EMAIL'].",
            ),
            ((), {"devices": True}, "devices is one of OFF, ALWAYS, OPT_IN, not True."),
            ((), {"client_secret": "x"}, "client_secret is True or False, not 'x'."),
            ((), {"users": "alice"}, "users is a list of names and dicts, not 'alice'."),
            ((), {"users": [1]}, "A user is a name or a dict, not 1."),
            (
                (),
                {"users": [{"Name": "a"}]},
                "A user has no Name: there are Username, Password, Attributes, Groups, Status, SecretCode.",
            ),
            ((), {"users": [{"Password": "a"}]}, "A user needs a Username."),
            (
                (),
                {"users": [{"Username": "a", "Status": "OK"}]},
                "one of CONFIRMED, UNCONFIRMED, FORCE_CHANGE_PASSWORD, RESET_REQUIRED, not 'OK'.",
            ),
            (
                (),
                {"users": [{"Username": "a", "Groups": "b"}]},
                "A user's Groups is a list of names, not 'b'.",
            ),
            ((), {"users": [{"Username": "a", "Attributes": []}]}, "A user's Attributes is a dict, not []."),
            ((), {"users": [{"Username": "a", "SecretCode": 1}]}, "A user's SecretCode is Base32"),
            ((), {"pool": []}, "pool is a dict of a request's members, not []."),
            ((), {"region": "europe"}, "region is one like us-east-1, not 'europe'."),
        ],
    )
    def test_has_options_of_known_values(
        self, args: tuple[object, ...], options: dict[str, Any], message: str
    ) -> None:
        """Each refusal of an option says what there is to choose from."""
        with pytest.raises(OptionError, match=re.escape(message)):
            PoolOptions.of(args, options)


class TestEnvironment:
    """What code under test finds."""

    def test_leads_code_under_test_to_the_pool(self, run: Callable[..., pytest.RunResult]) -> None:
        """boto3, as programs use it, finds the pool, whatever the developer's own settings are."""
        result = run(
            """
            import os, subprocess, sys
            import boto3, pytest

            THEIRS = {
                "AWS_PROFILE": "production",
                "AWS_CONFIG_FILE": "/theirs",
                "AWS_SESSION_TOKEN": "theirs",
                "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
                "AWS_USE_FIPS_ENDPOINT": "true",
                "AWS_REGION": "eu-west-1",
                "HTTP_PROXY": "http://127.0.0.1:1",
                "http_proxy": "http://127.0.0.1:1",
                "NO_PROXY": "example.com",
                "no_proxy": "example.com",
                "COGNITO_CLIENT_SECRET": "theirs",
            }

            @pytest.fixture(scope="session", autouse=True)
            def theirs():
                with pytest.MonkeyPatch.context() as patch:
                    for name, value in THEIRS.items():
                        patch.setenv(name, value)
                    yield

            CODE = (
                "import boto3;"
                "print(len(boto3.client('cognito-idp').list_user_pools(MaxResults=9)['UserPools']))"
            )

            def test_it(cognito_pool):
                client = boto3.client("cognito-idp")
                assert client.describe_user_pool(UserPoolId=os.environ["COGNITO_USER_POOL_ID"])
                assert os.environ["COGNITO_CLIENT_ID"] == cognito_pool.client_id
                assert "COGNITO_CLIENT_SECRET" not in os.environ
                assert os.environ["NO_PROXY"] == os.environ["no_proxy"] == "example.com,127.0.0.1,localhost"
                assert client.meta.region_name == os.environ["AWS_REGION"] == "us-east-1"
                assert boto3.DEFAULT_SESSION.profile_name == "default"
                assert subprocess.check_output([sys.executable, "-c", CODE], text=True) == "1\\n"

            @pytest.mark.cognito_pool(client_secret=True)
            def test_secret(cognito_pool):
                assert os.environ["COGNITO_CLIENT_SECRET"] == cognito_pool.client_secret

            def test_afterwards():
                assert THEIRS.items() <= os.environ.items()
                for name in ("ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "ACCESS_KEY_ID", "DEFAULT_REGION"):
                    assert f"AWS_{name}" not in os.environ
                assert "COGNITO_CLIENT_ID" not in os.environ
                assert boto3.DEFAULT_SESSION is None
        """,
            "cognito_guard = off",
        )

        result.assert_outcomes(passed=3)

    def test_is_that_of_every_fixture(self, run: Callable[..., pytest.RunResult]) -> None:
        """Each fixture brings the endpoint for its test; so does a session's that uses the server."""
        result = run(
            """
            import os, pytest

            NAME = "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"

            @pytest.fixture(scope="session")
            def of_session(cognito):
                return cognito.url

            @pytest.mark.parametrize("name", ["client", "clock", "outbox", "pool", "environment"])
            def test_dynamic(request, name):
                assert NAME not in os.environ
                request.getfixturevalue(f"cognito_{name}")
                assert os.environ[NAME] == request.getfixturevalue("cognito").url

            def test_server(cognito):
                assert os.environ[NAME] == cognito.url

            def test_session(of_session):
                assert os.environ[NAME] == of_session

            def test_none():
                assert NAME not in os.environ
        """,
            "cognito_guard = off",
        )

        result.assert_outcomes(passed=8)

    def test_gives_each_test_a_session(self, run: Callable[..., pytest.RunResult]) -> None:
        """What a test does to boto3's default session is gone in the next; its folders are listed once."""
        result = run("""
            import boto3, pytest

            seen = []

            @pytest.mark.parametrize("again", [1, 2, 3])
            def test_it(cognito_pool, monkeypatch, again):
                assert boto3.DEFAULT_SESSION not in seen
                seen.append(boto3.DEFAULT_SESSION)
                monkeypatch.setenv("AWS_ACCESS_KEY_ID", f"key{again}")
                assert boto3.DEFAULT_SESSION.get_credentials().access_key == f"key{again}"
                paths = boto3.DEFAULT_SESSION._session.get_component("data_loader").search_paths
                assert len(paths) == len(set(paths))
                assert boto3.client("cognito-idp").describe_user_pool(UserPoolId=cognito_pool.pool_id)
                boto3.setup_default_session(region_name="eu-west-1")
        """)

        result.assert_outcomes(passed=3)


class TestClock:
    """`cognito_clock`."""

    def test_moves_for_one_test(self, run: Callable[..., pytest.RunResult]) -> None:
        """A code expires at once where the clock is moved; the next test has the computer's time again."""
        result = run("""
            import time, pytest

            @pytest.mark.cognito_pool(users=[{"Username": "alice", "Status": "UNCONFIRMED"}])
            @pytest.mark.parametrize("again", [1, 2])
            def test_moves(cognito_pool, cognito_clock, cognito_client, cognito_outbox, again):
                assert abs(cognito_clock() - time.time()) < 60
                cognito_clock.advance(2 * 24 * 60 * 60)
                with pytest.raises(cognito_client.exceptions.ExpiredCodeException):
                    cognito_client.confirm_sign_up(
                        ClientId=cognito_pool.client_id,
                        Username="alice",
                        ConfirmationCode=cognito_outbox.latest().code,
                    )

            @pytest.mark.cognito_pool(users=["alice"])
            def test_next(cognito, cognito_pool, cognito_clock, cognito_client):
                assert abs(cognito_clock() - time.time()) < 60
                token = cognito_pool.sign_in("alice")["AccessToken"]
                assert cognito_client.get_user(AccessToken=token)["Username"] == "alice"
        """)

        result.assert_outcomes(passed=3)


class TestOutbox:
    """`cognito_outbox`."""

    def test_has_this_tests_messages(self, run: Callable[..., pytest.RunResult]) -> None:
        """Messages of tests before are not among them; who got none is told who did."""
        result = run("""
            import boto3, pytest

            def sign_up(client, pool, name):
                email = {"Name": "email", "Value": f"{name}@example.com"}
                client.sign_up(
                    ClientId=pool.client_id,
                    Username=name,
                    Password="Correct-Horse-1!",
                    UserAttributes=[email],
                )

            @pytest.fixture(scope="session", autouse=True)
            def before(cognito):
                pool = cognito.create_pool()
                client = boto3.client(
                    "cognito-idp",
                    endpoint_url=cognito.url,
                    region_name="us-east-1",
                    aws_access_key_id="any",
                    aws_secret_access_key="any",
                )
                sign_up(client, pool, "carol")
                assert [message["to"] for message in cognito.outbox()] == ["carol@example.com"]

            @pytest.mark.parametrize("again", [1, 2])
            def test_it(cognito_pool, cognito_client, cognito_outbox, again):
                assert cognito_outbox.messages() == []
                with pytest.raises(LookupError, match="no message to anybody, only to nobody"):
                    cognito_outbox.latest()
                sign_up(cognito_client, cognito_pool, "alice")
                sign_up(cognito_client, cognito_pool, "bob")
                cognito_client.resend_confirmation_code(ClientId=cognito_pool.client_id, Username="alice")
                first, last = cognito_outbox.codes("alice@example.com")
                assert cognito_outbox.latest("alice@example.com").code == last
                assert len(cognito_outbox.codes()) == 3
                assert cognito_outbox.latest("bob@example.com").subject
                with pytest.raises(LookupError, match="only to alice@example.com, bob@example.com"):
                    cognito_outbox.latest("eve@example.com")
        """)

        result.assert_outcomes(passed=2)


class TestGuest:
    """How the plug-in behaves in projects of others."""

    def test_costs_nothing_where_it_is_not_used(self, run_apart: Callable[..., pytest.RunResult]) -> None:
        """Without its fixtures neither boto3 nor the server is loaded, and nothing is in the environment."""
        result = run_apart("""
            import os, sys, pytest

            def test_it():
                loaded = {name.partition(".")[0] for name in sys.modules}
                assert not loaded & {"boto3", "botocore", "waitress", "cryptography", "jwt"}
                rooms = {name.split(".")[1] for name in sys.modules if name.startswith("local_cognito.")}
                assert not rooms & {"actions", "http", "model", "service", "storage"}
                assert not [name for name in os.environ if name.startswith("AWS_ENDPOINT")]
        """)

        result.assert_outcomes(passed=1)

    def test_works_without_boto3(
        self, pytester: pytest.Pytester, run_apart: Callable[..., pytest.RunResult]
    ) -> None:
        """Server, environment, clock and mailbox do without; a pool says which extra it needs."""
        pytester.makeconftest("import sys; sys.modules['boto3'] = sys.modules['botocore'] = None")
        result = run_apart("""
            import os

            def test_server(cognito, cognito_clock, cognito_outbox):
                assert os.environ["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"] == cognito.url
                assert cognito_outbox.messages() == []

            def test_pool(cognito_pool):
                pass
        """)

        result.assert_outcomes(passed=1, errors=1)
        result.stdout.fnmatch_lines(["This fixture * pip install *local-cognito?boto3?*"])

    def test_leaves_fixtures_of_the_same_name_alone(self, run_apart: Callable[..., pytest.RunResult]) -> None:
        """A project that has fixtures of these names goes on with its own, and starts no server."""
        result = run_apart("""
            import os, sys, pytest

            @pytest.fixture
            def cognito():
                return "theirs"

            @pytest.fixture
            def cognito_client(cognito):
                return cognito

            def test_it(cognito_client):
                assert cognito_client == "theirs"
                assert "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER" not in os.environ
                assert "local_cognito.http.server" not in sys.modules
        """)

        result.assert_outcomes(passed=1)

    def test_serves_beside_a_fixture_of_theirs(self, run_apart: Callable[..., pytest.RunResult]) -> None:
        """A fixture of theirs takes the place of one; the others go on."""
        result = run_apart("""
            import os, pytest

            @pytest.fixture
            def cognito():
                return "theirs"

            def test_both(cognito, cognito_pool):
                assert cognito == "theirs"
                assert cognito_pool.url == os.environ["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"]
        """)

        result.assert_outcomes(passed=1)

    def test_can_be_left_out(self, run_apart: Callable[..., pytest.RunResult]) -> None:
        """With `-p no:...` there are neither fixtures nor the marker."""
        result = run_apart("def test_it(cognito_pool): pass", "-p", f"no:{PLUGIN}", plugins=())

        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["*fixture 'cognito_pool' not found*"])

    def test_works_by_each_import_mode(self, run_apart: Callable[..., pytest.RunResult]) -> None:
        """`--import-mode=importlib` makes no difference."""
        result = run_apart("def test_it(cognito_pool): assert cognito_pool.url", "--import-mode=importlib")

        result.assert_outcomes(passed=1)

    def test_explains_itself(self, run_apart: Callable[..., pytest.RunResult]) -> None:
        """`--markers` and `--fixtures` say what there is; what is internal is not among it."""
        assert "@pytest.mark.cognito_pool(mfa, devices" in run_apart("", "--markers").stdout.str()
        shown = run_apart("", "--fixtures").stdout.str()

        for name in ("", "_client", "_clock", "_environment", "_keys", "_outbox", "_pool", "_pool_factory"):
            assert f"\ncognito{name} [" in shown or f"\ncognito{name} --" in shown
        assert "_local_cognito" not in shown

    def test_workers_have_servers_of_their_own(self, run_apart: Callable[..., pytest.RunResult]) -> None:
        """With pytest-xdist, pools, messages and the clock are a worker's own."""
        result = run_apart(
            """
            import os, pathlib, pytest

            @pytest.mark.parametrize("number", range(6))
            @pytest.mark.cognito_pool(users=[{"Username": "alice", "Status": "UNCONFIRMED"}])
            def test_it(cognito, cognito_pool, cognito_outbox, cognito_clock, cognito_client, number):
                assert len(cognito_outbox.messages()) == 1
                (listed,) = cognito_client.list_user_pools(MaxResults=60)["UserPools"]
                assert listed["Id"] == cognito_pool.pool_id
                cognito_clock.advance(number * 1000)
                pathlib.Path(os.environ["URLS"], os.environ["PYTEST_XDIST_WORKER"]).write_text(cognito.url)
            """,
            "-n2",
            plugins=("-p", PLUGIN, "-p", "xdist.plugin"),
        )

        result.assert_outcomes(passed=6)

    @pytest.fixture(autouse=True)
    def urls(self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        """Name the folder in which workers write their server's address."""
        monkeypatch.setenv("URLS", str(pytester.mkdir("urls")))


def test_the_environment_of_this_suite_has_no_endpoint() -> None:
    """Nothing of the plug-in is registered in the tests of this project."""
    assert "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER" not in os.environ
