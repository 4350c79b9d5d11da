"""Signing in by SRP: the proof of a password that is never sent, and what follows it."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import jwt
import pytest

from test.support.pool_driver import (
    ALICE,
    BOB,
    DEVICE_UNKNOWN,
    DISABLED,
    INCORRECT,
    LOCKED_OUT,
    MINUTE,
    NOT_CONFIRMED,
    PASSWORD,
    SESSION_INVALID,
    USER_NOT_FOUND,
    WRONG_PASSWORD,
    DeviceSrp,
    missing,
    refused,
    totp,
)
from test.support.pools import REQUIRED_TOTP, TRACKING
from test.support.user_srp import UserSrp, srp_sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import PoolDriver


HIDDEN = {"PreventUserExistenceErrors": "ENABLED"}
TIMESTAMP_FORMAT = (
    "InvalidParameterException",
    "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.",
)
SIGNATURE_FORMAT = (
    "InvalidParameterException",
    "Invalid PASSWORD_CLAIM_SIGNATURE format. Must be a Base64 string.",
)
NOT_HEX = (
    "InvalidParameterException",
    (
        "1 validation error detected: Value 'A is 5' at 'sRPA' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: ^[0-9a-fA-F]+$"
    ),
)


def respond(pool: PoolDriver, responses: dict[str, str]) -> Any:
    """Answer PASSWORD_VERIFIER with exactly these responses."""
    return pool.api.respond_to_auth_challenge(
        ClientId=pool.client_id, ChallengeName="PASSWORD_VERIFIER", ChallengeResponses=responses
    )


class TestProof:
    """The password's proof."""

    @pytest.mark.parametrize("admin", [False, True], ids=["app", "server"])
    def test_right_password(self, pool: PoolDriver, admin: bool) -> None:
        """A person who knows the password gets tokens, in an app as on a server."""
        pool.user()

        answer = srp_sign_in(pool, admin=admin)

        assert answer["ChallengeParameters"] == {}
        assert set(answer["AuthenticationResult"]) == {
            "AccessToken",
            "IdToken",
            "RefreshToken",
            "TokenType",
            "ExpiresIn",
        }
        token = answer["AuthenticationResult"]["AccessToken"]
        assert pool.api.get_user(AccessToken=token)["Username"] == ALICE

    def test_challenge(self, pool: PoolDriver) -> None:
        """The challenge carries numbers in hex, a fresh B and secret block, and the internal name twice."""
        pool.user()
        srp = UserSrp(pool)

        first, second = srp.begin(), srp.begin()

        assert set(first) == {"SALT", "SRP_B", "SECRET_BLOCK", "USERNAME", "USER_ID_FOR_SRP"}
        assert (first["USERNAME"], first["USER_ID_FOR_SRP"]) == (ALICE, ALICE)
        assert int(first["SALT"], 16) == int(second["SALT"], 16)
        assert first["SRP_B"] != second["SRP_B"]
        assert first["SECRET_BLOCK"] != second["SECRET_BLOCK"]

    def test_wrong_password(self, pool: PoolDriver) -> None:
        """A wrong password is found out at the proof."""
        pool.user()
        srp = UserSrp(pool, password=WRONG_PASSWORD)
        parameters = srp.begin()

        with refused(*INCORRECT):
            srp.prove(parameters)

    def test_wrong_passwords_lock(self, pool: PoolDriver) -> None:
        """Five wrong proofs lock the user out of the next attempt, which ends at InitiateAuth."""
        pool.user()
        for _ in range(5):
            with refused(*INCORRECT):
                srp_sign_in(pool, password=WRONG_PASSWORD)

        with refused(*LOCKED_OUT):
            UserSrp(pool).begin()
        pool.clock.advance(1)
        assert "AuthenticationResult" in srp_sign_in(pool)

    def test_replay(self, pool: PoolDriver) -> None:
        """A proof that succeeded is refused when it comes again."""
        pool.user()
        srp = UserSrp(pool)
        parameters = srp.begin()
        claim = srp.claim(parameters)
        pool.answer("PASSWORD_VERIFIER", ALICE, None, **claim)

        with refused(*INCORRECT):
            pool.answer("PASSWORD_VERIFIER", ALICE, None, **claim)

    @pytest.mark.parametrize("minutes", [3, 10])
    def test_late_proof(self, make_pool: Callable[..., PoolDriver], minutes: int) -> None:
        """The secret block ends with the session time of the app client."""
        pool = make_pool(client={"AuthSessionValidity": minutes})
        pool.user()
        srp = UserSrp(pool)
        in_time, late = srp.begin(), srp.begin()

        pool.clock.advance(minutes * MINUTE - 1)
        assert "AuthenticationResult" in srp.prove(in_time)
        pool.clock.advance(1)
        with refused(*INCORRECT):
            srp.prove(late)

    def test_other_client(self, pool: PoolDriver) -> None:
        """A secret block is good only for the app client that got it."""
        pool.user()
        srp = UserSrp(pool)
        claim = srp.claim(srp.begin())

        with refused(*INCORRECT):
            pool.other_client().answer("PASSWORD_VERIFIER", ALICE, None, **claim)

    def test_other_user(self, pool: PoolDriver) -> None:
        """A secret block is good only for the user it was made for, though the password is the same."""
        pool.user()
        pool.user(BOB)
        srp = UserSrp(pool)
        claim = srp.claim(srp.begin() | {"USER_ID_FOR_SRP": BOB})

        with refused(*INCORRECT):
            pool.answer("PASSWORD_VERIFIER", BOB, None, **claim)

    @pytest.mark.parametrize(
        ("state", "refusal"),
        [({"enabled": False}, DISABLED), ({"status": "UNCONFIRMED"}, NOT_CONFIRMED)],
        ids=["disabled", "unconfirmed"],
    )
    def test_who_may_not_sign_in(
        self, pool: PoolDriver, state: dict[str, Any], refusal: tuple[str, str]
    ) -> None:
        """Disabled and unconfirmed users are told so at InitiateAuth."""
        pool.user()
        pool.change_user(**state)

        with refused(*refusal):
            UserSrp(pool).begin()

    def test_password_to_be_reset(self, pool: PoolDriver) -> None:
        """That a reset is required is said only to the person who knows the password."""
        pool.user()
        pool.change_user(status="RESET_REQUIRED")

        with refused(*INCORRECT):
            srp_sign_in(pool, password=WRONG_PASSWORD)
        with refused("PasswordResetRequiredException", "Password reset required for the user"):
            srp_sign_in(pool)

    def test_email_in_place_of_the_name(self, make_pool: Callable[..., PoolDriver]) -> None:
        """Where users sign up with their e-mail address, the proof covers the sub that stands for it."""
        pool = make_pool({"UsernameAttributes": ["email"]})
        sub = pool.sign_up("alice@example.com", email=None)["UserSub"]
        pool.confirm("alice@example.com")
        srp = UserSrp(pool, "alice@example.com")

        parameters = srp.begin()

        assert (parameters["USERNAME"], parameters["USER_ID_FOR_SRP"]) == (sub, sub)
        assert "AuthenticationResult" in srp.prove(parameters)

    def test_sub_is_no_name(self, pool: PoolDriver) -> None:
        """The sub leads to nobody at sign-in in pools with user names."""
        pool.sign_up()
        pool.confirm()
        sub = pool.described()["attributes"]["sub"]

        with refused(*USER_NOT_FOUND):
            UserSrp(pool, sub).begin()


