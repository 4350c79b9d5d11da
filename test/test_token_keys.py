"""When a pool's keys are fetched, by whom, for how long, and what happens when they can't be."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from test.support.signed_tokens import (
    CLIENT_ID,
    KEY_ID,
    NOW,
    POOL_ID,
    SetClock,
    access_token,
    key_set,
)
from token_keys import KEYS_SECONDS, MOST_KEY_BYTES, KeysUnavailableError, download, read_all
from token_verifier import ForeignTokenError, TokenVerifier

if TYPE_CHECKING:
    from collections.abc import Iterator

HOURS = 3600


class KeyPlace:
    """Where keys are fetched from: what is there, and how often it was read."""

    def __init__(self) -> None:
        self.text: str | Exception = json.dumps(key_set())
        self.fetches = 0
        self.may_answer = threading.Event()
        self.may_answer.set()

    def __call__(self, url: str) -> str:
        """Answer, or fail, once it may."""
        self.fetches += 1
        self.may_answer.wait(10)
        if isinstance(self.text, Exception):
            raise self.text
        return self.text


@pytest.fixture
def place() -> Iterator[KeyPlace]:
    """Give a place with the pool's key; afterwards nothing waits for it."""
    place = KeyPlace()
    yield place
    place.may_answer.set()


@pytest.fixture
def clock() -> SetClock:
    """Return a clock that stands still."""
    return SetClock()


def verifier_of(place: KeyPlace, clock: SetClock, **options: Any) -> TokenVerifier:
    """Return a verifier that fetches there."""
    return TokenVerifier(POOL_ID, client_ids=CLIENT_ID, fetch=place, clock=clock, **options)


def wait_for(place: KeyPlace, fetches: int) -> None:
    """Wait for so many fetches in the background."""
    end = time.monotonic() + 10
    while place.fetches < fetches and time.monotonic() < end:
        threading.Event().wait(0.001)
    assert place.fetches == fetches


def test_threads_share_one_fetch(place: KeyPlace, clock: SetClock) -> None:
    """Twenty that verify at once wait together for one answer."""
    verifier = verifier_of(place, clock)
    place.may_answer.clear()
    with ThreadPoolExecutor(20) as threads:
        waiting = [threads.submit(verifier.verify, access_token()) for _ in range(20)]
        place.may_answer.set()

    assert {future.result()["username"] for future in waiting} == {"alice"}
    assert place.fetches == 1


def test_threads_share_one_failure(place: KeyPlace, clock: SetClock) -> None:
    """A slow answer costs all of them its time once, and not one after another."""
    verifier = verifier_of(place, clock, fetch_seconds=0.2)
    place.may_answer.clear()
    start = time.monotonic()
    with ThreadPoolExecutor(20) as threads:
        waiting = [threads.submit(verifier.verify, access_token()) for _ in range(20)]

    assert all(isinstance(future.exception(), KeysUnavailableError) for future in waiting)
    assert place.fetches == 1
    assert time.monotonic() - start < 5


def test_a_failed_fetch_is_remembered_with_back_off(place: KeyPlace, clock: SetClock) -> None:
    """Attempts are made after 1, 2, 4 seconds; in between a token is answered at once."""
    verifier = verifier_of(place, clock)
    place.text = OSError()
    attempts = []
    for second in range(8):
        clock.now = NOW + second
        for _ in range(20):
            with pytest.raises(KeysUnavailableError, match="OSError"):
                verifier.verify(access_token())
        attempts.append(place.fetches)

    assert attempts == [1, 2, 2, 3, 3, 3, 3, 4]

    place.text = json.dumps(key_set())
    clock.now = NOW + 8 + 32
    assert verifier.verify(access_token())["username"] == "alice"


def test_the_cause_of_a_failure_is_told(place: KeyPlace, clock: SetClock) -> None:
    """Whoever debugs it sees the exception of the fetch."""
    place.text = ConnectionResetError("by the proxy")

    with pytest.raises(KeysUnavailableError) as error:
        verifier_of(place, clock).verify(access_token())

    assert error.value.__cause__ is place.text


@pytest.mark.parametrize(
    "text", ["", "<html>", "[]", "null", "{}", '{"keys": []}', '{"keys": [5]}', "[" * 100_000]
)
def test_what_is_not_a_key_set_is_not_the_tokens_fault(place: KeyPlace, clock: SetClock, text: str) -> None:
    """Nothing can be said about a token then."""
    place.text = text

    with pytest.raises(KeysUnavailableError, match="jwks_url"):
        verifier_of(place, clock).verify(access_token())


