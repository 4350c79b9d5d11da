"""WEB_AUTHN: signing in by passkey, as first and as second factor, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import CollectedClientData

from local_cognito.authenticator.passkey import Passkey
from test.local_cognito.passkeys.conftest import DOMAIN, options_of
from test.support.pool_driver import (
    ALICE,
    BOB,
    LOCKED_OUT,
    MINUTE,
    PASSWORD,
    SESSION_EXPIRED,
    SESSION_INVALID,
    SESSION_SPENT,
    missing,
    refused,
    totp,
)
from test.support.pools import TOTP

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.local_cognito.passkeys.conftest import Passkeys

REFUSED = ("NotAuthorizedException", "Invalid passkey for the user.")
NOT_VALID = ("InvalidParameterException", "Credential data is not valid")
PASSWORDS = ["PASSWORD_SRP", "PASSWORD"]
PASSWORD_REQUIRED = ("InvalidParameterException", "Password Challenge is Required to SignIn")
NEEDS_ANOTHER = (
    "InvalidParameterException",
    "WebAuthn MFA requires enabling an additional MFA setting.",
)
NO_PASSKEY = (
    "InvalidParameterException",
    "User does not have applicable WebAuthn credentials to enable WebAuthn MFA.",
)
COUNTS = {"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}
APP = {"SoftwareTokenMfaSettings": {"Enabled": True}}
PASSKEY = {"WebAuthnMfaSettings": {"Enabled": True}}


@pytest.fixture
def passkey(passkeys: Passkeys) -> Passkey:
    """Return a passkey of Alice's."""
    return passkeys.register(passkeys.token())


def test_the_challenge(passkeys: Passkeys, passkey: Passkey) -> None:
    """WEB_AUTHN has the options as JSON text, for the user's passkeys."""
    asked = passkeys.begin()

    assert asked["ChallengeName"] == "WEB_AUTHN"
    assert asked["AvailableChallenges"] == [*PASSWORDS, "WEB_AUTHN"]
    assert list(asked["ChallengeParameters"]) == ["CREDENTIAL_REQUEST_OPTIONS"]
    options = json.loads(options_of(asked))
    assert len(websafe_decode(options.pop("challenge"))) == 16
    assert options == {
        "hints": [],
        "attestation": "none",
        "attestationFormats": [],
        "timeout": 180000,
        "rpId": DOMAIN,
        "allowCredentials": [{"type": "public-key", "id": passkey.id, "transports": ["internal"]}],
        "userVerification": "preferred",
    }


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
def test_signing_in(passkeys: Passkeys, algorithm: str) -> None:
    """The signed challenge is followed by the tokens, and works once."""
    passkey = passkeys.register(passkeys.token(), algorithm=algorithm)
    asked = passkeys.begin()
    signed = passkey.sign(options_of(asked))

    assert passkeys.answer(asked, signed)["AuthenticationResult"]["AccessToken"]
    with refused(*SESSION_SPENT):
        passkeys.answer(asked, signed)


def test_the_passkey_by_choice(passkeys: Passkeys, passkey: Passkey) -> None:
    """WEB_AUTHN as ANSWER of SELECT_CHALLENGE gives the challenge."""
    session = passkeys.begin(PREFERRED_CHALLENGE="EMAIL_OTP")["Session"]

    asked = passkeys.pool.answer("SELECT_CHALLENGE", ALICE, session, ANSWER="WEB_AUTHN")

    assert passkeys.answer(asked, passkey.sign(options_of(asked)))["AuthenticationResult"]


def test_the_choice_answered_by_a_passkey(passkeys: Passkeys, passkey: Passkey) -> None:
    """SELECT_CHALLENGE with CREDENTIAL answers the challenge that WEB_AUTHN gave, and no other."""
    choice = passkeys.begin(PREFERRED_CHALLENGE="EMAIL_OTP")["Session"]
    asked = passkeys.begin()
    given: dict[str, Any] = {"ANSWER": "WEB_AUTHN", "CREDENTIAL": passkey.sign(options_of(asked))}

    with refused(*SESSION_INVALID):
        passkeys.pool.answer("SELECT_CHALLENGE", ALICE, choice, **given)
    assert passkeys.pool.answer("SELECT_CHALLENGE", ALICE, asked["Session"], **given)["AuthenticationResult"]
    with refused(*SESSION_SPENT):
        passkeys.pool.answer("SELECT_CHALLENGE", ALICE, asked["Session"], **given)


