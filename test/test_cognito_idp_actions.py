"""The wrapper against botocore's Stubber: exact requests, answers, refusals, and what is logged of them."""

from __future__ import annotations

import copy
import json
import logging
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError, NoCredentialsError, ParamValidationError
from botocore.stub import ANY
from pycognito import aws_srp as pycognito_srp

import cognito_srp
from cognito_idp_actions import (
    SignInError,
    SoftwareTokenNotOfferedError,
    UnexpectedChallengeError,
    UnsafeSrpValueError,
    challenge_user_name,
    secret_hash,
)
from test.support.stubbed_calls import (
    CLIENT_ID,
    CLIENT_SECRET,
    DELIVERY,
    DEVICE_KEY,
    METADATA,
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
    LAST_SESSION,
    NEXT_SESSION,
    PASSWORD,
    RESULT,
    SECRET_CODE,
    SESSION,
    USER,
    Case,
    is_ours,
    queue,
    queue_refusal,
    with_and_without_secret,
    wrap,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from botocore.awsrequest import AWSPreparedRequest
    from botocore.stub import Stubber
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from cognito_idp_actions import CognitoIdentityProviderWrapper


ROOT = Path(__file__).resolve().parent.parent


def sign_up_step(answer: dict[str, Any]) -> Call:
    attributes = [{"Name": "email", "Value": EMAIL}]
    request = {"ClientId": CLIENT_ID, "Username": USER, "Password": PASSWORD, "UserAttributes": attributes}
    return Call("sign_up", request, answer, "SecretHash")


def password_step(answer: dict[str, Any], user_name: str = USER) -> Call:
    request = {
        "UserPoolId": POOL_ID,
        "ClientId": CLIENT_ID,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": user_name, "PASSWORD": PASSWORD},
    }
    return Call("admin_initiate_auth", request, answer, "AuthParameters")


def mfa_step(answer: dict[str, Any], user_name: str = USER) -> Call:
    return response_step("SOFTWARE_TOKEN_MFA", answer, user_name, SOFTWARE_TOKEN_MFA_CODE=CODE)


def response_step(name: str, answer: dict[str, Any], user_name: str = USER, **responses: Any) -> Call:
    request = {
        "UserPoolId": POOL_ID,
        "ClientId": CLIENT_ID,
        "ChallengeName": name,
        "Session": SESSION,
        "ChallengeResponses": {"USERNAME": user_name, **responses},
    }
    return Call("admin_respond_to_auth_challenge", request, answer, "ChallengeResponses")


def challenge(name: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
    """Return an answer that asks for a challenge."""
    answer = {"ChallengeName": name, "ChallengeParameters": parameters}
    return answer if session is None else {**answer, "Session": session}


def device_srp(session: str | None = SESSION, **parameters: Any) -> dict[str, Any]:
    return challenge("DEVICE_SRP_AUTH", session, **parameters)


def device_verifier(session: str | None = NEXT_SESSION, **parameters: Any) -> dict[str, Any]:
    server = {"SALT": "8a02", "SRP_B": "499602d2", "SECRET_BLOCK": SECRET_BLOCK, **parameters}
    return challenge("DEVICE_PASSWORD_VERIFIER", session, **server)


def tracked_steps(*answers: dict[str, Any], names: tuple[str, str, str] = (USER, USER, USER)) -> list[Call]:
    """Return the steps of a sign-in with a tracked device that get these answers, each under its name."""
    initiate = {
        "ClientId": CLIENT_ID,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": names[0], "PASSWORD": PASSWORD, "DEVICE_KEY": DEVICE_KEY},
    }
    srp_a = {"USERNAME": names[1], "DEVICE_KEY": DEVICE_KEY, "SRP_A": ANY}
    proof = {
        "USERNAME": names[2],
        "DEVICE_KEY": DEVICE_KEY,
        "TIMESTAMP": ANY,
        "PASSWORD_CLAIM_SECRET_BLOCK": SECRET_BLOCK,
        "PASSWORD_CLAIM_SIGNATURE": ANY,
    }
    requests: list[tuple[str, dict[str, Any], str]] = [
        ("initiate_auth", initiate, "AuthParameters"),
        ("respond_to_auth_challenge", srp_a, "ChallengeResponses"),
        ("respond_to_auth_challenge", proof, "ChallengeResponses"),
    ]
    steps: list[Call] = []
    for (operation, request, hash_in), answer in zip(requests, answers, strict=False):
        if steps:
            request = _response_to(steps[-1].answer, request)  # noqa: PLW2901 wrapped in what carries it
        steps.append(Call(operation, request, answer, hash_in))
    return steps


def _response_to(answer: dict[str, Any], responses: dict[str, Any]) -> dict[str, Any]:
    request = {
        "ClientId": CLIENT_ID,
        "ChallengeName": answer.get("ChallengeName"),
        "ChallengeResponses": responses,
    }
    return {**request, "Session": answer["Session"]} if "Session" in answer else request


def sign_in_with_tracked_device(
    wrapper: CognitoIdentityProviderWrapper,
    user_name: str = USER,
    aws_srp: Any = pycognito_srp,
) -> Any:
    return wrapper.sign_in_with_tracked_device(user_name, PASSWORD, *DEVICE, aws_srp)


def confirm_mfa_device(wrapper: CognitoIdentityProviderWrapper, aws_srp: Any = pycognito_srp) -> bool:
    return wrapper.confirm_mfa_device(USER, *DEVICE, ACCESS_TOKEN, aws_srp)


MFA_SETUP = challenge("MFA_SETUP", SESSION, MFAS_CAN_SETUP='["SOFTWARE_TOKEN_MFA"]', USER_ID_FOR_SRP=USER)
ASSOCIATED = {"SecretCode": SECRET_CODE, "Session": NEXT_SESSION}
ASSOCIATE = Call("associate_software_token", {"Session": SESSION}, ASSOCIATED)
VERIFIED = {"Status": "SUCCESS", "Session": NEXT_SESSION}
USERS = [{"Username": USER, "UserStatus": "CONFIRMED", "Enabled": True}]
ASKS_MFA = challenge("SOFTWARE_TOKEN_MFA", SESSION, USER_ID_FOR_SRP=USER)
SIGNED_IN = {"AuthenticationResult": RESULT, "ChallengeParameters": {}}
CONFIRM_DEVICE = {
    "AccessToken": ACCESS_TOKEN,
    "DeviceKey": DEVICE_KEY,
    "DeviceSecretVerifierConfig": {"PasswordVerifier": ANY, "Salt": ANY},
}

ACCOUNT = {"ClientId": CLIENT_ID, "Username": USER}
RESEND = Call("resend_confirmation_code", ACCOUNT, {"CodeDeliveryDetails": DELIVERY}, "SecretHash")
CONFIRM = Call("confirm_sign_up", {**ACCOUNT, "ConfirmationCode": CODE}, {}, "SecretHash")
VERIFY = Call("verify_software_token", {"Session": SESSION, "UserCode": CODE}, VERIFIED)
REMEMBER = Call(
    "update_device_status",
    {"AccessToken": ACCESS_TOKEN, "DeviceKey": DEVICE_KEY, "DeviceRememberedStatus": "remembered"},
    {},
)
PREFERRED: Any = {"Enabled": True, "PreferredMfa": True}
PREFER = Call(
    "set_user_mfa_preference",
    {"AccessToken": ACCESS_TOKEN, "SoftwareTokenMfaSettings": PREFERRED},
    {},
)
LOOK_UP = Call(
    "admin_get_user",
    {"UserPoolId": POOL_ID, "Username": USER},
    {"Username": USER, "UserStatus": "FORCE_CHANGE_PASSWORD"},
)
NEW_PASSWORD = {"NEW_PASSWORD": PASSWORD, "userAttributes.name": "Alice"}


def sign_up(wrapper: CognitoIdentityProviderWrapper) -> bool:
    return wrapper.sign_up_user(USER, PASSWORD, EMAIL)


def start_sign_in(wrapper: CognitoIdentityProviderWrapper) -> Any:
    return wrapper.start_sign_in(USER, PASSWORD)


CASES = {
    "sign_up_user": Case(
        sign_up,
        [sign_up_step({"UserConfirmed": False, "UserSub": "1", "CodeDeliveryDetails": DELIVERY})],
        result=False,
    ),
    "sign_up_user, confirmed at once": Case(
        sign_up, [sign_up_step({"UserConfirmed": True, "UserSub": "1"})], result=True
    ),
    "admin_get_user": Case(lambda wrapper: wrapper.admin_get_user(USER), [LOOK_UP], LOOK_UP.answer),
    "resend_confirmation": Case(lambda wrapper: wrapper.resend_confirmation(USER), [RESEND], DELIVERY),
    "confirm_user_sign_up": Case(
        lambda wrapper: wrapper.confirm_user_sign_up(USER, CODE), [CONFIRM], result=True
    ),
    "describe_user_pool": Case(
        lambda wrapper: wrapper.describe_user_pool(),
        [Call("describe_user_pool", {"UserPoolId": POOL_ID}, {"UserPool": {"Id": POOL_ID}})],
        {"UserPool": {"Id": POOL_ID}},
    ),
    "get_user_pool_mfa_config": Case(
        lambda wrapper: wrapper.get_user_pool_mfa_config(),
        [Call("get_user_pool_mfa_config", {"UserPoolId": POOL_ID}, {"MfaConfiguration": "ON"})],
        {"MfaConfiguration": "ON"},
    ),
    "describe_user_pool_client": Case(
        lambda wrapper: wrapper.describe_user_pool_client(),
        [
            Call(
                "describe_user_pool_client",
                {"UserPoolId": POOL_ID, "ClientId": CLIENT_ID},
                {"UserPoolClient": {"ClientId": CLIENT_ID}},
            )
        ],
        {"UserPoolClient": {"ClientId": CLIENT_ID}},
    ),
    "list_users": Case(
        lambda wrapper: wrapper.list_users(),
        [Call("list_users", {"UserPoolId": POOL_ID}, {"Users": USERS})],
        USERS,
    ),
    "start_sign_in, MFA to set up": Case(
        start_sign_in, [password_step(MFA_SETUP), ASSOCIATE], {**MFA_SETUP, **ASSOCIATED}
    ),
    "start_sign_in, MFA set up": Case(start_sign_in, [password_step(ASKS_MFA)], ASKS_MFA),
    "start_sign_in, no MFA": Case(start_sign_in, [password_step(SIGNED_IN)], SIGNED_IN),
    "get_mfa_secret": Case(lambda wrapper: wrapper.get_mfa_secret(SESSION), [ASSOCIATE], ASSOCIATED),
    "verify_mfa": Case(lambda wrapper: wrapper.verify_mfa(SESSION, CODE), [VERIFY], VERIFIED),
    "get_mfa_secret, signed in": Case(
        lambda wrapper: wrapper.get_mfa_secret(access_token=ACCESS_TOKEN),
        [Call("associate_software_token", {"AccessToken": ACCESS_TOKEN}, {"SecretCode": SECRET_CODE})],
        {"SecretCode": SECRET_CODE},
    ),
    "verify_mfa, signed in": Case(
        lambda wrapper: wrapper.verify_mfa(None, CODE, ACCESS_TOKEN),
        [
            Call(
                "verify_software_token",
                {"AccessToken": ACCESS_TOKEN, "UserCode": CODE},
                {"Status": "SUCCESS"},
            )
        ],
        {"Status": "SUCCESS"},
    ),
    "set_user_mfa_preference": Case(
        lambda wrapper: wrapper.set_user_mfa_preference(ACCESS_TOKEN, PREFERRED), [PREFER], {}
    ),
    "set_user_mfa_preference, every factor": Case(
        lambda wrapper: wrapper.set_user_mfa_preference(
            ACCESS_TOKEN,
            software_token_mfa_settings=PREFERRED,
            sms_mfa_settings={"Enabled": False},
            email_mfa_settings={"Enabled": True},
        ),
        [
            Call(
                "set_user_mfa_preference",
                {
                    **PREFER.request,
                    "SMSMfaSettings": {"Enabled": False},
                    "EmailMfaSettings": {"Enabled": True},
                },
                {},
            )
        ],
        {},
    ),
    "admin_respond_to_auth_challenge, tokens": Case(
        lambda wrapper: wrapper.admin_respond_to_auth_challenge(
            USER, "SMS_MFA", SESSION, {"SMS_MFA_CODE": CODE}
        ),
        [response_step("SMS_MFA", SIGNED_IN, SMS_MFA_CODE=CODE)],
        SIGNED_IN,
    ),
    "admin_respond_to_auth_challenge, another one": Case(
        lambda wrapper: wrapper.admin_respond_to_auth_challenge(
            USER, "SELECT_MFA_TYPE", SESSION, {"ANSWER": "SMS_MFA"}
        ),
        [response_step("SELECT_MFA_TYPE", challenge("SMS_MFA", NEXT_SESSION), ANSWER="SMS_MFA")],
        challenge("SMS_MFA", NEXT_SESSION),
    ),
    "admin_respond_to_auth_challenge, MFA to set up": Case(
        lambda wrapper: wrapper.admin_respond_to_auth_challenge(
            USER, "NEW_PASSWORD_REQUIRED", SESSION, NEW_PASSWORD
        ),
        [response_step("NEW_PASSWORD_REQUIRED", MFA_SETUP, **NEW_PASSWORD)],
        MFA_SETUP,
    ),
    "respond_to_mfa_challenge": Case(
        lambda wrapper: wrapper.respond_to_mfa_challenge(USER, SESSION, CODE), [mfa_step(SIGNED_IN)], RESULT
    ),
    "confirm_mfa_device": Case(
        confirm_mfa_device,
        [Call("confirm_device", CONFIRM_DEVICE, {"UserConfirmationNecessary": True})],
        result=True,
    ),
    "confirm_mfa_device, remembered at once": Case(
        confirm_mfa_device,
        [Call("confirm_device", CONFIRM_DEVICE, {"UserConfirmationNecessary": False})],
        result=False,
    ),
    "update_device_status": Case(
        lambda wrapper: wrapper.update_device_status(ACCESS_TOKEN, DEVICE_KEY, "remembered"), [REMEMBER], {}
    ),
    "forget_device": Case(
        lambda wrapper: wrapper.forget_device(ACCESS_TOKEN, DEVICE_KEY),
        [Call("forget_device", {"AccessToken": ACCESS_TOKEN, "DeviceKey": DEVICE_KEY}, {})],
        result={},
    ),
    "delete_user": Case(
        lambda wrapper: wrapper.delete_user(ACCESS_TOKEN),
        [Call("delete_user", {"AccessToken": ACCESS_TOKEN}, {})],
        result={},
    ),
    "sign_in_with_tracked_device": Case(
        sign_in_with_tracked_device,
        tracked_steps(device_srp(USERNAME=USER), device_verifier(USERNAME=USER), SIGNED_IN),
        RESULT,
    ),
}
# Every place at which Cognito may refuse: (name of the case, number of the step).
REFUSALS = [(name, number) for name, case in CASES.items() for number in range(len(case.steps))]


@pytest.mark.parametrize(("case", "client_secret"), with_and_without_secret(CASES))
def test_sends_exactly_the_fields_that_are_called_for(
    client: CognitoIdentityProviderClient,
    stubber: Stubber,
    caplog: pytest.LogCaptureFixture,
    case: Case,
    client_secret: str | None,
) -> None:
    """Each method sends the request that its arguments call for, and returns the answer without metadata.

    The client's other results do not change, and nothing is logged.
    """
    caplog.set_level(logging.DEBUG)
    answers = [{**copy.deepcopy(step.answer), **METADATA} for step in case.steps]
    untouched = copy.deepcopy(answers)
    for step, answer in zip(case.steps, answers, strict=True):
        stubber.add_response(step.operation, answer, step.expected_request(client_secret))

    assert case.call(wrap(client, client_secret)) == case.result
    assert answers == untouched
    assert [record for record in caplog.records if is_ours(record)] == []


@pytest.mark.parametrize("name", ["confirm_user_sign_up", "respond_to_mfa_challenge"])
def test_an_empty_client_secret_is_none(
    client: CognitoIdentityProviderClient, stubber: Stubber, name: str
) -> None:
    """No secret hash is made from an empty client secret, which no app client can have."""
    queue(stubber, CASES[name].steps)

    assert CASES[name].call(wrap(client, "")) == CASES[name].result


@pytest.mark.parametrize(("name", "number"), REFUSALS)
def test_a_refusal_is_raised_unchanged_and_logged_in_one_line(
    client: CognitoIdentityProviderClient,
    stubber: Stubber,
    caplog: pytest.LogCaptureFixture,
    name: str,
    number: int,
) -> None:
    """A refusal at any request reaches the caller with code and message intact, after one line in the log."""
    caplog.set_level(logging.DEBUG)
    case = CASES[name]
    queue(stubber, case.steps[:number])
    queue_refusal(stubber, case.steps[number], "TooManyRequestsException", "Rate\nexceeded")

    with pytest.raises(ClientError) as refusal:
        case.call(wrap(client))

    assert refusal.value.response["Error"] == {
        "Code": "TooManyRequestsException",
        "Message": "Rate\nexceeded",
    }
    lines = [(record.levelname, record.message) for record in caplog.records if is_ours(record)]
    refused = f"{refusal.value.operation_name} was refused: TooManyRequestsException"
    assert lines == [("ERROR", refused)]


@pytest.mark.parametrize(("name", "number"), REFUSALS)
def test_no_value_that_was_sent_reaches_the_log(
    client: CognitoIdentityProviderClient,
    stubber: Stubber,
    caplog: pytest.LogCaptureFixture,
    name: str,
    number: int,
) -> None:
    """However Cognito's message quotes the request, the log has the code and none of the values."""
    caplog.set_level(logging.DEBUG)
    case = CASES[name]
    sent = values_in(case.steps[number].expected_request(CLIENT_SECRET))
    quoted = "; ".join(f"Value '{value}' at 'field', or '{value.upper()}', is wrong" for value in sent)
    queue(stubber, case.steps[:number], CLIENT_SECRET)
    stubber.add_client_error(case.steps[number].operation, "InvalidParameterException", quoted)

    with pytest.raises(ClientError):
        case.call(wrap(client, CLIENT_SECRET))

    assert sent
    assert "was refused: InvalidParameterException" in caplog.text
    assert [value for value in sent if value.casefold() in caplog.text.casefold()] == []


def values_in(fields: Any) -> list[str]:
    """Return every text in an expected request but the constants of the API."""
    if isinstance(fields, str):
        return [fields]
    if isinstance(fields, list):
        return [value for item in fields for value in values_in(item)]
    if not isinstance(fields, dict):
        return []  # ANY
    constant = {"AuthFlow", "ChallengeName", "Name"}
    return [value for name, item in fields.items() if name not in constant for value in values_in(item)]


def test_a_refusal_without_a_message_is_logged(
    client: CognitoIdentityProviderClient, stubber: Stubber, caplog: pytest.LogCaptureFixture
) -> None:
    """Where there is no message, the line is the same."""
    stubber.add_client_error("resend_confirmation_code", "OddException", cast("Any", None))

    with pytest.raises(ClientError):
        wrap(client).resend_confirmation(USER)

    assert caplog.messages == ["ResendConfirmationCode was refused: OddException"]


def test_a_program_without_logging_shows_no_log_line() -> None:
    """Where nobody set up logging, a refusal is not written to stderr behind the caller's back."""
    program = "import cognito_idp_actions; cognito_idp_actions.logger.error('refused')"

    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert (result.stdout, result.stderr) == ("", "")


def test_the_client_secret_is_not_in_the_repr(client: CognitoIdentityProviderClient) -> None:
    """Showing a wrapper does not show the client secret."""
    assert CLIENT_SECRET not in repr(wrap(client, CLIENT_SECRET))


@pytest.mark.parametrize(
    ("status", "confirmed"),
    [("CONFIRMED", True), ("UNCONFIRMED", False), ("FORCE_CHANGE_PASSWORD", False)],
)
def test_signing_up_an_existing_user_tells_its_state(
    client: CognitoIdentityProviderClient,
    stubber: Stubber,
    caplog: pytest.LogCaptureFixture,
    status: str,
    confirmed: bool,
) -> None:
    """A user name that exists is an expected answer: its state is looked up, and nothing is logged."""
    queue_refusal(stubber, sign_up_step({}), "UsernameExistsException", "User already exists")
    stubber.add_response(
        "admin_get_user",
        {"Username": USER, "UserStatus": status},
        {"UserPoolId": POOL_ID, "Username": USER},
    )

    assert wrap(client).sign_up_user(USER, PASSWORD, EMAIL) is confirmed
    assert caplog.messages == []


def test_an_existing_user_can_be_an_error(client: CognitoIdentityProviderClient, stubber: Stubber) -> None:
    """With existing_ok=False the refusal is raised, and nothing is looked up."""
    queue_refusal(stubber, sign_up_step({}), "UsernameExistsException", "User already exists")

    with pytest.raises(ClientError, match="User already exists"):
        wrap(client).sign_up_user(USER, PASSWORD, EMAIL, existing_ok=False)


def test_a_client_secret_can_be_set_later(client: CognitoIdentityProviderClient, stubber: Stubber) -> None:
    """A secret that was not known at first counts from when it is set."""
    wrapper = wrap(client)
    queue(stubber, [RESEND])
    queue(stubber, [RESEND], CLIENT_SECRET)

    wrapper.resend_confirmation(USER)
    wrapper.client_secret = CLIENT_SECRET

    assert wrapper.resend_confirmation(USER) == DELIVERY


def test_a_refused_look_up_of_an_existing_user_is_raised(
    client: CognitoIdentityProviderClient, stubber: Stubber, caplog: pytest.LogCaptureFixture
) -> None:
    """When AdminGetUser is refused, its error reaches the caller and the log."""
    stubber.add_client_error("sign_up", "UsernameExistsException", "User already exists")
    stubber.add_client_error("admin_get_user", "AccessDeniedException", "not authorized")

    with pytest.raises(ClientError, match="AccessDeniedException"):
        wrap(client).sign_up_user(USER, PASSWORD, EMAIL)

    assert caplog.messages == ["AdminGetUser was refused: AccessDeniedException"]


def test_list_users_reads_every_page(client: CognitoIdentityProviderClient, stubber: Stubber) -> None:
    """Users of all pages are returned in order, although a page may have none."""
    ann, bob, cy = ({"Username": name} for name in ("ann", "bob", "cy"))
    pages: list[tuple[dict[str, Any], dict[str, str]]] = [
        ({"Users": [ann, bob], "PaginationToken": "page 1"}, {}),
        ({"PaginationToken": "page 2"}, {"PaginationToken": "page 1"}),
        ({"Users": [cy]}, {"PaginationToken": "page 2"}),
    ]
    for answer, page in pages:
        stubber.add_response("list_users", answer, {"UserPoolId": POOL_ID, **page})

    assert [user["Username"] for user in wrap(client).list_users()] == ["ann", "bob", "cy"]


def test_users_come_one_by_one(client: Any, stubber: Any) -> None:
    """No page is asked for before a user of it is wanted; a filter goes with each request."""
    fields = {"UserPoolId": POOL_ID, "Filter": 'email ^= "a"'}
    stubber.add_response("list_users", {"Users": [{"Username": "ann"}], "PaginationToken": "1"}, fields)
    users = wrap(client).iter_users(filter=fields["Filter"])

    assert next(users)["Username"] == "ann"
    stubber.assert_no_pending_responses()
    stubber.add_response("list_users", {"Users": USERS}, fields | {"PaginationToken": "1"})
    assert list(users) == USERS


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_limit_on_users(client: Any, stubber: Any, limit: int) -> None:
    """Of more users than are wanted the rest is not asked for, by either method."""
    page = [{"Username": name} for name in ("ann", "bob", "cy")]
    for _ in range(2):
        stubber.add_response("list_users", {"Users": page, "PaginationToken": "1"}, {"UserPoolId": POOL_ID})

    assert list(wrap(client).iter_users(limit)) == page[:limit]
    assert wrap(client).list_users(limit=limit) == page[:limit]


def test_a_refused_second_page_is_raised_and_logged(
    client: CognitoIdentityProviderClient, stubber: Stubber, caplog: pytest.LogCaptureFixture
) -> None:
    """A refusal in the middle of the list is no shorter list."""
    stubber.add_response("list_users", {"Users": USERS, "PaginationToken": "page 1"})
    stubber.add_client_error("list_users", "TooManyRequestsException", "Rate exceeded")

    with pytest.raises(ClientError, match="TooManyRequestsException"):
        wrap(client).list_users()

    assert caplog.messages == ["ListUsers was refused: TooManyRequestsException"]


@pytest.mark.parametrize(
    "offered", ['["SOFTWARE_TOKEN_MFA"]', '["SMS_MFA", "SOFTWARE_TOKEN_MFA"]', "SOFTWARE_TOKEN_MFA"]
)
def test_totp_is_set_up_when_it_is_offered(
    client: CognitoIdentityProviderClient, stubber: Stubber, offered: str
) -> None:
    """A JSON list as text is read as one; the bare name that some emulators send is understood."""
    queue(stubber, [password_step(challenge("MFA_SETUP", SESSION, MFAS_CAN_SETUP=offered)), ASSOCIATE])

    answer = wrap(client).start_sign_in(USER, PASSWORD)

    assert (answer["SecretCode"], answer["Session"]) == (SECRET_CODE, NEXT_SESSION)


@pytest.mark.parametrize(
    ("offered", "named"),
    [
        ('["SMS_MFA"]', 'It offers: ["SMS_MFA"].'),
        ("SMS_MFA", "It offers: SMS_MFA."),
        ("[]", "It offers: []."),
        ("", "It offers: nothing."),
        (None, "It offers: nothing."),
    ],
)
def test_a_pool_without_totp_is_an_error_that_says_so(
    client: CognitoIdentityProviderClient, stubber: Stubber, offered: str | None, named: str
) -> None:
    """Unless SOFTWARE_TOKEN_MFA is a member of the list, the error names what is offered and the remedy."""
    parameters = {} if offered is None else {"MFAS_CAN_SETUP": offered}
    queue(stubber, [password_step(challenge("MFA_SETUP", SESSION, **parameters))])

    with pytest.raises(SoftwareTokenNotOfferedError, match="SetUserPoolMfaConfig") as refusal:
        wrap(client).start_sign_in(USER, PASSWORD)

    assert named in str(refusal.value)
    assert SESSION not in str(refusal.value)


@pytest.mark.parametrize(
    ("offered", "accepted"), [(["SOFTWARE_TOKEN_MFA"], True), (["SMS_MFA"], False), ([], False)]
)
def test_a_list_that_is_no_text_is_read_too(
    client: CognitoIdentityProviderClient, offered: list[str], accepted: bool
) -> None:
    """Emulators send MFAS_CAN_SETUP as a JSON list, which botocore hands on as it came over the wire."""
    setup = {**MFA_SETUP, "ChallengeParameters": {"MFAS_CAN_SETUP": offered}}
    answer_on_the_wire(client, "AdminInitiateAuth", setup)
    answer_on_the_wire(client, "AssociateSoftwareToken", ASSOCIATED)

    if accepted:
        assert wrap(client).start_sign_in(USER, PASSWORD)["SecretCode"] == SECRET_CODE
    else:
        with pytest.raises(SoftwareTokenNotOfferedError):
            wrap(client).start_sign_in(USER, PASSWORD)


class Body:
    """The body of an HTTP answer, as urllib3 gives it."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def stream(self, **_options: Any) -> Iterator[bytes]:
        """Give the whole body in one piece."""
        yield self.content


def answer_on_the_wire(client: CognitoIdentityProviderClient, operation: str, answer: dict[str, Any]) -> None:
    """Answer an operation with JSON over the wire; the Stubber would refuse types that are not AWS's."""

    def answer_request(request: AWSPreparedRequest, **_event: Any) -> Any:
        return AWSResponse(request.url, 200, cast("Any", {}), Body(json.dumps(answer).encode()))

    client.meta.events.register(f"before-send.cognito-idp.{operation}", answer_request)


def test_the_session_is_kept_when_the_secret_comes_without_one(
    client: CognitoIdentityProviderClient, stubber: Stubber
) -> None:
    """AssociateSoftwareToken without a Session leaves the Session of the challenge in force."""
    queue(
        stubber,
        [
            password_step(MFA_SETUP),
            Call("associate_software_token", {"Session": SESSION}, {"SecretCode": SECRET_CODE}),
        ],
    )

    assert wrap(client).start_sign_in(USER, PASSWORD) == {**MFA_SETUP, "SecretCode": SECRET_CODE}


@pytest.mark.parametrize("name", ["NEW_PASSWORD_REQUIRED", "SMS_MFA", "SELECT_MFA_TYPE"])
def test_other_challenges_are_left_to_the_caller(
    client: CognitoIdentityProviderClient, stubber: Stubber, name: str
) -> None:
    """start_sign_in returns a challenge that it has nothing to do with as it is."""
    answer = challenge(name, SESSION, USER_ID_FOR_SRP=USER)
    queue(stubber, [password_step(answer)])

    assert wrap(client).start_sign_in(USER, PASSWORD) == answer


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ({"ChallengeParameters": {"USER_ID_FOR_SRP": "id", "USERNAME": "name"}}, "id"),
        ({"ChallengeParameters": {"USERNAME": "name"}}, "name"),
        ({"ChallengeParameters": {}}, "typed"),
        ({}, "typed"),
    ],
)
def test_the_name_that_cognito_gave_goes_on(answer: dict[str, Any], name: str) -> None:
    """USER_ID_FOR_SRP comes before USERNAME, and both before what was typed."""
    assert challenge_user_name(answer, "typed") == name


