"""What the local pool and other stand-ins for Cognito do, found out by asking each of them.

    python benchmarks/features.py [--environments FOLDER] [--why]

prints a table in Markdown: a feature a line, a server a column. Every cell comes from this run: `yes` where
the server did all that `feature_probes.py` asks for, else `no`; `--why` says below the table what
each `no` ended with. The column AWS is not run: it is what the documentation says. cognito-local is a
program of npm, which is left out where there is no npm.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from endpoint_servers import ROOT, MiniStack, Moto, Server
from feature_probes import CODE, FEATURES, Subject, actions
from passwordless_probes import PASSWORDLESS

NPM_PACKAGE = "cognito-local@5.3.0"


class CognitoLocal(Server):
    """cognito-local, with a fixed code for every message, as it offers."""

    name = "cognito-local"

    @property
    def _program(self) -> Path:
        return self._environments / NPM_PACKAGE / "node_modules" / ".bin" / "cognito-local"

    def install(self) -> None:
        """Install the package from npm, if it is not there."""
        if self._program.exists():
            return
        print(f"Installing {NPM_PACKAGE} ...", file=sys.stderr)
        folder = self._environments / NPM_PACKAGE
        folder.mkdir(parents=True, exist_ok=True)
        npm = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run([*npm, NPM_PACKAGE], check=True)

    def _command(self, port: int, folder: Path, users: int) -> list[str]:  # noqa: ARG002 - others need them
        settings = folder / ".cognito" / "config.json"
        settings.parent.mkdir()
        # By default all its user names are e-mail addresses.
        settings.write_text(json.dumps({"UserPoolDefaults": {"UsernameAttributes": []}}))
        return [str(self._program)]

    def _variables(self, port: int, folder: Path) -> dict[str, str]:  # noqa: ARG002 - as above
        return {"PORT": str(port), "CODE": CODE}


def main() -> None:
    """Ask and print."""
    parser = argparse.ArgumentParser(description="Find out what the stand-ins for Cognito do.")
    parser.add_argument("--environments", type=Path, default=ROOT / ".venv" / "peers", metavar="FOLDER")
    parser.add_argument("--why", action="store_true", help="say what each no ended with")
    arguments = parser.parse_args()
    kinds = [Server, Moto, MiniStack, *([CognitoLocal] if shutil.which("npm") else [])]
    servers = [kind(arguments.environments.absolute()) for kind in kinds]
    with ExitStack() as stack:
        subjects = []
        for server in servers:
            server.install()
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            port, _ = stack.enter_context(server.running(folder))
            subjects.append(Subject(server.name, f"http://127.0.0.1:{port}"))
        print_table(subjects, why=arguments.why)


def print_table(subjects: list[Subject], *, why: bool) -> None:
    """Print the answers of all."""
    names = ["here" if subject.name == Server.name else subject.name for subject in subjects]
    print(f"| Feature | {' | '.join(names)} | AWS |\n|---|{'---|' * len(subjects)}---|")
    reasons: list[str] = []
    for feature in [*FEATURES, *PASSWORDLESS]:
        cells = []
        for subject in subjects:
            problem = subject.tried(feature.probe)
            cells.append("no" if problem else "yes")
            if problem:
                reasons.append(f"{feature.name}: {subject.name}: {problem}")
        print(f"| {feature.name} | {' | '.join(cells)} | yes |", flush=True)
    counts = [actions(subject) for subject in subjects]
    total = len(subjects[0].api.meta.service_model.operation_names)
    print(f"| actions that are known, of {total} | {' | '.join(map(str, counts))} | {total} |")
    if why:
        print("", *reasons, sep=f"{os.linesep}- ")


if __name__ == "__main__":
    main()
