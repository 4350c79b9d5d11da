"""Attacks on proofs and sessions: each is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from local_cognito.rules import srp
from test.support.hostile_requests import COHERENT, TWIN
from test.support.known_world import World
from test.support.password_srp import PasswordSrp, signed_claim
from test.support.pool_driver import (
    ALICE,
    BOB,
    INCORRECT,
    LOCKED_OUT,
    MINUTE,
    SESSION_INVALID,
    WRONG_PASSWORD,
    refused,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from test.support.pool_driver import PoolDriver, TrackedDevice


TOO_LONG = ("InvalidParameterException", "SRP_A is not a valid public value.")


ZEROS = {
    "0": "0",
    "00": "00",
    "many zeros": "0" * 768,
    "N": f"{srp.N:x}",
    "N in capitals": f"{srp.N:X}",
    "N with a zero": f"0{srp.N:x}",
    "N padded": f"00{srp.N:x}",
    "2N": f"{2 * srp.N:x}",
    "3N in capitals": f"{3 * srp.N:X}",
    "15N": f"{15 * srp.N:x}",
}
LONG = {
    "too many zeros": "0" * 5000,
    "N padded far": "0" * 400 + f"{srp.N:x}",
    "N squared": f"{srp.N**2:x}",
}
NOT_HEX = {
    "negative": "-1",
    "prefix": f"0x{srp.N:x}",
    "space": " 0",
    "underscore": "1_0",
    "digits of elsewhere": "٣",
}


def claim_of_zero(
    parameters: dict[str, str], public_a: str, identity: str, pool: PoolDriver
) -> dict[str, Any]:
    """Return the proof of an exchange whose shared secret is 0, as it is with an A of 0 modulo N."""
    both = srp.padded(int(public_a, 16)) + srp.padded(int(parameters["SRP_B"], 16))
    u = int.from_bytes(hashlib.sha256(both).digest(), "big")
    extracted = hmac.digest(srp.padded(u), srp.padded(0), "sha256")
    key = hmac.digest(extracted, b"Caldera Derived Key\x01", "sha256")[:16]
    block = base64.b64decode(parameters["SECRET_BLOCK"])
    return signed_claim(key, identity, block, pool.clock.timestamp())


class TestPublicValues:
    """A that is 0 modulo N makes a K that does not depend on the password: no proof is right with it."""

    @pytest.mark.parametrize("public_a", ZEROS.values(), ids=ZEROS)
    @pytest.mark.parametrize("name", [ALICE, "nobody"])
    def test_password(self, make_pool: Callable[..., PoolDriver], public_a: str, name: str) -> None:
        """The exchange begins, and what anybody can compute does not end it, whichever user is asked for."""
        pool = make_pool(client={"PreventUserExistenceErrors": "ENABLED"})
        pool.user()
        parameters = PasswordSrp(pool, name).begin(public_a)
        claim = claim_of_zero(parameters, public_a, pool.id.split("_")[1] + name, pool)
        with refused(*INCORRECT):
            pool.answer("PASSWORD_VERIFIER", name, None, **claim)

    @pytest.mark.parametrize("public_a", ZEROS.values(), ids=ZEROS)
    def test_device(self, device_sign_in: tuple[PoolDriver, TrackedDevice], public_a: str) -> None:
        """DEVICE_SRP_AUTH begins too, and can't be ended."""
        pool, device = device_sign_in
        session = pool.sign_in(DEVICE_KEY=device.key)["Session"]
        answer = pool.answer("DEVICE_SRP_AUTH", ALICE, session, DEVICE_KEY=device.key, SRP_A=public_a)
        claim = claim_of_zero(answer["ChallengeParameters"], public_a, device.group_key + device.key, pool)
        with refused(*INCORRECT):
            pool.answer("DEVICE_PASSWORD_VERIFIER", ALICE, answer["Session"], DEVICE_KEY=device.key, **claim)

    @pytest.mark.parametrize("public_a", LONG.values(), ids=LONG)
    def test_too_long(self, pool: PoolDriver, public_a: str) -> None:
        """A number of more digits than N has is refused before any arithmetic."""
        pool.user()
        with refused(*TOO_LONG):
            PasswordSrp(pool).begin(public_a)

    @pytest.mark.parametrize("public_a", NOT_HEX.values(), ids=NOT_HEX)
    def test_not_hex(self, pool: PoolDriver, public_a: str) -> None:
        """Nor is any other spelling of a number taken."""
        pool.user()
        with pytest.raises(ClientError, match="InvalidParameterException"):
            PasswordSrp(pool).begin(public_a)

    def test_key_of_zero(self, pool: PoolDriver) -> None:
        """The proof that A = 0 would make right is wrong for an exchange with another A."""
        pool.user()
        parameters = PasswordSrp(pool).begin()
        claim = claim_of_zero(parameters, "0", pool.id.split("_")[1] + ALICE, pool)
        with refused(*INCORRECT):
            pool.answer("PASSWORD_VERIFIER", ALICE, None, **claim)


