"""What goes wrong while a user signs up and confirms: what was wrong is asked again, nothing done is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import question
from scenario.asking import ask_email, ask_new_password, ask_password, ask_user_name
from scenario.refusals import (
    is_about_email,
    is_about_password,
    is_about_user_name,
    is_after_lost_answer,
    is_attempt_limit,
    is_confirmation_limit,
    is_confirmed_already,
    is_malformed,
    is_name_taken,
    is_transient,
    is_wrong_sent_code,
    message_of,
    says,
)
from scenario.state import UserState
from scenario.user_table import attribute

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

    from scenario.state import Account, Story

GO_ON_WITH_USER, ANOTHER_NAME = "Go on with this user", "Choose another user name"


def ask_for_what_was_refused(story: Story, account: Account, refusal: ClientError) -> None:
    """Ask again for what Cognito refused at sign-up, or go on with the user of that name who exists.

    Raises:
        ClientError: the refusal, when it was about nothing that the person typed.
    """
    if is_transient(refusal):  # the sign-up may have been accepted all the same
        raise refusal
    account.state = UserState.ABSENT
    if is_name_taken(refusal):
        choose_user(story, account, refusal)
    elif is_about_password(refusal):
        story.terminal.warn(message_of(refusal))
        account.password = ask_new_password(story)
    elif is_about_user_name(refusal):
        story.terminal.warn(message_of(refusal))
        account.user_name = ask_user_name(story)
    elif is_about_email(refusal):
        story.terminal.warn(message_of(refusal))
        account.email = ask_email(story)
    else:
        raise refusal


def choose_user(story: Story, account: Account, refusal: ClientError) -> None:
    """Offer to go on with the user who exists, or to take another name."""
    story.terminal.warn(message_of(refusal))
    if is_after_lost_answer(refusal):
        story.terminal.hint(
            "The connection broke meanwhile: it may be the user that you have just signed up."
        )
    choices = (GO_ON_WITH_USER, ANOTHER_NAME)
    if question.choose("What now?", choices, ask=story.ask, name="existing_user") == GO_ON_WITH_USER:
        go_on_with_user(story, account)
        return
    account.user_name = ask_user_name(story)
    if says(refusal, "email"):
        account.email = ask_email(story)


def go_on_with_user(story: Story, account: Account) -> None:
    """Take state and address of a user who exists from Cognito, and the password from the person."""
    user = story.cognito.admin_get_user(account.user_name)
    account.email = attribute(user.get("UserAttributes", []), "email") or account.email
    prompt = f"Password of {account.user_name} (Enter alone takes the one above)"
    account.password = ask_password(story, prompt, otherwise=account.password)
    account.is_new = False
    is_unconfirmed = user.get("UserStatus") == "UNCONFIRMED"
    account.state = UserState.NOT_CONFIRMED if is_unconfirmed else UserState.CONFIRMED


def confirm_without_mail(story: Story, account: Account) -> None:
    """Have the user confirmed by who runs the pool, where nobody reads the mail with the code."""
    if story.person.confirm:
        story.person.confirm(account.user_name)
        account.state = UserState.CONFIRMED


def explain_refused_code(story: Story, account: Account, refusal: ClientError) -> None:
    """Say why a confirmation code was refused, where another one may be accepted.

    Raises:
        ClientError: the refusal, when no other code would help.
    """
    if is_confirmed_already(refusal):
        account.state = UserState.CONFIRMED
    elif is_confirmation_limit(refusal):
        story.terminal.warn(message_of(refusal))
        story.terminal.hint(
            "Cognito takes no code for this user, not even the right one, until the hour is over. "
            "Wait here, or leave with Ctrl-C and run this again later with the same user name."
        )
    elif is_wrong_sent_code(refusal) or is_malformed(refusal):
        story.terminal.warn(message_of(refusal))
    else:
        raise refusal


def explain_refused_resend(story: Story, account: Account, refusal: ClientError) -> None:
    """Say why no new confirmation code was sent, where the story goes on without.

    Raises:
        ClientError: the refusal, when the codes that there are would not help either.
    """
    if is_confirmed_already(refusal):
        account.state = UserState.CONFIRMED
    elif is_attempt_limit(refusal):
        story.terminal.warn(f"{message_of(refusal)} The code that was sent last is still good.")
    else:
        raise refusal
