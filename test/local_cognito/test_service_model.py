"""The API model: made by the script, corrected by the overlay, and all that the server needs."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from local_cognito.model import service_model
from local_cognito.model.service_model import Collection, Scalar, Structure
from scripts import make_request_types, make_service_model

PACKAGE = Path(service_model.__file__).parents[1]
FILE = json.loads(make_service_model.TARGET.read_text(encoding="utf-8"))
OVERLAY = json.loads((PACKAGE / "model" / "overlay.json").read_text(encoding="utf-8"))
WITHOUT_SDK = """
import sys
sys.modules |= {"boto3": None, "botocore": None}
import json, urllib.request
from local_cognito import LocalCognito

def call(server, action, **fields):
    target = "AWSCognitoIdentityProviderService." + action
    headers = {"X-Amz-Target": target, "Authorization": "any"}
    body = json.dumps(fields).encode()
    request = urllib.request.Request(server.url, body, headers)
    return json.load(urllib.request.urlopen(request))

user = {"Username": "alice", "Password": "Correct-Horse-1!", "Attributes": {"email": "a@example.com"}}
with LocalCognito(seed={"Pools": [{"Id": "us-east-1_A", "PoolName": "p", "Users": [user]}]}) as server:
    print(call(server, "AdminGetUser", UserPoolId="us-east-1_A", Username="alice")["UserStatus"])
"""


def test_the_file_is_the_scripts() -> None:
    """The script makes exactly this file from the version of botocore that the file names."""
    if version("botocore") != FILE["botocore"]:
        pytest.skip(f"The file is made from botocore {FILE['botocore']}, which is not installed.")

    made = make_service_model.as_text(make_service_model.reduced(make_service_model.botocore_model()))

    assert made == make_service_model.TARGET.read_text(encoding="utf-8")


def test_the_request_types_are_the_scripts() -> None:
    """The types of requests are made from the model as it is, for the actions that there are."""
    assert make_request_types.TARGET.read_text(encoding="utf-8") == make_request_types.text()


def test_the_licence_is_named() -> None:
    """The notice beside the file names the file, its source and the licence."""
    notice = (PACKAGE / "model" / "NOTICE").read_text(encoding="utf-8")

    assert all(word in notice for word in ("service_model.json", "botocore", "Apache License, Version 2.0"))


def test_members_stay_in_the_models_order() -> None:
    """Members and required members are read in the order in which Cognito reports problems."""
    request = service_model.operation("SignUp").request

    assert list(request.members)[:4] == ["ClientId", "SecretHash", "Username", "Password"]
    assert request.required == ("ClientId", "Username")


def test_shapes_are_read_with_their_limits() -> None:
    """A shape has its type, limits, pattern, enumeration and secrecy; None and empty stand for no limit."""
    name = service_model.operation("SignUp").request.members["Username"]
    status = service_model.operation("UpdateDeviceStatus").request.members["DeviceRememberedStatus"]

    assert isinstance(name, Scalar)
    assert (name.name, name.type, name.minimum, name.maximum) == ("UsernameType", "string", 1, 128)
    assert (name.pattern, name.enum, name.is_sensitive) == (r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+", (), True)
    assert isinstance(status, Scalar)
    assert (status.maximum, status.pattern, status.enum) == (None, "", ("remembered", "not_remembered"))


def test_lists_and_maps_have_items() -> None:
    """The element of a list, and the value of a map, is their item."""
    members = service_model.operation("SignUp").request.members
    attributes, metadata = members["UserAttributes"], members["ClientMetadata"]

    assert isinstance(attributes, Collection)
    assert (attributes.type, attributes.item.name) == ("list", "AttributeType")
    assert isinstance(metadata, Collection)
    assert (metadata.type, metadata.item.name) == ("map", "StringType")


def test_operations_say_who_may_call_them() -> None:
    """An operation has its answer, or none, its errors, and whether it needs a signature."""
    sign_up, delete = service_model.operation("SignUp"), service_model.operation("AdminDeleteUser")

    assert sign_up.is_public
    assert isinstance(sign_up.answer, Structure)
    assert "UsernameExistsException" in sign_up.errors
    assert not delete.is_public
    assert delete.answer is None


def test_a_structure_is_asked_for_by_name() -> None:
    """Only structures are given out by name, and only those that there are."""
    assert set(service_model.structure("AttributeType").members) == {"Name", "Value"}
    with pytest.raises(TypeError):
        service_model.structure("UsernameType")
    with pytest.raises(KeyError):
        service_model.structure("NoSuchType")


@pytest.mark.parametrize(("part", "name"), [(part, name) for part in OVERLAY for name in OVERLAY[part]])
def test_the_overlay_differs_from_the_model(part: str, name: str) -> None:
    """Each entry of the overlay has its evidence, and changes the model, or adds to it."""
    entry, modelled = OVERLAY[part][name], FILE[part].get(name, {})

    assert set(entry) == {"change", "evidence"}
    assert entry["evidence"]
    for key, value in entry["change"].items():
        before = modelled.get(key, {})
        assert before | value != before if isinstance(value, dict) else before != value


def test_the_overlay_may_add_an_action(tmp_path: Path) -> None:
    """An action that botocore's model does not have is read from the overlay, with its shapes."""
    added = {
        "operations": {"Greet": {"change": {"input": "GreetRequest", "public": True, "errors": []}}},
        "shapes": {
            "GreetRequest": {
                "change": {"type": "structure", "members": {"Name": "UsernameType"}, "required": ["Name"]}
            }
        },
    }
    shutil.copytree(PACKAGE / "model", tmp_path / "model")
    (tmp_path / "model" / "overlay.json").write_text(json.dumps(added), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(
        "copied_service_model", tmp_path / "model" / "service_model.py"
    )
    assert spec
    assert spec.loader
    copy = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "copied_service_model", copy)
        spec.loader.exec_module(copy)

    action = copy.find_operation("Greet")
    assert (action.is_public, action.answer, action.request.required) == (True, None, ("Name",))
    assert action.request.members["Name"].maximum == 128


def test_the_package_imports_no_sdk() -> None:
    """Only the plug-in's fixtures and a KMS endpoint load boto3 and botocore, and only when they are used."""
    importers = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in (getattr(node, "module", None), *(alias.name for alias in node.names))
        if (name or "").partition(".")[0] in ("boto3", "botocore")
    }

    assert {path for path in importers if not path.startswith("testing/")} == {"lambdas/encryption.py"}


def test_the_server_needs_no_sdk(tmp_path: Path) -> None:
    """Where boto3 and botocore can't be imported, a seed is applied and requests are answered."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_SDK],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.stdout, done.stderr) == ("CONFIRMED\n", "")
