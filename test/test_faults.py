"""Faults on the wire: whatever happens to whichever call, the scenario ends well or with a sentence.

The program runs as it does against AWS, with a proxy between it and the local pool. The proxy knows what the
pool was made to do.
"""

from __future__ import annotations

import itertools
import re
import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import boto3
import pytest
from botocore.retries.standard import ExponentialBackoff

import question
import scenario_signup_user_with_mfa as scenario
from local_cognito import LocalCognito
from program import clients, people
from program.clients import account_client, aws_client, local_client
from question import EndOfInput
from scenario import authenticator_app
from scenario.recovery import GO_ON_WITH_USER
from terminal import Terminal
from test.support.fault_proxy import SPARING, Fault, FaultProxy, Request
from test.support.pools import TRACKING
from test.support.stage import STEP_SECONDS, totp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from question import Validator

PASSWORD = "Correct-Horse-1!"
# Long enough for the local pool to answer on a busy machine; any longer, and the suite would take its time.
SHORT_READ_TIMEOUT = 1.0
LONGEST_WAIT = 30

# The calls of the scenario when nothing goes wrong; the person asks for one more confirmation code.
CALLS = (
    *("DescribeUserPool", "GetUserPoolMfaConfig", "DescribeUserPoolClient"),
    *("SignUp", "ResendConfirmationCode", "ConfirmSignUp", "AdminGetUser", "ListUsers"),
    *("AdminInitiateAuth", "AssociateSoftwareToken", "VerifySoftwareToken"),
    *("AdminInitiateAuth", "AdminRespondToAuthChallenge", "ConfirmDevice", "UpdateDeviceStatus"),
    *("InitiateAuth", "RespondToAuthChallenge", "RespondToAuthChallenge", "GetTokensFromRefreshToken"),
    *("ForgetDevice", "DeleteUser"),
)
# Their status is all of their answer: there is nothing to cut.
WORDLESS = {"ForgetDevice", "DeleteUser"}
READING = {
    *("DescribeUserPool", "GetUserPoolMfaConfig", "DescribeUserPoolClient", "AdminGetUser", "ListUsers"),
}
# What the pool must do once and never again, however often it is asked.
ONCE = {
    *("SignUp", "ConfirmSignUp", "VerifySoftwareToken", "ConfirmDevice", "ForgetDevice", "DeleteUser"),
}
# What the pool did besides, by the end, when the answer to this call got lost. None of it leaves a trace:
# neither a sign-in that stops half-way nor one whose tokens nobody has; the device that came with lost tokens
# is never confirmed; a status that is set twice is the same. Only the second message has to be asked for.
MORE = {
    **{number: (action,) for number, action in enumerate(CALLS, 1) if action in READING},
    4: ("AdminGetUser",),  # "User already exists": the person goes on with it
    5: ("ResendConfirmationCode",),  # the person was asked, and said yes
    9: ("AdminInitiateAuth",),
    10: ("AdminInitiateAuth", "AssociateSoftwareToken"),
    12: ("AdminInitiateAuth",),
    13: ("AdminInitiateAuth", "AdminRespondToAuthChallenge"),
    15: ("UpdateDeviceStatus",),
    16: ("InitiateAuth",),
    17: ("InitiateAuth", "RespondToAuthChallenge"),
    18: ("InitiateAuth", "RespondToAuthChallenge", "RespondToAuthChallenge"),
    19: ("GetTokensFromRefreshToken",),
}
# One loop repeats all calls; these stand for them: the first that writes, and one with a session.
SOME_CALLS = (4, 10)
# What is in the pool is another thing at each of these.
STAGES = (1, 4, 6, 9, 16, 20, 21)
# What is said when that does not pass, as a regular expression.
SENTENCES = {
    Fault.DELAY: "Read timeout",
    Fault.CUT_BEFORE: "Connection was closed",
    Fault.CUT_AFTER: "Connection was closed",
    Fault.CUT_MIDWAY: "Connection was closed|^502",  # not every botocore looks at Content-Length
    Fault.THROTTLE: "^TooManyRequestsException: Rate exceeded",
    Fault.ERROR: "^InternalErrorException: Something went wrong",
    Fault.UNAVAILABLE: "^503",
    Fault.OTHER_PAGE: "^502",
    Fault.NOTHING: "^502",
    Fault.REDIRECT: "^302",
}


def cases(*faults: Fault, numbers: Iterable[int] = range(1, len(CALLS) + 1)) -> list[Any]:
    """Return each of the faults with each of the calls, as parameters of a test."""
    return [
        pytest.param(fault, number, id=f"{number}-{CALLS[number - 1]}-{fault.value}")
        for number, fault in itertools.product(numbers, faults)
        if not (fault is Fault.CUT_MIDWAY and CALLS[number - 1] in WORDLESS)
    ]


