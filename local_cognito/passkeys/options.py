"""The relying party that a pool is, and the options that browsers get from it.

Imported by whoever hands out options, or asks for a user's passkeys. The checks stand in `checks`.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from local_cognito.model import errors
from local_cognito.rules.factors import WEB_AUTHN, allowed_first, passkeys_are_mfa

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Cognito
    from local_cognito.storage.credentials import Credential
    from local_cognito.storage.records import Client, Pool
    from local_cognito.storage.user_records import User

CHALLENGE_BYTES = 16
REGISTRATION_SECONDS = 60
ALGORITHMS = (-7, -257)  # ES256 and RS256 (RFC 9053, RFC 8812)
_MILLISECONDS = 1000


def encoded(data: bytes) -> str:
    """Return base64url without padding, as WebAuthn's JSON has bytes."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def relying_party_id(pool: Pool) -> str:
    """Return the domain that the pool's passkeys are for; there is no hosted domain to fall back on.

    Raises:
        CognitoError: WebAuthnNotEnabledException, WebAuthnConfigurationMissingException.
    """
    if WEB_AUTHN not in allowed_first(pool) and not passkeys_are_mfa(pool):
        raise errors.PASSKEYS_NOT_ENABLED()
    found = pool.settings.get("WebAuthnConfiguration", {}).get("RelyingPartyId")
    if not found:
        raise errors.PASSKEYS_NOT_CONFIGURED()
    return str(found)


def user_verification(pool: Pool) -> str:
    """Return `required` or `preferred`; a passkey that counts as MFA always verifies its user."""
    if passkeys_are_mfa(pool):
        return "required"
    return str(pool.settings.get("WebAuthnConfiguration", {}).get("UserVerification", "preferred"))


def of_user(cognito: Cognito, pool: Pool, user: User) -> list[Credential]:
    """Return the user's passkeys for the pool's present relying party, the oldest first."""
    domain = pool.settings.get("WebAuthnConfiguration", {}).get("RelyingPartyId")
    return cognito.store.credentials.where(
        pool_id=pool.id, username=user.username, relying_party_id=domain or ""
    )


def to_create(cognito: Cognito, pool: Pool, user: User, challenge: bytes) -> dict[str, Any]:
    """Return CredentialCreationOptions, a PublicKeyCredentialCreationOptionsJSON."""
    domain = relying_party_id(pool)
    registered = of_user(cognito, pool, user)
    return {
        "rp": {"id": domain, "name": domain},
        "user": {"id": encoded(user.sub.encode()), "name": user.username, "displayName": user.username},
        "challenge": encoded(challenge),
        "pubKeyCredParams": [{"type": "public-key", "alg": algorithm} for algorithm in ALGORITHMS],
        "timeout": REGISTRATION_SECONDS * _MILLISECONDS,
        "excludeCredentials": [{"type": "public-key", "id": passkey.id} for passkey in registered],
        "authenticatorSelection": {
            "requireResidentKey": True,
            "residentKey": "required",
            "userVerification": user_verification(pool),
        },
    }


def to_get(cognito: Cognito, pool: Pool, client: Client, user: User, challenge: str) -> dict[str, Any]:
    """Return what CREDENTIAL_REQUEST_OPTIONS holds, a PublicKeyCredentialRequestOptionsJSON.

    A simulated user has a passkey, too, always the same one.
    """
    allowed = [
        {"type": "public-key", "id": passkey.id, "transports": passkey.described["transports"]}
        for passkey in of_user(cognito, pool, user)
    ]
    if not user.exists:
        made_up = encoded(hashlib.sha256(f"passkey {user.salt}".encode()).digest())
        allowed = [{"type": "public-key", "id": made_up, "transports": ["internal"]}]
    return {
        "hints": [],
        "attestation": "none",
        "attestationFormats": [],
        "challenge": challenge,
        "timeout": client.session_seconds * _MILLISECONDS,
        "rpId": relying_party_id(pool),
        "allowCredentials": allowed,
        "userVerification": user_verification(pool),
    }
