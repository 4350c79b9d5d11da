"""Describes failures for the log: enough to find them, without any stored value."""

from __future__ import annotations

import sqlite3
import traceback
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging


def log_failure(logger: logging.Logger, what: str, error: Exception) -> None:
    """Log in one line what failed and why; the traceback is told at the level DEBUG."""
    logger.error("%s failed: %s", what, _reason(error))
    logger.debug("%s failed", what, exc_info=error)


def _reason(error: Exception) -> str:
    """Return SQLite's words, or the type and the place of another error, whose text may show a value."""
    if isinstance(error, sqlite3.Error):
        said = str(error)
        return "a text in the database is not UTF-8" if said.startswith("Could not decode") else said
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {PurePath(place.filename).name}, line {place.lineno}"
