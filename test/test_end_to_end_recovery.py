"""The real program at a terminal, when something goes wrong and on pools that are set up differently."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from test.support.person import EMAIL, PASSWORD, PROGRAM, USER, WAIT, environment
from test.support.pools import TOTP, TRACKING
from test.support.separate_pool import SENT_CODES, WRONG_PASSWORD, Customer, running_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from test.support.separate_pool import Pool, Server

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")

PHONE_NUMBER, NEW_PASSWORD = "+15551239088", "Newer-Horse-1!"
HOUR = 60 * 60
SESSION_SECONDS = 3 * 60  # Cognito's default
OFFER = "Set up an authenticator app for this user all the same?"
SIGNED_IN = f"{USER} signed in from a tracked device, without an MFA code."
DELETED = f"{USER} is deleted."
NO_DEVICE = "There is no tracked device to sign in from, so this step is left out."


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Run a server whose clock nobody moves; each test makes a pool of its own there."""
    with running_server() as running:
        yield running


@pytest.fixture
def own_server() -> Iterator[Server]:
    """Run a server for one test that moves its clock: far ahead, it refuses every SRP proof."""
    with running_server() as running:
        yield running


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Return the folder for temporary files of the program."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@pytest.fixture
def start(temporary: Path) -> Iterator[Callable[..., Customer]]:
    """Return what starts the program at a terminal; in the end no process of it is left."""
    started: list[Customer] = []

    def start(pool: Pool, *arguments: str, **options: Any) -> Customer:
        started.append(Customer(pool, temporary, *arguments, **options))
        return started[-1]

    yield start
    for person in started:
        person.child.close(force=True)


def unsaid(text: str, *sentences: str) -> list[Any]:
    """Return those sentences that are not in the text, or not in this order."""
    missing = []
    for sentence in sentences:
        _, found, rest = text.partition(sentence)
        text = rest if found else text
        missing += [] if found else [sentence]
    return missing


