"""Walk through Amazon Cognito sign-in without a password, one step at a time.

1. Sign up with an e-mail address alone.
2. Confirm the sign-up with the code from the e-mail, and be signed in.
3. Register a passkey.
4. Sign in by passkey.
5. Sign in by a code from an e-mail.
6. Choose between the two.
7. Set a password and an authenticator app, for sign-ins by two factors.
8. Make the passkey the second factor.
9. Lose the passkey, sign in without it, and register another one.
10. Clean up.

Run it with a user pool ID and an app client ID against AWS, or with neither on a pool of its own
on this machine.

To learn the API, read from `tell` downwards. A method of `scenario.cognito` that bears the name of an action
of Amazon Cognito is one call of it. Each step explains, calls and shows; where Cognito may refuse, with
botocore's `ClientError`, a function of `scenario/passkey_recovery.py` or `scenario/recovery.py` decides what
the step goes on from.
"""

from __future__ import annotations

if __name__ == "__main__":
    import program.early_interrupt  # noqa: F401 - Ctrl-C while the rest is loaded ends with no traceback

import json
import sys
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from cognito_idp_actions import challenge_user_name
from program import passwordless, run
from program.outline import Outline
from scenario import passkey_experiments as experiments
from scenario import passkey_words as words
from scenario.advice import UnknownChallengeError
from scenario.asking import ask_code, ask_email, ask_new_password, ask_yesno
from scenario.leftovers import announcing_leftovers, show_what_exists, what_is_left
from scenario.mail import confirm_without_mail, set_password_without_mail, show_mail, show_new_code
from scenario.passkey_page import NoCredentialError
from scenario.passkey_questions import ask_factor, ask_previous_password, ask_second_factor
from scenario.passkey_recovery import (
    recover_confirmation,
    recover_new_password,
    recover_passkey_mfa,
    recover_registration,
    recover_sign_in,
    recover_sign_up,
    recover_straight_in,
)
from scenario.passkey_texts import show_creation_options, show_passkeys, show_signed
from scenario.passkeys import PasskeyAccount, PasskeyAuthenticator, forge, sign
from scenario.recovery import recover_app_code, recover_enrolment, recover_removal
from scenario.state import UserState
from scenario.tokens import offer_access_token
from scenario.words import USER_ID_FOR_SRP

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from mypy_boto3_cognito_idp.type_defs import AssociateSoftwareTokenResponseTypeDef

    from cognito_idp_actions import SignInAnswer
    from scenario.passkeys import Passkey
    from scenario.state import Scenario


def tell(scenario: Scenario, account: PasskeyAccount, authenticator: PasskeyAuthenticator) -> None:
    """Go through the steps. Each leaves in the account what the next ones need of it."""
    sign_up(scenario, account)
    confirm_sign_up(scenario, account)
    register_passkey(scenario, account, authenticator)
    sign_in_by_passkey(scenario, account)
    sign_in_by_code(scenario, account)
    choose_how_to_sign_in(scenario, account)
    set_up_password(scenario, account)
    sign_in_by_two_factors(scenario, account)
    recover_from_loss(scenario, account, authenticator)
    clean_up(scenario, account)


# Step 1


def sign_up(scenario: Scenario, account: PasskeyAccount) -> None:
    """Create a user without a password. Cognito sends a code to the address, which step 2 returns."""
    scenario.begin(words.SIGN_UP)
    account.user_name = account.email = ask_email(scenario)
    while not account.exists:
        account.state = UserState.MAYBE_SIGNED_UP
        try:
            answer = scenario.cognito.sign_up(account.user_name, attributes={"email": account.email})
        except ClientError as refusal:
            recover_sign_up(scenario, account, refusal)
        else:
            account.state = UserState.CONFIRMED if answer["UserConfirmed"] else UserState.NOT_CONFIRMED
            account.session = answer.get("Session")
            scenario.terminal.done(f"{account.email} is signed up, without a password.")
            scenario.explain(words.SESSION)
    again = {"email": account.email}
    scenario.end(
        experiments.SAME_ADDRESS_AGAIN(lambda: scenario.cognito.sign_up(account.email, attributes=again))
    )


# Step 2


