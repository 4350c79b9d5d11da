"""The table of what has no effect: with it and the code, every part of the service model is accounted for."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from local_cognito.actions import api
from local_cognito.model import service_model, without_effect
from local_cognito.model.service_model import Collection, Scalar, Structure
from test.support.pool_driver import ALICE, BOB, PASSWORD, call_raw
from test.support.pools import OWN_EMAIL, SMS
from test.support.texts_in_code import Code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_cognito.model.service_model import Shape
    from test.support.pool_driver import HttpAnswer, PoolDriver

AT_ONCE = without_effect.AT_ONCE
TABLE = without_effect.table()
CODE = Code()
# Their requests become settings, which other actions read.
STORED = {
    "CreateUserPool",
    "UpdateUserPool",
    "CreateUserPoolClient",
    "UpdateUserPoolClient",
    "SetUserPoolMfaConfig",
    "CreateResourceServer",
    "UpdateResourceServer",
}
# Honoured though no text in the code says so: names that the code puts together, and values that stand for
# the absence of what another value of the enumeration does; and what is only shown, on AWS as well.
HONOURED = {
    "ClientMetadata",
    "AccessTokenValidity",
    "IdTokenValidity",
    "AccountRecoverySetting.RecoveryMechanisms.Name=admin_only",
    "CustomAttributes.AttributeDataType=DateTime",
    "DeviceRememberedStatus=not_remembered",
    "PreventUserExistenceErrors=LEGACY",
    "WebAuthnConfiguration.FactorConfiguration=SINGLE_FACTOR",
    "RefreshTokenRotation.Feature=DISABLED",
    "Scopes.ScopeDescription",
}
# Kept members that the code mentions all the same, to show them or to check them against other settings.
MENTIONED = {
    "AllowedOAuthFlows",
    "AllowedOAuthFlowsUserPoolClient",
    "AllowedOAuthScopes",
    "CallbackURLs",
    "DefaultRedirectURI",
    "EmailConfiguration.EmailSendingAccount=DEVELOPER",
    "EmailConfiguration.SourceArn",
    "EnablePropagateAdditionalUserContextData",
    "KeyConfiguration",
    "LambdaConfig.DefineAuthChallenge",
    "LogoutURLs",
    "PublishSecretsInAWSSecretsManager",
    "SupportedIdentityProviders",
}


def paths(shape: Shape, path: str = "") -> Iterator[str]:
    """Yield the paths of all members and values below a shape."""
    if isinstance(shape, Structure):
        for name, member in shape.members.items():
            inner = f"{path}.{name}" if path else name
            yield inner
            yield from paths(member, inner)
    elif isinstance(shape, Collection):
        yield from paths(shape.item, path)
    elif isinstance(shape, Scalar):
        yield from (f"{path}={value}" for value in shape.enum)


@cache
def paths_of(operation: str) -> frozenset[str]:
    """Return the paths of all members and values of an action's request."""
    return frozenset(paths(service_model.operation(operation).request))


@cache
def texts_for(operation: str) -> frozenset[str]:
    """Return the texts in the code that may read a member of an action's request."""
    return frozenset(CODE.all_texts() if operation in STORED else CODE.texts_of(api.ACTIONS[operation]))


def is_read(operation: str, path: str) -> bool:
    """Tell whether the code mentions the last name of a path."""
    return path.replace("=", ".").rpartition(".")[2] in texts_for(operation)


def is_at_or_below(path: str, other: str) -> bool:
    """Tell whether a path is the other one, or below it."""
    return path == other or path.startswith((f"{other}.", f"{other}="))


def operations_of(kept: without_effect.Kept) -> list[str]:
    """Return the actions that an entry is about."""
    return list(kept.operations) or [
        name for name in api.ACTIONS if not paths_of(name).isdisjoint(kept.members)
    ]


def entries_for(operation: str) -> set[str]:
    """Return the paths that the table and the test have for an action."""
    kept = {path for kept in TABLE.kept if operation in operations_of(kept) for path in kept.members}
    refused = {f"{member}={value}" for member, values in TABLE.refused.items() for value in values}
    return kept | refused | HONOURED


