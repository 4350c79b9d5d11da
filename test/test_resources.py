"""The templates and the policy: they name what Cognito has, and say what the program does."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel

from local_cognito import LocalCognito
from program import passwordless
from test.support.template import CLIENT, POOL, WITH_MFA, WITHOUT_PASSWORD, properties, template

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parents[1]
# CloudFormation's names of WebAuthnConfiguration's members.
PASSKEY_PROPERTIES = {
    "WebAuthnRelyingPartyID": "RelyingPartyId",
    "WebAuthnUserVerification": "UserVerification",
    "WebAuthnFactorConfiguration": "FactorConfiguration",
}
MODEL = ServiceModel(Loader().load_service_model("cognito-idp", "service-2"), "cognito-idp")


@pytest.mark.parametrize("name", [WITH_MFA, WITHOUT_PASSWORD])
@pytest.mark.parametrize(("resource", "action"), [(POOL, "CreateUserPool"), (CLIENT, "CreateUserPoolClient")])
def test_template_properties_are_the_apis(resource: str, action: str, name: str) -> None:
    """Every property is a parameter of the action that makes the resource, but those of MFA and passkeys."""
    shape = MODEL.operation_model(action).input_shape
    assert shape
    known = {*shape.members, "EnabledMfas", *PASSKEY_PROPERTIES}

    assert set(properties(resource, name)) <= known


# Where nobody reads the mail, an administrator confirms: in smoke tests alone.
CONFIRMS_WITHOUT_MAIL = ROOT / "scenario" / "mail.py"


def test_parameters_have_their_effect() -> None:
    """Each parameter of the template changes what it is for."""
    assert properties(POOL, UserPoolName="mine")["PoolName"] == "mine"
    assert properties(CLIENT)["GenerateSecret"] is False
    assert properties(CLIENT, ClientHasSecret="true")["GenerateSecret"] is True
    by_default, on_request = properties(POOL), properties(POOL, RememberDevicesOnRequest="true")
    assert by_default["DeviceConfiguration"]["DeviceOnlyRememberedOnUserPrompt"] is False
    assert on_request["DeviceConfiguration"]["DeviceOnlyRememberedOnUserPrompt"] is True


def test_local_pool_is_the_template() -> None:
    """The pool that the program starts has the template's settings."""
    with LocalCognito() as server:
        pool = server.create_pool()
        client: Any = boto3.client(
            "cognito-idp",
            endpoint_url=server.url,
            region_name=server.region,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        described = client.describe_user_pool(UserPoolId=pool.pool_id)["UserPool"]
        mfa = client.get_user_pool_mfa_config(UserPoolId=pool.pool_id)
        app = client.describe_user_pool_client(UserPoolId=pool.pool_id, ClientId=pool.client_id)

    wanted = {
        name: value for name, value in properties(POOL).items() if name not in ("PoolName", "EnabledMfas")
    }
    described["AdminCreateUserConfig"].pop("UnusedAccountValidityDays", None)  # which Cognito adds
    assert {name: described[name] for name in wanted} == wanted
    assert mfa["SoftwareTokenMfaConfiguration"] == {"Enabled": True}
    settings = {
        name: value
        for name, value in properties(CLIENT).items()
        if name not in ("UserPoolId", "GenerateSecret")
    }
    flows = {"ExplicitAuthFlows": sorted(settings["ExplicitAuthFlows"])}
    app["UserPoolClient"]["ExplicitAuthFlows"].sort()
    assert {name: app["UserPoolClient"][name] for name in settings} == settings | flows


def test_pool_without_password_is_its_template() -> None:
    """The pool that the second scenario runs on has the settings of the second template."""
    (seed,) = passwordless.SEED["Pools"]
    (client,) = seed["Clients"]
    pool = properties(POOL, WITHOUT_PASSWORD)
    passkeys = {member: pool.pop(name) for name, member in PASSKEY_PROPERTIES.items()}
    factors = pool.pop("EnabledMfas")
    app = properties(CLIENT, WITHOUT_PASSWORD)
    del app["UserPoolId"], app["GenerateSecret"]

    assert factors == ["SOFTWARE_TOKEN_MFA"]
    assert seed == {
        **pool,
        "WebAuthnConfiguration": passkeys,
        "SoftwareTokenMfaConfiguration": {"Enabled": True},
        "Clients": [client],
    }
    assert client == app


@pytest.mark.parametrize("name", [WITH_MFA, WITHOUT_PASSWORD])
def test_template_outputs_the_ids(name: str) -> None:
    """The outputs are the two IDs that the program takes."""
    outputs = template(name)["Outputs"]

    assert {name: output["Value"] for name, output in outputs.items()} == {
        "UserPoolId": {"Ref": POOL},
        "ClientId": {"Ref": CLIENT},
    }


BY_METHOD = {xform_name(name): name for name in MODEL.operation_names}


def names_in(tree: ast.AST) -> set[str]:
    """Return every attribute and every text in a piece of code: what it calls is among them."""
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    constants = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return attributes | {value for value in constants if isinstance(value, str)}


def actions_of_wrapper() -> dict[str, set[str]]:
    """Return the actions that each method of the wrapper calls, itself or by another method."""
    tree = ast.parse((ROOT / "cognito_idp_actions.py").read_text())
    methods = {node.name: names_in(node) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}

    def reached(name: str, seen: set[str]) -> set[str]:
        seen.add(name)
        others = (methods.keys() & methods.get(name, set())) - seen
        return methods.get(name, set()).union(*(reached(other, seen) for other in others))

    return {name: {BY_METHOD[one] for one in reached(name, set()) if one in BY_METHOD} for name in methods}


def actions_called_in(paths: Iterable[Path]) -> set[str]:
    """Return the actions that modules call through the wrapper."""
    by_wrapper = actions_of_wrapper()
    names = set().union(*(names_in(ast.parse(path.read_text())) for path in paths))
    return set().union(*(by_wrapper[name] for name in names if name in by_wrapper))


def allowed_for(sid: str) -> list[str]:
    """Return the actions that a statement of the policy allows."""
    policy = json.loads((ROOT / "resources" / "iam_policy.json").read_text())
    (statement,) = (one for one in policy["Statement"] if one["Sid"] == sid)
    return sorted(action.removeprefix("cognito-idp:") for action in statement["Action"])


def authorised_by_iam(actions: Iterable[str]) -> list[str]:
    """Return those of the actions that need AWS credentials."""
    return sorted(name for name in actions if MODEL.operation_model(name).auth_type != "none")


def test_policy_is_what_the_scenario_calls() -> None:
    """The least policy has exactly the actions of the scenarios and their pre-flight that IAM authorises."""
    rooms = set((ROOT / "scenario").glob("*.py")) - {CONFIRMS_WITHOUT_MAIL}
    called = actions_called_in([*ROOT.glob("scenario_*.py"), *rooms, ROOT / "program" / "preflight.py"])

    assert {"SignUp", "AdminRespondToAuthChallenge", "ForgetDevice"} <= called
    assert allowed_for("TheScenario") == authorised_by_iam(called)


def test_policy_is_what_a_smoke_test_calls() -> None:
    """So does what a run with nobody there needs on top."""
    program = ROOT / "program"
    called = actions_called_in([program / "smoke_test.py", program / "targets.py", CONFIRMS_WITHOUT_MAIL])

    assert allowed_for("OnlyForAuto") == authorised_by_iam(called)


def test_policy_is_what_hello_calls() -> None:
    """What the list of pools needs stands in a statement of its own, by which it can be left out."""
    names = names_in(ast.parse((ROOT / "hello_cognito.py").read_text()))

    assert allowed_for("OnlyForHelloCognito") == authorised_by_iam(
        BY_METHOD[name] for name in names & BY_METHOD.keys()
    )
