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
on this machine. `run_scenario` is the story; each step is a function below it.
"""

from __future__ import annotations

import os
import signal

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # Ctrl-C while the modules below are loaded would end in a traceback.
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))

import base64
import json
import secrets
import sys
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from pycognito import aws_srp as pycognito_srp

import question
from cognito_idp_actions import CognitoIdentityProviderWrapper, SignInError, UnexpectedChallengeError
from program import preflight
from program.answers import PreparedAnswers
from program.clients import aws_client, local_client
from program.command_line import parse_arguments
from program.trace import Trace
from question import EndOfInput
from story import advice
from story.advice import stopped
from story.asking import agrees, ask_email, ask_new_password, ask_password, ask_user_name
from story.authenticator_app import CodePrompt
from story.leftovers import clean_up, show_what_exists
from story.retrying import Patience, is_passing
from story.sign_in import (
    WRONG_PASSWORD,
    call_with_token,
    finish_sign_in,
    is_enrolled,
    is_known,
    is_signed_in,
    pass_challenge,
    repeated_once,
    sign_in,
    unexpected_answer,
    wait_for_next_code,
)
from story.stand_ins import Authenticator, Mailbox, Unattended
from story.state import Account, Device, Story, attribute, code_and_message
from terminal import Terminal

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import ModuleType

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from question import Asker
    from story.state import Answer

DEVICE_PASSWORD_BYTES = 40
INTERRUPTED = 130
STOPPING = (EndOfInput, ClientError, BotoCoreError, SignInError)
TRY_LATER = {"LimitExceededException", "TooManyFailedAttemptsException"}
GO_ON_WITH_USER, ANOTHER_NAME = "Go on with this user", "Choose another user name"
HOW_TO_REMOVE = (
    "To remove the user (to go on instead, run this again with the same user name):\n"
    "aws cognito-idp admin-delete-user --user-pool-id {user_pool_id} --username {user_name}"
)
HOW_TO_REMOVE_POOL = "aws cloudformation delete-stack --stack-name sign-up-with-mfa"
NOTHING_STAYS = "That pool is on this machine, and ends with the program: nothing has to be removed."


def run_scenario(
    cognito_idp_client: CognitoIdentityProviderClient,
    user_pool_id: str,
    client_id: str,
    *,
    client_secret: str | None = None,
    aws_srp: ModuleType = pycognito_srp,
    ask: Asker = question.ask,
    terminal: Terminal | None = None,
    wait: Callable[[float, str], bool] | None = None,
    mailbox: Mailbox | None = None,
    authenticator: Authenticator | None = None,
    is_attended: bool = True,
    trace: Trace | None = None,
    how_to_remove: str | None = None,
) -> None:
    """Run the story from sign-up to the sign-in from a tracked device, and the clean-up.

    Args:
        cognito_idp_client: a boto3 client for ``cognito-idp``.
        user_pool_id: the user pool's ID.
        client_id: the app client's ID.
        client_secret: the app client's secret, if it has one.
        aws_srp: the SRP helper, `pycognito.aws_srp` or `warrant.aws_srp`.
        ask: whoever answers the questions.
        terminal: where everything is shown.
        wait: waits so many seconds for a reason; returns False when that was skipped.
        mailbox: a mailbox whose messages are shown, where there is one.
        authenticator: an authenticator that gives codes for empty answers, where there is one.
        is_attended: whether somebody can answer questions that only come up when something goes wrong.
        trace: is told which step begins, for its diagram.
        how_to_remove: what to say about removing what was made; by default the AWS CLI's command.

    Raises:
        ClientError: Cognito refused something that no other answer can mend.
        SignInError: Cognito asks for something that the story does not have.
        EndOfInput: a question had no answer.
    """
    terminal = terminal or Terminal()
    cognito = CognitoIdentityProviderWrapper(cognito_idp_client, user_pool_id, client_id, client_secret)
    story = Story(
        cognito=cognito,
        terminal=terminal,
        ask=ask,
        wait=wait or terminal.wait,
        aws_srp=aws_srp,
        mailbox=mailbox,
        codes=CodePrompt(terminal, ask, authenticator),
        patience=Patience(terminal, ask, cognito, is_attended=is_attended),
        trace=trace,
    )
    how_to_remove = how_to_remove or HOW_TO_REMOVE.replace("{user_pool_id}", user_pool_id)
    try:
        tell(story, how_to_remove)
    except (KeyboardInterrupt, *STOPPING):
        terminal.say()
        show_what_exists(story, how_to_remove)
        raise


def tell(story: Story, how_to_remove: str) -> None:
    """Go through the steps."""
    account = sign_up(story)
    confirm_sign_up(story, account)
    list_users(story)
    answer = set_up_mfa(story, account)
    tokens = sign_in_with_mfa(story, account, answer)
    confirm_device(story, account, tokens)
    sign_in_from_device(story, account)
    clean_up(story, account, how_to_remove)


# Step 1


def sign_up(story: Story) -> Account:
    """Ask until Cognito takes what it is given, or until the person goes on with a user who exists."""
    story.begin_step(1, "Sign up", "SignUp")
    account = Account(
        user_name=ask_user_name(story), email=ask_email(story), password=ask_new_password(story)
    )
    story.account = account
    while not account.state:
        try_to_sign_up(story, account)
    return account


def try_to_sign_up(story: Story, account: Account) -> None:
    """Sign up once; when Cognito refuses, ask for what was wrong."""
    account.state = "perhaps signed up"
    method = story.cognito.sign_up_user
    try:
        is_confirmed = story.call(
            method, account.user_name, account.password, account.email, existing_ok=False
        )
    except ClientError as error:
        if is_passing(error):
            raise
        account.state = ""
        if code_and_message(error)[0] == "UsernameExistsException":
            choose_user(story, account, error)
        else:
            ask_what_was_wrong(story, account, error)
    else:
        account.state = "confirmed" if is_confirmed else "not confirmed"
        story.terminal.done(f"{account.user_name} is signed up.")


def choose_user(story: Story, account: Account, error: ClientError) -> None:
    """Offer to go on with the user who exists, or to take another name."""
    message = code_and_message(error)[1]
    story.terminal.warn(message)
    if error.response.get("ResponseMetadata", {}).get("RetryAttempts"):
        story.terminal.hint(
            "The connection broke meanwhile: it may be the user that you have just signed up."
        )
    choices = (GO_ON_WITH_USER, ANOTHER_NAME)
    if question.choose("What now?", choices, ask=story.ask, name="existing_user") == ANOTHER_NAME:
        account.user_name = ask_user_name(story)
        if "email" in message:
            account.email = ask_email(story)
        return
    user = story.call(story.cognito.admin_get_user, account.user_name)
    account.email = attribute(user.get("UserAttributes", []), "email") or account.email
    prompt = f"Password of {account.user_name} (Enter alone takes the one above)"
    account.password = ask_password(story, prompt, otherwise=account.password)
    account.is_new = False
    account.state = "not confirmed" if user.get("UserStatus") == "UNCONFIRMED" else "confirmed"


def ask_what_was_wrong(story: Story, account: Account, error: ClientError) -> None:
    """Ask again for the answer that Cognito refused at sign-up; raise the error if it was none of them."""
    code, message = code_and_message(error)
    about = message.casefold()
    if code == "InvalidPasswordException" or (code == "InvalidParameterException" and "password" in about):
        story.terminal.warn(message)
        account.password = ask_new_password(story)
    elif code == "InvalidParameterException" and "username" in about:
        story.terminal.warn(message)
        account.user_name = ask_user_name(story)
    elif (code == "InvalidParameterException" and "email" in about) or "given email" in about:
        story.terminal.warn(message)
        account.email = ask_email(story)
    else:
        raise error


# Step 2


def confirm_sign_up(story: Story, account: Account) -> None:
    """Ask for the code from the e-mail until Cognito accepts one; an empty answer sends a new one."""
    story.begin_step(2, "Confirm the sign-up", "ConfirmSignUp, ResendConfirmationCode")
    if account.state == "confirmed":
        story.terminal.done("Cognito says that this user is confirmed already.")
        return
    story.terminal.say(f"Cognito has sent a code to {account.email}. It may have landed in the spam folder.")
    story.show_mail(account.email)
    while True:
        code = story.ask("Code from the e-mail (Enter alone sends a new one)", name="confirmation_code")
        is_confirmed = is_code_accepted(story, account, code) if code else is_resend_needless(story, account)
        if is_confirmed:
            account.state = "confirmed"
            story.terminal.done(f"{account.user_name} is confirmed.")
            return


def is_code_accepted(story: Story, account: Account, code: str) -> bool:
    """Confirm with the code; False, with the reason shown, when another code may work."""
    try:
        return story.call(story.cognito.confirm_user_sign_up, account.user_name, code)
    except ClientError as error:
        refusal, message = code_and_message(error)
        if "Current status is CONFIRMED" in message:
            return True
        if refusal in TRY_LATER:
            story.terminal.warn(message)
            story.terminal.hint(
                "Cognito takes no code for this user, not even the right one, until the hour is over. "
                "Wait here, or leave with Ctrl-C and run this again later with the same user name."
            )
        elif refusal in {"CodeMismatchException", "ExpiredCodeException", "InvalidParameterException"}:
            story.terminal.warn(message)
        else:
            raise
        return False


def is_resend_needless(story: Story, account: Account) -> bool:
    """Have a new code sent; True when the user turns out to be confirmed already.

    When it was asked for too often, that is said: the codes that there are still do.
    """
    try:
        delivery = story.call(story.cognito.resend_confirmation, account.user_name)
    except ClientError as error:
        refusal, message = code_and_message(error)
        if "already confirmed" in message:
            return True
        if refusal != "LimitExceededException":
            raise
        story.terminal.warn(f"{message} The code that was sent last is still good.")
        return False
    where = delivery.get("Destination", account.email)
    story.terminal.done(f"A new code is on its way to {where}; the old one is worthless now.")
    story.show_mail(account.email)
    return False


# Step 3


def list_users(story: Story) -> None:
    """Show the users of the pool."""
    story.begin_step(3, "List the users of the pool", "ListUsers")
    rows = [
        (
            user.get("Username", ""),
            attribute(user.get("Attributes", []), "email"),
            user.get("UserStatus", ""),
            shown_time(user),
        )
        for user in story.call(story.cognito.list_users)
    ]
    story.terminal.table(f"Users: {len(rows)}", ("User name", "E-mail", "Status", "Created"), rows)


def shown_time(user: Mapping[str, Any]) -> str:
    """Return when a listed user was created, in local time."""
    created = user.get("UserCreateDate")
    return f"{created:%Y-%m-%d %H:%M:%S}" if created else ""


# Step 4


def set_up_mfa(story: Story, account: Account) -> Answer | None:
    """Enrol an authenticator app; return Cognito's answer to the sign-in when there was nothing to enrol."""
    story.begin_step(4, "Set up MFA", "AdminInitiateAuth, AssociateSoftwareToken, VerifySoftwareToken")
    answer = sign_in(story, account)
    while True:
        name = answer.get("ChallengeName")
        if name == "MFA_SETUP":
            if is_enrolled(story, account, answer):
                return None
            answer = sign_in(story, account)
        elif name == "NEW_PASSWORD_REQUIRED":
            answer = pass_challenge(story, account, answer)
        elif is_signed_in(answer):
            finish_sign_in(story, account, answer)
            return None if has_chosen_mfa(story, account) else answer
        elif is_known(answer):
            story.terminal.done("This user has a second factor already: there is nothing to set up.")
            return answer
        else:
            raise unexpected_answer(answer)


