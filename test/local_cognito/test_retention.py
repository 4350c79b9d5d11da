"""Nothing grows for ever: what has had its time is taken away as requests come, and nothing else is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local_cognito import LocalCognito
from local_cognito.storage import retention
from local_cognito.storage.records import MOST_MESSAGES, Device, Grant, Message, Session
from local_cognito.storage.user_records import Attempt, Code
from test.support.inside import connection_of, store_of
from test.support.pool_driver import (
    CODE_EXPIRED,
    DAY,
    DEVICE_KEY_INVALID,
    HOUR,
    INCORRECT,
    LOCKED_OUT,
    MINUTE,
    WRONG_PASSWORD,
    Clock,
    refused,
)
from test.support.soak import USERS, Soak

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local_cognito.storage.store import Store
    from test.support.pool_driver import PoolDriver

NOW = 1_750_000_000.0


@pytest.fixture
def own_clock() -> Clock:
    """Return the clock of a server of the test's own."""
    return Clock(NOW)


@pytest.fixture
def own_server(own_clock: Clock) -> Iterator[LocalCognito]:
    """Give a server of the test's own."""
    with LocalCognito(clock=own_clock) as running:
        yield running


def quiet_requests(pool: PoolDriver, count: int = retention.ROUND) -> None:
    """Send requests that leave nothing behind."""
    for _ in range(count):
        pool.api.list_user_pools(MaxResults=1)


def test_a_long_life_ends_where_it_began(own_server: LocalCognito, own_clock: Clock) -> None:
    """After two thousand requests and 400 days there is as much of everything as before, but for messages."""
    soak = Soak(own_server, own_clock)
    before = soak.counts()
    soak.run(2000)
    grown = soak.counts()
    soak.rest(400)
    after = soak.counts()

    assert {name for name in grown if grown[name] > before[name] + USERS} == {
        "attempts",
        "codes",
        "devices",
        "grants",
        "messages",
        "sessions",
    }
    assert after | {"messages": 0} == before | {"messages": 0}
    assert after["messages"] == min(grown["messages"], MOST_MESSAGES)


def test_each_request_takes_little(own_server: LocalCognito) -> None:
    """However much there is to take away, a request takes away no more than a batch."""
    store = store_of(own_server)
    with store.transaction():
        for number in range(3 * retention.BATCH):
            store.sessions.put(Session(str(number), "pool", "client", "user", "step", 0.0, {}))
    left = []
    for _ in range(4):
        for _ in range(retention.ROUND):
            with store.transaction():
                store_of(own_server).retention.step(NOW)
        left.append(store.sessions.count())

    assert left == [2 * retention.BATCH, retention.BATCH, 0, 0]


@pytest.mark.parametrize("is_kept", [True, False])
def test_what_is_kept_how_long(own_server: LocalCognito, *, is_kept: bool) -> None:
    """Each kind of record is kept to the second of its time."""
    store = store_of(own_server)
    age = 0.0 if is_kept else 0.001
    device = Device("key", "pool", "user", "group", NOW - 30 * DAY - age, 0.0)
    confirmed = Device("confirmed", "pool", "user", "group", 0.0, 0.0, verifier="1")
    grant = Grant("jti", "pool", "client", "user", "handle", None, 0, NOW - 30 * DAY - age)
    with store.transaction():
        store.codes.put(Code("pool", "user", "purpose", "1", NOW - 30 * DAY - age))
        store.attempts.put(Attempt("pool", "user", "kind", NOW - DAY - age))
        store.sessions.put(Session("handle", "pool", "client", "user", "step", NOW - HOUR - age, {}))
        store.devices.put(device)
        store.devices.put(confirmed)
        store.grants.put(grant)
        for _ in range(retention.ROUND):
            store_of(own_server).retention.step(NOW)

    kept = [table.count() for table in (store.codes, store.attempts, store.sessions, store.grants)]
    assert kept == [int(is_kept)] * 4
    assert store.devices.where() == [device, confirmed] if is_kept else [confirmed]


