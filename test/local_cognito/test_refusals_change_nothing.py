"""Refusals: a request that is refused leaves the state as it was, but for what it counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local_cognito.actions import api
from local_cognito.model import errors, service_model
from test.support.hostile_requests import DEVICE, right_requests
from test.support.inside import connection_of, store_of
from test.support.known_world import World
from test.support.pool_driver import (
    ALICE,
    INCORRECT,
    LOCKED_OUT,
    MINUTE,
    WRONG_PASSWORD,
    PoolDriver,
    refused,
)
from test.support.pools import TRACKING
from test.support.user_srp import UserSrp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local_cognito import LocalCognito
    from local_cognito.storage.store import Store

TEMPORARY = "Temporary-Horse-2!"
CHOSEN = "Owners-Own-Horse-3!"
DEVICE_UNKNOWN = ("ResourceNotFoundException", "Device does not exist.")


def contents(store: Store) -> dict[str, list[Any]]:
    """Return every row of every table but that of the counters."""
    names = [
        row[0] for row in connection_of(store).execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    ]
    return {
        name: connection_of(store).execute(f"SELECT * FROM {name}").fetchall()
        for name in names
        if name != "attempts"
    }


@pytest.fixture(scope="module")
def world(signing_keys: dict[str, str]) -> Iterator[World]:
    """Give the world that every request finds as it was."""
    made = World(signing_keys)
    yield made
    made.stop()


def refusing_late(action: Callable[..., Any]) -> Callable[..., Any]:
    """Return the action, which does all that it does and then refuses."""

    def act(cognito: Any, request: Any) -> None:
        action(cognito, request)
        raise errors.INCORRECT()

    return act


@settings(
    max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
@given(data=st.data())
@pytest.mark.parametrize("operation", sorted(api.ACTIONS))
def test_any_refusal(world: World, operation: str, data: st.DataObject) -> None:
    """Whatever an action refuses, and however late, every table is as it was before."""
    request = data.draw(right_requests(service_model.operation(operation)))
    before = contents(store_of(world.beginning))

    with patch.dict(api.ACTIONS, {operation: refusing_late(api.ACTIONS[operation])}):
        answer = world.send(operation, request)

    assert answer.status == 400
    assert contents(world.store) == before


class TestNewPassword:
    """NEW_PASSWORD_REQUIRED sets a password only when it answers with what comes next."""

    def test_unknown_device(self, make_pool: Callable[..., PoolDriver]) -> None:
        """A device key that leads nowhere is refused before a password is asked for."""
        pool = make_pool({"DeviceConfiguration": TRACKING})
        pool.api.admin_create_user(UserPoolId=pool.id, Username=ALICE, TemporaryPassword=TEMPORARY)

        with refused(*DEVICE_UNKNOWN):
            pool.sign_in(password=TEMPORARY, DEVICE_KEY=DEVICE)

    def test_device_forgotten_meanwhile(self, make_pool: Callable[..., PoolDriver]) -> None:
        """A device that is forgotten meanwhile leaves the temporary password, which still signs in."""
        pool = make_pool({"DeviceConfiguration": TRACKING})
        pool.user()
        pool.api.set_user_pool_mfa_config(
            UserPoolId=pool.id,
            MfaConfiguration="OFF",
        )
        store = store_of(pool.server)
        key = self.device_key(pool)
        fields = {"UserPoolId": pool.id, "Username": ALICE}
        pool.api.admin_set_user_password(Password=TEMPORARY, Permanent=False, **fields)
        session = pool.sign_in(password=TEMPORARY, DEVICE_KEY=key)["Session"]
        pool.api.admin_forget_device(DeviceKey=key, **fields)
        before = contents(store)

        with refused(*DEVICE_UNKNOWN):
            pool.answer("NEW_PASSWORD_REQUIRED", ALICE, session, NEW_PASSWORD=CHOSEN)
        assert contents(store) == before
        assert pool.sign_in(password=TEMPORARY)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"

    @staticmethod
    def device_key(pool: PoolDriver) -> str:
        """Return the key of a device that Alice was given."""
        srp = UserSrp(pool)
        result = srp.prove(srp.begin())["AuthenticationResult"]
        key: str = result["NewDeviceMetadata"]["DeviceKey"]
        return key


class TestKeys:
    """Refusals make no keys: each would cost the time to make one, and leave none."""

    @pytest.mark.parametrize("hides", ["LEGACY", "ENABLED"])
    def test_none_is_made(
        self, server: LocalCognito, make_pool: Callable[..., PoolDriver], hides: str
    ) -> None:
        """Neither a wrong password nor a token that nobody signed makes one."""
        pool = make_pool(client={"PreventUserExistenceErrors": hides})
        pool.user()
        issuer = f"https://cognito-idp.us-east-1.amazonaws.com/{pool.id}"
        forged = jwt.encode({"iss": issuer, "token_use": "access"}, "secret" * 8, "HS256")
        store = store_of(server)
        with store.transaction():
            store.keys.delete(pool_id=pool.id)

        with patch("cryptography.hazmat.primitives.asymmetric.rsa.generate_private_key", no_key):
            with refused(*INCORRECT):
                pool.sign_in(password=WRONG_PASSWORD)
            with refused("NotAuthorizedException", "Could not verify signature for Access Token"):
                pool.api.get_user(AccessToken=forged)


def no_key(**_: Any) -> None:
    """Fail in place of making a key."""
    pytest.fail("A key was made")


class TestCounters:
    """What a refusal counted is kept."""

    def test_failures(self, pool: PoolDriver) -> None:
        """Wrong passwords lock, though each was refused."""
        pool.user()
        for _ in range(5):
            with refused(*INCORRECT):
                pool.sign_in(password=WRONG_PASSWORD)

        with refused(*LOCKED_OUT):
            pool.sign_in()

    def test_failures_of_long_ago(self, pool: PoolDriver) -> None:
        """Failures that are forgotten stay so, also when the request that finds them old is refused."""
        pool.user()
        for _ in range(5):
            with refused(*INCORRECT):
                pool.sign_in(password=WRONG_PASSWORD)
        pool.clock.advance(15 * MINUTE)
        with refused(*INCORRECT):
            pool.sign_in(password=WRONG_PASSWORD)

        assert pool.sign_in()["AuthenticationResult"]

    def test_once_each(self, pool: PoolDriver) -> None:
        """Each failure counts once."""
        pool.user()
        with refused(*INCORRECT):
            pool.sign_in(password=WRONG_PASSWORD)

        counted = store_of(pool.server).attempts.where(pool_id=pool.id, username=ALICE)
        assert [attempt.kind for attempt in counted if "failed" in attempt.kind] == ["failed sign-in"]
