"""Who is asking for whom: pools, app clients with their secret hash, users by any of their names."""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING

from . import errors
from .records import UNCONFIRMED, Client, Pool, SignInName, User

if TYPE_CHECKING:
    from .cognito import Cognito, Request

SIGN_IN_KINDS = ("username", "email", "phone_number", "preferred_username")


def get_pool(cognito: Cognito, pool_id: str) -> Pool:
    """Return the pool.

    Raises:
        CognitoError: ResourceNotFoundException.
    """
    pool = cognito.store.pools.get(pool_id)
    if pool is None:
        raise errors.UNKNOWN_POOL(pool_id=pool_id)
    return pool


def get_client(cognito: Cognito, client_id: str, pool_id: str | None = None) -> tuple[Pool, Client]:
    """Return the app client and its pool; with *pool_id*, the client must belong to that pool.

    Raises:
        CognitoError: ResourceNotFoundException.
    """
    if pool_id is not None:
        get_pool(cognito, pool_id)
    client = cognito.store.clients.get(client_id)
    if client is None or pool_id not in (None, client.pool_id):
        raise errors.UNKNOWN_CLIENT(client_id=client_id)
    return get_pool(cognito, client.pool_id), client


def check_secret_hash(
    client: Client, user_name: str, given: str | None, *, in_challenge: bool = False
) -> None:
    """Check base64(HMAC-SHA256(client secret, user name + client ID)) against what was *given*.

    A hash for a client without a secret is refused, but *in_challenge* it is ignored.

    Raises:
        CognitoError: NotAuthorizedException, or InvalidParameterException for one that was not needed.
    """
    if client.secret is None:
        if given and not in_challenge:
            raise errors.SECRET_HASH_UNEXPECTED(client_id=client.id)
        return
    if not given:
        raise errors.SECRET_HASH_MISSING(client_id=client.id)
    digest = hmac.digest(client.secret.encode(), (user_name + client.id).encode(), "sha256")
    if not hmac.compare_digest(base64.b64encode(digest), given.encode()):
        raise errors.SECRET_HASH_WRONG(client_id=client.id)


def public_request(cognito: Cognito, request: Request) -> tuple[Pool, Client]:
    """Return pool and client of a self-service request, its SecretHash checked."""
    pool, client = get_client(cognito, request["ClientId"])
    check_secret_hash(client, request["Username"], request.get("SecretHash"))
    return pool, client


def fold(pool: Pool, name: str) -> str:
    """Return the form in which names of this pool are compared."""
    return name if pool.case_sensitive else name.lower()


def find_user(cognito: Cognito, pool: Pool, name: str, kinds: tuple[str, ...] = SIGN_IN_KINDS) -> User | None:
    """Return the user whom *name* leads to, as a name of one of the *kinds*."""
    for kind in kinds:
        found = cognito.store.names.get(pool.id, kind, fold(pool, name))
        if found:
            return cognito.store.users.get(pool.id, found.username)
    return None


def named_user(cognito: Cognito, request: Request) -> tuple[Pool, User]:
    """Return pool and user of a self-service request, its SecretHash checked.

    Where the client hides who exists, an unknown name leads to a user who `is_nobody`: to count attempts
    against, as for any other.

    Raises:
        CognitoError: UserNotFoundException, when the client does not hide it.
    """
    pool, client = public_request(cognito, request)
    user = find_user(cognito, pool, request["Username"])
    if user is None and not client.hides_existence:
        raise errors.USER_CLIENT_NOT_FOUND()
    return pool, user or User(pool.id, fold(pool, request["Username"]), "", UNCONFIRMED, {}, "", "", 0, 0)


def managed_user(
    cognito: Cognito, request: Request, unknown: errors.Refusal = errors.USER_NOT_FOUND
) -> tuple[Pool, User]:
    """Return pool and user of an administrator's request, where the sub is a name too.

    Raises:
        CognitoError: *unknown* when there is no such user, also when the client hides who exists.
    """
    pool = get_pool(cognito, request["UserPoolId"])
    user = find_user(cognito, pool, request["Username"], (*SIGN_IN_KINDS, "sub"))
    if user is None:
        raise unknown()
    return pool, user


def sign_in_names(pool: Pool, user: User) -> list[SignInName]:
    """Return every name that leads to the user as they are now."""
    names = {"username": user.username, "sub": user.sub}
    for attribute in pool.username_attributes:
        names[attribute] = user.attributes.get(attribute, "")
    for attribute in pool.alias_attributes:
        if attribute == "preferred_username" or user.attributes.get(f"{attribute}_verified") == "true":
            names[attribute] = user.attributes.get(attribute, "")
    return [
        SignInName(pool.id, kind, fold(pool, name), user.username) for kind, name in names.items() if name
    ]


def taken_name(cognito: Cognito, pool: Pool, user: User) -> tuple[str, User] | None:
    """Return the kind of the user's first name that already leads to another user, and to whom."""
    for name in sign_in_names(pool, user):
        other = find_user(cognito, pool, name.name, (name.kind,))
        if other and other.sub != user.sub:
            return name.kind, other
    return None


def save_user(cognito: Cognito, pool: Pool, user: User) -> None:
    """Keep the user as they are now, under every name that leads to them."""
    user.modified = cognito.now()
    cognito.store.users.put(user)
    cognito.store.names.delete(pool_id=pool.id, username=user.username)
    for name in sign_in_names(pool, user):
        cognito.store.names.put(name)
