"""Walk through Amazon Cognito sign-up with MFA and device tracking, one step at a time.

1. Sign up with a user name, a password and an e-mail address.
2. Confirm the sign-up with the code from the e-mail.
3. List the users of the pool.
4. Set up an authenticator app from a QR code.
5. Sign in with password and MFA code; get tokens and a device key.
6. Confirm the device, so that Cognito tracks it.
7. Sign in from the tracked device with password and SRP proof, without an MFA code.
8. Renew the tokens, and check one as a server does.
9. Clean up.

Run it with a user pool ID and an app client ID against AWS, or with neither on a pool of its own
on this machine.

To learn the API, read from `tell` downwards. A method of `scenario.cognito` that bears the name of an action
of Amazon Cognito is one call of it. Each step explains, calls and shows; where Cognito may refuse, with
botocore's `ClientError`, a function of `scenario/recovery.py` decides what the step goes on from.
"""

from __future__ import annotations

if __name__ == "__main__":
    import program.early_interrupt  # noqa: F401 - Ctrl-C while the rest is loaded ends with no traceback

import sys
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

import cognito_srp
from cognito_idp_actions import (
    UnexpectedChallengeError,
    authentication_result,
    challenge_user_name,
    check_totp_offered,
)
from program import run
from program.outline import Outline
from scenario import sign_up_experiments as experiments
from scenario import words
from scenario.asking import ask_code, ask_email, ask_new_password, ask_user_name, ask_yesno
from scenario.challenges import answer_challenge, is_app_wanted
from scenario.device_texts import explain_missing_device, show_exchange
from scenario.leftovers import announcing_leftovers, show_what_exists, what_is_left
from scenario.mail import confirm_without_mail, show_mail, show_new_code
from scenario.recovery import (
    recover_app_code,
    recover_confirmation,
    recover_device,
    recover_device_sign_in,
    recover_enrolment,
    recover_expired_token,
    recover_removal,
    recover_renewal,
    recover_sign_in,
    recover_sign_up,
)
from scenario.sign_up_experiments import with_changed_letter
from scenario.state import Account, Device, Scenario, UserState
from scenario.tokens import offer_access_token, show_tokens, show_verified
from scenario.user_table import MOST_SHOWN, is_among, show_users
from token_verifier import CognitoAuthError, TokenVerifier

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import AssociateSoftwareTokenResponseTypeDef
    from typing_extensions import Unpack

    from cognito_idp_actions import SignInAnswer
    from scenario.surroundings import Options


def tell(scenario: Scenario, account: Account) -> None:
    """Go through the steps. Each leaves in the account what the next ones need of it."""
    sign_up(scenario, account)
    confirm_sign_up(scenario, account)
    list_users(scenario, account)
    challenge = set_up_mfa(scenario, account)
    sign_in_with_mfa(scenario, account, challenge)
    confirm_device(scenario, account)
    sign_in_from_device(scenario, account)
    renew_tokens(scenario, account)
    clean_up(scenario, account)


# Step 1


def sign_up(scenario: Scenario, account: Account) -> None:
    """Make a user. Cognito sends a code to the e-mail address, and waits for it in step 2."""
    scenario.begin(words.SIGN_UP)
    account.user_name = ask_user_name(scenario)
    account.email = ask_email(scenario)
    account.password = ask_new_password(scenario)
    while not account.exists:
        account.state = UserState.MAYBE_SIGNED_UP
        try:
            answer = scenario.cognito.sign_up(account.user_name, account.password, {"email": account.email})
        except ClientError as refusal:
            recover_sign_up(scenario, account, refusal)
        else:
            account.state = UserState.CONFIRMED if answer["UserConfirmed"] else UserState.NOT_CONFIRMED
            scenario.terminal.done(f"{account.user_name} is signed up.")
    scenario.end(
        experiments.SAME_NAME_AGAIN(
            lambda: scenario.cognito.sign_up(account.user_name, account.password, {"email": account.email})
        )
    )


# Step 2


