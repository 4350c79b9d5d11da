"""How many instructions the server takes for a request, beside another version of it.

    python benchmarks/instructions.py FOLDER [--users 60]

FOLDER is a checkout of the other version, as `git worktree add FOLDER COMMIT` makes one. On a busy machine
the times of two versions differ by more than the versions do; instructions hardly depend on the machine.
valgrind counts them, in the server's process alone and without the kernel's. Below 1.00, ours takes fewer.
What two cores do side by side, such as the two signatures of a sign-in, is counted as if one did it.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from endpoint import OPERATIONS, PAGE, WIDTH, Pool
from endpoint_servers import PASSWORD, ROOT, Api, Server, add_users

if TYPE_CHECKING:
    from collections.abc import Callable

REQUESTS = 20  # that are counted; three before them are not
WARM_UP = 3


class Counted(Server):
    """A version of ours under valgrind, which counts once it is told to."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._root = root

    def _command(self, port: int, folder: Path, users: int) -> list[str]:
        options = ["--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={folder}/counts.%p"]
        return ["valgrind", *options, *super()._command(port, folder, users)]

    def _variables(self, port: int, folder: Path) -> dict[str, str]:  # noqa: ARG002 - others need them
        return {"PYTHONPATH": str(self._root), "PYTHONHASHSEED": "0"}


@dataclass
class Version:
    """A running version: its pool, and where valgrind writes its counts."""

    pool: Pool
    folder: Path
    tokens: dict[str, Any]

    def count(self, operation: Callable[[Version], None]) -> float:
        """Return the instructions of an operation."""
        for _ in range(WARM_UP):
            operation(self)
        self._control("-d")
        before = set(self.folder.glob("counts.*"))
        for _ in range(REQUESTS):
            operation(self)
        self._control("-d")
        texts = [path.read_text() for path in set(self.folder.glob("counts.*")) - before]
        totals = [int(found[1]) for text in texts if (found := re.search(r"(?m)^summary: (\d+)", text))]
        return sum(totals) / REQUESTS

    def start_counting(self) -> None:
        """Count from now on."""
        self._control("-i", "on")

    def _control(self, *options: str) -> None:
        command = ["callgrind_control", *options, str(self.pool.process)]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder)

    def refresh(self) -> None:
        """Renew the tokens of a sign-in."""
        self.pool.api.call(
            "InitiateAuth",
            ClientId=self.pool.client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": self.tokens["RefreshToken"]},
        )

    def get_user(self) -> None:
        """Ask for a user by access token."""
        self.pool.api.call("GetUser", AccessToken=self.tokens["AccessToken"])

    def admin_get_user(self) -> None:
        """Ask for a user by name."""
        self.pool.api.call("AdminGetUser", UserPoolId=self.pool.id, Username="user0")

    def create_pool(self) -> None:
        """Make another pool."""
        self.pool.api.call("CreateUserPool", PoolName="another")

    def create_client(self) -> None:
        """Make another app client."""
        self.pool.api.call("CreateUserPoolClient", UserPoolId=self.pool.id, ClientName="another")

    def ask_for_health(self) -> None:
        """Ask what costs no action."""
        self.pool.api.ask("GET", "/health")


ROWS: dict[str, Callable[[Version], None]] = {
    "an empty request": Version.ask_for_health,
    **{
        name.removesuffix(", /s"): lambda version, operation=operation: operation(version.pool)  # type: ignore[misc]
        for name, operation in OPERATIONS.items()
    },
    "AdminGetUser": Version.admin_get_user,
    "GetUser": Version.get_user,
    "refresh": Version.refresh,
    "CreateUserPool": Version.create_pool,
    "CreateUserPoolClient": Version.create_client,
}


def started(root: Path, users: int, stack: ExitStack) -> Version:
    """Start a version with a pool of so many users."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    port, process = stack.enter_context(Counted(root).running(folder))
    api = Api(port)
    add_users(api, users)
    pool = Pool(api, process)
    named = {"USERNAME": "user0", "PASSWORD": PASSWORD}
    answer = api.call(
        "InitiateAuth", ClientId=pool.client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=named
    )
    return Version(pool, folder, answer["AuthenticationResult"])


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(description="Count the instructions of two versions.")
    parser.add_argument("other", type=Path, metavar="FOLDER", help="a checkout of the other version")
    parser.add_argument("--users", type=int, default=PAGE, help=f"in the pool, default {PAGE}")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        roots = (ROOT, arguments.other.absolute())
        versions = [started(root, arguments.users, stack) for root in roots]
        for version in versions:
            version.start_counting()
        print(f"{'':<{WIDTH}}{'ours':>12}{'other':>12}{'ratio':>8}")
        for name, operation in ROWS.items():
            ours, other = (version.count(operation) for version in versions)
            print(f"{name:<{WIDTH}}{ours:>12,.0f}{other:>12,.0f}{ours / other:>8.2f}", flush=True)


if __name__ == "__main__":
    main()
