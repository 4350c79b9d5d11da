"""Answers to the challenges that the steps leave to this module: sent codes, choices, new passwords."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

import question
from question import matches
from scenario.advice import UnknownChallengeError
from scenario.asking import ask_code, ask_new_password, wants_optional_mfa
from scenario.mail import show_mail
from scenario.refusals import is_about_password

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cognito_idp_actions import SignInAnswer
    from scenario.state import Account, Scenario

    Responder = Callable[[Scenario, Account, SignInAnswer], SignInAnswer | None]

_FACTORS = {"SOFTWARE_TOKEN_MFA": "Authenticator app (TOTP)", "SMS_MFA": "Text message (SMS)"}
_E_MAIL = "E-mail"


def answer_challenge(scenario: Scenario, account: Account, challenge: SignInAnswer) -> SignInAnswer | None:
    """Answer a challenge; return Cognito's next answer, or None when the sign-in has to begin again.

    Raises:
        UnknownChallengeError: nothing here has an answer to it.
        ClientError: Cognito refused the answer.
    """
    check_known(challenge)
    return _RESPONDERS[challenge["ChallengeName"]](scenario, account, challenge)


def is_app_wanted(scenario: Scenario, answer: SignInAnswer) -> bool:
    """Ask whether to set up an authenticator app, unless the user has a second factor already.

    Raises:
        UnknownChallengeError: it is one that nothing here has an answer to.
    """
    if "AuthenticationResult" in answer:
        return wants_optional_mfa(scenario)
    check_known(answer)
    scenario.terminal.done("This user has a second factor already: there is nothing to set up.")
    if answer["ChallengeName"] == "SOFTWARE_TOKEN_MFA":
        scenario.app.hint_at_earlier_key()
    return False


def check_known(challenge: SignInAnswer) -> None:
    """Raise UnknownChallengeError unless the scenario has an answer to this challenge."""
    if challenge.get("ChallengeName") not in {*_RESPONDERS, "SOFTWARE_TOKEN_MFA"}:
        raise UnknownChallengeError(challenge)


def answer_with_sent_code(
    scenario: Scenario, account: Account, challenge: SignInAnswer
) -> SignInAnswer | None:
    """Answer SMS_MFA or EMAIL_OTP; an empty answer begins the sign-in again, so that another code is sent."""
    is_sms = challenge["ChallengeName"] == "SMS_MFA"
    medium, response = ("text message", "SMS_MFA_CODE") if is_sms else ("e-mail", "EMAIL_OTP_CODE")
    where = challenge.get("ChallengeParameters", {}).get("CODE_DELIVERY_DESTINATION", "you")
    scenario.terminal.say(f"Cognito has sent a code to {where}.")
    show_mail(scenario, account.email)
    is_code = matches("[0-9]*", "A code has digits only.")
    prompt = f"Code from the {medium} (Enter alone sends a new one)"
    code = ask_code(scenario, prompt, "sent_code", is_code)
    return _respond(scenario, account, challenge, {response: code}) if code else None


def choose_factor(scenario: Scenario, account: Account, challenge: SignInAnswer) -> SignInAnswer:
    """Answer SELECT_MFA_TYPE with one of the factors that the user has."""
    offered: list[str] = json.loads(challenge["ChallengeParameters"]["MFAS_CAN_CHOOSE"])
    names = {_FACTORS.get(factor, _E_MAIL if "EMAIL" in factor else factor): factor for factor in offered}
    choices = list(names)
    picked = question.choose(
        "Which second factor?", choices, ask=scenario.ask, name="factor", default=choices[0]
    )
    return _respond(scenario, account, challenge, {"ANSWER": names[picked]})


def set_new_password(scenario: Scenario, account: Account, challenge: SignInAnswer) -> SignInAnswer:
    """Answer NEW_PASSWORD_REQUIRED: a new password, and the attributes that the pool requires."""
    scenario.terminal.say("The password was a temporary one; Cognito wants a new one before anything else.")
    required: list[str] = json.loads(challenge["ChallengeParameters"].get("requiredAttributes") or "[]")
    attributes = {name: scenario.ask(name.removeprefix("userAttributes."), name=name) for name in required}
    while True:
        password = ask_new_password(scenario, "New password", "new_password")
        try:
            answer = _respond(scenario, account, challenge, {"NEW_PASSWORD": password, **attributes})
        except ClientError as refusal:
            if not is_about_password(refusal):
                raise
        else:
            account.password = password
            return answer


def _respond(
    scenario: Scenario, account: Account, challenge: SignInAnswer, responses: Mapping[str, str]
) -> SignInAnswer:
    return scenario.cognito.admin_respond_to_auth_challenge(
        account.user_name, challenge["ChallengeName"], challenge["Session"], responses
    )


_RESPONDERS: Mapping[str, Responder] = {
    "SMS_MFA": answer_with_sent_code,
    "EMAIL_OTP": answer_with_sent_code,
    "SELECT_MFA_TYPE": choose_factor,
    "NEW_PASSWORD_REQUIRED": set_new_password,
}
