"""Signing up: SignUp, ConfirmSignUp, ResendConfirmationCode and AdminConfirmSignUp."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from local_cognito import attempts, codes, directory, errors, passwords, schema
from local_cognito.records import CONFIRMED, UNCONFIRMED, Pool, User

if TYPE_CHECKING:
    from local_cognito.cognito import Answer, Cognito, Request


def sign_up(cognito: Cognito, request: Request) -> Answer:
    """SignUp: make an unconfirmed user and send them a code."""
    pool, _ = directory.public_request(cognito, request)
    if pool.settings.get("AdminCreateUserConfig", {}).get("AllowAdminCreateUserOnly"):
        raise errors.SIGN_UP_NOT_PERMITTED()
    attributes = schema.read_attributes(pool, request.get("UserAttributes", []))
    attributes |= attribute_from_name(pool, request["Username"])
    schema.check_required(pool, attributes)
    if "Password" not in request:
        raise errors.MISSING_PARAMETER(name="PASSWORD")
    passwords.check_policy(pool, request["Password"])
    user = new_user(cognito, pool, request["Username"], request["Password"], attributes)
    directory.save_user(cognito, pool, user)
    answer: Answer = {"UserConfirmed": False, "UserSub": user.sub}
    attribute = _attribute_to_verify(pool, user)
    if attribute:
        answer["CodeDeliveryDetails"] = codes.send(cognito, user, codes.SIGN_UP, attribute)
    return answer


def resend_confirmation_code(cognito: Cognito, request: Request) -> Answer:
    """ResendConfirmationCode: send a new code, which replaces the one before."""
    pool, user = directory.named_user(cognito, request)
    if user.is_nobody:
        attempts.count_against_quota(cognito, user, "ResendConfirmationCode")
        return {"CodeDeliveryDetails": codes.simulated_details(pool, request["Username"])}
    if user.status != UNCONFIRMED:
        raise errors.ALREADY_CONFIRMED()
    attribute = _attribute_to_verify(pool, user)
    if attribute is None:
        raise errors.NO_AUTO_VERIFICATION()
    attempts.count_against_quota(cognito, user, "ResendConfirmationCode")
    return {"CodeDeliveryDetails": codes.send(cognito, user, codes.SIGN_UP, attribute)}


def confirm_sign_up(cognito: Cognito, request: Request) -> Answer:
    """ConfirmSignUp: the right code confirms the user and verifies where it was sent."""
    pool, user = directory.named_user(cognito, request)
    if user.is_nobody:
        attempts.count_against_quota(cognito, user, "ConfirmSignUp")
        raise errors.CODE_MISMATCH()
    if user.status != UNCONFIRMED:
        raise errors.CANNOT_CONFIRM(status=user.status)
    attempts.count_against_quota(cognito, user, "ConfirmSignUp")
    codes.check(cognito, user, codes.SIGN_UP, request["ConfirmationCode"])
    attribute = _attribute_to_verify(pool, user)
    if attribute:
        user.attributes[f"{attribute}_verified"] = "true"
    _claim_aliases(cognito, pool, user, force=request.get("ForceAliasCreation", False))
    _confirm(cognito, pool, user)
    return {}


def admin_confirm_sign_up(cognito: Cognito, request: Request) -> Answer:
    """AdminConfirmSignUp: confirm a user without a code; nothing is verified by that."""
    pool, user = directory.managed_user(cognito, request)
    if user.status != UNCONFIRMED:
        raise errors.CANNOT_CONFIRM(status=user.status)
    _confirm(cognito, pool, user)
    return {}


def new_user(cognito: Cognito, pool: Pool, name: str, password: str, attributes: dict[str, str]) -> User:
    """Return a new user, not kept yet.

    Raises:
        CognitoError: UsernameExistsException, when one of their names leads to another user.
    """
    sub = cognito.random_uuid()
    # Where an attribute takes the place of the user name, Cognito's own name for the user is the sub.
    username = sub if pool.username_attributes else name
    verified = {f"{kind}_verified": "false" for kind in codes.MEDIA if attributes.get(kind)}
    attributes = verified | attributes
    now = cognito.now()
    salt, verifier = passwords.make(cognito, pool, username, password)
    user = User(pool.id, username, sub, UNCONFIRMED, {"sub": sub} | attributes, salt, verifier, now, now, now)
    taken = directory.taken_name(cognito, pool, user)
    if taken and taken[0] in codes.MEDIA:
        raise errors.ACCOUNT_EXISTS(attribute=taken[0])
    if taken:
        raise errors.USER_EXISTS()
    return user


def attribute_from_name(pool: Pool, name: str) -> dict[str, str]:
    """Return the attribute that the given user name stands for, in pools where it does."""
    is_email, is_phone = schema.is_email(name), schema.is_phone(name)
    allowed = pool.username_attributes
    if "email" in allowed and is_email:
        return {"email": name}
    if "phone_number" in allowed and is_phone:
        return {"phone_number": name}
    if allowed == ["email"]:
        raise errors.USERNAME_NOT_EMAIL()
    if allowed == ["phone_number"]:
        raise errors.USERNAME_NOT_PHONE()
    if allowed:
        raise errors.USERNAME_NOT_EITHER()
    if "email" in pool.alias_attributes and re.fullmatch(r"[^@\s]+@[^@\s]+", name):
        raise errors.USERNAME_IS_EMAIL()
    return {}


def _attribute_to_verify(pool: Pool, user: User) -> str | None:
    """Return where the code goes: Cognito prefers the telephone when both are verified."""
    for attribute in ("phone_number", "email"):
        if attribute in pool.verifies and user.attributes.get(attribute):
            return attribute
    return None


def _claim_aliases(cognito: Cognito, pool: Pool, user: User, *, force: bool) -> None:
    """Let verified attributes lead to this user; with *force*, away from whom they led to before."""
    taken = directory.taken_name(cognito, pool, user)
    if taken is None:
        return
    kind, other = taken
    if not force:
        raise errors.ALIAS_EXISTS(attribute=kind)
    other.attributes[f"{kind}_verified"] = "false"
    directory.save_user(cognito, pool, other)


def _confirm(cognito: Cognito, pool: Pool, user: User) -> None:
    user.status = CONFIRMED
    codes.forget(cognito, user, codes.SIGN_UP)
    directory.save_user(cognito, pool, user)
