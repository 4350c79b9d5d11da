"""How long records are kept, and taking them away, a few with each request, so that none waits for it.

Nothing that is taken away makes a difference to an answer, but for two: an unconfirmed device is unknown
again, and a refresh token that expired long ago is called invalid, and no more expired or revoked.
"""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

from local_cognito.storage.records import DAY, HOUR, MOST_MESSAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cognito.storage.store import Store

UNCONFIRMED_DEVICES = 30 * DAY
EXPIRED_GRANTS = 30 * DAY  # longer than an access token lives, which hangs on the grant too
EXPIRED_SESSIONS = HOUR
# Quotas look an hour back. Failed sign-ins count on while a quarter of an hour at most lies between two, and
# after fifteen of them, four hours at most, the lock lasts until they are forgotten.
ATTEMPTS = DAY
BATCH = 200  # records at a time
KINDS = 6  # of records that are taken away; every other request looks at one
ROUND = 2 * KINDS  # requests after which each kind has been looked at


class Retention:
    """Takes away what is no longer kept, one kind of record after the other."""

    def __init__(self, store: Store) -> None:
        expire: list[Callable[[float], None]] = [
            lambda now: store.codes.delete_older("expires", now, limit=BATCH),
            lambda now: store.attempts.delete_older("at", now - ATTEMPTS, limit=BATCH),
            lambda now: store.sessions.delete_older("expires", now - EXPIRED_SESSIONS, limit=BATCH),
            lambda now: store.grants.delete_older("expires", now - EXPIRED_GRANTS, limit=BATCH),
            lambda now: store.devices.delete_older(
                "created", now - UNCONFIRMED_DEVICES, empty="verifier", limit=BATCH
            ),
            lambda _: store.messages.delete_all_but_latest(MOST_MESSAGES, limit=BATCH),
        ]
        self._kinds = cycle(expire)
        self._is_turn = cycle((True, False))

    def step(self, now: float) -> None:
        """Take away some records of the next kind, in the caller's transaction; `now` is epoch seconds."""
        if next(self._is_turn):
            next(self._kinds)(now)
