"""Pre-flight: whether a user pool and its app client are set up for the story, before anything is asked.

`CHECKS` is the table of what the story needs, `inspect` reads the settings and compares.
"""

from __future__ import annotations

import hmac
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from story.refusals import is_access_denied

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cognito_idp_actions import CognitoIdentityProviderWrapper
    from terminal import Terminal

    Settings = Mapping[str, Any]
    Value = bool | int | str

POOL, MFA, CLIENT = "DescribeUserPool", "GetUserPoolMfaConfig", "DescribeUserPoolClient"

SECRET_SETTING = "Client secret"  # noqa: S105 - the name of the setting
LEAST_SESSION_MINUTES = 10
DEFAULT_SESSION_MINUTES = 3
DEFAULT_FLOWS = ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")
OLDER_FLOWS = {
    "ALLOW_ADMIN_USER_PASSWORD_AUTH": "ADMIN_NO_SRP_AUTH",
    "ALLOW_USER_PASSWORD_AUTH": "USER_PASSWORD_AUTH",
}


class Verdict(Enum):
    """What a check has come to; the value is its label on the screen and in JSON."""

    OK = "ok"
    WARNING = "warning"
    STOPS = "stops"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Check:
    """One setting that the story needs.

    Attributes:
        setting: its name in the API.
        source: the action whose answer it stands in.
        read: reads its value out of that answer.
        wanted: the value that it should have, the least one for a number.
        otherwise: `STOPS` when the story can't work without, else `WARNING`.
        change: the command or console path that changes it.
        whole: whether a step of the story is left out without it.
        stops_if: tells, from the answer, where the story can't work even if otherwise it could.
    """

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

    @property
    def shown_as_wanted(self) -> str:
        """What it should be, as text."""
        is_number = not isinstance(self.wanted, bool | str)
        return f"{shown(self.wanted)} or more" if is_number else shown(self.wanted)


@dataclass(frozen=True)
class Finding:
    """What was found for one check, as text: a row of the table, and an item of the JSON output."""

    setting: str
    now: str
    wanted: str
    verdict: Verdict
    change: str


@dataclass(frozen=True)
class Report:
    """Everything found.

    Attributes:
        findings: one for each check.
        ready: whether the whole story can run.
        can_start: whether any of it can.
        client_secret: the app client's secret, given or read.
    """

    findings: Sequence[Finding]
    ready: bool
    can_start: bool
    client_secret: str | None = field(default=None, repr=False)

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        checks = [asdict(finding) | {"verdict": finding.verdict.value} for finding in self.findings]
        return {"ready": self.ready, "checks": checks}


def shown(value: Value) -> str:
    """Return a setting's value as text."""
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


def _flow_check(flow: str) -> Check:
    return Check(
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
        "Users may sign themselves up",
        source=POOL,
        read=_allows_sign_up,
        wanted=True,
        otherwise=Verdict.STOPS,
        change="Console: Sign-up, Self-service sign-up, Edit (AllowAdminCreateUserOnly=false)",
    ),
    Check(
        "AutoVerifiedAttributes has email",
        source=POOL,
        read=_verifies_email,
        wanted=True,
        otherwise=Verdict.STOPS,
        change="Console: Sign-up, Attribute verification and user account confirmation, Edit",
    ),
    Check(
        "MfaConfiguration",
        source=MFA,
        read=_mfa,
        wanted="ON",
        otherwise=Verdict.WARNING,
        change=_MFA_COMMAND,
    ),
    Check(
        "SoftwareTokenMfaConfiguration is on",
        source=MFA,
        read=_offers_totp,
        wanted=True,
        otherwise=Verdict.WARNING,
        change=_MFA_COMMAND,
        stops_if=_requires_what_is_not_there,
    ),
    Check(
        "Devices are tracked",
        source=POOL,
        read=_tracks_devices,
        wanted=True,
        otherwise=Verdict.WARNING,
        change=_DEVICE_PATH,
    ),
    Check(
        "A remembered device replaces MFA",
        source=POOL,
        read=_device_replaces_mfa,
        wanted=True,
        otherwise=Verdict.WARNING,
        change=f"{_DEVICE_PATH} (ChallengeRequiredOnNewDevice=true)",
    ),
    _flow_check("ALLOW_ADMIN_USER_PASSWORD_AUTH"),
    _flow_check("ALLOW_USER_PASSWORD_AUTH"),
    Check(
        "AuthSessionValidity (minutes)",
        source=CLIENT,
        read=_session_minutes,
        wanted=LEAST_SESSION_MINUTES,
        otherwise=Verdict.WARNING,
        change="Console: App clients, your client, Edit, Authentication flow session duration",
        whole=False,
    ),
    Check(
        "PreventUserExistenceErrors",
        source=CLIENT,
        read=_existence_errors,
        wanted="ENABLED",
        otherwise=Verdict.WARNING,
        change="Console: App clients, your client, Edit, Advanced security (prevent user existence errors)",
        whole=False,
    ),
)


