"""Testing with a pool: the plug-in for pytest, and the types of what its fixtures give."""

from local_cognito.testing.outbox import Message, Outbox
from local_cognito.testing.pool import CognitoPool, PoolUser
from local_cognito.testing.triggers import TriggerCall, Triggers

__all__ = ["CognitoPool", "Message", "Outbox", "PoolUser", "TriggerCall", "Triggers"]
