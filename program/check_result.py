"""The JSON object of `--check --json`: one on standard output, whatever happens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTHING_FOUND: Final[Mapping[str, Any]] = {"ready": False, "can_start": False, "checks": []}


def print_result(
    user_pool_id: str | None, client_id: str | None, found: Mapping[str, Any], error: Mapping[str, str] | None
) -> None:
    """Print one JSON object.

    Args:
        user_pool_id: the pool's ID, as far as it is known.
        client_id: the app client's ID, as far as it is known.
        found: `ready`, `can_start` and `checks`.
        error: `code`, `message` and `advice` of what went wrong, if anything did.
    """
    region = user_pool_id.split("_", 1)[0] if user_pool_id else None
    ids = {"user_pool_id": user_pool_id, "client_id": client_id, "region": region}
    print(json.dumps({**ids, **found, "error": error}, indent=2))  # noqa: T201 - for scripts, so without any decoration
