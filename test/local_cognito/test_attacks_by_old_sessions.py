"""Old sessions and codes: what was begun under one state of a user is worth nothing under the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from test.support.inside import store_of
from test.support.pool_driver import (
    ALICE,
    BOB,
    CODE_EXPIRED,
    INCORRECT,
    PASSWORD,
    SESSION_INVALID,
    SESSION_SPENT,
    DeviceSrp,
    PoolDriver,
    TrackedDevice,
    refused,
    totp,
)
from test.support.pools import OWN_EMAIL, REQUIRED_TOTP, SMS, TRACKING
from test.support.user_srp import UserSrp

if TYPE_CHECKING:
    from collections.abc import Callable

TEMPORARY = "Temporary-Horse-2!"
CHOSEN = "Owners-Own-Horse-3!"
OTHERS = "Another-Mans-Horse-4!"


def set_password(pool: PoolDriver) -> None:
    """An administrator sets a permanent password."""
    pool.api.admin_set_user_password(UserPoolId=pool.id, Username=ALICE, Password=CHOSEN, Permanent=True)


def set_same_password(pool: PoolDriver) -> None:
    """An administrator sets the password that the user has already."""
    pool.api.admin_set_user_password(UserPoolId=pool.id, Username=ALICE, Password=PASSWORD, Permanent=True)


def set_temporary_password(pool: PoolDriver) -> None:
    """An administrator sets a temporary password."""
    pool.api.admin_set_user_password(UserPoolId=pool.id, Username=ALICE, Password=CHOSEN)


def sign_out(pool: PoolDriver) -> None:
    """An administrator signs the user out everywhere."""
    pool.api.admin_user_global_sign_out(UserPoolId=pool.id, Username=ALICE)


def disable_and_enable(pool: PoolDriver) -> None:
    """An administrator disables the user and thinks better of it."""
    pool.api.admin_disable_user(UserPoolId=pool.id, Username=ALICE)
    pool.api.admin_enable_user(UserPoolId=pool.id, Username=ALICE)


def require_reset(pool: PoolDriver) -> None:
    """The user's status says that the password must be reset."""
    pool.change_user(status="RESET_REQUIRED")


def delete_and_create(pool: PoolDriver) -> None:
    """The user is deleted, and another gets the name and the password."""
    pool.api.admin_delete_user(UserPoolId=pool.id, Username=ALICE)
    pool.user()


CHANGES = [
    set_password,
    set_same_password,
    set_temporary_password,
    sign_out,
    disable_and_enable,
    require_reset,
    delete_and_create,
]


def invite(pool: PoolDriver) -> None:
    """Make Alice with a temporary password and a verified address."""
    attributes = {"email": "alice@example.com", "email_verified": "true"}
    pool.api.admin_create_user(
        UserPoolId=pool.id,
        Username=ALICE,
        TemporaryPassword=TEMPORARY,
        UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
    )


def choose(pool: PoolDriver, session: str, password: str) -> dict[str, Any]:
    """Answer NEW_PASSWORD_REQUIRED."""
    return pool.answer("NEW_PASSWORD_REQUIRED", ALICE, session, NEW_PASSWORD=password)


def fails(pool: PoolDriver, session: str) -> None:
    """Fail unless the old session is refused, and leaves the password alone."""
    with pytest.raises(ClientError, match=r"Invalid session|User is not confirmed|does not exist"):
        choose(pool, session, OTHERS)
    with pytest.raises(ClientError):
        pool.sign_in(password=OTHERS)


