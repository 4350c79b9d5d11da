"""The dispatcher: find the action, validate the request, run it in a transaction, build the answer.

An error's code stands in the answer's `__type`, its text in `message`; `wire` has the rest of the format.
"""

from __future__ import annotations

import codecs
import logging
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson

from local_cognito.actions import (
    account,
    app_clients,
    devices,
    groups,
    machine_clients,
    mfa,
    sign_in,
    sign_up,
    user_pools,
    user_sessions,
    users,
)
from local_cognito.lambdas.journal import FunctionNeeded
from local_cognito.model import errors, service_model, validation, without_effect
from local_cognito.model.wire import CONTENT_TYPE, TARGET_PREFIX, Response
from local_cognito.storage.database_file import DatabaseBusyError
from local_cognito.storage.failures import log_failure
from local_cognito.triggers.running import Run, perform_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cognito.rules.cognito import Answer, Cognito

    Action = Callable[[Cognito, Any], Answer | None]  # each takes the type of its request

# Signature Version 4: access key, date, region, service.
_CREDENTIAL = re.compile(
    r"Credential=[^/,\s]+/[0-9]{8}/(?P<region>[a-z]{2}[a-z0-9-]{3,28})/cognito-idp/", re.ASCII
)
_LONGEST_HEADER = 1000

