"""Methods take every field of the action whose name they bear; types and errors of the client."""

from __future__ import annotations

import copy
import importlib
import inspect
import pickle
import typing
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError, NoCredentialsError

import cognito_idp_actions
import cognito_srp
from cognito_idp_actions import CognitoIdentityProviderWrapper, UnexpectedChallengeError, error_code
from test.support.stubbed_calls import CLIENT_ID, CLIENT_SECRET, POOL_ID
from test.support.wrapper_steps import EMAIL, PASSWORD, USER

MODULES = [
    *("cognito_idp_actions", "cognito_srp", "signed_in_user", "token_keys", "token_verifier"),
    *("client_keys", "new_device", "sign_in_flow", "token_auth", "token_file", "token_renewal"),
]
MODEL = boto3.client("cognito-idp", "us-east-1").meta.service_model
OPERATIONS = {xform_name(name): MODEL.operation_model(name) for name in MODEL.operation_names}
METHODS = sorted(OPERATIONS.keys() & vars(CognitoIdentityProviderWrapper).keys())
# What a list asks for by itself, page for page; `limit` counts what all pages have.
PAGING = {"NextToken", "PaginationToken", "Limit", "MaxResults"}
SINCE_BOTO3_1_38 = {"RevokeAssociatedSessions", "WebAuthnMfaSettings"}
MAPPINGS = ("Attributes", "Metadata", "Json", "Mapping", "MfaSettings", "TypeDef")


class Recorder(CognitoIdentityProviderWrapper):
    """Keeps the fields that a method sends."""

    def __init__(self) -> None:
        super().__init__(None, POOL_ID, CLIENT_ID, CLIENT_SECRET)  # type: ignore[arg-type]
        self.sent: dict[str, Any] = {}

    def call(self, operation: str, /, **fields: Any) -> Any:
        """Answer with tokens, which some methods look for."""
        self.sent = {"operation": operation, **fields}
        return {"AuthenticationResult": {}}


@pytest.mark.parametrize("name", METHODS)
def test_every_field_of_the_action_can_be_sent(name: str) -> None:
    """Given all its arguments, a method sends each field that botocore's model has."""
    wrapper = Recorder()
    parameters = inspect.signature(getattr(wrapper, name)).parameters
    arguments = {
        parameter: {"a": "b"} if any(kind in str(field.annotation) for kind in MAPPINGS) else "value"
        for parameter, field in parameters.items()
        if parameter != "limit"
    }

    getattr(wrapper, name)(**arguments)

    shape = OPERATIONS[name].input_shape
    assert shape
    fields = set(shape.members) - PAGING
    assert wrapper.sent.pop("operation") == name
    assert wrapper.sent.keys() - PAGING - (SINCE_BOTO3_1_38 - fields) == fields


def test_new_actions_are_among_them() -> None:
    """Sessions, passkeys, client secrets and the like, and all that the published sample calls."""
    assert {
        *("sign_up", "confirm_sign_up", "initiate_auth", "admin_initiate_auth", "respond_to_auth_challenge"),
        *(
            "list_user_sessions",
            "revoke_user_session",
            "admin_list_user_sessions",
            "admin_revoke_user_session",
        ),
        *("admin_delete_software_token", "get_user_auth_factors", "admin_get_user_auth_factors"),
        *("start_web_authn_registration", "complete_web_authn_registration", "list_web_authn_credentials"),
        *("delete_web_authn_credential", "add_user_pool_client_secret", "list_user_pool_client_secrets"),
        *("delete_user_pool_client_secret", "get_client_token", "admin_link_provider_for_user"),
        "admin_disable_provider_for_user",
    } <= vars(CognitoIdentityProviderWrapper).keys()


def test_what_is_not_given_is_not_sent() -> None:
    """Tests with botocore's Stubber compare requests exactly."""
    wrapper = Recorder()

    wrapper.sign_up(USER)

    assert wrapper.sent.keys() == {"operation", "ClientId", "Username", "SecretHash"}


def test_an_empty_session_is_not_sent() -> None:
    """Cognito gives none at times, and refuses the empty text."""
    wrapper = Recorder()

    wrapper.respond_to_auth_challenge(USER, "SMS_MFA", "", {"SMS_MFA_CODE": "123456"})
    assert "Session" not in wrapper.sent
    wrapper.admin_respond_to_auth_challenge(USER, "SMS_MFA", "", {"SMS_MFA_CODE": "123456"})
    assert "Session" not in wrapper.sent


