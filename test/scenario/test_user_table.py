"""The list of users: few rows, however many users there are, and the person's own among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from scenario.pool_facts import PoolFacts
from scenario.user_table import MOST_SHOWN
from test.support.scenario_calls import (
    CONFIRMED,
    EMAIL,
    THE_END,
    USER,
    Stage,
    answers,
    confirm,
    look_up,
    password,
    sign_up,
)
from test.support.stubbed_calls import (
    POOL_ID,
    Call,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


def strangers(count: int) -> list[dict[str, Any]]:
    """Return so many users, as ListUsers has them."""
    return [{"Username": f"stranger-{number}"} for number in range(count)]


def list_users(users: Sequence[dict[str, Any]], token: str | None = None) -> Call:
    """Return the call that lists these, with more to come or not."""
    answer = {"Users": list(users)} | ({"PaginationToken": token} if token else {})
    return Call("list_users", {"UserPoolId": POOL_ID}, answer)


def screen_of(stage: Stage, *calls: Call, total: int | None = None) -> str:
    """Run the scenario up to the end of step 3, in which these calls are made; return what it shows there."""
    stage.queue(sign_up(), confirm(), *CONFIRMED, *calls)
    stage.refuse(password({}), *THE_END)
    with pytest.raises(ClientError, match=THE_END[1]):
        stage.run(answers(), pool_facts=PoolFacts(estimated_users=total))
    return stage.shown.split("Step 3 of 9")[1].split("Step 4 of 9")[0]


def test_few_users(stage: Stage) -> None:
    """As many as fit are all shown, with their number, by one request."""
    screen = screen_of(stage, list_users(strangers(MOST_SHOWN)))

    assert "10 users " in screen
    assert screen.count("stranger-") == MOST_SHOWN


def test_many_users(stage: Stage) -> None:
    """Of more users the first ten are shown, the person's own row, and about how many there are."""
    screen = screen_of(stage, list_users(strangers(60), "next page"), look_up("CONFIRMED"), total=50_000)

    assert "About 50000 users; the first of them, and yours" in screen
    assert screen.count("stranger-") == MOST_SHOWN
    assert f"{USER} {EMAIL} CONFIRMED" in screen


@pytest.mark.parametrize(
    "own", [{"Username": USER}, {"Username": "0b1c", "Attributes": [{"Name": "email", "Value": USER}]}]
)
def test_own_row_among_the_first(stage: Stage, own: dict[str, Any]) -> None:
    """A user who is among the first, by name or by address, is not looked up and not shown twice."""
    screen = screen_of(stage, list_users([own, *strangers(20)]), total=22)

    assert screen.count(USER) == 1
    assert screen.count("stranger-") == MOST_SHOWN - 1


def test_total_that_is_not_known(stage: Stage) -> None:
    """Where the pool's settings may not be read, no number is claimed."""
    screen = screen_of(stage, list_users([{"Username": USER}, *strangers(20)]))

    assert "More than 10 users; the first of them, and yours" in screen
