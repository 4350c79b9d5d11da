"""A sign-in in a file: mode, replacement, damage, and one renewal for several processes."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from signed_in_user import NoDeviceError, SignedInUser, StoredTokensError
from test.support.signed_tokens import SetClock, access_token
from test.test_token_renewal import Cognito, user_of
from token_file import TokenFile

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def cognito() -> Cognito:
    """Return the other side."""
    return Cognito(SetClock())


@pytest.fixture
def tokens(tmp_path: Path) -> TokenFile:
    """Return a file that is not there yet, nor is its folder."""
    return TokenFile(tmp_path / "folder" / "tokens.json")


def loaded(tokens: TokenFile, cognito: Cognito) -> SignedInUser:
    """Return the user that was saved, with the clock of the other side."""
    return tokens.load(cognito, clock=cognito.clock)


def test_what_was_saved_is_loaded(tokens: TokenFile, cognito: Cognito) -> None:
    """Tokens, times and device come back."""
    user = user_of(cognito, 3000)
    tokens.save(user)

    assert loaded(tokens, cognito).to_dict() == user.to_dict()


def test_it_is_for_its_owner_alone(tokens: TokenFile, cognito: Cognito) -> None:
    """File and lock have mode 0600, also where the file was there before with another."""
    tokens.path.parent.mkdir()
    tokens.path.touch(mode=0o644)
    tokens.save(user_of(cognito, 3000))

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tokens.path.parent.iterdir()}
    assert modes == {"tokens.json": 0o600, "tokens.json.lock": 0o600}


def test_a_write_that_fails_leaves_the_old_file(
    tokens: TokenFile, cognito: Cognito, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file is replaced as a whole, and nothing else is left behind."""
    user = user_of(cognito, 3000)
    tokens.save(user)
    before = tokens.path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="space"):
        tokens.save(user_of(cognito, 2000))

    assert tokens.path.read_bytes() == before
    assert {path.name for path in tokens.path.parent.iterdir()} == {"tokens.json", "tokens.json.lock"}


def test_each_renewal_is_written(tokens: TokenFile, cognito: Cognito) -> None:
    """By the user who was saved, and by one who was loaded."""
    user = user_of(cognito, 5)
    tokens.save(user)

    _ = user.access_token
    assert json.loads(tokens.path.read_text())["refresh_token"] == "refresh 1"
    loaded(tokens, cognito).renew()
    assert json.loads(tokens.path.read_text())["refresh_token"] == "refresh 2"


def test_what_another_renewed_is_read_again(tokens: TokenFile, cognito: Cognito) -> None:
    """The second one makes no request, and gets the rotated refresh token too."""
    tokens.save(user_of(cognito, 5))
    first, second = loaded(tokens, cognito), loaded(tokens, cognito)

    assert first.access_token == second.access_token
    assert first.refresh_token == second.refresh_token == "refresh 1"
    assert len(cognito.asked) == 1


def test_a_rotated_token_of_another_renews(tokens: TokenFile, cognito: Cognito) -> None:
    """Where what the other one renewed is old by now, its refresh token is the one that is used."""
    tokens.save(user_of(cognito, 5))
    first, second = loaded(tokens, cognito), loaded(tokens, cognito)
    _ = first.access_token

    cognito.clock.now += 7200
    _ = second.access_token

    assert [fields["RefreshToken"] for fields in cognito.asked] == ["the refresh token", "refresh 1"]


def test_signing_out_deletes_it(tokens: TokenFile, cognito: Cognito) -> None:
    """There is nothing to load any more; deleting twice is not an error."""
    tokens.save(user_of(cognito, 3000))
    loaded(tokens, cognito).sign_out()

    with pytest.raises(FileNotFoundError):
        loaded(tokens, cognito)
    tokens.delete()


@pytest.mark.parametrize("text", ["", "{", "[]", "5", "{}", '{"user_pool_id": 5}', "[" * 100_000, "\xff"])
def test_a_damaged_file_is_told(tokens: TokenFile, cognito: Cognito, text: str) -> None:
    """The error says so, and nothing of what is in it."""
    tokens.path.parent.mkdir()
    tokens.path.write_text(text, encoding="latin-1")

    with pytest.raises(StoredTokensError):
        loaded(tokens, cognito)


def test_a_device_is_written_before_it_is_confirmed(tokens: TokenFile, cognito: Cognito) -> None:
    """Whatever happens afterwards, its password is not lost."""
    metadata = {"DeviceKey": "eu-west-1_0f9e", "DeviceGroupKey": "-AbCd"}
    result: Any = {"AccessToken": access_token(), "NewDeviceMetadata": metadata}
    user = SignedInUser(cognito, result, clock=cognito.clock)
    tokens.save(user)
    cognito.error = ClientError({"Error": {"Code": "TooManyRequestsException"}}, "ConfirmDevice")

    with pytest.raises(ClientError):
        user.remember_device()

    assert json.loads(tokens.path.read_text())["device"]["password"] == user.device.password  # type: ignore[union-attr]


def test_the_progress_of_a_device_is_written(tokens: TokenFile, cognito: Cognito) -> None:
    """UpdateDeviceStatus was throttled: the next run of the program does what is left, and that is all."""
    metadata = {"DeviceKey": "eu-west-1_0f9e", "DeviceGroupKey": "-AbCd"}
    result: Any = {"AccessToken": access_token(), "NewDeviceMetadata": metadata}
    tokens.save(SignedInUser(cognito, result, clock=cognito.clock))
    throttled = ClientError({"Error": {"Code": "TooManyRequestsException"}}, "UpdateDeviceStatus")
    asked: list[str] = []

    def call(operation: str, /, **_: Any) -> dict[str, Any]:
        asked.append(operation)
        if asked == ["confirm_device", "update_device_status"]:
            raise throttled
        return {"UserConfirmationNecessary": True}

    cognito.call = call  # type: ignore[method-assign]
    with pytest.raises(ClientError):
        loaded(tokens, cognito).remember_device()
    loaded(tokens, cognito).remember_device()

    assert asked == ["confirm_device", "update_device_status", "update_device_status"]
    with pytest.raises(NoDeviceError):
        loaded(tokens, cognito).remember_device()


def test_three_processes_renew_once(
    tokens: TokenFile, tmp_path: Path, cognito: Cognito, run_python: Callable[[str], subprocess.Popen[str]]
) -> None:
    """The refresh token is good once: the two that come later read what the first one wrote."""
    tokens.save(user_of(cognito, 5))
    program = f"""
        import os, pathlib, sys
        from test.support.signed_tokens import SetClock
        from test.test_token_renewal import Cognito
        from token_file import TokenFile

        class Once(Cognito):
            def call(self, operation, /, **fields):
                number = os.getpid()
                pathlib.Path({str(tmp_path)!r}, f"asked-{{number}}").write_text(fields["RefreshToken"])
                return super().call(operation, **fields)

        print("ready", flush=True)
        sys.stdin.readline()
        cognito = Once(SetClock())
        print(TokenFile({str(tokens.path)!r}).load(cognito, clock=cognito.clock).access_token)
    """
    processes = [run_python(program) for _ in range(3)]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    outputs = [process.communicate("go\n", timeout=60)[0] for process in processes]

    assert len(set(outputs)) == 1
    assert "." in outputs[0]
    assert [path.read_text() for path in tmp_path.glob("asked-*")] == ["the refresh token"]


@pytest.fixture
def run_python() -> Callable[[str], subprocess.Popen[str]]:
    """Return a function that starts a program which waits for a line."""

    def start(program: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(program)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    return start