class TestSecretHash:
    """App clients with a secret."""

    def test_in_both_steps(self, make_pool: Callable[..., PoolDriver]) -> None:
        """The hash goes into both requests, over the name that stands beside it."""
        pool = make_pool({"UsernameAttributes": ["email"]}, client={"GenerateSecret": True})
        pool.sign_up("alice@example.com", email=None)
        pool.confirm("alice@example.com")

        assert "AuthenticationResult" in srp_sign_in(pool, "alice@example.com")

    def test_missing_or_wrong(self, make_pool: Callable[..., PoolDriver]) -> None:
        """Without it, or with another one, either step is refused."""
        pool = make_pool(client={"GenerateSecret": True})
        pool.user()
        bare, srp = replace(pool, secret=None), UserSrp(pool)
        without = f"Client {pool.client_id} is configured with secret but SECRET_HASH was not received"
        wrong = f"Unable to verify secret hash for client {pool.client_id}"
        claim = srp.claim(srp.begin())

        with refused("NotAuthorizedException", without):
            UserSrp(bare).begin()
        with refused("NotAuthorizedException", wrong):
            srp.begin(SECRET_HASH=pool.secret_hash(BOB))
        with refused("NotAuthorizedException", without):
            bare.answer("PASSWORD_VERIFIER", ALICE, None, **claim)
        with refused("NotAuthorizedException", wrong):
            pool.answer("PASSWORD_VERIFIER", ALICE, None, **claim | {"SECRET_HASH": pool.secret_hash(BOB)})

    def test_nobody_asked(self, pool: PoolDriver) -> None:
        """A hash for a client without a secret is refused at InitiateAuth, and ignored in the answer."""
        pool.user()
        srp = UserSrp(pool)
        text = f"App client {pool.client_id} is not configured for secret but secret hash was received"

        with refused("InvalidParameterException", text):
            srp.begin(SECRET_HASH="c2VjcmV0")
        assert "AuthenticationResult" in srp.prove(srp.begin(), SECRET_HASH="c2VjcmV0")


