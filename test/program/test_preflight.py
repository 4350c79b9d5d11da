"""Pre-flight: each setting that the scenario needs, right, wrong and not readable; the table and the JSON."""

from __future__ import annotations

import dataclasses
import io
import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from rich.console import Console

import scenario_signup_user_with_mfa as scenario
from cognito_idp_actions import CognitoIdentityProviderWrapper
from program import preflight
from program.checks import CHECKS, CLIENT, MFA, POOL, Verdict
from program.clients import local_client
from terminal import Terminal
from test.support.pools import OWN_EMAIL, TRACKING, make_pool

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.stub import Stubber
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from local_cognito import LocalCognito
    from program.preflight import Report
    from scenario.state import Scenario


POOL_ID, CLIENT_ID, SECRET = (
    "eu-west-1_AbCdEf123",
    "1h57kf5cpq17m0eml12EXAMPLE",
    "known-client-secret-24-chars",
)
FLOWS = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_PASSWORD_AUTH"]
RIGHT: dict[str, dict[str, Any]] = {
    POOL: {
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False},
        "AutoVerifiedAttributes": ["email"],
        "DeviceConfiguration": TRACKING,
    },
    MFA: {"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": True}},
    CLIENT: {
        "ExplicitAuthFlows": FLOWS,
        "AuthSessionValidity": 15,
        "PreventUserExistenceErrors": "ENABLED",
    },
}
# What is changed in which answer, and the one row that must tell: its verdict, and whether all can run.
WRONG = {
    "admin only": (
        POOL,
        {"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True}},
        ("Users may sign themselves up", Verdict.STOPS, False),
    ),
    "no verified e-mail": (
        POOL,
        {"AutoVerifiedAttributes": []},
        ("AutoVerifiedAttributes has email", Verdict.STOPS, False),
    ),
    "MFA optional": (MFA, {"MfaConfiguration": "OPTIONAL"}, ("MfaConfiguration", Verdict.WARNING, False)),
    "MFA off": (MFA, {"MfaConfiguration": "OFF"}, ("MfaConfiguration", Verdict.WARNING, False)),
    "no TOTP": (
        MFA,
        {"SoftwareTokenMfaConfiguration": {"Enabled": False}},
        ("SoftwareTokenMfaConfiguration is on", Verdict.STOPS, False),
    ),
    "codes by e-mail alone": (
        MFA,
        {"SoftwareTokenMfaConfiguration": {"Enabled": False}, "EmailMfaConfiguration": {}},
        ("SoftwareTokenMfaConfiguration is on", Verdict.WARNING, False),
    ),
    "device does not replace MFA": (
        POOL,
        {"DeviceConfiguration": TRACKING | {"ChallengeRequiredOnNewDevice": False}},
        ("A remembered device replaces MFA", Verdict.WARNING, False),
    ),
    "no admin password flow": (
        CLIENT,
        {"ExplicitAuthFlows": FLOWS[1:]},
        ("ExplicitAuthFlows has ALLOW_ADMIN_USER_PASSWORD_AUTH", Verdict.STOPS, False),
    ),
    "no password flow": (
        CLIENT,
        {"ExplicitAuthFlows": FLOWS[:1]},
        ("ExplicitAuthFlows has ALLOW_USER_PASSWORD_AUTH", Verdict.STOPS, False),
    ),
    "short sessions": (
        CLIENT,
        {"AuthSessionValidity": 9},
        ("AuthSessionValidity (minutes)", Verdict.WARNING, True),
    ),
    "existence shown": (
        CLIENT,
        {"PreventUserExistenceErrors": "LEGACY"},
        ("PreventUserExistenceErrors", Verdict.WARNING, True),
    ),
    "client secret": (CLIENT, {"ClientSecret": SECRET}, ("Client secret", Verdict.WARNING, True)),
}


def stub(stubber: Stubber, answers: dict[str, Any], refused: list[str] | tuple[()] = ()) -> None:
    """Queue the three answers, or AccessDenied for the refused ones."""
    client = {"UserPoolId": POOL_ID, "ClientId": CLIENT_ID}
    queued = (
        (POOL, "describe_user_pool", {"UserPool": answers[POOL]}, {"UserPoolId": POOL_ID}),
        (MFA, "get_user_pool_mfa_config", answers[MFA], {"UserPoolId": POOL_ID}),
        (CLIENT, "describe_user_pool_client", {"UserPoolClient": answers[CLIENT]}, client),
    )
    for action, method, answer, request in queued:
        if action in refused:
            stubber.add_client_error(method, "AccessDeniedException", "no", expected_params=request)
        else:
            stubber.add_response(method, answer, request)


def inspected(
    client: CognitoIdentityProviderClient,
    stubber: Stubber,
    answers: dict[str, Any],
    secret: str | None = None,
    refused: list[str] | tuple[()] = (),
) -> Report:
    """Return the report on a pool with these settings."""
    stub(stubber, answers, refused)
    return preflight.inspect(CognitoIdentityProviderWrapper(client, POOL_ID, CLIENT_ID), CHECKS, secret)


def not_ok(report: Report) -> list[tuple[str, Verdict]]:
    """Return setting and verdict of every row that is not right."""
    return [
        (finding.setting, finding.verdict) for finding in report.findings if finding.verdict is not Verdict.OK
    ]


def test_right_pool(client: CognitoIdentityProviderClient, stubber: Stubber) -> None:
    """A pool that fits the scenario gets nothing but oks."""
    report = inspected(client, stubber, RIGHT)

    assert not_ok(report) == []
    assert (report.ready, report.can_start, report.client_secret) == (True, True, None)


@pytest.mark.parametrize(("source", "change", "expected"), WRONG.values(), ids=WRONG)
def test_each_wrong_setting_is_named(
    client: CognitoIdentityProviderClient,
    stubber: Stubber,
    source: str,
    change: dict[str, Any],
    expected: tuple[str, Verdict, bool],
) -> None:
    """A setting that is wrong is found, alone, with its weight and with what changes it."""
    setting, verdict, is_ready = expected
    report = inspected(client, stubber, RIGHT | {source: RIGHT[source] | change})

    assert not_ok(report) == [(setting, verdict)]
    assert (report.ready, report.can_start) == (is_ready, verdict is not Verdict.STOPS)
    assert next(finding.change for finding in report.findings if finding.setting == setting)


def test_settings_that_are_absent_have_cognitos_defaults(
    client: CognitoIdentityProviderClient, stubber: Stubber
) -> None:
    """What a description leaves out counts as Cognito's default."""
    report = inspected(client, stubber, {POOL: {}, MFA: {}, CLIENT: {}})
    right = {"Users may sign themselves up", "A remembered device replaces MFA", "Client secret"}

    assert {setting for setting, _ in not_ok(report)} == {one.setting for one in report.findings} - right


def test_older_flow_names_count(client: CognitoIdentityProviderClient, stubber: Stubber) -> None:
    """Clients with the older flow names are as good."""
    older = RIGHT[CLIENT] | {"ExplicitAuthFlows": ["ADMIN_NO_SRP_AUTH", "USER_PASSWORD_AUTH"]}

    assert not_ok(inspected(client, stubber, RIGHT | {CLIENT: older})) == []


@pytest.mark.parametrize("action", [POOL, MFA, CLIENT])
def test_without_the_permission_nothing_is_checked(
    client: CognitoIdentityProviderClient, stubber: Stubber, action: str
) -> None:
    """Settings that may not be read are "not checked", with the IAM action, and stop nothing."""
    report = inspected(client, stubber, RIGHT, refused=[action])
    unread = [finding for finding in report.findings if finding.verdict is not Verdict.OK]

    assert unread
    assert {finding.verdict for finding in unread} == {Verdict.NOT_CHECKED}
    assert all(f"cognito-idp:{action}" in finding.change for finding in unread)
    assert (report.can_start, report.ready) == (True, False)


def test_other_refusals_are_raised(client: CognitoIdentityProviderClient, stubber: Stubber) -> None:
    """A pool that does not exist is no finding."""
    stubber.add_client_error("describe_user_pool", "ResourceNotFoundException", "no pool")

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        preflight.inspect(CognitoIdentityProviderWrapper(client, POOL_ID, CLIENT_ID), CHECKS, None)


@pytest.mark.parametrize(
    ("own", "given", "verdict", "known"),
    [
        (None, None, Verdict.OK, None),
        (None, SECRET, Verdict.STOPS, SECRET),
        (SECRET, None, Verdict.WARNING, SECRET),
        (SECRET, SECRET, Verdict.WARNING, SECRET),
        (SECRET, "another-client-secret-24-chars", Verdict.STOPS, "another-client-secret-24-chars"),
    ],
)
def test_client_secret(
    client: CognitoIdentityProviderClient,
    stubber: Stubber,
    own: str | None,
    given: str | None,
    verdict: Verdict,
    known: str | None,
) -> None:
    """The client's secret is read where it may be, and one that does not fit is found; neither is shown."""
    described = RIGHT[CLIENT] | ({"ClientSecret": own} if own else {})
    report = inspected(client, stubber, RIGHT | {CLIENT: described}, given)

    assert report.findings[-1].verdict == verdict
    assert report.client_secret == known
    assert SECRET not in repr(report) + json.dumps(report.as_json())


def test_table_says_what_to_do(client: CognitoIdentityProviderClient, stubber: Stubber) -> None:
    """The table has a row for each check, and below it what to do about those that are not right."""
    report = inspected(client, stubber, RIGHT | {MFA: {"MfaConfiguration": "OFF"}}, refused=[CLIENT])
    screen = io.StringIO()
    preflight.show(Terminal(Console(file=screen, width=200)), report)
    text = screen.getvalue()

    assert all(finding.setting in text for finding in report.findings)
    assert f"set-user-pool-mfa-config --user-pool-id {POOL_ID}" in text
    assert "cognito-idp:DescribeUserPoolClient" in text


def test_one_line_when_all_is_well(client: CognitoIdentityProviderClient, stubber: Stubber) -> None:
    """Before the scenario a pool that fits takes one line."""
    screen = io.StringIO()
    preflight.show_briefly(Terminal(Console(file=screen, width=200)), inspected(client, stubber, RIGHT))

    assert screen.getvalue() == "✓ The pool fits: 11 checks.\n"


def test_only_what_matters_when_not_all_is_well(
    client: CognitoIdentityProviderClient, stubber: Stubber
) -> None:
    """Else it takes a line and what to do for each setting that is wrong, and for each missing permission."""
    report = inspected(client, stubber, RIGHT | {MFA: {"MfaConfiguration": "OFF"}}, refused=[CLIENT])
    screen = io.StringIO()
    preflight.show_briefly(Terminal(Console(file=screen, width=400)), report)

    shown = screen.getvalue().splitlines()
    assert [line[:2] for line in shown] == ["! ", "aw", "! ", "aw", "→ "]
    assert shown[0] == "! MfaConfiguration: OFF, should be ON."
    assert shown[-1].startswith("→ Not checked: ExplicitAuthFlows has ALLOW_ADMIN_USER_PASSWORD_AUTH, ")
    assert shown[-1].endswith("Client secret. It needs the IAM action cognito-idp:DescribeUserPoolClient.")


# The real thing, against the local pool


@pytest.fixture
def on_server(server: LocalCognito, lead_to: Callable[..., None]) -> CognitoIdentityProviderClient:
    """Lead the program, as it runs against AWS, to the server."""
    lead_to(server.url)
    return local_client(server.url, server.region)


def almost_right(api: CognitoIdentityProviderClient, changes: dict[str, Any]) -> tuple[str, str]:
    """Make a pool that fits the scenario but for the `changes`; return the IDs of pool and client."""
    settings = {source: RIGHT[source] | changes.get(source, {}) for source in RIGHT}
    mfa = settings[MFA]
    if not mfa["SoftwareTokenMfaConfiguration"]["Enabled"] and "EmailMfaConfiguration" not in mfa:
        sns = "arn:aws:iam::000000000000:role/sns"
        mfa = mfa | {"SmsMfaConfiguration": {"SmsConfiguration": {"SnsCallerArn": sns}}}
    client = dict(settings[CLIENT])
    if "ClientSecret" in client:
        client |= {"GenerateSecret": bool(client.pop("ClientSecret"))}
    sender = OWN_EMAIL if "EmailMfaConfiguration" in mfa else {}  # Cognito's own can't send these codes
    made = make_pool(api, settings[POOL] | sender, mfa, client)
    return made.pool_id, made.client_id


# A pool can't turn MFA off and have a factor on, so there that row tells too.
ONE_WRONG = {name: row for name, row in WRONG.items() if name != "MFA off"}


@pytest.mark.parametrize(("source", "change", "expected"), ONE_WRONG.values(), ids=ONE_WRONG)
def test_check_names_the_one_wrong_setting(
    on_server: CognitoIdentityProviderClient,
    capsys: pytest.CaptureFixture[str],
    source: str,
    change: dict[str, Any],
    expected: tuple[str, Verdict, bool],
) -> None:
    """--check --json names exactly the setting that is wrong, and its status tells whether all can run."""
    setting, verdict, is_ready = expected
    ids = almost_right(on_server, {source: change})

    status = scenario.main([*ids, "--check", "--json"])

    report = json.loads(capsys.readouterr().out)
    assert [
        (one["setting"], one["verdict"]) for one in report["checks"] if one["verdict"] != Verdict.OK.value
    ] == [(setting, verdict.value)]
    assert (report["ready"], status) == (is_ready, 0 if is_ready else 1)


def test_check_without_mfa(
    on_server: CognitoIdentityProviderClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pool keeps no factors while its MFA is off, so that both are named."""
    pool_id, client_id = almost_right(on_server, {})
    on_server.set_user_pool_mfa_config(UserPoolId=pool_id, MfaConfiguration="OFF")

    assert scenario.main([pool_id, client_id, "--check", "--json"]) == 1

    checks = json.loads(capsys.readouterr().out)["checks"]
    wrong = [one["setting"] for one in checks if one["verdict"] != Verdict.OK.value]
    assert wrong == ["MfaConfiguration", "SoftwareTokenMfaConfiguration is on"]


def test_check_without_device_tracking(
    on_server: CognitoIdentityProviderClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pool that tracks no devices can't run the whole scenario, and only that is named."""
    made = make_pool(on_server, {}, RIGHT[MFA], RIGHT[CLIENT])

    assert scenario.main([made.pool_id, made.client_id, "--check", "--json"]) == 1

    checks = json.loads(capsys.readouterr().out)["checks"]
    assert [one["setting"] for one in checks if one["verdict"] != Verdict.OK.value] == ["Devices are tracked"]


def test_check_of_the_programs_own_pool(capsys: pytest.CaptureFixture[str]) -> None:
    """The pool that the program starts by itself is ready, and nothing else is printed."""
    assert scenario.main(["--check", "--json"]) == 0

    assert json.loads(capsys.readouterr().out)["ready"] is True


def test_scenario_stops_before_the_first_question(
    on_server: CognitoIdentityProviderClient,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a setting that the scenario can't work without, nothing is asked, and the status is 1."""
    monkeypatch.setattr(
        scenario, "OUTLINE", dataclasses.replace(scenario.OUTLINE, play=lambda _: pytest.fail("played"))
    )
    ids = almost_right(on_server, {POOL: {"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True}}})

    assert scenario.main(list(ids)) == 1

    assert "not set up for the scenario" in capsys.readouterr().err


def test_client_secret_is_read_where_it_may_be(
    on_server: CognitoIdentityProviderClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scenario gets the secret of a client that has one, without being told."""
    given: list[str | None] = []

    def play(it: Scenario) -> str:
        given.append(it.cognito.client_secret)
        return ""

    monkeypatch.setattr(scenario, "OUTLINE", dataclasses.replace(scenario.OUTLINE, play=play))
    ids = almost_right(on_server, {CLIENT: {"ClientSecret": True}})
    own = on_server.describe_user_pool_client(UserPoolId=ids[0], ClientId=ids[1])["UserPoolClient"][
        "ClientSecret"
    ]

    assert scenario.main(list(ids)) == 0

    assert given == [own]


def test_pool_that_does_not_exist(
    on_server: CognitoIdentityProviderClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unknown pool is a sentence, and what to check."""
    assert scenario.main(["us-east-1_nowhere", CLIENT_ID, "--check"]) == 3

    assert "Check the user pool ID" in " ".join(capsys.readouterr().err.split())


def test_clients_of_boto3_see_the_same(
    on_server: CognitoIdentityProviderClient, server: LocalCognito
) -> None:
    """The endpoint variable leads any boto3 client to the server."""
    client = boto3.client("cognito-idp", region_name=server.region)

    assert client.meta.endpoint_url == server.url
