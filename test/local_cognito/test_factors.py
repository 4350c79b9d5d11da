"""Second factors beside TOTP: codes by SMS and e-mail, choosing among factors, preferring one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from test.support.pool_driver import (
    ALICE,
    BOB,
    LOCKED_OUT,
    MINUTE,
    SESSION_EXPIRED,
    SESSION_INVALID,
    SESSION_SPENT,
    TOTP_MISMATCH,
    TOTP_NOT_ENABLED,
    TOTP_USED,
    USER_NOT_FOUND,
    WRONG_PASSWORD,
    missing,
    refused,
    totp,
)
from test.support.pools import OWN_EMAIL, SMS, TRACKING
from test.support.user_srp import srp_sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import PoolDriver


PHONE, EMAIL = "+15551239088", "alice@example.com"
WRONG_CODE = ("CodeMismatchException", "Invalid code or auth state for the user.")
EVERY_FACTOR = {
    "SmsMfaConfiguration": SMS,
    "SoftwareTokenMfaConfiguration": {"Enabled": True},
    "EmailMfaConfiguration": {},
}
FIELDS = {
    "SMS_MFA": "SMSMfaSettings",
    "SOFTWARE_TOKEN_MFA": "SoftwareTokenMfaSettings",
    "EMAIL_OTP": "EmailMfaSettings",
}
SENT = {"SMS_MFA": ("SMS_MFA_CODE", PHONE), "EMAIL_OTP": ("EMAIL_OTP_CODE", EMAIL)}


def not_ready(factor: str) -> tuple[str, str]:
    """Return the refusal to turn on a factor that the user can't pass."""
    return ("InvalidParameterException", f"User does not have delivery config set to turn on {factor}")


@pytest.fixture
def pool(make_pool: Callable[..., PoolDriver]) -> PoolDriver:
    """Return a pool where MFA is optional and every factor is offered."""
    return make_pool(OWN_EMAIL, EVERY_FACTOR | {"MfaConfiguration": "OPTIONAL"})


@pytest.fixture
def strict_pool(make_pool: Callable[..., PoolDriver]) -> PoolDriver:
    """Return a pool that requires MFA, by whichever factor."""
    return make_pool(OWN_EMAIL, EVERY_FACTOR | {"MfaConfiguration": "ON"})


def reachable(pool: PoolDriver, name: str = ALICE, *addresses: str) -> str:
    """Make a user whose addresses are verified: telephone and e-mail unless fewer are named."""
    pool.user(name)
    values = {"phone_number": PHONE, "email": EMAIL}
    attributes = [
        pair
        for address in addresses or values
        for pair in (
            {"Name": address, "Value": values[address]},
            {"Name": f"{address}_verified", "Value": "true"},
        )
    ]
    pool.api.admin_update_user_attributes(UserPoolId=pool.id, Username=name, UserAttributes=attributes)
    return name


def prefer(pool: PoolDriver, token: str | None = None, name: str = ALICE, **settings: Any) -> dict[str, Any]:
    """Set the user's preference, by access token or as an administrator; `settings` by factor."""
    fields = {FIELDS[factor]: value for factor, value in settings.items()}
    if token is None:
        return pool.api.admin_set_user_mfa_preference(UserPoolId=pool.id, Username=name, **fields)
    return pool.api.set_user_mfa_preference(AccessToken=token, **fields)


def on(*factors: str, preferred: bool = False) -> dict[str, Any]:
    """Return the settings that turn factors on."""
    return {factor: {"Enabled": True} | ({"PreferredMfa": True} if preferred else {}) for factor in factors}


def code_for(factor: str, code: str) -> dict[str, Any]:
    """Return the answer that carries a code which was sent."""
    return {SENT[factor][0]: code}


def token_of(pool: PoolDriver, name: str = ALICE) -> str:
    """Return an access token from a sign-in without MFA."""
    return str(pool.sign_in(name)["AuthenticationResult"]["AccessToken"])


def enrol(pool: PoolDriver, token: str) -> str:
    """Set TOTP up by access token; the code of the next time step is unused."""
    secret = pool.api.associate_software_token(AccessToken=token)["SecretCode"]
    answer = pool.api.verify_software_token(AccessToken=token, UserCode=totp(secret, pool.clock.now))
    assert answer["Status"] == "SUCCESS"
    assert "Session" not in answer
    pool.clock.to_next_step()
    return str(secret)


