"""A strict Amazon Cognito user pool on this machine, for learning and for tests, not for real users.

    with LocalCognito() as cognito:
        client = boto3.client("cognito-idp", endpoint_url=cognito.url, ...)

It speaks the Cognito API over HTTP on 127.0.0.1 and checks what Cognito checks: codes, password
policy, TOTP, SRP proofs, sessions and tokens.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local_cognito.model.errors import CognitoError
    from local_cognito.runtime.clock import MovableClock
    from local_cognito.runtime.snapshots import NoSnapshotError
    from local_cognito.service import DEFAULT_REGION, LocalCognito
    from local_cognito.setup.default_pool import PoolIds
    from local_cognito.setup.seed_error import SeedError
    from local_cognito.storage.database_file import UnusableDatabaseError

__version__ = "2.0.0"

__all__ = [
    "DEFAULT_REGION",
    "CognitoError",
    "LocalCognito",
    "MovableClock",
    "NoSnapshotError",
    "PoolIds",
    "SeedError",
    "UnusableDatabaseError",
    "__version__",
]

_HOMES = {
    "DEFAULT_REGION": "service",
    "CognitoError": "model.errors",
    "LocalCognito": "service",
    "MovableClock": "runtime.clock",
    "NoSnapshotError": "runtime.snapshots",
    "SeedError": "setup.seed_error",
    "PoolIds": "setup.default_pool",
    "UnusableDatabaseError": "storage.database_file",
}

if not TYPE_CHECKING:  # otherwise a type checker would accept every name

    def __getattr__(name: str) -> object:
        """Load public names on first access: pytest imports this package at every start."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
        globals()[name] = value
        return value
