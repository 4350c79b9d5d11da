"""Tracked devices: who gets a key, what ConfirmDevice takes, and when a device's proof stands in for MFA."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pycognito.aws_srp import generate_hash_device

from test.support.pool_driver import (
    ALICE,
    BOB,
    DEVICE_KEY_INVALID,
    DEVICE_UNKNOWN,
    HOUR,
    INCORRECT,
    MINUTE,
    SESSION_INVALID,
    DeviceSrp,
    missing,
    refused,
    totp,
)
from test.support.pools import REQUIRED_TOTP, TRACKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import PoolDriver, TrackedDevice


VECTORS = json.loads((Path(__file__).parents[1] / "support" / "srp_vectors.json").read_text())
N = int(VECTORS["group"]["N"], 16)
TRACKING_OFF = (
    "InvalidUserPoolConfigurationException",
    "Device tracking is not turned on for the user pool.",
)
BAD_VERIFIER = ("InvalidParameterException", "Invalid device secret verifier configuration given.")
BAD_TIMESTAMP = (
    "InvalidParameterException",
    "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.",
)
BAD_SIGNATURE = (
    "InvalidParameterException",
    "Invalid PASSWORD_CLAIM_SIGNATURE format. Must be a Base64 string.",
)
UNSAFE_A = ("InvalidParameterException", "SRP_A is not a valid public value.")


@pytest.fixture
def tracked(mfa_pool: PoolDriver) -> tuple[PoolDriver, str, TrackedDevice]:
    """Return a pool, Alice's TOTP secret and her tracked device."""
    secret = mfa_pool.enrolled()
    return mfa_pool, secret, mfa_pool.track(mfa_pool.sign_in_with_mfa(secret))


def prove(
    pool: PoolDriver,
    srp: DeviceSrp,
    second: dict[str, Any],
    *,
    name: str = ALICE,
    session: str | None = "",
    **changes: str | None,
) -> dict[str, Any]:
    """Answer DEVICE_PASSWORD_VERIFIER with a right claim, after `changes` to it; None leaves one out."""
    claim = srp.claim(second["ChallengeParameters"]) | changes
    values = {key: value for key, value in claim.items() if value is not None}
    session = second["Session"] if session == "" else session
    return pool.answer("DEVICE_PASSWORD_VERIFIER", name, session, **values)


def test_proof_stands_in_for_the_mfa_code(tracked: tuple[PoolDriver, str, TrackedDevice]) -> None:
    """Password and the device's proof give tokens, without a code and without a new device key."""
    pool, _, device = tracked
    result = prove(pool, *pool.begin_device_proof(device))["AuthenticationResult"]

    assert {"AccessToken", "IdToken", "RefreshToken"} <= set(result)
    assert "NewDeviceMetadata" not in result


def test_proof_needs_no_session(tracked: tuple[PoolDriver, str, TrackedDevice]) -> None:
    """Clients that leave Session out of both device steps get their tokens too."""
    pool, _, device = tracked
    srp = DeviceSrp(pool, device)
    pool.sign_in(DEVICE_KEY=device.key)
    second = pool.answer("DEVICE_SRP_AUTH", ALICE, None, DEVICE_KEY=device.key, SRP_A=srp.public_a)

    assert prove(pool, srp, second, session=None)["AuthenticationResult"]


def test_challenge_parameters(tracked: tuple[PoolDriver, str, TrackedDevice]) -> None:
    """The device's challenges carry what a client needs, the salt as it was confirmed."""
    pool, _, device = tracked
    first = pool.sign_in(DEVICE_KEY=device.key)
    _, second = pool.begin_device_proof(device)

    assert first["ChallengeParameters"] == {"USERNAME": ALICE, "DEVICE_KEY": device.key}
    assert set(second["ChallengeParameters"]) == {"SALT", "SRP_B", "SECRET_BLOCK", "USERNAME", "DEVICE_KEY"}
    assert second["ChallengeParameters"]["USERNAME"] == ALICE
    with pool.changed("devices", device.key) as record:
        assert second["ChallengeParameters"]["SALT"] == record.salt