def wrong(code: str) -> str:
    """Return another code of the same length."""
    return str((int(code) + 1) % 10 ** len(code)).zfill(len(code))


class TestSentCodes:
    """SMS_MFA and EMAIL_OTP."""

    @pytest.fixture(params=["SMS_MFA", "EMAIL_OTP"])
    def factor(self, request: pytest.FixtureRequest, pool: PoolDriver) -> str:
        """Give each factor in turn, turned on for Alice."""
        reachable(pool)
        prefer(pool, **on(request.param))
        return str(request.param)

    def answer(
        self, pool: PoolDriver, challenge: dict[str, Any], code: str, name: str = ALICE
    ) -> dict[str, Any]:
        """Answer the challenge with a code."""
        factor = challenge["ChallengeName"]
        return pool.answer(factor, name, challenge["Session"], **code_for(factor, code))

    @pytest.mark.parametrize("sign_in", ["password", "admin", "srp"])
    def test_challenge(self, pool: PoolDriver, factor: str, sign_in: str) -> None:
        """After the password a code goes out: six digits by SMS, eight by e-mail; the address is masked."""
        start = {"password": pool.sign_in, "admin": pool.admin_sign_in, "srp": lambda: srp_sign_in(pool)}

        challenge = start[sign_in]()

        medium, masked, length = {
            "SMS_MFA": ("SMS", "+*******9088", 6),
            "EMAIL_OTP": ("EMAIL", "a***@e***", 8),
        }[factor]
        assert challenge["ChallengeName"] == factor
        assert "AuthenticationResult" not in challenge
        assert challenge["ChallengeParameters"] == {
            "USER_ID_FOR_SRP": ALICE,
            "CODE_DELIVERY_DELIVERY_MEDIUM": medium,
            "CODE_DELIVERY_DESTINATION": masked,
        }
        code = pool.codes(SENT[factor][1])[-1]
        assert len(code) == length
        assert code.isdecimal()

    def test_right_code(self, pool: PoolDriver, factor: str) -> None:
        """The code that was sent ends the sign-in."""
        challenge = pool.sign_in()

        answer = self.answer(pool, challenge, pool.codes()[-1])

        assert answer["ChallengeParameters"] == {}
        assert "AccessToken" in answer["AuthenticationResult"]

    def test_wrong_code(self, pool: PoolDriver, factor: str) -> None:
        """A wrong code leaves session and code as they are."""
        challenge = pool.sign_in()
        code = pool.codes()[-1]

        for _ in range(2):
            with refused(*WRONG_CODE):
                self.answer(pool, challenge, wrong(code))
        assert "AuthenticationResult" in self.answer(pool, challenge, code)

    def test_wrong_password(self, pool: PoolDriver, factor: str) -> None:
        """Without the password no code goes out."""
        sent = len(pool.codes())

        with pytest.raises(pool.api.exceptions.NotAuthorizedException):
            pool.sign_in(password=WRONG_PASSWORD)

        assert len(pool.codes()) == sent

    def test_code_of_another_sign_in(self, pool: PoolDriver, factor: str) -> None:
        """Each sign-in has a code of its own."""
        first, second = pool.sign_in(), pool.sign_in()
        codes = pool.codes()[-2:]
        assert codes[0] != codes[1]

        with refused(*WRONG_CODE):
            self.answer(pool, second, codes[0])
        assert "AuthenticationResult" in self.answer(pool, first, codes[0])

    def test_once(self, pool: PoolDriver, factor: str) -> None:
        """A session that brought tokens is spent."""
        challenge = pool.sign_in()
        code = pool.codes()[-1]
        self.answer(pool, challenge, code)

        with refused(*SESSION_SPENT):
            self.answer(pool, challenge, code)

    def test_expiry(self, pool: PoolDriver, factor: str) -> None:
        """The code lasts as long as the session: three minutes."""
        challenge = pool.sign_in()
        code = pool.codes()[-1]

        pool.clock.advance(3 * MINUTE - 1)
        with refused(*WRONG_CODE):
            self.answer(pool, challenge, wrong(code))
        pool.clock.advance(1)
        with refused(*SESSION_EXPIRED):
            self.answer(pool, challenge, code)

    def test_other_user(self, pool: PoolDriver, factor: str) -> None:
        """Nobody else can use the session."""
        pool.user(BOB)
        challenge = pool.sign_in()

        with refused(*SESSION_INVALID):
            self.answer(pool, challenge, pool.codes()[-1], BOB)

    def test_other_challenge(self, pool: PoolDriver, factor: str) -> None:
        """The session does not open the challenge of another factor."""
        challenge = pool.sign_in()
        other = ({"SMS_MFA", "EMAIL_OTP"} - {factor}).pop()

        with refused(*SESSION_INVALID):
            self.answer(pool, challenge | {"ChallengeName": other}, pool.codes()[-1])

    def test_missing(self, pool: PoolDriver, factor: str) -> None:
        """The answer must have the code, under its own name, and the session."""
        challenge = pool.sign_in()

        with refused(*missing(SENT[factor][0])):
            pool.answer(factor, ALICE, challenge["Session"], SOFTWARE_TOKEN_MFA_CODE=pool.codes()[-1])
        with refused(*missing("Session")):
            pool.answer(factor, ALICE, None, **code_for(factor, pool.codes()[-1]))

    def test_lock(self, pool: PoolDriver, factor: str) -> None:
        """Five wrong codes lock the user out like five wrong passwords."""
        challenge = pool.sign_in()
        code = pool.codes()[-1]
        for _ in range(5):
            with refused(*WRONG_CODE):
                self.answer(pool, challenge, wrong(code))

        with refused(*LOCKED_OUT):
            self.answer(pool, challenge, code)
        with refused(*LOCKED_OUT):
            pool.sign_in()

    def test_device_key(self, make_pool: Callable[..., PoolDriver]) -> None:
        """Passing it brings a device key, as TOTP does."""
        settings = {"DeviceConfiguration": TRACKING, **OWN_EMAIL}
        pool = make_pool(settings, EVERY_FACTOR | {"MfaConfiguration": "OPTIONAL"})
        reachable(pool)
        prefer(pool, EMAIL_OTP={"Enabled": True})

        answer = self.answer(pool, pool.sign_in(), pool.codes(EMAIL)[-1])

        assert "NewDeviceMetadata" in answer["AuthenticationResult"]


