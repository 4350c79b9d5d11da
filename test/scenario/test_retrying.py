"""Calls while a person waits: what is tried again, what is asked, and what is raised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError

from cognito_idp_actions import CognitoIdentityProviderWrapper
from scenario.person import Person
from scenario.refusals import RefusedAfterFailuresError, is_after_lost_answer, is_transient
from scenario.retrying import retrying
from test.support.stage import Script, quiet_terminal, shown

if TYPE_CHECKING:
    from botocore.exceptions import NoCredentialsError
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from terminal import Terminal


SECRET = "client-secret-that-nobody-may-see"
URL = {"endpoint_url": "https://cognito-idp.eu-west-1.amazonaws.com/"}
TRANSIENT = {
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


def as_error(given: Any) -> Any:
    """Return a refusal as botocore raises it; other errors as they are."""
    if isinstance(given, Exception):
        return given
    code, message, status = given
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, "SignUp")


class Failing:
    """A method that fails with each of these in turn, and then returns what it was called with."""

    def __init__(self, *failures: Any) -> None:
        self.failures = [as_error(failure) for failure in failures]
        self.calls = 0

    def __call__(self, *args: int, **options: Any) -> tuple[tuple[int, ...], dict[str, int]]:
        """Fail once more, or return the arguments."""
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        return args, options


@pytest.fixture
def terminal() -> Terminal:
    """Return a terminal that shows everything to nobody."""
    return quiet_terminal()


@pytest.fixture
def cognito(client: CognitoIdentityProviderClient) -> CognitoIdentityProviderWrapper:
    """Return a wrapper, of an app client without secret as far as is known."""
    return CognitoIdentityProviderWrapper(client, "eu-west-1_AbCdEf123", "1h57kf5cpq17m0eml12EXAMPLE")


class Caller:
    """Calls any method as one of the wrapper, with a person who waits and has these answers."""

    def __init__(
        self,
        terminal: Terminal,
        cognito: CognitoIdentityProviderWrapper,
        script: Script,
        *,
        is_attended: bool,
    ) -> None:
        self.cognito = cognito
        self.retrying = retrying(cognito, Person(terminal, script, is_attended=is_attended))

    def call(self, method: Failing, *args: int, name: str = "get_user", **options: Any) -> Any:
        """Call `method` under a name of the wrapper's."""
        setattr(self.cognito, name, method)
        return getattr(self.retrying, name)(*args, **options)


def calling(
    terminal: Terminal, cognito: CognitoIdentityProviderWrapper, *, is_attended: bool = True, **answers: Any
) -> tuple[Caller, Script]:
    """Return a caller with that person, and the person."""
    script = Script(**answers)
    return Caller(terminal, cognito, script, is_attended=is_attended), script


def test_arguments_and_result(terminal: Terminal, cognito: CognitoIdentityProviderWrapper) -> None:
    """A call that goes well is made once, with its arguments, and nothing is shown or asked."""
    method = Failing()
    caller, script = calling(terminal, cognito)

    assert caller.call(method, 1, 2, three=3) == ((1, 2), {"three": 3})
    assert (method.calls, script.asked, shown(terminal)) == (1, [], "")


@pytest.mark.parametrize(("failure", "advice"), TRANSIENT.values(), ids=TRANSIENT)
class TestTransient:
    """Failures that may be over soon."""

    def test_is_told_and_tried_again(
        self, terminal: Terminal, cognito: CognitoIdentityProviderWrapper, failure: Any, advice: str
    ) -> None:
        """What went wrong is said with what to do, and each yes is another attempt."""
        method = Failing(failure, failure)
        caller, script = calling(terminal, cognito, try_again=["y", "y"])

        assert caller.call(method, 1) == ((1,), {})
        assert (method.calls, script.unused) == (3, {})
        assert advice in shown(terminal)

    def test_no_more(
        self, terminal: Terminal, cognito: CognitoIdentityProviderWrapper, failure: Any, advice: str
    ) -> None:
        """With a no it is raised, as it is."""
        method = Failing(failure)
        error = method.failures[0]
        caller, _ = calling(terminal, cognito, try_again=["n"])

        with pytest.raises(type(error)) as raised:
            caller.call(method)
        assert raised.value is error
        assert method.calls == 1

    def test_nobody_is_there(
        self, terminal: Terminal, cognito: CognitoIdentityProviderWrapper, failure: Any, advice: str
    ) -> None:
        """Unattended, nothing is asked: the line of input that comes next answers another question."""
        caller, script = calling(terminal, cognito, is_attended=False)

        with pytest.raises((ClientError, exceptions.BotoCoreError)):
            caller.call(Failing(failure))
        assert script.asked == []