def test_device_step_needs_the_password_first(tracked: tuple[PoolDriver, str, TrackedDevice]) -> None:
    """Without a sign-in under way, DEVICE_SRP_AUTH leads nowhere: the proof alone is no sign-in."""
    pool, _, device = tracked

    with refused(*SESSION_INVALID):
        pool.answer(
            "DEVICE_SRP_AUTH", ALICE, None, DEVICE_KEY=device.key, SRP_A=DeviceSrp(pool, device).public_a
        )


def test_password_step_without_session_runs_out(tracked: tuple[PoolDriver, str, TrackedDevice]) -> None:
    """The password that was right some minutes ago does not open the device step any more."""
    pool, _, device = tracked
    srp = DeviceSrp(pool, device)
    pool.sign_in(DEVICE_KEY=device.key)
    pool.clock.advance(3 * MINUTE)

    with refused("NotAuthorizedException", "Invalid session for the user, session is expired."):
        pool.answer("DEVICE_SRP_AUTH", ALICE, None, DEVICE_KEY=device.key, SRP_A=srp.public_a)


def test_one_password_opens_one_device_step(tracked: tuple[PoolDriver, str, TrackedDevice]) -> None:
    """The device step that was begun once is not begun again without another password."""
    pool, _, device = tracked
    srp, _ = pool.begin_device_proof(device)

    with refused(*SESSION_INVALID):
        pool.answer("DEVICE_SRP_AUTH", ALICE, None, DEVICE_KEY=device.key, SRP_A=srp.public_a)


@pytest.mark.parametrize("name", ["DEVICE_KEY", "SRP_A"])
def test_srp_step_names_what_is_missing(tracked: tuple[PoolDriver, str, TrackedDevice], name: str) -> None:
    """DEVICE_SRP_AUTH needs the device key and A."""
    pool, _, device = tracked
    session = pool.sign_in(DEVICE_KEY=device.key)["Session"]
    values: dict[str, Any] = {"DEVICE_KEY": device.key, "SRP_A": "2"}
    del values[name]

    with refused(*missing(name)):
        pool.answer("DEVICE_SRP_AUTH", ALICE, session, **values)


@pytest.mark.parametrize(
    "name", ["TIMESTAMP", "PASSWORD_CLAIM_SIGNATURE", "PASSWORD_CLAIM_SECRET_BLOCK", "DEVICE_KEY"]
)
def test_proof_step_names_what_is_missing(tracked: tuple[PoolDriver, str, TrackedDevice], name: str) -> None:
    """DEVICE_PASSWORD_VERIFIER needs all parts of the claim."""
    pool, _, device = tracked
    srp, second = pool.begin_device_proof(device)
    left_out: dict[str, Any] = {name: None}

    with refused(*missing(name)):
        prove(pool, srp, second, **left_out)


def test_overlong_a_is_refused(tracked: tuple[PoolDriver, str, TrackedDevice]) -> None:
    """A public value far longer than N is refused before any arithmetic."""
    pool, _, device = tracked
    session = pool.sign_in(DEVICE_KEY=device.key)["Session"]

    with refused(*UNSAFE_A):
        pool.answer("DEVICE_SRP_AUTH", ALICE, session, DEVICE_KEY=device.key, SRP_A="1" * 5000)


@pytest.mark.parametrize("text", ["xyz", "0x12", "12 ", "-1", "١٢"])
def test_a_must_be_hex(tracked: tuple[PoolDriver, str, TrackedDevice], text: str) -> None:
    """A public value that is no hex text is a validation error."""
    pool, _, device = tracked
    session = pool.sign_in(DEVICE_KEY=device.key)["Session"]
    message = (
        f"1 validation error detected: Value '{text}' at 'sRPA' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: ^[0-9a-fA-F]+$"
    )

    with refused("InvalidParameterException", message):
        pool.answer("DEVICE_SRP_AUTH", ALICE, session, DEVICE_KEY=device.key, SRP_A=text)


def test_wrong_device_password_is_refused(tracked: tuple[PoolDriver, str, TrackedDevice]) -> None:
    """A proof with another device password is wrong."""
    pool, _, device = tracked
    srp, second = pool.begin_device_proof(replace(device, password="another"))

    with refused(*INCORRECT):
        prove(pool, srp, second)


