"""The steps of the sign-in without a password, and sentences that explain new terms."""

from __future__ import annotations

from typing import Final

from scenario.steps import Step

SIGN_UP: Final = Step(
    1,
    "Sign up without a password",
    "A user pool is Cognito's list of your application's users; a program reaches it by an app client. This "
    "pool lets users sign in by a code from an e-mail or by a passkey, so that a new user needs no "
    "password: the e-mail address is enough.",
    ("SignUp",),
)
CONFIRM_SIGN_UP: Final = Step(
    2,
    "Confirm the sign-up, and be signed in",
    "Cognito has sent a code to the address. Giving it back shows that the address is the user's own, and "
    "the same proof counts as the first sign-in. USER_AUTH is the flow of InitiateAuth in which users sign "
    "in as they choose; here the session of ConfirmSignUp goes along, and leaves nothing to ask.",
    ("ConfirmSignUp", "ResendConfirmationCode", "InitiateAuth"),
)
REGISTER: Final = Step(
    3,
    "Register a passkey",
    "A passkey is a pair of keys for one user of one web site. An authenticator (this computer, a phone or "
    "a security key) makes it and keeps the private key, which signs. Cognito gets the public key, which "
    "checks signatures: nothing that Cognito stores would let a thief sign in.",
    ("StartWebAuthnRegistration", "CompleteWebAuthnRegistration"),
)
SIGN_IN_BY_PASSKEY: Final = Step(
    4,
    "Sign in by passkey",
    "PREFERRED_CHALLENGE says how the user would like to sign in. Cognito answers with that challenge when "
    "the user can pass it; AvailableChallenges lists all that this user can. A challenge asks for "
    "something: WEB_AUTHN for a signature, over what CREDENTIAL_REQUEST_OPTIONS hold for the browser.",
    ("InitiateAuth", "RespondToAuthChallenge"),
)
SIGN_IN_BY_CODE: Final = Step(
    5,
    "Sign in by a code from an e-mail",
    "Where the passkey is not at hand, as on somebody else's computer, a code sent to the address will do. "
    "It takes whoever reads the mail for the user, so it is the weaker of the two.",
    ("InitiateAuth", "RespondToAuthChallenge"),
)
CHOOSE: Final = Step(
    6,
    "Choose how to sign in",
    "Without PREFERRED_CHALLENGE a user who can sign in by several factors gets the challenge "
    "SELECT_CHALLENGE. An app makes a button of each of AvailableChallenges, and ANSWER says which was "
    "pressed.",
    ("InitiateAuth", "RespondToAuthChallenge (twice)"),
)
SET_UP_PASSWORD: Final = Step(
    7,
    "Set a password and an authenticator app",
    "Some users want two proofs in a row: a password and, as the second factor after it, say, an app that "
    "shows a new code every 30 seconds (TOTP). A user without a password sets one with the access token "
    "alone.",
    ("ChangePassword", "AssociateSoftwareToken", "VerifySoftwareToken"),
)
SECOND_FACTOR: Final = Step(
    8,
    "Make the passkey the second factor",
    "With multi-factor authentication (MFA) the password alone signs nobody in. A passkey counts as MFA "
    "where the pool's FactorConfiguration says so: whoever uses it has the authenticator, and has been "
    "verified by it. Cognito wants another factor beside it, here the app, as a way back.",
    ("SetUserMFAPreference", "InitiateAuth", "RespondToAuthChallenge"),
)
RECOVER: Final = Step(
    9,
    "Lose the passkey, and recover",
    "Let us say that the device with the passkey is gone. Nobody gets the private key back: the user signs "
    "in by the other factors, takes the lost passkey out of the account, and registers a new one.",
    (
        "InitiateAuth",
        "RespondToAuthChallenge",
        "ListWebAuthnCredentials",
        "DeleteWebAuthnCredential",
        "StartWebAuthnRegistration",
        "CompleteWebAuthnRegistration",
    ),
)
CLEAN_UP: Final = Step(
    10,
    "Clean up",
    "Nothing of the run has to stay in the pool; with a user go all of the user's passkeys.",
    ("DeleteUser",),
)
STEPS: Final = (
    SIGN_UP,
    CONFIRM_SIGN_UP,
    REGISTER,
    SIGN_IN_BY_PASSKEY,
    SIGN_IN_BY_CODE,
    CHOOSE,
    SET_UP_PASSWORD,
    SECOND_FACTOR,
    RECOVER,
    CLEAN_UP,
)

SESSION: Final = (
    "A session stands for what the user has proved so far. Each answer brings one, and the next call has to "
    "give it back: so the calls form a chain. It is good once, and for 3 to 15 minutes."
)
STRAIGHT_IN: Final = (
    "The session of ConfirmSignUp signed the user in, once and without another code. The access token calls "
    "APIs for the user, the ID token says who that is, the refresh token gets new ones."
)
CREATION: Final = (
    "The challenge is a random value that is signed once: who records the answer can't use it again. The "
    "relying party ID (RP ID) is the domain that the passkey belongs to, and a browser uses it on pages of "
    "that domain alone. User verification is the PIN, finger or face that the authenticator asks for."
)
REGISTERED: Final = (
    "The browser has put the page's origin and the challenge into what comes back, so that Cognito sees "
    "where the passkey was made. The public key is in there; Cognito keeps it under the credential ID."
)
SIGNED: Final = (
    "The signature is over all of that. The origin is written by the browser, not by the page: a false page "
    "can't get a signature for yours, so that nobody can be tricked into giving a passkey away. The "
    "signature counter goes up each time; one that goes back reveals a copied authenticator (0: it counts "
    "nothing)."
)
DELETED: Final = (
    "With the last passkey goes MFA by passkey: SetUserMFAPreference can turn it on for the new one."
)
PREFERENCE: Final = (
    "Both are switched on in one call: Cognito turns MFA by passkey on only together with another factor. "
    "From now on e-mail codes alone do not sign this user in."
)
ASKED_FIRST: Final = (
    "This pool takes a passkey as MFA only where it comes first: a verified one needs nothing after it, and "
    "after the password it is the app's turn."
)
