"""Users that an administrator makes: invitations, temporary passwords, NEW_PASSWORD_REQUIRED."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from test.support.pool_driver import (
    ALICE,
    BOB,
    DAY,
    INCORRECT,
    MINUTE,
    PASSWORD,
    SESSION_EXPIRED,
    SESSION_INVALID,
    SESSION_SPENT,
    USER_NOT_FOUND,
    WRONG_PASSWORD,
    DeviceSrp,
    missing,
    refused,
)
from test.support.pools import REQUIRED_TOTP, TRACKING
from test.support.user_srp import srp_sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import PoolDriver


EMAIL = "alice@example.com"
TEMPORARY = "Temporary-1!"
NOT_LONG = ("InvalidPasswordException", "Password does not conform to policy: Password not long enough")
TEMPORARY_NOT_LONG = (
    "InvalidPasswordException",
    "Password did not conform with password policy: Password not long enough",
)
TOO_OLD = (
    "NotAuthorizedException",
    "Temporary password has expired and must be reset by an administrator.",
)
SUB_NOT_WRITABLE = ("InvalidParameterException", "Cannot modify the non-mutable attribute sub")
FLAG_NOT_WRITABLE = (
    "InvalidParameterException",
    "Cannot modify the non-mutable attribute email_verified",
)
NEEDS_NAMES = {
    "Schema": [{"Name": name, "Required": True, "Mutable": True} for name in ("email", "given_name")]
}


def create(
    pool: PoolDriver, name: str = ALICE, attributes: dict[str, str] | None = None, **fields: Any
) -> dict[str, Any]:
    """AdminCreateUser with a temporary password and a verified e-mail address."""
    if attributes is None:
        attributes = {"email": EMAIL, "email_verified": "true"}
    listed = [{"Name": key, "Value": value} for key, value in attributes.items()]
    fields = {"TemporaryPassword": TEMPORARY, "UserAttributes": listed} | fields
    user: dict[str, Any] = pool.api.admin_create_user(UserPoolId=pool.id, Username=name, **fields)["User"]
    return user


def mails(pool: PoolDriver, to: str) -> list[dict[str, str]]:
    """Return the messages to an address, oldest first."""
    return [message for message in pool.server.outbox() if message["to"] == to]


def choose(
    pool: PoolDriver, challenge: dict[str, Any], password: str = PASSWORD, name: str = ALICE, **values: Any
) -> dict[str, Any]:
    """Answer NEW_PASSWORD_REQUIRED."""
    return pool.answer("NEW_PASSWORD_REQUIRED", name, challenge["Session"], NEW_PASSWORD=password, **values)


class TestCreating:
    """AdminCreateUser."""

    def test_user(self, pool: PoolDriver) -> None:
        """The user exists at once, enabled, with a password to be changed."""
        user = create(pool)

        attributes = {item["Name"]: item["Value"] for item in user["Attributes"]}
        assert (user["Username"], user["Enabled"]) == (ALICE, True)
        assert user["UserStatus"] == "FORCE_CHANGE_PASSWORD"
        assert attributes == {"sub": attributes["sub"], "email": EMAIL, "email_verified": "true"}
        assert pool.described()["UserStatus"] == "FORCE_CHANGE_PASSWORD"

    def test_unverified(self, pool: PoolDriver) -> None:
        """An address is not verified, nor called unverified, unless the administrator says so."""
        create(pool, attributes={"email": EMAIL})

        assert "email_verified" not in pool.described()["attributes"]

    def test_invitation(self, make_pool: Callable[..., PoolDriver]) -> None:
        """The temporary password goes to the user's address."""
        pool = make_pool()
        before = len(mails(pool, EMAIL))

        create(pool)

        sent = mails(pool, EMAIL)[before:]
        assert len(sent) == 1
        assert TEMPORARY in sent[0]["body"]

    @pytest.mark.parametrize(
        ("media", "expected"),
        [(["EMAIL"], ["EMAIL"]), (["SMS"], ["SMS"]), (["SMS", "EMAIL"], ["EMAIL", "SMS"])],
        ids=["email", "sms", "both"],
    )
    def test_media(self, pool: PoolDriver, media: list[str], expected: list[str]) -> None:
        """DesiredDeliveryMediums says how it goes out."""
        addresses = {"EMAIL": "media@example.com", "SMS": "+15550001111"}
        before = {medium: len(mails(pool, to)) for medium, to in addresses.items()}

        create(
            pool,
            attributes={"email": addresses["EMAIL"], "phone_number": addresses["SMS"]},
            DesiredDeliveryMediums=media,
        )

        sent = [medium for medium, to in addresses.items() if len(mails(pool, to)) > before[medium]]
        assert sent == expected

    def test_suppressed(self, pool: PoolDriver) -> None:
        """MessageAction SUPPRESS sends nothing."""
        before = len(pool.server.outbox())

        create(pool, MessageAction="SUPPRESS")

        assert len(pool.server.outbox()) == before

    def test_generated_password(self, pool: PoolDriver) -> None:
        """Without TemporaryPassword one is made that fits the policy and works."""
        attributes = [{"Name": "email", "Value": EMAIL}]
        pool.api.admin_create_user(UserPoolId=pool.id, Username=ALICE, UserAttributes=attributes)

        password = pool.codes(EMAIL)[-1]

        assert pool.sign_in(password=password)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"

    def test_policy(self, pool: PoolDriver) -> None:
        """A temporary password must fit the policy as well."""
        with refused(*TEMPORARY_NOT_LONG):
            create(pool, TemporaryPassword="Ab1!")
        with refused(*USER_NOT_FOUND):
            pool.described()

    def test_exists(self, pool: PoolDriver) -> None:
        """A name is given once."""
        create(pool)

        with refused("UsernameExistsException", "User account already exists"):
            create(pool)

    def test_email_exists(self, make_pool: Callable[..., PoolDriver]) -> None:
        """Where the address is the name, each is given once, and the sub becomes the user name."""
        pool = make_pool({"UsernameAttributes": ["email"]})
        user = create(pool, EMAIL, {})
        attributes = {item["Name"]: item["Value"] for item in user["Attributes"]}

        assert user["Username"] == attributes["sub"]
        assert attributes["email"] == EMAIL
        with refused("UsernameExistsException", "An account with the given email already exists."):
            create(pool, EMAIL, {})
        with refused("InvalidParameterException", "Username should be an email."):
            create(pool, ALICE, {})

    @pytest.mark.parametrize(
        ("attributes", "refusal"),
        [
            ({"email": "no address"}, ("InvalidParameterException", "Invalid email address format.")),
            ({"phone_number": "12345"}, ("InvalidParameterException", "Invalid phone number format.")),
            (
                {"shoe_size": "43"},
                (
                    "InvalidParameterException",
                    (
                        "Attributes did not conform to the schema: "
                        "Type for attribute {shoe_size} could not be determined"
                    ),
                ),
            ),
            ({"sub": "mine"}, SUB_NOT_WRITABLE),
        ],
        ids=["email", "phone", "unknown", "sub"],
    )
    def test_attributes(self, pool: PoolDriver, attributes: dict[str, str], refusal: tuple[str, str]) -> None:
        """Attributes are checked as at sign-up."""
        with refused(*refusal):
            create(pool, attributes=attributes)

    def test_self_sign_up_turned_off(self, make_pool: Callable[..., PoolDriver]) -> None:
        """Administrators make users where sign-up is not permitted, too."""
        pool = make_pool({"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True}})

        create(pool)

        assert choose(pool, pool.sign_in(password=TEMPORARY))["AuthenticationResult"]
        with refused("NotAuthorizedException", "SignUp is not permitted for this user pool"):
            pool.sign_up(BOB)

    def test_confirming(self, pool: PoolDriver) -> None:
        """Such a user can't be confirmed as if signed up: the status is named."""
        create(pool)
        text = "User cannot be confirmed. Current status is FORCE_CHANGE_PASSWORD"

        with refused("NotAuthorizedException", text):
            pool.confirm(code="123456")
        with refused("NotAuthorizedException", text):
            pool.api.admin_confirm_sign_up(UserPoolId=pool.id, Username=ALICE)

    def test_unknown_pool(self, pool: PoolDriver) -> None:
        """A pool that does not exist is named."""
        with refused("ResourceNotFoundException", "User pool us-east-1_nowhere does not exist."):
            pool.api.admin_create_user(UserPoolId="us-east-1_nowhere", Username=ALICE)


class TestInvitingAgain:
    """AdminCreateUser with MessageAction RESEND."""

    def test_new_password(self, pool: PoolDriver) -> None:
        """A new temporary password goes out, which takes the old one's place and starts its time again."""
        create(pool)
        pool.clock.advance(7 * DAY - 1)

        user = create(pool, TemporaryPassword="Another-Temporary-1!", MessageAction="RESEND")
        pool.clock.advance(7 * DAY - 1)

        assert user["UserStatus"] == "FORCE_CHANGE_PASSWORD"
        assert mails(pool, EMAIL)[-1]["code"] == "Another-Temporary-1!"
        with refused(*INCORRECT):
            pool.sign_in(password=TEMPORARY)
        challenge = pool.sign_in(password="Another-Temporary-1!")
        assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"

    def test_generated(self, pool: PoolDriver) -> None:
        """Without a password in the request one is made."""
        create(pool)

        pool.api.admin_create_user(UserPoolId=pool.id, Username=ALICE, MessageAction="RESEND")

        password = pool.codes(EMAIL)[-1]
        assert password != TEMPORARY
        assert pool.sign_in(password=password)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"

    def test_nobody(self, pool: PoolDriver) -> None:
        """Nobody is made by it."""
        with refused(*USER_NOT_FOUND):
            create(pool, MessageAction="RESEND")

    @pytest.mark.parametrize("status", ["CONFIRMED", "UNCONFIRMED"])
    def test_own_password(self, pool: PoolDriver, status: str) -> None:
        """Users who have a password of their own can't be invited again."""
        pool.user()
        pool.change_user(status=status)
        text = f"Resend not possible. User status is not FORCE_CHANGE_PASSWORD but {status}"

        with refused("UnsupportedUserStateException", text):
            create(pool, MessageAction="RESEND")
        pool.change_user(status="CONFIRMED")
        assert "AuthenticationResult" in pool.sign_in()


class TestChoosingAPassword:
    """NEW_PASSWORD_REQUIRED."""

    @pytest.mark.parametrize("way", ["password", "admin", "srp"])
    def test_challenge(self, pool: PoolDriver, way: str) -> None:
        """The temporary password leads to the challenge, which tells who the user is and what is missing."""
        sub = {item["Name"]: item["Value"] for item in create(pool)["Attributes"]}["sub"]
        ways = {
            "password": pool.sign_in,
            "admin": pool.admin_sign_in,
            "srp": lambda **f: srp_sign_in(pool, **f),
        }

        challenge = ways[way](password=TEMPORARY)

        assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
        assert "AuthenticationResult" not in challenge
        parameters = challenge["ChallengeParameters"]
        assert set(parameters) == {"USER_ID_FOR_SRP", "requiredAttributes", "userAttributes"}
        assert parameters["USER_ID_FOR_SRP"] == ALICE
        assert json.loads(parameters["requiredAttributes"]) == []
        shown = {"sub": sub, "email": EMAIL, "email_verified": "true"}
        assert json.loads(parameters["userAttributes"]).items() <= shown.items()

    def test_wrong_password(self, pool: PoolDriver) -> None:
        """Another password leads nowhere."""
        create(pool)

        with refused(*INCORRECT):
            pool.sign_in(password=WRONG_PASSWORD)

    @pytest.mark.parametrize("admin", [False, True], ids=["app", "server"])
    def test_new_password(self, pool: PoolDriver, admin: bool) -> None:
        """A new password ends the sign-in and confirms the user; the temporary one is good no more."""
        create(pool)
        challenge = pool.sign_in(password=TEMPORARY)

        answer = pool.answer(
            "NEW_PASSWORD_REQUIRED", ALICE, challenge["Session"], admin=admin, NEW_PASSWORD=PASSWORD
        )

        assert "AccessToken" in answer["AuthenticationResult"]
        assert pool.described()["UserStatus"] == "CONFIRMED"
        assert "AuthenticationResult" in pool.sign_in()
        assert "AuthenticationResult" in srp_sign_in(pool)
        with refused(*INCORRECT):
            pool.sign_in(password=TEMPORARY)

    def test_policy(self, pool: PoolDriver) -> None:
        """It must fit the policy; the session stays good."""
        create(pool)
        challenge = pool.sign_in(password=TEMPORARY)

        with refused(*NOT_LONG):
            choose(pool, challenge, "Ab1!")
        assert pool.described()["UserStatus"] == "FORCE_CHANGE_PASSWORD"
        assert "AuthenticationResult" in choose(pool, challenge)

    def test_missing(self, pool: PoolDriver) -> None:
        """Password and session must be there."""
        create(pool)
        challenge = pool.sign_in(password=TEMPORARY)

        with refused(*missing("NEW_PASSWORD")):
            pool.answer("NEW_PASSWORD_REQUIRED", ALICE, challenge["Session"], PASSWORD=PASSWORD)
        with refused(*missing("Session")):
            pool.answer("NEW_PASSWORD_REQUIRED", ALICE, None, NEW_PASSWORD=PASSWORD)

    def test_session(self, pool: PoolDriver) -> None:
        """The session is for this user, once, for three minutes."""
        create(pool)
        pool.user(BOB)
        late = pool.sign_in(password=TEMPORARY)
        pool.clock.advance(3 * MINUTE)
        challenge = pool.sign_in(password=TEMPORARY)

        with refused(*SESSION_INVALID):
            choose(pool, challenge, name=BOB)
        with refused(*SESSION_EXPIRED):
            choose(pool, late)
        choose(pool, challenge)
        with refused(*SESSION_SPENT):
            choose(pool, challenge)

    @pytest.mark.parametrize("days", [7, 1, 90])
    def test_expiry(self, make_pool: Callable[..., PoolDriver], days: int) -> None:
        """Temporary passwords last as many days as the policy says, seven by default."""
        settings = {}
        if days != 7:
            policy = {"MinimumLength": 8, "TemporaryPasswordValidityDays": days}
            settings = {"Policies": {"PasswordPolicy": policy}}
        pool = make_pool(settings)
        create(pool)

        pool.clock.advance(days * DAY - 1)
        assert pool.sign_in(password=TEMPORARY)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
        pool.clock.advance(1)
        with refused(*TOO_OLD):
            pool.sign_in(password=TEMPORARY)
        with refused(*INCORRECT):
            pool.sign_in(password=WRONG_PASSWORD)

    def test_mfa_follows(self, make_pool: Callable[..., PoolDriver]) -> None:
        """Where MFA is required its set-up follows the new password."""
        pool = make_pool({"DeviceConfiguration": TRACKING}, REQUIRED_TOTP)
        create(pool)

        following = choose(pool, pool.sign_in(password=TEMPORARY))

        assert following["ChallengeName"] == "MFA_SETUP"
        assert "AuthenticationResult" not in following
        assert pool.described()["UserStatus"] == "CONFIRMED"

    def test_device_follows(self, mfa_pool: PoolDriver) -> None:
        """A tracked device that was named at the beginning proves itself after the new password."""
        device = mfa_pool.track(mfa_pool.sign_in_with_mfa(mfa_pool.enrolled()))
        mfa_pool.api.admin_set_user_password(UserPoolId=mfa_pool.id, Username=ALICE, Password=TEMPORARY)
        srp = DeviceSrp(mfa_pool, device)

        first = mfa_pool.sign_in(password=TEMPORARY, DEVICE_KEY=device.key)
        second = choose(mfa_pool, first)
        third = mfa_pool.answer(
            "DEVICE_SRP_AUTH", ALICE, second["Session"], DEVICE_KEY=device.key, SRP_A=srp.public_a
        )

        assert first["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
        assert second["ChallengeName"] == "DEVICE_SRP_AUTH"
        assert third["ChallengeName"] == "DEVICE_PASSWORD_VERIFIER"

    def test_device_key_by_srp(self, make_pool: Callable[..., PoolDriver]) -> None:
        """A temporary password that was proven by SRP brings a device key in the end."""
        pool = make_pool({"DeviceConfiguration": TRACKING})
        create(pool)

        proven = choose(pool, srp_sign_in(pool, password=TEMPORARY))
        create(pool, BOB, {})
        in_clear = choose(pool, pool.sign_in(BOB, TEMPORARY), name=BOB)

        assert "NewDeviceMetadata" in proven["AuthenticationResult"]
        assert "NewDeviceMetadata" not in in_clear["AuthenticationResult"]


class TestAttributes:
    """Attributes that come with the new password."""

    @pytest.fixture
    def pool(self, make_pool: Callable[..., PoolDriver]) -> PoolDriver:
        """Return a pool that requires an e-mail address and a first name."""
        return make_pool(NEEDS_NAMES)

    def test_required(self, pool: PoolDriver) -> None:
        """The challenge names what is missing, with a prefix; without it the answer is refused."""
        create(pool)
        challenge = pool.sign_in(password=TEMPORARY)
        text = "Invalid attributes given, given_name is missing"

        asked = json.loads(challenge["ChallengeParameters"]["requiredAttributes"])
        assert asked == ["userAttributes.given_name"]
        with refused("InvalidParameterException", text):
            choose(pool, challenge)
        with refused("InvalidParameterException", text):
            choose(pool, challenge, **{"userAttributes.given_name": ""})
        with refused(*INCORRECT):
            pool.sign_in()
        answer = choose(pool, challenge, **{"userAttributes.given_name": "Alice"})
        assert "AuthenticationResult" in answer
        assert pool.described()["attributes"]["given_name"] == "Alice"

    def test_others(self, pool: PoolDriver) -> None:
        """Others may come along."""
        create(pool)
        values = {"userAttributes.given_name": "Alice", "userAttributes.nickname": "Al"}

        choose(pool, pool.sign_in(password=TEMPORARY), **values)

        assert pool.described()["attributes"]["nickname"] == "Al"

    @pytest.mark.parametrize("email", [EMAIL, "another@example.com"])
    def test_provided_already(self, pool: PoolDriver, email: str) -> None:
        """A required attribute that has a value can't be given here."""
        create(pool)
        challenge = pool.sign_in(password=TEMPORARY)
        values = {"userAttributes.given_name": "Alice", "userAttributes.email": email}

        with refused("NotAuthorizedException", "Cannot modify an already provided email"):
            choose(pool, challenge, **values)
        assert pool.described()["attributes"]["email"] == EMAIL

    def test_new_address(self, make_pool: Callable[..., PoolDriver]) -> None:
        """Another address, where none is required, is not verified by that."""
        pool = make_pool()
        create(pool)

        choose(pool, pool.sign_in(password=TEMPORARY), **{"userAttributes.email": "new@example.com"})

        attributes = pool.described()["attributes"]
        assert (attributes["email"], attributes["email_verified"]) == ("new@example.com", "false")

    @pytest.mark.parametrize(
        ("name", "value", "refusal"),
        [
            ("email", "no address", ("InvalidParameterException", "Invalid email address format.")),
            ("email_verified", "true", FLAG_NOT_WRITABLE),
            ("sub", "mine", SUB_NOT_WRITABLE),
        ],
    )
    def test_malformed(
        self, make_pool: Callable[..., PoolDriver], name: str, value: str, refusal: tuple[str, str]
    ) -> None:
        """What users may not write elsewhere they may not write here; the password stays the old one."""
        pool = make_pool()
        create(pool)
        challenge = pool.sign_in(password=TEMPORARY)

        with refused(*refusal):
            choose(pool, challenge, **{f"userAttributes.{name}": value})
        with refused(*INCORRECT):
            pool.sign_in()


class TestSettingAPassword:
    """AdminSetUserPassword."""

    def set(self, pool: PoolDriver, password: str, name: str = ALICE, **fields: Any) -> dict[str, Any]:
        """AdminSetUserPassword."""
        return pool.api.admin_set_user_password(
            UserPoolId=pool.id, Username=name, Password=password, **fields
        )

    @pytest.mark.parametrize(
        "before", ["FORCE_CHANGE_PASSWORD", "UNCONFIRMED", "CONFIRMED", "RESET_REQUIRED"]
    )
    def test_permanent(self, pool: PoolDriver, before: str) -> None:
        """A permanent password confirms the user, whatever they were before."""
        pool.user()
        pool.change_user(status=before)

        self.set(pool, "Permanent-1!", Permanent=True)

        assert pool.described()["UserStatus"] == "CONFIRMED"
        assert "AuthenticationResult" in pool.sign_in(password="Permanent-1!")
        assert "AuthenticationResult" in srp_sign_in(pool, password="Permanent-1!")
        with refused(*INCORRECT):
            pool.sign_in()

    @pytest.mark.parametrize("fields", [{}, {"Permanent": False}], ids=["default", "false"])
    def test_temporary(self, pool: PoolDriver, fields: dict[str, Any]) -> None:
        """Any other is temporary: to be replaced at the next sign-in, and within seven days."""
        pool.user()

        self.set(pool, TEMPORARY, **fields)

        assert pool.described()["UserStatus"] == "FORCE_CHANGE_PASSWORD"
        assert pool.sign_in(password=TEMPORARY)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
        pool.clock.advance(7 * DAY)
        with refused(*TOO_OLD):
            pool.sign_in(password=TEMPORARY)

    def test_permanent_lasts(self, pool: PoolDriver) -> None:
        """A permanent one does not expire."""
        pool.user()
        self.set(pool, "Permanent-1!", Permanent=True)

        pool.clock.advance(365 * DAY)

        assert "AuthenticationResult" in pool.sign_in(password="Permanent-1!")

    def test_policy(self, pool: PoolDriver) -> None:
        """It must fit the policy."""
        pool.user()

        with refused(*NOT_LONG):
            self.set(pool, "Ab1!", Permanent=True)
        assert "AuthenticationResult" in pool.sign_in()

    def test_unknown_user(self, pool: PoolDriver) -> None:
        """A user who does not exist is named as such."""
        with refused(*USER_NOT_FOUND):
            self.set(pool, PASSWORD, "nobody")
