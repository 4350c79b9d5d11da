"""Signing in and out: the flows and challenges of a sign-in, renewing and revoking its tokens."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from local_cognito.authentication import (
    custom_auth,
    devices,
    flows,
    password_steps,
    proofs,
    refresh,
    second_factors,
    sessions,
    tokens,
    totp,
)
from local_cognito.authentication.completion import after_first_factor, after_password, finish
from local_cognito.authentication.sign_in import SignIn, Step, passing, require
from local_cognito.choice import passkey_step, sent_codes, straight_in, user_auth
from local_cognito.choice.steps import first_or_second
from local_cognito.model import errors
from local_cognito.rules import factors
from local_cognito.rules.cognito import Answer, Cognito
from local_cognito.storage.records import Client, Pool
from local_cognito.users import directory, hiding

if TYPE_CHECKING:
    from local_cognito.model import requests

_NO_STEP = ""
_OF_FUNCTIONS = {errors.FUNCTION_FAILED.code, errors.FUNCTION_NOT_INVOKED.code, errors.FUNCTION_ANSWER.code}

Flow = Callable[[Cognito, Pool, Client, dict[str, str]], Answer]


def _password_flow(cognito: Cognito, pool: Pool, client: Client, parameters: dict[str, str]) -> Answer:
    return after_password(cognito, password_steps.with_password(cognito, pool, client, parameters))


def _custom_flow(cognito: Cognito, pool: Pool, client: Client, parameters: dict[str, str]) -> Answer:
    sign_in = _begun(cognito, pool, client, parameters)
    custom_auth.start(cognito, sign_in)
    return finish(cognito, sign_in)


def _custom_challenge(cognito: Cognito, sign_in: SignIn) -> Answer:
    custom_auth.judge_answer(cognito, sign_in)
    return finish(cognito, sign_in)


def _checked_password(cognito: Cognito, sign_in: SignIn) -> Answer:
    password_steps.check_password(cognito, sign_in, sign_in.require("PASSWORD"))
    return after_password(cognito, sign_in)


def _srp(cognito: Cognito, sign_in: SignIn) -> Answer:
    return password_steps.ask_for_proof(cognito, sign_in, proofs.parse_public_value(sign_in.require("SRP_A")))


def _after_passkey(cognito: Cognito, sign_in: SignIn) -> Answer:
    if factors.passkeys_are_mfa(sign_in.pool):
        sign_in.passed_mfa = True
        return finish(cognito, sign_in)
    return after_first_factor(cognito, sign_in)


_mfa = partial(passing, then=finish, is_mfa=True)


# How USER_AUTH goes on with each first factor.
BEGINNINGS: dict[str, Step] = {
    factors.PASSWORD: _checked_password,
    factors.PASSWORD_SRP: _srp,
    factors.EMAIL_OTP: sent_codes.sending(factors.EMAIL_OTP),
    factors.SMS_OTP: sent_codes.sending(factors.SMS_OTP),
    factors.WEB_AUTHN: passkey_step.ask,
}


_choose = user_auth.choosing(BEGINNINGS)
_passkey = passing(passkey_step.check, _after_passkey)


def _chosen(cognito: Cognito, sign_in: SignIn) -> Answer:
    """Answer SELECT_CHALLENGE; a passkey beside the choice answers the session's challenge WEB_AUTHN."""
    is_signed = "CREDENTIAL" in sign_in.parameters and sign_in.parameters.get("ANSWER") == factors.WEB_AUTHN
    return (_passkey if is_signed else _choose)(cognito, sign_in)


def _begun(cognito: Cognito, pool: Pool, client: Client, parameters: dict[str, str]) -> SignIn:
    require(parameters, "USERNAME")
    return password_steps.begin(cognito, pool, client, parameters)


def _choice_flow(cognito: Cognito, pool: Pool, client: Client, parameters: dict[str, str]) -> Answer:
    return user_auth.start(cognito, _begun(cognito, pool, client, parameters), BEGINNINGS)


