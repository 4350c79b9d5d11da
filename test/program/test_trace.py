"""The trace of calls: what is shown and drawn of each, with labels for secrets; it only looks on."""

from __future__ import annotations

import io
import itertools
import json
import logging
import re
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import boto3
import botocore.endpoint
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    NoCredentialsError,
    ParamValidationError,
    ProxyConnectionError,
    ReadTimeoutError,
)
from botocore.stub import Stubber
from pycognito import aws_srp
from rich.console import Console

from local_cognito import LocalCognito
from program.trace import Trace
from scenario.labels import Labels
from terminal import Terminal
from test.support.scenario_calls import (
    CODE,
    EMAIL,
    PASSWORD,
    TOKENS,
    USER,
    session,
)
from test.support.stage import output_of, quiet_terminal
from test.support.stubbed_calls import (
    CLIENT_ID,
    DEVICE_GROUP_KEY,
    DEVICE_KEY,
    POOL_ID,
    SECRET_BLOCK,
)
from test.test_leaks import Secrets
from test.test_on_local_pool import DEVICE_PASSWORD, enrol, refused, sign_in, sign_up, strict_pool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import Shape
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

ACCOUNT: dict[str, Any] = {"ClientId": CLIENT_ID, "Username": USER}
CONFIRMATION: dict[str, Any] = {**ACCOUNT, "ConfirmationCode": CODE}
# Every line that a diagram may have between its participants and its end.
DIAGRAM_LINE = (
    r"    (Note over P,C|P->>C|P-xC|C-->>P|C--xP|P->>A): (?:[\w.,=()/+@: -]|#(?:[lg]t|\d+);|<br/>)+"
)
# Of what `Secrets` collects, that which may be shown: settings, and which device it is.
OPEN = {"ClientName", "DEVICE_KEY", "DeviceGroupKey", "DeviceKey"}
# What the model does not mark and the trace labels all the same; and what it marks, and is no secret.
HIDDEN_SHAPES = {"ConfirmationCodeType", "DeviceSecretVerifierConfigType", "ChallengeParametersType"}
OPEN_SHAPES = {"ClientIdType", "UsernameType"}


class Ticks:
    """A clock that is a step further each time it is read."""

    def __init__(self, step: float) -> None:
        self._times = itertools.count(0, step)

    def __call__(self) -> float:
        """Return the next time."""
        return next(self._times)


def follow(client: Any, *, width: int | None = None, seconds: float = 0.034) -> tuple[Trace, Terminal]:
    """Follow that client in a file, or on a terminal of that width; so many seconds between two looks."""
    terminal = quiet_terminal()
    if width:
        file = io.StringIO()
        terminal = Terminal(Console(file=file, width=width, force_terminal=True, color_system=None))
    trace = Trace(Labels(), terminal, Ticks(seconds))
    trace.attach(client)
    return trace, terminal


def lines(terminal: Terminal) -> list[str]:
    """Return the lines on that terminal."""
    return output_of(terminal).splitlines()


def drawn(trace: Trace) -> list[str]:
    """Return the lines of a diagram, without what all diagrams have."""
    text = trace.diagram("A run")
    return [line.strip() for line in text.split("Amazon Cognito\n")[1].removesuffix("```\n").splitlines()]


def retrying_client() -> Any:
    """Return a client that tries three times."""
    return boto3.client(
        "cognito-idp",
        region_name="eu-west-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"mode": "standard", "total_max_attempts": 3}),
    )


def answer_with(client: Any, *answers: AWSResponse | Exception) -> list[bytes]:
    """Let these come back, one for each attempt; return the list that the requests' bodies go to."""
    left, bodies = list(answers), []

    def send(request: Any, **_: Any) -> AWSResponse:
        bodies.append(request.body)
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    client.meta.events.register("before-send", send)
    return bodies


def http(status: int, **body: Any) -> AWSResponse:
    """Return an answer as HTTP brings it."""
    raw = SimpleNamespace(stream=lambda: [json.dumps(body).encode()])
    return AWSResponse("https://cognito-idp.example", status, cast("Any", {}), raw)


@pytest.fixture
def server() -> Iterator[LocalCognito]:
    """Run local pools."""
    with LocalCognito() as running:
        yield running


# What is shown of a call


