"""Gives the wheel the types of the modules that are single files.

A package says with `py.typed` that it is typed. A module of one file can't, but a package of stubs beside it
can (PEP 561), and what a type checker reads of a stub is what stands in the module: each is its own stub.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class StubsHook(BuildHookInterface[Any]):
    """Adds a package of stubs for every module on the wheel's top level."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the stubs; an editable wheel has none, which would soon differ from the sources.

        Args:
            version: of the wheel, `standard` or `editable`.
            build_data: takes the sources of more files, with their places in the wheel.
        """
        if version == "editable":
            return
        self._copies = tempfile.TemporaryDirectory()
        for name in self.build_config.only_include:
            module = Path(name)
            if module.suffix == ".py":
                copy = shutil.copy(Path(self.root, module), self._copies.name)
                build_data["force_include"][str(copy)] = f"{module.stem}-stubs/__init__.pyi"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Remove the copies."""
        if version != "editable":
            self._copies.cleanup()
