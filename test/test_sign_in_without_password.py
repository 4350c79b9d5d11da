"""The second scenario, on the happy path and off it."""

from __future__ import annotations

import copy
import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pexpect
import pytest

import cognito_srp
import scenario_sign_in_without_password as scenario
from local_cognito import LocalCognito, MovableClock
from program import passwordless, targets
from program.clients import local_client
from program.people import UnattendedPerson
from scenario import authenticator_app
from scenario import passkey_words as words
from scenario.answer_shape import UnusableAnswerError
from scenario.passkey_page import NoCredentialError
from scenario.passkey_texts import show_creation_options
from scenario.passkeys import PasskeyAuthenticator
from scenario.pool_facts import PoolFacts
from scenario.stand_ins import Authenticator, Mailbox
from scenario.surroundings import surroundings
from test.support.person import PAUSE, environment
from test.support.pseudo_terminal import in_terminal
from test.support.stage import Script, quiet_terminal, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scenario.state import Scenario

PROGRAM = Path(scenario.__file__)
EMAIL, PASSWORD = "alice@example.com", "Correct-Horse-1!"
MINUTE = 60


@pytest.fixture
def clock() -> MovableClock:
    """Return the clock of the pool and of the built-in authenticator app."""
    return MovableClock()


@pytest.fixture
def server(clock: MovableClock) -> Iterator[LocalCognito]:
    """Run a local pool that fits."""
    with LocalCognito(seed=passwordless.SEED, clock=clock) as running:
        yield running


@dataclass
class Play:
    """The scenario on a local pool, played by a script."""

    server: LocalCognito
    clock: MovableClock
    facts: PoolFacts = field(default_factory=PoolFacts)

    def __post_init__(self) -> None:
        self.pool = self.server.default_pool()
        self.client: Any = local_client(self.server.url, self.server.region)
        self.terminal = quiet_terminal()

    def code(self) -> str:
        """Return the code that was sent last."""
        return str(self.server.outbox()[-1]["code"])

    def later(self, seconds: float, answer: str = "") -> Callable[[], str]:
        """Return an answer that takes so long."""

        def answered() -> str:
            self.clock.advance(seconds)
            return answer

        return answered

    def delay(self, action: str, seconds: float) -> None:
        """Have so much time pass before the next call of an action."""
        late = [seconds]

        def wait(**_: Any) -> None:
            if late:
                self.clock.advance(late.pop())

        self.client.meta.events.register(f"before-call.cognito-identity-provider.{action}", wait)

    def run(self, **answers: list[Any]) -> str:
        """Play the scenario, some answers changed, and return what the screen showed."""
        usual: dict[str, list[Any]] = {
            "email": [EMAIL],
            "confirmation_code": [self.code],
            "authenticator": ["", ""],
            "sent_code": [self.code],
            "first_factor": [""],
            "password": [PASSWORD, PASSWORD],
            "set_up_code": [""],
            "factor": [""],
            "mfa_code": [""],
            "delete_user": ["y"],
        }
        script = Script(**{name: texts for name, texts in (usual | answers).items() if texts})
        scenario.play(self.surroundings(script))
        assert script.unused == {}
        return shown(self.terminal)

    def surroundings(self, script: Script) -> Scenario:
        """Return what the scenario is played with."""
        return surroundings(
            self.client,
            self.pool.pool_id,
            self.pool.client_id,
            steps=words.STEPS,
            aws_srp=cognito_srp,
            person=UnattendedPerson(self.terminal, script),
            mailbox=Mailbox(self.server.url),
            authenticator=Authenticator(self.clock),
            pool_facts=self.facts,
        )


