"""A numbered step of a scenario, with its explanation and the actions that it calls."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        number: its place, from 1.
        title: its heading.
        explanation: for a person who sees these words for the first time.
        actions: the actions of Cognito that it calls.
    """

    number: int
    title: str
    explanation: str
    actions: tuple[str, ...]
