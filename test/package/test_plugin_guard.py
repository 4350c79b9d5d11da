"""The plug-in before the collection: clients that are made at import, and requests that would reach AWS."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ENDPOINT = "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"


def test_clients_made_at_import_find_the_pool(run_apart: Callable[..., pytest.RunResult]) -> None:
    """A module's client, one of conftest.py and one of setUpClass ask the pool, with nobody's credentials."""
    result = run_apart("""
        import os, unittest, boto3, pytest

        CLIENT = boto3.client("cognito-idp")

        def test_it(cognito_pool):
            assert CLIENT.describe_user_pool(UserPoolId=cognito_pool.pool_id)
            assert CLIENT.meta.endpoint_url == cognito_pool.url

        class TestOld(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                cls.client = boto3.client("cognito-idp")
                cls.pool_id = cls.client.create_user_pool(PoolName="theirs")["UserPool"]["Id"]

            def test_it(self):
                assert self.client.describe_user_pool(UserPoolId=self.pool_id)
                assert self.client._request_signer._credentials.access_key == "testing"
    """)

    result.assert_outcomes(passed=2)


def test_clients_of_conftest_find_the_pool(
    run_apart: Callable[..., pytest.RunResult], pytester: pytest.Pytester
) -> None:
    """What conftest.py imports is led to the pool too; a request before any fixture starts the server."""
    pytester.makeconftest("""
        import boto3, pytest
        CLIENT = boto3.client("cognito-idp")
        POOL_ID = CLIENT.create_user_pool(PoolName="theirs")["UserPool"]["Id"]

        @pytest.fixture
        def their_pool():
            return CLIENT.describe_user_pool(UserPoolId=POOL_ID)["UserPool"]
    """)
    result = run_apart("""
        def test_it(their_pool, cognito_client):
            assert cognito_client.describe_user_pool(UserPoolId=their_pool["Id"])
    """)

    result.assert_outcomes(passed=1)


def test_requests_to_aws_fail_and_say_whose_client_it_was(run: Callable[..., pytest.RunResult]) -> None:
    """A client with an address of its own sends nothing; the error names the line that made it."""
    result = run("""
        import boto3, pytest

        def make():
            return boto3.client(
                "cognito-idp", endpoint_url="https://cognito-idp.eu-west-1.amazonaws.com"
            )

        CLIENT = make()

        def test_it(cognito_pool):
            try:
                CLIENT.list_user_pools(MaxResults=1)
            except Exception:
                pass
    """)

    result.assert_outcomes(failed=1)
    text = result.stdout.str()
    assert "ListUserPools would have gone to AWS itself, to cognito-idp.eu-west-1.amazonaws.com." in text
    assert re.search(r"The client was made at test_\w+\.py:4 ", text)
    assert "Traceback" not in text


def test_requests_that_others_answer_are_let_through(run: Callable[..., pytest.RunResult]) -> None:
    """Botocore's Stubber, and whoever answers before the request is sent, are no way to AWS."""
    result = run("""
        import boto3
        from botocore.awsrequest import AWSResponse
        from botocore.stub import Stubber

        AWS = "https://cognito-idp.us-east-1.amazonaws.com"

        def test_stubber(cognito_pool):
            client = boto3.client("cognito-idp", endpoint_url=AWS)
            with Stubber(client) as stubber:
                stubber.add_response("list_user_pools", {"UserPools": []})
                assert client.list_user_pools(MaxResults=1)["UserPools"] == []

        def test_event(cognito_pool):
            client = boto3.client("cognito-idp", endpoint_url=AWS)
            class Raw:
                def stream(self): yield b'{"UserPools": []}'
            client.meta.events.register(
                "before-send.cognito-idp", lambda request, **_: AWSResponse(request.url, 200, {}, Raw())
            )
            assert client.list_user_pools(MaxResults=1)["UserPools"] == []
    """)

    result.assert_outcomes(passed=2)


@pytest.mark.parametrize("settings", [(), ("cognito_guard = auto",), ("cognito_guard = off",)])
def test_a_project_that_uses_nothing_is_left_alone(
    run: Callable[..., pytest.RunResult], monkeypatch: pytest.MonkeyPatch, settings: tuple[str, ...]
) -> None:
    """Its environment stays, also where it has fixtures of the same names, or uses ours in a skipped test."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    result = run(
        """
        import os, boto3, pytest

        REGION = os.environ["AWS_DEFAULT_REGION"]

        @pytest.fixture
        def cognito_client(): return boto3.client("cognito-idp")

        def test_it(cognito_client):
            assert REGION == os.environ["AWS_DEFAULT_REGION"] == "eu-west-1"
            assert "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER" not in os.environ
            assert cognito_client.meta.endpoint_url == "https://cognito-idp.eu-west-1.amazonaws.com"
        """,
        *settings,
    )

    result.assert_outcomes(passed=1)


def test_a_run_that_takes_no_test_of_the_pool_is_left_alone(
    run_apart: Callable[..., pytest.RunResult],
) -> None:
    """After the collection, the environment is as it was where none of the selected tests uses the server."""
    result = run_apart(
        """
        import os, sys

        def test_pool(cognito_pool): pass

        def test_other():
            assert "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER" not in os.environ
            assert not {"boto3", "waitress"} & sys.modules.keys()
        """,
        "-k",
        "other",
    )

    result.assert_outcomes(passed=1, deselected=1)


def test_can_be_always_on(run: Callable[..., pytest.RunResult]) -> None:
    """With `cognito_guard = on` tests that name no fixture are led to the pool."""
    result = run(
        """
        import boto3

        def test_it():
            client = boto3.client("cognito-idp")
            assert client.list_user_pools(MaxResults=1)["UserPools"] == []
        """,
        "cognito_guard = on",
    )

    result.assert_outcomes(passed=1)
    assert ENDPOINT not in os.environ


def test_says_what_it_can_be(run_apart: Callable[..., pytest.RunResult]) -> None:
    """Another value is an error of the configuration, in a sentence."""
    result = run_apart("def test_it(): pass", settings="cognito_guard = maybe\n")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*cognito_guard is auto, on or off, not 'maybe'."])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="There is no fork here.")
def test_forked_processes_have_the_same_server(run_apart: Callable[..., pytest.RunResult]) -> None:
    """A process that a test forks finds the pool by a client that was made before, and by a new one."""
    result = run_apart("""
        import os, boto3, pytest

        CLIENT = boto3.client("cognito-idp")

        @pytest.mark.parametrize("again", [1, 2])
        def test_it(request, again):
            child = os.fork()
            if not child:
                try:
                    pool = request.getfixturevalue("cognito_pool")
                    for client in (CLIENT, boto3.client("cognito-idp")):
                        client.describe_user_pool(UserPoolId=pool.pool_id)
                    os._exit(0)
                except BaseException as error:
                    print(repr(error), flush=True)
                    os._exit(1)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

        def test_outbox(cognito_pool, cognito_outbox):
            assert cognito_outbox.messages() == []
    """)

    result.assert_outcomes(passed=3)
