"""Calls while a person waits: what is tried again, what is asked, and what is raised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError

from cognito_idp_actions import secret_hash
from scenario.attended_wrapper import AttendedWrapper
from scenario.display import CallDisplay
from scenario.labels import Labels
from scenario.person import Person
from scenario.refusals import RefusedAfterFailuresError, is_after_lost_answer, is_transient
from test.support.stage import Script, quiet_terminal, shown

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

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
    """A method of a client that fails with each of these in turn, and then answers.

    Attributes:
        requests: the fields of each call.
    """

    def __init__(self, *failures: Any) -> None:
        self.failures = [as_error(failure) for failure in failures]
        self.requests: list[dict[str, Any]] = []

    def __call__(self, **fields: Any) -> dict[str, Any]:
        """Fail once more, or answer."""
        self.requests.append(fields)
        if self.failures:
            raise self.failures.pop(0)
        return {"UserConfirmed": True, "UserSub": "b0b"}


class Attended:
    """A wrapper of a client whose SignUp fails in these ways, and the person who waits for it."""

    def __init__(
        self,
        client: CognitoIdentityProviderClient,
        *failures: Any,
        is_attended: bool = True,
        client_secret: str | None = None,
        **answers: Any,
    ) -> None:
        self.terminal, self.script, self.method = quiet_terminal(), Script(**answers), Failing(*failures)
        self.told: list[tuple[str, dict[str, Any]]] = []
        setattr(client, "sign_up", self.method)  # noqa: B010 - it has a type of its own
        self.cognito = AttendedWrapper(
            client,
            "eu-west-1_AbCdEf123",
            "1h57kf5cpq17m0eml12EXAMPLE",
            client_secret,
            person=Person(self.terminal, self.script),
            is_attended=is_attended,
            display=CallDisplay(self.terminal, Labels()),
            on_answer=lambda _model, operation, fields, _answer: self.told.append((operation, fields)),
        )

    def call(self) -> Any:
        """Sign a user up."""
        return self.cognito.sign_up("alice", "Correct-Horse-1!", {"email": "alice@example.com"})

    @property
    def calls(self) -> int:
        """How often the client was called."""
        return len(self.method.requests)


def test_call_and_answer_are_shown_and_told_of(client: CognitoIdentityProviderClient) -> None:
    """A call that goes well is made once; code and answer are shown in this order, and nothing is asked."""
    attended = Attended(client)

    assert attended.call() == {"UserConfirmed": True, "UserSub": "b0b"}

    screen = shown(attended.terminal)
    assert (attended.calls, attended.script.asked) == (1, [])
    assert screen.index(">>> cognito.sign_up(") < screen.index('{"UserConfirmed": True, "UserSub": "b0b"}')
    assert 'Username="alice"' in screen
    assert "Password=<password>" in screen
    assert [operation for operation, _ in attended.told] == ["sign_up"]


@pytest.mark.parametrize(("failure", "advice"), TRANSIENT.values(), ids=TRANSIENT)
class TestTransient:
    """Failures that may be over soon."""

    def test_is_told_and_tried_again(
        self, client: CognitoIdentityProviderClient, failure: Any, advice: str
    ) -> None:
        """What went wrong is said with what to do, and each yes is another attempt."""
        attended = Attended(client, failure, failure, try_again=["y", "y"])

        assert attended.call()["UserConfirmed"]
        assert (attended.calls, attended.script.unused) == (3, {})
        assert advice in shown(attended.terminal)

    def test_no_more(self, client: CognitoIdentityProviderClient, failure: Any, advice: str) -> None:
        """With a no it is raised, as it is."""
        attended = Attended(client, failure, try_again=["n"])
        error = attended.method.failures[0]

        with pytest.raises(type(error)) as raised:
            attended.call()
        assert raised.value is error
        assert attended.calls == 1

    def test_nobody_is_there(self, client: CognitoIdentityProviderClient, failure: Any, advice: str) -> None:
        """Unattended, nothing is asked: the line of input that comes next answers another question."""
        attended = Attended(client, failure, is_attended=False)

        with pytest.raises((ClientError, exceptions.BotoCoreError)):
            attended.call()
        assert attended.script.asked == []


@pytest.mark.parametrize("failure", FINAL.values(), ids=FINAL)
def test_final(client: CognitoIdentityProviderClient, failure: Any) -> None:
    """What another attempt would not change is raised at once, and nobody is told of an answer."""
    attended = Attended(client, failure)

    with pytest.raises((ClientError, exceptions.BotoCoreError)):
        attended.call()
    assert (attended.calls, attended.script.asked, attended.told) == (1, [], [])


def test_refusal_begins_with_its_code(client: CognitoIdentityProviderClient) -> None:
    """The screen has the error code, which `except` clauses compare, before Cognito's sentence."""
    attended = Attended(client, FINAL["refusal"])

    with pytest.raises(ClientError):
        attended.call()
    assert "! NotAuthorizedException: Incorrect username or password." in shown(attended.terminal)


