"""What signed-in users do with their own account: attributes and their verification, the password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from test.support.pool_driver import (
    ALICE,
    ATTEMPT_LIMIT,
    BOB,
    CODE_EXPIRED,
    CODE_MISMATCH,
    HOUR,
    INCORRECT,
    LOCKED_OUT,
    PASSWORD,
    TOKEN_INVALID,
    WRONG_PASSWORD,
    missing,
    refused,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import PoolDriver


INVALID = "InvalidParameterException"
NEW_EMAIL, NEW_PASSWORD = "new@example.org", "Another-Horse-2!"


@pytest.fixture
def token(pool: PoolDriver) -> str:
    """Return the access token of a new user."""
    pool.user()
    return str(pool.sign_in()["AuthenticationResult"]["AccessToken"])


def attributes(pool: PoolDriver, token: str) -> dict[str, str]:
    """Return the user's attributes as GetUser gives them."""
    user = pool.api.get_user(AccessToken=token)
    return {item["Name"]: item["Value"] for item in user["UserAttributes"]}


def update(pool: PoolDriver, token: str, **changes: Any) -> dict[str, Any]:
    """UpdateUserAttributes."""
    listed = [{"Name": name, "Value": value} for name, value in changes.items()]
    return pool.api.update_user_attributes(AccessToken=token, UserAttributes=listed)


def change_password(
    pool: PoolDriver, token: str, old: str = PASSWORD, new: str = NEW_PASSWORD
) -> dict[str, Any]:
    """ChangePassword."""
    return pool.api.change_password(AccessToken=token, PreviousPassword=old, ProposedPassword=new)


def test_get_user(pool: PoolDriver, token: str) -> None:
    """GetUser gives name and attributes."""
    assert pool.api.get_user(AccessToken=token)["Username"] == ALICE
    assert attributes(pool, token)["email_verified"] == "true"


def test_every_action_needs_an_access_token(pool: PoolDriver) -> None:
    """None of the user's own actions takes anything else."""
    calls: tuple[Callable[[], Any], ...] = (
        lambda: pool.api.get_user(AccessToken="x"),
        lambda: update(pool, "x", name="A"),
        lambda: pool.api.delete_user_attributes(AccessToken="x", UserAttributeNames=["name"]),
        lambda: pool.api.get_user_attribute_verification_code(AccessToken="x", AttributeName="email"),
        lambda: pool.api.verify_user_attribute(AccessToken="x", AttributeName="email", Code="1"),
        lambda: change_password(pool, "x"),
    )
    for call in calls:
        with refused(*TOKEN_INVALID):
            call()


def test_changed_address_is_unverified_and_gets_a_code(pool: PoolDriver, token: str) -> None:
    """A new e-mail address counts as unverified until its own code comes back."""
    details = update(pool, token, email=NEW_EMAIL)["CodeDeliveryDetailsList"]

    assert details == [{"Destination": "n***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}]
    assert attributes(pool, token)["email_verified"] == "false"
    pool.api.verify_user_attribute(AccessToken=token, AttributeName="email", Code=pool.codes(NEW_EMAIL)[-1])
    assert attributes(pool, token)["email_verified"] == "true"


def test_other_attributes_get_no_code(pool: PoolDriver, token: str) -> None:
    """Attributes that are no addresses, or do not change, are just set."""
    assert "CodeDeliveryDetailsList" not in update(pool, token, given_name="Alice")
    assert "CodeDeliveryDetailsList" not in update(pool, token, email=f"{ALICE}@example.com")
    assert attributes(pool, token)["email_verified"] == "true"
    assert attributes(pool, token)["given_name"] == "Alice"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"email": "nonsense"}, (INVALID, "Invalid email address format.")),
        ({"phone_number": "123"}, (INVALID, "Invalid phone number format.")),
        ({"email_verified": "true"}, (INVALID, "Cannot modify the non-mutable attribute email_verified")),
    ],
)
def test_bad_changes_are_refused(
    pool: PoolDriver, token: str, changes: dict[str, str], refusal: tuple[str, str]
) -> None:
    """Addresses must look like addresses, and nobody verifies their own."""
    with refused(*refusal):
        update(pool, token, **changes)


def test_immutable_attributes_stay(make_pool: Callable[..., PoolDriver]) -> None:
    """An attribute that the schema makes immutable can't be changed or deleted."""
    schema = [{"Name": "nickname", "AttributeDataType": "String", "Mutable": False}]
    pool = make_pool({"Schema": schema})
    pool.user(attributes={"nickname": "Al"})
    token = pool.sign_in()["AuthenticationResult"]["AccessToken"]

    with refused(INVALID, "user.nickname: Attribute cannot be updated.\n"):
        update(pool, token, nickname="B")
    problem = "This attribute does not satisfy the mutability validation defined in the schema."
    with refused(INVALID, f"Invalid user attributes: nickname: {problem}"):
        pool.api.delete_user_attributes(AccessToken=token, UserAttributeNames=["nickname"])


def test_address_of_another_user(make_pool: Callable[..., PoolDriver]) -> None:
    """Where the address is the user name, nobody takes over another's."""
    pool = make_pool({"UsernameAttributes": ["email"]})
    for name in (ALICE, BOB):
        pool.sign_up(f"{name}@example.com", email=None)
        pool.confirm(f"{name}@example.com")
    token = pool.sign_in(f"{ALICE}@example.com")["AuthenticationResult"]["AccessToken"]

    with refused("AliasExistsException", "An account with the given email already exists."):
        update(pool, token, email=f"{BOB}@example.com")


