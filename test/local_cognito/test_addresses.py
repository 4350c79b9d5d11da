"""Which texts are e-mail addresses."""

from __future__ import annotations

import pytest

from local_cognito.users.schema import is_email


@pytest.mark.parametrize(
    "address",
    [
        "a@b.co",
        "first.last+tag@mail-1.example.com",
        "o'hara@example.com",
        "ü@müller.example",
        f"{'a' * 64}@b.co",
    ],
)
def test_addresses(address: str) -> None:
    """Words with single dots between them, an at sign, and a domain of two labels or more."""
    assert is_email(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a",
        "a@b",
        "@b.co",
        "a@@b.co",
        ".a@b.co",
        "a.@b.co",
        "a..b@b.co",
        "a@b..co",
        "a@.b.co",
        "a@b.co.",
        "a@-b.co",
        "a@b-.co",
        "a@b_c.co",
        "a b@b.co",
        '"a"@b.co',
        "a@b.co(home)",
        "<a@b.co>",
        f"{'a' * 65}@b.co",
        f"a@{'b' * 64}.co",
    ],
)
def test_other_forms(address: str) -> None:
    """Dots in the wrong place, quotes, comments and parts that are too long are refused."""
    assert not is_email(address)


@pytest.mark.parametrize(
    "odd", ["\0", "\a", "\n", "\r", "\t", "\x7f", "\x9f", "\u200b", "\u202e", "\ud800", " "]
)
def test_characters_without_a_glyph(odd: str) -> None:
    """No place of an address takes a control character, or one that nobody sees."""
    for address in ("{}a@b.co", "a{}@b.co", "a@{}b.co", "a@b{}.co", "a@b.co{}"):
        assert not is_email(address.format(odd))
