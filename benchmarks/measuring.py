"""What the tables share: both sides of a row take turns, and the ratio of their medians is printed."""

from __future__ import annotations

import os
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

if TYPE_CHECKING:
    from collections.abc import Callable

SIGNING_SECONDS = 2.0
HEADING = f"{'':<31}{'ours':>8}{'other':>8}{'ratio':>8}   rounds"


@dataclass
class Row:
    """One line of the table: what was measured, and each round's figure of both sides."""

    name: str
    ours: list[float]
    other: list[float]

    @property
    def ratio(self) -> float:
        """Our median divided by the other's."""
        return statistics.median(self.ours) / statistics.median(self.other)

    def __str__(self) -> str:
        ratios = [ours / other for ours, other in zip(self.ours, self.other, strict=True)]
        lower, _, upper = statistics.quantiles(ratios, n=4)
        ours, other = statistics.median(self.ours), statistics.median(self.other)
        return f"{self.name:<31}{ours:>8.2f}{other:>8.2f}{self.ratio:>8.2f}   {lower:.2f} to {upper:.2f}"


def take_turns(rounds: int, ours: Callable[[], float], other: Callable[[], float], name: str) -> Row:
    """Measure both sides in every round, and swap each time who goes first; one round before is not kept."""
    row = Row(name, [], [])
    for number in range(rounds + 1):
        sides = [(ours, row.ours), (other, row.other)]
        for measure, figures in sides if number % 2 else reversed(sides):
            figures.append(measure())
    return Row(name, row.ours[1:], row.other[1:])


def signatures() -> float:
    """Return how many RSA-2048 signatures all cores together make in a second."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    end = time.perf_counter() + SIGNING_SECONDS

    def sign(_: int) -> int:
        count = 0
        while time.perf_counter() < end:
            key.sign(b"a token", padding.PKCS1v15(), hashes.SHA256())
            count += 1
        return count

    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as threads:
        return sum(threads.map(sign, range(cores))) / SIGNING_SECONDS
