"""What Cognito says of attributes that are not in the schema or are missing, and what it stores unasked."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from local_cognito import LocalCognito
from test.support.pool_driver import ALICE, PASSWORD, refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import Api, PoolDriver

INVALID = "InvalidParameterException"
TEMPORARY = "Temporary-Horse-1!"
EMAIL, PHONE = "alice@example.com", "+12065550100"
ABSENT = "Attribute does not exist in the schema.\n"


def listed(attributes: dict[str, str]) -> Any:
    """Return attributes as the API lists them."""
    return [{"Name": name, "Value": value} for name, value in attributes.items()]


def create(pool: PoolDriver, **attributes: str) -> dict[str, Any]:
    """AdminCreateUser with a temporary password."""
    fields = {"TemporaryPassword": TEMPORARY, "UserAttributes": listed(attributes)}
    answer: Any = pool.api.admin_create_user(UserPoolId=pool.id, Username=ALICE, **fields)
    user: dict[str, Any] = answer["User"]
    return user


def challenged(pool: PoolDriver) -> Any:
    """Sign in with the temporary password."""
    return pool.sign_in(password=TEMPORARY)


def choose(pool: PoolDriver, session: str, attributes: dict[str, str]) -> Any:
    """Answer NEW_PASSWORD_REQUIRED with attributes."""
    given: Any = {f"userAttributes.{name}": value for name, value in attributes.items()}
    return pool.answer("NEW_PASSWORD_REQUIRED", ALICE, session, NEW_PASSWORD=PASSWORD, **given)


class TestUnknown:
    """Attributes that the schema does not have."""

    def test_at_sign_up(self, pool: PoolDriver) -> None:
        """SignUp and AdminCreateUser name every custom attribute that is not there."""
        attributes = {"custom:a": "1", "email": EMAIL, "custom:b": "2"}
        message = f"Attributes did not conform to the schema: custom:a: {ABSENT}custom:b: {ABSENT}"

        with refused(INVALID, message):
            pool.sign_up(attributes=attributes)
        with refused(INVALID, message):
            create(pool, **attributes)

    def test_in_a_change(self, pool: PoolDriver) -> None:
        """A change names every attribute that is not there, with user. before it, and changes nothing."""
        pool.user()
        token = pool.sign_in()["AuthenticationResult"]["AccessToken"]
        changes = listed({"name": "Alice", "update_email": "x", "custom:a": "1"})
        message = f"user.update_email: {ABSENT}user.custom:a: {ABSENT}"

        with refused(INVALID, message):
            pool.api.update_user_attributes(AccessToken=token, UserAttributes=changes)
        with refused(INVALID, message):
            pool.api.admin_update_user_attributes(UserPoolId=pool.id, Username=ALICE, UserAttributes=changes)
        assert "name" not in pool.described()["attributes"]

    def test_in_a_removal(self, pool: PoolDriver) -> None:
        """Removing what is not there is refused, to a user and to an administrator."""
        pool.user(attributes={"name": "Alice"})
        token = pool.sign_in()["AuthenticationResult"]["AccessToken"]
        names = ["name", "custom:a", "custom:b"]
        message = "Invalid user attributes: Type for attribute {custom:a} could not be determined"

        with refused(INVALID, message):
            pool.api.delete_user_attributes(AccessToken=token, UserAttributeNames=names)
        with refused(INVALID, message):
            pool.api.admin_delete_user_attributes(
                UserPoolId=pool.id, Username=ALICE, UserAttributeNames=names
            )
        assert pool.described()["attributes"]["name"] == "Alice"


class TestNewPasswordRequired:
    """What the challenge shows, and the attributes of its answer."""

    def test_shows_the_attributes_but_not_the_sub(self, pool: PoolDriver) -> None:
        """A client that sends back what it was shown, less email_verified, is let in."""
        create(pool, email=EMAIL, email_verified="true", name="Alice")
        challenge = challenged(pool)
        shown = json.loads(challenge["ChallengeParameters"]["userAttributes"])
        assert shown == {"email": EMAIL, "email_verified": "true", "name": "Alice"}

        del shown["email_verified"]
        answer = choose(pool, challenge["Session"], shown)

        assert "AuthenticationResult" in answer
        assert pool.described()["attributes"]["email_verified"] == "true"

    def test_names_all_that_is_missing(self, make_pool: Callable[..., PoolDriver]) -> None:
        """Required attributes that are not given are named together; the session stays good."""
        schema = [{"Name": name, "Required": True} for name in ("given_name", "family_name")]
        pool = make_pool({"Schema": schema})
        create(pool)
        session = challenged(pool)["Session"]

        with refused(INVALID, "Invalid attributes given, given_name and family_name is missing"):
            choose(pool, session, {})
        with refused(INVALID, "Invalid attributes given, family_name is missing"):
            choose(pool, session, {"given_name": "Alice"})
        assert "AuthenticationResult" in choose(pool, session, {"given_name": "Alice", "family_name": "A"})

    def test_leaves_immutable_attributes_alone(self, make_pool: Callable[..., PoolDriver]) -> None:
        """An immutable attribute that has a value can't be given again."""
        schema = [{"Name": "team", "AttributeDataType": "String", "Mutable": False}]
        pool = make_pool({"Schema": schema})
        create(pool, **{"custom:team": "red"})
        session = challenged(pool)["Session"]

        with refused(INVALID, "Cannot modify the non-mutable attribute custom:team"):
            choose(pool, session, {"custom:team": "blue"})
        assert pool.described()["attributes"]["custom:team"] == "red"


