"""The parts of the API without an effect in this pool: absent actions, refused values, and kept members.

The table is without_effect.json; the pool honours everything else in the API model. A member is a path in a
request, such as `LambdaConfig.PreSignUp`, a value of an enumeration is `IssuerConfiguration.Type=UPDATED`;
lists are not steps of a path. An entry covers everything below its members.
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
    """Members that the pool accepts and keeps, but that change nothing.

    Attributes:
        members: the paths of the members.
        effect: a sentence that says what AWS does with them.
        operations: the actions whose requests have the members; empty for all such actions.
        moment: when AWS would apply the members, and the log says that the pool does not. `report_request`
            reports `AT_ONCE`; the code that runs at any other moment calls `report`. Empty if the part of AWS
            that would apply them (delivery, encryption, hosted pages, ...) is absent as a whole.
    """

    members: tuple[str, ...]
    effect: str
    operations: tuple[str, ...] = ()
    moment: str = ""


@dataclass(frozen=True)
class Table:
    """The table.

    Attributes:
        kept: members that change nothing.
        refused: values that the pool refuses by name, by member.
        absent: actions that the pool answers with UnknownOperationException, by subject.
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
    """Log a line for each member of a request that AWS would apply at once."""
    for path in _at_once(operation):
        if path in request:
            _report(operation, path)


def report(owner: str, settings: Mapping[str, Any], *paths: str) -> None:
    """Log a line for each of these settings that is set; call it at the moment when AWS would apply them.

    Args:
        owner: the ID of the pool, for the log.
        settings: the settings of the pool or the app client.
        paths: members and values, as in the table.
    """
    for path in paths:
        if is_set(settings, path):
            _report(owner, path)


def is_set(settings: Any, path: str) -> bool:
    """Tell whether settings have the member of this path, and not empty, or the value that the path names."""
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