def test_call_and_answer(client: CognitoIdentityProviderClient, stubber: Stubber) -> None:
    """A call is one line, what comes back another: fields with labels, HTTP status and time."""
    request: dict[str, Any] = {
        "UserPoolId": POOL_ID,
        "ClientId": CLIENT_ID,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": USER, "PASSWORD": PASSWORD},
    }
    parameters = {"MFAS_CAN_SETUP": '["SOFTWARE_TOKEN_MFA"]', "USER_ID_FOR_SRP": USER}
    answer = {"ChallengeName": "MFA_SETUP", "Session": session(1), "ChallengeParameters": parameters}
    stubber.add_response("admin_initiate_auth", answer, request)
    _, terminal = follow(client)

    client.admin_initiate_auth(**request)

    sent, received = lines(terminal)
    assert sent == (
        f"-> AdminInitiateAuth  UserPoolId={POOL_ID}  ClientId={CLIENT_ID}  AuthFlow=ADMIN_USER_PASSWORD_AUTH"
        "  AuthParameters={USERNAME=alice, PASSWORD=<password>}"
    )
    assert received == (
        "<- ChallengeName=MFA_SETUP  Session=<session 1>  ChallengeParameters={MFAS_CAN_SETUP="
        '["SOFTWARE_TOKEN_MFA"], USER_ID_FOR_SRP=alice}  (200, 34 ms)'
    )


def test_empty_answer(client: CognitoIdentityProviderClient, stubber: Stubber) -> None:
    """An answer without fields is one that says so; ResponseMetadata is none."""
    stubber.add_response("confirm_sign_up", {"ResponseMetadata": {"RequestId": "5e1f"}}, CONFIRMATION)
    _, terminal = follow(client)

    client.confirm_sign_up(**CONFIRMATION)

    assert lines(terminal)[1:] == ["<- an empty answer  (200, 34 ms)"]


def test_refusal(client: CognitoIdentityProviderClient, stubber: Stubber) -> None:
    """A refusal is shown with its code, its message, HTTP status and time."""
    stubber.add_client_error("confirm_sign_up", "CodeMismatchException", "Invalid code.", 400)
    _, terminal = follow(client)

    with pytest.raises(ClientError):
        client.confirm_sign_up(**CONFIRMATION)

    assert lines(terminal)[1:] == ["<- refused: CodeMismatchException: Invalid code.  (400, 34 ms)"]


def test_at_80_columns(client: CognitoIdentityProviderClient, stubber: Stubber) -> None:
    """Lines are wrapped between fields and indented; a time stays in one piece."""
    request: dict[str, Any] = {
        "UserPoolId": POOL_ID,
        "ClientId": CLIENT_ID,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
    }
    stubber.add_client_error("admin_initiate_auth", "NotAuthorizedException", "Incorrect name or word.", 400)
    _, terminal = follow(client, width=80)

    with pytest.raises(ClientError):
        client.admin_initiate_auth(**request)

    assert lines(terminal) == [
        "-> AdminInitiateAuth  UserPoolId=eu-west-1_AbCdEf123",
        f"   ClientId={CLIENT_ID}  AuthFlow=ADMIN_USER_PASSWORD_AUTH",
        "<- refused: NotAuthorizedException: Incorrect name or word.  (400, 34 ms)",
    ]
    assert "\N{NO-BREAK SPACE}" not in output_of(terminal)


def test_file_has_whole_lines(client: CognitoIdentityProviderClient, stubber: Stubber) -> None:
    """In a file nothing is wrapped, however long it is: a line can be searched for."""
    stubber.add_response("list_users", {"Users": []}, {"UserPoolId": POOL_ID, "Filter": "x" * 75})
    _, terminal = follow(client)

    client.list_users(UserPoolId=POOL_ID, Filter="x" * 75)

    assert lines(terminal)[0] == f"-> ListUsers  UserPoolId={POOL_ID}  Filter={'x' * 75}"


def test_time_is_not_broken(client: CognitoIdentityProviderClient, stubber: Stubber) -> None:
    """Where a time does not fit into the line any more, all of it goes to the next."""
    message = "x" * (80 - len("<- refused: LimitExceededException:   (400, 34") - 1)
    stubber.add_client_error("confirm_sign_up", "LimitExceededException", message, 400)
    _, terminal = follow(client, width=80)

    with pytest.raises(ClientError):
        client.confirm_sign_up(**CONFIRMATION)

    assert lines(terminal)[-1] == "   (400, 34 ms)"


