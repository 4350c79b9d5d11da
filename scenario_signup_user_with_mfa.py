"""Walk through Amazon Cognito sign-up with MFA and device tracking, one step at a time.

1. Sign up with a user name, a password and an e-mail address.
2. Confirm the sign-up with the code from the e-mail.
3. List the users of the pool.
4. Set up an authenticator app from a QR code.
5. Sign in with password and MFA code; get tokens and a device key.
6. Confirm the device, so that Cognito tracks it.
7. Sign in from the tracked device with password and SRP proof, without an MFA code.

Run it with a user pool ID and an app client ID against AWS, or with neither on a pool of its own
on this machine. `run_scenario` is the story; each step is a function below it.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import secrets
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from pycognito import aws_srp as pycognito_srp

import advice
import preflight
import question
from advice import stopped
from code_prompt import CodePrompt, key_uri, seconds_to_next_code
from cognito_idp_actions import (
    TOKENS,
    CognitoIdentityProviderWrapper,
    SignInError,
    UnexpectedChallengeError,
    challenge_user_name,
)
from connections import aws_client, local_client
from question import EndOfInput, matches, non_empty, printable
from stand_ins import Authenticator, Mailbox, Unattended
from terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import ModuleType

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from question import Asker

    Answer = Mapping[str, Any]

STEPS = 7
DEVICE_PASSWORD_BYTES = 40
INTERRUPTED = 130
HOW_TO_REMOVE = (
    "To remove the user: aws cognito-idp admin-delete-user --user-pool-id {user_pool_id} --username NAME. "
    "If the pool came from the template: aws cloudformation delete-stack --stack-name sign-up-with-mfa"
)
WRONG_CODE = {"CodeMismatchException", "EnableSoftwareTokenMFAException"}

EXAMPLES = """examples:
  python scenario_signup_user_with_mfa.py                                  on a pool on this machine
  python scenario_signup_user_with_mfa.py --auto                           the same, with nobody to answer
  python scenario_signup_user_with_mfa.py us-east-1_AbCdEf123 1example2id  on a pool in AWS
  python scenario_signup_user_with_mfa.py ... --check                      only check the pool's settings

