"""What a long life leaves behind in the local pool: nothing.

    python benchmarks/soak.py [--requests 50000] [--days 400]

So many requests are made, about ten in a minute of the clock, which then goes on by so many days at
once. The table has the number of records of each kind at the beginning, at their most, and at the end,
and the size of file and process beside them. The exit status is 1 if the end is not the beginning:
only messages may be more, up to the thousand that are kept.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from endpoint_servers import resident_megabytes  # noqa: E402 - found only from here on

from local_cognito import LocalCognito  # noqa: E402
from local_cognito.storage.records import MOST_MESSAGES  # noqa: E402
from test.support.pool_driver import Clock  # noqa: E402
from test.support.soak import Soak  # noqa: E402

PARTS = 20


def main() -> int:
    """Soak and print."""
    parser = argparse.ArgumentParser(description="Show that nothing in the local pool grows for ever.")
    parser.add_argument("--requests", type=int, default=50_000)
    parser.add_argument("--days", type=int, default=400)
    arguments = parser.parse_args()
    clock = Clock(time.time())
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pool.db"
        with LocalCognito(database=str(file), clock=clock) as server:
            soak = Soak(server, clock)
            rows = [measure(soak, file)]
            for part in range(1, PARTS + 1):
                soak.run(arguments.requests * part // PARTS)
                rows.append(measure(soak, file))
            made = soak.requests
            soak.rest(arguments.days)
            rows.append(measure(soak, file))
            kinds = soak.counts()
    first, *_, last = rows
    print(f"{made:,} requests, {arguments.days} days, {soak.requests - made:,} more requests\n")
    print(f"{'':<16}{'first':>10}{'most':>10}{'last':>10}")
    for name in first:
        print(f"{name:<16}{first[name]:>10,}{max(row[name] for row in rows):>10,}{last[name]:>10,}")
    grown = [name for name in kinds if last[name] > max(first[name], MOST_MESSAGES * (name == "messages"))]
    print(f"\nMore than at first: {', '.join(grown) or 'nothing'}")
    return 1 if grown else 0


def measure(soak: Soak, file: Path) -> dict[str, int]:
    """Return the records of each kind, and the kibibytes of the file and of the process."""
    sizes = {
        "file, KiB": file.stat().st_size // 1024,
        "memory, KiB": int(resident_megabytes(os.getpid()) * 1024),
    }
    return soak.counts() | sizes


if __name__ == "__main__":
    sys.exit(main())
