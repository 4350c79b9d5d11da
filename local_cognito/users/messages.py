"""Messages to users: composed from the pool's templates and CustomMessage, and put into the outbox.

Custom senders replace the outbox. Imported by the actions and the second factors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from local_cognito.model import errors
from local_cognito.rules import codes, outbox
from local_cognito.triggers import events

if TYPE_CHECKING:
    from local_cognito.rules.cognito import Cognito
    from local_cognito.storage.records import Pool
    from local_cognito.storage.user_records import User

NO_CLIENT = events.NO_CLIENT
CODE = "{####}"
USER_NAME = "{username}"
LINK = "{##Click Here##}"
_TEXTS = ("smsMessage", "emailMessage", "emailSubject")
CONFIRMATION_PATH = "/confirmUser"
_PLACEHOLDER = re.compile(r"\{####\}|\{username\}|\{##(?P<words>[^{}]+?)##\}")
_LINKED = {"SignUp", "ResendCode"}  # a new address of an account is verified by a code in every pool
_SENDERS = {"EMAIL": "CustomEmailSender", "SMS": "CustomSMSSender"}
_AUTHENTICATION, _INVITATION = "Authentication", "AdminCreateUser"
_SUBJECTS = {_AUTHENTICATION: "Your authentication code", _INVITATION: "Your temporary password"}
_SUBJECT = "Your confirmation code"
_LINK_SUBJECT = "Your confirmation link"
_TEXT_OF = {_INVITATION: f"Your username is {USER_NAME} and temporary password is {CODE}."}


@dataclass(frozen=True)
class Occasion:
    """Why a message is sent.

    Attributes:
        kind: the end of the trigger source: SignUp, AdminCreateUser, ResendCode, ForgotPassword,
            UpdateUserAttribute, VerifyUserAttribute or Authentication.
        client_id: of the app client, or `events.NO_CLIENT` for an administrator's request.
    """

    kind: str
    client_id: str


@dataclass(frozen=True)
class Texts:
    """Texts with placeholders; None stands for the default."""

    sms: str | None = None
    email: str | None = None
    subject: str | None = None


def send_code(
    cognito: Cognito,
    pool: Pool,
    user: User,
    purpose: str,
    attribute: str,
    occasion: Occasion,
    lifetime: int = codes.LIFETIME,
) -> dict[str, str]:
    """Send a new code to the user's `attribute`, in place of an earlier one for this `purpose`.

    Returns:
        CodeDeliveryDetails: `Destination` (masked), `DeliveryMedium`, `AttributeName`.

    Raises:
        CognitoError: CustomMessage fails.
    """
    code = codes.make(cognito, user, purpose, lifetime, attribute)
    send(cognito, pool, user, attribute, occasion, code)
    return codes.delivery_details(attribute, user.attributes[attribute])


def send(cognito: Cognito, pool: Pool, user: User, attribute: str, occasion: Occasion, code: str) -> None:
    """Send a code, or a temporary password, to the user's `attribute`, by e-mail or SMS.

    Raises:
        CognitoError: CustomMessage fails.
    """
    medium, to = codes.MEDIA[attribute], user.attributes[attribute]
    if _hand_to_sender(cognito, pool, user, occasion, medium, code):
        return
    link = _link(pool, user, occasion, code) if medium == "EMAIL" else None
    custom = _custom_texts(cognito, pool, user, occasion, has_link=link is not None)
    own = _link_templates(pool) if link else _templates(pool, occasion.kind)
    default = _LINK_SUBJECT if link else _SUBJECTS.get(occasion.kind, _SUBJECT)
    subject = custom.subject or own.subject or default
    text = (custom.email or own.email) if medium == "EMAIL" else (custom.sms or own.sms)
    if not text:
        text = f"{subject}: {LINK}" if link else _TEXT_OF.get(occasion.kind, f"{subject} is {CODE}")
    values = {CODE: code, USER_NAME: _shown_name(pool, user)}
    body = _filled(text, values, link)
    sent_link = link if link and link in body else None
    outbox.put(cognito, user, to, _filled(subject, values), body, code, sent_link)


def _shown_name(pool: Pool, user: User) -> str:
    """Return the name that the user signs in with: the address in a pool whose user names are addresses."""
    addresses = (user.attributes.get(name) for name in pool.username_attributes)
    return next(filter(None, addresses), user.username)


def _link(pool: Pool, user: User, occasion: Occasion, code: str) -> str | None:
    """Return the path and the query of the link that confirms a user, or None in a pool that sends codes."""
    template = pool.settings.get("VerificationMessageTemplate", {})
    if occasion.kind not in _LINKED or template.get("DefaultEmailOption") != "CONFIRM_WITH_LINK":
        return None
    query = {"client_id": occasion.client_id, "user_name": user.username, "confirmation_code": code}
    return f"{CONFIRMATION_PATH}?{urlencode(query, quote_via=quote, safe='')}"


def _filled(text: str, values: dict[str, str], link: str | None = None) -> str:
    """Return a text with values in place of its placeholders, and a link around the words of `{##...##}`."""

    def value(placeholder: re.Match[str]) -> str:
        if link and placeholder["words"]:
            return f'<a href="{link}">{placeholder["words"]}</a>'
        return values.get(placeholder[0], placeholder[0])

    return _PLACEHOLDER.sub(value, text)


def _link_templates(pool: Pool) -> Texts:
    template = pool.settings["VerificationMessageTemplate"]
    return Texts(email=template.get("EmailMessageByLink"), subject=template.get("EmailSubjectByLink"))


def _templates(pool: Pool, kind: str) -> Texts:
    """Return the texts that the pool's settings have for an occasion, each where there is one."""
    settings = pool.settings
    if kind == _INVITATION:
        invitation = settings.get("AdminCreateUserConfig", {}).get("InviteMessageTemplate", {})
        return Texts(
            invitation.get("SMSMessage"), invitation.get("EmailMessage"), invitation.get("EmailSubject")
        )
    if kind == _AUTHENTICATION:
        email = settings.get("EmailMfaConfiguration", {})
        sms = settings.get("SmsMfaConfiguration", {})
        text = sms.get("SmsAuthenticationMessage") or settings.get("SmsAuthenticationMessage")
        return Texts(text, email.get("Message"), email.get("Subject"))
    template = settings.get("VerificationMessageTemplate", {})
    return Texts(
        template.get("SmsMessage") or settings.get("SmsVerificationMessage"),
        template.get("EmailMessage") or settings.get("EmailVerificationMessage"),
        template.get("EmailSubject") or settings.get("EmailVerificationSubject"),
    )


