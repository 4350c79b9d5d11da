"""The first factors that USER_AUTH offers to a user, or to a name without a user.

Imported by the steps of USER_AUTH and by the actions that tell a user's factors.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from local_cognito.model import errors
from local_cognito.passkeys import options
from local_cognito.rules.factors import (
    CODE_ADDRESSES,
    PASSWORD,
    PASSWORD_SRP,
    WEB_AUTHN,
    allowed_first,
    has_password,
    is_ready,
    needs_mfa,
)
from local_cognito.storage.user_records import FORCE_CHANGE_PASSWORD
from local_cognito.users import directory

if TYPE_CHECKING:
    from local_cognito.authentication.sign_in import SignIn
    from local_cognito.rules.cognito import Cognito
    from local_cognito.storage.records import Pool
    from local_cognito.storage.user_records import User


def available(cognito: Cognito, sign_in: SignIn, preferred: str | None = None) -> list[str]:
    """Return AvailableChallenges of a sign-in, which may begin with the `preferred` one.

    Raises:
        CognitoError: PasswordResetRequiredException, which is one of the answers about unknown names.
    """
    if is_simulated(sign_in):
        return _simulated(sign_in.pool, sign_in.asked, preferred)
    return of_user(cognito, sign_in.pool, sign_in.user)


def of_user(cognito: Cognito, pool: Pool, user: User) -> list[str]:
    """Return AvailableChallenges: the first factors that the pool allows and the user can pass.

    A user without a password gets codes at an unverified address too: there is no other way in.
    """
    allowed = allowed_first(pool)
    passwords = [PASSWORD_SRP, PASSWORD] if PASSWORD in allowed and has_password(user) else []
    others = [factor for factor in CODE_ADDRESSES if factor in allowed and _gets_code(user, factor)]
    if WEB_AUTHN in allowed and options.of_user(cognito, pool, user):
        others.append(WEB_AUTHN)
    return passwords + [factor for factor in others if not needs_password(pool, user, factor)]


def needs_password(pool: Pool, user: User, factor: str) -> bool:
    """Tell whether the password can't be left out for another first factor.

    It can't while it is temporary, nor where MFA follows: a second factor follows a password alone. A passkey
    that counts as MFA, and that the user turned on for it, is both factors by itself.
    """
    if user.status == FORCE_CHANGE_PASSWORD:
        return True
    return needs_mfa(pool, user) and not (factor == WEB_AUTHN and is_ready(pool, user, WEB_AUTHN))


def is_simulated(sign_in: SignIn) -> bool:
    """Tell whether the answers only look like those to a user: there is none, or one who is disabled."""
    return not sign_in.user.exists or (sign_in.client.hides_existence and not sign_in.user.enabled)


def _simulated(pool: Pool, name: str, preferred: str | None) -> list[str]:
    """Return the challenges that the pool pretends a name has: always the same for one name.

    Cognito has three answers: passwords and a passkey, passwords and a code, a password to reset. A pool
    pretends nothing that its SignInPolicy does not allow.
    """
    allowed = allowed_first(pool)
    passwords = [PASSWORD_SRP, PASSWORD] if PASSWORD in allowed else []
    code = next(([factor] for factor in CODE_ADDRESSES if factor in allowed), [])
    has_passkeys = WEB_AUTHN in allowed and "RelyingPartyId" in pool.settings.get("WebAuthnConfiguration", {})
    passkey = [WEB_AUTHN] if has_passkeys else []
    if not passwords or not (code or passkey) or pool.mfa == "ON":
        return passwords or code
    kinds = [passwords + kind for kind in (code, passkey) if kind] + [[]]
    digest = hashlib.sha256(directory.fold(pool, name).encode()).digest()
    kind = kinds[digest[0] % len(kinds)]
    if kind:
        return kind
    if preferred in passwords:  # a wrong password says no more, whoever has to reset it
        return passwords
    raise errors.RESET_REQUIRED()


def _gets_code(user: User, factor: str) -> bool:
    address = CODE_ADDRESSES[factor]
    is_verified = user.attributes.get(f"{address}_verified") == "true"
    return bool(user.attributes.get(address)) and (is_verified or not has_password(user))