class TestInput:
    """What is checked of a request before the proof, and in which order."""

    @pytest.mark.parametrize("name", ["USERNAME", "SRP_A"])
    def test_initiate_auth(self, pool: PoolDriver, name: str) -> None:
        """InitiateAuth names the parameter that is missing."""
        pool.user()
        parameters = {"USERNAME": ALICE, "SRP_A": "5"}
        del parameters[name]

        with refused(*missing(name)):
            pool.api.initiate_auth(
                ClientId=pool.client_id, AuthFlow="USER_SRP_AUTH", AuthParameters=parameters
            )

    def test_a_that_is_not_hex(self, pool: PoolDriver) -> None:
        """SRP_A must be hex."""
        pool.user()

        with refused(*NOT_HEX):
            UserSrp(pool).begin(SRP_A="A is 5")

    def test_no_responses(self, pool: PoolDriver) -> None:
        """An empty map has a message of its own."""
        with refused(*missing("challenge responses.")):
            respond(pool, {})

    def test_order(self, pool: PoolDriver) -> None:
        """What is missing comes first, in this order, then the timestamp's form, then the signature's."""
        pool.user()
        responses = {"CLIENT_METADATA": "something"}
        additions = [
            ("USERNAME", ALICE),
            ("TIMESTAMP", "yesterday"),
            ("PASSWORD_CLAIM_SIGNATURE", "no base64!"),
            ("PASSWORD_CLAIM_SECRET_BLOCK", "bm8gYmxvY2s="),
        ]
        for name, value in additions:
            with refused(*missing(name)):
                respond(pool, responses)
            responses[name] = value

        with refused(*TIMESTAMP_FORMAT):
            respond(pool, responses)
        responses["TIMESTAMP"] = pool.clock.timestamp()
        with refused(*SIGNATURE_FORMAT):
            respond(pool, responses)
        responses["PASSWORD_CLAIM_SIGNATURE"] = "bm8gcHJvb2Y="
        with refused(*INCORRECT):
            respond(pool, responses)

    @pytest.mark.parametrize("write", [str.upper, str.lower, lambda text: text.replace("UTC", "GMT")])
    def test_lenient_timestamps(self, pool: PoolDriver, write: Callable[..., Any]) -> None:
        """Case and the zone's name may differ; the proof is over the canonical text."""
        pool.user()
        srp = UserSrp(pool)
        parameters, canonical = srp.begin(), pool.clock.timestamp()
        text = write(canonical).replace("utc", "UTC")

        claim = srp.claim(parameters, text, signed=canonical)

        assert "AuthenticationResult" in pool.answer("PASSWORD_VERIFIER", ALICE, None, **claim)

    @pytest.mark.parametrize(
        "form",
        [
            "%a %b %d %H:%M:%S CET %Y",
            "%a %b %d %H:%M:%S +0000 %Y",
            "%Y-%m-%dT%H:%M:%SZ",
            "%a Mai %d %H:%M:%S UTC %Y",
        ],
    )
    def test_other_timestamps(self, pool: PoolDriver, form: str) -> None:
        """Other zones, forms and languages are refused by their form."""
        pool.user()
        srp = UserSrp(pool)
        text = datetime.fromtimestamp(pool.clock.now, timezone.utc).strftime(form)
        claim = srp.claim(srp.begin(), text)

        with refused(*TIMESTAMP_FORMAT):
            pool.answer("PASSWORD_VERIFIER", ALICE, None, **claim)

    def test_day_with_a_zero(self, make_pool: Callable[..., PoolDriver]) -> None:
        """A day written with a leading zero is read, but fails the proof like a wrong password."""
        pool = make_pool()
        pool.user()
        srp = UserSrp(pool)
        while datetime.fromtimestamp(pool.clock.now, timezone.utc).day > 9:
            pool.clock.advance(24 * 60 * MINUTE)
        text = datetime.fromtimestamp(pool.clock.now, timezone.utc).strftime("%a %b %d %H:%M:%S UTC %Y")
        claim = srp.claim(srp.begin(), text)

        with refused(*INCORRECT):
            pool.answer("PASSWORD_VERIFIER", ALICE, None, **claim)

    def test_flow_not_enabled(self, make_pool: Callable[..., PoolDriver]) -> None:
        """An app client without the flow refuses it, in the words of each action."""
        pool = make_pool(client={"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]})
        pool.user()

        with refused("InvalidParameterException", "USER_SRP_AUTH is not enabled for the client."):
            UserSrp(pool).begin()
        with refused("InvalidParameterException", "Auth flow not enabled for this client"):
            UserSrp(pool).begin(admin=True)


class TestUnknownUsers:
    """Users who don't exist."""

    def test_told(self, pool: PoolDriver) -> None:
        """Without PreventUserExistenceErrors they are told so at InitiateAuth."""
        with refused(*USER_NOT_FOUND):
            UserSrp(pool, "nobody").begin()

    def test_simulated(self, make_pool: Callable[..., PoolDriver]) -> None:
        """With it they get a challenge like anybody's: the same salt and ID each time, fresh B and block."""
        pool = make_pool(client=HIDDEN)

        first, second = UserSrp(pool, "nobody").begin(), UserSrp(pool, "nobody").begin()
        other = UserSrp(pool, "no one").begin()

        stable = ("SALT", "USERNAME", "USER_ID_FOR_SRP")
        assert [first[name] for name in stable] == [second[name] for name in stable]
        assert first["SRP_B"] != second["SRP_B"]
        assert first["SECRET_BLOCK"] != second["SECRET_BLOCK"]
        assert first["SALT"] != other["SALT"]

    def test_like_a_real_one(self, make_pool: Callable[..., PoolDriver]) -> None:
        """The challenge has the form of a real one."""
        pool = make_pool(client=HIDDEN)
        pool.user()

        real, simulated = UserSrp(pool).begin(), UserSrp(pool, "nobody").begin()

        assert set(real) == set(simulated)
        assert simulated["USERNAME"] == "nobody"
        for name in ("SALT", "SRP_B", "SECRET_BLOCK"):
            assert abs(len(real[name]) - len(simulated[name])) <= 4

    def test_other_pool(self, make_pool: Callable[..., PoolDriver]) -> None:
        """Another pool simulates another salt for the same name."""
        pools = [make_pool(client=HIDDEN) for _ in range(2)]

        salts = {UserSrp(pool, "nobody").begin()["SALT"] for pool in pools}

        assert len(salts) == 2

    @pytest.mark.parametrize(
        "settings",
        [{"UsernameAttributes": ["email"]}, {"AliasAttributes": ["email"]}],
        ids=["username", "alias"],
    )
    def test_email(self, make_pool: Callable[..., PoolDriver], settings: dict[str, Any]) -> None:
        """An address that leads to nobody gets a UUID as internal name, as no real user is called by it."""
        pool = make_pool(settings, client=HIDDEN)

        parameters = UserSrp(pool, "nobody@example.com").begin()

        assert str(uuid.UUID(parameters["USER_ID_FOR_SRP"])) == parameters["USERNAME"]

    def test_proof_fails(self, make_pool: Callable[..., PoolDriver]) -> None:
        """Only the proof fails, in the words for a wrong password."""
        pool = make_pool(client=HIDDEN)
        srp = UserSrp(pool, "nobody")
        parameters = srp.begin()

        with refused(*INCORRECT):
            srp.prove(parameters)

    def test_input_is_checked_alike(self, make_pool: Callable[..., PoolDriver]) -> None:
        """The answer of an unknown user is read as strictly as anybody's."""
        pool = make_pool(client=HIDDEN)

        with refused(*missing("TIMESTAMP")):
            respond(pool, {"USERNAME": "nobody"})

    def test_pycognito_fails_alike(self, make_pool: Callable[..., PoolDriver]) -> None:
        """A whole sign-in by an unknown user ends like one with a wrong password."""
        pool = make_pool(client=HIDDEN)
        pool.user()

        for name, password in (("nobody", PASSWORD), (ALICE, WRONG_PASSWORD)):
            with refused(*INCORRECT):
                srp_sign_in(pool, name, password)


class TestDevices:
    """Device keys and tracked devices after the proof of the password."""

    def test_key_without_mfa(self, make_pool: Callable[..., PoolDriver]) -> None:
        """A proof brings a new device key even where there is no MFA; a password sent in clear does not."""
        pool = make_pool({"DeviceConfiguration": TRACKING})
        pool.user()

        proven = srp_sign_in(pool)["AuthenticationResult"]
        in_clear = pool.sign_in()["AuthenticationResult"]

        metadata = proven["NewDeviceMetadata"]
        claims = jwt.decode(proven["AccessToken"], options={"verify_signature": False})
        assert claims["device_key"] == metadata["DeviceKey"]
        assert "NewDeviceMetadata" not in in_clear

    def test_no_key_without_tracking(self, pool: PoolDriver) -> None:
        """Where devices are not tracked none is handed out."""
        pool.user()

        assert "NewDeviceMetadata" not in srp_sign_in(pool)["AuthenticationResult"]

    def test_key_after_mfa(self, mfa_pool: PoolDriver) -> None:
        """Where MFA is asked for, the key comes with the tokens, after the code."""
        secret = mfa_pool.enrolled()

        challenge = srp_sign_in(mfa_pool)
        code = totp(secret, mfa_pool.clock.now)
        answer = mfa_pool.answer(
            "SOFTWARE_TOKEN_MFA", ALICE, challenge["Session"], SOFTWARE_TOKEN_MFA_CODE=code
        )

        assert challenge["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
        assert "AuthenticationResult" not in challenge
        assert "NewDeviceMetadata" in answer["AuthenticationResult"]

    def test_set_up(self, mfa_pool: PoolDriver) -> None:
        """A user without a second factor is led to its set-up."""
        mfa_pool.user()

        challenge = srp_sign_in(mfa_pool)

        assert challenge["ChallengeName"] == "MFA_SETUP"
        assert challenge["ChallengeParameters"]["MFAS_CAN_SETUP"] == '["SOFTWARE_TOKEN_MFA"]'

    def test_tracked_device(self, mfa_pool: PoolDriver) -> None:
        """The device's proof follows the password's, and stands in for the code."""
        device = mfa_pool.track(mfa_pool.sign_in_with_mfa(mfa_pool.enrolled()))
        srp = DeviceSrp(mfa_pool, device)

        first = srp_sign_in(mfa_pool, DEVICE_KEY=device.key)
        second = mfa_pool.answer(
            "DEVICE_SRP_AUTH", ALICE, first["Session"], DEVICE_KEY=device.key, SRP_A=srp.public_a
        )
        third = mfa_pool.answer(
            "DEVICE_PASSWORD_VERIFIER", ALICE, second["Session"], **srp.claim(second["ChallengeParameters"])
        )

        assert first["ChallengeName"] == "DEVICE_SRP_AUTH"
        assert second["ChallengeName"] == "DEVICE_PASSWORD_VERIFIER"
        assert "NewDeviceMetadata" not in third["AuthenticationResult"]

    def test_device_proof_needs_the_passwords(self, mfa_pool: PoolDriver) -> None:
        """The device's challenge is not open to the person who did not prove the password."""
        device = mfa_pool.track(mfa_pool.sign_in_with_mfa(mfa_pool.enrolled()))
        UserSrp(mfa_pool).begin(DEVICE_KEY=device.key)
        public_a = DeviceSrp(mfa_pool, device).public_a

        with refused(*SESSION_INVALID):
            mfa_pool.answer("DEVICE_SRP_AUTH", ALICE, None, DEVICE_KEY=device.key, SRP_A=public_a)

    @pytest.mark.parametrize("owner", ["nobody", BOB])
    def test_unknown_device(self, mfa_pool: PoolDriver, owner: str) -> None:
        """A key that is nobody's, or another user's, is refused at the proof, which counts without it."""
        bobs = mfa_pool.track(mfa_pool.sign_in_with_mfa(mfa_pool.enrolled(BOB), BOB))
        mfa_pool.enrolled()
        key = bobs.key if owner == BOB else f"{bobs.key[:-4]}0000"
        srp = UserSrp(mfa_pool)
        parameters = srp.begin(DEVICE_KEY=key)

        with refused(*DEVICE_UNKNOWN):
            srp.prove(parameters, DEVICE_KEY=key)
        assert srp.prove(parameters)["ChallengeName"] == "SOFTWARE_TOKEN_MFA"

    def test_not_remembered(self, make_pool: Callable[..., PoolDriver]) -> None:
        """A device that the user did not have remembered counts as never seen: MFA and a new key follow."""
        settings = {"DeviceConfiguration": TRACKING | {"DeviceOnlyRememberedOnUserPrompt": True}}
        pool = make_pool(settings, REQUIRED_TOTP)
        secret = pool.enrolled()
        device = pool.track(pool.sign_in_with_mfa(secret))
        pool.clock.to_next_step()

        challenge = srp_sign_in(pool, DEVICE_KEY=device.key)
        answer = pool.answer(
            "SOFTWARE_TOKEN_MFA",
            ALICE,
            challenge["Session"],
            SOFTWARE_TOKEN_MFA_CODE=totp(secret, pool.clock.now),
        )

        assert challenge["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
        assert answer["AuthenticationResult"]["NewDeviceMetadata"]["DeviceKey"] != device.key
