"""Registering and deleting passkeys. Imported by the actions about a user's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local_cognito.authentication import sessions
from local_cognito.model import errors
from local_cognito.passkeys import options
from local_cognito.rules.factors import WEB_AUTHN
from local_cognito.storage.credentials import Credential
from local_cognito.users import directory

if TYPE_CHECKING:
    from local_cognito.passkeys.checks import Registered
    from local_cognito.rules.cognito import Answer, Cognito
    from local_cognito.storage.records import Client, Pool, Session
    from local_cognito.storage.user_records import User

MOST_PASSKEYS = 20
_REGISTRATION = "StartWebAuthnRegistration"
_NAMES = {"platform": "Platform passkey", "cross-platform": "Roaming passkey"}


def start(cognito: Cognito, pool: Pool, client: Client, user: User) -> dict[str, Any]:
    """Begin a registration and return CredentialCreationOptions.

    Raises:
        CognitoError: WebAuthnNotEnabledException, WebAuthnConfigurationMissingException,
            LimitExceededException.
    """
    options.relying_party_id(pool)
    _refuse_too_many(cognito, user)
    challenge = cognito.random_bytes(options.CHALLENGE_BYTES)
    until = cognito.now() + options.REGISTRATION_SECONDS
    sessions.keep(cognito, challenge, client, user, _REGISTRATION, until=until)
    return options.to_create(cognito, pool, user, challenge)


def complete(cognito: Cognito, pool: Pool, client: Client, user: User, given: Any) -> None:
    """Check a new passkey, a RegistrationResponseJSON, and keep it.

    Raises:
        CognitoError: the exceptions of WebAuthn; LimitExceededException; InvalidParameterException for what
            is no passkey, and for one that is registered.
    """
    from local_cognito.passkeys import checks  # noqa: PLC0415 - fido2 takes a while to load

    expected = checks.Expected(options.relying_party_id(pool), options.user_verification(pool))
    parsed = checks.parse_registration(given)
    challenge = checks.challenge_of(parsed)
    session = _registration(cognito, challenge, client, user)
    made = checks.check_registration(parsed, options.encoded(challenge), expected)
    if cognito.store.credentials.get(pool.id, made.id):
        raise errors.PASSKEY_EXISTS()
    _refuse_too_many(cognito, user)
    sessions.spend(cognito, session)
    cognito.store.credentials.put(_record(cognito, user, expected.domain, made, given))


def delete(cognito: Cognito, pool: Pool, user: User, credential_id: str) -> None:
    """Delete a passkey; the last one takes the user's MFA by passkey with it.

    Raises:
        CognitoError: ResourceNotFoundException.
    """
    passkey = cognito.store.credentials.get(pool.id, credential_id)
    if passkey is None or passkey.username != user.username:
        raise errors.PASSKEY_UNKNOWN()
    cognito.store.credentials.delete(pool_id=pool.id, id=passkey.id)
    enabled = user.mfa.get("enabled", [])
    if WEB_AUTHN in enabled and not _count(cognito, user):
        user.mfa["enabled"] = [factor for factor in enabled if factor != WEB_AUTHN]
        directory.save_user(cognito, pool, user)


def _count(cognito: Cognito, user: User) -> int:
    return cognito.store.credentials.count(pool_id=user.pool_id, username=user.username)


def _refuse_too_many(cognito: Cognito, user: User) -> None:
    if _count(cognito, user) >= MOST_PASSKEYS:
        raise errors.TOO_MANY_PASSKEYS()


def _registration(cognito: Cognito, challenge: bytes, client: Client, user: User) -> Session:
    """Return the registration that a challenge belongs to.

    Raises:
        CognitoError: WebAuthnChallengeNotFoundException when it is unknown, another user's, expired or used;
            WebAuthnClientMismatchException.
    """
    session = cognito.store.sessions.get(sessions.handle_of(challenge))
    if session is None or session.step != _REGISTRATION or not sessions.is_of(session, user):
        raise errors.PASSKEY_CHALLENGE()
    if session.spent or cognito.now() >= session.expires or session.pool_id != user.pool_id:
        raise errors.PASSKEY_CHALLENGE()
    if session.client_id != client.id:
        raise errors.PASSKEY_CLIENT()
    return session


def _record(cognito: Cognito, user: User, domain: str, made: Registered, given: dict[str, Any]) -> Credential:
    attachment = given.get("authenticatorAttachment")
    transports = given["response"].get("transports")
    told = transports if isinstance(transports, list) else []
    described: dict[str, Any] = {
        "name": _NAMES.get(str(attachment), "Passkey"),
        "transports": [one for one in told if isinstance(one, str)],
    }
    if attachment in _NAMES:
        described["attachment"] = attachment
    return Credential(
        made.id,
        user.pool_id,
        user.username,
        domain,
        made.public_key,
        made.sign_count,
        cognito.now(),
        described,
    )


def described(passkey: Credential) -> Answer:
    """Return a WebAuthnCredentialDescription."""
    attachment = passkey.described.get("attachment")
    return {
        "CredentialId": passkey.id,
        "FriendlyCredentialName": passkey.described["name"],
        "RelyingPartyId": passkey.relying_party_id,
        "AuthenticatorTransports": passkey.described["transports"],
        "CreatedAt": passkey.created,
        **({"AuthenticatorAttachment": attachment} if attachment else {}),
    }
