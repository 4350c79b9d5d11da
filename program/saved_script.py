"""The calls of a run as a program of its own: boto3 code that makes them again, in their order.

A value that an earlier answer gave is taken from the answer that the program gets. What the person typed
stands in variables at the top, secrets come from the environment, and codes are computed or asked for.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from program.script_parts import HEADER, HELPERS, PREPARED
from scenario.call_code import python_string
from scenario.call_text import CallText
from scenario.endpoint import is_aws
from scenario.labels import Label, Labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from botocore.model import OperationModel

# Fields of answers that later requests take over.
_TAKEN_OVER: Final = {
    "AccessToken": "access_token",
    "DeviceGroupKey": "device_group_key",
    "DeviceKey": "device_key",
    "IdToken": "id_token",
    "RefreshToken": "refresh_token",
    "SecretCode": "totp_key",
    "Session": "session",
    "USERNAME": "user_name",
    "USER_ID_FOR_SRP": "user_name",
}
_APP_CODES: Final = {"UserCode", "SOFTWARE_TOKEN_MFA_CODE"}
_SENT_CODES: Final = {"ConfirmationCode", "Code", "SMS_MFA_CODE", "EMAIL_OTP_CODE", "SMS_OTP_CODE"}
_OF_THE_CLIENT_SECRET: Final = {"SecretHash", "SECRET_HASH", "ClientSecret"}
_LINE: Final = 100  # columns


@dataclass(frozen=True)
class _Line:
    """A statement; one that only gives a value a name is left out where nothing needs it."""

    variable: str
    code: str
    is_needed: bool = False


@dataclass(frozen=True)
class _Call:
    model: OperationModel
    operation: str
    fields: Mapping[str, Any]
    answer: Mapping[str, Any]


class Recorder:
    """Keeps the calls of a run, with their secrets, for as long as the run lasts."""

    def __init__(self) -> None:
        self._calls: list[_Call] = []

    @property
    def actions(self) -> list[str]:
        """The names of the actions, in the order of the calls."""
        return [call.model.name for call in self._calls]

    def record(
        self, model: OperationModel, operation: str, fields: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> None:
        """Keep a call that Cognito did not refuse."""
        self._calls.append(_Call(model, operation, fields, answer))

    def script(self, url: str, user_pool_id: str) -> str:
        """Return the calls as a Python program; nothing secret is in it.

        Args:
            url: where the calls went.
            user_pool_id: the pool that they went to.
        """
        writer = _Writer(user_pool_id)
        for call in self._calls:
            writer.write(call)
        return writer.program(url)


class _Writer:
    """Writes the program, call by call."""

    def __init__(self, user_pool_id: str) -> None:
        # At the top: name and code of the value. The client's region is that of the pool.
        self._variables: dict[str, str] = {"USER_POOL_ID": python_string(user_pool_id)}
        self._sources: dict[str, str] = {user_pool_id: "USER_POOL_ID"}  # a value, and what gives it
        self._key = ""  # the expression of the newest TOTP key
        self._device_key = self._group_key = ""  # those of the newest device's keys
        self._names: Counter[str] = Counter()
        self._newest_answer = ""
        self._body: list[_Line] = []
        self._text = CallText(Labels())

    def write(self, call: _Call) -> None:
        """Add a call."""
        shown = self._text.fields(call.model.input_shape, call.fields)
        arguments = {
            name: self._value(name, value, shown.get(name), call.fields)
            for name, value in call.fields.items()
        }
        for helper, line in PREPARED.items():
            if any(helper in code for code in arguments.values()):
                prepared = line.format(
                    challenge=self._newest_answer, device_key=self._device_key, group_key=self._group_key
                )
                self._body.append(_Line("", prepared, is_needed=True))
        self._newest_answer = self._numbered(call.operation)
        self._body.append(_Line(self._newest_answer, _call_code(call.operation, arguments), is_needed=True))
        self._learn(self._newest_answer, call.answer)

    def program(self, url: str) -> str:
        """Return the whole program."""
        endpoint = None if is_aws(url) else url
        lines: list[str] = []
        for line in reversed(self._body):  # what a later line needs is known by then
            is_used = bool(line.variable) and any(
                re.search(rf"\b{line.variable}\b", later) for later in lines
            )
            if is_used or line.is_needed:
                lines.append(f"{line.variable} = {line.code}" if is_used else line.code)
        lines.reverse()
        helpers = [text for name, text in HELPERS.items() if any(f"{name}(" in line for line in lines)]
        variables = "\n".join(f"{name} = {value}" for name, value in self._variables.items())
        return HEADER.format(
            endpoint=python_string(endpoint) if endpoint else None,
            credentials='\n    aws_access_key_id="any",\n    aws_secret_access_key="any",'
            if endpoint
            else "",
            variables=variables,
            helpers="".join(f"\n\n{text}\n" for text in helpers),
            calls="\n".join(lines),
        )

    def _value(self, name: str, value: Any, shown: Any, around: Mapping[str, Any]) -> str:
        """Return the code of a value.

        Args:
            name: of its field.
            value: what was sent.
            shown: the same as it may be shown: a `Label` for a secret.
            around: the fields beside it.
        """
        if name == "DeviceSecretVerifierConfig":
            return "device_verifier(device, device_password)"
        if name == "Credential":
            self._sources[value["id"]] = "passkey.id"
            return "passkey.registration"
        if isinstance(value, dict):
            return self._dictionary(value, shown)
        if isinstance(value, list):
            items = shown if isinstance(shown, list) else [None] * len(value)
            codes = [self._value(name, item, one, around) for item, one in zip(value, items, strict=True)]
            return f"[{', '.join(codes)}]"
        special = self._special(name, around)
        if special or not isinstance(value, str):
            return special or repr(value)
        if value not in self._sources:
            self._sources[value] = self._new_variable(
                name, value, is_secret=isinstance(shown, Label), around=around
            )
        return self._sources[value]

    def _dictionary(self, values: Mapping[str, Any], shown: Any) -> str:
        if "PASSWORD_CLAIM_SIGNATURE" in values:
            others = {"USERNAME", "DEVICE_KEY", "SECRET_HASH"}
            rest = {name: value for name, value in values.items() if name in others}
            return f"{{**device_proof, {self._dictionary(rest, shown)[1:]}"
        inner = shown if isinstance(shown, dict) else {}
        items = (
            f"{python_string(name)}: {self._value(name, value, inner.get(name), values)}"
            for name, value in values.items()
        )
        return "{" + ", ".join(items) + "}"

    def _special(self, name: str, around: Mapping[str, Any]) -> str:
        """Return the code of a value that is computed or asked for anew, or an empty string."""
        if name in _OF_THE_CLIENT_SECRET:
            self._variables |= {"CLIENT_SECRET": 'os.environ["COGNITO_CLIENT_SECRET"]'}
            user_name = str(around.get("Username") or around.get("USERNAME"))
            hashed = f"secret_hash({self._sources.get(user_name, 'USER_NAME')})"
            return "CLIENT_SECRET" if name == "ClientSecret" else hashed
        if name in _APP_CODES:
            return f"totp({self._key})" if self._key else 'input("Code of the authenticator app: ")'
        if name == "CREDENTIAL":
            return f'passkey.sign({self._newest_answer}["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])'
        if name == "SRP_A":
            return 'format(pow(G, device_a, N), "x")'
        return 'input("Code that was sent: ")' if name in _SENT_CODES else ""

    def _new_variable(self, name: str, value: str, *, is_secret: bool, around: Mapping[str, Any]) -> str:
        """Return a variable at the top of the program, or the value itself where it is a name of the API."""
        known = {"ClientId": "CLIENT_ID", "Username": "USER_NAME"}
        variable = known.get(name) or ("EMAIL" if around.get("Name") == "email" and name == "Value" else "")
        if variable and variable not in self._variables:
            self._variables[variable] = python_string(value)
            return variable
        if not is_secret:
            return python_string(value)
        variable = "PASSWORD" if name in {"Password", "PASSWORD", "ProposedPassword"} else name.upper()
        variable = re.sub(r"\W", "_", variable, flags=re.ASCII)
        if not variable.isidentifier():
            variable = f"VALUE_{variable}"
        variable = self._numbered(variable)
        self._variables[variable] = f'os.environ["COGNITO_{variable}"]'
        return variable

    def _learn(self, variable: str, answer: Mapping[str, Any]) -> None:
        """Note which variables have the values of an answer."""
        for path, name, value in _leaves(answer):
            if name not in _TAKEN_OVER or not value or value in self._sources:
                continue
            taken = self._sources[value] = self._numbered(_TAKEN_OVER[name])
            self._body.append(_Line(taken, f"{variable}{path}"))
            if name == "SecretCode":
                self._key = taken
            if name == "DeviceGroupKey":
                self._group_key = taken
            if name == "DeviceKey":
                self._device_key = taken

    def _numbered(self, name: str) -> str:
        """Return a name that was not used yet."""
        self._names[name] += 1
        return name if self._names[name] == 1 else f"{name}_{self._names[name]}"


def _leaves(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield path, name and value of each text in an answer's objects."""
    for name, value in values.items():
        path = f'{before}["{name}"]'
        if isinstance(value, dict):
            yield from _leaves(value, path)
        elif isinstance(value, str):
            yield path, name, value


def _call_code(operation: str, arguments: Mapping[str, str]) -> str:
    parts = [f"{name}={code}" for name, code in arguments.items()]
    line = f"cognito.{operation}({', '.join(parts)})"
    if len(line) <= _LINE:
        return line
    return "\n".join([f"cognito.{operation}(", *(f"    {part}," for part in parts), ")"])
