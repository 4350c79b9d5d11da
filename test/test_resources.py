"""The template and the policy: they name what Cognito has, and say what the program does."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import boto3
import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from local_cognito import LocalCognito, story_pool
from local_cognito.story_pool import CLIENT, POOL, properties

ROOT = Path(__file__).parents[1]
MODEL = ServiceModel(Loader().load_service_model("cognito-idp", "service-2"), "cognito-idp")


@pytest.mark.parametrize(("resource", "action"), [(POOL, "CreateUserPool"), (CLIENT, "CreateUserPoolClient")])
def test_template_properties_are_the_apis(resource, action):
    """Every property is a parameter of the action that makes the resource, but those of MFA."""
    known = set(MODEL.operation_model(action).input_shape.members) | {"EnabledMfas"}

    assert set(properties(resource)) <= known


def test_parameters_have_their_effect():
    """Each parameter of the template changes what it is for."""
    assert properties(POOL, UserPoolName="mine")["PoolName"] == "mine"
    assert properties(CLIENT)["GenerateSecret"] is False
    assert properties(CLIENT, ClientHasSecret="true")["GenerateSecret"] is True
    by_default, on_request = properties(POOL), properties(POOL, RememberDevicesOnRequest="true")
    assert by_default["DeviceConfiguration"]["DeviceOnlyRememberedOnUserPrompt"] is False
    assert on_request["DeviceConfiguration"]["DeviceOnlyRememberedOnUserPrompt"] is True


def test_local_pool_is_the_template():
    """The pool that the program starts has the template's settings."""
    with LocalCognito() as server:
        pool = server.add_story_pool()
        client = boto3.client(
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
    assert {name: described[name] for name in wanted} == wanted
    assert mfa["SoftwareTokenMfaConfiguration"] == {"Enabled": True}
    settings = {
        name: value
        for name, value in properties(CLIENT).items()
        if name not in ("UserPoolId", "GenerateSecret")
    }
    assert {name: app["UserPoolClient"][name] for name in settings} == settings


def test_template_outputs_the_ids():
    """The outputs are the two IDs that the program takes."""
    outputs = story_pool._template()["Outputs"]

    assert {name: output["Value"] for name, output in outputs.items()} == {
        "UserPoolId": {"Ref": POOL},
        "ClientId": {"Ref": CLIENT},
    }


def called_actions(path):
    """Return the actions that a module calls through a client: its attributes that are methods of one."""
    from botocore import xform_name  # noqa: PLC0415 - only here

    by_method = {xform_name(name): name for name in MODEL.operation_names}
    tree = ast.parse(path.read_text())
    names = {
        node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and _is_client(node.value)
    }
    names |= {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "get_paginator"
    }
    return {by_method[name] for name in names if name in by_method}


def _is_client(node):
    return isinstance(node, ast.Attribute) and node.attr == "cognito_idp_client"


def test_policy_is_what_the_wrapper_calls():
    """The least policy has exactly the wrapper's actions that IAM authorises."""
    policy = json.loads((ROOT / "resources" / "iam_policy.json").read_text())
    called = called_actions(ROOT / "cognito_idp_actions.py")
    with_iam = {name for name in called if MODEL.operation_model(name).auth_type != "none"}
    allowed = [action for statement in policy["Statement"] for action in statement["Action"]]

    assert "SignUp" in called
    assert sorted(allowed) == sorted(f"cognito-idp:{name}" for name in with_iam)
