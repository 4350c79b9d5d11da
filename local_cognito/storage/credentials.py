"""The record of a user's passkey. Imported by the store and by the room of passkeys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Credential:
    """A passkey that is registered for a user.

    Attributes:
        id: the credential ID, base64url without padding.
        pool_id: of the user pool.
        username: of its user.
        relying_party_id: the domain that it is for.
        public_key: AttestedCredentialData of WebAuthn, which holds the ID and the public key, as hex.
        sign_count: the authenticator's latest signature counter; 0 if it has none.
        created: epoch seconds.
        described: `name`, `transports` and `attachment`, as the list of passkeys shows them; the last may
            be absent.
    """

    id: str
    pool_id: str
    username: str
    relying_party_id: str
    public_key: str
    sign_count: int
    created: float
    described: dict[str, Any] = field(default_factory=dict)
