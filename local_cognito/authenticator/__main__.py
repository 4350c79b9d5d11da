"""The software authenticator as a command, for tests in other languages.

    python -m local_cognito.authenticator create alice.passkey < options.json
    python -m local_cognito.authenticator sign alice.passkey < options.json

`create` makes a passkey, keeps it in the file, and prints what CompleteWebAuthnRegistration takes as
Credential; `sign` prints what RespondToAuthChallenge takes as CREDENTIAL. Both read JSON: the pool's options.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from local_cognito.authenticator.passkey import ALGORITHMS, Passkey

if TYPE_CHECKING:
    from collections.abc import Sequence

_OWNER_ONLY = 0o600


def main(argv: Sequence[str] | None = None) -> int:
    """Make a passkey, or sign with one; return the exit status."""
    given = _arguments(argv)
    try:
        options = json.load(sys.stdin)
        if given.command == "create":
            passkey = Passkey.create(
                options,
                origin=given.origin,
                algorithm=given.algorithm,
                verifies_user=not given.without_verification,
            )
            answer = json.dumps(passkey.registration)
        else:
            passkey = Passkey.from_dict(json.loads(given.file.read_text(encoding="utf-8")))
            passkey.origin = given.origin or passkey.origin
            passkey.verifies_user &= not given.without_verification
            answer = passkey.sign(options)
        _keep(given.file, passkey)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        sys.stderr.write(f"passkey: {_problem(error)}\n")
        return 1
    sys.stdout.write(f"{answer}\n")
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local_cognito.authenticator",
        description="A passkey for tests. The options of the pool come by standard input, as JSON.",
    )
    parser.add_argument("command", choices=["create", "sign"])
    parser.add_argument("file", type=Path, help="where the passkey is kept, its private key included")
    parser.add_argument("--origin", help="of the page; by default https and the relying party ID")
    parser.add_argument("--algorithm", choices=list(ALGORITHMS), default="ES256")
    parser.add_argument(
        "--without-verification", action="store_true", help="do not say that the user was verified"
    )
    return parser.parse_args(argv)


def _problem(error: Exception) -> str:
    if isinstance(error, (KeyError, TypeError, AttributeError)):
        return "standard input has no options of a pool, or the file no passkey"
    return str(error)


def _keep(file: Path, passkey: Passkey) -> None:
    """Write the passkey's file, for its owner alone."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY), "w") as stream:
        json.dump(passkey.to_dict(), stream)


if __name__ == "__main__":
    sys.exit(main())