def test_list_that_comes_back_is_counted(client: CognitoIdentityProviderClient, stubber: Stubber) -> None:
    """Of a list in an answer there is the number of items; a long value is its length."""
    answer = {"Users": [{"Username": USER}, {"Username": "bob"}], "PaginationToken": "page" * 21}
    stubber.add_response("list_users", answer)
    stubber.add_response("list_users", {"Users": [{"Username": USER}]})
    _, terminal = follow(client)

    client.list_users(UserPoolId=POOL_ID)
    client.list_users(UserPoolId=POOL_ID)

    assert lines(terminal)[1::2] == [
        "<- Users=(2 items)  PaginationToken=(84 characters)  (200, 34 ms)",
        "<- Users=(1 item)  (200, 34 ms)",
    ]


def test_values_that_are_not_text(client: CognitoIdentityProviderClient, stubber: Stubber) -> None:
    """Flags are as in JSON, numbers and times as one reads them."""
    created = datetime(2025, 11, 21, 1, 2, 3, tzinfo=timezone.utc)
    stubber.add_response("admin_get_user", {"Username": USER, "Enabled": True, "UserCreateDate": created})
    _, terminal = follow(client)

    client.admin_get_user(UserPoolId=POOL_ID, Username=USER)

    shown = "<- Username=alice  Enabled=true  UserCreateDate=2025-11-21 01:02:03+00:00  (200, 34 ms)"
    assert lines(terminal)[1:] == [shown]


def test_ascii_terminal(client: CognitoIdentityProviderClient, stubber: Stubber) -> None:
    """A terminal without UTF-8 shows all of it, with nothing replaced by an escape."""
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    trace = Trace(Labels(), Terminal(Console(file=file, width=80, color_system=None)))
    trace.attach(client)
    stubber.add_response("list_users", {"Users": []})

    client.list_users(UserPoolId=POOL_ID)

    file.flush()
    text = file.buffer.getvalue().decode("ascii")
    assert text.startswith("-> ListUsers")
    assert "\n<- Users=" in text
    assert "\\" not in text


# Attempts and failures


def test_retried_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each attempt that brought nothing is shown when the next one starts; the pause is not in its time."""
    client = retrying_client()
    broken = http(500, __type="InternalErrorException", message="Something broke.")
    answer_with(client, ReadTimeoutError(endpoint_url="https://x"), broken, http(200, Users=[]))
    trace, terminal = follow(client, seconds=4)
    pause = SimpleNamespace(sleep=lambda _seconds: trace._clock())  # noqa: SLF001 - nothing public tells it
    monkeypatch.setattr(botocore.endpoint, "time", pause)

    client.list_users(UserPoolId=POOL_ID)

    assert lines(terminal) == [
        f"-> ListUsers  UserPoolId={POOL_ID}",
        "<- no answer: ReadTimeoutError  (4.0 s); attempt 2 follows",
        "<- refused: InternalErrorException: Something broke.  (500, 4.0 s); attempt 3 follows",
        "<- Users=(0 items)  (200, 4.0 s)",
    ]
    assert drawn(trace) == [
        "P->>C: ListUsers",
        "C--xP: no answer, ReadTimeoutError (4.0 s)",
        "P->>C: ListUsers (attempt 2)",
        "C-->>P: refused, InternalErrorException (4.0 s)",
        "P->>C: ListUsers (attempt 3)",
        "C-->>P: Users=(0 items) (4.0 s)",
    ]


def test_no_answer(client: CognitoIdentityProviderClient) -> None:
    """A failure without an answer is shown by its kind; its text may have a proxy's password in it."""
    answer_with(client, ProxyConnectionError(proxy_url="http://me:proxy-password@proxy.example"))
    trace, terminal = follow(client, seconds=8)

    with pytest.raises(ProxyConnectionError):
        client.list_users(UserPoolId=POOL_ID)

    assert lines(terminal)[1:] == ["<- no answer: ProxyConnectionError  (8.0 s)"]
    assert drawn(trace) == ["P->>C: ListUsers", "C--xP: no answer, ProxyConnectionError (8.0 s)"]