def confirm_sign_up(scenario: Scenario, account: Account) -> None:
    """Prove with the code that the address is the user's; until then Cognito lets nobody sign in."""
    scenario.begin(words.CONFIRM_SIGN_UP)
    if account.is_confirmed:
        scenario.terminal.done("Cognito says that this user is confirmed already.")
        return
    scenario.terminal.say(f"Cognito has sent a code to {account.email}.")
    show_mail(scenario, account.email)
    confirm_without_mail(scenario, account)  # does nothing when a person reads the mail
    code = ""
    while not account.is_confirmed:
        code = ask_code(scenario, "Code from the e-mail (Enter alone sends a new one)", "confirmation_code")
        try:
            if code:
                scenario.cognito.confirm_sign_up(account.user_name, code)
                account.state = UserState.CONFIRMED
            else:
                delivery = scenario.cognito.resend_confirmation_code(account.user_name)
                show_new_code(scenario, account, delivery)
        except ClientError as refusal:
            recover_confirmation(scenario, account, refusal, code)
    user = scenario.cognito.admin_get_user(account.user_name)
    scenario.terminal.done(f"{account.user_name} is confirmed: the status is {user['UserStatus']}.")
    if code:
        scenario.end(
            experiments.CODE_AGAIN(lambda: scenario.cognito.confirm_sign_up(account.user_name, code))
        )


# Step 3


def list_users(scenario: Scenario, account: Account) -> None:
    """Look at what is in the pool by now. Unlike the steps before, this needs AWS credentials."""
    scenario.begin(words.LIST_USERS)
    users = scenario.cognito.list_users(limit=MOST_SHOWN + 1)
    own = None
    if len(users) > MOST_SHOWN and not is_among(users, account.user_name):
        own = scenario.cognito.admin_get_user(account.user_name)
    show_users(scenario.terminal, users, own, scenario.pool_facts().estimated_users)
    scenario.end(experiments.UNKNOWN_USER(lambda: scenario.cognito.admin_get_user("nobody-has-this-name")))


# Step 4


def set_up_mfa(scenario: Scenario, account: Account) -> SignInAnswer | None:
    """Share a secret with Cognito, from which it and an authenticator app compute the same codes.

    The password brings no tokens yet but a challenge, MFA_SETUP, and a session to answer it in. With that
    session Cognito gives the secret, and another session, in which it takes a code of the app as proof that
    the secret arrived there. That ends this sign-in: step 5 begins another one.

    Returns:
        Cognito's answer to the sign-in, if there was nothing to set up, for step 5 to go on from.
    """
    scenario.begin(words.SET_UP_MFA)
    answer = sign_in(scenario, account, stops_at_challenge=True)
    wants_app = answer.get("ChallengeName") == "MFA_SETUP" or is_app_wanted(scenario, answer)
    while wants_app and answer.get("ChallengeName", "MFA_SETUP") == "MFA_SETUP":
        # Where MFA is optional, the password brought tokens: then the access token stands in for a session.
        session, access_token = answer.get("Session"), account.tokens.get("AccessToken")
        if session:
            check_totp_offered(answer)
        try:
            key = scenario.cognito.associate_software_token(session, access_token)
            scenario.explain(words.SESSION if session else words.NO_SESSION)
            enrol_app(scenario, account, key, access_token)
        except ClientError as refusal:
            wants_app = recover_enrolment(scenario, account, refusal)
            answer = sign_in(scenario, account, stops_at_challenge=True) if wants_app else answer
        else:
            if session:
                again = partial(scenario.cognito.associate_software_token, session)
                scenario.end(experiments.SESSION_AGAIN(again))
            return None
    return answer


def sign_in(
    scenario: Scenario,
    account: Account,
    answer: SignInAnswer | None = None,
    *,
    stops_at_challenge: bool = False,
) -> SignInAnswer:
    """Send user name and password, and answer the challenges that follow, until there are tokens; keep them.

    A user may sign in with an alias, such as the e-mail address. Cognito then gives the real user name, and
    only that one is right from here on.

    Args:
        scenario: the surroundings.
        account: who signs in.
        answer: Cognito's answer to a sign-in that was begun, or None to begin one.
        stops_at_challenge: whether to return the first challenge, apart from one for a new password.
    """
    while answer is None or "AuthenticationResult" not in answer:
        try:
            if answer is None:
                answer = scenario.cognito.admin_initiate_auth(
                    account.user_name, account.password, auth_flow="ADMIN_USER_PASSWORD_AUTH"
                )
                account.user_name = challenge_user_name(answer, account.user_name)
            elif stops_at_challenge and answer.get("ChallengeName") != "NEW_PASSWORD_REQUIRED":
                return answer
            elif answer.get("ChallengeName") == "SOFTWARE_TOKEN_MFA":
                code = scenario.app.ask_code("MFA code", "mfa_code")
                answer = scenario.cognito.admin_respond_to_auth_challenge(
                    account.user_name,
                    "SOFTWARE_TOKEN_MFA",
                    answer["Session"],
                    {"SOFTWARE_TOKEN_MFA_CODE": code},
                )
            else:
                answer = answer_challenge(scenario, account, answer)
        except ClientError as refusal:
            answer = recover_sign_in(scenario, account, answer, refusal)
    account.keep_tokens(answer["AuthenticationResult"])
    return answer