def test_another_choice_in_place_of_the_passkey(passkeys: Passkeys, passkey: Passkey) -> None:
    """Without the passkey at hand the user may choose again, as in Amplify: it, or the password."""
    first = passkeys.begin()

    second = passkeys.pool.answer("SELECT_CHALLENGE", ALICE, first["Session"], ANSWER="WEB_AUTHN")
    with refused(*SESSION_SPENT):
        passkeys.answer(first, passkey.sign(options_of(first)))
    chosen: dict[str, Any] = {"ANSWER": "PASSWORD", "PASSWORD": PASSWORD}
    assert passkeys.pool.answer("SELECT_CHALLENGE", ALICE, second["Session"], **chosen)[
        "AuthenticationResult"
    ]


def test_who_has_no_passkey_is_not_offered_one(passkeys: Passkeys) -> None:
    """Neither before the first is registered, nor after the last is deleted."""
    token = passkeys.token()
    assert passkeys.begin()["AvailableChallenges"] == PASSWORDS
    passkey = passkeys.register(token)
    assert "WEB_AUTHN" in passkeys.begin()["AvailableChallenges"]
    passkeys.pool.api.delete_web_authn_credential(AccessToken=token, CredentialId=passkey.id)
    assert passkeys.begin()["AvailableChallenges"] == PASSWORDS


def test_a_deleted_passkey_no_longer_signs_in(passkeys: Passkeys) -> None:
    """Not even with a challenge from before."""
    token = passkeys.token()
    passkey, _ = passkeys.register(token), passkeys.register(token)
    asked = passkeys.begin()
    passkeys.pool.api.delete_web_authn_credential(AccessToken=token, CredentialId=passkey.id)

    with refused(*REFUSED):
        passkeys.answer(asked, passkey.sign(options_of(asked)))


def test_a_pool_that_moves_to_another_domain(passkeys: Passkeys, passkey: Passkey) -> None:
    """Passkeys of the old domain are still listed, and sign in once the pool is back."""
    asked, configure = passkeys.begin(), passkeys.pool.api.set_user_pool_mfa_config
    configure(UserPoolId=passkeys.pool.id, WebAuthnConfiguration={"RelyingPartyId": "example.org"})

    with refused(*REFUSED):
        passkeys.answer(asked, passkey.sign(options_of(asked)))
    assert passkeys.begin()["AvailableChallenges"] == PASSWORDS
    token = passkeys.pool.sign_in()["AuthenticationResult"]["AccessToken"]
    assert [one["RelyingPartyId"] for one in passkeys.listed(token)] == [DOMAIN]
    assert passkeys.options(token)["excludeCredentials"] == []
    configure(UserPoolId=passkeys.pool.id, WebAuthnConfiguration={"RelyingPartyId": DOMAIN})
    asked = passkeys.begin()
    assert passkeys.answer(asked, passkey.sign(options_of(asked)))["AuthenticationResult"]


def test_a_challenge_expires(passkeys: Passkeys, passkey: Passkey) -> None:
    """After AuthSessionValidity a signature is too late."""
    asked = passkeys.begin()
    passkeys.pool.clock.advance(3 * MINUTE)

    with refused(*SESSION_EXPIRED):
        passkeys.answer(asked, passkey.sign(options_of(asked)))


def test_a_challenge_of_another_session(passkeys: Passkeys, passkey: Passkey) -> None:
    """A signed challenge of one session does not answer another, so a replay signs nobody in."""
    first, second = passkeys.begin(), passkeys.begin()
    signed = passkey.sign(options_of(first))

    with refused(*REFUSED):
        passkeys.answer(second, signed)
    assert passkeys.answer(first, signed)["AuthenticationResult"]
    with refused(*REFUSED):
        passkeys.answer(second, signed)


def test_the_passkey_of_another_user(passkeys: Passkeys, passkey: Passkey) -> None:
    """Bob's passkey does not sign Alice in, and Alice's session is not Bob's."""
    bobs = passkeys.register(passkeys.token(BOB))
    asked = passkeys.begin()
    options = json.loads(options_of(asked)) | {"allowCredentials": []}

    with refused(*REFUSED):
        passkeys.answer(asked, bobs.sign(options))
    with refused(*SESSION_INVALID):
        passkeys.answer(asked, bobs.sign(options), BOB)
    assert passkeys.answer(asked, passkey.sign(options))["AuthenticationResult"]