class TestStored:
    """What a new user has."""

    def test_nothing_but_what_was_given(self, pool: PoolDriver) -> None:
        """AdminCreateUser stores the sub and what it was given: no flags of verification appear."""
        user = create(pool, email=EMAIL, phone_number=PHONE)

        stored = {one["Name"]: one["Value"] for one in user["Attributes"]}
        assert stored == {"sub": stored["sub"], "email": EMAIL, "phone_number": PHONE}
        assert pool.described()["attributes"] == stored

    def test_flags_after_sign_up(self, pool: PoolDriver) -> None:
        """After SignUp addresses are called unverified."""
        pool.sign_up(attributes={"phone_number": PHONE})

        stored = pool.described()["attributes"]
        assert (stored["email_verified"], stored["phone_number_verified"]) == ("false", "false")

    @pytest.mark.parametrize("value", ["True", "TRUE", "true", "tRuE"])
    def test_true_in_any_case(self, pool: PoolDriver, value: str) -> None:
        """A Boolean attribute is true in any spelling: such an address can be used for a reset."""
        create(pool, email=EMAIL, email_verified=value)
        choose(pool, challenged(pool)["Session"], {})

        assert pool.described()["attributes"]["email_verified"] == "true"
        details = pool.api.forgot_password(ClientId=pool.client_id, Username=ALICE)["CodeDeliveryDetails"]
        assert details["Destination"] == "a***@e***"

    @pytest.mark.parametrize("value", ["yes", "1", "truee", " true"])
    def test_what_is_neither_true_nor_false(self, pool: PoolDriver, value: str) -> None:
        """Any other value of a Boolean attribute is refused."""
        with pytest.raises(pool.api.exceptions.InvalidParameterException):
            create(pool, email=EMAIL, email_verified=value)

    def test_dates(self, connect: Callable[..., Api]) -> None:
        """A new user was modified when they were made, also where time goes on; later changes come later."""
        moments = (float(second) for second in range(int(time.time()), 2**40))
        with LocalCognito(clock=lambda: next(moments)) as server:
            api = connect(server.url)
            pool_id = api.create_user_pool(PoolName="dates")["UserPool"]["Id"]
            user = api.admin_create_user(UserPoolId=pool_id, Username=ALICE)["User"]
            assert user["UserCreateDate"] == user["UserLastModifiedDate"]

            api.admin_disable_user(UserPoolId=pool_id, Username=ALICE)
            later = api.admin_get_user(UserPoolId=pool_id, Username=ALICE)
            assert later["UserCreateDate"] == user["UserCreateDate"] < later["UserLastModifiedDate"]