FLOWS: dict[str, Flow] = {
    flows.USER_AUTH: _choice_flow,
    flows.USER_PASSWORD_AUTH: _password_flow,
    flows.USER_SRP_AUTH: password_steps.begin_srp,
    flows.CUSTOM_AUTH: _custom_flow,
    **dict.fromkeys(flows.ADMIN_FLOWS, _password_flow),
    **dict.fromkeys(flows.REFRESH_FLOWS, refresh.refresh_flow),
}
CHALLENGES: dict[str, Step] = {
    flows.PASSWORD_VERIFIER: passing(password_steps.check_proof, after_password),
    flows.NEW_PASSWORD_REQUIRED: passing(password_steps.check_new_password, after_password),
    custom_auth.CUSTOM_CHALLENGE: _custom_challenge,
    totp.MFA_SETUP: _mfa(second_factors.check_setup),
    second_factors.SELECT_MFA_TYPE: second_factors.choose,
    factors.SOFTWARE_TOKEN_MFA: _mfa(second_factors.check_totp),
    factors.SMS_MFA: _mfa(second_factors.check_sent_code(factors.SMS_MFA)),
    factors.EMAIL_OTP: first_or_second(
        factors.EMAIL_OTP,
        passing(sent_codes.check_code(factors.EMAIL_OTP), after_first_factor),
        _mfa(second_factors.check_sent_code(factors.EMAIL_OTP)),
    ),
    factors.SMS_OTP: passing(sent_codes.check_code(factors.SMS_OTP), after_first_factor),
    factors.WEB_AUTHN: first_or_second(factors.WEB_AUTHN, _passkey, _mfa(second_factors.check_passkey)),
    user_auth.SELECT_CHALLENGE: _chosen,
    factors.PASSWORD: user_auth.choosing(BEGINNINGS, factors.PASSWORD),
    factors.PASSWORD_SRP: user_auth.choosing(BEGINNINGS, factors.PASSWORD_SRP),
    devices.DEVICE_SRP_AUTH: devices.begin_proof,
    devices.DEVICE_PASSWORD_VERIFIER: passing(devices.check_proof, finish),
}


def initiate_auth(cognito: Cognito, request: requests.InitiateAuth) -> Answer:
    """InitiateAuth: start a sign-in from an app."""
    pool, client = directory.get_client(cognito, request["ClientId"])
    flow = request["AuthFlow"]
    if flow in flows.ADMIN_FLOWS:
        raise errors.METHOD_NOT_SUPPORTED()
    flows.check_rotation(client, flow)
    if not flows.is_enabled(client, flow):
        is_older = flow in (flows.USER_SRP_AUTH, flows.CUSTOM_AUTH)
        refusal = errors.OLDER_FLOW_NOT_ENABLED if is_older else errors.FLOW_NOT_ENABLED
        raise refusal(flow=flow)
    return _start(cognito, pool, client, request)


def admin_initiate_auth(cognito: Cognito, request: requests.AdminInitiateAuth) -> Answer:
    """AdminInitiateAuth: start a sign-in from a server with IAM credentials."""
    pool, client = directory.get_client(cognito, request["ClientId"], request["UserPoolId"])
    flow = request["AuthFlow"]
    if flow == flows.USER_PASSWORD_AUTH:
        raise errors.METHOD_NOT_SUPPORTED()
    flows.check_rotation(client, flow)
    if not flows.is_enabled(client, flow):
        raise errors.ADMIN_FLOW_NOT_ENABLED()
    return _start(cognito, pool, client, request)


def respond_to_auth_challenge(cognito: Cognito, request: requests.RespondToAuthChallenge) -> Answer:
    """RespondToAuthChallenge: answer a challenge; the next one or tokens come back."""
    return _respond(cognito, *directory.get_client(cognito, request["ClientId"]), request)


def admin_respond_to_auth_challenge(
    cognito: Cognito, request: requests.AdminRespondToAuthChallenge
) -> Answer:
    """AdminRespondToAuthChallenge: the same from a server with IAM credentials."""
    return _respond(
        cognito, *directory.get_client(cognito, request["ClientId"], request["UserPoolId"]), request
    )


def get_tokens_from_refresh_token(cognito: Cognito, request: requests.GetTokensFromRefreshToken) -> Answer:
    """GetTokensFromRefreshToken: refresh tokens, and rotate them; the client secret is sent in clear."""
    pool, client = directory.get_client(cognito, request["ClientId"])
    if client.secrets and "ClientSecret" not in request:
        raise errors.CLIENT_SECRET_MISSING(client_id=client.id)
    if not directory.knows_secret(client, request.get("ClientSecret", "")):
        raise errors.SECRET_HASH_WRONG(client_id=client.id)
    token = request["RefreshToken"]
    grant, user = refresh.usable_grant(cognito, pool, client, token, request.get("DeviceKey"))
    return {"AuthenticationResult": refresh.refreshed(cognito, pool, client, user, grant, token)}