class Clock:
    """The pool's clock. Unlike a `MovableClock` it can go back to the time of SRP's timestamps."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        """Return the epoch seconds."""
        return time.time() + self.ahead

    def pass_wait(self, seconds: float) -> bool:
        """Move on by that, and by so much that an authenticator app shows another code; it always works."""
        self.ahead += max(seconds, STEP_SECONDS)
        return True


class Answerer:
    """A person who knows the answer to every question, with a mailbox and an authenticator app.

    Args:
        name: the user name, a different one for every run.
        server: has the mailbox.
        clock: the time in the app.
        proxy: is told when the fault is over.
        tries_again: whether the person does, once the fault is over.

    Attributes:
        codes: how many confirmation codes the person asked for.
        keys: every key that the app got.
    """

    def __init__(
        self, name: str, server: LocalCognito, clock: Clock, proxy: FaultProxy, *, tries_again: bool
    ) -> None:
        self.name, self.email = name, f"{name}@example.com"
        self.codes = 0
        self.keys: list[str] = []
        self._server, self._clock, self._proxy = server, clock, proxy
        self._answers: dict[str, Callable[[], str]] = {
            "user_name": lambda: self.name,
            "email": lambda: self.email,
            "password": lambda: PASSWORD,
            "existing_user": lambda: GO_ON_WITH_USER,
            "confirmation_code": self._confirmation_code,
            "set_up_code": self._app_code,
            "mfa_code": self._app_code,
            "try_again": self._try_again if tries_again else lambda: "n",
            **dict.fromkeys(("remember_device", "forget_device", "delete_user"), lambda: "y"),
        }

    def __call__(
        self, text: str, *validators: Validator, hidden: bool = False, name: str | None = None
    ) -> Any:
        """Answer the question called `name`, like `question.ask`."""
        if name not in self._answers:
            raise EndOfInput(text, name)
        value: Any = self._answers[name]()
        for validator in validators:
            value, complaint = validator(value)
            assert value is not None, complaint
        return value

    @property
    def mail(self) -> list[str]:
        """The codes in the mailbox, oldest first."""
        return [message["code"] for message in self._server.outbox() if message["to"] == self.email]

    def scan(self, uri: str) -> None:
        """Put the key of a QR code into the app."""
        self.keys += parse_qs(urlsplit(uri).query)["secret"]

    def _confirmation_code(self) -> str:
        if not self.codes:
            self.codes += 1
            return ""
        return self.mail[-1]

    def _app_code(self) -> str:
        return totp(self.keys[-1], int(self._clock()) // STEP_SECONDS)

    def _try_again(self) -> str:
        self._proxy.lift()
        self.codes += self._proxy.requests[-1].action == "ResendConfirmationCode"
        return "y"


@dataclass
class Run:
    """What came of a run of the program: exit status, both outputs in one line each, and the requests."""

    status: int
    screen: str
    complaint: str
    requests: list[Request]
    person: Answerer

    @property
    def accepted(self) -> Counter[str]:
        """How often the pool did each action."""
        return Counter(request.action for request in self.requests if request.is_accepted)

    @property
    def struck(self) -> list[Request]:
        """The requests that the fault struck."""
        return [request for request in self.requests if request.fault]


@pytest.fixture(scope="module")
def clock() -> Clock:
    """Return the clock of the pool."""
    return Clock()


@pytest.fixture(scope="module")
def server(clock: Clock) -> Iterator[LocalCognito]:
    """Run a local pool."""
    with LocalCognito(clock=clock) as running:
        yield running


@pytest.fixture(scope="module")
def proxy(server: LocalCognito) -> Iterator[FaultProxy]:
    """Run the proxy in front of it."""
    with FaultProxy(server.url) as running:
        yield running


@pytest.fixture(scope="module")
def api(server: LocalCognito) -> Any:
    """Return a client that goes straight to the pool."""
    return local_client(server.url, server.region)


@pytest.fixture(scope="module")
def pool_ids(server: LocalCognito, proxy: FaultProxy, api: Any) -> tuple[str, str]:
    """Return the IDs of a pool for the scenario that remembers devices on request, and of its client.

    All tests share it: the keys for its tokens take time to make.
    """
    pool = server.create_pool()
    devices = TRACKING | {"DeviceOnlyRememberedOnUserPrompt": True}
    api.update_user_pool(
        UserPoolId=pool.pool_id,
        AutoVerifiedAttributes=["email"],
        MfaConfiguration="ON",
        DeviceConfiguration=devices,
    )
    with urlopen(f"{proxy.url}/{pool.pool_id}/.well-known/jwks.json") as keys:  # makes them now
        assert keys.read()
    return pool.pool_id, pool.client_id


@pytest.fixture(scope="module")
def aws_session() -> boto3.Session:
    """Return a session that has read botocore's model of Cognito once and for all."""
    return boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing")


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    """Let nothing take its time: pauses, and drawing."""
    clock.ahead = 0
    monkeypatch.setattr(Terminal, "wait", lambda _self, seconds, _reason: clock.pass_wait(seconds))
    monkeypatch.setattr(Terminal, "busy", lambda *_: nullcontext())
    monkeypatch.setattr(Terminal, "table", lambda self, title, *_: self.say(title))
    monkeypatch.setattr(scenario, "show_tokens", lambda *_: None)
    monkeypatch.setattr(authenticator_app, "save_qr_image", lambda *_: None)
    monkeypatch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0)