def test_request_that_cannot_be_signed() -> None:
    """Without credentials no request is made, and that is shown as well."""
    client = boto3.Session().client("cognito-idp", region_name="eu-west-1")
    _, terminal = follow(client)

    with pytest.raises(NoCredentialsError):
        client.list_users(UserPoolId=POOL_ID)

    assert lines(terminal)[1:] == ["<- no answer: NoCredentialsError  (34 ms)"]


def test_parameters_that_boto3_refuses(client: CognitoIdentityProviderClient) -> None:
    """What boto3 itself refuses is shown as not sent, and without its value."""
    trace, terminal = follow(client)

    with pytest.raises(ParamValidationError):
        client.verify_software_token(Session=session(1), UserCode="12345")

    assert lines(terminal) == [
        "-> VerifySoftwareToken  Session=<session 1>  UserCode=<code>",
        "<- not sent: boto3 refuses the parameters",
    ]
    assert drawn(trace) == [
        "P-xC: VerifySoftwareToken (Session=#lt;session 1#gt;, UserCode=#lt;code#gt;,<br/>not sent)"
    ]


# Secrets


class Sample:
    """Values for every field of a shape, each text another one.

    Args:
        prefix: what each text begins with.
        with_lists: whether what is in lists is to be shown.

    Attributes:
        secret: the texts that may not be shown.
        open: the texts that are to be shown.
    """

    def __init__(self, prefix: str, *, with_lists: bool) -> None:
        self.secret: set[str] = set()
        self.open: set[str] = set()
        self._prefix = prefix
        self._with_lists = with_lists

    def of(self, shape: Any, *, hidden: bool = False, around: tuple[str, ...] = ()) -> Any:
        """Return a value of that shape; `around` are the shapes that it is in."""
        if shape is None:
            return {}
        marked = "sensitive" in shape.metadata and shape.name not in OPEN_SHAPES
        hidden = hidden or marked or shape.name in HIDDEN_SHAPES
        around += (shape.name,)
        if shape.type_name == "structure":
            members = {name: member for name, member in shape.members.items() if member.name not in around}
            return {name: self.of(member, hidden=hidden, around=around) for name, member in members.items()}
        if shape.type_name == "map":
            return {"KEY": self.of(shape.value, hidden=hidden, around=around)}
        if shape.type_name == "list":
            return [self.of(shape.member, hidden=hidden or not self._with_lists, around=around)]
        return self._leaf(shape, hidden=hidden)

    def _leaf(self, shape: Shape, *, hidden: bool) -> Any:
        if shape.type_name == "string":
            kind = self.secret if hidden else self.open
            text = f"{self._prefix}-{len(self.secret)}-{len(self.open)}-".ljust(
                shape.metadata.get("min", 0), "x"
            )
            kind.add(text)
            return text
        others = {"boolean": True, "blob": b"", "timestamp": datetime.now(timezone.utc), "double": 1.5}
        return others.get(shape.type_name, shape.metadata.get("min", 1))


def test_every_field_that_the_model_marks(client: CognitoIdentityProviderClient) -> None:
    """In every action a field marked as sensitive is labelled, and all others are shown."""
    model = client.meta.service_model
    trace, terminal = follow(client)
    requests, answers = Sample("sent", with_lists=True), Sample("received", with_lists=False)

    with Stubber(client) as stubber:
        for method, action in client.meta.method_to_api_mapping.items():
            operation = model.operation_model(action)
            stubber.add_response(method, answers.of(operation.output_shape))
            getattr(client, method)(**requests.of(operation.input_shape))

    shown = output_of(terminal)
    assert len(lines(terminal)) == 2 * len(model.operation_names)
    for sample in (requests, answers):
        assert len(sample.secret) > 20
        assert [text for text in sample.secret if text in shown + trace.diagram("A run")] == []
        assert [text for text in sample.open if text not in shown] == []


@pytest.mark.parametrize(
    ("method", "request_", "shown"),
    [
        ("confirm_sign_up", CONFIRMATION, "ConfirmationCode=<code>"),
        (
            "verify_user_attribute",
            {"AccessToken": "x", "AttributeName": "email", "Code": CODE},
            "Code=<code>",
        ),
        (
            "confirm_device",
            {
                "AccessToken": "x",
                "DeviceKey": DEVICE_KEY,
                "DeviceSecretVerifierConfig": {"PasswordVerifier": "dmVy", "Salt": "c2FsdA"},
            },
            "DeviceSecretVerifierConfig={PasswordVerifier=<verifier, 3 bytes>, Salt=<salt>}",
        ),
    ],
)
def test_what_the_model_forgets_to_mark(
    client: CognitoIdentityProviderClient, stubber: Stubber, method: str, request_: dict[str, Any], shown: str
) -> None:
    """Confirmation codes and the verifier of a device's password are labelled too."""
    stubber.add_response(method, {}, request_)
    _, terminal = follow(client)

    getattr(client, method)(**request_)

    assert lines(terminal)[0].endswith(f"  {shown}")


