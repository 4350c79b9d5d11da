"""Pre-flight: whether a user pool and its app client are set up for the story, before anything is asked.

`CHECKS` is the table of what the story needs, `inspect` reads the settings and compares.
"""

from __future__ import annotations

import hmac
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cognito_idp_actions import CognitoIdentityProviderWrapper
    from terminal import Terminal

    Settings = Mapping[str, Any]

OK, WARNING, STOPS, NOT_CHECKED = "ok", "warning", "stops", "not checked"
POOL, MFA, CLIENT = "DescribeUserPool", "GetUserPoolMfaConfig", "DescribeUserPoolClient"

SECRET_SETTING = "Client secret"  # noqa: S105 - the name of the setting
LEAST_SESSION_MINUTES = 10
DEFAULT_SESSION_MINUTES = 3
DEFAULT_FLOWS = ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")
OLDER_FLOWS = {
    "ALLOW_ADMIN_USER_PASSWORD_AUTH": "ADMIN_NO_SRP_AUTH",
    "ALLOW_USER_PASSWORD_AUTH": "USER_PASSWORD_AUTH",
}


@dataclass(frozen=True)
class Check:
    """One setting that the story needs.

    Attributes:
        setting: its name in the API.
        source: the action whose answer it stands in.
        now: reads it, as text to show.
        wanted: what it should be, as text to show.
        fits: tells, from that text, whether it is right.
        otherwise: `STOPS` when the story can't work without, else `WARNING`.
        change: the command or console path that changes it.
        whole: whether a step of the story is left out without it.
        stops_if: tells, from the settings, where the story can't work even if otherwise it could.
    """

    setting: str
    source: str
    now: Callable[[Settings], str]
    wanted: str
    fits: Callable[[str], bool]
    otherwise: str
    change: str
    whole: bool = True
    stops_if: Callable[[Settings], bool] = lambda _settings: False


@dataclass(frozen=True)
class Finding:
    """What was found for one check: a row of the table, and an item of the JSON output."""

    setting: str
    now: str
    wanted: str
    verdict: str
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
        return {"ready": self.ready, "checks": [asdict(finding) for finding in self.findings]}


def _allows_sign_up(pool: Settings) -> str:
    return _flag(not pool.get("AdminCreateUserConfig", {}).get("AllowAdminCreateUserOnly", False))


def _verifies_email(pool: Settings) -> str:
    return _flag("email" in pool.get("AutoVerifiedAttributes", []))


def _mfa(config: Settings) -> str:
    return str(config.get("MfaConfiguration", "OFF"))


def _requires_what_is_not_there(config: Settings) -> bool:
    # A new user has a verified e-mail address, so that this factor will do; nobody has a telephone number.
    return _mfa(config) == "ON" and "EmailMfaConfiguration" not in config


def _offers_totp(config: Settings) -> str:
    return _flag(config.get("SoftwareTokenMfaConfiguration", {}).get("Enabled", False))


def _tracks_devices(pool: Settings) -> str:
    return _flag(bool(pool.get("DeviceConfiguration")))


def _device_replaces_mfa(pool: Settings) -> str:
    # Where no devices are tracked, that is what is wrong, and a row of its own says so.
    configuration = pool.get("DeviceConfiguration") or {"ChallengeRequiredOnNewDevice": True}
    return _flag(configuration.get("ChallengeRequiredOnNewDevice", False))


def _allows(flow: str) -> Callable[[Settings], str]:
    def now(client: Settings) -> str:
        flows = client.get("ExplicitAuthFlows") or DEFAULT_FLOWS
        return _flag(flow in flows or OLDER_FLOWS[flow] in flows)

    return now


def _session_minutes(client: Settings) -> str:
    return str(client.get("AuthSessionValidity", DEFAULT_SESSION_MINUTES))


def _existence_errors(client: Settings) -> str:
    return str(client.get("PreventUserExistenceErrors", "LEGACY"))


def _flag(value: object) -> str:
    return "yes" if value else "no"


def _is_yes(now: str) -> bool:
    return now == "yes"


def _flow_check(flow: str) -> Check:
    change = "Console: App clients, your client, Edit, Authentication flows"
    return Check(f"ExplicitAuthFlows has {flow}", CLIENT, _allows(flow), "yes", _is_yes, STOPS, change)


_MFA_COMMAND = (
    "aws cognito-idp set-user-pool-mfa-config --user-pool-id {user_pool_id} --mfa-configuration ON "
    "--software-token-mfa-configuration Enabled=true"
)
_DEVICE_PATH = "Console: Sign-in, Device tracking, Edit"

