"""New addresses that wait for their code: until then the user keeps the old one.

A pool asks for this with AttributesRequireVerificationBeforeUpdate.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from local_cognito.rules import codes
from local_cognito.storage.records import PendingValue

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Cognito
    from local_cognito.storage.records import Pool, User


def put_off(cognito: Cognito, pool: Pool, user: User, changes: dict[str, str]) -> list[str]:
    """Take new addresses out of `changes` that the pool wants to be verified first, and keep them.

    One that `changes` call verified, which only an administrator can, does not wait.

    Returns:
        Which of them must be sent a code.
    """
    waiting = []
    for name in pool.verifies_before_update:
        if name not in changes:
            continue
        is_new = bool(changes[name]) and changes[name] != user.attributes.get(name)
        if is_new and changes.get(f"{name}_verified") != "true":
            value = PendingValue(user.pool_id, user.username, name, changes.pop(name))
            cognito.store.pending_values.put(value)
            waiting.append(name)
        else:
            forget(cognito, user, name)
    return waiting


def with_value(cognito: Cognito, user: User, name: str) -> User:
    """Return the user as they will be once the address that waits is verified, or as they are."""
    found = cognito.store.pending_values.get(user.pool_id, user.username, name)
    return replace(user, attributes=user.attributes | {name: found.value}) if found else user


def send_code(cognito: Cognito, user: User, name: str) -> dict[str, str]:
    """Send a code to the address that waits, or else to the present one, and return CodeDeliveryDetails."""
    return codes.send(cognito, with_value(cognito, user, name), codes.verification(name), name)


def forget(cognito: Cognito, user: User, name: str) -> None:
    """Give up an address that waits: it was verified, or is not wanted any more."""
    cognito.store.pending_values.delete(pool_id=user.pool_id, username=user.username, attribute=name)
