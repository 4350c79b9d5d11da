"""Signing up: SignUp, ConfirmSignUp, ResendConfirmationCode and AdminConfirmSignUp."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from local_cognito.choice import straight_in
from local_cognito.model import errors
from local_cognito.rules import attempts, codes, factors
from local_cognito.storage.records import Client, Pool
from local_cognito.storage.user_records import CONFIRMED, UNCONFIRMED, User
from local_cognito.triggers import registration
from local_cognito.users import accounts, directory, hiding, messages, passwords, schema

if TYPE_CHECKING:
    from local_cognito.model import requests
    from local_cognito.rules.cognito import Answer, Cognito
    from local_cognito.users.directory import RequestedUser

_VERIFIABLE = ("phone_number", "email")


def sign_up(cognito: Cognito, request: requests.SignUp) -> Answer:
    """SignUp: make an unconfirmed user and send them a code."""
    pool, client = directory.public_request(cognito, request)
    if pool.settings.get("AdminCreateUserConfig", {}).get("AllowAdminCreateUserOnly"):
        raise errors.SIGN_UP_NOT_PERMITTED()
    attributes = schema.accept(pool, request.get("UserAttributes", []), client=client)
    attributes |= accounts.attribute_from_name(pool, request["Username"])
    schema.check_required(pool, attributes, errors.NEW_ATTRIBUTES)
    password = request.get("Password") or None
    if password is not None:
        passwords.check_policy(pool, password)
    elif not factors.takes_codes(pool):
        raise errors.MISSING_PARAMETER(name="PASSWORD")
    elif not factors.can_receive_codes(pool, attributes):
        raise errors.NO_ADDRESS_FOR_CODES()
    unverified = {f"{kind}_verified": "false" for kind in codes.MEDIA if attributes.get(kind)}
    user = accounts.new_user(
        cognito, pool, request["Username"], password, unverified | attributes, UNCONFIRMED
    )
    _ask_pre_sign_up(cognito, pool, client, user, attributes, request)
    directory.add_user(cognito, pool, user)
    answer: Answer = {"UserConfirmed": user.status == CONFIRMED, "UserSub": user.sub}
    attribute = _attribute_to_verify(pool, user)
    if user.status == CONFIRMED:
        registration.post_confirmation(cognito, pool, user, client.id, "PostConfirmation_ConfirmSignUp")
    elif attribute:
        occasion = messages.Occasion("SignUp", client.id)
        answer["CodeDeliveryDetails"] = messages.send_code(
            cognito, pool, user, codes.SIGN_UP, attribute, occasion
        )
    return answer | straight_in.after_sign_up(cognito, client, user)


def _ask_pre_sign_up(
    cognito: Cognito, pool: Pool, client: Client, user: User, given: dict[str, str], request: requests.SignUp
) -> None:
    """Ask PreSignUp about a new user, and confirm and verify what it says."""
    data = registration.validation_data(request.get("ValidationData", []))
    asked = registration.Registration("PreSignUp_SignUp", user.username, client.id, given, data)
    said = registration.pre_sign_up(cognito, pool, asked)
    for flag, attribute in (("autoVerifyEmail", "email"), ("autoVerifyPhone", "phone_number")):
        if flag in said:
            user.attributes[f"{attribute}_verified"] = "true"
    if "autoConfirmUser" in said:
        user.status = CONFIRMED
    if said:
        directory.claim_aliases(cognito, pool, user, force=True)


def resend_confirmation_code(cognito: Cognito, request: requests.ResendConfirmationCode) -> Answer:
    """ResendConfirmationCode: send a new code, which replaces the one before.

    Where the client hides who exists, the answer is the same for every name.
    """
    named = directory.requested_user(cognito, request)
    if not named.client.hides_existence:
        return {"CodeDeliveryDetails": _send_another(cognito, named, cast("User", named.user))}
    attributes = [name for name in _VERIFIABLE if name in named.pool.verifies]
    if not attributes:
        raise errors.NO_AUTO_VERIFICATION()
    attempts.count_against_quota(cognito, named.counter_user, "ResendConfirmationCode")
    pool = named.pool
    hiding.send_or_simulate(
        cognito, pool, attributes[0], named.user, lambda user: _send_another(cognito, named, user)
    )
    return {"CodeDeliveryDetails": hiding.simulated_details(cognito, pool, named.name, attributes)}


def _send_another(cognito: Cognito, named: RequestedUser, user: User) -> dict[str, str]:
    """Send a code and return CodeDeliveryDetails; every refusal comes before anything is written."""
    if user.status != UNCONFIRMED:
        raise errors.ALREADY_CONFIRMED()
    attribute = _attribute_to_verify(named.pool, user)
    if attribute is None:
        raise errors.NO_AUTO_VERIFICATION()
    attempts.count_against_quota(cognito, user, "ResendConfirmationCode")
    occasion = messages.Occasion("ResendCode", named.client.id)
    return messages.send_code(cognito, named.pool, user, codes.SIGN_UP, attribute, occasion)


def confirm_sign_up(cognito: Cognito, request: requests.ConfirmSignUp) -> Answer:
    """ConfirmSignUp: the right code confirms the user and verifies the address that it was sent to."""
    named = directory.requested_user(cognito, request)
    code = request["ConfirmationCode"]
    if named.client.hides_existence:
        attempts.count_against_quota(cognito, named.counter_user, "ConfirmSignUp")
        user = _user_with_code(cognito, named, code)
    else:
        user = cast("User", named.user)
        if user.status != UNCONFIRMED:
            raise errors.CANNOT_CONFIRM(status=user.status)
        _check_code(cognito, named.pool, user, code)
    go_on = straight_in.after_confirmation(cognito, named.client, user, request.get("Session"))
    attribute = _attribute_to_verify(named.pool, user)
    if attribute:
        user.attributes[f"{attribute}_verified"] = "true"
    user.status = CONFIRMED
    directory.claim_aliases(cognito, named.pool, user, force=request.get("ForceAliasCreation", False))
    if named.client.hides_existence:
        codes.keep_used(cognito, user)
    codes.forget(cognito, user, codes.SIGN_UP)
    directory.save_user(cognito, named.pool, user)
    registration.post_confirmation(
        cognito, named.pool, user, named.client.id, "PostConfirmation_ConfirmSignUp"
    )
    return go_on(user)


def _check_code(cognito: Cognito, pool: Pool, user: User, code: str) -> None:
    attempts.count_against_quota(cognito, user, "ConfirmSignUp")
    codes.check(cognito, user, codes.SIGN_UP, _attribute_to_verify(pool, user), code)


def _user_with_code(cognito: Cognito, named: RequestedUser, code: str) -> User:
    """Return the user who has this code; the owner of an outdated code learns why it is refused.

    Raises:
        CognitoError: CodeMismatchException for every other name and code.
    """
    user = named.user_or_placeholder
    is_waiting = user.status == UNCONFIRMED
    try:
        _check_code(cognito, named.pool, user, code)
    except errors.CognitoError as error:
        purpose = codes.SIGN_UP if is_waiting else codes.USED_SIGN_UP
        if codes.was_sent(cognito, user, purpose, code):
            raise (error if is_waiting else errors.CANNOT_CONFIRM(status=user.status)) from None
        raise errors.CODE_MISMATCH() from None
    return user


def admin_confirm_sign_up(cognito: Cognito, request: requests.AdminConfirmSignUp) -> Answer:
    """AdminConfirmSignUp: confirm a user without a code; no address is verified."""
    pool, user = directory.managed_user(cognito, request)
    if user.status != UNCONFIRMED:
        raise errors.CANNOT_CONFIRM(status=user.status)
    user.status = CONFIRMED
    codes.forget(cognito, user, codes.SIGN_UP)
    directory.save_user(cognito, pool, user)
    registration.post_confirmation(cognito, pool, user, None, "PostConfirmation_ConfirmSignUp")
    return {}


def _attribute_to_verify(pool: Pool, user: User) -> str | None:
    """Return the attribute that the code goes to: the telephone number where the pool verifies both."""
    for attribute in _VERIFIABLE:
        if attribute in pool.verifies and user.attributes.get(attribute):
            return attribute
    return None