@pytest.mark.parametrize("client_secret", [None, CLIENT_SECRET], ids=["no-secret", "secret"])
@pytest.mark.parametrize("name", [USER, EMAIL])
def test_the_code_is_sent_under_the_name_that_is_given(
    client: CognitoIdentityProviderClient, stubber: Stubber, client_secret: str | None, name: str
) -> None:
    """The wrapper remembers no name of an earlier answer: the caller says who answers, and hashes so."""
    alias_sign_in = password_step(challenge("SOFTWARE_TOKEN_MFA", SESSION, USER_ID_FOR_SRP=USER), EMAIL)
    queue(stubber, [alias_sign_in, mfa_step(SIGNED_IN, user_name=name)], client_secret)
    wrapper = wrap(client, client_secret)

    wrapper.start_sign_in(EMAIL, PASSWORD)

    assert wrapper.respond_to_mfa_challenge(name, SESSION, CODE) == RESULT


def test_another_challenge_after_the_code_is_named(
    client: CognitoIdentityProviderClient, stubber: Stubber
) -> None:
    """A challenge where tokens were expected is an error that names both, and no parameter values."""
    queue(stubber, [mfa_step(challenge("SMS_MFA", NEXT_SESSION, CODE_DELIVERY_DESTINATION="+*******9088"))])

    with pytest.raises(UnexpectedChallengeError) as wrong:
        wrap(client).respond_to_mfa_challenge(USER, SESSION, CODE)

    assert (wrong.value.expected, wrong.value.received) == ("tokens", "SMS_MFA")
    assert str(wrong.value) == (
        "Expected tokens, but Cognito answered with SMS_MFA"
        " (challenge parameters: CODE_DELIVERY_DESTINATION)."
    )