class TestWithoutCredentials:
    """What needs no AWS credentials works without."""

    @pytest.fixture
    def bare(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        """Return a client that can find none."""
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
            monkeypatch.delenv(name, raising=False)
        return boto3.Session().client("cognito-idp", "us-east-1")

    def test_a_renewal_is_not_signed(self, bare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """Also where boto3's model says that the action has to be: older ones do."""
        model = bare.meta.service_model.operation_model("GetTokensFromRefreshToken")
        for name in ("authtype", "auth"):  # all clients share the model
            monkeypatch.delitem(model._operation_model, name, raising=False)  # noqa: SLF001 - nothing public tells it
        sent: list[Any] = []

        def answer(request: Any, **_: Any) -> Any:
            sent.append(dict(request.headers))
            raise ConnectionAbortedError

        bare.meta.events.register("before-send.cognito-idp", answer)
        wrapper = CognitoIdentityProviderWrapper(bare, POOL_ID, CLIENT_ID)
        with pytest.raises(ConnectionAbortedError):
            wrapper.get_tokens_from_refresh_token("token")

        assert [name for name in sent[0] if name.lower() == "authorization"] == []

    def test_a_name_that_exists_is_told(self) -> None:
        """Where AdminGetUser can't be asked, UsernameExistsException itself is the answer."""

        class Taken(Recorder):
            def call(self, operation: str, /, **fields: Any) -> Any:
                if operation == "admin_get_user":
                    raise NoCredentialsError
                raise ClientError({"Error": {"Code": "UsernameExistsException"}}, "SignUp")

        with pytest.raises(ClientError) as refusal:
            Taken().sign_up_user(USER, PASSWORD, EMAIL)

        assert error_code(refusal.value) == "UsernameExistsException"


def test_a_client_for_asyncio_is_refused_in_a_sentence() -> None:
    """Its methods return coroutines, which nobody here would await."""

    class Client:
        async def get_user(self, **_: Any) -> None:
            """Answer, some time."""

    with pytest.raises(TypeError, match="boto3"):
        CognitoIdentityProviderWrapper(Client(), POOL_ID, CLIENT_ID).get_user("token")  # type: ignore[arg-type]


@pytest.mark.parametrize("password", [None, b"password", 5])
def test_a_password_that_is_not_a_text_is_a_type_error(password: Any) -> None:
    """It would be hashed as some other text, and be refused as wrong."""
    with pytest.raises(TypeError, match="password"):
        Recorder().start_srp_sign_in(USER, password, cognito_srp)
    with pytest.raises(TypeError, match="password"):
        cognito_srp.AWSSRP(USER, password, POOL_ID, CLIENT_ID)


def test_the_code_of_an_error() -> None:
    """It needs no nested look-up, whatever the exception is."""
    assert (
        error_code(ClientError({"Error": {"Code": "CodeMismatchException"}}, "SignUp"))
        == "CodeMismatchException"
    )
    assert error_code(ClientError({}, "SignUp")) == error_code(ValueError()) == ""


def errors() -> list[type[BaseException]]:
    """Return every exception class of the client's modules."""
    things = [thing for name in MODULES for thing in vars(importlib.import_module(name)).values()]
    classes = {thing for thing in things if isinstance(thing, type) and issubclass(thing, Exception)}
    return sorted((one for one in classes if one.__module__ in MODULES), key=lambda one: one.__name__)


@pytest.mark.parametrize("kind", errors(), ids=lambda kind: kind.__name__)
def test_exceptions_can_be_copied_and_sent_to_another_process(kind: type[BaseException]) -> None:
    """They come back with their text and their attributes."""
    arguments: dict[str, Any] = {
        "UnexpectedChallengeError": ("DEVICE_SRP_AUTH", "SMS_MFA", ["B", "A"]),
        "ChallengeRequired": (_challenge(),),
    }
    error = kind(*arguments.get(kind.__name__, ("a text",)))

    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(again) is kind
        assert str(again) == str(error)
        assert vars(again) == vars(error)


def _challenge() -> Any:
    module = importlib.import_module("signed_in_user")
    return module.Challenge("SMS_MFA", {}, "session", USER)


def test_an_unexpected_challenge_names_what_came() -> None:
    """The names of its parameters are in the text, and no value."""
    assert "(challenge parameters: A, B)" in str(UnexpectedChallengeError("X", "Y", ["B", "A"]))


@pytest.mark.parametrize("name", MODULES)
def test_annotations_resolve_at_run_time(name: str) -> None:
    """Pydantic and others read them, with boto3-stubs installed or not."""
    module = importlib.import_module(name)
    classes = [
        thing for thing in vars(module).values() if inspect.isclass(thing) and thing.__module__ == name
    ]
    functions = [thing for thing in vars(module).values() if inspect.isfunction(thing)]
    members = [thing for one in classes for thing in vars(one).values()]
    members = [getattr(thing, "fget", getattr(thing, "__func__", thing)) for thing in members]
    functions += [thing for thing in members if inspect.isfunction(thing)]

    for thing in [*classes, *functions]:
        typing.get_type_hints(thing)


def test_help_shows_the_fields() -> None:
    """What a method takes as further keywords is in its signature."""
    shown = inspect.signature(cognito_idp_actions.CognitoIdentityProviderWrapper.forgot_password)

    assert {"client_metadata", "analytics_metadata", "user_context_data"} <= shown.parameters.keys()
