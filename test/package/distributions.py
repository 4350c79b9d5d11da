"""The two distributions that are built of this repository: what each is made of, and how it is built."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Distribution:
    """A project that pip installs: its name, its folder, and the modules that it gives."""

    name: str
    folder: Path
    modules: tuple[str, ...]

    @property
    def project(self) -> dict[str, Any]:
        """The table `project` of its pyproject.toml."""
        text = (self.folder / "pyproject.toml").read_text(encoding="utf-8")
        table: dict[str, Any] = tomli.loads(text)["project"]
        return table

    @property
    def sources(self) -> list[Path]:
        """The Python files that it installs."""
        if self is POOL:
            return sorted(self.folder.rglob("*.py"))
        return [self.folder / f"{name}.py" for name in self.modules]


CLIENT_MODULES = (
    *("cognito_idp_actions", "cognito_srp", "signed_in_user", "client_keys", "new_device", "sign_in_flow"),
    *("token_auth", "token_file", "token_keys", "token_renewal", "token_verifier"),
)
CLIENT = Distribution("cognito-sign-in-client", ROOT, CLIENT_MODULES)
POOL = Distribution("local-cognito", ROOT / "local_cognito", ("local_cognito",))


def build(source: Path, into: Path, *options: str) -> Path:
    """Build a distribution of the project in `source`, with what this environment has; return its file."""
    run_python(into, "-m", "build", "--no-isolation", *options, "--outdir", str(into), str(source))
    (made,) = into.iterdir()
    return made


def run_python(folder: Path, *arguments: str) -> None:
    """Run Python with a home beside `folder`: pip asks rustc for its version, and that writes there."""
    home = {**os.environ, "HOME": str(folder.parent / "home")}
    done = subprocess.run(
        [sys.executable, *arguments], env=home, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
