"""Checks of a user pool and its app client: what a scenario needs, a row for each setting.

`CHECKS` is what the sign-up with MFA needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Settings = Mapping[str, Any]
    Value = bool | int | str

POOL, MFA, CLIENT = "DescribeUserPool", "GetUserPoolMfaConfig", "DescribeUserPoolClient"

LEAST_SESSION_MINUTES = 10
DEFAULT_SESSION_MINUTES = 3
DEFAULT_FLOWS = ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")
OLDER_FLOWS = {
    "ALLOW_ADMIN_USER_PASSWORD_AUTH": "ADMIN_NO_SRP_AUTH",
    "ALLOW_USER_PASSWORD_AUTH": "USER_PASSWORD_AUTH",
}


class Verdict(Enum):
    """The verdict of a check; the value is its label on the screen and in JSON."""

    OK = "ok"
    WARNING = "warning"
    STOPS = "stops"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Check:
    """One setting that the scenario needs.

    Attributes:
        id: its name for scripts, which stays as it is.
        setting: its name in the API.
        source: the action whose answer it stands in.
        read: reads its value out of that answer.
        wanted: the value that it should have, the least one for a number.
        otherwise: `STOPS` when the scenario can't work without, else `WARNING`.
        change: the command or console path that changes it.
        whole: whether a step of the scenario is left out without it.
        stops_if: tells, from the answer, where the scenario can't work even if otherwise it could.
    """

    id: str
    setting: str
    source: str
    read: Callable[[Settings], Value]
    wanted: Value
    otherwise: Verdict
    change: str
    whole: bool = True
    stops_if: Callable[[Settings], bool] = lambda _settings: False

    def fits(self, value: Value) -> bool:
        """Tell whether a value is right."""
        if isinstance(self.wanted, bool | str):
            return value == self.wanted
        return int(value) >= self.wanted


def shown(value: Value | None) -> str:
    """Return a setting's value as text; one that could not be read has none."""
    if value is None:
        return "?"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _allows_sign_up(pool: Settings) -> bool:
    return not pool.get("AdminCreateUserConfig", {}).get("AllowAdminCreateUserOnly", False)


def _verifies_email(pool: Settings) -> bool:
    return "email" in pool.get("AutoVerifiedAttributes", [])


def _mfa(config: Settings) -> str:
    return str(config.get("MfaConfiguration", "OFF"))


def _requires_what_is_not_there(config: Settings) -> bool:
    # A new user has a verified e-mail address, so that this factor will do; nobody has a telephone number.
    return _mfa(config) == "ON" and "EmailMfaConfiguration" not in config


def _offers_totp(config: Settings) -> bool:
    return bool(config.get("SoftwareTokenMfaConfiguration", {}).get("Enabled", False))


def _tracks_devices(pool: Settings) -> bool:
    return bool(pool.get("DeviceConfiguration"))


def _device_replaces_mfa(pool: Settings) -> bool:
    # Where no devices are tracked, that is what is wrong, and a row of its own says so.
    configuration = pool.get("DeviceConfiguration") or {"ChallengeRequiredOnNewDevice": True}
    return bool(configuration.get("ChallengeRequiredOnNewDevice", False))


def _allows(flow: str) -> Callable[[Settings], bool]:
    def read(client: Settings) -> bool:
        flows = client.get("ExplicitAuthFlows") or DEFAULT_FLOWS
        return flow in flows or OLDER_FLOWS[flow] in flows

    return read


def _session_minutes(client: Settings) -> int:
    return int(client.get("AuthSessionValidity", DEFAULT_SESSION_MINUTES))


def _existence_errors(client: Settings) -> str:
    return str(client.get("PreventUserExistenceErrors", "LEGACY"))


def _flow_check(check_id: str, flow: str) -> Check:
    return Check(
        check_id,
        f"ExplicitAuthFlows has {flow}",
        source=CLIENT,
        read=_allows(flow),
        wanted=True,
        otherwise=Verdict.STOPS,
        change="Console: App clients, your client, Edit, Authentication flows",
    )


_MFA_COMMAND = (
    "aws --region {region} cognito-idp set-user-pool-mfa-config --user-pool-id {user_pool_id} "
    "--mfa-configuration ON --software-token-mfa-configuration Enabled=true"
)
_DEVICE_PATH = "Console: Sign-in, Device tracking, Edit"

CHECKS: Sequence[Check] = (
    Check(
        "self_sign_up",
        "Users may sign themselves up",
        source=POOL,
        read=_allows_sign_up,
        wanted=True,
        otherwise=Verdict.STOPS,
        change="Console: Sign-up, Self-service sign-up, Edit (AllowAdminCreateUserOnly=false)",
    ),
    Check(
        "verified_email",
        "AutoVerifiedAttributes has email",
        source=POOL,
        read=_verifies_email,
        wanted=True,
        otherwise=Verdict.STOPS,
        change="Console: Sign-up, Attribute verification and user account confirmation, Edit",
    ),
    Check(
        "mfa",
        "MfaConfiguration",
        source=MFA,
        read=_mfa,
        wanted="ON",
        otherwise=Verdict.WARNING,
        change=_MFA_COMMAND,
    ),
    Check(
        "totp",
        "SoftwareTokenMfaConfiguration is on",
        source=MFA,
        read=_offers_totp,
        wanted=True,
        otherwise=Verdict.WARNING,
        change=_MFA_COMMAND,
        stops_if=_requires_what_is_not_there,
    ),
    Check(
        "device_tracking",
        "Devices are tracked",
        source=POOL,
        read=_tracks_devices,
        wanted=True,
        otherwise=Verdict.WARNING,
        change=_DEVICE_PATH,
    ),
    Check(
        "device_replaces_mfa",
        "A remembered device replaces MFA",
        source=POOL,
        read=_device_replaces_mfa,
        wanted=True,
        otherwise=Verdict.WARNING,
        change=f"{_DEVICE_PATH} (ChallengeRequiredOnNewDevice=true)",
    ),
    _flow_check("admin_password_flow", "ALLOW_ADMIN_USER_PASSWORD_AUTH"),
    _flow_check("password_flow", "ALLOW_USER_PASSWORD_AUTH"),
    Check(
        "session_minutes",
        "AuthSessionValidity (minutes)",
        source=CLIENT,
        read=_session_minutes,
        wanted=LEAST_SESSION_MINUTES,
        otherwise=Verdict.WARNING,
        change="Console: App clients, your client, Edit, Authentication flow session duration",
        whole=False,
    ),
    Check(
        "existence_errors",
        "PreventUserExistenceErrors",
        source=CLIENT,
        read=_existence_errors,
        wanted="ENABLED",
        otherwise=Verdict.WARNING,
        change="Console: App clients, your client, Edit, Advanced security (prevent user existence errors)",
        whole=False,
    ),
)