def test_challenge_parameters(client: CognitoIdentityProviderClient, stubber: Stubber) -> None:
    """Of challenge parameters settings, names and a masked destination are shown, of others labels."""
    shown = {
        "MFAS_CAN_SETUP": '["SOFTWARE_TOKEN_MFA"]',
        "MFAS_CAN_CHOOSE": '["SMS_MFA"]',
        "CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL",
        "CODE_DELIVERY_DESTINATION": "a***@e***",
        "requiredAttributes": '["userAttributes.name"]',
        "USERNAME": USER,
        "USER_ID_FOR_SRP": USER,
    }
    secret = {
        "userAttributes": f'{{"email":"{EMAIL}"}}',
        "SALT": "8a02",
        "SRP_B": "499602d2" * 96,
        "SECRET_BLOCK": SECRET_BLOCK,
        "something_of_a_custom_challenge": "what is it",
    }
    labels = {
        "userAttributes": "<userAttributes>",
        "SALT": "<salt, 2 bytes>",
        "SRP_B": "<SRP_B, 384 bytes>",
        "SECRET_BLOCK": "<secret block, 17 bytes>",
        "something_of_a_custom_challenge": "<something_of_a_custom_challenge>",
    }
    answer = {"ChallengeName": "CUSTOM_CHALLENGE", "ChallengeParameters": shown | secret}
    stubber.add_response("initiate_auth", answer)
    _, terminal = follow(client)

    client.initiate_auth(AuthFlow="CUSTOM_AUTH", ClientId=CLIENT_ID)

    expected = ", ".join(f"{name}={value}" for name, value in (shown | labels).items())
    assert f"ChallengeParameters={{{expected}}}" in lines(terminal)[1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"Pasword": PASSWORD},
        {"UserAttributes": PASSWORD},
        {"UserAttributes": {"email": PASSWORD}},
        {"ClientMetadata": [PASSWORD]},
        {"AnalyticsMetadata": PASSWORD},
        {"AnalyticsMetadata": {"AnalyticsEndpointId": {"x": PASSWORD}}},
        {"AnalyticsMetadata": {"Password": PASSWORD}},
    ],
    ids=str,
)
def test_parameters_that_do_not_fit_the_model(
    client: CognitoIdentityProviderClient, wrong: dict[str, Any]
) -> None:
    """A field that the model does not have, or has with another type, is labelled."""
    _, terminal = follow(client)

    with pytest.raises(ParamValidationError):
        client.sign_up(**wrong)

    shown, refusal = lines(terminal)
    assert shown.startswith(f"-> SignUp  {next(iter(wrong))}=")
    assert "<" in shown
    assert PASSWORD not in shown
    assert refusal == "<- not sent: boto3 refuses the parameters"


def test_refusal_that_quotes_what_was_sent(client: CognitoIdentityProviderClient, stubber: Stubber) -> None:
    """No secret that was sent is in code or message of a refusal, in whatever case it comes back."""
    request: dict[str, Any] = {
        **ACCOUNT,
        "Password": PASSWORD,
        "UserAttributes": [{"Name": "email", "Value": EMAIL}],
    }
    message = f"Value '{PASSWORD.upper()}' of {USER}, {EMAIL}: no."
    stubber.add_client_error("sign_up", f"Not{PASSWORD}", message, 400)
    trace, terminal = follow(client)

    with pytest.raises(ClientError):
        client.sign_up(**request)

    assert lines(terminal)[1:] == [
        f"<- refused: Not<password>: Value '<password>' of {USER}, {EMAIL}: no.  (400, 34 ms)"
    ]
    assert drawn(trace)[1] == "C-->>P: refused, Not#lt;password#gt; (34 ms)"


