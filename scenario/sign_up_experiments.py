"""The experiments of the sign-up with MFA: what Cognito refuses at the end of each step, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scenario.experiments import Experiment

if TYPE_CHECKING:
    from cognito_idp_actions import SignInAnswer
    from scenario.state import Account, Device, Scenario

_NOBODY: Final = "nobody-has-this-name"
_REFUSED: Final = "NotAuthorizedException"


def same_name_again(scenario: Scenario, account: Account) -> Experiment:
    """Sign up once more with the same user name."""
    return Experiment(
        "Sign up once more with the same user name",
        "A pool has each user name once. PreventUserExistenceErrors does not hide that at sign-up.",
        "UsernameExistsException",
        lambda: scenario.cognito.sign_up(account.user_name, account.password, {"email": account.email}),
    )


def confirmation_code_again(scenario: Scenario, account: Account, code: str) -> list[Experiment]:
    """Send the confirmation code once more, if there was one."""
    experiment = Experiment(
        "Send the confirmation code once more",
        "The user is confirmed, so that there is nothing left to confirm.",
        _REFUSED,
        lambda: scenario.cognito.confirm_sign_up(account.user_name, code),
    )
    return [experiment] if code else []


def unknown_user(scenario: Scenario) -> Experiment:
    """Look up a user who does not exist."""
    return Experiment(
        "Look up a user who does not exist",
        "Whoever has AWS credentials may know who is in the pool; a sign-in would not tell.",
        "UserNotFoundException",
        lambda: scenario.cognito.admin_get_user(_NOBODY),
    )


def session_again(scenario: Scenario, session: str) -> Experiment:
    """Ask for another key in a session that was used."""
    return Experiment(
        "Ask for another key in the session that was used",
        "A session is good once; the next call needs the session of the answer before it.",
        _REFUSED,
        lambda: scenario.cognito.associate_software_token(session),
    )


def changed_token(scenario: Scenario, account: Account) -> Experiment:
    """Use the access token with one letter of its signature changed."""
    return Experiment(
        "Use the access token with one letter of its signature changed",
        "The signature is no longer that of the pool's key. Changed claims would be found out the same way.",
        _REFUSED,
        lambda: scenario.cognito.get_user(with_changed_letter(account.access_token)),
    )


def with_changed_letter(token: str) -> str:
    """Return a token with another letter in the middle of its last part, the signature."""
    place = (token.rfind(".") + 1 + len(token)) // 2
    return token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]


def device_again(scenario: Scenario, account: Account, device: Device) -> Experiment:
    """Confirm the device once more."""

    def call() -> object:
        verifier = scenario.cognito.device_verifier(
            scenario.aws_srp, device.key, device.group_key, device.password
        )
        return scenario.cognito.confirm_device(account.access_token, device.key, verifier)

    return Experiment(
        "Confirm the device once more",
        "A device gets its verifier once; a thief with an access token can't exchange it.",
        "DeviceKeyExistsException",
        call,
    )


def proof_again(
    scenario: Scenario, user_name: str, challenge: SignInAnswer, claim: dict[str, str]
) -> Experiment:
    """Send the device's proof once more."""
    return Experiment(
        "Send the device's proof once more",
        "The session is used up, and another one would have another B, for which this proof is wrong.",
        _REFUSED,
        lambda: scenario.cognito.respond_to_auth_challenge(
            user_name, "DEVICE_PASSWORD_VERIFIER", challenge["Session"], claim
        ),
    )


def old_refresh_token(scenario: Scenario, account: Account, old: str, device_key: str | None) -> Experiment:
    """Use a refresh token that was rotated, or in a pool that does not rotate them one that is not right."""
    if account.tokens["RefreshToken"] != old:
        return Experiment(
            "Use the old refresh token once more",
            "The new token has replaced it: a copy that somebody else has is of no use.",
            "RefreshTokenReuseException",
            lambda: scenario.cognito.get_tokens_from_refresh_token(old, device_key),
        )
    return Experiment(
        "Use the refresh token with one letter changed",
        "Refresh tokens are encrypted for Cognito alone, and it notices each change.",
        _REFUSED,
        lambda: scenario.cognito.get_tokens_from_refresh_token(with_changed_letter(old), device_key),
    )


def forgotten_device(scenario: Scenario, account: Account, device_key: str) -> Experiment:
    """Sign in with the key of the forgotten device."""
    return Experiment(
        "Sign in with the key of the forgotten device",
        "An app that gets this drops what it has kept of the device, and signs in without.",
        "ResourceNotFoundException",
        lambda: scenario.cognito.initiate_auth(account.user_name, account.password, device_key=device_key),
    )


def deleted_user(scenario: Scenario, account: Account) -> Experiment:
    """Sign in as the user who was deleted."""
    return Experiment(
        "Sign in as the user who was deleted",
        "Cognito does not tell that the name is gone: with PreventUserExistenceErrors it refuses as if the "
        "password were wrong.",
        _REFUSED,
        lambda: scenario.cognito.initiate_auth(account.user_name, account.password),
    )
