"""Passkeys and users without a password on the page for people."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from test.support.pool_driver import http

if TYPE_CHECKING:
    from collections.abc import Callable

    from test.local_cognito.passkeys.conftest import Passkeys


def text_of(passkeys: Passkeys) -> str:
    """Return the text of the pool's page, in one line."""
    page = http(f"{passkeys.pool.server.url}/?pool={passkeys.pool.id}").body.decode()
    joined = re.sub(r"<wbr>|</?bdi[^>]*>", "", page)
    return " ".join(re.sub(r"<[^>]+>", " ", joined).split())


def test_the_passkeys_of_a_user(passkeys: Passkeys) -> None:
    """They stand in the user's row, and what the pool does with them is told in words."""
    token = passkeys.token()
    assert "passkey" not in text_of(passkeys)
    made = [passkeys.register(token) for _ in range(2)]

    text = text_of(passkeys)

    assert "First factors PASSWORD, WEB_AUTHN" in text
    assert "Passkeys for example.com, SINGLE_FACTOR, user verification preferred" in text
    assert "CONFIRMED 2 passkeys" in text
    assert "Platform passkey for example.com" in text
    assert all(passkey.id in text for passkey in made)


def test_a_user_without_a_password(make_passkeys: Callable[..., Passkeys]) -> None:
    """It is told beside the status."""
    passkeys = make_passkeys(factors=("PASSWORD", "EMAIL_OTP"))
    email = [{"Name": "email", "Value": "alice@example.com"}]
    passkeys.pool.api.admin_create_user(UserPoolId=passkeys.pool.id, Username="alice", UserAttributes=email)

    assert "CONFIRMED no password" in text_of(passkeys)