def test_no_secret_of_a_whole_scenario(server: LocalCognito) -> None:
    """Of a run on the local pool, refusals and all, neither screen nor diagram has a secret."""
    pool = strict_pool(server, with_secret=True)
    trace, terminal = follow(pool.client)
    secrets = Secrets()
    secrets.watch(pool.client)
    secrets.add("client secret", pool.secret)
    secrets.add("device password", DEVICE_PASSWORD)
    wrapper = pool.wrapper()

    wrapper.describe_user_pool_client()
    refused("InvalidPasswordException", wrapper.sign_up_user, USER, "Short1!", EMAIL)
    sign_up(server, wrapper, USER)
    refused("InvalidParameterException", wrapper.confirm_user_sign_up, USER, f"my {PASSWORD}")
    wrapper.list_users()
    totp_secret, step = enrol(wrapper, USER)
    tokens = sign_in(wrapper, USER, totp_secret, step + 1)
    device = tokens["NewDeviceMetadata"]["DeviceKey"], tokens["NewDeviceMetadata"]["DeviceGroupKey"]
    wrapper.confirm_mfa_device(USER, *device, DEVICE_PASSWORD, tokens["AccessToken"], aws_srp)
    wrapper.sign_in_with_tracked_device(USER, PASSWORD, *device, DEVICE_PASSWORD, aws_srp)

    shown, diagram = output_of(terminal), trace.diagram("A run")
    private = {name: values for name, values in secrets.values.items() if name not in OPEN}
    for name in ("Password", "SecretHash", "ConfirmationCode", "SecretCode", "UserCode", "AccessToken"):
        assert private[name]
    assert {name for name, values in private.items() if any(value in shown for value in values)} == set()
    assert {name for name, values in private.items() if any(value in diagram for value in values)} == set()
    assert shown.count("refused: ") == diagram.count("refused, ") == 5
    for label in ("session 1", "access token 2", "secret block, 900 bytes"):
        assert f"<{label}>" in " ".join(shown.split())
        assert f"#lt;{label}#gt;" in diagram.replace("<br/>", " ")


# The diagram


def test_diagram(
    client: CognitoIdentityProviderClient, stubber: Stubber, capsys: pytest.CaptureFixture[str]
) -> None:
    """It has steps, calls with what tells them apart, and what came back; without a terminal, it is all."""
    trace = Trace(Labels(), clock=Ticks(0.034))
    trace.attach(client)
    pool: dict[str, Any] = {"UserPoolId": POOL_ID, "ClientId": CLIENT_ID}
    asks = {"ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": session(1), "ChallengeParameters": {}}
    device = {"DeviceKey": DEVICE_KEY, "DeviceGroupKey": DEVICE_GROUP_KEY}
    stubber.add_response("sign_up", {"UserConfirmed": False, "UserSub": "0b1c"})
    stubber.add_client_error("confirm_sign_up", "CodeMismatchException", "Invalid code.")
    stubber.add_response("confirm_sign_up", {})
    stubber.add_response("list_users", {"Users": [{"Username": USER}]})
    stubber.add_response("associate_software_token", {"SecretCode": "GEZD" * 8, "Session": session(2)})
    stubber.add_response("admin_initiate_auth", asks)
    stubber.add_response("admin_respond_to_auth_challenge", {"AuthenticationResult": TOKENS})
    stubber.add_response(
        "admin_respond_to_auth_challenge", {"AuthenticationResult": TOKENS | {"NewDeviceMetadata": device}}
    )

    trace.step(1, "Sign up")
    client.sign_up(**ACCOUNT, Password=PASSWORD)
    trace.step(2, "Confirm the sign-up; at last")
    with pytest.raises(ClientError):
        client.confirm_sign_up(**CONFIRMATION)
    client.confirm_sign_up(**CONFIRMATION)
    client.list_users(UserPoolId=POOL_ID)
    client.associate_software_token(Session=session(1))
    client.admin_initiate_auth(**pool, AuthFlow="ADMIN_USER_PASSWORD_AUTH")
    for _ in range(2):
        client.admin_respond_to_auth_challenge(**pool, ChallengeName="SOFTWARE_TOKEN_MFA")

    tokens = "AccessToken=#lt;access token 1#gt;, IdToken=#lt;ID token 1#gt;,"
    tokens += "<br/>RefreshToken=#lt;refresh token 1#gt;"
    keys = f"DeviceKey={DEVICE_KEY},<br/>DeviceGroupKey={DEVICE_GROUP_KEY}"
    assert (
        trace.diagram("Alice's run;\n# now")
        == f"""\
# Alice s run now

Each solid arrow is what one tells or sends another, each dashed one what that brings; between the program and
Amazon Cognito these are the calls with their inputs, and how long they took. Labels such as &lt;session 2&gt;
stand for secrets: where two labels are the same, the secrets are.

```mermaid
sequenceDiagram
    participant A as Authenticator app
    participant P as The program
    participant C as Amazon Cognito
    Note over P,C: Step 1. Sign up
    P->>C: SignUp (Username=alice, Password=#lt;password#gt;)
    C-->>P: UserConfirmed=False, UserSub=0b1c (34 ms)
    Note over P,C: Step 2. Confirm the sign-up#59; at last
    P->>C: ConfirmSignUp (Username=alice, ConfirmationCode=#lt;code#gt;)
    C-->>P: refused, CodeMismatchException (34 ms)
    P->>C: ConfirmSignUp (Username=alice, ConfirmationCode=#lt;code#gt;)
    C-->>P: empty answer (34 ms)
    P->>C: ListUsers
    C-->>P: Users=(1 item) (34 ms)
    P->>C: AssociateSoftwareToken (Session=#lt;session 1#gt;)
    C-->>P: SecretCode=#lt;TOTP key#gt;, Session=#lt;session 2#gt; (34 ms)
    P->>A: key (QR code)
    P->>C: AdminInitiateAuth (AuthFlow=ADMIN_USER_PASSWORD_AUTH)
    C-->>P: ChallengeName=SOFTWARE_TOKEN_MFA, Session=#lt;session 1#gt;<br/>(34 ms)
    P->>C: AdminRespondToAuthChallenge<br/>(ChallengeName=SOFTWARE_TOKEN_MFA)
    C-->>P: {tokens} (34 ms)
    P->>C: AdminRespondToAuthChallenge<br/>(ChallengeName=SOFTWARE_TOKEN_MFA)
    C-->>P: {tokens},<br/>{keys} (34 ms)
```
"""
    )
    assert capsys.readouterr() == ("", "")


