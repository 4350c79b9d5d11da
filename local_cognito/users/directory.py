"""Look-ups: pools, app clients and their secret hash, users by any of their names."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from local_cognito.model import errors
from local_cognito.rules import definitions, identifiers
from local_cognito.storage.user_records import NEVER, UNCONFIRMED, SignInName, User

if TYPE_CHECKING:
    from local_cognito.model import requests
    from local_cognito.rules.cognito import Cognito
    from local_cognito.storage.records import Client, Pool

SIGN_IN_KINDS = ("username", "email", "phone_number", "preferred_username")
ADDRESS_KINDS = ("email", "phone_number")
ALL_KINDS = (*SIGN_IN_KINDS, "sub")


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
    """Return the app client and its pool; with `pool_id`, the client must belong to that pool.

    Raises:
        CognitoError: ResourceNotFoundException.
    """
    if pool_id is not None:
        get_pool(cognito, pool_id)
    client = cognito.store.clients.get(client_id)
    if pool_id is not None and (client is None or client.pool_id != pool_id):
        raise errors.UNKNOWN_CLIENT_OF_POOL(client_id=client_id, pool_id=pool_id)
    if client is None:
        raise errors.UNKNOWN_CLIENT(client_id=client_id)
    return get_pool(cognito, client.pool_id), client


def managed_client(cognito: Cognito, pool_id: str, client_id: str) -> tuple[Pool, Client]:
    """Return the app client that an administrator manages, and its pool.

    Raises:
        CognitoError: ResourceNotFoundException, whose text does not name the client.
    """
    pool = get_pool(cognito, pool_id)
    client = cognito.store.clients.get(client_id)
    if client is None or client.pool_id != pool.id:
        raise errors.UNKNOWN_MANAGED_CLIENT()
    return pool, client


def check_secret_hash(
    client: Client, user_name: str, given: str | None, *, in_challenge: bool = False
) -> None:
    """Check the SecretHash that was `given`, see `identifiers.secret_hash`.

    A hash for a client without a secret is refused, or ignored if `in_challenge`.

    Raises:
        CognitoError: NotAuthorizedException, or InvalidParameterException for one that was not needed.
    """
    if not client.secrets:
        if given and not in_challenge:
            raise errors.SECRET_HASH_UNEXPECTED(client_id=client.id)
        return
    if not given:
        raise errors.SECRET_HASH_MISSING(client_id=client.id)
    expected = [identifiers.secret_hash(secret, user_name, client.id) for secret in client.secrets]
    if not _is_one_of(given, expected):
        raise errors.SECRET_HASH_WRONG(client_id=client.id)


def knows_secret(client: Client, given: str) -> bool:
    """Tell whether this is a secret of the app client; a client without one accepts anything."""
    return not client.secrets or _is_one_of(given, client.secrets)


def _is_one_of(given: str, expected: list[str]) -> bool:
    """Compare a secret with each that is `expected`, in a time that does not tell how much of it is right."""
    return any([hmac.compare_digest(one.encode(), given.encode()) for one in expected])  # noqa: C419


def public_request(cognito: Cognito, request: requests.OfSelfService) -> tuple[Pool, Client]:
    """Return the pool and the app client of a self-service request, after checking its SecretHash."""
    pool, client = get_client(cognito, request["ClientId"])
    check_secret_hash(client, request["Username"], request.get("SecretHash"))
    return pool, client


def fold(pool: Pool, name: str) -> str:
    """Return the name in lower case, unless the pool is case-sensitive."""
    return name if pool.case_sensitive else name.lower()


def find_user(cognito: Cognito, pool: Pool, name: str, kinds: tuple[str, ...] = SIGN_IN_KINDS) -> User | None:
    """Return the user with this name of one of the `kinds`, earlier kinds first, or None."""
    found = cognito.store.names.where(pool_id=pool.id, name=fold(pool, name), kind=kinds)
    if found:
        first = min(found, key=lambda each: kinds.index(each.kind))
        return cognito.store.users.get(pool.id, first.username)
    cognito.store.users.imitate(_NOBODY)  # so that unknown names take as long
    return None


# In no table: as large as a usual user.
_NOBODY = User(
    pool_id="",
    username="nobody",
    sub="00000000-0000-4000-8000-000000000000",
    status=UNCONFIRMED,
    attributes={"sub": "00000000-0000-4000-8000-000000000000", "email": "nobody@example.com"},
    salt=f"{0:032x}",
    verifier=f"{0:0768x}",
    created=NEVER,
    modified=NEVER,
)


@dataclass(frozen=True)
class RequestedUser:
    """The user that a self-service request asks for.

    Attributes:
        name: the name as the request has it.
        user: the user of this name, or None where the client hides that there is none.
    """

    pool: Pool
    client: Client
    name: str
    user: User | None

    @property
    def counter_user(self) -> User:
        """The user whose counters and codes stand for the name where the client hides who exists."""
        return counter_user(self.pool, self.name)

    @property
    def user_or_placeholder(self) -> User:
        """The user, or a placeholder, so that look-ups cost the same."""
        return self.user or placeholder_user(self.pool, self.name)


def requested_user(cognito: Cognito, request: requests.OfSelfService) -> RequestedUser:
    """Return the user that a self-service request asks for, after checking its SecretHash.

    Raises:
        CognitoError: UserNotFoundException, when the client does not hide it.
    """
    pool, client = public_request(cognito, request)
    user = find_user(cognito, pool, request["Username"])
    if user is None and not client.hides_existence:
        raise errors.USER_CLIENT_NOT_FOUND()
    return RequestedUser(pool, client, request["Username"], user)


def counter_user(pool: Pool, name: str) -> User:
    """Return the user whose counters stand for a name, whether or not a user has it.

    No user name begins with a space, so no user shares them.
    """
    return User(pool.id, f" {fold(pool, name)}", "", UNCONFIRMED, {}, "", "", NEVER, NEVER)


def placeholder_user(pool: Pool, name: str) -> User:
    """Return a placeholder user without state, so that look-ups cost the same for unknown names."""
    return counter_user(pool, f" {name}")


def managed_user(
    cognito: Cognito, request: requests.OfUser, unknown: errors.Refusal = errors.USER_NOT_FOUND
) -> tuple[Pool, User]:
    """Return the pool and the user of an administrator's request, which may also name the sub.

    Raises:
        CognitoError: `unknown` if the user does not exist.
    """
    pool = get_pool(cognito, request["UserPoolId"])
    user = find_user(cognito, pool, request["Username"], ALL_KINDS)
    if user is None:
        raise unknown()
    return pool, user


def sign_in_names(pool: Pool, user: User) -> list[SignInName]:
    """Return every name that the user can be found by, given their present state."""
    names = {"username": user.username, "sub": user.sub}
    for attribute in pool.username_attributes:
        names[attribute] = user.attributes.get(attribute, "")
    for attribute in pool.alias_attributes:
        if _has_claimed(user, attribute):
            names[attribute] = user.attributes.get(attribute, "")
    return [
        SignInName(pool.id, kind, fold(pool, name), user.username) for kind, name in names.items() if name
    ]


def _has_claimed(user: User, alias: str) -> bool:
    """Tell whether the user owns the alias: a verified address, or preferred_username once confirmed."""
    if alias == "preferred_username":
        return user.status != UNCONFIRMED
    return user.attributes.get(f"{alias}_verified") == "true"


def taken_names(cognito: Cognito, names: list[SignInName]) -> list[tuple[SignInName, SignInName]]:
    """Return the names that another user has, each with the other user's name.

    Kinds do not matter: nobody can take a user name that is another user's telephone number or sub.
    """
    texts = tuple(name.name for name in names)
    others = [
        other
        for other in cognito.store.names.where(pool_id=names[0].pool_id, kind=ALL_KINDS, name=texts)
        if other.username != names[0].username
    ]
    return [(name, other) for name in names for other in others if other.name == name.name]


def claim_aliases(cognito: Cognito, pool: Pool, user: User, *, force: bool) -> None:
    """Give the user their aliases; with `force`, take addresses away from their present owners.

    Raises:
        CognitoError: AliasExistsException.
    """
    for mine, other in taken_names(cognito, sign_in_names(pool, user)):
        if not force or mine.kind != other.kind or mine.kind not in ADDRESS_KINDS:
            raise alias_taken(mine, other)
        loser = cognito.store.users.get(pool.id, other.username)
        if loser:
            loser.attributes[f"{mine.kind}_verified"] = "false"
            save_user(cognito, pool, loser)


def add_user(cognito: Cognito, pool: Pool, user: User, taken: errors.Refusal = errors.USER_EXISTS) -> None:
    """Store a new user, with every name that they can be found by; `taken` refuses a name in use.

    Raises:
        CognitoError: UsernameExistsException, when another user has one of the names.
    """
    if cognito.store.users.get(pool.id, user.username):
        raise taken()
    names = sign_in_names(pool, user)
    for name, _ in taken_names(cognito, names):
        if name.kind in ADDRESS_KINDS:
            raise errors.ACCOUNT_EXISTS(attribute=name.kind)
        raise taken()
    user.attributes = definitions.in_order(pool, user.attributes)
    cognito.store.users.put(user)
    for name in names:
        cognito.store.names.put(name)


def save_user(cognito: Cognito, pool: Pool, user: User) -> None:
    """Store the user's present state, with every name that they can be found by.

    Raises:
        CognitoError: AliasExistsException, when another user has one of the names.
    """
    user.modified = cognito.now()
    user.attributes = definitions.in_order(pool, user.attributes)
    cognito.store.users.put(user)
    names = sign_in_names(pool, user)
    before = cognito.store.names.where(pool_id=pool.id, username=user.username)
    if sorted(names, key=_kind) == sorted(before, key=_kind):
        return
    for name, other in taken_names(cognito, names):
        raise alias_taken(name, other)
    cognito.store.names.delete(pool_id=pool.id, username=user.username)
    for name in names:
        cognito.store.names.put(name)


def alias_taken(name: SignInName, other: SignInName) -> errors.CognitoError:
    """Return the refusal of a user's `name` that leads to another user as their `other` name."""
    if name.kind == "preferred_username" and other.kind == "username":
        return errors.ALIAS_IS_USERNAME()
    return errors.ALIAS_EXISTS(attribute=name.kind)


_kind = attrgetter("kind")
