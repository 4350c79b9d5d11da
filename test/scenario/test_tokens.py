"""Tokens: their claims are shown, and of the tokens their labels."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

import jwt
import pytest

from scenario.device_texts import mask
from scenario.labels import Labels
from scenario.tokens import show_tokens
from test.support.terminals import make_terminal, seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from terminal import Terminal

pytestmark = pytest.mark.usefixtures("plain_environment")


def surroundings(terminal: Terminal) -> Any:
    """Return what `show_tokens` needs of a scenario."""
    return SimpleNamespace(terminal=terminal, labels=Labels())


class TestMasked:
    """Secrets, shortened."""

    @pytest.mark.parametrize("length", [16, 17, 23, 24, 31, 32, 33, 52, 344, 2000])
    def test_shows_a_quarter_at_most(self, length: int) -> None:
        """Both ends are shown, together no more than eight characters and a quarter of the secret."""
        secret = "".join(chr(ord("A") + position % 58) for position in range(length))

        head, tail = mask(secret).split("…")

        assert secret.startswith(head)
        assert secret.endswith(tail)
        assert 4 <= len(head) + len(tail) <= min(8, length / 4)

    @pytest.mark.parametrize("length", range(16))
    def test_short_secrets_are_hidden_whole(self, length: int) -> None:
        """Below 16 characters the result is the same for every secret, whatever its length."""
        assert mask(("Sx9" * 5)[:length]) == mask("other")
        assert mask("a" * length) == "..."


class TestTokenTable:
    """Tokens with their claims."""

    CLAIMS: ClassVar = {
        "sub": "e3b0c442-98fc-1c14-9afb-f4c8996fb924",
        "iat": 1763690000,
        "exp": 1763693600,
        "auth_time": 0,
        "token_use": "access",
        "cognito:groups": ["admins"],
        "email_verified": True,
    }

    @pytest.mark.parametrize("width", [40, 80, 2000])
    def test_shows_claims_but_no_token(self, width: int) -> None:
        """Every claim is there; the token, its payload and its signature are not, at any width."""
        token = jwt.encode(self.CLAIMS, "k" * 32, algorithm="HS256")
        terminal, screen = make_terminal(width=width)

        show_tokens(surroundings(terminal), "Signed in", {"AccessToken": token})

        shown = seen(screen.shown)
        assert seen("<access token 1>") in shown
        for part in (token, *token.split(".")):
            assert part not in shown
            assert part[6:-6] not in shown
        for value in ('["admins"]', "true", "access"):
            assert value in shown

    @pytest.fixture
    def far_east(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """Let local time be nine hours ahead of UTC."""
        with monkeypatch.context() as patch:
            patch.setenv("TZ", "JST-9")
            time.tzset()
            yield
        time.tzset()

    @pytest.mark.parametrize(
        ("name", "value", "shown"),
        [
            ("iat", 1763690000, "1763690000 (2025-11-21 01:53:20 UTC)"),
            ("exp", 1763693600, "1763693600 (2025-11-21 02:53:20 UTC)"),
            ("auth_time", 0, "0 (1970-01-01 00:00:00 UTC)"),
            ("nbf", 253402300799, "253402300799 (9999-12-31 23:59:59 UTC)"),
            ("exp", 253402300800, "253402300800"),
            ("exp", -1, "-1"),
            ("exp", "soon", "soon"),
            ("version", 1763690000, "1763690000"),
        ],
    )
    def test_times_are_readable(self, far_east: None, name: str, value: int | str, shown: str) -> None:
        """Claims that are times have the time in UTC beside them; absurd ones are shown as they are."""
        terminal, screen = make_terminal()

        show_tokens(surroundings(terminal), "Signed in", {"IdToken": jwt.encode({name: value}, "k" * 32)})

        assert screen.shown.rstrip().splitlines()[-1].split(maxsplit=1) == [name, shown]

    @pytest.mark.parametrize(
        "token",
        ["eyJjdHkiOiJKV1QifQ.a2V5a2V5.aXZpdg.dGV4dA.dGFndGFn", "opaque-token-of-some-length", "a.b.c", ""],
    )
    def test_others_are_opaque(self, token: str) -> None:
        """A token that is no JWT, as an encrypted refresh token, is shown masked and called opaque."""
        terminal, screen = make_terminal()

        show_tokens(surroundings(terminal), "Signed in", {"RefreshToken": token})

        assert "<refresh token 1>" in screen.shown
        assert "(opaque)" in screen.shown
        assert not token or token not in screen.shown