CHECKS: Sequence[Check] = (
    Check(
        "Users may sign themselves up",
        POOL,
        _allows_sign_up,
        "yes",
        _is_yes,
        STOPS,
        "Console: Sign-up, Self-service sign-up, Edit (AllowAdminCreateUserOnly=false)",
    ),
    Check(
        "AutoVerifiedAttributes has email",
        POOL,
        _verifies_email,
        "yes",
        _is_yes,
        STOPS,
        "Console: Sign-up, Attribute verification and user account confirmation, Edit",
    ),
    Check("MfaConfiguration", MFA, _mfa, "ON", lambda now: now == "ON", WARNING, _MFA_COMMAND),
    Check(
        "SoftwareTokenMfaConfiguration is on",
        MFA,
        _offers_totp,
        "yes",
        _is_yes,
        WARNING,
        _MFA_COMMAND,
        stops_if=_requires_what_is_not_there,
    ),
    Check("Devices are tracked", POOL, _tracks_devices, "yes", _is_yes, WARNING, _DEVICE_PATH),
    Check(
        "A remembered device replaces MFA",
        POOL,
        _device_replaces_mfa,
        "yes",
        _is_yes,
        WARNING,
        f"{_DEVICE_PATH} (ChallengeRequiredOnNewDevice=true)",
    ),
    _flow_check("ALLOW_ADMIN_USER_PASSWORD_AUTH"),
    _flow_check("ALLOW_USER_PASSWORD_AUTH"),
    Check(
        "AuthSessionValidity (minutes)",
        CLIENT,
        _session_minutes,
        f"{LEAST_SESSION_MINUTES} or more",
        lambda now: int(now) >= LEAST_SESSION_MINUTES,
        WARNING,
        "Console: App clients, your client, Edit, Authentication flow session duration",
        whole=False,
    ),
    Check(
        "PreventUserExistenceErrors",
        CLIENT,
        _existence_errors,
        "ENABLED",
        lambda now: now == "ENABLED",
        WARNING,
        "Console: App clients, your client, Edit, Advanced security (prevent user existence errors)",
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
    missing = {finding.setting for finding in findings if finding.verdict == WARNING} & whole
    can_start = not any(finding.verdict == STOPS for finding in findings)
    known_secret = client_secret or (settings[CLIENT] or {}).get("ClientSecret")
    return Report(findings, ready=can_start and not missing, can_start=can_start, client_secret=known_secret)


def show(terminal: Terminal, report: Report) -> None:
    """Show the report as a table, and below it what to do about each row that is not right."""
    rows = [(finding.setting, finding.now, finding.wanted, finding.verdict) for finding in report.findings]
    terminal.table("Pre-flight: is the pool set up for the story?", ("Setting", "Now", "Needed", ""), rows)
    for finding in report.findings:
        if finding.verdict == NOT_CHECKED:
            terminal.hint(f"{finding.setting}: not checked. {finding.change}")
        elif finding.verdict != OK:
            terminal.warn(f"{finding.setting}: {finding.now}, should be {finding.wanted}.")
            terminal.hint(finding.change)


def _read(reader: Callable[[], Settings]) -> Settings | None:
    """Return the settings, or None when the caller may not read them."""
    try:
        return reader()
    except ClientError as error:
        if error.response["Error"]["Code"] in ("AccessDeniedException", "AccessDenied"):
            return None
        raise


def _finding(check: Check, settings: Settings | None, user_pool_id: str) -> Finding:
    if settings is None:
        return _unread(check.setting, check.wanted, check.source)
    now = check.now(settings)
    if check.fits(now):
        return Finding(check.setting, now, check.wanted, OK, "")
    verdict = STOPS if check.stops_if(settings) else check.otherwise
    return Finding(check.setting, now, check.wanted, verdict, check.change.format(user_pool_id=user_pool_id))


def _secret_finding(client: Settings | None, secret: str | None) -> Finding:
    """Compare the app client's secret with the one that is known; neither is shown."""
    if client is None:
        return _unread(SECRET_SETTING, "none", CLIENT)
    own = client.get("ClientSecret")
    if own is None and secret is None:
        return Finding(SECRET_SETTING, "none", "none", OK, "")
    if own is None:
        return Finding(
            SECRET_SETTING, "none", "none", STOPS, "Unset COGNITO_CLIENT_SECRET: this client has none."
        )
    if secret is not None and not hmac.compare_digest(own.encode(), secret.encode()):
        return Finding(
            SECRET_SETTING, "another one", "none", STOPS, "COGNITO_CLIENT_SECRET is another client's secret."
        )
    change = "The story sends secret hashes with it. Without one: make another app client without a secret."
    return Finding(SECRET_SETTING, "there is one", "none", WARNING, change)


def _unread(setting: str, wanted: str, source: str) -> Finding:
    return Finding(setting, "?", wanted, NOT_CHECKED, f"It needs the IAM action cognito-idp:{source}.")