class TestTemporaryPassword:
    """A session of NEW_PASSWORD_REQUIRED ends with the temporary password that it was given for."""

    def test_second_session(self, pool: PoolDriver) -> None:
        """Two sign-ins with one temporary password choose one password."""
        invite(pool)
        mine, others = (pool.sign_in(password=TEMPORARY)["Session"] for _ in range(2))
        choose(pool, mine, CHOSEN)

        fails(pool, others)
        assert pool.sign_in(password=CHOSEN)["AuthenticationResult"]

    @pytest.mark.parametrize("change", CHANGES)
    def test_changes(self, pool: PoolDriver, change: Callable[[PoolDriver], None]) -> None:
        """Whatever an administrator does about the user ends it."""
        invite(pool)
        session = pool.sign_in(password=TEMPORARY)["Session"]
        change(pool)

        fails(pool, session)

    def test_second_invitation(self, pool: PoolDriver) -> None:
        """An invitation that is sent again ends what the first one began."""
        invite(pool)
        session = pool.sign_in(password=TEMPORARY)["Session"]
        pool.api.admin_create_user(
            UserPoolId=pool.id, Username=ALICE, TemporaryPassword=CHOSEN, MessageAction="RESEND"
        )

        fails(pool, session)


class TestSecondFactor:
    """A session of an MFA challenge ends with the password that led to it."""

    @pytest.mark.parametrize("change", CHANGES)
    def test_app(self, mfa_pool: PoolDriver, change: Callable[[PoolDriver], None]) -> None:
        """A right TOTP code gives no tokens after the change."""
        secret = mfa_pool.enrolled()
        session = mfa_pool.sign_in()["Session"]
        change(mfa_pool)

        code = totp(secret, mfa_pool.clock.now)
        with refused(*SESSION_INVALID):
            mfa_pool.answer("SOFTWARE_TOKEN_MFA", ALICE, session, SOFTWARE_TOKEN_MFA_CODE=code)

    def test_own_change(self, mfa_pool: PoolDriver) -> None:
        """Nor after the user has changed the password themselves, or signed out everywhere."""
        secret = mfa_pool.enrolled()
        token = mfa_pool.sign_in_with_mfa(secret)["AccessToken"]
        first = mfa_pool.sign_in()["Session"]
        mfa_pool.api.change_password(AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword=CHOSEN)
        second = mfa_pool.sign_in(password=CHOSEN)["Session"]
        mfa_pool.api.global_sign_out(AccessToken=token)
        mfa_pool.clock.to_next_step()

        for session in (first, second):
            code = totp(secret, mfa_pool.clock.now)
            with refused(*SESSION_INVALID):
                mfa_pool.answer("SOFTWARE_TOKEN_MFA", ALICE, session, SOFTWARE_TOKEN_MFA_CODE=code)

    def test_forgotten_password(self, mfa_pool: PoolDriver) -> None:
        """Nor after the password was reset by a code."""
        secret = mfa_pool.enrolled()
        session = mfa_pool.sign_in()["Session"]
        mfa_pool.api.forgot_password(ClientId=mfa_pool.client_id, Username=ALICE)
        mfa_pool.api.confirm_forgot_password(
            ClientId=mfa_pool.client_id,
            Username=ALICE,
            ConfirmationCode=mfa_pool.codes()[-1],
            Password=CHOSEN,
        )

        code = totp(secret, mfa_pool.clock.now)
        with refused(*SESSION_INVALID):
            mfa_pool.answer("SOFTWARE_TOKEN_MFA", ALICE, session, SOFTWARE_TOKEN_MFA_CODE=code)

    def test_code_to_an_old_address(self, make_pool: Callable[..., PoolDriver]) -> None:
        """A code that went to the old address proves nothing about the new one."""
        pool = make_pool(
            OWN_EMAIL, {"MfaConfiguration": "ON", "EmailMfaConfiguration": {"Message": "{####}"}}
        )
        pool.user()
        session = pool.sign_in()["Session"]
        code = pool.codes("alice@example.com")[-1]
        change_address(pool, "new@example.com")

        with refused(*SESSION_INVALID):
            pool.answer("EMAIL_OTP", ALICE, session, EMAIL_OTP_CODE=code)

    def test_code_to_an_address_that_is_not_verified(self, make_pool: Callable[..., PoolDriver]) -> None:
        """Nor does one that went to an address which no longer counts as the user's."""
        pool = make_pool(
            OWN_EMAIL, {"MfaConfiguration": "ON", "EmailMfaConfiguration": {"Message": "{####}"}}
        )
        pool.user()
        session = pool.sign_in()["Session"]
        code = pool.codes("alice@example.com")[-1]
        unverify(pool)

        with refused(*SESSION_INVALID):
            pool.answer("EMAIL_OTP", ALICE, session, EMAIL_OTP_CODE=code)

    @pytest.mark.parametrize("change", CHANGES)
    def test_proof(self, pool: PoolDriver, change: Callable[[PoolDriver], None]) -> None:
        """A proof of the old password, begun before the change, is a wrong one after."""
        pool.user()
        srp = UserSrp(pool)
        parameters = srp.begin()
        change(pool)

        with refused(*INCORRECT):
            srp.prove(parameters)


