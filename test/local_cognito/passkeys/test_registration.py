"""Registering, listing and deleting passkeys, and what a registration is refused for."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from local_cognito.authenticator.passkey import Passkey
from test.local_cognito.passkeys.conftest import DOMAIN
from test.support.pool_driver import ALICE, BOB, MINUTE, TOKEN_INVALID, refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.local_cognito.passkeys.conftest import Passkeys
    from test.support.pool_driver import PoolDriver

NOT_VALID = ("InvalidParameterException", "Credential data is not valid")


def code_of(act: Callable[[], object]) -> str:
    """Return the error code that a call is refused with."""
    with pytest.raises(ClientError) as caught:
        act()
    return str(caught.value.response["Error"]["Code"])


def test_the_options_for_a_new_passkey(passkeys: Passkeys) -> None:
    """They are a PublicKeyCredentialCreationOptionsJSON with nothing beyond what AWS has."""
    token = passkeys.token()

    options = passkeys.options(token)

    challenge = options.pop("challenge")
    assert len(websafe_decode(challenge)) == 16
    sub = passkeys.pool.described()["attributes"]["sub"]
    assert options == {
        "rp": {"id": DOMAIN, "name": DOMAIN},
        "user": {
            "id": base64.urlsafe_b64encode(sub.encode()).decode().rstrip("="),
            "name": ALICE,
            "displayName": ALICE,
        },
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}, {"type": "public-key", "alg": -257}],
        "timeout": 60000,
        "excludeCredentials": [],
        "authenticatorSelection": {
            "requireResidentKey": True,
            "residentKey": "required",
            "userVerification": "preferred",
        },
    }


def test_a_passkey_is_listed_and_deleted(passkeys: Passkeys) -> None:
    """The next registration excludes it, until it is deleted."""
    token = passkeys.token()
    passkey = passkeys.register(token)

    (listed,) = passkeys.listed(token)

    assert listed.pop("CreatedAt").timestamp() == passkeys.pool.clock.now
    assert listed == {
        "CredentialId": passkey.id,
        "FriendlyCredentialName": "Platform passkey",
        "RelyingPartyId": DOMAIN,
        "AuthenticatorAttachment": "platform",
        "AuthenticatorTransports": ["internal"],
    }
    assert passkeys.options(token)["excludeCredentials"] == [{"type": "public-key", "id": passkey.id}]
    passkeys.pool.api.delete_web_authn_credential(AccessToken=token, CredentialId=passkey.id)
    assert passkeys.listed(token) == []
    with refused("ResourceNotFoundException", "Passkey not found."):
        passkeys.pool.api.delete_web_authn_credential(AccessToken=token, CredentialId=passkey.id)


def test_a_user_has_twenty_passkeys_at_most(passkeys: Passkeys) -> None:
    """Pages are of the size that the request says; the 21st registration is refused at its start."""
    token = passkeys.token()
    for _ in range(20):
        passkeys.register(token)

    assert len(passkeys.listed(token, MaxResults=7)) == 7
    assert len(passkeys.listed(token)) == 20
    assert code_of(lambda: passkeys.options(token)) == "LimitExceededException"


def test_each_user_has_their_own(passkeys: Passkeys) -> None:
    """Nobody sees or deletes the passkey of another user, nor registers it again."""
    passkey = passkeys.register(passkeys.token())
    bobs = passkeys.token(BOB)

    assert passkeys.listed(bobs) == []
    with refused("ResourceNotFoundException", "Passkey not found."):
        passkeys.pool.api.delete_web_authn_credential(AccessToken=bobs, CredentialId=passkey.id)
    passkey.registration = passkey._registered(passkeys.options(bobs)["challenge"])  # noqa: SLF001 - nothing public tells it
    with refused("InvalidParameterException", "The passkey is registered already."):
        passkeys.complete(bobs, passkey.registration)


def test_a_challenge_works_once(passkeys: Passkeys) -> None:
    """A second passkey needs a challenge of its own."""
    token = passkeys.token()
    options = passkeys.options(token)
    passkeys.complete(token, Passkey.create(options).registration)

    second = Passkey.create(options).registration
    assert code_of(lambda: passkeys.complete(token, second)) == "WebAuthnChallengeNotFoundException"


def test_a_challenge_expires(passkeys: Passkeys) -> None:
    """After the time-out of the options it is gone."""
    token = passkeys.token()
    made = Passkey.create(passkeys.options(token)).registration
    passkeys.pool.clock.advance(MINUTE)

    assert code_of(lambda: passkeys.complete(token, made)) == "WebAuthnChallengeNotFoundException"


def test_a_challenge_is_of_one_user(passkeys: Passkeys) -> None:
    """Bob can't complete what Alice started, and nobody what nobody started."""
    made = Passkey.create(passkeys.options(passkeys.token())).registration
    bobs = passkeys.token(BOB)

    assert code_of(lambda: passkeys.complete(bobs, made)) == "WebAuthnChallengeNotFoundException"
    unknown = passkeys.options(bobs) | {"challenge": websafe_encode(bytes(16))}
    other = Passkey.create(unknown).registration
    assert code_of(lambda: passkeys.complete(bobs, other)) == "WebAuthnChallengeNotFoundException"


