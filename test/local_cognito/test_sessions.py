"""Sessions: each opens one step, for one user and one app client, once and for a limited time."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from local_cognito import LocalCognito
from local_cognito.storage.retention import ROUND
from test.support.inside import store_of
from test.support.pool_driver import (
    ALICE,
    BOB,
    HOUR,
    MINUTE,
    SESSION_EXPIRED,
    SESSION_INVALID,
    SESSION_SPENT,
    Clock,
    DeviceSrp,
    PoolDriver,
    missing,
    refused,
    totp,
)
from test.support.pools import REQUIRED_TOTP, TRACKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from test.support.pool_driver import Api


class Steps:
    """Every step that takes a session: how to get one for it, and how to use it."""

    def __init__(self, pool: PoolDriver) -> None:
        """Sign two users up; one enrolled and has a tracked device, the other did not."""
        self.pool = pool
        pool.user(BOB)
        self.secret = pool.enrolled(ALICE)
        self.device = pool.track(pool.sign_in_with_mfa(self.secret, ALICE))
        self.srp = DeviceSrp(pool, self.device)
        pool.clock.to_next_step()

    def code(self) -> str:
        """Return Alice's present code."""
        return totp(self.secret, self.pool.clock.now)

    def begin(self, step: str) -> str:
        """Return a session that opens `step`."""
        pool = self.pool
        if step == "MFA code":
            return str(pool.sign_in(ALICE)["Session"])
        if step == "device":
            return str(pool.sign_in(ALICE, DEVICE_KEY=self.device.key)["Session"])
        session = pool.sign_in(BOB)["Session"]
        if step == "associate":
            return str(session)
        answer = pool.api.associate_software_token(Session=session)
        self.bobs_secret = answer["SecretCode"]
        if step == "verify":
            return str(answer["Session"])
        code = totp(self.bobs_secret, pool.clock.now)
        return str(pool.api.verify_software_token(Session=answer["Session"], UserCode=code)["Session"])

    def use(self, step: str, session: str | None, name: str | None = None) -> dict[str, Any]:
        """Take `step` with a session, in the name of its user or of another user."""
        pool = self.pool
        fields = {} if session is None else {"Session": session}
        if step == "MFA code":
            code = self.code()
            return pool.answer("SOFTWARE_TOKEN_MFA", name or ALICE, session, SOFTWARE_TOKEN_MFA_CODE=code)
        if step == "device":
            key = self.device.key
            return pool.answer(
                "DEVICE_SRP_AUTH", name or ALICE, session, DEVICE_KEY=key, SRP_A=self.srp.public_a
            )
        if step == "associate":
            return pool.api.associate_software_token(**fields)
        if step == "verify":
            code = totp(getattr(self, "bobs_secret", self.secret), pool.clock.now)
            return pool.api.verify_software_token(UserCode=code, **fields)
        return pool.answer("MFA_SETUP", name or BOB, session)


ALL = ["associate", "verify", "setup", "MFA code", "device"]


@pytest.fixture
def steps(mfa_pool: PoolDriver) -> Steps:
    """Return the steps of a pool with all of them."""
    return Steps(mfa_pool)


@pytest.mark.parametrize("step", ALL)
def test_right_session(steps: Steps, step: str) -> None:
    """The session that a step brought opens the next."""
    assert steps.use(step, steps.begin(step))


@pytest.mark.parametrize("step", ALL)
def test_spent_session(steps: Steps, step: str) -> None:
    """A session can be used once."""
    session = steps.begin(step)
    steps.use(step, session)

    with refused(*SESSION_SPENT):
        steps.use(step, session)


@pytest.mark.parametrize("step", ALL)
def test_expired_session(steps: Steps, step: str) -> None:
    """A session ends three minutes after it began, unless the app client says otherwise."""
    session = steps.begin(step)
    steps.pool.clock.advance(3 * MINUTE)

    with refused(*SESSION_EXPIRED):
        steps.use(step, session)


@pytest.mark.parametrize("step", ALL)
def test_session_just_in_time(steps: Steps, step: str) -> None:
    """A session is good until the very end of its time."""
    session = steps.begin(step)
    steps.pool.clock.advance(3 * MINUTE - 0.001)

    assert steps.use(step, session)


def test_each_answer_brings_a_full_session(steps: Steps) -> None:
    """The time starts again with each step."""
    session = steps.begin("associate")
    steps.pool.clock.advance(2 * MINUTE)
    answer = steps.pool.api.associate_software_token(Session=session)
    steps.pool.clock.advance(2 * MINUTE)
    code = totp(answer["SecretCode"], steps.pool.clock.now)
    answer = steps.pool.api.verify_software_token(Session=answer["Session"], UserCode=code)
    steps.pool.clock.advance(2 * MINUTE)

    assert steps.use("setup", answer["Session"])["AuthenticationResult"]


@pytest.mark.parametrize("minutes", [5, 15])
def test_session_validity_of_the_client(make_pool: Callable[..., PoolDriver], minutes: int) -> None:
    """AuthSessionValidity is the number of minutes."""
    pool = make_pool(mfa=REQUIRED_TOTP, client={"AuthSessionValidity": minutes})
    secret = pool.enrolled()
    session = pool.sign_in()["Session"]

    pool.clock.advance(minutes * MINUTE - 1)
    with pytest.raises(pool.api.exceptions.CodeMismatchException):
        pool.answer("SOFTWARE_TOKEN_MFA", ALICE, session, SOFTWARE_TOKEN_MFA_CODE="wrong")
    pool.clock.advance(1)
    with refused(*SESSION_EXPIRED):
        code = totp(secret, pool.clock.now)
        pool.answer("SOFTWARE_TOKEN_MFA", ALICE, session, SOFTWARE_TOKEN_MFA_CODE=code)


