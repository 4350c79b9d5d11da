"""The experiments of the sign-in without a password: title, reason of the refusal, and its error code."""

from __future__ import annotations

from functools import partial
from typing import Final

from scenario.experiments import Experiment

ANOTHER_ORIGIN: Final = "https://login.example"
_NOT_AUTHORIZED: Final = "NotAuthorizedException"

SAME_ADDRESS_AGAIN = partial(
    Experiment,
    "Sign up once more with the same address",
    "The address is the user's name, and a pool has each name once.",
    "UsernameExistsException",
)
SESSION_AGAIN = partial(
    Experiment,
    "Sign in once more with the session of ConfirmSignUp",
    "A session is good once. From here on it takes a factor to sign in.",
    _NOT_AUTHORIZED,
)
FOREIGN_REGISTRATION = partial(
    Experiment,
    f"Register a passkey that a page of {ANOTHER_ORIGIN} had made",
    "The browser's data has that origin, which is none of the relying party's.",
    "WebAuthnOriginNotAllowedException",
)
REPLAY = partial(
    Experiment,
    "Begin another sign-in, and replay what was signed for the one before",
    "It is signed, but not over the challenge of this sign-in: a recorded answer is worth nothing.",
    _NOT_AUTHORIZED,
)
FOREIGN_PAGE = partial(
    Experiment,
    f"Sign for a page of {ANOTHER_ORIGIN}",
    "A page that only looks like yours gets signatures with its own origin in them: Cognito refuses.",
    _NOT_AUTHORIZED,
)
CODE_AGAIN = partial(
    Experiment,
    "Send the code once more",
    "Code and session are used up: who reads the mail later can't sign in with it.",
    _NOT_AUTHORIZED,
)
NOT_AVAILABLE = partial(
    Experiment,
    "Choose a text message, which this user can't get",
    "Only what AvailableChallenges lists can be chosen.",
    "InvalidParameterException",
)
NOT_VERIFIED = partial(
    Experiment,
    "Sign without having verified the user",
    "What counts as MFA has to say that the authenticator has asked for PIN, finger or face.",
    _NOT_AUTHORIZED,
)
