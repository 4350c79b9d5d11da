"""Pools that take passkeys, and what a person with an authenticator does in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from local_cognito.authenticator.passkey import Passkey
from test.support.pool_driver import ALICE
from test.support.pools import ALL_FLOWS

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.support.pool_driver import PoolDriver

DOMAIN = "example.com"


@dataclass(frozen=True)
class Passkeys:
    """A pool with passkeys, as its users see it."""

    pool: PoolDriver

    def token(self, name: str = ALICE) -> str:
        """Make a user, and return an access token of theirs."""
        self.pool.user(name)
        return str(self.pool.sign_in(name)["AuthenticationResult"]["AccessToken"])

    def options(self, token: str) -> dict[str, Any]:
        """StartWebAuthnRegistration."""
        answer = self.pool.api.start_web_authn_registration(AccessToken=token)
        options: dict[str, Any] = answer["CredentialCreationOptions"]
        return options

    def complete(self, token: str, credential: Any) -> dict[str, Any]:
        """CompleteWebAuthnRegistration."""
        return self.pool.api.complete_web_authn_registration(AccessToken=token, Credential=credential)

    def register(self, token: str, **settings: Any) -> Passkey:
        """Register a passkey for the user of a token."""
        passkey = Passkey.create(self.options(token), **settings)
        self.complete(token, passkey.registration)
        return passkey

    def listed(self, token: str, **fields: Any) -> list[dict[str, Any]]:
        """ListWebAuthnCredentials."""
        answer = self.pool.api.list_web_authn_credentials(AccessToken=token, **fields)
        found: list[dict[str, Any]] = answer["Credentials"]
        return found

    def begin(self, name: str = ALICE, **values: str) -> dict[str, Any]:
        """USER_AUTH with a preference for the passkey."""
        return self.pool.api.initiate_auth(
            ClientId=self.pool.client_id,
            AuthFlow="USER_AUTH",
            AuthParameters=self.pool.in_map(name, {"PREFERRED_CHALLENGE": "WEB_AUTHN"} | values),
        )

    def answer(self, asked: dict[str, Any], credential: str, name: str = ALICE) -> dict[str, Any]:
        """Answer WEB_AUTHN."""
        return self.pool.answer("WEB_AUTHN", name, asked["Session"], CREDENTIAL=credential)


def options_of(asked: dict[str, Any]) -> str:
    """Return CREDENTIAL_REQUEST_OPTIONS of an answer."""
    return str(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])


@pytest.fixture
def make_passkeys(make_pool: Callable[..., PoolDriver]) -> Callable[..., Passkeys]:
    """Return the maker of pools with passkeys: of members of WebAuthnConfiguration, and other settings."""

    def make(
        mfa: dict[str, Any] | None = None,
        factors: tuple[str, ...] = ("PASSWORD", "WEB_AUTHN"),
        client: dict[str, Any] | None = None,
        **configuration: str,
    ) -> Passkeys:
        settings = {"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": list(factors)}}}
        given = {"WebAuthnConfiguration": {"RelyingPartyId": DOMAIN} | configuration} | (mfa or {})
        flows = {"ExplicitAuthFlows": [*ALL_FLOWS, "ALLOW_USER_AUTH"]}
        return Passkeys(make_pool(settings, given, flows | (client or {})))

    return make


@pytest.fixture
def passkeys(make_passkeys: Callable[..., Passkeys]) -> Passkeys:
    """Return a pool that allows passwords and passkeys."""
    return make_passkeys()
