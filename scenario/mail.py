"""Messages with codes: showing them where they can be read, and doing without where nobody reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenario.asking import ask_new_password
from scenario.state import UserState

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.type_defs import ResendConfirmationCodeResponseTypeDef

    from scenario.state import Account, Scenario


def show_mail(scenario: Scenario, email: str) -> None:
    """Show the newest message to that address, where there is a mailbox on this machine."""
    message = scenario.mailbox.latest(email) if scenario.mailbox else None
    if message:
        scenario.terminal.fields(
            "Mail, as the local pool would have sent it",
            {"To": message["to"], "Subject": message["subject"], "Text": message["body"]},
        )
    elif not scenario.mailbox:
        scenario.terminal.hint("It may have landed in the spam folder.")


def show_new_code(
    scenario: Scenario, account: Account, delivery: ResendConfirmationCodeResponseTypeDef
) -> None:
    """Say where a new confirmation code went, and show it where it can be read."""
    destination = delivery.get("CodeDeliveryDetails", {}).get("Destination", account.email)
    where = account.email if account.is_new else destination
    scenario.terminal.done(f"A new code is on its way to {where}; the old one is worthless now.")
    show_mail(scenario, account.email)


def set_password_without_mail(scenario: Scenario, account: Account) -> None:
    """Have an administrator set a password, where nobody reads the mail that signs users in without one."""
    if not scenario.mode.reads_mail:
        account.password = ask_new_password(scenario)
        scenario.cognito.admin_set_user_password(account.user_name, account.password, permanent=True)


def confirm_without_mail(scenario: Scenario, account: Account) -> None:
    """Have an administrator confirm the user, where nobody reads the mail with the code."""
    if not scenario.mode.reads_mail:
        scenario.cognito.admin_confirm_sign_up(account.user_name)
        account.state = UserState.CONFIRMED
