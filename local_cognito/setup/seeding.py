"""Seeding a database once: user pools, app clients, groups and users, created by the API's own actions.

A seed nests requests to the API: `Pools` is a list of CreateUserPool and SetUserPoolMfaConfig requests in
one, each with its `Id`, `Clients` (CreateUserPoolClient), `Groups` (CreateGroup) and `Users`. It is applied
as a whole or not at all.
"""

from __future__ import annotations

import base64
import binascii
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from local_cognito.actions import app_clients, groups, mfa, sign_up, user_pools, users
from local_cognito.lambdas.functions import imported_handler
from local_cognito.model import errors, service_model
from local_cognito.rules import identifiers
from local_cognito.setup.fixed_client import FixedClient
from local_cognito.setup.seed_error import SeedError
from local_cognito.setup.seed_shapes import Part, members_of
from local_cognito.storage import records
from local_cognito.storage.user_records import CONFIRMED, FORCE_CHANGE_PASSWORD, RESET_REQUIRED, UNCONFIRMED
from local_cognito.users import directory, schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_cognito.lambdas.functions import Handler
    from local_cognito.model import requests
    from local_cognito.rules.cognito import Cognito
    from local_cognito.setup.seed_file import Seed
    from local_cognito.storage.records import Client, Pool
    from local_cognito.storage.user_records import User

_LISTS = ("Clients", "Groups", "Users")
_STATES = (CONFIRMED, FORCE_CHANGE_PASSWORD, RESET_REQUIRED, UNCONFIRMED)
_FEWEST_SECRET_BYTES = 16  # RFC 4226, section 4
# The member of a user or a group that causes a refusal.
_MEMBERS = {
    "InvalidPasswordException": "Password",
    "UsernameExistsException": "Username",
    "GroupExistsException": "GroupName",
}

logger = logging.getLogger(__name__)


def apply_once(cognito: Cognito, seed: Seed) -> None:
    """Seed the database, in the caller's transaction, unless it has been seeded before.

    Raises:
        SeedError: the seed is invalid; the caller must roll back.
    """
    applied = cognito.store.seeds.where(limit=1)
    if not applied:
        cognito.store.seeds.put(records.AppliedSeed(seed.digest, cognito.now()))
        _apply(cognito, seed)
    elif applied[0].digest != seed.digest:
        logger.warning("%s is not applied: the database was filled from another seed before.", seed.name)


def handlers(seed: Seed) -> dict[str, Handler]:
    """Return the handlers that a seed's `Triggers` map functions to, by name or ARN.

    Raises:
        SeedError: one can't be found.
    """
    try:
        whole = Part(seed.content, "")
        if not whole.has("Triggers"):
            return {}
        mapped = whole.member("Triggers")
        return {name: _handler(mapped.member(name)) for name in mapped.members}
    except SeedError as error:
        raise SeedError(f"{seed.name}: {error}") from None


def _handler(part: Part) -> Handler:
    try:
        return imported_handler(str(part.given))
    except ValueError:  # whose text quotes the seed
        part.refuse("it must name a function that can be imported, as package.module:handler")


def _apply(cognito: Cognito, seed: Seed) -> None:
    try:
        whole = Part(seed.content, "")
        whole.only("Pools", "Triggers")
        for pool in whole.list_of("Pools"):
            _add_pool(cognito, pool)
    except SeedError as error:
        raise SeedError(f"{seed.name}: {error}") from None


@contextmanager
def _refusals_at(part: Part) -> Iterator[None]:
    """Turn a refusal of the API into a SeedError with the path of its cause."""
    try:
        yield
    except errors.CognitoError as error:
        name = _MEMBERS.get(error.code, "")
        at = part.member(name) if isinstance(part.given, dict) and part.has(name) else part
        raise SeedError(f"{at.path}: {error.message.strip()}") from None


def _add_pool(cognito: Cognito, part: Part) -> None:
    of_mfa = tuple(name for name in members_of("SetUserPoolMfaConfig") if name != "UserPoolId")
    of_pool = members_of("CreateUserPool")
    part.only("Id", *of_pool, *(name for name in of_mfa if name not in of_pool), *_LISTS)
    # CreateUserPool can only set SMS MFA, so other MFA settings need a second step.
    later = of_mfa if any(part.has(name) for name in of_mfa if name not in of_pool) else ()
    request = part.request("CreateUserPool", [name for name in of_pool if name not in later])
    pool_id = _unused_pool_id(cognito, part)
    with _refusals_at(part):
        user_pools.add_pool(cognito, pool_id, request)
        if later:
            mfa = part.request("SetUserPoolMfaConfig", later, UserPoolId=pool_id)
            user_pools.set_user_pool_mfa_config(cognito, mfa)
        pool = directory.get_pool(cognito, pool_id)
    clients = [_add_client(cognito, pool_id, client) for client in part.list_of("Clients")]
    for group in part.list_of("Groups"):
        _add_group(cognito, pool_id, group)
    for user in part.list_of("Users"):
        _add_user(cognito, pool, clients, user)


def _unused_pool_id(cognito: Cognito, part: Part) -> str:
    if not part.has("Id"):
        return user_pools.new_pool_id(cognito)
    given = part.member("Id")
    pool_id = given.text()
    if not identifiers.POOL_ID.fullmatch(pool_id):
        given.refuse("it must look like us-east-1_Example: a region, an underscore, letters and digits")
    if cognito.store.pools.get(pool_id) is not None:
        given.refuse("there is a user pool of this ID already")
    return pool_id