@pytest.mark.parametrize(
    ("first", "second", "names"),
    [
        ({"USERNAME": USER}, {}, (EMAIL, USER, USER)),
        ({"USERNAME": USER}, {"USERNAME": USER}, (EMAIL, USER, USER)),
        ({}, {"USERNAME": USER}, (EMAIL, EMAIL, USER)),
        ({}, {}, (EMAIL, EMAIL, EMAIL)),
    ],
    ids=["named-at-first", "named-twice", "named-late", "never-named"],
)
def test_a_device_signs_in_under_the_name_cognito_gave(
    client: CognitoIdentityProviderClient,
    stubber: Stubber,
    aws_srp: ModuleType,
    first: dict[str, str],
    second: dict[str, str],
    names: tuple[str, str, str],
) -> None:
    """With either helper, an alias goes out until a real name came; each hash is over the name beside it."""
    queue(
        stubber,
        tracked_steps(device_srp(**first), device_verifier(**second), SIGNED_IN, names=names),
        CLIENT_SECRET,
    )

    result = sign_in_with_tracked_device(wrap(client, CLIENT_SECRET), EMAIL, aws_srp)

    assert result == RESULT


@pytest.mark.parametrize("first", [None, SESSION], ids=["no-first-session", "first-session"])
@pytest.mark.parametrize("second", [None, NEXT_SESSION], ids=["no-second-session", "second-session"])
def test_a_session_is_passed_on_where_one_came(
    client: CognitoIdentityProviderClient, stubber: Stubber, first: str | None, second: str | None
) -> None:
    """Each device step carries the Session of the answer before it, and none when there was none."""
    queue(stubber, tracked_steps(device_srp(first), device_verifier(second), SIGNED_IN))

    assert sign_in_with_tracked_device(wrap(client)) == RESULT


