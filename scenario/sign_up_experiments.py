"""The experiments of the sign-up with MFA: title, reason of the refusal, and its error code."""

from __future__ import annotations

from functools import partial
from typing import Final

from scenario.experiments import Experiment

_NOT_AUTHORIZED: Final = "NotAuthorizedException"

SAME_NAME_AGAIN = partial(
    Experiment,
    "Sign up once more with the same user name",
    "A pool has each user name once. PreventUserExistenceErrors does not hide that at sign-up.",
    "UsernameExistsException",
)
CODE_AGAIN = partial(
    Experiment,
    "Send the confirmation code once more",
    "The user is confirmed, so that there is nothing left to confirm.",
    _NOT_AUTHORIZED,
)
UNKNOWN_USER = partial(
    Experiment,
    "Look up a user who does not exist",
    "Whoever has AWS credentials may know who is in the pool; a sign-in would not tell.",
    "UserNotFoundException",
)
SESSION_AGAIN = partial(
    Experiment,
    "Ask for another key in the session that was used",
    "A session is good once; the next call needs the session of the answer before it.",
    _NOT_AUTHORIZED,
)
CHANGED_TOKEN = partial(
    Experiment,
    "Use the access token with one letter of its signature changed",
    "The signature is no longer that of the pool's key. Changed claims would be found out the same way.",
    _NOT_AUTHORIZED,
)
DEVICE_AGAIN = partial(
    Experiment,
    "Confirm the device once more",
    "A device gets its verifier once; a thief with an access token can't exchange it.",
    "DeviceKeyExistsException",
)
PROOF_AGAIN = partial(
    Experiment,
    "Send the device's proof once more",
    "The session is used up, and another one would have another B, for which this proof is wrong.",
    _NOT_AUTHORIZED,
)
OLD_REFRESH_TOKEN = partial(
    Experiment,
    "Use the old refresh token once more",
    "The new token has replaced it: a copy that somebody else has is of no use.",
    "RefreshTokenReuseException",
)
CHANGED_REFRESH_TOKEN = partial(
    Experiment,
    "Use the refresh token with one letter changed",
    "Refresh tokens are encrypted for Cognito alone, and it notices each change.",
    _NOT_AUTHORIZED,
)
FORGOTTEN_DEVICE = partial(
    Experiment,
    "Sign in with the key of the forgotten device",
    "An app that gets this forgets the device and signs in without it.",
    "ResourceNotFoundException",
)
DELETED_USER = partial(
    Experiment,
    "Sign in as the user who was deleted",
    "Cognito does not tell that the name is gone: with PreventUserExistenceErrors it refuses as if the "
    "password were wrong.",
    _NOT_AUTHORIZED,
)


def with_changed_letter(token: str) -> str:
    """Return a token with another letter in the middle of its last part, the signature."""
    place = (token.rfind(".") + 1 + len(token)) // 2
    return token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
