"""Tracked devices: handing out a key, taking in its verifier, and signing in with its SRP proof."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from local_cognito.authentication import proofs, sessions, tokens
from local_cognito.authentication.challenges import Entry, Reply, check_state, opened, require
from local_cognito.model import errors
from local_cognito.rules import attempts, paging, srp
from local_cognito.rules.cognito import ALPHANUMERIC
from local_cognito.storage.records import Device, Pool, Session, User
from local_cognito.users import directory

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Answer, Cognito, Request

_GROUP_KEY_LENGTH = 8

DEVICE_SRP_AUTH = "DEVICE_SRP_AUTH"
DEVICE_PASSWORD_VERIFIER = "DEVICE_PASSWORD_VERIFIER"  # noqa: S105 - Cognito's name of the challenge


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


def confirm_device(cognito: Cognito, request: Request) -> Answer:
    """ConfirmDevice: keep the device's verifier and salt; Cognito tracks it from now on."""
    pool, user = _owner(cognito, request)
    device = _find(cognito, user, request["DeviceKey"])
    if device is None or device.by_alias:
        raise errors.DEVICE_KEY_INVALID()
    if device.verifier:
        raise errors.DEVICE_EXISTS()
    config = request.get("DeviceSecretVerifierConfig", {})
    verifier = _number(config, "PasswordVerifier")
    if not 1 < verifier < srp.N:
        raise errors.DEVICE_VERIFIER_INVALID()
    device.verifier, device.salt = f"{verifier:x}", f"{_number(config, 'Salt'):x}"
    device.name = request.get("DeviceName")
    device.remembered = not pool.asks_before_remembering
    device.modified = cognito.now()
    cognito.store.devices.put(device)
    return {"UserConfirmationNecessary": pool.asks_before_remembering}


def update_device_status(cognito: Cognito, request: Request) -> Answer:
    """UpdateDeviceStatus: remember a confirmed device, or no longer."""
    _, user = _owner(cognito, request)
    return _set_status(cognito, user, request)


def admin_update_device_status(cognito: Cognito, request: Request) -> Answer:
    """AdminUpdateDeviceStatus."""
    return _set_status(cognito, _managed_owner(cognito, request), request)


def forget_device(cognito: Cognito, request: Request) -> None:
    """ForgetDevice: the key leads nowhere from now on, and its refresh tokens end."""
    _, user = _owner(cognito, request)
    _forget(cognito, user, request)


def admin_forget_device(cognito: Cognito, request: Request) -> None:
    """AdminForgetDevice."""
    _forget(cognito, _managed_owner(cognito, request), request)


def get_device(cognito: Cognito, request: Request) -> Answer:
    """GetDevice: a remembered device; users do not see the others."""
    if "AccessToken" not in request:
        raise errors.MISSING_PARAMETER(name="AccessToken")
    _, user = _owner(cognito, request)
    device = known_device(cognito, user, request["DeviceKey"])
    if not device.remembered:
        raise errors.DEVICE_UNKNOWN()
    return {"Device": _described(user, device)}


def admin_get_device(cognito: Cognito, request: Request) -> Answer:
    """AdminGetDevice: any device of the user."""
    user = _managed_owner(cognito, request, errors.OWNER_UNKNOWN)
    return {"Device": _described(user, known_device(cognito, user, request["DeviceKey"]))}


def list_devices(cognito: Cognito, request: Request) -> Answer:
    """ListDevices: a page of the user's remembered devices."""
    _, user = _owner(cognito, request)
    return _listed(cognito, user, request, remembered=True)


def admin_list_devices(cognito: Cognito, request: Request) -> Answer:
    """AdminListDevices: a page of all devices of a user."""
    user = _managed_owner(cognito, request, errors.OWNER_UNKNOWN)
    return _listed(cognito, user, request)


def known_device(cognito: Cognito, user: User, key: str) -> Device:
    """Return the user's device with this key.

    Raises:
        CognitoError: ResourceNotFoundException when it is unknown, forgotten or another user's.
    """
    device = _find(cognito, user, key)
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


def _owner(cognito: Cognito, request: Request) -> tuple[Pool, User]:
    """Return pool and user of the request's access token, in a pool that tracks devices."""
    pool, user, _ = tokens.verify_access(cognito, require(request, "AccessToken"))
    if not pool.tracks_devices:
        raise errors.DEVICES_NOT_TRACKED()
    return pool, user


def _find(cognito: Cognito, user: User, key: str) -> Device | None:
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


def _managed_owner(
    cognito: Cognito, request: Request, unknown: errors.Refusal = errors.USER_NOT_FOUND
) -> User:
    pool, user = directory.managed_user(cognito, request, unknown)
    if not pool.tracks_devices:
        raise errors.DEVICES_NOT_TRACKED()
    return user


def _set_status(cognito: Cognito, user: User, request: Request) -> Answer:
    device = known_device(cognito, user, request["DeviceKey"])
    device.remembered = request.get("DeviceRememberedStatus") == "remembered"
    device.modified = cognito.now()
    cognito.store.devices.put(device)
    return {}


def _forget(cognito: Cognito, user: User, request: Request) -> None:
    device = known_device(cognito, user, request["DeviceKey"])
    cognito.store.devices.delete(key=device.key)
    for grant in cognito.store.grants.where(
        pool_id=user.pool_id, username=user.username, device_key=device.key
    ):
        grant.expires = cognito.now()
        cognito.store.grants.put(grant)


def _listed(cognito: Cognito, user: User, request: Request, **equal: bool) -> Answer:
    of_user = {"pool_id": user.pool_id, "username": user.username}
    names = ("Limit", "PaginationToken")
    found, token = paging.page(cognito.store.devices, request, names=names, **of_user, **equal)
    return {"Devices": [_described(user, device) for device in found], **token}


def _described(user: User, device: Device) -> dict[str, Any]:
    attributes = {
        "device_status": "valid",
        "device_name": device.name,
        "last_ip_used": "127.0.0.1",
        "dev:device_owner": f"{user.username}.{user.pool_id}",
        "dev:device_remembered_status": "remembered" if device.remembered else "not_remembered",
    }
    return {
        "DeviceKey": device.key,
        "DeviceAttributes": [{"Name": name, "Value": value} for name, value in attributes.items() if value],
        "DeviceCreateDate": device.created,
        "DeviceLastModifiedDate": device.modified,
        "DeviceLastAuthenticatedDate": device.last_authenticated or device.created,
    }


def _number(config: dict[str, Any], name: str) -> int:
    """Return the integer whose padded bytes, in base64, stand in a DeviceSecretVerifierConfig."""
    if name not in config:
        raise errors.MISSING_PARAMETER(name=name)
    try:
        return int.from_bytes(base64.b64decode(config[name], validate=True), "big")
    except ValueError:
        raise errors.DEVICE_VERIFIER_INVALID() from None
