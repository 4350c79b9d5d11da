"""A scenario as the program is handed it: what it is called, its steps, and how it is played."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scenario.state import Scenario
    from scenario.steps import Step


@dataclass(frozen=True)
class Outline:
    """What the program knows of a scenario.

    Attributes:
        file: its source, which is what the user runs.
        what: what it shows, in a sentence.
        steps: its steps, in their order.
        play: plays it; returns what of the run is left in the pool, in a sentence, or raises `STOPPING`.
    """

    file: str
    what: str
    steps: Sequence[Step]
    play: Callable[[Scenario], str]