def has_chosen_mfa(story: Story, account: Account) -> bool:
    """Offer an authenticator app to a user whom the pool lets in without one; tell whether it is used."""
    story.terminal.warn("Cognito asked for no second factor: MFA is off or optional in this pool.")
    if not agrees(story, "Set up an authenticator app for this user all the same?", "set_up_mfa"):
        return False
    try:
        while not is_enrolled_with_token(story, account):
            finish_sign_in(story, account, sign_in(story, account))
        first_choice = {"Enabled": True, "PreferredMfa": True}
        call_with_token(story, account, story.cognito.set_user_mfa_preference, first_choice)
    except ClientError as error:
        refusal, message = code_and_message(error)
        if refusal not in {"SoftwareTokenMFANotFoundException", "InvalidParameterException"}:
            raise
        story.terminal.warn(f"{message} Going on without.")
        story.terminal.hint(advice.for_refusal(error) or "The pool must offer TOTP for it.")
        return False
    story.terminal.done("From now on Cognito asks this user for a code (SetUserMFAPreference).")
    return True


def is_enrolled_with_token(story: Story, account: Account) -> bool:
    """Enrol an authenticator app of a user who is signed in; False when the sign-in expired meanwhile."""
    associated = story.call(story.cognito.get_mfa_secret, access_token=story.access_token)
    return is_enrolled(story, account, associated, story.access_token)