class TestEnrolment:
    """A session of MFA_SETUP enrols an app for a user who has none, and who may sign in."""

    def test_replaces_no_app(self, make_pool: Callable[..., PoolDriver]) -> None:
        """It ends when the owner enrols an app by other means."""
        pool = make_pool()
        pool.user()
        token = pool.sign_in()["AuthenticationResult"]["AccessToken"]
        pool.api.set_user_pool_mfa_config(UserPoolId=pool.id, **REQUIRED_TOTP)
        fresh = pool.sign_in()["Session"]
        associated = self.associate(pool, fresh)
        secret = pool.api.associate_software_token(AccessToken=token)["SecretCode"]
        pool.api.verify_software_token(AccessToken=token, UserCode=totp(secret, pool.clock.now))

        with refused(*SESSION_INVALID):
            self.verify(pool, associated)
        pool.clock.to_next_step()
        assert pool.sign_in_with_mfa(secret)["AccessToken"]

    def test_verified_before(self, make_pool: Callable[..., PoolDriver]) -> None:
        """An app that was verified, and replaced by the owner's, lets nobody in."""
        pool = make_pool()
        pool.user()
        token = pool.sign_in()["AuthenticationResult"]["AccessToken"]
        pool.api.set_user_pool_mfa_config(UserPoolId=pool.id, **REQUIRED_TOTP)
        _, session = pool.verified()
        secret = pool.api.associate_software_token(AccessToken=token)["SecretCode"]
        pool.api.verify_software_token(AccessToken=token, UserCode=totp(secret, pool.clock.now))

        with refused(*SESSION_INVALID):
            pool.answer("MFA_SETUP", ALICE, session)

    def test_another_factor(self, make_pool: Callable[..., PoolDriver]) -> None:
        """It ends when the user gets a factor of another kind, which it would go around."""
        factors = REQUIRED_TOTP | {"EmailMfaConfiguration": {"Message": "{####}"}}
        pool = make_pool(OWN_EMAIL, factors)
        pool.user()
        unverify(pool)
        session = pool.sign_in()["Session"]
        change_address(pool, "alice@example.com")

        with refused(*SESSION_INVALID):
            self.associate(pool, session)

    @pytest.mark.parametrize("change", CHANGES)
    @pytest.mark.parametrize("step", ["associate", "verify", "answer"])
    def test_changes(self, mfa_pool: PoolDriver, step: str, change: Callable[[PoolDriver], None]) -> None:
        """Whatever ends a sign-in ends the enrolment that is part of it."""
        mfa_pool.user()
        session = mfa_pool.sign_in()["Session"]
        associated = self.associate(mfa_pool, session) if step != "associate" else ("", "")
        verified = self.verify(mfa_pool, associated) if step == "answer" else ""
        change(mfa_pool)

        with refused(*SESSION_INVALID):
            if step == "associate":
                self.associate(mfa_pool, session)
            elif step == "verify":
                self.verify(mfa_pool, associated)
            else:
                mfa_pool.answer("MFA_SETUP", ALICE, verified)

    @pytest.mark.parametrize("step", ["associate", "verify"])
    def test_disabled(self, mfa_pool: PoolDriver, step: str) -> None:
        """A disabled user gets no secret, and enrols none."""
        mfa_pool.user()
        session = mfa_pool.sign_in()["Session"]
        associated = self.associate(mfa_pool, session) if step == "verify" else ("", "")
        mfa_pool.api.admin_disable_user(UserPoolId=mfa_pool.id, Username=ALICE)

        with refused(*SESSION_INVALID):
            if step == "associate":
                self.associate(mfa_pool, session)
            else:
                self.verify(mfa_pool, associated)

    @staticmethod
    def associate(pool: PoolDriver, session: str) -> tuple[str, str]:
        """Return secret and session."""
        answer = pool.api.associate_software_token(Session=session)
        return answer["SecretCode"], answer["Session"]

    @staticmethod
    def verify(pool: PoolDriver, associated: tuple[str, str]) -> str:
        """Verify the secret; return the session."""
        secret, session = associated
        code = totp(secret, pool.clock.now)
        verified: str = pool.api.verify_software_token(Session=session, UserCode=code)["Session"]
        return verified


