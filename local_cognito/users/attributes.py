"""Changes of a user's attributes: new addresses are unverified, or wait until they are verified."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from local_cognito.model import errors
from local_cognito.rules import codes
from local_cognito.storage.user_records import PendingValue
from local_cognito.users import directory, messages, schema

if TYPE_CHECKING:
    from collections.abc import Iterable

    from local_cognito.rules.cognito import Cognito
    from local_cognito.storage.records import Client, Pool
    from local_cognito.storage.user_records import User
    from local_cognito.users.messages import Occasion


def change(cognito: Cognito, pool: Pool, user: User, changes: dict[str, str]) -> list[str]:
    """Change attributes, remove those with an empty value, and save the user.

    Codes that went to an old address no longer work.

    Returns:
        The names of new addresses, which are unverified unless `changes` says otherwise.

    Raises:
        CognitoError: InvalidParameterException, when a required attribute would be removed;
            AliasExistsException, when an alias belongs to another user.
    """
    schema.check_required(pool, user.attributes | changes, errors.REMOVED_ATTRIBUTES, among=changes)
    old = user.attributes
    addresses = [name for name in codes.MEDIA if changes.get(name, old.get(name)) != old.get(name)]
    user.attributes = old | {f"{name}_verified": "false" for name in addresses} | changes
    for name in [name for name, value in changes.items() if not value]:
        user.attributes.pop(name, None)
        user.attributes.pop(f"{name}_verified", None)
    directory.save_user(cognito, pool, user)
    for name in addresses:
        codes.forget(cognito, user, codes.SIGN_UP)
        _forget_new_address(cognito, user, name)
    return [name for name in addresses if changes[name]]


def remove(cognito: Cognito, pool: Pool, user: User, names: Iterable[str], client: Client | None) -> None:
    """Remove attributes and their `_verified` flags, and save the user.

    Raises:
        CognitoError: see `schema.check_removable`.
    """
    removed = list(dict.fromkeys(names))
    schema.check_removable(pool, removed, client)
    for name in removed:
        user.attributes.pop(name, None)
        user.attributes.pop(f"{name}_verified", None)
        _forget_new_address(cognito, user, name)
    directory.save_user(cognito, pool, user)


def defer_unverified_addresses(
    cognito: Cognito, pool: Pool, user: User, changes: dict[str, str]
) -> list[str]:
    """Take the addresses out of `changes` that the pool verifies before an update, and keep them until then.

    A pool asks for this with AttributesRequireVerificationBeforeUpdate.

    An address that `changes` mark as verified, which only an administrator can, does not wait.

    Returns:
        The names of the deferred addresses; each must be sent a code.
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
            forget_deferred(cognito, user, name)
    return waiting


def with_deferred(cognito: Cognito, user: User, name: str) -> User:
    """Return a copy of the user with the deferred address, or the user if none is deferred."""
    found = cognito.store.pending_values.get(user.pool_id, user.username, name)
    return replace(user, attributes=user.attributes | {name: found.value}) if found else user


def send_verification(
    cognito: Cognito, pool: Pool, user: User, name: str, occasion: Occasion
) -> dict[str, str]:
    """Send a code to the deferred address, or else to the present one; return CodeDeliveryDetails."""
    updated = with_deferred(cognito, user, name)
    return messages.send_code(cognito, pool, updated, codes.verification(name), name, occasion)


def forget_deferred(cognito: Cognito, user: User, name: str) -> None:
    """Delete a deferred address, once it is verified or replaced."""
    cognito.store.pending_values.delete(pool_id=user.pool_id, username=user.username, attribute=name)


def _forget_new_address(cognito: Cognito, user: User, name: str) -> None:
    forget_deferred(cognito, user, name)
    codes.forget(cognito, user, codes.verification(name))