@dataclass
class Program:
    """The program, as it runs against AWS."""

    server: LocalCognito
    proxy: FaultProxy
    clock: Clock
    api: Any
    ids: tuple[str, str]
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    names = (f"alice{number}" for number in itertools.count(1))

    def run(
        self,
        fault: Fault | None = None,
        number: int = 0,
        *,
        is_lasting: bool = False,
        is_attended: bool = True,
        tries_again: bool = True,
    ) -> Run:
        """Run the scenario while `fault` strikes call `number`, and say what came of it."""
        person = Answerer(next(self.names), self.server, self.clock, self.proxy, tries_again=tries_again)
        self.monkeypatch.setattr(people, "is_attended", lambda _arguments: is_attended)
        self.monkeypatch.setattr(question, "ask", person)
        self.monkeypatch.setattr(authenticator_app, "draw_qr_code", lambda _terminal, uri: person.scan(uri))
        if fault is Fault.DELAY:
            self.monkeypatch.setattr(clients, "_READ_SECONDS", SHORT_READ_TIMEOUT)
        self.proxy.begin(fault, number, is_lasting=is_lasting)
        status = scenario.main(self.ids)
        shown, requests = self.capsys.readouterr(), self.proxy.requests
        self.proxy.begin()
        return Run(status, _one_line(shown.out), _one_line(shown.err), requests, person)

    def users(self) -> list[str]:
        """Return the names of all users in the pool."""
        return [user["Username"] for user in self.api.list_users(UserPoolId=self.ids[0])["Users"]]


