"""Testing with a pool: the plug-in for pytest, the types of what its fixtures give, and passkeys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_cognito.testing.outbox import Message, Outbox
from local_cognito.testing.pool import CognitoPool, PoolUser
from local_cognito.testing.triggers import TriggerCall, Triggers

if TYPE_CHECKING:
    from local_cognito.authenticator.passkey import Passkey

__all__ = ["CognitoPool", "Message", "Outbox", "Passkey", "PoolUser", "TriggerCall", "Triggers"]

if not TYPE_CHECKING:  # otherwise a type checker would accept every name

    def __getattr__(name: str) -> object:
        """Load the authenticator on first access: pytest imports this package at every start."""
        if name != "Passkey":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from local_cognito.authenticator.passkey import Passkey  # noqa: PLC0415 - see above

        return Passkey