def test_wrong_signature_is_refused(tracked: tuple[PoolDriver, str, TrackedDevice]) -> None:
    """A signature of the right form over nothing is wrong."""
    pool, _, device = tracked
    srp, second = pool.begin_device_proof(device)

    with refused(*INCORRECT):
        prove(pool, srp, second, PASSWORD_CLAIM_SIGNATURE=base64.b64encode(b"x" * 32).decode())


def test_failed_proof_may_be_repeated(tracked: tuple[PoolDriver, str, TrackedDevice]) -> None:
    """After a wrong signature the same exchange still takes the right one."""
    pool, _, device = tracked
    srp, second = pool.begin_device_proof(device)
    with refused(*INCORRECT):
        prove(pool, srp, second, PASSWORD_CLAIM_SIGNATURE="AAAA")

    assert prove(pool, srp, second)["AuthenticationResult"]


def test_proof_works_once(tracked: tuple[PoolDriver, str, TrackedDevice]) -> None:
    """The same proof again is refused."""
    pool, _, device = tracked
    srp, second = pool.begin_device_proof(device)
    prove(pool, srp, second)

    with refused(*INCORRECT):
        prove(pool, srp, second)


def test_exchange_runs_out(tracked: tuple[PoolDriver, str, TrackedDevice]) -> None:
    """A secret block is worthless after the session time."""
    pool, _, device = tracked
    srp, second = pool.begin_device_proof(device)
    pool.clock.advance(3 * MINUTE)

    with refused(*INCORRECT):
        prove(pool, srp, second, session=None)


@pytest.mark.parametrize("block", ["AAAA", "no base64!"])
def test_unknown_secret_block_is_refused(tracked: tuple[PoolDriver, str, TrackedDevice], block: str) -> None:
    """A secret block that nobody was given opens nothing."""
    pool, _, device = tracked
    srp, second = pool.begin_device_proof(device)

    with refused(*INCORRECT):
        prove(pool, srp, second, PASSWORD_CLAIM_SECRET_BLOCK=block)


def test_secret_block_belongs_to_one_user(tracked: tuple[PoolDriver, str, TrackedDevice]) -> None:
    """Another user can't use Alice's exchange, not even with a device of their own."""
    pool, _, device = tracked
    bobs_secret = pool.enrolled(BOB)
    bobs = pool.track(pool.sign_in_with_mfa(bobs_secret, BOB))
    _, of_alice = pool.begin_device_proof(device)
    bobs_srp, of_bob = pool.begin_device_proof(bobs, BOB)

    with refused(*INCORRECT):
        prove(
            pool,
            bobs_srp,
            of_bob,
            name=BOB,
            PASSWORD_CLAIM_SECRET_BLOCK=of_alice["ChallengeParameters"]["SECRET_BLOCK"],
        )


def test_secret_block_belongs_to_one_device(tracked: tuple[PoolDriver, str, TrackedDevice]) -> None:
    """An exchange that one device began can't be ended by another device of the same user."""
    pool, secret, device = tracked
    second_device = pool.track(pool.sign_in_with_mfa(secret))
    srp, second = pool.begin_device_proof(device)

    with refused(*INCORRECT):
        prove(pool, srp, second, DEVICE_KEY=second_device.key)


def test_secret_block_belongs_to_one_client(tracked: tuple[PoolDriver, str, TrackedDevice]) -> None:
    """An exchange that was begun through one app client can't be ended through another."""
    pool, _, device = tracked
    srp, second = pool.begin_device_proof(device)

    with refused(*INCORRECT):
        prove(pool.other_client(), srp, second)


def test_session_of_another_exchange_is_refused(tracked: tuple[PoolDriver, str, TrackedDevice]) -> None:
    """A Session that is sent must be the one that came with the secret block."""
    pool, _, device = tracked
    srp, second = pool.begin_device_proof(device)
    _, other = pool.begin_device_proof(device)

    with refused(*SESSION_INVALID):
        prove(pool, srp, second, session=other["Session"])