def _custom_texts(cognito: Cognito, pool: Pool, user: User, occasion: Occasion, *, has_link: bool) -> Texts:
    """Invoke CustomMessage and return the texts of a message.

    Raises:
        CognitoError: the function fails, or leaves out the placeholder of the code (or of the user name in
            an invitation); where the message has a link, its placeholder will do.
    """
    if not events.is_configured(pool, "CustomMessage"):
        return Texts()
    is_invitation = occasion.kind == "AdminCreateUser"
    request = {
        "userAttributes": events.attributes_of(pool, user),
        "codeParameter": CODE,
        "linkParameter": LINK,
        "usernameParameter": USER_NAME if is_invitation else None,
    }
    event = events.TriggerEvent(
        "CustomMessage",
        f"CustomMessage_{occasion.kind}",
        user.username,
        occasion.client_id,
        request,
        dict.fromkeys(_TEXTS),
    )
    response = events.invoke(cognito, pool, event)
    if response is None:
        return Texts()
    texts = [response.get(name) for name in _TEXTS]
    if not all(isinstance(text, (str, type(None))) for text in texts):
        raise errors.FUNCTION_ANSWER()
    needed = [CODE, USER_NAME] if is_invitation else [CODE]
    for text in texts[:2]:
        if text and not ((has_link and LINK in text) or all(placeholder in text for placeholder in needed)):
            raise errors.FUNCTION_ANSWER()
    return Texts(*(text or None for text in texts))


def _hand_to_sender(
    cognito: Cognito, pool: Pool, user: User, occasion: Occasion, medium: str, code: str
) -> bool:
    """Invoke the pool's custom sender for a medium, EMAIL or SMS, instead of sending.

    Returns:
        Whether the pool has such a sender.
    """
    trigger = _SENDERS[medium]
    if not events.is_configured(pool, trigger):
        return False
    request: dict[str, Any] = {
        "userAttributes": events.attributes_of(pool, user),
        "type": f"{trigger[:1].lower()}{trigger[1:]}RequestV1",
        "code": code,
        "clientMetadata": None,
    }
    source = f"{trigger}_{occasion.kind}"
    event = events.TriggerEvent(trigger, source, user.username, occasion.client_id, request, None)
    return events.invoke_in_background(cognito, pool, event)