def enrol_app(
    scenario: Scenario,
    account: Account,
    key: AssociateSoftwareTokenResponseTypeDef,
    access_token: str | None,
) -> None:
    """Show the key, and prove with a code that the app has it: in a session, or with an access token."""
    session, status = key.get("Session"), ""
    issuer = f"Cognito {scenario.cognito.user_pool_id}"
    with scenario.app.showing_key(key["SecretCode"], issuer, account.user_name):
        while status != "SUCCESS":
            code = scenario.app.ask_code("Code that the app shows", "set_up_code")
            try:
                verified = scenario.cognito.verify_software_token(session, code, access_token)
            except ClientError as refusal:
                recover_app_code(scenario, refusal)
            else:
                status, session = verified["Status"], verified.get("Session", session)
                if status != "SUCCESS":
                    scenario.app.say_code_was_wrong()
    scenario.terminal.done("The app is enrolled.")
    if access_token:  # MFA is optional here, so that Cognito has to be told to ask for it
        scenario.cognito.set_user_mfa_preference(access_token, {"Enabled": True, "PreferredMfa": True})
        scenario.terminal.done("From now on Cognito asks this user for a code (SetUserMFAPreference).")


# Step 5


def sign_in_with_mfa(scenario: Scenario, account: Account, answer: SignInAnswer | None) -> None:
    """Sign in with password and code; keep the tokens.

    Now the password brings the challenge SOFTWARE_TOKEN_MFA, and the code, in the session of that challenge,
    the tokens. `answer` is Cognito's to a sign-in that step 4 has begun, or None to begin one.
    """
    scenario.begin(words.SIGN_IN)
    is_begun = answer is not None
    answer = answer or sign_in(scenario, account, stops_at_challenge=True)
    if "AuthenticationResult" in answer:
        scenario.terminal.warn("Cognito asked for the password alone: MFA is off or optional in this pool.")
    elif not is_begun:
        scenario.explain(words.USER_ID_FOR_SRP)
        scenario.app.wait_for_next_code()  # Cognito takes each code once, and step 4 has used one
    sign_in(scenario, account, answer)
    show_tokens(scenario, "Signed in", account.tokens)
    scenario.explain(words.CLAIMS)
    offer_access_token(scenario, account.access_token)
    changed = with_changed_letter(account.access_token)
    scenario.end(experiments.CHANGED_TOKEN(lambda: scenario.cognito.get_user(changed)))


# Step 6


def confirm_device(scenario: Scenario, account: Account) -> None:
    """Give the device a password of its own, which from now on stands in for the MFA code.

    A pool that tracks devices has given this one two keys along with the tokens. Cognito gets a salt and a
    verifier, made from the keys and the password, and can check later that the device knows the password.
    """
    scenario.begin(words.CONFIRM_DEVICE)
    metadata = account.tokens.get("NewDeviceMetadata")
    if not metadata:
        explain_missing_device(scenario)
        return
    device = Device.with_random_password(metadata["DeviceKey"], metadata["DeviceGroupKey"])
    verifier = scenario.cognito.device_verifier(
        scenario.aws_srp, device.key, device.group_key, device.password
    )
    try:
        answer = scenario.cognito.confirm_device(account.access_token, device.key, verifier)
    except ClientError as refusal:
        answer = recover_device(refusal)
    account.device = device
    scenario.terminal.done("Cognito has a verifier of the device's password, never the password itself.")
    scenario.explain(words.VERIFIER)
    if answer.get("UserConfirmationNecessary"):
        remember_device(scenario, account, device)
    scenario.end(
        experiments.DEVICE_AGAIN(
            lambda: scenario.cognito.confirm_device(account.access_token, device.key, verifier)
        )
    )


