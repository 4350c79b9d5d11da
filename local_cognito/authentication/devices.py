"""Devices in a sign-in: a key for a new device, and the SRP proof of a tracked one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_cognito.authentication import proofs, sessions
from local_cognito.model import errors
from local_cognito.rules.cognito import ALPHANUMERIC
from local_cognito.storage.records import Device

if TYPE_CHECKING:
    from local_cognito.authentication.sign_in import SignIn
    from local_cognito.rules.cognito import Answer, Cognito
    from local_cognito.storage.records import Pool, Session
    from local_cognito.storage.user_records import User

DEVICE_SRP_AUTH = "DEVICE_SRP_AUTH"
DEVICE_PASSWORD_VERIFIER = "DEVICE_PASSWORD_VERIFIER"  # noqa: S105 - Cognito's name of the challenge
_GROUP_KEY_LENGTH = 8


def hand_out_key(cognito: Cognito, sign_in: SignIn, *, by_alias: bool) -> dict[str, str]:
    """Store a new device, from which the user now signs in, and return NewDeviceMetadata."""
    now = cognito.now()
    device = Device(
        key=f"{sign_in.pool.region}_{cognito.random_uuid()}",
        pool_id=sign_in.pool.id,
        username=sign_in.user.username,
        group_key="-" + cognito.random_text(_GROUP_KEY_LENGTH, ALPHANUMERIC),
        created=now,
        modified=now,
        by_alias=by_alias,
    )
    cognito.store.devices.put(device)
    sign_in.device_key = device.key
    return {"DeviceKey": device.key, "DeviceGroupKey": device.group_key}


def known_device(cognito: Cognito, user: User, key: str) -> Device:
    """Return the user's device with this key.

    Raises:
        CognitoError: ResourceNotFoundException when it is unknown, forgotten or another user's.
    """
    device = find(cognito, user, key)
    if device is None:
        raise errors.DEVICE_UNKNOWN()
    return device


def is_tracked(device: Device) -> bool:
    """Tell whether the device is confirmed and remembered."""
    return device.remembered and bool(device.verifier)


def challenge(cognito: Cognito, sign_in: SignIn) -> Answer | None:
    """Return the challenge DEVICE_SRP_AUTH if the device's proof may replace MFA, else None."""
    if sign_in.device_key is None or not sign_in.pool.device_replaces_mfa:
        return None
    parameters = {"USERNAME": sign_in.user.username, "DEVICE_KEY": sign_in.device_key}
    return sign_in.challenge(cognito, DEVICE_SRP_AUTH, parameters)


def begin_proof(cognito: Cognito, sign_in: SignIn) -> Answer:
    """Answer DEVICE_SRP_AUTH: take the client's A, and give salt, B and the secret block to sign.

    Without a Session in the request, the step stays open until a proof succeeds, so that nobody can use
    it up with a user name and a device key alone.
    """
    key = sign_in.require("DEVICE_KEY")
    public_a = proofs.parse_public_value(sign_in.require("SRP_A"))
    device = known_device(cognito, sign_in.user, key)
    session = _password_step(cognito, sign_in, key)
    if sign_in.device_key != key or not _may_replace_mfa(sign_in.pool, device):
        raise errors.SESSION_INVALID()
    sign_in.remember_round(DEVICE_SRP_AUTH)
    following = sessions.new_bearer(cognito)
    parameters = proofs.begin(
        cognito,
        sign_in,
        DEVICE_PASSWORD_VERIFIER,
        proofs.Secret(device.salt, device.verifier),
        public_a,
        session=sessions.handle_of(following.encode()),
        step_before=session.handle,
    )
    if sign_in.bearer is not None:
        sessions.spend(cognito, session)
    return {
        "ChallengeName": DEVICE_PASSWORD_VERIFIER,
        "Session": following,
        "ChallengeParameters": parameters | {"USERNAME": sign_in.user.username, "DEVICE_KEY": key},
    }


def check_proof(cognito: Cognito, sign_in: SignIn) -> None:
    """Answer DEVICE_PASSWORD_VERIFIER: check the proof that the client has the device's password.

    Raises:
        CognitoError: NotAuthorizedException for any wrong proof; ResourceNotFoundException for a
            device that was forgotten meanwhile.
    """
    claim = proofs.parse_claim(sign_in)
    key = sign_in.require("DEVICE_KEY")
    device = known_device(cognito, sign_in.user, key)
    session = sign_in.resume(proofs.find(cognito, sign_in, DEVICE_PASSWORD_VERIFIER, claim))
    if sign_in.bearer is not None and sessions.handle_of(sign_in.bearer.encode()) != session.data["session"]:
        raise errors.SESSION_INVALID()
    if sign_in.device_key != key:
        raise errors.INCORRECT()
    sign_in.check_user(cognito)
    if not _may_replace_mfa(sign_in.pool, device):
        raise errors.SESSION_INVALID()
    if not proofs.is_right(cognito, session, claim, device.verifier, device.group_key + device.key):
        raise errors.INCORRECT()
    _spend_step_before(cognito, session)
    device.last_authenticated = cognito.now()
    cognito.store.devices.put(device)


def _may_replace_mfa(pool: Pool, device: Device) -> bool:
    """Tell whether the device's proof may replace MFA; settings may have changed since the password."""
    return pool.device_replaces_mfa and is_tracked(device)


def _spend_step_before(cognito: Cognito, session: Session) -> None:
    """Spend the step that led to the exchange, so that two exchanges cannot give two sign-ins."""
    before = cognito.store.sessions.get(session.data["step_before"])
    if before is None or before.data.get("is_proven"):
        raise errors.INCORRECT()
    before.data["is_proven"] = True
    sessions.spend(cognito, before)


def find(cognito: Cognito, user: User, key: str) -> Device | None:
    """Return the user's device with this key, or None."""
    found = cognito.store.devices.where(key=key, pool_id=user.pool_id, username=user.username)
    return found[0] if found else None


def _password_step(cognito: Cognito, sign_in: SignIn, key: str) -> Session:
    """Return the session that proves the password; clients may leave it out of the request."""
    if sign_in.bearer is not None:
        return sign_in.open(cognito, DEVICE_SRP_AUTH)
    steps = cognito.store.sessions.where(
        pool_id=sign_in.pool.id,
        username=sign_in.user.username,
        client_id=sign_in.client.id,
        step=DEVICE_SRP_AUTH,
        spent=False,
    )
    for session in reversed(steps):
        if session.data["device_key"] == key and sessions.is_of(session, sign_in.user):
            sessions.check_usable(cognito, session)
            sign_in.check_user(cognito)
            return sign_in.resume(session)
    raise errors.SESSION_INVALID()