class TestRecovering:
    """Each step goes wrong before it goes well."""

    def test_sign_up(self, server: Server, start: Callable[..., Customer]) -> None:
        """Each rule that a password breaks is shown; a taken name leads to another one, or to its user."""
        pool = server.make_pool()
        pool.add_user()
        person = start(pool)

        person.sign_up("Horse1!", "correct-horse-1!", "CorrectHorse1", PASSWORD)
        for choice in ("3", "2"):
            person.answer("What now?", choice)
        person.answer("User name", "bob")
        person.confirm()
        person.enrol()
        person.answer("Forget the device?", "y")
        person.answer("Delete the user bob?", "y")

        assert person.leave() == 0
        assert not unsaid(
            person.text,
            "This pool wants 8 characters or more in it.",
            "This pool wants an upper-case letter in it.",
            "This pool wants a symbol in it.",
            "User already exists",
            "Answer a number from 1 to 2, or one of: Go on with this user, Choose another user name.",
            "bob is confirmed",
            "bob signed in from a tracked device",
            "bob is deleted.",
        )
        assert pool.has_user()

    def test_user_who_exists(self, server: Server, start: Callable[..., Customer]) -> None:
        """A user without confirmation is confirmed first; a wrong password is asked again at the sign-in."""
        pool = server.make_pool()
        pool.wrapper().sign_up_user(USER, PASSWORD, EMAIL)
        person = start(pool)

        person.go_on_as_user(WRONG_PASSWORD)
        person.confirm()
        person.answer("Password", WRONG_PASSWORD)
        person.answer("Password", PASSWORD)
        person.enrol()

        assert person.end(forget="y", delete="y") == 0
        wrong = "That is not the password of this user."
        assert not unsaid(person.text, f"{USER} is confirmed", wrong, wrong, SIGNED_IN, DELETED)
        assert PASSWORD not in person.screen
        assert WRONG_PASSWORD not in person.screen
        assert not pool.has_user()

    def test_code_from_the_mail(self, own_server: Server, start: Callable[..., Customer]) -> None:
        """Expired codes, and too many codes or mails, leave the prompt as it is, until a code is accepted."""
        person = start(own_server.make_pool(mfa="OFF", factors={}, devices=None))

        person.sign_up()
        person.wait_for("Code from the e-mail")
        own_server.advance(24 * HOUR)
        person.type(own_server.newest_code(EMAIL))
        for _ in range(6):
            person.answer("Code from the e-mail", "")
        person.wait_for("Code from the e-mail")
        right = own_server.newest_code(EMAIL)
        wrong = "000000" if right != "000000" else "000001"
        for code in (*[wrong] * 14, right, right):
            person.type(code)
            person.wait_for("Code from the e-mail")
        own_server.advance(HOUR)
        person.type("")
        person.confirm()

        assert person.end(delete="y") == 0
        sent, mismatch = f"A new code is on its way to {EMAIL};", "Invalid verification code provided"
        limit = "Attempt limit exceeded, please try after some time."
        until = "Cognito takes no code for this user, not even the right one, until the hour is over."
        assert not unsaid(
            person.text,
            "Invalid code provided, please request a code again.",
            *[sent] * 5,
            f"{limit} → The code that was sent last is still good.",
            *[mismatch] * 14,
            *[limit, until] * 2,
            sent,
            f"{USER} is confirmed",
            DELETED,
        )

    def test_app_and_sessions(
        self, own_server: Server, start: Callable[..., Customer], temporary: Path
    ) -> None:
        """Wrong and used codes are asked again; after a session ran out, the prompt is the same."""
        person = start(own_server.make_pool())

        person.sign_up()
        person.confirm()
        first = person.scan()
        for _ in range(2):
            person.type(first.wrong_code())
            person.wait_for("Code that the app shows")
        own_server.advance(SESSION_SECONDS)
        person.type(first.code())
        second = person.scan()
        assert len(list(temporary.rglob("*.png"))) == 1
        person.type(second.next_code())
        person.answer(WAIT, "")
        person.answer("MFA code", second.wrong_code())
        person.answer("MFA code", second.used_code())
        person.read_on_to("That code was used before")
        person.answer(WAIT, "")
        person.wait_for("MFA code")
        own_server.advance(SESSION_SECONDS)
        person.type(second.code())
        person.answer("MFA code", second.code())

        assert person.end(forget="n", delete="y") == 0
        assert first.key != second.key
        assert not unsaid(
            person.text,
            "That code is not right.",
            "is the phone's clock right",
            "The session ran out; signing in again.",
            "This is a new key. Remove the old one from the app.",
            "The app is enrolled.",
            "That code is not right.",
            "That code was used before.",
            "The session ran out; signing in again.",
            SIGNED_IN,
            DELETED,
        )
        assert list(temporary.iterdir()) == []