def remember_device(scenario: Scenario, account: Account, device: Device) -> None:
    """Ask whether to remember the device, in a pool that waits for its user's agreement."""
    device.is_remembered = False
    scenario.terminal.say("This pool remembers a device only when its user agrees.")
    wants_it = ask_yesno(scenario, "Remember this device?", "remember_device")
    while wants_it and not device.is_remembered:
        try:
            scenario.cognito.update_device_status(account.access_token, device.key, "remembered")
            device.is_remembered = True
            scenario.terminal.done("The device is remembered.")
        except ClientError as refusal:
            recover_expired_token(scenario, account, refusal)
            sign_in(scenario, account)


# Step 7


def sign_in_from_device(scenario: Scenario, account: Account) -> None:
    """Sign in once more: the device's SRP proof stands in for the MFA code.

    The password comes with the device key this time. In place of a code Cognito asks for a proof, by the
    Secure Remote Password protocol, that the device knows its own password; that is never sent.
    """
    scenario.begin(words.SIGN_IN_FROM_DEVICE)
    device, before, name = account.device, account.tokens, account.user_name
    if device is None or not device.is_remembered:
        scenario.terminal.warn("There is no tracked device to sign in from, so this step is left out.")
        return
    tokens = None
    while tokens is None:
        proof = scenario.cognito.device_proof(scenario.aws_srp, device.key, device.group_key, device.password)
        try:
            asks_for_a = scenario.cognito.initiate_auth(
                name, account.password, auth_flow="USER_PASSWORD_AUTH", device_key=device.key
            )
            name = challenge_user_name(asks_for_a, name)
            public_value = proof.public_value(asks_for_a)  # SRP_A, with the device key
            asks_for_proof = scenario.cognito.respond_to_auth_challenge(
                name, "DEVICE_SRP_AUTH", asks_for_a["Session"], public_value
            )
            name = challenge_user_name(asks_for_proof, name)
            claim = proof.claim(asks_for_proof)  # of SRP_B, SALT and SECRET_BLOCK: a signature, and its time
            show_exchange(scenario, public_value, asks_for_proof)
            answer = scenario.cognito.respond_to_auth_challenge(
                name, "DEVICE_PASSWORD_VERIFIER", asks_for_proof["Session"], claim
            )
            tokens = authentication_result(answer)
        except UnexpectedChallengeError as error:
            scenario.terminal.warn(str(error))
            return
        except ClientError as refusal:
            recover_device_sign_in(scenario, account, refusal)
    account.keep_tokens(tokens)
    scenario.terminal.done(f"{account.user_name} signed in from a tracked device, without an MFA code.")
    show_tokens(scenario, "Signed in", tokens, before)
    scenario.end(
        experiments.PROOF_AGAIN(
            lambda: scenario.cognito.respond_to_auth_challenge(
                name, "DEVICE_PASSWORD_VERIFIER", asks_for_proof["Session"], claim
            )
        )
    )


# Step 8


def renew_tokens(scenario: Scenario, account: Account) -> None:
    """Get new tokens for the refresh token; then check the new access token as a server does."""
    scenario.begin(words.RENEW_TOKENS)
    before, refresh_token = account.tokens, account.tokens.get("RefreshToken")
    if not refresh_token:
        scenario.terminal.warn("Cognito gave no refresh token, so this step is left out.")
        return
    device_key = account.device.key if account.device else None
    try:
        renewed = scenario.cognito.get_tokens_from_refresh_token(refresh_token, device_key)
    except ClientError as refusal:
        recover_renewal(scenario, refusal)
        return
    account.keep_renewed_tokens(renewed)
    show_tokens(scenario, "Renewed", renewed, before)
    scenario.explain(words.REFRESH)
    verify_token(scenario, account)
    is_old = account.tokens["RefreshToken"] != refresh_token  # the app client rotates them
    experiment = experiments.OLD_REFRESH_TOKEN if is_old else experiments.CHANGED_REFRESH_TOKEN
    bad = refresh_token if is_old else with_changed_letter(refresh_token)
    scenario.end(experiment(lambda: scenario.cognito.get_tokens_from_refresh_token(bad, device_key)))