class TestOptional:
    """MFA OPTIONAL: the user decides."""

    def test_off_until_turned_on(self, pool: PoolDriver) -> None:
        """Without a factor turned on the password is enough, for users with an authenticator app, too."""
        reachable(pool)
        enrol(pool, token_of(pool))

        assert "AuthenticationResult" in pool.sign_in()
        assert "UserMFASettingList" not in pool.described()

    def test_turned_on(self, pool: PoolDriver) -> None:
        """Once turned on the factor is asked for, preferred or not."""
        pool.user()
        token = token_of(pool)
        secret = enrol(pool, token)

        assert prefer(pool, token, SOFTWARE_TOKEN_MFA={"Enabled": True})
        challenge = pool.sign_in()

        assert challenge["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
        code = totp(secret, pool.clock.now)
        answer = pool.answer("SOFTWARE_TOKEN_MFA", ALICE, challenge["Session"], SOFTWARE_TOKEN_MFA_CODE=code)
        assert "AuthenticationResult" in answer

    def test_turned_off(self, pool: PoolDriver) -> None:
        """Turned off again it is not asked for any more."""
        pool.user()
        token = token_of(pool)
        enrol(pool, token)
        prefer(pool, token, SOFTWARE_TOKEN_MFA={"Enabled": True, "PreferredMfa": True})

        prefer(pool, token, SOFTWARE_TOKEN_MFA={"Enabled": False, "PreferredMfa": False})

        assert "AuthenticationResult" in pool.sign_in()
        assert {"UserMFASettingList", "PreferredMfaSetting"}.isdisjoint(pool.described())

    def test_no_set_up(self, pool: PoolDriver) -> None:
        """No set-up is offered at sign-in."""
        pool.user()

        assert "ChallengeName" not in pool.sign_in()


class TestEnrollingByAccessToken:
    """AssociateSoftwareToken and VerifySoftwareToken by access token."""

    def test_code_is_used_up(self, pool: PoolDriver) -> None:
        """The code that verified the app is not good for a sign-in as well."""
        pool.user()
        token = token_of(pool)
        secret = pool.api.associate_software_token(AccessToken=token)["SecretCode"]
        code = totp(secret, pool.clock.now)
        pool.api.verify_software_token(AccessToken=token, UserCode=code)
        prefer(pool, token, SOFTWARE_TOKEN_MFA={"Enabled": True})
        session = pool.sign_in()["Session"]

        with refused(*TOTP_USED):
            pool.answer("SOFTWARE_TOKEN_MFA", ALICE, session, SOFTWARE_TOKEN_MFA_CODE=code)

    def test_wrong_code(self, pool: PoolDriver) -> None:
        """A wrong code enrols nothing, and can be followed by the right one."""
        pool.user()
        token = token_of(pool)
        secret = pool.api.associate_software_token(AccessToken=token)["SecretCode"]
        code = totp(secret, pool.clock.now)

        with refused(*TOTP_NOT_ENABLED):
            pool.api.verify_software_token(AccessToken=token, UserCode=wrong(code))
        with refused(*not_ready("SOFTWARE_TOKEN_MFA")):
            prefer(pool, token, SOFTWARE_TOKEN_MFA={"Enabled": True})
        assert pool.api.verify_software_token(AccessToken=token, UserCode=code)["Status"] == "SUCCESS"

    def test_new_secret_counts_when_verified(self, pool: PoolDriver) -> None:
        """A new secret takes the old one's place only when a code verifies it."""
        pool.user()
        token = token_of(pool)
        old = enrol(pool, token)
        prefer(pool, token, SOFTWARE_TOKEN_MFA={"Enabled": True})
        new = pool.api.associate_software_token(AccessToken=token)["SecretCode"]

        session = pool.sign_in()["Session"]
        with refused(*TOTP_MISMATCH):
            pool.answer(
                "SOFTWARE_TOKEN_MFA", ALICE, session, SOFTWARE_TOKEN_MFA_CODE=totp(new, pool.clock.now)
            )
        answer = pool.answer(
            "SOFTWARE_TOKEN_MFA", ALICE, session, SOFTWARE_TOKEN_MFA_CODE=totp(old, pool.clock.now)
        )
        assert "AuthenticationResult" in answer

    def test_verifying_without_a_secret(self, pool: PoolDriver) -> None:
        """Without AssociateSoftwareToken any code is a wrong one."""
        pool.user()

        with refused(*TOTP_NOT_ENABLED):
            pool.api.verify_software_token(AccessToken=token_of(pool), UserCode="123456")


class TestPreference:
    """SetUserMFAPreference and AdminSetUserMFAPreference."""

    @pytest.mark.parametrize("admin", [False, True], ids=["user", "administrator"])
    def test_shown(self, pool: PoolDriver, admin: bool) -> None:
        """GetUser and AdminGetUser show what is turned on, and what is preferred."""
        reachable(pool)
        token = token_of(pool)

        prefer(
            pool,
            None if admin else token,
            SMS_MFA={"Enabled": True},
            EMAIL_OTP={"Enabled": True, "PreferredMfa": True},
        )

        for shown in (pool.described(), pool.api.get_user(AccessToken=token)):
            assert sorted(shown["UserMFASettingList"]) == ["EMAIL_OTP", "SMS_MFA"]
            assert shown["PreferredMfaSetting"] == "EMAIL_OTP"

    @pytest.mark.parametrize("admin", [False, True], ids=["user", "administrator"])
    @pytest.mark.parametrize("factor", FIELDS)
    def test_not_ready(self, pool: PoolDriver, factor: str, admin: bool) -> None:
        """A factor for which the user has no address, or no app, can't be turned on."""
        pool.user()
        names = ["email"]
        pool.api.admin_delete_user_attributes(UserPoolId=pool.id, Username=ALICE, UserAttributeNames=names)

        with refused(*not_ready(factor)):
            prefer(pool, None if admin else token_of(pool), **on(factor))
        assert "UserMFASettingList" not in pool.described()

    @pytest.mark.parametrize("factor", ["SMS_MFA", "EMAIL_OTP"])
    def test_not_offered(self, make_pool: Callable[..., PoolDriver], factor: str) -> None:
        """One that the pool does not offer can be, and no sign-in asks for it."""
        totp_only = {"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": True}}
        pool = make_pool(mfa=totp_only)
        reachable(pool)

        prefer(pool, **on(factor))

        assert pool.described()["UserMFASettingList"] == [factor]
        assert "AuthenticationResult" in pool.sign_in()

    def test_unverified_address(self, pool: PoolDriver) -> None:
        """Nor does a sign-in ask for a code that went to an address which is not verified."""
        pool.user()
        attributes = [{"Name": "email", "Value": EMAIL}, {"Name": "email_verified", "Value": "false"}]
        pool.api.admin_update_user_attributes(UserPoolId=pool.id, Username=ALICE, UserAttributes=attributes)

        prefer(pool, **on("EMAIL_OTP"))

        assert "AuthenticationResult" in pool.sign_in()

    def test_others_stay(self, pool: PoolDriver) -> None:
        """What the request does not name stays as it is."""
        reachable(pool)
        prefer(pool, SMS_MFA={"Enabled": True, "PreferredMfa": True})

        prefer(pool, EMAIL_OTP={"Enabled": True})

        assert sorted(pool.described()["UserMFASettingList"]) == ["EMAIL_OTP", "SMS_MFA"]
        assert pool.described()["PreferredMfaSetting"] == "SMS_MFA"

    def test_preference_moves(self, pool: PoolDriver) -> None:
        """Only one factor is preferred: the latest that was."""
        reachable(pool)
        prefer(pool, SMS_MFA={"Enabled": True, "PreferredMfa": True})

        prefer(pool, EMAIL_OTP={"Enabled": True, "PreferredMfa": True})

        assert pool.described()["PreferredMfaSetting"] == "EMAIL_OTP"
        assert pool.sign_in()["ChallengeName"] == "EMAIL_OTP"

    def test_preference_given_up(self, pool: PoolDriver) -> None:
        """A factor that stays on may cease to be preferred."""
        reachable(pool)
        prefer(pool, SMS_MFA={"Enabled": True, "PreferredMfa": True})

        prefer(pool, SMS_MFA={"Enabled": True, "PreferredMfa": False})

        assert "PreferredMfaSetting" not in pool.described()
        assert pool.described()["UserMFASettingList"] == ["SMS_MFA"]

    def test_unknown_user(self, pool: PoolDriver) -> None:
        """Administrators are told when there is no such user."""
        with refused(*USER_NOT_FOUND):
            prefer(pool, name="nobody", SMS_MFA={"Enabled": True})

    def test_pool_without_mfa(self, make_pool: Callable[..., PoolDriver]) -> None:
        """In a pool where MFA is off no code is asked for, whatever is turned on."""
        pool = make_pool(OWN_EMAIL, EVERY_FACTOR | {"MfaConfiguration": "OPTIONAL"})
        reachable(pool)
        prefer(pool, EMAIL_OTP={"Enabled": True, "PreferredMfa": True})
        assert pool.sign_in()["ChallengeName"] == "EMAIL_OTP"

        pool.api.set_user_pool_mfa_config(UserPoolId=pool.id, MfaConfiguration="OFF")

        assert "AuthenticationResult" in pool.sign_in()


