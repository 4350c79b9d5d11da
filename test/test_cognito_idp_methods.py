"""The wrapper's methods that bear boto3's names: requests, answers, pages, refusals, and types."""

from __future__ import annotations

import copy
import inspect
import logging
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock

import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY

import cognito_srp
from cognito_idp_actions import (
    CognitoIdentityProviderWrapper,
    UnexpectedChallengeError,
    UnsafeSrpValueError,
    attributes_of,
)
from test.support.stubbed_calls import (
    CLIENT_ID,
    CLIENT_SECRET,
    DELIVERY,
    DEVICE_KEY,
    POOL_ID,
    SECRET_BLOCK,
    Call,
    expected_hash,
)
from test.support.wrapper_steps import (
    ACCESS_TOKEN,
    CODE,
    DEVICE,
    EMAIL,
    PASSWORD,
    RESULT,
    SESSION,
    USER,
    Case,
    is_ours,
    queue,
    with_and_without_secret,
    wrap,
)

if TYPE_CHECKING:
    from types import ModuleType

    from botocore.stub import Stubber
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

ROOT = Path(__file__).resolve().parent.parent
NEW_PASSWORD = "Better-Horse-2?"
REFRESH_TOKEN = "refresh.token.alice"
GROUP = "readers"
ATTRIBUTES = {"email": EMAIL, "custom:tenant": "wonderland"}
ATTRIBUTE_LIST = [{"Name": "email", "Value": EMAIL}, {"Name": "custom:tenant", "Value": "wonderland"}]
METADATA_FOR_TRIGGERS = {"campaign": "spring"}
TOKEN = {"AccessToken": ACCESS_TOKEN}
DEVICE_OF_TOKEN = {**TOKEN, "DeviceKey": DEVICE_KEY}
MANAGED = {"UserPoolId": POOL_ID, "Username": USER}
OF_GROUP = {"UserPoolId": POOL_ID, "GroupName": GROUP}
ACCOUNT = {"ClientId": CLIENT_ID, "Username": USER}
USERS = [{"Username": USER, "Attributes": ATTRIBUTE_LIST}]
GROUPS = [{"GroupName": GROUP}]
TOKENS = {"AuthenticationResult": RESULT, "ChallengeParameters": {}}
SERVER_VALUES = {"SALT": "8a02", "SRP_B": "499602d2", "SECRET_BLOCK": SECRET_BLOCK}
PASSWORD_VERIFIER = {
    "ChallengeName": "PASSWORD_VERIFIER",
    "ChallengeParameters": {"USERNAME": USER, "USER_ID_FOR_SRP": USER, **SERVER_VALUES},
}
PROOF: dict[str, Any] = {
    "TIMESTAMP": ANY,
    "PASSWORD_CLAIM_SECRET_BLOCK": SECRET_BLOCK,
    "PASSWORD_CLAIM_SIGNATURE": ANY,
}


def initiate(flow: str, answer: dict[str, Any], **parameters: Any) -> Call:
    """Return InitiateAuth with these parameters; a user name among them has a hash beside it."""
    request = {"ClientId": CLIENT_ID, "AuthFlow": flow, "AuthParameters": parameters}
    return Call("initiate_auth", request, answer, "AuthParameters" if "USERNAME" in parameters else "")


def respond(name: str, answer: dict[str, Any], session: str | None = None, **responses: Any) -> Call:
    """Return RespondToAuthChallenge with these responses."""
    request: dict[str, Any] = {"ClientId": CLIENT_ID, "ChallengeName": name, "ChallengeResponses": responses}
    if session:
        request["Session"] = session
    return Call("respond_to_auth_challenge", request, answer, "ChallengeResponses")


def one(method: str, request: dict[str, Any], answer: dict[str, Any], *args: Any, **options: Any) -> Case:
    """Return a case of a method that is one action, and returns what Cognito answered."""
    hash_in = "SecretHash" if {"ClientId", "Username"} <= request.keys() else ""
    step = Call(method, request, answer, hash_in)
    return Case(lambda wrapper: getattr(wrapper, method)(*args, **options), [step], answer)