WRONG_ANSWERS = {
    "DEVICE_SRP_AUTH": [
        challenge("SOFTWARE_TOKEN_MFA", LAST_SESSION, FRIENDLY_DEVICE_NAME="hers"),
        SIGNED_IN,
        {},
    ],
    "DEVICE_PASSWORD_VERIFIER": [device_srp(LAST_SESSION), SIGNED_IN, {}],
    "tokens": [challenge("SOFTWARE_TOKEN_MFA", LAST_SESSION, FRIENDLY_DEVICE_NAME="hers"), {}],
}


@pytest.mark.parametrize(
    ("expected", "answer"),
    [(expected, answer) for expected, answers in WRONG_ANSWERS.items() for answer in answers],
)
def test_a_wrong_challenge_at_any_device_step_is_named(
    client: CognitoIdentityProviderClient, stubber: Stubber, expected: str, answer: dict[str, Any]
) -> None:
    """The error names what was expected and what came, and gives away neither values, session nor tokens."""
    right = {"DEVICE_SRP_AUTH": [], "DEVICE_PASSWORD_VERIFIER": [device_srp()]}
    answers = [*right.get(expected, [device_srp(), device_verifier()]), answer]
    queue(stubber, tracked_steps(*answers))

    with pytest.raises(UnexpectedChallengeError) as wrong:
        sign_in_with_tracked_device(wrap(client))

    received = answer.get("ChallengeName") or ("tokens" if answer else None)
    assert (wrong.value.expected, wrong.value.received) == (expected, received)
    shown = repr(wrong.value)
    assert f"Expected {expected}, but Cognito answered with {received or 'no challenge'}" in shown
    assert ("FRIENDLY_DEVICE_NAME" in shown) == (
        "FRIENDLY_DEVICE_NAME" in answer.get("ChallengeParameters", {})
    )
    assert [secret for secret in ("hers", LAST_SESSION, ACCESS_TOKEN, PASSWORD) if secret in shown] == []


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (challenge("SOFTWARE_TOKEN_MFA"), "ChallengeRequiredOnNewDevice"),
        (challenge("EMAIL_OTP"), "not remembered"),
        (challenge("MFA_SETUP"), "Set up MFA"),
        (challenge("NEW_PASSWORD_REQUIRED"), "Set a new password"),
        (SIGNED_IN, "DeviceConfiguration is set"),
    ],
)
def test_the_error_says_what_to_do_next(
    client: CognitoIdentityProviderClient, stubber: Stubber, answer: dict[str, Any], advice: str
) -> None:
    """Where the reason of a wrong challenge is known, the message says how to get on."""
    queue(stubber, tracked_steps(answer))

    with pytest.raises(UnexpectedChallengeError, match=advice):
        sign_in_with_tracked_device(wrap(client))


