"""A user's own account: attributes, password, passkeys and deletion by access token; a password by code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from local_cognito.authentication import tokens
from local_cognito.choice import registration as passkey_registration
from local_cognito.model import errors
from local_cognito.rules import attempts, codes, factors, paging
from local_cognito.storage.user_records import CONFIRMED, RESET_REQUIRED
from local_cognito.triggers import registration
from local_cognito.triggers.events import is_configured
from local_cognito.users import accounts, attributes, directory, hiding, messages, passwords, recovery, schema

if TYPE_CHECKING:
    from local_cognito.model import requests
    from local_cognito.rules.cognito import Answer, Cognito
    from local_cognito.storage.records import Client
    from local_cognito.storage.user_records import User


def get_user(cognito: Cognito, request: requests.GetUser) -> Answer:
    """GetUser: the user's attributes and MFA settings."""
    pool, user, claims = tokens.verify_access(cognito, request["AccessToken"])
    shown = _client(cognito, claims).readable(user.attributes)
    return {
        "Username": user.username,
        "UserAttributes": schema.as_list(shown),
        **factors.described(pool, user),
    }


def update_user_attributes(cognito: Cognito, request: requests.UpdateUserAttributes) -> Answer:
    """UpdateUserAttributes: new addresses are unverified, or deferred until they are verified.

    Those that the pool verifies are sent a code.
    """
    pool, user, claims = tokens.verify_access(cognito, request["AccessToken"])
    client = _client(cognito, claims)
    changes = schema.accept(pool, request["UserAttributes"], client=client, current=user.attributes)
    waiting = attributes.defer_unverified_addresses(cognito, pool, user, changes)
    changed = attributes.change(cognito, pool, user, changes)
    to_verify = waiting + [name for name in changed if name in pool.verifies]
    occasion = messages.Occasion("UpdateUserAttribute", client.id)
    sent = [attributes.send_verification(cognito, pool, user, name, occasion) for name in to_verify]
    return {"CodeDeliveryDetailsList": sent} if sent else {}


def delete_user_attributes(cognito: Cognito, request: requests.DeleteUserAttributes) -> Answer:
    """DeleteUserAttributes: required attributes cannot be deleted."""
    pool, user, claims = tokens.verify_access(cognito, request["AccessToken"])
    attributes.remove(cognito, pool, user, request["UserAttributeNames"], _client(cognito, claims))
    return {}


def get_user_attribute_verification_code(
    cognito: Cognito, request: requests.GetUserAttributeVerificationCode
) -> Answer:
    """GetUserAttributeVerificationCode: send a code to the user's e-mail address or telephone."""
    pool, user, claims = tokens.verify_access(cognito, request["AccessToken"])
    name, _ = _verifiable(cognito, user, request["AttributeName"])
    attempts.count_against_quota(cognito, user, "GetUserAttributeVerificationCode")
    occasion = messages.Occasion("VerifyUserAttribute", _client(cognito, claims).id)
    return {"CodeDeliveryDetails": attributes.send_verification(cognito, pool, user, name, occasion)}


def verify_user_attribute(cognito: Cognito, request: requests.VerifyUserAttribute) -> Answer:
    """VerifyUserAttribute: the right code verifies the address that it was sent to."""
    pool, user, _ = tokens.verify_access(cognito, request["AccessToken"])
    name, updated = _verifiable(cognito, user, request["AttributeName"])
    attempts.count_against_quota(cognito, user, "VerifyUserAttribute")
    codes.check(cognito, updated, codes.verification(name), name, request["Code"])
    updated.attributes[f"{name}_verified"] = "true"
    directory.save_user(cognito, pool, updated)
    attributes.forget_deferred(cognito, user, name)
    codes.forget(cognito, user, codes.verification(name))
    return {}


def change_password(cognito: Cognito, request: requests.ChangePassword) -> Answer:
    """ChangePassword: check the old password, if there is one, then the new one against the policy."""
    pool, user, _ = tokens.verify_access(cognito, request["AccessToken"])
    if "PreviousPassword" not in request and factors.has_password(user):
        raise errors.MISSING_PARAMETER(name="OldPassword")
    attempts.count_against_quota(cognito, user, "ChangePassword")
    attempts.refuse_while_locked(cognito, user)
    if "PreviousPassword" in request and not passwords.is_right(pool, user, request["PreviousPassword"]):
        attempts.count_failure(cognito, [user], attempts.WRONG_PASSWORD)
        raise errors.INCORRECT()
    if user.status == RESET_REQUIRED:
        raise errors.RESET_REQUIRED()
    passwords.check_policy(pool, request["ProposedPassword"])
    passwords.change(cognito, pool, user, request["ProposedPassword"])
    directory.save_user(cognito, pool, user)
    return {}


def delete_user(cognito: Cognito, request: requests.DeleteUser) -> None:
    """DeleteUser: a user deletes themselves."""
    _, user, _ = tokens.verify_access(cognito, request["AccessToken"])
    cognito.store.delete_user(user)