CASES = {
    "sign_up_user, more attributes": Case(
        lambda wrapper: wrapper.sign_up_user(
            USER,
            PASSWORD,
            EMAIL,
            attributes={"custom:tenant": "wonderland"},
            client_metadata=METADATA_FOR_TRIGGERS,
        ),
        [
            Call(
                "sign_up",
                {
                    **ACCOUNT,
                    "Password": PASSWORD,
                    "UserAttributes": ATTRIBUTE_LIST,
                    "ClientMetadata": METADATA_FOR_TRIGGERS,
                },
                {"UserConfirmed": True, "UserSub": "1"},
                "SecretHash",
            )
        ],
        result=True,
    ),
    "confirm_mfa_device, named": Case(
        lambda wrapper: wrapper.confirm_mfa_device(
            USER, *DEVICE, ACCESS_TOKEN, cognito_srp, device_name="hers"
        ),
        [
            Call(
                "confirm_device",
                {
                    **DEVICE_OF_TOKEN,
                    "DeviceName": "hers",
                    "DeviceSecretVerifierConfig": {"PasswordVerifier": ANY, "Salt": ANY},
                },
                {"UserConfirmationNecessary": True},
            )
        ],
        result=True,
    ),
    "start_srp_sign_in": Case(
        lambda wrapper: wrapper.start_srp_sign_in(USER, PASSWORD, cognito_srp),
        [
            initiate("USER_SRP_AUTH", PASSWORD_VERIFIER, USERNAME=USER, SRP_A=ANY),
            respond("PASSWORD_VERIFIER", TOKENS, USERNAME=USER, **PROOF),
        ],
        TOKENS,
    ),
    "start_srp_sign_in, alias and device": Case(
        lambda wrapper: wrapper.start_srp_sign_in(EMAIL, PASSWORD, cognito_srp, device_key=DEVICE_KEY),
        [
            initiate("USER_SRP_AUTH", PASSWORD_VERIFIER, USERNAME=EMAIL, SRP_A=ANY, DEVICE_KEY=DEVICE_KEY),
            respond(
                "PASSWORD_VERIFIER",
                {"ChallengeName": "DEVICE_SRP_AUTH"},
                USERNAME=USER,
                DEVICE_KEY=DEVICE_KEY,
                **PROOF,
            ),
        ],
        {"ChallengeName": "DEVICE_SRP_AUTH"},
    ),
    "initiate_auth": Case(
        lambda wrapper: wrapper.initiate_auth(USER, PASSWORD),
        [initiate("USER_PASSWORD_AUTH", TOKENS, USERNAME=USER, PASSWORD=PASSWORD)],
        TOKENS,
    ),
    "initiate_auth, device": Case(
        lambda wrapper: wrapper.initiate_auth(USER, PASSWORD, device_key=DEVICE_KEY),
        [initiate("USER_PASSWORD_AUTH", TOKENS, USERNAME=USER, PASSWORD=PASSWORD, DEVICE_KEY=DEVICE_KEY)],
        TOKENS,
    ),
    "respond_to_auth_challenge": Case(
        lambda wrapper: wrapper.respond_to_auth_challenge(USER, "SMS_MFA", SESSION, {"SMS_MFA_CODE": CODE}),
        [respond("SMS_MFA", TOKENS, SESSION, USERNAME=USER, SMS_MFA_CODE=CODE)],
        TOKENS,
    ),
    "respond_to_device_challenge": Case(
        lambda wrapper: wrapper.respond_to_device_challenge(
            {"ChallengeName": "DEVICE_SRP_AUTH", "Session": SESSION}, USER, *DEVICE, cognito_srp
        ),
        [
            respond(
                "DEVICE_SRP_AUTH",
                {"ChallengeName": "DEVICE_PASSWORD_VERIFIER", "ChallengeParameters": SERVER_VALUES},
                SESSION,
                USERNAME=USER,
                DEVICE_KEY=DEVICE_KEY,
                SRP_A=ANY,
            ),
            respond("DEVICE_PASSWORD_VERIFIER", TOKENS, USERNAME=USER, DEVICE_KEY=DEVICE_KEY, **PROOF),
        ],
        TOKENS,
    ),
    "list_devices": one("list_devices", TOKEN, {"Devices": [{"DeviceKey": DEVICE_KEY}]}, ACCESS_TOKEN),
    "get_device": one(
        "get_device", DEVICE_OF_TOKEN, {"Device": {"DeviceKey": DEVICE_KEY}}, ACCESS_TOKEN, DEVICE_KEY
    ),
    "get_user": one("get_user", TOKEN, {"Username": USER, "UserAttributes": ATTRIBUTE_LIST}, ACCESS_TOKEN),
    "update_user_attributes": one(
        "update_user_attributes",
        {**TOKEN, "UserAttributes": ATTRIBUTE_LIST},
        {"CodeDeliveryDetailsList": [DELIVERY]},
        ACCESS_TOKEN,
        ATTRIBUTES,
    ),
    "delete_user_attributes": one(
        "delete_user_attributes",
        {**TOKEN, "UserAttributeNames": ["custom:tenant"]},
        {},
        ACCESS_TOKEN,
        ["custom:tenant"],
    ),
    "get_user_attribute_verification_code": one(
        "get_user_attribute_verification_code",
        {**TOKEN, "AttributeName": "email"},
        {"CodeDeliveryDetails": DELIVERY},
        ACCESS_TOKEN,
        "email",
    ),
    "verify_user_attribute": one(
        "verify_user_attribute",
        {**TOKEN, "AttributeName": "email", "Code": CODE},
        {},
        ACCESS_TOKEN,
        "email",
        CODE,
    ),
    "change_password": one(
        "change_password",
        {**TOKEN, "PreviousPassword": PASSWORD, "ProposedPassword": NEW_PASSWORD},
        {},
        ACCESS_TOKEN,
        PASSWORD,
        NEW_PASSWORD,
    ),
    "forgot_password": one("forgot_password", ACCOUNT, {"CodeDeliveryDetails": DELIVERY}, USER),
    "confirm_forgot_password": one(
        "confirm_forgot_password",
        {**ACCOUNT, "ConfirmationCode": CODE, "Password": NEW_PASSWORD},
        {},
        USER,
        CODE,
        NEW_PASSWORD,
    ),
    "global_sign_out": one("global_sign_out", TOKEN, {}, ACCESS_TOKEN),
    "admin_create_user": one("admin_create_user", MANAGED, {"User": USERS[0]}, USER),
    "admin_create_user, all": one(
        "admin_create_user",
        {
            **MANAGED,
            "UserAttributes": ATTRIBUTE_LIST,
            "TemporaryPassword": PASSWORD,
            "MessageAction": "SUPPRESS",
            "DesiredDeliveryMediums": ["EMAIL"],
            "ClientMetadata": METADATA_FOR_TRIGGERS,
        },
        {"User": USERS[0]},
        USER,
        ATTRIBUTES,
        temporary_password=PASSWORD,
        message_action="SUPPRESS",
        desired_delivery_mediums=["EMAIL"],
        client_metadata=METADATA_FOR_TRIGGERS,
    ),
    "admin_confirm_sign_up": one("admin_confirm_sign_up", MANAGED, {}, USER),
    "admin_set_user_password": one(
        "admin_set_user_password", {**MANAGED, "Password": PASSWORD, "Permanent": False}, {}, USER, PASSWORD
    ),
    "admin_set_user_password, permanent": one(
        "admin_set_user_password",
        {**MANAGED, "Password": PASSWORD, "Permanent": True},
        {},
        USER,
        PASSWORD,
        permanent=True,
    ),
    "admin_reset_user_password": one("admin_reset_user_password", MANAGED, {}, USER),
    "admin_update_user_attributes": one(
        "admin_update_user_attributes", {**MANAGED, "UserAttributes": ATTRIBUTE_LIST}, {}, USER, ATTRIBUTES
    ),
    "admin_enable_user": one("admin_enable_user", MANAGED, {}, USER),
    "admin_disable_user": one("admin_disable_user", MANAGED, {}, USER),
    "admin_user_global_sign_out": one("admin_user_global_sign_out", MANAGED, {}, USER),
    "admin_delete_user": one("admin_delete_user", MANAGED, {}, USER),
    "create_group": one("create_group", OF_GROUP, {"Group": GROUPS[0]}, GROUP),
    "create_group, all": one(
        "create_group",
        {
            **OF_GROUP,
            "Description": "who may read",
            "RoleArn": "arn:aws:iam::123456789012:role/r",
            "Precedence": 0,
        },
        {"Group": GROUPS[0]},
        GROUP,
        description="who may read",
        role_arn="arn:aws:iam::123456789012:role/r",
        precedence=0,
    ),
    "get_group": one("get_group", OF_GROUP, {"Group": GROUPS[0]}, GROUP),
    "list_groups": one("list_groups", {"UserPoolId": POOL_ID}, {"Groups": GROUPS}),
    "list_users_in_group": one("list_users_in_group", OF_GROUP, {"Users": USERS}, GROUP),
    "admin_list_groups_for_user": one("admin_list_groups_for_user", MANAGED, {"Groups": GROUPS}, USER),
    "admin_add_user_to_group": one(
        "admin_add_user_to_group", {**MANAGED, "GroupName": GROUP}, {}, USER, GROUP
    ),
    "admin_remove_user_from_group": one(
        "admin_remove_user_from_group", {**MANAGED, "GroupName": GROUP}, {}, USER, GROUP
    ),
    "list_user_pools": one(
        "list_user_pools", {"MaxResults": 60}, {"UserPools": [{"Id": POOL_ID, "Name": "pool"}]}
    ),
}
# Lists come without what Cognito wraps them in.
WRAPPED = {
    "list_devices": "Devices",
    "list_groups": "Groups",
    "list_users_in_group": "Users",
    "admin_list_groups_for_user": "Groups",
    "list_user_pools": "UserPools",
}
# Requests in which the client secret goes otherwise than as a hash beside a user name.
SECRET_CASES = {
    "refresh_tokens": (
        Case(
            lambda wrapper: wrapper.refresh_tokens(REFRESH_TOKEN, USER),
            [initiate("REFRESH_TOKEN_AUTH", TOKENS, REFRESH_TOKEN=REFRESH_TOKEN)],
            RESULT,
        ),
        {"SECRET_HASH": expected_hash(USER)},
    ),
    "refresh_tokens, device": (
        Case(
            lambda wrapper: wrapper.refresh_tokens(REFRESH_TOKEN, USER, DEVICE_KEY),
            [initiate("REFRESH_TOKEN_AUTH", TOKENS, REFRESH_TOKEN=REFRESH_TOKEN, DEVICE_KEY=DEVICE_KEY)],
            RESULT,
        ),
        {"SECRET_HASH": expected_hash(USER)},
    ),
    "get_tokens_from_refresh_token": (
        Case(
            lambda wrapper: wrapper.get_tokens_from_refresh_token(REFRESH_TOKEN, DEVICE_KEY),
            [
                Call(
                    "get_tokens_from_refresh_token",
                    {"ClientId": CLIENT_ID, "RefreshToken": REFRESH_TOKEN, "DeviceKey": DEVICE_KEY},
                    {"AuthenticationResult": RESULT},
                )
            ],
            RESULT,
        ),
        {"ClientSecret": CLIENT_SECRET},
    ),
    "revoke_token": (
        Case(
            lambda wrapper: wrapper.revoke_token(REFRESH_TOKEN),
            [Call("revoke_token", {"ClientId": CLIENT_ID, "Token": REFRESH_TOKEN}, {})],
            {},
        ),
        {"ClientSecret": CLIENT_SECRET},
    ),
}
ALL_CASES = {**CASES, **{name: case for name, (case, _) in SECRET_CASES.items()}}
REFUSALS = [(name, number) for name, case in ALL_CASES.items() for number in range(len(case.steps))]


