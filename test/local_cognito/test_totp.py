"""TOTP: enrolling an app, which codes are accepted and when, and who is asked for one."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from local_cognito.authentication.totp import matching_step
from test.support.inside import store_of
from test.support.pool_driver import (
    ALICE,
    BOB,
    SESSION_INVALID,
    TOTP_MISMATCH,
    TOTP_NOT_ENABLED,
    TOTP_STEP,
    TOTP_USED,
    missing,
    refused,
    totp,
)
from test.support.pools import REQUIRED_TOTP

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import PoolDriver


OPTIONAL_TOTP = REQUIRED_TOTP | {"MfaConfiguration": "OPTIONAL"}
NO_TOTP = {"MfaConfiguration": "ON", "SmsMfaConfiguration": {"SmsAuthenticationMessage": "Code {####}"}}
POOL_WITHOUT_TOTP = (
    "SoftwareTokenMFANotFoundException",
    "Software Token MFA has not been enabled by the userPool.",
)
NOT_ENROLLED = ("SoftwareTokenMFANotFoundException", "Software Token MFA does not exist for the user.")


@pytest.fixture
def optional_pool(make_pool: Callable[..., PoolDriver]) -> PoolDriver:
    """Return a pool that offers TOTP and requires no MFA."""
    return make_pool(mfa=OPTIONAL_TOTP)


def associated(pool: PoolDriver, name: str = ALICE) -> tuple[str, str]:
    """Sign in to a pool that requires MFA and get a secret; return it and the session."""
    answer = pool.api.associate_software_token(Session=pool.sign_in(name)["Session"])
    return answer["SecretCode"], answer["Session"]


def verify(pool: PoolDriver, session: str, code: str, **fields: Any) -> dict[str, Any]:
    """VerifySoftwareToken with a session."""
    return pool.api.verify_software_token(Session=session, UserCode=code, **fields)


def give_code(
    pool: PoolDriver, session: str, code: str, name: str = ALICE, *, admin: bool = False
) -> dict[str, Any]:
    """Answer the MFA challenge with a code."""
    return pool.answer("SOFTWARE_TOKEN_MFA", name, session, admin=admin, SOFTWARE_TOKEN_MFA_CODE=code)


def access_token(pool: PoolDriver, name: str = ALICE) -> str:
    """Sign in to a pool that requires no MFA and return the access token."""
    return str(pool.sign_in(name)["AuthenticationResult"]["AccessToken"])


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
    ],
)
def test_published_codes(moment: int, code: str) -> None:
    """The codes are those that RFC 6238 publishes for SHA-1, cut to six digits."""
    secret = base64.b32encode(b"12345678901234567890").decode()

    assert matching_step(secret, code, moment) == moment // 30


class TestWhoIsAsked:
    """MFA off, optional and required, for users with and without an app."""

    def test_off(self, make_pool: Callable[..., PoolDriver]) -> None:
        """Where MFA is off, a user who has TOTP enabled signs in with the password alone."""
        pool = make_pool(mfa=REQUIRED_TOTP)
        pool.enrolled()
        pool.api.set_user_pool_mfa_config(UserPoolId=pool.id, MfaConfiguration="OFF")

        assert pool.sign_in()["AuthenticationResult"]

    def test_optional_and_not_enrolled(self, optional_pool: PoolDriver) -> None:
        """Where MFA is optional, a user without an app gets tokens and is not asked to set one up."""
        optional_pool.user()

        assert optional_pool.sign_in()["AuthenticationResult"]

    def test_optional_and_enrolled_but_not_preferred(self, optional_pool: PoolDriver) -> None:
        """Where MFA is optional, verifying an app does not yet turn it on for the user."""
        optional_pool.user()
        token = access_token(optional_pool)
        secret = optional_pool.api.associate_software_token(AccessToken=token)["SecretCode"]
        code = totp(secret, optional_pool.clock.now)
        optional_pool.api.verify_software_token(AccessToken=token, UserCode=code)

        assert optional_pool.sign_in()["AuthenticationResult"]

    def test_optional_and_enabled(self, make_pool: Callable[..., PoolDriver]) -> None:
        """Where MFA is optional, a user who has TOTP enabled is asked for the code."""
        pool = make_pool(mfa=REQUIRED_TOTP)
        pool.enrolled()
        pool.api.set_user_pool_mfa_config(UserPoolId=pool.id, **OPTIONAL_TOTP)

        assert pool.sign_in()["ChallengeName"] == "SOFTWARE_TOKEN_MFA"

    @pytest.mark.parametrize("start", ["sign_in", "admin_sign_in"])
    def test_required_and_not_enrolled(self, mfa_pool: PoolDriver, start: str) -> None:
        """Where MFA is required, a user without an app must set one up; the factors are JSON text."""
        mfa_pool.user()

        answer = getattr(mfa_pool, start)()

        assert answer["ChallengeName"] == "MFA_SETUP"
        assert answer["ChallengeParameters"] == {
            "MFAS_CAN_SETUP": '["SOFTWARE_TOKEN_MFA"]',
            "USER_ID_FOR_SRP": ALICE,
        }
        assert "AuthenticationResult" not in answer

    @pytest.mark.parametrize("start", ["sign_in", "admin_sign_in"])
    def test_required_and_enrolled(self, mfa_pool: PoolDriver, start: str) -> None:
        """Where MFA is required, a user with an app is asked for the code and for nothing else."""
        mfa_pool.enrolled()

        answer = getattr(mfa_pool, start)()

        assert answer["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
        assert answer["ChallengeParameters"] == {"USER_ID_FOR_SRP": ALICE}
        assert "AuthenticationResult" not in answer

    def test_required_and_enrolled_by_access_token(self, optional_pool: PoolDriver) -> None:
        """Where MFA becomes required, an app that was verified before is enough."""
        optional_pool.user()
        token = access_token(optional_pool)
        secret = optional_pool.api.associate_software_token(AccessToken=token)["SecretCode"]
        code = totp(secret, optional_pool.clock.now)
        optional_pool.api.verify_software_token(AccessToken=token, UserCode=code)
        optional_pool.api.set_user_pool_mfa_config(UserPoolId=optional_pool.id, **REQUIRED_TOTP)

        assert optional_pool.sign_in()["ChallengeName"] == "SOFTWARE_TOKEN_MFA"

    def test_required_but_not_offered(self, make_pool: Callable[..., PoolDriver]) -> None:
        """Where TOTP is not offered, MFA_SETUP does not list it, and no secret is handed out."""
        pool = make_pool(mfa=NO_TOTP)
        pool.user()

        answer = pool.sign_in()

        assert json.loads(answer["ChallengeParameters"]["MFAS_CAN_SETUP"]) == ["SMS_MFA"]
        with refused(*POOL_WITHOUT_TOTP):
            pool.api.associate_software_token(Session=answer["Session"])

    def test_enrolled_before_totp_was_turned_off(self, mfa_pool: PoolDriver) -> None:
        """Turning TOTP off in the pool stops nobody who has it."""
        secret = mfa_pool.enrolled()
        mfa_pool.api.set_user_pool_mfa_config(
            UserPoolId=mfa_pool.id, SoftwareTokenMfaConfiguration={"Enabled": False}, **NO_TOTP
        )

        session = mfa_pool.sign_in()["Session"]

        assert give_code(mfa_pool, session, totp(secret, mfa_pool.clock.now))["AuthenticationResult"]

    def test_nothing_enrolled_any_more(self, mfa_pool: PoolDriver) -> None:
        """A code for a user whose app is gone is answered as such."""
        mfa_pool.enrolled()
        session = mfa_pool.sign_in()["Session"]
        mfa_pool.change_user(totp_secret=None)

        with refused(*NOT_ENROLLED):
            give_code(mfa_pool, session, "123456")


class TestEnrolling:
    """MFA_SETUP: AssociateSoftwareToken, VerifySoftwareToken, and on."""

    def test_secret(self, mfa_pool: PoolDriver) -> None:
        """The secret is Base32 text of 32 random bytes without padding, a new one each time."""
        mfa_pool.user()

        secret, session = associated(mfa_pool)
        other = mfa_pool.api.associate_software_token(Session=session)["SecretCode"]

        assert len(secret) == 52
        assert len(base64.b32decode(secret + "====")) == 32
        assert other != secret

    def test_verified(self, mfa_pool: PoolDriver) -> None:
        """A right code ends with SUCCESS and a new session; the user then has TOTP enabled."""
        mfa_pool.user()
        assert "UserMFASettingList" not in mfa_pool.described()
        secret, session = associated(mfa_pool)

        answer = verify(mfa_pool, session, totp(secret, mfa_pool.clock.now))

        assert answer["Status"] == "SUCCESS"
        assert answer["Session"] != session
        described = mfa_pool.described()
        assert described["UserMFASettingList"] == ["SOFTWARE_TOKEN_MFA"]
        assert "PreferredMfaSetting" not in described

    def test_preferred_factor_is_described(self, mfa_pool: PoolDriver) -> None:
        """AdminGetUser shows the preferred factor of a user who has one."""
        mfa_pool.user()
        mfa_pool.change_user(mfa={"enabled": ["SOFTWARE_TOKEN_MFA"], "preferred": "SOFTWARE_TOKEN_MFA"})

        assert mfa_pool.described()["PreferredMfaSetting"] == "SOFTWARE_TOKEN_MFA"

    @pytest.mark.parametrize("admin", [False, True])
    def test_completed_with_the_session(self, mfa_pool: PoolDriver, admin: bool) -> None:
        """Answering MFA_SETUP with the session of VerifySoftwareToken brings tokens."""
        mfa_pool.user()
        _, session = mfa_pool.verified()

        answer = mfa_pool.answer("MFA_SETUP", ALICE, session, admin=admin)

        assert answer["ChallengeParameters"] == {}
        assert answer["AuthenticationResult"]["AccessToken"]

    @pytest.mark.parametrize("admin", [False, True])
    def test_completed_by_signing_in_again(self, mfa_pool: PoolDriver, admin: bool) -> None:
        """Signing in again asks for a code, and the next one brings tokens."""
        mfa_pool.user()
        secret, _ = mfa_pool.verified()
        mfa_pool.clock.advance(TOTP_STEP)

        session = mfa_pool.sign_in()["Session"]

        code = totp(secret, mfa_pool.clock.now)
        assert give_code(mfa_pool, session, code, admin=admin)["AuthenticationResult"]

    def test_unverified_secret_enrols_nobody(self, mfa_pool: PoolDriver) -> None:
        """Handing out a secret does not enrol: the next sign-in asks to set MFA up again."""
        mfa_pool.user()
        associated(mfa_pool)

        assert mfa_pool.sign_in()["ChallengeName"] == "MFA_SETUP"

    def test_sign_in_meanwhile(self, mfa_pool: PoolDriver) -> None:
        """Another sign-in before the code was verified makes the enrolment under way worthless."""
        mfa_pool.user()
        first = mfa_pool.sign_in()["Session"]
        secret, session = associated(mfa_pool)
        mfa_pool.sign_in()

        with refused(*SESSION_INVALID):
            verify(mfa_pool, session, totp(secret, mfa_pool.clock.now))
        with refused(*SESSION_INVALID):
            mfa_pool.api.associate_software_token(Session=first)

    def test_sign_in_meanwhile_and_unverified(self, mfa_pool: PoolDriver) -> None:
        """A verified session is worthless too once a later sign-in has to set MFA up again."""
        mfa_pool.user()
        _, session = mfa_pool.verified()
        mfa_pool.change_user(totp_secret=None)
        mfa_pool.sign_in()

        with refused(*SESSION_INVALID):
            mfa_pool.answer("MFA_SETUP", ALICE, session)

    def test_sign_in_of_another_user_meanwhile(
        self, mfa_pool: PoolDriver, make_pool: Callable[..., PoolDriver]
    ) -> None:
        """A sign-in of another user, or of a namesake elsewhere, leaves the enrolment alone."""
        elsewhere = make_pool(mfa=REQUIRED_TOTP)
        for pool, name in ((elsewhere, ALICE), (mfa_pool, BOB), (mfa_pool, ALICE)):
            pool.user(name)
        secret, session = associated(mfa_pool)
        elsewhere.sign_in(ALICE)
        mfa_pool.sign_in(BOB)

        assert verify(mfa_pool, session, totp(secret, mfa_pool.clock.now))["Status"] == "SUCCESS"

    def test_wrong_code(self, mfa_pool: PoolDriver) -> None:
        """A wrong code enrols nobody and leaves the session usable."""
        mfa_pool.user()
        secret, session = associated(mfa_pool)
        right = totp(secret, mfa_pool.clock.now)

        for wrong in (f"{(int(right) + 1) % 1_000_000:06d}", totp(secret, mfa_pool.clock.now, 5)):
            with refused(*TOTP_NOT_ENABLED):
                verify(mfa_pool, session, wrong)

        assert "UserMFASettingList" not in mfa_pool.described()
        assert verify(mfa_pool, session, right)["Status"] == "SUCCESS"

    def test_code_of_an_earlier_secret(self, mfa_pool: PoolDriver) -> None:
        """Once a second secret was handed out, codes of the first are wrong."""
        mfa_pool.user()
        old, session = associated(mfa_pool)
        answer = mfa_pool.api.associate_software_token(Session=session)

        with refused(*TOTP_NOT_ENABLED):
            verify(mfa_pool, answer["Session"], totp(old, mfa_pool.clock.now))

    def test_friendly_device_name(self, mfa_pool: PoolDriver) -> None:
        """The name that the app was given comes with each later challenge."""
        mfa_pool.user()
        mfa_pool.verified(FriendlyDeviceName="Alice's telephone")

        assert mfa_pool.sign_in()["ChallengeParameters"] == {
            "USER_ID_FOR_SRP": ALICE,
            "FRIENDLY_DEVICE_NAME": "Alice's telephone",
        }

    @pytest.mark.parametrize("call", ["associate_software_token", "verify_software_token"])
    def test_session_or_token(self, mfa_pool: PoolDriver, call: str) -> None:
        """Both calls take a session or an access token, one of them and not both."""
        fields = {"UserCode": "123456"} if call.startswith("verify") else {}

        with refused(*missing("Session")):
            getattr(mfa_pool.api, call)(**fields)
        text = "Only one of Session and AccessToken can be given."
        with refused("InvalidParameterException", text):
            getattr(mfa_pool.api, call)(Session="A" * 20, AccessToken="a.b.c", **fields)


class TestEnrollingByAccessToken:
    """The same two calls for a user who is signed in."""

    @pytest.fixture
    def token(self, optional_pool: PoolDriver) -> str:
        """Return the access token of a user without an app."""
        optional_pool.user()
        return access_token(optional_pool)

    def test_answers_have_no_session(self, optional_pool: PoolDriver, token: str) -> None:
        """With an access token neither call answers a session."""
        first = optional_pool.api.associate_software_token(AccessToken=token)
        code = totp(first["SecretCode"], optional_pool.clock.now)

        second = optional_pool.api.verify_software_token(
            AccessToken=token, UserCode=code, FriendlyDeviceName="Telephone"
        )

        assert len(first["SecretCode"]) == 52
        assert second["Status"] == "SUCCESS"
        assert "Session" not in first
        assert "Session" not in second

    def test_wrong_code(self, optional_pool: PoolDriver, token: str) -> None:
        """A wrong code is refused, and the secret stays pending."""
        secret = optional_pool.api.associate_software_token(AccessToken=token)["SecretCode"]
        now = optional_pool.clock.now

        with refused(*TOTP_NOT_ENABLED):
            optional_pool.api.verify_software_token(AccessToken=token, UserCode=totp(secret, now, 5))
        optional_pool.api.verify_software_token(AccessToken=token, UserCode=totp(secret, now))

    def test_nothing_pending(self, optional_pool: PoolDriver, token: str) -> None:
        """Without a secret that waits for its code, or after it, no code is right."""
        with refused(*TOTP_NOT_ENABLED):
            optional_pool.api.verify_software_token(AccessToken=token, UserCode="123456")
        secret = optional_pool.api.associate_software_token(AccessToken=token)["SecretCode"]
        now = optional_pool.clock.now
        optional_pool.api.verify_software_token(AccessToken=token, UserCode=totp(secret, now))

        with refused(*TOTP_NOT_ENABLED):
            optional_pool.api.verify_software_token(AccessToken=token, UserCode=totp(secret, now, 1))

    def test_bad_token(self, optional_pool: PoolDriver) -> None:
        """Both calls check the access token."""
        invalid = ("NotAuthorizedException", "Invalid Access Token")
        with refused(*invalid):
            optional_pool.api.associate_software_token(AccessToken="a.b.c")
        with refused(*invalid):
            optional_pool.api.verify_software_token(AccessToken="a.b.c", UserCode="123456")

    def test_pool_without_totp(self, pool: PoolDriver) -> None:
        """Where TOTP is not offered both calls say so."""
        pool.user()
        token = access_token(pool)

        with refused(*POOL_WITHOUT_TOTP):
            pool.api.associate_software_token(AccessToken=token)
        with refused(*POOL_WITHOUT_TOTP):
            pool.api.verify_software_token(AccessToken=token, UserCode="123456")

    def test_replacement(self, mfa_pool: PoolDriver) -> None:
        """A new secret takes the old one's place when it is verified, not before."""
        old = mfa_pool.enrolled()
        token = mfa_pool.sign_in_with_mfa(old)["AccessToken"]
        new = mfa_pool.api.associate_software_token(AccessToken=token)["SecretCode"]
        assert mfa_pool.sign_in_with_mfa(old)
        mfa_pool.clock.to_next_step()
        mfa_pool.api.verify_software_token(AccessToken=token, UserCode=totp(new, mfa_pool.clock.now))

        session = mfa_pool.sign_in()["Session"]

        with refused(*TOTP_MISMATCH):
            give_code(mfa_pool, session, totp(old, mfa_pool.clock.now, 1))
        assert give_code(mfa_pool, session, totp(new, mfa_pool.clock.now, 1))["AuthenticationResult"]