@pytest.fixture
def play(server: LocalCognito, clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Return the scenario, to be played on a pool that fits."""
    monkeypatch.setattr(authenticator_app, "save_qr_image", lambda *_: None)  # it takes the longest
    return Play(server, clock)


class TestWhole:
    """The program, from its beginning to its end."""

    def test_all_experiments_are_refused_as_expected(self, capsys: pytest.CaptureFixture[str]) -> None:
        """With nobody there all goes well, and Cognito refuses each experiment by the code that it names."""
        assert scenario.main(["--auto", "--experiments"]) == 0

        screen = " ".join(capsys.readouterr().out.split())
        assert screen.count("Experiment: ") == 8
        assert "was expected" not in screen
        assert screen.endswith("visitor@example.com is deleted.")

    @pytest.mark.parametrize(
        "term",
        [
            *("A passkey is", "AvailableChallenges lists", "PREFERRED_CHALLENGE says", "USER_AUTH is"),
            *("The challenge is", "relying party ID (RP ID) is", "origin is", "User verification is"),
            *("The signature counter", "A session stands for"),
        ],
    )
    def test_terms_are_explained(self, term: str) -> None:
        """Each term of the field has a sentence."""
        texts = [text for text in vars(words).values() if isinstance(text, str)]

        assert term in " ".join([*texts, *(step.explanation for step in words.STEPS)])

    def test_person_who_gets_things_wrong(self, tmp_path: Path) -> None:
        """At a terminal of 24 lines each wrong answer is asked again with the reason, and all ends well."""
        child = in_terminal(sys.executable, str(PROGRAM), environment=environment(tmp_path))
        child.delaybeforesend = None
        seen = []
        for prompt, answer in (
            ("E-mail address", "alice"),
            ("E-mail address", "alice@example..com"),
            ("E-mail address", EMAIL),
            ("Code from the e-mail", "000000"),
            ("Code from the e-mail", ""),
            ("Code from the e-mail", r"code is (\d{6})"),
            ("Where shall the passkey be", "3"),
            ("Where shall the passkey be", "1"),
            ("Code from the e-mail", "123"),
            ("Code from the e-mail", r"code is (\d{8})"),
            ("How do you want to sign in", "2"),
            ("Code from the e-mail", r"code is (\d{8})"),
            ("Password", "short"),
            ("Password", PASSWORD),
            ("Password once more", PASSWORD),
            ("Code that the app shows", ""),
            ("Which second factor", ""),
            ("MFA code", ""),
            ("Where shall the passkey be", ""),
            ("Delete the user", ""),
        ):
            while child.expect([PAUSE, rf"{prompt}[^\r\n]*(?:\r\n>|:) "]) == 0:
                seen.append(str(child.before))
                child.sendline("")
            seen.append(str(child.before))
            found = re.findall(answer, "".join(seen)) if answer.startswith("code") else [answer]
            child.sendline(found[-1])
        while child.expect([PAUSE, pexpect.EOF]) == 0:
            seen.append(str(child.before))
            child.sendline("")
        child.close()

        text = " ".join("".join([*seen, str(child.before)]).split())
        assert child.exitstatus == 0
        for reason in (
            "That does not look like an e-mail address.",
            "InvalidParameterException: Invalid email address format.",
            "CodeMismatchException",
            "Answer a number from 1 to 2",
            "This pool wants 8 characters or more",
            f"{EMAIL} is deleted.",
        ):
            assert reason in text
        assert PASSWORD not in text

    def test_saved_script(self, server: LocalCognito, tmp_path: Path) -> None:
        """On the same pool the script makes the same calls: it makes passkeys, signs, and asks for codes."""
        pool, script = server.default_pool(), tmp_path / "run.py"
        ids = [pool.pool_id, pool.client_id]
        assert scenario.main([*ids, "--endpoint", server.url, "--auto", "--save-script", str(script)]) == 0
        before = server.last_call()
        child = in_terminal(
            *(sys.executable, str(script)),
            environment=environment(tmp_path, PYTHONPATH=str(PROGRAM.parent), COGNITO_PASSWORD=PASSWORD),
        )
        for _ in range(2):
            child.expect("Code that was sent: ")
            child.sendline(str(server.outbox()[-1]["code"]))
        child.expect(pexpect.EOF)
        child.close()

        assert child.exitstatus == 0
        assert server.last_call() - before == script.read_text().count("cognito.") - 1

    def test_check(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The pool of a run on this machine fits, in every check."""
        assert scenario.main(["--check", "--json"]) == 0

        found = json.loads(capsys.readouterr().out)
        assert {one["id"]: one["verdict"] for one in found["checks"] if one["verdict"] != "ok"} == {}
        assert len(found["checks"]) == len(passwordless.PASSWORDLESS_CHECKS) + 1

    def test_first_pool_does_not_fit(self, capsys: pytest.CaptureFixture[str]) -> None:
        """On a pool of the first scenario it is said what to change, and nothing is played."""
        with LocalCognito() as server:
            pool = server.create_pool()

            status = scenario.main([pool.pool_id, pool.client_id, "--endpoint", server.url, "--auto"])

        assert status == 1
        assert "AllowedFirstAuthFactors has EMAIL_OTP: no, should be yes." in capsys.readouterr().out

    def test_nobody_reads_the_mail_in_aws(
        self,
        server: LocalCognito,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """An administrator confirms the user then and sets a password; it is said what is left out."""
        monkeypatch.setattr(targets, "is_local_pool", lambda _: False)
        pool = server.default_pool()

        assert scenario.main([pool.pool_id, pool.client_id, "--endpoint", server.url, "--auto"]) == 0

        screen = " ".join(capsys.readouterr().out.split())
        assert "signed in by passkey." in screen
        assert "all steps but that with a code by e-mail, and nothing stays behind." in screen
        assert "EMAIL_OTP_CODE" not in screen

    def test_quiet(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Who wants no explanations sees neither calls nor tables."""
        assert scenario.main(["--auto", "--quiet"]) == 0

        screen = capsys.readouterr().out
        assert "visitor@example.com signed in by passkey." in screen
        assert not re.search(r"cognito\.|What the|A passkey is", screen)

    def test_no_option_without_a_meaning(self, capsys: pytest.CaptureFixture[str]) -> None:
        """No device is proved here, so there is no helper to choose."""
        with pytest.raises(SystemExit):
            scenario.main(["--srp-helper", "pycognito"])
        assert "--srp-helper" in capsys.readouterr().err


class TestOtherWays:
    """Refusals and unexpected answers."""

    def test_user_who_was_there_before(self, play: Play) -> None:
        """One who is confirmed signs in by a code; one who stays in the end loses what the run has added."""
        name = {"ClientId": play.pool.client_id, "Username": EMAIL}
        play.client.sign_up(**name)
        play.client.confirm_sign_up(**name, ConfirmationCode=play.code())

        screen = play.run(
            existing_user=[""],
            confirmation_code=[],
            sent_code=[play.code, play.code],
            previous_password=[""],
            delete_user=[""],
            delete_passkey=[""],
        )

        user = play.client.admin_get_user(UserPoolId=play.pool.pool_id, Username=EMAIL)
        assert "UserMFASettingList" not in user
        assert "cognito.delete_web_authn_credential(" in screen.split("Delete the passkey")[-1]
        assert "who was there before this run" in screen

    def test_address_of_somebody_else(self, play: Play) -> None:
        """Another address can be taken; a user without confirmation gets a code at last."""
        play.client.sign_up(ClientId=play.pool.client_id, Username=EMAIL)

        screen = play.run(existing_user=["2"], email=[EMAIL, "bob@example.com"])

        assert screen.endswith("bob@example.com is deleted.")

    def test_session_of_the_sign_up_is_over(self, play: Play) -> None:
        """The code confirms the user without it."""
        screen = play.run(confirmation_code=["000000", play.later(16 * MINUTE), play.code, play.code])

        assert "The session of the sign-up is over" in screen

    def test_session_of_the_confirmation_is_over(self, play: Play) -> None:
        """Then another code signs the user in."""
        play.delay("InitiateAuth", 16 * MINUTE)

        screen = play.run(sent_code=[play.code, play.code])

        assert "It takes another code, then, to sign in." in screen

    def test_registration_takes_too_long(self, play: Play) -> None:
        """A challenge is good for a minute; another one is asked for."""
        play.delay("CompleteWebAuthnRegistration", 2 * MINUTE)

        screen = play.run()

        assert "WebAuthnChallengeNotFoundException" in screen
        assert "Here is another one." in screen

    def test_access_token_expires(self, play: Play) -> None:
        """Whoever has signed in once can do it again, by what there is by then."""
        screen = play.run(
            authenticator=[play.later(2 * 60 * MINUTE), ""],
            sent_code=[play.code, play.code],
        )

        assert "The sign-in has expired; signing in again." in screen

    def test_wrong_codes(self, play: Play) -> None:
        """A wrong code is asked for again in the same session; Enter alone sends another one."""
        screen = play.run(sent_code=["12345678", "", play.code])

        assert screen.count("CodeMismatchException") == 1
        assert screen.count("EMAIL_OTP_CODE") == 2
        assert screen.count("Cognito has sent a code to a***@e***.") == 2

    def test_passkey_that_is_refused(self, play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
        """The sign-in begins again, with another challenge."""
        origins = ["http://localhost", "https://evil.example"]

        def sign(passkey: Any, options: str) -> str:
            passkey.origin = origins.pop() if len(origins) > 1 else origins[0]
            return str(passkey.sign(options))

        monkeypatch.setattr(scenario, "sign", sign)
        screen = play.run()

        assert "NotAuthorizedException: Invalid passkey for the user." in screen
        assert "signing in again brings another one." in screen

    def test_pool_without_mfa_by_passkey(self, play: Play) -> None:
        """Where passkeys are not MFA, the scenario says what the pool lacks, and completes the rest."""
        passkeys = copy.deepcopy(passwordless.SEED["Pools"][0]["WebAuthnConfiguration"])
        del passkeys["FactorConfiguration"]
        play.client.set_user_pool_mfa_config(
            UserPoolId=play.pool.pool_id,
            MfaConfiguration="OPTIONAL",
            SoftwareTokenMfaConfiguration={"Enabled": True},
            WebAuthnConfiguration=passkeys,
        )

        screen = play.run(factor=[], mfa_code=[])

        assert "Going on without." in screen

    @pytest.mark.parametrize(
        ("domain", "answers"), [("example.com", []), (None, ["2", "1"])], ids=["known", "unknown"]
    )
    def test_pool_of_another_domain(self, play: Play, domain: str | None, answers: list[str]) -> None:
        """A page of this machine is of no use there, which is said; the built-in authenticator is."""
        play.facts = PoolFacts(relying_party=domain)
        play.client.set_user_pool_mfa_config(
            UserPoolId=play.pool.pool_id,
            MfaConfiguration="OPTIONAL",
            SoftwareTokenMfaConfiguration={"Enabled": True},
            WebAuthnConfiguration={
                "RelyingPartyId": "example.com",
                "UserVerification": "required",
                "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION",
            },
        )

        screen = play.run(authenticator=answers)

        assert "A browser makes passkeys for example.com on pages of it alone" in screen
        assert "https://example.com" in screen

    def test_passkey_in_the_browser(self, play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where the browser gives nothing, it is asked again; then its passkey is as good as any."""
        monkeypatch.setattr("scenario.passkeys.PasskeyPage", FirstTimeUnwilling)
        monkeypatch.setattr(FirstTimeUnwilling, "refused", set())

        screen = play.run(authenticator=["2", "2", ""], page_again=["y"])

        assert screen.count("The browser gave no passkey: NotAllowedError.") == 2

    def test_browser_without_passkeys(self, play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
        """Then the built-in authenticator can make the passkey."""
        monkeypatch.setattr("scenario.passkeys.PasskeyPage", FirstTimeUnwilling)
        monkeypatch.setattr(FirstTimeUnwilling, "refused", set())

        assert play.run(authenticator=["2", "1", ""]).endswith("is deleted.")

    def test_browser_that_does_not_sign(self, play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
        """Who wants no further attempt ends the scenario, which says what is left."""
        monkeypatch.setattr("scenario.passkeys.PasskeyPage", FirstTimeUnwilling)
        monkeypatch.setattr(FirstTimeUnwilling, "refused", set())

        with pytest.raises(NoCredentialError):
            play.run(authenticator=["2", "2"], page_again=["n"])
        assert "In the pool by now: the user alice@example.com (confirmed)." in shown(play.terminal)

    def test_passwords_that_cognito_refuses(self, play: Play) -> None:
        """A weak new one is asked for again, and so is a wrong present one."""
        name = {"UserPoolId": play.pool.pool_id, "Username": EMAIL}
        verified = [{"Name": "email", "Value": EMAIL}, {"Name": "email_verified", "Value": "true"}]
        play.client.admin_create_user(**name, UserAttributes=verified, MessageAction="SUPPRESS")
        play.client.admin_set_user_password(**name, Password="Present-Horse-1!", Permanent=True)

        screen = play.run(
            existing_user=[""],
            confirmation_code=[],
            sent_code=[play.code, play.code],
            previous_password=["Wrong-Horse-1!", "Present-Horse-1!"],
            password=["weak-1", "weak-1", PASSWORD, PASSWORD],
            delete_user=["y"],
        )

        assert "InvalidPasswordException" in screen
        assert "That is not the present password of this user." in screen

    def test_removing_takes_too_long(self, play: Play) -> None:
        """An access token that has expired is replaced by signing in again, by password and app."""
        play.delay("DeleteWebAuthnCredential", 2 * 60 * MINUTE)
        play.delay("DeleteUser", 2 * 60 * MINUTE)

        screen = play.run(mfa_code=["", "", ""])

        assert screen.count("The sign-in has expired; signing in again.") == 2

    def test_factor_that_is_not_available_any_more(self, play: Play) -> None:
        """The choice stays open."""
        policies = passwordless.SEED["Pools"][0]["Policies"]["SignInPolicy"]["AllowedFirstAuthFactors"]

        def allow(factors: list[str], answer: Callable[[], str]) -> Callable[[], str]:
            def allowed() -> str:
                play.client.update_user_pool(
                    UserPoolId=play.pool.pool_id,
                    AutoVerifiedAttributes=["email"],
                    Policies={"SignInPolicy": {"AllowedFirstAuthFactors": factors}},
                )
                return answer()

            return allowed

        screen = play.run(
            first_factor=[allow(["PASSWORD", "EMAIL_OTP"], lambda: "1"), "2"],
            sent_code=[play.code, allow(policies, play.code)],
        )

        assert "The selected challenge is not available." in screen

    def test_pool_without_an_app(self, play: Play) -> None:
        """Where no app is offered, there is no MFA either; that is said."""
        play.client.set_user_pool_mfa_config(
            UserPoolId=play.pool.pool_id,
            MfaConfiguration="OFF",
            WebAuthnConfiguration=passwordless.SEED["Pools"][0]["WebAuthnConfiguration"],
        )

        screen = play.run(set_up_code=[], factor=[], mfa_code=[])

        assert "Turn TOTP on for the pool" in screen
        assert "signed in by the password alone." in screen


class FirstTimeUnwilling:
    """A page whose browser refuses each kind of wish once; then it uses a software authenticator."""

    refused: ClassVar[set[str]] = set()

    def __init__(self, _terminal: object) -> None:
        self._passkey: Any = None

    def _refuse_once(self, wish: str) -> None:
        if wish not in self.refused:
            self.refused.add(wish)
            raise NoCredentialError("The browser gave no passkey: NotAllowedError.")

    def create(self, options: Any) -> dict[str, Any]:
        """Make a passkey."""
        self._refuse_once("create")
        self._passkey = passwordless.make_passkey(options)
        return dict(self._passkey.registration)

    def sign(self, options: str) -> str:
        """Sign a challenge."""
        self._refuse_once("sign")
        return str(self._passkey.sign(options))


@pytest.mark.parametrize(
    "options", [None, [], {}, {"rp": None}, {"rp": {"id": 7}}, {"rp": {"id": "localhost"}}]
)
def test_options_that_make_no_sense(play: Play, options: Any) -> None:
    """Neither the authenticator nor the table of them stumbles over what an endpoint may send."""
    surroundings_of = play.surroundings(Script())
    authenticator = PasskeyAuthenticator(surroundings_of, passwordless.make_passkey)

    with pytest.raises(UnusableAnswerError, match="CredentialCreationOptions are not WebAuthn options"):
        authenticator.create({"CredentialCreationOptions": options})
    show_creation_options(surroundings_of, {"CredentialCreationOptions": options})
    assert shown(play.terminal) == ""
