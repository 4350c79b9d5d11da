"""Tracked devices: confirming, remembering, forgetting and listing them."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from local_cognito.authentication import tokens
from local_cognito.authentication.devices import find, known_device
from local_cognito.authentication.sign_in import require
from local_cognito.model import errors
from local_cognito.rules import paging, srp
from local_cognito.users import directory

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Answer, Cognito, Request
    from local_cognito.storage.records import Device, Pool, User


def confirm_device(cognito: Cognito, request: Request) -> Answer:
    """ConfirmDevice: keep the device's verifier and salt; Cognito tracks it from now on."""
    pool, user = _owner(cognito, request)
    device = find(cognito, user, request["DeviceKey"])
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


def _owner(cognito: Cognito, request: Request) -> tuple[Pool, User]:
    """Return pool and user of the request's access token, in a pool that tracks devices."""
    pool, user, _ = tokens.verify_access(cognito, require(request, "AccessToken"))
    if not pool.tracks_devices:
        raise errors.DEVICES_NOT_TRACKED()
    return pool, user


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
