"""Reading the tables of recordings beside this module, and playing a row of one against a pool.

A row is a list of steps. A step is a request (`InitiateAuth: {...}`) and what must come back of it:

`as`       a name under which later steps find the answer
`refused`  code and text of a refusal; a text of null is a refusal without one
`body`     the body, byte for byte
`has`      values that the answer must have, at any depth; a null must be absent
`members`  the names at a place in the answer, all of them, in the order in which they were sent
`unsigned` whether the request goes without a signature

Besides requests there are `wait: seconds`, `claims: <token>`, whose answer is what a token says, and
`totp: <secret>`, whose answer is the code that an authenticator app shows.
`<pool>` and `<first.User.Username>` stand for values of earlier answers.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jwt
import yaml

from test.support.pool_driver import totp

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import Clock

    # The name of an action, a request, its Authorization if it is signed; status and body.
    Ask = Callable[[str, dict[str, Any], str | None], tuple[int, bytes]]

PASSWORD = "Correct-Horse-1!"
CREDENTIAL = "AWS4-HMAC-SHA256 Credential=AKID/20260924/us-east-1/cognito-idp/aws4_request"
FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"]
_NAME = re.compile(r"<([a-z]\w*(?:\.\w+)*)>")


@dataclass(frozen=True)
class Row:
    """A row of a table: who is there at its beginning, and the steps."""

    title: str
    source: str
    given: dict[str, Any]
    steps: list[dict[str, Any]]


def read_rows() -> list[Row]:
    """Return the rows of all tables."""
    rows = []
    for path in sorted(Path(__file__).parent.glob("*.yaml")):
        table = yaml.safe_load(path.read_text(encoding="utf-8"))
        for row in table["rows"]:
            title, steps = row.pop("row"), row.pop("steps")
            rows.append(Row(f"{path.stem}: {title}", table["source"], row, steps))
    return rows


@dataclass
class Player:
    """Plays the steps of a row.

    Attributes:
        ask: sends a request and returns the status and the body.
        clock: the pool's.
        names: what the steps so far have named.
    """

    ask: Ask
    clock: Clock
    names: dict[str, Any] = field(default_factory=lambda: {"password": PASSWORD})

    def set_up(self, given: dict[str, Any]) -> None:
        """Make the pool, the app client and the user that a row starts with, unless it makes its own."""
        if given.get("pool", {}) is None:
            return
        pool = self._made("CreateUserPool", {"PoolName": "recorded"} | given.get("pool", {}))["UserPool"]
        self.names["pool"] = pool["Id"]
        flows = FLOWS + (
            [] if "RefreshTokenRotation" in given.get("client", {}) else ["ALLOW_REFRESH_TOKEN_AUTH"]
        )
        settings = {"ClientName": "app", "ExplicitAuthFlows": flows} | given.get("client", {})
        settings = {name: value for name, value in settings.items() if value is not None}
        client = self._made("CreateUserPoolClient", {"UserPoolId": pool["Id"]} | settings)["UserPoolClient"]
        self.names |= {"client": client["ClientId"], "secret": client.get("ClientSecret")}
        if "user" in given:
            self._add_user("alice", given["user"] or {})
        if given.get("signed_in"):
            self.names["in"] = self._signed_in()

    def _add_user(self, name: str, attributes: dict[str, str]) -> None:
        who = {"UserPoolId": self.names["pool"], "Username": name}
        listed = [{"Name": key, "Value": value} for key, value in attributes.items()]
        self._made("AdminCreateUser", who | {"MessageAction": "SUPPRESS", "UserAttributes": listed})
        self._made("AdminSetUserPassword", who | {"Password": PASSWORD, "Permanent": True})

    def _signed_in(self) -> Any:
        parameters = {"USERNAME": "alice", "PASSWORD": PASSWORD}
        request = {"ClientId": self.names["client"], "AuthFlow": "USER_PASSWORD_AUTH"}
        return self._made("InitiateAuth", request | {"AuthParameters": parameters})["AuthenticationResult"]

    def _made(self, operation: str, request: dict[str, Any]) -> Any:
        status, body = self.ask(operation, request, CREDENTIAL)
        assert status == 200, (operation, body)
        return json.loads(body)

    def play(self, step: dict[str, Any]) -> None:
        """Send a step's request and check what comes back."""
        step = dict(step)
        expected = {name: step.pop(name) for name in _EXPECTATIONS if name in step}
        saved, authorization = step.pop("as", None), None if step.pop("unsigned", False) else CREDENTIAL
        ((what, given),) = step.items()
        if what == "wait":
            self.clock.advance(given)
            return
        if what in _ON_THIS_SIDE:
            answer = _ON_THIS_SIDE[what](self._filled(given), self.clock.now)
            status, body = 200, json.dumps(answer).encode()
        else:
            status, body = self.ask(what, self._filled(given), authorization)
        self._check(what, expected, status, body)
        if saved:
            self.names[saved] = json.loads(body)

    def _check(self, what: str, expected: dict[str, Any], status: int, body: bytes) -> None:
        if "refused" in expected:
            code, text = self._filled(expected["refused"])
            answer = json.loads(body)
            assert (status, answer["__type"], answer.get("message")) == (400, code, text), what
            return
        assert status == 200, (what, body)
        if "body" in expected:
            assert body.decode() == expected["body"], what
        answer = json.loads(body or b"{}")
        for place, names in expected.get("members", {}).items():
            assert list(_at(answer, place)) == names, (what, place)
        for name, value in expected.get("has", {}).items():
            _check_value(self._filled(value), answer.get(name), f"{what} {name}")

    def _filled(self, value: Any) -> Any:
        """Return a value of the table with the names in it replaced."""
        if isinstance(value, dict):
            return {name: self._filled(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._filled(item) for item in value]
        if not isinstance(value, str):
            return value
        whole = _NAME.fullmatch(value)
        if whole:
            return _at(self.names, whole[1])
        return _NAME.sub(lambda match: str(_at(self.names, match[1])), value)


_ON_THIS_SIDE: dict[str, Callable[[str, float], Any]] = {
    "claims": lambda token, _: jwt.decode(token, options={"verify_signature": False}),
    "totp": totp,
}
_EXPECTATIONS = ("refused", "body", "has", "members")


def _at(value: Any, place: str) -> Any:
    """Return what stands at a dotted place; numbers lead into lists, nothing is the value itself."""
    for name in place.split(".") if place else ():
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


def _check_value(expected: Any, found: Any, where: str) -> None:
    """Check that whatever is expected is there; members that are not told may be there, too."""
    if isinstance(expected, dict) and isinstance(found, dict) and expected:
        for name, value in expected.items():
            _check_value(value, found.get(name), f"{where}.{name}")
        return
    assert found == expected, where
