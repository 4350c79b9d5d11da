"""The program against answers with one field changed: hundreds of them, none of which makes a traceback."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

import scenario_signup_user_with_mfa as scenario
from program import clients
from scenario import authenticator_app
from test.support.changed_answers import CONTROLS, REFUSAL, SCENARIO, Endpoint, changed
from test.support.scenario_calls import CODE, EMAIL, MFA_CODE, PASSWORD, SET_UP_CODE, USER
from test.support.stage import Script
from test.support.stubbed_calls import CLIENT_ID, POOL_ID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

NO_ANSWERS = {
    "list": b"[]",
    "number": b"5",
    "null": b"null",
    "nothing": b"",
    "no JSON": b"{",
    "no UTF-8": b'{"x": "\xff"}',
    "deep": b'{"Session": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "digits": b'{"ExpiresIn": ' + b"9" * 10_000 + b"}",
    "page": b"<html>\x1b[2J</html>",
}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    """Have an endpoint of ours answer every request, by way of the program's own client for AWS."""
    answering = Endpoint()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.setattr("botocore.httpsession.URLLib3Session.send", lambda _, request: answering.send(request))
        patch.setattr("botocore.endpoint.time.sleep", lambda _: None)
        client = clients.aws_client(POOL_ID)  # one for all: making it takes longer than a scenario
        patch.setattr("program.targets.aws_client", lambda *_: client)
        answering.client = client
        yield answering


@pytest.fixture
def play(
    endpoint: Endpoint,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    temporary: Path,
) -> Callable[..., str]:
    """Return what plays the scenario with one answer changed, and returns what was shown."""
    monkeypatch.setattr(authenticator_app, "save_qr_image", lambda *_: None)  # drawing it takes the longest
    monkeypatch.setattr("terminal.Terminal.wait", lambda *_, **__: True)

    def play(number: int, answer: Any, status: int = 200) -> str:
        monkeypatch.setattr(
            "question.ask",
            Script(
                user_name=[USER],
                email=[EMAIL],
                password=[PASSWORD, PASSWORD],
                confirmation_code=["", CODE],
                set_up_code=[SET_UP_CODE],
                mfa_code=[MFA_CODE],
                remember_device=["y"],
                forget_device=["y"],
                delete_user=["y"],
            ),
        )
        endpoint.begin(number, answer, status)
        result = scenario.main([POOL_ID, CLIENT_ID])
        output, errors = capsys.readouterr()
        shown = output + errors
        assert result in {0, 1}
        assert (result == 1) == bool(errors)
        assert not CONTROLS.intersection(shown)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", shown)
        assert len(shown) < 100_000
        if "SignUp" in endpoint.calls:
            assert re.search("In the pool by now|Nothing of this run|is deleted", shown)
        return shown

    return play


@pytest.fixture
def call(endpoint: Endpoint) -> Callable[..., None]:
    """Return what makes one call, which ends well or with an error that the program knows."""

    def call(action: str, answer: Any, status: int = 200) -> None:
        endpoint.begin([name for name, _ in SCENARIO].index(action), answer, status)
        with suppress(ClientError, BotoCoreError):
            getattr(endpoint.client, xform_name(action))(**request_for(endpoint.client, action))

    return call


def request_for(client: Any, action: str) -> dict[str, Any]:
    """Return the least request that botocore sends."""
    shape = client.meta.service_model.operation_model(action).input_shape
    values: dict[str, Any] = {"structure": {}, "map": {}, "list": []}
    return {
        name: values.get(
            shape.members[name].type_name, (*getattr(shape.members[name], "enum", ()), "x" * 20)[0]
        )
        for name in shape.required_members
    }


def test_unchanged(play: Callable[..., str]) -> None:
    """With nothing changed the scenario goes to its end."""
    assert f"{USER} is deleted." in play(-1, None)


@pytest.mark.parametrize("number", range(len(SCENARIO)), ids=[name for name, _ in SCENARIO])
class TestScenario:
    """One answer of the scenario, changed in one place: some of the changes, as each takes a whole run."""

    def test_fields(self, play: Callable[..., str], number: int) -> None:
        """Whatever a field of an answer holds, the program ends with a sentence and says what exists."""
        for name, answer in some(changed(SCENARIO[number][1]), 3, number):
            check(name, play, number, answer)

    def test_refusals(self, play: Callable[..., str], number: int) -> None:
        """The same goes for the fields of a refusal, and for bodies that are no JSON objects."""
        for name, answer in some(changed(REFUSAL), 1, number):
            check(name, play, number, answer, 400)
        for name, body in some(NO_ANSWERS.items(), 1, number):
            check(name, play, number, body, (200, 400, 500)[number % 3])


@pytest.mark.parametrize(("action", "answer"), SCENARIO, ids=[name for name, _ in SCENARIO])
class TestCalls:
    """Each call alone: every other change, and every body."""

    def test_fields(self, call: Callable[..., None], action: str, answer: Any) -> None:
        """An answer that botocore can't read, or the scenario not use, is an error of botocore's family."""
        for name, other in list(changed(answer))[::2]:
            check(name, call, action, other)

    def test_refusals(self, call: Callable[..., None], action: str, answer: Any) -> None:
        """So is a refusal that is none."""
        for name, other in list(changed(REFUSAL))[::2]:
            check(name, call, action, other, 400)

    @pytest.mark.parametrize("status", [200, 400, 500])
    def test_bodies(self, call: Callable[..., None], action: str, answer: Any, status: int) -> None:
        """And so is a body that is not a JSON object, whatever its status."""
        for name, body in NO_ANSWERS.items():
            check(name, call, action, body, status)


def some(items: Iterable[tuple[str, Any]], count: int, first: int) -> list[tuple[str, Any]]:
    """Return so many of the items, spread over all of them, beginning with another one for each `first`."""
    every = list(items)
    step = max(len(every) // count, 1)
    return every[first * 7 % step :: step] if every else []


def check(name: str, run: Callable[..., object], *arguments: Any) -> None:
    """Run this, and let what goes wrong bear the name of the change."""
    try:
        run(*arguments)
    except Exception as error:
        raise AssertionError(name) from error
