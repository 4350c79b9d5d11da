"""What the scenario costs in a pool with many users: how long its third step takes, and how much it shows.

    python benchmarks/big_pool.py [--users 50000]

The pool is a local one, made for the scenario and filled by records; the scenario runs on it as on one in
AWS, by itself, at a terminal of 80 columns. What is measured is the time from the heading of step 3 to that
of step 4, and the lines between them. The exit status is 1 if that is a second or more, or 40 lines or more.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import pexpect
from endpoint_servers import ROOT, put_users

from local_cognito import LocalCognito
from local_cognito.lambdas.functions import Functions
from local_cognito.rules.cognito import Cognito
from local_cognito.storage.store import Store

PROGRAM = str(ROOT / "scenario_signup_user_with_mfa.py")
MOST_SECONDS, MOST_LINES = 1.0, 40
TIMEOUT_SECONDS = 60


def main() -> int:
    """Fill a pool, run the scenario on it, and print."""
    parser = argparse.ArgumentParser(description="Measure the scenario's third step in a big pool.")
    parser.add_argument("--users", type=int, default=50_000)
    users = parser.parse_args().users
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "database")
        with LocalCognito(database=file) as server:
            pool = server.create_pool()
        fill(file, pool.pool_id, users)
        answers = Path(folder) / "answers.json"
        ids = {"user_pool_id": pool.pool_id, "client_id": pool.client_id}
        answers.write_text(json.dumps({**ids, "email": "visitor@example.com"}))
        with LocalCognito(database=file) as server:
            seconds, lines = step_3(server.url, answers)
    print(f"Step 3 with {users:,} users: {seconds:.2f} s, {lines} lines")
    return int(seconds >= MOST_SECONDS or lines >= MOST_LINES)


def fill(file: str, pool_id: str, users: int) -> None:
    """Put users into a pool of a database file."""
    store = Store(file)
    cognito = Cognito(store, time.time, os.urandom, pool_id.split("_", maxsplit=1)[0], Functions())
    with store.transaction():
        pool = store.pools.get(pool_id)
        assert pool  # noqa: S101 - it was just made
        put_users(cognito, pool, users)
    store.close()


def step_3(url: str, answers: Path) -> tuple[float, int]:
    """Run the scenario to its end; return the seconds that its third step takes, and the lines it shows."""
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": url,
        "AWS_ACCESS_KEY_ID": "any",
        "AWS_SECRET_ACCESS_KEY": "any",
    }
    command = [PROGRAM, "--auto", "--answers", str(answers)]
    child: pexpect.spawn[str] = pexpect.spawn(
        sys.executable, command, env=environment, timeout=TIMEOUT_SECONDS, encoding="utf-8"
    )
    child.expect_exact("Step 3 of 9")
    start = time.perf_counter()
    child.expect_exact("Step 4 of 9")
    seconds = time.perf_counter() - start
    lines = str(child.before).count("\n")
    child.expect_exact("OK in ")
    child.expect(pexpect.EOF)
    child.close()
    return seconds, lines


if __name__ == "__main__":
    sys.exit(main())
