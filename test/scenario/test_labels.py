"""Labels: equal exactly where secrets are, named after the field, and nothing of the secret in them."""

from __future__ import annotations

import base64

import pytest

from scenario.labels import Labels


def test_same_secret_same_label() -> None:
    """Whatever field a secret is in, its label is the one that it got first; another secret has another."""
    labels = Labels()

    first, second = labels.of("Session", "a" * 20), labels.of("Session", "b" * 20)

    assert (first, second) == ("<session 1>", "<session 2>")
    assert labels.of("Session", "a" * 20) == first
    assert labels.of("ConfirmationCode", "a" * 20) == first
    assert labels.known("b" * 20) == second
    assert labels.known("c" * 20) is None


@pytest.mark.parametrize(
    ("field", "values", "expected"),
    [
        ("AccessToken", ["x", "y"], ["<access token 1>", "<access token 2>"]),
        ("PASSWORD", ["x", "y"], ["<password>", "<password 2>"]),
        ("UserCode", ["111111", "222222"], ["<code>", "<code 2>"]),
        ("SRP_A", ["ab" * 384, "abc"], ["<SRP_A, 384 bytes>", "<SRP_A 2, 2 bytes>"]),
        ("custom:tenant", ["x"], ["<custom:tenant>"]),
        ("<script>\n", ["x"], ["< script  >"]),
    ],
)
def test_names(field: str, values: list[str], expected: list[str]) -> None:
    """A label says what the secret is, which one, and of SRP values how long."""
    labels = Labels()

    assert [labels.of(field, value) for value in values] == expected


def test_salt_in_two_encodings() -> None:
    """The salt that goes out in Base64 and comes back in hexadecimal is one secret."""
    labels, salt = Labels(), bytes.fromhex("8a02ff")

    sent = labels.of("Salt", base64.b64encode(salt).decode())

    assert labels.of("SALT", salt.hex()) == sent == "<salt, 3 bytes>"


def test_secrets_are_not_kept() -> None:
    """Of a secret there is a keyed digest alone."""
    labels = Labels()
    labels.of("Password", "Correct-Horse-1!")

    assert "Correct-Horse-1!" not in repr(vars(labels))
