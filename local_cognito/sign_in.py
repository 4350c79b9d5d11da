"""Signing in: the flows of InitiateAuth, the challenges that follow, and the tokens at the end.

After the password every sign-in takes the same way: the device's proof where it may replace MFA,
else the MFA challenge that the pool asks for, then tokens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import attempts, devices, directory, errors, mfa, passwords, sessions, tokens
from .challenges import Reply, require
from .records import UNCONFIRMED, Client, Device, Pool, User

if TYPE_CHECKING:
    from collections.abc import Callable

    from .cognito import Answer, Cognito, Request

USER_PASSWORD_AUTH = "USER_PASSWORD_AUTH"  # noqa: S105 - Cognito's name of the flow, no secret
ADMIN_FLOWS = ("ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH")
DEFAULT_FLOWS = ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")


def initiate_auth(cognito: Cognito, request: Request) -> Answer:
    """InitiateAuth: start a sign-in from an app."""
    pool, client = directory.get_client(cognito, request["ClientId"])
    flow = request["AuthFlow"]
    if flow in ADMIN_FLOWS:
        raise errors.METHOD_NOT_SUPPORTED()
    if not _is_enabled(client, flow):
        raise _not_enabled(flow)
    if flow != USER_PASSWORD_AUTH:
        raise errors.FLOW_NOT_IMPLEMENTED(name=flow)
    return _password_flow(cognito, pool, client, request.get("AuthParameters", {}))


def admin_initiate_auth(cognito: Cognito, request: Request) -> Answer:
    """AdminInitiateAuth: start a sign-in from a server with IAM credentials."""
    pool, client = directory.get_client(cognito, request["ClientId"], request["UserPoolId"])
    flow = request["AuthFlow"]
    if flow == USER_PASSWORD_AUTH:
        raise errors.METHOD_NOT_SUPPORTED()
    if not _is_enabled(client, flow):
        raise errors.ADMIN_FLOW_NOT_ENABLED()
    if flow not in ADMIN_FLOWS:
        raise errors.FLOW_NOT_IMPLEMENTED(name=flow)
    return _password_flow(cognito, pool, client, request.get("AuthParameters", {}))


def respond_to_auth_challenge(cognito: Cognito, request: Request) -> Answer:
    """RespondToAuthChallenge: answer a challenge; the next one or tokens come back."""
    return _respond(cognito, *directory.get_client(cognito, request["ClientId"]), request)


def admin_respond_to_auth_challenge(cognito: Cognito, request: Request) -> Answer:
    """AdminRespondToAuthChallenge: the same from a server with IAM credentials."""
    return _respond(
        cognito, *directory.get_client(cognito, request["ClientId"], request["UserPoolId"]), request
    )


def _is_enabled(client: Client, flow: str) -> bool:
    flows = client.settings.get("ExplicitAuthFlows") or DEFAULT_FLOWS
    # ADMIN_NO_SRP_AUTH is the older name of ADMIN_USER_PASSWORD_AUTH, for requests and settings alike.
    names = ADMIN_FLOWS if flow in ADMIN_FLOWS else (flow,)
    return any(name in flows or f"ALLOW_{name}" in flows for name in names)


def _not_enabled(flow: str) -> errors.CognitoError:
    return errors.SRP_NOT_ENABLED() if flow == "USER_SRP_AUTH" else errors.FLOW_NOT_ENABLED(flow=flow)


def _password_flow(cognito: Cognito, pool: Pool, client: Client, parameters: dict[str, str]) -> Answer:
    name, password = require(parameters, "USERNAME"), require(parameters, "PASSWORD")
    directory.check_secret_hash(client, name, parameters.get("SECRET_HASH"))
    user = directory.find_user(cognito, pool, name)
    if user is None:
        raise errors.INCORRECT() if client.hides_existence else errors.USER_NOT_FOUND()
    _check_may_sign_in(cognito, user)
    if not passwords.is_right(pool, user, password):
        attempts.count_failure(cognito, user)
        raise errors.INCORRECT()
    return _after_password(cognito, pool, client, user, parameters.get("DEVICE_KEY"))


def _check_may_sign_in(cognito: Cognito, user: User) -> None:
    if not user.enabled:
        raise errors.USER_DISABLED()
    if user.status == UNCONFIRMED:
        raise errors.USER_NOT_CONFIRMED()
    attempts.refuse_while_locked(cognito, user)


def _after_password(
    cognito: Cognito, pool: Pool, client: Client, user: User, device_key: str | None
) -> Answer:
    device = None
    if device_key and pool.tracks_devices:
        device = _tracked(devices.known_device(cognito, user, device_key))
    known_key = device.key if device else None
    challenge = devices.challenge(cognito, pool, client, user, device) or mfa.challenge(
        cognito, pool, client, user, known_key
    )
    return challenge or _tokens(cognito, pool, client, user, known_key)


def _tracked(device: Device) -> Device | None:
    """Return the device if it is remembered; any other counts as never seen."""
    return device if device.remembered and device.verifier else None


def _respond(cognito: Cognito, pool: Pool, client: Client, request: Request) -> Answer:
    answer = _CHALLENGES.get(request["ChallengeName"])
    if answer is None:
        raise errors.FLOW_NOT_IMPLEMENTED(name=request["ChallengeName"])
    responses = request.get("ChallengeResponses")
    if not responses:
        raise errors.NO_CHALLENGE_RESPONSES()
    name = require(responses, "USERNAME")
    directory.check_secret_hash(client, name, responses.get("SECRET_HASH"), in_challenge=True)
    user = directory.find_user(cognito, pool, name)
    if user is None:
        raise errors.SESSION_INVALID()
    _check_may_sign_in(cognito, user)
    return answer(cognito, Reply(pool, client, user, responses, request.get("Session")))


def _answer_mfa_setup(cognito: Cognito, reply: Reply) -> Answer:
    session = sessions.find_for(cognito, reply.session, reply.client, reply.user, mfa.VERIFIED)
    sessions.spend(cognito, session)
    return _tokens_after_mfa(cognito, reply, session.data["device_key"])


def _answer_software_token_mfa(cognito: Cognito, reply: Reply) -> Answer:
    session = sessions.find_for(cognito, reply.session, reply.client, reply.user, mfa.SOFTWARE_TOKEN_MFA)
    code = require(reply.responses, "SOFTWARE_TOKEN_MFA_CODE")
    try:
        mfa.check_code(cognito, reply.user, code)
    except errors.CognitoError as error:
        if error.code == errors.TOTP_MISMATCH.code:
            attempts.count_failure(cognito, reply.user)
        raise
    directory.save_user(cognito, reply.pool, reply.user)
    sessions.spend(cognito, session)
    return _tokens_after_mfa(cognito, reply, session.data["device_key"])


def _answer_device_password_verifier(cognito: Cognito, reply: Reply) -> Answer:
    device = devices.check_proof(cognito, reply)
    return _tokens(cognito, reply.pool, reply.client, reply.user, device.key)


_CHALLENGES: dict[str, Callable[[Cognito, Reply], Answer]] = {
    mfa.MFA_SETUP: _answer_mfa_setup,
    mfa.SOFTWARE_TOKEN_MFA: _answer_software_token_mfa,
    devices.DEVICE_SRP_AUTH: devices.begin_proof,
    devices.DEVICE_PASSWORD_VERIFIER: _answer_device_password_verifier,
}


def _tokens_after_mfa(cognito: Cognito, reply: Reply, device_key: str | None) -> Answer:
    """End a sign-in that passed MFA: from a device that is not known yet, a new device key comes along."""
    if device_key is not None or not reply.pool.tracks_devices:
        return _tokens(cognito, reply.pool, reply.client, reply.user, device_key)
    answered = directory.fold(reply.pool, reply.responses["USERNAME"])
    by_alias = answered != directory.fold(reply.pool, reply.user.username)
    metadata = devices.hand_out_key(cognito, reply.pool, reply.user, by_alias=by_alias)
    answer = _tokens(cognito, reply.pool, reply.client, reply.user, metadata["DeviceKey"])
    answer["AuthenticationResult"]["NewDeviceMetadata"] = metadata
    return answer


def _tokens(cognito: Cognito, pool: Pool, client: Client, user: User, device_key: str | None) -> Answer:
    attempts.forget_failures(cognito, user)
    result = tokens.issue(cognito, pool, client, user, device_key)
    return {"ChallengeParameters": {}, "AuthenticationResult": result}
