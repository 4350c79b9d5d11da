"""One renewal for all threads: wanted or needed, refused for good, failed now, or set up wrongly."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

import token_renewal
from cognito_idp_actions import CognitoIdentityProviderWrapper
from signed_in_user import (
    ClientSetupError,
    MalformedTokenError,
    NoTokenError,
    SignedInUser,
    SignInOverError,
    StoredTokensError,
)
from test.support.signed_tokens import CLIENT_ID, NOW, POOL_ID, SetClock, access_token, id_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Settle = Callable[[], None]

THREADS = 20
REFUSED_FOR_GOOD = [
    ("NotAuthorizedException", "Refresh Token has been revoked"),
    ("NotAuthorizedException", "Invalid Refresh Token"),
    ("NotAuthorizedException", ""),
    ("RefreshTokenReuseException", "Refresh token reuse detected"),
    ("UserNotFoundException", "User does not exist."),
]
SET_UP_WRONGLY = [
    ("NotAuthorizedException", "Client abc is configured for secret but secret was not received"),
    ("NotAuthorizedException", "Unable to verify secret hash for client abc"),
    ("NotAuthorizedException", "Refresh Token has different Client"),
    ("ResourceNotFoundException", "User pool client abc does not exist."),
    ("InvalidParameterException", "..."),
]


class Cognito(CognitoIdentityProviderWrapper):
    """Renews tokens as it is told, and counts how often it is asked."""

    def __init__(self, clock: SetClock) -> None:
        super().__init__(MagicMock(), POOL_ID, CLIENT_ID)
        self.clock = clock
        self.error: Exception | None = None
        self.asked: list[dict[str, Any]] = []
        self.may_answer = threading.Event()
        self.may_answer.set()

    def call(self, operation: str, /, **fields: Any) -> Any:
        """Answer a renewal once it may."""
        self.asked.append(fields)
        self.may_answer.wait(10)
        if self.error is not None:
            raise self.error
        ends: dict[str, Any] = {
            "iat": self.clock.now,
            "exp": self.clock.now + 3600,
            "jti": str(len(self.asked)),
        }
        result = {"AccessToken": access_token(**ends), "RefreshToken": f"refresh {len(self.asked)}"}
        return {"AuthenticationResult": {**result, "IdToken": id_token(**ends)}}


@pytest.fixture
def clock() -> SetClock:
    """Return a clock that stands still."""
    return SetClock()


@pytest.fixture
def cognito(clock: SetClock) -> Cognito:
    """Return the other side."""
    return Cognito(clock)


@pytest.fixture
def settle(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Give a function that waits until the background has done what it was given."""
    with ThreadPoolExecutor(1) as background:
        monkeypatch.setattr(token_renewal, "renewers", lambda: background)
        yield lambda: token_renewal.renew_apart(lambda: None).result().result()


def user_of(cognito: Cognito, left: float, **options: Any) -> SignedInUser:
    """Return a user whose access token has so many seconds left."""
    return SignedInUser.from_tokens(
        cognito,
        access_token=access_token(exp=NOW + left),
        refresh_token="the refresh token",
        clock=cognito.clock,
        **options,
    )


def in_threads(call: Callable[[], object]) -> list[object]:
    """Return what the call returns or raises in twenty threads that begin together."""
    start = threading.Barrier(THREADS)

    def run(_: int) -> object:
        start.wait()
        try:
            return call()
        except Exception as error:  # noqa: BLE001 - that is what is returned
            return error

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(run, range(THREADS)))


def refusal(code: str, message: str = "") -> ClientError:
    """Return Cognito's refusal of a renewal."""
    return ClientError({"Error": {"Code": code, "Message": message}}, "GetTokensFromRefreshToken")