def confirm_sign_up(scenario: Scenario, account: PasskeyAccount) -> None:
    """Confirm the address by the code; through its session this is the first sign-in, too."""
    scenario.begin(words.CONFIRM_SIGN_UP)
    confirm_without_mail(scenario, account)  # does nothing when a person reads the mail
    set_password_without_mail(scenario, account)  # likewise
    if not account.is_confirmed:
        scenario.terminal.say(f"Cognito has sent a code to {account.email}.")
        show_mail(scenario, account.email)
    session = None
    while not account.is_confirmed:
        code = ask_code(scenario, "Code from the e-mail (Enter alone sends a new one)", "confirmation_code")
        try:
            if code:
                answer = scenario.cognito.confirm_sign_up(account.user_name, code, session=account.session)
                account.state, session = UserState.CONFIRMED, answer.get("Session")
            else:
                delivery = scenario.cognito.resend_confirmation_code(account.user_name)
                show_new_code(scenario, account, delivery)
        except ClientError as refusal:
            recover_confirmation(scenario, account, refusal, code)
    sign_in_straight_away(scenario, account, session)
    scenario.terminal.done(f"{account.email} is confirmed, and signed in.")
    offer_access_token(scenario, account.access_token)
    again = partial(use_session, scenario, account)
    scenario.end(experiments.SESSION_AGAIN(partial(again, session)) if session else None)


def use_session(scenario: Scenario, account: PasskeyAccount, session: str) -> SignInAnswer:
    """Sign in with the session of ConfirmSignUp, without any other factor."""
    return scenario.cognito.initiate_auth(account.user_name, auth_flow="USER_AUTH", session=session)


def sign_in_straight_away(scenario: Scenario, account: PasskeyAccount, session: str | None) -> None:
    """Sign in with the session of ConfirmSignUp; without one, by another factor."""
    answer = None
    if session:
        try:
            answer = use_session(scenario, account, session)
        except ClientError as refusal:
            recover_straight_in(scenario, refusal)
        else:
            scenario.explain(words.STRAIGHT_IN)
    sign_in(scenario, account, account.way_in, answer)


# Step 3


def register_passkey(
    scenario: Scenario, account: PasskeyAccount, authenticator: PasskeyAuthenticator
) -> None:
    """Create a passkey in an authenticator, and register its public key with Cognito."""
    scenario.begin(words.REGISTER)
    scenario.explain(words.CREATION)
    answer = register(scenario, account, authenticator)
    show_creation_options(scenario, answer)
    scenario.explain(words.REGISTERED)
    scenario.end(experiments.FOREIGN_REGISTRATION(lambda: register_elsewhere(scenario, account)))


def register(
    scenario: Scenario, account: PasskeyAccount, authenticator: PasskeyAuthenticator
) -> Mapping[str, Any]:
    """Get the options, create the passkey, and send the credential; return the answer with the options.

    Cognito allows a minute for that.
    """
    authenticator.choose()
    answer: Mapping[str, Any] = {}
    while account.passkey is None:
        try:
            answer = scenario.cognito.start_web_authn_registration(account.access_token)
            passkey = authenticator.create(answer)
            scenario.cognito.complete_web_authn_registration(account.access_token, passkey.registration)
            account.passkey = passkey
        except (ClientError, NoCredentialError) as refusal:
            if not recover_registration(scenario, account, authenticator, refusal):
                sign_in(scenario, account, account.way_in)
    scenario.terminal.done("The passkey is registered: Cognito has its public key.")
    return answer


def register_elsewhere(scenario: Scenario, account: PasskeyAccount) -> object:
    """Register a passkey that was created on a page of another origin: an experiment."""
    answer = scenario.cognito.start_web_authn_registration(account.access_token)
    options = answer["CredentialCreationOptions"]
    passkey = passwordless.make_passkey(options, origin=experiments.ANOTHER_ORIGIN)
    return scenario.cognito.complete_web_authn_registration(account.access_token, passkey.registration)


# Step 4


def sign_in_by_passkey(scenario: Scenario, account: PasskeyAccount) -> None:
    """Sign in by the challenge WEB_AUTHN, which the passkey signs."""
    scenario.begin(words.SIGN_IN_BY_PASSKEY)
    sign_in(scenario, account, "WEB_AUTHN")
    scenario.terminal.done(f"{account.email} signed in by passkey.")
    _, used = account.answered
    forged = forge(account.passkey, origin=experiments.ANOTHER_ORIGIN)
    scenario.end(
        experiments.REPLAY(lambda: try_passkey(scenario, account, lambda _: used.get("CREDENTIAL", ""))),
        experiments.FOREIGN_PAGE(partial(try_passkey, scenario, account, forged.sign)) if forged else None,
    )


