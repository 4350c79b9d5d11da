"""Tracked devices in a sign-in: a key for a new one, and the SRP proof of a known one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_cognito.authentication import proofs, sessions
from local_cognito.authentication.challenges import Entry, Reply, check_state, opened, require
from local_cognito.model import errors
from local_cognito.rules import attempts
from local_cognito.rules.cognito import ALPHANUMERIC
from local_cognito.storage.records import Device

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Answer, Cognito
    from local_cognito.storage.records import Pool, Session, User

DEVICE_SRP_AUTH = "DEVICE_SRP_AUTH"
DEVICE_PASSWORD_VERIFIER = "DEVICE_PASSWORD_VERIFIER"  # noqa: S105 - Cognito's name of the challenge
_GROUP_KEY_LENGTH = 8


def hand_out_key(cognito: Cognito, pool: Pool, user: User, *, by_alias: bool) -> dict[str, str]:
    """Make a device for the user and return NewDeviceMetadata."""
    now = cognito.now()
    device = Device(
        key=f"{pool.region}_{cognito.random_uuid()}",
        pool_id=pool.id,
        username=user.username,
        group_key="-" + cognito.random_text(_GROUP_KEY_LENGTH, ALPHANUMERIC),
        created=now,
        modified=now,
        by_alias=by_alias,
    )
    cognito.store.devices.put(device)
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
    """Tell whether the device is confirmed and remembered; any other counts as never seen."""
    return device.remembered and bool(device.verifier)


def challenge(cognito: Cognito, entry: Entry) -> Answer | None:
    """Return DEVICE_SRP_AUTH when the proof of the sign-in's device may stand in for MFA, else None."""
    if entry.device_key is None or not entry.pool.device_replaces_mfa:
        return None
    return {
        "ChallengeName": DEVICE_SRP_AUTH,
        "Session": sessions.begin(cognito, entry.client, entry.user, DEVICE_SRP_AUTH, **entry.data),
        "ChallengeParameters": {"USERNAME": entry.user.username, "DEVICE_KEY": entry.device_key},
    }


def begin_proof(cognito: Cognito, reply: Reply) -> Answer:
    """Answer DEVICE_SRP_AUTH: take the client's A, and give salt, B and the secret block to sign.

    Without its Session, which only the client has, the step stays open until a proof succeeds: who knows
    a user name and a device key can't use it up.
    """
    key = require(reply.responses, "DEVICE_KEY")
    public_a = proofs.parse_public_value(require(reply.responses, "SRP_A"))
    device = known_device(cognito, reply.user, key)
    session = _password_step(cognito, reply, key)
    if session.data["device_key"] != key or not _may_replace_mfa(reply.pool, device):
        raise errors.SESSION_INVALID()
    following = sessions.new_bearer(cognito)
    parameters = proofs.begin(
        cognito,
        reply.client,
        reply.user,
        step=DEVICE_PASSWORD_VERIFIER,
        secret=proofs.Secret(device.salt, device.verifier),
        public_a=public_a,
        asked=session.data["asked"],
        device_key=key,
        session=sessions.handle_of(following.encode()),
        step_before=session.handle,
    )
    if reply.session is not None:
        sessions.spend(cognito, session)
    return {
        "ChallengeName": DEVICE_PASSWORD_VERIFIER,
        "Session": following,
        "ChallengeParameters": parameters | {"USERNAME": reply.user.username, "DEVICE_KEY": key},
    }


def check_proof(cognito: Cognito, reply: Reply) -> Session:
    """Check the answer to DEVICE_PASSWORD_VERIFIER and return its exchange, which is spent.

    Raises:
        CognitoError: NotAuthorizedException for any wrong proof; ResourceNotFoundException for a
            device that was forgotten meanwhile.
    """
    claim = proofs.parse_claim(reply.responses)
    key = require(reply.responses, "DEVICE_KEY")
    device = known_device(cognito, reply.user, key)
    session = proofs.find(cognito, reply.client, reply.user, DEVICE_PASSWORD_VERIFIER, claim)
    if reply.session is not None and sessions.handle_of(reply.session.encode()) != session.data["session"]:
        raise errors.SESSION_INVALID()
    if session.data["device_key"] != key:
        raise errors.INCORRECT()
    check_state(reply.user)
    attempts.refuse_while_locked(cognito, reply.user)
    if not _may_replace_mfa(reply.pool, device):
        raise errors.SESSION_INVALID()
    if not proofs.is_right(cognito, session, claim, device.verifier, device.group_key + device.key):
        raise errors.INCORRECT()
    sessions.spend(cognito, session)
    _spend_step_before(cognito, session)
    device.last_authenticated = cognito.now()
    cognito.store.devices.put(device)
    return session


def _may_replace_mfa(pool: Pool, device: Device) -> bool:
    """Tell whether the device's proof still stands in for MFA: it did when the password was right."""
    return pool.device_replaces_mfa and is_tracked(device)


def _spend_step_before(cognito: Cognito, session: Session) -> None:
    """End the step that led to the exchange; two exchanges of one step give no two sign-ins."""
    before = cognito.store.sessions.get(session.data["step_before"])
    if before is None or before.data.get("is_proven"):
        raise errors.INCORRECT()
    before.data["is_proven"] = True
    sessions.spend(cognito, before)


def find(cognito: Cognito, user: User, key: str) -> Device | None:
    """Return the user's device with this key, or None."""
    found = cognito.store.devices.where(key=key, pool_id=user.pool_id, username=user.username)
    return found[0] if found else None


def _password_step(cognito: Cognito, reply: Reply, key: str) -> Session:
    """Return the step that shows that the password was right; a client may leave out its Session."""
    if reply.session is not None:
        return opened(cognito, reply, DEVICE_SRP_AUTH)
    steps = cognito.store.sessions.where(
        pool_id=reply.pool.id,
        username=reply.user.username,
        client_id=reply.client.id,
        step=DEVICE_SRP_AUTH,
        spent=False,
    )
    for session in reversed(steps):
        if session.data["device_key"] == key and sessions.is_of(session, reply.user):
            sessions.check_usable(cognito, session)
            check_state(reply.user)
            attempts.refuse_while_locked(cognito, reply.user)
            return session
    raise errors.SESSION_INVALID()