# Step 5


def sign_in_with_mfa(story: Story, account: Account, answer: Answer | None) -> Answer:
    """Sign in with password and whatever second factor Cognito asks for, and return the tokens.

    *answer* is Cognito's answer to a sign-in that has begun, or None to begin one.
    """
    story.begin_step(5, "Sign in with MFA", "AdminInitiateAuth, AdminRespondToAuthChallenge")
    if answer is None:
        answer = sign_in(story, account)
        if not is_signed_in(answer):
            wait_for_next_code(story)
    if is_signed_in(answer):
        story.terminal.warn("Cognito asked for the password alone, as MFA is off or optional in this pool.")
    tokens = finish_sign_in(story, account, answer)
    show_tokens(story, tokens)
    return tokens


def show_tokens(story: Story, tokens: Answer) -> None:
    """Show the tokens, masked, with what their claims say."""
    named = {name: tokens[name] for name in ("AccessToken", "IdToken", "RefreshToken") if name in tokens}
    story.terminal.token_table("Signed in. Tokens (masked) and their claims", named)


# Step 6


def confirm_device(story: Story, account: Account, tokens: Answer) -> None:
    """Confirm the device that came with the tokens, if one did."""
    story.begin_step(6, "Confirm the device", "ConfirmDevice")
    metadata = tokens.get("NewDeviceMetadata")
    if not metadata:
        story.terminal.warn(
            "Cognito gave no device key: this pool tracks no devices, or only after a second factor."
        )
        story.terminal.hint(
            "Turn it on with DeviceConfiguration (ChallengeRequiredOnNewDevice=true), then run this again."
        )
        return
    device = Device(
        key=metadata["DeviceKey"],
        group_key=metadata["DeviceGroupKey"],
        password=base64.b64encode(secrets.token_bytes(DEVICE_PASSWORD_BYTES)).decode(),
    )
    story.terminal.fields("New device", {"Device key": device.key, "Device group key": device.group_key})
    must_agree = is_agreement_needed(story, account, device)
    story.device = device
    story.terminal.done("Cognito has a verifier of the device's password, never the password itself.")
    if must_agree:
        remember_device(story, account, device)