def sign_in(
    scenario: Scenario,
    account: PasskeyAccount,
    preferred: str | None,
    answer: SignInAnswer | None = None,
) -> None:
    """Begin a sign-in, answer its challenges until there are tokens, and keep these.

    Args:
        scenario: the surroundings.
        account: who signs in.
        preferred: the challenge that the user would like, or None to be asked.
        answer: Cognito's answer to a sign-in that has been begun already.
    """
    while answer is None or "AuthenticationResult" not in answer:
        try:
            if answer is None:
                answer = begin_sign_in(scenario, account, preferred)
            else:
                answer = answer_challenge(scenario, account, answer)
        except (ClientError, NoCredentialError) as refusal:
            answer = recover_sign_in(scenario, account, answer, refusal)
    account.keep_tokens(answer["AuthenticationResult"])


def begin_sign_in(scenario: Scenario, account: PasskeyAccount, preferred: str | None) -> SignInAnswer:
    """Begin a sign-in by the flow USER_AUTH; a password goes along with the first call."""
    account.answered, account.factors = ({}, {}), []
    answer = scenario.cognito.initiate_auth(
        account.user_name,
        account.password if preferred == "PASSWORD" else None,
        auth_flow="USER_AUTH",
        auth_parameters={"PREFERRED_CHALLENGE": preferred} if preferred else None,
    )
    account.user_name = challenge_user_name(answer, account.user_name)
    return answer


def answer_challenge(
    scenario: Scenario, account: PasskeyAccount, challenge: SignInAnswer
) -> SignInAnswer | None:
    """Answer a challenge; return Cognito's next answer, or None when the sign-in has to begin again.

    Raises:
        UnknownChallengeError: the scenario has no answer to it.
    """
    respond_to = RESPONSES.get(challenge.get("ChallengeName", ""))
    responses = respond_to(scenario, account, challenge) if respond_to else None
    if responses is None:
        raise UnknownChallengeError(challenge)
    if not responses:
        return None
    account.answered = challenge, responses
    return respond(scenario, account, challenge, responses)


def respond(
    scenario: Scenario, account: PasskeyAccount, challenge: SignInAnswer, responses: Mapping[str, str]
) -> SignInAnswer:
    """Send the responses to a challenge, with the session that it came with."""
    return scenario.cognito.respond_to_auth_challenge(
        account.user_name, challenge["ChallengeName"], challenge["Session"], responses
    )


