"""The layout of the project: what stands where, and which way the imports go."""

from __future__ import annotations

import ast
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCENARIO = "scenario_signup_user_with_mfa"
SECOND_SCENARIO = "scenario_sign_in_without_password"
WRAPPER = "cognito_idp_actions"
# What each room may import of the others.
MAY_IMPORT: dict[str, set[str]] = {
    "question": set(),
    "terminal": set(),
    WRAPPER: set(),
    "local_cognito": set(),
    "cognito_srp": {WRAPPER},
    "token_keys": set(),
    "token_verifier": {"token_keys"},
    "client_keys": {WRAPPER, "token_keys", "token_verifier"},
    "sign_in_flow": {WRAPPER, "token_verifier"},
    "new_device": {WRAPPER, "cognito_srp", "sign_in_flow", "token_verifier"},
    "token_renewal": {WRAPPER, "token_verifier"},
    "token_auth": {"token_verifier"},
    "signed_in_user": {
        *(WRAPPER, "cognito_srp", "client_keys", "new_device", "sign_in_flow"),
        *("token_auth", "token_renewal", "token_verifier"),
    },
    "token_file": {WRAPPER, "signed_in_user", "token_renewal"},
    "scenario": {WRAPPER, "question", "terminal"},
    "program": {"scenario", WRAPPER, "question", "terminal", "local_cognito"},
    SCENARIO: {"program", "scenario", WRAPPER, "cognito_srp", "question", "terminal", "token_verifier"},
    SECOND_SCENARIO: {"program", "scenario", WRAPPER},
    "hello_cognito": {"program", WRAPPER, "terminal", "local_cognito"},
    "hatch_build": set(),
}
# What each room of the pool may import of its others, and at most how many modules a room has.
POOL_MAY_IMPORT: dict[str, set[str]] = {
    "model": set(),
    "storage": set(),
    "lambdas": set(),
    "rules": {"model", "storage", "lambdas"},
    "runtime": {"rules", "storage"},
    "triggers": {"rules", "model", "storage", "lambdas"},
    "users": {"triggers", "rules", "model", "storage"},
    "authentication": {"passkeys", "users", "triggers", "rules", "model", "storage"},
    "passkeys": {"rules", "model", "storage"},
    "choice": {"passkeys", "authentication", "users", "triggers", "rules", "model", "storage"},
    "actions": {
        "choice",
        "passkeys",
        "authentication",
        "users",
        "triggers",
        "rules",
        "model",
        "storage",
        "lambdas",
    },
    "calls": {"rules", "model", "storage", "lambdas"},
    "page": {"calls", "runtime", "authentication", "triggers", "users", "rules", "model", "storage"},
    "http": {
        *("calls", "runtime", "authentication", "triggers", "users"),
        *("rules", "model", "storage", "lambdas"),
    },
    "setup": {"actions", "runtime", "authentication", "users", "rules", "model", "storage", "lambdas"},
    "authenticator": set(),
    "testing": {"authenticator", "setup", "runtime", "rules", "calls", "lambdas"},
}
MOST_MODULES_IN_A_ROOM = 12
MOST_FLOORS = 8
# The only modules that start a pool on this machine; everything else reaches it over HTTP.
STARTS_THE_POOL = {"program.targets", "hello_cognito"}
AUTHENTICATOR = "local_cognito.authenticator"  # a device of the user's, which knows nothing of the pool
TOP_LEVEL = {
    *(f"{name}.py" for name in (SCENARIO, SECOND_SCENARIO, WRAPPER, "question", "terminal", "hello_cognito")),
    *("cognito_srp.py", "signed_in_user.py", "client_keys.py", "sign_in_flow.py", "new_device.py"),
    *("token_auth.py", "token_file.py", "token_keys.py", "token_renewal.py", "token_verifier.py"),
    "hatch_build.py",
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "pyproject.toml", ".gitignore"),
    *("requirements.txt", "requirements-warrant.txt", "requirements.lock"),
    *(".ci", "scenario", "program", "local_cognito", "resources", "benchmarks", "docs", "scripts", "test"),
}


@cache
def sources() -> dict[str, Path]:
    """Return the file of each module of ours, by the module's name."""
    files = [ROOT / f"{room}.py" for room in MAY_IMPORT]
    files += [path for room in MAY_IMPORT for path in (ROOT / room).rglob("*.py")]
    return {_module_name(path): path for path in files if path.is_file()}


def _module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports(path: Path, *, for_types: bool) -> frozenset[str]:
    """Return the modules of ours that a file imports anywhere, with those under TYPE_CHECKING or without."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if not for_types:
        tree = ast.parse(ast.unparse(_WithoutTypes().visit(tree)))
    known = sources()
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            # What is imported from a package is a module of it, or a name in its __init__.
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in known else node.module for name in inner}
    return frozenset(name for name in found if name in known)


class _WithoutTypes(ast.NodeTransformer):
    """Takes out what only a type checker reads."""

    def visit_If(self, node: ast.If) -> ast.AST:
        is_for_types = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        return ast.Pass() if is_for_types else self.generic_visit(node)


def room_of(module: str) -> str:
    """Return the package or top-level module that a module belongs to."""
    return module.partition(".")[0]


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_arrows_go_one_way(room: str) -> None:
    """No room imports of another what it may not, not even for types."""
    files = [path for name, path in sources().items() if room_of(name) == room]
    assert files, f"There is no {room}."
    used = {room_of(name) for path in files for name in imports(path, for_types=True)} - {room}

    assert used <= MAY_IMPORT[room]


def pool_room_of(module: str) -> str:
    """Return the room of a module of the pool; the modules beside the rooms have none, and may import all."""
    parts = module.split(".")
    is_in_pool = parts[0] == "local_cognito" and len(parts) > 1
    return parts[1] if is_in_pool and parts[1] in POOL_MAY_IMPORT else ""


def in_pool(room: str) -> dict[str, set[str]]:
    """Return what each module of one of the pool's rooms imports of the pool, for types too."""
    files = {name: path for name, path in sources().items() if pool_room_of(name) == room}
    return {name: set(imports(path, for_types=True)) - {"local_cognito"} for name, path in files.items()}


