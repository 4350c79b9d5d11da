"""Passkeys and the authenticators that create them: the built-in one, and the browser's."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

import question
from scenario.answer_shape import UnusableAnswerError
from scenario.passkey_page import PasskeyPage
from scenario.state import Account

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cognito_idp_actions import SignInAnswer
    from scenario.state import Scenario

    MakePasskey = Callable[..., "Passkey"]

PAGES_DOMAIN: Final = "localhost"  # the only relying party whose passkeys a page of this machine can use
BUILT_IN: Final = "In the built-in authenticator of this program"
BROWSER: Final = "In this computer, a phone or a security key, by your browser"
_NONSENSE: Final = (KeyError, TypeError, ValueError, AttributeError)


class Passkey(Protocol):
    """A passkey: a credential whose private key can sign.

    Attributes:
        id: the credential ID, base64url.
        registration: what CompleteWebAuthnRegistration takes as Credential.
    """

    id: str
    registration: dict[str, Any]

    def sign(self, options: str) -> str:
        """Sign the challenge of CREDENTIAL_REQUEST_OPTIONS; return CREDENTIAL for RespondToAuthChallenge."""


def _nothing() -> tuple[SignInAnswer, Mapping[str, str]]:
    return {}, {}


@dataclass
class PasskeyAccount(Account):
    """An account that can sign in without a password.

    Attributes:
        passkey: the registered one, while the user has it.
        session: of the sign-up; with it ConfirmSignUp signs the user in.
        answered: the latest challenge and its responses.
        factors: what Cognito offered after the password, in the latest sign-in.
        has_seen_signature: whether the signed data of a passkey were shown before.
    """

    passkey: Passkey | None = None
    session: str | None = field(default=None, repr=False)
    answered: tuple[SignInAnswer, Mapping[str, str]] = field(default_factory=_nothing, repr=False)
    factors: list[str] = field(default_factory=list)
    has_seen_signature: bool = False

    @property
    def way_in(self) -> str:
        """The first factor other than a passkey: PASSWORD once there is one, else EMAIL_OTP."""
        return "PASSWORD" if self.password else "EMAIL_OTP"


class PasskeyAuthenticator:
    """Creates passkeys in the built-in authenticator or, by the browser, in the person's own.

    Args:
        scenario: its person is asked which, and shown the page's address.
        make_passkey: makes a passkey in the built-in authenticator.
    """

    def __init__(self, scenario: Scenario, make_passkey: MakePasskey) -> None:
        self._scenario = scenario
        self._make_passkey = make_passkey
        self._is_browser = False

    def choose(self) -> None:
        """Ask which authenticator creates the next passkey; say so when only the built-in one can."""
        domain = self._scenario.pool_facts().relying_party
        if domain and domain != PAGES_DOMAIN:
            self._say_why_built_in(domain)
            return
        picked = question.choose(
            "Where shall the passkey be?",
            (BUILT_IN, BROWSER),
            ask=self._scenario.ask,
            name="authenticator",
            default=BUILT_IN,
        )
        self._is_browser = picked == BROWSER

    def create(self, answer: Mapping[str, Any]) -> Passkey:
        """Create a passkey for the options in an answer of StartWebAuthnRegistration.

        Raises:
            UnusableAnswerError: the options make no sense.
            NoCredentialError: the browser made none.
        """
        options = answer["CredentialCreationOptions"]
        try:
            domain = options["rp"]["id"]
            if self._is_browser and domain == PAGES_DOMAIN:
                return BrowserPasskey(PasskeyPage(self._scenario.terminal), options)
            if self._is_browser:
                self._say_why_built_in(str(domain))
            return self._make_passkey(options)
        except _NONSENSE:
            what = "CredentialCreationOptions are not WebAuthn options"
            raise UnusableAnswerError(action="StartWebAuthnRegistration", what=what) from None

    def _say_why_built_in(self, domain: str) -> None:
        self._scenario.terminal.hint(
            f"The built-in authenticator makes it. A browser makes passkeys for {domain} on pages of it "
            f"alone, and a page of this program is at {PAGES_DOMAIN}: to use the browser, let the pool's "
            f"RelyingPartyId be {PAGES_DOMAIN}."
        )


class BrowserPasskey:
    """A passkey in the person's own authenticator, created and used by the browser.

    Args:
        page: asks the browser.
        options: CredentialCreationOptions.

    Raises:
        NoCredentialError: the browser made none.
    """

    def __init__(self, page: PasskeyPage, options: Mapping[str, Any]) -> None:
        self._page = page
        self.registration = page.create(options)
        self.id = str(self.registration["id"])

    def sign(self, options: str) -> str:
        """Ask the browser to sign the challenge; see `Passkey`.

        Raises:
            NoCredentialError: there was none.
        """
        return self._page.sign(options)


def sign(passkey: Passkey, options: str) -> str:
    """Sign the challenge of CREDENTIAL_REQUEST_OPTIONS.

    Raises:
        UnusableAnswerError: the options make no sense, or ask for another passkey.
        NoCredentialError: the browser gave nothing.
    """
    try:
        return passkey.sign(options)
    except _NONSENSE:
        what = "CREDENTIAL_REQUEST_OPTIONS are not WebAuthn options"
        raise UnusableAnswerError(action="InitiateAuth", what=what) from None


def forge(passkey: Passkey | None, **lies: object) -> Passkey | None:
    """Forge a copy of a built-in passkey, with another origin or without user verification.

    Return None for a passkey in the browser, which cannot be made to lie, and for none at all.
    """
    if passkey is None or isinstance(passkey, BrowserPasskey):
        return None
    built_in: Any = passkey
    forged: Passkey = replace(built_in, **lies)
    return forged