def test_a_challenge_is_of_one_app_client(passkeys: Passkeys) -> None:
    """A token of another app client does not complete it."""
    made = Passkey.create(passkeys.options(passkeys.token())).registration
    other = passkeys.pool.other_client()
    token = other.sign_in()["AuthenticationResult"]["AccessToken"]

    assert code_of(lambda: passkeys.complete(token, made)) == "WebAuthnClientMismatchException"


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://notexample.com",
        "https://example.com.evil.example",
        "http://example.com",
        "https://evil.example\\.example.com",
        "https://evil@example.com",
        "null",
        "",
    ],
)
def test_pages_of_other_origins(passkeys: Passkeys, origin: str) -> None:
    """A passkey that was made on a page of another domain, or without TLS, is refused."""
    token = passkeys.token()
    passkey = Passkey.create(passkeys.options(token), origin="https://example.com")
    data = CollectedClientData.create("webauthn.create", _challenge(passkey), origin)
    passkey.registration["response"]["clientDataJSON"] = data.b64

    refusal = code_of(lambda: passkeys.complete(token, passkey.registration))
    assert refusal == "WebAuthnOriginNotAllowedException"


def _challenge(passkey: Passkey) -> str:
    data = websafe_decode(passkey.registration["response"]["clientDataJSON"])
    return str(json.loads(data)["challenge"])


@pytest.mark.parametrize("origin", ["https://example.com", "https://login.example.com:8443"])
def test_pages_of_the_domain(passkeys: Passkeys, origin: str) -> None:
    """Subdomains and ports are the domain's own."""
    token = passkeys.token()

    passkeys.register(token, origin=origin)

    assert len(passkeys.listed(token)) == 1


def test_pages_on_localhost(make_passkeys: Callable[..., Passkeys]) -> None:
    """A page on this machine needs no TLS."""
    passkeys = make_passkeys(RelyingPartyId="localhost")

    token = passkeys.token()

    passkeys.register(token, origin="http://localhost:5173")

    assert len(passkeys.listed(token)) == 1


def test_another_relying_party(passkeys: Passkeys) -> None:
    """A passkey for another domain is refused, also on a page of the right one."""
    token = passkeys.token()
    options = passkeys.options(token)
    foreign = options | {"rp": {"id": "example.org", "name": "x"}}
    made = Passkey.create(foreign, origin="https://example.com").registration

    assert code_of(lambda: passkeys.complete(token, made)) == "WebAuthnRelyingPartyMismatchException"


def test_a_frame_of_another_site(passkeys: Passkeys) -> None:
    """A passkey that was made in a frame of another origin is refused."""
    token = passkeys.token()
    passkey = Passkey.create(passkeys.options(token))
    data = CollectedClientData.create(
        "webauthn.create", _challenge(passkey), "https://example.com", cross_origin=True
    )
    passkey.registration["response"]["clientDataJSON"] = data.b64

    refusal = code_of(lambda: passkeys.complete(token, passkey.registration))
    assert refusal == "WebAuthnOriginNotAllowedException"


@pytest.mark.parametrize("setting", ["UserVerification", "FactorConfiguration"])
def test_user_verification_that_is_required(make_passkeys: Callable[..., Passkeys], setting: str) -> None:
    """Without it the passkey is not supported, and with FactorConfiguration it is required by itself."""
    value = "required" if setting == "UserVerification" else "MULTI_FACTOR_WITH_USER_VERIFICATION"
    passkeys = make_passkeys(**{setting: value})
    token = passkeys.token()
    options = passkeys.options(token)

    assert options["authenticatorSelection"]["userVerification"] == "required"
    made = Passkey.create(options, verifies_user=False).registration
    assert code_of(lambda: passkeys.complete(token, made)) == "WebAuthnCredentialNotSupportedException"