def revoke_token(cognito: Cognito, request: requests.RevokeToken) -> Answer:
    """RevokeToken: end one sign-in: all its refresh tokens and access tokens."""
    client = cognito.store.clients.get(request["ClientId"])
    if client is None or not directory.knows_secret(client, request.get("ClientSecret", "")):
        raise errors.CLIENT_UNAUTHORIZED()
    if not client.revokes:
        raise errors.REVOCATION_OFF()
    grant = refresh.grant_of(cognito, request["Token"])
    if grant is None:
        raise errors.TOKEN_TYPE()
    if grant.client_id != client.id:
        raise errors.TOKEN_OF_ANOTHER_CLIENT()
    grant.revoked = True
    cognito.store.grants.put(grant)
    return {}


def global_sign_out(cognito: Cognito, request: requests.GlobalSignOut) -> Answer:
    """GlobalSignOut: end every sign-in of the user."""
    _, user, _ = tokens.verify_access(cognito, request["AccessToken"])
    tokens.revoke_all(cognito, user)
    return {}


def admin_user_global_sign_out(cognito: Cognito, request: requests.AdminUserGlobalSignOut) -> Answer:
    """AdminUserGlobalSignOut: the same by an administrator."""
    _, user = directory.managed_user(cognito, request)
    tokens.revoke_all(cognito, user)
    return {}


def _start(
    cognito: Cognito, pool: Pool, client: Client, request: requests.InitiateAuth | requests.AdminInitiateAuth
) -> Answer:
    flow = FLOWS.get(request["AuthFlow"])
    if request["AuthFlow"] == flows.CUSTOM_AUTH and not _has_custom_auth(pool):
        raise errors.CUSTOM_AUTH_NOT_CONFIGURED()
    if flow is None:
        raise errors.FLOW_NOT_IMPLEMENTED(name=request["AuthFlow"])
    parameters = request.get("AuthParameters", {})
    if flow is _choice_flow and "Session" in request:
        begun = _begun(cognito, pool, client, parameters)
        straight_in.resume(cognito, begun, request["Session"])
        return after_first_factor(cognito, begun)
    return flow(cognito, pool, client, parameters)


def _has_custom_auth(pool: Pool) -> bool:
    """Tell whether the pool has the trigger that CUSTOM_AUTH starts with."""
    return bool(pool.settings.get("LambdaConfig", {}).get("DefineAuthChallenge"))


def _never_asked(cognito: Cognito, sign_in: SignIn) -> Answer:
    """Refuse the answer to a challenge that no sign-in of this pool asks for: no session is open for it."""
    sign_in.open(cognito, _NO_STEP)
    raise errors.SESSION_INVALID()


def _respond(
    cognito: Cognito,
    pool: Pool,
    client: Client,
    request: requests.RespondToAuthChallenge | requests.AdminRespondToAuthChallenge,
) -> Answer:
    challenge = request["ChallengeName"]
    step = CHALLENGES.get(challenge, _never_asked)
    responses = request.get("ChallengeResponses")
    if not responses:
        raise errors.NO_CHALLENGE_RESPONSES()
    name = require(responses, "USERNAME")
    directory.check_secret_hash(client, name, responses.get("SECRET_HASH"), in_challenge=True)
    user = hiding.user_or_simulated(cognito, pool, client, name)
    is_hidden = client.hides_existence or challenge == flows.PASSWORD_VERIFIER
    if not (user.exists or is_hidden):
        raise errors.SESSION_INVALID()
    sign_in = SignIn(
        pool, client, user, name, responses, request.get("Session"), named_device=responses.get("DEVICE_KEY")
    )
    if not client.hides_existence:
        sign_in.check_user(cognito)
    try:
        return step(cognito, sign_in)
    except errors.CognitoError as error:
        session = sign_in.session
        if session is not None and error.code in _OF_FUNCTIONS:
            error.cleanup = partial(sessions.spend, cognito, session)
        raise