def test_the_handle_of_another_user(passkeys: Passkeys, passkey: Passkey) -> None:
    """An authenticator that says whose passkey it is must say the user's."""
    asked = passkeys.begin()
    passkey.user_handle = websafe_encode(b"somebody else")

    with refused(*REFUSED):
        passkeys.answer(asked, passkey.sign(options_of(asked)))


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("origin", "https://evil.example"),
        ("origin", "http://example.com"),
        ("origin", "https://evil@example.com"),
        ("relying_party_id", "example.org"),
    ],
)
def test_another_place(passkeys: Passkeys, passkey: Passkey, member: str, value: str) -> None:
    """A page of another origin, and a signature for another relying party, sign nobody in."""
    asked = passkeys.begin()
    setattr(passkey, member, value)

    with refused(*REFUSED):
        passkeys.answer(asked, passkey.sign(options_of(asked)))


def test_a_frame_of_another_site(passkeys: Passkeys, passkey: Passkey) -> None:
    """A signature that was made in a frame of another origin is refused."""
    asked = passkeys.begin()
    given = json.loads(passkey.sign(options_of(asked)))
    challenge = json.loads(options_of(asked))["challenge"]
    data = CollectedClientData.create("webauthn.get", challenge, passkey.origin, cross_origin=True)
    authenticator = websafe_decode(given["response"]["authenticatorData"])
    given["response"]["clientDataJSON"] = data.b64
    given["response"]["signature"] = websafe_encode(passkey._signature(authenticator + data.hash))  # noqa: SLF001 - nothing public tells it

    with refused(*REFUSED):
        passkeys.answer(asked, json.dumps(given))


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature"])
def test_a_signature_over_other_data(passkeys: Passkeys, passkey: Passkey, part: str) -> None:
    """One byte more makes every part another one."""
    asked = passkeys.begin()
    given = json.loads(passkey.sign(options_of(asked)))
    given["response"][part] = websafe_encode(websafe_decode(given["response"][part]) + b" ")

    with pytest.raises(passkeys.pool.api.exceptions.ClientError) as caught:
        passkeys.answer(asked, json.dumps(given))
    error = caught.value.response["Error"]
    assert (error["Code"], error["Message"]) in (REFUSED, NOT_VALID)


def test_the_key_of_another_passkey(passkeys: Passkeys, passkey: Passkey) -> None:
    """Who knows the ID alone, and signs by a key of their own, is refused."""
    asked = passkeys.begin()
    forger = Passkey.create(passkeys.options(passkeys.pool.sign_in()["AuthenticationResult"]["AccessToken"]))
    forger.id = passkey.id

    with refused(*REFUSED):
        passkeys.answer(asked, forger.sign(options_of(asked)))


def test_a_counter_that_goes_back(passkeys: Passkeys, passkey: Passkey) -> None:
    """A counter that does not go up tells of a copy; the original still signs in."""
    asked = passkeys.begin()
    passkeys.answer(asked, passkey.sign(options_of(asked)))
    copy = Passkey.from_dict(passkey.to_dict() | {"counter": 0})

    asked = passkeys.begin()
    with refused(*REFUSED):
        passkeys.answer(asked, copy.sign(options_of(asked)))
    assert passkeys.answer(asked, passkey.sign(options_of(asked)))["AuthenticationResult"]


def test_an_authenticator_without_counter(passkeys: Passkeys, passkey: Passkey) -> None:
    """Synchronized passkeys always say 0."""
    for _ in range(2):
        asked = passkeys.begin()
        passkey.counter = -1
        assert passkeys.answer(asked, passkey.sign(options_of(asked)))["AuthenticationResult"]


def test_no_user_verification_where_it_is_required(make_passkeys: Callable[..., Passkeys]) -> None:
    """The presence of the user is not enough."""
    passkeys = make_passkeys(UserVerification="required")
    passkey = passkeys.register(passkeys.token())
    passkey.verifies_user = False
    asked = passkeys.begin()

    with refused(*REFUSED):
        passkeys.answer(asked, passkey.sign(options_of(asked)))