def test_device_of_the_password_step_is_the_one_to_prove(
    tracked: tuple[PoolDriver, str, TrackedDevice],
) -> None:
    """The password step names the device; another one of the user's can't take its place."""
    pool, secret, device = tracked
    second_device = pool.track(pool.sign_in_with_mfa(secret))
    session = pool.sign_in(DEVICE_KEY=device.key)["Session"]
    srp = DeviceSrp(pool, second_device)

    with refused(*SESSION_INVALID):
        pool.answer("DEVICE_SRP_AUTH", ALICE, session, DEVICE_KEY=second_device.key, SRP_A=srp.public_a)


def shown(pool: PoolDriver, **changes: Any) -> str:
    """Return the present moment as the parts of a TIMESTAMP."""
    weekday, month, day, time, zone, year = pool.clock.timestamp().split()
    parts = {
        "weekday": weekday,
        "month": month,
        "day": day,
        "time": time,
        "zone": zone,
        "year": year,
    } | changes
    return " ".join(parts.values())


def test_zero_padded_day_fails_the_proof(tracked: tuple[PoolDriver, str, TrackedDevice]) -> None:
    """A day with a leading zero is read, but the signature over that text is not the right one."""
    pool, _, device = tracked
    while len(pool.clock.timestamp().split()[2]) > 1:
        pool.clock.advance(24 * HOUR)
    srp, second = pool.begin_device_proof(device)
    text = shown(pool, day="0" + pool.clock.timestamp().split()[2])

    with refused(*INCORRECT):
        prove(pool, srp, second, **srp.claim(second["ChallengeParameters"], text))


def test_wrong_weekday_fails_the_proof(tracked: tuple[PoolDriver, str, TrackedDevice]) -> None:
    """A weekday that is not that of the date fails like a wrong proof."""
    pool, _, device = tracked
    srp, second = pool.begin_device_proof(device)
    other = "Mon" if pool.clock.timestamp()[:3] != "Mon" else "Tue"

    with refused(*INCORRECT):
        prove(pool, srp, second, **srp.claim(second["ChallengeParameters"], shown(pool, weekday=other)))


@pytest.mark.parametrize("change", [str.lower, lambda text: text.replace("UTC", "GMT")])
def test_signature_covers_the_canonical_text(
    tracked: tuple[PoolDriver, str, TrackedDevice], change: Callable[..., Any]
) -> None:
    """Names in any case and GMT are read; the signature must be over the canonical text with UTC."""
    pool, _, device = tracked
    srp, second = pool.begin_device_proof(device)
    canonical = pool.clock.timestamp()
    text = change(canonical).replace("utc", "UTC")

    assert prove(pool, srp, second, **srp.claim(second["ChallengeParameters"], text, signed=canonical))


@pytest.mark.parametrize(
    "changes",
    [
        {"zone": "CET"},
        {"zone": "utc"},
        {"month": "Mai"},
        {"weekday": "Mo"},
        {"weekday": "Xyz"},
        {"day": "32"},
        {"year": "26"},
    ],
)
def test_other_timestamps_are_malformed(
    tracked: tuple[PoolDriver, str, TrackedDevice], changes: dict[str, str]
) -> None:
    """Other zones, languages and impossible dates get the error about the format."""
    pool, _, device = tracked
    srp, second = pool.begin_device_proof(device)

    with refused(*BAD_TIMESTAMP):
        prove(pool, srp, second, TIMESTAMP=shown(pool, **changes))


@pytest.mark.parametrize(("seconds", "is_taken"), [(900, True), (901, False), (-900, True), (-901, False)])
def test_timestamp_must_be_near(
    tracked: tuple[PoolDriver, str, TrackedDevice], seconds: int, is_taken: bool
) -> None:
    """A proof signed for a moment more than 15 minutes away is refused."""
    pool, _, device = tracked
    srp, second = pool.begin_device_proof(device)
    pool.clock.now += seconds
    claim = srp.claim(second["ChallengeParameters"])
    pool.clock.now -= seconds

    if is_taken:
        assert prove(pool, srp, second, **claim)["AuthenticationResult"]
    else:
        with refused(*INCORRECT):
            prove(pool, srp, second, **claim)


