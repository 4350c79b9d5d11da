"""TokenAuth in event loops, and its one attempt more after a 401."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import requests
import requests.adapters

from signed_in_user import TokenAuth
from test.support.signed_tokens import SetClock
from test.test_token_renewal import Cognito, user_of

if TYPE_CHECKING:
    from collections.abc import Iterator

USERS = 50


class Slow(Cognito):
    """Takes a while to renew, as a network does."""

    def call(self, operation: str, /, **fields: Any) -> Any:
        """Answer late."""
        time.sleep(0.2)
        return super().call(operation, **fields)


def test_fifty_users_renew_at_once_and_the_loop_goes_on() -> None:
    """In httpx.AsyncClient: 50 renewals take about as long as one, and nothing else waits for them."""
    users = [user_of(Slow(SetClock()), 5) for _ in range(USERS)]
    transport = httpx.MockTransport(lambda request: httpx.Response(200, headers=request.headers))

    async def run() -> set[str]:
        async with httpx.AsyncClient(transport=transport) as client:
            answers = await asyncio.gather(
                *(client.get("https://example.com", auth=TokenAuth(user)) for user in users)
            )
        return {answer.headers["authorization"] for answer in answers}

    start = time.perf_counter()
    sent = asyncio.run(run())

    assert sent == {f"Bearer {user.access_token}" for user in users}
    assert time.perf_counter() - start < USERS * 0.2 / 2


def test_the_loop_is_free_while_a_token_is_renewed() -> None:
    """Another task runs between the request for a token and its answer."""
    cognito = Cognito(SetClock())
    user = user_of(cognito, 5)
    cognito.may_answer.clear()

    async def run() -> str:
        token = asyncio.create_task(user.access_token_async())
        await asyncio.sleep(0)
        cognito.may_answer.set()  # would come too late if the loop were held up
        return await token

    assert asyncio.run(asyncio.wait_for(run(), 5)) == user.access_token


def test_a_fresh_token_needs_no_thread() -> None:
    """The usual case costs an event loop nothing."""
    user = user_of(Cognito(SetClock()), 3000)
    before = threading.active_count()

    assert asyncio.run(user.access_token_async()) == user.access_token
    assert threading.active_count() == before


def test_many_renewals_begin_one_after_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that all prepare requests at once keep the loop waiting for the interpreter's lock."""
    pauses: list[float] = []
    monkeypatch.setattr("token_renewal.time.sleep", pauses.append)
    users = [user_of(Cognito(SetClock()), 5) for _ in range(3)]

    async def run() -> None:
        await asyncio.gather(*(user.access_token_async() for user in users))

    asyncio.run(run())

    assert len(pauses) == len(users)


class TestRetry:
    """After a 401: a token that was revoked early, or a clock that differs."""

    @pytest.fixture
    def cognito(self) -> Cognito:
        """Return the other side."""
        return Cognito(SetClock())

    @pytest.mark.parametrize("kind", ["httpx", "httpx async", "requests"])
    @pytest.mark.parametrize("retry", [False, True])
    def test_it_is_made_once_if_asked(self, cognito: Cognito, kind: str, *, retry: bool) -> None:
        """With another token; the second 401 is the answer."""
        user = user_of(cognito, 3000)
        old = user.access_token
        sent = send(kind, TokenAuth(user, retry_on_401=retry), good=set())

        assert sent == ([old, user.access_token] if retry else [old])
        assert len(cognito.asked) == (1 if retry else 0)
        assert (user.access_token != old) is retry

    @pytest.mark.parametrize("kind", ["httpx", "httpx async", "requests"])
    def test_a_good_answer_is_left_alone(self, cognito: Cognito, kind: str) -> None:
        """Nothing is renewed that works."""
        user = user_of(cognito, 3000)

        assert send(kind, TokenAuth(user, retry_on_401=True), good={user.access_token}) == [user.access_token]
        assert cognito.asked == []

    def test_a_token_that_was_renewed_meanwhile_is_taken(self, cognito: Cognito) -> None:
        """Threads that are refused together renew once."""
        user = user_of(cognito, 3000)
        refused = user.access_token

        assert user.fresh_token("access", refused) == user.fresh_token("access", refused) != refused
        assert len(cognito.asked) == 1


def send(kind: str, auth: TokenAuth, good: set[str]) -> list[str]:
    """Send a request by a library to a server that takes these tokens; return the tokens that came."""
    sent: list[str] = []

    def status(headers: Any) -> int:
        sent.append(headers["Authorization"].removeprefix("Bearer "))
        return 200 if sent[-1] in good else 401

    transport = httpx.MockTransport(lambda request: httpx.Response(status(request.headers)))
    if kind == "requests":
        with requests.Session() as session:
            session.mount("https://", _Adapter(status))
            session.post("https://example.com", auth=auth, data=b"body", timeout=10)
    elif kind == "httpx":
        with httpx.Client(transport=transport) as client:
            client.post("https://example.com", auth=auth, content=b"body")
    else:
        asyncio.run(_send_async(transport, auth))
    return sent


async def _send_async(transport: httpx.MockTransport, auth: TokenAuth) -> None:
    async with httpx.AsyncClient(transport=transport) as client:
        await client.post("https://example.com", auth=auth, content=b"body")


class _Adapter(requests.adapters.BaseAdapter):
    """Answers in place of a server."""

    def __init__(self, status: Any) -> None:
        super().__init__()
        self._status = status

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Answer with the status alone."""
        assert request.body == b"body"
        answer = requests.Response()
        answer.status_code = self._status(request.headers)
        answer.request, answer.url, answer.raw = request, "https://example.com", _Raw()
        answer.connection = self  # type: ignore[assignment]
        return answer

    def close(self) -> None:
        """Do nothing."""


class _Raw:
    """An empty body."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        """Give nothing."""
        return iter(())

    def close(self) -> None:
        """Do nothing."""

    def release_conn(self) -> None:
        """Do nothing."""
