"""Tracked devices: confirming, remembering, forgetting and listing them."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from local_cognito.authentication import tokens
from local_cognito.authentication.devices import find, known_device
from local_cognito.model import errors
from local_cognito.rules import paging, srp
from local_cognito.rules.cognito import milliseconds
from local_cognito.storage.records import ACCOUNT
from local_cognito.users import directory

if TYPE_CHECKING:
    from local_cognito.model import requests
    from local_cognito.rules.cognito import Answer, Cognito
    from local_cognito.storage.records import Device, Pool
    from local_cognito.storage.user_records import User


def confirm_device(cognito: Cognito, request: requests.ConfirmDevice) -> Answer:
    """ConfirmDevice: keep the device's verifier and salt; Cognito tracks it from now on."""
    pool, user = _owner(cognito, request["AccessToken"])
    device = find(cognito, user, request["DeviceKey"])
    if device is None or device.by_alias:
        raise errors.DEVICE_KEY_INVALID()
    if device.verifier:
        raise errors.DEVICE_EXISTS()
    config = request.get("DeviceSecretVerifierConfig", {})
    verifier = _number("PasswordVerifier", config.get("PasswordVerifier"))
    if not 1 < verifier < srp.N:
        raise errors.DEVICE_VERIFIER_INVALID()
    device.verifier, device.salt = f"{verifier:x}", f"{_number('Salt', config.get('Salt')):x}"
    device.name = request.get("DeviceName")
    device.remembered = not pool.asks_before_remembering
    device.modified = cognito.now()
    cognito.store.devices.put(device)
    return {"UserConfirmationNecessary": pool.asks_before_remembering}


def update_device_status(cognito: Cognito, request: requests.UpdateDeviceStatus) -> Answer:
    """UpdateDeviceStatus: remember a confirmed device, or no longer."""
    _, user = _owner(cognito, request["AccessToken"])
    return _set_status(cognito, user, request)


def admin_update_device_status(cognito: Cognito, request: requests.AdminUpdateDeviceStatus) -> Answer:
    """AdminUpdateDeviceStatus."""
    return _set_status(cognito, _managed_owner(cognito, request), request)


def forget_device(cognito: Cognito, request: requests.ForgetDevice) -> None:
    """ForgetDevice: delete the device and end its refresh tokens."""
    _, user = _owner(cognito, request.get("AccessToken"))
    _forget(cognito, user, request["DeviceKey"])


def admin_forget_device(cognito: Cognito, request: requests.AdminForgetDevice) -> None:
    """AdminForgetDevice."""
    _forget(cognito, _managed_owner(cognito, request), request["DeviceKey"])


def get_device(cognito: Cognito, request: requests.GetDevice) -> Answer:
    """GetDevice: a remembered device; users do not see the others."""
    _, user = _owner(cognito, request.get("AccessToken"))
    device = known_device(cognito, user, request["DeviceKey"])
    if not device.remembered:
        raise errors.DEVICE_UNKNOWN()
    return {"Device": _described(user, device)}


def admin_get_device(cognito: Cognito, request: requests.AdminGetDevice) -> Answer:
    """AdminGetDevice: any device of the user."""
    user = _managed_owner(cognito, request, errors.OWNER_UNKNOWN)
    return {"Device": _described(user, known_device(cognito, user, request["DeviceKey"]))}


def list_devices(cognito: Cognito, request: requests.ListDevices) -> Answer:
    """ListDevices: a page of the user's remembered devices."""
    _, user = _owner(cognito, request["AccessToken"])
    return _listed(cognito, user, request, own=True)


def admin_list_devices(cognito: Cognito, request: requests.AdminListDevices) -> Answer:
    """AdminListDevices: a page of all devices of a user."""
    user = _managed_owner(cognito, request, errors.OWNER_UNKNOWN)
    return _listed(cognito, user, request, own=False)


def _owner(cognito: Cognito, access_token: str | None) -> tuple[Pool, User]:
    """Return the pool and the user of the request's access token; the pool must track devices."""
    if not access_token:
        raise errors.MISSING_PARAMETER(name="AccessToken")
    pool, user, _ = tokens.verify_access(cognito, access_token)
    if not pool.tracks_devices:
        raise errors.DEVICES_NOT_TRACKED()
    return pool, user


def _managed_owner(
    cognito: Cognito, request: requests.OfUser, unknown: errors.Refusal = errors.USER_NOT_FOUND
) -> User:
    pool, user = directory.managed_user(cognito, request, unknown)
    if not pool.tracks_devices:
        raise errors.DEVICES_NOT_TRACKED()
    return user


def _set_status(
    cognito: Cognito, user: User, request: requests.UpdateDeviceStatus | requests.AdminUpdateDeviceStatus
) -> Answer:
    device = known_device(cognito, user, request["DeviceKey"])
    device.remembered = request.get("DeviceRememberedStatus") == "remembered"
    device.modified = cognito.now()
    cognito.store.devices.put(device)
    return {}


def _forget(cognito: Cognito, user: User, device_key: str) -> None:
    device = known_device(cognito, user, device_key)
    cognito.store.devices.delete(key=device.key)
    for grant in cognito.store.grants.where(
        pool_id=user.pool_id, username=user.username, device_key=device.key
    ):
        grant.expires = cognito.now()
        cognito.store.grants.put(grant)


def _listed(
    cognito: Cognito, user: User, request: requests.ListDevices | requests.AdminListDevices, *, own: bool
) -> Answer:
    """Return a page of devices; users see their `own` remembered ones, with fewer attributes."""
    remembered: dict[str, Any] = {"remembered": True} if own else {}
    found, token = paging.page(
        cognito.store.devices,
        request.get("Limit"),
        request.get("PaginationToken"),
        next_page="PaginationToken",
        pool_id=user.pool_id,
        username=user.username,
        **remembered,
    )
    return {"Devices": [_described(user, device, own=own) for device in found], **token}


def _described(user: User, device: Device, *, own: bool = False) -> dict[str, Any]:
    owner = f"{user.username}.{user.pool_id}"
    region = user.pool_id.split("_", 1)[0]
    attributes = {
        "device_status": "valid",
        "device_name": device.name,
        "last_ip_used": "127.0.0.1",
    }
    if not own:
        attributes |= {
            "dev:device_arn": f"arn:aws:cognito-idp:{region}:{ACCOUNT}:owner/{owner}/device/{device.key}",
            "dev:device_owner": owner,
            "dev:device_remembered_status": "remembered" if device.remembered else "not_remembered",
            "dev:device_sdk": "aws-sdk",
        }
    return {
        "DeviceKey": device.key,
        "DeviceAttributes": [{"Name": name, "Value": value} for name, value in attributes.items() if value],
        "DeviceCreateDate": milliseconds(device.created),
        "DeviceLastModifiedDate": milliseconds(device.modified),
        "DeviceLastAuthenticatedDate": int(device.last_authenticated or device.created),
    }


def _number(name: str, text: str | None) -> int:
    """Decode a member of DeviceSecretVerifierConfig: base64 of the padded bytes of an integer."""
    if text is None:
        raise errors.MISSING_PARAMETER(name=name)
    try:
        return int.from_bytes(base64.b64decode(text, validate=True), "big")
    except ValueError:
        raise errors.DEVICE_VERIFIER_INVALID() from None