def result_of(name: str) -> Any:
    """Return what the method of a case returns."""
    return ALL_CASES[name].result[WRAPPED[name]] if name in WRAPPED else ALL_CASES[name].result


@pytest.mark.parametrize(("case", "client_secret"), with_and_without_secret(CASES))
def test_sends_exactly_the_fields_that_are_called_for(
    client: CognitoIdentityProviderClient, stubber: Stubber, case: Case, client_secret: str | None
) -> None:
    """Each method sends the request that its arguments call for, and returns the answer without metadata."""
    queue(stubber, case.steps, client_secret)
    name = next(name for name, other in CASES.items() if other is case)

    assert case.call(wrap(client, client_secret)) == result_of(name)


@pytest.mark.parametrize("client_secret", [None, "", CLIENT_SECRET], ids=["no-secret", "empty", "secret"])
@pytest.mark.parametrize("name", SECRET_CASES)
def test_the_secret_goes_where_the_action_wants_it(
    client: CognitoIdentityProviderClient, stubber: Stubber, name: str, client_secret: str | None
) -> None:
    """As a hash over the real user name, or in clear; an empty one is none."""
    case, with_secret = SECRET_CASES[name]
    (step,) = case.steps
    request = copy.deepcopy(step.request)
    if client_secret:
        request.get("AuthParameters", request).update(with_secret)
    stubber.add_response(step.operation, step.answer, request)

    assert case.call(wrap(client, client_secret)) == case.result


