"""Stand-ins: a mailbox that reads the local pool's outbox, and an authenticator app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from program.clients import local_client
from scenario.authenticator_app import key_uri
from scenario.stand_ins import Authenticator, Mailbox
from test.support.stage import totp

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_cognito_idp.type_defs import AttributeTypeTypeDef

    from local_cognito import LocalCognito
    from local_cognito.setup.default_pool import PoolIds


# RFC 6238, appendix B: the SHA-1 key, and its values cut to six digits.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_CODES = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
}
URI = key_uri(RFC_SECRET, "Cognito", "alice")
STEP = 1_000_000  # a time step, and the moment that it begins
MOMENT = 30.0 * STEP


class TestAuthenticator:
    """An authenticator app."""

    @pytest.mark.parametrize(("now", "code"), RFC_CODES.items())
    def test_gives_the_codes_of_the_rfc(self, now: int, code: str) -> None:
        """The codes are those of RFC 6238, and so are those that other tests compute."""
        authenticator = Authenticator(clock=lambda: now)
        authenticator.scan(URI)

        assert authenticator.code() == code == totp(RFC_SECRET, now // 30)

    def test_gives_each_code_once(self) -> None:
        """Asked again within a time step it gives the codes that follow; later it is back in time."""
        now = [MOMENT]
        authenticator = Authenticator(clock=lambda: now[0])
        authenticator.scan(URI)

        codes = [authenticator.code()]
        now[0] += 29.9
        codes.append(authenticator.code())
        now[0] = MOMENT + 30
        codes.append(authenticator.code())
        now[0] = MOMENT + 5 * 30
        codes.append(authenticator.code())

        assert codes == [totp(RFC_SECRET, STEP + offset) for offset in (0, 1, 2, 5)]

    def test_new_key_starts_anew(self) -> None:
        """After another QR code it gives the current code of the new key alone."""
        other = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
        authenticator = Authenticator(clock=lambda: MOMENT)
        authenticator.scan(URI)
        authenticator.code()

        authenticator.scan(key_uri(other, "Cognito", "alice"))

        assert authenticator.code() == totp(other, STEP)

    def test_has_no_code_before_it_scanned(self) -> None:
        """Without a key there is no code."""
        with pytest.raises(RuntimeError, match="scanned no QR code"):
            Authenticator().code()

    @pytest.mark.parametrize("uri", [URI.replace("totp", "hotp"), "https://example.com/totp", "jumble"])
    def test_refuses_other_uris(self, uri: str) -> None:
        """A QR code that is not for time-based codes is refused, and the key before it stays."""
        authenticator = Authenticator(clock=lambda: 59)
        authenticator.scan(URI)

        with pytest.raises(ValueError, match=r"URI|otpauth"):
            authenticator.scan(uri)
        assert authenticator.code() == RFC_CODES[59]


@pytest.fixture
def sign_up(server: LocalCognito, pool: PoolIds) -> tuple[Callable[..., None], Callable[..., None]]:
    """Return a function that signs a user up with an address, and one that has the code sent again."""
    client = local_client(server.url, server.region)

    def sign_up(name: str, email: str) -> None:
        attributes: list[AttributeTypeTypeDef] = [{"Name": "email", "Value": email}]
        client.sign_up(
            ClientId=pool.client_id, Username=name, Password="Correct-Horse-1!", UserAttributes=attributes
        )

    def resend(name: str) -> None:
        client.resend_confirmation_code(ClientId=pool.client_id, Username=name)

    return sign_up, resend


class TestMailbox:
    """The local pool's messages, over HTTP."""

    def test_newest_message_of_an_address(
        self, server: LocalCognito, sign_up: tuple[Callable[..., None], Callable[..., None]]
    ) -> None:
        """Of several messages the last one to that very address is returned, with its code."""
        make, resend = sign_up
        mailbox = Mailbox(server.url)
        make("first", "first@example.com")
        resend("first")
        make("second", "second@example.com")

        message = mailbox.latest("first@example.com")

        codes = [sent["code"] for sent in server.outbox() if sent["to"] == "first@example.com"]
        assert len(codes) == 2
        assert message
        assert message["code"] == codes[1]
        assert codes[1] in message["body"]
        assert message["subject"]

    def test_no_message(self, server: LocalCognito) -> None:
        """An address that got nothing has no message."""
        assert Mailbox(server.url).latest("nobody@example.com") is None

    def test_proxies_are_left_out(
        self,
        server: LocalCognito,
        sign_up: tuple[Callable[..., None], Callable[..., None]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """The mailbox is read directly, whatever proxy the environment names."""
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name)
        make, _ = sign_up
        make("third", "third@example.com")

        message = Mailbox(server.url).latest("third@example.com")
        assert message
        assert message["to"] == "third@example.com"
