"""What each step is about, in one or two sentences, for a person who sees these words for the first time."""

from __future__ import annotations

from typing import Final

EXPLANATIONS: Final = {
    1: "A user pool is Cognito's list of your application's users; a program reaches it by an app client. "
    "Signing up puts one more user into it, who can sign in after step 2.",
    2: "Cognito sends a code to the address. Giving it back shows that the address is the user's own.",
    3: "Now a look at the pool from the side of those who run it. That takes AWS credentials, which signing "
    "up did not.",
    4: "MFA asks for something beside the password: Cognito answers that with a challenge. Here it is TOTP, "
    "a time-based one-time password: app and Cognito share a secret, and both compute a new code of six "
    "digits from it every 30 seconds.",
    5: "Password and code together bring three tokens: the access token calls APIs, the ID token says who "
    "signed in, the refresh token gets new ones.",
    6: "A tracked device is one that Cognito knows again. It gets a password of its own, and Cognito keeps a "
    "verifier of that: enough to check it, too little to learn it.",
    7: "In place of a code the device proves by SRP, the Secure Remote Password protocol, that it knows its "
    "own password, without sending it.",
    8: "Nothing of the run has to stay in the pool.",
}
PAUSES_BEFORE: Final = (6, 7, 8)  # there is much to read in the steps before these