environment:
  COGNITO_CLIENT_SECRET  the app client's secret, if it has one
  AWS_PROFILE, ...       boto3's usual credentials; the region is the pool's own"""

user_name_like = matches(r"\S{1,128}", "A user name has 1 to 128 characters and no spaces.")
email_like = matches(r"[^@\s]+@[^@\s]+\.[^@\s.]+", "That does not look like an e-mail address.")
password_like = matches(r"\S{6,256}", "A password has 6 to 256 characters and no spaces.")


@dataclass
class Story:
    """What every step works with: Cognito, the screen, and whoever answers."""

    cognito: CognitoIdentityProviderWrapper
    terminal: Terminal
    ask: Asker
    wait: Callable[[float, str], bool]
    aws_srp: ModuleType
    mailbox: Mailbox | None
    codes: CodePrompt
    issuer: str


@dataclass
class Account:
    """The person who signs up; *user_name* becomes the one that Cognito gave, once it gave one."""

    user_name: str
    email: str
    password: str = field(repr=False)


@dataclass
class Device:
    """What a device must keep to sign in without MFA code."""

    key: str
    group_key: str
    password: str = field(repr=False)


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
) -> None:
    """Run the story from sign-up to the sign-in from a tracked device.

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

    Raises:
        ClientError: Cognito refused something that no other answer can mend.
        SignInError: Cognito asks for something that the story does not have.
        EndOfInput: a question had no answer.
    """
    terminal = terminal or Terminal()
    story = Story(
        cognito=CognitoIdentityProviderWrapper(cognito_idp_client, user_pool_id, client_id, client_secret),
        terminal=terminal,
        ask=ask,
        wait=wait or terminal.wait,
        aws_srp=aws_srp,
        mailbox=mailbox,
        codes=CodePrompt(terminal, ask, authenticator),
        issuer=f"Cognito {user_pool_id}",
    )
    account, is_confirmed = sign_up(story)
    confirm_sign_up(story, account, is_confirmed=is_confirmed)
    list_users(story)
    challenge = set_up_mfa(story, account)
    tokens = sign_in_with_mfa(story, account, challenge)
    device = confirm_device(story, account, tokens)
    sign_in_from_device(story, account, device)


def begin_step(story: Story, number: int, title: str, actions: str) -> None:
    """Show the heading of a step, and the Cognito actions that it calls."""
    story.terminal.heading(number, STEPS, title)
    story.terminal.hint(f"Cognito actions: {actions}")


# Step 1


def sign_up(story: Story) -> tuple[Account, bool]:
    """Ask until Cognito takes what it is given; return that, and whether the account is confirmed already."""
    begin_step(story, 1, "Sign up", "SignUp")
    account = Account(
        user_name=ask_user_name(story), email=ask_email(story), password=ask_new_password(story)
    )
    while True:
        try:
            is_confirmed = story.cognito.sign_up_user(account.user_name, account.password, account.email)
        except ClientError as error:
            ask_what_was_wrong(story, account, error)
        else:
            story.terminal.done(f"{account.user_name} is signed up.")
            return account, is_confirmed


def ask_user_name(story: Story) -> str:
    """Ask for a user name."""
    name: str = story.ask("User name", non_empty, user_name_like, name="user_name")
    return name


def ask_email(story: Story) -> str:
    """Ask for an e-mail address."""
    email: str = story.ask("E-mail address", non_empty, email_like, name="email")
    return email


def ask_new_password(story: Story) -> str:
    """Ask for a new password, twice."""
    story.terminal.hint(
        "Cognito's own policy: 8 characters or more, upper and lower case, number and symbol."
    )
    return question.ask_twice(
        "Password",
        non_empty,
        printable,
        password_like,
        again="Password once more",
        ask=story.ask,
        name="password",
    )


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


def confirm_sign_up(story: Story, account: Account, *, is_confirmed: bool) -> None:
    """Ask for the code from the e-mail until Cognito accepts one; an empty answer sends a new one."""
    begin_step(story, 2, "Confirm the sign-up", "ConfirmSignUp, ResendConfirmationCode")
    if is_confirmed:
        story.terminal.done("Cognito says that this user is confirmed already.")
        return
    story.terminal.say(f"Cognito has sent a code to {account.email}. It may have landed in the spam folder.")
    show_mail(story, account)
    while True:
        code = story.ask("Code from the e-mail (Enter alone sends a new one)", name="confirmation_code")
        if not code:
            resend(story, account)
        elif is_code_accepted(story, account, code):
            story.terminal.done(f"{account.user_name} is confirmed, and the e-mail address is verified.")
            return


def is_code_accepted(story: Story, account: Account, code: str) -> bool:
    """Confirm with the code; False, with the reason shown, when another code may work."""
    try:
        return story.cognito.confirm_user_sign_up(account.user_name, code)
    except ClientError as error:
        refusal, message = code_and_message(error)
        if "Current status is CONFIRMED" in message:
            return True
        if refusal not in {"CodeMismatchException", "ExpiredCodeException", "InvalidParameterException"}:
            raise
        story.terminal.warn(message)
        return False


def resend(story: Story, account: Account) -> None:
    """Have a new code sent; when that was asked for too often, say so and go on with the codes there are."""
    try:
        delivery = story.cognito.resend_confirmation(account.user_name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "LimitExceededException":
            raise
        story.terminal.warn(f"{code_and_message(error)[1]} The code that was sent last is still good.")
        return
    where = delivery.get("Destination", account.email)
    story.terminal.done(f"A new code is on its way to {where}; the old one is worthless now.")
    show_mail(story, account)


def show_mail(story: Story, account: Account) -> None:
    """Show the newest message to the person, where there is a mailbox on this machine."""
    message = story.mailbox.latest(account.email) if story.mailbox else None
    if message:
        story.terminal.fields(
            "Mail, as the local pool would have sent it",
            {"To": message["to"], "Subject": message["subject"], "Text": message["body"]},
        )


# Step 3


def list_users(story: Story) -> None:
    """Show the users of the pool."""
    begin_step(story, 3, "List the users of the pool", "ListUsers")
    rows = [
        (user.get("Username", ""), attribute(user, "email"), user.get("UserStatus", ""), shown_time(user))
        for user in story.cognito.list_users()
    ]
    story.terminal.table(f"Users: {len(rows)}", ("User name", "E-mail", "Status", "Created"), rows)


def attribute(user: Mapping[str, Any], name: str) -> str:
    """Return an attribute of a listed user, or an empty string."""
    return next((item.get("Value", "") for item in user.get("Attributes", []) if item["Name"] == name), "")


def shown_time(user: Mapping[str, Any]) -> str:
    """Return when a listed user was created, in local time."""
    created = user.get("UserCreateDate")
    return f"{created:%Y-%m-%d %H:%M:%S}" if created else ""


# Step 4


def set_up_mfa(story: Story, account: Account) -> Answer | None:
    """Enrol an authenticator app; return the challenge for its code when there was nothing to enrol."""
    begin_step(story, 4, "Set up MFA", "AdminInitiateAuth, AssociateSoftwareToken, VerifySoftwareToken")
    while True:
        answer = start_sign_in(story, account)
        if answer.get("ChallengeName") == "SOFTWARE_TOKEN_MFA":
            story.terminal.done("This user has an authenticator app already: there is nothing to set up.")
            return answer
        if answer.get("ChallengeName") != "MFA_SETUP":
            raise unexpected_answer("MFA_SETUP", answer)
        if is_enrolled(story, account, answer):
            return None


def start_sign_in(story: Story, account: Account) -> Answer:
    """Sign in with the password, and ask for it again while it is wrong."""
    while True:
        try:
            answer = story.cognito.start_sign_in(account.user_name, account.password)
        except ClientError as error:
            if code_and_message(error) != ("NotAuthorizedException", "Incorrect username or password."):
                raise
            story.terminal.warn("That is not the password of this user.")
            account.password = story.ask("Password", non_empty, printable, hidden=True, name="password")
        else:
            account.user_name = challenge_user_name(answer, account.user_name)
            story.terminal.fields(
                f"Cognito's challenge: {answer.get('ChallengeName', 'none')}",
                answer.get("ChallengeParameters", {}),
            )
            return answer


def is_enrolled(story: Story, account: Account, answer: Answer) -> bool:
    """Show the QR code and ask for a code until one is right; False when the session ran out meanwhile."""
    secret, session = answer["SecretCode"], answer["Session"]
    with story.codes.qr_code(key_uri(secret, story.issuer, account.user_name), secret):
        while True:
            code = story.codes.code("Code that the app shows", "set_up_code")
            try:
                answer = story.cognito.verify_mfa(session, code)
            except ClientError as error:
                if is_session_over(error):
                    story.terminal.warn(
                        "The session ran out; here is a new key. Remove the old one from the app."
                    )
                    return False
                if error.response["Error"]["Code"] not in WRONG_CODE:
                    raise
                story.codes.was_wrong()
            else:
                if answer.get("Status") == "SUCCESS":
                    story.terminal.done("The app is enrolled.")
                    return True
                session = answer.get("Session", session)
                story.codes.was_wrong()


# Step 5


def sign_in_with_mfa(story: Story, account: Account, challenge: Answer | None) -> Answer:
    """Sign in with password and MFA code, and return the tokens."""
    begin_step(story, 5, "Sign in with MFA", "AdminInitiateAuth, AdminRespondToAuthChallenge")
    if challenge is None:
        challenge = start_sign_in_with_totp(story, account)
        wait_for_next_code(story)
    while True:
        code = story.codes.code("MFA code", "mfa_code")
        try:
            tokens = story.cognito.respond_to_mfa_challenge(account.user_name, challenge["Session"], code)
        except ClientError as error:
            if is_session_over(error):
                story.terminal.warn("The session ran out; signing in again.")
                challenge = start_sign_in_with_totp(story, account)
            elif error.response["Error"]["Code"] == "ExpiredCodeException":
                story.terminal.warn("That code was used before.")
                wait_for_next_code(story)
            elif error.response["Error"]["Code"] in WRONG_CODE:
                story.codes.was_wrong()
            else:
                raise
        else:
            show_tokens(story, tokens)
            return tokens


def start_sign_in_with_totp(story: Story, account: Account) -> Answer:
    """Sign in with the password, up to the question for a code of the authenticator app."""
    answer = start_sign_in(story, account)
    if answer.get("ChallengeName") != "SOFTWARE_TOKEN_MFA":
        raise unexpected_answer("SOFTWARE_TOKEN_MFA", answer)
    return answer


def wait_for_next_code(story: Story) -> None:
    """Wait until the app shows a code that was not used yet."""
    story.wait(seconds_to_next_code(), "Each code works once: waiting for the next one")


def show_tokens(story: Story, tokens: Answer) -> None:
    """Show the tokens, masked, with what their claims say."""
    named = {name: tokens[name] for name in ("AccessToken", "IdToken", "RefreshToken") if name in tokens}
    story.terminal.token_table("Signed in. Tokens (masked) and their claims", named)


# Step 6


def confirm_device(story: Story, account: Account, tokens: Answer) -> Device | None:
    """Confirm the device that came with the tokens; None when the pool tracks no devices."""
    begin_step(story, 6, "Confirm the device", "ConfirmDevice")
    metadata = tokens.get("NewDeviceMetadata")
    if not metadata:
        story.terminal.warn("Cognito gave no device key: this pool does not track devices.")
        story.terminal.hint(
            "Turn it on with DeviceConfiguration (ChallengeRequiredOnNewDevice=true), then run this again."
        )
        return None
    device = Device(
        key=metadata["DeviceKey"],
        group_key=metadata["DeviceGroupKey"],
        password=base64.b64encode(secrets.token_bytes(DEVICE_PASSWORD_BYTES)).decode(),
    )
    story.terminal.fields("New device", {"Device key": device.key, "Device group key": device.group_key})
    must_agree = story.cognito.confirm_mfa_device(
        account.user_name, device.key, device.group_key, device.password, tokens["AccessToken"], story.aws_srp
    )
    story.terminal.done("Cognito has a verifier of the device's password, never the password itself.")
    if must_agree:
        story.cognito.remember_device(tokens["AccessToken"], device.key)
        story.terminal.done(
            "This pool remembers devices only on request (UpdateDeviceStatus): it was told to."
        )
    return device


# Step 7


def sign_in_from_device(story: Story, account: Account, device: Device | None) -> None:
    """Sign in once more: the device's SRP proof stands in for the MFA code."""
    begin_step(story, 7, "Sign in from the tracked device", "InitiateAuth, RespondToAuthChallenge (twice)")
    if device is None:
        story.terminal.warn("There is no tracked device to sign in from, so this step is left out.")
        return
    story.terminal.say("Password, then a proof that the device knows its own password. No MFA code.")
    tokens = story.cognito.sign_in_with_tracked_device(
        account.user_name, account.password, device.key, device.group_key, device.password, story.aws_srp
    )
    show_tokens(story, tokens)
    story.terminal.done(f"{account.user_name} signed in from a tracked device, without an MFA code.")