N = int(pycognito_srp.N_HEX, 16)


@pytest.mark.parametrize(
    "unsafe",
    [
        *({"SRP_B": text} for text in ("0", "00", f"{N:x}", f"{N:X}", f"{2 * N:x}")),
        *({"SRP_B": text} for text in ("499602dg", "-499602d2", "")),
        *({"SALT": "salt"}, {"SALT": ""}, {"SECRET_BLOCK": "x"}),
    ],
)
def test_unsafe_values_are_refused_before_a_proof_is_sent(
    client: CognitoIdentityProviderClient, stubber: Stubber, aws_srp: ModuleType, unsafe: dict[str, str]
) -> None:
    """With any helper, values that RFC 5054 forbids, or that are not numbers, end the sign-in half-way."""
    given = {name: value for name, value in device_verifier(**unsafe)["ChallengeParameters"].items() if value}
    queue(stubber, tracked_steps(device_srp(), challenge("DEVICE_PASSWORD_VERIFIER", SESSION, **given)))
    sent = record_requests(client)

    with pytest.raises(UnsafeSrpValueError):
        sign_in_with_tracked_device(wrap(client), aws_srp=aws_srp)

    assert sent == ["InitiateAuth", "RespondToAuthChallenge"]


def record_requests(client: CognitoIdentityProviderClient) -> list[Any]:
    """Return a list that the name of every operation goes into as it is called."""
    sent = []
    client.meta.events.register(
        "provide-client-params.cognito-idp", lambda model, **_: sent.append(model.name)
    )
    return sent