@pytest.mark.parametrize("into_step", [0, TOTP_STEP - 0.001])
class TestWindow:
    """A code is accepted in its own time step and in the one before and after."""

    @pytest.fixture
    def enrolling(self, mfa_pool: PoolDriver, into_step: float) -> tuple[PoolDriver, str, str]:
        """Return pool, secret and session of an enrolment, at the start or the end of a time step."""
        mfa_pool.user()
        secret, session = associated(mfa_pool)
        mfa_pool.clock.to_next_step()
        mfa_pool.clock.advance(into_step)
        return mfa_pool, secret, session

    @pytest.fixture
    def signing_in(self, mfa_pool: PoolDriver, into_step: float) -> tuple[PoolDriver, str, str]:
        """Return the same of a sign-in whose user enrolled long ago."""
        secret = mfa_pool.enrolled()
        mfa_pool.clock.advance(10 * TOTP_STEP + into_step)
        return mfa_pool, secret, mfa_pool.sign_in()["Session"]

    @pytest.mark.parametrize("steps", [-1, 0, 1])
    def test_accepted_at_enrolment(self, enrolling: tuple[PoolDriver, str, str], steps: int) -> None:
        """One step of clock difference does not matter at enrolment."""
        pool, secret, session = enrolling

        assert verify(pool, session, totp(secret, pool.clock.now, steps))["Status"] == "SUCCESS"

    @pytest.mark.parametrize("steps", [-2, 2])
    def test_refused_at_enrolment(self, enrolling: tuple[PoolDriver, str, str], steps: int) -> None:
        """Two steps are too much at enrolment."""
        pool, secret, session = enrolling

        with refused(*TOTP_NOT_ENABLED):
            verify(pool, session, totp(secret, pool.clock.now, steps))

    @pytest.mark.parametrize("steps", [-1, 0, 1])
    def test_accepted_at_sign_in(self, signing_in: tuple[PoolDriver, str, str], steps: int) -> None:
        """One step of clock difference does not matter at sign-in."""
        pool, secret, session = signing_in

        assert give_code(pool, session, totp(secret, pool.clock.now, steps))["AuthenticationResult"]

    @pytest.mark.parametrize("steps", [-2, 2])
    def test_refused_at_sign_in(self, signing_in: tuple[PoolDriver, str, str], steps: int) -> None:
        """Two steps are too much at sign-in."""
        pool, secret, session = signing_in

        with refused(*TOTP_MISMATCH):
            give_code(pool, session, totp(secret, pool.clock.now, steps))