def change_address(pool: PoolDriver, email: str) -> None:
    """Let an administrator give Alice another verified address."""
    pairs = {"email": email, "email_verified": "true"}
    listed = [{"Name": name, "Value": value} for name, value in pairs.items()]
    pool.api.admin_update_user_attributes(UserPoolId=pool.id, Username=ALICE, UserAttributes=listed)


def unverify(pool: PoolDriver) -> None:
    """Let an administrator say that the address is not verified."""
    listed = [{"Name": "email_verified", "Value": "false"}]
    pool.api.admin_update_user_attributes(UserPoolId=pool.id, Username=ALICE, UserAttributes=listed)


def change_address_and_back(pool: PoolDriver) -> None:
    """Remove the address and give it again, unverified."""
    pool.api.admin_delete_user_attributes(UserPoolId=pool.id, Username=ALICE, UserAttributeNames=["email"])
    listed = [{"Name": "email", "Value": "alice@example.com"}]
    pool.api.admin_update_user_attributes(UserPoolId=pool.id, Username=ALICE, UserAttributes=listed)


class TestResetCode:
    """A code to reset a password is for one address, one password and one status."""

    @pytest.mark.parametrize("hides", ["LEGACY", "ENABLED"])
    @pytest.mark.parametrize(
        "change",
        [
            *CHANGES,
            lambda pool: change_address(pool, "new@example.com"),
            unverify,
            change_address_and_back,
        ],
        ids=lambda change: change.__name__,
    )
    def test_changes(
        self, make_pool: Callable[..., PoolDriver], change: Callable[[PoolDriver], None], hides: str
    ) -> None:
        """It is good for nothing after any of them changed."""
        pool = make_pool(client={"PreventUserExistenceErrors": hides})
        pool.user()
        pool.api.forgot_password(ClientId=pool.client_id, Username=ALICE)
        code = pool.codes("alice@example.com")[-1]
        change(pool)

        if change is sign_out:  # signing out changes none of them
            self.reset(pool, code)
            return
        with pytest.raises(ClientError, match=r"CodeMismatchException|ExpiredCodeException"):
            self.reset(pool, code)

    def test_own_change(self, pool: PoolDriver) -> None:
        """Nor after the user has chosen another password."""
        pool.user()
        token = pool.sign_in()["AuthenticationResult"]["AccessToken"]
        pool.api.forgot_password(ClientId=pool.client_id, Username=ALICE)
        pool.api.change_password(AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword=CHOSEN)

        with refused(*CODE_EXPIRED):
            self.reset(pool, pool.codes("alice@example.com")[-1])

    def test_name_taken_over(self, make_pool: Callable[..., PoolDriver]) -> None:
        """A code that was asked for before there was a user is not one of theirs."""
        pool = make_pool(client={"PreventUserExistenceErrors": "ENABLED"})
        pool.api.forgot_password(ClientId=pool.client_id, Username=ALICE)
        pool.user()

        for code in self.kept_codes(pool):
            with pytest.raises(ClientError, match="CodeMismatchException"):
                self.reset(pool, code)

    def test_failures_of_codes(self, mfa_pool: PoolDriver) -> None:
        """A reset password forgets wrong passwords, but no wrong MFA codes."""
        mfa_pool.enrolled()
        session = mfa_pool.sign_in()["Session"]
        for _ in range(5):
            with pytest.raises(ClientError, match="CodeMismatchException"):
                mfa_pool.answer("SOFTWARE_TOKEN_MFA", ALICE, session, SOFTWARE_TOKEN_MFA_CODE="000000")
        mfa_pool.api.forgot_password(ClientId=mfa_pool.client_id, Username=ALICE)
        self.reset(mfa_pool, mfa_pool.codes("alice@example.com")[-1])

        with pytest.raises(ClientError, match="Password attempts exceeded"):
            mfa_pool.sign_in(password=CHOSEN)

    def test_sign_up_code_for_another_address(self, make_pool: Callable[..., PoolDriver]) -> None:
        """A sign-up code verifies the address that it went to, not one that was added since."""
        pool = make_pool({"AutoVerifiedAttributes": ["email", "phone_number"], **SMS})
        pool.sign_up()
        code = pool.codes("alice@example.com")[-1]
        listed = [{"Name": "phone_number", "Value": "+15555550100"}]
        pool.api.admin_update_user_attributes(UserPoolId=pool.id, Username=ALICE, UserAttributes=listed)

        with refused(*CODE_EXPIRED):
            pool.confirm(ALICE, code)
        assert pool.described()["attributes"].get("phone_number_verified") != "true"

    @staticmethod
    def kept_codes(pool: PoolDriver) -> list[str]:
        """Return every reset code that the store has for the pool."""
        codes = store_of(pool.server).codes
        return [kept.code for kept in codes.where(pool_id=pool.id) if "forgotten" in kept.purpose]

    @staticmethod
    def reset(pool: PoolDriver, code: str) -> None:
        """Set a new password with the code."""
        fields = {"Username": ALICE, "ConfirmationCode": code, "Password": CHOSEN}
        pool.api.confirm_forgot_password(ClientId=pool.client_id, **fields)