ACTIONS: dict[str, Action] = {
    # User pools and app clients
    "CreateUserPool": user_pools.create_user_pool,
    "DescribeUserPool": user_pools.describe_user_pool,
    "ListUserPools": user_pools.list_user_pools,
    "UpdateUserPool": user_pools.update_user_pool,
    "DeleteUserPool": user_pools.delete_user_pool,
    "GetCSVHeader": user_pools.get_csv_header,
    "AddCustomAttributes": user_pools.add_custom_attributes,
    "SetUserPoolMfaConfig": user_pools.set_user_pool_mfa_config,
    "GetUserPoolMfaConfig": user_pools.get_user_pool_mfa_config,
    "TagResource": user_pools.tag_resource,
    "UntagResource": user_pools.untag_resource,
    "ListTagsForResource": user_pools.list_tags_for_resource,
    "CreateUserPoolClient": app_clients.create_user_pool_client,
    "DescribeUserPoolClient": app_clients.describe_user_pool_client,
    "ListUserPoolClients": app_clients.list_user_pool_clients,
    "UpdateUserPoolClient": app_clients.update_user_pool_client,
    "DeleteUserPoolClient": app_clients.delete_user_pool_client,
    "AddUserPoolClientSecret": machine_clients.add_user_pool_client_secret,
    "ListUserPoolClientSecrets": machine_clients.list_user_pool_client_secrets,
    "DeleteUserPoolClientSecret": machine_clients.delete_user_pool_client_secret,
    "GetClientToken": machine_clients.get_client_token,
    # Resource servers
    "CreateResourceServer": machine_clients.create_resource_server,
    "DescribeResourceServer": machine_clients.describe_resource_server,
    "ListResourceServers": machine_clients.list_resource_servers,
    "UpdateResourceServer": machine_clients.update_resource_server,
    "DeleteResourceServer": machine_clients.delete_resource_server,
    # Signing up
    "SignUp": sign_up.sign_up,
    "ResendConfirmationCode": sign_up.resend_confirmation_code,
    "ConfirmSignUp": sign_up.confirm_sign_up,
    "AdminConfirmSignUp": sign_up.admin_confirm_sign_up,
    # Signing in and out
    "InitiateAuth": sign_in.initiate_auth,
    "AdminInitiateAuth": sign_in.admin_initiate_auth,
    "RespondToAuthChallenge": sign_in.respond_to_auth_challenge,
    "AdminRespondToAuthChallenge": sign_in.admin_respond_to_auth_challenge,
    "GetTokensFromRefreshToken": sign_in.get_tokens_from_refresh_token,
    "RevokeToken": sign_in.revoke_token,
    "GlobalSignOut": sign_in.global_sign_out,
    "AdminUserGlobalSignOut": sign_in.admin_user_global_sign_out,
    # Sessions of users
    "ListUserSessions": user_sessions.list_user_sessions,
    "RevokeUserSession": user_sessions.revoke_user_session,
    "AdminListUserSessions": user_sessions.admin_list_user_sessions,
    "AdminRevokeUserSession": user_sessions.admin_revoke_user_session,
    # MFA
    "AssociateSoftwareToken": mfa.associate_software_token,
    "VerifySoftwareToken": mfa.verify_software_token,
    "SetUserMFAPreference": mfa.set_user_mfa_preference,
    "AdminSetUserMFAPreference": mfa.admin_set_user_mfa_preference,
    "AdminDeleteSoftwareToken": mfa.admin_delete_software_token,
    "GetUserAuthFactors": mfa.get_user_auth_factors,
    "AdminGetUserAuthFactors": mfa.admin_get_user_auth_factors,
    # Devices
    "ConfirmDevice": devices.confirm_device,
    "UpdateDeviceStatus": devices.update_device_status,
    "ForgetDevice": devices.forget_device,
    "GetDevice": devices.get_device,
    "ListDevices": devices.list_devices,
    "AdminUpdateDeviceStatus": devices.admin_update_device_status,
    "AdminForgetDevice": devices.admin_forget_device,
    "AdminGetDevice": devices.admin_get_device,
    "AdminListDevices": devices.admin_list_devices,
    # Passkeys
    "StartWebAuthnRegistration": account.start_web_authn_registration,
    "CompleteWebAuthnRegistration": account.complete_web_authn_registration,
    "ListWebAuthnCredentials": account.list_web_authn_credentials,
    "DeleteWebAuthnCredential": account.delete_web_authn_credential,
    # A user's own account
    "GetUser": account.get_user,
    "UpdateUserAttributes": account.update_user_attributes,
    "DeleteUserAttributes": account.delete_user_attributes,
    "GetUserAttributeVerificationCode": account.get_user_attribute_verification_code,
    "VerifyUserAttribute": account.verify_user_attribute,
    "ChangePassword": account.change_password,
    "DeleteUser": account.delete_user,
    "ForgotPassword": account.forgot_password,
    "ConfirmForgotPassword": account.confirm_forgot_password,
    # Users
    "AdminGetUser": users.admin_get_user,
    "ListUsers": users.list_users,
    "AdminCreateUser": users.admin_create_user,
    "AdminSetUserPassword": users.admin_set_user_password,
    "AdminResetUserPassword": users.admin_reset_user_password,
    "AdminUpdateUserAttributes": users.admin_update_user_attributes,
    "AdminDeleteUserAttributes": users.admin_delete_user_attributes,
    "AdminDisableUser": users.admin_disable_user,
    "AdminEnableUser": users.admin_enable_user,
    "AdminDeleteUser": users.admin_delete_user,
    # Groups
    "CreateGroup": groups.create_group,
    "GetGroup": groups.get_group,
    "ListGroups": groups.list_groups,
    "UpdateGroup": groups.update_group,
    "DeleteGroup": groups.delete_group,
    "AdminAddUserToGroup": groups.admin_add_user_to_group,
    "AdminRemoveUserFromGroup": groups.admin_remove_user_from_group,
    "AdminListGroupsForUser": groups.admin_list_groups_for_user,
    "ListUsersInGroup": groups.list_users_in_group,
}
_READING = re.compile(r"(Admin)?(Describe|Get|List)[A-Z]")
_WRITING_ALL_THE_SAME = {"GetClientToken", "GetTokensFromRefreshToken", "GetUserAttributeVerificationCode"}
_ONLY_READING = frozenset(filter(_READING.match, ACTIONS)) - _WRITING_ALL_THE_SAME

logger = logging.getLogger(__name__)


