"""Pre-flight: whether a user pool and its app client are set up for the scenario, before anything is asked.

`inspect` reads the settings and compares them with the checks of the scenario.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from program.checks import CLIENT, MFA, POOL, Verdict, shown
from scenario.refusals import is_access_denied

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cognito_idp_actions import CognitoIdentityProviderWrapper
    from program.checks import Check, Settings, Value
    from terminal import Terminal

READERS = ("describe_user_pool", "get_user_pool_mfa_config", "describe_user_pool_client")  # of the wrapper
_SECRET = ("client_secret", "Client secret")  # ID and name of the check that is not in the table


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    Attributes:
        id: the check's name for scripts.
        setting: the name of the setting.
        now: its value, or None when it could not be read.
        wanted: the value that it should have, the least one for a number.
        verdict: what that comes to.
        change: what changes it, where that is needed; or what lets it be read.
        complaint: the problem, in a sentence; empty when there is none.
        whole: whether a step of the scenario is left out while this is wrong.
    """

    id: str
    setting: str
    now: Value | None
    wanted: Value
    verdict: Verdict
    change: str = ""
    complaint: str = ""
    whole: bool = False


@dataclass(frozen=True)
class Report:
    """Everything found.

    Attributes:
        findings: one for each check.
        can_start: whether any of the scenario can run, as far as the settings could be read.
        client_secret: the app client's secret, given or read.
        pool: the pool's own description, empty when it could not be read.
        mfa: whether MFA is off, optional or on, and the factors; empty when it could not be read.
    """

    findings: Sequence[Finding]
    can_start: bool
    client_secret: str | None = field(default=None, repr=False)
    pool: Settings = field(default_factory=dict, repr=False)
    mfa: Settings = field(default_factory=dict, repr=False)

    @property
    def unread(self) -> Sequence[Finding]:
        """The findings on settings that could not be read."""
        return [finding for finding in self.findings if finding.verdict is Verdict.NOT_CHECKED]

    @property
    def wrong(self) -> Sequence[Finding]:
        """The findings on settings that are not as they should be."""
        return [finding for finding in self.findings if finding.complaint]

    @property
    def leaves_out(self) -> bool:
        """Whether a step of the scenario is left out, as a setting is not as that needs it."""
        return any(finding.verdict is Verdict.WARNING and finding.whole for finding in self.findings)

    @property
    def ready(self) -> bool:
        """Whether the whole scenario can run, and nothing of that is a guess."""
        return self.can_start and not self.leaves_out and not self.unread

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        checks = [
            {
                "id": finding.id,
                "setting": finding.setting,
                "now": finding.now,
                "wanted": finding.wanted,
                "verdict": finding.verdict.value,
                "change": finding.change,
            }
            for finding in self.findings
        ]
        return {"ready": self.ready, "can_start": self.can_start, "checks": checks}


def inspect(
    cognito: CognitoIdentityProviderWrapper, checks: Sequence[Check], client_secret: str | None
) -> Report:
    """Read the settings and compare them with what the scenario needs.

    Args:
        cognito: the pool and the app client.
        checks: the settings that it needs.
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
    findings = [_finding(check, settings[check.source], cognito.user_pool_id) for check in checks]
    findings.append(_secret_finding(settings[CLIENT], client_secret))
    return Report(
        findings,
        can_start=not any(finding.verdict is Verdict.STOPS for finding in findings),
        client_secret=client_secret or (settings[CLIENT] or {}).get("ClientSecret"),
        pool=settings[POOL] or {},
        mfa=settings[MFA] or {},
    )


def show(terminal: Terminal, report: Report) -> None:
    """Show the report as a table, and below it what to do about each row that is not right."""
    rows = [
        (finding.setting, shown(finding.now), _shown_as_wanted(finding.wanted), finding.verdict.value)
        for finding in report.findings
    ]
    terminal.table("Pre-flight: is the pool set up for the scenario?", ("Setting", "Now", "Needed", ""), rows)
    show_advice(terminal, report)


def show_briefly(terminal: Terminal, report: Report) -> None:
    """Show one line when all is well, else what to do about each setting that is not right."""
    if not report.wrong and not report.unread:
        terminal.done(f"The pool fits: {len(report.findings)} checks.")
    show_advice(terminal, report)


def show_advice(terminal: Terminal, report: Report) -> None:
    """Show the problems, and how to mend them."""
    for finding in report.wrong:
        terminal.warn(finding.complaint)
        show_change = terminal.copyable if finding.change.startswith("aws ") else terminal.hint
        show_change(finding.change)
    for permission in dict.fromkeys(finding.change for finding in report.unread):
        settings = ", ".join(finding.setting for finding in report.unread if finding.change == permission)
        terminal.hint(f"Not checked: {settings}. {permission}")


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
        return _unread(check.id, check.setting, check.wanted, check.source)
    value = check.read(settings)
    if check.fits(value):
        return Finding(check.id, check.setting, value, check.wanted, Verdict.OK)
    return Finding(
        check.id,
        check.setting,
        value,
        check.wanted,
        Verdict.STOPS if check.stops_if(settings) else check.otherwise,
        check.change.format(user_pool_id=user_pool_id, region=user_pool_id.split("_", 1)[0]),
        f"{check.setting}: {shown(value)}, should be {_shown_as_wanted(check.wanted)}.",
        check.whole,
    )


def _secret_finding(client: Settings | None, secret: str | None) -> Finding:
    """Compare the app client's secret with the one that is known; neither is shown."""
    if client is None:
        return _unread(*_SECRET, wanted=False, source=CLIENT)
    own = client.get("ClientSecret")
    if own is None and secret is None:
        return Finding(*_SECRET, now=False, wanted=False, verdict=Verdict.OK)
    if own is None:
        verdict, change = Verdict.STOPS, "Unset it."
        complaint = "COGNITO_CLIENT_SECRET is set, but this app client has no secret."
    elif secret is not None and not hmac.compare_digest(own.encode(), secret.encode()):
        verdict, change = Verdict.STOPS, "Set it to this client's secret, or unset it."
        complaint = "COGNITO_CLIENT_SECRET is not this app client's secret."
    else:
        verdict, change = Verdict.WARNING, "Without one: make another app client without a secret."
        complaint = "The app client has a secret. The scenario sends secret hashes with it."
    return Finding(
        *_SECRET, own is not None, wanted=False, verdict=verdict, change=change, complaint=complaint
    )


def _unread(check_id: str, setting: str, wanted: Value, source: str) -> Finding:
    permission = f"It needs the IAM action cognito-idp:{source}."
    return Finding(check_id, setting, None, wanted, Verdict.NOT_CHECKED, permission)


def _shown_as_wanted(wanted: Value) -> str:
    is_number = not isinstance(wanted, bool | str)
    return f"{shown(wanted)} or more" if is_number else shown(wanted)