@pytest.mark.parametrize(("name", "number"), REFUSALS)
def test_a_refusal_is_raised_unchanged_and_logged_in_one_line(
    client: CognitoIdentityProviderClient,
    stubber: Stubber,
    caplog: pytest.LogCaptureFixture,
    name: str,
    number: int,
) -> None:
    """Code and message reach the caller; the log has action and code, and nothing that the message quotes."""
    caplog.set_level(logging.DEBUG)
    steps = ALL_CASES[name].steps
    queue(stubber, steps[:number])
    stubber.add_client_error(steps[number].operation, "OddException", f"no {ACCESS_TOKEN} {PASSWORD}")

    with pytest.raises(ClientError) as refusal:
        ALL_CASES[name].call(wrap(client))

    assert refusal.value.response["Error"] == {
        "Code": "OddException",
        "Message": f"no {ACCESS_TOKEN} {PASSWORD}",
    }
    lines = [record.getMessage() for record in caplog.records if is_ours(record)]
    assert lines == [f"{refusal.value.operation_name} was refused: OddException"]


@pytest.mark.parametrize(
    ("name", "token"),
    [
        ("list_devices", "PaginationToken"),
        ("list_groups", "NextToken"),
        ("list_users_in_group", "NextToken"),
        ("admin_list_groups_for_user", "NextToken"),
        ("list_user_pools", "NextToken"),
    ],
)
def test_lists_have_what_all_pages_have(
    client: CognitoIdentityProviderClient, stubber: Stubber, name: str, token: str
) -> None:
    """Each page is asked for with the token of the one before; one of them may be empty."""
    (step,), items = CASES[name].steps, result_of(name)
    field = WRAPPED[name]
    for answer, page in (
        ({field: items, token: "page 1"}, {}),
        ({field: [], token: "page 2"}, {token: "page 1"}),
        ({field: items}, {token: "page 2"}),
    ):
        stubber.add_response(step.operation, answer, {**step.request, **page})

    assert CASES[name].call(wrap(client)) == items * 2