@pytest.mark.parametrize(
    "change",
    [
        {3: -8},  # EdDSA, which was not asked for
        {3: -257},  # a key of an elliptic curve that claims to be RSA's
        {-1: 2},  # another curve
        {-2: bytes(32), -3: b"\x01" * 32},  # no point of the curve
    ],
)
def test_keys_that_can_not_be(passkeys: Passkeys, change: dict[int, Any]) -> None:
    """A changed algorithm, or a key that verifies nothing, is not supported."""
    token = passkeys.token()
    passkey = Passkey.create(passkeys.options(token))
    attestation = AttestationObject(websafe_decode(passkey.registration["response"]["attestationObject"]))
    forged = _with_key(attestation, change)
    passkey.registration["response"]["attestationObject"] = websafe_encode(forged)

    refusal = code_of(lambda: passkeys.complete(token, passkey.registration))
    assert refusal == "WebAuthnCredentialNotSupportedException"


@pytest.mark.parametrize("length", [0, 1024])
def test_ids_that_can_not_be(passkeys: Passkeys, length: int) -> None:
    """A credential ID has from 1 to 1,023 bytes."""
    token = passkeys.token()
    made = Passkey.create(passkeys.options(token)).registration
    attestation = AttestationObject(websafe_decode(made["response"]["attestationObject"]))
    made["id"] = made["rawId"] = websafe_encode(bytes(length))
    made["response"]["attestationObject"] = websafe_encode(_with_key(attestation, {}, bytes(length)))

    assert code_of(lambda: passkeys.complete(token, made)) == "WebAuthnCredentialNotSupportedException"


def _with_key(
    attestation: AttestationObject, change: dict[int, Any], credential_id: bytes | None = None
) -> AttestationObject:
    data = attestation.auth_data
    attested = data.credential_data
    assert attested is not None
    key = dict(attested.public_key) | change
    identity = attested.credential_id if credential_id is None else credential_id
    made = AttestedCredentialData.create(attested.aaguid, identity, key)  # type: ignore[arg-type]
    changed = AuthenticatorData.create(data.rp_id_hash, data.flags, data.counter, made)
    return AttestationObject.create("none", changed, {})


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {}},
        {"id": "AAAA", "rawId": "AAAA", "response": {"clientDataJSON": "!", "attestationObject": "oA"}},
        "text",
        ["list"],
        7,
    ],
)
def test_credentials_without_their_parts(passkeys: Passkeys, credential: Any) -> None:
    """Whatever is given in a credential's place is refused as such."""
    token = passkeys.token()

    with refused(*NOT_VALID):
        passkeys.complete(token, credential)


def test_credentials_of_another_type(passkeys: Passkeys) -> None:
    """A passkey is a public key."""
    token = passkeys.token()
    made = Passkey.create(passkeys.options(token)).registration

    with refused(*NOT_VALID):
        passkeys.complete(token, made | {"type": "password"})


def test_an_assertion_is_no_registration(passkeys: Passkeys) -> None:
    """Client data of navigator.credentials.get make no passkey."""
    token = passkeys.token()
    passkey = Passkey.create(passkeys.options(token))
    data = CollectedClientData.create("webauthn.get", _challenge(passkey), passkey.origin)
    passkey.registration["response"]["clientDataJSON"] = data.b64

    refusal = code_of(lambda: passkeys.complete(token, passkey.registration))
    assert refusal == "WebAuthnCredentialNotSupportedException"


def test_pools_without_passkeys(make_pool: Callable[..., PoolDriver]) -> None:
    """A pool must allow them, and have a relying party ID."""
    pool = make_pool()
    pool.user()
    token = pool.sign_in()["AuthenticationResult"]["AccessToken"]
    start = pool.api.start_web_authn_registration

    assert code_of(lambda: start(AccessToken=token)) == "WebAuthnNotEnabledException"
    policies = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
    pool.api.update_user_pool(UserPoolId=pool.id, Policies=policies)
    assert code_of(lambda: start(AccessToken=token)) == "WebAuthnConfigurationMissingException"
    with refused(*TOKEN_INVALID):
        start(AccessToken="x.y.z")


def test_passkeys_go_with_their_user(passkeys: Passkeys) -> None:
    """A new user of the same name has none."""
    token = passkeys.token()
    passkeys.register(token)
    passkeys.pool.api.delete_user(AccessToken=token)

    assert passkeys.listed(passkeys.token()) == []
