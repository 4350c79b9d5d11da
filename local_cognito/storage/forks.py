"""Forks: what a child process may inherit of a running pool, which is nothing.

A child that is forked in the middle of a transaction would find locks that nobody ever opens, and one that
keeps the server's sockets would keep its clients waiting after it has gone. So a fork waits for the running
transaction, and the child closes everything that it inherits.
"""

from __future__ import annotations

import os
import weakref


class Owner:
    """Holds locks, files or sockets that belong to one process."""

    def before_fork(self) -> None:
        """Wait until the resources are at rest, and keep them so."""

    def after_fork(self) -> None:
        """Go on, in the process that owns it."""

    def after_fork_in_child(self) -> None:
        """Let go of everything, in the process that does not own it."""


_owners: weakref.WeakSet[Owner] = weakref.WeakSet()
_held: list[Owner] = []


def register(owner: Owner) -> None:
    """Notify an owner of every fork from now on."""
    _owners.add(owner)


def _before() -> None:
    _held[:] = _owners
    for owner in _held:
        owner.before_fork()


def _after() -> None:
    while _held:
        _held.pop().after_fork()


def _in_child() -> None:
    while _held:
        _held.pop().after_fork_in_child()


if hasattr(os, "register_at_fork"):  # Windows does not fork
    os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_in_child)