def test_an_unknown_key_is_looked_for_once_in_ten_seconds(place: KeyPlace, clock: SetClock) -> None:
    """A new key of the pool is found at once; made-up key IDs do not make it fetch each time."""
    verifier = verifier_of(place, clock)
    with pytest.raises(ForeignTokenError):
        verifier.verify(access_token("new"))
    assert place.fetches == 1

    place.text = json.dumps(key_set(KEY_ID, "new"))
    assert verifier.verify(access_token("new"))["username"] == "alice"
    assert place.fetches == 2

    for _ in range(20):
        with pytest.raises(ForeignTokenError):
            verifier.verify(access_token("made up"))
    assert place.fetches == 2

    clock.now += 10
    with pytest.raises(ForeignTokenError):
        verifier.verify(access_token("made up"))
    assert place.fetches == 3


def test_threads_look_for_a_new_key_together(place: KeyPlace, clock: SetClock) -> None:
    """While one of them fetches it, the others wait and do not call its tokens foreign."""
    verifier = verifier_of(place, clock)
    verifier.warm_up()
    place.text = json.dumps(key_set(KEY_ID, "new"))
    place.may_answer.clear()
    with ThreadPoolExecutor(20) as threads:
        waiting = [threads.submit(verifier.verify, access_token("new")) for _ in range(20)]
        wait_for(place, 2)
        place.may_answer.set()

    assert {future.result()["username"] for future in waiting} == {"alice"}
    assert place.fetches == 2


def test_a_withdrawn_key_is_refused_after_the_maximum_age(place: KeyPlace, clock: SetClock) -> None:
    """Until then it is good, and nothing is fetched in the first part of that time."""
    verifier = verifier_of(place, clock)
    verifier.verify(access_token())
    place.text = json.dumps(key_set("the next one"))

    clock.now += KEYS_SECONDS / 2
    verifier.verify(access_token())
    assert place.fetches == 1

    clock.now += KEYS_SECONDS / 2
    with pytest.raises(ForeignTokenError):
        verifier.verify(access_token(exp=NOW + 2 * HOURS))
    assert place.fetches == 2


def test_ageing_keys_are_renewed_in_the_background(place: KeyPlace, clock: SetClock) -> None:
    """In the last part of their time nobody waits, and a failure is kept quiet until they are too old."""
    verifier = verifier_of(place, clock)
    token = access_token(exp=NOW + 5 * HOURS)
    verifier.verify(token)
    place.may_answer.clear()
    place.text = OSError()

    clock.now += KEYS_SECONDS * 0.9
    assert verifier.verify(token)["username"] == "alice"
    wait_for(place, 2)
    place.may_answer.set()
    assert verifier.verify(token)["username"] == "alice"

    clock.now += KEYS_SECONDS
    with pytest.raises(KeysUnavailableError):
        verifier.verify(token)


def test_warming_up_leaves_nothing_to_fetch(place: KeyPlace, clock: SetClock) -> None:
    """It fails where the keys can't be read, so that a server shows it when it starts."""
    verifier = verifier_of(place, clock)
    verifier.warm_up()
    assert place.fetches == 1
    verifier.verify(access_token())
    assert place.fetches == 1

    place.text = OSError()
    with pytest.raises(KeysUnavailableError):
        verifier_of(place, clock).warm_up()


def test_a_clock_that_was_put_back_does_not_keep_old_keys(place: KeyPlace, clock: SetClock) -> None:
    """Keys that were read at a time to come are read again."""
    clock.now += 5 * HOURS
    verifier = verifier_of(place, clock)
    verifier.warm_up()
    clock.now = NOW

    verifier.verify(access_token())

    assert place.fetches == 2


class TestReading:
    """The bytes of an answer."""

    def test_a_longer_answer_is_refused(self) -> None:
        """A mebibyte is read, and not a byte more, although the key set in it would be good."""
        text = json.dumps(key_set()).encode()
        end = time.monotonic() + 60

        assert read_all([text, b" " * (MOST_KEY_BYTES - len(text))], end).rstrip() == text
        with pytest.raises(ValueError, match="too long"):
            read_all([text, b" " * (MOST_KEY_BYTES - len(text) + 1)], end)

    def test_an_answer_that_drips_is_given_up(self) -> None:
        """The deadline is that of the whole answer: each piece that comes in time does not renew it."""
        with pytest.raises(TimeoutError):
            read_all(iter(lambda: b" ", b""), time.monotonic() + 0.01)

    @pytest.mark.parametrize(("status", "is_read"), [(200, True), (404, False), (500, False)])
    def test_over_http(self, status: int, *, is_read: bool) -> None:
        """The body of a 200 is read; another status is an error, whatever its body."""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.end_headers()
                self.wfile.write(b"keys")

            def log_message(self, *_: object) -> None:
                """Stay silent."""

        with HTTPServer(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.handle_request).start()
            url = f"http://127.0.0.1:{server.server_port}/"
            if is_read:
                assert download(url) == b"keys"
            else:
                with pytest.raises(OSError, match=str(status)):
                    download(url)