def test_challenge_parameters_that_are_missing_altogether_are_refused(
    client: CognitoIdentityProviderClient, stubber: Stubber
) -> None:
    """A challenge without parameters is an error of ours, not a KeyError."""
    queue(stubber, tracked_steps(device_srp(), {"ChallengeName": "DEVICE_PASSWORD_VERIFIER"}))

    with pytest.raises(UnsafeSrpValueError, match="DEVICE_PASSWORD_VERIFIER came with unusable"):
        sign_in_with_tracked_device(wrap(client))


def test_u_of_zero_is_refused_before_a_proof_is_sent(
    client: CognitoIdentityProviderClient,
    stubber: Stubber,
    aws_srp: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """RFC 5054 forbids u = 0, which no real hash gives: the helper is made to say so."""
    monkeypatch.setattr(aws_srp, "hex_hash", lambda text: "0" * 64)
    queue(stubber, tracked_steps(device_srp(), device_verifier()))
    sent = record_requests(client)

    with pytest.raises(UnsafeSrpValueError):
        sign_in_with_tracked_device(wrap(client), aws_srp=aws_srp)

    assert sent == ["InitiateAuth", "RespondToAuthChallenge"]


class Helper:
    """An SRP helper that has nothing but what the wrapper assumes of one."""

    hash_sha256 = staticmethod(pycognito_srp.hash_sha256)
    hex_hash = staticmethod(pycognito_srp.hex_hash)
    hex_to_long = staticmethod(pycognito_srp.hex_to_long)
    get_random = staticmethod(lambda size: 2)
    pad_hex = staticmethod(pycognito_srp.pad_hex)

    class AWSSRP:
        """Made with keywords; knows its group; its proof has all that the request carries."""

        def __init__(
            self,
            *,
            username: str,
            password: str,
            pool_id: str,
            client_id: str,
            client: CognitoIdentityProviderClient,
        ) -> None:
            self.device_password = password
            self.big_n, self.large_a_value = N, 4

        def get_auth_params(self) -> dict[str, str]:
            """Return A, and more that the request does not take from here."""
            return {"USERNAME": "another user", "SRP_A": "4"}

        def process_challenge(self, challenge_parameters: dict[str, str]) -> dict[str, str]:
            """Return a proof, whatever was asked."""
            return {
                "TIMESTAMP": "now",
                "USERNAME": "another user",
                "PASSWORD_CLAIM_SECRET_BLOCK": SECRET_BLOCK,
                "PASSWORD_CLAIM_SIGNATURE": "signature",
                "DEVICE_KEY": "another device",
            }


@pytest.mark.parametrize("generator", ["val_g", "g"])
def test_the_group_is_read_from_the_helpers_object_when_its_module_has_none(
    client: CognitoIdentityProviderClient, stubber: Stubber, monkeypatch: pytest.MonkeyPatch, generator: str
) -> None:
    """A helper without constants gives N and g by its AWSSRP object, under either name of g."""
    monkeypatch.setattr(Helper.AWSSRP, generator, 2, raising=False)
    verifiers = []
    client.meta.events.register(
        "provide-client-params.cognito-idp",
        lambda params, **_: verifiers.append(params["DeviceSecretVerifierConfig"]),
    )
    monkeypatch.setattr(pycognito_srp, "get_random", Helper.get_random)
    for _ in range(2):
        stubber.add_response("confirm_device", {})

    confirm_mfa_device(wrap(client), Helper)
    confirm_mfa_device(wrap(client), pycognito_srp)

    assert verifiers[0] == verifiers[1]


@pytest.mark.parametrize("parameters", [{}, {"SALT": "2"}], ids=["none", "one"])
def test_a_helper_may_do_without_challenge_parameters(
    client: CognitoIdentityProviderClient, stubber: Stubber, parameters: dict[str, str]
) -> None:
    """What a helper of one's own doesn't read need not be there; key and name of its proof are set right."""
    steps = tracked_steps(
        device_srp(), challenge("DEVICE_PASSWORD_VERIFIER", SESSION, **parameters), SIGNED_IN
    )
    queue(stubber, steps)

    assert sign_in_with_tracked_device(wrap(client), aws_srp=Helper) == RESULT


@pytest.mark.parametrize("parameters", [{"SALT": 5}, {"SALT": None}, {"SECRET_BLOCK": 5}, {"SRP_B": []}])
def test_values_of_other_types_are_refused(
    client: CognitoIdentityProviderClient, parameters: dict[str, Any]
) -> None:
    """A number or null where Cognito sends text is an error of ours, not a TypeError."""
    answer_on_the_wire(client, "InitiateAuth", device_srp())
    answer_on_the_wire(client, "RespondToAuthChallenge", device_verifier(**parameters))

    with pytest.raises(UnsafeSrpValueError):
        sign_in_with_tracked_device(wrap(client), aws_srp=cognito_srp)


@pytest.mark.parametrize(
    "error", [UnexpectedChallengeError, SoftwareTokenNotOfferedError, UnsafeSrpValueError]
)
def test_errors_of_the_module_have_one_base(
    error: type[SoftwareTokenNotOfferedError | UnexpectedChallengeError | UnsafeSrpValueError],
) -> None:
    """A caller catches everything that is not Cognito's refusal as SignInError, which is a RuntimeError."""
    assert issubclass(error, SignInError)
    assert issubclass(SignInError, RuntimeError)


def test_a_code_too_short_is_refused_by_boto3(client: CognitoIdentityProviderClient) -> None:
    """verify_mfa leaves botocore's own check of the length as it is, and nothing is sent."""
    with pytest.raises(ParamValidationError):
        wrap(client).verify_mfa(SESSION, "12345")


@pytest.mark.parametrize("change", [{"user_name": "x"}, {"client_id": "x"}, {"client_secret": "x"}])
def test_the_secret_hash_depends_on_all_three(change: dict[str, str]) -> None:
    """The hash is HMAC-SHA256 over name and client ID under the secret: it changes with each."""
    of_alice = {"user_name": USER, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}

    assert secret_hash(**of_alice) == expected_hash(USER)
    assert secret_hash(**{**of_alice, **change}) != expected_hash(USER)


def test_a_request_without_a_stub_does_not_leave_this_machine(client: CognitoIdentityProviderClient) -> None:
    """The guard that all tests run under stops an unstubbed call before the name is even looked up."""
    with pytest.raises(pytest.fail.Exception, match=r"cognito-idp\.eu-west-1\.amazonaws\.com"):
        wrap(client).get_mfa_secret(SESSION)


@pytest.mark.parametrize("connect", ["connect", "connect_ex"])
def test_a_socket_does_not_connect_beyond_loopback(connect: str) -> None:
    """An address that needs no look-up, here one that RFC 5737 sets aside, is stopped as well."""
    with socket.socket() as unconnected:
        unconnected.settimeout(0)  # without the guard this must not wait

        with pytest.raises(pytest.fail.Exception, match=r"192\.0\.2\.1"):
            getattr(unconnected, connect)(("192.0.2.1", 443))


def test_the_environment_has_no_credentials_to_offer() -> None:
    """A client without explicit credentials finds none, and there is no home to find any in."""
    bare = boto3.session.Session(region_name="eu-west-1").client("cognito-idp")

    with pytest.raises(NoCredentialsError):
        wrap(bare).list_users()
    assert not Path.home().exists()
    assert {name for name in os.environ if name.startswith("AWS_")} == {
        "AWS_CONFIG_FILE",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_SHARED_CREDENTIALS_FILE",
    }