class TestLocks:
    """Five wrong answers; others give some too, so that the lock lasts as long as the test takes."""

    def test_wrong_passwords(self, own_server: Server, start: Callable[..., Customer]) -> None:
        """It waits, longer each time, until the password is accepted; Enter skips what is left."""
        pool = own_server.make_pool()
        phone = pool.add_enrolled_user()
        person = start(pool)

        person.go_on_as_user(WRONG_PASSWORD)
        for _ in range(3):
            person.answer("Password", WRONG_PASSWORD)
        person.wait_for("Password")
        pool.miss(4, before=4)
        own_server.advance(8)
        person.type(WRONG_PASSWORD)
        person.answer("Password", PASSWORD)
        self.skip_third_wait(person, own_server)
        person.answer("MFA code", phone.code())

        assert person.end(forget="y", delete="y") == 0
        locked = f"Too many wrong answers: Cognito has locked {USER} for"
        waits = [f"{locked} {seconds} s, even to right ones." for seconds in (1, 2, 4)]
        assert not unsaid(
            person.text,
            "Cognito says that this user is confirmed already.",
            *["That is not the password of this user."] * 5,
            *waits,
            SIGNED_IN,
        )
        assert person.text.count(locked) == 3

    def test_wrong_codes(self, own_server: Server, start: Callable[..., Customer]) -> None:
        """It waits likewise, and asks for a code again."""
        pool = own_server.make_pool()
        phone = pool.add_enrolled_user()
        person = start(pool)

        person.go_on_as_user()
        for _ in range(4):
            person.answer("MFA code", phone.wrong_code())
        person.wait_for("MFA code")
        pool.miss(4, before=4)
        own_server.advance(8)
        person.type(phone.wrong_code())
        code = phone.code()
        for _ in range(3):
            person.answer("MFA code", code)
        self.skip_third_wait(person, own_server)
        person.answer("MFA code", phone.code())

        assert person.end(forget="y", delete="y") == 0

    @staticmethod
    def skip_third_wait(person: Customer, server: Server) -> None:
        """Let the lock end while the person waits for the third time, and press Enter."""
        person.read_on_to("for 4 s, even to right ones")
        person.wait_for(WAIT)
        server.advance(16)
        person.type("")