class TestNeeded:
    """In a token's last seconds, and afterwards."""

    def test_threads_renew_once(self, cognito: Cognito) -> None:
        """All wait for the one request, and get its token."""
        user = user_of(cognito, 5)

        tokens = in_threads(lambda: user.access_token)

        assert set(tokens) == {user.access_token}
        assert len(cognito.asked) == 1

    @pytest.mark.parametrize(("code", "message"), REFUSED_FOR_GOOD)
    def test_a_refusal_for_good_is_remembered(self, cognito: Cognito, code: str, message: str) -> None:
        """One request is made, not one a thread, nor one for each call after."""
        user = user_of(cognito, -1)
        cognito.error = refusal(code, message)

        outcomes = in_threads(lambda: user.access_token)
        with pytest.raises(SignInOverError):
            user.renew()

        assert {type(outcome) for outcome in outcomes} == {SignInOverError}
        assert len(cognito.asked) == 1

    @pytest.mark.parametrize(("code", "message"), SET_UP_WRONGLY)
    def test_a_wrong_set_up_does_not_end_the_sign_in(self, cognito: Cognito, code: str, message: str) -> None:
        """A wrong client secret is not "sign in again": once it is put right, the tokens are renewed."""
        user = user_of(cognito, -1)
        cognito.error = refusal(code, message)
        with pytest.raises(ClientSetupError, match=code):
            _ = user.access_token

        cognito.error = None

        assert user.access_token

    @pytest.mark.parametrize(
        "error",
        [
            refusal("TooManyRequestsException"),
            refusal("InternalErrorException"),
            EndpointConnectionError(endpoint_url="https://example.com"),
        ],
        ids=["throttled", "internal", "connection"],
    )
    def test_what_failed_now_is_raised_as_it_is(self, cognito: Cognito, error: Exception) -> None:
        """It may work a moment later."""
        user = user_of(cognito, -1)
        cognito.error = error
        with pytest.raises(type(error)) as failure:
            _ = user.access_token

        cognito.error = None

        assert str(failure.value) == str(error)
        assert user.access_token

    def test_waiting_threads_share_a_failure(self, cognito: Cognito) -> None:
        """They do not ask one after another."""
        user = user_of(cognito, -1)
        cognito.error = refusal("TooManyRequestsException")
        cognito.may_answer.clear()
        threading.Timer(0.5, cognito.may_answer.set).start()

        outcomes = in_threads(lambda: user.access_token)

        assert {type(outcome) for outcome in outcomes} == {ClientError}
        assert len(cognito.asked) == 1

    def test_an_interrupted_renewal_is_made_by_a_thread_that_waits(self, cognito: Cognito) -> None:
        """Ctrl-C in one thread does not give an old token to the others."""
        user = user_of(cognito, -1)
        answer = cognito.call
        cognito.may_answer.clear()

        def interrupt(*arguments: Any, **fields: Any) -> Any:
            result = answer(*arguments, **fields)
            if len(cognito.asked) == 1:
                raise KeyboardInterrupt
            return result

        cognito.call = interrupt  # type: ignore[method-assign]
        threading.Timer(0.2, cognito.may_answer.set).start()
        with ThreadPoolExecutor(THREADS) as threads:
            outcomes = [threads.submit(lambda: user.access_token) for _ in range(THREADS)]

        interrupted = [one for one in outcomes if isinstance(one.exception(), KeyboardInterrupt)]
        assert len(interrupted) == 1
        assert {one.result() for one in outcomes if one not in interrupted} == {user.access_token}
        assert len(cognito.asked) == 2