def forgot_password(cognito: Cognito, request: requests.ForgotPassword) -> Answer:
    """ForgotPassword: send a code to a verified address, good for one hour.

    Where the client hides who exists, the answer is the same for every name.
    """
    pool, client = directory.public_request(cognito, request)
    if not recovery.addresses(pool):
        raise errors.RECOVERY_BY_ADMINISTRATOR()
    if is_configured(pool, "UserMigration") and not directory.find_user(cognito, pool, request["Username"]):
        accounts.migrated_user(cognito, pool, client, request["Username"], None)
    named = directory.requested_user(cognito, request)
    if not named.client.hides_existence:
        return {"CodeDeliveryDetails": recovery.send_code(cognito, pool, cast("User", named.user), client.id)}
    attributes = sorted(recovery.addresses(pool), key=lambda name: name not in pool.verifies)
    attempts.count_against_quota(cognito, named.counter_user, "ForgotPassword")
    # From now on a code for this name is a mismatch, not expired, whether or not a user has the name.
    codes.make(cognito, named.counter_user, codes.FORGOTTEN_PASSWORD, recovery.LIFETIME)

    def send(user: User) -> None:
        recovery.send_code(cognito, pool, user, client.id)

    hiding.send_or_simulate(cognito, pool, attributes[0], named.user, send)
    return {"CodeDeliveryDetails": hiding.simulated_details(cognito, pool, named.name, attributes)}


def confirm_forgot_password(cognito: Cognito, request: requests.ConfirmForgotPassword) -> Answer:
    """ConfirmForgotPassword: set a new password by code, and reset the counter of wrong ones."""
    named = directory.requested_user(cognito, request)
    code = request["ConfirmationCode"]
    if named.client.hides_existence:
        attempts.count_against_quota(cognito, named.counter_user, "ConfirmForgotPassword")
        user = recovery.user_with_code(cognito, named, code)
        codes.forget(cognito, named.counter_user, codes.FORGOTTEN_PASSWORD)
    else:
        user = cast("User", named.user)
        if not user.enabled:
            raise errors.USER_DISABLED()
        recovery.check_code(cognito, named.pool, user, code)
    passwords.check_policy(named.pool, request["Password"])
    passwords.change(cognito, named.pool, user, request["Password"])
    user.status = CONFIRMED
    codes.forget(cognito, user, codes.FORGOTTEN_PASSWORD)
    for counted in (user, named.counter_user):
        attempts.forget(cognito, counted, attempts.WRONG_PASSWORD)
    directory.save_user(cognito, named.pool, user)
    registration.post_confirmation(
        cognito, named.pool, user, named.client.id, "PostConfirmation_ConfirmForgotPassword"
    )
    return {}


def start_web_authn_registration(cognito: Cognito, request: requests.StartWebAuthnRegistration) -> Answer:
    """StartWebAuthnRegistration: give the options with which an authenticator makes a passkey."""
    pool, user, claims = tokens.verify_access(cognito, request["AccessToken"])
    made = passkey_registration.start(cognito, pool, _client(cognito, claims), user)
    return {"CredentialCreationOptions": made}


def complete_web_authn_registration(
    cognito: Cognito, request: requests.CompleteWebAuthnRegistration
) -> Answer:
    """CompleteWebAuthnRegistration: check the new passkey and keep it."""
    pool, user, claims = tokens.verify_access(cognito, request["AccessToken"])
    passkey_registration.complete(cognito, pool, _client(cognito, claims), user, request["Credential"])
    return {}


def list_web_authn_credentials(cognito: Cognito, request: requests.ListWebAuthnCredentials) -> Answer:
    """ListWebAuthnCredentials: a page of the user's passkeys."""
    pool, user, _ = tokens.verify_access(cognito, request["AccessToken"])
    found, token = paging.page(
        cognito.store.credentials,
        request.get("MaxResults") or passkey_registration.MOST_PASSKEYS,
        request.get("NextToken"),
        pool_id=pool.id,
        username=user.username,
    )
    return {"Credentials": [passkey_registration.described(passkey) for passkey in found], **token}


def delete_web_authn_credential(cognito: Cognito, request: requests.DeleteWebAuthnCredential) -> Answer:
    """DeleteWebAuthnCredential: the user cannot sign in with it any more."""
    pool, user, _ = tokens.verify_access(cognito, request["AccessToken"])
    passkey_registration.delete(cognito, pool, user, request["CredentialId"])
    return {}


def _client(cognito: Cognito, claims: dict[str, Any]) -> Client:
    """Return the app client of an access token; it exists, since its tokens are deleted with it."""
    return cast("Client", cognito.store.clients.get(claims["client_id"]))


def _verifiable(cognito: Cognito, user: User, name: str) -> tuple[str, User]:
    """Return the attribute to verify, and the user with a deferred value of it, if there is one."""
    if name not in codes.MEDIA:
        raise errors.CANNOT_VERIFY()
    updated = attributes.with_deferred(cognito, user, name)
    if not updated.attributes.get(name):
        raise errors.NOTHING_TO_VERIFY(name=name)
    return name, updated
