"""Second factors: a user's active ones, and the MFA challenges of a sign-in."""

from __future__ import annotations

import hmac
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import orjson

from local_cognito.authentication import sessions, totp
from local_cognito.authentication.totp import ASSOCIATED, MFA_SETUP, VERIFIED
from local_cognito.model import errors
from local_cognito.passkeys import options
from local_cognito.rules import attempts, codes
from local_cognito.rules.cognito import DIGITS, as_text
from local_cognito.rules.factors import (
    ADDRESSES,
    EMAIL_OTP,
    SMS_MFA,
    SOFTWARE_TOKEN_MFA,
    WEB_AUTHN,
    active,
    is_ready,
    needs_mfa,
    offered,
)
from local_cognito.users import directory, messages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local_cognito.authentication.sign_in import SignIn
    from local_cognito.rules.cognito import Answer, Cognito
    from local_cognito.storage.records import Session
    from local_cognito.storage.user_records import User

SELECT_MFA_TYPE = "SELECT_MFA_TYPE"

CODE_LENGTHS = {SMS_MFA: 6, EMAIL_OTP: 8}
RESPONSES = {SMS_MFA: "SMS_MFA_CODE", EMAIL_OTP: "EMAIL_OTP_CODE"}


def challenge(cognito: Cognito, sign_in: SignIn) -> Answer | None:
    """Return the MFA challenge that this sign-in must pass, or None."""
    pool, user = sign_in.pool, sign_in.user
    if not needs_mfa(pool, user):
        return None
    factors = active(pool, user)
    preferred = user.mfa.get("preferred")
    if preferred in factors:
        factors = [preferred]
    if not factors:
        return _set_up(cognito, sign_in)
    if len(factors) > 1:
        return _let_choose(cognito, sign_in, factors)
    return ask_for_code(cognito, sign_in, factors[0])


def ask_for_code(cognito: Cognito, sign_in: SignIn, factor: str) -> Answer:
    """Return the challenge of a factor; for SMS_MFA and EMAIL_OTP, send the code."""
    user = sign_in.user
    parameters = {"USER_ID_FOR_SRP": user.username} | _details(user, factor)
    if factor == SOFTWARE_TOKEN_MFA:
        return sign_in.challenge(cognito, factor, parameters)
    if factor == WEB_AUTHN:
        return ask_for_passkey(cognito, sign_in, parameters)
    code = cognito.random_text(CODE_LENGTHS[factor], DIGITS)
    attribute = ADDRESSES[factor]
    to = user.attributes[attribute]
    occasion = messages.Occasion("Authentication", sign_in.client.id)
    messages.send(cognito, sign_in.pool, user, attribute, occasion, code)
    return sign_in.challenge(cognito, factor, parameters, code=code, to=to)


def _details(user: User, factor: str) -> dict[str, str]:
    """Return ChallengeParameters about a factor: the app's name, or where a code goes."""
    if factor == SOFTWARE_TOKEN_MFA:
        return {"FRIENDLY_DEVICE_NAME": user.totp_name} if user.totp_name else {}
    if factor == WEB_AUTHN:
        return {}
    attribute = ADDRESSES[factor]
    details = codes.delivery_details(attribute, user.attributes[attribute])
    return {
        "CODE_DELIVERY_DELIVERY_MEDIUM": details["DeliveryMedium"],
        "CODE_DELIVERY_DESTINATION": details["Destination"],
    }


def _let_choose(cognito: Cognito, sign_in: SignIn, factors: list[str]) -> Answer:
    """Return SELECT_MFA_TYPE; SMS comes before e-mail where both could be told of."""
    parameters = {"USER_ID_FOR_SRP": sign_in.user.username, "MFAS_CAN_CHOOSE": as_text(factors)}
    for factor in reversed(factors):
        parameters |= _details(sign_in.user, factor)
    return sign_in.challenge(cognito, SELECT_MFA_TYPE, parameters)


def choose(cognito: Cognito, sign_in: SignIn) -> Answer:
    """Answer SELECT_MFA_TYPE: go on with the factor that was chosen."""
    session = sign_in.open(cognito, SELECT_MFA_TYPE)
    factor = sign_in.require("ANSWER").replace("EMAIL_MFA", EMAIL_OTP)
    if factor not in active(sign_in.pool, sign_in.user):
        raise errors.FACTOR_NOT_OFFERED(answer=factor)
    sessions.spend(cognito, session)
    return ask_for_code(cognito, sign_in, factor)


def check_setup(cognito: Cognito, sign_in: SignIn) -> None:
    """Answer MFA_SETUP: check that VerifySoftwareToken gave the session for the enrolled secret."""
    session = sign_in.open(cognito, VERIFIED)
    if session.data["secret"] != sign_in.user.totp_secret:
        raise errors.SESSION_INVALID()