# What Cognito refused


def code_and_message(error: ClientError) -> tuple[str, str]:
    """Return the error code and the text of a refusal."""
    details = error.response["Error"]
    return details["Code"], details.get("Message", "")


def is_session_over(error: ClientError) -> bool:
    """Tell whether a challenge's session expired or was used up, so that signing in again helps."""
    code, message = code_and_message(error)
    return code == "NotAuthorizedException" and message.startswith("Invalid session")


def unexpected_answer(expected: str, answer: Answer) -> SignInError:
    """Return the error for an answer with another challenge than expected, or with none."""
    received = answer.get("ChallengeName") or TOKENS
    return UnexpectedChallengeError(expected, received, answer.get("ChallengeParameters", {}))


# The program


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status: 0 done, 1 stopped, 2 usage, 130 Ctrl-C."""
    arguments = parse_arguments(argv)
    try:
        if arguments.user_pool_id:
            return run_on_aws(arguments)
        return run_on_local_pool(arguments)
    except KeyboardInterrupt:
        return stopped("Stopped.", status=INTERRUPTED)
    except EndOfInput as end:
        return stopped(str(end), "Answer it at a terminal, or give one line of input for each question.")
    except (ClientError, BotoCoreError) as error:
        return stopped(*advice.explained(error))
    except SignInError as error:
        return stopped(str(error), advice.for_sign_in(error))


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; a wrong one ends the program with status 2."""
    parser = argparse.ArgumentParser(
        description="Walk through Amazon Cognito sign-up with MFA and device tracking, one step at a time.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "user_pool_id", nargs="?", help="a user pool's ID; without IDs the pool is on this machine"
    )
    parser.add_argument("client_id", nargs="?", help="the ID of an app client of that pool")
    parser.add_argument("--auto", action="store_true", help="run on the local pool with nobody to answer")
    parser.add_argument("--check", action="store_true", help="only check whether the pool fits the story")
    parser.add_argument("--json", action="store_true", help="with --check: print the result as JSON")
    arguments = parser.parse_args(argv)
    if arguments.json and not arguments.check:
        parser.error("--json goes with --check")
    if (arguments.user_pool_id is None) != (arguments.client_id is None):
        parser.error("give both IDs, user pool and app client, or neither to run on a pool of this machine")
    if arguments.user_pool_id is None:
        return arguments
    if not re.fullmatch(r"[\w-]+_[0-9a-zA-Z]+", arguments.user_pool_id):
        parser.error("a user pool ID looks like us-east-1_AbCdEf123")
    if not re.fullmatch(r"[\w+]{1,128}", arguments.client_id):
        parser.error("a client ID has letters and digits only")
    if arguments.auto:
        parser.error("--auto is for the local pool: leave out the IDs")
    return arguments