class TestPools:
    """Pools that are set up differently."""

    def test_optional_and_wanted(self, server: Server, start: Callable[..., Customer]) -> None:
        """Where MFA is optional an app is offered, enrolled when it is wanted, and asked for a code then."""
        person = start(server.make_pool(mfa="OPTIONAL"))

        person.sign_up()
        person.confirm()
        person.answer(OFFER, "y")
        phone = person.scan()
        person.type(phone.wrong_code())
        person.answer("Code that the app shows", phone.code())
        person.answer(WAIT, "")
        person.answer("MFA code", phone.code())

        assert person.end(forget="y", delete="y") == 0
        assert not unsaid(
            person.text,
            "Cognito asked for no second factor: MFA is off or optional in this pool.",
            "That code is not right.",
            "From now on Cognito asks this user for a code (SetUserMFAPreference).",
            '"ChallengeName": "SOFTWARE_TOKEN_MFA"',
            SIGNED_IN,
        )

    def test_optional_and_not_wanted(self, server: Server, start: Callable[..., Customer]) -> None:
        """Without an app the scenario goes on with the password alone, and leaves out the device."""
        person = start(server.make_pool(mfa="OPTIONAL"))

        person.sign_up()
        person.confirm()
        person.answer(OFFER, "n")

        assert person.end(delete="y") == 0
        assert not unsaid(
            person.text,
            "Cognito asked for the password alone: MFA is off or optional in this pool.",
            "Cognito gave no device key: this pool tracks no devices, or only after a second factor.",
            NO_DEVICE,
            DELETED,
        )

    def test_off(self, server: Server, start: Callable[..., Customer]) -> None:
        """Where MFA is off no app can be enrolled: none is offered, and the scenario goes on without."""
        person = start(server.make_pool(mfa="OFF", factors={}))

        person.sign_up()
        person.confirm()

        assert person.end(delete="y") == 0
        assert not unsaid(
            person.text,
            "It offers no authenticator app (TOTP) either, so none is set up.",
            "Cognito asked for the password alone",
            DELETED,
        )

    def test_other_challenges(self, own_server: Server, start: Callable[..., Customer]) -> None:
        """A new password, a choice of factors, codes by text message and by e-mail: each is asked for."""
        pool = own_server.make_pool(factors=TOTP | SENT_CODES)
        pool.add_user(is_temporary=True, phone_number=PHONE_NUMBER, phone_number_verified="true")
        person = start(pool)

        person.go_on_as_user()
        for password in ("Short1!", NEW_PASSWORD):
            person.answer("New password", password)
        person.answer("New password once more", NEW_PASSWORD)
        for choice in ("Telegram", "text message (sms)"):
            person.answer("Which second factor?", choice)
        person.wait_for("Code from the text message")
        own_server.advance(SESSION_SECONDS)
        person.type(own_server.newest_code(PHONE_NUMBER))
        person.answer("Which second factor?", "1")
        person.wait_for("Code from the text message")
        code = own_server.newest_code(PHONE_NUMBER)
        person.type("x")
        person.answer("Code from the text message", "000000" if code != "000000" else "000001")
        person.answer("Code from the text message", "")
        person.answer("Which second factor?", "2")
        person.wait_for("Code from the e-mail")
        person.type(own_server.newest_code(EMAIL))

        assert person.end(forget="y", delete="y") == 0
        assert not unsaid(
            person.text,
            "The password was a temporary one; Cognito wants a new one before anything else.",
            "This pool wants 8 characters or more in it.",
            "This user has a second factor already: there is nothing to set up.",
            "1) Text message (SMS) 2) E-mail",
            "Answer a number from 1 to 2, or one of: Text message (SMS), E-mail.",
            "Cognito has sent a code to +*******9088.",
            "The session ran out; signing in again.",
            "A code has digits only.",
            "Invalid code or auth state for the user.",
            "Cognito has sent a code to a***@e***.",
            SIGNED_IN,
            DELETED,
        )

    @pytest.mark.parametrize(
        ("answer", "sentence"), [("y", SIGNED_IN), ("n", NO_DEVICE)], ids=["remembered", "not-remembered"]
    )
    def test_device_on_request(
        self, server: Server, start: Callable[..., Customer], answer: str, sentence: str
    ) -> None:
        """Where devices are remembered on request the person is asked; one that is not is of no use."""
        pool = server.make_pool(devices=TRACKING | {"DeviceOnlyRememberedOnUserPrompt": True})
        phone = pool.add_enrolled_user()
        person = start(pool)

        person.go_on_as_user()
        person.answer("MFA code", phone.code())
        person.answer("Remember this device?", answer)

        assert person.end(forget="y", delete="y") == 0
        agreement = "This pool remembers a device only when its user agrees."
        assert not unsaid(person.text, agreement, sentence, DELETED)

    @pytest.mark.parametrize(
        ("devices", "forget", "sentences"),
        [
            (
                None,
                None,
                [
                    "Cognito gave no device key",
                    "Turn it on with DeviceConfiguration (ChallengeRequiredOnNewDevice=true)",
                    NO_DEVICE,
                ],
            ),
            (
                TRACKING | {"ChallengeRequiredOnNewDevice": False},
                "y",
                [
                    "Expected DEVICE_SRP_AUTH, but Cognito answered with SOFTWARE_TOKEN_MFA",
                    "ChallengeRequiredOnNewDevice in the pool's DeviceConfiguration.",
                ],
            ),
        ],
        ids=["not-tracked", "no-replacement"],
    )
    def test_device_of_no_use(
        self,
        server: Server,
        start: Callable[..., Customer],
        devices: dict[str, bool] | None,
        forget: str | None,
        sentences: list[str],
    ) -> None:
        """Where no device can stand in for the code, it says what would change that, and ends well."""
        pool = server.make_pool(devices=devices)
        phone = pool.add_enrolled_user()
        person = start(pool)

        person.go_on_as_user()
        person.answer("MFA code", phone.code())

        assert person.end(forget=forget, delete="y") == 0
        assert not unsaid(person.text, *sentences, DELETED)
        assert SIGNED_IN not in person.text

    @pytest.mark.parametrize("is_told", [True, False], ids=["told", "read"])
    def test_client_with_secret(self, server: Server, start: Callable[..., Customer], is_told: bool) -> None:
        """The app client's secret comes from the environment, or else from the client's settings."""
        pool = server.make_pool(GenerateSecret=True)
        person = start(pool, **({"COGNITO_CLIENT_SECRET": pool.secret} if is_told else {}))

        person.sign_up()
        person.confirm()
        person.enrol()

        assert person.end(forget="y", delete="y") == 0
        assert not unsaid(person.text, SIGNED_IN, DELETED)
        assert pool.secret
        assert pool.secret not in person.screen

    def test_secret_of_another_client(self, server: Server, start: Callable[..., Customer]) -> None:
        """A secret that is not the app client's ends it before the first question, and is not shown."""
        other = server.make_pool(GenerateSecret=True)
        person = start(server.make_pool(GenerateSecret=True), COGNITO_CLIENT_SECRET=other.secret)

        assert person.leave() == 1
        assert not unsaid(person.text, "COGNITO_CLIENT_SECRET is not this app client's secret.", "not set up")
        assert other.secret
        assert other.secret not in person.screen


