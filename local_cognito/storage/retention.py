"""Retention: expired records are deleted in small batches as requests come in.

Deletion changes three answers only: an unconfirmed device is unknown again, a refresh token that expired long
ago is called invalid instead of expired or revoked, and a code that expired long ago is a mismatch instead of
expired where the app client hides which users exist.
"""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

from local_cognito.storage.records import DAY, HOUR, MOST_MESSAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cognito.storage.store import Store

UNCONFIRMED_DEVICES = 30 * DAY
EXPIRED_CODES = 30 * DAY  # where users are hidden, only the code itself proves that it has expired
EXPIRED_GRANTS = 30 * DAY  # longer than an access token is valid, which needs the grant too
EXPIRED_SESSIONS = HOUR
# Quotas look back an hour. Failed sign-ins add up while less than a quarter of an hour lies between two;
# after fifteen, which takes four hours at most, the lock lasts until they are forgotten.
ATTEMPTS = DAY
BATCH = 200  # records at a time
KINDS = 7  # of records that expire; every other request looks at one
ROUND = 2 * KINDS  # requests after which each kind has been looked at


class Retention:
    """Deletes expired records, one kind after the other."""

    def __init__(self, store: Store) -> None:
        expire: list[Callable[[float], None]] = [
            lambda now: store.codes.delete_older("expires", now - EXPIRED_CODES, limit=BATCH),
            lambda now: store.attempts.delete_older("at", now - ATTEMPTS, limit=BATCH),
            lambda now: store.sessions.delete_older("expires", now - EXPIRED_SESSIONS, limit=BATCH),
            lambda now: store.grants.delete_older("expires", now - EXPIRED_GRANTS, limit=BATCH),
            lambda now: store.spent_tokens.delete_older("expires", now - EXPIRED_GRANTS, limit=BATCH),
            lambda now: store.devices.delete_older(
                "created", now - UNCONFIRMED_DEVICES, empty="verifier", limit=BATCH
            ),
            lambda _: store.messages.delete_all_but_latest(MOST_MESSAGES, limit=BATCH),
        ]
        self._kinds = cycle(expire)
        self._is_turn = cycle((True, False))

    def step(self, now: float) -> None:
        """Delete some records of the next kind, in the caller's transaction; `now` is epoch seconds."""
        if next(self._is_turn):
            next(self._kinds)(now)
