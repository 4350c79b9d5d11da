"""Recovery from refusals in the sign-in without a password, in addition to `scenario/recovery.py`.

As there, each function corrects the value or asks for another one and returns the state to continue from, or
raises the refusal. A browser that returns no credential counts as a refusal, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import question
from scenario import recovery
from scenario.asking import ask_email, ask_new_password, ask_yesno
from scenario.passkey_page import NoCredentialError
from scenario.passkey_questions import ask_previous_password
from scenario.refusals import (
    is_about_email,
    is_about_password,
    is_about_user_name,
    is_choice_refused,
    is_locked,
    is_malformed,
    is_name_taken,
    is_passkey_refused,
    is_registration_over,
    is_session_over,
    is_transient,
    is_wrong_password,
)
from scenario.state import UserState

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

    from cognito_idp_actions import SignInAnswer
    from scenario.passkeys import PasskeyAccount, PasskeyAuthenticator
    from scenario.state import Scenario

GO_ON_WITH_USER, ANOTHER_ADDRESS = "Go on with this user", "Choose another e-mail address"


def recover_sign_up(scenario: Scenario, account: PasskeyAccount, refusal: ClientError) -> None:
    """Ask for another address, or continue with the existing user of that address.

    Raises:
        ClientError: the refusal, when it was about nothing that the person typed.
    """
    if is_transient(refusal):  # the sign-up may have been accepted all the same
        raise refusal
    account.state = UserState.ABSENT
    if is_name_taken(refusal):
        choices = (GO_ON_WITH_USER, ANOTHER_ADDRESS)
        picked = question.choose(
            "What now?", choices, ask=scenario.ask, name="existing_user", default=GO_ON_WITH_USER
        )
        if picked == GO_ON_WITH_USER:
            _go_on_with_user(scenario, account)
            return
    elif not (is_about_user_name(refusal) or is_about_email(refusal)):
        raise refusal
    account.user_name = account.email = ask_email(scenario)


def _go_on_with_user(scenario: Scenario, account: PasskeyAccount) -> None:
    """Look up the state of the existing user."""
    user = scenario.cognito.admin_get_user(account.user_name)
    account.is_new = False
    is_unconfirmed = user.get("UserStatus") == "UNCONFIRMED"
    account.state = UserState.NOT_CONFIRMED if is_unconfirmed else UserState.CONFIRMED


def recover_confirmation(
    scenario: Scenario, account: PasskeyAccount, refusal: ClientError, code: str
) -> None:
    """Drop an expired session of the sign-up; leave all else to `recovery.recover_confirmation`.

    Raises:
        ClientError: the refusal, when no other code helps.
    """
    if is_session_over(refusal):
        account.session = None
        scenario.terminal.hint(
            "The session of the sign-up is over. Give the code once more: it confirms the sign-up without it."
        )
    else:
        recovery.recover_confirmation(scenario, account, refusal, code)


def recover_straight_in(scenario: Scenario, refusal: ClientError) -> None:
    """Accept that the session of the confirmation has expired, so that a code signs the user in.

    Raises:
        ClientError: the refusal, when it was about something else.
    """
    if not is_session_over(refusal):
        raise refusal
    scenario.terminal.hint("That session is over. It takes another code, then, to sign in.")


def recover_sign_in(
    scenario: Scenario,
    account: PasskeyAccount,
    challenge: SignInAnswer | None,
    refusal: ClientError | NoCredentialError,
) -> SignInAnswer | None:
    """Correct a refused sign-in, as the function of the same name in `scenario/recovery.py` does.

    Returns:
        The challenge to answer again, or None when the sign-in has to begin again.

    Raises:
        ClientError: the refusal, when no other answer would help.
        NoCredentialError: the browser gave no passkey, and the person wants no further attempt.
    """
    if isinstance(refusal, NoCredentialError):
        _offer_page(scenario, refusal)
        return None
    name = challenge.get("ChallengeName") if challenge else None
    if name == "WEB_AUTHN" and is_passkey_refused(refusal):
        account.count_failure()
        recovery.count_restart(account, refusal)
        scenario.terminal.hint("Each challenge is signed once; signing in again brings another one.")
        return None
    if name == "SELECT_CHALLENGE" and is_choice_refused(refusal):
        return challenge
    if challenge is None and not account.password and not is_locked(refusal):
        raise refusal
    return recovery.recover_sign_in(scenario, account, challenge, refusal)


def _offer_page(scenario: Scenario, refusal: NoCredentialError) -> None:
    scenario.terminal.warn(str(refusal))
    if not ask_yesno(scenario, "Show a page once more?", "page_again"):
        raise refusal


def recover_registration(
    scenario: Scenario,
    account: PasskeyAccount,
    authenticator: PasskeyAuthenticator,
    refusal: ClientError | NoCredentialError,
) -> bool:
    """Return True when the registration can be repeated; False when a new sign-in is needed first.

    Raises:
        ClientError: the refusal, when neither would help.
    """
    if isinstance(refusal, NoCredentialError):
        scenario.terminal.warn(str(refusal))
        authenticator.choose()
        return True
    if is_registration_over(refusal):
        recovery.count_restart(account, refusal)
        scenario.terminal.hint("That took too long: a challenge is good for a minute. Here is another one.")
        return True
    recovery.recover_expired_token(scenario, account, refusal)
    return False


def recover_new_password(
    scenario: Scenario, account: PasskeyAccount, refusal: ClientError, previous: str | None, password: str
) -> tuple[str | None, str]:
    """Ask for the refused one of two passwords; return the previous and the new one.

    Raises:
        ClientError: the refusal, when it was about something else.
    """
    if is_wrong_password(refusal):
        scenario.terminal.hint("That is not the present password of this user.")
        return ask_previous_password(scenario, account), password
    if is_about_password(refusal):
        return previous, ask_new_password(scenario)
    raise refusal


def recover_passkey_mfa(scenario: Scenario, refusal: ClientError) -> None:
    """Continue without MFA by passkey where the pool does not allow it.

    Raises:
        ClientError: the refusal, when it was about something else.
    """
    if not is_malformed(refusal):
        raise refusal
    scenario.terminal.hint(
        "It takes a pool with MfaConfiguration OPTIONAL, an authenticator app, and FactorConfiguration "
        "MULTI_FACTOR_WITH_USER_VERIFICATION in its WebAuthnConfiguration. Going on without."
    )
