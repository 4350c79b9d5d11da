"""Calls while a person waits: what is tried again, what is asked, and what is raised."""

from __future__ import annotations

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError

from cognito_idp_actions import CognitoIdentityProviderWrapper
from story.retrying import Patience, is_passing
from test.support.stage import Script, quiet_terminal, shown

SECRET = "client-secret-that-nobody-may-see"
URL = {"endpoint_url": "https://cognito-idp.eu-west-1.amazonaws.com/"}
PASSING = {
    "throttled": (("TooManyRequestsException", "Rate exceeded", 400), "throttling"),
    "server error": (("InternalErrorException", "Something went wrong", 500), "on its side"),
    "bad gateway": (("502", "Bad Gateway", 502), ""),
    "no connection": (exceptions.EndpointConnectionError(**URL, error="no"), "Check the network"),
    "no connection in time": (exceptions.ConnectTimeoutError(**URL), "Check the network"),
    "no answer in time": (exceptions.ReadTimeoutError(**URL), "connection broke"),
    "cut": (exceptions.ConnectionClosedError(**URL), "connection broke"),
    "proxy": (exceptions.ProxyConnectionError(proxy_url="http://127.0.0.1:9"), "connection broke"),
}
FINAL = {
    "refusal": ("NotAuthorizedException", "Incorrect username or password.", 400),
    "limit": ("LimitExceededException", "Attempt limit exceeded, please try after some time.", 400),
    "credentials": exceptions.NoCredentialsError(),
}
NO_HASH = (
    "NotAuthorizedException",
    "Client x is configured with secret but SECRET_HASH was not received",
    400,
)
WRONG_HASH = ("NotAuthorizedException", "Unable to verify secret hash for client x", 400)
NO_SECRET = (
    "InvalidParameterException",
    "App client x is not configured for secret but secret hash was received",
    400,
)


def as_error(given):
    """Return a refusal as botocore raises it; other errors as they are."""
    if isinstance(given, Exception):
        return given
    code, message, status = given
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},
        "SignUp",
    )


class Failing:
    """A method that fails with each of these in turn, and then returns what it was called with."""

    def __init__(self, *failures):
        self.failures = [as_error(failure) for failure in failures]
        self.calls = 0

    def __call__(self, *args, **options):
        """Fail once more, or return the arguments."""
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        return args, options


@pytest.fixture
def terminal():
    """Return a terminal that shows everything to nobody."""
    return quiet_terminal()


@pytest.fixture
def cognito(client):
    """Return a wrapper, of an app client without secret as far as is known."""
    return CognitoIdentityProviderWrapper(client, "eu-west-1_AbCdEf123", "1h57kf5cpq17m0eml12EXAMPLE")


def patience(terminal, cognito, *, is_attended=True, **answers):
    """Return a patience with that person, and the person."""
    script = Script(**answers)
    return Patience(terminal, script, cognito, is_attended=is_attended), script


def test_arguments_and_result(terminal, cognito):
    """A call that goes well is made once, with its arguments, and nothing is shown or asked."""
    method = Failing()
    caller, script = patience(terminal, cognito)

    assert caller.call(method, 1, 2, three=3) == ((1, 2), {"three": 3})
    assert (method.calls, script.asked, shown(terminal)) == (1, [], "")


@pytest.mark.parametrize(("failure", "advice"), PASSING.values(), ids=PASSING)
class TestPassing:
    """Failures that may be over soon."""

    def test_is_told_and_tried_again(self, terminal, cognito, failure, advice):
        """What went wrong is said with what to do, and each yes is another attempt."""
        method = Failing(failure, failure)
        caller, script = patience(terminal, cognito, try_again=["y", "y"])

        assert caller.call(method, 1) == ((1,), {})
        assert (method.calls, script.unused) == (3, {})
        assert advice in shown(terminal)

    def test_no_more(self, terminal, cognito, failure, advice):
        """With a no it is raised, as it is."""
        method = Failing(failure)
        error = method.failures[0]
        caller, _ = patience(terminal, cognito, try_again=["n"])

        with pytest.raises(type(error)) as raised:
            caller.call(method)
        assert raised.value is error
        assert method.calls == 1

    def test_nobody_is_there(self, terminal, cognito, failure, advice):
        """Unattended, nothing is asked: the line of input that comes next answers another question."""
        caller, script = patience(terminal, cognito, is_attended=False)

        with pytest.raises((ClientError, exceptions.BotoCoreError)):
            caller.call(Failing(failure))
        assert script.asked == []


@pytest.mark.parametrize("failure", FINAL.values(), ids=FINAL)
def test_final(terminal, cognito, failure):
    """What another attempt would not change is raised at once."""
    method = Failing(failure)
    caller, script = patience(terminal, cognito)

    with pytest.raises((ClientError, exceptions.BotoCoreError)):
        caller.call(method)
    assert (method.calls, script.asked) == (1, [])


class TestClientSecret:
    """An app client's secret that is unknown or wrong."""

    def test_is_asked_for(self, terminal, cognito):
        """It is asked for, hidden, until it is right, and used from there on; the screen does not show it."""
        method = Failing(NO_HASH, WRONG_HASH)
        caller, script = patience(terminal, cognito, client_secret=["wrong-secret", SECRET])

        caller.call(method)

        assert script.asked == [("client_secret", True)] * 2
        assert cognito.client_secret == SECRET
        assert SECRET not in shown(terminal)

    def test_none_after_all(self, terminal, cognito):
        """A secret for a client that has none is dropped, with a word about it."""
        cognito.client_secret = SECRET
        caller, _ = patience(terminal, cognito)

        caller.call(Failing(NO_SECRET))

        assert cognito.client_secret is None
        assert "Going on without the secret." in shown(terminal)

    def test_none_twice(self, terminal, cognito):
        """Without a secret to drop, the refusal is raised."""
        caller, _ = patience(terminal, cognito)

        with pytest.raises(ClientError, match="not configured for secret"):
            caller.call(Failing(NO_SECRET))

    def test_nobody_is_there(self, terminal, cognito):
        """Unattended, the refusal is raised."""
        caller, script = patience(terminal, cognito, is_attended=False)

        with pytest.raises(ClientError, match="SECRET_HASH was not received"):
            caller.call(Failing(NO_HASH))
        assert script.asked == []


def test_a_refusal_without_status():
    """A refusal that does not say its HTTP status is final."""
    assert not is_passing(ClientError({"Error": {"Code": "TestException"}}, "SignUp"))
