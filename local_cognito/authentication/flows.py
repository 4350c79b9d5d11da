"""Signing in: the flows of InitiateAuth, the challenges that follow, and the tokens at the end.

After the password every sign-in takes the same way: a new password where the old one was temporary, the
device's proof where it may replace MFA, else the MFA challenge that the pool asks for, then tokens.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from local_cognito.authentication import devices, proofs, refresh, second_factors, sessions, tokens, totp
from local_cognito.authentication.challenges import Entry, Reply, check_state, continued, opened, require
from local_cognito.authentication.second_factors import EMAIL_OTP, SMS_MFA, SOFTWARE_TOKEN_MFA
from local_cognito.model import errors
from local_cognito.rules import attempts
from local_cognito.storage.records import (
    CONFIRMED,
    DAY,
    FORCE_CHANGE_PASSWORD,
    RESET_REQUIRED,
    Client,
    Pool,
    User,
)
from local_cognito.users import attributes, directory, hiding, passwords, schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local_cognito.rules.cognito import Answer, Cognito, Request
    from local_cognito.storage.records import Session

    Parameters = dict[str, str]
    Flow = Callable[[Cognito, Pool, Client, Parameters], Answer]

USER_PASSWORD_AUTH = "USER_PASSWORD_AUTH"  # noqa: S105 - Cognito's name of the flow, no secret
USER_SRP_AUTH = "USER_SRP_AUTH"
REFRESH_FLOWS = ("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN")
ADMIN_FLOWS = ("ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH")
DEFAULT_FLOWS = ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")
NEW_PASSWORD_REQUIRED = "NEW_PASSWORD_REQUIRED"  # noqa: S105 - Cognito's name of the challenge
PASSWORD_VERIFIER = "PASSWORD_VERIFIER"  # noqa: S105 - as above

_ATTRIBUTE_PREFIX = "userAttributes."


def is_enabled(client: Client, flow: str) -> bool:
    """Tell whether the app client's ExplicitAuthFlows allow a flow."""
    flows = client.settings.get("ExplicitAuthFlows") or DEFAULT_FLOWS
    # A flow may have an older name, for requests and settings alike.
    names = next((names for names in (ADMIN_FLOWS, REFRESH_FLOWS) if flow in names), (flow,))
    if any(name in flows or f"ALLOW_{name}" in flows for name in names):
        return True
    # Clients with the older settings can't turn SRP and refreshing off.
    is_older = not any(name.startswith("ALLOW_") for name in flows)
    return is_older and "CUSTOM_AUTH_FLOW_ONLY" not in flows and flow in (USER_SRP_AUTH, *REFRESH_FLOWS)


def start(cognito: Cognito, pool: Pool, client: Client, request: Request) -> Answer:
    """Start a sign-in by the flow that the request names."""
    flow = _FLOWS.get(request["AuthFlow"])
    if flow is None:
        raise errors.FLOW_NOT_IMPLEMENTED(name=request["AuthFlow"])
    return flow(cognito, pool, client, request.get("AuthParameters", {}))


def _password_flow(cognito: Cognito, pool: Pool, client: Client, parameters: Parameters) -> Answer:
    name, password = require(parameters, "USERNAME"), require(parameters, "PASSWORD")
    directory.check_secret_hash(client, name, parameters.get("SECRET_HASH"))
    entry = Entry(pool, client, _user_or_stand_in(cognito, pool, client, name), name)
    _check_password(cognito, entry, lambda: passwords.is_right(pool, entry.user, password))
    return _after_password(cognito, entry, parameters.get("DEVICE_KEY"))


def _srp_flow(cognito: Cognito, pool: Pool, client: Client, parameters: Parameters) -> Answer:
    name = require(parameters, "USERNAME")
    public_a = proofs.parse_public_value(require(parameters, "SRP_A"))
    directory.check_secret_hash(client, name, parameters.get("SECRET_HASH"))
    user = _user_or_stand_in(cognito, pool, client, name)
    if not client.hides_existence:
        check_state(user)
    attempts.refuse_while_locked(cognito, Entry(pool, client, user, name).counted[0])
    challenge = proofs.begin(
        cognito,
        client,
        user,
        step=PASSWORD_VERIFIER,
        secret=proofs.Secret(user.salt, user.verifier),
        public_a=public_a,
        asked=name,
    )
    names = {"USERNAME": user.username, "USER_ID_FOR_SRP": user.username}
    return {"ChallengeName": PASSWORD_VERIFIER, "ChallengeParameters": challenge | names}


def _user_or_stand_in(cognito: Cognito, pool: Pool, client: Client, name: str) -> User:
    user = directory.find_user(cognito, pool, name)
    if not client.hides_existence:
        if user is None:
            raise errors.USER_NOT_FOUND()
        return user
    simulated = hiding.simulated_user(
        cognito, pool, name
    )  # in any case: it takes as long for a user who exists
    return user or simulated


