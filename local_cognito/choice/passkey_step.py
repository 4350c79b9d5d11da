"""A passkey in the place of a password. Imported by the table of challenges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_cognito.authentication import second_factors
from local_cognito.choice import offers
from local_cognito.choice.steps import as_first, open_step
from local_cognito.model import errors
from local_cognito.rules.factors import WEB_AUTHN

if TYPE_CHECKING:
    from local_cognito.authentication.sign_in import SignIn
    from local_cognito.rules.cognito import Answer, Cognito


def ask(cognito: Cognito, sign_in: SignIn) -> Answer:
    """Return the challenge WEB_AUTHN as a first factor."""
    return second_factors.ask_for_passkey(
        cognito, sign_in, {}, step=as_first(WEB_AUTHN), named_device=sign_in.named_device
    )


def check(cognito: Cognito, sign_in: SignIn) -> None:
    """Check the signed challenge of WEB_AUTHN as a first factor.

    Raises:
        CognitoError: NotAuthorizedException for a wrong one, for a simulated user, and once the pool no
            longer takes passkeys from the user; InvalidParameterException.
    """
    session = open_step(cognito, sign_in, as_first(WEB_AUTHN))
    second_factors.check_signature(cognito, sign_in, session)
    if offers.is_simulated(sign_in):
        raise errors.PASSKEY_REFUSED()
    if WEB_AUTHN not in offers.available(cognito, sign_in):
        raise errors.SESSION_INVALID()
