"""Speed and memory of the local Cognito endpoint beside moto's server and MiniStack, in one run.

    python benchmarks/endpoint.py [--quick] [--users 1000000] [--environments FOLDER]

Every server runs as it is started by default, in a process of its own, with the same Python, and all of
them are asked by the same client: one connection of `http.client` (HTTP/1.1, kept alive where the server
lets it), one request after the other. The servers take turns, round by round, and swap who goes first; a
figure is the median of the rounds. `ratio` says how many times better ours is than that peer: more
operations in a second, less time, or less memory; above 1.00 ours is ahead.

start-up
    Seconds from the start of the process to its first answer, to ListUserPools.
sign-up
    SignUp of a new user with an e-mail address to be verified.
password sign-in
    InitiateAuth with USER_PASSWORD_AUTH, for the three tokens.
SRP sign-in
    InitiateAuth with USER_SRP_AUTH and RespondToAuthChallenge. The client's arithmetic (pycognito's) is not
    counted. A server that takes a wrong proof for a right one has no figure.
a test's pool
    CreateUserPool, CreateUserPoolClient, AdminCreateUser, AdminSetUserPassword, a password sign-in, and
    DeleteUserPool: what a test costs that has a pool to itself. Ours takes the signing keys from its stock,
    as in every test run but a user's first.
a page of ListUsers
    60 users; the pages follow each other, as the tokens lead.
memory
    The resident memory of the server's process, with the large pool, after all of that.
an empty request
    GET /health of ours: what the HTTP server costs without any action, from the same client.
RSA-2048 signatures
    How many this machine could make in a second if it did nothing else, with all its cores. A sign-in
    takes two.

The small pool is made by requests and lives in memory. The large one is opened by ours from a file
(`--database`), so that its figures include writing to disk; the peers keep it in memory. `--quick` leaves
it out.
"""

from __future__ import annotations

import argparse
import itertools
import os
import platform
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from endpoint_servers import (
    PASSWORD,
    POOL,
    ROOT,
    SIGNERS,
    Api,
    MiniStack,
    Moto,
    Server,
    add_users,
    resident_megabytes,
)
from measuring import signatures
from pycognito.aws_srp import AWSSRP

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 7
ROUND_SECONDS = 0.5
MOST_IN_ROUND = 200
STARTS = 5
SMALL = 1000
LARGE = 1_000_000
PAGE = 60
WIDTH = 42


@dataclass
class Pool:
    """The pool of one running server, and how far the measuring came in it."""

    api: Api
    process: int
    id: str = ""
    client_id: str = ""
    page_token: dict[str, str] = field(default_factory=dict)
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        listed = self.api.call("ListUserPools", MaxResults=10)["UserPools"]  # ours starts with one more
        self.id = next(pool["Id"] for pool in listed if pool["Name"] == POOL["PoolName"])
        clients = self.api.call("ListUserPoolClients", UserPoolId=self.id, MaxResults=1)
        self.client_id = clients["UserPoolClients"][0]["ClientId"]

    def sign_up(self) -> None:
        """Sign a new user up."""
        name = f"new{next(self.numbers)}"
        self.api.call(
            "SignUp",
            ClientId=self.client_id,
            Username=name,
            Password=PASSWORD,
            UserAttributes=[{"Name": "email", "Value": f"{name}@example.com"}],
        )

    def sign_in(self) -> None:
        """Sign one of the users in with the password."""
        answer = self.api.call(
            "InitiateAuth",
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": self._next_signer(), "PASSWORD": PASSWORD},
        )
        answer["AuthenticationResult"]["AccessToken"]

    def sign_in_by_srp(self, password: str = PASSWORD) -> None:
        """Sign one of the users in with a proof that the password is known."""
        client: Any = object()  # pycognito makes one of boto3 otherwise; only its arithmetic is needed
        srp = AWSSRP(self._next_signer(), password, self.id, self.client_id, client=client)
        parameters = srp.get_auth_params()
        challenge = self.api.call(
            "InitiateAuth", ClientId=self.client_id, AuthFlow="USER_SRP_AUTH", AuthParameters=parameters
        )
        # Where a server leaves Session out, there is none to give back.
        session = {name: challenge[name] for name in ("Session",) if name in challenge}
        answer = self.api.call(
            "RespondToAuthChallenge",
            ClientId=self.client_id,
            ChallengeName="PASSWORD_VERIFIER",
            ChallengeResponses=srp.process_challenge(challenge["ChallengeParameters"], parameters),
            **session,
        )
        answer["AuthenticationResult"]["AccessToken"]

    def use_once(self) -> None:
        """Make a pool, sign its only user in, and delete it."""
        pool_id = self.api.call("CreateUserPool", **POOL)["UserPool"]["Id"]
        client = self.api.call(
            "CreateUserPoolClient",
            UserPoolId=pool_id,
            ClientName="test",
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        )["UserPoolClient"]
        of_alice = {"UserPoolId": pool_id, "Username": "alice"}
        self.api.call("AdminCreateUser", **of_alice, MessageAction="SUPPRESS")
        self.api.call("AdminSetUserPassword", **of_alice, Password=PASSWORD, Permanent=True)
        answer = self.api.call(
            "InitiateAuth",
            ClientId=client["ClientId"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "alice", "PASSWORD": PASSWORD},
        )
        answer["AuthenticationResult"]["AccessToken"]
        self.api.call("DeleteUserPool", UserPoolId=pool_id)

    def list_users(self) -> None:
        """Read the next page of users, after the last one the first."""
        answer = self.api.call("ListUsers", UserPoolId=self.id, Limit=PAGE, **self.page_token)
        self.page_token = {name: answer[name] for name in ("PaginationToken",) if answer.get(name)}

    def checks_proofs(self) -> bool:
        """Tell whether the server refuses an SRP proof that was made with a wrong password."""
        try:
            self.sign_in_by_srp("Wrong-Horse-9")
        except ValueError:
            return True
        return False

    def rate(self, operation: Callable[[Pool], None]) -> float:
        """Return how many times in a second the server does the operation."""
        self.api.connect_anew()
        count = 0
        while self.api.seconds < ROUND_SECONDS and count < MOST_IN_ROUND:
            operation(self)
            count += 1
        return count / self.api.seconds

    def _next_signer(self) -> str:
        return f"user{next(self.numbers) % SIGNERS}"