def test_outbox_keeps_the_latest(own_server: LocalCognito) -> None:
    """The outbox shows the latest thousand messages, oldest first, and keeps no others."""
    store = store_of(own_server)
    with store.transaction():
        for number in range(1050):
            store.messages.put(Message("pool", "to", "subject", "body", str(number), NOW))
    shown = [message["code"] for message in own_server.outbox()]
    with store.transaction():
        for _ in range(retention.ROUND):
            store_of(own_server).retention.step(NOW)

    assert shown == [str(number) for number in range(50, 1050)]
    assert [message["code"] for message in own_server.outbox()] == shown
    assert store.messages.count() == 1000


def test_slow_guessing_is_locked_out(pool: PoolDriver) -> None:
    """Wrong passwords count for as long as they can: as slow as may be, the fifteenth locks to the end."""
    pool.user()
    for _ in range(15):
        pool.clock.advance(15 * MINUTE - 1)
        quiet_requests(pool)
        with refused(*INCORRECT):
            pool.sign_in(password=WRONG_PASSWORD)
    pool.clock.advance(15 * MINUTE - 1)
    with refused(*LOCKED_OUT):
        pool.sign_in()


def test_expired_code_stays_expired(pool: PoolDriver) -> None:
    """A code that was deleted is refused as it was before."""
    pool.sign_up()
    code = pool.codes()[-1]
    pool.clock.advance(DAY)
    for _ in range(2):
        with refused(*CODE_EXPIRED):
            pool.confirm(code=code)
        pool.clock.advance(30 * DAY + 1)
        quiet_requests(pool)


def test_expired_code_is_told_where_users_are_hidden(make_pool: Callable[..., PoolDriver]) -> None:
    """Its owner learns for weeks that a code has expired, which only the code itself can prove."""
    pool = make_pool(client={"PreventUserExistenceErrors": "ENABLED"})
    pool.sign_up()
    pool.clock.advance(30 * DAY)
    quiet_requests(pool)

    with refused(*CODE_EXPIRED):
        pool.confirm(code=pool.codes()[-1])


def test_unconfirmed_device_is_forgotten(mfa_pool: PoolDriver) -> None:
    """A device that was not confirmed within 30 days can't be confirmed any more; a confirmed one stays."""
    secret = mfa_pool.enrolled()
    device = mfa_pool.track(mfa_pool.sign_in_with_mfa(secret))
    unconfirmed = mfa_pool.sign_in_with_mfa(secret)
    mfa_pool.clock.advance(30 * DAY + 1)
    quiet_requests(mfa_pool)
    unconfirmed["AccessToken"] = mfa_pool.sign_in_with_mfa(secret)["AccessToken"]

    with refused(*DEVICE_KEY_INVALID):
        mfa_pool.track(unconfirmed)
    _, challenge = mfa_pool.begin_device_proof(device)
    assert challenge["ChallengeName"] == "DEVICE_PASSWORD_VERIFIER"


def test_tables_are_searched_by_index(own_server: LocalCognito) -> None:
    """What is to be taken away is found without reading the rest."""
    store: Store = store_of(own_server)
    executed: list[str] = []
    connection_of(store).set_trace_callback(executed.append)
    with store.transaction():
        for _ in range(retention.ROUND):
            store_of(own_server).retention.step(NOW)
    connection_of(store).set_trace_callback(None)
    deletions = [statement for statement in executed if statement.startswith("DELETE")]
    plans = [
        [row[3] for row in connection_of(store).execute(f"EXPLAIN QUERY PLAN {deletion}")]
        for deletion in deletions
    ]

    assert len(plans) == retention.KINDS
    for plan in plans:
        scans = [step for step in plan if step.startswith("SCAN")]
        assert scans in ([], ["SCAN messages"]), plan  # of messages, the latest thousand