def remove_user(pool: Pool) -> str:
    """Return the command that removes the user."""
    command = f"aws --region us-east-1 --endpoint-url {pool.server.url} cognito-idp admin-delete-user"
    request = json.dumps({"UserPoolId": pool.id, "Username": USER})
    return f"{command} --cli-input-json '{request}'"


class TestCleaningUp:
    """The last step."""

    @pytest.fixture
    def pool(self, server: Server) -> Pool:
        """Return a pool for the whole scenario."""
        return server.make_pool()

    @pytest.fixture
    def person(self, pool: Pool, start: Callable[..., Customer]) -> Customer:
        """Return a person who went on with a user, and signed in."""
        phone = pool.add_enrolled_user()
        person = start(pool)
        person.go_on_as_user()
        person.answer("MFA code", phone.code())
        return person

    def test_everything(self, pool: Pool, person: Customer) -> None:
        """What the person agrees to is removed, also a user who was there before; nothing is left to say."""
        assert person.end(forget="y", delete="y") == 0

        assert not unsaid(
            person.text, f"Delete the user {USER}, who was there before this run?", f"{USER} is deleted."
        )
        assert "In the pool by now" not in person.text
        assert not pool.has_user()

    @pytest.mark.parametrize(("forget", "device"), [("y", "."), ("n", ", the device us-east-1_")])
    def test_not_everything(self, pool: Pool, person: Customer, forget: str, device: str) -> None:
        """What stays is named, with the command that removes it."""
        assert person.end(forget=forget, delete="n") == 0

        user = f"In the pool by now: the user {USER} (confirmed, who was there before this run)"
        assert not unsaid(person.text, f"{user}{device}", remove_user(pool))
        assert pool.has_user()


def at_choice_of_user(server: Server, start: Callable[..., Customer]) -> tuple[Pool, Customer, str, str]:
    """Give a person who is asked whether to go on with a user who exists."""
    pool = server.make_pool()
    pool.add_user()
    person = start(pool)
    person.sign_up()
    return pool, person, "What now?", "Nothing of this run exists in the pool."


def at_new_password(server: Server, start: Callable[..., Customer]) -> tuple[Pool, Customer, str, str]:
    """Give a person who is asked for a new password."""
    pool = server.make_pool()
    pool.add_user(is_temporary=True)
    person = start(pool)
    person.go_on_as_user()
    return pool, person, "New password", f"the user {USER} (confirmed, who was there before this run)."


def at_sent_code(server: Server, start: Callable[..., Customer]) -> tuple[Pool, Customer, str, str]:
    """Give a person who is asked for a code from a text message."""
    pool = server.make_pool(factors=TOTP | SENT_CODES)
    pool.add_user(email_verified="false", phone_number=PHONE_NUMBER, phone_number_verified="true")
    person = start(pool)
    person.go_on_as_user()
    question = "Code from the text message"
    return pool, person, question, f"the user {USER} (confirmed, who was there before this run)."


def at_offer_of_app(server: Server, start: Callable[..., Customer]) -> tuple[Pool, Customer, str, str]:
    """Give a person who is asked whether to set up an app."""
    pool = server.make_pool(mfa="OPTIONAL")
    person = start(pool)
    person.sign_up()
    person.confirm()
    return pool, person, OFFER, f"the user {USER} (confirmed)."


