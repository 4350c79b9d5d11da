"""AttributesRequireVerificationBeforeUpdate: the old address stays until the new one is verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from test.support.pool_driver import ALICE, BOB, CODE_EXPIRED, CODE_MISMATCH, DAY, refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import PoolDriver

OLD, NEW, NEWER = "alice@example.com", "alice@new.example.com", "alice@newer.example.com"
SETTINGS: Any = {
    "AliasAttributes": ["email"],
    "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
}


@pytest.fixture
def pool(make_pool: Callable[..., PoolDriver]) -> PoolDriver:
    """Return a pool that wants new e-mail addresses verified first, with alice, confirmed."""
    pool = make_pool(SETTINGS)
    pool.user()
    return pool


@pytest.fixture
def token(pool: PoolDriver) -> str:
    """Return an access token of alice's."""
    token: str = pool.sign_in()["AuthenticationResult"]["AccessToken"]
    return token


def update(pool: PoolDriver, token: str, address: str, **more: str) -> list[Any]:
    """UpdateUserAttributes; return where codes went."""
    attributes: Any = [{"Name": "email", "Value": address}]
    attributes += [{"Name": name, "Value": value} for name, value in more.items()]
    answer = pool.api.update_user_attributes(AccessToken=token, UserAttributes=attributes)
    return list(answer.get("CodeDeliveryDetailsList", []))


def verify(pool: PoolDriver, token: str, code: str) -> None:
    """VerifyUserAttribute."""
    pool.api.verify_user_attribute(AccessToken=token, AttributeName="email", Code=code)


def address(pool: PoolDriver) -> tuple[str, str]:
    """Return alice's address and whether it is verified."""
    attributes = pool.described()["attributes"]
    return attributes["email"], attributes["email_verified"]


def test_the_old_address_stays(pool: PoolDriver, token: str) -> None:
    """A new address gets a code, and is no more than that for now; what else changes counts at once."""
    before = len(pool.codes(NEW))

    (sent,) = update(pool, token, NEW, name="Alice")

    assert sent == {"Destination": "a***@n***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    assert len(pool.codes(NEW)) == before + 1
    assert address(pool) == (OLD, "true")
    assert pool.described()["attributes"]["name"] == "Alice"
    assert "AuthenticationResult" in pool.sign_in(OLD)
    with refused("UserNotFoundException", "User does not exist."):
        pool.sign_in(NEW)


def test_the_code_brings_the_new_one(pool: PoolDriver, token: str) -> None:
    """With the right code the new address takes the old one's place, verified; the code works once."""
    update(pool, token, NEW)
    code = pool.codes(NEW)[-1]

    verify(pool, token, code)

    assert address(pool) == (NEW, "true")
    assert "AuthenticationResult" in pool.sign_in(NEW)
    with refused("UserNotFoundException", "User does not exist."):
        pool.sign_in(OLD)
    with refused(*CODE_EXPIRED):
        verify(pool, token, code)


def test_a_wrong_or_late_code(pool: PoolDriver, token: str) -> None:
    """Without the right code in time nothing changes."""
    update(pool, token, NEW)
    code = pool.codes(NEW)[-1]
    with refused(*CODE_MISMATCH):
        verify(pool, token, "0000000")

    pool.clock.advance(DAY)
    with refused(*CODE_EXPIRED):
        verify(pool, pool.sign_in()["AuthenticationResult"]["AccessToken"], code)
    assert address(pool) == (OLD, "true")


def test_another_code_goes_to_the_new_address(pool: PoolDriver, token: str) -> None:
    """GetUserAttributeVerificationCode sends again to the address that waits."""
    update(pool, token, NEW)
    first = pool.codes(NEW)[-1]

    sent = pool.api.get_user_attribute_verification_code(AccessToken=token, AttributeName="email")

    assert sent["CodeDeliveryDetails"]["Destination"] == "a***@n***"
    latest = pool.codes(NEW)[-1]
    assert latest != first
    verify(pool, token, latest)
    assert address(pool) == (NEW, "true")


def test_the_latest_address_waits(pool: PoolDriver, token: str) -> None:
    """A third address takes the second one's place, whose code is worthless then."""
    update(pool, token, NEW)
    update(pool, token, NEWER)

    with refused(*CODE_MISMATCH):
        verify(pool, token, pool.codes(NEW)[-1])
    verify(pool, token, pool.codes(NEWER)[-1])
    assert address(pool) == (NEWER, "true")


def test_back_to_the_old_one(pool: PoolDriver, token: str) -> None:
    """Giving the old address again takes the change back, and nothing is sent."""
    update(pool, token, NEW)

    assert update(pool, token, OLD) == []

    with refused(*CODE_EXPIRED):
        verify(pool, token, pool.codes(NEW)[-1])
    assert address(pool) == (OLD, "true")


def test_a_removed_address(pool: PoolDriver, token: str) -> None:
    """Removing the address takes back what waits for its place."""
    update(pool, token, NEW)
    pool.api.delete_user_attributes(AccessToken=token, UserAttributeNames=["email"])

    with refused("InvalidParameterException", "User does not have the attribute email."):
        verify(pool, token, pool.codes(NEW)[-1])
    assert "email" not in pool.described()["attributes"]


def test_an_address_that_was_taken_meanwhile(pool: PoolDriver, token: str) -> None:
    """If another user has the address by then, the code does not help."""
    update(pool, token, NEW)
    code = pool.codes(NEW)[-1]
    pool.user(BOB, email=NEW)

    with refused("AliasExistsException", "An account with the given email already exists."):
        verify(pool, token, code)
    assert address(pool) == (OLD, "true")


def admin_update(pool: PoolDriver, **attributes: str) -> None:
    """AdminUpdateUserAttributes."""
    listed: Any = [{"Name": name, "Value": value} for name, value in attributes.items()]
    pool.api.admin_update_user_attributes(UserPoolId=pool.id, Username=ALICE, UserAttributes=listed)


def test_an_administrator_waits_too(pool: PoolDriver, token: str) -> None:
    """An administrator's new address is sent a code as well, which the user gives."""
    admin_update(pool, email=NEW)
    assert address(pool) == (OLD, "true")

    verify(pool, token, pool.codes(NEW)[-1])

    assert address(pool) == (NEW, "true")


def test_an_administrator_may_vouch(pool: PoolDriver, token: str) -> None:
    """An address that an administrator calls verified counts at once, in place of one that waits."""
    update(pool, token, NEW)
    sent = len(pool.codes())

    admin_update(pool, email=NEWER, email_verified="true")

    assert address(pool) == (NEWER, "true")
    assert len(pool.codes()) == sent
    with refused(*CODE_EXPIRED):
        verify(pool, token, pool.codes(NEW)[-1])


def test_a_later_user_of_the_name(pool: PoolDriver, token: str) -> None:
    """What waited for a user who was deleted does not wait for the next one of that name."""
    update(pool, token, NEW)
    pool.api.admin_delete_user(UserPoolId=pool.id, Username=ALICE)
    pool.user()
    token = pool.sign_in()["AuthenticationResult"]["AccessToken"]

    sent = pool.api.get_user_attribute_verification_code(AccessToken=token, AttributeName="email")

    assert sent["CodeDeliveryDetails"]["Destination"] == "a***@e***"


def test_other_addresses_do_not_wait(make_pool: Callable[..., PoolDriver]) -> None:
    """Where the pool does not ask for it, a new address counts at once, unverified."""
    pool = make_pool()
    pool.user()

    update(pool, pool.sign_in()["AuthenticationResult"]["AccessToken"], NEW)

    assert address(pool) == (NEW, "false")
