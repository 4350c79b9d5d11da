"""The authenticator app's app: the key's URI, the QR code while it is needed, and six digits."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING
from unittest.mock import Mock
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest

from scenario import authenticator_app
from scenario.authenticator_app import AuthenticatorApp, key_uri, seconds_to_next_code
from scenario.person import Person
from scenario.stand_ins import Authenticator
from test.support.screen import DARK, LIGHT, pixels, qr_text, scan
from test.support.stage import Script, output_of, quiet_terminal, shown
from test.support.terminals import make_terminal

if TYPE_CHECKING:
    from pathlib import Path

    from terminal import Terminal


SECRET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRST"
ISSUER = "Cognito eu-west-1_AbCdEf123"
ACCOUNT = "alice"
URI = key_uri(SECRET, ISSUER, ACCOUNT)


class Pocket(Authenticator):
    """A built-in authenticator that only notes what it scans."""

    def __init__(self) -> None:
        super().__init__()
        self.scanned: list[str] = []

    def scan(self, uri: str) -> None:
        """Note the URI."""
        self.scanned.append(uri)

    def code(self) -> str:
        """Return the same code always."""
        return "424242"


def app_of(terminal: Terminal, script: Script, pocket: Authenticator | None = None) -> AuthenticatorApp:
    """Return the app of a person at this terminal, with these answers and that authenticator built in."""
    return AuthenticatorApp(Person(terminal, script), pocket)


def images(folder: Path) -> list[Path]:
    """Return the QR codes that are in the folder now."""
    return list(folder.rglob("*.png"))


class TestKeyUri:
    """The otpauth:// URI."""

    @pytest.mark.parametrize(
        ("account", "read"),
        [
            ("alice", "alice"),
            ("alice@example.com", "alice@example.com"),
            ("Zoë Müller", "Zoë Müller"),
            ("a:b", "a b"),
            ("sales/alice", "sales/alice"),
            ("100%+1&x=1?y#z", "100%+1&x=1?y#z"),
            ("漢字😀", "漢字😀"),
        ],
    )
    @pytest.mark.parametrize("issuer", [ISSUER, "Zoë & Co: x/y"])
    def test_reads_back(self, issuer: str, account: str, read: str) -> None:
        """Issuer and account come out as they went in, a colon as a space, for two readers of URIs."""
        uri = key_uri(SECRET, issuer, account)

        parts = urlsplit(uri)
        issuer_read = issuer.replace(":", " ")
        assert (parts.scheme, parts.netloc, parts.fragment) == ("otpauth", "totp", "")
        assert unquote(parts.path[1:]) == read
        assert parse_qs(parts.query) == {"secret": [SECRET], "issuer": [issuer_read]}
        otp = pyotp.parse_uri(uri)
        assert (otp.issuer, otp.name, otp.secret) == (issuer_read, read, SECRET)

    def test_is_percent_encoded(self) -> None:
        """What is no letter, digit or one of -._~ is encoded: a space never as +, and a slash too."""
        uri = key_uri(SECRET, "A B", "ö/@ +")

        assert uri == f"otpauth://totp/%C3%B6%2F%40%20%2B?secret={SECRET}&issuer=A%20B"

    def test_takes_the_shortest_secret_that_cognito_may_send(self) -> None:
        """A SecretCode of 16 characters, the least by the service model, is no trouble."""
        assert "secret=GEZDGNBVGY3TQOJQ&" in key_uri("GEZDGNBVGY3TQOJQ", ISSUER, "alice")


class TestQrCode:
    """The QR code while the block lasts."""

    def test_image_scans_and_is_the_owners_alone(self, temporary: Path) -> None:
        """Inside the block there is one image: mode 0600 in a folder of mode 0700, and it scans."""
        with app_of(quiet_terminal(), Script()).showing_key(SECRET, ISSUER, ACCOUNT):
            (image,) = images(temporary)

            assert stat.S_IMODE(image.stat().st_mode) == 0o600
            assert stat.S_IMODE(image.parent.stat().st_mode) == 0o700
            assert qr_text(image) == URI

    @pytest.mark.parametrize("ending", [None, KeyboardInterrupt, ValueError])
    def test_image_is_gone_afterwards(
        self, temporary: Path, ending: type[KeyboardInterrupt | ValueError] | None
    ) -> None:
        """However the block is left, nothing stays behind."""

        def leave() -> None:
            with app_of(quiet_terminal(), Script()).showing_key(SECRET, ISSUER, ACCOUNT):
                assert images(temporary)
                if ending:
                    raise ending

        if ending:
            with pytest.raises(ending):
                leave()
        else:
            leave()
        assert list(temporary.iterdir()) == []

    def test_screen_has_code_key_and_path(self, temporary: Path) -> None:
        """The drawn code scans; the key is beside it in groups of four, and so is the image's path."""
        terminal = quiet_terminal()

        with app_of(terminal, Script()).showing_key(SECRET, ISSUER, ACCOUNT):
            (image,) = images(temporary)

        drawn = [line for line in output_of(terminal).splitlines() if set(line) <= set("█▀▄ ")]
        assert scan(pixels("\n".join(filter(None, drawn)), DARK), DARK) == URI
        key = "ABCD EFGH IJKL MNOP QRST UVWX YZ23 4567 ABCD EFGH IJKL MNOP QRST"
        assert f"Key {key} Type time-based, SHA-1, 6 digits, 30 seconds Image {image}" in shown(terminal)

    def test_built_in_authenticator_scans_it(self, temporary: Path) -> None:
        """Where there is one, it has the key before the first code is asked for."""
        pocket = Pocket()

        with app_of(quiet_terminal(), Script(), pocket).showing_key(SECRET, ISSUER, ACCOUNT):
            assert pocket.scanned == [URI]