def test_absent_actions() -> None:
    """Each action of the model is either implemented or listed as absent, once."""
    absent = [name for names in TABLE.absent.values() for name in names]

    assert sorted([*absent, *api.ACTIONS]) == sorted(service_model.operation_names())


@pytest.mark.parametrize("operation", sorted(api.ACTIONS))
def test_members_and_values(operation: str) -> None:
    """Each member and value of a request is read by the code, or stands in the table."""
    entries = entries_for(operation)

    assert [
        path
        for path in sorted(paths_of(operation))
        if not is_read(operation, path)
        and not any(is_at_or_below(path, entry) or is_at_or_below(entry, path) for entry in entries)
    ] == []


@pytest.mark.parametrize("path", sorted(HONOURED))
def test_exceptions_are_needed(path: str) -> None:
    """Nothing is called honoured here that the code can be seen to read, or that the model does not have."""
    assert any(path in paths_of(operation) and not is_read(operation, path) for operation in api.ACTIONS)


@pytest.mark.parametrize("kept", TABLE.kept, ids=lambda kept: kept.members[0])
def test_kept_members_are_in_the_model(kept: without_effect.Kept) -> None:
    """Each member of the table is one of the requests that it is listed for."""
    operations = operations_of(kept)

    assert operations
    for operation in operations:
        known = paths_of(operation)
        assert known.issuperset(kept.members) if kept.operations else not known.isdisjoint(kept.members)
    assert kept.effect.startswith("AWS ")
    assert kept.effect.endswith(".")


@pytest.mark.parametrize(
    "kept", [one for one in TABLE.kept if not one.moment], ids=lambda kept: kept.members[0]
)
def test_kept_members_are_not_read(kept: without_effect.Kept) -> None:
    """A member that the code reads has an effect, so it leaves the table; some are shown or checked."""
    for operation in operations_of(kept):
        read = {path for path in kept.members if path in paths_of(operation) and is_read(operation, path)}
        assert read <= MENTIONED


SETTINGS: dict[str, Any] = {
    "UserPoolTier": "PLUS",
    **SMS,
    **OWN_EMAIL,
    "UserPoolAddOns": {
        "AdvancedSecurityMode": "ENFORCED",
        "AdvancedSecurityAdditionalFlows": {"CustomAuthMode": "ENFORCED"},
    },
}
MFA: dict[str, Any] = {
    "MfaConfiguration": "OPTIONAL",
    "EmailMfaConfiguration": {},
    "SmsMfaConfiguration": {**SMS},
}


def send(pool: PoolDriver, operation: str, **fields: Any) -> HttpAnswer:
    """Send a request without an SDK, which may not know all of its members."""
    return call_raw(pool.server.url, operation, {"UserPoolId": pool.id, **fields})


def reports(caplog: pytest.LogCaptureFixture) -> list[tuple[Any, ...]]:
    """Return owner and path of each report."""
    return [
        record.args[:2]
        for record in caplog.records
        if record.name == without_effect.__name__ and isinstance(record.args, tuple)
    ]


def test_each_moment_is_reported(pool: PoolDriver, caplog: pytest.LogCaptureFixture) -> None:
    """Each setting for which the table names a moment is reported when this moment comes."""
    other = {**SETTINGS, "UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"}}
    assert send(pool, "UpdateUserPool", AutoVerifiedAttributes=["email"], **SETTINGS).status == 200
    pool.sign_up(UserAttributes=[{"Name": "email", "Value": "a@example.com"}])
    pool.confirm()
    pool.sign_in()
    nobody = {"USERNAME": "nobody", "PASSWORD": PASSWORD}
    send(
        pool,
        "AdminInitiateAuth",
        ClientId=pool.client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters=nobody,
    )
    assert send(pool, "UpdateUserPool", AutoVerifiedAttributes=["phone_number"], **other).status == 200
    pool.sign_up(BOB, UserAttributes=[{"Name": "phone_number", "Value": "+15555550100"}])
    pool.confirm(BOB)
    pool.sign_in(BOB)
    email = [{"Name": "email", "Value": "c@example.com"}]
    assert send(pool, "AdminCreateUser", Username="carol", UserAttributes=email).status == 200
    assert send(pool, "SetUserPoolMfaConfig", **MFA).status == 200
    for name, member in ((ALICE, "EmailMfaSettings"), (BOB, "SMSMfaSettings")):
        setting = {member: {"Enabled": True, "PreferredMfa": True}}
        assert send(pool, "AdminSetUserMFAPreference", Username=name, **setting).status == 200
        pool.sign_in(name)

    moments = {kept.members: kept.moment for kept in TABLE.kept}
    expected = {path for paths, moment in moments.items() if moment not in ("", AT_ONCE) for path in paths}
    assert set(reports(caplog)) == {(pool.id, path) for path in expected}