def sign_with_passkey(
    scenario: Scenario, account: PasskeyAccount, challenge: SignInAnswer
) -> Mapping[str, str] | None:
    """Return the answer to WEB_AUTHN: the options' challenge, signed by the passkey."""
    if account.passkey is None:
        return None
    credential = sign(account.passkey, challenge["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    show_signed(scenario, account, credential)
    return {"CREDENTIAL": credential}


def try_passkey(
    scenario: Scenario, account: PasskeyAccount, sign_options: Callable[[str], str]
) -> SignInAnswer:
    """Begin another sign-in, and answer WEB_AUTHN by the given function: an experiment."""
    challenge = begin_sign_in(scenario, account, "WEB_AUTHN")
    if challenge.get("ChallengeName") != "WEB_AUTHN":
        return challenge
    options = challenge["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"]
    return respond(scenario, account, challenge, {"CREDENTIAL": sign_options(options)})


# Step 5


def sign_in_by_code(scenario: Scenario, account: PasskeyAccount) -> None:
    """Sign in with a code that Cognito sends to the e-mail address."""
    scenario.begin(words.SIGN_IN_BY_CODE)
    if not scenario.mode.reads_mail:
        scenario.terminal.warn("Nobody reads the mail with the code, so this step is left out.")
        return
    sign_in(scenario, account, "EMAIL_OTP")
    scenario.terminal.done(f"{account.email} signed in by a code from an e-mail.")
    challenge, used = account.answered
    scenario.end(experiments.CODE_AGAIN(lambda: respond(scenario, account, challenge, used)))


def enter_code(scenario: Scenario, account: PasskeyAccount, challenge: SignInAnswer) -> Mapping[str, str]:
    """Return the answer to EMAIL_OTP: the code from the e-mail; nothing to request another one."""
    if account.answered[0] is not challenge:  # otherwise the code that was sent is still good
        where = challenge.get("ChallengeParameters", {}).get("CODE_DELIVERY_DESTINATION", account.email)
        scenario.terminal.say(f"Cognito has sent a code to {where}.")
        show_mail(scenario, account.email)
    code = ask_code(scenario, "Code from the e-mail (Enter alone sends a new one)", "sent_code")
    return {"EMAIL_OTP_CODE": code} if code else {}


# Step 6


def choose_how_to_sign_in(scenario: Scenario, account: PasskeyAccount) -> None:
    """Sign in without PREFERRED_CHALLENGE, so that Cognito offers a choice."""
    scenario.begin(words.CHOOSE)
    sign_in(scenario, account, None)
    scenario.terminal.done(f"{account.email} signed in by a factor of their choice.")
    scenario.end(experiments.NOT_AVAILABLE(lambda: choose_text_message(scenario, account)))


def choose_text_message(scenario: Scenario, account: PasskeyAccount) -> SignInAnswer:
    """Choose a factor that the user does not have: an experiment."""
    challenge = begin_sign_in(scenario, account, None)
    return respond(scenario, account, challenge, {"ANSWER": "SMS_OTP"})


def choose_factor(
    scenario: Scenario, account: PasskeyAccount, challenge: SignInAnswer
) -> Mapping[str, str] | None:
    """Return the answer to SELECT_CHALLENGE: one of AvailableChallenges; its own challenge comes next."""
    factor = ask_factor(scenario, challenge)
    if factor == "PASSWORD":
        return {"ANSWER": factor, "PASSWORD": account.password}
    return {"ANSWER": factor} if factor else None


# Step 7


def set_up_password(scenario: Scenario, account: PasskeyAccount) -> None:
    """Set a password, and enrol an authenticator app; both by the access token of the user."""
    scenario.begin(words.SET_UP_PASSWORD)
    previous = ask_previous_password(scenario, account)
    password, account.password = ask_new_password(scenario), ""
    while not account.password:
        try:
            scenario.cognito.change_password(account.access_token, previous, password)
            account.password = password
        except ClientError as refusal:
            previous, password = recover_new_password(scenario, account, refusal, previous, password)
    scenario.terminal.done("The password is set.")
    set_up_app(scenario, account)
    scenario.end()


def set_up_app(scenario: Scenario, account: PasskeyAccount) -> None:
    """Share a secret with the app, from which it and Cognito compute the same codes."""
    wants_app = True
    while wants_app:
        try:
            key = scenario.cognito.associate_software_token(access_token=account.access_token)
            enrol_app(scenario, account, key)
            wants_app = False
        except ClientError as refusal:
            wants_app = recover_enrolment(scenario, account, refusal)
            if wants_app:
                sign_in(scenario, account, account.way_in)


def enrol_app(
    scenario: Scenario, account: PasskeyAccount, key: AssociateSoftwareTokenResponseTypeDef
) -> None:
    """Show the key, and prove with a code that the app has it."""
    issuer, status = f"Cognito {scenario.cognito.user_pool_id}", ""
    with scenario.app.showing_key(key["SecretCode"], issuer, account.email):
        while status != "SUCCESS":
            code = scenario.app.ask_code("Code that the app shows", "set_up_code")
            try:
                answer = scenario.cognito.verify_software_token(None, code, account.access_token)
                status = answer["Status"]
            except ClientError as refusal:
                recover_app_code(scenario, refusal)
    scenario.terminal.done("The app is enrolled.")


# Step 8


def sign_in_by_two_factors(scenario: Scenario, account: PasskeyAccount) -> None:
    """Turn MFA by passkey on, with the app beside it; then sign in by the password and one of them."""
    scenario.begin(words.SECOND_FACTOR)
    is_on = False
    try:
        scenario.cognito.set_user_mfa_preference(
            account.access_token,
            software_token_mfa_settings={"Enabled": True},
            web_authn_mfa_settings={"Enabled": True},
        )
        is_on = True
        scenario.explain(words.PREFERENCE)
    except ClientError as refusal:
        recover_passkey_mfa(scenario, refusal)
    sign_in(scenario, account, "PASSWORD")
    followed_by = SECOND_FACTORS.get(account.answered[0].get("ChallengeName", ""), "alone")
    scenario.terminal.done(f"{account.email} signed in by the password {followed_by}.")
    if is_on:
        scenario.explain(USER_ID_FOR_SRP if "WEB_AUTHN" in account.factors else words.ASKED_FIRST)
    forged = forge(account.passkey, verifies_user=False) if is_on else None
    scenario.end(
        experiments.NOT_VERIFIED(partial(try_passkey, scenario, account, forged.sign)) if forged else None
    )


def choose_second_factor(
    scenario: Scenario, account: PasskeyAccount, challenge: SignInAnswer
) -> Mapping[str, str] | None:
    """Return the answer to SELECT_MFA_TYPE: one of the user's factors; its own challenge comes next."""
    offered: list[str] = json.loads(challenge["ChallengeParameters"]["MFAS_CAN_CHOOSE"])
    account.factors = offered
    factor = ask_second_factor(scenario, account, offered)
    return {"ANSWER": factor} if factor else None


# Step 9


def recover_from_loss(
    scenario: Scenario, account: PasskeyAccount, authenticator: PasskeyAuthenticator
) -> None:
    """Sign in by password and app, delete the lost passkey, and register a new one in its place."""
    scenario.begin(words.RECOVER)
    lost, account.passkey = account.passkey, None
    sign_in(scenario, account, "PASSWORD")
    show_passkeys(scenario, scenario.cognito.list_web_authn_credentials(account.access_token))
    if lost:
        delete_passkey(scenario, account, lost)
    scenario.explain(words.DELETED)
    register(scenario, account, authenticator)
    scenario.end()


def enter_app_code(
    scenario: Scenario, _account: PasskeyAccount, _challenge: SignInAnswer
) -> Mapping[str, str]:
    """Return the answer to SOFTWARE_TOKEN_MFA: a code of the app that was not used yet."""
    return {"SOFTWARE_TOKEN_MFA_CODE": scenario.app.ask_code("MFA code", "mfa_code")}


def delete_passkey(scenario: Scenario, account: PasskeyAccount, passkey: Passkey) -> None:
    """Delete the public key of a passkey; signatures of its private key are refused from now on."""
    is_gone = False
    while not is_gone:
        try:
            scenario.cognito.delete_web_authn_credential(account.access_token, passkey.id)
            is_gone = True
        except ClientError as refusal:
            is_gone = recover_removal(scenario, account, refusal)
            if not is_gone:
                sign_in(scenario, account, account.way_in)
    scenario.terminal.done("That passkey is deleted.")


# Step 10


def clean_up(scenario: Scenario, account: PasskeyAccount) -> None:
    """Offer to delete the user; for one who stays, to remove the factors of this run."""
    scenario.begin(words.CLEAN_UP)
    whom = account.email if account.is_new else f"{account.email}, who was there before this run"
    if ask_yesno(scenario, f"Delete the user {whom}?", "delete_user", default=account.is_new):
        delete_user(scenario, account)
        return
    if account.passkey and ask_yesno(scenario, "Delete the passkey, and turn MFA off?", "delete_passkey"):
        delete_passkey(scenario, account, account.passkey)
        scenario.cognito.set_user_mfa_preference(
            account.access_token, software_token_mfa_settings={"Enabled": False}
        )
    show_what_exists(scenario, account)


def delete_user(scenario: Scenario, account: PasskeyAccount) -> None:
    """Delete the user together with all passkeys."""
    account.state = UserState.MAYBE_DELETED
    while account.exists:
        try:
            scenario.cognito.delete_user(account.access_token)
            account.state = UserState.ABSENT
        except ClientError as refusal:
            if recover_removal(scenario, account, refusal):
                account.state = UserState.ABSENT
            else:
                sign_in(scenario, account, account.way_in)
    scenario.terminal.done(f"{account.email} is deleted.")
    scenario.end()


SECOND_FACTORS = {"WEB_AUTHN": "and a passkey", "SOFTWARE_TOKEN_MFA": "and a code of the app"}
# What answers each challenge: a function that returns ChallengeResponses, nothing to begin again, or None.
RESPONSES: Mapping[str, Callable[[Scenario, PasskeyAccount, SignInAnswer], Mapping[str, str] | None]] = {
    "WEB_AUTHN": sign_with_passkey,
    "EMAIL_OTP": enter_code,
    "SELECT_CHALLENGE": choose_factor,
    "SELECT_MFA_TYPE": choose_second_factor,
    "SOFTWARE_TOKEN_MFA": enter_app_code,
}


# The program


def play(scenario: Scenario) -> str:
    """Play the scenario to its end; return what of the run is left in the pool, in a sentence."""
    account = PasskeyAccount()
    authenticator = PasskeyAuthenticator(scenario, passwordless.make_passkey)
    with announcing_leftovers(scenario, account):
        tell(scenario, account, authenticator)
    return what_is_left(account)


OUTLINE = Outline(
    file="scenario_sign_in_without_password.py",
    what="An Amazon Cognito user without a password, in ten steps: codes and passkeys.",
    steps=words.STEPS,
    play=play,
    checks=passwordless.PASSWORDLESS_CHECKS,
    seed=passwordless.SEED,
    stack="sign-in-without-password",
    takes_here="It takes five minutes. An authenticator for passkeys and an app for codes are built in.",
    takes_in_aws="It takes ten minutes, your mail and an authenticator app; one for passkeys is built in.",
    answers=dict.fromkeys(("authenticator", "first_factor", "factor"), str),
    signs_in_by_mail=True,
    without=frozenset({"--srp-helper"}),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program, and return its exit status; see `program/run.py`."""
    return run.main(OUTLINE, argv)


if __name__ == "__main__":
    sys.exit(main())