@pytest.mark.parametrize("room", POOL_MAY_IMPORT)
def test_arrows_in_the_pool_go_one_way(room: str) -> None:
    """No room of the pool imports of another what it may not, not even for types."""
    used = {pool_room_of(target) for targets in in_pool(room).values() for target in targets} - {room}

    assert used <= POOL_MAY_IMPORT[room]


@pytest.mark.parametrize("room", POOL_MAY_IMPORT)
def test_rooms_of_the_pool_stay_small(room: str) -> None:
    """A room that has more modules than one can survey wants to be two."""
    modules = set(in_pool(room)) - {f"local_cognito.{room}"}

    assert 1 <= len(modules) <= MOST_MODULES_IN_A_ROOM


def test_the_pool_has_few_other_modules() -> None:
    """Beside the rooms stand the entrances, and what belongs to the command, alone."""
    beside = {path.stem for path in (ROOT / "local_cognito").glob("*.py")}

    entrances = {"__init__", "__main__", "service", "command", "command_line", "programs", "background_log"}
    assert beside == entrances


def test_no_action_imports_another() -> None:
    """What actions share is a rule: only the table of all actions imports them."""
    actions = in_pool("actions")
    del actions["local_cognito.actions.api"]

    assert [name for name, targets in actions.items() if targets & set(actions)] == []


def test_the_pool_has_few_floors() -> None:
    """No chain of imports at run time is longer: who changes the lowest module must think of all above it."""
    pool = {name: path for name, path in sources().items() if room_of(name) == "local_cognito"}
    graph = {name: set(imports(path, for_types=False)) - {name} for name, path in pool.items()}

    assert max((longest_chain(graph, name) for name in graph), key=len)[MOST_FLOORS:] == []


def longest_chain(graph: dict[str, set[str]], start: str) -> list[str]:
    """Return the longest chain of imports that begins with a module of a graph without cycles."""
    longest: dict[str, list[str]] = {}

    def chain(name: str) -> list[str]:
        if name not in longest:
            longest[name] = [name, *max((chain(target) for target in graph[name]), key=len, default=[])]
        return longest[name]

    return chain(start)


def test_the_longest_chain_is_found() -> None:
    """The search takes the longer of two ways, also where they meet again."""
    assert longest_chain({"a": {"b", "d"}, "b": {"c"}, "c": {"d"}, "d": set()}, "a") == ["a", "b", "c", "d"]


def test_every_module_is_in_a_room() -> None:
    """No file beside the rooms escapes the check above."""
    assert {path.stem for path in ROOT.glob("*.py")} <= set(MAY_IMPORT)


def test_the_pool_is_started_in_one_place() -> None:
    """Nothing else of the scenarios imports the pool, so that what runs there runs against AWS too."""
    users = {
        name
        for name, path in sources().items()
        if room_of(name) != "local_cognito"
        for target in imports(path, for_types=True)
        if room_of(target) == "local_cognito" and not target.startswith(AUTHENTICATOR)
    }

    assert users <= STARTS_THE_POOL


@pytest.mark.parametrize("for_types", [False, True], ids=["at run time", "with types"])
def test_no_import_leads_back(for_types: bool) -> None:
    """No module imports, through whatever others, itself; types may do so within a package."""
    graph = {name: set(imports(path, for_types=for_types)) for name, path in sources().items()}
    if for_types:
        rooms = {room: set[str]() for room in MAY_IMPORT}
        for name, targets in graph.items():
            rooms[room_of(name)] |= {room_of(target) for target in targets} - {room_of(name)}
        graph = rooms

    assert cycle_in(graph) == []


def cycle_in(graph: dict[str, set[str]]) -> list[str]:
    """Return the modules of one cycle, or none."""
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        for target in sorted(graph[name] - {name}):
            if found := visit(target, [*path, name]):
                return found
        done.add(name)
        return []

    return next((found for name in sorted(graph) if (found := visit(name, []))), [])


def test_a_cycle_would_be_found() -> None:
    """The search itself finds a way back over several modules."""
    assert cycle_in({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert cycle_in({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_sql_is_in_the_store_alone() -> None:
    """Statements are executed by the tables, by the store of them, and by what looks at the file itself."""
    users = {
        path.name
        for path in (ROOT / "local_cognito").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr.startswith("execute")
    }

    assert users == {"store.py", "tables.py", "database_file.py"}


def test_the_top_level_is_the_designs() -> None:
    """What is kept at the top level is what the design has there, and nothing else."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("This is no checkout.")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)

    assert {name.partition("/")[0] for name in listed.stdout.splitlines()} == TOP_LEVEL
