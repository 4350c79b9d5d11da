"""Contents of the page for people: the parts of the records that may be shown.

Passwords, codes of authenticator apps, client secrets, sessions and tokens do not get this far, so no
template can show them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import chain
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from local_cognito.authentication.totp import STEP_SECONDS, code_at
from local_cognito.page import settings
from local_cognito.rules import factors
from local_cognito.storage.records import MOST_MESSAGES
from local_cognito.storage.tables import Match
from local_cognito.users import directory

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cognito.rules.cognito import Cognito
    from local_cognito.storage.credentials import Credential
    from local_cognito.storage.records import Client, Device, Group, Message, Pool
    from local_cognito.storage.store import Store
    from local_cognito.storage.tables import Table
    from local_cognito.storage.user_records import User

POOLS = 10  # on one page
USERS_OF_SEVERAL_POOLS = 20  # of each
USERS_OF_ONE_POOL = 100
MESSAGES = 50
OTHERS = 50  # clients, groups, devices of a user, groups of a user

Shown = TypeVar("Shown")
Record = TypeVar("Record")


class NothingThereError(LookupError):
    """The pool or user that was asked for does not exist; the text names it."""


@dataclass(frozen=True)
class Wanted:
    """The selection that a person made on the page.

    Attributes:
        pool_id: show this pool alone.
        text: show its users who have this anywhere in their user name or address, or have this name.
        before: show what is older than this row: pools, or users of the one pool.
        mail: show the messages that have this in their address or text.
        has_all_calls: show the calls alone, and more of them.
        user: of the calls, show those of this user.
        call: say how the call of this ID ended.
    """

    pool_id: str | None = None
    text: str = ""
    before: int | None = None
    mail: str = ""
    has_all_calls: bool = False
    user: str = ""
    call: int | None = None


@dataclass(frozen=True)
class Some(Generic[Shown]):
    """The first of many.

    Attributes:
        items: those that are shown.
        count: how many there are in all.
        before: where those begin that are left out, if a further page shows them.
    """

    items: list[Shown]
    count: int
    before: int | None = None


@dataclass(frozen=True)
class ShownClient:
    """An app client; its secret is shown only as present or absent."""

    id: str
    name: str
    has_secret: bool
    flows: list[str]
    lifetimes: str
    hides_existence: bool


@dataclass(frozen=True)
class ShownDevice:
    """A device of a user; `state` is what Cognito makes of it."""

    key: str
    name: str
    state: str


@dataclass(frozen=True)
class ShownPasskey:
    """A passkey of a user."""

    id: str
    name: str
    domain: str
    created: str


@dataclass(frozen=True)
class ShownUser:
    """A user; `attributes` has all but the addresses, which are text and whether it is verified.

    `totp` is the code that the user's authenticator app shows, and the epoch second at which it changes.
    """

    name: str
    status: str
    is_enabled: bool
    has_password: bool
    addresses: list[tuple[str, bool]]
    attributes: list[tuple[str, str]]
    factors: list[str]
    preferred: str | None
    devices: Some[ShownDevice]
    passkeys: Some[ShownPasskey]
    groups: Some[str]
    created: str
    sub: str
    totp: tuple[str, int] | None


@dataclass(frozen=True)
class ShownGroup:
    """A group and how many users are in it."""

    name: str
    description: str
    members: int


@dataclass(frozen=True)
class ShownPool:
    """A user pool; `facts` and `details` are its settings in words, by subject."""

    id: str
    name: str
    facts: list[tuple[str, str]]
    details: list[tuple[str, str]]
    clients: Some[ShownClient]
    groups: Some[ShownGroup]
    users: Some[ShownUser]
    users_in_all: int


@dataclass(frozen=True)
class ShownMessage:
    """A message of the mailbox."""

    id: int
    pool_id: str
    to: str
    subject: str
    body: str
    code: str
    sent: str
    user: str
    link: str


@dataclass(frozen=True)
class Contents:
    """Everything that is on the page."""

    pools: Some[ShownPool]
    messages: Some[ShownMessage]


def gather(cognito: Cognito, wanted: Wanted) -> Contents:
    """Read the contents, in the caller's transaction.

    Raises:
        NothingThereError: the pool does not exist.
    """
    store = cognito.store
    if wanted.pool_id is None:
        found, before = store.pools.newest(before=wanted.before, limit=POOLS)
        count = store.pools.count()
        most = USERS_OF_SEVERAL_POOLS if count > 1 else USERS_OF_ONE_POOL
        pools = Some([_pool(cognito, pool, Wanted(pool.id), most) for pool in found], count, before)
        return Contents(pools, _messages(store, wanted.mail))
    pool = store.pools.get(wanted.pool_id)
    if pool is None:
        raise NothingThereError(f"User pool {wanted.pool_id} was not found on this server.")
    shown = _pool(cognito, pool, wanted, USERS_OF_ONE_POOL)
    return Contents(Some([shown], 1), _messages(store, wanted.mail, pool_id=pool.id))


def _pool(cognito: Cognito, pool: Pool, wanted: Wanted, most: int) -> ShownPool:
    store = cognito.store
    clients, _ = store.clients.newest(limit=OTHERS, pool_id=pool.id)
    groups, _ = store.groups.newest(limit=OTHERS, pool_id=pool.id)
    count = store.users.count(pool_id=pool.id)
    if wanted.text:
        users, before = _found(cognito, pool, wanted.text, most), None
    else:
        users, before = store.users.newest(before=wanted.before, limit=most, pool_id=pool.id)
    return ShownPool(
        id=pool.id,
        name=str(pool.settings.get("PoolName", "")),
        facts=settings.facts(pool),
        details=settings.details(pool),
        clients=Some([_client(client) for client in clients], store.clients.count(pool_id=pool.id)),
        groups=Some([_group(store, group) for group in groups], store.groups.count(pool_id=pool.id)),
        users=Some(
            [_user(store, pool, user, cognito.now()) for user in users],
            len(users) if wanted.text else count,
            before,
        ),
        users_in_all=count,
    )


def _found(cognito: Cognito, pool: Pool, text: str, most: int) -> list[User]:
    """Return up to `most` users with this name or alias, or with the text in their user name or address."""
    exact = directory.find_user(cognito, pool, text, directory.ALL_KINDS)
    places = (("username", None), *(("attributes", kind) for kind in directory.ADDRESS_KINDS))
    having = [
        cognito.store.users.page(
            Match(field, text, key=key, is_part=True, ignores_case=True),
            after=0,
            limit=most,
            pool_id=pool.id,
        )[0]
        for field, key in places
    ]
    by_name = {user.username: user for user in chain([exact] if exact else [], *having)}
    return list(by_name.values())[:most]


def _client(client: Client) -> ShownClient:
    flows = [str(flow).removeprefix("ALLOW_") for flow in client.settings.get("ExplicitAuthFlows", [])]
    return ShownClient(
        id=client.id,
        name=str(client.settings.get("ClientName", "")),
        has_secret=client.secret is not None,
        flows=flows,
        lifetimes=settings.lifetimes(client),
        hides_existence=client.hides_existence,
    )


def _group(store: Store, group: Group) -> ShownGroup:
    members = store.memberships.count(pool_id=group.pool_id, group_name=group.name)
    return ShownGroup(group.name, str(group.settings.get("Description", "")), members)


def _totp(user: User, now: float) -> tuple[str, int] | None:
    if user.totp_secret is None:
        return None
    step = int(now) // STEP_SECONDS
    return code_at(user.totp_secret, step), (step + 1) * STEP_SECONDS


def _user(store: Store, pool: Pool, user: User, now: float) -> ShownUser:
    of_user = {"pool_id": pool.id, "username": user.username}
    addresses = [name for name in directory.ADDRESS_KINDS if name in user.attributes]
    marks = [f"{name}_verified" for name in directory.ADDRESS_KINDS]
    others = dict(user.attributes)
    for name in ("sub", *addresses, *marks):
        others.pop(name, None)
    return ShownUser(
        name=user.username,
        status=user.status,
        is_enabled=user.enabled,
        has_password=factors.has_password(user),
        addresses=[
            (user.attributes[name], user.attributes.get(f"{name}_verified") == "true") for name in addresses
        ],
        attributes=[(name, str(value)) for name, value in others.items()],
        factors=factors.active(pool, user),
        preferred=user.mfa.get("preferred"),
        devices=_some(store.devices, _device, of_user),
        passkeys=_some(store.credentials, _passkey, of_user),
        groups=_some(store.memberships, lambda membership: membership.group_name, of_user),
        created=time_of(user.created),
        sub=user.sub,
        totp=_totp(user, now),
    )


def _some(table: Table[Record], shown: Callable[[Record], Shown], equal: dict[str, Any]) -> Some[Shown]:
    """Return the newest of a table that have these values, as they are shown."""
    found, before = table.newest(limit=OTHERS, **equal)
    return Some([shown(one) for one in found], len(found) if before is None else table.count(**equal))


def _device(device: Device) -> ShownDevice:
    if not device.verifier:
        state = "not confirmed"
    else:
        state = "remembered" if device.remembered else "not remembered"
    return ShownDevice(device.key, device.name or "", state)


def _passkey(passkey: Credential) -> ShownPasskey:
    return ShownPasskey(
        passkey.id, passkey.described["name"], passkey.relying_party_id, time_of(passkey.created)
    )


def _messages(store: Store, text: str, **equal: Any) -> Some[ShownMessage]:
    if not text:
        found, _ = store.messages.newest(limit=MESSAGES, **equal)
        return Some([_message(message) for message in found], store.messages.count(**equal))
    kept, _ = store.messages.newest(limit=MOST_MESSAGES, **equal)
    found = [message for message in kept if text.casefold() in _searched(message).casefold()]
    return Some([_message(message) for message in found[:MESSAGES]], len(found))


def _message(message: Message) -> ShownMessage:
    return ShownMessage(
        message.id or 0,
        message.pool_id,
        message.to,
        message.subject,
        message.body,
        message.code,
        time_of(message.sent),
        message.username,
        message.link,
    )


def _searched(message: Message) -> str:
    return f"{message.to}\n{message.username}\n{message.body}"


def time_of(moment: float) -> str:
    """Return epoch seconds as ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