@pytest.mark.parametrize("failure", FINAL.values(), ids=FINAL)
def test_final(
    terminal: Terminal,
    cognito: CognitoIdentityProviderWrapper,
    failure: NoCredentialsError | tuple[str, str, int],
) -> None:
    """What another attempt would not change is raised at once."""
    method = Failing(failure)
    caller, script = calling(terminal, cognito)

    with pytest.raises((ClientError, exceptions.BotoCoreError)):
        caller.call(method)
    assert (method.calls, script.asked) == (1, [])


class TestClientSecret:
    """An app client's secret that is unknown or wrong."""

    def test_is_asked_for(self, terminal: Terminal, cognito: CognitoIdentityProviderWrapper) -> None:
        """It is asked for, hidden, until it is right, and used from there on; the screen does not show it."""
        method = Failing(NO_HASH, WRONG_HASH)
        caller, script = calling(terminal, cognito, client_secret=["wrong-secret", SECRET])

        caller.call(method)

        assert script.asked == [("client_secret", True)] * 2
        assert cognito.client_secret == SECRET
        assert SECRET not in shown(terminal)

    def test_none_after_all(self, terminal: Terminal, cognito: CognitoIdentityProviderWrapper) -> None:
        """A secret for a client that has none is dropped, with a word about it."""
        cognito.client_secret = SECRET
        caller, _ = calling(terminal, cognito)

        caller.call(Failing(NO_SECRET))

        assert cognito.client_secret is None
        assert "Going on without the secret." in shown(terminal)

    def test_none_twice(self, terminal: Terminal, cognito: CognitoIdentityProviderWrapper) -> None:
        """Without a secret to drop, the refusal is raised."""
        caller, _ = calling(terminal, cognito)

        with pytest.raises(ClientError, match="not configured for secret"):
            caller.call(Failing(NO_SECRET))

    def test_nobody_is_there(self, terminal: Terminal, cognito: CognitoIdentityProviderWrapper) -> None:
        """Unattended, the refusal is raised."""
        caller, script = calling(terminal, cognito, is_attended=False)

        with pytest.raises(ClientError, match="SECRET_HASH was not received"):
            caller.call(Failing(NO_HASH))
        assert script.asked == []


def test_a_refusal_without_status() -> None:
    """A refusal that does not say its HTTP status is final."""
    assert not is_transient(ClientError({"Error": {"Code": "TestException"}}, "SignUp"))


class TestLostAnswers:
    """What was refused may have been accepted before, by an attempt whose answer got lost."""

    def test_refusal_after_a_failure(
        self, terminal: Terminal, cognito: CognitoIdentityProviderWrapper
    ) -> None:
        """A refusal that follows on a failed attempt says so, and is the same refusal otherwise."""
        refusal = as_error(FINAL["refusal"])
        caller, _ = calling(terminal, cognito, try_again=["y"])

        with pytest.raises(RefusedAfterFailuresError) as raised:
            caller.call(Failing(TRANSIENT["cut"][0], refusal))

        assert is_after_lost_answer(raised.value)
        assert (raised.value.response, str(raised.value)) == (refusal.response, str(refusal))

    def test_refusal_after_a_wrong_secret(
        self, terminal: Terminal, cognito: CognitoIdentityProviderWrapper
    ) -> None:
        """A refusal that follows on another refusal can't have been accepted before."""
        caller, _ = calling(terminal, cognito, client_secret=[SECRET])

        with pytest.raises(ClientError) as raised:
            caller.call(Failing(NO_HASH, FINAL["refusal"]))

        assert not is_after_lost_answer(raised.value)

    @pytest.mark.parametrize(("name", "calls"), [("start_sign_in", 2), ("confirm_user_sign_up", 1)])
    def test_session_used_up(
        self, terminal: Terminal, cognito: CognitoIdentityProviderWrapper, name: str, calls: int
    ) -> None:
        """A method of several calls begins once more when a session in its midst was over, others do not."""
        method = Failing(("NotAuthorizedException", "Invalid session for the user.", 400))
        caller, _ = calling(terminal, cognito)

        if calls == 1:
            with pytest.raises(ClientError):
                caller.call(method, name=name)
        else:
            assert caller.call(method, 1, name=name) == ((1,), {})
        assert method.calls == calls

    def test_session_used_up_twice(self, terminal: Terminal, cognito: CognitoIdentityProviderWrapper) -> None:
        """The second time it is raised."""
        over = ("NotAuthorizedException", "Invalid session for the user.", 400)
        method = Failing(over, over)
        caller, _ = calling(terminal, cognito)

        with pytest.raises(ClientError, match="Invalid session"):
            caller.call(method, name="start_sign_in")
        assert method.calls == 2


def test_attributes_are_the_wrappers(terminal: Terminal, cognito: CognitoIdentityProviderWrapper) -> None:
    """What is no method is the wrapper's own, also after it has changed."""
    caller, _ = calling(terminal, cognito)

    assert caller.retrying.user_pool_id == cognito.user_pool_id
    cognito.client_secret = SECRET
    assert caller.retrying.client_secret == SECRET
