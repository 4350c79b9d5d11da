"""Walk through Amazon Cognito sign-up with MFA and device tracking, one step at a time.

1. Sign up with a user name, a password and an e-mail address.
2. Confirm the sign-up with the code from the e-mail.
3. List the users of the pool.
4. Set up an authenticator app from a QR code.
5. Sign in with password and MFA code; get tokens and a device key.
6. Confirm the device, so that Cognito tracks it.
7. Sign in from the tracked device with password and SRP proof, without an MFA code.
8. Clean up.

Run it with a user pool ID and an app client ID against AWS, or with neither on a pool of its own
on this machine.

To learn the API, read from `tell` downwards. Each call of `story.cognito` is one action of Amazon Cognito, or
a few that belong together. A step is the good way through; where Cognito may refuse, with botocore's
`ClientError`, a function of `scenario/` goes on from there, and its name says how.
"""

from __future__ import annotations

if __name__ == "__main__":
    import program.early_interrupt  # noqa: F401 - Ctrl-C while the rest is loaded ends with no traceback

import sys
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

import cognito_srp
from cognito_idp_actions import CognitoIdentityProviderWrapper, UnexpectedChallengeError, challenge_user_name
from program import run
from scenario.asking import ask_code, ask_email, ask_new_password, ask_user_name, ask_yesno
from scenario.authenticator_app import AuthenticatorApp
from scenario.enrolment import key_shown, set_up_otherwise, try_other_codes
from scenario.leftovers import announced_leftovers, remove, show_what_exists, what_is_left
from scenario.person import Person
from scenario.pool_facts import PoolFacts
from scenario.refusals import is_device_known
from scenario.retrying import retrying
from scenario.sign_in import (
    explain_missing_device,
    finish_sign_in,
    finish_sign_in_after,
    hint_at_clock,
    is_signed_in,
    show_challenge,
    sign_in_after,
    with_access_token,
)
from scenario.sign_up import (
    ask_for_what_was_refused,
    confirm_without_mail,
    explain_refused_code,
    explain_refused_resend,
)
from scenario.state import Account, Device, Story, UserState, WayToRemove
from scenario.tokens import offer_access_token, show_tokens
from scenario.user_table import MOST_SHOWN, show_some_users

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from scenario.state import Answer


def tell(story: Story, account: Account) -> None:
    """Go through the steps. Each leaves in the account what the next ones need of it."""
    sign_up(story, account)
    confirm_sign_up(story, account)
    list_users(story, account)
    answer = set_up_mfa(story, account)
    tokens = sign_in_with_mfa(story, account, answer)
    confirm_device(story, account, tokens)
    sign_in_from_device(story, account)
    clean_up(story, account)


# Step 1


def sign_up(story: Story, account: Account) -> None:
    """Make a user. Cognito sends a code to the e-mail address, and waits for it in step 2."""
    story.begin_step(1, "Sign up", "SignUp")
    account.user_name = ask_user_name(story)
    account.email = ask_email(story)
    account.password = ask_new_password(story)
    while not account.exists:
        account.state = UserState.MAYBE_SIGNED_UP
        try:
            is_confirmed = story.cognito.sign_up_user(
                account.user_name, account.password, account.email, existing_ok=False
            )
        except ClientError as refusal:
            ask_for_what_was_refused(story, account, refusal)
        else:
            account.state = UserState.CONFIRMED if is_confirmed else UserState.NOT_CONFIRMED
            story.terminal.done(f"{account.user_name} is signed up.")


# Step 2


def confirm_sign_up(story: Story, account: Account) -> None:
    """Prove with the code that the address is the user's; without that Cognito lets the user not sign in."""
    story.begin_step(2, "Confirm the sign-up", "ConfirmSignUp, ResendConfirmationCode, AdminGetUser")
    if account.is_confirmed:
        story.terminal.done("Cognito says that this user is confirmed already.")
        return
    story.terminal.say(f"Cognito has sent a code to {account.email}.")
    story.show_mail(account.email)
    confirm_without_mail(story, account)  # nothing, when a person reads it
    while not account.is_confirmed:
        code = ask_code(story, "Code from the e-mail (Enter alone sends a new one)", "confirmation_code")
        if code:
            confirm_with_code(story, account, code)
        else:
            send_new_code(story, account)
    user = story.cognito.admin_get_user(account.user_name)
    story.terminal.done(f"{account.user_name} is confirmed: to Cognito the status is {user['UserStatus']}.")


def confirm_with_code(story: Story, account: Account, code: str) -> None:
    """Confirm the user; the code came by e-mail."""
    try:
        story.cognito.confirm_user_sign_up(account.user_name, code)
    except ClientError as refusal:
        explain_refused_code(story, account, refusal)
    else:
        account.state = UserState.CONFIRMED


