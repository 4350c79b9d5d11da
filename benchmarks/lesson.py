"""What the program costs beside the least that the same work can cost, as ratios from one run.

    python benchmarks/lesson.py

Both sides of a row take turns on the same machine, with the same interpreter and packages, and swap every
round who goes first. `ours` and `other` are medians of the rounds, and tell little about another machine.
`ratio`, ours divided by the other, tells more: 1.00 is as much, above 1 is dearer. `rounds` is where the
middle half of the single rounds' ratios lies: when it is wide, the machine was busy; when it includes 1.00,
the run shows no difference.

Start to first prompt
    Seconds from the start of the process until "User name" appears in a pseudo-terminal, of
    `scenario_signup_user_with_mfa.py` on its local pool. Beside it: a Python process that imports boto3 and
    pycognito, makes a `cognito-idp` client and prints a word, which any such program has to pay.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pexpect
from measuring import HEADING, Row, take_turns

ROOT = Path(__file__).resolve().parent.parent
START_ROUNDS = 9
TIMEOUT_SECONDS = 60
LEAST_PROGRAM = """
import boto3, pycognito
boto3.client("cognito-idp", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
print("User name")
"""


def main() -> None:
    """Measure and print."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("boto3", "pycognito"))
    print(f"Python {platform.python_version()}, {packages}\n")
    print(HEADING)
    print(start_row())


# Start to first prompt


def start_row() -> Row:
    """Measure the time from start to first prompt."""
    return take_turns(
        START_ROUNDS,
        lambda: seconds_to_prompt([str(ROOT / "scenario_signup_user_with_mfa.py")]),
        lambda: seconds_to_prompt(["-c", LEAST_PROGRAM]),
        "Start to first prompt, s",
    )


def seconds_to_prompt(arguments: list[str]) -> float:
    """Start Python with *arguments* in a pseudo-terminal; return the seconds until it asks for the name."""
    start = time.perf_counter()
    child: pexpect.spawn[bytes] = pexpect.spawn(
        sys.executable, arguments, env=environment(), timeout=TIMEOUT_SECONDS
    )
    child.expect_exact("User name")
    seconds = time.perf_counter() - start
    child.close(force=True)
    return seconds


def environment() -> dict[str, str]:
    """Return the environment without settings for AWS, which would change what is done at the start."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


if __name__ == "__main__":
    main()