def _check_password(cognito: Cognito, entry: Entry, is_right: Callable[[], bool]) -> None:
    """Check a password, or a proof of knowing it, and whether its user may sign in at all.

    A client that hides who exists hears of the user's state only with the right password, and of no lock
    but the one on the name that it asked for.

    Raises:
        CognitoError: NotAuthorizedException, UserNotConfirmedException.
    """
    if not entry.client.hides_existence:
        check_state(entry.user)
    heard, *unheard = entry.counted
    attempts.refuse_while_locked(cognito, heard)
    if not is_right():
        attempts.count_failure(cognito, entry.counted, attempts.WRONG_PASSWORD)
        raise errors.INCORRECT()
    if any(attempts.is_locked(cognito, user) for user in unheard):
        raise errors.INCORRECT()
    check_state(entry.user)


def _after_password(cognito: Cognito, entry: Entry, device_key: str | None) -> Answer:
    if entry.user.status == RESET_REQUIRED:
        raise errors.RESET_REQUIRED()
    device = None
    if device_key and entry.pool.tracks_devices:
        device = devices.known_device(cognito, entry.user, device_key)
    if entry.user.status == FORCE_CHANGE_PASSWORD:
        return _ask_for_new_password(cognito, entry, device_key)
    entry = replace(entry, device_key=device.key if device and devices.is_tracked(device) else None)
    return (
        devices.challenge(cognito, entry)
        or second_factors.challenge(cognito, entry)
        or _finish(cognito, entry, by_alias=False, passed_mfa=False)
    )


def _ask_for_new_password(cognito: Cognito, entry: Entry, device_key: str | None) -> Answer:
    valid_days = passwords.policy(entry.pool)["TemporaryPasswordValidityDays"]
    if cognito.now() >= entry.user.password_set + valid_days * DAY:
        raise errors.TEMPORARY_PASSWORD_EXPIRED()
    missing = schema.missing(entry.pool, entry.user.attributes)
    data = entry.data | {"asked_device_key": device_key}
    shown = schema.readable(entry.client, entry.user.attributes)
    shown = {name: value for name, value in shown.items() if name != "sub"}  # clients send the others back
    return {
        "ChallengeName": NEW_PASSWORD_REQUIRED,
        "Session": sessions.begin(cognito, entry.client, entry.user, NEW_PASSWORD_REQUIRED, **data),
        "ChallengeParameters": {
            "USER_ID_FOR_SRP": entry.user.username,
            "requiredAttributes": json.dumps([_ATTRIBUTE_PREFIX + name for name in missing]),
            "userAttributes": json.dumps(shown),
        },
    }


def respond(cognito: Cognito, pool: Pool, client: Client, request: Request) -> Answer:
    """Answer the challenge that the request names; the next one or tokens come back."""
    answer = _CHALLENGES.get(request["ChallengeName"])
    if answer is None:
        raise errors.FLOW_NOT_IMPLEMENTED(name=request["ChallengeName"])
    responses = request.get("ChallengeResponses")
    if not responses:
        raise errors.NO_CHALLENGE_RESPONSES()
    name = require(responses, "USERNAME")
    directory.check_secret_hash(client, name, responses.get("SECRET_HASH"), in_challenge=True)
    user = directory.find_user(cognito, pool, name)
    if user is None and not client.hides_existence and request["ChallengeName"] != PASSWORD_VERIFIER:
        raise errors.SESSION_INVALID()
    if user is None or client.hides_existence:  # see _user_or_stand_in
        simulated = hiding.simulated_user(cognito, pool, name)
        user = user or simulated
    if not client.hides_existence:
        check_state(user)
        attempts.refuse_while_locked(cognito, user)
    return answer(cognito, Reply(pool, client, user, responses, request.get("Session")))


def _answer_password_verifier(cognito: Cognito, reply: Reply) -> Answer:
    claim = proofs.parse_claim(reply.responses)
    session = proofs.find(cognito, reply.client, reply.user, PASSWORD_VERIFIER, claim)
    entry = replace(continued(reply, session), by_srp=True)
    user, identity = reply.user, reply.pool.name_for_srp + reply.user.username
    _check_password(cognito, entry, lambda: proofs.is_right(cognito, session, claim, user.verifier, identity))
    # A client that named a forgotten device sends the same proof again without it, so only success spends it.
    answer = _after_password(cognito, entry, reply.responses.get("DEVICE_KEY"))
    sessions.spend(cognito, session)
    return answer


