"""The password steps of a sign-in: in clear, by SRP, and a new one in place of a temporary one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_cognito.authentication import proofs
from local_cognito.authentication.flows import ATTRIBUTE_PREFIX, NEW_PASSWORD_REQUIRED, PASSWORD_VERIFIER
from local_cognito.authentication.sign_in import SignIn, check_state, require
from local_cognito.model import errors
from local_cognito.rules import attempts
from local_cognito.storage.user_records import CONFIRMED
from local_cognito.triggers.sign_in import pre_authentication
from local_cognito.users import accounts, attributes, directory, hiding, passwords, schema

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cognito.model import requests
    from local_cognito.rules.cognito import Answer, Cognito
    from local_cognito.storage.records import Client, Pool


def with_password(cognito: Cognito, pool: Pool, client: Client, parameters: dict[str, str]) -> SignIn:
    """Begin USER_PASSWORD_AUTH or ADMIN_USER_PASSWORD_AUTH: check the password and return the sign-in."""
    require(parameters, "USERNAME")
    password = require(parameters, "PASSWORD")
    sign_in = begin(cognito, pool, client, parameters)
    pre_authentication(cognito, pool, client, sign_in.user)
    check_password(cognito, sign_in, password)
    return sign_in


def check_password(cognito: Cognito, sign_in: SignIn, password: str) -> None:
    """Check a password in clear, and that the user may sign in.

    Raises:
        CognitoError: NotAuthorizedException, UserNotConfirmedException.
    """
    pool, user = sign_in.pool, sign_in.user
    _check_password(cognito, sign_in, lambda: passwords.is_right(pool, user, password))
    passwords.remember(pool, user, password)


def begin_srp(cognito: Cognito, pool: Pool, client: Client, parameters: dict[str, str]) -> Answer:
    """Begin USER_SRP_AUTH: take the client's A, and give salt, B and the secret block to sign."""
    require(parameters, "USERNAME")
    public_a = proofs.parse_public_value(require(parameters, "SRP_A"))
    sign_in = begin(cognito, pool, client, parameters)
    pre_authentication(cognito, pool, client, sign_in.user)
    return ask_for_proof(cognito, sign_in, public_a)


def ask_for_proof(cognito: Cognito, sign_in: SignIn, public_a: int) -> Answer:
    """Return the challenge PASSWORD_VERIFIER for the client's A.

    Raises:
        CognitoError: NotAuthorizedException, UserNotConfirmedException.
    """
    if not sign_in.client.hides_existence:
        check_state(sign_in.user)
    attempts.refuse_while_locked(cognito, sign_in.counted[0])
    return proofs.ask_for_password(cognito, sign_in, public_a)


def check_proof(cognito: Cognito, sign_in: SignIn) -> None:
    """Answer PASSWORD_VERIFIER: check the proof that the client knows the password.

    A client with a forgotten DEVICE_KEY is refused later, and sends the same proof again without it.
    """
    claim = proofs.parse_claim(sign_in)
    session = sign_in.resume(proofs.find(cognito, sign_in, PASSWORD_VERIFIER, claim))
    user, identity = sign_in.user, sign_in.pool.name_for_srp + sign_in.user.username
    _check_password(
        cognito, sign_in, lambda: proofs.is_right(cognito, session, claim, user.verifier, identity)
    )
    sign_in.by_srp = True


def check_new_password(cognito: Cognito, sign_in: SignIn) -> None:
    """Answer NEW_PASSWORD_REQUIRED: set a permanent password and the required attributes."""
    session = sign_in.open(cognito, NEW_PASSWORD_REQUIRED)
    pool, user = sign_in.pool, sign_in.user
    password = sign_in.require("NEW_PASSWORD")
    passwords.check_policy(pool, password, errors.NEW_PASSWORD_POLICY)
    changes = _required_attributes(sign_in)
    passwords.change(cognito, pool, user, password)
    user.status = CONFIRMED
    attributes.change(cognito, pool, user, changes)
    sign_in.named_device = session.data.get("named_device")


def begin(cognito: Cognito, pool: Pool, client: Client, parameters: dict[str, str]) -> SignIn:
    """Return a new sign-in, after checking SECRET_HASH.

    Raises:
        CognitoError: NotAuthorizedException; UserNotFoundException, if the client does not hide it.
    """
    name = parameters["USERNAME"]
    directory.check_secret_hash(client, name, parameters.get("SECRET_HASH"))
    user = hiding.user_or_simulated(cognito, pool, client, name)
    if not user.exists and "PASSWORD" in parameters:  # SRP shows none that a function could check
        user = accounts.migrated_user(cognito, pool, client, name, parameters["PASSWORD"]) or user
    if not (user.exists or client.hides_existence):
        raise errors.USER_NOT_FOUND()
    return SignIn(pool, client, user, name, parameters, named_device=parameters.get("DEVICE_KEY"))


def _check_password(cognito: Cognito, sign_in: SignIn, is_right: Callable[[], bool]) -> None:
    """Check the password by `is_right`, and that the user may sign in.

    Where the client hides existence, the user's state is reported only after the right password, and only
    the lock on the requested name is reported.

    Raises:
        CognitoError: NotAuthorizedException, UserNotConfirmedException.
    """
    if not sign_in.client.hides_existence:
        check_state(sign_in.user)
    reported, *others = sign_in.counted
    attempts.refuse_while_locked(cognito, reported)
    if not is_right():
        passwords.forget(sign_in.user)
        attempts.count_failure(cognito, sign_in.counted, attempts.WRONG_PASSWORD)
        raise errors.INCORRECT()
    if any(attempts.is_locked(cognito, user) for user in others):
        raise errors.INCORRECT()
    check_state(sign_in.user)


def _required_attributes(sign_in: SignIn) -> dict[str, str]:
    """Return the attributes in the answer to NEW_PASSWORD_REQUIRED, after checking that none is missing.

    Raises:
        CognitoError: InvalidParameterException; NotAuthorizedException.
    """
    pool, current = sign_in.pool, sign_in.user.attributes
    given: list[requests.AttributeType] = [
        {"Name": name.removeprefix(ATTRIBUTE_PREFIX), "Value": value}
        for name, value in sign_in.parameters.items()
        if name.startswith(ATTRIBUTE_PREFIX)
    ]
    changes = schema.accept(pool, given, client=sign_in.client, current=current, is_completing=True)
    for name in schema.required(pool):
        if name in changes and current.get(name):
            raise errors.ALREADY_PROVIDED(name=name)
    missing = schema.missing(pool, current | changes)
    if missing:
        raise errors.ATTRIBUTES_MISSING(names=" and ".join(missing))
    return changes