@pytest.fixture
def tracked(mfa_pool: PoolDriver) -> TrackedDevice:
    """Return a tracked device of Alice's."""
    return mfa_pool.track(mfa_pool.sign_in_with_mfa(mfa_pool.enrolled()))


class TestDevices:
    """A device's proof stands in for MFA while the device is remembered, for one sign-in, of its owner's."""

    def begin(self, pool: PoolDriver, srp: DeviceSrp, session: str | None) -> dict[str, Any]:
        """Answer DEVICE_SRP_AUTH."""
        key = srp.device.key
        return pool.answer("DEVICE_SRP_AUTH", ALICE, session, DEVICE_KEY=key, SRP_A=srp.public_a)

    def prove(self, pool: PoolDriver, srp: DeviceSrp, second: dict[str, Any], name: str = ALICE) -> Any:
        """Answer DEVICE_PASSWORD_VERIFIER without a session, and return the tokens."""
        claim = srp.claim(second["ChallengeParameters"])
        return pool.answer("DEVICE_PASSWORD_VERIFIER", name, None, **claim)["AuthenticationResult"]

    def test_used_up_by_another(self, mfa_pool: PoolDriver, tracked: TrackedDevice) -> None:
        """Who knows the name and the key alone takes no step away from the owner."""
        session = mfa_pool.sign_in(DEVICE_KEY=tracked.key)["Session"]
        stranger, owner = DeviceSrp(mfa_pool, tracked), DeviceSrp(mfa_pool, tracked)
        for _ in range(3):
            self.begin(mfa_pool, stranger, None)

        second = self.begin(mfa_pool, owner, session)
        assert self.prove(mfa_pool, owner, second)["AccessToken"]

    def test_one_step_one_sign_in(self, mfa_pool: PoolDriver, tracked: TrackedDevice) -> None:
        """Two exchanges of one step give one sign-in."""
        mfa_pool.sign_in(DEVICE_KEY=tracked.key)
        srp = DeviceSrp(mfa_pool, tracked)
        first, second = self.begin(mfa_pool, srp, None), self.begin(mfa_pool, srp, None)
        assert self.prove(mfa_pool, srp, first)["AccessToken"]

        with refused(*INCORRECT):
            self.prove(mfa_pool, srp, second)
        with refused(*SESSION_INVALID):
            self.begin(mfa_pool, srp, None)

    def test_session_opens_its_step_once(self, mfa_pool: PoolDriver, tracked: TrackedDevice) -> None:
        """With its session the step is answered once."""
        session = mfa_pool.sign_in(DEVICE_KEY=tracked.key)["Session"]
        srp = DeviceSrp(mfa_pool, tracked)
        self.begin(mfa_pool, srp, session)

        with refused(*SESSION_SPENT):
            self.begin(mfa_pool, srp, session)

    @pytest.mark.parametrize("when", ["before A", "before the proof"])
    def test_not_remembered(self, mfa_pool: PoolDriver, tracked: TrackedDevice, when: str) -> None:
        """A device that is no longer remembered stands in for nothing."""
        session = mfa_pool.sign_in(DEVICE_KEY=tracked.key)["Session"]
        srp = DeviceSrp(mfa_pool, tracked)
        second = self.begin(mfa_pool, srp, session) if when == "before the proof" else {}
        mfa_pool.api.admin_update_device_status(
            UserPoolId=mfa_pool.id,
            Username=ALICE,
            DeviceKey=tracked.key,
            DeviceRememberedStatus="not_remembered",
        )

        with refused(*SESSION_INVALID):
            if second:
                self.prove(mfa_pool, srp, second)
            else:
                self.begin(mfa_pool, srp, session)

    @pytest.mark.parametrize("when", ["before A", "before the proof"])
    def test_pool_asks_for_mfa_again(self, mfa_pool: PoolDriver, tracked: TrackedDevice, when: str) -> None:
        """Nor does one where the pool no longer lets devices replace MFA."""
        session = mfa_pool.sign_in(DEVICE_KEY=tracked.key)["Session"]
        srp = DeviceSrp(mfa_pool, tracked)
        second = self.begin(mfa_pool, srp, session) if when == "before the proof" else {}
        tracking = TRACKING | {"ChallengeRequiredOnNewDevice": False}
        with mfa_pool.changed("pools", mfa_pool.id) as changed:
            changed.settings["DeviceConfiguration"] = tracking

        with refused(*SESSION_INVALID):
            if second:
                self.prove(mfa_pool, srp, second)
            else:
                self.begin(mfa_pool, srp, session)

    @pytest.mark.parametrize("change", CHANGES[:-1])
    @pytest.mark.parametrize("when", ["before A", "before the proof"])
    def test_changes(
        self,
        mfa_pool: PoolDriver,
        tracked: TrackedDevice,
        when: str,
        change: Callable[[PoolDriver], None],
    ) -> None:
        """The password that was right at the beginning must still be the user's at the end."""
        session = mfa_pool.sign_in(DEVICE_KEY=tracked.key)["Session"]
        srp = DeviceSrp(mfa_pool, tracked)
        second = self.begin(mfa_pool, srp, session) if when == "before the proof" else {}
        change(mfa_pool)

        if second:
            with refused(*INCORRECT):
                self.prove(mfa_pool, srp, second)
            return
        for given in (session, None):
            with refused(*SESSION_INVALID):
                self.begin(mfa_pool, srp, given)

    def test_of_another_user(self, mfa_pool: PoolDriver, tracked: TrackedDevice) -> None:
        """The exchange is the owner's: another name is refused with it."""
        mfa_pool.user(BOB)
        mfa_pool.sign_in(DEVICE_KEY=tracked.key)
        srp = DeviceSrp(mfa_pool, tracked)
        second = self.begin(mfa_pool, srp, None)

        with pytest.raises(ClientError, match="Device does not exist"):
            self.prove(mfa_pool, srp, second, BOB)