class TestClientSecret:
    """An app client's secret that is unknown or wrong."""

    def test_is_asked_for(self, client: CognitoIdentityProviderClient) -> None:
        """It is asked for, hidden, until it is right, and hashed from there on; it is not shown."""
        attended = Attended(client, NO_HASH, WRONG_HASH, client_secret=None)
        attended.script.left["client_secret"] = ["wrong-secret", SECRET]

        attended.call()

        right = secret_hash("alice", "1h57kf5cpq17m0eml12EXAMPLE", SECRET)
        assert attended.script.asked == [("client_secret", True)] * 2
        assert [request.get("SecretHash") for request in attended.method.requests][::2] == [None, right]
        assert attended.cognito.client_secret == SECRET
        assert SECRET not in shown(attended.terminal)

    @pytest.mark.parametrize("place", ["AuthParameters", "ChallengeResponses"])
    def test_hash_goes_where_the_action_wants_it(
        self, client: CognitoIdentityProviderClient, place: str
    ) -> None:
        """In a sign-in it stands among the parameters, beside the user name that it is of."""
        operation = "initiate_auth" if place == "AuthParameters" else "respond_to_auth_challenge"
        method = Failing(NO_HASH)
        setattr(client, operation, method)
        attended = Attended(client)
        attended.script.left["client_secret"] = [SECRET]

        attended.cognito.call(operation, **{place: {"USERNAME": "bob"}})

        right = secret_hash("bob", "1h57kf5cpq17m0eml12EXAMPLE", SECRET)
        assert method.requests[-1] == {place: {"USERNAME": "bob", "SECRET_HASH": right}}

    def test_none_after_all(self, client: CognitoIdentityProviderClient) -> None:
        """A secret for a client that has none is dropped, with a word about it."""
        attended = Attended(client, NO_SECRET, client_secret=SECRET)

        attended.call()

        assert attended.cognito.client_secret is None
        assert "SecretHash" not in attended.method.requests[-1]
        assert "Going on without the secret." in shown(attended.terminal)

    def test_none_twice(self, client: CognitoIdentityProviderClient) -> None:
        """Without a secret to drop, the refusal is raised."""
        with pytest.raises(ClientError, match="not configured for secret"):
            Attended(client, NO_SECRET).call()

    def test_nobody_is_there(self, client: CognitoIdentityProviderClient) -> None:
        """Unattended, the refusal is raised."""
        attended = Attended(client, NO_HASH, is_attended=False)

        with pytest.raises(ClientError, match="SECRET_HASH was not received"):
            attended.call()
        assert attended.script.asked == []


def test_a_refusal_without_status() -> None:
    """A refusal that does not say its HTTP status is final."""
    assert not is_transient(ClientError({"Error": {"Code": "TestException"}}, "SignUp"))


class TestLostAnswers:
    """What was refused may have been accepted before, by an attempt whose answer got lost."""

    def test_refusal_after_a_failure(self, client: CognitoIdentityProviderClient) -> None:
        """A refusal that follows on a failed attempt says so, and is the same refusal otherwise."""
        refusal = as_error(FINAL["refusal"])
        attended = Attended(client, TRANSIENT["cut"][0], refusal, try_again=["y"])

        with pytest.raises(RefusedAfterFailuresError) as raised:
            attended.call()

        assert is_after_lost_answer(raised.value)
        assert (raised.value.response, str(raised.value)) == (refusal.response, str(refusal))

    def test_refusal_after_a_wrong_secret(self, client: CognitoIdentityProviderClient) -> None:
        """A refusal that follows on another refusal can't have been accepted before."""
        attended = Attended(client, NO_HASH, FINAL["refusal"])
        attended.script.left["client_secret"] = [SECRET]

        with pytest.raises(ClientError) as raised:
            attended.call()

        assert not is_after_lost_answer(raised.value)