def send_new_code(story: Story, account: Account) -> None:
    """Have another code sent, in place of the one before."""
    try:
        delivery = story.cognito.resend_confirmation(account.user_name)
    except ClientError as refusal:
        explain_refused_resend(story, account, refusal)
    else:
        where = account.email if account.is_new else delivery.get("Destination", account.email)
        story.terminal.done(f"A new code is on its way to {where}; the old one is worthless now.")
        story.show_mail(account.email)


# Step 3


def list_users(story: Story, account: Account) -> None:
    """Look at what is in the pool by now. Unlike the steps before, this needs AWS credentials."""
    story.begin_step(3, "List the users of the pool", "ListUsers")
    users = story.cognito.list_users(limit=MOST_SHOWN + 1)
    show_some_users(story, account, users)


# Step 4


def set_up_mfa(story: Story, account: Account) -> Answer | None:
    """Share a secret with Cognito, from which it and an authenticator app compute the same codes.

    The password brings no tokens yet but a challenge, MFA_SETUP, and a session to answer it in. With that
    session Cognito gives the secret (`start_sign_in` has asked for it by AssociateSoftwareToken), and takes a
    code of the app as proof that it arrived there. That ends this sign-in: step 5 begins another one.

    Returns:
        Cognito's answer to the sign-in, if the user has a second factor already, for step 5 to go on from.
    """
    story.begin_step(4, "Set up MFA", "AdminInitiateAuth, AssociateSoftwareToken, VerifySoftwareToken")
    answer = start_sign_in(story, account)
    if answer.get("ChallengeName") != "MFA_SETUP":
        return set_up_otherwise(story, account, answer)
    with key_shown(story, account, answer["SecretCode"]):
        code = story.app.ask_code("Code that the app shows", "set_up_code")
        try:
            verified = story.cognito.verify_mfa(answer["Session"], code)
        except ClientError as refusal:
            is_enrolled = try_other_codes(story, answer, refusal)
        else:
            is_enrolled = verified.get("Status") == "SUCCESS" or try_other_codes(
                story, {**answer, **verified}
            )
    if not is_enrolled:  # the session ran out
        return set_up_otherwise(story, account, start_sign_in(story, account))
    story.terminal.done("The app is enrolled.")
    return None


def start_sign_in(story: Story, account: Account) -> Answer:
    """Send user name and password; return what Cognito asks for next.

    A user may sign in with an alias, such as the e-mail address. Cognito then gives the real user name, and
    only that one is right from here on.
    """
    try:
        answer: Answer = story.cognito.start_sign_in(account.user_name, account.password)
    except ClientError as refusal:
        return sign_in_after(story, account, refusal)
    account.user_name = challenge_user_name(answer, account.user_name)
    show_challenge(story, answer)
    return answer


# Step 5


def sign_in_with_mfa(story: Story, account: Account, answer: Answer | None) -> Answer:
    """Sign in with password and code, and return the tokens.

    Now the password brings the challenge SOFTWARE_TOKEN_MFA, and the code, in the session of that challenge,
    the tokens. `answer` is Cognito's answer to a sign-in that step 4 has begun, or None to begin one.
    """
    story.begin_step(5, "Sign in with MFA", "AdminInitiateAuth, AdminRespondToAuthChallenge")
    if answer is None:
        answer = start_sign_in(story, account)
        if not is_signed_in(answer):
            story.app.wait_for_next_code()  # Cognito takes each code once, and step 4 has used one
    if is_signed_in(answer):
        story.terminal.warn("Cognito asked for the password alone, as MFA is off or optional in this pool.")
    tokens = answer_mfa(story, account, answer)
    account.keep_tokens(tokens)
    show_tokens(story.terminal, tokens, None, story.person.let_read)
    offer_access_token(story, tokens)
    return tokens


def answer_mfa(story: Story, account: Account, answer: Answer) -> Answer:
    """Answer the challenge with a code of the app; return the tokens."""
    if answer.get("ChallengeName") != "SOFTWARE_TOKEN_MFA":
        return finish_sign_in(story, account, answer)
    code = story.app.ask_code("MFA code", "mfa_code")
    try:
        return story.cognito.respond_to_mfa_challenge(account.user_name, answer["Session"], code)
    except ClientError as refusal:
        return finish_sign_in_after(story, account, answer, refusal)


# Step 6


def confirm_device(story: Story, account: Account, tokens: Answer) -> None:
    """Give the device a password of its own, which from now on stands in for the MFA code.

    A pool that tracks devices has given this one two keys along with the tokens. Cognito gets a salt and a
    verifier, made from the keys and the password, and can check later that the device knows the password.
    """
    story.begin_step(6, "Confirm the device", "ConfirmDevice")
    metadata = tokens.get("NewDeviceMetadata")
    if not metadata:
        explain_missing_device(story)
        return
    device = Device.with_random_password(metadata["DeviceKey"], metadata["DeviceGroupKey"])
    story.terminal.fields("New device", {"Device key": device.key, "Device group key": device.group_key})
    try:
        must_agree = story.cognito.confirm_mfa_device(
            account.user_name,
            device.key,
            device.group_key,
            device.password,
            account.access_token,
            story.aws_srp,
        )
    except ClientError as refusal:
        if not is_device_known(refusal):
            raise
        must_agree = True  # an attempt before this one, its answer lost, has confirmed the device
    account.device = device
    story.terminal.done("Cognito has a verifier of the device's password, never the password itself.")
    if must_agree:
        remember_device(story, account, device)


