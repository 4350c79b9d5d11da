"""Second factors: which of them a user can pass, the challenge that a sign-in must answer, sent codes."""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING, Any

from local_cognito.authentication import sessions
from local_cognito.authentication.challenges import Entry, Reply, opened, require
from local_cognito.authentication.totp import ASSOCIATED, MFA_SETUP, VERIFIED
from local_cognito.model import errors
from local_cognito.rules import codes, outbox
from local_cognito.rules.cognito import DIGITS

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Answer, Cognito
    from local_cognito.storage.records import Client, Pool, Session, User

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
    """Return the factors that the user can pass; where MFA is required, they need no turning on."""
    enabled = user.mfa.get("enabled", [])
    return [
        factor
        for factor in POOL_FIELDS
        if is_ready(pool, user, factor) and (pool.mfa == "ON" or factor in enabled)
    ]


def is_ready(pool: Pool, user: User, factor: str) -> bool:
    """Tell whether the user has what the factor needs; an enrolled app stays good if the pool drops TOTP."""
    if factor == SOFTWARE_TOKEN_MFA:
        return user.totp_secret is not None
    attribute = ADDRESSES[factor]
    return POOL_FIELDS[factor] in pool.settings and user.attributes.get(f"{attribute}_verified") == "true"


def challenge(cognito: Cognito, entry: Entry) -> Answer | None:
    """Return the MFA challenge that this sign-in must pass, or None."""
    pool, client, user = entry.pool, entry.client, entry.user
    factors = active(pool, user)
    preferred = user.mfa.get("preferred")
    if preferred in factors:
        factors = [preferred]
    if pool.mfa == "OFF" or (pool.mfa == "OPTIONAL" and not factors):
        return None
    if not factors:
        return _set_up(cognito, pool, client, user, entry.data)
    if len(factors) > 1:
        parameters = {"USER_ID_FOR_SRP": user.username, "MFAS_CAN_CHOOSE": json.dumps(factors)}
        return _asked(cognito, client, user, SELECT_MFA_TYPE, entry.data, parameters)
    return _ask_for_code(cognito, client, user, factors[0], entry.data)


def choose(cognito: Cognito, reply: Reply) -> Answer:
    """Answer SELECT_MFA_TYPE: go on with the factor that was chosen."""
    session = opened(cognito, reply, SELECT_MFA_TYPE)
    answer = require(reply.responses, "ANSWER").replace("EMAIL_MFA", EMAIL_OTP)
    if answer not in active(reply.pool, reply.user):
        raise errors.FACTOR_NOT_OFFERED(answer=answer)
    sessions.spend(cognito, session)
    return _ask_for_code(cognito, reply.client, reply.user, answer, session.data)


def check_sent_code(reply: Reply, session: Session, factor: str) -> None:
    """Check the code of SMS_MFA or EMAIL_OTP; the caller spends the session.

    Raises:
        CognitoError: CodeMismatchException; NotAuthorizedException, when the code went to an old address.
    """
    is_same_address = session.data["to"] == reply.user.attributes.get(ADDRESSES[factor])
    if not is_same_address or not is_ready(reply.pool, reply.user, factor):
        raise errors.SESSION_INVALID()
    given = require(reply.responses, RESPONSES[factor])
    if not hmac.compare_digest(str(session.data["code"]).encode(), given.encode()):
        raise errors.CODE_OR_STATE_MISMATCH()


def _set_up(cognito: Cognito, pool: Pool, client: Client, user: User, data: dict[str, Any]) -> Answer:
    # Another sign-in makes an enrolment that was under way worthless.
    for step in (MFA_SETUP, ASSOCIATED, VERIFIED):
        cognito.store.sessions.delete(pool_id=pool.id, username=user.username, step=step)
    offered = [SOFTWARE_TOKEN_MFA] if pool.offers_totp else []
    parameters = {"USER_ID_FOR_SRP": user.username, "MFAS_CAN_SETUP": json.dumps(offered)}
    return _asked(cognito, client, user, MFA_SETUP, data, parameters)


def _ask_for_code(cognito: Cognito, client: Client, user: User, factor: str, data: dict[str, Any]) -> Answer:
    parameters = {"USER_ID_FOR_SRP": user.username}
    if factor == SOFTWARE_TOKEN_MFA:
        if user.totp_name:
            parameters["FRIENDLY_DEVICE_NAME"] = user.totp_name
        return _asked(cognito, client, user, factor, data, parameters)
    code = cognito.random_text(CODE_LENGTHS[factor], DIGITS)
    attribute = ADDRESSES[factor]
    to = user.attributes[attribute]
    outbox.send_code(cognito, user.pool_id, to, "Your authentication code", code)
    details = codes.delivery_details(attribute, to)
    parameters["CODE_DELIVERY_DELIVERY_MEDIUM"] = details["DeliveryMedium"]
    parameters["CODE_DELIVERY_DESTINATION"] = details["Destination"]
    return _asked(cognito, client, user, factor, data | {"code": code, "to": to}, parameters)


def _asked(
    cognito: Cognito, client: Client, user: User, step: str, data: dict[str, Any], parameters: dict[str, str]
) -> Answer:
    return {
        "ChallengeName": step,
        "Session": sessions.begin(cognito, client, user, step, **data),
        "ChallengeParameters": parameters,
    }
