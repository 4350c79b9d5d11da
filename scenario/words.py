"""The steps of the sign-up with MFA, and sentences that explain what an answer holds."""

from __future__ import annotations

from typing import Final

from scenario.steps import Step

SIGN_UP: Final = Step(
    1,
    "Sign up",
    "A user pool is Cognito's list of your application's users; a program reaches it by an app client. "
    "Signing up puts one more user into it, who can sign in after step 2.",
    ("SignUp",),
)
CONFIRM_SIGN_UP: Final = Step(
    2,
    "Confirm the sign-up",
    "Cognito sends a code to the address. Giving it back shows that the address is the user's own.",
    ("ConfirmSignUp", "ResendConfirmationCode", "AdminGetUser"),
)
LIST_USERS: Final = Step(
    3,
    "List the users of the pool",
    "Now a look at the pool from the side of those who run it. ListUsers is signed with AWS credentials; "
    "SignUp and ConfirmSignUp needed none.",
    ("ListUsers",),
)
SET_UP_MFA: Final = Step(
    4,
    "Set up MFA",
    "MFA asks for something beside the password: Cognito answers that with a challenge. Here it is TOTP, "
    "a time-based one-time password: app and Cognito share a secret, and both compute a new code of six "
    "digits from it every 30 seconds. The actions that begin with Admin are for a server of yours: they are "
    "signed with AWS credentials, so nobody else can try passwords that way. Step 7 signs in as an app does, "
    "without any.",
    ("AdminInitiateAuth", "AssociateSoftwareToken", "VerifySoftwareToken"),
)
SIGN_IN: Final = Step(
    5,
    "Sign in with MFA",
    "Password and code together bring three tokens: the access token calls APIs, the ID token says who "
    "signed in, the refresh token gets new ones.",
    ("AdminInitiateAuth", "AdminRespondToAuthChallenge"),
)
CONFIRM_DEVICE: Final = Step(
    6,
    "Confirm the device",
    "A tracked device is one that Cognito knows again. It gets a password of its own, and Cognito keeps a "
    "verifier of that: enough to check it, too little to learn it.",
    ("ConfirmDevice",),
)
SIGN_IN_FROM_DEVICE: Final = Step(
    7,
    "Sign in from the tracked device",
    "In place of a code the device proves by SRP, the Secure Remote Password protocol, that it knows its "
    "own password, without sending it. These actions need no AWS credentials: any app can call them.",
    ("InitiateAuth", "RespondToAuthChallenge (twice)"),
)
RENEW_TOKENS: Final = Step(
    8,
    "Renew the tokens",
    "Access and ID token expire, by default after an hour. The refresh token gets new ones without the user, "
    "by default for 30 days; of a tracked device it works together with the device key.",
    ("GetTokensFromRefreshToken",),
)
CLEAN_UP: Final = Step(
    9, "Clean up", "Nothing of the run has to stay in the pool.", ("ForgetDevice", "DeleteUser")
)
STEPS: Final = (
    SIGN_UP,
    CONFIRM_SIGN_UP,
    LIST_USERS,
    SET_UP_MFA,
    SIGN_IN,
    CONFIRM_DEVICE,
    SIGN_IN_FROM_DEVICE,
    RENEW_TOKENS,
    CLEAN_UP,
)

SESSION: Final = (
    "A session stands for this sign-in so far. Each answer brings one, and the next call has to give it "
    "back: so the calls form a chain. It is good once, and for 3 to 15 minutes."
)
NO_SESSION: Final = (
    "Where the password is enough, it brings tokens and no session. An action that changes the user who has "
    "signed in takes the access token in its place."
)
USER_ID_FOR_SRP: Final = (
    "USER_ID_FOR_SRP is the user's real name. Whoever signs in with an alias, such as the e-mail address, "
    "goes on with this name from here."
)
CLAIMS: Final = (
    "event_id names this sign-in in Cognito's logs; origin_jti names it in every token that comes from it, "
    "so that revoking the refresh token ends them all; jti names this one token."
)
VERIFIER: Final = (
    "The verifier is g^x mod N, with x a hash of the salt, the device's keys and its password. Nobody gets "
    "from it back to the password, other than by guessing, and 40 random bytes are not guessed."
)
SRP: Final = (
    "Device and Cognito have told each other one public value each, A = g^a and B = kv + g^b mod N, and keep "
    "a and b. From A, B, the salt and the password the device computes a key; Cognito computes the same key "
    "from A, B and the verifier. The proof is an HMAC with that key over the device's keys, the secret block "
    "and the time. The secret block goes back as it came: it is how Cognito knows this exchange again."
)
REFRESH: Final = (
    "An app client with refresh token rotation gets a new refresh token each time, and the old one ends. "
    "InitiateAuth with REFRESH_TOKEN_AUTH is the older way; clients that rotate refuse it."
)
VERIFYING: Final = (
    "A server that is handed a token checks it by itself: the signature, by the key of the pool's JWKS that "
    "the token's kid names; that iss is this pool, client_id (in an ID token aud) this app client, token_use "
    "the kind that is wanted; and that exp has not passed. No call to Cognito is needed."
)
