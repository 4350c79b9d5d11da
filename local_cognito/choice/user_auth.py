"""USER_AUTH: the user signs in with a first factor of their choice.

Imported by the table of flows and challenges, which says how each factor begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_cognito.authentication import sessions
from local_cognito.authentication.sign_in import check_state
from local_cognito.choice import offers
from local_cognito.choice.steps import as_first, open_step
from local_cognito.model import errors
from local_cognito.rules import attempts
from local_cognito.rules.factors import PASSWORD, PASSWORD_SRP, WEB_AUTHN, allowed_first
from local_cognito.storage.user_records import RESET_REQUIRED
from local_cognito.triggers.sign_in import pre_authentication

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local_cognito.authentication.sign_in import SignIn, Step
    from local_cognito.rules.cognito import Answer, Cognito

SELECT_CHALLENGE = "SELECT_CHALLENGE"


def start(cognito: Cognito, sign_in: SignIn, beginnings: Mapping[str, Step]) -> Answer:
    """Begin USER_AUTH: with PREFERRED_CHALLENGE if the user can pass it, else with the choice.

    A user who can pass one factor alone has no choice.

    Args:
        cognito: the service.
        sign_in: a new sign-in.
        beginnings: for each first factor, the step that asks for it, or checks a password.

    Raises:
        CognitoError: what the factor is refused with; InvalidParameterException for a user without any, and
            for a preferred one that can't take the password's place.
    """
    pre_authentication(cognito, sign_in.pool, sign_in.client, sign_in.user)
    preferred = sign_in.parameters.get("PREFERRED_CHALLENGE")
    offered = offers.available(cognito, sign_in, preferred)
    if preferred not in offered or preferred not in (PASSWORD, PASSWORD_SRP):
        _refuse_by_state(cognito, sign_in)
    elif not sign_in.client.hides_existence:
        check_state(sign_in.user)
    if _asks_for_too_little(sign_in, preferred):
        raise errors.PASSWORD_REQUIRED()
    if not offered:
        raise errors.NO_FIRST_FACTOR()
    if preferred not in offered and len(offered) > 1:
        answer = sign_in.challenge(cognito, SELECT_CHALLENGE, {}, named_device=sign_in.named_device)
        return answer | {"AvailableChallenges": offered}
    chosen = preferred if preferred in offered else offered[0]
    answer = beginnings[chosen](cognito, sign_in)
    return answer if chosen == PASSWORD else answer | {"AvailableChallenges": offered}


def _asks_for_too_little(sign_in: SignIn, preferred: str | None) -> bool:
    """Tell whether the pool allows the preferred factor, and the user must give the password all the same."""
    if offers.is_simulated(sign_in) or preferred in (None, PASSWORD, PASSWORD_SRP):
        return False
    is_allowed = preferred in allowed_first(sign_in.pool)
    return is_allowed and offers.needs_password(sign_in.pool, sign_in.user, preferred)


def choosing(beginnings: Mapping[str, Step], factor: str | None = None) -> Step:
    """Return the answer to SELECT_CHALLENGE: go on with the challenge in ANSWER, or with `factor`.

    Who was asked for a passkey may choose, too: it may not be at hand. The step raises
    InvalidParameterException for a factor that is not available, and whatever the factor is refused with;
    after that the choice is still open.
    """

    def step(cognito: Cognito, sign_in: SignIn) -> Answer:
        session = open_step(cognito, sign_in, SELECT_CHALLENGE, as_first(WEB_AUTHN))
        chosen = factor or sign_in.require("ANSWER")
        if chosen not in offers.available(cognito, sign_in):
            raise errors.CHALLENGE_NOT_AVAILABLE()
        answer = beginnings[chosen](cognito, sign_in)
        sessions.spend(cognito, session)
        return answer

    return step


def _refuse_by_state(cognito: Cognito, sign_in: SignIn) -> None:
    """Refuse a user who may not sign in before any factor, and so tell their state.

    Where existence is hidden, a disabled user is treated as an unknown one. The others must learn what to
    do, and without a password there is nothing to prove first.
    """
    if offers.is_simulated(sign_in):
        return
    check_state(sign_in.user)
    if sign_in.user.status == RESET_REQUIRED:
        raise errors.RESET_REQUIRED()
    attempts.refuse_while_locked(cognito, sign_in.counted[0])
