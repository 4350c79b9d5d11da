"""Every row of the tables of recordings, played against a pool."""

from __future__ import annotations

import json
import secrets
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from local_cognito.actions import api
from local_cognito.lambdas.functions import Functions
from local_cognito.rules.cognito import Cognito
from local_cognito.storage.records import SigningKey
from local_cognito.storage.store import Store
from test.local_cognito.recorded.playing import Player, Row, read_rows
from test.support.pool_driver import TARGET, Clock, call_raw

if TYPE_CHECKING:
    from local_cognito import LocalCognito

ROWS = read_rows()


class Pools:
    """A service of a test's own, asked without HTTP; its pools have the same two keys."""

    def __init__(self, clock: Clock, keys: dict[str, str]) -> None:
        self._cognito = Cognito(Store(), clock, secrets.token_bytes, "us-east-1", Functions())
        self._keys = keys

    def ask(self, operation: str, request: dict[str, Any], authorization: str | None) -> tuple[int, bytes]:
        """Return status and body of the answer."""
        answer = api.handle(self._cognito, TARGET + operation, authorization, json.dumps(request).encode())
        if operation == "CreateUserPool" and answer.status == 200:
            self._give_keys(json.loads(answer.body)["UserPool"]["Id"])
        return answer.status, answer.body

    def close(self) -> None:
        """Close the database."""
        self._cognito.store.close()

    def _give_keys(self, pool_id: str) -> None:
        with self._cognito.store.transaction():
            for use, pem in self._keys.items():
                self._cognito.store.keys.put(SigningKey(pool_id, use, use, pem))


@pytest.mark.parametrize("row", ROWS, ids=[row.title for row in ROWS])
def test_row(row: Row, signing_keys: dict[str, str]) -> None:
    """The pool answers a row's requests as AWS did."""
    clock = Clock(1_790_257_832.4831)
    with closing(Pools(clock, signing_keys)) as pools:
        player = Player(pools.ask, clock)
        player.set_up(row.given)

        for step in row.steps:
            player.play(step)


def test_over_http(server: LocalCognito, clock: Clock) -> None:
    """What the function answers goes over HTTP as it is."""

    def ask(operation: str, request: dict[str, Any], authorization: str | None) -> tuple[int, bytes]:
        answer = call_raw(server.url, operation, request, signed=authorization is not None)
        return answer.status, answer.body

    row = next(row for row in ROWS if row.title == "10_groups: a name only")
    player = Player(ask, clock)
    player.set_up(row.given)

    for step in row.steps:
        player.play(step)