def run_on_aws(arguments: argparse.Namespace) -> int:
    """Check the pool in AWS and run the story on it; return the exit status."""
    user_pool_id, client_id = arguments.user_pool_id, arguments.client_id
    client = aws_client(user_pool_id)
    secret = os.environ.get("COGNITO_CLIENT_SECRET") or None
    report = preflight.inspect(CognitoIdentityProviderWrapper(client, user_pool_id, client_id), secret)
    if arguments.check:
        return show_report(report, as_json=arguments.json)
    preflight.show(Terminal(), report)
    if not report.can_start:
        return stopped("The pool is not set up for the story.", "The lines above say what to change.")
    run_scenario(client, user_pool_id, client_id, client_secret=report.client_secret)
    Terminal().hint(HOW_TO_REMOVE.format(user_pool_id=user_pool_id))
    return 0


def show_report(report: preflight.Report, *, as_json: bool) -> int:
    """Show the pre-flight report alone; return 0 when the whole story can run, else 1."""
    if as_json:
        print(json.dumps(report.as_json(), indent=2))  # noqa: T201 - for scripts, so without any decoration
    else:
        preflight.show(Terminal(), report)
    return 0 if report.ready else 1


def run_on_local_pool(arguments: argparse.Namespace) -> int:
    """Run the story on a pool on this machine; nothing of it is left afterwards."""
    from local_cognito import LocalCognito  # noqa: PLC0415 - against AWS it need not be loaded

    terminal = Terminal()
    with LocalCognito() as server:
        pool = server.add_story_pool()
        client = local_client(server.url, server.region)
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
            ask=Unattended(terminal, mailbox) if arguments.auto else question.ask,
            wait=(lambda _seconds, _reason: False) if arguments.auto else terminal.wait,
            mailbox=mailbox,
            authenticator=Authenticator(),
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