def is_agreement_needed(story: Story, account: Account, device: Device) -> bool:
    """Confirm the device; tell whether the user must still agree to its being remembered."""
    try:
        return story.call(
            story.cognito.confirm_mfa_device,
            *(account.user_name, device.key, device.group_key, device.password),
            *(story.access_token, story.aws_srp),
        )
    except ClientError as error:
        # The answer to an earlier attempt got lost: the device is confirmed, what else it said is unknown.
        if code_and_message(error)[0] != "DeviceKeyExistsException":
            raise
        return True


def remember_device(story: Story, account: Account, device: Device) -> None:
    """Ask whether to remember the device, in a pool that waits for its user's agreement."""
    device.is_remembered = False
    story.terminal.say("This pool remembers a device only when its user agrees.")
    if agrees(story, "Remember this device?", "remember_device"):
        call_with_token(story, account, story.cognito.update_device_status, device.key, "remembered")
        story.terminal.done("The device is remembered (UpdateDeviceStatus).")
        device.is_remembered = True


# Step 7


def sign_in_from_device(story: Story, account: Account) -> None:
    """Sign in once more: the device's SRP proof stands in for the MFA code."""
    story.begin_step(7, "Sign in from the tracked device", "InitiateAuth, RespondToAuthChallenge (twice)")
    device = story.device
    if device is None or not device.is_remembered:
        story.terminal.warn("There is no tracked device to sign in from, so this step is left out.")
        return
    story.terminal.say("Password, then a proof that the device knows its own password. No MFA code.")
    method = story.cognito.sign_in_with_tracked_device
    secrets_of_device = (device.key, device.group_key, device.password)
    try:
        tokens: Answer = repeated_once(
            story, method, account.user_name, account.password, *secrets_of_device, story.aws_srp
        )
    except UnexpectedChallengeError as error:
        story.terminal.warn(str(error))
        return
    except ClientError as error:
        if code_and_message(error) == WRONG_PASSWORD:
            now = f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M:%S} UTC"
            story.terminal.hint(
                f"The proof carries the time, and here it is {now}: is this computer's clock right?"
            )
        raise
    story.access_token = tokens["AccessToken"]
    show_tokens(story, tokens)
    story.terminal.done(f"{account.user_name} signed in from a tracked device, without an MFA code.")