@pytest.mark.parametrize(
    "answer",
    [
        {"Username": USER, "UserAttributes": ATTRIBUTE_LIST},
        {"Username": USER, "Attributes": ATTRIBUTE_LIST},
        {"DeviceKey": DEVICE_KEY, "DeviceAttributes": ATTRIBUTE_LIST},
    ],
)
def test_attributes_come_out_as_a_mapping(answer: dict[str, Any]) -> None:
    """Whatever the list is called: users by GetUser and ListUsers, and devices."""
    assert attributes_of(answer) == ATTRIBUTES


def test_an_answer_without_attributes_has_none() -> None:
    """Neither a missing list nor a value that is left out is an error."""
    assert attributes_of({}) == attributes_of({"Attributes": None}) == {}
    assert attributes_of({"Attributes": [{"Name": "nickname"}]}) == {"nickname": ""}


@pytest.mark.parametrize(
    "answer",
    [{"ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": SESSION}, TOKENS, {}],
    ids=["another", "tokens", "nothing"],
)
def test_an_srp_sign_in_expects_the_passwords_proof(
    client: CognitoIdentityProviderClient, stubber: Stubber, answer: dict[str, Any]
) -> None:
    """Anything but PASSWORD_VERIFIER after SRP_A is an error that names it; no proof is sent."""
    stubber.add_response("initiate_auth", answer)

    with pytest.raises(UnexpectedChallengeError, match="Expected PASSWORD_VERIFIER"):
        wrap(client).start_srp_sign_in(USER, PASSWORD, cognito_srp)


