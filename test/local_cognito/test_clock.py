"""The clock that tests can move: over HTTP at /clock, and in Python."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import jwt
import pytest

from local_cognito import LocalCognito, MovableClock
from test.support.pool_driver import (
    ALICE,
    CODE_EXPIRED,
    DAY,
    HOUR,
    INCORRECT,
    LOCKED_OUT,
    MINUTE,
    SESSION_EXPIRED,
    TOTP_NOT_ENABLED,
    TOTP_STEP,
    WRONG_PASSWORD,
    Clock,
    PoolDriver,
    http,
    refused,
    totp,
)
from test.support.user_srp import srp_sign_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from test.support.pool_driver import Api, HttpAnswer


NOW = 1_750_000_020.0  # a TOTP time step starts
TEN_YEARS = 315_360_000


@pytest.fixture
def pool(connect: Callable[..., Api]) -> Iterator[PoolDriver]:
    """Give a pool whose clock only /clock moves; `pool.clock`, the client's, stays where it is."""
    client_clock = Clock(NOW)
    with LocalCognito(clock=MovableClock(lambda: NOW)) as server:
        api = connect(server.url)
        made = api.create_user_pool(PoolName="timed", AutoVerifiedAttributes=["email"])["UserPool"]
        totp_offered = {"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": True}}
        api.set_user_pool_mfa_config(UserPoolId=made["Id"], **totp_offered)
        yield PoolDriver(server, api, client_clock, made["Id"], "none yet").other_client()
        api.close()


def post(pool: PoolDriver, body: Any) -> HttpAnswer:
    """POST a body, bytes or what becomes JSON, to /clock."""
    return http(f"{pool.server.url}/clock", body if isinstance(body, bytes) else json.dumps(body).encode())


def advance(pool: PoolDriver, seconds: float) -> float:
    """Move the pool's clock over HTTP and return the time that it gives then."""
    answer = post(pool, {"advance": seconds})
    assert answer.status == 200, answer.body
    return float(answer.content["now"])


class TestRequests:
    """What /clock takes and answers."""

    def test_time(self, pool: PoolDriver) -> None:
        """GET answers the time in epoch seconds, as JSON, and moves nothing."""
        answers = [http(f"{pool.server.url}/clock") for _ in range(2)]

        assert [(answer.status, answer.content) for answer in answers] == [(200, {"now": NOW})] * 2
        assert answers[0].headers["content-type"] == "application/json"

    def test_moves_add_up(self, pool: PoolDriver) -> None:
        """POST answers the time after the move, which the next one starts from."""
        assert [advance(pool, seconds) for seconds in (180, 0.5, 0)] == [NOW + 180, NOW + 180.5, NOW + 180.5]
        assert http(f"{pool.server.url}/clock").content == {"now": NOW + 180.5}

    def test_ten_years(self, pool: PoolDriver) -> None:
        """Ten years in one move are taken."""
        assert advance(pool, TEN_YEARS) == NOW + TEN_YEARS

    @pytest.mark.parametrize(
        "body",
        [
            {"advance": -1},
            {"advance": -1e-9},
            {"advance": TEN_YEARS + 1},
            {"advance": 10**400},
            {"advance": True},
            {"advance": None},
            {"advance": "180"},
            {"advance": [180]},
            b'{"advance": NaN}',
            b'{"advance": Infinity}',
            b'{"advance": 1e999}',
            b'{"advance": ' + b"9" * 5000 + b"}",
            b'{"advance": ' + b"[" * 100_000,
            {"advanced": 180},
            {},
            [],
            180,
            "advance",
            None,
            b"",
            b"180 seconds",
            b'{"advance": 180',
            b"\xff\xfe",
        ],
        ids=lambda body: str(body)[:24],
    )
    def test_bad_bodies(self, pool: PoolDriver, body: Any) -> None:
        """Any other body is refused with a sentence that says what is expected, and moves nothing."""
        answer = post(pool, body)

        assert answer.status == 400
        assert answer.content == {
            "message": 'The body must be {"advance": SECONDS}, a number from 0 to 315360000.'
        }
        assert http(f"{pool.server.url}/clock").content == {"now": NOW}

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS"])
    def test_other_methods(self, pool: PoolDriver, method: str) -> None:
        """Other methods are refused."""
        assert http(f"{pool.server.url}/clock", method=method).status == 405

    @pytest.mark.parametrize("path", ["/clock/", "/clock/now", "/Clock"])
    def test_other_paths(self, pool: PoolDriver, path: str) -> None:
        """Paths that look like it are not there."""
        assert http(pool.server.url + path).status == 404

    @pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}])
    @pytest.mark.parametrize("body", [None, b'{"advance": 1}'], ids=["GET", "POST"])
    def test_pages_from_elsewhere(
        self, pool: PoolDriver, headers: dict[str, str], body: bytes | None
    ) -> None:
        """A page from elsewhere can neither read the clock nor move it."""
        answer = http(f"{pool.server.url}/clock", body, headers)

        assert answer.status == 403
        assert http(f"{pool.server.url}/clock").content == {"now": NOW}

    @pytest.mark.parametrize("body", [None, b'{"advance": 1}'], ids=["GET", "POST"])
    def test_clock_that_can_not_be_moved(self, server: LocalCognito, body: bytes | None) -> None:
        """A server with any other clock knows no such path."""
        answer = http(f"{server.url}/clock", body)

        assert answer.status == 404
        assert answer.content == {"message": "/clock was not found on this server."}