def test_no_user_verification_where_it_is_preferred(passkeys: Passkeys, passkey: Passkey) -> None:
    """There the presence of the user is enough."""
    passkey.verifies_user = False
    asked = passkeys.begin()

    assert passkeys.answer(asked, passkey.sign(options_of(asked)))["AuthenticationResult"]


@pytest.mark.parametrize("credential", ["{", "{}", "[]", '"text"', "7", "null"])
@pytest.mark.usefixtures("passkey")
def test_what_is_no_credential(passkeys: Passkeys, credential: str) -> None:
    """Whatever stands in a credential's place is refused as such, and nothing at all as missing."""
    asked = passkeys.begin()

    with refused(*NOT_VALID):
        passkeys.answer(asked, credential)
    with refused(*missing("CREDENTIAL")):
        passkeys.pool.answer("WEB_AUTHN", ALICE, asked["Session"])


def test_wrong_signatures_lock_out(passkeys: Passkeys, passkey: Passkey) -> None:
    """They count as wrong codes do."""
    asked = passkeys.begin()
    passkey.origin = "https://evil.example"
    for _ in range(5):
        with refused(*REFUSED):
            passkeys.answer(asked, passkey.sign(options_of(asked)))

    with refused(*LOCKED_OUT):
        passkeys.answer(asked, passkey.sign(options_of(asked)))


def test_an_unknown_name_may_seem_to_have_a_passkey(make_passkeys: Callable[..., Passkeys]) -> None:
    """Where existence is hidden, a made-up passkey is asked for, always the same, and none is right."""
    passkeys = make_passkeys(client={"PreventUserExistenceErrors": "ENABLED"})
    name, asked = next(_simulated(passkeys))
    again = passkeys.begin(name)
    allowed = [json.loads(options_of(each))["allowCredentials"] for each in (asked, again)]
    stranger = passkeys.register(passkeys.token())
    stranger.id = allowed[0][0]["id"]

    assert allowed[0] == allowed[1]
    with refused(*REFUSED):
        passkeys.answer(asked, stranger.sign(options_of(asked)), name)


def _simulated(passkeys: Passkeys) -> Any:
    for number in range(99):
        try:
            asked = passkeys.begin(f"nobody{number}")
        except passkeys.pool.api.exceptions.PasswordResetRequiredException:
            continue
        if asked["ChallengeName"] == "WEB_AUTHN":
            yield f"nobody{number}", asked


def enrol(passkeys: Passkeys, token: str) -> None:
    """Set up an authenticator app for the user of a token, and turn it on."""
    api, clock = passkeys.pool.api, passkeys.pool.clock
    secret = str(api.associate_software_token(AccessToken=token)["SecretCode"])
    api.verify_software_token(AccessToken=token, UserCode=totp(secret, clock.now))
    api.set_user_mfa_preference(AccessToken=token, **APP)
    clock.to_next_step()


def test_mfa_rules_out_a_passkey_that_is_one_factor(make_passkeys: Callable[..., Passkeys]) -> None:
    """With SINGLE_FACTOR a user with an app signs in by the password, as AWS has it."""
    passkeys = make_passkeys({"MfaConfiguration": "OPTIONAL"} | TOTP)
    token = passkeys.token()
    passkey = passkeys.register(token)
    asked = passkeys.begin()
    enrol(passkeys, token)

    with refused(*PASSWORD_REQUIRED):
        passkeys.begin()
    assert passkeys.begin(PREFERRED_CHALLENGE="SMS_OTP")["AvailableChallenges"] == PASSWORDS
    with refused(*SESSION_INVALID):
        passkeys.answer(asked, passkey.sign(options_of(asked)))


@pytest.mark.parametrize("mfa", ["OPTIONAL", "ON"])
def test_a_verified_passkey_is_mfa_by_itself(make_passkeys: Callable[..., Passkeys], mfa: str) -> None:
    """Where it counts as MFA, nothing follows it; a user with MFA must turn it on first."""
    passkeys = make_passkeys({"MfaConfiguration": "OPTIONAL"} | TOTP, **COUNTS)
    token = passkeys.token()
    passkey = passkeys.register(token)
    enrol(passkeys, token)
    configuration = {"WebAuthnConfiguration": {"RelyingPartyId": DOMAIN} | COUNTS, "MfaConfiguration": mfa}
    passkeys.pool.api.set_user_pool_mfa_config(UserPoolId=passkeys.pool.id, **configuration | TOTP)
    with refused(*PASSWORD_REQUIRED):
        passkeys.begin()

    passkeys.pool.api.set_user_mfa_preference(AccessToken=token, **APP | PASSKEY)

    asked = passkeys.begin()
    assert asked["AvailableChallenges"] == [*PASSWORDS, "WEB_AUTHN"]
    assert passkeys.answer(asked, passkey.sign(options_of(asked)))["AuthenticationResult"]


