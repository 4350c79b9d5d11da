"""Confirms the new device of a sign-in, in steps that can be resumed after a failure."""

from __future__ import annotations

import base64
import secrets
import threading
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped,unused-ignore]

import cognito_srp
from cognito_idp_actions import AuthenticationResult, CognitoIdentityProviderWrapper, error_code
from sign_in_flow import TrackedDevice
from token_verifier import CognitoAuthError

DEVICE_PASSWORD_BYTES = 40
# How far it is: Cognito named it; ConfirmDevice may have got its verifier; it has; all is done.
_NEW, _SENT, _CONFIRMED, _REMEMBERED = "new", "sent", "confirmed", "remembered"


class NoDeviceError(CognitoAuthError):
    """There is no device to remember or to forget."""


class NewDevice:
    """A device that Cognito assigned, and the progress of its confirmation; threads may share one.

    Args:
        key: `DeviceKey`, if there is a device.
        group_key: `DeviceGroupKey`.
        password: random text of which Cognito gets a verifier, once it was made.
        stage: how far it is.
    """

    def __init__(
        self,
        key: str | None = None,
        group_key: str | None = None,
        password: str | None = None,
        stage: str = _NEW,
    ) -> None:
        self.key = key
        self._group_key = group_key
        self._password = password
        self._stage = stage
        self._lock = threading.Lock()

    @classmethod
    def of(cls, result: AuthenticationResult) -> NewDevice:
        """Return the device of an authentication result, which may be none."""
        named = result.get("NewDeviceMetadata") or {}
        return cls(named.get("DeviceKey"), named.get("DeviceGroupKey"))

    @classmethod
    def known(cls, device: TrackedDevice) -> NewDevice:
        """Return a device that is already tracked."""
        return cls(device.key, device.group_key, device.password, _REMEMBERED)

    def to_dict(self) -> dict[str, str | None]:
        """Return it as JSON can hold it."""
        return {
            "key": self.key,
            "group_key": self._group_key,
            "password": self._password,
            "stage": self._stage,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> NewDevice:
        """Return the device of a `to_dict`; raise KeyError or TypeError for anything else."""
        key, group_key, password, stage = (stored[part] for part in ("key", "group_key", "password", "stage"))
        # A password that was stored may have been sent since, by a process that ended in the middle.
        return cls(key, group_key, password, _SENT if password and stage == _NEW else stage)

    @property
    def tracked(self) -> TrackedDevice | None:
        """The device with its password, once that was made."""
        if not self.key or not self._group_key or not self._password:
            return None
        return TrackedDevice(self.key, self._group_key, self._password)

    def prepare(self) -> TrackedDevice:
        """Make the password if there is none, and return the device.

        Raises:
            NoDeviceError: there is no device, or it is remembered already.
        """
        with self._lock:
            if not self.key or not self._group_key or self._stage == _REMEMBERED:
                raise NoDeviceError(
                    "This sign-in brought no new device: the pool tracks none, or it is known already."
                )
            if self._password is None:
                password = secrets.token_bytes(DEVICE_PASSWORD_BYTES)
                self._password = base64.b64encode(password).decode()
            return TrackedDevice(self.key, self._group_key, self._password)

    def remember(self, cognito: CognitoIdentityProviderWrapper, access_token: str, name: str | None) -> None:
        """Take the steps that are left: ConfirmDevice, and UpdateDeviceStatus where the pool waits for it."""
        device = self.prepare()
        with self._lock:
            if self._stage in {_NEW, _SENT} and not self._confirm(cognito, device, access_token, name):
                self._stage = _REMEMBERED
            if self._stage == _CONFIRMED:
                cognito.update_device_status(access_token, device.key, "remembered")
                self._stage = _REMEMBERED

    def _confirm(
        self,
        cognito: CognitoIdentityProviderWrapper,
        device: TrackedDevice,
        access_token: str,
        name: str | None,
    ) -> bool:
        """Confirm the device; return whether Cognito may wait for the user to have it remembered."""
        was_sent, self._stage = self._stage == _SENT, _SENT
        try:
            must_agree = cognito.confirm_mfa_device(
                "", device.key, device.group_key, device.password, access_token, cognito_srp, device_name=name
            )
        except ClientError as error:
            was_repeated = was_sent or error.response.get("ResponseMetadata", {}).get("RetryAttempts")
            if error_code(error) != "DeviceKeyExistsException" or not was_repeated:
                self._stage = _SENT if was_sent else _NEW  # Cognito answered: nothing was confirmed
                raise
            must_agree = True  # an attempt before got through, and its answer was lost
        self._stage = _CONFIRMED
        return must_agree