def handle(
    cognito: Cognito, target: str, authorization: str | None, body: bytes, run: Run | None = None
) -> Response:
    """Answer one request.

    Args:
        cognito: the service.
        target: the header X-Amz-Target.
        authorization: the header Authorization, or None.
        body: JSON.
        run: how far the request has come, of a caller who does other things while a function runs; without
            it, functions are waited for.

    Raises:
        FunctionNeeded: call `run.begin`, and once that is done, this again.
        DatabaseBusyError: another program holds the lock of the database; nothing has been done.
    """
    request_id = cognito.random_uuid()
    headers = _headers(request_id)
    operation = target.removeprefix(TARGET_PREFIX) if target.startswith(TARGET_PREFIX) else ""
    perform = perform_now if run is None else run.perform
    try:
        action, request = _checked(operation, _parse(body), signed=authorization is not None)
        asked = cognito.of_request(_region(cognito, authorization), request_id)
        answer = perform(asked, operation, action, request, reads=only_reads(operation))
        content = b"" if answer is None else _as_json(answer)
    except errors.CognitoError as error:
        return _refusal(error, headers)
    except (DatabaseBusyError, FunctionNeeded):
        raise
    except Exception as error:  # noqa: BLE001 - a full disk, a damaged database, a mistake of ours
        log_failure(logger, operation, error)
        return _refusal(errors.INTERNAL(), headers)
    return Response(HTTPStatus.OK, content, headers)


def unavailable(cognito: Cognito) -> Response:
    """Return the answer to a request that has waited too long for the database."""
    return _refusal(errors.UNAVAILABLE(), _headers(cognito.random_uuid()))


def only_reads(operation: str) -> bool:
    """Tell whether an action writes nothing, so that it waits for nobody who does."""
    return operation in _ONLY_READING


def _headers(request_id: str) -> dict[str, str]:
    return {"x-amzn-RequestId": request_id, "Content-Type": CONTENT_TYPE}


def _region(cognito: Cognito, authorization: str | None) -> str:
    """Return the region in the credential that signed the request, or the service's own."""
    signed = _CREDENTIAL.search(authorization or "")
    return cognito.region if signed is None else signed["region"]


def _checked(operation: str, request: Any, *, signed: bool) -> tuple[Action, dict[str, Any]]:
    """Return the action of this name, and its request as the model has it.

    Raises:
        CognitoError: the action does not exist, the request is not signed, or it breaks the model's rules.
    """
    model = service_model.find_operation(operation)
    if model is None:
        raise errors.UNKNOWN_OPERATION(operation=operation or "a request without X-Amz-Target")
    action = ACTIONS.get(operation)
    if action is None:
        raise errors.NOT_IMPLEMENTED(operation=operation)
    if not signed and not model.is_public:
        raise errors.MISSING_AUTHENTICATION()
    checked = validation.check(model.request, request)
    without_effect.report_request(operation, checked)
    return action, checked


def _parse(body: bytes) -> Any:
    try:
        return orjson.loads(body.removeprefix(codecs.BOM_UTF8) or b"{}")
    except orjson.JSONDecodeError:
        raise errors.SERIALIZATION(problem="The request body is not JSON.") from None


def _refusal(error: errors.CognitoError, headers: dict[str, str]) -> Response:
    named = {"x-amzn-ErrorType": f"{error.code}:"}
    content = {"__type": error.code}
    if error.message:
        named["x-amzn-ErrorMessage"] = _header_text(error.message)
        content["message"] = error.message
    return Response(error.status, _as_json(content), headers | named)


def _as_json(answer: Answer) -> bytes:
    """Return the body of an answer: members stand in alphabetical order, at every depth."""
    return orjson.dumps(answer, option=orjson.OPT_SORT_KEYS)


def _header_text(text: str) -> str:
    """Return `text` as an HTTP header value: one line of ASCII, not too long for clients."""
    shown = "".join(character if " " <= character <= "~" else "?" for character in " ".join(text.split()))
    return shown[:_LONGEST_HEADER]
