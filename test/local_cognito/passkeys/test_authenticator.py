"""The software authenticator: what it refuses by itself, how it is kept, and the command."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from fido2.utils import websafe_decode
from fido2.webauthn import AttestationObject

from local_cognito.authenticator.__main__ import main
from local_cognito.authenticator.passkey import Passkey
from test.local_cognito.passkeys.conftest import options_of

if TYPE_CHECKING:
    from pathlib import Path

    from test.local_cognito.passkeys.conftest import Passkeys

OPTIONS: dict[str, Any] = {
    "rp": {"id": "example.com"},
    "user": {"id": "YWxpY2U"},
    "challenge": "AAAAAAAAAAAAAAAAAAAAAA",
    "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
}


def test_an_algorithm_that_is_not_allowed() -> None:
    """As a browser, it makes no passkey that the options do not want."""
    with pytest.raises(ValueError, match="do not allow RS256"):
        Passkey.create(OPTIONS, algorithm="RS256")


def test_options_for_another_passkey() -> None:
    """As a browser, it does not sign for a passkey that it has not."""
    passkey = Passkey.create(json.dumps(OPTIONS))

    with pytest.raises(ValueError, match="ask for another passkey"):
        passkey.sign({"challenge": "AAAA", "allowCredentials": [{"id": "other"}]})


def test_its_private_key_is_not_shown() -> None:
    """The representation, which failed tests print, has no key."""
    assert "private_key" not in repr(Passkey.create(OPTIONS))


def test_the_command(passkeys: Passkeys, tmp_path: Path) -> None:
    """A passkey that the command made, and keeps for its owner alone, signs in."""
    file, token = tmp_path / "alice.passkey", passkeys.token()

    passkeys.complete(token, json.loads(_run("create", file, json.dumps(passkeys.options(token)))))
    asked = passkeys.begin()

    assert passkeys.answer(asked, _run("sign", file, options_of(asked)).strip())["AuthenticationResult"]
    assert file.stat().st_mode & 0o077 == 0


def _run(command: str, file: Path, options: str) -> str:
    words = [sys.executable, "-m", "local_cognito.authenticator", command, str(file)]
    return subprocess.run(words, input=options, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("command", "options"), [("create", "no JSON"), ("create", "{}"), ("create", "[]"), ("sign", "{}")]
)
def test_the_command_says_what_went_wrong(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    options: str,
) -> None:
    """Whatever it reads, it ends with status 1 and a sentence."""
    monkeypatch.setattr("sys.stdin", io.StringIO(options))

    assert main([command, str(tmp_path / "none")]) == 1

    printed = capsys.readouterr()
    assert printed.err.startswith("passkey: ")
    assert (printed.out, printed.err.count("\n")) == ("", 1)


def test_the_command_verifies_nobody_if_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The flag of user verification is missing then."""
    flags = []
    for option in ([], ["--without-verification"]):
        monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(OPTIONS)))
        assert main(["create", str(tmp_path / "alice.passkey"), *option]) == 0
        made = json.loads(capsys.readouterr().out)["response"]["attestationObject"]
        flags.append(AttestationObject(websafe_decode(made)).auth_data.is_user_verified())

    assert flags == [True, False]