def at_remembering(server: Server, start: Callable[..., Customer]) -> tuple[Pool, Customer, str, str]:
    """Give a person who is asked whether to remember the device."""
    pool = server.make_pool(devices=TRACKING | {"DeviceOnlyRememberedOnUserPrompt": True})
    phone = pool.add_enrolled_user()
    person = start(pool)
    person.go_on_as_user()
    person.answer("MFA code", phone.code())
    exists = f"the user {USER} (confirmed, who was there before this run), the device us-east-1_"
    return pool, person, "Remember this device?", exists


def at_forgetting(server: Server, start: Callable[..., Customer]) -> tuple[Pool, Customer, str, str]:
    """Give a person who is asked whether to forget the device."""
    pool = server.make_pool()
    phone = pool.add_enrolled_user()
    person = start(pool)
    person.go_on_as_user()
    person.answer("MFA code", phone.code())
    exists = f"the user {USER} (confirmed, who was there before this run), the device us-east-1_"
    return pool, person, "Forget the device?", exists


def at_deleting(server: Server, start: Callable[..., Customer]) -> tuple[Pool, Customer, str, str]:
    """Give a person who is asked whether to delete the user."""
    pool, person, question, _ = at_forgetting(server, start)
    person.answer(question, "y")
    exists = f"the user {USER} (confirmed, who was there before this run)."
    return pool, person, f"Delete the user {USER}, who was there before this run?", exists


PLACES = [
    at_choice_of_user,
    at_new_password,
    at_sent_code,
    at_offer_of_app,
    at_remembering,
    at_forgetting,
    at_deleting,
]


class TestLeaving:
    """A person has enough, and is told what exists and how to remove it."""

    @pytest.mark.parametrize("place", PLACES)
    def test_ctrl_c(
        self,
        server: Server,
        start: Callable[..., Customer],
        temporary: Path,
        place: Callable[..., tuple[Pool, Customer, str, str]],
    ) -> None:
        """At each question Ctrl-C ends it with status 130, without traceback or files."""
        pool, person, question, exists = place(server, start)

        person.wait_for(question)
        person.interrupt()

        assert person.leave() == 130
        assert person.text.endswith("! Stopped.")
        self.check_last_words(person, pool, exists, temporary)

    @pytest.mark.parametrize("place", [at_choice_of_user, at_offer_of_app])
    def test_ctrl_d(
        self,
        server: Server,
        start: Callable[..., Customer],
        temporary: Path,
        place: Callable[..., tuple[Pool, Customer, str, str]],
    ) -> None:
        """Ctrl-D ends it with status 1 and says which question had no answer."""
        pool, person, question, exists = place(server, start)

        person.wait_for(question)
        person.child.sendeof()

        assert person.leave() == 1
        assert f'The input ended before this question had an answer: "{question}' in person.text
        self.check_last_words(person, pool, exists, temporary)

    def test_ctrl_c_while_locked(
        self, own_server: Server, start: Callable[..., Customer], temporary: Path
    ) -> None:
        """Ctrl-C ends the wait for a lock to end."""
        pool = own_server.make_pool()
        pool.add_user()
        pool.miss(9, before=0)
        person = start(pool)

        person.go_on_as_user()
        person.read_on_to("Waiting for the lock to end")
        person.wait_for(WAIT)
        person.interrupt()

        assert person.leave() == 130
        assert person.text.endswith("! Stopped.")
        exists = f"the user {USER} (confirmed, who was there before this run)."
        self.check_last_words(person, pool, exists, temporary)

    @staticmethod
    def check_last_words(person: Customer, pool: Pool, exists: str, temporary: Path) -> None:
        """Check what is said of the pool, and that no file is left."""
        command = [] if exists.startswith("Nothing") else [remove_user(pool)]
        assert not unsaid(person.text, exists, *command)
        assert "Traceback" not in person.screen
        assert list(temporary.iterdir()) == []


