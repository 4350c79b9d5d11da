"""Calls of functions stand under the request that caused them, without secrets; how functions are mapped."""

from __future__ import annotations

import json
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from local_cognito import LocalCognito, SeedError, command
from test.local_cognito.triggers.conftest import arn_of
from test.support.pool_driver import PASSWORD

if TYPE_CHECKING:
    from pathlib import Path

    from test.local_cognito.triggers.conftest import World


def calls(world: World) -> list[Any]:
    """Return the calls that the server shows."""
    with urllib.request.urlopen(f"{world.server.url}/calls?pool={world.pool_id}", timeout=10) as answer:
        shown: list[Any] = json.load(answer)
    return shown


def test_under_the_request(world: World) -> None:
    """A call of the API has the calls of functions that its answer waited for."""
    world.make_pool("PreSignUp")
    world.functions.answer("PreSignUp", autoConfirmUser=True)
    world.sign_up()
    (function,) = calls(world)[-1]["functions"]

    assert function["source"] == "PreSignUp_SignUp"
    assert function["event"]["userName"] == "alice"
    assert function["answer"]["autoConfirmUser"]
    assert function["error"] is None


def test_senders(world: World) -> None:
    """A custom sender stands under the request, too, once it has ended; its code is a label."""
    world.make_pool("CustomEmailSender")
    world.sign_up()
    deadline = time.monotonic() + 10
    while not calls(world)[-1]["functions"] and time.monotonic() < deadline:
        time.sleep(0.01)
    (function,) = calls(world)[-1]["functions"]

    assert function["source"] == "CustomEmailSender_SignUp"
    assert function["event"]["request"]["code"] == "<code>"


@pytest.mark.parametrize("is_deep", [True, False])
def test_answers_that_are_too_large(world: World, *, is_deep: bool) -> None:
    """A long answer, or one nested deep, is not shown, and keeps nothing else from being shown."""
    value: Any = "x" * 100_000
    for _ in range(500 if is_deep else 0):
        value = [value[:1]]
    world.make_pool("PreSignUp")
    world.functions.answer("PreSignUp", note=value)
    world.sign_up()

    assert [function["answer"] for function in calls(world)[-1]["functions"]] == ["<too large>"]


def test_errors(world: World) -> None:
    """A call that failed says why."""
    world.make_pool("PreSignUp")
    world.functions.fail("PreSignUp", ValueError("No"))
    with pytest.raises(world.api.exceptions.UserLambdaValidationException):
        world.sign_up()

    assert [function["error"] for function in calls(world)[-1]["functions"]] == ["No"]


def test_secrets_are_labels(world: World) -> None:
    """A password that a function gets is not shown."""
    world.make_pool("UserMigration")
    found = {"userAttributes": {"email": "a@example.com"}, "finalUserStatus": "CONFIRMED"}
    world.functions.answer("UserMigration", **found)
    world.sign_in()
    shown = calls(world)[-1]

    assert shown["functions"][0]["event"]["request"]["password"] == "<password>"
    assert PASSWORD not in json.dumps(shown)


def test_forms_of_the_page_wait_too(world: World) -> None:
    """A form whose action asks a function that calls the pool is done, and shows the call."""
    world.make_pool("PreSignUp")
    seen: list[int] = []

    def look(event: Any) -> Any:
        seen.append(len(world.api.list_users(UserPoolId=world.pool_id)["Users"]))
        return event

    world.functions.behaviour["PreSignUp"] = look
    with urllib.request.urlopen(f"{world.server.url}/?pool={world.pool_id}", timeout=10) as page:
        token = page.read().decode().partition('name="token" value="')[2].partition('"')[0]
    form = f"token={token}&action=AdminCreateUser&UserPoolId={world.pool_id}&Username=alice"
    request = urllib.request.Request(f"{world.server.url}/act", form.encode(), {"Origin": world.server.url})
    with urllib.request.urlopen(request, timeout=20) as answer:
        text = answer.read().decode().replace("<wbr>", "")
    assert "PreSignUp_AdminCreateUser" in text
    assert seen == [0]


class TestMapping:
    """Handlers that the command line or a seed names."""

    @pytest.fixture
    def module(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
        """Return the path of a handler in a module of the current folder."""
        (tmp_path / "own_handlers.py").write_text("def handle(event, context):\n    return event\n")
        monkeypatch.chdir(tmp_path)
        monkeypatch.syspath_prepend(tmp_path)
        return "own_handlers:handle"

    def test_by_option(self, module: str) -> None:
        """--trigger maps a name to a handler."""
        handlers = command._handlers([f"check={module}"])  # noqa: SLF001 - nothing public tells it

        context: Any = None

        assert handlers["check"]({"a": 1}, context) == {"a": 1}

    @pytest.mark.parametrize("option", ["check", "check=nothing", "check=no.such:handler"])
    def test_wrong_options(self, option: str) -> None:
        """An option that names no function is an error."""
        with pytest.raises(ValueError, match="handler"):
            command._handlers([option])  # noqa: SLF001 - nothing public tells it

    def test_by_seed(self, module: str) -> None:
        """A seed maps functions beside its pools, at each start."""
        seed = {"Triggers": {arn_of("PreSignUp"): module}, "Pools": []}
        server = LocalCognito(seed=seed)
        server.stop()

        handler: Any = server.functions.handlers[arn_of("PreSignUp")]

        assert handler({"a": 1}, None) == {"a": 1}

    @pytest.mark.parametrize(
        ("triggers", "said"),
        [
            ({"check": "absent:handler"}, "seed: Triggers.check: it must name a function"),
            ({"check": 4}, "seed: Triggers.check: it must name a function"),
            ([], "seed: Triggers: it must be an object"),
        ],
    )
    def test_wrong_seeds(self, triggers: Any, said: str) -> None:
        """What a seed maps wrongly is an error by its path."""
        with pytest.raises(SeedError, match=said):
            LocalCognito(seed={"Triggers": triggers, "Pools": []})
