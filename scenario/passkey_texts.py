"""Tables of the WebAuthn data: creation options, signed data, registered passkeys."""

from __future__ import annotations

import base64
import json
import struct
from typing import TYPE_CHECKING, Any, Final

from scenario import passkey_words as words
from scenario.device_texts import mask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scenario.passkeys import PasskeyAccount
    from scenario.state import Scenario

_ALGORITHMS: Final = {-7: "ES256", -257: "RS256"}  # of COSE (RFC 9053, RFC 8812)
# Authenticator data: hash of the RP ID, flags, signature counter (WebAuthn Level 3, section 6.1).
_AUTHENTICATOR_DATA: Final = struct.Struct(">32sBI")
_USER_PRESENT, _USER_VERIFIED = 1, 4
_COLUMNS: Final = ("Field", "Value", "What it is for")
_UNREADABLE: Final = (KeyError, TypeError, ValueError, AttributeError, struct.error)


def show_creation_options(scenario: Scenario, answer: Mapping[str, Any]) -> None:
    """Show the creation options of StartWebAuthnRegistration in a table."""
    if scenario.mode.is_quiet:
        return
    try:
        options, label = answer["CredentialCreationOptions"], scenario.labels.of
        algorithms = [str(_ALGORITHMS.get(one["alg"], one["alg"])) for one in options["pubKeyCredParams"]]
        chosen = options["authenticatorSelection"]
        rows = [
            ("rp.id", str(options["rp"]["id"]), "the relying party: whose pages may use it"),
            (
                "challenge",
                label("challenge", options["challenge"]),
                "signed once, so that nothing is replayed",
            ),
            ("user.id", label("user handle", options["user"]["id"]), "whose passkey it is: the user's sub"),
            ("pubKeyCredParams", ", ".join(algorithms), "kinds of keys that will do"),
            ("residentKey", str(chosen["residentKey"]), "kept there: it is found without a name"),
            ("userVerification", str(chosen["userVerification"]), "ask for PIN, finger or face"),
        ]
    except _UNREADABLE:  # an authenticator that takes less may have made a passkey all the same
        return
    scenario.terminal.table("What the authenticator was asked for", _COLUMNS, rows)


def show_signed(scenario: Scenario, account: PasskeyAccount, credential: str) -> None:
    """Show the signed data of an assertion: a table the first time, then one line."""
    if scenario.mode.is_quiet:
        return
    try:
        response = json.loads(credential)["response"]
        client = json.loads(_bytes(response["clientDataJSON"]))
        rp_hash, flags, counter = _AUTHENTICATOR_DATA.unpack_from(_bytes(response["authenticatorData"]))
        rows = [
            ("type", str(client["type"]), "browser: a sign-in, not a registration"),
            (
                "challenge",
                scenario.labels.of("challenge", client["challenge"]),
                "browser: the one of this sign-in",
            ),
            ("origin", str(client["origin"]), "browser: the page that asked"),
            ("rpIdHash", mask(rp_hash.hex()), "authenticator: SHA-256 of the RP ID"),
            ("user present", _yes_no(flags & _USER_PRESENT), "authenticator: somebody touched it"),
            ("user verified", _yes_no(flags & _USER_VERIFIED), "authenticator: by PIN, finger or face"),
            ("signCount", str(counter), "authenticator: the signature counter"),
        ]
    except _UNREADABLE:  # Cognito will refuse it
        return
    if account.has_seen_signature:
        scenario.terminal.hint(f"The passkey has signed that; its signature counter is at {counter}.")
        return
    account.has_seen_signature = True
    scenario.terminal.table("What the passkey has signed", _COLUMNS, rows)
    scenario.explain(words.SIGNED)


def show_passkeys(scenario: Scenario, passkeys: Sequence[Mapping[str, Any]]) -> None:
    """Show the passkeys of ListWebAuthnCredentials in a table."""
    rows = [
        (
            scenario.labels.of("CredentialId", one.get("CredentialId", "")),
            str(one.get("FriendlyCredentialName", "")),
            str(one.get("RelyingPartyId", "")),
            f"{one['CreatedAt']:%Y-%m-%d %H:%M:%S}" if one.get("CreatedAt") else "",
        )
        for one in passkeys
    ]
    scenario.terminal.table("Passkeys of the user", ("ID", "Name", "RP ID", "Created"), rows)


def _bytes(text: str) -> bytes:
    """Decode base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _yes_no(flag: int) -> str:
    return "yes" if flag else "no"
