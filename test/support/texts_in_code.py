"""Which texts the code of an action can come across: the strings in it and in all the code that it uses.

A static over-approximation, enough to find the members of a request that nobody reads: a method counts as
used wherever an attribute of its name is, whatever the object.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import local_cognito

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PACKAGE = Path(local_cognito.__file__).parent
ROOMS = ("actions", "choice", "passkeys", "authentication", "users", "triggers", "rules", "storage")


@dataclass
class Module:
    """What a module defines, and what its imports mean: modules or names of modules."""

    definitions: dict[str, ast.AST] = field(default_factory=dict)
    imports: dict[str, tuple[str, str | None]] = field(default_factory=dict)


class Code:
    """The pool's code below HTTP."""

    def __init__(self) -> None:
        paths = [path for room in ROOMS for path in (PACKAGE / room).rglob("*.py")]
        names = {self._name(path): path for path in paths}
        self._modules = {name: Module() for name in names}
        self._methods: dict[str, list[tuple[str, str]]] = {}
        for name, path in names.items():
            for statement in ast.parse(path.read_text(encoding="utf-8")).body:
                self._read(name, statement)

    @staticmethod
    def _name(path: Path) -> str:
        return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)

    def _read(self, module: str, statement: ast.stmt) -> None:
        known = self._modules[module]
        if isinstance(statement, ast.ImportFrom) and statement.module:
            for alias in statement.names:
                whole = f"{statement.module}.{alias.name}"
                is_module = whole in self._modules
                target = (whole, None) if is_module else (statement.module, alias.name)
                known.imports[alias.asname or alias.name] = target
        elif isinstance(statement, ast.FunctionDef):
            known.definitions[statement.name] = statement
        elif isinstance(statement, ast.ClassDef):
            for method in statement.body:
                if isinstance(method, ast.FunctionDef):
                    name = f"{statement.name}.{method.name}"
                    known.definitions[name] = method
                    self._methods.setdefault(method.name, []).append((module, name))
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            known.definitions |= {target.id: statement for target in targets if isinstance(target, ast.Name)}

    def all_texts(self) -> set[str]:
        """Return every string of the code."""
        return {
            text
            for module in self._modules.values()
            for node in module.definitions.values()
            for text in _texts(node)
        }

    def texts_of(self, action: Callable[..., object]) -> set[str]:
        """Return the strings in an action and in all that it uses."""
        waiting, seen, found = [(action.__module__, action.__name__)], set[tuple[str, str]](), set[str]()
        while waiting:
            place = waiting.pop()
            if place in seen or place[0] not in self._modules:
                continue
            seen.add(place)
            node = self._modules[place[0]].definitions.get(place[1])
            if node is not None:
                found.update(_texts(node))
                waiting.extend(self._used(place[0], node))
        return found

    def _used(self, module: str, node: ast.AST) -> Iterator[tuple[str, str]]:
        imports = self._modules[module].imports
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                target, name = imports.get(part.id, (module, part.id))
                yield target, name or ""
            elif isinstance(part, ast.Attribute):
                yield from self._methods.get(part.attr, ())
                if isinstance(part.value, ast.Name) and part.value.id in imports:
                    yield imports[part.value.id][0], part.attr


def _texts(node: ast.AST) -> Iterator[str]:
    docstring = ast.get_docstring(node, clean=False) if isinstance(node, ast.FunctionDef) else None
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value != docstring:
            yield part.value