@pytest.mark.parametrize("parameters", [{}, {"SALT": "x"}, {"SRP_B": "0"}], ids=["none", "no hex", "zero"])
def test_an_srp_sign_in_refuses_unsafe_values(
    client: CognitoIdentityProviderClient, stubber: Stubber, aws_srp: ModuleType, parameters: dict[str, str]
) -> None:
    """With each helper, nothing is proved to a server whose values are missing, malformed or forbidden."""
    values = {**SERVER_VALUES, **parameters} if parameters else {}
    stubber.add_response(
        "initiate_auth", {"ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": values}
    )

    with pytest.raises(UnsafeSrpValueError):
        wrap(client).start_srp_sign_in(USER, PASSWORD, aws_srp)


def test_a_device_answers_its_own_challenge_alone(client: CognitoIdentityProviderClient) -> None:
    """Another challenge is an error before anything is sent."""
    with pytest.raises(UnexpectedChallengeError, match="Expected DEVICE_SRP_AUTH"):
        wrap(client).respond_to_device_challenge(
            {"ChallengeName": "SMS_MFA", "Session": SESSION}, USER, *DEVICE, cognito_srp
        )


class TestPublishedSample:
    """Helpers and pools as callers of the published sample have them, mocks included."""

    def test_a_mocked_helper_confirms_a_device(
        self, client: CognitoIdentityProviderClient, stubber: Stubber
    ) -> None:
        """A MagicMock, whose every attribute is a MagicMock, is asked for what the sample asks for."""
        padded = iter(["123456", "567890"])
        helper = MagicMock()
        helper.hash_sha256 = lambda _text: "a hash"
        helper.pad_hex = lambda _number: next(padded)
        helper.hex_to_long = lambda _digits: 1234567890
        stubber.add_response(
            "confirm_device",
            {"UserConfirmationNecessary": False},
            {
                **DEVICE_OF_TOKEN,
                "DeviceSecretVerifierConfig": {"Salt": "EjRW", "PasswordVerifier": "VniQ"},
            },
        )

        assert wrap(client).confirm_mfa_device(USER, *DEVICE, ACCESS_TOKEN, helper) is False

    def test_a_mocked_helper_signs_in_from_a_device(
        self, client: CognitoIdentityProviderClient, stubber: Stubber
    ) -> None:
        """Challenges without parameters are the helper's business; its proof has key and name already."""

        class Exchange(MagicMock):
            def get_auth_params(self) -> dict[str, str]:
                return {"USERNAME": USER, "SRP_A": "an A", "DEVICE_KEY": DEVICE_KEY}

            def process_challenge(self, _challenge: Any) -> dict[str, str]:
                proof = {**PROOF, "TIMESTAMP": "now", "PASSWORD_CLAIM_SIGNATURE": "signature"}
                return {**proof, "USERNAME": USER, "DEVICE_KEY": DEVICE_KEY}

        steps = [
            initiate(
                "USER_PASSWORD_AUTH",
                {"ChallengeName": "DEVICE_SRP_AUTH"},
                USERNAME=USER,
                PASSWORD=PASSWORD,
                DEVICE_KEY=DEVICE_KEY,
            ),
            respond(
                "DEVICE_SRP_AUTH",
                {"ChallengeName": "DEVICE_PASSWORD_VERIFIER", "ChallengeParameters": {}},
                USERNAME=USER,
                SRP_A="an A",
                DEVICE_KEY=DEVICE_KEY,
            ),
            respond(
                "DEVICE_PASSWORD_VERIFIER",
                {"ChallengeName": "", **TOKENS},
                USERNAME=USER,
                DEVICE_KEY=DEVICE_KEY,
                TIMESTAMP="now",
                PASSWORD_CLAIM_SECRET_BLOCK=SECRET_BLOCK,
                PASSWORD_CLAIM_SIGNATURE="signature",
            ),
        ]
        queue(stubber, steps)
        helper: Any = SimpleNamespace(
            AWSSRP=Exchange, hash_sha256=MagicMock(), hex_hash=MagicMock(), pad_hex=MagicMock()
        )

        assert wrap(client).sign_in_with_tracked_device(USER, PASSWORD, *DEVICE, helper) == RESULT