OPERATIONS: dict[str, Callable[[Pool], None]] = {
    "a page of ListUsers, /s": Pool.list_users,
    "password sign-in, /s": Pool.sign_in,
    "SRP sign-in, /s": Pool.sign_in_by_srp,
    "sign-up, /s": Pool.sign_up,
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the endpoint beside its peers.")
    parser.add_argument("--quick", action="store_true", help="leave out the large pool")
    parser.add_argument("--users", type=int, default=LARGE, help=f"in the large pool, default {LARGE}")
    parser.add_argument("--environments", type=Path, default=ROOT / ".venv" / "peers", metavar="FOLDER")
    arguments = parser.parse_args()
    servers = [kind(arguments.environments.absolute()) for kind in (Server, Moto, MiniStack)]
    for server in servers:
        server.install()
    peers = ", ".join(requirement for server in servers for requirement in server.requirements)
    print(f"Python {platform.python_version()}; {peers}\n")
    print(line("", ["ours", "moto", "ratio", "MiniStack", "ratio"]), flush=True)
    print_start_up(servers)
    print_pool(servers, 0)
    if not arguments.quick:
        print_pool(servers, arguments.users)
    print("\n- where a server takes a wrong SRP proof for a right one. Above 1.00, ours is ahead.")


def line(name: str, cells: list[str]) -> str:
    """Return one line of the table."""
    return f"{name:<{WIDTH}}" + "".join(f"{cell:>11}" for cell in cells)


def row(name: str, figures: list[float | None], *, more_is_better: bool) -> str:
    """Return a line for a figure of ours and each peer's; None where a peer has none."""
    ours, *peers = figures
    cells = [shown(ours)]
    for figure in peers:
        cells.append(shown(figure))
        ratio = None if not ours or not figure else ours / figure if more_is_better else figure / ours
        cells.append("-" if ratio is None else f"{ratio:.2f}")
    return line(name, cells)


def shown(figure: float | None) -> str:
    """Return a figure with three digits or so."""
    return "-" if figure is None else f"{figure:.2f}" if figure < 10 else f"{figure:,.0f}"  # noqa: PLR2004


def print_start_up(servers: list[Server]) -> None:
    """Measure the starts."""
    seconds: dict[str, list[float]] = {server.name: [] for server in servers}
    for number in range(STARTS):
        for server in servers[:: 1 if number % 2 else -1]:
            with tempfile.TemporaryDirectory() as folder:
                start = time.perf_counter()
                with server.running(Path(folder)):
                    seconds[server.name].append(time.perf_counter() - start)
    medians: list[float | None] = [statistics.median(figures) for figures in seconds.values()]
    print(row("start-up to first answer, s", medians, more_is_better=False), flush=True)


def print_pool(servers: list[Server], users: int) -> None:
    """Measure every operation in a pool of each server; 0 `users` stand for a small pool made by requests."""
    with ExitStack() as stack:
        pools = []
        for server in servers:
            if users:
                print(f"Loading {users:,} users into {server.name} ...", file=sys.stderr, flush=True)
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            port, process = stack.enter_context(server.running(folder, users))
            api = Api(port)
            if not users:
                add_users(api, SMALL)
            pools.append(Pool(api, process))
        title = f"in a pool of {users or SMALL:,}"
        if not users:
            print_limits(pools[0])
            print(
                row(
                    "a test's pool, made, used and deleted, /s",
                    rates(pools, Pool.use_once),
                    more_is_better=True,
                )
            )
        for name, operation in OPERATIONS.items():
            print(row(f"{title}: {name}", rates(pools, operation), more_is_better=True), flush=True)
        if users:
            memory: list[float | None] = [resident_megabytes(pool.process) for pool in pools]
            print(row(f"{title}: memory, MB", memory, more_is_better=False), flush=True)


def print_limits(ours: Pool) -> None:
    """Measure what bounds every figure: the HTTP server, and the machine's arithmetic."""
    ours.api.connect_anew()
    count = 0
    while ours.api.seconds < ROUND_SECONDS:
        ours.api.ask("GET", "/health")
        count += 1
    print(row("an empty request, /s", [count / ours.api.seconds], more_is_better=True), flush=True)
    print(row(f"RSA-2048 signatures, {os.cpu_count()} cores, /s", [signatures()], more_is_better=True))


def rates(pools: list[Pool], operation: Callable[[Pool], None]) -> list[float | None]:
    """Return each server's median rate of an operation; the first round warms up and does not count."""
    able = [pool for pool in pools if operation is not Pool.sign_in_by_srp or pool.checks_proofs()]
    figures: dict[int, list[float]] = {pool.process: [] for pool in able}
    for number in range(ROUNDS + 1):
        for pool in able[:: 1 if number % 2 else -1]:
            figures[pool.process].append(pool.rate(operation))
    return [statistics.median(figures[pool.process][1:]) if pool in able else None for pool in pools]


if __name__ == "__main__":
    main()