def _one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def program(
    server: LocalCognito,
    proxy: FaultProxy,
    clock: Clock,
    api: Any,
    pool_ids: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    aws_session: boto3.Session,
    no_waiting: None,
) -> Iterator[Program]:
    """Give the program, led to the proxy; no user is left in the pool."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", proxy.url)
    monkeypatch.setattr("boto3.Session", lambda: aws_session)
    program = Program(server, proxy, clock, api, pool_ids, monkeypatch, capsys)
    yield program
    for name in program.users():
        api.admin_delete_user(UserPoolId=pool_ids[0], Username=name)


def assert_ended_well(run: Run) -> None:
    """The whole scenario was played, with what the pool really answered, and nobody was misled."""
    assert (run.status, run.complaint) == (0, "")
    assert "should be" not in run.screen  # the pre-flight
    assert "1 user" in run.screen
    assert "signed in from a tracked device, without an MFA code" in run.screen
    assert f"{run.person.name} is deleted." in run.screen
    assert run.screen.count("Remove the old one from the app") == len(run.person.keys) - 1
    assert len(run.person.mail) == 1 + run.accepted["ResendConfirmationCode"] <= 1 + run.person.codes


def assert_stopped(run: Run, sentence: str) -> None:
    """The last words are what went wrong and what to do, and nothing else is said there."""
    last_words = re.fullmatch("! (?P<what>.+?) → (?P<advice>.+)", run.complaint)
    assert run.status == 1
    assert last_words, run.complaint
    assert re.search(sentence, last_words["what"])
    assert not re.search("Traceback|<html|None", run.complaint)


def assert_told_what_exists(run: Run, users: list[str]) -> None:
    """A user who is in the pool is named, and nobody who is not, unless with a "perhaps"."""
    named = re.search(rf"In the pool by now: the user {run.person.name} \((?P<state>[^)]*)", run.screen)
    assert bool(users) == bool(named) or (named and "perhaps" in named["state"])


def test_undisturbed(program: Any) -> None:
    """Without a fault the scenario makes these calls, each once, and the pool accepts all of them."""
    run = program.run()

    assert_ended_well(run)
    assert run.requests == [Request(action, status=200) for action in CALLS]
    assert program.users() == []


OTHER_FAULTS = (
    *(Fault.DELAY, Fault.CUT_BEFORE, Fault.CUT_MIDWAY, Fault.THROTTLE, Fault.ERROR, Fault.ERROR_AFTER),
    Fault.UNAVAILABLE,
)


@pytest.mark.parametrize(
    ("fault", "number"), [*cases(Fault.CUT_AFTER), *cases(*OTHER_FAULTS, numbers=SOME_CALLS)]
)
def test_once(program: Any, fault: Any, number: Any) -> None:
    """A fault that passes at once costs nothing: the scenario ends well, and the pool did nothing twice."""
    run = program.run(fault, number)

    assert [request.action for request in run.struck] == [CALLS[number - 1]]
    assert_ended_well(run)
    more = () if fault in SPARING else MORE.get(number, ())
    assert run.accepted == Counter([*CALLS, *more])
    assert program.users() == []


@pytest.mark.parametrize(("fault", "number"), cases(Fault.CUT_AFTER))
def test_lasting_until_person_tries_again(program: Any, fault: Any, number: Any) -> None:
    """After a fault that lasts for a while the scenario goes on where it was, and does nothing twice."""
    run = program.run(fault, number, is_lasting=True)

    assert_ended_well(run)
    assert {action: run.accepted[action] for action in ONCE} == dict.fromkeys(ONCE, 1)
    assert program.users() == []


@pytest.mark.parametrize(("fault", "number"), cases(Fault.CUT_AFTER, numbers=STAGES))
def test_lasting_until_person_gives_up(program: Any, fault: Any, number: Any) -> None:
    """A person who does not want to try again gets the sentence, and learns what is in the pool by then."""
    run = program.run(fault, number, is_lasting=True, tries_again=False)

    assert_stopped(run, SENTENCES[fault])
    assert_told_what_exists(run, program.users())


LASTING = (Fault.CUT_BEFORE, Fault.CUT_MIDWAY, Fault.THROTTLE, Fault.ERROR, Fault.UNAVAILABLE)


@pytest.mark.parametrize(
    ("fault", "number"), [*cases(Fault.CUT_AFTER, numbers=STAGES), *cases(*LASTING, numbers=(4,))]
)
def test_lasting_with_nobody_there(program: Any, fault: Any, number: Any) -> None:
    """With nobody there the program stops, with the sentence, before any further call."""
    run = program.run(fault, number, is_lasting=True, is_attended=False)

    assert_stopped(run, SENTENCES[fault])
    assert_told_what_exists(run, program.users())
    assert run.requests[-1].fault is fault


@pytest.mark.parametrize(
    ("fault", "number"),
    [
        *cases(Fault.DELAY, Fault.OTHER_PAGE, Fault.NOTHING, Fault.REDIRECT, numbers=(4,)),
        *cases(Fault.OTHER_PAGE, numbers=(1, 7)),
    ],
)
def test_no_answer_of_cognito(program: Any, fault: Any, number: Any) -> None:
    """Whatever comes in place of Cognito's answer is told from one, also where nothing at all comes."""
    run = program.run(fault, number, is_lasting=True, is_attended=False)

    assert_stopped(run, SENTENCES[fault])
    assert_told_what_exists(run, program.users())


@pytest.mark.parametrize("is_lasting", [False, True])
def test_sign_up_whose_answer_is_lost(program: Any, is_lasting: Any) -> None:
    """When Cognito says that the name is taken, the person hears that the taker may be the sign-up before."""
    run = program.run(Fault.CUT_AFTER, CALLS.index("SignUp") + 1, is_lasting=is_lasting)

    assert "it may be the user that you have just signed up" in run.screen


@pytest.mark.parametrize(
    "make",
    [
        lambda: aws_client("eu-west-1_AbCdEf123"),
        account_client,
        lambda: local_client("http://127.0.0.1:9", "eu-west-1"),
    ],
    ids=["aws_client", "account_client", "local_client"],
)
def test_nobody_waits_long(monkeypatch: pytest.MonkeyPatch, make: Callable[[], Any]) -> None:
    """A call takes half a minute at most, if nothing ever comes: connections, answers, and pauses."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    config = make().meta.config

    attempts = config.retries["total_max_attempts"]
    longest: float = vars(ExponentialBackoff)["_MAX_BACKOFF"]
    pauses = [min(2**retry, longest) for retry in range(attempts - 1)]
    assert config.retries["mode"] == "standard"  # its longest pauses double, from one second on
    assert attempts * (config.connect_timeout + config.read_timeout) + sum(pauses) <= LONGEST_WAIT