# The program


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status: 0 done, 1 stopped, 2 usage, 130 Ctrl-C."""
    try:
        arguments = parse_arguments(argv)
        with traced(arguments) as trace:
            if arguments.user_pool_id:
                return run_on_aws(arguments, trace)
            return run_on_local_pool(arguments, trace)
    except KeyboardInterrupt:
        return stopped("Stopped.", status=INTERRUPTED)
    except STOPPING as error:
        return stopped(*advice.explained(error))


@contextmanager
def traced(arguments: argparse.Namespace) -> Iterator[Trace]:
    """Give a trace that shows calls if that is wanted, and write its diagram when the run is over."""
    trace = Trace(Terminal(stderr=True) if arguments.trace else None)
    try:
        yield trace
    finally:
        if arguments.diagram:
            Path(arguments.diagram).write_text(trace.diagram("The run"), encoding="utf-8")


def run_on_aws(arguments: argparse.Namespace, trace: Trace) -> int:
    """Check the pool in AWS and run the story on it; return the exit status."""
    terminal = Terminal()
    ask = prepared(arguments, terminal)
    client = aws_client(arguments.user_pool_id)
    trace.attach(client)
    cognito = CognitoIdentityProviderWrapper(client, arguments.user_pool_id, arguments.client_id)
    secret = os.environ.get("COGNITO_CLIENT_SECRET") or None
    is_attended = is_somebody_there() and not arguments.check
    report = Patience(terminal, ask, cognito, is_attended=is_attended).call(
        preflight.inspect, cognito, secret
    )
    if arguments.check:
        return show_report(report, as_json=arguments.json)
    preflight.show(terminal, report)
    if not report.can_start:
        return stopped("The pool is not set up for the story.", "The lines above say what to change.")
    run_scenario(
        client,
        arguments.user_pool_id,
        arguments.client_id,
        client_secret=report.client_secret,
        ask=ask,
        terminal=terminal,
        is_attended=is_attended,
        trace=trace,
    )
    terminal.hint("If the pool came from the template, this removes it:")
    terminal.copyable(HOW_TO_REMOVE_POOL)
    return 0


def prepared(arguments: argparse.Namespace, terminal: Terminal) -> Asker:
    """Return who answers: the person, apart from what a file and the environment answer already."""
    answers: dict[str, str] = dict(arguments.answers or {})
    if os.environ.get("COGNITO_PASSWORD"):
        answers["password"] = os.environ["COGNITO_PASSWORD"]
    return PreparedAnswers(question.ask, terminal, answers)


def is_somebody_there() -> bool:
    """Tell whether questions that can't be foreseen have somebody to answer them."""
    return sys.stdin is not None and sys.stdin.isatty()


def show_report(report: preflight.Report, *, as_json: bool) -> int:
    """Show the pre-flight report alone; return 0 when the whole story can run, else 1."""
    if as_json:
        print(json.dumps(report.as_json(), indent=2))  # noqa: T201 - for scripts, so without any decoration
    else:
        preflight.show(Terminal(), report)
    return 0 if report.ready else 1


def run_on_local_pool(arguments: argparse.Namespace, trace: Trace) -> int:
    """Run the story on a pool on this machine; nothing of it is left afterwards."""
    from local_cognito import LocalCognito  # noqa: PLC0415 - against AWS it need not be loaded

    terminal = Terminal()
    ask = prepared(arguments, terminal)
    with LocalCognito() as server:
        pool = server.add_story_pool()
        client = local_client(server.url, server.region)
        trace.attach(client)
        report = preflight.inspect(CognitoIdentityProviderWrapper(client, pool.pool_id, pool.client_id), None)
        if arguments.check:
            return show_report(report, as_json=arguments.json)
        terminal.say(f"No IDs were given, so this runs on a user pool of its own at {server.url}.")
        terminal.say("It exists only while the program runs: any name and any address will do.")
        preflight.show(terminal, report)
        mailbox = Mailbox(server.url)
        run_scenario(
            client,
            pool.pool_id,
            pool.client_id,
            terminal=terminal,
            ask=Unattended(terminal, mailbox) if arguments.auto else ask,
            wait=(lambda _seconds, _reason: False) if arguments.auto else terminal.wait,
            mailbox=mailbox,
            authenticator=Authenticator(),
            is_attended=is_somebody_there() and not arguments.auto,
            trace=trace,
            how_to_remove=NOTHING_STAYS,
        )
    return 0


if __name__ == "__main__":
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("SIGTERM", "SIGHUP"):  # by default they would leave the QR code's image behind
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, _: sys.exit(128 + number))
    sys.exit(main())