class TestWhatMoves:
    """Everything that has a time goes by the clock."""

    def test_sign_up_code(self, pool: PoolDriver) -> None:
        """A sign-up code is good for a day."""
        pool.sign_up()
        advance(pool, DAY)
        with refused(*CODE_EXPIRED):
            pool.confirm()

        pool.resend()
        advance(pool, DAY - 1)
        pool.confirm()

    def test_session(self, pool: PoolDriver) -> None:
        """A challenge can be answered for three minutes."""
        secret = enrolled(pool)
        first, second = (pool.sign_in()["Session"] for _ in range(2))
        now = advance(pool, 3 * MINUTE - 1)
        result = pool.answer("SOFTWARE_TOKEN_MFA", ALICE, first, SOFTWARE_TOKEN_MFA_CODE=totp(secret, now))
        assert result["AuthenticationResult"]

        now = advance(pool, 1)
        with refused(*SESSION_EXPIRED):
            pool.answer("SOFTWARE_TOKEN_MFA", ALICE, second, SOFTWARE_TOKEN_MFA_CODE=totp(secret, now))

    def test_tokens(self, pool: PoolDriver) -> None:
        """An access token is good for an hour; the next one is issued at the time then."""
        pool.user()
        old = pool.sign_in()["AuthenticationResult"]["AccessToken"]
        now = advance(pool, HOUR)
        with refused("NotAuthorizedException", "Access Token has expired"):
            pool.api.get_user(AccessToken=old)

        new = pool.sign_in()["AuthenticationResult"]["AccessToken"]
        assert pool.api.get_user(AccessToken=new)["Username"] == ALICE
        assert jwt.decode(new, options={"verify_signature": False})["iat"] == int(now)

    def test_lock(self, pool: PoolDriver) -> None:
        """The lock after five wrong passwords lasts a second."""
        pool.user()
        for _ in range(5):
            with refused(*INCORRECT):
                pool.sign_in(password=WRONG_PASSWORD)
        with refused(*LOCKED_OUT):
            pool.sign_in()

        advance(pool, 1)
        assert pool.sign_in()["AuthenticationResult"]

    def test_totp_step(self, pool: PoolDriver) -> None:
        """A TOTP code must be of the pool's time: the client's own clock was left behind."""
        pool.user()
        token = pool.sign_in()["AuthenticationResult"]["AccessToken"]
        secret = pool.api.associate_software_token(AccessToken=token)["SecretCode"]
        now = advance(pool, 10 * TOTP_STEP)
        with refused(*TOTP_NOT_ENABLED):
            pool.api.verify_software_token(AccessToken=token, UserCode=totp(secret, pool.clock.now))

        answer = pool.api.verify_software_token(AccessToken=token, UserCode=totp(secret, now))
        assert answer["Status"] == "SUCCESS"

    def test_srp_timestamp(self, pool: PoolDriver) -> None:
        """An SRP client whose own clock stays behind gets in up to a quarter of an hour later, not after."""
        pool.user()
        advance(pool, 15 * MINUTE)
        assert srp_sign_in(pool)["AuthenticationResult"]

        advance(pool, 1)
        with refused(*INCORRECT):
            srp_sign_in(pool)
        pool.clock.advance(15 * MINUTE + 1)
        assert srp_sign_in(pool)["AuthenticationResult"]


def enrolled(pool: PoolDriver) -> str:
    """Make a user who signs in with TOTP, and return the secret; no code of the next steps is used."""
    pool.user()
    token = pool.sign_in()["AuthenticationResult"]["AccessToken"]
    secret = pool.api.associate_software_token(AccessToken=token)["SecretCode"]
    pool.api.verify_software_token(AccessToken=token, UserCode=totp(secret, pool.clock.now))
    preference = {"SoftwareTokenMfaSettings": {"Enabled": True}}
    pool.api.set_user_mfa_preference(AccessToken=token, **preference)
    return str(secret)


class TestInPython:
    """The clock in a test of the same process."""

    def test_runs_on(self) -> None:
        """It goes on as the clock that it was given goes on, so much later."""
        given = Clock(NOW)
        clock = MovableClock(given)
        clock.advance(100)
        given.advance(1)

        assert clock() == NOW + 101

    def test_is_the_real_time_at_first(self) -> None:
        """Without another clock it is the computer's."""
        before = time.time()

        assert before <= MovableClock()() <= time.time()

    def test_moves_the_pool(self, connect: Callable[..., Api]) -> None:
        """What a test moves in Python, the server follows."""
        clock = MovableClock(lambda: NOW)
        with LocalCognito(clock=clock) as server:
            assert clock.advance(5) == NOW + 5
            assert http(f"{server.url}/clock").content == {"now": NOW + 5}

    @pytest.mark.parametrize("seconds", [-1, TEN_YEARS + 1, float("nan"), float("inf"), True])
    def test_wrong_moves(self, seconds: bool | float) -> None:
        """It goes neither back, nor too far, nor nowhere in particular."""
        clock = MovableClock(lambda: NOW)
        with pytest.raises(ValueError, match="0 to 315360000 seconds"):
            clock.advance(seconds)

        assert clock() == NOW

    def test_moves_at_the_same_time(self) -> None:
        """Of two moves at the same time none is lost."""
        together = threading.Barrier(2)

        class Slow(float):
            """Seconds that wait, while they are being added, for others that are."""

            def __radd__(self, other: float) -> float:
                with suppress(threading.BrokenBarrierError):
                    together.wait(0.2)
                return other + float(self)

        clock = MovableClock(lambda: NOW)
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(clock.advance, [Slow(1), Slow(2)]))

        assert clock() == NOW + 3