class TestCodesAtSignIn:
    """What a code must be, and that it is good once."""

    @pytest.fixture
    def secret(self, mfa_pool: PoolDriver) -> str:
        """Return the secret of a user who enrolled long ago; a time step has just begun."""
        secret = mfa_pool.enrolled()
        mfa_pool.clock.advance(10 * TOTP_STEP)
        return secret

    def test_new_device_comes_with_tokens(self, mfa_pool: PoolDriver, secret: str) -> None:
        """The right code brings tokens, and in a pool that tracks devices a device key."""
        result = mfa_pool.sign_in_with_mfa(secret)

        assert set(result["NewDeviceMetadata"]) == {"DeviceKey", "DeviceGroupKey"}

    @pytest.mark.parametrize(
        "malform", [str, lambda code: code + "0", lambda code: code[:5], lambda _: "códe"]
    )
    def test_wrong_codes(self, mfa_pool: PoolDriver, secret: str, malform: Callable[..., Any]) -> None:
        """A code that is wrong, too long, too short or no number at all is a mismatch."""
        right = int(totp(secret, mfa_pool.clock.now))
        session = mfa_pool.sign_in()["Session"]

        with refused(*TOTP_MISMATCH):
            give_code(mfa_pool, session, malform(f"{(right + 1) % 1_000_000:06d}"))

    def test_code_is_required(self, mfa_pool: PoolDriver, secret: str) -> None:
        """An answer without a code is told which parameter it lacks."""
        session = mfa_pool.sign_in()["Session"]

        with refused(*missing("SOFTWARE_TOKEN_MFA_CODE")):
            mfa_pool.answer("SOFTWARE_TOKEN_MFA", ALICE, session, SMS_MFA_CODE="123456")

    def test_code_of_another_user(self, mfa_pool: PoolDriver, secret: str) -> None:
        """A code is right only for the user whose app shows it."""
        other = mfa_pool.enrolled(BOB)
        mfa_pool.clock.to_next_step()
        session = mfa_pool.sign_in()["Session"]

        with refused(*TOTP_MISMATCH):
            give_code(mfa_pool, session, totp(other, mfa_pool.clock.now))

    def test_wrong_code_leaves_session_usable(self, mfa_pool: PoolDriver, secret: str) -> None:
        """After a mismatch the right code still ends the challenge."""
        session = mfa_pool.sign_in()["Session"]
        with refused(*TOTP_MISMATCH):
            give_code(mfa_pool, session, "wrong")

        assert give_code(mfa_pool, session, totp(secret, mfa_pool.clock.now))["AuthenticationResult"]

    def test_code_of_the_enrolment(self, mfa_pool: PoolDriver) -> None:
        """The code that verified the app is used up: the first sign-in needs a later one."""
        mfa_pool.clock.to_next_step()
        mfa_pool.user()
        secret, _ = mfa_pool.verified()
        session = mfa_pool.sign_in()["Session"]

        with refused(*TOTP_USED):
            give_code(mfa_pool, session, totp(secret, mfa_pool.clock.now))
        assert give_code(mfa_pool, session, totp(secret, mfa_pool.clock.now, 1))["AuthenticationResult"]

    @pytest.mark.parametrize("waited", [0, TOTP_STEP])
    def test_code_is_good_once(self, mfa_pool: PoolDriver, secret: str, waited: int) -> None:
        """A code that signed a user in is refused at the next sign-in, also in the next time step."""
        code = totp(secret, mfa_pool.clock.now)
        assert give_code(mfa_pool, mfa_pool.sign_in()["Session"], code)
        mfa_pool.clock.advance(waited)
        session = mfa_pool.sign_in()["Session"]

        with refused(*TOTP_USED):
            give_code(mfa_pool, session, code)
        later = totp(secret, mfa_pool.clock.now, 1)
        assert give_code(mfa_pool, session, later)["AuthenticationResult"]

    @pytest.mark.parametrize("order", [(-1, 0, 1), (1, 0, -1), (-1, 1, 0)])
    def test_each_code_of_the_window_is_good_once(
        self, mfa_pool: PoolDriver, secret: str, order: tuple[int, int, int]
    ) -> None:
        """Three codes are good at a time, in any order, and after that none."""
        codes = [totp(secret, mfa_pool.clock.now, steps) for steps in order]
        for code in codes:
            assert give_code(mfa_pool, mfa_pool.sign_in()["Session"], code)["AuthenticationResult"]

        session = mfa_pool.sign_in()["Session"]

        for code in codes:
            with refused(*TOTP_USED):
                give_code(mfa_pool, session, code)

    def test_wrong_code_uses_nothing_up(self, mfa_pool: PoolDriver, secret: str) -> None:
        """Codes of others, and an earlier one of the user's own, remain as good as they were."""
        assert mfa_pool.sign_in_with_mfa(secret)
        assert mfa_pool.sign_in_with_mfa(secret)
        user = store_of(mfa_pool.server).users.get(mfa_pool.id, ALICE)

        assert user
        step = int(mfa_pool.clock.now) // TOTP_STEP
        assert user.mfa["used"] == [step - 1, step]
