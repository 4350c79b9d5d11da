"""SignUp: what it answers, what it keeps, and everything that it refuses."""

from __future__ import annotations

import base64
import sqlite3
import uuid
from typing import TYPE_CHECKING

import pytest

from local_cognito import LocalCognito
from test.support.inside import store_of
from test.support.pool_driver import (
    ALICE,
    BOB,
    HOUR,
    PASSWORD,
    USER_EXISTS,
    Clock,
    PoolDriver,
    missing,
    refused,
)
from test.support.pools import SMS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from test.support.pool_driver import Api


INVALID = "InvalidParameterException"
POLICY = "Password did not conform with policy: "
ALIAS_EXISTS = ("AliasExistsException", "An account with the given email already exists.")
ACCOUNT_EXISTS = ("UsernameExistsException", "An account with the given email already exists.")
EMAIL = "carol@example.com"
PHONE = "+14325551212"


@pytest.fixture
def alias_pool(make_pool: Callable[..., PoolDriver]) -> PoolDriver:
    """Return a pool in which a verified e-mail address leads to its user."""
    return make_pool({"AliasAttributes": ["email"]})


@pytest.fixture
def email_pool(make_pool: Callable[..., PoolDriver]) -> PoolDriver:
    """Return a pool whose users sign up with an e-mail address in place of a name."""
    return make_pool({"UsernameAttributes": ["email"]})


def test_answer_has_sub_and_masked_destination(pool: PoolDriver) -> None:
    """SignUp answers the user's UUID, that they are not confirmed, and where the code went."""
    answer = pool.sign_up(ALICE, email="jane.doe@sub.example.com")

    uuid.UUID(answer["UserSub"], version=4)
    assert answer["UserConfirmed"] is False
    assert answer["CodeDeliveryDetails"] == {
        "Destination": "j***@s***",
        "DeliveryMedium": "EMAIL",
        "AttributeName": "email",
    }
    assert set(answer) == {"UserSub", "UserConfirmed", "CodeDeliveryDetails", "ResponseMetadata"}


def test_new_user_is_unconfirmed_and_unverified(pool: PoolDriver) -> None:
    """A user who has just signed up is enabled, UNCONFIRMED, and their address is not verified."""
    sub = pool.sign_up(ALICE, attributes={"name": "Alice"})["UserSub"]

    user = pool.described(ALICE)

    assert (user["Username"], user["UserStatus"], user["Enabled"]) == (ALICE, "UNCONFIRMED", True)
    assert user["attributes"] == {
        "sub": sub,
        "email": "alice@example.com",
        "email_verified": "false",
        "name": "Alice",
    }
    assert user["UserCreateDate"].timestamp() == user["UserLastModifiedDate"].timestamp() == pool.clock.now


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("a", "Password not long enough"),
        ("Short1!", "Password not long enough"),
        ("lower-and-nothing-else", "Password must have uppercase characters"),
        ("1234567!", "Password must have uppercase characters"),
        ("UPPER-BUT-NO-LOWER", "Password must have lowercase characters"),
        ("Letters-Only", "Password must have numeric characters"),
        ("Letters1Digits", "Password must have symbol characters"),
        ("Pound1£Sign", "Password must have symbol characters"),
    ],
)
def test_default_policy_refuses_with_the_first_reason(pool: PoolDriver, password: str, reason: str) -> None:
    """Without a policy of its own a pool wants 8 characters of four kinds, and names the first it lacks."""
    with refused("InvalidPasswordException", POLICY + reason):
        pool.sign_up(ALICE, password)


@pytest.mark.parametrize("password", ["Exact1y!", "Aa1" + "x" * 252 + "~"])
def test_default_policy_accepts_its_limits(pool: PoolDriver, password: str) -> None:
    """Eight characters of the four kinds are enough, and 256 are allowed."""
    pool.user(ALICE, password=password)

    assert "AuthenticationResult" in pool.sign_in(ALICE, password)