class TestChoosing:
    """SELECT_MFA_TYPE."""

    def several(self, pool: PoolDriver) -> str:
        """Make a user with all three factors on and none preferred; return the TOTP secret."""
        reachable(pool)
        token = token_of(pool)
        secret = enrol(pool, token)
        prefer(pool, token, **on(*FIELDS))
        return secret

    def test_challenge(self, pool: PoolDriver) -> None:
        """With several factors on and none preferred the user is asked which; no code goes out yet."""
        self.several(pool)
        sent = len(pool.codes())

        challenge = pool.sign_in()

        assert challenge["ChallengeName"] == "SELECT_MFA_TYPE"
        assert challenge["ChallengeParameters"]["USER_ID_FOR_SRP"] == ALICE
        choices = json.loads(challenge["ChallengeParameters"]["MFAS_CAN_CHOOSE"])
        assert sorted(choices) == ["EMAIL_OTP", "SMS_MFA", "SOFTWARE_TOKEN_MFA"]
        assert len(pool.codes()) == sent

    @pytest.mark.parametrize(
        ("chosen", "factor"), [("SMS_MFA", "SMS_MFA"), ("EMAIL_MFA", "EMAIL_OTP"), ("EMAIL_OTP", "EMAIL_OTP")]
    )
    def test_sent_code(self, pool: PoolDriver, chosen: str, factor: str) -> None:
        """A code goes out for the factor that was chosen, and ends the sign-in; e-mail has two names."""
        self.several(pool)
        first = pool.sign_in()

        second = pool.answer("SELECT_MFA_TYPE", ALICE, first["Session"], ANSWER=chosen)
        _, address = SENT[factor]
        third = pool.answer(factor, ALICE, second["Session"], **code_for(factor, pool.codes(address)[-1]))

        assert second["ChallengeName"] == factor
        assert "AuthenticationResult" in third

    def test_app(self, pool: PoolDriver) -> None:
        """The authenticator app may be chosen as well."""
        secret = self.several(pool)
        first = pool.sign_in()

        second = pool.answer("SELECT_MFA_TYPE", ALICE, first["Session"], ANSWER="SOFTWARE_TOKEN_MFA")
        code = totp(secret, pool.clock.now)
        third = pool.answer("SOFTWARE_TOKEN_MFA", ALICE, second["Session"], SOFTWARE_TOKEN_MFA_CODE=code)

        assert second["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
        assert "AuthenticationResult" in third

    def test_factor_that_is_off(self, pool: PoolDriver) -> None:
        """A factor that is not on can't be chosen; the session stays good."""
        reachable(pool)
        prefer(pool, SMS_MFA={"Enabled": True}, EMAIL_OTP={"Enabled": True})
        session = pool.sign_in()["Session"]

        with refused("InvalidParameterException", "Invalid MFA type SOFTWARE_TOKEN_MFA."):
            pool.answer("SELECT_MFA_TYPE", ALICE, session, ANSWER="SOFTWARE_TOKEN_MFA")
        assert pool.answer("SELECT_MFA_TYPE", ALICE, session, ANSWER="SMS_MFA")["ChallengeName"] == "SMS_MFA"

    def test_session(self, pool: PoolDriver) -> None:
        """The session opens the choice only, and that once."""
        self.several(pool)
        session = pool.sign_in()["Session"]

        with refused(*missing("ANSWER")):
            pool.answer("SELECT_MFA_TYPE", ALICE, session, SMS_MFA_CODE="123456")
        with refused(*SESSION_INVALID):
            pool.answer("SMS_MFA", ALICE, session, SMS_MFA_CODE="123456")
        pool.answer("SELECT_MFA_TYPE", ALICE, session, ANSWER="SMS_MFA")
        with refused(*SESSION_SPENT):
            pool.answer("SELECT_MFA_TYPE", ALICE, session, ANSWER="SMS_MFA")

    @pytest.mark.parametrize("preferred", FIELDS)
    def test_preferred(self, pool: PoolDriver, preferred: str) -> None:
        """A preferred factor is asked for at once."""
        self.several(pool)
        prefer(pool, **on(preferred, preferred=True))

        assert pool.sign_in()["ChallengeName"] == preferred


class TestRequired:
    """MFA ON: whatever the user can pass is asked for."""

    @pytest.mark.parametrize(("address", "factor"), [("phone_number", "SMS_MFA"), ("email", "EMAIL_OTP")])
    def test_verified_address(self, strict_pool: PoolDriver, address: str, factor: str) -> None:
        """A verified address is enough, no preference is needed."""
        reachable(strict_pool, ALICE, address)
        if address == "phone_number":
            strict_pool.api.admin_update_user_attributes(
                UserPoolId=strict_pool.id,
                Username=ALICE,
                UserAttributes=[{"Name": "email_verified", "Value": "false"}],
            )

        assert strict_pool.sign_in()["ChallengeName"] == factor

    def test_several(self, strict_pool: PoolDriver) -> None:
        """With two verified addresses the user chooses."""
        reachable(strict_pool)

        challenge = strict_pool.sign_in()

        assert challenge["ChallengeName"] == "SELECT_MFA_TYPE"
        assert json.loads(challenge["ChallengeParameters"]["MFAS_CAN_CHOOSE"]) == ["SMS_MFA", "EMAIL_OTP"]

    def test_nothing_to_pass(self, strict_pool: PoolDriver) -> None:
        """Without any, the user is led to set up one that the pool offers."""
        strict_pool.sign_up(email=None)
        strict_pool.api.admin_confirm_sign_up(UserPoolId=strict_pool.id, Username=ALICE)

        challenge = strict_pool.sign_in()

        assert challenge["ChallengeName"] == "MFA_SETUP"
        offered = challenge["ChallengeParameters"]["MFAS_CAN_SETUP"]
        assert offered == '["SMS_MFA","SOFTWARE_TOKEN_MFA","EMAIL_OTP"]'
