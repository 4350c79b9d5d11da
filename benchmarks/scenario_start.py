"""What the program costs beside the least that the same work can cost, as ratios from one run.

    python benchmarks/scenario_start.py

Both sides of a row take turns on the same machine, with the same interpreter and packages, and swap every
round who goes first. `ours` and `other` are medians of the rounds, and tell little about another machine.
`ratio`, ours divided by the other, tells more: 1.00 is as much, above 1 is dearer. `rounds` is where the
middle half of the single rounds' ratios lies: when it is wide, the machine was busy; when it includes 1.00,
the run shows no difference.

Seconds from the start of the process, in a pseudo-terminal, until
    First words
        `scenario_signup_user_with_mfa.py` has said what will happen and waits for Enter to begin;
    First words, AWS
        it has done so with the IDs of a pool in AWS;
    First question
        it asks for the user name, with Enter pressed at once, on its local pool.

Beside each of them: a Python process that imports boto3, makes a client and prints a word, which any such
program has to pay.
"""

from __future__ import annotations

import os
import platform
import signal
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
import boto3
boto3.client("cognito-idp", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
print("a word")
"""
PROGRAM = str(ROOT / "scenario_signup_user_with_mfa.py")
FIRST_WORDS, FIRST_QUESTION = "Press Enter to begin", "User name"


def main() -> None:
    """Measure and print."""
    print(f"Python {platform.python_version()}, boto3 {version('boto3')}\n")
    print(HEADING)
    for name, arguments, word in (
        ("First words, s", [PROGRAM], FIRST_WORDS),
        ("First words, AWS, s", [PROGRAM, "us-east-1_AbCdEf123", "1example2id"], FIRST_WORDS),
        ("First question, s", [PROGRAM], FIRST_QUESTION),
    ):
        print(start_row(name, arguments, word))


def start_row(name: str, arguments: list[str], word: str) -> Row:
    """Measure the time from the start until that is on the screen."""
    return take_turns(
        START_ROUNDS,
        lambda: seconds_to(word, arguments),
        lambda: seconds_to("a word", ["-c", LEAST_PROGRAM]),
        name,
    )


def seconds_to(word: str, arguments: list[str]) -> float:
    """Start Python with `arguments` in a pseudo-terminal; return the seconds until it shows the word."""
    start = time.perf_counter()
    child: pexpect.spawn[bytes] = pexpect.spawn(
        sys.executable, arguments, env=environment(), timeout=TIMEOUT_SECONDS
    )
    if word == FIRST_QUESTION:
        child.expect_exact(FIRST_WORDS)
        child.send("\r")
    child.expect_exact(word)
    seconds = time.perf_counter() - start
    child.kill(signal.SIGKILL)
    child.wait()
    child.close()
    return seconds


def environment() -> dict[str, str]:
    """Return the environment without settings for AWS, which would change what is done at the start."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


if __name__ == "__main__":
    main()