def test_every_symbol_counts(pool: PoolDriver) -> None:
    """Each of Cognito's symbol characters satisfies the rule for symbols."""
    for number, symbol in enumerate("^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+-"):
        pool.sign_up(f"user{number}", f"Symbol1{symbol}")


@pytest.mark.parametrize(
    ("rule", "password", "reason"),
    [
        ("RequireUppercase", "lower1!x", "Password must have uppercase characters"),
        ("RequireLowercase", "UPPER1!X", "Password must have lowercase characters"),
        ("RequireNumbers", "Number!x", "Password must have numeric characters"),
        ("RequireSymbols", "Symbol1x", "Password must have symbol characters"),
    ],
)
def test_each_rule_of_an_own_policy(
    make_pool: Callable[..., PoolDriver], rule: str, password: str, reason: str
) -> None:
    """A pool's own policy has the rules that it turns on, and no other."""
    strict = make_pool({"Policies": {"PasswordPolicy": {"MinimumLength": 6, rule: True}}})
    lax = make_pool({"Policies": {"PasswordPolicy": {"MinimumLength": 6, rule: False}}})

    with refused("InvalidPasswordException", POLICY + reason):
        strict.sign_up(ALICE, password)
    lax.sign_up(ALICE, password)


def test_minimum_length_of_an_own_policy(make_pool: Callable[..., PoolDriver]) -> None:
    """MinimumLength is what the pool says, and 8 in a policy that does not say."""
    ten = make_pool({"Policies": {"PasswordPolicy": {"MinimumLength": 10}}})
    silent = make_pool({"Policies": {"PasswordPolicy": {"RequireNumbers": True}}})

    with refused("InvalidPasswordException", POLICY + "Password not long enough"):
        ten.sign_up(ALICE, "123456789")
    ten.sign_up(ALICE, "1234567890")
    with refused("InvalidPasswordException", POLICY + "Password not long enough"):
        silent.sign_up(ALICE, "1234567")
    silent.sign_up(ALICE, "12345678")


def test_password_is_required(pool: PoolDriver) -> None:
    """SignUp without a password is refused, although the model leaves it free."""
    with refused(*missing("PASSWORD")):
        pool.api.sign_up(ClientId=pool.client_id, Username=ALICE)


@pytest.mark.parametrize("confirmed", [False, True])
def test_taken_user_name(pool: PoolDriver, confirmed: bool) -> None:
    """A user name can be taken once, whether its user is confirmed or not."""
    pool.sign_up(ALICE)
    if confirmed:
        pool.confirm(ALICE)

    with refused(*USER_EXISTS):
        pool.sign_up(ALICE, email="other@example.com")
    assert pool.described(ALICE)["attributes"]["email"] == "alice@example.com"


def test_same_name_in_another_pool(pool: PoolDriver, make_pool: Callable[..., PoolDriver]) -> None:
    """A user name that is taken in one pool is free in another."""
    pool.sign_up(ALICE)

    assert make_pool().sign_up(ALICE)["UserConfirmed"] is False


@pytest.mark.parametrize(
    "email", ["alice", "alice@", "@example.com", "alice@example", "a b@example.com", "a@b@c.com", "a@x..com"]
)
def test_malformed_email(pool: PoolDriver, email: str) -> None:
    """An e-mail attribute must look like an address."""
    with refused(INVALID, "Invalid email address format."):
        pool.sign_up(ALICE, email=email)


@pytest.mark.parametrize(
    "number",
    ["4325551212", "+1432", "+1432555-1212", "+1234567890123456", "+\N{ARABIC-INDIC DIGIT SIX}12345"],
)
def test_malformed_phone_number(pool: PoolDriver, number: str) -> None:
    """A phone_number attribute must be a plus sign and 5 to 15 digits."""
    with refused(INVALID, "Invalid phone number format."):
        pool.sign_up(ALICE, attributes={"phone_number": number})


def test_unknown_attribute(pool: PoolDriver) -> None:
    """An attribute that the pool's schema does not have is refused by name."""
    message = (
        "Attributes did not conform to the schema: Type for attribute {shoe_size} could not be determined"
    )
    with refused(INVALID, message):
        pool.sign_up(ALICE, attributes={"shoe_size": "43"})


