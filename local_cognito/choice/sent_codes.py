"""Codes by e-mail and SMS in the place of a password. Imported by the table of challenges."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from local_cognito.choice import offers
from local_cognito.choice.steps import as_first, open_step
from local_cognito.model import errors
from local_cognito.rules import codes
from local_cognito.rules.cognito import DIGITS
from local_cognito.rules.factors import CODE_ADDRESSES, EMAIL_OTP, SMS_OTP
from local_cognito.users import directory, hiding, messages

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cognito.authentication.sign_in import SignIn, Step
    from local_cognito.rules.cognito import Answer, Cognito

CODE_LENGTHS = {EMAIL_OTP: 8, SMS_OTP: 6}


def sending(challenge: str) -> Step:
    """Return the step that sends a code and asks for it; to a simulated user nothing is sent."""
    address = CODE_ADDRESSES[challenge]

    def step(cognito: Cognito, sign_in: SignIn) -> Answer:
        to, code = _send(cognito, sign_in, challenge)
        details = codes.delivery_details(address, to)
        if offers.is_simulated(sign_in):
            details = hiding.simulated_details(cognito, sign_in.pool, sign_in.asked, [address])
        parameters = {
            "CODE_DELIVERY_DELIVERY_MEDIUM": details["DeliveryMedium"],
            "CODE_DELIVERY_DESTINATION": details["Destination"],
        }
        data = {"to": to, "code": code, "named_device": sign_in.named_device}
        return sign_in.challenge(cognito, challenge, parameters, step=as_first(challenge), **data)

    return step


def _send(cognito: Cognito, sign_in: SignIn, challenge: str) -> tuple[str, str]:
    """Return the address, which is empty for a simulated user, and the code that was sent there."""
    address = CODE_ADDRESSES[challenge]
    code = cognito.random_text(CODE_LENGTHS[challenge], DIGITS)
    if offers.is_simulated(sign_in):
        return "", code
    occasion = messages.Occasion("Authentication", sign_in.client.id)
    messages.send(cognito, sign_in.pool, sign_in.user, address, occasion, code)
    return sign_in.user.attributes[address], code


def check_code(challenge: str) -> Callable[[Cognito, SignIn], None]:
    """Return the check of a code that was sent as first factor; the right one verifies its address.

    It raises CodeMismatchException, and NotAuthorizedException when the pool or the user no longer takes
    the code.
    """

    def check(cognito: Cognito, sign_in: SignIn) -> None:
        data = open_step(cognito, sign_in, as_first(challenge)).data
        given, user = sign_in.require(f"{challenge}_CODE"), sign_in.user
        is_right = hmac.compare_digest(str(data["code"]).encode(), given.encode())
        if not is_right or offers.is_simulated(sign_in):
            raise errors.CODE_OR_STATE_MISMATCH()  # does not count: on AWS six of them locked nobody out
        address = CODE_ADDRESSES[challenge]
        if data["to"] != user.attributes.get(address) or challenge not in offers.available(cognito, sign_in):
            raise errors.SESSION_INVALID()
        if user.attributes.get(f"{address}_verified") != "true":
            user.attributes[f"{address}_verified"] = "true"
            directory.save_user(cognito, sign_in.pool, user)

    return check