def _add_client(cognito: Cognito, pool_id: str, part: Part) -> Client:
    names = tuple(name for name in members_of("CreateUserPoolClient") if name != "UserPoolId")
    part.only("ClientId", *names)
    request = part.request("CreateUserPoolClient", names, UserPoolId=pool_id)
    client_id = part.member("ClientId").text() if part.has("ClientId") else app_clients.new_client_id(cognito)
    try:
        FixedClient(client_id)
    except ValueError as error:
        part.member("ClientId").refuse(str(error))
    if cognito.store.clients.get(client_id) is not None:
        part.member("ClientId").refuse("there is an app client of this ID already")
    with _refusals_at(part):
        return app_clients.add_client(cognito, client_id, request)


def _add_group(cognito: Cognito, pool_id: str, part: Part) -> None:
    names = tuple(name for name in members_of("CreateGroup") if name != "UserPoolId")
    part.only(*names)
    request = part.request("CreateGroup", names, UserPoolId=pool_id)
    with _refusals_at(part):
        groups.create_group(cognito, request)


def _add_user(cognito: Cognito, pool: Pool, clients: list[Client], part: Part) -> None:
    part.only("Username", "Password", "Attributes", "Groups", "Status", "Enabled", "SecretCode")
    status = part.member("Status").text() if part.has("Status") else CONFIRMED
    if status not in _STATES:
        part.member("Status").refuse(f"it must be one of {', '.join(_STATES)}")
    request = part.request("AdminSetUserPassword", ("Username", "Password"), UserPoolId=pool.id)
    attributes = _attributes(pool, part)
    with _refusals_at(part):
        if status == UNCONFIRMED:
            _sign_up(cognito, clients, part, request, attributes)
        else:
            _create(cognito, request, attributes)
        user = _stored_user(cognito, request)
        if status in (CONFIRMED, RESET_REQUIRED):
            user.status = CONFIRMED
            directory.save_user(cognito, pool, user)
    named: requests.OfUser = {"UserPoolId": pool.id, "Username": user.username}
    if part.has("SecretCode"):
        enrol(cognito, pool, user, part.member("SecretCode"))
    for group in part.list_of("Groups"):
        with _refusals_at(group):
            groups.admin_add_user_to_group(cognito, {**named, "GroupName": group.text()})
    with _refusals_at(part):
        if status == RESET_REQUIRED:
            users.admin_reset_user_password(cognito, {"UserPoolId": pool.id, "Username": user.username})
        if part.has("Enabled") and not part.member("Enabled").flag():
            users.admin_disable_user(cognito, named)


def _attributes(pool: Pool, part: Part) -> list[requests.AttributeType]:
    """Return a user's attributes as requests have them; the flags may be written without quotes."""
    if not part.has("Attributes"):
        return []
    given = part.member("Attributes")
    attributes: list[requests.AttributeType] = []
    for name in given.members:
        value, members = given.member(name), service_model.structure("AttributeType").members
        if isinstance(value.given, bool):
            value = Part(str(value.given).lower(), value.path)
        Part(name, given.path).check(members["Name"])
        value.check(members["Value"])
        attributes.append({"Name": name, "Value": value.text()})
    with _refusals_at(given):
        schema.accept(pool, attributes, client=None)
    return attributes


def _create(
    cognito: Cognito, request: requests.AdminSetUserPassword, attributes: list[requests.AttributeType]
) -> None:
    new: requests.AdminCreateUser = {
        "UserPoolId": request["UserPoolId"],
        "Username": request["Username"],
        "TemporaryPassword": request["Password"],
        "MessageAction": "SUPPRESS",
        "UserAttributes": attributes,
    }
    users.admin_create_user(cognito, new)


def _sign_up(
    cognito: Cognito,
    clients: list[Client],
    part: Part,
    request: requests.AdminSetUserPassword,
    attributes: list[requests.AttributeType],
) -> None:
    """Sign a user up through the first app client, so that a code waits in the outbox."""
    if not clients:
        part.member("Status").refuse("to sign up, a user needs an app client among the Clients")
    client = clients[0]
    new: requests.SignUp = {
        "ClientId": client.id,
        "Username": request["Username"],
        "Password": request["Password"],
        "UserAttributes": attributes,
    }
    if client.secret is not None:
        new["SecretHash"] = identifiers.secret_hash(client.secret, request["Username"], client.id)
    sign_up.sign_up(cognito, new)


def _stored_user(cognito: Cognito, request: requests.AdminSetUserPassword) -> User:
    named: requests.OfUser = {"UserPoolId": request["UserPoolId"], "Username": request["Username"]}
    _, user = directory.managed_user(cognito, named)
    return user


def enrol(cognito: Cognito, pool: Pool, user: User, part: Part) -> None:
    """Give the user an authenticator app that has this secret, as VerifySoftwareToken does.

    Raises:
        SeedError: it is not a secret, or the pool offers no TOTP.
    """
    secret = part.text()
    try:
        is_secret = len(base64.b32decode(secret + "=" * (-len(secret) % 8))) >= _FEWEST_SECRET_BYTES
    except (binascii.Error, ValueError):
        is_secret = False
    if not is_secret:
        part.refuse("it must be Base32 without padding, 26 letters or more")
    with _refusals_at(part):
        if not pool.offers_totp:
            raise errors.TOTP_NOT_ENABLED_IN_POOL()
        user.totp_secret = secret
        directory.save_user(cognito, pool, user)
        preference: requests.AdminSetUserMFAPreference = {
            "UserPoolId": pool.id,
            "Username": user.username,
            "SoftwareTokenMfaSettings": {"Enabled": True, "PreferredMfa": True},
        }
        mfa.admin_set_user_mfa_preference(cognito, preference)