@pytest.mark.parametrize("step", ALL)
def test_garbage(steps: Steps, step: str) -> None:
    """A session that nobody was given opens nothing, and neither does half of one."""
    session = steps.begin(step)

    for wrong in ("A" * 132, session[:-4], session + "AAAA", "ünbekannt" * 3):
        with refused(*SESSION_INVALID):
            steps.use(step, wrong)


@pytest.mark.parametrize("step", [step for step in ALL if step != "device"])
def test_missing(steps: Steps, step: str) -> None:
    """Without a session the refusal names the parameter; only the device's steps do without."""
    with refused(*missing("Session")):
        steps.use(step, None)


@pytest.mark.parametrize(
    ("step", "begun"),
    [
        (step, begun)
        for step in ALL
        for begun in ALL
        if step != begun and (step, begun) != ("associate", "verify")
    ],
)
def test_session_of_another_step(steps: Steps, step: str, begun: str) -> None:
    """A session opens its own step and no other, in the name of the user it belongs to."""
    session = steps.begin(begun)
    owner = ALICE if begun in ("MFA code", "device") else BOB

    with refused(*SESSION_INVALID):
        steps.use(step, session, owner if step != "device" else ALICE)


@pytest.mark.parametrize("step", ["setup", "MFA code", "device"])
def test_session_of_another_user(steps: Steps, step: str) -> None:
    """A session is good for its own user only."""
    session = steps.begin(step)
    steps.pool.user("mallory")

    with refused(*SESSION_INVALID):
        if step == "device":
            use_with_a_device_of_her_own(steps.pool, "mallory", session)
        else:
            steps.use(step, session, "mallory")


def use_with_a_device_of_her_own(pool: PoolDriver, name: str, session: str) -> None:
    """Let a person who has a tracked device answer DEVICE_SRP_AUTH with another's session."""
    secret, own = pool.verified(name)
    device = pool.track(pool.answer("MFA_SETUP", name, own)["AuthenticationResult"])
    assert secret
    pool.answer("DEVICE_SRP_AUTH", name, session, DEVICE_KEY=device.key, SRP_A="2")


@pytest.mark.parametrize("step", ["setup", "MFA code", "device"])
def test_session_of_another_client(steps: Steps, step: str) -> None:
    """A session is good for the app client that began it only."""
    session = steps.begin(step)
    steps.pool = steps.pool.other_client()

    with refused(*SESSION_INVALID):
        steps.use(step, session)


@pytest.mark.parametrize("step", ALL)
def test_sessions_of_a_deleted_user(steps: Steps, step: str) -> None:
    """With a user their sessions go."""
    session = steps.begin(step)
    name = ALICE if step in ("MFA code", "device") else BOB
    store = store_of(steps.pool.server)
    with store.transaction():
        user = store.users.get(steps.pool.id, name)
        assert user
        store.delete_user(user)

    with refused(*SESSION_INVALID):
        steps.use(step, session)


def test_old_sessions_are_swept(steps: Steps) -> None:
    """From an hour after their end sessions are taken away as requests come."""
    session = steps.begin("MFA code")
    store = store_of(steps.pool.server)
    steps.pool.clock.advance(3 * MINUTE + HOUR)
    steps.begin("MFA code")
    with refused(*SESSION_EXPIRED):
        steps.use("MFA code", session)

    steps.pool.clock.advance(1)
    steps.begin("MFA code")
    for _ in range(3 * ROUND):  # what other tests left behind comes first
        steps.pool.described()

    with refused(*SESSION_INVALID):
        steps.use("MFA code", session)
    assert len(store.sessions.where(pool_id=steps.pool.id, step="SOFTWARE_TOKEN_MFA")) == 2


def test_form(steps: Steps) -> None:
    """A session is base64 text that starts AYAB, and no two are alike."""
    sessions = [steps.begin("MFA code") for _ in range(3)]

    assert all(session.startswith("AYAB") and len(session) == 132 for session in sessions)
    assert len(set(sessions)) == 3


def test_sessions_are_kept_as_hashes(tmp_path: Path, connect: Callable[..., Api]) -> None:
    """What opens a step stands nowhere in the database."""
    database = tmp_path / "pools.db"
    with LocalCognito(database=str(database)) as server:
        story = server.create_pool()
        pool = PoolDriver(server, connect(server.url), Clock(0), story.pool_id, story.client_id)
        pool.user()
        session = pool.sign_in()["Session"]
    with sqlite3.connect(database) as connection:
        rows = str(connection.execute("SELECT * FROM sessions").fetchall())
    connection.close()

    assert pool.id in rows
    assert session not in rows


def test_unfinished_device_sign_in_gives_no_tokens(make_pool: Callable[..., PoolDriver]) -> None:
    """DEVICE_SRP_AUTH answers a further challenge with a new session, and no tokens."""
    pool = make_pool({"DeviceConfiguration": TRACKING}, REQUIRED_TOTP)
    device = pool.track(pool.sign_in_with_mfa(pool.enrolled()))

    _, answer = pool.begin_device_proof(device)

    assert answer["ChallengeName"] == "DEVICE_PASSWORD_VERIFIER"
    assert "AuthenticationResult" not in answer
    assert answer["Session"].startswith("AYAB")