def test_a_passkey_after_the_password(make_passkeys: Callable[..., Passkeys]) -> None:
    """As a second factor it stands beside the app; its challenge has USER_ID_FOR_SRP, too."""
    passkeys = make_passkeys({"MfaConfiguration": "OPTIONAL"} | TOTP, **COUNTS)
    token = passkeys.token()
    passkey = passkeys.register(token)
    enrol(passkeys, token)
    passkeys.pool.api.set_user_mfa_preference(AccessToken=token, **APP | PASSKEY)

    choice = passkeys.pool.sign_in(password=PASSWORD)
    offered = json.loads(choice["ChallengeParameters"]["MFAS_CAN_CHOOSE"])
    asked = passkeys.pool.answer("SELECT_MFA_TYPE", ALICE, choice["Session"], ANSWER="WEB_AUTHN")

    assert offered == ["SOFTWARE_TOKEN_MFA", "WEB_AUTHN"]
    assert asked["ChallengeParameters"]["USER_ID_FOR_SRP"] == ALICE
    signed = passkey.sign(options_of(asked))
    assert passkeys.answer(asked, signed)["AuthenticationResult"]
    settings = passkeys.pool.api.get_user(AccessToken=token)["UserMFASettingList"]
    assert settings == ["SOFTWARE_TOKEN_MFA", "WEB_AUTHN_MFA"]


def test_a_first_factor_is_not_a_second_one(make_passkeys: Callable[..., Passkeys]) -> None:
    """The session of one does not take the answer of the other's challenge."""
    passkeys = make_passkeys({"MfaConfiguration": "OPTIONAL"} | TOTP, **COUNTS)
    token = passkeys.token()
    passkey = passkeys.register(token)
    enrol(passkeys, token)
    passkeys.pool.api.set_user_mfa_preference(AccessToken=token, **APP | PASSKEY)
    choice = passkeys.pool.sign_in()
    second = passkeys.pool.answer("SELECT_MFA_TYPE", ALICE, choice["Session"], ANSWER="WEB_AUTHN")
    first = passkeys.begin()

    with refused(*REFUSED):
        passkeys.answer(second, passkey.sign(options_of(first)))


def test_when_a_passkey_can_be_a_second_factor(make_passkeys: Callable[..., Passkeys]) -> None:
    """The pool must count it, the user must have one, and the request must turn on another beside it."""
    plain = make_passkeys({"MfaConfiguration": "OPTIONAL"} | TOTP)
    counting = make_passkeys({"MfaConfiguration": "OPTIONAL"} | TOTP, **COUNTS)
    token, counted = plain.token(), counting.token()
    turn_on = counting.pool.api.set_user_mfa_preference

    with refused("InvalidParameterException", "Passkeys are not a second factor of the user pool."):
        plain.pool.api.set_user_mfa_preference(AccessToken=token, **PASSKEY)
    with refused(*NO_PASSKEY):
        turn_on(AccessToken=counted, **PASSKEY)
    counting.register(counted)
    enrol(counting, counted)
    with refused(*NEEDS_ANOTHER):
        turn_on(AccessToken=counted, **PASSKEY)
    turn_on(AccessToken=counted, **APP | PASSKEY)
    with refused(*NEEDS_ANOTHER):
        turn_on(AccessToken=counted, SoftwareTokenMfaSettings={"Enabled": False})


def test_the_last_passkey_takes_its_mfa_with_it(make_passkeys: Callable[..., Passkeys]) -> None:
    """Without any passkey, none is a second factor."""
    passkeys = make_passkeys({"MfaConfiguration": "OPTIONAL"} | TOTP, **COUNTS)
    token = passkeys.token()
    passkey = passkeys.register(token)
    enrol(passkeys, token)
    passkeys.pool.api.set_user_mfa_preference(AccessToken=token, **APP | PASSKEY)

    passkeys.pool.api.delete_web_authn_credential(AccessToken=token, CredentialId=passkey.id)

    assert passkeys.pool.sign_in()["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