def test_signature_must_be_base64(tracked: tuple[PoolDriver, str, TrackedDevice]) -> None:
    """A signature that is no base64 is malformed, not wrong."""
    pool, _, device = tracked
    srp, second = pool.begin_device_proof(device)

    with refused(*BAD_SIGNATURE):
        prove(pool, srp, second, PASSWORD_CLAIM_SIGNATURE="§")


# Which sign-ins know the device


@pytest.mark.parametrize("key", ["us-east-1_00000000-0000-4000-8000-000000000000", "of Bob", "forgotten"])
def test_device_that_is_not_the_users_does_not_exist(
    tracked: tuple[PoolDriver, str, TrackedDevice], key: str
) -> None:
    """A device that is unknown, forgotten or another user's is answered alike, after the password."""
    pool, _, device = tracked
    if key == "of Bob":
        bobs_secret = pool.enrolled(BOB)
        key = pool.track(pool.sign_in_with_mfa(bobs_secret, BOB)).key
    elif key == "forgotten":
        srp, second = pool.begin_device_proof(device)
        token = prove(pool, srp, second)["AuthenticationResult"]["AccessToken"]
        pool.api.forget_device(AccessToken=token, DeviceKey=device.key)
        key = device.key

    with refused(*DEVICE_UNKNOWN):
        pool.sign_in(DEVICE_KEY=key)


def test_device_forgotten_meanwhile_does_not_exist(tracked: tuple[PoolDriver, str, TrackedDevice]) -> None:
    """A device that is forgotten between two steps is gone for the next one."""
    pool, secret, device = tracked
    token = pool.sign_in_with_mfa(secret)["AccessToken"]
    session = pool.sign_in(DEVICE_KEY=device.key)["Session"]
    srp, second = pool.begin_device_proof(device)
    pool.api.forget_device(AccessToken=token, DeviceKey=device.key)

    with refused(*DEVICE_UNKNOWN):
        prove(pool, srp, second)
    with refused(*DEVICE_UNKNOWN):
        pool.answer("DEVICE_SRP_AUTH", ALICE, session, DEVICE_KEY=device.key, SRP_A=srp.public_a)


def test_unconfirmed_device_counts_as_never_seen(mfa_pool: PoolDriver) -> None:
    """A key that was handed out but not confirmed replaces no code."""
    secret = mfa_pool.enrolled()
    key = mfa_pool.sign_in_with_mfa(secret)["NewDeviceMetadata"]["DeviceKey"]

    assert mfa_pool.sign_in(DEVICE_KEY=key)["ChallengeName"] == "SOFTWARE_TOKEN_MFA"


def test_wrong_password_comes_before_the_device(tracked: tuple[PoolDriver, str, TrackedDevice]) -> None:
    """With a wrong password nobody learns whether a device exists."""
    pool, _, _ = tracked

    with refused(*INCORRECT):
        pool.sign_in(password="Wrong-Password-1", DEVICE_KEY="us-east-1_00000000")


def test_no_device_key_without_tracking(make_pool: Callable[..., PoolDriver]) -> None:
    """A pool that tracks no devices hands out no key, ignores one, and refuses the device actions."""
    pool = make_pool(mfa=REQUIRED_TOTP)
    secret = pool.enrolled()
    result = pool.sign_in_with_mfa(secret, DEVICE_KEY="us-east-1_00000000")
    fields = {"AccessToken": result["AccessToken"], "DeviceKey": "us-east-1_00000000"}

    assert "NewDeviceMetadata" not in result
    for call in (pool.api.confirm_device, pool.api.forget_device):
        with refused(*TRACKING_OFF):
            call(**fields)
    with refused(*TRACKING_OFF):
        pool.api.update_device_status(**fields, DeviceRememberedStatus="remembered")


def test_no_device_key_without_mfa(make_pool: Callable[..., PoolDriver]) -> None:
    """A password in clear and no MFA step bring no device key, even where devices are tracked."""
    pool = make_pool({"DeviceConfiguration": TRACKING})
    pool.user()

    assert "NewDeviceMetadata" not in pool.sign_in()["AuthenticationResult"]