TERMINALS = {
    "plain": {},
    "no-colour": {"NO_COLOR": "1"},
    "dumb": {"TERM": "dumb"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
}


def wide_lines(output: str) -> list[Any]:
    """Return the lines with more than 80 columns, apart from commands that are there to be copied."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output)
    lines = [line.rstrip() for line in re.split(r"[\r\n]+", plain)]
    return [line for line in lines if len(line) > 80 and not line.startswith(("aws ", "https://"))]


@pytest.mark.parametrize("changes", TERMINALS.values(), ids=TERMINALS)
class TestTerminals:
    """Terminals of 80 columns, and what else they lack."""

    def test_wrong_answers(
        self, server: Server, start: Callable[..., Customer], changes: dict[str, str]
    ) -> None:
        """Everything that is said about wrong answers fits, in what the terminal can show."""
        pool = server.make_pool()
        phone = pool.add_enrolled_user()
        person = start(pool, columns=80, **changes)

        person.sign_up("Short1!", PASSWORD)
        person.answer("What now?", "3")
        person.answer("What now?", "1")
        person.answer(f"Password of {USER}", WRONG_PASSWORD)
        person.answer("Password", PASSWORD)
        for code in ("12345", phone.wrong_code(), phone.wrong_code(), phone.code()):
            person.answer("MFA code", code)

        assert person.end(forget="n", delete="n") == 0
        assert SIGNED_IN in person.text
        assert remove_user(pool) in person.screen  # in one line, so that it can be copied
        self.check_output(person, changes)

    def test_app_without_desktop(
        self, server: Server, start: Callable[..., Customer], temporary: Path, changes: dict[str, str]
    ) -> None:
        """Beside the QR code, or in place of it, the key stands as text; "open" says where the image is."""
        person = start(server.make_pool(), columns=80, **changes)

        person.sign_up()
        person.confirm()
        phone = person.scan()
        person.type("open")
        person.answer("Code that the app shows", phone.wrong_code())
        person.wait_for("Code that the app shows")
        (image,) = temporary.rglob("*.png")
        person.type(phone.code())
        person.read_on_to("waiting for the next one")
        person.interrupt()

        assert person.leave() == 130
        assert not unsaid(person.text, "It can't be opened here.", "That code is not right.", "is enrolled.")
        assert f"Theimageis{image}" in "".join(person.text.split())
        self.check_output(person, changes)

    @staticmethod
    def check_output(person: Customer, changes: dict[str, str]) -> None:
        """Check that the terminal could show all of it."""
        assert "TERM" in changes or wide_lines(person.screen) == []
        if "TERM" in changes:
            assert "\x1b" not in person.screen
            assert not re.search(r"\r[^\r\n]", person.screen)  # nothing is written over
        if "NO_COLOR" in changes:
            assert not re.search(r"\x1b\[(?:[\d;]*;)?(?:[349]\d|10\d)[;m]", person.screen)
        if "PYTHONIOENCODING" in changes:
            assert person.screen.isascii()
            assert "\\u" not in person.screen


CALLS = [
    *("DescribeUserPool", "GetUserPoolMfaConfig", "DescribeUserPoolClient"),
    *("SignUp", "AdminGetUser", "ListUsers", "AdminInitiateAuth", "AdminInitiateAuth"),
    *("AdminRespondToAuthChallenge", "AdminRespondToAuthChallenge", "ConfirmDevice"),
    *("InitiateAuth", "RespondToAuthChallenge", "RespondToAuthChallenge"),
    *("GetTokensFromRefreshToken", "ForgetDevice", "DeleteUser"),
]
BEARERS = ("eyJ", "AYAB")  # how tokens and sessions begin


class TestFiles:
    """Answers from files, traces and diagrams to files."""

    def test_prepared_answers(self, server: Server, start: Callable[..., Customer], tmp_path: Path) -> None:
        """With --answers and COGNITO_PASSWORD only codes and the clean-up are asked for."""
        answers = tmp_path / "answers.json"
        answers.write_text(json.dumps({"user_name": USER, "email": EMAIL}))
        person = start(server.make_pool(), "--answers", str(answers), COGNITO_PASSWORD=PASSWORD)

        person.confirm()
        person.enrol()

        assert person.end(forget="y", delete="y") == 0
        assert not unsaid(person.text, f"User name: {USER}", "Password: (hidden)", SIGNED_IN, DELETED)
        assert PASSWORD not in person.screen

    def test_refused_answers(self, server: Server, start: Callable[..., Customer], tmp_path: Path) -> None:
        """A prepared answer that Cognito refuses is asked of the person."""
        answers = tmp_path / "answers.json"
        answers.write_text(json.dumps({"user_name": "ali\u00adce", "email": "alice@example..com"}))
        person = start(server.make_pool(), "--answers", str(answers), COGNITO_PASSWORD="Short1!")

        person.read_on_to(r"but not U\+00AD")
        person.answer("User name", USER)
        person.read_on_to("This pool wants 8 characters or more in it")
        person.answer("Password", PASSWORD)
        person.answer("Password once more", PASSWORD)
        person.read_on_to("Invalid email address format")
        person.answer("E-mail address", EMAIL)
        person.confirm()
        person.enrol()

        assert person.end(forget="y", delete="y") == 0
        assert not unsaid(person.text, SIGNED_IN, DELETED)

    def test_files_at_both_ends(self, server: Server, temporary: Path, tmp_path: Path) -> None:
        """With input, output and errors in files the scenario is told; the trace has no secret of it."""
        pool = server.make_pool(GenerateSecret=True)
        phone = pool.add_enrolled_user()
        codes = [phone.wrong_code(), phone.code()]
        typed = [USER, EMAIL, PASSWORD, PASSWORD, "1", WRONG_PASSWORD, PASSWORD, *codes, "y", "y"]
        given, shown, trace, diagram = (tmp_path / name for name in ("typed", "shown", "trace", "run.md"))
        given.write_text("".join(f"{line}\n" for line in typed))

        with given.open() as stdin, shown.open("w") as stdout, trace.open("w") as stderr:
            program = subprocess.run(
                [sys.executable, PROGRAM, pool.id, pool.client_id, "--trace", "--diagram", diagram],
                env=environment(temporary, **pool.environment),
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                timeout=60,
                check=False,
            )

        assert program.returncode == 0
        assert not unsaid(" ".join(shown.read_text().split()), SIGNED_IN, DELETED)
        assert re.findall("^-> (\\w+)", trace.read_text(), re.MULTILINE) == CALLS
        assert re.findall(r"P->>C: (\w+)", diagram.read_text()) == CALLS
        assert re.findall(r"Step (\d)", diagram.read_text()) == list("123456789")
        assert {line[:3] for line in trace.read_text().splitlines()} == {"-> ", "<- "}  # none is wrapped
        assert pool.secret
        secrets = {PASSWORD, WRONG_PASSWORD, pool.secret, phone.key, phone.used_code(), *BEARERS}
        for output in (trace, diagram):
            assert {secret for secret in secrets if secret in output.read_text()} == set()
        assert not {PASSWORD, WRONG_PASSWORD, pool.secret, *BEARERS} & set(shown.read_text().split())

    def test_diagram_after_ctrl_c(
        self, server: Server, start: Callable[..., Customer], tmp_path: Path
    ) -> None:
        """A diagram is written also when Ctrl-C ended the run; it ends with the last call."""
        diagram = tmp_path / "run.md"
        person = start(server.make_pool(), "--diagram", str(diagram))

        person.sign_up()
        person.wait_for("Code from the e-mail")
        person.interrupt()

        assert person.leave() == 130
        assert re.findall(r"P->>C: (\w+)", diagram.read_text()) == CALLS[:4]
        assert diagram.read_text().rstrip().endswith("Step 2. Confirm the sign-up\n```")