class TestCode:
    """Asking for six digits."""

    @pytest.mark.parametrize("typed", ["012345", "012 345", "0 1 2 3 4 5"])
    def test_six_digits(self, typed: str) -> None:
        """The code is returned as text, without the spaces that apps show in it."""
        assert app_of(quiet_terminal(), Script(code=[typed])).ask_code("Code", "code") == "012345"

    @pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "open", "\u0661" * 6, "12345\n"])
    def test_asks_again_for_anything_else(self, typed: str) -> None:
        """What is not six digits is asked again, with the reason; so is "open" without a QR code."""
        script = Script(code=[typed, "123456"])

        assert app_of(quiet_terminal(), script).ask_code("Code", "code") == "123456"
        assert script.complaints == ["A code has six digits."]

    @pytest.mark.parametrize("opens", [True, False])
    def test_open_opens_the_image(
        self, temporary: Path, monkeypatch: pytest.MonkeyPatch, opens: bool
    ) -> None:
        """The word opens the image and asks again; where it can't be opened, its path is said."""
        opened = []

        def open_image(path: Path) -> bool:
            opened.append(path)
            return opens

        monkeypatch.setattr(authenticator_app, "open_image", open_image)
        terminal = quiet_terminal()
        app = app_of(terminal, Script(code=["open", "123456"]))

        with app.showing_key(SECRET, ISSUER, ACCOUNT):
            assert app.ask_code("Code", "code") == "123456"
            assert opened == images(temporary)

        assert (f"! It can't be opened here. The image is {opened[0]}" in shown(terminal)) is not opens

    def test_word_is_worth_nothing_once_the_image_is_gone(self, temporary: Path) -> None:
        """After the block there is nothing to open."""
        script = Script(code=["open", "123456"])
        app = app_of(quiet_terminal(), script)
        with app.showing_key(SECRET, ISSUER, ACCOUNT):
            pass

        app.ask_code("Code", "code")

        assert script.complaints == ["A code has six digits."]
        assert "open" not in script.questions[0]

    def test_empty_answer_gets_the_built_in_code(self, temporary: Path) -> None:
        """Where there is a built-in authenticator, Enter alone takes its code and shows it."""
        terminal = quiet_terminal()
        app = app_of(terminal, Script(code=[""]), Pocket())

        with app.showing_key(SECRET, ISSUER, ACCOUNT):
            assert app.ask_code("Code", "code") == "424242"
        assert "The built-in authenticator shows 424242." in shown(terminal)

    def test_key_of_an_earlier_run(self) -> None:
        """A built-in authenticator without a key fills nothing in and says why."""
        terminal, script = quiet_terminal(), Script(code=["", "123456"])
        app = app_of(terminal, script, Authenticator())

        app.hint_at_earlier_key()

        assert app.ask_code("MFA code", "code") == "123456"
        assert script.complaints == ["A code has six digits."]
        assert script.questions == ["MFA code"] * 2
        assert "a key of this run alone" in shown(terminal)

    @pytest.mark.parametrize("pocket", [None, Pocket()])
    def test_question_names_what_else_can_be_typed(self, temporary: Path, pocket: Pocket | None) -> None:
        """What else works is said in the question, which takes less than a line of 80 columns."""
        script = Script(code=["123456"] * 2)
        app = app_of(quiet_terminal(), script, pocket)

        with app.showing_key(SECRET, ISSUER, ACCOUNT):
            app.ask_code("Code that the app shows", "code")
        app.ask_code("MFA code", "code")

        during, after = script.questions
        assert ("opens the image" in during, "open" in after) == (True, False)
        assert ("Enter" in during, "Enter" in after) == (bool(pocket), bool(pocket))
        assert max(map(len, script.questions)) < 80 - len(" 123456")

    def test_plain_terminal_gets_the_key_alone(
        self, temporary: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where no picture can be drawn there is none, and no word about it; the key is there."""
        terminal = quiet_terminal()
        terminal.is_plain = True

        with app_of(terminal, Script()).showing_key(SECRET, ISSUER, ACCOUNT):
            pass

        assert "Key: ABCD EFGH" in shown(terminal)
        assert "Scan this" not in shown(terminal)
        assert "█" not in shown(terminal)


class TestWrongCodes:
    """Wrong codes."""

    def test_the_second_one_brings_up_the_clock(self) -> None:
        """One wrong code is said to be wrong; from the second on, clock and key may be the reason."""
        terminal = quiet_terminal()
        app = app_of(terminal, Script())

        app.say_code_was_wrong()
        first = shown(terminal)
        app.say_code_was_wrong()

        assert first == "! That code is not right."
        assert "is the phone's clock right" in shown(terminal)


@pytest.mark.parametrize(("now", "left"), [(59.0, 1), (60.0, 30), (60.25, 29.75), (89.5, 0.5)])
def test_seconds_to_next_code(monkeypatch: pytest.MonkeyPatch, now: float, left: float) -> None:
    """Codes change when the epoch seconds are a multiple of 30."""
    monkeypatch.setattr("scenario.authenticator_app.time.time", lambda: now)

    assert seconds_to_next_code() == left


class TestWholeScreen:
    """What is on an 80 by 24 screen when the code is asked for."""

    @pytest.mark.parametrize("background", [DARK, LIGHT])
    @pytest.mark.parametrize("account", ["alice", "alice.liddell@example.com"])
    def test_code_scans_above_the_prompt(self, temporary: Path, background: int, account: str) -> None:
        """The last 23 lines hold the whole QR code, and the 24th is the prompt's."""
        terminal, screen = make_terminal(colours="256", height=24)
        app = app_of(terminal, Script(), Pocket())

        with app.showing_key(SECRET, ISSUER, account):
            lines = screen.shown.splitlines()[-23:]

        code = "\n".join(line for line in lines if "\x1b[38;5;" in line)
        assert scan(pixels(code, background), background) == key_uri(SECRET, ISSUER, account)
        assert "make it higher" not in screen.shown

    def test_code_that_does_not_fit(self, temporary: Path) -> None:
        """It is said before the code is drawn, and that there is an image."""
        terminal, screen = make_terminal(colours="256", height=24)

        with app_of(terminal, Script(), Pocket()).showing_key(SECRET, ISSUER, "a" * 128):
            text, _, code = screen.shown.partition("\x1b[38;5;")

        assert "make it higher, or use the key or the image" in " ".join(text.split())
        assert code


class TestImage:
    """The image that is kept, and the one that can't be."""

    def test_kept_for_the_owner(self, temporary: Path) -> None:
        """It stays where it was wanted, readable by its owner alone; a new key replaces it."""
        wanted = temporary / "code.png"
        app = AuthenticatorApp(Person(quiet_terminal(), Script()), qr_image=wanted)

        for secret in (SECRET, SECRET[::-1]):
            with app.showing_key(secret, ISSUER, ACCOUNT):
                assert images(temporary) == [wanted]

        assert stat.S_IMODE(wanted.stat().st_mode) == 0o600
        assert qr_text(wanted) == key_uri(SECRET[::-1], ISSUER, ACCOUNT)

    def test_what_is_there_is_not_overwritten(self, temporary: Path) -> None:
        """A file of a person's own is left alone, and the code goes without an image."""
        wanted = temporary / "code.png"
        wanted.write_text("mine")
        terminal = quiet_terminal()

        with AuthenticatorApp(Person(terminal, Script()), qr_image=wanted).showing_key(
            SECRET, ISSUER, ACCOUNT
        ):
            pass

        assert wanted.read_text() == "mine"
        assert "There is no image of the QR code: File exists." in shown(terminal)

    @pytest.mark.parametrize(
        ("account", "error"), [(ACCOUNT, OSError(28, "No space left on device")), ("a" * 3000, None)]
    )
    def test_no_image(
        self, temporary: Path, monkeypatch: pytest.MonkeyPatch, account: str, error: OSError | None
    ) -> None:
        """A full disk, or a name too long for any QR code, leaves the key as text."""
        if error:
            monkeypatch.setattr("PIL.Image.Image.save", Mock(side_effect=error))
        terminal = quiet_terminal()
        app = app_of(terminal, Script(code=["123456"]))

        with app.showing_key(SECRET, ISSUER, account):
            assert app.ask_code("Code", "code") == "123456"

        assert "There is no image of the QR code: " in shown(terminal)
        assert "ABCD EFGH" in shown(terminal)
        assert images(temporary) == []
