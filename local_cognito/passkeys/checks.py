"""The checks of what authenticators sign, made by python-fido2.

Imported only once a passkey is checked, because fido2 takes a while to load.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from fido2.rpid import verify_rp_id
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    RegistrationResponse,
)

from local_cognito.model import errors
from local_cognito.passkeys.options import ALGORITHMS, encoded

if TYPE_CHECKING:
    from fido2.cose import CoseKey

    from local_cognito.storage.credentials import Credential

# An origin as browsers write it: no user, path or capital letter, which URLs may have.
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]+)?")
_MALFORMED = (ValueError, KeyError, TypeError, AttributeError, IndexError)
_LONGEST_ID = 1023  # WebAuthn Level 3, section 7.1
# Labels of a COSE key, and its types (RFC 9052, section 7; RFC 9053, section 2; RFC 8230, section 4).
_KEY_TYPE, _ALGORITHM = 1, 3
_KEY_TYPES = dict(zip(ALGORITHMS, (2, 3), strict=True))


@dataclass(frozen=True)
class Expected:
    """The values that an authenticator's answer must match.

    Attributes:
        domain: the relying party ID.
        verification: `required` or `preferred`.
    """

    domain: str
    verification: str

    def server(self) -> Fido2Server:
        """Return fido2's relying party, which takes answers from pages that may use the domain."""
        entity = PublicKeyCredentialRpEntity(id=self.domain, name=self.domain)
        return Fido2Server(entity, verify_origin=self.is_allowed)

    def is_allowed(self, origin: str) -> bool:
        """Tell whether pages of this origin may use the domain's passkeys; ports do not count."""
        return bool(_ORIGIN.fullmatch(origin)) and verify_rp_id(self.domain, origin)

    def state(self, challenge: str) -> dict[str, str]:
        """Return the state of a ceremony as fido2 keeps it."""
        return {"challenge": challenge, "user_verification": self.verification}


@dataclass(frozen=True)
class Registered:
    """A new passkey: its ID (base64url), AttestedCredentialData as hex, and its signature counter."""

    id: str
    public_key: str
    sign_count: int


def parse_registration(credential: Any) -> RegistrationResponse:
    """Parse a RegistrationResponseJSON.

    Raises:
        CognitoError: InvalidParameterException.
    """
    try:
        _check_type(credential)
        parsed: RegistrationResponse | None = RegistrationResponse.from_dict(credential)
        if parsed is None or parsed.response.attestation_object.auth_data.credential_data is None:
            raise errors.PASSKEY_MALFORMED()
    except _MALFORMED:
        raise errors.PASSKEY_MALFORMED() from None
    return parsed


def _check_type(credential: Any) -> None:
    """Check the type of a credential in JSON, which fido2 does not look at.

    Raises:
        ValueError: it is not a public key.
    """
    if credential["type"] != PublicKeyCredentialType.PUBLIC_KEY:
        raise ValueError("not a public key")


def challenge_of(parsed: RegistrationResponse) -> bytes:
    """Return the challenge that the client says it has answered."""
    return bytes(parsed.response.client_data.challenge)


def check_registration(parsed: RegistrationResponse, challenge: str, expected: Expected) -> Registered:
    """Check a new passkey; its attestation is not looked at, none is asked for.

    Raises:
        CognitoError: WebAuthnOriginNotAllowedException, WebAuthnRelyingPartyMismatchException,
            WebAuthnCredentialNotSupportedException.
    """
    client_data, server = parsed.response.client_data, expected.server()
    if client_data.cross_origin or not expected.is_allowed(client_data.origin):
        raise errors.PASSKEY_ORIGIN()
    authenticator = parsed.response.attestation_object.auth_data
    if authenticator.rp_id_hash != server.rp.id_hash:
        raise errors.PASSKEY_RELYING_PARTY()
    try:
        made = server.register_complete(expected.state(challenge), parsed).credential_data
    except (*_MALFORMED, UnsupportedAlgorithm):
        raise errors.PASSKEY_NOT_SUPPORTED() from None
    if made is None or made.credential_id != parsed.raw_id or not _is_usable(made.public_key):
        raise errors.PASSKEY_NOT_SUPPORTED()
    if not 0 < len(made.credential_id) <= _LONGEST_ID:
        raise errors.PASSKEY_NOT_SUPPORTED()
    return Registered(encoded(made.credential_id), bytes(made).hex(), authenticator.counter)


def _is_usable(key: CoseKey) -> bool:
    """Tell whether the key is of an algorithm that was asked for, and can verify signatures."""
    if key.get(_ALGORITHM) not in _KEY_TYPES or key.get(_KEY_TYPE) != _KEY_TYPES[key[_ALGORITHM]]:
        return False
    try:
        key.verify(b"", b"")
    except InvalidSignature:
        return True
    except (*_MALFORMED, UnsupportedAlgorithm):
        pass
    return False


def check_assertion(
    credential: Any, challenge: str, expected: Expected, passkeys: list[Credential], user_handle: bytes
) -> Credential:
    """Check a signed challenge and return the user's passkey that signed it, with its new counter.

    A counter that does not go up tells of a copied authenticator. Authenticators without one say 0.

    Args:
        credential: an AuthenticationResponseJSON, parsed from JSON.
        challenge: the one that was to sign, base64url.
        expected: what the answer must fit.
        passkeys: those that the user may sign with.
        user_handle: the user's, which the authenticator may leave out.

    Raises:
        CognitoError: InvalidParameterException if it is not an answer, NotAuthorizedException.
    """
    try:
        _check_type(credential)
        parsed = AuthenticationResponse.from_dict(credential)
    except _MALFORMED:
        raise errors.PASSKEY_MALFORMED() from None
    if parsed is None:
        raise errors.PASSKEY_MALFORMED()
    known = [AttestedCredentialData(bytes.fromhex(passkey.public_key)) for passkey in passkeys]
    try:
        expected.server().authenticate_complete(expected.state(challenge), known, parsed)
    except (*_MALFORMED, UnsupportedAlgorithm):
        raise errors.PASSKEY_REFUSED() from None
    passkey = next(one for one in passkeys if one.id == encoded(parsed.raw_id))
    count = parsed.response.authenticator_data.counter
    is_copy = (count or passkey.sign_count) and count <= passkey.sign_count
    if is_copy or parsed.response.client_data.cross_origin:
        raise errors.PASSKEY_REFUSED()
    if parsed.response.user_handle not in (None, b"", user_handle):
        raise errors.PASSKEY_REFUSED()
    passkey.sign_count = count
    return passkey
