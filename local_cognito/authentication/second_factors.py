"""Second factors: a user's active ones, and the MFA challenges of a sign-in."""

from __future__ import annotations

import hmac
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from local_cognito.authentication import sessions, totp
from local_cognito.authentication.totp import ASSOCIATED, MFA_SETUP, VERIFIED
from local_cognito.model import errors
from local_cognito.rules import attempts, codes, outbox
from local_cognito.rules.cognito import DIGITS
from local_cognito.users import directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local_cognito.authentication.sign_in import SignIn
    from local_cognito.rules.cognito import Answer, Cognito
    from local_cognito.storage.records import Pool
    from local_cognito.storage.user_records import User

SMS_MFA = "SMS_MFA"
SOFTWARE_TOKEN_MFA = "SOFTWARE_TOKEN_MFA"  # noqa: S105 - Cognito's name of the factor, no secret
EMAIL_OTP = "EMAIL_OTP"

ADDRESSES = {SMS_MFA: "phone_number", EMAIL_OTP: "email"}
POOL_FIELDS = {
    SMS_MFA: "SmsMfaConfiguration",
    SOFTWARE_TOKEN_MFA: "SoftwareTokenMfaConfiguration",
    EMAIL_OTP: "EmailMfaConfiguration",
}
SELECT_MFA_TYPE = "SELECT_MFA_TYPE"

CODE_LENGTHS = {SMS_MFA: 6, EMAIL_OTP: 8}
RESPONSES = {SMS_MFA: "SMS_MFA_CODE", EMAIL_OTP: "EMAIL_OTP_CODE"}


def active(pool: Pool, user: User) -> list[str]:
    """Return the user's active factors; where the pool requires MFA, ready ones are active by themselves."""
    enabled = user.mfa.get("enabled", [])
    return [
        factor
        for factor in POOL_FIELDS
        if is_ready(pool, user, factor) and (pool.mfa == "ON" or factor in enabled)
    ]


def is_ready(pool: Pool, user: User, factor: str) -> bool:
    """Tell whether the user can use the factor; an enrolled app still works if the pool drops TOTP."""
    if factor == SOFTWARE_TOKEN_MFA:
        return user.totp_secret is not None
    attribute = ADDRESSES[factor]
    return POOL_FIELDS[factor] in pool.settings and user.attributes.get(f"{attribute}_verified") == "true"


def challenge(cognito: Cognito, sign_in: SignIn) -> Answer | None:
    """Return the MFA challenge that this sign-in must pass, or None."""
    pool, user = sign_in.pool, sign_in.user
    factors = active(pool, user)
    preferred = user.mfa.get("preferred")
    if preferred in factors:
        factors = [preferred]
    if pool.mfa == "OFF" or (pool.mfa == "OPTIONAL" and not factors):
        return None
    if not factors:
        return _set_up(cognito, sign_in)
    if len(factors) > 1:
        parameters = {"USER_ID_FOR_SRP": user.username, "MFAS_CAN_CHOOSE": json.dumps(factors)}
        return sign_in.challenge(cognito, SELECT_MFA_TYPE, parameters)
    return ask_for_code(cognito, sign_in, factors[0])


def ask_for_code(cognito: Cognito, sign_in: SignIn, factor: str) -> Answer:
    """Return the challenge of a factor; for SMS_MFA and EMAIL_OTP, send the code."""
    user = sign_in.user
    parameters = {"USER_ID_FOR_SRP": user.username}
    if factor == SOFTWARE_TOKEN_MFA:
        name = {"FRIENDLY_DEVICE_NAME": user.totp_name} if user.totp_name else {}
        return sign_in.challenge(cognito, factor, parameters | name)
    code = cognito.random_text(CODE_LENGTHS[factor], DIGITS)
    attribute = ADDRESSES[factor]
    to = user.attributes[attribute]
    outbox.send_code(cognito, user.pool_id, to, outbox.AUTHENTICATION, code)
    details = codes.delivery_details(attribute, to)
    parameters["CODE_DELIVERY_DELIVERY_MEDIUM"] = details["DeliveryMedium"]
    parameters["CODE_DELIVERY_DESTINATION"] = details["Destination"]
    return sign_in.challenge(cognito, factor, parameters, code=code, to=to)


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
    with _counting_mismatches(cognito, sign_in):
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
        with _counting_mismatches(cognito, sign_in):
            if not hmac.compare_digest(str(data["code"]).encode(), given.encode()):
                raise errors.CODE_OR_STATE_MISMATCH()

    return check


@contextmanager
def _counting_mismatches(cognito: Cognito, sign_in: SignIn) -> Iterator[None]:
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
    offered = [SOFTWARE_TOKEN_MFA] if pool.offers_totp else []
    parameters = {"USER_ID_FOR_SRP": user.username, "MFAS_CAN_SETUP": json.dumps(offered)}
    return sign_in.challenge(cognito, MFA_SETUP, parameters)
