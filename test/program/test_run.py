"""The program: its command line, and the sentence and exit status that it ends with."""

from __future__ import annotations

import dataclasses
import errno
import json
import re
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError

import question
import scenario_signup_user_with_mfa as scenario
from cognito_idp_actions import (
    CognitoIdentityProviderWrapper,
    SignInError,
    SoftwareTokenNotOfferedError,
    UnexpectedChallengeError,
    UnsafeSrpValueError,
)
from program import people, playing, preflight, run, targets
from program.clients import local_client
from question import EndOfInput
from scenario import authenticator_app
from scenario.advice import UnknownChallengeError
from terminal import Terminal
from test.support.screen import found
from test.support.stage import Script

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from program.preflight import Report
    from scenario.state import Scenario


IDS = ["eu-west-1_AbCdEf123", "1h57kf5cpq17m0eml12EXAMPLE"]
SECRET = "client-secret-that-nobody-may-see"
PASSWORD = "Correct-Horse-1!"
SECONDS = 30  # only where something is wrong does anything take that long


def let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the pre-flight find nothing wrong, and nothing be shown before the scenario."""

    def find_nothing(_cognito: object, _checks: object, client_secret: str | None) -> Report:
        return preflight.Report([], can_start=True, client_secret=client_secret)

    monkeypatch.setattr(preflight, "inspect", find_nothing)
    monkeypatch.setattr(preflight, "show_briefly", lambda _terminal, _report: None)
    monkeypatch.setattr(run, "welcome", lambda *_: None)
    for name in ("introduce_target", "show_pool"):
        monkeypatch.setattr(playing, name, lambda *_: None)


def play_instead(monkeypatch: pytest.MonkeyPatch, play: Callable[[Scenario], Any]) -> None:
    """Have this played in place of the scenario."""
    monkeypatch.setattr(scenario, "OUTLINE", dataclasses.replace(scenario.OUTLINE, play=play))


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[Scenario]:
    """Return what the scenario was to be played with, in place of playing it."""
    let_through(monkeypatch)
    calls: list[Scenario] = []

    def note(it: Scenario) -> str:
        assert it.cognito.client_id
        calls.append(it)
        return ""

    play_instead(monkeypatch, note)
    return calls


def one_line(text: str) -> str:
    """Return the text without the line breaks that a narrow screen makes."""
    return " ".join(text.split())


class TestCommandLine:
    """What can be given, and what that runs."""

    @pytest.mark.parametrize(
        ("arguments", "complaint"),
        [
            (IDS[:1], "both IDs"),
            (["us-east-1", IDS[1]], "looks like us-east-1_AbCdEf123"),
            (["us-east-1_not-a-pool", IDS[1]], "looks like"),
            (["", IDS[1]], "looks like"),
            (["", ""], "looks like"),
            ([IDS[0], ""], "client ID"),
            ([IDS[0], "my client"], "client ID"),
            (IDS[::-1], "looks like"),
            (["--auto", *IDS], "--auto"),
            ([*IDS, SECRET], "unrecognized"),
            (["--secret", *IDS], "unrecognized"),
            (["--json", *IDS], "--check"),
        ],
    )
    def test_usage_errors(
        self, runs: list[Scenario], capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
    ) -> None:
        """A wrong command line ends with status 2 and a sentence on standard error; nothing is run."""
        with pytest.raises(SystemExit) as end:
            scenario.main(arguments)

        output, errors = capsys.readouterr()
        assert end.value.code == 2
        assert errors.startswith("usage: ")
        assert complaint in errors.splitlines()[-1]
        assert (output, runs) == ("", [])

    def test_help_has_examples(self, capsys: pytest.CaptureFixture[str]) -> None:
        """--help shows a line for each way to run it, and the variables that count."""
        with pytest.raises(SystemExit) as end:
            scenario.main(["--help"])

        assert end.value.code == 0
        shown = capsys.readouterr().out
        for part in (
            "scenario_signup_user_with_mfa.py --auto",
            "us-east-1_AbCdEf123",
            "COGNITO_CLIENT_SECRET",
        ):
            assert part in shown

    def test_arguments_come_from_the_command_line(
        self, runs: list[Scenario], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Without arguments of its own, main reads those of the process."""
        monkeypatch.setattr("sys.argv", ["scenario", *IDS])

        assert scenario.main() == 0
        assert [runs[0].cognito.user_pool_id, runs[0].cognito.client_id] == IDS

    @pytest.mark.parametrize("secret", [None, SECRET])
    def test_both_ids_run_it_on_aws(
        self,
        runs: list[Scenario],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        secret: str | None,
    ) -> None:
        """With IDs the client is AWS's, in the pool's region; the secret comes from the environment."""
        if secret:
            monkeypatch.setenv("COGNITO_CLIENT_SECRET", secret)

        assert scenario.main(IDS) == 0

        (it,) = runs
        client = it.cognito.cognito_idp_client
        assert client.meta.endpoint_url == "https://cognito-idp.eu-west-1.amazonaws.com"
        assert it.cognito.client_secret == secret
        assert it.mailbox is None
        assert it.way_to_remove.command
        assert IDS[0] in it.way_to_remove.command("alice")
        assert capsys.readouterr().out.endswith(
            "aws --region eu-west-1 cloudformation delete-stack --stack-name sign-up-with-mfa\n"
        )

    @pytest.mark.parametrize("is_at_terminal", [True, False])
    @pytest.mark.parametrize(("arguments", "is_unattended"), [(IDS, False), ([], False), (["--auto"], True)])
    def test_person_at_a_terminal_is_asked(
        self,
        runs: list[Scenario],
        monkeypatch: pytest.MonkeyPatch,
        is_at_terminal: bool,
        arguments: list[str],
        is_unattended: bool,
    ) -> None:
        """Questions that can't be foreseen are asked at a terminal alone, and not when it runs by itself."""
        terminal = SimpleNamespace(isatty=lambda: is_at_terminal)
        monkeypatch.setattr("sys.stdin", terminal)

        assert scenario.main(arguments) == 0

        assert runs[0].mode.is_attended == (is_at_terminal and not is_unattended)

    @pytest.mark.parametrize("is_at_terminal", [True, False])
    @pytest.mark.parametrize("options", [[], ["--check"]])
    def test_pre_flight_without_a_connection(
        self,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        is_at_terminal: bool,
        options: list[str],
    ) -> None:
        """Another attempt is offered to a person who wants the scenario; --check just fails."""
        failure = exceptions.EndpointConnectionError(
            endpoint_url="https://cognito-idp.eu-west-1.amazonaws.com/"
        )
        attempts = []

        def fail(_cognito: CognitoIdentityProviderWrapper, _operation: str, **_fields: Any) -> None:
            attempts.append(1)
            raise failure

        script = Script(try_again=["y", "n"])
        monkeypatch.setattr(CognitoIdentityProviderWrapper, "call", fail)
        monkeypatch.setattr(question, "ask", script)
        monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: is_at_terminal))

        assert scenario.main([*IDS, *options]) == (3 if options else 1)

        assert len(attempts) == (2 if is_at_terminal and not options else 1)
        assert "Check the network" in one_line(capsys.readouterr().err)

    def test_no_ids_run_it_on_a_pool_of_this_machine(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Without IDs there is a pool, a mailbox and an authenticator; afterwards nothing listens."""
        used: list[tuple[Scenario, str]] = []

        def use(it: Scenario) -> str:
            used.append((it, it.cognito.describe_user_pool()["UserPool"]["MfaConfiguration"]))
            return ""

        play_instead(monkeypatch, use)

        assert scenario.main([]) == 0

        ((it, mfa),) = used
        assert mfa == "ON"
        assert it.mailbox is not None
        assert it.way_to_remove.command is None
        client = it.cognito.cognito_idp_client
        url = client.meta.endpoint_url
        assert f"Watch it at {url}/ in a browser." in one_line(capsys.readouterr().out)
        with pytest.raises(exceptions.EndpointConnectionError):
            client.describe_user_pool(UserPoolId=it.cognito.user_pool_id)

    def test_auto_needs_nobody(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """--auto runs all of it and waits for nothing; a secret that is set for AWS is no trouble."""
        monkeypatch.setattr(Terminal, "wait", None)
        monkeypatch.setenv("COGNITO_CLIENT_SECRET", SECRET)
        monkeypatch.setattr("sys.stdin", None)

        assert scenario.main(["--auto"]) == 0

        output, errors = capsys.readouterr()
        assert "visitor signed in from a tracked device, without an MFA code." in one_line(output)
        assert one_line(output).endswith("visitor is deleted.")
        assert errors == ""


class TestFirstQuestion:
    """A person at a terminal is asked while the client for the local pool is still being made."""

    @pytest.fixture
    def reader(self, monkeypatch: pytest.MonkeyPatch) -> Script:
        """Return a person who reads, and leaves after the address."""
        script = Script(go_on=[""], user_name=["alice"], email=["alice@example.com"])
        monkeypatch.setattr(question, "ask", script)
        for module in (run, people):
            monkeypatch.setattr(module, "is_reading", lambda _arguments: True)
        return script

    def test_waits_for_no_client(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], reader: Script
    ) -> None:
        """The client may come after the first answer, and what a password needs with it."""
        is_asked, was_in_time = threading.Event(), []

        def answer() -> str:
            is_asked.set()
            return "alice"

        def make_late(url: str, region: str, hooks: Any) -> CognitoIdentityProviderClient:
            was_in_time.append(is_asked.wait(SECONDS))
            return local_client(url, region, hooks)

        reader.left["user_name"] = [answer]
        monkeypatch.setattr(targets, "local_client", make_late)

        assert scenario.main([]) == 1  # the script has no password

        screen = one_line(capsys.readouterr().out)
        assert was_in_time == [True]
        parts = ("User pool us-east-1_", "Step 1 of 9", "A password of this")
        assert sorted(parts, key=screen.index) == list(parts)
        assert "Nothing of this run exists in the pool." in screen

    def test_client_that_can_not_be_made(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], reader: Script
    ) -> None:
        """What goes wrong meanwhile is said as soon as the client is needed, in a sentence."""

        def fail(_url: str, _region: str, _hooks: Any) -> CognitoIdentityProviderClient:
            raise exceptions.DataNotFoundError(data_path="cognito-idp")

        monkeypatch.setattr(targets, "local_client", fail)

        assert scenario.main([]) == 1

        output, errors = capsys.readouterr()
        assert reader.unused == {}
        assert one_line(errors) == "! Unable to load data for: cognito-idp"
        assert "Nothing of this run exists in the pool." in one_line(output)

    def test_pool_that_can_not_start(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], reader: Script
    ) -> None:
        """A local pool that finds no port is said before the first question."""

        def fail(*_: object) -> NoReturn:
            raise OSError(errno.EADDRINUSE, "Address already in use")

        monkeypatch.setattr("local_cognito.service.Server", fail)

        assert scenario.main([]) == 1

        assert one_line(capsys.readouterr().err) == "! Input or output: Address already in use."
        assert reader.unused.keys() == {"user_name", "email"}


class TestNobodyThere:
    """--auto where something goes on that only a person could see to."""

    @pytest.fixture
    def run(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> Callable[[], tuple[str, str]]:
        """Return what runs it, and returns screen and last words."""
        monkeypatch.setattr("sys.stdin", None)

        def run() -> tuple[str, str]:
            assert scenario.main(["--auto"]) == 1
            output, errors = capsys.readouterr()
            assert "Traceback" not in errors
            return one_line(output), one_line(errors)

        return run

    def test_question_that_nobody_foresaw(
        self, monkeypatch: pytest.MonkeyPatch, run: Callable[[], tuple[str, str]]
    ) -> None:
        """A pool with optional MFA has the scenario ask whether to set it up: a sentence, and what exists."""

        def with_optional_mfa(url: str, region: str, hooks: Any) -> CognitoIdentityProviderClient:
            client = local_client(url, region, hooks)
            (pool,) = client.list_user_pools(MaxResults=2)["UserPools"]
            client.set_user_pool_mfa_config(UserPoolId=pool["Id"], MfaConfiguration="OPTIONAL")
            return client

        monkeypatch.setattr(targets, "local_client", with_optional_mfa)

        screen, last_words = run()

        assert last_words.startswith('! Nobody is there to answer "Set up an authenticator app')
        assert "without --auto" in last_words
        assert "In the pool by now: the user visitor (confirmed)." in screen

    @pytest.mark.parametrize(
        ("broken", "answer", "question"),
        [
            ("scenario.stand_ins.Authenticator.code", "000000", "Code that the app shows"),
            ("program.answers.Unattended._newest_code", "000000", "Code from the e-mail"),
            ("program.answers.Unattended._newest_code", "", "Code from the e-mail"),
        ],
    )
    def test_answer_that_is_refused_for_ever(
        self,
        monkeypatch: pytest.MonkeyPatch,
        run: Callable[[], tuple[str, str]],
        broken: str,
        answer: str,
        question: str,
    ) -> None:
        """A question that comes up again and again ends the run, too."""
        monkeypatch.setattr(broken, lambda _self: answer)

        screen, last_words = run()

        assert last_words.startswith("! ")
        assert f'No answer to "{question}' in last_words
        assert "In the pool by now: the user visitor" in screen


def refusal(code: str, message: str) -> ClientError:
    """Return a refusal as botocore raises it."""
    return ClientError({"Error": {"Code": code, "Message": message}}, "SignUp")


ENDINGS = {
    "refusal": (
        refusal("NotAuthorizedException", "SignUp is not permitted for this user pool"),
        1,
        "NotAuthorizedException: SignUp is not permitted for this user pool (SignUp was refused)",
        "AllowAdminCreateUserOnly=false",
    ),
    "credentials": (exceptions.NoCredentialsError(), 1, "Unable to locate credentials", "aws configure"),
    "no network": (
        exceptions.EndpointConnectionError(endpoint_url="https://cognito-idp.eu-west-1.amazonaws.com/"),
        1,
        "Could not connect to the endpoint URL",
        "Check the network",
    ),
    "unknown challenge": (
        UnknownChallengeError({"ChallengeName": "CUSTOM_CHALLENGE"}),
        1,
        "Expected a second factor, but Cognito answered with CUSTOM_CHALLENGE",
        "without it",
    ),
    "end of input": (
        EndOfInput("User name"),
        1,
        'The input ended before this question had an answer: "User name"',
        "one line of input for each question",
    ),
}
# These say in one what happened and what to do.
SINGLE_SENTENCES = {
    "no TOTP": (SoftwareTokenNotOfferedError("Turn TOTP on with SetUserPoolMfaConfig."), 1),
    "device not remembered": (UnexpectedChallengeError("DEVICE_SRP_AUTH", "SOFTWARE_TOKEN_MFA"), 1),
    "SRP": (UnsafeSrpValueError("SRP_B is a multiple of N. Check which endpoint answers."), 1),
    "other sign-in error": (SignInError("Sign in again."), 1),
    "unknown refusal": (refusal("NobodyKnowsException", "Nobody knows."), 1),
    "unknown failure": (exceptions.UnknownServiceError(service_name="x", known_service_names="y"), 1),
}


class TestEndings:
    """How the program ends when the scenario doesn't."""

    @staticmethod
    def run(monkeypatch: pytest.MonkeyPatch, error: Any) -> int:
        """Run the program with a scenario that ends so, and return the exit status."""

        def stop(_it: Scenario) -> str:
            raise error

        let_through(monkeypatch)
        play_instead(monkeypatch, stop)
        return scenario.main(IDS)

    @pytest.mark.parametrize(("error", "status", "what", "what_to_do"), ENDINGS.values(), ids=ENDINGS)
    def test_says_what_happened_and_what_to_do(
        self,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        error: Any,
        status: int,
        what: str,
        what_to_do: str,
    ) -> None:
        """On standard error there is what stopped it and the next step, and no traceback."""
        assert self.run(monkeypatch, error) == status

        output, errors = capsys.readouterr()
        sentence, next_step = one_line(errors).removeprefix("! ").split(" → ")
        assert sentence.startswith(what)
        assert what_to_do in next_step
        assert output == ""
        assert "Traceback" not in errors

    @pytest.mark.parametrize(("error", "status"), SINGLE_SENTENCES.values(), ids=SINGLE_SENTENCES)
    def test_some_say_both_at_once(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Any, status: int
    ) -> None:
        """An error whose text says what to do, or of which nothing is known, is shown as it is."""
        assert self.run(monkeypatch, error) == status

        output, errors = capsys.readouterr()
        assert one_line(errors).startswith("! ")
        assert str(error).split(": ", 1)[-1] in one_line(errors)
        assert "→" not in errors
        assert output == ""

    def test_ctrl_c(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """Ctrl-C ends it with the status that shells know, and one word."""
        assert self.run(monkeypatch, KeyboardInterrupt()) == 130

        output, errors = capsys.readouterr()
        assert (output, one_line(errors)) == ("", "! Stopped.")

    def test_region_that_is_none(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A pool ID whose first part can't be a region is a sentence too, before any question."""
        assert scenario.main(["é_AbC", IDS[1]]) == 1

        assert one_line(capsys.readouterr().err).startswith("! Provided region_name")

    def test_nothing_secret_in_the_last_words(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A person who leaves after wrong codes is told what was asked last, without a secret."""
        screen = []

        def code_from_mail() -> str:
            screen.append(capsys.readouterr().out)
            return str(re.findall(r"code is (\d{6})", screen[-1])[-1])

        script = Script(
            user_name=["alice"],
            email=["alice@example.com"],
            password=[PASSWORD, PASSWORD],
            confirmation_code=[code_from_mail],
            set_up_code=[""],
            mfa_code=["000000"] * 3,
        )
        monkeypatch.setattr(question, "ask", script)
        monkeypatch.setattr(authenticator_app, "seconds_to_next_code", lambda: 0)

        assert scenario.main([]) == 1

        output, errors = capsys.readouterr()
        screen.append(output)
        assert one_line(errors).startswith('! The input ended before this question had an answer: "MFA code')
        assert script.unused == {}
        key = found(r"Key +((?:[A-Z2-7]{4} ?)+)", "".join(screen))
        code = re.findall(r"code is (\d{6})", screen[0])[0]
        for secret in (PASSWORD, "000000", code, key.strip()):
            assert secret not in errors
        assert "nothing has to be removed" in one_line(output)


class TestOptions:
    """Answers from outside, the trace and the diagram."""

    @pytest.fixture
    def person(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> tuple[Script, list[Any]]:
        """Return a person who has the rest of the answers, and what the screen showed until now."""
        screen = []

        def code_from_mail() -> str:
            screen.append(capsys.readouterr().out)
            return str(re.findall(r"code is (\d{6})", screen[-1])[-1])

        script = Script(
            confirmation_code=[code_from_mail],
            set_up_code=[""],
            mfa_code=[""],
            forget_device=["y"],
            delete_user=["y"],
        )
        monkeypatch.setattr(question, "ask", script)
        monkeypatch.setattr(authenticator_app, "seconds_to_next_code", lambda: 0)
        return script, screen

    def test_answers(
        self,
        person: tuple[Script, list[Any]],
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """Name and address come from the file, the password from the environment, and is not shown."""
        script, screen = person
        file = tmp_path / "answers.json"
        file.write_text('{"user_name": "alice", "email": "alice@example.com"}')
        monkeypatch.setenv("COGNITO_PASSWORD", PASSWORD)

        assert scenario.main(["--answers", str(file)]) == 0

        screen.append(capsys.readouterr().out)
        assert script.unused == {}
        assert "User name: alice" in screen[0]
        assert PASSWORD not in "".join(screen)

    def test_trace(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The calls are on standard error; without the option there is nothing."""
        for options in ([], ["--trace"]):
            assert scenario.main(["--auto", *options]) == 0
            errors = capsys.readouterr().err
            assert ("SignUp" in errors, "ForgetDevice" in errors) == (bool(options), bool(options))

    def test_diagram(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The file has every step, in place of what was there."""
        file = tmp_path / "run.md"
        file.write_text("something else")

        assert scenario.main(["--auto", "--diagram", str(file)]) == 0

        text = file.read_text()
        assert "something else" not in text
        assert [f"Step {number}" in text for number in range(1, 11)] == [True] * 9 + [False]
        assert "sequenceDiagram" in text

    @pytest.mark.parametrize("options", [["--auto"], ["--check"]])
    def test_lines_of_json(self, tmp_path: Path, options: list[str]) -> None:
        """The file has a line for each call, with its step, for the owner's eyes alone."""
        file = tmp_path / "run.jsonl"

        assert scenario.main([*options, "--trace-json", str(file)]) == 0

        lines = [json.loads(line) for line in file.read_text().splitlines()]
        assert file.stat().st_mode & 0o777 == 0o600
        settings = {"DescribeUserPool", "DescribeUserPoolClient", "GetUserPoolMfaConfig"}
        checked = {line["action"] for line in lines if line["step"] is None}
        assert checked == (set() if options == ["--auto"] else settings)
        assert {line["step"] for line in lines} == (set(range(1, 10)) if options == ["--auto"] else {None})

    def test_lines_of_a_run_that_was_stopped(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """What was called until then is in whole lines."""
        monkeypatch.setattr(question, "ask", Script(user_name=["alice"], email=["alice@example.com"]))
        file = tmp_path / "run.jsonl"

        assert scenario.main(["--trace-json", str(file)]) == 1
        assert len([json.loads(line) for line in file.read_text().splitlines()]) == 2

    @pytest.mark.parametrize("pair", [("--diagram", "--trace-json"), ("--trace-json", "--save-script")])
    def test_one_file_for_two(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], pair: tuple[str, str]
    ) -> None:
        """Two options can't write one file, however its name is spelled."""
        names = (str(tmp_path / "x"), str(tmp_path / "." / ".." / tmp_path.name / "x"))

        with pytest.raises(SystemExit) as end:
            scenario.main([word for both in zip(pair, names, strict=True) for word in both])

        assert end.value.code == 2
        assert "a name of its own" in capsys.readouterr().err

    @pytest.mark.parametrize("option", ["--diagram", "--trace-json"])
    @pytest.mark.parametrize("options", [[], ["--check"]])
    def test_diagram_that_is_there(
        self,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        options: list[str],
        option: str,
    ) -> None:
        """A person who does not want it overwritten ends the program before anything else is done."""
        monkeypatch.setattr(run, "agree_to_write", lambda _path: False)
        monkeypatch.setattr(run, "play", lambda *_: pytest.fail("it has begun"))
        monkeypatch.setattr("program.checking.target_for", lambda *_: pytest.fail("it has begun"))
        file = tmp_path / "run.md"
        file.write_text("mine")

        assert scenario.main([*options, option, str(file)]) == 1

        assert "stays as it is." in one_line(capsys.readouterr().err)
        assert file.read_text() == "mine"

    def test_no_question_in_json(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """With --json nobody is asked, so that nothing but JSON is on standard output."""
        monkeypatch.setattr(run, "agree_to_write", lambda _path: False)
        file = tmp_path / "run.md"
        file.write_text("mine")

        assert scenario.main(["--check", "--json", "--diagram", str(file)]) == 0

        assert json.loads(capsys.readouterr().out)["ready"] is True
        assert "sequenceDiagram" in file.read_text()

    @pytest.mark.parametrize("arguments", [IDS, [], ["--auto"]])
    def test_image_is_kept_where_it_is_wanted(
        self, runs: list[Scenario], tmp_path: Path, arguments: list[str]
    ) -> None:
        """The scenario is told the file of the QR code's image, on each pool and with nobody there."""
        assert scenario.main([*arguments, "--qr-image", str(tmp_path / "code.png")]) == 0

        assert runs[0].mode.qr_image == tmp_path / "code.png"

    def test_diagram_of_a_run_that_was_stopped(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """What was called until then is in it."""
        monkeypatch.setattr(question, "ask", Script(user_name=["alice"], email=["alice@example.com"]))
        file = tmp_path / "run.md"

        assert scenario.main(["--diagram", str(file)]) == 1
        assert "DescribeUserPool" in file.read_text()

    @pytest.mark.parametrize(
        ("arguments", "complaint"),
        [
            (["--answers", "missing.json"], "missing.json can't be read: No such file or directory."),
            (["--diagram", "missing/run.md"], "missing/run.md can't be written: No such file or directory"),
            (["--auto", "--answers", "answers.json"], "--auto answers by itself"),
        ],
    )
    def test_files_that_do_not_work(
        self,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        arguments: list[str],
        complaint: str,
    ) -> None:
        """A file that can't be used ends it with status 2, before anything is asked."""
        monkeypatch.chdir(tmp_path)
        (tmp_path / "answers.json").write_text("{}")

        with pytest.raises(SystemExit) as end:
            scenario.main(arguments)

        assert end.value.code == 2
        assert complaint in capsys.readouterr().err
