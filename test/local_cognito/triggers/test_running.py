"""Requests around functions: others go on meanwhile, handlers may call the pool, refusals leave nothing."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from local_cognito.lambdas.journal import FunctionCall, FunctionNeeded, Journal
from test.local_cognito.conftest import client_of
from test.support.pool_driver import refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.local_cognito.triggers.conftest import World

UNRECOGNIZABLE = ("InvalidLambdaResponseException", "Unrecognizable lambda output")


def test_others_go_on_while_a_function_runs(world: World) -> None:
    """A handler that takes its time holds nobody else up."""
    world.make_pool("PreSignUp")
    began, may_end = threading.Event(), threading.Event()

    def wait(event: Any) -> Any:
        began.set()
        assert may_end.wait(10)
        return event

    world.functions.behaviour["PreSignUp"] = wait
    signing_up = threading.Thread(target=world.sign_up)
    signing_up.start()
    assert began.wait(10)
    other = client_of(world.server.url)
    with refused("UserNotFoundException", "User does not exist."):
        other.admin_get_user(UserPoolId=world.pool_id, Username="alice")
    may_end.set()
    signing_up.join()

    assert world.user()["UserStatus"] == "UNCONFIRMED"


def test_handler_calls_the_pool(world: World) -> None:
    """A handler that writes to the pool meets no lock, and what it wrote stays."""
    world.make_pool("PreSignUp")
    inner = client_of(world.server.url)

    def make_group(event: Any) -> Any:
        inner.create_group(UserPoolId=event["userPoolId"], GroupName=event["userName"])
        return event

    world.functions.behaviour["PreSignUp"] = make_group
    world.sign_up()

    assert world.api.get_group(UserPoolId=world.pool_id, GroupName="alice")


def test_handler_that_calls_itself_without_end(world: World) -> None:
    """A handler that signs a user up, which calls it again, ends in a refusal, and the server lives."""
    world.make_pool("PreSignUp")
    inner = client_of(world.server.url)
    depth = iter(range(10**6))

    def again(event: Any) -> Any:
        inner.sign_up(ClientId=world.client_id, Username=f"u{next(depth)}", Password="Correct-Horse-1!")
        return event

    world.functions.behaviour["PreSignUp"] = again
    with pytest.raises(world.api.exceptions.UserLambdaValidationException, match="TooManyRequests"):
        world.sign_up()
    world.functions.behaviour.clear()
    world.sign_up("bob")


@pytest.mark.parametrize(
    "change",
    [
        lambda _: None,
        lambda _: [],
        lambda _: "event",
        lambda event: {"response": event["response"]},
        lambda event: event | {"userName": "eve"},
        lambda event: event | {"triggerSource": "PostConfirmation_ConfirmSignUp"},
        lambda event: event | {"callerContext": {}},
        lambda event: event | {"response": None},
        lambda event: event | {"request": event["request"] | {"clientMetadata": None}},
        lambda event: {"Version": "1"} | {name.title(): value for name, value in event.items()},
        lambda event: event | {"response": {"autoConfirmUser": "yes"}},
        lambda event: event | {"response": {"autoConfirmUser": float("nan")}},
    ],
)
def test_answers_that_are_not_the_event(world: World, change: Callable[[Any], Any]) -> None:
    """An answer that is not the whole event with a response refuses the request, and nothing stays."""
    world.make_pool("PreSignUp")
    world.functions.behaviour["PreSignUp"] = change

    with refused(*UNRECOGNIZABLE):
        world.sign_up()
    with refused("UserNotFoundException", "User does not exist."):
        world.user()


def test_a_further_member_does_no_harm(world: World) -> None:
    """A handler may add members that Cognito does not know."""
    world.make_pool("PreSignUp")
    world.functions.behaviour["PreSignUp"] = lambda event: event | {"debug": True}

    assert world.sign_up()["UserSub"]


class TestJournal:
    """A request that runs again does as it did the first time."""

    CALL = FunctionCall("PreSignUp", "arn", {"triggerSource": "PreSignUp_SignUp", "userName": "alice"})

    def test_draws_the_same(self) -> None:
        """Each run gets the random bytes of the first one."""
        drawn = iter(range(256))
        journal = Journal(lambda count: bytes([next(drawn)] * count))
        first = [journal.random_bytes(2), journal.random_bytes(3)]
        journal.begin()

        assert [journal.random_bytes(2), journal.random_bytes(3)] == first
        assert journal.random_bytes(1) not in first

    def test_another_way_draws_anew(self) -> None:
        """From where a run draws another number of bytes, nothing is repeated."""
        drawn = iter(range(256))
        journal = Journal(lambda count: bytes([next(drawn)] * count))
        journal.random_bytes(2)
        second = journal.random_bytes(3)
        journal.begin()
        journal.random_bytes(1)

        assert journal.random_bytes(3) != second

    def test_another_call_is_made_anew(self) -> None:
        """The answer to one function is not given for another."""
        journal = Journal(bytes)
        other = FunctionCall("PreSignUp", "arn", {"triggerSource": "PreSignUp_SignUp", "userName": "bob"})
        with pytest.raises(FunctionNeeded):
            journal.ask(self.CALL)
        journal.begin()
        with pytest.raises(FunctionNeeded):
            journal.ask(other)