def test_custom_attribute_of_the_schema(make_pool: Callable[..., PoolDriver]) -> None:
    """An attribute that the pool adds to the schema is known as custom:name, and only so."""
    pool = make_pool({"Schema": [{"Name": "shoe_size", "AttributeDataType": "String"}]})

    pool.sign_up(ALICE, attributes={"custom:shoe_size": "43"})

    assert pool.described(ALICE)["attributes"]["custom:shoe_size"] == "43"
    with pytest.raises(pool.api.exceptions.InvalidParameterException):
        pool.sign_up(BOB, attributes={"shoe_size": "43"})


@pytest.mark.parametrize("name", ["email_verified", "phone_number_verified"])
def test_attributes_that_users_cannot_write(pool: PoolDriver, name: str) -> None:
    """Nobody says of themselves what is verified."""
    with refused(INVALID, f"Cannot modify the non-mutable attribute {name}"):
        pool.sign_up(ALICE, attributes={name: "true"})


@pytest.mark.parametrize("attributes", [{}, {"family_name": ""}])
def test_required_attribute(make_pool: Callable[..., PoolDriver], attributes: dict[str, str]) -> None:
    """An attribute that the schema requires must be there and must not be empty."""
    pool = make_pool({"Schema": [{"Name": "family_name", "Required": True}, {"Name": "gender"}]})

    problem = "name.familyName: The attribute name.familyName is required"
    with refused(INVALID, f"Attributes did not conform to the schema: {problem}"):
        pool.sign_up(ALICE, attributes=attributes)
    pool.sign_up(ALICE, attributes={"family_name": "Liddell"})