def remember_device(story: Story, account: Account, device: Device) -> None:
    """Ask whether to remember the device, in a pool that waits for its user's agreement."""
    device.is_remembered = False
    story.terminal.say("This pool remembers a device only when its user agrees.")
    if ask_yesno(story, "Remember this device?", "remember_device"):
        with_access_token(
            story,
            account,
            lambda access_token: story.cognito.update_device_status(access_token, device.key, "remembered"),
        )
        device.is_remembered = True
        story.terminal.done("The device is remembered (UpdateDeviceStatus).")


# Step 7


def sign_in_from_device(story: Story, account: Account) -> None:
    """Sign in once more: the device's SRP proof stands in for the MFA code.

    The password comes with the device key this time. In place of a code Cognito asks for a proof, by the
    Secure Remote Password protocol, that the device knows its own password; that is never sent.
    """
    story.begin_step(7, "Sign in from the tracked device", "InitiateAuth, RespondToAuthChallenge (twice)")
    device = account.device
    if device is None or not device.is_remembered:
        story.terminal.warn("There is no tracked device to sign in from, so this step is left out.")
        return
    try:
        tokens: Answer = story.cognito.sign_in_with_tracked_device(
            account.user_name,
            account.password,
            device.key,
            device.group_key,
            device.password,
            story.aws_srp,
        )
    except UnexpectedChallengeError as error:
        story.terminal.warn(str(error))
        return
    except ClientError as refusal:
        hint_at_clock(story, refusal)
        raise
    show_tokens(story.terminal, tokens, account.tokens, story.person.let_read)
    account.keep_tokens(tokens)
    story.terminal.done(f"{account.user_name} signed in from a tracked device, without an MFA code.")


# Step 8


def clean_up(story: Story, account: Account) -> None:
    """Offer to forget the device and to delete the user; say how to remove what stays."""
    story.begin_step(8, "Clean up", "ForgetDevice, DeleteUser")
    device = account.device
    if device and ask_yesno(story, "Forget the device?", "forget_device"):
        remove(story, account, lambda access_token: story.cognito.forget_device(access_token, device.key))
        story.terminal.done("The device is forgotten: it can't stand in for an MFA code any more.")
        account.device = None
    whom = account.user_name if account.is_new else f"{account.user_name}, who was there before this run"
    if ask_yesno(story, f"Delete the user {whom}?", "delete_user", default=account.is_new):
        account.state = UserState.MAYBE_DELETED
        remove(story, account, story.cognito.delete_user)
        account.state, account.device = UserState.ABSENT, None  # the devices of a user go with the user
        story.terminal.done(f"{account.user_name} is deleted.")
    else:
        show_what_exists(story, account)


# The program


def run_scenario(
    cognito_idp_client: CognitoIdentityProviderClient,
    user_pool_id: str,
    client_id: str,
    *,
    client_secret: str | None = None,
    aws_srp: ModuleType = cognito_srp,
    person: Person | None = None,
    way_to_remove: WayToRemove | None = None,
    on_step: Callable[[int, str], None] = lambda _number, _title: None,
    pool: PoolFacts | None = None,
) -> str:
    """Run the story from sign-up to the sign-in from a tracked device, and the clean-up.

    Args:
        cognito_idp_client: a boto3 client for `cognito-idp`.
        user_pool_id: the user pool's ID.
        client_id: the app client's ID.
        client_secret: the app client's secret, if it has one.
        aws_srp: the SRP helper; `pycognito.aws_srp` and `warrant.aws_srp` will do as well.
        person: who goes through the story; by default the person at this terminal.
        way_to_remove: how to remove what was made; by default the AWS CLI's command.
        on_step: is told number and title of each step that begins.
        pool: what is known of the pool; without it Cognito tells, by refusing what does not fit.

    Returns:
        What of the run is left in the pool, in a sentence.

    Raises:
        ClientError: Cognito refused something that no other answer can put right.
        SignInError: Cognito asks for something that the story does not have.
        EndOfInput: a question had no answer.
    """
    person = person or Person()
    cognito = CognitoIdentityProviderWrapper(cognito_idp_client, user_pool_id, client_id, client_secret)
    story = Story(
        cognito=retrying(cognito, person),
        person=person,
        app=AuthenticatorApp(person),
        aws_srp=aws_srp,
        way_to_remove=way_to_remove or WayToRemove.by_aws_cli(user_pool_id),
        on_step=on_step,
        pool=pool or PoolFacts(),
    )
    account = Account()
    with announced_leftovers(story, account):
        tell(story, account)
    return what_is_left(account)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program, and return its exit status; see `program/run.py`."""
    return run.main(run_scenario, argv)


if __name__ == "__main__":
    sys.exit(main())