ATTACK = (
    'x;end\n```\n%%{init: {"a": `b`}}%%\r\n    P->>C: #forged <br/> $$\\x$$ \x1b[31m \u2028 "\n<- forged\n'
)


def test_hostile_answers(client: CognitoIdentityProviderClient, stubber: Stubber) -> None:
    """What an endpoint sends can break neither the diagram nor the lines on the screen, nor fill them."""
    stubber.add_client_error("list_users", ATTACK, ATTACK, 400)
    stubber.add_client_error("list_users", "A" * 10_000, "B" * 10_000, 400)
    stubber.add_response(
        "initiate_auth", {"ChallengeName": ATTACK[:80], "ChallengeParameters": {ATTACK: ATTACK}}
    )
    trace, terminal = follow(client, width=80)

    for _ in range(2):
        with pytest.raises(ClientError):
            client.list_users(UserPoolId=POOL_ID)
    client.initiate_auth(AuthFlow="USER_AUTH", ClientId=CLIENT_ID)

    body = trace.diagram(ATTACK).split("Amazon Cognito\n")[1].removesuffix("```\n")
    assert [line for line in body.splitlines() if not re.fullmatch(DIAGRAM_LINE, line)] == []
    assert len(body.splitlines()) == 6
    assert max(len(line) for line in body.splitlines()) < 900
    assert trace.diagram(ATTACK).count("```") == 2
    assert len(trace.diagram(ATTACK).split("\n\n")[0].splitlines()) == 1
    assert "\x1b" not in output_of(terminal)
    assert [line[:3] for line in lines(terminal) if line[:3] != "   "] == ["-> ", "<- "] * 3
    assert len(lines(terminal)) < 25


# It only looks on


def test_request_stays_as_it_is(client: CognitoIdentityProviderClient) -> None:
    """What goes over the wire is the same with a trace as without."""
    request: dict[str, Any] = {
        **ACCOUNT,
        "Password": PASSWORD,
        "UserAttributes": [{"Name": "email", "Value": EMAIL}],
    }
    bodies = answer_with(client, http(200, UserConfirmed=True), http(200, UserConfirmed=True))
    untraced = client.sign_up(**request)
    follow(client)

    traced = client.sign_up(**request)

    assert bodies[0] == bodies[1]
    assert json.loads(bodies[1]) == request
    assert traced["UserConfirmed"] is untraced["UserConfirmed"] is True