def _answer_new_password(cognito: Cognito, reply: Reply) -> Answer:
    session = opened(cognito, reply, NEW_PASSWORD_REQUIRED)
    password = require(reply.responses, "NEW_PASSWORD")
    passwords.check_policy(reply.pool, password)
    given = [
        {"Name": name.removeprefix(_ATTRIBUTE_PREFIX), "Value": value}
        for name, value in reply.responses.items()
        if name.startswith(_ATTRIBUTE_PREFIX)
    ]
    current = reply.user.attributes
    changes = schema.accept(reply.pool, given, client=reply.client, current=current, is_completing=True)
    for name in schema.required(reply.pool):
        if name in changes and current.get(name):
            raise errors.ALREADY_PROVIDED(name=name)
    missing = schema.missing(reply.pool, current | changes)
    if missing:
        raise errors.ATTRIBUTES_MISSING(names=" and ".join(missing))
    passwords.change(cognito, reply.pool, reply.user, password)
    reply.user.status = CONFIRMED
    attributes.change(cognito, reply.pool, reply.user, changes)
    sessions.spend(cognito, session)
    return _after_password(cognito, continued(reply, session), session.data["asked_device_key"])


def _answer_mfa_setup(cognito: Cognito, reply: Reply) -> Answer:
    session = opened(cognito, reply, totp.VERIFIED)
    if session.data["secret"] != reply.user.totp_secret:
        raise errors.SESSION_INVALID()
    return _after_mfa(cognito, reply, session)


def _answer_software_token_mfa(cognito: Cognito, reply: Reply) -> Answer:
    session = opened(cognito, reply, SOFTWARE_TOKEN_MFA)
    code = require(reply.responses, "SOFTWARE_TOKEN_MFA_CODE")
    with _mismatches_counted(cognito, continued(reply, session)):
        totp.check_code(cognito, reply.user, code)
    directory.save_user(cognito, reply.pool, reply.user)
    return _after_mfa(cognito, reply, session)


def _answer_sent_code(factor: str) -> Callable[[Cognito, Reply], Answer]:
    def answer(cognito: Cognito, reply: Reply) -> Answer:
        session = opened(cognito, reply, factor)
        with _mismatches_counted(cognito, continued(reply, session)):
            second_factors.check_sent_code(reply, session, factor)
        return _after_mfa(cognito, reply, session)

    return answer


@contextmanager
def _mismatches_counted(cognito: Cognito, entry: Entry) -> Iterator[None]:
    try:
        yield
    except errors.CognitoError as error:
        if error.code == errors.CODE_MISMATCH.code:
            attempts.count_failure(cognito, entry.counted, attempts.WRONG_CODE)
        raise


def _answer_device_password_verifier(cognito: Cognito, reply: Reply) -> Answer:
    entry = continued(reply, devices.check_proof(cognito, reply))
    return _finish(cognito, entry, by_alias=False, passed_mfa=True)


_FLOWS: dict[str, Flow] = {
    USER_PASSWORD_AUTH: _password_flow,
    USER_SRP_AUTH: _srp_flow,
    **dict.fromkeys(ADMIN_FLOWS, _password_flow),
    **dict.fromkeys(REFRESH_FLOWS, refresh.refresh_flow),
}
_CHALLENGES: dict[str, Callable[[Cognito, Reply], Answer]] = {
    PASSWORD_VERIFIER: _answer_password_verifier,
    NEW_PASSWORD_REQUIRED: _answer_new_password,
    totp.MFA_SETUP: _answer_mfa_setup,
    SOFTWARE_TOKEN_MFA: _answer_software_token_mfa,
    second_factors.SELECT_MFA_TYPE: second_factors.choose,
    SMS_MFA: _answer_sent_code(SMS_MFA),
    EMAIL_OTP: _answer_sent_code(EMAIL_OTP),
    devices.DEVICE_SRP_AUTH: devices.begin_proof,
    devices.DEVICE_PASSWORD_VERIFIER: _answer_device_password_verifier,
}


def _after_mfa(cognito: Cognito, reply: Reply, session: Session) -> Answer:
    """End a sign-in that passed MFA, and its session."""
    sessions.spend(cognito, session)
    answered = directory.fold(reply.pool, reply.responses["USERNAME"])
    by_alias = answered != directory.fold(reply.pool, reply.user.username)
    return _finish(cognito, continued(reply, session), by_alias=by_alias, passed_mfa=True)


def _finish(cognito: Cognito, entry: Entry, *, by_alias: bool, passed_mfa: bool) -> Answer:
    """Give the tokens; from a device that is not known yet, a new device key comes along.

    None comes after a password that was sent in clear and no MFA.
    """
    attempts.forget_failures(cognito, entry.counted)
    metadata = None
    if entry.device_key is None and entry.pool.tracks_devices and (passed_mfa or entry.by_srp):
        metadata = devices.hand_out_key(cognito, entry.pool, entry.user, by_alias=by_alias)
        entry = replace(entry, device_key=metadata["DeviceKey"])
    result = tokens.issue(cognito, entry.pool, entry.client, entry.user, entry.device_key)
    if metadata:
        result["NewDeviceMetadata"] = metadata
    return {"ChallengeParameters": {}, "AuthenticationResult": result}