def test_admin_only_pool(make_pool: Callable[..., PoolDriver]) -> None:
    """Where only administrators make users, nobody signs up."""
    pool = make_pool({"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True}})

    with refused("NotAuthorizedException", "SignUp is not permitted for this user pool"):
        pool.sign_up(ALICE)
    make_pool({"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False}}).sign_up(ALICE)


class TestAliases:
    """Pools where a verified e-mail address is one more name of its user."""

    def test_user_name_of_email_form(self, alias_pool: PoolDriver) -> None:
        """A user name must not look like the alias that it could be taken for."""
        message = "Username cannot be of email format, since user pool is configured for email alias."
        for name in ("carol@example.com", "carol@host"):
            with refused(INVALID, message):
                alias_pool.sign_up(name, email=EMAIL)
        alias_pool.sign_up("not@an@email", email=EMAIL)

    def test_user_name_of_email_form_elsewhere(self, pool: PoolDriver) -> None:
        """Where e-mail is no alias, a user name may look like an address."""
        assert pool.user("carol@example.com", email=EMAIL)

    def test_alias_leads_to_user_once_verified(self, alias_pool: PoolDriver) -> None:
        """The e-mail address leads to its user from the moment when it is verified, not before."""
        alias_pool.sign_up(ALICE, email=EMAIL)
        with pytest.raises(alias_pool.api.exceptions.UserNotFoundException):
            alias_pool.described(EMAIL)

        alias_pool.confirm(ALICE)

        assert alias_pool.described(EMAIL)["Username"] == ALICE
        assert "AuthenticationResult" in alias_pool.sign_in(EMAIL)

    def test_address_is_no_name_without_alias(self, pool: PoolDriver) -> None:
        """A verified e-mail address leads nowhere in a pool that does not make it an alias."""
        pool.user(ALICE, email=EMAIL)

        with pytest.raises(pool.api.exceptions.UserNotFoundException):
            pool.described(EMAIL)

    def test_unverified_address_may_be_shared(self, alias_pool: PoolDriver) -> None:
        """Two users may give one address; the second to confirm it is refused and stays unconfirmed."""
        alias_pool.sign_up(ALICE, email=EMAIL)
        alias_pool.sign_up(BOB, email=EMAIL)
        first, second = alias_pool.codes(EMAIL)[-2:]
        alias_pool.confirm(ALICE, first)

        for fields in ({}, {"ForceAliasCreation": False}):
            with refused(*ALIAS_EXISTS):
                alias_pool.confirm(BOB, second, **fields)

        assert alias_pool.described(BOB)["UserStatus"] == "UNCONFIRMED"
        assert alias_pool.described(BOB)["attributes"]["email_verified"] == "false"
        assert alias_pool.described(EMAIL)["Username"] == ALICE

    def test_forced_alias_moves(self, alias_pool: PoolDriver) -> None:
        """ForceAliasCreation takes the address from whom it led to and verifies it for the new user."""
        alias_pool.sign_up(ALICE, email=EMAIL)
        alias_pool.sign_up(BOB, email=EMAIL)
        first, second = alias_pool.codes(EMAIL)[-2:]
        alias_pool.confirm(ALICE, first)

        alias_pool.confirm(BOB, second, ForceAliasCreation=True)

        assert alias_pool.described(EMAIL)["Username"] == BOB
        assert alias_pool.described(ALICE)["attributes"]["email_verified"] == "false"
        assert alias_pool.described(BOB)["attributes"]["email_verified"] == "true"

    def test_address_of_a_confirmed_user_may_be_given(self, alias_pool: PoolDriver) -> None:
        """Signing up with an address that leads to a user is allowed; only confirming it is not."""
        alias_pool.user(ALICE, email=EMAIL)

        assert alias_pool.sign_up(BOB, email=EMAIL)["UserConfirmed"] is False

    def test_preferred_username(self, make_pool: Callable[..., PoolDriver]) -> None:
        """A preferred_username is the alias of a confirmed user without being verified, and taken once."""
        pool = make_pool({"AliasAttributes": ["preferred_username"]})
        pool.user(ALICE, attributes={"preferred_username": "al"})

        assert pool.described("al")["Username"] == ALICE
        pool.sign_up(BOB, attributes={"preferred_username": "al"})
        with refused("AliasExistsException", "An account with the given preferred_username already exists."):
            pool.confirm(BOB, ForceAliasCreation=True)
        assert pool.described("al")["Username"] == ALICE


class TestAttributesInPlaceOfTheName:
    """Pools whose users sign up with an e-mail address or telephone number."""

    def test_email_becomes_attribute_and_sub_the_name(self, email_pool: PoolDriver) -> None:
        """The address becomes the email attribute and the sub the user name; both lead to the user."""
        sub = email_pool.sign_up(EMAIL, email=None)["UserSub"]

        assert email_pool.described(EMAIL)["Username"] == sub
        assert email_pool.described(sub)["attributes"]["email"] == EMAIL

    def test_signs_in_before_any_other_verification(self, email_pool: PoolDriver) -> None:
        """The address is a name from sign-up on, and signs in once its user is confirmed."""
        email_pool.user(EMAIL, email=None)

        assert "AuthenticationResult" in email_pool.sign_in(EMAIL)

    def test_taken_address(self, email_pool: PoolDriver) -> None:
        """An address can be taken once, confirmed or not."""
        email_pool.sign_up(EMAIL, email=None)

        with refused(*ACCOUNT_EXISTS):
            email_pool.sign_up(EMAIL, email=None)

    @pytest.mark.parametrize(
        ("attributes", "name", "message"),
        [
            (["email"], ALICE, "Username should be an email."),
            (["email"], PHONE, "Username should be an email."),
            (["phone_number"], EMAIL, "Username should be a phone number."),
            (["phone_number", "email"], ALICE, "Username should be either an email or a phone number."),
        ],
    )
    def test_names_of_another_form(
        self, make_pool: Callable[..., PoolDriver], attributes: list[str], name: str, message: str
    ) -> None:
        """Where attributes stand in for names, any other name is refused."""
        pool = make_pool({"UsernameAttributes": attributes})

        with refused(INVALID, message):
            pool.sign_up(name, email=None)

    @pytest.mark.parametrize(("name", "attribute"), [(PHONE, "phone_number"), (EMAIL, "email")])
    def test_either_email_or_phone(
        self, make_pool: Callable[..., PoolDriver], name: str, attribute: str
    ) -> None:
        """A pool can take both; the name becomes the attribute that it looks like."""
        pool = make_pool({"UsernameAttributes": ["phone_number", "email"]})

        pool.sign_up(name, email=None)

        assert pool.described(name)["attributes"][attribute] == name
        taken = f"An account with the given {attribute} already exists."
        with refused("UsernameExistsException", taken):
            pool.sign_up(name, email=None)


class TestCase:
    """Whether names that differ in case are the same."""

    def test_sensitive_by_default(self, pool: PoolDriver) -> None:
        """Unless the pool says otherwise, ALICE is another user."""
        pool.user(ALICE)

        assert pool.sign_up("ALICE")["UserConfirmed"] is False

    def test_insensitive(self, make_pool: Callable[..., PoolDriver]) -> None:
        """In a pool that ignores case, ALICE is taken with alice, and signs in as her."""
        pool = make_pool({"UsernameConfiguration": {"CaseSensitive": False}})
        pool.user(ALICE)

        with refused(*USER_EXISTS):
            pool.sign_up("ALICE")
        assert "AuthenticationResult" in pool.sign_in("Alice")
        assert pool.described("aLICE")["Username"] == ALICE

    def test_insensitive_addresses(self, make_pool: Callable[..., PoolDriver]) -> None:
        """In a pool that ignores case, so do addresses that stand in for names."""
        pool = make_pool({"UsernameConfiguration": {"CaseSensitive": False}, "UsernameAttributes": ["email"]})
        pool.sign_up(EMAIL, email=None)

        with refused(*ACCOUNT_EXISTS):
            pool.sign_up(EMAIL.upper(), email=None)


class TestDelivery:
    """Where the code goes."""

    @pytest.mark.parametrize(
        ("verified", "attributes", "destination"),
        [
            (["email"], {"email": EMAIL}, ("c***@e***", "EMAIL", "email")),
            (["phone_number"], {"phone_number": PHONE}, ("+*******1212", "SMS", "phone_number")),
            (
                ["email", "phone_number"],
                {"email": EMAIL, "phone_number": PHONE},
                ("+*******1212", "SMS", "phone_number"),
            ),
            (["email", "phone_number"], {"email": EMAIL}, ("c***@e***", "EMAIL", "email")),
        ],
    )
    def test_destination(
        self,
        make_pool: Callable[..., PoolDriver],
        verified: list[str],
        attributes: dict[str, str],
        destination: tuple[str, str, str],
    ) -> None:
        """The code goes to the attribute that the pool verifies, the telephone first; it is masked."""
        pool = make_pool({"AutoVerifiedAttributes": verified, **SMS})

        details = pool.sign_up(ALICE, email=None, attributes=attributes)["CodeDeliveryDetails"]

        assert (details["Destination"], details["DeliveryMedium"], details["AttributeName"]) == destination
        assert pool.codes(attributes[destination[2]])

    @pytest.mark.parametrize(
        ("verified", "email"), [([], EMAIL), (["email"], None), (["phone_number"], EMAIL), (["email"], "")]
    )
    def test_no_code(
        self, make_pool: Callable[..., PoolDriver], verified: list[str], email: str | None
    ) -> None:
        """No code is sent, and none can be resent, when there is nothing that the pool verifies."""
        pool = make_pool({"AutoVerifiedAttributes": verified, **SMS})
        sent = len(pool.codes())
        attributes = {} if email is None else {"email": email}

        answer = pool.sign_up(ALICE, email=None, attributes=attributes)

        assert "CodeDeliveryDetails" not in answer
        with refused(INVALID, "Cannot resend codes. Auto verification not turned on."):
            pool.resend(ALICE)
        assert len(pool.codes()) == sent

    def test_confirming_verifies_where_the_code_went(self, make_pool: Callable[..., PoolDriver]) -> None:
        """The code verifies the attribute that it was sent to, and no other."""
        pool = make_pool({"AutoVerifiedAttributes": ["phone_number"], **SMS})
        pool.sign_up(ALICE, attributes={"phone_number": PHONE})

        pool.confirm(ALICE)

        attributes = pool.described(ALICE)["attributes"]
        assert (attributes["phone_number_verified"], attributes["email_verified"]) == ("true", "false")


def test_password_is_kept_as_salt_and_verifier_only(tmp_path: Path, connect: Callable[..., Api]) -> None:
    """The password is in no table and nowhere in the files; salt and verifier are, and differ by user."""
    database = tmp_path / "pools.db"
    with LocalCognito(database=str(database)) as server:
        story = server.create_pool()
        pool = PoolDriver(server, connect(server.url), Clock(0), story.pool_id, story.client_id)
        pool.user(ALICE)
        pool.user(BOB)
        with pytest.raises(pool.api.exceptions.NotAuthorizedException):
            pool.sign_in(ALICE, PASSWORD + "?")
        assert pool.sign_in(ALICE)["ChallengeName"] == "MFA_SETUP"
        traces = [text.encode() for text in (PASSWORD, PASSWORD.encode().hex())]
        traces.append(base64.b64encode(PASSWORD.encode()))
        in_files = [trace for file in tmp_path.iterdir() for trace in traces if trace in file.read_bytes()]
        with sqlite3.connect(database) as connection:
            rows = [
                str(row)
                for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
                for row in connection.execute(f"SELECT * FROM {table}")
            ]
            kept = connection.execute("SELECT salt, verifier FROM users ORDER BY username").fetchall()
        connection.close()

    assert in_files == []
    assert not [row for row in rows if PASSWORD in row]
    assert len({value for pair in kept for value in pair}) == 4
    assert all(len(salt) in (31, 32) and len(verifier) > 700 for salt, verifier in kept)


class TestConfirming:
    """ConfirmSignUp and AdminConfirmSignUp."""

    def test_right_code(self, pool: PoolDriver) -> None:
        """The code that was sent confirms the user and verifies the address; the answer is empty."""
        pool.sign_up(ALICE)
        pool.clock.advance(HOUR)

        answer = pool.confirm(ALICE)

        assert set(answer) == {"ResponseMetadata"}
        user = pool.described(ALICE)
        assert user["UserStatus"] == "CONFIRMED"
        assert user["attributes"]["email_verified"] == "true"
        assert user["UserLastModifiedDate"].timestamp() == pool.clock.now

    def test_twice(self, pool: PoolDriver) -> None:
        """Who is confirmed can't be confirmed once more, not even with the right code."""
        pool.user(ALICE)

        with refused("NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED"):
            pool.confirm(ALICE)

    def test_resend_when_confirmed(self, pool: PoolDriver) -> None:
        """Who is confirmed gets no more codes."""
        pool.user(ALICE)

        with refused(INVALID, "User is already confirmed."):
            pool.resend(ALICE)

    def test_by_an_administrator(self, pool: PoolDriver) -> None:
        """AdminConfirmSignUp confirms without a code and verifies nothing."""
        pool.sign_up(ALICE)

        pool.api.admin_confirm_sign_up(UserPoolId=pool.id, Username=ALICE)

        user = pool.described(ALICE)
        assert (user["UserStatus"], user["attributes"]["email_verified"]) == ("CONFIRMED", "false")
        with refused("NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED"):
            pool.api.admin_confirm_sign_up(UserPoolId=pool.id, Username=ALICE)

    def test_code_is_deleted_with_its_use(self, pool: PoolDriver) -> None:
        """No code is left in the store once a user is confirmed, by code or by an administrator."""
        pool.user(ALICE)
        pool.sign_up(BOB)
        pool.api.admin_confirm_sign_up(UserPoolId=pool.id, Username=BOB)

        assert store_of(pool.server).codes.where(pool_id=pool.id) == []