def inspect(cognito: CognitoIdentityProviderWrapper, client_secret: str | None) -> Report:
    """Read the settings and compare them with what the story needs.

    Args:
        cognito: the pool and the app client.
        client_secret: the app client's secret, as far as it is known.

    Raises:
        ClientError: the settings can't be read, for another reason than a missing IAM permission.
    """
    readers: dict[str, Callable[[], Settings]] = {
        POOL: lambda: cognito.describe_user_pool()["UserPool"],
        MFA: cognito.get_user_pool_mfa_config,
        CLIENT: lambda: cognito.describe_user_pool_client()["UserPoolClient"],
    }
    settings = {source: _read(reader) for source, reader in readers.items()}
    findings = [_finding(check, settings[check.source], cognito.user_pool_id) for check in CHECKS]
    findings.append(_secret_finding(settings[CLIENT], client_secret))
    whole = {check.setting for check in CHECKS if check.whole}
    missing = {finding.setting for finding in findings if finding.verdict is Verdict.WARNING} & whole
    can_start = not any(finding.verdict is Verdict.STOPS for finding in findings)
    known_secret = client_secret or (settings[CLIENT] or {}).get("ClientSecret")
    return Report(findings, ready=can_start and not missing, can_start=can_start, client_secret=known_secret)


def show(terminal: Terminal, report: Report) -> None:
    """Show the report as a table, and below it what to do about each row that is not right."""
    rows = [
        (finding.setting, finding.now, finding.wanted, finding.verdict.value) for finding in report.findings
    ]
    terminal.table("Pre-flight: is the pool set up for the story?", ("Setting", "Now", "Needed", ""), rows)
    for finding in report.findings:
        if finding.verdict is Verdict.NOT_CHECKED:
            terminal.hint(f"{finding.setting}: not checked. {finding.change}")
        elif finding.verdict is not Verdict.OK:
            terminal.warn(f"{finding.setting}: {finding.now}, should be {finding.wanted}.")
            show_change = terminal.copyable if finding.change.startswith("aws ") else terminal.hint
            show_change(finding.change)


def _read(reader: Callable[[], Settings]) -> Settings | None:
    """Return the settings, or None when the caller may not read them."""
    try:
        return reader()
    except ClientError as refusal:
        if is_access_denied(refusal):
            return None
        raise


def _finding(check: Check, settings: Settings | None, user_pool_id: str) -> Finding:
    if settings is None:
        return _unread(check.setting, check.shown_as_wanted, check.source)
    value = check.read(settings)
    now, wanted = shown(value), check.shown_as_wanted
    if check.fits(value):
        return Finding(check.setting, now, wanted, Verdict.OK, "")
    verdict = Verdict.STOPS if check.stops_if(settings) else check.otherwise
    return Finding(
        check.setting,
        now,
        wanted,
        verdict,
        check.change.format(user_pool_id=user_pool_id, region=user_pool_id.split("_", 1)[0]),
    )


def _secret_finding(client: Settings | None, secret: str | None) -> Finding:
    """Compare the app client's secret with the one that is known; neither is shown."""
    if client is None:
        return _unread(SECRET_SETTING, "none", CLIENT)
    own = client.get("ClientSecret")
    if own is None and secret is None:
        now, verdict, change = "none", Verdict.OK, ""
    elif own is None:
        now, verdict = "none", Verdict.STOPS
        change = "Unset COGNITO_CLIENT_SECRET: this client has none."
    elif secret is not None and not hmac.compare_digest(own.encode(), secret.encode()):
        now, verdict = "another one", Verdict.STOPS
        change = "COGNITO_CLIENT_SECRET is another client's secret."
    else:
        now, verdict = "there is one", Verdict.WARNING
        change = (
            "The story sends secret hashes with it. Without one: make another app client without a secret."
        )
    return Finding(SECRET_SETTING, now, "none", verdict, change)


def _unread(setting: str, wanted: str, source: str) -> Finding:
    return Finding(
        setting, "?", wanted, Verdict.NOT_CHECKED, f"It needs the IAM action cognito-idp:{source}."
    )
