"""A software authenticator: a passkey for tests and terminals, which signs as a browser's would.

Imported by tests, by the plug-in, and by the command `python -m local_cognito.authenticator`. Its private
key is in memory, or in a file of the command's: it protects nobody.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from fido2.cose import ES256, RS256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

ALGORITHMS = {"ES256": -7, "RS256": -257}
_ID_BYTES = 32
_RSA_BITS = 2048
_FLAG = AuthenticatorData.FLAG


@dataclass
class Passkey:
    """A passkey of one user for one relying party.

    Attributes:
        id: the credential ID, base64url without padding.
        relying_party_id: the domain that it is for.
        origin: of the page that it is used on; change it to be on another one.
        user_handle: base64url of the user's sub.
        registration: what CompleteWebAuthnRegistration takes as Credential.
        verifies_user: whether it says that it has verified its user, by PIN or finger.
        counter: the latest signature counter.
    """

    id: str
    relying_party_id: str
    origin: str
    user_handle: str
    private_key: PrivateKey = field(repr=False)
    registration: dict[str, Any] = field(default_factory=dict, repr=False)
    verifies_user: bool = True
    counter: int = 0

    @classmethod
    def create(
        cls,
        options: Mapping[str, Any] | str,
        *,
        origin: str | None = None,
        algorithm: str = "ES256",
        verifies_user: bool = True,
    ) -> Passkey:
        """Make a passkey as navigator.credentials.create does.

        Args:
            options: CredentialCreationOptions of StartWebAuthnRegistration, or their JSON.
            origin: of the page; by default https and the relying party ID, or http on localhost.
            algorithm: `ES256` or `RS256`, which the options must allow.
            verifies_user: see the attribute.

        Raises:
            ValueError: the options do not allow the algorithm.
        """
        asked = _parsed(options)
        number = ALGORITHMS[algorithm]
        if number not in [one["alg"] for one in asked["pubKeyCredParams"]]:
            raise ValueError(f"The options do not allow {algorithm}.")
        domain = asked["rp"]["id"]
        key: PrivateKey
        if algorithm == "RS256":
            key = rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
        else:
            key = ec.generate_private_key(ec.SECP256R1())
        made = cls(
            websafe_encode(secrets.token_bytes(_ID_BYTES)),
            domain,
            origin or ("http://localhost" if domain == "localhost" else f"https://{domain}"),
            asked["user"]["id"],
            key,
            verifies_user=verifies_user,
        )
        made.registration = made._registered(asked["challenge"])
        return made

    def sign(self, options: Mapping[str, Any] | str) -> str:
        """Sign a challenge as navigator.credentials.get does.

        Args:
            options: CREDENTIAL_REQUEST_OPTIONS of the challenge WEB_AUTHN, JSON or parsed.

        Returns:
            What RespondToAuthChallenge takes as CREDENTIAL: JSON.

        Raises:
            ValueError: the options ask for another passkey.
        """
        asked = _parsed(options)
        allowed = [one["id"] for one in asked.get("allowCredentials", [])]
        if allowed and self.id not in allowed:
            raise ValueError("The options ask for another passkey.")
        self.counter += 1
        data = CollectedClientData.create("webauthn.get", asked["challenge"], self.origin)
        authenticator = AuthenticatorData.create(
            sha256(self.relying_party_id.encode()), self._flags, self.counter
        )
        response = {
            "clientDataJSON": data.b64,
            "authenticatorData": websafe_encode(authenticator),
            "signature": websafe_encode(self._signature(authenticator + data.hash)),
            "userHandle": self.user_handle,
        }
        return json.dumps(self._credential(response))

    def to_dict(self) -> dict[str, Any]:
        """Return the passkey as JSON can hold it, its private key included."""
        pem = self.private_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        kept = {name: getattr(self, name) for name in _KEPT}
        return kept | {"private_key": pem.decode()}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Passkey:
        """Return the passkey that `to_dict` told of."""
        key = serialization.load_pem_private_key(kept["private_key"].encode(), None)
        if not isinstance(key, (ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey)):
            raise TypeError("The private key is of no type that a passkey has.")
        return cls(private_key=key, **{name: kept[name] for name in _KEPT})

    @property
    def _flags(self) -> AuthenticatorData.FLAG:
        return _FLAG.UP | _FLAG.UV if self.verifies_user else _FLAG.UP

    def _registered(self, challenge: str) -> dict[str, Any]:
        public = self.private_key.public_key()
        is_rsa = isinstance(public, rsa.RSAPublicKey)
        form = RS256 if is_rsa else ES256
        cose = form.from_cryptography_key(public)  # type: ignore[no-untyped-call]
        attested = AttestedCredentialData.create(Aaguid.NONE, websafe_decode(self.id), cose)
        authenticator = AuthenticatorData.create(
            sha256(self.relying_party_id.encode()), self._flags | _FLAG.AT, self.counter, attested
        )
        response = {
            "clientDataJSON": CollectedClientData.create("webauthn.create", challenge, self.origin).b64,
            "attestationObject": websafe_encode(AttestationObject.create("none", authenticator, {})),
            "transports": ["internal"],
        }
        return self._credential(response)

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": self.id,
            "rawId": self.id,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }

    def _signature(self, message: bytes) -> bytes:
        if isinstance(self.private_key, rsa.RSAPrivateKey):
            return self.private_key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        return self.private_key.sign(message, ec.ECDSA(hashes.SHA256()))


_KEPT = ("id", "relying_party_id", "origin", "user_handle", "verifies_user", "counter")


def _parsed(options: Mapping[str, Any] | str) -> Any:
    return json.loads(options) if isinstance(options, str) else options