@pytest.fixture
def device_sign_in(mfa_pool: PoolDriver) -> tuple[PoolDriver, TrackedDevice]:
    """Return a pool, and a tracked device of Alice's."""
    secret = mfa_pool.enrolled()
    return mfa_pool, mfa_pool.track(mfa_pool.sign_in_with_mfa(secret))


class TestProofs:
    """Proofs are good for one exchange of one user through one app client, once."""

    def test_right(self, pool: PoolDriver) -> None:
        """The proof itself signs in."""
        pool.user()
        sign_in = PasswordSrp(pool)

        assert sign_in.answer(sign_in.claim(sign_in.begin()))["AuthenticationResult"]

    def test_replayed(self, pool: PoolDriver) -> None:
        """A proof that signed in does not do so again."""
        pool.user()
        sign_in = PasswordSrp(pool)
        claim = sign_in.claim(sign_in.begin())
        sign_in.answer(claim)
        with refused(*INCORRECT):
            sign_in.answer(claim)

    def test_replayed_in_another_exchange(self, pool: PoolDriver) -> None:
        """A signature is worthless with the secret block of another exchange, even with the same A."""
        pool.user()
        sign_in = PasswordSrp(pool)
        heard, fresh = sign_in.claim(sign_in.begin()), sign_in.begin()
        with refused(*INCORRECT):
            sign_in.answer(heard | {"PASSWORD_CLAIM_SECRET_BLOCK": fresh["SECRET_BLOCK"]})

    @pytest.mark.parametrize("minutes", [-16, 16])
    def test_of_another_time(self, make_pool: Callable[..., PoolDriver], minutes: int) -> None:
        """A proof over a time that is a quarter of an hour off is refused."""
        pool = make_pool(client={"AuthSessionValidity": 15})
        pool.user()
        sign_in = PasswordSrp(pool)
        parameters = sign_in.begin()
        moment = replace_clock(pool, minutes * MINUTE)
        with refused(*INCORRECT):
            sign_in.answer(sign_in.claim(parameters, moment))

    def test_wrong_password(self, pool: PoolDriver) -> None:
        """A proof of another password is refused, and counts: the sixth is not even looked at."""
        pool.user()
        sign_in = PasswordSrp(pool, password=WRONG_PASSWORD)
        for _ in range(5):
            with refused(*INCORRECT):
                sign_in.answer(sign_in.claim(sign_in.begin()))
        with refused(*LOCKED_OUT):
            sign_in.begin()

    def test_of_another_user(self, pool: PoolDriver) -> None:
        """Bob's proof signs Bob in, not Alice, whatever user name stands beside it."""
        pool.user(ALICE)
        pool.user(BOB)
        sign_in = PasswordSrp(pool, BOB)
        with refused(*INCORRECT):
            sign_in.answer(sign_in.claim(sign_in.begin()), name=ALICE)

    def test_secret_block_of_another_user(self, pool: PoolDriver) -> None:
        """Bob can't finish the exchange that was begun for Alice."""
        pool.user(ALICE)
        pool.user(BOB)
        of_alice, of_bob = PasswordSrp(pool, ALICE), PasswordSrp(pool, BOB)
        block = of_alice.begin()["SECRET_BLOCK"]
        parameters = of_bob.begin() | {"SECRET_BLOCK": block}
        for name in (ALICE, BOB):
            with refused(*INCORRECT):
                of_bob.answer(of_bob.claim(parameters), name=name)

    def test_of_another_client(self, pool: PoolDriver) -> None:
        """An exchange that was begun through one app client does not end through another."""
        pool.user()
        sign_in = PasswordSrp(pool)
        with refused(*INCORRECT):
            sign_in.answer(sign_in.claim(sign_in.begin()), pool=pool.other_client())

    @pytest.mark.parametrize("member", ["PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK"])
    def test_changed(self, pool: PoolDriver, member: str) -> None:
        """One other bit makes a proof wrong."""
        pool.user()
        sign_in = PasswordSrp(pool)
        claim = sign_in.claim(sign_in.begin())
        changed = bytearray(base64.b64decode(claim[member]))
        changed[0] ^= 1
        with refused(*INCORRECT):
            sign_in.answer(claim | {member: base64.b64encode(changed).decode()})