def verify_token(scenario: Scenario, account: Account) -> None:
    """Check the access token with the pool's published keys, claim by claim."""
    scenario.explain(words.VERIFYING)
    verifier = TokenVerifier(
        scenario.cognito.user_pool_id, client_ids=scenario.cognito.client_id, jwks_url=scenario.jwks_url()
    )
    try:
        claims = verifier.verify(account.access_token, "access")
    except CognitoAuthError as error:
        scenario.terminal.warn(str(error))
    else:
        show_verified(scenario, claims)


# Step 9


def clean_up(scenario: Scenario, account: Account) -> None:
    """Offer to forget the device and to delete the user; say how to remove what stays."""
    scenario.begin(words.CLEAN_UP)
    device = account.device
    if device and ask_yesno(scenario, "Forget the device?", "forget_device"):
        forget_device(scenario, account, device)
    whom = account.user_name if account.is_new else f"{account.user_name}, who was there before this run"
    if ask_yesno(scenario, f"Delete the user {whom}?", "delete_user", default=account.is_new):
        delete_user(scenario, account)
    else:
        show_what_exists(scenario, account)


def forget_device(scenario: Scenario, account: Account, device: Device) -> None:
    """Have Cognito forget the device."""
    while account.device:
        try:
            scenario.cognito.forget_device(account.access_token, device.key)
        except ClientError as refusal:
            if not recover_removal(scenario, account, refusal):
                sign_in(scenario, account)
                continue
        account.device = None
    scenario.terminal.done("The device is forgotten: it can't stand in for an MFA code any more.")
    scenario.end(
        experiments.FORGOTTEN_DEVICE(
            lambda: scenario.cognito.initiate_auth(account.user_name, account.password, device_key=device.key)
        )
    )


def delete_user(scenario: Scenario, account: Account) -> None:
    """Delete the user, and the devices that are left with it."""
    account.state = UserState.MAYBE_DELETED
    while account.exists:
        try:
            scenario.cognito.delete_user(account.access_token)
        except ClientError as refusal:
            if not recover_removal(scenario, account, refusal):
                sign_in(scenario, account)
                continue
        account.state, account.device = UserState.ABSENT, None
    scenario.terminal.done(f"{account.user_name} is deleted.")
    scenario.end(
        experiments.DELETED_USER(lambda: scenario.cognito.initiate_auth(account.user_name, account.password))
    )


# The program


def play(scenario: Scenario) -> str:
    """Play the scenario to its end; return what of the run is left in the pool, in a sentence."""
    account = Account()
    with announcing_leftovers(scenario, account):
        tell(scenario, account)
    return what_is_left(account)


def run_scenario(
    cognito_idp_client: CognitoIdentityProviderClient,
    user_pool_id: str,
    client_id: str,
    *,
    aws_srp: ModuleType = cognito_srp,
    **options: Unpack[Options],
) -> str:
    """Run the scenario from sign-up to the sign-in from a tracked device, and the clean-up.

    Args:
        cognito_idp_client: a boto3 client for `cognito-idp`.
        user_pool_id: the user pool's ID.
        client_id: the app client's ID.
        aws_srp: the SRP helper; `pycognito.aws_srp` and `warrant.aws_srp` will do as well.
        **options: such as `client_secret` and `person`; see `scenario/surroundings.py`.

    Returns:
        What of the run is left in the pool, in a sentence.

    Raises:
        ClientError: Cognito refused something that no other answer can put right.
        SignInError: Cognito asks for something that the scenario does not have.
        EndOfInput: a question had no answer.
    """
    from scenario.surroundings import surroundings  # noqa: PLC0415 - `main` makes its own, after the first words

    pool = cognito_idp_client, user_pool_id, client_id
    return play(surroundings(*pool, steps=words.STEPS, aws_srp=aws_srp, **options))


OUTLINE = Outline(
    file="scenario_signup_user_with_mfa.py",
    what="The life of an Amazon Cognito user in nine steps, with MFA and device tracking.",
    steps=words.STEPS,
    play=play,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program, and return its exit status; see `program/run.py`."""
    return run.main(OUTLINE, argv)


if __name__ == "__main__":
    sys.exit(main())
