"""The error of seeds that can't be applied."""

from __future__ import annotations

LONGEST_NAME = 100


class SeedError(ValueError):
    """A seed can't be applied; the text says where in it, and why."""


def shown(name: str) -> str:
    """Return a name as errors show it: on one line, and not too long."""
    return (name if name.isidentifier() and name.isascii() else ascii(name))[:LONGEST_NAME]
