"""Users as an administrator sees them: AdminGetUser, ListUsers, and DeleteUser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from test.support.inside import store_of
from test.support.pool_driver import ALICE, BOB, PASSWORD, USER_NOT_FOUND, refused
from test.support.pools import TRACKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import PoolDriver


BAD_FILTER = ("InvalidParameterException", "Error while parsing filter.")
BAD_TOKEN = ("InvalidParameterException", "Invalid pagination token.")


def names(pool: PoolDriver, **fields: Any) -> list[str]:
    """Return the user names of one page of ListUsers."""
    return [user["Username"] for user in pool.api.list_users(UserPoolId=pool.id, **fields)["Users"]]


def test_admin_get_user_describes_the_user(pool: PoolDriver) -> None:
    """AdminGetUser gives state, dates and attributes; MFA settings only where there are any."""
    sub = pool.sign_up()["UserSub"]
    user = pool.api.admin_get_user(UserPoolId=pool.id, Username=ALICE)
    attributes = {item["Name"]: item["Value"] for item in user["UserAttributes"]}

    assert attributes == {"sub": sub, "email": f"{ALICE}@example.com", "email_verified": "false"}
    assert (user["Username"], user["UserStatus"], user["Enabled"]) == (ALICE, "UNCONFIRMED", True)
    assert user["UserCreateDate"].timestamp() == pytest.approx(pool.clock.now)
    assert not {"UserMFASettingList", "PreferredMfaSetting"} & set(user)


def test_modification_date_moves(pool: PoolDriver) -> None:
    """A change moves the date of the last modification, not that of creation."""
    pool.sign_up()
    pool.clock.advance(100)
    pool.confirm()
    user = pool.described()

    assert (user["UserLastModifiedDate"] - user["UserCreateDate"]).total_seconds() == pytest.approx(100)


def test_admin_get_user_tells_the_active_factors(mfa_pool: PoolDriver) -> None:
    """A user who enrolled an app has it in the list of factors."""
    mfa_pool.enrolled()

    assert mfa_pool.described()["UserMFASettingList"] == ["SOFTWARE_TOKEN_MFA"]


def test_admin_get_user_takes_sub_and_alias(make_pool: Callable[..., PoolDriver]) -> None:
    """Administrators find a user by sub and by a verified alias too."""
    pool = make_pool({"AliasAttributes": ["email"]})
    pool.user()
    sub = pool.described()["attributes"]["sub"]

    assert pool.described(sub)["Username"] == ALICE
    assert pool.described(f"{ALICE}@example.com")["Username"] == ALICE


def test_admin_get_user_says_who_does_not_exist(make_pool: Callable[..., PoolDriver]) -> None:
    """Administrators are told that a user does not exist, whatever the client hides."""
    pool = make_pool(client={"PreventUserExistenceErrors": "ENABLED"})

    with refused(*USER_NOT_FOUND):
        pool.described("nobody")


def test_list_users_gives_every_user(pool: PoolDriver) -> None:
    """ListUsers gives every user of this pool with their state."""
    for name in (BOB, ALICE):
        pool.sign_up(name)
    pool.confirm(BOB, pool.codes(f"{BOB}@example.com")[-1])
    users = pool.api.list_users(UserPoolId=pool.id)

    states = {user["Username"]: user["UserStatus"] for user in users["Users"]}
    assert states == {BOB: "CONFIRMED", ALICE: "UNCONFIRMED"}
    assert "PaginationToken" not in users


def test_list_users_pages(pool: PoolDriver) -> None:
    """A page has 60 users at most; boto3's paginator finds all of them, each once."""
    expected = [f"user{number}" for number in range(125)]
    store = store_of(pool.server)
    pool.sign_up("user0")
    with store.transaction():
        first = store.users.get(pool.id, "user0")
        assert first
        for name in expected[1:]:
            store.users.put(type(first)(**vars(first) | {"username": name, "sub": name}))

    pages = list(pool.api.get_paginator("list_users").paginate(UserPoolId=pool.id))

    assert [len(page["Users"]) for page in pages] == [60, 60, 5]
    assert sorted(user["Username"] for page in pages for user in page["Users"]) == sorted(expected)