def test_a_report_is_one_line(pool: PoolDriver, caplog: pytest.LogCaptureFixture) -> None:
    """A report is a warning that names the pool, the setting and what AWS would do."""
    pool.user()
    assert (
        send(
            pool, "UpdateUserPool", UserPoolTier="PLUS", UserPoolAddOns={"AdvancedSecurityMode": "AUDIT"}
        ).status
        == 200
    )
    assert not reports(caplog)
    pool.sign_in()

    effect = "AWS rates the risk of a sign-in."
    (record,) = (record for record in caplog.records if record.name == without_effect.__name__)
    assert (record.levelname, record.getMessage()) == (
        "WARNING",
        f"{pool.id}: UserPoolAddOns.AdvancedSecurityMode=AUDIT has no effect here. {effect}",
    )


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        (name, path)
        for kept in TABLE.kept
        if kept.moment == AT_ONCE
        for name in kept.operations
        for path in kept.members
    ],
)
def test_requests_are_reported_at_once(operation: str, path: str, caplog: pytest.LogCaptureFixture) -> None:
    """A member whose effect would come with its request is reported with it, and only if it is there."""
    without_effect.report_request(operation, {})
    assert not reports(caplog)
    without_effect.report_request(operation, {path: "any"})

    assert reports(caplog) == [(operation, path)]


def test_requests_over_http_are_reported(pool: PoolDriver, caplog: pytest.LogCaptureFixture) -> None:
    """A request that asks for what is not there is answered, and reported."""
    assert send(pool, "ListUserPoolClients", ClientType="DCR").status == 200

    assert reports(caplog) == [("ListUserPoolClients", "ClientType")]


def test_defaults_are_not_reported(pool: PoolDriver, caplog: pytest.LogCaptureFixture) -> None:
    """A pool whose settings say OFF has nothing to report."""
    settings = {"UserPoolAddOns": {"AdvancedSecurityMode": "OFF"}}
    pool.user()
    assert send(pool, "UpdateUserPool", LambdaConfig={}, **settings).status == 200
    pool.sign_in()

    assert not reports(caplog)


@pytest.mark.parametrize(
    ("settings", "path", "expected"),
    [
        ({"A": {"B": "x"}}, "A", True),
        ({"A": {"B": "x"}}, "A.B", True),
        ({"A": {"B": "x"}}, "A.B=x", True),
        ({"A": {"B": "x"}}, "A.B=y", False),
        ({"A": {"B": "x"}}, "A.C", False),
        ({"A": ["x", "y"]}, "A=y", True),
        ({"A": {}}, "A", False),
        ({"A": "x"}, "A.B", False),
        ({}, "A.B", False),
    ],
)
def test_is_set(settings: dict[str, Any], path: str, expected: bool) -> None:
    """A member is set unless it is empty, a value if it is the member's or among them."""
    assert without_effect.is_set(settings, path) is expected


@pytest.mark.parametrize("challenge", TABLE.refused["ChallengeName"])
def test_refused_challenges(pool: PoolDriver, challenge: str) -> None:
    """No session is open for a challenge that is listed as refused."""
    pool.user()
    fields = {"ChallengeName": challenge, "ChallengeResponses": {"USERNAME": ALICE}}
    answer = send(pool, "RespondToAuthChallenge", ClientId=pool.client_id, Session="A" * 40, **fields)

    assert answer.status == 400
    assert answer.content == {"__type": "NotAuthorizedException", "message": "Invalid session for the user."}