def test_each_sign_in_has_a_new_device_key(mfa_pool: PoolDriver) -> None:
    """Without a known device, every sign-in brings another key, named in the access token."""
    secret = mfa_pool.enrolled()
    first, second = (mfa_pool.sign_in_with_mfa(secret) for _ in range(2))
    keys = [result["NewDeviceMetadata"]["DeviceKey"] for result in (first, second)]

    assert keys[0] != keys[1]
    assert all(key.startswith("us-east-1_") for key in keys)
    payload = first["AccessToken"].split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(payload + "=="))["device_key"] == keys[0]


@pytest.mark.parametrize("replaces", [True, False])
@pytest.mark.parametrize("on_prompt", [True, False])
def test_device_configuration(make_pool: Callable[..., PoolDriver], replaces: bool, on_prompt: bool) -> None:
    """The four device configurations: whether the user is asked, and whether MFA still is."""
    settings = {"ChallengeRequiredOnNewDevice": replaces, "DeviceOnlyRememberedOnUserPrompt": on_prompt}
    pool = make_pool({"DeviceConfiguration": settings}, REQUIRED_TOTP)
    secret = pool.enrolled()
    result = pool.sign_in_with_mfa(secret)
    metadata = result["NewDeviceMetadata"]
    _, config = generate_hash_device(metadata["DeviceGroupKey"], metadata["DeviceKey"])
    fields = {"AccessToken": result["AccessToken"], "DeviceKey": metadata["DeviceKey"]}
    confirmed = pool.api.confirm_device(**fields, DeviceSecretVerifierConfig=config)

    assert confirmed["UserConfirmationNecessary"] is on_prompt
    if on_prompt:
        assert pool.sign_in(DEVICE_KEY=fields["DeviceKey"])["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
        pool.api.update_device_status(**fields, DeviceRememberedStatus="remembered")
    expected = "DEVICE_SRP_AUTH" if replaces else "SOFTWARE_TOKEN_MFA"
    assert pool.sign_in(DEVICE_KEY=fields["DeviceKey"])["ChallengeName"] == expected


def test_known_device_gets_no_new_key_after_mfa(make_pool: Callable[..., PoolDriver]) -> None:
    """Where MFA is asked in spite of the device, a sign-in from a known one brings no other key."""
    pool = make_pool(
        {"DeviceConfiguration": TRACKING | {"ChallengeRequiredOnNewDevice": False}}, REQUIRED_TOTP
    )
    secret = pool.enrolled()
    device = pool.track(pool.sign_in_with_mfa(secret))

    assert "NewDeviceMetadata" not in pool.sign_in_with_mfa(secret, DEVICE_KEY=device.key)


def test_device_that_is_no_longer_remembered_counts_as_never_seen(
    tracked: tuple[PoolDriver, str, TrackedDevice],
) -> None:
    """UpdateDeviceStatus takes the device's privilege away again."""
    pool, secret, device = tracked
    token = pool.sign_in_with_mfa(secret)["AccessToken"]
    pool.api.update_device_status(
        AccessToken=token, DeviceKey=device.key, DeviceRememberedStatus="not_remembered"
    )

    assert pool.sign_in(DEVICE_KEY=device.key)["ChallengeName"] == "SOFTWARE_TOKEN_MFA"


# ConfirmDevice


def confirm(pool: PoolDriver, result: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """ConfirmDevice for the new device of a sign-in, after `changes`."""
    metadata = result["NewDeviceMetadata"]
    _, config = generate_hash_device(metadata["DeviceGroupKey"], metadata["DeviceKey"])
    fields = {
        "AccessToken": result["AccessToken"],
        "DeviceKey": metadata["DeviceKey"],
        "DeviceSecretVerifierConfig": config,
    }
    return pool.api.confirm_device(**fields | changes)


def test_only_the_users_own_key_can_be_confirmed(mfa_pool: PoolDriver) -> None:
    """A key that is unknown, or was handed to another user, is invalid."""
    result = mfa_pool.sign_in_with_mfa(mfa_pool.enrolled())
    of_bob = mfa_pool.sign_in_with_mfa(mfa_pool.enrolled(BOB), BOB)["NewDeviceMetadata"]["DeviceKey"]

    for key in ("us-east-1_00000000-0000-4000-8000-000000000000", of_bob):
        with refused(*DEVICE_KEY_INVALID):
            confirm(mfa_pool, result, DeviceKey=key)


def test_key_from_an_alias_answer_cannot_be_confirmed(make_pool: Callable[..., PoolDriver]) -> None:
    """Answering the MFA challenge with the e-mail address gives tokens, and a device key that is invalid."""
    settings = {"DeviceConfiguration": TRACKING, "AliasAttributes": ["email"]}
    pool = make_pool(settings, REQUIRED_TOTP)
    secret = pool.enrolled()
    pool.clock.to_next_step()
    session = pool.sign_in()["Session"]
    code = totp(secret, pool.clock.now)
    answer = pool.answer("SOFTWARE_TOKEN_MFA", f"{ALICE}@example.com", session, SOFTWARE_TOKEN_MFA_CODE=code)

    with refused(*DEVICE_KEY_INVALID):
        confirm(pool, answer["AuthenticationResult"])


def test_token_of_another_sign_in_confirms_too(mfa_pool: PoolDriver) -> None:
    """Any access token of the user will do."""
    secret = mfa_pool.enrolled()
    first, second = (mfa_pool.sign_in_with_mfa(secret) for _ in range(2))

    assert confirm(mfa_pool, first, AccessToken=second["AccessToken"])["UserConfirmationNecessary"] is False


def test_device_is_confirmed_once(mfa_pool: PoolDriver) -> None:
    """A confirmed device's verifier is not replaced."""
    result = mfa_pool.sign_in_with_mfa(mfa_pool.enrolled())
    confirm(mfa_pool, result)

    with refused("DeviceKeyExistsException", "Device already exists."):
        confirm(mfa_pool, result)


@pytest.mark.parametrize("name", ["PasswordVerifier", "Salt"])
def test_verifier_and_salt_are_needed(mfa_pool: PoolDriver, name: str) -> None:
    """ConfirmDevice names what is missing."""
    result = mfa_pool.sign_in_with_mfa(mfa_pool.enrolled())
    config = {"PasswordVerifier": "AQID", "Salt": "AQID"}
    del config[name]

    with refused(*missing(name)):
        confirm(mfa_pool, result, DeviceSecretVerifierConfig=config)


def encoded(number: int) -> str:
    """Return a number as base64 of its padded bytes."""
    return base64.b64encode(number.to_bytes(number.bit_length() // 8 + 1, "big")).decode()


@pytest.mark.parametrize(
    "config",
    [
        {"PasswordVerifier": "no base64!", "Salt": "AQID"},
        {"PasswordVerifier": "AQID", "Salt": "no base64!"},
        {"PasswordVerifier": encoded(0), "Salt": "AQID"},
        {"PasswordVerifier": encoded(1), "Salt": "AQID"},
        {"PasswordVerifier": encoded(N), "Salt": "AQID"},
    ],
)
def test_verifier_must_be_a_number_of_the_group(mfa_pool: PoolDriver, config: dict[str, str]) -> None:
    """A verifier that is no base64, or not between 1 and N, proves nothing and is refused."""
    result = mfa_pool.sign_in_with_mfa(mfa_pool.enrolled())

    with refused(*BAD_VERIFIER):
        confirm(mfa_pool, result, DeviceSecretVerifierConfig=config)


@pytest.mark.parametrize("action", ["update_device_status", "forget_device"])
def test_actions_on_a_device_that_does_not_exist(
    tracked: tuple[PoolDriver, str, TrackedDevice], action: str
) -> None:
    """Updating or forgetting an unknown device says that it does not exist."""
    pool, secret, _ = tracked
    fields = {"AccessToken": pool.sign_in_with_mfa(secret)["AccessToken"], "DeviceKey": "us-east-1_00"}
    if action == "update_device_status":
        fields["DeviceRememberedStatus"] = "remembered"

    with refused(*DEVICE_UNKNOWN):
        getattr(pool.api, action)(**fields)
