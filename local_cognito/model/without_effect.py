"""The parts of the API that have no effect in this pool: absent actions, refused values, and kept members.

The table is without_effect.json; everything else of the service model is honoured. It writes a member as a
path in a request, such as `LambdaConfig.PreSignUp`, a value of an enumeration as
`IssuerConfiguration.Type=UPDATED`; lists do not count as a step of a path. An entry covers everything below
its members.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

AT_ONCE = "the request"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kept:
    """Members that are accepted, kept and shown where the API shows them, and change nothing.

    Attributes:
        members: their paths.
        effect: what AWS does with them, as a sentence.
        operations: the actions whose requests have them; empty for every action whose request does.
        moment: when the effect would come, and a line in the log says that it does not: `AT_ONCE` with the
            request; other moments are reported by the code that is at work then. Empty where the whole part
            that would heed them is absent.
    """

    members: tuple[str, ...]
    effect: str
    operations: tuple[str, ...] = ()
    moment: str = ""


@dataclass(frozen=True)
class Table:
    """What has no effect.

    Attributes:
        kept: members that change nothing.
        refused: values, by the member that has them, which are answered with a refusal.
        absent: actions that are answered with UnknownOperationException, by subject.
    """

    kept: tuple[Kept, ...]
    refused: dict[str, list[str]]
    absent: dict[str, list[str]]


@cache
def table() -> Table:
    """Return the table, read at the first request."""
    content = orjson.loads(Path(__file__).with_name("without_effect.json").read_bytes())
    kept = tuple(
        Kept(tuple(entry.pop("members")), operations=tuple(entry.pop("operations", ())), **entry)
        for entry in content["kept"]
    )
    return Table(kept, content["refused"], content["absent"])


def report_request(operation: str, request: Mapping[str, Any]) -> None:
    """Log a line for each member of a request whose effect would come at once, and does not."""
    for path in _at_once(operation):
        if path in request:
            _report(operation, path)


def report(owner: str, settings: Mapping[str, Any], *paths: str) -> None:
    """Log a line for each of these settings that is set, at the moment when AWS would heed it.

    Args:
        owner: whose settings they are, such as a pool's ID.
        settings: the settings of the pool or the app client.
        paths: members and values as the table has them.
    """
    for path in paths:
        if is_set(settings, path):
            _report(owner, path)


def is_set(settings: Any, path: str) -> bool:
    """Tell whether settings have the member, other than empty, or the value that a path names."""
    member, _, value = path.partition("=")
    for name in member.split("."):
        settings = settings.get(name) if isinstance(settings, dict) else None
    if value:
        return value in settings if isinstance(settings, list) else bool(settings == value)
    return bool(settings)


def _report(owner: str, path: str) -> None:
    logger.warning("%s: %s has no effect here. %s", owner, path, _effects()[path])


@cache
def _effects() -> dict[str, str]:
    return {path: kept.effect for kept in table().kept for path in kept.members}


@cache
def _at_once(operation: str) -> tuple[str, ...]:
    entries = (kept for kept in table().kept if kept.moment == AT_ONCE and operation in kept.operations)
    return tuple(path for kept in entries for path in kept.members)