def test_deleted_attributes_are_gone(pool: PoolDriver, token: str) -> None:
    """DeleteUserAttributes takes the attribute, and what was known of its verification."""
    pool.api.delete_user_attributes(AccessToken=token, UserAttributeNames=["email"])

    assert set(attributes(pool, token)) == {"sub"}


def test_required_attributes_stay(make_pool: Callable[..., PoolDriver]) -> None:
    """What the schema requires is not deleted."""
    pool = make_pool({"Schema": [{"Name": "email", "AttributeDataType": "String", "Required": True}]})
    pool.user()
    token = pool.sign_in()["AuthenticationResult"]["AccessToken"]

    with refused(INVALID, "Invalid user attributes: emails: The attribute emails is required"):
        pool.api.delete_user_attributes(AccessToken=token, UserAttributeNames=["email"])


class TestVerifying:
    """GetUserAttributeVerificationCode and VerifyUserAttribute."""

    @staticmethod
    def send(pool: PoolDriver, token: str, name: str = "email") -> dict[str, Any]:
        """Have a code sent."""
        return pool.api.get_user_attribute_verification_code(AccessToken=token, AttributeName=name)

    @staticmethod
    def verify(pool: PoolDriver, token: str, code: str, name: str = "email") -> dict[str, Any]:
        """Give a code back."""
        return pool.api.verify_user_attribute(AccessToken=token, AttributeName=name, Code=code)

    def test_right_code_works_once(self, pool: PoolDriver, token: str) -> None:
        """The code verifies the address, and is used up by that."""
        assert self.send(pool, token)["CodeDeliveryDetails"]["AttributeName"] == "email"
        code = pool.codes()[-1]
        self.verify(pool, token, code)

        with refused(*CODE_EXPIRED):
            self.verify(pool, token, code)

    def test_wrong_and_late_codes(self, pool: PoolDriver, token: str) -> None:
        """A wrong code is a mismatch; after 24 hours the right one has expired."""
        self.send(pool, token)
        with refused(*CODE_MISMATCH):
            self.verify(pool, token, "wrong")
        pool.clock.advance(24 * HOUR)
        fresh = pool.sign_in()["AuthenticationResult"]["AccessToken"]

        with refused(*CODE_EXPIRED):
            self.verify(pool, fresh, pool.codes()[-1])

    def test_no_code_was_sent(self, pool: PoolDriver, token: str) -> None:
        """Without a code there is nothing to give back."""
        with refused(*CODE_EXPIRED):
            self.verify(pool, token, "123456")

    @pytest.mark.parametrize("name", ["given_name", "sub"])
    def test_only_addresses(self, pool: PoolDriver, token: str, name: str) -> None:
        """Only e-mail addresses and telephones can be verified."""
        message = "Invalid attribute name. Only phone_number and email can be verified."

        with refused(INVALID, message):
            self.send(pool, token, name)
        with refused(INVALID, message):
            self.verify(pool, token, "1", name)

    def test_quotas(self, pool: PoolDriver, token: str) -> None:
        """Five codes an hour are sent, fifteen tries taken."""
        for _ in range(5):
            self.send(pool, token)
        with refused(*ATTEMPT_LIMIT):
            self.send(pool, token)
        for _ in range(15):
            with refused(*CODE_MISMATCH):
                self.verify(pool, token, "wrong")
        with refused(*ATTEMPT_LIMIT):
            self.verify(pool, token, pool.codes()[-1])


class TestChangingThePassword:
    """ChangePassword."""

    def test_new_password_counts(self, pool: PoolDriver, token: str) -> None:
        """After it the new password signs in, and the old one no longer."""
        change_password(pool, token)

        assert pool.sign_in(password=NEW_PASSWORD)["AuthenticationResult"]
        with refused(*INCORRECT):
            pool.sign_in()

    def test_wrong_old_password(self, pool: PoolDriver, token: str) -> None:
        """The old password is checked first, before the policy of the new one."""
        with refused(*INCORRECT):
            change_password(pool, token, old=WRONG_PASSWORD, new="short1")

    def test_old_password_left_out(self, pool: PoolDriver, token: str) -> None:
        """The old password is needed."""
        with refused(*missing("OldPassword")):
            pool.api.change_password(AccessToken=token, ProposedPassword=NEW_PASSWORD)

    def test_policy(self, pool: PoolDriver, token: str) -> None:
        """The new password must conform with the policy."""
        with refused(
            "InvalidPasswordException", "Password did not conform with policy: Password not long enough"
        ):
            change_password(pool, token, new="Ab1!x")

    def test_guessing_is_limited(self, pool: PoolDriver, token: str) -> None:
        """Five attempts an hour are the most; wrong old passwords lock sign-ins."""
        for _ in range(5):
            with refused(*INCORRECT):
                change_password(pool, token, old=WRONG_PASSWORD)
        with refused(*ATTEMPT_LIMIT):
            change_password(pool, token)
        with refused(*LOCKED_OUT):
            pool.sign_in()
