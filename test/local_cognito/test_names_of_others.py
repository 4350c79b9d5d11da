"""Names of others: no user gets a name that leads to another one, of whatever kind it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from test.support.pool_driver import ALICE, BOB, PASSWORD, USER_EXISTS, PoolDriver, refused

if TYPE_CHECKING:
    from collections.abc import Callable

EMAIL, PHONE = "alice@example.com", "+15555550100"
ALIASES = {"AliasAttributes": ["email", "phone_number", "preferred_username"]}
INVALID = "InvalidParameterException"
EXISTS_FOR_ADMIN = ("UsernameExistsException", "User account already exists")
IS_USER_NAME = ("AliasExistsException", "User account already exists for the alias.")
BY_PHONE = "Username cannot be of phone number format, since user pool is configured for phone number alias."


def alias_exists(name: str) -> tuple[str, str]:
    """Return the refusal of an alias that is another user's."""
    return ("AliasExistsException", f"An account with the given {name} already exists.")


def give(pool: PoolDriver, name: str, **attributes: str) -> None:
    """Let an administrator give a user attributes."""
    listed = [{"Name": key, "Value": value} for key, value in attributes.items()]
    pool.api.admin_update_user_attributes(UserPoolId=pool.id, Username=name, UserAttributes=listed)


@pytest.fixture
def alias_pool(make_pool: Callable[..., PoolDriver]) -> PoolDriver:
    """Return a pool with every alias, and Alice, who has one of each."""
    pool = make_pool(ALIASES)
    pool.user(ALICE)
    give(pool, ALICE, phone_number=PHONE, phone_number_verified="true", preferred_username="al")
    return pool


@pytest.mark.parametrize("by_admin", [True, False])
@pytest.mark.parametrize("kind", ["sub", "preferred_username", "username"])
def test_user_name(alias_pool: PoolDriver, kind: str, *, by_admin: bool) -> None:
    """Nobody signs up, or is made, under a name that leads to another user."""
    names = {"username": ALICE} | alias_pool.described()["attributes"]

    with refused(*(EXISTS_FOR_ADMIN if by_admin else USER_EXISTS)):
        if by_admin:
            alias_pool.api.admin_create_user(UserPoolId=alias_pool.id, Username=names[kind])
        else:
            alias_pool.sign_up(names[kind], email="other@example.com")
    assert alias_pool.described(names[kind])["Username"] == ALICE
    assert alias_pool.sign_in(names[kind] if kind != "sub" else ALICE)["AuthenticationResult"]


def test_telephone_number(alias_pool: PoolDriver) -> None:
    """A telephone number is no user name where it is an alias."""
    for number in (PHONE, "+15555550199"):
        with refused(INVALID, BY_PHONE):
            alias_pool.sign_up(number, email="other@example.com")


def test_sub_in_a_plain_pool(pool: PoolDriver) -> None:
    """A sub is no user name for another in a pool without aliases either."""
    sub = pool.sign_up()["UserSub"]

    with refused(*USER_EXISTS):
        pool.sign_up(sub)


@pytest.mark.parametrize("spelling", ["AL", "aL"])
def test_spelling(make_pool: Callable[..., PoolDriver], spelling: str) -> None:
    """Where case does not count, it makes no other name."""
    pool = make_pool(ALIASES | {"UsernameConfiguration": {"CaseSensitive": False}})
    pool.user(ALICE, attributes={"preferred_username": "al"})

    with refused(*USER_EXISTS):
        pool.sign_up(spelling, email="other@example.com")


class TestPreferredUsername:
    """The alias preferred_username is a confirmed user's, and leads to no one else."""

    def test_unconfirmed(self, alias_pool: PoolDriver) -> None:
        """Before the confirmation it leads to nobody, and keeps no one from it."""
        alias_pool.sign_up(BOB, attributes={"preferred_username": "bobby"})
        with pytest.raises(ClientError, match="User does not exist"):
            alias_pool.described("bobby")
        alias_pool.user("carol", attributes={"preferred_username": "bobby"})

        assert alias_pool.described("bobby")["Username"] == "carol"

    @pytest.mark.parametrize("by_admin", [True, False])
    def test_taken_before_the_confirmation(self, alias_pool: PoolDriver, *, by_admin: bool) -> None:
        """Who signed up with another's name is not confirmed under it."""
        alias_pool.sign_up(BOB, attributes={"preferred_username": "al"})
        code = alias_pool.codes(f"{BOB}@example.com")[-1]

        with refused(*alias_exists("preferred_username")):
            if by_admin:
                alias_pool.api.admin_confirm_sign_up(UserPoolId=alias_pool.id, Username=BOB)
            else:
                alias_pool.confirm(BOB, code, ForceAliasCreation=True)
        assert alias_pool.described("al")["Username"] == ALICE
        assert alias_pool.described(BOB)["UserStatus"] == "UNCONFIRMED"

    @pytest.mark.parametrize("name", ["al", ALICE, "sub"])
    def test_changed_later(self, alias_pool: PoolDriver, name: str) -> None:
        """Nor does a user take one later that leads to another, as any kind of name."""
        alias_pool.user(BOB)
        name = alias_pool.described()["attributes"]["sub"] if name == "sub" else name

        is_user_name = name == ALICE
        with refused(*(IS_USER_NAME if is_user_name else alias_exists("preferred_username"))):
            give(alias_pool, BOB, preferred_username=name)
        assert alias_pool.described(name)["Username"] == ALICE

    def test_invited(self, alias_pool: PoolDriver) -> None:
        """A user whom an administrator makes gets no other user's either."""
        listed = [{"Name": "preferred_username", "Value": "al"}]

        with refused(*EXISTS_FOR_ADMIN):
            alias_pool.api.admin_create_user(UserPoolId=alias_pool.id, Username=BOB, UserAttributes=listed)


class TestForce:
    """ForceAliasCreation moves addresses, all of them, and nothing else."""

    def test_every_address(self, make_pool: Callable[..., PoolDriver]) -> None:
        """Two addresses of two users move to the one who shows a code, and are unverified there."""
        pool = make_pool({"AliasAttributes": ["email", "phone_number"]})
        pool.user(ALICE, email="shared@example.com")
        pool.user("carol")
        give(pool, "carol", phone_number=PHONE, phone_number_verified="true")
        pool.sign_up(BOB, email="shared@example.com", attributes={"phone_number": PHONE})
        with pool.changed("users", pool.id, BOB) as bob:
            bob.attributes["phone_number_verified"] = "true"
        pool.confirm(BOB, pool.codes("shared@example.com")[-1], ForceAliasCreation=True)

        assert pool.described("shared@example.com")["Username"] == BOB
        assert pool.described(PHONE)["Username"] == BOB
        assert pool.described(ALICE)["attributes"]["email_verified"] == "false"
        assert pool.described("carol")["attributes"]["phone_number_verified"] == "false"

    def test_password_stays_with_its_user(self, make_pool: Callable[..., PoolDriver]) -> None:
        """Who had the address before signs in by user name as ever."""
        pool = make_pool({"AliasAttributes": ["email"]})
        pool.user(ALICE, email=EMAIL)
        pool.sign_up(BOB, "Bobs-Own-Secret-2!", email=EMAIL)
        pool.confirm(BOB, pool.codes(EMAIL)[-1], ForceAliasCreation=True)

        assert pool.sign_in(ALICE, PASSWORD)["AuthenticationResult"]
        assert pool.sign_in(EMAIL, "Bobs-Own-Secret-2!")["AuthenticationResult"]
