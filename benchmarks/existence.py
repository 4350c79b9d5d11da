"""Whether the time of an answer tells who exists, where an app client hides it (PreventUserExistenceErrors).

    python benchmarks/existence.py [--pairs 1000] [ACTION ...]

For each action, requests for a user and for a name that nobody has take turns, in a random order within
each pair, from one client over one connection. Printed is the AUC: the probability that an answer for a
user takes longer than one for nobody, as in the Mann-Whitney test. 0.5 tells nothing. With 1,000 pairs,
chance alone leads to between 0.475 and 0.525 in 95 of 100 runs. The exit status is 1 where an action lies
outside of 0.45 to 0.55.

Each user is asked for once an action, so that no quota is used up. The users of ConfirmSignUp and
ResendConfirmationCode are unconfirmed, the others confirmed and with a verified address.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from endpoint_servers import PASSWORD, Api, Server

if TYPE_CHECKING:
    from collections.abc import Sequence

CONFIRMED, UNCONFIRMED, NOBODY = "confirmed-{:05}", "unconfirm-{:05}", "nobody-00-{:05}"
FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
WARM_UP = 50
MOST = 0.05  # away from a half


def sign_in(name: str) -> dict[str, Any]:
    """Return a sign-in with a wrong password."""
    parameters = {"USERNAME": name, "PASSWORD": "Wrong-Horse-1!"}
    return {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}


def begin_srp(name: str) -> dict[str, Any]:
    """Return the beginning of a sign-in by SRP."""
    return {"AuthFlow": "USER_SRP_AUTH", "AuthParameters": {"USERNAME": name, "SRP_A": "5" * 700}}


def confirm(name: str) -> dict[str, Any]:
    """Return a wrong code."""
    return {"Username": name, "ConfirmationCode": "000000x"}


def reset(name: str) -> dict[str, Any]:
    """Return a wrong code with a new password."""
    return {"Username": name, "ConfirmationCode": "000000x", "Password": "Other-Horse-1!"}


def name_only(name: str) -> dict[str, Any]:
    """Return a request that has nothing but the name."""
    return {"Username": name}


ACTIONS = {
    "InitiateAuth, password": (CONFIRMED, sign_in),
    "InitiateAuth, SRP": (CONFIRMED, begin_srp),
    "ForgotPassword": (CONFIRMED, name_only),
    "ConfirmForgotPassword": (CONFIRMED, reset),
    "ConfirmSignUp": (UNCONFIRMED, confirm),
    "ResendConfirmationCode": (UNCONFIRMED, name_only),
}


def auc(higher: Sequence[float], lower: Sequence[float]) -> float:
    """Return how probable it is that one of `higher` exceeds one of `lower`; equal ones count half."""
    ranks: dict[float, list[int]] = {}
    for rank, value in enumerate(sorted([*higher, *lower]), start=1):
        ranks.setdefault(value, []).append(rank)
    total = sum(statistics.fmean(ranks[value]) for value in higher)
    return (total - len(higher) * (len(higher) + 1) / 2) / (len(higher) * len(lower))


class Pool:
    """The pool of a running server, with users of both kinds."""

    def __init__(self, api: Api, users: int) -> None:
        self._api = api
        self.pool_id = api.call("CreateUserPool", PoolName="hiding", AutoVerifiedAttributes=["email"])[
            "UserPool"
        ]["Id"]
        settings = {"ClientName": "app", "PreventUserExistenceErrors": "ENABLED", "ExplicitAuthFlows": FLOWS}
        made = api.call("CreateUserPoolClient", UserPoolId=self.pool_id, **settings)
        self._client_id = made["UserPoolClient"]["ClientId"]
        for number in range(users):
            self._add(CONFIRMED.format(number))
            self._add(UNCONFIRMED.format(number))
            named = {"UserPoolId": self.pool_id, "Username": CONFIRMED.format(number)}
            api.call("AdminConfirmSignUp", **named)
            verified = [{"Name": "email_verified", "Value": "true"}]
            api.call("AdminUpdateUserAttributes", **named, UserAttributes=verified)

    def _add(self, name: str) -> None:
        email = [{"Name": "email", "Value": f"{name}@example.com"}]
        user = {"ClientId": self._client_id, "Username": name, "Password": PASSWORD}
        self._api.call("SignUp", **user, UserAttributes=email)

    def seconds(self, action: str, request: dict[str, Any]) -> float:
        """Return how long a request took, whatever the answer."""
        self._api.seconds = 0.0
        with suppress(ValueError):  # most are refused
            self._api.call(action, ClientId=self._client_id, **request)
        return self._api.seconds


def measure(pool: Pool, label: str, pairs: int) -> tuple[list[float], list[float]]:
    """Return the seconds of the answers for users, and for nobody."""
    pattern, request = ACTIONS[label]
    action = label.partition(",")[0]
    known: list[float] = []
    unknown: list[float] = []
    for number in range(pairs + WARM_UP):
        sides = [(pattern, known), (NOBODY, unknown)]
        random.shuffle(sides)
        for names, seconds in sides:
            seconds.append(pool.seconds(action, request(names.format(number))))
    return known[WARM_UP:], unknown[WARM_UP:]


def main() -> int:
    """Print a row for each action."""
    parser = argparse.ArgumentParser(description="Measure whether answers tell by their time who exists.")
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("actions", nargs="*", default=list(ACTIONS), metavar="ACTION")
    given = parser.parse_args()
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)).running(Path(folder)) as (port, _):
        pool = Pool(Api(port), given.pairs + WARM_UP)
        print(f"{'':<26}{'AUC':>7}{'a user, ms':>13}{'nobody, ms':>13}")
        for label in given.actions:
            known, unknown = measure(pool, label, given.pairs)
            figure = auc(known, unknown)
            worst = max(worst, abs(figure - 0.5))
            medians = [1000 * statistics.median(seconds) for seconds in (known, unknown)]
            print(f"{label:<26}{figure:>7.3f}{medians[0]:>13.3f}{medians[1]:>13.3f}", flush=True)
    return int(worst > MOST)


if __name__ == "__main__":
    start = time.monotonic()
    status = main()
    print(f"{time.monotonic() - start:.0f} s", file=sys.stderr)
    sys.exit(status)