class TestWanted:
    """In a token's last minute."""

    def test_nobody_waits(self, cognito: Cognito) -> None:
        """While the request takes its time, all get the token that is still good."""
        user = user_of(cognito, 30)
        old = user.to_dict()["access_token"]
        renewed = threading.Event()
        user.on_renewed = lambda _: renewed.set()
        cognito.may_answer.clear()

        assert set(in_threads(lambda: user.access_token)) == {old}

        cognito.may_answer.set()
        assert renewed.wait(10)
        assert user.access_token != old
        assert len(cognito.asked) == 1

    def test_an_error_of_the_program_is_not(
        self, cognito: Cognito, settle: Settle, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """`on_renewed` that fails in the background is reported as other threads' errors are."""
        reported: list[Any] = []
        monkeypatch.setattr(threading, "excepthook", reported.append)
        user = user_of(cognito, 30, on_renewed=lambda user: user.no_such_name)

        assert user.access_token
        settle()

        assert [one.exc_type for one in reported] == [AttributeError]

    @pytest.mark.parametrize("code", ["TooManyRequestsException", "NotAuthorizedException"])
    def test_a_failure_is_kept_quiet(self, cognito: Cognito, settle: Settle, code: str) -> None:
        """The token is still good; it is not asked for again with every call."""
        user = user_of(cognito, 30)
        old = user.to_dict()["access_token"]
        cognito.error = refusal(code)

        for _ in range(5):
            assert user.access_token == old
            settle()

        assert len(cognito.asked) == 1

    def test_after_a_failure_it_is_tried_again(self, cognito: Cognito, settle: Settle) -> None:
        """Ten seconds later, if nothing worse came in between."""
        user = user_of(cognito, 30)
        cognito.error = refusal("TooManyRequestsException")
        _ = user.access_token
        settle()
        cognito.error = None

        cognito.clock.now += 10
        old = user.access_token
        settle()

        assert user.access_token != old
        assert len(cognito.asked) == 2

    def test_a_refusal_for_good_shows_when_the_token_ends(self, cognito: Cognito, settle: Settle) -> None:
        """Until then it serves; then the error needs no request."""
        user = user_of(cognito, 30)
        cognito.error = refusal("NotAuthorizedException", "Refresh Token has been revoked")
        _ = user.access_token
        settle()

        cognito.clock.now += 30

        with pytest.raises(SignInOverError):
            _ = user.access_token
        assert len(cognito.asked) == 1


class TestStoring:
    """What is kept of a sign-in, and how it begins again."""

    def test_a_refresh_token_alone_is_enough(self, cognito: Cognito) -> None:
        """Reading who it is asks nobody, and says so; the first token brings it."""
        user = SignedInUser.from_tokens(cognito, refresh_token="kept", clock=cognito.clock)
        with pytest.raises(NoTokenError, match="renew"):
            _ = user.user_name
        assert (user.expires_at, cognito.asked) == (0, [])

        assert user.access_token

        assert cognito.asked == [{"RefreshToken": "kept", "ClientId": CLIENT_ID}]
        assert user.user_name == "alice"

    def test_nothing_is_not(self, cognito: Cognito) -> None:
        """Without any token there is no sign-in."""
        with pytest.raises(MalformedTokenError):
            SignedInUser.from_tokens(cognito)

    def test_properties_that_ask_nobody(self, cognito: Cognito) -> None:
        """They read the tokens as they are, expired or not."""
        user = user_of(cognito, -100)

        assert (user.user_name, user.sub, user.token_type) == ("alice", "5f6c", "Bearer")
        assert user.expires_at == NOW - 100
        assert user.refresh_token == "the refresh token"
        assert user.device is None
        assert cognito.asked == []

    def test_renewals_are_told(self, cognito: Cognito) -> None:
        """on_renewed gets the user, who has the new tokens already."""
        kept: list[dict[str, Any]] = []
        user = user_of(cognito, 5, on_renewed=lambda user: kept.append(user.to_dict()))

        _ = user.access_token

        assert [one["refresh_token"] for one in kept] == ["refresh 1"]
        assert kept[0] == user.to_dict()

    def test_it_begins_again_with_the_times_it_had(self, cognito: Cognito) -> None:
        """A clock that is wrong stays known to be, as the tokens' ends are kept."""
        user = user_of(cognito, 5)
        cognito.clock.now += 10_000
        _ = user.access_token

        again = SignedInUser.from_dict(cognito, user.to_dict(), clock=cognito.clock)

        assert again.to_dict() == user.to_dict()
        assert again.expires_at == cognito.clock.now + 3600

    @pytest.mark.parametrize(
        "changed",
        [
            {"client_id": "another"},
            {"user_pool_id": "eu-west-1_Other"},
            {"access_token": 5},
            {"access_token": "text"},
            {"ends": None},
            {"ends": {"access": "soon"}},
            {"device": None},
        ],
    )
    def test_what_is_not_a_sign_in_of_this_client(self, cognito: Cognito, changed: dict[str, Any]) -> None:
        """It is refused, and not repeated."""
        stored = {**user_of(cognito, 5).to_dict(), **changed}

        for damaged in (stored, {}, {"user_pool_id": POOL_ID}):
            with pytest.raises(StoredTokensError):
                SignedInUser.from_dict(cognito, damaged)

    def test_an_option_that_there_is_not(self, cognito: Cognito) -> None:
        """It is the program's mistake, and not the stored sign-in's."""
        with pytest.raises(TypeError, match="jwks"):
            SignedInUser.from_dict(cognito, user_of(cognito, 5).to_dict(), jwks="text")

    def test_who_signed_out_is_not_stored(self, cognito: Cognito) -> None:
        """There is nothing to keep."""
        user = user_of(cognito, 3000)
        cognito.error = None
        user.sign_out()

        with pytest.raises(SignInOverError):
            user.to_dict()