def replace_clock(pool: PoolDriver, seconds: int) -> str:
    """Return the timestamp that a client writes whose clock is so far off."""
    return replace(pool, clock=type(pool.clock)(pool.clock.now + seconds)).clock.timestamp()


class TestDeviceProofs:
    """The same of the proofs of devices."""

    def test_replayed(self, device_sign_in: tuple[PoolDriver, TrackedDevice]) -> None:
        """A proof that signed in does not do so again."""
        pool, device = device_sign_in
        client, second = pool.begin_device_proof(device)
        claim = client.claim(second["ChallengeParameters"])
        pool.answer("DEVICE_PASSWORD_VERIFIER", ALICE, second["Session"], **claim)
        for session in (second["Session"], None):
            with refused(*INCORRECT):
                pool.answer("DEVICE_PASSWORD_VERIFIER", ALICE, session, **claim)

    def test_of_another_device(self, device_sign_in: tuple[PoolDriver, TrackedDevice]) -> None:
        """Another device, such as Bob's, can't prove that it is this one."""
        pool, device = device_sign_in
        bobs = pool.track(pool.sign_in_with_mfa(pool.enrolled(BOB), BOB))
        client, second = pool.begin_device_proof(device)
        parameters = second["ChallengeParameters"]
        forged = replace(device, password=bobs.password)
        client.device = forged
        with refused(*INCORRECT):
            pool.answer("DEVICE_PASSWORD_VERIFIER", ALICE, second["Session"], **client.claim(parameters))

    def test_device_of_another_user(self, device_sign_in: tuple[PoolDriver, TrackedDevice]) -> None:
        """Alice's device does not replace Bob's second factor."""
        pool, device = device_sign_in
        pool.enrolled(BOB)
        with refused("ResourceNotFoundException", "Device does not exist."):
            pool.sign_in(BOB, DEVICE_KEY=device.key)

    def test_session_of_another_user(self, device_sign_in: tuple[PoolDriver, TrackedDevice]) -> None:
        """Bob's device, proven in Bob's exchange, signs nobody else in."""
        pool, device = device_sign_in
        bobs = pool.track(pool.sign_in_with_mfa(pool.enrolled(BOB), BOB))
        client, second = pool.begin_device_proof(bobs, BOB)
        claim = client.claim(second["ChallengeParameters"])
        with refused("ResourceNotFoundException", "Device does not exist."):
            pool.answer("DEVICE_PASSWORD_VERIFIER", ALICE, second["Session"], **claim)
        with refused(*INCORRECT):
            values = claim | {"DEVICE_KEY": device.key}
            pool.answer("DEVICE_PASSWORD_VERIFIER", ALICE, second["Session"], **values)

    def test_secret_block_of_a_password(self, device_sign_in: tuple[PoolDriver, TrackedDevice]) -> None:
        """The exchange of a password is none of a device."""
        pool, device = device_sign_in
        client, second = pool.begin_device_proof(device)
        block = PasswordSrp(pool).begin()["SECRET_BLOCK"]
        claim = client.claim(second["ChallengeParameters"] | {"SECRET_BLOCK": block})
        with refused(*INCORRECT):
            pool.answer("DEVICE_PASSWORD_VERIFIER", ALICE, second["Session"], **claim)


# ---- sessions


@pytest.fixture(scope="module")
def world(signing_keys: dict[str, str]) -> Iterator[World]:
    """Give the world that each request finds as it was."""
    made = World(signing_keys)
    yield made
    made.stop()


CHALLENGES = {request["ChallengeName"]: request for request in COHERENT["RespondToAuthChallenge"]}


@pytest.mark.parametrize("challenge", CHALLENGES)
def test_session_of_another(world: World, challenge: str) -> None:
    """A session opens its step for its own user through its own app client only."""
    request = CHALLENGES[challenge]
    responses = request["ChallengeResponses"]
    other = "dave" if responses["USERNAME"] != "dave" else "alice"
    attempts = [
        request | {"ChallengeResponses": responses | {"USERNAME": other}},
        request | {"ClientId": TWIN},
    ]
    for attempt in attempts:
        answer = json.loads(world.send("RespondToAuthChallenge", attempt).body)
        assert answer["__type"] in {"NotAuthorizedException", "ResourceNotFoundException"}
        assert answer["message"] in {SESSION_INVALID[1], "Device does not exist."}