def check_totp(cognito: Cognito, sign_in: SignIn) -> None:
    """Answer SOFTWARE_TOKEN_MFA: check the authenticator app's code and use it up."""
    sign_in.open(cognito, SOFTWARE_TOKEN_MFA)
    code = sign_in.require("SOFTWARE_TOKEN_MFA_CODE")
    with counting_mismatches(cognito, sign_in):
        totp.check_code(cognito, sign_in.user, code)
    directory.save_user(cognito, sign_in.pool, sign_in.user)


def check_sent_code(factor: str) -> Callable[[Cognito, SignIn], None]:
    """Return the answer to SMS_MFA or EMAIL_OTP: a check of the code that was sent.

    It raises CodeMismatchException, and NotAuthorizedException when the code went to an old address.
    """

    def check(cognito: Cognito, sign_in: SignIn) -> None:
        data = sign_in.open(cognito, factor).data
        is_same_address = data["to"] == sign_in.user.attributes.get(ADDRESSES[factor])
        if not is_same_address or not is_ready(sign_in.pool, sign_in.user, factor):
            raise errors.SESSION_INVALID()
        given = sign_in.require(RESPONSES[factor])
        with counting_mismatches(cognito, sign_in):
            if not hmac.compare_digest(str(data["code"]).encode(), given.encode()):
                raise errors.CODE_OR_STATE_MISMATCH()

    return check


def ask_for_passkey(
    cognito: Cognito, sign_in: SignIn, parameters: dict[str, str], *, step: str | None = None, **data: Any
) -> Answer:
    """Return the challenge WEB_AUTHN; `data` are further data of its session."""
    challenge = options.encoded(cognito.random_bytes(options.CHALLENGE_BYTES))
    asked = options.to_get(cognito, sign_in.pool, sign_in.client, sign_in.user, challenge)
    parameters = parameters | {"CREDENTIAL_REQUEST_OPTIONS": as_text(asked)}
    return sign_in.challenge(cognito, WEB_AUTHN, parameters, step=step, challenge=challenge, **data)


def check_passkey(cognito: Cognito, sign_in: SignIn) -> None:
    """Answer WEB_AUTHN as a second factor.

    Raises:
        CognitoError: NotAuthorizedException for a wrong one, InvalidParameterException.
    """
    session = sign_in.open(cognito, WEB_AUTHN)
    if not is_ready(sign_in.pool, sign_in.user, WEB_AUTHN):
        raise errors.SESSION_INVALID()
    check_signature(cognito, sign_in, session)


def check_signature(cognito: Cognito, sign_in: SignIn, session: Session) -> None:
    """Check the passkey in CREDENTIAL, which must have signed the session's challenge.

    Raises:
        CognitoError: NotAuthorizedException, which counts as a wrong code; InvalidParameterException.
    """
    from local_cognito.passkeys import checks  # noqa: PLC0415 - fido2 takes a while to load

    pool, user = sign_in.pool, sign_in.user
    try:
        given = orjson.loads(sign_in.require("CREDENTIAL"))
    except orjson.JSONDecodeError:
        raise errors.PASSKEY_MALFORMED() from None
    expected = checks.Expected(options.relying_party_id(pool), options.user_verification(pool))
    passkeys = options.of_user(cognito, pool, user)
    challenge = session.data["challenge"]
    try:
        passkey = checks.check_assertion(given, challenge, expected, passkeys, user.sub.encode())
    except errors.CognitoError as error:
        if error.code == errors.PASSKEY_REFUSED.code:
            attempts.count_failure(cognito, sign_in.counted, attempts.WRONG_CODE)
        raise
    cognito.store.credentials.put(passkey)


@contextmanager
def counting_mismatches(cognito: Cognito, sign_in: SignIn) -> Iterator[None]:
    """Count a wrong code against the user and the name, when the block refuses one."""
    try:
        yield
    except errors.CognitoError as error:
        if error.code == errors.CODE_MISMATCH.code:
            attempts.count_failure(cognito, sign_in.counted, attempts.WRONG_CODE)
        raise


def _set_up(cognito: Cognito, sign_in: SignIn) -> Answer:
    pool, user = sign_in.pool, sign_in.user
    # A new sign-in ends an earlier enrolment.
    for step in (MFA_SETUP, ASSOCIATED, VERIFIED):
        cognito.store.sessions.delete(pool_id=pool.id, username=user.username, step=step)
    parameters = {"USER_ID_FOR_SRP": user.username, "MFAS_CAN_SETUP": as_text(offered(pool))}
    return sign_in.challenge(cognito, MFA_SETUP, parameters)