def test_failure_of_the_trace(
    client: CognitoIdentityProviderClient, stubber: Stubber, caplog: pytest.LogCaptureFixture
) -> None:
    """When showing fails, the call goes on, a log line tells the kind of failure, and the diagram has all."""

    class Gone(Terminal):
        def copyable(self, text: str, style: str = "") -> None:
            raise OSError(f"could not write {text}")

    trace = Trace(Labels(), Gone(), Ticks(0.034))
    trace.attach(client)
    stubber.add_response("sign_up", {"UserConfirmed": True, "UserSub": "0b1c"})

    with caplog.at_level(logging.DEBUG, logger="program.events"):
        answer = client.sign_up(**ACCOUNT, Password=PASSWORD)

    assert answer["UserConfirmed"] is True
    messages = [record.getMessage() for record in caplog.records if record.name == "program.events"]
    assert messages == ["A call could not be followed: OSError"] * 2
    assert drawn(trace) == [
        "P->>C: SignUp (Username=alice, Password=#lt;password#gt;)",
        "C-->>P: UserConfirmed=True, UserSub=0b1c (34 ms)",
    ]


# Lists of many pages


def queue_pages(stubber: Stubber, *sizes: int, is_cut: bool = False) -> None:
    """Let ListUsers answer pages of so many users; `is_cut` when the last of them names another one."""
    for number, size in enumerate(sizes, start=1):
        more = is_cut or number < len(sizes)
        answer = {"Users": [{"Username": USER}] * size} | ({"PaginationToken": f"p{number}"} if more else {})
        sent = {"UserPoolId": POOL_ID} | ({"PaginationToken": f"p{number - 1}"} if number > 1 else {})
        stubber.add_response("list_users", answer, sent)


def test_pages_are_counted(client: Any, stubber: Stubber) -> None:
    """The first page of a list is shown, all further ones are one line: of the trace and of the diagram."""
    queue_pages(stubber, 60, 60, 60, 7)
    trace, terminal = follow(client)

    list(client.get_paginator("list_users").paginate(UserPoolId=POOL_ID))

    assert lines(terminal) == [
        f"-> ListUsers  UserPoolId={POOL_ID}",
        "<- Users=(60 items)  PaginationToken=p1  (200, 34 ms)",
        "<- 3 more pages of ListUsers: (127 items)  (102 ms)",
    ]
    assert drawn(trace) == [
        "P->>C: ListUsers",
        "C-->>P: Users=(60 items), PaginationToken=p1 (34 ms)",
        "C-->>P: 3 more pages of ListUsers: (127 items) (102 ms)",
    ]


def test_pages_of_a_list_that_is_left(client: Any, stubber: Stubber) -> None:
    """Pages are told of before the next call, although nobody read the list to its end."""
    queue_pages(stubber, 60, 60, is_cut=True)
    stubber.add_response("list_users", {"Users": []}, {"UserPoolId": POOL_ID})
    _, terminal = follow(client)

    pages = client.get_paginator("list_users").paginate(UserPoolId=POOL_ID)
    list(itertools.islice(pages, 2))
    client.list_users(UserPoolId=POOL_ID)

    assert lines(terminal)[2:] == [
        "<- 1 more page of ListUsers: (60 items)  (34 ms)",
        f"-> ListUsers  UserPoolId={POOL_ID}",
        "<- Users=(0 items)  (200, 34 ms)",
    ]


def test_page_that_is_refused(client: Any, stubber: Stubber) -> None:
    """A page that does not come is shown by itself, after those that did."""
    queue_pages(stubber, 60, 60, is_cut=True)
    stubber.add_client_error("list_users", "TooManyRequestsException", "Rate exceeded", 400)
    _, terminal = follow(client)

    with pytest.raises(ClientError):
        list(client.get_paginator("list_users").paginate(UserPoolId=POOL_ID))

    assert lines(terminal)[2:] == [
        "<- 1 more page of ListUsers: (60 items)  (34 ms)",
        f"-> ListUsers  UserPoolId={POOL_ID}  PaginationToken=p2",
        "<- refused: TooManyRequestsException: Rate exceeded  (400, 34 ms)",
    ]