class TestOneFile:
    """The wrapper as a file to copy, typed."""

    def test_boto3_is_all_it_needs(self, tmp_path: Path) -> None:
        """Copied to a folder of its own, it is imported without any other module of this project."""
        (tmp_path / "cognito_idp_actions.py").write_text((ROOT / "cognito_idp_actions.py").read_text())
        program = "import sys; sys.modules.update(mypy_boto3_cognito_idp=None); import cognito_idp_actions"

        subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)

    def test_every_public_method_is_documented_and_typed(self) -> None:
        """No method is without a docstring, a type for each argument, or one for what it returns."""
        methods = inspect.getmembers(CognitoIdentityProviderWrapper, inspect.isfunction)
        for name, method in methods:
            if not name.startswith("_"):
                signature = inspect.signature(method)
                parameters = list(signature.parameters.values())[1:]
                assert method.__doc__, name
                assert signature.return_annotation is not inspect.Signature.empty, name
                assert all(parameter.annotation is not parameter.empty for parameter in parameters), name

    def test_wrong_uses_are_found_by_mypy(self, tmp_path: Path) -> None:
        """In each line that is marked as wrong mypy --strict finds an error, and in no other."""
        program = textwrap.dedent(
            """
            import boto3
            import cognito_srp
            import requests
            from cognito_idp_actions import CognitoIdentityProviderWrapper, attributes_of
            from signed_in_user import SignedInUser, TokenAuth, TrackedDevice

            cognito = CognitoIdentityProviderWrapper(boto3.client("cognito-idp"), "eu-west-1_A", "client")
            user = SignedInUser.sign_in(cognito, "alice", "x", answer_challenge=lambda one: {one.name: ""})
            device: TrackedDevice = user.remember_device()
            requests.get("https://example.com", auth=TokenAuth(user), timeout=10)
            attributes: dict[str, str] = attributes_of(cognito.get_user(user.access_token))
            answer = cognito.start_srp_sign_in("alice", "password", cognito_srp, device_key=device.key)
            token: str = answer["AuthenticationResult"]["AccessToken"]
            names: list[str] = [group["GroupName"] for group in cognito.list_groups()]
            confirmed: bool = cognito.sign_up_user("alice", "x", "a@example.com", attributes={"name": "A"})

            cognito.update_user_attributes(token, {"email": 5})  # wrong
            cognito.admin_create_user("alice", message_action="QUIETLY")  # wrong
            cognito.respond_to_auth_challenge("alice", "NO_SUCH_CHALLENGE", None, {})  # wrong
            cognito.update_device_status(token, device.key, "forgotten")  # wrong
            cognito.change_password(token, "password")  # wrong
            answer["Tokens"]  # wrong
            cognito.start_sign_in("alice", "x")["SecretCod"]  # wrong
            cognito.get_mfa_secret("session")["SecretCod"]  # wrong
            cognito.admin_get_user("alice")["UserStatu"]  # wrong
            cognito.forgot_password("alice", client_metdata={})  # wrong
            cognito.forgot_password("alice", client_metadata={"from": "here"})
            TokenAuth(user, use="refresh")  # wrong
            SignedInUser.from_tokens(cognito, token)  # wrong
            number: int = user.access_token  # wrong
            device.password = "another"  # wrong
            """
        )
        (tmp_path / "program.py").write_text(program)
        mypy = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache")]
        options = ["--ignore-missing-imports", "--follow-imports=silent", str(tmp_path / "program.py")]

        printed = subprocess.run(
            [*mypy, *options], cwd=ROOT, capture_output=True, text=True, check=False
        ).stdout

        found = {int(line.split(":")[1]) for line in printed.splitlines() if ": error:" in line}
        wrong = {number for number, line in enumerate(program.splitlines(), 1) if line.endswith("# wrong")}
        assert found == wrong, printed