def test_full_last_page_has_no_token(pool: PoolDriver) -> None:
    """A page that ends with the last user says that nothing follows."""
    for name in (ALICE, BOB):
        pool.sign_up(name)

    assert "PaginationToken" not in pool.api.list_users(UserPoolId=pool.id, Limit=2)
    assert len(names(pool, Limit=1)) == 1


def test_limit_of_zero_means_a_whole_page(pool: PoolDriver) -> None:
    """The model allows a Limit of 0; it does not mean an empty page."""
    pool.sign_up()

    assert names(pool, Limit=0) == [ALICE]


def test_pagination_token_must_be_one_that_was_given(pool: PoolDriver) -> None:
    """A made-up token is refused."""
    with refused(*BAD_TOKEN):
        names(pool, PaginationToken="§§§")


def test_attributes_to_get(pool: PoolDriver) -> None:
    """ListUsers gives only the attributes that were asked for."""
    pool.sign_up()
    user = pool.api.list_users(UserPoolId=pool.id, AttributesToGet=["email"])["Users"][0]

    assert user["Attributes"] == [{"Name": "email", "Value": f"{ALICE}@example.com"}]


@pytest.mark.parametrize(
    ("filter_text", "expected"),
    [
        ('username = "alice"', [ALICE]),
        ('username ^= "al"', [ALICE, "albert"]),
        ('username ^= "AL"', []),
        ('email = "bob@example.com"', [BOB]),
        ('"email" ^= "bo"', [BOB]),
        ('cognito:user_status = "confirmed"', [BOB]),
        ('cognito:user_status ^= "UN"', [ALICE, "albert"]),
        ('status = "Enabled"', [ALICE, "albert"]),
        ('status = "Disabled"', [BOB]),
        ('given_name = "A \\"quoted\\" name"', ["albert"]),
        ('username = "a%"', []),
        ("", [ALICE, "albert", BOB]),
        ("  ", [ALICE, "albert", BOB]),
    ],
)
def test_filters(pool: PoolDriver, filter_text: str, expected: list[str]) -> None:
    """Filters compare one attribute, whole (=) or from its start (^=)."""
    pool.sign_up(ALICE)
    pool.sign_up("albert", attributes={"given_name": 'A "quoted" name'})
    pool.user(BOB)
    pool.change_user(BOB, enabled=False)

    assert sorted(names(pool, Filter=filter_text)) == sorted(expected)


def test_filter_by_sub(pool: PoolDriver) -> None:
    """A user can be found by sub."""
    sub = pool.sign_up(ALICE)["UserSub"]
    pool.sign_up(BOB)

    assert names(pool, Filter=f'sub = "{sub}"') == [ALICE]


@pytest.mark.parametrize(
    "filter_text",
    [
        "email",
        "email = bob",
        'email > "b"',
        'email = "a" AND sub = "b"',
        'email = "a" OR 1=1',
    ],
)
def test_bad_filters_are_refused(pool: PoolDriver, filter_text: str) -> None:
    """What is no filter, or names an attribute that is not searchable, is refused."""
    with refused(*BAD_FILTER):
        names(pool, Filter=filter_text)


def test_deleted_user_leaves_nothing_behind(make_pool: Callable[..., PoolDriver]) -> None:
    """DeleteUser removes the user and all of theirs but ended sign-ins; the name is free again."""
    pool = make_pool(
        {"DeviceConfiguration": TRACKING},
        {"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": True}},
    )
    secret = pool.enrolled()
    result = pool.sign_in_with_mfa(secret)
    pool.track(result)
    sub = pool.described()["attributes"]["sub"]
    pool.api.delete_user(AccessToken=result["AccessToken"])

    with refused(*USER_NOT_FOUND):
        pool.described()
    store = store_of(pool.server)
    with store.transaction():
        tables = (
            store.names,
            store.codes,
            store.attempts,
            store.sessions,
            store.devices,
            store.users,
        )
        left = [record for table in tables for record in table.where(pool_id=pool.id)]
    assert left == []
    assert pool.sign_up(password=PASSWORD)["UserSub"] != sub
